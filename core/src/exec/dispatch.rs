//! How one handler reaches the next: the only thing in which the dispatchers differ.
//!
//! ```text
//! Tail      jump to the handler of the op at ip              nothing observes
//! Counted   the same, and branches keep steps and ticks      recording, replay, fuel
//! Step      store ip and sp, return to the loop in `exec`    each return is one step
//! ```
//!
//! A handler is generic over one of these types, and over its form if its op has several
//! (`exec::form`). Every op starts with the address of its handler, put there for the
//! dispatcher that runs the code (`exec::bake`), so that on x86-64 the calls below become
//! `jmp *(%rsi)`: the whole result is one byte in a register and nothing is alive across
//! the call. The torture test in `tests/torture.rs` proves it on a 256 KiB stack. The step
//! dispatcher looks its handlers up by the op's number, and uses one form only. The
//! dispatchers of the experiment are in `variants`. (One file, though a long one: that the
//! dispatchers differ in nothing else is what one wants to see at a glance.)
//!
//! Counting costs nothing on straight-line code. The counter `c` is kept such that
//! *steps so far = c + the op's ordinal in its function*, so only an edge that is not
//! the fall-through has to correct it, by a constant known when the function is
//! lowered. Steps live in the high half of one i64 and ticks in the low half; a slice
//! starts the high half at minus its length, so "the slice is over" is the sign bit.

#[cfg(feature = "become")]
pub(crate) mod becoming;
#[cfg(feature = "variants")]
pub(crate) mod variants;

use crate::code::OpCode;
use crate::exec::TAIL_CALLS;
use crate::exec::form::{FORMS, shape};
use crate::exec::frame::{Ip, Regs, Sp};
use crate::isa::isa;
use crate::store::PrunedStore;

/// What a handler returned: where execution goes from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ControlFlow {
    /// The op behind this one is next.
    Next,
    /// A branch was taken.
    Jump,
    /// A function was entered.
    Call,
    /// A function was entered in place of this one.
    TailCall,
    /// A host function ran.
    HostCall,
    /// The function returned to its caller.
    Return,
    /// An exception was thrown and a handler found.
    Throw,
    /// The outermost function returned to the host.
    Halt,
}

/// A handler failed; the reason is in the store.
///
/// The type has no data so that a handler's whole result is one scalar in one
/// register; the only way to make one is `PrunedStore::fail`, which takes the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error(());

impl Error {
    pub(in crate::exec) const fn token() -> Error {
        Error(())
    }
}

/// What every handler returns.
pub(crate) type Outcome = Result<ControlFlow, Error>;

const _: () = {
    assert!(size_of::<Error>() == 0);
    assert!(size_of::<ControlFlow>() == 1);
    assert!(size_of::<Outcome>() == 1);
};

/// The base address of memory 0 of the running instance.
pub(crate) type MemBase = *mut u8;

