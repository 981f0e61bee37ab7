//! The short way into a chunk, for steps that are as the code says.
//!
//! ```text
//! op     recipe: ip, weight, what follows, which bytes go where
//! step   at the place and tick predicted, outcome one of the flow's?   store, advance
//!        anything else                                                 the long way
//! ```
//!
//! Nine steps in ten of a compiled program go through here: one op's recipe is read,
//! a few numbers are compared, a few bytes appended.
//!
//! Always: nothing is changed before it is known that the step fits.
//! Elsewhere: the long way (`encode`), what is predicted (`predict`).

use super::Encoder;
use crate::bytes::put_signed;
use crate::chunk::{CHUNK_BYTES, most_steps};
use crate::code::{AccessKind, CodeOp};
use crate::columns::column;
use crate::manifest::Profile;
use crate::outcome::Outcome;
use crate::record::{StepRecord, keeps_bytes, keeps_dsts};
use crate::shape::{Go, NOWHERE, Shapes};

/// How the steps of one op are stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recipe {
    ip: u32,
    weight: u32,
    /// Where a jump or taken branch leads.
    target: u32,
    flow: Flow,
    /// Bytes of its one result that are kept: 0, 4, 8.
    value: u8,
    /// Whether the address is kept.
    addr: bool,
    /// Bytes of memory that are kept by themselves.
    bytes: u8,
}

/// Where control goes, of the flows that come the short way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Next,
    Jump,
    Branch,
    /// The long way.
    Long,
}

/// The recipes of a function's ops.
pub(super) fn recipes(shapes: &Shapes, profile: Profile) -> Vec<Recipe> {
    shapes.code.ops.iter().zip(&shapes.go).map(|(op, &go)| recipe(op, go, profile)).collect()
}

fn recipe(op: &CodeOp, go: Go, profile: Profile) -> Recipe {
    let (mut flow, target, outcome) = match go {
        Go::Next => (Flow::Next, NOWHERE, Outcome::Next),
        Go::Jump(target) => (Flow::Jump, target, Outcome::Jump),
        Go::Branch(target) => (Flow::Branch, target, Outcome::Jump),
        _ => (Flow::Long, NOWHERE, Outcome::Next),
    };
    let value = match &op.dsts[..] {
        _ if !keeps_dsts(profile, op, &outcome) => 0,
        [] => 0,
        [dst] => dst.ty.width() as u8,
        _ => u8::MAX,
    };
    let access = op.access.filter(|_| profile >= Profile::Values);
    let bytes = access.filter(|it| keeps_bytes(profile, it.kind)).map_or(0, |it| it.size);
    let global = op.global.is_some() && profile == Profile::Full;
    let lost = target == NOWHERE && flow != Flow::Next;
    // Memories other than the first may have to be learnt, which is rare and long.
    let second = access.is_some_and(|access| access.memory != 0 || access.kind == AccessKind::Read);
    if !matches!(value, 0 | 4 | 8) || !matches!(bytes, 0..=8) || global || lost || second {
        flow = Flow::Long;
    }
    Recipe { ip: op.ip, weight: op.weight, target, flow, value, addr: access.is_some(), bytes }
}

impl Encoder {
    /// Appends the step if it is as the code says; gives false, and has done nothing,
    /// if it has to go the long way.
    #[inline]
    pub(crate) fn fast(&mut self, rec: &StepRecord<'_>) -> bool {
        let Some(place) = self.predictor.next else { return false };
        let Some((_, func)) = self.last.filter(|&(id, _)| id == rec.func && id == place.func) else {
            return false;
        };
        let known = &mut self.funcs[func as usize];
        let Some(recipe) = known.recipes.get(place.op as usize) else { return false };
        let expected = recipe.ip == rec.ip
            && self.predictor.tick == rec.tick
            && place.depth == rec.depth
            && place.instance == rec.instance
            && rec.step == self.first + u64::from(self.count)
            && rec.extra.is_empty()
            && rec.callee.is_none()
            && !rec.pending;
        let open = self.count > 0
            && !self.full
            && self.table.is_none()
            && known.epoch == self.epoch
            && !self.header.with_old
            && !(rec.with_old && self.profile == Profile::Full);
        if !expected || !open {
            return false;
        }
        let (op, taken) = match (recipe.flow, rec.outcome) {
            (Flow::Next, Outcome::Next) => (place.op + 1, false),
            (Flow::Jump, Outcome::Jump) => (recipe.target, false),
            (Flow::Branch, Outcome::Next) => (place.op + 1, false),
            (Flow::Branch, Outcome::Jump) => (recipe.target, true),
            _ => return false,
        };
        let value = match (recipe.value, rec.results.first()) {
            (0, _) => 0,
            (_, Some(&value)) => value as u64,
            (_, None) => return false,
        };
        if recipe.addr {
            if !self.predictor.means_itself(rec.memory) {
                return false;
            }
            let last = &mut known.addrs[place.op as usize];
            let before = if last.1 == self.epoch { last.0 } else { 0 };
            put_signed(&mut self.columns.bytes[column::ADDR], rec.addr.wrapping_sub(before) as i64);
            *last = (rec.addr, self.epoch);
            if recipe.bytes > 0 {
                let bytes = (rec.bytes as u64).to_le_bytes();
                let column = &mut self.columns.bytes[column::MEM];
                match recipe.bytes {
                    4 => column.extend_from_slice(&bytes[..4]),
                    8 => column.extend_from_slice(&bytes),
                    1 => column.push(bytes[0]),
                    size => column.extend_from_slice(&bytes[..usize::from(size)]),
                }
            }
        }
        match recipe.value {
            4 => self.columns.bytes[column::V4].extend_from_slice(&(value as u32).to_le_bytes()),
            8 => self.columns.bytes[column::V4 + 1].extend_from_slice(&value.to_le_bytes()),
            _ => {}
        }
        if recipe.flow == Flow::Branch {
            self.columns.bit(taken);
        }
        self.predictor.pass(op, recipe.weight);
        self.count += 1;
        if self.count.is_multiple_of(256) {
            self.full = self.count == most_steps(self.profile) || self.columns.len() > CHUNK_BYTES;
        }
        true
    }
}
