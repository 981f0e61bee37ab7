//! The event vocabulary of wasmscope and its `.wtrace` files.
//!
//! This crate knows numbers and bytes, no engine. A stranger can read a full
//! trace with it alone.
//!
//! ```text
//! header, 64 bytes
//! [frame header, 40 bytes][payload] …            what a payload is:
//!
//! manifest      who wrote it, how, of what        manifest
//! module        bytes of a .wasm file             manifest
//! host log      all that came in from outside     host_log     ┐ profile
//! pages         4 KiB of memory, each once        checkpoint   │ log: enough
//! checkpoint    a stored moment                   checkpoint   ┘ to re-execute
//! code          a function's ops and their shape  code         ┐ profile full:
//! event chunk   65536 steps as columns            chunk        ┘ events without engine
//! output, names, marker, lost, late effects
//! index block   which frames came before          index
//! summary, trailer
//! ```
//!
//! Writing: [`TraceWriter`], to anything that takes bytes. Reading:
//! [`TraceReader`], from anything with [`ReadAt`]; [`open`] and [`create`] for
//! files. An engine fills a [`StepRecord`] per step, which becomes an [`Event`]
//! directly or by way of a file; [`dump`] shows events.
//!
//! Always: a file is untrusted; whatever it holds, reading neither panics nor
//! hangs, and memory is bounded. Damage costs what it touches and is reported.
//! Every byte: `docs/trace-format.md`.

#![forbid(unsafe_code)]

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
mod side;
mod sink;
mod value;
mod write;

pub use checkpoint::{Checkpoint, Dropped, FrameImage, MemoryImage, PAGE_SIZE, PageHash, TableImage};
pub use chunk::CHUNK_STEPS;
pub use code::{AccessKind, CodeFunc, CodeOp, Dst, Flow, GlobalWrite, MemAccess, SlotInfo, SlotKind};
pub use error::{Damage, ReadError, ReadErrorKind, WriteError};
pub use event::{EFFECT_BYTES, Effect, Event, FuncId, Position, Untold};
pub use file::{ReadAt, create, open};
pub use frame::{Codec, FORMAT_VERSION};
pub use host_log::{ExternId, FuncType, HostEntry, HostRecord, MemoryType, TableType};
pub use manifest::{
    Lost, Lowering, Manifest, Marker, ModuleEntry, ModuleHash, Names, Output, Profile, RunEnd, Stream,
    Summary,
};
pub use outcome::{Outcome, Reason, TrapCode};
pub use read::{Completeness, Contents, Events, HostLog, Outputs, Part, TraceReader};
pub use record::StepRecord;
pub use side::{KeySet, SideFile, Tag};
pub use value::{Value, ValueType};
pub use write::{ChunkMaker, MadeChunk, Repaired, TraceWriter, WriteOptions, repair, repair_with};
