//! The code table as the writer's and reader's inner loops want it.
//!
//! [`CodeFunc`] is made for people: jump targets are `ip`s, text is text. Here
//! the same is dense: targets are op indices, and nothing is looked up twice.
//!
//! Always: making shapes checks the code (order, sizes); a target that names
//! no op becomes [`NOWHERE`], which predicts nothing.
//! Elsewhere: prediction (`predict`).

use crate::code::{AccessKind, CodeFunc, Flow};
use crate::event::FuncId;
use crate::outcome::Outcome;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The target of a jump that leads to no op.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// A function's code and the shapes of its ops.
#[derive(Debug)]
pub(crate) struct Shapes {
    pub(crate) code: std::sync::Arc<CodeFunc>,
    pub(crate) go: Vec<Go>,
}

/// [`Flow`] with targets as op indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Go {
    Next,
    Jump(u32),
    Branch(u32),
    Table,
    Call { func: FuncId, base: u32 },
    CallIndirect { base: u32 },
    HostCall,
    TailCall { func: FuncId },
    TailCallIndirect,
    Return,
    Throw,
    Trap,
}

impl Shapes {
    /// Checks and converts; the error says what is wrong with the code.
    pub(crate) fn new(code: std::sync::Arc<CodeFunc>) -> Result<Shapes, &'static str> {
        if u32::try_from(code.ops.len()).is_err() {
            return Err("too many ops");
        }
        if !code.ops.is_sorted_by(|a, b| a.ip < b.ip) {
            return Err("ops are not in order of ip");
        }
        if !code.slots.is_sorted_by(|a, b| a.slot < b.slot) {
            return Err("slots are not in order");
        }
        let module = code.func.module;
        let target = |ip: u32| code.op_at(ip).unwrap_or(NOWHERE);
        let mut go = Vec::with_capacity(code.ops.len());
        for op in &code.ops {
            if let Some(access) = op.access {
                if !(1..=16).contains(&access.size) {
                    return Err("a memory access is not 1 to 16 bytes long");
                }
                let shown = op.dsts.first().map_or(0, |dst| dst.ty.width());
                if access.kind == AccessKind::Load && usize::from(access.size) > shown {
                    return Err("a load's destination does not hold what it loads");
                }
            }
            go.push(match op.flow {
                Flow::Next => Go::Next,
                Flow::Jump { target: ip } => Go::Jump(target(ip)),
                Flow::Branch { target: ip } => Go::Branch(target(ip)),
                Flow::Table { .. } => Go::Table,
                Flow::Call { func, base } => Go::Call { func: FuncId { module, func }, base },
                Flow::CallIndirect { base } => Go::CallIndirect { base },
                Flow::HostCall => Go::HostCall,
                Flow::TailCall { func } => Go::TailCall { func: FuncId { module, func } },
                Flow::TailCallIndirect => Go::TailCallIndirect,
                Flow::Return => Go::Return,
                Flow::Throw => Go::Throw,
                Flow::Trap => Go::Trap,
            });
        }
        Ok(Shapes { code, go })
    }
}

/// How the outcome of a step follows from its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It is the only one the shape has.
    Implied,
    /// A branch: one bit says which.
    Bit(bool),
    /// A table jump: the target says which.
    Target,
    /// An indirect call: the callee says which, none meaning the host.
    Callee,
    /// It does not follow; it is stored by itself.
    Odd,
}

impl Go {
    /// How `outcome` (with `callee`) follows from this shape at this depth.
    #[inline]
    pub(crate) fn fit(self, outcome: &Outcome, callee: Option<FuncId>, depth: u32) -> Fit {
        let implied = |yes: bool| if yes { Fit::Implied } else { Fit::Odd };
        match (self, outcome) {
            (Go::Next, Outcome::Next) => implied(callee.is_none()),
            (Go::Jump(_), Outcome::Jump) => implied(callee.is_none()),
            (Go::Branch(_), Outcome::Next) if callee.is_none() => Fit::Bit(false),
            (Go::Branch(_), Outcome::Jump) if callee.is_none() => Fit::Bit(true),
            (Go::Table, Outcome::Jump) if callee.is_none() => Fit::Target,
            (Go::Call { func, .. }, Outcome::Call) => implied(callee == Some(func)),
            (Go::CallIndirect { .. }, Outcome::Call) if callee.is_some() => Fit::Callee,
            (Go::CallIndirect { .. }, Outcome::HostCall) if callee.is_none() => Fit::Callee,
            (Go::HostCall, Outcome::HostCall) => implied(callee.is_none()),
            (Go::TailCall { func }, Outcome::TailCall) => implied(callee == Some(func)),
            (Go::TailCallIndirect, Outcome::TailCall) if callee.is_some() => Fit::Callee,
            (Go::TailCallIndirect, Outcome::HostCall) if callee.is_none() => Fit::Callee,
            (Go::Return, Outcome::Return) => implied(depth > 0 && callee.is_none()),
            (Go::Return, Outcome::Halt) => implied(depth == 0 && callee.is_none()),
            (Go::Throw, Outcome::Throw) => implied(callee.is_none()),
            _ => Fit::Odd,
        }
    }

    /// The outcome implied by this shape at this depth, for shapes that need
    /// neither bit nor target nor callee.
    pub(crate) fn implied(self, depth: u32) -> Option<(Outcome, Option<FuncId>)> {
        Some(match self {
            Go::Next => (Outcome::Next, None),
            Go::Jump(_) => (Outcome::Jump, None),
            Go::Call { func, .. } => (Outcome::Call, Some(func)),
            Go::HostCall => (Outcome::HostCall, None),
            Go::TailCall { func } => (Outcome::TailCall, Some(func)),
            Go::Return if depth > 0 => (Outcome::Return, None),
            Go::Return => (Outcome::Halt, None),
            Go::Throw => (Outcome::Throw, None),
            Go::Branch(_) | Go::Table | Go::CallIndirect { .. } | Go::TailCallIndirect => {
                return None;
            }
            Go::Trap => return None,
        })
    }
}

/// A map by function, for inner loops: the hash is one multiplication.
pub(crate) type FuncMap<T> = HashMap<FuncId, T, FuncHash>;
pub(crate) type FuncHash = BuildHasherDefault<FuncHasher>;

/// See [`FuncMap`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FuncHasher(u64);

impl Hasher for FuncHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u32(u32::from(byte)));
    }

    fn write_u32(&mut self, number: u32) {
        let mixed = (self.0.rotate_left(26) ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }
}
