//! Operators that take values and give one, by their types.

use wasm_encoder::Instruction as I;
use wasm_encoder::ValType::{self, *};

/// An operator without immediates that matter.
pub(crate) struct Op {
    pub(crate) op: I<'static>,
    pub(crate) from: &'static [ValType],
    pub(crate) to: ValType,
}

macro_rules! ops {
    ($name:ident: $($from:tt $to:ident: $($op:ident)*;)*) => {
        pub(crate) const $name: &[Op] = &[$($(Op { op: I::$op, from: &$from, to: $to },)*)*];
    };
}

ops! { SCALAR:
    [I32, I32] I32: I32Add I32Sub I32Mul I32And I32Or I32Xor I32Shl I32ShrS I32ShrU I32Rotl I32Rotr;
    [I32, I32] I32: I32Add I32Sub I32DivS I32DivU I32RemS I32RemU;
    [I32, I32] I32: I32Eq I32Ne I32LtS I32LtU I32GtS I32GtU I32LeS I32LeU I32GeS I32GeU;
    [I32] I32: I32Eqz I32Clz I32Ctz I32Popcnt I32Extend8S I32Extend16S I32Eqz;
    [I64, I64] I64: I64Add I64Sub I64Mul I64And I64Or I64Xor I64Shl I64ShrS I64ShrU I64Rotl I64Rotr;
    [I64, I64] I64: I64Add I64Sub I64DivS I64DivU I64RemS I64RemU;
    [I64, I64] I32: I64Eq I64Ne I64LtS I64LtU I64GtS I64GtU I64LeS I64LeU I64GeS I64GeU;
    [I64] I64: I64Clz I64Ctz I64Popcnt I64Extend8S I64Extend16S I64Extend32S;
    [I64] I32: I64Eqz I32WrapI64;
    [I32] I64: I64ExtendI32S I64ExtendI32U;
    [F32, F32] F32: F32Add F32Sub F32Mul F32Div F32Min F32Max F32Copysign;
    [F64, F64] F64: F64Add F64Sub F64Mul F64Div F64Min F64Max F64Copysign F64Add F64Mul;
    [F32, F32] I32: F32Eq F32Ne F32Lt F32Gt F32Le F32Ge;
    [F64, F64] I32: F64Eq F64Ne F64Lt F64Gt F64Le F64Ge;
    [F32] F32: F32Abs F32Neg F32Ceil F32Floor F32Trunc F32Nearest F32Sqrt;
    [F64] F64: F64Abs F64Neg F64Ceil F64Floor F64Trunc F64Nearest F64Sqrt;
    [F32] I32: I32TruncSatF32S I32TruncSatF32U I32ReinterpretF32 I32TruncF32S I32TruncF32U;
    [F64] I32: I32TruncSatF64S I32TruncSatF64U I32TruncF64S I32TruncF64U;
    [F32] I64: I64TruncSatF32S I64TruncSatF32U I64TruncF32S I64TruncF32U;
    [F64] I64: I64TruncSatF64S I64TruncSatF64U I64ReinterpretF64 I64TruncF64S I64TruncF64U;
    [I32] F32: F32ConvertI32S F32ConvertI32U F32ReinterpretI32;
    [I64] F32: F32ConvertI64S F32ConvertI64U;
    [I32] F64: F64ConvertI32S F64ConvertI32U;
    [I64] F64: F64ConvertI64S F64ConvertI64U F64ReinterpretI64;
    [F64] F32: F32DemoteF64;
    [F32] F64: F64PromoteF32;
}

