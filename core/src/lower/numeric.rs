//! Arithmetic, comparisons, conversions: operators that compute one value from one or
//! two operands.
//!
//! In `fused` lowering a constant on the right becomes an immediate, unless it needs more than
//! 32 bits as an i64; a constant on the left changes sides where the operation allows it, or is
//! an immediate of an op with exchanged operands. (One file, though a long one: more than half
//! of it is the table that says which op an operator becomes, and which with a constant.)

use super::{Lowerer, Lowering, Place, Sink};
use crate::code::{Bits64, OpCode, Slot, ops};
use crate::module::ValType;
use wasmparser::Operator;

/// What a binary operator with immediates offers.
struct Binary {
    slots: OpCode,
    imm: OpCode,
    /// The op for `constant op slot`, which takes the slot first.
    swapped: Option<OpCode>,
}

/// A constant that an op can hold.
#[derive(Clone, Copy)]
pub(super) enum Imm {
    /// An integer, or the bits of an f32.
    Word(i32),
    /// The bits of an f64.
    Double(Bits64),
}

impl<S: Sink> Lowerer<'_, S> {
    /// Lowers the operators of this family; false if it is none.
    pub(super) fn numeric_operator(&mut self, operator: &Operator<'_>) -> bool {
        use OpCode as C;
        use Operator as O;
        use ValType::{F32, F64, I32, I64};
        match operator {
            O::I32Eqz => self.unary(C::i32_eqz, I32),
            O::I32Eq => self
                .binary(I32, &Binary { slots: C::i32_eq, imm: C::i32_eq_imm, swapped: Some(C::i32_eq_imm) }),
            O::I32Ne => self
                .binary(I32, &Binary { slots: C::i32_ne, imm: C::i32_ne_imm, swapped: Some(C::i32_ne_imm) }),
            O::I32LtS => self.binary(
                I32,
                &Binary { slots: C::i32_lt_s, imm: C::i32_lt_s_imm, swapped: Some(C::i32_gt_s_imm) },
            ),
            O::I32LtU => self.binary(
                I32,
                &Binary { slots: C::i32_lt_u, imm: C::i32_lt_u_imm, swapped: Some(C::i32_gt_u_imm) },
            ),
            O::I32GtS => self.binary(
                I32,
                &Binary { slots: C::i32_gt_s, imm: C::i32_gt_s_imm, swapped: Some(C::i32_lt_s_imm) },
            ),
            O::I32GtU => self.binary(
                I32,
                &Binary { slots: C::i32_gt_u, imm: C::i32_gt_u_imm, swapped: Some(C::i32_lt_u_imm) },
            ),
            O::I32LeS => self.binary(
                I32,
                &Binary { slots: C::i32_le_s, imm: C::i32_le_s_imm, swapped: Some(C::i32_ge_s_imm) },
            ),
            O::I32LeU => self.binary(
                I32,
                &Binary { slots: C::i32_le_u, imm: C::i32_le_u_imm, swapped: Some(C::i32_ge_u_imm) },
            ),
            O::I32GeS => self.binary(
                I32,
                &Binary { slots: C::i32_ge_s, imm: C::i32_ge_s_imm, swapped: Some(C::i32_le_s_imm) },
            ),
            O::I32GeU => self.binary(
                I32,
                &Binary { slots: C::i32_ge_u, imm: C::i32_ge_u_imm, swapped: Some(C::i32_le_u_imm) },
            ),
            O::I32Clz => self.unary(C::i32_clz, I32),
            O::I32Ctz => self.unary(C::i32_ctz, I32),
            O::I32Popcnt => self.unary(C::i32_popcnt, I32),
            O::I32Extend8S => self.unary(C::i32_extend8_s, I32),
            O::I32Extend16S => self.unary(C::i32_extend16_s, I32),
            O::I32Add if self.add_shifted() => {}
            O::I32Add => self.binary(
                I32,
                &Binary { slots: C::i32_add, imm: C::i32_add_imm, swapped: Some(C::i32_add_imm) },
            ),
            O::I32Sub => self.binary(
                I32,
                &Binary { slots: C::i32_sub, imm: C::i32_sub_imm, swapped: Some(C::i32_rsub_imm) },
            ),
            O::I32Mul => self.binary(
                I32,
                &Binary { slots: C::i32_mul, imm: C::i32_mul_imm, swapped: Some(C::i32_mul_imm) },
            ),
            O::I32And if self.mask_shifted() => {}
            O::I32And => self.binary(
                I32,
                &Binary { slots: C::i32_and, imm: C::i32_and_imm, swapped: Some(C::i32_and_imm) },
            ),
            O::I32Or => self
                .binary(I32, &Binary { slots: C::i32_or, imm: C::i32_or_imm, swapped: Some(C::i32_or_imm) }),
            O::I32Xor => self.binary(
                I32,
                &Binary { slots: C::i32_xor, imm: C::i32_xor_imm, swapped: Some(C::i32_xor_imm) },
            ),
            O::I32Shl => self.binary(I32, &Binary { slots: C::i32_shl, imm: C::i32_shl_imm, swapped: None }),
            O::I32ShrS => {
                self.binary(I32, &Binary { slots: C::i32_shr_s, imm: C::i32_shr_s_imm, swapped: None })
            }
            O::I32ShrU => {
                self.binary(I32, &Binary { slots: C::i32_shr_u, imm: C::i32_shr_u_imm, swapped: None })
            }
            O::I32Rotl => {
                self.binary(I32, &Binary { slots: C::i32_rotl, imm: C::i32_rotl_imm, swapped: None })
            }
            O::I32Rotr => {
                self.binary(I32, &Binary { slots: C::i32_rotr, imm: C::i32_rotr_imm, swapped: None })
            }
            O::I32DivS => {
                self.binary(I32, &Binary { slots: C::i32_div_s, imm: C::i32_div_s_imm, swapped: None })
            }
            O::I32DivU => {
                self.binary(I32, &Binary { slots: C::i32_div_u, imm: C::i32_div_u_imm, swapped: None })
            }
            O::I32RemS => {
                self.binary(I32, &Binary { slots: C::i32_rem_s, imm: C::i32_rem_s_imm, swapped: None })
            }
            O::I32RemU => {
                self.binary(I32, &Binary { slots: C::i32_rem_u, imm: C::i32_rem_u_imm, swapped: None })
            }
            O::I64Eqz => self.unary(C::i64_eqz, I32),
            O::I64Eq => self
                .binary(I32, &Binary { slots: C::i64_eq, imm: C::i64_eq_imm, swapped: Some(C::i64_eq_imm) }),
            O::I64Ne => self
                .binary(I32, &Binary { slots: C::i64_ne, imm: C::i64_ne_imm, swapped: Some(C::i64_ne_imm) }),
            O::I64LtS => self.binary(
                I32,
                &Binary { slots: C::i64_lt_s, imm: C::i64_lt_s_imm, swapped: Some(C::i64_gt_s_imm) },
            ),
            O::I64LtU => self.binary(
                I32,
                &Binary { slots: C::i64_lt_u, imm: C::i64_lt_u_imm, swapped: Some(C::i64_gt_u_imm) },
            ),
            O::I64GtS => self.binary(
                I32,
                &Binary { slots: C::i64_gt_s, imm: C::i64_gt_s_imm, swapped: Some(C::i64_lt_s_imm) },
            ),
            O::I64GtU => self.binary(
                I32,
                &Binary { slots: C::i64_gt_u, imm: C::i64_gt_u_imm, swapped: Some(C::i64_lt_u_imm) },
            ),
            O::I64LeS => self.binary(
                I32,
                &Binary { slots: C::i64_le_s, imm: C::i64_le_s_imm, swapped: Some(C::i64_ge_s_imm) },
            ),
            O::I64LeU => self.binary(
                I32,
                &Binary { slots: C::i64_le_u, imm: C::i64_le_u_imm, swapped: Some(C::i64_ge_u_imm) },
            ),
            O::I64GeS => self.binary(
                I32,
                &Binary { slots: C::i64_ge_s, imm: C::i64_ge_s_imm, swapped: Some(C::i64_le_s_imm) },
            ),
            O::I64GeU => self.binary(
                I32,
                &Binary { slots: C::i64_ge_u, imm: C::i64_ge_u_imm, swapped: Some(C::i64_le_u_imm) },
            ),
            O::I64Clz => self.unary(C::i64_clz, I64),
            O::I64Ctz => self.unary(C::i64_ctz, I64),
            O::I64Popcnt => self.unary(C::i64_popcnt, I64),
            O::I64Extend8S => self.unary(C::i64_extend8_s, I64),
            O::I64Extend16S => self.unary(C::i64_extend16_s, I64),
            O::I64Extend32S => self.unary(C::i64_extend32_s, I64),
            O::I64Add => self.binary(
                I64,
                &Binary { slots: C::i64_add, imm: C::i64_add_imm, swapped: Some(C::i64_add_imm) },
            ),
            O::I64Sub => self.binary(
                I64,
                &Binary { slots: C::i64_sub, imm: C::i64_sub_imm, swapped: Some(C::i64_rsub_imm) },
            ),
            O::I64Mul => self.binary(
                I64,
                &Binary { slots: C::i64_mul, imm: C::i64_mul_imm, swapped: Some(C::i64_mul_imm) },
            ),
            O::I64And => self.binary(
                I64,
                &Binary { slots: C::i64_and, imm: C::i64_and_imm, swapped: Some(C::i64_and_imm) },
            ),
            O::I64Or => self
                .binary(I64, &Binary { slots: C::i64_or, imm: C::i64_or_imm, swapped: Some(C::i64_or_imm) }),
            O::I64Xor => self.binary(
                I64,
                &Binary { slots: C::i64_xor, imm: C::i64_xor_imm, swapped: Some(C::i64_xor_imm) },
            ),
            O::I64Shl => self.binary(I64, &Binary { slots: C::i64_shl, imm: C::i64_shl_imm, swapped: None }),
            O::I64ShrS => {
                self.binary(I64, &Binary { slots: C::i64_shr_s, imm: C::i64_shr_s_imm, swapped: None })
            }
            O::I64ShrU => {
                self.binary(I64, &Binary { slots: C::i64_shr_u, imm: C::i64_shr_u_imm, swapped: None })
            }
            O::I64Rotl => {
                self.binary(I64, &Binary { slots: C::i64_rotl, imm: C::i64_rotl_imm, swapped: None })
            }
            O::I64Rotr => {
                self.binary(I64, &Binary { slots: C::i64_rotr, imm: C::i64_rotr_imm, swapped: None })
            }
            O::I64DivS => {
                self.binary(I64, &Binary { slots: C::i64_div_s, imm: C::i64_div_s_imm, swapped: None })
            }
            O::I64DivU => {
                self.binary(I64, &Binary { slots: C::i64_div_u, imm: C::i64_div_u_imm, swapped: None })
            }
            O::I64RemS => {
                self.binary(I64, &Binary { slots: C::i64_rem_s, imm: C::i64_rem_s_imm, swapped: None })
            }
            O::I64RemU => {
                self.binary(I64, &Binary { slots: C::i64_rem_u, imm: C::i64_rem_u_imm, swapped: None })
            }
            O::F32Eq => self
                .binary(I32, &Binary { slots: C::f32_eq, imm: C::f32_eq_imm, swapped: Some(C::f32_eq_imm) }),
            O::F32Ne => self
                .binary(I32, &Binary { slots: C::f32_ne, imm: C::f32_ne_imm, swapped: Some(C::f32_ne_imm) }),
            O::F32Lt => self
                .binary(I32, &Binary { slots: C::f32_lt, imm: C::f32_lt_imm, swapped: Some(C::f32_gt_imm) }),
            O::F32Gt => self
                .binary(I32, &Binary { slots: C::f32_gt, imm: C::f32_gt_imm, swapped: Some(C::f32_lt_imm) }),
            O::F32Le => self
                .binary(I32, &Binary { slots: C::f32_le, imm: C::f32_le_imm, swapped: Some(C::f32_ge_imm) }),
            O::F32Ge => self
                .binary(I32, &Binary { slots: C::f32_ge, imm: C::f32_ge_imm, swapped: Some(C::f32_le_imm) }),
            O::F32Abs => self.unary(C::f32_abs, F32),
            O::F32Neg => self.unary(C::f32_neg, F32),
            O::F32Ceil => self.unary(C::f32_ceil, F32),
            O::F32Floor => self.unary(C::f32_floor, F32),
            O::F32Trunc => self.unary(C::f32_trunc, F32),
            O::F32Nearest => self.unary(C::f32_nearest, F32),
            O::F32Sqrt => self.unary(C::f32_sqrt, F32),
            O::F32Add => self.binary(
                F32,
                &Binary { slots: C::f32_add, imm: C::f32_add_imm, swapped: Some(C::f32_add_imm) },
            ),
            O::F32Sub => self.binary(
                F32,
                &Binary { slots: C::f32_sub, imm: C::f32_sub_imm, swapped: Some(C::f32_rsub_imm) },
            ),
            O::F32Mul => self.binary(
                F32,
                &Binary { slots: C::f32_mul, imm: C::f32_mul_imm, swapped: Some(C::f32_mul_imm) },
            ),
            O::F32Div => self.binary(
                F32,
                &Binary { slots: C::f32_div, imm: C::f32_div_imm, swapped: Some(C::f32_rdiv_imm) },
            ),
            O::F32Min => self.binary_slots(C::f32_min, F32),
            O::F32Max => self.binary_slots(C::f32_max, F32),
            O::F32Copysign => self.binary_slots(C::f32_copysign, F32),
            O::F64Eq => self
                .binary(I32, &Binary { slots: C::f64_eq, imm: C::f64_eq_imm, swapped: Some(C::f64_eq_imm) }),
            O::F64Ne => self
                .binary(I32, &Binary { slots: C::f64_ne, imm: C::f64_ne_imm, swapped: Some(C::f64_ne_imm) }),
            O::F64Lt => self
                .binary(I32, &Binary { slots: C::f64_lt, imm: C::f64_lt_imm, swapped: Some(C::f64_gt_imm) }),
            O::F64Gt => self
                .binary(I32, &Binary { slots: C::f64_gt, imm: C::f64_gt_imm, swapped: Some(C::f64_lt_imm) }),
            O::F64Le => self
                .binary(I32, &Binary { slots: C::f64_le, imm: C::f64_le_imm, swapped: Some(C::f64_ge_imm) }),
            O::F64Ge => self
                .binary(I32, &Binary { slots: C::f64_ge, imm: C::f64_ge_imm, swapped: Some(C::f64_le_imm) }),
            O::F64Abs => self.unary(C::f64_abs, F64),
            O::F64Neg => self.unary(C::f64_neg, F64),
            O::F64Ceil => self.unary(C::f64_ceil, F64),
            O::F64Floor => self.unary(C::f64_floor, F64),
            O::F64Trunc => self.unary(C::f64_trunc, F64),
            O::F64Nearest => self.unary(C::f64_nearest, F64),
            O::F64Sqrt => self.unary(C::f64_sqrt, F64),
            O::F64Add if self.add_product() => {}
            O::F64Add => self.binary(
                F64,
                &Binary { slots: C::f64_add, imm: C::f64_add_imm, swapped: Some(C::f64_add_imm) },
            ),
            O::F64Sub => self.binary(
                F64,
                &Binary { slots: C::f64_sub, imm: C::f64_sub_imm, swapped: Some(C::f64_rsub_imm) },
            ),
            O::F64Mul => self.binary(
                F64,
                &Binary { slots: C::f64_mul, imm: C::f64_mul_imm, swapped: Some(C::f64_mul_imm) },
            ),
            O::F64Div => self.binary(
                F64,
                &Binary { slots: C::f64_div, imm: C::f64_div_imm, swapped: Some(C::f64_rdiv_imm) },
            ),
            O::F64Min => self.binary_slots(C::f64_min, F64),
            O::F64Max => self.binary_slots(C::f64_max, F64),
            O::F64Copysign => self.binary_slots(C::f64_copysign, F64),
            O::I32WrapI64 => self.unary(C::i32_wrap_i64, I32),
            O::I64ExtendI32S => self.unary(C::i64_extend_i32_s, I64),
            O::I64ExtendI32U => self.unary(C::i64_extend_i32_u, I64),
            O::I32TruncF32S => self.unary(C::i32_trunc_f32_s, I32),
            O::I32TruncSatF32S => self.unary(C::i32_trunc_sat_f32_s, I32),
            O::I32TruncF32U => self.unary(C::i32_trunc_f32_u, I32),
            O::I32TruncSatF32U => self.unary(C::i32_trunc_sat_f32_u, I32),
            O::I32TruncF64S => self.unary(C::i32_trunc_f64_s, I32),
            O::I32TruncSatF64S => self.unary(C::i32_trunc_sat_f64_s, I32),
            O::I32TruncF64U => self.unary(C::i32_trunc_f64_u, I32),
            O::I32TruncSatF64U => self.unary(C::i32_trunc_sat_f64_u, I32),
            O::I64TruncF32S => self.unary(C::i64_trunc_f32_s, I64),
            O::I64TruncSatF32S => self.unary(C::i64_trunc_sat_f32_s, I64),
            O::I64TruncF32U => self.unary(C::i64_trunc_f32_u, I64),
            O::I64TruncSatF32U => self.unary(C::i64_trunc_sat_f32_u, I64),
            O::I64TruncF64S => self.unary(C::i64_trunc_f64_s, I64),
            O::I64TruncSatF64S => self.unary(C::i64_trunc_sat_f64_s, I64),
            O::I64TruncF64U => self.unary(C::i64_trunc_f64_u, I64),
            O::I64TruncSatF64U => self.unary(C::i64_trunc_sat_f64_u, I64),
            O::F32ConvertI32S => self.unary(C::f32_convert_i32_s, F32),
            O::F32ConvertI32U => self.unary(C::f32_convert_i32_u, F32),
            O::F32ConvertI64S => self.unary(C::f32_convert_i64_s, F32),
            O::F32ConvertI64U => self.unary(C::f32_convert_i64_u, F32),
            O::F64ConvertI32S => self.unary(C::f64_convert_i32_s, F64),
            O::F64ConvertI32U => self.unary(C::f64_convert_i32_u, F64),
            O::F64ConvertI64S => self.unary(C::f64_convert_i64_s, F64),
            O::F64ConvertI64U => self.unary(C::f64_convert_i64_u, F64),
            O::F32DemoteF64 => self.unary(C::f32_demote_f64, F32),
            O::F64PromoteF32 => self.unary(C::f64_promote_f32, F64),
            O::I32ReinterpretF32 => self.unary(C::i32_reinterpret_f32, I32),
            O::I64ReinterpretF64 => self.unary(C::i64_reinterpret_f64, I64),
            O::I64Add128 => self.wide_sum(C::i64_add128),
            O::I64Sub128 => self.wide_sum(C::i64_sub128),
            O::I64MulWideS => self.wide_product(C::i64_mul_wide_s),
            O::I64MulWideU => self.wide_product(C::i64_mul_wide_u),
            O::F32ReinterpretI32 => self.unary(C::f32_reinterpret_i32, F32),
            O::F64ReinterpretI64 => self.unary(C::f64_reinterpret_i64, F64),
            _ => return false,
        }
        true
    }

    pub(super) fn unary(&mut self, opcode: OpCode, result: ValType) {
        let src = self.slot(0);
        self.pop();
        let dst = self.push_result(result);
        let mut op = ops::i32_eqz::new(dst, src);
        op.set_opcode(opcode);
        self.emit(opcode, op);
        self.result_done();
    }

    /// Four halves in, two out.
    fn wide_sum(&mut self, opcode: OpCode) {
        let slots = [self.slot(3), self.slot(2), self.slot(1), self.slot(0)];
        for _ in slots {
            self.pop();
        }
        let (low, high) = (self.push_result(ValType::I64), self.push_result(ValType::I64));
        let [lhs_low, lhs_high, rhs_low, rhs_high] = slots;
        let mut op = ops::i64_add128::new(low, high, lhs_low, lhs_high, rhs_low, rhs_high);
        op.set_opcode(opcode);
        self.emit(opcode, op);
        self.retire_state();
    }

    /// Two numbers in, two halves out.
    fn wide_product(&mut self, opcode: OpCode) {
        let (rhs, lhs) = (self.slot(0), self.slot(1));
        self.pop();
        self.pop();
        let (low, high) = (self.push_result(ValType::I64), self.push_result(ValType::I64));
        let mut op = ops::i64_mul_wide_s::new(low, high, lhs, rhs);
        op.set_opcode(opcode);
        self.emit(opcode, op);
        self.retire_state();
    }

    /// The last op taken back if it made one of the two operands on top with `opcode`: where
    /// it is, and the slot of the other operand.
    fn take_either(&mut self, opcode: OpCode) -> Option<(usize, Slot)> {
        let wanted = |op| op == opcode;
        // The operand below is in its place, or it is a local; no code has to make it.
        if !matches!(self.top(1).place, Place::Imm(_))
            && let Some(at) = self.take_operand(0, wanted)
        {
            return Some((at, self.slot(1)));
        }
        self.take_operand(1, wanted).map(|at| (at, self.slot(0)))
    }

    /// Makes an addition to a number just shifted to the left one op; false if it is none.
    fn add_shifted(&mut self) -> bool {
        let Some((at, lhs)) = self.take_either(OpCode::i32_shl_imm) else { return false };
        // SAFETY: the op at `at` is a shift; all ops with an immediate are alike.
        let shifted = *unsafe { self.code.get_mut::<ops::i32_eq_imm>(at) };
        self.code.truncate(at);
        self.pop();
        self.pop();
        let dst = self.push_result(ValType::I32);
        let op = ops::i32_add_shl::new(dst, lhs, shifted.lhs, shifted.rhs as u16 & 31);
        self.emit(OpCode::i32_add_shl, op);
        self.result_done();
        true
    }

    /// Makes a mask of a number just shifted to the right one op; false if it is none.
    fn mask_shifted(&mut self) -> bool {
        let Place::Imm(mask) = self.top(0).place else { return false };
        let Some(last) = self.last.filter(|last| {
            last.opcode == OpCode::i32_shr_u_imm
                && self.mode == Lowering::Fused
                && self.top(1).place == Place::Home
                && last.result == Some(self.top(1).home)
        }) else {
            return false;
        };
        self.take_back(last);
        // SAFETY: as above.
        let shifted = *unsafe { self.code.get_mut::<ops::i32_eq_imm>(last.at) };
        self.code.truncate(last.at);
        self.pop();
        self.pop();
        let dst = self.push_result(ValType::I32);
        let op = ops::i32_bits::new(dst, shifted.lhs, shifted.rhs as u16 & 31, mask as i32);
        self.emit(OpCode::i32_bits, op);
        self.result_done();
        true
    }

    /// Makes an addition to a product just computed one op; false if it is none.
    fn add_product(&mut self) -> bool {
        // A constant is better in an addition of its own, which takes the product as it is.
        if [self.top(0), self.top(1)].iter().any(|operand| matches!(operand.place, Place::Imm(_))) {
            return false;
        }
        let Some((at, sum)) = self.take_either(OpCode::f64_mul) else { return false };
        // SAFETY: the op at `at` is a product; all ops with two slots are alike.
        let product = *unsafe { self.code.get_mut::<ops::f64_mul>(at) };
        self.code.truncate(at);
        self.pop();
        self.pop();
        let dst = self.push_result(ValType::F64);
        self.emit(OpCode::f64_mul_add, ops::f64_mul_add::new(dst, product.lhs, product.rhs, sum));
        self.result_done();
        true
    }

    pub(super) fn binary_slots(&mut self, opcode: OpCode, result: ValType) {
        let rhs = self.slot(0);
        let lhs = self.slot(1);
        self.emit_binary(opcode, result, lhs, rhs);
    }

    fn emit_binary(&mut self, opcode: OpCode, result: ValType, lhs: Slot, rhs: Slot) {
        self.pop();
        self.pop();
        let dst = self.push_result(result);
        let mut op = ops::i32_eq::new(dst, lhs, rhs);
        op.set_opcode(opcode);
        self.emit(opcode, op);
        self.result_done();
    }

    fn binary(&mut self, result: ValType, ops_of: &Binary) {
        if let Some(value) = self.immediate(0) {
            let lhs = self.slot(1);
            return self.emit_binary_imm(ops_of.imm, result, lhs, value);
        }
        if let (Some(value), Some(swapped)) = (self.immediate(1), ops_of.swapped) {
            let rhs = self.slot(0);
            return self.emit_binary_imm(swapped, result, rhs, value);
        }
        self.binary_slots(ops_of.slots, result);
    }

    /// The operand at `depth`, if it is a constant that an op can hold.
    pub(super) fn immediate(&self, depth: usize) -> Option<Imm> {
        let operand = self.top(depth);
        match (operand.place, operand.ty) {
            (Place::Imm(bits), ValType::I32 | ValType::F32) => Some(Imm::Word(bits as i32)),
            (Place::Imm(bits), ValType::I64) => i32::try_from(bits as i64).ok().map(Imm::Word),
            (Place::Imm(bits), ValType::F64) => Some(Imm::Double(Bits64::new(bits))),
            _ => None,
        }
    }

    fn emit_binary_imm(&mut self, opcode: OpCode, result: ValType, lhs: Slot, rhs: Imm) {
        self.pop();
        self.pop();
        let dst = self.push_result(result);
        match rhs {
            Imm::Word(rhs) => {
                let mut op = ops::i32_eq_imm::new(dst, lhs, rhs);
                op.set_opcode(opcode);
                self.emit(opcode, op)
            }
            Imm::Double(rhs) => {
                let mut op = ops::f64_eq_imm::new(dst, lhs, rhs);
                op.set_opcode(opcode);
                self.emit(opcode, op)
            }
        };
        self.result_done();
    }
}
