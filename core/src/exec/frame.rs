//! Machine registers and frames: what an activation is, as plain data.
//!
//! ```text
//! value stack   … caller's slots … │ args │ callee's locals │ operands …
//!               ▲ caller's sp      ▲ callee's sp = caller's sp + head
//! frame stack   [base][caller][callee] ◄ store.frame_top
//! ```
//!
//! The callee's frame starts at the caller's arguments, so a call copies nothing
//! and results appear where the caller expects them.
//!
//! Always: both stacks are allocated once, at their limits, and never move, so a
//! pointer into them stays good for the life of the store.
//! Elsewhere: who pushes and pops (`handlers::call`), limits (`store`).

use crate::code::{ID, OpCode, OpId, Slot, ops, size_of_op};
use crate::module::ValType;
use crate::store::{FuncEntry, InstanceInst};

/// The address of an op in a code buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Ip(pub(crate) *const u32);

impl Ip {
    pub(crate) const NULL: Ip = Ip(std::ptr::null());

    /// The op here, read as `O`.
    ///
    /// # Safety
    /// `self` is the start of an encoded `O`, which lives as long as its store.
    #[inline(always)]
    pub(crate) unsafe fn op<'a, O>(self) -> &'a O {
        // SAFETY: by the caller; code words are aligned for every op.
        unsafe { &*self.0.cast::<O>() }
    }

    /// What the op here is.
    ///
    /// # Safety
    /// `self` is the start of an op.
    #[inline(always)]
    pub(crate) unsafe fn id(self) -> OpId {
        // SAFETY: by the caller; every op has its id there.
        unsafe { *self.0.byte_add(ID).cast::<OpId>() }
    }

    /// The handler of the op here.
    ///
    /// # Safety
    /// `self` is the start of an op in code that has its handlers' addresses.
    #[inline(always)]
    pub(crate) unsafe fn handler(self) -> crate::exec::dispatch::Handler {
        // SAFETY: by the caller; every op starts with it, at an address that is a multiple
        // of four.
        unsafe { self.0.cast::<crate::exec::dispatch::Handler>().read_unaligned() }
    }

    /// The op here.
    ///
    /// # Safety
    /// `self` is the start of an op, which lowering wrote.
    #[inline(always)]
    pub(crate) unsafe fn op_code(self) -> OpCode {
        // SAFETY: by the caller; lowering writes numbers of the table.
        unsafe { std::mem::transmute::<u16, OpCode>(self.id().number()) }
    }

    /// The op behind an `O` that starts here.
    #[inline(always)]
    pub(crate) fn after<O>(self) -> Ip {
        Ip(self.0.wrapping_byte_add(size_of_op::<O>()))
    }

    /// The address `offset` bytes away.
    #[inline(always)]
    pub(crate) fn offset(self, offset: isize) -> Ip {
        Ip(self.0.wrapping_byte_offset(offset))
    }

    /// The counters' correction stored in the last eight bytes before a return
    /// address; every op that calls ends in it.
    ///
    /// # Safety
    /// `self` is a return address: the op behind a call.
    #[inline(always)]
    pub(crate) unsafe fn resume_count(self) -> i64 {
        // SAFETY: by the caller, a `Count` lies there.
        unsafe { self.0.cast::<crate::code::Count>().sub(1).read() }.packed()
    }
}

/// `resume_count` reads the last field of these.
macro_rules! ends_in_resume {
    ($($name:ident)*) => {
        const _: () = {
            $(assert!(std::mem::offset_of!(ops::$name, resume) + 8 == size_of_op::<ops::$name>());)*
        };
    };
}
ends_in_resume! {
    call call_import call_indirect call_ref return_call_import return_call_indirect return_call_ref
}

/// `handlers::tail` reads the arguments' place from any op that may tail-call a host function.
macro_rules! starts_as_return_call_import {
    ($($name:ident)*) => {
        const _: () = {
            use std::mem::offset_of;
            $(
                assert!(offset_of!(ops::return_call_import, head) == offset_of!(ops::$name, head));
                assert!(offset_of!(ops::return_call_import, count) == offset_of!(ops::$name, count));
            )*
        };
    };
}
starts_as_return_call_import! { return_call_indirect return_call_ref }

