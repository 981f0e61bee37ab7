//! Input and embedders that are large, endless or broken: what they get is an error, and
//! the store stays what it was.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
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
    let start = Instant::now();
    each(&text, |store, linker, module| {
        let instance = linker.instantiate(store, module).expect("it imports nothing");
        let func = instance.func(store, "f").expect("it is exported");
        assert_eq!(func.call_values(store, &[Val::I32(1)]).expect("it returns"), [Val::I32(4)]);
        let func = instance.func(store, "g").expect("it is exported");
        assert_eq!(func.call_values(store, &[Val::I32(1)]).expect("it returns"), [Val::I32(200_001)]);
    });
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
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
