//! The embedder's view of a store: its data, its dispatcher, its fuel, and how to stop it from another thread.
//!
//! Whatever takes a store as an argument takes [`AsStore`], so that it works with a [`Store`], a
//! [`Caller`](crate::Caller), and a [`PrunedStore`] alike.

use super::PrunedStore;
use crate::engine::Engine;
use crate::exec::Dispatch;
use crate::exec::observer::{Observer, Observing};
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Everything a guest's run consists of, and the embedder's data of type `T`.
///
/// ```
/// use wasmscope_core::{Caller, Engine, Linker, Module, Store};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "count", |mut caller: Caller<'_, u32>| *caller.data_mut() += 1);
/// let wasm = wat::parse_str(r#"(module (import "host" "count" (func $count)) (start $count))"#)?;
/// let module = Module::new(&engine, wasm)?;
/// // The data is the embedder's own; host functions reach it through their caller.
/// let mut store = Store::new(&engine, 0);
/// linker.instantiate(&mut store, &module)?;
/// linker.instantiate(&mut store, &module)?;
/// assert_eq!(*store.data(), 2);
/// # Ok(()) }
/// ```
pub struct Store<T: 'static> {
    pruned: Box<PrunedStore>,
    data: PhantomData<T>,
}

impl<T: Send + 'static> Store<T> {
    /// An empty store.
    pub fn new(engine: &Engine, data: T) -> Store<T> {
        Store { pruned: Box::new(PrunedStore::new(engine, Box::new(data))), data: PhantomData }
    }
}

impl<T: 'static> Store<T> {
    /// The embedder's data.
    pub fn data(&self) -> &T {
        self.pruned.data.downcast_ref().expect("the store was made with data of this type")
    }

    /// The embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        self.pruned.data_mut()
    }

    /// The engine the store belongs to.
    pub fn engine(&self) -> &Engine {
        &self.pruned.engine
    }

    /// Chooses how guests run from the next call on; [`Dispatch::Tail`] at first.
    pub fn set_dispatch(&mut self, dispatch: Dispatch) {
        self.pruned.dispatch = dispatch;
    }

    /// Lets `observer` see every step from the next call on, which then runs under
    /// [`Dispatch::Step`]. Watching does not change what the guest does.
    pub fn set_observer(&mut self, observer: Option<Box<dyn Observer>>) {
        self.pruned.observer = observer.map(Observing::new);
    }

    /// The same with an observer whose type is known here: the loop that shows it the steps
    /// is compiled for it, so what it does is part of the loop.
    pub fn observe<O: Observer + 'static>(&mut self, observer: O) {
        self.pruned.observer = Some(Observing::new(observer));
    }

    /// Takes back an observer given to [`observe`](Store::observe), which then sees no more
    /// steps; `None` if there is none of this type.
    pub fn take_observer<O: Observer + 'static>(&mut self) -> Option<O> {
        let observing = self.pruned.observer.take()?;
        observing.into_inner().map_err(|other| self.pruned.observer = Some(other)).ok()
    }

    /// Steps so far: handler returns, start functions included. Exact under
    /// [`Dispatch::Counted`] and [`Dispatch::Step`]; what ran under
    /// [`Dispatch::Tail`] is not counted.
    pub fn steps(&self) -> u64 {
        self.pruned.meter.steps
    }

    /// Ticks so far: Wasm operators retired; see [`Store::steps`].
    pub fn ticks(&self) -> u64 {
        self.pruned.meter.ticks
    }

    /// Lets counted and stepped runs use this many more ticks, or as many as they like.
    /// A run that has used them up stops at the next branch or call.
    ///
    /// ```
    /// use wasmscope_core::{CallError, Dispatch, Engine, Linker, Module, Store, Val};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let engine = Engine::default();
    /// let wasm = wat::parse_str(r#"(module (func (export "count") (param i32) (result i32)
    ///     (loop $again
    ///         (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
    ///         (br_if $again (local.get 0)))
    ///     (local.get 0)))"#)?;
    /// # let mut store = Store::new(&engine, ());
    /// # let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
    /// let count = instance.typed_func::<i32, i32>(&store, "count")?;
    /// store.set_dispatch(Dispatch::Counted);
    /// store.set_fuel(Some(100));
    /// assert!(matches!(count.call(&mut store, 1000), Err(CallError::OutOfFuel)));
    /// assert!(store.ticks() >= 100);
    /// // More fuel, and the call goes on where it stopped.
    /// store.set_fuel(None);
    /// let results = store.resume().expect("a call is stopped")?;
    /// assert_eq!(results, [Val::I32(0)]);
    /// # Ok(()) }
    /// ```
    pub fn set_fuel(&mut self, ticks: Option<u64>) {
        let now = self.pruned.meter.ticks;
        self.pruned.meter.fuel_end = ticks.map(|ticks| now.saturating_add(ticks));
        // What is left may be less than the slice that was begun.
        self.pruned.rearm();
    }

    /// A handle that stops a counted or stepped run from another thread, at the next
    /// branch or call.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle { flag: self.pruned.meter.interrupt.clone() }
    }

    /// The store as handlers see it.
    pub(crate) fn pruned(&self) -> &PrunedStore {
        &self.pruned
    }

    /// The same, to run or change it.
    pub(crate) fn pruned_mut(&mut self) -> &mut PrunedStore {
        &mut self.pruned
    }
}

