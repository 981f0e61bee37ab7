//! The library as an embedder uses it.

#[allow(dead_code, reason = "its main is for people")]
#[path = "../examples/embed.rs"]
mod embed;

use wasmscope_core::record::Recorder;
use wasmscope_core::timeline::Timeline;
use wasmscope_core::*;
use wasmscope_trace_format::TraceReader;

fn module(engine: &Engine, text: &str) -> Module {
    Module::new(engine, wat::parse_str(text).expect("well-formed")).expect("valid")
}

#[test]
fn the_example_records_its_host_functions() {
    let (sum, recording) = embed::record().expect("it runs");
    assert_eq!(sum, 21 + 22 + 23);
    let steps = embed::steps(recording).expect("it can be repeated");
    let calls: Vec<&String> = steps.iter().filter(|line| line.contains("HostCall")).collect();
    assert_eq!(calls.len(), 3);
    assert!(calls[1].contains("16000000"), "the answer 22 is in the log: {}", calls[1]);
}

#[test]
fn typed_functions() {
    let engine = Engine::default();
    let module = module(
        &engine,
        r#"(module
            (func (export "swap") (param i32 f64) (result f64 i32) (local.get 1) (local.get 0))
            (func (export "same") (param funcref) (result funcref) (local.get 0))
            (func (export "none")) (memory (export "memory") 1))"#,
    );
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("it links");
    let swap = instance.typed_func::<(i32, f64), (f64, i32)>(&store, "swap").expect("it is of this type");
    assert_eq!(swap.call(&mut store, (7, 0.5)).expect("it returns"), (0.5, 7));
    let same = instance.typed_func::<Option<Func>, Option<Func>>(&store, "same").expect("it is of this type");
    assert_eq!(same.call(&mut store, Some(swap.func())).expect("it returns"), Some(swap.func()));
    instance
        .typed_func::<(), ()>(&store, "none")
        .expect("it is of this type")
        .call(&mut store, ())
        .expect("it returns");
    let error = |error: TypedFuncError| error.to_string();
    assert_eq!(
        instance.typed_func::<i32, ()>(&store, "swap").map_err(error).expect_err("another type"),
        "the function is of type [i32 f64] -> [f64 i32], not [i32] -> []"
    );
    let missing = instance.typed_func::<(), ()>(&store, "memory").map_err(error).expect_err("it is a memory");
    assert_eq!(missing, "there is no exported function 'memory'");
    let names: Vec<_> =
        instance.exports(&store).map(|(name, value)| (name, value.kind().to_string())).collect();
    let names: Vec<_> = names.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
    assert_eq!(names, ["swap function", "same function", "none function", "memory memory"]);
    assert!(instance.module(&store) == module);
}

/// Vectors take two slots, references may be of narrower types than Rust has.
#[test]
fn typed_functions_over_vectors_and_references() {
    let text = r#"(module
        (type $unary (func (param i32) (result i32)))
        (import "host" "mix" (func $mix (param i32 v128 f64) (result v128 i32)))
        (import "host" "keep" (func $keep (param exnref) (result exnref)))
        (tag $tag (param i32))
        (elem declare func $add1)
        (func $add1 (export "add1") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
        (func (export "mix") (param v128 i64) (result v128 i32)
            (call $mix (i32.const 3) (local.get 0) (f64.const 0.5)))
        (func (export "apply") (param (ref $unary) i32) (result i32)
            (call_ref $unary (local.get 1) (local.get 0)))
        (func (export "give") (result (ref $unary)) (ref.func $add1))
        (func (export "some") (result funcref) (ref.func $add1))
        (func (export "same") (param (ref extern)) (result (ref extern)) (local.get 0))
        (func (export "catch") (result exnref)
            (block $caught (result exnref)
                (try_table (catch_all_ref $caught) (throw $tag (i32.const 7)))
                unreachable)
            (call $keep))
        (func (export "throw") (param exnref) (result i32)
            (block $caught (result i32)
                (try_table (catch $tag $caught) (throw_ref (local.get 0)))
                unreachable)))"#;
    for dispatch in [Dispatch::Tail, Dispatch::Counted, Dispatch::Step] {
        let engine = Engine::default();
        let mut store = Store::new(&engine, ());
        store.set_dispatch(dispatch);
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "mix", |n: i32, vector: u128, half: f64| {
            assert_eq!(half, 0.5);
            (vector.rotate_left(64), n + 1)
        });
        linker.func_wrap("host", "keep", |exception: Option<ExnRef>| exception);
        let instance = linker.instantiate(&mut store, &module(&engine, text)).expect("it links");

        let vector = 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff_u128;
        let mix = instance.typed_func::<(u128, i64), (u128, i32)>(&store, "mix").expect("it is of this type");
        assert_eq!(mix.call(&mut store, (vector, 1)).expect("it returns"), (vector.rotate_left(64), 4));

        let apply =
            instance.typed_func::<(Func, i32), i32>(&store, "apply").expect("a function may be of its type");
        let give = instance.typed_func::<(), Func>(&store, "give").expect("it is of this type");
        let add1 = give.call(&mut store, ()).expect("it returns");
        assert_eq!(apply.call(&mut store, (add1, 41)).expect("it returns"), 42);
        let wrong = apply.call(&mut store, (mix.func(), 41)).expect_err("it is of another type");
        assert!(matches!(wrong, CallError::Arguments(_)), "{wrong}");
        let nullable = instance.typed_func::<(Option<Func>, i32), i32>(&store, "apply").expect("so may this");
        assert_eq!(nullable.call(&mut store, (Some(add1), 1)).expect("it returns"), 2);
        assert!(matches!(nullable.call(&mut store, (None, 1)), Err(CallError::Arguments(_))));
        // What may be null is not taken for what never is.
        assert!(instance.typed_func::<(), Func>(&store, "some").is_err());
        let some = instance.typed_func::<(), Option<Func>>(&store, "some").expect("it is of this type");
        assert_eq!(some.call(&mut store, ()).expect("it returns"), Some(add1));

        let same = instance.typed_func::<ExternRef, ExternRef>(&store, "same").expect("it is of this type");
        assert_eq!(same.call(&mut store, ExternRef(5)).expect("it returns"), ExternRef(5));

        let catch = instance.typed_func::<(), Option<ExnRef>>(&store, "catch").expect("it is of this type");
        let caught = catch.call(&mut store, ()).expect("it returns");
        assert!(caught.is_some());
        let throw = instance.typed_func::<Option<ExnRef>, i32>(&store, "throw").expect("it is of this type");
        assert_eq!(throw.call(&mut store, caught).expect("it returns"), 7);
        assert!(matches!(throw.call(&mut store, None), Err(CallError::Trap(_))));
    }
}

