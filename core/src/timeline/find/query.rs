//! What can be looked for: conditions on one step.
//!
//! ```text
//! pc 0x41      func fib      ip 0:17+24      op i32.div_*      outcome call    trap
//! host fd_write        write 0x400..0x410      read mem1:0x20+8      access 0x400
//! global counter       slot r3 of 0:17@412
//! mem u32 0x400 == 12      global counter == 5      slot r3 of 0:17@412 == 7
//! A or B
//! ```
//!
//! A [`Query`] is plain data that a program can build; its text form is for people, is
//! printed by `Display` and read back by [`Query::parse`].
//!
//! Always: what `Display` prints, `parse` reads back as the same query, whatever the
//! moment it is read at.
//! Elsewhere: reading the text (`parse`), testing steps (`matcher`).

use std::fmt;
use std::ops::Range;
use wasmscope_trace_format::{FuncId, Outcome, Value, ValueType};

/// A condition that a step meets or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Query {
    /// The op that a Wasm operator, given by its file offset, is part of runs.
    Pc {
        /// The module.
        module: u32,
        /// Offset of the operator in the `.wasm` file.
        pc: u32,
    },
    /// A function is entered: its first op runs because it was called.
    Func(FuncId),
    /// The op at an offset of a function's code runs.
    Ip {
        /// The function.
        func: FuncId,
        /// Offset of the op in the function's code.
        ip: u32,
    },
    /// An op of this mnemonic runs; `*` in it stands for anything.
    Op(String),
    /// A step ends this way.
    Outcome(OutcomeClass),
    /// The guest traps.
    Trap,
    /// A host function is called: any, or the one imported by this name, with or without
    /// its module's name in front (`module.name`).
    Host(Option<String>),
    /// Bytes of a memory are accessed.
    Memory {
        /// The memory, numbered per run.
        memory: u32,
        /// The bytes; any of them counts.
        range: Range<u64>,
        /// How.
        access: Access,
    },
    /// A global is written.
    Global {
        /// The instance.
        instance: u32,
        /// Index in the instance.
        index: u32,
    },
    /// A slot of one activation is written.
    Slot(SlotOf),
    /// A place comes to hold a value that it did not hold before the step.
    Becomes {
        /// Where.
        place: Place,
        /// The value's bits, little-endian, as many as the place has.
        bits: u128,
    },
    /// One of several.
    Any(Vec<Query>),
}

/// How memory is accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Read.
    Read,
    /// Written.
    Write,
    /// Either.
    Any,
}

/// How a step ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutcomeClass {
    /// On to the op that follows.
    Next,
    /// To another op of the same function.
    Jump,
    /// Into a new frame.
    Call,
    /// Into a new frame that replaces this one.
    TailCall,
    /// Behind a host call.
    HostCall,
    /// Back to the calling frame.
    Return,
    /// To the handler of an exception.
    Throw,
    /// Out of the outermost frame.
    Halt,
    /// Nowhere: a trap, an exit or a failure of the host.
    Error,
}

impl OutcomeClass {
    /// All, with their words.
    pub const ALL: [(OutcomeClass, &'static str); 9] = [
        (OutcomeClass::Next, "next"),
        (OutcomeClass::Jump, "jump"),
        (OutcomeClass::Call, "call"),
        (OutcomeClass::TailCall, "tail_call"),
        (OutcomeClass::HostCall, "host_call"),
        (OutcomeClass::Return, "return"),
        (OutcomeClass::Throw, "throw"),
        (OutcomeClass::Halt, "halt"),
        (OutcomeClass::Error, "error"),
    ];

    /// The class of an outcome.
    pub fn of(outcome: &Outcome) -> OutcomeClass {
        match outcome {
            Outcome::Next => OutcomeClass::Next,
            Outcome::Jump => OutcomeClass::Jump,
            Outcome::Call => OutcomeClass::Call,
            Outcome::TailCall => OutcomeClass::TailCall,
            Outcome::HostCall => OutcomeClass::HostCall,
            Outcome::Return => OutcomeClass::Return,
            Outcome::Throw => OutcomeClass::Throw,
            Outcome::Halt => OutcomeClass::Halt,
            Outcome::Error(_) => OutcomeClass::Error,
        }
    }
}

impl fmt::Display for OutcomeClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = OutcomeClass::ALL.iter().find(|(class, _)| class == self);
        f.write_str(named.expect("all classes have a word").1)
    }
}

/// A slot of one activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SlotOf {
    /// The function; known by `entered` already, and said for people.
    pub func: FuncId,
    /// The step at which the activation's first op ran: no other has the same.
    pub entered: u64,
    /// The slot.
    pub slot: u32,
}

/// Something that holds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A number in a memory.
    Memory {
        /// The memory, numbered per run.
        memory: u32,
        /// Its first byte.
        addr: u64,
        /// How it is encoded.
        ty: CellType,
    },
    /// A global.
    Global {
        /// The instance.
        instance: u32,
        /// Index in the instance.
        index: u32,
        /// Its type.
        ty: ValueType,
    },
    /// A slot of one activation.
    Slot(SlotOf, ValueType),
}

