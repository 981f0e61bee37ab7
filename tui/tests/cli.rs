//! The binary from outside: words in, text and exit code out.
//!
//! A test is a few command lines; what they print is a snapshot, reviewed by `cargo insta review`
//! (or rewritten by `INSTA_UPDATE=always`). Commands run in a folder of their own that holds the
//! small files made here; `samples/` stands for the folder of that name.
//! Elsewhere: the samples under every dispatcher (`samples`), the README's commands (`readme`).

mod shell;

use shell::Shell;

/// A folder with a few programs, right and wrong.
fn shell(test: &str) -> Shell {
    let shell = Shell::new(test);
    shell.file(
        "math.wat",
        r#"(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "divide") (param i64 i64) (result i64 i64)
    (i64.div_s (local.get 0) (local.get 1))
    (i64.rem_s (local.get 0) (local.get 1)))
  (func (export "half") (param f64) (result f64) (f64.mul (local.get 0) (f64.const 0.5)))
  (func (export "null") (param externref) (result i32) (ref.is_null (local.get 0)))
  (func (export "for ever") (loop (br 0))))
"#,
    );
    shell.file("typo.wat", "(module\n  (func (i32.ad (i32.const 1) (i32.const 2))))\n");
    shell.file("invalid.wat", "(module (func $f (result i32) (i64.const 1)))");
    shell.file(
        "operand.wat",
        "(module\n  (func (result i32)\n    (i32.add (i64.const 1)\n             (i32.const 2))))",
    );
    shell.file("item.wat", "(module (memory 1)\n  (global i32 (i32.const 1))\n  (global f32 (i32.const 1)))");
    shell.file("component.wasm", b"\0asm\x0d\0\x01\0");
    shell.file("text.txt", "hello");
    shell.file("empty.wasm", "");
    shell.file("cut.wasm", b"\0asm\x01\0\0\0\x01\x20\x01\x60");
    shell.file("recording.wasm", b"\x89WTR\r\n\x1a\n");
    shell.file("gc.wat", "(module (type (struct (field i32))) (func (param (ref null 0))))");
    shell.file("threads.wat", "(module (memory 1 1 shared) (func (drop (i32.atomic.load (i32.const 0)))))");
    shell.file(
        "import.wat",
        r#"(module (import "env" "log" (func $log)) (func (export "_start") (call $log)))"#,
    );
    shell.file(
        "world.wat",
        r#"(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (func (export "_start") (call $exit (i32.const 7))))
"#,
    );
    shell
}

/// Runs the lines one after the other and compares what they print with the snapshot of this name.
macro_rules! check {
    ($name:ident, $lines:expr) => {
        #[test]
        fn $name() {
            let text = shell(stringify!($name)).script($lines);
            insta::with_settings!({ omit_expression => true }, {
                insta::assert_snapshot!(stringify!($name), text);
            });
        }
    };
}

check!(help, "wasmscope --help");
check!(help_of_run, "wasmscope run --help");
check!(help_of_record, "wasmscope record --help");
check!(help_of_debug, "wasmscope debug -h");
check!(help_of_open, "wasmscope open --help");
check!(help_of_info, "wasmscope info --help");
check!(help_of_dump, "wasmscope dump --help");
check!(help_of_disasm, "wasmscope disasm --help");
check!(help_of_bench, "wasmscope bench --help");
check!(help_of_completions, "wasmscope completions --help");

check!(
    invoke,
    "wasmscope run --invoke add math.wat 2 -3
     wasmscope run --invoke add math.wat 0xffffffff 1
     wasmscope run --invoke divide math.wat -- -7 2
     wasmscope run --invoke half math.wat 3
     wasmscope run math.wat --invoke null -- null"
);
check!(
    invoke_refusals,
    "wasmscope run --invoke sub math.wat
     wasmscope run --invoke add math.wat 1
     wasmscope run --invoke add math.wat 1 two
     wasmscope run --invoke add math.wat 1 99999999999"
);
check!(
    refusals,
    "wasmscope run nothing.wasm
     wasmscope run text.txt
     wasmscope run empty.wasm
     wasmscope run cut.wasm
     wasmscope run recording.wasm
     wasmscope run component.wasm
     wasmscope run gc.wat
     wasmscope run threads.wat
     wasmscope run typo.wat
     wasmscope run invalid.wat
     wasmscope run operand.wat
     wasmscope run item.wat
     wasmscope run import.wat
     wasmscope run --dir nowhere world.wat
     wasmscope run --stdin nowhere world.wat"
);
check!(
    usage,
    "wasmscope run
     wasmscope run world.wat -x
     wasmscope run --lowering none world.wat
     wasmscope run --fuel 10 --dispatch tail world.wat
     wasmscope run --env =x world.wat
     wasmscope run --env WASMSCOPE_UNSET world.wat
     wasmscope completions tcsh"
);
check!(
    endings,
    "wasmscope run world.wat
     wasmscope run math.wat
     wasmscope run samples/trap-divide/trap-divide.wasm
     wasmscope run samples/trap-signature/trap-signature.wat
     wasmscope run import.wat --missing-imports trap
     wasmscope run --color always import.wat
     wasmscope run --fuel 1000 --invoke 'for ever' math.wat
     wasmscope run --invoke divide math.wat 1 0"
);

