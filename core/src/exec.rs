//! Running: calls from outside, the step loop, and what happens when a run stops.
//!
//! ```text
//! invoke ─► push a base frame ─► run ─► Halt       results
//!                                 │  ─► Err        trap: backtrace, unwind
//!                                 │                pause: everything stays, `resume`
//!                                 └─ Tail, Counted: one call that returns at the end
//!                                    Step: a loop around one handler at a time
//! ```
//!
//! Always: frames and values are data on the store's own stacks; the native stack only
//! grows when a host function calls back into the guest.
//! Elsewhere: how a handler reaches the next (`dispatch`), what a frame is (`frame`),
//! counting (`meter`), watching (`observer`).

mod bake;
pub(crate) mod control;
pub(crate) mod dispatch;
mod explain;
pub(crate) mod form;
pub(crate) mod frame;
pub(crate) mod host;
pub(crate) mod inspect;
pub(crate) mod layout;
pub(crate) mod meter;
pub mod observer;
pub mod ring;
pub(crate) mod stop;
pub(crate) mod throw;

pub use dispatch::{ControlFlow, Error};

use crate::code::OpCode;
use crate::module::FuncType;
use crate::store::log::{Position, TypedBits};
use crate::store::{FuncEntry, Instance, InstanceInst, PrunedStore, Store};
use crate::trap::TrapCode;
use dispatch::{Handlers, Outcome, Step, Tabled};
use frame::{Frame, Ip, Regs, Sp, read_cells, write_cells};
use host::{Caller, HostStep, typed};
use observer::{Observing, StepStart, Watch, Watcher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use stop::{CallError, Reason};

/// How a store runs its guests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dispatch {
    /// Full speed; nothing is counted.
    #[default]
    Tail,
    /// Full speed with exact steps and ticks; can be interrupted and limited.
    Counted,
    /// One return per op, exact and observable.
    Step,
    /// For comparison: [`Dispatch::Tail`] with all values in slots, none in an accumulator.
    #[cfg(feature = "experiment")]
    TailSlots,
    /// For comparison: a loop over function pointers; nothing is counted.
    #[cfg(feature = "table")]
    Table,
    /// For comparison: a `match` in a loop, each arm a handler of the one signature.
    #[cfg(feature = "uniform-match")]
    UniformMatch,
    /// For comparison: a `match` in a loop, each arm with the op's natural signature.
    #[cfg(feature = "varied-match")]
    VariedMatch,
    /// For comparison: tail calls the compiler guarantees.
    #[cfg(feature = "become")]
    Become,
    /// For comparison: the same without callee-saved registers.
    #[cfg(feature = "become")]
    BecomePreserveNone,
}

impl Dispatch {
    /// Whether steps and ticks are exact.
    pub fn is_counted(self) -> bool {
        matches!(self, Dispatch::Counted | Dispatch::Step)
    }
}

/// Whether handlers reach each other by sibling calls in this build, so that
/// [`Dispatch::Tail`] and [`Dispatch::Counted`] are what they say. Where they cannot be
/// trusted, both run through the step loop.
pub const TAIL_CALLS: bool = cfg!(wasmscope_tail);

/// How this build runs guests, and what it was made with.
pub const BUILD: BuildInfo = BuildInfo {
    no_tail: env!("WASMSCOPE_NO_TAIL"),
    target: env!("WASMSCOPE_TARGET"),
    opt_level: env!("WASMSCOPE_OPT_LEVEL"),
    rustc: env!("WASMSCOPE_RUSTC"),
};

/// What the build script found.
#[derive(Clone, Copy, Debug)]
pub struct BuildInfo {
    /// Why handlers do not reach each other by tail calls; empty if they do.
    pub no_tail: &'static str,
    /// The target triple.
    pub target: &'static str,
    /// The optimisation level of this crate.
    pub opt_level: &'static str,
    /// The compiler's version.
    pub rustc: &'static str,
}

/// What a run from outside needs to come back to.
#[derive(Clone, Copy)]
pub(crate) struct Base {
    /// Depth below the frame it pushed.
    depth: usize,
    /// The function it called.
    func: u32,
    instance: *mut InstanceInst,
    regs: Regs,
    /// Counters to give back when a nested run returns.
    resume: i64,
    /// Where results appear.
    sp: Sp,
}

