//! What the mouse presses is what is acted on: at every level of code, after every answer.

mod driver;
mod real;

use driver::Screen;
use std::sync::atomic::{AtomicBool, Ordering};
use wasmscope_tui::app::Mode;
use wasmscope_tui::moment::Wants;
use wasmscope_tui::panes::PaneId;
use wasmscope_tui::session::{Control, Request, Session};

fn demo(width: u16, height: u16) -> Screen {
    Screen::new(Box::new(real::recorded("demo/demo.wasm", &[])), width, height)
}

/// The command lines of the menu that is open.
fn menu(screen: &Screen) -> Vec<String> {
    match screen.app.mode() {
        Mode::Pick(picker) => picker.items.iter().map(|it| it.line.clone()).collect(),
        other => panic!("no menu: {other:?}"),
    }
}

/// The first number behind `0x` in a row.
fn pc_in(row: &str) -> Option<u32> {
    let digits = row.split("0x").nth(1)?;
    let end = digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len());
    u32::from_str_radix(&digits[..end], 16).ok()
}

#[test]
fn a_row_of_code_is_the_op_it_shows_at_every_level() {
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        let mut screen = demo(width, height);
        screen.keys("300G alt-1");
        for _ in 0..3 {
            screen.keys("v");
            let (top, left) = (screen.find(" code ").1 + 1, 1);
            for y in top..top + 8 {
                let before = screen.text();
                let row = before.lines().nth(usize::from(y)).unwrap_or_default().to_owned();
                let Some(pc) = pc_in(&row.chars().take(40).collect::<String>()) else { continue };
                screen.mouse("menu", left + 6, y);
                if matches!(screen.app.message(), Some(Ok(it)) if it.starts_with("nothing of this function"))
                {
                    // Operators that only structure are no steps.
                    assert!(["loop", "block", "end", "else"].iter().any(|it| row.contains(it)), "{row}");
                    continue;
                }
                let line =
                    menu(&screen).into_iter().find(|it| it.starts_with("break 0:") && it.contains('+'));
                let ip = pc_in(&line.expect("an op can be stopped at")).expect("at its offset");
                screen.keys("esc");
                let code = screen.now().code.as_ref().expect("there is code");
                let at = code.code.ops.iter().position(|op| op.ip == ip).expect("it is an op");
                let (from, to) = code.pcs[at];
                assert!(
                    (from..=to).contains(&pc) || code.code.ops[at].pc == pc,
                    "{row} is not {from:x}..={to:x}"
                );
                // Nothing has moved, and what was pressed is marked.
                let now = screen.text().lines().nth(usize::from(y)).unwrap_or_default().to_owned();
                assert_eq!(pc_in(&now.chars().take(40).collect::<String>()), Some(pc), "{row}");
                assert!(now.contains('›') || now.contains('▶'), "{now}");
            }
        }
    }
}

#[test]
fn a_menu_is_about_the_step_pressed() {
    let mut screen = demo(120, 36);
    screen.keys("300G");
    for step in [296, 303, 299] {
        let (x, y) = screen.find_below("[flow]", &format!(" {step} "));
        screen.mouse("menu", x + 12, y);
        assert_eq!(screen.now().step, step);
        let code = screen.now().code.clone().expect("there is code");
        let op = screen.now().next.as_ref().and_then(|it| it.row.as_ref()).expect("it is known").event.op;
        let mnemonic = &code.op(op).expect("it is an op").mnemonic;
        assert!(menu(&screen).contains(&format!("filter op {mnemonic}")), "{step}: {:?}", menu(&screen));
        screen.keys("esc");
        assert_eq!(screen.find_below("[flow]", &format!(" {step} ")).1, y, "it stays where it was pressed");
    }
}

