//! Everything but events and host log: modules, checkpoints, pages, output, names.

use super::TraceReader;
use super::object::Object;
use crate::bytes::Bytes;
use crate::checkpoint::{CHAIN, Checkpoint, PAGE_SIZE, PageHash, VersionedCheckpoint, apply_pages};
use crate::error::{Damage, ReadError, ReadErrorKind};
use crate::frame::kind;
use crate::manifest::{Marker, ModuleEntry, ModuleHash, Names, Output, VersionedMarker, VersionedNames};
use std::sync::Arc;

/// How many frames of pages are kept inflated.
const PAGE_FRAMES: usize = 16;

impl TraceReader {
    /// The modules the trace holds, in order of loading.
    ///
    /// # Errors
    /// If one is damaged at its start.
    pub fn modules(&self) -> Result<Vec<ModuleEntry>, ReadError> {
        let modules = self.objects.all(kind::MODULE);
        modules.map(|found| self.module_head(found).map(|(entry, _)| entry)).collect()
    }

    /// The bytes of the module with that hash, if the trace holds it.
    ///
    /// # Errors
    /// If it is damaged.
    pub fn module(&self, hash: ModuleHash) -> Result<Option<Vec<u8>>, ReadError> {
        let found = self.objects.all(kind::MODULE).find(|found| found.first == hash.key());
        let Some(found) = found else { return Ok(None) };
        let (_, start) = self.module_head(found)?;
        let mut bytes = self.objects.payload(&self.source, found)?;
        bytes.drain(..start);
        if ModuleHash::of(&bytes) != hash {
            return Err(ReadError::damaged(found.at, "the module is damaged (hash)"));
        }
        Ok(Some(bytes))
    }

    /// What a module says about itself, and where its bytes begin.
    fn module_head(&self, found: &Object) -> Result<(ModuleEntry, usize), ReadError> {
        let payload = self.objects.head(&self.source, found)?;
        let (entry, bytes) = ModuleEntry::split(&payload)
            .ok_or_else(|| ReadError::damaged(found.at, "the module is damaged (record)"))?;
        Ok((entry, payload.len() - bytes.len()))
    }

    /// The step of each checkpoint, in order.
    pub fn checkpoints(&self) -> Vec<u64> {
        self.objects.all(kind::CHECKPOINT).map(|found| found.first).collect()
    }

    /// Checkpoint number `index` of [`TraceReader::checkpoints`].
    ///
    /// # Errors
    /// If there is none, or it or one it differs from is damaged.
    pub fn checkpoint(&self, index: usize) -> Result<Arc<Checkpoint>, ReadError> {
        let missing = || ReadError::new(0, ReadErrorKind::Missing("there is no such checkpoint"));
        // Backwards to one that is known or lists all its pages …
        let mut chain = Vec::new();
        let mut state: Option<Arc<Checkpoint>> = None;
        let mut number = index;
        loop {
            match &self.caches().checkpoint {
                Some((known, checkpoint)) if *known == number => {
                    state = Some(Arc::clone(checkpoint));
                    break;
                }
                _ => {}
            }
            let found = self.objects.get(kind::CHECKPOINT, number).ok_or_else(missing)?;
            let VersionedCheckpoint::V1(stored) = self.objects.record(&self.source, found)?;
            let base = stored.base;
            chain.push((found.at, stored));
            let Some(base) = base else { break };
            number = self.objects.search(kind::CHECKPOINT, |other| other.at < base);
            let right = self.objects.get(kind::CHECKPOINT, number).is_some_and(|it| it.at == base);
            if base >= found.at || !right || chain.len() > CHAIN as usize {
                let what = "the checkpoint it differs from is damaged";
                return Err(ReadError::damaged(found.at, what));
            }
        }
        // … and forwards again.
        while let Some((at, stored)) = chain.pop() {
            let damaged = |how| ReadError::damaged(at, format!("the checkpoint is damaged ({how})"));
            let mut next = stored.state;
            if stored.pages.len() != next.memories.len() {
                return Err(damaged("record"));
            }
            let mut caches = self.caches();
            for (number, listed) in stored.pages.iter().enumerate() {
                let old = state.as_ref().and_then(|state| state.memories.get(number));
                let old = old.map_or(&[][..], |memory| &memory.pages);
                apply_pages(&mut next.memories[number], old, listed, |page| {
                    caches.pages.insert(page.hash, (page.at, page.slot));
                })
                .ok_or_else(|| damaged("pages"))?;
            }
            if next.compute_hash() != next.state_hash {
                return Err(damaged("hash"));
            }
            state = Some(Arc::new(next));
        }
        let state = state.ok_or_else(missing)?;
        self.caches().checkpoint = Some((index, Arc::clone(&state)));
        Ok(state)
    }

