//! What the sentences of the instruction table tell: they say what an op does, and so what its values are.
//!
//! ```text
//! r5 = r3 / r4, unsigned           its integers are taken for unsigned
//! the 4 bytes at r2 + 16 = r3      r2 is an address, r3 is written there
//! copies r2 bytes from r1 to r0    r1 and r0 are addresses, r2 is none
//! ```
//!
//! Always: what is read out of a sentence holds of every op of the table (tested).

use super::Base;
use crate::moment::Read;
use wasmscope_trace_format::Value;

/// How the integers of an op are shown: those it takes for unsigned are, where signed ones would be.
pub fn reading(meaning: &str, base: Base) -> Base {
    let unsigned = [", unsigned", "unsigned integer", "filling with zeros", "zero-extended"];
    match base {
        Base::Signed if unsigned.into_iter().any(|it| meaning.contains(it)) => Base::Unsigned,
        _ => base,
    }
}

/// What a meaning computes, with values in place of slots; nothing if it reads none, or does not name
/// all it reads.
pub fn live(meaning: &str, reads: &[Read], base: Base) -> Option<String> {
    let (_, right) = formula(meaning).split_once(" = ")?;
    substituted(right, reads, base)
}

/// An op's text with the values it reads in place of the slots, if the text names them all.
pub(super) fn substituted(text: &str, reads: &[Read], base: Base) -> Option<String> {
    let mut result = String::new();
    let mut found = vec![false; reads.len()];
    let mut rest = text;
    while !rest.is_empty() {
        let end =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len());
        if end == 0 {
            let c = rest.chars().next()?;
            result.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let word = &rest[..end];
        match reads.iter().position(|read| read.label == word) {
            Some(index) => {
                found[index] = true;
                let value = reads[index].value;
                let shown = if locates(&result) { address(value) } else { base.show(value) };
                result.push_str(&shown);
            }
            None => result.push_str(word),
        }
        rest = &rest[end..];
    }
    (!reads.is_empty() && found.iter().all(|&it| it)).then_some(result)
}

/// Whether what comes next in a sentence is an address: `the 4 bytes at …`, `copies r2 bytes from … to …`.
fn locates(before: &str) -> bool {
    let copied = before.contains(" bytes from ") && before.ends_with(" to ");
    copied || ["byte at ", "bytes at ", "bytes from "].into_iter().any(|it| before.ends_with(it))
}

/// An address is hexadecimal in any base, as everywhere on the screen.
fn address(value: Value) -> String {
    format!("{:#x}", value.bits)
}

/// The values a sentence is about.
pub(super) fn with(sentence: &str, reads: &[Read], base: Base) -> String {
    let shown = reads.iter().map(|read| format!("{} = {}", read.label, operand(sentence, read, base)));
    shown.collect::<Vec<_>>().join(", ")
}

/// A value that a sentence is about; where it stands for an address, as one.
pub fn operand(sentence: &str, read: &Read, base: Base) -> String {
    // `r4` is no part of `r40`.
    let whole = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
    let mut named =
        sentence.match_indices(&read.label).map(|(at, label)| sentence.split_at(at + label.len()));
    match named.any(|(before, rest)| whole(rest) && locates(&before[..before.len() - read.label.len()])) {
        true => address(read.value),
        false => base.show(read.value),
    }
}

/// A sentence without what follows its first clause.
pub(super) fn clause(sentence: &str) -> &str {
    sentence.split(';').next().unwrap_or(sentence).trim_end()
}

/// The same without remarks, such as how the numbers are meant.
pub(super) fn formula(sentence: &str) -> &str {
    let sentence = clause(sentence);
    match sentence.find(", ") {
        Some(end) if !sentence.contains(", else ") => &sentence[..end],
        _ => sentence,
    }
}

