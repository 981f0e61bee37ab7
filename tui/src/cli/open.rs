//! `wasmscope open`: a recording, in the terminal or as text.

use super::dump::{Print, Wanted};
use super::exit::{Exit, usage};
use super::out::Look;
use super::script::Commands;
use super::{Outcome, load};
use clap::Args;
use std::path::PathBuf;
use wasmscope_core::timeline::{Index, Timeline};
use wasmscope_tui::{Left, source, term};

/// Open a recording and step through it, forwards and backwards
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope open run.wtrace
  wasmscope open run.wtrace --at 120000
  wasmscope open run.wtrace -e 'break fib if n == 3' -e continue -e backtrace
  wasmscope open run.wtrace --commands steps.txt --json

Marks, notes, breakpoints and the cursor come back when a recording is opened again; they are
kept in the user's folder for state, never in the recording.
Searches use the index beside the recording, TRACE.index; that of a long one is made meanwhile
on the screen. It may be deleted at any time.
Without a terminal, the events from STEP on are printed as by dump.")]
pub(crate) struct Open {
    /// The recording, or - for standard input
    #[arg(value_name = "TRACE")]
    trace: PathBuf,

    /// The step to begin at; without it, the first
    #[arg(long, value_name = "STEP")]
    at: Option<u64>,

    #[command(flatten)]
    commands: Commands,
}

impl Open {
    /// Opens a recording at its beginning.
    pub(crate) fn new(trace: PathBuf) -> Open {
        Open { trace, at: None, commands: Commands::default() }
    }

    pub(crate) fn run(self, look: &Look) -> Outcome {
        let reader = load::trace(&self.trace)?;
        let name = load::short(&self.trace);
        if self.commands.given()? {
            let timeline = load::timeline(reader, &name, None, look)?;
            let at = check(&timeline, self.at)?;
            let (folders, named) = look.source_files(&look.settings()?.1);
            let source = source::ReplaySource::over(timeline, &name).with_sources(folders, named);
            return self.commands.run(Box::new(source), at, look);
        }
        if term::available() {
            let timeline = load::timeline(reader, &name, None, look)?;
            check(&timeline, self.at)?;
            let index = (self.trace.as_os_str() != "-").then(|| Index::path_of(&self.trace));
            let commands = self.at.map(|at| format!("goto {at}"));
            let options = look.screen(commands.into_iter().collect(), self.commands.fresh)?;
            return Ok(left(source::open_trace(timeline, &name, index.as_deref(), options)?));
        }
        Print::default().steps(reader, &name, Wanted { from: self.at, count: None }, look, || None)
    }
}

/// The step that was asked for, or the first; refuses one that the recording does not have.
pub(crate) fn check(timeline: &Timeline, step: Option<u64>) -> anyhow::Result<u64> {
    check_within(timeline.begin().step, timeline.end().step, step, &timeline.run().name)
}

/// The same of a recording of which these steps are there.
pub(crate) fn check_within(begin: u64, end: u64, step: Option<u64>, name: &str) -> anyhow::Result<u64> {
    match step.unwrap_or(begin) {
        step if step > end => {
            Err(usage(format!("{name}: step {step} does not exist: the recording ends at step {end}")))
        }
        step if step < begin => {
            Err(usage(format!("{name}: step {step} was not kept: the recording begins at step {begin}")))
        }
        step => Ok(step),
    }
}

/// How the process ends after the user left.
pub(crate) fn left(how: Left) -> Exit {
    match how {
        Left::Quit => Exit::OK,
        Left::Signal(number) => Exit(128 + number),
    }
}
