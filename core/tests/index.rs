//! An index beside a recording: what is found is the same with it, without it and with half of it.

use std::path::Path;
use std::sync::atomic::Ordering;
use wasmscope_core::record::Recorder;
use wasmscope_core::timeline::{Control, Direction, Hit, Index, IndexError, Query, Timeline, TimelineError};
use wasmscope_core::*;
use wasmscope_trace_format::TraceReader;

/// Works in phases, so that most of what can be asked for happens in few places.
const PROGRAM: &str = r#"(module
    (import "host" "poke" (func $poke (param i32)))
    (memory (export "memory") 4)
    (global $phase (export "phase") (mut i32) (i32.const 0))
    (table funcref (elem $rare))
    (func $rare (param $n i32) (result i32)
        (i64.store offset=4096 (i32.mul (local.get $n) (i32.const 8)) (i64.const 77))
        (i32.clz (local.get $n)))
    (func $work (param $n i32) (result i32) (local $sum i32)
        (loop $again
            (local.set $sum (i32.add (local.get $sum)
                (i32.load (i32.and (i32.mul (local.get $n) (i32.const 52)) (i32.const 0xffc)))))
            (i32.store (i32.and (i32.mul (local.get $n) (i32.const 36)) (i32.const 0xffc)) (local.get $sum))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
    (func $phase_of (param $n i32) (result i32)
        (global.set $phase (local.get $n))
        (drop (call_indirect (param i32) (result i32) (local.get $n) (i32.const 0)))
        (call $poke (local.get $n))
        (memory.fill (i32.add (i32.const 65536) (i32.mul (local.get $n) (i32.const 1000)))
            (local.get $n) (i32.const 900))
        (call $work (i32.add (i32.const 2500) (local.get $n))))
    (func (export "main") (param $n i32) (result i32)
        (loop $again
            (i32.store (i32.const 16384) (call $phase_of (local.get $n)))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i32.div_u (i32.const 1) (local.get $n))))"#;

fn record() -> Vec<u8> {
    let engine = Engine::new(&Config::default());
    let module = Module::new(&engine, wat::parse_str(PROGRAM).expect("well-formed")).expect("valid");
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap("host", "poke", |mut caller: Caller<'_, ()>, n: i32| -> Result<(), HostError> {
        let memory = caller.memory().expect("it has a memory");
        let at = 32768 + 8 * n as u64;
        caller.write(memory, at, &n.to_le_bytes()).map_err(|error| HostError::Failed(error.into()))
    });
    let mut store = Store::new(&engine, ());
    let recorder = Recorder::start(&mut store, Vec::new(), "index", &[]).expect("it can be written");
    let instance = linker.instantiate(&mut store, &module).expect("it links");
    let main = instance.func(&store, "main").expect("there is a main");
    let ended = main.call_values(&mut store, &[Val::I32(60)]);
    assert!(ended.is_err(), "it ends in a trap");
    recorder.finish(&mut store, ended.as_ref().map(drop)).expect("it can be written")
}

fn open(file: &[u8]) -> Timeline {
    Timeline::open(TraceReader::open(file.to_vec()).expect("it is one"), "index").expect("it can be repeated")
}

const QUERIES: [&str; 20] = [
    "write 16384+4",
    "write 0x20+1",
    "read 1040+4",
    "read 2+1",
    "write 4336+8",
    "write 33000..33004",
    "write 70000+1",
    "access 100000",
    "write 200000+8",
    "func 1",
    "func 2",
    "op i32.clz",
    "op memory.*",
    "op f64.*",
    "outcome error",
    "outcome return",
    "global phase",
    "global phase == 17",
    "mem u32 16384 == 0",
    "op i32.clz or write 66536+2",
];

/// What is found from here and there, one by one and all together.
fn found(timeline: &mut Timeline, query: &Query) -> (Vec<Option<Hit>>, Vec<u64>) {
    let control = Control::default();
    let end = timeline.end().step;
    let from = [0, 1, end / 7, end / 2, end / 2 + 70_000, end - 1, end];
    let mut ones = Vec::new();
    for at in from {
        for direction in [Direction::Forward, Direction::Backward] {
            ones.push(timeline.find(at, direction, query, &control).expect("it can be repeated"));
        }
    }
    let mut all = Vec::new();
    timeline
        .find_all(0..end, query, &control, |hit| {
            all.push(hit.step);
            true
        })
        .expect("it can be repeated");
    (ones, all)
}

fn same(with: &mut Timeline, without: &mut Timeline) {
    for text in QUERIES {
        let query = Query::parse(text, with).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(found(with, &query), found(without, &query), "{text}");
    }
    // A slot of an activation in the middle of the run.
    let func = Query::parse("func 2", without).expect("a query");
    let middle = without.end().step / 2;
    let entered = without.find(middle, Direction::Forward, &func, &Control::default());
    let entered = entered.expect("it can be repeated").expect("it is called then").step;
    let text = format!("slot r1 of 0:2@{entered}");
    let query = Query::parse(&text, without).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(found(with, &query), found(without, &query), "{text}");
}

#[test]
fn what_is_found_is_the_same() {
    let file = record();
    let dir = tempfile::tempdir().expect("a folder");
    let path = Index::path_of(&dir.path().join("run.wtrace"));
    assert!(path.ends_with("run.wtrace.index"));
    let mut without = open(&file);
    assert!(without.end().step > 1 << 20, "long enough for several checkpoints");

    let mut with = open(&file);
    assert!(with.run().use_index(&path).is_none(), "there is none yet");
    let index = with.run().build_index(&path, &Control::default()).expect("it can be made");
    let (there, all) = index.progress();
    assert_eq!(there, all);
    assert!(all > 4, "{all}");
    same(&mut with, &mut without);

    // Found again, and nothing is left to be made.
    let bytes = std::fs::metadata(&path).expect("it is there").len();
    let mut again = open(&file);
    again.run().use_index(&path).expect("it was made for this");
    again.run().build_index(&path, &Control::default()).expect("it is whole");
    assert_eq!(std::fs::metadata(&path).expect("it is there").len(), bytes);
    same(&mut again, &mut without);

    // That of another recording is not used; it is made anew.
    let other = record();
    let other = open(&other);
    assert!(other.run().use_index(&path).is_none());
    other.run().build_index(&path, &Control::default()).expect("it can be made");
    assert!(open(&file).run().use_index(&path).is_none());
}

/// Cuts an index.
fn cut(path: &Path, len: u64) {
    let file = std::fs::OpenOptions::new().write(true).open(path).expect("it is there");
    file.set_len(len).expect("it can be cut");
}

#[test]
fn half_an_index_is_an_index() {
    let file = record();
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("half");
    let timeline = open(&file);
    let cancelled = Control::default();
    cancelled.cancel.store(true, Ordering::Relaxed);
    let stopped = timeline.run().build_index(&path, &cancelled).map(drop);
    assert!(matches!(stopped, Err(IndexError::Timeline(TimelineError::Cancelled))), "{stopped:?}");
    timeline.run().build_index(&path, &Control::default()).expect("it goes on");
    let whole = std::fs::metadata(&path).expect("it is there").len();
    drop(timeline);

    let mut without = open(&file);
    for part in [1, 4, 7] {
        cut(&path, whole * part / 8);
        let mut with = open(&file);
        let index = with.run().use_index(&path).expect("what is whole of it");
        let (there, all) = index.progress();
        assert!(there < all, "{there} of {all}");
        same(&mut with, &mut without);
        let index = with.run().build_index(&path, &Control::default()).expect("it goes on");
        assert_eq!(index.progress(), (all, all));
    }
}
