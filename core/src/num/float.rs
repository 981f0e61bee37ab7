//! Floats: arithmetic, rounding, minimum and maximum, signs, comparisons.
//!
//! Always: a NaN made by arithmetic is the positive canonical one (only the top fraction bit set). `abs`, `neg` and
//! `copysign` touch the sign bit alone, NaN or not.
//!
//! Rounding to an integral value has no instruction on baseline x86-64, and a call into the C library costs more than
//! the rest of a handler. Below 2^52 (2^23 for f32), adding and subtracting that power rounds to nearest, ties to
//! even, in the hardware's default mode; above it every float is integral already. The other three roundings correct
//! that result by one. Where the target has the instruction, the instruction is used.

/// Where it is called is rarely reached: a jump there, instead of a choice without one,
/// which every result would have to wait for.
#[cold]
#[inline]
fn rare() {}

macro_rules! float_ops {
    ($float:ident $bits:ident, canonical_nan = $nan:literal, integral_from = $integral:literal :
        $canon:ident $add:ident $sub:ident $mul:ident $div:ident $sqrt:ident $min:ident $max:ident
        $ceil:ident $floor:ident $trunc:ident $nearest:ident $abs:ident $neg:ident $copysign:ident
        $eq:ident $ne:ident $lt:ident $gt:ident $le:ident $ge:ident
    ) => {
        /// `a`, or the positive canonical NaN if `a` is a NaN.
        #[inline(always)]
        pub fn $canon(a: $float) -> $float {
            if a.is_nan() {
                rare();
                return $float::from_bits($nan);
            }
            a
        }
        /// `a + b`.
        #[inline(always)]
        pub fn $add(a: $float, b: $float) -> $float {
            $canon(a + b)
        }
        /// `a - b`.
        #[inline(always)]
        pub fn $sub(a: $float, b: $float) -> $float {
            $canon(a - b)
        }
        /// `a * b`.
        #[inline(always)]
        pub fn $mul(a: $float, b: $float) -> $float {
            $canon(a * b)
        }
        /// `a / b`.
        #[inline(always)]
        pub fn $div(a: $float, b: $float) -> $float {
            $canon(a / b)
        }
        /// The square root.
        #[inline(always)]
        pub fn $sqrt(a: $float) -> $float {
            $canon(a.sqrt())
        }
        /// The lesser; a NaN if either is one, and -0 is less than +0.
        #[inline(always)]
        pub fn $min(a: $float, b: $float) -> $float {
            if a < b {
                a
            } else if b < a {
                b
            } else if a == b {
                $float::from_bits(a.to_bits() | b.to_bits())
            } else {
                $float::from_bits($nan)
            }
        }
        /// The greater; a NaN if either is one, and +0 is greater than -0.
        #[inline(always)]
        pub fn $max(a: $float, b: $float) -> $float {
            if a > b {
                a
            } else if b > a {
                b
            } else if a == b {
                $float::from_bits(a.to_bits() & b.to_bits())
            } else {
                $float::from_bits($nan)
            }
        }
        /// Rounds up to an integral value.
        #[inline(always)]
        pub fn $ceil(a: $float) -> $float {
            if HAS_ROUNDING {
                return $canon(a.ceil());
            }
            if a.abs() < $integral {
                let near = $nearest(a);
                (if near < a { near + 1.0 } else { near }).copysign(a)
            } else {
                $canon(a)
            }
        }
        /// Rounds down to an integral value.
        #[inline(always)]
        pub fn $floor(a: $float) -> $float {
            if HAS_ROUNDING {
                return $canon(a.floor());
            }
            if a.abs() < $integral {
                let near = $nearest(a);
                (if near > a { near - 1.0 } else { near }).copysign(a)
            } else {
                $canon(a)
            }
        }
        /// Rounds towards zero to an integral value.
        #[inline(always)]
        pub fn $trunc(a: $float) -> $float {
            if HAS_ROUNDING {
                return $canon(a.trunc());
            }
            let size = a.abs();
            if size < $integral {
                let near = (size + $integral) - $integral;
                (if near > size { near - 1.0 } else { near }).copysign(a)
            } else {
                $canon(a)
            }
        }
        /// Rounds to the nearest integral value, ties to even.
        #[inline(always)]
        pub fn $nearest(a: $float) -> $float {
            if HAS_ROUNDING {
                return $canon(a.round_ties_even());
            }
            let size = a.abs();
            if size < $integral { ((size + $integral) - $integral).copysign(a) } else { $canon(a) }
        }
        /// Clears the sign bit.
        #[inline(always)]
        pub fn $abs(a: $float) -> $float {
            $float::from_bits(a.to_bits() & ($bits::MAX >> 1))
        }
        /// Flips the sign bit.
        #[inline(always)]
        pub fn $neg(a: $float) -> $float {
            $float::from_bits(a.to_bits() ^ !($bits::MAX >> 1))
        }
        /// `a` with the sign bit of `b`.
        #[inline(always)]
        pub fn $copysign(a: $float, b: $float) -> $float {
            const SIGN: $bits = !($bits::MAX >> 1);
            $float::from_bits(a.to_bits() & !SIGN | b.to_bits() & SIGN)
        }
        /// `a == b`; false if either is a NaN.
        #[inline(always)]
        pub fn $eq(a: $float, b: $float) -> bool {
            a == b
        }
        /// `a != b`; true if either is a NaN.
        #[inline(always)]
        pub fn $ne(a: $float, b: $float) -> bool {
            a != b
        }
        /// `a < b`; false if either is a NaN.
        #[inline(always)]
        pub fn $lt(a: $float, b: $float) -> bool {
            a < b
        }
        /// `a > b`; false if either is a NaN.
        #[inline(always)]
        pub fn $gt(a: $float, b: $float) -> bool {
            a > b
        }
        /// `a <= b`; false if either is a NaN.
        #[inline(always)]
        pub fn $le(a: $float, b: $float) -> bool {
            a <= b
        }
        /// `a >= b`; false if either is a NaN.
        #[inline(always)]
        pub fn $ge(a: $float, b: $float) -> bool {
            a >= b
        }
    };
}

/// The target rounds to integral values in one instruction.
const HAS_ROUNDING: bool = cfg!(any(target_arch = "aarch64", target_feature = "sse4.1"));

float_ops! { f32 u32, canonical_nan = 0x7fc0_0000, integral_from = 8_388_608.0:
    f32_canonical f32_add f32_sub f32_mul f32_div f32_sqrt f32_min f32_max
    f32_ceil f32_floor f32_trunc f32_nearest f32_abs f32_neg f32_copysign
    f32_eq f32_ne f32_lt f32_gt f32_le f32_ge
}
float_ops! { f64 u64, canonical_nan = 0x7ff8_0000_0000_0000, integral_from = 4_503_599_627_370_496.0:
    f64_canonical f64_add f64_sub f64_mul f64_div f64_sqrt f64_min f64_max
    f64_ceil f64_floor f64_trunc f64_nearest f64_abs f64_neg f64_copysign
    f64_eq f64_ne f64_lt f64_gt f64_le f64_ge
}
