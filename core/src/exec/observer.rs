//! Watching a run: what the step loop shows of every handler return.
//!
//! An observer borrows the machine before an op runs and after it has returned, and pays
//! only for what it reads. It cannot change anything, so watching cannot change the run.

use crate::code::OpCode;
use crate::exec::dispatch::{ControlFlow, Outcome};
use crate::exec::frame::{Ip, Sp};
use crate::exec::stop::Reason;
use crate::store::{FuncEntry, PrunedStore};
use std::any::Any;

/// Sees every step of a run.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use wasmscope_core::{Engine, Linker, Module, Observer, Returned, Step, Store, Watch};
///
/// /// Counts the steps of each op.
/// struct Counts(Arc<Mutex<Vec<&'static str>>>);
///
/// impl Observer for Counts {
///     fn after(&mut self, step: &Step<'_>, _: Returned<'_>) -> Watch {
///         self.0.lock().unwrap().push(step.op.info().name);
///         Watch::Continue
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let engine = Engine::default();
/// let wasm = wat::parse_str(r#"(module (func (export "f") (param i32) (result i32)
///     (i32.mul (local.get 0) (local.get 0))))"#)?;
/// # let mut store = Store::new(&engine, ());
/// # let instance = Linker::new(&engine).instantiate(&mut store, &Module::new(&engine, wasm)?)?;
/// let seen = Arc::new(Mutex::new(Vec::new()));
/// store.set_observer(Some(Box::new(Counts(seen.clone()))));
/// assert_eq!(instance.typed_func::<i32, i32>(&store, "f")?.call(&mut store, 7)?, 49);
/// assert!(seen.lock().unwrap()[0].starts_with("i32_mul"));
/// # Ok(()) }
/// ```
pub trait Observer: Send {
    /// The op of `step` is about to run.
    fn before(&mut self, step: &Step<'_>) {
        let _ = step;
    }

    /// The op of `step` has returned. A host call that calls back into the guest is
    /// reported when it returns, after the steps it contains; its number is smaller.
    fn after(&mut self, step: &Step<'_>, returned: Returned<'_>) -> Watch;
}

/// Whether a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// It does.
    Continue,
    /// It stops behind this step; [`Store::resume`](crate::Store::resume) goes on.
    Stop,
}

/// What a handler returned.
#[derive(Clone, Copy, Debug)]
pub enum Returned<'a> {
    /// Where control went.
    Flow(ControlFlow),
    /// The guest failed; the text says why.
    Failed(&'a Failure),
}

/// Why a step failed.
#[derive(Clone, Debug)]
pub struct Failure(pub(crate) Reason);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Reason::Trap(code) => write!(f, "{code}"),
            Reason::Host(error) => write!(f, "{error}"),
            Reason::HostText(text) | Reason::Diverged(text) => f.write_str(text),
            Reason::Exit(code) => write!(f, "exit {code}"),
            Reason::OutOfFuel => f.write_str("out of fuel"),
            Reason::Interrupted => f.write_str("interrupted"),
            Reason::WaitingForInput => f.write_str("waiting for input"),
            Reason::Unanswered => f.write_str("the recording ends here"),
            Reason::Limit(error) => write!(f, "{error}"),
            Reason::None | Reason::SliceOver | Reason::Breakpoint | Reason::Observer => {
                f.write_str("stopped")
            }
        }
    }
}

/// One step, seen from outside.
pub struct Step<'a> {
    start: &'a StepStart,
    store: &'a PrunedStore,
}

impl std::ops::Deref for Step<'_> {
    type Target = StepStart;

    #[inline]
    fn deref(&self) -> &StepStart {
        self.start
    }
}

impl Step<'_> {
    pub(in crate::exec) fn store(&self) -> &PrunedStore {
        self.store
    }

    /// Hands a copy of the step to a function that is not inlined: its own values then need
    /// not be in memory where that function is not called.
    #[inline(always)]
    pub(in crate::exec) fn apart<R>(&self, rare: impl FnOnce(&Step<'_>) -> R) -> R {
        let start = *self.start;
        rare(&Step { start: &start, store: self.store })
    }

    /// The module, numbered in order of first use in the store, and the function's index in it.
    pub fn func(&self) -> (u32, u32) {
        self.store.entry(self.entry).id()
    }

    /// The op's offset in its function's code.
    pub fn ip(&self) -> u32 {
        self.store.offset_in(self.entry, self.ip)
    }

    /// Wasm operators retired before the step.
    pub fn tick(&self) -> u64 {
        let layout = self.store.layout(self.entry);
        (self.ctr_ticks + layout.ticks[layout.ordinal(self.ip())] as i64) as u64
    }

    /// File offset of the Wasm operator the op stands for.
    pub fn pc(&self) -> u32 {
        self.store.pc_at(self.entry, self.ip, false)
    }

    /// How many slots the frame has that the op ran in.
    pub fn slot_count(&self) -> u32 {
        (self.store.entry(self.entry).frame_bytes / 8) as u32
    }

    /// The bits of a slot of the frame the op ran in, as they are now.
    ///
    /// # Panics
    /// If the frame has not so many.
    pub fn slot(&self, slot: u16) -> u64 {
        let count = self.slot_count();
        assert!((slot as u32) < count, "a frame of {count} slots has no slot {slot}");
        self.store.slot_at(self.sp, slot as u32)
    }
}

