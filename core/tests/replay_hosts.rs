//! Hosts that do all a host may do, and what they do must come again: guest memory written, memories and tables grown,
//! the guest called back, traps, failures, exits, starts that trap.
//!
//! ```text
//! once watched    pc and tick of each step          ─┐
//! once recorded   what is in memory after each call ─┼─ the same
//! repeated        forwards, backwards, anywhere     ─┘
//! ```

use std::sync::{Arc, Mutex};
use wasmscope_core::record::Recorder;
use wasmscope_core::timeline::Timeline;
use wasmscope_core::*;
use wasmscope_trace_format::{Reason, RunEnd, TraceReader};

/// Bytes of memory that are compared, from its beginning.
const BYTES: usize = 128;

/// Calls of exports, one after the other.
type Calls<'a> = &'a [(&'a str, &'a [Val])];

/// Imports every hostile function, and a memory, a table and a global for them to meddle with.
fn module(engine: &Engine, body: &str) -> Module {
    let text = format!(
        r#"(module
        (import "host" "write" (func $write (param i32 i32)))
        (import "host" "grow" (func $grow (param i32) (result i32)))
        (import "host" "set" (func $set (param i64)))
        (import "host" "entry" (func $entry (param i32)))
        (import "host" "back" (func $back (param i32) (result i32)))
        (import "host" "try_back" (func $try_back (param i32) (result i32)))
        (import "host" "trap" (func $trap))
        (import "host" "fail" (func $fail))
        (import "host" "exit" (func $exit (param i32)))
        (import "host" "say" (func $say (param i32)))
        (import "host" "boot" (func $boot))
        (memory (export "memory") 1 8) (table (export "table") 4 16 funcref)
        (global $kept (export "kept") (mut i64) (i64.const 1))
        {body})"#
    );
    Module::new(engine, wat::parse_str(text).expect("well-formed")).expect("valid")
}

fn call_back(caller: &mut Caller<'_, u32>, n: i32) -> Result<i32, CallError> {
    let back = caller.export("back").and_then(Extern::into_func).expect("it is exported");
    match back.call_values(caller, &[Val::I32(n)])?[..] {
        [Val::I32(number)] => Ok(number),
        _ => unreachable!("one i32"),
    }
}

fn linker(engine: &Engine) -> Linker<u32> {
    let mut linker = Linker::new(engine);
    let export = |caller: &Caller<'_, u32>, name: &str| caller.export(name).expect("it is exported");
    linker
        .func_wrap("host", "write", |mut caller: Caller<'_, u32>, at: i32, value: i32| {
            let memory = caller.memory().expect("it has one");
            caller.write(memory, at as u64, &value.to_le_bytes()).expect("it lies within");
        })
        .func_wrap("host", "grow", |mut caller: Caller<'_, u32>, pages: i32| {
            let memory = caller.memory().expect("it has one");
            let old = memory.grow(&mut caller, pages as u64).map_or(-1, |old| old as i32);
            // What has just come is there to be written.
            let end = caller.memory_size(memory);
            caller.write(memory, end - 4, &pages.to_le_bytes()).expect("it lies within");
            old
        })
        .func_wrap("host", "set", move |mut caller: Caller<'_, u32>, value: i64| {
            let kept = export(&caller, "kept").into_global().expect("a global");
            assert!(kept.set(&mut caller, Val::I64(value)));
        })
        .func_wrap("host", "entry", move |mut caller: Caller<'_, u32>, at: i32| {
            let table = export(&caller, "table").into_table().expect("a table");
            let func = export(&caller, "back").into_func();
            table.grow(&mut caller, 2, Val::FuncRef(None)).expect("there is room");
            table.set(&mut caller, at as u64, Val::FuncRef(func)).expect("it lies within");
        })
        .func_wrap("host", "back", |mut caller: Caller<'_, u32>, n: i32| -> Result<i32, HostError> {
            *caller.data_mut() += 1;
            Ok(call_back(&mut caller, n)?)
        })
        .func_wrap("host", "try_back", |mut caller: Caller<'_, u32>, n: i32| {
            let (first, second) = (call_back(&mut caller, n), call_back(&mut caller, n + 1));
            let memory = caller.memory().expect("it has one");
            caller.write(memory, 40, b"tried").expect("it lies within");
            first.unwrap_or(-1) ^ second.unwrap_or(-2)
        })
        .func_wrap("host", "trap", || -> Result<(), HostError> { Err(TrapCode::IntegerOverflow.into()) })
        .func_wrap("host", "fail", |mut caller: Caller<'_, u32>| -> Result<(), HostError> {
            // What it did before it failed stays.
            let memory = caller.memory().expect("it has one");
            caller.write(memory, 32, b"failed").expect("it lies within");
            Err(HostError::msg("the disk is on fire"))
        })
        .func_wrap("host", "boot", |mut caller: Caller<'_, u32>| {
            let memory = caller.memory().expect("it has one");
            memory.grow(&mut caller, 1).expect("there is room");
            let n = call_back(&mut caller, 3).expect("it returns");
            caller.write(memory, 48, &n.to_le_bytes()).expect("it lies within");
        })
        .func_wrap("host", "exit", |code: i32| -> Result<(), HostError> { Err(HostError::Exit(code)) })
        .func_wrap("host", "say", |mut caller: Caller<'_, u32>, n: i32| {
            caller.output(Stream::Stdout, format!("{n};").as_bytes());
        });
    linker
}

