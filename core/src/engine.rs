//! What stores have in common: configuration and the numbering of function types.

use crate::lower::Lowering;
use crate::module::{FuncType, ModuleData, TypeInterner, WasmFeatures, features};
use std::sync::{Arc, Mutex};

/// How guests are lowered and what they may use.
///
/// ```
/// use wasmscope_core::module::features;
/// use wasmscope_core::{Config, Engine, Lowering, Module};
///
/// // WebAssembly 1.0, every operator an op of its own.
/// let engine = Engine::new(&Config::default().features(features::V1).lowering(Lowering::Plain));
/// let vectors = wat::parse_str("(module (func (param v128)))").unwrap();
/// let refused = Module::new(&engine, vectors).unwrap_err();
/// assert!(refused.to_string().contains("needs the SIMD proposal, which is not enabled"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How much of the Wasm operators stays visible in the bytecode.
    pub lowering: Lowering,
    /// The proposals a module may use.
    pub features: WasmFeatures,
    /// What a store may hold.
    pub limits: Limits,
}

/// Limits on what a store may hold. All count WebAssembly's own quantities, so that a
/// run hits them at the same operator on every host and under every lowering.
///
/// ```
/// use wasmscope_core::{CallError, Config, Engine, Limits, Linker, Module, Store, TrapCode};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let limits = Limits { call_depth: 100, memory_bytes: 3 << 16, ..Limits::default() };
/// let engine = Engine::new(&Config::default().limits(limits));
/// let wasm = wat::parse_str(r#"(module (memory 1)
///     (func $deep (export "deep") (call $deep))
///     (func (export "grow") (result i32) (memory.grow (i32.const 5))))"#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// let deep = instance.typed_func::<(), ()>(&store, "deep")?;
/// let Err(CallError::Trap(trap)) = deep.call(&mut store, ()) else { panic!() };
/// assert_eq!(trap.code, TrapCode::StackOverflow);
/// // Growing beyond the limit fails as the specification says: with -1.
/// assert_eq!(instance.typed_func::<(), i32>(&store, "grow")?.call(&mut store, ())?, -1);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nested calls.
    pub call_depth: u32,
    /// Nested calls of host functions that call back: they are on the native stack.
    pub host_calls: u32,
    /// 64-bit slots of all frames together.
    pub value_stack: u32,
    /// Bytes of one memory.
    pub memory_bytes: u64,
    /// Elements of one table.
    pub table_elements: u64,
    /// Instances in a store.
    pub instances: u32,
    /// Memories in a store, those of instances and the embedder's.
    pub memories: u32,
    /// Tables in a store, those of instances and the embedder's.
    pub tables: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            call_depth: 65_536,
            host_calls: 256,
            value_stack: 1 << 21,
            memory_bytes: 1 << 32,
            table_elements: 10_000_000,
            instances: 10_000,
            memories: 10_000,
            tables: 10_000,
        }
    }
}

impl Default for Config {
    fn default() -> Config {
        Config { lowering: Lowering::default(), features: features::SUPPORTED, limits: Limits::default() }
    }
}

impl Config {
    /// Sets the lowering.
    pub fn lowering(mut self, lowering: Lowering) -> Config {
        self.lowering = lowering;
        self
    }

    /// Sets the proposals a module may use.
    pub fn features(mut self, features: WasmFeatures) -> Config {
        self.features = features;
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: Limits) -> Config {
        self.limits = limits;
        self
    }
}

/// A configuration shared by modules and stores; cheap to clone.
///
/// ```
/// use wasmscope_core::{Engine, Linker, Module, Store};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let engine = Engine::default();
/// // One module, instantiated in two stores, which know nothing of each other.
/// let module = Module::new(&engine, wat::parse_str(r#"(module (global (export "n") (mut i32) (i32.const 1)))"#)?)?;
/// let mut linker = Linker::new(&engine);
/// for _ in 0..2 {
///     let mut store = Store::new(&engine, ());
///     let instance = linker.instantiate(&mut store, &module)?;
///     assert!(instance.global(&store, "n").is_some());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    types: Mutex<TypeInterner>,
}

impl Engine {
    /// An engine with this configuration.
    pub fn new(config: &Config) -> Engine {
        Engine { inner: Arc::new(Inner { config: config.clone(), types: Mutex::default() }) }
    }

    /// Its configuration.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Whether both are the same engine.
    pub fn same(&self, other: &Engine) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    pub(crate) fn intern(&self, ty: &FuncType) -> u32 {
        self.types().intern(ty)
    }

    pub(crate) fn intern_module(&self, module: &ModuleData) -> Vec<u32> {
        self.types().intern_all(&module.types, &module.canonical_types)
    }

    /// The type with this number of the engine's.
    pub(crate) fn type_numbered(&self, number: u32) -> Option<FuncType> {
        self.types().get(number).cloned()
    }

    fn types(&self) -> std::sync::MutexGuard<'_, TypeInterner> {
        // Interning cannot leave the table half changed.
        self.inner.types.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::new(&Config::default())
    }
}

/// A module, decoded and validated; cheap to clone.
///
/// ```
/// use wasmscope_core::module::ExternKind;
/// use wasmscope_core::{Engine, Module};
///
/// let engine = Engine::default();
/// let wasm = wat::parse_str(r#"(module (import "host" "log" (func)) (func $work (export "run")))"#).unwrap();
/// let module = Module::new(&engine, &wasm).unwrap();
/// let data = module.data();
/// assert_eq!((&*data.imports[0].module, &*data.imports[0].name), ("host", "log"));
/// assert_eq!(data.export("run").unwrap().kind, ExternKind::Func);
/// assert_eq!(data.func_name(1).unwrap(), "work");
///
/// // What cannot be used is refused with the byte and the reason.
/// let error = Module::new(&engine, &wasm[..wasm.len() - 4]).unwrap_err();
/// assert!(error.at > 8, "{error}");
/// ```
#[derive(Clone, Debug)]
pub struct Module {
    data: Arc<ModuleData>,
}

impl Module {
    /// Decodes and validates a module with the features of `engine`.
    ///
    /// # Errors
    /// If the bytes are no valid module, or use a feature that is not enabled.
    pub fn new(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Module, crate::ModuleError> {
        Module::from_shared(engine, bytes.as_ref().into())
    }

    /// The same for bytes that need not be copied: the module keeps them.
    ///
    /// # Errors
    /// As [`Module::new`].
    pub fn from_shared(engine: &Engine, bytes: Arc<[u8]>) -> Result<Module, crate::ModuleError> {
        let data = ModuleData::parse(bytes, engine.config().features)?;
        Ok(Module { data: Arc::new(data) })
    }

    /// The module of data that is as it was when it was validated.
    pub(crate) fn of(data: Arc<ModuleData>) -> Module {
        Module { data }
    }

    /// What the module's debug sections say about its source; `None` if it has none.
    pub fn source_map(&self) -> Option<&crate::module::SourceMap> {
        self.data.source_map()
    }

    /// The module as plain data.
    pub fn data(&self) -> &Arc<ModuleData> {
        &self.data
    }
}

/// Modules are equal if they are one.
impl PartialEq for Module {
    fn eq(&self, other: &Module) -> bool {
        Arc::ptr_eq(&self.data, &other.data)
    }
}

impl Eq for Module {}
