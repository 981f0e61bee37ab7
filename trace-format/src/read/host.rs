//! The host log, read as far as it is asked for.
//!
//! A frame holds some hundred entries and says in its header how many and from which step
//! on, so any entry is found without reading those before it. A log of gigabytes opens as
//! fast as a short one; the frames read last are kept.
//!
//! Always: an entry comes with the index it was written with, or not at all; what follows
//! a hole is not given, for it cannot be replayed.

use super::TraceReader;
use super::object::Object;
use crate::error::ReadError;
use crate::frame::kind;
use crate::host_log::{BatchReader, HostRecord};
use std::sync::Arc;

/// How many frames are kept taken apart: some for each of several threads.
const KEPT: usize = 8;

/// The entries of a frame, or why there are none behind those given.
#[derive(Clone)]
struct Batch {
    frame: usize,
    records: Arc<[Arc<HostRecord>]>,
    whole: bool,
}

/// Where frames of the host log begin, and those read last.
#[derive(Default)]
pub(super) struct HostFrames {
    /// Index of the first entry of each frame, and how many there are in all.
    firsts: Vec<u64>,
    /// The frames asked for last, the latest last.
    read: Vec<Batch>,
}

impl HostFrames {
    /// A frame that is kept, which was asked for last now.
    fn kept(&mut self, frame: usize) -> Option<Batch> {
        let at = self.read.iter().rposition(|batch| batch.frame == frame)?;
        self.read[at..].rotate_left(1);
        self.read.last().cloned()
    }
}

impl TraceReader {
    /// The host log from its start.
    pub fn host_log(&self) -> HostLog<'_> {
        self.host_log_from(0)
    }

    /// The host log from entry `cursor`, as a checkpoint names it.
    pub fn host_log_from(&self, cursor: u64) -> HostLog<'_> {
        let (frame, next) = self.host_frame(cursor).unwrap_or((usize::MAX, cursor));
        HostLog { reader: self, frame, next, from: cursor, batch: None, brief: false }
    }

    /// The host log from its start without most arguments, results and bytes that were written,
    /// which takes a small part of the time: for who wants to know what there is, and where.
    pub fn host_log_in_brief(&self) -> HostLog<'_> {
        HostLog { brief: true, ..self.host_log() }
    }

    /// Entries of the host log.
    pub fn host_entries(&self) -> u64 {
        self.objects.all(kind::HOST_LOG).map(|found| u64::from(found.count)).sum()
    }

    /// Entry number `index` of the host log, `None` behind the last. Entries near those
    /// asked for before cost nothing; others one frame.
    ///
    /// # Errors
    /// If the frame is damaged, or there is a hole in the log before it.
    pub fn host_entry(&self, index: u64) -> Result<Option<Arc<HostRecord>>, ReadError> {
        let Some((frame, first)) = self.host_frame(index) else {
            return Ok(None);
        };
        let kept = self.caches().host.kept(frame);
        let batch = match kept {
            Some(batch) => batch,
            None => {
                let batch = self.read_host_frame(frame, first)?;
                let read = &mut self.caches().host.read;
                if read.len() >= KEPT {
                    read.remove(0);
                }
                read.push(batch.clone());
                batch
            }
        };
        match batch.records.get((index - first) as usize) {
            Some(record) => Ok(Some(Arc::clone(record))),
            None if batch.whole => Ok(None),
            None => {
                let at = self.objects.get(kind::HOST_LOG, frame).map_or(0, |found| found.at);
                Err(ReadError::damaged(at, "the host log is damaged (entry)"))
            }
        }
    }

    /// The index of the first entry that came at or after `step`: how many came before.
    ///
    /// # Errors
    /// As [`TraceReader::host_entry`].
    pub fn host_cursor_at(&self, step: u64) -> Result<u64, ReadError> {
        let frames = self.objects.search(kind::HOST_LOG, |found| found.first < step);
        let Some(frame) = frames.checked_sub(1) else { return Ok(0) };
        let mut index = self.host_first(frame);
        let end = self.host_first(frame + 1);
        while index < end
            && let Some(record) = self.host_entry(index)?
            && record.position.step < step
        {
            index += 1;
        }
        Ok(index)
    }

    /// The frame that holds entry `index`, and its first entry.
    fn host_frame(&self, index: u64) -> Option<(usize, u64)> {
        self.host_first(0);
        let caches = self.caches();
        let firsts = &caches.host.firsts;
        let frame = firsts.partition_point(|&first| first <= index).checked_sub(1)?;
        (frame + 1 < firsts.len()).then(|| (frame, firsts[frame]))
    }

    /// The first entry of a frame; of the one behind the last, the number of entries.
    fn host_first(&self, frame: usize) -> u64 {
        let firsts = &mut self.caches().host.firsts;
        if firsts.is_empty() {
            let mut next = 0u64;
            firsts.push(0);
            firsts.extend(self.objects.all(kind::HOST_LOG).map(|found| {
                next = next.saturating_add(u64::from(found.count));
                next
            }));
        }
        firsts.get(frame).copied().unwrap_or(u64::MAX)
    }

    fn read_host_frame(&self, frame: usize, first: u64) -> Result<Batch, ReadError> {
        let missing = || ReadError::damaged(0, "the host log is damaged (frame)");
        let found = self.objects.get(kind::HOST_LOG, frame).ok_or_else(missing)?;
        let mut batch = self.host_batch(found)?;
        if batch.next_index() != first {
            return Err(hole(found, first, &batch));
        }
        let (mut records, mut whole) = (Vec::new(), true);
        while let Some(record) = batch.next() {
            match record {
                Some(record) => records.push(Arc::new(record)),
                None => whole = false,
            }
        }
        whole &= records.len() == found.count as usize;
        Ok(Batch { frame, records: records.into(), whole })
    }

    pub(super) fn host_batch(&self, found: &Object) -> Result<BatchReader, ReadError> {
        BatchReader::new(self.objects.payload(&self.source, found)?)
            .ok_or_else(|| ReadError::damaged(found.at, "the host log is damaged (record)"))
    }
}

