//! Checkpoints: stored moments, in a form every engine version agrees on.
//!
//! State is canonical: WebAssembly's own terms only, references as indices,
//! memory as content-addressed 4 KiB pages. All-zero pages are not listed, so
//! a large empty memory costs nothing, in the file or when it is read.
//!
//! ```text
//! memory   page 0   1   2   3   4  …  tail (< 4 KiB, other page sizes only)
//! listed        H0      H2  H3                                H = xxh3-128
//! ```
//!
//! In the file a checkpoint lists only the pages that differ from the
//! checkpoint before; every 64th lists all, so that at most 64 records must be
//! whole to use one. Each listed page says in which frame its bytes are.
//!
//! Always: `pages` are sorted by index and never name the zero page;
//! `state_hash` covers everything but step and tick numbers and `ip`.
//! Elsewhere: what happened since (`host_log`).

use crate::bytes;
use crate::event::{FuncId, Position};
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::fmt;
use xxhash_rust::xxh3;

/// Bytes of a page in a trace, whatever the memory's own page size.
pub const PAGE_SIZE: usize = 4096;

/// How long a chain of checkpoints listing differences may get.
pub(crate) const CHAIN: u32 = 64;

/// The xxh3-128 hash of a page, by which it is found.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PageHash(pub [u8; 16]);

impl PageHash {
    /// The hash of a page, `None` for the all-zero page, which is never stored.
    pub fn of(page: &[u8; PAGE_SIZE]) -> Option<PageHash> {
        let zero = page.iter().all(|&byte| byte == 0);
        (!zero).then(|| PageHash::of_any(page))
    }

    pub(crate) fn of_any(page: &[u8]) -> PageHash {
        PageHash(xxh3::xxh3_128(page).to_le_bytes())
    }
}

impl fmt::Debug for PageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A stored moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Which moment.
    pub position: Position,
    /// How many entries of the host log came before it.
    pub host_cursor: u64,
    /// The frames, outermost first.
    pub frames: Vec<FrameImage>,
    /// All globals of the run.
    pub globals: Vec<Value>,
    /// All tables of the run.
    pub tables: Vec<TableImage>,
    /// All memories of the run.
    pub memories: Vec<MemoryImage>,
    /// Segments that were dropped, in order.
    pub dropped: Vec<Dropped>,
    /// See [`Checkpoint::compute_hash`]; a writer fills it in.
    pub state_hash: u64,
}

/// A frame.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameImage {
    /// The instance.
    pub instance: u32,
    /// The function.
    pub func: FuncId,
    /// Offset, in the `.wasm` file, of the operator about to run; in a frame
    /// that waits for a callee: of the call.
    pub pc: u32,
    /// The same in the code of the engine that wrote the trace. Only a hint:
    /// another lowering has others.
    pub ip: u32,
    /// When its first op ran.
    pub entered: Position,
    /// Whether a host function or the embedder called it, not the frame before.
    pub from_host: bool,
    /// Parameters and locals.
    pub locals: Vec<Value>,
    /// The operand stack, bottom first.
    pub operands: Vec<Value>,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableImage {
    /// Its elements.
    pub elements: Vec<Value>,
}

/// A memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryImage {
    /// Its length in bytes.
    pub len: u64,
    /// Its pages that are not all zero, by page number, in order.
    pub pages: Vec<(u64, PageHash)>,
    /// What follows the last whole page.
    #[serde(with = "bytes")]
    pub tail: Vec<u8>,
}

/// A dropped segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Dropped {
    /// An element segment.
    Elem {
        /// The instance.
        instance: u32,
        /// The segment.
        index: u32,
    },
    /// A data segment.
    Data {
        /// The instance.
        instance: u32,
        /// The segment.
        index: u32,
    },
}

impl Checkpoint {
    /// The xxh3-64 hash of the state. It leaves out what differs between
    /// lowerings (steps, ticks, `ip`), so that runs can be compared across them.
    pub fn compute_hash(&self) -> u64 {
        let mut hasher = xxh3::Xxh3Default::new();
        let mut scratch = Vec::new();
        let mut feed = |hash: &mut dyn FnMut(&mut Vec<u8>)| {
            scratch.clear();
            hash(&mut scratch);
            hasher.update(&scratch);
        };
        feed(&mut |out| bytes::put_record(out, &(self.host_cursor, self.frames.len() as u64)));
        for frame in &self.frames {
            let place = (frame.instance, frame.func, frame.pc, frame.from_host);
            feed(&mut |out| bytes::put_record(out, &(place, &frame.locals, &frame.operands)));
        }
        feed(&mut |out| bytes::put_record(out, &self.globals));
        feed(&mut |out| bytes::put_record(out, &self.tables));
        feed(&mut |out| bytes::put_record(out, &self.memories));
        feed(&mut |out| bytes::put_record(out, &self.dropped));
        hasher.digest()
    }
}

