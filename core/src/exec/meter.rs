//! Steps and ticks: how a counted run always knows how far it is.
//!
//! ```text
//! store.ctr   [ steps - slice length : i32 ][ ticks + BIAS : u32 ]
//!               ▲ negative while the slice lasts
//! ```
//!
//! `c` is kept such that *steps so far = c + the op's ordinal in its function*, and the
//! same for ticks with the weights before the op. Branches, calls and returns add a
//! constant (`exec::dispatch`); nothing else counts. The two halves cannot run into each
//! other: a slice is at most 2^24 steps, an op weighs at most 255 ticks, and a function
//! has fewer than 2^23 ops.
//!
//! A counted run stops only where `c` is corrected: at targets of taken branches, at
//! function entries and behind calls, which are the same places under every lowering. From
//! one to the next it stays in one function, so a run that stops where `c` reaches a step
//! less the longest function's ops never passes that step.

use crate::exec::stop::Reason;
use crate::exec::{Error, frame::Frame};
use crate::store::PrunedStore;
use crate::store::log::Position;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Keeps the tick half positive: `c` may lie below the start of its slice by less than
/// one function's ticks.
const BIAS: i64 = 1 << 31;

/// The longest slice, in steps: how long an interrupt may wait.
const MAX_SLICE: i64 = 1 << 24;

/// The most ticks one op can retire, twice over for branches with an edge weight.
const MAX_WEIGHT: u64 = 512;

/// The counters' frame of reference, and where a run has to stop.
#[derive(Debug)]
pub(crate) struct Meter {
    /// Steps done when the machine last stood still.
    pub(crate) steps: u64,
    /// Ticks done when the machine last stood still.
    pub(crate) ticks: u64,
    /// `c` at the start of the slice.
    base_steps: i64,
    base_ticks: i64,
    slice: i64,
    /// The run stops at the first boundary where `c` is at least this.
    stop_at: i64,
    /// The exact step a run is to reach without passing it.
    target: Option<u64>,
    /// The most ops of a function so far: how far a run goes between two boundaries.
    longest: u64,
    /// The machine stands behind an op that failed, with the frames as they were.
    pub(crate) failed: bool,
    /// The step from which on a recorder wants to take a checkpoint.
    pub(crate) checkpoint_at: u64,
    pub(crate) fuel_end: Option<u64>,
    pub(crate) interrupt: Arc<AtomicBool>,
}

impl Default for Meter {
    fn default() -> Meter {
        Meter {
            steps: 0,
            ticks: 0,
            base_steps: 0,
            base_ticks: 0,
            slice: MAX_SLICE,
            stop_at: i64::MAX,
            target: None,
            longest: 0,
            failed: false,
            checkpoint_at: u64::MAX,
            fuel_end: None,
            interrupt: Arc::default(),
        }
    }
}

impl Meter {
    /// Starts a slice at the current base; the counter to run it with.
    pub(crate) fn arm(&mut self) -> i64 {
        let mut slice = MAX_SLICE.min(self.stop_at.saturating_sub(self.base_steps)).max(1);
        // One that is due is taken by whoever ends the slice.
        let due = i64::try_from(self.checkpoint_at).unwrap_or(i64::MAX);
        let checkpoint = due.saturating_sub(self.base_steps);
        if checkpoint > 0 {
            slice = slice.min(checkpoint);
        }
        if let Some(end) = self.fuel_end {
            let left = (end as i64).saturating_sub(self.base_ticks).max(0) as u64;
            slice = slice.min((left / MAX_WEIGHT) as i64).max(1);
        }
        self.slice = slice;
        (-slice << 32) + BIAS
    }

    /// `c` from the packed counter: steps and ticks.
    fn decode(&self, ctr: i64) -> (i64, i64) {
        let ticks = (ctr as u32) as i64 - BIAS;
        (self.base_steps + (ctr >> 32) + self.slice, self.base_ticks + ticks)
    }

    /// Takes note of a function of so many ops. A run to an exact step may then have to
    /// stop earlier; true if so.
    pub(crate) fn note_function(&mut self, ops: usize) -> bool {
        // A branch table's edges and the entry add one boundary each.
        let ops = ops as u64 + 2;
        if ops <= self.longest {
            return false;
        }
        self.longest = ops;
        self.set_target(self.target);
        self.target.is_some()
    }

    /// The most steps between two boundaries, as far as known.
    pub(crate) fn longest(&self) -> u64 {
        self.longest
    }

    fn set_target(&mut self, target: Option<u64>) {
        self.target = target;
        let before = |target: u64| i64::try_from(target.saturating_sub(self.longest)).unwrap_or(i64::MAX);
        self.stop_at = target.map_or(i64::MAX, before);
    }
}

