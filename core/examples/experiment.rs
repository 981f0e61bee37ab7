//! Measures the experiment and writes the tables of `docs/experiment.md`.
//!
//! ```text
//! cargo run --release -p wasmscope-core --features experiment --example experiment
//!
//! programs ──every variant, interleaved──► medians ──► times
//! a few of them under callgrind ─────────────────────► instructions, mispredicted branches
//! symbols of this very binary ───────────────────────► code size
//! sources ───────────────────────────────────────────► lines, `unsafe`
//! ```
//!
//! The page's text is written by hand; what stands between `<!-- name -->` and
//! `<!-- end -->` is made here. `--runs N` changes how often each program runs (default 5);
//! With the feature `become` and a nightly compiler only the table of guaranteed tail calls is
//! made. `--print` writes the tables to stdout instead. Counts need valgrind, sizes need nm;
//! without them these tables are left as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasmscope_core::experiment::{VARIANTS, Variant};
use wasmscope_core::*;

#[path = "../benches/shared/programs.rs"]
mod programs;
use programs::{run, run_by};

/// Steps of a run: so many that the clock and the first calls do not matter.
const STEPS: u64 = 15_000_000;

/// Name and habit of each program. Where the second word is not a habit of `kernels`, the
/// program is written out in `text`.
const PROGRAMS: &[(&str, &str)] = &[
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

/// What is counted by callgrind, which is slow.
const COUNTED: &[&str] = &["fib", "collatz", "sieve", "nbody", "sort", "stack"];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [one, name, variant, rounds] = &args[..]
        && one == "--one"
    {
        let variant = Variant::named(variant).expect("the variant exists");
        // Callgrind counts; under it the processor's clock cannot be read.
        run_by(|| 0.0, name, rounds.parse().expect("a number"), |store| variant.prepare(store));
        return;
    }
    let runs = args.iter().position(|arg| arg == "--runs").and_then(|at| args.get(at + 1)?.parse().ok());
    let runs = runs.unwrap_or(5);
    let variants: Vec<&Variant> = VARIANTS.iter().filter(|variant| variant.is_real()).collect();
    let tables = match cfg!(feature = "become") {
        true => BTreeMap::from([("nightly", nightly(&variants, runs))]),
        false => {
            let mut tables = BTreeMap::from([("machine", machine()), ("times", times(&variants, runs))]);
            tables.extend(counts(&variants).map(|table| ("counts", table)));
            tables.extend(sizes(&variants).map(|table| ("sizes", table)));
            tables.insert("sources", sources());
            tables
        }
    };
    if args.iter().any(|arg| arg == "--print") {
        tables.iter().for_each(|(name, table)| println!("<!-- {name} -->\n{table}\n"));
        return;
    }
    let path = root().join("docs/experiment.md");
    let mut page = std::fs::read_to_string(&path).expect("the page is there");
    for (name, table) in &tables {
        let begin = format!("<!-- {name} -->\n");
        let from = page.find(&begin).unwrap_or_else(|| panic!("no {begin}")) + begin.len();
        let to = from + page[from..].find("<!-- end -->").expect("it ends");
        page.replace_range(from..to, &format!("{table}\n"));
    }
    std::fs::write(&path, page).expect("the page can be written");
}

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace").to_owned()
}

/// Where this was measured.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cpu = cpu.map_or("unknown processor", |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cpu}, {cores} cores; {}; {}; opt-level {}.", BUILD.rustc, BUILD.target, BUILD.opt_level)
}

/// Guaranteed tail calls, which only a nightly compiler makes, between what they are to be
/// compared with.
fn nightly(variants: &[&Variant], runs: usize) -> String {
    const NAMES: [&str; 5] = ["varied-match", "tail-slots", "become", "preserve-none", "tail"];
    let variants: Vec<&Variant> = variants.iter().copied().filter(|it| NAMES.contains(&it.name)).collect();
    format!("{}\n\n{}", machine(), times(&variants, runs))
}

/// The table of times, relative to the first variant, and their geometric means.
fn times(variants: &[&Variant], runs: usize) -> String {
    let mut table = header("program", variants.iter().map(|variant| variant.name));
    let mut logs = vec![0.0; variants.len()];
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
        let _ = write!(table, "| {name}: {habit} | {:.2} ns |", medians[0] / steps as f64 * 1e9);
        for (median, log) in medians[1..].iter().zip(&mut logs[1..]) {
            let ratio = median / medians[0];
            *log += ratio.ln();
            let _ = write!(table, " {ratio:.2} |");
        }
        table.push('\n');
        eprintln!("{name}: {rounds} rounds, {steps} steps");
    }
    table.push_str("| **geometric mean** | **1.00** |");
    for log in &logs[1..] {
        let _ = write!(table, " **{:.2}** |", (log / PROGRAMS.len() as f64).exp());
    }
    table.push('\n');
    table
}

fn header<'a>(first: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    format!("| {first} | {} |\n|---|{}\n", names.join(" | "), "--:|".repeat(names.len()))
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

