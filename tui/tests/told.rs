//! What is told where little room is, and what is told of mistakes: to the end, and with what would be right.

mod driver;
mod real;

use driver::Screen;
use wasmscope_tui::session::Source;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];

const PROGRAM: &str = r#"(module (memory 1)
  (type $binary (func (param i32 i32) (result i32)))
  (table 1 funcref) (elem (i32.const 0) $apply)
  (global $count (mut i32) (i32.const 0))
  (func $apply (param $left i32) (param i32) (result i32) (local $sum i32)
    (local.set $sum (i32.add (local.get $left) (local.get 1)))
    (i32.store8 (i32.const 0x40) (local.get $sum))
    (global.set $count (local.get $sum))
    (local.get $sum))
  (func (export "_start") (local $n i32)
    (loop $again
      (drop (call_indirect (type $binary) (local.get $n) (i32.const 7) (i32.const 0)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 3))))
    (if (local.get $n) (then unreachable))))"#;

fn screen(width: u16, height: u16) -> Screen {
    Screen::new(Box::new(real::recorded_text(PROGRAM)) as Box<dyn Source>, width, height)
}

/// What a command line leads to: the message, good or bad.
fn told(screen: &mut Screen, line: &str) -> String {
    screen.typed(line).keys("enter");
    match screen.app.message() {
        Some(Ok(text)) => text.clone(),
        Some(Err(text)) => format!("! {text}"),
        None => String::new(),
    }
}

#[test]
fn a_long_message_is_shown_to_its_end() {
    let mut screen = screen(80, 24);
    let said = told(&mut screen, ":watch something quite unknown");
    assert!(said.len() > 100);
    let words = |text: &str| text.split_whitespace().collect::<String>();
    let lines: Vec<String> = screen.text().lines().map(str::to_owned).collect();
    let bottom = words(&lines[lines.len() - 2..].concat());
    assert!(bottom.ends_with(&words(&said[said.len() - 60..])), "{said}\n{}", screen.text());
}

#[test]
fn a_prompt_says_what_may_be_typed_where_room_is_short() {
    for width in [50, 80, 120] {
        let mut screen = screen(width, 24);
        screen.keys("/");
        let text = screen.text();
        assert!(text.contains("regex"), "{width}: {text}");
    }
    let mut screen = screen(80, 24);
    screen.keys("?").typed("regex");
    assert!(screen.text().contains("search"), "{}", screen.text());
}

#[test]
fn a_note_is_told_where_one_comes_to_its_step() {
    let mut screen = screen(80, 24);
    told(&mut screen, ":goto 12");
    told(&mut screen, ":note here it begins");
    assert!(!told(&mut screen, ":goto 10").contains("begins"));
    screen.keys("2l");
    assert!(screen.text().contains("note on step 12: here it begins"), "{}", screen.text());
}

#[test]
fn names_that_are_none_are_refused_with_what_there_is() {
    let mut screen = screen(120, 36);
    let mut says = |line: &str, text: &str| {
        let said = told(&mut screen, line);
        assert!(said.contains(text), "{line}: {said}");
    };
    says(":break apply if r7777 == 3", "! the condition, column 1: apply has no r7777, it has r0 to r");
    says(":break apply if p1 == 3", "'p1' is no local of apply and no global; that is r1");
    says(":break apply if nothing == 3", "it has left, sum");
    says(":watch r77", "! the frame here has no r77: it has r0 to r");
    says(":goto 150%", "! '150%' is more than the whole run");
    says(":delete all", "there are no breakpoints");
    says(":tick", "! no command is called 'tick'");
    assert!(!told(&mut screen, ":tick").contains("did you mean"));
    assert!(told(&mut screen, ":flitter").contains("did you mean filter?"));
}

#[test]
fn a_watched_slot_says_whose_it_is() {
    let mut screen = screen(120, 36);
    screen.typed(":run-to apply").keys("enter");
    let said = told(&mut screen, ":watch sum");
    let since = screen.now().step;
    assert_eq!(said, format!("watchpoint 1 at sum (r2) of apply, the call since {since}"));
    screen.typed(": w a t c h").keys("esc").typed(":watch global co").keys("tab enter");
    assert!(screen.now().breakpoints[1].text.contains("global count"), "{:?}", screen.app.message());
}

#[test]
fn stops_are_counted_once_a_step_and_for_all_that_wait_there() {
    let mut screen = screen(120, 36);
    screen.typed(":break apply").keys("enter").typed(":break apply if left >= 0").keys("enter c c C c");
    let stops: Vec<u64> = screen.now().breakpoints.iter().map(|it| it.stops).collect();
    assert_eq!(stops, [2, 2]);
}

#[test]
fn stores_and_indirect_calls_say_what_they_do() {
    let mut screen = screen(200, 60);
    screen.typed("/op i32.store8*").keys("enter").keys(";");
    assert!(screen.text().contains("writes r2 to the byte at"), "{}", screen.text());
    screen.keys("l");
    assert!(screen.text().contains("[0x40]←08 (was 07)"), "{}", screen.text());
    screen.keys("g g").typed("/op call_indirect").keys("enter");
    assert!(screen.text().contains("if its type is $binary [i32 i32] -> [i32]"), "{}", screen.text());
}

#[test]
fn an_op_that_always_traps_says_which_branch_led_there() {
    let mut screen = screen(120, 36);
    screen.keys("G e");
    assert!(screen.text().contains("the branch before it, step"), "{}", screen.text());
}

