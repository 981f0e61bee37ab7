//! Compression of payloads and columns.
//!
//! Always: inflating has a buffer of the declared size, which is capped first,
//! and never writes beyond it; ending anywhere but at its end is damage.

use super::MAX_PAYLOAD;
use crate::error::{ReadError, ReadErrorKind};

/// How payloads and columns are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codec {
    /// Not at all.
    None,
    /// LZ4 block format.
    Lz4,
    /// Zstandard at its fastest level; contents of memory pages, which come many at once
    /// while the guest waits, in LZ4.
    #[default]
    Zstd,
}

impl Codec {
    pub(crate) const NONE: u8 = 0;
    pub(crate) const LZ4: u8 = 1;
    pub(crate) const ZSTD: u8 = 2;
}

/// Compresses, and keeps what that needs from one time to the next.
pub(crate) struct Packer {
    codec: Codec,
    zstd: Option<zstd::bulk::Compressor<'static>>,
}

impl Packer {
    pub(crate) fn new(codec: Codec) -> Packer {
        Packer { codec, zstd: None }
    }

    /// Appends `raw` compressed if that makes it shorter; gives the codec used. `quick`
    /// asks for LZ4 where there is a choice.
    pub(crate) fn pack(&mut self, raw: &[u8], quick: bool, out: &mut Vec<u8>) -> u8 {
        let start = out.len();
        let codec = match self.codec {
            _ if raw.len() <= 32 => Codec::None,
            Codec::Zstd if quick => Codec::Lz4,
            codec => codec,
        };
        let (number, len) = match codec {
            Codec::None => (Codec::NONE, None),
            Codec::Lz4 => {
                out.resize(start + lz4_flex::block::get_maximum_output_size(raw.len()), 0);
                (Codec::LZ4, lz4_flex::block::compress_into(raw, &mut out[start..]).ok())
            }
            Codec::Zstd => {
                out.resize(start + zstd::zstd_safe::compress_bound(raw.len()), 0);
                let made = self.zstd.take().map_or_else(|| zstd::bulk::Compressor::new(1), Ok);
                let packed = made.and_then(|mut zstd| {
                    let len = zstd.compress_to_buffer(raw, &mut out[start..]);
                    self.zstd = Some(zstd);
                    len
                });
                (Codec::ZSTD, packed.ok())
            }
        };
        match len.filter(|&len| len < raw.len()) {
            Some(len) => {
                out.truncate(start + len);
                number
            }
            None => {
                out.truncate(start);
                out.extend_from_slice(raw);
                Codec::NONE
            }
        }
    }
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
        Codec::ZSTD => {
            let mut out = vec![0; len];
            match zstd::bulk::decompress_to_buffer(stored, &mut out[..]) {
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
        assert!(matches!(inflate(2, &[1, 2], 3), Err(Inflate::Damaged)));
        assert!(matches!(inflate(2, &[1, 2], u32::MAX), Err(Inflate::TooLarge)));
        assert!(matches!(inflate(3, &[1, 2], 3), Err(Inflate::Codec(3))));
    }

    #[test]
    fn what_is_packed_comes_back_and_never_grows() {
        let regular: Vec<u8> = (0..5000u32).map(|n| (n / 7) as u8).collect();
        let noise: Vec<u8> = (0..5000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
        for codec in [Codec::None, Codec::Lz4, Codec::Zstd] {
            let mut packer = Packer::new(codec);
            for (raw, quick) in [(&regular, false), (&noise, false), (&regular, true)] {
                let mut out = vec![9];
                let number = packer.pack(raw, quick, &mut out);
                assert!(out.len() <= raw.len() + 1);
                let back = inflate(number, &out[1..], raw.len() as u32);
                assert!(back.is_ok_and(|back| back == *raw));
                let more = inflate(number, &out[1..], raw.len() as u32 - 1);
                assert!(more.is_err(), "longer than declared");
            }
        }
    }
}
