//! A moment as expressions see it, put together as far as one asks.

use super::{Control, Direction, Failure, Session, State};
use crate::expr::{Datum, Expr, ExprError, Scope, Word};
use crate::moment::{Frame, Global, Home, Listing, Slot, func_name};
use crate::words;
use std::ops::Range;
use std::sync::Arc;
use wasmscope_trace_format::{Effect, Event, Value};

/// One moment.
struct Here<'a> {
    state: Box<dyn State + 'a>,
    frame: Option<Frame>,
    listing: Option<Arc<Listing>>,
    event: Option<Event>,
    callee: Option<String>,
    line: Option<u32>,
    slots: Option<Vec<Slot>>,
    globals: Option<Vec<Global>>,
    hits: Option<u64>,
}

impl Session {
    /// What an expression comes to at a step.
    pub(super) fn eval(&mut self, expr: &Expr, step: u64) -> Result<Result<Datum, ExprError>, Failure> {
        self.in_scope(expr, step, None, |scope| expr.eval(scope))
    }

    /// Whether a condition holds at a step; `hits` is how often its place was come to.
    pub(super) fn holds(&mut self, expr: &Expr, step: u64, hits: Option<u64>) -> Result<bool, Failure> {
        self.in_scope(expr, step, hits, |scope| expr.holds(scope))
    }

    fn in_scope<T>(
        &mut self,
        expr: &Expr,
        step: u64,
        hits: Option<u64>,
        with: impl FnOnce(&mut dyn Scope) -> T,
    ) -> Result<T, Failure> {
        let event = match expr.asks_step() {
            true => self.source.events(step..step + 1)?.pop(),
            false => None,
        };
        let callee = event.as_ref().and_then(|event| self.callee(event));
        let state = self.source.state(step)?;
        let frame = state.depth().checked_sub(1).and_then(|depth| state.frame(depth));
        drop(state);
        let asks_code = [Word::Op, Word::Text, Word::Addr].into_iter().any(|word| expr.asks(word));
        let listing = match &frame {
            Some(frame) if asks_code => Some(self.listing(frame.func)?),
            _ => None,
        };
        let line = match &frame {
            Some(frame) if expr.asks(Word::Line) => {
                self.source.line(frame.func.module, frame.pc).map(|line| line.line)
            }
            _ => None,
        };
        let state = self.source.state(step)?;
        let mut here = Here { state, frame, listing, event, callee, line, slots: None, globals: None, hits };
        Ok(with(&mut here))
    }
}

impl Here<'_> {
    fn slots(&mut self) -> &[Slot] {
        let (state, frame) = (&self.state, &self.frame);
        self.slots.get_or_insert_with(|| frame.as_ref().map_or_else(Vec::new, |it| state.slots(it.depth)))
    }
}

impl Scope for Here<'_> {
    fn slot(&mut self, slot: u32) -> Option<Value> {
        self.slots().iter().find(|it| it.slot == slot && it.home == Home::Own)?.value
    }

    fn named(&mut self, name: &str) -> Option<Value> {
        let local = self.slots().iter().find(|it| it.name.as_deref() == Some(name));
        if let Some(value) = local.and_then(|it| it.value) {
            return Some(value);
        }
        let state = &self.state;
        let globals = self.globals.get_or_insert_with(|| state.globals());
        let number = name.parse().ok();
        let named = globals.iter().find(|it| it.name.as_deref() == Some(name));
        named.or_else(|| globals.iter().find(|it| Some(it.index) == number)).map(|it| it.value)
    }

    fn bytes(&mut self, memory: u32, addr: u64, len: usize) -> Vec<u8> {
        self.state.read(memory, addr, len)
    }

    fn word(&mut self, word: Word) -> Option<Datum> {
        let frame = self.frame.as_ref();
        let op = || {
            let listing = self.listing.as_ref()?;
            Some((listing, listing.code.op_at(frame?.ip)?))
        };
        Some(match word {
            Word::Step => self.state.position().step.into(),
            Word::Tick => self.state.position().tick.into(),
            Word::Depth => u64::from(frame?.depth).into(),
            Word::Hits => self.hits?.into(),
            Word::Func => Datum::Text(func_name(frame?.func, frame?.name.as_deref())),
            Word::Pc => u64::from(frame?.pc).into(),
            Word::Ip => u64::from(frame?.ip).into(),
            Word::Line => u64::from(self.line?).into(),
            Word::Op | Word::Text => of_code(op()?.0, op()?.1, word)?,
            Word::Addr => {
                let (listing, op) = op()?;
                let (slot, offset) = (*listing.addresses.get(op as usize)?)?;
                let base = self.slot(slot)?.bits as u64;
                base.wrapping_add(offset).into()
            }
            Word::Outcome => Datum::Text(self.event.as_ref()?.outcome.name().to_owned()),
            Word::Callee => Datum::Text(self.callee.clone()?),
            Word::Value => result(self.event.as_ref()?)?.into(),
        })
    }
}

