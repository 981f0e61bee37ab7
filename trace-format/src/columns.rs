//! The columns of an event chunk.
//!
//! What the code implies is not stored. What is left goes to one column per
//! kind of thing, because like compresses well with like:
//!
//! ```text
//! Flow     one bit per branch executed, 1 if taken; low bits first
//! Target   varints: of a table jump the op + 1, of an indirect call the
//!          callee's place in the chunk's function list + 1; 0 is neither
//! Addr     signed varints: distance to the address this op last used
//! Mem      the bytes stores wrote, and loads read that no result shows
//! V4 V8 V16      results and global values, by width
//! OldMem O4 O8 O16   the same before the step, if the chunk has old values
//! Odd      where prediction failed, see below
//! Extra    effects and outcomes no shape implies: step delta, then postcard
//! ```
//!
//! An `Odd` record is a varint, steps since the last record times 8 plus what,
//! then: 0 place (function in list, op, depth, instance) · 1 tick (signed
//! difference) · 2 memory · 3 base of results · the last two as varints.
//!
//! Always: each column stands for itself, is compressed by itself, and starts
//! from nothing in each chunk. A reader takes exactly what it needs and never
//! more than there is.
//! Elsewhere: how they stand in a frame (`chunk`).

use crate::bytes::{Bytes, put_record, put_varint};
use crate::event::{Effect, FuncId};
use crate::outcome::Outcome;
use crate::value::ValueType;
use serde::{Deserialize, Serialize};

/// Columns by number. A number is never reused; 128 and up may be skipped.
pub(crate) mod column {
    pub(crate) const FLOW: usize = 0;
    pub(crate) const TARGET: usize = 1;
    pub(crate) const ADDR: usize = 2;
    pub(crate) const MEM: usize = 3;
    /// Values of 4 bytes; those of 8 and 16 are in the two columns that follow.
    pub(crate) const V4: usize = 4;
    pub(crate) const OLD_MEM: usize = 7;
    /// As `V4`.
    pub(crate) const O4: usize = 8;
    pub(crate) const ODD: usize = 11;
    pub(crate) const EXTRA: usize = 12;
    /// How many this build knows.
    pub(crate) const COUNT: usize = 13;
}

/// What an `Odd` record corrects.
pub(crate) mod odd {
    pub(crate) const PLACE: u64 = 0;
    pub(crate) const TICK: u64 = 1;
    pub(crate) const MEMORY: u64 = 2;
    pub(crate) const BASE: u64 = 3;
}

/// One entry of column `Extra`. Append only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Extra {
    /// Effects beside those of the shape.
    Effects(Vec<Effect>),
    /// An outcome the shape does not imply.
    Outcome { outcome: Outcome, callee: Option<FuncId> },
    /// The results come later.
    Pending,
    /// There were effects beside those of the shape, which the profile does not keep.
    Untold,
}

/// The columns being written.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    pub(crate) bytes: [Vec<u8>; column::COUNT],
    bits: u64,
    bit_count: u32,
    last_odd: u64,
    last_extra: u64,
}

impl Columns {
    /// Forgets everything but the memory it holds.
    pub(crate) fn clear(&mut self) {
        self.bytes.iter_mut().for_each(Vec::clear);
        (self.bits, self.bit_count, self.last_odd, self.last_extra) = (0, 0, 0, 0);
    }

    /// Bytes so far.
    pub(crate) fn len(&self) -> usize {
        self.bytes.iter().map(Vec::len).sum()
    }

    #[inline]
    pub(crate) fn bit(&mut self, bit: bool) {
        self.bits |= u64::from(bit) << self.bit_count;
        self.bit_count += 1;
        if self.bit_count == 64 {
            self.flush_bits();
        }
    }

    /// To be called once before the columns are read.
    pub(crate) fn flush_bits(&mut self) {
        let len = self.bit_count.div_ceil(8) as usize;
        self.bytes[column::FLOW].extend_from_slice(&self.bits.to_le_bytes()[..len]);
        (self.bits, self.bit_count) = (0, 0);
    }

    /// A value into the column of its width; `first` is [`column::V4`] or
    /// [`column::O4`].
    #[inline]
    pub(crate) fn value(&mut self, first: usize, ty: ValueType, bits: u128) {
        let bytes = bits.to_le_bytes();
        match ty.width() {
            4 => self.bytes[first].extend_from_slice(&bytes[..4]),
            8 => self.bytes[first + 1].extend_from_slice(&bytes[..8]),
            _ => self.bytes[first + 2].extend_from_slice(&bytes),
        }
    }

    #[inline]
    pub(crate) fn memory(&mut self, which: usize, bits: u128, size: u8) {
        let bytes = bits.to_le_bytes();
        self.bytes[which].extend_from_slice(&bytes[..usize::from(size.min(16))]);
    }

    /// Starts an `Odd` record for step number `index` of the chunk.
    #[cold]
    pub(crate) fn odd(&mut self, index: u64, what: u64) -> &mut Vec<u8> {
        let out = &mut self.bytes[column::ODD];
        put_varint(out, (index - self.last_odd) << 3 | what);
        self.last_odd = index;
        out
    }

