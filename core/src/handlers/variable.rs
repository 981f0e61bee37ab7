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
            sp.set(op.dst, value);
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
}

/// The same, and in the accumulator.
macro_rules! float_constant {
    ($($name:ident: |$op:ident| $value:expr;)*) => {$(
        handler! {
            pub(crate) fn $name<D, F>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: the slot lies in the frame.
                unsafe {
                    let $op = ip.op::<ops::$name>();
                    let (acc, facc) = result::<_, F>(sp, $op.dst, $value, acc, facc);
                    next!(D, $name, store, ip, sp, mem, len, acc, facc)
                }
            }
        }
    )*};
}
float_constant! {
    f32_const: |op| f32::from_bits(op.value);
    f64_const: |op| f64::from_bits(op.value.get());
}

/// One of two values. Both are read, and then one is chosen: to choose one of two addresses, as the
/// compiler would, makes the load wait for the condition.
macro_rules! select {
    ($($name:ident: $ty:ty = |$op:ident, $sp:ident| $operands:expr, |$bits:ident| $value:expr;)*) => {$(
        handler! {
            pub(crate) fn $name<D, F>(store, ip, $sp, mem, len, acc, facc) {
                // SAFETY: all slots lie in the frame.
                unsafe {
                    let $op = ip.op::<ops::$name>();
                    let (lhs, rhs) = $operands;
                    let cond = first::<i32, F>($sp, $op.cond, acc, facc) != 0;
                    let $bits = std::hint::select_unpredictable(cond, lhs, rhs);
                    let value: $ty = $value;
                    let (acc, facc) = result::<_, F>($sp, $op.dst, value, acc, facc);
                    next!(D, $name, store, ip, $sp, mem, len, acc, facc)
                }
            }
        }
    )*};
}
select! {
    select: u64 = |op, sp| (sp.get_volatile(op.lhs), sp.get_volatile(op.rhs)), |bits| bits;
    i32_select_imm: u32 = |op, sp| (sp.get::<u32>(op.lhs), op.rhs as u32), |bits| bits;
    i32_rselect_imm: u32 = |op, sp| (op.lhs as u32, sp.get::<u32>(op.rhs)), |bits| bits;
    i32_select_imms: u32 = |op, sp| (op.lhs as u32, op.rhs as u32), |bits| bits;
    i64_select_imm: i64 = |op, sp| (sp.get::<i64>(op.lhs), op.rhs as i64), |bits| bits;
    i64_rselect_imm: i64 = |op, sp| (op.lhs as i64, sp.get::<i64>(op.rhs)), |bits| bits;
    i64_select_imms: i64 = |op, sp| (op.lhs as i64, op.rhs as i64), |bits| bits;
    f32_select: f32 = |op, sp| (sp.get_volatile(op.lhs), sp.get_volatile(op.rhs)), |bits| f32::from_bits(bits as u32);
    f32_select_imm: f32 = |op, sp| (sp.get::<u32>(op.lhs), op.rhs), |bits| f32::from_bits(bits);
    f32_rselect_imm: f32 = |op, sp| (op.lhs, sp.get::<u32>(op.rhs)), |bits| f32::from_bits(bits);
    f64_select: f64 = |op, sp| (sp.get_volatile(op.lhs), sp.get_volatile(op.rhs)), |bits| f64::from_bits(bits);
    f64_select_imm: f64 = |op, sp| (sp.get::<u64>(op.lhs), op.rhs.get()), |bits| f64::from_bits(bits);
    f64_rselect_imm: f64 = |op, sp| (op.lhs.get(), sp.get::<u64>(op.rhs)), |bits| f64::from_bits(bits);
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
