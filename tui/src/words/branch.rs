//! What a branch decides by, and how: before it has run.
//!
//! ```text
//! goes on at 0x1c if r2 < r3, signed      the sentence that the instruction table has
//!                    3 < 5                its condition with values
//!                    it holds             so the branch is taken; behind `unless` it is not
//! ```
//!
//! Elsewhere: sentences and values (`words`).

use super::Base;
use super::sentence::{clause, formula, substituted};
use crate::moment::{Next, Read};
use std::cmp::Ordering;
use wasmscope_trace_format::{Outcome, Value, ValueType};

/// What a meaning decides by, and whether the branch is taken where that holds: `goes on at 0x1c unless r2 < r3`.
fn decides_by(meaning: &str) -> Option<(&str, bool)> {
    if formula(meaning).contains(" = ") {
        return None;
    }
    let clause = clause(meaning);
    // `if r2 is not 0, moves 1 values to r3 and goes on at 0x1c`
    if let Some((condition, _)) = clause.strip_prefix("if ").and_then(|it| it.split_once(", ")) {
        return Some((condition, true));
    }
    let taken_if = clause.split_once(" if ").map(|it| (it.1, true));
    taken_if.or_else(|| clause.split_once(" unless ").map(|it| (it.1, false)))
}

/// That, with values: `3 < 5`.
pub fn condition(meaning: &str, reads: &[Read], base: Base) -> Option<String> {
    let (condition, _) = decides_by(meaning)?;
    substituted(condition, reads, base)
}

/// Whether it holds; `None` if the meaning does not say it as a comparison.
pub fn holds(meaning: &str, reads: &[Read]) -> Option<bool> {
    let (condition, _) = decides_by(meaning)?;
    let (condition, signed) = match condition.split_once(", ") {
        Some((condition, remark)) => (condition, remark == "signed"),
        None => (condition, false),
    };
    let read = |label: &str| reads.iter().find(|read| read.label == label).map(|read| read.value);
    let words: Vec<&str> = condition.split(' ').collect();
    let left = read(words.first()?)?;
    let is_zero = |bits: u128, rest: &[&str]| match rest {
        ["is", "not", "0" | "null"] => Some(bits != 0),
        ["is", "0" | "null"] => Some(bits == 0),
        _ => None,
    };
    if let [_, "&", right, rest @ ..] = &words[..] {
        let right = match read(right) {
            Some(value) => value.bits,
            None => right.parse::<i128>().ok()? as u128,
        };
        return is_zero(left.bits & right, rest);
    }
    if let Some(zero) = is_zero(left.bits, &words[1..]) {
        return Some(zero);
    }
    let [_, sign, right] = words[..] else { return None };
    let order = match float(left) {
        Some(left) => left.partial_cmp(&match read(right) {
            Some(value) => float(value)?,
            None if right.contains("nan") => f64::NAN,
            None => right.parse().ok()?,
        }),
        None => {
            let right = match read(right) {
                Some(value) => value,
                None => Value { bits: right.parse::<i128>().ok()? as u128, ..left },
            };
            Some(integer(left, signed)?.cmp(&integer(right, signed)?))
        }
    };
    // Nothing but `!=` holds of a NaN.
    Some(match sign {
        "==" => order.is_some_and(Ordering::is_eq),
        "!=" => order.is_none_or(Ordering::is_ne),
        "<" => order.is_some_and(Ordering::is_lt),
        ">" => order.is_some_and(Ordering::is_gt),
        "<=" => order.is_some_and(Ordering::is_le),
        ">=" => order.is_some_and(Ordering::is_ge),
        _ => return None,
    })
}

fn float(value: Value) -> Option<f64> {
    match value.ty {
        ValueType::F32 => Some(f32::from_bits(value.bits as u32).into()),
        ValueType::F64 => Some(f64::from_bits(value.bits as u64)),
        _ => None,
    }
}

/// As an i128 either reading of the bits fits.
fn integer(value: Value, signed: bool) -> Option<i128> {
    Some(match (value.ty, signed) {
        (ValueType::I32, true) => (value.bits as i32).into(),
        (ValueType::I32, false) => (value.bits as u32).into(),
        (ValueType::I64, true) => (value.bits as i64).into(),
        (ValueType::I64, false) => (value.bits as u64).into(),
        _ => return None,
    })
}

/// Whether the branch that is next will be taken; `None` if it is none, or nobody can say.
pub fn taken(next: &Next) -> Option<bool> {
    match next.row.as_ref().map(|row| &row.event.outcome) {
        _ if !next.branch => None,
        Some(Outcome::Jump) => Some(true),
        Some(Outcome::Next) => Some(false),
        _ => verdict(&next.meaning, &next.reads),
    }
}

/// Whether a branch is taken with these values; `None` if its meaning does not say.
pub(super) fn verdict(meaning: &str, reads: &[Read]) -> Option<bool> {
    Some(holds(meaning, reads)? == decides_by(meaning)?.1)
}

#[cfg(test)]
mod tests {
    use super::super::sentence::tests::read;
    use super::*;

    #[test]
    fn conditions_of_branches_are_known_before() {
        let reads = [read("r2", Value::i32(-1)), read("r3", Value::i32(5)), read("r4", Value::i64(-9))];
        let holds = |condition: &str| holds(&format!("goes on at 0x1c if {condition}"), &reads);
        assert_eq!(holds("r2 < r3, signed"), Some(true));
        assert_eq!(holds("r2 < r3, unsigned"), Some(false));
        assert_eq!(holds("r2 == -1"), Some(true));
        assert_eq!(holds("r4 >= -9, signed"), Some(true));
        assert_eq!(holds("r3 is not 0"), Some(true));
        assert_eq!(holds("r3 is 0"), Some(false));
        assert_eq!(holds("r9 is 0"), None);
        assert_eq!(holds("r3 & 4 is 0"), Some(false));
        assert_eq!(holds("r3 & 2 is 0"), Some(true));
        assert_eq!(holds("r2 & r3 is not 0"), Some(true));
        assert_eq!(holds("r4 & -16 is not 0"), Some(true));
        let floats = [read("r2", Value::f64(1.5)), read("r3", Value::f64(f64::NAN))];
        let holds = |condition: &str| super::holds(&format!("goes on at 0x1c {condition}"), &floats);
        assert_eq!(holds("if something else"), None);
        assert_eq!(holds("unless r2 < r2"), Some(false));
        assert_eq!(holds("if r2 <= 1.5"), Some(true));
        assert_eq!(holds("if r2 < r3"), Some(false));
        assert_eq!(holds("if r2 != r3"), Some(true));
        assert_eq!(holds("unless r2 >= r3"), Some(false));
    }
}
