//! Keys in, screen out, on the toy machine: every pane and the whole screen at three sizes,
//! keystroke scenarios, any size. `INSTA_UPDATE=always` rewrites what is expected.

mod driver;
mod toy;

use driver::Screen;
use toy::Toy;
use wasmscope_tui::moment::{RunEnd, Why};
use wasmscope_tui::panes::PaneId;
use wasmscope_tui::svg::{Palette, svg};
use wasmscope_tui::theme::{Scheme, Theme};
use wasmscope_tui::tour::{PAGES, markdown};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];

fn replay(width: u16, height: u16) -> Screen {
    Screen::new(Box::new(Toy::replay()), width, height)
}

fn live() -> Screen {
    Screen::new(Box::new(Toy::live()), 120, 36)
}

fn step(keys: &str) -> u64 {
    replay(120, 36).keys(keys).now().step
}

#[test]
fn the_whole_screen() {
    for (width, height) in SIZES {
        for (name, keys) in [("start", ""), ("inside", "44G"), ("store", "28G"), ("trap", "G")] {
            let name = format!("{name}-{width}x{height}");
            insta::assert_snapshot!(name, replay(width, height).keys(keys).text());
        }
    }
}

#[test]
fn every_pane_alone() {
    for (width, height) in SIZES {
        for pane in PaneId::ALL {
            let mut screen = replay(width, height);
            screen.keys("64G :").typed(&format!("pane {}", pane.name())).keys("enter z");
            let name = format!("pane-{}-{width}x{height}", pane.name().replace(' ', "-"));
            insta::assert_snapshot!(name, screen.text());
        }
    }
}

#[test]
fn overlays_and_prompts() {
    insta::assert_snapshot!("help", replay(100, 40).keys("?").text());
    insta::assert_snapshot!("help-narrow", replay(40, 20).keys("? j j j").text());
    let mut screen = replay(80, 24);
    screen.keys("b : ").typed("break fact").keys("enter B");
    insta::assert_snapshot!("breakpoints", screen.text());
    let mut screen = replay(80, 24);
    insta::assert_snapshot!("goto", screen.keys("g 5 0 %").text());
}

#[test]
fn moving() {
    assert_eq!(step("j j j k"), 2);
    assert_eq!(step("10j 3k"), 7);
    assert_eq!(step("right space left"), 1);
    assert_eq!(step("G"), 126);
    assert_eq!(step("G gg"), 0);
    assert_eq!(step("120G"), 120);
    assert_eq!(step("50%"), 63);
    assert_eq!(step("g 5 0 % enter"), 63);
    assert_eq!(step("g + 1 0 enter"), 10);
    assert_eq!(step("g G"), 126);
    assert_eq!(step("s"), 1, "into is one step where nothing is called");
    assert_eq!(step("3j s"), 4, "into the first call");
    assert_eq!(step("3j s o"), 7, "out of it");
    assert_eq!(step("3j s o S"), 6, "back to its last op");
    assert_eq!(step("3j s O"), 3, "back to the call");
    assert_eq!(step("3j n"), 7, "over the call");
    assert_eq!(step("3j n N"), 3, "and back");
    assert_eq!(step("m a 40G ' a"), 0);
    assert_eq!(step("40G 80G H"), 40);
    assert_eq!(step("40G 80G H L"), 80);
    assert_eq!(step(": 7 enter"), 7);
}

#[test]
fn ends_are_said_and_stepping_there_does_nothing() {
    let mut screen = replay(80, 24);
    screen.keys("k");
    assert!(screen.text().contains("this is the start of the run"));
    screen.keys("G j");
    assert!(screen.text().contains("this is the end: trap: integer divide by zero"));
    assert_eq!(screen.now().step, 126);
}

#[test]
fn breakpoints_stop_both_ways() {
    let mut screen = replay(120, 36);
    screen.keys(":").typed("break fact").keys("enter c");
    assert_eq!((screen.now().step, &screen.now().why), (4, &Why::Breakpoint(1)));
    screen.keys("c");
    let second = screen.now().step;
    screen.keys("c C");
    assert_eq!(screen.now().step, second);
    screen.keys("10c");
    assert!(screen.text().contains("breakpoint 1 at fact"));
    // In the code pane the breakpoint goes where its cursor is.
    let mut screen = replay(120, 36);
    screen.keys("alt-1 5j b c");
    assert_eq!(screen.now().next.as_ref().map(|it| it.ip), Some(40));
    screen.keys("b");
    assert!(screen.now().breakpoints.is_empty());
}

