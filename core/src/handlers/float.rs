//! Floating point. NaN results are canonical, so that every host computes the same
//! bits; `abs`, `neg` and `copysign` only touch the sign.

use super::{binary, control::take, first, next, result, second, unary};
use crate::code::ops;
use crate::exec::dispatch::{ControlFlow, handler};
use crate::num;

binary! {
    f32_eq: |a, b: f32| a == b;
    f32_ne: |a, b: f32| a != b;
    f32_lt: |a, b: f32| a < b;
    f32_gt: |a, b: f32| a > b;
    f32_le: |a, b: f32| a <= b;
    f32_ge: |a, b: f32| a >= b;
    f32_add: |a, b: f32| num::f32_add(a, b);
    f32_sub: |a, b: f32| num::f32_sub(a, b);
    f32_mul: |a, b: f32| num::f32_mul(a, b);
    f32_div: |a, b: f32| num::f32_div(a, b);
    f32_min: |a, b: f32| num::f32_min(a, b);
    f32_max: |a, b: f32| num::f32_max(a, b);
    f32_copysign: |a, b: f32| num::f32_copysign(a, b);
    f64_min: |a, b: f64| num::f64_min(a, b);
    f64_max: |a, b: f64| num::f64_max(a, b);
    f64_copysign: |a, b: f64| num::f64_copysign(a, b);
}

/// `dst = body(lhs, rhs)` twice: with `rhs` in a slot and as a constant.
macro_rules! binary_f64 {
    ($($name:ident $imm:ident: |$a:ident, $b:ident| $body:expr;)*) => {$(
        binary! { $name: |$a, $b: f64| $body; }

        handler! {
            pub(crate) fn $imm<D, F>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: as for the variant with two slots.
                unsafe {
                    let op = ip.op::<ops::$imm>();
                    let $a = first::<f64, F>(sp, op.lhs, acc, facc);
                    let $b = f64::from_bits(op.rhs.get());
                    let (acc, facc) = result::<_, F>(sp, op.dst, $body, acc, facc);
                    next!(D, $imm, store, ip, sp, mem, len, acc, facc)
                }
            }
        }
    )*};
}
binary_f64! {
    f64_eq f64_eq_imm: |a, b| a == b;
    f64_ne f64_ne_imm: |a, b| a != b;
    f64_lt f64_lt_imm: |a, b| a < b;
    f64_gt f64_gt_imm: |a, b| a > b;
    f64_le f64_le_imm: |a, b| a <= b;
    f64_ge f64_ge_imm: |a, b| a >= b;
    f64_add f64_add_imm: |a, b| num::f64_add(a, b);
    f64_sub f64_sub_imm: |a, b| num::f64_sub(a, b);
    f64_mul f64_mul_imm: |a, b| num::f64_mul(a, b);
    f64_div f64_div_imm: |a, b| num::f64_div(a, b);
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
    ($($name:ident: |$a:ident, $b:ident| $holds:expr;)*) => {$(
        branches! { @one $name |op, sp, acc, facc| second::<f64, F>(sp, op.rhs, acc, facc), |$a, $b| $holds }
    )*};
    (imm $($name:ident: |$a:ident, $b:ident| $holds:expr;)*) => {$(
        branches! { @one $name |op, _sp, _acc, _facc| f64::from_bits(op.rhs.get()), |$a, $b| $holds }
    )*};
    (@one $name:ident |$op:ident, $sp:ident, $acc:ident, $facc:ident| $rhs:expr, |$a:ident, $b:ident| $holds:expr) => {
        handler! {
            pub(crate) fn $name<D, F>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: the slots lie in the frame, the target is an op of the same function.
                unsafe {
                    let $op = ip.op::<ops::$name>();
                    let $a = first::<f64, F>(sp, $op.lhs, acc, facc);
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
branches! {
    br_f64_eq: |a, b| a == b;
    br_f64_ne: |a, b| a != b;
    br_f64_lt: |a, b| a < b;
    br_f64_le: |a, b| a <= b;
    br_f64_not_lt: |a, b| !num::f64_lt(a, b);
    br_f64_not_le: |a, b| !num::f64_le(a, b);
}
branches! { imm
    br_f64_eq_imm: |a, b| a == b;
    br_f64_ne_imm: |a, b| a != b;
    br_f64_lt_imm: |a, b| a < b;
    br_f64_gt_imm: |a, b| a > b;
    br_f64_le_imm: |a, b| a <= b;
    br_f64_ge_imm: |a, b| a >= b;
    br_f64_not_lt_imm: |a, b| !num::f64_lt(a, b);
    br_f64_not_gt_imm: |a, b| !num::f64_gt(a, b);
    br_f64_not_le_imm: |a, b| !num::f64_le(a, b);
    br_f64_not_ge_imm: |a, b| !num::f64_ge(a, b);
}
