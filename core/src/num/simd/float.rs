//! Float lanes: the scalar functions on each lane, comparisons, and conversions from and to integer lanes.

use super::*;
use crate::num;

macro_rules! floats {
    ($take:ident $put:ident $put_mask:ident $mask:ident:
        $($arith1:ident = $scalar1:ident,)* ; $($arith2:ident = $scalar2:ident,)* ; $($compare:ident = $relation:ident,)* ;
        $pmin:ident $pmax:ident
    ) => {
        unary! { $take $put:
            $(/// The scalar operator on each lane.
            $arith1 = |a| num::$scalar1(a);)*
        }
        binary! { $take $put:
            $(/// The scalar operator on each pair of lanes.
            $arith2 = |a, b| num::$scalar2(a, b);)*
            /// `b` where `b < a`, else `a`, bits kept.
            $pmin = |a, b| if b < a { b } else { a };
            /// `b` where `a < b`, else `a`, bits kept.
            $pmax = |a, b| if a < b { b } else { a };
        }
        binary! { $take $put_mask:
            $(/// Lanes where the scalar operator holds.
            $compare = |a, b| -$mask::from(num::$relation(a, b));)*
        }
    };
}

floats! { take_f32 put_f32 put_i32 i32:
    f32x4_ceil = f32_ceil, f32x4_floor = f32_floor, f32x4_trunc = f32_trunc, f32x4_nearest = f32_nearest,
    f32x4_abs = f32_abs, f32x4_neg = f32_neg, f32x4_sqrt = f32_sqrt, ;
    f32x4_add = f32_add, f32x4_sub = f32_sub, f32x4_mul = f32_mul, f32x4_div = f32_div,
    f32x4_min = f32_min, f32x4_max = f32_max, ;
    f32x4_eq = f32_eq, f32x4_ne = f32_ne, f32x4_lt = f32_lt, f32x4_gt = f32_gt, f32x4_le = f32_le, f32x4_ge = f32_ge, ;
    f32x4_pmin f32x4_pmax
}
floats! { take_f64 put_f64 put_i64 i64:
    f64x2_ceil = f64_ceil, f64x2_floor = f64_floor, f64x2_trunc = f64_trunc, f64x2_nearest = f64_nearest,
    f64x2_abs = f64_abs, f64x2_neg = f64_neg, f64x2_sqrt = f64_sqrt, ;
    f64x2_add = f64_add, f64x2_sub = f64_sub, f64x2_mul = f64_mul, f64x2_div = f64_div,
    f64x2_min = f64_min, f64x2_max = f64_max, ;
    f64x2_eq = f64_eq, f64x2_ne = f64_ne, f64x2_lt = f64_lt, f64x2_gt = f64_gt, f64x2_le = f64_le, f64x2_ge = f64_ge, ;
    f64x2_pmin f64x2_pmax
}

macro_rules! convert {
    ($($(#[$doc:meta])* $name:ident: $take:ident -> $put:ident, |$a:ident| $body:expr;)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name(a: u128) -> u128 {
            let $a = $take(a);
            $put($body)
        }
    )*};
}

convert! {
    /// Truncates each lane, to the nearest value that fits; a NaN is 0.
    i32x4_trunc_sat_f32x4_s: take_f32 -> put_i32, |a| a.map(num::i32_trunc_sat_f32_s);
    /// Truncates each lane, to the nearest value that fits; a NaN is 0.
    i32x4_trunc_sat_f32x4_u: take_f32 -> put_u32, |a| a.map(num::i32_trunc_sat_f32_u);
    /// Truncates both lanes into the low half, to the nearest value that fits; a NaN is 0.
    i32x4_trunc_sat_f64x2_s_zero: take_f64 -> put_i32,
        |a| [num::i32_trunc_sat_f64_s(a[0]), num::i32_trunc_sat_f64_s(a[1]), 0, 0];
    /// Truncates both lanes into the low half, to the nearest value that fits; a NaN is 0.
    i32x4_trunc_sat_f64x2_u_zero: take_f64 -> put_u32,
        |a| [num::i32_trunc_sat_f64_u(a[0]), num::i32_trunc_sat_f64_u(a[1]), 0, 0];
    /// The nearest f32 of each lane.
    f32x4_convert_i32x4_s: take_i32 -> put_f32, |a| a.map(num::f32_convert_i32_s);
    /// The nearest f32 of each lane.
    f32x4_convert_i32x4_u: take_u32 -> put_f32, |a| a.map(num::f32_convert_i32_u);
    /// The low two lanes as f64.
    f64x2_convert_low_i32x4_s: take_i32 -> put_f64, |a| [f64::from(a[0]), f64::from(a[1])];
    /// The low two lanes as f64.
    f64x2_convert_low_i32x4_u: take_u32 -> put_f64, |a| [f64::from(a[0]), f64::from(a[1])];
    /// Both lanes demoted into the low half.
    f32x4_demote_f64x2_zero: take_f64 -> put_f32,
        |a| [num::f32_demote_f64(a[0]), num::f32_demote_f64(a[1]), 0.0, 0.0];
    /// The low two lanes promoted.
    f64x2_promote_low_f32x4: take_f32 -> put_f64, |a| [num::f64_promote_f32(a[0]), num::f64_promote_f32(a[1])];
}
