//! The specification's arithmetic, pure: one function per numeric operator, and the operator's name is its name.
//!
//! ```text
//! i32.div_s       fn i32_div_s(a: i32, b: i32) -> Result<i32, TrapCode>
//! f64.nearest     fn f64_nearest(a: f64) -> f64
//! i64.lt_u        fn i64_lt_u(a: u64, b: u64) -> bool
//! ```
//!
//! Operands come in the order of the operand stack. An integer is signed or unsigned as its operator reads it.
//!
//! Always: results depend on operands alone, on every host. Where the specification lets a NaN be any of several,
//! the result is the positive canonical one, whatever the operands' payloads were; `abs`, `neg`, `copysign` and the
//! reinterpretations keep bits, as they must. A trap is a value, never a panic.
//! Elsewhere: memory accesses and their bounds (`handlers`), the list of operators (`isa`).

mod convert;
mod float;
mod int;
pub mod simd;

pub use crate::trap::TrapCode;
pub use convert::*;
pub use float::*;
pub use int::*;

#[cfg(test)]
mod tests;
