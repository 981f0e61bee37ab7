//! Locals, globals, constants, `drop`, `select`.

use super::numeric::Imm;
use super::{Lowerer, Lowering, MAX_PENDING, Place, Sink};
use crate::code::{Bits64, ID, OpCode, Slot, ops};
use crate::module::ValType;
use wasmparser::Operator;

impl<S: Sink> Lowerer<'_, S> {
    /// Lowers the operators of this family; false if it is none.
    pub(super) fn variable_operator(&mut self, operator: &Operator<'_>) -> bool {
        use Operator as O;
        match *operator {
            O::LocalGet { local_index } => self.local_get(local_index),
            O::LocalSet { local_index } => self.local_set(local_index, false),
            O::LocalTee { local_index } => self.local_set(local_index, true),
            O::GlobalGet { global_index } => {
                let ty = self.module.global_type(global_index).content;
                let opcode = if ty.slots() == 1 { OpCode::global_get } else { OpCode::global_get_v128 };
                let dst = self.push_result(ty);
                let mut op = ops::global_get::new(dst, global_index);
                op.set_opcode(opcode);
                self.emit(opcode, op);
                self.result_done();
            }
            O::GlobalSet { global_index } => {
                let src = self.slot(0);
                let wide = self.pop().ty.slots() == 2;
                let opcode = if wide { OpCode::global_set_v128 } else { OpCode::global_set };
                let mut op = ops::global_set::new(src, global_index);
                op.set_opcode(opcode);
                self.emit(opcode, op);
                self.retire_state();
            }
            O::I32Const { value } => self.constant(ValType::I32, value as u32 as u64),
            O::I64Const { value } => self.constant(ValType::I64, value as u64),
            O::F32Const { value } => self.constant(ValType::F32, value.bits() as u64),
            O::F64Const { value } => self.constant(ValType::F64, value.bits()),
            O::Drop => {
                let top = self.pop();
                match self.mode {
                    Lowering::Plain => {
                        self.emit(OpCode::drop, ops::drop::new());
                        self.retire_state();
                    }
                    Lowering::Fused
                        if top.place == Place::Home && self.since_label > 0 && self.can_join(MAX_PENDING) =>
                    {
                        self.join_last()
                    }
                    Lowering::Fused => {}
                }
            }
            O::Select | O::TypedSelect { .. } => self.select(),
            _ => return false,
        }
        true
    }

    fn local_get(&mut self, local: u32) {
        let ty = self.locals[local as usize];
        if self.mode == Lowering::Fused {
            self.push(ty, Place::Local(local));
            return;
        }
        let dst = self.push(ty, Place::Home);
        self.move_to(ty, dst, self.local_slots[local as usize]);
        self.result_done();
    }

    /// Emits the copy that completes this operator.
    pub(super) fn move_to(&mut self, ty: ValType, dst: u32, src: u32) {
        let (dst, src) = (Slot(dst as u16), Slot(src as u16));
        if ty.slots() == 1 {
            match self.take_copy(src) {
                Some(first) => self.emit(OpCode::copy2, ops::copy2::new(first.dst, first.src, dst, src)),
                None => self.emit(OpCode::copy, ops::copy::new(dst, src)),
            };
        } else {
            self.emit(OpCode::copy_span, ops::copy_span::new(dst, src, ty.slots() as u16));
        }
    }

    fn local_set(&mut self, local: u32, keep: bool) {
        let slot = self.local_slots[local as usize];
        let top = self.top(0);
        if self.mode == Lowering::Fused && top.place == Place::Local(local) {
            // The local already has this value.
            if !keep {
                self.pop();
            }
            return;
        }
        let fused = self.mode == Lowering::Fused;
        let aliased = fused
            && self.aliases > 0
            && self.stack.iter().any(|operand| operand.place == Place::Local(local));
        let rewritable = fused && !aliased;
        if rewritable
            && top.place == Place::Home
            && let Some(last) = self.last
            && last.result == Some(top.home)
            && self.can_join(MAX_PENDING)
        {
            // The op that made the value writes the local instead. Its destination is
            // the first operand, right behind the id.
            // SAFETY: every op with a result has its destination slot there.
            *unsafe { self.code.get_mut::<Slot>(last.at + DST) } = Slot(slot as u16);
            self.accumulators.moved(Slot(top.home as u16), Slot(slot as u16));
            self.pop();
            if keep {
                self.push(top.ty, Place::Local(local));
            }
            if let Some(last) = &mut self.last {
                last.result = None;
            }
            self.join_last();
            return;
        }
        if aliased {
            self.settle_aliases(Some(local));
        }
        match top.place {
            Place::Imm(bits) => {
                self.pop();
                if keep {
                    self.push(top.ty, Place::Imm(bits));
                }
                self.const_to(top.ty, slot, bits);
            }
            Place::Local(of) => {
                self.pop();
                if keep {
                    self.push(top.ty, Place::Local(of));
                }
                self.move_to(top.ty, slot, self.local_slots[of as usize]);
            }
            Place::Home => {
                self.pop();
                if keep {
                    let place = if fused { Place::Local(local) } else { Place::Home };
                    self.push(top.ty, place);
                }
                self.move_to(top.ty, slot, top.home);
            }
        }
        self.retire_state();
    }

    fn constant(&mut self, ty: ValType, bits: u64) {
        if self.mode == Lowering::Fused {
            self.push(ty, Place::Imm(bits));
            return;
        }
        let dst = self.push(ty, Place::Home);
        self.const_to(ty, dst, bits);
        self.result_done();
    }

    /// Emits the constant that completes this operator.
    pub(super) fn const_to(&mut self, ty: ValType, dst: u32, bits: u64) {
        let dst = Slot(dst as u16);
        match ty {
            ValType::I32 => self.emit(OpCode::i32_const, ops::i32_const::new(dst, bits as i32)),
            ValType::I64 => self.emit(OpCode::i64_const, ops::i64_const::new(dst, Bits64::new(bits))),
            ValType::F32 => self.emit(OpCode::f32_const, ops::f32_const::new(dst, bits as u32)),
            ValType::F64 => self.emit(OpCode::f64_const, ops::f64_const::new(dst, Bits64::new(bits))),
            other => unreachable!("no constant of type {other:?} is kept as an immediate"),
        };
    }

    /// Emits a constant that prepares this operator.
    pub(super) fn emit_const(&mut self, ty: ValType, dst: u32, bits: u64) {
        let dst = Slot(dst as u16);
        match ty {
            ValType::I32 => self.emit_before(OpCode::i32_const, ops::i32_const::new(dst, bits as i32)),
            ValType::I64 => self.emit_before(OpCode::i64_const, ops::i64_const::new(dst, Bits64::new(bits))),
            ValType::F32 => self.emit_before(OpCode::f32_const, ops::f32_const::new(dst, bits as u32)),
            ValType::F64 => self.emit_before(OpCode::f64_const, ops::f64_const::new(dst, Bits64::new(bits))),
            other => unreachable!("no constant of type {other:?} is kept as an immediate"),
        };
    }

    fn select(&mut self) {
        use OpCode as C;
        let ty = self.top(2).ty;
        // With the second value as a constant, with the first, with both.
        let (slots, constant) = match ty {
            ValType::I32 => {
                (C::select, Some((C::i32_select_imm, C::i32_rselect_imm, Some(C::i32_select_imms))))
            }
            ValType::I64 => {
                (C::select, Some((C::i64_select_imm, C::i64_rselect_imm, Some(C::i64_select_imms))))
            }
            ValType::F32 => (C::f32_select, Some((C::f32_select_imm, C::f32_rselect_imm, None))),
            ValType::F64 => (C::f64_select, Some((C::f64_select_imm, C::f64_rselect_imm, None))),
            ty if ty.slots() == 1 => (C::select, None),
            _ => (C::select_v128, None),
        };
        let cond = self.slot(0);
        match (constant, self.immediate(2), self.immediate(1)) {
            (Some((_, _, Some(opcode))), Some(Imm::Word(lhs)), Some(Imm::Word(rhs))) => {
                let dst = self.select_result(ty);
                let mut op = ops::i32_select_imms::new(dst, cond, lhs, rhs);
                op.set_opcode(opcode);
                self.emit(opcode, op);
            }
            (Some((opcode, ..)), _, Some(rhs)) => self.select_imm(opcode, cond, 2, rhs),
            (Some((_, opcode, _)), Some(lhs), None) => self.select_imm(opcode, cond, 1, lhs),
            _ => {
                let (rhs, lhs) = (self.slot(1), self.slot(2));
                let dst = self.select_result(ty);
                let mut op = ops::select::new(dst, cond, lhs, rhs);
                op.set_opcode(slots);
                self.emit(slots, op);
            }
        }
        self.result_done();
    }

    /// Emits a `select` between the operand at `depth` and a constant.
    fn select_imm(&mut self, opcode: OpCode, cond: Slot, depth: usize, constant: Imm) {
        let (ty, value) = (self.top(2).ty, self.slot(depth));
        let dst = self.select_result(ty);
        match constant {
            Imm::Word(constant) => {
                let mut op = ops::i32_select_imm::new(dst, cond, value, constant);
                op.set_opcode(opcode);
                self.emit(opcode, op)
            }
            Imm::Double(constant) => {
                let mut op = ops::f64_select_imm::new(dst, cond, value, constant);
                op.set_opcode(opcode);
                self.emit(opcode, op)
            }
        };
    }

    /// Pops the operands of a `select` and pushes its result.
    fn select_result(&mut self, ty: ValType) -> Slot {
        for _ in 0..3 {
            self.pop();
        }
        self.push_result(ty)
    }
}

/// Where an op with a result has its destination.
const DST: usize = ID + 2;
