//! Constant expressions: initial values of globals, table elements and segment offsets, as a list of operators.

use super::types::HeapType;

/// A validated constant expression, to be evaluated on a small stack; it leaves one value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConstExpr {
    /// The usual case: one operator.
    One(ConstOp),
    /// Several, in order.
    Many(Box<[ConstOp]>),
}

impl ConstExpr {
    /// Its operators, in order; never empty.
    pub fn ops(&self) -> &[ConstOp] {
        match self {
            ConstExpr::One(op) => std::slice::from_ref(op),
            ConstExpr::Many(ops) => ops,
        }
    }

    pub(crate) fn new(ops: Vec<ConstOp>) -> ConstExpr {
        match ops[..] {
            [op] => ConstExpr::One(op),
            _ => ConstExpr::Many(ops.into()),
        }
    }
}

/// An operator that may stand in a constant expression.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstOp {
    /// Pushes an i32.
    I32Const(i32),
    /// Pushes an i64.
    I64Const(i64),
    /// Pushes an f32, given by its bits.
    F32Const(u32),
    /// Pushes an f64, given by its bits.
    F64Const(u64),
    /// Pushes a v128, lane 0 lowest.
    V128Const(u128),
    /// Pushes a global's value.
    GlobalGet(u32),
    /// Pushes a reference to a function.
    RefFunc(u32),
    /// Pushes the null of a type.
    RefNull(HeapType),
    /// `i32.add`.
    I32Add,
    /// `i32.sub`.
    I32Sub,
    /// `i32.mul`.
    I32Mul,
    /// `i64.add`.
    I64Add,
    /// `i64.sub`.
    I64Sub,
    /// `i64.mul`.
    I64Mul,
}
