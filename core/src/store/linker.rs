//! Imports by name.
//!
//! A linker holds definitions and instantiates modules against them. Functions defined
//! by a closure become functions of a store when the first module that imports them is
//! instantiated there, once per store.

use super::handle::{Extern, Func, Instance};
use super::host::{Caller, HostCall, HostError, IntoHostFunc, dynamic};
use super::imports::import_words;
use super::{PrunedStore, Store};
use crate::Val;
use crate::engine::{Engine, Module};
use crate::exec::stop::CallError;
use crate::module::{ExternKind, ExternType, FuncType};
use crate::trap::{Space, TrapCode, TrapDetail};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

/// Why a module could not be instantiated.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// Nothing of that name is defined.
    #[error("byte {at:#x}: unknown import: {module}.{name} ({wanted})")]
    UnknownImport {
        /// The first part of the name.
        module: String,
        /// The second part.
        name: String,
        /// What sort of thing the module wants.
        kind: ExternKind,
        /// The same with its type, in words.
        wanted: String,
        /// File offset of the import.
        at: u32,
    },
    /// What is defined is not what the module wants.
    #[error(
        "byte {at:#x}: incompatible import type: {module}.{name}: the module wants a {wanted}, there is a {found}"
    )]
    IncompatibleImport {
        /// The first part of the name.
        module: String,
        /// The second part.
        name: String,
        /// What the module wants, in words.
        wanted: String,
        /// What there is, in words.
        found: String,
        /// File offset of the import.
        at: u32,
    },
    /// A memory or table is larger than the store allows.
    #[error("{0}")]
    Limit(String),
    /// A segment does not fit its memory or table.
    #[error("{code}: {segment} {index}: {range}")]
    Segment {
        /// The trap that instantiation ends in.
        code: TrapCode,
        /// Whether it is a data or an element segment.
        segment: Space,
        /// Its index in the module.
        index: u32,
        /// Where it was to go.
        range: TrapDetail,
    },
    /// The start function did not return.
    #[error("{0}")]
    Start(CallError),
}

enum Definition {
    Extern(Extern),
    Host { ty: FuncType, call: Arc<HostCall> },
}

/// What to do about imports that nothing is defined for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingImports {
    /// Instantiation fails.
    #[default]
    Refuse,
    /// Functions are defined that trap when they are called ([`TrapCode::MissingImport`]); only functions.
    Trap,
}

/// Definitions for imports, by module and name.
///
/// ```
/// use wasmscope_core::{Engine, Linker, MissingImports, Module, Store};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let engine = Engine::default();
/// let mut store = Store::new(&engine, ());
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("math", "twice", |n: i32| n * 2);
///
/// // What one instance exports, others can import.
/// let library = Module::new(&engine, wat::parse_str(r#"(module (memory (export "memory") 1))"#)?)?;
/// let library = linker.instantiate(&mut store, &library)?;
/// linker.instance(&store, "library", library);
///
/// let text = r#"(module
///     (import "math" "twice" (func $twice (param i32) (result i32)))
///     (import "library" "memory" (memory 1))
///     (import "nowhere" "thing" (func))
///     (func (export "run") (result i32) (call $twice (i32.const 4))))"#;
/// let module = Module::new(&engine, wat::parse_str(text)?)?;
/// let error = linker.instantiate(&mut store, &module).unwrap_err();
/// assert!(error.to_string().contains("unknown import: nowhere.thing (function"), "{error}");
///
/// // Or it may be missing until somebody calls it.
/// linker.missing_imports(MissingImports::Trap);
/// let instance = linker.instantiate(&mut store, &module)?;
/// assert_eq!(instance.typed_func::<(), i32>(&store, "run")?.call(&mut store, ())?, 8);
/// # Ok(()) }
/// ```
pub struct Linker<T: 'static> {
    definitions: HashMap<(Box<str>, Box<str>), Definition>,
    /// What a host definition is in which store.
    made: HashMap<(u64, Box<str>, Box<str>), Func>,
    missing: MissingImports,
    data: PhantomData<fn(T)>,
}

