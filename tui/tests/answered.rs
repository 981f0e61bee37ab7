//! What scripts are answered: panes whole, and refusals that name the place.

mod shell;

use serde_json::Value;
use shell::Shell;
use std::fmt::Write as _;

/// A list is answered whole, however many lines it has; a window as far as was asked for. What is left out is told.
#[test]
fn panes_are_answered_whole() {
    let shell = Shell::new("scripts-whole");
    // Two hundred functions, each called by the one before, and as many globals, elements and lines printed.
    let count = 200;
    let mut text = String::from(
        "(module (import \"wasi_snapshot_preview1\" \"fd_write\"
           (func $write (param i32 i32 i32 i32) (result i32)))
         (memory (export \"memory\") 1) (data (i32.const 0) \"\\08\\00\\00\\00\\05\\00\\00\\00line\\0a\")",
    );
    for at in 0..count {
        let call = if at + 1 < count { format!("call $f{}", at + 1) } else { String::new() };
        write!(
            text,
            "(global $g{at} (mut i32) (i32.const {at}))
             (func $f{at} (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 64))) {call})"
        )
        .unwrap();
    }
    let names: Vec<String> = (0..count).map(|at| format!("$f{at}")).collect();
    write!(text, "(table funcref (elem {})) (export \"_start\" (func $f0)))", names.join(" ")).unwrap();
    shell.file("deep.wat", &text);
    let made = shell.output("wasmscope record deep.wat -o deep.wtrace");
    assert!(made.status.success(), "{made:?}");
    let pane = |rest: &str| -> Value {
        let output = shell.output(&format!("wasmscope open deep.wtrace --json {rest}"));
        assert!(output.status.success(), "{rest}: {output:?}");
        let text = String::from_utf8(output.stdout).expect("it is UTF-8");
        let last: Value = serde_json::from_str(text.lines().last().expect("it answers")).expect("an object");
        last["answer"].clone()
    };
    let lines = |answer: &Value| answer["lines"].as_array().expect("lines").len() as u64;
    // From the innermost of all calls.
    let deep = "-e 'run-to f199' -e";
    for (name, least) in [("globals", count), ("call stack", count), ("tables", count), ("host calls", count)]
    {
        let answer = pane(&format!("{deep} 'pane {name}'"));
        assert!(lines(&answer) >= least as u64, "{name}: {answer}");
        assert_eq!((&answer["above"], &answer["below"]), (&0.into(), &0.into()), "{name}");
        let shown = answer["lines"].to_string();
        let last = if name == "host calls" { "fd_write" } else { "199" };
        assert!(shown.contains(last) && shown.contains('0'), "{name}: {answer}");
        let cut = pane(&format!("--lines 7 {deep} 'pane {name}'"));
        assert_eq!(lines(&cut), 7, "{name}");
        let beyond = cut["above"].as_u64().unwrap() + cut["below"].as_u64().unwrap();
        assert_eq!(beyond, count as u64 - 7, "{name}: {cut}");
    }
    let output = pane("-e end -e 'pane output'");
    assert_eq!((lines(&output), &output["more"]), (count as u64, &false.into()));
    assert_eq!(lines(&pane("-e 'pane places'")), 4);
    // Calls that cost little are folded until asked for.
    let tree = |rest: &str| lines(&pane(&format!("{rest} -e 'pane tree'")));
    assert!(tree("") < 195 && tree("--lines 9") == 9, "{} lines", tree(""));
    let unfolded = pane("-e 'pane tree' -e 'page-down' -e unfold");
    assert_eq!((lines(&unfolded), &unfolded["below"]), (count as u64 + 1, &0.into()));
    assert_eq!(lines(&pane("-e 'pane tree' -e unfold -e unfold")), tree(""));
    // Windows: the run and the memory.
    for name in ["flow", "memory"] {
        let screen = pane(&format!("-e 'goto 500' -e 'pane {name}'"));
        let more = pane(&format!("--lines 100 -e 'goto 500' -e 'pane {name}'"));
        assert_eq!((lines(&screen), lines(&more)), (16, 100), "{name}");
        let whole = |it: &Value| it["above"].as_u64().unwrap() + it["below"].as_u64().unwrap() + lines(it);
        assert_eq!(whole(&screen), whole(&more), "{name}");
        let text = shell.script(&format!("wasmscope open deep.wtrace -e 'goto 500' -e 'pane {name}'"));
        let last = text.lines().find(|it| it.starts_with("… ")).expect("what is left out is told");
        assert!(last.ends_with(" below: not answered, see --lines"), "{last}");
    }
}

