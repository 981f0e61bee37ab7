//! Values of the WebAssembly types, as bits.
//!
//! A value is its type and its bits; nothing is lost to floating point, and a
//! NaN keeps its payload. A reference is an index plus one, never an address,
//! so that two hosts agree on it; 0 is null.
//!
//! Two serialized forms, chosen by the serializer:
//! * for people (JSON): `{"type":"i32","bits":"0xffffffff","text":"-1"}`;
//! * for files (postcard): one varint, the type in its low three bits, so that
//!   small numbers take one or two bytes. See `packed`.
//!
//! Elsewhere: what a step did to values (`event`).

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::ser::{SerializeStruct, SerializeTuple, Serializer};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A WebAssembly value type. Append only: the order is part of the file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ValueType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 128-bit vector.
    V128,
    /// Reference to a function.
    FuncRef,
    /// Reference to a host object.
    ExternRef,
    /// Reference to an exception.
    ExnRef,
}

impl ValueType {
    /// All types, in order of their number in files.
    pub const ALL: [ValueType; 8] = [
        ValueType::I32,
        ValueType::I64,
        ValueType::F32,
        ValueType::F64,
        ValueType::V128,
        ValueType::FuncRef,
        ValueType::ExternRef,
        ValueType::ExnRef,
    ];

    /// The name in the WebAssembly text format.
    pub const fn name(self) -> &'static str {
        match self {
            ValueType::I32 => "i32",
            ValueType::I64 => "i64",
            ValueType::F32 => "f32",
            ValueType::F64 => "f64",
            ValueType::V128 => "v128",
            ValueType::FuncRef => "funcref",
            ValueType::ExternRef => "externref",
            ValueType::ExnRef => "exnref",
        }
    }

    /// The type of that name, if it is one.
    pub fn from_name(name: &str) -> Option<ValueType> {
        ValueType::ALL.into_iter().find(|ty| ty.name() == name)
    }

    /// How many bytes a value takes in an event column: 4, 8 or 16.
    /// References take 8.
    pub const fn width(self) -> usize {
        match self {
            ValueType::I32 | ValueType::F32 => 4,
            ValueType::V128 => 16,
            _ => 8,
        }
    }

    /// Whether values of this type are references.
    pub const fn is_ref(self) -> bool {
        matches!(self, ValueType::FuncRef | ValueType::ExternRef | ValueType::ExnRef)
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A typed value. Bits above the type's width are zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Value {
    /// Its type.
    pub ty: ValueType,
    /// Its bits; for a reference 0 is null and n is index n - 1.
    pub bits: u128,
}

impl Value {
    /// A value of type `ty`; bits that do not fit its width are dropped.
    pub const fn new(ty: ValueType, bits: u128) -> Value {
        let bits = match ty.width() {
            4 => bits as u32 as u128,
            8 => bits as u64 as u128,
            _ => bits,
        };
        Value { ty, bits }
    }

    /// An `i32`.
    pub const fn i32(value: i32) -> Value {
        Value { ty: ValueType::I32, bits: value as u32 as u128 }
    }

    /// An `i64`.
    pub const fn i64(value: i64) -> Value {
        Value { ty: ValueType::I64, bits: value as u64 as u128 }
    }

    /// An `f32`, NaN payload and all.
    pub const fn f32(value: f32) -> Value {
        Value { ty: ValueType::F32, bits: value.to_bits() as u128 }
    }

    /// An `f64`, NaN payload and all.
    pub const fn f64(value: f64) -> Value {
        Value { ty: ValueType::F64, bits: value.to_bits() as u128 }
    }

    /// A reference of type `ty` to index `index`, or null.
    pub const fn reference(ty: ValueType, index: Option<u32>) -> Value {
        let bits = match index {
            None => 0,
            Some(index) => index as u128 + 1,
        };
        Value { ty, bits }
    }

    /// One number holding type and bits, small for small values: the low three
    /// bits are the type, the rest the payload. Integers are zigzag-coded and
    /// floats byte-swapped, so that -1 and 1.5 are short. `None` for what does
    /// not fit (`v128`) or is rare (`exnref`): these use code 7 and a long form.
    fn packed(self) -> Option<u128> {
        let payload = match self.ty {
            ValueType::I32 => {
                let v = self.bits as u32 as i32;
                ((v << 1) ^ (v >> 31)) as u32 as u128
            }
            ValueType::I64 => {
                let v = self.bits as u64 as i64;
                ((v << 1) ^ (v >> 63)) as u64 as u128
            }
            ValueType::F32 => (self.bits as u32).swap_bytes() as u128,
            ValueType::F64 => (self.bits as u64).swap_bytes() as u128,
            ValueType::FuncRef | ValueType::ExternRef => self.bits as u64 as u128,
            ValueType::V128 | ValueType::ExnRef => return None,
        };
        Some(payload << 3 | self.ty as u128)
    }

    fn unpacked(code: u128) -> Option<Value> {
        let (ty, payload) = (ValueType::ALL[(code & 7) as usize], code >> 3);
        let bits = match ty {
            ValueType::I32 => {
                let z = u32::try_from(payload).ok()?;
                ((z >> 1) ^ (z & 1).wrapping_neg()) as u128
            }
            ValueType::I64 => {
                let z = u64::try_from(payload).ok()?;
                ((z >> 1) ^ (z & 1).wrapping_neg()) as u128
            }
            ValueType::F32 => u32::try_from(payload).ok()?.swap_bytes() as u128,
            ValueType::F64 => u64::try_from(payload).ok()?.swap_bytes() as u128,
            ValueType::FuncRef | ValueType::ExternRef => u64::try_from(payload).ok()? as u128,
            ValueType::V128 | ValueType::ExnRef => return None,
        };
        Some(Value { ty, bits })
    }
}

