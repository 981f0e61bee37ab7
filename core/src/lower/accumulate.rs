//! Which values are in accumulators: each op gets its form when it is emitted.
//!
//! An op with a result leaves it in an accumulator as well as in its slot; only a copy does not,
//! for what stands between an op and the branch on its result are copies. As long as no
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
use crate::isa::{Kind, Operand, OperandType, Role};
use std::sync::LazyLock;

/// What the accumulators hold before the next op.
#[derive(Clone, Copy, Default)]
pub(super) struct Accumulators {
    /// The slot whose value the accumulator for integers has.
    int: Option<Slot>,
    /// The slot whose value the accumulator for floats has.
    float: Option<Slot>,
    /// The last op and its result, if that can be kept from its slot.
    last: Option<(usize, Slot)>,
    /// The op whose result the last op made it keep.
    kept: Option<usize>,
}

impl Accumulators {
    fn of(&mut self, float: bool) -> &mut Option<Slot> {
        if float { &mut self.float } else { &mut self.int }
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

/// What an op's line in the table says of accumulators; asked once for every op emitted.
#[derive(Clone, Copy, Default)]
struct Facts {
    /// The slots that it may read from an accumulator, and the form that it then has.
    inputs: [Option<(Place, u8)>; 2],
    result: Option<Place>,
    /// The result can be in an accumulator, too or alone.
    keeps: bool,
    /// A second slot it writes.
    second: Option<Place>,
    /// Nothing is in an accumulator behind it.
    clears: bool,
    /// It ends its frame: whatever it has read nobody reads again.
    ends: bool,
    /// It leaves the accumulators as they are, and its result is what it has read.
    copies: bool,
}

/// Where an operand lies in its op, and whether it is a float.
#[derive(Clone, Copy)]
struct Place {
    offset: u16,
    float: bool,
}

impl Facts {
    fn of(opcode: OpCode) -> Facts {
        let (info, allowed) = (opcode.info(), ALLOWED[opcode as usize]);
        let place = |operand: &Operand| Place { offset: operand.offset, float: operand.ty.is_float() };
        let of_role = |role| info.operands.iter().filter(move |operand| operand.role == role);
        let mut facts = Facts {
            keeps: allowed & KEEP != 0,
            clears: matches!(info.kind, Kind::Leaves | Kind::Host)
                || of_role(Role::Outs).count() > 0
                || of_role(Role::Out).any(|operand| operand.ty == OperandType::V128),
            ends: opcode == OpCode::ret_value,
            copies: opcode == OpCode::copy,
            ..Facts::default()
        };
        for ((input, operand), form) in facts.inputs.iter_mut().zip(of_role(Role::In)).zip([FIRST, SECOND]) {
            *input = (allowed & form != 0).then(|| (place(operand), form));
        }
        let mut outs = of_role(Role::Out).map(place);
        (facts.result, facts.second) = (outs.next(), outs.next());
        facts
    }
}

static FACTS: LazyLock<[Facts; OpCode::COUNT]> = LazyLock::new(|| {
    std::array::from_fn(|op| Facts::of(OpCode::from_u16(op as u16).expect("there are as many")))
});

impl<S: Sink> Lowerer<'_, S> {
    /// Gives the op just emitted at `at` its form.
    pub(super) fn accumulate(&mut self, at: usize, opcode: OpCode) {
        let facts = &FACTS[opcode as usize];
        let last = self.accumulators.last.take();
        self.accumulators.kept = None;
        let mut copied = false;
        let result = facts.result.map(|place| (self.code.slot(at, place.offset), place.float));
        for &(place, form) in facts.inputs.iter().flatten() {
            let slot = self.code.slot(at, place.offset);
            if *self.accumulators.of(place.float) != Some(slot) {
                continue;
            }
            self.code.set_id(at, self.code.id(at).with_form(form));
            let read_again =
                !facts.ends && (slot.0 as u32) < self.height && result.map(|(dst, _)| dst) != Some(slot);
            copied = facts.copies && !read_again;
            if let Some((last, dst)) = last
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
        if facts.clears {
            self.accumulators = Accumulators::default();
        } else if let Some((dst, float)) = result {
            self.accumulators.forget(dst);
            if facts.keeps {
                *self.accumulators.of(float) = Some(dst);
                self.accumulators.last = Some((at, dst));
            } else if copied {
                *self.accumulators.of(false) = Some(dst);
            } else if let Some(second) = facts.second {
                self.accumulators.forget(self.code.slot(at, second.offset));
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
