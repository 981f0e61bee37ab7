//! Blocks and their labels; which function lowers which operator of control.
//!
//! A branch carries its values to the places they have at the label; a forward branch
//! is patched when its label is bound. Code that cannot be reached is not lowered, only
//! its blocks are counted.

use super::exception::OpenTry;
use super::{Lowerer, Place, Sink, Target};
use crate::code::{Count, Jump, OpCode, Slot, ops};
use crate::module::ValType;
use wasmparser::{BlockType, Operator};

/// A branch whose target is not known yet.
pub(super) enum Patch {
    /// An op's.
    Op {
        /// The start of the op.
        op: usize,
        /// Where its `Jump` lies.
        jump: usize,
        /// The counters behind the op when the branch is taken.
        ops: u32,
        ticks: u32,
    },
    /// A clause's of a `try_table`.
    Clause(usize),
}

/// An open block.
pub(super) struct Control {
    pub(super) params: Box<[ValType]>,
    pub(super) results: Box<[ValType]>,
    /// Operands below the block's parameters.
    pub(super) base: usize,
    /// The slot of the block's first parameter and first result.
    pub(super) slot: u32,
    /// Where a loop starts.
    pub(super) start: Option<Target>,
    /// Branches to the end.
    pub(super) ends: Vec<Patch>,
    /// The branch of an `if` around its then part.
    pub(super) otherwise: Option<Patch>,
    /// The block is a `try_table`.
    pub(super) open_try: Option<OpenTry>,
    /// The block stands in code that cannot be reached.
    pub(super) dead: bool,
}

impl Control {
    /// Types of the values a branch to this block carries.
    pub(super) fn label_types(&self) -> &[ValType] {
        if self.start.is_some() { &self.params } else { &self.results }
    }
}

