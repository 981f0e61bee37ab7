//! What can be asked of a session.

use super::{Ask, Direction, Goal, Saved, Stride, Unit};
use crate::moment::Place;

/// Where to go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// The moment before that step.
    Step(u64),
    /// So many steps on or back.
    By(i64),
    /// That part of the run.
    Percent(u64),
    /// The last moment known.
    End,
}

/// What can be asked of a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    /// Only look again.
    Look,
    /// Move, so many times.
    Travel(Goal, Direction, u64),
    /// Move by other sizes of step, so many times.
    Stride(Stride, Direction, u64),
    /// Say what one step is.
    Unit(Unit),
    /// Make one step more, or less.
    ShiftUnit(isize),
    /// Go somewhere.
    Goto(Target),
    /// Go on to a step after a `Goto`, as one movement with it.
    Along(u64),
    /// To the next or previous run of an op.
    RunOf(Place, Direction),
    /// To the next arrival at a place by text, or the last; `#2` is breakpoint 2.
    RunTo(String, Direction),
    /// Set a breakpoint, or remove it.
    Toggle(Place),
    /// The same at the op about to run, wherever the cursor is by then.
    ToggleHere,
    /// The same by text, with a condition: `fib if n == 3`.
    Break(String),
    /// Set a watchpoint by text.
    Watch(String),
    /// Delete breakpoints: a number, or all; `mark a`, `note 120`, `display 1`.
    Delete(String),
    /// Let a breakpoint stop if it does not, and the other way round.
    Flip(String),
    /// Let breakpoints stop, or not.
    Enable(String, bool),
    /// Pass a breakpoint some times: number and times.
    Ignore(String),
    /// Give a breakpoint a condition: number and expression.
    Condition(String),
    /// Go behind the previous or next write of what a text names.
    WriteOf(String, Direction),
    /// Go before the op that made what a text names, the first of them that one has made, so that it is next:
    /// what it reads can be followed in turn.
    Follow(Vec<String>),
    /// To a step that printed, showing where byte so many of what it printed stood in memory.
    Origin(u64, u64),
    /// Search, and go to the nearest match.
    Search(String, Direction),
    /// Go to the next match of the last search, so many times.
    Match(Direction, u64),
    /// List only steps that match; all, if empty.
    Filter(String),
    /// Show an expression at every step.
    Display(String),
    /// Show it no longer: a number, or all.
    Undisplay(String),
    /// Show the memory at the address an expression comes to.
    Show(String),
    /// Show the next byte of a memory from an address on, or the last before it, that is different at a step.
    Difference(u32, u64, u64, Direction),
    /// Write a note on the cursor's step; none, if empty.
    Note(String),
    /// Take up what an earlier session was kept as.
    Restore(Box<Saved>),
    /// Answer a question.
    Ask(Ask),
    /// Remember the cursor.
    Mark(char),
    /// Go to a mark.
    Jump(char),
    /// To where the cursor was before the last long move.
    Back,
    /// The way back again.
    Forward,
    /// Give the program input; `None` ends it.
    Input(Option<Vec<u8>>),
}

impl Request {
    /// Whether it is about going somewhere, but for what goes on where the program waits for input.
    pub(crate) fn moves(&self) -> bool {
        matches!(
            self,
            Request::Travel(..)
                | Request::Stride(..)
                | Request::Goto(_)
                | Request::Along(_)
                | Request::RunOf(..)
                | Request::RunTo(..)
                | Request::WriteOf(..)
                | Request::Follow(_)
                | Request::Origin(..)
                | Request::Search(..)
                | Request::Match(..)
                | Request::Jump(_)
                | Request::Back
                | Request::Forward
        )
    }
}
