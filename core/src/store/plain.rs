//! Plain Rust types as WebAssembly values: what typed functions and host functions take and give.
//!
//! ```text
//! i32 u32 · i64 u64 · f32 · f64 · u128                     numbers and vectors
//! Option<Func> · Option<ExternRef> · Option<ExnRef>        references that may be null
//! Func · ExternRef · ExnRef                                references that are not
//! ```
//!
//! Always: a handle that goes into a store has been made by it.
//! Elsewhere: calls (`typed`), host functions (`host`), values whose type is known at run time ([`Val`](crate::Val)).

use super::handle::Func;
use super::host::HostError;
use crate::module::{RefType, ValType};
use crate::value::{ExnRef, ExternRef};

/// What only this module can implement: handlers trust the bits that come out.
mod sealed {
    pub trait Value {}
    pub trait Params {}
    pub trait Results {}
}

/// A Rust type that is one WebAssembly value: `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, `u128` for a vector (lane 0
/// lowest), and [`Func`], [`ExternRef`], [`ExnRef`], which are never null, or an `Option` of them.
pub trait WasmValue: sealed::Value + Copy + Send + 'static {
    /// Its WebAssembly type.
    const TYPE: ValType;
    /// From slot contents, of the store with this number.
    #[doc(hidden)]
    fn from_bits(bits: u128, store: u64) -> Self;
    /// As slot contents, for the store with this number. Panics if it is another store's.
    #[doc(hidden)]
    fn to_bits(self, store: u64) -> u128;
}

macro_rules! numbers {
    ($($ty:ty: $wasm:ident, |$bits:ident| $from:expr, |$value:ident| $into:expr;)*) => {$(
        impl sealed::Value for $ty {}

        impl WasmValue for $ty {
            const TYPE: ValType = ValType::$wasm;
            fn from_bits($bits: u128, _: u64) -> $ty { $from }
            fn to_bits(self, _: u64) -> u128 { let $value = self; $into }
        }
    )*};
}
numbers! {
    i32: I32, |bits| bits as i32, |value| value as u32 as u128;
    u32: I32, |bits| bits as u32, |value| value as u128;
    i64: I64, |bits| bits as i64, |value| value as u64 as u128;
    u64: I64, |bits| bits as u64, |value| value as u128;
    f32: F32, |bits| f32::from_bits(bits as u32), |value| value.to_bits() as u128;
    f64: F64, |bits| f64::from_bits(bits as u64), |value| value.to_bits() as u128;
    u128: V128, |bits| bits, |value| value;
}

/// A reference of a store: in a slot its number plus one, and 0 is null.
macro_rules! references {
    ($($ty:ty: $wasm:ident, |$index:ident, $store:ident| $from:expr, |$value:ident| $number:expr, $belongs:expr;)*) => {$(
        impl sealed::Value for $ty {}
        impl sealed::Value for Option<$ty> {}

        impl WasmValue for $ty {
            const TYPE: ValType = ValType::Ref(RefType { nullable: false, ..RefType::$wasm });

            fn from_bits(bits: u128, store: u64) -> $ty {
                Option::<$ty>::from_bits(bits, store).expect("a reference of this type is not null")
            }

            fn to_bits(self, $store: u64) -> u128 {
                let ($value, _) = (self, $store);
                assert!($belongs, "the handle belongs to another store");
                u128::from($number) + 1
            }
        }

        impl WasmValue for Option<$ty> {
            const TYPE: ValType = ValType::$wasm;

            fn from_bits(bits: u128, $store: u64) -> Option<$ty> {
                let _ = $store;
                (bits as u64).checked_sub(1).map(|index| { let $index = index as u32; $from })
            }

            fn to_bits(self, store: u64) -> u128 {
                self.map_or(0, |value| value.to_bits(store))
            }
        }
    )*};
}
references! {
    Func: FUNCREF, |index, store| Func::from_parts(store, index), |func| func.index(), func.belongs_to(store);
    ExternRef: EXTERNREF, |index, store| ExternRef(index), |value| value.0, true;
    ExnRef: EXNREF, |index, store| ExnRef::from_parts(store, index), |exn| exn.index(), exn.belongs_to(store);
}

/// Where values lie one after the other, in as many slots as each takes.
#[doc(hidden)]
pub struct Cells(pub(super) *mut u64);

impl Cells {
    /// The next value.
    ///
    /// # Safety
    /// There is one, of this type.
    pub(super) unsafe fn take<V: WasmValue>(&mut self, store: u64) -> V {
        // SAFETY: by the caller.
        unsafe {
            let mut bits = u128::from(self.0.read());
            if V::TYPE.slots() == 2 {
                bits |= u128::from(self.0.add(1).read()) << 64;
            }
            self.0 = self.0.add(V::TYPE.slots() as usize);
            V::from_bits(bits, store)
        }
    }

