//! Which values are in accumulators: each op gets its form when it is emitted.
//!
//! An op with a result leaves it in an accumulator as well as in its slot. As long as no
//! other result has replaced it there, an op that reads the slot reads the accumulator
//! instead. If it is the very next op, and the slot is a place of the operand stack that
//! nobody else can read, the first op need not write the slot at all.
//!
//! Always: the choice depends on the ops only, so it is the same whenever a function is
//! lowered; at a label, and behind an op that enters or leaves a frame, accumulators hold
//! nothing; only a call of a function of the module leaves its result there.
//! Elsewhere: what a form is (`exec::form`).

use super::{Lowerer, Sink};
use crate::code::{OpCode, Slot};
use crate::exec::form::{ALLOWED, FIRST, KEEP, SECOND};
use crate::isa::{Kind, OperandType, Role};

/// What the accumulators hold before the next op.
#[derive(Clone, Copy, Default)]
pub(super) struct Accumulators {
    /// The slot whose value the accumulator for integers has.
    int: Option<Slot>,
    /// The slot whose value the accumulator for f64 has.
    float: Option<Slot>,
    /// The last op and its result, if that can be kept from its slot.
    last: Option<(usize, Slot)>,
    /// The op whose result the last op made it keep.
    kept: Option<usize>,
}

impl Accumulators {
    fn of(&mut self, ty: OperandType) -> &mut Option<Slot> {
        if ty == OperandType::F64 { &mut self.float } else { &mut self.int }
    }

    /// A slot gets another value.
    fn forget(&mut self, slot: Slot) {
        self.int = self.int.filter(|&held| held != slot);
        self.float = self.float.filter(|&held| held != slot);
    }

    /// A call has returned its only result, in the frame's first slot and in the accumulator.
    pub(super) fn returned(&mut self, slot: Slot) {
        self.int = Some(slot);
    }

    /// The last op was made to write another slot.
    pub(super) fn moved(&mut self, from: Slot, to: Slot) {
        let held = (self.int == Some(from), self.float == Some(from));
        self.forget(to);
        if held.0 {
            self.int = Some(to);
        }
        if held.1 {
            self.float = Some(to);
        }
        if let Some((_, result)) = &mut self.last {
            *result = to;
        }
    }
}

impl<S: Sink> Lowerer<'_, S> {
    /// Gives the op just emitted at `at` its form.
    pub(super) fn accumulate(&mut self, at: usize, opcode: OpCode) {
        let (info, allowed) = (opcode.info(), ALLOWED[opcode as usize]);
        let before = self.accumulators;
        self.accumulators.last = None;
        self.accumulators.kept = None;
        let result = info.operands.iter().find(|operand| operand.role == Role::Out);
        let result = result.map(|operand| (self.code.slot(at, operand), operand.ty));
        let inputs = info.operands.iter().filter(|operand| operand.role == Role::In);
        for (operand, form) in inputs.zip([FIRST, SECOND]) {
            let slot = self.code.slot(at, operand);
            if allowed & form == 0 || *self.accumulators.of(operand.ty) != Some(slot) {
                continue;
            }
            self.code.set_id(at, self.code.id(at).with_form(form));
            let read_again = opcode != OpCode::ret_value
                && (slot.0 as u32) < self.height
                && result.map(|(dst, _)| dst) != Some(slot);
            if let Some((last, dst)) = before.last
                && dst == slot
                && slot.0 as u32 >= self.first_operand
                && !read_again
            {
                let id = self.code.id(last);
                self.code.set_id(last, id.with_form(id.form() | KEEP));
                self.accumulators.kept = Some(last);
            }
            break;
        }
        if matches!(info.kind, Kind::Leaves | Kind::Host)
            || info.operands.iter().any(|operand| match operand.role {
                Role::Out => operand.ty == OperandType::V128,
                Role::Outs => true,
                _ => false,
            })
        {
            self.accumulators = Accumulators::default();
        } else if let Some((dst, ty)) = result {
            self.accumulators.forget(dst);
            if allowed & KEEP != 0 {
                *self.accumulators.of(ty) = Some(dst);
                self.accumulators.last = Some((at, dst));
            } else {
                // Some ops have two results.
                let outs = info.operands.iter().filter(|operand| operand.role == Role::Out);
                outs.for_each(|operand| self.accumulators.forget(self.code.slot(at, operand)));
            }
        }
    }

    /// Takes back the form of the last op, which is taken back itself; `before` is what the
    /// accumulators held before it.
    pub(super) fn forget_accumulated(&mut self, before: Accumulators) {
        if let Some(kept) = self.accumulators.kept {
            let id = self.code.id(kept);
            self.code.set_id(kept, id.with_form(id.form() & !KEEP));
        }
        self.accumulators = before;
    }
}
