//! `wasmscope record`: a program and everything that came in from outside.
//!
//! ```text
//! log     guest ──► Recorder ──► T
//! others  guest ──► Recorder ──► a thread that repeats the run close behind ──► T
//! ```
//!
//! Always: nothing runs unless T can be created; when T cannot be written to, the program goes
//! on, and what was written before is readable. A process that is killed loses about a second.

use super::exit::{Exit, usage};
use super::guest::{Guest, LoweringArg, Prepared, Stdin, Stdout};
use super::interrupt::on_signal;
use super::out::{Look, note};
use super::output::{Counted, Output, Rolling};
use super::progress::{Progress, bytes_text};
use super::{Outcome, ending, load};
use clap::{Args, ValueEnum};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use wasmscope_core::record::{ConvertError, Last, RecordOptions, Recorder};
use wasmscope_core::{CallError, Val};
use wasmscope_trace_format::{Profile, TraceReader, WriteError};

/// Run a program and record it, to be looked at later, forwards and backwards
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope record prog.wasm                        makes prog.wtrace
  wasmscope record prog.wasm -o run.wtrace -- -v    with an argument
  wasmscope record --profile full prog.wasm         every event, readable without an engine
  wasmscope record --last 20M server.wasm           the last 20 million steps or more
  wasmscope record prog.wasm -o - | gzip > run.gz   to a pipe

The program's exit code is passed on, as by run; it is 3 if the program succeeded but the
recording is not complete. Ctrl-C stops the program and closes the recording.

A recording holds the program, its memory as it changes, its arguments, and all it read:
files, standard input, the variables given with --env. Only its owner may read the file.")]
pub(crate) struct Record {
    #[command(flatten)]
    guest: Guest,

    /// Where to write; - is standard output. Without it, FILE with the ending .wtrace
    #[arg(short, long, value_name = "TRACE")]
    output: Option<PathBuf>,

    /// How much to keep
    #[arg(long, value_enum, default_value_t)]
    profile: ProfileArg,

    /// How much of the file checkpoints may take; they make it fast to go to a moment
    #[arg(long, value_name = "BYTES", default_value = "256M", value_parser = bytes)]
    checkpoint_budget: u64,

    /// Keep only the end of the run: at least so many steps (500000, 20M), or about so many
    /// bytes (64MB); for programs that run for long
    #[arg(long, value_name = "AMOUNT", value_parser = last)]
    last: Option<Last>,

    /// Overwrite TRACE if it exists
    #[arg(long)]
    force: bool,

    /// How operators become ops; it decides what a step is
    #[arg(long, value_enum, default_value_t)]
    lowering: LoweringArg,
}

/// How much a recording keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileArg {
    /// What came in from outside; the rest is computed again when it is looked at
    #[default]
    Log,
    /// Also which steps ran and how each ended
    Flow,
    /// Also addresses, what was loaded and what the host did
    Values,
    /// Every event of every step: large, and readable without an engine
    Full,
}

impl From<ProfileArg> for Profile {
    fn from(arg: ProfileArg) -> Profile {
        match arg {
            ProfileArg::Log => Profile::Log,
            ProfileArg::Flow => Profile::Flow,
            ProfileArg::Values => Profile::Values,
            ProfileArg::Full => Profile::Full,
        }
    }
}

/// A number of bytes, with k, M, G or T behind it.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let (digits, factor) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1u64 << 10),
        Some((at, 'M')) => (&text[..at], 1 << 20),
        Some((at, 'G')) => (&text[..at], 1 << 30),
        Some((at, 'T')) => (&text[..at], 1 << 40),
        _ => (text, 1),
    };
    let number = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    number.ok_or_else(|| "a number of bytes, such as 1000000, 64M or 2G".to_owned())
}

/// An amount of steps, or of bytes if a B stands behind it.
fn last(text: &str) -> Result<Last, String> {
    if let Some(amount) = text.strip_suffix('B') {
        return Ok(Last::Bytes(bytes(amount)?));
    }
    let (digits, factor) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1_000),
        Some((at, 'M')) => (&text[..at], 1_000_000),
        Some((at, 'G')) => (&text[..at], 1_000_000_000),
        _ => (text, 1u64),
    };
    let steps = digits.parse::<u64>().ok().and_then(|steps| steps.checked_mul(factor));
    let steps = steps.filter(|&steps| steps > 0);
    steps.map(Last::Steps).ok_or_else(|| "a number of steps, such as 500000 or 20M, or of bytes: 64MB".into())
}

