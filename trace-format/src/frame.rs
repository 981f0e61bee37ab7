//! The container: a file header, then frames.
//!
//!     file   0  89 W T R 0D 0A 1A 0A        magic
//!            8  major u16, minor u16        format version
//!           12  incompat u32, compat u32    flags: refuse / ignore if unknown
//!           20  trace id, 16 bytes
//!           36  salt u64
//!           44  reserved, 16 bytes of 0
//!           60  CRC-32 of bytes 0 to 59
//!
//!     frame  0  57 54 46 31                 sync word, "WTF1"
//!            4  kind u16, version u8, codec u8
//!            8  stored u32, raw u32         payload lengths, in the file and inflated
//!           16  first u64, count u32        what the frame covers, see `FrameHeader`
//!           28  salt u32                    low half of the file's
//!           32  CRC-32 of the payload as stored
//!           36  CRC-32 of bytes 0 to 35
//!           40  payload, then zeros up to a multiple of 8
//!
//! All numbers are little-endian. Frames start at multiples of 8, so that a
//! scan for the next sync word after damage looks at one place in eight.
//! The salt keeps frames of another trace, left on the disk, from passing.
//!
//! Always: header and CRC keep their place in every future version, and so do
//! magic and version number; lengths are checked before anything is allocated.
//! Elsewhere: which frames there are in a file (`index`), their payloads (one
//! file each).

use crate::error::{ReadError, ReadErrorKind};

/// Format version written and read. A newer minor version only adds what may
/// be skipped; a newer major version is refused.
pub const FORMAT_VERSION: (u16, u16) = (MAJOR, 0);
pub(crate) const MAJOR: u16 = 1;

pub(crate) const FILE_HEADER: u64 = 64;
pub(crate) const FRAME_HEADER: u64 = 40;
/// The most a frame holds, stored or inflated.
pub(crate) const MAX_PAYLOAD: u32 = 4 << 20;
/// How payloads that are longer are cut.
pub(crate) const PART: usize = 1 << 20;

const MAGIC: [u8; 8] = *b"\x89WTR\r\n\x1a\n";
pub(crate) const SYNC: [u8; 4] = *b"WTF1";

/// Kinds of frames. A number is never reused.
pub(crate) mod kind {
    /// Who wrote the trace, how, of what.
    pub(crate) const MANIFEST: u16 = 1;
    /// A module's bytes.
    pub(crate) const MODULE: u16 = 2;
    /// Names of functions.
    pub(crate) const NAMES: u16 = 3 | ANCILLARY;
    /// The code of one lowered function.
    pub(crate) const CODE: u16 = 4;
    /// Entries of the host log.
    pub(crate) const HOST_LOG: u16 = 5;
    /// A stored moment.
    pub(crate) const CHECKPOINT: u16 = 6;
    /// Contents of memory pages.
    pub(crate) const PAGES: u16 = 7;
    /// What the guest printed.
    pub(crate) const OUTPUT: u16 = 8 | ANCILLARY;
    /// Events.
    pub(crate) const CHUNK: u16 = 9;
    /// Which frames came before.
    pub(crate) const INDEX: u16 = 10;
    /// A named moment.
    pub(crate) const MARKER: u16 = 11 | ANCILLARY;
    /// Steps that could not be kept.
    pub(crate) const LOST: u16 = 12;
    /// How the run ended.
    pub(crate) const SUMMARY: u16 = 13;
    /// Where index and summary are; the last frame.
    pub(crate) const TRAILER: u16 = 14;
    /// Effects that became known after their step's chunk.
    pub(crate) const LATE: u16 = 15;

    /// The payload goes on in the next frame.
    pub(crate) const MORE: u16 = 0x2000;
    /// May be skipped by who does not know it.
    pub(crate) const ANCILLARY: u16 = 0x4000;
    /// Never assigned; for anyone's own use. May be skipped.
    pub(crate) const PRIVATE: u16 = 0x8000;

    /// The newest record version of each kind this build reads.
    pub(crate) const VERSION: u8 = 1;

    /// Whether this build can do without understanding the frame.
    pub(crate) fn skippable(kind: u16) -> bool {
        kind & (ANCILLARY | PRIVATE) != 0
    }

    /// Whether this build understands the frame.
    pub(crate) fn known(kind: u16, version: u8) -> bool {
        let base = kind & !MORE;
        let assigned = matches!(
            base,
            MANIFEST
                | MODULE
                | NAMES
                | CODE
                | HOST_LOG
                | CHECKPOINT
                | PAGES
                | OUTPUT
                | CHUNK
                | INDEX
                | MARKER
                | LOST
                | SUMMARY
                | TRAILER
                | LATE
        );
        assigned && version == VERSION
    }

