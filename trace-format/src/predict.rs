//! Where the next step is, as far as the code tells.
//!
//! Writer and reader run the same prediction over the same steps, so a trace
//! stores only where it fails: after an error, between invocations, on a return
//! into a frame nobody saw being pushed. The same for ticks (weights added up)
//! and for which memory an instance means by its number.
//!
//! Always: prediction starts afresh at each chunk from the chunk's own sync
//! state, so any chunk can be read alone.
//! Elsewhere: what is stored when it fails (`columns`, column `Odd`).

use crate::event::FuncId;
use crate::outcome::Outcome;
use crate::shape::{FuncHash, Go, NOWHERE};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How many callers a chunk's sync state names. Returns beyond them are stored
/// one by one, which is rarer than calls are deep.
pub(crate) const SYNC_FRAMES: usize = 64;
/// So many calls of a chunk are remembered that retire in two parts.
const MAX_LAGS: usize = 4096;

/// Where a step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) func: FuncId,
    pub(crate) instance: u32,
    /// Index in the function's code table.
    pub(crate) op: u32,
    pub(crate) depth: u32,
}

/// A frame that waits for its callee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Caller {
    pub(crate) func: FuncId,
    pub(crate) instance: u32,
    /// The call.
    pub(crate) op: u32,
    /// Where its results go.
    pub(crate) base: u32,
    /// Of the ticks the call weighs, how many retire only when it returns.
    pub(crate) lag: u32,
}

/// Predicts. See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Predictor {
    /// Where the next step is, if that is known.
    pub(crate) next: Option<Place>,
    /// Its tick.
    pub(crate) tick: u64,
    /// The innermost callers known of a frame at `depth`, outermost first.
    callers: Vec<Caller>,
    depth: u32,
    /// Which memory (instance, number) is, where it is not `number`.
    memories: Vec<(u32, u32, u32)>,
    /// Calls known to retire in two parts, by function and op: ticks of the second.
    lags: HashMap<(FuncId, u32), u32, FuncHash>,
    /// The step before was a call that pushed a caller.
    called: bool,
}

impl Predictor {
    /// Starts afresh at a chunk: forgets all but `callers`.
    pub(crate) fn sync(&mut self, place: Place, tick: u64, callers: Vec<Caller>) {
        self.next = Some(place);
        self.tick = tick;
        self.depth = place.depth;
        self.callers = callers;
        self.memories.clear();
        self.lags.clear();
        self.called = false;
    }

    /// The callers a sync state should name.
    pub(crate) fn known_callers(&self) -> Vec<Caller> {
        self.callers[self.callers.len().saturating_sub(SYNC_FRAMES)..].to_vec()
    }

    /// The step is somewhere unpredicted. If it is further out, the callers
    /// between are gone; if further in (the host called back), nobody saw who
    /// calls, but those further out stay known.
    pub(crate) fn jump(&mut self, to: Place) {
        self.called = false;
        if let Some(gone) = self.depth.checked_sub(to.depth) {
            let left = self.callers.len().saturating_sub(gone as usize);
            self.callers.truncate(left);
        } else if to.depth - self.depth <= SYNC_FRAMES as u32 {
            let unknown = Caller { op: NOWHERE, ..Caller::default() };
            let frames = self.callers.len() + (to.depth - self.depth) as usize;
            self.callers.resize(frames, unknown);
        } else {
            self.callers.clear();
        }
        self.depth = to.depth;
        self.next = Some(to);
    }

    /// The step's tick is not the one predicted. Where a call has just been made, and is
    /// early by some ticks, these retire with its return, now and the next time.
    pub(crate) fn correct_tick(&mut self, tick: u64) {
        let early = self.tick.wrapping_sub(tick);
        self.tick = tick;
        let caller = if self.called { self.callers.last_mut() } else { None };
        let Some(caller) = caller else { return };
        let Ok(lag) = u32::try_from(early.wrapping_add(u64::from(caller.lag))) else { return };
        caller.lag = lag;
        let place = (caller.func, caller.op);
        if self.lags.len() < MAX_LAGS || self.lags.contains_key(&place) {
            self.lags.insert(place, lag);
        }
    }

    /// Where the frame below wants results.
    pub(crate) fn base(&self) -> u32 {
        self.callers.last().map_or(0, |caller| caller.base)
    }

    /// Which memory the instance means by `number`.
    #[inline]
    pub(crate) fn memory(&self, instance: u32, number: u32) -> u32 {
        if self.memories.is_empty() {
            return number;
        }
        let known = self.memories.iter().find(|(i, n, _)| (*i, *n) == (instance, number));
        known.map_or(number, |(.., memory)| *memory)
    }

    /// From now on the instance means `memory` by `number`.
    pub(crate) fn learn_memory(&mut self, instance: u32, number: u32, memory: u32) {
        self.memories.retain(|(i, n, _)| (*i, *n) != (instance, number));
        // More would be slow to search; the oldest is then learnt again.
        if self.memories.len() == SYNC_FRAMES {
            self.memories.remove(0);
        }
        self.memories.push((instance, number, memory));
    }

    /// Whether memory 0, of any instance, is known to be the run's memory 0, and is meant.
    #[inline]
    pub(crate) fn means_itself(&self, memory: u32) -> bool {
        memory == 0 && self.memories.is_empty()
    }

    /// A step of this weight at the place predicted is done, that neither called nor
    /// returned; control goes to `op`.
    #[inline]
    pub(crate) fn pass(&mut self, op: u32, weight: u32) {
        if let Some(next) = &mut self.next {
            next.op = op;
        }
        self.tick = self.tick.wrapping_add(u64::from(weight));
        self.called = false;
    }

    /// The step at `place` is done. `target` is where a table jump went.
    #[inline]
    pub(crate) fn advance(
        &mut self,
        place: Place,
        go: Go,
        weight: u32,
        outcome: &Outcome,
        callee: Option<FuncId>,
        target: Option<u32>,
    ) {
        self.tick = self.tick.wrapping_add(u64::from(weight));
        self.called = false;
        self.next = match outcome {
            Outcome::Next | Outcome::HostCall => place.op.checked_add(1).map(|op| Place { op, ..place }),
            Outcome::Jump => match go {
                Go::Jump(op) | Go::Branch(op) if op != NOWHERE => Some(Place { op, ..place }),
                _ => target.map(|op| Place { op, ..place }),
            },
            Outcome::Call => {
                let base = match go {
                    Go::Call { base, .. } | Go::CallIndirect { base } => base,
                    _ => 0,
                };
                let Place { func, instance, op, depth } = place;
                let lag = self.lags.get(&(func, op)).copied().unwrap_or(0);
                self.tick = self.tick.wrapping_sub(u64::from(lag));
                self.called = true;
                self.callers.push(Caller { func, instance, op, base, lag });
                self.depth = depth.saturating_add(1);
                callee.map(|func| Place { func, instance, op: 0, depth: self.depth })
            }
            Outcome::TailCall => callee.map(|func| Place { func, op: 0, ..place }),
            Outcome::Return => {
                self.depth = place.depth.saturating_sub(1);
                let caller = self.callers.pop().filter(|caller| caller.op != NOWHERE);
                caller.map(|Caller { func, instance, op, lag, .. }| {
                    self.tick = self.tick.wrapping_add(u64::from(lag));
                    Place { func, instance, op: op.wrapping_add(1), depth: self.depth }
                })
            }
            Outcome::Throw | Outcome::Halt | Outcome::Error(_) => None,
        };
    }
}
