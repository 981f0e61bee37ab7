//! Looking for steps: the next or the last that meets a query, all of them, or how many.
//!
//! ```text
//! backward   ◄── stretches, longer and longer ──● from
//! interval   [ c0 ····· c1 ····· c2 ····· c3 )    between checkpoints, by all processors
//! ```
//!
//! Nothing is stored to be searched: the run is repeated and its steps are tested while
//! they run. Places in code are found at full speed by breakpoints; a stretch that does not
//! write to the page of a wanted byte is passed at full speed; anything else goes op by op
//! (`matcher`). What the host log knows (host calls, traps) is not repeated at all (`log`).
//! Near `from` this happens in the timeline's own store, further away in one for each
//! processor (`sweep`).
//!
//! Always: `from` parts the run: forwards the steps from it on are looked at, backwards
//! those before it. What is found does not depend on how it was looked for.
//! Elsewhere: what can be looked for (`query`), its text (`parse`).

mod goal;
mod judge;
mod log;
mod matcher;
mod parse;
mod query;
pub(super) mod sweep;
mod test;

pub use parse::QueryError;
pub use query::{Access, CellType, OutcomeClass, Place, Query, SlotOf};

use crate::exec::control::Stand;
use crate::timeline::replay::Replayer;
use crate::timeline::{Control, Direction, Progress, Timeline, TimelineError};
use matcher::{Matcher, Scan};
use std::ops::Range;
use sweep::Worker;
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
const SLICE: u64 = 1 << 20;
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
        let end = self.end().step;
        let range = match direction {
            Direction::Forward => from.min(end)..end,
            Direction::Backward => 0..from.min(end),
        };
        if let Some(hits) = log::answer(&self.run, query, range.clone()) {
            return Ok(match direction {
                Direction::Forward => hits.first().copied(),
                Direction::Backward => hits.last().copied(),
            });
        }
        let mut matcher = Matcher::new(query)?;
        let range = range.start.max(matcher.first_step())..range.end;
        if range.is_empty() {
            return Ok(None);
        }
        let back = self.step();
        let found = match direction {
            Direction::Forward => self.first_in(&mut matcher, range, query, control),
            Direction::Backward => self.last_in(&mut matcher, range, query, control),
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
        mut found: impl FnMut(Hit) -> bool,
    ) -> Result<(), TimelineError> {
        /// Hits handed over at once.
        const BATCH: usize = 4096;
        let end = self.end().step;
        let range = range.start.min(end)..range.end.min(end);
        if let Some(hits) = log::answer(&self.run, query, range.clone()) {
            hits.into_iter().all(found);
            return Ok(());
        }
        let mut matcher = Matcher::new(query)?;
        let range = range.start.max(matcher.first_step())..range.end;
        if range.is_empty() {
            return Ok(());
        }
        let intervals = sweep::intervals(&self.run, range.clone());
        if intervals.len() < 3 {
            let back = self.step();
            let done = self.scan(&mut matcher, range, control, found);
            return self.come_back(back, done);
        }
        let run = self.run.clone();
        let work = |worker: &mut Worker,
                    steps: Range<u64>,
                    turn: &dyn Progress,
                    give: &mut dyn FnMut(Vec<Hit>) -> bool| {
            let mut matcher = Matcher::new(query)?;
            let mut batch = Vec::new();
            worker.go_to(&run, steps.start)?;
            scan(&mut worker.replayer, &mut matcher, steps.end, turn, &mut |hit| {
                batch.push(hit);
                batch.len() < BATCH || give(std::mem::take(&mut batch))
            })?;
            give(batch);
            Ok(())
        };
        sweep::sweep(&run, &intervals, control, work, |hits| hits.into_iter().all(&mut found))
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

    /// The first hit in a range.
    fn first_in(
        &mut self,
        matcher: &mut Matcher,
        range: Range<u64>,
        query: &Query,
        control: &Control,
    ) -> Result<Option<Hit>, TimelineError> {
        let mut first = None;
        let mut intervals = sweep::intervals(&self.run, range.clone());
        // Alone up to the first checkpoint that leaves something to share behind it.
        let alone = if intervals.len() < 3 { range.clone() } else { intervals.remove(0) };
        self.scan(matcher, alone.clone(), control, |hit| {
            first = Some(hit);
            false
        })?;
        if first.is_none() && alone.end < range.end && !matcher.is_over() {
            self.sweep_for_one(&intervals, query, control, false, &mut first)?;
        }
        Ok(first)
    }

    /// The last hit in a range.
    fn last_in(
        &mut self,
        matcher: &mut Matcher,
        range: Range<u64>,
        query: &Query,
        control: &Control,
    ) -> Result<Option<Hit>, TimelineError> {
        let mut intervals = sweep::intervals(&self.run, range.clone());
        intervals.reverse();
        let alone = if intervals.len() < 3 { range.clone() } else { intervals.remove(0) };
        let mut high = alone.end;
        let mut stretch = STRETCH;
        let mut last = None;
        while high > alone.start && last.is_none() {
            let low = high.saturating_sub(stretch).max(alone.start);
            self.scan(matcher, low..high, control, |hit| {
                last = Some(hit);
                true
            })?;
            high = low;
            stretch = (stretch * 4).min(LONGEST);
        }
        if last.is_none() && alone.start > range.start {
            self.sweep_for_one(&intervals, query, control, true, &mut last)?;
        }
        Ok(last)
    }

    /// The first hit of the first interval that has one, or the last of it.
    fn sweep_for_one(
        &self,
        intervals: &[Range<u64>],
        query: &Query,
        control: &Control,
        last: bool,
        answer: &mut Option<Hit>,
    ) -> Result<(), TimelineError> {
        let run = self.run.clone();
        let work = |worker: &mut Worker,
                    steps: Range<u64>,
                    turn: &dyn Progress,
                    give: &mut dyn FnMut(Hit) -> bool| {
            let mut matcher = Matcher::new(query)?;
            let mut found = None;
            worker.go_to(&run, steps.start)?;
            scan(&mut worker.replayer, &mut matcher, steps.end, turn, &mut |hit| {
                found = Some(hit);
                last
            })?;
            found.map(give);
            Ok(())
        };
        sweep::sweep(&run, intervals, control, work, |hit| {
            *answer = Some(hit);
            false
        })
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
    progress: &dyn Progress,
    found: &mut dyn FnMut(Hit) -> bool,
) -> Result<bool, TimelineError> {
    if matcher.only_places(&replayer.store) {
        let left = scan_places(replayer, matcher, to, progress, found);
        replayer.store.unpatch_all();
        match left? {
            Scanned::Through | Scanned::End => return Ok(true),
            Scanned::Enough => return Ok(false),
            Scanned::Dense => {}
        }
    }
    while replayer.step() < to {
        if !progress.go_on(replayer.step()) {
            return Err(TimelineError::Cancelled);
        }
        let from = replayer.step();
        let limit = to.min(from + SLICE);
        if matcher.only_writes() && limit - from > STRETCH {
            let before = replayer.snapshot();
            replayer.run_to(limit, None)?;
            if !matcher.may_have_written(&replayer.store) {
                if replayer.step() < limit {
                    return Ok(true);
                }
                continue;
            }
            replayer.restore(&before);
        }
        match scan_steps(replayer, matcher, limit, found)? {
            Scanned::Through => {}
            Scanned::End | Scanned::Dense => return Ok(true),
            Scanned::Enough => return Ok(false),
        }
    }
    Ok(true)
}

/// How a stretch of steps was left.
enum Scanned {
    /// At its end.
    Through,
    /// Before, at the end of the run.
    End,
    /// Where nothing more is wanted, or can be found.
    Enough,
    /// Before a step that may meet the query, as so many do that stepping is faster.
    Dense,
}

fn scan_steps(
    replayer: &mut Replayer,
    matcher: &mut Matcher,
    to: u64,
    found: &mut dyn FnMut(Hit) -> bool,
) -> Result<Scanned, TimelineError> {
    matcher.begin(&mut replayer.store);
    if matcher.is_over() {
        return Ok(Scanned::Enough);
    }
    let mut scan = Scan { matcher, found, stopped: false };
    while replayer.step() < to {
        let more = replayer.walk_to(to, &mut scan)?;
        if scan.stopped {
            return Ok(Scanned::Enough);
        }
        if !more {
            return Ok(Scanned::End);
        }
    }
    Ok(Scanned::Through)
}

/// The same for places in code, at full speed.
fn scan_places(
    replayer: &mut Replayer,
    matcher: &mut Matcher,
    to: u64,
    progress: &dyn Progress,
    found: &mut dyn FnMut(Hit) -> bool,
) -> Result<Scanned, TimelineError> {
    /// Breakpoints between two looks at how dense they are.
    const LOOK: u64 = 1 << 12;
    /// A breakpoint costs as much as so many steps.
    const COST: u64 = 32;
    matcher.patch(&mut replayer.store);
    let mut stood = Stand::Reached;
    let (mut stands, mut since) = (0u64, replayer.step());
    while replayer.step() < to {
        stands += 1;
        if stood == Stand::Reached || stands == LOOK {
            let here = replayer.step();
            if !progress.go_on(here) {
                return Err(TimelineError::Cancelled);
            }
            if stands == LOOK {
                if (here - since) / LOOK < COST {
                    matcher.is_dense = true;
                    return Ok(Scanned::Dense);
                }
                (stands, since) = (0, here);
            }
        }
        // Where a run begins, a breakpoint is not seen.
        if let Some(hit) = matcher.place_here(&mut replayer.store)
            && !found(hit)
        {
            return Ok(Scanned::Enough);
        }
        stood = replayer.run_to(to.min(replayer.step() + LONGEST), None)?;
        if !matches!(stood, Stand::Reached | Stand::Breakpoint) {
            return Ok(Scanned::End);
        }
    }
    Ok(Scanned::Through)
}
