//! The mouse, and what can be done with what is selected, on the toy machine.

mod driver;
mod toy;

use driver::Screen;
use toy::Toy;
use wasmscope_tui::app::Mode;
use wasmscope_tui::moment::Why;
use wasmscope_tui::panes::PaneId;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];

fn replay(width: u16, height: u16) -> Screen {
    Screen::new(Box::new(Toy::replay()), width, height)
}

/// Where the map of the run begins.
fn map(screen: &mut Screen) -> (u16, u16) {
    let one_row = screen.text().contains("⠉host");
    let (x, y) = screen.find(if one_row { "⠉host" } else { " calls  " });
    (if one_row { x + 7 } else { x + 8 }, y)
}

#[test]
fn the_mouse_chooses_what_is_under_it() {
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        let mut screen = replay(width, height);
        screen.keys("44G");
        // A row of the flow pane is a step.
        let (x, y) = screen.find("  46 ");
        screen.mouse("press", x + 3, y);
        assert_eq!(screen.now().step, 46);
        // A tab, and a line of what it brings to the front.
        let (x, y) = screen.find(if width < 200 { "│glo" } else { "[globals" });
        screen.mouse("press", x + 2, y);
        assert_eq!(screen.app.focus(), PaneId::Globals);
        let (x, y) = screen.find("1 total");
        screen.mouse("press", x, y).keys("y");
        assert_eq!(screen.copied.as_deref(), Some("3"));
        // Twice is Enter: to the step that printed a line.
        screen.keys("G").tab("out", "output").on("twice", "fact = 6");
        assert!(screen.now().next.as_ref().is_some_and(|it| it.text.contains("toy.print")));
        // The map of the run.
        let (x, y) = map(&mut screen);
        screen.mouse("press", x, y);
        assert_eq!(screen.now().step, 0);
        screen.mouse("press", x + (width - x) / 2, y);
        assert_eq!(screen.now().step, 63);
        // Where a breakpoint stops, the very step.
        screen.keys(":").typed("break fact+0x18").keys("enter");
        let (x, y) = screen.find("●");
        screen.mouse("press", x, y);
        assert_eq!(screen.now().next.as_ref().map(|it| it.ip), Some(0x18));
        // Keys in the footer, and what lies over the panes.
        let step = screen.now().step;
        screen.footer("step");
        assert_eq!(screen.now().step, step + 1);
        screen.on("press", "? help");
        assert!(screen.text().contains("Moving through the run"));
        screen.on("press", "step-back ");
        assert_eq!(screen.now().step, step, "a line of the help is done");
    }
}

/// Whatever the size, the map tells of calls, writes, the host, breakpoints, marks, here and the trap; its
/// signs are in the help.
#[test]
fn the_map_tells_all_at_any_size() {
    for (width, height) in SIZES {
        let mut screen = replay(width, height);
        screen.keys("90G m q 20G :").typed("break fact+0x18").keys("enter");
        let (x, y) = map(&mut screen);
        let rows = if height < 30 { 1 } else { 2 };
        let buf = screen.buffer();
        let shown: String =
            (y..y + rows).flat_map(|y| (x..width).map(move |x| (x, y))).map(|at| buf[at].symbol()).collect();
        for sign in ["q", "●", "▲", "✗"] {
            assert!(shown.contains(sign), "{sign} in {shown}");
        }
        let signs = if height < 30 { ["⡆", "⢰", "⠉"] } else { ["█", "▓", "◆"] };
        for sign in signs {
            assert!(shown.contains(sign), "{sign} in {shown}");
        }
        // What is drawn is what is pressed.
        let at = |sign: &str| {
            (y..y + rows).flat_map(|y| (x..width).map(move |x| (x, y))).find(|at| buf[*at].symbol() == sign)
        };
        let host = at(signs[2]).expect("the host was called");
        screen.mouse("press", host.0, host.1);
        assert!(screen.now().next.as_ref().is_some_and(|it| it.text.contains("call_host")));
        for (sign, step) in [("q", 90), ("✗", 126)] {
            let (x, y) = at(sign).expect("it is drawn");
            screen.mouse("press", x, y);
            assert_eq!(screen.now().step, step);
        }
        screen.keys("?").typed(signs[1]);
        assert!(screen.text().contains("memory"), "{}", screen.text());
    }
}

