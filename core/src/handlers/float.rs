//! Floating point. NaN results are canonical, so that every host computes the same
//! bits; `abs`, `neg` and `copysign` only touch the sign.

use super::{binary, binary_imm, control::take, first, next, result, second, unary};
use crate::code::ops;
use crate::exec::dispatch::{ControlFlow, handler};
use crate::num;

binary! {
    f32_min: |a, b: f32| num::f32_min(a, b);
    f32_max: |a, b: f32| num::f32_max(a, b);
    f32_copysign: |a, b: f32| num::f32_copysign(a, b);
    f64_min: |a, b: f64| num::f64_min(a, b);
    f64_max: |a, b: f64| num::f64_max(a, b);
    f64_copysign: |a, b: f64| num::f64_copysign(a, b);
}

/// `dst = body(lhs, rhs)` with `rhs` in a slot and as a constant and, for two of them, with
/// `lhs` as a constant.
macro_rules! with_constant {
    ($ty:ident $bits:ident: $($name:ident $imm:ident $($reversed:ident)?: |$a:ident, $b:ident| $body:expr;)*) => {$(
        binary! { $name: |$a, $b: $ty| $body; }
        binary_imm! { @one $imm |op, sp, acc, facc| (first::<$ty, F>(sp, op.lhs, acc, facc), $bits!(op.rhs)), |$a, $b| $body }
        $(binary_imm! { @one $reversed |op, sp, acc, facc| ($bits!(op.lhs), first::<$ty, F>(sp, op.rhs, acc, facc)), |$a, $b| $body })?
    )*};
}
/// The constant in an op of 32 bits, or of 64.
macro_rules! constant32 {
    ($bits:expr) => {
        f32::from_bits($bits)
    };
}
macro_rules! constant64 {
    ($bits:expr) => {
        f64::from_bits($bits.get())
    };
}
with_constant! { f32 constant32:
    f32_eq f32_eq_imm: |a, b| a == b;
    f32_ne f32_ne_imm: |a, b| a != b;
    f32_lt f32_lt_imm: |a, b| a < b;
    f32_gt f32_gt_imm: |a, b| a > b;
    f32_le f32_le_imm: |a, b| a <= b;
    f32_ge f32_ge_imm: |a, b| a >= b;
    f32_add f32_add_imm: |a, b| num::f32_add(a, b);
    f32_sub f32_sub_imm f32_rsub_imm: |a, b| num::f32_sub(a, b);
    f32_mul f32_mul_imm: |a, b| num::f32_mul(a, b);
    f32_div f32_div_imm f32_rdiv_imm: |a, b| num::f32_div(a, b);
}
with_constant! { f64 constant64:
    f64_eq f64_eq_imm: |a, b| a == b;
    f64_ne f64_ne_imm: |a, b| a != b;
    f64_lt f64_lt_imm: |a, b| a < b;
    f64_gt f64_gt_imm: |a, b| a > b;
    f64_le f64_le_imm: |a, b| a <= b;
    f64_ge f64_ge_imm: |a, b| a >= b;
    f64_add f64_add_imm: |a, b| num::f64_add(a, b);
    f64_sub f64_sub_imm f64_rsub_imm: |a, b| num::f64_sub(a, b);
    f64_mul f64_mul_imm: |a, b| num::f64_mul(a, b);
    f64_div f64_div_imm f64_rdiv_imm: |a, b| num::f64_div(a, b);
}

unary! {
    f32_abs: |x: f32| num::f32_abs(x);
    f32_neg: |x: f32| num::f32_neg(x);
    f32_ceil: |x: f32| num::f32_ceil(x);
    f32_floor: |x: f32| num::f32_floor(x);
    f32_trunc: |x: f32| num::f32_trunc(x);
    f32_nearest: |x: f32| num::f32_nearest(x);
    f32_sqrt: |x: f32| num::f32_sqrt(x);
    f64_abs: |x: f64| num::f64_abs(x);
    f64_neg: |x: f64| num::f64_neg(x);
    f64_ceil: |x: f64| num::f64_ceil(x);
    f64_floor: |x: f64| num::f64_floor(x);
    f64_trunc: |x: f64| num::f64_trunc(x);
    f64_nearest: |x: f64| num::f64_nearest(x);
    f64_sqrt: |x: f64| num::f64_sqrt(x);
}