#[test]
fn what_differs_is_gone_through() {
    let mut screen = screen(80, 24);
    screen.keys("alt-n");
    assert!(screen.text().contains("nothing is compared"), "{}", screen.text());
    screen.keys("G").typed(":compare 0").keys("enter");
    assert!(screen.text().lines().next().is_some_and(|it| it.contains("≠ 0")), "{}", screen.text());
    screen.keys("a").typed("0").keys("enter alt-n");
    assert!(screen.text().contains("0x40 is 09, and 00 at step 0"), "{}", screen.text());
    screen.keys("alt-n");
    assert!(screen.text().contains("no byte behind 0x40 is different"), "{}", screen.text());
    screen.keys("a").typed("0x1000").keys("enter alt-p");
    assert!(screen.text().contains("0x40 is 09"), "{}", screen.text());
}

/// Where a value lives is to be read whatever the widest of them needs.
#[test]
fn where_each_lives_is_told_at_80_columns() {
    let locals = " i32".repeat(45);
    let text = format!(
        r#"(module (func $f (result i32) (local{locals})
          (local.set 40 (i32.const -2147483648))
          (local.set 7 (i32.add (local.get 40) (local.get 41)))
          (local.get 7))
        (func (export "_start") (drop (call $f))))"#
    );
    for (width, height) in SIZES {
        let mut screen = Screen::new(Box::new(real::recorded_text(&text)), width, height);
        screen.typed(":run-to f").keys("enter 2j alt-3 v");
        let mut told = 0;
        for _ in 0..60 {
            for row in screen.text().lines().filter(|row| row.contains("local ") && row.contains(" i32 ")) {
                let number: String = row
                    .split("local ")
                    .nth(1)
                    .unwrap_or_default()
                    .chars()
                    .take_while(char::is_ascii_digit)
                    .collect();
                // The widest of all is alone in having no room to spare.
                let fits = width > 80 || !row.contains("-2147483648");
                assert!(!fits || row.contains(&format!(" r{number}")), "r{number} in {row}");
                told += 1;
            }
            screen.keys("j");
        }
        assert!(told > 60, "{}", screen.text());
    }
}

/// What is different from another step is told with what it was then, and so that one sees it in slots that are
/// read as well.
#[test]
fn what_differs_is_told_at_80_columns() {
    let text = r#"(module
      (global $a_name_that_takes_room (mut i32) (i32.const 65536))
      (func (export "_start") (local $n i32)
        (loop $again
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (global.set 0 (i32.mul (local.get $n) (i32.const 1000000)))
          (br_if $again (i32.lt_u (local.get $n) (i32.const 4))))))"#;
    for (width, height) in SIZES {
        let mut screen = Screen::new(Box::new(real::recorded_text(text)), width, height);
        screen.typed(":compare 0").keys("enter G 2k");
        while !screen.now().read_slots().contains(&0) {
            screen.keys("k");
        }
        let mut shown = screen.keys("alt-3").text();
        assert!(shown.contains("→≠r0"), "{shown}");
        screen.keys("alt-6");
        shown = screen.text();
        assert!(shown.contains(" was 65536"), "{shown}");
        // A value for which there is no room is cut, and says so.
        screen.typed(":compare 3").keys("enter");
        shown = screen.keys("alt-6").text();
        let row = shown.lines().find(|row| row.contains("≠") && row.contains(" i32 ")).unwrap_or_default();
        assert!(row.contains("was") || row.contains('…'), "{shown}");
    }
}

/// A card that has become higher shows what there is; so does a text that was scrolled.
#[test]
fn no_room_is_left_blank_while_something_is_hidden() {
    let mut screen = Screen::new(Box::new(real::recorded("trap-divide/trap-divide.wasm", &[])), 80, 24);
    screen.keys("G");
    let (_, y) = screen.find("why it trapped");
    for _ in 0..9 {
        screen.mouse("down", 40, y + 2);
    }
    assert!(screen.text().contains("▲ "), "{}", screen.text());
    screen.mouse("press", 40, y).mouse("drag", 40, y - 9).mouse("release", 40, y - 9);
    let card = |screen: &mut Screen| {
        let shown = screen.text();
        let rows = shown.lines().skip_while(|row| !row.contains("why it trapped")).skip(1);
        rows.take_while(|row| row.starts_with(['│', '┃'])).map(str::to_owned).collect::<Vec<_>>()
    };
    let rows = card(&mut screen);
    let blank = rows.iter().filter(|row| row.trim_matches(['│', '┃', ' ']).is_empty()).count();
    let hidden = screen.text().contains("▲ ");
    assert!(blank == 0 || !hidden, "{}", screen.text());
    // A larger terminal has room for all of it.
    screen.resize(200, 60);
    assert!(!screen.text().contains("▲ "), "{}", screen.text());
    // A list that fits is not scrolled.
    screen.typed(":find outcome Call").keys("enter");
    let before = screen.text();
    for _ in 0..4 {
        screen.mouse("down", 100, 20);
    }
    assert_eq!(screen.text(), before);
}

/// However small the card is, it says what was wrong, and leads to where that came from.
#[test]
fn a_small_card_says_why_and_leads_there() {
    for sample in ["trap-divide", "trap-bounds", "trap-signature"] {
        let mut screen =
            Screen::new(Box::new(real::recorded(&format!("{sample}/{sample}.wasm"), &[])), 80, 24);
        let shown = screen.keys("G").text();
        let card: Vec<&str> =
            shown.lines().skip_while(|row| !row.contains("why it trapped")).skip(1).collect();
        assert!(card.iter().any(|row| row.contains(" → ")), "{shown}");
        let suspect = wasmscope_tui::lesson::suspect(screen.now()).expect("something was read").label.clone();
        let first = card.iter().find(|row| row.contains(" → ")).copied().unwrap_or_default();
        assert!(first.contains(&format!("→ {suspect} ")), "{suspect} in {shown}");
    }
}
