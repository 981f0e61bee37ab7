//! Recording: what came in from outside, and checkpoints, written down as they happen.
//!
//! ```text
//! store ──RunLog──► Adapter ──Sink──► trace file          profile log
//!                                 ──► memory ──► follower ──► trace file    with events
//!                                 ──► memory              a live session
//! ```
//!
//! A recorded guest runs under counted dispatch at nearly full speed: nothing is written
//! for what it computes, because repeating the run computes it again. A file that cannot
//! be written to never stops the guest: recording ends there, and says so.
//!
//! Elsewhere: the format (`wasmscope-trace-format`), repeating a run (`timeline`), the file
//! (`file`), how dense checkpoints are (`pace`), events (`profile`, `follow`, `crew`).

mod crew;
mod file;
mod follow;
mod pace;
mod profile;

pub use file::{Files, Last};
pub use profile::{ConvertError, convert_run};

use crate::engine::Module;
use crate::exec::stop::{CallError, Reason};
use crate::lower::Lowering;
use crate::module::{FuncType, GlobalType, MemoryType, ModuleData, TableType, ValType};
use crate::store::log::{ExternIndex, Position, TypedBits};
use crate::store::{AsStore, PrunedStore, RunLog, Store, Stream};
use crate::timeline::{Run, convert};
use file::{File, Ring, Shared, ToFile, lock};
use follow::Follower;
use pace::Pace;
use std::io::Write;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use wasmscope_trace_format as wtrace;
use wtrace::{ExternId, HostEntry, Manifest, Output, Profile, RunEnd, Summary, TraceWriter, WriteError};

/// Where a log goes.
pub(crate) trait Sink: Send {
    /// A module is used for the first time.
    fn module(&mut self, module: &Module);
    /// Something came in.
    fn entry(&mut self, position: wtrace::Position, entry: HostEntry);
    /// The guest wrote something.
    fn output(&mut self, output: Output);
    /// A checkpoint can be taken here; gives the step of the next.
    fn checkpoint(&mut self, _store: &mut PrunedStore) -> u64 {
        u64::MAX
    }
}

/// Makes a store tell `sink` what comes in.
pub(crate) fn attach_sink(store: &mut PrunedStore, sink: Box<dyn Sink>) {
    store.log = Some(Box::new(Adapter { sink, position: wtrace::Position::default() }));
}

/// From what a store tells to entries.
struct Adapter {
    sink: Box<dyn Sink>,
    position: wtrace::Position,
}

impl Adapter {
    fn entry(&mut self, entry: HostEntry) {
        self.sink.entry(self.position, entry);
    }
}

impl RunLog for Adapter {
    fn at(&mut self, position: Position) {
        // A host call that calls back knows its own step only; time does not go back.
        self.position = self.position.max(convert::position(position));
    }

    fn load_module(&mut self, module: u32, data: &Arc<ModuleData>) {
        self.sink.module(&Module::from(data.clone()));
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
        self.entry(HostEntry::MemoryWrite { memory, addr, bytes: bytes.to_vec() });
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
        self.entry(HostEntry::HostEnter { func, args: convert::values(args) });
    }

    fn host_exit(&mut self, results: &[TypedBits]) {
        self.entry(HostEntry::HostExit { results: convert::values(results) });
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

/// The manifest of a run in a store with this engine.
pub fn manifest(engine: &crate::Engine, name: &str, args: &[String], profile: wtrace::Profile) -> Manifest {
    let config = engine.config();
    let limits = config.limits;
    Manifest {
        engine: "wasmscope".to_owned(),
        engine_version: env!("CARGO_PKG_VERSION").to_owned(),
        semantics: SEMANTICS,
        lowering: match config.lowering {
            Lowering::Plain => wtrace::Lowering::Plain,
            Lowering::Fused => wtrace::Lowering::Fused,
        },
        profile,
        features: config.features.iter_names().map(|(name, _)| name.to_lowercase()).collect(),
        limits: vec![
            ("call_depth".to_owned(), limits.call_depth as u64),
            ("host_calls".to_owned(), limits.host_calls as u64),
            ("value_stack".to_owned(), limits.value_stack as u64),
            ("memory_bytes".to_owned(), limits.memory_bytes),
            ("table_elements".to_owned(), limits.table_elements),
            ("instances".to_owned(), limits.instances as u64),
            ("memories".to_owned(), limits.memories as u64),
            ("tables".to_owned(), limits.tables as u64),
        ],
        created: std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .ok()
            .map(|since| since.as_secs()),
        args: args.to_vec(),
        modules: Vec::new(),
        notes: vec![("name".to_owned(), name.to_owned())],
    }
}

/// The manifest of a recording of what happens in a store.
fn manifest_with<T: Send + 'static>(
    store: &Store<T>,
    name: &str,
    args: &[String],
    options: &RecordOptions,
) -> Manifest {
    let mut manifest = manifest(store.engine(), name, args, options.profile);
    manifest.notes.push(("checkpoint_budget".to_owned(), options.checkpoint_budget.to_string()));
    manifest
}

/// Changes when the same log would replay differently.
pub const SEMANTICS: u32 = 1;

/// What a recording keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordOptions {
    /// How much of each step.
    pub profile: Profile,
    /// Bytes of the file that checkpoints may take, about; with none at all, going to a
    /// moment repeats the run from its beginning.
    pub checkpoint_budget: u64,
}

impl Default for RecordOptions {
    fn default() -> RecordOptions {
        RecordOptions { profile: Profile::Log, checkpoint_budget: 256 << 20 }
    }
}

