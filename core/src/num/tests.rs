//! The arithmetic's corners, without a machine.

use super::*;

const NAN32: u32 = 0x7fc0_0000;
const NAN64: u64 = 0x7ff8_0000_0000_0000;

#[test]
fn division_traps_on_zero_and_on_overflow() {
    assert_eq!(i32_div_s(7, 0), Err(TrapCode::IntegerDivideByZero));
    assert_eq!(i32_div_s(i32::MIN, -1), Err(TrapCode::IntegerOverflow));
    assert_eq!(i32_div_s(-7, 2), Ok(-3));
    assert_eq!(i64_div_s(i64::MIN, -1), Err(TrapCode::IntegerOverflow));
    assert_eq!(i32_rem_s(i32::MIN, -1), Ok(0));
    assert_eq!(i64_rem_s(-7, 2), Ok(-1));
    assert_eq!(i64_rem_s(1, 0), Err(TrapCode::IntegerDivideByZero));
    assert_eq!(i32_div_u(u32::MAX, 2), Ok(0x7fff_ffff));
    assert_eq!(i32_rem_u(1, 0), Err(TrapCode::IntegerDivideByZero));
}

#[test]
fn shift_counts_wrap() {
    assert_eq!(i32_shl(1, 33), 2);
    assert_eq!(i32_shr_s(-8, 33), -4);
    assert_eq!(i32_shr_u(0x8000_0000, 63), 1);
    assert_eq!(i64_shl(1, 65), 2);
    assert_eq!(i64_shl(1, i64::MIN), 1);
    assert_eq!(i32_rotl(0x8000_0001u32 as i32, 1), 3);
    assert_eq!(i64_rotr(1, 65), i64::MIN);
    assert_eq!((i32_clz(0), i32_ctz(0), i64_clz(0), i64_ctz(0)), (32, 32, 64, 64));
}

#[test]
fn wide_pairs() {
    assert_eq!(i64_add128(-1, 0, 1, 0), (0, 1));
    assert_eq!(i64_sub128(0, 0, 1, 0), (-1, -1));
    assert_eq!(i64_mul_wide_s(-1, 1), (-1, -1));
    assert_eq!(i64_mul_wide_u(u64::MAX, u64::MAX), (1, -2));
}

#[test]
fn arithmetic_makes_canonical_nans_only() {
    let odd = f32::from_bits(0xffa0_1234);
    for made in [
        f32_add(odd, 1.0),
        f32_sub(1.0, odd),
        f32_mul(odd, odd),
        f32_div(0.0, 0.0),
        f32_sqrt(-1.0),
        f32_sqrt(odd),
        f32_min(odd, 1.0),
        f32_max(1.0, odd),
        f32_ceil(odd),
        f32_floor(odd),
        f32_trunc(odd),
        f32_nearest(odd),
        f32_demote_f64(f64::from_bits(0xfff4_0000_0000_0001)),
        f32_add(f32::INFINITY, f32::NEG_INFINITY),
    ] {
        assert_eq!(made.to_bits(), NAN32);
    }
    let odd = f64::from_bits(0xfff4_0000_0000_1234);
    for made in [
        f64_add(odd, 1.0),
        f64_sub(1.0, odd),
        f64_mul(odd, odd),
        f64_div(0.0, 0.0),
        f64_sqrt(-1.0),
        f64_min(odd, 1.0),
        f64_max(1.0, odd),
        f64_ceil(odd),
        f64_floor(odd),
        f64_trunc(odd),
        f64_nearest(odd),
        f64_promote_f32(f32::from_bits(0xff80_0001)),
    ] {
        assert_eq!(made.to_bits(), NAN64);
    }
}

#[test]
fn signs_keep_every_bit() {
    let odd = f32::from_bits(0x7fa0_1234);
    assert_eq!(f32_neg(odd).to_bits(), 0xffa0_1234);
    assert_eq!(f32_abs(f32_neg(odd)).to_bits(), 0x7fa0_1234);
    assert_eq!(f32_copysign(odd, -0.0).to_bits(), 0xffa0_1234);
    assert_eq!(i32_reinterpret_f32(f32_reinterpret_i32(0x7fa0_1234)), 0x7fa0_1234);
    assert_eq!(f64_neg(f64::from_bits(0x7ff0_0000_0000_0001)).to_bits(), 0xfff0_0000_0000_0001);
}

