//! What a moment shows: frames, slots, globals, memories, tables, at the step the
//! timeline stands at.
//!
//! Everything is asked for in bounded pieces, so that a stack of 60 000 frames or a
//! memory of a gigabyte costs what is looked at.

use crate::exec::frame::Ip;
use crate::exec::inspect::{CallSite, Callees};
use crate::lower::debug::FuncDebug;
use crate::lower::{Operand, Place};
use crate::store::{FuncEntry, PrunedStore};
use crate::timeline::{Timeline, convert};
use std::ops::Range;
use wasmscope_trace_format as wtrace;
use wtrace::{FuncId, SlotKind, Value};

/// An activation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameView {
    /// 0 is the outermost.
    pub depth: usize,
    /// The function.
    pub func: FuncId,
    /// The instance it runs in.
    pub instance: u32,
    /// The function's name, if the module gives one.
    pub name: Option<String>,
    /// Offset in the function's code of the op that is next, or, in a frame that waits
    /// for a callee, of the op behind the call.
    pub ip: u32,
    /// File offset of the operator that is next, or of the call that waits.
    pub pc: u32,
    /// The step at which its first op ran.
    pub entered: u64,
    /// Whether it waits for a callee.
    pub waiting: bool,
    /// Whether the host called it.
    pub from_host: bool,
}

/// Where a value lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// In this slot.
    Slot(u32),
    /// It is the value of this local, not copied yet.
    Local(u32),
    /// It is a constant in an op.
    Immediate,
}

/// A parameter, local or operand of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotView {
    /// The slot that is its own, whether it lives there or not.
    pub slot: u32,
    /// What it is.
    pub kind: SlotKind,
    /// Its name in the name section.
    pub name: Option<String>,
    /// Its value.
    pub value: Value,
    /// Where it lives.
    pub place: Where,
}

/// A global of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalView {
    /// The instance.
    pub instance: u32,
    /// Its index in the instance.
    pub index: u32,
    /// Its name: from the name section, or what it is imported or exported by.
    pub name: Option<String>,
    /// Whether it can change.
    pub mutable: bool,
    /// Its value.
    pub value: Value,
}

/// A memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryView {
    /// Its number in the run.
    pub memory: u32,
    /// Its length in bytes.
    pub len: u64,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableView {
    /// Its number in the run.
    pub table: u32,
    /// How many elements it has.
    pub len: u64,
}

/// The machine where it stands: a timeline at a step, or a run that goes on and has come to a
/// breakpoint.
pub struct Here<'a> {
    store: &'a mut PrunedStore,
}

