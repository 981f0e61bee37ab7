//! The container: a file header, then frames.
//!
//! ```text
//! file   0  89 W T R 0D 0A 1A 0A        magic
//!        8  major u16, minor u16        format version
//!       12  incompat u32, compat u32    flags: refuse / ignore if unknown
//!       20  trace id, 16 bytes
//!       36  salt u64
//!       44  reserved, 16 bytes of 0
//!       60  CRC-32 of bytes 0 to 59
//!
//! frame  0  57 54 46 31                 sync word, "WTF1"
//!        4  kind u16, version u8, codec u8
//!        8  stored u32, raw u32         payload lengths, in the file and inflated
//!       16  first u64, count u32        what the frame covers, see `FrameHeader`
//!       28  salt u32                    low half of the file's
//!       32  CRC-32 of the payload as stored
//!       36  CRC-32 of bytes 0 to 35
//!       40  payload, then zeros up to a multiple of 8
//! ```
//!
//! All numbers are little-endian. Frames start at multiples of 8, so that a
//! scan for the next sync word after damage looks at one place in eight.
//! The salt keeps frames of another trace, left on the disk, from passing.
//!
//! Always: header and CRC keep their place in every future version, and so do
//! magic and version number; lengths are checked before anything is allocated.
//! Elsewhere: which frames there are in a file (`index`), their payloads (one
//! file each).

mod codec;
mod header;

pub use codec::Codec;
pub(crate) use codec::{Packer, inflate};
pub(crate) use header::FileHeader;

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

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