impl Record {
    pub(crate) fn run(self, look: &Look) -> Outcome {
        let to_stdout = self.output.as_ref().is_some_and(|path| path.as_os_str() == "-");
        let stdout = if to_stdout { Stdout::Stderr } else { Stdout::Process };
        let profile = Profile::from(self.profile);
        if self.last.is_some() && (to_stdout || profile != Profile::Log) {
            return Err(usage(
                "--last keeps a file of the profile log; convert makes others of it when it is done",
            ));
        }
        let mut guest = self.guest.prepare(self.lowering.into(), Stdin::Process, stdout)?;
        let path = self.output.clone().unwrap_or_else(|| load::trace_path(&self.guest.file));
        let shown = if to_stdout { "standard output".to_owned() } else { load::shown(&path) };
        let existed = path.exists();
        let out = match to_stdout {
            true => Output::Stdout(io::stdout()),
            false => Output::create(&path, self.force, &shown)?,
        };
        let written = Arc::new(AtomicU64::new(0));
        let out = Counted { out, written: written.clone() };

        let (machine, waits) = (guest.store.interrupt_handle(), guest.store.data().interrupt());
        on_signal(move || {
            machine.interrupt();
            waits.raise();
        })?;
        let options = RecordOptions { profile, checkpoint_budget: self.checkpoint_budget };
        let recorded = match self.last {
            None => record(&mut guest, written.clone(), |guest, args| {
                Recorder::with_options(&mut guest.store, out, &guest.name, args, &options)
            }),
            Some(last) => record(&mut guest, written.clone(), |guest, args| {
                let files = Rolling::new(out, &path);
                let budget = self.checkpoint_budget;
                Recorder::keeping_last(&mut guest.store, files, &guest.name, args, last, budget)
            }),
        };
        let (ended, problem) = match recorded {
            Ok(recorded) => recorded,
            Err(error) => {
                // Half a recording of nothing is of no use. What was there before,
                // a device for instance, is not ours to remove.
                if !to_stdout && !existed {
                    let _ = std::fs::remove_file(&path);
                }
                return Err(error);
            }
        };
        let exit = ending::report(&ended, look)?;
        guest.say_if_nothing_runs(&ended);
        let (steps, ticks) = (guest.store.steps(), guest.store.ticks());
        match problem {
            Ok(_) if self.last.is_some() => {
                let bytes = bytes_text(path.metadata().map_or(0, |file| file.len()));
                note(format_args!("recorded the end of {steps} steps ({ticks} ticks) to {shown}, {bytes}"));
                Ok(exit)
            }
            Ok(_) => {
                let bytes = bytes_text(written.load(Ordering::Relaxed));
                note(format_args!("recorded {steps} steps ({ticks} ticks) to {shown}, {bytes}"));
                Ok(exit)
            }
            Err(error) => {
                look.error(format_args!(
                    "{shown}: the recording is not complete: {error}; the program itself ran on"
                ));
                let nothing = written.load(Ordering::Relaxed) == 0;
                let problem = if nothing { Exit::ERROR } else { Exit::LOSS };
                Ok(if exit == Exit::OK { problem } else { exit })
            }
        }
    }
}

/// What a program came to.
type Ended = Result<Option<Vec<Val>>, CallError>;

/// Runs a program and records it; how it ended, and what was written to or why that failed.
/// `written` counts the bytes written; `start` makes the recorder, given the arguments.
fn record<W: Write + Send + 'static>(
    guest: &mut Prepared,
    written: Arc<AtomicU64>,
    start: impl FnOnce(&mut Prepared, &[String]) -> Result<Recorder<W>, WriteError>,
) -> anyhow::Result<(Ended, Result<W, ConvertError>)> {
    let args: Vec<String> = std::iter::once(guest.name.clone()).chain(guest.args.clone()).collect();
    let recorder = match start(guest, &args) {
        Ok(recorder) => recorder,
        Err(error) => return Ok((guest.go()?, Err(error.into()))),
    };
    let (name, steps) = (guest.name.clone(), recorder.steps());
    let mut last = (Instant::now(), 0);
    let progress = Progress::new(move || {
        let now = (Instant::now(), steps.load(Ordering::Relaxed));
        let rate = (now.1 - last.1) as f64 / now.0.duration_since(last.0).as_secs_f64().max(1e-3) / 1e6;
        last = now;
        let (steps, bytes) = (now.1, bytes_text(written.load(Ordering::Relaxed)));
        format!("recording {name} · step {steps} · {rate:.0} million a second · {bytes}")
    });
    let ended = guest.go()?;
    drop(progress);
    let finished = recorder.finish(&mut guest.store, ended.as_ref().map(drop));
    Ok((ended, finished))
}

/// Records in memory.
pub(crate) fn record_in_memory(guest: &mut Prepared) -> anyhow::Result<(Ended, TraceReader)> {
    let (ended, log) = record(guest, Arc::default(), |guest, args| {
        Recorder::start(&mut guest.store, Vec::new(), &guest.name, args)
    })?;
    Ok((ended, TraceReader::open(log?)?))
}
