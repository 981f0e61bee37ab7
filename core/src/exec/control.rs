//! Running under a debugger's control: to an exact step, to a breakpoint, to the return
//! of a frame.
//!
//! Long ways go at full speed under counted dispatch, which stops at a boundary just
//! before the wanted step; the rest is walked op by op. A breakpoint is a `stop` op
//! written over an opcode of this store's own code. "Until this frame returns" is a
//! frame whose return address is taken away for the time being, so that its return
//! halts; both cost the handlers nothing.
//!
//! Always: between calls of these functions the machine stands still, and
//! `meter.steps` is the number of the next step.

use crate::code::{OpCode, OpId};
use crate::exec::dispatch::{ControlFlow, Outcome};
use crate::exec::frame::{Ip, Regs};
use crate::exec::observer::{Watch, Watcher};
use crate::exec::stop::Reason;
use crate::store::{FuncEntry, PrunedStore};

/// Why a controlled run stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// At the wanted step.
    Reached,
    /// At a breakpoint, before its op.
    Breakpoint,
    /// Behind the return of the watched frame.
    Returned,
    /// The outermost function has returned.
    Halted,
    /// The run failed at the step before this position; the reason is in the store and
    /// the frames are as they were.
    Failed,
    /// The run cannot go on for now; the reason is in the store.
    Paused,
    /// The watcher asked to stop, behind the step it saw last.
    Watched,
}

/// A frame whose return is watched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watched {
    pub(super) depth: usize,
    pub(super) ret_ip: Ip,
}

impl PrunedStore {
    /// Runs until the next step is `limit`, or something else happens before.
    pub(crate) fn advance(&mut self, limit: u64, watched: Option<Watched>) -> Stand {
        // A breakpoint where the machine stands has been seen already.
        let mut first = true;
        loop {
            if self.meter.steps >= limit {
                return Stand::Reached;
            }
            let before = self.meter.steps;
            if !first && limit - before > self.stride() {
                self.stop_before(Some(limit));
                let outcome = self.run_counted();
                if let Some(stand) = self.stood(outcome, watched) {
                    return stand;
                }
                if self.meter.steps > before {
                    continue;
                }
            }
            // SAFETY: the registers are at an op.
            if !first && unsafe { self.regs.ip.id() } == OpId::new(OpCode::stop) {
                return Stand::Breakpoint;
            }
            let to = if first { before + 1 } else { limit.min(before + self.stride()) };
            first = false;
            if let Some(stand) = self.walk(to, watched, &mut ()) {
                return stand;
            }
        }
    }

    /// How near a counted run gets: below this it is not worth starting one.
    fn stride(&self) -> u64 {
        self.meter.longest() + 64
    }

    /// After a counted run: brings the counters up to date. `None` if it only stopped
    /// because the wanted step is near.
    fn stood(&mut self, outcome: Outcome, watched: Option<Watched>) -> Option<Stand> {
        match outcome {
            Ok(_) => self.halted(watched),
            Err(_) => match self.reason {
                Reason::SliceOver => {
                    self.stand_still();
                    self.thrown_past(watched)
                }
                Reason::Breakpoint => {
                    self.stand_still();
                    Some(Stand::Breakpoint)
                }
                ref reason if reason.is_pause() => {
                    self.stand_still();
                    Some(Stand::Paused)
                }
                _ => self.fell(watched),
            },
        }
    }

    /// Walks op by op until the next step is `limit`; `None` when it is.
    pub(crate) fn walk<W: Watcher>(
        &mut self,
        limit: u64,
        watched: Option<Watched>,
        watcher: &mut W,
    ) -> Option<Stand> {
        let mut first = true;
        while self.meter.steps < limit {
            // SAFETY: the registers are at an op.
            let id = unsafe { self.regs.ip.id() };
            if !first && id == OpId::new(OpCode::stop) {
                self.stand_still();
                return Some(Stand::Breakpoint);
            }
            first = false;
            let start = self.start_step();
            watcher.before(self, &start);
            let mut outcome = self.step(&start);
            if outcome.is_err() && matches!(self.reason, Reason::Breakpoint) {
                // A call under a breakpoint has lowered what it calls, and begun again: at the `stop` over it.
                outcome = self.step(&start);
            }
            if outcome == Ok(ControlFlow::Halt) {
                let stand = self.halted(watched);
                let watch = watcher.after(self, &start, outcome);
                if stand.is_some() {
                    return stand;
                }
                if watch == Watch::Stop {
                    return Some(Stand::Watched);
                }
                continue;
            }
            let mut watch = Watch::Continue;
            match outcome {
                Ok(flow) => {
                    watch = watcher.after(self, &start, outcome);
                    if self.ctr >= 0 {
                        self.rearm();
                    }
                    if flow == ControlFlow::Throw
                        && let Some(stand) = self.thrown_past(watched)
                    {
                        self.stand_still();
                        return Some(stand);
                    }
                    if flow == ControlFlow::HostCall {
                        // It may have called back, which took steps of its own.
                        self.stand_still();
                    }
                }
                Err(_) if self.reason.is_pause() || self.reason.is_astray() => {
                    // The op has not run.
                    self.meter.steps = start.number;
                    self.stand_still();
                    return Some(if self.reason.is_pause() { Stand::Paused } else { Stand::Failed });
                }
                Err(_) => {
                    watcher.after(self, &start, outcome);
                    if let Some(stand) = self.fell(watched) {
                        return Some(stand);
                    }
                }
            }
            if watch == Watch::Stop {
                self.stand_still();
                return Some(Stand::Watched);
            }
        }
        self.stand_still();
        None
    }

