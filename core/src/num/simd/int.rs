//! Integer lanes: arithmetic, saturation, minimum and maximum, shifts, comparisons, and lanes summed up as bits.

use super::*;

macro_rules! common {
    ($take_s:ident $put_s:ident $take_u:ident: $signed:ident:
        $add:ident $sub:ident $neg:ident $abs:ident $shl:ident $shr_s:ident $shr_u:ident $eq:ident $ne:ident
        $lt_s:ident $gt_s:ident $le_s:ident $ge_s:ident $all_true:ident $bitmask:ident
    ) => {
        binary! { $take_s $put_s:
            /// Sums, wrapping.
            $add = |a, b| a.wrapping_add(b);
            /// Differences, wrapping.
            $sub = |a, b| a.wrapping_sub(b);
            /// Lanes that are equal.
            $eq = |a, b| -$signed::from(a == b);
            /// Lanes that differ.
            $ne = |a, b| -$signed::from(a != b);
            /// Lanes where `a < b`, signed.
            $lt_s = |a, b| -$signed::from(a < b);
            /// Lanes where `a > b`, signed.
            $gt_s = |a, b| -$signed::from(a > b);
            /// Lanes where `a <= b`, signed.
            $le_s = |a, b| -$signed::from(a <= b);
            /// Lanes where `a >= b`, signed.
            $ge_s = |a, b| -$signed::from(a >= b);
        }
        unary! { $take_s $put_s:
            /// Lanes negated, wrapping.
            $neg = |a| a.wrapping_neg();
            /// Absolute values; the least value stays itself.
            $abs = |a| a.wrapping_abs();
        }
        /// Every lane shifted left, the count modulo the lane's width.
        #[inline(always)]
        pub fn $shl(a: u128, count: i32) -> u128 {
            $put_s($take_s(a).map(|a| a.wrapping_shl(count as u32)))
        }
        /// Every lane shifted right keeping its sign, the count modulo the lane's width.
        #[inline(always)]
        pub fn $shr_s(a: u128, count: i32) -> u128 {
            $put_s($take_s(a).map(|a| a.wrapping_shr(count as u32)))
        }
        /// Every lane shifted right filling with zeros, the count modulo the lane's width.
        #[inline(always)]
        pub fn $shr_u(a: u128, count: i32) -> u128 {
            $put_s($take_u(a).map(|a| a.wrapping_shr(count as u32) as $signed))
        }
        /// Whether no lane is zero.
        #[inline(always)]
        pub fn $all_true(a: u128) -> bool {
            $take_s(a).iter().all(|&a| a != 0)
        }
        /// The sign bits, lane 0's lowest.
        #[inline(always)]
        pub fn $bitmask(a: u128) -> i32 {
            $take_s(a).iter().enumerate().fold(0, |mask, (lane, &a)| mask | i32::from(a < 0) << lane)
        }
    };
}

common! { take_i8 put_i8 take_u8: i8:
    i8x16_add i8x16_sub i8x16_neg i8x16_abs i8x16_shl i8x16_shr_s i8x16_shr_u i8x16_eq i8x16_ne
    i8x16_lt_s i8x16_gt_s i8x16_le_s i8x16_ge_s i8x16_all_true i8x16_bitmask
}
common! { take_i16 put_i16 take_u16: i16:
    i16x8_add i16x8_sub i16x8_neg i16x8_abs i16x8_shl i16x8_shr_s i16x8_shr_u i16x8_eq i16x8_ne
    i16x8_lt_s i16x8_gt_s i16x8_le_s i16x8_ge_s i16x8_all_true i16x8_bitmask
}
common! { take_i32 put_i32 take_u32: i32:
    i32x4_add i32x4_sub i32x4_neg i32x4_abs i32x4_shl i32x4_shr_s i32x4_shr_u i32x4_eq i32x4_ne
    i32x4_lt_s i32x4_gt_s i32x4_le_s i32x4_ge_s i32x4_all_true i32x4_bitmask
}
common! { take_i64 put_i64 take_u64: i64:
    i64x2_add i64x2_sub i64x2_neg i64x2_abs i64x2_shl i64x2_shr_s i64x2_shr_u i64x2_eq i64x2_ne
    i64x2_lt_s i64x2_gt_s i64x2_le_s i64x2_ge_s i64x2_all_true i64x2_bitmask
}

