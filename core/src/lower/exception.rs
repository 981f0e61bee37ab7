//! Exceptions: `try_table` leaves no code, but a region; `throw` never goes on.
//!
//! ```text
//! code      …[ body of a try_table ]…      ops in order
//! regions   [start ‥ end) ─► clauses        innermost first
//! clause    tag or any ─► target, the counters there, where the fields go
//! ```
//!
//! Nothing is executed to enter or leave a region: regions are searched when an exception
//! is thrown (`exec::throw`). A clause's fields land where the label's values have their
//! places, which no op before a label moves.

use super::control::Patch;
use super::{Lowerer, Sink};
use crate::code::{OpCode, Slot, ops};
use wasmparser::{Catch, Operator, TryTable};

/// Code whose exceptions may be caught in its function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TryRegion {
    /// The first op, as a byte offset.
    pub(crate) start: u32,
    /// The op behind the last.
    pub(crate) end: u32,
    /// What is caught, in order.
    pub(crate) clauses: Box<[Clause]>,
}

/// One clause of a `try_table`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    /// The tag it catches, by its index in the module; `None` catches all.
    pub(crate) tag: Option<u32>,
    /// Whether a reference to the exception follows the fields.
    pub(crate) with_ref: bool,
    /// Where the fields go.
    pub(crate) dst: Slot,
    /// The op that goes on, as a byte offset.
    pub(crate) target: u32,
    /// Ops before it.
    pub(crate) ops: u32,
    /// Ticks before it, counted from the function's entry.
    pub(crate) ticks: u32,
}

/// The clauses of an open `try_table`.
#[derive(Clone, Copy)]
pub(super) struct OpenTry {
    start: u32,
    first: usize,
    last: usize,
}

/// Regions while a function is lowered: their targets become known later than their ends.
#[derive(Default)]
pub(super) struct Regions {
    clauses: Vec<Clause>,
    closed: Vec<(OpenTry, u32)>,
}

impl Regions {
    pub(super) fn clause_mut(&mut self, at: usize) -> &mut Clause {
        &mut self.clauses[at]
    }

    pub(super) fn finish(self) -> Box<[TryRegion]> {
        let region = |&(open, end): &(OpenTry, u32)| TryRegion {
            start: open.start,
            end,
            clauses: self.clauses[open.first..open.last].into(),
        };
        self.closed.iter().map(region).collect()
    }
}

impl<S: Sink> Lowerer<'_, S> {
    /// Lowers the operators of this family; false if it is none.
    pub(super) fn exception_operator(&mut self, operator: &Operator<'_>) -> bool {
        match *operator {
            Operator::TryTable { ref try_table } => self.try_table(try_table),
            Operator::Throw { tag_index } => {
                let params = self.module.tag_type(tag_index).params().to_vec();
                let (src, count) = self.arguments_moved(&params);
                self.emit(OpCode::throw, ops::throw::new(src, count, tag_index));
                self.leave_reachable();
            }
            Operator::ThrowRef => {
                let src = self.slot(0);
                self.pop();
                self.emit(OpCode::throw_ref, ops::throw_ref::new(src));
                self.leave_reachable();
            }
            _ => return false,
        }
        true
    }

    fn try_table(&mut self, try_table: &TryTable) {
        let dead = !self.reachable;
        self.open(try_table.ty, false);
        if dead {
            return;
        }
        // Nothing is taken back or changed across the start of the region.
        let start = self.label().at as u32;
        let first = self.regions.clauses.len();
        for catch in &try_table.catches {
            let (tag, with_ref, depth) = match *catch {
                Catch::One { tag, label } => (Some(tag), false, label),
                Catch::OneRef { tag, label } => (Some(tag), true, label),
                Catch::All { label } => (None, false, label),
                Catch::AllRef { label } => (None, true, label),
            };
            // Labels are counted from outside the block, which is open already.
            let dst = self.label_slot(depth + 1);
            self.regions.clauses.push(Clause { tag, with_ref, dst, target: 0, ops: 0, ticks: 0 });
            self.aim(depth + 1, Patch::Clause(self.regions.clauses.len() - 1));
        }
        let last = self.regions.clauses.len();
        self.control_top().open_try = Some(OpenTry { start, first, last });
    }

    /// Closes the region of the innermost block, if it is a `try_table`.
    pub(super) fn close_try(&mut self) {
        if let Some(open) = self.control_top().open_try.take() {
            let end = self.code.len() as u32;
            self.regions.closed.push((open, end));
            self.last = None;
        }
    }
}
