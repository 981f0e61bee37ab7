//! Vectors in memory.

use super::{Lowerer, Sink};
use crate::code::{Bits64, OpCode, ops};
use crate::module::ValType;
use wasmparser::{MemArg, Operator};

impl<S: Sink> Lowerer<'_, S> {
    /// Lowers the operators of this family; false if it is none.
    pub(super) fn simd_memory_operator(&mut self, operator: &Operator<'_>) -> bool {
        use OpCode as C;
        use Operator as O;
        use ValType::V128;
        match *operator {
            O::V128Load { memarg } => self.load(C::v128_load, C::v128_load_at, V128, memarg),
            O::V128Load8x8S { memarg } => self.load(C::v128_load8x8_s, C::v128_load8x8_s_at, V128, memarg),
            O::V128Load8x8U { memarg } => self.load(C::v128_load8x8_u, C::v128_load8x8_u_at, V128, memarg),
            O::V128Load16x4S { memarg } => self.load(C::v128_load16x4_s, C::v128_load16x4_s_at, V128, memarg),
            O::V128Load16x4U { memarg } => self.load(C::v128_load16x4_u, C::v128_load16x4_u_at, V128, memarg),
            O::V128Load32x2S { memarg } => self.load(C::v128_load32x2_s, C::v128_load32x2_s_at, V128, memarg),
            O::V128Load32x2U { memarg } => self.load(C::v128_load32x2_u, C::v128_load32x2_u_at, V128, memarg),
            O::V128Load8Splat { memarg } => {
                self.load(C::v128_load8_splat, C::v128_load8_splat_at, V128, memarg)
            }
            O::V128Load16Splat { memarg } => {
                self.load(C::v128_load16_splat, C::v128_load16_splat_at, V128, memarg)
            }
            O::V128Load32Splat { memarg } => {
                self.load(C::v128_load32_splat, C::v128_load32_splat_at, V128, memarg)
            }
            O::V128Load64Splat { memarg } => {
                self.load(C::v128_load64_splat, C::v128_load64_splat_at, V128, memarg)
            }
            O::V128Load32Zero { memarg } => {
                self.load(C::v128_load32_zero, C::v128_load32_zero_at, V128, memarg)
            }
            O::V128Load64Zero { memarg } => {
                self.load(C::v128_load64_zero, C::v128_load64_zero_at, V128, memarg)
            }
            O::V128Store { memarg } => self.store(C::v128_store, C::v128_store_at, None, memarg),
            O::V128Load8Lane { memarg, lane } => {
                self.load_lane(C::v128_load8_lane, C::v128_load8_lane_at, lane, memarg)
            }
            O::V128Load16Lane { memarg, lane } => {
                self.load_lane(C::v128_load16_lane, C::v128_load16_lane_at, lane, memarg)
            }
            O::V128Load32Lane { memarg, lane } => {
                self.load_lane(C::v128_load32_lane, C::v128_load32_lane_at, lane, memarg)
            }
            O::V128Load64Lane { memarg, lane } => {
                self.load_lane(C::v128_load64_lane, C::v128_load64_lane_at, lane, memarg)
            }
            O::V128Store8Lane { memarg, lane } => {
                self.store_lane(C::v128_store8_lane, C::v128_store8_lane_at, lane, memarg)
            }
            O::V128Store16Lane { memarg, lane } => {
                self.store_lane(C::v128_store16_lane, C::v128_store16_lane_at, lane, memarg)
            }
            O::V128Store32Lane { memarg, lane } => {
                self.store_lane(C::v128_store32_lane, C::v128_store32_lane_at, lane, memarg)
            }
            O::V128Store64Lane { memarg, lane } => {
                self.store_lane(C::v128_store64_lane, C::v128_store64_lane_at, lane, memarg)
            }
            _ => return false,
        }
        true
    }

    fn load_lane(&mut self, near: OpCode, far: OpCode, lane: u8, memarg: MemArg) {
        let src = self.slot(0);
        let addr = self.slot(1);
        self.pop();
        self.pop();
        let dst = self.push_result(ValType::V128);
        if self.is_near(&memarg) {
            let mut op = ops::v128_load8_lane::new(dst, addr, src, lane as u16, memarg.offset as u32);
            op.set_opcode(near);
            self.emit(near, op);
        } else {
            let (memory, offset) = (Self::memory_of(&memarg), Bits64::new(memarg.offset));
            let mut op = ops::v128_load8_lane_at::new(dst, addr, src, lane as u16, memory, offset);
            op.set_opcode(far);
            self.emit(far, op);
        }
        self.result_done();
    }

    fn store_lane(&mut self, near: OpCode, far: OpCode, lane: u8, memarg: MemArg) {
        let value = self.slot(0);
        let addr = self.slot(1);
        self.pop();
        self.pop();
        if self.is_near(&memarg) {
            let mut op = ops::v128_store8_lane::new(addr, value, lane as u16, memarg.offset as u32);
            op.set_opcode(near);
            self.emit(near, op);
        } else {
            let (memory, offset) = (Self::memory_of(&memarg), Bits64::new(memarg.offset));
            let mut op = ops::v128_store8_lane_at::new(addr, value, lane as u16, memory, offset);
            op.set_opcode(far);
            self.emit(far, op);
        }
        self.retire_state();
    }
}
