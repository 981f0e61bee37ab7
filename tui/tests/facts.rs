//! What the screen and scripts say of a run is so: which step wrote a value, where a printed line came from, what an
//! op stands for and comes to, which call ended the program.

mod driver;
mod real;

use driver::Screen;
use std::sync::atomic::AtomicBool;
use wasmscope_trace_format::Effect;
use wasmscope_tui::script::Script;
use wasmscope_tui::session::Session;

/// What a script prints, line by line.
fn answers(text: &str, lines: &[&str]) -> String {
    let cancel = AtomicBool::new(false);
    let session = Session::new(Box::new(real::recorded_text(text)));
    let mut script = Script::new(session, false, &cancel).expect("it opens");
    let mut out = Vec::new();
    for line in lines {
        if let Some(error) = script.line(line, &mut out).expect("it can be written") {
            out.extend(format!("error: {error}\n").bytes());
        }
    }
    String::from_utf8(out).expect("it is UTF-8")
}

/// Values written again and again: a local, a global, a byte.
const WRITES: &str = r#"(module (memory 1)
  (global $count (mut i32) (i32.const 0))
  (func (export "_start") (local $n i32)
    (loop $again
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (global.set $count (local.get $n))
      (i32.store8 (i32.const 0x40) (local.get $n))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 4))))))"#;

#[test]
fn the_write_of_the_step_just_done_is_the_previous_write() {
    let mut screen = Screen::new(Box::new(real::recorded_text(WRITES)), 120, 36);
    for (pane, subject) in [("3", "n"), ("6", "global count"), ("5", "0x40")] {
        screen.keys("g g").typed(&format!(":watch {subject}")).keys("enter 2c");
        screen.typed(":delete all").keys("enter");
        let behind = screen.now().step;
        let wrote =
            |screen: &Screen| {
                screen.now().effects().iter().any(|it| {
                    matches!(it, Effect::Slot { .. } | Effect::Global { .. } | Effect::Write { .. })
                })
            };
        assert!(wrote(&screen), "{subject}");
        // Standing behind it, it is the one meant; from there it goes further back.
        screen.typed(&format!(":previous-write {subject}")).keys("enter");
        assert_eq!(screen.now().step, behind, "{subject}, pane {pane}");
        assert!(screen.text().contains("was written by step"), "{}", screen.text());
        screen.typed(&format!(":previous-write {subject}")).keys("enter");
        let before = screen.now().step;
        assert!(before < behind && wrote(&screen), "{subject}");
        // From one step on, it is the one before again.
        screen.keys("j").typed(&format!(":previous-write {subject}")).keys("enter");
        assert_eq!(screen.now().step, before, "{subject}");
        screen.typed(&format!(":next-write {subject}")).keys("enter");
        assert_eq!(screen.now().step, behind, "{subject}");
    }
}

/// Five lines from one buffer that is filled anew: with a tab, in two pieces of one call, in two calls of
/// which the second ends the line and prints another.
const PRINTS: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0x100) "first\n")
  (data (i32.const 0x110) "a\tb\n")
  (data (i32.const 0x120) "left ")
  (data (i32.const 0x130) "right\n")
  (data (i32.const 0x140) "open")
  (data (i32.const 0x150) "ed\nlast\n")
  (func $fill (param $from i32) (param $length i32)
    (memory.copy (i32.const 0x40) (local.get $from) (local.get $length)))
  (func $put (param $from i32) (param $length i32)
    (call $fill (local.get $from) (local.get $length))
    (i32.store (i32.const 0x10) (i32.const 0x40))
    (i32.store (i32.const 0x14) (local.get $length))
    (drop (call $write (i32.const 1) (i32.const 0x10) (i32.const 1) (i32.const 0x20))))
  (func (export "_start")
    (call $put (i32.const 0x100) (i32.const 6))
    (call $put (i32.const 0x110) (i32.const 4))
    (call $fill (i32.const 0x120) (i32.const 5))
    (memory.copy (i32.const 0x60) (i32.const 0x130) (i32.const 6))
    (i32.store (i32.const 0x10) (i32.const 0x40)) (i32.store (i32.const 0x14) (i32.const 5))
    (i32.store (i32.const 0x18) (i32.const 0x60)) (i32.store (i32.const 0x1c) (i32.const 6))
    (drop (call $write (i32.const 1) (i32.const 0x10) (i32.const 2) (i32.const 0x20)))
    (call $put (i32.const 0x140) (i32.const 4))
    (call $put (i32.const 0x150) (i32.const 8))))"#;

