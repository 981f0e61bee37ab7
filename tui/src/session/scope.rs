//! A moment as expressions see it, put together as far as one asks.

use super::{Control, Failure, Session, State};
use crate::expr::{Datum, Expr, ExprError, Scope, Word};
use crate::moment::{Frame, Global, Home, Listing, Slot, func_name};
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

    /// Whether a condition holds at a step; `hits` is how often the movement has come to its place.
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
        let callee = event.as_ref().and_then(|event| {
            event.effects.iter().find_map(|effect| match effect {
                Effect::Push { func, .. } => Some(self.name_of(*func)),
                Effect::HostCall { import, .. } => Some(import.clone()),
                _ => None,
            })
        });
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

    fn bytes(&mut self, addr: u64, len: usize) -> Vec<u8> {
        self.state.read(0, addr, len)
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
            Word::Op => Datum::Text(op()?.0.op(op()?.1)?.mnemonic.to_string()),
            Word::Text => Datum::Text(op()?.0.op(op()?.1)?.text.clone()),
            Word::Addr => {
                let (listing, op) = op()?;
                let (slot, offset) = (*listing.addresses.get(op as usize)?)?;
                let base = self.slot(slot)?.bits as u64;
                base.wrapping_add(offset).into()
            }
            Word::Outcome => Datum::Text(self.event.as_ref()?.outcome.name().to_lowercase()),
            Word::Callee => Datum::Text(self.callee.clone()?),
            Word::Value => {
                let result = |effect: &Effect| match effect {
                    Effect::Slot { value, .. } | Effect::Global { value, .. } => Some(*value),
                    _ => None,
                };
                self.event.as_ref()?.effects.iter().find_map(result)?.into()
            }
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
