//! Looking at one step: before its op, what may change; behind it, what has.

use super::goal::Parts;
use super::matcher::{Matcher, is_fresh};
use super::query::OutcomeClass;
use super::test::Capturing;
use crate::code::OpCode;
use crate::exec::dispatch::{ControlFlow, Outcome};
use crate::exec::observer::{StepStart, Watcher};
use crate::exec::stop::Reason;
use crate::store::PrunedStore;
use crate::timeline::capture::Capture;
use wasmscope_trace_format::{Effect, ValueType};

impl Matcher {
    /// Before an op that has a test.
    pub(super) fn look(&mut self, store: &mut PrunedStore, start: &StepStart, at: u32) {
        let tests = self.current.1.clone();
        let test = &tests.tests[at as usize];
        let mut step = std::mem::take(&mut self.step);
        step.old.clear();
        step.sure = test.runs;
        if (test.entered != 0 || test.begins) && is_fresh(store, start.number) {
            step.sure |= test.entered;
            for goal in &mut self.slots {
                if goal.of.entered == start.number {
                    goal.depth = Some(start.depth);
                }
            }
        }
        step.maybe = 0;
        step.written = 0;
        if let Some(access) = test.access {
            let addr = store.slot_at(start.sp, access.slot).wrapping_add(access.offset);
            let end = addr.saturating_add(u64::from(access.size));
            let memory = store.running().memory_ids[access.memory as usize];
            for goal in &self.memory {
                if goal.meets(memory, addr..end, access.write) {
                    step.maybe |= goal.part;
                    if goal.becomes.is_some() {
                        step.old.push((goal.part, goal.read(store)));
                    }
                }
            }
        }
        if test.global.is_some() || test.calls_out && self.may_set_globals(store, start) {
            for goal in &self.globals {
                let Some(global) = goal.find(store) else { continue };
                let written = test.global.map(|index| store.running().global_ids[index as usize]);
                if written == Some(global) {
                    step.maybe |= goal.part;
                }
                if written.is_none() || written == Some(global) && goal.becomes.is_some() {
                    step.old.push((goal.part, store.arenas.globals[global as usize].get().value()));
                }
            }
        }
        for goal in &self.slots {
            if goal.depth == Some(start.depth) && test.slots & goal.part != 0 {
                step.written |= goal.part;
                if goal.becomes.is_some() {
                    step.old.push((goal.part, goal.read(store).unwrap_or(0)));
                }
            }
        }
        step.captured = match test.capture {
            Capturing::Never => false,
            Capturing::Always => true,
            Capturing::Returning => {
                !store.host_frames.is_empty()
                    || self.slots.iter().any(|goal| goal.depth.is_some_and(|depth| depth + 1 == start.depth))
            }
        };
        if step.captured {
            for goal in self.memory.iter().filter(|goal| goal.becomes.is_some()) {
                step.old.push((goal.part, goal.read(store)));
            }
            for goal in self.slots.iter().filter(|goal| goal.becomes.is_some() && goal.depth.is_some()) {
                step.old.push((goal.part, goal.read(store).unwrap_or(0)));
            }
            self.events.clear();
            let before = std::mem::take(&mut self.before);
            let mut capture = Capture::again(&mut self.codes, &mut self.events, before);
            capture.before(store, start);
            self.before = capture.into_before();
        }
        step.watched = step.captured || (step.sure | step.maybe | step.written) != 0 || !step.old.is_empty();
        self.step = step;
    }

    /// Whether a host function may run in this step, or go on.
    fn may_set_globals(&self, store: &PrunedStore, start: &StepStart) -> bool {
        let returns = matches!(start.op, OpCode::ret | OpCode::ret_value | OpCode::ret_span);
        !returns || !store.host_frames.is_empty()
    }

    /// Which parts the step meets that has just run.
    pub(super) fn judge(&mut self, store: &mut PrunedStore, start: &StepStart, outcome: Outcome) -> Parts {
        let mut step = std::mem::take(&mut self.step);
        let mut parts = 0;
        if step.watched {
            parts |= step.sure;
            let mut met = 0;
            if outcome.is_ok() {
                met |= step.maybe;
            }
            if matches!(outcome, Ok(ControlFlow::Next | ControlFlow::Jump | ControlFlow::HostCall)) {
                met |= step.written;
            }
            if step.captured {
                met |= self.judge_event(store, start, outcome);
            }
            parts |= self.with_values(store, met, &step.old);
            step.watched = false;
        }
        if self.ends {
            parts |= self.outcomes[class(outcome) as usize];
            if outcome.is_err() && matches!(store.reason, Reason::Trap(_)) {
                parts |= self.trap;
            }
        }
        self.step = step;
        self.leave_frames(store, start, outcome);
        parts
    }

