//! The types memory can be read as, little endian as WebAssembly has it.

use crate::widgets::line::cut;

/// A way to read memory.
pub(super) struct Kind {
    /// Its name.
    pub(super) name: &'static str,
    /// Bytes of one.
    pub(super) size: u64,
    /// Columns of one on the screen, the space in front of it too.
    pub(super) columns: u16,
    /// The text of one, from its bits; in so many columns at most, if they are not fewer than a sign.
    pub(super) show: fn(u64, usize) -> String,
}

macro_rules! integer {
    ($name:literal, $ty:ty, $columns:literal) => {
        Kind {
            name: $name,
            size: size_of::<$ty>() as u64,
            columns: $columns,
            show: |bits, columns| cut(&(bits as $ty).to_string(), columns),
        }
    };
}

/// A float as short as it can be told from its neighbours; where there is no room for that, digits are left
/// out, which `…` says, never the exponent.
fn float(text: String, exponential: &str, columns: usize) -> String {
    if text.len() <= columns {
        return text;
    }
    if exponential.len() <= columns {
        return exponential.to_owned();
    }
    let (digits, exponent) = exponential.split_once('e').unwrap_or((exponential, "0"));
    match columns.checked_sub(exponent.len() + 2) {
        Some(room @ 1..) => format!("{}…e{exponent}", &digits[..room.min(digits.len())]),
        _ => cut(&text, columns),
    }
}

/// All of them, in the order one goes through them.
pub(super) static KINDS: [Kind; 11] = [
    integer!("u8", u8, 4),
    integer!("i8", i8, 5),
    integer!("u16", u16, 6),
    integer!("i16", i16, 7),
    integer!("u32", u32, 11),
    integer!("i32", i32, 12),
    integer!("u64", u64, 21),
    integer!("i64", i64, 21),
    Kind {
        name: "f32",
        size: 4,
        columns: 16,
        show: |bits, columns| {
            let value = f32::from_bits(bits as u32);
            float(format!("{value:?}"), &format!("{value:e}"), columns)
        },
    },
    Kind {
        name: "f64",
        size: 8,
        columns: 25,
        show: |bits, columns| {
            let value = f64::from_bits(bits);
            float(format!("{value:?}"), &format!("{value:e}"), columns)
        },
    },
    Kind {
        name: "text",
        size: 1,
        columns: 1,
        show: |bits, _| match bits as u8 {
            byte @ 0x20..=0x7e => char::from(byte).to_string(),
            _ => "·".to_owned(),
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_wider_than_its_columns() {
        let patterns = [
            0,
            1,
            u64::MAX,
            i64::MIN as u64,
            i32::MIN as u32 as u64,
            0x7f7f_ffff,
            0x8000_0001,
            0xffef_ffff_ffff_ffff,
        ];
        for kind in &KINDS {
            for bits in patterns.into_iter().chain((0..64).map(|at| 0x9e37_79b9_7f4a_7c15u64.rotate_left(at)))
            {
                let gap = usize::from(kind.columns > 1);
                let text = (kind.show)(bits, usize::from(kind.columns) - gap);
                assert!(!text.contains('…'), "{}: {text}", kind.name);
                assert!(text.chars().count() + gap <= usize::from(kind.columns), "{}: {text}", kind.name);
                // In less room it says that something is missing.
                for columns in 1..24 {
                    let less = (kind.show)(bits, columns);
                    let same = less == text || less.parse::<f64>() == text.parse::<f64>();
                    assert!(less.chars().count() <= columns && (same || less.contains('…')), "{less}");
                }
            }
        }
    }
}
