//! One function's body, operator by operator, as a stack machine sees it.
//!
//! ```text
//! labels   [function] [block] [loop, counter 7] ...     each with the stack's height below it
//! stack    types of the operands; those of the innermost label may be used
//! ```
//!
//! Operands are used where they lie if their type fits, so that values stay on the stack over branches, blocks and
//! changes of the locals they came from.
//! Elsewhere: what makes a label, goes to one or leaves the function (`control`).

mod control;

use super::ops::{self, Op};
use super::{Choice, EXTERNREF, FUEL, FUNCREF, Shape, push};
use wasm_encoder::BlockType;
use wasm_encoder::Instruction as I;
use wasm_encoder::ValType::{self, *};

/// Operands one label may hold.
const DEEPEST_STACK: usize = 14;
/// Labels inside one another.
const DEEPEST_NEST: usize = 7;

/// Where a branch goes.
struct Label {
    /// What a branch to it carries.
    carries: Vec<ValType>,
    /// The stack below it.
    height: usize,
    /// A loop's own local, which counts down.
    counter: Option<u32>,
}

pub(super) struct Body<'a, 'b> {
    pub(super) choice: &'a mut Choice<'b>,
    pub(super) shape: &'a mut Shape,
    code: Vec<I<'static>>,
    /// Types of parameters and locals.
    locals: Vec<ValType>,
    /// Those that counting and keeping use for themselves.
    reserved: Vec<u32>,
    pub(super) stack: Vec<ValType>,
    /// Of operands, the local they were got from; may say too much.
    origins: Vec<Option<u32>>,
    labels: Vec<Label>,
    results: Vec<ValType>,
    budget: usize,
    loops: usize,
}

/// The locals that are no parameters, and the code of a function.
pub(super) fn generate(
    shape: &mut Shape,
    choice: &mut Choice<'_>,
    func: u32,
) -> (Vec<ValType>, Vec<I<'static>>) {
    let (params, results) = shape.types[shape.funcs[func as usize] as usize].clone();
    let mut locals = params.clone();
    for _ in 0..2 + choice.below(6) {
        locals.push(shape.any_type(choice));
    }
    locals.push(I32);
    let budget = 20 + choice.below(90);
    let mut body = Body {
        choice,
        shape,
        code: Vec::new(),
        locals,
        reserved: Vec::new(),
        stack: Vec::new(),
        origins: Vec::new(),
        labels: vec![Label { carries: results.clone(), height: 0, counter: None }],
        results: results.clone(),
        budget,
        loops: 0,
    };
    body.count_down();
    if body.sequence() {
        body.settle(&results);
    }
    body.code.push(I::End);
    (body.locals.split_off(params.len()), body.code)
}

impl Body<'_, '_> {
    pub(super) fn emit(&mut self, instruction: I<'static>) {
        self.code.push(instruction);
    }

