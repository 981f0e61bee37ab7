//! A recording that numbers steps otherwise than whoever opens it: one of the other lowering, one of
//! an older version.
//!
//! ```text
//! recorded plain ──────────────────────────► moments, positions   ─┐
//! recorded fused ──opened as plain, by ticks─► moments, positions  ─┴─ the same; and the other way
//! ```

use wasmscope_core::record::{Last, Recorder, convert_run};
use wasmscope_core::timeline::{Control, Direction, Query, Timeline, TimelineError};
use wasmscope_core::*;
use wasmscope_trace_format::{HostEntry, Profile, TraceReader};

const PROGRAM: &str = r#"(module
    (import "host" "note" (func $note (param i32) (result i32)))
    (memory (export "memory") 2)
    (global $calls (export "calls") (mut i32) (i32.const 0))
    (table 2 funcref) (elem (i32.const 0) $fib $twice)
    (type $unary (func (param i32) (result i32)))
    (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func $fib (param i32) (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (i32.store (i32.and (i32.mul (global.get $calls) (i32.const 52)) (i32.const 0xfffc)) (global.get $calls))
        (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
            (then (call_indirect (type $unary) (local.get 0) (i32.const 1)))
            (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                           (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "callback") (param i32) (result i32)
        (i32.store (i32.const 64) (local.get 0))
        (call $fib (i32.const 5)))
    (func (export "main") (param $n i32) (result i32) (local $sum i32)
        (loop $again
            (local.set $sum (call $note (i32.add (local.get $sum) (call $fib (i32.const 16)))))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i32.div_u (local.get $sum) (i32.const 0))))"#;

/// The program, recorded under a lowering; the file.
fn recorded(lowering: Lowering, last: Option<Last>) -> Vec<u8> {
    let engine = Engine::new(&Config::default().lowering(lowering));
    let module = Module::new(&engine, wat::parse_str(PROGRAM).expect("well-formed")).expect("valid");
    let mut linker: Linker<i32> = Linker::new(&engine);
    linker.func_wrap("host", "note", |mut caller: Caller<'_, i32>, n: i32| -> Result<i32, HostError> {
        let memory = caller.memory().expect("it has a memory");
        let callback = caller.export("callback").and_then(Extern::into_func).expect("it is exported");
        let answer = callback.call_values(&mut caller, &[Val::I32(n)])?;
        let Val::I32(answer) = answer[0] else { panic!("an i32") };
        *caller.data_mut() += 1;
        let count = *caller.data();
        caller
            .write(memory, 0x1_0000, &count.to_le_bytes())
            .map_err(|error| HostError::Failed(error.into()))?;
        caller.output(Stream::Stdout, format!("{count}: {n}\n").as_bytes());
        Ok(n ^ answer ^ count)
    });
    let mut store = Store::new(&engine, 0);
    let recorder = match last {
        None => Recorder::start(&mut store, Vec::new(), "test", &[]).expect("it can be written"),
        Some(last) => Recorder::keeping_last(&mut store, InMemory, "test", &[], last, 64 << 20)
            .expect("it can be written"),
    };
    let instance = linker.instantiate(&mut store, &module).expect("it links");
    let main = instance.func(&store, "main").expect("there is a main");
    let ended = main.call_values(&mut store, &[Val::I32(150)]);
    assert!(ended.is_err(), "it ends in a trap");
    recorder.finish(&mut store, ended.as_ref().map(drop)).expect("it can be written")
}

/// Files in memory, of which nothing is kept but the last.
struct InMemory;

impl wasmscope_core::record::Files for InMemory {
    type Out = Vec<u8>;

    fn begin(&mut self) -> std::io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn replace(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn open(file: &[u8], lowering: Option<Lowering>) -> Timeline {
    let reader = TraceReader::open(file.to_vec()).expect("it is a trace");
    Timeline::open_as(reader, "test", lowering, &Control::default()).expect("it can be repeated")
}

fn other(lowering: Lowering) -> Lowering {
    match lowering {
        Lowering::Plain => Lowering::Fused,
        Lowering::Fused => Lowering::Plain,
    }
}

/// Everything of a run that has a number.
fn positions(timeline: &mut Timeline) -> String {
    let end = timeline.end();
    let run = timeline.run().clone();
    let calls = run.host_calls_in(0..u64::MAX);
    let outputs = run.outputs(u64::MAX);
    let outputs: Vec<_> = outputs.iter().map(|it| (it.position.step, it.bytes.clone())).collect();
    format!("{end:?} {:?} {calls:?} {outputs:?}", timeline.ended())
}

/// All that a moment shows.
fn moment(timeline: &mut Timeline, step: u64) -> String {
    timeline.seek(step).expect("the step exists");
    let depth = timeline.depth();
    let frames = timeline.frames(0..depth);
    let slots: Vec<_> = (0..depth).map(|at| timeline.slots(at)).collect();
    format!("{:?} {frames:?} {slots:?} {:016x}", timeline.position(), timeline.state_hash())
}

#[test]
fn a_recording_of_the_other_lowering_shows_what_one_of_this_lowering_shows() {
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let (this, foreign) = (recorded(lowering, None), recorded(other(lowering), None));
        let (mut this, mut foreign) = (open(&this, None), open(&foreign, Some(lowering)));
        assert!(!this.run().is_renumbered());
        assert!(foreign.run().is_renumbered());
        assert_eq!(positions(&mut this), positions(&mut foreign));
        let end = this.end().step;
        assert!(end > 4 << 20, "a few checkpoints: {end}");
        for at in [end, 0, end / 2, 5, end / 3 * 2, end - 100_000, end / 7, end / 7 * 6] {
            assert_eq!(moment(&mut this, at), moment(&mut foreign, at), "{lowering:?} {at}");
            let window = at.saturating_sub(20)..at + 20;
            assert_eq!(
                this.events(window.clone()).expect("they exist"),
                foreign.events(window).expect("they exist")
            );
        }
        let verified = foreign.verify(&Control::default()).expect("nothing differs");
        assert_eq!(verified.steps, end);
        assert!(verified.checkpoints >= 2, "{verified:?}");
        for text in ["write 0x10000+4", "host", "global 0", "trap", "func twice"] {
            let found = |timeline: &mut Timeline| {
                timeline.seek(0).expect("there is a beginning");
                let query = Query::parse(text, timeline).expect("it makes sense");
                let hit = timeline.find(end, Direction::Backward, &query, &Control::default());
                hit.expect("it can be looked for").map(|hit| hit.step)
            };
            let hit = found(&mut this);
            assert!(hit.is_some(), "{text}");
            assert_eq!(hit, found(&mut foreign), "{text}");
        }
    }
}

#[test]
fn written_anew_it_needs_no_numbering_any_more() {
    let foreign = recorded(Lowering::Fused, None);
    let mut foreign = open(&foreign, Some(Lowering::Plain));
    for profile in [Profile::Log, Profile::Flow, Profile::Values, Profile::Full] {
        let anew = convert_run(&mut foreign, Vec::new(), profile, None, &[], &Control::default());
        let mut anew = open(&anew.expect("it can be written"), None);
        assert_eq!(anew.run().lowering(), Lowering::Plain);
        assert!(!anew.run().is_renumbered());
        assert_eq!(positions(&mut anew), positions(&mut foreign));
        let middle = foreign.end().step / 2 + 77;
        assert_eq!(moment(&mut anew, middle), moment(&mut foreign, middle));
        anew.verify(&Control::default()).expect("nothing differs");
    }
}

#[test]
fn the_end_that_was_kept_begins_where_the_file_says() {
    let file = recorded(Lowering::Fused, Some(Last::Steps(1 << 20)));
    let (mut this, mut foreign) = (open(&file, None), open(&file, Some(Lowering::Plain)));
    assert!(foreign.run().is_renumbered());
    assert_eq!(this.begin(), foreign.begin());
    assert!(this.begin().step > 0);
    assert!(foreign.end().step - foreign.begin().step > this.end().step - this.begin().step);
    let (from, to) = (foreign.begin(), foreign.end());
    foreign.seek(to.step).expect("the end");
    this.seek(this.end().step).expect("the end");
    assert_eq!(this.state_hash(), foreign.state_hash());
    assert_eq!(this.position().tick, foreign.position().tick);
    foreign.seek((from.step + to.step) / 2).expect("the middle");
    foreign.verify(&Control::default()).expect("nothing differs");
}

#[test]
fn a_recording_that_was_cut_is_numbered_up_to_the_cut() {
    let file = recorded(Lowering::Plain, None);
    let whole = open(&file, Some(Lowering::Fused)).end().step;
    let mut lengths = Vec::new();
    for cut in [file.len() / 3, file.len() / 2, file.len() * 5 / 6] {
        let reader = TraceReader::open(file[..cut].to_vec()).expect("its beginning is there");
        let entries = reader.host_log().filter_map(Result::ok);
        let calls = entries.filter(|it| matches!(it.entry, HostEntry::HostEnter { .. })).count();
        match Timeline::open_as(reader, "cut", Some(Lowering::Fused), &Control::default()) {
            Ok(mut timeline) => {
                let end = timeline.end().step;
                assert!(end <= whole);
                timeline.seek(end).expect("what is said to be there is there");
                assert_eq!(timeline.run().host_calls_before(u64::MAX).1, calls as u64);
                lengths.push(end);
            }
            Err(error) => assert!(matches!(error, TimelineError::Trace(_)), "{error}"),
        }
    }
    assert!(lengths.is_sorted() && lengths.last().is_some_and(|&end| end > 0), "{lengths:?}");
}

/// `museum/halves-0.1.0.wtrace` was recorded of `museum/halves.wat` by an engine that had fewer fused
/// ops, and did not say how it numbers. It is never written again.
#[test]
fn a_recording_of_an_older_version_opens() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/museum/");
    let file = std::fs::read(format!("{folder}halves-0.1.0.wtrace")).expect("it is there");
    let reader = TraceReader::open(file.clone()).expect("it is a trace");
    assert!(!wasmscope_core::record::is_numbered_alike(reader.manifest()));
    let recorded = reader.end();
    let mut older = open(&file, None);
    assert!(older.run().is_renumbered(), "another step count");
    assert_eq!(older.end().tick, recorded.tick);
    assert_ne!(older.end().step, recorded.step);

    let text = std::fs::read_to_string(format!("{folder}halves.wat")).expect("it is there");
    let engine = Engine::new(&Config::default());
    let module = Module::new(&engine, wat::parse_str(text).expect("well-formed")).expect("valid");
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap(
        "wasi_snapshot_preview1",
        "fd_write",
        |mut caller: Caller<'_, ()>, _: i32, _: i32, _: i32, at: i32| {
            let memory = caller.memory().expect("it has one");
            caller.write(memory, at as u64, &6_u32.to_le_bytes()).expect("it lies within");
            caller.output(Stream::Stdout, b"hello\n");
            0_i32
        },
    );
    let mut store = Store::new(&engine, ());
    let recorder = Recorder::start(&mut store, Vec::new(), "halves.wat", &[]).expect("it can be written");
    let instance = linker.instantiate(&mut store, &module).expect("it links");
    let start = instance.func(&store, "_start").expect("there is one");
    start.call_values(&mut store, &[]).expect("it returns");
    let anew = recorder.finish(&mut store, Ok(())).expect("it can be written");
    let mut anew = open(&anew, None);
    assert_eq!(positions(&mut anew), positions(&mut older));
    let end = anew.end().step;
    for at in (0..16).map(|at| end / 16 * at + at).chain([end]) {
        assert_eq!(moment(&mut anew, at), moment(&mut older, at), "{at}");
    }
    older.verify(&Control::default()).expect("nothing differs");
}

#[test]
fn numbering_can_be_cancelled() {
    let file = recorded(Lowering::Plain, None);
    let control = Control::default();
    control.cancel.store(true, std::sync::atomic::Ordering::Relaxed);
    let reader = TraceReader::open(file).expect("it is a trace");
    let opened = Timeline::open_as(reader, "test", Some(Lowering::Fused), &control);
    assert!(matches!(opened, Err(TimelineError::Cancelled)));
}
