//! WebAssembly values on the command line: arguments of `--invoke`, and results.
//!
//! Integers are decimal or `0x…`, signed or unsigned; floats decimal, `inf`, `nan` or
//! `nan:0x…`; vectors `0x…`; references `null`, host references also a number.

use anyhow::anyhow;
use wasmscope_core::{ExternRef, FuncType, Val, ValType};

/// The words as arguments of a function of this type.
pub(crate) fn parse_all(words: &[String], ty: &FuncType) -> Result<Vec<Val>, String> {
    let params = ty.params();
    if words.len() != params.len() {
        let wanted: Vec<String> = params.iter().map(ValType::to_string).collect();
        return Err(format!(
            "it takes ({}), but {} given",
            wanted.join(" "),
            match words.len() {
                1 => "1 argument was".to_owned(),
                len => format!("{len} arguments were"),
            }
        ));
    }
    words.iter().zip(params).map(|(word, &ty)| parse(word, ty)).collect()
}

/// A word as a value of a type.
fn parse(word: &str, ty: ValType) -> Result<Val, String> {
    let wrong = || format!("'{word}' is not {}", a(ty));
    let value = match ty {
        ValType::I32 => Val::I32(integer(word, 32).ok_or_else(wrong)? as i32),
        ValType::I64 => Val::I64(integer(word, 64).ok_or_else(wrong)? as i64),
        ValType::F32 => Val::F32(match nan_payload(word, 23) {
            Some((sign, payload)) => u32::from(sign) << 31 | 0x7f80_0000 | payload as u32,
            None => word.parse::<f32>().map_err(|_| wrong())?.to_bits(),
        }),
        ValType::F64 => Val::F64(match nan_payload(word, 52) {
            Some((sign, payload)) => u64::from(sign) << 63 | 0x7ff0_0000_0000_0000 | payload,
            None => word.parse::<f64>().map_err(|_| wrong())?.to_bits(),
        }),
        ValType::V128 => {
            let digits = word.strip_prefix("0x").ok_or_else(wrong)?;
            Val::V128(u128::from_str_radix(digits, 16).map_err(|_| wrong())?)
        }
        ValType::Ref(_) => match (word, Val::default_of(ty)) {
            ("null", null) if null.is(ty) => null,
            (word, Val::ExternRef(_)) => Val::ExternRef(Some(ExternRef(word.parse().map_err(|_| wrong())?))),
            _ => return Err(wrong()),
        },
    };
    Ok(value)
}

fn a(ty: ValType) -> String {
    let article = if matches!(ty, ValType::V128 | ValType::Ref(_)) { "a" } else { "an" };
    format!("{article} {ty}")
}

/// An integer of so many bits, signed or unsigned, as the bits it stands for.
fn integer(word: &str, bits: u32) -> Option<i128> {
    let (negative, digits) = match word.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, word),
    };
    let digits = digits.replace('_', "");
    let magnitude = match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => digits.parse::<u64>(),
    };
    // A sign behind the sign would pass `parse`.
    let magnitude = magnitude.ok().filter(|_| !digits.contains(['+', '-']))?;
    let value = if negative { -i128::from(magnitude) } else { i128::from(magnitude) };
    (-(1i128 << (bits - 1))..1i128 << bits).contains(&value).then_some(value)
}

/// `nan:0x…`, as the sign and a payload of so many bits.
fn nan_payload(word: &str, bits: u32) -> Option<(bool, u64)> {
    let rest = word.strip_prefix('-').unwrap_or(word);
    let payload = u64::from_str_radix(rest.strip_prefix("nan:0x")?, 16).ok()?;
    (1..1u64 << bits).contains(&payload).then_some((word.starts_with('-'), payload))
}

/// An error about the arguments of an export.
pub(crate) fn refusal(export: &str, problem: String) -> anyhow::Error {
    super::exit::usage(anyhow!("{export}: {problem}").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, ty: ValType, expect: &str) {
        let got = match parse(word, ty) {
            Ok(value) => value.to_string(),
            Err(error) => error,
        };
        assert_eq!(got, expect, "{word} as {ty}");
    }

    #[test]
    fn words_become_values_of_the_wanted_type() {
        use ValType::{F32, F64, I32, I64, V128};
        check("-1", I32, "-1");
        check("4294967295", I32, "-1");
        check("0x8000_0000", I32, "-2147483648");
        check("4294967296", I32, "'4294967296' is not an i32");
        check("-2147483649", I32, "'-2147483649' is not an i32");
        check("--1", I32, "'--1' is not an i32");
        check("1.5", I32, "'1.5' is not an i32");
        check("", I32, "'' is not an i32");
        check("18446744073709551615", I64, "-1");
        check("-0", F32, "-0.0");
        check("inf", F64, "inf");
        check("nan", F64, "nan");
        check("-nan:0x1", F32, "-nan:0x1");
        check("0x10", V128, "0x00000000000000000000000000000010");
        check("null", ValType::FUNCREF, "null");
        check("7", ValType::EXTERNREF, "extern 7");
        check("7", ValType::FUNCREF, "'7' is not a funcref");
    }
}