/// A value as it lies in slots.
pub(crate) trait Cell: Copy {
    /// # Safety
    /// A value of this type, or of its size, lies at `at`.
    unsafe fn read(at: *const u64) -> Self;
    /// Narrow values are zero-extended to the slot's 64 bits, so that slots can be
    /// compared and copied without knowing their type, and an i32 index read as an i64.
    ///
    /// # Safety
    /// There is room for it at `at`.
    unsafe fn write(self, at: *mut u64);
    /// The value in the accumulator of this type.
    fn from_accumulator(acc: u64, facc: f64) -> Self;
    /// Both accumulators once this value is in the one of its type.
    fn to_accumulator(self, acc: u64, facc: f64) -> (u64, f64);
}

macro_rules! cell {
    ($($ty:ty: |$bits:ident| $from:expr, |$value:ident| $into:expr;)*) => {$(
        impl Cell for $ty {
            #[inline(always)]
            unsafe fn read(at: *const u64) -> $ty {
                // SAFETY: by the caller.
                let $bits = unsafe { at.read() };
                $from
            }
            #[inline(always)]
            unsafe fn write(self, at: *mut u64) {
                let $value = self;
                // SAFETY: by the caller.
                unsafe { at.write($into) }
            }
            #[inline(always)]
            fn from_accumulator(acc: u64, _: f64) -> $ty {
                let $bits = acc;
                $from
            }
            #[inline(always)]
            fn to_accumulator(self, _: u64, facc: f64) -> (u64, f64) {
                let $value = self;
                ($into, facc)
            }
        }
    )*};
}
cell! {
    u64: |bits| bits, |value| value;
    i64: |bits| bits as i64, |value| value as u64;
    u32: |bits| bits as u32, |value| value as u64;
    i32: |bits| bits as i32, |value| value as u32 as u64;
    bool: |bits| bits != 0, |value| value as u64;
}

/// In the low half of the accumulator for floats; nobody reads the other.
impl Cell for f32 {
    #[inline(always)]
    unsafe fn read(at: *const u64) -> f32 {
        // SAFETY: by the caller.
        f32::from_bits(unsafe { at.read() } as u32)
    }

    #[inline(always)]
    unsafe fn write(self, at: *mut u64) {
        // SAFETY: by the caller.
        unsafe { at.write(self.to_bits() as u64) }
    }

    #[inline(always)]
    fn from_accumulator(_: u64, facc: f64) -> f32 {
        f32::from_bits(facc.to_bits() as u32)
    }

    #[inline(always)]
    fn to_accumulator(self, acc: u64, _: f64) -> (u64, f64) {
        (acc, twice(self))
    }
}

/// A float register with `value` in both halves of its low half: one instruction, which waits for
/// nothing but `value`.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn twice(value: f32) -> f64 {
    use std::arch::x86_64::{_mm_castps_pd, _mm_cvtsd_f64, _mm_set1_ps};
    // SAFETY: SSE2 is part of the architecture.
    unsafe { _mm_cvtsd_f64(_mm_castps_pd(_mm_set1_ps(value))) }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn twice(value: f32) -> f64 {
    let bits = value.to_bits() as u64;
    f64::from_bits(bits << 32 | bits)
}

/// In the accumulator for floats.
impl Cell for f64 {
    #[inline(always)]
    unsafe fn read(at: *const u64) -> f64 {
        // SAFETY: by the caller.
        unsafe { at.cast::<f64>().read() }
    }

    #[inline(always)]
    unsafe fn write(self, at: *mut u64) {
        // SAFETY: by the caller.
        unsafe { at.cast::<f64>().write(self) }
    }

    #[inline(always)]
    fn from_accumulator(_: u64, facc: f64) -> f64 {
        facc
    }

    #[inline(always)]
    fn to_accumulator(self, acc: u64, _: f64) -> (u64, f64) {
        (acc, self)
    }
}

/// A vector: two slots, the low half first. No accumulator holds one.
impl Cell for u128 {
    #[inline(always)]
    unsafe fn read(at: *const u64) -> u128 {
        // SAFETY: by the caller, for two slots.
        unsafe { at.read() as u128 | (at.add(1).read() as u128) << 64 }
    }

    #[inline(always)]
    unsafe fn write(self, at: *mut u64) {
        // SAFETY: by the caller, for two slots.
        unsafe {
            at.write(self as u64);
            at.add(1).write((self >> 64) as u64);
        }
    }

