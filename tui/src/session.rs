//! An open run: where the cursor is, where to stop, which places were visited.
//!
//! ```text
//! app ──Request, Wants──► worker ──► Session ──► Source   (a timeline, or a toy in the tests)
//!  ▲                         │           │
//!  └──── Reply: Moment, Progress, Failed ┘
//! ```
//!
//! A session answers one request after the other and knows no screen; it runs as well without the
//! worker's thread. What a search costs is the source's affair: it asks `Control` now and then
//! whether to give up, and says how far it is.
//! Always: `cursor <= source.end()`; a failed or cancelled request leaves the cursor on a moment
//! that exists. Elsewhere: the thread (`worker`), how a moment is put together (`build`), places as
//! text (`place`).

mod build;
mod look;
mod overview;
mod place;
mod worker;

pub use overview::Overview;
pub use place::parse_step;
pub use worker::{Client, Envelope, Reply, spawn};

use crate::moment::{
    About, Breakpoint, Frame, Global, HostCalls, Listing, Memory, Moment, Other, Output, Place, RunEnd, Slot,
    SourceView, Table, Wants, WasmLine, Why,
};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use wasmscope_trace_format::{Event, FuncId, Position};

/// Why a request could not be answered: what went wrong, and what still works.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<String> for Failure {
    fn from(text: String) -> Failure {
        Failure(text)
    }
}

/// Which way in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Towards the end.
    Forward,
    /// Towards the start.
    Backward,
}

/// What a movement looks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Goal {
    /// So many steps.
    Steps(u64),
    /// The nearest moment with no more frames than at the start: calls are run over, a return ends it.
    Over,
    /// One step, into what is called if it is a call; backward, into what has returned.
    Into,
    /// The nearest moment with fewer frames than at the start: behind the return, or at the call.
    Out,
    /// A breakpoint.
    Continue,
}

/// Where a movement ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stop {
    /// The moment.
    pub step: u64,
    /// Why there.
    pub why: Why,
}

/// How a long search hears that nobody wants its answer any more, and says how far it is.
pub struct Control<'a> {
    /// Set from another thread to give up.
    pub cancel: &'a AtomicBool,
    /// Told the step that is being looked at; cheap enough to call every few thousand steps.
    pub progress: &'a dyn Fn(u64),
}

impl Control<'_> {
    /// Whether to give up.
    pub fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

/// The machine at one step.
pub trait State {
    /// Where in the run.
    fn position(&self) -> Position;
    /// Number of frames.
    fn depth(&self) -> u32;
    /// The frame at a depth, 0 outermost; `None` beyond the innermost.
    fn frame(&self, depth: u32) -> Option<Frame>;
    /// The slots of that frame.
    fn slots(&self, depth: u32) -> Vec<Slot>;
    /// All globals.
    fn globals(&self) -> Vec<Global>;
    /// All memories.
    fn memories(&self) -> Vec<Memory>;
    /// At most `len` bytes; fewer at the memory's end, none beyond it.
    fn read(&self, memory: u32, addr: u64, len: usize) -> Vec<u8>;
    /// All tables.
    fn tables(&self) -> Vec<Table> {
        Vec::new()
    }
    /// Elements of a table in words; fewer at its end.
    fn elements(&self, table: u32, from: u64, count: usize) -> Vec<Option<String>> {
        let _ = (table, from, count);
        Vec::new()
    }
    /// What was printed up to here: the latest chunks that hold at least `limit` bytes, in order,
    /// and whether there was more before.
    fn output(&self, limit: usize) -> (Vec<Output>, bool);
}

