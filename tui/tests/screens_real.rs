//! Keys in, screen out, on real programs: the engine, its recordings and live runs beneath the
//! screen. `INSTA_UPDATE=always` rewrites what is expected.

mod driver;
mod real;

use driver::Screen;
use real::{live, live_text, recorded};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;
use wasmscope_tui::moment::{RunEnd, Strip, Wants, Why};
use wasmscope_tui::session::{Control, Direction, Goal, Reply, Request, Source, spawn};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];

fn replay(path: &str, width: u16, height: u16) -> Screen {
    Screen::new(Box::new(recorded(path, &[])), width, height)
}

fn debug(path: &str, width: u16, height: u16) -> Screen {
    Screen::new(Box::new(live(path, &[])), width, height)
}

#[test]
fn samples_at_three_sizes() {
    for (width, height) in SIZES {
        for (name, path, keys) in [
            ("demo-start", "demo/demo.wasm", ""),
            ("demo-sort", "demo/demo.wasm", "1000G"),
            ("demo-end", "demo/demo.wasm", "G"),
            ("trap-divide", "trap-divide/trap-divide.wasm", "G"),
            ("trap-bounds", "trap-bounds/trap-bounds.wasm", "G"),
            ("trap-stack", "trap-stack/trap-stack.wasm", "G"),
            ("ledger-middle", "ledger/ledger.wasm", "50%"),
        ] {
            let name = format!("{name}-{width}x{height}");
            insta::assert_snapshot!(name, replay(path, width, height).keys(keys).text());
        }
    }
}

#[test]
fn other_views_at_three_sizes() {
    let demo = "demo/demo.wasm";
    for (width, height) in SIZES {
        for (name, path, keys) in [
            ("code-wasm", demo, "1000G alt-1 v z"),
            ("code-plain", demo, "1000G alt-1 V z"),
            ("code-counts", demo, "1000G alt-1 # z"),
            ("code-levels", demo, "1000G alt-1 v"),
            ("registers-wasm", demo, "1004G alt-3 v z"),
            ("memory-i32", demo, "1000G alt-5 V V V V V V z"),
            ("memory-compared", demo, "400G alt-d 1000G alt-5 z"),
            ("flow-counts", demo, "1000G #"),
            ("host-calls", demo, "50% alt-8 z"),
            ("tree", demo, "50% alt-9 z"),
            ("tables", demo, "1000G : p a n e space t a b enter z"),
            ("explain", demo, "1000G e"),
            ("explain-load", demo, "1004G e"),
            ("explain-trap", "trap-divide/trap-divide.wasm", "G : p a n e space e x p enter z"),
        ] {
            let name = format!("view-{name}-{width}x{height}");
            insta::assert_snapshot!(name, replay(path, width, height).keys(keys).text());
        }
    }
}

/// The source, where it is found, beside the other levels and alone; and what is said where it is not.
#[test]
fn source_at_three_sizes() {
    for (width, height) in SIZES {
        for (name, keys) in [
            ("source", "20G alt-1 z v v v"),
            ("source-alone", "20G alt-1 z v v v v"),
            ("source-levels", "20G alt-1 z v v"),
        ] {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/ledger");
            let source = recorded("ledger/ledger.wasm", &[]).with_sources(vec![folder.into()], false);
            let mut screen = Screen::new(Box::new(source), width, height);
            let name = format!("view-{name}-{width}x{height}");
            insta::assert_snapshot!(name, screen.keys(keys).text());
        }
        let mut screen = replay("ledger/ledger.wasm", width, height);
        screen.keys("20G alt-1 z v v v");
        assert!(screen.text().contains("--source DIR"), "{}", screen.text());
    }
}

#[test]
fn the_first_screen_says_where_what_and_which_keys() {
    for (width, height) in SIZES {
        for mut screen in [replay("demo/demo.wasm", width, height), debug("demo/demo.wasm", width, height)] {
            let text = screen.text();
            for said in
                ["main", "depth 0", "start of the run", "r1 = 0", "step", "over", "into", "? help", "q quit"]
            {
                assert!(text.contains(said), "'{said}' at {width}×{height} in\n{text}");
            }
        }
    }
}

#[test]
fn a_trap_says_which_op_failed_and_why() {
    let mut screen = replay("trap-divide/trap-divide.wasm", 120, 36);
    let text = screen.keys("G").text();
    let failed = |line: &str| line.contains(" ✗ ") && line.contains("r1 = i32.div_s r1, r2");
    assert!(text.lines().any(failed), "{text}");
    assert!(text.contains("0 / 0, traps"), "{text}");
    assert!(text.contains("average  depth 1 │ Error │ trap: integer divide by zero"), "{text}");
    let text = replay("trap-bounds/trap-bounds.wasm", 120, 36).keys("G").text();
    assert!(text.contains("load of 1 byte at 0x10000"), "{text}");
}