/// The program counter and tick of each step.
type Steps = Arc<Mutex<Vec<(u32, u64)>>>;

struct Watcher(Steps);

impl Observer for Watcher {
    fn before(&mut self, step: &Step<'_>) {
        self.0.lock().expect("nothing panics while it is held").push((step.pc(), step.tick()));
    }

    fn after(&mut self, _: &Step<'_>, _: Returned<'_>) -> Watch {
        Watch::Continue
    }
}

/// What a run left behind after one of its operations.
#[derive(Debug, PartialEq)]
struct Left {
    step: u64,
    memory: Vec<u8>,
    pages: u64,
    kept: Val,
}

/// Instantiates and makes the calls; gives what each left, and how the last ended.
fn operate(store: &mut Store<u32>, module: &Module, calls: Calls<'_>) -> (Vec<Left>, Result<(), CallError>) {
    let engine = store.engine().clone();
    let instance = match linker(&engine).instantiate(store, module) {
        Ok(instance) => instance,
        Err(LinkError::Start(error)) => return (Vec::new(), Err(error)),
        Err(error) => panic!("{error}"),
    };
    let mut left = Vec::new();
    let mut last = Ok(());
    for (name, args) in
        [(None, &[][..])].into_iter().chain(calls.iter().map(|(name, args)| (Some(name), *args)))
    {
        if let Some(name) = name {
            let func = instance.func(store, name).expect("it is exported");
            last = func.call_values(store, args).map(drop);
        }
        let memory = instance.memory(store, "memory").expect("it is exported");
        let mut bytes = vec![0; BYTES];
        memory.read(store, 0, &mut bytes).expect("it lies within");
        let kept = instance.global(store, "kept").expect("it is exported").get(store);
        left.push(Left { step: store.steps(), memory: bytes, pages: memory.size(store), kept });
    }
    (left, last)
}

/// All that a moment shows.
fn moment(timeline: &mut Timeline, step: u64) -> String {
    timeline.seek(step).expect("the step exists");
    let depth = timeline.depth();
    let frames = timeline.frames(0..depth);
    let slots: Vec<_> = (0..depth).map(|at| timeline.slots(at)).collect();
    let tables: Vec<_> = (0..timeline.tables().len() as u32).map(|at| timeline.elements(at, 0..16)).collect();
    let memories = timeline.memories();
    let bytes: Vec<_> = (0..memories.len() as u32).map(|at| timeline.read(at, 0, BYTES)).collect();
    let position = timeline.position();
    format!("{position:?} {frames:?} {slots:?} {:?} {memories:?} {bytes:?} {tables:?}", timeline.globals())
}