/// Host instructions and mispredicted branches per op, by callgrind's model of a processor:
/// the difference between two runs of different length, so that starting does not count.
fn counts(variants: &[&Variant]) -> Option<String> {
    Command::new("valgrind").arg("--version").output().ok()?;
    let mut table = header("program", variants.iter().map(|variant| variant.name));
    for name in COUNTED {
        let steps = |rounds| run(name, rounds, |store| store.set_dispatch(Dispatch::Counted)).steps;
        let steps = (steps(2) - steps(1)) as f64;
        let _ = write!(table, "| {name} |");
        for variant in variants {
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
        .args(["--one", name, variant.name, &rounds.to_string()])
        .output()
        .ok()?;
    // ==1== Events    : Ir Bc Bcm Bi Bim
    // ==1== Collected : 131 11 5 2 1
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find_map(|line| line.split_once("Collected :"))?.1;
    let numbers: Vec<i64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    Some([*numbers.first()?, *numbers.get(2)?, *numbers.get(4)?])
}

/// Bytes of code of each dispatcher's handlers in this binary: sizes of the symbols at the
/// addresses in their tables, or of the loop they are inlined into.
fn sizes(variants: &[&Variant]) -> Option<String> {
    let exe = std::env::current_exe().ok()?;
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let mapped = maps.lines().find(|line| line.ends_with(exe.to_str().unwrap_or("?")))?;
    let base = usize::from_str_radix(mapped.split_once('-')?.0, 16).ok()?;
    let output = Command::new("nm").args(["-C", "-S"]).arg(&exe).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let symbols = text.lines().filter_map(|line| {
        let mut words = line.splitn(4, ' ');
        let address = usize::from_str_radix(words.next()?, 16).ok()?;
        let size = usize::from_str_radix(words.next()?, 16).ok()?;
        Some((address, (size, words.nth(1)?)))
    });
    let symbols: BTreeMap<usize, (usize, &str)> = symbols.collect();
    let mut table = String::from("| variant | functions | bytes of code |\n|---|--:|--:|\n");
    for variant in variants {
        let handlers: BTreeSet<usize> =
            variant.handlers().into_iter().map(|address| address - base).collect();
        let (functions, bytes) = match handlers.is_empty() {
            true => {
                let name = format!("run_{}", variant.name.replace('-', "_"));
                (1, symbols.values().find(|(_, symbol)| symbol.ends_with(&name)).map_or(0, |(size, _)| *size))
            }
            false => {
                let sizes = handlers.iter().filter_map(|address| symbols.get(address));
                (handlers.len(), sizes.map(|(size, _)| size).sum())
            }
        };
        let _ = writeln!(table, "| {} | {functions} | {bytes} |", variant.name);
    }
    Some(table)
}

/// Lines of code of what each dispatcher needs beyond the handlers, and `unsafe` blocks.
fn sources() -> String {
    let source =
        |path: &str| std::fs::read_to_string(root().join("core/src").join(path)).expect("it is there");
    let (dispatch, variants) = (source("exec/dispatch.rs"), source("exec/dispatch/variants.rs"));
    let rows = [
        (
            "varied-match",
            &variants,
            &[
                "impl<K: Kind> Dispatch for",
                "pub(crate) trait Kind",
                "macro_rules! kinds",
                "kinds! {",
                "macro_rules! arm",
                "        pub(in crate::exec) fn run_varied_match",
            ][..],
        ),
        (
            "uniform-match",
            &variants,
            &[
                "impl<K: Kind> Dispatch for",
                "pub(crate) struct After",
                "        pub(in crate::exec) fn run_uniform_match",
            ],
        ),
        ("table", &variants, &["by_address!(Table", "tabled!(Table", "    pub(in crate::exec) fn run_table"]),
        ("tail-slots", &variants, &["pub(crate) static TAIL_SLOTS", "const fn without_forms"]),
        ("tail", &dispatch, &["by_address!(Tail", "impl Threaded for Tail"]),
        ("counted", &dispatch, &["by_address!(Counted", "impl Threaded for Counted", "    fn poll<D>"]),
        ("step", &dispatch, &["by_address!(Step", "tabled!(Step"]),
    ];
    let shared =
        lines_of(&dispatch, "macro_rules! by_address") + lines_of(&dispatch, "pub(crate) trait Dispatch");
    let mut table =
        String::from("| variant | lines of its own | `unsafe` blocks among them |\n|---|--:|--:|\n");
    for (name, text, items) in rows {
        let lines: usize = items.iter().map(|item| lines_of(text, item)).sum();
        let blocks: usize = items.iter().map(|item| item_of(text, item).matches("unsafe {").count()).sum();
        let _ = writeln!(table, "| {name} | {lines} | {blocks} |");
    }
    let _ = writeln!(table, "| shared by all: the trait and the macro | {shared} | |");
    let (mut handlers, mut files) = (source("handlers.rs").matches("unsafe {").count(), 1);
    for entry in std::fs::read_dir(root().join("core/src/handlers")).expect("it is there") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).unwrap_or_default();
        handlers += text.matches("unsafe {").count();
        files += 1;
    }
    let _ = writeln!(table, "| handlers, in {files} files: the same for all | | {handlers} |");
    table
}

/// The item that starts with a line beginning so, up to the line that closes it.
fn item_of<'a>(text: &'a str, start: &str) -> &'a str {
    let Some(from) = text.lines().find(|line| line.starts_with(start)).and_then(|line| text.find(line))
    else {
        return "";
    };
    let indent = start.len() - start.trim_start().len();
    let mut to = from;
    for line in text[from..].split_inclusive('\n') {
        to += line.len();
        let depth = line.len() - line.trim_start().len();
        if depth == indent && line.trim_start().starts_with(['}', ')']) {
            break;
        }
    }
    &text[from..to]
}

/// Its lines that are neither empty nor comments.
fn lines_of(text: &str, start: &str) -> usize {
    let lines = item_of(text, start).lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}
