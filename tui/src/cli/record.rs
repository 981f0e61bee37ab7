//! `wasmscope record`: a program and everything that came in from outside.
//!
//! ```text
//! log    guest ──► Recorder ──► T
//! full   guest ──► Recorder ──► memory ──replay──► T
//! ```
//!
//! Always: nothing runs unless T can be created; when T cannot be written to, the program goes
//! on, and what was written before is readable.

use super::exit::Exit;
use super::guest::{Guest, LoweringArg, Prepared, Stdin, Stdout};
use super::interrupt::on_signal;
use super::out::{Look, note};
use super::progress::{Progress, bytes_text};
use super::{Outcome, ending, load};
use anyhow::anyhow;
use clap::{Args, ValueEnum};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wasmscope_core::record::{ConvertError, Recorder, convert_full};
use wasmscope_core::timeline::{Control, Timeline};
use wasmscope_core::{CallError, Val};
use wasmscope_trace_format::{TraceReader, WriteError};

/// Run a program and record it, to be looked at later, forwards and backwards
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope record prog.wasm                        makes prog.wtrace
  wasmscope record prog.wasm -o run.wtrace -- -v    with an argument
  wasmscope record --profile full prog.wasm         every event, readable without an engine
  wasmscope record prog.wasm -o - | gzip > run.gz   to a pipe

The program's exit code is passed on, as by run; it is 3 if the program succeeded but the
recording is not complete. Ctrl-C stops the program and closes the recording.")]
pub(crate) struct Record {
    #[command(flatten)]
    guest: Guest,

    /// Where to write; - is standard output. Without it, FILE with the ending .wtrace
    #[arg(short, long, value_name = "TRACE")]
    output: Option<PathBuf>,

    /// How much to keep
    #[arg(long, value_enum, default_value_t)]
    profile: ProfileArg,

    /// Overwrite TRACE if it exists
    #[arg(long)]
    force: bool,

    /// How operators become ops; it decides what a step is
    #[arg(long, value_enum, default_value_t)]
    lowering: LoweringArg,
}

/// How much a recording keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ProfileArg {
    /// What came in from outside; the rest is computed again when it is looked at
    #[default]
    Log,
    /// Every event of every step: large, and readable without an engine
    Full,
}

/// Where a recording goes.
type Sink = Box<dyn Write + Send>;

impl Record {
    pub(crate) fn run(self, look: &Look) -> Outcome {
        let to_stdout = self.output.as_ref().is_some_and(|path| path.as_os_str() == "-");
        let stdout = if to_stdout { Stdout::Stderr } else { Stdout::Process };
        let mut guest = self.guest.prepare(self.lowering.into(), Stdin::Process, stdout)?;
        let path = self.output.clone().unwrap_or_else(|| load::trace_path(&self.guest.file));
        let shown = if to_stdout { "standard output".to_owned() } else { load::shown(&path) };
        let existed = path.exists();
        let out: Sink =
            match to_stdout {
                true => Box::new(io::stdout()),
                false => Box::new(wasmscope_trace_format::create(&path, self.force).map_err(|error| {
                    match error.kind() {
                        io::ErrorKind::AlreadyExists => anyhow!("{shown} exists; --force overwrites it"),
                        _ => anyhow::Error::new(error).context(shown.clone()),
                    }
                })?),
            };
        let written = Arc::new(AtomicU64::new(0));
        let out = Counted { out, written: written.clone() };

        let (machine, waits) = (guest.store.interrupt_handle(), guest.store.data().interrupt());
        on_signal(move || {
            machine.interrupt();
            waits.raise();
        })?;
        let recorded = match self.profile {
            ProfileArg::Log => record(&mut guest, out).map(|(ended, written)| (ended, written.map(drop))),
            ProfileArg::Full => record_full(&mut guest, out, look),
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
            Ok(()) => {
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

/// Runs a program and records it with profile `log`; how it ended, and what was written to or
/// why that failed.
pub(crate) fn record<W: Write + Send + 'static>(
    guest: &mut Prepared,
    out: W,
) -> anyhow::Result<(Ended, Result<W, WriteError>)> {
    let args: Vec<String> = std::iter::once(guest.name.clone()).chain(guest.args.clone()).collect();
    let recorder = match Recorder::start(&mut guest.store, out, &guest.name, &args) {
        Ok(recorder) => recorder,
        Err(error) => return Ok((guest.go()?, Err(error))),
    };
    let name = guest.name.clone();
    let progress = Progress::new(move || format!("recording {name}"));
    let ended = guest.go()?;
    drop(progress);
    let finished = recorder.finish(&mut guest.store, ended.as_ref().map(drop));
    Ok((ended, finished))
}

/// Records in memory.
pub(crate) fn record_in_memory(guest: &mut Prepared) -> anyhow::Result<(Ended, TraceReader)> {
    let (ended, log) = record(guest, Vec::new())?;
    Ok((ended, TraceReader::open(log?)?))
}

fn record_full(
    guest: &mut Prepared,
    out: Counted<Sink>,
    look: &Look,
) -> anyhow::Result<(Ended, Result<(), WriteError>)> {
    let (ended, reader) = record_in_memory(guest)?;
    let end = reader.end().step;
    let args = reader.manifest().args.clone();
    let mut timeline = Timeline::open(reader, &guest.name)?;
    let control = Arc::new(Control::default());
    let cancel = control.clone();
    on_signal(move || cancel.cancel.store(true, Ordering::Relaxed))?;
    let shown = control.clone();
    let progress = Progress::new(move || {
        let step = shown.progress.load(Ordering::Relaxed);
        format!("writing step {step} of {end}")
    });
    let converted = convert_full(&mut timeline, out, &args, &control);
    drop(progress);
    if control.cancel.load(Ordering::Relaxed) {
        look.warning(format_args!("interrupted: the recording holds the first steps only"));
    }
    match converted {
        Ok(_) => Ok((ended, Ok(()))),
        Err(ConvertError::Write(error)) => Ok((ended, Err(error))),
        Err(error) => Err(error.into()),
    }
}

/// Counts what goes through.
struct Counted<W> {
    out: W,
    written: Arc<AtomicU64>,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.out.write(bytes)?;
        self.written.fetch_add(len as u64, Ordering::Relaxed);
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
