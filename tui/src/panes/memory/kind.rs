//! The types memory can be read as, little endian as WebAssembly has it.

/// A way to read memory.
pub(super) struct Kind {
    /// Its name.
    pub(super) name: &'static str,
    /// Bytes of one.
    pub(super) size: u64,
    /// Columns of one on the screen, the space in front of it too.
    pub(super) columns: u16,
    /// The text of one, from its bits.
    pub(super) show: fn(u64) -> String,
}

macro_rules! integer {
    ($name:literal, $ty:ty, $columns:literal) => {
        Kind {
            name: $name,
            size: size_of::<$ty>() as u64,
            columns: $columns,
            show: |bits| (bits as $ty).to_string(),
        }
    };
}

/// A float as short as it can be told from its neighbours, in bounded columns.
fn float(text: String, value: f64, columns: usize) -> String {
    if text.len() < columns { text } else { format!("{value:.*e}", columns.saturating_sub(9)) }
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
        show: |bits| {
            let value = f32::from_bits(bits as u32);
            float(format!("{value:?}"), value.into(), 15)
        },
    },
    Kind {
        name: "f64",
        size: 8,
        columns: 25,
        show: |bits| {
            let value = f64::from_bits(bits);
            float(format!("{value:?}"), value, 24)
        },
    },
    Kind {
        name: "text",
        size: 1,
        columns: 1,
        show: |bits| match bits as u8 {
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
                let text = (kind.show)(bits);
                let gap = usize::from(kind.columns > 1);
                assert!(text.chars().count() + gap <= usize::from(kind.columns), "{}: {text}", kind.name);
            }
        }
    }
}
