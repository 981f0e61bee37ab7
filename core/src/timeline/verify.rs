//! Whether a trace file says the truth: the run is repeated and compared with what the
//! file holds.
//!
//! ```text
//! checkpoint i ──restore──► replay ──► state ══ checkpoint i + 1 ?     by all processors
//!                             └─────► events ══ event chunks ?         if there are any
//! ```
//!
//! Always: what is compared is the canonical state, so a trace made with another lowering
//! is compared as well.

use super::find::sweep::{intervals, sweep};
use super::{Codes, Control, Progress, Timeline, TimelineError};
use crate::exec::control::Stand;
use crate::timeline::capture::Capture;
use crate::timeline::checkpoint::{KnownPages, capture};
use crate::timeline::find::sweep::Worker;
use crate::timeline::source::Run;
use std::convert::Infallible;
use std::iter::Peekable;
use std::ops::Range;
use wasmscope_trace_format::{Checkpoint, Damage, Effect, Event, PageHash};

/// What a comparison came to, if nothing differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Steps repeated.
    pub steps: u64,
    /// Checkpoints whose state is the one the run comes to.
    pub checkpoints: u64,
    /// Events of the file that are the ones the run makes.
    pub events: u64,
}

impl Timeline {
    /// Repeats the whole run and compares it with everything the file says of it.
    ///
    /// # Errors
    /// [`TimelineError::Diverged`] names the first difference; others if the run cannot be
    /// repeated at all, or if the comparison is cancelled.
    pub fn verify(&mut self, control: &Control) -> Result<Verified, TimelineError> {
        let run = self.run.clone();
        let end = self.end().step;
        let pieces = intervals(&run, run.begin().step..end);
        let work = |worker: &mut Worker,
                    steps: &Range<u64>,
                    turn: &dyn Progress,
                    give: &mut dyn FnMut(Verified) -> bool| {
            worker.go_to(&run, steps.start)?;
            let found = compare(&run, worker, steps.clone(), turn)?;
            give(found);
            Ok(())
        };
        let mut all = Verified::default();
        sweep(&run, &pieces, control, work, |found: Verified| {
            all.steps += found.steps;
            all.checkpoints += found.checkpoints;
            all.events += found.events;
            true
        })?;
        Ok(all)
    }
}

fn differs<T>(step: u64, what: impl Into<String>) -> Result<T, TimelineError> {
    Err(TimelineError::Diverged { step, what: what.into() })
}

/// Repeats some steps and compares.
fn compare(
    run: &Run,
    worker: &mut Worker,
    steps: Range<u64>,
    progress: &dyn Progress,
) -> Result<Verified, TimelineError> {
    /// Steps between two looks at whether to go on.
    const SLICE: u64 = 1 << 22;
    /// The same where every event is made.
    const EVENTS: u64 = 1 << 14;
    let mut found = Verified::default();
    // Events that are numbered otherwise tell of other steps.
    let with_events = run.reader.as_ref().filter(|reader| reader.has_events() && !run.is_renumbered());
    // One pass over the file's: a chunk is decoded from its beginning, and is longer than a slice.
    let mut stored =
        with_events.map(|reader| reader.events(steps.clone())).transpose()?.map(Iterator::peekable);
    let mut codes = Codes::default();
    while worker.replayer.step() < steps.end {
        let at = worker.replayer.step();
        if !progress.go_on(at) {
            return Err(TimelineError::Cancelled);
        }
        match &mut stored {
            Some(stored) => {
                let mut events: Vec<Event> = Vec::new();
                let to = steps.end.min(at + EVENTS);
                let mut capture = Capture::new(&mut codes, &mut events, false);
                while worker.replayer.step() < to && worker.replayer.walk_to(to, &mut capture)? {}
                found.events += compare_events(stored, &events)?;
            }
            None => {
                let stand = worker.replayer.run_to(steps.end.min(at + SLICE), None)?;
                if !matches!(stand, Stand::Reached) {
                    break;
                }
            }
        }
        if worker.replayer.step() == at {
            break;
        }
    }
    let here = worker.replayer.step();
    if here != steps.end {
        return match run.damage() {
            Some(_) => Err(worker.replayer.lost(steps.end)),
            None => differs(here, format!("the run ends here, the recording goes on to step {}", steps.end)),
        };
    }
    found.steps = steps.end - steps.start;
    if let Ok(index) = run.checkpoints().binary_search(&steps.end) {
        let stored = run.checkpoint(index)?;
        compare_state(run, worker, &stored)?;
        found.checkpoints = 1;
    }
    Ok(found)
}

