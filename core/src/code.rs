//! Bytecode: how a line of the instruction table becomes bytes and comes back.
//!
//! ```text
//! byte 0       8      10       12       14       16
//!      [handler][id  ][dst    ][lhs    ][rhs    ]              i32_add
//!      [handler][id  ][cond   ][offset         ][steps, ticks] br_if
//! ```
//!
//! An op is a `repr(C)` struct. It starts with the address of the handler that runs it, so
//! that a handler reaches the next one by `jmp *(ip)`; lowering leaves the address empty and
//! the store fills it in (`exec::dispatch`). The id is the op's number and form. A buffer
//! is whole 4-byte words, and an op starts at one. Slots are 16 bits: a frame has at most
//! 65 535 of them (`lower` refuses a function that needs more).
//!
//! Always: a buffer is written once, by `lower`; after that only addresses of handlers
//! change, all at once, when another dispatcher takes over, and the debugger writes a
//! `stop` over an op, and the op back.
//! Elsewhere: an op's operands by name (`decode`), the table (`isa`), the text of a buffer (`disasm`).

#![allow(non_camel_case_types)]

pub(crate) mod decode;

use crate::isa::{Kind, OpInfo, Operand, OperandType, Role, isa};

/// A slot of a frame: one 64-bit cell, counted from the frame's first parameter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Slot(pub u16);

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "r{}", self.0)
    }
}

/// Steps and ticks, each modulo 2^32, as one number that can be added at once.
///
/// The high half counts steps, the low half ticks; see `exec::meter` for how the
/// two are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Count {
    ticks: u32,
    steps: u32,
}

impl Count {
    /// `steps` and `ticks`, each as a signed difference.
    pub(crate) fn new(steps: i64, ticks: i64) -> Count {
        Count::from_packed((steps << 32).wrapping_add(ticks))
    }

    /// The number to add to a packed counter.
    #[inline(always)]
    pub(crate) fn packed(self) -> i64 {
        (((self.steps as u64) << 32) | self.ticks as u64) as i64
    }

    pub(crate) fn from_packed(packed: i64) -> Count {
        Count { ticks: packed as u32, steps: (packed as u64 >> 32) as u32 }
    }
}

/// A branch target: how far away, and how the counters change when it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Jump {
    /// Bytes from the start of the op that holds this jump (for a `br_table`, from
    /// the start of the table's op) to the target.
    pub(crate) offset: i32,
    /// What the counters gain on this edge beyond what the positions imply.
    pub(crate) delta: Count,
}

/// One target of a `br_table`; `len + 1` of them follow the op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct TableTarget {
    pub(crate) jump: Jump,
    /// Where the values go, for `br_table_copy`.
    pub(crate) dst: Slot,
    pub(crate) pad: u16,
}

/// Eight bytes at four-byte alignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Bits64 {
    low: u32,
    high: u32,
}

impl Bits64 {
    pub(crate) fn new(bits: u64) -> Bits64 {
        Bits64 { low: bits as u32, high: (bits >> 32) as u32 }
    }

    #[inline(always)]
    pub(crate) fn get(self) -> u64 {
        self.low as u64 | (self.high as u64) << 32
    }
}

/// Sixteen bytes at four-byte alignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Bits128 {
    low: Bits64,
    high: Bits64,
}

impl Bits128 {
    pub(crate) fn new(bits: u128) -> Bits128 {
        Bits128 { low: Bits64::new(bits as u64), high: Bits64::new((bits >> 64) as u64) }
    }

    #[inline(always)]
    pub(crate) fn get(self) -> u128 {
        self.low.get() as u128 | (self.high.get() as u128) << 64
    }
}

/// What an op is: its number, and in the high bits its form (`exec::form`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct OpId(u16);

/// Where the id of an op lies.
pub(crate) const ID: usize = size_of::<Bits64>();

const FORM_SHIFT: u32 = 13;
const _: () = assert!(OpCode::COUNT <= 1 << FORM_SHIFT);

impl OpId {
    pub(crate) const fn new(opcode: OpCode) -> OpId {
        OpId(opcode as u16)
    }

    /// The same op in another form.
    pub(crate) fn with_form(self, form: u8) -> OpId {
        OpId(self.number() | (form as u16) << FORM_SHIFT)
    }

    pub(crate) fn form(self) -> u8 {
        (self.0 >> FORM_SHIFT) as u8
    }

    /// The number of the op.
    #[inline(always)]
    pub(crate) fn number(self) -> u16 {
        self.0 & ((1 << FORM_SHIFT) - 1)
    }

    /// The op.
    #[inline(always)]
    pub(crate) fn opcode(self) -> OpCode {
        OpCode::from_u16(self.number()).expect("an id has the number of an op")
    }

    /// Out of the words of a function, for the op at byte `at`.
    pub(crate) fn in_words(words: &[u32], at: usize) -> OpId {
        let bytes = words[(at + ID) / 4].to_ne_bytes();
        OpId(u16::from_ne_bytes([bytes[0], bytes[1]]))
    }
}

