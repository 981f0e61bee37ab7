//! `wasmscope repair`: a closed recording out of one that was cut off or damaged.
//!
//! ```text
//! T   [a][b][##][c][d##          what is whole
//! OUT [a][b][c][lost][end]
//! ```
//!
//! What was left out is gone, but for the program: whoever has it gives it again.
//!
//! Always: T is not touched; what is missing in OUT stands in it, and opening it says so.
//! Elsewhere: what is kept and what is not (`trace-format`).

use super::exit::{Exit, usage};
use super::out::{Look, note};
use super::output::{Counted, Output};
use super::progress::{Progress, bytes_text};
use super::{Outcome, load};
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wasmscope_core::Engine;
use wasmscope_trace_format::repair_with;

/// Make a whole recording of one that was cut off or is damaged
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope repair run.wtrace                    makes run.repaired.wtrace
  wasmscope repair run.wtrace -o clean.wtrace
  wasmscope repair run.wtrace --module prog.wasm  puts the program back where it is damaged

TRACE is read and not changed. What could not be read is left out, and OUT says which steps are
lost whenever it is opened. The exit code is 0 if none is, else 3. Without -o nothing is written if
TRACE is whole.")]
pub(crate) struct Repair {
    /// The recording, or - for standard input
    #[arg(value_name = "TRACE")]
    trace: PathBuf,

    /// Where to write; - is standard output. Without it, TRACE with the ending .repaired.wtrace
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,

    /// Overwrite OUT if it exists
    #[arg(long)]
    force: bool,

    /// The recorded program, to put in the place of a damaged one; may be given several times
    #[arg(long, value_name = "FILE")]
    module: Vec<PathBuf>,
}

/// The most parts that are named one by one.
const NAMED: usize = 16;

impl Repair {
    pub(crate) fn run(self, look: &Look) -> Outcome {
        let name = load::short(&self.trace);
        let output = match &self.output {
            Some(output) => output.clone(),
            None if self.trace.as_os_str() == "-" => {
                return Err(usage("-o says where to write what comes from standard input"));
            }
            None => self.trace.with_extension("repaired.wtrace"),
        };
        let reader = load::trace(&self.trace)?;
        if self.output.is_none() && reader.completeness().closed && reader.verify().is_empty() {
            note(format_args!("{name} is whole: there is nothing to repair"));
            return Ok(if reader.completeness().is_complete() { Exit::OK } else { Exit::LOSS });
        }
        let mut modules = Vec::new();
        for path in &self.module {
            let input = load::read(path)?;
            modules.push((input.name.clone(), input.module(&Engine::default())?));
        }
        let modules: Vec<(&str, &[u8])> =
            modules.iter().map(|(name, module)| (&**name, &**module.data().bytes())).collect();
        let (out, shown) = Output::made_of(&self.trace, &output, self.force)?;
        let written = Arc::new(AtomicU64::new(0));
        let (count, all) = (written.clone(), bytes_text(reader.bytes()));
        let progress =
            Progress::new(move || format!("{} of {all}", bytes_text(count.load(Ordering::Relaxed))));
        let repaired = repair_with(&reader, &modules, Counted { out, written: written.clone() });
        drop(progress);
        let (_, report) = repaired.map_err(|error| anyhow::Error::new(error).context(shown.clone()))?;
        for damage in report.damage.iter().take(NAMED) {
            look.warning(format_args!("{name}: left out: {damage}"));
        }
        if let Some(more) = report.damage.len().checked_sub(NAMED).filter(|more| *more > 0) {
            look.warning(format_args!("{name}: {more} more parts left out"));
        }
        for lost in report.lost.iter().take(NAMED) {
            let steps = lost.from.step..lost.from.step.saturating_add(lost.steps);
            match lost.steps {
                0 => look.warning(format_args!("{name}: {}", lost.why)),
                _ => look.warning(format_args!("{name}: steps {} to {} are lost", steps.start, steps.end)),
            }
        }
        if report.without_program {
            let how = match modules.is_empty() {
                true => "--module FILE puts it back",
                false => "none of the files given is it",
            };
            look.warning(format_args!("{name}: the program is damaged: its run cannot be repeated; {how}"));
        }
        let (kept, bytes) = (report.kept, bytes_text(written.load(Ordering::Relaxed)));
        note(format_args!("kept {kept} parts in {shown}, {bytes}"));
        Ok(if report.lost.is_empty() { Exit::OK } else { Exit::LOSS })
    }
}
