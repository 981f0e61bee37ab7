//! Linear memory: loads, stores, size, growth, bulk operations.
//!
//! The address is a 32-bit operand plus a 32-bit offset, computed in 64 bits, so one
//! comparison with the memory's length is the whole check. Memory 0 of the running
//! instance is in two registers; what may move it reads them again.
//!
//! Each op has a sibling `…_at` for every other memory and for 64-bit memories: it looks
//! the memory up, and its address is a whole slot plus 64 bits, checked for overflow.

use super::{next, trap_noted};
use crate::code::ops;
use crate::exec::dispatch::handler;

/// Where the `$size` bytes at `addr + offset` of the memory `$op` names start, or the
/// op's trap; and the memory.
macro_rules! far {
    ($D:ident, $op:ident, $size:expr, $store:ident, $ip:ident, $sp:ident, $mem:ident, $len:ident, $acc:ident, $facc:ident) => {{
        let memory = (*$store.instance).memory($op.memory);
        let (at, wrapped) = $sp.get::<u64>($op.addr).overflowing_add($op.offset.get());
        let len = (*memory).len() as u64;
        if wrapped || len < $size as u64 || at > len - $size as u64 {
            return $crate::handlers::trap_memory::<$D>($store, $ip, $sp, $mem, $len, $acc, $facc);
        }
        (at as usize, memory)
    }};
}
pub(crate) use far;

/// `dst = convert(bytes at addr + offset)`.
macro_rules! load {
    ($($name:ident $far:ident: |$value:ident: $ty:ty| $into:expr;)*) => {$(
        handler! {
            pub(crate) fn $name<D, F>(store, ip, sp, mem, len, acc, facc) {
                const SIZE: usize = size_of::<$ty>();
                // SAFETY: the slots lie in the frame, the bytes in the memory.
                unsafe {
                    let op = ip.op::<ops::$name>();
                    // By its end the access is checked and reached: one sum for both.
                    let addr = $crate::handlers::first::<u32, F>(sp, op.addr, acc, facc);
                    let end = addr as u64 + (op.offset as u64 + SIZE as u64);
                    if end > len as u64 {
                        return $crate::handlers::trap_memory::<D>(store, ip, sp, mem, len, acc, facc);
                    }
                    let bytes = mem.add(end as usize).sub(SIZE).cast::<[u8; SIZE]>().read();
                    let $value = <$ty>::from_le_bytes(bytes);
                    let (acc, facc) = $crate::handlers::result::<_, F>(sp, op.dst, $into, acc, facc);
                    next!(D, $name, store, ip, sp, mem, len, acc, facc)
                }
            }
        }

        handler! {
            pub(crate) fn $far<D>(store, ip, sp, mem, len, acc, facc) {
                const SIZE: usize = size_of::<$ty>();
                // SAFETY: as above; validation bounds the memory's index.
                unsafe {
                    let op = ip.op::<ops::$far>();
                    let (at, memory) = $crate::handlers::memory::far!(D, op, SIZE, store, ip, sp, mem, len, acc, facc);
                    let bytes = (*memory).base().add(at).cast::<[u8; SIZE]>().read();
                    let $value = <$ty>::from_le_bytes(bytes);
                    sp.set(op.dst, $into);
                    next!(D, $far, store, ip, sp, mem, len, acc, facc)
                }
            }
        }
    )*};
}
pub(crate) use load;

load! {
    i32_load i32_load_at: |x: u32| x;
    i32_load8_s i32_load8_s_at: |x: i8| x as i32;
    i32_load8_u i32_load8_u_at: |x: u8| x as u32;
    i32_load16_s i32_load16_s_at: |x: i16| x as i32;
    i32_load16_u i32_load16_u_at: |x: u16| x as u32;
    i64_load i64_load_at: |x: u64| x;
    i64_load8_s i64_load8_s_at: |x: i8| x as i64;
    i64_load8_u i64_load8_u_at: |x: u8| x as u64;
    i64_load16_s i64_load16_s_at: |x: i16| x as i64;
    i64_load16_u i64_load16_u_at: |x: u16| x as u64;
    i64_load32_s i64_load32_s_at: |x: i32| x as i64;
    i64_load32_u i64_load32_u_at: |x: u32| x as u64;
    f32_load f32_load_at: |x: u32| f32::from_bits(x);
    f64_load f64_load_at: |x: u64| f64::from_bits(x);
}