/// Anything that gives access to a store: a [`Store`] or a [`Caller`](crate::Caller).
///
/// The machine inside is not for the embedder's hands: put into another store it would leave
/// a run without what it runs on.
pub trait AsStore {
    /// The store without the type of its data.
    #[doc(hidden)]
    fn machine(&self, _: Inside) -> &PrunedStore;
    /// The store without the type of its data.
    #[doc(hidden)]
    fn machine_mut(&mut self, _: Inside) -> &mut PrunedStore;
}

/// What only this crate can make.
#[derive(Clone, Copy, Debug)]
pub struct Inside(());

/// What this crate can do with an [`AsStore`].
pub(crate) trait Machine {
    fn as_store(&self) -> &PrunedStore;
    fn as_store_mut(&mut self) -> &mut PrunedStore;
}

impl<S: AsStore> Machine for S {
    fn as_store(&self) -> &PrunedStore {
        self.machine(Inside(()))
    }

    fn as_store_mut(&mut self) -> &mut PrunedStore {
        self.machine_mut(Inside(()))
    }
}

impl<T: 'static> AsStore for Store<T> {
    fn machine(&self, _: Inside) -> &PrunedStore {
        &self.pruned
    }

    fn machine_mut(&mut self, _: Inside) -> &mut PrunedStore {
        &mut self.pruned
    }
}

impl AsStore for PrunedStore {
    fn machine(&self, _: Inside) -> &PrunedStore {
        self
    }

    fn machine_mut(&mut self, _: Inside) -> &mut PrunedStore {
        self
    }
}

impl<S: AsStore> AsStore for &mut S {
    fn machine(&self, inside: Inside) -> &PrunedStore {
        (**self).machine(inside)
    }

    fn machine_mut(&mut self, inside: Inside) -> &mut PrunedStore {
        (**self).machine_mut(inside)
    }
}

/// Stops a run from another thread.
///
/// ```
/// use wasmscope_core::{CallError, Dispatch, Engine, Linker, Module, Store};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let engine = Engine::default();
/// let wasm = wat::parse_str(r#"(module (func (export "run") (loop (br 0))))"#)?;
/// # let mut store = Store::new(&engine, ());
/// # let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// let run = instance.typed_func::<(), ()>(&store, "run")?;
/// // A run under tail dispatch does not look for interrupts.
/// store.set_dispatch(Dispatch::Counted);
/// let handle = store.interrupt_handle();
/// let thread = std::thread::spawn(move || handle.interrupt());
/// assert!(matches!(run.call(&mut store, ()), Err(CallError::Interrupted)));
/// # thread.join().unwrap();
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct InterruptHandle {
    flag: Arc<AtomicBool>,
}

impl InterruptHandle {
    /// Asks the run to stop with [`CallError::Interrupted`](crate::CallError::Interrupted).
    pub fn interrupt(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }
}
