//! A program as a source: within what has run it is replayed, beyond that it runs, as far as asked.
//!
//! ```text
//! known run  0 ········· from ········· end
//! travel               └─ replay ──────┤└── for real ──► new end; then the replay follows
//! ```
//!
//! The program's calls are made one after the other: `_initialize` before an export, for instance.
//! What it prints goes to the run's log, and so to the output pane, never to the terminal.

use super::convert::{self, Places};
use super::known::Known;
use super::past::{Past, Told};
use crate::moment::{About, Breakpoint, Mode, RunEnd, Why};
use crate::session::{Control, Direction, Failure, Goal, Stop};
use std::collections::VecDeque;
use std::path::PathBuf;
use wasmscope_core::timeline::{self, Live, LiveState};
use wasmscope_core::wasi::{Input, WasiCtx};
use wasmscope_core::{CallError, Instance, LinkError, Linker, Module, Store, Val};
use wasmscope_trace_format as wtrace;

/// A program about to start.
pub struct Program {
    /// What to call it.
    pub name: String,
    /// The program.
    pub module: Module,
    /// A store in which nothing has been made yet. Its world's stdin is best a queue
    /// ([`WasiCtxBuilder::stdin`](wasmscope_core::wasi::WasiCtxBuilder::stdin)) that is open or
    /// closed, its outputs best go nowhere.
    pub store: Store<WasiCtx>,
    /// What it imports.
    pub linker: Linker<WasiCtx>,
    /// What is called, one after the other: exports and arguments.
    pub calls: Vec<(String, Vec<Val>)>,
}

/// A run in progress.
pub struct LiveSource {
    past: Past,
    live: Live<WasiCtx>,
    instance: Option<Instance>,
    calls: VecDeque<(String, Vec<Val>)>,
    input: Input,
    /// How it ended, if that is known otherwise than from the run.
    failed: Option<RunEnd>,
}

impl LiveSource {
    /// Links a program; its start function, or what is called, stands before its first op.
    ///
    /// # Errors
    /// If it cannot be linked.
    pub fn start(program: Program) -> Result<LiveSource, LinkError> {
        let Program { name, module, store, mut linker, calls } = program;
        let input = store.data().input();
        let mut live = Live::new(store, &name);
        let (instance, failed) = match live.begin_instance(&mut linker, &module) {
            Ok(instance) => (Some(instance), None),
            Err(LinkError::Start(error)) => (None, Some(failure(&error))),
            Err(error) => return Err(error),
        };
        let about = About { file: name, mode: Mode::Live, notes: Vec::new() };
        let past = Past::new(live.timeline(), about);
        let mut source = LiveSource { past, live, instance, calls: calls.into(), input, failed };
        source.next_call();
        Ok(source)
    }

    /// The same, with folders beneath which its source files are looked for; `named`: and then where its
    /// modules say they are.
    pub fn with_sources(mut self, folders: Vec<PathBuf>, named: bool) -> LiveSource {
        self.past.look_beneath(folders, named);
        self
    }

    /// Begins the next call if nothing is running; `false` if there is none.
    fn next_call(&mut self) -> bool {
        if self.failed.is_some() || self.running() {
            return false;
        }
        if let LiveState::Ended(wtrace::RunEnd::Error(_)) = self.live.state() {
            return false;
        }
        let (Some(instance), Some((export, args))) = (self.instance, self.calls.pop_front()) else {
            return false;
        };
        let Some(func) = instance.func(self.live.store(), &export) else {
            self.failed = Some(RunEnd::Stopped(format!("the program exports no function '{export}'")));
            return false;
        };
        match self.live.begin(func, &args) {
            Ok(()) => true,
            Err(error) => {
                self.failed = Some(RunEnd::Stopped(error.to_string()));
                false
            }
        }
    }

    /// Whether a call is going on.
    fn running(&self) -> bool {
        self.live.is_running()
    }

    /// Whether input has come that the program has not seen.
    fn fed(&self) -> bool {
        self.input.available() > 0 || self.input.is_closed()
    }

