//! Moments that outlive the store: canonical state, out of a store and back into one.
//!
//! A checkpoint says what the WebAssembly machine's state is, in WebAssembly's terms:
//! frames with typed locals and operands, globals, tables, memories. It is taken only
//! where a counted run stops by itself, at the target of a branch or at a function's
//! entry, because there every operand lives in its own place, is a constant or is the
//! value of a local. So it can be restored under either lowering: an operand is written
//! to its place, and what is an alias or a constant there needs no writing.
//!
//! Elsewhere: how checkpoints stand in a file (the trace format crate), moments of one
//! store (`snapshot`).

use crate::exec::frame::{Frame, Ip, Regs, Sp};
use crate::lower::Place;
use crate::module::ValType;
use crate::store::{FuncEntry, Machine, PAGE_BITS, PrunedStore, Store};
use crate::timeline::moment::{frame_ip, frame_sp, live_operands};
use crate::timeline::{TimelineError, convert};
use wasmscope_trace_format as wtrace;
use wtrace::{
    Checkpoint, Dropped, FrameImage, FuncId, MemoryImage, PAGE_SIZE, PageHash, TableImage, TraceReader, Value,
};

const _: () = assert!(PAGE_SIZE == 1 << PAGE_BITS);

/// The pages of a store's memories as they were at the last checkpoint.
#[derive(Default)]
pub(crate) struct KnownPages {
    memories: Vec<Vec<Option<PageHash>>>,
}

/// The moment at which `store` stands, at a boundary. Each page written since the last
/// checkpoint is given to `write`, which returns its hash, or `None` for zeroes.
///
/// # Errors
/// What `write` gives.
pub(crate) fn capture<E>(
    store: &mut PrunedStore,
    host_cursor: u64,
    known: &mut KnownPages,
    mut write: impl FnMut(&[u8; PAGE_SIZE]) -> Result<Option<PageHash>, E>,
) -> Result<Checkpoint, E> {
    store.stand_still();
    let position = convert::position(store.standing());
    let depth = store.depth();
    let frames = (0..depth).map(|at| frame_image(store, at, depth)).collect();
    let mut memories = Vec::new();
    for (at, memory) in store.arenas.memories.iter_mut().take(store.arenas.made.memories as usize).enumerate()
    {
        let memory = memory.get_mut();
        if known.memories.len() == at {
            known.memories.push(Vec::new());
            memory.mark_all();
        }
        let hashes = &mut known.memories[at];
        let whole = memory.len() / PAGE_SIZE;
        hashes.resize(whole, None);
        let mut failed = Ok(());
        memory.take_dirty(|memory, number| {
            if number < whole && failed.is_ok() {
                let bytes = &memory.bytes()[number * PAGE_SIZE..][..PAGE_SIZE];
                match write(bytes.try_into().expect("a page has this size")) {
                    Ok(hash) => hashes[number] = hash,
                    Err(error) => failed = Err(error),
                }
            }
        });
        failed?;
        let pages = hashes.iter().enumerate().filter_map(|(number, hash)| Some((number as u64, (*hash)?)));
        memories.push(MemoryImage {
            len: memory.len() as u64,
            pages: pages.collect(),
            tail: memory.bytes()[whole * PAGE_SIZE..].to_vec(),
        });
    }
    let (globals, tables, dropped) = (globals(store), tables(store), dropped(store));
    let mut checkpoint =
        Checkpoint { position, host_cursor, frames, globals, tables, memories, dropped, state_hash: 0 };
    checkpoint.state_hash = checkpoint.compute_hash();
    Ok(checkpoint)
}

fn globals(store: &PrunedStore) -> Vec<Value> {
    let globals = store.arenas.globals.iter().take(store.arenas.made.globals as usize);
    globals.map(|global| convert::value(global.get().ty.content, global.get().value())).collect()
}

fn tables(store: &PrunedStore) -> Vec<TableImage> {
    let tables = store.arenas.tables.iter().take(store.arenas.made.tables as usize).map(|table| {
        let table = table.get();
        let ty = ValType::Ref(table.ty.element);
        TableImage { elements: table.elements.iter().map(|&bits| convert::value(ty, bits as u128)).collect() }
    });
    tables.collect()
}

