//! From the reader of a body to the families: each operator as the reader finds it.
//!
//! A reader that hands out `Operator`s moves each of them three times and looks twice at
//! what may have to be freed. A visitor makes the one it has where it is used.

use super::{Lowerer, Sink};
use wasmparser::{Operator, VisitOperator, VisitSimdOperator};

macro_rules! visits {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($annotation:tt)*))*) => {$(
        fn $visit(&mut self $($(, $arg: $argty)*)?) {
            self.operator(&Operator::$op $({ $($arg),* })?);
        }
    )*};
}

impl<'a, S: Sink> VisitOperator<'a> for Lowerer<'_, S> {
    type Output = ();

    fn simd_visitor(&mut self) -> Option<&mut dyn VisitSimdOperator<'a, Output = ()>> {
        Some(self)
    }

    wasmparser::for_each_visit_operator!(visits);
}

impl<S: Sink> VisitSimdOperator<'_> for Lowerer<'_, S> {
    wasmparser::for_each_visit_simd_operator!(visits);
}