/// Spells the one signature of all handlers, once for each calling convention.
///
/// The last two arguments are the *accumulators*, for integers (and references) and for
/// floats: what they hold is for handlers and lowering to agree on.
/// `sysv64-unwind` passes six integers in registers and lets a panic of a host
/// function pass without an abort pad on the hot path.
macro_rules! signature {
    ($abi:literal, $d:tt) => {
        /// The signature all handlers share.
        pub(crate) type Handler = unsafe extern $abi fn(&mut PrunedStore, Ip, Sp, MemBase, usize, u64, f64) -> Outcome;

        /// The same, with the address of the op as a number; see [`Dispatch::land`].
        pub(crate) type Landing = unsafe extern $abi fn(&mut PrunedStore, usize, Sp, MemBase, usize, u64, f64) -> Outcome;

        /// Defines a handler: a function of the one signature, generic over its dispatcher
        /// and, if its op has several, its form.
        macro_rules! handler {
            ($d (#[$d meta:meta])* $d vis:vis fn $d name:ident<$d dispatch:ident>$d registers:tt $d body:block) => {
                $crate::exec::dispatch::handler! {
                    @ [$d (#[$d meta])*] [$d vis] $d name $d dispatch [] $d registers $d body
                }
            };
            ($d (#[$d meta:meta])* $d vis:vis fn $d name:ident<$d dispatch:ident, $d form:ident>$d registers:tt $d body:block) => {
                $crate::exec::dispatch::handler! {
                    @ [$d (#[$d meta])*] [$d vis] $d name $d dispatch [, const $d form: u8] $d registers $d body
                }
            };
            (@ [$d (#[$d meta:meta])*] [$d vis:vis] $d name:ident $d dispatch:ident [$d ($d form:tt)*]
                ($d store:ident, $d ip:ident, $d sp:ident, $d mem:ident, $d len:ident, $d acc:ident, $d facc:ident) $d body:block
            ) => {
                $d (#[$d meta])*
                #[allow(unused_variables, reason = "not every handler uses every register")]
                $d vis unsafe extern $abi fn $d name<$d dispatch: $crate::exec::dispatch::Dispatch $d ($d form)*>(
                    $d store: &mut $crate::store::PrunedStore,
                    $d ip: $crate::exec::frame::Ip,
                    $d sp: $crate::exec::frame::Sp,
                    $d mem: $crate::exec::dispatch::MemBase,
                    $d len: usize,
                    $d acc: u64,
                    $d facc: f64,
                ) -> <$d dispatch as $crate::exec::dispatch::Dispatch>::Done
                $d body
            };
        }
    };
}
#[cfg(target_arch = "x86_64")]
signature!("sysv64-unwind", $);
#[cfg(not(target_arch = "x86_64"))]
signature!("C-unwind", $);
pub(crate) use handler;

/// A way to reach the next handler.
#[allow(clippy::too_many_arguments, reason = "the machine's registers")]
pub(crate) trait Dispatch: Sized + 'static {
    /// Whether branches keep the counters and stores mark dirty pages.
    const COUNTED: bool;

    /// Whether a handler returns to a loop after each op.
    const STEPS: bool = false;

    /// Whether handlers are inlined into a loop, so that none has to end in a jump.
    const INLINED: bool = false;

    /// Whether ops run in their forms; if not, all values are in slots.
    const FORMS: bool = false;

    /// What a handler returns: the one byte of [`Outcome`], except where a central `match`
    /// has the handlers inlined and takes the registers from them too.
    type Done;

    /// Goes on with the op at `ip` after a handler that did `flow`.
    ///
    /// # Safety
    /// `ip`, `sp`, `mem` and `len` are the machine's registers after that handler.
    unsafe fn next(
        store: &mut PrunedStore,
        ip: Ip,
        sp: Sp,
        mem: MemBase,
        len: usize,
        acc: u64,
        facc: f64,
        flow: ControlFlow,
    ) -> Self::Done;

    /// Runs the op at `ip` (again): for a handler that first had to prepare something.
    ///
    /// # Safety
    /// As for [`Dispatch::next`].
    unsafe fn redo(
        store: &mut PrunedStore,
        ip: Ip,
        sp: Sp,
        mem: MemBase,
        len: usize,
        acc: u64,
        facc: f64,
    ) -> Self::Done;

    /// The run is over, or the op failed; the registers are in the store.
    fn end(outcome: Outcome) -> Self::Done;

    /// Goes on at `ip` after an edge that is not the fall-through and adds `delta`.
    ///
    /// # Safety
    /// As for [`Dispatch::next`].
    #[inline(always)]
    unsafe fn jump(
        store: &mut PrunedStore,
        ip: Ip,
        sp: Sp,
        mem: MemBase,
        len: usize,
        acc: u64,
        facc: f64,
        flow: ControlFlow,
        delta: i64,
    ) -> Self::Done {
        if Self::COUNTED {
            store.ctr = store.ctr.wrapping_add(delta);
            if store.ctr >= 0 {
                // SAFETY: the registers are those after the branch.
                return unsafe { Self::slice_over(store, ip, sp, mem, len, acc, facc, flow) };
            }
        }
        // SAFETY: by the caller.
        unsafe { Self::land(store, ip, sp, mem, len, acc, facc, flow) }
    }

    /// What [`Dispatch::next`] does, at the end of an edge that is not the fall-through.
    ///
    /// A jump of its own: were it the same as behind the fall-through, the compiler would
    /// choose between two addresses and jump once. That is longer on both ways, and tells
    /// the processor's predictor nothing about which way was taken.
    ///
    /// # Safety
    /// As for [`Dispatch::next`].
    #[inline(always)]
    unsafe fn land(
        store: &mut PrunedStore,
        ip: Ip,
        sp: Sp,
        mem: MemBase,
        len: usize,
        acc: u64,
        facc: f64,
        flow: ControlFlow,
    ) -> Self::Done {
        // SAFETY: by the caller.
        unsafe { Self::next(store, ip, sp, mem, len, acc, facc, flow) }
    }

    /// The slice of steps is over: stop here, or start another. A loop asks for itself.
    ///
    /// # Safety
    /// As for [`Dispatch::next`].
    #[inline(always)]
    unsafe fn slice_over(
        store: &mut PrunedStore,
        ip: Ip,
        sp: Sp,
        mem: MemBase,
        len: usize,
        acc: u64,
        facc: f64,
        flow: ControlFlow,
    ) -> Self::Done {
        // SAFETY: by the caller.
        unsafe {
            match Self::STEPS {
                true => Self::next(store, ip, sp, mem, len, acc, facc, flow),
                false => poll::<Self>(store, ip, sp, mem, len, acc, facc),
            }
        }
    }
}

handler! {
    #[cold]
    #[inline(never)]
    fn poll<D>(store, ip, sp, mem, len, acc, facc) {
        store.regs = Regs { ip, sp };
        match store.next_slice() {
            // SAFETY: the registers are unchanged.
            Ok(()) => unsafe { D::redo(store, ip, sp, mem, len, acc, facc) },
            Err(error) => D::end(Err(error)),
        }
    }
}

/// A dispatcher whose handlers reach each other by the addresses in the code.
#[allow(clippy::too_many_arguments, reason = "the machine's registers")]
pub(crate) trait Threaded: Dispatch<Done = Outcome> {
    /// Runs the op at `ip`.
    ///
    /// # Safety
    /// As for [`Dispatch::next`], and the code has the addresses of this dispatcher's handlers.
    #[inline(always)]
    unsafe fn run(
        store: &mut PrunedStore,
        ip: Ip,
        sp: Sp,
        mem: MemBase,
        len: usize,
        acc: u64,
        facc: f64,
    ) -> Outcome {
        // SAFETY: by the caller.
        unsafe { ip.handler()(store, ip, sp, mem, len, acc, facc) }
    }
}

/// A dispatcher that looks its handlers up by the number of the op, and knows one form.
#[allow(clippy::too_many_arguments, reason = "the machine's registers")]
pub(crate) trait Tabled: Dispatch<Done = Outcome> {
    /// Its handlers, in the order of [`OpCode`].
    const HANDLERS: &'static [Handler; OpCode::COUNT];

    /// Runs the op at `ip`.
    ///
    /// # Safety
    /// As for [`Dispatch::next`].
    #[inline(always)]
    unsafe fn run(
        store: &mut PrunedStore,
        ip: Ip,
        sp: Sp,
        mem: MemBase,
        len: usize,
        acc: u64,
        facc: f64,
    ) -> Outcome {
        // SAFETY: `ip` is the start of an op, whose number is an index of the table.
        unsafe {
            let handler = *Self::HANDLERS.get_unchecked(ip.id().number() as usize);
            handler(store, ip, sp, mem, len, acc, facc)
        }
    }
}

/// The handler of one op in form 0.
macro_rules! plain {
    ([$D:ty, $name:ident] single) => {
        $crate::handlers::$name::<$D>
    };
    ([$D:ty, $name:ident] $shape:ident) => {
        $crate::handlers::$name::<$D, 0>
    };
}

/// The handlers of one op, by form; what a shape does not allow is form 0.
macro_rules! forms {
    ([$D:ty, $name:ident] single) => { [$crate::handlers::$name::<$D>; FORMS] };
    ([$D:ty, $name:ident] unary) => { forms!($D, $name: 0 1 0 0 4 5 0 0) };
    ([$D:ty, $name:ident] binary) => { forms!($D, $name: 0 1 2 0 4 5 6 0) };
    ([$D:ty, $name:ident] input) => { forms!($D, $name: 0 1 0 0 0 0 0 0) };
    ([$D:ty, $name:ident] inputs) => { forms!($D, $name: 0 1 2 0 0 0 0 0) };
    ([$D:ty, $name:ident] output) => { forms!($D, $name: 0 0 0 0 4 0 0 0) };
    ($D:ty, $name:ident: $($form:literal)*) => { [$($crate::handlers::$name::<$D, $form>),*] };
}

/// Expands the instruction table to the handlers of one dispatcher.
macro_rules! handlers_of {
    ($($name:ident $kind:ident { $($operands:tt)* } $meaning:literal;)*) => {
        &[$(shape!(plain! [Self, $name] $($operands)*)),*]
    };
}
macro_rules! tail_handlers {
    ($($name:ident $kind:ident { $($operands:tt)* } $meaning:literal;)*) => {
        [$(shape!(forms! [Tail, $name] $($operands)*)),*]
    };
}
macro_rules! counted_handlers {
    ($($name:ident $kind:ident { $($operands:tt)* } $meaning:literal;)*) => {
        [$(counted_handlers!(@ $kind $name $($operands)*)),*]
    };
    // Only what branches, calls or writes does something else when it is counted.
    (@ infallible $name:ident $($operands:tt)*) => { shape!(forms! [Tail, $name] $($operands)*) };
    (@ fallible $name:ident $($operands:tt)*) => { shape!(forms! [Tail, $name] $($operands)*) };
    (@ reads $name:ident $($operands:tt)*) => { shape!(forms! [Tail, $name] $($operands)*) };
    (@ $kind:ident $name:ident $($operands:tt)*) => { shape!(forms! [Counted, $name] $($operands)*) };
}

/// Handlers by op and form.
pub(crate) type Handlers = [[Handler; FORMS]; OpCode::COUNT];

pub(crate) static TAIL: Handlers = if TAIL_CALLS { isa!(tail_handlers) } else { [UNTRUSTED; OpCode::COUNT] };
pub(crate) static COUNTED: Handlers =
    if TAIL_CALLS { isa!(counted_handlers) } else { [UNTRUSTED; OpCode::COUNT] };

/// Where tail calls cannot be trusted nobody runs these tables: no handler is compiled for them.
const UNTRUSTED: [Handler; FORMS] = [Step::HANDLERS[0]; FORMS];

/// Full speed, unobserved, uncounted.
pub(crate) struct Tail;

/// Full speed with exact steps and ticks, dirty pages, and stops at slice ends.
pub(crate) struct Counted;

/// One return per op.
pub(crate) struct Step;

/// Makes a type a dispatcher of handlers that are called by address: how it goes on after one.
macro_rules! by_address {
    ($ty:ident, counted: $counted:literal, steps: $steps:literal, forms: $forms:literal, |$store:ident, $ip:ident, $sp:ident, $mem:ident, $len:ident, $acc:ident, $facc:ident, $flow:ident| $next:expr) => {
        impl Dispatch for $ty {
            const COUNTED: bool = $counted;
            const STEPS: bool = $steps;
            const FORMS: bool = $forms;
            type Done = Outcome;

            #[inline(always)]
            unsafe fn next(
                $store: &mut PrunedStore,
                $ip: Ip,
                $sp: Sp,
                $mem: MemBase,
                $len: usize,
                $acc: u64,
                $facc: f64,
                $flow: ControlFlow,
            ) -> Outcome {
                $next
            }

            #[inline(always)]
            unsafe fn land(
                store: &mut PrunedStore,
                ip: Ip,
                sp: Sp,
                mem: MemBase,
                len: usize,
                acc: u64,
                facc: f64,
                flow: ControlFlow,
            ) -> Outcome {
                // SAFETY: by the caller. The two types of a handler differ in one argument,
                // an address or a number: to the compiler they are different calls, which it
                // cannot make one. That both are passed alike is a promise of the conventions
                // of the targets with tail calls (System V, AAPCS64: one general register),
                // not of the language, whose list of compatible types has no such pair.
                unsafe {
                    if !$forms {
                        return Self::next(store, ip, sp, mem, len, acc, facc, flow);
                    }
                    let handler =
                        std::mem::transmute::<Handler, $crate::exec::dispatch::Landing>(ip.handler());
                    handler(store, ip.0 as usize, sp, mem, len, acc, facc)
                }
            }

            #[inline(always)]
            unsafe fn redo(
                store: &mut PrunedStore,
                ip: Ip,
                sp: Sp,
                mem: MemBase,
                len: usize,
                acc: u64,
                facc: f64,
            ) -> Outcome {
                // SAFETY: by the caller.
                unsafe { Self::run(store, ip, sp, mem, len, acc, facc) }
            }

            #[inline(always)]
            fn end(outcome: Outcome) -> Outcome {
                outcome
            }
        }
    };
}
macro_rules! tabled {
    ($ty:ident) => {
        impl Tabled for $ty {
            const HANDLERS: &'static [Handler; OpCode::COUNT] = isa!(handlers_of);
        }
    };
}
#[cfg(feature = "variants")]
pub(in crate::exec) use {by_address, handlers_of, plain, tabled};

by_address!(Tail, counted: false, steps: false, forms: true, |store, ip, sp, mem, len, acc, facc, _flow| {
    // SAFETY: by the caller.
    unsafe { Self::run(store, ip, sp, mem, len, acc, facc) }
});
by_address!(Counted, counted: true, steps: false, forms: true, |store, ip, sp, mem, len, acc, facc, _flow| {
    // SAFETY: by the caller.
    unsafe { Self::run(store, ip, sp, mem, len, acc, facc) }
});
by_address!(Step, counted: true, steps: true, forms: false, |store, ip, sp, _mem, _len, _acc, _facc, flow| {
    store.regs = Regs { ip, sp };
    Ok(flow)
});
tabled!(Step);

impl Threaded for Tail {}
impl Threaded for Counted {}