fn dropped(store: &PrunedStore) -> Vec<Dropped> {
    let mut dropped = Vec::new();
    for instance in store.arenas.instances.iter().take(store.arenas.made.instances as usize) {
        let inst = instance.get();
        let set = |flags: &[bool]| {
            let set = flags.iter().enumerate().filter(|(_, flag)| **flag);
            set.map(|(index, _)| index as u32).collect::<Vec<_>>()
        };
        let instance = inst.index;
        dropped
            .extend(set(&inst.dropped_elements).into_iter().map(|index| Dropped::Elem { instance, index }));
        dropped.extend(set(&inst.dropped_data).into_iter().map(|index| Dropped::Data { instance, index }));
    }
    dropped
}

impl PrunedStore {
    /// The hash of what outlives a call, as a checkpoint between two calls would have it.
    pub(crate) fn state_hash(&self) -> u64 {
        let memories = self.arenas.memories.iter().take(self.arenas.made.memories as usize).map(|memory| {
            let bytes = memory.get().bytes();
            let (pages, tail) = bytes.as_chunks::<PAGE_SIZE>();
            let pages = pages.iter().enumerate();
            let pages = pages.filter_map(|(number, page)| Some((number as u64, PageHash::of(page)?)));
            MemoryImage { len: bytes.len() as u64, pages: pages.collect(), tail: tail.to_vec() }
        });
        let state = Checkpoint {
            position: wtrace::Position::default(),
            host_cursor: 0,
            frames: Vec::new(),
            globals: globals(self),
            tables: tables(self),
            memories: memories.collect(),
            dropped: dropped(self),
            state_hash: 0,
        };
        state.compute_hash()
    }
}

impl<T: 'static> Store<T> {
    /// A hash of what outlives a call: globals, tables, memories and dropped segments, in
    /// WebAssembly's terms. Equal after equal runs, whatever the dispatcher and the
    /// lowering, and after a replay ([`Timeline::state_hash`](crate::timeline::Timeline::state_hash)).
    ///
    /// All memory is read.
    pub fn state_hash(&self) -> u64 {
        self.as_store().state_hash()
    }
}

fn frame_image(store: &mut PrunedStore, at: usize, depth: usize) -> FrameImage {
    let frame = *store.frame(at);
    let (ip, waiting) = frame_ip(store, at, depth);
    let debug = store.debug_table(frame.entry);
    let sp = frame_sp(store, at, depth);
    let operands = live_operands(store, frame.entry, ip, waiting);
    let read = |slot: u32, ty: ValType| convert::value(ty, store.value_at(sp, slot, ty));
    let locals = debug.locals.iter().zip(&debug.local_slots).map(|(&ty, &slot)| read(slot, ty)).collect();
    let operands = operands
        .iter()
        .map(|operand| match operand.place {
            Place::Home => read(operand.home, operand.ty),
            Place::Local(local) => read(debug.local_slots[local as usize], operand.ty),
            Place::Imm(bits) => convert::value(operand.ty, bits as u128),
        })
        .collect();
    let offset = store.offset_in(frame.entry, ip);
    let ordinal = debug.ordinal(offset).expect("frames hold starts of ops");
    let pc = if waiting { debug.ops[ordinal - 1].pc } else { debug.ops[ordinal].pc_start };
    let (module, func) = store.entry(frame.entry).id();
    FrameImage {
        instance: store.instance_at(frame.instance).map_or(0, |it| it.index),
        func: FuncId { module, func },
        pc,
        ip: offset,
        entered: wtrace::Position { step: frame.entered as u64, tick: frame.entered_ticks },
        from_host: frame.ret_ip.0.is_null(),
        locals,
        operands,
    }
}

