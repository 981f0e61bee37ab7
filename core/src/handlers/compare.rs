//! Integer comparisons: as a value, with an immediate, and as a branch.

use super::{binary, control::take, first, next, result, second, unary};
use crate::code::ops;
use crate::exec::dispatch::{ControlFlow, handler};

unary! {
    i32_eqz: |x: i32| x == 0;
    i64_eqz: |x: i64| x == 0;
}

/// Four ops from one comparison.
macro_rules! compare {
    ($($name:ident $name_imm:ident $br:ident $br_imm:ident: $ty:ty, $op:tt;)*) => {$(
        binary! { $name: |a, b: $ty| a $op b; }

        handler! {
            pub(crate) fn $name_imm<D, F>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: `ip` is an op of this name, its slots lie in the frame.
                unsafe {
                    let op = ip.op::<ops::$name_imm>();
                    let holds = first::<$ty, F>(sp, op.lhs, acc, facc) $op op.rhs as $ty;
                    let (acc, facc) = result::<_, F>(sp, op.dst, holds, acc, facc);
                    next!(D, $name_imm, store, ip, sp, mem, len, acc, facc)
                }
            }
        }

        handler! {
            pub(crate) fn $br<D, F>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: as above; the target is an op of the same function.
                unsafe {
                    let op = ip.op::<ops::$br>();
                    let lhs = first::<$ty, F>(sp, op.lhs, acc, facc);
                    if lhs $op second::<$ty, F>(sp, op.rhs, acc, facc) {
                        take!(D, op.jump, store, ip, sp, mem, len, acc, facc)
                    } else {
                        next!(D, $br, store, ip, sp, mem, len, acc, facc)
                    }
                }
            }
        }

        handler! {
            pub(crate) fn $br_imm<D, F>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: as above.
                unsafe {
                    let op = ip.op::<ops::$br_imm>();
                    if first::<$ty, F>(sp, op.lhs, acc, facc) $op op.rhs as $ty {
                        take!(D, op.jump, store, ip, sp, mem, len, acc, facc)
                    } else {
                        next!(D, $br_imm, store, ip, sp, mem, len, acc, facc)
                    }
                }
            }
        }
    )*};
}
compare! {
    i32_eq i32_eq_imm br_i32_eq br_i32_eq_imm: i32, ==;
    i32_ne i32_ne_imm br_i32_ne br_i32_ne_imm: i32, !=;
    i32_lt_s i32_lt_s_imm br_i32_lt_s br_i32_lt_s_imm: i32, <;
    i32_lt_u i32_lt_u_imm br_i32_lt_u br_i32_lt_u_imm: u32, <;
    i32_gt_s i32_gt_s_imm br_i32_gt_s br_i32_gt_s_imm: i32, >;
    i32_gt_u i32_gt_u_imm br_i32_gt_u br_i32_gt_u_imm: u32, >;
    i32_le_s i32_le_s_imm br_i32_le_s br_i32_le_s_imm: i32, <=;
    i32_le_u i32_le_u_imm br_i32_le_u br_i32_le_u_imm: u32, <=;
    i32_ge_s i32_ge_s_imm br_i32_ge_s br_i32_ge_s_imm: i32, >=;
    i32_ge_u i32_ge_u_imm br_i32_ge_u br_i32_ge_u_imm: u32, >=;
    i64_eq i64_eq_imm br_i64_eq br_i64_eq_imm: i64, ==;
    i64_ne i64_ne_imm br_i64_ne br_i64_ne_imm: i64, !=;
    i64_lt_s i64_lt_s_imm br_i64_lt_s br_i64_lt_s_imm: i64, <;
    i64_lt_u i64_lt_u_imm br_i64_lt_u br_i64_lt_u_imm: u64, <;
    i64_gt_s i64_gt_s_imm br_i64_gt_s br_i64_gt_s_imm: i64, >;
    i64_gt_u i64_gt_u_imm br_i64_gt_u br_i64_gt_u_imm: u64, >;
    i64_le_s i64_le_s_imm br_i64_le_s br_i64_le_s_imm: i64, <=;
    i64_le_u i64_le_u_imm br_i64_le_u br_i64_le_u_imm: u64, <=;
    i64_ge_s i64_ge_s_imm br_i64_ge_s br_i64_ge_s_imm: i64, >=;
    i64_ge_u i64_ge_u_imm br_i64_ge_u br_i64_ge_u_imm: u64, >=;
}

/// Branches on some bits of a number: the opposite of each other.
macro_rules! test_bits {
    ($($name:ident: $op:tt;)*) => {$(
        handler! {
            pub(crate) fn $name<D, F>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: as above.
                unsafe {
                    let op = ip.op::<ops::$name>();
                    if first::<i32, F>(sp, op.lhs, acc, facc) & op.rhs $op 0 {
                        take!(D, op.jump, store, ip, sp, mem, len, acc, facc)
                    } else {
                        next!(D, $name, store, ip, sp, mem, len, acc, facc)
                    }
                }
            }
        }
    )*};
}
test_bits! {
    br_i32_and_imm: !=;
    br_i32_nand_imm: ==;
}
