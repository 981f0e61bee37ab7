//! Entering and leaving functions.
//!
//! `call` and `call_indirect` have a short path for a lowered function of the same
//! instance. Everything else (first call, another instance, the host) goes through
//! `call_any`, a handler of its own that finds what to call in `store.callee`.

use super::{first, trap_noted, trap_stack};
use crate::code::{Slot, ops};
use crate::exec::dispatch::{ControlFlow, Dispatch, MemBase, handler};
use crate::exec::frame::{Frame, Ip, Regs, Sp};
use crate::exec::host::HostStep;
use crate::store::{Callee, FuncEntry, InstanceInst, PrunedStore};
use crate::trap::TrapCode;

/// Makes the locals of a frame of `entry` zero, and at most three operands above them, which
/// are not there yet.
///
/// # Safety
/// `entry` is lowered, and there is room for its frame at `sp`.
#[inline(always)]
pub(super) unsafe fn zero_locals(sp: Sp, entry: *const FuncEntry) {
    // SAFETY: by the caller; a frame's size has room for whole fours of locals.
    unsafe {
        let mut local = sp.0.add((*entry).zero_from as usize);
        let end = local.add((*entry).zero_count as usize);
        // Volatile: a loop that the compiler may neither turn into a call of memset nor
        // take apart again.
        while local < end {
            local.write_volatile(0);
            local.add(1).write_volatile(0);
            local.add(2).write_volatile(0);
            local.add(3).write_volatile(0);
            local = local.add(4);
        }
    }
}

/// Pushes a frame for a lowered function of `instance` and goes on at its first op.
///
/// # Safety
/// `entry` is lowered, `callee` is the place of its first parameter, and the other
/// registers are those of the caller at `ip`; `mem` and `len` are the callee's.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "the registers of caller and callee")]
pub(crate) unsafe fn enter<D: Dispatch>(
    store: &mut PrunedStore,
    entry: *const FuncEntry,
    instance: *mut InstanceInst,
    callee: Sp,
    ip: Ip,
    ret_ip: Ip,
    sp: Sp,
    mem: MemBase,
    len: usize,
    acc: u64,
    facc: f64,
    resume: i64,
    flow: ControlFlow,
) -> D::Done {
    // SAFETY: `entry` is good by the caller; the frame is pushed only where both
    // stacks have room, so everything written lies inside them.
    unsafe {
        let frame = store.frame_top.add(1);
        let room = (store.stack_end as usize).wrapping_sub(callee.0 as usize);
        if frame == store.frame_end || room < (*entry).frame_bytes {
            return trap_stack::<D>(store, ip, sp, mem, len, acc, facc);
        }
        store.frame_top = frame;
        (*frame).ret_ip = ret_ip;
        (*frame).ret_sp = sp;
        (*frame).instance = instance;
        (*frame).entry = entry;
        zero_locals(callee, entry);
        if D::COUNTED {
            (*frame).entered = store.ctr.wrapping_add(resume);
            (*frame).settled = 0;
        }
        // Nothing is in the accumulators; one register more for all of the above.
        D::jump(store, Ip((*entry).code), callee, mem, len, 0, facc, flow, resume)
    }
}

handler! {
    pub(crate) fn call<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the entry's address was put there by lowering and lives as long as
        // the store; the callee's frame starts inside the caller's.
        unsafe {
            let op = ip.op::<ops::call>();
            let entry = op.entry.get() as *const FuncEntry;
            if (*entry).code.is_null() {
                store.callee = Callee { entry, ..Callee::NONE };
                return first_call::<D>(store, ip, sp, mem, len, acc, facc);
            }
            let instance = store.instance;
            enter::<D>(
                store, entry, instance, sp.at(op.head), ip, ip.after::<ops::call>(), sp, mem, len, acc, facc,
                op.resume.packed(), ControlFlow::Call,
            )
        }
    }
}

handler! {
    /// Lowers `store.callee` and runs the call at `ip` again.
    #[cold]
    #[inline(never)]
    pub(super) fn first_call<D>(store, ip, sp, mem, len, acc, facc) {
        store.regs = Regs { ip, sp };
        match store.lower_callee() {
            // SAFETY: the registers are unchanged.
            Ok(()) => unsafe { D::redo(store, ip, sp, mem, len, acc, facc) },
            Err(error) => D::end(Err(error)),
        }
    }
}

