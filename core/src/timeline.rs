//! All moments of one run.
//!
//! ```text
//! step      0 ·········· 4M ·········· 8M ····●·····│ end
//! sparse    ◆            ◆             ◆           snapshots made on the way
//! dense                                  ◇ ◇       near the cursor
//! window                                    [···]  events, by step
//! ```
//!
//! Nothing is guessed: to show a moment the run is repeated from the nearest snapshot
//! before it, at full speed to the neighbourhood and op by op to the step. Stepping about
//! then costs one short repetition, whatever the length of the run.
//!
//! Always: any way to a step gives the same moment; the end of a live run can grow, its
//! past cannot change.
//! Elsewhere: repeating (`replay`), snapshots (`snapshot`), events (`capture`), what a
//! moment shows (`moment`), going to a step (`seek`), movement (`travel`), looking for steps (`find`, `index`), the whole run in
//! numbers (`survey`), a run that goes on (`live`).

pub(crate) mod capture;
pub(crate) mod checkpoint;
pub mod code;
pub(crate) mod convert;
pub mod find;
mod index;
mod live;
mod moment;
mod numbering;
pub(crate) mod replay;
mod seek;
pub(crate) mod snapshot;
pub(crate) mod source;
pub mod survey;
mod travel;
mod verify;

pub use code::OpNote;
pub use find::{Hit, Query, QueryError};
pub use index::{Index, IndexError};
pub use live::{Live, LiveState};
pub use moment::{FrameView, GlobalView, Here, MemoryView, SlotView, TableView, Where};
pub use source::{HostCallView, Run};
pub use travel::{Breakpoint, Control, Direction, Goal, Judge, Progress, Stop, Why};
pub use verify::Verified;

use crate::engine::Module;
use crate::exec::stop::TrapReport;
use crate::lower::{LowerError, Lowering};
use capture::{Capture, Codes, OneByOne, Steps};
use replay::Replayer;
use snapshot::Snapshot;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;
use wasmscope_trace_format as wtrace;
use wtrace::{CodeFunc, Event, FuncId, Position, ReadError, RunEnd, TraceReader};

