//! Repeating a run from its log, in a store of its own.
//!
//! ```text
//! log   LoadModule HostFunc Instantiate Finished Invoke HostEnter … HostExit Finished
//!                                                ▲ cursor      answered by the log
//! ```
//!
//! The embedder's operations are done again in order; between them the guest runs under
//! control (`exec::control`). Host functions are answered from the log, which compares
//! who is called with what; nothing outside is touched.
//!
//! Always: a replay is where the recording was, or stops with an error that names the
//! first difference.
//! Elsewhere: host functions (`replay/answers`).

mod answers;

use crate::exec::control::{Stand, Watched};
use crate::exec::observer::Watcher;
use crate::exec::stop::Reason;
use crate::module::{GlobalType, MemoryType, RefType, TableType, ValType};
use crate::store::entity::TagInst;
use crate::store::host::HostCall;
use crate::store::linker::LinkError;
use crate::store::{Extern, Func, Global, HostError, Memory, MemoryInst, PrunedStore, Table, Tag};
use crate::timeline::convert;
use crate::timeline::source::Run;
use crate::timeline::{TimelineError, snapshot::Snapshot};
pub(crate) use answers::Heard;
use answers::{FromLog, apply, hear, list, name};
use std::sync::Arc;
use wasmscope_trace_format as wtrace;
use wtrace::{ExternId, HostEntry, HostRecord, Value};

/// A store that repeats a run.
pub(crate) struct Replayer {
    pub(crate) store: Box<PrunedStore>,
    run: Arc<Run>,
    /// What the store's memories were last equal to.
    base: Option<Arc<Snapshot>>,
    /// The operation whose frames are on the stack.
    operation: Operation,
    torn: bool,
    heard: Option<Heard>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    /// None: the next entry of the log begins one, or there is none.
    None,
    /// A call or an instantiation runs.
    Running,
}

impl Replayer {
    pub(crate) fn new(run: Arc<Run>) -> Replayer {
        let mut store = Box::new(PrunedStore::new(&run.engine, Box::new(())));
        store.dispatch = crate::exec::Dispatch::Counted;
        store.answers = Some(Box::new(FromLog { run: run.clone(), heard: None }));
        Replayer { store, run, base: None, operation: Operation::None, torn: false, heard: None }
    }

    /// Notes from now on where entries of the log are met.
    pub(crate) fn listen(&mut self) -> Heard {
        let heard = Heard::default();
        self.heard = Some(heard.clone());
        self.store.answers = Some(Box::new(FromLog { run: self.run.clone(), heard: self.heard.clone() }));
        heard
    }

    /// The number of the next step.
    pub(crate) fn step(&self) -> u64 {
        self.store.meter.steps
    }

    /// A snapshot of where it stands.
    pub(crate) fn snapshot(&mut self) -> Arc<Snapshot> {
        let snapshot = Arc::new(Snapshot::take(&mut self.store, self.base.as_deref()));
        self.base = Some(snapshot.clone());
        snapshot
    }

    /// Goes to a snapshot of this replayer.
    pub(crate) fn restore(&mut self, snapshot: &Arc<Snapshot>) {
        snapshot.restore(&mut self.store, self.base.as_deref());
        self.base = Some(snapshot.clone());
        self.torn = false;
        self.operation = if self.store.depth() > 0 { Operation::Running } else { Operation::None };
    }

    /// Goes to a checkpoint of the file. `start` is the beginning of the run.
    ///
    /// # Errors
    /// If the checkpoint does not fit; the replayer must be restored then.
    pub(crate) fn jump(
        &mut self,
        start: &Arc<Snapshot>,
        checkpoint: &wtrace::Checkpoint,
        reader: &wtrace::TraceReader,
    ) -> Result<(), TimelineError> {
        self.restore(start);
        self.abandon();
        self.torn = true;
        // What the log makes on the way has to be made; what it changes is in the checkpoint.
        for index in self.run.made_before(checkpoint.host_cursor) {
            // What the snapshot has already.
            if index < self.store.log_cursor {
                continue;
            }
            let Some(record) = self.run.entry(index) else { continue };
            match &record.entry {
                HostEntry::Instantiate { module, imports, .. } => drop(self.make(*module, imports)?),
                entry => drop(self.operation(entry)?),
            }
        }
        super::checkpoint::restore(&mut self.store, checkpoint, reader)?;
        self.base = None;
        self.operation = Operation::Running;
        self.torn = false;
        Ok(())
    }

