//! What every op does: one body each, written in its natural kind.
//!
//! A family macro (`unary!`, `binary!`, `compare!`, `load!`, `store!` …) turns a body
//! into a handler of the one signature: it reads the operands the table names, runs
//! the body, writes the result and goes on through the dispatcher. A body that fits
//! no family is a `handler!` of its own.
//!
//! A family's handlers are generic over the form of the op too (`exec::form`): operands come
//! from `first` and `second`, and `result` takes what the op computed. The handlers of an op
//! of single form leave both accumulators as they are.
//!
//! Rules that keep the jump from handler to handler a jump:
//! - nothing with drop glue is alive when the next handler is reached;
//! - no reference to a local is given to a function that is not inlined;
//! - whatever is long or rare is `return cold(…)`, a function of its own;
//! - helpers inline, or return at most two registers.
//!
//! Handlers know nothing of observers, logs or files.
//! Elsewhere: the arithmetic (`num`), the table (`isa`), the dispatchers (`exec::dispatch`).

pub(crate) mod call;
pub(crate) mod compare;
pub(crate) mod control;
pub(crate) mod convert;
pub(crate) mod exception;
pub(crate) mod float;
pub(crate) mod int;
pub(crate) mod memory;
pub(crate) mod reference;
pub(crate) mod simd;
pub(crate) mod simd_memory;
pub(crate) mod table;
pub(crate) mod tail;
pub(crate) mod variable;

pub(crate) use call::*;
pub(crate) use compare::*;
pub(crate) use control::*;
pub(crate) use convert::*;
pub(crate) use exception::*;
pub(crate) use float::*;
pub(crate) use int::*;
pub(crate) use memory::*;
pub(crate) use reference::*;
pub(crate) use simd::*;
pub(crate) use simd_memory::*;
pub(crate) use table::*;
pub(crate) use tail::*;
pub(crate) use variable::*;

use crate::exec::dispatch::handler;
pub(crate) use crate::exec::form::{first, result, second};
use crate::exec::frame::Regs;
use crate::trap::TrapCode;

/// Goes on with the op behind `$op`.
macro_rules! next {
    ($D:ident, $op:ident, $store:ident, $ip:ident, $sp:ident, $mem:ident, $len:ident, $acc:ident, $facc:ident) => {
        $D::next(
            $store,
            $ip.after::<$crate::code::ops::$op>(),
            $sp,
            $mem,
            $len,
            $acc,
            $facc,
            $crate::exec::dispatch::ControlFlow::Next,
        )
    };
}
pub(crate) use next;

/// One handler for each trap an op can raise without a word of explanation: the cold
/// end of a fallible op, reached by a jump.
macro_rules! trap_ends {
    ($($(#[$meta:meta])* $name:ident => $code:ident;)*) => {$(
        handler! {
            $(#[$meta])*
            #[cold]
            #[inline(never)]
            pub(crate) fn $name<D>(store, ip, sp, mem, len, acc, facc) {
                if D::FORMS {
                    store.spill(ip, sp, acc, facc);
                }
                store.regs = Regs { ip, sp };
                D::end(Err(store.trap(TrapCode::$code)))
            }
        }
    )*};
}
trap_ends! {
    /// `unreachable` was reached.
    trap_unreachable => Unreachable;
    /// An access is outside of its memory.
    trap_memory => MemoryOutOfBounds;
    /// The frame or value stack is full.
    trap_stack => StackOverflow;
}

handler! {
    /// Any other trap: the code was left in the store by the op.
    #[cold]
    #[inline(never)]
    pub(crate) fn trap_noted<D>(store, ip, sp, mem, len, acc, facc) {
        if D::FORMS {
            store.spill(ip, sp, acc, facc);
        }
        store.regs = Regs { ip, sp };
        let code = store.noted_trap;
        D::end(Err(store.trap(code)))
    }
}

/// `dst = body(src)`.
macro_rules! unary {
    ($($name:ident: |$x:ident: $from:ty| $body:expr;)*) => {$(
        handler! {
            pub(crate) fn $name<D, F>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: `ip` is an op of this name, its slots lie in the frame.
                unsafe {
                    let op = ip.op::<ops::$name>();
                    let $x = $crate::handlers::first::<$from, F>(sp, op.src, acc, facc);
                    let (acc, facc) = $crate::handlers::result::<_, F>(sp, op.dst, $body, acc, facc);
                    next!(D, $name, store, ip, sp, mem, len, acc, facc)
                }
            }
        }
    )*};
}
pub(crate) use unary;

/// `dst = body(src)`, which may trap.
macro_rules! unary_fallible {
    ($($name:ident: |$x:ident: $from:ty| $body:expr;)*) => {$(
        handler! {
            pub(crate) fn $name<D, F>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: `ip` is an op of this name, its slots lie in the frame.
                unsafe {
                    let op = ip.op::<ops::$name>();
                    let $x = $crate::handlers::first::<$from, F>(sp, op.src, acc, facc);
                    match $body {
                        Ok(value) => {
                            let (acc, facc) = $crate::handlers::result::<_, F>(sp, op.dst, value, acc, facc);
                            next!(D, $name, store, ip, sp, mem, len, acc, facc)
                        }
                        Err(code) => {
                            store.noted_trap = code;
                            $crate::handlers::trap_noted::<D>(store, ip, sp, mem, len, acc, facc)
                        }
                    }
                }
            }
        }
    )*};
}
pub(crate) use unary_fallible;

