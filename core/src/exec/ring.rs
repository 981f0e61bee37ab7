//! The last events of a run, each in one cache line, as fast as memory takes them.
//!
//! ```text
//! ring     … [record][record][more][more][record]│ old …      written round and round
//!                                                ▲ next
//! record   number │ ip │ function │ ticks │ depth, op, outcome, more │ place │ old │ new
//! ```
//!
//! While the guest runs nothing is named, looked up or allocated: an event is the words that
//! are gone a moment later. What they mean follows from the op's line in the instruction
//! table and is worked out when somebody asks ([`Ring::last`]), from the newest backwards.
//!
//! Nearly every op changes one slot or a few bytes of memory: what was there and what is
//! there now fit the record, with the address of the access. What changes more (vectors,
//! spans of slots, globals) has its words in records before its own: the address an access
//! has, or the range an op works on; the words that the op changes as they were, and the same
//! words as they are. Of ranges only the place is told, the bytes are in the memory; of a host
//! function's work nothing but the call. A step that failed has changed nothing.
//!
//! Always: the records of an event lie in one piece; they wrap before, never within.

mod event;
mod plan;

pub use event::{RingEffect, RingEvent};

use crate::code::{Slot, TableTarget, ops, size_of_op};
use crate::exec::frame::{Ip, Sp};
use crate::exec::observer::{Observer, Returned, Step, Watch};
use crate::store::PrunedStore;
use plan::{Access, Brief, Notes, PLANS, Plan, Plans, read, span_of};

/// The most slots of one span that are told.
const SPAN: usize = 128;
/// Room behind the end for the records of the last event.
const SLACK: usize = (2 * SPAN + 16) / WORDS + 2;
/// Words of a record.
const WORDS: usize = 8;

/// What a record says of a step that failed, in place of a [`ControlFlow`](crate::ControlFlow).
const FAILED: u8 = u8::MAX;

/// One event; see the header.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(64))]
struct Record {
    number: u64,
    /// The address of the op.
    ip: usize,
    /// The address of the function's entry.
    entry: usize,
    ctr_ticks: i64,
    depth: u32,
    op: u16,
    flow: u8,
    /// How many records before this one belong to it too.
    more: u8,
    /// The address of an access; how many words there are if they lie before.
    place: u64,
    old: u64,
    new: u64,
}

const _: () = assert!(size_of::<Record>() == WORDS * size_of::<u64>());

/// Keeps the last events of a run; give it to [`Store::observe`](crate::Store::observe).
#[derive(Debug)]
pub struct Ring {
    records: Box<[Record]>,
    plans: &'static Plans,
    /// The number of the store whose events they are.
    store: u64,
    /// Where the next event starts, and in the round before the last one ended.
    next: usize,
    wrapped_at: usize,
    /// Words before the record of the event under way.
    words: usize,
    /// The address of the op whose words they are.
    told: usize,
    /// The access under way, if its words lie before the record: memory and address.
    place: (u32, u64),
    /// Records of earlier rounds, less those that lie before another of their event.
    taken: u64,
}

impl Ring {
    /// Room for at least `events` events of the usual size.
    pub fn new(events: usize) -> Ring {
        let records = vec![Record::default(); events.max(1) + SLACK].into();
        Ring {
            records,
            plans: &PLANS,
            store: 0,
            next: 0,
            wrapped_at: 0,
            words: 0,
            told: 0,
            place: (0, 0),
            taken: 0,
        }
    }

    /// How many events it has seen.
    pub fn taken(&self) -> u64 {
        self.taken.wrapping_add(self.next as u64)
    }

    /// The record of the event under way, if it has no more than that.
    #[inline(always)]
    fn record(&mut self) -> &mut Record {
        debug_assert!(self.next < self.records.len(), "the slack holds an event");
        // SAFETY: an event starts at least `SLACK` records before the end.
        unsafe { self.records.get_unchecked_mut(self.next) }
    }

    fn push(&mut self, word: u64) {
        assert!(self.words < (SLACK - 1) * WORDS, "the slack holds an event");
        // SAFETY: an event starts at least `SLACK` records before the end and has fewer, by the
        // assertion; a record is words.
        unsafe { self.records.as_mut_ptr().add(self.next).cast::<u64>().add(self.words).write(word) };
        self.words += 1;
    }

    fn push_wide(&mut self, bits: u128, wide: bool) {
        self.push(bits as u64);
        if wide {
            self.push((bits >> 64) as u64);
        }
    }

    /// Forgets all events: those that come are of another store.
    #[cold]
    #[inline(never)]
    fn turn_to(&mut self, store: u64) {
        self.store = store;
        (self.next, self.wrapped_at, self.taken) = (0, 0, 0);
        (self.words, self.told) = (0, 0);
    }

    /// Sees to it that all events are of one store, whose code their addresses are in.
    #[inline(always)]
    fn attend(&mut self, step: &Step<'_>) {
        if self.store != step.store().id {
            self.turn_to(step.store().id);
        }
    }

    /// The next event starts at the beginning.
    #[cold]
    #[inline(never)]
    fn wrap(&mut self) {
        self.taken = self.taken.wrapping_add(self.next as u64);
        self.wrapped_at = std::mem::take(&mut self.next);
    }

