//! Moving values: copies, constants, `select`, globals.

use super::next;
use crate::code::{Slot, ops};
use crate::exec::dispatch::handler;
use crate::exec::frame::Sp;

handler! {
    pub(crate) fn nop<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the op behind this one follows it.
        unsafe { next!(D, nop, store, ip, sp, mem, len, acc, facc) }
    }
}

handler! {
    pub(crate) fn drop<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the op behind this one follows it.
        unsafe { next!(D, drop, store, ip, sp, mem, len, acc, facc) }
    }
}

handler! {
    pub(crate) fn copy<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: both slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::copy>();
            sp.set(op.dst, sp.get::<u64>(op.src));
            next!(D, copy, store, ip, sp, mem, len, acc, facc)
        }
    }
}

/// Moves `count` slots; the two ranges may overlap.
///
/// # Safety
/// Both ranges lie in the frame.
#[inline(always)]
pub(crate) unsafe fn move_span(sp: Sp, dst: Slot, src: Slot, count: u16) {
    // SAFETY: by the caller.
    unsafe { std::ptr::copy(sp.at(src).0, sp.at(dst).0, count as usize) }
}

handler! {
    pub(crate) fn copy_span<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: both ranges lie in the frame.
        unsafe {
            let op = ip.op::<ops::copy_span>();
            move_span(sp, op.dst, op.src, op.count);
            next!(D, copy_span, store, ip, sp, mem, len, acc, facc)
        }
    }
}

/// `dst = value`, with the value in the op.
macro_rules! constant {
    ($($name:ident: |$op:ident| $bits:expr;)*) => {$(
        handler! {
            pub(crate) fn $name<D>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: the slot lies in the frame.
                unsafe {
                    let $op = ip.op::<ops::$name>();
                    sp.set($op.dst, $bits);
                    next!(D, $name, store, ip, sp, mem, len, acc, facc)
                }
            }
        }
    )*};
}
constant! {
    i32_const: |op| op.value;
    i64_const: |op| op.value.get();
    f32_const: |op| op.value;
    f64_const: |op| op.value.get();
}

handler! {
    pub(crate) fn select<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: all slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::select>();
            let from = if sp.get::<i32>(op.cond) != 0 { op.lhs } else { op.rhs };
            sp.set(op.dst, sp.get::<u64>(from));
            next!(D, select, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn global_get<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: validation bounds the index; the slot lies in the frame.
        unsafe {
            let op = ip.op::<ops::global_get>();
            let global = (*store.instance).global(op.global);
            sp.set(op.dst, (*global).bits);
            next!(D, global_get, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn global_set<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: validation bounds the index; the slot lies in the frame.
        unsafe {
            let op = ip.op::<ops::global_set>();
            let global = (*store.instance).global(op.global);
            (*global).bits = sp.get(op.src);
            next!(D, global_set, store, ip, sp, mem, len, acc, facc)
        }
    }
}
