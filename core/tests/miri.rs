//! A slice of the engine for Miri: every family of ops once, on the step dispatcher.
//!
//! ```text
//! MIRIFLAGS="-Zmiri-disable-isolation" \
//!     cargo +nightly miri test -p wasmscope-core --no-default-features --test miri
//! ```
//!
//! Small stacks, because Miri keeps a record of every byte; the same programs run natively
//! with all other tests. What they compute is checked by `engine`; here they must run.

use wasmscope_core::*;

/// Runs `main`, which takes nothing; its results or its failure.
fn run(text: &str) -> String {
    let limits = Limits { call_depth: 64, value_stack: 4096, ..Limits::default() };
    let engine = Engine::new(&Config::default().limits(limits));
    let wasm = wat::parse_str(text).expect("the test is well-formed");
    let module = Module::new(&engine, wasm).expect("the test is valid");
    let mut store = Store::new(&engine, ());
    store.set_dispatch(Dispatch::Step);
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "call", |mut caller: Caller<'_, ()>, n: i32| -> Result<i32, HostError> {
        let func = caller.export("callback").and_then(Extern::into_func).expect("it exports the function");
        let results = func.call_values(&mut caller, &[Val::I32(n)])?;
        let [Val::I32(result)] = results[..] else { panic!("one i32") };
        Ok(result)
    });
    let instance = linker.instantiate(&mut store, &module).expect("the imports exist");
    let main = instance.func(&store, "main").expect("there is a main");
    match main.call_values(&mut store, &[]) {
        Ok(results) => format!("{results:?}"),
        Err(error) => format!("{error}"),
    }
}

#[test]
fn calls() {
    let text = r#"(module (table funcref (elem $fib))
        (func $fib (param i32) (result i32)
            (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
                (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                               (call_indirect (param i32) (result i32)
                                   (i32.sub (local.get 0) (i32.const 2)) (i32.const 0))))))
        (func (export "main") (result i32) (call $fib (i32.const 7))))"#;
    assert_eq!(run(text), "[I32(13)]");
    assert!(run(r#"(module (func $f (export "main") (call $f)))"#).starts_with("call stack exhausted"));
    let text = r#"(module (func $count (param i32) (result i32)
            (if (result i32) (local.get 0) (then (return_call $count (i32.sub (local.get 0) (i32.const 1))))
                (else (i32.const 5))))
        (func (export "main") (result i32) (call $count (i32.const 100))))"#;
    assert_eq!(run(text), "[I32(5)]");
}

#[test]
fn memory() {
    let text = r#"(module (memory 1) (data "\01\02\03\04")
        (func (export "main") (result i64) (local $i i32) (local $sum i64)
            (memory.init 0 (i32.const 8) (i32.const 0) (i32.const 4))
            (memory.copy (i32.const 16) (i32.const 8) (i32.const 8))
            (memory.fill (i32.const 65530) (i32.const 1) (i32.const 6))
            (drop (memory.grow (i32.const 1)))
            (loop $l
                (local.set $sum (i64.add (local.get $sum) (i64.load8_u (local.get $i))))
                (i32.store16 offset=65600 (local.get $i) (i32.const 7))
                (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30))))
            (i64.add (local.get $sum) (i64.load (i32.const 65530)))))"#;
    assert!(run(text).starts_with("[I64("));
    let text = r#"(module (memory 1) (func (export "main") (drop (i32.load (i32.const 65533)))))"#;
    assert!(run(text).starts_with("out of bounds memory access"));
}

#[test]
fn numbers_and_vectors() {
    let text = r#"(module (global $g (mut v128) (v128.const i64x2 1 2)) (func (export "main") (result f64 i32)
        (global.set $g (i64x2.add (global.get $g) (v128.const i32x4 1 2 3 4)))
        (f64.sqrt (f64.convert_i32_s (i32x4.extract_lane 1 (global.get $g))))
        (i32.rem_u (i32.popcnt (i32.const 0xff0ff)) (i32.const 5))))"#;
    assert!(run(text).starts_with("[F64("));
    let text = r#"(module (func (export "main") (drop (i32.div_s (i32.const 1) (i32.const 0)))))"#;
    assert!(run(text).starts_with("integer divide by zero"));
}

#[test]
fn branches() {
    let text = r#"(module (func (export "main") (result i32) (local $i i32) (local $sum i32)
        (loop $l
            (block $a (block $b (block $c (br_table $c $b $a (i32.and (local.get $i) (i32.const 3))))
                (local.set $sum (i32.add (local.get $sum) (i32.const 1))))
                (local.set $sum (i32.add (local.get $sum) (i32.const 10))))
            (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 12))))
        (select (local.get $sum) (i32.const 0) (local.get $sum))))"#;
    assert_eq!(run(text), "[I32(63)]");
}

#[test]
fn exceptions() {
    let text = r#"(module (tag $e (param i32))
        (func $throws (throw $e (i32.const 9)))
        (func (export "main") (result i32)
            (block $h (result i32) (try_table (catch $e $h) (call $throws)) (i32.const 0))))"#;
    assert_eq!(run(text), "[I32(9)]");
}

#[test]
fn the_host_calls_back() {
    let text = r#"(module (import "host" "call" (func $call (param i32) (result i32)))
        (func (export "callback") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
        (func (export "main") (result i32) (i32.add (call $call (i32.const 4)) (call $call (i32.const 5)))))"#;
    assert_eq!(run(text), "[I32(18)]");
}
