//! What a run really was, to hold a damaged trace of it against.
//!
//! Of a damaged trace each thing is the truth, a gap that is reported, or an error: nothing is made up, and nothing is
//! missing in silence.

#![allow(dead_code, unreachable_pub)] // each user takes a part

use wasmscope_core::timeline::Timeline;
use wasmscope_trace_format::{Event, Position, TraceReader};

/// Steps that are looked at, at most.
const STEPS: u64 = 2000;
/// Bytes of memory shown at a moment.
const BYTES: usize = 64;

/// All that is known of an undamaged trace.
pub struct Truth {
    end: Position,
    /// As the file has them; a trace of profile `log` has none.
    told: Vec<Event>,
    /// As repeating the run gives them.
    computed: Vec<Event>,
    /// What is to be seen before each of some steps.
    moments: Vec<(u64, String)>,
}

/// What came of looking at a damaged trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is no trace any more.
    Refused,
    /// The run cannot be repeated.
    NotRepeated,
    /// What it shows is true, and something is missing and said to be.
    Parts,
    /// All is there.
    Whole,
}

impl Truth {
    /// The truth of an undamaged trace.
    pub fn of(file: &[u8]) -> Truth {
        let reader = TraceReader::open(file.to_vec()).expect("it is whole");
        let told = reader
            .events(0..STEPS)
            .map_or(Vec::new(), |events| events.map(|event| event.expect("it is whole")).collect());
        let mut timeline = Timeline::open(reader, "truth").expect("it is whole");
        let end = timeline.end();
        let last = end.step.min(STEPS);
        let computed = timeline.events(0..last).expect("it can be repeated");
        let mut moments = Vec::new();
        for step in way(end.step) {
            timeline.seek(step).expect("the step exists");
            moments.push((step, moment(&mut timeline)));
        }
        Truth { end, told, computed, moments }
    }

    /// Holds a damaged trace against it.
    ///
    /// # Errors
    /// What it says that is not true, or what is missing and nobody says so.
    pub fn holds(&self, damaged: Vec<u8>) -> Result<Verdict, String> {
        let Ok(reader) = TraceReader::open(damaged) else { return Ok(Verdict::Refused) };
        let complete = reader.completeness().is_complete();
        let told = self.holds_told(&reader, complete)?;
        let Ok(mut timeline) = Timeline::open(reader, "damaged") else { return Ok(Verdict::NotRepeated) };
        let end = timeline.end();
        if end.step > self.end.step || complete && end != self.end {
            return Err(format!("it ends at {end:?}, the run at {:?}", self.end));
        }
        let last = end.step.min(STEPS);
        let mut whole = told && complete && end == self.end;
        match timeline.events(0..last) {
            Ok(events) => {
                let real = &self.computed[..last as usize];
                if let Some((event, real)) = events.iter().zip(real).find(|(event, real)| event != real) {
                    return Err(format!("repeating gives {event:?}\nand should give {real:?}"));
                }
                if events.len() != real.len() {
                    return Err(format!("repeating gives {} of {} events", events.len(), real.len()));
                }
            }
            Err(_) => whole = false,
        }
        for (step, real) in &self.moments {
            match timeline.seek(*step) {
                Ok(()) => {
                    let seen = moment(&mut timeline);
                    // Where a part ends, what the host did there may be lost with the rest.
                    let last = !complete && *step == end.step;
                    if !last && seen != *real {
                        return Err(format!("step {step} shows {seen}\nand should show {real}"));
                    }
                }
                Err(_) => whole = false,
            }
        }
        Ok(if whole { Verdict::Whole } else { Verdict::Parts })
    }

    /// The events in the file.
    fn holds_told(&self, reader: &TraceReader, complete: bool) -> Result<bool, String> {
        let Ok(items) = reader.events(0..STEPS) else { return Ok(self.told.is_empty()) };
        let (mut real, mut gaps, mut seen) = (self.told.iter(), 0, 0);
        for item in items {
            let Ok(event) = item else {
                gaps += 1;
                continue;
            };
            seen += 1;
            let found = real.by_ref().find(|real| real.step >= event.step);
            if found != Some(&event) {
                return Err(format!("the file has {event:?}\nand should have {found:?}"));
            }
        }
        let whole = seen == self.told.len();
        if complete && !whole && gaps == 0 {
            return Err(format!("{seen} of {} events, and no gap", self.told.len()));
        }
        Ok(whole)
    }
}

/// Steps to look at: not straight on, but forwards, to the end, and back.
fn way(end: u64) -> [u64; 5] {
    let last = end.min(STEPS);
    [last / 2, end, last, last / 3, 0]
}

/// What a moment shows.
fn moment(timeline: &mut Timeline) -> String {
    let depth = timeline.depth();
    let slots: Vec<_> = (depth.saturating_sub(8)..depth).map(|at| timeline.slots(at)).collect();
    let memories = timeline.memories();
    let bytes: Vec<_> = (0..memories.len() as u32).map(|at| timeline.read(at, 0, BYTES)).collect();
    format!("{:?} {slots:?} {:?} {memories:?} {bytes:?}", timeline.position(), timeline.globals())
}

/// Looks at a file that may lie on purpose: what it says means nothing, and there is no panic, and an end.
pub fn survives(file: Vec<u8>) {
    let Ok(reader) = TraceReader::open(file) else { return };
    // What it may ask the replay for is asked of this machine.
    let most =
        |name: &str| reader.manifest().limits.iter().find(|limit| limit.0 == name).map(|limit| limit.1);
    let small = most("memory_bytes").is_some_and(|bytes| bytes <= 1 << 23)
        && most("table_elements").is_some_and(|elements| elements <= 1 << 14);
    let _ = reader.verify();
    if !small {
        return;
    }
    let Ok(mut timeline) = Timeline::open(reader, "forged") else { return };
    let last = timeline.end().step.min(STEPS);
    let _ = timeline.events(0..last);
    for step in way(last) {
        if timeline.seek(step).is_ok() {
            moment(&mut timeline);
        }
    }
}
