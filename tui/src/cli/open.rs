//! `wasmscope open`: a recording, in the terminal or as text.

use super::dump::Print;
use super::exit::usage;
use super::out::Look;
use super::{Outcome, load};
use clap::Args;
use std::path::PathBuf;
use wasmscope_trace_format::TraceReader;

/// Open a recording and step through it, forwards and backwards
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope open run.wtrace
  wasmscope open run.wtrace --at 120000

Without a terminal, the events from STEP on are printed as by dump.")]
pub(crate) struct Open {
    /// The recording, or - for standard input
    #[arg(value_name = "TRACE")]
    trace: PathBuf,

    /// The step to begin at
    #[arg(long, value_name = "STEP", default_value_t = 0)]
    at: u64,
}

impl Open {
    /// Opens a recording at its beginning.
    pub(crate) fn new(trace: PathBuf) -> Open {
        Open { trace, at: 0 }
    }

    pub(crate) fn run(self, look: &Look) -> Outcome {
        let reader = load::trace(&self.trace)?;
        show(reader, &load::short(&self.trace), self.at, look)
    }
}

/// Shows a recording from a step on.
pub(crate) fn show(reader: TraceReader, name: &str, at: u64, look: &Look) -> Outcome {
    let end = reader.end().step;
    if at > end {
        return Err(usage(format!("step {at} does not exist: the run has {end} steps")));
    }
    Print::default().steps(reader, name, at..end, look)
}