/// Along the map one goes in time while the button is down, past its ends to those of the run; all of it is
/// one movement to come back from.
#[test]
fn the_map_is_dragged_along() {
    for (width, height) in SIZES {
        let mut screen = replay(width, height);
        screen.keys("20G");
        let (x, y) = map(&mut screen);
        screen.mouse("press", x + 30, y);
        let pressed = screen.now().step;
        let mut went = vec![pressed];
        for at in 31..36 {
            screen.mouse("drag", x + at, y + 3);
            went.push(screen.now().step);
        }
        assert!(went.is_sorted() && went[5] > went[0], "{went:?}");
        screen.mouse("drag", 0, y).mouse("drag", x, y);
        assert_eq!(screen.now().step, 0);
        screen.mouse("drag", width - 1, 0).mouse("release", width - 1, 0);
        assert_eq!((screen.now().step, &screen.now().why), (126, &Why::End));
        screen.mouse("drag", x + 30, y);
        assert_eq!(screen.now().step, 126, "nothing is held any more");
        screen.keys("H");
        assert_eq!(screen.now().step, 20);
        // Who begins elsewhere drags nothing along.
        screen.mouse("press", x + 30, y + 6).mouse("drag", x + 30, y).mouse("release", x + 30, y);
        assert_eq!(screen.now().step, 20);
    }
}

/// The wheel moves neither the cursor nor a selection, and one comes back by moving.
#[test]
fn the_wheel_scrolls_what_it_is_over() {
    let mut screen = replay(120, 36);
    screen.keys("44G alt-1");
    let before = screen.text();
    let (x, y) = screen.find("  45 ");
    screen.mouse("down", x, y).mouse("down", x, y).mouse("down", x, y);
    assert_eq!((screen.now().step, screen.app.focus()), (44, PaneId::Code));
    assert_eq!(screen.find("  54 ").1, y, "nine rows further");
    screen.mouse("up", x, y).mouse("up", x, y).mouse("up", x, y);
    assert_eq!(screen.text(), before);
    for _ in 0..100 {
        screen.mouse("up", x, y);
    }
    assert!(screen.text().contains("   0 Next") && screen.now().step == 44);
    // What is seen is what is pressed; a movement shows the cursor again.
    screen.keys("j l");
    assert!(screen.text().contains("▶   45 "), "{}", screen.text());
    for pane in ["alt-1", "alt-3", "alt-5", "alt-6", "alt-7", "alt-8", "alt-9", "10G alt-4"] {
        screen.keys("60G").keys(pane).keys("y");
        let (chosen, step) = (screen.copied.take(), screen.now().step);
        let parts = wasmscope_tui::layout::layout(
            ratatui::layout::Rect::new(0, 0, 120, 36),
            screen.app.zoomed(),
            screen.app.shown(),
        );
        let focus = screen.app.focus();
        let place = parts.places.iter().find(|it| it.1.contains(&focus)).expect("it is shown").0;
        let (x, y) = (place.x + 4, place.y + 2);
        screen.mouse("down", x, y).mouse("down", x, y).mouse("up", x, y).mouse("up", x, y).keys("y");
        assert_eq!((screen.copied.take(), screen.now().step), (chosen, step), "{pane}");
    }
}

#[test]
fn edges_are_dragged_and_keys_do_the_same() {
    let place = |screen: &mut Screen| screen.find("registers").0;
    let mut screen = replay(120, 36);
    let before = place(&mut screen);
    let (x, y) = screen.find("registers");
    let x = x - 2;
    screen.mouse("press", x, y + 2).mouse("drag", x - 5, y + 2).mouse("drag", x - 9, y + 9).mouse(
        "release",
        x - 9,
        y + 9,
    );
    assert_eq!(place(&mut screen), before - 9);
    let kept = screen.app.kept();
    screen.keys("alt-1 > > >");
    assert_eq!(place(&mut screen), before - 3);
    screen.keys("alt-3 >");
    assert_eq!(place(&mut screen), before - 5);
    screen.keys("2<");
    assert_eq!(place(&mut screen), before - 1);
    // Nothing is lost by a screen too small for it, and it can be put back.
    screen.resize(80, 24).resize(1, 1).resize(120, 36);
    assert_eq!(place(&mut screen), before - 1);
    screen.app.take_up(kept);
    assert_eq!(place(&mut screen), before - 9);
}

