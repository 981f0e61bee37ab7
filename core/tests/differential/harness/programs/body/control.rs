//! Structured control, branches, calls and exceptions of a function's body.
//!
//! What is made ends: a loop has a counter of its own, and every call costs fuel.

use super::super::ops::{self, Op};
use super::super::{FUNCREF, FUNCS};
use super::{Body, DEEPEST_NEST, Label};
use wasm_encoder::Instruction as I;
use wasm_encoder::ValType::{self, *};
use wasm_encoder::{BlockType, Catch, RefType};

impl Body<'_, '_> {
    fn block_type(&mut self, params: &[ValType], results: &[ValType]) -> BlockType {
        match (params, results) {
            ([], []) => BlockType::Empty,
            ([], &[ty]) => BlockType::Result(ty),
            _ => BlockType::FunctionType(self.shape.type_index(params, results)),
        }
    }

    /// A block, loop or if, which may take operands that are there.
    pub(super) fn nest(&mut self) {
        let here = self.stack.len() - self.base();
        let mut count = self.choice.below(3.min(here) + 1);
        let which = self.choice.below(10);
        if which > 6 && !self.shape.if_params {
            count = 0;
        }
        let params = self.stack[self.stack.len() - count..].to_vec();
        let results: Vec<ValType> =
            (0..self.choice.below(3)).map(|_| self.shape.any_type(self.choice)).collect();
        match which {
            0..=2 => {
                let ty = self.block_type(&params, &results);
                self.emit(I::Block(ty));
                self.inside(&params, &results, None);
            }
            3..=6 if self.loops < 3 => self.repeat(&params, &results),
            3..=6 => {
                let ty = self.block_type(&params, &results);
                self.emit(I::Block(ty));
                self.inside(&params, &results, None);
            }
            _ => {
                self.needs_condition();
                self.stack.pop();
                let without_else = params == results && self.choice.chance(1, 2);
                let ty = self.block_type(&params, &results);
                self.emit(I::If(ty));
                self.arm(&params, &results, None);
                if !without_else {
                    self.emit(I::Else);
                    self.arm(&params, &results, None);
                }
                self.emit(I::End);
                self.take(params.len());
                self.stack.extend(results);
            }
        }
    }

    /// Something to branch on: a comparison, mostly.
    pub(super) fn needs_condition(&mut self) {
        if self.choice.chance(2, 3) {
            let comparisons: Vec<&Op> =
                ops::SCALAR.iter().filter(|op| op.to == I32 && op.from.len() == 2).collect();
            let op = *self.choice.of(&comparisons);
            for &ty in op.from {
                self.push_value(ty, 0);
            }
            self.apply(op);
        } else {
            self.push_value(I32, 2);
        }
    }

    fn inside(&mut self, params: &[ValType], results: &[ValType], counter: Option<u32>) {
        self.arm(params, results, counter);
        self.emit(I::End);
        self.take(params.len());
        self.stack.extend(results);
    }

    /// What is between two structural operators; the stack is as before afterwards.
    fn arm(&mut self, params: &[ValType], results: &[ValType], counter: Option<u32>) {
        let height = self.stack.len() - params.len();
        let carries = if counter.is_some() { params } else { results };
        self.labels.push(Label { carries: carries.to_vec(), height, counter });
        let before = self.stack.clone();
        let mut open = self.sequence();
        if open && counter.is_some() {
            self.go_round(0);
            open = true;
        }
        if open {
            self.settle(results);
        }
        self.labels.pop();
        self.stack = before;
    }

    fn repeat(&mut self, params: &[ValType], results: &[ValType]) {
        let counter = self.new_local(I32);
        let rounds = 1 + self.choice.below(9) as i32;
        self.emit_all([I::I32Const(rounds), I::LocalSet(counter)]);
        let ty = self.block_type(params, results);
        self.emit(I::Loop(ty));
        self.loops += 1;
        self.inside(params, results, Some(counter));
        self.loops -= 1;
    }

