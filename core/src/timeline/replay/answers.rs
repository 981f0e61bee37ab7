//! What host functions did, as the log tells it: answers to the guest, changes to the store.
//!
//! Always: who is called with what is compared first; what differs is an answer that ends the
//! replay with an error.

use crate::exec::host::{Answer, Answers};
use crate::exec::stop::Reason;
use crate::module::{FuncType, ValType};
use crate::store::log::{Position, TypedBits};
use crate::store::{Memory, PrunedStore};
use crate::timeline::convert;
use crate::timeline::source::{self, Run};
use std::sync::{Arc, Mutex};
use wasmscope_trace_format::{HostEntry, Value};

/// Answers host calls from a run's log.
pub(super) struct FromLog {
    pub(super) run: Arc<Run>,
    pub(super) heard: Option<Heard>,
}

/// Where entries of the log were met: index and position.
pub(crate) type Heard = Arc<Mutex<Vec<(u64, Position)>>>;

/// Adds one.
pub(super) fn hear(heard: Option<&Heard>, index: u64, at: Position) {
    if let Some(heard) = heard {
        heard.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((index, at));
    }
}

/// Values, for people.
pub(super) fn list(values: &[Value]) -> String {
    values.iter().map(Value::to_string).collect::<Vec<_>>().join(", ")
}

/// What an entry is, for people.
pub(super) fn name(entry: &HostEntry) -> &'static str {
    match entry {
        HostEntry::LoadModule { .. } => "a module being loaded",
        HostEntry::HostFunc { .. }
        | HostEntry::NewMemory { .. }
        | HostEntry::NewTable { .. }
        | HostEntry::NewGlobal { .. }
        | HostEntry::NewTag { .. } => "something new made by the embedder",
        HostEntry::Instantiate { .. } => "an instantiation",
        HostEntry::Invoke { .. } => "a call from outside",
        HostEntry::Finished { .. } => "a call's return",
        HostEntry::Failed { .. } => "a call's failure",
        HostEntry::Resume => "a pause's end",
        HostEntry::MemoryWrite { .. } => "a write to memory",
        HostEntry::MemoryGrow { .. } | HostEntry::TableGrow { .. } => "growth",
        HostEntry::TableSet { .. } | HostEntry::GlobalSet { .. } => "a write from outside",
        HostEntry::HostEnter { .. } => "a host call",
        HostEntry::HostExit { .. } => "a host call's return",
        HostEntry::HostFailed { .. } => "a host call's failure",
        HostEntry::Check { .. } => "a check",
        HostEntry::LeftOut => "what was not kept",
    }
}

/// Does to the store what the host or the embedder did.
pub(super) fn apply(store: &mut PrunedStore, id: u64, entry: &HostEntry) -> Result<(), String> {
    let made = store.arenas.made;
    let exists = |index: u32, made: u32, what: &str| {
        if index < made {
            Ok(())
        } else {
            Err(format!("the recording touches {what} {index}, which does not exist"))
        }
    };
    match entry {
        HostEntry::MemoryWrite { memory, addr, bytes } => {
            exists(*memory, made.memories, "memory")?;
            store
                .write_memory(Memory::from_parts(id, *memory), *addr, bytes)
                .map_err(|error| error.to_string())
        }
        HostEntry::MemoryGrow { memory, delta, old } => {
            exists(*memory, made.memories, "memory")?;
            let got = Memory::from_parts(id, *memory).grow(store, *delta);
            if got == *old {
                Ok(())
            } else {
                Err(format!("growing memory {memory} gave {got:?}, recorded {old:?}"))
            }
        }
        HostEntry::TableSet { table, index, value } => {
            exists(*table, made.tables, "table")?;
            let inst = store.arenas.tables[*table as usize].get_mut();
            let element = inst.elements.get_mut(*index as usize);
            *element.ok_or_else(|| format!("table {table} has no element {index}"))? = value.bits as u64;
            Ok(())
        }
        HostEntry::TableGrow { table, delta, init, old } => {
            exists(*table, made.tables, "table")?;
            let got = store.arenas.tables[*table as usize].get_mut().grow(*delta, init.bits as u64);
            if got == *old {
                Ok(())
            } else {
                Err(format!("growing table {table} gave {got:?}, recorded {old:?}"))
            }
        }
        HostEntry::GlobalSet { global, value } => {
            exists(*global, made.globals, "global")?;
            store.arenas.globals[*global as usize].get_mut().set(value.bits);
            Ok(())
        }
        other => Err(format!("the recording has {} inside a host call", name(other))),
    }
}

