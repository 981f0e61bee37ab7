//! What is said about a trap: the numbers behind it, the same under every dispatcher and lowering, and when the run is
//! repeated from its recording.

use wasmscope_core::record::Recorder;
use wasmscope_core::timeline::Timeline;
use wasmscope_core::{
    CallError, Caller, Config, Dispatch, Engine, HostError, Limits, Linker, Lowering, Module, Store,
    TrapReport,
};
use wasmscope_trace_format::TraceReader;

/// Runs `(func (export "run") …)` of a module of these fields until it traps; what is said about that.
#[track_caller]
fn check(fields: &str, expected: &str) {
    let binary = wat::parse_str(format!("(module {fields})")).expect("the text is valid");
    for lowering in [Lowering::Plain, Lowering::Fused] {
        for dispatch in [Dispatch::Tail, Dispatch::Counted, Dispatch::Step] {
            let (report, _) = run(&binary, lowering, dispatch, false);
            assert_eq!(report.to_string(), expected, "{lowering:?} {dispatch:?}");
        }
        let (report, recording) = run(&binary, lowering, Dispatch::Counted, true);
        let reader = TraceReader::open(recording.expect("it was recorded")).expect("the recording is whole");
        let mut timeline = Timeline::open(reader, "test").expect("it is a run");
        let replayed = timeline.trap().expect("it can be repeated").expect("it ended in a trap");
        assert_eq!(replayed.to_string(), expected, "{lowering:?} repeated");
        assert_eq!((replayed.code, replayed.detail), (report.code, report.detail));
        assert!(replayed.frames.is_empty() || replayed.frames.len() == report.frames.len());
        assert_eq!(timeline.step(), 0);
    }
}

fn run(binary: &[u8], lowering: Lowering, dispatch: Dispatch, record: bool) -> (TrapReport, Option<Vec<u8>>) {
    let limits = Limits { call_depth: 300, value_stack: 200_000, host_calls: 5, ..Limits::default() };
    let engine = Engine::new(&Config::default().lowering(lowering).limits(limits));
    let module = Module::new(&engine, binary).expect("the module is valid");
    let mut store = Store::new(&engine, ());
    store.set_dispatch(dispatch);
    let recorder =
        record.then(|| Recorder::start(&mut store, Vec::new(), "test", &[]).expect("memory is written to"));
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "again", |mut caller: Caller<'_, ()>| -> Result<(), HostError> {
        let func = caller.export("run").and_then(|export| export.into_func()).expect("it is exported");
        func.call_values(&mut caller, &[]).map(drop).map_err(HostError::from)
    });
    let instance = linker.instantiate(&mut store, &module).expect("it can be instantiated");
    let func = instance.func(&store, "run").expect("it is exported");
    let ended = func.call_values(&mut store, &[]);
    let recording = recorder.map(|recorder| {
        let outcome = ended.as_ref().map(drop);
        recorder.finish(&mut store, outcome).expect("memory is written to")
    });
    match ended {
        Err(CallError::Trap(report)) => (*report, recording),
        other => panic!("no trap: {other:?}"),
    }
}

#[track_caller]
fn body(code: &str, expected: &str) {
    check(&format!("(memory 1) (func (export \"run\") (local i32 i64 f32 f64) {code})"), expected);
}

#[test]
fn divisions() {
    body("(drop (i32.div_s (i32.const -70) (local.get 0)))", "integer divide by zero: -70 / 0");
    body("(drop (i32.div_u (i32.const -1) (local.get 0)))", "integer divide by zero: 4294967295 / 0");
    body(
        "(drop (i64.rem_u (i64.const -1) (local.get 1)))",
        "integer divide by zero: 18446744073709551615 % 0",
    );
    body("(drop (i32.div_s (i32.const 5) (i32.const 0)))", "integer divide by zero: 5 / 0");
    body(
        "(local.set 1 (i64.const 0x8000000000000000)) (drop (i64.div_s (local.get 1) (i64.const -1)))",
        "integer overflow: -9223372036854775808 / -1",
    );
}

