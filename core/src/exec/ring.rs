//! The last events of a run, each in a few words, as fast as memory takes them.
//!
//! ```text
//! ring    … [event][event][event]│ old …           one slice of words, written round and round
//!                                ▲ next
//! event   number │ ip │ function │ ticks │ depth, op, outcome │ values … │ length
//! ```
//!
//! While the guest runs nothing is named, looked up or allocated: an event is the words that
//! are gone a moment later. What they mean follows from the op's line in the instruction
//! table and is worked out when somebody asks ([`Ring::last`]), from the newest backwards,
//! by the length each event ends in.
//!
//! Values: the address an access has, or the range an op works on; then the words that the op
//! changes (slots, bytes of memory, a global) as they were, and the same words as they are.
//! A step that failed has changed none. Of ranges only the place is told, the bytes are in the
//! memory; of a host function's work nothing but the call.
//!
//! Always: an event lies in one piece; it wraps before, never within.

mod event;
mod plan;

pub use event::{RingEffect, RingEvent};

use crate::code::{Slot, TableTarget, ops, size_of_op};
use crate::exec::frame::{Ip, Sp};
use crate::exec::observer::{Observer, Returned, Step, Watch};
use crate::store::PrunedStore;
use plan::{Access, PLANS, Plan, read, span_of};

/// Words before the values.
const HEAD: usize = 5;
/// The most slots of one span that are told.
const SPAN: usize = 128;
/// Room behind the end for the last event.
const SLACK: usize = HEAD + 2 * SPAN + 16;

/// What a note says of a step that failed, in place of a [`ControlFlow`].
const FAILED: u8 = u8::MAX;

/// Keeps the last events of a run; give it to [`Store::observe`](crate::Store::observe).
#[derive(Debug)]
pub struct Ring {
    words: Box<[u64]>,
    plans: &'static [Plan],
    /// Where the next event starts, and in the round before the last one ended.
    next: usize,
    wrapped_at: usize,
    /// Where the next word goes: behind `next` while an op runs.
    at: usize,
    /// The access under way: memory and address.
    place: (u32, u64),
    taken: u64,
}

impl Ring {
    /// Room for about `events` events.
    pub fn new(events: usize) -> Ring {
        let words = vec![0; events.max(1) * 9 + SLACK].into();
        Ring { words, plans: &PLANS, next: 0, wrapped_at: 0, at: 0, place: (0, 0), taken: 0 }
    }

    /// How many events it has seen.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    #[inline(always)]
    fn push(&mut self, word: u64) {
        debug_assert!(self.at < self.words.len(), "the slack holds an event");
        // SAFETY: an event starts at least `SLACK` words before the end and has fewer.
        unsafe { *self.words.get_unchecked_mut(self.at) = word };
        self.at += 1;
    }

    #[inline(always)]
    fn push_wide(&mut self, bits: u128, wide: bool) {
        self.push(bits as u64);
        if wide {
            self.push((bits >> 64) as u64);
        }
    }

    /// The words that the op changes, as they are.
    #[inline(always)]
    fn changed(&mut self, plan: &Plan, step: &Step<'_>) {
        for &(out, words) in &plan.outs {
            if out == 0 {
                break;
            }
            // SAFETY: the table says that a slot's number lies there.
            self.slots(step.sp, unsafe { read(step.ip, out) }, words as u16);
        }
        if let Some(access) = plan.access
            && access.writes
        {
            let (memory, addr) = self.place;
            self.push_wide(bytes(step.store(), memory, addr, access.size), access.size > 8);
        }
        if plan.rare {
            self.changed_rarely(plan, step);
        }
    }

    #[inline(always)]
    fn slots(&mut self, sp: Sp, first: u16, count: u16) {
        for slot in 0..count {
            // SAFETY: the slots an op names lie in its frame.
            self.push(unsafe { sp.get(Slot(first + slot)) });
        }
    }