    /// Whether the store is in no state of the run: a jump has failed.
    pub(crate) fn is_torn(&self) -> bool {
        self.torn
    }

    /// Whether an op is about to run, or the last one failed: false before the log's first call and behind its last.
    pub(crate) fn is_running(&self) -> bool {
        self.operation == Operation::Running
    }

    /// Runs until the next step is `limit` and its op is about to run, or something else
    /// happens before.
    pub(crate) fn run_to(&mut self, limit: u64, watched: Option<Watched>) -> Result<Stand, TimelineError> {
        loop {
            if self.operation == Operation::None && !self.next_operation()? {
                return Ok(Stand::Halted);
            }
            let stand = self.store.advance(limit, watched);
            if !self.settle(stand)? {
                return Ok(stand);
            }
        }
    }

    /// Walks op by op until the next step is `limit`, showing each to `watcher`; false if
    /// the run stands still before that.
    pub(crate) fn walk_to(&mut self, limit: u64, watcher: &mut impl Watcher) -> Result<bool, TimelineError> {
        if self.operation == Operation::None && !self.next_operation()? {
            return Ok(false);
        }
        match self.store.walk(limit, None, watcher) {
            None => Ok(true),
            Some(stand) => self.settle(stand),
        }
    }

    /// After the machine stood: whether there is more to run.
    pub(crate) fn settle(&mut self, stand: Stand) -> Result<bool, TimelineError> {
        match stand {
            Stand::Reached | Stand::Breakpoint | Stand::Returned | Stand::Watched => Ok(false),
            Stand::Halted => {
                self.operation = Operation::None;
                self.skip_pauses();
                match self.meet().map(|record| record.entry.clone()) {
                    Some(HostEntry::Finished { results }) => {
                        let here = convert::values(&self.store.outermost_results());
                        if results != here {
                            return Err(self.differs(&format!(
                                "the call returned ({}), recorded ({})",
                                list(&here),
                                list(&results)
                            )));
                        }
                        self.store.log_cursor += 1;
                    }
                    Some(other) => {
                        return Err(self.differs(&format!(
                            "the run returned, the recording went on with {}",
                            name(&other)
                        )));
                    }
                    None => return Ok(false),
                }
                self.next_operation()
            }
            Stand::Failed => {
                match &self.store.reason {
                    Reason::Diverged(text) => return Err(self.differs(text)),
                    Reason::Unanswered => return Err(self.lost(self.step() + 1)),
                    _ => {}
                }
                self.skip_pauses();
                match self.meet().map(|record| record.entry.clone()) {
                    Some(HostEntry::Failed { reason }) => {
                        let here = convert::reason(&self.store.reason);
                        if reason != here {
                            return Err(self.differs(&format!(
                                "the run failed with {here}, the recording with {reason}"
                            )));
                        }
                        if self.run.entry(self.store.log_cursor + 1).is_none() {
                            // The end: the frames stay, to be looked at.
                            return Ok(false);
                        }
                        self.store.log_cursor += 1;
                        self.abandon();
                        self.next_operation()
                    }
                    Some(other) => {
                        Err(self
                            .differs(&format!("the run failed, the recording went on with {}", name(&other))))
                    }
                    None => Ok(false),
                }
            }
            Stand::Paused => Ok(false),
        }
    }