#[test]
fn the_same_moment_by_any_way() {
    let at = |keys: &str| {
        let mut screen = replay(120, 36);
        screen.keys("g 6 0 enter").keys(keys);
        let mut moment = screen.now().clone();
        moment.why = Why::Done;
        moment.bytes = None;
        moment
    };
    assert_eq!(at(""), at("5j 5k"));
    assert_eq!(at(""), at("G 60G"));
    assert_eq!(at(""), at("gg 60j"));
}

#[test]
fn values_are_followed() {
    let mut screen = replay(120, 36);
    screen.keys("28G a 0 x 4 0 8 enter");
    assert!(screen.text().contains("00408") || screen.text().contains("0400 "), "{}", screen.text());
    screen.keys("gg alt-6 j a");
    assert!(screen.text().contains("[memory]"), "{}", screen.text());
    // What is no address of the memory is not taken for its last one.
    screen.keys("alt-6 k a");
    assert!(screen.text().contains("0x10000 is outside the memory, which has 0x10000 bytes"));
    assert_eq!(screen.app.focus(), PaneId::Globals);
    screen.keys(":").typed("address 0x7ff00003").keys("enter");
    assert!(screen.text().contains("0x7ff00003 is outside the memory"));
    // From a line of output to the step that printed it.
    let mut screen = replay(120, 36);
    screen.keys("G alt-7 k enter");
    let printed = screen.now().next.clone().unwrap();
    assert_eq!(printed.text, "call_host toy.print, r2");
    // From the code to the next run of an op.
    let mut screen = replay(120, 36);
    screen.keys("alt-1 5j enter");
    assert_eq!(screen.now().next.as_ref().map(|it| it.ip), Some(40));
}

#[test]
fn frames_are_looked_into() {
    let mut screen = replay(120, 36);
    screen.keys("44G alt-4 j");
    assert_eq!(screen.now().frame.as_ref().map(|it| it.depth), Some(2));
    assert!(screen.text().contains("of depth 2"));
    // The status line goes on saying where the program is.
    screen.keys("j j j");
    assert!(screen.text().contains("fact  depth 3"));
    screen.keys("alt-2 j");
    assert!(screen.now().innermost());
}

#[test]
fn numbers_change_their_base() {
    let mut screen = replay(120, 36);
    screen.keys("44G x");
    assert!(screen.text().contains("0x00000001"));
}

#[test]
fn a_live_run_grows_and_waits_for_input() {
    let mut screen = live();
    assert_eq!(screen.now().end, 0);
    assert!(screen.text().contains("step 0 of 0 so far"));
    screen.keys("5j k k");
    assert_eq!((screen.now().step, screen.now().end), (3, 5));
    screen.keys("c");
    assert_eq!(screen.now().run, RunEnd::WaitingForInput);
    insta::assert_snapshot!("live-waiting", screen.text());
    screen.keys("i").typed("four");
    insta::assert_snapshot!("live-prompt", screen.text());
    screen.keys("enter");
    assert_eq!(screen.now().run, RunEnd::Exited(0));
    insta::assert_snapshot!("live-ended", screen.text());
    // What was read: the line and its line feed.
    assert!(screen.text().contains("toy.read() → 5"));
}

#[test]
fn the_end_of_input_can_be_given() {
    let mut screen = live();
    screen.keys("c i ctrl-d");
    assert_eq!(screen.now().run, RunEnd::Trapped("integer divide by zero".into()));
}

#[test]
fn mistakes_are_answered() {
    let told = |keys: &str| match replay(80, 24).keys(keys).app.message() {
        Some(Err(text)) => text.clone(),
        other => panic!("{keys}: {other:?}"),
    };
    assert_eq!(told("Z"), "Z does nothing; ? lists the keys");
    assert_eq!(told("' q"), "no step is marked q; m marks one");
    assert_eq!(told(": b r e a k space n o enter"), "no function is called 'no'");
    assert_eq!(told("g x enter"), "'x' is no step: 120, 1_000, +10, -10, 50%, start or end");
    assert_eq!(told(": i n p u t space x enter"), "a trace takes no input");
}

