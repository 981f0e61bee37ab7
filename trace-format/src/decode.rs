//! Reading an event chunk back, step by step.
//!
//! The mirror of `encode`: the same predictor over the same code, with columns
//! to say what the code does not. What comes out is a [`StepRecord`], and from
//! there the same function makes events as for a live run.
//!
//! Always: a chunk that disagrees with itself or with the code is an error at
//! the step where that shows; nothing is made up.

use crate::chunk::Chunk;
use crate::code::AccessKind;
use crate::columns::{ColumnReader, Extra, column, odd};
use crate::event::{Effect, Event, FuncId};
use crate::manifest::Profile;
use crate::outcome::Outcome;
use crate::predict::{Place, Predictor};
use crate::record::{StepRecord, keeps_bytes, keeps_dsts, writes_dsts};
use crate::shape::{FuncMap, Go, Shapes};
use std::sync::Arc;

/// Reads the events of one chunk in order.
pub(crate) struct Decoder {
    columns: ColumnReader,
    /// The functions in the chunk's list; `None` if they do not run in it.
    funcs: Vec<(FuncId, Option<Arc<Shapes>>)>,
    by_id: FuncMap<u32>,
    predictor: Predictor,
    profile: Profile,
    with_old: bool,
    first: u64,
    count: u32,
    done: u32,
    last: Option<(FuncId, u32)>,
    /// Per function and op, the address last used.
    addrs: Vec<Vec<u64>>,
    results: Vec<u128>,
    old_results: Vec<u128>,
}

/// What was wrong, in words that follow "the event chunk is damaged".
type Wrong = &'static str;

impl Decoder {
    /// `funcs` are those of the chunk's header with their code.
    pub(crate) fn new(chunk: Chunk, funcs: Vec<(FuncId, Option<Arc<Shapes>>)>) -> Result<Decoder, Wrong> {
        let columns = ColumnReader::new(chunk.columns).ok_or("columns end early")?;
        let mut predictor = Predictor::default();
        let header = chunk.header;
        predictor.sync(header.place, header.tick, header.callers);
        let by_id = funcs.iter().zip(0..).map(|((id, _), at)| (*id, at)).collect();
        Ok(Decoder {
            columns,
            by_id,
            predictor,
            profile: header.profile,
            with_old: header.with_old,
            first: chunk.first,
            count: chunk.count,
            done: 0,
            last: None,
            addrs: vec![Vec::new(); funcs.len()],
            funcs,
            results: Vec::new(),
            old_results: Vec::new(),
        })
    }

    /// The next event, `None` after the last.
    pub(crate) fn next(&mut self) -> Option<Result<Event, Wrong>> {
        if self.done == self.count {
            return None;
        }
        let event = self.step();
        self.done = if event.is_ok() { self.done + 1 } else { self.count };
        if self.done == self.count && event.is_ok() && !self.columns.is_done() {
            return Some(Err("values are left over"));
        }
        Some(event)
    }

