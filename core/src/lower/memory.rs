//! Loads, stores, and operations on whole memories.

use super::{Lowerer, Lowering, Place, Sink};
use crate::code::{Bits64, OpCode, ops};
use crate::module::ValType;
use wasmparser::{MemArg, MemArgTarget, Operator};

impl<S: Sink> Lowerer<'_, S> {
    /// Lowers the operators of this family; false if it is none.
    pub(super) fn memory_operator(&mut self, operator: &Operator<'_>) -> bool {
        use OpCode as C;
        use Operator as O;
        use ValType::{F32, F64, I32, I64};
        match *operator {
            O::I32Load { memarg } => self.load(C::i32_load, C::i32_load_at, I32, memarg),
            O::I32Load8S { memarg } => self.load(C::i32_load8_s, C::i32_load8_s_at, I32, memarg),
            O::I32Load8U { memarg } => self.load(C::i32_load8_u, C::i32_load8_u_at, I32, memarg),
            O::I32Load16S { memarg } => self.load(C::i32_load16_s, C::i32_load16_s_at, I32, memarg),
            O::I32Load16U { memarg } => self.load(C::i32_load16_u, C::i32_load16_u_at, I32, memarg),
            O::I64Load { memarg } => self.load(C::i64_load, C::i64_load_at, I64, memarg),
            O::I64Load8S { memarg } => self.load(C::i64_load8_s, C::i64_load8_s_at, I64, memarg),
            O::I64Load8U { memarg } => self.load(C::i64_load8_u, C::i64_load8_u_at, I64, memarg),
            O::I64Load16S { memarg } => self.load(C::i64_load16_s, C::i64_load16_s_at, I64, memarg),
            O::I64Load16U { memarg } => self.load(C::i64_load16_u, C::i64_load16_u_at, I64, memarg),
            O::I64Load32S { memarg } => self.load(C::i64_load32_s, C::i64_load32_s_at, I64, memarg),
            O::I64Load32U { memarg } => self.load(C::i64_load32_u, C::i64_load32_u_at, I64, memarg),
            O::F32Load { memarg } => self.load(C::f32_load, C::f32_load_at, F32, memarg),
            O::F64Load { memarg } => self.load(C::f64_load, C::f64_load_at, F64, memarg),
            O::I32Store { memarg } => {
                self.store(C::i32_store, C::i32_store_at, Some(C::i32_store_imm), memarg)
            }
            O::I32Store8 { memarg } => {
                self.store(C::i32_store8, C::i32_store8_at, Some(C::i32_store8_imm), memarg)
            }
            O::I32Store16 { memarg } => {
                self.store(C::i32_store16, C::i32_store16_at, Some(C::i32_store16_imm), memarg)
            }
            O::I64Store { memarg } => {
                self.store(C::i64_store, C::i64_store_at, Some(C::i64_store_imm), memarg)
            }
            O::I64Store8 { memarg } => {
                self.store(C::i64_store8, C::i64_store8_at, Some(C::i64_store8_imm), memarg)
            }
            O::I64Store16 { memarg } => {
                self.store(C::i64_store16, C::i64_store16_at, Some(C::i64_store16_imm), memarg)
            }
            O::I64Store32 { memarg } => {
                self.store(C::i64_store32, C::i64_store32_at, Some(C::i64_store32_imm), memarg)
            }
            O::F32Store { memarg } => self.store(C::f32_store, C::f32_store_at, None, memarg),
            O::F64Store { memarg } => self.store(C::f64_store, C::f64_store_at, None, memarg),
            O::MemorySize { mem } => {
                let (opcode, ty) = match self.module.memory_type(mem).memory64 {
                    false => (C::memory_size, I32),
                    true => (C::memory_size_wide, I64),
                };
                let dst = self.push_result(ty);
                let mut op = ops::memory_size::new(dst, mem);
                op.set_opcode(opcode);
                self.emit(opcode, op);
                self.result_done();
            }
            O::MemoryGrow { mem } => {
                let delta = self.slot(0);
                self.pop();
                let (opcode, ty) = match self.module.memory_type(mem).memory64 {
                    false => (C::memory_grow, I32),
                    true => (C::memory_grow_wide, I64),
                };
                let dst = self.push_result(ty);
                let mut op = ops::memory_grow::new(dst, delta, mem);
                op.set_opcode(opcode);
                self.emit(opcode, op);
                self.result_done();
            }
            O::MemoryCopy { dst_mem, src_mem } => {
                let (dst, src, len) = self.pop_three();
                self.emit(C::memory_copy, ops::memory_copy::new(dst, src, len, dst_mem, src_mem));
                self.retire_state();
            }
            O::MemoryFill { mem } => {
                let (dst, value, len) = self.pop_three();
                self.emit(C::memory_fill, ops::memory_fill::new(dst, value, len, mem));
                self.retire_state();
            }
            O::MemoryInit { data_index, mem } => {
                let (dst, src, len) = self.pop_three();
                self.emit(C::memory_init, ops::memory_init::new(dst, src, len, mem, data_index));
                self.retire_state();
            }
            O::DataDrop { data_index } => {
                self.emit(C::data_drop, ops::data_drop::new(data_index));
                self.retire_state();
            }
            _ => return false,
        }
        true
    }

    /// Pops three operands; their slots, deepest first.
    pub(super) fn pop_three(&mut self) -> (crate::code::Slot, crate::code::Slot, crate::code::Slot) {
        let third = self.slot(0);
        let second = self.slot(1);
        let first = self.slot(2);
        for _ in 0..3 {
            self.pop();
        }
        (first, second, third)
    }

    /// The memory an access names.
    pub(super) fn memory_of(memarg: &MemArg) -> u32 {
        match memarg.target {
            MemArgTarget::Memory(memory) => memory,
            MemArgTarget::Array(_) => unreachable!("arrays belong to garbage collection, which is refused"),
        }
    }

    /// Whether an access takes the short way: memory 0, addressed by i32.
    pub(super) fn is_near(&self, memarg: &MemArg) -> bool {
        Self::memory_of(memarg) == 0 && !self.module.memory_type(0).memory64
    }

    pub(super) fn load(&mut self, near: OpCode, far: OpCode, result: ValType, memarg: MemArg) {
        let addr = self.slot(0);
        self.pop();
        let dst = self.push_result(result);
        if self.is_near(&memarg) {
            let mut op = ops::i32_load::new(dst, addr, memarg.offset as u32);
            op.set_opcode(near);
            self.emit(near, op);
        } else {
            let mut op =
                ops::i32_load_at::new(dst, addr, Self::memory_of(&memarg), Bits64::new(memarg.offset));
            op.set_opcode(far);
            self.emit(far, op);
        }
        self.result_done();
    }

    pub(super) fn store(&mut self, near: OpCode, far: OpCode, immediate: Option<OpCode>, memarg: MemArg) {
        let is_near = self.is_near(&memarg);
        let value = self.top(0);
        if self.mode == Lowering::Fused
            && is_near
            && let (Some(opcode), Place::Imm(bits)) = (immediate, value.place)
            && (value.ty == ValType::I32 || i32::try_from(bits as i64).is_ok())
        {
            let addr = self.slot(1);
            self.pop();
            self.pop();
            let mut op = ops::i32_store_imm::new(addr, memarg.offset as u32, bits as i32);
            op.set_opcode(opcode);
            self.emit(opcode, op);
            return self.retire_state();
        }
        let value = self.slot(0);
        let addr = self.slot(1);
        self.pop();
        self.pop();
        if is_near {
            let mut op = ops::i32_store::new(addr, value, memarg.offset as u32);
            op.set_opcode(near);
            self.emit(near, op);
        } else {
            let mut op =
                ops::i32_store_at::new(addr, value, Self::memory_of(&memarg), Bits64::new(memarg.offset));
            op.set_opcode(far);
            self.emit(far, op);
        }
        self.retire_state();
    }
}
