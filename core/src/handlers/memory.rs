//! Linear memory: loads, stores, size, growth, bulk operations.
//!
//! The address is a 32-bit operand plus a 32-bit offset, computed in 64 bits, so one
//! comparison with the memory's length is the whole check. Memory 0 of the running
//! instance is in two registers; what may move it reads them again.

use super::{next, trap_memory, trap_noted};
use crate::code::ops;
use crate::exec::dispatch::handler;
use crate::store::PAGE_BITS;

/// `dst = convert(bytes at addr + offset)`.
macro_rules! load {
    ($($name:ident: $ty:ty as $into:ty;)*) => {$(
        handler! {
            pub(crate) fn $name<D>(store, ip, sp, mem, len) {
                const SIZE: usize = size_of::<$ty>();
                // SAFETY: the slots lie in the frame, the bytes in the memory.
                unsafe {
                    let op = ip.op::<ops::$name>();
                    let at = sp.get::<u32>(op.addr) as u64 + op.offset as u64;
                    if at + SIZE as u64 > len as u64 {
                        return trap_memory::<D>(store, ip, sp, mem, len);
                    }
                    let bytes = mem.add(at as usize).cast::<[u8; SIZE]>().read();
                    sp.set(op.dst, <$ty>::from_le_bytes(bytes) as $into);
                    next!(D, $name, store, ip, sp, mem, len)
                }
            }
        }
    )*};
}
load! {
    i32_load: u32 as u32;
    i32_load8_s: i8 as i32;
    i32_load8_u: u8 as u32;
    i32_load16_s: i16 as i32;
    i32_load16_u: u16 as u32;
    i64_load: u64 as u64;
    i64_load8_s: i8 as i64;
    i64_load8_u: u8 as u64;
    i64_load16_s: i16 as i64;
    i64_load16_u: u16 as u64;
    i64_load32_s: i32 as i64;
    i64_load32_u: u32 as u64;
    f32_load: u32 as u32;
    f64_load: u64 as u64;
}

/// The bytes at `addr + offset` = the low bytes of a value.
macro_rules! store_op {
    ($($name:ident: $ty:ty = |$op:ident, $sp:ident| $value:expr;)*) => {$(
        handler! {
            pub(crate) fn $name<D>(store, ip, $sp, mem, len) {
                const SIZE: usize = size_of::<$ty>();
                // SAFETY: the slots lie in the frame, the bytes in the memory; the
                // dirty map has a byte for each of its pages.
                unsafe {
                    let $op = ip.op::<ops::$name>();
                    let at = $sp.get::<u32>($op.addr) as u64 + $op.offset as u64;
                    if at + SIZE as u64 > len as u64 {
                        return trap_memory::<D>(store, ip, $sp, mem, len);
                    }
                    let value: $ty = $value;
                    mem.add(at as usize).cast::<[u8; SIZE]>().write(value.to_le_bytes());
                    if D::COUNTED {
                        *store.dirty.add(at as usize >> PAGE_BITS) = 1;
                        if SIZE > 1 {
                            *store.dirty.add((at as usize + SIZE - 1) >> PAGE_BITS) = 1;
                        }
                    }
                    next!(D, $name, store, ip, $sp, mem, len)
                }
            }
        }
    )*};
}
store_op! {
    i32_store: u32 = |op, sp| sp.get::<u64>(op.value) as u32;
    i32_store_imm: u32 = |op, sp| op.value as u32;
    i32_store8: u8 = |op, sp| sp.get::<u64>(op.value) as u8;
    i32_store8_imm: u8 = |op, sp| op.value as u8;
    i32_store16: u16 = |op, sp| sp.get::<u64>(op.value) as u16;
    i32_store16_imm: u16 = |op, sp| op.value as u16;
    i64_store: u64 = |op, sp| sp.get::<u64>(op.value) as u64;
    i64_store_imm: u64 = |op, sp| op.value as u64;
    i64_store8: u8 = |op, sp| sp.get::<u64>(op.value) as u8;
    i64_store8_imm: u8 = |op, sp| op.value as u8;
    i64_store16: u16 = |op, sp| sp.get::<u64>(op.value) as u16;
    i64_store16_imm: u16 = |op, sp| op.value as u16;
    i64_store32: u32 = |op, sp| sp.get::<u64>(op.value) as u32;
    i64_store32_imm: u32 = |op, sp| op.value as u32;
    f32_store: u32 = |op, sp| sp.get::<u64>(op.value) as u32;
    f64_store: u64 = |op, sp| sp.get::<u64>(op.value) as u64;
}

handler! {
    pub(crate) fn memory_size<D>(store, ip, sp, mem, len) {
        // SAFETY: validation bounds the index; the slot lies in the frame.
        unsafe {
            let op = ip.op::<ops::memory_size>();
            let memory = (*store.instance).memory(op.memory);
            sp.set(op.dst, (*memory).pages() as u32);
            next!(D, memory_size, store, ip, sp, mem, len)
        }
    }
}

handler! {
    pub(crate) fn memory_grow<D>(store, ip, sp, _mem, _len) {
        // SAFETY: validation bounds the index; memory 0 may have moved, so its
        // registers are read again.
        unsafe {
            let op = ip.op::<ops::memory_grow>();
            let old = store.grow_memory((*store.instance).memory(op.memory), sp.get::<u32>(op.delta) as u64);
            sp.set(op.dst, old as i32);
            let (mem, len) = store.mem0();
            next!(D, memory_grow, store, ip, sp, mem, len)
        }
    }
}

/// An op whose body is a method of the store that may trap.
macro_rules! bulk {
    ($($name:ident: |$store:ident, $op:ident, $sp:ident| $body:expr;)*) => {$(
        handler! {
            pub(crate) fn $name<D>($store, ip, $sp, mem, len) {
                // SAFETY: validation bounds the indices; the slots lie in the frame.
                unsafe {
                    let $op = ip.op::<ops::$name>();
                    match $body {
                        Ok(()) => next!(D, $name, $store, ip, $sp, mem, len),
                        Err(code) => {
                            $store.noted_trap = code;
                            trap_noted::<D>($store, ip, $sp, mem, len)
                        }
                    }
                }
            }
        }
    )*};
}
pub(crate) use bulk;

bulk! {
    memory_copy: |store, op, sp| store.memory_copy(
        op.dst_memory, op.src_memory, sp.get::<u32>(op.dst) as u64, sp.get::<u32>(op.src) as u64, sp.get::<u32>(op.len) as u64);
    memory_fill: |store, op, sp| store.memory_fill(
        op.memory, sp.get::<u32>(op.dst) as u64, sp.get::<u32>(op.value) as u8, sp.get::<u32>(op.len) as u64);
    memory_init: |store, op, sp| store.memory_init(
        op.memory, op.segment, sp.get::<u32>(op.dst) as u64, sp.get::<u32>(op.src) as u64, sp.get::<u32>(op.len) as u64);
    data_drop: |store, op, _sp| store.data_drop(op.segment);
}
