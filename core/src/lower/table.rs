//! Tables and element segments.

use super::{Lowerer, Sink};
use crate::code::{OpCode, ops};
use crate::module::ValType;
use wasmparser::Operator;

impl<S: Sink> Lowerer<'_, S> {
    /// Lowers the operators of this family; false if it is none.
    pub(super) fn table_operator(&mut self, operator: &Operator<'_>) -> bool {
        use Operator as O;
        match *operator {
            O::TableGet { table } => {
                let index = self.slot(0);
                self.pop();
                let dst = self.push_result(ValType::Ref(self.module.table_type(table).element));
                self.emit(OpCode::table_get, ops::table_get::new(dst, index, table));
                self.result_done();
            }
            O::TableSet { table } => {
                let value = self.slot(0);
                let index = self.slot(1);
                self.pop();
                self.pop();
                self.emit(OpCode::table_set, ops::table_set::new(index, value, table));
                self.retire_state();
            }
            O::TableSize { table } => {
                let (opcode, ty) = match self.module.table_type(table).table64 {
                    false => (OpCode::table_size, ValType::I32),
                    true => (OpCode::table_size_wide, ValType::I64),
                };
                let dst = self.push_result(ty);
                let mut op = ops::table_size::new(dst, table);
                op.set_opcode(opcode);
                self.emit(opcode, op);
                self.result_done();
            }
            O::TableGrow { table } => {
                let delta = self.slot(0);
                let value = self.slot(1);
                self.pop();
                self.pop();
                let (opcode, ty) = match self.module.table_type(table).table64 {
                    false => (OpCode::table_grow, ValType::I32),
                    true => (OpCode::table_grow_wide, ValType::I64),
                };
                let dst = self.push_result(ty);
                let mut op = ops::table_grow::new(dst, value, delta, table);
                op.set_opcode(opcode);
                self.emit(opcode, op);
                self.result_done();
            }
            O::TableFill { table } => {
                let (dst, value, len) = self.pop_three();
                self.emit(OpCode::table_fill, ops::table_fill::new(dst, value, len, table));
                self.retire_state();
            }
            O::TableCopy { dst_table, src_table } => {
                let (dst, src, len) = self.pop_three();
                self.emit(OpCode::table_copy, ops::table_copy::new(dst, src, len, dst_table, src_table));
                self.retire_state();
            }
            O::TableInit { elem_index, table } => {
                let (dst, src, len) = self.pop_three();
                self.emit(OpCode::table_init, ops::table_init::new(dst, src, len, table, elem_index));
                self.retire_state();
            }
            O::ElemDrop { elem_index } => {
                self.emit(OpCode::elem_drop, ops::elem_drop::new(elem_index));
                self.retire_state();
            }
            _ => return false,
        }
        true
    }
}