    /// For messages.
    pub(crate) fn name(kind: u16) -> &'static str {
        match kind & !MORE {
            MANIFEST => "manifest",
            MODULE => "module",
            NAMES => "names",
            CODE => "code",
            HOST_LOG => "host log",
            CHECKPOINT => "checkpoint",
            PAGES => "pages",
            OUTPUT => "output",
            CHUNK => "event chunk",
            INDEX => "index block",
            MARKER => "marker",
            LOST => "lost",
            SUMMARY => "summary",
            TRAILER => "trailer",
            LATE => "late effects",
            kind if kind & PRIVATE != 0 => "private part",
            _ => "unknown part",
        }
    }
}

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

/// The first 64 bytes of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileHeader {
    pub(crate) version: (u16, u16),
    pub(crate) trace_id: [u8; 16],
    pub(crate) salt: u64,
}

impl FileHeader {
    pub(crate) fn encode(&self) -> [u8; FILE_HEADER as usize] {
        let mut out = [0; FILE_HEADER as usize];
        out[0..8].copy_from_slice(&MAGIC);
        out[8..10].copy_from_slice(&self.version.0.to_le_bytes());
        out[10..12].copy_from_slice(&self.version.1.to_le_bytes());
        out[20..36].copy_from_slice(&self.trace_id);
        out[36..44].copy_from_slice(&self.salt.to_le_bytes());
        let crc = crc32fast::hash(&out[..60]);
        out[60..].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// `head` is what there is of the first 64 bytes.
    pub(crate) fn decode(head: &[u8]) -> Result<FileHeader, ReadError> {
        let refuse = |at, kind| Err(ReadError::new(at, kind));
        if head.is_empty() || !MAGIC.starts_with(&head[..head.len().min(8)]) {
            return refuse(0, ReadErrorKind::NotATrace(looks_like(head)));
        }
        let Ok(head) = <&[u8; FILE_HEADER as usize]>::try_from(head) else {
            let what = "the file ends inside its header; nothing is readable";
            return Err(ReadError::damaged(head.len() as u64, what));
        };
        if u32_at(head, 60) != crc32fast::hash(&head[..60]) {
            return Err(ReadError::damaged(
                0,
                "the file header is damaged (checksum)",
            ));
        }
        let version = (u16_at(head, 8), u16_at(head, 10));
        if version.0 != MAJOR {
            return refuse(8, ReadErrorKind::NewerMajor { found: version });
        }
        match u32_at(head, 12) {
            0 => {}
            flags => return refuse(12, ReadErrorKind::Incompatible(flags)),
        }
        let mut trace_id = [0; 16];
        trace_id.copy_from_slice(&head[20..36]);
        Ok(FileHeader {
            version,
            trace_id,
            salt: u64_at(head, 36),
        })
    }
}

/// What a file is that is not a trace, as far as its first bytes tell.
fn looks_like(head: &[u8]) -> &'static str {
    let text = |word: &str| {
        let start = head
            .iter()
            .position(|byte| !byte.is_ascii_whitespace())
            .unwrap_or(0);
        head[start..].starts_with(word.as_bytes())
    };
    if head.is_empty() {
        "the file is empty"
    } else if head.starts_with(b"\0asm\x01\0\0\0") {
        "it is a WebAssembly module"
    } else if head.starts_with(b"\0asm") {
        "it is a WebAssembly component, or a module of another version"
    } else if head.starts_with(b"\x89WTR") {
        "it was one, until a transfer in text mode changed its line ends"
    } else if text("(module") || text("(component") || text(";;") {
        "it looks like WebAssembly text"
    } else if head.starts_with(b"\x1f\x8b") {
        "it is compressed with gzip"
    } else if head.starts_with(b"\x28\xb5\x2f\xfd") {
        "it is compressed with zstd"
    } else if head.starts_with(b"\x04\x22\x4d\x18") {
        "it is compressed with lz4"
    } else if head.starts_with(b"\xfd7zXZ") {
        "it is compressed with xz"
    } else if head.starts_with(b"PK\x03\x04") {
        "it is a zip archive"
    } else if head.starts_with(b"\x7fELF") {
        "it is a native program"
    } else if text("{") || text("[") {
        "it looks like JSON"
    } else if head.iter().all(|&byte| byte == 0) {
        "it starts with zeros"
    } else if head
        .iter()
        .all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 32..=126))
    {
        "it looks like text"
    } else {
        "its first bytes are unknown"
    }
}

/// What stands before each payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub(crate) kind: u16,
    pub(crate) version: u8,
    pub(crate) codec: u8,
    pub(crate) stored: u32,
    pub(crate) raw: u32,
    /// The first step covered. Where steps mean nothing, a key to find the
    /// frame by: of code the function, of a module half its hash.
    pub(crate) first: u64,
    /// Of an event chunk the steps, of the host log the entries, of pages the
    /// pages; otherwise 0.
    pub(crate) count: u32,
    pub(crate) salt: u32,
    pub(crate) payload_crc: u32,
}