/// The Rust type of a field with this role and type.
macro_rules! field {
    (out $ty:ident) => {
        Slot
    };
    (in $ty:ident) => {
        Slot
    };
    (outs $ty:ident) => {
        Slot
    };
    (ins $ty:ident) => {
        Slot
    };
    (imm i32) => {
        i32
    };
    (imm u32) => {
        u32
    };
    (imm u64) => {
        Bits64
    };
    (imm v128) => {
        Bits128
    };
    (imm u16) => {
        u16
    };
    (imm f32) => {
        u32
    };
    (imm i64) => {
        Bits64
    };
    (imm f64) => {
        Bits64
    };
    (imm Entry) => {
        Bits64
    };
    (imm Slot) => {
        Slot
    };
    (imm Jump) => {
        Jump
    };
    (imm Count) => {
        Count
    };
}

macro_rules! role {
    (out) => {
        Role::Out
    };
    (in) => {
        Role::In
    };
    (outs) => {
        Role::Outs
    };
    (ins) => {
        Role::Ins
    };
    (imm) => {
        Role::Imm
    };
}

macro_rules! operand_type {
    (i32) => {
        OperandType::I32
    };
    (i64) => {
        OperandType::I64
    };
    (f32) => {
        OperandType::F32
    };
    (f64) => {
        OperandType::F64
    };
    (v128) => {
        OperandType::V128
    };
    (funcref) => {
        OperandType::FuncRef
    };
    (any) => {
        OperandType::Any
    };
    (span) => {
        OperandType::Span
    };
    (u16) => {
        OperandType::U16
    };
    (u32) => {
        OperandType::U32
    };
    (u64) => {
        OperandType::U64
    };
    (Slot) => {
        OperandType::Slot
    };
    (Jump) => {
        OperandType::Jump
    };
    (Count) => {
        OperandType::Count
    };
    (Entry) => {
        OperandType::Entry
    };
}

macro_rules! kind {
    (infallible) => {
        Kind::Infallible
    };
    (fallible) => {
        Kind::Fallible
    };
    (reads) => {
        Kind::Reads
    };
    (writes) => {
        Kind::Writes
    };
    (jumps) => {
        Kind::Jumps
    };
    (leaves) => {
        Kind::Leaves
    };
    (host) => {
        Kind::Host
    };
}

/// An encoded op.
///
/// # Safety
/// The type is `repr(C)`, at most 4-aligned, and starts with an address of 8 bytes and the
/// id of `CODE`.
pub(crate) unsafe trait Op: Copy {
    #[allow(dead_code, reason = "named by the dispatchers of the experiment")]
    const CODE: OpCode;
}

/// What can be put into code, which is made of words: all of their bytes must be initialised.
pub(crate) trait Encoded: Copy {
    /// Writes the fields, and leaves what lies between them as it is. (To write the whole
    /// would make that uninitialised.)
    ///
    /// # Safety
    /// `at` can be written to, and is aligned.
    unsafe fn put(self, at: *mut Self);
}

impl Encoded for TableTarget {
    unsafe fn put(self, at: *mut Self) {
        // SAFETY: by the caller; nothing lies between its fields.
        unsafe { at.write(self) };
    }
}

macro_rules! expand {
    ($($name:ident $kind:ident { $($role:ident $field:ident : $ty:ident),* } $meaning:literal;)*) => {
        /// The number of an op: its place in the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        #[allow(missing_docs, reason = "the table describes each")]
        pub enum OpCode { $($name),* }

        /// One encoded struct for every op.
        pub(crate) mod ops {
            use super::*;
            $(
                #[derive(Clone, Copy, Debug)]
                #[repr(C)]
                pub(crate) struct $name {
                    handler: Bits64,
                    id: OpId,
                    $(pub(crate) $field: field!($role $ty)),*
                }

                impl $name {
                    #[allow(clippy::too_many_arguments, reason = "as many as the op has operands")]
                    #[allow(clippy::new_without_default, reason = "an op without operands")]
                    #[allow(dead_code, reason = "some ops are made from the op that stands for their family")]
                    pub(crate) fn new($($field: field!($role $ty)),*) -> $name {
                        $name { handler: Bits64::new(0), id: OpId::new(OpCode::$name), $($field),* }
                    }

                    /// Makes it another op with the same operands in the same places.
                    #[allow(dead_code, reason = "used for the ops that stand for a family")]
                    pub(crate) fn set_opcode(&mut self, opcode: OpCode) {
                        debug_assert_eq!(opcode.info().size, OpCode::$name.info().size);
                        self.id = OpId::new(opcode);
                    }
                }

                impl Encoded for $name {
                    unsafe fn put(self, at: *mut Self) {
                        // SAFETY: by the caller.
                        unsafe {
                            (&raw mut (*at).handler).write(self.handler);
                            (&raw mut (*at).id).write(self.id);
                            $((&raw mut (*at).$field).write(self.$field);)*
                        }
                    }
                }

                // SAFETY: `repr(C)`, every field is at most 4-aligned, address and id come first.
                unsafe impl Op for $name {
                    const CODE: OpCode = OpCode::$name;
                }
            )*
        }

        /// The table as data, in the order of [`OpCode`].
        pub static OPS: &[OpInfo] = &[$(
            OpInfo {
                name: stringify!($name),
                kind: kind!($kind),
                operands: &[$(Operand {
                    role: role!($role),
                    name: stringify!($field),
                    ty: operand_type!($ty),
                    offset: std::mem::offset_of!(ops::$name, $field) as u16,
                }),*],
                meaning: $meaning,
                size: size_of::<ops::$name>().next_multiple_of(4) as u16,
            }
        ),*];

        const ALL: &[OpCode] = &[$(OpCode::$name),*];
    };
}
isa!(expand);