#[test]
fn a_menu_is_about_the_frame_pressed() {
    let mut screen = demo(120, 36);
    screen.keys("300G");
    let outer = screen.now().frames.first().expect("there are frames").clone();
    let name = outer.name.clone().expect("it has a name");
    assert!(screen.now().depth > 1);
    let (_, from) = screen.find("call stack");
    let row = screen.find_below("call stack", &format!("{} ", outer.depth));
    assert!(row.1 > from);
    screen.mouse("menu", row.0 + 3, row.1);
    assert!(menu(&screen).contains(&format!("goto {}", outer.entered)), "{name}: {:?}", menu(&screen));
    screen.keys("esc");
    screen.mouse("press", row.0 + 3, row.1).mouse("twice", row.0 + 3, row.1);
    assert_eq!(screen.now().step, outer.entered);
}

#[test]
fn a_second_press_is_on_the_same_row() {
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        let mut screen = demo(width, height);
        screen.keys("200G f 2k");
        assert_eq!(screen.app.focus(), PaneId::Flow);
        let row = screen.find_below("[flow]", " Call ");
        screen.mouse("press", row.0, row.1);
        let step = screen.now().step;
        let next = screen.now().next.as_ref().and_then(|it| it.row.as_ref()).expect("it is known");
        assert_eq!(next.event.outcome.name(), "Call");
        assert_eq!(screen.find_below("[flow]", " Call "), row, "the row has not moved");
        let depth = screen.now().depth;
        screen.mouse("twice", row.0, row.1);
        assert_eq!((screen.now().step, screen.now().depth), (step + 1, depth + 1), "into the call");
    }
}

#[test]
fn what_an_outer_frame_holds_is_not_shown_as_the_inner_ones() {
    let mut screen = demo(120, 36);
    screen.keys("300G alt-4 j alt-3 .");
    assert!(!screen.now().innermost());
    assert!(!menu(&screen).iter().any(|it| it.starts_with("display ")), "{:?}", menu(&screen));
    assert!(menu(&screen).iter().any(|it| it.starts_with("watch r0 of ")), "{:?}", menu(&screen));
    screen.keys("esc alt-4 k alt-3 .");
    assert!(menu(&screen).iter().any(|it| it.starts_with("display ")));
}

/// A number is shown whole, or says that something is missing.
#[test]
fn numbers_of_memory_are_not_cut_silently() {
    let text = r#"(module (memory (export "memory") 1) (func (export "_start")
        (f64.store (i32.const 16) (f64.const -1.5))
        (f64.store (i32.const 24) (f64.const 8.487983189e-314))))"#;
    for (width, height) in [(80, 24), (120, 36), (60, 20), (50, 12)] {
        let mut screen = Screen::new(Box::new(real::recorded_text(text)), width, height);
        screen.keys("G alt-5 a").typed("16").keys("enter V V");
        let shown = screen.text();
        for number in ["-1.5", "8.487983189e-314"] {
            let whole = shown.lines().any(|line| {
                line.split(['│', '┃', ' ']).any(|word| word == number || word.contains("…e-314"))
            });
            assert!(whole, "{number} in\n{shown}");
        }
    }
}

/// Outcomes may be spelled as the screen does, everywhere; what is none is refused.
#[test]
fn outcomes_are_spelled_as_one_likes() {
    let mut screen = demo(120, 36);
    let mut counted = |text: &str| {
        screen.keys("&").typed(text).keys("enter");
        let found = screen.now().filter.as_ref().and_then(|it| it.1);
        let told = screen.app.message().cloned();
        screen.keys("esc esc");
        (found, told)
    };
    let next = counted("outcome == next").0.expect("it is counted");
    let other = counted("outcome != Next").0.expect("it is counted");
    assert_eq!(next + other, 6138);
    for text in ["outcome == Jump", "outcome == \"Jump\"", "outcome Jump", "outcome =~ \"^jump$\""] {
        assert_eq!(counted(text).0, counted("outcome jump").0, "{text}");
    }
    assert!(counted("outcome jump").0.is_some_and(|it| it > 0));
    for text in ["outcome == jumped", "outcome != \"\""] {
        let (found, told) = counted(text);
        assert!(found.is_none());
        assert!(matches!(told, Some(Err(it)) if it.contains("Next, Jump, Call")), "{text}");
    }
    screen.keys(":").typed("break put if outcome == Jump").keys("enter");
    assert!(matches!(screen.app.message(), Some(Ok(_))));
    screen.keys(":").typed("break put if outcome == Jumped").keys("enter");
    assert!(matches!(screen.app.message(), Some(Err(_))));
}

