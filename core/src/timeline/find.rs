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
//! An index beside the file, if there is one, says which parts need not be looked at (`piece`).
//!
//! Always: `from` parts the run: forwards the steps from it on are looked at, backwards
//! those before it. What is found does not depend on how it was looked for.
//! Elsewhere: what can be looked for (`query`), its text (`parse`), one stretch of steps (`scan`).

mod goal;
mod judge;
mod log;
mod matcher;
mod parse;
mod piece;
pub(super) mod query;
mod scan;
pub(crate) mod sweep;
mod test;

pub(super) use goal::global_number;
pub(super) use judge::class;
pub use parse::QueryError;
pub(super) use parse::like;
pub use query::{Access, CellType, OutcomeClass, Place, Query, SlotOf};
pub(super) use test::{Capturing, Test, Wanted};

use crate::timeline::index::{Asked, Index, Narrow};
use crate::timeline::source::Run;
use crate::timeline::{Control, Direction, Progress, Timeline, TimelineError};
use matcher::Matcher;
use piece::{Piece, Pieces};
use scan::scan;
use std::ops::Range;
use sweep::Worker;
use wasmscope_trace_format::FuncId;

/// A step that meets a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The step. The moment at which it is about to run is the one of this number.
    pub step: u64,
    /// Which part of a [`Query::Any`] it meets, the first of several; 0 if there is one. The 64th stands for
    /// those behind it too.
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
        let (begin, end) = (self.begin().step, self.end().step);
        let range = match direction {
            Direction::Forward => from.clamp(begin, end)..end,
            Direction::Backward => begin..from.clamp(begin, end),
        };
        if let Some(hits) = log::answer(&self.run, query, range.clone()) {
            return Ok(match direction {
                Direction::Forward => hits.first().copied(),
                Direction::Backward => hits.last().copied(),
            });
        }
        let mut matcher = Matcher::new(query);
        let range = range.start.max(matcher.first_step())..range.end;
        if range.is_empty() {
            return Ok(None);
        }
        let _awaited = self.run.await_it();
        let back = self.step();
        let backward = direction == Direction::Backward;
        let found = self.one_in(&mut matcher, range, query, backward, control);
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
        let (begin, end) = (self.begin().step, self.end().step);
        let range = range.start.clamp(begin, end)..range.end.clamp(begin, end);
        if let Some(hits) = log::answer(&self.run, query, range.clone()) {
            hits.into_iter().all(found);
            return Ok(());
        }
        let mut matcher = Matcher::new(query);
        let range = range.start.max(matcher.first_step())..range.end;
        if range.is_empty() {
            return Ok(());
        }
        let run = self.run.clone();
        let _awaited = run.await_it();
        let index = run.index();
        let pieces: Vec<Piece> = self.pieces(index.as_deref(), query, range, false).collect();
        if pieces.len() < 3 {
            let back = self.step();
            let mut more = true;
            let mut scan = |part| {
                more = more && self.scan(&mut matcher, part, control, &mut found)?;
                Ok(())
            };
            let done = pieces.into_iter().flatten().try_for_each(&mut scan);
            return self.come_back(back, done);
        }
        let work = |worker: &mut Worker,
                    piece: &Piece,
                    turn: &dyn Progress,
                    give: &mut dyn FnMut(Vec<Hit>) -> bool| {
            let mut batch = Vec::new();
            worker.scan(&run, query, piece, turn, &mut |hit| {
                batch.push(hit);
                batch.len() < BATCH || give(std::mem::take(&mut batch))
            })?;
            give(batch);
            Ok(())
        };
        sweep::sweep(&run, &pieces, control, work, |hits| hits.into_iter().all(&mut found))
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
        self.seek(to.clamp(self.begin().step, self.end().step))?;
        result
    }

    /// What of a range is to be looked through.
    fn pieces<'i>(
        &mut self,
        index: Option<&'i Index>,
        query: &Query,
        range: Range<u64>,
        backward: bool,
    ) -> Pieces<'i> {
        let asked = index.and_then(|index| Some((index, Asked::of(query, &mut self.replayer.store)?)));
        let narrow = asked.map(|(index, asked)| Narrow::new(index, asked));
        Pieces::new(&self.run, range, backward, narrow)
    }

    /// The first hit in a range, or backwards the last.
    fn one_in(
        &mut self,
        matcher: &mut Matcher,
        range: Range<u64>,
        query: &Query,
        backward: bool,
        control: &Control,
    ) -> Result<Option<Hit>, TimelineError> {
        /// Pieces looked through alone, where an index has named them: what it names is
        /// mostly right.
        const ALONE: usize = 4;
        let run = self.run.clone();
        let index = run.index();
        let mut pieces = self.pieces(index.as_deref(), query, range, backward);
        let alone = if index.is_some() { ALONE } else { 1 };
        let mut found = None;
        for piece in pieces.by_ref().take(alone) {
            found = if backward {
                self.last_in(matcher, piece, control)?
            } else {
                self.first_in(matcher, piece, control)?
            };
            if found.is_some() || matcher.is_over() && !backward {
                return Ok(found);
            }
        }
        let pieces: Vec<Piece> = pieces.collect();
        let work =
            |worker: &mut Worker, piece: &Piece, turn: &dyn Progress, give: &mut dyn FnMut(Hit) -> bool| {
                let mut found = None;
                worker.scan(&run, query, piece, turn, &mut |hit| {
                    found = Some(hit);
                    backward
                })?;
                found.map(give);
                Ok(())
            };
        sweep::sweep(&run, &pieces, control, work, |hit| {
            found = Some(hit);
            false
        })?;
        Ok(found)
    }

    fn first_in(
        &mut self,
        matcher: &mut Matcher,
        piece: Piece,
        control: &Control,
    ) -> Result<Option<Hit>, TimelineError> {
        let mut first = None;
        for part in piece {
            self.scan(matcher, part, control, |hit| {
                first = Some(hit);
                false
            })?;
            if first.is_some() || matcher.is_over() {
                break;
            }
        }
        Ok(first)
    }

    /// The last hit in a piece, looked for in stretches that get longer.
    fn last_in(
        &mut self,
        matcher: &mut Matcher,
        piece: Piece,
        control: &Control,
    ) -> Result<Option<Hit>, TimelineError> {
        let mut stretch = STRETCH;
        let mut last = None;
        for part in piece.into_iter().rev() {
            let mut high = part.end;
            while high > part.start {
                let low = high.saturating_sub(stretch).max(part.start);
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
        }
        Ok(last)
    }

    /// Looks through some steps in order; false if there is to be no more of it.
    fn scan(
        &mut self,
        matcher: &mut Matcher,
        steps: Range<u64>,
        control: &Control,
        mut found: impl FnMut(Hit) -> bool,
    ) -> Result<bool, TimelineError> {
        self.seek_watched(steps.start, control)?;
        let mut at = steps.start;
        while at < steps.end {
            let to = steps.end.min((at / LONGEST + 1) * LONGEST);
            let more = scan(&mut self.replayer, matcher, to, control, &mut found);
            if !more? || self.step() < to {
                return Ok(false);
            }
            at = to;
            self.keep();
        }
        Ok(true)
    }
}

impl Worker {
    /// Looks through a piece in order.
    fn scan(
        &mut self,
        run: &Run,
        query: &Query,
        piece: &Piece,
        progress: &dyn Progress,
        found: &mut dyn FnMut(Hit) -> bool,
    ) -> Result<(), TimelineError> {
        let mut matcher = match self.matcher.take() {
            Some(matcher) => matcher,
            None => Matcher::new(query),
        };
        for part in piece {
            self.go_to(run, part.start)?;
            if !scan(&mut self.replayer, &mut matcher, part.end, progress, found)? {
                break;
            }
        }
        self.matcher = Some(matcher);
        Ok(())
    }
}
