//! The short way to a record, for ops that compute, load, store or branch: nine in ten.
//!
//! What such an op does is one place written, one access and where control goes. It is taken
//! out of the shapes once, so that a step looks at a few numbers and at nothing by name.
//!
//! Always: the record is the one of the long way.

use super::irregular::is_irregular;
use super::{Capture, Steps, bytes_at, flow_of, may_call_host, wide};
use crate::exec::dispatch::ControlFlow;
use crate::exec::observer::StepStart;
use crate::store::PrunedStore;
use crate::timeline::code::OpFacts;
use wasmscope_trace_format::{AccessKind, CodeOp, Dst, Flow, StepRecord};

/// An op that goes the short way.
#[derive(Clone, Copy)]
pub(super) struct Plain {
    /// What it writes if it succeeds.
    dst: Option<Dst>,
    access: Option<Access>,
}

#[derive(Clone, Copy)]
struct Access {
    /// Index in the module's memory index space.
    memory: u32,
    slot: u32,
    offset: u64,
    size: u8,
    is_write: bool,
}

impl Plain {
    /// `None` for an op that goes the long way.
    pub(super) fn new(op: &CodeOp, facts: &OpFacts) -> Option<Plain> {
        let simple = matches!(op.flow, Flow::Next | Flow::Jump { .. } | Flow::Branch { .. });
        let more = op.global.is_some()
            || op.dsts.len() > 1
            || !facts.moves.is_empty()
            || may_call_host(facts.op)
            || is_irregular(facts.op);
        if !simple || more {
            return None;
        }
        let access = match (op.access, facts.address) {
            (None, _) => None,
            (Some(access), Some(address)) => Some(Access {
                memory: access.memory,
                slot: address.slot,
                offset: address.offset,
                size: access.size,
                is_write: access.kind == AccessKind::Write,
            }),
            (Some(_), None) => return None,
        };
        Some(Plain { dst: op.dsts.first().copied(), access })
    }
}

impl<S: Steps> Capture<'_, S> {
    /// Before a plain op.
    #[inline]
    pub(super) fn plain_before(&mut self, store: &PrunedStore, start: &StepStart, plain: &Plain) {
        let Some(access) = plain.access else { return };
        self.before.memory = store.running().memory_ids[access.memory as usize];
        self.before.addr = store.slot_at(start.sp, access.slot).wrapping_add(access.offset);
        if access.is_write && self.with_old {
            self.before.old_bytes =
                bytes_at(store, self.before.memory, self.before.addr, u64::from(access.size));
        }
    }

    /// Behind a plain op that did not fail.
    #[inline]
    pub(super) fn plain_after(
        &mut self,
        store: &PrunedStore,
        start: &StepStart,
        plain: &Plain,
        flow: ControlFlow,
    ) {
        let before = &self.before;
        let known = &self.codes.list[before.known];
        let outcome = flow_of(flow);
        let ip = known.code.ops[before.op].ip;
        let mut record = StepRecord::at(start.number, known.code.func, ip, &outcome);
        record.tick = before.tick;
        record.depth = start.depth;
        record.instance = store.running().index;
        let value;
        if let Some(dst) = plain.dst {
            value = [wide(store, start.sp, dst.slot, dst.ty)];
            record.results = &value;
        }
        if let Some(access) = plain.access {
            record.memory = before.memory;
            record.addr = before.addr;
            record.bytes = bytes_at(store, before.memory, before.addr, u64::from(access.size));
            record.old_bytes = before.old_bytes;
        }
        record.with_old = self.with_old;
        record.old_results = &before.old_results;
        self.steps.step(&record, &known.code);
    }
}
