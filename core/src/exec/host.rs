//! Calling host functions from the guest: for real, or as a log remembers.
//!
//! For real, a host function runs on the native stack and may call back into the guest.
//! In a replay the answers come from outside (`Answers`), and a guest call in between is
//! an ordinary frame whose return comes back here, so replaying never recurses natively.

use crate::exec::Error;
use crate::exec::frame::{Ip, Regs, read_cells, write_cells};
use crate::exec::stop::Reason;
use crate::module::FuncType;
use crate::store::log::{Position, TypedBits};
use crate::store::{Callee, HostError, PrunedStore};
use crate::trap::TrapCode;
use crate::value::slots_of;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What became of a host call.
pub(crate) enum HostStep {
    /// It returned; its results are in place.
    Returned,
    /// It calls the guest: a frame was pushed, `regs` is at its first op.
    Entered,
    /// It let an exception through; `regs` is at the call.
    Threw,
    /// It failed.
    Failed(Error),
}

/// A host function that waits for a guest function, in a replay.
#[derive(Clone, Copy)]
pub(crate) struct HostFrame {
    /// Depth of the guest's frame.
    pub(crate) depth: usize,
    /// The host call.
    pub(crate) callee: Callee,
    /// The caller's registers at the host call.
    pub(crate) regs: Regs,
    /// The function the guest runs for it.
    pub(crate) guest: u32,
}

/// What a replayed host function does next.
pub(crate) enum Answer {
    /// It returns these.
    Return(Vec<u128>),
    /// It calls a guest function.
    Enter(u32, Vec<u128>),
    /// It fails.
    Fail(Reason),
}

/// The source of a replay's host functions.
pub(crate) trait Answers: Send {
    /// A host function is called; `at` is the step that calls it.
    fn call(&mut self, store: &mut PrunedStore, func: u32, args: &[TypedBits], at: Position) -> Answer;
    /// The guest function it called has returned, or failed.
    /// `host` is the host function's type.
    fn guest_done(
        &mut self,
        store: &mut PrunedStore,
        host: &FuncType,
        results: Result<&[TypedBits], &Reason>,
    ) -> Answer;
}

/// Who calls a host function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// An op.
    Guest,
    /// The embedder, or another host function.
    Host,
}

pub(crate) fn typed(types: &[crate::module::ValType], bits: Vec<u128>) -> Vec<TypedBits> {
    types.iter().copied().zip(bits).collect()
}

impl PrunedStore {
    /// Lowers `callee.entry` for a call.
    #[cold]
    pub(crate) fn lower_callee(&mut self) -> Result<(), Error> {
        self.lower_for_run(self.callee.entry)
    }

    /// Calls `callee`, a host function; `regs` is at the op that calls.
    pub(crate) fn call_host(&mut self) -> HostStep {
        self.call_host_for(Caller::Guest)
    }

    /// The same for the host itself. The log hears only of calls by guests: nothing else
    /// has to be answered in a replay.
    pub(crate) fn call_host_for(&mut self, caller: Caller) -> HostStep {
        let callee = self.callee;
        let logged = self.log.is_some() && caller == Caller::Guest;
        let host = self.arenas.hosts[self.funcs[callee.func as usize].host as usize].clone();
        let room = slots_of(host.ty.params()).max(slots_of(host.ty.results())) as usize;
        let end = callee.sp.0.wrapping_add(room);
        // In a replay only those that have called the guest are still there, but then every
        // one around this call has.
        let around = if self.answers.is_some() { self.host_frames.len() } else { self.host_calls as usize };
        if end > self.stack_end || around >= self.engine.config().limits.host_calls as usize {
            return HostStep::Failed(self.trap(TrapCode::StackOverflow));
        }
        if self.answers.is_some() {
            return self.ask(callee, &host.ty);
        }
        if logged {
            if self.counts() {
                let position = self.host_position(callee.ret_ip);
                self.logged(|log| log.at(position));
            }
            // SAFETY: the caller has put the arguments there.
            let args = typed(host.ty.params(), unsafe { read_cells(callee.sp.0, host.ty.params()) });
            self.logged(|log| log.host_enter(callee.func, &args));
        }
        let saved_top = std::mem::replace(&mut self.host_top, end);
        let saved_regs = self.regs;
        let saved_instance = self.instance;
        self.host_calls += 1;
        let result = catch_unwind(AssertUnwindSafe(|| (host.call)(self, callee.sp.0)));
        self.host_calls -= 1;
        self.host_top = saved_top;
        self.regs = saved_regs;
        self.callee = callee;
        // The host may have grown or replaced what the registers were made from.
        self.set_instance(saved_instance);
        let result = result.unwrap_or_else(|panic| {
            // It goes on to whoever called the guest; for a log, the call failed.
            if logged {
                self.logged(|log| log.host_failed(&Reason::panicked()));
            }
            resume_unwind(panic)
        });
        match result {
            Ok(()) => {
                self.thrown = None;
                if logged {
                    // SAFETY: the host function has written its results there.
                    let results =
                        typed(host.ty.results(), unsafe { read_cells(callee.sp.0, host.ty.results()) });
                    self.logged(|log| log.host_exit(&results));
                }
                HostStep::Returned
            }
            Err(error) => {
                let reason = match error {
                    HostError::Trap(code) => Reason::Trap(code),
                    HostError::Exit(code) => Reason::Exit(code),
                    HostError::WaitForInput => Reason::WaitingForInput,
                    HostError::Interrupted => Reason::Interrupted,
                    HostError::Failed(error) => Reason::Host(error.into()),
                };
                if logged {
                    self.logged(|log| log.host_failed(&reason));
                }
                self.host_failed(reason)
            }
        }
    }