fn hole(found: &Object, next: u64, batch: &BatchReader) -> ReadError {
    let here = batch.next_index();
    ReadError::damaged(found.at, format!("the host log goes from entry {next} to entry {here}"))
}

/// Entries of the host log, in order. The first error is the last item: what
/// follows a hole in the log cannot be replayed.
pub struct HostLog<'t> {
    reader: &'t TraceReader,
    frame: usize,
    next: u64,
    from: u64,
    batch: Option<(u64, BatchReader)>,
    brief: bool,
}

impl Iterator for HostLog<'_> {
    type Item = Result<HostRecord, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((at, batch)) = &mut self.batch {
                match batch.next() {
                    Some(Some(record)) if record.index < self.from => continue,
                    Some(Some(record)) => {
                        self.next = record.index + 1;
                        return Some(Ok(record));
                    }
                    Some(None) => {
                        let error = ReadError::damaged(*at, "the host log is damaged (entry)");
                        return Some(Err(self.stop(error)));
                    }
                    None => self.batch = None,
                }
            }
            let found = self.reader.objects.get(kind::HOST_LOG, self.frame)?;
            self.frame += 1;
            match self.reader.host_batch(found) {
                Ok(mut batch) if batch.next_index() == self.next => {
                    self.next += u64::from(found.count);
                    batch.brief = self.brief;
                    self.batch = Some((found.at, batch));
                }
                Ok(batch) => {
                    let error = hole(found, self.next, &batch);
                    return Some(Err(self.stop(error)));
                }
                Err(error) => return Some(Err(self.stop(error))),
            }
        }
    }
}

impl HostLog<'_> {
    fn stop(&mut self, error: ReadError) -> ReadError {
        self.frame = usize::MAX;
        self.batch = None;
        error
    }

    /// After an error: goes on behind the frame it is in. What follows can be repeated from a
    /// checkpoint that stands behind the hole. False if there is nothing more.
    pub fn skip_damage(&mut self, error: &ReadError) -> bool {
        let frame = self.reader.objects.search(kind::HOST_LOG, |found| found.at <= error.at);
        self.frame = frame;
        self.next = self.reader.host_first(frame);
        self.from = self.next;
        self.reader.objects.get(kind::HOST_LOG, frame).is_some()
    }
}
