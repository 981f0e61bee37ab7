//! Functions, as the embedder sees them.

use super::Func;
use crate::Val;
use crate::exec::stop::CallError;
use crate::module::FuncType;
use crate::store::host::{Caller, HostError, IntoHostFunc, dynamic};
use crate::store::plain::{WasmParams, WasmResults};
use crate::store::typed::{TypedFunc, TypedFuncError};
use crate::store::{AsStore, Machine, Store};

impl Func {
    /// Makes a host function from a closure over plain Rust types.
    pub fn wrap<T: Send + 'static, P, R>(store: &mut Store<T>, func: impl IntoHostFunc<T, P, R>) -> Func {
        let (ty, call) = func.into_host_func();
        store.pruned_mut().add_host_func("", "", ty, call)
    }

    /// Its type.
    pub fn ty(&self, store: &impl AsStore) -> FuncType {
        let store = store.as_store();
        store.func_type(self.index_in(store) as u32)
    }

    /// The function for calls with plain Rust types.
    ///
    /// # Errors
    /// If it is of another type.
    pub fn typed<P: WasmParams, R: WasmResults>(
        &self,
        store: &impl AsStore,
    ) -> Result<TypedFunc<P, R>, TypedFuncError> {
        TypedFunc::new(*self, &self.ty(store))
    }

    /// Makes a host function of a type known only at run time.
    pub fn new<T: Send + 'static>(
        store: &mut Store<T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), HostError> + Send + Sync + 'static,
    ) -> Func {
        let call = dynamic(&ty, func);
        store.pruned_mut().add_host_func("", "", ty, call)
    }

    /// Calls it. `results` must have as many elements as the function has results.
    ///
    /// # Errors
    /// If the arguments do not fit the type, or the run does not end: see [`CallError`].
    pub fn call(&self, store: &mut impl AsStore, args: &[Val], results: &mut [Val]) -> Result<(), CallError> {
        let ty = self.ty(store);
        if results.len() != ty.results().len() {
            return Err(CallError::Arguments(format!(
                "the function returns {} values, there is room for {}",
                ty.results().len(),
                results.len()
            )));
        }
        for (slot, value) in results.iter_mut().zip(self.call_values(store, args)?) {
            *slot = value;
        }
        Ok(())
    }

    /// Calls it and gives its results.
    ///
    /// # Errors
    /// As [`Func::call`].
    pub fn call_values(&self, store: &mut impl AsStore, args: &[Val]) -> Result<Vec<Val>, CallError> {
        let store = store.as_store_mut();
        let func = self.index_in(store) as u32;
        let ty = store.func_type(func);
        if args.len() != ty.params().len() {
            return Err(CallError::Arguments(format!(
                "the function takes {} values, {} were given",
                ty.params().len(),
                args.len()
            )));
        }
        let mut typed = Vec::with_capacity(args.len());
        for (at, (arg, &param)) in args.iter().zip(ty.params()).enumerate() {
            if !store.fits(arg, param) {
                return Err(CallError::Arguments(format!(
                    "argument {at} is {:?}, the function takes {param}",
                    arg.ty()
                )));
            }
            typed.push((param, arg.to_bits()));
        }
        let id = store.id;
        let results = store.invoke(func, &typed)?;
        Ok(results.into_iter().map(|(ty, bits)| Val::from_bits(ty, bits, id)).collect())
    }
}
