//! Conversions between number types.
//!
//! A trapping truncation tells a NaN ("invalid conversion to integer") from a value out of range ("integer
//! overflow"). The range is checked on the float: exact bounds exist in either format, one below the least and one
//! above the greatest value that truncates into the integer type.

use super::{TrapCode, f32_canonical, f64_canonical};

macro_rules! truncations {
    ($($trunc:ident $sat:ident: $float:ident -> $int:ident, $above:literal, $inclusive:literal, below $below:literal;)*) => {$(
        /// Truncates towards zero; traps if it is a NaN or does not fit.
        #[inline(always)]
        pub fn $trunc(a: $float) -> Result<$int, TrapCode> {
            let above = if $inclusive { a >= $above } else { a > $above };
            if above && a < $below {
                Ok(a as $int)
            } else if a.is_nan() {
                Err(TrapCode::InvalidConversionToInteger)
            } else {
                Err(TrapCode::IntegerOverflow)
            }
        }
        /// Truncates towards zero, to the nearest value that fits; a NaN is 0.
        #[inline(always)]
        pub fn $sat(a: $float) -> $int { a as $int }
    )*};
}

truncations! {
    i32_trunc_f32_s i32_trunc_sat_f32_s: f32 -> i32, -2147483648.0, true,  below 2147483648.0;
    i32_trunc_f32_u i32_trunc_sat_f32_u: f32 -> u32, -1.0,          false, below 4294967296.0;
    i32_trunc_f64_s i32_trunc_sat_f64_s: f64 -> i32, -2147483649.0, false, below 2147483648.0;
    i32_trunc_f64_u i32_trunc_sat_f64_u: f64 -> u32, -1.0,          false, below 4294967296.0;
    i64_trunc_f32_s i64_trunc_sat_f32_s: f32 -> i64, -9223372036854775808.0, true,  below 9223372036854775808.0;
    i64_trunc_f32_u i64_trunc_sat_f32_u: f32 -> u64, -1.0,                   false, below 18446744073709551616.0;
    i64_trunc_f64_s i64_trunc_sat_f64_s: f64 -> i64, -9223372036854775808.0, true,  below 9223372036854775808.0;
    i64_trunc_f64_u i64_trunc_sat_f64_u: f64 -> u64, -1.0,                   false, below 18446744073709551616.0;
}

macro_rules! conversions {
    ($($(#[$doc:meta])* $name:ident: $from:ident -> $to:ident, |$a:ident| $body:expr;)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name($a: $from) -> $to { $body }
    )*};
}

conversions! {
    /// The low 32 bits.
    i32_wrap_i64: i64 -> i32, |a| a as i32;
    /// The same number in 64 bits, signed.
    i64_extend_i32_s: i32 -> i64, |a| i64::from(a);
    /// The same number in 64 bits, unsigned.
    i64_extend_i32_u: u32 -> i64, |a| i64::from(a);
    /// The nearest f32, ties to even.
    f32_convert_i32_s: i32 -> f32, |a| a as f32;
    /// The nearest f32, ties to even.
    f32_convert_i32_u: u32 -> f32, |a| a as f32;
    /// The nearest f32, ties to even.
    f32_convert_i64_s: i64 -> f32, |a| a as f32;
    /// The nearest f32, ties to even.
    f32_convert_i64_u: u64 -> f32, |a| a as f32;
    /// The same number as an f64.
    f64_convert_i32_s: i32 -> f64, |a| f64::from(a);
    /// The same number as an f64.
    f64_convert_i32_u: u32 -> f64, |a| f64::from(a);
    /// The nearest f64, ties to even.
    f64_convert_i64_s: i64 -> f64, |a| a as f64;
    /// The nearest f64, ties to even.
    f64_convert_i64_u: u64 -> f64, |a| a as f64;
    /// The nearest f32, ties to even; a NaN becomes the canonical one.
    f32_demote_f64: f64 -> f32, |a| f32_canonical(a as f32);
    /// The same number; a NaN becomes the canonical one.
    f64_promote_f32: f32 -> f64, |a| f64_canonical(f64::from(a));
    /// The same bits.
    i32_reinterpret_f32: f32 -> i32, |a| a.to_bits() as i32;
    /// The same bits.
    i64_reinterpret_f64: f64 -> i64, |a| a.to_bits() as i64;
    /// The same bits.
    f32_reinterpret_i32: i32 -> f32, |a| f32::from_bits(a as u32);
    /// The same bits.
    f64_reinterpret_i64: i64 -> f64, |a| f64::from_bits(a as u64);
}
