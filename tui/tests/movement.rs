//! Keystrokes over samples: where each key leads, as a trail.
//!
//! A line of a trail is what was typed, the step it led to, function, op, and what the message line said.

mod driver;
mod real;

use driver::Screen;
use std::fmt::Write as _;
use wasmscope_tui::moment::func_name;
use wasmscope_tui::session::Source;

/// Types each line: keys, or, behind `:` `/` `&`, a line with Enter.
fn trail(source: Box<dyn Source>, lines: &str) -> String {
    let mut screen = Screen::new(source, 120, 36);
    let mut text = String::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.starts_with([':', '/', '&']) && !line[1..].starts_with(' ') && line.len() > 1 {
            true => screen.typed(line).keys("enter"),
            false => screen.keys(line),
        };
        let now = screen.now();
        let place = now.inner.as_ref().map_or("nothing runs".to_owned(), |frame| {
            let next = now.next.as_ref().map_or("", |next| next.text.as_str());
            format!("{}+{:#x}  {next}", func_name(frame.func, frame.name.as_deref()), frame.ip)
        });
        let _ = write!(text, "{line:<28} {:>5}  {place}", now.step);
        match screen.app.message() {
            Some(Ok(said)) if !said.is_empty() => drop(writeln!(text, "   | {said}")),
            Some(Err(said)) => drop(writeln!(text, "   ! {said}")),
            _ => text.push('\n'),
        }
    }
    text
}

macro_rules! check {
    ($name:ident, $source:expr, $lines:expr) => {
        #[test]
        fn $name() {
            let text = trail(Box::new($source), $lines);
            insta::with_settings!({ omit_expression => true }, {
                insta::assert_snapshot!(stringify!($name), text);
            });
        }
    };
}

check!(
    sizes_of_steps,
    real::recorded("demo/demo.wasm", &[]),
    "f
     f
     F
     }
     }
     {
     )
     )
     (
     u
     u
     U
     + j
     + j
     k
     + j j
     k
     - - - -
     j"
);

check!(
    breakpoints_with_conditions,
    real::recorded("demo/demo.wasm", &[]),
    ":break swap if r0 == 3
     c
     c
     C
     3 c
     :break swap if at == 5 && depth == 2
     :condition 2 at == 6
     c
     :ignore 2 2
     c
     :disable 1
     :delete 2
     c
     :enable 1
     C
     :break swap if
     :break swap if oops > 1"
);

check!(
    values_followed,
    real::recorded("demo/demo.wasm", &[]),
    ":run-to swap
     4 j
     [
     [
     ]
     :watch global swaps
     c
     c
     C
     w
     :watch 0x1..0x3 if u8[0x1] == 8
     :disable all
     :enable 3
     c
     C
     :previous-write 0x1
     :next-write global compares
     H
     H
     L"
);

check!(
    searches_and_filters,
    real::recorded("demo/demo.wasm", &[]),
    "/store8
     ;
     ;
     ,
     3 ;
     /fd_write
     ;
     /op == i32.store8 && r3 == 7
     ;
     /nothing like this
     &swap
     j
     j
     k
     esc
     j
     /write 0x1
     ;
     A
     :note here it is
     :jump x"
);

check!(
    a_live_run_is_watched_further_than_it_has_run,
    real::live("demo/demo.wasm", &[]),
    ":watch global swaps
     c
     c
     C
     :delete all
     :break op memory.copy
     c
     :run-to bars
     f
     )
     u"
);

check!(
    lines_are_completed_and_recalled,
    real::recorded("demo/demo.wasm", &[]),
    ": r u n - t tab s w tab enter
     : p r i tab r 0 enter
     : up enter
     : up up enter
     : r up enter
     ctrl-p l a b e l enter
     ? p r e v i o u s - m enter
     ? h o s t space c a l l enter
     : q u x enter"
);

check!(
    lines_of_the_source,
    real::recorded("ledger/ledger.wasm", &[]),
    ":run-to main
     r
     r
     3 r
     R
     R
     2 R
     :unit line
     n
     n
     n
     N
     N
     :break ledger.c:30
     c
     j
     k"
);

check!(
    values_followed_through_memory,
    real::recorded_text(
        r#"(module (memory 1)
          (func (export "_start") (local $a i32)
            (i32.store (i32.const 16) (i32.const 5))
            (i32.store (i32.const 32) (i32.load (i32.const 16)))
            (local.set $a (i32.load (i32.const 32)))
            (i32.store (i32.const 48) (i32.add (local.get $a) (i32.const 1)))
            (drop (i32.load (i32.const 48)))))"#
    ),
    "G
     :search-back op i32.load
     enter
     enter
     enter
     enter
     enter"
);

check!(
    values_followed_through_returns_and_globals,
    real::recorded_text(
        r#"(module (global $made (mut i32) (i32.const 0))
          (func $twice (param $n i32) (result i32)
            (i32.shl (local.get $n) (i32.const 1)))
          (func (export "_start") (local $zero i32)
            (global.set $made (call $twice (i32.const 4)))
            (if (i32.eq (i32.add (local.get $zero) (global.get $made)) (i32.const 8)) (then unreachable))))"#
    ),
    "G
     :search-back op i32.add
     enter
     enter
     enter
     enter
     enter
     enter"
);

check!(
    values_followed_through_calls,
    real::recorded_text(
        r#"(module (memory 1)
          (func $get (param $by i32) (param $at i32) (result i32)
            (i32.div_u (i32.load (local.get $at)) (local.get $by)))
          (func $through (param $n i32) (result i32)
            (call $get (i32.sub (local.get $n) (i32.const 3)) (i32.const 16)))
          (func (export "_start")
            (i32.store (i32.const 16) (i32.const 5))
            (drop (call $through (i32.const 3)))))"#
    ),
    "G
     enter
     enter
     enter
     enter
     enter
     H
     H
     H
     :back
     enter
     k
     j
     enter"
);

/// So many steps are one movement, which can be come back from, and breakpoints do not hold it up.
#[test]
fn many_steps_are_one_movement() {
    let mut screen = Screen::new(Box::new(real::recorded("demo/demo.wasm", &[])), 120, 36);
    screen.typed(":break swap").keys("enter").keys("3000l");
    assert_eq!(screen.now().step, 3000);
    screen.keys("2500h");
    assert_eq!(screen.now().step, 500);
    screen.keys("H");
    assert_eq!(screen.now().step, 3000);
    screen.keys("99999999l");
    assert_eq!(screen.now().step, screen.now().end);
    screen.keys("99999999h");
    assert_eq!(screen.now().step, 0);
    assert!(screen.text().contains("start of the run"), "{}", screen.text());
}
