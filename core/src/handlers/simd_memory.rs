//! Vectors in memory: loads that widen, repeat or replace lanes, and stores.
//!
//! Addresses, bounds and dirty pages are those of scalar accesses (`memory`).

use super::memory::{load, store_far, store_op};
use super::next;
use super::simd::apart;
use crate::code::ops;
use crate::exec::dispatch::handler;
use crate::num::simd;

load! {
    v128_load v128_load_at: |x: u128| x;
    v128_load8x8_s v128_load8x8_s_at: |x: u64| apart!(simd::v128_load8x8_s(x));
    v128_load8x8_u v128_load8x8_u_at: |x: u64| apart!(simd::v128_load8x8_u(x));
    v128_load16x4_s v128_load16x4_s_at: |x: u64| apart!(simd::v128_load16x4_s(x));
    v128_load16x4_u v128_load16x4_u_at: |x: u64| apart!(simd::v128_load16x4_u(x));
    v128_load32x2_s v128_load32x2_s_at: |x: u64| apart!(simd::v128_load32x2_s(x));
    v128_load32x2_u v128_load32x2_u_at: |x: u64| apart!(simd::v128_load32x2_u(x));
    v128_load8_splat v128_load8_splat_at: |x: u8| apart!(simd::i8x16_splat(x as i32));
    v128_load16_splat v128_load16_splat_at: |x: u16| apart!(simd::i16x8_splat(x as i32));
    v128_load32_splat v128_load32_splat_at: |x: u32| apart!(simd::i32x4_splat(x as i32));
    v128_load64_splat v128_load64_splat_at: |x: u64| apart!(simd::i64x2_splat(x as i64));
    v128_load32_zero v128_load32_zero_at: |x: u32| x as u128;
    v128_load64_zero v128_load64_zero_at: |x: u64| x as u128;
}
store_op! {
    v128_store: u128 = |op, value: u128| value;
    v128_store8_lane: u8 = |op, value: u128| apart!(simd::i8x16_extract_lane_u(value, op.lane as u8)) as u8;
    v128_store16_lane: u16 = |op, value: u128| apart!(simd::i16x8_extract_lane_u(value, op.lane as u8)) as u16;
    v128_store32_lane: u32 = |op, value: u128| apart!(simd::i32x4_extract_lane(value, op.lane as u8)) as u32;
    v128_store64_lane: u64 = |op, value: u128| apart!(simd::i64x2_extract_lane(value, op.lane as u8)) as u64;
}
store_far! {
    v128_store_at: u128 = |op, sp| sp.get::<u128>(op.value);
    v128_store8_lane_at: u8 = |op, sp| apart!(simd::i8x16_extract_lane_u(sp.get(op.value), op.lane as u8)) as u8;
    v128_store16_lane_at: u16 = |op, sp| apart!(simd::i16x8_extract_lane_u(sp.get(op.value), op.lane as u8)) as u16;
    v128_store32_lane_at: u32 = |op, sp| apart!(simd::i32x4_extract_lane(sp.get(op.value), op.lane as u8)) as u32;
    v128_store64_lane_at: u64 = |op, sp| apart!(simd::i64x2_extract_lane(sp.get(op.value), op.lane as u8)) as u64;
}

/// `dst = src` with one lane from memory.
macro_rules! load_lane {
    ($($name:ident $far:ident: $ty:ty => $replace:ident as $into:ty;)*) => {$(
        handler! {
            pub(crate) fn $name<D>(store, ip, sp, mem, len, acc, facc) {
                const SIZE: usize = size_of::<$ty>();
                // SAFETY: the slots lie in the frame, the bytes in the memory.
                unsafe {
                    let op = ip.op::<ops::$name>();
                    let at = sp.get::<u32>(op.addr) as u64 + op.offset as u64;
                    if at + SIZE as u64 > len as u64 {
                        return $crate::handlers::trap_memory::<D>(store, ip, sp, mem, len, acc, facc);
                    }
                    let value = <$ty>::from_le_bytes(mem.add(at as usize).cast::<[u8; SIZE]>().read());
                    sp.set(op.dst, apart!(simd::$replace(sp.get(op.src), op.lane as u8, value as $into)));
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
                    let (at, memory) = super::memory::far!(D, op, SIZE, store, ip, sp, mem, len, acc, facc);
                    let bytes = (*memory).base().add(at).cast::<[u8; SIZE]>().read();
                    let value = <$ty>::from_le_bytes(bytes);
                    sp.set(op.dst, apart!(simd::$replace(sp.get(op.src), op.lane as u8, value as $into)));
                    next!(D, $far, store, ip, sp, mem, len, acc, facc)
                }
            }
        }
    )*};
}
load_lane! {
    v128_load8_lane v128_load8_lane_at: u8 => i8x16_replace_lane as i32;
    v128_load16_lane v128_load16_lane_at: u16 => i16x8_replace_lane as i32;
    v128_load32_lane v128_load32_lane_at: u32 => i32x4_replace_lane as i32;
    v128_load64_lane v128_load64_lane_at: u64 => i64x2_replace_lane as i64;
}
