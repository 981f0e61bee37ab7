//! Vectors: operators that compute one vector, or one number, from vectors.

use super::{Lowerer, Sink};
use crate::code::{Bits128, OpCode, ops};
use crate::module::ValType;
use wasmparser::Operator;

impl<S: Sink> Lowerer<'_, S> {
    /// Lowers the operators of this family; false if it is none.
    pub(super) fn simd_operator(&mut self, operator: &Operator<'_>) -> bool {
        use OpCode as C;
        use Operator as O;
        use ValType::{F32, F64, I32, I64, V128};
        match *operator {
            O::V128Const { value } => self.vector_constant(value.i128() as u128),
            O::I8x16Shuffle { lanes } => self.shuffle(lanes),
            O::I8x16ExtractLaneS { lane } => self.extract_lane(C::i8x16_extract_lane_s, I32, lane),
            O::I8x16ExtractLaneU { lane } => self.extract_lane(C::i8x16_extract_lane_u, I32, lane),
            O::I8x16ReplaceLane { lane } => self.replace_lane(C::i8x16_replace_lane, lane),
            O::I16x8ExtractLaneS { lane } => self.extract_lane(C::i16x8_extract_lane_s, I32, lane),
            O::I16x8ExtractLaneU { lane } => self.extract_lane(C::i16x8_extract_lane_u, I32, lane),
            O::I16x8ReplaceLane { lane } => self.replace_lane(C::i16x8_replace_lane, lane),
            O::I32x4ExtractLane { lane } => self.extract_lane(C::i32x4_extract_lane, I32, lane),
            O::I32x4ReplaceLane { lane } => self.replace_lane(C::i32x4_replace_lane, lane),
            O::I64x2ExtractLane { lane } => self.extract_lane(C::i64x2_extract_lane, I64, lane),
            O::I64x2ReplaceLane { lane } => self.replace_lane(C::i64x2_replace_lane, lane),
            O::F32x4ExtractLane { lane } => self.extract_lane(C::f32x4_extract_lane, F32, lane),
            O::F32x4ReplaceLane { lane } => self.replace_lane(C::f32x4_replace_lane, lane),
            O::F64x2ExtractLane { lane } => self.extract_lane(C::f64x2_extract_lane, F64, lane),
            O::F64x2ReplaceLane { lane } => self.replace_lane(C::f64x2_replace_lane, lane),
            O::I8x16Swizzle => self.binary_slots(C::i8x16_swizzle, V128),
            O::I8x16Splat => self.unary(C::i8x16_splat, V128),
            O::I16x8Splat => self.unary(C::i16x8_splat, V128),
            O::I32x4Splat => self.unary(C::i32x4_splat, V128),
            O::I64x2Splat => self.unary(C::i64x2_splat, V128),
            O::F32x4Splat => self.unary(C::f32x4_splat, V128),
            O::F64x2Splat => self.unary(C::f64x2_splat, V128),
            O::I8x16Eq => self.binary_slots(C::i8x16_eq, V128),
            O::I8x16Ne => self.binary_slots(C::i8x16_ne, V128),
            O::I8x16LtS => self.binary_slots(C::i8x16_lt_s, V128),
            O::I8x16LtU => self.binary_slots(C::i8x16_lt_u, V128),
            O::I8x16GtS => self.binary_slots(C::i8x16_gt_s, V128),
            O::I8x16GtU => self.binary_slots(C::i8x16_gt_u, V128),
            O::I8x16LeS => self.binary_slots(C::i8x16_le_s, V128),
            O::I8x16LeU => self.binary_slots(C::i8x16_le_u, V128),
            O::I8x16GeS => self.binary_slots(C::i8x16_ge_s, V128),
            O::I8x16GeU => self.binary_slots(C::i8x16_ge_u, V128),
            O::I16x8Eq => self.binary_slots(C::i16x8_eq, V128),
            O::I16x8Ne => self.binary_slots(C::i16x8_ne, V128),
            O::I16x8LtS => self.binary_slots(C::i16x8_lt_s, V128),
            O::I16x8LtU => self.binary_slots(C::i16x8_lt_u, V128),
            O::I16x8GtS => self.binary_slots(C::i16x8_gt_s, V128),
            O::I16x8GtU => self.binary_slots(C::i16x8_gt_u, V128),
            O::I16x8LeS => self.binary_slots(C::i16x8_le_s, V128),
            O::I16x8LeU => self.binary_slots(C::i16x8_le_u, V128),
            O::I16x8GeS => self.binary_slots(C::i16x8_ge_s, V128),
            O::I16x8GeU => self.binary_slots(C::i16x8_ge_u, V128),
            O::I32x4Eq => self.binary_slots(C::i32x4_eq, V128),
            O::I32x4Ne => self.binary_slots(C::i32x4_ne, V128),
            O::I32x4LtS => self.binary_slots(C::i32x4_lt_s, V128),
            O::I32x4LtU => self.binary_slots(C::i32x4_lt_u, V128),
            O::I32x4GtS => self.binary_slots(C::i32x4_gt_s, V128),
            O::I32x4GtU => self.binary_slots(C::i32x4_gt_u, V128),
            O::I32x4LeS => self.binary_slots(C::i32x4_le_s, V128),
            O::I32x4LeU => self.binary_slots(C::i32x4_le_u, V128),
            O::I32x4GeS => self.binary_slots(C::i32x4_ge_s, V128),
            O::I32x4GeU => self.binary_slots(C::i32x4_ge_u, V128),
            O::I64x2Eq => self.binary_slots(C::i64x2_eq, V128),
            O::I64x2Ne => self.binary_slots(C::i64x2_ne, V128),
            O::I64x2LtS => self.binary_slots(C::i64x2_lt_s, V128),
            O::I64x2GtS => self.binary_slots(C::i64x2_gt_s, V128),
            O::I64x2LeS => self.binary_slots(C::i64x2_le_s, V128),
            O::I64x2GeS => self.binary_slots(C::i64x2_ge_s, V128),
            O::F32x4Eq => self.binary_slots(C::f32x4_eq, V128),
            O::F32x4Ne => self.binary_slots(C::f32x4_ne, V128),
            O::F32x4Lt => self.binary_slots(C::f32x4_lt, V128),
            O::F32x4Gt => self.binary_slots(C::f32x4_gt, V128),
            O::F32x4Le => self.binary_slots(C::f32x4_le, V128),
            O::F32x4Ge => self.binary_slots(C::f32x4_ge, V128),
            O::F64x2Eq => self.binary_slots(C::f64x2_eq, V128),
            O::F64x2Ne => self.binary_slots(C::f64x2_ne, V128),
            O::F64x2Lt => self.binary_slots(C::f64x2_lt, V128),
            O::F64x2Gt => self.binary_slots(C::f64x2_gt, V128),
            O::F64x2Le => self.binary_slots(C::f64x2_le, V128),
            O::F64x2Ge => self.binary_slots(C::f64x2_ge, V128),
            O::V128Not => self.unary(C::v128_not, V128),
            O::V128And => self.binary_slots(C::v128_and, V128),
            O::V128AndNot => self.binary_slots(C::v128_andnot, V128),
            O::V128Or => self.binary_slots(C::v128_or, V128),
            O::V128Xor => self.binary_slots(C::v128_xor, V128),
            O::V128Bitselect => self.ternary(C::v128_bitselect),
            O::V128AnyTrue => self.unary(C::v128_any_true, I32),
            O::I8x16Abs => self.unary(C::i8x16_abs, V128),
            O::I8x16Neg => self.unary(C::i8x16_neg, V128),
            O::I8x16Popcnt => self.unary(C::i8x16_popcnt, V128),
            O::I8x16AllTrue => self.unary(C::i8x16_all_true, I32),
            O::I8x16Bitmask => self.unary(C::i8x16_bitmask, I32),
            O::I8x16NarrowI16x8S => self.binary_slots(C::i8x16_narrow_i16x8_s, V128),
            O::I8x16NarrowI16x8U => self.binary_slots(C::i8x16_narrow_i16x8_u, V128),
            O::I8x16Shl => self.binary_slots(C::i8x16_shl, V128),
            O::I8x16ShrS => self.binary_slots(C::i8x16_shr_s, V128),
            O::I8x16ShrU => self.binary_slots(C::i8x16_shr_u, V128),
            O::I8x16Add => self.binary_slots(C::i8x16_add, V128),
            O::I8x16AddSatS => self.binary_slots(C::i8x16_add_sat_s, V128),
            O::I8x16AddSatU => self.binary_slots(C::i8x16_add_sat_u, V128),
            O::I8x16Sub => self.binary_slots(C::i8x16_sub, V128),
            O::I8x16SubSatS => self.binary_slots(C::i8x16_sub_sat_s, V128),
            O::I8x16SubSatU => self.binary_slots(C::i8x16_sub_sat_u, V128),
            O::I8x16MinS => self.binary_slots(C::i8x16_min_s, V128),
            O::I8x16MinU => self.binary_slots(C::i8x16_min_u, V128),
            O::I8x16MaxS => self.binary_slots(C::i8x16_max_s, V128),
            O::I8x16MaxU => self.binary_slots(C::i8x16_max_u, V128),
            O::I8x16AvgrU => self.binary_slots(C::i8x16_avgr_u, V128),
            O::I16x8ExtAddPairwiseI8x16S => self.unary(C::i16x8_extadd_pairwise_i8x16_s, V128),
            O::I16x8ExtAddPairwiseI8x16U => self.unary(C::i16x8_extadd_pairwise_i8x16_u, V128),
            O::I16x8Abs => self.unary(C::i16x8_abs, V128),
            O::I16x8Neg => self.unary(C::i16x8_neg, V128),
            O::I16x8Q15MulrSatS => self.binary_slots(C::i16x8_q15mulr_sat_s, V128),
            O::I16x8AllTrue => self.unary(C::i16x8_all_true, I32),
            O::I16x8Bitmask => self.unary(C::i16x8_bitmask, I32),
            O::I16x8NarrowI32x4S => self.binary_slots(C::i16x8_narrow_i32x4_s, V128),
            O::I16x8NarrowI32x4U => self.binary_slots(C::i16x8_narrow_i32x4_u, V128),
            O::I16x8ExtendLowI8x16S => self.unary(C::i16x8_extend_low_i8x16_s, V128),
            O::I16x8ExtendHighI8x16S => self.unary(C::i16x8_extend_high_i8x16_s, V128),
            O::I16x8ExtendLowI8x16U => self.unary(C::i16x8_extend_low_i8x16_u, V128),
            O::I16x8ExtendHighI8x16U => self.unary(C::i16x8_extend_high_i8x16_u, V128),
            O::I16x8Shl => self.binary_slots(C::i16x8_shl, V128),
            O::I16x8ShrS => self.binary_slots(C::i16x8_shr_s, V128),
            O::I16x8ShrU => self.binary_slots(C::i16x8_shr_u, V128),
            O::I16x8Add => self.binary_slots(C::i16x8_add, V128),
            O::I16x8AddSatS => self.binary_slots(C::i16x8_add_sat_s, V128),
            O::I16x8AddSatU => self.binary_slots(C::i16x8_add_sat_u, V128),
            O::I16x8Sub => self.binary_slots(C::i16x8_sub, V128),
            O::I16x8SubSatS => self.binary_slots(C::i16x8_sub_sat_s, V128),
            O::I16x8SubSatU => self.binary_slots(C::i16x8_sub_sat_u, V128),
            O::I16x8Mul => self.binary_slots(C::i16x8_mul, V128),
            O::I16x8MinS => self.binary_slots(C::i16x8_min_s, V128),
            O::I16x8MinU => self.binary_slots(C::i16x8_min_u, V128),
            O::I16x8MaxS => self.binary_slots(C::i16x8_max_s, V128),
            O::I16x8MaxU => self.binary_slots(C::i16x8_max_u, V128),
            O::I16x8AvgrU => self.binary_slots(C::i16x8_avgr_u, V128),
            O::I16x8ExtMulLowI8x16S => self.binary_slots(C::i16x8_extmul_low_i8x16_s, V128),
            O::I16x8ExtMulHighI8x16S => self.binary_slots(C::i16x8_extmul_high_i8x16_s, V128),
            O::I16x8ExtMulLowI8x16U => self.binary_slots(C::i16x8_extmul_low_i8x16_u, V128),
            O::I16x8ExtMulHighI8x16U => self.binary_slots(C::i16x8_extmul_high_i8x16_u, V128),
            O::I32x4ExtAddPairwiseI16x8S => self.unary(C::i32x4_extadd_pairwise_i16x8_s, V128),
            O::I32x4ExtAddPairwiseI16x8U => self.unary(C::i32x4_extadd_pairwise_i16x8_u, V128),
            O::I32x4Abs => self.unary(C::i32x4_abs, V128),
            O::I32x4Neg => self.unary(C::i32x4_neg, V128),
            O::I32x4AllTrue => self.unary(C::i32x4_all_true, I32),
            O::I32x4Bitmask => self.unary(C::i32x4_bitmask, I32),
            O::I32x4ExtendLowI16x8S => self.unary(C::i32x4_extend_low_i16x8_s, V128),
            O::I32x4ExtendHighI16x8S => self.unary(C::i32x4_extend_high_i16x8_s, V128),
            O::I32x4ExtendLowI16x8U => self.unary(C::i32x4_extend_low_i16x8_u, V128),
            O::I32x4ExtendHighI16x8U => self.unary(C::i32x4_extend_high_i16x8_u, V128),
            O::I32x4Shl => self.binary_slots(C::i32x4_shl, V128),
            O::I32x4ShrS => self.binary_slots(C::i32x4_shr_s, V128),
            O::I32x4ShrU => self.binary_slots(C::i32x4_shr_u, V128),
            O::I32x4Add => self.binary_slots(C::i32x4_add, V128),
            O::I32x4Sub => self.binary_slots(C::i32x4_sub, V128),
            O::I32x4Mul => self.binary_slots(C::i32x4_mul, V128),
            O::I32x4MinS => self.binary_slots(C::i32x4_min_s, V128),
            O::I32x4MinU => self.binary_slots(C::i32x4_min_u, V128),
            O::I32x4MaxS => self.binary_slots(C::i32x4_max_s, V128),
            O::I32x4MaxU => self.binary_slots(C::i32x4_max_u, V128),
            O::I32x4DotI16x8S => self.binary_slots(C::i32x4_dot_i16x8_s, V128),
            O::I32x4ExtMulLowI16x8S => self.binary_slots(C::i32x4_extmul_low_i16x8_s, V128),
            O::I32x4ExtMulHighI16x8S => self.binary_slots(C::i32x4_extmul_high_i16x8_s, V128),
            O::I32x4ExtMulLowI16x8U => self.binary_slots(C::i32x4_extmul_low_i16x8_u, V128),
            O::I32x4ExtMulHighI16x8U => self.binary_slots(C::i32x4_extmul_high_i16x8_u, V128),
            O::I64x2Abs => self.unary(C::i64x2_abs, V128),
            O::I64x2Neg => self.unary(C::i64x2_neg, V128),
            O::I64x2AllTrue => self.unary(C::i64x2_all_true, I32),
            O::I64x2Bitmask => self.unary(C::i64x2_bitmask, I32),
            O::I64x2ExtendLowI32x4S => self.unary(C::i64x2_extend_low_i32x4_s, V128),
            O::I64x2ExtendHighI32x4S => self.unary(C::i64x2_extend_high_i32x4_s, V128),
            O::I64x2ExtendLowI32x4U => self.unary(C::i64x2_extend_low_i32x4_u, V128),
            O::I64x2ExtendHighI32x4U => self.unary(C::i64x2_extend_high_i32x4_u, V128),
            O::I64x2Shl => self.binary_slots(C::i64x2_shl, V128),
            O::I64x2ShrS => self.binary_slots(C::i64x2_shr_s, V128),
            O::I64x2ShrU => self.binary_slots(C::i64x2_shr_u, V128),
            O::I64x2Add => self.binary_slots(C::i64x2_add, V128),
            O::I64x2Sub => self.binary_slots(C::i64x2_sub, V128),
            O::I64x2Mul => self.binary_slots(C::i64x2_mul, V128),
            O::I64x2ExtMulLowI32x4S => self.binary_slots(C::i64x2_extmul_low_i32x4_s, V128),
            O::I64x2ExtMulHighI32x4S => self.binary_slots(C::i64x2_extmul_high_i32x4_s, V128),
            O::I64x2ExtMulLowI32x4U => self.binary_slots(C::i64x2_extmul_low_i32x4_u, V128),
            O::I64x2ExtMulHighI32x4U => self.binary_slots(C::i64x2_extmul_high_i32x4_u, V128),
            O::F32x4Ceil => self.unary(C::f32x4_ceil, V128),
            O::F32x4Floor => self.unary(C::f32x4_floor, V128),
            O::F32x4Trunc => self.unary(C::f32x4_trunc, V128),
            O::F32x4Nearest => self.unary(C::f32x4_nearest, V128),
            O::F32x4Abs => self.unary(C::f32x4_abs, V128),
            O::F32x4Neg => self.unary(C::f32x4_neg, V128),
            O::F32x4Sqrt => self.unary(C::f32x4_sqrt, V128),
            O::F32x4Add => self.binary_slots(C::f32x4_add, V128),
            O::F32x4Sub => self.binary_slots(C::f32x4_sub, V128),
            O::F32x4Mul => self.binary_slots(C::f32x4_mul, V128),
            O::F32x4Div => self.binary_slots(C::f32x4_div, V128),
            O::F32x4Min => self.binary_slots(C::f32x4_min, V128),
            O::F32x4Max => self.binary_slots(C::f32x4_max, V128),
            O::F32x4PMin => self.binary_slots(C::f32x4_pmin, V128),
            O::F32x4PMax => self.binary_slots(C::f32x4_pmax, V128),
            O::F64x2Ceil => self.unary(C::f64x2_ceil, V128),
            O::F64x2Floor => self.unary(C::f64x2_floor, V128),
            O::F64x2Trunc => self.unary(C::f64x2_trunc, V128),
            O::F64x2Nearest => self.unary(C::f64x2_nearest, V128),
            O::F64x2Abs => self.unary(C::f64x2_abs, V128),
            O::F64x2Neg => self.unary(C::f64x2_neg, V128),
            O::F64x2Sqrt => self.unary(C::f64x2_sqrt, V128),
            O::F64x2Add => self.binary_slots(C::f64x2_add, V128),
            O::F64x2Sub => self.binary_slots(C::f64x2_sub, V128),
            O::F64x2Mul => self.binary_slots(C::f64x2_mul, V128),
            O::F64x2Div => self.binary_slots(C::f64x2_div, V128),
            O::F64x2Min => self.binary_slots(C::f64x2_min, V128),
            O::F64x2Max => self.binary_slots(C::f64x2_max, V128),
            O::F64x2PMin => self.binary_slots(C::f64x2_pmin, V128),
            O::F64x2PMax => self.binary_slots(C::f64x2_pmax, V128),
            O::I32x4TruncSatF32x4S => self.unary(C::i32x4_trunc_sat_f32x4_s, V128),
            O::I32x4TruncSatF32x4U => self.unary(C::i32x4_trunc_sat_f32x4_u, V128),
            O::F32x4ConvertI32x4S => self.unary(C::f32x4_convert_i32x4_s, V128),
            O::F32x4ConvertI32x4U => self.unary(C::f32x4_convert_i32x4_u, V128),
            O::I32x4TruncSatF64x2SZero => self.unary(C::i32x4_trunc_sat_f64x2_s_zero, V128),
            O::I32x4TruncSatF64x2UZero => self.unary(C::i32x4_trunc_sat_f64x2_u_zero, V128),
            O::F64x2ConvertLowI32x4S => self.unary(C::f64x2_convert_low_i32x4_s, V128),
            O::F64x2ConvertLowI32x4U => self.unary(C::f64x2_convert_low_i32x4_u, V128),
            O::F32x4DemoteF64x2Zero => self.unary(C::f32x4_demote_f64x2_zero, V128),
            O::F64x2PromoteLowF32x4 => self.unary(C::f64x2_promote_low_f32x4, V128),
            O::I8x16RelaxedSwizzle => self.binary_slots(C::i8x16_relaxed_swizzle, V128),
            O::I32x4RelaxedTruncF32x4S => self.unary(C::i32x4_relaxed_trunc_f32x4_s, V128),
            O::I32x4RelaxedTruncF32x4U => self.unary(C::i32x4_relaxed_trunc_f32x4_u, V128),
            O::I32x4RelaxedTruncF64x2SZero => self.unary(C::i32x4_relaxed_trunc_f64x2_s_zero, V128),
            O::I32x4RelaxedTruncF64x2UZero => self.unary(C::i32x4_relaxed_trunc_f64x2_u_zero, V128),
            O::F32x4RelaxedMadd => self.ternary(C::f32x4_relaxed_madd),
            O::F32x4RelaxedNmadd => self.ternary(C::f32x4_relaxed_nmadd),
            O::F64x2RelaxedMadd => self.ternary(C::f64x2_relaxed_madd),
            O::F64x2RelaxedNmadd => self.ternary(C::f64x2_relaxed_nmadd),
            O::I8x16RelaxedLaneselect => self.ternary(C::i8x16_relaxed_laneselect),
            O::I16x8RelaxedLaneselect => self.ternary(C::i16x8_relaxed_laneselect),
            O::I32x4RelaxedLaneselect => self.ternary(C::i32x4_relaxed_laneselect),
            O::I64x2RelaxedLaneselect => self.ternary(C::i64x2_relaxed_laneselect),
            O::F32x4RelaxedMin => self.binary_slots(C::f32x4_relaxed_min, V128),
            O::F32x4RelaxedMax => self.binary_slots(C::f32x4_relaxed_max, V128),
            O::F64x2RelaxedMin => self.binary_slots(C::f64x2_relaxed_min, V128),
            O::F64x2RelaxedMax => self.binary_slots(C::f64x2_relaxed_max, V128),
            O::I16x8RelaxedQ15mulrS => self.binary_slots(C::i16x8_relaxed_q15mulr_s, V128),
            O::I16x8RelaxedDotI8x16I7x16S => self.binary_slots(C::i16x8_relaxed_dot_i8x16_i7x16_s, V128),
            O::I32x4RelaxedDotI8x16I7x16AddS => self.ternary(C::i32x4_relaxed_dot_i8x16_i7x16_add_s),
            _ => return false,
        }
        true
    }

    fn vector_constant(&mut self, bits: u128) {
        let dst = self.push_result(ValType::V128);
        self.emit(OpCode::v128_const, ops::v128_const::new(dst, Bits128::new(bits)));
        self.result_done();
    }

    fn shuffle(&mut self, lanes: [u8; 16]) {
        let rhs = self.slot(0);
        let lhs = self.slot(1);
        self.pop();
        self.pop();
        let dst = self.push_result(ValType::V128);
        let lanes = Bits128::new(u128::from_le_bytes(lanes));
        self.emit(OpCode::i8x16_shuffle, ops::i8x16_shuffle::new(dst, lhs, rhs, lanes));
        self.result_done();
    }

    fn ternary(&mut self, opcode: OpCode) {
        let (a, b, c) = self.pop_three();
        let dst = self.push_result(ValType::V128);
        let mut op = ops::v128_bitselect::new(dst, a, b, c);
        op.set_opcode(opcode);
        self.emit(opcode, op);
        self.result_done();
    }

    fn extract_lane(&mut self, opcode: OpCode, result: ValType, lane: u8) {
        let src = self.slot(0);
        self.pop();
        let dst = self.push_result(result);
        let mut op = ops::i8x16_extract_lane_s::new(dst, src, lane as u16);
        op.set_opcode(opcode);
        self.emit(opcode, op);
        self.result_done();
    }

    fn replace_lane(&mut self, opcode: OpCode, lane: u8) {
        let value = self.slot(0);
        let src = self.slot(1);
        self.pop();
        self.pop();
        let dst = self.push_result(ValType::V128);
        let mut op = ops::i8x16_replace_lane::new(dst, src, value, lane as u16);
        op.set_opcode(opcode);
        self.emit(opcode, op);
        self.result_done();
    }
}
