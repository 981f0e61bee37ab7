//! Lowering: one function body, validated before, becomes bytecode in one pass.
//!
//! ```text
//! frame   [params][locals][operands: every Wasm stack height has a fixed place]
//! ```
//!
//! `plain` emits one op for every operator that is not structural. `fused` emits
//! nothing for `local.get`, constants and `drop`: an operand then lives where it was
//! (an alias of a local, or an immediate) until something needs it in its own place.
//! Both use the same places, so a frame can be read at any op, and a moment taken
//! under one can be continued under the other.
//!
//! What always holds:
//! - at a label, a function entry and after a call, every operand lives in its own
//!   place, or is a constant on all paths, or aliases a local set on none of them;
//! - an op's *weight* is the number of operators that retire with it; the sum of the
//!   weights before an op is the tick at which it starts, counted from the entry, so a
//!   branch needs one constant to keep step and tick exact (`exec::dispatch`);
//! - the same body and mode give the same ops at the same offsets, with and without
//!   debug tables (`debug`), so a debugger re-lowers instead of storing.
//!
//! Elsewhere: operators by family (`lower/…`, the same names as `handlers/…`), the
//! encoding (`code`).

mod accumulate;
mod branch;
mod call;
mod compare;
mod control;
pub(crate) mod debug;
pub(crate) mod exception;
mod memory;
mod numeric;
mod reference;
mod simd;
mod simd_memory;
mod table;
mod variable;
mod visit;

use crate::code::{CodeBuf, Count, Encoded, OpCode, Slot, ops};
use crate::module::ModuleData;
use crate::module::ValType;
use accumulate::Accumulators;
use control::Control;
use wasmparser::{BinaryReader, FunctionBody, Operator};

/// How much of the Wasm operators stays visible in the bytecode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lowering {
    /// One op per operator: for learning, and for the finest steps.
    Plain,
    /// Constants and local reads become operands; comparisons become branches.
    #[default]
    Fused,
}

/// Why a valid function cannot be lowered: it exceeds a limit of this engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at:#x}: function {func} needs {slots} slots in its frame; at most 65535 are possible")]
pub struct LowerError {
    /// File offset of its body.
    pub at: u32,
    /// The function's index in its module.
    pub func: u32,
    /// How many it needs.
    pub slots: u32,
}

/// A lowered function.
pub(crate) struct Lowered {
    pub(crate) code: Box<[u32]>,
    /// The weight of each op, in order.
    pub(crate) weights: Box<[u8]>,
    /// How much of each op's weight comes after what can fail in it: operators that only
    /// say where its result goes.
    pub(crate) trailing: Box<[u8]>,
    /// Slots of a frame.
    pub(crate) frame_slots: u32,
    /// The first slot that starts as zero: the first local behind the parameters.
    pub(crate) zero_from: u32,
    /// How many slots start as zero.
    pub(crate) zero_count: u32,
    /// Where exceptions may be caught, innermost first.
    pub(crate) regions: Box<[exception::TryRegion]>,
}

/// Where an operand of the Wasm stack lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the slot of its height.
    Home,
    /// It is the value of this local, still unchanged.
    Local(u32),
    /// It is this constant.
    Imm(u64),
}

/// One operand of the Wasm stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operand {
    pub(crate) ty: ValType,
    /// The slot of its height.
    pub(crate) home: u32,
    pub(crate) place: Place,
}

/// One op as it is emitted, for debug tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpRecord {
    /// Offset in the code buffer.
    pub(crate) ip: u32,
    /// The first operator that retires with this op, as an offset in the module.
    pub(crate) pc_start: u32,
    /// The operator the op stands for.
    pub(crate) pc: u32,
    /// The last operator that retires with it; before `pc_start` if none does.
    pub(crate) pc_end: u32,
}

