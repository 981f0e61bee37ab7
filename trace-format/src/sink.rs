//! Frames out: the one place that writes bytes.
//!
//! Always: bytes are only appended, a frame at a time; after the first error
//! nothing more is written, so what is there stays a valid trace that ends
//! early. No clock, no file, no fsync: these are the caller's.
//! Elsewhere: what goes into frames (`write`).

use crate::error::WriteError;
use crate::event::Position;
use crate::frame::{
    Codec, FILE_HEADER, FORMAT_VERSION, FileHeader, FrameHeader, MAX_PAYLOAD, PART, compress, kind,
};
use crate::index::{Block, Entry};
use std::io::Write;

/// Frames since the last index block after which one is written by itself.
const INDEX_FRAMES: usize = 1024;

/// Appends frames and keeps the index.
pub(crate) struct Sink<W> {
    out: W,
    at: u64,
    salt: u32,
    codec: Codec,
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
            codec,
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

    pub(crate) fn codec(&self) -> Codec {
        self.codec
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
        let at = self.at;
        let mut rest = payload;
        while rest.len() > PART && kind != kind::CHUNK {
            let (part, after) = rest.split_at(PART);
            self.one(kind | kind::MORE, first, count, part, self.codec)?;
            rest = after;
        }
        // A chunk's columns are compressed already, each by itself.
        let codec = if kind == kind::CHUNK { Codec::None } else { self.codec };
        self.one(kind, first, count, rest, codec)?;
        Ok(at)
    }

    fn one(&mut self, kind: u16, first: u64, count: u32, raw: &[u8], codec: Codec) -> Result<(), WriteError> {
        if self.stopped {
            return Err(WriteError::Stopped { at: self.at });
        }
        debug_assert!(raw.len() <= MAX_PAYLOAD as usize, "payloads are cut before");
        const HEADER: usize = crate::frame::FRAME_HEADER as usize;
        self.buffer.clear();
        self.buffer.resize(HEADER, 0);
        let codec = compress(raw, codec, &mut self.buffer);
        let stored = (self.buffer.len() - HEADER) as u32;
        let header = FrameHeader {
            kind,
            version: kind::VERSION,
            codec,
            stored,
            raw: raw.len() as u32,
            first,
            count,
            salt: self.salt,
            payload_crc: crc32fast::hash(&self.buffer[HEADER..]),
        };
        self.buffer[..HEADER].copy_from_slice(&header.encode());
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

    /// Writes an index block if many frames have gathered.
    pub(crate) fn index_if_due(&mut self, position: Position) -> Result<(), WriteError> {
        if self.entries.len() >= INDEX_FRAMES { self.index(position).map(|_| ()) } else { Ok(()) }
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
