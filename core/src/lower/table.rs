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
                let dst = self.push_result(ValType::I32);
                self.emit(OpCode::table_size, ops::table_size::new(dst, table));
                self.result_done();
            }
            O::TableGrow { table } => {
                let delta = self.slot(0);
                let value = self.slot(1);
                self.pop();
                self.pop();
                let dst = self.push_result(ValType::I32);
                self.emit(OpCode::table_grow, ops::table_grow::new(dst, value, delta, table));
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
