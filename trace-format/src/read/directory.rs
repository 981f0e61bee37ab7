//! Which frames a file has, by the shortest way that works.
//!
//! ```text
//! trailer ──► index blocks backwards            a closed file: a few reads
//! last whole index block ──► blocks backwards   a cut file: and scan the rest
//! scan from the header                          no block is whole
//! ```
//!
//! What a scan visits it also checks, payloads included; what a block lists is
//! checked when it is used.
//!
//! Always: damage costs the frames it touches and no others; the walk ends
//! (offsets only go down) and so does the scan (they only go up).

use super::source::Source;
use crate::error::{Damage, ReadError, ReadErrorKind};
use crate::event::Position;
use crate::frame::{FILE_HEADER, FRAME_HEADER, FrameHeader, MAX_PAYLOAD, SYNC, kind};
use crate::index::{Block, Entry, TRAILER, Trailer};

/// How far from the end an index block is looked for.
const LOOK_BACK: u64 = 64 << 20;
/// How much a search reads at once.
const WINDOW: usize = 64 << 10;

/// The frames of a file, in order, without index blocks and trailer.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    pub(crate) entries: Vec<Entry>,
    pub(crate) damage: Vec<Damage>,
    /// The trailer, if the file has been closed.
    pub(crate) trailer: Option<Trailer>,
    /// How far the run had come at the last index block.
    pub(crate) position: Position,
}

impl Directory {
    pub(crate) fn load(source: &Source) -> Result<Directory, ReadError> {
        let mut directory = Directory::default();
        let last = match trailer(source)? {
            Some(trailer) => Some(trailer.index),
            None => last_index(source)?,
        };
        let (blocks, known) = walk(source, last)?;
        let covered = blocks.last().map_or(FILE_HEADER, |block| block.start);
        directory.scan(source, FILE_HEADER, covered.max(FILE_HEADER), known)?;
        for block in blocks.into_iter().rev() {
            directory.position = directory.position.max(block.position);
            directory.entries.extend(block.entries);
        }
        if let Some(end) = known {
            directory.scan(source, end, source.size, None)?;
        } else {
            directory.scan(source, FILE_HEADER, source.size, None)?;
        }
        for entry in &directory.entries {
            // The version is checked when the frame is read.
            if !kind::known(entry.kind, kind::VERSION) && !kind::skippable(entry.kind) {
                let kind = ReadErrorKind::UnknownKind { kind: entry.kind, version: 0 };
                return Err(ReadError::new(entry.at, kind));
            }
        }
        Ok(directory)
    }

    /// Adds what can be found in `from..to`. `before` is set where index blocks
    /// follow, so that the end of the range is not the end of the file.
    fn scan(&mut self, source: &Source, from: u64, to: u64, before: Option<u64>) -> Result<(), ReadError> {
        let mut at = from;
        while at < to {
            let Some(header) = source.header(at)? else {
                let next = resync(source, at + 8, to)?;
                let what = match next {
                    None if before.is_none() => "the file ends with bytes that are no whole part",
                    _ => "bytes that are no part of the trace",
                };
                let end = next.unwrap_or(to);
                self.damaged(at, end - at, None, what.to_owned());
                at = end;
                continue;
            };
            let name = kind::name(header.kind);
            let steps = (header.kind == kind::CHUNK)
                .then(|| header.first..header.first.saturating_add(u64::from(header.count)));
            let end = at + header.span();
            let whole = at + FRAME_HEADER + u64::from(header.stored);
            if whole > to {
                let what = match before {
                    None => format!("the file ends inside the {name}, {} bytes early", whole - to),
                    Some(_) => format!("the {name} is damaged (length)"),
                };
                self.damaged(at, to - at, steps, what);
                return Ok(());
            }
            if !kind::known(header.kind, header.version) && !kind::skippable(header.kind) {
                let (kind, version) = (header.kind, header.version);
                return Err(ReadError::new(at, ReadErrorKind::UnknownKind { kind, version }));
            }
            match source.stored(at, &header)? {
                None => {
                    let what = format!("the {name} is damaged (checksum)");
                    self.damaged(at, end.min(to) - at, steps, what);
                }
                Some(payload) => self.found(at, &header, &payload),
            }
            at = end;
        }
        Ok(())
    }

