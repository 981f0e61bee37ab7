//! One op out of a function's words, by the instruction table.
//!
//! Operands are asked for by the name they have in the table. Words of a table's targets
//! stand behind a `br_table`.

use crate::code::{OpCode, OpId, TableTarget, size_of_op};
use crate::isa::{Operand, OperandType, Role};
use std::mem::offset_of;

/// An encoded op.
#[derive(Clone, Copy)]
pub(crate) struct Decoded<'a> {
    pub(crate) code: OpCode,
    /// Its number in the function.
    pub(crate) ordinal: usize,
    words: &'a [u32],
    ip: u32,
}

impl<'a> Decoded<'a> {
    /// The op at `ip`, which is the start of one.
    pub(crate) fn new(words: &'a [u32], ip: u32, ordinal: usize) -> Decoded<'a> {
        let code = OpId::in_words(words, ip as usize).opcode();
        Decoded::of(code, words, ip, ordinal)
    }

    /// The same where the words may hold a `stop` in its place: it is `code`.
    pub(crate) fn of(code: OpCode, words: &'a [u32], ip: u32, ordinal: usize) -> Decoded<'a> {
        Decoded { code, ordinal, words, ip }
    }

    pub(crate) fn operand(&self, name: &str) -> Option<&'static Operand> {
        self.code.info().operands.iter().find(|operand| operand.name == name)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.operand(name).is_some()
    }

    /// The slot or immediate of that name: signed integers are extended to 64 bits.
    pub(crate) fn get(&self, name: &str) -> u64 {
        let operand = self.operand(name);
        self.bits(operand.unwrap_or_else(|| panic!("{} has no {name}", self.code.info().name)))
    }

    /// The slot of that name.
    pub(crate) fn slot(&self, name: &str) -> u32 {
        self.get(name) as u32
    }

    /// The slot or immediate that an operand stands for.
    pub(crate) fn bits(&self, operand: &Operand) -> u64 {
        let at = self.ip as usize + operand.offset as usize;
        if operand.role != Role::Imm {
            return half(self.words, at) as u64;
        }
        match operand.ty {
            OperandType::U16 | OperandType::Slot => half(self.words, at) as u64,
            OperandType::I64 | OperandType::U64 | OperandType::F64 => {
                self.words[at / 4] as u64 | (self.words[at / 4 + 1] as u64) << 32
            }
            OperandType::I32 => self.words[at / 4] as i32 as i64 as u64,
            _ => self.words[at / 4] as u64,
        }
    }

    /// The sixteen bytes of a vector in the op.
    pub(crate) fn vector(&self, operand: &Operand) -> u128 {
        let at = (self.ip as usize + operand.offset as usize) / 4;
        (0..4).fold(0, |bits, word| bits | (self.words[at + word] as u128) << (32 * word))
    }

    /// Of a load or store: whether it stores, and how many bytes. Both are in its name.
    pub(crate) fn access(&self) -> Option<(bool, u8)> {
        let (ty, action) = self.code.info().name.split_once('_')?;
        let (store, width) = match (action.strip_prefix("load"), action.strip_prefix("store")) {
            (Some(width), _) => (false, width),
            (_, Some(width)) => (true, width),
            _ => return None,
        };
        let bits = match width.split('_').next() {
            Some("") | None => &ty[1..],
            Some(bits) => bits,
        };
        // Vectors made of lanes: `8x8` is eight lanes of eight bits.
        let bits = bits.split('x').map(|part| part.parse::<u8>());
        let bits = bits.product::<Result<u8, _>>().expect("a load or store is named after its width");
        Some((store, bits / 8))
    }

    /// Where its `jump` leads.
    pub(crate) fn target(&self) -> u32 {
        let jump = self.operand("jump").expect("only branches are asked");
        self.relative(self.ip as usize + jump.offset as usize)
    }

    /// The targets of a branch table and where each wants the values, the default last.
    pub(crate) fn table(&self) -> impl Iterator<Item = (u32, u32)> {
        let (first, len) = match self.operand("len") {
            Some(len) => (self.ip as usize + self.code.info().size as usize, self.bits(len) as usize + 1),
            None => (0, 0),
        };
        (0..len).map(move |index| {
            let at = first + index * size_of_op::<TableTarget>();
            (
                self.relative(at + offset_of!(TableTarget, jump)),
                half(self.words, at + offset_of!(TableTarget, dst)) as u32,
            )
        })
    }

    /// The target of the `Jump` at byte `at`, whose distance comes first.
    fn relative(&self, at: usize) -> u32 {
        self.ip.wrapping_add(self.words[at / 4])
    }
}

/// The two bytes at byte `at`.
fn half(words: &[u32], at: usize) -> u16 {
    let bytes = words[at / 4].to_ne_bytes();
    u16::from_ne_bytes([bytes[at % 4], bytes[at % 4 + 1]])
}
