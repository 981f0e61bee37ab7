//! What the words of a ring mean.

use super::plan::{Access, Brief, Notes, Plan, read, span_of};
use super::{Record, Ring};
use crate::code::OpCode;
use crate::exec::dispatch::ControlFlow;
use crate::exec::frame::Ip;
use crate::store::{FuncEntry, PrunedStore, Store};

/// The flows in the order of their numbers.
const FLOWS: [ControlFlow; 8] = {
    use ControlFlow::*;
    [Next, Jump, Call, TailCall, HostCall, Return, Throw, Halt]
};

/// One event out of a [`Ring`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingEvent {
    /// The step's number.
    pub number: u64,
    /// The module, numbered in order of first use in the store, and the function's index in it.
    pub func: (u32, u32),
    /// The op's offset in its function's code.
    pub ip: u32,
    /// File offset of the Wasm operator the op stands for.
    pub pc: u32,
    /// Wasm operators retired before the step.
    pub tick: u64,
    /// Depth of the frame the op ran in.
    pub depth: u32,
    /// The op.
    pub op: OpCode,
    /// Where control went; `None` if the step failed.
    pub flow: Option<ControlFlow>,
    /// What it changed.
    pub effects: Vec<RingEffect>,
}

/// What an event changed. What stood there before is told too; behind a step that failed,
/// that is what still stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingEffect {
    /// A slot of its frame.
    Slot {
        /// Its number.
        slot: u32,
        /// Its bits before.
        old: u64,
        /// Its bits after.
        new: u64,
    },
    /// Bytes of a memory, read.
    Load {
        /// The first one's address.
        addr: u64,
        /// How many.
        size: u8,
    },
    /// Bytes of a memory, written.
    Store {
        /// The first one's address.
        addr: u64,
        /// How many.
        size: u8,
        /// What they were, the first one lowest.
        old: u128,
        /// What they are.
        new: u128,
    },
    /// A global.
    Global {
        /// Its index in the module.
        index: u32,
        /// Its bits before.
        old: u128,
        /// Its bits after.
        new: u128,
    },
    /// Bytes or elements from one on.
    Range {
        /// The first.
        from: u64,
        /// How many.
        len: u64,
    },
}

impl Ring {
    /// The last events, the newest first, at most `most` of them. `store` is the one they are
    /// of; of another there are none.
    pub fn last<T: 'static>(&self, store: &Store<T>, most: usize) -> Vec<RingEvent> {
        let store = store.pruned();
        let mut events = Vec::new();
        if store.id != self.store {
            return events;
        }
        let (mut end, mut wrapped) = (self.next, false);
        while events.len() < most && (events.len() as u64) < self.taken() {
            if end == 0 {
                if wrapped || self.wrapped_at == 0 {
                    break;
                }
                (end, wrapped) = (self.wrapped_at, true);
            }
            let record = &self.records[end - 1];
            let start = end - 1 - record.more as usize;
            if wrapped && start < self.next {
                // The present round has written over it.
                break;
            }
            events.push(self.event(store, record, &self.records[start..end - 1]));
            end = start;
        }
        events
    }

    fn event(&self, store: &PrunedStore, record: &Record, more: &[Record]) -> RingEvent {
        let (ip, entry) = (Ip(record.ip as *const u32), record.entry as *const FuncEntry);
        let op = OpCode::from_u16(record.op).expect("it was noted so");
        let flow = FLOWS.get(record.flow as usize).copied();
        let offset = store.offset_in(entry, ip);
        let layout = store.layout(entry);
        let plan = &self.plans.all[op as usize];
        RingEvent {
            number: record.number,
            // SAFETY: entries live as long as the store.
            func: unsafe { ((*entry).module, (*entry).func) },
            ip: offset,
            pc: store.pc_at(entry, ip, false),
            tick: (record.ctr_ticks + layout.ticks[layout.ordinal(offset)] as i64) as u64,
            depth: record.depth,
            op,
            flow,
            effects: match (flow, op) {
                // What it would have moved it has not.
                (Some(ControlFlow::Next), OpCode::br_if_copy) => Vec::new(),
                // Nobody told of the step before it ran.
                _ if plan.brief.notes == Notes::More && more.is_empty() => Vec::new(),
                _ if plan.brief.notes == Notes::More => {
                    // SAFETY: a record is words, of which so many were written.
                    let words = unsafe {
                        std::slice::from_raw_parts(more.as_ptr().cast::<u64>(), record.place as usize)
                    };
                    more_effects(plan, ip, flow.is_some(), words)
                }
                _ => effects(plan, ip, record),
            },
        }
    }
}

