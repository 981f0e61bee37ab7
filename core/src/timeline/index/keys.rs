//! What an index keeps of a stretch of steps, as numbers, and what a query asks of it.
//!
//! ```text
//! class 4 bits │ memory 8        │ word of 8 bytes, coarser by the set's grain     Read, Written
//!              │ module 12       │ function 24 │ op, in words of its code           Ran
//!              │ number                                                            Op, Global, Outcome
//! ```
//!
//! Always: a step that meets a query has put one of the numbers asked for into the set of its
//! stretch; the reverse need not hold.

use crate::code::OpCode;
use crate::store::PrunedStore;
use crate::timeline::find::query::{Access, OutcomeClass, Place, Query, SlotOf};
use crate::timeline::find::{global_number, like};
use crate::timeline::{Breakpoint, convert};
use std::ops::{Range, RangeInclusive};
use wasmscope_trace_format::{FuncId, KeySet};

/// Bytes of memory that count as one, as a power of two.
const WORD: u32 = 3;
/// The most words of memory a set tells apart; it gets coarser before it gets larger.
const MOST_WORDS: usize = 4096;
/// The same for what many stretches have together.
const MOST_WORDS_TOGETHER: usize = 1 << 16;

/// The kinds of numbers, in their highest bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Class {
    Read = 1,
    Written = 2,
    Ran = 3,
    Op = 4,
    Global = 5,
    Outcome = 6,
}

/// Where the class stands.
const CLASS: u32 = 60;

impl Class {
    pub(super) const fn key(self, rest: u64) -> u64 {
        (self as u64) << CLASS | rest & ((1 << CLASS) - 1)
    }

    fn is_memory(key: u64) -> bool {
        matches!(key >> CLASS, 1 | 2)
    }
}

/// Words of a memory.
const MEMORY: u32 = 52;

/// The words that some bytes of a memory touch.
pub(super) fn words(class: Class, memory: u32, bytes: &Range<u64>) -> RangeInclusive<u64> {
    let base = u64::from(memory & 0xff) << MEMORY;
    let last = bytes.end.max(bytes.start + 1) - 1;
    let word = |addr: u64| class.key(base | (addr >> WORD) & ((1 << MEMORY) - 1));
    word(bytes.start)..=word(last)
}

/// The key of a function's first op, from which those of the others follow by word.
pub(super) fn func_key(func: FuncId) -> u64 {
    Class::Ran.key(u64::from(func.module & 0xfff) << 48 | u64::from(func.func & 0xff_ffff) << 24)
}

/// A set out of numbers in any order; words of memory at least as coarse as `grain`.
pub(super) fn set_of(mut keys: Vec<u64>, grain: u8) -> KeySet {
    if grain > 0 {
        keys.iter_mut().for_each(|key| *key = coarser(*key, grain));
    }
    keys.sort_unstable();
    keys.dedup();
    coarsen(KeySet { grain, keys }, MOST_WORDS)
}

/// How coarse a set will be that holds all words of some bytes.
pub(super) fn grain_of(bytes: u64) -> u8 {
    let mut grain = 0;
    while bytes >> WORD >> grain > MOST_WORDS as u64 {
        grain += 3;
    }
    grain
}

/// Everything that is in one of several sets.
pub(super) fn union<'s>(sets: impl Iterator<Item = &'s KeySet> + Clone) -> KeySet {
    let grain = sets.clone().map(|set| set.grain).max().unwrap_or(0);
    let mut keys = Vec::new();
    for set in sets {
        let finer = grain - set.grain;
        keys.extend(set.keys.iter().map(|&key| coarser(key, finer)));
    }
    keys.sort_unstable();
    keys.dedup();
    coarsen(KeySet { grain, keys }, MOST_WORDS_TOGETHER)
}

fn coarser(key: u64, by: u8) -> u64 {
    if by == 0 || !Class::is_memory(key) {
        return key;
    }
    let word = key & ((1 << MEMORY) - 1);
    (key - word) | (word >> by)
}

/// Makes words coarser until there are not too many.
fn coarsen(mut set: KeySet, most: usize) -> KeySet {
    let words = |keys: &[u64]| keys.iter().filter(|&&key| Class::is_memory(key)).count();
    while words(&set.keys) > most {
        for key in &mut set.keys {
            *key = coarser(*key, 3);
        }
        set.grain += 3;
        // Words stay in order, as their memory's bits are kept.
        set.keys.dedup();
    }
    set
}

/// What a query asks of an index.
#[derive(Default)]
pub(crate) struct Asked {
    /// Any number in one of these.
    keys: Vec<RangeInclusive<u64>>,
    /// The same for words of memory.
    words: Vec<RangeInclusive<u64>>,
    /// A number in the stretch behind counts as well.
    pub(super) next_counts: bool,
}

