//! From a run to a trace file of any profile.
//!
//! ```text
//! run ──repeat, capture─► chunks ─┐
//! host log, outputs ──────────────┼─ in order ─► TraceWriter
//! checkpoints ────────────────────┘
//! ```
//!
//! The run is repeated by all processors (`crew`); what they make is written in order, with the
//! code of each function before its first step and the host log in between. Profile `log` needs no
//! steps: what the file holds is copied. The same code follows a run that is still going
//! on (`follow`).

use crate::record::crew::{Crew, PIECE};
use crate::record::manifest;
use crate::timeline::{Control, Run, Timeline, TimelineError};
use std::io::Write;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wasmscope_trace_format as wtrace;
use wtrace::{
    Checkpoint, Lost, PAGE_SIZE, PageHash, Position, Profile, RunEnd, Summary, TraceWriter, WriteError,
};

/// Why a run could not be written as a trace file.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The run cannot be repeated.
    #[error("{0}")]
    Timeline(#[from] TimelineError),
    /// The file cannot be written.
    #[error("{0}")]
    Write(#[from] WriteError),
}

/// A checkpoint and the pages it names that may not be in the file yet.
pub(super) type WithPages = (Checkpoint, Vec<Box<[u8; PAGE_SIZE]>>);

/// A trace file in the making.
pub(super) struct Conversion<W: Write> {
    pub(super) writer: TraceWriter<W>,
    run: Arc<Run>,
    /// How much has been written: modules, entries of the host log, outputs, checkpoints.
    modules: usize,
    entries: u64,
    outputs: usize,
    checkpoints: usize,
}

impl<W: Write> Conversion<W> {
    pub(super) fn new(writer: TraceWriter<W>, run: Arc<Run>) -> Conversion<W> {
        Conversion { writer, run, modules: 0, entries: 0, outputs: 0, checkpoints: 0 }
    }

    /// Writes what came in before `step`.
    fn catch_up(&mut self, step: u64) -> Result<(), WriteError> {
        while let Some(record) = self.run.entry(self.entries)
            && record.position.step <= step
        {
            if let wtrace::HostEntry::LoadModule { .. } = record.entry {
                self.write_modules()?;
            }
            self.writer.host_log(record.position, &record.entry)?;
            self.entries += 1;
        }
        while let Some(output) = self.run.output(self.outputs)
            && output.position.step <= step
        {
            self.writer.output(output.position, output.stream, &output.bytes)?;
            self.outputs += 1;
        }
        Ok(())
    }

    fn write_modules(&mut self) -> Result<(), WriteError> {
        for module in &self.run.modules()[self.modules..] {
            let name = module.data().name().map_or_else(|| self.run.name.clone(), str::to_owned);
            self.writer.module(&name, module.data().bytes())?;
            self.modules += 1;
        }
        Ok(())
    }

    /// Writes a checkpoint, and what came in before it.
    pub(super) fn checkpoint(&mut self, (checkpoint, pages): &WithPages) -> Result<(), WriteError> {
        self.catch_up(checkpoint.position.step)?;
        for page in pages {
            self.writer.page(page)?;
        }
        self.writer.checkpoint(checkpoint)
    }

    /// Writes the checkpoints of the run's own file up to `step`, if it has one.
    fn copy_checkpoints(&mut self, step: u64) -> Result<(), ConvertError> {
        let run = self.run.clone();
        let steps = run.checkpoints();
        while steps.get(self.checkpoints).is_some_and(|&at| at <= step) {
            let index = self.checkpoints;
            self.checkpoints += 1;
            // One that is damaged is left out: the file is as good without it.
            let Ok(checkpoint) = run.checkpoint(index) else { continue };
            let Some(pages) = pages_of(&run, &checkpoint) else { continue };
            self.checkpoint(&(Checkpoint::clone(&checkpoint), pages))?;
        }
        Ok(())
    }

    /// Writes the events of some steps, made by all processors, until `go_on` says no; where
    /// it came to.
    pub(super) fn steps(
        &mut self,
        crew: &mut Crew,
        steps: Range<u64>,
        mut go_on: impl FnMut(u64) -> bool,
    ) -> Result<u64, ConvertError> {
        let (mut at, mut given) = (steps.start, steps.start);
        let mut more = true;
        loop {
            more = more && go_on(at);
            while more && given < steps.end && crew.has_room() {
                let to = steps.end.min((given / PIECE + 1) * PIECE);
                crew.give(given..to);
                given = to;
            }
            let Some(made) = crew.take() else { return Ok(at) };
            let (piece, chunks) = made?;
            self.copy_checkpoints(piece.start)?;
            // What came in stands before the steps that saw it.
            self.catch_up(piece.end)?;
            for chunk in chunks {
                self.writer.chunk(chunk)?;
            }
            at = piece.end;
        }
    }

    /// Closes the file.
    pub(super) fn finish(mut self, end: Position, why: RunEnd) -> Result<W, WriteError> {
        self.catch_up(end.step)?;
        self.write_modules()?;
        self.writer.finish(Summary { end, why, ..Summary::default() })
    }
}

/// The pages a checkpoint names; `None` if one is damaged.
fn pages_of(run: &Run, checkpoint: &Checkpoint) -> Option<Vec<Box<[u8; PAGE_SIZE]>>> {
    let reader = run.reader.as_ref()?;
    let named = checkpoint.memories.iter().flat_map(|memory| &memory.pages);
    let page = |&(_, hash): &(u64, PageHash)| {
        let mut bytes = Box::new([0; PAGE_SIZE]);
        reader.page(hash, &mut bytes).ok().map(|()| bytes)
    };
    named.map(page).collect()
}

/// Writes the run of `timeline` to `out` with `profile`; of the steps, the last `last` if
/// that is not all. `control` shows the steps written and can cancel, which closes the file
/// where it is.
///
/// # Errors
/// If the run cannot be repeated, or the file cannot be written.
pub fn convert_run<W: Write>(
    timeline: &mut Timeline,
    out: W,
    profile: Profile,
    last: Option<u64>,
    args: &[String],
    control: &Control,
) -> Result<W, ConvertError> {
    let run = timeline.run().clone();
    if let Some(damage) = run.damage() {
        return Err(TimelineError::Trace(damage.to_owned()).into());
    }
    let end = timeline.end();
    let writer = TraceWriter::begin(out, &manifest(&run.engine, &run.name, args, profile))?;
    let mut conversion = Conversion::new(writer, run.clone());
    let mut why = run.why().unwrap_or_else(|| RunEnd::Stopped("the recording ends here".to_owned()));
    let begin = timeline.begin().step;
    let from = last.map_or(0, |last| end.step.saturating_sub(last)).max(begin);
    if from > 0 {
        conversion.copy_checkpoints(from)?;
        conversion.catch_up(from)?;
        let why = match from {
            _ if from == begin => "only the end of the run was kept".to_owned(),
            _ => format!("only the last {} steps were asked for", end.step - from),
        };
        let lost = Lost { from: Position::default(), steps: from, why };
        conversion.writer.lost(&lost)?;
    }
    if profile == Profile::Log {
        conversion.copy_checkpoints(end.step)?;
        return Ok(conversion.finish(end, why)?);
    }
    let mut crew = Crew::new(&run, profile).map_err(|source| WriteError::Io { at: 0, source })?;
    let reached = conversion.steps(&mut crew, from..end.step, |at| {
        control.progress.store(at, Ordering::Relaxed);
        !control.cancel.load(Ordering::Relaxed)
    })?;
    if reached < end.step {
        why = RunEnd::Stopped("cancelled".to_owned());
        timeline.seek(reached)?;
        return Ok(conversion.finish(timeline.position(), why)?);
    }
    conversion.copy_checkpoints(end.step)?;
    Ok(conversion.finish(end, why)?)
}
