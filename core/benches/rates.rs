//! What the engine promises in rates, measured and held against the promise.
//!
//! ```text
//! cargo bench -p wasmscope-core --features experiment --bench rates
//!
//! counting observer    returns a second of the step dispatcher        150 million
//! events into a ring   the same, every event kept with its values      80 million
//! counted / tail       processor time of a whole program              at most 1.08
//! lowering / validation  processor time of a whole module             at most 2
//! ```
//!
//! Rates are for a processor of [`REFERENCE`] steps of a calibration loop a second, which is
//! what 3 GHz give; the loop is measured between the others, and what this machine does is
//! scaled by it. Everything is the best of many short runs, in processor time: other work on
//! the machine can only make a run longer. It prints what is missed, and never fails.

use std::hint::black_box;
use wasmscope_core::experiment::{Variant, lower_all};
use wasmscope_core::wasi::{self, WasiCtx};
use wasmscope_core::*;

#[path = "shared/programs.rs"]
mod programs;
use programs::{kernels, now};

/// Steps a second of the calibration loop on the processor that rates are meant for: each is a
/// multiplication, a shift beside it and an exclusive or, five cycles one behind the other.
const REFERENCE: f64 = 600e6;

/// Programs of `kernels`: calls, a tight loop, stores, floats, an interpreter.
const PROGRAMS: &[&str] = &["fib", "collatz", "sieve", "nbody", "sort", "stack"];

fn main() {
    // `cargo test` runs benches too, to see that they work.
    let times = if std::env::args().any(|it| it == "--bench") { 25 } else { 1 };
    let mut loops = f64::INFINITY;
    let mut best: Vec<[f64; 5]> = vec![[f64::INFINITY; 5]; PROGRAMS.len()];
    let variants = ["tail", "counted", "step", "observed", "captured"];
    let steps: Vec<u64> = PROGRAMS.iter().map(|program| run(program, "counted").1).collect();
    for _ in 0..times {
        for (program, best) in PROGRAMS.iter().zip(&mut best) {
            for (variant, best) in variants.iter().zip(best) {
                *best = best.min(run(program, variant).0);
                loops = loops.min(calibrate());
            }
        }
    }
    let scale = REFERENCE * loops;
    println!("calibration {:.0} million a second: rates are multiplied by {scale:.2}", 1e-6 / loops);
    print!("{:<9}{:>18}", "", "counted / tail");
    variants[2..].iter().for_each(|variant| print!("{variant:>12}"));
    println!("   (million returns a second, scaled)");
    let mut logs = [0.0; 4];
    for ((program, best), &steps) in PROGRAMS.iter().zip(&best).zip(&steps) {
        let rate = |at: usize| steps as f64 / best[at] * scale / 1e6;
        let figures = [best[1] / best[0], rate(2), rate(3), rate(4)];
        println!(
            "{program:<9}{:>18.2}{:>12.0}{:>12.0}{:>12.0}",
            figures[0], figures[1], figures[2], figures[3]
        );
        logs.iter_mut().zip(figures).for_each(|(log, figure)| *log += figure.ln() / PROGRAMS.len() as f64);
    }
    let [counted, _, observed, captured] = logs.map(f64::exp);
    held("counted / tail", counted, counted <= 1.08, "at most 1.08");
    held("counting observer, million a second", observed, observed >= 150.0, "150");
    held("events into a ring, million a second", captured, captured >= 80.0, "80");
    let ratio = lowering(times);
    held("lowering / validation", ratio, ratio <= 2.0, "at most 2");
}

fn held(what: &str, figure: f64, holds: bool, bound: &str) {
    println!("{what:<38}{figure:>8.2}   bound {bound}: {}", if holds { "held" } else { "MISSED" });
}

/// Seconds a step of the calibration loop takes.
fn calibrate() -> f64 {
    const STEPS: u32 = 1_000_000;
    let start = now();
    let mut x = black_box(0x9e37_79b9_7f4a_7c15_u64);
    for _ in 0..STEPS {
        x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ (x >> 29);
    }
    black_box(x);
    (now() - start) / f64::from(STEPS)
}

/// Seconds one round of a program takes, and its steps.
fn run(program: &str, variant: &str) -> (f64, u64) {
    let variant = Variant::named(variant).expect("the variant exists");
    let run = programs::run(program, 1, |store| variant.prepare(store));
    (run.seconds, run.steps)
}

/// How much longer lowering all functions takes than validating them.
fn lowering(times: usize) -> f64 {
    let (mut validated, mut lowered) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..times {
        let bytes = kernels();
        let start = now();
        let mut validator = wasmparser::Validator::new();
        validator.validate_all(&bytes).expect("the sample is valid");
        validated = validated.min(now() - start);
        let engine = Engine::default();
        let mut store = Store::new(&engine, WasiCtx::builder().build());
        let mut linker = Linker::new(&engine);
        wasi::add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx);
        let module = Module::new(&engine, bytes).expect("the sample is valid");
        linker.instantiate(&mut store, &module).expect("its imports exist");
        let start = now();
        black_box(lower_all(&mut store)).expect("no function is too large");
        lowered = lowered.min(now() - start);
    }
    lowered / validated
}
