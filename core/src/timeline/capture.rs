//! From a handler's return to an event: what the op changed, as the instruction table
//! and the function's debug tables say.
//!
//! Destinations come from the op's shape; addresses, old values and arguments are taken
//! before the op runs, new values after it. What no shape implies (bulk operations,
//! growth, what a host function did) becomes an effect of its own.
//!
//! Elsewhere: most steps (`plain`), what no shape implies (`irregular`).

mod irregular;
mod plain;

use crate::code::{OpCode, Slot};
use crate::exec::dispatch::{ControlFlow, Outcome};
use crate::exec::inspect::operand_at;
use crate::exec::observer::{StepStart, Watch, Watcher};
use crate::store::{FuncEntry, PrunedStore};
use crate::timeline::code::{FuncFacts, code_and_facts};
use crate::timeline::convert;
use plain::Plain;
use std::collections::HashMap;
use std::sync::Arc;
use wasmscope_trace_format as wtrace;
use wtrace::{AccessKind, CodeFunc, EFFECT_BYTES, Effect, Event, FuncId, StepRecord};

/// A function as capturing wants it.
struct Known {
    code: Arc<CodeFunc>,
    facts: FuncFacts,
    /// Ticks before each op, counted from the entry.
    ticks: Vec<u32>,
    /// The op at each word of the code.
    at: Vec<u32>,
    /// The ops that go the short way.
    plain: Vec<Option<Plain>>,
}

/// The functions seen so far.
#[derive(Default)]
pub(crate) struct Codes {
    list: Vec<Known>,
    /// Places in the list by the address of the function's entry.
    by_entry: HashMap<usize, usize>,
    /// The one asked for last.
    last: (usize, usize),
}

impl Codes {
    /// The place in the list of a function.
    #[inline]
    fn get(&mut self, store: &mut PrunedStore, entry: *const FuncEntry) -> usize {
        if self.last.0 == entry.addr() {
            return self.last.1;
        }
        let known = self.by_entry.get(&entry.addr()).copied();
        let at = known.unwrap_or_else(|| self.learn(store, entry));
        self.last = (entry.addr(), at);
        at
    }

    /// The code of a function, if it was seen.
    pub(crate) fn code(&self, func: FuncId) -> Option<Arc<CodeFunc>> {
        self.list.iter().find(|known| known.code.func == func).map(|known| known.code.clone())
    }

    fn learn(&mut self, store: &mut PrunedStore, entry: *const FuncEntry) -> usize {
        let (module, func) = store.entry(entry).id();
        let mode = store.engine.config().lowering;
        let (code, facts) = code_and_facts(store.module_data(module), module, func, mode)
            .expect("the function runs, so it was lowered");
        let layout = store.layout(entry);
        let mut at = vec![0; code.ops.last().map_or(0, |op| op.ip as usize / 4 + 1)];
        for (number, op) in code.ops.iter().enumerate() {
            at[op.ip as usize / 4] = number as u32;
        }
        let plain = code.ops.iter().zip(&facts.ops).map(|(op, facts)| Plain::new(op, facts)).collect();
        self.list.push(Known { code: Arc::new(code), facts, ticks: layout.ticks.clone(), at, plain });
        self.by_entry.insert(entry.addr(), self.list.len() - 1);
        self.list.len() - 1
    }
}

/// Receives captured steps.
pub(crate) trait Steps {
    /// A step, and the code of its function.
    fn step(&mut self, record: &StepRecord<'_>, code: &Arc<CodeFunc>);
}

impl Steps for Vec<Event> {
    fn step(&mut self, record: &StepRecord<'_>, code: &Arc<CodeFunc>) {
        self.push(record.event(code).expect("the record has what the shape asks for"));
    }
}

/// Gives each step away as an event, until nobody wants more.
pub(crate) struct OneByOne<'a> {
    pub(crate) each: &'a mut dyn FnMut(&Event) -> bool,
    pub(crate) go_on: bool,
}

