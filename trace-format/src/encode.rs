//! Filling an event chunk, step by step.
//!
//! This is the inner loop of a recording with events: nothing is allocated per
//! step, and what the code implies costs a comparison and no bytes. Most steps
//! go the short way (`fast`); this file knows all that can happen.
//!
//! Always: a step that cannot be stored is refused before anything of it is;
//! both ways put the same bytes into the same columns.
//! Elsewhere: the columns (`columns`), sealing and writing (`write`).

mod fast;

use crate::bytes::{put_signed, put_varint};
use crate::chunk::{CHUNK_BYTES, ChunkHeader, FuncRef, most_steps};
use crate::code::AccessKind;
use crate::columns::{Columns, Extra, column, odd};
use crate::event::{Effect, FuncId, Position};
use crate::manifest::Profile;
use crate::predict::{Place, Predictor};
use crate::record::{StepRecord, keeps_bytes, keeps_dsts, writes_dsts};
use crate::shape::{Fit, FuncMap, Go, Shapes};

/// Encoded extra effects of one step may take this much.
const EXTRA_BYTES: usize = 1 << 20;

/// A function as far as the writer knows it.
struct Func {
    id: FuncId,
    /// Its code and where that is in the file, once given.
    code: Option<(Shapes, u64)>,
    /// Its place in the chunk's list, if `epoch` is the chunk's.
    local: u32,
    epoch: u32,
    /// Per op, the address last used and the epoch of that.
    addrs: Vec<(u64, u32)>,
    /// Per op, how the short way stores its steps.
    recipes: Vec<fast::Recipe>,
}

/// The chunk being filled, and the code to fill it by.
#[derive(Default)]
pub(crate) struct Encoder {
    pub(crate) header: ChunkHeader,
    pub(crate) columns: Box<Columns>,
    /// First step of the chunk.
    pub(crate) first: u64,
    /// Steps in it.
    pub(crate) count: u32,
    predictor: Predictor,
    funcs: Vec<Func>,
    by_id: FuncMap<u32>,
    epoch: u32,
    /// The function of the last step, to find it again without looking.
    last: Option<(FuncId, u32)>,
    /// How much of a step is kept.
    profile: Profile,
    /// The last step was a table jump; its target is not yet known.
    table: Option<Place>,
    full: bool,
}

impl Encoder {
    pub(crate) fn new(profile: Profile) -> Encoder {
        Encoder { profile, ..Encoder::default() }
    }

    /// Makes the code of a function known, which stands at offset `at`.
    pub(crate) fn code(&mut self, shapes: Shapes, at: u64) {
        let func = self.func(shapes.code.func);
        let func = &mut self.funcs[func as usize];
        func.addrs = vec![(0, 0); shapes.go.len()];
        func.recipes = fast::recipes(&shapes, self.profile);
        // A chunk names one place per function, so other code needs a new chunk.
        self.full |= func.code.is_some() && func.epoch == self.epoch && self.count > 0;
        func.code = Some((shapes, at));
    }

    /// How many functions have code.
    pub(crate) fn functions(&self) -> u64 {
        self.funcs.iter().filter(|func| func.code.is_some()).count() as u64
    }

    /// Whether the function's code is known.
    pub(crate) fn has_code(&self, func: FuncId) -> bool {
        self.by_id.get(&func).is_some_and(|&func| self.funcs[func as usize].code.is_some())
    }

    /// Whether the chunk must be sealed before `rec` can be taken.
    #[inline]
    pub(crate) fn must_seal(&self, rec: &StepRecord<'_>) -> bool {
        self.count > 0
            && (self.full
                || self.keeps_old(rec) != self.header.with_old
                || rec.step != self.first + u64::from(self.count))
    }

    /// Whether values before the step are given and kept.
    fn keeps_old(&self, rec: &StepRecord<'_>) -> bool {
        rec.with_old && self.profile == Profile::Full
    }

    /// Where the code of a function is, once given.
    pub(crate) fn code_at(&self, func: FuncId) -> Option<u64> {
        let func = self.by_id.get(&func)?;
        self.funcs[*func as usize].code.as_ref().map(|(_, at)| *at)
    }

    /// Steps before `step` come from elsewhere; no chunk is open.
    pub(crate) fn skip_to(&mut self, step: u64) {
        self.first = step;
    }

    /// The step expected next; smaller ones are refused.
    pub(crate) fn next_step(&self) -> u64 {
        self.first + u64::from(self.count)
    }