    /// A host function failed, possibly because an exception passes through it.
    fn host_failed(&mut self, reason: Reason) -> HostStep {
        if matches!(reason, Reason::Trap(TrapCode::UncaughtException)) && self.thrown.is_some() {
            return HostStep::Threw;
        }
        self.thrown = None;
        HostStep::Failed(self.fail(reason))
    }

    /// Tells the log, if there is one.
    pub(crate) fn logged(&mut self, tell: impl FnOnce(&mut dyn crate::store::RunLog)) {
        if let Some(log) = &mut self.log {
            tell(&mut **log);
        }
    }

    /// Where a host call happens: at the step of the op before `ret_ip`.
    fn host_position(&self, ret_ip: Ip) -> Position {
        // SAFETY: it is a return address.
        let resume = unsafe { ret_ip.resume_count() };
        let (steps, ticks) = self.counters();
        Position {
            steps: (steps + (resume >> 32) - 1) as u64,
            ticks: (ticks + (resume as u32) as i64) as u64,
        }
    }

    fn ask(&mut self, callee: Callee, ty: &FuncType) -> HostStep {
        // SAFETY: the caller has put the arguments there.
        let args = typed(ty.params(), unsafe { read_cells(callee.sp.0, ty.params()) });
        let mut answers = self.answers.take().expect("just asked");
        let at = self.host_position(callee.ret_ip);
        let answer = answers.call(self, callee.func, &args, at);
        self.answers = Some(answers);
        let step = self.follow(answer, callee, self.regs);
        if let HostStep::Entered = step {
            // The call that is under way counts before the frame's first op.
            // SAFETY: the frame was just pushed; it is a call's return address.
            unsafe {
                let entered = (*self.frame_top).entered;
                (*self.frame_top).entered = entered.wrapping_add(callee.ret_ip.resume_count());
            }
        }
        step
    }

    /// Does what a replayed host function does next.
    fn follow(&mut self, answer: Answer, callee: Callee, regs: Regs) -> HostStep {
        let instance = self.frame_instance();
        self.set_instance(instance);
        let ty = self.arenas.hosts[self.funcs[callee.func as usize].host as usize].ty.clone();
        match answer {
            Answer::Return(results) => {
                self.thrown = None;
                // SAFETY: there is room for results, `call_host` has checked it.
                unsafe { write_cells(callee.sp.0, ty.results().iter().copied().zip(results)) };
                HostStep::Returned
            }
            Answer::Fail(reason) => self.host_failed(reason),
            Answer::Enter(guest, args) => {
                let room = slots_of(ty.params()).max(slots_of(ty.results())) as usize;
                let at = callee.sp.0.wrapping_add(room);
                match self.push_base_frame(guest, &args, at) {
                    Ok(()) => {
                        self.host_frames.push(HostFrame { depth: self.depth() - 1, callee, regs, guest });
                        HostStep::Entered
                    }
                    Err(error) => HostStep::Failed(error),
                }
            }
        }
    }

    /// The guest function a replayed host function called has ended; goes on with the
    /// host function.
    pub(crate) fn host_goes_on(&mut self, failed: Option<Reason>) -> HostStep {
        let host = self.host_frames.pop().expect("the caller has looked");
        let ty = self.func_type(host.guest);
        // SAFETY: the guest's results lie where its frame started.
        let results = typed(ty.results(), unsafe { read_cells(self.base_sp(&host).0, ty.results()) });
        let mut answers = self.answers.take().expect("host frames exist only in a replay");
        let host_ty = self.func_type(host.callee.func);
        let answer = answers.guest_done(self, &host_ty, failed.as_ref().map_or(Ok(&results[..]), Err));
        self.answers = Some(answers);
        self.callee = host.callee;
        self.regs = host.regs;
        self.follow(answer, host.callee, host.regs)
    }

    fn base_sp(&self, host: &HostFrame) -> crate::exec::frame::Sp {
        let ty = &self.arenas.hosts[self.funcs[host.callee.func as usize].host as usize].ty;
        let room = slots_of(ty.params()).max(slots_of(ty.results())) as usize;
        crate::exec::frame::Sp(host.callee.sp.0.wrapping_add(room))
    }
}
