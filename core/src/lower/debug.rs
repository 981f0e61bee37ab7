//! Debug tables of one function: made when somebody looks, by lowering it again.
//!
//! ```text
//! op      ip   pc_start‥pc‥pc_end   weight   stack before it
//! 0       0    0x41‥0x43‥0x43       3        ─► node 2 ─► node 1
//! 1       8    0x45‥0x45‥0x47       2        ─► node 4 ─► node 1
//! ```
//!
//! Operand stacks are shared lists: a node is an operand and the list below it.
//!
//! Always: the ops are the ones the running code has, at the same offsets; lowering
//! gives the same result every time.

use super::{LowerError, Lowering, OpRecord, Operand, Place, Sink, lower};
use crate::module::{ModuleData, ValType};

const EMPTY: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Node {
    operand: Operand,
    below: u32,
}

/// One op, for a debugger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpDebug {
    /// Offset in the function's code, in bytes.
    pub(crate) ip: u32,
    /// File offset of the first operator that retires with the op.
    pub(crate) pc_start: u32,
    /// File offset of the operator the op stands for.
    pub(crate) pc: u32,
    /// File offset of the last operator that retires with it: behind `pc` if it also does what follows,
    /// such as a `local.set` of its result; before `pc_start` if none does.
    pub(crate) pc_end: u32,
    /// Operators that retire with the op.
    pub(crate) weight: u32,
    /// Ticks before the op, counted from the function's entry.
    pub(crate) ticks: u32,
    stack: u32,
}

/// Debug tables of one function.
#[derive(Debug)]
pub(crate) struct FuncDebug {
    /// The ops, in order.
    pub(crate) ops: Vec<OpDebug>,
    /// Types of parameters and locals.
    pub(crate) locals: Vec<ValType>,
    /// First slot of each.
    pub(crate) local_slots: Vec<u32>,
    /// How many of them are parameters.
    pub(crate) params: u32,
    nodes: Vec<Node>,
}

impl FuncDebug {
    /// Lowers a function again and keeps what a debugger needs.
    ///
    /// # Errors
    /// As lowering itself.
    pub(crate) fn new(module: &ModuleData, func: u32, mode: Lowering) -> Result<FuncDebug, LowerError> {
        FuncDebug::with_code(module, func, mode).map(|(debug, _)| debug)
    }

    /// The same, and the encoded ops; a `call` in them carries no entry address.
    ///
    /// # Errors
    /// As lowering itself.
    pub(crate) fn with_code(
        module: &ModuleData,
        func: u32,
        mode: Lowering,
    ) -> Result<(FuncDebug, Box<[u32]>), LowerError> {
        let sink = Tables::default();
        let (lowered, sink) = lower(module, func, mode, &|_| 0, sink)?;
        let mut ticks = 0;
        let ops = sink.ops.iter().zip(&lowered.weights).map(|(&(record, stack), &weight)| {
            let op = OpDebug {
                ip: record.ip,
                pc_start: record.pc_start,
                pc: record.pc,
                pc_end: record.pc_end,
                weight: weight as u32,
                ticks,
                stack,
            };
            ticks += weight as u32;
            op
        });
        let ops = ops.collect();
        let body = module.func_body(func);
        let mut locals = body.ty().params().to_vec();
        let params = locals.len() as u32;
        for (count, ty) in body.locals() {
            locals.extend(std::iter::repeat_n(ty, count as usize));
        }
        let mut slot = 0;
        let local_slots = locals
            .iter()
            .map(|ty| {
                let at = slot;
                slot += ty.slots();
                at
            })
            .collect();
        let debug = FuncDebug { ops, locals, local_slots, params, nodes: sink.nodes };
        Ok((debug, lowered.code))
    }

    /// The number of the op at `ip`.
    pub(crate) fn ordinal(&self, ip: u32) -> Option<usize> {
        self.ops.binary_search_by_key(&ip, |op| op.ip).ok()
    }