/// Receives what a debugger needs; a running engine passes `()`.
pub(crate) trait Sink {
    /// An op was emitted.
    fn op(&mut self, record: OpRecord);
    /// The last op also stands for the operators from its own up to `pc`.
    fn joined(&mut self, pc: u32);
    /// The last op is taken back; returns its record.
    fn take_back(&mut self);
    /// The state before the next op: the operand stack, unchanged below `from`.
    fn state(&mut self, stack: &[Operand], from: usize);
}

impl Sink for () {
    fn op(&mut self, _: OpRecord) {}
    fn joined(&mut self, _: u32) {}
    fn take_back(&mut self) {}
    fn state(&mut self, _: &[Operand], _: usize) {}
}

/// The last op, while it may still be changed.
#[derive(Clone, Copy)]
struct Last {
    at: usize,
    opcode: OpCode,
    /// The counters before it.
    mark: u32,
    pc_start: u32,
    /// The slot it wrote that is the home of the operand on top.
    result: Option<u32>,
    /// What the accumulators held before it.
    accumulators: Accumulators,
}

/// More pending ticks than this get an op of their own, so that weights fit a byte.
const MAX_PENDING: u32 = 64;

pub(crate) struct Lowerer<'m, S> {
    module: &'m ModuleData,
    mode: Lowering,
    entry_address: &'m dyn Fn(u32) -> u64,
    sink: S,

    code: CodeBuf,
    weights: Vec<u8>,
    trailing: Vec<u8>,
    /// Operators visited, the current one included.
    ticks: u32,
    /// What the current operator adds to `ticks`.
    own: u32,
    /// Ticks retired by the ops so far.
    mark: u32,
    /// Ops since the last label.
    since_label: u32,
    /// The last op is a call.
    behind_call: bool,
    last: Option<Last>,
    /// The op before it, as long as nothing lies between them.
    before_last: Option<Last>,
    accumulators: Accumulators,
    /// The current operator.
    pc: u32,
    /// The first operator since the last op; `None` right behind an op.
    pc_start: Option<u32>,

    locals: Vec<ValType>,
    local_slots: Vec<u32>,
    stack: Vec<Operand>,
    /// The first operand changed since the sink last saw the stack.
    changed_from: usize,
    /// How many operands alias a local.
    aliases: u32,
    /// The slot of the lowest operand.
    first_operand: u32,
    /// The slot of the next operand.
    height: u32,
    max_height: u32,
    control: Vec<Control>,
    regions: exception::Regions,
    reachable: bool,
}

/// Lowers function `func` (an index in the module's function space, not imported).
///
/// `entry_address` gives the word that a `call` op carries for a function.
///
/// # Errors
/// If the frame needs more slots than an op can name.
pub(crate) fn lower<S: Sink>(
    module: &ModuleData,
    func: u32,
    mode: Lowering,
    entry_address: &dyn Fn(u32) -> u64,
    sink: S,
) -> Result<(Lowered, S), LowerError> {
    let ty = module.func_type(func);
    let mut locals = ty.params().to_vec();
    let params = locals.len();
    let range = module.body_range(func);
    let bytes = &module.bytes()[range.start..range.end];
    let body = FunctionBody::new(BinaryReader::new(bytes, range.start as u64));
    let valid = "the body was validated when the module was loaded";
    for group in body.get_locals_reader().expect(valid) {
        let (count, ty) = group.expect(valid);
        locals.extend(std::iter::repeat_n(module.val_type(ty), count as usize));
    }
    let mut slot = 0;
    let mut local_slots = Vec::with_capacity(locals.len());
    for &ty in &locals {
        local_slots.push(slot);
        slot += ty.slots();
    }
    let zero_from = local_slots.get(params).copied().unwrap_or(slot);
    let mut lowerer = Lowerer {
        module,
        mode,
        entry_address,
        sink,
        // Two bytes of a body are about one operator, three operators two ops of five words.
        code: CodeBuf::with_room(bytes.len() * 3 / 2),
        weights: Vec::with_capacity(bytes.len() / 3),
        trailing: Vec::with_capacity(bytes.len() / 3),
        ticks: 0,
        own: 0,
        mark: 0,
        since_label: 0,
        behind_call: false,
        last: None,
        before_last: None,
        accumulators: Accumulators::default(),
        pc: 0,
        pc_start: None,
        locals,
        local_slots,
        stack: Vec::with_capacity(16),
        changed_from: 0,
        aliases: 0,
        first_operand: slot,
        height: slot,
        max_height: slot,
        control: Vec::with_capacity(16),
        regions: Default::default(),
        reachable: true,
    };
    lowerer.sink.state(&[], 0);
    lowerer.open_function(ty.results());
    let mut reader = body.get_operators_reader().expect(valid);
    while !reader.eof() {
        lowerer.pc = reader.original_position() as u32;
        reader.visit_operator(&mut lowerer).expect(valid);
        if lowerer.max_height > u16::MAX as u32 {
            break;
        }
    }
    // Results of a host callee may need as much as the widest call; they were pushed.
    if lowerer.max_height > u16::MAX as u32 {
        return Err(LowerError { at: range.start as u32, func, slots: lowerer.max_height });
    }
    let lowered = Lowered {
        code: lowerer.code.finish(),
        weights: lowerer.weights.into_boxed_slice(),
        trailing: lowerer.trailing.into_boxed_slice(),
        frame_slots: lowerer.max_height,
        zero_from,
        zero_count: slot - zero_from,
        regions: lowerer.regions.finish(),
    };
    Ok((lowered, lowerer.sink))
}