#[test]
fn a_printed_line_leads_to_who_wrote_its_first_byte() {
    // The line, and where the first byte of it stood in the data that was copied for it.
    for (line, from) in
        [("first", 0x100), ("a    b", 0x110), ("left right", 0x120), ("opened", 0x140), ("last", 0x153)]
    {
        for (width, height, start) in [(80, 24, "G"), (120, 36, "G"), (120, 36, "G k")] {
            let mut screen = Screen::new(Box::new(real::recorded_text(PRINTS)), width, height);
            screen.keys(start).keys("alt-7");
            let (x, y) = screen.find(line);
            screen.mouse("press", x, y).on("menu", line).on("press", "its text in memory");
            let text = screen.text();
            assert!(text.contains("is about to print"), "{line}: {text}");
            screen.keys("alt-5 [");
            let copied = screen.now().effects().iter().any(
                |it| matches!(it, Effect::Read { addr, len, .. } if (*addr..addr + len).contains(&from)),
            );
            let wrote = screen.now().effects().iter().any(|it| matches!(it, Effect::Write { .. }));
            assert!(copied && wrote, "{line} at {width}: {}", screen.text());
            // The line is still the one selected when it is printed again.
            screen.keys("G alt-7");
            assert!(
                screen
                    .app
                    .pane(wasmscope_tui::panes::PaneId::Output)
                    .copy(screen.now(), Default::default())
                    .is_some_and(|it| it.replace('\t', "    ") == line),
                "{line}: {}",
                screen.text()
            );
        }
    }
}

#[test]
fn a_byte_that_was_not_printed_has_no_origin() {
    let said = answers(PRINTS, &["end", "host-call-back", "back", "origin 3", "origin 3 x"]);
    assert!(said.contains("error: step 3 calls no host function: it prints nothing"), "{said}");
    assert!(said.contains("error: '3 x' is no step that printed"), "{said}");
    let mut screen = Screen::new(Box::new(real::recorded_text(PRINTS)), 80, 24);
    screen.keys("G U");
    let step = screen.now().step;
    let said = answers(PRINTS, &[&format!("origin {step} 8"), &format!("origin {step} 7"), "where"]);
    assert!(said.contains("has not printed so much that it has a byte 8"), "{said}");
    assert!(said.contains(&format!("step {step} of")), "{said}");
}

