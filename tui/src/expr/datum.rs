//! What an expression comes to, and how two of them compare.
//!
//! A number remembers the size it was read with: it is shown with as many bits, and taken as unsigned
//! where what it is compared with is too large for a signed one.
//! Elsewhere: how it comes to that (`eval`).

use super::{As, ExprError, Node};
use std::cmp::Ordering;
use std::fmt;
use wasmscope_trace_format::{Value, ValueType};

/// What an expression comes to.
#[derive(Clone, PartialEq, Debug)]
pub enum Datum {
    /// An integer, and the size in bytes of the value it was read from.
    Int {
        /// The number; signed if it was read as an i32 or i64.
        value: i128,
        /// 1, 2, 4 or 8; none if it is computed.
        size: Option<u8>,
    },
    /// A float, computed or read from an f64.
    Float(f64),
    /// A float that was read from an f32: its bits.
    Single(u32),
    /// A text.
    Text(String),
    /// A value that one cannot calculate with: a vector or a reference.
    Other(Value),
}

impl From<u64> for Datum {
    fn from(value: u64) -> Datum {
        Datum::Int { value: value.into(), size: None }
    }
}

impl From<Value> for Datum {
    fn from(value: Value) -> Datum {
        match As::of(value.ty) {
            Some(way) => Datum::from_bits(way, value.bits as u64),
            None => Datum::Other(value),
        }
    }
}

impl Datum {
    /// The value of a type of so many bytes, not of a text, with those bits.
    pub(crate) fn from_bits(way: As, bits: u64) -> Datum {
        match way {
            As::Unsigned(size) => Datum::Int { value: (bits & mask(size)).into(), size: Some(size) },
            As::Signed(size) => {
                let shift = 64 - 8 * u32::from(size);
                Datum::Int { value: (((bits << shift) as i64) >> shift).into(), size: Some(size) }
            }
            As::Float(4) => Datum::Single(bits as u32),
            As::Float(_) => Datum::Float(f64::from_bits(bits)),
            As::Text => unreachable!("texts are read by themselves"),
        }
    }

    /// Whether it counts as true: not zero, not empty, not null.
    pub fn truth(&self) -> bool {
        match self {
            Datum::Int { value, .. } => *value != 0,
            Datum::Float(_) | Datum::Single(_) => float(self) != 0.0,
            Datum::Text(text) => !text.is_empty(),
            Datum::Other(value) => value.bits != 0,
        }
    }

    /// As an address or a count, if it is one. A negative i32 is the unsigned number of its bits.
    pub fn unsigned(&self) -> Option<u64> {
        match *self {
            Datum::Int { value, size: Some(size) } => Some(value as u64 & mask(size)),
            Datum::Int { value, size: None } => u64::try_from(value).ok(),
            _ => None,
        }
    }

    /// As `Display` says it, an integer in decimal alone.
    pub fn plain(&self) -> String {
        match self {
            Datum::Int { value, .. } => value.to_string(),
            other => other.to_string(),
        }
    }

    /// Whether one can calculate with it.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Datum::Int { .. } | Datum::Float(_) | Datum::Single(_))
    }

    /// What kind of thing it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Datum::Int { .. } => "an integer",
            Datum::Float(_) | Datum::Single(_) => "a float",
            Datum::Text(_) => "a text",
            Datum::Other(value) if value.ty == ValueType::V128 => "a vector",
            Datum::Other(_) => "a reference",
        }
    }

    /// For JSON.
    pub fn json(&self) -> serde_json::Value {
        match self {
            Datum::Int { value, size } => {
                let bits = format!("{:#x}", *value as u128 & u128::from(mask(size.unwrap_or(8))));
                serde_json::json!({ "type": "integer", "bits": bits, "text": value.to_string() })
            }
            Datum::Float(value) => {
                let bits = format!("{:#x}", value.to_bits());
                serde_json::json!({ "type": "f64", "bits": bits, "text": format!("{value:?}") })
            }
            Datum::Single(bits) => {
                let text = f32::from_bits(*bits);
                serde_json::json!({ "type": "f32", "bits": format!("{bits:#x}"), "text": format!("{text:?}") })
            }
            Datum::Text(text) => serde_json::json!({ "type": "text", "text": text }),
            Datum::Other(value) => serde_json::to_value(value).unwrap_or_default(),
        }
    }
}

impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Datum::Int { value: value @ 0..=9, .. } => write!(f, "{value}"),
            Datum::Int { value, size: None } if *value < 0 => write!(f, "{value}"),
            Datum::Int { value, size } => {
                write!(f, "{value} ({:#x})", *value as u128 & u128::from(mask(size.unwrap_or(8))))
            }
            Datum::Float(value) => Value::new(ValueType::F64, value.to_bits().into()).fmt(f),
            Datum::Single(bits) => Value::new(ValueType::F32, (*bits).into()).fmt(f),
            Datum::Text(text) => f.write_str(text),
            Datum::Other(value) => value.fmt(f),
        }
    }
}

fn mask(size: u8) -> u64 {
    u64::MAX >> (64 - 8 * u32::from(size.min(8)))
}

pub(super) fn int(value: i128) -> Datum {
    Datum::Int { value, size: None }
}

pub(super) fn float(datum: &Datum) -> f64 {
    match datum {
        Datum::Int { value, .. } => *value as f64,
        Datum::Float(value) => *value,
        Datum::Single(bits) => f32::from_bits(*bits).into(),
        _ => f64::NAN,
    }
}

/// Both floats as they are compared: beside one that was read from an f32, one that was written or computed
/// is the nearest f32, so that what is printed as 0.1 equals 0.1.
fn floats(a: &Datum, b: &Datum) -> (f64, f64) {
    let near = |of: &Datum, other: &Datum| match (of, other) {
        (Datum::Float(value), Datum::Single(_)) => f64::from(*value as f32),
        _ => float(of),
    };
    (near(a, b), near(b, a))
}

/// Both numbers as they are compared: the one that was read from a value becomes unsigned if the
/// other is too large for a signed value of its size.
fn aligned(a: &Datum, b: &Datum) -> Option<(i128, i128)> {
    let (&Datum::Int { value: x, size: of_x }, &Datum::Int { value: y, size: of_y }) = (a, b) else {
        return None;
    };
    let meant = |value: i128, size: Option<u8>, other: i128| match size {
        Some(size) if value < 0 && other > i128::from(mask(size) >> 1) => value & i128::from(mask(size)),
        _ => value,
    };
    Some((meant(x, of_x, y), meant(y, of_y, x)))
}

pub(super) fn equal(a: &Datum, b: &Datum) -> bool {
    match (a, b) {
        (Datum::Text(a), Datum::Text(b)) => a == b,
        (Datum::Other(a), Datum::Other(b)) => a == b,
        (Datum::Other(a), Datum::Int { value, .. }) | (Datum::Int { value, .. }, Datum::Other(a)) => {
            u128::try_from(*value) == Ok(a.bits)
        }
        (Datum::Other(_), _) | (_, Datum::Other(_)) | (Datum::Text(_), _) | (_, Datum::Text(_)) => false,
        _ => match aligned(a, b) {
            Some((a, b)) => a == b,
            None => {
                let (a, b) = floats(a, b);
                a == b
            }
        },
    }
}

pub(super) fn compare(a: &Datum, b: &Datum, node: &Node) -> Result<Ordering, ExprError> {
    let fail = |message| Err(ExprError { column: node.column, message });
    match (a, b) {
        (Datum::Text(a), Datum::Text(b)) => Ok(a.cmp(b)),
        (a, b) if a.is_number() && b.is_number() => match aligned(a, b) {
            Some((a, b)) => Ok(a.cmp(&b)),
            None => {
                let (a, b) = floats(a, b);
                a.partial_cmp(&b).map_or_else(|| fail("nan has no order".into()), Ok)
            }
        },
        _ => fail(format!("{} and {} have no order", a.kind(), b.kind())),
    }
}