/// Esc ends the counting of a filter though every step matches it; the list that is left is drawn at once.
#[test]
fn counting_a_filter_is_given_up() {
    let mut session = Session::new(Box::new(real::recorded("demo/demo.wasm", &[])));
    let cancel = AtomicBool::new(false);
    let control = Control { cancel: &cancel, progress: &|_| cancel.store(true, Ordering::Relaxed) };
    let told = session.handle(Request::Filter("r0 == 0 || r0 != 0".into()), &control);
    assert!(told.as_ref().is_ok_and(|it| it.as_deref().is_some_and(|it| it.ends_with("not counted"))));
    let wants = Wants { flow: (9, 9), ..Wants::default() };
    assert!(!session.look(&wants).expect("it is drawn").flow.is_empty());
}

/// A line of a list of steps leads to its step.
#[test]
fn a_line_of_what_was_found_is_pressed() {
    for (width, height) in [(80, 24), (120, 36)] {
        let mut screen = demo(width, height);
        screen.keys(":").typed("find op call").keys("enter");
        let text = screen.text();
        let step = |line: &str| -> Option<u64> {
            line.split('┃').nth(1)?.split_whitespace().next()?.replace(',', "").parse().ok()
        };
        let (row, line) = text.lines().enumerate().nth(6).expect("there are lines");
        let step = step(line).unwrap_or_else(|| panic!("no step in {line}"));
        let x = line.chars().count() as u16 / 2;
        screen.mouse("press", x, row as u16);
        assert_eq!(screen.now().step, step, "{text}");
        assert!(matches!(screen.app.mode(), Mode::Normal));
    }
}

/// A filter is told of as long as it is on, whatever is pressed meanwhile, and a press takes it off.
#[test]
fn a_filter_is_seen_and_taken_off() {
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        let mut screen = demo(width, height);
        screen.keys("300G &").typed("outcome call").keys("enter h h");
        assert!(screen.text().contains("only outcome call: "), "{}", screen.text());
        screen.on("press", "only outcome call");
        assert!(screen.now().filter.is_none());
        // The menu sets one by what was returned, and takes it off.
        let (x, y) = screen.find_below("[flow]", " Jump ");
        screen.mouse("menu", x, y);
        assert!(menu(&screen).contains(&"filter outcome Jump".to_owned()));
        screen.keys("esc");
        screen.keys("&").typed("outcome jump").keys("enter");
        let (x, y) = screen.find_below("[flow]", " Jump ");
        screen.mouse("menu", x, y).on("press", "list all steps again");
        assert!(screen.now().filter.is_none());
    }
}

/// The ledger, its source beside its code.
fn ledger(width: u16, height: u16) -> Screen {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/ledger");
    let source = real::recorded("ledger/ledger.wasm", &[]).with_sources(vec![folder.into()], false);
    Screen::new(Box::new(source), width, height)
}

