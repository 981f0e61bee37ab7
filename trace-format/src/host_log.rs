//! The host log: everything that came in from outside, in order.
//!
//! A run is an ordered list of what the embedder did. With the modules' bytes
//! it is all a replayer needs:
//!
//! ```text
//! LoadModule  HostFunc…  Instantiate ─► (start function runs) ─► Finished
//! Invoke ─► steps ─► HostEnter · MemoryWrite · HostExit ─► steps ─► Finished
//!                        └── Invoke … Finished (the host called back)
//! ```
//!
//! `Instantiate`, `Invoke` and `HostEnter` open a bracket that `Finished`,
//! `Failed`, `HostExit` or `HostFailed` closes; brackets nest.
//!
//! Always: externs are numbered per run and kind, in order of creation,
//! embedder's and instances' alike; positions never decrease.
//! Bytes: entries are packed by the hundred into a frame. Before each stands
//! the step delta, and if that is not 0 the tick delta, so that a host call
//! with four small arguments and one result takes 16 bytes.
//! Elsewhere: where replay may start (`checkpoint`).

use crate::bytes::{self, Bytes, put_record, put_varint};
use crate::event::Position;
use crate::manifest::ModuleHash;
use crate::outcome::Reason;
use crate::value::{LONG, Value, ValueType};
use serde::{Deserialize, Serialize};

/// A function's type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FuncType {
    /// Types of its parameters.
    pub params: Vec<ValueType>,
    /// Types of its results.
    pub results: Vec<ValueType>,
}

/// A memory's type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemoryType {
    /// Whether addresses have 64 bits.
    pub memory64: bool,
    /// Whether threads may share it.
    pub shared: bool,
    /// Pages at creation.
    pub min: u64,
    /// Pages at most.
    pub max: Option<u64>,
    /// Base-two logarithm of the page size; 16 unless said otherwise.
    pub page_size_log2: u8,
}

/// A table's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TableType {
    /// Type of its elements.
    pub element: ValueType,
    /// Whether indices have 64 bits.
    pub table64: bool,
    /// Elements at creation.
    pub min: u64,
    /// Elements at most.
    pub max: Option<u64>,
}

/// Something that can be imported, numbered per run and kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ExternId {
    /// A function, guest's or host's.
    Func(u32),
    /// A memory.
    Memory(u32),
    /// A table.
    Table(u32),
    /// A global.
    Global(u32),
    /// A tag.
    Tag(u32),
}

/// One thing the embedder or a host function did. Append only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostEntry {
    /// A module was loaded; modules are numbered in this order.
    LoadModule {
        /// Its number.
        module: u32,
        /// The hash of its bytes, which stand in a module frame.
        hash: ModuleHash,
    },
    /// The embedder made a host function.
    HostFunc {
        /// Its number.
        func: u32,
        /// The first part of its name, for people and for checking.
        module: String,
        /// The second part.
        name: String,
        /// Its type.
        ty: FuncType,
    },
    /// The embedder made a memory.
    NewMemory {
        /// Its number.
        memory: u32,
        /// Its type.
        ty: MemoryType,
    },
    /// The embedder made a table.
    NewTable {
        /// Its number.
        table: u32,
        /// Its type.
        ty: TableType,
        /// What fills it.
        init: Value,
    },
    /// The embedder made a global.
    NewGlobal {
        /// Its number.
        global: u32,
        /// Whether it may change.
        mutable: bool,
        /// Its value.
        value: Value,
    },
    /// A module is being instantiated; its start function may run. A bracket.
    Instantiate {
        /// The instance's number.
        instance: u32,
        /// The module's.
        module: u32,
        /// One extern for each of its imports, in order.
        imports: Vec<ExternId>,
    },
    /// A function is called from outside. A bracket.
    Invoke {
        /// The function.
        func: u32,
        /// Its arguments.
        args: Vec<Value>,
    },
    /// An instantiation or invocation ended well.
    Finished {
        /// What it returned, to check a replay by.
        results: Vec<Value>,
    },
    /// An instantiation or invocation failed.
    Failed {
        /// Why.
        reason: Reason,
    },
    /// A run that was stopped without unwinding (waiting for input, out of
    /// fuel, interrupted) goes on.
    Resume,
    /// Memory was written from outside.
    MemoryWrite {
        /// The memory.
        memory: u32,
        /// The first byte.
        addr: u64,
        /// The bytes.
        #[serde(with = "bytes")]
        bytes: Vec<u8>,
    },
    /// A memory was grown from outside.
    MemoryGrow {
        /// The memory.
        memory: u32,
        /// By how many pages.
        delta: u64,
        /// Pages before; `None` if it failed.
        old: Option<u64>,
    },
    /// A table element was set from outside.
    TableSet {
        /// The table.
        table: u32,
        /// The element.
        index: u64,
        /// Its new value.
        value: Value,
    },
    /// A table was grown from outside.
    TableGrow {
        /// The table.
        table: u32,
        /// By how many elements.
        delta: u64,
        /// What fills them.
        init: Value,
        /// Elements before; `None` if it failed.
        old: Option<u64>,
    },
    /// A global was set from outside.
    GlobalSet {
        /// The global.
        global: u32,
        /// Its new value.
        value: Value,
    },
    /// The guest called a host function. A bracket.
    HostEnter {
        /// The function.
        func: u32,
        /// Its arguments, to check a replay by.
        args: Vec<Value>,
    },
    /// The host function returned.
    HostExit {
        /// What it returned.
        results: Vec<Value>,
    },
    /// The host function failed. With [`Reason::WaitingForInput`] or [`Reason::Interrupted`]
    /// the run is parked before the call, which is made again after `Resume`.
    HostFailed {
        /// Why.
        reason: Reason,
    },
    /// A state hash to check a replay by.
    Check {
        /// As in [`Checkpoint::state_hash`](crate::Checkpoint::state_hash).
        state_hash: u64,
    },
    /// The embedder made an exception tag.
    NewTag {
        /// Its number.
        tag: u32,
        /// Its type: the parameters are the exception's fields.
        ty: FuncType,
    },
    /// What came before was not kept, but for what [makes](HostEntry::makes) something: the
    /// run can be repeated from the first checkpoint on.
    LeftOut,
}