impl<'a> Here<'a> {
    pub(crate) fn new(store: &'a mut PrunedStore) -> Here<'a> {
        store.rearm();
        Here { store }
    }

    fn store(&mut self) -> &mut PrunedStore {
        self.store
    }

    /// How many functions are active.
    pub fn depth(&mut self) -> usize {
        self.store().depth()
    }

    /// The step and tick the timeline stands at.
    pub fn position(&mut self) -> wtrace::Position {
        let store = self.store();
        if store.depth() > 0 && !store.regs.ip.0.is_null() && !store.failed_here() {
            store.stand_still();
        }
        convert::position(store.standing())
    }

    /// The active functions at these depths.
    pub fn frames(&mut self, depths: Range<usize>) -> Vec<FrameView> {
        let store = self.store();
        let depth = store.depth();
        let depths = depths.start..depths.end.min(depth);
        depths.map(|at| frame_view(store, at, depth)).collect()
    }

    /// Parameters, locals and operands of the frame at a depth; empty if there is none.
    pub fn slots(&mut self, depth: usize) -> Vec<SlotView> {
        let store = self.store();
        let all = store.depth();
        if depth >= all {
            return Vec::new();
        }
        let (ip, waiting) = frame_ip(store, depth, all);
        let frame = *store.frame(depth);
        let debug = store.debug_table(frame.entry);
        let (module, func) = store.entry(frame.entry).id();
        let data = store.module_data(module).clone();
        let sp = frame_sp(store, depth, all);
        let operands = live_operands(store, frame.entry, ip, waiting);
        let read = |slot: u32, ty: crate::module::ValType| store.value_at(sp, slot, ty);
        let mut views = Vec::new();
        for (at, (&ty, &slot)) in debug.locals.iter().zip(&debug.local_slots).enumerate() {
            let at = at as u32;
            views.push(SlotView {
                slot,
                kind: if at < debug.params { SlotKind::Param(at) } else { SlotKind::Local(at) },
                name: data.local_name(func, at).map(str::to_owned),
                value: convert::value(ty, read(slot, ty)),
                place: Where::Slot(slot),
            });
        }
        for (height, operand) in operands.iter().enumerate() {
            let (place, bits) = match operand.place {
                Place::Home => (Where::Slot(operand.home), read(operand.home, operand.ty)),
                Place::Local(local) => {
                    (Where::Local(local), read(debug.local_slots[local as usize], operand.ty))
                }
                Place::Imm(bits) => (Where::Immediate, bits as u128),
            };
            views.push(SlotView {
                slot: operand.home,
                kind: SlotKind::Operand(height as u32),
                name: None,
                value: convert::value(operand.ty, bits),
                place,
            });
        }
        views
    }

    /// The value in a slot of the innermost frame; `None` if none is known to be there.
    pub fn slot(&mut self, slot: u32) -> Option<Value> {
        self.value_of(|debug, _, at| debug.local_slots[at] == slot).or_else(|| {
            let depth = self.depth().checked_sub(1)?;
            let here = |view: &SlotView| view.place == Where::Slot(slot);
            self.slots(depth).into_iter().find(here).map(|view| view.value)
        })
    }

    /// The value of the parameter or local of that name in the innermost frame.
    pub fn local(&mut self, name: &str) -> Option<Value> {
        self.value_of(|_, local, _| local == Some(name))
    }

    /// The value of a local for which `is` says yes, given the function's debug table, the local's name
    /// and index.
    fn value_of(&mut self, is: impl Fn(&FuncDebug, Option<&str>, usize) -> bool) -> Option<Value> {
        let store = self.store();
        let depth = store.depth().checked_sub(1)?;
        let frame = *store.frame(depth);
        let debug = store.debug_table(frame.entry);
        let (module, func) = store.entry(frame.entry).id();
        let data = store.module_data(module);
        let at = (0..debug.locals.len()).find(|&at| is(&debug, data.local_name(func, at as u32), at))?;
        let (ty, slot, sp) = (debug.locals[at], debug.local_slots[at], store.regs.sp);
        Some(convert::value(ty, store.value_at(sp, slot, ty)))
    }

    /// The value of a global of the first instance that has one of that name or index.
    pub fn global(&mut self, name: &str) -> Option<Value> {
        let store = self.store();
        let mut instances = store.arenas.instances.iter().take(store.arenas.made.instances as usize);
        instances.find_map(|instance| {
            let instance = instance.get();
            let data = store.module_data(instance.module);
            let named = |at: u32| data.global_name(at).as_deref() == Some(name);
            let ids = &instance.global_ids;
            let numbered = name.parse().ok().filter(|&at: &u32| (at as usize) < ids.len());
            let at = numbered.or_else(|| (0..ids.len() as u32).find(|&at| named(at)))?;
            let global = store.arenas.globals[ids[at as usize] as usize].get();
            Some(convert::value(global.ty.content, global.value()))
        })
    }

    /// The globals of all instances.
    pub fn globals(&mut self) -> Vec<GlobalView> {
        let store = self.store();
        let mut views = Vec::new();
        for instance in store.arenas.instances.iter().take(store.arenas.made.instances as usize) {
            let instance = instance.get();
            let data = store.module_data(instance.module);
            for (at, &id) in instance.global_ids.iter().enumerate() {
                let global = store.arenas.globals[id as usize].get();
                views.push(GlobalView {
                    instance: instance.index,
                    index: at as u32,
                    name: data.global_name(at as u32).map(|name| name.into_owned()),
                    mutable: global.ty.mutable,
                    value: convert::value(global.ty.content, global.value()),
                });
            }
        }
        views
    }

    /// The memories of the run.
    pub fn memories(&mut self) -> Vec<MemoryView> {
        let store = self.store();
        let memories = store.arenas.memories.iter().take(store.arenas.made.memories as usize);
        memories
            .enumerate()
            .map(|(at, memory)| MemoryView { memory: at as u32, len: memory.get().len() as u64 })
            .collect()
    }

    /// The tables of the run.
    pub fn tables(&mut self) -> Vec<TableView> {
        let store = self.store();
        let tables = store.arenas.tables.iter().take(store.arenas.made.tables as usize);
        tables
            .enumerate()
            .map(|(at, table)| TableView { table: at as u32, len: table.get().len() as u64 })
            .collect()
    }

    /// Bytes of a memory from `addr` on; fewer than `len` at its end.
    pub fn read(&mut self, memory: u32, addr: u64, len: usize) -> Vec<u8> {
        let store = self.store();
        if memory >= store.arenas.made.memories {
            return Vec::new();
        }
        let bytes = store.arenas.memories[memory as usize].get().bytes();
        let from = (addr.min(bytes.len() as u64)) as usize;
        bytes[from..bytes.len().min(from.saturating_add(len))].to_vec()
    }

    /// The function a reference refers to, by its index: which of which module if it is a guest's,
    /// and its name.
    pub fn referred(&mut self, index: u32) -> Option<(Option<FuncId>, Option<String>)> {
        let store = self.store();
        let record = store.funcs.get(index as usize).filter(|_| index < store.arenas.made.funcs)?;
        if record.entry.is_null() {
            let host = store.arenas.hosts.get(record.host as usize)?;
            return Some((None, Some(format!("{}.{}", host.name.0, host.name.1))));
        }
        let (module, func) = store.entry(record.entry).id();
        let name = store.module_data(module).func_name(func).map(|name| name.into_owned());
        Some((Some(FuncId { module, func }), name))
    }

    /// Elements of a table.
    pub fn elements(&mut self, table: u32, range: Range<usize>) -> Vec<Value> {
        let store = self.store();
        if table >= store.arenas.made.tables {
            return Vec::new();
        }
        let table = store.arenas.tables[table as usize].get();
        let range = range.start.min(table.len())..range.end.min(table.len());
        let ty = crate::module::ValType::Ref(table.ty.element);
        table.elements[range].iter().map(|&bits| convert::value(ty, bits as u128)).collect()
    }
}

impl Timeline {
    /// The machine at the step the timeline stands at.
    pub fn here(&mut self) -> Here<'_> {
        Here::new(&mut self.replayer.store)
    }