impl<S: Sink> Lowerer<'_, S> {
    /// Lowers one operator, which is at `pc`.
    fn operator(&mut self, operator: &Operator<'_>) {
        use Operator as O;
        match operator {
            O::Block { .. } | O::Loop { .. } | O::If { .. } | O::Else | O::End | O::TryTable { .. } => {}
            O::Nop => return,
            _ if !self.reachable => return,
            _ => {}
        }
        self.own = match operator {
            O::Block { .. } | O::Loop { .. } | O::Else | O::End | O::TryTable { .. } => 0,
            _ if !self.reachable => 0,
            _ => 1,
        };
        self.ticks += self.own;
        if self.pc_start.is_none() {
            self.pc_start = Some(self.pc);
        }
        // The most frequent first.
        let known = self.variable_operator(operator)
            || self.numeric_operator(operator)
            || self.memory_operator(operator)
            || self.control_operator(operator)
            || self.table_operator(operator)
            || self.exception_operator(operator)
            || self.reference_operator(operator)
            || self.simd_operator(operator)
            || self.simd_memory_operator(operator);
        assert!(known, "an operator of a feature that is switched off passed validation: {operator:?}");
        if self.ticks - self.mark >= MAX_PENDING {
            self.own = 0;
            self.emit(OpCode::nop, ops::nop::new());
            self.retire_state();
        }
    }

    /// Whether the last op can take `ticks` more. A call cannot: the state behind it says
    /// what its caller's operands are while it waits.
    fn can_join(&self, ticks: u32) -> bool {
        !self.behind_call
            && self.weights.last().is_some_and(|&weight| weight as u32 + ticks <= u8::MAX as u32)
    }

    /// The last op takes `ticks` more, of the operators up to `pc`.
    fn join(&mut self, ticks: u32, pc: u32) {
        self.sink.joined(pc);
        *self.weights.last_mut().expect("there is a last op") += ticks as u8;
        *self.trailing.last_mut().expect("there is a last op") += ticks as u8;
        self.mark += ticks;
    }

    /// Emits an op that completes the current operator.
    fn emit<O: Encoded>(&mut self, opcode: OpCode, op: O) -> usize {
        let at = self.emit_at(opcode, op, self.ticks);
        self.own = 0;
        self.pc_start = None;
        at
    }

    /// Emits an op that prepares the current operator, which retires with a later one.
    fn emit_before<O: Encoded>(&mut self, opcode: OpCode, op: O) -> usize {
        let at = self.emit_at(opcode, op, self.ticks - self.own);
        self.pc_start = Some(self.pc);
        self.retire_state();
        at
    }

    fn emit_at<O: Encoded>(&mut self, opcode: OpCode, op: O, ticks: u32) -> usize {
        let at = self.code.push(op);
        let pc_start = self.pc_start.unwrap_or(self.pc);
        let accumulators = self.accumulators;
        self.before_last = self.last;
        self.last = Some(Last { at, opcode, mark: self.mark, pc_start, result: None, accumulators });
        self.accumulate(at, opcode);
        self.weights.push((ticks - self.mark) as u8);
        self.trailing.push(0);
        self.behind_call =
            matches!(opcode, OpCode::call | OpCode::call_import | OpCode::call_indirect | OpCode::call_ref);
        self.mark = ticks;
        self.since_label += 1;
        // What only prepares an operator does not retire it.
        let pc_end = self.pc - u32::from(ticks < self.ticks);
        self.sink.op(OpRecord { ip: at as u32, pc_start, pc: self.pc, pc_end });
        at
    }

    /// Tells the sink the state before the next op. Called when the effect of the last
    /// op on the operand stack is complete.
    fn retire_state(&mut self) {
        self.sink.state(&self.stack, self.changed_from.min(self.stack.len()));
        self.changed_from = self.stack.len();
    }

    /// The last op also completes the current operator: it changed the stack, or the
    /// op's destination.
    fn join_last(&mut self) {
        self.join(self.ticks - self.mark, self.pc);
        self.own = 0;
        self.pc_start = None;
        self.retire_state();
    }

    /// Takes the last op back if it computed the operand on top with one of `opcodes`.
    fn take_last(&mut self, wanted: impl Fn(OpCode) -> bool) -> Option<usize> {
        self.take_operand(0, wanted)
    }

    /// Takes the last op back if it computed the operand at `depth` with one of `opcodes`;
    /// for those above it there must be no code.
    fn take_operand(&mut self, depth: usize, wanted: impl Fn(OpCode) -> bool) -> Option<usize> {
        let last = self.last?;
        let index = self.stack.len().checked_sub(depth + 1)?;
        let operand = self.stack[index];
        if self.mode == Lowering::Plain
            || operand.place != Place::Home
            || last.result != Some(operand.home)
            || !wanted(last.opcode)
            || self.stack[index + 1..].iter().any(|above| !matches!(above.place, Place::Local(_)))
        {
            return None;
        }
        self.take_back(last);
        Some(last.at)
    }

    /// Takes the last op back; its words are still there.
    fn take_back(&mut self, last: Last) {
        self.weights.pop();
        self.trailing.pop();
        self.mark = last.mark;
        self.pc_start = Some(last.pc_start);
        self.since_label -= 1;
        self.last = self.before_last.take();
        self.forget_accumulated(last.accumulators);
        self.sink.take_back();
    }

    /// Marks the current position as a branch target: nothing moves across it.
    fn label(&mut self) -> Target {
        let pending = self.ticks - self.own - self.mark;
        if pending > 0 {
            if self.since_label > 0 && self.can_join(pending) {
                // The operator that begins here retires with a later op.
                self.join(pending, self.pc - 1);
            } else {
                self.emit_before(OpCode::nop, ops::nop::new());
            }
        }
        self.last = None;
        self.accumulators = Accumulators::default();
        self.since_label = 0;
        self.pc_start = None;
        self.retire_state();
        Target { at: self.code.len(), ops: self.weights.len() as u32, ticks: self.mark }
    }

    /// The counters behind an op about to be emitted as the end of this operator.
    fn count_after(&self) -> Count {
        Count::new(self.weights.len() as i64 + 1, self.ticks as i64)
    }

    // The operand stack.

    fn push(&mut self, ty: ValType, place: Place) -> u32 {
        let home = self.height;
        self.stack.push(Operand { ty, home, place });
        self.height += ty.slots();
        self.max_height = self.max_height.max(self.height);
        if matches!(place, Place::Local(_)) {
            self.aliases += 1;
        }
        home
    }

    /// Pushes the result of the op about to be emitted and returns its slot.
    fn push_result(&mut self, ty: ValType) -> Slot {
        Slot(self.push(ty, Place::Home) as u16)
    }

    /// Notes that the op just emitted wrote the operand on top, and completes it.
    fn result_done(&mut self) {
        let home = self.stack.last().map(|top| top.home);
        if let Some(last) = &mut self.last {
            last.result = home;
        }
        self.retire_state();
    }

    fn pop(&mut self) -> Operand {
        let operand = self.stack.pop().expect("validation keeps the stack from underflowing");
        self.height = operand.home;
        self.changed_from = self.changed_from.min(self.stack.len());
        if matches!(operand.place, Place::Local(_)) {
            self.aliases -= 1;
        }
        operand
    }

    fn top(&self, depth: usize) -> Operand {
        self.stack[self.stack.len() - 1 - depth]
    }

    /// The slot an operand can be read from; a constant is put into its own place.
    fn slot(&mut self, depth: usize) -> Slot {
        let operand = self.top(depth);
        match operand.place {
            Place::Home => Slot(operand.home as u16),
            Place::Local(local) => Slot(self.local_slots[local as usize] as u16),
            Place::Imm(_) => {
                self.settle(self.stack.len() - 1 - depth);
                Slot(operand.home as u16)
            }
        }
    }

    /// Puts an operand into its own place.
    fn settle(&mut self, index: usize) {
        let operand = self.stack[index];
        match operand.place {
            Place::Home => {}
            Place::Local(local) => {
                self.aliases -= 1;
                self.stack[index].place = Place::Home;
                self.changed_from = self.changed_from.min(index);
                self.emit_copy(operand.ty, operand.home, self.local_slots[local as usize]);
            }
            Place::Imm(bits) => {
                self.stack[index].place = Place::Home;
                self.changed_from = self.changed_from.min(index);
                self.emit_const(operand.ty, operand.home, bits);
            }
        }
    }

    /// Puts the top `count` operands into their places.
    fn settle_top(&mut self, count: usize) {
        for index in self.stack.len() - count..self.stack.len() {
            self.settle(index);
        }
    }

    /// Puts the `count` operands below the top one into their places: while it is still
    /// on the stack, so that the tables of a debugger have it until the op that reads it.
    fn settle_under_top(&mut self, count: usize) {
        let top = self.stack.len() - 1;
        for index in top - count..top {
            self.settle(index);
        }
    }

    /// Puts every alias of a local (of `local` only, if given) into its place.
    fn settle_aliases(&mut self, local: Option<u32>) {
        let mut index = 0;
        while self.aliases > 0 && index < self.stack.len() {
            if let Place::Local(of) = self.stack[index].place
                && local.is_none_or(|local| local == of)
            {
                self.settle(index);
            }
            index += 1;
        }
    }

    /// Takes the last op back if it is a copy that another one, of `src`, can join.
    fn take_copy(&mut self, src: Slot) -> Option<ops::copy> {
        let last = self.last?;
        let id = self.code.id(last.at);
        if self.mode == Lowering::Plain || id.opcode() != OpCode::copy || id.form() != 0 {
            return None;
        }
        // SAFETY: the op at `at` is a copy.
        let copy = *unsafe { self.code.get_mut::<ops::copy>(last.at) };
        if copy.dst == src {
            return None;
        }
        self.take_back(last);
        self.code.truncate(last.at);
        Some(copy)
    }

    fn emit_copy(&mut self, ty: ValType, dst: u32, src: u32) {
        let (dst, src) = (Slot(dst as u16), Slot(src as u16));
        if ty.slots() == 1 {
            match self.take_copy(src) {
                Some(first) => {
                    self.emit_before(OpCode::copy2, ops::copy2::new(first.dst, first.src, dst, src))
                }
                None => self.emit_before(OpCode::copy, ops::copy::new(dst, src)),
            };
        } else {
            self.emit_before(OpCode::copy_span, ops::copy_span::new(dst, src, ty.slots() as u16));
        }
    }
}

/// A bound label.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    at: usize,
    ops: u32,
    ticks: u32,
}
