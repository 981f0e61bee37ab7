//! A machine that stands still, as safe reads; and the few writes that bring it elsewhere.
//!
//! The one door between the pointers of a running machine and everybody who looks at one:
//! timeline, checkpoints, queries, traps. What lies behind the pointers lives as long as
//! the store, so a borrow of the store is a borrow of all of it.
//!
//! Elsewhere: where ops are (`layout`), what registers and frames are (`frame`).

use crate::code::{Bits64, OpCode, Slot, ops};
use crate::exec::frame::{Frame, Ip, Regs, Sp, read_cells, write_cells};
use crate::exec::host::HostFrame;
use crate::isa::{Operand, OperandType, Role};
use crate::module::ValType;
use crate::store::{FuncEntry, InstanceInst, PrunedStore};

// SAFETY: the pointers of frames and registers are followed only through the store they
// belong to, which is `Send` itself.
unsafe impl Send for Frame {}
// SAFETY: as above; a shared frame is only copied.
unsafe impl Sync for Frame {}
// SAFETY: as for `Frame`.
unsafe impl Send for Regs {}
// SAFETY: as for `Frame`.
unsafe impl Sync for Regs {}
// SAFETY: as for `Frame`.
unsafe impl Send for HostFrame {}
// SAFETY: as for `Frame`.
unsafe impl Sync for HostFrame {}

/// A call op: what the debugger needs of it.
pub(crate) struct CallSite {
    /// The callee's first slot, counted in the caller's frame.
    pub(crate) head: Slot,
    /// Who is called, as far as the op says.
    pub(crate) callee: Callees,
}

/// Whom a call op may call.
pub(crate) enum Callees {
    /// The function of that index in the module.
    Func(u32),
    /// Any of the type of that index.
    Type(u32),
}

/// An operand as it is encoded: a slot's number, an index, an immediate.
pub(crate) fn operand_at(ip: Ip, operand: &Operand) -> u64 {
    let at = ip.0.wrapping_byte_add(operand.offset as usize);
    // SAFETY: the table says that an operand of this type lies there.
    unsafe {
        match (operand.role, operand.ty) {
            (Role::Imm, OperandType::U32 | OperandType::I32 | OperandType::F32) => {
                at.cast::<u32>().read().into()
            }
            (Role::Imm, OperandType::I64 | OperandType::F64 | OperandType::U64) => {
                at.cast::<Bits64>().read().get()
            }
            _ => at.cast::<u16>().read().into(),
        }
    }
}

impl PrunedStore {
    /// A function of this store.
    pub(crate) fn entry(&self, entry: *const FuncEntry) -> &FuncEntry {
        // SAFETY: entries are made by the store and live as long.
        unsafe { &*entry }
    }

    /// An instance of this store; `None` for none.
    pub(crate) fn instance_at(&self, instance: *mut InstanceInst) -> Option<&InstanceInst> {
        // SAFETY: instances are made by the store and live as long.
        unsafe { instance.as_ref() }
    }

    /// The instance whose function runs.
    ///
    /// # Panics
    /// If nothing runs.
    pub(crate) fn running(&self) -> &InstanceInst {
        self.instance_at(self.instance).expect("a function runs, so there is its instance")
    }

    /// The innermost frame; below the outermost lies one that is no function.
    pub(crate) fn top(&self) -> &Frame {
        // SAFETY: the frames up to the top are initialised.
        unsafe { &*self.frame_top }
    }

    /// The frame at a depth, which is active, or was until the op that has just returned.
    ///
    /// # Panics
    /// If no frame can be at that depth.
    pub(crate) fn frame_of_step(&self, depth: usize) -> &Frame {
        let frame = self.frame_base().wrapping_add(depth + 1);
        assert!(frame < self.frame_end, "a frame that was active lies within the frame stack");
        // SAFETY: the frame stack is initialised: with zeroes, which are a frame without a
        // function, where none was ever active.
        unsafe { &*frame }
    }

    /// The bits of a value in a frame: one slot, or two, the low half first.
    pub(crate) fn value_at(&self, sp: Sp, slot: u32, ty: ValType) -> u128 {
        let low = u128::from(self.slot_at(sp, slot));
        let high = if ty.slots() == 2 { u128::from(self.slot_at(sp, slot + 1)) << 64 } else { 0 };
        low | high
    }

    /// Values that lie one behind the other, such as the arguments of a call.
    pub(crate) fn values_at(&self, sp: Sp, types: &[ValType]) -> Vec<u128> {
        // SAFETY: the value stack is initialised; callers ask for slots of live frames.
        unsafe { read_cells(sp.0, types) }
    }

    /// Sets a value in a frame for which there is room.
    pub(crate) fn set_value_at(&mut self, sp: Sp, slot: u32, ty: ValType, bits: u128) {
        // SAFETY: the slot lies in the frame.
        unsafe { write_cells(sp.0.add(slot as usize), [(ty, bits)]) };
    }

    /// The address of the op at a byte offset.
    pub(crate) fn op_in(&self, entry: *const FuncEntry, offset: u32) -> Ip {
        Ip(self.entry(entry).code.wrapping_byte_add(offset as usize))
    }

    /// The op at `ip` as a call; `None` if it is another.
    pub(crate) fn call_site(&self, ip: Ip) -> Option<CallSite> {
        // SAFETY: the op there is what it is taken for.
        let (head, callee) = unsafe {
            match self.opcode_at(ip) {
                OpCode::call => {
                    let op = ip.op::<ops::call>();
                    (op.head, Callees::Func(op.func))
                }
                OpCode::call_import => {
                    let op = ip.op::<ops::call_import>();
                    (op.head, Callees::Func(op.func))
                }
                OpCode::call_indirect => {
                    let op = ip.op::<ops::call_indirect>();
                    (op.head, Callees::Type(op.ty))
                }
                OpCode::call_ref => {
                    let op = ip.op::<ops::call_ref>();
                    (op.head, Callees::Type(op.ty))
                }
                _ => return None,
            }
        };
        Some(CallSite { head, callee })
    }

    /// The part of the value stack that is in use: up to the end of the innermost frame.
    pub(crate) fn live_stack(&self) -> &[u64] {
        let start = self.stack_start();
        let len = match self.depth() {
            0 => 0,
            depth => {
                let bytes = self.entry(self.frame(depth - 1).entry).frame_bytes;
                (self.regs.sp.0 as usize + bytes - start as usize) / 8
            }
        };
        // SAFETY: frames lie within the value stack.
        unsafe { std::slice::from_raw_parts(start, len) }
    }

    /// Puts frames and the values below them, which were copied from this store, back.
    pub(crate) fn set_frames(&mut self, frames: &[Frame], stack: &[u64]) {
        self.frame_top = self.frame_base().wrapping_add(frames.len());
        self.frames_mut().copy_from_slice(frames);
        // SAFETY: it was copied from this value stack.
        unsafe { std::ptr::copy_nonoverlapping(stack.as_ptr(), self.stack_start(), stack.len()) };
    }

    /// Enters a frame.
    ///
    /// # Panics
    /// If there is no room: [`PrunedStore::is_full`].
    pub(crate) fn push_frame(&mut self, frame: Frame) {
        let top = self.frame_top.wrapping_add(1);
        assert!(top < self.frame_end, "there is room for a frame");
        // SAFETY: it lies within the frame stack.
        unsafe { top.write(frame) };
        self.frame_top = top;
    }
}