#[test]
fn zeros_are_ordered_by_sign() {
    assert_eq!(f64_min(0.0, -0.0).to_bits(), (-0.0f64).to_bits());
    assert_eq!(f64_min(-0.0, 0.0).to_bits(), (-0.0f64).to_bits());
    assert_eq!(f64_max(-0.0, 0.0).to_bits(), 0);
    assert_eq!(f32_max(0.0, -0.0).to_bits(), 0);
    assert_eq!(f32_min(-1.0, 2.0), -1.0);
    assert_eq!(f32_max(-1.0, 2.0), 2.0);
}

/// Every rounding agrees with the standard library's, bit for bit, around all exponents.
#[test]
fn rounding_agrees_with_the_library() {
    let check64 = |x: f64| {
        let same = |ours: f64, theirs: f64, name: &str| {
            let theirs = if theirs.is_nan() { NAN64 } else { theirs.to_bits() };
            assert_eq!(ours.to_bits(), theirs, "{name} of {x:e}");
        };
        same(f64_ceil(x), x.ceil(), "ceil");
        same(f64_floor(x), x.floor(), "floor");
        same(f64_trunc(x), x.trunc(), "trunc");
        same(f64_nearest(x), x.round_ties_even(), "nearest");
    };
    let check32 = |x: f32| {
        let same = |ours: f32, theirs: f32, name: &str| {
            let theirs = if theirs.is_nan() { NAN32 } else { theirs.to_bits() };
            assert_eq!(ours.to_bits(), theirs, "{name} of {x:e}");
        };
        same(f32_ceil(x), x.ceil(), "ceil");
        same(f32_floor(x), x.floor(), "floor");
        same(f32_trunc(x), x.trunc(), "trunc");
        same(f32_nearest(x), x.round_ties_even(), "nearest");
    };
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    for i in 0..200_000u64 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        check64(f64::from_bits(random));
        check32(f32::from_bits(random as u32));
        let half = i as f64 / 4.0 - 10_000.0;
        check64(half);
        check64(half.next_up());
        check32(half as f32);
        check32((half as f32).next_down());
    }
    for edge in [
        0.0,
        -0.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        4503599627370495.5,
        -4503599627370496.5,
        0.49999999999999994,
    ] {
        check64(edge);
        check32(edge as f32);
    }
    check32(8388607.5);
    check32(0.499_999_97);
}

#[test]
fn truncation_tells_nan_from_overflow() {
    assert_eq!(i32_trunc_f32_s(f32::NAN), Err(TrapCode::InvalidConversionToInteger));
    assert_eq!(i32_trunc_f32_s(2147483648.0), Err(TrapCode::IntegerOverflow));
    assert_eq!(i32_trunc_f32_s(-2147483648.0), Ok(i32::MIN));
    assert_eq!(i32_trunc_f64_s(-2147483648.9), Ok(i32::MIN));
    assert_eq!(i32_trunc_f64_s(-2147483649.0), Err(TrapCode::IntegerOverflow));
    assert_eq!(i32_trunc_f64_s(2147483647.9), Ok(i32::MAX));
    assert_eq!(i32_trunc_f64_u(-0.9), Ok(0));
    assert_eq!(i32_trunc_f64_u(-1.0), Err(TrapCode::IntegerOverflow));
    assert_eq!(i32_trunc_f64_u(4294967295.9), Ok(u32::MAX));
    assert_eq!(i64_trunc_f64_s(-9223372036854775808.0), Ok(i64::MIN));
    assert_eq!(i64_trunc_f64_s(9223372036854775808.0), Err(TrapCode::IntegerOverflow));
    assert_eq!(i64_trunc_f32_u(f32::INFINITY), Err(TrapCode::IntegerOverflow));
    assert_eq!(i64_trunc_f64_u(18446744073709549568.0), Ok(0xffff_ffff_ffff_f800));
    assert_eq!(i32_trunc_sat_f32_s(f32::NAN), 0);
    assert_eq!(i32_trunc_sat_f64_u(-5.0), 0);
    assert_eq!(i64_trunc_sat_f64_s(1e300), i64::MAX);
}

#[test]
fn conversions_round_to_nearest_even() {
    assert_eq!(f32_convert_i32_s(16777217), 16777216.0);
    assert_eq!(f32_convert_i64_u(u64::MAX), 18446744073709551616.0);
    assert_eq!(f64_convert_i64_u(9007199254740993), 9007199254740992.0);
    assert_eq!(f32_demote_f64(1e300), f32::INFINITY);
    assert_eq!(i64_extend_i32_u(u32::MAX), 0xffff_ffff);
    assert_eq!(i32_wrap_i64(-1 << 32 | 5), 5);
}