/// The bytes at `addr + offset` = the low bytes of a value, which is in a slot, or in the op.
macro_rules! store_op {
    ($($name:ident: $ty:ty = |$op:ident $(, $value:ident: $from:ty)?| $body:expr;)*) => {$(
        handler! {
            pub(crate) fn $name<D, F>(store, ip, sp, mem, len, acc, facc) {
                const SIZE: usize = size_of::<$ty>();
                // SAFETY: the slots lie in the frame, the bytes in the memory; the
                // dirty map has a byte for each of its pages.
                unsafe {
                    let $op = ip.op::<ops::$name>();
                    let addr = $crate::handlers::first::<u32, F>(sp, $op.addr, acc, facc);
                    let end = addr as u64 + ($op.offset as u64 + SIZE as u64);
                    if end > len as u64 {
                        return $crate::handlers::trap_memory::<D>(store, ip, sp, mem, len, acc, facc);
                    }
                    $(let $value = $crate::handlers::second::<$from, F>(sp, $op.value, acc, facc);)?
                    let value: $ty = $body;
                    mem.add(end as usize).sub(SIZE).cast::<[u8; SIZE]>().write(value.to_le_bytes());
                    if D::COUNTED {
                        let dirty = store.dirty;
                        *dirty.add((end as usize - SIZE) >> $crate::store::PAGE_BITS) = 1;
                        if SIZE > 1 {
                            *dirty.add((end as usize - 1) >> $crate::store::PAGE_BITS) = 1;
                        }
                    }
                    next!(D, $name, store, ip, sp, mem, len, acc, facc)
                }
            }
        }
    )*};
}
pub(crate) use store_op;

/// The same for any memory.
macro_rules! store_far {
    ($($name:ident: $ty:ty = |$op:ident, $value_sp:ident| $value:expr;)*) => {$(
        handler! {
            pub(crate) fn $name<D>(store, ip, sp, mem, len, acc, facc) {
                const SIZE: usize = size_of::<$ty>();
                // SAFETY: as above; validation bounds the memory's index.
                unsafe {
                    let $op = ip.op::<ops::$name>();
                    let (at, memory) = $crate::handlers::memory::far!(D, $op, SIZE, store, ip, sp, mem, len, acc, facc);
                    let $value_sp = sp;
                    let value: $ty = $value;
                    (*memory).base().add(at).cast::<[u8; SIZE]>().write(value.to_le_bytes());
                    if D::COUNTED {
                        let dirty = (*memory).dirty_map();
                        *dirty.add(at >> $crate::store::PAGE_BITS) = 1;
                        if SIZE > 1 {
                            *dirty.add((at + SIZE - 1) >> $crate::store::PAGE_BITS) = 1;
                        }
                    }
                    next!(D, $name, store, ip, sp, mem, len, acc, facc)
                }
            }
        }
    )*};
}
pub(crate) use store_far;