    /// Branches back to a loop, if its counter allows it.
    fn go_round(&mut self, label: usize) {
        let at = self.labels.len() - 1 - label;
        let carries = self.labels[at].carries.clone();
        let counter = self.labels[at].counter.expect("it is a loop");
        self.needs(&carries);
        self.emit_all([I::LocalGet(counter), I::I32Const(1), I::I32Sub]);
        match self.choice.below(4) {
            0 => self.emit_all([I::LocalSet(counter), I::LocalGet(counter), I::I32Const(0), I::I32GtS]),
            1 => self.emit_all([I::LocalTee(counter), I::I32Const(0), I::I32GtS]),
            2 => self.emit_all([I::LocalTee(counter), I::I32Const(1), I::I32GeS]),
            _ => {
                self.emit_all([I::LocalTee(counter), I::I32Const(0), I::I32LeS, I::I32Eqz]);
            }
        }
        self.emit(I::BrIf(label as u32));
    }

    /// Makes the operands of the innermost label exactly these.
    pub(super) fn settle(&mut self, wanted: &[ValType]) {
        while !wanted.starts_with(&self.stack[self.base()..]) {
            self.consume();
        }
        let here = self.stack.len() - self.base();
        for &ty in &wanted[here..] {
            self.push_value(ty, 2);
        }
    }

    /// A branch; false if nothing comes after it.
    pub(super) fn branch(&mut self) -> bool {
        let label = self.choice.below(self.labels.len());
        let at = self.labels.len() - 1 - label;
        if self.labels[at].counter.is_some() {
            self.go_round(label);
            return true;
        }
        let carries = self.labels[at].carries.clone();
        match self.choice.below(8) {
            0..=4 => {
                self.needs(&carries);
                self.needs_condition();
                self.emit(I::BrIf(label as u32));
                self.stack.pop();
                true
            }
            5 => {
                self.needs(&carries);
                let out = label + 1 == self.labels.len() && self.choice.chance(1, 2);
                self.emit(if out { I::Return } else { I::Br(label as u32) });
                self.dead();
                false
            }
            _ => {
                let same: Vec<u32> = (0..self.labels.len())
                    .filter(|&other| {
                        let label = &self.labels[self.labels.len() - 1 - other];
                        label.counter.is_none() && label.carries == carries
                    })
                    .map(|label| label as u32)
                    .collect();
                self.needs(&carries);
                self.push_value(I32, 1);
                self.emit_all([I::I32Const(3), I::I32And]);
                let targets: Vec<u32> = (0..self.choice.below(4)).map(|_| *self.choice.of(&same)).collect();
                self.emit(I::BrTable(targets.into(), label as u32));
                self.dead();
                false
            }
        }
    }

    /// Code that cannot be reached.
    pub(super) fn dead(&mut self) {
        match self.choice.below(5) {
            0 => self.emit_all([I::I32Const(1), I::Drop]),
            1 => self.emit_all([I::I32Add, I::Drop]),
            2 => {
                let local = self.locals.len() as u32 - 1;
                self.emit_all([I::LocalGet(local), I::Drop, I::Unreachable]);
            }
            3 => self.emit_all([I::Block(BlockType::Empty), I::Br(0), I::End, I::Unreachable]),
            _ => {}
        }
    }

