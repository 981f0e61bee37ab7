//! Moving values: copies, constants, `select`, globals.

use super::{first, next, result};
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
    pub(crate) fn copy<D, F>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: both slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::copy>();
            let value = first::<u64, F>(sp, op.src, acc, facc);
            let (acc, facc) = result::<_, F>(sp, op.dst, value, acc, facc);
            next!(D, copy, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn copy2<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::copy2>();
            sp.set(op.dst, sp.get::<u64>(op.src));
            sp.set(op.dst2, sp.get::<u64>(op.src2));
            next!(D, copy2, store, ip, sp, mem, len, acc, facc)
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
}

handler! {
    pub(crate) fn f64_const<D, F>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the slot lies in the frame.
        unsafe {
            let op = ip.op::<ops::f64_const>();
            let value = f64::from_bits(op.value.get());
            let (acc, facc) = result::<_, F>(sp, op.dst, value, acc, facc);
            next!(D, f64_const, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn select<D, F>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: all slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::select>();
            let from = if first::<i32, F>(sp, op.cond, acc, facc) != 0 { op.lhs } else { op.rhs };
            let (acc, facc) = result::<u64, F>(sp, op.dst, sp.get(from), acc, facc);
            next!(D, select, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn global_get<D, F>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: validation bounds the index; the slot lies in the frame.
        unsafe {
            let op = ip.op::<ops::global_get>();
            let global = (*store.instance).global(op.global);
            let (acc, facc) = result::<u64, F>(sp, op.dst, (*global).bits, acc, facc);
            next!(D, global_get, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn global_set<D, F>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: validation bounds the index; the slot lies in the frame.
        unsafe {
            let op = ip.op::<ops::global_set>();
            let global = (*store.instance).global(op.global);
            (*global).bits = first::<u64, F>(sp, op.src, acc, facc);
            next!(D, global_set, store, ip, sp, mem, len, acc, facc)
        }
    }
}