#[test]
fn into_over_and_out_both_ways() {
    let mut screen = replay("demo/demo.wasm", 120, 36);
    let mut depths = Vec::new();
    for keys in ["j", "s", "O", "n", "N", "s", "o", "S", "S"] {
        screen.keys(keys);
        depths.push((screen.now().step, screen.now().depth));
    }
    insta::assert_debug_snapshot!(depths, @"
    [
        (
            1,
            1,
        ),
        (
            2,
            2,
        ),
        (
            1,
            1,
        ),
        (
            11,
            1,
        ),
        (
            1,
            1,
        ),
        (
            2,
            2,
        ),
        (
            11,
            1,
        ),
        (
            10,
            2,
        ),
        (
            9,
            2,
        ),
    ]
    ");
}

#[test]
fn over_and_out_stop_at_breakpoints_on_the_way_but_not_where_they_start() {
    let mut screen = replay("demo/demo.wasm", 120, 36);
    screen.keys("j :").typed("break label").keys("enter");
    screen.keys("n");
    assert_eq!((screen.now().step, &screen.now().why), (2, &Why::Breakpoint(1)), "at its first op");
    screen.keys("o");
    assert_eq!((screen.now().step, &screen.now().why), (11, &Why::Done), "not where it starts");
    screen.keys("N");
    assert_eq!((screen.now().step, &screen.now().why), (2, &Why::Breakpoint(1)));
    screen.keys("O");
    assert_eq!((screen.now().step, &screen.now().why), (1, &Why::Done));
    // The same forwards and backwards.
    let mut hits = Vec::new();
    while matches!(screen.keys("c").now().why, Why::Breakpoint(_)) {
        hits.push(screen.now().step);
    }
    let mut back = Vec::new();
    while matches!(screen.keys("C").now().why, Why::Breakpoint(_)) {
        back.push(screen.now().step);
    }
    back.reverse();
    assert!(hits.len() > 2);
    assert_eq!(hits, back);
}

#[test]
fn a_live_run_and_its_recording_are_the_same_moments() {
    let mut there = debug("demo/demo.wasm", 120, 36);
    let mut recorded = replay("demo/demo.wasm", 120, 36);
    for keys in ["", "300j", "n", "o", "20k", "c", "G", "50%", "S"] {
        let (live, replay) = (there.keys(keys), recorded.keys(keys));
        let (mut live, mut replay) = (live.now().clone(), replay.now().clone());
        if live.run.can_grow() {
            // What is to come is not known to both.
            for moment in [&mut live, &mut replay] {
                moment.flow.retain(|row| row.event.step < moment.step);
                (moment.end, moment.run, moment.why) = (0, RunEnd::Open, Why::Done);
                moment.strip = Strip::default();
                if let Some(next) = &mut moment.next {
                    next.row = None;
                }
            }
        }
        live.about = replay.about.clone();
        (live.bytes, replay.bytes) = (None, None);
        assert!(live == replay, "{keys}: {live:#?} {replay:#?}");
    }
}

#[test]
fn a_waiting_program_is_given_input() {
    let mut screen = debug("upper/upper.wasm", 120, 36);
    screen.keys("c");
    assert_eq!(screen.now().run, RunEnd::WaitingForInput);
    assert_eq!(screen.now().step, 6);
    // Asking again changes nothing.
    screen.keys("c j n o");
    assert_eq!((screen.now().step, &screen.now().run), (6, &RunEnd::WaitingForInput));
    screen.keys("i").typed("hello").keys("enter");
    assert_eq!(screen.now().run, RunEnd::WaitingForInput);
    insta::assert_snapshot!("upper-waiting", screen.keys("alt-7").text());
    assert!(screen.text().contains("HELLO"));
    screen.keys("i ctrl-d");
    assert_eq!(screen.now().run, RunEnd::Halted);
    screen.keys("i");
    assert!(matches!(screen.app.message(), Some(Err(_))));
    // Back before the input and forth again: nothing is asked for twice.
    let end = screen.now().end;
    screen.keys("gg c");
    assert_eq!((screen.now().step, screen.now().end), (end, end));
}

/// However often it is made again until there is input.
#[test]
fn a_host_call_that_waits_is_one_call() {
    let mut screen = debug("upper/upper.wasm", 160, 48);
    screen.keys("c c c j n o").typed(":pane host calls").keys("enter");
    let waiting = |text: &str| text.matches("failed: waiting for input").count();
    assert_eq!(waiting(&screen.text()), 1, "{}", screen.text());
    screen.keys("i").typed("hello").keys("enter");
    assert_eq!(waiting(&screen.text()), 1, "{}", screen.text());
    assert_eq!(screen.now().run, RunEnd::WaitingForInput);
}

#[test]
fn a_step_runs_no_further_than_asked() {
    let mut source = live("demo/demo.wasm", &[]);
    let cancel = AtomicBool::new(false);
    let control = Control { cancel: &cancel, progress: &|_| {} };
    assert_eq!(source.end().step, 0);
    let mut go = |from, goal| {
        let stop = source.travel(from, goal, Direction::Forward, &[], &control).expect("it runs");
        (stop.step, source.end().step)
    };
    assert_eq!(go(0, Goal::Steps(1)), (1, 1));
    assert_eq!(go(1, Goal::Over), (11, 11));
    assert_eq!(go(3, Goal::Steps(10)), (13, 13));
    assert_eq!(go(2, Goal::Out), (11, 13));
}

#[test]
fn an_endless_program_is_stopped() {
    let source = live_text(r#"(module (func (export "_start") (loop $l (br $l))))"#);
    let (told, replies) = channel();
    let progress = std::sync::Arc::new(AtomicU64::new(0));
    let seen = progress.clone();
    let mut client = spawn(Box::new(source), move |reply| {
        if let Reply::Progress { step, .. } = reply {
            seen.store(step, Ordering::Relaxed);
            return true;
        }
        if let Reply::Surveyed = reply {
            return true;
        }
        told.send(reply).is_ok()
    });
    client.ask(Request::Travel(Goal::Continue, Direction::Forward, 1), Wants::default());
    while progress.load(Ordering::Relaxed) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    client.cancel();
    let reply = replies.recv_timeout(Duration::from_secs(60)).expect("it stops");
    let Reply::Moment { moment, .. } = reply else { panic!("a moment is shown") };
    assert_eq!(moment.why, Why::Cancelled);
    assert_eq!(moment.run, RunEnd::Open);
    assert!(moment.step > 0);
}

#[test]
fn a_gibibyte_of_memory_and_its_last_byte() {
    let mut screen = Screen::new(
        Box::new(live_text(
            r#"(module (memory 16384) (func (export "_start")
                (i32.store8 (i32.const 0x3fffffff) (i32.const 7))
                (drop (i32.load8_u (i32.const 0x3fffffff)))))"#,
        )),
        120,
        36,
    );
    screen.keys("c alt-5 z");
    let text = screen.text();
    assert!(text.contains("memory 1 GiB") && text.contains("3ffffff0"), "{text}");
    screen.keys(":").typed("address 0x3fffffff").keys("enter y");
    assert!(screen.copied.as_ref().is_some_and(|it| it == "0x3fffffff: 07"), "{:?}", screen.copied);
    screen.keys("v").text();
    screen.keys("G k k").text();
}

