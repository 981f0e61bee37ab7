//! What x86-64 can do with a vector in a few instructions of its baseline (SSE2): the same functions as in the
//! modules beside this one, by the same names, without taking lanes apart.
//!
//! Always: the results are those of the portable functions, bit for bit (a test in `handlers::simd`). A function
//! is a few instructions and nothing in memory, so that it is inlined into its handler in every build.
//! Elsewhere: operators that are not here (`float`, `int`, `widen`, `lanes`, `relaxed`).

use std::arch::x86_64::*;

#[inline]
#[target_feature(enable = "sse2")]
fn v(bits: u128) -> __m128i {
    _mm_set_epi64x((bits >> 64) as i64, bits as i64)
}

#[inline]
#[target_feature(enable = "sse2")]
fn bits(v: __m128i) -> u128 {
    let (low, high) = (_mm_cvtsi128_si64(v), _mm_cvtsi128_si64(_mm_unpackhi_epi64(v, v)));
    u128::from(low as u64) | u128::from(high as u64) << 64
}

macro_rules! binary {
    ($($name:ident = |$a:ident, $b:ident| $result:expr;)*) => {$(
        #[inline]
        #[target_feature(enable = "sse2")]
        pub(crate) fn $name(a: u128, b: u128) -> u128 {
            let ($a, $b) = (v(a), v(b));
            bits($result)
        }
    )*};
}

binary! {
    i8x16_add = |a, b| _mm_add_epi8(a, b);
    i16x8_add = |a, b| _mm_add_epi16(a, b);
    i32x4_add = |a, b| _mm_add_epi32(a, b);
    i64x2_add = |a, b| _mm_add_epi64(a, b);
    i8x16_sub = |a, b| _mm_sub_epi8(a, b);
    i16x8_sub = |a, b| _mm_sub_epi16(a, b);
    i32x4_sub = |a, b| _mm_sub_epi32(a, b);
    i64x2_sub = |a, b| _mm_sub_epi64(a, b);
    i8x16_add_sat_s = |a, b| _mm_adds_epi8(a, b);
    i8x16_add_sat_u = |a, b| _mm_adds_epu8(a, b);
    i16x8_add_sat_s = |a, b| _mm_adds_epi16(a, b);
    i16x8_add_sat_u = |a, b| _mm_adds_epu16(a, b);
    i8x16_sub_sat_s = |a, b| _mm_subs_epi8(a, b);
    i8x16_sub_sat_u = |a, b| _mm_subs_epu8(a, b);
    i16x8_sub_sat_s = |a, b| _mm_subs_epi16(a, b);
    i16x8_sub_sat_u = |a, b| _mm_subs_epu16(a, b);
    i8x16_min_u = |a, b| _mm_min_epu8(a, b);
    i8x16_max_u = |a, b| _mm_max_epu8(a, b);
    i16x8_min_s = |a, b| _mm_min_epi16(a, b);
    i16x8_max_s = |a, b| _mm_max_epi16(a, b);
    i8x16_avgr_u = |a, b| _mm_avg_epu8(a, b);
    i16x8_avgr_u = |a, b| _mm_avg_epu16(a, b);
    i16x8_mul = |a, b| _mm_mullo_epi16(a, b);
    i32x4_mul = |a, b| {
        let even = _mm_mul_epu32(a, b);
        let odd = _mm_mul_epu32(_mm_srli_epi64(a, 32), _mm_srli_epi64(b, 32));
        _mm_unpacklo_epi32(_mm_shuffle_epi32(even, 0b1000), _mm_shuffle_epi32(odd, 0b1000))
    };
    i32x4_dot_i16x8_s = |a, b| _mm_madd_epi16(a, b);
    i8x16_eq = |a, b| _mm_cmpeq_epi8(a, b);
    i16x8_eq = |a, b| _mm_cmpeq_epi16(a, b);
    i32x4_eq = |a, b| _mm_cmpeq_epi32(a, b);
    i8x16_lt_s = |a, b| _mm_cmpgt_epi8(b, a);
    i16x8_lt_s = |a, b| _mm_cmpgt_epi16(b, a);
    i32x4_lt_s = |a, b| _mm_cmpgt_epi32(b, a);
    i8x16_gt_s = |a, b| _mm_cmpgt_epi8(a, b);
    i16x8_gt_s = |a, b| _mm_cmpgt_epi16(a, b);
    i32x4_gt_s = |a, b| _mm_cmpgt_epi32(a, b);
    i8x16_narrow_i16x8_s = |a, b| _mm_packs_epi16(a, b);
    i8x16_narrow_i16x8_u = |a, b| _mm_packus_epi16(a, b);
    i16x8_narrow_i32x4_s = |a, b| _mm_packs_epi32(a, b);
}

