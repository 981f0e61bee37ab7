//! The screen in a real terminal: started, stepped, resized, suspended, left, killed.
//!
//! The program under test is the binary itself, and, for what no program is to do, the example
//! `fake`, which `cargo test` builds beside the tests.

#![cfg(unix)]

mod terminal;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::Read;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};
use terminal::Pty;

#[test]
fn stepped_there_and_back_and_left() {
    let mut pty = Pty::open(24, 80, &[], &[]);
    pty.shows("step 0 of 126").shows("q quit");
    pty.types("jj").shows("step 2 of 126");
    pty.types("k").shows("step 1 of 126");
    pty.types("jjs").shows("fact  depth 1");
    pty.types("G").shows("trap: integer divide by zero");
    pty.types("gg").shows("step 0 of 126");
    // The last line is written last: then all of the list is there.
    pty.types("?").shows("Moving through the run").shows("Esc close");
    pty.types("\x1b").shows("q quit");
    pty.types("q");
    assert_eq!(pty.left(), 0);
}

#[test]
fn a_live_program_is_given_a_line() {
    let mut pty = Pty::open(36, 120, &["live"], &[]);
    pty.shows("step 0 of 0 so far");
    pty.types("c").shows("the program waits for input");
    pty.types("ifour\r").shows("the program exited with 0");
    pty.types("q");
    assert_eq!(pty.left(), 0);
}

#[test]
fn resized_to_nothing_and_back() {
    let mut pty = Pty::open(24, 80, &[], &[]);
    pty.shows("step 0 of 126");
    pty.resized(&[(1, 1), (2, 200), (60, 3), (5, 5), (36, 120)]);
    pty.shows("call stack");
    pty.types("j").shows("step 1 of 126");
    pty.types("q");
    assert_eq!(pty.left(), 0);
}

#[test]
fn a_signal_gives_the_terminal_back() {
    for (name, code) in [("TERM", 143), ("INT", 130), ("HUP", 129), ("QUIT", 131)] {
        let mut pty = Pty::open(24, 80, &[], &[]);
        pty.shows("step 0 of 126");
        pty.signal(name);
        assert_eq!(pty.left(), code, "{name}");
    }
}

#[test]
fn without_colour_no_colour_is_sent() {
    let mut pty = Pty::open(24, 80, &[], &[("NO_COLOR", "1")]);
    pty.shows("step 0 of 126");
    pty.types("jjq");
    assert_eq!(pty.left(), 0);
    let bytes = pty.sent();
    for colour in ["\x1b[31m", "\x1b[36m", "\x1b[38;5;6m", "\x1b[38;5;8m"] {
        assert!(!bytes.contains(colour), "{colour:?}");
    }
}

#[test]
fn the_colours_suit_the_background_the_terminal_tells() {
    for (told, current) in [("ffff/ffff/ffff", "48;5;153"), ("1e1e/1e1e/2e2e", "48;5;24")] {
        let mut pty = Pty::wasmscope(24, 80, &[]);
        pty.until("it asks for the background", |pty| pty.sent().contains("\x1b]11;?"));
        // What is typed meanwhile is not lost.
        pty.types(&format!("j\x1b]11;rgb:{told}\x1b\\\x1b[?62;4c"));
        pty.shows("step 1 of");
        let bytes = pty.sent();
        assert!(bytes.contains(current), "{told} {bytes:?}");
        pty.types("q");
        assert_eq!(pty.left(), 0);
    }
}

#[test]
fn the_mouse_is_heard_and_given_back() {
    let mut pty = Pty::wasmscope(36, 120, &["--theme", "dark"]);
    pty.shows("start of the run");
    // Press and release in the middle of the map of the run, whose first row is the second.
    pty.types("\x1b[<0;65;2M\x1b[<0;65;2m");
    pty.shows("50%");
    // The wheel over the flow pane steps.
    let before = pty.text();
    pty.types("\x1b[<65;10;30M");
    pty.until("the wheel does something", |pty| pty.text() != before);
    pty.types("q");
    assert_eq!(pty.left(), 0);
    let bytes = pty.sent();
    let (on, off) = (bytes.find("\x1b[?1000h"), bytes.rfind("\x1b[?1000l"));
    assert!(on.is_some() && on < off, "listened to and left again");
    // Asked not to, it never listens.
    let mut pty = Pty::wasmscope(24, 80, &["--theme", "none", "--no-mouse"]);
    pty.shows("q quit");
    pty.types("y").types("q");
    assert_eq!(pty.left(), 0);
    assert!(!pty.sent().contains("\x1b[?1000h"));
}

#[test]
fn the_terminal_that_hangs_up_ends_it() {
    let pair = native_pty_system().openpty(PtySize::default()).expect("a pseudo-terminal can be opened");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_wasmscope"));
    command.args(["--theme", "dark"]);
    let mut child = pair.slave.spawn_command(command).expect("it can be started");
    drop(pair.slave);
    let mut output = pair.master.try_clone_reader().expect("a reader");
    let mut some = [0; 1024];
    assert!(output.read(&mut some).expect("it draws") > 0);
    // The other end goes away in the middle of that, as a window that is closed.
    drop(output);
    drop(pair.master);
    let until = Instant::now() + Duration::from_secs(20);
    while child.try_wait().expect("it can be waited for").is_none() {
        assert!(Instant::now() < until, "still running");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn when_nothing_happens_nothing_is_done() {
    let mut pty = Pty::wasmscope(36, 120, &["--theme", "dark"]);
    pty.shows("q quit");
    let pid = pty.child.process_id().expect("it runs");
    // Ticks of the processor used so far, by the process and the kernel for it.
    let used = || -> Option<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
    };
    // The run is counted at first; once it is, a while must pass without work.
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let before = used();
        thread::sleep(Duration::from_millis(400));
        if before == used() {
            break;
        }
        assert!(Instant::now() < until, "it goes on working");
    }
    pty.types("q");
    assert_eq!(pty.left(), 0);
}