#[test]
fn a_stack_as_deep_as_it_gets() {
    for (width, height) in SIZES {
        let mut screen = replay("trap-stack/trap-stack.wasm", width, height);
        screen.keys("G alt-4");
        assert!(screen.now().depth > 10_000);
        assert!(screen.now().frames.len() <= usize::from(height), "only those in sight are asked for");
        screen.keys("9999j 9999j");
        assert!(screen.now().frames[0].depth + 9_999 < screen.now().depth);
        // The tree of calls tells as many apart as it can, and says where it stopped.
        screen.keys("alt-9 G");
        screen.keys("alt-9 20000j").text();
    }
}

#[test]
fn the_card_says_what_the_call_wanted_and_what_it_found() {
    for (width, height) in SIZES {
        let mut screen = replay("trap-signature/trap-signature.wasm", width, height);
        screen.keys("G e z");
        let text = screen.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("the call wants") && text.contains("of type"), "{text}");
        assert!(text.contains("since step"), "where the operand came from\n{text}");
    }
    // Lines lead to the steps they name.
    let mut screen = replay("trap-divide/trap-divide.wasm", 120, 36);
    screen.keys("G e j j j j enter");
    assert!(screen.now().step < 32, "{}", screen.text());
}

#[test]
fn memory_is_searched() {
    let mut screen = replay("demo/demo.wasm", 120, 36);
    screen.keys("50% :").typed("bytes compares").keys("enter y");
    let first = screen.copied.clone().expect("it was found");
    assert!(first.starts_with("0x41: 63 6f 6d 70"), "{first}");
    // The next is the same one again, behind the end.
    screen.keys("alt-b y");
    assert_eq!(screen.copied.as_ref(), Some(&first));
    screen.keys(":").typed("bytes 0x736f7274").keys("enter y");
    screen.keys(":").typed("bytes not in it at all").keys("enter");
    assert!(screen.text().contains("nowhere in this memory"), "{}", screen.text());
    screen.keys(":").typed("bytes 0x7").keys("enter");
    assert!(screen.text().contains("no bytes"));
}

#[test]
fn any_keys_leave_it_standing() {
    let mut seed = 0x2545_f491_4f6c_dd1du64;
    let mut screen = debug("upper/upper.wasm", 120, 36);
    let keys: Vec<&str> =
        "j k n N s S o O c C b gg G % tab shift-tab z a t x m ' H L enter esc ? B i 1 9 0 pageup pagedown"
            .split(' ')
            .collect();
    for count in 0..1500 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        screen.keys(keys[(seed >> 33) as usize % keys.len()]);
        if count % 100 == 0 {
            screen.resize((seed >> 40) as u16 % 220, (seed >> 50) as u16 % 70);
            screen.buffer();
        }
    }
}
