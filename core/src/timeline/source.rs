//! What a timeline replays: modules and the host log, of a file or of a run that is
//! still going on.
//!
//! ```text
//! trace file ──load──► Run ◄──record── live store
//!                       │ read by any number of replay stores
//! ```

use crate::engine::{Config, Engine, Limits, Module};
use crate::lower::Lowering;
use crate::module::features;
use crate::timeline::index::{Index, IndexError};
use crate::timeline::{Control, TimelineError};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, RwLock};
use wasmscope_trace_format as wtrace;
use wtrace::{HostEntry, HostRecord, Output, Position, Reason, RunEnd, TraceReader, Value};

/// A run: what is needed to repeat it, and what is known of its end.
pub struct Run {
    pub(crate) engine: Engine,
    /// What to call it.
    pub name: String,
    state: RwLock<State>,
    /// The file it comes from.
    pub(crate) reader: Option<TraceReader>,
    /// What finds things in it faster.
    index: RwLock<Option<Arc<Index>>>,
}

#[derive(Default)]
struct State {
    modules: Vec<Module>,
    entries: Vec<Arc<HostRecord>>,
    outputs: Vec<Arc<Output>>,
    end: Position,
    why: Option<RunEnd>,
    /// Names of host functions.
    hosts: HashMap<u32, String>,
    /// The entries that begin host calls.
    calls: Vec<u64>,
}

impl State {
    /// Notes what the entry that is about to be kept is found by.
    fn note(&mut self, entry: &HostEntry) {
        match entry {
            HostEntry::HostFunc { func, module, name, .. } => {
                self.hosts.insert(*func, format!("{module}.{name}"));
            }
            HostEntry::HostEnter { .. } => self.calls.push(self.entries.len() as u64),
            _ => {}
        }
    }
}

/// A call of a host function.
#[derive(Clone, Debug, PartialEq)]
pub struct HostCallView {
    /// The step that called it.
    pub step: u64,
    /// What it is imported as: `module.name`.
    pub name: String,
    /// Its arguments.
    pub args: Vec<Value>,
    /// Its results, once it has returned.
    pub results: Vec<Value>,
    /// What it wrote itself: memory, address, bytes.
    pub written: Vec<(u32, u64, Vec<u8>)>,
    /// Why it failed, if it did.
    pub failed: Option<Reason>,
}

impl Run {
    /// A run that is about to begin.
    pub(crate) fn new(engine: &Engine, name: &str) -> Run {
        Run {
            engine: engine.clone(),
            name: name.to_owned(),
            state: RwLock::default(),
            reader: None,
            index: RwLock::default(),
        }
    }

    /// The run a trace file holds.
    ///
    /// # Errors
    /// If a module it needs is missing or not valid.
    pub(crate) fn open(reader: TraceReader, name: &str) -> Result<Run, TimelineError> {
        let manifest = reader.manifest();
        let lowering = match manifest.lowering {
            wtrace::Lowering::Plain => Lowering::Plain,
            wtrace::Lowering::Fused => Lowering::Fused,
        };
        let mut limits = Limits::default();
        for (name, value) in &manifest.limits {
            match name.as_str() {
                "call_depth" => limits.call_depth = (*value).min(MOST_DEPTH) as u32,
                // A replay's host calls are not on the native stack.
                "host_calls" => limits.host_calls = u32::try_from(*value).unwrap_or(u32::MAX),
                "instances" => limits.instances = u32::try_from(*value).unwrap_or(u32::MAX),
                "memories" => limits.memories = u32::try_from(*value).unwrap_or(u32::MAX),
                "tables" => limits.tables = u32::try_from(*value).unwrap_or(u32::MAX),
                "value_stack" => limits.value_stack = (*value).min(MOST_SLOTS) as u32,
                "memory_bytes" => limits.memory_bytes = *value,
                "table_elements" => limits.table_elements = *value,
                _ => {}
            }
        }
        let config = Config::default().lowering(lowering).features(features::SUPPORTED).limits(limits);
        let engine = Engine::new(&config);
        let mut state = State { end: reader.end(), ..State::default() };
        for record in reader.host_log() {
            let record = record?;
            if let HostEntry::LoadModule { module, hash } = &record.entry {
                let bytes = reader.module(*hash)?.ok_or_else(|| {
                    TimelineError::Trace(format!("module {module} (hash {hash}) is missing from the file"))
                })?;
                let data =
                    crate::module::ModuleData::parse(bytes.into(), config.features).map_err(|error| {
                        TimelineError::Trace(format!("module {module} in the trace: {error}"))
                    })?;
                state.modules.push(Module::from(Arc::new(data)));
            }
            state.note(&record.entry);
            state.entries.push(Arc::new(record));
        }
        for output in reader.outputs() {
            // What a damaged frame held is lost, and can be made again by repeating the run.
            state.outputs.extend(output.ok().map(Arc::new));
        }
        state.why = reader.summary().map(|summary| summary.why.clone());
        let state = RwLock::new(state);
        Ok(Run { engine, name: name.to_owned(), state, reader: Some(reader), index: RwLock::default() })
    }