/// The column of `●` is a switch at every level of code, wherever the breakpoint came from.
#[test]
fn a_press_in_the_margin_stops_there_or_no_more() {
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        let mut screen = ledger(width, height);
        screen.keys(":").typed("run-to transfer").keys("enter alt-1");
        for _ in 0..6 {
            screen.keys("v");
            let (x, y) = screen.find("▶");
            let margins: Vec<u16> = {
                let text = screen.text();
                let row = text.lines().nth(usize::from(y)).unwrap_or_default().to_owned();
                let inside = row.chars().collect::<Vec<_>>();
                let borders = (1..inside.len()).filter(|&at| "│┃".contains(inside[at - 1]));
                borders.filter(|&at| inside[at..].starts_with(&[' ', '▶'])).map(|at| at as u16).collect()
            };
            assert!(margins.contains(&(x - 1)), "{}", screen.text());
            for x in margins {
                for what in ["press", "twice"] {
                    screen.mouse(what, x, y);
                    let row = screen.text().lines().nth(usize::from(y)).unwrap_or_default().to_owned();
                    let there = row.chars().nth(usize::from(x)) == Some('●');
                    assert_eq!(there, what == "press", "{}", screen.text());
                    assert_eq!(screen.now().breakpoints.len(), usize::from(there));
                }
            }
        }
        // One set at the function is taken away where it is shown.
        screen.keys("gg").typed(":break transfer").keys("enter");
        screen.typed(":run-to transfer").keys("enter");
        let (x, y) = screen.find("▶");
        assert_eq!(screen.now().breakpoints.len(), 1);
        screen.mouse("press", x - 1, y);
        assert!(screen.now().breakpoints.is_empty());
    }
}

/// A line of another function can be gone to and stopped at where it is shown.
#[test]
fn a_line_of_another_function_is_a_line() {
    for (width, height) in [(80, 24), (120, 36)] {
        let mut screen = ledger(width, height);
        screen.typed(":run-to transfer").keys("enter alt-1");
        while screen.now().source.is_none()
            || !screen.text().contains("ledger.c")
            || !screen.text().contains(" 36 ")
        {
            screen.keys("v");
        }
        screen.on("menu", " 41 ");
        let lines = menu(&screen);
        let at = |word: &str| {
            let found = lines.iter().find(|it| it.starts_with(word) && it.ends_with(":41"));
            found.unwrap_or_else(|| panic!("no {word} in {lines:?}")).clone()
        };
        at("run-back-to ");
        screen.keys("esc").typed(&format!(":{}", at("run-to "))).keys("enter");
        let line = |screen: &Screen| screen.now().frame.as_ref().and_then(|it| it.line.clone());
        let place = line(&screen);
        assert_eq!(place.as_deref(), Some("ledger.c:41"));
        // In the margin, twice, and Enter.
        screen.typed(":run-back-to transfer").keys("enter");
        let (x, y) = screen.find(" 41 ");
        screen.mouse("press", x - 4, y);
        assert_eq!(screen.now().breakpoints[0].text.rsplit('/').next(), Some("ledger.c:41"));
        assert!(screen.text().contains("●"), "{}", screen.text());
        screen.mouse("press", x - 4, y);
        assert!(screen.now().breakpoints.is_empty(), "{}", screen.text());
        screen.mouse("press", x, y).mouse("twice", x, y);
        assert_eq!(line(&screen), place);
    }
}

/// A function that was put into another is not the other.
#[test]
fn an_inlined_function_is_not_the_one_it_is_in() {
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        let mut screen = ledger(width, height);
        screen.keys("50%").keys("alt-4");
        let inlined =
            screen.now().frames.iter().rev().find(|it| !it.inlined.is_empty()).expect("one is").clone();
        let name = format!(" {} ", inlined.inlined[0].name);
        let line = inlined.inlined[0].line.clone().expect("it is known");
        screen.on("menu", &name);
        let lines = menu(&screen);
        for word in ["run-to", "run-back-to", "break"] {
            assert!(lines.contains(&format!("{word} {line}")), "{lines:?}");
        }
        assert!(!lines.iter().any(|it| it.starts_with("break 0:") || it == "follow"), "{lines:?}");
        let step = screen.now().step;
        screen.keys("esc").on("twice", &name);
        assert_eq!(screen.now().step, step);
        screen.keys("y");
        assert!(screen.copied.take().is_some_and(|it| it.starts_with(name.trim())));
        assert_eq!(screen.now().frame.as_ref().map(|it| it.depth), Some(inlined.depth));
        // The frame itself is still the frame.
        screen.keys("j k").keys("y");
        assert!(screen.copied.take().is_some_and(|it| !it.contains("inlined")));
    }
}