    /// How many functions are active.
    pub fn depth(&mut self) -> usize {
        self.here().depth()
    }

    /// The step and tick the timeline stands at.
    pub fn position(&mut self) -> wtrace::Position {
        self.here().position()
    }

    /// The active functions at these depths.
    pub fn frames(&mut self, depths: Range<usize>) -> Vec<FrameView> {
        self.here().frames(depths)
    }

    /// Parameters, locals and operands of the frame at a depth; empty if there is none.
    pub fn slots(&mut self, depth: usize) -> Vec<SlotView> {
        self.here().slots(depth)
    }

    /// The globals of all instances.
    pub fn globals(&mut self) -> Vec<GlobalView> {
        self.here().globals()
    }

    /// The memories of the run.
    pub fn memories(&mut self) -> Vec<MemoryView> {
        self.here().memories()
    }

    /// The tables of the run.
    pub fn tables(&mut self) -> Vec<TableView> {
        self.here().tables()
    }

    /// Bytes of a memory from `addr` on; fewer than `len` at its end.
    pub fn read(&mut self, memory: u32, addr: u64, len: usize) -> Vec<u8> {
        self.here().read(memory, addr, len)
    }

    /// The function a reference refers to; see [`Here::referred`].
    pub fn referred(&mut self, index: u32) -> Option<(Option<FuncId>, Option<String>)> {
        self.here().referred(index)
    }

