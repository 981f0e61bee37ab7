//! A tree and a scope to a value.

use super::datum::{Datum, compare, equal, float, int};
use super::{As, Binary, ExprError, Kind, Node, Word};
use std::cmp::Ordering;
use wasmscope_trace_format::Value;

/// Where an expression finds its values: one moment, or as much as is known of it. Of what is not
/// overridden nothing is known.
pub trait Scope {
    /// A slot of the frame looked into.
    fn slot(&mut self, _slot: u32) -> Option<Value> {
        None
    }
    /// A parameter, local or global of that name; globals by number too.
    fn named(&mut self, _name: &str) -> Option<Value> {
        None
    }
    /// At most `len` bytes of a memory; fewer at its end.
    fn bytes(&mut self, _memory: u32, _addr: u64, _len: usize) -> Vec<u8> {
        Vec::new()
    }
    /// What a word says; `None` if nothing.
    fn word(&mut self, word: Word) -> Option<Datum>;
}

/// The longest text read from memory.
const LONGEST: usize = 4096;

pub(super) fn eval(node: &Node, scope: &mut dyn Scope) -> Result<Datum, ExprError> {
    let fail = |message: String| Err(ExprError { column: node.column, message });
    Ok(match &node.kind {
        Kind::Datum(datum) => datum.clone(),
        Kind::Regex(regex) => Datum::Text(regex.as_str().to_owned()),
        Kind::Slot(slot) => match scope.slot(*slot) {
            Some(value) => value.into(),
            None => return fail(format!("r{slot} holds no value here")),
        },
        Kind::Name(name) => match scope.named(name) {
            Some(value) => value.into(),
            None => return fail(format!("no local or global is called '{name}' here")),
        },
        Kind::Word(word) => match scope.word(*word) {
            Some(datum) => datum,
            None => return fail(format!("there is no {} here", word.name())),
        },
        Kind::Memory(way, memory, addr) => {
            let Some(addr) = eval(addr, scope)?.unsigned() else {
                return fail("an address is expected in the brackets".into());
            };
            match way.size() {
                None => {
                    let mut bytes = scope.bytes(*memory, addr, LONGEST);
                    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
                    bytes.truncate(end);
                    Datum::Text(String::from_utf8_lossy(&bytes).into_owned())
                }
                Some(size) => {
                    let bytes = scope.bytes(*memory, addr, size);
                    if bytes.len() < size {
                        return fail(format!("{addr:#x} is outside the memory"));
                    }
                    let mut bits = [0; 8];
                    bits[..size].copy_from_slice(&bytes);
                    Datum::from_bits(*way, u64::from_le_bytes(bits))
                }
            }
        }
        Kind::Cast(way, inner) => {
            let datum = eval(inner, scope)?;
            match (way, &datum) {
                (As::Float(4), Datum::Single(_)) | (As::Float(8), Datum::Float(_)) => datum,
                (As::Float(4), Datum::Float(value)) => Datum::Single((*value as f32).to_bits()),
                (As::Float(_), Datum::Single(_)) => Datum::Float(float(&datum)),
                (As::Float(4), Datum::Int { value, .. }) => Datum::from_bits(*way, *value as u32 as u64),
                (As::Float(_), Datum::Int { value, .. }) => Datum::from_bits(*way, *value as u64),
                (_, Datum::Float(value)) => Datum::from_bits(*way, value.to_bits()),
                (_, Datum::Single(bits)) => Datum::from_bits(*way, (*bits).into()),
                (_, Datum::Int { value, .. }) => Datum::from_bits(*way, *value as u64),
                (_, Datum::Other(value)) => Datum::from_bits(*way, value.bits as u64),
                (_, Datum::Text(_)) => return fail("a text cannot be converted to a number".into()),
            }
        }
        Kind::Not(inner) => int(i128::from(!eval(inner, scope)?.truth())),
        Kind::Minus(inner) => match eval(inner, scope)? {
            Datum::Int { value, .. } => int(-value),
            Datum::Float(value) => Datum::Float(-value),
            Datum::Single(bits) => Datum::Single(bits ^ 1 << 31),
            other => return fail(format!("{} has no negative", other.kind())),
        },
        Kind::Complement(inner) => match eval(inner, scope)? {
            Datum::Int { value, size } => Datum::Int { value: !value, size },
            other => return fail(format!("{} has no bits to turn over", other.kind())),
        },
        Kind::In(value, first, end) => {
            let value = eval(value, scope)?;
            let (first, end) = (eval(first, scope)?, eval(end, scope)?);
            let from = compare(&value, &first, node)? != Ordering::Less;
            int(i128::from(from && compare(&value, &end, node)? == Ordering::Less))
        }
        Kind::Binary(operator, left, right) => return binary(*operator, left, right, node, scope),
    })
}

