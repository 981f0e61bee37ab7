//! A run that goes on: a real store, run piece by piece, whose log a timeline reads.
//!
//! The store here is never rewound. Going on past the end of the timeline executes for
//! real, as far as asked and no further; going back is the timeline's business and
//! touches nothing outside.

use crate::engine::Module;
use crate::exec::control::Stand;
use crate::exec::frame::Sp;
use crate::exec::host::typed;
use crate::exec::stop::{CallError, Reason};
use crate::record::{Sink, attach_sink};
use crate::store::log::TypedBits;
use crate::store::{Func, Instance, LinkError, Linker, Machine, Store};
use crate::timeline::source::Run;
use crate::timeline::travel::{LOOK, SLICE, Stops};
use crate::timeline::{Breakpoint, Goal, Judge, Progress, Stop, Timeline, Why, convert};
use crate::value::Val;
use std::sync::Arc;
use wasmscope_trace_format as wtrace;
use wtrace::{HostEntry, Output, Position, RunEnd};

/// How a live run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveState {
    /// It can go on.
    Ready,
    /// It waits for input; it goes on when there is some.
    Waiting,
    /// It is over.
    Ended(RunEnd),
}

/// A run in progress.
pub struct Live<T: Send + 'static> {
    store: Store<T>,
    run: Arc<Run>,
    state: LiveState,
    /// The function called from outside that is running.
    func: Option<u32>,
    /// The log has been told that the run is parked.
    parked: bool,
}

/// Keeps the log in memory.
struct InMemory(Arc<Run>);

impl Sink for InMemory {
    fn module(&mut self, module: &Module) {
        self.0.push_module(module.clone());
    }

    fn entry(&mut self, position: Position, entry: &HostEntry) {
        self.0.push_entry(position, entry.clone());
    }

    fn output(&mut self, output: Output) {
        self.0.push_output(output);
    }
}

