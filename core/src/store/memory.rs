//! Linear memory: bytes that can grow, with a map of the pages written.
//!
//! The dirty map has one byte for each 4 KiB page and one more, so that a store
//! which ends at the last byte may mark "the page behind" unconditionally. Counted
//! runs set it; a recorder reads and clears it.

use crate::module::MemoryType;
use std::alloc::{Layout, alloc_zeroed, dealloc, realloc};
use std::ops::Range;

/// Log2 of the size of a page in the dirty map: 4 KiB.
pub(crate) const PAGE_BITS: u32 = 12;

/// A memory.
pub(crate) struct MemoryInst {
    base: *mut u8,
    len: usize,
    ty: MemoryType,
    /// Bytes it may grow to.
    limit: u64,
    dirty: Vec<u8>,
}

/// What memory is aligned to: as much as the allocator gives anyway, which then hands out
/// pages that are zero without touching them.
const ALIGN: usize = 16;

/// Growth by at least this many bytes takes zeroed pages rather than writing zeros.
const MUCH: usize = 1 << 20;

impl MemoryInst {
    /// A zeroed memory of the minimum size of `ty` that may grow to `limit` bytes, or
    /// `None` if it is larger than that or than its address space, or cannot be had.
    pub(crate) fn new(ty: MemoryType, limit: u64) -> Option<MemoryInst> {
        let declared = ty.maximum.map_or(u64::MAX, |pages| pages.saturating_mul(ty.page_size()));
        let address_space = if ty.memory64 { u64::MAX } else { 1 << 32 };
        let limit = limit.min(declared).min(address_space).min(isize::MAX as u64 - ALIGN as u64);
        let bytes = ty.minimum.checked_mul(ty.page_size()).filter(|&bytes| bytes <= limit)?;
        let mut memory = MemoryInst { base: ALIGN as *mut u8, len: 0, ty, limit, dirty: vec![0; 2] };
        memory.resize(usize::try_from(bytes).ok()?)?;
        Some(memory)
    }

    fn layout(len: usize) -> Option<Layout> {
        Layout::from_size_align(len, ALIGN).ok()
    }

    fn resize(&mut self, len: usize) -> Option<()> {
        if len == self.len {
            return Some(());
        }
        let layout = Self::layout(len)?;
        let more = len.saturating_sub(self.len);
        // SAFETY: sizes are not zero where an allocator is asked; the old block was
        // allocated with the layout of the old length; the new part is zeroed.
        unsafe {
            let base = if self.len == 0 {
                alloc_zeroed(layout)
            } else if more >= MUCH && more >= self.len {
                let base = alloc_zeroed(layout);
                if !base.is_null() {
                    std::ptr::copy_nonoverlapping(self.base, base, self.len);
                    dealloc(self.base, Self::layout(self.len)?);
                }
                base
            } else {
                let base = realloc(self.base, Self::layout(self.len)?, len);
                if !base.is_null() {
                    base.add(self.len).write_bytes(0, more);
                }
                base
            };
            if base.is_null() {
                return None;
            }
            self.base = base;
        }
        self.len = len;
        self.dirty.resize((len >> PAGE_BITS) + 2, 0);
        Some(())
    }

    /// Grows by `delta` pages; the old size in pages, or `None` if it may not.
    pub(crate) fn grow(&mut self, delta: u64) -> Option<u64> {
        let old = self.pages();
        let bytes = old.checked_add(delta)?.checked_mul(self.ty.page_size())?;
        if bytes > self.limit {
            return None;
        }
        self.resize(usize::try_from(bytes).ok()?)?;
        Some(old)
    }

    /// The type it has now, for a module that imports it.
    pub(crate) fn current_type(&self) -> MemoryType {
        MemoryType { minimum: self.pages(), ..self.ty }
    }

    pub(crate) fn pages(&self) -> u64 {
        self.len as u64 >> self.ty.page_size_log2
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn base(&self) -> *mut u8 {
        self.base
    }

    pub(crate) fn dirty_map(&mut self) -> *mut u8 {
        self.dirty.as_mut_ptr()
    }

    /// The range `at..at + len`, if it lies inside.
    pub(crate) fn range(&self, at: u64, len: u64) -> Option<Range<usize>> {
        let end = at.checked_add(len)?;
        (end <= self.len as u64).then_some(at as usize..end as usize)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: `base` holds `len` initialised bytes; for 0 it is aligned and not null.
        unsafe { std::slice::from_raw_parts(self.base, self.len) }
    }

    /// All bytes, for writing to `range` of them, which is marked dirty.
    pub(crate) fn bytes_mut(&mut self, range: &Range<usize>) -> &mut [u8] {
        self.bytes_to_write(range, true)
    }

    /// The same; `range` is marked dirty only if that is asked for: who runs uncounted does not ask.
    pub(crate) fn bytes_to_write(&mut self, range: &Range<usize>, marks: bool) -> &mut [u8] {
        if marks {
            self.mark(range);
        }
        // SAFETY: as for `bytes`; `self` is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.base, self.len) }
    }

    /// Marks the pages of `range` as written.
    pub(crate) fn mark(&mut self, range: &Range<usize>) {
        if !range.is_empty() {
            self.dirty[range.start >> PAGE_BITS..=(range.end - 1) >> PAGE_BITS].fill(1);
        }
    }

    /// Marks every page as written.
    pub(crate) fn mark_all(&mut self) {
        self.dirty.fill(1);
    }

    /// Whether a page with some of these bytes is marked as written.
    pub(crate) fn is_dirty(&self, bytes: &Range<u64>) -> bool {
        let pages = self.dirty.len() as u64;
        let first = (bytes.start >> PAGE_BITS).min(pages) as usize;
        let last = (bytes.end.div_ceil(1 << PAGE_BITS)).min(pages) as usize;
        self.dirty[first..last.max(first)].iter().any(|&dirty| dirty != 0)
    }

    /// Gives the numbers of the pages written since the last call.
    pub(crate) fn take_dirty(&mut self, mut page: impl FnMut(&MemoryInst, usize)) {
        let pages = self.len.div_ceil(1 << PAGE_BITS);
        let mut map = std::mem::take(&mut self.dirty);
        for (number, dirty) in map.iter_mut().enumerate().take(pages) {
            if std::mem::take(dirty) != 0 {
                page(self, number);
            }
        }
        self.dirty = map;
    }

    /// Makes it `bytes` long, whatever its limit: for a restored moment. The contents
    /// of what is kept stay.
    pub(crate) fn set_len(&mut self, len: usize) {
        if len == 0 || len < self.len {
            let mut smaller = MemoryInst {
                base: ALIGN as *mut u8,
                len: 0,
                ty: self.ty,
                limit: self.limit,
                dirty: vec![0; 2],
            };
            smaller.resize(len).expect("a moment's memory fits as it did before");
            smaller.bytes_mut(&(0..len)).copy_from_slice(&self.bytes()[..len]);
            *self = smaller;
        } else {
            self.resize(len).expect("a moment's memory fits as it did before");
        }
    }
}

impl Drop for MemoryInst {
    fn drop(&mut self) {
        if self.len > 0 {
            let layout = Self::layout(self.len).expect("it was allocated with this layout");
            // SAFETY: allocated with this layout, and not used any more.
            unsafe { dealloc(self.base, layout) };
        }
    }
}