    #[inline(always)]
    fn from_accumulator(acc: u64, _: f64) -> u128 {
        acc as u128
    }

    #[inline(always)]
    fn to_accumulator(self, acc: u64, facc: f64) -> (u64, f64) {
        (acc, facc)
    }
}

/// Writes values to consecutive slots.
///
/// # Safety
/// There is room for all of them from `to` on.
pub(crate) unsafe fn write_cells(mut to: *mut u64, values: impl IntoIterator<Item = (ValType, u128)>) {
    for (ty, bits) in values {
        // SAFETY: by the caller.
        unsafe {
            to.write(bits as u64);
            if ty.slots() == 2 {
                to.add(1).write((bits >> 64) as u64);
            }
            to = to.add(ty.slots() as usize);
        }
    }
}

/// Reads values of these types from consecutive slots.
///
/// # Safety
/// They were written from `from` on.
pub(crate) unsafe fn read_cells(mut from: *const u64, types: &[ValType]) -> Vec<u128> {
    let mut values = Vec::with_capacity(types.len());
    for ty in types {
        // SAFETY: by the caller.
        unsafe {
            let mut bits = from.read() as u128;
            if ty.slots() == 2 {
                bits |= (from.add(1).read() as u128) << 64;
            }
            values.push(bits);
            from = from.add(ty.slots() as usize);
        }
    }
    values
}

/// The first slot of the running frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Sp(pub(crate) *mut u64);

impl Sp {
    /// The value of a slot.
    ///
    /// # Safety
    /// The slot lies in the running frame.
    #[inline(always)]
    pub(crate) unsafe fn get<T: Cell>(self, slot: Slot) -> T {
        // SAFETY: by the caller.
        unsafe { T::read(self.0.add(slot.0 as usize)) }
    }

    /// The bits of a slot, read here and whether or not they are used.
    ///
    /// # Safety
    /// The slot lies in the running frame.
    #[inline(always)]
    pub(crate) unsafe fn get_volatile(self, slot: Slot) -> u64 {
        // SAFETY: by the caller.
        unsafe { self.0.add(slot.0 as usize).read_volatile() }
    }

    /// Sets a slot.
    ///
    /// # Safety
    /// The slot lies in the running frame.
    #[inline(always)]
    pub(crate) unsafe fn set<T: Cell>(self, slot: Slot, value: T) {
        // SAFETY: by the caller.
        unsafe { value.write(self.0.add(slot.0 as usize)) }
    }

    /// The frame that starts at a slot of this one.
    #[inline(always)]
    pub(crate) fn at(self, slot: Slot) -> Sp {
        Sp(self.0.wrapping_add(slot.0 as usize))
    }
}

/// Where a run stands between two ops.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Regs {
    pub(crate) ip: Ip,
    pub(crate) sp: Sp,
}

/// One activation of a function.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Frame {
    /// Where the caller goes on; null if the caller is the host.
    pub(crate) ret_ip: Ip,
    /// The caller's slots.
    pub(crate) ret_sp: Sp,
    /// The instance the function runs in.
    pub(crate) instance: *mut InstanceInst,
    /// The function.
    pub(crate) entry: *const FuncEntry,
    /// When it was entered, in the counter's packed form while `settled` is 0;
    /// in steps once it is 1. Only kept by counted runs.
    pub(crate) entered: i64,
    /// Ticks when it was entered, once `settled`.
    pub(crate) entered_ticks: u64,
    /// Whether `entered` is absolute.
    pub(crate) settled: u64,
}

impl Frame {
    /// The bottom of the frame stack: no function.
    pub(crate) const BASE: Frame = Frame {
        ret_ip: Ip::NULL,
        ret_sp: Sp(std::ptr::null_mut()),
        instance: std::ptr::null_mut(),
        entry: std::ptr::null(),
        entered: 0,
        entered_ticks: 0,
        settled: 1,
    };
}

/// Whether an op gives its frame to a callee, if that is not the host's.
pub(crate) fn is_tail_call(op: OpCode) -> bool {
    matches!(
        op,
        OpCode::return_call
            | OpCode::return_call_import
            | OpCode::return_call_indirect
            | OpCode::return_call_ref
    )
}
