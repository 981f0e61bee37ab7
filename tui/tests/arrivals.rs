//! Where breakpoints stop and what they count: lines that begin at several places, `hits` with other conditions,
//! forwards, backwards, live and beside a watchpoint.

mod driver;
mod real;

use driver::Screen;
use std::collections::HashSet;
use wasmscope_core::{Engine, Module};
use wasmscope_tui::session::Source;

/// A function is called with 0, 1, 2, 0, 1, 2, …
const CALLS: &str = r#"(module
  (global $calls (mut i32) (i32.const 0))
  (func $apply (param $kind i32) (global.set $calls (i32.add (global.get $calls) (i32.const 1))))
  (func (export "_start") (local $n i32)
    (loop $again
      (call $apply (i32.rem_u (local.get $n) (i32.const 3)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 12))))))"#;

/// The steps a breakpoint stops at, forwards to the end and back from there.
fn stops(source: Box<dyn Source>, commands: &[&str]) -> (Vec<u64>, Vec<u64>) {
    let mut screen = Screen::new(source, 120, 36);
    for command in commands {
        screen.typed(&format!(":{command}")).keys("enter");
        assert!(!matches!(screen.app.message(), Some(Err(_))), "{command}: {:?}", screen.app.message());
    }
    let mut walk = |key: &str| {
        let mut steps = Vec::new();
        loop {
            let before = screen.now().step;
            screen.keys(key);
            let now = screen.now();
            let stopped = format!("{:?}", now.why).starts_with("Breakpoint");
            if !stopped || now.step == before {
                return steps;
            }
            steps.push(now.step);
        }
    };
    let there = walk("c");
    let mut back = walk("C");
    back.reverse();
    (there, back)
}

#[test]
fn hits_count_the_arrivals_at_which_the_rest_holds() {
    let all = stops(Box::new(real::recorded_text(CALLS)), &["break apply"]).0;
    assert_eq!(all.len(), 12);
    let of_kind = |kind: usize| all.iter().skip(kind).step_by(3).copied().collect::<Vec<u64>>();
    for (condition, expected) in [
        ("hits == 3", vec![all[2]]),
        ("hits > 9", all[9..].to_vec()),
        ("kind == 1 && hits == 3", vec![of_kind(1)[2]]),
        ("hits == 2 && r0 == 2", vec![of_kind(2)[1]]),
        // What the machine alone does not tell is asked by the session.
        ("kind == 1 && op != \"nop\" && hits == 3", vec![of_kind(1)[2]]),
    ] {
        for live in [false, true] {
            let source: Box<dyn Source> = match live {
                true => Box::new(real::live_text(CALLS)),
                false => Box::new(real::recorded_text(CALLS)),
            };
            let (there, back) = stops(source, &[&format!("break apply if {condition}")]);
            assert_eq!(there, expected, "{condition}, live {live}");
            assert_eq!(back, expected, "{condition} backwards, live {live}");
        }
        // Beside a watchpoint, places are looked for in another way.
        let commands = [&format!("break apply if {condition}"), "watch global $0 if $0 > 99"];
        let (there, back) = stops(Box::new(real::recorded_text(CALLS)), &commands);
        assert_eq!((there, back), (expected.clone(), expected), "{condition} beside a watchpoint");
    }
}

#[test]
fn hits_are_the_same_wherever_one_comes_from() {
    let mut screen = Screen::new(Box::new(real::recorded_text(CALLS)), 120, 36);
    screen.typed(":break apply if hits == 5").keys("enter c");
    let fifth = screen.now().step;
    for from in ["50%", "20%", "0%"] {
        screen.typed(&format!(":goto {from}")).keys("enter");
        let key = if screen.now().step < fifth { "c" } else { "C" };
        screen.keys(key);
        assert_eq!(screen.now().step, fifth, "from {from}");
    }
}

#[test]
fn watchpoints_count_too() {
    let all = stops(Box::new(real::recorded_text(CALLS)), &["watch global calls"]).0;
    let third = stops(Box::new(real::recorded_text(CALLS)), &["watch global calls if hits == 3"]);
    assert_eq!(third, (vec![all[2]], vec![all[2]]));
}

/// The line about to run, and since when its call is on.
fn line(screen: &Screen) -> Option<(String, u64)> {
    let frame = screen.now().inner.as_ref()?;
    let line = frame.inlined.first().map_or(&frame.line, |inner| &inner.line);
    Some((line.clone()?, frame.entered))
}