/// Runs, records and repeats; the run ends as `why` says.
fn check(body: &str, calls: Calls<'_>, why: &RunEnd) {
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let engine = Engine::new(&Config::default().lowering(lowering));
        let module = module(&engine, body);

        let mut watched = Store::new(&engine, 0);
        let steps = Steps::default();
        watched.set_observer(Some(Box::new(Watcher(steps.clone()))));
        let (seen, _) = operate(&mut watched, &module, calls);

        let mut store = Store::new(&engine, 0);
        let recorder = Recorder::start(&mut store, Vec::new(), "hosts", &[]).expect("memory takes it");
        let (left, last) = operate(&mut store, &module, calls);
        assert_eq!(left, seen, "{lowering:?}: recorded and watched");
        let file = recorder.finish(&mut store, last.as_ref().map(|_| ())).expect("memory takes it");
        let reader = TraceReader::open(file).expect("it is a trace");
        assert!(reader.completeness().is_complete() && reader.verify().is_empty());

        let mut timeline = Timeline::open(reader, "hosts").expect("it can be repeated");
        assert_eq!(timeline.ended().as_ref(), Some(why), "{lowering:?}");
        let end = timeline.end();
        assert_eq!((end.step, end.tick), (store.steps(), store.ticks()), "{lowering:?}");
        let events = timeline.events(0..end.step).expect("it can be repeated");
        let repeated: Vec<_> = events.iter().map(|event| (event.pc, event.tick)).collect();
        assert_eq!(repeated, *steps.lock().expect("nobody holds it"), "{lowering:?}");

        // Forwards, backwards, and each moment for itself.
        let forwards: Vec<_> = (0..=end.step).map(|step| moment(&mut timeline, step)).collect();
        for step in (0..=end.step).rev() {
            assert_eq!(moment(&mut timeline, step), forwards[step as usize], "{lowering:?}: back to {step}");
        }
        for step in (0..=end.step).step_by(7) {
            let mut fresh = Timeline::new(timeline.run().clone());
            assert_eq!(moment(&mut fresh, step), forwards[step as usize], "{lowering:?}: straight to {step}");
        }
        for left in left {
            timeline.seek(left.step).expect("the step exists");
            assert_eq!(timeline.read(0, 0, BYTES), left.memory, "{lowering:?}: at {}", left.step);
            assert_eq!(timeline.memories()[0].len, left.pages << 16, "{lowering:?}: at {}", left.step);
        }
        let said: Vec<u8> =
            timeline.run().outputs(end.step).iter().flat_map(|output| output.bytes.clone()).collect();
        let real = (0..said.iter().filter(|&&byte| byte == b';').count()).map(|n| format!("{n};"));
        assert_eq!(String::from_utf8_lossy(&said), real.collect::<String>());
    }
}

fn trap(code: wasmscope_trace_format::TrapCode) -> RunEnd {
    RunEnd::Error(Reason::Trap(code))
}

fn host_error(text: &str) -> RunEnd {
    RunEnd::Error(Reason::HostError(text.to_owned()))
}

/// What the host calls; it traps when it is given 5, and says nothing is wrong with the rest.
const BACK: &str = r#"(func (export "back") (param i32) (result i32)
    (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (local.get 0)))
    (i32.div_u (i32.const 100) (i32.sub (i32.const 5) (local.get 0))))"#;

#[test]
fn one_that_writes_memory_grows_it_and_sets_globals_and_elements() {
    let text = format!(
        r#"{BACK} (func (export "main") (param i32) (result i32)
            (call $write (i32.const 0) (i32.const 0x01020304))
            (i32.store (i32.const 4) (i32.add (i32.load (i32.const 0)) (local.get 0)))
            (call $say (i32.const 0))
            (call $write (i32.const 2) (i32.load (i32.const 4)))
            (i32.store (i32.const 60) (call $grow (local.get 0)))
            (call $set (i64.mul (global.get $kept) (i64.const 7)))
            (global.set $kept (i64.add (global.get $kept) (i64.load32_u (i32.const 2))))
            (call $entry (i32.const 5))
            (call $say (i32.const 1))
            (i32.add (call_indirect (param i32) (result i32) (local.get 0) (i32.const 5))
                (i32.load (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 4)))))"#
    );
    check(&text, &[("main", &[Val::I32(1)])], &RunEnd::Halt);
    // Twice: the second time it grows what it has grown. The third time there is no more to be had.
    let all: Calls<'_> = &[
        ("main", &[Val::I32(2)]),
        ("main", &[Val::I32(3)]),
        ("back", &[Val::I32(1)]),
        ("main", &[Val::I32(4)]),
    ];
    // What it says is counted from 0 on: see `check`.
    check(
        &text.replace("(call $say (i32.const 0))", "").replace("(call $say (i32.const 1))", ""),
        all,
        &RunEnd::Halt,
    );
}

