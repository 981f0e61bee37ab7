//! `wasmscope dump`: events as text, one per line.
//!
//! ```text
//! full   file ──────────────► events          no engine is involved
//! log    file ──► Timeline ─► events          the run is repeated from the nearest snapshot
//! ```
//!
//! Always: both give the same lines; the first line is the step asked for. What is damaged of
//! a file with events is made again by repeating the run.
//! Elsewhere: how an event looks (`trace-format::dump`).

use super::exit::Exit;
use super::open::check_within;
use super::out::{Look, note};
use super::{Outcome, load, out};
use anyhow::Context;
use clap::Args;
use std::collections::HashMap;
use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use wasmscope_core::timeline::Timeline;
use wasmscope_trace_format::{CodeFunc, Event, FuncId, Profile, TraceReader, dump};

/// Print the events of a recording, one per line
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope dump run.wtrace
  wasmscope dump run.wtrace --from 120000 --count 20
  wasmscope dump run.wtrace --json | jq 'select(.outcome == \"HostCall\")'

A line holds step, function, ip, pc, op, outcome and effects. As JSON an event is an object
with the fields step tick module func name ip pc op text depth outcome effects; values keep
all their bits. The exit code is 3 if some of the steps are lost.")]
pub(crate) struct Dump {
    /// The recording, or - for standard input
    #[arg(value_name = "TRACE")]
    trace: PathBuf,

    /// The first step; without it, the first of the recording
    #[arg(long, value_name = "STEP")]
    from: Option<u64>,

    /// How many steps; without it, all to the end
    #[arg(long, value_name = "STEPS")]
    count: Option<u64>,

    /// One JSON object per line
    #[arg(long)]
    json: bool,

    /// Also what was overwritten
    #[arg(long)]
    old: bool,
}

impl Dump {
    pub(crate) fn run(self, look: &Look) -> Outcome {
        let reader = load::trace(&self.trace)?;
        let print = Print { json: self.json, old: self.old };
        let name = load::short(&self.trace);
        let again = || load::trace(&self.trace).ok();
        print.steps(reader, &name, Wanted { from: self.from, count: self.count }, look, again)
    }
}

/// Which steps to print.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    /// From here on; without it, from the first.
    pub(crate) from: Option<u64>,
    /// So many; without it, all to the end.
    pub(crate) count: Option<u64>,
}

impl Wanted {
    /// Those of a recording of which these steps are there.
    fn within(self, begin: u64, end: u64, name: &str) -> anyhow::Result<Range<u64>> {
        let from = check_within(begin, end, self.from, name)?;
        if self.from == Some(end) {
            note(format_args!("{name}: step {end} is the end of the run, no step follows it"));
        }
        Ok(from..self.count.map_or(end, |count| from.saturating_add(count).min(end)))
    }
}

/// What makes damaged events again, if this engine numbers steps as the file does.
fn heal(reader: TraceReader, name: &str) -> Option<Timeline> {
    Timeline::open(reader, name).ok().filter(|timeline| !timeline.run().is_renumbered())
}

/// How to print events.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Print {
    /// As JSON.
    pub(crate) json: bool,
    /// With what was overwritten, which only a repeated run knows.
    pub(crate) old: bool,
}

impl Print {
    /// Prints some steps of a recording called `name`; `again` opens it once more.
    pub(crate) fn steps(
        self,
        reader: TraceReader,
        name: &str,
        wanted: Wanted,
        look: &Look,
        again: impl Fn() -> Option<TraceReader>,
    ) -> Outcome {
        let complete = reader.completeness().clone();
        let mut exit = Exit::OK;
        if !complete.is_complete() {
            look.warning(format_args!("{name}: {complete}"));
            exit = Exit::LOSS;
        }
        let mut out = out::stdout();
        if reader.manifest().profile == Profile::Full && !self.old {
            let mut codes = HashMap::new();
            let mut healer: Option<Option<Timeline>> = None;
            let wanted = wanted.within(reader.begin().step, reader.end().step, name)?;
            let steps = wanted.clone();
            for event in reader.events(steps).with_context(|| name.to_owned())? {
                match event {
                    Ok(event) => {
                        let code = codes.entry(event.func);
                        let code = code.or_insert_with(|| reader.code(event.func).ok().flatten());
                        self.event(&mut out, event, code.as_deref())?;
                    }
                    Err(gap) => {
                        out.flush()?;
                        look.warning(format_args!("{name}: {gap}"));
                        exit = Exit::LOSS;
                        let healer = healer.get_or_insert_with(|| heal(again()?, name)).as_mut();
                        if let (Some(timeline), Some(lost)) = (healer, gap.steps) {
                            let lost = lost.start.max(wanted.start)..lost.end.min(wanted.end);
                            if let Err(error) = self.replayed(&mut out, timeline, lost) {
                                look.warning(format_args!("{name}: {error}"));
                            }
                        }
                    }
                }
            }
        } else {
            let mut timeline = load::timeline(reader, name, None, look)?;
            let steps = wanted.within(timeline.begin().step, timeline.end().step, name)?;
            self.replayed(&mut out, &mut timeline, steps).with_context(|| name.to_owned())?;
            // The process ends: the system takes memory back faster than piece by piece.
            std::mem::forget(timeline);
        }
        out.flush()?;
        Ok(exit)
    }

    /// Prints some steps of a timeline.
    pub(crate) fn replayed(
        self,
        out: &mut impl Write,
        timeline: &mut Timeline,
        steps: Range<u64>,
    ) -> anyhow::Result<()> {
        /// Steps asked for at a time.
        const PIECE: u64 = 2048;
        let mut codes: HashMap<FuncId, Arc<CodeFunc>> = HashMap::new();
        let mut at = steps.start;
        while at < steps.end {
            let to = (at / PIECE * PIECE + PIECE).min(steps.end);
            for event in timeline.events_once(at..to)? {
                let code = match codes.get(&event.func) {
                    Some(code) => code.clone(),
                    None => timeline.code(event.func)?,
                };
                self.event(out, event, Some(&code))?;
                codes.entry(code.func).or_insert(code);
            }
            at = to;
        }
        Ok(())
    }

    fn event(self, out: &mut impl Write, mut event: Event, code: Option<&CodeFunc>) -> std::io::Result<()> {
        if !self.old {
            event.forget_old();
        }
        let line = if self.json { dump::json(&event, code) } else { dump::line(&event, code) };
        out.write_all(line.as_bytes())?;
        out.write_all(b"\n")
    }
}
