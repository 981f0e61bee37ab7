//! Which frames a file holds and where: index blocks, trailer, and the scan
//! that does without them.
//!
//! ```text
//! header  f f f f [index] f f f [index] f f summary [index] [trailer]
//!                 ◄──────────────prev──┘◄───────prev──────┘ ◄── at ──┘
//! ```
//!
//! An index block lists every frame since the block before. A reader that finds
//! the trailer walks the blocks backwards and has read a few kilobytes; without
//! it, it looks for the last whole block from the end and scans what follows;
//! without any, it scans the file from header to header.
//!
//! Always: a block's list tiles the bytes between two blocks exactly, so a list
//! that lies about lengths is refused; `prev` points backwards, so a walk ends.
//! Elsewhere: doing this for a file (`read::directory`).

use crate::bytes::{Bytes, put_signed, put_varint};
use crate::event::Position;
use crate::frame::{FRAME_HEADER, FrameHeader, MAX_PAYLOAD, span, u64_at};

/// Bytes of the trailer frame, header included.
pub(crate) const TRAILER: u64 = FRAME_HEADER + 24;

/// One frame of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) at: u64,
    pub(crate) kind: u16,
    pub(crate) stored: u32,
    pub(crate) first: u64,
    pub(crate) count: u32,
}

impl Entry {
    pub(crate) fn of(at: u64, header: &FrameHeader) -> Entry {
        let FrameHeader { kind, stored, first, count, .. } = *header;
        Entry { at, kind, stored, first, count }
    }

    pub(crate) fn end(&self) -> u64 {
        self.at + span(self.stored)
    }

    /// Whether the header found at `at` is the one listed.
    pub(crate) fn agrees(&self, header: &FrameHeader) -> bool {
        *self == Entry::of(self.at, header)
    }
}

/// What stands in an index block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Offset of the block before, 0 if this is the first.
    pub(crate) prev: u64,
    /// Offset of the first frame listed.
    pub(crate) start: u64,
    /// How far the run had come when the block was written.
    pub(crate) position: Position,
    pub(crate) entries: Vec<Entry>,
}

impl Block {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.prev);
        put_varint(out, self.start);
        put_varint(out, self.position.step);
        put_varint(out, self.position.tick);
        put_varint(out, self.entries.len() as u64);
        let mut end = 0u64;
        for entry in &self.entries {
            put_varint(out, u64::from(entry.kind));
            put_varint(out, u64::from(entry.stored));
            put_signed(out, entry.first.wrapping_sub(end) as i64);
            put_varint(out, u64::from(entry.count));
            end = entry.first.wrapping_add(u64::from(entry.count));
        }
    }

    /// The block at offset `at`; `None` if it does not tile what it says.
    pub(crate) fn decode(payload: &[u8], at: u64) -> Option<Block> {
        let mut bytes = Bytes::new(payload);
        let prev = bytes.varint()?;
        let start = bytes.varint()?;
        let position = Position { step: bytes.varint()?, tick: bytes.varint()? };
        let count = bytes.varint()?;
        if start > at || prev >= start || count > (at - start) / FRAME_HEADER {
            return None;
        }
        let mut entries = Vec::new();
        let (mut next, mut end) = (start, 0u64);
        for _ in 0..count {
            let kind = u16::try_from(bytes.varint()?).ok()?;
            let stored = bytes.varint_u32().filter(|&stored| stored <= MAX_PAYLOAD)?;
            let first = end.wrapping_add(bytes.signed()? as u64);
            let count = bytes.varint_u32()?;
            end = first.wrapping_add(u64::from(count));
            let entry = Entry { at: next, kind, stored, first, count };
            next = entry.end();
            if next > at {
                return None;
            }
            entries.push(entry);
        }
        (next == at && bytes.is_empty()).then_some(Block { prev, start, position, entries })
    }
}

/// What stands in the trailer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trailer {
    /// Offset of the last index block.
    pub(crate) index: u64,
    /// Offset of the summary.
    pub(crate) summary: u64,
    /// Steps of the whole run.
    pub(crate) steps: u64,
}

impl Trailer {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        for number in [self.index, self.summary, self.steps] {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }

    pub(crate) fn decode(payload: &[u8]) -> Option<Trailer> {
        let payload: &[u8; 24] = payload.try_into().ok()?;
        Some(Trailer { index: u64_at(payload, 0), summary: u64_at(payload, 8), steps: u64_at(payload, 16) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::kind;

    fn block() -> Block {
        let mut at = 64;
        let mut entries = Vec::new();
        for (n, first) in [(10, 0), (0, u64::MAX), (4096, 65536), (8, 131_072)] {
            let entry = Entry { at, kind: kind::CHUNK, stored: n, first, count: 65536 };
            at = entry.end();
            entries.push(entry);
        }
        Block { prev: 0, start: 64, position: Position { step: 9, tick: 12 }, entries }
    }

    #[test]
    fn a_block_comes_back() {
        let block = block();
        let at = block.entries.last().unwrap().end();
        let mut out = Vec::new();
        block.encode(&mut out);
        assert_eq!(Block::decode(&out, at), Some(block));
        assert_eq!(Block::decode(&out, at + 8), None, "must tile exactly");
        for cut in 0..out.len() {
            assert_eq!(Block::decode(&out[..cut], at), None);
        }
    }

    #[test]
    fn a_block_cannot_promise_more_frames_than_fit() {
        let mut out = Vec::new();
        for number in [0, 64, 0, 0, u64::MAX] {
            put_varint(&mut out, number);
        }
        assert_eq!(Block::decode(&out, 1 << 20), None);
    }
}