    pub(super) fn call(&mut self) -> bool {
        let func = self.choice.below(self.shape.funcs.len()) as u32;
        let ty = self.shape.funcs[func as usize];
        let (params, results) = self.shape.types[ty as usize].clone();
        let tail = self.shape.tail && results == self.results && self.choice.chance(1, 4);
        self.needs(&params);
        match self.choice.below(4) {
            0 => {
                // Mostly where a function of this type is, if there is one.
                if self.choice.chance(3, 4) {
                    let slot = func as i32 % (self.shape.table_size as i32 - 2);
                    self.emit(I::I32Const(slot));
                    self.stack.push(I32);
                } else {
                    self.element_index();
                }
                self.stack.pop();
                self.emit(if tail {
                    I::ReturnCallIndirect { type_index: ty, table_index: FUNCS }
                } else {
                    I::CallIndirect { type_index: ty, table_index: FUNCS }
                });
            }
            1 if self.shape.newer => {
                self.emit(I::RefFunc(func));
                self.emit(if tail { I::ReturnCallRef(ty) } else { I::CallRef(ty) });
            }
            _ => self.emit(if tail { I::ReturnCall(func) } else { I::Call(func) }),
        }
        self.take(params.len());
        if tail {
            self.dead();
            return false;
        }
        self.stack.extend(results);
        true
    }

    /// Exceptions and typed references; false if nothing comes after it.
    pub(super) fn newer(&mut self) -> bool {
        let at = self.choice.below(self.shape.tags.len());
        let (tag, fields) = (at as u32, self.shape.types[self.shape.tags[at] as usize].0.clone());
        match self.choice.below(5) {
            0 => {
                self.needs(&fields);
                self.emit(I::Throw(tag));
                self.dead();
                false
            }
            1 => {
                self.needs(&[FUNCREF]);
                // Not null, or a trap.
                self.emit_all([I::RefAsNonNull, I::Drop]);
                self.stack.pop();
                true
            }
            2 => {
                let func = self.choice.below(self.shape.funcs.len()) as u32;
                self.emit_all([
                    I::Block(BlockType::Empty),
                    I::RefFunc(func),
                    I::BrOnNull(0),
                    I::Drop,
                    I::End,
                ]);
                true
            }
            _ if self.labels.len() + 3 < DEEPEST_NEST => {
                self.catch(tag, &fields);
                true
            }
            _ => true,
        }
    }

    /// ```text
    /// block $out
    ///   block $caught (result of the tag, and the exception)
    ///     try_table (catch tag $caught) … end
    ///     br $out
    ///   end
    ///   use what was caught
    /// end
    /// ```
    fn catch(&mut self, tag: u32, fields: &[ValType]) {
        let with_ref = self.choice.chance(1, 3);
        let any = self.choice.chance(1, 3);
        let exnref = ValType::Ref(RefType::EXNREF);
        let mut caught = if any { Vec::new() } else { fields.to_vec() };
        if with_ref {
            caught.push(exnref);
        }
        let catch = match (any, with_ref) {
            (false, false) => Catch::One { tag, label: 0 },
            (false, true) => Catch::OneRef { tag, label: 0 },
            (true, false) => Catch::All { label: 0 },
            (true, true) => Catch::AllRef { label: 0 },
        };
        let results: Vec<ValType> =
            (0..self.choice.below(2)).map(|_| self.shape.any_type(self.choice)).collect();
        let out = self.block_type(&[], &results);
        let inner = self.block_type(&[], &caught);
        self.emit_all([I::Block(out), I::Block(inner), I::TryTable(out, vec![catch].into())]);
        let height = self.stack.len();
        let label = |carries: &[ValType]| Label { carries: carries.to_vec(), height, counter: None };
        self.labels.push(label(&results));
        self.labels.push(label(&caught));
        self.arm(&[], &results, None);
        self.emit(I::End);
        self.labels.pop();
        self.emit_all([I::Br(1), I::End]);
        self.stack.extend(&caught);
        if with_ref {
            if self.choice.chance(1, 4) {
                self.emit(I::ThrowRef);
                self.labels.pop();
                self.emit(I::End);
                self.stack.truncate(height);
                self.stack.extend(&results);
                return;
            }
            self.emit(I::Drop);
            self.stack.pop();
        }
        if self.sequence() {
            self.settle(&results);
        }
        self.labels.pop();
        self.emit(I::End);
        self.stack.truncate(height);
        self.stack.extend(&results);
    }
}
