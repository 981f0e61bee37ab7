//! The embedder's handles: a store's number and an index in it.
//!
//! A handle is plain data and stays good as long as its store. Using it with another
//! store is a bug of the embedder and panics.

use super::entity::{Arenas, GlobalInst, TableInst, TagInst, put};
use super::host::{Caller, HostError, IntoHostFunc, WasmResults};
use super::memory::MemoryInst;
use super::typed::{TypedFunc, TypedFuncError, WasmParams};
use super::{AsStore, PrunedStore, Store, Touched};
use crate::Val;
use crate::exec::stop::CallError;
use crate::module::{ExternKind, FuncType, GlobalType, MemoryType, TableType};

macro_rules! handle {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name {
            store: u64,
            index: u32,
        }

        impl $name {
            pub(crate) fn from_parts(store: u64, index: u32) -> $name {
                $name { store, index }
            }

            /// Whether it is a handle of the store with this number.
            #[allow(dead_code, reason = "not asked of every sort")]
            pub(crate) fn belongs_to(&self, store: u64) -> bool {
                self.store == store
            }

            /// Its number in its store, in order of creation.
            pub fn index(&self) -> u32 {
                self.index
            }

            /// The index, after checking that the handle belongs to this store.
            #[track_caller]
            pub(crate) fn index_in(&self, store: &PrunedStore) -> usize {
                assert_eq!(self.store, store.id, "the handle belongs to another store");
                self.index as usize
            }
        }
    };
}

handle! {
    /// A function: a module's in an instance, or the host's.
    Func
}
handle! {
    /// A linear memory.
    Memory
}
handle! {
    /// A table of references.
    Table
}
handle! {
    /// A global variable.
    Global
}
handle! {
    /// An instance of a module.
    Instance
}

handle! {
    /// An exception tag.
    Tag
}

/// Something that can be imported and exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Extern {
    /// A function.
    Func(Func),
    /// A memory.
    Memory(Memory),
    /// A table.
    Table(Table),
    /// A global.
    Global(Global),
    /// An exception tag.
    Tag(Tag),
}

macro_rules! into_extern {
    ($($name:ident $into:ident;)*) => {$(
        impl From<$name> for Extern {
            fn from(value: $name) -> Extern {
                Extern::$name(value)
            }
        }

        impl Extern {
            /// The value if it is of this sort.
            pub fn $into(self) -> Option<$name> {
                match self {
                    Extern::$name(value) => Some(value),
                    _ => None,
                }
            }
        }
    )*};
}
into_extern! {
    Func into_func;
    Memory into_memory;
    Table into_table;
    Global into_global;
    Tag into_tag;
}

impl Extern {
    /// Which sort it is.
    pub fn kind(&self) -> ExternKind {
        match self {
            Extern::Func(_) => ExternKind::Func,
            Extern::Memory(_) => ExternKind::Memory,
            Extern::Table(_) => ExternKind::Table,
            Extern::Global(_) => ExternKind::Global,
            Extern::Tag(_) => ExternKind::Tag,
        }
    }
}

/// An access outside of a memory or table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{len} bytes or elements at {at} do not lie within the {size} there are")]
pub struct OutOfBounds {
    /// The first byte or element.
    pub at: u64,
    /// How many.
    pub len: u64,
    /// How many there are.
    pub size: u64,
}