/// What lanes of 8 to 32 bits have and lanes of 64 do not.
macro_rules! ordered {
    ($take_s:ident $put_s:ident $take_u:ident $put_u:ident: $unsigned:ident:
        $lt_u:ident $gt_u:ident $le_u:ident $ge_u:ident $min_s:ident $min_u:ident $max_s:ident $max_u:ident
    ) => {
        binary! { $take_u $put_u:
            /// Lanes where `a < b`, unsigned.
            $lt_u = |a, b| $unsigned::from(a < b).wrapping_neg();
            /// Lanes where `a > b`, unsigned.
            $gt_u = |a, b| $unsigned::from(a > b).wrapping_neg();
            /// Lanes where `a <= b`, unsigned.
            $le_u = |a, b| $unsigned::from(a <= b).wrapping_neg();
            /// Lanes where `a >= b`, unsigned.
            $ge_u = |a, b| $unsigned::from(a >= b).wrapping_neg();
            /// The lesser lanes, unsigned.
            $min_u = |a, b| a.min(b);
            /// The greater lanes, unsigned.
            $max_u = |a, b| a.max(b);
        }
        binary! { $take_s $put_s:
            /// The lesser lanes, signed.
            $min_s = |a, b| a.min(b);
            /// The greater lanes, signed.
            $max_s = |a, b| a.max(b);
        }
    };
}

ordered! { take_i8 put_i8 take_u8 put_u8: u8:
    i8x16_lt_u i8x16_gt_u i8x16_le_u i8x16_ge_u i8x16_min_s i8x16_min_u i8x16_max_s i8x16_max_u
}
ordered! { take_i16 put_i16 take_u16 put_u16: u16:
    i16x8_lt_u i16x8_gt_u i16x8_le_u i16x8_ge_u i16x8_min_s i16x8_min_u i16x8_max_s i16x8_max_u
}
ordered! { take_i32 put_i32 take_u32 put_u32: u32:
    i32x4_lt_u i32x4_gt_u i32x4_le_u i32x4_ge_u i32x4_min_s i32x4_min_u i32x4_max_s i32x4_max_u
}

/// What lanes of 8 and 16 bits have and wider ones do not.
macro_rules! saturating {
    ($take_s:ident $put_s:ident $take_u:ident $put_u:ident:
        $add_sat_s:ident $add_sat_u:ident $sub_sat_s:ident $sub_sat_u:ident $avgr_u:ident, $lane:ident
    ) => {
        binary! { $take_s $put_s:
            /// Sums, signed, to the nearest value that fits.
            $add_sat_s = |a, b| a.saturating_add(b);
            /// Differences, signed, to the nearest value that fits.
            $sub_sat_s = |a, b| a.saturating_sub(b);
        }
        binary! { $take_u $put_u:
            /// Sums, unsigned, to the nearest value that fits.
            $add_sat_u = |a, b| a.saturating_add(b);
            /// Differences, unsigned, to the nearest value that fits.
            $sub_sat_u = |a, b| a.saturating_sub(b);
            /// Averages, rounded up.
            $avgr_u = |a, b| (u32::from(a) + u32::from(b)).div_ceil(2) as $lane;
        }
    };
}

saturating! { take_i8 put_i8 take_u8 put_u8:
    i8x16_add_sat_s i8x16_add_sat_u i8x16_sub_sat_s i8x16_sub_sat_u i8x16_avgr_u, u8
}
saturating! { take_i16 put_i16 take_u16 put_u16:
    i16x8_add_sat_s i16x8_add_sat_u i16x8_sub_sat_s i16x8_sub_sat_u i16x8_avgr_u, u16
}

unary! { take_u8 put_u8:
    /// One bits in each byte.
    i8x16_popcnt = |a| a.count_ones() as u8;
}
binary! { take_i16 put_i16:
    /// Products, wrapping.
    i16x8_mul = |a, b| a.wrapping_mul(b);
    /// Products of fractions with 15 bits, rounded, to the nearest value that fits.
    i16x8_q15mulr_sat_s = |a, b| ((i32::from(a) * i32::from(b) + 0x4000) >> 15).min(0x7fff) as i16;
}
binary! { take_i32 put_i32:
    /// Products, wrapping.
    i32x4_mul = |a, b| a.wrapping_mul(b);
}
binary! { take_i64 put_i64:
    /// Products, wrapping.
    i64x2_mul = |a, b| a.wrapping_mul(b);
}
