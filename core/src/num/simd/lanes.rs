//! Lanes moved about: splat, extract, replace, shuffle, swizzle, bitwise operators, and what loads do with bits.
//!
//! A lane number is an immediate and validated; out of range it panics, which is our fault, not the guest's.

use super::*;

macro_rules! per_shape {
    ($($splat:ident $replace:ident $take:ident $put:ident: $value:ident -> $lane:ident;)*) => {$(
        /// The value in every lane.
        #[inline(always)]
        pub fn $splat(value: $value) -> u128 {
            $put([value as $lane; 16 / size_of::<$lane>()])
        }
        /// The vector with one lane replaced.
        #[inline(always)]
        pub fn $replace(a: u128, lane: u8, value: $value) -> u128 {
            let mut lanes = $take(a);
            lanes[lane as usize] = value as $lane;
            $put(lanes)
        }
    )*};
}

per_shape! {
    i8x16_splat i8x16_replace_lane take_i8 put_i8: i32 -> i8;
    i16x8_splat i16x8_replace_lane take_i16 put_i16: i32 -> i16;
    i32x4_splat i32x4_replace_lane take_i32 put_i32: i32 -> i32;
    i64x2_splat i64x2_replace_lane take_i64 put_i64: i64 -> i64;
    f32x4_splat f32x4_replace_lane take_f32 put_f32: f32 -> f32;
    f64x2_splat f64x2_replace_lane take_f64 put_f64: f64 -> f64;
}

macro_rules! extract {
    ($($name:ident $take:ident -> $value:ident;)*) => {$(
        /// The value of one lane.
        #[inline(always)]
        pub fn $name(a: u128, lane: u8) -> $value {
            $take(a)[lane as usize] as $value
        }
    )*};
}

extract! {
    i8x16_extract_lane_s take_i8 -> i32;
    i8x16_extract_lane_u take_u8 -> i32;
    i16x8_extract_lane_s take_i16 -> i32;
    i16x8_extract_lane_u take_u16 -> i32;
    i32x4_extract_lane take_i32 -> i32;
    i64x2_extract_lane take_i64 -> i64;
    f32x4_extract_lane take_f32 -> f32;
    f64x2_extract_lane take_f64 -> f64;
}

/// Bytes picked from both vectors by the bytes of `lanes`: 0 to 15 from `a`, 16 to 31 from `b`.
#[inline(always)]
pub fn i8x16_shuffle(a: u128, b: u128, lanes: u128) -> u128 {
    let (a, b) = (a.to_le_bytes(), b.to_le_bytes());
    let pick = |lane: u8| {
        if lane < 16 { a[lane as usize] } else { b[lane as usize - 16] }
    };
    u128::from_le_bytes(lanes.to_le_bytes().map(pick))
}

/// Bytes of `a` picked by the lanes of `b`; 0 where the lane number is 16 or more.
#[inline(always)]
pub fn i8x16_swizzle(a: u128, b: u128) -> u128 {
    let a = a.to_le_bytes();
    u128::from_le_bytes(b.to_le_bytes().map(|lane| a.get(lane as usize).copied().unwrap_or(0)))
}

/// Every bit flipped.
#[inline(always)]
pub fn v128_not(a: u128) -> u128 {
    !a
}

/// Bitwise and.
#[inline(always)]
pub fn v128_and(a: u128, b: u128) -> u128 {
    a & b
}

/// `a` without the bits of `b`.
#[inline(always)]
pub fn v128_andnot(a: u128, b: u128) -> u128 {
    a & !b
}

/// Bitwise or.
#[inline(always)]
pub fn v128_or(a: u128, b: u128) -> u128 {
    a | b
}

/// Bitwise exclusive or.
#[inline(always)]
pub fn v128_xor(a: u128, b: u128) -> u128 {
    a ^ b
}

/// The bits of `a` where `mask` is one, of `b` where it is zero.
#[inline(always)]
pub fn v128_bitselect(a: u128, b: u128, mask: u128) -> u128 {
    a & mask | b & !mask
}

/// Whether any bit is one.
#[inline(always)]
pub fn v128_any_true(a: u128) -> bool {
    a != 0
}

macro_rules! load_extend {
    ($($name:ident: [$narrow:ident; $count:literal] -> $wide:ident $put:ident;)*) => {$(
        /// What the operator of this name makes of the eight bytes it loaded.
        #[inline(always)]
        pub fn $name(bits: u64) -> u128 {
            const SIZE: usize = size_of::<$narrow>();
            let bytes = bits.to_le_bytes();
            $put(std::array::from_fn::<_, $count, _>(|lane| {
                $wide::from($narrow::from_le_bytes(std::array::from_fn(|byte| bytes[lane * SIZE + byte])))
            }))
        }
    )*};
}

load_extend! {
    v128_load8x8_s: [i8; 8] -> i16 put_i16;
    v128_load8x8_u: [u8; 8] -> u16 put_u16;
    v128_load16x4_s: [i16; 4] -> i32 put_i32;
    v128_load16x4_u: [u16; 4] -> u32 put_u32;
    v128_load32x2_s: [i32; 2] -> i64 put_i64;
    v128_load32x2_u: [u32; 2] -> u64 put_u64;
}