handler! {
    /// As the two operators one behind the other; a product that is a NaN is made canonical
    /// with the sum.
    pub(crate) fn f64_mul_add<D, F>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: the slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::f64_mul_add>();
            let lhs = first::<f64, F>(sp, op.lhs, acc, facc);
            let rhs = second::<f64, F>(sp, op.rhs, acc, facc);
            let sum = num::f64_add(lhs * rhs, sp.get(op.sum));
            let (acc, facc) = result::<_, F>(sp, op.dst, sum, acc, facc);
            next!(D, f64_mul_add, store, ip, sp, mem, len, acc, facc)
        }
    }
}

/// Branches that compare. With a NaN a comparison does not hold, nor does the opposite one.
macro_rules! branches {
    ($ty:ident $bits:ident: $($name:ident $imm:ident: |$a:ident, $b:ident| $holds:expr;)*) => {$(
        branches! { @one $ty $name |op, sp, acc, facc| second::<$ty, F>(sp, op.rhs, acc, facc), |$a, $b| $holds }
        branches! { imm $ty $bits: $imm: |$a, $b| $holds; }
    )*};
    (imm $ty:ident $bits:ident: $($name:ident: |$a:ident, $b:ident| $holds:expr;)*) => {$(
        branches! { @one $ty $name |op, _sp, _acc, _facc| $bits!(op.rhs), |$a, $b| $holds }
    )*};
    (@one $ty:ident $name:ident |$op:ident, $sp:ident, $acc:ident, $facc:ident| $rhs:expr, |$a:ident, $b:ident| $holds:expr) => {
        handler! {
            pub(crate) fn $name<D, F>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: the slots lie in the frame, the target is an op of the same function.
                unsafe {
                    let $op = ip.op::<ops::$name>();
                    let $a = first::<$ty, F>(sp, $op.lhs, acc, facc);
                    let ($sp, $acc, $facc) = (sp, acc, facc);
                    let $b = $rhs;
                    if $holds {
                        take!(D, $op.jump, store, ip, sp, mem, len, acc, facc)
                    } else {
                        next!(D, $name, store, ip, sp, mem, len, acc, facc)
                    }
                }
            }
        }
    };
}
branches! { f32 constant32:
    br_f32_eq br_f32_eq_imm: |a, b| a == b;
    br_f32_ne br_f32_ne_imm: |a, b| a != b;
    br_f32_lt br_f32_lt_imm: |a, b| a < b;
    br_f32_le br_f32_le_imm: |a, b| a <= b;
    br_f32_not_lt br_f32_not_lt_imm: |a, b| !num::f32_lt(a, b);
    br_f32_not_le br_f32_not_le_imm: |a, b| !num::f32_le(a, b);
}
branches! { imm f32 constant32:
    br_f32_gt_imm: |a, b| a > b;
    br_f32_ge_imm: |a, b| a >= b;
    br_f32_not_gt_imm: |a, b| !num::f32_gt(a, b);
    br_f32_not_ge_imm: |a, b| !num::f32_ge(a, b);
}
branches! { f64 constant64:
    br_f64_eq br_f64_eq_imm: |a, b| a == b;
    br_f64_ne br_f64_ne_imm: |a, b| a != b;
    br_f64_lt br_f64_lt_imm: |a, b| a < b;
    br_f64_le br_f64_le_imm: |a, b| a <= b;
    br_f64_not_lt br_f64_not_lt_imm: |a, b| !num::f64_lt(a, b);
    br_f64_not_le br_f64_not_le_imm: |a, b| !num::f64_le(a, b);
}
branches! { imm f64 constant64:
    br_f64_gt_imm: |a, b| a > b;
    br_f64_ge_imm: |a, b| a >= b;
    br_f64_not_gt_imm: |a, b| !num::f64_gt(a, b);
    br_f64_not_ge_imm: |a, b| !num::f64_ge(a, b);
}