    /// How far the run has come with the steps taken so far.
    pub(crate) fn position(&self) -> Position {
        Position { step: self.next_step(), tick: self.predictor.tick }
    }

    /// Closes the chunk: completes header and columns, which the caller then
    /// takes, and calls [`Encoder::reset`].
    pub(crate) fn close(&mut self) {
        if self.table.take().is_some() {
            put_varint(&mut self.columns.bytes[column::TARGET], 0);
        }
    }

    /// Makes ready for the next chunk.
    pub(crate) fn reset(&mut self) {
        self.first += u64::from(self.count);
        self.count = 0;
        self.full = false;
        self.columns.clear();
        self.header.funcs.clear();
    }

    fn func(&mut self, id: FuncId) -> u32 {
        if let Some(&func) = self.by_id.get(&id) {
            return func;
        }
        let func = self.funcs.len() as u32;
        self.funcs.push(Func { id, code: None, local: 0, epoch: 0, addrs: Vec::new(), recipes: Vec::new() });
        self.by_id.insert(id, func);
        func
    }

    /// The function's place in the chunk's list.
    #[inline]
    fn local(&mut self, func: u32) -> u32 {
        let known = &mut self.funcs[func as usize];
        if known.epoch != self.epoch {
            known.epoch = self.epoch;
            known.local = self.header.funcs.len() as u32;
            let code = known.code.as_ref().map_or(0, |(_, at)| *at);
            self.header.funcs.push(FuncRef { func: known.id, code });
        }
        known.local
    }

