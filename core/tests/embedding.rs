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