/// How many frames there are, and where the innermost is.
pub(crate) fn place(store: &mut PrunedStore) -> (usize, Option<(FuncId, u32)>) {
    let depth = store.depth();
    let innermost = depth.checked_sub(1).map(|at| frame_image(store, at, depth));
    (depth, innermost.map(|frame| (frame.func, frame.pc)))
}

/// Brings `store`, in which everything the checkpoint names has been made, to it.
///
/// # Errors
/// If the checkpoint does not fit the store, or a page is missing from the file.
pub(crate) fn restore(
    store: &mut PrunedStore,
    checkpoint: &Checkpoint,
    reader: &TraceReader,
) -> Result<(), TimelineError> {
    let unfit = |what: &str| TimelineError::Trace(format!("the checkpoint does not fit the run: {what}"));
    let made = store.arenas.made;
    let counts = [
        (checkpoint.globals.len(), made.globals),
        (checkpoint.tables.len(), made.tables),
        (checkpoint.memories.len(), made.memories),
    ];
    if counts.iter().any(|&(image, made)| image != made as usize) {
        return Err(unfit("it has other memories, tables or globals"));
    }
    let limits = store.engine.config().limits;
    for (at, image) in checkpoint.memories.iter().enumerate() {
        if image.len > limits.memory_bytes {
            return Err(unfit("a memory is larger than the run allows"));
        }
        let memory = store.arenas.memories[at].get_mut();
        memory.set_len(image.len as usize);
        let len = memory.len();
        memory.bytes_mut(&(0..len)).fill(0);
        let mut page = [0; PAGE_SIZE];
        for &(number, hash) in &image.pages {
            reader.page(hash, &mut page)?;
            let from = (number as usize).saturating_mul(PAGE_SIZE);
            let range =
                memory.range(from as u64, PAGE_SIZE as u64).ok_or_else(|| unfit("a page lies outside"))?;
            memory.bytes_mut(&range)[range.clone()].copy_from_slice(&page);
        }
        let tail = len / PAGE_SIZE * PAGE_SIZE..len;
        if image.tail.len() != tail.len() {
            return Err(unfit("a memory's end has another length"));
        }
        memory.bytes_mut(&tail)[tail.clone()].copy_from_slice(&image.tail);
    }
    for (at, image) in checkpoint.tables.iter().enumerate() {
        let table = store.arenas.tables[at].get_mut();
        if image.elements.len() as u64 > limits.table_elements {
            return Err(unfit("a table is larger than the run allows"));
        }
        let functions = made.funcs as u128;
        let is_func = convert::value_type(ValType::Ref(table.ty.element)) == wtrace::ValueType::FuncRef;
        if is_func && image.elements.iter().any(|element| element.bits > functions) {
            return Err(unfit("a table holds a function that does not exist"));
        }
        table.elements = image.elements.iter().map(|element| element.bits as u64).collect();
    }
    for (at, value) in checkpoint.globals.iter().enumerate() {
        let global = store.arenas.globals[at].get_mut();
        if convert::value_type(global.ty.content) != value.ty {
            return Err(unfit("a global has another type"));
        }
        global.set(value.bits);
    }
    for dropped in &checkpoint.dropped {
        let (Dropped::Elem { instance, .. } | Dropped::Data { instance, .. }) = *dropped;
        if instance >= made.instances {
            return Err(unfit("an instance does not exist"));
        }
        let inst = store.arenas.instances[instance as usize].get_mut();
        let flag = match *dropped {
            Dropped::Elem { index, .. } => {
                if let Some(elements) = inst.elements.get_mut(index as usize) {
                    *elements = Default::default();
                }
                inst.dropped_elements.get_mut(index as usize)
            }
            Dropped::Data { index, .. } => inst.dropped_data.get_mut(index as usize),
        };
        *flag.ok_or_else(|| unfit("a segment does not exist"))? = true;
    }
    restore_frames(store, &checkpoint.frames).ok_or_else(|| unfit("a frame makes no sense"))?;
    store.log_cursor = checkpoint.host_cursor;
    // `c` is what the counters are before the op, less what comes before it in its function.
    store.set_counters(0, 0);
    let (ordinal, prefix, _) = store.locate(store.regs.ip);
    let wtrace::Position { step, tick } = checkpoint.position;
    store.set_counters(step as i64 - ordinal as i64, tick as i64 - prefix as i64);
    (store.meter.steps, store.meter.ticks) = (step, tick);
    Ok(())
}