/// How the step loop reaches whoever watches.
pub(crate) trait Watcher {
    fn before(&mut self, store: &mut PrunedStore, step: &StepStart);
    fn after(&mut self, store: &mut PrunedStore, step: &StepStart, outcome: Outcome) -> Watch;
}

/// A step as it is known before it runs.
#[derive(Clone, Copy, Debug)]
pub struct StepStart {
    /// Its number.
    pub number: u64,
    /// The op.
    pub op: OpCode,
    /// Depth of the frame the op runs in.
    pub depth: u32,
    pub(crate) ip: Ip,
    pub(crate) sp: Sp,
    pub(crate) entry: *const FuncEntry,
    /// `c` in ticks.
    pub(crate) ctr_ticks: i64,
}

/// Nobody watches.
impl Watcher for () {
    #[inline(always)]
    fn before(&mut self, _: &mut PrunedStore, _: &StepStart) {}
    #[inline(always)]
    fn after(&mut self, _: &mut PrunedStore, _: &StepStart, _: Outcome) -> Watch {
        Watch::Continue
    }
}

impl<O: Observer + ?Sized> Observer for Box<O> {
    fn before(&mut self, step: &Step<'_>) {
        (**self).before(step);
    }

    fn after(&mut self, step: &Step<'_>, returned: Returned<'_>) -> Watch {
        (**self).after(step, returned)
    }
}

/// A store's observer, and the step loop compiled for its type.
pub(crate) struct Observing {
    observer: Box<dyn Any + Send>,
    run: fn(&mut PrunedStore) -> Outcome,
}

impl Observing {
    pub(crate) fn new<O: Observer + 'static>(observer: O) -> Observing {
        Observing { observer: Box::new(observer), run: run_observed::<O> }
    }

    /// The observer, if it is of this type.
    pub(crate) fn into_inner<O: 'static>(self) -> Result<O, Observing> {
        let Observing { observer, run } = self;
        observer.downcast().map(|observer| *observer).map_err(|observer| Observing { observer, run })
    }

    /// Runs a store that has this observer.
    pub(crate) fn run(&self) -> fn(&mut PrunedStore) -> Outcome {
        self.run
    }
}

/// The step loop of a store whose observer is an `O`.
fn run_observed<O: Observer + 'static>(store: &mut PrunedStore) -> Outcome {
    let observing = store.observer.as_mut().expect("only called for a store's own observer");
    let observer: *mut O = observing.observer.downcast_mut().expect("the loop was made for it");
    store.step_loop(&mut Shown(observer))
}

/// The store's own observer. It stays in the store while the op runs, so that steps of a
/// nested call are seen too.
struct Shown<O>(*mut O);

impl<O: Observer> Watcher for Shown<O> {
    #[inline(always)]
    fn before(&mut self, store: &mut PrunedStore, start: &StepStart) {
        // SAFETY: it lies on the heap as long as the store runs, and nobody reaches it
        // through the store: `Step` has no way to it.
        unsafe { (*self.0).before(&Step { start, store }) }
    }

    #[inline(always)]
    fn after(&mut self, store: &mut PrunedStore, start: &StepStart, outcome: Outcome) -> Watch {
        let step = Step { start, store };
        // SAFETY: as above.
        let observer = unsafe { &mut *self.0 };
        match outcome {
            Ok(flow) => observer.after(&step, Returned::Flow(flow)),
            Err(_) => step.apart(|step| failed(observer, step)),
        }
    }
}

/// Shows a step that failed.
#[cold]
#[inline(never)]
fn failed<O: Observer>(observer: &mut O, step: &Step<'_>) -> Watch {
    let failure = Failure(step.store.reason.clone());
    observer.after(step, Returned::Failed(&failure))
}