    /// The operand stack before an op, bottom first.
    pub(crate) fn stack(&self, ordinal: usize) -> Vec<Operand> {
        let mut operands = Vec::new();
        let mut at = self.ops[ordinal].stack;
        while at != EMPTY {
            let node = self.nodes[at as usize];
            operands.push(node.operand);
            at = node.below;
        }
        operands.reverse();
        operands
    }

    /// The type of what an operand or local slot holds before an op, if it is live.
    pub(crate) fn slot_type(&self, ordinal: usize, slot: u32) -> Option<ValType> {
        if let Some(local) = self.local_at(slot) {
            return Some(self.locals[local]);
        }
        let mut at = self.ops.get(ordinal)?.stack;
        while at != EMPTY {
            let Node { operand, below } = self.nodes[at as usize];
            if operand.home <= slot {
                let here = operand.home == slot && operand.place == Place::Home;
                return here.then_some(operand.ty);
            }
            at = below;
        }
        None
    }

    /// Slot and type of each value in `count` slots from `slot` on before an op, as far
    /// as they are known: of one local, or of operands.
    pub(crate) fn values_in(&self, ordinal: usize, slot: u32, count: u32) -> Vec<(u32, ValType)> {
        if let Some(local) = self.local_at(slot) {
            return vec![(slot, self.locals[local])];
        }
        let mut values = Vec::new();
        let mut at = self.ops[ordinal].stack;
        while at != EMPTY {
            let Node { operand, below } = self.nodes[at as usize];
            if operand.home < slot {
                break;
            }
            if operand.home < slot + count && operand.place == Place::Home {
                values.push((operand.home, operand.ty));
            }
            at = below;
        }
        values.reverse();
        values
    }

    /// Every operand that is on the stack before some op, with its height in values; in
    /// no order, and more than once.
    pub(crate) fn operands(&self) -> impl Iterator<Item = (Operand, u32)> {
        let mut heights: Vec<u32> = Vec::with_capacity(self.nodes.len());
        self.nodes.iter().map(move |node| {
            // A node is made after the one below it.
            let height = if node.below == EMPTY { 0 } else { heights[node.below as usize] + 1 };
            heights.push(height);
            (node.operand, height)
        })
    }

    /// The local that starts at a slot.
    pub(crate) fn local_at(&self, slot: u32) -> Option<usize> {
        self.local_slots.binary_search(&slot).ok()
    }
}

#[derive(Default)]
struct Tables {
    /// With the stack before each.
    ops: Vec<(OpRecord, u32)>,
    nodes: Vec<Node>,
    /// The node of each operand of the current state.
    current: Vec<u32>,
    /// An op was taken back: the lowering's own idea of what changed is newer.
    taken: bool,
}

impl Sink for Tables {
    fn op(&mut self, record: OpRecord) {
        let stack = self.current.last().copied().unwrap_or(EMPTY);
        self.ops.push((record, stack));
    }

    fn joined(&mut self, pc: u32) {
        let (record, _) = self.ops.last_mut().expect("there is a last op");
        record.pc_end = pc;
    }

    fn take_back(&mut self) {
        let (_, mut at) = self.ops.pop().expect("there is a last op");
        self.current.clear();
        while at != EMPTY {
            self.current.push(at);
            at = self.nodes[at as usize].below;
        }
        self.current.reverse();
        self.taken = true;
    }

    fn state(&mut self, stack: &[Operand], from: usize) {
        let mut from = from.min(self.current.len());
        if std::mem::take(&mut self.taken) {
            // The current state is older than what the lowering changed since.
            from = 0;
        }
        self.current.truncate(from);
        for &operand in &stack[from..] {
            let below = self.current.last().copied().unwrap_or(EMPTY);
            self.nodes.push(Node { operand, below });
            self.current.push(self.nodes.len() as u32 - 1);
        }
    }
}
