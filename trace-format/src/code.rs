//! The code of a lowered function, as data.
//!
//! A full trace keeps one [`CodeFunc`] per function it ran, so that a reader
//! needs no engine: the op's *shape* says which effects its steps always have,
//! and the trace stores only their values. An engine that regenerates events
//! makes the same tables for display.
//!
//! Always: `ops` are sorted by `ip`; jump targets are the `ip` of an op.
//! Elsewhere: how shapes and stored values become events (`record`, `predict`).

use crate::{FuncId, ValueType};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A lowered function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeFunc {
    /// Which function.
    pub func: FuncId,
    /// Its name, from the name section or an export.
    pub name: Option<String>,
    /// The cells of its frame, in order of `slot`.
    pub slots: Vec<SlotInfo>,
    /// Its ops, in order of `ip`.
    pub ops: Vec<CodeOp>,
}

impl CodeFunc {
    /// Index of the op at `ip`.
    pub fn op_at(&self, ip: u32) -> Option<u32> {
        self.ops.binary_search_by_key(&ip, |op| op.ip).ok().map(|at| at as u32)
    }

    /// What is known about slot `slot`.
    pub fn slot(&self, slot: u32) -> Option<&SlotInfo> {
        self.slots.binary_search_by_key(&slot, |info| info.slot).ok().map(|at| &self.slots[at])
    }
}

/// What a slot of a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SlotKind {
    /// The parameter of that index.
    Param(u32),
    /// The local of that index; parameters count.
    Local(u32),
    /// The operand at that stack height, in values.
    Operand(u32),
}

impl fmt::Display for SlotKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SlotKind::Param(n) => write!(f, "p{n}"),
            SlotKind::Local(n) => write!(f, "l{n}"),
            SlotKind::Operand(n) => write!(f, "s{n}"),
        }
    }
}

/// One slot of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotInfo {
    /// The cell; a `v128` also covers the next.
    pub slot: u32,
    /// What it is for.
    pub kind: SlotKind,
    /// Its type, if it is the same throughout the function.
    pub ty: Option<ValueType>,
    /// Its name in the source, if known.
    pub name: Option<String>,
}

/// One op and the shape of its steps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeOp {
    /// Offset in the function's code.
    pub ip: u32,
    /// Offset of the (last) WebAssembly operator it stands for, in the file.
    pub pc: u32,
    /// WebAssembly operators it retires.
    pub weight: u32,
    /// Its mnemonic.
    pub mnemonic: Cow<'static, str>,
    /// Its disassembly.
    pub text: String,
    /// Slots it writes, in order. Of a [`Flow::Return`]: the results, with
    /// slots counted from where the caller wants them. Calls into the guest
    /// write none themselves; host calls do.
    pub dsts: Vec<Dst>,
    /// The memory access it makes, if it makes one of at most 16 bytes.
    pub access: Option<MemAccess>,
    /// The global it writes.
    pub global: Option<GlobalWrite>,
    /// Where control goes from here.
    pub flow: Flow,
}

/// A slot an op writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Dst {
    /// The slot.
    pub slot: u32,
    /// The type of what is written.
    pub ty: ValueType,
}

/// A load or store of fixed size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemAccess {
    /// Index in the module's memory index space.
    pub memory: u32,
    /// Read or written, and where a trace finds the bytes.
    pub kind: AccessKind,
    /// Bytes, 1 to 16.
    pub size: u8,
}

/// Whether memory is read or written, and where the bytes are to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AccessKind {
    /// A load whose bytes are the low `size` bytes of the first destination
    /// (every scalar load is): they need not be kept twice.
    Load,
    /// A read whose bytes are kept by themselves.
    Read,
    /// A store.
    Write,
}

/// A global an op writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GlobalWrite {
    /// Index in the module's global index space.
    pub index: u32,
    /// Its type.
    pub ty: ValueType,
}

/// Where control goes after an op that does not fail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Flow {
    /// On to the following op.
    #[default]
    Next,
    /// Always to `target`.
    Jump {
        /// `ip` of the target.
        target: u32,
    },
    /// To `target` or on to the following op.
    Branch {
        /// `ip` of the target.
        target: u32,
    },
    /// To one of these.
    Table {
        /// `ip` of each target, the default last.
        targets: Vec<u32>,
    },
    /// Calls a function of this module.
    Call {
        /// Index in the module's function index space.
        func: u32,
        /// First slot of this frame in which results land.
        base: u32,
    },
    /// Calls what only the run decides: through a table, a reference or an
    /// import; guest or host.
    CallIndirect {
        /// First slot of this frame in which results land.
        base: u32,
    },
    /// Calls an import that is a host function.
    HostCall,
    /// Replaces this frame by a function of this module.
    TailCall {
        /// Index in the module's function index space.
        func: u32,
    },
    /// Replaces this frame by what only the run decides.
    TailCallIndirect,
    /// Returns to the caller, or halts if there is none.
    Return,
    /// Leaves for the handler of an exception.
    Throw,
    /// Never succeeds.
    Trap,
}

/// As it stands in a file.
#[derive(Serialize, Deserialize)]
pub(crate) enum VersionedCode {
    V1(CodeFunc),
}
