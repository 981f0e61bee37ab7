//! Every cut and every flipped bit of a small trace of each profile, seen by a debugger: opened, repeated, sought in.
//!
//! What is shown is the truth, a gap that is reported, or an error (`truth`). The file's own parts, each for itself, are
//! damaged in the trace format's tests.

#[path = "differential/harness/truth.rs"]
mod truth;

use truth::{Truth, Verdict};
use wasmscope_core::record::{Recorder, convert_run};
use wasmscope_core::timeline::{Control, Direction, Query, Timeline, TimelineError};
use wasmscope_core::*;
use wasmscope_trace_format::{Profile, TraceReader};

/// Calls, loops, memory, a host function that writes, grows and calls back, output, a trap at the end.
const SMALL: &str = r#"(module
    (import "h" "f" (func $f (param i32) (result i32)))
    (memory (export "memory") 1 3) (global $g (mut i64) (i64.const 5))
    (func (export "back") (param i32) (result i32)
        (i32.store (i32.const 8) (local.get 0)) (i32.mul (local.get 0) (i32.const 3)))
    (func (export "main") (param i32) (local i32)
        (loop $l
            (global.set $g (i64.add (global.get $g) (i64.extend_i32_u (call $f (local.get 0)))))
            (i32.store16 (local.get 0) (i32.load8_u (i32.const 8)))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (drop (i32.div_u (i32.const 1) (local.get 0)))))"#;

/// A run that is long enough for a checkpoint in its file: its end is sought from there.
const LONG: &str = r#"(module
    (import "h" "f" (func $f (param i32) (result i32)))
    (memory (export "memory") 1 3)
    (func (export "back") (param i32) (result i32) (i32.const 9))
    (func (export "main") (param i32)
        (drop (call $f (i32.const 2)))
        (loop $l (i32.store8 (i32.and (local.get 0) (i32.const 31)) (local.get 0))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (drop (call $f (i32.const 1)))))"#;

/// A recording of a call of `main`.
fn record(text: &str, arg: i32) -> Vec<u8> {
    // A replay begins with a stack of this size, and there are thousands of them.
    let limits = Limits { value_stack: 1 << 12, call_depth: 1 << 8, ..Limits::default() };
    let engine = Engine::new(&Config::default().limits(limits));
    let module = Module::new(&engine, wat::parse_str(text).expect("well-formed")).expect("valid");
    let mut linker = Linker::new(&engine);
    linker.func_wrap("h", "f", |mut caller: Caller<'_, ()>, n: i32| -> Result<i32, HostError> {
        let memory = caller.memory().expect("it has one");
        let back = caller.export("back").and_then(Extern::into_func).expect("it is exported");
        caller.write(memory, 20, &n.to_le_bytes()).expect("it lies within");
        memory.grow(&mut caller, 1);
        caller.output(Stream::Stdout, b"f");
        match back.call_values(&mut caller, &[Val::I32(n)])?[..] {
            [Val::I32(number)] => Ok(number),
            _ => unreachable!("one i32"),
        }
    });
    let mut store = Store::new(&engine, ());
    let recorder = Recorder::start(&mut store, Vec::new(), "small", &[]).expect("memory takes it");
    let instance = linker.instantiate(&mut store, &module).expect("it links");
    let main = instance.func(&store, "main").expect("it is exported");
    let result = main.call_values(&mut store, &[Val::I32(arg)]).map(drop);
    recorder.finish(&mut store, result.as_ref().map(|_| ())).expect("memory takes it")
}

fn trace(profile: Profile) -> Vec<u8> {
    let reader = TraceReader::open(record(SMALL, 3)).expect("it is a trace");
    let mut timeline = Timeline::open(reader, "small").expect("it can be repeated");
    convert_run(&mut timeline, Vec::new(), profile, None, &[], &Control::default()).expect("memory takes it")
}

/// How often each verdict came: refused, not repeated, parts, whole.
type Verdicts = [usize; 4];

fn hold(truth: &Truth, damaged: Vec<u8>, verdicts: &mut Verdicts, what: impl Fn() -> String) {
    match truth.holds(damaged) {
        Ok(verdict) => verdicts[verdict as usize] += 1,
        Err(lie) => panic!("{}: {lie}", what()),
    }
}