/// A checkpoint as it stands in the file: `state` has empty page lists.
#[derive(Serialize, Deserialize)]
pub(crate) enum VersionedCheckpoint {
    V1(StoredCheckpoint),
}

#[derive(Serialize, Deserialize)]
pub(crate) struct StoredCheckpoint {
    /// Offset of the checkpoint this one differs from; `None`: it lists all.
    pub(crate) base: Option<u64>,
    /// Everything but the pages.
    pub(crate) state: Checkpoint,
    /// For each memory, the pages that changed.
    pub(crate) pages: Vec<Vec<StoredPage>>,
}

/// One listed page.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredPage {
    /// Pages between the one listed before and this one.
    pub(crate) skip: u64,
    /// Its hash; `None` if it is now all zero.
    pub(crate) page: Option<PageRef>,
}

/// Where a page's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PageRef {
    pub(crate) hash: PageHash,
    /// Offset of the pages frame.
    pub(crate) at: u64,
    /// Which page of that frame.
    pub(crate) slot: u32,
}

/// What `new` lists that `old` does not, or lists otherwise. Pages beyond
/// `new.len` need no mention: a reader drops them.
pub(crate) fn changed_pages(
    old: &[(u64, PageHash)],
    new: &[(u64, PageHash)],
    mut found: impl FnMut(u64, Option<PageHash>),
) {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        match (old.peek(), new.peek()) {
            (Some((o, _)), Some((n, hash))) if n < o => {
                found(*n, Some(*hash));
                new.next();
            }
            (Some((o, before)), Some((n, hash))) if n == o => {
                if before != hash {
                    found(*n, Some(*hash));
                }
                old.next();
                new.next();
            }
            (Some((o, _)), _) => {
                found(*o, None);
                old.next();
            }
            (None, Some((n, hash))) => {
                found(*n, Some(*hash));
                new.next();
            }
            (None, None) => return,
        }
    }
}

/// Applies listed pages to the list of the checkpoint before; `None` if the
/// list makes no sense. `seen` hears where each page is.
pub(crate) fn apply_pages(
    memory: &mut MemoryImage,
    old: &[(u64, PageHash)],
    listed: &[StoredPage],
    mut seen: impl FnMut(PageRef),
) -> Option<()> {
    let limit = memory.len / PAGE_SIZE as u64;
    let mut merged = Vec::with_capacity(old.len().max(listed.len()));
    let mut old = old.iter().copied().peekable();
    let mut next = 0u64;
    for entry in listed {
        let index = next.checked_add(entry.skip)?;
        next = index.checked_add(1)?;
        while let Some(before) = old.next_if(|(at, _)| *at < index) {
            merged.push(before);
        }
        old.next_if(|(at, _)| *at == index);
        if let Some(page) = entry.page {
            if index >= limit {
                return None;
            }
            seen(page);
            merged.push((index, page.hash));
        }
    }
    merged.extend(old);
    merged.retain(|(index, _)| *index < limit);
    memory.pages = merged;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: u8) -> PageHash {
        PageHash([n; 16])
    }

    #[test]
    fn what_changed_gives_back_what_is() {
        let old = [(0, hash(1)), (2, hash(2)), (5, hash(3)), (9, hash(9))];
        let new = [(0, hash(1)), (1, hash(7)), (2, hash(8)), (6, hash(4))];
        let mut listed = Vec::new();
        let mut next = 0;
        changed_pages(&old, &new, |index, hash| {
            let page = hash.map(|hash| PageRef { hash, at: 0, slot: 0 });
            listed.push(StoredPage { skip: index - next, page });
            next = index + 1;
        });
        assert_eq!(listed.len(), 5);
        let mut memory = MemoryImage { len: 8 * PAGE_SIZE as u64, ..MemoryImage::default() };
        apply_pages(&mut memory, &old, &listed, |_| ()).unwrap();
        assert_eq!(memory.pages, new);
    }

    #[test]
    fn the_hash_ignores_numbering_but_not_state() {
        let mut a = Checkpoint::default();
        a.frames.push(FrameImage { locals: vec![Value::i32(1)], ..FrameImage::default() });
        let mut b = a.clone();
        b.position = Position { step: 7, tick: 9 };
        b.frames[0].ip = 3;
        b.frames[0].entered.step = 6;
        assert_eq!(a.compute_hash(), b.compute_hash());
        b.frames[0].locals[0] = Value::i64(1);
        assert_ne!(a.compute_hash(), b.compute_hash());
    }
}
