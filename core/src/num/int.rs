//! Integers: arithmetic, bits, shifts, comparisons, sign extension, and the 128-bit pairs of wide arithmetic.
//!
//! Wrapping everywhere; only division and remainder trap (specification, "Integer Operations").

use super::TrapCode;

macro_rules! int_ops {
    ($signed:ident $unsigned:ident : $(
        $add:ident $sub:ident $mul:ident $div_s:ident $div_u:ident $rem_s:ident $rem_u:ident
        $and:ident $or:ident $xor:ident $shl:ident $shr_s:ident $shr_u:ident $rotl:ident $rotr:ident
        $clz:ident $ctz:ident $popcnt:ident
        $eqz:ident $eq:ident $ne:ident $lt_s:ident $lt_u:ident $gt_s:ident $gt_u:ident
        $le_s:ident $le_u:ident $ge_s:ident $ge_u:ident $extend8_s:ident $extend16_s:ident
    )*) => {$(
        /// `a + b` modulo 2^N.
        #[inline(always)]
        pub fn $add(a: $signed, b: $signed) -> $signed { a.wrapping_add(b) }
        /// `a - b` modulo 2^N.
        #[inline(always)]
        pub fn $sub(a: $signed, b: $signed) -> $signed { a.wrapping_sub(b) }
        /// `a * b` modulo 2^N.
        #[inline(always)]
        pub fn $mul(a: $signed, b: $signed) -> $signed { a.wrapping_mul(b) }
        /// `a / b` towards zero; traps on zero and on `MIN / -1`.
        #[inline(always)]
        pub fn $div_s(a: $signed, b: $signed) -> Result<$signed, TrapCode> {
            if b == 0 {
                return Err(TrapCode::IntegerDivideByZero);
            }
            a.checked_div(b).ok_or(TrapCode::IntegerOverflow)
        }
        /// `a / b`; traps on zero.
        #[inline(always)]
        pub fn $div_u(a: $unsigned, b: $unsigned) -> Result<$unsigned, TrapCode> {
            a.checked_div(b).ok_or(TrapCode::IntegerDivideByZero)
        }
        /// The remainder with the sign of `a`; traps on zero, and `MIN % -1` is 0.
        #[inline(always)]
        pub fn $rem_s(a: $signed, b: $signed) -> Result<$signed, TrapCode> {
            if b == 0 {
                return Err(TrapCode::IntegerDivideByZero);
            }
            Ok(a.wrapping_rem(b))
        }
        /// The remainder; traps on zero.
        #[inline(always)]
        pub fn $rem_u(a: $unsigned, b: $unsigned) -> Result<$unsigned, TrapCode> {
            a.checked_rem(b).ok_or(TrapCode::IntegerDivideByZero)
        }
        /// Bitwise and.
        #[inline(always)]
        pub fn $and(a: $signed, b: $signed) -> $signed { a & b }
        /// Bitwise or.
        #[inline(always)]
        pub fn $or(a: $signed, b: $signed) -> $signed { a | b }
        /// Bitwise exclusive or.
        #[inline(always)]
        pub fn $xor(a: $signed, b: $signed) -> $signed { a ^ b }
        /// `a << b`, the count modulo N.
        #[inline(always)]
        pub fn $shl(a: $signed, b: $signed) -> $signed { a.wrapping_shl(b as u32) }
        /// `a >> b` keeping the sign, the count modulo N.
        #[inline(always)]
        pub fn $shr_s(a: $signed, b: $signed) -> $signed { a.wrapping_shr(b as u32) }
        /// `a >> b` filling with zeros, the count modulo N.
        #[inline(always)]
        pub fn $shr_u(a: $unsigned, b: $unsigned) -> $unsigned { a.wrapping_shr(b as u32) }
        /// Rotates left, the count modulo N.
        #[inline(always)]
        pub fn $rotl(a: $signed, b: $signed) -> $signed { a.rotate_left(b as u32 & ($signed::BITS - 1)) }
        /// Rotates right, the count modulo N.
        #[inline(always)]
        pub fn $rotr(a: $signed, b: $signed) -> $signed { a.rotate_right(b as u32 & ($signed::BITS - 1)) }
        /// Leading zero bits; N for 0.
        #[inline(always)]
        pub fn $clz(a: $signed) -> $signed { a.leading_zeros() as $signed }
        /// Trailing zero bits; N for 0.
        #[inline(always)]
        pub fn $ctz(a: $signed) -> $signed { a.trailing_zeros() as $signed }
        /// One bits.
        #[inline(always)]
        pub fn $popcnt(a: $signed) -> $signed { a.count_ones() as $signed }
        /// `a == 0`.
        #[inline(always)]
        pub fn $eqz(a: $signed) -> bool { a == 0 }
        /// `a == b`.
        #[inline(always)]
        pub fn $eq(a: $signed, b: $signed) -> bool { a == b }
        /// `a != b`.
        #[inline(always)]
        pub fn $ne(a: $signed, b: $signed) -> bool { a != b }
        /// `a < b`, signed.
        #[inline(always)]
        pub fn $lt_s(a: $signed, b: $signed) -> bool { a < b }
        /// `a < b`, unsigned.
        #[inline(always)]
        pub fn $lt_u(a: $unsigned, b: $unsigned) -> bool { a < b }
        /// `a > b`, signed.
        #[inline(always)]
        pub fn $gt_s(a: $signed, b: $signed) -> bool { a > b }
        /// `a > b`, unsigned.
        #[inline(always)]
        pub fn $gt_u(a: $unsigned, b: $unsigned) -> bool { a > b }
        /// `a <= b`, signed.
        #[inline(always)]
        pub fn $le_s(a: $signed, b: $signed) -> bool { a <= b }
        /// `a <= b`, unsigned.
        #[inline(always)]
        pub fn $le_u(a: $unsigned, b: $unsigned) -> bool { a <= b }
        /// `a >= b`, signed.
        #[inline(always)]
        pub fn $ge_s(a: $signed, b: $signed) -> bool { a >= b }
        /// `a >= b`, unsigned.
        #[inline(always)]
        pub fn $ge_u(a: $unsigned, b: $unsigned) -> bool { a >= b }
        /// Extends the sign of the low 8 bits.
        #[inline(always)]
        pub fn $extend8_s(a: $signed) -> $signed { a as i8 as $signed }
        /// Extends the sign of the low 16 bits.
        #[inline(always)]
        pub fn $extend16_s(a: $signed) -> $signed { a as i16 as $signed }
    )*};
}