#[test]
fn conversions() {
    body("(drop (i32.trunc_f64_s (f64.const 1e20)))", "integer overflow: 1e20 as signed i32");
    body("(drop (i64.trunc_f32_u (f32.const -2)))", "integer overflow: -2.0 as unsigned i64");
    body("(drop (i32.trunc_f32_s (f32.const nan)))", "invalid conversion to integer: NaN as signed i32");
}

#[test]
fn memories() {
    body(
        "(local.set 0 (i32.const 0xfffd)) (drop (i32.load (local.get 0)))",
        "out of bounds memory access: load of 4 bytes at 0xfffd, the memory has 0x10000 bytes",
    );
    body(
        "(i64.store offset=16 (i32.const -8) (i64.const 1))",
        "out of bounds memory access: store of 8 bytes at 0x100000008 (0xfffffff8 + 16), the memory has 0x10000 bytes",
    );
    body(
        "(drop (i32.load8_u (i32.const 0x10000)))",
        "out of bounds memory access: load of 1 byte at 0x10000, the memory has 0x10000 bytes",
    );
    body(
        "(memory.fill (i32.const 0xfff0) (i32.const 0) (i32.const 32))",
        "out of bounds memory access: 0x20 bytes from 0xfff0 on, memory 0 has 0x10000",
    );
    check(
        r#"(memory 1) (data $d "abc") (func (export "run") (memory.init $d (i32.const 0) (i32.const 1) (i32.const 3)))"#,
        "out of bounds memory access: 0x3 bytes from 0x1 on, data segment 0 has 0x3",
    );
    check(
        r#"(memory 1) (memory i64 2) (func (export "run") (drop (v128.load 1 offset=1 (i64.const 0x1ffff))))"#,
        "out of bounds memory access: load of 16 bytes at 0x20000 (0x1ffff + 1), memory 1 has 0x20000 bytes",
    );
}

#[test]
fn tables() {
    const TABLE: &str = "(table 3 funcref) (elem (i32.const 2) $f) (type $none (func)) (func $f (param i32))";
    let check =
        |code: &str, expected: &str| check(&format!("{TABLE} (func (export \"run\") {code})"), expected);
    check("(drop (table.get (i32.const 7)))", "out of bounds table access: element 7, table 0 has 3");
    check(
        "(table.fill (i32.const 2) (ref.null func) (i32.const 5))",
        "out of bounds table access: 5 elements from 2 on, table 0 has 3",
    );
    check("(call_indirect (type $none) (i32.const 3))", "undefined element: element 3, table 0 has 3");
    check(
        "(call_indirect (type $none) (i32.const 1))",
        "uninitialized element: element 1 of table 0 is null",
    );
    check(
        "(call_indirect (type $none) (i32.const 2))",
        "indirect call type mismatch: element 2 of table 0 is f of type [i32] -> [], the call wants [] -> []",
    );
}

#[test]
fn exceptions_nobody_catches() {
    check(
        r#"(tag $odd (param i32 f64)) (func (export "run") (throw $odd (i32.const 3) (f64.const 1.5)))"#,
        "uncaught exception: tag odd (3, 1.5)",
    );
    check(
        r#"(tag) (tag (param v128 i64)) (func $f (throw 1 (v128.const i64x2 1 2) (i64.const -3)))
        (func (export "run") (block (try_table (catch 0 0) (call $f))))"#,
        "uncaught exception: tag 1 (0x00000000000000020000000000000001, -3)",
    );
    check(
        r#"(tag (export "out") (param i32))
        (func (export "run") (block $h (result exnref)
            (try_table (catch_all_ref $h) (throw 0 (i32.const 7))) (unreachable)) (throw_ref))"#,
        "uncaught exception: tag out (7)",
    );
}

#[test]
fn stacks() {
    check(r#"(func $f (export "run") (call $f))"#, "call stack exhausted: 300 nested calls are the limit");
    let locals = "i64 ".repeat(2000);
    check(
        &format!(r#"(func $f (export "run") (local {locals}) (call $f))"#),
        "call stack exhausted: 200000 slots are the limit, 100 functions are active",
    );
    check(
        r#"(import "host" "again" (func $again)) (func (export "run") (call $again))"#,
        "call stack exhausted",
    );
}

#[test]
fn nothing_to_add() {
    body("unreachable", "unreachable");
}
