//! References: null, functions, tests for null, calls through a reference.

use super::{Lowerer, Sink};
use crate::code::{Count, Jump, OpCode, Slot, ops};
use crate::lower::control::Patch;
use crate::module::{RefType, ValType};
use wasmparser::Operator;

impl<S: Sink> Lowerer<'_, S> {
    /// Lowers the operators of this family; false if it is none.
    pub(super) fn reference_operator(&mut self, operator: &Operator<'_>) -> bool {
        use Operator as O;
        match *operator {
            O::RefNull { hty } => {
                let dst = self
                    .push_result(ValType::Ref(RefType { nullable: true, heap: self.module.heap_type(hty) }));
                self.emit(OpCode::ref_null, ops::ref_null::new(dst));
                self.result_done();
            }
            O::RefIsNull => {
                let src = self.slot(0);
                self.pop();
                let dst = self.push_result(ValType::I32);
                self.emit(OpCode::ref_is_null, ops::ref_is_null::new(dst, src));
                self.result_done();
            }
            O::RefFunc { function_index } => {
                let heap = self.module.func_heap_type(function_index);
                let dst = self.push_result(ValType::Ref(RefType { nullable: false, heap }));
                self.emit(OpCode::ref_func, ops::ref_func::new(dst, function_index));
                self.result_done();
            }
            O::RefAsNonNull => {
                let src = self.slot(0);
                let ty = non_null(self.pop().ty);
                let dst = self.push_result(ty);
                self.emit(OpCode::ref_as_non_null, ops::ref_as_non_null::new(dst, src));
                self.result_done();
            }
            O::BrOnNull { relative_depth } => self.br_on_null(relative_depth),
            O::BrOnNonNull { relative_depth } => self.br_on_non_null(relative_depth),
            O::CallRef { type_index } => self.call_ref(type_index),
            O::ReturnCallRef { type_index } => self.return_call_ref(type_index),
            _ => return false,
        }
        true
    }

    /// Emits a branch on a reference with an open target.
    fn emit_br_on(&mut self, opcode: OpCode, src: Slot) -> Patch {
        let mut op = ops::br_on_null::new(src, Jump { offset: 0, delta: Count::new(0, 0) });
        op.set_opcode(opcode);
        let at = self.emit(opcode, op);
        self.branch_patch(at, at + std::mem::offset_of!(ops::br_on_null, jump))
    }

    fn br_on_null(&mut self, depth: u32) {
        let src = self.slot(0);
        self.settle_under_top(self.label_arity(depth));
        // The reference lies above the label's values and stays if it is not null.
        let reference = self.pop();
        let values = self.label_values(depth);
        self.br_on(depth, src, values, [OpCode::br_on_null, OpCode::br_on_non_null]);
        self.push(non_null(reference.ty), reference.place);
        self.retire_state();
    }

    fn br_on_non_null(&mut self, depth: u32) {
        // The reference is the last of the label's values.
        let values = self.label_values(depth);
        let src = self.slot(0);
        self.br_on(depth, src, values, [OpCode::br_on_non_null, OpCode::br_on_null]);
        self.pop();
        self.retire_state();
    }

    /// Branches with `ops[0]`; where values have to move, around a `br_copy` with its
    /// opposite `ops[1]`.
    fn br_on(&mut self, depth: u32, src: Slot, values: Option<(Slot, Slot, u16)>, ops: [OpCode; 2]) {
        match values {
            None => {
                let patch = self.emit_br_on(ops[0], src);
                self.aim(depth, patch);
            }
            values => {
                let around = self.emit_br_on(ops[1], src);
                self.retire_state();
                let patch = self.emit_br(values);
                self.aim(depth, patch);
                let here = self.label();
                self.patch(&around, here);
            }
        }
    }

    fn call_ref(&mut self, ty_index: u32) {
        let ty = self.module.type_at(ty_index).clone();
        let func = self.index_above(ty.params());
        let head = self.arguments(ty.params());
        let resume = self.count_after();
        self.emit(OpCode::call_ref, ops::call_ref::new(func, head, ty_index, resume));
        self.results(ty.results());
    }

    fn return_call_ref(&mut self, ty_index: u32) {
        let ty = self.module.type_at(ty_index).clone();
        let func = self.index_above(ty.params());
        let (head, count) = self.arguments_moved(ty.params());
        let end = self.count_after();
        self.emit(OpCode::return_call_ref, ops::return_call_ref::new(head, count, func, ty_index, end));
        self.return_of_host(ty.results());
        self.leave_reachable();
    }
}

/// The same reference type without null.
fn non_null(ty: ValType) -> ValType {
    match ty {
        ValType::Ref(ty) => ValType::Ref(RefType { nullable: false, ..ty }),
        other => other,
    }
}