impl FromLog {
    /// Does what the host function did from the cursor on, up to its end or a call back.
    fn go_on(&mut self, store: &mut PrunedStore, results: &[ValType]) -> Answer {
        let id = store.id;
        loop {
            let Some(record) = self.run.entry(store.log_cursor) else {
                return Answer::Fail(Reason::Unanswered);
            };
            store.log_cursor += 1;
            match &record.entry {
                HostEntry::HostExit { results: recorded } => {
                    if !results
                        .iter()
                        .copied()
                        .map(convert::value_type)
                        .eq(recorded.iter().map(|value| value.ty))
                    {
                        return Answer::Fail(Reason::Diverged(
                            "a host call's results have other types".into(),
                        ));
                    }
                    return Answer::Return(recorded.iter().map(|value| value.bits).collect());
                }
                HostEntry::HostFailed { reason } => return Answer::Fail(convert::reason_back(reason)),
                HostEntry::Invoke { func, args } => {
                    let guest = store.funcs.get(*func as usize).is_some_and(|func| !func.entry.is_null());
                    let types = |func: u32| store.func_type(func);
                    if !guest
                        || !types(*func)
                            .params()
                            .iter()
                            .copied()
                            .map(convert::value_type)
                            .eq(args.iter().map(|a| a.ty))
                    {
                        return Answer::Fail(Reason::Diverged(
                            "a host call calls a function that does not fit".into(),
                        ));
                    }
                    return Answer::Enter(*func, args.iter().map(|arg| arg.bits).collect());
                }
                HostEntry::Finished { .. } | HostEntry::Check { .. } => {}
                HostEntry::HostFunc { .. }
                | HostEntry::NewMemory { .. }
                | HostEntry::NewTable { .. }
                | HostEntry::NewGlobal { .. }
                | HostEntry::NewTag { .. }
                | HostEntry::Instantiate { .. }
                | HostEntry::LoadModule { .. } => {
                    return Answer::Fail(Reason::Diverged(
                        format!("{} inside a host call cannot be replayed", name(&record.entry)).into(),
                    ));
                }
                entry => {
                    if let Err(what) = apply(store, id, entry) {
                        return Answer::Fail(Reason::Diverged(what.into()));
                    }
                }
            }
        }
    }
}

impl Answers for FromLog {
    fn call(&mut self, store: &mut PrunedStore, func: u32, args: &[TypedBits], at: Position) -> Answer {
        loop {
            store.log_cursor = self.run.after_pauses(store.log_cursor);
            let Some(record) = self.run.entry(store.log_cursor) else {
                // The run has not come further than this.
                return Answer::Fail(Reason::WaitingForInput);
            };
            let HostEntry::HostEnter { func: recorded, args: expected } = &record.entry else {
                let text = format!("a host function is called, the recording has {}", name(&record.entry));
                return Answer::Fail(Reason::Diverged(text.into()));
            };
            let given = convert::values(args);
            if *recorded != func || *expected != given {
                let host = &store.arenas.hosts[store.funcs[func as usize].host as usize];
                let text = format!(
                    "{}.{}({}) is called, the recording has function {recorded} with ({})",
                    host.name.0,
                    host.name.1,
                    list(&given),
                    list(expected),
                );
                return Answer::Fail(Reason::Diverged(text.into()));
            }
            hear(self.heard.as_ref(), record.index, at);
            // A call that was parked was made again later.
            let parked = match self.run.entry(store.log_cursor + 1).map(|record| record.entry.clone()) {
                Some(HostEntry::HostFailed { reason }) => source::is_pause(&reason),
                _ => false,
            };
            if parked {
                let resumed = self.run.after_pauses(store.log_cursor + 2);
                if resumed == store.log_cursor + 2 {
                    return Answer::Fail(Reason::WaitingForInput);
                }
                store.log_cursor = resumed;
                continue;
            }
            store.log_cursor += 1;
            let ty = store.func_type(func);
            return self.go_on(store, ty.results());
        }
    }

    fn guest_done(
        &mut self,
        store: &mut PrunedStore,
        host: &FuncType,
        results: Result<&[TypedBits], &Reason>,
    ) -> Answer {
        let Some(record) = self.run.entry(store.log_cursor) else {
            return Answer::Fail(Reason::Unanswered);
        };
        store.log_cursor += 1;
        let same = match (&record.entry, results) {
            (HostEntry::Finished { results: recorded }, Ok(results)) => *recorded == convert::values(results),
            (HostEntry::Failed { reason }, Err(failed)) => *reason == convert::reason(failed),
            _ => false,
        };
        if !same {
            let text = format!(
                "a call back into the guest ended differently than recorded ({})",
                name(&record.entry)
            );
            return Answer::Fail(Reason::Diverged(text.into()));
        }
        self.go_on(store, host.results())
    }
}
