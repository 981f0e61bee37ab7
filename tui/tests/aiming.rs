//! What the mouse presses is what is acted on: at every level of code, after every answer.

mod driver;
mod real;

use driver::Screen;
use wasmscope_tui::app::Mode;
use wasmscope_tui::panes::PaneId;

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
                let line =
                    menu(&screen).into_iter().find(|it| it.starts_with("break 0:") && it.contains('+'));
                let ip = pc_in(&line.expect("an op can be stopped at")).expect("at its offset");
                screen.keys("esc");
                let ops = &screen.now().code.as_ref().expect("there is code").code.ops;
                let at = ops.iter().position(|op| op.ip == ip).expect("it is an op");
                let earlier = ops[..at].iter().rev().map(|op| op.pc).find(|&it| it < ops[at].pc);
                let own = earlier.map_or(0, |it| it + 1)..=ops[at].pc;
                assert!(own.contains(&pc), "{width}: {row} is not {own:x?}");
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