impl Steps for OneByOne<'_> {
    fn step(&mut self, record: &StepRecord<'_>, code: &Arc<CodeFunc>) {
        if self.go_on {
            self.go_on = (self.each)(&record.event(code).expect("the record has what the shape asks for"));
        }
    }
}

/// Watches a run and makes records of its steps.
pub(crate) struct Capture<'a, S> {
    codes: &'a mut Codes,
    steps: &'a mut S,
    /// Whether values before a step are wanted too.
    with_old: bool,
    before: Box<Before>,
}

/// What was taken before the op ran.
#[derive(Default)]
pub(crate) struct Before {
    /// The function, and the op in it.
    known: usize,
    op: usize,
    memory: u32,
    addr: u64,
    old_bytes: u128,
    old_global: u128,
    old_results: Vec<u128>,
    results: Vec<u128>,
    extra: Vec<Effect>,
    args: Vec<wtrace::Value>,
    host: Option<u32>,
    tick: u64,
}

impl<'a, S: Steps> Capture<'a, S> {
    pub(crate) fn new(codes: &'a mut Codes, steps: &'a mut S, with_old: bool) -> Capture<'a, S> {
        Capture { codes, steps, with_old, before: Box::default() }
    }

    /// One that goes on where another was: for whoever captures single steps, without
    /// values before them.
    pub(crate) fn again(codes: &'a mut Codes, steps: &'a mut S, before: Box<Before>) -> Capture<'a, S> {
        Capture { codes, steps, with_old: false, before }
    }

    /// What the next of them goes on with.
    pub(crate) fn into_before(self) -> Box<Before> {
        self.before
    }
}

/// The immediate or slot of this name of the op at `start`.
fn operand(start: &StepStart, name: &str) -> Option<u64> {
    let operand = start.op.info().operands.iter().find(|operand| operand.name == name)?;
    Some(operand_at(start.ip, operand))
}

/// The value in the slot operand of this name, before the op runs.
fn operand_value(store: &PrunedStore, start: &StepStart, name: &str) -> Option<u64> {
    Some(store.slot_at(start.sp, operand(start, name)? as u32))
}

fn wide(store: &PrunedStore, sp: crate::exec::frame::Sp, slot: u32, ty: wtrace::ValueType) -> u128 {
    let low = store.slot_at(sp, slot) as u128;
    if ty == wtrace::ValueType::V128 { low | (store.slot_at(sp, slot + 1) as u128) << 64 } else { low }
}

/// Up to 16 bytes of a memory as a number; zero where there are none.
#[inline]
fn bytes_at(store: &PrunedStore, memory: u32, addr: u64, size: u64) -> u128 {
    let inst = store.arenas.memories[memory as usize].get();
    // By far the most accesses, and far faster with a length that is known.
    if let (4, Some(range)) = (size, inst.range(addr, 4)) {
        let bytes: [u8; 4] = inst.bytes()[range].try_into().expect("four bytes");
        return u32::from_le_bytes(bytes).into();
    }
    let mut bytes = [0; 16];
    if let Some(range) = inst.range(addr, size) {
        bytes[..size as usize].copy_from_slice(&inst.bytes()[range]);
    }
    u128::from_le_bytes(bytes)
}

fn first_bytes(store: &PrunedStore, memory: u32, addr: u64, len: u64) -> Vec<u8> {
    let inst = store.arenas.memories[memory as usize].get();
    let shown = len.min(EFFECT_BYTES as u64);
    inst.range(addr, shown).map_or_else(Vec::new, |range| inst.bytes()[range].to_vec())
}

