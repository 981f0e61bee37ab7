//! Input and embedders that are large, endless or broken: what they get is an error, and
//! the store stays what it was.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use wasmscope_core::*;

const DISPATCH: [Dispatch; 3] = [Dispatch::Tail, Dispatch::Counted, Dispatch::Step];
const LOWERING: [Lowering; 2] = [Lowering::Plain, Lowering::Fused];

fn engine(lowering: Lowering) -> Engine {
    Engine::new(&Config::default().lowering(lowering))
}

fn module(engine: &Engine, text: &str) -> Module {
    let wasm = wat::parse_str(text).expect("the test is well-formed");
    Module::new(engine, wasm).expect("the test is valid")
}

/// Runs `check` with a store of every configuration.
fn each(text: &str, check: impl Fn(&mut Store<u32>, &mut Linker<u32>, &Module)) {
    for lowering in LOWERING {
        for dispatch in DISPATCH {
            let engine = engine(lowering);
            let module = module(&engine, text);
            let mut store = Store::new(&engine, 0);
            store.set_dispatch(dispatch);
            check(&mut store, &mut Linker::new(&engine), &module);
        }
    }
}

#[test]
fn a_function_with_50_000_locals() {
    let text = r#"(module (func (export "f") (param i32) (result i32)
        (local LOCALS)
        (local.set 49999 (i32.add (local.get 0) (local.get 49998)))
        (local.get 49999)))"#;
    let text = text.replace("LOCALS", &"i32 ".repeat(49_999));
    each(&text, |store, linker, module| {
        let instance = linker.instantiate(store, module).expect("it imports nothing");
        let func = instance.func(store, "f").expect("it is exported");
        assert_eq!(func.call_values(store, &[Val::I32(7)]).expect("it returns"), [Val::I32(7)]);
    });
    // Vectors take two slots: a frame that no op can name is refused when it is called.
    let text = r#"(module (func (export "f") (local LOCALS)) (func (export "g")))"#;
    let text = text.replace("LOCALS", &"v128 ".repeat(50_000));
    each(&text, |store, linker, module| {
        let instance = linker.instantiate(store, module).expect("it imports nothing");
        let func = instance.func(store, "f").expect("it is exported");
        let error = func.call_values(store, &[]).expect_err("it does not fit a frame");
        assert!(matches!(error, CallError::Limit(_)), "{error}");
        let func = instance.func(store, "g").expect("it is exported");
        func.call_values(store, &[]).expect("the store is fine");
    });
}

#[test]
fn a_huge_branch_table() {
    const TARGETS: u32 = 500_000;
    let text = r#"(module (func (export "f") (param i32) (result i32)
        (block $a (block $b (block $c (br_table TARGETS $c (local.get 0)))
            (return (i32.const 3))) (return (i32.const 2))) (i32.const 1)))"#;
    let text = text.replace("TARGETS", &"$a $b ".repeat(TARGETS as usize / 2));
    each(&text, |store, linker, module| {
        let instance = linker.instantiate(store, module).expect("it imports nothing");
        let func = instance.func(store, "f").expect("it is exported");
        for (index, expect) in [(0, 1), (1, 2), (TARGETS - 1, 2), (TARGETS, 3), (u32::MAX, 3)] {
            let got = func.call_values(store, &[Val::I32(index as i32)]).expect("it returns");
            assert_eq!(got, [Val::I32(expect)], "target {index}");
        }
    });
}

/// Deep blocks, long straight code: nothing in lowering recurses or squares.
#[test]
fn deep_and_long_bodies() {
    let deep = 20_000;
    let text = format!(
        r#"(module (func (export "f") (param i32) (result i32) {} (br_if {} (local.get 0)) {} (i32.const 4))
            (func (export "g") (param i32) (result i32) (local.get 0) {}))"#,
        "block ".repeat(deep),
        deep - 1,
        "end ".repeat(deep),
        "(i32.add (i32.const 1)) ".repeat(200_000),
    );
    each(&text, |store, linker, module| {
        let instance = linker.instantiate(store, module).expect("it imports nothing");
        let func = instance.func(store, "f").expect("it is exported");
        assert_eq!(func.call_values(store, &[Val::I32(1)]).expect("it returns"), [Val::I32(4)]);
        let func = instance.func(store, "g").expect("it is exported");
        assert_eq!(func.call_values(store, &[Val::I32(1)]).expect("it returns"), [Val::I32(200_001)]);
    });
}

