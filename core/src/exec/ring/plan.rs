//! What of each op there is to note, from the instruction table.

use super::SPAN;
use crate::code::{OPS, OpCode};
use crate::exec::frame::Ip;
use crate::isa::{Kind, OpInfo, OperandType, Role};
use std::sync::LazyLock;

/// Where an operand lies in its op; 0 if there is none.
pub(super) type At = u16;

/// What an event has to say beside its step; all but the last fit a record.
///
/// The order is that of frequency: it is asked for before and after every step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Notes {
    /// One slot, and the address of an access of memory 0 if there is one.
    Slot,
    #[default]
    Nothing,
    /// At most eight bytes of memory 0.
    Store,
    /// The frame's first slot, where a result goes.
    Result,
    /// Whatever the plan says.
    More,
}

/// The notes of one op, and where its operands for them lie: eight bytes, all that is looked
/// at for nearly all steps.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(8))]
pub(super) struct Brief {
    pub(super) notes: Notes,
    /// The bytes of its access, for [`Notes::Store`].
    pub(super) size: u8,
    pub(super) out: At,
    /// The address's slot and the offset. If there is no access they are any slot's and any
    /// word's of the op: to take a sum that nobody looks at costs less than to ask.
    pub(super) addr: At,
    pub(super) offset: At,
}

/// What of an op there is to note, from its line in the table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Plan {
    pub(super) brief: Brief,
    /// The slots it writes, and how many words each has.
    pub(super) outs: [(At, u8); 2],
    /// It also writes a span: its first slot (0: the frame's first, where results go), and
    /// how many there are (0: one).
    pub(super) span: Option<(At, At)>,
    /// It is a table whose targets say where a span goes.
    pub(super) table: bool,
    /// It accesses memory: address, offset, whether that has 64 bits, memory, bytes.
    pub(super) access: Option<Access>,
    /// It sets this global.
    pub(super) global: At,
    /// It works on a range of a memory or a table: where and how much.
    pub(super) range: Option<(At, At)>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Access {
    pub(super) addr: At,
    pub(super) offset: At,
    /// The operand that names the memory; 0 for memory 0, where the offset has 32 bits.
    pub(super) memory: At,
    pub(super) size: u8,
    pub(super) writes: bool,
}

impl Plan {
    fn of(op: &OpInfo) -> Plan {
        let at = |name: &str| op.operands.iter().find(|operand| operand.name == name).map_or(0, |o| o.offset);
        let mut plan = Plan::default();
        let outs = op.operands.iter().filter(|operand| operand.role == Role::Out);
        for (out, operand) in plan.outs.iter_mut().zip(outs) {
            *out = (operand.offset, if operand.ty == OperandType::V128 { 2 } else { 1 });
        }
        plan.span = op.operands.iter().find(|o| o.role == Role::Outs).map(|dst| (dst.offset, at("count")));
        let writes = op.name.contains("_store");
        if writes || op.name.contains("_load") {
            let size = access_size(op);
            plan.access =
                Some(Access { addr: at("addr"), offset: at("offset"), memory: at("memory"), size, writes });
        }
        if op.name.starts_with("global_set") {
            plan.global = at("global");
        }
        if at("len") != 0 && op.kind == Kind::Writes {
            plan.range = Some((at("dst"), at("len")));
        }
        match op.name {
            "ret_value" | "ret_span" => plan.span = Some((0, at("count"))),
            "br_table_copy" => (plan.span, plan.table) = (Some((0, at("count"))), true),
            _ => {}
        }
        let calls = op.kind == Kind::Host && at("resume") != 0;
        let simple = plan.range.is_none() && plan.global == 0 && !plan.table;
        let near = plan.access.filter(|access| access.memory == 0 && access.size <= 8);
        let out = plan.outs[0].0;
        plan.brief = match (plan.outs, plan.span, plan.access, near) {
            // Its steps come between: nothing that is kept before it would be there behind it.
            _ if calls => Brief::default(),
            ([(0, _), (0, _)], None, None, _) if simple => Brief::default(),
            ([(_, 1), (0, _)], None, None, _) if simple => {
                Brief { notes: Notes::Slot, size: 0, out, addr: out, offset: 0 }
            }
            ([(_, 1), (0, _)], None, Some(_), Some(Access { size, addr, offset, .. })) if simple => {
                Brief { notes: Notes::Slot, size, out, addr, offset }
            }
            ([(0, _), (0, _)], Some((0, 0)), None, _) if simple => {
                Brief { notes: Notes::Result, ..Brief::default() }
            }
            ([(0, _), (0, _)], None, Some(_), Some(Access { size, addr, offset, writes: true, .. }))
                if simple =>
            {
                Brief { notes: Notes::Store, size, out, addr, offset }
            }
            _ => Brief { notes: Notes::More, ..Brief::default() },
        };
        plan
    }
}

/// Bytes a load or store accesses, from its name: `i32_load8_u` one, `v128_load32x2_s` eight.
fn access_size(op: &OpInfo) -> u8 {
    let (family, action) = op.name.split_once('_').expect("it has a family");
    let digits = action.trim_start_matches(|c: char| !c.is_ascii_digit());
    let bits = digits.split(|c: char| !c.is_ascii_digit()).next().unwrap_or("");
    match (bits.parse::<u8>(), family) {
        (Ok(_), "v128") if digits.contains('x') => 8,
        (Ok(bits), _) => bits / 8,
        (Err(_), "v128") => 16,
        (Err(_), family) => {
            if family.ends_with("32") {
                4
            } else {
                8
            }
        }
    }
}

/// The plans of all ops, in the order of [`OPS`].
#[derive(Debug)]
pub(super) struct Plans {
    pub(super) briefs: [Brief; OpCode::COUNT],
    pub(super) all: [Plan; OpCode::COUNT],
}
pub(super) static PLANS: LazyLock<Plans> = LazyLock::new(|| {
    let all = std::array::from_fn(|op| Plan::of(&OPS[op]));
    Plans { briefs: all.map(|plan| plan.brief), all }
});

/// An operand of the op at `ip`.
///
/// # Safety
/// A `T` lies there.
#[inline(always)]
pub(super) unsafe fn read<T: Copy>(ip: Ip, at: At) -> T {
    // SAFETY: by the caller.
    unsafe { ip.0.cast::<u8>().add(at as usize).cast::<T>().read_unaligned() }
}

/// The first slot of a span, and how many of them are told.
///
/// # Safety
/// The op at `ip` has such a span.
pub(super) unsafe fn span_of(ip: Ip, (first, count): (At, At)) -> (u16, u16) {
    // SAFETY: by the caller.
    unsafe {
        let first = if first == 0 { 0 } else { read(ip, first) };
        let count = if count == 0 { 1 } else { read::<u16>(ip, count) };
        (first, count.min(SPAN as u16))
    }
}