macro_rules! bitwise {
    ($($name:ident = |$a:ident, $b:ident| $result:expr;)*) => {$(
        #[inline]
        #[target_feature(enable = "sse2")]
        pub(crate) fn $name($a: u128, $b: u128) -> u128 {
            $result
        }
    )*};
}

bitwise! {
    v128_and = |a, b| a & b;
    v128_andnot = |a, b| a & !b;
    v128_or = |a, b| a | b;
    v128_xor = |a, b| a ^ b;
}

/// The bits that are set in `c` come from `a`, the others from `b`.
#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn v128_bitselect(a: u128, b: u128, c: u128) -> u128 {
    a & c | b & !c
}

macro_rules! unary {
    ($($name:ident = |$a:ident| $result:expr;)*) => {$(
        #[inline]
        #[target_feature(enable = "sse2")]
        pub(crate) fn $name(a: u128) -> u128 {
            let $a = v(a);
            bits($result)
        }
    )*};
}

unary! {
    i16x8_extadd_pairwise_i8x16_s = |a| _mm_add_epi16(_mm_srai_epi16(_mm_slli_epi16(a, 8), 8), _mm_srai_epi16(a, 8));
    i16x8_extadd_pairwise_i8x16_u = |a| _mm_add_epi16(_mm_and_si128(a, _mm_set1_epi16(0xff)), _mm_srli_epi16(a, 8));
    i32x4_extadd_pairwise_i16x8_s = |a| _mm_madd_epi16(a, _mm_set1_epi16(1));
    i32x4_extadd_pairwise_i16x8_u = |a| _mm_add_epi32(_mm_and_si128(a, _mm_set1_epi32(0xffff)), _mm_srli_epi32(a, 16));
    i16x8_extend_low_i8x16_s = |a| _mm_srai_epi16(_mm_unpacklo_epi8(a, a), 8);
    i16x8_extend_high_i8x16_s = |a| _mm_srai_epi16(_mm_unpackhi_epi8(a, a), 8);
    i16x8_extend_low_i8x16_u = |a| _mm_unpacklo_epi8(a, _mm_setzero_si128());
    i16x8_extend_high_i8x16_u = |a| _mm_unpackhi_epi8(a, _mm_setzero_si128());
    i32x4_extend_low_i16x8_s = |a| _mm_srai_epi32(_mm_unpacklo_epi16(a, a), 16);
    i32x4_extend_high_i16x8_s = |a| _mm_srai_epi32(_mm_unpackhi_epi16(a, a), 16);
    i32x4_extend_low_i16x8_u = |a| _mm_unpacklo_epi16(a, _mm_setzero_si128());
    i32x4_extend_high_i16x8_u = |a| _mm_unpackhi_epi16(a, _mm_setzero_si128());
    i64x2_extend_low_i32x4_s = |a| _mm_unpacklo_epi32(a, _mm_srai_epi32(a, 31));
    i64x2_extend_high_i32x4_s = |a| _mm_unpackhi_epi32(a, _mm_srai_epi32(a, 31));
    i64x2_extend_low_i32x4_u = |a| _mm_unpacklo_epi32(a, _mm_setzero_si128());
    i64x2_extend_high_i32x4_u = |a| _mm_unpackhi_epi32(a, _mm_setzero_si128());
}

macro_rules! shifts {
    ($($name:ident = $shift:ident, $mask:literal;)*) => {$(
        #[inline]
        #[target_feature(enable = "sse2")]
        pub(crate) fn $name(a: u128, count: i32) -> u128 {
            bits($shift(v(a), _mm_cvtsi32_si128(count & $mask)))
        }
    )*};
}

shifts! {
    i16x8_shl = _mm_sll_epi16, 15;
    i16x8_shr_s = _mm_sra_epi16, 15;
    i16x8_shr_u = _mm_srl_epi16, 15;
    i32x4_shl = _mm_sll_epi32, 31;
    i32x4_shr_s = _mm_sra_epi32, 31;
    i32x4_shr_u = _mm_srl_epi32, 31;
    i64x2_shl = _mm_sll_epi64, 63;
    i64x2_shr_u = _mm_srl_epi64, 63;
}

/// The sign bits, lane 0's lowest.
#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn i8x16_bitmask(a: u128) -> i32 {
    _mm_movemask_epi8(v(a))
}

/// The sign bits, lane 0's lowest.
#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn i32x4_bitmask(a: u128) -> i32 {
    _mm_movemask_ps(_mm_castsi128_ps(v(a)))
}

/// Whether any bit is set.
#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn v128_any_true(a: u128) -> bool {
    a != 0
}

/// All bits the other way round.
#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn v128_not(a: u128) -> u128 {
    !a
}

macro_rules! splats {
    ($($name:ident($ty:ty) = |$a:ident| $result:expr;)*) => {$(
        #[inline]
        #[target_feature(enable = "sse2")]
        pub(crate) fn $name($a: $ty) -> u128 {
            bits($result)
        }
    )*};
}