    /// Appends a step; the error says why it cannot be stored. The caller has
    /// asked [`Encoder::must_seal`].
    pub(crate) fn step(&mut self, rec: &StepRecord<'_>) -> Result<(), &'static str> {
        let func = match self.last {
            Some((id, func)) if id == rec.func => func,
            _ => {
                let func = self.func(rec.func);
                self.last = Some((rec.func, func));
                func
            }
        };
        let Some((shapes, code_at)) = &self.funcs[func as usize].code else {
            return Err("the code of its function was not given");
        };
        let code_at = *code_at;
        // Where it is: as predicted, or looked up.
        let ops = &shapes.code.ops;
        let op = match self.predictor.next {
            Some(place) if ops.get(place.op as usize).is_some_and(|op| op.ip == rec.ip) => place.op,
            _ => shapes.code.op_at(rec.ip).ok_or("its function has no op there")?,
        };
        let Some((shape, &go)) = ops.get(op as usize).zip(shapes.go.get(op as usize)) else {
            return Err("its function has no op there");
        };
        if !rec.fits(shape, self.profile) {
            return Err("fewer results than its op has destinations");
        }
        if !rec.extra.is_empty()
            && postcard::experimental::serialized_size(rec.extra).unwrap_or(usize::MAX) > EXTRA_BYTES
        {
            return Err("too many effects");
        }
        let place = Place { func: rec.func, instance: rec.instance, op, depth: rec.depth };

        let index = u64::from(self.count);
        if self.count == 0 {
            self.begin(rec, place);
        } else {
            if let Some(from) = self.table.take() {
                // The target of a table jump is known only now.
                let here =
                    from.func == place.func && from.depth == place.depth && from.instance == place.instance;
                let target = if here && op != u32::MAX { op + 1 } else { 0 };
                put_varint(&mut self.columns.bytes[column::TARGET], u64::from(target));
                if here && target != 0 {
                    self.predictor.next = Some(place);
                }
            }
            if self.predictor.next != Some(place) {
                let local = self.local(func);
                let out = self.columns.odd(index, odd::PLACE);
                for number in [local, op, place.depth, place.instance] {
                    put_varint(out, u64::from(number));
                }
                self.predictor.jump(place);
            }
            if self.predictor.tick != rec.tick {
                let off = rec.tick.wrapping_sub(self.predictor.tick) as i64;
                put_signed(self.columns.odd(index, odd::TICK), off);
                self.predictor.correct_tick(rec.tick);
            }
        }
        // A function that only was called has no code in the list yet.
        let local = self.local(func);
        self.header.funcs[local as usize].code = code_at;

        self.body(rec, func, op, go, place, index);
        self.count += 1;
        let busy = !rec.extra.is_empty() || rec.results.len() > 16;
        self.full = self.count == most_steps(self.profile)
            || (busy || self.count.is_multiple_of(256)) && self.columns.len() > CHUNK_BYTES;
        Ok(())
    }

    /// The first step of a chunk.
    fn begin(&mut self, rec: &StepRecord<'_>, place: Place) {
        self.epoch = self.epoch.wrapping_add(1);
        self.table = None;
        if self.predictor.next != Some(place) || rec.step != self.first {
            self.predictor.jump(place);
        }
        let callers = self.predictor.known_callers();
        self.first = rec.step;
        self.header.profile = self.profile;
        self.header.with_old = self.keeps_old(rec);
        self.header.place = place;
        self.header.tick = rec.tick;
        self.header.callers.clone_from(&callers);
        self.predictor.sync(place, rec.tick, callers);
    }

    /// Everything but place and tick.
    #[inline]
    fn body(&mut self, rec: &StepRecord<'_>, func: u32, op: u32, go: Go, place: Place, index: u64) {
        let fit = go.fit(rec.outcome, rec.callee, rec.depth);
        match fit {
            Fit::Implied => {}
            Fit::Bit(bit) => self.columns.bit(bit),
            Fit::Target => self.table = Some(place),
            Fit::Callee => {
                let local = rec.callee.map(|callee| {
                    let callee = self.func(callee);
                    self.local(callee) + 1
                });
                let column = &mut self.columns.bytes[column::TARGET];
                put_varint(column, u64::from(local.unwrap_or(0)));
            }
            Fit::Odd => {
                let outcome = rec.outcome.clone();
                self.columns.extra(index, &Extra::Outcome { outcome, callee: rec.callee });
            }
        }
        if self.profile >= Profile::Values {
            if rec.pending {
                self.columns.extra(index, &Extra::Pending);
            }
            if !rec.extra.is_empty() {
                self.columns.extra(index, &Extra::Effects(rec.extra.to_vec()));
            }
        } else if rec.pending || !rec.extra.is_empty() {
            let frames: Vec<Effect> = rec.extra.iter().filter(|it| it.is_flow()).cloned().collect();
            if rec.pending || frames.len() < rec.extra.len() {
                self.columns.extra(index, &Extra::Untold);
            }
            if !frames.is_empty() {
                self.columns.extra(index, &Extra::Effects(frames));
            }
        }

        let known = &mut self.funcs[func as usize];
        let Some((shapes, _)) = &known.code else {
            return;
        };
        let shape = &shapes.code.ops[op as usize];
        if !rec.outcome.is_error() {
            if let Some(access) = shape.access.filter(|_| self.profile >= Profile::Values) {
                let last = &mut known.addrs[op as usize];
                let before = if last.1 == self.epoch { last.0 } else { 0 };
                let delta = rec.addr.wrapping_sub(before) as i64;
                put_signed(&mut self.columns.bytes[column::ADDR], delta);
                *last = (rec.addr, self.epoch);
                if self.predictor.memory(rec.instance, access.memory) != rec.memory {
                    self.predictor.learn_memory(rec.instance, access.memory, rec.memory);
                    put_varint(self.columns.odd(index, odd::MEMORY), u64::from(rec.memory));
                }
                if keeps_bytes(self.profile, access.kind) {
                    self.columns.memory(column::MEM, rec.bytes, access.size);
                }
                if access.kind == AccessKind::Write && self.header.with_old {
                    self.columns.memory(column::OLD_MEM, rec.old_bytes, access.size);
                }
            }
            if let Some(global) = shape.global.filter(|_| self.profile == Profile::Full) {
                self.columns.value(column::V4, global.ty, rec.global);
                if self.header.with_old {
                    self.columns.value(column::O4, global.ty, rec.old_global);
                }
            }
        }
        if !rec.pending && writes_dsts(shape, rec.outcome) && keeps_dsts(self.profile, shape, rec.outcome) {
            if go == Go::Return && rec.base != self.predictor.base() {
                put_varint(self.columns.odd(index, odd::BASE), u64::from(rec.base));
            }
            for (at, dst) in shape.dsts.iter().enumerate() {
                self.columns.value(column::V4, dst.ty, rec.results[at]);
                if self.header.with_old {
                    self.columns.value(column::O4, dst.ty, rec.old_results[at]);
                }
            }
        }
        let weight = shape.weight;
        self.predictor.advance(place, go, weight, rec.outcome, rec.callee, None);
    }
}