handler! {
    pub(crate) fn call_import<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: validation bounds the index.
        unsafe {
            let op = ip.op::<ops::call_import>();
            let func = (*store.instance).func(op.func);
            store.callee = Callee::new(func, sp.at(op.head), ip.after::<ops::call_import>());
            call_any::<D>(store, ip, sp, mem, len, acc, facc)
        }
    }
}

/// The reference that an indirect call at `$ip` names, checked; or the op's trap.
macro_rules! element {
    ($D:ident, $op:ident, $store:ident, $ip:ident, $sp:ident, $mem:ident, $len:ident, $acc:ident, $facc:ident) => {{
        let table = (*$store.instance).table($op.table);
        let index = $sp.get::<u64>($op.index);
        if index >= (*table).len() as u64 {
            $store.noted_trap = $crate::trap::TrapCode::UndefinedElement;
            return $crate::handlers::trap_noted::<$D>($store, $ip, $sp, $mem, $len, $acc, $facc);
        }
        let reference = *(*table).cell(index as usize);
        if reference == 0 {
            $store.noted_trap = $crate::trap::TrapCode::IndirectCallToNull;
            return $crate::handlers::trap_noted::<$D>($store, $ip, $sp, $mem, $len, $acc, $facc);
        }
        let func = $store.funcs.as_ptr().add(reference as usize - 1);
        if (*func).type_id != (*$store.instance).type_id($op.ty) {
            $store.noted_trap = $crate::trap::TrapCode::BadSignature;
            return $crate::handlers::trap_noted::<$D>($store, $ip, $sp, $mem, $len, $acc, $facc);
        }
        reference
    }};
}
pub(super) use element;