/// Where the filter hides the step about to run, it has its line among the others all the same.
#[test]
fn the_cursor_is_seen_in_a_filtered_list() {
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        let mut screen = demo(width, height);
        screen.keys("&").typed("outcome call").keys("enter 300G");
        for _ in 0..60 {
            let step = wasmscope_tui::words::count(screen.now().step);
            let (x, y) = screen.find_below("[flow]", "▶ ");
            let text = screen.text();
            let row: String = text.lines().nth(y.into()).unwrap_or_default().chars().skip(x.into()).collect();
            assert!(row.trim_start_matches(['▶', ' ']).starts_with(&step), "{step}: {row}");
            screen.mouse("press", x, y);
            assert_eq!(wasmscope_tui::words::count(screen.now().step), step, "its row is its own");
            screen.keys("l");
        }
    }
}

/// A note is changed, not lost, by writing on it again; the callee is called as the screen calls it.
#[test]
fn notes_and_callees_are_taken_as_they_are_shown() {
    let mut screen = demo(120, 36);
    screen.keys("20G").typed(":note hello").keys("enter A").typed(" world").keys("enter");
    assert_eq!(screen.now().notes, [(20, "hello world".to_owned())]);
    for name in ["fd_write", "wasi_snapshot_preview1.fd_write"] {
        screen.keys("g g").typed(&format!("/callee == \"{name}\"")).keys("enter");
        let last = screen.now().next.as_ref().and_then(|it| it.row.as_ref()).map(|it| it.callee.clone());
        assert_eq!(
            last,
            Some(Some("wasi_snapshot_preview1.fd_write".to_owned())),
            "{:?}",
            screen.app.message()
        );
    }
}

/// `◆` leads to the first call of the host in its part of the run, to the very step.
#[test]
fn a_call_of_the_host_on_the_map_is_gone_to() {
    for (width, height) in [(120, 36), (200, 60)] {
        let mut screen = demo(width, height);
        let shown = screen.text();
        let (y, row) =
            shown.lines().enumerate().find(|(_, row)| row.starts_with("writes")).expect("two rows");
        let places: Vec<u16> =
            row.chars().enumerate().filter(|(_, it)| *it == '◆').map(|(x, _)| x as u16).collect();
        assert!(places.len() > 2, "{shown}");
        let mut steps = Vec::new();
        for x in places {
            screen.mouse("press", x, y as u16);
            let row = screen.now().next.as_ref().and_then(|it| it.row.clone()).expect("it is known");
            assert_eq!(row.event.outcome.name(), "HostCall", "column {x}, step {}", screen.now().step);
            // The cursor stands where the press was.
            let here = screen.text().lines().nth(y).and_then(|row| row.chars().nth(usize::from(x)));
            assert_eq!(here, Some('▲'), "{}", screen.text());
            steps.push(screen.now().step);
        }
        assert!(steps.is_sorted() && steps.windows(2).all(|it| it[0] != it[1]), "{steps:?}");
    }
}

/// What a step does can be stopped at from where it is listed, and what it writes.
#[test]
fn a_step_of_the_list_can_be_stopped_at() {
    let mut screen = demo(120, 36);
    while screen.now().next.as_ref().and_then(|it| it.stores()).is_none() {
        screen.keys("j");
    }
    screen.keys(".");
    let (lines, now) = (menu(&screen), screen.now());
    let bytes = now.next.as_ref().and_then(|it| it.stores()).expect("it stores");
    assert!(lines.contains(&format!("watch {bytes}")), "{lines:?}");
    let stops: Vec<String> = lines.iter().filter(|it| it.starts_with("break o")).cloned().collect();
    assert_eq!(stops.len(), 2, "{lines:?}");
    let step = screen.now().step;
    screen.keys("esc");
    for stop in stops {
        // It stands before such a step: this is one.
        screen.typed(&format!(":{stop}")).keys("enter k c");
        assert_eq!(screen.now().step, step, "{stop}");
        screen.typed(":delete all").keys("enter");
    }
}
