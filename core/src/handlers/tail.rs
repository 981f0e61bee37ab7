//! Tail calls: a function that gives its frame to another.
//!
//! ```text
//! slots   [params][locals][operands … arguments ]      before
//! slots   [arguments][locals of the callee …           after; the same frame, the same return address
//! ```
//!
//! The counters leave as for a return and enter as for a call, by one constant: the
//! caller's own correction stays good, because the return address stays.
//! A host function has no frame to give it: it is called as by `call_import`, and the op
//! behind the tail call, of no weight, returns its results.

use super::call::{call_host, element, first_call, zero_locals};
use super::{trap_noted, trap_stack, variable::move_span};
use crate::code::{Slot, ops};
use crate::exec::dispatch::{ControlFlow, Dispatch, MemBase, handler};
use crate::exec::frame::{Ip, Sp};
use crate::store::{Callee, FuncEntry, InstanceInst, PrunedStore};
use crate::trap::TrapCode;

/// Whether the running frame cannot hold a frame of `entry`.
///
/// # Safety
/// `entry` is lowered, `sp` is the running frame.
#[inline(always)]
unsafe fn lacks_room(store: &PrunedStore, sp: Sp, entry: *const FuncEntry) -> bool {
    // SAFETY: by the caller.
    (store.stack_end as usize).wrapping_sub(sp.0 as usize) < unsafe { (*entry).frame_bytes }
}

/// Makes the running frame one of `entry` and goes on at its first op.
///
/// # Safety
/// `entry` is lowered and its frame has room; the other registers are those of the caller;
/// `mem` and `len` are the callee's; `count` arguments lie at `head`.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "the registers of caller and callee")]
unsafe fn replace<D: Dispatch>(
    store: &mut PrunedStore,
    entry: *const FuncEntry,
    instance: *mut InstanceInst,
    head: Slot,
    count: u16,
    sp: Sp,
    mem: MemBase,
    len: usize,
    acc: u64,
    facc: f64,
    end: i64,
) -> D::Done {
    // SAFETY: by the caller; the arguments lie inside the frame they replace.
    unsafe {
        move_span(sp, Slot(0), head, count);
        let frame = store.frame_top;
        (*frame).instance = instance;
        (*frame).entry = entry;
        zero_locals(sp, entry);
        if D::COUNTED {
            (*frame).entered = store.ctr.wrapping_add(end);
            (*frame).settled = 0;
        }
        D::jump(store, Ip((*entry).code), sp, mem, len, acc, facc, ControlFlow::TailCall, end)
    }
}

handler! {
    pub(crate) fn return_call<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: as for `call`.
        unsafe {
            let op = ip.op::<ops::return_call>();
            let entry = op.entry.get() as *const FuncEntry;
            if (*entry).code.is_null() {
                store.callee = Callee { entry, ..Callee::NONE };
                return first_call::<D>(store, ip, sp, mem, len, acc, facc);
            }
            if lacks_room(store, sp, entry) {
                return trap_stack::<D>(store, ip, sp, mem, len, acc, facc);
            }
            let instance = store.instance;
            replace::<D>(store, entry, instance, op.head, op.count, sp, mem, len, acc, facc, op.end.packed())
        }
    }
}

handler! {
    pub(crate) fn return_call_import<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: validation bounds the index.
        unsafe {
            let op = ip.op::<ops::return_call_import>();
            let func = (*store.instance).func(op.func);
            store.callee = Callee::new(func, sp.at(op.head), ip.after::<ops::return_call_import>());
            tail_any::<D>(store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn return_call_indirect<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: as for `call_indirect`.
        unsafe {
            let op = ip.op::<ops::return_call_indirect>();
            let reference = element!(D, op, store, ip, sp, mem, len, acc, facc);
            let func = reference as u32 - 1;
            store.callee = Callee::new(func, sp.at(op.head), ip.after::<ops::return_call_indirect>());
            tail_any::<D>(store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn return_call_ref<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: as for `call_ref`.
        unsafe {
            let op = ip.op::<ops::return_call_ref>();
            let reference = sp.get::<u64>(op.func);
            if reference == 0 {
                store.noted_trap = TrapCode::NullFunctionReference;
                return trap_noted::<D>(store, ip, sp, mem, len, acc, facc);
            }
            let func = reference as u32 - 1;
            store.callee = Callee::new(func, sp.at(op.head), ip.after::<ops::return_call_ref>());
            tail_any::<D>(store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    /// Tail-calls `store.callee`, whatever it is; `ip` is an op that starts as
    /// `return_call_import` does.
    #[inline(never)]
    pub(super) fn tail_any<D>(store, ip, sp, mem, len, acc, facc) {
        let callee = store.callee;
        // SAFETY: the function belongs to this store; with the instance, base and length
        // of its memory are read again.
        unsafe {
            let func = store.funcs[callee.func as usize];
            if func.entry.is_null() {
                return call_host::<D>(store, ip, sp, mem, len, acc, facc);
            }
            if (*func.entry).code.is_null() {
                store.callee.entry = func.entry;
                return first_call::<D>(store, ip, sp, mem, len, acc, facc);
            }
            if lacks_room(store, sp, func.entry) {
                // Before the instance changes: the trap belongs to the caller.
                return trap_stack::<D>(store, ip, sp, mem, len, acc, facc);
            }
            let op = ip.op::<ops::return_call_import>();
            let (head, count) = (op.head, op.count);
            let end = callee.ret_ip.resume_count();
            store.set_instance(func.instance);
            let (mem, len) = store.mem0();
            replace::<D>(store, func.entry, func.instance, head, count, sp, mem, len, acc, facc, end)
        }
    }
}
