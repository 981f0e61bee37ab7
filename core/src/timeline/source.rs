//! What a timeline replays: modules and the host log, of a file or of a run that is
//! still going on.
//!
//! ```text
//! trace file ──load──► Run ◄──record── live store
//!                       │ read by any number of replay stores
//! ```
//!
//! Of a file's host log only what its entries are found by is kept; the entries themselves are
//! read when they are asked for, so a log may be larger than memory.
//!
//! Elsewhere: what went in and out, to be looked at (`outside`); the numbers of a file that numbers
//! steps otherwise (`numbering`).

mod outside;

pub use outside::HostCallView;

use crate::engine::{Config, Engine, Limits, Module};
use crate::lower::Lowering;
use crate::module::features;
use crate::timeline::index::{Index, IndexError};
use crate::timeline::numbering::Numbers;
use crate::timeline::{Control, TimelineError};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, RwLock};
use wasmscope_trace_format as wtrace;
use wtrace::{Checkpoint, HostEntry, HostRecord, Manifest, Output, Position, RunEnd, TraceReader};

/// A run: what is needed to repeat it, and what is known of its end.
pub struct Run {
    pub(crate) engine: Engine,
    /// What to call it.
    pub name: String,
    state: RwLock<State>,
    /// The file it comes from.
    pub(crate) reader: Option<TraceReader>,
    /// The steps of the file's checkpoints, as the file numbers them.
    recorded: Vec<u64>,
    /// What this engine's numbers are, if the file has others.
    pub(super) numbers: OnceLock<Numbers>,
    /// How the host log of the file is damaged.
    damage: Option<String>,
    /// What finds things in it faster.
    index: RwLock<Option<Arc<Index>>>,
    /// Movements and searches that somebody waits for.
    awaited: AtomicU32,
}

/// Somebody waits for a movement or a search; what is done beside stands back.
pub(crate) struct Awaited(Arc<Run>);

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.awaited.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Default)]
struct State {
    modules: Vec<Module>,
    /// The host log of a run that has no file.
    entries: Vec<Arc<HostRecord>>,
    /// How many entries there are.
    count: u64,
    outputs: Vec<Arc<Output>>,
    begin: Position,
    end: Position,
    why: Option<RunEnd>,
    /// Names of host functions.
    hosts: HashMap<u32, String>,
    /// The entries that begin host calls, and their steps.
    calls: Vec<(u64, u64)>,
    /// Whether the last of them was left to be made again: it waited for input, say.
    again: bool,
    /// The entries that make something, which a checkpoint takes for granted.
    made: Vec<u64>,
}

impl State {
    /// Notes what an entry is found by.
    fn note(&mut self, record: &HostRecord) {
        self.count = record.index + 1;
        if record.entry.makes() {
            self.made.push(record.index);
        }
        match &record.entry {
            HostEntry::HostFunc { func, module, name, .. } => {
                self.hosts.insert(*func, format!("{module}.{name}"));
            }
            HostEntry::HostEnter { .. } => {
                let call = (record.index, record.position.step);
                // Made again, it is the same call.
                match self.calls.last_mut().filter(|last| self.again && last.1 == call.1) {
                    Some(last) => *last = call,
                    None => self.calls.push(call),
                }
                self.again = false;
            }
            HostEntry::HostFailed { reason } => self.again = is_pause(reason),
            HostEntry::LeftOut => self.begin = record.position,
            _ => {}
        }
    }
}

impl Run {
    /// A run that is about to begin.
    pub(crate) fn new(engine: &Engine, name: &str) -> Run {
        Run {
            engine: engine.clone(),
            name: name.to_owned(),
            state: RwLock::default(),
            reader: None,
            recorded: Vec::new(),
            numbers: OnceLock::new(),
            damage: None,
            index: RwLock::default(),
            awaited: AtomicU32::new(0),
        }
    }

