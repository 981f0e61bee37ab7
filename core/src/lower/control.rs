//! Blocks, branches, calls.
//!
//! A branch carries its values to the places they have at the label; a forward branch
//! is patched when its label is bound. Code that cannot be reached is not lowered, only
//! its blocks are counted.

use super::exception::OpenTry;
use super::{Lowerer, Lowering, Place, Sink, Target};
use crate::code::{Bits64, Count, Jump, OpCode, Slot, TableTarget, ops, size_of_op};
use crate::module::ValType;
use wasmparser::{BlockType, BrTable, Operator};

/// A branch whose target is not known yet.
pub(super) enum Patch {
    /// An op's.
    Op {
        /// The start of the op.
        op: usize,
        /// Where its `Jump` lies.
        jump: usize,
        /// The counters behind the op when the branch is taken.
        ops: u32,
        ticks: u32,
    },
    /// A clause's of a `try_table`.
    Clause(usize),
}

/// An open block.
pub(super) struct Control {
    params: Box<[ValType]>,
    results: Box<[ValType]>,
    /// Operands below the block's parameters.
    base: usize,
    /// The slot of the block's first parameter and first result.
    slot: u32,
    /// Where a loop starts.
    start: Option<Target>,
    /// Branches to the end.
    ends: Vec<Patch>,
    /// The branch of an `if` around its then part.
    otherwise: Option<Patch>,
    /// The block is a `try_table`.
    pub(super) open_try: Option<OpenTry>,
    /// The block stands in code that cannot be reached.
    dead: bool,
}

impl Control {
    /// Types of the values a branch to this block carries.
    fn label_types(&self) -> &[ValType] {
        if self.start.is_some() { &self.params } else { &self.results }
    }
}

/// How a conditional branch is spelled once its condition is known.
enum Condition {
    /// `op` with the condition's slot.
    Slot(Slot),
    /// A comparison of two slots.
    Compare(OpCode, Slot, Slot),
    /// A comparison of a slot with a constant.
    CompareImm(OpCode, Slot, i32),
}

