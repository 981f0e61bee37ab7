//! Calls of guest functions with plain Rust types, checked once.

use super::AsStore;
use super::handle::Func;
use super::host::{WasmResults, WasmValue};
use crate::exec::stop::CallError;
use crate::module::{FuncType, ValType};
use std::marker::PhantomData;

/// A function whose type has been compared with `P` and `R`, so that calls of it need no [`Val`](crate::Val)s.
///
/// `P` is a value, `()`, or a tuple of values; `R` as well.
///
/// ```
/// # use wasmscope_core::{Engine, Linker, Module, Store};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let engine = Engine::default();
/// # let wasm = wat::parse_str(r#"(module (func (export "add") (param i32 i32) (result i32)
/// #     (i32.add (local.get 0) (local.get 1))))"#)?;
/// # let mut store = Store::new(&engine, ());
/// # let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// let add = instance.typed_func::<(i32, i32), i32>(&store, "add")?;
/// assert_eq!(add.call(&mut store, (2, 3))?, 5);
/// // The type is compared when the function is looked up.
/// assert!(instance.typed_func::<i64, i32>(&store, "add").is_err());
/// # Ok(()) }
/// ```
pub struct TypedFunc<P, R> {
    func: Func,
    types: PhantomData<fn(P) -> R>,
}

impl<P, R> Clone for TypedFunc<P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, R> Copy for TypedFunc<P, R> {}

impl<P, R> std::fmt::Debug for TypedFunc<P, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("TypedFunc").field(&self.func).finish()
    }
}

/// Why a function cannot be called with the types one wants.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TypedFuncError {
    /// There is no such function.
    #[error("there is no exported function '{0}'")]
    Missing(
        /// The name.
        String,
    ),
    /// It is of another type.
    #[error("the function is of type {found}, not {wanted}")]
    Type {
        /// What was asked for.
        wanted: FuncType,
        /// What it is.
        found: FuncType,
    },
}

impl<P: WasmParams, R: WasmResults> TypedFunc<P, R> {
    pub(super) fn new(func: Func, found: &FuncType) -> Result<TypedFunc<P, R>, TypedFuncError> {
        let wanted = FuncType::new(P::types(), R::types());
        match wanted == *found {
            true => Ok(TypedFunc { func, types: PhantomData }),
            false => Err(TypedFuncError::Type { wanted, found: found.clone() }),
        }
    }

    /// The function.
    pub fn func(&self) -> Func {
        self.func
    }

    /// Calls it.
    ///
    /// # Errors
    /// If the run does not end: see [`CallError`].
    ///
    /// # Panics
    /// If the function, or a function among the arguments, belongs to another store.
    pub fn call(&self, store: &mut impl AsStore, params: P) -> Result<R, CallError> {
        let store = store.as_store_mut();
        let func = self.func.index_in(store) as u32;
        let args: Vec<_> = P::types()
            .into_iter()
            .zip(params.into_cells(store.id))
            .map(|(ty, cell)| (ty, cell.into()))
            .collect();
        let results = store.invoke(func, &args)?;
        let cells: Vec<u64> = results.into_iter().map(|(_, bits)| bits as u64).collect();
        Ok(R::from_cells(&cells, store.id))
    }
}

/// What a function takes, as Rust types: nothing, a value, or several.
pub trait WasmParams {
    /// Their types.
    fn types() -> Vec<ValType>;
    /// As slot contents, for the store with this number.
    #[doc(hidden)]
    fn into_cells(self, store: u64) -> Vec<u64>;
}

impl<P: WasmValue> WasmParams for P {
    fn types() -> Vec<ValType> {
        vec![P::TYPE]
    }

    fn into_cells(self, store: u64) -> Vec<u64> {
        vec![self.to_cell_of(store)]
    }
}

macro_rules! tuple_params {
    ($($name:ident $at:tt),*) => {
        impl<$($name: WasmValue),*> WasmParams for ($($name,)*) {
            fn types() -> Vec<ValType> {
                vec![$($name::TYPE),*]
            }

            fn into_cells(self, _store: u64) -> Vec<u64> {
                vec![$(self.$at.to_cell_of(_store)),*]
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