/// All cuts and flips of a trace.
fn damage(file: &[u8]) {
    let truth = Truth::of(file);
    assert_eq!(truth.holds(file.to_vec()), Ok(Verdict::Whole));
    let mut cuts = Verdicts::default();
    for len in 0..file.len() {
        hold(&truth, file[..len].to_vec(), &mut cuts, || format!("cut at {len} of {}", file.len()));
    }
    assert_eq!(cuts[Verdict::Whole as usize], 0, "a cut file is never whole");
    let mut flips = Verdicts::default();
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut damaged = file.to_vec();
            damaged[at] ^= 1 << bit;
            hold(&truth, damaged, &mut flips, || format!("bit {bit} of byte {at} of {}", file.len()));
        }
    }
    // Each part lost, with the index that names it, and without.
    let starts: Vec<usize> =
        (0..file.len()).step_by(8).filter(|&at| file[at..].starts_with(b"WTF1")).collect();
    let closing = starts[starts.len() - 3];
    for (number, &from) in starts.iter().enumerate() {
        for len in [file.len(), closing] {
            let mut lost = file[..len].to_vec();
            let to = starts.get(number + 1).map_or(len, |&next| next.min(len));
            if from < to {
                lost[from..to].fill(0);
            }
            hold(&truth, lost, &mut Verdicts::default(), || format!("part {number} of {len} bytes lost"));
        }
    }
    eprintln!("{} bytes: cuts {cuts:?}, flips {flips:?}", file.len());
    // Header, manifest and the needed parts of a small file are most of it; of the rest something is left.
    let [refused, _, parts, whole] = flips;
    assert!(refused < 8 * 500 && parts > 0 && whole > 0, "flips: {flips:?}");
}

#[test]
fn of_a_log() {
    damage(&trace(Profile::Log));
}

#[test]
fn of_a_flow_trace() {
    damage(&trace(Profile::Flow));
}

#[test]
fn of_a_values_trace() {
    damage(&trace(Profile::Values));
}

#[test]
fn of_a_full_trace() {
    damage(&trace(Profile::Full));
}

#[test]
fn of_a_log_with_a_checkpoint() {
    let file = record(LONG, 300_000);
    let reader = TraceReader::open(file.clone()).expect("it is a trace");
    assert_eq!(reader.checkpoints().len(), 1, "{} steps", reader.end().step);
    damage(&file);
}

/// Calls the host now and then for a few million steps.
const TALKING: &str = r#"(module
    (import "h" "f" (func $f (param i32) (result i32)))
    (memory (export "memory") 1 3)
    (func (export "back") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "main") (param i32) (local $n i32)
        (loop $l
            (i32.store8 (i32.and (local.get 0) (i32.const 31)) (local.get 0))
            (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 50000)))
                (then (local.set $n (call $f (local.get $n)))))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"#;

fn open(file: Vec<u8>) -> Timeline {
    Timeline::open(TraceReader::open(file).expect("it is a trace"), "talking").expect("it opens")
}

/// Where the frames of the host log (kind 5) begin.
fn host_log(file: &[u8]) -> Vec<usize> {
    (0..file.len()).step_by(8).filter(|&at| file[at..].starts_with(b"WTF1\x05\0")).collect()
}

#[test]
fn behind_a_hole_in_the_host_log_the_run_goes_on_from_the_next_checkpoint() {
    let file = record(TALKING, 2_000_000);
    let mut whole = open(file.clone());
    let end = whole.end().step;
    let checkpoints = TraceReader::open(file.clone()).expect("it is a trace").checkpoints();
    assert!(checkpoints.len() >= 3, "{checkpoints:?}");
    let (mut lost, mut shown) = (0, 0);
    for &frame in &host_log(&file)[1..] {
        let mut hit = file.clone();
        hit[frame + 40] ^= 1;
        let mut hit = open(hit);
        assert!(hit.run().damage().is_some());
        for at in (0..40).map(|part| end / 40 * part).chain([end]) {
            match hit.seek(at) {
                Ok(()) => {
                    whole.seek(at).expect("it is there");
                    assert_eq!((hit.position(), hit.state_hash()), (whole.position(), whole.state_hash()));
                    shown += 1;
                }
                Err(TimelineError::Lost { reached, .. }) => {
                    assert!(reached < at);
                    lost += 1;
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
    assert!(lost > 0 && shown > lost, "{lost} {shown}");
}

#[test]
fn a_search_does_not_pass_over_a_hole_in_silence() {
    let file = record(TALKING, 2_000_000);
    let frames = host_log(&file);
    let mut hit = file.clone();
    hit[frames[frames.len() / 2] + 40] ^= 1;
    let (mut whole, mut hit) = (open(file), open(hit));
    let end = whole.end().step;
    // Written by `main`, and by the host.
    for text in ["write 0x0", "write 0x14", "host", "func back"] {
        let (mut same, mut refused) = (0, 0);
        for at in (0..=40).map(|part| end / 40 * part) {
            for direction in [Direction::Forward, Direction::Backward] {
                let found = |timeline: &mut Timeline| -> Result<_, TimelineError> {
                    let query = Query::parse(text, timeline).expect("it makes sense");
                    let hit = timeline.find(at, direction, &query, &Control::default())?;
                    Ok(hit.map(|hit| hit.step))
                };
                match found(&mut hit) {
                    Ok(step) => {
                        assert_eq!(
                            step,
                            found(&mut whole).expect("it is whole"),
                            "{text} {at} {direction:?}"
                        );
                        same += 1;
                    }
                    Err(TimelineError::Lost { .. }) => refused += 1,
                    Err(error) => panic!("{error}"),
                }
            }
        }
        assert!(same > 0 && refused > 0, "{text}: {same} {refused}");
    }
}