    /// Words that do not fit the record: what is known before the op runs.
    #[cold]
    #[inline(never)]
    fn before_more(&mut self, step: &Step<'_>) {
        let plan = &self.plans.all[step.op as usize];
        (self.told, self.words) = (step.ip.0 as usize, 0);
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

    /// What is known behind it, unless it failed; then the record.
    #[cold]
    #[inline(never)]
    fn after_more(&mut self, step: &Step<'_>, done: bool) -> u8 {
        // Where nobody told of the step before it ran, there is nothing to compare with.
        let told = std::mem::take(&mut self.told) == step.ip.0 as usize;
        if done && told {
            self.changed(&self.plans.all[step.op as usize], step);
        }
        let words = if told { std::mem::take(&mut self.words) } else { 0 };
        let more = words.div_ceil(WORDS);
        self.next += more;
        self.taken = self.taken.wrapping_sub(more as u64);
        self.record().place = words as u64;
        more as u8
    }

    /// The words that the op changes, as they are.
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

    fn slots(&mut self, sp: Sp, first: u16, count: u16) {
        for slot in 0..count {
            // SAFETY: the slots an op names lie in its frame.
            self.push(unsafe { sp.get(Slot(first + slot)) });
        }
    }
}

/// Where an op accesses memory: the memory of the store, the first byte.
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

/// The address of an access of memory 0.
#[inline(always)]
fn near(brief: Brief, step: &Step<'_>) -> u64 {
    // SAFETY: the table says what lies where; a 32-bit address is zero-extended in its slot.
    unsafe { out(step, brief.addr).wrapping_add(read::<u32>(step.ip, brief.offset) as u64) }
}

/// The bytes there, as many as the access has; zero where there are none.
#[cold]
#[inline(never)]
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

/// The bytes of memory 0 from `addr` on that an access of `size` bytes, at most eight, has.
#[inline(always)]
fn near_bytes(store: &PrunedStore, addr: u64, size: u8) -> u64 {
    let (base, len) = store.mem0();
    if addr + 8 > len as u64 {
        return bytes(store, 0, addr, size) as u64;
    }
    // SAFETY: eight bytes lie in the memory.
    let word = unsafe { base.add(addr as usize).cast::<u64>().read_unaligned() };
    word & (u64::MAX >> (64 - 8 * size as u32))
}

/// The slot whose number is the operand at `out`.
///
/// # Safety
/// The op of the step has such an operand.
#[inline(always)]
unsafe fn out(step: &Step<'_>, out: u16) -> u64 {
    // SAFETY: by the caller; the slots an op names lie in its frame.
    unsafe { step.sp.get(Slot(read(step.ip, out))) }
}

impl Record {
    /// What is known of every step. Last of all, so that the addresses are those of this step
    /// whatever was told before it.
    #[inline(always)]
    fn end(&mut self, step: &Step<'_>, flow: u8, more: u8) {
        self.number = step.number;
        self.ip = step.ip.0 as usize;
        self.entry = step.entry as usize;
        self.ctr_ticks = step.ctr_ticks;
        (self.depth, self.op, self.flow, self.more) = (step.depth, step.op as u16, flow, more);
    }
}

impl Observer for Ring {
    #[inline(always)]
    fn before(&mut self, step: &Step<'_>) {
        self.attend(step);
        let brief = self.plans.briefs[step.op as usize];
        // SAFETY: the table says what lies where.
        unsafe {
            match brief.notes {
                Notes::Slot => {
                    let (place, old) = (near(brief, step), out(step, brief.out));
                    let record = self.record();
                    (record.place, record.old) = (place, old);
                }
                Notes::Nothing => {}
                Notes::Store => {
                    let place = near(brief, step);
                    let old = near_bytes(step.store(), place, brief.size);
                    let record = self.record();
                    (record.place, record.old) = (place, old);
                }
                Notes::Result => self.record().old = step.sp.get(Slot(0)),
                Notes::More => step.apart(|step| self.before_more(step)),
            }
        }
    }

    #[inline(always)]
    fn after(&mut self, step: &Step<'_>, returned: Returned<'_>) -> Watch {
        self.attend(step);
        let brief = self.plans.briefs[step.op as usize];
        let flow = match returned {
            Returned::Flow(flow) => flow as u8,
            Returned::Failed(_) => FAILED,
        };
        let mut more = 0;
        // SAFETY: as in `before`. A step that failed has changed nothing: read again, each
        // word is as it was.
        unsafe {
            match brief.notes {
                Notes::Slot => self.record().new = out(step, brief.out),
                Notes::Nothing => {}
                Notes::Store => {
                    let place = self.record().place;
                    self.record().new = near_bytes(step.store(), place, brief.size);
                }
                Notes::Result => self.record().new = step.sp.get(Slot(0)),
                Notes::More => more = step.apart(|step| self.after_more(step, flow != FAILED)),
            }
        }
        self.record().end(step, flow, more);
        self.next += 1;
        if self.next + SLACK > self.records.len() {
            self.wrap();
        }
        Watch::Continue
    }
}