#[test]
fn memories_larger_than_there_is() {
    for text in [
        "(module (memory i64 0x1_0000_0000_0000))",
        "(module (memory i64 0x1_0000_0001))",
        "(module (memory 65536) (memory 65536) (memory i64 0x10_0000_0000))",
    ] {
        each(text, |store, linker, module| {
            let error = linker.instantiate(store, module).expect_err("nobody has that much");
            assert!(matches!(error, LinkError::Limit(_)), "{error}");
        });
    }
    // 4 GiB are what the limits allow: had, or refused, but never touched.
    each(
        r#"(module (memory 65536) (func (export "f") (result i32) (memory.size)))"#,
        |store, linker, module| match linker.instantiate(store, module) {
            Ok(instance) => {
                let func = instance.func(store, "f").expect("it is exported");
                assert_eq!(func.call_values(store, &[]).expect("it returns"), [Val::I32(65536)]);
            }
            Err(error) => assert!(matches!(error, LinkError::Limit(_)), "{error}"),
        },
    );
    let text = r#"(module (memory 1) (table 1 funcref)
        (func (export "f") (result i32 i32)
            (memory.grow (i32.const -1)) (table.grow 0 (ref.null func) (i32.const -1))))"#;
    each(text, |store, linker, module| {
        let instance = linker.instantiate(store, module).expect("it imports nothing");
        let func = instance.func(store, "f").expect("it is exported");
        assert_eq!(func.call_values(store, &[]).expect("it returns"), [Val::I32(-1), Val::I32(-1)]);
    });
    each("(module (table 4000000000 funcref))", |store, linker, module| {
        let error = linker.instantiate(store, module).expect_err("the limit is lower");
        assert!(matches!(error, LinkError::Limit(_)), "{error}");
    });
}

#[test]
fn a_start_function_that_loops_can_be_interrupted() {
    let text = "(module (func $start (loop (br 0))) (start $start))";
    for lowering in LOWERING {
        for dispatch in [Dispatch::Counted, Dispatch::Step] {
            let engine = engine(lowering);
            let module = module(&engine, text);
            let mut store = Store::new(&engine, ());
            store.set_dispatch(dispatch);
            let handle = store.interrupt_handle();
            let thread = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(30));
                handle.interrupt();
            });
            let error = Linker::new(&engine).instantiate(&mut store, &module).expect_err("it does not end");
            assert!(matches!(error, LinkError::Start(CallError::Interrupted)), "{error}");
            assert!(store.steps() > 0);
            thread.join().expect("it does not panic");
            // Fuel does the same.
            store.set_fuel(Some(100_000));
            let error = Linker::new(&engine).instantiate(&mut store, &module).expect_err("it does not end");
            assert!(matches!(error, LinkError::Start(CallError::OutOfFuel)), "{error}");
        }
    }
}

#[test]
fn a_host_function_that_panics() {
    let text = r#"(module
        (import "host" "panic" (func $panic (param i32) (result i32)))
        (import "host" "again" (func $again (param i32) (result i32)))
        (memory (export "memory") 1)
        (func $deep (export "deep") (call $deep))
        (func (export "inner") (param i32) (result i32) (i32.add (call $panic (local.get 0)) (i32.const 1)))
        (func (export "outer") (param i32) (result i32) (i32.add (call $again (local.get 0)) (i32.const 10)))
        (func (export "fine") (param i32) (result i32) (local i32)
            (i32.store (i32.const 8) (local.get 0))
            (i32.mul (i32.load (i32.const 8)) (i32.const 2))))"#;
    each(text, |store, linker, module| {
        linker.func_wrap("host", "panic", |n: i32| if n == 0 { panic!("as asked") } else { n });
        linker.func_wrap("host", "again", |mut caller: Caller<'_, u32>, n: i32| -> Result<i32, HostError> {
            *caller.data_mut() += 1;
            let inner = caller.export("inner").and_then(Extern::into_func).expect("it is exported");
            let results = inner.call_values(&mut caller, &[Val::I32(n)])?;
            let [Val::I32(result)] = results[..] else { unreachable!("one i32") };
            Ok(result)
        });
        let instance = linker.instantiate(store, module).expect("the imports exist");
        let func = |store: &Store<u32>, name: &str| instance.func(store, name).expect("it is exported");
        let mut steps = None;
        for round in 0..200 {
            // Through one and through two native calls; depth and stacks come back each time.
            for name in ["inner", "outer"] {
                let func = func(store, name);
                let caught = catch_unwind(AssertUnwindSafe(|| func.call_values(store, &[Val::I32(0)])));
                let panic = caught.expect_err("the host panicked");
                assert_eq!(panic.downcast_ref::<&str>(), Some(&"as asked"));
            }
            let before = store.steps();
            let outer = func(store, "outer").call_values(store, &[Val::I32(5)]).expect("it returns");
            assert_eq!(outer, [Val::I32(16)], "round {round}");
            let fine = func(store, "fine").call_values(store, &[Val::I32(21)]).expect("it returns");
            assert_eq!(fine, [Val::I32(42)]);
            let taken = store.steps() - before;
            assert_eq!(*steps.get_or_insert(taken), taken, "counters are right after a panic");
        }
        assert_eq!(*store.data(), 400);
        let CallError::Trap(report) = func(store, "deep").call_values(store, &[]).expect_err("it is endless")
        else {
            panic!("a trap")
        };
        assert_eq!(report.depth as u32, Limits::default().call_depth, "no frames are left over");
    });
}

