//! Small programs under every dispatcher and lowering, which must all agree.

use wasmscope_core::*;

const DISPATCH: [Dispatch; 3] = [Dispatch::Tail, Dispatch::Counted, Dispatch::Step];

/// Runs `main` of a module in the text format and gives its results or its failure.
fn run(text: &str, dispatch: Dispatch, lowering: Lowering, args: &[Val]) -> (String, u64, u64) {
    let engine = Engine::new(&Config::default().lowering(lowering));
    let wasm = wat::parse_str(text).expect("the test is well-formed");
    let module = Module::new(&engine, wasm).expect("the test is valid");
    let mut store = Store::new(&engine, ());
    store.set_dispatch(dispatch);
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b));
    linker.func_wrap("host", "call", |mut caller: Caller<'_, ()>, n: i32| -> Result<i32, HostError> {
        let func = caller.export("callback").and_then(Extern::into_func).expect("it exports the function");
        let results = func.call_values(&mut caller, &[Val::I32(n)])?;
        let [Val::I32(result)] = results[..] else { panic!("one i32") };
        Ok(result)
    });
    let instance = linker.instantiate(&mut store, &module).expect("the imports exist");
    let main = instance.func(&store, "main").expect("there is a main");
    let outcome = match main.call_values(&mut store, args) {
        Ok(results) => format!("{results:?}"),
        Err(CallError::Trap(report)) => {
            let at = report.frames.first().map_or(0, |frame| frame.pc);
            format!("trap at {at:#x}: {report}, depth {}", report.depth)
        }
        Err(error) => format!("{error}"),
    };
    (outcome, store.steps(), store.ticks())
}

/// Runs under every configuration and compares everything.
fn check(text: &str, args: &[Val], expect: &str) {
    let mut ticks = None;
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let mut steps = None;
        for dispatch in DISPATCH {
            let (outcome, s, t) = run(text, dispatch, lowering, args);
            assert_eq!(outcome, expect, "{dispatch:?} {lowering:?}");
            if dispatch == Dispatch::Tail {
                continue;
            }
            assert_eq!(*steps.get_or_insert(s), s, "steps, {dispatch:?} {lowering:?}");
            assert_eq!(*ticks.get_or_insert(t), t, "ticks, {dispatch:?} {lowering:?}");
        }
    }
}

#[test]
fn fib() {
    let text = r#"(module (func $fib (export "main") (param i32) (result i32)
        (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
            (then (local.get 0))
            (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                           (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"#;
    check(text, &[Val::I32(20)], "[I32(6765)]");
}

#[test]
fn loops_and_memory() {
    let text = r#"(module (memory 1) (func (export "main") (result i64) (local $i i32) (local $sum i64)
        (loop $l
            (i64.store (i32.mul (local.get $i) (i32.const 8)) (i64.extend_i32_u (local.get $i)))
            (local.set $sum (i64.add (local.get $sum) (i64.load (i32.mul (local.get $i) (i32.const 8)))))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000))))
        (local.get $sum)))"#;
    check(text, &[], "[I64(499500)]");
}

#[test]
fn division_by_zero_traps() {
    let text = r#"(module (func (export "main") (param i32) (result i32)
        (i32.add (i32.const 5) (i32.div_s (i32.const 1) (local.get 0)))))"#;
    check(text, &[Val::I32(0)], "trap at 0x29: integer divide by zero, depth 1");
}

#[test]
fn the_host_calls_back() {
    let text = r#"(module
        (import "host" "add" (func $add (param i32 i32) (result i32)))
        (import "host" "call" (func $call (param i32) (result i32)))
        (func (export "callback") (param i32) (result i32) (call $add (local.get 0) (i32.const 1)))
        (func (export "main") (result i32) (i32.add (call $call (i32.const 41)) (call $call (i32.const 57)))))"#;
    check(text, &[], "[I32(100)]");
}

#[test]
fn runaway_recursion_is_a_trap() {
    let text = r#"(module (func $f (export "main") (call $f)))"#;
    check(text, &[], "trap at 0x21: call stack exhausted, depth 65536");
}

#[test]
fn branch_tables_carry_values() {
    let text = r#"(module (func (export "main") (param i32) (result i32)
        (i32.add (i32.const 1000)
        (block $a (result i32)
            (i32.const 5)
            (block $b (result i32)
                (i32.const 6)
                (block $c (result i32) (br_table $c $b $a (i32.const 10) (local.get 0)))
                (i32.add))
            (i32.add)))))"#;
    check(text, &[Val::I32(0)], "[I32(1021)]");
    check(text, &[Val::I32(1)], "[I32(1015)]");
    check(text, &[Val::I32(9)], "[I32(1010)]");
}

#[test]
fn tail_calls_need_no_stack() {
    let text = r#"(module
        (type $t (func (param i32 i64) (result i64)))
        (import "host" "add" (func $add (param i32 i32) (result i32)))
        (table funcref (elem $even $odd))
        (func $even (type $t) (local i64 i64)
            (if (result i64) (i32.eqz (local.get 0))
                (then (i64.add (local.get 1) (local.get 2)))
                (else (local.set 2 (i64.const 7))
                    (return_call $odd (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 1))))))
        (func $odd (type $t)
            (return_call_indirect (type $t)
                (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 1)) (i32.const 0)))
        (func $host (param i32) (result i32) (local i32)
            (return_call $add (local.get 0) (i32.const 5)))
        (func (export "main") (result i64)
            (i64.add (call $even (i32.const 200000) (i64.const 0))
                (i64.extend_i32_u (call $host (i32.const 37))))))"#;
    check(text, &[], "[I64(200042)]");
}
