//! What a store holds besides memories: functions, tables, globals, instances.
//!
//! Everything is pinned: made once, never moved, freed with the store. Handlers reach
//! it through raw pointers kept in instances and in the store's registers.

use super::host::HostFunc;
use super::memory::MemoryInst;
use crate::lower::exception::TryRegion;
use crate::module::{FuncType, GlobalType, ModuleData, TableType};
use std::ptr::NonNull;
use std::sync::Arc;

/// A value that never moves, owned but reached through raw pointers.
pub(crate) struct Pinned<T: ?Sized> {
    at: NonNull<T>,
}

impl<T> Pinned<T> {
    pub(crate) fn new(value: T) -> Pinned<T> {
        Pinned::from(Box::new(value))
    }
}

impl<T: ?Sized> From<Box<T>> for Pinned<T> {
    fn from(value: Box<T>) -> Pinned<T> {
        Pinned { at: NonNull::from(Box::leak(value)) }
    }
}

impl<T: ?Sized> Pinned<T> {
    pub(crate) fn ptr(&self) -> *mut T {
        self.at.as_ptr()
    }

    pub(crate) fn get(&self) -> &T {
        // SAFETY: owned, and whoever holds the store mutably holds this mutably.
        unsafe { self.at.as_ref() }
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        // SAFETY: as for `get`.
        unsafe { self.at.as_mut() }
    }
}

impl<T: ?Sized> Drop for Pinned<T> {
    fn drop(&mut self) {
        // SAFETY: made by `Box::leak`, freed once.
        drop(unsafe { Box::from_raw(self.at.as_ptr()) });
    }
}

/// A module in a store: its functions' code, lowered at their first call.
pub(crate) struct StoreModule {
    pub(crate) data: Arc<ModuleData>,
    /// One for each function with a body, in order.
    pub(crate) entries: Pinned<[FuncEntry]>,
    /// The engine's number of each type.
    pub(crate) type_ids: Box<[u32]>,
}

impl StoreModule {
    /// The entry of a function that is not imported.
    pub(crate) fn entry(&self, func: u32) -> *const FuncEntry {
        let index = (func - self.data.imported.funcs) as usize;
        assert!(index < self.entries.ptr().len(), "the module has so many functions");
        // Not through a reference to all entries: lowering changes one while others are read.
        self.entries.ptr().cast::<FuncEntry>().wrapping_add(index)
    }

    /// The entries of all functions that are not imported.
    pub(crate) fn all_entries(&self) -> impl ExactSizeIterator<Item = *const FuncEntry> {
        let first = self.entries.ptr().cast::<FuncEntry>();
        (0..self.entries.ptr().len()).map(move |index| first.wrapping_add(index).cast_const())
    }
}

/// A function of a module: where its code is, and what a call needs to know.
pub(crate) struct FuncEntry {
    /// The first op; null until the function is lowered.
    pub(crate) code: *const u32,
    /// Bytes of a frame.
    pub(crate) frame_bytes: usize,
    /// The first slot that starts as zero, and how many do.
    pub(crate) zero_from: u32,
    pub(crate) zero_count: u32,
    /// Its index in its module.
    pub(crate) func: u32,
    /// The number of its module in the store.
    pub(crate) module: u32,
    /// The op words `code` points to.
    pub(crate) words: Box<[u32]>,
    /// The ticks each op retires, in order.
    pub(crate) weights: Box<[u8]>,
    /// How much of each weight comes after what can fail in the op.
    pub(crate) trailing: Box<[u8]>,
    /// Where exceptions may be caught, innermost first.
    pub(crate) regions: Box<[TryRegion]>,
}

impl FuncEntry {
    /// The number of its module in the store, and its index in that module.
    pub(crate) fn id(&self) -> (u32, u32) {
        (self.module, self.func)
    }

    pub(crate) fn new(module: u32, func: u32) -> FuncEntry {
        FuncEntry {
            code: std::ptr::null(),
            frame_bytes: 0,
            zero_from: 0,
            zero_count: 0,
            func,
            module,
            words: Box::default(),
            weights: Box::default(),
            trailing: Box::default(),
            regions: Box::default(),
        }
    }
}

/// A function of the store: a module's in an instance, or the host's.
#[derive(Clone, Copy)]
pub(crate) struct FuncInst {
    /// The engine's number of its type.
    pub(crate) type_id: u32,
    /// For a host function: which one.
    pub(crate) host: u32,
    /// Null for a host function.
    pub(crate) entry: *const FuncEntry,
    /// Null for a host function.
    pub(crate) instance: *mut InstanceInst,
}

/// A table.
pub(crate) struct TableInst {
    pub(crate) ty: TableType,
    pub(crate) elements: Vec<u64>,
    /// Elements it may grow to.
    pub(crate) limit: u64,
}

impl TableInst {
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.elements.len()
    }

    #[inline(always)]
    pub(crate) fn cell(&self, index: usize) -> *const u64 {
        self.elements.as_ptr().wrapping_add(index)
    }

    /// The type it has now, for a module that imports it.
    pub(crate) fn current_type(&self) -> TableType {
        TableType { minimum: self.len() as u64, ..self.ty }
    }

    /// Grows by `delta` elements; the old size, or `None` if it may not.
    pub(crate) fn grow(&mut self, delta: u64, value: u64) -> Option<u64> {
        let old = self.len() as u64;
        let new = old.checked_add(delta)?;
        if new > self.limit {
            return None;
        }
        self.elements.try_reserve_exact(delta as usize).ok()?;
        self.elements.resize(new as usize, value);
        Some(old)
    }
}

