//! Steps in words: the one done, the one next, those around, and what they printed.
//!
//! Elsewhere: the moment they are parts of (`moment`).

use super::{Listing, Origin};
use std::sync::Arc;
use wasmscope_trace_format::{Effect, Event, FuncId, SlotKind, Value};

/// Where the program wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What one step printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Output {
    /// The step that printed it.
    pub step: u64,
    /// Where to.
    pub stream: Stream,
    /// What.
    pub bytes: Vec<u8>,
}

/// One row of the flow list: an event with its texts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlowRow {
    /// What the step did.
    pub event: Event,
    /// Its op's disassembly.
    pub text: String,
    /// What its op does, in words.
    pub meaning: String,
    /// Its function's name.
    pub func: String,
    /// For a call: the name of what was called.
    pub callee: Option<String>,
    /// For each effect on a slot of its own frame, or on a global: its name in the op's text.
    pub labels: Vec<Option<String>>,
    /// Whether the op may jump or not.
    pub branch: bool,
}

/// A slot an op reads, and what it holds then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Read {
    /// Its number.
    pub slot: u32,
    /// Its name in the op's text.
    pub label: String,
    /// What it holds there.
    pub kind: SlotKind,
    /// The name of that local, if it has one.
    pub name: Option<String>,
    /// The value.
    pub value: Value,
    /// The step that put it there, if it was looked for and not far.
    pub origin: Option<Origin>,
}

/// The step just done, with the values it read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Last {
    /// The row.
    pub row: FlowRow,
    /// The code of its function.
    pub code: Option<Arc<Listing>>,
    /// Slots read and their values at that time.
    pub reads: Vec<Read>,
    /// If it reads nothing: the branch before it in the same call, where origins are wanted.
    pub led: Option<Origin>,
    /// If it failed: what in particular was wrong, where that can be said.
    pub fault: Option<String>,
}

/// The op about to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Next {
    /// The function it is in.
    pub func: FuncId,
    /// Its place in the code.
    pub ip: u32,
    /// Its place in the file.
    pub pc: u32,
    /// The code of that function, and the op's index in it.
    pub code: Option<(Arc<Listing>, u32)>,
    /// Its disassembly.
    pub text: String,
    /// What it does, in words.
    pub meaning: String,
    /// The WebAssembly operators it stands for.
    pub operators: String,
    /// Slots it will read and their values now.
    pub reads: Vec<Read>,
    /// Whether it may jump or not.
    pub branch: bool,
    /// What it will do, if the run is known that far.
    pub row: Option<FlowRow>,
}

impl Next {
    /// The bytes it will read from a memory, as `watch` and `previous-write` name them.
    pub fn loads(&self) -> Option<String> {
        self.effects().find_map(|effect| match *effect {
            Effect::Read { memory, addr, len, .. } => Some(bytes_named(memory, addr, len)),
            _ => None,
        })
    }

    /// The global it will read, as `previous-write` names it.
    pub fn global(&self) -> Option<String> {
        let (code, op) = self.code.as_ref()?;
        let op = code.op(*op).filter(|it| it.mnemonic.starts_with("global.get"))?;
        let (_, name) = op.text.rsplit_once(&*op.mnemonic)?;
        let name = name.trim();
        let numbered = name.strip_prefix("global[").and_then(|it| it.strip_suffix(']'));
        Some(format!("global {}", numbered.unwrap_or(name)))
    }

    /// The bytes it will write to a memory.
    pub fn stores(&self) -> Option<String> {
        self.effects().find_map(|effect| match *effect {
            Effect::Write { memory, addr, len, .. } => Some(bytes_named(memory, addr, len)),
            _ => None,
        })
    }

    fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.row.iter().flat_map(|row| &row.event.effects)
    }
}

/// Bytes of a memory, as `watch` and `previous-write` name them.
pub fn bytes_named(memory: u32, addr: u64, len: u64) -> String {
    let memory = if memory == 0 { String::new() } else { format!("mem{memory}:") };
    format!("{memory}{addr:#x}..{:#x}", addr.saturating_add(len))
}
