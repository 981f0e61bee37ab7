//! Tables, as the embedder sees them.

use super::{OutOfBounds, Table};
use crate::Val;
use crate::module::{RefType, TableType, ValType};
use crate::store::entity::{Arenas, TableInst, put};
use crate::store::{AsStore, Machine, PrunedStore};

/// Why elements of a table cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// There are not so many.
    #[error(transparent)]
    OutOfBounds(#[from] OutOfBounds),
    /// A value is not of the table's type.
    #[error("the value is not of the table's type, {0}")]
    WrongType(RefType),
}

impl Table {
    /// Makes a table filled with `init`; `None` if the store does not allow its size, or
    /// the value is not of its type.
    pub fn new(store: &mut impl AsStore, ty: TableType, init: Val) -> Option<Table> {
        let store = store.as_store_mut();
        let full = store.arenas.made.tables >= store.engine.config().limits.tables;
        if full || !store.fits(&init, ValType::Ref(ty.element)) {
            return None;
        }
        let bits = init.to_bits() as u64;
        let index = store.add_table(ty, bits)?;
        store.outside();
        store.logged(|log| log.new_table(index, &ty, bits));
        Some(Table::from_parts(store.id, index))
    }

    /// Its type, with the size it has now as minimum.
    pub fn ty(&self, store: &impl AsStore) -> TableType {
        let store = store.as_store();
        store.arenas.tables[self.index_in(store)].get().current_type()
    }

    /// How many elements it has.
    pub fn size(&self, store: &impl AsStore) -> u64 {
        let store = store.as_store();
        store.arenas.tables[self.index_in(store)].get().len() as u64
    }

    /// An element; `None` if there are not so many.
    pub fn get(&self, store: &impl AsStore, index: u64) -> Option<Val> {
        let store = store.as_store();
        let table = store.arenas.tables[self.index_in(store)].get();
        let bits = *table.elements.get(usize::try_from(index).ok()?)?;
        Some(Val::from_bits(ValType::Ref(table.ty.element), bits as u128, store.id))
    }

    /// Sets an element.
    ///
    /// # Errors
    /// If there are not so many, or the value is not of the table's type.
    pub fn set(&self, store: &mut impl AsStore, index: u64, value: Val) -> Result<(), TableError> {
        let store = store.as_store_mut();
        let at = self.index_in(store);
        let element = store.arenas.tables[at].get().ty.element;
        let ty = ValType::Ref(element);
        if !store.fits(&value, ty) {
            return Err(TableError::WrongType(element));
        }
        let table = store.arenas.tables[at].get_mut();
        let size = table.len() as u64;
        let bits = value.to_bits() as u64;
        match usize::try_from(index).ok().and_then(|index| table.elements.get_mut(index)) {
            Some(element) => *element = bits,
            None => return Err(OutOfBounds { at: index, len: 1, size }.into()),
        }
        store.outside();
        store.logged(|log| log.table_set(self.index, index, ty, bits));
        Ok(())
    }

    /// Grows it by `delta` elements `init`; the old size, or `None` if it may not grow.
    pub fn grow(&self, store: &mut impl AsStore, delta: u64, init: Val) -> Option<u64> {
        let store = store.as_store_mut();
        let at = self.index_in(store);
        let ty = ValType::Ref(store.arenas.tables[at].get().ty.element);
        let fits = store.fits(&init, ty);
        let table = store.arenas.tables[at].get_mut();
        let bits = init.to_bits() as u64;
        let old = if fits { table.grow(delta, bits) } else { None };
        store.outside();
        store.logged(|log| log.table_grow(self.index, delta, ty, bits, old));
        old
    }
    /// Sets the `len` elements from `index` on.
    ///
    /// # Errors
    /// As [`Table::set`]; nothing is set then.
    pub fn fill(&self, store: &mut impl AsStore, index: u64, value: Val, len: u64) -> Result<(), TableError> {
        let size = self.size(store);
        if index.checked_add(len).is_none_or(|end| end > size) {
            return Err(OutOfBounds { at: index, len, size }.into());
        }
        (index..index + len).try_for_each(|at| self.set(store, at, value))
    }

    /// Copies `len` elements from `from` on to `at` on of this table, which may be the same.
    ///
    /// # Errors
    /// If either range does not lie within its table, or an element is not of this table's type;
    /// nothing is copied then.
    pub fn copy_from(
        &self,
        store: &mut impl AsStore,
        at: u64,
        source: Table,
        from: u64,
        len: u64,
    ) -> Result<(), TableError> {
        for (table, at) in [(source, from), (*self, at)] {
            let size = table.size(store);
            if at.checked_add(len).is_none_or(|end| end > size) {
                return Err(OutOfBounds { at, len, size }.into());
            }
        }
        let elements: Vec<Val> = (from..from + len).filter_map(|at| source.get(store, at)).collect();
        let element = self.ty(store).element;
        if !elements.iter().all(|value| store.as_store().fits(value, ValType::Ref(element))) {
            return Err(TableError::WrongType(element));
        }
        (at..).zip(elements).try_for_each(|(at, value)| self.set(store, at, value))
    }
}

impl PrunedStore {
    pub(crate) fn add_table(&mut self, ty: TableType, init: u64) -> Option<u32> {
        let allowed = self.engine.config().limits.table_elements;
        let limit = allowed.min(ty.maximum.unwrap_or(u64::MAX)).min(u32::MAX as u64);
        if ty.minimum > allowed {
            return None;
        }
        let elements = vec![init; usize::try_from(ty.minimum).ok()?];
        let Arenas { tables, made, .. } = &mut self.arenas;
        Some(put(tables, &mut made.tables, TableInst { ty, elements, limit }))
    }
}
