//! Where the ops of a function are, and how many ticks come before each.
//!
//! Made from the code and the weights when somebody asks (a stop, a trap, an observer),
//! never while a handler runs.

use crate::code::{OpCode, TableTarget, ops, size_of_op};
use crate::exec::frame::Ip;
use crate::store::{FuncEntry, PrunedStore};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// The ops of one function.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The offset of each op in bytes.
    pub(crate) offsets: Vec<u32>,
    /// The ticks before each op, counted from the function's entry, and in all.
    pub(crate) ticks: Vec<u32>,
}

impl Layout {
    /// The number of the op at a byte offset.
    pub(crate) fn ordinal(&self, offset: u32) -> usize {
        self.offsets.binary_search(&offset).expect("registers and frames hold starts of ops")
    }
}

/// Layouts by function.
pub(crate) type Layouts = RefCell<HashMap<*const FuncEntry, Arc<Layout>>>;

/// Bytes of the op at `ip`, which is `op`, with what follows a branch table.
///
/// # Safety
/// `ip` is the start of an op that was `op` when it was lowered.
pub(crate) unsafe fn op_size(ip: Ip, op: OpCode) -> usize {
    // SAFETY: by the caller.
    let targets = unsafe {
        match op {
            OpCode::br_table => ip.op::<ops::br_table>().len as usize + 1,
            OpCode::br_table_copy => ip.op::<ops::br_table_copy>().len as usize + 1,
            _ => 0,
        }
    };
    op.info().size as usize + targets * size_of_op::<TableTarget>()
}

impl PrunedStore {
    /// The layout of a lowered function.
    pub(crate) fn layout(&self, entry: *const FuncEntry) -> Arc<Layout> {
        if let Some(known) = self.layouts.borrow().get(&entry) {
            return known.clone();
        }
        // SAFETY: entries live as long as the store.
        let (words, weights) = unsafe { (&(*entry).words, &(*entry).weights) };
        let mut offsets = Vec::with_capacity(weights.len());
        let mut ticks = Vec::with_capacity(weights.len() + 1);
        let (mut at, mut sum) = (0usize, 0u32);
        for &weight in weights {
            offsets.push(at as u32);
            ticks.push(sum);
            let ip = Ip(words.as_ptr().wrapping_byte_add(at));
            // SAFETY: ops follow each other without a gap.
            at += unsafe { op_size(ip, self.opcode_at(ip)) };
            sum += weight as u32;
        }
        ticks.push(sum);
        let layout = Arc::new(Layout { offsets, ticks });
        self.layouts.borrow_mut().insert(entry, layout.clone());
        layout
    }

    /// Of the op at `ip` of the running function: its number, the ticks before it, and
    /// the ticks it retires.
    pub(crate) fn locate(&self, ip: Ip) -> (u32, u32, u32) {
        // SAFETY: the top frame is initialised.
        let entry = unsafe { (*self.frame_top).entry };
        if entry.is_null() {
            return (0, 0, 0);
        }
        let layout = self.layout(entry);
        let ordinal = layout.ordinal(self.offset_in(entry, ip));
        (ordinal as u32, layout.ticks[ordinal], layout.ticks[ordinal + 1] - layout.ticks[ordinal])
    }

    /// The ticks that the op at `ip` of the running function retires if it fails.
    pub(crate) fn weight_of_failure(&self, ip: Ip) -> u32 {
        let (ordinal, _, weight) = self.locate(ip);
        // SAFETY: the top frame is initialised, and entries live as long as the store.
        let entry = unsafe { (*self.frame_top).entry.as_ref() };
        let trailing = entry.and_then(|entry| entry.trailing.get(ordinal as usize));
        weight - trailing.copied().unwrap_or(0) as u32
    }

    /// The byte offset of `ip` in a function's code.
    pub(crate) fn offset_in(&self, entry: *const FuncEntry, ip: Ip) -> u32 {
        // SAFETY: entries live as long as the store.
        (ip.0 as usize - unsafe { (*entry).code } as usize) as u32
    }
}