impl HostEntry {
    /// Whether it makes something that has a number of its own, by which later entries and
    /// checkpoints name it.
    pub fn makes(&self) -> bool {
        matches!(
            self,
            HostEntry::LoadModule { .. }
                | HostEntry::HostFunc { .. }
                | HostEntry::NewMemory { .. }
                | HostEntry::NewTable { .. }
                | HostEntry::NewGlobal { .. }
                | HostEntry::NewTag { .. }
                | HostEntry::Instantiate { .. }
        )
    }
}

/// An entry and when it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRecord {
    /// Its index in the log, from 0.
    pub index: u64,
    /// Steps and ticks done before it.
    pub position: Position,
    /// What happened.
    pub entry: HostEntry,
}

/// Entries not yet written. Each batch becomes one frame and can be read alone.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    first: u64,
    start: Position,
    last: Position,
    count: u32,
    body: Vec<u8>,
}

impl Batch {
    /// Appends an entry; gives false if `position` lies before the last one.
    pub(crate) fn push(&mut self, position: Position, entry: &HostEntry) -> bool {
        if self.count == 0 && position >= self.last {
            self.start = position;
            self.last = position;
        }
        let (Some(steps), Some(ticks)) =
            (position.step.checked_sub(self.last.step), position.tick.checked_sub(self.last.tick))
        else {
            return false;
        };
        // One more than the delta if only the tick moved, which no engine does
        // but nothing forbids: 0 means that neither did.
        let moved = position != self.last;
        put_varint(&mut self.body, if moved { steps.saturating_add(1) } else { 0 });
        if moved {
            put_varint(&mut self.body, ticks);
        }
        put_record(&mut self.body, entry);
        self.last = position;
        self.count += 1;
        true
    }

    /// Entries waiting.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Bytes waiting.
    pub(crate) fn len(&self) -> usize {
        self.body.len()
    }

    /// The step of the first entry.
    pub(crate) fn first_step(&self) -> u64 {
        self.start.step
    }

    /// Empties the batch into a payload.
    pub(crate) fn take(&mut self, payload: &mut Vec<u8>) {
        put_varint(payload, self.first);
        put_varint(payload, self.start.step);
        put_varint(payload, self.start.tick);
        put_varint(payload, u64::from(self.count));
        payload.append(&mut self.body);
        self.first += u64::from(self.count);
        self.count = 0;
    }
}

/// Reads the entries of one payload.
pub(crate) struct BatchReader {
    payload: Vec<u8>,
    at: usize,
    position: Position,
    next: u64,
    left: u64,
    /// Without what takes time: see [`brief`].
    pub(crate) brief: bool,
}

/// Numbers of variants, as they stand in a file.
const MEMORY_WRITE: u64 = 10;
const HOST_ENTER: u64 = 15;
const HOST_EXIT: u64 = 16;

/// An entry of one of the kinds of which there may be millions, without values and bytes; `None` if
/// it is of another, or holds a value that is not short.
fn brief(bytes: &mut Bytes<'_>) -> Option<HostEntry> {
    let mut ahead = *bytes;
    let entry = match ahead.varint()? {
        MEMORY_WRITE => {
            let (memory, addr, len) = (ahead.varint_u32()?, ahead.varint()?, ahead.varint()?);
            ahead.take(usize::try_from(len).ok()?)?;
            HostEntry::MemoryWrite { memory, addr, bytes: Vec::new() }
        }
        HOST_ENTER => {
            let func = ahead.varint_u32()?;
            skip_values(&mut ahead)?;
            HostEntry::HostEnter { func, args: Vec::new() }
        }
        HOST_EXIT => {
            skip_values(&mut ahead)?;
            HostEntry::HostExit { results: Vec::new() }
        }
        _ => return None,
    };
    *bytes = ahead;
    Some(entry)
}

