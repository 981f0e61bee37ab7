//! Host instructions per op, for a few habits of programs under each dispatcher.
//!
//! Callgrind counts instead of timing, so the figures do not depend on the machine's mood:
//! the same compiler gives the same numbers, and a slowdown is a difference in a text file.
//!
//! ```text
//! cargo bench --bench ops            the counts, by gungraun (needs valgrind and gungraun-runner)
//! cargo run -- check                 compares them with baseline/RUSTC.txt; more than 3 % fails
//! cargo run -- update                a change on purpose: writes the file anew
//! ```
//!
//! Each program runs `ROUNDS` rounds of a loop; making the machine, lowering included, is
//! not counted.

use gungraun::{library_benchmark, library_benchmark_group, main};
use std::hint::black_box;
use wasmscope_core::experiment::Variant;
use wasmscope_core::*;

const ROUNDS: i32 = 10_000;

/// The body of each program's loop; `$n` counts down, the rest is for the body.
const BODIES: &[(&str, &str)] = &[
    (
        "arithmetic",
        "(local.set $a (i32.xor (i32.mul (local.get $a) (i32.const 5)) (i32.rotl (local.get $n) (local.get $a))))",
    ),
    (
        "wide",
        "(local.set $b (i64.add (i64.mul (local.get $b) (i64.const 31)) (i64.shr_u (local.get $b) (i64.const 7))))",
    ),
    (
        "floats",
        "(local.set $f (f64.div (f64.add (local.get $f) (f64.const 1.5)) (f64.mul (local.get $f) (f64.const 1.25))))",
    ),
    (
        "f32",
        "(local.set $s (f32.sub (f32.mul (f32.add (f32.mul (local.get $s) (f32.const 0.5)) (f32.const 1.25)) (f32.const 0.75)) (f32.const 0.125)))",
    ),
    (
        "vectors",
        "(v128.store offset=64 (i32.and (local.get $n) (i32.const 0xff0)) (f32x4.add (f32x4.mul (v128.load (i32.and (local.get $n) (i32.const 0xff0))) (f32x4.splat (f32.const 0.5))) (v128.load offset=4096 (i32.const 0))))",
    ),
    (
        "bulk",
        "(memory.fill (i32.const 512) (local.get $n) (i32.const 12)) (memory.copy (i32.const 1024) (i32.const 514) (i32.const 24))",
    ),
    (
        "loads",
        "(local.set $a (i32.add (i32.load (i32.const 16)) (i32.load8_u offset=3 (i32.and (local.get $n) (i32.const 255)))))",
    ),
    (
        "stores",
        "(i32.store offset=8 (i32.and (local.get $n) (i32.const 1020)) (local.get $a)) (i64.store16 (i32.const 2) (local.get $b))",
    ),
    (
        "branches",
        "(block (br_if 0 (i32.and (local.get $n) (i32.const 1))) (local.set $a (i32.const 3))) (if (i32.lt_s (local.get $n) (i32.const 77)) (then (local.set $a (i32.const 4))))",
    ),
    (
        "switch",
        "(block (block (block (br_table 0 1 2 (i32.and (local.get $n) (i32.const 3)))) (local.set $a (i32.const 1))))",
    ),
    ("globals", "(global.set $g (i32.add (global.get $g) (local.get $n)))"),
    ("calls", "(local.set $a (call $id (local.get $n)))"),
    (
        "indirect",
        "(local.set $a (call_indirect (type $t) (local.get $n) (i32.and (local.get $n) (i32.const 1))))",
    ),
    (
        "select",
        "(local.set $a (select (local.get $n) (local.get $a) (i32.and (local.get $n) (i32.const 4))))",
    ),
    (
        "clamp",
        "(local.set $a (select (i32.const 255) (local.get $n) (i32.gt_s (local.get $n) (i32.const 255)))) (local.set $a (select (i32.const 0) (local.get $a) (i32.lt_s (local.get $a) (i32.const 0))))",
    ),
    ("host", "(local.set $a (call $host (local.get $n)))"),
];

/// A machine about to run a program.
struct Ready {
    store: Store<()>,
    run: Func,
}

/// Makes it, and runs one round so that every function is lowered.
fn ready(variant: &str, program: &str) -> Ready {
    let (_, body) = BODIES.iter().find(|(name, _)| *name == program).expect("the program exists");
    let text = format!(
        r#"(module
        (type $t (func (param i32) (result i32)))
        (import "host" "id" (func $host (type $t)))
        (memory 1) (global $g (mut i32) (i32.const 0))
        (table funcref (elem $id $other))
        (func $id (type $t) (i32.add (local.get 0) (i32.const 1)))
        (func $other (type $t) (i32.sub (local.get 0) (i32.const 1)))
        (func (export "run") (param $n i32) (local $a i32) (local $b i64) (local $f f64) (local $s f32)
            (local.set $a (i32.const 1)) (local.set $b (i64.const 1)) (local.set $f (f64.const 1))
            (loop $l {body}
                (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"#
    );
    let engine = Engine::new(&Config::default());
    let mut store = Store::new(&engine, ());
    Variant::named(variant).expect("the variant exists").prepare(&mut store);
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "id", |x: i32| x);
    let wasm = wat::parse_str(text).expect("the program is well-formed");
    let module = Module::new(&engine, wasm).expect("the program is valid");
    let instance = linker.instantiate(&mut store, &module).expect("the import exists");
    let run = instance.func(&store, "run").expect("it is exported");
    run.call_values(&mut store, &[Val::I32(1)]).expect("it returns");
    Ready { store, run }
}

/// Runs the loop.
fn go(mut ready: Ready) -> Ready {
    black_box(ready.run.call_values(&mut ready.store, &[Val::I32(ROUNDS)])).expect("it returns");
    ready
}

fn prepare_tail(program: &str) -> Ready {
    ready("tail", program)
}

#[library_benchmark]
#[benches::of(args = ["arithmetic", "wide", "floats", "f32", "vectors", "bulk", "loads", "stores", "branches", "switch", "globals", "calls", "indirect", "select", "clamp", "host"], setup = prepare_tail)]
fn tail(ready: Ready) -> Ready {
    go(ready)
}

fn prepare_counted(program: &str) -> Ready {
    ready("counted", program)
}

#[library_benchmark]
#[benches::of(args = ["arithmetic", "wide", "floats", "f32", "vectors", "bulk", "loads", "stores", "branches", "switch", "globals", "calls", "indirect", "select", "clamp", "host"], setup = prepare_counted)]
fn counted(ready: Ready) -> Ready {
    go(ready)
}

fn prepare_step(program: &str) -> Ready {
    ready("step", program)
}

#[library_benchmark]
#[benches::of(args = ["arithmetic", "wide", "floats", "f32", "vectors", "bulk", "loads", "stores", "branches", "switch", "globals", "calls", "indirect", "select", "clamp", "host"], setup = prepare_step)]
fn step(ready: Ready) -> Ready {
    go(ready)
}

library_benchmark_group!(name = ops, benchmarks = [tail, counted, step]);
main!(library_benchmark_groups = ops);
