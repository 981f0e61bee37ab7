//! Checkpoints and the pages they name.
//!
//! Always: a page goes out once, before the first checkpoint that names it; a
//! checkpoint lists only what differs from the one before, as `checkpoint`
//! describes.

use super::outbox::Ticket;
use super::{GATHER, TraceWriter};
use crate::checkpoint::{
    CHAIN, Checkpoint, PAGE_SIZE, PageHash, PageRef, StoredCheckpoint, StoredPage, VersionedCheckpoint,
    changed_pages,
};
use crate::error::WriteError;
use crate::frame::kind;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::Write;

/// Pages written, and pages gathered for the next frame.
#[derive(Default)]
pub(super) struct Pages {
    /// Frame and slot; `None` while it waits in `bytes`.
    pub(super) known: HashMap<PageHash, Option<(Ticket, u32)>>,
    pub(super) hashes: Vec<PageHash>,
    pub(super) bytes: Vec<u8>,
}

/// What the next checkpoint is compared with.
pub(super) struct LastCheckpoint {
    pub(super) at: Ticket,
    pub(super) chain: u32,
    pub(super) pages: Vec<Vec<(u64, PageHash)>>,
}

/// A checkpoint that names others by ticket.
pub(super) struct Waiting(StoredCheckpoint);

impl Waiting {
    /// Its step, and the record with offsets.
    pub(super) fn resolve(self, at: impl Fn(Ticket) -> u64) -> (u64, VersionedCheckpoint) {
        let Waiting(mut stored) = self;
        stored.base = stored.base.map(&at);
        for page in stored.pages.iter_mut().flatten().filter_map(|page| page.page.as_mut()) {
            page.at = at(page.at);
        }
        (stored.state.position.step, VersionedCheckpoint::V1(stored))
    }
}

impl<W: Write> TraceWriter<W> {
    /// Keeps a page that a checkpoint is going to name, once however often it
    /// is given. `None` for the all-zero page, which no checkpoint names.
    ///
    /// # Errors
    /// If the sink fails.
    pub fn page(&mut self, page: &[u8; PAGE_SIZE]) -> Result<Option<PageHash>, WriteError> {
        let Some(hash) = PageHash::of(page) else {
            return Ok(None);
        };
        if let Entry::Vacant(place) = self.pages.known.entry(hash) {
            place.insert(None);
            self.pages.hashes.push(hash);
            self.pages.bytes.extend_from_slice(page);
            if self.pages.bytes.len() >= GATHER {
                self.flush_pages()?;
            }
        }
        self.check().map(|()| Some(hash))
    }

    /// Writes a checkpoint, the pages it needs and the host log before it.
    ///
    /// # Errors
    /// If the sink fails, or the checkpoint names a page that was not given.
    pub fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), WriteError> {
        self.reached(checkpoint.position);
        self.flush_host()?;
        self.flush_output()?;
        self.flush_pages()?;
        let chain = self.last.as_ref().map_or(CHAIN, |last| last.chain + 1);
        let base = self.last.take().filter(|_| chain < CHAIN);
        let mut pages = Vec::with_capacity(checkpoint.memories.len());
        for (number, memory) in checkpoint.memories.iter().enumerate() {
            let old = base.as_ref().and_then(|base| base.pages.get(number));
            pages.push(self.stored_pages(old.map_or(&[][..], |old| old), &memory.pages).ok_or(
                WriteError::Invalid {
                    what: "a checkpoint",
                    step: checkpoint.position.step,
                    why: "its pages were not given or are not in order",
                },
            )?);
        }
        let mut state = Checkpoint { state_hash: checkpoint.compute_hash(), ..checkpoint.clone() };
        let mut lists = Vec::with_capacity(state.memories.len());
        for memory in &mut state.memories {
            lists.push(std::mem::take(&mut memory.pages));
        }
        let stored = StoredCheckpoint { base: base.as_ref().map(|base| base.at), state, pages };
        let at = self.outbox.checkpoint(Waiting(stored));
        let chain = if base.is_some() { chain } else { 0 };
        self.last = Some(LastCheckpoint { at, chain, pages: lists });
        self.counts.checkpoints += 1;
        self.pushed()
    }

    /// `None` if a page was never given, or the list is not in order.
    fn stored_pages(&self, old: &[(u64, PageHash)], new: &[(u64, PageHash)]) -> Option<Vec<StoredPage>> {
        let mut stored = Vec::new();
        let (mut next, mut whole) = (0, new.is_sorted_by(|a, b| a.0 < b.0));
        changed_pages(old, new, |index, hash| {
            let page = hash.map(|hash| match self.pages.known.get(&hash) {
                Some(&Some((at, slot))) => PageRef { hash, at, slot },
                _ => {
                    whole = false;
                    PageRef { hash, at: 0, slot: 0 }
                }
            });
            stored.push(StoredPage { skip: index.wrapping_sub(next), page });
            next = index.wrapping_add(1);
        });
        whole.then_some(stored)
    }

    pub(super) fn flush_pages(&mut self) -> Result<(), WriteError> {
        if self.pages.hashes.is_empty() {
            return Ok(());
        }
        let hashes = std::mem::take(&mut self.pages.hashes);
        let bytes = std::mem::take(&mut self.pages.bytes);
        let at = self.frame(kind::PAGES, self.position.step, hashes.len() as u32, bytes)?;
        for (hash, slot) in hashes.into_iter().zip(0..) {
            self.pages.known.insert(hash, Some((at, slot)));
        }
        Ok(())
    }
}
