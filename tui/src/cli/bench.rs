//! `wasmscope bench`: a program under every dispatcher, side by side.
//!
//! ```text
//! counted run ──► steps, ticks, how it ends, what it prints      the one to agree with
//! run 0: the same as the others, not timed: whoever is first would pay for cold memory
//! run 1: varied-match uniform-match table tail …                  interleaved, so that a machine
//! run 2: varied-match uniform-match table tail …                  that gets slower does so for all
//! median of each, ratio to the first, steps a second
//! ```
//!
//! Always: each run has a machine and a world of its own; only instantiating and running
//! is timed; what the program prints is kept from the terminal and compared.

use super::exit::{Exit, usage};
use super::guest::{Guest, LoweringArg, Prepared, Stdin, Stdout};
use super::out::{self, Look};
use super::{Outcome, load};
use anyhow::anyhow;
use clap::Args;
use serde_json::json;
use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wasmscope_core::experiment::{VARIANTS, Variant};
use wasmscope_core::{CallError, Dispatch, Lowering, TAIL_CALLS, Val};
use wasmscope_trace_format::dump::Clean;

/// Compare the ways of dispatching handlers on a program
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope bench prog.wasm
  wasmscope bench --runs 9 --variants tail,table prog.wasm -- 20
  wasmscope bench --invoke fib fib.wat 30
  wasmscope bench --dir data::. --stdin input.txt --json prog.wasm

Each run starts the program anew; what it prints is not shown. A first run of each variant is not
timed. Times are medians of processor time, ratios are to the first variant. Variants:
  varied-match   a match in a loop, each op with its natural signature
  uniform-match  a match in a loop, one signature
  table          a loop over function pointers
  tail-slots     handlers that jump to the next, on the same ops as the loops
  tail           the same, with values in accumulators: what `run` uses
  counted        tail, with exact steps and ticks: what `record` uses
  step           table, with exact steps and ticks: what debugging uses
  observed       step, an observer counts returns
  captured       step, every event is kept in a ring, with values before and after")]
pub(crate) struct Bench {
    #[command(flatten)]
    guest: Guest,

    /// How often each variant runs
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,

    /// Only these variants; the first is the one to compare with
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    variants: Vec<String>,

    /// How operators become ops
    #[arg(long, value_enum, default_value_t)]
    lowering: LoweringArg,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// How one run went.
struct Run {
    time: Duration,
    /// How it ended, in words.
    ended: String,
    /// What it printed: how many bytes, and a hash of them.
    printed: Printed,
    steps: u64,
    ticks: u64,
}

/// The runs of a variant.
struct Measured {
    variant: &'static Variant,
    times: Vec<Duration>,
}

impl Bench {
    pub(crate) fn run(self, look: &Look) -> Outcome {
        let variants = self.variants()?;
        let input = load::read(&self.guest.file)?;
        let first = self.once(&input, |guest| guest.store.set_dispatch(Dispatch::Counted))?;
        let mut differs = false;
        let mut measured: Vec<Measured> =
            variants.into_iter().map(|variant| Measured { variant, times: Vec::new() }).collect();
        for round in 0..=self.runs {
            for Measured { variant, times } in &mut measured {
                let run = self.once(&input, |guest| variant.prepare(&mut guest.store))?;
                if !differs && (run.ended != first.ended || run.printed != first.printed) {
                    differs = true;
                    look.warning(format_args!(
                        "{}: not every run does the same ({}: {}, before: {}); it may depend on the time, on chance or on files it changes",
                        Clean(&input.name), variant.name, run.ended, first.ended,
                    ));
                }
                if round > 0 {
                    times.push(run.time);
                }
            }
        }
        for Measured { times, .. } in &mut measured {
            times.sort();
        }
        match self.json {
            true => self.print_json(&input.name, &first, &measured)?,
            false => self.print(&input.name, &first, &measured)?,
        }
        Ok(Exit::OK)
    }

    fn variants(&self) -> anyhow::Result<Vec<&'static Variant>> {
        if self.variants.is_empty() {
            return Ok(VARIANTS.iter().filter(|variant| variant.is_real()).collect());
        }
        let named = self.variants.iter().map(|name| {
            let name = name.trim();
            let variant = Variant::named(name).ok_or_else(|| {
                let names: Vec<&str> = VARIANTS.iter().map(|variant| variant.name).collect();
                usage(format!("no variant '{name}'; there are {}", names.join(", ")))
            })?;
            match variant.is_real() {
                true => Ok(variant),
                false => Err(anyhow!("{name}: this build has no tail calls")),
            }
        });
        let mut named: Vec<&Variant> = named.collect::<anyhow::Result<_>>()?;
        // Named twice, it is still measured once.
        let mut seen = HashSet::new();
        named.retain(|variant| seen.insert(variant.name));
        Ok(named)
    }