#[test]
fn escape_closes_and_never_quits() {
    let mut screen = replay(80, 24);
    screen.keys("z ? esc esc esc esc");
    assert!(!screen.left);
    assert_eq!(screen.app.zoomed(), None);
    screen.keys("q");
    assert!(screen.left);
}

#[test]
fn the_tour_has_nine_pages_and_ends() {
    for (width, height) in SIZES {
        let mut screen = replay(width, height);
        for page in 1..=9 {
            screen.keys("f2");
            let text = screen.text();
            assert!(text.contains(&format!("tour {page} of 9")), "{text}");
            // All of it can be read, and the keys to try stand there.
            let last = PAGES[page - 1].text.split_whitespace().last().unwrap();
            assert!(text.contains(last) && text.contains(" try "), "page {page} at {width}×{height}\n{text}");
        }
        insta::assert_snapshot!(format!("tour-{width}x{height}"), screen.keys("f3 f3 f3").text());
        assert_eq!(screen.keys("esc").app.tour(), None);
        screen.keys(":").typed("tour 9").keys("enter f2");
        assert!(screen.text().contains("that was the tour"));
    }
}

#[test]
fn the_page_of_the_tour_says_the_same() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/tour.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (begin, end) =
        ("<!-- the tour of the terminal, from tui/src/tour.rs -->\n", "<!-- end of the tour -->");
    let (before, rest) = page.split_once(begin).expect("the page has a place for the tour");
    let (_, after) = rest.split_once(end).expect("the place has an end");
    let wanted = format!("{before}{begin}\n{}\n{end}{after}", markdown());
    if std::env::var_os("WASMSCOPE_BLESS").is_some() {
        std::fs::write(path, &wanted).unwrap();
    } else {
        assert_eq!(page, wanted, "WASMSCOPE_BLESS=1 rewrites it");
    }
}

#[test]
fn no_size_breaks_it() {
    let mut screen = replay(120, 36);
    let modes =
        ["44G", "?", "esc :", "esc B", "esc z", "tab", "tab", "tab", "tab", "tab", "tab", "esc m", "esc G"];
    screen.keys("b");
    for keys in modes {
        screen.keys(keys);
        for width in [0, 1, 2, 3, 5, 9, 17, 30, 47, 48, 60, 81, 99, 100, 170, 250] {
            for height in [0, 1, 2, 3, 4, 5, 7, 9, 12, 13, 14, 25, 40, 80] {
                screen.resize(width, height).buffer();
            }
        }
        screen.resize(120, 36);
    }
}

#[test]
fn names_from_a_file_can_not_break_the_screen() {
    let mut screen = Screen::new(Box::new(Toy::hostile()), 80, 24);
    for keys in ["44G", "alt-1 z", "alt-3", "alt-7", "z b B"] {
        screen.keys(keys);
        for width in 0..90 {
            let text = screen.resize(width, 24).text();
            let control = |c: char| c.is_control() && c != '\n';
            assert!(!text.contains(control), "{text:?}");
            assert!(!text.contains('\u{202e}'));
        }
    }
}

#[test]
fn any_keys_leave_it_standing() {
    // A small generator of its own: the same keys on every host.
    let mut seed = 0x2545_f491_4f6c_dd1du64;
    let mut screen = live();
    let keys: Vec<&str> = "j k n N s S o O c C b g G % tab shift-tab z a t x m ' H L enter esc : ? B i 1 9 0 pageup pagedown ctrl-d ctrl-u space backspace left ctrl-l".split(' ').collect();
    for count in 0..4000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        screen.keys(keys[(seed >> 33) as usize % keys.len()]);
        if count % 50 == 0 {
            screen.resize((seed >> 40) as u16 % 220, (seed >> 50) as u16 % 70);
            screen.buffer();
        }
    }
}

#[test]
fn without_colour_nothing_is_coloured_and_nothing_is_lost() {
    use ratatui::style::Color;
    let mut screen = replay(120, 36);
    let coloured = screen.keys("b 28G").text();
    screen.theme = Theme::new(false);
    assert_eq!(screen.text(), coloured);
    let buf = screen.buffer();
    assert!(buf.content.iter().all(|it| it.fg == Color::Reset && it.bg == Color::Reset));
}