/// Why a moment cannot be shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimelineError {
    /// The file cannot be read.
    #[error("{0}")]
    Read(#[from] ReadError),
    /// The file makes no sense as a run.
    #[error("the trace cannot be replayed: {0}")]
    Trace(String),
    /// The replay is not what was recorded.
    #[error("the replay differs from the recording at step {step}: {what}")]
    Diverged {
        /// The first step that differs.
        step: u64,
        /// How.
        what: String,
    },
    /// There is no such step.
    #[error("step {step} does not exist: the run has {end} steps")]
    NoSuchStep {
        /// What was asked for.
        step: u64,
        /// How many there are.
        end: u64,
    },
    /// What came in from outside is missing from there on: the trace is damaged.
    #[error("step {step} cannot be reached: what is left of the recording repeats up to {reached}")]
    Lost {
        /// What was asked for.
        step: u64,
        /// How far it goes.
        reached: u64,
    },
    /// Only the end of the run was kept.
    #[error("step {step} was not kept: the recording begins at step {begin}")]
    NotKept {
        /// What was asked for.
        step: u64,
        /// The first there is.
        begin: u64,
    },
    /// A function exceeds a limit of the bytecode.
    #[error("{0}")]
    Limit(#[from] LowerError),
    /// The search was cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// Events of a window.
const WINDOW: u64 = 1 << 11;
/// Windows kept.
const WINDOWS: usize = 8;

/// All moments of one run; see the header.
pub struct Timeline {
    run: Arc<Run>,
    replayer: Replayer,
    snapshots: BTreeMap<u64, Arc<Snapshot>>,
    held: usize,
    codes: Codes,
    windows: Vec<Window>,
    tables: HashMap<FuncId, Arc<CodeFunc>>,
}

/// The first moment of a recording cannot be read.
pub(crate) fn no_beginning(begin: u64) -> TimelineError {
    TimelineError::Trace(format!("the checkpoint it begins with, at step {begin}, is damaged"))
}

struct Window {
    from: u64,
    events: Vec<Event>,
}

impl Timeline {
    /// The timeline of a run.
    pub fn new(run: Arc<Run>) -> Timeline {
        Timeline {
            replayer: Replayer::new(run.clone()),
            run,
            snapshots: BTreeMap::new(),
            held: 0,
            codes: Codes::default(),
            windows: Vec::new(),
            tables: HashMap::new(),
        }
    }

    /// The timeline of a trace file; `name` is what to call it.
    ///
    /// # Errors
    /// If the file holds no run that can be repeated.
    pub fn open(reader: TraceReader, name: &str) -> Result<Timeline, TimelineError> {
        Timeline::open_as(reader, name, None, &Control::default())
    }

    /// The same with functions lowered as you wish. If that, or this version of the engine,
    /// numbers steps otherwise than the recording does, the run is repeated once to number them
    /// anew, which takes as long as that takes ([`Run::is_renumbered`]).
    ///
    /// # Errors
    /// As [`Timeline::open`], and if it is cancelled.
    pub fn open_as(
        reader: TraceReader,
        name: &str,
        lowering: Option<Lowering>,
        control: &Control,
    ) -> Result<Timeline, TimelineError> {
        let run = Arc::new(Run::open(reader, name, lowering)?);
        run.number(control)?;
        let mut timeline = Timeline::new(run);
        timeline.find_beginning()?;
        Ok(timeline)
    }

    /// Goes to the first moment there is. If only the run's end was kept and the checkpoint that begins it is
    /// damaged, that is the next that can be restored.
    fn find_beginning(&mut self) -> Result<(), TimelineError> {
        let begin = self.begin().step;
        if begin == 0 {
            return Ok(());
        }
        let first = self.seek(begin);
        if first.is_ok() {
            return first;
        }
        let run = self.run.clone();
        for (index, &step) in run.checkpoints().iter().enumerate() {
            let Ok(checkpoint) = run.checkpoint(index) else { continue };
            run.begins_at(Position { step, tick: checkpoint.position.tick });
            if self.seek(step).is_ok() {
                return Ok(());
            }
        }
        first
    }

    /// The run.
    pub fn run(&self) -> &Arc<Run> {
        &self.run
    }

    /// The first moment there is: the beginning of the run, unless only its end was kept.
    pub fn begin(&self) -> Position {
        self.run.begin()
    }

    /// Steps and ticks of the run, as far as they are known.
    pub fn end(&self) -> Position {
        self.run.end()
    }

    /// Why the run ended; `None` if it goes on, or its end was lost.
    pub fn ended(&self) -> Option<RunEnd> {
        self.run.why()
    }

    /// The trap the run ended in, with its numbers and its call stack; `None` if it ended in another way.
    ///
    /// # Errors
    /// If the run cannot be repeated to its end.
    pub fn trap(&mut self) -> Result<Option<TrapReport>, TimelineError> {
        let Some(RunEnd::Error(wtrace::Reason::Trap(code))) = self.ended() else { return Ok(None) };
        let back = self.step();
        self.seek(self.end().step)?;
        let store = &self.replayer.store;
        let report = convert::trap_back(code).map(|code| match store.failed_here() {
            true => store.trap_report(code),
            // A guest that a host function called has trapped, and its frames are gone.
            false => TrapReport { code, detail: None, frames: Vec::new(), depth: 0 },
        });
        self.seek(back)?;
        Ok(report)
    }

    /// The step the timeline stands at.
    pub fn step(&self) -> u64 {
        self.replayer.step()
    }

    /// A hash of what outlives a call, as it is at this moment: that of
    /// [`Store::state_hash`](crate::Store::state_hash), whichever store the run was of.
    pub fn state_hash(&self) -> u64 {
        self.replayer.store.state_hash()
    }

    /// The events of some steps; those behind the end are left out.
    ///
    /// # Errors
    /// If the run cannot be repeated.
    pub fn events(&mut self, steps: Range<u64>) -> Result<Vec<Event>, TimelineError> {
        let end = self.end().step;
        let begin = self.begin().step;
        let steps = steps.start.clamp(begin, end)..steps.end.clamp(begin, end);
        let mut events = Vec::new();
        let mut at = steps.start;
        while at < steps.end {
            let window = self.window(at)?;
            let from = (at - window.from) as usize;
            let to = ((steps.end - window.from) as usize).min(window.events.len());
            events.extend_from_slice(&window.events[from..to]);
            at = window.from + to as u64;
        }
        Ok(events)
    }

    /// The events of some steps, for whoever goes on behind them and does not come back: nothing is
    /// made of the steps around, or kept. The timeline then stands behind them.
    ///
    /// # Errors
    /// As [`Timeline::events`], and if there are no such steps.
    pub fn events_once(&mut self, steps: Range<u64>) -> Result<Vec<Event>, TimelineError> {
        self.seek(steps.start)?;
        let events = self.capture(steps.end)?;
        self.reached(steps.end).map(|()| events)
    }

    /// Gives the events of some steps one at a time, in order, without the values before them, for
    /// whoever looks through many and keeps few: in less than half the time of [`Timeline::events`]. None are
    /// given after `each` has said no, or where the run ends. The timeline then stands behind the steps.
    ///
    /// # Errors
    /// As [`Timeline::events`].
    pub fn each_event(
        &mut self,
        steps: Range<u64>,
        each: &mut dyn FnMut(&Event) -> bool,
    ) -> Result<(), TimelineError> {
        let (begin, end) = (self.begin().step, self.end().step);
        let (from, to) = (steps.start.clamp(begin, end), steps.end.clamp(begin, end));
        let _awaited = self.run.await_it();
        self.seek(from)?;
        self.capture_into(&mut OneByOne { each, go_on: true }, to, false)?;
        self.reached(to)
    }

    /// The window that holds a step; makes it if need be.
    fn window(&mut self, step: u64) -> Result<&Window, TimelineError> {
        let end = self.end().step;
        let behind = |window: &Window| window.from + window.events.len() as u64;
        let full = |window: &Window| behind(window) > window.from && behind(window).is_multiple_of(WINDOW);
        let holds = |window: &Window| (window.from..window.from + window.events.len() as u64).contains(&step);
        if let Some(at) = self.windows.iter().position(holds) {
            let window = self.windows.remove(at);
            self.windows.push(window);
            return Ok(&self.windows[self.windows.len() - 1]);
        }
        let _awaited = self.run.await_it();
        let from = (step / WINDOW * WINDOW).max(self.begin().step);
        // A window that ended where a live run stood then is made anew.
        self.windows.retain(|window| window.from != from || full(window));
        let back = self.step();
        self.seek(from)?;
        self.keep();
        let events = self.capture((step / WINDOW * WINDOW + WINDOW).min(end))?;
        if self.windows.len() == WINDOWS {
            self.windows.remove(0);
        }
        let window = Window { from, events };
        let lost = (!holds(&window)).then(|| self.replayer.lost(step));
        self.windows.push(window);
        self.seek(back.min(end))?;
        lost.map_or_else(|| Ok(&self.windows[self.windows.len() - 1]), Err)
    }

    /// Captures events from where the timeline stands up to step `to`.
    fn capture(&mut self, to: u64) -> Result<Vec<Event>, TimelineError> {
        let mut events = Vec::new();
        self.capture_into(&mut events, to, true)?;
        Ok(events)
    }

    /// The same, given to `steps`; `with_old`: with the values before them.
    fn capture_into<S: Steps>(
        &mut self,
        steps: &mut S,
        to: u64,
        with_old: bool,
    ) -> Result<(), TimelineError> {
        let mut capture = Capture::new(&mut self.codes, steps, with_old);
        while self.replayer.step() < to {
            if !self.replayer.walk_to(to, &mut capture)? {
                break;
            }
        }
        Ok(())
    }

    /// The code of a function, as it is lowered in this run.
    ///
    /// # Errors
    /// If there is no such function with a body.
    pub fn code(&mut self, func: FuncId) -> Result<Arc<CodeFunc>, TimelineError> {
        if let Some(known) = self.tables.get(&func) {
            return Ok(known.clone());
        }
        let code = match self.codes.code(func) {
            Some(code) => code,
            None => {
                let module = self.module_of(func)?;
                let mode = self.run.engine.config().lowering;
                Arc::new(code::code_func(module.data(), func.module, func.func, mode)?)
            }
        };
        self.tables.insert(func, code.clone());
        Ok(code)
    }

    /// What is known about the ops of a function beyond their code, in the same order.
    ///
    /// # Errors
    /// If there is no such function with a body.
    pub fn notes(&self, func: FuncId) -> Result<Vec<OpNote>, TimelineError> {
        let module = self.module_of(func)?;
        Ok(code::notes(module.data(), func.func, self.run.engine.config().lowering)?)
    }

    /// The module of a function with a body.
    fn module_of(&self, func: FuncId) -> Result<Module, TimelineError> {
        let module = self.run.module(func.module);
        let module =
            module.ok_or_else(|| TimelineError::Trace(format!("there is no module {}", func.module)))?;
        let data = module.data();
        if func.func as usize >= data.funcs.len() || data.is_imported_func(func.func) {
            return Err(TimelineError::Trace(format!("function {func} has no body")));
        }
        Ok(module)
    }
}
