//! Lanes without a machine: each shape, and the corners that lane arithmetic gets wrong.

use super::*;

#[test]
fn lanes_are_little_endian() {
    let vector = 0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100;
    assert_eq!(i8x16_extract_lane_u(vector, 5), 5);
    assert_eq!(i16x8_extract_lane_u(vector, 1), 0x0302);
    assert_eq!(i32x4_extract_lane(vector, 3), 0x0f0e_0d0c);
    assert_eq!(i64x2_replace_lane(0, 1, -1), u128::MAX << 64);
    assert_eq!(i8x16_extract_lane_s(i8x16_splat(0x80), 15), -128);
    assert_eq!(f64x2_extract_lane(f64x2_splat(1.5), 1), 1.5);
}

#[test]
fn shuffle_and_swizzle() {
    let a = put_u8(std::array::from_fn(|lane| lane as u8));
    let b = put_u8(std::array::from_fn(|lane| lane as u8 + 100));
    let lanes = [0, 16, 1, 17, 2, 18, 3, 19, 31, 15, 0, 0, 0, 0, 0, 0];
    let picked = i8x16_shuffle(a, b, u128::from_le_bytes(lanes));
    assert_eq!(take_u8(picked)[..10], [0, 100, 1, 101, 2, 102, 3, 103, 115, 15]);
    let swizzled = i8x16_swizzle(b, put_u8([15, 16, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    assert_eq!(take_u8(swizzled)[..4], [115, 0, 0, 100]);
}

#[test]
fn saturation() {
    assert_eq!(i8x16_add_sat_s(i8x16_splat(100), i8x16_splat(100)), i8x16_splat(127));
    assert_eq!(i8x16_sub_sat_u(i8x16_splat(1), i8x16_splat(2)), 0);
    assert_eq!(i16x8_q15mulr_sat_s(i16x8_splat(-0x8000), i16x8_splat(-0x8000)), i16x8_splat(0x7fff));
    assert_eq!(i8x16_narrow_i16x8_u(i16x8_splat(-5), i16x8_splat(300)), (u128::MAX << 64));
    assert_eq!(i16x8_narrow_i32x4_s(i32x4_splat(70000), i32x4_splat(-70000)) as i16, 0x7fff);
    assert_eq!(i8x16_avgr_u(i8x16_splat(255), i8x16_splat(254)), i8x16_splat(255));
}

#[test]
fn masks_and_shifts() {
    assert_eq!(i8x16_lt_u(i8x16_splat(1), i8x16_splat(255)), u128::MAX);
    assert_eq!(i8x16_lt_s(i8x16_splat(1), i8x16_splat(255)), 0);
    assert_eq!(i16x8_bitmask(i16x8_replace_lane(0, 7, -1)), 0x80);
    assert_eq!(i8x16_shl(i8x16_splat(1), 9), i8x16_splat(2));
    assert_eq!(i64x2_shr_s(i64x2_splat(-8), 65), i64x2_splat(-4));
    assert_eq!(i32x4_shr_u(i32x4_splat(-1), 31), i32x4_splat(1));
    assert!(!i32x4_all_true(i32x4_replace_lane(u128::MAX, 2, 0)));
    assert_eq!(i8x16_abs(i8x16_splat(-128)), i8x16_splat(-128));
}

#[test]
fn widening() {
    let a = i8x16_splat(-1);
    assert_eq!(i16x8_extend_low_i8x16_s(a), i16x8_splat(-1));
    assert_eq!(i16x8_extend_high_i8x16_u(a), i16x8_splat(255));
    assert_eq!(i16x8_extmul_low_i8x16_u(a, a), i16x8_splat(255 * 255));
    assert_eq!(i16x8_extadd_pairwise_i8x16_u(a), i16x8_splat(510));
    let most = i16x8_splat(-0x8000);
    assert_eq!(i32x4_dot_i16x8_s(most, most), i32x4_splat(i32::MIN));
    assert_eq!(v128_load8x8_s(0x80), 0xff80);
    assert_eq!(v128_load32x2_u(u64::MAX), 0x0000_0000_ffff_ffff_0000_0000_ffff_ffff);
}

#[test]
fn float_lanes() {
    let odd = f32x4_splat(f32::from_bits(0xffa0_0001));
    assert_eq!(f32x4_add(odd, odd), i32x4_splat(0x7fc0_0000));
    assert_eq!(f32x4_neg(odd), i32x4_splat(0x7fa0_0001));
    assert_eq!(f32x4_pmin(odd, f32x4_splat(1.0)), odd);
    assert_eq!(f32x4_pmax(f32x4_splat(0.0), f32x4_splat(-0.0)), f32x4_splat(0.0));
    assert_eq!(f64x2_eq(f64x2_splat(f64::NAN), f64x2_splat(f64::NAN)), 0);
    assert_eq!(i32x4_trunc_sat_f64x2_s_zero(f64x2_splat(-1e30)), 0x8000_0000_8000_0000);
    assert_eq!(f32x4_demote_f64x2_zero(f64x2_splat(0.5)), 0x3f00_0000_3f00_0000);
    assert_eq!(f64x2_convert_low_i32x4_u(i32x4_splat(-1)), f64x2_splat(4294967295.0));
}

#[test]
fn relaxed_choices() {
    let big = f32x4_splat(1.0 + f32::EPSILON);
    assert_eq!(f32x4_relaxed_madd(big, big, f32x4_splat(-1.0)), f32x4_splat(2.0 * f32::EPSILON));
    let least = i8x16_splat(-128);
    assert_eq!(i16x8_relaxed_dot_i8x16_i7x16_s(least, least), i16x8_splat(-0x8000));
    assert_eq!(
        i32x4_relaxed_dot_i8x16_i7x16_add_s(i8x16_splat(1), i8x16_splat(2), i32x4_splat(3)),
        i32x4_splat(11)
    );
    assert_eq!(i8x16_relaxed_laneselect(u128::MAX, 0, 0x0f), 0x0f);
}