check!(
    bare,
    "wasmscope math.wat
     wasmscope rnu
     wasmscope world.wat run world.wat
     wasmscope run.wtrace
     wasmscope samples/hello/hello.wasm"
);
check!(
    record,
    "wasmscope record world.wat
     wasmscope record world.wat
     wasmscope record --force world.wat
     wasmscope record import.wat
     wasmscope info import.wtrace
     wasmscope record nothing.wasm
     wasmscope record world.wat -o nowhere/run.wtrace
     wasmscope record --invoke divide math.wat -o d.wtrace 7 2
     wasmscope dump d.wtrace
     wasmscope dump d.wtrace --old --from 1
     wasmscope dump d.wtrace --from 1 --count 1 --json
     wasmscope dump d.wtrace --from 3
     wasmscope dump d.wtrace --from 4
     wasmscope open d.wtrace --at 2
     wasmscope open d.wtrace --at 4
     wasmscope dump text.txt
     wasmscope info world.wat
     wasmscope info empty.wasm
     wasmscope open recording.wasm"
);
check!(
    disasm,
    "wasmscope disasm math.wat --func divide --lowering plain
     wasmscope disasm math.wat --func divide
     wasmscope disasm math.wat --func 0 --json
     wasmscope disasm math.wat --func 9
     wasmscope disasm math.wat --func nobody
     wasmscope disasm import.wat --func '$log'
     wasmscope disasm text.txt"
);

/// A program runs whatever its debug sections say; a backtrace says once what is wrong with them.
#[test]
fn broken_debug_sections_are_noted_once() {
    let shell = shell("debug-sections");
    let whole = std::fs::read("../core/tests/source/till.wasm").expect("the source is there");
    let script = "wasmscope run --invoke pay till.wasm 3\nwasmscope run --invoke pay till.wasm 0";
    shell.file("till.wasm", &whole);
    let text = shell.script(script);
    assert!(text.contains("share(int) const at 0x81, till.cpp:9:71"), "{text}");
    assert!(!text.contains("note:"), "{text}");
    for section in [".debug_info", ".debug_line", ".debug_abbrev", ".debug_str"] {
        let name = whole.windows(section.len()).position(|at| at == section.as_bytes());
        let content = name.expect("it has one") + section.len();
        let mut broken = whole.clone();
        broken[content..content + 16].fill(0xff);
        shell.file("till.wasm", &broken);
        let text = shell.script(script);
        assert!(text.contains("\n4\n"), "{section}: {text}");
        assert!(text.contains("trap: integer divide by zero"), "{section}: {text}");
        let notes = text.matches("note:").count();
        // Strings are read where they are asked for: a name is missing, nothing is broken.
        assert_eq!(notes, usize::from(section != ".debug_str"), "{section}: {text}");
    }
}

#[test]
fn a_broken_name_section_is_noted_once() {
    let shell = shell("broken-names");
    let text = "(module (func $first (export \"f\") unreachable) (func $second))";
    let mut bytes = wat::parse_str(text).expect("the text is well-formed");
    let at = bytes.windows(6).position(|window| window == b"second").expect("the name is there");
    bytes[at] = 0xff;
    shell.file("names.wasm", &bytes);
    let text = shell.script("wasmscope run --invoke f names.wasm");
    assert!(text.contains("trap: unreachable in first at 0x"), "{text}");
    assert_eq!(text.matches("note: the name section is broken").count(), 1, "{text}");
}