#[test]
fn every_theme_shows_the_same_characters() {
    let mut screen = replay(120, 36);
    let plain = screen.keys("b 28G").text();
    let mut pictures = Vec::new();
    for scheme in Scheme::ALL {
        screen.theme = Theme::of(scheme);
        assert_eq!(screen.text(), plain, "{}", scheme.name());
        pictures.push(svg(&screen.buffer(), Palette::Dark, scheme.name()));
    }
    pictures.dedup();
    assert_eq!(pictures.len(), Scheme::ALL.len());
    screen.keys(": t h e m e space l i g h t enter");
    assert_eq!(screen.theme.scheme, Scheme::Light);
    screen.keys("alt-t");
    assert_eq!(screen.theme.scheme, Scheme::Contrast);
}

/// The cell where a text stands on the screen.
/// What another step had is shown beside what is now.
#[test]
fn values_are_compared_with_another_step() {
    let mut screen = replay(120, 36);
    screen.keys("28G alt-d 45G alt-4 3j");
    let text = screen.text();
    assert!(text.contains("differ from step 28") && text.contains("was 2"), "{text}");
    screen.keys("alt-6");
    assert!(screen.text().contains("was "), "{}", screen.text());
    screen.keys("alt-d");
    assert!(!screen.text().contains("was "));
}

#[test]
fn panes_hide_and_come_back() {
    let mut screen = replay(200, 60);
    screen.keys("alt-6 alt-x");
    assert!(!screen.text().contains("[globals"));
    assert_ne!(screen.app.focus(), PaneId::Globals);
    screen.keys(":").typed("hide heap").keys("enter");
    assert!(screen.text().contains("the panes are"), "names are those on the screen");
    screen.keys(":").typed("hide stack").keys("enter");
    assert!(!screen.text().contains("call stack ─"));
    // Asked for by number it is back.
    screen.keys("alt-4");
    assert!(screen.text().contains("call stack"));
    screen.keys("alt-s alt-1");
    assert!(screen.text().contains("globals"));
    for pane in PaneId::ALL.into_iter().filter(|it| *it != PaneId::Card) {
        screen.keys(":").typed(&format!("pane {}", pane.name())).keys("enter alt-x");
    }
    assert!(screen.text().contains("this is the last pane shown"));
}

#[test]
fn what_is_selected_is_copied() {
    let mut screen = replay(120, 36);
    let mut copied = |keys: &str| screen.keys(keys).keys("y").copied.take().unwrap_or_default();
    assert_eq!(copied("28G alt-1"), "main+0x38  global_get r3, 1  @0x63 global.get 1");
    assert!(copied("alt-2").starts_with("28 "));
    assert_eq!(copied("alt-3"), "2");
    assert!(copied("alt-4").starts_with("0 main ip 0x38"));
    assert!(copied("alt-5").starts_with("0x"));
    assert_eq!(copied("G alt-7"), "fact = 120");
}

#[test]
fn a_screen_becomes_a_picture() {
    let mut screen = replay(120, 36);
    let picture = svg(&screen.keys("28G").buffer(), Palette::Dark, "wasmscope");
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
    assert_eq!(picture.matches("<text").count(), picture.matches("</text>").count());
    assert!(picture.contains("textLength"));
    if let Some(folder) = std::env::var_os("WASMSCOPE_PICTURES") {
        let folder = std::path::PathBuf::from(folder);
        std::fs::write(folder.join("dark.svg"), picture).unwrap();
        let light = svg(&screen.buffer(), Palette::Light, "wasmscope");
        std::fs::write(folder.join("light.svg"), light).unwrap();
    }
}

#[test]
fn a_frame_is_drawn_quickly() {
    // Unoptimised and on a busy machine; optimised it is a tenth of this.
    let mut screen = replay(200, 60);
    screen.keys("44G");
    let best = (0..20)
        .map(|_| {
            let begun = std::time::Instant::now();
            screen.buffer();
            begun.elapsed()
        })
        .min()
        .unwrap();
    assert!(best.as_millis() < 40, "{best:?}");
    println!("a frame at 200×60 takes {best:?}");
}