    #[cold]
    #[inline(never)]
    fn changed_rarely(&mut self, plan: &Plan, step: &Step<'_>) {
        if let Some(span) = plan.span {
            // SAFETY: the table says what lies where.
            let (first, count) = unsafe { span_of(step.ip, span) };
            let first = if plan.table { self.place.0 as u16 } else { first };
            self.slots(step.sp, first, count);
        }
        if plan.global != 0 {
            let store = step.store();
            // SAFETY: the machine runs, so there is an instance; validation bounds the index.
            let id = unsafe { (&(*store.instance).global_ids)[read::<u32>(step.ip, plan.global) as usize] };
            self.push_wide(store.arenas.globals[id as usize].get().value(), true);
        }
    }
}

/// Where an op accesses memory: the memory of the store, the first byte.
#[inline(always)]
fn place(access: Access, ip: Ip, sp: Sp) -> (u32, u64) {
    // SAFETY: the table says what lies where; a 32-bit address is zero-extended in its slot.
    unsafe {
        let addr = sp.get::<u64>(Slot(read(ip, access.addr)));
        match access.memory {
            0 => (0, addr + read::<u32>(ip, access.offset) as u64),
            memory => (read(ip, memory), addr.wrapping_add(read(ip, access.offset))),
        }
    }
}

/// The bytes there, as many as the access has; zero where there are none.
#[inline(always)]
fn bytes(store: &PrunedStore, memory: u32, addr: u64, size: u8) -> u128 {
    // SAFETY: the machine runs, so there is an instance; its memories were validated.
    let memory = unsafe { &*(*store.instance).memory(memory) };
    let size = size as u64;
    if addr.checked_add(size).is_none_or(|end| end > memory.len() as u64) {
        return 0;
    }
    // SAFETY: the bytes lie in the memory.
    unsafe {
        let at = memory.base().add(addr as usize);
        match size {
            1 => at.read() as u128,
            2 => at.cast::<u16>().read_unaligned() as u128,
            4 => at.cast::<u32>().read_unaligned() as u128,
            8 => at.cast::<u64>().read_unaligned() as u128,
            _ => at.cast::<u128>().read_unaligned(),
        }
    }
}

impl Observer for Ring {
    #[inline(always)]
    fn before(&mut self, step: &Step<'_>) {
        let plan = &self.plans[step.op as usize];
        self.at = self.next + HEAD;
        if let Some(access) = plan.access {
            self.place = place(access, step.ip, step.sp);
            self.push(self.place.1);
        }
        if let Some((from, len)) = plan.range {
            // SAFETY: the table says what lies where.
            unsafe {
                self.slots(step.sp, read(step.ip, from), 1);
                self.slots(step.sp, read(step.ip, len), 1);
            }
        }
        if plan.table {
            // SAFETY: the op is one; its index lies in a slot.
            let dst = unsafe {
                let op = step.ip.op::<ops::br_table_copy>();
                let index = step.sp.get::<u32>(op.index).min(op.len) as usize;
                let targets = step.ip.0.byte_add(size_of_op::<ops::br_table_copy>()).cast::<TableTarget>();
                (*targets.add(index)).dst.0
            };
            self.place.0 = dst as u32;
            self.push(dst as u64);
        }
        self.changed(plan, step);
    }

    #[inline(always)]
    fn after(&mut self, step: &Step<'_>, returned: Returned<'_>) -> Watch {
        let plan = &self.plans[step.op as usize];
        if plan.calls {
            // Whom it has called back has written here.
            self.at = self.next + HEAD;
        }
        let flow = match returned {
            Returned::Flow(flow) => {
                self.changed(plan, step);
                flow as u8
            }
            Returned::Failed(_) => FAILED,
        };
        let head = [
            step.number,
            step.ip.0 as u64,
            step.entry as u64,
            step.ctr_ticks as u64,
            (step.depth as u64) << 32 | (step.op as u64) << 8 | flow as u64,
        ];
        let length = self.at + 1 - self.next;
        self.push(length as u64);
        self.words[self.next..self.next + HEAD].copy_from_slice(&head);
        self.taken += 1;
        self.next = self.at;
        if self.next + SLACK > self.words.len() {
            self.wrapped_at = std::mem::take(&mut self.next);
        }
        Watch::Continue
    }
}