/// A call of an import that nobody has defined is a trap with a place, live and in a recording.
#[test]
fn a_missing_import_is_a_trap_where_it_is_called() {
    let shell = shell("missing-import");
    let text = r#"(module (import "env" "log" (func $log)) (func $work (call $log))
        (func (export "_start") (call $work)))"#;
    shell.file("missing.wat", text);
    let run = shell.script("wasmscope run --missing-imports trap missing.wat");
    assert!(run.contains("trap: call of a missing import in work at 0x"), "{run}");
    assert!(run.contains(": nobody has defined env.log") && run.contains("1: _start at 0x"), "{run}");
    let record = shell.script("wasmscope record --missing-imports trap missing.wat");
    assert!(record.contains("trap: call of a missing import in work at 0x"), "{record}");
    let find = shell.script("wasmscope find missing.wtrace trap");
    assert!(find.contains("call of a missing import"), "{find}");
    shell.file("more.wat", text.replace("(func $work", "(import \"env\" \"heap\" (memory 1)) (func $work"));
    let refused = shell.script("wasmscope run more.wat");
    assert!(
        refused.contains("nor is there a memory env.heap, and only functions can be made up"),
        "{refused}"
    );
}

/// What is written to stdout is the recording alone; what the program prints is on stderr.
#[test]
fn a_recording_can_go_through_a_pipe() {
    let shell = shell("pipe-through");
    let output = shell.output("wasmscope record samples/hello/hello.wasm -o -");
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("hello, world!\n"));
    shell.file("hello.wtrace", &output.stdout);
    let text = shell.script("wasmscope info hello.wtrace");
    assert!(text.contains("state       complete\nexit 0"), "{text}");
}

/// A recording that was cut opens up to its last whole frame, and every command says so.
#[test]
fn a_cut_recording_is_readable_with_loss() {
    let shell = shell("cut");
    shell.script("wasmscope record --profile full samples/demo/demo.wasm -o whole.wtrace");
    let whole = std::fs::read(shell.dir().join("whole.wtrace")).expect("it was recorded");
    shell.file("cut.wtrace", &whole[..whole.len() - 100]);
    let info = shell.output("wasmscope info --json cut.wtrace");
    assert_eq!(info.status.code(), Some(3), "{info:?}");
    let facts: serde_json::Value = serde_json::from_slice(&info.stdout).expect("an object");
    assert_eq!(facts["complete"], false);
    let dump = shell.output("wasmscope dump cut.wtrace --count 3");
    assert_eq!(dump.status.code(), Some(3), "{dump:?}");
    assert_eq!(String::from_utf8_lossy(&dump.stdout).lines().count(), 3);
    assert!(String::from_utf8_lossy(&dump.stderr).starts_with("warning: cut.wtrace: not closed"), "{dump:?}");
    for len in (0..whole.len()).step_by(whole.len() / 50) {
        shell.file("cut.wtrace", &whole[..len]);
        let code = shell.output("wasmscope dump cut.wtrace").status.code();
        assert!(matches!(code, Some(1 | 3)), "{code:?} with {len} bytes");
    }
}

