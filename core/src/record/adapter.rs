//! From what a store tells to entries of the host log.

use super::Sink;
use crate::engine::Module;
use crate::exec::stop::Reason;
use crate::module::{FuncType, GlobalType, MemoryType, ModuleData, TableType, ValType};
use crate::store::log::{ExternIndex, Position, TypedBits};
use crate::store::{PrunedStore, RunLog, Stream};
use crate::timeline::convert;
use std::sync::Arc;
use wasmscope_trace_format as wtrace;
use wtrace::{ExternId, HostEntry, Output};

/// Bytes kept to be used again, at most.
const KEPT: usize = 1 << 20;

/// From what a store tells to entries.
pub(super) struct Adapter {
    sink: Box<dyn Sink>,
    position: wtrace::Position,
    /// What values and bytes are told in, kept to be used again: there may be millions of calls.
    values: Vec<wtrace::Value>,
    bytes: Vec<u8>,
}

impl Adapter {
    pub(super) fn new(sink: Box<dyn Sink>) -> Adapter {
        Adapter { sink, position: wtrace::Position::default(), values: Vec::new(), bytes: Vec::new() }
    }

    fn entry(&mut self, entry: HostEntry) {
        self.sink.entry(self.position, &entry);
    }

    /// Tells an entry that holds values, and keeps what they were in.
    fn with_values(&mut self, typed: &[TypedBits], entry: impl FnOnce(Vec<wtrace::Value>) -> HostEntry) {
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        values.extend(typed.iter().map(|&(ty, bits)| convert::value(ty, bits)));
        let entry = entry(values);
        self.sink.entry(self.position, &entry);
        if let HostEntry::HostEnter { args: values, .. } | HostEntry::HostExit { results: values } = entry {
            self.values = values;
        }
    }
}

impl RunLog for Adapter {
    fn at(&mut self, position: Position) {
        // A host call that calls back knows its own step only; time does not go back.
        self.position = self.position.max(convert::position(position));
    }

    fn load_module(&mut self, module: u32, data: &Arc<ModuleData>) {
        self.sink.module(&Module::of(data.clone()));
        self.entry(HostEntry::LoadModule { module, hash: wtrace::ModuleHash(data.hash().to_le_bytes()) });
    }

    fn host_func(&mut self, func: u32, module: &str, name: &str, ty: &FuncType) {
        let (module, name) = (module.to_owned(), name.to_owned());
        self.entry(HostEntry::HostFunc { func, module, name, ty: convert::func_type(ty) });
    }

    fn new_memory(&mut self, memory: u32, ty: &MemoryType) {
        let ty = wtrace::MemoryType {
            memory64: ty.memory64,
            shared: false,
            min: ty.minimum,
            max: ty.maximum,
            page_size_log2: ty.page_size_log2,
        };
        self.entry(HostEntry::NewMemory { memory, ty });
    }

    fn new_table(&mut self, table: u32, ty: &TableType, init: u64) {
        let element = ValType::Ref(ty.element);
        let init = convert::value(element, init as u128);
        let ty = wtrace::TableType {
            element: convert::value_type(element),
            table64: ty.table64,
            min: ty.minimum,
            max: ty.maximum,
        };
        self.entry(HostEntry::NewTable { table, ty, init });
    }

    fn new_global(&mut self, global: u32, ty: &GlobalType, value: u128) {
        let value = convert::value(ty.content, value);
        self.entry(HostEntry::NewGlobal { global, mutable: ty.mutable, value });
    }

    fn new_tag(&mut self, tag: u32, ty: &FuncType) {
        self.entry(HostEntry::NewTag { tag, ty: convert::func_type(ty) });
    }

    fn instantiate(&mut self, instance: u32, module: u32, imports: &[ExternIndex]) {
        let imports = imports.iter().map(|import| match *import {
            ExternIndex::Func(at) => ExternId::Func(at),
            ExternIndex::Memory(at) => ExternId::Memory(at),
            ExternIndex::Table(at) => ExternId::Table(at),
            ExternIndex::Global(at) => ExternId::Global(at),
            ExternIndex::Tag(at) => ExternId::Tag(at),
        });
        let imports = imports.collect();
        self.entry(HostEntry::Instantiate { instance, module, imports });
    }

    fn invoke(&mut self, func: u32, args: &[TypedBits]) {
        self.entry(HostEntry::Invoke { func, args: convert::values(args) });
    }

    fn finished(&mut self, results: &[TypedBits]) {
        self.entry(HostEntry::Finished { results: convert::values(results) });
    }

    fn failed(&mut self, reason: &Reason) {
        self.entry(HostEntry::Failed { reason: convert::reason(reason) });
    }

    fn resume(&mut self) {
        self.entry(HostEntry::Resume);
    }

    fn memory_write(&mut self, memory: u32, addr: u64, bytes: &[u8]) {
        let mut told = std::mem::take(&mut self.bytes);
        told.clear();
        told.extend_from_slice(bytes);
        let entry = HostEntry::MemoryWrite { memory, addr, bytes: told };
        self.sink.entry(self.position, &entry);
        if let HostEntry::MemoryWrite { bytes, .. } = entry
            && bytes.capacity() <= KEPT
        {
            self.bytes = bytes;
        }
    }

    fn memory_grow(&mut self, memory: u32, delta: u64, old: Option<u64>) {
        self.entry(HostEntry::MemoryGrow { memory, delta, old });
    }

    fn table_set(&mut self, table: u32, index: u64, ty: ValType, value: u64) {
        self.entry(HostEntry::TableSet { table, index, value: convert::value(ty, value as u128) });
    }

    fn table_grow(&mut self, table: u32, delta: u64, ty: ValType, init: u64, old: Option<u64>) {
        let init = convert::value(ty, init as u128);
        self.entry(HostEntry::TableGrow { table, delta, init, old });
    }

    fn global_set(&mut self, global: u32, ty: ValType, value: u128) {
        self.entry(HostEntry::GlobalSet { global, value: convert::value(ty, value) });
    }

    fn host_enter(&mut self, func: u32, args: &[TypedBits]) {
        self.with_values(args, |args| HostEntry::HostEnter { func, args });
    }

    fn host_exit(&mut self, results: &[TypedBits]) {
        self.with_values(results, |results| HostEntry::HostExit { results });
    }

    fn host_failed(&mut self, reason: &Reason) {
        self.entry(HostEntry::HostFailed { reason: convert::reason(reason) });
    }

    fn checkpoint(&mut self, store: &mut PrunedStore) -> u64 {
        self.position = self.position.max(convert::position(store.standing()));
        self.sink.checkpoint(store)
    }

    fn output(&mut self, stream: Stream, bytes: &[u8]) {
        let stream = match stream {
            Stream::Stdout => wtrace::Stream::Stdout,
            Stream::Stderr => wtrace::Stream::Stderr,
        };
        self.sink.output(Output { position: self.position, stream, bytes: bytes.to_vec() });
    }
}
