//! The ops of a function at which there is something to look at.
//!
//! Made from the shapes of the ops when the function runs first; a place looked for in
//! code is added by whoever knows where the store has it.

use super::goal::{GlobalGoal, MemoryGoal, Parts, SlotGoal, only};
use super::parse;
use super::query::{Access, Query};
use crate::code::OpCode;
use crate::timeline::code::OpFacts;
use wasmscope_trace_format::{AccessKind, CodeFunc, CodeOp, Dst, Flow, ValueType};

/// What is to be done at one op.
#[derive(Default, PartialEq, Eq)]
pub(in crate::timeline) struct Test {
    /// These are met by the op running.
    pub(super) runs: Parts,
    /// These are met by the function being entered here.
    pub(super) entered: Parts,
    /// The first op of a function one of whose activations has a wanted slot.
    pub(super) begins: bool,
    pub(in crate::timeline) access: Option<Accessed>,
    /// The global it writes.
    pub(in crate::timeline) global: Option<u32>,
    /// Slot goals whose slot it writes whenever it succeeds.
    pub(super) slots: Parts,
    /// A host function may run in it, or go on behind it.
    pub(super) calls_out: bool,
    /// Its event has to be looked at.
    pub(in crate::timeline) capture: Capturing,
}

/// When the whole event of an op is needed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::timeline) enum Capturing {
    #[default]
    Never,
    Always,
    /// It returns into a frame with a wanted slot, or to a host function.
    Returning,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::timeline) struct Accessed {
    pub(in crate::timeline) memory: u32,
    pub(in crate::timeline) slot: u32,
    pub(in crate::timeline) offset: u64,
    pub(in crate::timeline) size: u8,
    pub(in crate::timeline) write: bool,
}

/// The tests of one function.
pub(in crate::timeline) struct Tests {
    /// By word of the code: which of `tests`; the first is "nothing to see".
    pub(super) at: Vec<u32>,
    pub(super) tests: Vec<Test>,
    pub(super) code: usize,
}

/// What the tests of ops are made for.
pub(in crate::timeline) struct Wanted<'m> {
    pub(super) parts: &'m [Query],
    pub(super) memory: &'m [MemoryGoal],
    pub(super) globals: &'m [GlobalGoal],
    pub(super) slots: &'m [SlotGoal],
    pub(super) hosts: bool,
}

impl Wanted<'_> {
    /// Every access and every write, wherever.
    pub(in crate::timeline) fn everywhere() -> Wanted<'static> {
        const MEMORY: MemoryGoal =
            MemoryGoal { part: 0, memory: 0, range: 0..u64::MAX, access: Access::Any, becomes: None };
        const GLOBAL: GlobalGoal = GlobalGoal { part: 0, instance: 0, index: 0, becomes: None };
        Wanted { parts: &[], memory: &[MEMORY], globals: &[GLOBAL], slots: &[], hosts: false }
    }
    /// The test of one op, but for the places looked for.
    pub(in crate::timeline) fn test_of(&self, code: &CodeFunc, op: &CodeOp, facts: &OpFacts) -> Test {
        let mut test = Test::default();
        for (at, part) in self.parts.iter().enumerate() {
            if matches!(part, Query::Op(name) if parse::like(name, &op.mnemonic)) {
                test.runs |= only(at);
            }
        }
        let calls_out =
            matches!(op.flow, Flow::HostCall | Flow::CallIndirect { .. } | Flow::TailCallIndirect);
        let returns = matches!(op.flow, Flow::Return);
        if self.hosts && calls_out {
            test.capture = Capturing::Always;
        }
        if !self.memory.is_empty() {
            match (op.access, facts.address) {
                (Some(access), Some(address)) => {
                    test.access = Some(Accessed {
                        memory: access.memory,
                        slot: address.slot,
                        offset: address.offset,
                        size: access.size,
                        write: access.kind == AccessKind::Write,
                    });
                }
                (Some(_), None) => test.capture = Capturing::Always,
                _ if calls_out || works_on_ranges(facts.op) => test.capture = Capturing::Always,
                _ if returns => test.capture = Capturing::Returning,
                _ => {}
            }
        }
        if !self.globals.is_empty() {
            test.global = op.global.map(|global| global.index);
            // A host function may set it.
            test.calls_out = calls_out || returns;
        }
        for goal in self.slots {
            let covers = |dst: &Dst| {
                dst.slot == goal.of.slot || dst.ty == ValueType::V128 && dst.slot + 1 == goal.of.slot
            };
            if returns {
                test.capture = Capturing::Returning;
            } else if goal.of.func == code.func {
                if op.dsts.iter().any(covers) {
                    test.slots |= goal.part;
                }
                if facts.moves.iter().flatten().any(covers) {
                    test.capture = Capturing::Always;
                }
            }
        }
        test
    }
}

/// Whether an op accesses memory by ranges, which its shape does not show.
fn works_on_ranges(op: OpCode) -> bool {
    matches!(op, OpCode::memory_copy | OpCode::memory_fill | OpCode::memory_init)
}