/// Breakpoints, marks, notes and displays in one pane, to go to, turn off and delete by keys and mouse.
#[test]
fn what_is_kept_is_a_list_to_go_by() {
    for (width, height) in SIZES {
        let mut screen = replay(width, height);
        for line in ["break fact if r0 < 2", "break main+0x60", "mark a", "display r0", "break fact+0x20"] {
            screen.keys(":").typed(line).keys("enter");
        }
        screen.keys("40G m b A").typed("the product is wrong from here").keys("enter B");
        insta::assert_snapshot!(format!("places-{width}x{height}"), screen.text());
        // To the next stop, back to the one before, to a mark, to a note.
        screen.keys("50G enter");
        let stopped = screen.now().step;
        assert!(stopped > 50 && screen.text().contains("fact"));
        screen.keys("[");
        assert!(screen.now().step < stopped);
        screen.keys("4j enter");
        assert_eq!(screen.now().step, 40);
        // Off, on, away.
        screen.keys("9k D");
        assert!(!screen.now().breakpoints[0].enabled);
        screen.keys("D j d");
        assert_eq!(screen.now().breakpoints.iter().map(|it| it.id).collect::<Vec<_>>(), [1, 3]);
        // The mouse does it at the dot and at the cross.
        let (x, y) = screen.find("● 3");
        screen.mouse("press", x, y);
        assert!(!screen.now().breakpoints[1].enabled);
        // The cross stands in every row, and acts nowhere else.
        for beside in [x + 3, screen.find("×").0 - 1] {
            screen.mouse("press", beside, y);
            assert_eq!(screen.now().breakpoints.len(), 2);
        }
        assert!(screen.text().matches('×').count() >= 4, "{}", screen.text());
        let (x, y) = screen.find("×");
        screen.mouse("menu", x, y);
        assert!(screen.text().contains("on to where it stops next"));
        screen.keys("esc").mouse("press", x, y + 1);
        assert_eq!(screen.now().breakpoints.iter().map(|it| it.id).collect::<Vec<_>>(), [1]);
        screen.keys("10j d 10j d 10j d 10j d");
        assert!(screen.now().displays.is_empty() && screen.now().notes.is_empty());
    }
}

#[test]
fn what_can_be_done_is_listed() {
    for (width, height) in [(80, 24), (200, 60)] {
        let mut screen = replay(width, height);
        screen.keys("64G alt-3 .");
        insta::assert_snapshot!(format!("menu-{width}x{height}"), screen.text());
        screen.keys("esc").on("menu", "i32_mul");
        assert!(screen.text().contains("on to here"), "{}", screen.text());
        screen.on("press", "stop here, or no more");
        assert_eq!(screen.now().breakpoints.len(), 1);
    }
}

/// What has no other place for the mouse has one in every menu; looking for bytes in that of memory.
#[test]
fn what_is_about_the_step_is_in_every_menu() {
    for (width, height) in SIZES {
        for pane in PaneId::ALL {
            let mut screen = replay(width, height);
            screen.keys("64G e").typed(&format!(":pane {}", pane.name())).keys("enter .");
            let Mode::Pick(picker) = screen.app.mode() else { panic!("no menu of {}", pane.name()) };
            let times = |line: &str| picker.items.iter().filter(|it| it.line == line).count();
            for line in ["explain", "mark", "note", "goto"] {
                assert_eq!(times(line), 1, "{line} in {}", pane.name());
            }
            assert_eq!(times("bytes") == 1, pane == PaneId::Memory);
        }
    }
}

/// A list says how much of it is below, and a press on that shows it.
#[test]
fn what_is_below_in_a_list_is_told_and_shown() {
    for keys in ["64G alt-3 .", "?", "ctrl-p"] {
        let mut screen = replay(80, 24);
        screen.keys(keys);
        let below = |screen: &mut Screen| {
            let shown = screen.text();
            let told =
                shown.split("▼ ").nth(1).and_then(|rest| rest.split(" more").next()?.parse::<usize>().ok());
            told.unwrap_or(0)
        };
        let mut left = below(&mut screen);
        assert!(left > 0, "{}", screen.text());
        while left > 0 {
            screen.on("press", "▼ ");
            assert!(screen.text().contains(" > ") && below(&mut screen) < left, "{}", screen.text());
            left = below(&mut screen);
        }
    }
}

/// Enter on a call shows what is called; `H`, or any movement, comes back.
#[test]
fn code_is_followed_into_calls() {
    let mut screen = replay(120, 36);
    screen.keys("alt-1 4j enter");
    assert!(screen.text().contains("code fact"), "{}", screen.text());
    assert_eq!((screen.now().step, screen.now().depth), (0, 1));
    assert!(!screen.text().contains("▶    0 br_if"), "the program is not in it");
    screen.keys("2j enter");
    assert!(screen.text().contains("code fact"));
    screen.keys("H H");
    assert!(screen.text().contains("code main"), "{}", screen.text());
    screen.keys("enter right");
    assert!(screen.text().contains("code main"));
}