fn binary(
    operator: Binary,
    left: &Node,
    right: &Node,
    node: &Node,
    scope: &mut dyn Scope,
) -> Result<Datum, ExprError> {
    let fail = |message: String| Err(ExprError { column: node.column, message });
    let left = match (eval(left, scope), operator) {
        (Ok(left), _) => left,
        // The other side may hold.
        (Err(error), Binary::Or) => {
            return match eval(right, scope)?.truth() {
                true => Ok(int(1)),
                false => Err(error),
            };
        }
        (Err(error), _) => return Err(error),
    };
    match operator {
        Binary::Or if left.truth() => return Ok(int(1)),
        Binary::And if !left.truth() => return Ok(int(0)),
        Binary::Or | Binary::And => return Ok(int(i128::from(eval(right, scope)?.truth()))),
        Binary::Matches => {
            let Kind::Regex(regex) = &right.kind else { unreachable!("the parser makes one") };
            return match &left {
                Datum::Text(text) => Ok(int(i128::from(regex.is_match(text)))),
                other => fail(format!("=~ looks into a text, not {}", other.kind())),
            };
        }
        _ => {}
    }
    let right = eval(right, scope)?;
    let truth = |value: bool| Ok(int(i128::from(value)));
    match operator {
        Binary::Eq => return truth(equal(&left, &right)),
        Binary::Ne => return truth(!equal(&left, &right)),
        Binary::Lt => return truth(compare(&left, &right, node)? == Ordering::Less),
        Binary::Le => return truth(compare(&left, &right, node)? != Ordering::Greater),
        Binary::Gt => return truth(compare(&left, &right, node)? == Ordering::Greater),
        Binary::Ge => return truth(compare(&left, &right, node)? != Ordering::Less),
        _ => {}
    }
    match (&left, &right) {
        (&Datum::Int { value: a, .. }, &Datum::Int { value: b, .. }) => {
            let shift = || u32::try_from(b).ok().filter(|it| *it < 64);
            let value = match operator {
                Binary::BitOr => Some(a | b),
                Binary::BitXor => Some(a ^ b),
                Binary::BitAnd => Some(a & b),
                Binary::Shl => shift().and_then(|by| a.checked_mul(1 << by)),
                Binary::Shr => shift().map(|by| a >> by),
                Binary::Add => a.checked_add(b),
                Binary::Sub => a.checked_sub(b),
                Binary::Mul => a.checked_mul(b),
                Binary::Div if b == 0 => return fail("division by zero".into()),
                Binary::Div => a.checked_div(b),
                Binary::Rem if b == 0 => return fail("division by zero".into()),
                _ => a.checked_rem(b),
            };
            match value {
                Some(value) => Ok(int(value)),
                None => fail("the result has no place in 128 bits".into()),
            }
        }
        (left, right) if left.is_number() && right.is_number() => {
            let (a, b) = (float(left), float(right));
            Ok(Datum::Float(match operator {
                Binary::Add => a + b,
                Binary::Sub => a - b,
                Binary::Mul => a * b,
                Binary::Div => a / b,
                Binary::Rem => a % b,
                _ => return fail("a float has no bits to combine; u64(x) gives them".into()),
            }))
        }
        (Datum::Text(a), Datum::Text(b)) if operator == Binary::Add => Ok(Datum::Text(format!("{a}{b}"))),
        _ => fail(format!("{} and {} do not go together here", left.kind(), right.kind())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Expr;

    struct Here;

    impl Scope for Here {
        fn slot(&mut self, slot: u32) -> Option<Value> {
            let nan = Value::new(wasmscope_trace_format::ValueType::F32, 0x7fa0_0001);
            let values = [
                Value::i32(-1),
                Value::i64(7),
                Value::f64(1.5),
                Value::i32(0x400),
                Value::f32(-1.5),
                nan,
                Value::f32(0.1),
            ];
            values.get(slot as usize).copied()
        }
        fn named(&mut self, name: &str) -> Option<Value> {
            match name {
                "n" => Some(Value::i32(3)),
                "depth" => Some(Value::i32(99)),
                "0" => Some(Value::i32(1000)),
                "std::io" => Some(Value::i32(8)),
                _ => None,
            }
        }
        fn bytes(&mut self, memory: u32, addr: u64, len: usize) -> Vec<u8> {
            let memory: &[u8] = if memory == 1 { b"other" } else { b"hello\0\xff\xff\xff\xff" };
            let from = (addr.saturating_sub(0x400) as usize).min(memory.len());
            memory[from..memory.len().min(from + len)].to_vec()
        }
        fn word(&mut self, word: Word) -> Option<Datum> {
            match word {
                Word::Depth => Some(5.into()),
                Word::Op => Some(Datum::Text("i32.store".into())),
                Word::Addr => Some(0x404.into()),
                _ => None,
            }
        }
    }

    fn told(text: &str) -> String {
        match Expr::parse(text).and_then(|expr| expr.eval(&mut Here)) {
            Ok(datum) => datum.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn values() {
        for (text, want) in [
            ("1 + 2 * 3", "7"),
            ("(1 + 2) * 3", "9"),
            ("0x10 | 1 << 8", "272 (0x110)"),
            ("10 - 4 - 3", "3"),
            ("-7 / 2", "-3"),
            ("1.5 * 2", "3.0"),
            ("r0", "-1 (0xffffffff)"),
            ("r0 == 0xffffffff", "1"),
            ("r0 == -1 && r0 < 0", "1"),
            ("r0 > 0x80000000", "1"),
            ("u32(r0)", "4294967295 (0xffffffff)"),
            ("u8(r0)", "255 (0xff)"),
            ("r1 % 4 == 3", "1"),
            ("r2 >= 1.5", "1"),
            ("u64(r2)", "4609434218613702656 (0x3ff8000000000000)"),
            ("r4 == -1.5", "1"),
            ("r6", "0.1"),
            ("r6 == 0.1 && r6 <= 0.1 && !(r6 < 0.1)", "1"),
            ("r6 == f64(r6)", "1"),
            ("r4 * 2", "-3.0"),
            ("u32(r4)", "3217031168 (0xbfc00000)"),
            ("f32(u32(r4)) == r4", "1"),
            ("f64(r4)", "-1.5"),
            ("u32(f32(r2))", "1069547520 (0x3fc00000)"),
            ("u32(r5)", "2141192193 (0x7fa00001)"),
            ("u8[0x400]", "104 (0x68)"),
            ("i32[r3 + 6]", "-1 (0xffffffff)"),
            ("u8[mem1:0x400]", "111 (0x6f)"),
            ("u8[mem0:r3] == u8[r3]", "1"),
            ("text[0x400]", "hello"),
            ("text[r3] == 'hello'", "1"),
            ("depth", "5"),
            ("$depth", "99 (0x63)"),
            ("$0", "1000 (0x3e8)"),
            ("std::io + 1", "9"),
            ("n == 3 && depth > 4", "1"),
            ("n in 1..3 || n in 3..4", "1"),
            ("addr in 0x400..0x408", "1"),
            ("op =~ \"store$\"", "1"),
            ("op =~ load", "0"),
            ("op == i32.store", "1"),
            ("!n", "0"),
            ("~0 & 0xff", "255 (0xff)"),
            ("'a' < 'b'", "1"),
            ("1_000", "1000 (0x3e8)"),
            ("0 && nonsense", "0"),
            ("nonsense || n == 3", "1"),
        ] {
            assert_eq!(told(text), want, "{text}");
        }
    }

    #[test]
    fn errors_name_the_column() {
        for (text, want) in [
            ("", "column 1: a value is expected, not the end"),
            ("n ==", "column 5: a value is expected, not the end"),
            ("n == && 3", "column 6: a value is expected, not '&&'"),
            ("(n", "column 3: ')' is expected, not the end"),
            ("n n", "column 3: an operator or the end is expected, not 'n'"),
            ("u8 + 1", "column 1: 'u8' reads memory or converts: u8[0x400] or u8(r3)"),
            ("op =~ \"(\"", "column 7: the regular expression is wrong: unclosed group"),
            ("'abc", "column 1: this text does not end; ' closes it"),
            ("n # 3", "column 3: '#' means nothing here"),
            ("0xzz", "column 1: '0xzz' is no number of at most 64 bits"),
            ("1 / 0", "column 3: division by zero"),
            ("r9", "column 1: r9 holds no value here"),
            ("1 + nope", "column 5: no local or global is called 'nope' here"),
            ("u32[0x500]", "column 1: 0x500 is outside the memory"),
            ("op + 1", "column 4: a text and a number do not go together at '+'"),
            ("r0 == 'b'", "column 4: a number and a text do not go together at '=='"),
            ("n == 3 && depth != \"x\"", "column 17: a number and a text do not go together at '!='"),
            ("text[0x400] < 3", "column 13: a text and a number do not go together at '<'"),
            ("func == 3", "column 6: a text and a number do not go together at '=='"),
            ("op in 1..2", "column 4: a text and a number do not go together at 'in'"),
            ("pc in 1..'b'", "column 4: a number and a text do not go together at '..'"),
            ("'a' * 'b'", "column 1: a text is not calculated with"),
            ("1 + -op", "column 6: a text has no negative"),
            ("u8[op]", "column 4: a text is no address"),
            ("n =~ 'x'", "column 3: =~ looks into a text, not a number"),
            ("outcome", "column 1: there is no outcome here"),
        ] {
            assert_eq!(told(text), want, "{text}");
        }
        for deep in ["(".repeat(100_000), "(".repeat(200), "1+".repeat(100_000)] {
            assert!(told(&deep).contains("more than"), "refused, not crashed on");
        }
    }

    #[test]
    fn any_text_is_read_or_refused() {
        let alphabet: Vec<char> = "r1n$ ()[]+-*/%<>=!&|^~\"'.:0x9_eéu8".chars().collect();
        let mut seed = 1u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..12 {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                text.push(alphabet[(seed >> 33) as usize % alphabet.len()]);
            }
            told(&text);
        }
    }
}