/// The compiler has taken lines to pieces: of each function one is where the line is come to.
#[test]
fn a_line_in_pieces_is_come_to_at_the_first() {
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/ledger/ledger.wasm")).unwrap();
    let module = Module::new(&Engine::default(), &bytes).unwrap();
    let map = module.source_map().expect("it has lines");
    let file = map.files_named("ledger.c").next().expect("it is there").clone();
    let mut fewer = 0;
    for number in map.lines(&file) {
        let statements = map.statements(&file, number);
        let mut screen = Screen::new(Box::new(real::recorded("ledger/ledger.wasm", &[])), 80, 24);
        screen.typed(&format!(":break ledger.c:{number}")).keys("enter");
        let Some(stop) = screen.now().breakpoints.first() else { continue };
        let whole = |pc: u32| {
            let names = map.frames(pc).into_iter().map(|it| it.function);
            (module.data().func_at(pc), names.collect::<Vec<_>>())
        };
        let functions: HashSet<_> = statements.iter().map(|&pc| whole(pc)).collect();
        assert!(stop.places().len() >= functions.len(), "ledger.c:{number}");
        fewer += usize::from(stop.places().len() < statements.len());
        let first = stop.places()[0];
        assert_eq!(first, wasmscope_tui::moment::Place::Pc(0, statements[0]), "ledger.c:{number}");
    }
    assert!(fewer > 0, "no line is in pieces");
}

#[test]
fn a_line_is_come_to_once_while_the_call_stays_in_it() {
    let mut several = 0;
    for number in 1..60 {
        let mut screen = Screen::new(Box::new(real::recorded("ledger/ledger.wasm", &[])), 120, 36);
        screen.typed(&format!(":break ledger.c:{number}")).keys("enter");
        let Some(places) = screen.now().breakpoints.first().map(|it| it.places().len()) else { continue };
        if places == 0 {
            continue;
        }
        for key in ["c", "C"] {
            for _ in 0..4 {
                let before = screen.now().step;
                screen.keys(key);
                let (step, at) = (screen.now().step, line(&screen));
                if step == before || !format!("{:?}", screen.now().why).starts_with("Breakpoint") {
                    break;
                }
                several += usize::from(places > 1);
                // The step of this call before it, if there is one, is in another line.
                screen.typed(":disable all").keys("enter N");
                let came = line(&screen);
                assert!(
                    places == 1 || came != at || screen.now().step == step,
                    "ledger.c:{number} at {step}: {at:?}"
                );
                screen.typed(&format!(":goto {step}")).keys("enter").typed(":enable all").keys("enter");
            }
        }
    }
    assert!(several > 0, "no line of several places");
}

/// A condition names what there is where it is asked, however the place is given.
#[test]
fn a_condition_that_can_never_hold_is_refused() {
    let mut screen = Screen::new(Box::new(real::recorded("demo/demo.wasm", &[])), 120, 36);
    let pc = screen.now().next.as_ref().map(|it| it.pc).expect("an op is next");
    for place in [format!("@{pc:#x}"), "op call".to_owned(), "swap".to_owned()] {
        for (name, refused) in [("nonsense", true), ("r0", false), ("depth", false)] {
            screen.typed(&format!(":break {place} if {name} == 3")).keys("enter");
            let Some(told) = screen.app.message().cloned() else { panic!("nothing is said of {place}") };
            assert_eq!(told.is_err(), refused, "{place} {told:?}");
            assert!(!refused || told.unwrap_err().contains("'nonsense' is no local of"), "{place}");
        }
    }
}

/// A slot can be waited for before anything is in it, and a dot is taken away by whichever way it was set.
#[test]
fn slots_to_be_written_are_watched_and_any_dot_is_removed() {
    let text = r#"(module (func $f (param i32) (result i32) (local i32)
        (local.set 1 (i32.mul (local.get 0) (i32.const 3)))
        (i32.add (local.get 1) (i32.div_s (local.get 0) (local.get 1))))
      (func (export "_start") (drop (call $f (i32.const 5)))))"#;
    let mut screen = Screen::new(Box::new(real::recorded_text(text)), 120, 36);
    screen.typed(":break f").keys("enter").keys("c");
    let slots: Vec<u32> = screen.now().code.as_ref().unwrap().code.slots.iter().map(|it| it.slot).collect();
    for slot in slots {
        screen.typed(&format!(":watch r{slot}")).keys("enter");
        assert!(matches!(screen.app.message(), Some(Ok(_))), "r{slot}: {:?}", screen.app.message());
    }
    screen.typed(":watch r77").keys("enter");
    assert!(matches!(screen.app.message(), Some(Err(_))));
    screen.typed(":delete all").keys("enter");
    // At the first op of `f`: its function's, its pc's and its own are one dot.
    let pc = screen.now().next.as_ref().map(|it| it.pc).unwrap();
    for place in ["f".to_owned(), format!("@{pc:#x}"), "f+0x0".to_owned()] {
        screen.typed(&format!(":break {place}")).keys("enter");
        assert_eq!(screen.now().breakpoints.len(), 1, "{place}");
        screen.keys("alt-1 b");
        assert!(screen.now().breakpoints.is_empty(), "{place}: {:?}", screen.app.message());
    }
}
