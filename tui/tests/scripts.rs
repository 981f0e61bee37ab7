//! Command scripts against `dump`: what a movement stops at is what the list of all events says.
//!
//! The oracle is plain: `dump --json` of the whole run, filtered here. Every stop of a breakpoint or watchpoint,
//! forwards and backwards, live and recorded, has to be in it, and nothing may be missing.

mod real;
mod shell;

use serde_json::Value;
use shell::Shell;
use std::fmt::Write as _;
use std::sync::atomic::AtomicBool;
use wasmscope_tui::command::{TABLE, Takes};
use wasmscope_tui::script::Script;
use wasmscope_tui::session::Session;

const DEMO: &str = "samples/demo/demo.wasm";

fn recorded(test: &str) -> Shell {
    let shell = Shell::new(test);
    let made = shell.output(&format!("wasmscope record {DEMO} -o run.wtrace"));
    assert!(made.status.success(), "{made:?}");
    shell
}

fn objects(shell: &Shell, line: &str) -> Vec<Value> {
    let output = shell.output(line);
    let text = String::from_utf8(output.stdout).expect("it is UTF-8");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {said}");
    text.lines().map(|line| serde_json::from_str(line).expect("a line is an object")).collect()
}

/// The steps at which commands stopped, one for each that moved.
fn stops(shell: &Shell, run: &str, commands: &str) -> Vec<u64> {
    shell.file("commands.txt", commands);
    let answers = objects(shell, &format!("wasmscope {run} --commands commands.txt --json"));
    assert!(answers.iter().all(|it| it["schema"] == 1 && it["ok"] == true));
    answers
        .iter()
        .filter(|it| it["answer"]["why"].as_str().is_some_and(|why| why.contains("point 1")))
        .filter_map(|it| it["answer"]["step"].as_u64())
        .collect()
}

/// `set`, then as many `continue` as are needed, from the start or from the end.
fn walk(shell: &Shell, run: &str, set: &str, back: bool, times: usize) -> Vec<u64> {
    let mut commands = String::new();
    if back {
        commands.push_str("end\n");
    }
    writeln!(commands, "{set}").unwrap();
    for _ in 0..=times {
        commands.push_str(if back { "continue-back\n" } else { "continue\n" });
    }
    let mut steps = stops(shell, run, &commands);
    steps.dedup();
    if back {
        steps.reverse();
    }
    steps
}

fn effects<'a>(event: &'a Value, kind: &str) -> Vec<&'a Value> {
    let all = event["effects"].as_array().map_or(&[][..], Vec::as_slice);
    all.iter().filter(|it| it["effect"] == kind).collect()
}

#[test]
fn breakpoints_and_watchpoints_stop_where_the_dump_says() {
    let shell = recorded("scripts");
    let events = objects(&shell, "wasmscope dump run.wtrace --json");
    let step = |event: &Value| event["step"].as_u64().expect("a step");
    let entries = |name: &str| -> Vec<u64> {
        let first = events.iter().filter(|it| it["name"] == name && it["ip"] == 0).map(step);
        first.filter(|&at| at > 0 && events[at as usize - 1]["outcome"] == "Call").collect()
    };
    let swaps = entries("swap");
    assert!(swaps.len() > 100);
    let stores: Vec<u64> = events
        .iter()
        .filter(|it| it["op"].as_str().is_some_and(|op| op.contains("store")))
        .map(step)
        .collect();
    let global: Vec<u64> = events
        .iter()
        .filter(|it| effects(it, "global").iter().any(|it| it["index"] == 1))
        .map(|it| step(it) + 1)
        .collect();
    // The argument that swap is called with first, as its own events tell it: asked of each entry.
    let mut commands = String::from("break swap\n");
    for _ in &swaps {
        commands.push_str("continue\nprint r0\n");
    }
    shell.file("ask.txt", &commands);
    let answers = objects(&shell, "wasmscope open run.wtrace --commands ask.txt --json");
    let arguments: Vec<String> = answers
        .iter()
        .filter(|it| it["command"] == "print r0")
        .map(|it| it["answer"]["value"]["text"].as_str().expect("a number").to_owned())
        .collect();
    assert_eq!(arguments.len(), swaps.len());
    let wanted = arguments[7].clone();
    let with = swaps.iter().zip(&arguments).filter(|it| *it.1 == wanted);
    let with: Vec<u64> = with.map(|it| *it.0).collect();
    assert!(with.len() > 1 && with.len() < swaps.len());

    let live = format!("debug {DEMO}");
    for (set, expected) in [
        ("break swap".to_owned(), swaps),
        (format!("break swap if r0 == {wanted}"), with.clone()),
        (format!("break swap if addr == 0 || r0 == {wanted} && depth > 0"), with),
        ("watch global swaps".into(), global.clone()),
        ("watch $1 if swaps > 3".into(), global[3..].to_vec()),
        ("break op *store*".into(), stores),
    ] {
        for run in ["open run.wtrace", &live] {
            let back = (run != live).then_some(true);
            for back in [false].into_iter().chain(back) {
                assert_eq!(
                    walk(&shell, run, &set, back, expected.len()),
                    expected,
                    "{set}, {run}, {}",
                    if back { "backwards" } else { "forwards" }
                );
            }
        }
    }
}