impl PrunedStore {
    /// Makes a counted run stop at a boundary before step `target`, as near as it can
    /// without passing it; `None` lets it run on.
    pub(crate) fn stop_before(&mut self, target: Option<u64>) {
        self.meter.set_target(target);
        self.rearm();
    }

    /// `c`: steps and ticks.
    pub(crate) fn counters(&self) -> (i64, i64) {
        self.meter.decode(self.ctr)
    }

    /// Settles what depends on the slice and starts another where this one stands.
    pub(crate) fn rearm(&mut self) {
        let (steps, ticks) = self.counters();
        let base = self.frame_base();
        let mut frame = self.frame_top;
        while frame != base {
            // SAFETY: frames between the base and the top are initialised.
            let Frame { entered, entered_ticks, settled, .. } = unsafe { &mut *frame };
            if *settled != 0 {
                // Frames below were there when this one was settled.
                break;
            }
            let (at_steps, at_ticks) = self.meter.decode(*entered);
            (*entered, *entered_ticks, *settled) = (at_steps, at_ticks as u64, 1);
            // SAFETY: not the base, so there is a frame below.
            frame = unsafe { frame.sub(1) };
        }
        self.meter.base_steps = steps;
        self.meter.base_ticks = ticks;
        self.ctr = self.meter.arm();
    }

    /// Sets `c`, with the machine standing still.
    pub(crate) fn set_counters(&mut self, steps: i64, ticks: i64) {
        self.meter.failed = false;
        self.rearm();
        self.meter.base_steps = steps;
        self.meter.base_ticks = ticks;
        self.ctr = self.meter.arm();
    }

    /// The slice is over: whether the run goes on.
    ///
    /// # Errors
    /// If it is interrupted, has used up its fuel, or is where it was to stop.
    pub(crate) fn next_slice(&mut self) -> Result<(), Error> {
        self.rearm();
        if self.meter.interrupt.swap(false, Ordering::Relaxed) {
            return Err(self.fail(Reason::Interrupted));
        }
        if let Some(end) = self.meter.fuel_end
            && self.position().ticks >= end
        {
            return Err(self.fail(Reason::OutOfFuel));
        }
        if self.meter.base_steps >= self.meter.checkpoint_at as i64 && self.meter.checkpoint_at != u64::MAX {
            self.checkpoint();
            self.rearm();
        }
        // A guest that a host function called on the native stack cannot stop for now: it
        // runs on until the host function has returned.
        if self.meter.base_steps >= self.meter.stop_at && self.host_calls == 0 {
            return Err(self.fail(Reason::SliceOver));
        }
        Ok(())
    }

    /// Whether a checkpoint can say where the machine is: it runs one call from outside, with
    /// no host function between its frames, and has kept no exception.
    fn can_be_checkpointed(&self) -> bool {
        let depth = self.depth();
        let kept = self.arenas.made.exceptions;
        depth > 0 && kept == 0 && (1..depth).all(|at| !self.frame(at).ret_ip.0.is_null())
    }

    /// Lets the recorder take a checkpoint from this step on.
    pub(crate) fn checkpoint_from(&mut self, step: u64) {
        self.meter.checkpoint_at = step;
        self.rearm();
    }

    /// Lets the recorder take a checkpoint, if this is a place for one.
    fn checkpoint(&mut self) {
        /// Steps after which a place for a checkpoint is looked for again.
        const LATER: u64 = 1 << 16;
        if !self.can_be_checkpointed() {
            self.meter.checkpoint_at = self.meter.base_steps as u64 + LATER;
            return;
        }
        if let Some(mut log) = self.log.take() {
            self.meter.checkpoint_at = log.checkpoint(self);
            self.log = Some(log);
        }
    }

    /// Where the machine stands, from its counters and the op in its registers.
    pub(crate) fn position(&self) -> Position {
        let (steps, ticks) = self.counters();
        let (ordinal, prefix, _) = self.locate(self.regs.ip);
        Position { steps: (steps + ordinal as i64) as u64, ticks: (ticks + prefix as i64) as u64 }
    }

    /// Notes that the machine stands still at the op in its registers.
    pub(crate) fn stand_still(&mut self) {
        self.rearm();
        let Position { steps, ticks } = self.position();
        (self.meter.steps, self.meter.ticks) = (steps, ticks);
    }

    /// Notes that the machine stands still behind the op in its registers, which failed.
    pub(crate) fn stand_still_behind(&mut self) {
        self.rearm();
        let weight = self.weight_of_failure(self.regs.ip);
        let Position { steps, ticks } = self.position();
        (self.meter.steps, self.meter.ticks) = (steps + 1, ticks + weight as u64);
    }

    /// Notes that the machine stands still between two calls from outside.
    pub(crate) fn stand_still_outside(&mut self) {
        self.rearm();
        let (steps, ticks) = self.counters();
        (self.meter.steps, self.meter.ticks) = (steps as u64, ticks as u64);
    }
}
