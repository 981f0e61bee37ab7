//! A recording, repeated: the same end, the same memories, the same moments however they are reached.

use super::case::Case;
use super::ours::{How, Run};
use super::rng::Rng;
use std::collections::HashMap;
use wasmscope_core::Lowering;
use wasmscope_core::record::convert_run;
use wasmscope_core::timeline::{Control, Timeline};
use wasmscope_trace_format::{Event, Outcome, Position, Profile, SlotKind, TraceReader, Value, dump};

/// Runs not longer than this are looked at step by step.
const LOOKED_AT: u64 = 4000;

fn open(file: &[u8]) -> Result<Timeline, String> {
    let reader = TraceReader::open(file.to_vec()).map_err(|error| error.to_string())?;
    if !reader.completeness().is_complete() {
        return Err(format!("the trace is not complete: {}", reader.completeness()));
    }
    Timeline::open(reader, "case").map_err(|error| error.to_string())
}

/// Repeats a recording and compares it with the run it is of.
///
/// # Errors
/// The first difference.
pub fn check(case: &Case, file: &[u8], run: &Run) -> Result<(), String> {
    let text = |error: wasmscope_core::timeline::TimelineError| format!("replay: {error}");
    let reader = TraceReader::open(file.to_vec()).map_err(|error| error.to_string())?;
    if let [first, ..] = &reader.verify()[..] {
        return Err(format!("the trace is damaged: {first}"));
    }
    let mut timeline = open(file)?;
    let end = timeline.end();
    let ran = Position {
        step: run.counts.0.last().copied().unwrap_or(0),
        tick: run.counts.1.last().copied().unwrap_or(0),
    };
    if end != ran {
        return Err(format!("the trace ends at {end:?}, the run at {ran:?}"));
    }
    timeline.seek(end.step).map_err(text)?;
    if timeline.position() != end {
        return Err(format!("the replay ends at {:?}, the run at {end:?}", timeline.position()));
    }
    for (memory, bytes) in &run.memories {
        if timeline.read(*memory, 0, bytes.len() + 1) != *bytes {
            return Err(format!("memory {memory} differs at the end of the replay"));
        }
    }
    let mut rng = Rng::new(case.seed ^ 0x5eed);
    // Two ways to a moment: there and back, and straight.
    for _ in 0..3 {
        let step = rng.below(end.step + 1);
        timeline.seek(step).map_err(text)?;
        let back = moment(&mut timeline);
        let mut fresh = Timeline::new(timeline.run().clone());
        fresh.seek(step).map_err(text)?;
        let straight = moment(&mut fresh);
        if back != straight {
            return Err(format!("step {step} is {back}\nor {straight}"));
        }
    }
    if end.step <= LOOKED_AT {
        full(file, &mut timeline)?;
    }
    Ok(())
}

/// All events, computed again and read from a `full` trace.
fn full(file: &[u8], timeline: &mut Timeline) -> Result<(), String> {
    let end = timeline.end().step;
    let computed = timeline.events(0..end).map_err(|error| format!("events: {error}"))?;
    if computed.len() as u64 != end || computed.iter().enumerate().any(|(at, event)| event.step != at as u64)
    {
        return Err(format!("{} events of {end} steps", computed.len()));
    }
    let mut converted = open(file)?;
    let full = convert_run(&mut converted, Vec::new(), Profile::Full, None, &[], &Control::default());
    let full = full.map_err(|error| format!("full trace: {error}"))?;
    let reader = TraceReader::open(full).map_err(|error| format!("full trace: {error}"))?;
    if let [first, ..] = &reader.verify()[..] {
        return Err(format!("the full trace is damaged: {first}"));
    }
    let mut read = reader.events(0..end).map_err(|error| format!("full trace: {error}"))?;
    for event in computed {
        let other = match read.next() {
            Some(Ok(other)) => other,
            Some(Err(gap)) => return Err(format!("full trace, step {}: {gap}", event.step)),
            None => return Err(format!("the full trace ends at step {}", event.step)),
        };
        let line = |event: &Event| {
            let code = reader.code(event.func).ok().flatten();
            without_old(&dump::line(event, code.as_deref()))
        };
        if line(&event) != line(&other) {
            return Err(format!("an event is {}\nor {}", line(&event), line(&other)));
        }
    }
    Ok(())
}

/// An event's line without the values that were overwritten, which a converted trace leaves out.
fn without_old(line: &str) -> String {
    let mut parts = line.split(" (was ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once(')').map_or("", |(_, rest)| rest));
    }
    text
}

/// What a moment shows.
fn moment(timeline: &mut Timeline) -> String {
    let depth = timeline.depth();
    let inner = depth.saturating_sub(12)..depth;
    let slots: Vec<_> = inner.clone().map(|at| timeline.slots(at)).collect();
    let tables: Vec<_> =
        (0..timeline.tables().len() as u32).map(|table| timeline.elements(table, 0..64)).collect();
    format!(
        "{:?} {:?} {slots:?} {:?} {:?} {tables:?}",
        timeline.position(),
        timeline.frames(inner),
        timeline.globals(),
        timeline.memories(),
    )
}

/// A moment in WebAssembly's terms: the same under every lowering.
#[derive(Clone, Debug, PartialEq)]
struct Canonical {
    depth: usize,
    /// Function, and locals and operands, of the inner frames.
    frames: Vec<(u32, Vec<(SlotKind, Value)>)>,
    globals: Vec<Value>,
}