    fn step(&mut self) -> Result<Event, Wrong> {
        const SHORT: Wrong = "a column ends early";
        let index = u64::from(self.done);
        let (mut memory, mut base) = (None, None);
        while let Some(what) = self.columns.odd(index) {
            match what {
                odd::PLACE => {
                    let place = self.columns.take_odd(|bytes| {
                        Some([
                            bytes.varint_u32()?,
                            bytes.varint_u32()?,
                            bytes.varint_u32()?,
                            bytes.varint_u32()?,
                        ])
                    });
                    let [func, op, depth, instance] = place.ok_or(SHORT)?;
                    let (func, _) = self.funcs.get(func as usize).ok_or("unknown function")?;
                    self.predictor.jump(Place { func: *func, instance, op, depth });
                }
                odd::TICK => {
                    let off = self.columns.take_odd(|bytes| bytes.signed()).ok_or(SHORT)?;
                    self.predictor.correct_tick(self.predictor.tick.wrapping_add(off as u64));
                }
                odd::MEMORY => {
                    memory = Some(self.columns.take_odd(|bytes| bytes.varint_u32()).ok_or(SHORT)?);
                }
                odd::BASE => {
                    base = Some(self.columns.take_odd(|bytes| bytes.varint_u32()).ok_or(SHORT)?);
                }
                _ => return Err("unknown correction"),
            }
        }
        let place = self.predictor.next.ok_or("the place of a step is missing")?;
        let func = self.local(place.func).ok_or("unknown function")?;
        let Some((_, Some(shapes))) = self.funcs.get(func as usize) else {
            return Err("the code of a function is missing");
        };
        let shapes = Arc::clone(shapes);
        let op = place.op as usize;
        let Some((shape, &go)) = shapes.code.ops.get(op).zip(shapes.go.get(op)) else {
            return Err("a step is outside its function");
        };

        let (mut outcome, mut pending, mut other, mut extra) = (None, false, false, Vec::new());
        while self.columns.has_extra(index) {
            match self.columns.take_extra().ok_or("effects end early")? {
                Extra::Effects(effects) if extra.is_empty() => extra = effects,
                Extra::Outcome { outcome: odd, callee } if outcome.is_none() => {
                    outcome = Some((odd, callee));
                }
                Extra::Pending => pending = true,
                Extra::Untold => other = true,
                _ => return Err("effects stand twice"),
            }
        }
        let mut target = None;
        let (outcome, callee) = match outcome {
            Some(odd) => odd,
            None => match go {
                Go::Branch(_) => {
                    let taken = self.columns.bit().ok_or(SHORT)?;
                    (if taken { Outcome::Jump } else { Outcome::Next }, None)
                }
                Go::Table => {
                    target = self.columns.target().ok_or(SHORT)?.checked_sub(1);
                    (Outcome::Jump, None)
                }
                Go::CallIndirect { .. } | Go::TailCallIndirect => {
                    match self.columns.target().ok_or(SHORT)?.checked_sub(1) {
                        None => (Outcome::HostCall, None),
                        Some(local) => {
                            let callee = self.funcs.get(local as usize).ok_or("unknown callee")?;
                            let tail = go == Go::TailCallIndirect;
                            let outcome = if tail { Outcome::TailCall } else { Outcome::Call };
                            (outcome, Some(callee.0))
                        }
                    }
                }
                _ => go.implied(place.depth).ok_or("an outcome is missing")?,
            },
        };

        let mut results = std::mem::take(&mut self.results);
        let mut old_results = std::mem::take(&mut self.old_results);
        results.clear();
        old_results.clear();
        let mut rec = StepRecord {
            tick: self.predictor.tick,
            depth: place.depth,
            instance: place.instance,
            callee,
            base: base.unwrap_or(self.predictor.base()),
            with_old: self.with_old,
            pending,
            extra: &extra,
            ..StepRecord::at(self.first + index, place.func, shape.ip, &outcome)
        };
        if !outcome.is_error() {
            if let Some(access) = shape.access.filter(|_| self.profile >= Profile::Values) {
                let delta = self.columns.addr().ok_or(SHORT)?;
                let addrs = &mut self.addrs[func as usize];
                if addrs.is_empty() {
                    addrs.resize(shapes.go.len(), 0);
                }
                rec.addr = addrs[op].wrapping_add(delta as u64);
                addrs[op] = rec.addr;
                if let Some(memory) = memory {
                    self.predictor.learn_memory(place.instance, access.memory, memory);
                }
                rec.memory = self.predictor.memory(place.instance, access.memory);
                if keeps_bytes(self.profile, access.kind) {
                    rec.bytes = self.columns.memory(column::MEM, access.size).ok_or(SHORT)?;
                }
                if access.kind == AccessKind::Write && self.with_old {
                    rec.old_bytes = self.columns.memory(column::OLD_MEM, access.size).ok_or(SHORT)?;
                }
            }
            if let Some(global) = shape.global.filter(|_| self.profile == Profile::Full) {
                rec.global = self.columns.value(column::V4, global.ty).ok_or(SHORT)?;
                if self.with_old {
                    rec.old_global = self.columns.value(column::O4, global.ty).ok_or(SHORT)?;
                }
            }
        }
        if !pending && writes_dsts(shape, &outcome) && keeps_dsts(self.profile, shape, &outcome) {
            for dst in &shape.dsts {
                results.push(self.columns.value(column::V4, dst.ty).ok_or(SHORT)?);
                if self.with_old {
                    old_results.push(self.columns.value(column::O4, dst.ty).ok_or(SHORT)?);
                }
            }
        }
        rec.results = &results;
        rec.old_results = &old_results;
        let mut event = rec.event_at(&shapes.code, place.op, self.profile).ok_or("values are missing")?;
        event.untold.other |= other;
        self.results = results;
        self.old_results = old_results;
        self.predictor.advance(place, go, shape.weight, &outcome, callee, target);
        Ok(event)
    }

    fn local(&mut self, id: FuncId) -> Option<u32> {
        match self.last {
            Some((last, func)) if last == id => Some(func),
            _ => {
                let func = *self.by_id.get(&id)?;
                self.last = Some((id, func));
                Some(func)
            }
        }
    }
}

/// Effects that became known after their step's chunk may have been written: of
/// a host call that called back into the guest.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Late {
    pub(crate) step: u64,
    pub(crate) effects: Vec<Effect>,
    /// The outcome, if it is not what it seemed.
    pub(crate) outcome: Option<Outcome>,
}

impl Late {
    /// Adds them to their event.
    pub(crate) fn apply(&self, event: &mut Event) {
        event.effects.extend(self.effects.iter().cloned());
        event.effects.sort_by_key(Effect::rank);
        if let Some(outcome) = &self.outcome {
            event.outcome = outcome.clone();
        }
    }
}

/// A frame of late effects, in order of step.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) enum VersionedLate {
    V1(Vec<Late>),
}