impl FrameHeader {
    pub(crate) fn encode(&self) -> [u8; FRAME_HEADER as usize] {
        let mut out = [0; FRAME_HEADER as usize];
        out[0..4].copy_from_slice(&SYNC);
        out[4..6].copy_from_slice(&self.kind.to_le_bytes());
        out[6] = self.version;
        out[7] = self.codec;
        out[8..12].copy_from_slice(&self.stored.to_le_bytes());
        out[12..16].copy_from_slice(&self.raw.to_le_bytes());
        out[16..24].copy_from_slice(&self.first.to_le_bytes());
        out[24..28].copy_from_slice(&self.count.to_le_bytes());
        out[28..32].copy_from_slice(&self.salt.to_le_bytes());
        out[32..36].copy_from_slice(&self.payload_crc.to_le_bytes());
        let crc = crc32fast::hash(&out[..36]);
        out[36..].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// `None` if this is no frame header of a file with this salt.
    pub(crate) fn decode(head: &[u8], salt: u32) -> Option<FrameHeader> {
        let head = head.get(..FRAME_HEADER as usize)?;
        if head[..4] != SYNC || u32_at(head, 36) != crc32fast::hash(&head[..36]) {
            return None;
        }
        let header = FrameHeader {
            kind: u16_at(head, 4),
            version: head[6],
            codec: head[7],
            stored: u32_at(head, 8),
            raw: u32_at(head, 12),
            first: u64_at(head, 16),
            count: u32_at(head, 24),
            salt: u32_at(head, 28),
            payload_crc: u32_at(head, 32),
        };
        (header.salt == salt).then_some(header)
    }

    /// Bytes from this header to the next.
    pub(crate) fn span(&self) -> u64 {
        span(self.stored)
    }
}

/// Bytes of a frame whose payload takes `stored` bytes.
pub(crate) fn span(stored: u32) -> u64 {
    FRAME_HEADER + u64::from(stored).next_multiple_of(8)
}

/// Appends `raw` compressed if that makes it shorter; gives the codec used.
pub(crate) fn compress(raw: &[u8], codec: Codec, out: &mut Vec<u8>) -> u8 {
    if codec == Codec::Lz4 && raw.len() > 32 {
        let start = out.len();
        out.resize(
            start + lz4_flex::block::get_maximum_output_size(raw.len()),
            0,
        );
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
            Inflate::Damaged => {
                ReadError::damaged(at, format!("the {what} is damaged (compressed data)"))
            }
        }
    }
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(head: &[u8]) -> String {
        FileHeader::decode(head).unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_a_trace_is_named() {
        let cases: [(&[u8], &str); 6] = [
            (b"", "byte 0: not a wasmscope trace: the file is empty"),
            (
                b"\0asm\x01\0\0\0",
                "byte 0: not a wasmscope trace: it is a WebAssembly module",
            ),
            (
                b"\x1f\x8b\x08",
                "byte 0: not a wasmscope trace: it is compressed with gzip",
            ),
            (
                b"  (module)",
                "byte 0: not a wasmscope trace: it looks like WebAssembly text",
            ),
            (
                b"\x89WTR\n\x1a\n\x01",
                "byte 0: not a wasmscope trace: it was one, until a transfer in text mode changed its line ends",
            ),
            (
                b"\x89WTR\r",
                "byte 5: the file ends inside its header; nothing is readable",
            ),
        ];
        for (head, text) in cases {
            assert_eq!(refusal(head), text);
        }
    }

    #[test]
    fn newer_versions_are_refused_by_number() {
        let header = FileHeader {
            version: (2, 3),
            trace_id: [1; 16],
            salt: 5,
        };
        assert_eq!(
            refusal(&header.encode()),
            "byte 8: the trace has format version 2.3; this build reads up to 1.x"
        );
        let header = FileHeader {
            version: (1, 9),
            ..header
        };
        assert_eq!(FileHeader::decode(&header.encode()).unwrap(), header);
        let mut bytes = header.encode();
        bytes[20] ^= 1;
        assert_eq!(
            refusal(&bytes),
            "byte 0: the file header is damaged (checksum)"
        );
        bytes[20] ^= 1;
        bytes[12] = 4;
        let crc = crc32fast::hash(&bytes[..60]);
        bytes[60..].copy_from_slice(&crc.to_le_bytes());
        assert_eq!(
            refusal(&bytes),
            "byte 12: the trace uses features this build does not know (flags 0x4)"
        );
    }

    #[test]
    fn hostile_lengths_are_refused_before_anything_is_allocated() {
        assert!(matches!(
            inflate(1, &[0x10, 1], u32::MAX),
            Err(Inflate::TooLarge)
        ));
        assert!(matches!(
            inflate(1, &[0xff; 64], 1 << 20),
            Err(Inflate::Damaged)
        ));
        assert!(matches!(inflate(0, &[1, 2], 3), Err(Inflate::Damaged)));
        assert!(matches!(inflate(2, &[1, 2], 3), Err(Inflate::Codec(2))));
    }
}
