//! Forms: one op, run in several ways that differ only in where its values are.
//!
//! ```text
//! i32.add r7 r2 r5    form 0           slots[7] = slots[2] + slots[5]
//!                     FIRST            slots[7] = acc + slots[5]
//!                     SECOND           slots[7] = slots[2] + acc
//!                     FIRST | KEEP     acc + slots[5], needed by the next op only: no store
//! ```
//!
//! Every op with a result leaves it in the accumulator of its type, whatever its form; a copy
//! leaves both as they are. An
//! op under every form names the same slots and means the same: text, events and debugger
//! know nothing of forms, step dispatch runs form 0 only, and where a run stops on its way
//! the accumulator is put into the slot it stands for ([`PrunedStore::spill`]).
//!
//! Which forms an op has follows from its operands: its *shape*. A handler of a shape with
//! forms is generic over one.
//!
//! Always: `KEEP` is set only if the very next op reads the result from the accumulator
//! and nothing else reads it; accumulators hold nothing at a label, and behind a call at most its result.
//! Elsewhere: who chooses (`lower::accumulate`), which handler it becomes (`exec::dispatch`).

use crate::code::{OpCode, OpId, Slot};
use crate::engine::Module;
use crate::exec::frame::{Cell, Ip, Sp};
use crate::exec::layout::op_size;
use crate::isa::{Kind, OperandType, Role};
use crate::lower::Lowering;
use crate::lower::debug::{FuncDebug, OpDebug};
use crate::store::PrunedStore;

/// The first slot the op reads is in its accumulator.
pub(crate) const FIRST: u8 = 1;
/// The second slot the op reads is in its accumulator.
pub(crate) const SECOND: u8 = 2;
/// The result stays in its accumulator.
pub(crate) const KEEP: u8 = 4;
/// One more than the highest form.
pub(crate) const FORMS: usize = 8;

/// The shape of an op, from its operands: hands `$callback` the arguments in brackets and
/// one of `single unary binary input inputs output`.
///
/// ```text
/// single   one form
/// unary    one input that may be in an accumulator, one result
/// binary   two inputs of which one may be, one result
/// input    one input, no result          inputs    two inputs, no result
/// output   a result only
/// ```
macro_rules! shape {
    ($callback:ident! $args:tt out dst: v128, in addr: i32, imm offset: u32) => { $callback!($args input) };
    ($callback:ident! $args:tt out $dst:ident: v128 $($rest:tt)*) => { $callback!($args single) };
    ($callback:ident! $args:tt out $dst:ident: $ty:ident, in $src:ident: v128 $($rest:tt)*) => { $callback!($args single) };
    ($callback:ident! $args:tt in addr: i32, in value: v128 $($rest:tt)*) => { $callback!($args input) };
    ($callback:ident! $args:tt out dst: any, in src: any) => { $callback!($args input) };
    ($callback:ident! $args:tt out dst: $ty:ident, in src: $from:ident) => { $callback!($args unary) };
    ($callback:ident! $args:tt out dst: $ty:ident, in lhs: $a:ident, imm rhs: i32) => { $callback!($args unary) };
    ($callback:ident! $args:tt out dst: $ty:ident, in lhs: f32, imm rhs: f32) => { $callback!($args unary) };
    ($callback:ident! $args:tt out dst: $ty:ident, in lhs: f64, imm rhs: f64) => { $callback!($args unary) };
    ($callback:ident! $args:tt out dst: $ty:ident, in rhs: $a:ident, imm lhs: $b:ident) => { $callback!($args unary) };
    ($callback:ident! $args:tt out dst: $ty:ident, in addr: i32, imm offset: u32) => { $callback!($args unary) };
    ($callback:ident! $args:tt out dst: i32, in lhs: i32, imm shift: u16, imm mask: i32) => { $callback!($args unary) };
    ($callback:ident! $args:tt out dst: i32, in lhs: i32, in rhs: i32, imm shift: u16) => { $callback!($args binary) };
    ($callback:ident! $args:tt out dst: f64, in lhs: f64, in rhs: f64, in sum: f64) => { $callback!($args binary) };
    ($callback:ident! $args:tt out dst: f32, imm value: f32) => { $callback!($args output) };
    ($callback:ident! $args:tt out dst: f64, imm value: f64) => { $callback!($args output) };
    ($callback:ident! $args:tt out dst: $ty:ident, in cond: i32, in lhs: $a:ident, in rhs: $b:ident) => { $callback!($args unary) };
    ($callback:ident! $args:tt out dst: $ty:ident, in cond: i32, in $value:ident: $a:ident, imm $other:ident: $b:ident) => { $callback!($args unary) };
    ($callback:ident! $args:tt out dst: $ty:ident, in cond: i32, imm lhs: $a:ident, imm rhs: $b:ident) => { $callback!($args unary) };
    ($callback:ident! $args:tt out dst: $ty:ident, in lhs: $a:ident, in rhs: $b:ident) => { $callback!($args binary) };
    ($callback:ident! $args:tt in cond: i32, imm jump: Jump) => { $callback!($args input) };
    ($callback:ident! $args:tt in lhs: $a:ident, imm rhs: i32, imm jump: Jump) => { $callback!($args input) };
    ($callback:ident! $args:tt in lhs: f32, imm rhs: f32, imm jump: Jump) => { $callback!($args input) };
    ($callback:ident! $args:tt in lhs: f64, imm rhs: f64, imm jump: Jump) => { $callback!($args input) };
    ($callback:ident! $args:tt in addr: i32, imm offset: u32, imm value: i32) => { $callback!($args input) };
    ($callback:ident! $args:tt in src: any, imm global: u32) => { $callback!($args input) };
    ($callback:ident! $args:tt in src: any, imm end: Count) => { $callback!($args input) };
    ($callback:ident! $args:tt in index: i32, imm len: u32) => { $callback!($args input) };
    ($callback:ident! $args:tt in lhs: $a:ident, in rhs: $b:ident, imm jump: Jump) => { $callback!($args inputs) };
    ($callback:ident! $args:tt in addr: i32, in value: $ty:ident, imm offset: u32) => { $callback!($args inputs) };
    ($callback:ident! $args:tt out dst: any, imm global: u32) => { $callback!($args output) };
    ($callback:ident! $args:tt $($rest:tt)*) => { $callback!($args single) };
}
pub(crate) use shape;