impl<S: Steps> Watcher for Capture<'_, S> {
    fn before(&mut self, store: &mut PrunedStore, start: &StepStart) {
        let at = self.codes.get(store, start.entry);
        let known = &self.codes.list[at];
        let offset = store.offset_in(start.entry, start.ip);
        // Registers hold starts of ops.
        let op = known.at[offset as usize / 4] as usize;
        let shape = &known.code.ops[op];
        let before = &mut *self.before;
        (before.known, before.op) = (at, op);
        before.tick = (start.ctr_ticks + known.ticks[op] as i64) as u64;
        before.extra.clear();
        before.old_results.clear();
        before.results.clear();
        before.host = None;
        if self.with_old {
            // A return's results land where the frame starts, so its slots are this frame's too.
            before.old_results.extend(shape.dsts.iter().map(|dst| wide(store, start.sp, dst.slot, dst.ty)));
        }
        if let Some(plain) = known.plain[op] {
            self.plain_before(store, start, &plain);
            return;
        }
        let mut before = std::mem::take(&mut *self.before);
        if let Some(access) = shape.access {
            before.memory = store.running().memory_ids[access.memory as usize];
            // Slots hold 32-bit values zero-extended, so one way of reading serves both sizes.
            let addr = operand_value(store, start, "addr").unwrap_or(0);
            before.addr = addr.wrapping_add(operand(start, "offset").unwrap_or(0));
            if access.kind == AccessKind::Write && self.with_old {
                before.old_bytes = bytes_at(store, before.memory, before.addr, access.size as u64);
            }
        }
        if let Some(global) = shape.global {
            let global =
                store.arenas.globals[store.running().global_ids[global.index as usize] as usize].get();
            before.old_global = global.value();
        }
        if may_call_host(start.op) {
            before.host = host_callee(store, start);
            if let Some(func) = before.host {
                let ty = store.func_type(func);
                let head = operand(start, "head").unwrap_or(0) as u16;
                let args = store.values_at(start.sp.at(Slot(head)), ty.params());
                before.args =
                    ty.params().iter().zip(args).map(|(&ty, bits)| convert::value(ty, bits)).collect();
            }
        }
        // Behind a call back into the guest the host function goes on, and may write.
        if before.host.is_some() || !store.host_frames.is_empty() {
            store.touched = Some(Vec::new());
        }
        self.irregular(store, start, &mut before);
        *self.before = before;
    }

    fn after(&mut self, store: &mut PrunedStore, start: &StepStart, outcome: Outcome) -> Watch {
        if let Ok(flow) = outcome
            && let Some(plain) = self.codes.list[self.before.known].plain[self.before.op]
        {
            self.plain_after(store, start, &plain, flow);
            return Watch::Continue;
        }
        let mut before = std::mem::take(&mut *self.before);
        let known = &self.codes.list[before.known];
        let shape = &known.code.ops[before.op];
        let result = match outcome {
            Ok(flow) => flow_of(flow),
            Err(_) => wtrace::Outcome::Error(convert::reason(&store.reason)),
        };
        let failed = outcome.is_err();
        if failed {
            // What would have happened did not.
            before.extra.clear();
        }
        // The host function has called the guest and goes on later: its results are not there yet.
        let pending = before.host.is_some() && !failed && store.depth() as u32 > start.depth + 1;
        if let Some(func) = before.host {
            self.host_effects(store, func, &mut before, start, failed || pending);
        }
        self.touched_effects(store, &mut before);
        if !failed {
            self.irregular_after(store, start, &mut before);
            let popped = (start.depth + 1).saturating_sub(store.depth() as u32);
            if outcome == Ok(ControlFlow::Throw) && popped > 0 {
                before.extra.push(Effect::Pop { count: popped });
            }
            if outcome == Ok(ControlFlow::Jump) {
                moved(store, start, &known.facts.ops[before.op].moves, &mut before.extra);
            }
            if !pending {
                before.results.extend(shape.dsts.iter().map(|dst| wide(store, start.sp, dst.slot, dst.ty)));
            }
        }
        let (base, callee) = match outcome {
            Ok(ControlFlow::Return) => {
                let sp = store.regs.sp;
                ((start.sp.0 as usize).wrapping_sub(sp.0 as usize) as u32 / 8, None)
            }
            Ok(ControlFlow::Call | ControlFlow::TailCall) => {
                (0, Some(convert::func(store.entry(store.top().entry).id())))
            }
            _ => (0, None),
        };
        let mut record = StepRecord::at(start.number, known.code.func, known.code.ops[before.op].ip, &result);
        record.tick = before.tick;
        record.depth = start.depth;
        record.pending = pending;
        let instance = store.instance_at(store.frame_of_step(start.depth as usize).instance);
        record.instance = instance.map_or(0, |it| it.index);
        record.callee = callee;
        record.base = base;
        record.memory = before.memory;
        record.addr = before.addr;
        record.old_bytes = before.old_bytes;
        if let Some(access) = shape.access
            && !failed
        {
            record.bytes = bytes_at(store, before.memory, before.addr, access.size as u64);
        }
        if let (Some(global), Some(instance)) = (shape.global, instance)
            && !failed
        {
            let id = instance.global_ids[global.index as usize];
            record.global = store.arenas.globals[id as usize].get().value();
            record.old_global = before.old_global;
        }
        record.with_old = self.with_old;
        if failed {
            before.old_results.clear();
        }
        record.results = &before.results;
        record.old_results = &before.old_results;
        record.extra = &before.extra;
        self.steps.step(&record, &known.code);
        *self.before = before;
        Watch::Continue
    }
}

