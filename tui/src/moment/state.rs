//! What the machine holds: slots, globals, memories, tables; and what was found in it.
//!
//! Elsewhere: the moment they are parts of (`moment`).

use super::slot_label;
use wasmscope_trace_format::{SlotKind, Value, ValueType};

/// A table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// Its number in the run.
    pub index: u32,
    /// How many elements it has.
    pub len: u64,
}

/// Some elements of a table, in words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Elements {
    /// Which table.
    pub table: u32,
    /// The first one's index.
    pub from: u64,
    /// What each refers to; `None` is null.
    pub texts: Vec<Option<String>>,
}

/// Bytes that are looked for in a memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Needle {
    /// Tells this search from the one before.
    pub serial: u32,
    /// Which memory.
    pub memory: u32,
    /// The first address that counts; the search goes on at the memory's start.
    pub from: u64,
    /// What is looked for.
    pub bytes: Vec<u8>,
}

/// What a search of memory has found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// Which search.
    pub serial: u32,
    /// Where, if anywhere.
    pub addr: Option<u64>,
}

/// The step that made a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The step.
    pub step: u64,
    /// What it did.
    pub text: String,
}

/// A slot of the frame looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slot {
    /// Its number.
    pub slot: u32,
    /// What it is for.
    pub kind: SlotKind,
    /// Its name in the source.
    pub name: Option<String>,
    /// Its type, if it has one now.
    pub ty: Option<ValueType>,
    /// Its value, if it holds one now.
    pub value: Option<Value>,
    /// Where the value is.
    pub home: Home,
}

impl Slot {
    /// The slot as the texts of ops name it.
    pub fn label(&self) -> String {
        slot_label(self.slot)
    }
}

/// Where the value of a slot is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Home {
    /// In the slot.
    #[default]
    Own,
    /// In another slot.
    Slot(u32),
    /// In the local of that index, from which it was not copied yet.
    Local(u32),
    /// In an op, as a constant.
    Constant,
}

/// A global.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Global {
    /// The instance it belongs to.
    pub instance: u32,
    /// Its index there.
    pub index: u32,
    /// Its name, if known.
    pub name: Option<String>,
    /// Whether it may be written.
    pub mutable: bool,
    /// Its value.
    pub value: Value,
}

/// A memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Memory {
    /// Its number in the run.
    pub index: u32,
    /// Its name, if known.
    pub name: Option<String>,
    /// Its size in bytes.
    pub len: u64,
}

/// The last access of a memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Accessed {
    /// Which memory.
    pub memory: u32,
    /// The first address accessed; none if that is too long ago, or never was.
    pub addr: Option<u64>,
}

/// Some bytes of a memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bytes {
    /// Which memory.
    pub memory: u32,
    /// Address of the first.
    pub addr: u64,
    /// The bytes; fewer than wanted at the end of the memory.
    pub bytes: Vec<u8>,
}

/// What another step is compared by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compared {
    /// The step.
    pub step: u64,
    /// The slots of the innermost frame there of the function looked into; empty if it does not run.
    pub slots: Vec<Slot>,
    /// All globals.
    pub globals: Vec<Global>,
    /// The bytes wanted.
    pub bytes: Option<Bytes>,
}
