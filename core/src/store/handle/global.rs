//! Globals and exception tags, as the embedder sees them.

use super::{Global, Tag};
use crate::Val;
use crate::module::{FuncType, GlobalType};
use crate::store::entity::{Arenas, GlobalInst, TagInst, put};
use crate::store::{AsStore, Machine, PrunedStore};

impl Global {
    /// Makes a global; `None` if the value is not of its type.
    pub fn new(store: &mut impl AsStore, ty: GlobalType, value: Val) -> Option<Global> {
        let store = store.as_store_mut();
        if !store.fits(&value, ty.content) {
            return None;
        }
        let index = store.add_global(ty, value.to_bits());
        store.outside();
        store.logged(|log| log.new_global(index, &ty, value.to_bits()));
        Some(Global::from_parts(store.id, index))
    }

    /// Its type.
    pub fn ty(&self, store: &impl AsStore) -> GlobalType {
        let store = store.as_store();
        store.arenas.globals[self.index_in(store)].get().ty
    }

    /// Its value.
    pub fn get(&self, store: &impl AsStore) -> Val {
        let store = store.as_store();
        let global = store.arenas.globals[self.index_in(store)].get();
        Val::from_bits(global.ty.content, global.value(), store.id)
    }

    /// Sets it; false, and nothing happens, if it cannot be set or the value is not of
    /// its type.
    pub fn set(&self, store: &mut impl AsStore, value: Val) -> bool {
        let store = store.as_store_mut();
        let at = self.index_in(store);
        let ty = store.arenas.globals[at].get().ty;
        if !ty.mutable || !store.fits(&value, ty.content) {
            return false;
        }
        store.arenas.globals[at].get_mut().set(value.to_bits());
        store.outside();
        store.logged(|log| log.global_set(self.index, ty.content, value.to_bits()));
        true
    }
}

impl PrunedStore {
    pub(crate) fn add_global(&mut self, ty: GlobalType, value: u128) -> u32 {
        let mut global = GlobalInst { bits: 0, high: 0, ty };
        global.set(value);
        let Arenas { globals, made, .. } = &mut self.arenas;
        put(globals, &mut made.globals, global)
    }

    pub(crate) fn add_tag(&mut self, tag: TagInst) -> u32 {
        let at = self.arenas.made.tags;
        match self.arenas.tags.get_mut(at as usize) {
            Some(place) => *place = tag,
            None => self.arenas.tags.push(tag),
        }
        self.arenas.made.tags += 1;
        at
    }
}

impl Tag {
    /// Makes a tag whose exceptions have the parameters of `ty` as fields.
    pub fn new(store: &mut impl AsStore, ty: FuncType) -> Tag {
        let store = store.as_store_mut();
        let type_id = store.engine.intern(&ty);
        let index = store.add_tag(TagInst { ty: ty.clone(), type_id });
        store.outside();
        store.logged(|log| log.new_tag(index, &ty));
        Tag::from_parts(store.id, index)
    }

    /// Its type: the parameters are the exception's fields.
    pub fn ty(&self, store: &impl AsStore) -> FuncType {
        let store = store.as_store();
        store.arenas.tags[self.index_in(store)].ty.clone()
    }
}
