//! Files of commands read on the screen, and what comes back of it: one failed command is the last; layout, front
//! tabs and ways to show things are as they were.

mod driver;
mod real;

use driver::Screen;
use wasmscope_tui::panes::PaneId;

fn demo(width: u16, height: u16) -> Screen {
    Screen::new(Box::new(real::recorded("demo/demo.wasm", &[])), width, height)
}

#[test]
fn a_file_of_commands_ends_at_the_one_that_fails() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let bad = file("bad.txt", "goto 10\n\nbreak nonsense_fn\ngoto 20\n");
    let outer = file("outer.txt", &format!("goto 5\nsource {bad}\ngoto 30\n"));
    let asks = file("asks.txt", "goto 7\nnote\ngoto 40\n");
    let good = file("good.txt", "goto 11\nbreak swap\ncontinue\nmark a\nover\n");
    for (read, step, error) in [
        (&bad, 10, "bad.txt:3: no function is called 'nonsense_fn'"),
        (&outer, 10, "bad.txt:3: no function is called 'nonsense_fn'"),
        (&asks, 7, "asks.txt:2: 'note' needs an argument"),
    ] {
        let mut screen = demo(120, 36);
        screen.typed(&format!(":source {read}")).keys("enter");
        assert_eq!(screen.now().step, step, "{read}");
        match screen.app.message() {
            Some(Err(told)) => assert!(told.ends_with(error), "{told}"),
            other => panic!("{read}: {other:?}"),
        }
        // What is typed afterwards is not held up.
        screen.typed(":goto 3").keys("enter");
        assert_eq!(screen.now().step, 3);
    }
    let mut screen = demo(120, 36);
    screen.typed(&format!(":source {good}")).keys("enter");
    assert_eq!(screen.now().marks.len(), 1);
    assert!(screen.now().step > screen.now().marks[0].1, "{:?}", screen.app.message());
}

#[test]
fn the_screen_comes_back_as_it_was() {
    for (width, height) in [(80, 24), (120, 36)] {
        let mut screen = demo(width, height);
        screen.keys("alt-5 v v alt-6 alt-7 alt-5 alt-1 v");
        screen.typed(":hide flow").keys("enter");
        let kept = screen.app.kept();
        assert!(!screen.app.shown().hidden.is_empty());
        let mut again = demo(width, height);
        again.app.take_up(kept);
        again.resize(width, height).keys("esc");
        screen.keys("esc");
        assert_eq!(again.text(), screen.text());
        assert_eq!(again.app.focus(), PaneId::Code);
        let view = |screen: &Screen| screen.app.pane(PaneId::Memory).view();
        assert_eq!(view(&again), view(&screen));
        assert_ne!(view(&again).as_deref(), Some("bytes"));
        // And as at first.
        again.keys(">").typed(":layout").keys("enter");
        assert_eq!(*again.app.arrangement(), Default::default());
    }
}

#[test]
fn a_focus_that_is_hidden_is_elsewhere_when_it_comes_back() {
    let mut screen = demo(120, 36);
    screen.typed(":hide flow").keys("enter");
    let kept = screen.app.kept();
    let mut again = demo(120, 36);
    again.app.take_up(kept);
    again.resize(120, 36);
    assert!(again.app.shown().hidden.contains(&PaneId::Flow), "{}", again.text());
    assert_ne!(again.app.focus(), PaneId::Flow);
}

#[test]
fn at_a_trap_enter_leads_to_what_was_wrong() {
    let program = r#"(module (memory 1)
      (func (export "_start") (local $at i32) (local $n i32)
        (local.set $at (i32.const 0x7fffffff))
        (local.set $n (i32.const 3))
        (i32.store (local.get $at) (local.get $n))))"#;
    let mut screen = Screen::new(Box::new(real::recorded_text(program)), 80, 24);
    screen.keys("G alt-2 enter");
    let text = screen.text();
    assert!(text.contains("at (r0) is written by step 0"), "{text}");
    let program = r#"(module
      (func (export "_start") (local $n i32) (local $by i32)
        (local.set $n (i32.const 5))
        (local.set $by (i32.sub (local.get $n) (i32.const 5)))
        (drop (i32.div_s (local.get $n) (local.get $by)))))"#;
    let mut screen = Screen::new(Box::new(real::recorded_text(program)), 80, 24);
    screen.keys("G alt-2 enter");
    let text = screen.text();
    assert!(text.contains("by (r1) is written by step 1"), "{text}");
}
