//! Compression of payloads and columns.
//!
//! Always: inflating has a buffer of the declared size, which is capped first,
//! and never writes beyond it; ending anywhere but at its end is damage.

use super::MAX_PAYLOAD;
use crate::error::{ReadError, ReadErrorKind};

/// How a payload or column is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codec {
    /// Not at all.
    None,
    /// LZ4 block format.
    #[default]
    Lz4,
}

impl Codec {
    pub(crate) const NONE: u8 = 0;
    pub(crate) const LZ4: u8 = 1;
}

/// Appends `raw` compressed if that makes it shorter; gives the codec used.
pub(crate) fn compress(raw: &[u8], codec: Codec, out: &mut Vec<u8>) -> u8 {
    if codec == Codec::Lz4 && raw.len() > 32 {
        let start = out.len();
        out.resize(start + lz4_flex::block::get_maximum_output_size(raw.len()), 0);
        if let Ok(len) = lz4_flex::block::compress_into(raw, &mut out[start..])
            && len < raw.len()
        {
            out.truncate(start + len);
            return Codec::LZ4;
        }
        out.truncate(start);
    }
    out.extend_from_slice(raw);
    Codec::NONE
}

/// Why `stored` cannot be inflated to exactly `raw` bytes.
pub(crate) enum Inflate {
    /// The codec is unknown.
    Codec(u8),
    /// The declared length is above the limit.
    TooLarge,
    /// The bytes are no such compressed data.
    Damaged,
}

/// Inflates into a buffer of `raw` bytes, never beyond it.
pub(crate) fn inflate(codec: u8, stored: &[u8], raw: u32) -> Result<Vec<u8>, Inflate> {
    if raw > MAX_PAYLOAD {
        return Err(Inflate::TooLarge);
    }
    let len = raw as usize;
    match codec {
        Codec::NONE if stored.len() == len => Ok(stored.to_vec()),
        Codec::NONE => Err(Inflate::Damaged),
        Codec::LZ4 => {
            let mut out = vec![0; len];
            match lz4_flex::block::decompress_into(stored, &mut out) {
                Ok(done) if done == len => Ok(out),
                _ => Err(Inflate::Damaged),
            }
        }
        other => Err(Inflate::Codec(other)),
    }
}

impl Inflate {
    pub(crate) fn at(self, at: u64, what: &'static str) -> ReadError {
        match self {
            Inflate::Codec(codec) => ReadError::new(at, ReadErrorKind::Codec(codec)),
            Inflate::TooLarge => ReadError::new(at, ReadErrorKind::TooLarge(what)),
            Inflate::Damaged => ReadError::damaged(at, format!("the {what} is damaged (compressed data)")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_lengths_are_refused_before_anything_is_allocated() {
        assert!(matches!(inflate(1, &[0x10, 1], u32::MAX), Err(Inflate::TooLarge)));
        assert!(matches!(inflate(1, &[0xff; 64], 1 << 20), Err(Inflate::Damaged)));
        assert!(matches!(inflate(0, &[1, 2], 3), Err(Inflate::Damaged)));
        assert!(matches!(inflate(2, &[1, 2], 3), Err(Inflate::Codec(2))));
    }
}
