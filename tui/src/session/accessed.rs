//! Where memory was accessed last, however long ago that is: what a view of it follows.
//!
//! ```text
//! steps   ······ w ·· r ···········│▲       the 16 before the cursor, then 2048 by 2048, 32,768 at most
//!                └ a write, if the stretch has one: reads lead about, to tables and constants
//! ```
//!
//! Stretches without an access are remembered, so that stepping in one looks at each step once.

use super::{Failure, Session};
use std::ops::Range;
use wasmscope_trace_format::{Effect, Event};

/// The stretch looked at first; what is further away counts less than a write in it.
const NEAR: u64 = 16;
/// The others, and how far they go.
const STRETCH: u64 = 2048;
const FAR: u64 = 16 * STRETCH;

/// What is known of the accesses of a memory.
#[derive(Debug)]
pub(super) struct Quiet {
    memory: u32,
    /// Steps without an access.
    steps: Range<u64>,
    /// The last before them.
    before: Option<u64>,
}

/// The last write of a memory in some events, or the last read.
fn latest(events: &[Event], memory: u32) -> Option<u64> {
    let mut read = None;
    for event in events.iter().rev() {
        for effect in event.effects.iter().rev() {
            match *effect {
                Effect::Write { memory: of, addr, .. } if of == memory => {
                    return Some(addr);
                }
                Effect::Read { memory: of, addr, .. } if of == memory => {
                    read = read.or(Some(addr));
                }
                _ => {}
            }
        }
    }
    read
}

impl Session {
    /// Where a memory was accessed last before the cursor; nothing if that is too long ago.
    pub(super) fn accessed(&mut self, memory: u32) -> Result<Option<u64>, Failure> {
        let step = self.cursor;
        let first = step.saturating_sub(NEAR);
        if let Some(found) = latest(&self.source.events(first..step)?, memory) {
            return Ok(Some(found));
        }
        let known = self.quiet.take().filter(|it| it.memory == memory);
        let known = known.filter(|it| it.steps.start <= first && first <= it.steps.end);
        let (mut end, mut before) = known.map_or((first, None), |it| (it.steps.start, it.before));
        let floor = step.saturating_sub(FAR).max(self.source.begin());
        while before.is_none() && end > floor {
            let start = end.saturating_sub(STRETCH).max(floor);
            before = latest(&self.source.events(start..end)?, memory);
            if before.is_none() {
                end = start;
            }
        }
        self.quiet = Some(Quiet { memory, steps: end..step, before });
        Ok(before)
    }
}
