//! Frames out: the one place that writes bytes.
//!
//! Always: bytes are only appended, a frame at a time; after the first error
//! nothing more is written, so what is there stays a valid trace that ends
//! early. No clock, no file, no fsync: these are the caller's.
//! Elsewhere: what goes into frames (`write`).

use crate::error::WriteError;
use crate::event::Position;
use crate::frame::{
    Codec, FILE_HEADER, FORMAT_VERSION, FileHeader, FrameHeader, MAX_PAYLOAD, PART, Packer, kind,
};
use crate::index::{Block, Entry};
use std::io::Write;

/// A payload, or a part of a long one, as it goes into the file.
#[derive(Debug)]
pub(crate) struct Packed {
    codec: u8,
    raw: u32,
    bytes: Vec<u8>,
    crc: u32,
}

/// Cuts a payload into parts and compresses them.
pub(crate) fn pack(kind: u16, payload: &[u8], packer: &mut Packer) -> Vec<Packed> {
    // A chunk's columns are compressed already, each by itself.
    let whole = kind == kind::CHUNK;
    let len = if whole { payload.len() } else { PART };
    let one = |raw: &[u8]| {
        debug_assert!(raw.len() <= MAX_PAYLOAD as usize, "payloads are cut before");
        let mut bytes = Vec::new();
        let codec = if whole {
            bytes.extend_from_slice(raw);
            Codec::NONE
        } else {
            packer.pack(raw, kind == kind::PAGES, &mut bytes)
        };
        let crc = crc32fast::hash(&bytes);
        Packed { codec, raw: raw.len() as u32, bytes, crc }
    };
    if payload.is_empty() {
        vec![Packed { codec: Codec::NONE, raw: 0, bytes: Vec::new(), crc: 0 }]
    } else {
        payload.chunks(len).map(one).collect()
    }
}

/// Appends frames and keeps the index.
pub(crate) struct Sink<W> {
    out: W,
    at: u64,
    salt: u32,
    packer: Packer,
    stopped: bool,
    entries: Vec<Entry>,
    start: u64,
    prev: u64,
    buffer: Vec<u8>,
}

impl<W: Write> Sink<W> {
    /// Writes the file header.
    pub(crate) fn new(out: W, trace_id: [u8; 16], salt: u64, codec: Codec) -> Result<Sink<W>, WriteError> {
        let mut sink = Sink {
            out,
            at: 0,
            salt: salt as u32,
            packer: Packer::new(codec),
            stopped: false,
            entries: Vec::new(),
            start: FILE_HEADER,
            prev: 0,
            buffer: Vec::new(),
        };
        let header = FileHeader { version: FORMAT_VERSION, trace_id, salt };
        sink.buffer.extend_from_slice(&header.encode());
        sink.put()?;
        Ok(sink)
    }

    /// Bytes written.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// Whether an earlier error ended the trace.
    pub(crate) fn stopped(&self) -> bool {
        self.stopped
    }

    pub(crate) fn get_ref(&self) -> &W {
        &self.out
    }

    pub(crate) fn into_inner(self) -> W {
        self.out
    }

    /// Passes on what the sink may hold back.
    pub(crate) fn flush(&mut self) -> Result<(), WriteError> {
        if self.stopped {
            return Err(WriteError::Stopped { at: self.at });
        }
        self.out.flush().map_err(|source| {
            self.stopped = true;
            WriteError::Io { at: self.at, source }
        })
    }

    /// Writes one frame, or several if the payload is long; gives the offset of
    /// the first.
    pub(crate) fn frame(
        &mut self,
        kind: u16,
        first: u64,
        count: u32,
        payload: &[u8],
    ) -> Result<u64, WriteError> {
        let parts = pack(kind, payload, &mut self.packer);
        self.packed(kind, first, count, &parts)
    }

    /// The same of a payload already packed.
    pub(crate) fn packed(
        &mut self,
        kind: u16,
        first: u64,
        count: u32,
        parts: &[Packed],
    ) -> Result<u64, WriteError> {
        let at = self.at;
        for (number, part) in parts.iter().enumerate() {
            let more = if number + 1 < parts.len() { kind::MORE } else { 0 };
            self.one(kind | more, first, count, part)?;
        }
        Ok(at)
    }

    fn one(&mut self, kind: u16, first: u64, count: u32, part: &Packed) -> Result<(), WriteError> {
        if self.stopped {
            return Err(WriteError::Stopped { at: self.at });
        }
        let header = FrameHeader {
            kind,
            version: kind::VERSION,
            codec: part.codec,
            stored: part.bytes.len() as u32,
            raw: part.raw,
            first,
            count,
            salt: self.salt,
            payload_crc: part.crc,
        };
        self.buffer.clear();
        self.buffer.extend_from_slice(&header.encode());
        self.buffer.extend_from_slice(&part.bytes);
        let padded = self.buffer.len().next_multiple_of(8);
        self.buffer.resize(padded, 0);
        if kind != kind::INDEX {
            self.entries.push(Entry::of(self.at, &header));
        }
        self.put()
    }

    fn put(&mut self) -> Result<(), WriteError> {
        match self.out.write_all(&self.buffer) {
            Ok(()) => {
                self.at += self.buffer.len() as u64;
                Ok(())
            }
            Err(source) => {
                self.stopped = true;
                Err(WriteError::Io { at: self.at, source })
            }
        }
    }

    /// Writes an index block; gives its offset.
    pub(crate) fn index(&mut self, position: Position) -> Result<u64, WriteError> {
        let entries = std::mem::take(&mut self.entries);
        let block = Block { prev: self.prev, start: self.start, position, entries };
        let mut payload = Vec::new();
        block.encode(&mut payload);
        let at = self.frame(kind::INDEX, position.step, 0, &payload)?;
        (self.prev, self.start) = (at, self.at);
        Ok(at)
    }
}