    /// Gives up what is on the stack.
    fn abandon(&mut self) {
        let store = &mut self.store;
        store.unwind(0);
        store.set_instance(std::ptr::null_mut());
        let (steps, ticks) = (store.meter.steps as i64, store.meter.ticks as i64);
        store.set_counters(steps, ticks);
        self.operation = Operation::None;
    }

    fn entry(&self) -> Option<Arc<HostRecord>> {
        self.run.entry(self.store.log_cursor)
    }

    /// The entry at the cursor, which is met here, between two steps.
    fn meet(&self) -> Option<Arc<HostRecord>> {
        let record = self.entry()?;
        hear(self.heard.as_ref(), record.index, self.store.standing());
        Some(record)
    }

    /// Passes over pauses of the recorded run, which a replay does not make.
    fn skip_pauses(&mut self) {
        self.store.log_cursor = self.run.after_pauses(self.store.log_cursor);
    }

    /// It stands still before `step`, which is a step of the run.
    pub(crate) fn lost(&self, step: u64) -> TimelineError {
        TimelineError::Lost { step, reached: self.step() }
    }

    fn differs(&self, what: &str) -> TimelineError {
        TimelineError::Diverged { step: self.step(), what: what.to_owned() }
    }

    /// Does the log's operations until one has frames on the stack; false at the end.
    fn next_operation(&mut self) -> Result<bool, TimelineError> {
        while let Some(record) = self.meet() {
            // What was not kept cannot be repeated: only a jump leads over it.
            if record.entry == HostEntry::LeftOut {
                break;
            }
            self.store.log_cursor += 1;
            if self.operation(&record.entry)? {
                self.operation = Operation::Running;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Does one operation; whether the guest runs now.
    fn operation(&mut self, entry: &HostEntry) -> Result<bool, TimelineError> {
        let id = self.store.id;
        let store = &mut *self.store;
        match entry {
            HostEntry::LoadModule { module, .. } => {
                let data = self.run.module(*module);
                let data = data.ok_or_else(|| TimelineError::Trace(format!("module {module} is missing")))?;
                if store.module_index(&data) != *module {
                    return Err(TimelineError::Trace(format!("module {module} is loaded twice")));
                }
            }
            HostEntry::HostFunc { module, name, ty, .. } => {
                let call: HostCall = Box::new(|_, _| Err(HostError::msg("a replay answers from its log")));
                store.add_host_func(module, name, convert::func_type_back(ty), call);
            }
            HostEntry::NewMemory { ty, .. } => {
                let ty = MemoryType {
                    minimum: ty.min,
                    maximum: ty.max,
                    memory64: ty.memory64,
                    page_size_log2: if ty.page_size_log2 == 0 { 0 } else { 16 },
                };
                let limit = store.engine.config().limits.memory_bytes;
                let memory = MemoryInst::new(ty, limit);
                store.add_memory(
                    memory.ok_or_else(|| TimelineError::Trace("a memory cannot be had".to_owned()))?,
                );
            }
            HostEntry::NewTable { ty, init, .. } => {
                let ValType::Ref(element) = convert::val_type(ty.element) else {
                    return Err(TimelineError::Trace("a table whose elements are no references".to_owned()));
                };
                let element = RefType { nullable: true, ..element };
                let ty = TableType { element, minimum: ty.min, maximum: ty.max, table64: ty.table64 };
                let table = store.add_table(ty, init.bits as u64);
                table.ok_or_else(|| TimelineError::Trace("a table cannot be had".to_owned()))?;
            }
            HostEntry::NewGlobal { mutable, value, .. } => {
                let ty = GlobalType { content: convert::val_type(value.ty), mutable: *mutable };
                store.add_global(ty, value.bits);
            }
            HostEntry::NewTag { ty, .. } => {
                let ty = convert::func_type_back(ty);
                let type_id = store.engine.intern(&ty);
                store.add_tag(TagInst { ty, type_id });
            }
            HostEntry::Instantiate { module, imports, .. } => return self.instantiate(*module, imports),
            HostEntry::Invoke { func, args } => return self.invoke(*func, args),
            HostEntry::MemoryWrite { .. }
            | HostEntry::MemoryGrow { .. }
            | HostEntry::TableSet { .. }
            | HostEntry::TableGrow { .. }
            | HostEntry::GlobalSet { .. } => apply(store, id, entry).map_err(|what| self.differs(&what))?,
            HostEntry::Check { .. } | HostEntry::Resume | HostEntry::LeftOut => {}
            HostEntry::Finished { .. } | HostEntry::Failed { .. } => {}
            HostEntry::HostEnter { .. } | HostEntry::HostExit { .. } | HostEntry::HostFailed { .. } => {
                return Err(self.differs(&format!("the recording has {} where nothing runs", name(entry))));
            }
        }
        Ok(false)
    }

    fn instantiate(&mut self, module: u32, imports: &[ExternId]) -> Result<bool, TimelineError> {
        match self.make(module, imports)? {
            Some(start) if !self.store.is_host(start) => self.begin(start, &[]),
            // What a host function does as a start function is in the log.
            _ => Ok(false),
        }
    }

    /// Makes an instance; the start function, which is still to run.
    fn make(&mut self, module: u32, imports: &[ExternId]) -> Result<Option<u32>, TimelineError> {
        let module_data = self.run.module(module);
        let module_data =
            module_data.ok_or_else(|| TimelineError::Trace(format!("module {module} is missing")))?;
        let store = &mut *self.store;
        let id = store.id;
        let made = store.arenas.made;
        let known = |index: u32, made: u32| (index < made).then_some(index);
        let missing = || TimelineError::Trace("an import that does not exist".to_owned());
        let imports = imports.iter().map(|import| {
            Some(match *import {
                ExternId::Func(at) => Extern::from(Func::from_parts(id, known(at, made.funcs)?)),
                ExternId::Memory(at) => Memory::from_parts(id, known(at, made.memories)?).into(),
                ExternId::Table(at) => Table::from_parts(id, known(at, made.tables)?).into(),
                ExternId::Global(at) => Global::from_parts(id, known(at, made.globals)?).into(),
                ExternId::Tag(at) => Tag::from_parts(id, known(at, made.tags)?).into(),
            })
        });
        let imports: Vec<Extern> = imports.collect::<Option<_>>().ok_or_else(missing)?;
        let index = store.module_index(&module_data);
        store
            .check_imports(module_data.data(), &imports)
            .map_err(|error| TimelineError::Trace(error.to_string()))?;
        match store.make_instance(&module_data, index, &imports) {
            Ok((_, start)) => Ok(start),
            Err(LinkError::Segment { code, .. }) => {
                self.store.reason = Reason::Trap(code);
                Ok(None)
            }
            Err(error) => Err(TimelineError::Trace(error.to_string())),
        }
    }

    fn invoke(&mut self, func: u32, args: &[Value]) -> Result<bool, TimelineError> {
        if func >= self.store.arenas.made.funcs {
            return Err(TimelineError::Trace(format!("a call of function {func}, which does not exist")));
        }
        let ty = self.store.func_type(func);
        let types = ty.params().iter().copied().map(convert::value_type);
        if !types.eq(args.iter().map(|arg| arg.ty)) {
            return Err(TimelineError::Trace(format!(
                "a call of function {func} with arguments of other types"
            )));
        }
        let bits: Vec<u128> = args.iter().map(|arg| arg.bits).collect();
        if self.store.is_host(func) {
            return Err(TimelineError::Trace(format!(
                "a call from outside of function {func}, which is the host's"
            )));
        }
        self.begin(func, &bits)
    }

    fn begin(&mut self, func: u32, args: &[u128]) -> Result<bool, TimelineError> {
        let at = self.store.stack_start();
        match self.store.push_base_frame(func, args, at) {
            Ok(()) => Ok(true),
            // It failed before its first op; the log says the same.
            Err(_) => Ok(false),
        }
    }
}