impl<T: Send + 'static> Live<T> {
    /// A run in a store in which nothing has been made yet; `name` is what to call it.
    pub fn new(mut store: Store<T>, name: &str) -> Live<T> {
        let run = Arc::new(Run::new(store.engine(), name));
        store.set_dispatch(crate::Dispatch::Counted);
        attach_sink(store.as_store_mut(), Box::new(InMemory(run.clone())));
        Live { store, run, state: LiveState::Ready, func: None, parked: false }
    }

    /// The run, for a [`Timeline`].
    pub fn run(&self) -> &Arc<Run> {
        &self.run
    }

    /// A timeline of the run; it sees the run grow.
    pub fn timeline(&self) -> Timeline {
        Timeline::new(self.run.clone())
    }

    /// The store.
    pub fn store(&self) -> &Store<T> {
        &self.store
    }

    /// The store; calls made through it become part of the run.
    pub fn store_mut(&mut self) -> &mut Store<T> {
        &mut self.store
    }

    /// Makes an instance; a start function runs to its end.
    ///
    /// # Errors
    /// As [`Linker::instantiate`].
    pub fn instantiate(&mut self, linker: &mut Linker<T>, module: &Module) -> Result<Instance, LinkError> {
        let result = linker.instantiate(&mut self.store, module);
        self.note_end(None);
        result
    }

    /// Makes an instance; its start function, if it has one, is begun like a call, and [`Live::run_to`] runs it. The
    /// instance is not to be used before that has ended.
    ///
    /// # Errors
    /// As [`Linker::instantiate`], but for the start function.
    pub fn begin_instance(&mut self, linker: &mut Linker<T>, module: &Module) -> Result<Instance, LinkError> {
        let store = self.store.as_store_mut();
        let imports = linker.imports(store, module)?;
        let (instance, start) = store.begin_instance(module, &imports)?;
        match start {
            Some(start) if !store.funcs[start as usize].entry.is_null() => self.enter(start, &[]),
            // Nothing to look at: there is no start function, or the host has it.
            start => {
                let result = match start {
                    Some(start) => store.invoke_start(instance, start).map(drop).map_err(LinkError::Start),
                    None => Ok(()),
                };
                store.log_instance(&result);
                self.note_end(None);
                result?;
            }
        }
        Ok(instance)
    }

    /// Begins a call; [`Live::run_to`] runs it.
    ///
    /// # Errors
    /// If the arguments do not fit, or there is no room for a frame.
    pub fn begin(&mut self, func: Func, args: &[Val]) -> Result<(), CallError> {
        let store = self.store.as_store_mut();
        let index = func.index_in(store) as u32;
        let ty = store.func_type(index);
        let fit =
            args.len() == ty.params().len() && args.iter().zip(ty.params()).all(|(arg, &ty)| arg.is(ty));
        if !fit {
            return Err(CallError::Arguments(format!("the function takes {ty}")));
        }
        let typed: Vec<TypedBits> =
            args.iter().zip(ty.params()).map(|(arg, &ty)| (ty, arg.to_bits())).collect();
        let bits: Vec<u128> = typed.iter().map(|&(_, bits)| bits).collect();
        store.outside();
        store.logged(|log| log.invoke(index, &typed));
        self.enter(index, &bits);
        Ok(())
    }

    /// Pushes the outermost frame.
    fn enter(&mut self, func: u32, args: &[u128]) {
        let store = self.store.as_store_mut();
        let at = store.stack_start();
        if store.push_base_frame(func, args, at).is_err() {
            let reason = store.reason.clone();
            store.logged(|log| log.failed(&reason));
            self.state = LiveState::Ended(RunEnd::Error(convert::reason(&reason)));
            self.note_end(Some(RunEnd::Error(convert::reason(&reason))));
            return;
        }
        self.func = Some(func);
        self.state = LiveState::Ready;
        self.note_end(None);
    }

    /// How the run stands.
    pub fn state(&self) -> &LiveState {
        &self.state
    }

    fn note_end(&mut self, why: Option<RunEnd>) {
        let standing = self.store.as_store().standing();
        self.run.set_end(convert::position(standing), why);
    }

    /// Whether a call from outside has begun and not ended.
    pub fn is_running(&self) -> bool {
        self.func.is_some()
    }

    /// Number of active functions.
    pub fn depth(&self) -> usize {
        self.store.as_store().depth()
    }

    /// Runs until the next step is `limit`, or the run stops before: at a breakpoint, at
    /// its end, or to wait for input. Gives the place in the list of the breakpoint hit.
    pub fn run_to(&mut self, limit: u64, breakpoints: &[Breakpoint]) -> Option<usize> {
        self.advance(limit, None, &mut Stops::new(breakpoints, &mut ())).1
    }

    /// Goes on for real as [`Timeline::travel`] does forwards within what is known, and
    /// from where the run stands. [`Why::End`] is where the run ends or waits, as
    /// [`Live::state`] says. `judge` says which breakpoints stop.
    pub fn go_on(
        &mut self,
        goal: Goal,
        breakpoints: &[Breakpoint],
        judge: &mut dyn Judge,
        progress: &dyn Progress,
    ) -> Stop {
        let from = self.run.end().step;
        let depth = self.depth();
        let (limit, frames) = match goal {
            Goal::Steps(steps) => (from.saturating_add(steps), None),
            Goal::Into => (from + 1, None),
            Goal::Over => (u64::MAX, Some(depth)),
            Goal::Out => (u64::MAX, depth.checked_sub(1)),
            Goal::Continue => (u64::MAX, None),
        };
        let breakpoints = if matches!(goal, Goal::Steps(_) | Goal::Into) { &[] } else { breakpoints };
        // The first step by itself: from then on breakpoints count, and a call is seen.
        let (stand, _) = self.advance(limit.min(from + 1), None, &mut Stops::new(&[], &mut ()));
        if stand != Some(Stand::Reached) {
            return self.stop(Why::End);
        }
        if let Some(at) = Stops::new(breakpoints, judge).here(self.store.as_store_mut()) {
            return self.stop(Why::Breakpoint(at));
        }
        self.go_until(limit, frames, breakpoints, judge, progress)
    }

    /// Runs on until the next step is `limit`, or at most so many frames are left.
    pub fn go_until(
        &mut self,
        limit: u64,
        frames: Option<usize>,
        breakpoints: &[Breakpoint],
        judge: &mut dyn Judge,
        progress: &dyn Progress,
    ) -> Stop {
        let stops = &mut Stops::new(breakpoints, judge);
        let mut passed = 0u32;
        loop {
            let here = self.run.end().step;
            if here >= limit || frames.is_some_and(|frames| self.depth() <= frames) {
                return self.stop(Why::Arrived);
            }
            let slice = limit.min(here.saturating_add(SLICE));
            let (stand, hit) = self.advance(slice, frames, stops);
            match (stand, hit) {
                (_, Some(at)) => return self.stop(Why::Breakpoint(at)),
                (Some(Stand::Returned), _) => return self.stop(Why::Arrived),
                (Some(Stand::Reached), _) => {}
                // A breakpoint that does not stop.
                (Some(Stand::Breakpoint), _) => {
                    passed += 1;
                    if !passed.is_multiple_of(LOOK) {
                        continue;
                    }
                }
                _ => return self.stop(Why::End),
            }
            if !progress.go_on(self.run.end().step) {
                return self.stop(Why::Cancelled);
            }
        }
    }

    fn stop(&self, why: Why) -> Stop {
        Stop { step: self.run.end().step, why }
    }

    /// Runs until the next step is `limit`, at most so many frames are left, or it stops
    /// before; how it stands, and the place in the list of the breakpoint hit.
    fn advance(
        &mut self,
        limit: u64,
        frames: Option<usize>,
        stops: &mut Stops<'_>,
    ) -> (Option<Stand>, Option<usize>) {
        if matches!(self.state, LiveState::Ended(_)) || self.func.is_none() {
            return (None, None);
        }
        let store = self.store.as_store_mut();
        if std::mem::take(&mut self.parked) {
            store.logged(|log| log.resume());
        }
        for &breakpoint in stops.breakpoints {
            if let Some((entry, offset)) = store.place(breakpoint) {
                store.patch(entry, offset);
            }
        }
        let watched =
            frames.filter(|&frames| frames < store.depth()).map(|frames| store.watch_return(frames));
        let stand = store.advance(limit, watched);
        if let Some(watched) = watched {
            store.unwatch(watched);
        }
        store.unpatch_all();
        self.settle(stand);
        let store = self.store.as_store_mut();
        let hit = if stand == Stand::Breakpoint { stops.here(store) } else { None };
        (Some(stand), hit)
    }

    fn settle(&mut self, stand: Stand) {
        let store = self.store.as_store_mut();
        match stand {
            Stand::Reached | Stand::Breakpoint | Stand::Returned | Stand::Watched => {
                self.state = LiveState::Ready;
                self.note_end(None);
            }
            Stand::Halted => {
                let func = self.func.take().expect("something was running");
                let ty = store.func_type(func);
                // They lie where the outermost frame started.
                let results = store.values_at(Sp(store.stack_start()), ty.results());
                let results = typed(ty.results(), results);
                store.set_instance(std::ptr::null_mut());
                store.outside();
                store.logged(|log| log.finished(&results));
                self.end(RunEnd::Halt);
            }
            Stand::Failed => {
                self.func = None;
                let reason = self.log_failure();
                self.end(RunEnd::Error(convert::reason(&reason)));
            }
            Stand::Paused => {
                let reason = store.reason.clone();
                if matches!(reason, Reason::WaitingForInput | Reason::OutOfFuel) {
                    self.log_failure();
                    self.parked = true;
                    self.state = LiveState::Waiting;
                } else {
                    self.state = LiveState::Ready;
                }
                self.note_end(None);
            }
        }
    }

    fn log_failure(&mut self) -> Reason {
        let store = self.store.as_store_mut();
        let reason = store.reason.clone();
        let position = store.standing();
        store.logged(|log| {
            log.at(position);
            log.failed(&reason);
        });
        reason
    }

    fn end(&mut self, why: RunEnd) {
        self.state = LiveState::Ended(why.clone());
        self.note_end(Some(why));
    }

    /// What the run came to: the results' failure with its backtrace, if it failed. The
    /// frames are still there.
    pub fn failure(&mut self) -> Option<CallError> {
        match &self.state {
            LiveState::Ended(RunEnd::Error(_)) => Some(self.store.as_store_mut().call_error()),
            _ => None,
        }
    }
}