/// A run that can be asked for any of its moments. A timeline is one.
pub trait Source: Send {
    /// What the run is.
    fn about(&self) -> About;
    /// The last moment known; grows while a live run runs.
    fn end(&self) -> Position;
    /// How it ends there.
    fn run_end(&self) -> RunEnd;
    /// The machine before step `step`; `step` is at most `end().step`. The latest answer, and its
    /// neighbours, are asked for often.
    fn state(&mut self, step: u64) -> Result<Box<dyn State + '_>, Failure>;
    /// What the steps of a short range did; the range may reach past the end, the answer does not.
    fn events(&mut self, range: Range<u64>) -> Result<Vec<Event>, Failure>;
    /// A function's code. The session keeps it.
    fn code(&mut self, func: FuncId) -> Result<Arc<Listing>, Failure>;
    /// All functions that can be stopped in, with their names.
    fn functions(&self) -> Vec<(FuncId, Option<String>)>;
    /// Moves from a moment. A live run executes on when the way leads past its end. Stops at the
    /// start, at the end, where the program waits, or, with [`Why::Cancelled`], where it had come
    /// to. `Over`, `Into`, `Out` and `Continue` stop at breakpoints, but not at `from` itself.
    fn travel(
        &mut self,
        from: u64,
        goal: Goal,
        direction: Direction,
        breakpoints: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Stop, Failure>;
    /// Gives a live program input; `None` is the end of it. A trace refuses.
    fn feed_input(&mut self, input: Option<&[u8]>) -> Result<(), Failure>;
    /// A function in the WebAssembly text format. The session keeps it.
    fn wasm(&mut self, func: FuncId) -> Result<Vec<WasmLine>, Failure> {
        Err(Failure(format!("no text of function {func} is known")))
    }
    /// A function lowered the other way than it runs. The session keeps it.
    fn other(&mut self, func: FuncId) -> Result<Other, Failure> {
        Err(Failure(format!("no other lowering of function {func} is known")))
    }
    /// The source of a function. The session keeps it.
    fn source(&mut self, func: FuncId) -> Option<SourceView> {
        let _ = func;
        None
    }
    /// Host calls: those from a number on, else those about a step; at most `count`.
    fn hosts(&self, from: Option<u64>, step: u64, count: u32) -> HostCalls {
        let _ = (from, step, count);
        HostCalls::default()
    }
    /// What counts the whole run, on a thread of its own; `None` if nothing does.
    fn overview(&self) -> Option<Box<dyn Overview>> {
        None
    }
}

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
    /// Go somewhere.
    Goto(Target),
    /// To the next or previous run of an op.
    RunOf(Place, Direction),
    /// Set a breakpoint, or remove it.
    Toggle(Place),
    /// The same at the op about to run, wherever the cursor is by then.
    ToggleHere,
    /// The same by text: a name, `NAME+IP`, `@PC`.
    ToggleNamed(String),
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

/// An open run.
pub struct Session {
    source: Box<dyn Source>,
    about: Arc<About>,
    cursor: u64,
    why: Why,
    breakpoints: Vec<Breakpoint>,
    next_breakpoint: u32,
    marks: BTreeMap<char, u64>,
    back: Vec<u64>,
    forward: Vec<u64>,
    /// What a program that waits for input was asked to do.
    parked: Option<(Goal, Direction)>,
    listings: HashMap<FuncId, Arc<Listing>>,
    overview: Option<Arc<overview::Shared>>,
    looks: look::Looks,
}

impl Session {
    /// Opens a run at its first moment.
    pub fn new(source: Box<dyn Source>) -> Session {
        Session {
            about: Arc::new(source.about()),
            overview: source.overview().map(|it| Arc::new(overview::Shared::new(it))),
            source,
            cursor: 0,
            why: Why::Start,
            breakpoints: Vec::new(),
            next_breakpoint: 1,
            marks: BTreeMap::new(),
            back: Vec::new(),
            forward: Vec::new(),
            parked: None,
            listings: HashMap::new(),
            looks: look::Looks::default(),
        }
    }

    /// Does what is asked. What it answers, if anything, is for the message line.
    pub fn handle(&mut self, request: Request, control: &Control<'_>) -> Result<Option<String>, Failure> {
        match request {
            Request::Look => Ok(None),
            Request::Travel(goal, direction, count) => self.travel(goal, direction, count, control),
            Request::Goto(target) => self.goto(target, control),
            Request::RunOf(place, direction) => self.run_of(place, direction, control),
            Request::Toggle(place) => self.toggle(place).map(Some),
            Request::ToggleHere => self.toggle_here().map(Some),
            Request::ToggleNamed(text) => {
                let place = place::parse_place(&text, self.source.as_ref())?;
                self.toggle(place).map(Some)
            }
            Request::Mark(letter) => {
                self.marks.insert(letter, self.cursor);
                Ok(Some(format!("step {} is marked {letter}", self.cursor)))
            }
            Request::Jump(letter) => match self.marks.get(&letter) {
                Some(&step) => self.goto(Target::Step(step), control),
                None => Err(Failure(format!("no step is marked {letter}; m marks one"))),
            },
            Request::Back => match self.back.pop() {
                Some(step) => {
                    self.forward.push(self.cursor);
                    self.stand_at(step);
                    Ok(None)
                }
                None => Err(Failure("no earlier place to go back to".into())),
            },
            Request::Forward => match self.forward.pop() {
                Some(step) => {
                    self.back.push(self.cursor);
                    self.stand_at(step);
                    Ok(None)
                }
                None => Err(Failure("no later place to go to".into())),
            },
            Request::Input(input) => self.input(input, control),
        }
    }

    /// Counts what is known of the run, at once; the worker does it little by little.
    pub fn survey(&mut self) {
        if let Some(overview) = &self.overview {
            while overview.go_on() {}
        }
    }

    /// What is to be seen from the cursor.
    pub fn look(&mut self, wants: &Wants) -> Result<Moment, Failure> {
        build::moment(self, wants)
    }

    fn stand_at(&mut self, step: u64) {
        self.cursor = step.min(self.source.end().step);
        self.why = if self.cursor == 0 { Why::Start } else { Why::Done };
    }

