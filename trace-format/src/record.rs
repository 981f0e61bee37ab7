//! A step as its producer sees it: flat, borrowed, no allocation.
//!
//! An engine fills one [`StepRecord`] per handler return. Effects that the
//! op's shape ([`CodeOp`]) implies are given as bare values; all others stand
//! in `extra`. From here there are two ways:
//!
//! ```text
//! StepRecord ──event()──────────────────────────► Event   (live, replayed)
//! StepRecord ──TraceWriter──► file ──TraceReader──► Event   (full trace)
//! ```
//!
//! Always: both give the same event.
//! Elsewhere: what shapes are (`code`), the columns of a file (`columns`).

use crate::code::{AccessKind, CodeFunc, CodeOp, Flow};
use crate::event::{Effect, Event, FuncId, Untold};
use crate::{Outcome, Profile, Value};

/// One step, borrowed from whoever executed it.
///
/// What the op's shape does not have is ignored. A step whose outcome is an
/// error has no effects of its shape at all; what it did change nonetheless
/// (frames unwound, a host's writes) stands in `extra`.
#[derive(Clone, Copy, Debug)]
pub struct StepRecord<'a> {
    /// The step's number.
    pub step: u64,
    /// WebAssembly operators retired before the step.
    pub tick: u64,
    /// Depth of the frame the op ran in; 0 is the outermost.
    pub depth: u32,
    /// The instance the function belongs to.
    pub instance: u32,
    /// The function.
    pub func: FuncId,
    /// Offset of the op in the function's code.
    pub ip: u32,
    /// What the handler returned.
    pub outcome: &'a Outcome,
    /// The function called, for a call or tail call into the guest.
    pub callee: Option<FuncId>,
    /// For a return: the first slot of the caller in which results land.
    pub base: u32,
    /// For a memory access: the memory, numbered per run.
    pub memory: u32,
    /// For a memory access: the effective address.
    pub addr: u64,
    /// For [`AccessKind::Read`] and [`AccessKind::Write`]: the bytes read or
    /// written, little-endian in the low bytes.
    pub bytes: u128,
    /// For a write to memory: the bytes before.
    pub old_bytes: u128,
    /// For a write to a global: the new bits.
    pub global: u128,
    /// For a write to a global: the bits before.
    pub old_global: u128,
    /// New bits of each destination, in order of [`CodeOp::dsts`].
    pub results: &'a [u128],
    /// Bits of each destination before.
    pub old_results: &'a [u128],
    /// Whether the `old_` fields are filled.
    pub with_old: bool,
    /// The results are not known yet: a host call that has called back into
    /// the guest. They come later, see `TraceWriter::late`.
    pub pending: bool,
    /// Effects that the shape does not imply.
    pub extra: &'a [Effect],
}

