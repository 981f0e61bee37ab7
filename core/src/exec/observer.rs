//! Watching a run: what the step loop shows of every handler return.
//!
//! An observer borrows the machine before an op runs and after it has returned, and pays
//! only for what it reads. It cannot change anything, so watching cannot change the run.

use crate::code::OpCode;
use crate::exec::dispatch::{ControlFlow, Outcome};
use crate::exec::frame::{Ip, Sp};
use crate::exec::stop::Reason;
use crate::store::{FuncEntry, PrunedStore};

/// Sees every step of a run.
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
            Reason::Limit(error) => write!(f, "{error}"),
            Reason::None | Reason::SliceOver | Reason::Breakpoint | Reason::Observer => {
                f.write_str("stopped")
            }
        }
    }
}

/// One step, seen from outside.
pub struct Step<'a> {
    /// Its number.
    pub number: u64,
    /// The op.
    pub op: OpCode,
    pub(crate) store: &'a PrunedStore,
    pub(crate) ip: Ip,
    pub(crate) sp: Sp,
    /// The function the op belongs to.
    pub(crate) entry: *const FuncEntry,
    /// `c` in ticks when the op started.
    counter_ticks: i64,
    /// Depth of the frame the op ran in.
    pub depth: u32,
}

impl Step<'_> {
    /// The module, numbered in order of first use in the store, and the function's index in it.
    pub fn func(&self) -> (u32, u32) {
        // SAFETY: entries live as long as the store.
        unsafe { ((*self.entry).module, (*self.entry).func) }
    }

    /// The op's offset in its function's code.
    pub fn ip(&self) -> u32 {
        self.store.offset_in(self.entry, self.ip)
    }

    /// Wasm operators retired before the step.
    pub fn tick(&self) -> u64 {
        let layout = self.store.layout(self.entry);
        (self.counter_ticks + layout.ticks[layout.ordinal(self.ip())] as i64) as u64
    }

    /// File offset of the Wasm operator the op stands for.
    pub fn pc(&self) -> u32 {
        self.store.pc_at(self.entry, self.ip, false)
    }

    /// The bits of a slot of the frame the op ran in, as they are now.
    pub fn slot(&self, slot: u16) -> u64 {
        self.store.slot_at(self.sp, slot as u32)
    }
}

/// How the step loop reaches whoever watches.
pub(crate) trait Watcher {
    fn before(&mut self, store: &mut PrunedStore, step: &StepStart);
    fn after(&mut self, store: &mut PrunedStore, step: &StepStart, outcome: Outcome) -> Watch;
}

/// A step as the loop knows it before it runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepStart {
    pub(crate) number: u64,
    pub(crate) op: OpCode,
    pub(crate) ip: Ip,
    pub(crate) sp: Sp,
    pub(crate) entry: *const FuncEntry,
    /// `c` in ticks.
    pub(crate) ctr_ticks: i64,
    pub(crate) depth: u32,
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

/// The store's own observer watches. It stays in the store while the op runs, so that
/// steps of a nested call are seen too.
pub(crate) struct OwnObserver;

impl StepStart {
    fn step<'a>(&self, store: &'a PrunedStore) -> Step<'a> {
        Step {
            number: self.number,
            op: self.op,
            store,
            ip: self.ip,
            sp: self.sp,
            entry: self.entry,
            counter_ticks: self.ctr_ticks,
            depth: self.depth,
        }
    }
}

impl Watcher for OwnObserver {
    fn before(&mut self, store: &mut PrunedStore, step: &StepStart) {
        if let Some(mut observer) = store.observer.take() {
            observer.before(&step.step(store));
            store.observer = Some(observer);
        }
    }

    fn after(&mut self, store: &mut PrunedStore, step: &StepStart, outcome: Outcome) -> Watch {
        let Some(mut observer) = store.observer.take() else { return Watch::Continue };
        let watch = match outcome {
            Ok(flow) => observer.after(&step.step(store), Returned::Flow(flow)),
            Err(_) => {
                let failure = Failure(store.reason.clone());
                observer.after(&step.step(store), Returned::Failed(&failure))
            }
        };
        store.observer = Some(observer);
        watch
    }
}
