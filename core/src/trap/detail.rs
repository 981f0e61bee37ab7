//! What in particular went wrong when a guest trapped: the numbers behind the specification's words.
//!
//! ```text
//! integer divide by zero          70 / 0
//! out of bounds memory access     load of 4 bytes at 0x10000 (0xfffc + 4), the memory has 0x10000 bytes
//! uncaught exception              tag odd (3, 5)
//! call of a missing import        nobody has defined env.log
//! indirect call type mismatch     element 2 is $f of type [i32] -> [], the call wants [] -> [i32]
//! ```
//!
//! Elsewhere: where the numbers come from (`exec::explain`).

use crate::Val;
use crate::module::{FuncType, ValType};
use crate::printable::Printable;
use std::fmt;

/// What in particular went wrong; `Display` says it in a line, without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrapDetail {
    /// An integer division or remainder.
    Division {
        /// What is divided.
        dividend: Val,
        /// By what.
        divisor: Val,
        /// Whether the remainder was wanted.
        remainder: bool,
        /// Whether both are signed.
        signed: bool,
    },
    /// A float that does not fit an integer.
    Conversion {
        /// The float.
        value: Val,
        /// The integer's type.
        to: ValType,
        /// Whether the integer is signed.
        signed: bool,
    },
    /// A load or store outside of its memory.
    Access {
        /// Whether it stores.
        store: bool,
        /// The memory's index in the module.
        memory: u32,
        /// The address operand.
        address: u64,
        /// The constant added to it.
        offset: u64,
        /// Bytes of the access.
        bytes: u64,
        /// Bytes the memory has.
        size: u64,
    },
    /// A range outside of what it is a range of.
    Range {
        /// What was to be read or written.
        space: Space,
        /// Its index in the module.
        index: u32,
        /// The first byte or element.
        start: u64,
        /// How many.
        len: u64,
        /// How many there are.
        size: u64,
    },
    /// An indirect call through an element that is not there, or null.
    Element {
        /// The table's index in the module.
        table: u32,
        /// The element.
        index: u64,
        /// Elements the table has.
        size: u64,
    },
    /// An indirect call of a function of another type.
    Signature {
        /// The table's index in the module.
        table: u32,
        /// The element.
        index: u64,
        /// The name of the function it refers to.
        name: Option<String>,
        /// The function's type.
        actual: FuncType,
        /// The type the call wants.
        expected: FuncType,
    },
    /// An exception that nobody caught.
    Exception {
        /// The tag's name in the module, or its index there.
        tag: String,
        /// The exception's fields.
        fields: Vec<Val>,
    },
    /// A function that nobody has defined.
    Import {
        /// What the module calls it: both parts of the import's name.
        name: String,
    },
    /// Too many nested calls.
    CallDepth {
        /// The most there may be.
        limit: u64,
    },
    /// No room for another frame.
    ValueStack {
        /// Slots of all frames together that there may be.
        limit: u64,
        /// How many functions are active.
        depth: u64,
    },
    /// Too many host functions that called back.
    HostCalls {
        /// The most there may be.
        limit: u64,
    },
}

/// What a range of bytes or elements is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// A memory, in bytes.
    Memory,
    /// A table, in elements.
    Table,
    /// A data segment, in bytes.
    Data,
    /// An element segment, in elements.
    Element,
}

impl Space {
    /// What it is called, and what it is made of.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Space::Memory => ("memory", "bytes"),
            Space::Table => ("table", "elements"),
            Space::Data => ("data segment", "bytes"),
            Space::Element => ("element segment", "elements"),
        }
    }
}

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().0)
    }
}

impl fmt::Display for TrapDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrapDetail::Division { dividend, divisor, remainder, signed } => {
                let sign = if *remainder { '%' } else { '/' };
                write!(f, "{} {sign} {}", Integer(dividend, *signed), Integer(divisor, *signed))
            }
            TrapDetail::Conversion { value, to, signed } => {
                let float = match value {
                    Val::F32(bits) => f64::from(f32::from_bits(*bits)),
                    Val::F64(bits) => f64::from_bits(*bits),
                    _ => f64::NAN,
                };
                let signed = if *signed { "signed" } else { "unsigned" };
                write!(f, "{float:?} as {signed} {to}")
            }
            TrapDetail::Access { store, memory, address, offset, bytes, size } => {
                let what = if *store { "store" } else { "load" };
                let plural = if *bytes == 1 { "" } else { "s" };
                write!(f, "{what} of {bytes} byte{plural} at ")?;
                match (address.checked_add(*offset), offset) {
                    (Some(at), 0) => write!(f, "{at:#x}")?,
                    (Some(at), _) => write!(f, "{at:#x} ({address:#x} + {offset})")?,
                    (None, _) => write!(f, "{address:#x} + {offset}")?,
                }
                match memory {
                    0 => write!(f, ", the memory has {size:#x} bytes"),
                    _ => write!(f, ", memory {memory} has {size:#x} bytes"),
                }
            }
            TrapDetail::Range { space: space @ (Space::Memory | Space::Data), index, start, len, size } => {
                let (what, parts) = space.words();
                write!(f, "{len:#x} {parts} from {start:#x} on, {what} {index} has {size:#x}")
            }
            TrapDetail::Range { space, index, start, len, size } => {
                let (what, parts) = space.words();
                match len {
                    1 => write!(f, "element {start}, {what} {index} has {size}"),
                    _ => write!(f, "{len} {parts} from {start} on, {what} {index} has {size}"),
                }
            }
            TrapDetail::Element { table, index, size } if index < size => {
                write!(f, "element {index} of table {table} is null")
            }
            TrapDetail::Element { table, index, size } => {
                write!(f, "element {index}, table {table} has {size}")
            }
            TrapDetail::Signature { table, index, name, actual, expected } => {
                let name = name.as_deref().unwrap_or("a function");
                write!(f, "element {index} of table {table} is {} ", Printable(name))?;
                write!(f, "of type {actual}, the call wants {expected}")
            }
            TrapDetail::Exception { tag, fields } => {
                let fields: Vec<String> = fields.iter().map(Val::to_string).collect();
                write!(f, "tag {} ({})", Printable(tag), fields.join(", "))
            }
            TrapDetail::Import { name } => write!(f, "nobody has defined {}", Printable(name)),
            TrapDetail::CallDepth { limit } => write!(f, "{limit} nested calls are the limit"),
            TrapDetail::ValueStack { limit, depth } => {
                write!(f, "{limit} slots are the limit, {depth} functions are active")
            }
            TrapDetail::HostCalls { limit } => {
                write!(f, "{limit} nested calls of host functions are the limit")
            }
        }
    }
}

struct Integer<'a>(&'a Val, bool);

impl fmt::Display for Integer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (Val::I32(value), true) => write!(f, "{value}"),
            (Val::I32(value), false) => write!(f, "{}", *value as u32),
            (Val::I64(value), true) => write!(f, "{value}"),
            (Val::I64(value), false) => write!(f, "{}", *value as u64),
            (value, _) => value.fmt(f),
        }
    }
}
