//! A moment of a replay store, kept to come back to.
//!
//! ```text
//! memory   chunk 0          chunk 1        …     256 pages a chunk, shared
//!          [page][page]…    [page][page]…        4 KiB a page, shared
//! ```
//!
//! Two snapshots share every page between which nothing wrote: taking one costs the
//! pages written since the last, restoring one the pages in which the two differ.
//! Frames and values are copied as they are, so a snapshot belongs to its store, and can
//! be taken at any step.
//!
//! Elsewhere: moments in a form that outlives the store (`checkpoint`).

use crate::exec::frame::{Frame, Regs};
use crate::exec::host::HostFrame;
use crate::store::entity::Made;
use crate::store::log::Position;
use crate::store::{MemoryInst, PAGE_BITS, PrunedStore};
use std::sync::{Arc, LazyLock};

const PAGE: usize = 1 << PAGE_BITS;
const CHUNK: usize = 256;

pub(crate) type Page = [u8; PAGE];

/// The page everything starts with.
static ZERO: LazyLock<Arc<Page>> = LazyLock::new(|| Arc::new([0; PAGE]));

type Chunk = Vec<Arc<Page>>;

/// The contents of a memory.
#[derive(Clone, Default)]
pub(crate) struct Pages {
    pub(crate) len: usize,
    chunks: Vec<Arc<Chunk>>,
}

impl Pages {
    /// A zeroed memory.
    fn zeroed(len: usize) -> Pages {
        let mut pages = Pages::default();
        pages.set_len(len);
        pages
    }

    fn set_len(&mut self, len: usize) {
        let pages = len.div_ceil(PAGE);
        self.len = len;
        self.chunks.truncate(pages.div_ceil(CHUNK));
        while self.chunks.len() * CHUNK < pages {
            if let Some(last) = self.chunks.last_mut() {
                Arc::make_mut(last).resize(CHUNK, ZERO.clone());
            }
            self.chunks.push(Arc::new(Vec::new()));
        }
        if let Some(last) = self.chunks.last_mut() {
            let rest = pages - (pages.div_ceil(CHUNK) - 1) * CHUNK;
            if last.len() != rest {
                Arc::make_mut(last).resize(rest, ZERO.clone());
            }
        }
    }

    fn set(&mut self, page: usize, contents: Arc<Page>) {
        Arc::make_mut(&mut self.chunks[page / CHUNK])[page % CHUNK] = contents;
    }

    fn get(&self, page: usize) -> Option<&Arc<Page>> {
        self.chunks.get(page / CHUNK)?.get(page % CHUNK)
    }

    /// Calls `differs` with every page of `self` that is not the same in `other`.
    fn for_each_difference(&self, other: &Pages, mut differs: impl FnMut(usize, &Page)) {
        for (at, chunk) in self.chunks.iter().enumerate() {
            if other.chunks.get(at).is_some_and(|other| Arc::ptr_eq(chunk, other)) {
                continue;
            }
            for (within, page) in chunk.iter().enumerate() {
                let number = at * CHUNK + within;
                if !other.get(number).is_some_and(|other| Arc::ptr_eq(page, other)) {
                    differs(number, page);
                }
            }
        }
    }
}

/// The bytes of one page of a memory; what lies behind its end is zero.
fn page_of(memory: &MemoryInst, number: usize) -> Arc<Page> {
    let mut page = [0; PAGE];
    let at = number * PAGE;
    let bytes = &memory.bytes()[at..memory.len().min(at + PAGE)];
    page[..bytes.len()].copy_from_slice(bytes);
    if page == [0; PAGE] { ZERO.clone() } else { Arc::new(page) }
}

/// A moment.
pub(crate) struct Snapshot {
    pub(crate) position: Position,
    pub(crate) log_cursor: u64,
    frames: Box<[Frame]>,
    stack: Box<[u64]>,
    regs: Regs,
    /// The running instance's number.
    instance: Option<u32>,
    counters: (i64, i64),
    failed: bool,
    host_frames: Box<[HostFrame]>,
    made: Made,
    globals: Box<[u128]>,
    tables: Box<[Arc<[u64]>]>,
    memories: Box<[Pages]>,
    segments: Box<[Segments]>,
    /// About how many bytes it holds that the one it was based on does not.
    pub(crate) cost: usize,
}

/// An instance's segments: which were dropped.
#[derive(Clone)]
struct Segments {
    dropped_data: Vec<bool>,
    elements: Vec<Arc<[u64]>>,
    dropped_elements: Vec<bool>,
}

/// What frames and the value stack take, which are never shared.
fn frame_bytes(frames: &[Frame], stack: &[u64]) -> usize {
    size_of_val(frames) + size_of_val(stack) + 512
}

