//! Lanes of one width made from lanes of another: narrowing, extension, widening products and sums.

use super::*;

macro_rules! narrow {
    ($($name:ident: $take:ident -> [$lane:ident; $count:literal] $put:ident;)*) => {$(
        /// The lanes of `a`, then of `b`, each to the nearest value that fits half the width.
        #[inline(always)]
        pub fn $name(a: u128, b: u128) -> u128 {
            const HALF: usize = $count / 2;
            let (a, b) = ($take(a), $take(b));
            $put(std::array::from_fn(|lane| {
                let value = if lane < HALF { a[lane] } else { b[lane - HALF] };
                value.clamp($lane::MIN.into(), $lane::MAX.into()) as $lane
            }))
        }
    )*};
}

narrow! {
    i8x16_narrow_i16x8_s: take_i16 -> [i8; 16] put_i8;
    i8x16_narrow_i16x8_u: take_i16 -> [u8; 16] put_u8;
    i16x8_narrow_i32x4_s: take_i32 -> [i16; 8] put_i16;
    i16x8_narrow_i32x4_u: take_i32 -> [u16; 8] put_u16;
}

macro_rules! widen {
    ($($low:ident $high:ident $mul_low:ident $mul_high:ident: $take:ident -> [$lane:ident; $count:literal] $put:ident;)*) => {$(
        /// The low half of the lanes, in twice the width.
        #[inline(always)]
        pub fn $low(a: u128) -> u128 {
            let a = $take(a);
            $put(std::array::from_fn(|lane| $lane::from(a[lane])))
        }
        /// The high half of the lanes, in twice the width.
        #[inline(always)]
        pub fn $high(a: u128) -> u128 {
            let a = $take(a);
            $put(std::array::from_fn(|lane| $lane::from(a[lane + $count])))
        }
        /// Products of the low half of the lanes, in twice the width.
        #[inline(always)]
        pub fn $mul_low(a: u128, b: u128) -> u128 {
            let (a, b) = ($take(a), $take(b));
            $put(std::array::from_fn(|lane| $lane::from(a[lane]) * $lane::from(b[lane])))
        }
        /// Products of the high half of the lanes, in twice the width.
        #[inline(always)]
        pub fn $mul_high(a: u128, b: u128) -> u128 {
            let (a, b) = ($take(a), $take(b));
            $put(std::array::from_fn(|lane| $lane::from(a[lane + $count]) * $lane::from(b[lane + $count])))
        }
    )*};
}

widen! {
    i16x8_extend_low_i8x16_s i16x8_extend_high_i8x16_s i16x8_extmul_low_i8x16_s i16x8_extmul_high_i8x16_s:
        take_i8 -> [i16; 8] put_i16;
    i16x8_extend_low_i8x16_u i16x8_extend_high_i8x16_u i16x8_extmul_low_i8x16_u i16x8_extmul_high_i8x16_u:
        take_u8 -> [u16; 8] put_u16;
    i32x4_extend_low_i16x8_s i32x4_extend_high_i16x8_s i32x4_extmul_low_i16x8_s i32x4_extmul_high_i16x8_s:
        take_i16 -> [i32; 4] put_i32;
    i32x4_extend_low_i16x8_u i32x4_extend_high_i16x8_u i32x4_extmul_low_i16x8_u i32x4_extmul_high_i16x8_u:
        take_u16 -> [u32; 4] put_u32;
    i64x2_extend_low_i32x4_s i64x2_extend_high_i32x4_s i64x2_extmul_low_i32x4_s i64x2_extmul_high_i32x4_s:
        take_i32 -> [i64; 2] put_i64;
    i64x2_extend_low_i32x4_u i64x2_extend_high_i32x4_u i64x2_extmul_low_i32x4_u i64x2_extmul_high_i32x4_u:
        take_u32 -> [u64; 2] put_u64;
}

macro_rules! add_pairs {
    ($($name:ident: $take:ident -> $lane:ident $put:ident;)*) => {$(
        /// Sums of neighbouring lanes, in twice the width.
        #[inline(always)]
        pub fn $name(a: u128) -> u128 {
            let a = $take(a);
            $put(std::array::from_fn(|lane| $lane::from(a[2 * lane]) + $lane::from(a[2 * lane + 1])))
        }
    )*};
}

add_pairs! {
    i16x8_extadd_pairwise_i8x16_s: take_i8 -> i16 put_i16;
    i16x8_extadd_pairwise_i8x16_u: take_u8 -> u16 put_u16;
    i32x4_extadd_pairwise_i16x8_s: take_i16 -> i32 put_i32;
    i32x4_extadd_pairwise_i16x8_u: take_u16 -> u32 put_u32;
}

/// Sums of the products of neighbouring lanes, in twice the width, wrapping.
#[inline(always)]
pub fn i32x4_dot_i16x8_s(a: u128, b: u128) -> u128 {
    let (a, b) = (take_i16(a), take_i16(b));
    let product = |lane: usize| i32::from(a[lane]) * i32::from(b[lane]);
    put_i32(std::array::from_fn(|lane| product(2 * lane).wrapping_add(product(2 * lane + 1))))
}