/// In a prompt the mouse presses the words beside the line, or leaves it.
#[test]
fn a_prompt_is_pressed_or_left() {
    for (width, height) in SIZES {
        let mut screen = replay(width, height);
        screen.keys("20G").footer("goto");
        assert!(screen.app.is_asking());
        screen.on("press", "50%");
        assert!(!screen.app.is_asking());
        assert_eq!(screen.now().step, screen.now().end / 2);
        screen.footer("goto").on("press", "Esc");
        assert!(!screen.app.is_asking());
        screen.keys("g").typed("7").on("press", "Enter");
        assert_eq!(screen.now().step, 7);
        // Anywhere else it is left, and the press is a press.
        screen.keys("/");
        let (x, y) = screen.find_below("[flow]", "  9 ");
        screen.mouse("press", x, y);
        assert_eq!((screen.app.is_asking(), screen.now().step), (false, 9));
        // However long the words are, those that end it are there.
        for keys in ["/", "&", "g", "a", ":"] {
            screen.keys(keys);
            let shown = screen.text();
            assert!(shown.lines().last().is_some_and(|it| it.ends_with("Enter · Esc")), "{shown}");
            screen.keys("esc");
        }
        assert!(screen.keys("/").text().contains("regex for an op, function or host function"));
    }
}

#[test]
fn the_cards_edge_is_dragged_and_its_border_says_what_is_below() {
    let mut screen = replay(80, 24);
    screen.keys("G");
    let (_, y) = screen.find("why it trapped");
    let more = |screen: &mut Screen| screen.text().contains("▼ ");
    assert!(more(&mut screen));
    screen.mouse("press", 40, y).mouse("drag", 40, y - 5).mouse("release", 40, y - 5);
    assert_eq!(screen.find("why it trapped").1, y - 5);
    assert!(!more(&mut screen), "{}", screen.text());
    screen.mouse("press", 40, y - 5).mouse("drag", 40, y).mouse("release", 40, y);
    let (x, below) = screen.find("▼ ");
    screen.mouse("press", x, below).mouse("press", x, below);
    assert!(screen.text().contains("▲ "), "{}", screen.text());
}

/// What a border has to say is said at every size.
#[test]
fn borders_say_what_is_on() {
    for (width, height) in SIZES {
        let mut screen = replay(width, height);
        screen.keys("G #");
        for counted in ["Error 1 1%", "Next ", "Jump ", "Call "] {
            assert!(screen.text().contains(counted), "{counted} in {}", screen.text());
        }
        screen.keys("# alt-5 v v v v v");
        assert!(screen.text().contains("u32 · "), "{}", screen.text());
        screen.on("press", "u32 · ");
        assert!(screen.text().contains("i32 · "), "{}", screen.text());
        screen.keys("gg alt-1 4j enter");
        screen.on("press", "H back");
        assert!(screen.text().contains("code main"));
    }
}

/// The sign before a name folds what the function called, and nothing else does.
#[test]
fn the_tree_folds_where_it_is_pressed() {
    for (width, height) in SIZES {
        let mut screen = replay(width, height);
        screen.keys("20G").typed(":pane tree").keys("enter");
        let (x, y) = screen.find("▾ main");
        let step = screen.now().step;
        screen.mouse("press", x + 1, y);
        assert!(screen.text().contains("▾ main"));
        screen.mouse("press", x, y);
        assert!(screen.text().contains("▸ main") && screen.now().step == step, "{}", screen.text());
        screen.mouse("twice", x, y);
        assert!(screen.text().contains("▾ main") && screen.now().step == step);
    }
}

/// Two presses on a dot are two: off, and on again.
#[test]
fn a_button_pressed_twice_acts_twice() {
    let mut screen = replay(80, 24);
    screen.keys(":").typed("break fact").keys("enter 20G B");
    let (x, y) = screen.find("● 1");
    screen.mouse("press", x, y).mouse("twice", x, y);
    assert!(screen.now().breakpoints[0].enabled);
    assert_eq!(screen.now().step, 20);
}

