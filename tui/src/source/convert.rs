//! From the engine's views to what panes show.

use crate::expr::{Datum, Expr, Scope, Word};
use crate::moment::{
    Breakpoint, Frame, Global, Home, HostCall, Lesson, Memory, Output, Place, Slot, Stream, Why,
};
use crate::session::{Failure, asks_machine_only};
use std::collections::HashMap;
use std::sync::Arc;
use wasmscope_core::timeline::{
    self, FrameView, GlobalView, HostCallView, Judge, MemoryView, SlotView, TimelineError, Where,
};
use wasmscope_trace_format as wtrace;

pub(super) fn frame(view: FrameView) -> Frame {
    Frame {
        depth: view.depth as u32,
        func: view.func,
        name: view.name,
        ip: view.ip,
        pc: view.pc,
        line: None,
        inlined: Vec::new(),
        entered: view.entered,
    }
}

pub(super) fn slot(view: SlotView) -> Slot {
    Slot {
        slot: view.slot,
        kind: view.kind,
        name: view.name,
        ty: Some(view.value.ty),
        value: Some(view.value),
        home: match view.place {
            Where::Slot(slot) if slot == view.slot => Home::Own,
            Where::Slot(slot) => Home::Slot(slot),
            Where::Local(local) => Home::Local(local),
            Where::Immediate => Home::Constant,
        },
    }
}

pub(super) fn global(view: GlobalView) -> Global {
    Global {
        instance: view.instance,
        index: view.index,
        name: view.name,
        mutable: view.mutable,
        value: view.value,
    }
}

pub(super) fn memory(view: MemoryView) -> Memory {
    Memory { index: view.memory, name: None, len: view.len }
}

pub(super) fn output(output: &Arc<wtrace::Output>) -> Output {
    Output {
        step: output.position.step,
        stream: match output.stream {
            wtrace::Stream::Stdout => Stream::Stdout,
            wtrace::Stream::Stderr => Stream::Stderr,
        },
        bytes: output.bytes.clone(),
    }
}

pub(super) fn host_call(view: HostCallView) -> HostCall {
    HostCall {
        step: view.step,
        name: view.name,
        args: view.args,
        results: view.results,
        written: view.written,
        exit: match view.failed {
            Some(wtrace::Reason::Exit(code)) => Some(code),
            _ => None,
        },
        failed: view.failed.filter(|it| !matches!(it, wtrace::Reason::Exit(_))).map(|it| it.to_string()),
    }
}

pub(super) fn lesson(lesson: timeline::code::Lesson) -> Lesson {
    let timeline::code::Lesson { kind, touches, traps, section } = lesson;
    Lesson { kind, touches, traps, section }
}

/// Breakpoints in code as the timeline takes them, and who judges them.
pub(super) struct Places {
    list: Vec<timeline::Breakpoint>,
    judge: Conditions,
}

/// For each of the timeline's breakpoints: whose it is, what must hold to be counted, what must hold of the
/// number; and how often each was come to.
struct Conditions {
    of: Vec<(u32, Option<Expr>, Option<Expr>)>,
    arrivals: HashMap<u32, u64>,
}

impl Places {
    /// Those that are on. A condition that asks for more than the machine is left to the session.
    pub(super) fn of(breakpoints: &[Breakpoint]) -> Places {
        let mut list = Vec::new();
        let mut of = Vec::new();
        let mut arrivals = HashMap::new();
        for breakpoint in breakpoints.iter().filter(|it| it.enabled) {
            for place in breakpoint.places() {
                list.push(match *place {
                    Place::Func(func) => timeline::Breakpoint::Function(func),
                    Place::Ip(func, ip) => timeline::Breakpoint::Ip(func, ip),
                    Place::Pc(module, pc) => timeline::Breakpoint::Pc(module, pc),
                });
                let condition = breakpoint.condition.as_ref().filter(|it| asks_machine_only(it));
                let (counted, number) =
                    condition.map_or((None, None), |it| it.parted(&|part| !part.asks(Word::Hits)));
                of.push((breakpoint.id, counted, number));
            }
            arrivals.insert(breakpoint.id, breakpoint.before);
        }
        Places { list, judge: Conditions { of, arrivals } }
    }

