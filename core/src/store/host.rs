//! Host functions: Rust the guest can call.
//!
//! All guest memory a host function touches goes through its [`Caller`], so that one
//! place marks pages as written and tells the log, whoever writes.

use super::entity::FuncInst;
use super::handle::{Extern, Func, Instance, Memory, OutOfBounds};
use super::{AsStore, PrunedStore};
use crate::exec::stop::CallError;
use crate::module::{FuncType, ValType};
use crate::trap::TrapCode;
use crate::value::{ExternRef, Val};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

/// A host function.
pub(crate) struct HostFunc {
    pub(crate) ty: FuncType,
    /// The import it was made for, for people: `module`, `name`.
    pub(crate) name: (Box<str>, Box<str>),
    pub(crate) call: HostCall,
}

/// Reads arguments from the cells, writes results there.
pub(crate) type HostCall = Box<dyn Fn(&mut PrunedStore, *mut u64) -> Result<(), HostError> + Send + Sync>;

/// Why a host function did not return.
#[derive(Debug)]
pub enum HostError {
    /// It traps, as an instruction would.
    Trap(TrapCode),
    /// The program ends with this code.
    Exit(i32),
    /// There is no input yet: the run stops, and the call is made again when it goes on.
    /// The function must not have done anything yet.
    WaitForInput,
    /// It fails in its own way.
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl HostError {
    /// A failure with a message.
    pub fn msg(text: impl Into<String>) -> HostError {
        HostError::Failed(text.into().into())
    }
}

impl From<TrapCode> for HostError {
    fn from(code: TrapCode) -> HostError {
        HostError::Trap(code)
    }
}

/// A call back into the guest that failed makes the host function fail the same way.
impl From<CallError> for HostError {
    fn from(error: CallError) -> HostError {
        match error {
            CallError::Trap(report) => HostError::Trap(report.code),
            CallError::Exit(code) => HostError::Exit(code),
            other => HostError::Failed(Box::new(other)),
        }
    }
}

/// A stream of the host's that a guest writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What a host function sees of its caller: the embedder's data and the guest's memory.
pub struct Caller<'a, T: 'static> {
    store: &'a mut PrunedStore,
    instance: Option<Instance>,
    data: PhantomData<T>,
}

impl<T: 'static> Caller<'_, T> {
    /// The embedder's data.
    pub fn data(&self) -> &T {
        self.store.data_ref()
    }

    /// The embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        self.store.data_mut()
    }

    /// The instance whose function made the call; `None` if the embedder did.
    pub fn instance(&self) -> Option<Instance> {
        self.instance
    }

    /// An export of the calling instance.
    pub fn export(&self, name: &str) -> Option<Extern> {
        self.instance?.export(self, name)
    }

    /// The calling instance's exported `memory`, else its memory 0.
    pub fn memory(&self) -> Option<Memory> {
        let instance = self.instance?;
        if let Some(Extern::Memory(memory)) = instance.export(self, "memory") {
            return Some(memory);
        }
        let inst = self.store.arenas.instances[instance.index_in(self.store)].get();
        let first = *inst.memory_ids.first()?;
        Some(Memory::from_parts(self.store.id, first))
    }

    /// A memory's size in bytes.
    pub fn memory_size(&self, memory: Memory) -> u64 {
        memory.len(self)
    }

    /// Fills `buffer` from guest memory.
    ///
    /// # Errors
    /// If the bytes do not lie within the memory.
    pub fn read(&self, memory: Memory, addr: u64, buffer: &mut [u8]) -> Result<(), OutOfBounds> {
        memory.read(self, addr, buffer)
    }

    /// Writes to guest memory.
    ///
    /// # Errors
    /// If the bytes do not lie within the memory; nothing is written then.
    pub fn write(&mut self, memory: Memory, addr: u64, bytes: &[u8]) -> Result<(), OutOfBounds> {
        self.store.write_memory(memory, addr, bytes)
    }

    /// Lets `body` fill a range of guest memory in place.
    ///
    /// # Errors
    /// If the range does not lie within the memory; `body` does not run then.
    pub fn with_mut<R>(
        &mut self,
        memory: Memory,
        range: Range<u64>,
        body: impl FnOnce(&mut T, &mut [u8]) -> R,
    ) -> Result<R, OutOfBounds> {
        let index = memory.index_in(self.store);
        let len = range.end.saturating_sub(range.start);
        let inst = self.store.memory(memory);
        let out = OutOfBounds { at: range.start, len, size: inst.len() as u64 };
        let at = inst.range(range.start, len).ok_or(out)?;
        self.store.note_touched(memory.index(), &at);
        // SAFETY: memories are pinned; `body` gets the bytes and the embedder's data,
        // which are apart, and nothing else of the store.
        let inst = unsafe { &mut *self.store.arenas.memories[index].ptr() };
        let result = body(self.store.data_mut(), &mut inst.bytes_mut(&at)[at.clone()]);
        let bytes = &inst.bytes()[at];
        self.store.logged(|log| log.memory_write(memory.index(), range.start, bytes));
        Ok(result)
    }