#[test]
fn recursion_through_the_host_ends() {
    let text = r#"(module
        (import "host" "again" (func $again (param i32) (result i32)))
        (func (export "f") (param i32) (result i32) (call $again (i32.add (local.get 0) (i32.const 1)))))"#;
    each(text, |store, linker, module| {
        linker.func_wrap("host", "again", |mut caller: Caller<'_, u32>, n: i32| -> Result<i32, HostError> {
            let f = caller.export("f").and_then(Extern::into_func).expect("it is exported");
            let results = f.call_values(&mut caller, &[Val::I32(n)])?;
            let [Val::I32(result)] = results[..] else { unreachable!("one i32") };
            Ok(result)
        });
        let instance = linker.instantiate(store, module).expect("the import exists");
        let f = instance.func(store, "f").expect("it is exported");
        for _ in 0..2 {
            let error = f.call_values(store, &[Val::I32(0)]).expect_err("it cannot go on for ever");
            let CallError::Trap(report) = error else { panic!("{error}") };
            assert_eq!(report.code, TrapCode::StackOverflow);
        }
    });
}

/// In a run that is debugged the start function stands before its first op, can be stepped, stopped, and looked back at.
#[test]
fn a_start_function_is_stepped_live() {
    use wasmscope_core::timeline::{Live, LiveState};
    use wasmscope_trace_format::RunEnd;
    let text = r#"(module (global $g (mut i32) (i32.const 0))
        (func $start (loop $again
            (global.set $g (i32.add (global.get $g) (i32.const 1)))
            (br_if $again (i32.lt_u (global.get $g) (i32.const LIMIT)))))
        (func (export "main") (result i32) (global.get $g)) (start $start))"#;
    for lowering in LOWERING {
        let engine = engine(lowering);
        // It ends: the call that comes after it sees what it did.
        let ends = module(&engine, &text.replace("LIMIT", "5"));
        let mut live = Live::new(Store::new(&engine, ()), "start");
        let instance = live.begin_instance(&mut Linker::new(&engine), &ends).expect("it links");
        assert_eq!((live.store().steps(), live.depth(), live.is_running()), (0, 1, true));
        live.run_to(3, &[]);
        assert_eq!((live.store().steps(), live.is_running()), (3, true));
        live.run_to(u64::MAX, &[]);
        assert_eq!((live.state(), live.is_running()), (&LiveState::Ended(RunEnd::Halt), false));
        let started = live.store().steps();
        let main = instance.func(live.store(), "main").expect("it is exported");
        live.begin(main, &[]).expect("it takes nothing");
        live.run_to(u64::MAX, &[]);
        let mut timeline = live.timeline();
        let end = timeline.end().step;
        assert!(started > 5 && end > started);
        for step in [end, started, 3, 0] {
            timeline.seek(step).expect("the step exists");
            assert_eq!(timeline.depth(), usize::from(step != end), "step {step} of {end}");
        }
        // It does not end: it stops where it is told to.
        let endless = module(&engine, &text.replace("LIMIT", "-1"));
        let mut live = Live::new(Store::new(&engine, ()), "start");
        live.begin_instance(&mut Linker::new(&engine), &endless).expect("it links");
        live.run_to(1000, &[]);
        assert_eq!((live.store().steps(), live.is_running()), (1000, true));
        // It traps: the run ends there.
        let traps = module(&engine, "(module (func $start unreachable) (start $start))");
        let mut live = Live::new(Store::new(&engine, ()), "start");
        live.begin_instance(&mut Linker::new(&engine), &traps).expect("it links");
        live.run_to(u64::MAX, &[]);
        assert!(matches!(live.state(), LiveState::Ended(RunEnd::Error(_))));
        assert_eq!(live.timeline().trap().expect("it can be repeated").expect("it trapped").depth, 1);
    }
}

#[test]
fn files_of_other_sorts() {
    let refused =
        |bytes: &[u8]| Module::new(&Engine::default(), bytes).expect_err("it is no module").to_string();
    let text = "byte 0x0: this is text, but not WebAssembly's: a module in text starts with a parenthesis, one in \
                binary with 00 61 73 6d";
    assert_eq!(refused(b"#!/bin/sh\necho hello\n"), text);
    assert_eq!(refused("ä".repeat(400).as_bytes()), text);
    let binary = "byte 0x0: not a WebAssembly module: a module starts with the bytes 00 61 73 6d";
    assert_eq!(refused(b"\x7fELF\x02\x01"), binary);
    assert_eq!(refused(b"\x89PNG\r\n\x1a\n"), binary);
}
