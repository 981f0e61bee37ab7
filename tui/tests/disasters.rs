//! What can befall a recording while it is made: the process is killed, the disk is full, a file may not grow, nobody
//! reads what is printed. The program runs on where it can, and what is left of the file is true.

#![cfg(unix)]

mod shell;

use shell::Shell;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;
use wasmscope_trace_format::{Lost, TraceReader, repair};

/// Stores pseudo-random numbers all over its memory, and prints now and then.
const BUSY: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 4)
    (data (i32.const 24) "ROUNDS")
    (func (export "_start") (local $i i32) (local $x i64)
        (local.set $x (i64.const 88172645463325252))
        (loop $l
            (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 13))))
            (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 7))))
            (i64.store offset=32 (i32.wrap_i64 (i64.and (local.get $x) (i64.const 0x3ff00))) (local.get $x))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (if (i32.eqz (i32.and (local.get $i) (i32.const 0xffff)))
                (then
                    (i64.store (i32.const 0) (i64.const 0x2_00000010))
                    (i32.store16 (i32.const 16) (i32.const 0x0a2e))
                    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
            (br_if $l (i32.lt_u (local.get $i) (i32.load (i32.const 24)))))))"#;

/// A folder with a program that runs so many rounds.
fn busy(test: &str, rounds: u32) -> Shell {
    let shell = Shell::new(test);
    // In its data, so that the code is the same.
    let bytes: String = rounds.to_le_bytes().iter().map(|byte| format!("\\{byte:02x}")).collect();
    shell.file("busy.wat", BUSY.replace("ROUNDS", &bytes));
    shell
}

/// Some events: what every profile tells of them.
fn dump(shell: &Shell, trace: &str, from: u64) -> Vec<String> {
    let output = shell.output(&format!("wasmscope dump --json {trace} --from {from} --count 20"));
    assert!(matches!(output.status.code(), Some(0 | 3)), "{output:?}");
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let event = |line| serde_json::from_str::<serde_json::Value>(line).expect("an object");
    let told = ["step", "tick", "depth", "func", "ip", "pc", "outcome"];
    let told = |event: serde_json::Value| told.map(|name| event[name].to_string()).join(" ");
    lines.lines().map(event).map(told).collect()
}

/// Killed at random moments: what is left opens, is true up to its end, and can be repaired.
#[test]
fn a_killed_recorder_leaves_a_true_file() {
    let shell = busy("killed", 1_000_000_000);
    let whole = busy("not-killed", 1_500_000);
    assert!(whole.output("wasmscope record busy.wat -o whole.wtrace").status.success());
    let mut opened = 0;
    for round in 0..16 {
        let profile = ["log", "flow", "values", "full"][round % 4];
        let line = format!("wasmscope record --force --profile {profile} busy.wat -o killed.wtrace");
        let mut command = shell.command(&line);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
        let wait = RandomState::new().hash_one(round) % (150 << (round / 4));
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().expect("it runs still");
        child.wait().expect("it was killed");
        let Ok(bytes) = std::fs::read(shell.dir().join("killed.wtrace")) else { continue };
        let Ok(reader) = TraceReader::open(bytes.clone()) else { continue };
        let what = format!("{profile}, killed after {wait} ms, {}", reader.completeness());
        assert!(!reader.completeness().is_complete(), "{what}");
        opened += 1;
        let end = reader.end().step;
        let info = shell.output("wasmscope info killed.wtrace");
        assert_eq!(info.status.code(), Some(3), "{what}: {info:?}");
        // The last steps that both files have, from the middle of one and from the end of the other.
        if end > 20 {
            let from = (end - 20).min(15_000_000);
            let (left, real) = (dump(&shell, "killed.wtrace", from), dump(&whole, "whole.wtrace", from));
            assert_eq!(left.len(), 20, "{what}");
            assert_eq!(left, real, "{what}");
        }
        let mut repaired = Vec::new();
        repair(&reader, &mut repaired).expect("memory takes it");
        let repaired = TraceReader::open(repaired).expect("it is whole again");
        let found = repaired.completeness();
        assert!(found.closed && found.damage.is_empty(), "{what}: {found}");
        // The host log may tell of steps whose events were not yet written. The file says so, and
        // nothing else is wrong with it.
        let last = |lost: &Lost| profile != "log" && lost.from.step + lost.steps == end;
        assert!(found.lost.iter().all(last), "{what}: {:?}", found.lost);
        let lost: Vec<_> = found.lost.iter().map(|lost| Some(lost.from.step..end)).collect();
        let gaps: Vec<_> = repaired.verify().into_iter().map(|gap| gap.steps).collect();
        assert_eq!(gaps, lost, "{what}");
        assert_eq!(repaired.end().step, end, "{what}");
    }
    assert!(opened > 0, "no kill left a file that opens");
}