impl<T: Send + 'static> Linker<T> {
    /// A linker without definitions.
    pub fn new(_engine: &Engine) -> Linker<T> {
        Linker {
            definitions: HashMap::new(),
            made: HashMap::new(),
            missing: MissingImports::default(),
            data: PhantomData,
        }
    }

    /// Chooses what happens to imports that nothing is defined for.
    pub fn missing_imports(&mut self, missing: MissingImports) -> &mut Self {
        self.missing = missing;
        self
    }

    fn set(&mut self, module: &str, name: &str, definition: Definition) -> &mut Self {
        self.made.retain(|(_, m, n), _| &**m != module || &**n != name);
        self.definitions.insert((module.into(), name.into()), definition);
        self
    }

    /// Defines something of a store; a later definition of the same name replaces it.
    pub fn define(&mut self, module: &str, name: &str, value: impl Into<Extern>) -> &mut Self {
        self.set(module, name, Definition::Extern(value.into()))
    }

    /// Defines a function from a closure over plain Rust types, which may take a
    /// [`Caller`] first and may return a `Result`.
    pub fn func_wrap<P, R>(
        &mut self,
        module: &str,
        name: &str,
        func: impl IntoHostFunc<T, P, R>,
    ) -> &mut Self {
        let (ty, call) = func.into_host_func();
        self.set(module, name, Definition::Host { ty, call: Arc::new(call) })
    }

    /// Defines a function of a type known only at run time.
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), HostError> + Send + Sync + 'static,
    ) -> &mut Self {
        let call = dynamic(&ty, func);
        self.set(module, name, Definition::Host { ty, call: Arc::new(call) })
    }

    /// Defines all exports of an instance under a module name.
    pub fn instance(&mut self, store: &Store<T>, module: &str, instance: Instance) -> &mut Self {
        for name in instance.export_names(store) {
            if let Some(value) = instance.export(store, &name) {
                self.define(module, &name, value);
            }
        }
        self
    }

    /// What is defined for a name, as something of this store.
    fn resolve(&mut self, store: &mut PrunedStore, module: &str, name: &str) -> Option<Extern> {
        let key = (Box::from(module), Box::from(name));
        match self.definitions.get(&key)? {
            Definition::Extern(value) => Some(*value),
            Definition::Host { ty, call } => {
                let made = (store.id, key.0, key.1);
                if let Some(func) = self.made.get(&made) {
                    return Some((*func).into());
                }
                let call = call.clone();
                let func = store.add_host_func(
                    module,
                    name,
                    ty.clone(),
                    Box::new(move |store, cells| call(store, cells)),
                );
                self.made.insert(made, func);
                Some(func.into())
            }
        }
    }

    /// Makes an instance of a module and runs its start function.
    ///
    /// # Errors
    /// If an import is missing or of another type, a limit is exceeded, a segment does
    /// not fit, or the start function does not return.
    pub fn instantiate(&mut self, store: &mut Store<T>, module: &Module) -> Result<Instance, LinkError> {
        let store = store.pruned_mut();
        let imports = self.imports(store, module)?;
        store.instantiate(module, &imports)
    }

    /// What is defined for each of a module's imports.
    pub(crate) fn imports(
        &mut self,
        store: &mut PrunedStore,
        module: &Module,
    ) -> Result<Vec<Extern>, LinkError> {
        let data = module.data().clone();
        let engine = store.engine.clone();
        let type_ids = engine.intern_module(&data);
        let mut imports = Vec::with_capacity(data.imports.len());
        for import in &data.imports {
            let unknown = || LinkError::UnknownImport {
                module: import.module.to_string(),
                name: import.name.to_string(),
                kind: import.ty.kind(),
                wanted: import_words(&engine, &data, import.ty),
                at: import.at,
            };
            let value = match self.resolve(store, &import.module, &import.name) {
                Some(value) => value,
                None => match (self.missing, import.ty) {
                    (MissingImports::Trap, ExternType::Func(ty)) => {
                        let call: HostCall = Box::new(|_, _| Err(TrapCode::MissingImport.into()));
                        let ty = data.type_at(ty).renumbered(|ty| type_ids[ty as usize]);
                        store.add_host_func(&import.module, &import.name, ty, call).into()
                    }
                    _ => return Err(unknown()),
                },
            };
            imports.push(value);
        }
        Ok(imports)
    }
}
