//! Bytes in: the one place of the reader that asks for any.
//!
//! Always: a header is checked before its payload is read, lengths before
//! anything is allocated, checksums before anything is believed.

use crate::error::{ReadError, ReadErrorKind};
use crate::file::ReadAt;
use crate::frame::{FRAME_HEADER, FrameHeader, MAX_PAYLOAD, inflate, kind};
use crate::index::Entry;
use std::io;

/// The bytes of a trace.
pub(crate) struct Source {
    bytes: Box<dyn ReadAt>,
    pub(crate) size: u64,
    pub(crate) salt: u32,
}

impl Source {
    pub(crate) fn new(bytes: Box<dyn ReadAt>) -> Result<Source, ReadError> {
        let size = bytes.size().map_err(|error| ReadError::new(0, ReadErrorKind::Io(error)))?;
        Ok(Source { bytes, size, salt: 0 })
    }

    /// Up to `len` bytes at `at`, fewer only where the file ends.
    pub(crate) fn read(&self, at: u64, len: usize) -> Result<Vec<u8>, ReadError> {
        let left = self.size.saturating_sub(at).min(len as u64) as usize;
        let mut out = vec![0; left];
        let mut done = 0;
        while done < left {
            match self.bytes.read_at(at + done as u64, &mut out[done..]) {
                Ok(0) => break,
                Ok(n) => done += n.min(left - done),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ReadError::new(at, ReadErrorKind::Io(error))),
            }
        }
        out.truncate(done);
        Ok(out)
    }

    /// The frame header at `at`, if there is one.
    pub(crate) fn header(&self, at: u64) -> Result<Option<FrameHeader>, ReadError> {
        let head = self.read(at, FRAME_HEADER as usize)?;
        Ok(FrameHeader::decode(&head, self.salt).filter(|header| header.stored <= MAX_PAYLOAD))
    }

    /// The payload as stored, checked; `None` if it is damaged or cut.
    pub(crate) fn stored(&self, at: u64, header: &FrameHeader) -> Result<Option<Vec<u8>>, ReadError> {
        let stored = self.read(at + FRAME_HEADER, header.stored as usize)?;
        let whole = stored.len() == header.stored as usize && crc32fast::hash(&stored) == header.payload_crc;
        Ok(whole.then_some(stored))
    }

    /// Appends the inflated payload of the frame `entry` names, which may bring
    /// `out` up to `limit` bytes.
    pub(crate) fn payload(&self, entry: &Entry, limit: usize, out: &mut Vec<u8>) -> Result<(), ReadError> {
        let Entry { at, kind, .. } = *entry;
        let name = kind::name(kind);
        let header = self.header(at)?.filter(|header| entry.agrees(header));
        let header =
            header.ok_or_else(|| ReadError::damaged(at, format!("the {name} is damaged (header)")))?;
        if !kind::known(kind, header.version) {
            let version = header.version;
            return Err(ReadError::new(at, ReadErrorKind::UnknownKind { kind, version }));
        }
        let stored = self
            .stored(at, &header)?
            .ok_or_else(|| ReadError::damaged(at, format!("the {name} is damaged (checksum)")))?;
        if (limit - out.len().min(limit)) < header.raw as usize {
            return Err(ReadError::new(at, ReadErrorKind::TooLarge(name)));
        }
        let raw = inflate(header.codec, &stored, header.raw).map_err(|wrong| wrong.at(at, name))?;
        if out.is_empty() {
            *out = raw;
        } else {
            out.extend_from_slice(&raw);
        }
        Ok(())
    }
}
