//! Dispatchers that exist to be compared with: the same bodies and the same bytecode,
//! reached the ways an interpreter without tail calls would.
//!
//! ```text
//! Table      one signature        loop { HANDLERS[op](…) }
//! Uniform    one signature        loop { match op { … each arm a handler, inlined … } }
//! varied     one for each kind    loop { match op { … each arm what its op needs … } }
//! ```
//!
//! *Varied* is what an interpreter looks like before its handlers are made uniform: an op
//! that only computes returns nothing, one that may trap a `Result`, a branch the place
//! where it goes on, a call everything. The kind of an op stands in the instruction table.
//! The compiler refuses a body that does more than its kind says ([`Natural`]).
//!
//! None of them counts, so all are to be compared with `Tail`.

#![cfg_attr(
    not(feature = "experiment"),
    allow(
        dead_code,
        unused_imports,
        reason = "one alone, to see what it costs to compile, leaves what others need"
    )
)]

use super::{
    ControlFlow, Dispatch, Handler, Handlers, MemBase, Outcome, TAIL, Tabled, by_address, handlers_of, plain,
    tabled,
};
use crate::code::{OpCode, ops};
use crate::exec::Error;
use crate::exec::form::{FORMS, shape};
use crate::exec::frame::{Ip, Regs, Sp};
use crate::isa::isa;
use crate::store::PrunedStore;
use std::marker::PhantomData;

/// Tail dispatch with all values in slots: every op in form 0, whatever form it was lowered
/// in. It runs what the loops run, so what is left between it and them is dispatch, and
/// between it and [`TAIL`] are the forms.
pub(crate) static TAIL_SLOTS: Handlers = without_forms(&TAIL);

const fn without_forms(handlers: &Handlers) -> Handlers {
    let mut plain = *handlers;
    let mut op = 0;
    while op < plain.len() {
        plain[op] = [handlers[op][0]; FORMS];
        op += 1;
    }
    plain
}

/// The step dispatcher without counting.
pub(crate) struct Table;

by_address!(Table, counted: false, steps: true, forms: false, |store, ip, sp, _mem, _len, _acc, _facc, flow| {
    store.regs = Regs { ip, sp };
    Ok(flow)
});
tabled!(Table);

/// Where a handler leaves the machine, by value: inlined, it stays in registers.
pub(crate) struct After {
    pub(super) outcome: Outcome,
    pub(super) ip: Ip,
    pub(super) sp: Sp,
    pub(super) mem: MemBase,
    pub(super) len: usize,
    pub(super) accs: Accs,
}

/// The accumulators.
type Accs = (u64, f64);

/// What the handlers of one natural kind return to the loop.
pub(crate) trait Kind: 'static {
    /// Whether an op of the kind can end the run.
    const FAILS: bool;
    /// Whether an op of the kind chooses the op that follows.
    const JUMPS: bool;
    type Done;
    fn next(after: After) -> Self::Done;
    fn end(outcome: Outcome) -> Self::Done;
}

/// Hands a handler's result to the loop in the way of its kind.
///
/// A body that ends the run or jumps though its kind says that it does not fails to
/// compile here.
pub(crate) struct Natural<K>(PhantomData<K>);

impl<K: Kind> Dispatch for Natural<K> {
    const COUNTED: bool = false;
    const INLINED: bool = true;
    type Done = K::Done;

    #[inline(always)]
    unsafe fn next(
        _: &mut PrunedStore,
        ip: Ip,
        sp: Sp,
        mem: MemBase,
        len: usize,
        acc: u64,
        facc: f64,
        flow: ControlFlow,
    ) -> K::Done {
        K::next(After { outcome: Ok(flow), ip, sp, mem, len, accs: (acc, facc) })
    }

    #[inline(always)]
    unsafe fn redo(
        _: &mut PrunedStore,
        ip: Ip,
        sp: Sp,
        mem: MemBase,
        len: usize,
        acc: u64,
        facc: f64,
    ) -> K::Done {
        const { assert!(K::JUMPS, "the kind of this op does not choose the next one") };
        K::next(After { outcome: Ok(ControlFlow::Next), ip, sp, mem, len, accs: (acc, facc) })
    }

    #[inline(always)]
    unsafe fn jump(
        _: &mut PrunedStore,
        ip: Ip,
        sp: Sp,
        mem: MemBase,
        len: usize,
        acc: u64,
        facc: f64,
        flow: ControlFlow,
        _: i64,
    ) -> K::Done {
        const { assert!(K::JUMPS, "the kind of this op does not choose the next one") };
        K::next(After { outcome: Ok(flow), ip, sp, mem, len, accs: (acc, facc) })
    }

    #[inline(always)]
    fn end(outcome: Outcome) -> K::Done {
        const { assert!(K::FAILS, "the kind of this op does not end the run") };
        K::end(outcome)
    }
}