/// A meaning as what is done: of a store, which reads like a comparison, that it writes.
pub(super) fn told(meaning: &str) -> String {
    let clause = clause(meaning);
    match clause.split_once(" = ") {
        Some((to, value)) if to.starts_with("the ") => format!("writes {value} to {to}"),
        _ => clause.to_owned(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::branch::verdict;
    use super::*;
    use std::cmp::Ordering;
    use wasmscope_core::code::OPS;
    use wasmscope_core::isa::{Kind, OpInfo, Operand, OperandType, Role};
    use wasmscope_trace_format::{SlotKind, ValueType};

    pub(in crate::words) fn read(label: &str, value: Value) -> Read {
        let (label, kind) = (label.to_owned(), SlotKind::Operand(0));
        Read { slot: 0, label, kind, name: None, value, origin: None }
    }

    #[test]
    fn values_stand_in_for_slots() {
        let read = |label: &str, value| read(label, Value::i32(value));
        let reads = [read("l3", 5), read("s4", -7)];
        assert_eq!(substituted("l3 + s4 * l30", &reads, Base::Signed).as_deref(), Some("5 + -7 * l30"));
        assert_eq!(substituted("l3 + 1", &reads, Base::Signed), None);
        let store = "the 4 bytes at s4 + 16 = l3";
        let shown = substituted(store, &reads, Base::Signed);
        assert_eq!(shown.as_deref(), Some("the 4 bytes at 0xfffffff9 + 16 = 5"));
        assert_eq!(with(store, &reads, Base::Signed), "l3 = 5, s4 = 0xfffffff9");
        assert_eq!(with("r1 = the byte at s4, sign-extended", &reads[1..], Base::Signed), "s4 = 0xfffffff9");
        assert_eq!(with("r1 = the byte at s40", &reads[1..], Base::Signed), "s4 = -7");
        assert_eq!(with("calls $f; its frame starts at s4", &reads[1..], Base::Signed), "s4 = -7");
    }

    fn is_in(operand: &&Operand) -> bool {
        operand.role == Role::In
    }

    /// Names apart: `i32_lt_u_imm` has `u`, and is no `u32`.
    fn says(op: &OpInfo, word: &str) -> bool {
        op.name.split('_').any(|it| it == word)
    }

    /// An op's sentence, its slots named by their place, with a constant of each type; and what it reads, all of
    /// it -5.
    fn rendered(op: &OpInfo, constant: &str) -> (String, Vec<Read>) {
        let (mut meaning, mut reads) = (op.meaning.to_owned(), Vec::new());
        for (at, operand) in op.operands.iter().enumerate() {
            let slot = format!("r{at}");
            let text = match (operand.role, operand.ty) {
                (Role::Imm, OperandType::Jump) => "0x1c",
                (Role::Imm, _) => constant,
                _ => &slot,
            };
            meaning = meaning.replace(&format!("{{{}}}", operand.name), text);
            if is_in(&operand) {
                reads.push(read(&slot, minus_five(operand.ty)));
            }
        }
        (meaning, reads)
    }

    fn minus_five(ty: OperandType) -> Value {
        match ty {
            OperandType::I64 => Value::i64(-5),
            OperandType::F32 => Value::f32(-5.0),
            OperandType::F64 => Value::f64(-5.0),
            OperandType::FuncRef => Value::reference(ValueType::FuncRef, Some(4)),
            _ => Value::i32(-5),
        }
    }

    #[test]
    fn integers_are_unsigned_where_an_op_takes_them_so() {
        let integers = |op: &&OpInfo| {
            let integer = |it: &Operand| matches!(it.ty, OperandType::I32 | OperandType::I64);
            op.operands.iter().any(|it| it.role != Role::Imm && integer(it))
        };
        let mut told = [0, 0];
        for op in OPS.iter().filter(integers) {
            let base = reading(&rendered(op, "7").0, Base::Signed);
            if says(op, "u") {
                assert_eq!(base, Base::Unsigned, "{}: {}", op.name, op.meaning);
                told[0] += 1;
            } else if says(op, "s") {
                assert_eq!(base, Base::Signed, "{}: {}", op.name, op.meaning);
                told[1] += 1;
            }
            assert_eq!(reading(&rendered(op, "7").0, Base::Hex), Base::Hex);
        }
        assert!(told.iter().all(|&ops| ops > 60), "{told:?}");
    }

    #[test]
    fn addresses_are_hexadecimal_wherever_memory_is_accessed() {
        let mut accesses = 0;
        for op in OPS {
            let (meaning, reads) = rendered(op, "7");
            let memory = ["load", "store"].into_iter().any(|it| op.name.contains(it));
            let bulk = ["memory_copy", "memory_fill", "memory_init"].contains(&op.name);
            for (operand, read) in op.operands.iter().filter(is_in).zip(&reads) {
                // What memory.init copies from is a segment, not a memory.
                let located = match operand.name {
                    "addr" => true,
                    "dst" => bulk,
                    "src" => op.name == "memory_copy",
                    _ => false,
                };
                assert!(!located || memory || bulk, "{}", op.name);
                let shown = super::operand(&meaning, read, Base::Signed);
                let wanted = if located { "0xfffffffb".to_owned() } else { Base::Signed.show(read.value) };
                assert_eq!(shown, wanted, "{} of {}: {meaning}", operand.name, op.name);
                // The same where values stand in for slots.
                let whole = substituted(&meaning, &reads, Base::Signed);
                assert!(!located || whole.is_some_and(|it| it.contains("0xfffffffb")), "{meaning}");
                accesses += usize::from(located);
            }
            assert!(
                !memory && !bulk
                    || reads.iter().any(|it| super::operand(&meaning, it, Base::Signed).starts_with("0x")),
                "{}",
                op.name
            );
        }
        assert!(accesses > 80, "{accesses}");
    }

    /// What the name of a branch says of two numbers.
    fn named(op: &OpInfo, order: Option<Ordering>, unsigned: Option<Ordering>) -> bool {
        let order = if says(op, "u") { unsigned } else { order };
        let holds = match op.name.split('_').find(|it| ["eq", "ne", "lt", "gt", "le", "ge"].contains(it)) {
            Some("eq") => order == Some(Ordering::Equal),
            Some("ne") => order != Some(Ordering::Equal),
            Some("lt") => order == Some(Ordering::Less),
            Some("gt") => order == Some(Ordering::Greater),
            Some("le") => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Some("ge") => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            _ => panic!("{} compares nothing", op.name),
        };
        holds != says(op, "not")
    }

    #[test]
    fn every_branch_that_compares_has_a_verdict() {
        let mut compared = 0;
        let branches = |it: &&OpInfo| it.kind == Kind::Jumps && it.operands.iter().any(|it| is_in(&it));
        for op in OPS.iter().filter(branches).filter(|it| !it.name.starts_with("br_table")) {
            let float = op.operands.iter().any(|it| matches!(it.ty, OperandType::F32 | OperandType::F64));
            for (left, right) in [(-5i64, 7i64), (7, -5), (7, 7), (0, 7), (5, 4)] {
                let constant = if float { format!("{right}.0") } else { right.to_string() };
                let (meaning, mut reads) = rendered(op, &constant);
                for (read, of) in reads.iter_mut().zip([left, right]) {
                    read.value = match read.value.ty {
                        ValueType::I64 => Value::i64(of),
                        ValueType::F64 => Value::f64(of as f64),
                        ValueType::F32 => Value::f32(of as f32),
                        ValueType::FuncRef => {
                            Value::reference(ValueType::FuncRef, u32::try_from(of - 1).ok())
                        }
                        _ => Value::i32(of as i32),
                    };
                }
                let wanted = match op.name {
                    "br_if" | "br_if_copy" | "br_on_non_null" => left != 0,
                    "br_unless" | "br_on_null" => left == 0,
                    _ if says(op, "and") => left & right != 0,
                    _ if says(op, "nand") => left & right == 0,
                    _ => named(op, Some(left.cmp(&right)), Some((left as u64).cmp(&(right as u64)))),
                };
                assert_eq!(verdict(&meaning, &reads), Some(wanted), "{meaning} with {left}, {right}");
            }
            if float {
                // Nothing holds of a NaN but that it is different.
                let (meaning, mut reads) = rendered(op, &Value::f64(f64::NAN).to_string());
                reads.iter_mut().for_each(|it| it.value = Value::f64(1.0));
                if let Some(second) = reads.get_mut(1) {
                    second.value = Value::f64(f64::NAN);
                }
                assert_eq!(verdict(&meaning, &reads), Some(named(op, None, None)), "{meaning} with a NaN");
            }
            compared += 1;
        }
        assert!(compared > 50, "{compared}");
    }
}
