//! The event vocabulary of wasmscope and its `.wtrace` files.
//!
//! This crate knows numbers and bytes, no engine. A stranger can read a full
//! trace with it alone.

mod bytes;
mod checkpoint;
mod chunk;
mod code;
mod columns;
mod decode;
pub mod dump;
mod encode;
mod error;
mod event;
mod file;
mod frame;
mod host_log;
mod index;
mod manifest;
mod outcome;
mod predict;
mod read;
mod record;
mod shape;
mod sink;
mod value;
mod write;

pub use checkpoint::{
    Checkpoint, Dropped, FrameImage, MemoryImage, PAGE_SIZE, PageHash, TableImage,
};
pub use chunk::CHUNK_STEPS;
pub use code::{
    AccessKind, CodeFunc, CodeOp, Dst, Flow, GlobalWrite, MemAccess, SlotInfo, SlotKind,
};
pub use error::{Damage, ReadError, ReadErrorKind, WriteError};
pub use event::{EFFECT_BYTES, Effect, Event, FuncId, Position};
pub use file::{ReadAt, create, open};
pub use frame::{Codec, FORMAT_VERSION};
pub use host_log::{ExternId, FuncType, HostEntry, HostRecord, MemoryType, TableType};
pub use manifest::{
    Lost, Lowering, Manifest, Marker, ModuleEntry, ModuleHash, Names, Output, Profile, RunEnd,
    Stream, Summary,
};
pub use outcome::{Outcome, Reason, TrapCode};
pub use read::{Completeness, Events, HostLog, Outputs, TraceReader};
pub use record::StepRecord;
pub use value::{Value, ValueType};
pub use write::{TraceWriter, WriteOptions};