splats! {
    i8x16_splat(i32) = |a| _mm_set1_epi8(a as i8);
    i16x8_splat(i32) = |a| _mm_set1_epi16(a as i16);
    i32x4_splat(i32) = |a| _mm_set1_epi32(a);
    i64x2_splat(i64) = |a| _mm_set1_epi64x(a);
    f32x4_splat(f32) = |a| _mm_set1_epi32(a.to_bits() as i32);
    f64x2_splat(f64) = |a| _mm_set1_epi64x(a.to_bits() as i64);
}

/// Float lanes: `$arithmetic` has canonical NaNs, `$exact` is as the instruction says.
macro_rules! floats {
    ($vector:ident $canonical:ident $from:ident $into:ident $unordered:ident $and:ident $andnot:ident $or:ident $nan:expr;
        $($unary:ident = $one:ident,)*; $($arithmetic:ident = $two:ident,)*; $($exact:ident = |$a:ident, $b:ident| $result:expr,)*
    ) => {
        /// The bits of a result, canonical where it is a NaN.
        #[inline]
        #[target_feature(enable = "sse2")]
        fn $canonical(result: $vector) -> u128 {
            let nan = $unordered(result, result);
            bits($into($or($and(nan, $nan), $andnot(nan, result))))
        }
        $(#[inline]
        #[target_feature(enable = "sse2")]
        pub(crate) fn $unary(a: u128) -> u128 {
            $canonical($one($from(v(a))))
        })*
        $(#[inline]
        #[target_feature(enable = "sse2")]
        pub(crate) fn $arithmetic(a: u128, b: u128) -> u128 {
            $canonical($two($from(v(a)), $from(v(b))))
        })*
        $(#[inline]
        #[target_feature(enable = "sse2")]
        pub(crate) fn $exact(a: u128, b: u128) -> u128 {
            let ($a, $b) = ($from(v(a)), $from(v(b)));
            bits($into($result))
        })*
    };
}

floats! {
    __m128 canonical_f32 _mm_castsi128_ps _mm_castps_si128 _mm_cmpunord_ps _mm_and_ps _mm_andnot_ps _mm_or_ps
        _mm_set1_ps(f32::from_bits(0x7fc0_0000));
    f32x4_sqrt = _mm_sqrt_ps,;
    f32x4_add = _mm_add_ps, f32x4_sub = _mm_sub_ps, f32x4_mul = _mm_mul_ps, f32x4_div = _mm_div_ps,;
    f32x4_pmin = |a, b| _mm_min_ps(b, a), f32x4_pmax = |a, b| _mm_max_ps(b, a),
    f32x4_eq = |a, b| _mm_cmpeq_ps(a, b), f32x4_ne = |a, b| _mm_cmpneq_ps(a, b), f32x4_lt = |a, b| _mm_cmplt_ps(a, b),
    f32x4_gt = |a, b| _mm_cmplt_ps(b, a), f32x4_le = |a, b| _mm_cmple_ps(a, b), f32x4_ge = |a, b| _mm_cmple_ps(b, a),
}
floats! {
    __m128d canonical_f64 _mm_castsi128_pd _mm_castpd_si128 _mm_cmpunord_pd _mm_and_pd _mm_andnot_pd _mm_or_pd
        _mm_set1_pd(f64::from_bits(0x7ff8_0000_0000_0000));
    f64x2_sqrt = _mm_sqrt_pd,;
    f64x2_add = _mm_add_pd, f64x2_sub = _mm_sub_pd, f64x2_mul = _mm_mul_pd, f64x2_div = _mm_div_pd,;
    f64x2_pmin = |a, b| _mm_min_pd(b, a), f64x2_pmax = |a, b| _mm_max_pd(b, a),
    f64x2_eq = |a, b| _mm_cmpeq_pd(a, b), f64x2_ne = |a, b| _mm_cmpneq_pd(a, b), f64x2_lt = |a, b| _mm_cmplt_pd(a, b),
    f64x2_gt = |a, b| _mm_cmplt_pd(b, a), f64x2_le = |a, b| _mm_cmple_pd(a, b), f64x2_ge = |a, b| _mm_cmple_pd(b, a),
}

/// Signs alone: a mask.
macro_rules! signs {
    ($($abs:ident $neg:ident: $sign:literal;)*) => {$(
        #[inline]
        #[target_feature(enable = "sse2")]
        pub(crate) fn $abs(a: u128) -> u128 {
            a & !$sign
        }
        #[inline]
        #[target_feature(enable = "sse2")]
        pub(crate) fn $neg(a: u128) -> u128 {
            a ^ $sign
        }
    )*};
}

signs! {
    f32x4_abs f32x4_neg: 0x8000_0000_8000_0000_8000_0000_8000_0000;
    f64x2_abs f64x2_neg: 0x8000_0000_0000_0000_8000_0000_0000_0000;
}