impl Asked {
    /// What `query` asks; `None` if an index cannot tell. `store` is one in which the run's
    /// modules are.
    pub(crate) fn of(query: &Query, store: &mut PrunedStore) -> Option<Asked> {
        let mut asked = Asked::default();
        for part in query.parts() {
            asked.add(part, store)?;
        }
        Some(asked)
    }

    fn add(&mut self, part: &Query, store: &mut PrunedStore) -> Option<()> {
        match *part {
            Query::Pc { module, pc } => self.place(Breakpoint::Pc(module, pc), store),
            Query::Func(func) => self.place(Breakpoint::Function(func), store),
            Query::Ip { func, ip } => self.place(Breakpoint::Ip(func, ip), store),
            Query::Op(ref pattern) => self.ops(|op| like(pattern, &op.info().mnemonic())),
            Query::Outcome(class) => self.one(Class::Outcome, class as u64),
            Query::Trap => self.one(Class::Outcome, OutcomeClass::Error as u64),
            // Every op by which a host function can be called.
            Query::Host(_) => self.ops(crate::timeline::capture::may_call_host),
            Query::Memory { memory, ref range, access } => self.memory(memory, range, access),
            Query::Global { instance, index } => {
                self.one(Class::Global, u64::from(global_number(store, instance, index)?));
            }
            Query::Slot(of) => self.slot(of),
            Query::Becomes { place, .. } => match place {
                Place::Memory { memory, addr, ty } => {
                    self.memory(memory, &(addr..addr.saturating_add(ty.size())), Access::Write);
                }
                Place::Global { instance, index, .. } => {
                    self.one(Class::Global, u64::from(global_number(store, instance, index)?));
                }
                Place::Slot(of, _) => self.slot(of),
            },
            Query::Any(_) => return None,
        }
        Some(())
    }

    fn one(&mut self, class: Class, number: u64) {
        self.keys.push(class.key(number)..=class.key(number));
    }

    fn place(&mut self, place: Breakpoint, store: &mut PrunedStore) {
        if let Some((entry, offset)) = store.place(place) {
            let key = func_key(convert::func(store.entry(entry).id())) + u64::from(offset) / 4;
            self.keys.push(key..=key);
        }
    }

    fn ops(&mut self, wanted: impl Fn(OpCode) -> bool) {
        let ops = (0..OpCode::COUNT as u16).filter_map(OpCode::from_u16);
        for op in ops.filter(|&op| wanted(op)) {
            self.one(Class::Op, op as u64);
        }
    }

    fn memory(&mut self, memory: u32, bytes: &Range<u64>, access: Access) {
        if access != Access::Write {
            self.words.push(words(Class::Read, memory, bytes));
        }
        if access != Access::Read {
            self.words.push(words(Class::Written, memory, bytes));
        }
    }

    /// A slot is written where its function runs, or by a callee's return into it.
    fn slot(&mut self, of: SlotOf) {
        let first = func_key(of.func);
        self.keys.push(first..=first | 0xff_ffff);
        self.next_counts = true;
    }

    /// Whether a set has what is asked for.
    pub(super) fn is_in(&self, set: &KeySet) -> bool {
        let has = |range: RangeInclusive<u64>| {
            let at = set.keys.partition_point(|key| key < range.start());
            set.keys.get(at).is_some_and(|key| key <= range.end())
        };
        let words = self.words.iter().map(|range| {
            let grain = set.grain;
            coarser(*range.start(), grain)..=coarser(*range.end(), grain)
        });
        self.keys.iter().cloned().chain(words).any(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(class: Class, bytes: Range<u64>) -> Asked {
        Asked { words: vec![words(class, 1, &bytes)], ..Asked::default() }
    }

    #[test]
    fn what_was_put_in_is_found_however_coarse_the_set() {
        let touched: Vec<u64> = (0..40_000u64).map(|n| n * 7919 % 1_000_003).collect();
        let keys = touched.iter().flat_map(|&addr| words(Class::Written, 1, &(addr..addr + 4)));
        let set = set_of(keys.chain([Class::Op.key(7)]).collect(), 0);
        assert!(set.grain > 0 && set.keys.len() <= MOST_WORDS + 1, "{}", set.keys.len());
        assert!(set.keys.is_sorted());
        assert!(touched.iter().all(|&addr| asks(Class::Written, addr..addr + 1).is_in(&set)));
        assert!(!asks(Class::Read, 0..u64::from(u32::MAX)).is_in(&set));
        assert!(!asks(Class::Written, 2_000_000..2_000_008).is_in(&set));
        let few = set_of(words(Class::Read, 1, &(64..72)).collect(), 0);
        assert!(asks(Class::Read, 71..72).is_in(&few) && !asks(Class::Read, 72..73).is_in(&few));
        let both = union([&set, &few].into_iter());
        assert!(asks(Class::Read, 71..72).is_in(&both) && asks(Class::Written, 7919..7920).is_in(&both));
    }
}
