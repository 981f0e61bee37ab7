//! An event chunk: its header, and how columns stand behind it.
//!
//! ```text
//! payload  u32 length of the header
//!          header (postcard): where the machine is, functions, columns
//!          column, column, …      each compressed by itself
//! ```
//!
//! The header says all that is needed to read the chunk alone: the place of its
//! first step, its tick, the innermost callers, and for each function that runs
//! the offset of its code frame.
//!
//! Always: at most [`most_steps`] steps and about 1.5 MiB of columns.
//! Elsewhere: filling columns (`encode`), reading them (`decode`).

use crate::bytes::{Bytes, put_record};
use crate::columns::{Columns, column};
use crate::error::ReadError;
use crate::event::FuncId;
use crate::frame::{MAX_PAYLOAD, Packer, inflate};
use crate::manifest::Profile;
use crate::predict::{Caller, Place};
use serde::{Deserialize, Serialize};

/// Steps in a full chunk; in one of profile flow, four times as many.
pub const CHUNK_STEPS: u32 = 65536;

/// Steps after which a chunk is closed. Of the profile flow there are so few bytes that
/// what each chunk says of itself would be much of it.
pub(crate) const fn most_steps(profile: Profile) -> u32 {
    match profile {
        Profile::Log | Profile::Flow => 4 * CHUNK_STEPS,
        Profile::Values | Profile::Full => CHUNK_STEPS,
    }
}
/// Column bytes after which a chunk is closed early.
pub(crate) const CHUNK_BYTES: usize = 3 << 19;
/// More steps in one chunk are refused; room for chunks made by compaction.
const MAX_STEPS: u32 = 1 << 20;

#[derive(Serialize, Deserialize)]
enum VersionedHeader {
    V1(ChunkHeader),
}

/// What a chunk says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChunkHeader {
    /// What its columns keep of a step.
    pub(crate) profile: Profile,
    /// Whether values before each step are stored.
    pub(crate) with_old: bool,
    /// Where the first step is.
    pub(crate) place: Place,
    /// Its tick.
    pub(crate) tick: u64,
    /// The innermost callers.
    pub(crate) callers: Vec<Caller>,
    /// The functions that run or are called, in order of appearance.
    pub(crate) funcs: Vec<FuncRef>,
    /// The columns that are not empty.
    pub(crate) columns: Vec<ColumnRef>,
}

/// A function and where its code is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FuncRef {
    pub(crate) func: FuncId,
    /// Offset of its code frame; 0 if it only was called, and never ran here.
    pub(crate) code: u64,
}

/// A column in the payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ColumnRef {
    pub(crate) id: u8,
    /// How values are coded; 0, as `columns` says, is the only way so far.
    pub(crate) encoding: u8,
    pub(crate) codec: u8,
    pub(crate) raw: u32,
    pub(crate) stored: u32,
}

/// The columns of a chunk, compressed: what stands behind the header.
#[derive(Debug, Default)]
pub(crate) struct PackedColumns {
    pub(crate) list: Vec<ColumnRef>,
    pub(crate) bytes: Vec<u8>,
}

/// Compresses columns.
pub(crate) fn pack(columns: &mut Columns, packer: &mut Packer) -> PackedColumns {
    columns.flush_bits();
    let mut packed = PackedColumns::default();
    for (id, bytes) in columns.bytes.iter().enumerate().filter(|(_, bytes)| !bytes.is_empty()) {
        let start = packed.bytes.len();
        let codec = packer.pack(bytes, false, &mut packed.bytes);
        let stored = (packed.bytes.len() - start) as u32;
        packed.list.push(ColumnRef { id: id as u8, encoding: 0, codec, raw: bytes.len() as u32, stored });
    }
    packed
}

/// Makes a payload of header and columns.
pub(crate) fn payload(mut header: ChunkHeader, packed: PackedColumns) -> Vec<u8> {
    header.columns = packed.list;
    let mut payload = vec![0; 4];
    put_record(&mut payload, &VersionedHeader::V1(header));
    let len = (payload.len() - 4) as u32;
    payload[..4].copy_from_slice(&len.to_le_bytes());
    payload.extend_from_slice(&packed.bytes);
    payload
}

/// Header and columns of a payload, as they stand there.
pub(crate) fn split(payload: &[u8]) -> Option<(ChunkHeader, &[u8])> {
    let mut bytes = Bytes::new(payload);
    let len = bytes.array().map(u32::from_le_bytes)?;
    let VersionedHeader::V1(header) = Bytes::new(bytes.take(len as usize)?).record()?;
    Some((header, bytes.rest()))
}

/// A chunk taken apart, columns inflated.
pub(crate) struct Chunk {
    pub(crate) first: u64,
    pub(crate) count: u32,
    pub(crate) header: ChunkHeader,
    pub(crate) columns: [Vec<u8>; column::COUNT],
}

impl Chunk {
    /// Takes the payload of the chunk frame at `at` apart.
    pub(crate) fn decode(at: u64, first: u64, count: u32, payload: &[u8]) -> Result<Chunk, ReadError> {
        let damaged = |what: &str| ReadError::damaged(at, format!("the event chunk is damaged ({what})"));
        if count == 0 || count > MAX_STEPS || first.checked_add(u64::from(count)).is_none() {
            return Err(damaged("number of steps"));
        }
        let mut bytes = Bytes::new(payload);
        let head = bytes.array().map(u32::from_le_bytes).and_then(|len| bytes.take(len as usize));
        let head = head.ok_or_else(|| damaged("length of its header"))?;
        let Some(VersionedHeader::V1(header)) = Bytes::new(head).record() else {
            return Err(damaged("header"));
        };
        if header.profile == Profile::Log {
            return Err(damaged("header"));
        }
        let mut columns: [Vec<u8>; column::COUNT] = Default::default();
        let mut total = 0u64;
        for column in &header.columns {
            let stored = bytes.take(column.stored as usize).ok_or_else(|| damaged("columns"))?;
            let Some(place) = columns.get_mut(usize::from(column.id)) else {
                if column.id < 128 {
                    return Err(damaged("a column this build does not know"));
                }
                continue;
            };
            total += u64::from(column.raw);
            if column.encoding != 0 || !place.is_empty() || total > 2 * u64::from(MAX_PAYLOAD) {
                return Err(damaged("columns"));
            }
            *place =
                inflate(column.codec, stored, column.raw).map_err(|error| error.at(at, "event chunk"))?;
        }
        if !bytes.is_empty() {
            return Err(damaged("bytes after its columns"));
        }
        Ok(Chunk { first, count, header, columns })
    }
}