    /// The index that searches use.
    pub(crate) fn index(&self) -> Option<Arc<Index>> {
        self.index.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// Lets searches use the index at `path`, if there is one that was made of this run;
    /// gives it.
    pub fn use_index(&self, path: &Path) -> Option<Arc<Index>> {
        let index = Index::open(self, path).map(Arc::new)?;
        Some(self.set_index(index))
    }

    /// Makes or completes the index at `path`; searches use what is there of it meanwhile.
    ///
    /// # Errors
    /// If this is no recording, the run cannot be repeated, the index cannot be written, or
    /// it is cancelled: what was made stays.
    pub fn build_index(self: &Arc<Run>, path: &Path, control: &Control) -> Result<Arc<Index>, IndexError> {
        let index = match self.index() {
            Some(index) => index,
            None => self.set_index(Arc::new(Index::open_or_create(self, path)?)),
        };
        index.build(self, control)?;
        Ok(index)
    }

    fn set_index(&self, index: Arc<Index>) -> Arc<Index> {
        let mut current = self.index.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        current.insert(index).clone()
    }

    fn state(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn state_mut(&self) -> std::sync::RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// An entry of the host log.
    pub(crate) fn entry(&self, index: u64) -> Option<Arc<HostRecord>> {
        self.state().entries.get(usize::try_from(index).ok()?).cloned()
    }

    /// How functions are lowered in it.
    pub fn lowering(&self) -> Lowering {
        self.engine.config().lowering
    }

    /// The first entry from `cursor` on that is no pause of the recorded run: a replay makes
    /// none.
    pub(crate) fn after_pauses(&self, mut cursor: u64) -> u64 {
        loop {
            let is = |at: u64, wanted: &dyn Fn(&HostEntry) -> bool| {
                self.entry(at).is_some_and(|record| wanted(&record.entry))
            };
            let paused =
                is(cursor, &|entry| matches!(entry, HostEntry::Failed { reason } if is_pause(reason)));
            if !paused || !is(cursor + 1, &|entry| matches!(entry, HostEntry::Resume)) {
                return cursor;
            }
            cursor += 2;
        }
    }

    /// How many entries the host log has.
    pub fn entries(&self) -> u64 {
        self.state().entries.len() as u64
    }

    /// A module, by its number in the run.
    pub(crate) fn module(&self, index: u32) -> Option<Module> {
        self.state().modules.get(index as usize).cloned()
    }

    /// All modules, in order of their number.
    pub fn modules(&self) -> Vec<Module> {
        self.state().modules.clone()
    }

    /// Steps and ticks known so far.
    pub fn end(&self) -> Position {
        self.state().end
    }

    /// Why the run ended, if it has and that is known.
    pub fn why(&self) -> Option<RunEnd> {
        self.state().why.clone()
    }

    /// What the guest wrote before `step`, in order.
    pub fn outputs(&self, step: u64) -> Vec<Arc<Output>> {
        let state = self.state();
        let before = state.outputs.partition_point(|output| output.position.step < step);
        state.outputs[..before].to_vec()
    }

    /// What the guest wrote at this place in the order of all it wrote.
    pub(crate) fn output(&self, index: usize) -> Option<Arc<Output>> {
        self.state().outputs.get(index).cloned()
    }

    /// The last of what the guest wrote before `step`: chunks that hold at least `limit`
    /// bytes together, in order, and whether there was more before.
    pub fn latest_outputs(&self, step: u64, limit: usize) -> (Vec<Arc<Output>>, bool) {
        let state = self.state();
        let before = state.outputs.partition_point(|output| output.position.step < step);
        let (mut from, mut held) = (before, 0);
        while from > 0 && held < limit {
            from -= 1;
            held += state.outputs[from].bytes.len();
        }
        (state.outputs[from..before].to_vec(), from > 0)
    }

    /// The host calls of the run: index of the entry that begins each, in order.
    pub fn host_calls(&self) -> Vec<Arc<HostRecord>> {
        let state = self.state();
        let calls = state.entries.iter().filter(|record| matches!(record.entry, HostEntry::HostEnter { .. }));
        calls.cloned().collect()
    }

    /// The host functions of the run: module and name they are imported by.
    pub fn host_names(&self) -> Vec<(String, String)> {
        let state = self.state();
        let names = state.entries.iter().filter_map(|record| match &record.entry {
            HostEntry::HostFunc { module, name, .. } => Some((module.clone(), name.clone())),
            _ => None,
        });
        names.collect()
    }

    /// The host calls before `step`: how many there are, and how many in the whole run.
    pub fn host_calls_before(&self, step: u64) -> (u64, u64) {
        let state = self.state();
        let before = state.calls.partition_point(|&at| state.entries[at as usize].position.step < step);
        (before as u64, state.calls.len() as u64)
    }

    /// Some host calls of the run, by their numbers from 0.
    pub fn host_calls_in(&self, numbers: std::ops::Range<u64>) -> Vec<HostCallView> {
        let state = self.state();
        let end = numbers.end.min(state.calls.len() as u64);
        let view = |number: u64| {
            let at = state.calls[number as usize] as usize;
            let HostEntry::HostEnter { func, args } = &state.entries[at].entry else {
                unreachable!("calls are indices of these")
            };
            let mut view = HostCallView {
                step: state.entries[at].position.step,
                name: state.hosts.get(func).cloned().unwrap_or_else(|| format!("host function {func}")),
                args: args.clone(),
                results: Vec::new(),
                written: Vec::new(),
                failed: None,
            };
            // Calls back into the guest, and what they call, stand between.
            let mut open = 1;
            for record in &state.entries[at + 1..] {
                match &record.entry {
                    HostEntry::HostEnter { .. } => open += 1,
                    HostEntry::HostExit { results } => {
                        open -= 1;
                        if open == 0 {
                            view.results.clone_from(results);
                        }
                    }
                    HostEntry::HostFailed { reason } => {
                        open -= 1;
                        if open == 0 {
                            view.failed = Some(reason.clone());
                        }
                    }
                    HostEntry::MemoryWrite { memory, addr, bytes } if open == 1 => {
                        view.written.push((*memory, *addr, bytes.clone()));
                    }
                    _ => {}
                }
                if open == 0 {
                    break;
                }
            }
            view
        };
        (numbers.start.min(end)..end).map(view).collect()
    }

    pub(crate) fn push_module(&self, module: Module) {
        self.state_mut().modules.push(module);
    }

    pub(crate) fn push_entry(&self, position: Position, entry: HostEntry) {
        let mut state = self.state_mut();
        let index = state.entries.len() as u64;
        state.note(&entry);
        state.entries.push(Arc::new(HostRecord { index, position, entry }));
    }

    pub(crate) fn push_output(&self, output: Output) {
        self.state_mut().outputs.push(Arc::new(output));
    }

    pub(crate) fn set_end(&self, end: Position, why: Option<RunEnd>) {
        let mut state = self.state_mut();
        state.end = end;
        state.why = why;
    }
}

/// Limits a trace may ask for: more is not believed.
const MOST_DEPTH: u64 = 1 << 24;
const MOST_SLOTS: u64 = 1 << 28;

/// Whether a run that stopped for this reason may go on.
pub(crate) fn is_pause(reason: &wtrace::Reason) -> bool {
    use wtrace::Reason as R;
    matches!(reason, R::OutOfFuel | R::Interrupted | R::WaitingForInput)
}