/// What is added goes at once into a local; two values are moved by one op; branches that are not taken.
const OPS: &str = r#"(module (memory 1)
  (func $two (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
  (func (export "_start") (local $a i32) (local $b i32) (local $zero i32)
    (local.set $a (i32.add (local.get $a) (i32.const 41)))
    (local.set $b (i32.mul (local.get $a) (local.get $a)))
    (block $out (br_if $out (local.get $zero)) (br_if $out (local.get $b)))
    (call $two (i32.const 7) (i32.const 9)) drop drop))"#;

#[test]
fn an_op_stands_for_as_many_operators_as_are_named() {
    let mut screen = Screen::new(Box::new(real::recorded_text(OPS)), 200, 60);
    screen.keys("e");
    let mut several = 0;
    while screen.now().step < screen.now().end {
        let said = wasmscope_tui::lesson::card(screen.now(), None, Default::default());
        let stands =
            said.iter().find_map(|it| it.text.strip_prefix("It stands for the WebAssembly operator"));
        if let Some((names, rest)) = stands.and_then(|it| it.split_once(": ")) {
            let ticks: usize = rest.split(' ').next().unwrap().parse().unwrap();
            assert_eq!(names.split(" · ").count(), ticks, "{names}: {rest}");
            several += usize::from(names.contains("local.set"));
        }
        screen.keys("j");
    }
    assert!(several > 0, "no op has taken a local.set with it");
}

#[test]
fn conditions_hold_or_not_and_all_values_are_told() {
    let said = answers(OPS, &["search op br_if", "explain", "next-match", "explain"]);
    assert!(!said.contains("Now that is"), "{said}");
    assert!(said.contains("The condition is now 0 is not 0: it does not hold."), "{said}");
    assert!(said.contains("The condition is now 1681 is not 0: it holds."), "{said}");
    let copies = answers(
        r#"(module (func (export "_start") (local $a i32) (local $b i32)
            (local.set $a (i32.const 5)) (local.set $b (i32.const 6))
            (loop $again (param) (block $out (result i32 i32)
                (local.get $a) (local.get $b)
                (br_if $out (local.get $a)) unreachable) drop drop)))"#,
        &["search op *copy*", "explain"],
    );
    assert!(copies.contains("5, 6"), "{copies}");
}

#[test]
fn a_script_explains_as_well_the_second_time() {
    let said = answers(WRITES, &["goto 5", "explain", "explain", "goto 6", "explain"]);
    assert!(!said.contains("made long before"), "{said}");
    assert_eq!(said.matches("= 1, since step 0").count(), 2, "{said}");
}

#[test]
fn a_step_behind_the_last_match_has_run_nevertheless() {
    let mut screen = Screen::new(Box::new(real::recorded_text(WRITES)), 120, 36);
    screen.keys("G k k alt-2").typed("&").typed("op i32.store8").keys("enter");
    screen.typed(":goto end").keys("enter k");
    screen.typed(":goto -1").keys("enter");
    let text = screen.text();
    assert!(!text.contains("not run"), "{text}");
}

#[test]
fn the_end_a_program_asks_for_is_no_failure() {
    let program = r#"(module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start") (call $exit (i32.const 3))))"#;
    let mut screen = Screen::new(Box::new(real::recorded_text(program)), 120, 36);
    screen.keys("G alt-8");
    let text = screen.text();
    assert!(text.contains("proc_exit(3) ended the program: exit 3") && !text.contains("failed"), "{text}");
    screen.typed(":goto -1").keys("enter");
    let text = screen.text();
    assert!(text.contains("(will end the program: exit 3)") && !text.contains("will fail"), "{text}");
}

#[test]
fn a_watchpoint_is_called_one() {
    let mut screen = Screen::new(Box::new(real::recorded_text(WRITES)), 80, 24);
    screen.typed(":watch global count").keys("enter c");
    let first = screen.text().lines().next().unwrap_or_default().to_owned();
    assert!(first.contains("watchpoint 1") && !first.contains("breakpoint"), "{first}");
}

/// Commands that change what is shown elsewhere answer with what they did, not with some pane.
#[test]
fn what_a_command_answers_is_about_it() {
    let said = answers(WRITES, &["display n", "compare 3", "zoom", "delete all"]);
    let expected = "display 1: n\nwhat is different at step 3 is marked\nthere are no breakpoints\n";
    assert_eq!(said, expected);
}