/// The form bits a shape allows.
macro_rules! allowed {
    ([] single) => {
        0
    };
    ([] unary) => {
        FIRST | KEEP
    };
    ([] binary) => {
        FIRST | SECOND | KEEP
    };
    ([] input) => {
        FIRST
    };
    ([] inputs) => {
        FIRST | SECOND
    };
    ([] output) => {
        KEEP
    };
}

macro_rules! allowed_of {
    ($($name:ident $kind:ident { $($operands:tt)* } $meaning:literal;)*) => {
        &[$(shape!(allowed! [] $($operands)*)),*]
    };
}

/// The form bits each op may have, in the order of `OpCode`.
pub(crate) const ALLOWED: &[u8] = crate::isa::isa!(allowed_of);

impl OpCode {
    /// The forms the op can have, each of which has a handler.
    #[doc(hidden)]
    pub fn forms(self) -> Vec<u8> {
        let allowed = ALLOWED[self as usize];
        let one_input = |form: &u8| form & (FIRST | SECOND) != FIRST | SECOND;
        (0..FORMS as u8).filter(|form| form & !allowed == 0).filter(one_input).collect()
    }
}

impl Module {
    /// The ops of all functions under one lowering, each with its form: for tests of dispatchers.
    ///
    /// # Panics
    /// If a function cannot be lowered.
    #[doc(hidden)]
    pub fn op_forms(&self, lowering: Lowering) -> Vec<(OpCode, u8)> {
        let module = self.data();
        let funcs = (0..module.funcs.len() as u32).filter(|&func| !module.is_imported_func(func));
        let code = funcs.map(|func| FuncDebug::with_code(module, func, lowering).expect("it can be lowered"));
        code.flat_map(|(debug, words)| {
            let id = |op: &OpDebug| OpId::in_words(&words, op.ip as usize);
            debug.ops.iter().map(|op| (id(op).opcode(), id(op).form())).collect::<Vec<_>>()
        })
        .collect()
    }
}

