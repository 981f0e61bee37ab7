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
            format!("trap at {at:#x}: {}, depth {}", report.code, report.depth)
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

#[test]
fn exceptions_cross_frames() {
    let text = r#"(module
        (tag $a (param i32 i64)) (tag $b (param v128))
        (func $throw (param i32)
            (local i64 f64)
            (local.set 1 (i64.const 30))
            (if (i32.rem_u (local.get 0) (i32.const 3))
                (then (throw $a (local.get 0) (local.get 1))))
            (throw $b (i32x4.splat (local.get 0))))
        (func $deep (param i32) (param i32)
            (if (local.get 0)
                (then (call $deep (i32.sub (local.get 0) (i32.const 1)) (local.get 1)) (return)))
            (drop (i32.add (i32.const 5) (i32.const 6)))
            (call $throw (local.get 1)))
        (func $catch (param i32) (result i64)
            (local i64)
            (i64.const 1000)
            (block $done
                (block $any (result exnref)
                    (block $wide (result v128)
                        (block $pair (result i32 i64)
                            (try_table (catch $a $pair) (catch $b $wide) (catch_all_ref $any)
                                (call $deep (i32.const 40) (local.get 0)))
                            (return (i64.const -1)))
                        (local.set 1)
                        (i64.extend_i32_u) (local.set 1 (i64.add (local.get 1)))
                        (br $done))
                    (local.set 1 (i64x2.extract_lane 1))
                    (br $done))
                (throw_ref))
            (i64.add (local.get 1)))
        (func (export "main") (param i32) (result i64) (local i64)
            (loop $l
                (local.set 1 (i64.add (local.get 1) (call $catch (local.get 0))))
                (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 1)))"#;
    let expect: i64 = (1..=300i64).map(|n| 1000 + if n % 3 != 0 { n + 30 } else { n << 32 | n }).sum();
    check(text, &[Val::I32(300)], &format!("[I64({expect})]"));
}

#[test]
fn exceptions_pass_through_the_host() {
    let text = r#"(module
        (tag $t (param i32))
        (import "host" "call" (func $call (param i32) (result i32)))
        (func $inner (param i32) (result i32) (throw $t (i32.add (local.get 0) (i32.const 1))))
        (func (export "callback") (param i32) (result i32)
            (if (result i32) (i32.gt_s (local.get 0) (i32.const 5))
                (then (call $inner (local.get 0)))
                (else (i32.add (i32.const 1000) (call $call (i32.add (local.get 0) (i32.const 1)))))))
        (func $tail (param i32) (result i32)
            (block (try_table (catch_all 0) (return_call $call (local.get 0))) (unreachable))
            (i32.const -1))
        (func (export "main") (result i32) (local i32)
            (local.set 0 (i32.const 7))
            (i32.add (local.get 0)
                (i32.add
                    (block $h (result i32) (try_table (result i32) (catch $t $h) (call $call (i32.const 1))))
                    (block $h (result i32) (try_table (result i32) (catch $t $h) (call $tail (i32.const 3))))))))"#;
    check(text, &[], "[I32(21)]");
}

#[test]
fn an_exception_thrown_again_keeps_its_fields() {
    let text = r#"(module
        (tag $t (param i32)) (tag $u)
        (global $kept (mut exnref) (ref.null exn))
        (func $first (param i32)
            (block $b (result exnref)
                (try_table (catch_all_ref $b) (throw $t (local.get 0)))
                (unreachable))
            (global.set $kept))
        (func (export "main") (param i32) (result i32)
            (call $first (local.get 0))
            (block $h (result i32)
                (try_table (catch $u 1) (catch $t $h) (throw_ref (global.get $kept)))
                (unreachable))
            (return)
            (unreachable)))"#;
    let text = text.replace("(catch $u 1) ", "");
    check(&text, &[Val::I32(77)], "[I32(77)]");
}

#[test]
fn nobody_catches() {
    let text = r#"(module (tag $t (param i32)) (tag $u)
        (func $f (throw $t (i32.const 1)))
        (func (export "main") (result i32)
            (block (try_table (catch $u 0) (call $f)))
            (i32.const 1)))"#;
    check(text, &[], "trap at 0x33: uncaught exception, depth 2");
    let text = r#"(module (func (export "main") (throw_ref (ref.null exn))))"#;
    check(text, &[], "trap at 0x23: null exception reference, depth 1");
}

#[test]
fn references_to_functions() {
    let text = r#"(module
        (type $f (func (param i32) (result i32)))
        (import "host" "add" (func $add (param i32 i32) (result i32)))
        (elem declare func $twice $less)
        (func $twice (type $f) (i32.mul (local.get 0) (i32.const 2)))
        (func $less (type $f)
            (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 5))
                (else (return_call_ref $f (i32.sub (local.get 0) (i32.const 1)) (ref.func $less)))))
        (func $maybe (param (ref null $f)) (result i32) (local $g (ref $f))
            (block $null
                (local.set $g (br_on_null $null (local.get 0)))
                (return (call_ref $f (i32.const 21) (local.get $g))))
            (i32.const 100))
        (func $else (param (ref null $f)) (result i32)
            (i32.const 3)
            (block $ref (result i32 (ref $f))
                (i32.const 4) (i32.const 40) (local.get 0) (br_on_non_null $ref) (drop) (drop)
                (return (i32.const 6)))
            (call_ref $f)
            (i32.add))
        (func (export "main") (result i32)
            (call $maybe (ref.func $twice)) (call $maybe (ref.null $f)) (i32.add)
            (call $else (ref.func $twice)) (i32.add) (call $else (ref.null $f)) (i32.add)
            (call_ref $f (i32.const 100000) (ref.func $less)) (i32.add)))"#;
    check(text, &[], "[I32(236)]");
    let text = r#"(module (type $f (func)) (func (export "main") (call_ref $f (ref.null $f))))"#;
    check(text, &[], "trap at 0x23: null function reference, depth 1");
}

#[test]
fn addresses_of_64_bits_do_not_wrap() {
    let text = r#"(module (memory i64 1) (table i64 4 funcref) (memory $b 1)
        (func (export "main") (param i64) (result i64)
            (i64.store8 $b (i32.const 3) (i64.const 9))
            (i64.store offset=8 (local.get 0) (i64.const 11))
            (i64.add (i64.add (i64.load offset=8 (local.get 0)) (table.size 0))
                (i64.load8_u $b offset=2 (i32.const 1)))))"#;
    check(text, &[Val::I64(16)], "[I64(24)]");
    check(text, &[Val::I64(-8)], "trap at 0x3c: out of bounds memory access, depth 1");
    check(text, &[Val::I64(65520)], "[I64(24)]");
    check(text, &[Val::I64(65521)], "trap at 0x3c: out of bounds memory access, depth 1");
    let text = r#"(module (memory i64 1)
        (func (export "main") (param i64) (result i64) (i64.load offset=0xffff_ffff_ffff_fff8 (local.get 0))))"#;
    check(text, &[Val::I64(16)], "trap at 0x2a: out of bounds memory access, depth 1");
}