    /// The run a trace file holds.
    ///
    /// # Errors
    /// If a module it needs is missing or not valid.
    pub(crate) fn open(
        reader: TraceReader,
        name: &str,
        lowering: Option<Lowering>,
    ) -> Result<Run, TimelineError> {
        let manifest = reader.manifest();
        let lowering = lowering.unwrap_or_else(|| lowering_of(manifest));
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
        let mut damage = None;
        let mut log = reader.host_log_in_brief();
        while let Some(record) = log.next() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    // From a checkpoint behind it the run can be repeated again.
                    let more = log.skip_damage(&error);
                    damage.get_or_insert_with(|| error.to_string());
                    if more { continue } else { break }
                }
            };
            if let HostEntry::LoadModule { module, hash } = &record.entry {
                let bytes = reader.module(*hash)?.ok_or_else(|| {
                    TimelineError::Trace(format!("module {module} (hash {hash}) is missing from the file"))
                })?;
                let data =
                    crate::module::ModuleData::parse(bytes.into(), config.features).map_err(|error| {
                        TimelineError::Trace(format!("module {module} in the trace: {error}"))
                    })?;
                state.modules.push(Module::of(Arc::new(data)));
            }
            state.note(&record);
        }
        for output in reader.outputs() {
            // What a damaged frame held is lost, and can be made again by repeating the run.
            state.outputs.extend(output.ok().map(Arc::new));
        }
        state.why = reader.summary().map(|summary| summary.why.clone());
        let state = RwLock::new(state);
        Ok(Run {
            engine,
            name: name.to_owned(),
            state,
            recorded: reader.checkpoints(),
            reader: Some(reader),
            numbers: OnceLock::new(),
            damage,
            index: RwLock::default(),
            awaited: AtomicU32::new(0),
        })
    }

    /// How the file's host log is damaged, if it is: steps from there to the next checkpoint behind
    /// the damage cannot be repeated.
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// The file the run comes from.
    pub fn reader(&self) -> Option<&TraceReader> {
        self.reader.as_ref()
    }

    /// Whether steps have other numbers here than in the file: those of this engine.
    pub fn is_renumbered(&self) -> bool {
        self.numbers.get().is_some()
    }

    /// The steps of the checkpoints of the file.
    pub(crate) fn checkpoints(&self) -> &[u64] {
        self.numbers.get().map_or(&self.recorded, Numbers::checkpoints)
    }

    /// A checkpoint of the file, by its place in the order of all.
    ///
    /// # Errors
    /// If it is damaged.
    pub(crate) fn checkpoint(&self, index: usize) -> Result<Arc<Checkpoint>, TimelineError> {
        let none = || TimelineError::Trace("only a recording has checkpoints".to_owned());
        let reader = self.reader.as_ref().ok_or_else(none)?;
        Ok(match self.numbers.get() {
            Some(numbers) => numbers.checkpoint(reader, index)?,
            None => reader.checkpoint(index)?,
        })
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

    /// Says that somebody waits, until it is dropped.
    pub(crate) fn await_it(self: &Arc<Run>) -> Awaited {
        self.awaited.fetch_add(1, Ordering::Relaxed);
        Awaited(self.clone())
    }

    /// Whether somebody waits for something else.
    pub(crate) fn is_awaited(&self) -> bool {
        self.awaited.load(Ordering::Relaxed) > 0
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
        match &self.reader {
            // All of it was read once, to its end or to an error.
            Some(reader) => {
                let record = reader.host_entry(index).ok().flatten()?;
                Some(match self.numbers.get() {
                    Some(numbers) => {
                        Arc::new(HostRecord { position: numbers.entry(index), ..(*record).clone() })
                    }
                    None => record,
                })
            }
            None => self.state().entries.get(usize::try_from(index).ok()?).cloned(),
        }
    }

    /// The entries before `cursor` that make something, in order.
    pub(crate) fn made_before(&self, cursor: u64) -> Vec<u64> {
        let state = self.state();
        state.made[..state.made.partition_point(|&index| index < cursor)].to_vec()
    }

    /// All entries from one on.
    fn entries_from(&self, index: u64) -> impl Iterator<Item = Arc<HostRecord>> {
        (index..).map_while(|index| self.entry(index))
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
        self.state().count
    }

    /// A module, by its number in the run.
    pub(crate) fn module(&self, index: u32) -> Option<Module> {
        self.state().modules.get(index as usize).cloned()
    }

    /// All modules, in order of their number.
    pub fn modules(&self) -> Vec<Module> {
        self.state().modules.clone()
    }

    /// The first moment there is.
    pub fn begin(&self) -> Position {
        self.state().begin
    }

    /// What was kept before this moment cannot be repeated.
    pub(crate) fn begins_at(&self, begin: Position) {
        self.state_mut().begin = begin;
    }

    /// Steps and ticks known so far.
    pub fn end(&self) -> Position {
        self.state().end
    }

    /// Why the run ended, if it has and that is known.
    pub fn why(&self) -> Option<RunEnd> {
        self.state().why.clone()
    }

    /// Gives everything that is known of the run the numbers of this engine.
    pub(super) fn renumber(&self, numbers: &Numbers) {
        let mut state = self.state_mut();
        let State { calls, outputs, .. } = &mut *state;
        // Both stand in the order in which they happened, and who writes is called.
        let mut recorded = calls.iter().map(|&(index, step)| (step, numbers.entry(index))).peekable();
        let mut last = None;
        for output in outputs {
            while let Some(call) = recorded.next_if(|(step, _)| *step <= output.position.step) {
                last = Some(call.1);
            }
            Arc::make_mut(output).position = last.unwrap_or_default();
        }
        for (index, step) in calls {
            *step = numbers.entry(*index).step;
        }
        state.end = numbers.end;
        if numbers.is_cut {
            state.why = None;
        }
    }

    pub(crate) fn push_module(&self, module: Module) {
        self.state_mut().modules.push(module);
    }

    pub(crate) fn push_entry(&self, position: Position, entry: HostEntry) {
        let mut state = self.state_mut();
        let record = Arc::new(HostRecord { index: state.count, position, entry });
        state.note(&record);
        state.entries.push(record);
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

/// How the functions of a recording were lowered.
pub(super) fn lowering_of(manifest: &Manifest) -> Lowering {
    match manifest.lowering {
        wtrace::Lowering::Plain => Lowering::Plain,
        wtrace::Lowering::Fused => Lowering::Fused,
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
