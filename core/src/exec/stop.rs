//! Why a run stopped.
//!
//! The reason is written into the store and the handler returns a token (`Error`), so
//! that what handlers return stays one byte. What the embedder gets is a [`CallError`].

use crate::engine::Module;
use crate::exec::Error;
use crate::module::{SourceFrame, SourceLocation};
use crate::printable::Printable;
use crate::store::PrunedStore;
use crate::trap::{TrapCode, TrapDetail};
use std::fmt;
use std::sync::Arc;

/// Why the machine stopped before the outermost function returned.
#[derive(Clone, Debug)]
pub(crate) enum Reason {
    None,
    Trap(TrapCode),
    /// A host function failed in its own way.
    Host(Arc<dyn std::error::Error + Send + Sync>),
    /// A replayed host function failed as the recorded one did.
    HostText(Arc<str>),
    Exit(i32),
    OutOfFuel,
    Interrupted,
    /// A host function waits for input; the call is made again when the run goes on.
    WaitingForInput,
    /// A function exceeds a limit of the bytecode.
    Limit(crate::lower::LowerError),
    /// The run is where it was to stop.
    SliceOver,
    /// A `stop` op put there by the debugger.
    Breakpoint,
    /// An observer asked to stop.
    Observer,
    /// A replay differs from its recording.
    Diverged(Arc<str>),
    /// A replay's recording says nothing of what comes next.
    Unanswered,
}

impl Reason {
    /// Whether the machine can go on from where it stopped.
    pub(crate) fn is_pause(&self) -> bool {
        matches!(
            self,
            Reason::OutOfFuel
                | Reason::Interrupted
                | Reason::WaitingForInput
                | Reason::SliceOver
                | Reason::Breakpoint
                | Reason::Observer
        )
    }

    /// A host function panicked.
    pub(crate) fn panicked() -> Reason {
        Reason::HostText("a host function panicked".into())
    }

    /// Whether the op in the registers has run: it failed, rather than not yet run.
    pub(crate) fn op_has_run(&self) -> bool {
        !self.is_pause() && !self.is_astray()
    }

    /// Whether a replay cannot go on, which says nothing of the run.
    pub(crate) fn is_astray(&self) -> bool {
        matches!(self, Reason::Diverged(_) | Reason::Unanswered)
    }
}

/// A function on the call stack of a trap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BacktraceFrame {
    /// The module, numbered in order of first use in the store.
    pub module: u32,
    /// The function's index in its module.
    pub func: u32,
    /// The function's name, demangled, if the module gives one.
    pub name: Option<String>,
    /// File offset of the operator that was running, or of the call that was waiting.
    pub pc: u32,
    pub(crate) code: Module,
}

impl BacktraceFrame {
    /// The line of its source, if the module has debug sections. The first question of all reads them.
    pub fn location(&self) -> Option<SourceLocation> {
        self.code.source_map()?.locate(self.pc)
    }

    /// The functions the compiler made one of, innermost first: those it inlined here, and at the end the frame's own.
    /// Empty if the module has no debug sections that say so.
    pub fn source_frames(&self) -> Vec<SourceFrame> {
        self.code.source_map().map(|map| map.frames(self.pc)).unwrap_or_default()
    }

    /// What was left out of the module's debug sections because it is broken, or lies in another file.
    pub fn source_note(&self) -> Option<&str> {
        self.code.source_map()?.note()
    }

    /// What is wrong with the module's name section; names before that place are there.
    pub fn names_note(&self) -> Option<&str> {
        self.code.data().names().damage()
    }
}

impl fmt::Display for BacktraceFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{}", Printable(name))?,
            None => write!(f, "function {}", self.func)?,
        }
        write!(f, " at {:#x}", self.pc)?;
        match self.location() {
            Some(location) => write!(f, ", {location}"),
            None => Ok(()),
        }
    }
}

/// A trap: what happened, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrapReport {
    /// The kind of trap.
    pub code: TrapCode,
    /// What in particular went wrong, where that is known.
    pub detail: Option<TrapDetail>,
    /// The call stack, innermost first; at most 64 frames.
    pub frames: Vec<BacktraceFrame>,
    /// How many frames there were.
    pub depth: usize,
}

impl fmt::Display for TrapReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        Ok(())
    }
}