#[test]
fn suspended_and_continued() {
    let mut pty = Pty::open(24, 80, &[], &[]);
    pty.shows("step 0 of 126");
    pty.types("\x1a");
    pty.until("the terminal is the shell's meanwhile", |pty| {
        !pty.screen.lock().unwrap().screen().alternate_screen()
    });
    thread::sleep(Duration::from_millis(50));
    pty.signal("CONT");
    pty.shows("step 0 of 126");
    pty.types("j").shows("step 1 of 126");
    pty.types("q");
    assert_eq!(pty.left(), 0);
}

#[test]
fn the_demo_is_stepped_both_ways() {
    let mut pty = Pty::wasmscope(24, 80, &[]);
    pty.shows("step 0 of").shows("main").shows("q quit");
    pty.types("js").shows("label  depth 1");
    pty.types("o").shows("main  depth 0");
    pty.types("N").shows("did 0");
    pty.types("G").shows("ended");
    pty.types("C").shows("did nothing yet");
    pty.types("q");
    assert_eq!(pty.left(), 0);
}

#[test]
fn a_program_is_debugged_and_given_input() {
    let mut pty = Pty::wasmscope(36, 120, &["debug", "samples/upper/upper.wasm"]);
    pty.shows("step 0 of 0 so far");
    pty.types("c").shows("the program waits for input");
    pty.types("ihello\r").shows("step 72 of 72 so far");
    pty.types("\x1b7").shows("HELLO");
    // What the program prints goes nowhere but to the pane.
    pty.types("q");
    assert_eq!(pty.left(), 0);
    assert!(!pty.text().contains("HELLO"));
}

#[test]
fn a_search_without_end_is_stopped_by_escape() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("endless.wat");
    std::fs::write(&path, r#"(module (func (export "_start") (loop $l (br $l))))"#).expect("it is written");
    let mut pty = Pty::wasmscope(24, 80, &["debug", path.to_str().expect("it is text")]);
    pty.shows("step 0 of 0 so far");
    pty.types("c").shows("Esc stops");
    pty.types("\x1b").shows("stopped on the way");
    pty.types("q");
    assert_eq!(pty.left(), 0);
}

#[test]
fn searched_watched_noted_and_taken_up_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("demo.wtrace");
    let trace = path.to_str().expect("it is text");
    let state = folder.path().join("state");
    let env = [("XDG_STATE_HOME", state.to_str().expect("it is text"))];
    let binary = || PathBuf::from(env!("CARGO_BIN_EXE_wasmscope"));
    let mut record = Pty::run(binary(), 24, 80, &["record", "samples/demo/demo.wasm", "-o", trace], &env);
    assert_eq!(record.left(), 0);
    let before = std::fs::read(&path).expect("it is there");

    let mut pty = Pty::run(binary(), 24, 80, &["open", trace], &env);
    pty.shows("step 0 of");
    pty.types("/swap\r").shows("step 484 of");
    pty.types(":watch global swaps\r").shows("watchpoint 1 at global swaps");
    pty.types("c").shows("was written by step 492");
    pty.types("C").shows("shows you around");
    pty.types("cma").shows("step 493 is marked a");
    pty.types(":note remember this\r").shows("noted on step 493");
    pty.types("gg").shows("did nothing yet");
    pty.types("'a").shows("step 493 of");
    pty.types("q");
    assert_eq!(pty.left(), 0);

    let mut again = Pty::run(binary(), 36, 120, &["open", trace], &env);
    again.shows("step 493 of");
    again.types(":marks\r").shows("a   493").shows("remember this").shows("watchpoints");
    // What was typed before is there too.
    again.types(":\x1b[A").shows(": marks");
    again.types("\x1b[A").shows(": note remember this");
    again.types("\x1b");
    again.signal("TERM");
    again.left();

    let mut fresh = Pty::run(binary(), 24, 80, &["open", "--fresh", trace], &env);
    fresh.shows("this is the start of the run");
    assert!(!fresh.text().contains("shows you around"), "that is said before the first session only");
    fresh.types("q");
    assert_eq!(fresh.left(), 0);
    assert_eq!(std::fs::read(&path).expect("it is there"), before, "a trace is never written to");
}

#[test]
fn keys_are_the_users() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("config.toml");
    std::fs::write(&config, "preset = 'gdb'\n[keys]\nstep = ['t', 'right']\n").expect("it is written");
    let config = config.to_str().expect("it is text");
    let mut pty = Pty::wasmscope(24, 80, &["--config", config]);
    pty.shows("step 0 of");
    pty.types("t").shows("did 0");
    pty.types("i").shows("label  depth 1");
    pty.types("f").shows("main  depth 0");
    pty.types("q");
    assert_eq!(pty.left(), 0);
    std::fs::write(config, "[keys]\nstepp = 't'\n").expect("it is written");
    let mut pty = Pty::wasmscope(24, 80, &["--config", config]);
    pty.shows("line 2, column 1: no command is called 'stepp'; did you mean step?");
    assert_eq!(pty.left(), 1);
}

#[test]
fn a_panic_gives_the_terminal_back_and_is_shown() {
    let mut pty = Pty::open(24, 80, &["broken"], &[("RUST_BACKTRACE", "0")]);
    pty.shows("step 0 of 126");
    pty.types("j");
    assert_ne!(pty.left(), 0);
    assert!(pty.text().contains("a bug on purpose"), "{}", pty.text());
}