impl<S: Sink> Lowerer<'_, S> {
    pub(super) fn open_function(&mut self, results: &[ValType]) {
        self.control.push(Control {
            params: Box::new([]),
            results: results.into(),
            base: 0,
            slot: self.height,
            start: None,
            ends: Vec::new(),
            otherwise: None,
            open_try: None,
            dead: false,
        });
    }

    /// Lowers the operators of this family; false if it is none.
    pub(super) fn control_operator(&mut self, operator: &Operator<'_>) -> bool {
        use Operator as O;
        match *operator {
            O::Unreachable => {
                self.emit(OpCode::unreachable, ops::unreachable::new());
                self.leave_reachable();
            }
            O::Block { blockty } => self.open(blockty, false),
            O::Loop { blockty } => self.open(blockty, true),
            O::If { blockty } => self.open_if(blockty),
            O::Else => self.otherwise(),
            O::End => self.end(),
            O::Br { relative_depth } => self.br(relative_depth),
            O::BrIf { relative_depth } => self.br_if(relative_depth),
            O::BrTable { ref targets } => self.br_table(targets),
            O::Return => {
                self.emit_return();
                self.leave_reachable();
            }
            O::Call { function_index } => self.call(function_index),
            O::CallIndirect { type_index, table_index } => self.call_indirect(type_index, table_index),
            O::ReturnCall { function_index } => self.return_call(function_index),
            O::ReturnCallIndirect { type_index, table_index } => {
                self.return_call_indirect(type_index, table_index)
            }
            _ => return false,
        }
        true
    }

    pub(super) fn leave_reachable(&mut self) {
        self.reachable = false;
        self.last = None;
    }

    fn block_types(&self, block: BlockType) -> (Box<[ValType]>, Box<[ValType]>) {
        match block {
            BlockType::Empty => (Box::new([]), Box::new([])),
            BlockType::Type(ty) => (Box::new([]), Box::new([self.module.val_type(ty)])),
            BlockType::FuncType(index) => {
                let ty = self.module.type_at(index);
                (ty.params().into(), ty.results().into())
            }
        }
    }

    pub(super) fn open(&mut self, block: BlockType, is_loop: bool) {
        let (params, results) = self.block_types(block);
        if self.reachable {
            self.settle_aliases(None);
            self.settle_top(params.len());
        }
        let base = self.stack.len().saturating_sub(params.len());
        let slot = self.stack.get(base).map_or(self.height, |first| first.home);
        let dead = !self.reachable;
        let start = (is_loop && !dead).then(|| self.label());
        self.control.push(Control {
            params,
            results,
            base,
            slot,
            start,
            ends: Vec::new(),
            otherwise: None,
            open_try: None,
            dead,
        });
    }

    fn open_if(&mut self, block: BlockType) {
        if !self.reachable {
            return self.open(block, false);
        }
        let condition = self.condition(true);
        let (params, results) = self.block_types(block);
        self.settle_aliases(None);
        self.settle_top(params.len());
        let base = self.stack.len() - params.len();
        let slot = self.stack.get(base).map_or(self.height, |first| first.home);
        let otherwise = Some(self.emit_branch(condition, true));
        self.retire_state();
        self.control.push(Control {
            params,
            results,
            base,
            slot,
            start: None,
            ends: Vec::new(),
            otherwise,
            open_try: None,
            dead: false,
        });
    }

    fn otherwise(&mut self) {
        let control = self.control.len() - 1;
        if self.control[control].dead {
            return;
        }
        if self.reachable {
            self.settle_top(self.control[control].results.len());
            let patch = self.emit_br(None);
            self.control[control].ends.push(patch);
        }
        let patch = self.control[control].otherwise.take().expect("an else belongs to an if");
        self.reset_stack(control, false);
        let here = self.label();
        self.patch(&patch, here);
        self.reachable = true;
        self.retire_state();
    }

    fn end(&mut self) {
        let index = self.control.len() - 1;
        if self.control[index].dead {
            self.control.pop();
            return;
        }
        if self.reachable {
            let count = self.control[index].results.len();
            if index == 0 && self.control[0].ends.is_empty() {
                // Nothing branches to the end of the function: return from where the values are.
                self.emit_return();
                self.control.pop();
                self.reachable = false;
                return;
            }
            self.settle_top(count);
        }
        self.close_try();
        let otherwise = self.control[index].otherwise.take();
        let ends = std::mem::take(&mut self.control[index].ends);
        self.reachable |= !ends.is_empty() || otherwise.is_some();
        if self.reachable {
            self.reset_stack(index, true);
            if !ends.is_empty() || otherwise.is_some() {
                let here = self.label();
                for patch in ends.iter().chain(&otherwise) {
                    self.patch(patch, here);
                }
            }
            self.retire_state();
        }
        if index == 0 && self.reachable {
            self.emit_return();
            self.reachable = false;
        }
        let control = self.control.pop().expect("an end closes a block");
        if !self.reachable {
            // Keep the stack as it is at the outer level: the rest of the block is dead.
            while self.stack.len() > control.base {
                self.pop();
            }
        }
    }

    /// Makes the stack what it is at the start of an else part, or behind the block.
    fn reset_stack(&mut self, control: usize, results: bool) {
        while self.stack.len() > self.control[control].base {
            self.pop();
        }
        self.height = self.control[control].slot;
        let types = if results {
            self.control[control].results.clone()
        } else {
            self.control[control].params.clone()
        };
        for &ty in &types {
            self.push(ty, Place::Home);
        }
    }

    pub(super) fn patch(&mut self, patch: &Patch, target: Target) {
        match *patch {
            Patch::Op { op, jump, ops, ticks } => {
                let delta = Count::new(ops as i64 - target.ops as i64, ticks as i64 - target.ticks as i64);
                let offset = (target.at as i64 - op as i64) as i32;
                // SAFETY: a `Jump` was pushed there as part of the branch.
                *unsafe { self.code.get_mut::<Jump>(jump) } = Jump { offset, delta };
            }
            Patch::Clause(clause) => {
                let clause = self.regions.clause_mut(clause);
                (clause.target, clause.ops, clause.ticks) = (target.at as u32, target.ops, target.ticks);
            }
        }
    }

    /// The counters of a branch that was just emitted at `op`.
    pub(super) fn branch_patch(&self, op: usize, jump: usize) -> Patch {
        Patch::Op { op, jump, ops: self.weights.len() as u32, ticks: self.mark }
    }

    /// The innermost open block.
    pub(super) fn control_top(&mut self) -> &mut Control {
        self.control.last_mut().expect("the function is a block")
    }

    /// Where the values for the label `depth` blocks up have their places.
    pub(super) fn label_slot(&self, depth: u32) -> Slot {
        Slot(self.control[self.control.len() - 1 - depth as usize].slot as u16)
    }

    /// Pops the condition of a branch. A comparison that made it is taken back and
    /// becomes part of the branch; `negate` asks for the opposite.
    fn condition(&mut self, negate: bool) -> Condition {
        if self.mode == Lowering::Fused
            && let Some(at) = self.take_last(|op| super::numeric::branch_of(op).is_some())
        {
            let opcode = self.code.opcode(at);
            if opcode == OpCode::i32_eqz
                && let Some(condition) = self.opposite_condition(at, negate)
            {
                return condition;
            }
            let branch = super::numeric::branch_of(opcode).expect("just asked");
            // SAFETY: the op at `at` is a comparison; its three operands follow its number,
            // the immediate of the other kind lies behind the two slots.
            let condition = unsafe {
                match branch.form {
                    super::numeric::Form::Zero => {
                        let src = self.code.get_mut::<ops::i32_eqz>(at).src;
                        Condition::CompareImm(branch.op(negate), src, 0)
                    }
                    super::numeric::Form::Slots => {
                        let op = *self.code.get_mut::<ops::i32_eq>(at);
                        Condition::Compare(branch.op(negate), op.lhs, op.rhs)
                    }
                    super::numeric::Form::Imm => {
                        let op = *self.code.get_mut::<ops::i32_eq_imm>(at);
                        Condition::CompareImm(branch.op(negate), op.lhs, op.rhs)
                    }
                }
            };
            self.code.truncate(at);
            self.pop();
            return condition;
        }
        let slot = self.slot(0);
        self.pop();
        Condition::Slot(slot)
    }

    /// The condition of a branch on `i32.eqz` of a comparison, which becomes the opposite
    /// comparison. The `i32_eqz` at `at` has been taken back.
    fn opposite_condition(&mut self, at: usize, negate: bool) -> Option<Condition> {
        let home = self.top(0).home;
        let last = self.last?;
        // SAFETY: the op at `at` is an `i32_eqz`.
        let src = unsafe { self.code.get_mut::<ops::i32_eqz>(at) }.src;
        if src != Slot(home as u16)
            || last.result != Some(home)
            || super::numeric::branch_of(last.opcode).is_none()
        {
            return None;
        }
        self.code.truncate(at);
        // An operand of the same type in the same place: the one `i32_eqz` has read.
        Some(self.condition(!negate))
    }

    /// Emits a conditional branch with an open target.
    fn emit_branch(&mut self, condition: Condition, negate: bool) -> Patch {
        let open = Jump { offset: 0, delta: Count::new(0, 0) };
        match condition {
            Condition::Slot(cond) => {
                let opcode = if negate { OpCode::br_unless } else { OpCode::br_if };
                let mut op = ops::br_if::new(cond, open);
                op.set_opcode(opcode);
                let at = self.emit(opcode, op);
                self.branch_patch(at, at + std::mem::offset_of!(ops::br_if, jump))
            }
            Condition::Compare(opcode, lhs, rhs) => {
                let mut op = ops::br_i32_eq::new(lhs, rhs, open);
                op.set_opcode(opcode);
                let at = self.emit(opcode, op);
                self.branch_patch(at, at + std::mem::offset_of!(ops::br_i32_eq, jump))
            }
            Condition::CompareImm(opcode, lhs, rhs) => {
                let mut op = ops::br_i32_eq_imm::new(lhs, rhs, open);
                op.set_opcode(opcode);
                let at = self.emit(opcode, op);
                self.branch_patch(at, at + std::mem::offset_of!(ops::br_i32_eq_imm, jump))
            }
        }
    }

    /// Emits `br`, or `br_copy` with `(dst, src, count)`, with an open target.
    pub(super) fn emit_br(&mut self, values: Option<(Slot, Slot, u16)>) -> Patch {
        let open = Jump { offset: 0, delta: Count::new(0, 0) };
        match values {
            None => {
                let at = self.emit(OpCode::br, ops::br::new(open));
                self.branch_patch(at, at + std::mem::offset_of!(ops::br, jump))
            }
            Some((dst, src, count)) => {
                let at = self.emit(OpCode::br_copy, ops::br_copy::new(dst, src, count, open));
                self.branch_patch(at, at + std::mem::offset_of!(ops::br_copy, jump))
            }
        }
    }

    /// Points a branch at the label `depth` blocks up, now or when it is bound.
    pub(super) fn aim(&mut self, depth: u32, patch: Patch) {
        let control = self.control.len() - 1 - depth as usize;
        match self.control[control].start {
            Some(start) => self.patch(&patch, start),
            None => self.control[control].ends.push(patch),
        }
    }

    /// How many values the label `depth` blocks up takes.
    pub(super) fn label_arity(&self, depth: u32) -> usize {
        self.control[self.control.len() - 1 - depth as usize].label_types().len()
    }

    /// Puts the values for a label into their places; where they have to move, returns
    /// target, source and slots.
    pub(super) fn label_values(&mut self, depth: u32) -> Option<(Slot, Slot, u16)> {
        let control = &self.control[self.control.len() - 1 - depth as usize];
        let (count, dst) = (control.label_types().len(), control.slot);
        let slots: u32 = control.label_types().iter().map(|ty| ty.slots()).sum();
        self.settle_top(count);
        let src = self.height - slots;
        (slots > 0 && src != dst).then_some((Slot(dst as u16), Slot(src as u16), slots as u16))
    }

    fn br(&mut self, depth: u32) {
        if depth as usize == self.control.len() - 1 {
            self.emit_return();
            return self.leave_reachable();
        }
        let control = &self.control[self.control.len() - 1 - depth as usize];
        let (types, dst) = (control.label_types(), control.slot);
        let values = if self.mode == Lowering::Fused
            && types.len() == 1
            && types[0].slots() == 1
            && self.top(0).home != dst
        {
            // One value goes straight to its place; everything between is dead.
            let top = self.top(0);
            match top.place {
                Place::Home => self.emit_copy(top.ty, dst, top.home),
                Place::Local(local) => self.emit_copy(top.ty, dst, self.local_slots[local as usize]),
                Place::Imm(bits) => self.emit_const(top.ty, dst, bits),
            }
            None
        } else {
            self.label_values(depth)
        };
        let patch = self.emit_br(values);
        self.aim(depth, patch);
        self.leave_reachable();
    }

    fn br_if(&mut self, depth: u32) {
        let condition = self.condition(false);
        let values = self.label_values(depth);
        let patch = match values {
            None => self.emit_branch(condition, false),
            Some((dst, src, count)) => match condition {
                Condition::Slot(cond) => {
                    let open = Jump { offset: 0, delta: Count::new(0, 0) };
                    let at = self.emit(OpCode::br_if_copy, ops::br_if_copy::new(cond, dst, src, count, open));
                    self.branch_patch(at, at + std::mem::offset_of!(ops::br_if_copy, jump))
                }
                compare => {
                    // Not taken: around the copy and the branch.
                    let around = self.emit_branch(compare.negated(), false);
                    self.retire_state();
                    let patch = self.emit_br(Some((dst, src, count)));
                    let here = self.label();
                    self.patch(&around, here);
                    patch
                }
            },
        };
        self.aim(depth, patch);
        self.retire_state();
    }

    fn br_table(&mut self, targets: &BrTable<'_>) {
        let index = self.slot(0);
        let valid = "the body was validated when the module was loaded";
        let default = targets.default();
        let count = self.label_arity(default);
        self.settle_under_top(count);
        self.pop();
        let slots: u32 =
            self.stack[self.stack.len() - count..].iter().map(|operand| operand.ty.slots()).sum();
        let src = Slot((self.height - slots) as u16);
        let (at, mut entry) = if slots == 0 {
            let at = self.emit(OpCode::br_table, ops::br_table::new(index, targets.len()));
            (at, at + size_of_op::<ops::br_table>())
        } else {
            let at = self.emit(
                OpCode::br_table_copy,
                ops::br_table_copy::new(index, src, slots as u16, targets.len()),
            );
            (at, at + size_of_op::<ops::br_table_copy>())
        };
        for target in targets.targets().chain(std::iter::once(Ok(default))) {
            let target = target.expect(valid);
            let dst = Slot(self.control[self.control.len() - 1 - target as usize].slot as u16);
            let open = Jump { offset: 0, delta: Count::new(0, 0) };
            let pushed = self.code.push(TableTarget { jump: open, dst, pad: 0 });
            debug_assert_eq!(pushed, entry);
            let patch = self.branch_patch(at, entry + std::mem::offset_of!(TableTarget, jump));
            self.aim(target, patch);
            entry += size_of_op::<TableTarget>();
        }
        self.leave_reachable();
    }

    fn emit_return(&mut self) {
        let count = self.control[0].results.len();
        let slots: u32 = self.control[0].results.iter().map(|ty| ty.slots()).sum();
        if slots == 0 {
            let end = self.count_after();
            self.emit(OpCode::ret, ops::ret::new(end));
        } else if slots == 1 {
            let src = self.slot(0);
            let end = self.count_after();
            self.emit(OpCode::ret_value, ops::ret_value::new(src, end));
        } else {
            self.settle_top(count);
            let src = Slot((self.height - slots) as u16);
            let end = self.count_after();
            self.emit(OpCode::ret_span, ops::ret_span::new(src, slots as u16, end));
        }
        self.last = None;
    }

    fn call(&mut self, func: u32) {
        let ty = self.module.func_type(func).clone();
        let head = self.arguments(ty.params());
        let resume = self.count_after();
        if func < self.module.imported_funcs() {
            self.emit(OpCode::call_import, ops::call_import::new(head, func, resume));
        } else {
            let entry = Bits64::new((self.entry_address)(func));
            self.emit(OpCode::call, ops::call::new(head, func, entry, resume));
            if let [result] = ty.results()
                && result.slots() == 1
            {
                self.accumulators.returned(head);
            }
        }
        self.results(ty.results());
    }

    fn call_indirect(&mut self, ty_index: u32, table: u32) {
        let ty = self.module.type_at(ty_index).clone();
        let index = self.index_above(ty.params());
        let head = self.arguments(ty.params());
        let resume = self.count_after();
        self.emit(OpCode::call_indirect, ops::call_indirect::new(index, head, ty_index, table, resume));
        self.results(ty.results());
    }

    fn return_call(&mut self, func: u32) {
        let ty = self.module.func_type(func).clone();
        let (head, count) = self.arguments_moved(ty.params());
        let end = self.count_after();
        if func < self.module.imported_funcs() {
            self.emit(OpCode::return_call_import, ops::return_call_import::new(head, count, func, end));
            self.return_of_host(ty.results());
        } else {
            let entry = Bits64::new((self.entry_address)(func));
            self.emit(OpCode::return_call, ops::return_call::new(head, count, func, entry, end));
        }
        self.leave_reachable();
    }

    fn return_call_indirect(&mut self, ty_index: u32, table: u32) {
        let ty = self.module.type_at(ty_index).clone();
        let index = self.index_above(ty.params());
        let (head, count) = self.arguments_moved(ty.params());
        let end = self.count_after();
        self.emit(
            OpCode::return_call_indirect,
            ops::return_call_indirect::new(head, count, index, ty_index, table, end),
        );
        self.return_of_host(ty.results());
        self.leave_reachable();
    }

    /// Behind a tail call whose callee may be a host function, which leaves its results
    /// where the arguments were: a return of no weight.
    pub(super) fn return_of_host(&mut self, results: &[ValType]) {
        self.results(results);
        self.emit_return();
    }

    /// The arguments of a tail call: where they are, and their slots.
    pub(super) fn arguments_moved(&mut self, params: &[ValType]) -> (Slot, u16) {
        let head = self.arguments(params);
        (head, crate::value::slots_of(params) as u16)
    }

    /// Puts the arguments below an index into their places and pops the index; it lies
    /// above the arguments and survives until the call has read it.
    pub(super) fn index_above(&mut self, params: &[ValType]) -> Slot {
        let top = self.stack.len() - 1;
        for argument in top - params.len()..top {
            self.settle(argument);
        }
        let index = self.slot(0);
        self.pop();
        index
    }

    /// Puts the arguments into their places and pops them; where the callee starts.
    pub(super) fn arguments(&mut self, params: &[ValType]) -> Slot {
        self.settle_top(params.len());
        for _ in params {
            self.pop();
        }
        Slot(self.height as u16)
    }

    pub(super) fn results(&mut self, results: &[ValType]) {
        for &ty in results {
            self.push(ty, Place::Home);
        }
        self.last = None;
        self.retire_state();
    }
}

impl Condition {
    fn negated(self) -> Condition {
        match self {
            Condition::Slot(slot) => Condition::Slot(slot),
            Condition::Compare(op, lhs, rhs) => Condition::Compare(super::numeric::opposite(op), lhs, rhs),
            Condition::CompareImm(op, lhs, rhs) => {
                Condition::CompareImm(super::numeric::opposite(op), lhs, rhs)
            }
        }
    }
}