/// What is whole of a recording becomes a whole recording, which says what is missing in it.
#[test]
fn a_damaged_recording_is_repaired() {
    let shell = shell("repair");
    shell.script("wasmscope record --profile full samples/demo/demo.wasm -o whole.wtrace");
    let whole = std::fs::read(shell.dir().join("whole.wtrace")).expect("it was recorded");
    let lines = |name: &str| {
        let output = shell.output(&format!("wasmscope dump {name}"));
        String::from_utf8(output.stdout).expect("it is text").lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let facts = |name: &str| -> serde_json::Value {
        let output = shell.output(&format!("wasmscope info --json {name}"));
        serde_json::from_slice(&output.stdout).expect("an object")
    };
    let all = lines("whole.wtrace");

    let nothing = shell.output("wasmscope repair whole.wtrace");
    assert_eq!(nothing.status.code(), Some(0), "{nothing:?}");
    assert!(!shell.dir().join("whole.repaired.wtrace").exists());

    // Cut: whatever chunks were written are all there, and the file was closed.
    shell.file("cut.wtrace", &whole[..whole.len() - 100]);
    let repaired = shell.output("wasmscope repair cut.wtrace");
    assert_eq!(repaired.status.code(), Some(0), "{repaired:?}");
    assert_eq!(facts("cut.repaired.wtrace")["complete"], true);
    assert_eq!(lines("cut.repaired.wtrace"), all);
    let again = shell.output("wasmscope repair cut.wtrace");
    assert!(String::from_utf8_lossy(&again.stderr).contains("--force overwrites it"), "{again:?}");

    // Hit somewhere: closed, nothing damaged any more, and no event that was not there.
    let mut lost = 0;
    // Without its manifest there is no recording.
    for at in (1024..whole.len()).step_by(whole.len() / 40) {
        let mut hit = whole.clone();
        hit[at] ^= 0x10;
        shell.file("hit.wtrace", &hit);
        let repaired = shell.output("wasmscope repair --force hit.wtrace -o mended.wtrace");
        let code = repaired.status.code();
        assert!(matches!(code, Some(0 | 3)), "byte {at}: {repaired:?}");
        let facts = facts("mended.wtrace");
        assert_eq!(facts["damage"].as_array().map(Vec::len), Some(0), "byte {at}: {facts}");
        assert_eq!(facts["complete"], code == Some(0), "byte {at}: {facts}");
        assert!(lines("mended.wtrace").iter().all(|line| all.contains(line)), "byte {at}");
        lost += u32::from(code == Some(3));
    }
    assert!(lost > 0, "some hit struck events");
}

/// Of a log, which holds no events, a repair says that all is there only if every step can still be shown.
#[test]
fn a_repaired_log_can_be_repeated_or_says_that_it_cannot() {
    let shell = shell("repair-log");
    shell.script("wasmscope record samples/demo/demo.wasm -o whole.wtrace");
    let whole = std::fs::read(shell.dir().join("whole.wtrace")).expect("it was recorded");
    let all = shell.output("wasmscope dump whole.wtrace").stdout;
    let (mut codes, mut healed) = ([0; 2], 0);
    for at in (1024..whole.len()).step_by(whole.len() / 30) {
        let mut hit = whole.clone();
        hit[at] ^= 0x10;
        shell.file("hit.wtrace", &hit);
        let code = shell.output("wasmscope repair --force hit.wtrace -o mended.wtrace").status.code();
        let dump = shell.output("wasmscope dump mended.wtrace");
        match code {
            Some(0) => assert!(dump.status.success() && dump.stdout == all, "byte {at}: {dump:?}"),
            Some(3) => assert!(matches!(dump.status.code(), Some(1 | 3)), "byte {at}: {dump:?}"),
            _ => panic!("byte {at}: {code:?}"),
        }
        codes[usize::from(code == Some(3))] += 1;
        // Whoever has the program loses nothing where only that was hit.
        let again = "wasmscope repair --force hit.wtrace --module samples/demo/demo.wasm -o healed.wtrace";
        if code == Some(3) && shell.output(again).status.success() {
            assert_eq!(shell.output("wasmscope dump healed.wtrace").stdout, all, "byte {at}");
            healed += 1;
        }
    }
    assert!(healed > 0 && codes.iter().all(|&count| count > 0), "{codes:?} {healed}");
}

/// When the recording cannot be written any more, the program goes on and its end is told.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_does_not_stop_the_program() {
    let shell = shell("full-disk");
    let text = shell.script("wasmscope record --force samples/hello/hello.wasm -o /dev/full");
    assert!(text.contains("hello, world!\n"), "{text}");
    assert!(text.contains("No space left") && text.ends_with("exit 1\n"), "{text}");
}

check!(
    bench_refuses,
    "wasmscope bench --variants tail,goto --invoke add math.wat 2 3
     wasmscope bench --variants 'tail, goto' --invoke add math.wat 2 3
     wasmscope bench math.wat
     wasmscope bench --invoke none math.wat
     wasmscope bench samples/upper/upper.wasm"
);

#[test]
fn a_bench_compares_the_variants() {
    let shell = shell("bench");
    let line = "wasmscope bench --json --runs 2 --stdin samples/upper/stdin.txt samples/upper/upper.wasm";
    let output = shell.output(line);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let bench: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!(bench["ended"], "returned");
    let variants = bench["variants"].as_array().expect("a list");
    assert_eq!((&variants[0]["name"], &variants[0]["ratio"]), (&"varied-match".into(), &1.0.into()));
    assert!(
        variants.len() >= 6
            && variants
                .iter()
                .all(|variant| variant["times"].as_array().is_some_and(|times| times.len() == 2))
    );
}

