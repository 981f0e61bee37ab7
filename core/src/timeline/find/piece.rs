//! What is left of a run to be looked through: parts of the stretches between checkpoints.
//!
//! ```text
//! checkpoints   c0        c1        c2        c3
//! an index       ▪ ▪          (none)    ▪▪                 may meet the query
//! pieces        [▪ ▪]               [   ▪▪   ]             one place to begin, its parts in order
//! ```
//!
//! Without an index a piece is the whole stretch. Pieces come nearest first, one by one, so
//! that a search that finds something near asks little of the index.

use super::sweep::intervals;
use crate::timeline::index::Narrow;
use crate::timeline::source::Run;
use std::ops::Range;

/// Steps to be looked through from one checkpoint on, in order; never none.
pub(super) type Piece = Vec<Range<u64>>;

/// The pieces of a range of steps.
pub(super) struct Pieces<'i> {
    intervals: std::vec::IntoIter<Range<u64>>,
    narrow: Option<Narrow<'i>>,
}

impl<'i> Pieces<'i> {
    pub(super) fn new(
        run: &Run,
        steps: Range<u64>,
        backward: bool,
        narrow: Option<Narrow<'i>>,
    ) -> Pieces<'i> {
        let mut intervals = intervals(run, steps);
        if backward {
            intervals.reverse();
        }
        Pieces { intervals: intervals.into_iter(), narrow }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            let interval = self.intervals.next()?;
            let parts = match &mut self.narrow {
                Some(narrow) => narrow.narrow(&interval),
                None => vec![interval],
            };
            if !parts.is_empty() {
                return Some(parts);
            }
        }
    }
}