macro_rules! cell_types {
    ($($name:ident $word:literal $size:literal;)*) => {
        /// A number in memory.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "the names say it all")]
        pub enum CellType { $($name,)* }

        impl CellType {
            /// All, with their words.
            pub const ALL: [(CellType, &'static str); 10] = [$((CellType::$name, $word),)*];

            /// Its bytes.
            pub const fn size(self) -> u64 {
                match self { $(CellType::$name => $size,)* }
            }
        }

        impl fmt::Display for CellType {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(CellType::$name => $word,)* })
            }
        }
    };
}
cell_types! {
    U8 "u8" 1; I8 "i8" 1; U16 "u16" 2; I16 "i16" 2; U32 "u32" 4; I32 "i32" 4;
    U64 "u64" 8; I64 "i64" 8; F32 "f32" 4; F64 "f64" 8;
}

impl CellType {
    /// A number of this type as text.
    pub(super) fn text(self, bits: u128) -> String {
        match self {
            CellType::U8 | CellType::U16 | CellType::U32 | CellType::U64 => bits.to_string(),
            CellType::I8 => (bits as i8).to_string(),
            CellType::I16 => (bits as i16).to_string(),
            CellType::I32 => (bits as i32).to_string(),
            CellType::I64 => (bits as i64).to_string(),
            CellType::F32 => {
                float_text(f32::from_bits(bits as u32).is_nan(), f32::from_bits(bits as u32), bits)
            }
            CellType::F64 => {
                float_text(f64::from_bits(bits as u64).is_nan(), f64::from_bits(bits as u64), bits)
            }
        }
    }
}

/// A NaN as its bits, so that its payload is not lost.
fn float_text(nan: bool, value: impl fmt::Debug, bits: u128) -> String {
    if nan { format!("bits {bits:#x}") } else { format!("{value:?}") }
}

/// A value of a WebAssembly type as a query writes it.
pub(super) fn value_text(ty: ValueType, bits: u128) -> String {
    match ty {
        ValueType::I32 => CellType::I32.text(bits),
        ValueType::I64 => CellType::I64.text(bits),
        ValueType::F32 => CellType::F32.text(bits),
        ValueType::F64 => CellType::F64.text(bits),
        _ => format!("bits {bits:#x}"),
    }
}

impl fmt::Display for SlotOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slot r{} of {}@{}", self.slot, self.func, self.entered)
    }
}

/// `mem1:` in front of an address, nothing for memory 0.
struct InMemory(u32);

impl fmt::Display for InMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { Ok(()) } else { write!(f, "mem{}:", self.0) }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Query::Pc { module: 0, pc } => write!(f, "pc {pc:#x}"),
            Query::Pc { module, pc } => write!(f, "pc {module}:{pc:#x}"),
            Query::Func(func) => write!(f, "func {func}"),
            Query::Ip { func, ip } => write!(f, "ip {func}+{ip}"),
            Query::Op(name) => write!(f, "op {name}"),
            Query::Outcome(class) => write!(f, "outcome {class}"),
            Query::Trap => f.write_str("trap"),
            Query::Host(None) => f.write_str("host"),
            Query::Host(Some(name)) => write!(f, "host {name}"),
            Query::Memory { memory, range, access } => {
                let word = match access {
                    Access::Read => "read",
                    Access::Write => "write",
                    Access::Any => "access",
                };
                write!(f, "{word} {}{:#x}..{:#x}", InMemory(*memory), range.start, range.end)
            }
            Query::Global { instance, index } => write!(f, "global {instance}:{index}"),
            Query::Slot(slot) => slot.fmt(f),
            Query::Becomes { place, bits } => match *place {
                Place::Memory { memory, addr, ty } => {
                    write!(f, "mem {ty} {}{addr:#x} == {}", InMemory(memory), ty.text(*bits))
                }
                Place::Global { instance, index, ty } => {
                    write!(f, "global {instance}:{index} == {}", Typed(ty, *bits))
                }
                Place::Slot(slot, ty) => write!(f, "{slot} == {}", Typed(ty, *bits)),
            },
            Query::Any(list) => {
                for (at, query) in list.iter().enumerate() {
                    if at > 0 {
                        f.write_str(" or ")?;
                    }
                    query.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

/// A value with its type in front, so that it can be read back without the run.
struct Typed(ValueType, u128);

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, value_text(self.0, self.1))
    }
}

impl Query {
    /// The first moment from `value`: that a place holds it.
    pub fn becomes(place: Place, value: Value) -> Query {
        Query::Becomes { place, bits: value.bits }
    }

    /// The queries of which one must hold: those of [`Query::Any`], or this one.
    pub fn parts(&self) -> Vec<&Query> {
        match self {
            Query::Any(list) => list.iter().flat_map(Query::parts).collect(),
            other => vec![other],
        }
    }
}