/// Defines a kind: what it returns, and which of its ways out there are.
macro_rules! kinds {
    ($($(#[$meta:meta])* $name:ident: fails $fails:literal, jumps $jumps:literal, $done:ty,
        |$after:ident| $next:expr, |$outcome:ident| $end:expr;)*) => {$(
        $(#[$meta])*
        pub(crate) struct $name;

        impl Kind for $name {
            const FAILS: bool = $fails;
            const JUMPS: bool = $jumps;
            type Done = $done;
            #[inline(always)]
            fn next($after: After) -> $done {
                $next
            }
            #[inline(always)]
            fn end($outcome: Outcome) -> $done {
                $end
            }
        }
    )*};
}
kinds! {
    /// Only computes.
    Infallible: fails false, jumps false, Accs, |after| after.accs, |_outcome| (0, 0.0);
    /// May trap.
    Fallible: fails true, jumps false, Result<Accs, Error>,
        |after| Ok(after.accs), |outcome| outcome.map(|_| (0, 0.0));
    /// May trap, or move memory 0.
    Writes: fails true, jumps false, Result<(MemBase, usize, Accs), Error>,
        |after| Ok((after.mem, after.len, after.accs)), |outcome| outcome.map(|_| (std::ptr::null_mut(), 0, (0, 0.0)));
    /// Chooses the next op.
    Jumps: fails false, jumps true, (Ip, Accs), |after| (after.ip, after.accs), |_outcome| (Ip::NULL, (0, 0.0));
    /// Anything.
    Leaves: fails true, jumps true, After, |after| after, |outcome| After {
        outcome, ip: Ip::NULL, sp: Sp(std::ptr::null_mut()), mem: std::ptr::null_mut(), len: 0, accs: (0, 0.0),
    };
}

/// One signature for all, the widest.
pub(super) type Uniform = Natural<Leaves>;

/// The handler of an op, in its only form here.
macro_rules! of {
    ($D:ty, $name:ident { $($operands:tt)* }) => { shape!(plain! [$D, $name] $($operands)*) };
}

/// The arm of an op: runs its handler and brings the registers up to date.
#[rustfmt::skip]
macro_rules! arm {
    (infallible $name:ident $operands:tt, $store:ident, $ip:ident, $sp:ident, $mem:ident, $len:ident, $acc:ident, $facc:ident) => {{
        ($acc, $facc) = of!(Natural<Infallible>, $name $operands)($store, $ip, $sp, $mem, $len, $acc, $facc);
        $ip = $ip.after::<ops::$name>();
    }};
    (fallible $name:ident $operands:tt, $store:ident, $ip:ident, $sp:ident, $mem:ident, $len:ident, $acc:ident, $facc:ident) => {{
        match of!(Natural<Fallible>, $name $operands)($store, $ip, $sp, $mem, $len, $acc, $facc) {
            Ok(accs) => ($acc, $facc) = accs,
            Err(error) => return Err(error),
        }
        $ip = $ip.after::<ops::$name>();
    }};
    (reads $($rest:tt)*) => { arm!(fallible $($rest)*) };
    (writes $name:ident $operands:tt, $store:ident, $ip:ident, $sp:ident, $mem:ident, $len:ident, $acc:ident, $facc:ident) => {{
        match of!(Natural<Writes>, $name $operands)($store, $ip, $sp, $mem, $len, $acc, $facc) {
            Ok(moved) => ($mem, $len, ($acc, $facc)) = moved,
            Err(error) => return Err(error),
        }
        $ip = $ip.after::<ops::$name>();
    }};
    (jumps $name:ident $operands:tt, $store:ident, $ip:ident, $sp:ident, $mem:ident, $len:ident, $acc:ident, $facc:ident) => {
        ($ip, ($acc, $facc)) = of!(Natural<Jumps>, $name $operands)($store, $ip, $sp, $mem, $len, $acc, $facc)
    };
    (leaves $name:ident $operands:tt, $store:ident, $ip:ident, $sp:ident, $mem:ident, $len:ident, $acc:ident, $facc:ident) => {{
        let after = of!(Uniform, $name $operands)($store, $ip, $sp, $mem, $len, $acc, $facc);
        match after.outcome {
            Ok(ControlFlow::Halt) | Err(_) => return after.outcome,
            Ok(_) => {
                ($ip, $sp, $mem, $len) = (after.ip, after.sp, after.mem, after.len);
                ($acc, $facc) = after.accs;
            }
        }
    }};
    (host $($rest:tt)*) => { arm!(leaves $($rest)*) };
}

/// The loops: one with the arm of each op's kind, one with the widest arm for all. The
/// result is looked at in the arm: behind the `match`, where all arms meet, nothing is
/// known of it any more.
macro_rules! loops {
    ($($name:ident $kind:ident { $($operands:tt)* } $meaning:literal;)*) => {
        /// Runs from the registers until the machine halts or stops.
        pub(in crate::exec) fn run_varied_match(&mut self) -> Outcome {
            let Regs { mut ip, mut sp } = self.regs;
            let (mut mem, mut len) = self.mem0();
            let (mut acc, mut facc) = (0, 0.0);
            loop {
                // SAFETY: `ip` is the start of an op of the running frame; each handler
                // leaves the registers of the machine behind its op.
                unsafe {
                    match ip.op_code() {
                        $(OpCode::$name => arm!($kind $name { $($operands)* }, self, ip, sp, mem, len, acc, facc),)*
                    }
                }
            }
        }

        /// Runs from the registers until the machine halts or stops.
        pub(in crate::exec) fn run_uniform_match(&mut self) -> Outcome {
            let Regs { mut ip, mut sp } = self.regs;
            let (mut mem, mut len) = self.mem0();
            let (mut acc, mut facc) = (0, 0.0);
            loop {
                // SAFETY: as for `run_varied_match`.
                unsafe {
                    match ip.op_code() {
                        $(OpCode::$name => arm!(leaves $name { $($operands)* }, self, ip, sp, mem, len, acc, facc),)*
                    }
                }
            }
        }
    };
}

impl PrunedStore {
    isa!(loops);

    /// Runs from the registers until the machine halts or stops.
    pub(in crate::exec) fn run_table(&mut self) -> Outcome {
        loop {
            let Regs { ip, sp } = self.regs;
            let (mem, len) = self.mem0();
            // SAFETY: the registers are at an op of the innermost frame.
            let outcome = unsafe { Table::run(self, ip, sp, mem, len, 0, 0.0) };
            if matches!(outcome, Ok(ControlFlow::Halt) | Err(_)) {
                return outcome;
            }
        }
    }
}