/// The first input of an op in form `F`.
///
/// # Safety
/// The slot lies in the running frame.
#[inline(always)]
pub(crate) unsafe fn first<T: Cell, const F: u8>(sp: Sp, slot: Slot, acc: u64, facc: f64) -> T {
    // SAFETY: by the caller.
    if F & FIRST != 0 { T::from_accumulator(acc, facc) } else { unsafe { sp.get(slot) } }
}

/// The second input of an op in form `F`.
///
/// # Safety
/// The slot lies in the running frame.
#[inline(always)]
pub(crate) unsafe fn second<T: Cell, const F: u8>(sp: Sp, slot: Slot, acc: u64, facc: f64) -> T {
    // SAFETY: by the caller.
    if F & SECOND != 0 { T::from_accumulator(acc, facc) } else { unsafe { sp.get(slot) } }
}

/// Sets the result of an op in form `F`; both accumulators after it.
///
/// # Safety
/// The slot lies in the running frame.
#[inline(always)]
pub(crate) unsafe fn result<T: Cell, const F: u8>(
    sp: Sp,
    slot: Slot,
    value: T,
    acc: u64,
    facc: f64,
) -> (u64, f64) {
    if F & KEEP == 0 {
        // SAFETY: by the caller.
        unsafe { sp.set(slot, value) };
    }
    value.to_accumulator(acc, facc)
}

impl PrunedStore {
    /// The slot that the op at `ip` wants to read from an accumulator, if any, and its type.
    fn accumulated(&self, ip: Ip) -> Option<(Slot, OperandType)> {
        let id = self.id_at(ip);
        let nth = match id.form() & (FIRST | SECOND) {
            0 => return None,
            FIRST => 0,
            _ => 1,
        };
        let info = id.opcode().info();
        let operand = info.operands.iter().filter(|operand| operand.role == Role::In).nth(nth);
        let operand = operand.expect("an op in this form has that input");
        // SAFETY: the table says that a slot's number lies there.
        let slot = unsafe { ip.0.cast::<u8>().add(operand.offset as usize).cast::<Slot>().read() };
        Some((slot, operand.ty))
    }

    /// Puts the accumulators into the slot they stand for before the op at `ip`, where a run
    /// stops.
    #[cold]
    #[inline(never)]
    pub(crate) fn spill(&mut self, ip: Ip, sp: Sp, acc: u64, facc: f64) {
        if let Some((slot, ty)) = self.accumulated(ip) {
            let bits = match ty {
                OperandType::F64 => facc.to_bits(),
                OperandType::F32 => facc.to_bits() as u32 as u64,
                _ => acc,
            };
            // SAFETY: the op's slots lie in the running frame.
            unsafe { sp.set(slot, bits) };
        }
    }

    /// The accumulators with which the op at `ip` can be entered, all values being in slots:
    /// what the next op on the straight line that reads one wants to find in it.
    pub(crate) fn fill(&self, mut ip: Ip, sp: Sp) -> (u64, f64) {
        let (mut int, mut float) = (None, None);
        loop {
            let opcode = self.id_at(ip).opcode();
            let info = opcode.info();
            if let Some((slot, ty)) = self.accumulated(ip) {
                // SAFETY: the op's slots lie in the running frame; since the accumulator got
                // its value nothing has changed it.
                let bits = unsafe { sp.get::<u64>(slot) };
                if ty.is_float() {
                    float.get_or_insert(bits)
                } else {
                    int.get_or_insert(bits)
                };
            }
            if ALLOWED[opcode as usize] & KEEP != 0 {
                let is_float =
                    info.operands.iter().any(|operand| operand.role == Role::Out && operand.ty.is_float());
                if is_float {
                    float.get_or_insert(0)
                } else {
                    int.get_or_insert(0)
                };
            }
            let ends = matches!(info.kind, Kind::Leaves | Kind::Host)
                || matches!(
                    opcode,
                    OpCode::br
                        | OpCode::br_copy
                        | OpCode::br_table
                        | OpCode::br_table_copy
                        | OpCode::unreachable
                );
            if ends || (int.is_some() && float.is_some()) {
                return (int.unwrap_or(0), f64::from_bits(float.unwrap_or(0)));
            }
            // SAFETY: the op can be followed by another, so there is one.
            ip = Ip(ip.0.wrapping_byte_add(unsafe { op_size(ip, opcode) }));
        }
    }
}