    /// An exception was caught: whether it has left the watched frame.
    fn thrown_past(&mut self, watched: Option<Watched>) -> Option<Stand> {
        let passed = std::mem::take(&mut self.passed_watch);
        watched.filter(|watched| passed && self.depth() <= watched.depth).map(|_| Stand::Returned)
    }

    /// A frame without a return address has returned.
    fn halted(&mut self, watched: Option<Watched>) -> Option<Stand> {
        if let Some(watched) = watched
            && watched.depth == self.depth()
            && !watched.ret_ip.0.is_null()
        {
            // SAFETY: it is a return address.
            let resume = unsafe { watched.ret_ip.resume_count() };
            self.ctr = self.ctr.wrapping_sub(resume);
            // SAFETY: the frame just popped is still there, above the top.
            let sp = unsafe { (*self.frame_top.add(1)).ret_sp };
            self.regs = Regs { ip: watched.ret_ip, sp };
            let instance = self.frame_instance();
            self.set_instance(instance);
            self.stand_still();
            return Some(Stand::Returned);
        }
        if self.returns_to_host_frame() {
            return match self.after_guest(None) {
                Ok(()) => {
                    self.stand_still();
                    watched.filter(|watched| watched.depth == self.depth()).map(|_| Stand::Returned)
                }
                Err(_) => self.fell(watched),
            };
        }
        self.stand_still_outside();
        Some(Stand::Halted)
    }

    /// The run has failed: it ends here, unless a replayed host function had called and
    /// goes on.
    fn fell(&mut self, watched: Option<Watched>) -> Option<Stand> {
        if self.reason.is_astray() {
            self.stand_still();
            return Some(Stand::Failed);
        }
        self.stand_still_behind();
        self.meter.failed = true;
        self.fell_at_host(watched)
    }

    /// Unwinds to the innermost replayed host function and goes on with it.
    fn unwind_to_host(&mut self, reason: Reason, watched: Option<Watched>) -> Option<Stand> {
        let depth = self.host_frames.last().expect("the caller has looked").depth;
        self.frame_top = self.frame_base().wrapping_add(depth);
        let (steps, ticks) = (self.meter.steps as i64, self.meter.ticks as i64);
        // As if the guest function had returned here; `after_guest` does the rest.
        self.set_counters(steps, ticks);
        match self.after_guest(Some(reason)) {
            Ok(()) => {
                self.stand_still();
                self.thrown_past(watched)
            }
            Err(_) => {
                // The op that called the host has failed too; its step is counted.
                self.meter.failed = true;
                self.fell_at_host(watched)
            }
        }
    }

    /// The run has failed, counters settled: over, or a replayed host function goes on.
    fn fell_at_host(&mut self, watched: Option<Watched>) -> Option<Stand> {
        if self.host_frames.is_empty() {
            return Some(Stand::Failed);
        }
        let reason = self.reason.clone();
        self.unwind_to_host(reason, watched)
    }

    /// Makes the return of the frame at `depth` (0 is the outermost) halt the machine.
    pub(crate) fn watch_return(&mut self, depth: usize) -> Watched {
        let frame = &mut self.frames_mut()[depth];
        let watched = Watched { depth, ret_ip: frame.ret_ip };
        frame.ret_ip = Ip::NULL;
        // An exception may leave the frame another way.
        self.watches.push(watched);
        watched
    }

    /// Takes a watch back, if its frame is still there.
    pub(crate) fn unwatch(&mut self, watched: Watched) {
        self.watches.retain(|other| other.depth != watched.depth);
        if let Some(frame) = self.frames_mut().get_mut(watched.depth) {
            frame.ret_ip = watched.ret_ip;
        }
    }

    /// Puts `stop` over the op at a byte offset of a function's code. Lowers the
    /// function if need be; false if it has no op there.
    pub(crate) fn patch(&mut self, entry: *const FuncEntry, offset: u32) -> bool {
        if self.lower_entry(entry).is_err() {
            return false;
        }
        let layout = self.layout(entry);
        if layout.offsets.binary_search(&offset).is_err() {
            return false;
        }
        // SAFETY: entries live as long as the store.
        let ip = Ip(unsafe { (*entry).code }.wrapping_byte_add(offset as usize));
        let id = self.id_at(ip);
        self.patches.insert(ip.0, id);
        // SAFETY: the code is this store's own and no handler runs.
        unsafe { self.write_op(ip, OpId::new(OpCode::stop)) };
        true
    }

    /// Puts all ops back.
    pub(crate) fn unpatch_all(&mut self) {
        for (at, id) in std::mem::take(&mut self.patches) {
            // SAFETY: as in `patch`.
            unsafe { self.write_op(Ip(at), id) };
        }
    }
}