fn flow_of(flow: ControlFlow) -> wtrace::Outcome {
    match flow {
        ControlFlow::Next => wtrace::Outcome::Next,
        ControlFlow::Jump => wtrace::Outcome::Jump,
        ControlFlow::Call => wtrace::Outcome::Call,
        ControlFlow::TailCall => wtrace::Outcome::TailCall,
        ControlFlow::HostCall => wtrace::Outcome::HostCall,
        ControlFlow::Return => wtrace::Outcome::Return,
        ControlFlow::Throw => wtrace::Outcome::Throw,
        ControlFlow::Halt => wtrace::Outcome::Halt,
    }
}

/// Whether a host function may run in an op of this kind.
pub(crate) fn may_call_host(op: OpCode) -> bool {
    use OpCode as C;
    matches!(
        op,
        C::call_import
            | C::call_indirect
            | C::call_ref
            | C::return_call_import
            | C::return_call_indirect
            | C::return_call_ref
    )
}

/// The host function that a call op is about to call, if it is one.
fn host_callee(store: &PrunedStore, start: &StepStart) -> Option<u32> {
    let func = if matches!(start.op, OpCode::call_import | OpCode::return_call_import) {
        store.running().funcs[operand(start, "func")? as usize]
    } else if matches!(start.op, OpCode::call_ref | OpCode::return_call_ref) {
        (operand_value(store, start, "func")? as u32).checked_sub(1)?
    } else {
        let table = store.running().table_ids[operand(start, "table")? as usize];
        let index = operand_value(store, start, "index")? as usize;
        let table = store.arenas.tables[table as usize].get();
        let func = (*table.elements.get(index)? as u32).checked_sub(1)?;
        // A function of another type is not called, and has other arguments than there are.
        let module = store.arenas.modules[store.running().module as usize].get();
        if store.funcs[func as usize].type_id != module.type_ids[operand(start, "ty")? as usize] {
            return None;
        }
        func
    };
    store.funcs[func as usize].entry.is_null().then_some(func)
}

/// The values a taken branch has moved, if where depends on the target.
fn moved(store: &PrunedStore, start: &StepStart, moves: &[Vec<wtrace::Dst>], extra: &mut Vec<Effect>) {
    let Some(last) = moves.len().checked_sub(1) else { return };
    let target = operand_value(store, start, "index").unwrap_or(0) as usize;
    extra.extend(moves[target.min(last)].iter().map(|dst| Effect::Slot {
        depth: start.depth,
        slot: dst.slot,
        value: wtrace::Value::new(dst.ty, wide(store, start.sp, dst.slot, dst.ty)),
        old: None,
    }));
}