    /// Tells a recorder what the guest has written to a stream; does no output itself.
    pub fn output(&mut self, stream: Stream, bytes: &[u8]) {
        self.store.logged(|log| log.output(stream, bytes));
    }
}

impl<T: 'static> AsStore for Caller<'_, T> {
    fn as_store(&self) -> &PrunedStore {
        self.store
    }

    fn as_store_mut(&mut self) -> &mut PrunedStore {
        self.store
    }
}

impl PrunedStore {
    /// The caller a host function sees, whose data is a `T`.
    pub(crate) fn caller<T: 'static>(&mut self) -> Caller<'_, T> {
        let instance = match self.instance.is_null() {
            true => None,
            // SAFETY: instances live as long as the store.
            false => Some(Instance::from_parts(self.id, unsafe { (*self.instance).index })),
        };
        Caller { store: self, instance, data: PhantomData }
    }

    pub(crate) fn add_host_func(&mut self, module: &str, name: &str, ty: FuncType, call: HostCall) -> Func {
        let type_id = self.engine.intern(&ty);
        let host = self.arenas.made.hosts;
        let func = Arc::new(HostFunc { ty: ty.clone(), name: (module.into(), name.into()), call });
        match self.arenas.hosts.get_mut(host as usize) {
            Some(place) => *place = func,
            None => self.arenas.hosts.push(func),
        }
        self.arenas.made.hosts += 1;
        let func = FuncInst { type_id, host, entry: std::ptr::null(), instance: std::ptr::null_mut() };
        let index = self.add_func(func);
        self.outside();
        self.logged(|log| log.host_func(index, module, name, &ty));
        Func::from_parts(self.id, index)
    }
}

/// A Rust type that is one WebAssembly value.
pub trait WasmValue: Copy + Send + 'static {
    /// Its WebAssembly type.
    const TYPE: ValType;
    /// From slot contents.
    #[doc(hidden)]
    fn from_cell(bits: u64, store: u64) -> Self;
    /// As slot contents.
    #[doc(hidden)]
    fn to_cell(self) -> u64;
    /// As slot contents of the store with this number. Panics if it is another store's.
    #[doc(hidden)]
    fn to_cell_of(self, _store: u64) -> u64 {
        self.to_cell()
    }
}

macro_rules! wasm_value {
    ($($ty:ty: $wasm:expr, |$bits:ident, $store:ident| $from:expr, |$value:ident| $into:expr;)*) => {$(
        impl WasmValue for $ty {
            const TYPE: ValType = $wasm;
            fn from_cell($bits: u64, $store: u64) -> $ty { let _ = $store; $from }
            fn to_cell(self) -> u64 { let $value = self; $into }
        }
    )*};
}
wasm_value! {
    i32: ValType::I32, |bits, store| bits as i32, |value| value as u32 as u64;
    u32: ValType::I32, |bits, store| bits as u32, |value| value as u64;
    i64: ValType::I64, |bits, store| bits as i64, |value| value as u64;
    u64: ValType::I64, |bits, store| bits, |value| value;
    f32: ValType::F32, |bits, store| f32::from_bits(bits as u32), |value| value.to_bits() as u64;
    f64: ValType::F64, |bits, store| f64::from_bits(bits), |value| value.to_bits();
    Option<ExternRef>: ValType::EXTERNREF,
        |bits, store| bits.checked_sub(1).map(|index| ExternRef(index as u32)),
        |value| value.map_or(0, |value| value.0 as u64 + 1);
}

impl WasmValue for Option<Func> {
    const TYPE: ValType = ValType::FUNCREF;

    fn from_cell(bits: u64, store: u64) -> Option<Func> {
        bits.checked_sub(1).map(|index| Func::from_parts(store, index as u32))
    }

    fn to_cell(self) -> u64 {
        self.map_or(0, |func| func.index() as u64 + 1)
    }

    fn to_cell_of(self, store: u64) -> u64 {
        assert!(self.is_none_or(|func| func.belongs_to(store)), "the handle belongs to another store");
        self.to_cell()
    }
}

/// What a function gives, as Rust types: nothing, a value, or several.
pub trait WasmResults {
    /// Their types.
    fn types() -> Vec<ValType>;
    /// Writes them to consecutive cells.
    ///
    /// # Safety
    /// There is room for all of them.
    #[doc(hidden)]
    unsafe fn write(self, cells: *mut u64);
    /// From slot contents, one for each type.
    #[doc(hidden)]
    fn from_cells(cells: &[u64], store: u64) -> Self;
}

impl WasmResults for () {
    fn types() -> Vec<ValType> {
        Vec::new()
    }

    unsafe fn write(self, _: *mut u64) {}