    /// Runs the program once, in a world of its own.
    fn once(&self, input: &load::Input, prepare: impl FnOnce(&mut Prepared)) -> anyhow::Result<Run> {
        let printed = Arc::new(Mutex::new(Printed::default()));
        let stdout = Stdout::Into(Box::new(Swallow(printed.clone())));
        let mut guest =
            self.guest.prepare_from(input.clone(), self.lowering.into(), Stdin::Nowhere, stdout)?;
        prepare(&mut guest);
        let start = processor_time();
        let ended = guest.go()?;
        let time = processor_time().saturating_sub(start);
        let ended = end(&input.name, ended)?;
        let (steps, ticks) = (guest.store.steps(), guest.store.ticks());
        let printed = *printed.lock().expect("nobody panics holding it");
        Ok(Run { time, ended, printed, steps, ticks })
    }

    fn print(&self, name: &str, first: &Run, measured: &[Measured]) -> io::Result<()> {
        let mut out = out::stdout();
        let Run { steps, ticks, ended, .. } = first;
        let runs = if self.runs == 1 { "1 run".to_owned() } else { format!("{} runs", self.runs) };
        writeln!(out, "{}: {steps} steps, {ticks} ticks, {ended}; {runs}", Clean(name))?;
        let base = median(&measured[0].times);
        let (unit, per_second) = unit(base);
        writeln!(out, "{:<14} {unit:>12} {:>6} {:>14}", "variant", "ratio", "steps/s")?;
        for Measured { variant, times } in measured {
            let time = median(times);
            let speed = *steps as f64 / time.max(1e-9) / 1e6;
            writeln!(
                out,
                "{:<14} {:>12.3} {:>6.2} {speed:>10.1} mio",
                variant.name,
                time * per_second,
                time / base.max(1e-9),
            )?;
        }
        out.flush()
    }

    fn print_json(&self, name: &str, first: &Run, measured: &[Measured]) -> io::Result<()> {
        let base = median(&measured[0].times);
        let variants = measured.iter().map(|Measured { variant, times }| {
            let time = median(times);
            json!({
                "name": variant.name,
                "about": variant.about,
                "seconds": time,
                "ratio": time / base.max(1e-9),
                "steps_per_second": first.steps as f64 / time.max(1e-9),
                "times": times.iter().map(Duration::as_secs_f64).collect::<Vec<_>>(),
            })
        });
        let value = json!({
            "schema": 1,
            "program": name,
            "args": self.guest.args.iter().map(|arg| arg.to_string_lossy()).collect::<Vec<_>>(),
            "lowering": match self.lowering.into() { Lowering::Plain => "plain", Lowering::Fused => "fused" },
            "tail_calls": TAIL_CALLS,
            "runs": self.runs,
            "steps": first.steps,
            "ticks": first.ticks,
            "ended": first.ended,
            "variants": variants.collect::<Vec<_>>(),
        });
        let mut out = out::stdout();
        writeln!(out, "{value}")?;
        out.flush()
    }
}

/// The end of a run in words; an error if that was no run to measure.
fn end(name: &str, ended: Result<Option<Vec<Val>>, CallError>) -> anyhow::Result<String> {
    Ok(match ended {
        Ok(None) => {
            return Err(anyhow!(
                "{}: nothing runs: it has no _start; --invoke names a function",
                Clean(name)
            ));
        }
        Ok(Some(results)) => match results.is_empty() {
            true => "returned".to_owned(),
            false => format!("returned {results:?}"),
        },
        Err(CallError::WaitingForInput) => {
            return Err(anyhow!(
                "{}: it reads its standard input; --stdin FILE gives every run the same (/dev/null: none)",
                Clean(name)
            ));
        }
        Err(CallError::Exit(code)) => format!("exit code {code}"),
        Err(error) => format!("stopped: {}", Clean(&error)),
    })
}

/// The time this thread has run: on a machine that does other things too, those do not count.
#[cfg(unix)]
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

/// The time since the program started.
#[cfg(not(unix))]
fn processor_time() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

/// The middle of sorted times, in seconds.
fn median(times: &[Duration]) -> f64 {
    let (low, high) = (times[(times.len() - 1) / 2], times[times.len() / 2]);
    (low + high).as_secs_f64() / 2.0
}

/// The unit in which times of about so many seconds have digits to compare, and how many of it are a second.
fn unit(seconds: f64) -> (&'static str, f64) {
    match seconds {
        1.0.. => ("seconds", 1.0),
        0.001.. => ("milliseconds", 1e3),
        _ => ("microseconds", 1e6),
    }
}

/// What a program has printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Printed {
    bytes: u64,
    hash: u64,
}

/// A standard output that only remembers whether it was the same.
struct Swallow(Arc<Mutex<Printed>>);

impl Write for Swallow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut printed = self.0.lock().expect("nobody panics holding it");
        printed.bytes += bytes.len() as u64;
        // FNV-1a.
        for &byte in bytes {
            printed.hash = (printed.hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
