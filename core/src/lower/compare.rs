//! Comparisons as branches: which branch a comparison becomes, and the opposite of each.

use crate::code::OpCode;

/// How the operands of a comparison are spelled.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// One slot, compared with zero.
    Zero,
    /// Two slots.
    Slots,
    /// Two slots, the other way round.
    Swapped,
    /// A slot and a constant of 32 bits.
    Imm,
    /// A slot and a constant f64.
    Double,
}

/// The branch a comparison can become.
#[derive(Clone, Copy)]
pub(super) struct Branch {
    pub(super) form: Form,
    then: OpCode,
    otherwise: OpCode,
}

impl Branch {
    /// The branch taken if the comparison holds, or if it does not.
    pub(super) fn op(self, negate: bool) -> OpCode {
        if negate { self.otherwise } else { self.then }
    }
}

/// One line for each integer comparison: its four ops and those of its opposite. For each type of
/// floats how its constants are spelled, a line for each comparison with the branches taken if it
/// holds and if not, and these branches in pairs.
macro_rules! comparisons {
    (
        integers { $($op:ident $imm:ident $br:ident $br_imm:ident, opposite $not:ident $not_imm:ident;)* }
        floats { $($float:ident $form:ident $then:ident $otherwise:ident;)* }
        pairs { $($one:ident $other:ident;)* }
    ) => {
        /// The branch that `op` can become, if it is a comparison.
        pub(super) fn branch_of(op: OpCode) -> Option<Branch> {
            let of = |form, then, otherwise| Some(Branch { form, then, otherwise });
            match op {
                OpCode::i32_eqz => of(Form::Zero, OpCode::br_i32_eq_imm, OpCode::br_i32_ne_imm),
                OpCode::i64_eqz => of(Form::Zero, OpCode::br_i64_eq_imm, OpCode::br_i64_ne_imm),
                OpCode::i32_and_imm => of(Form::Imm, OpCode::br_i32_and_imm, OpCode::br_i32_nand_imm),
                $(
                    OpCode::$op => of(Form::Slots, OpCode::$br, OpCode::$not),
                    OpCode::$imm => of(Form::Imm, OpCode::$br_imm, OpCode::$not_imm),
                )*
                $(OpCode::$float => of(Form::$form, OpCode::$then, OpCode::$otherwise),)*
                _ => None,
            }
        }

        /// The branch taken exactly when `op` is not.
        pub(super) fn opposite(op: OpCode) -> OpCode {
            match op {
                OpCode::br_i32_and_imm => OpCode::br_i32_nand_imm,
                OpCode::br_i32_nand_imm => OpCode::br_i32_and_imm,
                $(
                    OpCode::$br => OpCode::$not,
                    OpCode::$br_imm => OpCode::$not_imm,
                )*
                $(
                    OpCode::$one => OpCode::$other,
                    OpCode::$other => OpCode::$one,
                )*
                other => unreachable!("{other:?} is not a comparing branch"),
            }
        }
    };
}
comparisons! {
    integers {
    i32_eq i32_eq_imm br_i32_eq br_i32_eq_imm, opposite br_i32_ne br_i32_ne_imm;
    i32_ne i32_ne_imm br_i32_ne br_i32_ne_imm, opposite br_i32_eq br_i32_eq_imm;
    i32_lt_s i32_lt_s_imm br_i32_lt_s br_i32_lt_s_imm, opposite br_i32_ge_s br_i32_ge_s_imm;
    i32_lt_u i32_lt_u_imm br_i32_lt_u br_i32_lt_u_imm, opposite br_i32_ge_u br_i32_ge_u_imm;
    i32_gt_s i32_gt_s_imm br_i32_gt_s br_i32_gt_s_imm, opposite br_i32_le_s br_i32_le_s_imm;
    i32_gt_u i32_gt_u_imm br_i32_gt_u br_i32_gt_u_imm, opposite br_i32_le_u br_i32_le_u_imm;
    i32_le_s i32_le_s_imm br_i32_le_s br_i32_le_s_imm, opposite br_i32_gt_s br_i32_gt_s_imm;
    i32_le_u i32_le_u_imm br_i32_le_u br_i32_le_u_imm, opposite br_i32_gt_u br_i32_gt_u_imm;
    i32_ge_s i32_ge_s_imm br_i32_ge_s br_i32_ge_s_imm, opposite br_i32_lt_s br_i32_lt_s_imm;
    i32_ge_u i32_ge_u_imm br_i32_ge_u br_i32_ge_u_imm, opposite br_i32_lt_u br_i32_lt_u_imm;
    i64_eq i64_eq_imm br_i64_eq br_i64_eq_imm, opposite br_i64_ne br_i64_ne_imm;
    i64_ne i64_ne_imm br_i64_ne br_i64_ne_imm, opposite br_i64_eq br_i64_eq_imm;
    i64_lt_s i64_lt_s_imm br_i64_lt_s br_i64_lt_s_imm, opposite br_i64_ge_s br_i64_ge_s_imm;
    i64_lt_u i64_lt_u_imm br_i64_lt_u br_i64_lt_u_imm, opposite br_i64_ge_u br_i64_ge_u_imm;
    i64_gt_s i64_gt_s_imm br_i64_gt_s br_i64_gt_s_imm, opposite br_i64_le_s br_i64_le_s_imm;
    i64_gt_u i64_gt_u_imm br_i64_gt_u br_i64_gt_u_imm, opposite br_i64_le_u br_i64_le_u_imm;
    i64_le_s i64_le_s_imm br_i64_le_s br_i64_le_s_imm, opposite br_i64_gt_s br_i64_gt_s_imm;
    i64_le_u i64_le_u_imm br_i64_le_u br_i64_le_u_imm, opposite br_i64_gt_u br_i64_gt_u_imm;
    i64_ge_s i64_ge_s_imm br_i64_ge_s br_i64_ge_s_imm, opposite br_i64_lt_s br_i64_lt_s_imm;
    i64_ge_u i64_ge_u_imm br_i64_ge_u br_i64_ge_u_imm, opposite br_i64_lt_u br_i64_lt_u_imm;
    }
    floats {
        f32_eq Slots br_f32_eq br_f32_ne;
        f32_eq_imm Imm br_f32_eq_imm br_f32_ne_imm;
        f32_ne Slots br_f32_ne br_f32_eq;
        f32_ne_imm Imm br_f32_ne_imm br_f32_eq_imm;
        f32_lt Slots br_f32_lt br_f32_not_lt;
        f32_lt_imm Imm br_f32_lt_imm br_f32_not_lt_imm;
        f32_gt Swapped br_f32_lt br_f32_not_lt;
        f32_gt_imm Imm br_f32_gt_imm br_f32_not_gt_imm;
        f32_le Slots br_f32_le br_f32_not_le;
        f32_le_imm Imm br_f32_le_imm br_f32_not_le_imm;
        f32_ge Swapped br_f32_le br_f32_not_le;
        f32_ge_imm Imm br_f32_ge_imm br_f32_not_ge_imm;
        f64_eq Slots br_f64_eq br_f64_ne;
        f64_eq_imm Double br_f64_eq_imm br_f64_ne_imm;
        f64_ne Slots br_f64_ne br_f64_eq;
        f64_ne_imm Double br_f64_ne_imm br_f64_eq_imm;
        f64_lt Slots br_f64_lt br_f64_not_lt;
        f64_lt_imm Double br_f64_lt_imm br_f64_not_lt_imm;
        f64_gt Swapped br_f64_lt br_f64_not_lt;
        f64_gt_imm Double br_f64_gt_imm br_f64_not_gt_imm;
        f64_le Slots br_f64_le br_f64_not_le;
        f64_le_imm Double br_f64_le_imm br_f64_not_le_imm;
        f64_ge Swapped br_f64_le br_f64_not_le;
        f64_ge_imm Double br_f64_ge_imm br_f64_not_ge_imm;
    }
    pairs {
        br_f32_eq br_f32_ne;
        br_f32_lt br_f32_not_lt;
        br_f32_le br_f32_not_le;
        br_f32_eq_imm br_f32_ne_imm;
        br_f32_lt_imm br_f32_not_lt_imm;
        br_f32_gt_imm br_f32_not_gt_imm;
        br_f32_le_imm br_f32_not_le_imm;
        br_f32_ge_imm br_f32_not_ge_imm;
        br_f64_eq br_f64_ne;
        br_f64_lt br_f64_not_lt;
        br_f64_le br_f64_not_le;
        br_f64_eq_imm br_f64_ne_imm;
        br_f64_lt_imm br_f64_not_lt_imm;
        br_f64_gt_imm br_f64_not_gt_imm;
        br_f64_le_imm br_f64_not_le_imm;
        br_f64_ge_imm br_f64_not_ge_imm;
    }
}