impl<S: Sink> Lowerer<'_, S> {
    pub(super) fn open_function(&mut self, results: &[ValType]) {
        self.control.push(Control {
            params: Box::new([]),
            results: results.into(),
            base: 0,
            slot: self.height,
            start: None,
            ends: Vec::new(),
            otherwise: None,
            open_try: None,
            dead: false,
        });
    }

    /// Lowers the operators of this family; false if it is none.
    pub(super) fn control_operator(&mut self, operator: &Operator<'_>) -> bool {
        use Operator as O;
        match *operator {
            O::Unreachable => {
                self.emit(OpCode::unreachable, ops::unreachable::new());
                self.leave_reachable();
            }
            O::Block { blockty } => self.open(blockty, false),
            O::Loop { blockty } => self.open(blockty, true),
            O::If { blockty } => self.open_if(blockty),
            O::Else => self.otherwise(),
            O::End => self.end(),
            O::Br { relative_depth } => self.br(relative_depth),
            O::BrIf { relative_depth } => self.br_if(relative_depth),
            O::BrTable { ref targets } => self.br_table(targets),
            O::Return => {
                self.emit_return();
                self.leave_reachable();
            }
            O::Call { function_index } => self.call(function_index),
            O::CallIndirect { type_index, table_index } => self.call_indirect(type_index, table_index),
            O::ReturnCall { function_index } => self.return_call(function_index),
            O::ReturnCallIndirect { type_index, table_index } => {
                self.return_call_indirect(type_index, table_index)
            }
            _ => return false,
        }
        true
    }

    pub(super) fn leave_reachable(&mut self) {
        self.reachable = false;
        self.last = None;
    }

    fn block_types(&self, block: BlockType) -> (Box<[ValType]>, Box<[ValType]>) {
        match block {
            BlockType::Empty => (Box::new([]), Box::new([])),
            BlockType::Type(ty) => (Box::new([]), Box::new([self.module.val_type(ty)])),
            BlockType::FuncType(index) => {
                let ty = self.module.type_at(index);
                (ty.params().into(), ty.results().into())
            }
        }
    }

    pub(super) fn open(&mut self, block: BlockType, is_loop: bool) {
        let (params, results) = self.block_types(block);
        if self.reachable {
            self.settle_aliases(None);
            self.settle_top(params.len());
        }
        let base = self.stack.len().saturating_sub(params.len());
        let slot = self.stack.get(base).map_or(self.height, |first| first.home);
        let dead = !self.reachable;
        let start = (is_loop && !dead).then(|| self.label());
        self.control.push(Control {
            params,
            results,
            base,
            slot,
            start,
            ends: Vec::new(),
            otherwise: None,
            open_try: None,
            dead,
        });
    }

    fn open_if(&mut self, block: BlockType) {
        if !self.reachable {
            return self.open(block, false);
        }
        let condition = self.condition(true);
        let (params, results) = self.block_types(block);
        self.settle_aliases(None);
        self.settle_top(params.len());
        let base = self.stack.len() - params.len();
        let slot = self.stack.get(base).map_or(self.height, |first| first.home);
        let otherwise = Some(self.emit_branch(condition, true));
        self.retire_state();
        self.control.push(Control {
            params,
            results,
            base,
            slot,
            start: None,
            ends: Vec::new(),
            otherwise,
            open_try: None,
            dead: false,
        });
    }

    fn otherwise(&mut self) {
        let control = self.control.len() - 1;
        if self.control[control].dead {
            return;
        }
        if self.reachable {
            self.settle_top(self.control[control].results.len());
            let patch = self.emit_br(None);
            self.control[control].ends.push(patch);
        }
        let patch = self.control[control].otherwise.take().expect("an else belongs to an if");
        self.reset_stack(control, false);
        let here = self.label();
        self.patch(&patch, here);
        self.reachable = true;
        self.retire_state();
    }

    fn end(&mut self) {
        let index = self.control.len() - 1;
        if self.control[index].dead {
            self.control.pop();
            return;
        }
        if self.reachable {
            let count = self.control[index].results.len();
            if index == 0 && self.control[0].ends.is_empty() {
                // Nothing branches to the end of the function: return from where the values are.
                self.emit_return();
                self.control.pop();
                self.reachable = false;
                return;
            }
            self.settle_top(count);
        }
        self.close_try();
        let otherwise = self.control[index].otherwise.take();
        let ends = std::mem::take(&mut self.control[index].ends);
        self.reachable |= !ends.is_empty() || otherwise.is_some();
        if self.reachable {
            self.reset_stack(index, true);
            if !ends.is_empty() || otherwise.is_some() {
                let here = self.label();
                for patch in ends.iter().chain(&otherwise) {
                    self.patch(patch, here);
                }
            }
            // Behind a call the state stays that of its return: it says what its caller's operands are while it waits.
            if !self.behind_call {
                self.retire_state();
            }
        }
        if index == 0 && self.reachable {
            self.emit_return();
            self.reachable = false;
        }
        let control = self.control.pop().expect("an end closes a block");
        if !self.reachable {
            // Keep the stack as it is at the outer level: the rest of the block is dead.
            while self.stack.len() > control.base {
                self.pop();
            }
        }
    }

    /// Makes the stack what it is at the start of an else part, or behind the block.
    fn reset_stack(&mut self, control: usize, results: bool) {
        while self.stack.len() > self.control[control].base {
            self.pop();
        }
        self.height = self.control[control].slot;
        let types = if results {
            self.control[control].results.clone()
        } else {
            self.control[control].params.clone()
        };
        for &ty in &types {
            self.push(ty, Place::Home);
        }
    }

    pub(super) fn patch(&mut self, patch: &Patch, target: Target) {
        match *patch {
            Patch::Op { op, jump, ops, ticks } => {
                let delta = Count::new(ops as i64 - target.ops as i64, ticks as i64 - target.ticks as i64);
                let offset = (target.at as i64 - op as i64) as i32;
                // SAFETY: a `Jump` was pushed there as part of the branch.
                *unsafe { self.code.get_mut::<Jump>(jump) } = Jump { offset, delta };
            }
            Patch::Clause(clause) => {
                let clause = self.regions.clause_mut(clause);
                (clause.target, clause.ops, clause.ticks) = (target.at as u32, target.ops, target.ticks);
            }
        }
    }

    /// The counters of a branch that was just emitted at `op`.
    pub(super) fn branch_patch(&self, op: usize, jump: usize) -> Patch {
        Patch::Op { op, jump, ops: self.weights.len() as u32, ticks: self.mark }
    }

    /// The innermost open block.
    pub(super) fn control_top(&mut self) -> &mut Control {
        self.control.last_mut().expect("the function is a block")
    }

    /// Where the values for the label `depth` blocks up have their places.
    pub(super) fn label_slot(&self, depth: u32) -> Slot {
        Slot(self.control[self.control.len() - 1 - depth as usize].slot as u16)
    }
}
