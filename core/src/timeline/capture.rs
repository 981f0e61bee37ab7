//! From a handler's return to an event: what the op changed, as the instruction table
//! and the function's debug tables say.
//!
//! Destinations come from the op's shape; addresses, old values and arguments are taken
//! before the op runs, new values after it. What no shape implies (bulk operations,
//! growth, what a host function did) becomes an effect of its own.

use crate::code::{OpCode, Slot};
use crate::exec::dispatch::{ControlFlow, Outcome};
use crate::exec::inspect::operand_at;
use crate::exec::observer::{StepStart, Watch, Watcher};
use crate::store::{FuncEntry, PrunedStore};
use crate::timeline::code::{FuncFacts, code_and_facts};
use crate::timeline::convert;
use std::collections::HashMap;
use std::sync::Arc;
use wasmscope_trace_format as wtrace;
use wtrace::{AccessKind, CodeFunc, EFFECT_BYTES, Effect, Event, StepRecord};

/// A function as capturing wants it.
struct Known {
    code: Arc<CodeFunc>,
    facts: FuncFacts,
    /// Ticks before each op, counted from the entry.
    ticks: Vec<u32>,
    /// The op at each word of the code.
    at: Vec<u32>,
}

/// The functions seen so far.
#[derive(Default)]
pub(crate) struct Codes {
    /// By the address of their entry.
    known: HashMap<usize, Arc<Known>>,
    /// The one asked for last.
    last: Option<(usize, Arc<Known>)>,
}

impl Codes {
    fn get(&mut self, store: &mut PrunedStore, entry: *const FuncEntry) -> Arc<Known> {
        if let Some((last, known)) = &self.last
            && *last == entry.addr()
        {
            return known.clone();
        }
        if let Some(known) = self.known.get(&entry.addr()) {
            self.last = Some((entry.addr(), known.clone()));
            return known.clone();
        }
        let (module, func) = store.entry(entry).id();
        let mode = store.engine.config().lowering;
        let (code, facts) = code_and_facts(store.module_data(module), module, func, mode)
            .expect("the function runs, so it was lowered");
        let layout = store.layout(entry);
        let mut at = vec![0; code.ops.last().map_or(0, |op| op.ip as usize / 4 + 1)];
        for (number, op) in code.ops.iter().enumerate() {
            at[op.ip as usize / 4] = number as u32;
        }
        let known = Arc::new(Known { code: Arc::new(code), facts, ticks: layout.ticks.clone(), at });
        self.known.insert(entry.addr(), known.clone());
        known
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

/// Watches a run and makes records of its steps.
pub(crate) struct Capture<'a, S> {
    codes: &'a mut Codes,
    steps: &'a mut S,
    /// Whether values before a step are wanted too.
    with_old: bool,
    /// Not there while a step is looked at.
    before: Option<Box<Before>>,
}

/// What was taken before the op ran.
#[derive(Default)]
pub(crate) struct Before {
    known: Option<Arc<Known>>,
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
        Capture { codes, steps, with_old, before: None }
    }