/// Compares events of the file, up to the last of those made, with them; how many there are in the file.
fn compare_events(
    stored: &mut Peekable<impl Iterator<Item = Result<Event, Damage>>>,
    made: &[Event],
) -> Result<u64, TimelineError> {
    let (Some(first), Some(last)) = (made.first(), made.last()) else { return Ok(0) };
    let mut count = 0;
    // What is damaged has been said by those who looked at the file.
    let is_behind = |event: &Result<Event, Damage>| event.as_ref().is_ok_and(|event| event.step > last.step);
    while let Some(stored) = stored.next_if(|event| !is_behind(event)) {
        let Ok(stored) = stored else { continue };
        let Some(made) = stored.step.checked_sub(first.step).and_then(|at| made.get(at as usize)) else {
            continue;
        };
        if !tells_of(&stored, made) {
            let what = if stored.outcome != made.outcome {
                format!("the outcome is {}, recorded {}", made.outcome, stored.outcome)
            } else if (stored.func, stored.ip) != (made.func, made.ip) {
                format!("it is at {}+{}, recorded {}+{}", made.func, made.ip, stored.func, stored.ip)
            } else if stored.tick != made.tick {
                format!("it is at tick {}, recorded {}", made.tick, stored.tick)
            } else {
                format!("its effects are {:?}, recorded {:?}", made.effects, stored.effects)
            };
            return differs(stored.step, what);
        }
        count += 1;
    }
    Ok(count)
}

/// Whether all that a stored event tells is true of the one that was made.
fn tells_of(stored: &Event, made: &Event) -> bool {
    if !stored.untold.any() {
        return stored == made;
    }
    let place =
        |event: &Event| (event.step, event.tick, event.depth, event.func, event.ip, event.pc, event.op);
    let mut effects = made.effects.iter();
    place(stored) == place(made)
        && stored.outcome == made.outcome
        && stored.effects.iter().all(|told| effects.any(|effect| is_told(told, effect)))
}

/// Whether a stored effect is this one, as far as it goes.
fn is_told(told: &Effect, effect: &Effect) -> bool {
    match (told, effect) {
        (
            Effect::Write { memory, addr, len, bytes, .. },
            Effect::Write { memory: on, addr: at, len: size, bytes: all, .. },
        ) => (memory, addr, len) == (on, at, size) && all.starts_with(bytes),
        _ => told == effect,
    }
}

/// Compares a checkpoint of the file with where the run has come.
fn compare_state(run: &Run, worker: &mut Worker, stored: &Checkpoint) -> Result<(), TimelineError> {
    let store = &mut worker.replayer.store;
    let cursor = match run.after_pauses(store.log_cursor) == run.after_pauses(stored.host_cursor) {
        true => stored.host_cursor,
        false => store.log_cursor,
    };
    let Ok(made) =
        capture(store, cursor, &mut KnownPages::default(), |page| Ok::<_, Infallible>(PageHash::of(page)));
    let step = stored.position.step;
    if made.position != stored.position {
        return differs(step, format!("{:?} is reached, recorded {:?}", made.position, stored.position));
    }
    if made.state_hash == stored.state_hash && stored.compute_hash() == stored.state_hash {
        return Ok(());
    }
    let (hash, told) = (made.state_hash, stored.state_hash);
    differs(step, format!("{} (state {hash:016x}, recorded {told:016x})", difference(&made, stored)))
}

/// The first thing in which two moments differ.
fn difference(made: &Checkpoint, stored: &Checkpoint) -> String {
    if made.host_cursor != stored.host_cursor {
        return format!(
            "{} entries of the host log came before, recorded {}",
            made.host_cursor, stored.host_cursor
        );
    }
    if made.frames.len() != stored.frames.len() {
        return format!("{} functions are active, recorded {}", made.frames.len(), stored.frames.len());
    }
    for (depth, (a, b)) in made.frames.iter().zip(&stored.frames).enumerate() {
        if (a.instance, a.func, a.pc, a.from_host) != (b.instance, b.func, b.pc, b.from_host) {
            return format!(
                "the frame at depth {depth} is at {} {:#x}, recorded {} {:#x}",
                a.func, a.pc, b.func, b.pc
            );
        }
        let values = |list: &'static str, a: &[_], b: &[_]| {
            let at = a.iter().zip(b).position(|(a, b)| a != b)?;
            Some(format!("{list} {at} of the frame at depth {depth} is {:?}, recorded {:?}", a[at], b[at]))
        };
        let text =
            values("local", &a.locals, &b.locals).or_else(|| values("operand", &a.operands, &b.operands));
        if let Some(text) = text {
            return text;
        }
    }
    if let Some(at) = made.globals.iter().zip(&stored.globals).position(|(a, b)| a != b) {
        return format!("global {at} is {}, recorded {}", made.globals[at], stored.globals[at]);
    }
    if let Some(at) = made.tables.iter().zip(&stored.tables).position(|(a, b)| a != b) {
        return format!("table {at} has other elements");
    }
    for (at, (a, b)) in made.memories.iter().zip(&stored.memories).enumerate() {
        if a.len != b.len {
            return format!("memory {at} has {} bytes, recorded {}", a.len, b.len);
        }
        if let Some((page, _)) = a.pages.iter().zip(&b.pages).find(|(a, b)| a != b).map(|(a, b)| a.min(b)) {
            return format!("the page of memory {at} at {:#x} has other bytes", page * 4096);
        }
        if a != b {
            return format!("memory {at} has other bytes");
        }
    }
    if made.dropped != stored.dropped {
        return "other segments are dropped".to_owned();
    }
    "the state hash of the file is not that of its own checkpoint".to_owned()
}
