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
//! The modules follow the way of a program: [`module`] decodes and validates, `lower`
//! makes bytecode from the ops of [`isa`], `handlers` say what each op does, [`exec`]
//! runs them, `store` holds what outlives a call.

#![allow(
    improper_ctypes_definitions,
    reason = "the handlers' ABI is between Rust functions of this crate only"
)]

pub mod code;
mod engine;
mod error;
pub mod exec;
#[cfg(feature = "experiment")]
pub mod experiment;
mod handlers;
pub mod isa;
mod lower;
pub mod module;
pub mod num;
pub mod record;
mod store;
pub mod timeline;
pub mod trap;
mod value;
#[cfg(feature = "wasi")]
pub mod wasi;

pub use engine::{Config, Engine, Limits, Module};
pub use error::{ModuleError, ModuleErrorKind};
pub use exec::observer::{Observer, Returned, Step, Watch};
pub use exec::stop::{BacktraceFrame, CallError, TrapReport};
pub use exec::{ControlFlow, Dispatch, TAIL_CALLS};
pub use lower::{LowerError, Lowering};
pub use module::{
    FuncType, GlobalType, MemoryType, SourceFile, SourceFrame, SourceLocation, SourceMap, TableType, ValType,
};
pub use store::linker::MissingImports;
pub use store::{
    AsStore, Caller, Extern, Func, Global, HostError, Instance, InterruptHandle, IntoHostFunc, LinkError,
    Linker, Memory, OutOfBounds, Store, Stream, Table, Tag,
};
pub use trap::{TrapCode, TrapDetail};
pub use value::{ExnRef, ExternRef, Val};