impl Snapshot {
    /// The moment at which `store` stands. `base` is the snapshot its memories were last
    /// equal to, but for pages marked dirty, which are taken note of and cleared.
    pub(crate) fn take(store: &mut PrunedStore, base: Option<&Snapshot>) -> Snapshot {
        store.rearm();
        let made = store.arenas.made;
        let mut cost = 0;
        let mut memories = Vec::with_capacity(made.memories as usize);
        for (at, memory) in store.arenas.memories.iter_mut().take(made.memories as usize).enumerate() {
            let memory = memory.get_mut();
            let mut pages = match base.and_then(|base| base.memories.get(at)) {
                Some(pages) => pages.clone(),
                None => {
                    // Never seen before: every page counts as written.
                    memory.mark_all();
                    Pages::zeroed(memory.len())
                }
            };
            pages.set_len(memory.len());
            memory.take_dirty(|memory, number| {
                let page = page_of(memory, number);
                cost += if Arc::ptr_eq(&page, &ZERO) { 0 } else { PAGE };
                pages.set(number, page);
            });
            memories.push(pages);
        }
        let tables = store.arenas.tables.iter().take(made.tables as usize).enumerate().map(|(at, table)| {
            let elements = &table.get().elements;
            match base.and_then(|base| base.tables.get(at)) {
                Some(same) if **same == **elements => same.clone(),
                _ => {
                    cost += elements.len() * 8;
                    Arc::from(&elements[..])
                }
            }
        });
        let tables = tables.collect();
        let segments = store.arenas.instances.iter().take(made.instances as usize).map(|instance| {
            let instance = instance.get();
            Segments {
                dropped_data: instance.dropped_data.clone(),
                elements: instance.elements.clone(),
                dropped_elements: instance.dropped_elements.clone(),
            }
        });
        let segments = segments.collect();
        let globals =
            store.arenas.globals.iter().take(made.globals as usize).map(|global| global.get().value());
        let globals = globals.collect();
        let frames: Box<[Frame]> = store.frames_mut().into();
        let stack: Box<[u64]> = store.live_stack().into();
        cost += frame_bytes(&frames, &stack);
        Snapshot {
            position: Position { steps: store.meter.steps, ticks: store.meter.ticks },
            log_cursor: store.log_cursor,
            frames,
            stack,
            regs: store.regs,
            instance: store.instance_at(store.instance).map(|it| it.index),
            counters: store.counters(),
            failed: store.meter.failed,
            host_frames: store.host_frames.clone().into(),
            made,
            globals,
            tables,
            memories: memories.into(),
            segments,
            cost,
        }
    }

    /// About how many bytes no other snapshot holds, which dropping this one gives back.
    pub(crate) fn own(&self) -> usize {
        let chunks = self.memories.iter().flat_map(|pages| &pages.chunks);
        let chunks = chunks.filter(|chunk| Arc::strong_count(chunk) == 1);
        let pages = chunks.flat_map(|chunk| chunk.iter()).filter(|page| Arc::strong_count(page) == 1);
        let tables = self.tables.iter().filter(|table| Arc::strong_count(table) == 1);
        let elements = tables.map(|table| table.len()).sum::<usize>();
        pages.count() * PAGE + elements * 8 + frame_bytes(&self.frames, &self.stack)
    }

    /// Brings `store` to this moment. `base` is as for [`Snapshot::take`].
    pub(crate) fn restore(&self, store: &mut PrunedStore, base: Option<&Snapshot>) {
        store.arenas.made = self.made;
        for (at, pages) in self.memories.iter().enumerate() {
            let memory = store.arenas.memories[at].get_mut();
            let before = base.and_then(|base| base.memories.get(at));
            if memory.len() != pages.len {
                memory.set_len(pages.len);
            }
            let mut dirty = Vec::new();
            match before {
                Some(_) => memory.take_dirty(|_, number| dirty.push(number)),
                None => dirty.extend(0..pages.len.div_ceil(PAGE)),
            }
            let none = Pages::default();
            pages.for_each_difference(before.unwrap_or(&none), |number, _| dirty.push(number));
            for number in dirty {
                if let Some(page) = pages.get(number) {
                    let range = number * PAGE..pages.len.min((number + 1) * PAGE);
                    let len = range.len();
                    memory.bytes_mut(&range)[range].copy_from_slice(&page[..len]);
                }
            }
            memory.take_dirty(|_, _| ());
        }
        for (table, elements) in store.arenas.tables.iter_mut().zip(&self.tables) {
            table.get_mut().elements.clear();
            table.get_mut().elements.extend_from_slice(elements);
        }
        for (instance, segments) in store.arenas.instances.iter_mut().zip(&self.segments) {
            let instance = instance.get_mut();
            instance.dropped_data.clone_from(&segments.dropped_data);
            instance.elements.clone_from(&segments.elements);
            instance.dropped_elements.clone_from(&segments.dropped_elements);
        }
        for (global, &value) in store.arenas.globals.iter_mut().zip(&self.globals) {
            global.get_mut().set(value);
        }
        store.log_cursor = self.log_cursor;
        store.host_frames.clear();
        store.host_frames.extend_from_slice(&self.host_frames);
        store.set_frames(&self.frames, &self.stack);
        store.regs = self.regs;
        let instance = self.instance.map(|at| store.arenas.instances[at as usize].ptr());
        store.set_instance(instance.unwrap_or(std::ptr::null_mut()));
        store.set_counters(self.counters.0, self.counters.1);
        (store.meter.steps, store.meter.ticks) = (self.position.steps, self.position.ticks);
        store.meter.failed = self.failed;
    }

    /// The step at which the frame at a depth was entered, if there is one.
    pub(crate) fn entered(&self, depth: usize) -> Option<u64> {
        self.frames.get(depth).map(|frame| frame.entered as u64)
    }
}
