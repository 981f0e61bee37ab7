//! Moving through time: over, into, out, to breakpoints, both ways.
//!
//! Forwards the run is repeated at full speed with `stop` ops at breakpoints, or with the
//! return of a frame made to halt. Backwards:
//! - *out* and *over* know where to: every frame knows the step at which it was entered;
//! - breakpoints on the way are looked for in stretches of the run before the cursor, the
//!   nearest first and short, then longer ones; the last hit of the first stretch that has
//!   one is it.
//!
//! Always: *over*, *out* and *continue* stop at breakpoints on their way, not at the one
//! they start from; a movement that is cancelled stands where it had come to.
//! Elsewhere: breakpoints, and which of them stop (`stops`).

mod stops;

pub(crate) use stops::Stops;
pub use stops::{Breakpoint, Judge};

use crate::exec::control::Stand;
use crate::timeline::{Timeline, TimelineError};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Towards the end of the run.
    Forward,
    /// Towards its beginning.
    Backward,
}

/// Where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Goal {
    /// So many steps.
    Steps(u64),
    /// One step; a call and all it does counts as one.
    Over,
    /// One step, into the callee if it is a call.
    Into,
    /// To behind the return of this frame, or to the call that made it.
    Out,
    /// To a breakpoint, or to the end or beginning.
    Continue,
}

/// What a movement came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The step now next.
    pub step: u64,
    /// Why it is this one.
    pub why: Why,
}

/// Why a movement ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is where it was to go.
    Arrived,
    /// A breakpoint: its place in the list.
    Breakpoint(usize),
    /// The beginning of the run.
    Start,
    /// The end of what is known of the run.
    End,
    /// It was cancelled, and is where it had come to.
    Cancelled,
}

/// Hears how far a movement has come, and says whether it is to go on.
pub trait Progress {
    /// Called every few milliseconds with the step that is looked at.
    fn go_on(&self, step: u64) -> bool;
}

/// Lets another thread watch and cancel a movement.
#[derive(Debug, Default)]
pub struct Control {
    /// Set to cancel.
    pub cancel: AtomicBool,
    /// How many steps have been looked at.
    pub progress: AtomicU64,
}

impl Progress for Control {
    fn go_on(&self, step: u64) -> bool {
        self.progress.store(step, Ordering::Relaxed);
        !self.cancel.load(Ordering::Relaxed)
    }
}

/// Steps between two looks at whether a movement is cancelled, and between snapshots.
pub(crate) const SLICE: u64 = 1 << 22;
/// Breakpoints passed between two such looks.
pub(crate) const LOOK: u32 = 1 << 12;

impl Timeline {
    /// Moves from where the timeline stands.
    ///
    /// # Errors
    /// If the run cannot be repeated.
    pub fn travel(
        &mut self,
        goal: Goal,
        direction: Direction,
        breakpoints: &[Breakpoint],
        progress: &dyn Progress,
    ) -> Result<Stop, TimelineError> {
        self.travel_judged(goal, direction, breakpoints, &mut (), progress)
    }

    /// The same, past breakpoints of which `judge` says that they do not stop.
    ///
    /// # Errors
    /// As [`Timeline::travel`].
    pub fn travel_judged(
        &mut self,
        goal: Goal,
        direction: Direction,
        breakpoints: &[Breakpoint],
        judge: &mut dyn Judge,
        progress: &dyn Progress,
    ) -> Result<Stop, TimelineError> {
        let _awaited = self.run.await_it();
        let stops = &mut Stops::new(breakpoints, judge);
        let result = match direction {
            Direction::Forward => self.forward(goal, stops, progress),
            Direction::Backward => self.backward(goal, stops, progress),
        };
        self.replayer.store.unpatch_all();
        let stop = match result {
            Err(TimelineError::Cancelled) => self.stop(Why::Cancelled),
            other => other?,
        };
        // Stepping back from here is likely.
        self.seek(stop.step)?;
        Ok(stop)
    }

    fn stop(&self, why: Why) -> Stop {
        Stop { step: self.step(), why }
    }