    /// Of the parts whose place was written, those whose value is right now and was not.
    fn with_values(&self, store: &PrunedStore, mut met: Parts, old: &[(Parts, u128)]) -> Parts {
        let before = |part: Parts| old.iter().find(|(of, _)| *of == part).map(|(_, value)| *value);
        for goal in &self.memory {
            if let Some(wanted) = goal.becomes
                && met & goal.part != 0
                && (goal.read(store) != wanted || before(goal.part) == Some(wanted))
            {
                met &= !goal.part;
            }
        }
        for goal in &self.globals {
            let now = goal.find(store).map(|global| store.arenas.globals[global as usize].get().value());
            let was = before(goal.part);
            // What the host sets is seen by its value only.
            if was.is_some() && was != now {
                met |= goal.part;
            }
            if let Some(wanted) = goal.becomes
                && (now != Some(wanted) || was == Some(wanted))
            {
                met &= !goal.part;
            }
        }
        for goal in &self.slots {
            if let Some((_, wanted)) = goal.becomes
                && met & goal.part != 0
                && (goal.read(store) != Some(wanted) || before(goal.part) == Some(wanted))
            {
                met &= !goal.part;
            }
        }
        met
    }

    /// Which parts the event of a captured step meets.
    fn judge_event(&mut self, store: &mut PrunedStore, start: &StepStart, outcome: Outcome) -> Parts {
        let before = std::mem::take(&mut self.before);
        let mut capture = Capture::again(&mut self.codes, &mut self.events, before);
        capture.after(store, start, outcome);
        self.before = capture.into_before();
        let mut parts = 0;
        for effect in self.events.iter().flat_map(|event| &event.effects) {
            match effect {
                Effect::Read { memory, addr, len, .. } | Effect::Write { memory, addr, len, .. } => {
                    let write = matches!(effect, Effect::Write { .. });
                    let end = addr.saturating_add(*len);
                    for goal in &self.memory {
                        if goal.meets(*memory, *addr..end, write) {
                            parts |= goal.part;
                        }
                    }
                }
                Effect::Slot { depth, slot, value, .. } => {
                    let wide = value.ty == ValueType::V128;
                    for goal in &self.slots {
                        let covers = goal.of.slot == *slot || wide && goal.of.slot == slot + 1;
                        if goal.depth == Some(*depth) && covers {
                            parts |= goal.part;
                        }
                    }
                }
                Effect::HostCall { import, .. } => {
                    for (part, name) in &self.hosts {
                        let named =
                            |name: &String| import.split_once('.').is_some_and(|_| host_named(name, import));
                        if name.as_ref().is_none_or(named) {
                            parts |= part;
                        }
                    }
                }
                _ => {}
            }
        }
        self.events.clear();
        parts
    }

    /// Notes which frames with wanted slots the step has left.
    fn leave_frames(&mut self, store: &PrunedStore, start: &StepStart, outcome: Outcome) {
        for goal in &mut self.slots {
            let Some(depth) = goal.depth else { continue };
            let left = match outcome {
                Ok(ControlFlow::Next | ControlFlow::Jump | ControlFlow::Call) => false,
                Ok(ControlFlow::Return | ControlFlow::TailCall | ControlFlow::Halt) => start.depth == depth,
                _ => store.depth() <= depth as usize,
            };
            if left {
                (goal.depth, goal.gone) = (None, true);
            }
        }
    }
}

/// Whether an import as events name it is meant by `name`.
fn host_named(name: &str, import: &str) -> bool {
    name == import || import.strip_suffix(name).is_some_and(|module| module.ends_with('.'))
}

/// The class of an outcome.
pub(in crate::timeline) fn class(outcome: Outcome) -> OutcomeClass {
    match outcome {
        Ok(ControlFlow::Next) => OutcomeClass::Next,
        Ok(ControlFlow::Jump) => OutcomeClass::Jump,
        Ok(ControlFlow::Call) => OutcomeClass::Call,
        Ok(ControlFlow::TailCall) => OutcomeClass::TailCall,
        Ok(ControlFlow::HostCall) => OutcomeClass::HostCall,
        Ok(ControlFlow::Return) => OutcomeClass::Return,
        Ok(ControlFlow::Throw) => OutcomeClass::Throw,
        Ok(ControlFlow::Halt) => OutcomeClass::Halt,
        Err(_) => OutcomeClass::Error,
    }
}