/// `dst = body(lhs, rhs)`, both in slots.
macro_rules! binary {
    ($($name:ident: |$a:ident, $b:ident: $from:ty| $body:expr;)*) => {$(
        handler! {
            pub(crate) fn $name<D, F>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: `ip` is an op of this name, its slots lie in the frame.
                unsafe {
                    let op = ip.op::<ops::$name>();
                    let $a = $crate::handlers::first::<$from, F>(sp, op.lhs, acc, facc);
                    let $b = $crate::handlers::second::<$from, F>(sp, op.rhs, acc, facc);
                    let (acc, facc) = $crate::handlers::result::<_, F>(sp, op.dst, $body, acc, facc);
                    next!(D, $name, store, ip, sp, mem, len, acc, facc)
                }
            }
        }
    )*};
}
pub(crate) use binary;

/// `dst = body(lhs, rhs)` with `rhs` in a slot and as an immediate and, where a third name is
/// given, with `lhs` as an immediate.
macro_rules! binary_imm {
    ($($name:ident $imm:ident $($reversed:ident)?: |$a:ident, $b:ident: $from:ty| $body:expr;)*) => {$(
        binary! { $name: |$a, $b: $from| $body; }
        binary_imm! { @one $imm |op, sp, acc, facc| ($crate::handlers::first::<$from, F>(sp, op.lhs, acc, facc), op.rhs as $from), |$a, $b| $body }
        $(binary_imm! { @one $reversed |op, sp, acc, facc| (op.lhs as $from, $crate::handlers::first::<$from, F>(sp, op.rhs, acc, facc)), |$a, $b| $body })?
    )*};
    (@one $name:ident |$op:ident, $sp:ident, $acc:ident, $facc:ident| $operands:expr, |$a:ident, $b:ident| $body:expr) => {
        handler! {
            pub(crate) fn $name<D, F>(store, ip, $sp, mem, len, $acc, $facc) {
                // SAFETY: as for the variant with two slots.
                unsafe {
                    let $op = ip.op::<ops::$name>();
                    let ($a, $b) = $operands;
                    let ($acc, $facc) = $crate::handlers::result::<_, F>($sp, $op.dst, $body, $acc, $facc);
                    next!(D, $name, store, ip, $sp, mem, len, $acc, $facc)
                }
            }
        }
    };
}
pub(crate) use binary_imm;

/// `dst = body(lhs, rhs)`, which may trap, with `rhs` in a slot and as an immediate.
macro_rules! binary_fallible {
    ($($name:ident $imm:ident: |$a:ident, $b:ident: $from:ty| $body:expr;)*) => {$(
        binary_fallible! { @one $name, |op, sp, acc, facc| $crate::handlers::second::<$from, F>(sp, op.rhs, acc, facc), |$a, $b: $from| $body }
        binary_fallible! { @one $imm, |op, _sp, _acc, _facc| op.rhs as $from, |$a, $b: $from| $body }
    )*};
    (@one $name:ident, |$op:ident, $sp:ident, $acc:ident, $facc:ident| $rhs:expr, |$a:ident, $b:ident: $from:ty| $body:expr) => {
        handler! {
            pub(crate) fn $name<D, F>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: `ip` is an op of this name, its slots lie in the frame.
                unsafe {
                    let $op = ip.op::<ops::$name>();
                    let $a = $crate::handlers::first::<$from, F>(sp, $op.lhs, acc, facc);
                    let ($sp, $acc, $facc) = (sp, acc, facc);
                    let $b: $from = $rhs;
                    match $body {
                        Ok(value) => {
                            let (acc, facc) = $crate::handlers::result::<_, F>(sp, $op.dst, value, acc, facc);
                            next!(D, $name, store, ip, sp, mem, len, acc, facc)
                        }
                        Err(code) => {
                            store.noted_trap = code;
                            $crate::handlers::trap_noted::<D>(store, ip, sp, mem, len, acc, facc)
                        }
                    }
                }
            }
        }
    };
}
pub(crate) use binary_fallible;