fn skip_values(bytes: &mut Bytes<'_>) -> Option<()> {
    (0..bytes.varint()?).try_for_each(|_| bytes.varint().filter(|&code| u128::from(code) != LONG).map(drop))
}

impl BatchReader {
    /// `None` if the payload's start is damaged.
    pub(crate) fn new(payload: Vec<u8>) -> Option<BatchReader> {
        let mut bytes = Bytes::new(&payload);
        let next = bytes.varint()?;
        let position = Position { step: bytes.varint()?, tick: bytes.varint()? };
        let left = bytes.varint()?;
        let at = payload.len() - bytes.rest().len();
        Some(BatchReader { payload, at, position, next, left, brief: false })
    }

    /// Index of the next entry.
    pub(crate) fn next_index(&self) -> u64 {
        self.next
    }

    /// The next entry: `None` at the end, `Some(None)` if damaged.
    pub(crate) fn next(&mut self) -> Option<Option<HostRecord>> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let record = self.read();
        if record.is_none() {
            self.left = 0;
        }
        Some(record)
    }

    fn read(&mut self) -> Option<HostRecord> {
        let mut bytes = Bytes::new(self.payload.get(self.at..)?);
        let moved = bytes.varint()?;
        if moved != 0 {
            self.position.step = self.position.step.checked_add(moved - 1)?;
            self.position.tick = self.position.tick.checked_add(bytes.varint()?)?;
        }
        let entry = if self.brief { brief(&mut bytes) } else { None };
        let entry = entry.or_else(|| bytes.record())?;
        self.at = self.payload.len() - bytes.rest().len();
        let index = self.next;
        self.next = index.checked_add(1)?;
        Some(HostRecord { index, position: self.position, entry })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_call_takes_sixteen_bytes() {
        let mut batch = Batch::default();
        let args = vec![Value::i32(1), Value::i32(-5), Value::i32(1000), Value::i32(3)];
        let at = |step, tick| Position { step, tick };
        assert!(batch.push(at(10, 20), &HostEntry::HostEnter { func: 0, args: args.clone() }));
        let before = batch.len();
        assert!(batch.push(at(2000, 3000), &HostEntry::HostEnter { func: 5, args }));
        assert!(batch.push(at(2000, 3000), &HostEntry::HostExit { results: vec![Value::i32(0)] }));
        assert!(batch.len() - before <= 16, "{}", batch.len() - before);
    }

    #[test]
    fn in_brief_nothing_is_missing_but_values_and_bytes() {
        let at = |step| Position { step, tick: step };
        let values =
            vec![Value::i32(7), Value::new(ValueType::V128, u128::MAX / 3), Value::new(ValueType::F64, 1)];
        let entries = [
            HostEntry::Resume,
            HostEntry::HostEnter { func: 300, args: values.clone() },
            HostEntry::HostEnter { func: 3, args: vec![Value::i32(-1); 3] },
            HostEntry::MemoryWrite { memory: 1, addr: 1 << 33, bytes: vec![7; 300] },
            HostEntry::MemoryGrow { memory: 1, delta: 2, old: None },
            HostEntry::HostExit { results: vec![Value::i32(0)] },
            HostEntry::HostExit { results: values },
            HostEntry::Finished { results: vec![Value::i32(9)] },
        ];
        let mut batch = Batch::default();
        for (step, entry) in entries.iter().enumerate() {
            assert!(batch.push(at(step as u64 * 9), entry));
        }
        let mut payload = Vec::new();
        batch.take(&mut payload);
        let mut reader = BatchReader::new(payload).expect("it is whole");
        reader.brief = true;
        let mut seen = 0;
        for (number, entry) in entries.iter().enumerate() {
            let record = reader.next().flatten().expect("it is whole");
            assert_eq!((record.index, record.position), (number as u64, at(number as u64 * 9)));
            assert_eq!(std::mem::discriminant(&record.entry), std::mem::discriminant(entry));
            seen += usize::from(record.entry == *entry);
            if let (HostEntry::HostEnter { func, .. }, HostEntry::HostEnter { func: real, .. }) =
                (&record.entry, entry)
            {
                assert_eq!(func, real);
            }
        }
        assert!(reader.next().is_none());
        // Those with long values are read as they are, beside those of other kinds.
        assert_eq!(seen, 5);
    }

    #[test]
    fn positions_do_not_go_back() {
        let mut batch = Batch::default();
        assert!(batch.push(Position { step: 5, tick: 5 }, &HostEntry::Resume));
        assert!(!batch.push(Position { step: 4, tick: 5 }, &HostEntry::Resume));
    }
}
