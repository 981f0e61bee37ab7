//! The event vocabulary of wasmscope and its `.wtrace` files.
//!
//! This crate knows numbers and bytes, no engine. A stranger can read a full
//! trace with it alone.

mod code;
mod event;
mod outcome;
mod record;
mod value;

pub use code::{
    AccessKind, CodeFunc, CodeOp, Dst, Flow, GlobalWrite, MemAccess, SlotInfo, SlotKind,
};
pub use event::{EFFECT_BYTES, Effect, Event, FuncId, Position};
pub use outcome::{Outcome, Reason, TrapCode};
pub use record::StepRecord;
pub use value::{Value, ValueType};