    fn found(&mut self, at: u64, header: &FrameHeader, payload: &[u8]) {
        match header.kind {
            // Only its position is of use: what it lists has been scanned.
            kind::INDEX => {
                let block = crate::frame::inflate(header.codec, payload, header.raw)
                    .ok()
                    .and_then(|raw| Block::decode(&raw, at));
                self.position = self.position.max(block.map(|it| it.position).unwrap_or_default());
            }
            kind::TRAILER => self.trailer = Trailer::decode(payload),
            _ => self.entries.push(Entry::of(at, header)),
        }
    }

    fn damaged(&mut self, at: u64, len: u64, steps: Option<std::ops::Range<u64>>, what: String) {
        self.damage.push(Damage { at, len, steps, what });
    }
}

/// The trailer, if the file ends with one.
fn trailer(source: &Source) -> Result<Option<Trailer>, ReadError> {
    let Some(at) = source.size.checked_sub(TRAILER).filter(|&at| at >= FILE_HEADER) else {
        return Ok(None);
    };
    let header = source.header(at)?.filter(|header| header.kind == kind::TRAILER);
    let Some(header) = header.filter(|header| u64::from(header.stored) == TRAILER - FRAME_HEADER) else {
        return Ok(None);
    };
    Ok(source.stored(at, &header)?.and_then(|payload| Trailer::decode(&payload)))
}

/// The index block at `at`, and where it ends.
fn block(source: &Source, at: u64) -> Result<Option<(Block, u64)>, ReadError> {
    let Some(header) = source.header(at)?.filter(|header| header.kind == kind::INDEX) else {
        return Ok(None);
    };
    let Some(stored) = source.stored(at, &header)? else {
        return Ok(None);
    };
    let raw = crate::frame::inflate(header.codec, &stored, header.raw).ok();
    let block = raw.and_then(|raw| Block::decode(&raw, at));
    Ok(block.map(|block| (block, at + header.span())))
}

/// The index blocks from the one at `last` backwards as far as they are whole,
/// and where the first of them ends.
fn walk(source: &Source, last: Option<u64>) -> Result<(Vec<Block>, Option<u64>), ReadError> {
    let (mut blocks, mut known) = (Vec::<Block>::new(), None);
    let mut at = last.unwrap_or(0);
    while at >= FILE_HEADER {
        let Some((block, end)) = block(source, at)? else {
            break;
        };
        // Its list must begin where the block before ends.
        match blocks.last() {
            Some(later) if later.start != end => break,
            Some(_) => {}
            None if end > source.size => break,
            None => known = Some(end),
        }
        at = block.prev;
        let first = at == 0;
        if first && block.start != FILE_HEADER {
            // It claims to be the first and is not: believe none of it.
            if blocks.is_empty() {
                known = None;
            }
            break;
        }
        blocks.push(block);
    }
    Ok((blocks, known))
}

/// The last whole index block, looked for from the end.
fn last_index(source: &Source) -> Result<Option<u64>, ReadError> {
    let stop = source.size.saturating_sub(LOOK_BACK).max(FILE_HEADER);
    let mut end = source.size / 8 * 8;
    while end > stop {
        let start = end.saturating_sub(WINDOW as u64).max(stop) / 8 * 8;
        // Read a little more, so that headers across the border are whole.
        let bytes = source.read(start, (end - start + FRAME_HEADER) as usize)?;
        for at in (0..(end - start) as usize).step_by(8).rev() {
            let Some(head) = bytes.get(at..).filter(|head| head.starts_with(&SYNC)) else {
                continue;
            };
            let header = FrameHeader::decode(head, source.salt);
            if header.is_some_and(|header| header.kind == kind::INDEX)
                && block(source, start + at as u64)?.is_some()
            {
                return Ok(Some(start + at as u64));
            }
        }
        end = start;
    }
    Ok(None)
}

/// The next frame header at or after `from`.
fn resync(source: &Source, from: u64, to: u64) -> Result<Option<u64>, ReadError> {
    let mut start = from.next_multiple_of(8);
    while start < to {
        let bytes = source.read(start, WINDOW + FRAME_HEADER as usize)?;
        for at in (0..WINDOW.min(bytes.len())).step_by(8) {
            let here = start + at as u64;
            if here >= to {
                return Ok(None);
            }
            if bytes[at..].starts_with(&SYNC)
                && FrameHeader::decode(&bytes[at..], source.salt)
                    .is_some_and(|header| header.stored <= MAX_PAYLOAD)
            {
                return Ok(Some(here));
            }
        }
        start += WINDOW as u64;
    }
    Ok(None)
}