/// Operands are shown as the op takes them, and what a branch will do is known of every kind of branch.
#[test]
fn values_read_as_their_op_takes_them() {
    let text = r#"(module (memory 1)
      (func $run (param $a i32) (param $b i32) (param $x f64) (param $m i32) (result i32)
        (drop (i32.div_u (local.get $a) (local.get $b)))
        (drop (i32.shr_u (local.get $a) (i32.const 3)))
        (drop (i32.lt_u (local.get $a) (local.get $b)))
        (drop (f64.convert_i32_u (local.get $a)))
        (block (br_if 0 (i32.eqz (i32.and (local.get $m) (i32.const 3)))))
        (block (br_if 0 (f64.lt (local.get $x) (f64.const nan))))
        (block (br_if 0 (f64.le (local.get $x) (f64.const 2))))
        (i32.const 0))
      (func (export "_start")
        (drop (call $run (i32.const -294967296) (i32.const 7) (f64.const 1.5) (i32.const 6)))))"#;
    let mut screen = Screen::new(Box::new(real::recorded_text(text)), 120, 36);
    let (mut branches, mut told) = (0, String::new());
    while let Some(next) = screen.now().next.clone() {
        let card = wasmscope_tui::lesson::card(screen.now(), None, Default::default());
        let card: Vec<String> = card.into_iter().map(|it| it.text).collect();
        if next.branch && next.meaning.contains(" if ") | next.meaning.contains(" unless ") {
            let taken = next.row.as_ref().map(|row| row.event.outcome.name()) == Some("Jump");
            // What is said beforehand, knowing no outcome, is what comes.
            let ahead = wasmscope_tui::moment::Next { row: None, ..next.clone() };
            assert_eq!(wasmscope_tui::words::taken(&ahead), Some(taken), "{}", next.meaning);
            assert!(card.iter().any(|it| it.ends_with(": it holds.") || it.ends_with(": it does not hold.")));
            branches += 1;
        }
        told += &card.join("\n");
        screen.keys("l");
        told += &wasmscope_tui::words::did(screen.now().last.as_ref().unwrap(), Default::default());
        told.push('\n');
    }
    assert!(branches >= 3, "{told}");
    for said in
        ["4000000000 / 7 = 571428571", "4000000000 >> 3", "4000000000 < 7", "unsigned integer 4000000000"]
    {
        assert!(told.contains(said), "{said} in {told}");
    }
    // Where they are told by themselves, too.
    assert!(!told.contains("-294967296 /") && !told.contains("= -294967296, since"), "{told}");
}

/// Memory that was not there yet is neither the same as now nor from the start of the run.
#[test]
fn memory_that_grew_is_told_from_memory_that_was() {
    let text = r#"(module (memory 1)
      (func (export "_start")
        (i32.store (i32.const 16) (i32.const 7))
        (drop (memory.grow (i32.const 1)))
        (i32.store8 (i32.const 0x10005) (i32.const 0x4d))
        (i32.store (i32.const 16) (i32.const 8))))"#;
    let told = answers(
        text,
        &[
            "end",
            "compare 1",
            "address 0x20",
            "next-difference",
            "previous-write 0x10006",
            "where",
            "goto 1",
            "previous-write 0x10005",
            "previous-write 0x300",
            "address 0x10000",
        ],
    );
    for said in [
        "0x10000 is 00, and the memory ended before it at step 1",
        "0x10006 came with the memory.grow of step ",
        "error: 0x10005 is outside the memory, which has 0x10000 bytes here",
        "error: 0x300 was not written before: it has been so from the start of the run",
        "0x10000 is outside the memory, which has 0x10000 bytes",
    ] {
        assert!(told.contains(said), "{said} in {told}");
    }
}

/// Who began the calls can be seen however many there are.
#[test]
fn the_outermost_frames_are_told() {
    let text = r#"(module
      (func $down (param i32) (call $down (i32.add (local.get 0) (i32.const 1))))
      (func $begin (call $down (i32.const 0)))
      (func (export "_start") (call $begin)))"#;
    let told = answers(text, &["end", "backtrace -2", "backtrace 2", "explain"]);
    let lines: Vec<&str> = told.lines().collect();
    let at = lines.iter().position(|it| it.starts_with("#1 ")).unwrap_or_else(|| panic!("{told}"));
    assert!(lines[at].contains("begin+") && lines[at - 1].ends_with(" more"), "{told}");
    assert!(lines.iter().any(|it| it.ends_with("more; backtrace -5 shows the outermost")), "{told}");
    assert!(lines.iter().any(|it| it.contains("in begin, called at step")), "{told}");
}

