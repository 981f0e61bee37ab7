//! From a run to a `full` trace: every event, readable without an engine.
//!
//! The run is repeated and each step is written as it is captured, with the code of each
//! function before its first step and the host log in between.

use crate::record::manifest;
use crate::timeline::capture::Steps;
use crate::timeline::{Timeline, TimelineError};
use std::collections::HashSet;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wasmscope_trace_format as wtrace;
use wtrace::{CodeFunc, FuncId, Profile, RunEnd, StepRecord, Summary, TraceWriter, WriteError};

/// Why a run could not be written as a `full` trace.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The run cannot be repeated.
    #[error("{0}")]
    Timeline(#[from] TimelineError),
    /// The file cannot be written.
    #[error("{0}")]
    Write(#[from] WriteError),
}

struct ToWriter<'a, W: Write> {
    writer: &'a mut TraceWriter<W>,
    run: Arc<crate::timeline::Run>,
    /// Entries of the host log written.
    entries: u64,
    outputs: Vec<Arc<wtrace::Output>>,
    next_output: usize,
    written: HashSet<FuncId>,
    error: Option<WriteError>,
    progress: &'a crate::timeline::Control,
}

impl<W: Write> ToWriter<'_, W> {
    /// Writes what came in before `step`.
    fn catch_up(&mut self, step: u64) -> Result<(), WriteError> {
        while let Some(record) = self.run.entry(self.entries)
            && record.position.step <= step
        {
            self.writer.host_log(record.position, &record.entry)?;
            self.entries += 1;
        }
        while let Some(output) = self.outputs.get(self.next_output)
            && output.position.step <= step
        {
            self.writer.output(output.position, output.stream, &output.bytes)?;
            self.next_output += 1;
        }
        Ok(())
    }

    fn write(&mut self, record: &StepRecord<'_>, code: &Arc<CodeFunc>) -> Result<(), WriteError> {
        self.catch_up(record.step)?;
        if self.written.insert(record.func) {
            self.writer.code(code.clone())?;
        }
        self.writer.step(record)
    }
}

impl<W: Write> Steps for ToWriter<'_, W> {
    fn step(&mut self, record: &StepRecord<'_>, code: &Arc<CodeFunc>) {
        if self.error.is_none()
            && let Err(error) = self.write(record, code)
        {
            self.error = Some(error);
        }
        if record.step.is_multiple_of(1 << 16) {
            self.progress.progress.store(record.step, Ordering::Relaxed);
        }
    }
}

/// Writes the whole run of `timeline` to `out` as a `full` trace. `control` shows the
/// steps written and can cancel, which closes the file after a piece.
///
/// # Errors
/// If the run cannot be repeated, or the file cannot be written.
pub fn convert_full<W: Write>(
    timeline: &mut Timeline,
    out: W,
    args: &[String],
    control: &crate::timeline::Control,
) -> Result<W, ConvertError> {
    /// Steps between two looks at whether to stop.
    const PIECE: u64 = 1 << 20;
    let run = timeline.run().clone();
    let mut writer = TraceWriter::begin(out, &manifest(&run.engine, &run.name, args, Profile::Full))?;
    for module in run.modules() {
        let name = module.data().name().map_or_else(|| run.name.clone(), str::to_owned);
        writer.module(&name, module.data().bytes())?;
    }
    let end = timeline.end();
    let outputs = run.outputs(u64::MAX);
    let mut steps = ToWriter {
        writer: &mut writer,
        run: run.clone(),
        entries: 0,
        outputs,
        next_output: 0,
        written: HashSet::new(),
        error: None,
        progress: control,
    };
    let mut from = 0;
    let mut why = run.why().unwrap_or_else(|| RunEnd::Stopped("the recording ends here".to_owned()));
    while from < end.step {
        if control.cancel.load(Ordering::Relaxed) {
            why = RunEnd::Stopped("cancelled".to_owned());
            break;
        }
        let to = end.step.min(from + PIECE);
        timeline.stream(from..to, false, &mut steps)?;
        if let Some(error) = steps.error.take() {
            return Err(error.into());
        }
        from = to;
    }
    let functions = steps.written.len() as u64;
    let end = if from < end.step { timeline.position() } else { end };
    steps.catch_up(end.step)?;
    Ok(writer.finish(Summary { end, why, functions, ..Summary::default() })?)
}
