//! Host functions: Rust the guest can call.
//!
//! All guest memory a host function touches goes through its [`Caller`], so that one
//! place marks pages as written and tells the log, whoever writes.

use super::entity::FuncInst;
use super::handle::{Extern, Func, Instance, Memory, OutOfBounds};
use super::plain::{Cells, HostReturn, WasmResults, WasmValue};
use super::{AsStore, Inside, PrunedStore};
use crate::exec::stop::CallError;
use crate::module::{FuncType, ValType};
use crate::trap::TrapCode;
use crate::value::Val;
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
    /// The embedder wants the run to stop with [`CallError::Interrupted`]. As for `WaitForInput`, the call is made
    /// again when it goes on.
    Interrupted,
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
///
/// ```
/// use wasmscope_core::{Caller, Engine, Extern, HostError, Linker, Module, Store};
///
/// /// Notes a text that lies in the guest's memory.
/// fn log(mut caller: Caller<'_, Vec<String>>, at: u32, len: u32) -> Result<(), HostError> {
///     let memory = caller.export("memory").and_then(Extern::into_memory);
///     let memory = memory.ok_or_else(|| HostError::msg("the guest has no memory"))?;
///     let mut text = vec![0; len as usize];
///     // The addresses are the guest's: an error, not a panic, if they are wrong.
///     caller.read(memory, at.into(), &mut text).map_err(|error| HostError::msg(error.to_string()))?;
///     caller.data_mut().push(String::from_utf8_lossy(&text).into_owned());
///     Ok(())
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let engine = Engine::default();
/// let wasm = wat::parse_str(r#"(module (import "host" "log" (func $log (param i32 i32)))
///     (memory (export "memory") 1) (data (i32.const 16) "hello")
///     (func (export "run") (call $log (i32.const 16) (i32.const 5))))"#)?;
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "log", log);
/// let mut store = Store::new(&engine, Vec::new());
/// let instance = linker.instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// instance.typed_func::<(), ()>(&store, "run")?.call(&mut store, ())?;
/// assert_eq!(store.data(), &["hello"]);
/// # Ok(()) }
/// ```
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
    fn machine(&self, _: Inside) -> &PrunedStore {
        self.store
    }

    fn machine_mut(&mut self, _: Inside) -> &mut PrunedStore {
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

/// A closure that can be a host function: over plain types, with or without a
/// [`Caller`] in front.
pub trait IntoHostFunc<T, Params, Results>:
    sealed::HostFunc<T, Params, Results> + Send + Sync + 'static
{
    /// Its type, and the closure over cells.
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "not for use outside")]
    fn into_host_func(self) -> (FuncType, HostCall);
}

/// The type of a host function, and its call: `run` takes the arguments from cells, to which the results then go.
fn over_cells<Ret: HostReturn>(
    params: impl IntoIterator<Item = ValType>,
    run: impl Fn(&mut PrunedStore, &mut Cells) -> Ret + Send + Sync + 'static,
) -> (FuncType, HostCall) {
    let ty = FuncType::new(params, Ret::Results::types());
    let call = move |store: &mut PrunedStore, cells: *mut u64| {
        let id = store.id;
        let results = run(store, &mut Cells(cells)).into_result()?;
        // SAFETY: the cells have room for the results.
        unsafe { results.put(&mut Cells(cells), id) };
        Ok(())
    };
    (ty, Box::new(call))
}

/// What only this module can implement: what a call leaves in the cells is trusted.
mod sealed {
    pub trait HostFunc<T, Params, Results> {}
}

macro_rules! into_host_func {
    ($($name:ident),*) => {
        impl<T: Send + 'static, Func_, Ret, $($name: WasmValue),*> sealed::HostFunc<T, (Caller<'_, T>, $($name,)*), Ret> for Func_
        where
            Func_: Fn(Caller<'_, T>, $($name),*) -> Ret + Send + Sync + 'static,
            Ret: HostReturn,
        {
        }

        #[allow(unused_variables, reason = "a function may take nothing")]
        impl<T: Send + 'static, Func_, Ret, $($name: WasmValue),*> IntoHostFunc<T, (Caller<'_, T>, $($name,)*), Ret> for Func_
        where
            Func_: Fn(Caller<'_, T>, $($name),*) -> Ret + Send + Sync + 'static,
            Ret: HostReturn,
        {
            #[allow(private_interfaces, reason = "not for use outside")]
            fn into_host_func(self) -> (FuncType, HostCall) {
                over_cells([$($name::TYPE),*], move |store, args| {
                    let id = store.id;
                    // SAFETY: the cells hold the arguments.
                    self(store.caller::<T>(), $(unsafe { args.take::<$name>(id) }),*)
                })
            }
        }

        impl<T: Send + 'static, Func_, Ret, $($name: WasmValue),*> sealed::HostFunc<T, ((), $($name,)*), Ret> for Func_
        where
            Func_: Fn($($name),*) -> Ret + Send + Sync + 'static,
            Ret: HostReturn,
        {
        }

        #[allow(unused_variables, reason = "a function may take nothing")]
        impl<T: Send + 'static, Func_, Ret, $($name: WasmValue),*> IntoHostFunc<T, ((), $($name,)*), Ret> for Func_
        where
            Func_: Fn($($name),*) -> Ret + Send + Sync + 'static,
            Ret: HostReturn,
        {
            #[allow(private_interfaces, reason = "not for use outside")]
            fn into_host_func(self) -> (FuncType, HostCall) {
                over_cells([$($name::TYPE),*], move |store, args| {
                    let id = store.id;
                    // SAFETY: the cells hold the arguments.
                    self($(unsafe { args.take::<$name>(id) }),*)
                })
            }
        }
    };
}
into_host_func!();
into_host_func!(A);
into_host_func!(A, B);
into_host_func!(A, B, C);
into_host_func!(A, B, C, D);
into_host_func!(A, B, C, D, E);
into_host_func!(A, B, C, D, E, F);
into_host_func!(A, B, C, D, E, F, G);
into_host_func!(A, B, C, D, E, F, G, H);
into_host_func!(A, B, C, D, E, F, G, H, I);
into_host_func!(A, B, C, D, E, F, G, H, I, J);

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
