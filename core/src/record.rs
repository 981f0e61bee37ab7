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
//! Elsewhere: the format (`wasmscope-trace-format`), repeating a run (`timeline`), entries (`adapter`),
//! the file (`file`), how dense checkpoints are (`pace`), events (`profile`, `follow`, `crew`).

mod adapter;
mod crew;
mod file;
mod follow;
mod pace;
mod profile;

pub use file::{Files, Last, Pauses};
pub use profile::{ConvertError, convert_run};

use crate::engine::Module;
use crate::exec::stop::CallError;
use crate::lower::Lowering;
use crate::store::{Machine, PrunedStore, Store};
use crate::timeline::{Run, convert};
use adapter::Adapter;
use file::{File, Ring, Shared, ToFile, lock};
use follow::Follower;
use pace::Pace;
use std::io::Write;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use wasmscope_trace_format as wtrace;
use wtrace::{HostEntry, Manifest, Output, Profile, RunEnd, Summary, TraceWriter, WriteError};

/// Where a log goes.
pub(crate) trait Sink: Send {
    /// A module is used for the first time.
    fn module(&mut self, module: &Module);
    /// Something came in.
    fn entry(&mut self, position: wtrace::Position, entry: &HostEntry);
    /// The guest wrote something.
    fn output(&mut self, output: Output);
    /// A checkpoint can be taken here; gives the step of the next.
    fn checkpoint(&mut self, _store: &mut PrunedStore) -> u64 {
        u64::MAX
    }
}

/// Makes a store tell `sink` what comes in.
pub(crate) fn attach_sink(store: &mut PrunedStore, sink: Box<dyn Sink>) {
    store.log = Some(Box::new(Adapter::new(sink)));
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
        notes: vec![("name".to_owned(), name.to_owned()), ("numbering".to_owned(), NUMBERING.to_owned())],
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

/// Names how this engine numbers steps under each lowering: a recording that names another is
/// opened by ticks.
pub const NUMBERING: &str = env!("WASMSCOPE_NUMBERING");

/// Whether a recording numbers steps as this engine does under the same lowering.
pub fn is_numbered_alike(manifest: &Manifest) -> bool {
    manifest.notes.iter().any(|(name, value)| name == "numbering" && value == NUMBERING)
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

    /// How long checkpoints have kept the guest waiting; `None` for a profile with events, where
    /// another thread writes them.
    pub fn pauses(&self) -> Option<Pauses> {
        match &self.to {
            To::Log(file) => Some(lock(file).pauses),
            To::Events(_) => None,
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