/// Marks the long form: `7`, then type, then bits.
pub(crate) const LONG: u128 = 7;

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ty {
            ValueType::I32 => write!(f, "{}", self.bits as u32 as i32),
            ValueType::I64 => write!(f, "{}", self.bits as u64 as i64),
            ValueType::F32 => {
                let bits = self.bits as u32;
                let payload = u64::from(bits & 0x7f_ffff);
                float(f, f32::from_bits(bits), bits >> 31 != 0, payload, 0x40_0000)
            }
            ValueType::F64 => {
                let bits = self.bits as u64;
                float(f, f64::from_bits(bits), bits >> 63 != 0, bits & (!0 >> 12), 1 << 51)
            }
            ValueType::V128 => write!(f, "0x{:032x}", self.bits),
            ValueType::FuncRef | ValueType::ExternRef | ValueType::ExnRef => match self.bits {
                0 => f.write_str("null"),
                n => {
                    let what = self.ty.name().trim_end_matches("ref");
                    write!(f, "{what} {}", n - 1)
                }
            },
        }
    }
}

/// Writes a float the way the WebAssembly text format does: `nan` alone is the
/// canonical one, others show their payload.
fn float<F: fmt::Debug + Into<f64> + Copy>(
    f: &mut fmt::Formatter<'_>,
    value: F,
    negative: bool,
    payload: u64,
    canonical: u64,
) -> fmt::Result {
    let wide: f64 = value.into();
    let sign = if negative { "-" } else { "" };
    if wide.is_nan() {
        if payload == canonical { write!(f, "{sign}nan") } else { write!(f, "{sign}nan:0x{payload:x}") }
    } else {
        write!(f, "{value:?}")
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.ty, self)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            let mut s = serializer.serialize_struct("Value", 3)?;
            s.serialize_field("type", self.ty.name())?;
            s.serialize_field("bits", &format!("0x{:x}", self.bits))?;
            s.serialize_field("text", &self.to_string())?;
            return s.end();
        }
        match self.packed() {
            Some(code) => {
                let mut t = serializer.serialize_tuple(1)?;
                t.serialize_element(&code)?;
                t.end()
            }
            None => {
                let mut t = serializer.serialize_tuple(3)?;
                t.serialize_element(&LONG)?;
                t.serialize_element(&self.ty)?;
                t.serialize_element(&self.bits)?;
                t.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        if deserializer.is_human_readable() {
            #[derive(Deserialize)]
            struct Json {
                r#type: String,
                bits: String,
            }
            let json = Json::deserialize(deserializer)?;
            let ty =
                ValueType::from_name(&json.r#type).ok_or_else(|| de::Error::custom("unknown value type"))?;
            let hex = json.bits.strip_prefix("0x").unwrap_or(&json.bits);
            let bits = u128::from_str_radix(hex, 16).map_err(de::Error::custom)?;
            return Ok(Value::new(ty, bits));
        }
        deserializer.deserialize_tuple(3, Packed)
    }
}

/// Reads one number, and two more when it is `LONG`. That leaves elements of
/// the announced tuple unread, which is fine in formats without a length.
struct Packed;

impl<'de> Visitor<'de> for Packed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a packed value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let missing = || de::Error::custom("value ends early");
        let code: u128 = seq.next_element()?.ok_or_else(missing)?;
        if code != LONG {
            return Value::unpacked(code).ok_or_else(|| de::Error::custom("value out of range"));
        }
        let ty: ValueType = seq.next_element()?.ok_or_else(missing)?;
        let bits: u128 = seq.next_element()?.ok_or_else(missing)?;
        if Value::new(ty, bits).bits != bits {
            return Err(de::Error::custom("value out of range"));
        }
        Ok(Value { ty, bits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_says_what_the_text_format_says() {
        let cases = [
            (Value::i32(-1), "-1"),
            (Value::i64(i64::MIN), "-9223372036854775808"),
            (Value::f32(1.5), "1.5"),
            (Value::f64(-0.0), "-0.0"),
            (Value::f64(1e300), "1e300"),
            (Value::new(ValueType::F32, 0x7fc0_0000), "nan"),
            (Value::new(ValueType::F32, 0xffc0_0000), "-nan"),
            (Value::new(ValueType::F64, 0x7ff0_0000_0000_0001), "nan:0x1"),
            (Value::f32(f32::NEG_INFINITY), "-inf"),
            (Value::reference(ValueType::FuncRef, None), "null"),
            (Value::reference(ValueType::ExternRef, Some(7)), "extern 7"),
            (Value::new(ValueType::V128, 1), "0x00000000000000000000000000000001"),
        ];
        for (value, text) in cases {
            assert_eq!(value.to_string(), text);
        }
    }

    #[test]
    fn small_values_take_one_byte_in_files() {
        for value in [Value::i32(0), Value::i32(-8), Value::i64(7), Value::f64(0.0)] {
            assert_eq!(postcard::to_stdvec(&value).unwrap().len(), 1, "{value:?}");
        }
        assert_eq!(postcard::to_stdvec(&Value::f64(1.5)).unwrap().len(), 3);
    }

    #[test]
    fn json_keeps_every_bit() {
        let value = Value::new(ValueType::F64, 0x7ff0_0000_0000_0001);
        let json = serde_json::to_string(&value).unwrap();
        assert_eq!(json, r#"{"type":"f64","bits":"0x7ff0000000000001","text":"nan:0x1"}"#);
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value);
    }
}
