//! A WebAssembly engine in which every bytecode handler has the same signature.
//!
//! ```text
//! Engine ── Config: lowering, features, limits
//! Module ── decoded, validated
//! Store<T> ── instances and the machine;  Linker<T> ── imports by name
//! Func::call ── under Dispatch::{Tail, Counted, Step}
//! Observer ── sees every handler return
//! ```
//!
//! # Embedding it
//!
//! A host function, a guest that calls it, and a call of the guest with plain Rust types:
//!
//! ```
//! use wasmscope_core::{Caller, Engine, Linker, Module, Store};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = Engine::default();
//! let wasm = wat::parse_str(r#"(module
//!     (import "host" "note" (func $note (param i32)))
//!     (func (export "twice") (param i32) (result i32)
//!         (call $note (local.get 0))
//!         (i32.mul (local.get 0) (i32.const 2))))"#)?;
//! let module = Module::new(&engine, &wasm)?;
//! let mut linker = Linker::new(&engine);
//! linker.func_wrap("host", "note", |mut caller: Caller<'_, Vec<i32>>, n: i32| caller.data_mut().push(n));
//! let mut store = Store::new(&engine, Vec::new());
//! let instance = linker.instantiate(&mut store, &module)?;
//! let twice = instance.typed_func::<i32, i32>(&store, "twice")?;
//! assert_eq!(twice.call(&mut store, 21)?, 42);
//! assert_eq!(store.data(), &[21]);
//! # Ok(()) }
//! ```
//!
//! A guest is held in by [`Limits`] (what a store may hold), fuel, and an [`InterruptHandle`] for another thread:
//!
//! ```
//! # use wasmscope_core::*;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let limits = Limits { memory_bytes: 1 << 20, call_depth: 1000, instances: 1, ..Limits::default() };
//! let engine = Engine::new(&Config::default().limits(limits));
//! let wasm = wat::parse_str(r#"(module (func (export "run") (loop (br 0))))"#)?;
//! let module = Module::new(&engine, &wasm)?;
//! let mut store = Store::new(&engine, ());
//! store.set_dispatch(Dispatch::Counted);
//! let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
//! let run = instance.typed_func::<(), ()>(&store, "run")?;
//! store.set_fuel(Some(10_000));
//! assert!(matches!(run.call(&mut store, ()), Err(CallError::OutOfFuel)));
//! // More fuel, and the same call goes on; now somebody stops it.
//! store.set_fuel(None);
//! store.interrupt_handle().interrupt();
//! assert!(matches!(store.resume(), Some(Err(CallError::Interrupted))));
//! # Ok(()) }
//! ```
//!
//! Any run can be recorded and looked at step by step, host functions included: see [`record`] and [`timeline`], and
//! the example `embed`.
//!
//! The modules follow the way of a program: [`module`] decodes and validates, `lower`
//! makes bytecode from the ops of [`isa`], `handlers` say what each op does, [`exec`]
//! runs them, `store` holds what outlives a call.

#![cfg_attr(feature = "become", feature(explicit_tail_calls, rust_preserve_none_cc))]
#![cfg_attr(feature = "become", allow(incomplete_features, reason = "only for comparison"))]
#![allow(
    improper_ctypes_definitions,
    reason = "the handlers' ABI is between Rust functions of this crate only"
)]
#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "ops are read and written where they lie")]
pub mod code;
mod engine;
mod error;
#[allow(unsafe_code, reason = "the machine")]
pub mod exec;
#[cfg(feature = "experiment")]
pub mod experiment;
#[allow(unsafe_code, reason = "what runs on the machine")]
mod handlers;
pub mod isa;
#[allow(unsafe_code, reason = "ops already written are changed in place")]
mod lower;
pub mod module;
pub mod num;
mod printable;
pub mod record;
#[allow(unsafe_code, reason = "what handlers reach through pointers")]
mod store;
pub mod timeline;
pub mod trap;
mod value;
#[cfg(feature = "wasi")]
pub mod wasi;

pub use engine::{Config, Engine, Limits, Module};
pub use error::{ModuleError, ModuleErrorKind};
pub use exec::observer::{Observer, Returned, Step, Watch};
pub use exec::ring::{Ring, RingEffect, RingEvent};
pub use exec::stop::{BacktraceFrame, CallError, TrapReport};
pub use exec::{BUILD, BuildInfo, ControlFlow, Dispatch, TAIL_CALLS};
pub use lower::{LowerError, Lowering};
pub use module::{
    FuncType, GlobalType, MemoryType, SourceFile, SourceFrame, SourceLocation, SourceMap, TableType, ValType,
};
pub use store::linker::MissingImports;
pub use store::{
    AsStore, Caller, Extern, Func, Global, HostError, Instance, InterruptHandle, IntoHostFunc, LinkError,
    Linker, Memory, OutOfBounds, Store, Stream, Table, TableError, Tag, TypedFunc, TypedFuncError,
    WasmParams, WasmResults, WasmValue,
};
pub use trap::{TrapCode, TrapDetail};
pub use value::{ExnRef, ExternRef, Val};
