//! Branches within a function, and `unreachable`.
//!
//! A taken branch corrects the counters by the constant in its `Jump` (see
//! `exec::dispatch`); a branch that is not taken costs nothing.

use super::{first, next, trap_unreachable, variable::move_span};
use crate::code::{TableTarget, ops, size_of_op};
use crate::exec::dispatch::{ControlFlow, handler};

handler! {
    pub(crate) fn unreachable<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the registers are unchanged.
        unsafe { trap_unreachable::<D>(store, ip, sp, mem, len, acc, facc) }
    }
}

/// Takes the branch of `$op`.
macro_rules! take {
    ($D:ident, $jump:expr, $store:ident, $ip:ident, $sp:ident, $mem:ident, $len:ident, $acc:ident, $facc:ident) => {{
        let jump = $jump;
        $D::jump(
            $store,
            $ip.offset(jump.offset as isize),
            $sp,
            $mem,
            $len,
            $acc,
            $facc,
            ControlFlow::Jump,
            jump.delta.packed(),
        )
    }};
}
pub(crate) use take;

handler! {
    pub(crate) fn br<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the target is an op of the same function.
        unsafe {
            let op = ip.op::<ops::br>();
            take!(D, op.jump, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn br_copy<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: both ranges lie in the frame, the target is an op of the same function.
        unsafe {
            let op = ip.op::<ops::br_copy>();
            move_span(sp, op.dst, op.src, op.count);
            take!(D, op.jump, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn br_if<D, F>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the slot lies in the frame, the target is an op of the same function.
        unsafe {
            let op = ip.op::<ops::br_if>();
            if first::<i32, F>(sp, op.cond, acc, facc) != 0 {
                take!(D, op.jump, store, ip, sp, mem, len, acc, facc)
            } else {
                next!(D, br_if, store, ip, sp, mem, len, acc, facc)
            }
        }
    }
}

handler! {
    pub(crate) fn br_unless<D, F>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: as for `br_if`.
        unsafe {
            let op = ip.op::<ops::br_unless>();
            if first::<i32, F>(sp, op.cond, acc, facc) == 0 {
                take!(D, op.jump, store, ip, sp, mem, len, acc, facc)
            } else {
                next!(D, br_unless, store, ip, sp, mem, len, acc, facc)
            }
        }
    }
}

handler! {
    pub(crate) fn br_if_copy<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: as for `br_if` and `br_copy`.
        unsafe {
            let op = ip.op::<ops::br_if_copy>();
            if sp.get::<i32>(op.cond) != 0 {
                move_span(sp, op.dst, op.src, op.count);
                take!(D, op.jump, store, ip, sp, mem, len, acc, facc)
            } else {
                next!(D, br_if_copy, store, ip, sp, mem, len, acc, facc)
            }
        }
    }
}

handler! {
    pub(crate) fn br_table<D, F>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: `len + 1` targets follow the op.
        unsafe {
            let op = ip.op::<ops::br_table>();
            let index = first::<u32, F>(sp, op.index, acc, facc);
            if index >= op.len && !D::INLINED {
                return br_table_default::<D>(store, ip, sp, mem, len, acc, facc);
            }
            let targets = ip.0.byte_add(size_of_op::<ops::br_table>()).cast::<TableTarget>();
            let target = &*targets.add(index.min(op.len) as usize);
            take!(D, target.jump, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    /// `br_table` with an index beyond its targets.
    ///
    /// A handler of its own, so that the compiler cannot choose between two indices: the address of the
    /// op that is next would then wait for the choice, and a processor guesses branches, not choices.
    #[inline(never)]
    fn br_table_default<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the default follows the other targets.
        unsafe {
            let op = ip.op::<ops::br_table>();
            let targets = ip.0.byte_add(size_of_op::<ops::br_table>()).cast::<TableTarget>();
            let target = &*targets.add(op.len as usize);
            take!(D, target.jump, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn br_table_copy<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: as for `br_table`; both ranges lie in the frame.
        unsafe {
            let op = ip.op::<ops::br_table_copy>();
            let index = sp.get::<u32>(op.index).min(op.len) as usize;
            let targets = ip.0.byte_add(size_of_op::<ops::br_table_copy>()).cast::<TableTarget>();
            let target = &*targets.add(index);
            move_span(sp, target.dst, op.src, op.count);
            take!(D, target.jump, store, ip, sp, mem, len, acc, facc)
        }
    }
}
