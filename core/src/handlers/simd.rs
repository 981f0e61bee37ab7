//! Vectors: what their operators do is in `num::simd`; here operands are fetched.

use super::next;
use crate::code::ops;
use crate::exec::dispatch::handler;
use crate::num::simd;

/// The functions that are a few instructions and no more.
#[cfg(target_arch = "x86_64")]
use crate::num::simd::x86 as quick;

/// Computes in a frame of its own, except where handlers are inlined into a loop.
///
/// Vector functions keep lanes in arrays and hand closures references to them. Whether all of
/// that is inlined depends on how the crate is cut into units; where it is not, an array in
/// the handler's own frame costs it its sibling call. `D` is the handler's dispatcher.
macro_rules! apart {
    (simd::$name:ident ($($arg:expr),*)) => {
        if D::INLINED { simd::$name($($arg),*) } else { $crate::handlers::simd::apart!(@ simd::$name($($arg),*)) }
    };
    (@ simd::$name:ident ($a:expr)) => {
        $crate::handlers::simd::apart1(simd::$name, $a)
    };
    (@ simd::$name:ident ($a:expr, $b:expr)) => {
        $crate::handlers::simd::apart2(simd::$name, $a, $b)
    };
    (@ simd::$name:ident ($a:expr, $b:expr, $c:expr)) => {
        $crate::handlers::simd::apart3(simd::$name, $a, $b, $c)
    };
}
pub(super) use apart;

macro_rules! aparts {
    ($($name:ident($($arg:ident: $ty:ident),*);)*) => {$(
        #[inline(never)]
        pub(super) fn $name<$($ty,)* R>(compute: impl Fn($($ty),*) -> R, $($arg: $ty),*) -> R {
            compute($($arg),*)
        }
    )*};
}
aparts! {
    apart1(a: A);
    apart2(a: A, b: B);
    apart3(a: A, b: B, c: C);
}

/// `dst = name(src)`, for lists of names.
macro_rules! vector_unary {
    ($from:ty: $($name:ident)*) => {
        vector! { |op, sp| (sp.get::<$from>(op.src)): $($name)* }
    };
}

/// `dst = name(lhs, rhs)`, for lists of names.
macro_rules! vector_binary {
    ($($name:ident)*) => {
        vector! { |op, sp| (sp.get(op.lhs), sp.get(op.rhs)): $($name)* }
    };
}

/// `dst = name(operands)`, with the operands spelled out.
macro_rules! vector {
    (|$op:ident, $sp:ident| $operands:tt: $($name:ident)*) => {
        $(vector! { @ $name |$op, $sp| apart!(simd::$name $operands) })*
    };
    (@ $name:ident |$op:ident, $sp:ident| $value:expr) => {
        handler! {
            pub(crate) fn $name<D>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: `ip` is an op of this name, its slots lie in the frame.
                unsafe {
                    let ($op, $sp) = (ip.op::<ops::$name>(), sp);
                    let value = $value;
                    sp.set($op.dst, value);
                    next!(D, $name, store, ip, sp, mem, len, acc, facc)
                }
            }
        }
    };
}

/// As `vector`, for functions that are so short on this processor that they always are inlined,
/// and keep nothing in memory. `$all` are arguments for the test that compares them with the
/// portable functions, made of `$a`, `$b` and `$c`.
#[cfg(target_arch = "x86_64")]
macro_rules! quick {
    ($all:ident |$a:ident, $b:ident, $c:ident| $arguments:tt, |$op:ident, $sp:ident| $operands:tt: $($name:ident)*) => {
        $(vector! { @ $name |$op, $sp| quick::$name $operands })*

        #[cfg(test)]
        fn $all($a: u128, $b: u128, $c: u128) {
            let _ = ($b, $c);
            $(
                // SAFETY: every x86-64 has what these functions are made of.
                let found = unsafe { quick::$name $arguments };
                assert_eq!(found, simd::$name $arguments, "{} {:#x} {:#x} {:#x}", stringify!($name), $a, $b, $c);
            )*
        }
    };
}
#[cfg(not(target_arch = "x86_64"))]
macro_rules! quick {
    ($all:ident |$a:ident, $b:ident, $c:ident| $arguments:tt, $($list:tt)*) => { vector! { $($list)* } };
}

