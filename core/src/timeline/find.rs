//! Looking for steps: the next or the last that meets a query, all of them, or how many.
//!
//! ```text
//! backward   ◄── stretches, longer and longer ──● from
//! interval   [ c0 ····· c1 ····· c2 ····· c3 )    between checkpoints, by all processors
//! ```
//!
//! Nothing is stored to be searched: the run is repeated and its steps are tested while
//! they run. Places in code are found at full speed by breakpoints, anything else op by op
//! (`matcher`). What the host log knows (host calls, traps) is not repeated at all.
//!
//! Always: `from` parts the run: forwards the steps from it on are looked at, backwards
//! those before it. What is found does not depend on how it was looked for.
//! Elsewhere: what can be looked for (`query`), its text (`parse`).

mod goal;
mod judge;
mod matcher;
mod parse;
mod query;
mod test;

pub use parse::QueryError;
pub use query::{Access, CellType, OutcomeClass, Place, Query, SlotOf};

use crate::exec::control::Stand;
use crate::timeline::replay::Replayer;
use crate::timeline::{Control, Direction, Progress, Timeline, TimelineError};
use matcher::{Matcher, Scan};
use std::ops::Range;
use wasmscope_trace_format::FuncId;

/// A step that meets a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The step. The moment at which it is about to run is the one of this number.
    pub step: u64,
    /// Which part of a [`Query::Any`] it meets, the first of several; 0 if there is one.
    pub part: usize,
    /// Where it happened; `None` if only the host log was asked, which does not know.
    pub site: Option<Site>,
}

/// Where a step ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// The function.
    pub func: FuncId,
    /// Offset of the op in its code.
    pub ip: u32,
    /// Depth of the frame; 0 is the outermost.
    pub depth: u32,
}

/// Steps between two looks at whether a search is cancelled.
const SLICE: u64 = 1 << 18;
/// The first stretch looked at backwards.
const STRETCH: u64 = 1 << 14;
/// The longest.
const LONGEST: u64 = 1 << 22;

impl Timeline {
    /// The next step from `from` on, or the last before it, that meets `query`. The
    /// timeline stands afterwards where it stood.
    ///
    /// # Errors
    /// If the run cannot be repeated, or the search is cancelled.
    pub fn find(
        &mut self,
        from: u64,
        direction: Direction,
        query: &Query,
        control: &Control,
    ) -> Result<Option<Hit>, TimelineError> {
        let mut matcher = Matcher::new(query)?;
        let end = self.end().step;
        let back = self.step();
        let found = match direction {
            Direction::Forward => {
                let mut first = None;
                let steps = from.min(end)..end;
                self.scan(&mut matcher, steps, control, |hit| {
                    first = Some(hit);
                    false
                })
                .map(|()| first)
            }
            Direction::Backward => self.last_before(&mut matcher, from.min(end), control),
        };
        self.come_back(back, found)
    }

    /// Gives every step of `range` that meets `query` to `found`, in order, until that
    /// says no.
    ///
    /// # Errors
    /// As [`Timeline::find`].
    pub fn find_all(
        &mut self,
        range: Range<u64>,
        query: &Query,
        control: &Control,
        found: impl FnMut(Hit) -> bool,
    ) -> Result<(), TimelineError> {
        let mut matcher = Matcher::new(query)?;
        let back = self.step();
        let end = self.end().step;
        let done = self.scan(&mut matcher, range.start.min(end)..range.end.min(end), control, found);
        self.come_back(back, done)
    }

    /// How many steps of `range` meet `query`.
    ///
    /// # Errors
    /// As [`Timeline::find`].
    pub fn count(
        &mut self,
        range: Range<u64>,
        query: &Query,
        control: &Control,
    ) -> Result<u64, TimelineError> {
        let mut count = 0;
        self.find_all(range, query, control, |_| {
            count += 1;
            true
        })?;
        Ok(count)
    }

    fn come_back<R>(&mut self, to: u64, result: Result<R, TimelineError>) -> Result<R, TimelineError> {
        self.replayer.store.unpatch_all();
        self.seek(to.min(self.end().step))?;
        result
    }

    /// The last step before `to`.
    fn last_before(
        &mut self,
        matcher: &mut Matcher,
        to: u64,
        control: &Control,
    ) -> Result<Option<Hit>, TimelineError> {
        let mut high = to;
        let mut stretch = STRETCH;
        while high > 0 {
            let low = high.saturating_sub(stretch);
            let mut last = None;
            self.scan(matcher, low..high, control, |hit| {
                last = Some(hit);
                true
            })?;
            if last.is_some() {
                return Ok(last);
            }
            high = low;
            stretch = (stretch * 4).min(LONGEST);
        }
        Ok(None)
    }

    /// Looks through some steps in order.
    fn scan(
        &mut self,
        matcher: &mut Matcher,
        steps: Range<u64>,
        control: &Control,
        mut found: impl FnMut(Hit) -> bool,
    ) -> Result<(), TimelineError> {
        if steps.is_empty() {
            return Ok(());
        }
        self.seek_watched(steps.start, control)?;
        let mut at = steps.start;
        while at < steps.end {
            let to = steps.end.min((at / LONGEST + 1) * LONGEST);
            let more = scan(&mut self.replayer, matcher, to, control, &mut found);
            self.replayer.store.unpatch_all();
            if !more? || self.step() < to {
                break;
            }
            at = to;
            self.keep();
        }
        Ok(())
    }
}

/// Runs on to step `to` and gives each hit to `found`; false if that said no, or nothing
/// more can be found.
fn scan(
    replayer: &mut Replayer,
    matcher: &mut Matcher,
    to: u64,
    control: &Control,
    found: &mut dyn FnMut(Hit) -> bool,
) -> Result<bool, TimelineError> {
    matcher.begin(&mut replayer.store);
    if matcher.is_over() {
        return Ok(false);
    }
    if matcher.only_places() {
        return scan_places(replayer, matcher, to, control, found);
    }
    let mut scan = Scan { matcher, found, stopped: false };
    while replayer.step() < to {
        if !control.go_on(replayer.step()) {
            return Err(TimelineError::Cancelled);
        }
        let limit = to.min(replayer.step() + SLICE);
        while replayer.step() < limit && !scan.stopped {
            if !replayer.walk_to(limit, &mut scan)? && !scan.stopped {
                return Ok(true);
            }
        }
        if scan.stopped {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The same for places in code, at full speed.
fn scan_places(
    replayer: &mut Replayer,
    matcher: &mut Matcher,
    to: u64,
    control: &Control,
    found: &mut dyn FnMut(Hit) -> bool,
) -> Result<bool, TimelineError> {
    let places: Vec<_> = matcher.places().collect();
    for place in places {
        if let Some((entry, offset)) = replayer.store.place(place) {
            replayer.store.patch(entry, offset);
        }
    }
    let mut stood = Stand::Reached;
    let mut hits = 0u32;
    while replayer.step() < to {
        hits = hits.wrapping_add(1);
        if (stood == Stand::Reached || hits.is_multiple_of(1 << 12)) && !control.go_on(replayer.step()) {
            return Err(TimelineError::Cancelled);
        }
        // Where a run begins, a breakpoint is not seen.
        if let Some(hit) = matcher.place_here(&mut replayer.store)
            && !found(hit)
        {
            return Ok(false);
        }
        stood = replayer.run_to(to.min(replayer.step() + LONGEST), None)?;
        if !matches!(stood, Stand::Reached | Stand::Breakpoint) {
            break;
        }
    }
    Ok(true)
}
