//! One function's body, operator by operator, as a stack machine sees it.
//!
//! ```text
//! labels   [function] [block] [loop, counter 7] ...     each with the stack's height below it
//! stack    types of the operands; those of the innermost label may be used
//! ```
//!
//! Operands are used where they lie if their type fits, so that values stay on the stack over branches, blocks and
//! changes of the locals they came from.

use super::ops::{self, Op};
use super::{Choice, EXTERNREF, FUEL, FUNCREF, Shape, push};
use wasm_encoder::Instruction as I;
use wasm_encoder::ValType::{self, *};
use wasm_encoder::{BlockType, Catch, RefType};

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

    fn block_type(&mut self, params: &[ValType], results: &[ValType]) -> BlockType {
        match (params, results) {
            ([], []) => BlockType::Empty,
            ([], &[ty]) => BlockType::Result(ty),
            _ => BlockType::FunctionType(self.shape.type_index(params, results)),
        }
    }

    /// A block, loop or if, which may take operands that are there.
    fn nest(&mut self) {
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
    fn needs_condition(&mut self) {
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
    fn settle(&mut self, wanted: &[ValType]) {
        while !wanted.starts_with(&self.stack[self.base()..]) {
            self.consume();
        }
        let here = self.stack.len() - self.base();
        for &ty in &wanted[here..] {
            self.push_value(ty, 2);
        }
    }

    /// A branch; false if nothing comes after it.
    fn branch(&mut self) -> bool {
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
    fn dead(&mut self) {
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

    fn call(&mut self) -> bool {
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
                    I::ReturnCallIndirect { type_index: ty, table_index: super::FUNCS }
                } else {
                    I::CallIndirect { type_index: ty, table_index: super::FUNCS }
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
    fn newer(&mut self) -> bool {
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