    /// The list and its judge.
    pub(super) fn parts(&mut self) -> (&[timeline::Breakpoint], &mut dyn Judge) {
        (&self.list, &mut self.judge)
    }

    /// Why a movement ended, in the session's words.
    pub(super) fn why(&self, why: timeline::Why) -> Why {
        match why {
            timeline::Why::Arrived => Why::Done,
            timeline::Why::Breakpoint(at) => Why::Breakpoint(self.judge.of[at].0),
            timeline::Why::Start => Why::Start,
            timeline::Why::End => Why::End,
            timeline::Why::Cancelled => Why::Cancelled,
        }
    }
}

impl Judge for Conditions {
    fn stops(&mut self, breakpoint: usize, here: &mut timeline::Here<'_>) -> bool {
        let (id, counted, number) = &self.of[breakpoint];
        if counted.as_ref().is_some_and(|it| !it.holds(&mut Machine { here, hits: None })) {
            return false;
        }
        let arrivals = self.arrivals.entry(*id).or_default();
        *arrivals += 1;
        let hits = Some(*arrivals);
        number.as_ref().is_none_or(|it| it.holds(&mut Machine { here, hits }))
    }
}

/// What is asked of the machine at ops that were chosen, and what is passed nevertheless.
pub(super) struct Met<'a> {
    pub(super) rest: Option<&'a Expr>,
    pub(super) passes: &'a mut dyn FnMut(u64) -> bool,
}

impl Judge for Met<'_> {
    fn stops(&mut self, _breakpoint: usize, here: &mut timeline::Here<'_>) -> bool {
        let holds = self.rest.is_none_or(|rest| rest.holds(&mut Machine { here, hits: None }));
        holds && !(self.passes)(here.position().step)
    }
}

/// The machine at a breakpoint, as conditions see it.
struct Machine<'a, 'b> {
    here: &'a mut timeline::Here<'b>,
    hits: Option<u64>,
}

impl Machine<'_, '_> {
    fn frame(&mut self) -> Option<FrameView> {
        let depth = self.here.depth();
        self.here.frames(depth.checked_sub(1)?..depth).pop()
    }
}

impl Scope for Machine<'_, '_> {
    fn slot(&mut self, slot: u32) -> Option<wtrace::Value> {
        self.here.slot(slot)
    }

    fn named(&mut self, name: &str) -> Option<wtrace::Value> {
        self.here.local(name).or_else(|| self.here.global(name))
    }

    fn bytes(&mut self, memory: u32, addr: u64, len: usize) -> Vec<u8> {
        self.here.read(memory, addr, len)
    }

    fn word(&mut self, word: Word) -> Option<Datum> {
        Some(match word {
            Word::Step => self.here.position().step.into(),
            Word::Tick => self.here.position().tick.into(),
            Word::Depth => (self.here.depth().checked_sub(1)? as u64).into(),
            Word::Hits => self.hits?.into(),
            Word::Func => {
                let frame = self.frame()?;
                Datum::Text(crate::moment::func_name(frame.func, frame.name.as_deref()))
            }
            Word::Pc => u64::from(self.frame()?.pc).into(),
            Word::Ip => u64::from(self.frame()?.ip).into(),
            _ => return None,
        })
    }
}

pub(super) fn failure(error: TimelineError) -> Failure {
    Failure(error.to_string())
}

/// How a run ended, in our words.
pub(super) fn ended(why: &wtrace::RunEnd) -> crate::moment::RunEnd {
    use crate::moment::RunEnd as To;
    use wtrace::{Reason, RunEnd};
    match why {
        RunEnd::Halt => To::Halted,
        RunEnd::Error(Reason::Trap(code)) => To::Trapped(code.to_string()),
        RunEnd::Error(Reason::Exit(code)) => To::Exited(*code),
        RunEnd::Error(Reason::HostError(text)) => To::Stopped(format!("the host failed: {text}")),
        RunEnd::Error(Reason::WaitingForInput) => To::Stopped("the program was waiting for input".into()),
        RunEnd::Error(Reason::OutOfFuel) => To::Stopped("the fuel ran out".into()),
        RunEnd::Error(Reason::Interrupted) => To::Stopped("the recording was interrupted".into()),
        RunEnd::Stopped(text) => To::Cut(text.clone()),
    }
}
