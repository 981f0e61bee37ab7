//! From the engine's terms to the trace format's, and back.

use crate::exec::stop::Reason;
use crate::module::{FuncType, HeapType, RefType, ValType};
use crate::store::log::{Position, TypedBits};
use crate::trap::TrapCode;
use wasmscope_trace_format as wtrace;
use wtrace::{Value, ValueType};

/// A function of a store: the number of its module, and its index there.
pub(crate) fn func((module, func): (u32, u32)) -> wtrace::FuncId {
    wtrace::FuncId { module, func }
}

pub(crate) fn value_type(ty: ValType) -> ValueType {
    match ty {
        ValType::I32 => ValueType::I32,
        ValType::I64 => ValueType::I64,
        ValType::F32 => ValueType::F32,
        ValType::F64 => ValueType::F64,
        ValType::V128 => ValueType::V128,
        ValType::Ref(RefType { heap, .. }) => match heap.top() {
            HeapType::Extern => ValueType::ExternRef,
            HeapType::Exn => ValueType::ExnRef,
            _ => ValueType::FuncRef,
        },
    }
}

pub(crate) fn value(ty: ValType, bits: u128) -> Value {
    Value::new(value_type(ty), bits)
}

pub(crate) fn values(typed: &[TypedBits]) -> Vec<Value> {
    typed.iter().map(|&(ty, bits)| value(ty, bits)).collect()
}

/// A type with this representation; what a reference points to is not told.
pub(crate) fn val_type(ty: ValueType) -> ValType {
    match ty {
        ValueType::I32 => ValType::I32,
        ValueType::I64 => ValType::I64,
        ValueType::F32 => ValType::F32,
        ValueType::F64 => ValType::F64,
        ValueType::V128 => ValType::V128,
        ValueType::FuncRef => ValType::FUNCREF,
        ValueType::ExternRef => ValType::EXTERNREF,
        ValueType::ExnRef => ValType::EXNREF,
    }
}

pub(crate) fn func_type(ty: &FuncType) -> wtrace::FuncType {
    wtrace::FuncType {
        params: ty.params().iter().copied().map(value_type).collect(),
        results: ty.results().iter().copied().map(value_type).collect(),
    }
}

pub(crate) fn func_type_back(ty: &wtrace::FuncType) -> FuncType {
    FuncType::new(ty.params.iter().copied().map(val_type), ty.results.iter().copied().map(val_type))
}

pub(crate) fn position(position: Position) -> wtrace::Position {
    wtrace::Position { step: position.steps, tick: position.ticks }
}

/// The two crates name a trap by the same words.
fn same_trap(ours: TrapCode, theirs: wtrace::TrapCode) -> bool {
    ours.text() == theirs.text()
}

pub(crate) fn trap(code: TrapCode) -> wtrace::TrapCode {
    let theirs = wtrace::TrapCode::ALL.iter().copied().find(|&theirs| same_trap(code, theirs));
    theirs.expect("the trace format knows every trap of the engine")
}

/// `None` for a trap this engine never raises.
pub(crate) fn trap_back(code: wtrace::TrapCode) -> Option<TrapCode> {
    TrapCode::ALL.iter().copied().find(|&ours| same_trap(ours, code))
}

pub(crate) fn reason(reason: &Reason) -> wtrace::Reason {
    match reason {
        Reason::Trap(code) => wtrace::Reason::Trap(trap(*code)),
        Reason::Host(error) => wtrace::Reason::HostError(error.to_string()),
        Reason::HostText(text) | Reason::Diverged(text) => wtrace::Reason::HostError(text.to_string()),
        Reason::Exit(code) => wtrace::Reason::Exit(*code),
        Reason::OutOfFuel => wtrace::Reason::OutOfFuel,
        Reason::WaitingForInput => wtrace::Reason::WaitingForInput,
        Reason::Limit(error) => wtrace::Reason::HostError(error.to_string()),
        Reason::Interrupted
        | Reason::SliceOver
        | Reason::Breakpoint
        | Reason::Observer
        | Reason::Unanswered
        | Reason::None => wtrace::Reason::Interrupted,
    }
}

/// What a replayed host function fails with.
pub(crate) fn reason_back(reason: &wtrace::Reason) -> Reason {
    match reason {
        wtrace::Reason::Trap(code) => {
            trap_back(*code).map_or_else(|| Reason::HostText(code.text().into()), Reason::Trap)
        }
        wtrace::Reason::HostError(text) => Reason::HostText(text.as_str().into()),
        wtrace::Reason::Exit(code) => Reason::Exit(*code),
        wtrace::Reason::OutOfFuel => Reason::OutOfFuel,
        wtrace::Reason::Interrupted => Reason::Interrupted,
        wtrace::Reason::WaitingForInput => Reason::WaitingForInput,
    }
}
