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
    /// A slot and a constant integer.
    Imm,
    /// A slot and a constant f64.
    Float,
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

/// One line for each integer comparison: its four ops and those of its opposite.
macro_rules! comparisons {
    ($($op:ident $imm:ident $br:ident $br_imm:ident, opposite $not:ident $not_imm:ident;)*) => {
        /// The branch that `op` can become, if it is an integer comparison.
        pub(super) fn branch_of(op: OpCode) -> Option<Branch> {
            Some(match op {
                OpCode::i32_eqz => Branch { form: Form::Zero, then: OpCode::br_i32_eq_imm, otherwise: OpCode::br_i32_ne_imm },
                OpCode::i64_eqz => Branch { form: Form::Zero, then: OpCode::br_i64_eq_imm, otherwise: OpCode::br_i64_ne_imm },
                OpCode::f64_eq => Branch { form: Form::Slots, then: OpCode::br_f64_eq, otherwise: OpCode::br_f64_ne },
                OpCode::f64_ne => Branch { form: Form::Slots, then: OpCode::br_f64_ne, otherwise: OpCode::br_f64_eq },
                OpCode::f64_lt => Branch { form: Form::Slots, then: OpCode::br_f64_lt, otherwise: OpCode::br_f64_not_lt },
                OpCode::f64_le => Branch { form: Form::Slots, then: OpCode::br_f64_le, otherwise: OpCode::br_f64_not_le },
                OpCode::f64_gt => Branch { form: Form::Swapped, then: OpCode::br_f64_lt, otherwise: OpCode::br_f64_not_lt },
                OpCode::f64_ge => Branch { form: Form::Swapped, then: OpCode::br_f64_le, otherwise: OpCode::br_f64_not_le },
                OpCode::f64_eq_imm => Branch { form: Form::Float, then: OpCode::br_f64_eq_imm, otherwise: OpCode::br_f64_ne_imm },
                OpCode::f64_ne_imm => Branch { form: Form::Float, then: OpCode::br_f64_ne_imm, otherwise: OpCode::br_f64_eq_imm },
                OpCode::f64_lt_imm => Branch { form: Form::Float, then: OpCode::br_f64_lt_imm, otherwise: OpCode::br_f64_not_lt_imm },
                OpCode::f64_gt_imm => Branch { form: Form::Float, then: OpCode::br_f64_gt_imm, otherwise: OpCode::br_f64_not_gt_imm },
                OpCode::f64_le_imm => Branch { form: Form::Float, then: OpCode::br_f64_le_imm, otherwise: OpCode::br_f64_not_le_imm },
                OpCode::f64_ge_imm => Branch { form: Form::Float, then: OpCode::br_f64_ge_imm, otherwise: OpCode::br_f64_not_ge_imm },
                OpCode::i32_and_imm => Branch { form: Form::Imm, then: OpCode::br_i32_and_imm, otherwise: OpCode::br_i32_nand_imm },
                $(
                    OpCode::$op => Branch { form: Form::Slots, then: OpCode::$br, otherwise: OpCode::$not },
                    OpCode::$imm => Branch { form: Form::Imm, then: OpCode::$br_imm, otherwise: OpCode::$not_imm },
                )*
                _ => return None,
            })
        }

        /// The branch taken exactly when `op` is not.
        pub(super) fn opposite(op: OpCode) -> OpCode {
            match op {
                OpCode::br_f64_eq => OpCode::br_f64_ne,
                OpCode::br_f64_ne => OpCode::br_f64_eq,
                OpCode::br_f64_lt => OpCode::br_f64_not_lt,
                OpCode::br_f64_not_lt => OpCode::br_f64_lt,
                OpCode::br_f64_le => OpCode::br_f64_not_le,
                OpCode::br_f64_not_le => OpCode::br_f64_le,
                OpCode::br_f64_eq_imm => OpCode::br_f64_ne_imm,
                OpCode::br_f64_ne_imm => OpCode::br_f64_eq_imm,
                OpCode::br_f64_lt_imm => OpCode::br_f64_not_lt_imm,
                OpCode::br_f64_not_lt_imm => OpCode::br_f64_lt_imm,
                OpCode::br_f64_gt_imm => OpCode::br_f64_not_gt_imm,
                OpCode::br_f64_not_gt_imm => OpCode::br_f64_gt_imm,
                OpCode::br_f64_le_imm => OpCode::br_f64_not_le_imm,
                OpCode::br_f64_not_le_imm => OpCode::br_f64_le_imm,
                OpCode::br_f64_ge_imm => OpCode::br_f64_not_ge_imm,
                OpCode::br_f64_not_ge_imm => OpCode::br_f64_ge_imm,
                OpCode::br_i32_and_imm => OpCode::br_i32_nand_imm,
                OpCode::br_i32_nand_imm => OpCode::br_i32_and_imm,
                $(
                    OpCode::$br => OpCode::$not,
                    OpCode::$br_imm => OpCode::$not_imm,
                )*
                other => unreachable!("{other:?} is not a comparing branch"),
            }
        }
    };
}
comparisons! {
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