#[test]
fn a_short_bench_has_digits_to_compare() {
    let shell = shell("short-bench");
    let text = shell.script("wasmscope bench --runs 1 --variants 'tail, step' --invoke add math.wat 2 3");
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(text.contains("; 1 run\n"), "{text}");
    assert_eq!(lines[2], ["variant", "microseconds", "ratio", "steps/s"], "{text}");
    for (line, name) in lines[3..5].iter().zip(["tail", "step"]) {
        assert_eq!(line[0], name, "{text}");
        assert!(line[1].parse::<f64>().is_ok_and(|time| time > 0.0), "{text}");
    }
}

#[test]
fn the_version_names_the_dispatcher() {
    let shell = shell("version");
    let print = |line: &str| String::from_utf8(shell.output(line).stdout).expect("it is text");
    assert_eq!(print("wasmscope -V"), format!("wasmscope {}\n", env!("CARGO_PKG_VERSION")));
    let text = print("wasmscope --version --verbose");
    let words: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(words, ["wasmscope", "dispatcher", "target", "engine", "compiler"]);
    assert!(!cfg!(target_arch = "x86_64") || text.contains("dispatcher  tail"), "{text}");
}

#[test]
fn statistics_count_the_same_under_both_dispatchers() {
    let shell = shell("statistics");
    let count = |dispatch: &str| {
        let text = shell.script(&format!("wasmscope run --stats {dispatch} samples/demo/demo.wasm"));
        let counts = text.lines().filter(|line| line.starts_with("steps") || line.starts_with("ticks"));
        counts.map(str::to_owned).collect::<Vec<_>>()
    };
    let counted = count("");
    assert_eq!(counted[1], "ticks  10555");
    assert_eq!(counted, count("--dispatch step"));
    assert_eq!(count("--dispatch tail"), ["steps  not counted under tail dispatch"]);
    assert_eq!(count("--lowering plain")[1], "ticks  10555");
}

#[test]
fn a_program_sees_its_arguments_environment_folder_and_input() {
    let shell = shell("world");
    let text = shell.script(
        "wasmscope run --dir samples/json::. samples/json/json.wasm -- -c stdin.json
         wasmscope run --stdin samples/json/stdin.json samples/json/json.wasm -- -c",
    );
    let mut answers = text.split("$ wasmscope").skip(1).map(|part| part.split_once('\n').expect("a line").1);
    let (file, input) = (answers.next().expect("two"), answers.next().expect("two"));
    assert!(file.contains('{') && file.ends_with("exit 0\n"), "{text}");
    assert_eq!(file, input);
}

/// The frames of endless recursion are told once, and how often they are there.
#[test]
fn endless_recursion_is_told_once() {
    let shell = shell("recursion");
    shell.file("deep.wat", "(module (func $f (call $f)) (func (export \"_start\") (call $f)))");
    let output = shell.output("wasmscope run deep.wat");
    assert_eq!(output.status.code(), Some(134));
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let told: Vec<&str> = errors.lines().skip(1).map(str::trim).collect();
    assert_eq!(told.len(), 3, "{errors}");
    assert!(told[0].starts_with("0: f at 0x"), "{errors}");
    assert_eq!(told[1..], ["and the same 63 times more", "and 65472 more"], "{errors}");
}

/// Help that could not be written was not given.
#[test]
#[cfg(target_os = "linux")]
fn help_on_a_full_disk_fails() {
    let shell = shell("help-full");
    for words in ["--help", "run -h", "help record", "--version"] {
        let script = format!("\"$0\" {words} > /dev/full");
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_wasmscope")]).current_dir(shell.dir());
        let output = command.output().expect("there is a shell");
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "error: No space left on device (os error 28)\n");
    }
}

/// A reader that has seen enough is no error.
#[test]
fn a_closed_pipe_ends_quietly() {
    let shell = shell("pipe");
    let lines = [
        ("wasmscope completions bash", 0),
        ("wasmscope samples/calls/calls.wasm --color never", 0),
        ("wasmscope disasm samples/lisp/lisp.wasm", 0),
        ("wasmscope run samples/demo/demo.wasm", 141),
    ];
    for (line, expect) in lines {
        let (code, errors) = shell.with_closed_stdout(line);
        assert_eq!((code, errors.as_str()), (Some(expect), ""), "{line}");
    }
}

#[test]
fn every_shell_has_completions() {
    let shell = shell("completions");
    for name in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = shell.script(&format!("wasmscope completions {name}"));
        assert!(text.contains("missing-imports") && text.ends_with("exit 0\n"), "{name}");
    }
}