    /// Writes the next value.
    ///
    /// # Safety
    /// There is room for it.
    unsafe fn put<V: WasmValue>(&mut self, value: V, store: u64) {
        let bits = value.to_bits(store);
        // SAFETY: by the caller.
        unsafe {
            self.0.write(bits as u64);
            if V::TYPE.slots() == 2 {
                self.0.add(1).write((bits >> 64) as u64);
            }
            self.0 = self.0.add(V::TYPE.slots() as usize);
        }
    }
}

/// What a function takes, as Rust types: nothing, a value, or several.
pub trait WasmParams: sealed::Params {
    /// Their types.
    fn types() -> Vec<ValType>;
    /// As slot contents, for the store with this number.
    #[doc(hidden)]
    fn into_bits(self, store: u64) -> Vec<u128>;
}

impl<P: WasmValue> sealed::Params for P {}

impl<P: WasmValue> WasmParams for P {
    fn types() -> Vec<ValType> {
        vec![P::TYPE]
    }

    fn into_bits(self, store: u64) -> Vec<u128> {
        vec![self.to_bits(store)]
    }
}

macro_rules! tuple_params {
    ($($name:ident $at:tt),*) => {
        impl<$($name: WasmValue),*> sealed::Params for ($($name,)*) {}

        impl<$($name: WasmValue),*> WasmParams for ($($name,)*) {
            fn types() -> Vec<ValType> {
                vec![$($name::TYPE),*]
            }

            fn into_bits(self, _store: u64) -> Vec<u128> {
                vec![$(self.$at.to_bits(_store)),*]
            }
        }
    };
}
tuple_params!();
tuple_params!(A 0);
tuple_params!(A 0, B 1);
tuple_params!(A 0, B 1, C 2);
tuple_params!(A 0, B 1, C 2, D 3);
tuple_params!(A 0, B 1, C 2, D 3, E 4);
tuple_params!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple_params!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple_params!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuple_params!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuple_params!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);

/// What a function gives, as Rust types: nothing, a value, or several.
pub trait WasmResults: sealed::Results {
    /// Their types.
    fn types() -> Vec<ValType>;
    /// Writes them where a host function's results belong.
    ///
    /// # Safety
    /// There is room for all of them.
    #[doc(hidden)]
    unsafe fn put(self, cells: &mut Cells, store: u64);
    /// From slot contents, one for each type.
    #[doc(hidden)]
    fn of_bits(bits: &[u128], store: u64) -> Self;
}

impl sealed::Results for () {}

impl WasmResults for () {
    fn types() -> Vec<ValType> {
        Vec::new()
    }

    unsafe fn put(self, _: &mut Cells, _: u64) {}

    fn of_bits(_: &[u128], _: u64) {}
}

impl<R: WasmValue> sealed::Results for R {}

impl<R: WasmValue> WasmResults for R {
    fn types() -> Vec<ValType> {
        vec![R::TYPE]
    }

    unsafe fn put(self, cells: &mut Cells, store: u64) {
        // SAFETY: by the caller.
        unsafe { cells.put(self, store) }
    }

    fn of_bits(bits: &[u128], store: u64) -> R {
        R::from_bits(bits[0], store)
    }
}

macro_rules! tuple_results {
    ($($name:ident $at:tt),*) => {
        impl<$($name: WasmValue),*> sealed::Results for ($($name,)*) {}

        impl<$($name: WasmValue),*> WasmResults for ($($name,)*) {
            fn types() -> Vec<ValType> {
                vec![$($name::TYPE),*]
            }

            unsafe fn put(self, cells: &mut Cells, store: u64) {
                // SAFETY: by the caller.
                unsafe { $(cells.put(self.$at, store);)* }
            }

            fn of_bits(bits: &[u128], store: u64) -> Self {
                ($($name::from_bits(bits[$at], store),)*)
            }
        }
    };
}
tuple_results!(A 0, B 1);
tuple_results!(A 0, B 1, C 2);
tuple_results!(A 0, B 1, C 2, D 3);
tuple_results!(A 0, B 1, C 2, D 3, E 4);
tuple_results!(A 0, B 1, C 2, D 3, E 4, F 5);

/// What a host function gives: results, or results or an error.
pub trait HostReturn {
    /// The results.
    type Results: WasmResults;
    /// The results, or the error.
    #[doc(hidden)]
    #[allow(clippy::missing_errors_doc, reason = "it gives what the function gave")]
    fn into_result(self) -> Result<Self::Results, HostError>;
}

impl<R: WasmResults> HostReturn for R {
    type Results = R;
    fn into_result(self) -> Result<R, HostError> {
        Ok(self)
    }
}

impl<R: WasmResults, E: Into<HostError>> HostReturn for Result<R, E> {
    type Results = R;
    fn into_result(self) -> Result<R, HostError> {
        self.map_err(Into::into)
    }
}