/// Why a call from outside did not return.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The guest trapped.
    #[error("{0}")]
    Trap(Box<TrapReport>),
    /// A host function failed.
    #[error("{0}")]
    Host(Arc<dyn std::error::Error + Send + Sync>),
    /// The guest ended the program.
    #[error("the program exited with code {0}")]
    Exit(i32),
    /// The fuel is used up; [`resume`](crate::Store::resume) goes on with more.
    #[error("out of fuel")]
    OutOfFuel,
    /// The run was interrupted; [`resume`](crate::Store::resume) goes on.
    #[error("interrupted")]
    Interrupted,
    /// A host function waits for input; [`resume`](crate::Store::resume) makes the call again.
    #[error("waiting for input")]
    WaitingForInput,
    /// An observer asked to stop; [`resume`](crate::Store::resume) goes on.
    #[error("stopped by an observer")]
    Stopped,
    /// A function exceeds a limit of the bytecode.
    #[error("{0}")]
    Limit(crate::lower::LowerError),
    /// The arguments are not those of the function.
    #[error("{0}")]
    Arguments(String),
}

impl PrunedStore {
    /// Notes why the machine stops; the only way to make an [`Error`].
    #[cold]
    pub(crate) fn fail(&mut self, reason: Reason) -> Error {
        self.reason = reason;
        Error::token()
    }

    /// Notes a trap.
    #[cold]
    pub(crate) fn trap(&mut self, code: TrapCode) -> Error {
        self.fail(Reason::Trap(code))
    }

    /// Notes that a `stop` op was reached.
    #[cold]
    pub(crate) fn stopped(&mut self) -> Error {
        self.fail(Reason::Breakpoint)
    }

    /// What to tell the embedder of why the machine stopped.
    pub(crate) fn call_error(&mut self) -> CallError {
        match self.reason.clone() {
            Reason::Trap(code) => CallError::Trap(Box::new(self.trap_report(code))),
            Reason::Host(error) => match error.downcast_ref() {
                // What stopped a guest that a host function called stops its caller as well.
                Some(CallError::OutOfFuel) => CallError::OutOfFuel,
                Some(CallError::Interrupted) => CallError::Interrupted,
                Some(CallError::Stopped) => CallError::Stopped,
                Some(CallError::Limit(error)) => CallError::Limit(*error),
                _ => CallError::Host(error),
            },
            Reason::HostText(text) | Reason::Diverged(text) => {
                CallError::Host(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(&*text)))
            }
            Reason::Exit(code) => CallError::Exit(code),
            Reason::OutOfFuel => CallError::OutOfFuel,
            Reason::Interrupted => CallError::Interrupted,
            Reason::WaitingForInput => CallError::WaitingForInput,
            Reason::Limit(error) => CallError::Limit(error),
            Reason::SliceOver | Reason::Breakpoint | Reason::Observer | Reason::Unanswered => {
                CallError::Stopped
            }
            Reason::None => unreachable!("a run that stops has a reason"),
        }
    }

    /// What there is to say about a trap at the op in the registers.
    pub(crate) fn trap_report(&self, code: TrapCode) -> TrapReport {
        let (detail, frames) = (self.trap_detail(code), self.backtrace(64));
        TrapReport { code, detail, frames, depth: self.depth() }
    }

    /// The call stack, innermost first, at most `most` frames of it.
    pub(crate) fn backtrace(&self, most: usize) -> Vec<BacktraceFrame> {
        let depth = self.depth();
        let mut ip = self.regs.ip;
        let mut waiting = false;
        let mut frames = Vec::new();
        for at in (0..depth).rev().take(most) {
            let frame = *self.frame(at);
            let (module, func) = self.entry(frame.entry).id();
            let data = self.module_data(module).clone();
            let pc = match ip.0.is_null() {
                true => 0,
                false => self.pc_at(frame.entry, ip, waiting),
            };
            let name = data.func_name(func).map(|name| name.into_owned());
            frames.push(BacktraceFrame { module, func, name, pc, code: crate::engine::Module::of(data) });
            ip = self.caller_ip(at, frame);
            waiting = true;
        }
        frames
    }

    /// Where the frame below the one at `depth` goes on: its return address, or, if a
    /// host function lies between, that of the host call.
    pub(crate) fn caller_ip(&self, depth: usize, frame: crate::exec::frame::Frame) -> crate::exec::frame::Ip {
        if !frame.ret_ip.0.is_null() {
            return frame.ret_ip;
        }
        let host = self.host_frames.iter().rev().find(|host| host.depth == depth);
        host.map_or(crate::exec::frame::Ip::NULL, |host| host.callee.ret_ip)
    }

    /// The file offset of the operator behind an op; of the op before a return address
    /// if the frame is `waiting` for a callee.
    pub(crate) fn pc_at(
        &self,
        entry: *const crate::store::FuncEntry,
        ip: crate::exec::frame::Ip,
        waiting: bool,
    ) -> u32 {
        let offset = self.offset_in(entry, ip);
        let layout = self.layout(entry);
        let mut ordinal = layout.ordinal(offset);
        if waiting {
            ordinal -= 1;
        }
        self.debug_table(entry).ops[ordinal].pc
    }
}
