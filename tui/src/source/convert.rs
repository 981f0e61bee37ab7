//! From the engine's views to what panes show.

use crate::moment::{Breakpoint, Frame, Global, Home, HostCall, Lesson, Memory, Output, Place, Slot, Stream};
use crate::session::{Direction, Failure, Goal};
use std::sync::Arc;
use wasmscope_core::timeline::{
    self, FrameView, GlobalView, HostCallView, MemoryView, SlotView, TimelineError, Where,
};
use wasmscope_trace_format as wtrace;

pub(super) fn frame(view: FrameView) -> Frame {
    Frame {
        depth: view.depth as u32,
        func: view.func,
        name: view.name,
        ip: view.ip,
        pc: view.pc,
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
        failed: view.failed.map(|reason| reason.to_string()),
    }
}

pub(super) fn lesson(lesson: timeline::code::Lesson) -> Lesson {
    let timeline::code::Lesson { kind, touches, traps, section } = lesson;
    Lesson { kind, touches, traps, section }
}

pub(super) fn goal(goal: Goal) -> timeline::Goal {
    match goal {
        Goal::Steps(steps) => timeline::Goal::Steps(steps),
        Goal::Over => timeline::Goal::Over,
        Goal::Into => timeline::Goal::Into,
        Goal::Out => timeline::Goal::Out,
        Goal::Continue => timeline::Goal::Continue,
    }
}

pub(super) fn direction(direction: Direction) -> timeline::Direction {
    match direction {
        Direction::Forward => timeline::Direction::Forward,
        Direction::Backward => timeline::Direction::Backward,
    }
}

pub(super) fn breakpoints(breakpoints: &[Breakpoint]) -> Vec<timeline::Breakpoint> {
    let place = |breakpoint: &Breakpoint| match breakpoint.place {
        Place::Func(func) => timeline::Breakpoint::Function(func),
        Place::Ip(func, ip) => timeline::Breakpoint::Ip(func, ip),
        Place::Pc(module, pc) => timeline::Breakpoint::Pc(module, pc),
    };
    breakpoints.iter().map(place).collect()
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
