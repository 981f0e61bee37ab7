//! What the parts of a query ask for, by kind, and their values where they compare some.

use super::query::{Access, SlotOf};
use crate::store::PrunedStore;
use crate::timeline::moment::frame_sp;
use std::ops::Range;
use wasmscope_trace_format::{Value, ValueType};

/// A set of the query's parts, by number.
pub(super) type Parts = u64;

/// The set of one part. Those behind the last that there is room for are not told apart from it.
pub(super) fn only(part: usize) -> Parts {
    1 << part.min(Parts::BITS as usize - 1)
}

/// Bytes of a memory.
pub(super) struct MemoryGoal {
    pub(super) part: Parts,
    pub(super) memory: u32,
    pub(super) range: Range<u64>,
    pub(super) access: Access,
    pub(super) becomes: Option<u128>,
}

/// A global.
pub(super) struct GlobalGoal {
    pub(super) part: Parts,
    pub(super) instance: u32,
    pub(super) index: u32,
    pub(super) becomes: Option<u128>,
}

/// A slot of one activation.
pub(super) struct SlotGoal {
    pub(super) part: Parts,
    pub(super) of: SlotOf,
    pub(super) becomes: Option<(ValueType, u128)>,
    /// Depth of the frame, while it is there.
    pub(super) depth: Option<u32>,
    /// The frame has been there and is gone.
    pub(super) gone: bool,
}

impl MemoryGoal {
    /// The bytes of the range as a number; only ranges of at most 16 bytes are compared.
    pub(super) fn read(&self, store: &PrunedStore) -> u128 {
        let mut bytes = [0; 16];
        if let Some(memory) = store.arenas.memories.get(self.memory as usize)
            && let Some(range) = memory.get().range(self.range.start, self.range.end - self.range.start)
        {
            bytes[..range.len()].copy_from_slice(&memory.get().bytes()[range]);
        }
        u128::from_le_bytes(bytes)
    }
}

impl GlobalGoal {
    /// The number of the global in the store.
    pub(super) fn find(&self, store: &PrunedStore) -> Option<u32> {
        global_number(store, self.instance, self.index)
    }
}

/// The number in the store of a global of an instance.
pub(in crate::timeline) fn global_number(store: &PrunedStore, instance: u32, index: u32) -> Option<u32> {
    let instance = store.arenas.instances.get(instance as usize)?.get();
    instance.global_ids.get(index as usize).copied()
}

impl SlotGoal {
    /// The slot's value, while its frame is there.
    pub(super) fn read(&self, store: &PrunedStore) -> Option<u128> {
        let (depth, all) = (self.depth? as usize, store.depth());
        if depth >= all {
            return None;
        }
        let sp = frame_sp(store, depth, all);
        let ty = self.becomes?.0;
        let low = store.slot_at(sp, self.of.slot) as u128;
        let high =
            if ty == ValueType::V128 { (store.slot_at(sp, self.of.slot + 1) as u128) << 64 } else { 0 };
        Some(Value::new(ty, low | high).bits)
    }
}

impl MemoryGoal {
    /// Whether an access to these bytes is one that is looked for.
    pub(super) fn meets(&self, memory: u32, bytes: Range<u64>, write: bool) -> bool {
        let wanted = match self.access {
            Access::Read => !write,
            Access::Write => write,
            Access::Any => true,
        };
        wanted && self.memory == memory && self.range.start < bytes.end && bytes.start < self.range.end
    }
}
