//! The embedder's handles: a store's number and an index in it.
//!
//! A handle is plain data and stays good as long as its store. Using it with another
//! store is a bug of the embedder and panics.
//! Elsewhere: what each can do, one file a sort.

mod func;
mod global;
mod memory;
mod table;

pub use table::TableError;

use super::plain::{WasmParams, WasmResults};
use super::typed::{TypedFunc, TypedFuncError};
use super::{AsStore, Machine, PrunedStore};
use crate::engine::Module;
use crate::module::ExternKind;

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
    ///
    /// ```
    /// # use wasmscope_core::*;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let engine = Engine::default();
    /// # let mut store = Store::new(&engine, ());
    /// # let module = Module::new(&engine, wat::parse_str(TEXT)?)?;
    /// # let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    /// const TEXT: &str = r#"(module (func (export "add") (param i32 i32) (result i32)
    ///     (i32.add (local.get 0) (local.get 1))))"#;
    /// let add = instance.func(&store, "add").expect("it is exported");
    /// // With values whose types are known at run time only; `typed` is for types known now.
    /// let mut results = [Val::I32(0)];
    /// add.call(&mut store, &[Val::I32(2), Val::I32(3)], &mut results)?;
    /// assert_eq!(results, [Val::I32(5)]);
    /// assert_eq!(add.ty(&store).to_string(), "[i32 i32] -> [i32]");
    ///
    /// // A function of the host's can be called as well, and passed to a guest.
    /// let mul = Func::wrap(&mut store, |a: i32, b: i32| a * b);
    /// assert_eq!(mul.typed::<(i32, i32), i32>(&store)?.call(&mut store, (6, 7))?, 42);
    /// # Ok(()) }
    /// ```
    Func
}
handle! {
    /// A linear memory.
    ///
    /// ```
    /// # use wasmscope_core::*;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let engine = Engine::default();
    /// # let mut store = Store::new(&engine, ());
    /// # let module = Module::new(&engine, wat::parse_str(TEXT)?)?;
    /// # let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    /// const TEXT: &str = r#"(module (memory (export "memory") 1 3) (data (i32.const 8) "hello"))"#;
    /// let memory = instance.memory(&store, "memory").expect("it is exported");
    /// assert_eq!(&memory.data(&store)[8..13], b"hello");
    /// memory.write(&mut store, 8, b"J")?;
    /// let mut word = [0; 5];
    /// memory.read(&store, 8, &mut word)?;
    /// assert_eq!(&word, b"Jello");
    /// assert!(memory.write(&mut store, 65_535, b"no").is_err());
    ///
    /// assert_eq!(memory.grow(&mut store, 2), Some(1));
    /// assert_eq!((memory.size(&store), memory.len(&store)), (3, 3 << 16));
    /// assert_eq!(memory.grow(&mut store, 1), None);
    /// # Ok(()) }
    /// ```
    Memory
}
handle! {
    /// A table of references.
    ///
    /// ```
    /// # use wasmscope_core::*;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let engine = Engine::default();
    /// # let mut store = Store::new(&engine, ());
    /// # let module = Module::new(&engine, wat::parse_str(TEXT)?)?;
    /// # let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    /// const TEXT: &str = r#"(module (table (export "table") 2 4 funcref)
    ///     (func (export "f")) (elem (i32.const 0) 0))"#;
    /// let table = instance.table(&store, "table").expect("it is exported");
    /// let f = table.get(&store, 0).expect("there are two elements");
    /// assert_eq!(f, Val::FuncRef(instance.func(&store, "f")));
    /// table.set(&mut store, 1, f)?;
    /// assert_eq!(table.grow(&mut store, 2, Val::FuncRef(None)), Some(2));
    /// table.fill(&mut store, 2, f, 2)?;
    /// table.copy_from(&mut store, 0, table, 1, 3)?;
    /// assert!(table.set(&mut store, 4, f).is_err());
    /// assert_eq!(table.size(&store), 4);
    /// # Ok(()) }
    /// ```
    Table
}
handle! {
    /// A global variable.
    ///
    /// ```
    /// # use wasmscope_core::*;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let engine = Engine::default();
    /// # let mut store = Store::new(&engine, ());
    /// # let module = Module::new(&engine, wat::parse_str(TEXT)?)?;
    /// # let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    /// const TEXT: &str = r#"(module (global (export "n") (mut i64) (i64.const 1))
    ///     (global (export "pi") f64 (f64.const 3.14)))"#;
    /// let n = instance.global(&store, "n").expect("it is exported");
    /// assert!(n.set(&mut store, Val::I64(-5)));
    /// assert_eq!(n.get(&store), Val::I64(-5));
    /// // Not of its type; and one that cannot be set at all.
    /// assert!(!n.set(&mut store, Val::I32(1)));
    /// let pi = instance.global(&store, "pi").expect("it is exported");
    /// assert!(!pi.ty(&store).mutable && !pi.set(&mut store, Val::F64(0)));
    /// # Ok(()) }
    /// ```
    Global
}
handle! {
    /// An instance of a module.
    ///
    /// ```
    /// # use wasmscope_core::*;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let engine = Engine::default();
    /// # let mut store = Store::new(&engine, ());
    /// # let module = Module::new(&engine, wat::parse_str(TEXT)?)?;
    /// # let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    /// const TEXT: &str = r#"(module (memory (export "memory") 1) (func (export "run")))"#;
    /// let exports: Vec<_> = instance.exports(&store).map(|(name, value)| (name, value.kind().to_string())).collect();
    /// assert_eq!(exports, [("memory".into(), "memory".into()), ("run".into(), "function".into())]);
    /// let run = instance.typed_func::<(), ()>(&store, "run")?;
    /// run.call(&mut store, ())?;
    /// assert!(instance.module(&store) == module);
    /// # Ok(()) }
    /// ```
    Instance
}

handle! {
    /// An exception tag.
    ///
    /// ```
    /// # use wasmscope_core::*;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let engine = Engine::default();
    /// # let mut store = Store::new(&engine, ());
    /// # let module = Module::new(&engine, wat::parse_str(TEXT)?)?;
    /// # let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
    /// const TEXT: &str = r#"(module (tag (export "failed") (param i32)) (func (export "run") (throw 0 (i32.const 7))))"#;
    /// let tag = instance.tag(&store, "failed").expect("it is exported");
    /// assert_eq!(tag.ty(&store).params(), [ValType::I32]);
    /// // An exception that nobody catches ends the call.
    /// let run = instance.typed_func::<(), ()>(&store, "run")?;
    /// let Err(CallError::Trap(trap)) = run.call(&mut store, ()) else { panic!() };
    /// assert_eq!(trap.code, TrapCode::UncaughtException);
    /// # Ok(()) }
    /// ```
    Tag
}

/// Something that can be imported and exported.
///
/// ```
/// # use wasmscope_core::*;
/// # let engine = Engine::default();
/// # let mut store = Store::new(&engine, ());
/// let ty = GlobalType { content: ValType::I32, mutable: false };
/// let global = Global::new(&mut store, ty, Val::I32(7)).expect("the value is of the type");
/// let value = Extern::from(global);
/// assert_eq!(value.kind().to_string(), "global");
/// assert_eq!(value.into_global(), Some(global));
/// assert_eq!(value.into_func(), None);
/// ```
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
    pub fn module(&self, store: &impl AsStore) -> Module {
        let store = store.as_store();
        let instance = store.arenas.instances[self.index_in(store)].get();
        Module::of(store.module_data(instance.module).clone())
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