/// The program's own output is whole, its end is told, and the file holds what fitted.
#[test]
fn a_file_that_may_not_grow_does_not_stop_the_program() {
    let shell = busy("limited", 1_000_000);
    let expect = shell.output("wasmscope run busy.wat").stdout;
    assert_eq!(expect, ".\n".repeat(15).as_bytes());
    let mut incomplete = 0;
    for profile in ["log", "flow", "values", "full"] {
        // Blocks of 512 bytes in every shell but one, where they are twice that.
        let script = format!(
            "ulimit -f 1000; exec \"$0\" record --force --profile {profile} busy.wat -o small.wtrace"
        );
        let wasmscope = env!("CARGO_BIN_EXE_wasmscope");
        let mut command = Command::new("sh");
        command.args(["-c", &script, wasmscope]).current_dir(shell.dir()).stdin(Stdio::null());
        let output = command.output().expect("there is a shell");
        assert_eq!(output.stdout, expect, "{profile}");
        let errors = String::from_utf8_lossy(&output.stderr);
        let bytes = std::fs::read(shell.dir().join("small.wtrace")).expect("it was begun");
        let reader = TraceReader::open(bytes).expect("its beginning is there");
        if reader.completeness().is_complete() {
            // It fitted.
            assert!(output.status.success(), "{profile}: {errors}");
            continue;
        }
        incomplete += 1;
        assert_eq!(output.status.code(), Some(3), "{profile}: {errors}");
        assert!(
            errors.contains("File too large") && errors.contains("the program itself ran on"),
            "{errors}"
        );
        assert!(reader.end().step > 0, "{profile}: {}", reader.completeness());
    }
    assert!(incomplete >= 2, "the limit is too high");
}

/// A guest that sleeps is stopped in its sleep: nothing of it runs on as if the time had passed.
#[test]
#[cfg(unix)]
fn an_interrupted_sleep_ends_the_recording() {
    let shell = Shell::new("asleep");
    // One line, then a minute's sleep, then another line.
    let text = r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "\10\00\00\00\02\00\00\00") (data (i32.const 16) ".\n")
        (func $say (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
        (func (export "_start")
            (call $say)
            (i32.store (i32.const 80) (i32.const 1))
            (i64.store (i32.const 88) (i64.const 60_000_000_000))
            (drop (call $poll (i32.const 64) (i32.const 128) (i32.const 1) (i32.const 12)))
            (call $say)))"#;
    shell.file("asleep.wat", text);
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasmscope"));
    command.args(["record", "asleep.wat"]).current_dir(shell.dir());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut line = [0; 2];
    let mut stdout = child.stdout.take().expect("it is piped");
    stdout.read_exact(&mut line).expect("it says something first");
    std::thread::sleep(Duration::from_millis(100));
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("there is kill").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).expect("it can be read");
    assert_eq!(rest, b"", "the guest ran on");
    let verified = shell.output("wasmscope verify asleep.wtrace");
    assert!(verified.status.success(), "{verified:?}");
    let info = String::from_utf8(shell.output("wasmscope info asleep.wtrace").stdout).expect("it is text");
    assert!(info.contains("interrupted"), "{info}");
}

#[test]
fn a_full_disk_does_not_stop_the_program_under_any_profile() {
    let shell = busy("full-disk-profiles", 300_000);
    for profile in ["log", "flow", "values", "full"] {
        let output =
            shell.output(&format!("wasmscope record --force --profile {profile} busy.wat -o /dev/full"));
        assert_eq!(output.stdout, ".\n".repeat(4).as_bytes(), "{profile}");
        assert_eq!(output.status.code(), Some(1), "{profile}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("No space left"), "{profile}: {output:?}");
    }
}

/// Whoever reads the output of a command has seen enough: no error, no message.
#[test]
fn a_reader_that_goes_away_ends_every_command_quietly() {
    let shell = busy("gone", 200_000);
    assert!(shell.output("wasmscope record busy.wat -o busy.wtrace").status.success());
    let lines = [
        "wasmscope dump busy.wtrace",
        "wasmscope dump --json busy.wtrace",
        "wasmscope find --all busy.wtrace write 0x10",
        "wasmscope info busy.wtrace",
        "wasmscope verify busy.wtrace",
    ];
    for line in lines {
        let (code, errors) = shell.with_closed_stdout(line);
        assert_eq!((code, errors.as_str()), (Some(0), ""), "{line}");
    }
    // A program that is recorded is told by an errno, which this one does not look at.
    let (code, _) = shell.with_closed_stdout("wasmscope record busy.wat -o gone.wtrace");
    assert_eq!(code, Some(0));
    let bytes = std::fs::read(shell.dir().join("gone.wtrace")).expect("it was recorded");
    assert!(TraceReader::open(bytes).expect("it is whole").completeness().is_complete());
}