/// What can never hold is refused, where no function is known too, with the place of what is wrong.
#[test]
fn conditions_that_never_hold_are_refused() {
    let shell = Shell::new("scripts-conditions");
    shell.file(
        "two.wat",
        "(module (func $small (param $n i32) (result i32) (local.get $n))
           (func $large (export \"_start\") (local i64 i64 i64)
             (drop (call $small (i32.const 3))) (drop (i32.add (i32.const 1) (i32.const 2)))))",
    );
    let made = shell.output("wasmscope record two.wat -o two.wtrace");
    assert!(made.status.success(), "{made:?}");
    let asked = |line: &str| {
        let mut command = shell.command("wasmscope open two.wtrace -e");
        command.arg(line).output().expect("the binary runs")
    };
    let cases = [
        (
            "break op i32.add if r99999 == 2",
            "the condition, column 1: the largest frame has no r99999, it has r0 to r4",
        ),
        ("break small if n == 3 || r2 == 1", "the condition, column 11: small has no r2, it has r0 to r0"),
        (
            "break op i32.add if m == 2",
            "the condition, column 1: 'm' is no local of any function and no global; slots are r0, r1, …",
        ),
        (
            "break small if m == 2",
            "the condition, column 1: 'm' is no local of small and no global; it has n",
        ),
        (
            "break small if n == 'b'",
            "the condition, column 3: a number and a text do not go together at '=='",
        ),
        (
            "break small if n == 3 && depth == 'x'",
            "the condition, column 17: a number and a text do not go together at '=='",
        ),
        ("watch r0 if r7 == 2", "the condition, column 1: the largest frame has no r7, it has r0 to r4"),
        ("search r7 == 2", "the condition, column 1: the largest frame has no r7, it has r0 to r4"),
        ("filter depth > 'a'", "column 7: a number and a text do not go together at '>'"),
        ("print op + 1", "column 4: a text and a number do not go together at '+'"),
    ];
    for (line, refusal) in cases {
        let answer = asked(line);
        let said = String::from_utf8_lossy(&answer.stderr);
        assert!(said.contains(&format!(": {refusal}\n")), "{line}: {said}");
    }
    for line in [
        "break op i32.add if r4 == 2",
        "break small if n == 3",
        "search r4 == 2 || n == 3",
        "watch r0 if n == 3",
    ] {
        let answer = asked(line);
        assert!(answer.status.success(), "{line}: {answer:?}");
    }
}

/// A control character in a name looks the same in panes, in the text of ops, in what is printed and in traps.
#[test]
fn control_characters_look_one_way() {
    let shell = Shell::new("answered-control");
    shell.file(
        "names.wat",
        "(module (func $f (@name \"a\\1b[31m\\e2\\80\\aeb\\7f\") (unreachable))
           (func (export \"_start\") (call $f)))",
    );
    let made = shell.output("wasmscope record names.wat -o names.wtrace");
    let trapped = String::from_utf8_lossy(&made.stderr).into_owned();
    let lines = [
        "wasmscope open names.wtrace -e 'pane flow' -e 'pane code' -e 'goto 1' -e 'pane call stack' -e backtrace",
        "wasmscope dump names.wtrace",
        "wasmscope disasm names.wat",
    ];
    let text: String =
        lines.iter().map(|line| String::from_utf8(shell.output(line).stdout).expect("it is UTF-8")).collect();
    let (name, op) = ("a␛[31m·b␡", "$a␛[31m·b␡");
    assert!(trapped.contains(name), "{trapped}");
    assert!(text.matches(op).count() >= 4 && text.matches(name).count() >= 8, "{text}");
    for other in ['\u{1b}', '\u{7f}', '\u{202e}', '\u{fffd}'] {
        assert!(!text.contains(other) && !trapped.contains(other), "{other:?} in {text}{trapped}");
    }
    assert!(!text.contains("\\u{"), "{text}");
}