quick! { quick_unary |a, b, c| (a), |op, sp| (sp.get::<u128>(op.src)):
    v128_not i16x8_extadd_pairwise_i8x16_s i16x8_extadd_pairwise_i8x16_u
    i16x8_extend_low_i8x16_s i16x8_extend_high_i8x16_s i16x8_extend_low_i8x16_u
    i16x8_extend_high_i8x16_u i32x4_extadd_pairwise_i16x8_s i32x4_extadd_pairwise_i16x8_u
    i32x4_extend_low_i16x8_s i32x4_extend_high_i16x8_s i32x4_extend_low_i16x8_u
    i32x4_extend_high_i16x8_u i64x2_extend_low_i32x4_s i64x2_extend_high_i32x4_s
    i64x2_extend_low_i32x4_u i64x2_extend_high_i32x4_u f32x4_abs f32x4_neg f32x4_sqrt f64x2_abs
    f64x2_neg f64x2_sqrt v128_any_true i8x16_bitmask i32x4_bitmask
}
quick! { quick_from_i32 |a, b, c| (a as i32), |op, sp| (sp.get::<i32>(op.src)):
    i8x16_splat i16x8_splat i32x4_splat
}
quick! { quick_from_i64 |a, b, c| (a as i64), |op, sp| (sp.get::<i64>(op.src)):
    i64x2_splat
}
quick! { quick_from_f32 |a, b, c| (f32::from_bits(a as u32)), |op, sp| (sp.get::<f32>(op.src)):
    f32x4_splat
}
quick! { quick_from_f64 |a, b, c| (f64::from_bits(a as u64)), |op, sp| (sp.get::<f64>(op.src)):
    f64x2_splat
}
quick! { quick_binary |a, b, c| (a, b), |op, sp| (sp.get(op.lhs), sp.get(op.rhs)):
    i8x16_eq i8x16_lt_s i8x16_gt_s i16x8_eq i16x8_lt_s i16x8_gt_s i32x4_eq i32x4_lt_s
    i32x4_gt_s f32x4_eq f32x4_ne f32x4_lt f32x4_gt f32x4_le f32x4_ge f64x2_eq f64x2_ne f64x2_lt
    f64x2_gt f64x2_le f64x2_ge v128_and v128_andnot v128_or v128_xor i8x16_narrow_i16x8_s
    i8x16_narrow_i16x8_u i8x16_add i8x16_add_sat_s i8x16_add_sat_u i8x16_sub i8x16_sub_sat_s
    i8x16_sub_sat_u i8x16_min_u i8x16_max_u i8x16_avgr_u i16x8_narrow_i32x4_s i16x8_add
    i16x8_add_sat_s i16x8_add_sat_u i16x8_sub i16x8_sub_sat_s i16x8_sub_sat_u i16x8_mul
    i16x8_min_s i16x8_max_s i16x8_avgr_u i32x4_add i32x4_sub i32x4_mul i32x4_dot_i16x8_s
    i64x2_add i64x2_sub f32x4_add f32x4_sub f32x4_mul f32x4_div f32x4_pmin f32x4_pmax f64x2_add
    f64x2_sub f64x2_mul f64x2_div f64x2_pmin f64x2_pmax
}
quick! { quick_shift |a, b, c| (a, b as i32), |op, sp| (sp.get(op.lhs), sp.get::<i32>(op.rhs)):
    i16x8_shl i16x8_shr_s i16x8_shr_u i32x4_shl i32x4_shr_s i32x4_shr_u i64x2_shl i64x2_shr_u
}
quick! { quick_ternary |a, b, c| (a, b, c), |op, sp| (sp.get(op.a), sp.get(op.b), sp.get(op.c)):
    v128_bitselect
}