impl PrunedStore {
    /// The type of a function of the store; defined types in it have the engine's numbers.
    pub(crate) fn func_type(&self, func: u32) -> FuncType {
        let func = self.funcs[func as usize];
        if func.entry.is_null() {
            return self.arenas.hosts[func.host as usize].ty.clone();
        }
        self.entry_type(func.entry)
    }

    /// The same of a function that is a module's.
    fn entry_type(&self, entry: *const FuncEntry) -> FuncType {
        let (module, index) = self.entry(entry).id();
        let module = self.arenas.modules[module as usize].get();
        module.data.func_type(index).renumbered(|ty| module.type_ids[ty as usize])
    }

    /// What the outermost function, which has just returned, left.
    pub(crate) fn outermost_results(&self) -> Vec<TypedBits> {
        assert_eq!(self.depth(), 0, "the outermost function has returned");
        // SAFETY: the frame just popped is still there, above the base; its results lie where it began.
        unsafe {
            let ty = self.entry_type((*self.frame_base().add(1)).entry);
            typed(ty.results(), read_cells(self.stack_start(), ty.results()))
        }
    }

    /// The instance of the innermost frame.
    pub(crate) fn frame_instance(&self) -> *mut InstanceInst {
        // SAFETY: the top frame, or the base below it, is initialised.
        unsafe { (*self.frame_top).instance }
    }

    pub(crate) fn lower_for_run(&mut self, entry: *const FuncEntry) -> Result<(), Error> {
        self.lower_entry(entry).map_err(|error| self.fail(Reason::Limit(error)))
    }

    /// Pushes a frame that returns to the host, with its arguments at `at`, and points
    /// the registers at its first op. The function is a module's.
    pub(crate) fn push_base_frame(&mut self, func: u32, args: &[u128], at: *mut u64) -> Result<(), Error> {
        self.thrown = None;
        let inst = self.funcs[func as usize];
        self.lower_for_run(inst.entry)?;
        let sp = Sp(at);
        if self.is_full(sp, inst.entry) {
            return Err(self.trap(TrapCode::StackOverflow));
        }
        let ty = self.func_type(func);
        // SAFETY: there is room for the frame, which holds arguments and locals.
        unsafe {
            write_cells(at, ty.params().iter().copied().zip(args.iter().copied()));
            let entry = &*inst.entry;
            at.add(entry.zero_from as usize).write_bytes(0, entry.zero_count as usize);
            self.frame_top = self.frame_top.add(1);
            self.frame_top.write(Frame {
                ret_ip: Ip::NULL,
                ret_sp: self.regs.sp,
                instance: inst.instance,
                entry: inst.entry,
                entered: self.ctr,
                entered_ticks: 0,
                settled: 0,
            });
            self.regs = Regs { ip: Ip(entry.code), sp };
        }
        self.set_instance(inst.instance);
        Ok(())
    }

    /// Calls a function of the store from outside.
    pub(crate) fn invoke(&mut self, func: u32, args: &[TypedBits]) -> Result<Vec<TypedBits>, CallError> {
        self.abandon_pause();
        if self.is_host(func) {
            // What it does is the embedder's, or of the host function that calls it: the log
            // has its effects, as it has theirs.
            return self.invoke_unlogged(func, args);
        }
        let nested = self.depth() > 0;
        if !nested {
            let position = self.standing();
            self.logged(|log| log.at(position));
        }
        self.logged(|log| log.invoke(func, args));
        let result = catch_unwind(AssertUnwindSafe(|| self.invoke_unlogged(func, args)));
        let result = result.unwrap_or_else(|panic| {
            self.reason = Reason::panicked();
            let error = self.call_error();
            self.log_end(&Err(error));
            resume_unwind(panic)
        });
        self.log_end(&result);
        result
    }

    /// Whether a function of the store is the host's.
    pub(crate) fn is_host(&self, func: u32) -> bool {
        self.funcs[func as usize].entry.is_null()
    }

