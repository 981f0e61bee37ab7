//! Operations on ranges of memories and tables (specification 4.4.6 and 4.4.7): bounds
//! are checked before anything is written. Written pages are marked if `marks` says so.

use super::{MemoryInst, PrunedStore, TableInst};
use crate::trap::TrapCode;
use std::ops::Range;
use std::sync::Arc;

type Done = Result<(), TrapCode>;

fn table_range(table: &TableInst, at: u64, len: u64) -> Result<Range<usize>, TrapCode> {
    slice_range(table.len(), at, len).ok_or(TrapCode::TableOutOfBounds)
}

fn slice_range(size: usize, at: u64, len: u64) -> Option<Range<usize>> {
    let end = at.checked_add(len)?;
    (end <= size as u64).then_some(at as usize..end as usize)
}

impl PrunedStore {
    fn memory_of(&mut self, index: u32) -> *mut MemoryInst {
        // SAFETY: the running instance lives; validation bounds the index.
        unsafe { (*self.instance).memory(index) }
    }

    fn table_of(&mut self, index: u32) -> *mut TableInst {
        // SAFETY: as for memories.
        unsafe { (*self.instance).table(index) }
    }

    pub(crate) fn memory_copy(
        &mut self,
        dst_memory: u32,
        src_memory: u32,
        dst: u64,
        src: u64,
        len: u64,
        marks: bool,
    ) -> Done {
        let (to, from) = (self.memory_of(dst_memory), self.memory_of(src_memory));
        // SAFETY: memories live as long as the store; the two may be one, so their bytes
        // are reached through raw pointers.
        unsafe {
            let target = (*to).range(dst, len).ok_or(TrapCode::MemoryOutOfBounds)?;
            let source = (*from).range(src, len).ok_or(TrapCode::MemoryOutOfBounds)?;
            if marks {
                (*to).mark(&target);
            }
            std::ptr::copy((*from).base().add(source.start), (*to).base().add(target.start), target.len());
        }
        Ok(())
    }

    pub(crate) fn memory_fill(&mut self, memory: u32, at: u64, value: u8, len: u64, marks: bool) -> Done {
        let memory = self.memory_of(memory);
        // SAFETY: memories live as long as the store.
        let memory = unsafe { &mut *memory };
        let range = memory.range(at, len).ok_or(TrapCode::MemoryOutOfBounds)?;
        memory.bytes_to_write(&range, marks)[range].fill(value);
        Ok(())
    }

    pub(crate) fn memory_init(
        &mut self,
        memory: u32,
        segment: u32,
        dst: u64,
        src: u64,
        len: u64,
        marks: bool,
    ) -> Done {
        // SAFETY: the running instance lives.
        let instance = unsafe { &*self.instance };
        let data = self.module_data(instance.module).clone();
        let bytes = if instance.dropped_data[segment as usize] {
            &[]
        } else {
            data.slice(&data.data[segment as usize].range)
        };
        let source = slice_range(bytes.len(), src, len).ok_or(TrapCode::MemoryOutOfBounds)?;
        let memory = self.memory_of(memory);
        // SAFETY: memories live as long as the store.
        let memory = unsafe { &mut *memory };
        let range = memory.range(dst, len).ok_or(TrapCode::MemoryOutOfBounds)?;
        memory.bytes_to_write(&range, marks)[range].copy_from_slice(&bytes[source]);
        Ok(())
    }

    pub(crate) fn data_drop(&mut self, segment: u32) -> Done {
        // SAFETY: the running instance lives.
        let instance = unsafe { &mut *self.instance };
        instance.dropped_data[segment as usize] = true;
        Ok(())
    }

    /// The element of a table, null if there is none: one register, so that a handler that
    /// asks for it ends in a jump.
    pub(crate) fn table_cell(&mut self, table: u32, index: u64) -> *mut u64 {
        let table = self.table_of(table);
        // SAFETY: tables live as long as the store.
        let elements = unsafe { &mut (*table).elements };
        let element = usize::try_from(index).ok().and_then(|index| elements.get_mut(index));
        element.map_or(std::ptr::null_mut(), std::ptr::from_mut)
    }

    pub(crate) fn table_fill(&mut self, table: u32, at: u64, value: u64, len: u64) -> Done {
        let table = self.table_of(table);
        // SAFETY: tables live as long as the store.
        let table = unsafe { &mut *table };
        let range = table_range(table, at, len)?;
        table.elements[range].fill(value);
        Ok(())
    }

    pub(crate) fn table_copy(
        &mut self,
        dst_table: u32,
        src_table: u32,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Done {
        let (to, from) = (self.table_of(dst_table), self.table_of(src_table));
        // SAFETY: tables live as long as the store; the two may be one, so only one
        // reference is made at a time.
        unsafe {
            let target = table_range(&*to, dst, len)?;
            let source = table_range(&*from, src, len)?;
            if to == from {
                (*to).elements.copy_within(source, target.start);
            } else {
                (&mut (*to).elements)[target].copy_from_slice(&(&(*from).elements)[source]);
            }
        }
        Ok(())
    }

    pub(crate) fn table_init(&mut self, table: u32, segment: u32, dst: u64, src: u64, len: u64) -> Done {
        let table = self.table_of(table);
        // SAFETY: the running instance and its tables live as long as the store.
        let (table, elements) = unsafe { (&mut *table, &(&(*self.instance).elements)[segment as usize]) };
        let source = slice_range(elements.len(), src, len).ok_or(TrapCode::TableOutOfBounds)?;
        let target = table_range(table, dst, len)?;
        table.elements[target].copy_from_slice(&elements[source]);
        Ok(())
    }

    pub(crate) fn elem_drop(&mut self, segment: u32) -> Done {
        // SAFETY: the running instance lives.
        let instance = unsafe { &mut *self.instance };
        instance.elements[segment as usize] = Arc::default();
        instance.dropped_elements[segment as usize] = true;
        Ok(())
    }
}