    pub(super) fn emit_all<const N: usize>(&mut self, instructions: [I<'static>; N]) {
        self.code.extend(instructions);
    }

    /// Forgets so many operands.
    pub(super) fn take(&mut self, count: usize) {
        self.stack.truncate(self.stack.len() - count);
    }

    /// The stack's height below the innermost label.
    pub(super) fn base(&self) -> usize {
        self.labels.last().expect("a function is a label").height
    }

    pub(super) fn top(&self) -> Option<ValType> {
        self.stack[self.base()..].last().copied()
    }

    /// A new local of the generator's own.
    pub(super) fn scratch(&mut self, ty: ValType) -> u32 {
        let spare = self.reserved.iter().find(|&&at| self.locals[at as usize] == ty && !self.is_counter(at));
        if let Some(&at) = spare {
            return at;
        }
        self.new_local(ty)
    }

    fn new_local(&mut self, ty: ValType) -> u32 {
        self.locals.push(ty);
        let at = self.locals.len() as u32 - 1;
        self.reserved.push(at);
        at
    }

    fn is_counter(&self, local: u32) -> bool {
        self.labels.iter().any(|label| label.counter == Some(local))
    }

    /// A local of this type that may be set.
    fn local(&mut self, ty: ValType) -> Option<u32> {
        let free = |at: &u32| self.locals[*at as usize] == ty && !self.reserved.contains(at);
        let fitting: Vec<u32> = (0..self.locals.len() as u32).filter(free).collect();
        if fitting.is_empty() { None } else { Some(*self.choice.of(&fitting)) }
    }

    /// A local of this type to set. wasmi 2.0.0 loses an operand that was got from a local before a block if the
    /// local is set in the block and the block is not entered; where it is to be compared, that is left out.
    fn local_to_set(&mut self, ty: ValType) -> Option<u32> {
        let local = self.local(ty)?;
        self.origins.truncate(self.stack.len());
        let outer = &self.origins[..self.origins.len().min(self.base())];
        let lost = !self.shape.if_params && outer.contains(&Some(local));
        (!lost).then_some(local)
    }

    /// Pushes a local's value.
    fn get(&mut self, local: u32) {
        self.emit(I::LocalGet(local));
        self.origins.resize(self.stack.len(), None);
        self.origins.push(Some(local));
        self.stack.push(self.locals[local as usize]);
    }

    fn global(&mut self, ty: ValType, to_set: bool) -> Option<u32> {
        let fitting: Vec<u32> = (1..self.shape.globals.len() as u32)
            .filter(|&at| {
                let (of, mutable) = self.shape.globals[at as usize];
                of == ty && (mutable || !to_set)
            })
            .collect();
        if fitting.is_empty() { None } else { Some(*self.choice.of(&fitting)) }
    }

    /// Ends the call when the fuel is used up.
    fn count_down(&mut self) {
        self.emit_all([I::GlobalGet(FUEL), I::I32Const(1), I::I32Sub, I::GlobalSet(FUEL)]);
        self.emit_all([I::GlobalGet(FUEL), I::I32Const(0), I::I32LtS, I::If(BlockType::Empty)]);
        if self.choice.chance(1, 3) {
            self.emit(I::Unreachable);
        } else {
            for ty in self.results.clone() {
                self.emit(push(ty, 1));
            }
            self.emit(I::Return);
        }
        self.emit(I::End);
    }

    /// Operators until the budget is used up or the label left; false if its end cannot be reached.
    fn sequence(&mut self) -> bool {
        loop {
            if self.budget == 0 || self.choice.is_empty() || self.choice.chance(1, 24) {
                return true;
            }
            self.budget -= 1;
            if !self.one() {
                return false;
            }
        }
    }

    /// One operator and what it needs; false if the end of the label cannot be reached any more.
    fn one(&mut self) -> bool {
        if self.stack.len() - self.base() > DEEPEST_STACK {
            self.consume();
            return true;
        }
        match self.choice.below(100) {
            0..=13 => {
                let ty = self.shape.any_type(self.choice);
                self.push_value(ty, 1);
            }
            14..=37 => match self.top() {
                Some(ty) => self.operate(ty),
                None => self.push_value(I32, 2),
            },
            38..=46 => self.set(),
            47..=51 => self.update(),
            52..=57 => self.store(),
            58..=61 => {
                let ty = *self.choice.of(&[I32, I64, F32, F64]);
                let from_top = self.choice.chance(1, 2);
                self.load(ty, from_top);
            }
            62..=72 if self.labels.len() < DEEPEST_NEST => self.nest(),
            73..=79 => return self.branch(),
            80..=85 => return self.call(),
            86..=88 => self.select(),
            89..=92 => self.bulk(),
            93..=94 if self.shape.simd => self.vector(),
            95 if self.shape.wide => self.wide(),
            96 => self.swap(),
            97 if self.shape.newer => return self.newer(),
            98 => {
                self.needs(&[FUNCREF]);
                self.emit(I::RefIsNull);
                self.stack.pop();
                self.stack.push(I32);
            }
            _ => self.consume(),
        }
        true
    }

    /// Pushes a value of a type; `depth` is how much may be computed for it.
    pub(super) fn push_value(&mut self, ty: ValType, depth: usize) {
        match self.choice.below(10) {
            0..=4 => {
                if let Some(local) = self.local(ty) {
                    self.get(local);
                    return;
                }
            }
            5 => {
                if let Some(global) = self.global(ty, false) {
                    self.emit(I::GlobalGet(global));
                    self.stack.push(ty);
                    return;
                }
            }
            6 if depth > 0 && self.load(ty, false) => return,
            7 | 8 if depth > 0 => {
                let makes = |op: &&Op| op.to == ty && (op.from != [V128] || self.shape.simd);
                let fitting: Vec<&Op> = ops::SCALAR.iter().filter(makes).collect();
                if !fitting.is_empty() {
                    let op = *self.choice.of(&fitting);
                    for &from in op.from {
                        self.push_value(from, depth - 1);
                    }
                    self.apply(op);
                    return;
                }
            }
            _ => {}
        }
        let bits = self.choice.bits();
        self.emit(match ty {
            FUNCREF if bits & 1 == 0 => I::RefFunc((bits >> 1) as u32 % self.shape.funcs.len() as u32),
            ty => push(ty, bits),
        });
        self.stack.push(ty);
    }

    /// Makes these the topmost operands: some may be there already.
    pub(super) fn needs(&mut self, types: &[ValType]) {
        let here = &self.stack[self.base()..];
        let ready = (0..=types.len().min(here.len())).rev().find(|&n| here.ends_with(&types[..n]));
        for &ty in &types[ready.unwrap_or(0)..] {
            self.push_value(ty, 2);
        }
    }

    /// An operator whose operands are on top.
    fn apply(&mut self, op: &Op) {
        if ops::divides(&op.op) && !self.choice.chance(1, 12) {
            match op.from[1] {
                I64 => self.emit_all([I::I64Const(1), I::I64Or]),
                _ => self.emit_all([I::I32Const(1), I::I32Or]),
            }
        }
        let op_ = if self.choice.chance(1, 12) { op.op.clone() } else { ops::tamed(&op.op) };
        self.emit(op_);
        self.take(op.from.len());
        self.stack.push(op.to);
    }

    /// An operator that uses the value on top.
    pub(super) fn operate(&mut self, ty: ValType) {
        let table = if ty == V128 { ops::VECTOR } else { ops::SCALAR };
        let takes = |op: &&Op| op.from.last() == Some(&ty) && (op.to != V128 || self.shape.simd);
        let fitting: Vec<&Op> = table.iter().filter(takes).collect();
        if fitting.is_empty() {
            return self.consume();
        }
        let op = *self.choice.of(&fitting);
        self.needs(op.from);
        self.apply(op);
    }

    /// Uses up the value on top.
    fn consume(&mut self) {
        let Some(ty) = self.top() else { return };
        match self.choice.below(4) {
            0..=1 => match self.local_to_set(ty) {
                Some(local) => self.emit(I::LocalSet(local)),
                None => self.emit(I::Drop),
            },
            2 => match self.global(ty, true) {
                Some(global) => self.emit(I::GlobalSet(global)),
                None => self.emit(I::Drop),
            },
            _ => self.emit(I::Drop),
        }
        self.stack.pop();
    }

    /// Sets a local or global.
    fn set(&mut self) {
        let ty = self.top().filter(|_| self.choice.chance(3, 4)).unwrap_or(I32);
        self.needs(&[ty]);
        match (self.local_to_set(ty), self.global(ty, true)) {
            (_, Some(global)) if self.choice.chance(1, 4) => {
                self.emit(I::GlobalSet(global));
                self.stack.pop();
            }
            (Some(local), _) if self.choice.chance(1, 3) => {
                self.stack.pop();
                self.origins.resize(self.stack.len(), None);
                self.origins.push(Some(local));
                self.stack.push(ty);
                self.emit(I::LocalTee(local));
            }
            (Some(local), _) => {
                self.emit(I::LocalSet(local));
                self.stack.pop();
            }
            _ => {}
        }
    }

    /// `x = x op y`, with `x` perhaps still on the stack.
    fn update(&mut self) {
        let ty = *self.choice.of(&[I32, I32, I64, F64]);
        let Some(local) = self.local_to_set(ty) else { return };
        if self.choice.chance(1, 3) {
            self.get(local);
        }
        self.get(local);
        self.combine(ty);
        self.emit(I::LocalSet(local));
        self.stack.pop();
    }

    /// Changes the number on top by another one.
    pub(super) fn combine(&mut self, ty: ValType) {
        self.push_value(ty, 0);
        let both = [ty, ty];
        let binary: Vec<&Op> = ops::SCALAR.iter().filter(|op| op.from == both && op.to == ty).collect();
        let op = *self.choice.of(&binary);
        self.apply(op);
    }

    /// Exchanges two locals over the stack.
    fn swap(&mut self) {
        let ty = *self.choice.of(&[I32, I64, F64]);
        let (Some(a), Some(b)) = (self.local_to_set(ty), self.local_to_set(ty)) else { return };
        self.emit_all([I::LocalGet(a), I::LocalGet(b), I::LocalSet(a), I::LocalSet(b)]);
    }

    fn select(&mut self) {
        let numeric = self.top().filter(|ty| !matches!(ty, ValType::Ref(_))).unwrap_or(I32);
        let ty = if self.choice.chance(1, 8) { *self.choice.of(&[FUNCREF, EXTERNREF]) } else { numeric };
        self.needs(&[ty, ty, I32]);
        let typed = matches!(ty, ValType::Ref(_)) || self.choice.chance(1, 6);
        self.emit(if typed { I::TypedSelect(ty) } else { I::Select });
        self.take(2);
    }

    fn vector(&mut self) {
        let table = if self.shape.relaxed && self.choice.chance(1, 3) { ops::RELAXED } else { ops::VECTOR };
        match self.choice.below(4) {
            0 => {
                let (which, lane) = (self.choice.below(14), self.choice.below(16) as u8);
                let (op, from, to) = ops::lane(which, lane);
                self.needs(from);
                self.emit(op);
                self.take(from.len());
                self.stack.push(to);
            }
            1 => {
                self.needs(&[V128, V128]);
                let lanes = std::array::from_fn(|_| self.choice.below(32) as u8);
                self.emit(I::I8x16Shuffle(lanes));
                self.stack.pop();
            }
            _ => {
                let op = self.choice.of(table);
                self.needs(op.from);
                self.apply(op);
            }
        }
    }

    fn wide(&mut self) {
        let (op, from): (_, &[ValType]) = match self.choice.below(4) {
            0 => (I::I64Add128, &[I64; 4]),
            1 => (I::I64Sub128, &[I64; 4]),
            2 => (I::I64MulWideS, &[I64; 2]),
            _ => (I::I64MulWideU, &[I64; 2]),
        };
        self.needs(from);
        self.emit(op);
        self.take(from.len());
        self.stack.extend([I64, I64]);
    }
}