#[test]
fn memory_is_watched_where_the_dump_says_it_is_written() {
    let shell = recorded("scripts-memory");
    let events = objects(&shell, "wasmscope dump run.wtrace --json");
    let writes = |from: u64, end: u64| -> Vec<u64> {
        let touches = |event: &&Value| {
            effects(event, "write").iter().any(|it| {
                let (addr, len) = (it["addr"].as_u64().unwrap(), it["len"].as_u64().unwrap());
                addr < end && addr + len > from
            })
        };
        events.iter().filter(touches).map(|it| it["step"].as_u64().unwrap() + 1).collect()
    };
    let first = events.iter().flat_map(|it| effects(it, "write")).next().expect("it writes");
    let addr = first["addr"].as_u64().unwrap();
    let expected = writes(addr, addr + 2);
    assert!(!expected.is_empty());
    for back in [false, true] {
        let set = format!("watch {addr:#x}..{:#x}", addr + 2);
        assert_eq!(walk(&shell, "open run.wtrace", &set, back, expected.len()), expected, "{back}");
    }
}

/// A predicate that the code answers in part is met at chosen ops. One more part that always holds, and that
/// only the event tells, has it asked at every step: the steps must be the same, both ways.
#[test]
fn what_the_code_answers_is_found_as_if_every_step_was_asked() {
    let shell = recorded("scripts-chosen");
    let steps = |line: &str| -> Vec<u64> {
        let answers = objects(&shell, &format!("wasmscope open run.wtrace --json -e 'find {line}'"));
        let found = answers[0]["answer"]["steps"].as_array().expect("a list").clone();
        found.iter().map(|it| it.as_u64().expect("a step")).collect()
    };
    for predicate in [
        "func == \"swap\" && r0 == 3",
        "op =~ \"load\" && u8[0] == 2 && depth > 1",
        "func =~ \"cend\" && $swaps > 100",
        "ip == 0 && step < 3000",
        "text =~ \"r3, 0\"",
        "func == \"main\" && tick < 10",
        "func == \"main\" && depth == 0",
    ] {
        let found = steps(predicate);
        assert_eq!(found, steps(&format!("{predicate} && outcome =~ \".\"")), "{predicate}");
        assert!(!found.is_empty(), "{predicate}");
        // The same one by one, backwards from the end.
        let last: Vec<u64> = found.iter().rev().take(3).copied().collect();
        let mut back = format!("end\nsearch-back {predicate}\n");
        (1..last.len()).for_each(|_| back.push_str("previous-match\n"));
        shell.file("back.txt", &back);
        let answers = objects(&shell, "wasmscope open run.wtrace --commands back.txt --json");
        let went: Vec<u64> = answers[1..].iter().filter_map(|it| it["answer"]["step"].as_u64()).collect();
        assert_eq!(went, last, "{predicate}, backwards");
    }
}

#[test]
fn events_are_what_dump_prints() {
    let shell = recorded("scripts-events");
    for (from, count) in [(0, 5), (2040, 20), (6130, 8)] {
        let dumped = shell.output(&format!("wasmscope dump run.wtrace --from {from} --count {count}"));
        let asked = shell.output(&format!("wasmscope open run.wtrace --at {from} -e 'events {count}'"));
        assert_eq!(String::from_utf8_lossy(&asked.stdout), String::from_utf8_lossy(&dumped.stdout));
        let dumped =
            objects(&shell, &format!("wasmscope dump run.wtrace --from {from} --count {count} --json"));
        let asked =
            objects(&shell, &format!("wasmscope open run.wtrace --at {from} -e 'events {count}' --json"));
        assert_eq!(asked[0]["answer"]["events"].as_array(), Some(&dumped));
    }
}