impl Canonical {
    /// Whether fused code stands at this moment of plain code. Operands that are dropped next may be gone.
    fn is_of(&self, plain: &Canonical) -> bool {
        let mut plain = plain.clone();
        if let (Some((_, slots)), Some((_, here))) = (plain.frames.last_mut(), self.frames.last()) {
            slots.truncate(here.len());
        }
        *self == plain
    }
}

fn canonical(timeline: &mut Timeline) -> Canonical {
    let depth = timeline.depth();
    let inner = depth.saturating_sub(12)..depth;
    let frames = timeline.frames(inner);
    let frames = frames.iter().map(|frame| {
        let slots = timeline.slots(frame.depth);
        (frame.func.func, slots.into_iter().map(|slot| (slot.kind, slot.value)).collect())
    });
    let frames = frames.collect();
    Canonical { depth, frames, globals: timeline.globals().into_iter().map(|global| global.value).collect() }
}

/// The same moments of a run under both lowerings: what is between two operators does not depend on how they became
/// bytecode.
///
/// # Errors
/// The first moment that differs.
pub fn compare(case: &Case, plain: &[u8], fused: &[u8]) -> Result<(), String> {
    let text = |error: wasmscope_core::timeline::TimelineError| format!("replay: {error}");
    let (mut plain, mut fused) = (open(plain)?, open(fused)?);
    if plain.end().step > LOOKED_AT || fused.end().step == 0 {
        return Ok(());
    }
    let events = plain.events(0..plain.end().step).map_err(text)?;
    // Where code may be entered from elsewhere nothing is half done: the targets of branches, and functions' entries.
    let fused_events = fused.events(0..fused.end().step).map_err(text)?;
    let arrives = |event: &Event| matches!(event.outcome, Outcome::Jump | Outcome::Call | Outcome::TailCall);
    let boundaries: Vec<u64> =
        fused_events.iter().filter(|event| arrives(event)).map(|event| event.step + 1).collect();
    if boundaries.is_empty() {
        return Ok(());
    }
    let mut steps: HashMap<u64, Vec<u64>> = HashMap::new();
    for event in &events {
        steps.entry(event.tick).or_default().push(event.step);
    }
    let mut rng = Rng::new(case.seed ^ 0xca_5e);
    for _ in 0..12 {
        let step = boundaries[rng.below(boundaries.len() as u64) as usize];
        fused.seek(step).map_err(text)?;
        let tick = fused.position().tick;
        let here = canonical(&mut fused);
        let Some(same) = steps.get(&tick) else {
            return Err(format!(
                "step {step} of the fused run is at tick {tick}, where plain code has no step"
            ));
        };
        let mut seen = Vec::new();
        for &step in same {
            plain.seek(step).map_err(text)?;
            seen.push(canonical(&mut plain));
        }
        if !seen.iter().any(|there| here.is_of(there)) {
            let plain = near(&mut plain, tick)?;
            let fused = near(&mut fused, tick)?;
            return Err(format!(
                "at tick {tick} (fused step {step}) there is {here:?}\nplain: {seen:?}\nplain{plain}\nfused{fused}"
            ));
        }
    }
    Ok(())
}

/// The steps around a tick.
fn near(timeline: &mut Timeline, tick: u64) -> Result<String, String> {
    let end = timeline.end().step.min(100_000);
    let events = timeline.events(0..end).map_err(|error| error.to_string())?;
    let mut text = String::new();
    for event in events.iter().filter(|event| event.tick.abs_diff(tick) <= 5) {
        let code = timeline.code(event.func).map_err(|error| error.to_string())?;
        text.push_str(&format!("\n  tick {}: {}", event.tick, dump::line(event, Some(&code))));
    }
    Ok(text)
}

/// The steps around the place where both lowerings begin to count differently.
///
/// # Errors
/// If a run cannot be recorded or repeated.
pub fn first_other_tick(case: &Case) -> Result<String, String> {
    let mut runs = Vec::new();
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let run = super::ours::run(case, lowering, How::Recorded)?;
        let mut timeline = open(run.trace.as_deref().expect("it is recorded"))?;
        let end = timeline.end().step.min(100_000);
        let events = timeline.events(0..end).map_err(|error| error.to_string())?;
        runs.push((timeline, events, run.counts));
    }
    let [(plain, plain_events, plain_counts), (fused, fused_events, fused_counts)] = &mut runs[..] else {
        unreachable!("there are two lowerings")
    };
    // The first operation that takes another number of ticks.
    let operation = plain_counts.1.iter().zip(&fused_counts.1).position(|(a, b)| a != b).unwrap_or(0);
    let from = operation.checked_sub(1).map_or(0, |before| plain_counts.1[before]);
    let ticks: std::collections::HashSet<u64> = plain_events.iter().map(|event| event.tick).collect();
    let end = plain_counts.1[operation];
    let other = fused_events
        .iter()
        .find(|event| event.tick >= from && (event.tick > end || !ticks.contains(&event.tick)))
        .map_or(end, |event| event.tick);
    let mut text = format!("operation {operation} counts differently around tick {other}:");
    for (name, timeline) in [("plain", plain), ("fused", fused)] {
        text.push_str(&format!("\n{name}{}", near(timeline, other)?));
    }
    Ok(text)
}
