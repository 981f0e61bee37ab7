//! Branches: what a condition becomes, and how values get to their label.
//!
//! A comparison made just before the branch is taken back and becomes part of it. Values that
//! a branch carries and that are not in the places they have at the label are moved there:
//! by a copy before it, by the branch itself, or behind a branch around both.

use super::compare::{Form, branch_of, opposite};
use super::control::Patch;
use super::{Lowerer, Lowering, Place, Sink};
use crate::code::{Bits64, Count, Jump, OpCode, Slot, TableTarget, ops, size_of_op};
use wasmparser::BrTable;

/// How a conditional branch is spelled once its condition is known.
pub(super) enum Condition {
    /// `op` with the condition's slot.
    Slot(Slot),
    /// A comparison of two slots.
    Compare(OpCode, Slot, Slot),
    /// A comparison of a slot with a constant: an integer, or the bits of an f32.
    CompareImm(OpCode, Slot, i32),
    /// The same with an f64.
    CompareDouble(OpCode, Slot, Bits64),
}

impl Condition {
    pub(super) fn negated(self) -> Condition {
        match self {
            Condition::Slot(slot) => Condition::Slot(slot),
            Condition::Compare(op, lhs, rhs) => Condition::Compare(opposite(op), lhs, rhs),
            Condition::CompareImm(op, lhs, rhs) => Condition::CompareImm(opposite(op), lhs, rhs),
            Condition::CompareDouble(op, lhs, rhs) => Condition::CompareDouble(opposite(op), lhs, rhs),
        }
    }
}

impl<S: Sink> Lowerer<'_, S> {
    /// Pops the condition of a branch. A comparison that made it is taken back and
    /// becomes part of the branch; `negate` asks for the opposite.
    pub(super) fn condition(&mut self, negate: bool) -> Condition {
        if self.mode == Lowering::Fused
            && let Some(at) = self.take_last(|op| branch_of(op).is_some())
        {
            let opcode = self.code.opcode(at);
            if opcode == OpCode::i32_eqz
                && let Some(condition) = self.opposite_condition(at, negate)
            {
                return condition;
            }
            let branch = branch_of(opcode).expect("just asked");
            // SAFETY: the op at `at` is a comparison; its three operands follow its number,
            // the immediate of the other kind lies behind the two slots.
            let condition = unsafe {
                match branch.form {
                    Form::Zero => {
                        let src = self.code.get_mut::<ops::i32_eqz>(at).src;
                        Condition::CompareImm(branch.op(negate), src, 0)
                    }
                    Form::Slots => {
                        let op = *self.code.get_mut::<ops::i32_eq>(at);
                        Condition::Compare(branch.op(negate), op.lhs, op.rhs)
                    }
                    Form::Swapped => {
                        let op = *self.code.get_mut::<ops::i32_eq>(at);
                        Condition::Compare(branch.op(negate), op.rhs, op.lhs)
                    }
                    Form::Imm => {
                        let op = *self.code.get_mut::<ops::i32_eq_imm>(at);
                        Condition::CompareImm(branch.op(negate), op.lhs, op.rhs)
                    }
                    Form::Double => {
                        let op = *self.code.get_mut::<ops::f64_eq_imm>(at);
                        Condition::CompareDouble(branch.op(negate), op.lhs, op.rhs)
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
        if src != Slot(home as u16) || last.result != Some(home) || branch_of(last.opcode).is_none() {
            return None;
        }
        self.code.truncate(at);
        // An operand of the same type in the same place: the one `i32_eqz` has read.
        Some(self.condition(!negate))
    }

    /// Emits a conditional branch with an open target.
    pub(super) fn emit_branch(&mut self, condition: Condition, negate: bool) -> Patch {
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
            Condition::CompareDouble(opcode, lhs, rhs) => {
                let mut op = ops::br_f64_eq_imm::new(lhs, rhs, open);
                op.set_opcode(opcode);
                let at = self.emit(opcode, op);
                self.branch_patch(at, at + std::mem::offset_of!(ops::br_f64_eq_imm, jump))
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

    pub(super) fn br(&mut self, depth: u32) {
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

    pub(super) fn br_if(&mut self, depth: u32) {
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

    pub(super) fn br_table(&mut self, targets: &BrTable<'_>) {
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
}
