//! What differential testing has found, each as small as it gets.

use wasmscope_core::record::Recorder;
use wasmscope_core::timeline::Timeline;
use wasmscope_core::*;
use wasmscope_trace_format::{Effect, TraceReader, Value};

const LOWERINGS: [Lowering; 2] = [Lowering::Plain, Lowering::Fused];

fn linker(engine: &Engine) -> Linker<u32> {
    let mut linker = Linker::new(engine);
    // Calls back as often as it is told, and writes.
    linker.func_wrap("host", "back", |mut caller: Caller<'_, u32>, times: i32| -> Result<i32, HostError> {
        *caller.data_mut() += 1;
        let back = caller.export("back").and_then(Extern::into_func);
        let mut sum = 0;
        for at in 0..times {
            let Some(back) = back else { continue };
            match back.call_values(&mut caller, &[Val::I32(at)])?[..] {
                [Val::I32(value)] => sum += value,
                _ => unreachable!("one i32"),
            }
        }
        if let Some(memory) = caller.memory() {
            let count = *caller.data();
            caller.write(memory, 8, &count.to_le_bytes()).expect("it lies within");
        }
        Ok(sum)
    });
    linker.func_wrap("host", "start", |mut caller: Caller<'_, u32>| *caller.data_mut() += 1);
    linker
}

/// Calls exports one after the other, recorded, and repeats it: ends and the first bytes of memory are the same.
fn replays(text: &str, calls: &[(&str, &[Val])]) {
    let mut all_ticks = None;
    for lowering in LOWERINGS {
        let engine = Engine::new(&Config::default().lowering(lowering));
        let module = Module::new(&engine, wat::parse_str(text).expect("well-formed")).expect("valid");
        let mut store = Store::new(&engine, 0);
        let recorder = Recorder::start(&mut store, Vec::new(), "test", &[]).expect("memory takes it");
        let instance = linker(&engine).instantiate(&mut store, &module).expect("it links");
        let mut last = Ok(());
        for (name, args) in calls {
            let func = instance.func(&store, name).expect("it is exported");
            last = func.call_values(&mut store, args).map(drop);
        }
        let (steps, ticks) = (store.steps(), store.ticks());
        assert_eq!(*all_ticks.get_or_insert(ticks), ticks, "ticks, {lowering:?}");
        let mut bytes = vec![0; 16];
        if let Some(memory) = instance.memory(&store, "memory") {
            memory.read(&store, 0, &mut bytes).expect("it lies within");
        }
        let file = recorder.finish(&mut store, last.as_ref().map(|_| ())).expect("memory takes it");
        let reader = TraceReader::open(file).expect("it is a trace");
        let mut timeline = Timeline::open(reader, "test").expect("it can be repeated");
        timeline.seek(steps).expect("the end exists");
        let end = timeline.position();
        assert_eq!((end.step, end.tick), (steps, ticks), "{lowering:?}");
        if instance.memory(&store, "memory").is_some() {
            assert_eq!(timeline.read(0, 0, 16), bytes, "{lowering:?}");
        }
    }
}

#[test]
fn the_embedder_calls_a_host_function_that_is_exported_again() {
    let text = r#"(module (import "host" "back" (func $back (param i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "back") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
        (func (export "main") (result i32) (call $back (i32.const 1)))
        (export "host" (func $back)))"#;
    replays(text, &[("host", &[Val::I32(2)]), ("main", &[]), ("host", &[Val::I32(0)]), ("main", &[])]);
}

#[test]
fn a_start_function_of_the_host() {
    let text = r#"(module (import "host" "start" (func $start)) (memory (export "memory") 1)
        (func (export "main") (result i32) (i32.load (i32.const 0))) (start $start))"#;
    replays(text, &[("main", &[])]);
}

#[test]
fn a_host_function_that_calls_back_twice_and_a_guest_that_traps_in_it() {
    let text = r#"(module (import "host" "back" (func $back (param i32) (result i32)))
        (memory (export "memory") 1) (table funcref (elem $one))
        (func $one (result i32) (i32.const 1))
        (func (export "back") (param i32) (result i32)
            (local i32)
            (local.set 1 (i32.div_u (i32.const 12) (i32.sub (i32.const 2) (local.get 0))))
            (i32.add (local.get 1) (call_indirect (result i32) (i32.const 0))))
        (func (export "main") (param i32) (result i32)
            (i32.add (call $back (local.get 0)) (call $back (local.get 0)))))"#;
    replays(text, &[("main", &[Val::I32(2)]), ("main", &[Val::I32(3)])]);
    replays(text, &[("main", &[Val::I32(3)]), ("main", &[Val::I32(2)]), ("main", &[Val::I32(1)])]);
}