impl OpCode {
    /// The number of ops.
    pub const COUNT: usize = ALL.len();

    /// The op with this number, or `None` if the table has no such line.
    pub fn from_u16(number: u16) -> Option<OpCode> {
        ALL.get(number as usize).copied()
    }

    /// The op's line in the table.
    #[inline]
    pub fn info(self) -> &'static OpInfo {
        &OPS[self as usize]
    }
}

/// Size of an encoded op in bytes, a whole number of words.
pub(crate) const fn size_of_op<O>() -> usize {
    size_of::<O>().next_multiple_of(4)
}

/// The bytecode of one function while it is written.
pub(crate) struct CodeBuf {
    words: Vec<u32>,
}

impl CodeBuf {
    /// An empty one, with room for about `words` words.
    pub(crate) fn with_room(words: usize) -> CodeBuf {
        CodeBuf { words: Vec::with_capacity(words) }
    }

    /// Bytes written so far: the offset of the next op.
    pub(crate) fn len(&self) -> usize {
        self.words.len() * 4
    }

    /// Appends an op and returns where it starts.
    pub(crate) fn push<O: Encoded>(&mut self, op: O) -> usize {
        const { assert!(align_of::<O>() <= 4) };
        let (at, words) = (self.words.len(), size_of_op::<O>() / 4);
        self.words.reserve(words);
        // SAFETY: there is room for the words, which are aligned for `O` and all initialised.
        unsafe {
            let end = self.words.as_mut_ptr().add(at);
            end.write_bytes(0, words);
            op.put(end.cast());
            self.words.set_len(at + words);
        }
        at * 4
    }

    /// The id of the op that starts at byte `at`.
    pub(crate) fn id(&self, at: usize) -> OpId {
        OpId::in_words(&self.words, at)
    }

    /// The opcode of the op that starts at byte `at`.
    pub(crate) fn opcode(&self, at: usize) -> OpCode {
        self.id(at).opcode()
    }

    /// Sets the id of the op that starts at byte `at`.
    pub(crate) fn set_id(&mut self, at: usize, id: OpId) {
        // SAFETY: every op has its id there, and `at` is the start of one.
        *unsafe { self.get_mut::<OpId>(at + ID) } = id;
    }

    /// The slot of the operand `offset` bytes behind the start of the op at byte `at`.
    #[inline]
    pub(crate) fn slot(&self, at: usize, offset: u16) -> Slot {
        let at = at + offset as usize;
        let bytes = self.words[at / 4].to_ne_bytes();
        Slot(u16::from_ne_bytes([bytes[at % 4], bytes[at % 4 + 1]]))
    }

    /// The value of type `O` at byte `at`.
    ///
    /// # Safety
    /// An `O` was pushed or written there.
    pub(crate) unsafe fn get_mut<O: Copy>(&mut self, at: usize) -> &mut O {
        assert!(at + size_of::<O>() <= self.len(), "the op lies in the buffer");
        // SAFETY: by the caller; the bounds hold by the assertion.
        unsafe { &mut *self.words.as_mut_ptr().cast::<u8>().add(at).cast::<O>() }
    }

    /// Takes back everything from byte `at` on.
    pub(crate) fn truncate(&mut self, at: usize) {
        self.words.truncate(at / 4);
    }

    pub(crate) fn finish(self) -> Box<[u32]> {
        self.words.into_boxed_slice()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_leave_no_gap_before_the_last_one() {
        for info in OPS {
            let mut at = ID as u16 + 2;
            for operand in info.operands {
                let size = match operand.role {
                    Role::Imm => match operand.ty {
                        OperandType::U16 | OperandType::Slot => 2,
                        OperandType::I64
                        | OperandType::U64
                        | OperandType::F64
                        | OperandType::Entry
                        | OperandType::Count => 8,
                        OperandType::V128 => 16,
                        OperandType::Jump => 12,
                        _ => 4,
                    },
                    _ => 2,
                };
                assert!(operand.offset - at <= 2, "{}: a gap before {}", info.name, operand.name);
                at = operand.offset + size;
            }
        }
    }

    #[test]
    fn counts_add_up() {
        let a = Count::new(-3, 7).packed().wrapping_add(Count::new(5, -9).packed());
        assert_eq!(a, (2i64 << 32) - 2);
        assert_eq!(Count::from_packed(a).packed(), a);
    }
}