    /// Copies a page that a checkpoint read before has named.
    ///
    /// # Errors
    /// If no checkpoint has named it, or it is damaged.
    pub fn page(&self, hash: PageHash, into: &mut [u8; PAGE_SIZE]) -> Result<(), ReadError> {
        let missing = ReadErrorKind::Missing("no checkpoint has named the page");
        let place = self.caches().pages.get(&hash).copied();
        let (at, slot) = place.ok_or(ReadError::new(0, missing))?;
        let damaged = || ReadError::damaged(at, "the page is damaged (hash)");
        let frame = self.page_frame(at)?;
        let (pages, _) = frame.as_chunks::<PAGE_SIZE>();
        let page = pages.get(slot as usize).ok_or_else(damaged)?;
        if PageHash::of_any(page) != hash {
            return Err(damaged());
        }
        *into = *page;
        Ok(())
    }

    fn page_frame(&self, at: u64) -> Result<Arc<Vec<u8>>, ReadError> {
        if let Some((_, frame)) = self.caches().frames.iter().find(|(known, _)| *known == at) {
            return Ok(Arc::clone(frame));
        }
        let found = self.objects.at(at, kind::PAGES);
        let found = found.ok_or_else(|| ReadError::damaged(at, "the pages are not here"))?;
        let frame = Arc::new(self.objects.payload(&self.source, found)?);
        let mut caches = self.caches();
        if caches.frames.len() >= PAGE_FRAMES {
            caches.frames.remove(0);
        }
        caches.frames.push((at, Arc::clone(&frame)));
        Ok(frame)
    }

    /// What the guest printed, in order. A damaged part is reported, and the
    /// rest follows.
    pub fn outputs(&self) -> Outputs<'_> {
        Outputs { reader: self, frame: 0, payload: Vec::new(), at: 0, left: 0 }
    }

    /// Named moments; damaged ones are left out.
    pub fn markers(&self) -> Vec<Marker> {
        let records = self.objects.all(kind::MARKER);
        let records = records.filter_map(|found| self.objects.record(&self.source, found).ok());
        records.map(|VersionedMarker::V1(marker)| marker).collect()
    }

    /// Names of functions; damaged ones are left out.
    pub fn names(&self) -> Vec<Names> {
        let records = self.objects.all(kind::NAMES);
        let records = records.filter_map(|found| self.objects.record(&self.source, found).ok());
        records.map(|VersionedNames::V1(names)| names).collect()
    }
}

/// What the guest printed. See [`TraceReader::outputs`].
pub struct Outputs<'t> {
    reader: &'t TraceReader,
    frame: usize,
    payload: Vec<u8>,
    at: usize,
    left: u64,
}

impl Iterator for Outputs<'_> {
    type Item = Result<Output, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let objects = &self.reader.objects;
            if self.left > 0 {
                self.left -= 1;
                let mut bytes = Bytes::new(self.payload.get(self.at..).unwrap_or(&[]));
                if let Some(output) = bytes.record() {
                    self.at = self.payload.len() - bytes.rest().len();
                    return Some(Ok(output));
                }
                self.left = 0;
                let found = objects.get(kind::OUTPUT, self.frame - 1)?;
                let error = ReadError::damaged(found.at, "the output is damaged (record)");
                return Some(Err(objects.damage(found, &error)));
            }
            let found = objects.get(kind::OUTPUT, self.frame)?;
            self.frame += 1;
            match objects.payload(&self.reader.source, found) {
                Ok(payload) => {
                    let mut bytes = Bytes::new(&payload);
                    self.left = bytes.varint().unwrap_or(0);
                    self.at = payload.len() - bytes.rest().len();
                    self.payload = payload;
                }
                Err(error) => return Some(Err(objects.damage(found, &error))),
            }
        }
    }
}
