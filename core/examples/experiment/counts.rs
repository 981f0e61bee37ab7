//! Host instructions and mispredicted branches of a few programs, by callgrind's model of a
//! processor: a simple, old one, but the same everywhere.

use crate::programs::{run, run_by};
use crate::real_variants;
use crate::table::header;
use std::fmt::Write as _;
use std::process::Command;
use wasmscope_core::Dispatch;
use wasmscope_core::experiment::Variant;

/// What is counted by callgrind, which is slow.
const COUNTED: &[&str] = &["fib", "collatz", "sieve", "nbody", "sort", "stack"];

/// The option by which this program runs one program under one variant.
pub(crate) const ONE: &str = "--one";

/// What it does then.
pub(crate) fn run_one(name: &str, variant: &str, rounds: &str) {
    let variant = Variant::named(variant).expect("the variant exists");
    // Callgrind counts; under it the processor's clock cannot be read.
    run_by(|| 0.0, name, rounds.parse().expect("a number"), |store| variant.prepare(store));
}

/// Host instructions and mispredicted branches per op, by callgrind's model of a processor:
/// the difference between two runs of different length, so that starting does not count.
pub(crate) fn table() -> Option<String> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("counts: no valgrind here");
        return None;
    }
    let variants = real_variants();
    let mut table = header("program", variants.iter().map(|variant| variant.name));
    for name in COUNTED {
        let steps = |rounds| run(name, rounds, |store| store.set_dispatch(Dispatch::Counted)).steps;
        let steps = (steps(2) - steps(1)) as f64;
        let _ = write!(table, "| {name} |");
        for variant in &variants {
            let (one, two) = (callgrind(name, variant, 1)?, callgrind(name, variant, 2)?);
            let [instructions, conditional, indirect] =
                [0, 1, 2].map(|at| (two[at] - one[at]) as f64 / steps);
            let _ = write!(table, " {instructions:.1}, {:.3} |", conditional + indirect);
        }
        table.push('\n');
        eprintln!("{name}: counted");
    }
    Some(table)
}

/// Instructions, mispredicted conditional and mispredicted indirect branches of a run.
fn callgrind(name: &str, variant: &Variant, rounds: u64) -> Option<[i64; 3]> {
    let exe = std::env::current_exe().ok()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--branch-sim=yes", "--callgrind-out-file=/dev/null"])
        .arg(exe)
        .args([ONE, name, variant.name, &rounds.to_string()])
        .output()
        .ok()?;
    // ==1== Events    : Ir Bc Bcm Bi Bim
    // ==1== Collected : 131 11 5 2 1
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find_map(|line| line.split_once("Collected :"))?.1;
    let numbers: Vec<i64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    Some([*numbers.first()?, *numbers.get(2)?, *numbers.get(4)?])
}