    /// Runs for real from the end of what is known; `frames` is as for [`Live::go_until`].
    fn run_on(
        &mut self,
        goal: Goal,
        frames: Option<usize>,
        places: &mut Places,
        control: &Control<'_>,
        begun: bool,
    ) -> Stop {
        let progress = Told(control);
        let mut stop = match begun {
            // The movement is under way: breakpoints count at once.
            true => {
                let (list, judge) = places.parts();
                self.live.go_until(u64::MAX, frames, list, judge, &progress)
            }
            false => {
                let (list, judge) = places.parts();
                self.live.go_on(goal, list, judge, &progress)
            }
        };
        // A call that has returned makes room for the next.
        while stop.why == timeline::Why::End && self.next_call() {
            stop = match goal {
                Goal::Continue => {
                    let (list, judge) = places.parts();
                    self.live.go_until(u64::MAX, None, list, judge, &progress)
                }
                _ => timeline::Stop { why: timeline::Why::Arrived, ..stop },
            };
        }
        let waits = stop.why == timeline::Why::End && *self.live.state() == LiveState::Waiting;
        Stop { step: stop.step, why: if waits { Why::WaitingForInput } else { places.why(stop.why) } }
    }
}

fn failure(error: &CallError) -> RunEnd {
    match error {
        CallError::Trap(report) => RunEnd::Trapped(report.to_string()),
        CallError::Exit(code) => RunEnd::Exited(*code),
        other => RunEnd::Stopped(other.to_string()),
    }
}

impl Known for LiveSource {
    fn past(&self) -> &Past {
        &self.past
    }

    fn past_mut(&mut self) -> &mut Past {
        &mut self.past
    }

    fn run_end(&self) -> RunEnd {
        if let Some(failed) = &self.failed {
            return failed.clone();
        }
        match self.live.state() {
            LiveState::Ready if self.running() => RunEnd::Open,
            LiveState::Ready => RunEnd::Halted,
            LiveState::Waiting if self.fed() => RunEnd::Open,
            LiveState::Waiting => RunEnd::WaitingForInput,
            LiveState::Ended(why) => convert::ended(why),
        }
    }

    fn travel(
        &mut self,
        from: u64,
        goal: Goal,
        direction: Direction,
        breakpoints: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        let end = self.past.timeline.end().step;
        let mut places = Places::of(breakpoints);
        if direction == Direction::Backward {
            return self.past.travel(from, goal, direction, &mut places, control);
        }
        let mut stop = Stop { step: from, why: Why::End };
        let mut goal = goal;
        let mut frames = None;
        if from < end {
            if let Goal::Over | Goal::Out = goal {
                let depth = self.past.state(from)?.depth() as usize;
                frames = if goal == Goal::Out { depth.checked_sub(1) } else { Some(depth) };
            }
            stop = self.past.travel(from, goal, direction, &mut places, control)?;
            if let Goal::Steps(steps) = goal {
                goal = Goal::Steps(steps - (stop.step - from).min(steps));
            }
        }
        let begun = from < end && !matches!(goal, Goal::Steps(_) | Goal::Into);
        let more = !matches!(goal, Goal::Steps(0)) && self.run_end().can_grow();
        if stop.why == Why::End && more {
            stop = self.run_on(goal, frames, &mut places, control, begun);
            // The replay follows, so that what is shown next is near.
            let _ = self.past.timeline.seek_watched(stop.step, &Told(control));
        }
        Ok(stop)
    }

    fn identity(&self) -> Option<String> {
        let modules = self.past.timeline.run().modules();
        Some(format!("live{:032x}", modules.first()?.data().hash()))
    }

    fn feed_input(&mut self, input: Option<&[u8]>) -> Result<(), Failure> {
        if !self.run_end().can_grow() {
            return Err(Failure("the program has ended and reads no more".into()));
        }
        if self.input.is_closed() {
            return Err(Failure("the end of the program's input was given before".into()));
        }
        match input {
            Some(bytes) => self.input.push(bytes),
            None => self.input.close(),
        }
        Ok(())
    }
}