#[test]
fn answers_are_readable() {
    let shell = recorded("scripts-answers");
    shell.file("inner.txt", "# inside\nwhere\n");
    let text = shell.script(
        "wasmscope open run.wtrace -e 'break swap if r0 != 0' -e continue -e backtrace -e registers -e 'print r0 + 1' -e 'print/x u32[r0]' -e 'memory r0 16'
         wasmscope open run.wtrace -e 'run-to swap' -e 'over 2' -e out -e 'out-back' -e call -e block -e block-back -e iteration -e where
         wasmscope open run.wtrace -e end -e host-call-back -e output -e 'host-calls 3' -e 'mark a' -e 'note the last line' -e marks -e back -e 'jump a'
         wasmscope open run.wtrace -e 'find host fd_write' -e 'search swap' -e next-match -e previous-match -e 'filter swap' -e 'step 2' -e filter
         wasmscope open run.wtrace -e 'display r0 * 2' -e 'run-to swap' -e 'undisplay 1' -e 'source inner.txt'
         wasmscope open run.wtrace -e 'break swap' -e 'ignore 1 3' -e continue -e 'disable 1' -e breakpoints -e 'continue' -e 'delete all'
         wasmscope open run.wtrace -e 'list swap' -e info -e 'functions s' -e globals",
    );
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!("answers", text) });
}

#[test]
fn what_the_screen_shows_is_answered() {
    let shell = recorded("scripts-screen");
    let text = shell.script(
        "wasmscope open run.wtrace -e 'run-to swap' -e explain -e 'address r0' -e 'cell-next' -e 'pane registers' -e view -e menu
         wasmscope open run.wtrace -e tour -e 'tour 2' -e redraw
         wasmscope open run.wtrace -e 'pane tree' -e 'pane places'
         wasmscope open run.wtrace --json -e 'pane globals' -e explain",
    );
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!("screen", text) });
}

#[test]
fn filters_and_displays_answer_with_what_they_came_to() {
    let shell = recorded("scripts-filter");
    let run = "wasmscope open run.wtrace --json -e 'filter swap' -e filter -e 'display step + 1'";
    let answers = objects(&shell, run);
    assert!(answers[0]["answer"]["steps"].as_u64().is_some_and(|steps| steps > 100), "{}", answers[0]);
    assert_eq!(answers[0]["answer"]["filter"], "swap");
    assert!(answers[1]["answer"]["steps"].is_null() && answers[1]["answer"]["filter"].is_null());
    assert_eq!((&answers[2]["answer"]["id"], &answers[2]["answer"]["value"]), (&1.into(), &"1".into()));
}

/// No command is done without a word: it answers, or says why it cannot.
#[test]
fn every_command_answers() {
    let cancel = AtomicBool::new(false);
    let session = Session::new(Box::new(real::recorded("demo/demo.wasm", &[])));
    let mut script = Script::new(session, true, &cancel).expect("it opens");
    for entry in TABLE.iter().filter(|it| !["quit", "source"].contains(&it.name)) {
        let argument = match entry.takes {
            Takes::Place => "swap",
            Takes::Pane => "memory",
            Takes::Expr | Takes::Watched => "r0",
            _ => "",
        };
        let mut out = Vec::new();
        let back = script.line("run-to swap", &mut std::io::sink()).expect("it can be written");
        let failed = script.line(&format!("{} {argument}", entry.name), &mut out).expect("it can be written");
        let answer: Value = serde_json::from_slice(&out).expect("one object");
        let said = ["answer", "message", "error"].iter().any(|it| !answer[it].is_null());
        assert!(said, "{} {argument} answers {answer}, {failed:?}, {back:?}", entry.name);
        script.line("start", &mut std::io::sink()).expect("it can be written");
    }
}

#[test]
fn mistakes_are_explained() {
    let shell = recorded("scripts-mistakes");
    shell.file("wrong.txt", "# a comment\n\nwhere\nover three\nwhere\n");
    shell.file("config.toml", "[keys]\novr = 'n'\n");
    let text = shell.script(
        "wasmscope open run.wtrace -e 'break nowhere'
         wasmscope open run.wtrace -e 'break swap if n =='
         wasmscope open run.wtrace -e 'break swap if nope == 3'
         wasmscope open run.wtrace -e 'watch 5..3'
         wasmscope open run.wtrace -e 'print u8[0xffffffffff]'
         wasmscope open run.wtrace -e 'search (' -e where
         wasmscope open run.wtrace -e 'search xyzzy'
         wasmscope open run.wtrace -e line
         wasmscope open run.wtrace -e 'break main.c:12'
         wasmscope open run.wtrace -e break -e jump
         wasmscope open run.wtrace -e 'delete 7'
         wasmscope open run.wtrace --commands wrong.txt
         wasmscope open run.wtrace --commands missing.txt
         wasmscope open run.wtrace --json
         wasmscope --config config.toml config
         wasmscope --config missing.toml config",
    );
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!("mistakes", text) });
}
