//! Memories, as the embedder sees them.

use super::{Memory, OutOfBounds};
use crate::module::MemoryType;
use crate::store::entity::{Arenas, put};
use crate::store::memory::MemoryInst;
use crate::store::{AsStore, Machine, PrunedStore, Touched};

impl PrunedStore {
    #[track_caller]
    pub(crate) fn memory(&self, memory: Memory) -> &MemoryInst {
        self.arenas.memories[memory.index_in(self)].get()
    }

    #[track_caller]
    fn memory_mut(&mut self, memory: Memory) -> &mut MemoryInst {
        let index = memory.index_in(self);
        self.arenas.memories[index].get_mut()
    }

    /// Writes to a memory from outside.
    pub(crate) fn write_memory(
        &mut self,
        memory: Memory,
        addr: u64,
        bytes: &[u8],
    ) -> Result<(), OutOfBounds> {
        let inst = self.memory_mut(memory);
        let size = inst.len() as u64;
        let len = bytes.len() as u64;
        let range = inst.range(addr, len).ok_or(OutOfBounds { at: addr, len, size })?;
        self.note_touched(memory.index, &range);
        let inst = self.memory_mut(memory);
        inst.bytes_mut(&range)[range].copy_from_slice(bytes);
        self.outside();
        self.logged(|log| log.memory_write(memory.index, addr, bytes));
        Ok(())
    }

    pub(crate) fn add_memory(&mut self, memory: MemoryInst) -> u32 {
        let Arenas { memories, made, .. } = &mut self.arenas;
        put(memories, &mut made.memories, memory)
    }

    /// Remembers what a write from outside overwrites, if an observer wants to know.
    pub(crate) fn note_touched(&mut self, memory: u32, range: &std::ops::Range<usize>) {
        const KEPT: usize = 64;
        if self.touched.is_some() {
            let inst = self.arenas.memories[memory as usize].get();
            let old = inst.bytes()[range.start..range.end.min(range.start + KEPT)].to_vec();
            let touched = Touched { memory, addr: range.start as u64, len: range.len() as u64, old };
            self.touched.get_or_insert_default().push(touched);
        }
    }

    /// The embedder does something: the log hears where the run stands, unless that is
    /// known from the host call or the invocation around it.
    pub(crate) fn outside(&mut self) {
        if self.log.is_some() && self.depth() == 0 {
            let position = self.standing();
            self.logged(|log| log.at(position));
        }
    }
}

impl Memory {
    /// Makes a memory; `None` if it is larger than the store allows or can be had, or its pages
    /// are neither of one byte nor of 65 536.
    pub fn new(store: &mut impl AsStore, ty: MemoryType) -> Option<Memory> {
        let store = store.as_store_mut();
        let limits = store.engine.config().limits;
        if store.arenas.made.memories >= limits.memories || ![0, 16].contains(&ty.page_size_log2) {
            return None;
        }
        let inst = MemoryInst::new(ty, limits.memory_bytes)?;
        let index = store.add_memory(inst);
        store.outside();
        store.logged(|log| log.new_memory(index, &ty));
        Some(Memory::from_parts(store.id, index))
    }

    /// Its type, with the size it has now as minimum.
    pub fn ty(&self, store: &impl AsStore) -> MemoryType {
        store.as_store().memory(*self).current_type()
    }

    /// Its size in bytes.
    pub fn len(&self, store: &impl AsStore) -> u64 {
        store.as_store().memory(*self).len() as u64
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self, store: &impl AsStore) -> bool {
        self.len(store) == 0
    }

    /// Its size in pages.
    pub fn size(&self, store: &impl AsStore) -> u64 {
        store.as_store().memory(*self).pages()
    }

    /// Its bytes, to be read. Writing is [`Memory::write`], which a recording sees.
    pub fn data<'a>(&self, store: &'a impl AsStore) -> &'a [u8] {
        store.as_store().memory(*self).bytes()
    }

    /// Fills `buffer` with the bytes from `addr` on.
    ///
    /// # Errors
    /// If they do not lie within the memory.
    pub fn read(&self, store: &impl AsStore, addr: u64, buffer: &mut [u8]) -> Result<(), OutOfBounds> {
        let memory = store.as_store().memory(*self);
        let len = buffer.len() as u64;
        let range =
            memory.range(addr, len).ok_or(OutOfBounds { at: addr, len, size: memory.len() as u64 })?;
        buffer.copy_from_slice(&memory.bytes()[range]);
        Ok(())
    }

    /// Puts bytes at `addr`.
    ///
    /// # Errors
    /// If they do not lie within the memory.
    pub fn write(&self, store: &mut impl AsStore, addr: u64, bytes: &[u8]) -> Result<(), OutOfBounds> {
        store.as_store_mut().write_memory(*self, addr, bytes)
    }

    /// Grows it by `delta` pages; the old size in pages, or `None` if it may not grow.
    pub fn grow(&self, store: &mut impl AsStore, delta: u64) -> Option<u64> {
        let store = store.as_store_mut();
        let index = self.index_in(store);
        let old = store.arenas.memories[index].get_mut().grow(delta);
        let instance = store.instance;
        store.set_instance(instance);
        store.outside();
        store.logged(|log| log.memory_grow(self.index, delta, old));
        old
    }
}