int_ops! { i32 u32:
    i32_add i32_sub i32_mul i32_div_s i32_div_u i32_rem_s i32_rem_u
    i32_and i32_or i32_xor i32_shl i32_shr_s i32_shr_u i32_rotl i32_rotr
    i32_clz i32_ctz i32_popcnt
    i32_eqz i32_eq i32_ne i32_lt_s i32_lt_u i32_gt_s i32_gt_u
    i32_le_s i32_le_u i32_ge_s i32_ge_u i32_extend8_s i32_extend16_s
}
int_ops! { i64 u64:
    i64_add i64_sub i64_mul i64_div_s i64_div_u i64_rem_s i64_rem_u
    i64_and i64_or i64_xor i64_shl i64_shr_s i64_shr_u i64_rotl i64_rotr
    i64_clz i64_ctz i64_popcnt
    i64_eqz i64_eq i64_ne i64_lt_s i64_lt_u i64_gt_s i64_gt_u
    i64_le_s i64_le_u i64_ge_s i64_ge_u i64_extend8_s i64_extend16_s
}

/// Extends the sign of the low 32 bits.
#[inline(always)]
pub fn i64_extend32_s(a: i64) -> i64 {
    a as i32 as i64
}

/// The low and high halves of `a + b`, each operand a (low, high) pair.
#[inline(always)]
pub fn i64_add128(a_lo: i64, a_hi: i64, b_lo: i64, b_hi: i64) -> (i64, i64) {
    halves(joined(a_lo, a_hi).wrapping_add(joined(b_lo, b_hi)))
}

/// The low and high halves of `a - b`, each operand a (low, high) pair.
#[inline(always)]
pub fn i64_sub128(a_lo: i64, a_hi: i64, b_lo: i64, b_hi: i64) -> (i64, i64) {
    halves(joined(a_lo, a_hi).wrapping_sub(joined(b_lo, b_hi)))
}

/// The low and high halves of the full signed product.
#[inline(always)]
pub fn i64_mul_wide_s(a: i64, b: i64) -> (i64, i64) {
    halves((i128::from(a) * i128::from(b)) as u128)
}

/// The low and high halves of the full unsigned product.
#[inline(always)]
pub fn i64_mul_wide_u(a: u64, b: u64) -> (i64, i64) {
    halves(u128::from(a) * u128::from(b))
}

#[inline(always)]
fn joined(lo: i64, hi: i64) -> u128 {
    u128::from(lo as u64) | u128::from(hi as u64) << 64
}

#[inline(always)]
fn halves(value: u128) -> (i64, i64) {
    (value as i64, (value >> 64) as i64)
}