vector_unary! { u128:
    i8x16_abs i8x16_neg i8x16_popcnt i16x8_abs i16x8_neg i32x4_abs i32x4_neg i64x2_abs
    i64x2_neg f32x4_ceil f32x4_floor f32x4_trunc f32x4_nearest f64x2_ceil f64x2_floor
    f64x2_trunc f64x2_nearest i32x4_trunc_sat_f32x4_s i32x4_trunc_sat_f32x4_u
    f32x4_convert_i32x4_s f32x4_convert_i32x4_u i32x4_trunc_sat_f64x2_s_zero
    i32x4_trunc_sat_f64x2_u_zero f64x2_convert_low_i32x4_s f64x2_convert_low_i32x4_u
    f32x4_demote_f64x2_zero f64x2_promote_low_f32x4 i32x4_relaxed_trunc_f32x4_s
    i32x4_relaxed_trunc_f32x4_u i32x4_relaxed_trunc_f64x2_s_zero
    i32x4_relaxed_trunc_f64x2_u_zero i8x16_all_true i16x8_all_true i16x8_bitmask i32x4_all_true
    i64x2_all_true i64x2_bitmask
}
vector_binary! {
    i8x16_swizzle i8x16_ne i8x16_lt_u i8x16_gt_u i8x16_le_s i8x16_le_u i8x16_ge_s i8x16_ge_u
    i16x8_ne i16x8_lt_u i16x8_gt_u i16x8_le_s i16x8_le_u i16x8_ge_s i16x8_ge_u i32x4_ne
    i32x4_lt_u i32x4_gt_u i32x4_le_s i32x4_le_u i32x4_ge_s i32x4_ge_u i64x2_eq i64x2_ne
    i64x2_lt_s i64x2_gt_s i64x2_le_s i64x2_ge_s i8x16_min_s i8x16_max_s i16x8_q15mulr_sat_s
    i16x8_narrow_i32x4_u i16x8_min_u i16x8_max_u i16x8_extmul_low_i8x16_s
    i16x8_extmul_high_i8x16_s i16x8_extmul_low_i8x16_u i16x8_extmul_high_i8x16_u i32x4_min_s
    i32x4_min_u i32x4_max_s i32x4_max_u i32x4_extmul_low_i16x8_s i32x4_extmul_high_i16x8_s
    i32x4_extmul_low_i16x8_u i32x4_extmul_high_i16x8_u i64x2_mul i64x2_extmul_low_i32x4_s
    i64x2_extmul_high_i32x4_s i64x2_extmul_low_i32x4_u i64x2_extmul_high_i32x4_u f32x4_min
    f32x4_max f64x2_min f64x2_max i8x16_relaxed_swizzle f32x4_relaxed_min f32x4_relaxed_max
    f64x2_relaxed_min f64x2_relaxed_max i16x8_relaxed_q15mulr_s i16x8_relaxed_dot_i8x16_i7x16_s
}
vector! { |op, sp| (sp.get(op.lhs), sp.get::<i32>(op.rhs)):
    i8x16_shl i8x16_shr_s i8x16_shr_u i64x2_shr_s
}
vector! { |op, sp| (sp.get(op.a), sp.get(op.b), sp.get(op.c)):
    f32x4_relaxed_madd f32x4_relaxed_nmadd f64x2_relaxed_madd f64x2_relaxed_nmadd
    i8x16_relaxed_laneselect i16x8_relaxed_laneselect i32x4_relaxed_laneselect
    i64x2_relaxed_laneselect i32x4_relaxed_dot_i8x16_i7x16_add_s
}
vector! { |op, sp| (sp.get(op.src), op.lane as u8):
    i8x16_extract_lane_s i8x16_extract_lane_u i16x8_extract_lane_s i16x8_extract_lane_u
    i32x4_extract_lane i64x2_extract_lane f32x4_extract_lane f64x2_extract_lane
}
vector! { |op, sp| (sp.get(op.src), op.lane as u8, sp.get(op.value)):
    i8x16_replace_lane i16x8_replace_lane i32x4_replace_lane i64x2_replace_lane f32x4_replace_lane
    f64x2_replace_lane
}
handler! {
    pub(crate) fn i8x16_shuffle<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::i8x16_shuffle>();
            sp.set(op.dst, apart!(simd::i8x16_shuffle(sp.get(op.lhs), sp.get(op.rhs), op.lanes.get())));
            next!(D, i8x16_shuffle, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn v128_const<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::v128_const>();
            sp.set(op.dst, op.value.get());
            next!(D, v128_const, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn select_v128<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: all slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::select_v128>();
            let from = if sp.get::<i32>(op.cond) != 0 { op.lhs } else { op.rhs };
            sp.set(op.dst, sp.get::<u128>(from));
            next!(D, select_v128, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn global_get_v128<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: validation bounds the index; the slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::global_get_v128>();
            let global = (*store.instance).global(op.global);
            sp.set(op.dst, (*global).value());
            next!(D, global_get_v128, store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    pub(crate) fn global_set_v128<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: validation bounds the index; the slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::global_set_v128>();
            let global = (*store.instance).global(op.global);
            (*global).set(sp.get(op.src));
            next!(D, global_set_v128, store, ip, sp, mem, len, acc, facc)
        }
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    /// Vectors whose lanes, of whatever width, lie where lane arithmetic goes wrong, and others.
    fn vectors() -> Vec<u128> {
        let lanes8 = [0x00, 0x01, 0x7f, 0x80, 0x81, 0xff];
        let lanes16 = [0x0001, 0x00ff, 0x7fff, 0x8000, 0x8001, 0xff80];
        let lanes32 =
            [0x7fff_ffff, 0x8000_0000, 0x3f80_0000, 0x7f80_0000, 0xffc0_0001, 0x7f80_0001, 0x0000_0001];
        let lanes64 = [
            1 << 63,
            0x7ff0_0000_0000_0000,
            0x7ff0_0000_0000_0001,
            0xfff8_0000_0000_0002,
            0x3ff0_0000_0000_0000,
        ];
        let every = |lane: u128, bits: u32| (0..128 / bits).fold(0, |all, at| all | lane << (at * bits));
        let mut all: Vec<u128> = lanes8.map(|lane| every(lane, 8)).to_vec();
        all.extend(lanes16.map(|lane| every(lane, 16)));
        all.extend(lanes32.map(|lane| every(lane, 32)));
        all.extend(lanes64.map(|lane| every(lane, 64)));
        let mut random = 0x2545_f491_4f6c_dd1d_9e37_79b9_7f4a_7c15_u128;
        all.extend(
            std::iter::repeat_with(|| {
                random = random.wrapping_mul(0xda94_2042_e4dd_58b5_0000_0000_0000_0001).wrapping_add(1);
                random
            })
            .take(20),
        );
        all
    }

    #[test]
    fn quick_functions_are_the_portable_ones() {
        let vectors = vectors();
        for (at, &a) in vectors.iter().enumerate() {
            let c = vectors[(at + 7) % vectors.len()];
            for &b in &vectors {
                super::quick_binary(a, b, c);
                super::quick_shift(a, b, c);
                super::quick_ternary(a, b, c);
            }
            super::quick_unary(a, 0, 0);
            super::quick_from_i32(a, 0, 0);
            super::quick_from_i64(a, 0, 0);
            super::quick_from_f32(a, 0, 0);
            super::quick_from_f64(a, 0, 0);
        }
    }
}