    /// Elements of a table.
    pub fn elements(&mut self, table: u32, range: Range<usize>) -> Vec<Value> {
        self.here().elements(table, range)
    }
}

impl PrunedStore {
    /// Whether the machine stands behind an op that failed, with its frames still there.
    pub(crate) fn failed_here(&self) -> bool {
        self.meter.failed
    }
}

/// The op a frame is at: the next one, or the one behind the call it waits for.
pub(crate) fn frame_ip(store: &PrunedStore, at: usize, depth: usize) -> (Ip, bool) {
    if at + 1 == depth {
        return (store.regs.ip, false);
    }
    (store.caller_ip(at + 1, *store.frame(at + 1)), true)
}

impl PrunedStore {
    /// Where the callee's frame starts in the frame of a function that waits at `ip`, the
    /// op behind the call.
    pub(crate) fn call_head(&mut self, entry: *const FuncEntry, ip: Ip) -> Option<crate::code::Slot> {
        let debug = self.debug_table(entry);
        let ordinal = debug.ordinal(self.offset_in(entry, ip))?.checked_sub(1)?;
        let call = self.op_in(entry, debug.ops[ordinal].ip);
        self.call_site(call).map(|site| site.head)
    }
}

/// The first slot of a frame.
pub(crate) fn frame_sp(store: &PrunedStore, at: usize, depth: usize) -> crate::exec::frame::Sp {
    if at + 1 == depth { store.regs.sp } else { store.frame(at + 1).ret_sp }
}

fn frame_view(store: &mut PrunedStore, at: usize, depth: usize) -> FrameView {
    let frame = *store.frame(at);
    let (ip, waiting) = frame_ip(store, at, depth);
    let (module, func) = store.entry(frame.entry).id();
    let instance = store.instance_at(frame.instance).map_or(0, |it| it.index);
    let name = store.module_data(module).func_name(func).map(|name| name.into_owned());
    let (ip, pc) = if ip.0.is_null() {
        (0, 0)
    } else {
        (store.offset_in(frame.entry, ip), store.pc_at(frame.entry, ip, waiting))
    };
    FrameView {
        depth: at,
        func: FuncId { module, func },
        instance,
        name,
        ip,
        pc,
        entered: frame.entered as u64,
        waiting,
        from_host: frame.ret_ip.0.is_null(),
    }
}

/// The operand stack of a frame: of one that waits, what is below the callee's results.
pub(crate) fn live_operands(
    store: &mut PrunedStore,
    entry: *const FuncEntry,
    ip: Ip,
    waiting: bool,
) -> Vec<Operand> {
    if ip.0.is_null() {
        return Vec::new();
    }
    let offset = store.offset_in(entry, ip);
    let debug = store.debug_table(entry);
    let Some(ordinal) = debug.ordinal(offset) else { return Vec::new() };
    let mut stack = debug.stack(ordinal);
    if waiting && ordinal > 0 {
        let data = store.module_data(store.entry(entry).module);
        let results = match store.call_site(store.op_in(entry, debug.ops[ordinal - 1].ip)) {
            Some(CallSite { callee: Callees::Func(func), .. }) => data.func_type(func).results().len(),
            Some(CallSite { callee: Callees::Type(ty), .. }) => data.type_at(ty).results().len(),
            None => 0,
        };
        stack.truncate(stack.len().saturating_sub(results));
    }
    stack
}