/// What a record alone says.
fn effects(plan: &Plan, ip: Ip, record: &Record) -> Vec<RingEffect> {
    let &Record { place: addr, old, new, .. } = record;
    let Brief { notes, size, out, .. } = plan.brief;
    let slot = |slot| RingEffect::Slot { slot, old, new };
    match notes {
        Notes::Slot => {
            let load = plan.access.map(|_| RingEffect::Load { addr, size });
            // SAFETY: the table says that a slot's number lies there.
            load.into_iter().chain([slot(unsafe { read::<u16>(ip, out) } as u32)]).collect()
        }
        Notes::Nothing | Notes::More => Vec::new(),
        Notes::Store => vec![RingEffect::Store { addr, size, old: old as u128, new: new as u128 }],
        Notes::Result => vec![slot(0)],
    }
}

/// What the words before a record say.
fn more_effects(plan: &Plan, ip: Ip, done: bool, mut values: &[u64]) -> Vec<RingEffect> {
    let mut effects = Vec::new();
    let mut take = |count: usize| {
        let (taken, rest) = values.split_at(count);
        values = rest;
        taken
    };
    let address = plan.access.map(|access| (access, take(1)[0]));
    if let Some((Access { size, writes: false, .. }, addr)) = address {
        effects.push(RingEffect::Load { addr, size });
    }
    if plan.range.is_some() {
        let range = take(2);
        effects.push(RingEffect::Range { from: range[0], len: range[1] });
    }
    let table = plan.table.then(|| take(1)[0] as u16);
    let count = if done { values.len() / 2 } else { values.len() };
    let (old, new) = values.split_at(count);
    let mut words = old.iter().zip(if done { new } else { old }).map(|(&old, &new)| (old, new));
    // SAFETY: the table says what lies where in the op.
    unsafe {
        let outs = plan.outs.iter().filter(|(out, _)| *out != 0);
        let outs = outs.map(|&(out, words)| (read::<u16>(ip, out), words as u16));
        let outs: Vec<(u16, u16)> = outs.collect();
        let span = plan.span.map(|span| span_of(ip, span));
        let span = span.map(|(first, count)| (table.unwrap_or(first), count));
        for (first, count) in outs {
            effects.extend(slots_of(first, count, &mut words));
        }
        let mut wide = |is_wide: bool| {
            let low = words.next().unwrap_or_default();
            let high = if is_wide { words.next().unwrap_or_default() } else { (0, 0) };
            (low.0 as u128 | (high.0 as u128) << 64, low.1 as u128 | (high.1 as u128) << 64)
        };
        if let Some((Access { size, writes: true, .. }, addr)) = address {
            let (old, new) = wide(size > 8);
            effects.push(RingEffect::Store { addr, size, old, new });
        }
        if plan.global != 0 {
            let (old, new) = wide(true);
            effects.push(RingEffect::Global { index: read(ip, plan.global), old, new });
        }
        if let Some((first, count)) = span {
            effects.extend(slots_of(first, count, &mut words));
        }
    }
    effects
}

/// Slots from one on, of whose words the next are.
fn slots_of(
    first: u16,
    count: u16,
    words: &mut impl Iterator<Item = (u64, u64)>,
) -> impl Iterator<Item = RingEffect> {
    let slots = first as u32..first as u32 + count as u32;
    slots.zip(words.by_ref()).map(|(slot, (old, new))| RingEffect::Slot { slot, old, new })
}