impl Func {
    /// Makes a host function from a closure over plain Rust types.
    pub fn wrap<T: Send + 'static, P, R>(store: &mut Store<T>, func: impl IntoHostFunc<T, P, R>) -> Func {
        let (ty, call) = func.into_host_func();
        store.pruned_mut().add_host_func("", "", ty, call)
    }

    /// Its type.
    pub fn ty(&self, store: &impl AsStore) -> FuncType {
        let store = store.as_store();
        store.func_type(self.index_in(store) as u32)
    }

    /// The function for calls with plain Rust types.
    ///
    /// # Errors
    /// If it is of another type.
    pub fn typed<P: WasmParams, R: WasmResults>(
        &self,
        store: &impl AsStore,
    ) -> Result<TypedFunc<P, R>, TypedFuncError> {
        TypedFunc::new(*self, &self.ty(store))
    }

    /// Makes a host function of a type known only at run time.
    pub fn new<T: Send + 'static>(
        store: &mut Store<T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), HostError> + Send + Sync + 'static,
    ) -> Func {
        let call = super::host::dynamic(&ty, func);
        store.pruned_mut().add_host_func("", "", ty, call)
    }

    /// Calls it. `results` must have as many elements as the function has results.
    ///
    /// # Errors
    /// If the arguments do not fit the type, or the run does not end: see [`CallError`].
    pub fn call(&self, store: &mut impl AsStore, args: &[Val], results: &mut [Val]) -> Result<(), CallError> {
        let ty = self.ty(store);
        if results.len() != ty.results().len() {
            return Err(CallError::Arguments(format!(
                "the function returns {} values, there is room for {}",
                ty.results().len(),
                results.len()
            )));
        }
        for (slot, value) in results.iter_mut().zip(self.call_values(store, args)?) {
            *slot = value;
        }
        Ok(())
    }

    /// Calls it and gives its results.
    ///
    /// # Errors
    /// As [`Func::call`].
    pub fn call_values(&self, store: &mut impl AsStore, args: &[Val]) -> Result<Vec<Val>, CallError> {
        let store = store.as_store_mut();
        let func = self.index_in(store) as u32;
        let ty = store.func_type(func);
        if args.len() != ty.params().len() {
            return Err(CallError::Arguments(format!(
                "the function takes {} values, {} were given",
                ty.params().len(),
                args.len()
            )));
        }
        let mut typed = Vec::with_capacity(args.len());
        for (at, (arg, &param)) in args.iter().zip(ty.params()).enumerate() {
            if !store.fits(arg, param) {
                return Err(CallError::Arguments(format!(
                    "argument {at} is {:?}, the function takes {param}",
                    arg.ty()
                )));
            }
            typed.push((param, arg.to_bits()));
        }
        let id = store.id;
        let results = store.invoke(func, &typed)?;
        Ok(results.into_iter().map(|(ty, bits)| Val::from_bits(ty, bits, id)).collect())
    }
}

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
    /// Makes a memory; `None` if it is larger than the store allows or can be had.
    pub fn new(store: &mut impl AsStore, ty: MemoryType) -> Option<Memory> {
        let store = store.as_store_mut();
        let limits = store.engine.config().limits;
        if store.arenas.made.memories >= limits.memories {
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

impl Table {
    /// Makes a table filled with `init`; `None` if the store does not allow its size, or
    /// the value is not of its type.
    pub fn new(store: &mut impl AsStore, ty: TableType, init: Val) -> Option<Table> {
        let store = store.as_store_mut();
        let full = store.arenas.made.tables >= store.engine.config().limits.tables;
        if full || !store.fits(&init, crate::module::ValType::Ref(ty.element)) {
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
        Some(Val::from_bits(crate::module::ValType::Ref(table.ty.element), bits as u128, store.id))
    }

    /// Sets an element.
    ///
    /// # Errors
    /// If there are not so many, or the value is not of the table's type.
    pub fn set(&self, store: &mut impl AsStore, index: u64, value: Val) -> Result<(), OutOfBounds> {
        let store = store.as_store_mut();
        let at = self.index_in(store);
        let ty = crate::module::ValType::Ref(store.arenas.tables[at].get().ty.element);
        let fits = store.fits(&value, ty);
        let table = store.arenas.tables[at].get_mut();
        let size = table.len() as u64;
        let bits = value.to_bits() as u64;
        let element = usize::try_from(index).ok().and_then(|index| table.elements.get_mut(index));
        match element {
            Some(element) if fits => *element = bits,
            _ => return Err(OutOfBounds { at: index, len: 1, size }),
        }
        store.outside();
        store.logged(|log| log.table_set(self.index, index, ty, bits));
        Ok(())
    }

    /// Grows it by `delta` elements `init`; the old size, or `None` if it may not grow.
    pub fn grow(&self, store: &mut impl AsStore, delta: u64, init: Val) -> Option<u64> {
        let store = store.as_store_mut();
        let at = self.index_in(store);
        let ty = crate::module::ValType::Ref(store.arenas.tables[at].get().ty.element);
        let fits = store.fits(&init, ty);
        let table = store.arenas.tables[at].get_mut();
        let bits = init.to_bits() as u64;
        let old = if fits { table.grow(delta, bits) } else { None };
        store.outside();
        store.logged(|log| log.table_grow(self.index, delta, ty, bits, old));
        old
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

    pub(crate) fn add_memory(&mut self, memory: MemoryInst) -> u32 {
        let Arenas { memories, made, .. } = &mut self.arenas;
        put(memories, &mut made.memories, memory)
    }

    pub(crate) fn add_global(&mut self, ty: GlobalType, value: u128) -> u32 {
        let mut global = GlobalInst { bits: 0, high: 0, ty };
        global.set(value);
        let Arenas { globals, made, .. } = &mut self.arenas;
        put(globals, &mut made.globals, global)
    }
}

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

impl Instance {
    /// The export of this name.
    pub fn export(&self, store: &impl AsStore, name: &str) -> Option<Extern> {
        let store = store.as_store();
        let instance = store.arenas.instances[self.index_in(store)].get();
        let export = store.module_data(instance.module).export(name)?.clone();
        let at = export.index as usize;
        let id = store.id;
        Some(match export.kind {
            ExternKind::Func => Func::from_parts(id, instance.funcs[at]).into(),
            ExternKind::Memory => Memory::from_parts(id, instance.memory_ids[at]).into(),
            ExternKind::Table => Table::from_parts(id, instance.table_ids[at]).into(),
            ExternKind::Global => Global::from_parts(id, instance.global_ids[at]).into(),
            ExternKind::Tag => Tag::from_parts(id, instance.tag_ids[at]).into(),
        })
    }

    /// The exported function of this name, for calls with plain Rust types.
    ///
    /// # Errors
    /// If there is no such function, or it is of another type.
    pub fn typed_func<P: WasmParams, R: WasmResults>(
        &self,
        store: &impl AsStore,
        name: &str,
    ) -> Result<TypedFunc<P, R>, TypedFuncError> {
        let func = self.func(store, name).ok_or_else(|| TypedFuncError::Missing(name.to_owned()))?;
        func.typed(store)
    }

    /// The module it is an instance of.
    pub fn module(&self, store: &impl AsStore) -> crate::Module {
        let store = store.as_store();
        let instance = store.arenas.instances[self.index_in(store)].get();
        store.module_data(instance.module).clone().into()
    }

    /// All exports with their names, in the order of the module.
    pub fn exports(&self, store: &impl AsStore) -> impl Iterator<Item = (String, Extern)> {
        let names = self.export_names(store);
        let values: Vec<_> = names.iter().map(|name| self.export(store, name)).collect();
        names.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?)))
    }

    /// The exported function of this name.
    pub fn func(&self, store: &impl AsStore, name: &str) -> Option<Func> {
        self.export(store, name)?.into_func()
    }

    /// The exported memory of this name.
    pub fn memory(&self, store: &impl AsStore, name: &str) -> Option<Memory> {
        self.export(store, name)?.into_memory()
    }

    /// The exported table of this name.
    pub fn table(&self, store: &impl AsStore, name: &str) -> Option<Table> {
        self.export(store, name)?.into_table()
    }

    /// The exported global of this name.
    pub fn global(&self, store: &impl AsStore, name: &str) -> Option<Global> {
        self.export(store, name)?.into_global()
    }

    /// The exported tag of this name.
    pub fn tag(&self, store: &impl AsStore, name: &str) -> Option<Tag> {
        self.export(store, name)?.into_tag()
    }

    /// The names of all exports, in the order of the module.
    pub fn export_names(&self, store: &impl AsStore) -> Vec<String> {
        let store = store.as_store();
        let instance = store.arenas.instances[self.index_in(store)].get();
        store.module_data(instance.module).exports.iter().map(|export| export.name.to_string()).collect()
    }
}