#[test]
fn ticks_of_a_trap_do_not_count_what_comes_behind_it() {
    let text = r#"(module (memory 1) (func (export "main") (param i32) (local i32)
        (local.set 1 (i32.load (local.get 0))) (drop (i32.load (local.get 0)))))"#;
    replays(text, &[("main", &[Val::I32(-1)]), ("main", &[Val::I32(0)]), ("main", &[Val::I32(-1)])]);
}

/// Sums the ticks it sees.
struct Ticks(std::sync::Arc<std::sync::atomic::AtomicU64>);

impl Observer for Ticks {
    fn after(&mut self, step: &Step<'_>, _: Returned<'_>) -> Watch {
        self.0.store(step.tick(), std::sync::atomic::Ordering::Relaxed);
        Watch::Continue
    }
}

#[test]
fn an_observer_is_enough_to_count() {
    let engine = Engine::default();
    let text = r#"(module (func (export "main") (param i32) (loop
        (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"#;
    let module = Module::new(&engine, wat::parse_str(text).expect("well-formed")).expect("valid");
    let mut store = Store::new(&engine, 0);
    let seen = std::sync::Arc::default();
    store.set_observer(Some(Box::new(Ticks(std::sync::Arc::clone(&seen)))));
    let instance = linker(&engine).instantiate(&mut store, &module).expect("it links");
    let main = instance.func(&store, "main").expect("it is exported");
    main.call_values(&mut store, &[Val::I32(10)]).expect("it returns");
    assert_eq!(store.ticks(), 50, "five operators ten times");
    assert!(seen.load(std::sync::atomic::Ordering::Relaxed) <= 50);
}

#[test]
fn a_call_of_another_type_is_no_host_call() {
    let text = r#"(module (import "host" "back" (func $back (param i32) (result i32)))
        (table funcref (elem $back))
        (func (export "main") (call_indirect (i32.const 0))))"#;
    for lowering in LOWERINGS {
        let engine = Engine::new(&Config::default().lowering(lowering));
        let module = Module::new(&engine, wat::parse_str(text).expect("well-formed")).expect("valid");
        let mut store = Store::new(&engine, 0);
        let recorder = Recorder::start(&mut store, Vec::new(), "test", &[]).expect("memory takes it");
        let instance = linker(&engine).instantiate(&mut store, &module).expect("it links");
        let main = instance.func(&store, "main").expect("it is exported");
        let error = main.call_values(&mut store, &[]).expect_err("it traps");
        let file = recorder.finish(&mut store, Err(&error)).expect("memory takes it");
        let reader = TraceReader::open(file).expect("it is a trace");
        let mut timeline = Timeline::open(reader, "test").expect("it can be repeated");
        let events = timeline.events(0..u64::MAX).expect("it can be repeated");
        let calls = events.iter().flat_map(|event| &event.effects);
        assert!(!calls.into_iter().any(|effect| matches!(effect, Effect::HostCall { .. })), "{events:?}");
    }
}

/// What is dropped behind a call, at the end of a block that nothing branches to, is not an operand below the call.
#[test]
fn a_frame_that_waits_keeps_its_operands_at_the_end_of_a_block() {
    let text = r#"(module (memory (data "\2a"))
        (func $callee (result i32) (i32.load8_u (i32.const 0)))
        (func (export "main") (result i32)
            (i32.load8_u (i32.const 0)) BLOCK (i32.const 5) i32.xor))"#;
    for block in
        ["(block (drop (call $callee)))", "(try_table (drop (call $callee)))", "(drop (call $callee))"]
    {
        for lowering in LOWERINGS {
            let engine = Engine::new(&Config::default().lowering(lowering));
            let text = wat::parse_str(text.replace("BLOCK", block)).expect("well-formed");
            let module = Module::new(&engine, text).expect("valid");
            let mut store = Store::new(&engine, 0);
            let recorder = Recorder::start(&mut store, Vec::new(), "test", &[]).expect("memory takes it");
            let instance = linker(&engine).instantiate(&mut store, &module).expect("it links");
            let main = instance.func(&store, "main").expect("it is exported");
            main.call_values(&mut store, &[]).expect("it returns");
            let file = recorder.finish(&mut store, Ok(())).expect("memory takes it");
            let reader = TraceReader::open(file).expect("it is a trace");
            let mut timeline = Timeline::open(reader, "test").expect("it can be repeated");
            let mut waited = 0;
            for step in 0..timeline.end().step {
                timeline.seek(step).expect("the step exists");
                if timeline.depth() == 2 {
                    let values: Vec<_> = timeline.slots(0).iter().map(|slot| slot.value).collect();
                    assert_eq!(values, [Value::i32(42)], "{block}, {lowering:?}, step {step}");
                    waited += 1;
                }
            }
            assert!(waited > 0);
        }
    }
}