    fn forward(
        &mut self,
        goal: Goal,
        stops: &mut Stops<'_>,
        progress: &dyn Progress,
    ) -> Result<Stop, TimelineError> {
        let end = self.end().step;
        let here = self.step();
        if here >= end {
            return Ok(self.stop(Why::End));
        }
        match goal {
            Goal::Steps(steps) => self.jump_to(here.saturating_add(steps), progress),
            Goal::Into => self.jump_to(here + 1, progress),
            Goal::Over => {
                let depth = self.depth();
                self.seek(here + 1)?;
                if self.depth() <= depth {
                    return Ok(self.arrived());
                }
                self.run_on(Some(depth), stops, progress)
            }
            Goal::Out => {
                let depth = self.depth();
                self.seek(here + 1)?;
                match depth.checked_sub(1) {
                    // Nothing runs, or it has just returned.
                    None => self.run_on(None, &mut Stops::new(&[], &mut ()), progress),
                    Some(outer) if self.depth() <= outer => Ok(self.arrived()),
                    Some(outer) => self.run_on(Some(outer), stops, progress),
                }
            }
            Goal::Continue => {
                self.seek(here + 1)?;
                self.run_on(None, stops, progress)
            }
        }
    }

    fn jump_to(&mut self, step: u64, progress: &dyn Progress) -> Result<Stop, TimelineError> {
        let end = self.end().step;
        self.seek_watched(step.min(end), progress)?;
        Ok(self.stop(if step > end { Why::End } else { Why::Arrived }))
    }

    fn arrived(&self) -> Stop {
        self.stop(Why::Arrived)
    }

    /// Runs on to a breakpoint, the return of the frame at index `depth`, or the end. A
    /// breakpoint where the timeline stands counts.
    fn run_on(
        &mut self,
        depth: Option<usize>,
        stops: &mut Stops<'_>,
        progress: &dyn Progress,
    ) -> Result<Stop, TimelineError> {
        let end = self.end().step;
        if let Some(at) = stops.here(&mut self.replayer.store) {
            return Ok(self.stop(Why::Breakpoint(at)));
        }
        if depth.is_none() && stops.is_empty() {
            self.seek_watched(end, progress)?;
            return Ok(self.stop(Why::End));
        }
        if let (Some(depth), true) = (depth, stops.is_empty()) {
            self.leap(depth)?;
        }
        self.patch_all(stops.breakpoints);
        let mut watched = depth.map(|depth| self.replayer.store.watch_return(depth));
        let mut passed = 0u32;
        let result = loop {
            let limit = end.min(self.step().saturating_add(SLICE));
            let stand = self.replayer.run_to(limit, watched);
            match stand {
                Ok(Stand::Reached) if self.step() >= end => break Ok(self.stop(Why::End)),
                Ok(Stand::Reached) if !progress.go_on(self.step()) => break Err(TimelineError::Cancelled),
                Ok(Stand::Reached) => {
                    // A moment to come back to, with all return addresses in it.
                    if let Some(watched) = watched.take() {
                        self.replayer.store.unwatch(watched);
                    }
                    self.keep();
                    watched = depth.map(|depth| self.replayer.store.watch_return(depth));
                }
                Ok(Stand::Breakpoint) => {
                    if let Some(at) = stops.here(&mut self.replayer.store) {
                        break Ok(self.stop(Why::Breakpoint(at)));
                    }
                    // One that does not stop; a long way of them must be cancellable.
                    passed += 1;
                    if passed.is_multiple_of(LOOK) && !progress.go_on(self.step()) {
                        break Err(TimelineError::Cancelled);
                    }
                }
                Ok(Stand::Returned) => break Ok(self.arrived()),
                Ok(Stand::Halted | Stand::Failed | Stand::Paused | Stand::Watched) => {
                    break Ok(self.stop(Why::End));
                }
                Err(error) => break Err(error),
            }
        };
        if let Some(watched) = watched {
            self.replayer.store.unwatch(watched);
        }
        result
    }

    /// Goes on to the last snapshot in which the frame at index `depth` is still there:
    /// nothing before that is to be seen.
    fn leap(&mut self, depth: usize) -> Result<(), TimelineError> {
        let Some(entered) = self.frames(depth..depth + 1).first().map(|frame| frame.entered) else {
            return Ok(());
        };
        let behind = self.snapshots.range(self.step() + 1..);
        let with = behind.take_while(|(_, snapshot)| snapshot.entered(depth) == Some(entered));
        match with.last() {
            Some((&step, _)) => self.seek(step),
            None => Ok(()),
        }
    }

