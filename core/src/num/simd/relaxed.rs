//! Relaxed operators, with the choices of the specification's deterministic profile.
//!
//! Where hosts may differ this engine always does the same: multiply-add rounds twice, minimum and maximum are the
//! strict ones, truncation saturates, swizzle gives 0 out of range, lane selection is bit selection, and the second
//! operand of a dot product is signed.

use super::*;
use crate::num;

macro_rules! strict {
    ($($name:ident = $strict:ident($($arg:ident),*);)*) => {$(
        /// The strict operator.
        #[inline(always)]
        pub fn $name($($arg: u128),*) -> u128 {
            $strict($($arg),*)
        }
    )*};
}

strict! {
    i8x16_relaxed_swizzle = i8x16_swizzle(a, b);
    i32x4_relaxed_trunc_f32x4_s = i32x4_trunc_sat_f32x4_s(a);
    i32x4_relaxed_trunc_f32x4_u = i32x4_trunc_sat_f32x4_u(a);
    i32x4_relaxed_trunc_f64x2_s_zero = i32x4_trunc_sat_f64x2_s_zero(a);
    i32x4_relaxed_trunc_f64x2_u_zero = i32x4_trunc_sat_f64x2_u_zero(a);
    i8x16_relaxed_laneselect = v128_bitselect(a, b, mask);
    i16x8_relaxed_laneselect = v128_bitselect(a, b, mask);
    i32x4_relaxed_laneselect = v128_bitselect(a, b, mask);
    i64x2_relaxed_laneselect = v128_bitselect(a, b, mask);
    f32x4_relaxed_min = f32x4_min(a, b);
    f32x4_relaxed_max = f32x4_max(a, b);
    f64x2_relaxed_min = f64x2_min(a, b);
    f64x2_relaxed_max = f64x2_max(a, b);
    i16x8_relaxed_q15mulr_s = i16x8_q15mulr_sat_s(a, b);
}

macro_rules! multiply_add {
    ($($madd:ident $nmadd:ident $take:ident $put:ident $canonical:ident;)*) => {$(
        /// `a * b + c` in each lane, rounded after each operator.
        #[inline(always)]
        pub fn $madd(a: u128, b: u128, c: u128) -> u128 {
            let (a, b, c) = ($take(a), $take(b), $take(c));
            $put(std::array::from_fn(|lane| num::$canonical(a[lane] * b[lane] + c[lane])))
        }
        /// `-(a * b) + c` in each lane, rounded after each operator.
        #[inline(always)]
        pub fn $nmadd(a: u128, b: u128, c: u128) -> u128 {
            let (a, b, c) = ($take(a), $take(b), $take(c));
            $put(std::array::from_fn(|lane| num::$canonical(-(a[lane] * b[lane]) + c[lane])))
        }
    )*};
}

multiply_add! {
    f32x4_relaxed_madd f32x4_relaxed_nmadd take_f32 put_f32 f32_canonical;
    f64x2_relaxed_madd f64x2_relaxed_nmadd take_f64 put_f64 f64_canonical;
}

/// Sums of the products of neighbouring bytes, both signed, in 16 bits, wrapping.
#[inline(always)]
pub fn i16x8_relaxed_dot_i8x16_i7x16_s(a: u128, b: u128) -> u128 {
    let (a, b) = (take_i8(a), take_i8(b));
    let product = |lane: usize| i16::from(a[lane]) * i16::from(b[lane]);
    put_i16(std::array::from_fn(|lane| product(2 * lane).wrapping_add(product(2 * lane + 1))))
}

/// Sums of the products of four neighbouring bytes, both signed, added to `c`.
#[inline(always)]
pub fn i32x4_relaxed_dot_i8x16_i7x16_add_s(a: u128, b: u128, c: u128) -> u128 {
    i32x4_add(i32x4_extadd_pairwise_i16x8_s(i16x8_relaxed_dot_i8x16_i7x16_s(a, b)), c)
}
