//! Many modules, each run in every way and compared: see `harness`.
//!
//! ```text
//! cargo test --test differential                          fixed seeds, and one nobody has seen
//! WASMSCOPE_SEED=17 cargo test --test differential        one seed, both generators
//! WASMSCOPE_MODULES=100000 cargo test --test differential more of them; WASMSCOPE_FIRST=500 leaves out those before
//! WASMSCOPE_WASM=x.wasm WASMSCOPE_SEED=17 cargo test …    a module from a file, with the calls of a seed
//! ```
//!
//! A case that fails names its seed and leaves its module in a file.

mod harness;

use harness::rng::Rng;
use harness::{Case, Work, check, programs, smith};
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

/// Makes a case of some bytes.
type Generator = fn(&[u8], u64) -> Option<Case>;

const GENERATORS: [(&str, Generator); 2] = [("programs", programs::case), ("smith", smith::case)];

/// Cases that wasmi 2.0.0 gets wrong: V8 (466) or wasmi 1.1.0 (the others) gives what we give. They are run without it.
const WASMI_WRONG: &[(&str, u64)] = &[
    ("programs", 466),
    ("programs", 2_000_385),
    ("programs", 2_001_155),
    ("programs", 2_001_947),
    ("programs", 2_004_295),
    ("programs", 2_008_731),
];

/// Seeds of one trial.
const BLOCK: u64 = 25;
/// Seeds nobody has seen, of each generator.
const FRESH: u64 = 10;
/// Modules of each generator in a usual run.
const MODULES: u64 = 500;

/// What all trials together have done.
#[derive(Default)]
struct Total {
    modules: u64,
    compared: u64,
    oracle_panicked: u64,
    /// Ran more than a few operators.
    worked: u64,
    returned: u64,
    stopped: u64,
    ticks: u64,
}

static TOTAL: Mutex<[(&str, Total); 2]> = Mutex::new([("programs", Total::ZERO), ("smith", Total::ZERO)]);

impl Total {
    const ZERO: Total =
        Total { modules: 0, compared: 0, oracle_panicked: 0, worked: 0, returned: 0, stopped: 0, ticks: 0 };
}

fn main() {
    let arguments = Arguments::from_args();
    // A panic is a difference like any other, and is told as one.
    std::panic::set_hook(Box::new(|_| {}));
    let mut trials = Vec::new();
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    let seed: Option<u64> = number("WASMSCOPE_SEED");
    if let Ok(path) = std::env::var("WASMSCOPE_WASM") {
        let wasm = std::fs::read(path).expect("the module can be read");
        for oracle in [true, false] {
            let case = Case { wasm: wasm.clone(), seed: seed.unwrap_or(0), oracle };
            let name = if oracle { "file/with wasmi" } else { "file/alone" };
            trials.push(Trial::test(name, move || check(&case).map(|_| ()).map_err(Failed::from)));
        }
        libtest_mimic::run(&arguments, trials).exit();
    }
    // Fixed seeds count from 0; a fresh one has a large number.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    let fresh = Rng::new(now.as_nanos() as u64).next() >> 16;
    for (at, (name, generator)) in GENERATORS.into_iter().enumerate() {
        if let Some(seed) = seed {
            trials.push(Trial::test(format!("{name}/{seed}"), move || block(at, generator, seed..seed + 1)));
            continue;
        }
        let start = number("WASMSCOPE_FIRST").unwrap_or(0);
        let end = start + number("WASMSCOPE_MODULES").unwrap_or(MODULES);
        for first in (start..end).step_by(BLOCK as usize) {
            let seeds = first..end.min(first + BLOCK);
            let trial = format!("{name}/{:05}-{:05}", seeds.start, seeds.end - 1);
            trials.push(Trial::test(trial, move || block(at, generator, seeds)));
        }
        let seeds = fresh..fresh + FRESH;
        trials.push(Trial::test(format!("{name}/fresh"), move || block(at, generator, seeds)));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        for (name, total) in TOTAL.lock().expect("nothing panics while it is held").iter() {
            eprintln!(
                "{name}: {} modules, {} compared with wasmi ({} times it panicked), {} ran more than 100 operators; {} calls returned, {} did not; {} operators in all",
                total.modules,
                total.compared,
                total.oracle_panicked,
                total.worked,
                total.returned,
                total.stopped,
                total.ticks,
            );
        }
    }
    conclusion.exit();
}

/// Runs the cases of some seeds.
fn block(generator_number: usize, generator: Generator, seeds: std::ops::Range<u64>) -> Result<(), Failed> {
    for seed in seeds {
        let mut rng = Rng::new(seed);
        let len = 500 + rng.below(6000) as usize;
        let Some(mut case) = generator(&rng.bytes(len), seed) else { continue };
        let name = TOTAL.lock().expect("nothing panics while it is held")[generator_number].0;
        case.oracle &= !WASMI_WRONG.contains(&(name, seed));
        let work = std::panic::catch_unwind(|| check(&case));
        let work = work.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(format!("a panic: {}", text.unwrap_or_default()))
        });
        match work {
            Ok(work) => add(generator_number, &work),
            Err(difference) => {
                let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{seed}.wasm"));
                let saved = std::fs::write(&file, &case.wasm).is_ok();
                return Err(format!(
                    "WASMSCOPE_SEED={seed}, {name}{}: {difference}",
                    if saved { format!(", {}", file.display()) } else { String::new() },
                )
                .into());
            }
        }
    }
    Ok(())
}

fn add(generator: usize, work: &Work) {
    let total = &mut TOTAL.lock().expect("nothing panics while it is held")[generator].1;
    total.modules += 1;
    total.compared += work.compared as u64;
    total.oracle_panicked += work.oracle_panicked as u64;
    total.worked += (work.ticks > 100) as u64;
    total.returned += work.returned;
    total.stopped += work.stopped;
    total.ticks += work.ticks;
}
