//! Values as the embedder sees them.
//!
//! Inside the engine a value is one or two 64-bit slots without a type; a reference
//! is an index plus one, never an address, and 0 is null.

use crate::module::{HeapType, RefType, ValType};
use crate::store::Func;
use crate::timeline::convert;
use std::fmt;

/// A WebAssembly value.
///
/// ```
/// use wasmscope_core::{Val, ValType};
///
/// assert_eq!(Val::F32(1.5_f32.to_bits()).ty(), ValType::F32);
/// assert_eq!(Val::default_of(ValType::EXTERNREF), Val::ExternRef(None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Val {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// A 32-bit float, as bits.
    F32(u32),
    /// A 64-bit float, as bits.
    F64(u64),
    /// A vector, lane 0 lowest.
    V128(u128),
    /// A function reference, or null.
    FuncRef(Option<Func>),
    /// A host reference, or null.
    ExternRef(Option<ExternRef>),
    /// A caught exception, or null.
    ExnRef(Option<ExnRef>),
}

/// A host reference: a number whose meaning is the embedder's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExternRef(pub u32);

/// An exception of a store, by its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExnRef {
    store: u64,
    index: u32,
}

impl ExnRef {
    pub(crate) fn from_parts(store: u64, index: u32) -> ExnRef {
        ExnRef { store, index }
    }

    /// Its number in its store, in order of the references made.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Whether it is an exception of the store with this number.
    pub(crate) fn belongs_to(&self, store: u64) -> bool {
        self.store == store
    }
}

impl Val {
    /// The type of the value; a reference has the type of all references of its sort.
    pub fn ty(&self) -> ValType {
        match self {
            Val::I32(_) => ValType::I32,
            Val::I64(_) => ValType::I64,
            Val::F32(_) => ValType::F32,
            Val::F64(_) => ValType::F64,
            Val::V128(_) => ValType::V128,
            Val::FuncRef(_) => ValType::FUNCREF,
            Val::ExternRef(_) => ValType::EXTERNREF,
            Val::ExnRef(_) => ValType::EXNREF,
        }
    }

    /// Zero, or null.
    pub fn default_of(ty: ValType) -> Val {
        match ty {
            ValType::I32 => Val::I32(0),
            ValType::I64 => Val::I64(0),
            ValType::F32 => Val::F32(0),
            ValType::F64 => Val::F64(0),
            ValType::V128 => Val::V128(0),
            ValType::Ref(RefType { heap, .. }) if heap.top() == HeapType::Extern => Val::ExternRef(None),
            ValType::Ref(RefType { heap, .. }) if heap.top() == HeapType::Exn => Val::ExnRef(None),
            ValType::Ref(_) => Val::FuncRef(None),
        }
    }

    /// Whether the value may stand where `ty` is wanted, as far as can be said without
    /// its store: a function may still be of another type than the one `ty` names.
    pub fn is(&self, ty: ValType) -> bool {
        match (self, ty) {
            (Val::FuncRef(func), ValType::Ref(to)) => {
                to.heap.top() == HeapType::Func && (func.is_some() || to.nullable)
            }
            (Val::ExternRef(value), ValType::Ref(to)) => {
                to.heap.top() == HeapType::Extern && (value.is_some() || to.nullable)
            }
            (Val::ExnRef(value), ValType::Ref(to)) => {
                to.heap.top() == HeapType::Exn && (value.is_some() || to.nullable)
            }
            (value, ty) => value.ty() == ty,
        }
    }

    /// The value as slot contents, low half first.
    pub(crate) fn to_bits(self) -> u128 {
        match self {
            Val::I32(value) => value as u32 as u128,
            Val::I64(value) => value as u64 as u128,
            Val::F32(bits) => bits as u128,
            Val::F64(bits) => bits as u128,
            Val::V128(bits) => bits,
            Val::FuncRef(func) => func.map_or(0, |func| func.index() as u128 + 1),
            Val::ExternRef(value) => value.map_or(0, |value| value.0 as u128 + 1),
            Val::ExnRef(value) => value.map_or(0, |value| value.index as u128 + 1),
        }
    }

    /// The value of type `ty` with these slot contents, in the store with this number.
    pub(crate) fn from_bits(ty: ValType, bits: u128, store: u64) -> Val {
        match ty {
            ValType::I32 => Val::I32(bits as i32),
            ValType::I64 => Val::I64(bits as i64),
            ValType::F32 => Val::F32(bits as u32),
            ValType::F64 => Val::F64(bits as u64),
            ValType::V128 => Val::V128(bits),
            ValType::Ref(RefType { heap, .. }) => {
                let index = (bits as u64).checked_sub(1).map(|index| index as u32);
                match heap.top() {
                    HeapType::Extern => Val::ExternRef(index.map(ExternRef)),
                    HeapType::Exn => Val::ExnRef(index.map(|index| ExnRef::from_parts(store, index))),
                    _ => Val::FuncRef(index.map(|index| Func::from_parts(store, index))),
                }
            }
        }
    }
}

/// As everywhere in wasmscope: integers signed, floats as in the text format, vectors as one hexadecimal number,
/// references by their index.
///
/// ```
/// use wasmscope_core::Val;
///
/// assert_eq!(Val::F32(1.5_f32.to_bits()).to_string(), "1.5");
/// assert_eq!(Val::F64(f64::NAN.to_bits()).to_string(), "nan");
/// assert_eq!(Val::FuncRef(None).to_string(), "null");
/// ```
impl fmt::Display for Val {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        convert::value(self.ty(), self.to_bits()).fmt(f)
    }
}

/// Slots that values of these types take together.
pub(crate) fn slots_of(types: &[ValType]) -> u32 {
    types.iter().map(|ty| ty.slots()).sum()
}
