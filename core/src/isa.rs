//! The instruction table: every op of the bytecode, once.
//!
//! ```text
//! name  natural kind  { role operand: type, … }  "meaning";
//! ```
//!
//! The opcode enum, the encoded structs, the dispatch tables, the disassembler,
//! the explanations and the effect capture are expanded from these lines; a line
//! without a body of the same name in `handlers` does not compile.
//!
//! *Natural kind* is what the op would ask of a dispatcher that let every op have
//! its own signature (the variety the uniform signature replaces):
//!
//! - `infallible`: touches only the frame;
//! - `fallible`: touches only the frame, may trap;
//! - `reads`, `writes`: reads or changes what outlives the frame, may trap;
//! - `jumps`: chooses the next op of the same function;
//! - `leaves`: enters or leaves a frame;
//! - `host`: may run code that is not WebAssembly.
//!
//! *Roles*: `out` and `in` are slots, `outs` and `ins` the first of `count` slots,
//! `imm` is encoded in the op. In a meaning `{x}` stands for operand `x`.
//! The order of operands is the order of bytes: 2-byte operands come first, or
//! fill the gap behind one.
//!
//! The lines stand in one file for each family, of the name its handlers and its lowering
//! have; here is the order of the families, which is that of the ops' numbers.
//!
//! Elsewhere: how a line becomes bytes (`code`), what an op does (`handlers`),
//! which Wasm operator becomes which op (`lower`).

/// Defines the lines of one family: a macro of its name that adds them to those before it and
/// hands all to the next family of a list, or, behind the last, to the macro that asked. (The
/// `$` is that macro's, which cannot be written here.)
macro_rules! lines {
    ($d:tt $family:ident: $($lines:tt)*) => {
        macro_rules! $family {
            ($d callback:ident [] $d ($d before:tt)*) => {
                $d callback! { $d ($d before)* $($lines)* }
            };
            ($d callback:ident [$d next:ident $d ($d rest:ident)*] $d ($d before:tt)*) => {
                $crate::isa::$d next::$d next! { $d callback [$d ($d rest)*] $d ($d before)* $($lines)* }
            };
        }
        pub(crate) use $family;
    };
}
pub(crate) use lines;

pub(crate) mod compare;
pub(crate) mod control;
pub(crate) mod convert;
pub(crate) mod debugger;
pub(crate) mod exception;
pub(crate) mod float;
pub(crate) mod int;
pub(crate) mod memory;
pub(crate) mod reference;
pub(crate) mod simd;
pub(crate) mod simd_memory;
pub(crate) mod table;
pub(crate) mod variable;

/// Hands the whole table, family by family, to another macro.
macro_rules! isa {
    ($callback:ident) => {
        $crate::isa::variable::variable! {
            $callback [reference control exception compare int float convert memory table simd simd_memory debugger]
        }
    };
}
pub(crate) use isa;

/// What an op asks of its dispatcher; see the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Touches only the frame.
    Infallible,
    /// Touches only the frame and may trap.
    Fallible,
    /// Reads what outlives the frame; may trap.
    Reads,
    /// Changes what outlives the frame; may trap.
    Writes,
    /// Chooses the next op of the same function.
    Jumps,
    /// Enters or leaves a frame.
    Leaves,
    /// May run code that is not WebAssembly.
    Host,
}

/// What an operand is to its op.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A slot the op writes.
    Out,
    /// A slot the op reads.
    In,
    /// The first of `count` slots the op writes.
    Outs,
    /// The first of `count` slots the op reads.
    Ins,
    /// A constant in the op itself.
    Imm,
}

/// The type of an operand, as the table spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperandType {
    /// A 32-bit integer.
    I32,
    /// A 64-bit integer.
    I64,
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
    /// A vector in two slots, the low half first; as an immediate, 16 bytes.
    V128,
    /// A function reference.
    FuncRef,
    /// One slot whose type depends on where the op stands.
    Any,
    /// Several slots whose types depend on where the op stands.
    Span,
    /// An unsigned 16-bit immediate.
    U16,
    /// An unsigned 32-bit immediate: an index, an offset or a length.
    U32,
    /// An unsigned 64-bit immediate: an offset in a 64-bit memory.
    U64,
    /// A slot number used as an immediate: where a callee's frame starts.
    Slot,
    /// A branch target.
    Jump,
    /// Steps and ticks.
    Count,
    /// The address of a function's entry; no part of the bytecode's meaning.
    Entry,
}

impl OperandType {
    /// Whether it is the number of a float register.
    pub(crate) fn is_float(self) -> bool {
        matches!(self, OperandType::F32 | OperandType::F64)
    }
}

/// One operand of an op.
#[derive(Clone, Copy, Debug)]
pub struct Operand {
    /// What it is to the op.
    pub role: Role,
    /// Its name in the table.
    pub name: &'static str,
    /// Its type.
    pub ty: OperandType,
    /// Its place in the encoded op, in bytes.
    pub offset: u16,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// The identifier of the line, for instance `i32_add_imm`; [`OpInfo::mnemonic`] is
    /// what users see.
    pub name: &'static str,
    /// What it asks of a dispatcher.
    pub kind: Kind,
    /// Its operands in the order of the table.
    pub operands: &'static [Operand],
    /// What it does, with `{operand}` as place holders.
    pub meaning: &'static str,
    /// Its encoded size in bytes, without the targets behind a `br_table`.
    pub size: u16,
}

/// What the first part of an identifier can name: a type, or a part of a module.
const FAMILIES: [&str; 17] = [
    "i32", "i64", "f32", "f64", "v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2", "ref",
    "global", "memory", "table", "elem", "data",
];

impl OpInfo {
    /// The op's name on screen, in text and in the documentation: its identifier, where
    /// the `_` behind the type or the part of the module it works on becomes a dot, as
    /// in WebAssembly's own names. A branch that compares has a type behind its `br_`.
    ///
    /// ```text
    /// i32_add_imm       i32.add_imm
    /// br_i32_lt_s       br_i32.lt_s
    /// memory_grow       memory.grow
    /// call_indirect     call_indirect
    /// ```
    pub fn mnemonic(&self) -> String {
        let compares = |rest: &str| FAMILIES[..4].iter().any(|number| rest.starts_with(number));
        let prefix = if self.name.strip_prefix("br_").is_some_and(compares) { "br_" } else { "" };
        match self.name[prefix.len()..].split_once('_') {
            Some((family, rest)) if FAMILIES.contains(&family) => {
                format!("{prefix}{family}.{rest}")
            }
            _ => self.name.to_owned(),
        }
    }
}