    #[cold]
    pub(crate) fn extra(&mut self, index: u64, extra: &Extra) {
        let out = &mut self.bytes[column::EXTRA];
        put_varint(out, index - self.last_extra);
        put_record(out, extra);
        self.last_extra = index;
    }
}

/// Reads columns. All methods give `None` where a column ends early.
pub(crate) struct ColumnReader {
    data: [Vec<u8>; column::COUNT],
    at: [usize; column::COUNT],
    bits: u8,
    bit_count: u32,
    next_odd: Option<(u64, u64)>,
    next_extra: Option<u64>,
}

impl ColumnReader {
    pub(crate) fn new(data: [Vec<u8>; column::COUNT]) -> Option<ColumnReader> {
        let mut reader = ColumnReader {
            data,
            at: [0; column::COUNT],
            bits: 0,
            bit_count: 0,
            next_odd: None,
            next_extra: None,
        };
        reader.find_odd(0)?;
        reader.find_extra(0)?;
        Some(reader)
    }

    /// Takes from the front of a column.
    #[inline]
    fn take<T>(&mut self, which: usize, part: impl FnOnce(&mut Bytes<'_>) -> Option<T>) -> Option<T> {
        let data = &self.data[which];
        let mut bytes = Bytes::new(data.get(self.at[which]..)?);
        let value = part(&mut bytes)?;
        self.at[which] = data.len() - bytes.rest().len();
        Some(value)
    }

    fn is_empty(&self, which: usize) -> bool {
        self.at[which] >= self.data[which].len()
    }

    #[inline]
    pub(crate) fn bit(&mut self) -> Option<bool> {
        if self.bit_count == 0 {
            [self.bits] = self.take(column::FLOW, |bytes| bytes.array())?;
            self.bit_count = 8;
        }
        let bit = self.bits & 1 != 0;
        self.bits >>= 1;
        self.bit_count -= 1;
        Some(bit)
    }

    #[inline]
    pub(crate) fn target(&mut self) -> Option<u32> {
        self.take(column::TARGET, |bytes| bytes.varint_u32())
    }

    #[inline]
    pub(crate) fn addr(&mut self) -> Option<i64> {
        self.take(column::ADDR, |bytes| bytes.signed())
    }

    #[inline]
    pub(crate) fn value(&mut self, first: usize, ty: ValueType) -> Option<u128> {
        Some(match ty.width() {
            4 => u128::from(u32::from_le_bytes(self.take(first, |bytes| bytes.array())?)),
            8 => u128::from(u64::from_le_bytes(self.take(first + 1, |bytes| bytes.array())?)),
            _ => u128::from_le_bytes(self.take(first + 2, |bytes| bytes.array())?),
        })
    }

    #[inline]
    pub(crate) fn memory(&mut self, which: usize, size: u8) -> Option<u128> {
        let len = usize::from(size.min(16));
        self.take(which, |bytes| {
            let mut wide = [0; 16];
            wide[..len].copy_from_slice(bytes.take(len)?);
            Some(u128::from_le_bytes(wide))
        })
    }

    /// What the next `Odd` record of step `index` corrects, if there is one.
    #[inline]
    pub(crate) fn odd(&self, index: u64) -> Option<u64> {
        self.next_odd.filter(|(at, _)| *at == index).map(|(_, what)| what)
    }

    /// Takes the body of the record [`ColumnReader::odd`] found.
    pub(crate) fn take_odd<T>(&mut self, body: impl FnOnce(&mut Bytes<'_>) -> Option<T>) -> Option<T> {
        let (at, _) = self.next_odd?;
        let value = self.take(column::ODD, body)?;
        self.find_odd(at)?;
        Some(value)
    }

    fn find_odd(&mut self, last: u64) -> Option<()> {
        self.next_odd = None;
        if !self.is_empty(column::ODD) {
            let head = self.take(column::ODD, |bytes| bytes.varint())?;
            self.next_odd = Some((last.checked_add(head >> 3)?, head & 7));
        }
        Some(())
    }

    /// Whether step `index` has an `Extra` entry (left).
    #[inline]
    pub(crate) fn has_extra(&self, index: u64) -> bool {
        self.next_extra == Some(index)
    }

    pub(crate) fn take_extra(&mut self) -> Option<Extra> {
        let at = self.next_extra?;
        let extra = self.take(column::EXTRA, |bytes| bytes.record())?;
        self.find_extra(at)?;
        Some(extra)
    }

    fn find_extra(&mut self, last: u64) -> Option<()> {
        self.next_extra = None;
        if !self.is_empty(column::EXTRA) {
            let delta = self.take(column::EXTRA, |bytes| bytes.varint())?;
            self.next_extra = Some(last.checked_add(delta)?);
        }
        Some(())
    }

    /// Whether everything has been read, as after the last step it must.
    pub(crate) fn is_done(&self) -> bool {
        (0..column::COUNT).all(|which| self.is_empty(which))
            && self.next_odd.is_none()
            && self.next_extra.is_none()
            && self.bits == 0
    }
}