/// Pushes the frames of a checkpoint; `None` if they do not fit the modules.
fn restore_frames(store: &mut PrunedStore, images: &[FrameImage]) -> Option<()> {
    store.host_frames.clear();
    store.frame_top = store.frame_base();
    let mut sp = Sp(store.stack_start());
    let mut ret = (Ip::NULL, sp);
    for (at, image) in images.iter().enumerate() {
        let waiting = at + 1 < images.len();
        if image.from_host != (at == 0) {
            return None;
        }
        let instance = store.arenas.instances.get(image.instance as usize)?.ptr();
        if store.instance_at(instance)?.module != image.func.module {
            return None;
        }
        let module = store.arenas.modules.get(image.func.module as usize)?.get();
        let func = image.func.func;
        if func as usize >= module.data.funcs.len() || module.data.is_imported_func(func) {
            return None;
        }
        let entry = module.entry(func);
        store.lower_entry(entry).ok()?;
        if store.is_full(sp, entry) {
            return None;
        }
        let ip = find_op(store, entry, image, waiting)?;
        write_frame(store, entry, image, ip, waiting, sp)?;
        store.push_frame(Frame {
            ret_ip: ret.0,
            ret_sp: ret.1,
            instance,
            entry,
            entered: image.entered.step as i64,
            entered_ticks: image.entered.tick,
            settled: 1,
        });
        store.regs = Regs { ip, sp };
        store.set_instance(instance);
        if waiting {
            ret = (ip, sp);
            sp = sp.at(store.call_head(entry, ip)?);
        }
    }
    (!images.is_empty()).then_some(())
}

/// The op a frame of a checkpoint is at: the one its hint names if that agrees with its
/// `pc`, else the one at its `pc`.
fn find_op(
    store: &mut PrunedStore,
    entry: *const FuncEntry,
    image: &FrameImage,
    waiting: bool,
) -> Option<Ip> {
    let debug = store.debug_table(entry);
    // Before a call stand moves of its arguments, which are the call operator's as well.
    let is_call = |ordinal: usize| store.call_site(store.op_in(entry, debug.ops[ordinal].ip)).is_some();
    let agrees = |ordinal: usize| match waiting {
        true => ordinal > 0 && debug.ops[ordinal - 1].pc == image.pc && is_call(ordinal - 1),
        false => debug.ops[ordinal].pc_start == image.pc,
    };
    let hinted = debug.ordinal(image.ip).filter(|&ordinal| agrees(ordinal));
    let ordinal = hinted.or_else(|| (0..debug.ops.len()).find(|&ordinal| agrees(ordinal)))?;
    Some(store.op_in(entry, debug.ops[ordinal].ip))
}

/// Writes locals and operands to their places.
fn write_frame(
    store: &mut PrunedStore,
    entry: *const FuncEntry,
    image: &FrameImage,
    ip: Ip,
    waiting: bool,
    sp: Sp,
) -> Option<()> {
    let debug = store.debug_table(entry);
    let operands = live_operands(store, entry, ip, waiting);
    let fits = |ty: ValType, value: &Value| convert::value_type(ty) == value.ty;
    if image.locals.len() != debug.locals.len() || image.operands.len() != operands.len() {
        return None;
    }
    let locals = debug.locals.iter().copied().zip(debug.local_slots.iter().copied()).zip(&image.locals);
    let homes = operands.iter().zip(&image.operands);
    let homes = homes.filter(|(operand, _)| operand.place == Place::Home);
    for ((ty, slot), value) in locals.chain(homes.map(|(operand, value)| ((operand.ty, operand.home), value)))
    {
        if !fits(ty, value) {
            return None;
        }
        store.set_value_at(sp, slot, ty, value.bits);
    }
    Some(())
}