impl<'a> StepRecord<'a> {
    /// A record with nothing but its place; the rest is zero and empty.
    pub const fn at(step: u64, func: FuncId, ip: u32, outcome: &'a Outcome) -> StepRecord<'a> {
        StepRecord {
            step,
            tick: 0,
            depth: 0,
            instance: 0,
            func,
            ip,
            outcome,
            callee: None,
            base: 0,
            memory: 0,
            addr: 0,
            bytes: 0,
            old_bytes: 0,
            global: 0,
            old_global: 0,
            results: &[],
            old_results: &[],
            with_old: false,
            pending: false,
            extra: &[],
        }
    }

    /// The event this step is, given the code of its function. `None` if the
    /// code has no op at `ip`, or the record lacks a value its shape needs.
    pub fn event(&self, code: &CodeFunc) -> Option<Event> {
        self.event_at(code, code.op_at(self.ip)?, Profile::Full)
    }

    /// The same if the op's index is known, and as much of it as `profile` tells.
    pub(crate) fn event_at(&self, code: &CodeFunc, op: u32, profile: Profile) -> Option<Event> {
        let shape = code.ops.get(op as usize).filter(|shape| self.fits(shape, profile))?;
        let mut untold = Untold::default();
        let effects = self.effects(shape, profile, &mut untold);
        Some(Event {
            step: self.step,
            tick: self.tick,
            depth: self.depth,
            func: self.func,
            ip: self.ip,
            pc: shape.pc,
            op,
            outcome: self.outcome.clone(),
            effects,
            untold,
        })
    }

    /// Whether every value is there that the shape needs and `profile` tells.
    pub(crate) fn fits(&self, shape: &CodeOp, profile: Profile) -> bool {
        let dsts = self.has_dsts(shape) && keeps_dsts(profile, shape, self.outcome);
        let dsts = if dsts { shape.dsts.len() } else { 0 };
        self.results.len() >= dsts && (!self.with_old || self.old_results.len() >= dsts)
    }

    /// Whether this step writes the destinations of its shape.
    fn has_dsts(&self, shape: &CodeOp) -> bool {
        !self.pending && writes_dsts(shape, self.outcome)
    }

    /// All effects that `profile` tells, in order of their rank.
    fn effects(&self, shape: &CodeOp, profile: Profile, untold: &mut Untold) -> Vec<Effect> {
        let mut effects = Vec::with_capacity(shape.dsts.len() + self.extra.len() + 1);
        if !self.outcome.is_error() {
            untold.memory = shape.access.is_some() && profile < Profile::Values;
            if let Some(access) = shape.access.filter(|_| profile >= Profile::Values) {
                let size = access.size;
                let len = u64::from(size);
                let (memory, addr) = (self.memory, self.addr);
                match access.kind {
                    AccessKind::Load => {
                        let shown = self.has_dsts(shape).then(|| shape.dsts.first()).flatten();
                        let bits = shown.map_or(0, |dst| Value::new(dst.ty, self.results[0]).bits);
                        let bytes = low_bytes(bits, size);
                        effects.push(Effect::Read { memory, addr, len, bytes });
                    }
                    AccessKind::Read => {
                        let bytes = low_bytes(self.bytes, size);
                        effects.push(Effect::Read { memory, addr, len, bytes });
                    }
                    AccessKind::Write if profile < Profile::Full => {
                        untold.memory = true;
                        let bytes = Vec::new();
                        effects.push(Effect::Write { memory, addr, len, bytes, old: None });
                    }
                    AccessKind::Write => {
                        let bytes = low_bytes(self.bytes, size);
                        let old = self.with_old.then(|| low_bytes(self.old_bytes, size));
                        effects.push(Effect::Write { memory, addr, len, bytes, old });
                    }
                }
            }
            untold.globals = shape.global.is_some() && profile < Profile::Full;
            if let Some(global) = shape.global.filter(|_| profile == Profile::Full) {
                effects.push(Effect::Global {
                    instance: self.instance,
                    index: global.index,
                    value: Value::new(global.ty, self.global),
                    old: self.with_old.then(|| Value::new(global.ty, self.old_global)),
                });
            }
        }
        if self.has_dsts(shape) && !keeps_dsts(profile, shape, self.outcome) {
            untold.slots = true;
        } else if self.has_dsts(shape) {
            let returns = matches!(shape.flow, Flow::Return);
            let (depth, base) =
                if returns { (self.depth.wrapping_sub(1), self.base) } else { (self.depth, 0) };
            for (at, dst) in shape.dsts.iter().enumerate() {
                effects.push(Effect::Slot {
                    depth,
                    slot: base.wrapping_add(dst.slot),
                    value: Value::new(dst.ty, self.results[at]),
                    old: self.with_old.then(|| Value::new(dst.ty, self.old_results[at])),
                });
            }
        }
        if matches!(self.outcome, Outcome::Return | Outcome::Halt | Outcome::TailCall)
            && !self.extra.iter().any(|effect| matches!(effect, Effect::Pop { .. }))
        {
            effects.push(Effect::Pop { count: 1 });
        }
        if let (Outcome::Call | Outcome::TailCall, Some(func)) = (self.outcome, self.callee) {
            effects.push(Effect::Push { func, entered: self.step + 1 });
        }
        if !self.extra.is_empty() {
            effects.extend_from_slice(self.extra);
            effects.sort_by_key(Effect::rank);
        }
        effects
    }
}

/// Whether a step of this shape with this outcome writes `dsts`: not if it
/// failed, called into the guest (the callee's return writes them), or returned
/// to the embedder.
pub(crate) fn writes_dsts(shape: &CodeOp, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Next | Outcome::Jump | Outcome::HostCall | Outcome::Return => !shape.dsts.is_empty(),
        Outcome::Call | Outcome::TailCall | Outcome::Throw | Outcome::Halt | Outcome::Error(_) => false,
    }
}

/// Whether a chunk of this profile keeps the bytes of such an access by themselves.
#[inline]
pub(crate) fn keeps_bytes(profile: Profile, kind: AccessKind) -> bool {
    match kind {
        AccessKind::Load => false,
        AccessKind::Read => profile >= Profile::Values,
        AccessKind::Write => profile >= Profile::Full,
    }
}

/// Whether a chunk of this profile keeps what such a step writes to `dsts`: all of it, or
/// what came from memory or the host.
#[inline]
pub(crate) fn keeps_dsts(profile: Profile, shape: &CodeOp, outcome: &Outcome) -> bool {
    match profile {
        Profile::Log | Profile::Flow => false,
        Profile::Values => {
            shape.access.is_some_and(|access| access.kind == AccessKind::Load)
                || *outcome == Outcome::HostCall
        }
        Profile::Full => true,
    }
}

fn low_bytes(bits: u128, size: u8) -> Vec<u8> {
    bits.to_le_bytes()[..usize::from(size.min(16))].to_vec()
}