    /// Calls an instance's start function, as part of its instantiation. If that is the host's, the instance is what
    /// calls it.
    pub(crate) fn invoke_start(
        &mut self,
        instance: Instance,
        func: u32,
    ) -> Result<Vec<TypedBits>, CallError> {
        self.abandon_pause();
        let around = self.instance;
        self.set_instance(self.arenas.instances[instance.index_in(self)].ptr());
        let result = catch_unwind(AssertUnwindSafe(|| self.invoke_unlogged(func, &[])));
        self.set_instance(around);
        result.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Where the machine stood last.
    pub(crate) fn standing(&self) -> Position {
        Position { steps: self.meter.steps, ticks: self.meter.ticks }
    }

    fn log_end(&mut self, result: &Result<Vec<TypedBits>, CallError>) {
        if self.log.is_none() {
            return;
        }
        if self.depth() == 0 || self.paused.is_some() {
            let position = self.standing();
            self.logged(|log| log.at(position));
        }
        match result {
            Ok(results) => self.logged(|log| log.finished(results)),
            Err(_) => {
                let reason = self.reason.clone();
                self.logged(|log| log.failed(&reason));
            }
        }
    }

    fn invoke_unlogged(&mut self, func: u32, args: &[TypedBits]) -> Result<Vec<TypedBits>, CallError> {
        let bits: Vec<u128> = args.iter().map(|&(_, bits)| bits).collect();
        if self.is_host(func) {
            return self.invoke_host(func, &bits);
        }
        let nested = self.depth() > 0;
        // What the guest calls is noted in the same place as the host call that goes on then.
        let callee = self.callee;
        // A host function that calls back: the machine stands at the op that called it.
        let resume = if nested && self.counts() {
            // SAFETY: the host was called by a call op, which ends in this count.
            unsafe { self.callee.ret_ip.resume_count() }
        } else {
            0
        };
        self.ctr = self.ctr.wrapping_add(resume);
        let base = Base {
            depth: self.depth(),
            func,
            instance: self.instance,
            regs: self.regs,
            resume,
            sp: Sp(self.host_top),
        };
        if self.push_base_frame(func, &bits, self.host_top).is_err() {
            return Err(self.failed(base));
        }
        let host_calls = self.host_calls;
        let result = catch_unwind(AssertUnwindSafe(|| self.go(base, nested)));
        self.callee = callee;
        match result {
            Ok(result) => result,
            Err(panic) => {
                // A host function panicked: the guests it passed through end here.
                self.host_calls = host_calls;
                self.host_top = base.sp.0;
                self.reason = Reason::panicked();
                self.failed(base);
                resume_unwind(panic)
            }
        }
    }

    /// A host function called from outside.
    fn invoke_host(&mut self, func: u32, args: &[u128]) -> Result<Vec<TypedBits>, CallError> {
        let ty = self.func_type(func);
        let at = self.host_top;
        // SAFETY: the value stack has room for a few values behind whatever is on it, or
        // `call_host` says that it has not.
        unsafe {
            let room = (self.stack_end as usize - at as usize) / 8;
            if room < crate::value::slots_of(ty.params()) as usize {
                self.reason = Reason::Trap(TrapCode::StackOverflow);
                return Err(self.call_error());
            }
            write_cells(at, ty.params().iter().copied().zip(args.iter().copied()));
        }
        let saved = (self.regs, self.callee);
        // A guest it calls is called by the op that the machine stands at, if there is one.
        self.callee = crate::store::Callee::new(func, Sp(at), saved.1.ret_ip);
        let host_calls = self.host_calls;
        let step =
            catch_unwind(AssertUnwindSafe(|| self.call_host_for(Caller::Host))).unwrap_or_else(|panic| {
                (self.host_calls, self.host_top) = (host_calls, at);
                (self.regs, self.callee) = saved;
                resume_unwind(panic)
            });
        (self.regs, self.callee) = saved;
        match step {
            // SAFETY: the results lie where the arguments were.
            HostStep::Returned => Ok(typed(ty.results(), unsafe { read_cells(at, ty.results()) })),
            HostStep::Entered => unreachable!("only replays enter the guest without a native call"),
            HostStep::Threw => {
                self.reason = Reason::Trap(TrapCode::UncaughtException);
                Err(self.call_error())
            }
            HostStep::Failed(_) => Err(self.call_error()),
        }
    }

    /// Runs until the frame above `base` has returned.
    fn go(&mut self, base: Base, nested: bool) -> Result<Vec<TypedBits>, CallError> {
        loop {
            match self.run_once() {
                Ok(_) if self.returns_to_host_frame() => {
                    if let Err(error) = self.after_guest(None) {
                        let _ = error;
                        return self.stopped_with(base, nested);
                    }
                }
                Ok(_) => {
                    let ty = self.func_type(base.func);
                    // SAFETY: the results lie where the frame started.
                    let results = typed(ty.results(), unsafe { read_cells(base.sp.0, ty.results()) });
                    self.come_back(&base);
                    return Ok(results);
                }
                Err(_) => return self.stopped_with(base, nested),
            }
        }
    }

    /// Whether the frame that has just returned was called by a replayed host function.
    pub(crate) fn returns_to_host_frame(&self) -> bool {
        self.host_frames.last().is_some_and(|host| host.depth == self.depth())
    }

    /// Goes on with a replayed host function whose guest call has ended.
    pub(crate) fn after_guest(&mut self, failed: Option<Reason>) -> Result<(), Error> {
        let ret_ip = self.host_frames.last().expect("the caller has looked").callee.ret_ip;
        // SAFETY: a host call's return address.
        let resume = unsafe { ret_ip.resume_count() };
        match self.host_goes_on(failed) {
            HostStep::Returned => {
                self.ctr = self.ctr.wrapping_sub(resume);
                let sp = self.regs.sp;
                self.regs = Regs { ip: ret_ip, sp };
                Ok(())
            }
            HostStep::Entered => Ok(()),
            HostStep::Threw => {
                self.ctr = self.ctr.wrapping_sub(resume);
                let delta = self.land(true)?;
                self.ctr = self.ctr.wrapping_add(delta);
                Ok(())
            }
            HostStep::Failed(error) => {
                self.ctr = self.ctr.wrapping_sub(resume);
                Err(error)
            }
        }
    }

    fn come_back(&mut self, base: &Base) {
        self.ctr = self.ctr.wrapping_sub(base.resume);
        self.regs = base.regs;
        self.set_instance(base.instance);
        if base.depth == 0 && self.counts() {
            self.stand_still_outside();
        }
    }

    fn stopped_with(&mut self, base: Base, nested: bool) -> Result<Vec<TypedBits>, CallError> {
        if self.reason.is_pause() && !nested {
            let error = self.call_error();
            if self.counts() {
                self.stand_still();
            }
            self.paused = Some(base);
            return Err(error);
        }
        Err(self.failed(base))
    }

    /// Unwinds to `base` after a failure; what to tell the embedder.
    fn failed(&mut self, base: Base) -> CallError {
        let error = self.call_error();
        let counted = self.counts();
        if counted && self.depth() > 0 {
            if self.reason.op_has_run() {
                self.stand_still_behind();
            } else {
                self.stand_still();
            }
        }
        self.unwind(base.depth);
        self.regs = base.regs;
        self.set_instance(base.instance);
        if counted {
            let Position { steps, ticks } = self.standing();
            let resume = base.resume;
            let (resume_steps, resume_ticks) = (resume >> 32, (resume as u32) as i64);
            self.set_counters(steps as i64 - resume_steps, ticks as i64 - resume_ticks);
        }
        error
    }

    /// Drops the frames from `depth` on.
    pub(crate) fn unwind(&mut self, depth: usize) {
        self.host_frames.retain(|host| host.depth < depth);
        self.frame_top = self.frame_base().wrapping_add(depth);
    }

    /// Gives up a paused run: a new call from outside begins.
    fn abandon_pause(&mut self) {
        if let Some(base) = self.paused.take() {
            self.unwind(base.depth);
            self.regs = base.regs;
            self.set_instance(base.instance);
            let Position { steps, ticks } = self.standing();
            self.set_counters(steps as i64, ticks as i64);
        }
    }

    /// Goes on with a paused run; `None` if none is paused.
    pub(crate) fn resume(&mut self) -> Option<Result<Vec<TypedBits>, CallError>> {
        let base = self.paused.take()?;
        self.logged(|log| log.resume());
        self.rearm();
        let result = self.go(base, false);
        self.log_end(&result);
        Some(result)
    }

    /// Whether steps and ticks are counted: whoever watches sees them.
    pub(crate) fn counts(&self) -> bool {
        self.dispatch.is_counted() || self.observer.is_some()
    }

    /// Runs from the registers until the machine halts or stops, however the store is set.
    fn run_once(&mut self) -> Outcome {
        if let Some(run) = self.observer.as_ref().map(Observing::run) {
            return run(self);
        }
        match self.dispatch {
            Dispatch::Tail if TAIL_CALLS => self.run_tail(&dispatch::TAIL),
            Dispatch::Counted if TAIL_CALLS => self.run_tail(&dispatch::COUNTED),
            #[cfg(feature = "experiment")]
            Dispatch::TailSlots if TAIL_CALLS => self.run_tail(&dispatch::variants::TAIL_SLOTS),
            #[cfg(feature = "table")]
            Dispatch::Table => self.run_table(),
            #[cfg(feature = "uniform-match")]
            Dispatch::UniformMatch => self.run_uniform_match(),
            #[cfg(feature = "varied-match")]
            Dispatch::VariedMatch => self.run_varied_match(),
            #[cfg(feature = "become")]
            Dispatch::Become => dispatch::becoming::same_convention::run(self),
            #[cfg(feature = "become")]
            Dispatch::BecomePreserveNone => dispatch::becoming::preserve_none::run(self),
            _ => self.step_loop(&mut ()),
        }
    }

    fn run_tail(&mut self, handlers: &'static Handlers) -> Outcome {
        self.bake_for(handlers);
        let Regs { ip, sp } = self.regs;
        let (mem, len) = self.mem0();
        let (acc, facc) = self.fill(ip, sp);
        // SAFETY: the registers are at an op of the innermost frame, and the code has the
        // addresses of these handlers.
        unsafe { ip.handler()(self, ip, sp, mem, len, acc, facc) }
    }

    /// Runs counted without an observer, wherever tail calls can be trusted.
    pub(crate) fn run_counted(&mut self) -> Outcome {
        if TAIL_CALLS { self.run_tail(&dispatch::COUNTED) } else { self.step_loop(&mut ()) }
    }

    /// One handler at a time; `watcher` sees each return.
    pub(crate) fn step_loop<W: Watcher>(&mut self, watcher: &mut W) -> Outcome {
        loop {
            let start = self.start_step();
            watcher.before(self, &start);
            let outcome = self.step(&start);
            let watch = watcher.after(self, &start, outcome);
            let flow = outcome?;
            if watch == Watch::Stop && flow != ControlFlow::Halt {
                return Err(self.fail(Reason::Observer));
            }
            match flow {
                ControlFlow::Next => {}
                ControlFlow::Halt => return outcome,
                _ if self.ctr >= 0 => self.next_slice()?,
                _ => {}
            }
        }
    }

    /// What is known of the step at the registers before it runs.
    #[inline(always)]
    pub(crate) fn start_step(&mut self) -> StepStart {
        let Regs { ip, sp } = self.regs;
        let number = self.meter.steps;
        self.meter.steps += 1;
        // SAFETY: the registers are at an op, which lowering wrote.
        let mut op = unsafe { ip.op_code() };
        if op == OpCode::stop {
            op = self.opcode_at(ip);
        }
        StepStart {
            number,
            op,
            ip,
            sp,
            // SAFETY: the machine runs, so there is a frame.
            entry: unsafe { (*self.frame_top).entry },
            ctr_ticks: self.counters().1,
            depth: self.depth() as u32 - 1,
        }
    }

    /// Runs the op a step starts with.
    #[inline(always)]
    pub(crate) fn step(&mut self, start: &StepStart) -> Outcome {
        let handler = Step::HANDLERS[start.op as usize];
        let (mem, len) = self.mem0();
        // SAFETY: the registers are at this op of the innermost frame.
        unsafe { handler(self, start.ip, start.sp, mem, len, 0, 0.0) }
    }
}

impl<T: 'static> Store<T> {
    /// Goes on with a run that stopped for now: out of fuel, interrupted, waiting for
    /// input, or at an observer's wish. Gives the results of the call that was stopped,
    /// or `None` if there is none: also if it stopped in a guest that a host function
    /// called, because the host function has ended with it.
    ///
    /// # Errors
    /// As the call itself.
    pub fn resume(&mut self) -> Option<Result<Vec<crate::Val>, CallError>> {
        let store = self.pruned_mut();
        let id = store.id;
        let result = store.resume()?;
        Some(result.map(|results| {
            results.into_iter().map(|(ty, bits)| crate::Val::from_bits(ty, bits, id)).collect()
        }))
    }
}