handler! {
    pub(crate) fn call_indirect<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: validation bounds the table and type index; a reference in a table
        // is the index of a function of this store, plus one.
        unsafe {
            let op = ip.op::<ops::call_indirect>();
            let reference = element!(D, op, store, ip, sp, mem, len, acc, facc);
            let func = store.funcs.as_ptr().add(reference as usize - 1);
            let entry = (*func).entry;
            let instance = store.instance;
            if (*func).instance == instance && !(*entry).code.is_null() {
                return enter::<D>(
                    store, entry, instance, sp.at(op.head), ip, ip.after::<ops::call_indirect>(), sp, mem, len, acc, facc,
                    op.resume.packed(), ControlFlow::Call,
                );
            }
            store.callee = Callee::new(reference as u32 - 1, sp.at(op.head), ip.after::<ops::call_indirect>());
            call_any::<D>(store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn call_ref<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: a reference is the index of a function of this store, plus one;
        // validation gives it the type of the call.
        unsafe {
            let op = ip.op::<ops::call_ref>();
            let reference = sp.get::<u64>(op.func);
            if reference == 0 {
                store.noted_trap = TrapCode::NullFunctionReference;
                return trap_noted::<D>(store, ip, sp, mem, len, acc, facc);
            }
            let func = store.funcs.as_ptr().add(reference as usize - 1);
            let entry = (*func).entry;
            let instance = store.instance;
            if (*func).instance == instance && !(*entry).code.is_null() {
                return enter::<D>(
                    store, entry, instance, sp.at(op.head), ip, ip.after::<ops::call_ref>(), sp, mem, len, acc, facc,
                    op.resume.packed(), ControlFlow::Call,
                );
            }
            store.callee = Callee::new(reference as u32 - 1, sp.at(op.head), ip.after::<ops::call_ref>());
            call_any::<D>(store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    /// Calls `store.callee`, whatever it is.
    #[inline(never)]
    fn call_any<D>(store, ip, sp, mem, len, acc, facc) {
        let callee = store.callee;
        // SAFETY: the function belongs to this store; after a call that may have
        // changed memories or instance, base and length are read again.
        unsafe {
            let func = store.funcs[callee.func as usize];
            if func.entry.is_null() {
                return call_host::<D>(store, ip, sp, mem, len, acc, facc);
            }
            if (*func.entry).code.is_null() {
                store.callee.entry = func.entry;
                return first_call::<D>(store, ip, sp, mem, len, acc, facc);
            }
            let resume = callee.ret_ip.resume_count();
            if store.is_full(callee.sp, func.entry) {
                // Before the instance changes: the trap belongs to the caller.
                return trap_stack::<D>(store, ip, sp, mem, len, acc, facc);
            }
            store.set_instance(func.instance);
            let (mem, len) = store.mem0();
            enter::<D>(
                store, func.entry, func.instance, callee.sp, ip, callee.ret_ip, sp, mem, len, acc, facc,
                resume, ControlFlow::Call,
            )
        }
    }
}

handler! {
    /// Calls the host function `store.callee`.
    #[inline(never)]
    pub(super) fn call_host<D>(store, ip, sp, mem, len, acc, facc) {
        store.regs = Regs { ip, sp };
        let callee = store.callee;
        match store.call_host() {
            HostStep::Returned => {
                // SAFETY: the host has returned, the caller's frame is as it was.
                unsafe {
                    let (mem, len) = store.mem0();
                    D::next(store, callee.ret_ip, sp, mem, len, acc, facc, ControlFlow::HostCall)
                }
            }
            HostStep::Entered => {
                // SAFETY: a frame for a guest function was pushed and is in `regs`.
                unsafe {
                    let (mem, len) = store.mem0();
                    let Regs { ip, sp } = store.regs;
                    let resume = callee.ret_ip.resume_count();
                    D::jump(store, ip, sp, mem, len, acc, facc, ControlFlow::HostCall, resume)
                }
            }
            // SAFETY: the registers are those of the call.
            HostStep::Threw => unsafe {
                let (mem, len) = store.mem0();
                super::exception::unwind::<D>(store, ip, sp, mem, len, acc, facc)
            },
            HostStep::Failed(error) => D::end(Err(error)),
        }
    }
}

/// Pops the running frame, whose results are in place, and goes on in its caller, with the
/// only result, if there is one, in the accumulator too.
///
/// # Safety
/// `end` is the count at the end of the running function.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "the machine's registers")]
unsafe fn leave<D: Dispatch>(
    store: &mut PrunedStore,
    ip: Ip,
    sp: Sp,
    mem: MemBase,
    len: usize,
    acc: u64,
    facc: f64,
    end: i64,
) -> D::Done {
    // SAFETY: a running function has a frame, and below it there is at least the base.
    unsafe {
        let frame = store.frame_top;
        let Frame { ret_ip, ret_sp, instance, .. } = *frame;
        store.frame_top = frame.sub(1);
        if ret_ip == Ip::NULL {
            store.regs = Regs { ip, sp };
            if D::COUNTED {
                store.ctr = store.ctr.wrapping_add(end);
            }
            return D::end(Ok(ControlFlow::Halt));
        }
        let delta = if D::COUNTED { end.wrapping_sub(ret_ip.resume_count()) } else { 0 };
        if (*frame.sub(1)).instance != instance {
            store.regs = Regs { ip: ret_ip, sp: ret_sp };
            if D::COUNTED {
                store.ctr = store.ctr.wrapping_add(delta);
            }
            return leave_instance::<D>(store, ret_ip, ret_sp, mem, len, acc, facc);
        }
        D::jump(store, ret_ip, ret_sp, mem, len, acc, facc, ControlFlow::Return, delta)
    }
}

handler! {
    /// Goes on in the caller's instance, which is not the callee's.
    #[cold]
    #[inline(never)]
    fn leave_instance<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the frame on top is the caller's.
        unsafe {
            let instance = (*store.frame_top).instance;
            store.set_instance(instance);
            let (mem, len) = store.mem0();
            D::jump(store, ip, sp, mem, len, acc, facc, ControlFlow::Return, 0)
        }
    }
}

handler! {
    pub(crate) fn ret<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: this op ends the running function.
        unsafe {
            let op = ip.op::<ops::ret>();
            leave::<D>(store, ip, sp, mem, len, acc, facc, op.end.packed())
        }
    }
}

handler! {
    pub(crate) fn ret_value<D, F>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: as for `ret`; the slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::ret_value>();
            let acc = first::<u64, F>(sp, op.src, acc, facc);
            sp.set(Slot(0), acc);
            leave::<D>(store, ip, sp, mem, len, acc, facc, op.end.packed())
        }
    }
}

handler! {
    pub(crate) fn ret_span<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: as for `ret`; both ranges lie in the frame.
        unsafe {
            let op = ip.op::<ops::ret_span>();
            super::variable::move_span(sp, Slot(0), op.src, op.count);
            leave::<D>(store, ip, sp, mem, len, acc, facc, op.end.packed())
        }
    }
}

handler! {
    /// Placed over another op by the debugger: hands control to it.
    pub(crate) fn stop<D>(store, ip, sp, mem, len, acc, facc) {
        if D::FORMS {
            store.spill(ip, sp, acc, facc);
        }
        store.regs = Regs { ip, sp };
        D::end(Err(store.stopped()))
    }
}