    fn backward(
        &mut self,
        goal: Goal,
        stops: &mut Stops<'_>,
        progress: &dyn Progress,
    ) -> Result<Stop, TimelineError> {
        let (here, begin) = (self.step(), self.begin().step);
        if here <= begin {
            return Ok(self.stop(Why::Start));
        }
        match goal {
            Goal::Steps(steps) => {
                self.seek_watched(here.saturating_sub(steps).max(begin), progress)?;
                Ok(self.stop(if steps > here - begin { Why::Start } else { Why::Arrived }))
            }
            Goal::Into => {
                self.seek(here - 1)?;
                Ok(self.arrived())
            }
            Goal::Over => {
                let depth = self.depth();
                self.seek(here - 1)?;
                let deeper = self.depth();
                if deeper <= depth {
                    return Ok(self.arrived());
                }
                // The step undone was a return: to the call it returned from.
                let entered = self.frames(depth..depth + 1)[0].entered;
                self.back_to(entered.saturating_sub(1), here, stops, progress)
            }
            Goal::Out => {
                let entered = match self.depth() {
                    0 => 0,
                    depth => self.frames(depth - 1..depth)[0].entered,
                };
                let stop = self.back_to(entered.saturating_sub(1), here, stops, progress)?;
                let start = stop.step == begin && entered <= begin && stop.why == Why::Arrived;
                Ok(if start { self.stop(Why::Start) } else { stop })
            }
            Goal::Continue if stops.is_empty() => {
                self.seek_watched(begin, progress)?;
                Ok(self.stop(Why::Start))
            }
            Goal::Continue => match self.latest_hit(begin, here, stops, progress)? {
                Some(stop) => Ok(stop),
                None => {
                    self.seek(begin)?;
                    Ok(self.stop(Why::Start))
                }
            },
        }
    }

    /// Goes back to `step`, or to a breakpoint behind it and before `here`.
    fn back_to(
        &mut self,
        step: u64,
        here: u64,
        stops: &mut Stops<'_>,
        progress: &dyn Progress,
    ) -> Result<Stop, TimelineError> {
        if !stops.is_empty()
            && let Some(stop) = self.latest_hit((step + 1).max(self.begin().step), here, stops, progress)?
        {
            return Ok(stop);
        }
        // A frame that was entered before what was kept has its beginning there.
        self.seek_watched(step.max(self.begin().step), progress)?;
        Ok(self.arrived())
    }

    /// The last breakpoint hit at a step of `from..to`.
    fn latest_hit(
        &mut self,
        from: u64,
        to: u64,
        stops: &mut Stops<'_>,
        progress: &dyn Progress,
    ) -> Result<Option<Stop>, TimelineError> {
        let mut high = to;
        let mut stretch = 1 << 14;
        while high > from {
            let low = high.saturating_sub(stretch).max(from);
            if let Some(stop) = self.last_hit(low, high, stops, progress)? {
                return Ok(Some(stop));
            }
            high = low;
            stretch = (stretch * 4).min(SLICE);
        }
        Ok(None)
    }

    /// The last breakpoint hit at a step of `low..high`, a range short enough for one look.
    fn last_hit(
        &mut self,
        low: u64,
        high: u64,
        stops: &mut Stops<'_>,
        progress: &dyn Progress,
    ) -> Result<Option<Stop>, TimelineError> {
        self.seek_watched(low, progress)?;
        self.patch_all(stops.breakpoints);
        let mut last = None;
        // The op at `low` itself has no `stop` in front of it that would be seen.
        if let Some(at) = stops.here(&mut self.replayer.store) {
            last = Some(Stop { step: low, why: Why::Breakpoint(at) });
        }
        let mut hits = 0u32;
        loop {
            hits += 1;
            if hits.is_multiple_of(LOOK) && !progress.go_on(self.step()) {
                return Err(TimelineError::Cancelled);
            }
            let stand = self.replayer.run_to(high, None)?;
            if stand != Stand::Breakpoint || self.step() >= high {
                break;
            }
            if let Some(at) = stops.here(&mut self.replayer.store) {
                last = Some(self.stop(Why::Breakpoint(at)));
            }
        }
        self.replayer.store.unpatch_all();
        if let Some(stop) = last {
            self.seek(stop.step)?;
        } else if !progress.go_on(low) {
            self.seek(low)?;
            return Err(TimelineError::Cancelled);
        }
        Ok(last)
    }

    fn patch_all(&mut self, breakpoints: &[Breakpoint]) {
        for &breakpoint in breakpoints {
            if let Some((entry, offset)) = self.replayer.store.place(breakpoint) {
                self.replayer.store.patch(entry, offset);
            }
        }
    }
}