/// Fuel counts from where the run is, however much of it there is.
#[test]
fn a_little_fuel_stops_a_short_run() {
    let text = r#"(module (func (export "count") (param i32) (result i32)
        (loop $again
            (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
            (br_if $again (local.get 0)))
        (local.get 0)))"#;
    for lowering in [Lowering::Plain, Lowering::Fused] {
        for dispatch in [Dispatch::Counted, Dispatch::Step] {
            let engine = Engine::new(&Config::default().lowering(lowering));
            let mut store = Store::new(&engine, ());
            store.set_dispatch(dispatch);
            let instance = Linker::new(&engine).instantiate(&mut store, &module(&engine, text));
            let count = instance.expect("it links").func(&store, "count").expect("it is exported");
            store.set_fuel(Some(100));
            let mut ended = count.call_values(&mut store, &[Val::I32(1000)]);
            for (before, more) in [(0, 100), (store.ticks(), 500)] {
                assert!(matches!(ended, Err(CallError::OutOfFuel)), "{ended:?}");
                // An iteration has six operators, and the run stops where one begins.
                let used = store.ticks() - before;
                assert!((more..more + 20).contains(&used), "{used} ticks of {more}");
                store.set_fuel((before == 0).then_some(500));
                ended = store.resume().expect("a call is stopped");
            }
            assert_eq!(ended.expect("it returns"), [Val::I32(0)]);
        }
    }
}

/// What stops a guest that a host function has called stops the one that called the host function.
#[test]
fn a_guest_within_a_host_function_stops_its_caller() {
    let text = r#"(module (import "host" "again" (func $again))
        (func (export "loop") (loop (br 0))) (func (export "run") (call $again)))"#;
    for dispatch in [Dispatch::Counted, Dispatch::Step] {
        let engine = Engine::default();
        let mut store = Store::new(&engine, ());
        store.set_dispatch(dispatch);
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "again", |mut caller: Caller<'_, ()>| -> Result<(), HostError> {
            let func = caller.export("loop").and_then(Extern::into_func).expect("it is exported");
            Ok(func.call_values(&mut caller, &[]).map(drop)?)
        });
        let instance = linker.instantiate(&mut store, &module(&engine, text)).expect("it links");
        let run = instance.func(&store, "run").expect("it is exported");
        store.set_fuel(Some(1000));
        let ended = run.call_values(&mut store, &[]);
        assert!(matches!(ended, Err(CallError::OutOfFuel)), "{ended:?}");
        assert!(store.resume().is_none(), "the host function is gone");

        store.set_fuel(None);
        store.interrupt_handle().interrupt();
        let ended = run.call_values(&mut store, &[]);
        assert!(matches!(ended, Err(CallError::Interrupted)), "{ended:?}");
    }
}

