//! References: an index plus one, and 0 for null.

use super::{control::take, first, next, result, trap_noted};
use crate::code::ops;
use crate::exec::dispatch::{ControlFlow, handler};
use crate::trap::TrapCode;

handler! {
    pub(crate) fn ref_null<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the slot lies in the frame.
        unsafe {
            let op = ip.op::<ops::ref_null>();
            sp.set(op.dst, 0u64);
            next!(D, ref_null, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn ref_is_null<D, F>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: both slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::ref_is_null>();
            let null = first::<u64, F>(sp, op.src, acc, facc) == 0;
            let (acc, facc) = result::<_, F>(sp, op.dst, null, acc, facc);
            next!(D, ref_is_null, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn ref_func<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: validation bounds the index; the slot lies in the frame.
        unsafe {
            let op = ip.op::<ops::ref_func>();
            sp.set(op.dst, (*store.instance).func(op.func) as u64 + 1);
            next!(D, ref_func, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn ref_as_non_null<D, F>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: both slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::ref_as_non_null>();
            let reference = first::<u64, F>(sp, op.src, acc, facc);
            if reference == 0 {
                store.noted_trap = TrapCode::NullReference;
                return trap_noted::<D>(store, ip, sp, mem, len, acc, facc);
            }
            let (acc, facc) = result::<_, F>(sp, op.dst, reference, acc, facc);
            next!(D, ref_as_non_null, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn br_on_null<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the slot lies in the frame, the target is an op of the same function.
        unsafe {
            let op = ip.op::<ops::br_on_null>();
            if sp.get::<u64>(op.src) == 0 {
                take!(D, op.jump, store, ip, sp, mem, len, acc, facc)
            } else {
                next!(D, br_on_null, store, ip, sp, mem, len, acc, facc)
            }
        }
    }
}

handler! {
    pub(crate) fn br_on_non_null<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: as for `br_on_null`.
        unsafe {
            let op = ip.op::<ops::br_on_non_null>();
            if sp.get::<u64>(op.src) != 0 {
                take!(D, op.jump, store, ip, sp, mem, len, acc, facc)
            } else {
                next!(D, br_on_non_null, store, ip, sp, mem, len, acc, facc)
            }
        }
    }
}