/// Writes a run down as it happens.
///
/// ```text
/// let recorder = Recorder::start(&mut store, file, "fib.wasm", &[])?;
/// … instantiate, call …
/// recorder.finish(&mut store, Ok(()))?;
/// ```
pub struct Recorder<W: Write + Send + 'static> {
    to: To<W>,
    steps: Arc<AtomicU64>,
}

enum To<W: Write + Send + 'static> {
    Log(Shared<W>),
    Events(Follower<W>),
}

impl<W: Write + Send + 'static> Recorder<W> {
    /// Records what happens in `store` from now on, which must be all that ever happened
    /// in it, to `out`, with profile `log`. The store runs counted from now on.
    ///
    /// # Errors
    /// If the beginning of the file cannot be written.
    pub fn start<T: Send + 'static>(
        store: &mut Store<T>,
        out: W,
        name: &str,
        args: &[String],
    ) -> Result<Recorder<W>, WriteError> {
        Recorder::with_options(store, out, name, args, &RecordOptions::default())
    }

    /// The same with other options. A profile with events is written by a thread of its
    /// own, which repeats the run close behind.
    ///
    /// # Errors
    /// As [`Recorder::start`].
    pub fn with_options<T: Send + 'static>(
        store: &mut Store<T>,
        out: W,
        name: &str,
        args: &[String],
        options: &RecordOptions,
    ) -> Result<Recorder<W>, WriteError> {
        let manifest = manifest_with(store, name, args, options);
        Recorder::begin(store, out, &manifest, name, options, None)
    }

    /// Records with profile `log`, but only the end of the run, in one file after the other:
    /// what `files` makes last and first is the recording. Its first checkpoint is its
    /// beginning.
    ///
    /// # Errors
    /// As [`Recorder::start`].
    pub fn keeping_last<T: Send + 'static>(
        store: &mut Store<T>,
        mut files: impl Files<Out = W> + 'static,
        name: &str,
        args: &[String],
        last: Last,
        checkpoint_budget: u64,
    ) -> Result<Recorder<W>, WriteError> {
        let options = RecordOptions { profile: Profile::Log, checkpoint_budget };
        let manifest = manifest_with(store, name, args, &options);
        let out = files.begin().and_then(|out| files.replace().map(|()| out));
        let out = out.map_err(|source| WriteError::Io { at: 0, source })?;
        let ring = Ring::new(Box::new(files), last, manifest.clone(), checkpoint_budget);
        Recorder::begin(store, out, &manifest, name, &options, Some(ring))
    }

    fn begin<T: Send + 'static>(
        store: &mut Store<T>,
        out: W,
        manifest: &Manifest,
        name: &str,
        options: &RecordOptions,
        ring: Option<Ring<W>>,
    ) -> Result<Recorder<W>, WriteError> {
        let pace = Pace::new(options.checkpoint_budget);
        let writer = TraceWriter::begin(out, manifest)?;
        store.set_dispatch(crate::Dispatch::Counted);
        let engine = store.engine().clone();
        let pruned = store.as_store_mut();
        let steps = Arc::<AtomicU64>::default();
        // The first look is early, so that whoever watches sees it begin.
        pruned.checkpoint_from(1 << 16);
        if options.profile == Profile::Log {
            let file = Arc::new(Mutex::new(File::new(writer, name, pace, ring)));
            attach_sink(pruned, Box::new(ToFile(file.clone(), steps.clone())));
            return Ok(Recorder { to: To::Log(file), steps });
        }
        let run = Arc::new(Run::new(&engine, name));
        let (follower, guest) = Follower::start(writer, run, options.profile, pace, steps.clone())
            .map_err(|source| WriteError::Io { at: 0, source })?;
        attach_sink(pruned, Box::new(guest));
        Ok(Recorder { to: To::Events(follower), steps })
    }

    /// Whether nothing more is written, because something could not be.
    pub fn is_stopped(&self) -> bool {
        match &self.to {
            To::Log(file) => lock(file).is_stopped(),
            To::Events(follower) => follower.is_gone(),
        }
    }

    /// The step that was recorded last, for whoever shows progress; about.
    pub fn steps(&self) -> Arc<AtomicU64> {
        self.steps.clone()
    }

    /// Bytes written so far.
    pub fn bytes(&self) -> u64 {
        match &self.to {
            To::Log(file) => lock(file).bytes(),
            To::Events(follower) => follower.written().1,
        }
    }

    /// Closes the file; gives back what was written to.
    ///
    /// # Errors
    /// If something could not be written, now or before.
    pub fn finish<T: Send + 'static>(
        self,
        store: &mut Store<T>,
        result: Result<(), &CallError>,
    ) -> Result<W, ConvertError> {
        let end = wtrace::Position { step: store.steps(), tick: store.ticks() };
        let pruned = store.as_store_mut();
        pruned.log = None;
        let why = match result {
            Ok(()) => RunEnd::Halt,
            Err(_) => RunEnd::Error(convert::reason(&pruned.reason)),
        };
        match self.to {
            To::Events(follower) => follower.finish(end, why),
            To::Log(file) => {
                let functions = pruned.lowered_functions();
                let writer = lock(&file).take()?;
                Ok(writer.finish(Summary { end, why, functions, ..Summary::default() })?)
            }
        }
    }
}

impl PrunedStore {
    /// How many functions have been lowered, which is how many have been called.
    pub(crate) fn lowered_functions(&self) -> u64 {
        let modules = self.arenas.modules.iter();
        modules
            .map(|module| {
                module.get().entries.get().iter().filter(|entry| !entry.code.is_null()).count() as u64
            })
            .sum()
    }
}