store_op! {
    i32_store: u32 = |op, value: u64| value as u32;
    i32_store_imm: u32 = |op| op.value as u32;
    i32_store8: u8 = |op, value: u64| value as u8;
    i32_store8_imm: u8 = |op| op.value as u8;
    i32_store16: u16 = |op, value: u64| value as u16;
    i32_store16_imm: u16 = |op| op.value as u16;
    i64_store: u64 = |op, value: u64| value;
    i64_store_imm: u64 = |op| op.value as u64;
    i64_store8: u8 = |op, value: u64| value as u8;
    i64_store8_imm: u8 = |op| op.value as u8;
    i64_store16: u16 = |op, value: u64| value as u16;
    i64_store16_imm: u16 = |op| op.value as u16;
    i64_store32: u32 = |op, value: u64| value as u32;
    i64_store32_imm: u32 = |op| op.value as u32;
    f32_store: u32 = |op, value: f32| value.to_bits();
    f64_store: u64 = |op, value: f64| value.to_bits();
}
store_far! {
    i32_store_at: u32 = |op, sp| sp.get::<u64>(op.value) as u32;
    i32_store8_at: u8 = |op, sp| sp.get::<u64>(op.value) as u8;
    i32_store16_at: u16 = |op, sp| sp.get::<u64>(op.value) as u16;
    i64_store_at: u64 = |op, sp| sp.get::<u64>(op.value);
    i64_store8_at: u8 = |op, sp| sp.get::<u64>(op.value) as u8;
    i64_store16_at: u16 = |op, sp| sp.get::<u64>(op.value) as u16;
    i64_store32_at: u32 = |op, sp| sp.get::<u64>(op.value) as u32;
    f32_store_at: u32 = |op, sp| sp.get::<u64>(op.value) as u32;
    f64_store_at: u64 = |op, sp| sp.get::<u64>(op.value);
}

/// `dst = pages`, as an i32 or an i64.
macro_rules! sizes {
    ($($size:ident $grow:ident: $ty:ty as $result:ty;)*) => {$(
        handler! {
            pub(crate) fn $size<D>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: validation bounds the index; the slot lies in the frame.
                unsafe {
                    let op = ip.op::<ops::$size>();
                    let memory = (*store.instance).memory(op.memory);
                    sp.set(op.dst, (*memory).pages() as $ty);
                    next!(D, $size, store, ip, sp, mem, len, acc, facc)
                }
            }
        }

        handler! {
            pub(crate) fn $grow<D>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: validation bounds the index; memory 0 may have moved, so its
                // registers are read again.
                unsafe {
                    let op = ip.op::<ops::$grow>();
                    let delta = sp.get::<$ty>(op.delta) as u64;
                    let old = store.grow_memory((*store.instance).memory(op.memory), delta);
                    sp.set(op.dst, old as $result);
                    let (mem, len) = store.mem0();
                    next!(D, $grow, store, ip, sp, mem, len, acc, facc)
                }
            }
        }
    )*};
}
sizes! {
    memory_size memory_grow: u32 as i32;
    memory_size_wide memory_grow_wide: u64 as i64;
}

/// An op whose body is a method of the store that may trap.
macro_rules! bulk {
    ($($name:ident: |$store:ident, $op:ident, $sp:ident| $body:expr;)*) => {$(
        handler! {
            pub(crate) fn $name<D>($store, ip, $sp, mem, len, acc, facc) {
                // SAFETY: validation bounds the indices; the slots lie in the frame.
                unsafe {
                    let $op = ip.op::<ops::$name>();
                    match $body {
                        Ok(()) => next!(D, $name, $store, ip, $sp, mem, len, acc, facc),
                        Err(code) => {
                            $store.noted_trap = code;
                            trap_noted::<D>($store, ip, $sp, mem, len, acc, facc)
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
        op.dst_memory, op.src_memory, sp.get(op.dst), sp.get(op.src), sp.get(op.len), D::COUNTED);
    memory_fill: |store, op, sp| store.memory_fill(
        op.memory, sp.get(op.dst), sp.get::<u32>(op.value) as u8, sp.get(op.len), D::COUNTED);
    memory_init: |store, op, sp| store.memory_init(
        op.memory, op.segment, sp.get(op.dst), sp.get(op.src), sp.get(op.len), D::COUNTED);
    data_drop: |store, op, _sp| store.data_drop(op.segment);
}