    fn from_cells(_: &[u64], _: u64) {}
}

impl<R: WasmValue> WasmResults for R {
    fn types() -> Vec<ValType> {
        vec![R::TYPE]
    }

    unsafe fn write(self, cells: *mut u64) {
        // SAFETY: by the caller.
        unsafe { cells.write(self.to_cell()) }
    }

    fn from_cells(cells: &[u64], store: u64) -> R {
        R::from_cell(cells[0], store)
    }
}

macro_rules! tuple_results {
    ($($name:ident $at:tt),*) => {
        impl<$($name: WasmValue),*> WasmResults for ($($name,)*) {
            fn types() -> Vec<ValType> {
                vec![$($name::TYPE),*]
            }

            unsafe fn write(self, cells: *mut u64) {
                // SAFETY: by the caller.
                unsafe { $(cells.add($at).write(self.$at.to_cell());)* }
            }

            fn from_cells(cells: &[u64], store: u64) -> Self {
                ($($name::from_cell(cells[$at], store),)*)
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

/// A closure that can be a host function: over plain types, with or without a
/// [`Caller`] in front.
pub trait IntoHostFunc<T, Params, Results>: Send + Sync + 'static {
    /// Its type, and the closure over cells.
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "not for use outside")]
    fn into_host_func(self) -> (FuncType, HostCall);
}

macro_rules! into_host_func {
    ($($name:ident $at:tt),*) => {
        impl<T: Send + 'static, Func_, Ret, $($name: WasmValue),*> IntoHostFunc<T, (Caller<'_, T>, $($name,)*), Ret> for Func_
        where
            Func_: Fn(Caller<'_, T>, $($name),*) -> Ret + Send + Sync + 'static,
            Ret: HostReturn,
        {
            #[allow(private_interfaces, reason = "not for use outside")]
            fn into_host_func(self) -> (FuncType, HostCall) {
                let ty = FuncType::new([$($name::TYPE),*], Ret::Results::types());
                let call = move |store: &mut PrunedStore, cells: *mut u64| {
                    let _id = store.id;
                    // SAFETY: the cells hold the arguments and have room for the results.
                    unsafe {
                        let results = self(store.caller::<T>(), $($name::from_cell(cells.add($at).read(), _id)),*).into_result()?;
                        results.write(cells);
                    }
                    Ok(())
                };
                (ty, Box::new(call))
            }
        }

        impl<T: Send + 'static, Func_, Ret, $($name: WasmValue),*> IntoHostFunc<T, ((), $($name,)*), Ret> for Func_
        where
            Func_: Fn($($name),*) -> Ret + Send + Sync + 'static,
            Ret: HostReturn,
        {
            #[allow(private_interfaces, reason = "not for use outside")]
            fn into_host_func(self) -> (FuncType, HostCall) {
                let ty = FuncType::new([$($name::TYPE),*], Ret::Results::types());
                let call = move |store: &mut PrunedStore, cells: *mut u64| {
                    let _id = store.id;
                    // SAFETY: the cells hold the arguments and have room for the results.
                    unsafe {
                        let results = self($($name::from_cell(cells.add($at).read(), _id)),*).into_result()?;
                        results.write(cells);
                    }
                    Ok(())
                };
                (ty, Box::new(call))
            }
        }
    };
}
into_host_func!();
into_host_func!(A 0);
into_host_func!(A 0, B 1);
into_host_func!(A 0, B 1, C 2);
into_host_func!(A 0, B 1, C 2, D 3);
into_host_func!(A 0, B 1, C 2, D 3, E 4);
into_host_func!(A 0, B 1, C 2, D 3, E 4, F 5);
into_host_func!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
into_host_func!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
into_host_func!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
into_host_func!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);

/// A host function over values whose types are known only at run time.
pub(crate) fn dynamic<T: Send + 'static>(
    ty: &FuncType,
    func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), HostError> + Send + Sync + 'static,
) -> HostCall {
    let ty = ty.clone();
    Box::new(move |store, cells| {
        let id = store.id;
        // SAFETY: the cells hold the arguments and have room for the results.
        let args = unsafe { crate::exec::frame::read_cells(cells, ty.params()) };
        let args: Vec<Val> =
            ty.params().iter().zip(args).map(|(&ty, bits)| Val::from_bits(ty, bits, id)).collect();
        let mut results: Vec<Val> = ty.results().iter().map(|&ty| Val::default_of(ty)).collect();
        func(store.caller::<T>(), &args, &mut results)?;
        if let Some(at) = results.iter().zip(ty.results()).position(|(value, &ty)| !store.fits(value, ty)) {
            return Err(HostError::msg(format!("result {at} of a host function is not of its type")));
        }
        let values = ty.results().iter().copied().zip(results.iter().map(|value| value.to_bits()));
        // SAFETY: as above.
        unsafe { crate::exec::frame::write_cells(cells, values) };
        Ok(())
    })
}
