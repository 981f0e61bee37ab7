//! A survey counts what the events of the same steps say, however it is cut into pieces.

use std::collections::BTreeMap;
use wasmscope_core::timeline::survey::{self, Surveyor};
use wasmscope_core::timeline::{Live, Timeline};
use wasmscope_core::*;
use wasmscope_trace_format::{Effect, Event, FuncId, Outcome};

const PROGRAM: &str = r#"(module
    (import "host" "twice" (func $twice (param i32) (result i32)))
    (memory 1)
    (func $leaf (param i32) (result i32)
        (i32.store (i32.const 64) (local.get 0))
        (i32.mul (local.get 0) (i32.const 3)))
    (func $fib (param i32) (result i32)
        (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
            (then (call $leaf (local.get 0)))
            (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                           (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "back") (param i32) (result i32) (call $leaf (local.get 0)))
    (func $tail (param i32) (result i32) (return_call $fib (local.get 0)))
    (func (export "main") (param i32) (result i32)
        (drop (call $twice (i32.const 5)))
        (call $tail (local.get 0))))"#;

/// The run, as far as it goes.
fn run(arg: i32) -> Live<()> {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(PROGRAM).expect("well-formed")).expect("valid");
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "twice", |mut caller: Caller<'_, ()>, n: i32| -> Result<i32, HostError> {
        let back = caller.export("back").and_then(Extern::into_func).expect("it is exported");
        match back.call_values(&mut caller, &[Val::I32(n)])?[0] {
            Val::I32(it) => Ok(it),
            _ => panic!("an i32"),
        }
    });
    let mut live = Live::new(Store::new(&engine, ()), "test");
    let instance = live.instantiate(&mut linker, &module).expect("it links");
    let main = instance.func(live.store(), "main").expect("there is a main");
    live.begin(main, &[Val::I32(arg)]).expect("it takes an i32");
    live.run_to(u64::MAX, &[]);
    live
}

fn events(live: &Live<()>) -> Vec<Event> {
    let mut timeline = Timeline::new(live.run().clone());
    let end = timeline.end().step;
    timeline.events(0..end).expect("the run can be repeated")
}

#[test]
fn a_survey_counts_what_events_say() {
    let live = run(12);
    let events = events(&live);
    let mut surveyor = Surveyor::new(live.run().clone());
    while surveyor.go_on(77).expect("the run can be repeated") {}
    assert_eq!(surveyor.upto(), events.len() as u64);

    let mut ops: BTreeMap<(FuncId, u32), u64> = BTreeMap::new();
    for event in &events {
        *ops.entry((event.func, event.ip)).or_default() += 1;
    }
    let funcs: Vec<FuncId> = ops.keys().map(|key| key.0).collect();
    let mut counted: BTreeMap<(FuncId, u32), u64> = BTreeMap::new();
    for func in funcs {
        counted.extend(surveyor.op_counts(func).into_iter().map(|(ip, count)| ((func, ip), count)));
    }
    assert_eq!(counted, ops);

    let count = |outcome: Outcome| events.iter().filter(|event| event.outcome == outcome).count() as u64;
    let outcomes = surveyor.outcomes();
    let said = [Outcome::Next, Outcome::Jump, Outcome::Call, Outcome::TailCall, Outcome::HostCall];
    assert_eq!(outcomes.flows[..5], said.map(count));
    assert_eq!(outcomes.flows.iter().sum::<u64>(), events.len() as u64);

    let sum = |of: fn(&survey::Bucket) -> u64| surveyor.buckets().iter().map(of).sum::<u64>();
    assert_eq!(sum(|it| it.calls), count(Outcome::Call) + count(Outcome::TailCall));
    assert_eq!(sum(|it| it.host), count(Outcome::HostCall));
    let writes = |event: &&Event| event.effects.iter().any(|it| matches!(it, Effect::Write { .. }));
    assert_eq!(sum(|it| it.writes), events.iter().filter(writes).count() as u64);
    let deepest = events.iter().map(|event| event.depth + 1).max();
    assert_eq!(surveyor.buckets().iter().map(|it| it.deepest).max(), deepest);
    // A bucket covers the steps it says.
    let width = surveyor.bucket_width();
    for (at, bucket) in surveyor.buckets().iter().enumerate() {
        let within = events.iter().filter(|event| event.step / width == at as u64);
        let deepest = within.map(|event| event.depth + 1).max().unwrap_or(0);
        assert_eq!(bucket.deepest, deepest, "bucket {at} of width {width}");
    }

    let nodes = surveyor.nodes();
    assert_eq!(nodes.iter().map(|node| node.own).sum::<u64>(), events.len() as u64);
    for (at, node) in nodes.iter().enumerate().skip(1) {
        assert!((node.parent as usize) < at);
        let first = &events[node.first as usize];
        assert_eq!((Some(first.func), first.ip), (node.func, 0), "the first op of a function");
    }
    // Every frame that was entered is a call of some node: those the guest calls, those the host
    // calls (main and back), and the one that took another's place.
    let calls: u64 = nodes.iter().skip(1).map(|node| node.calls).sum();
    assert_eq!(calls, count(Outcome::Call) + count(Outcome::TailCall) + 2);
}

#[test]
fn a_survey_of_a_long_run_joins_buckets() {
    let live = run(20);
    let mut surveyor = Surveyor::new(live.run().clone());
    while surveyor.go_on(10_000).expect("the run can be repeated") {}
    assert_eq!(surveyor.upto(), live.run().end().step);
    assert!(surveyor.buckets().len() <= 2048 && surveyor.bucket_width() > 1);
    let last = surveyor.buckets().len() as u64 * surveyor.bucket_width();
    assert!(last >= surveyor.upto() && last - surveyor.upto() < surveyor.bucket_width());
}
