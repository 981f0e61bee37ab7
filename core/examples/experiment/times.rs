//! Time per step of every program under every variant.
//!
//! ```text
//! run 1: varied-match uniform-match table …      interleaved, so that a machine
//! run 2: varied-match uniform-match table …      that gets slower does so for all
//! median of each, relative to that of the first variant
//! ```

use crate::programs::run;
use crate::table::{Means, header, median};
use std::fmt::Write as _;
use wasmscope_core::Dispatch;
use wasmscope_core::experiment::Variant;

/// Steps of a run: so many that the clock and the first calls do not matter.
const STEPS: u64 = 15_000_000;

/// Name and habit of each program.
pub(crate) const PROGRAMS: &[(&str, &str)] = &[
    ("fib", "recursive calls"),
    ("collatz", "a tight integer loop"),
    ("sieve", "stores to a large array"),
    ("chase", "loads that wait for each other"),
    ("nbody", "f64"),
    ("mandel", "f32, inner loop"),
    ("keccak", "i64 cryptography"),
    ("chacha", "i32 cryptography"),
    ("sort", "unforeseeable branches"),
    ("queens", "backtracking"),
    ("strings", "bytes, C library"),
    ("virtual", "indirect calls"),
    ("stack", "an interpreter in C"),
    ("heap", "malloc and free"),
    ("globals", "globals"),
    ("switch", "br_table"),
    ("vectors", "f32x4"),
    ("host", "calls of the host"),
];

/// The table of times, relative to the first variant, and their geometric means.
pub(crate) fn table(variants: &[&Variant], runs: usize) -> String {
    let mut table = header("program", variants.iter().map(|variant| variant.name));
    let mut means = Means::new(variants.len() - 1);
    for (name, habit) in PROGRAMS {
        let once = run(name, 1, |store| store.set_dispatch(Dispatch::Counted)).steps;
        let rounds = STEPS.div_ceil(once);
        let steps = run(name, rounds, |store| store.set_dispatch(Dispatch::Counted)).steps;
        let mut seconds: Vec<Vec<f64>> = vec![Vec::new(); variants.len()];
        for _ in 0..runs {
            for (variant, seconds) in variants.iter().zip(&mut seconds) {
                seconds.push(run(name, rounds, |store| variant.prepare(store)).seconds);
            }
        }
        let medians: Vec<f64> = seconds.into_iter().map(median).collect();
        let ratios = medians[1..].iter().map(|median| Some(median / medians[0]));
        let _ = writeln!(
            table,
            "| {name}: {habit} | {:.2} ns |{}",
            medians[0] / steps as f64 * 1e9,
            means.row(ratios),
        );
        eprintln!("{name}: {rounds} rounds, {steps} steps");
    }
    table + &means.last_row()
}