/// A step as expressions see it, told by its event alone: no machine has to be put together for it.
struct Told<'a> {
    event: &'a Event,
    listing: Option<Arc<Listing>>,
    callee: Option<String>,
}

impl Scope for Told<'_> {
    fn word(&mut self, word: Word) -> Option<Datum> {
        let event = self.event;
        Some(match word {
            Word::Step => event.step.into(),
            Word::Depth => u64::from(event.depth).into(),
            Word::Pc => u64::from(event.pc).into(),
            Word::Ip => u64::from(event.ip).into(),
            Word::Func | Word::Op | Word::Text => of_code(self.listing.as_ref()?, event.op, word)?,
            Word::Outcome => Datum::Text(event.outcome.name().to_owned()),
            Word::Callee => Datum::Text(self.callee.clone()?),
            Word::Value => result(event)?.into(),
            Word::Tick | Word::Hits | Word::Line | Word::Addr => return None,
        })
    }
}

/// What an op's code says of it.
pub(super) fn of_code(listing: &Listing, op: u32, word: Word) -> Option<Datum> {
    let it = listing.op(op)?;
    Some(match word {
        Word::Func => Datum::Text(listing.name()),
        Word::Op => Datum::Text(it.mnemonic.to_string()),
        Word::Text => Datum::Text(it.text.clone()),
        Word::Pc => u64::from(it.pc).into(),
        Word::Ip => u64::from(it.ip).into(),
        _ => return None,
    })
}

/// The value a step results in.
fn result(event: &Event) -> Option<Value> {
    event.effects.iter().find_map(|effect| match effect {
        Effect::Slot { value, .. } | Effect::Global { value, .. } => Some(*value),
        _ => None,
    })
}

/// Whether a step's event alone tells if an expression holds at it.
pub(super) fn asks_event_only(expr: &Expr) -> bool {
    let more = [Word::Tick, Word::Hits, Word::Line, Word::Addr];
    !expr.asks_state() && !more.into_iter().any(|word| expr.asks(word))
}

/// Whether it asks what only the session knows: code and names.
fn asks_names(expr: &Expr) -> bool {
    [Word::Func, Word::Op, Word::Text, Word::Callee].into_iter().any(|word| expr.asks(word))
}

impl Session {
    /// The first or the last of some steps at which an expression that asks the event only holds.
    pub(super) fn told(
        &mut self,
        expr: &Expr,
        steps: Range<u64>,
        direction: Direction,
    ) -> Result<Option<u64>, Failure> {
        let mut held = None;
        if asks_names(expr) {
            let events = self.source.events(steps)?;
            let mut holds = |event: &&Event| self.holds_of(expr, event);
            let found = match direction {
                Direction::Forward => events.iter().find(&mut holds),
                Direction::Backward => events.iter().rev().find(&mut holds),
            };
            return Ok(found.map(|event| event.step));
        }
        self.source.each_event(steps, &mut |event| {
            if expr.holds(&mut Told { event, listing: None, callee: None }) {
                held = Some(event.step);
            }
            held.is_none() || direction == Direction::Backward
        })?;
        Ok(held)
    }

    /// Whether an expression that asks the event only holds at a step.
    pub(super) fn holds_of(&mut self, expr: &Expr, event: &Event) -> bool {
        let asks_code = [Word::Func, Word::Op, Word::Text].into_iter().any(|word| expr.asks(word));
        let listing = if asks_code { self.listing(event.func).ok() } else { None };
        let callee = if expr.asks(Word::Callee) { self.callee(event) } else { None };
        expr.holds(&mut Told { event, listing, callee })
    }

    /// The name of what a step calls.
    fn callee(&mut self, event: &Event) -> Option<String> {
        event.effects.iter().find_map(|effect| match effect {
            Effect::Push { func, .. } => Some(self.name_of(*func)),
            Effect::HostCall { import, .. } => Some(words::host(import).to_owned()),
            _ => None,
        })
    }
}

/// Whether a condition can be asked where the program is come to a breakpoint, knowing only the machine.
pub(crate) fn asks_machine_only(expr: &Expr) -> bool {
    let more = [Word::Op, Word::Text, Word::Addr, Word::Line];
    !expr.asks_step() && !more.into_iter().any(|word| expr.asks(word))
}

/// A search that nobody waits for any longer ends with this.
pub(super) fn given_up(control: &Control<'_>) -> Result<(), Failure> {
    match control.cancelled() {
        true => Err(Failure("stopped on the way".into())),
        false => Ok(()),
    }
}