ops! { VECTOR:
    [I32] V128: I8x16Splat I16x8Splat I32x4Splat;
    [I64] V128: I64x2Splat;
    [F32] V128: F32x4Splat;
    [F64] V128: F64x2Splat;
    [V128] V128: V128Not I8x16Abs I8x16Neg I8x16Popcnt I16x8Abs I16x8Neg I32x4Abs I32x4Neg I64x2Abs I64x2Neg;
    [V128] V128: I16x8ExtAddPairwiseI8x16S I16x8ExtendLowI8x16U I16x8ExtendHighI8x16S I32x4ExtAddPairwiseI16x8U;
    [V128] V128: I32x4ExtendLowI16x8S I32x4ExtendHighI16x8U I64x2ExtendLowI32x4S I64x2ExtendHighI32x4U;
    [V128] V128: F32x4Ceil F32x4Floor F32x4Trunc F32x4Nearest F32x4Abs F32x4Neg F32x4Sqrt;
    [V128] V128: F64x2Ceil F64x2Floor F64x2Trunc F64x2Nearest F64x2Abs F64x2Neg F64x2Sqrt;
    [V128] V128: I32x4TruncSatF32x4S I32x4TruncSatF32x4U F32x4ConvertI32x4S F32x4ConvertI32x4U;
    [V128] V128: I32x4TruncSatF64x2SZero I32x4TruncSatF64x2UZero F64x2ConvertLowI32x4S F64x2ConvertLowI32x4U;
    [V128] V128: F32x4DemoteF64x2Zero F64x2PromoteLowF32x4;
    [V128] I32: V128AnyTrue I8x16AllTrue I8x16Bitmask I16x8AllTrue I16x8Bitmask I32x4AllTrue I32x4Bitmask;
    [V128] I32: I64x2AllTrue I64x2Bitmask;
    [V128, V128] V128: V128And V128AndNot V128Or V128Xor I8x16Swizzle;
    [V128, V128] V128: I8x16Eq I8x16LtS I8x16GtU I8x16LeS I8x16GeU I16x8Ne I16x8LtU I16x8GtS I32x4Eq I32x4LeU I64x2LtS I64x2GeS;
    [V128, V128] V128: F32x4Eq F32x4Lt F32x4Ge F64x2Ne F64x2Gt F64x2Le;
    [V128, V128] V128: I8x16Add I8x16AddSatS I8x16AddSatU I8x16Sub I8x16SubSatS I8x16MinS I8x16MaxU I8x16AvgrU;
    [V128, V128] V128: I16x8Add I16x8AddSatS I16x8Sub I16x8SubSatU I16x8Mul I16x8MinU I16x8MaxS I16x8Q15MulrSatS;
    [V128, V128] V128: I8x16NarrowI16x8S I8x16NarrowI16x8U I16x8NarrowI32x4S I16x8NarrowI32x4U;
    [V128, V128] V128: I32x4Add I32x4Sub I32x4Mul I32x4MinS I32x4MaxU I32x4DotI16x8S I64x2Add I64x2Sub I64x2Mul;
    [V128, V128] V128: I16x8ExtMulLowI8x16S I32x4ExtMulHighI16x8U I64x2ExtMulLowI32x4U;
    [V128, V128] V128: F32x4Add F32x4Sub F32x4Mul F32x4Div F32x4Min F32x4Max F32x4PMin F32x4PMax;
    [V128, V128] V128: F64x2Add F64x2Sub F64x2Mul F64x2Div F64x2Min F64x2Max F64x2PMin F64x2PMax;
    [V128, V128, V128] V128: V128Bitselect;
    [V128, I32] V128: I8x16Shl I8x16ShrS I8x16ShrU I16x8Shl I16x8ShrS I32x4Shl I32x4ShrU I64x2Shl I64x2ShrS;
}

ops! { RELAXED:
    [V128, V128] V128: I8x16RelaxedSwizzle F32x4RelaxedMin F32x4RelaxedMax F64x2RelaxedMin F64x2RelaxedMax;
    [V128, V128] V128: I16x8RelaxedQ15mulrS I16x8RelaxedDotI8x16I7x16S;
    [V128] V128: I32x4RelaxedTruncF32x4S I32x4RelaxedTruncF32x4U I32x4RelaxedTruncF64x2SZero I32x4RelaxedTruncF64x2UZero;
    [V128, V128, V128] V128: F32x4RelaxedMadd F32x4RelaxedNmadd F64x2RelaxedMadd F64x2RelaxedNmadd;
    [V128, V128, V128] V128: I8x16RelaxedLaneselect I16x8RelaxedLaneselect I32x4RelaxedLaneselect I64x2RelaxedLaneselect;
    [V128, V128, V128] V128: I32x4RelaxedDotI8x16I7x16AddS;
}

/// Operators of a lane: what they take, the lanes there are, what they give.
pub(crate) fn lane(choice: usize, lane: u8) -> (I<'static>, &'static [ValType], ValType) {
    match choice % 14 {
        0 => (I::I8x16ExtractLaneS(lane % 16), &[V128], I32),
        1 => (I::I8x16ExtractLaneU(lane % 16), &[V128], I32),
        2 => (I::I16x8ExtractLaneS(lane % 8), &[V128], I32),
        3 => (I::I16x8ExtractLaneU(lane % 8), &[V128], I32),
        4 => (I::I32x4ExtractLane(lane % 4), &[V128], I32),
        5 => (I::I64x2ExtractLane(lane % 2), &[V128], I64),
        6 => (I::F32x4ExtractLane(lane % 4), &[V128], F32),
        7 => (I::F64x2ExtractLane(lane % 2), &[V128], F64),
        8 => (I::I8x16ReplaceLane(lane % 16), &[V128, I32], V128),
        9 => (I::I16x8ReplaceLane(lane % 8), &[V128, I32], V128),
        10 => (I::I32x4ReplaceLane(lane % 4), &[V128, I32], V128),
        11 => (I::I64x2ReplaceLane(lane % 2), &[V128, I64], V128),
        12 => (I::F32x4ReplaceLane(lane % 4), &[V128, F32], V128),
        _ => (I::F64x2ReplaceLane(lane % 2), &[V128, F64], V128),
    }
}

/// Whether the operator divides: its divisor is better not 0.
pub(crate) fn divides(op: &I<'_>) -> bool {
    matches!(
        op,
        I::I32DivS | I::I32DivU | I::I32RemS | I::I32RemU | I::I64DivS | I::I64DivU | I::I64RemS | I::I64RemU
    )
}

/// The conversion that does not trap, for one that does.
pub(crate) fn tamed(op: &I<'static>) -> I<'static> {
    match op {
        I::I32TruncF32S => I::I32TruncSatF32S,
        I::I32TruncF32U => I::I32TruncSatF32U,
        I::I32TruncF64S => I::I32TruncSatF64S,
        I::I32TruncF64U => I::I32TruncSatF64U,
        I::I64TruncF32S => I::I64TruncSatF32S,
        I::I64TruncF32U => I::I64TruncSatF32U,
        I::I64TruncF64S => I::I64TruncSatF64S,
        I::I64TruncF64U => I::I64TruncSatF64U,
        other => other.clone(),
    }
}