    fn visit(&mut self, from: u64) {
        if from != self.cursor {
            self.back.push(from);
            self.back.drain(..self.back.len().saturating_sub(1000));
            self.forward.clear();
        }
    }

    fn travel(
        &mut self,
        goal: Goal,
        direction: Direction,
        count: u64,
        control: &Control<'_>,
    ) -> Result<Option<String>, Failure> {
        let from = self.cursor;
        let (goal, count) = match goal {
            Goal::Steps(n) => (Goal::Steps(n.saturating_mul(count)), 1),
            other => (other, count),
        };
        for _ in 0..count.max(1) {
            let stop = self.source.travel(self.cursor, goal, direction, &self.breakpoints, control)?;
            self.cursor = stop.step.min(self.source.end().step);
            self.why = stop.why;
            if !matches!(self.why, Why::Done | Why::Breakpoint(_)) {
                break;
            }
        }
        self.parked = (self.why == Why::WaitingForInput).then_some((goal, direction));
        if !matches!(goal, Goal::Steps(n) if n < 10) && goal != Goal::Over {
            self.visit(from);
        }
        if self.cursor == from {
            return Ok(Some(match (&self.why, goal) {
                (Why::WaitingForInput, _) => "the program waits for input: i gives it a line".into(),
                (Why::Start, _) => "this is the start of the run".into(),
                (Why::End, _) => format!("this is the end: {}", self.source.run_end().text()),
                _ => return Ok(None),
            }));
        }
        Ok((self.why == Why::Cancelled).then(|| "stopped on the way".to_owned()))
    }

    fn goto(&mut self, target: Target, control: &Control<'_>) -> Result<Option<String>, Failure> {
        let (from, end) = (self.cursor, self.source.end().step);
        let step = match target {
            Target::Step(step) => step,
            Target::By(by) => from.saturating_add_signed(by),
            Target::Percent(percent) => (u128::from(end) * u128::from(percent.min(100)) / 100) as u64,
            Target::End => end,
        };
        let mut message = None;
        if step > end && self.source.run_end().can_grow() {
            // Past the known end of a live run: the program has to run there.
            let stop = self.source.travel(end, Goal::Steps(step - end), Direction::Forward, &[], control)?;
            self.cursor = stop.step;
            self.why = stop.why;
        } else {
            if step > end {
                message = Some(format!("the run has {end} steps; this is the end"));
            }
            self.stand_at(step);
            if self.cursor == end && end > 0 {
                self.why = Why::End;
            }
        }
        self.visit(from);
        Ok(message)
    }

    fn run_of(
        &mut self,
        place: Place,
        direction: Direction,
        control: &Control<'_>,
    ) -> Result<Option<String>, Failure> {
        let only = [Breakpoint { id: 0, place, text: String::new() }];
        let from = self.cursor;
        let stop = self.source.travel(from, Goal::Continue, direction, &only, control)?;
        if let Why::Breakpoint(_) = stop.why {
            self.cursor = stop.step;
            self.why = Why::Done;
            self.visit(from);
            return Ok(None);
        }
        Ok(Some("this op does not run again".into()))
    }

    fn toggle(&mut self, place: Place) -> Result<String, Failure> {
        if let Some(at) = self.breakpoints.iter().position(|it| it.place == place) {
            let gone = self.breakpoints.remove(at);
            return Ok(format!("breakpoint {} at {} removed", gone.id, gone.text));
        }
        let text = place::place_text(place, self.source.as_mut());
        let id = self.next_breakpoint;
        self.next_breakpoint += 1;
        let message = format!("breakpoint {id} at {text}");
        self.breakpoints.push(Breakpoint { id, place, text });
        Ok(message)
    }

    fn toggle_here(&mut self) -> Result<String, Failure> {
        let state = self.source.state(self.cursor)?;
        let inner = state.depth().checked_sub(1).and_then(|at| state.frame(at));
        drop(state);
        match inner {
            Some(frame) => self.toggle(Place::Ip(frame.func, frame.ip)),
            None => Err(Failure("nothing runs here; the code pane can set one anywhere".into())),
        }
    }

    fn input(&mut self, input: Option<Vec<u8>>, control: &Control<'_>) -> Result<Option<String>, Failure> {
        self.source.feed_input(input.as_deref())?;
        let told = match &input {
            Some(bytes) => format!("{} bytes given", bytes.len()),
            None => "end of input given".to_owned(),
        };
        match self.parked.take() {
            Some((goal, direction)) => {
                let more = self.travel(goal, direction, 1, control)?;
                Ok(more.or(Some(told)))
            }
            None => Ok(Some(told)),
        }
    }

    fn listing(&mut self, func: FuncId) -> Result<Arc<Listing>, Failure> {
        if let Some(known) = self.listings.get(&func) {
            return Ok(known.clone());
        }
        let listing = self.source.code(func)?;
        self.listings.insert(func, listing.clone());
        Ok(listing)
    }
}
