//! Loads, stores, and operations on whole memories.

use super::{Lowerer, Lowering, Place, Sink};
use crate::code::{OpCode, ops};
use crate::module::ValType;
use wasmparser::{MemArg, Operator};

impl<S: Sink> Lowerer<'_, S> {
    /// Lowers the operators of this family; false if it is none.
    pub(super) fn memory_operator(&mut self, operator: &Operator<'_>) -> bool {
        use OpCode as C;
        use Operator as O;
        use ValType::{F32, F64, I32, I64};
        match *operator {
            O::I32Load { memarg } => self.load(C::i32_load, I32, memarg),
            O::I32Load8S { memarg } => self.load(C::i32_load8_s, I32, memarg),
            O::I32Load8U { memarg } => self.load(C::i32_load8_u, I32, memarg),
            O::I32Load16S { memarg } => self.load(C::i32_load16_s, I32, memarg),
            O::I32Load16U { memarg } => self.load(C::i32_load16_u, I32, memarg),
            O::I64Load { memarg } => self.load(C::i64_load, I64, memarg),
            O::I64Load8S { memarg } => self.load(C::i64_load8_s, I64, memarg),
            O::I64Load8U { memarg } => self.load(C::i64_load8_u, I64, memarg),
            O::I64Load16S { memarg } => self.load(C::i64_load16_s, I64, memarg),
            O::I64Load16U { memarg } => self.load(C::i64_load16_u, I64, memarg),
            O::I64Load32S { memarg } => self.load(C::i64_load32_s, I64, memarg),
            O::I64Load32U { memarg } => self.load(C::i64_load32_u, I64, memarg),
            O::F32Load { memarg } => self.load(C::f32_load, F32, memarg),
            O::F64Load { memarg } => self.load(C::f64_load, F64, memarg),
            O::I32Store { memarg } => self.store(C::i32_store, Some(C::i32_store_imm), memarg),
            O::I32Store8 { memarg } => self.store(C::i32_store8, Some(C::i32_store8_imm), memarg),
            O::I32Store16 { memarg } => self.store(C::i32_store16, Some(C::i32_store16_imm), memarg),
            O::I64Store { memarg } => self.store(C::i64_store, Some(C::i64_store_imm), memarg),
            O::I64Store8 { memarg } => self.store(C::i64_store8, Some(C::i64_store8_imm), memarg),
            O::I64Store16 { memarg } => self.store(C::i64_store16, Some(C::i64_store16_imm), memarg),
            O::I64Store32 { memarg } => self.store(C::i64_store32, Some(C::i64_store32_imm), memarg),
            O::F32Store { memarg } => self.store(C::f32_store, None, memarg),
            O::F64Store { memarg } => self.store(C::f64_store, None, memarg),
            O::MemorySize { mem } => {
                let dst = self.push_result(I32);
                self.emit(C::memory_size, ops::memory_size::new(dst, mem));
                self.result_done();
            }
            O::MemoryGrow { mem } => {
                let delta = self.slot(0);
                self.pop();
                let dst = self.push_result(I32);
                self.emit(C::memory_grow, ops::memory_grow::new(dst, delta, mem));
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

    fn load(&mut self, opcode: OpCode, result: ValType, memarg: MemArg) {
        let addr = self.slot(0);
        self.pop();
        let dst = self.push_result(result);
        let mut op = ops::i32_load::new(dst, addr, memarg.offset as u32);
        op.set_opcode(opcode);
        self.emit(opcode, op);
        self.result_done();
    }

    fn store(&mut self, opcode: OpCode, immediate: Option<OpCode>, memarg: MemArg) {
        let offset = memarg.offset as u32;
        let value = self.top(0);
        if self.mode == Lowering::Fused
            && let (Some(opcode), Place::Imm(bits)) = (immediate, value.place)
            && (value.ty == ValType::I32 || i32::try_from(bits as i64).is_ok())
        {
            let addr = self.slot(1);
            self.pop();
            self.pop();
            let mut op = ops::i32_store_imm::new(addr, offset, bits as i32);
            op.set_opcode(opcode);
            self.emit(opcode, op);
            return self.retire_state();
        }
        let value = self.slot(0);
        let addr = self.slot(1);
        self.pop();
        self.pop();
        let mut op = ops::i32_store::new(addr, value, offset);
        op.set_opcode(opcode);
        self.emit(opcode, op);
        self.retire_state();
    }
}
