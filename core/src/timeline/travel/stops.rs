//! Breakpoints: where they are in the code of a store, and whether one that was come to stops.
//!
//! Always: what stands at an op is looked up, however many breakpoints there are.

use crate::lower::debug::OpDebug;
use crate::store::{FuncEntry, PrunedStore};
use crate::timeline::Here;
use std::collections::HashMap;
use wasmscope_trace_format::FuncId;

/// A place where movements stop, before its op.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Breakpoint {
    /// The first op of a function.
    Function(FuncId),
    /// The op that a Wasm operator, given by its file offset, is part of.
    Pc(u32, u32),
    /// The op at an offset of a function's code.
    Ip(FuncId, u32),
}

/// Says of a breakpoint that was come to whether the movement stops there: conditions.
pub trait Judge {
    /// Called with the breakpoint's place in the list and the machine, its op about to run. Backwards,
    /// breakpoints of a stretch of the run are come to in the order in which they ran.
    fn stops(&mut self, breakpoint: usize, here: &mut Here<'_>) -> bool;
}

/// Every breakpoint stops.
impl Judge for () {
    fn stops(&mut self, _: usize, _: &mut Here<'_>) -> bool {
        true
    }
}

/// Breakpoints and who judges them.
pub(crate) struct Stops<'a> {
    pub(crate) breakpoints: &'a [Breakpoint],
    judge: &'a mut dyn Judge,
    /// Which of them stand where, as far as modules were loaded when that was asked last.
    places: HashMap<(*const FuncEntry, u32), Vec<usize>>,
}

impl<'a> Stops<'a> {
    pub(crate) fn new(breakpoints: &'a [Breakpoint], judge: &'a mut dyn Judge) -> Stops<'a> {
        Stops { breakpoints, judge, places: HashMap::new() }
    }

    /// The breakpoint at the op that is next, if one is to stop there.
    pub(crate) fn here(&mut self, store: &mut PrunedStore) -> Option<usize> {
        let depth = store.depth().checked_sub(1)?;
        let frame = *store.frame(depth);
        let offset = store.offset_in(frame.entry, store.regs.ip);
        let Stops { breakpoints, judge, places } = self;
        if !places.contains_key(&(frame.entry, offset)) {
            places.clear();
            for (at, &breakpoint) in breakpoints.iter().enumerate() {
                if let Some(place) = store.place(breakpoint) {
                    places.entry(place).or_default().push(at);
                }
            }
        }
        let all = places.get(&(frame.entry, offset))?;
        all.iter().copied().find(|&at| judge.stops(at, &mut Here::new(store)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.breakpoints.is_empty()
    }
}

impl PrunedStore {
    /// Where a breakpoint is in the code of this store.
    pub(crate) fn place(&mut self, breakpoint: Breakpoint) -> Option<(*const FuncEntry, u32)> {
        match breakpoint {
            Breakpoint::Function(func) => Some((self.entry_of(func)?, 0)),
            Breakpoint::Ip(func, ip) => Some((self.entry_of(func)?, ip)),
            Breakpoint::Pc(module, pc) => {
                let func = self.arenas.modules.get(module as usize)?.get().data.func_at(pc)?;
                let entry = self.entry_of(FuncId { module, func })?;
                self.lower_entry(entry).ok()?;
                let debug = self.debug_table(entry);
                // All that retires with the op; what only structures the code is the next op's.
                let covers = |op: &&OpDebug| op.pc_start <= pc && pc <= op.pc_end;
                let op = debug.ops.iter().find(covers).or_else(|| debug.ops.iter().find(|op| op.pc >= pc))?;
                Some((entry, op.ip))
            }
        }
    }

    /// The entry of a function with a body.
    fn entry_of(&self, func: FuncId) -> Option<*const FuncEntry> {
        let module = self.arenas.modules.get(func.module as usize)?.get();
        let data = &module.data;
        let has_body = (func.func as usize) < data.funcs.len() && !data.is_imported_func(func.func);
        has_body.then(|| module.entry(func.func))
    }
}