#[test]
fn what_a_store_may_hold() {
    let limits = Limits { instances: 2, memories: 2, tables: 1, ..Limits::default() };
    let engine = Engine::new(&Config::default().limits(limits));
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let refused = |store: &mut Store<()>, linker: &mut Linker<()>, text: &str| {
        linker.instantiate(store, &module(&engine, text)).expect_err("it is too much").to_string()
    };
    assert_eq!(
        refused(&mut store, &mut linker, "(module (memory 1) (memory 1) (memory 1))"),
        "the store may have 2 memories: it has 0, the module adds 3"
    );
    assert_eq!(
        refused(&mut store, &mut linker, "(module (table 1 funcref) (table 1 funcref))"),
        "the store may have 1 tables: it has 0, the module adds 2"
    );
    let small = module(&engine, "(module (memory 1))");
    for _ in 0..2 {
        linker.instantiate(&mut store, &small).expect("there is room");
    }
    assert_eq!(
        refused(&mut store, &mut linker, "(module)"),
        "the store may have 2 instances: it has 2, the module adds 1"
    );
    let ty = MemoryType { minimum: 1, maximum: None, memory64: false, page_size_log2: 16 };
    assert!(Memory::new(&mut store, ty).is_none());
}

/// A tag of the host's goes into an instance, and a recording knows it.
#[test]
fn tags_of_the_host() {
    let text = r#"(module
        (import "host" "tag" (tag $tag (param i32)))
        (func (export "run") (result i32)
            (block $caught (result i32)
                (try_table (catch $tag $caught) (throw $tag (i32.const 7)))
                unreachable)))"#;
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let recorder = Recorder::start(&mut store, Vec::new(), "tags", &[]).expect("memory is written to");
    let tag = Tag::new(&mut store, FuncType::new([ValType::I32], []));
    let mut linker = Linker::new(&engine);
    linker.define("host", "tag", tag);
    let instance = linker.instantiate(&mut store, &module(&engine, text)).expect("the tag fits");
    let run = instance.typed_func::<(), i32>(&store, "run").expect("it is of this type");
    assert_eq!(run.call(&mut store, ()).expect("it returns"), 7);
    let recording = recorder.finish(&mut store, Ok(())).expect("memory is written to");
    let mut timeline =
        Timeline::open(TraceReader::open(recording).expect("it is whole"), "tags").expect("a run");
    let end = timeline.end().step;
    timeline.seek(end).expect("it can be repeated");
    assert!(end > 0 && timeline.step() == end);
}

#[test]
fn a_missing_import_may_mention_types_of_the_module() {
    let engine = Engine::default();
    let text = r#"(module
        (type $f (func (param i64))) (type $g (func (param (ref null $f))))
        (import "env" "x" (func $x (type $g)))
        (func (export "run") (call $x (ref.null $f))))"#;
    let mut linker = Linker::new(&engine);
    linker.missing_imports(MissingImports::Trap);
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module(&engine, text)).expect("it links");
    let run = instance.typed_func::<(), ()>(&store, "run").expect("it is exported");
    let error = run.call(&mut store, ()).expect_err("nobody is there");
    assert_eq!(error.to_string(), "call of a missing import: nobody has defined env.x");
}

#[test]
fn a_memory_is_no_larger_than_allowed() {
    let engine =
        Engine::new(&Config::default().limits(Limits { memory_bytes: 1 << 16, ..Limits::default() }));
    let mut store = Store::new(&engine, ());
    let ty = MemoryType { minimum: 1, maximum: None, memory64: false, page_size_log2: 16 };
    let memory = Memory::new(&mut store, ty).expect("one page is allowed");
    assert_eq!(memory.len(&store), 1 << 16);
    for (minimum, page_size_log2) in [(2, 16), (100_000, 16), (1, 70), (1, 3)] {
        let ty = MemoryType { minimum, page_size_log2, ..ty };
        assert!(Memory::new(&mut store, ty).is_none(), "{minimum} pages of 2^{page_size_log2}");
    }
}

#[test]
fn a_table_says_why_it_does_not_take_a_value() {
    let engine = Engine::default();
    let text = r#"(module (table (export "funcs") 2 funcref) (table (export "others") 2 externref)
        (func $f) (elem (table 0) (i32.const 0) func $f))"#;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module(&engine, text)).expect("it links");
    let [funcs, others] = ["funcs", "others"]
        .map(|name| instance.export(&store, name).and_then(Extern::into_table).expect("it is exported"));
    let other = Val::ExternRef(Some(ExternRef(7)));
    let wrong = funcs.set(&mut store, 0, other).expect_err("it is no function");
    assert_eq!(wrong.to_string(), "the value is not of the table's type, funcref");
    let far = others.set(&mut store, 2, other).expect_err("there are two");
    assert_eq!(far.to_string(), "1 bytes or elements at 2 do not lie within the 2 there are");
    others.set(&mut store, 1, other).expect("there is room");
    assert!(matches!(others.copy_from(&mut store, 0, funcs, 0, 2), Err(TableError::WrongType(_))));
    assert_eq!(others.get(&store, 1), Some(other), "nothing was copied");
}
