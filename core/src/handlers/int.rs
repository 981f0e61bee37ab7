//! Integer arithmetic. What can trap, and why, is in `num`.
//!
//! An immediate is 32 bits, sign-extended for i64.

use super::{binary, binary_fallible, binary_imm, first, next, result, second, unary};
use crate::code::ops;
use crate::exec::dispatch::handler;
use crate::num;

unary! {
    i32_clz: |x: u32| x.leading_zeros();
    i32_ctz: |x: u32| x.trailing_zeros();
    i32_popcnt: |x: u32| x.count_ones();
    i32_extend8_s: |x: i32| x as i8 as i32;
    i32_extend16_s: |x: i32| x as i16 as i32;
    i64_clz: |x: u64| x.leading_zeros() as u64;
    i64_ctz: |x: u64| x.trailing_zeros() as u64;
    i64_popcnt: |x: u64| x.count_ones() as u64;
    i64_extend8_s: |x: i64| x as i8 as i64;
    i64_extend16_s: |x: i64| x as i16 as i64;
    i64_extend32_s: |x: i64| x as i32 as i64;
}

binary_imm! {
    i32_add i32_add_imm: |a, b: i32| a.wrapping_add(b);
    i32_sub i32_sub_imm i32_rsub_imm: |a, b: i32| a.wrapping_sub(b);
    i32_mul i32_mul_imm: |a, b: i32| a.wrapping_mul(b);
    i32_and i32_and_imm: |a, b: u32| a & b;
    i32_or i32_or_imm: |a, b: u32| a | b;
    i32_xor i32_xor_imm: |a, b: u32| a ^ b;
    i32_shl i32_shl_imm: |a, b: i32| a.wrapping_shl(b as u32);
    i32_shr_s i32_shr_s_imm: |a, b: i32| a.wrapping_shr(b as u32);
    i32_shr_u i32_shr_u_imm: |a, b: u32| a.wrapping_shr(b as u32);
    i32_rotl i32_rotl_imm: |a, b: u32| a.rotate_left(b as u32 & 31);
    i32_rotr i32_rotr_imm: |a, b: u32| a.rotate_right(b as u32 & 31);
    i64_add i64_add_imm: |a, b: i64| a.wrapping_add(b);
    i64_sub i64_sub_imm i64_rsub_imm: |a, b: i64| a.wrapping_sub(b);
    i64_mul i64_mul_imm: |a, b: i64| a.wrapping_mul(b);
    i64_and i64_and_imm: |a, b: u64| a & b;
    i64_or i64_or_imm: |a, b: u64| a | b;
    i64_xor i64_xor_imm: |a, b: u64| a ^ b;
    i64_shl i64_shl_imm: |a, b: i64| a.wrapping_shl(b as u32);
    i64_shr_s i64_shr_s_imm: |a, b: i64| a.wrapping_shr(b as u32);
    i64_shr_u i64_shr_u_imm: |a, b: u64| a.wrapping_shr(b as u32);
    i64_rotl i64_rotl_imm: |a, b: u64| a.rotate_left(b as u32 & 63);
    i64_rotr i64_rotr_imm: |a, b: u64| a.rotate_right(b as u32 & 63);
}

binary_fallible! {
    i32_div_s i32_div_s_imm: |a, b: i32| num::i32_div_s(a, b);
    i32_div_u i32_div_u_imm: |a, b: u32| num::i32_div_u(a, b);
    i32_rem_s i32_rem_s_imm: |a, b: i32| num::i32_rem_s(a, b);
    i32_rem_u i32_rem_u_imm: |a, b: u32| num::i32_rem_u(a, b);
    i64_div_s i64_div_s_imm: |a, b: i64| num::i64_div_s(a, b);
    i64_div_u i64_div_u_imm: |a, b: u64| num::i64_div_u(a, b);
    i64_rem_s i64_rem_s_imm: |a, b: i64| num::i64_rem_s(a, b);
    i64_rem_u i64_rem_u_imm: |a, b: u64| num::i64_rem_u(a, b);
}

handler! {
    pub(crate) fn i32_add_shl<D, F>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::i32_add_shl>();
            let lhs = first::<u32, F>(sp, op.lhs, acc, facc);
            let rhs = second::<u32, F>(sp, op.rhs, acc, facc);
            let sum = lhs.wrapping_add(rhs.wrapping_shl(op.shift as u32));
            let (acc, facc) = result::<_, F>(sp, op.dst, sum, acc, facc);
            next!(D, i32_add_shl, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn i32_bits<D, F>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::i32_bits>();
            let bits = first::<u32, F>(sp, op.lhs, acc, facc).wrapping_shr(op.shift as u32) & op.mask as u32;
            let (acc, facc) = result::<_, F>(sp, op.dst, bits, acc, facc);
            next!(D, i32_bits, store, ip, sp, mem, len, acc, facc)
        }
    }
}

/// `high:low = body`, in 128 bits.
macro_rules! wide {
    ($($name:ident: |$op:ident, $sp:ident| $body:expr;)*) => {$(
        handler! {
            pub(crate) fn $name<D>(store, ip, $sp, mem, len, acc, facc) {
                // SAFETY: `ip` is an op of this name, its slots lie in the frame.
                unsafe {
                    let $op = ip.op::<ops::$name>();
                    let value: u128 = $body;
                    $sp.set($op.low, value as u64);
                    $sp.set($op.high, (value >> 64) as u64);
                    next!(D, $name, store, ip, $sp, mem, len, acc, facc)
                }
            }
        }
    )*};
}

/// The number of two halves.
fn halves(low: u64, high: u64) -> u128 {
    low as u128 | (high as u128) << 64
}

wide! {
    i64_add128: |op, sp| halves(sp.get(op.lhs_low), sp.get(op.lhs_high))
        .wrapping_add(halves(sp.get(op.rhs_low), sp.get(op.rhs_high)));
    i64_sub128: |op, sp| halves(sp.get(op.lhs_low), sp.get(op.lhs_high))
        .wrapping_sub(halves(sp.get(op.rhs_low), sp.get(op.rhs_high)));
    i64_mul_wide_s: |op, sp| (sp.get::<i64>(op.lhs) as i128 * sp.get::<i64>(op.rhs) as i128) as u128;
    i64_mul_wide_u: |op, sp| sp.get::<u64>(op.lhs) as u128 * sp.get::<u64>(op.rhs) as u128;
}