#[test]
fn one_that_calls_back_and_a_guest_that_does_so_again() {
    let text = r#"(func (export "back") (param i32) (result i32)
            (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (local.get 0)))
            (if (result i32) (local.get 0)
                (then (i32.add (call $back (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
                (else (call $write (i32.const 12) (i32.const 99)) (i32.load (i32.const 12)))))
        (func (export "main") (param i32) (result i32)
            (i32.mul (call $back (local.get 0)) (call $try_back (local.get 0))))"#;
    check(text, &[("main", &[Val::I32(4)])], &RunEnd::Halt);
    check(
        text,
        &[("back", &[Val::I32(3)]), ("main", &[Val::I32(0)]), ("main", &[Val::I32(2)])],
        &RunEnd::Halt,
    );
}

#[test]
fn a_guest_that_traps_when_it_is_called_back() {
    use wasmscope_trace_format::TrapCode::IntegerDivideByZero;
    let main = r#"(func (export "main") (param i32) (result i32)
        (i32.store (i32.const 16) (call $back (local.get 0))) (i32.load (i32.const 8)))"#;
    let text = format!("{BACK} {main}");
    check(&text, &[("main", &[Val::I32(5)])], &trap(IntegerDivideByZero));
    // The run goes on after it.
    check(&text, &[("main", &[Val::I32(5)]), ("main", &[Val::I32(1)])], &RunEnd::Halt);
    check(&text, &[("main", &[Val::I32(1)]), ("back", &[Val::I32(5)])], &trap(IntegerDivideByZero));
    // The host does not mind.
    let text = text.replace("call $back", "call $try_back");
    check(&text, &[("main", &[Val::I32(5)])], &RunEnd::Halt);
    check(
        &text,
        &[("main", &[Val::I32(4)]), ("main", &[Val::I32(5)]), ("main", &[Val::I32(0)])],
        &RunEnd::Halt,
    );
}

#[test]
fn one_that_traps_fails_or_ends_the_program() {
    use wasmscope_trace_format::TrapCode::IntegerOverflow;
    let ends = [
        ("call $trap", trap(IntegerOverflow)),
        ("call $fail", host_error("the disk is on fire")),
        ("call $exit (i32.const 17)", RunEnd::Error(Reason::Exit(17))),
    ];
    for (call, why) in &ends {
        let text = format!(
            r#"{BACK} (func $inner (param i32) (if (i32.eqz (local.get 0)) (then ({call}))))
            (func (export "main") (param i32) (result i32)
                (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
                (call $inner (local.get 0))
                (i32.load (i32.const 32)))"#
        );
        check(&text, &[("main", &[Val::I32(0)])], why);
        check(&text, &[("main", &[Val::I32(1)]), ("main", &[Val::I32(0)])], why);
        check(
            &text,
            &[("main", &[Val::I32(0)]), ("main", &[Val::I32(0)]), ("main", &[Val::I32(1)])],
            &RunEnd::Halt,
        );
        // Within a guest that was called back.
        let text = format!(
            r#"(func (export "back") (param i32) (result i32) (local.get 0) ({call}))
            (func (export "main") (param i32) (result i32) (call $set (i64.const 3)) (call $back (local.get 0)))
            (func (export "try") (param i32) (result i32) (call $try_back (local.get 0)))"#
        );
        check(&text, &[("main", &[Val::I32(0)])], why);
        check(&text, &[("try", &[Val::I32(0)])], &RunEnd::Halt);
        check(&text, &[("try", &[Val::I32(0)]), ("main", &[Val::I32(1)])], why);
    }
}

#[test]
fn starts_that_do_all_of_it() {
    use wasmscope_trace_format::TrapCode::{IntegerDivideByZero, IntegerOverflow, Unreachable};
    let start = |body: &str| {
        format!(
            r#"{BACK} (func $start {body}) (start $start) (func (export "main") (result i32) (i32.load (i32.const 8)))"#
        )
    };
    let fine = start(
        r#"(call $write (i32.const 20) (i32.const 5)) (drop (call $grow (i32.const 2))) (call $set (i64.const 9))
        (call $say (i32.const 0)) (drop (call $back (i32.const 2))) (drop (call $try_back (i32.const 4)))"#,
    );
    check(&fine, &[("main", &[])], &RunEnd::Halt);
    check(&fine, &[("back", &[Val::I32(5)])], &trap(IntegerDivideByZero));
    check(&start("(i32.store (i32.const 0) (i32.const 1)) unreachable"), &[], &trap(Unreachable));
    check(&start("(drop (call $grow (i32.const 1))) (call $trap)"), &[], &trap(IntegerOverflow));
    check(&start("(call $fail)"), &[], &host_error("the disk is on fire"));
    check(&start("(call $exit (i32.const 3))"), &[], &RunEnd::Error(Reason::Exit(3)));
    check(&start("(drop (call $back (i32.const 5)))"), &[], &trap(IntegerDivideByZero));
    // A host function is the start itself: the instance calls it.
    check(&format!("{BACK} (start $fail)"), &[], &host_error("the disk is on fire"));
    check(&format!("{BACK} (start $boot)"), &[("back", &[Val::I32(1)])], &RunEnd::Halt);
}
