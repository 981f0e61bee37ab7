//! Calls of guest functions with plain Rust types, checked once.

use super::handle::Func;
use super::log::TypedBits;
use super::plain::{WasmParams, WasmResults};
use super::{AsStore, Machine, PrunedStore};
use crate::Val;
use crate::exec::stop::CallError;
use crate::module::{FuncType, RefType, ValType};
use std::marker::PhantomData;

/// A function whose type has been compared with `P` and `R`, so that calls of it need no [`Val`](crate::Val)s.
///
/// `P` is a value, `()`, or a tuple of values; `R` as well. What a [`WasmValue`](crate::WasmValue) can be stands
/// there. A reference type of Rust's stands for every reference type of its sort: that an argument is not null, or a
/// function of the type wanted, is checked at each call.
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
    /// Whether arguments have to be looked at when it is called.
    checks: bool,
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
    pub(in crate::store) fn new(func: Func, found: &FuncType) -> Result<TypedFunc<P, R>, TypedFuncError> {
        let wanted = FuncType::new(P::types(), R::types());
        let fits = |from: &[ValType], to: &[ValType], fits: fn(ValType, ValType) -> bool| {
            from.len() == to.len() && from.iter().zip(to).all(|(&from, &to)| fits(from, to))
        };
        let same =
            fits(wanted.params(), found.params(), may_be) && fits(found.results(), wanted.results(), is);
        let checks = wanted.params() != found.params();
        match same {
            true => Ok(TypedFunc { func, checks, types: PhantomData }),
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
    /// If a reference is not of the type the function takes, or the run does not end: see [`CallError`].
    ///
    /// # Panics
    /// If the function, or a function among the arguments, belongs to another store.
    pub fn call(&self, store: &mut impl AsStore, params: P) -> Result<R, CallError> {
        let store = store.as_store_mut();
        let func = self.func.index_in(store) as u32;
        let args: Vec<TypedBits> = P::types().into_iter().zip(params.into_bits(store.id)).collect();
        if self.checks {
            check(store, func, &args)?;
        }
        let results = store.invoke(func, &args)?;
        let results: Vec<u128> = results.into_iter().map(|(_, bits)| bits).collect();
        Ok(R::of_bits(&results, store.id))
    }
}

/// Whether a value of a Rust type may turn out to be one of `to`.
fn may_be(from: ValType, to: ValType) -> bool {
    match (from, to) {
        (ValType::Ref(from), ValType::Ref(to)) => from.heap.top() == to.heap.top(),
        (from, to) => from == to,
    }
}

/// Whether every value of type `from` is one of a Rust type.
fn is(from: ValType, to: ValType) -> bool {
    match (from, to) {
        (ValType::Ref(from), ValType::Ref(RefType { nullable, heap })) => {
            from.heap.top() == heap && (nullable || !from.nullable)
        }
        (from, to) => from == to,
    }
}

/// Whether references are of the types a function takes.
fn check(store: &PrunedStore, func: u32, args: &[TypedBits]) -> Result<(), CallError> {
    let ty = store.func_type(func);
    for (at, (&(from, bits), &to)) in args.iter().zip(ty.params()).enumerate() {
        if !store.fits(&Val::from_bits(from, bits, store.id), to) {
            return Err(CallError::Arguments(format!("argument {at} is not of the type {to}")));
        }
    }
    Ok(())
}