    /// One that goes on where another was: for whoever captures single steps, without
    /// values before them.
    pub(crate) fn again(
        codes: &'a mut Codes,
        steps: &'a mut S,
        before: Option<Box<Before>>,
    ) -> Capture<'a, S> {
        Capture { codes, steps, with_old: false, before }
    }

    /// What the next of them goes on with.
    pub(crate) fn into_before(self) -> Option<Box<Before>> {
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
fn bytes_at(store: &PrunedStore, memory: u32, addr: u64, size: u64) -> u128 {
    let inst = store.arenas.memories[memory as usize].get();
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
        let known = self.codes.get(store, start.entry);
        let offset = store.offset_in(start.entry, start.ip);
        // Registers hold starts of ops.
        let op = known.at[offset as usize / 4] as usize;
        let shape = &known.code.ops[op];
        let mut before = self.before.take().unwrap_or_default();
        before.extra.clear();
        before.old_results.clear();
        before.results.clear();
        before.host = None;
        before.op = op;
        before.tick = (start.ctr_ticks + known.ticks[op] as i64) as u64;
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
        if self.with_old {
            // A return's results land where the frame starts, so its slots are this frame's too.
            before.old_results.extend(shape.dsts.iter().map(|dst| wide(store, start.sp, dst.slot, dst.ty)));
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
        before.known = Some(known);
        self.before = Some(before);
    }

    fn after(&mut self, store: &mut PrunedStore, start: &StepStart, outcome: Outcome) -> Watch {
        let mut before = self.before.take().expect("taken before the op ran");
        let known = before.known.take().expect("taken before the op ran");
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
        before.known = None;
        self.before = Some(before);
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

impl<S: Steps> Capture<'_, S> {
    /// What an op that works on ranges is about to do.
    fn irregular(&self, store: &PrunedStore, start: &StepStart, before: &mut Before) {
        let instance = store.running();
        let value = |name: &str| operand_value(store, start, name).unwrap_or(0);
        let memory =
            |name: &str| instance.memory_ids.get(operand(start, name).unwrap_or(0) as usize).copied();
        let table = |name: &str| instance.table_ids.get(operand(start, name).unwrap_or(0) as usize).copied();
        let old =
            |memory: u32, addr: u64, len: u64| self.with_old.then(|| first_bytes(store, memory, addr, len));
        match start.op {
            OpCode::memory_copy => {
                let (Some(to), Some(from)) = (memory("dst_memory"), memory("src_memory")) else { return };
                let (dst, src, len) = (value("dst"), value("src"), value("len"));
                let bytes = first_bytes(store, from, src, len);
                before.extra.push(Effect::Read { memory: from, addr: src, len, bytes: bytes.clone() });
                before.extra.push(Effect::Write {
                    memory: to,
                    addr: dst,
                    len,
                    bytes,
                    old: old(to, dst, len),
                });
            }
            OpCode::memory_fill | OpCode::memory_init => {
                let Some(memory) = memory("memory") else { return };
                let (dst, len) = (value("dst"), value("len"));
                let old = old(memory, dst, len);
                before.extra.push(Effect::Write { memory, addr: dst, len, bytes: Vec::new(), old });
            }
            OpCode::memory_grow | OpCode::memory_grow_wide => {
                let Some(memory) = memory("memory") else { return };
                let pages = store.arenas.memories[memory as usize].get().pages();
                before.extra.push(Effect::MemoryGrow { memory, old_pages: pages, new_pages: pages });
            }
            OpCode::table_grow | OpCode::table_grow_wide => {
                let Some(table) = table("table") else { return };
                let len = store.arenas.tables[table as usize].get().len() as u64;
                before.extra.push(Effect::TableGrow { table, old_len: len, new_len: len });
            }
            OpCode::table_set => {
                let Some(table) = table("table") else { return };
                let index = value("index");
                before.extra.push(Effect::TableWrite { table, index, len: 1, value: None });
            }
            OpCode::table_fill | OpCode::table_init => {
                let Some(table) = table("table") else { return };
                before.extra.push(Effect::TableWrite {
                    table,
                    index: value("dst"),
                    len: value("len"),
                    value: None,
                });
            }
            OpCode::table_copy => {
                let Some(table) = table("dst_table") else { return };
                before.extra.push(Effect::TableWrite {
                    table,
                    index: value("dst"),
                    len: value("len"),
                    value: None,
                });
            }
            OpCode::elem_drop => {
                let index = operand(start, "segment").unwrap_or(0) as u32;
                before.extra.push(Effect::DropElem { instance: instance.index, index });
            }
            OpCode::data_drop => {
                let index = operand(start, "segment").unwrap_or(0) as u32;
                before.extra.push(Effect::DropData { instance: instance.index, index });
            }
            _ => {}
        }
    }

    /// Fills in what is known only after the op.
    fn irregular_after(&self, store: &PrunedStore, start: &StepStart, before: &mut Before) {
        if before.host.is_some() {
            return;
        }
        let mut kept = Vec::with_capacity(before.extra.len());
        for mut effect in before.extra.drain(..) {
            match &mut effect {
                Effect::Write { memory, addr, len, bytes, .. } => {
                    *bytes = first_bytes(store, *memory, *addr, *len)
                }
                Effect::MemoryGrow { memory, new_pages, old_pages } => {
                    *new_pages = store.arenas.memories[*memory as usize].get().pages();
                    if new_pages == old_pages {
                        continue;
                    }
                }
                Effect::TableGrow { table, new_len, old_len } => {
                    *new_len = store.arenas.tables[*table as usize].get().len() as u64;
                    if new_len == old_len {
                        continue;
                    }
                }
                Effect::TableWrite { table, index, value, .. }
                    if matches!(start.op, OpCode::table_set | OpCode::table_fill) =>
                {
                    let table = store.arenas.tables[*table as usize].get();
                    let bits = table.elements.get(*index as usize).copied();
                    *value = bits.map(|bits| {
                        convert::value(crate::module::ValType::Ref(table.ty.element), bits as u128)
                    });
                }
                _ => {}
            }
            let empty = matches!(
                effect,
                Effect::Write { len: 0, .. }
                    | Effect::Read { len: 0, .. }
                    | Effect::TableWrite { len: 0, .. }
            );
            if !empty {
                kept.push(effect);
            }
        }
        before.extra = kept;
    }

    /// What a host function did.
    fn host_effects(
        &self,
        store: &mut PrunedStore,
        func: u32,
        before: &mut Before,
        start: &StepStart,
        failed: bool,
    ) {
        let host = store.arenas.hosts[store.funcs[func as usize].host as usize].clone();
        let results = if failed {
            Vec::new()
        } else {
            let head = operand(start, "head").unwrap_or(0) as u16;
            let bits = store.values_at(start.sp.at(Slot(head)), host.ty.results());
            host.ty.results().iter().zip(bits).map(|(&ty, bits)| convert::value(ty, bits)).collect()
        };
        let import = format!("{}.{}", host.name.0, host.name.1);
        before.extra.push(Effect::HostCall { import, args: std::mem::take(&mut before.args), results });
    }

    /// What the host has written.
    fn touched_effects(&self, store: &mut PrunedStore, before: &mut Before) {
        for touched in store.touched.take().unwrap_or_default() {
            let bytes = first_bytes(store, touched.memory, touched.addr, touched.len);
            before.extra.push(Effect::Write {
                memory: touched.memory,
                addr: touched.addr,
                len: touched.len,
                bytes,
                old: self.with_old.then_some(touched.old),
            });
        }
    }
}
