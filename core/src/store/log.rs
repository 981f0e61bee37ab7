//! What came in from outside, told as it happens.
//!
//! The embedder's operations and what host functions do pass through a few functions of
//! the store, each of which tells the store's log if it has one. With the modules' bytes
//! this is all that is needed to repeat the run.
//!
//! Elsewhere: writing it down, and repeating it (`record`, `timeline`).

use crate::exec::stop::Reason;
use crate::module::{FuncType, GlobalType, MemoryType, ModuleData, TableType};
use crate::store::host::Stream;
use std::sync::Arc;

/// A function, memory, table, global or tag by its number in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExternIndex {
    Func(u32),
    Memory(u32),
    Table(u32),
    Global(u32),
    Tag(u32),
}

/// A value with its type: slot contents, low half first.
pub(crate) type TypedBits = (crate::module::ValType, u128);

/// Where a run stands, exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) steps: u64,
    pub(crate) ticks: u64,
}

/// Receives a run's operations in order.
#[allow(unused_variables, reason = "the names document what is given")]
pub(crate) trait RunLog: Send {
    /// Where the run stands at the operations that follow.
    fn at(&mut self, position: Position);
    /// A module is used for the first time.
    fn load_module(&mut self, module: u32, data: &Arc<ModuleData>);
    /// The embedder made a host function.
    fn host_func(&mut self, func: u32, module: &str, name: &str, ty: &FuncType);
    /// The embedder made a memory.
    fn new_memory(&mut self, memory: u32, ty: &MemoryType);
    /// The embedder made a table.
    fn new_table(&mut self, table: u32, ty: &TableType, init: u64);
    /// The embedder made a global.
    fn new_global(&mut self, global: u32, ty: &GlobalType, value: u128);
    /// The embedder made an exception tag.
    fn new_tag(&mut self, tag: u32, ty: &FuncType);
    /// An instantiation begins.
    fn instantiate(&mut self, instance: u32, module: u32, imports: &[ExternIndex]);
    /// A call from outside begins.
    fn invoke(&mut self, func: u32, args: &[TypedBits]);
    /// The innermost instantiation or call from outside ended.
    fn finished(&mut self, results: &[TypedBits]);
    /// The innermost instantiation or call from outside failed, or stopped for now.
    fn failed(&mut self, reason: &Reason);
    /// A run that had stopped for now goes on.
    fn resume(&mut self);
    /// Memory was written from outside.
    fn memory_write(&mut self, memory: u32, addr: u64, bytes: &[u8]);
    /// A memory was grown from outside.
    fn memory_grow(&mut self, memory: u32, delta: u64, old: Option<u64>);
    /// A table element was set from outside.
    fn table_set(&mut self, table: u32, index: u64, ty: crate::module::ValType, value: u64);
    /// A table was grown from outside.
    fn table_grow(&mut self, table: u32, delta: u64, ty: crate::module::ValType, init: u64, old: Option<u64>);
    /// A global was set from outside.
    fn global_set(&mut self, global: u32, ty: crate::module::ValType, value: u128);
    /// The guest calls a host function.
    fn host_enter(&mut self, func: u32, args: &[TypedBits]);
    /// The host function returned.
    fn host_exit(&mut self, results: &[TypedBits]);
    /// The host function failed.
    fn host_failed(&mut self, reason: &Reason);
    /// A counted run stands at a boundary where a checkpoint is due; gives the step at
    /// which the next one is.
    fn checkpoint(&mut self, store: &mut crate::store::PrunedStore) -> u64;
    /// The guest wrote to a stream of the host's. Nothing that replay needs.
    fn output(&mut self, stream: Stream, bytes: &[u8]);
}
