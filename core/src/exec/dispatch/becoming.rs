//! Guaranteed tail calls, which only nightly compilers have.
//!
//! ```text
//! fn adapter(registers) -> Outcome {
//!     let after = handler(registers);          inlined; the registers behind it, by value
//!     become TABLE[op at after.ip](after…)     a jump, or an error at compile time
//! }
//! ```
//!
//! The adapter is the handler of the table; with `become` nothing the body does can turn
//! the jump into a call, at any optimisation level. Since handlers are inlined into it, its
//! calling convention is free: `rust-preserve-none` has no callee-saved registers and more
//! for arguments.

use super::variants::Uniform;
use super::{ControlFlow, MemBase, Outcome, plain};
use crate::code::OpCode;
use crate::exec::form::shape;
use crate::exec::frame::{Ip, Regs, Sp};
use crate::isa::isa;
use crate::store::PrunedStore;

/// Expands the table to adapters of one calling convention, and their table.
macro_rules! adapters {
    (@in $abi:literal; $($name:ident $kind:ident { $($operands:tt)* } $meaning:literal;)*) => {
        type Adapter = unsafe extern $abi fn(&mut PrunedStore, Ip, Sp, MemBase, usize, u64, f64) -> Outcome;

        static TABLE: [Adapter; OpCode::COUNT] = [$($name),*];

        $(
            #[allow(non_snake_case, reason = "named after its op")]
            unsafe extern $abi fn $name(
                store: &mut PrunedStore, ip: Ip, sp: Sp, mem: MemBase, len: usize, acc: u64, facc: f64,
            ) -> Outcome {
                // SAFETY: by the caller, the registers are at an op of this name; behind it
                // they are at another op.
                unsafe {
                    let after = shape!(plain! [Uniform, $name] $($operands)*)(store, ip, sp, mem, len, acc, facc);
                    match after.outcome {
                        Ok(ControlFlow::Halt) | Err(_) => after.outcome,
                        Ok(_) => {
                            let next = *TABLE.get_unchecked(after.ip.id().number() as usize);
                            become next(
                                store, after.ip, after.sp, after.mem, after.len, after.accs.0, after.accs.1,
                            )
                        }
                    }
                }
            }
        )*

        /// Runs from the registers until the machine halts or stops.
        pub(in crate::exec) fn run(store: &mut PrunedStore) -> Outcome {
            let Regs { ip, sp, .. } = store.regs;
            let (mem, len) = store.mem0();
            // SAFETY: the registers are at an op of the innermost frame.
            unsafe { TABLE[ip.id().number() as usize](store, ip, sp, mem, len, 0, 0.0) }
        }
    };
    ($($table:tt)*) => {
        /// In the calling convention of all handlers.
        #[allow(non_camel_case_types, unused_imports, reason = "made from the instruction table")]
        pub(in crate::exec) mod same_convention {
            use super::*;
            adapters! { @in "sysv64-unwind"; $($table)* }
        }

        /// With no callee-saved registers.
        #[allow(non_camel_case_types, unused_imports, reason = "made from the instruction table")]
        pub(in crate::exec) mod preserve_none {
            use super::*;
            adapters! { @in "rust-preserve-none"; $($table)* }
        }
    };
}
isa!(adapters);
