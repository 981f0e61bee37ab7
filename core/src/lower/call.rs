//! Calls and returns.
//!
//! Arguments stand where the callee's frame starts, and results appear there, so a call
//! moves nothing that is in its place already.

use super::{Lowerer, Place, Sink};
use crate::code::{Bits64, OpCode, Slot, ops};
use crate::module::ValType;

impl<S: Sink> Lowerer<'_, S> {
    pub(super) fn emit_return(&mut self) {
        let count = self.control[0].results.len();
        let slots: u32 = self.control[0].results.iter().map(|ty| ty.slots()).sum();
        if slots == 0 {
            let end = self.count_after();
            self.emit(OpCode::ret, ops::ret::new(end));
        } else if slots == 1 {
            let src = self.slot(0);
            let end = self.count_after();
            self.emit(OpCode::ret_value, ops::ret_value::new(src, end));
        } else {
            self.settle_top(count);
            let src = Slot((self.height - slots) as u16);
            let end = self.count_after();
            self.emit(OpCode::ret_span, ops::ret_span::new(src, slots as u16, end));
        }
        self.last = None;
    }

    pub(super) fn call(&mut self, func: u32) {
        let ty = self.module.func_type(func).clone();
        let head = self.arguments(ty.params());
        let resume = self.count_after();
        if func < self.module.imported_funcs() {
            self.emit(OpCode::call_import, ops::call_import::new(head, func, resume));
        } else {
            let entry = Bits64::new((self.entry_address)(func));
            self.emit(OpCode::call, ops::call::new(head, func, entry, resume));
            if let [result] = ty.results()
                && result.slots() == 1
            {
                self.accumulators.returned(head);
            }
        }
        self.results(ty.results());
    }

    pub(super) fn call_indirect(&mut self, ty_index: u32, table: u32) {
        let ty = self.module.type_at(ty_index).clone();
        let index = self.index_above(ty.params());
        let head = self.arguments(ty.params());
        let resume = self.count_after();
        self.emit(OpCode::call_indirect, ops::call_indirect::new(index, head, ty_index, table, resume));
        self.results(ty.results());
    }

    pub(super) fn return_call(&mut self, func: u32) {
        let ty = self.module.func_type(func).clone();
        let (head, count) = self.arguments_moved(ty.params());
        let end = self.count_after();
        if func < self.module.imported_funcs() {
            self.emit(OpCode::return_call_import, ops::return_call_import::new(head, count, func, end));
            self.return_of_host(ty.results());
        } else {
            let entry = Bits64::new((self.entry_address)(func));
            self.emit(OpCode::return_call, ops::return_call::new(head, count, func, entry, end));
        }
        self.leave_reachable();
    }

    pub(super) fn return_call_indirect(&mut self, ty_index: u32, table: u32) {
        let ty = self.module.type_at(ty_index).clone();
        let index = self.index_above(ty.params());
        let (head, count) = self.arguments_moved(ty.params());
        let end = self.count_after();
        self.emit(
            OpCode::return_call_indirect,
            ops::return_call_indirect::new(head, count, index, ty_index, table, end),
        );
        self.return_of_host(ty.results());
        self.leave_reachable();
    }

    /// Behind a tail call whose callee may be a host function, which leaves its results
    /// where the arguments were: a return of no weight.
    pub(super) fn return_of_host(&mut self, results: &[ValType]) {
        self.results(results);
        self.emit_return();
    }

    /// The arguments of a tail call: where they are, and their slots.
    pub(super) fn arguments_moved(&mut self, params: &[ValType]) -> (Slot, u16) {
        let head = self.arguments(params);
        (head, crate::value::slots_of(params) as u16)
    }

    /// Puts the arguments below an index into their places and pops the index; it lies
    /// above the arguments and survives until the call has read it.
    pub(super) fn index_above(&mut self, params: &[ValType]) -> Slot {
        let top = self.stack.len() - 1;
        for argument in top - params.len()..top {
            self.settle(argument);
        }
        let index = self.slot(0);
        self.pop();
        index
    }

    /// Puts the arguments into their places and pops them; where the callee starts.
    pub(super) fn arguments(&mut self, params: &[ValType]) -> Slot {
        self.settle_top(params.len());
        for _ in params {
            self.pop();
        }
        Slot(self.height as u16)
    }

    pub(super) fn results(&mut self, results: &[ValType]) {
        for &ty in results {
            self.push(ty, Place::Home);
        }
        self.last = None;
        self.retire_state();
    }
}