/// Wherever the program is, the operator it is at and the breakpoint there are seen among the operators.
#[test]
fn every_op_has_its_place_among_the_operators() {
    let mut screen = Screen::new(Box::new(real::recorded("lisp/lisp.wasm", &[])), 200, 60);
    screen.keys("alt-1 v z");
    let mut places = 0;
    for step in (0..screen.now().end).step_by((screen.now().end / 400).max(1) as usize) {
        screen.typed(&format!(":goto {step}")).keys("enter");
        if !screen.now().innermost() || screen.now().wasm.is_none() {
            continue;
        }
        screen.keys("b");
        let text = screen.text();
        assert_eq!(text.matches("●▶").count(), 2, "step {step}: {text}");
        screen.keys("b");
        places += 1;
    }
    assert!(places > 200, "{places}");
}

/// The memory that follows shows what happened last, however far a jump went and however long ago that was.
#[test]
fn memory_follows_across_any_jump() {
    // A write at 0x2000, a long loop that touches no memory, a read of another memory's cell.
    let text = r#"(module (memory 1)
        (func (export "_start") (local i32)
          (i32.store (i32.const 0x2000) (i32.const 7))
          (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 4000))))
          (drop (i32.load (i32.const 0x3000)))
          (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 4050))))))"#;
    for (width, height) in [(80, 24), (200, 60)] {
        let mut screen = Screen::new(Box::new(real::recorded_text(text)), width, height);
        screen.keys("alt-5");
        let shows = |screen: &mut Screen, row: &str| {
            let text = screen.text();
            text.lines().any(|line| line.contains(row))
        };
        screen.keys("G");
        assert!(shows(&mut screen, "┃3000 "), "{}", screen.text());
        // In the loop between, all that happened is the write; back and forth gives the same.
        for keys in ["50%", "l", "40%", "60%", "G", "50%"] {
            screen.keys(keys);
            let row = if keys == "G" { "┃3000 " } else { "┃2000 " };
            assert!(shows(&mut screen, row), "{keys}: {}", screen.text());
        }
        // Told to stay, it stays; told to follow again, it does at once.
        screen.keys("t G");
        assert!(shows(&mut screen, "┃2000 "), "{}", screen.text());
        screen.keys("t");
        assert!(shows(&mut screen, "┃3000 "), "{}", screen.text());
    }
}

/// Text in memory is shown as text whatever its characters are, and each byte has its cell: what is pressed is
/// the byte meant.
#[test]
fn text_in_memory_is_text() {
    let text = r#"(module (memory 1) (data (i32.const 0x20) "na\c3\afve \e5\ad\97e\cc\81 \f0\9f\a6\80.\ff")
        (func (export "_start")))"#;
    for (width, height) in [(80, 24), (200, 60)] {
        let mut screen = Screen::new(Box::new(real::recorded_text(text)), width, height);
        screen.keys("alt-5 z a").typed("0x20").keys("enter");
        let shown = screen.text();
        let line = shown.lines().find(|it| it.contains("na")).expect("the text is in sight");
        // The second cell of what is wide is a space of the buffer.
        assert!(line.contains("naï‹ve 字 ‹e\u{301}‹‹ 🦀 "), "{line}");
        let (_, row) = screen.find("naï");
        let buf = screen.buffer();
        let x = (0..width).find(|&x| buf[(x, row)].symbol() == "ï").expect("it is drawn") - 2;
        for at in 0..16 {
            screen.mouse("press", x + at, row).keys("y");
            let copied = screen.copied.take().expect("a byte is selected");
            assert!(copied.starts_with(&format!("{:#x}: ", 0x20 + at)), "{at}: {copied}");
        }
        // Whatever row comes first, a character that began above is one.
        screen.mouse("down", x, row);
        assert!(!screen.text().contains("na"));
        screen.keys(":").typed("address 0x22").keys("enter");
        assert!(screen.text().contains("ï‹ve"));
    }
}