/// A global.
pub(crate) struct GlobalInst {
    /// The value, or the low half of a vector.
    pub(crate) bits: u64,
    /// The high half of a vector.
    pub(crate) high: u64,
    pub(crate) ty: GlobalType,
}

impl GlobalInst {
    pub(crate) fn value(&self) -> u128 {
        self.bits as u128 | (self.high as u128) << 64
    }

    pub(crate) fn set(&mut self, value: u128) {
        self.bits = value as u64;
        self.high = (value >> 64) as u64;
    }
}

/// An exception tag: exceptions are caught by the tag they were thrown with.
#[derive(Clone)]
pub(crate) struct TagInst {
    /// Its parameters are the exception's fields; defined types have the engine's numbers.
    pub(crate) ty: FuncType,
    /// The engine's number of that type.
    pub(crate) type_id: u32,
}

/// An exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExnInst {
    /// The number of its tag in the store.
    pub(crate) tag: u32,
    /// Its fields, as slots.
    pub(crate) fields: Box<[u64]>,
}

/// An instance: a module's index spaces, resolved.
pub(crate) struct InstanceInst {
    pub(crate) mem0: *mut MemoryInst,
    pub(crate) globals: Box<[*mut GlobalInst]>,
    pub(crate) tables: Box<[*mut TableInst]>,
    pub(crate) memories: Box<[*mut MemoryInst]>,
    /// Index in the store of each function.
    pub(crate) funcs: Box<[u32]>,
    pub(crate) type_ids: *const u32,
    /// Indices in the store, in the order of the module's index spaces.
    pub(crate) global_ids: Box<[u32]>,
    pub(crate) table_ids: Box<[u32]>,
    pub(crate) memory_ids: Box<[u32]>,
    pub(crate) tag_ids: Box<[u32]>,
    /// The number of its module in the store.
    pub(crate) module: u32,
    /// Its own number in the store.
    pub(crate) index: u32,
    pub(crate) dropped_data: Vec<bool>,
    /// Passive element segments, evaluated; empty once dropped.
    pub(crate) elements: Vec<Arc<[u64]>>,
    pub(crate) dropped_elements: Vec<bool>,
}

impl InstanceInst {
    /// # Safety
    /// The index was validated against the module.
    #[inline(always)]
    pub(crate) unsafe fn global(&self, index: u32) -> *mut GlobalInst {
        // SAFETY: by the caller.
        unsafe { *self.globals.get_unchecked(index as usize) }
    }

    /// # Safety
    /// The index was validated against the module.
    #[inline(always)]
    pub(crate) unsafe fn table(&self, index: u32) -> *mut TableInst {
        // SAFETY: by the caller.
        unsafe { *self.tables.get_unchecked(index as usize) }
    }

    /// # Safety
    /// The index was validated against the module.
    #[inline(always)]
    pub(crate) unsafe fn memory(&self, index: u32) -> *mut MemoryInst {
        // SAFETY: by the caller.
        unsafe { *self.memories.get_unchecked(index as usize) }
    }

    /// The index in the store of a function.
    ///
    /// # Safety
    /// The index was validated against the module.
    #[inline(always)]
    pub(crate) unsafe fn func(&self, index: u32) -> u32 {
        // SAFETY: by the caller.
        unsafe { *self.funcs.get_unchecked(index as usize) }
    }

    /// The engine's number of a type of the module.
    ///
    /// # Safety
    /// The index was validated against the module.
    #[inline(always)]
    pub(crate) unsafe fn type_id(&self, index: u32) -> u32 {
        // SAFETY: by the caller; the module's numbers live as long as the store.
        unsafe { *self.type_ids.add(index as usize) }
    }
}

/// The store's arenas: everything by its number, in order of creation.
///
/// A replay that goes back to before something was made makes it again, in the same
/// place: `made` says how many of each there are now, the rest waits to be reused.
#[derive(Default)]
pub(crate) struct Arenas {
    pub(crate) tables: Vec<Pinned<TableInst>>,
    pub(crate) memories: Vec<Pinned<MemoryInst>>,
    pub(crate) globals: Vec<Pinned<GlobalInst>>,
    pub(crate) instances: Vec<Pinned<InstanceInst>>,
    pub(crate) modules: Vec<Pinned<StoreModule>>,
    pub(crate) hosts: Vec<Arc<HostFunc>>,
    pub(crate) tags: Vec<TagInst>,
    /// Exceptions that a reference was made to.
    pub(crate) exceptions: Vec<ExnInst>,
    pub(crate) made: Made,
}

/// How many of each there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) funcs: u32,
    pub(crate) tables: u32,
    pub(crate) memories: u32,
    pub(crate) globals: u32,
    pub(crate) instances: u32,
    pub(crate) hosts: u32,
    pub(crate) tags: u32,
    pub(crate) exceptions: u32,
}

/// Puts a value where number `made` belongs, and gives that number.
pub(crate) fn put<T>(arena: &mut Vec<Pinned<T>>, made: &mut u32, value: T) -> u32 {
    match arena.get_mut(*made as usize) {
        Some(place) => *place.get_mut() = value,
        None => arena.push(Pinned::new(value)),
    }
    *made += 1;
    *made - 1
}