/// What a press on memory selects is what is drawn there, in hexadecimal and as text, at any width.
#[test]
fn the_byte_pressed_is_the_byte_meant() {
    for width in (72..200).step_by(3) {
        let mut screen = replay(width, 40);
        screen.keys("20G alt-5 z");
        let text = screen.text();
        let (row, line) = text.lines().enumerate().nth(6).expect("there are rows of memory");
        let addr = line.chars().skip(1).take_while(char::is_ascii_hexdigit).collect::<String>();
        let start = u64::from_str_radix(&addr, 16).unwrap_or_else(|_| panic!("no address in {line}"));
        let cells: Vec<char> = line.chars().collect();
        let bytes: Vec<usize> = (1 + addr.len()..cells.len() - 1)
            .filter(|&at| {
                cells[at].is_ascii_hexdigit() && cells[at - 1] == ' ' || {
                    // Dense: the second of two bytes.
                    cells[at].is_ascii_hexdigit() && cells[at - 3] == ' ' && cells[at + 1].is_ascii_hexdigit()
                }
            })
            .collect();
        let texts = cells.iter().position(|&it| it == '·').expect("these bytes are no letters");
        let texts: Vec<usize> = (texts..texts + bytes.len()).collect();
        for places in [bytes, texts] {
            for (index, x) in places.into_iter().enumerate() {
                screen.mouse("press", x as u16, row as u16).keys("y");
                let copied = screen.copied.take().expect("a byte is selected");
                assert!(
                    copied.starts_with(&format!("{:#x}: ", start + index as u64)),
                    "{width} {x} {copied}\n{line}"
                );
            }
        }
    }
}

/// Keys stand beside a short message, and a press on one does it.
#[test]
fn a_message_leaves_room_for_keys() {
    for (width, height) in SIZES {
        let mut screen = replay(width, height);
        screen.keys(":").typed("break fact").keys("enter");
        let last = screen.text().lines().last().map(str::to_owned).unwrap_or_default();
        assert!(last.contains("breakpoint 1 at fact  │") && last.ends_with("q quit"), "{last}");
        screen.footer("step");
        assert_eq!(screen.now().step, 1);
        // Words on the border of a list can be pressed.
        screen.keys("alt-3 .").on("press", "Esc ");
        assert!(!screen.text().contains("what can be done with it"));
        screen.keys("? ").typed("step-back").on("press", "Enter does it");
        assert!(!screen.text().contains("Moving through the run"));
    }
}

/// The card is about the op that is next, whichever frame is looked into.
#[test]
fn the_card_does_not_depend_on_the_frame_looked_into() {
    for (width, height) in SIZES {
        let mut screen = replay(width, height);
        screen.keys("46G");
        while screen.now().reads().is_empty() {
            screen.keys("l");
        }
        let card = |screen: &Screen| wasmscope_tui::lesson::card(screen.now(), None, Default::default());
        let inner = card(&screen);
        assert!(inner.iter().any(|it| it.text.contains("parameter")), "{inner:?}");
        screen.keys("alt-4 5j");
        assert_ne!(
            screen.now().frame.as_ref().map(|it| it.depth),
            screen.now().inner.as_ref().map(|it| it.depth)
        );
        assert_eq!(card(&screen), inner);
    }
}

/// What is off is drawn so in the code too; two quick presses on a cross take one thing away.
#[test]
fn what_is_off_looks_off_and_a_double_press_deletes_once() {
    for (width, height) in SIZES {
        let mut screen = replay(width, height);
        screen
            .typed(":break fact")
            .keys("enter")
            .typed(":break main+0x60")
            .keys("enter")
            .typed(":break fact+0x20");
        screen.keys("enter").typed(":run-to fact").keys("enter");
        let (x, y) = screen.find("●▶");
        screen.typed(":toggle 1").keys("enter");
        assert_eq!(screen.find("○▶"), (x, y));
        screen.keys("B");
        let (x, y) = screen.find("×");
        screen.mouse("press", x, y).mouse("twice", x, y);
        assert_eq!(screen.now().breakpoints.len(), 2, "{}", screen.text());
        // At a trap Enter in the card goes to where the culprit came from at once.
        screen.keys("G e enter");
        assert!(screen.now().step < screen.now().end, "{}", screen.text());
    }
}

/// Looking for bytes asks which, as long as none were looked for.
#[test]
fn bytes_to_look_for_are_asked_for() {
    let mut screen = replay(80, 24);
    screen.keys("100G alt-5 a").typed("0").keys("enter alt-b");
    assert!(screen.app.is_asking());
    screen.typed("0x06").keys("enter");
    let found = screen.now().found;
    assert!(found.is_some_and(|it| it.addr.is_some()));
    screen.keys("alt-b");
    assert!(!screen.app.is_asking() && screen.now().found != found);
}
