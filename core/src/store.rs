//! What outlives a call: functions, memories, tables, globals, instances, and the
//! machine's registers and stacks.
//!
//! ```text
//! Store<T>          the embedder's view, with its data
//!   PrunedStore     the same store with T erased: what every handler gets
//! ```
//!
//! Handlers are compiled once, not once per `T`: host data is behind a type-erased box,
//! and the only code that knows `T` is the closure made when a host function is
//! registered, which checks the type before it uses it.
//!
//! Always: what a handler reaches through a raw pointer (`entity`) is pinned and lives
//! as long as the store; a reference in a slot is an index plus one.
//! Elsewhere: the embedder's view (`embedder`), running (`exec`), host functions (`host`), instantiation (`linker`).

pub(crate) mod bulk;
mod embedder;
pub(crate) mod entity;
pub(crate) mod handle;
pub(crate) mod host;
mod imports;
pub(crate) mod instantiate;
pub(crate) mod linker;
pub(crate) mod log;
pub(crate) mod memory;
pub(crate) mod plain;
pub(crate) mod typed;

pub use embedder::{AsStore, InterruptHandle, Store};
pub(crate) use embedder::{Inside, Machine};
pub(crate) use entity::{ExnInst, FuncEntry, FuncInst, InstanceInst, StoreModule, TableInst};
pub use handle::{Extern, Func, Global, Instance, Memory, OutOfBounds, Table, TableError, Tag};
pub use host::{Caller, HostError, IntoHostFunc, Stream};
pub use linker::{LinkError, Linker};
pub(crate) use log::RunLog;
pub(crate) use memory::{MemoryInst, PAGE_BITS};
pub use plain::{WasmParams, WasmResults, WasmValue};
pub use typed::{TypedFunc, TypedFuncError};

use crate::code::Slot;
use crate::engine::{Engine, Module};
use crate::exec::Dispatch;
use crate::exec::dispatch::{self, Handlers, MemBase};
use crate::exec::frame::{Frame, Ip, Regs, Sp};
use crate::exec::host::{Answers, HostFrame};
use crate::exec::meter::Meter;
use crate::exec::observer::Observing;
use crate::exec::stop::Reason;
use crate::module::{HeapType, ModuleData, RefType, ValType};
use crate::trap::TrapCode;
use entity::{Arenas, Pinned};
use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a call handler passes to the slow path: what to call, and where to go on.
#[derive(Clone, Copy)]
pub(crate) struct Callee {
    /// Index of a function of the store.
    pub(crate) func: u32,
    /// A function that must be lowered first.
    pub(crate) entry: *const FuncEntry,
    /// The callee's first parameter.
    pub(crate) sp: Sp,
    /// The op behind the call.
    pub(crate) ret_ip: Ip,
}

impl Callee {
    pub(crate) const NONE: Callee =
        Callee { func: u32::MAX, entry: std::ptr::null(), sp: Sp(std::ptr::null_mut()), ret_ip: Ip::NULL };

    pub(crate) fn new(func: u32, sp: Sp, ret_ip: Ip) -> Callee {
        Callee { func, sp, ret_ip, ..Callee::NONE }
    }
}

/// A [`Store`] without the type of its data: the first argument of every handler.
pub struct PrunedStore {
    // What the hot handlers touch.
    pub(crate) frame_top: *mut Frame,
    pub(crate) frame_end: *mut Frame,
    pub(crate) stack_end: *mut u64,
    pub(crate) instance: *mut InstanceInst,
    /// See `exec::meter`.
    pub(crate) ctr: i64,
    /// The dirty map of memory 0 of the running instance.
    pub(crate) dirty: *mut u8,
    pub(crate) regs: Regs,
    pub(crate) funcs: Vec<FuncInst>,
    pub(crate) callee: Callee,
    pub(crate) noted_trap: TrapCode,

    // The rest.
    pub(crate) mem0: *mut MemoryInst,
    pub(crate) reason: Reason,
    pub(crate) meter: Meter,
    pub(crate) arenas: Arenas,
    pub(crate) host_frames: Vec<HostFrame>,
    /// Host functions that are running, each called by a guest the one before called.
    pub(crate) host_calls: u32,
    /// The exception under way.
    pub(crate) thrown: Option<crate::exec::throw::Thrown>,
    /// Frames whose return a debugger waits for.
    pub(crate) watches: Vec<crate::exec::control::Watched>,
    /// The last exception has left such a frame.
    pub(crate) passed_watch: bool,
    pub(crate) answers: Option<Box<dyn Answers>>,
    /// How many entries of the log being replayed have been used.
    pub(crate) log_cursor: u64,
    /// Where the host has written, while an observer wants to know.
    pub(crate) touched: Option<Vec<Touched>>,
    pub(crate) log: Option<Box<dyn RunLog>>,
    pub(crate) observer: Option<Observing>,
    pub(crate) dispatch: Dispatch,
    pub(crate) engine: Engine,
    pub(crate) id: u64,
    /// The handlers whose addresses the code has.
    pub(crate) handlers: &'static Handlers,
    /// Functions whose op under this address the debugger has replaced by `stop`.
    pub(crate) patches: HashMap<*const u32, crate::code::OpId>,
    pub(crate) layouts: crate::exec::layout::Layouts,
    /// Where a call from outside puts its arguments.
    pub(crate) host_top: *mut u64,
    /// A run that stopped for now.
    pub(crate) paused: Option<crate::exec::Base>,
    pub(crate) debug: DebugTables,
    data: Box<dyn Any + Send>,
    /// Room for frames, zeroed: a frame's fields can be read whether or not a run sets them.
    frames: Pinned<[u64]>,
    stack: Pinned<[u64]>,
    no_memory: Pinned<MemoryInst>,
}

// SAFETY: the raw pointers point to what the store itself owns; the boxed parts are Send.
unsafe impl Send for PrunedStore {}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// A write to a memory from outside.
#[derive(Clone, Debug)]
pub(crate) struct Touched {
    pub(crate) memory: u32,
    pub(crate) addr: u64,
    pub(crate) len: u64,
    /// The first bytes of what stood there.
    pub(crate) old: Vec<u8>,
}

/// Debug tables of the functions somebody looked at.
pub(crate) type DebugTables = RefCell<HashMap<*const FuncEntry, Arc<crate::lower::debug::FuncDebug>>>;

impl PrunedStore {
    pub(crate) fn new(engine: &Engine, data: Box<dyn Any + Send>) -> PrunedStore {
        let limits = engine.config().limits;
        const WORDS: usize = size_of::<Frame>() / size_of::<u64>();
        const { assert!(size_of::<Frame>().is_multiple_of(8) && align_of::<Frame>() == 8) };
        let frames = Pinned::from(vec![0u64; (limits.call_depth as usize + 1) * WORDS].into_boxed_slice());
        let stack = Pinned::from(vec![0u64; limits.value_stack as usize].into_boxed_slice());
        let no_memory = Pinned::new(
            MemoryInst::new(
                crate::module::MemoryType {
                    minimum: 0,
                    maximum: Some(0),
                    memory64: false,
                    page_size_log2: 16,
                },
                0,
            )
            .expect("nothing can be had"),
        );
        let frame_top = frames.ptr().cast::<Frame>();
        // SAFETY: there is room for one frame at least, aligned for it.
        unsafe { frame_top.write(Frame::BASE) };
        let stack_start = stack.ptr().cast::<u64>();
        let mut store = PrunedStore {
            frame_top,
            frame_end: frame_top.wrapping_add(limits.call_depth as usize + 1),
            stack_end: stack_start.wrapping_add(stack.ptr().len()),
            instance: std::ptr::null_mut(),
            ctr: 0,
            dirty: std::ptr::null_mut(),
            regs: Regs { ip: Ip::NULL, sp: Sp(stack_start) },
            funcs: Vec::new(),
            callee: Callee::NONE,
            noted_trap: TrapCode::Unreachable,
            mem0: no_memory.ptr(),
            reason: Reason::None,
            meter: Meter::default(),
            arenas: Arenas::default(),
            host_frames: Vec::new(),
            host_calls: 0,
            thrown: None,
            watches: Vec::new(),
            passed_watch: false,
            answers: None,
            log_cursor: 0,
            touched: None,
            log: None,
            observer: None,
            dispatch: Dispatch::default(),
            engine: engine.clone(),
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            patches: Default::default(),
            handlers: &dispatch::TAIL,
            layouts: Default::default(),
            host_top: stack_start,
            paused: None,
            debug: Default::default(),
            data,
            frames,
            stack,
            no_memory,
        };
        store.set_instance(std::ptr::null_mut());
        store.ctr = store.meter.arm();
        store
    }

    pub(crate) fn data_mut<T: 'static>(&mut self) -> &mut T {
        self.data.downcast_mut().expect("the store was made with data of this type")
    }

    pub(crate) fn data_ref<T: 'static>(&self) -> &T {
        self.data.downcast_ref().expect("the store was made with data of this type")
    }

    /// The first slot of the value stack.
    pub(crate) fn stack_start(&self) -> *mut u64 {
        self.stack.ptr().cast()
    }

    /// The bottom of the frame stack, which is no function.
    pub(crate) fn frame_base(&self) -> *mut Frame {
        self.frames.ptr().cast()
    }

    /// How many functions are active.
    pub(crate) fn depth(&self) -> usize {
        (self.frame_top as usize - self.frame_base() as usize) / size_of::<Frame>()
    }

    /// The frame at a depth, 0 being the outermost.
    pub(crate) fn frame(&self, depth: usize) -> &Frame {
        assert!(depth < self.depth(), "there is a frame at this depth");
        // SAFETY: the frames up to the top are initialised.
        unsafe { &*self.frame_base().add(depth + 1) }
    }

    /// The frames, outermost first.
    pub(crate) fn frames_mut(&mut self) -> &mut [Frame] {
        let depth = self.depth();
        // SAFETY: the frames up to the top are initialised and only reached through `self`.
        unsafe { std::slice::from_raw_parts_mut(self.frame_base().add(1), depth) }
    }

    /// Makes `instance` the running one: its memory 0 goes into the registers' sources.
    pub(crate) fn set_instance(&mut self, instance: *mut InstanceInst) {
        self.instance = instance;
        self.mem0 = if instance.is_null() {
            self.no_memory.ptr()
        } else {
            // SAFETY: instances live as long as the store.
            unsafe { (*instance).mem0 }
        };
        // SAFETY: memories live as long as the store.
        self.dirty = unsafe { (*self.mem0).dirty_map() };
    }

    /// The memory an instance without memories has as its memory 0.
    pub(crate) fn no_memory(&self) -> *mut MemoryInst {
        self.no_memory.ptr()
    }

    /// Base and length of memory 0 of the running instance.
    #[inline]
    pub(crate) fn mem0(&self) -> (MemBase, usize) {
        // SAFETY: memories live as long as the store.
        unsafe { ((*self.mem0).base(), (*self.mem0).len()) }
    }

    /// Whether there is no room for a frame of `entry` at `sp`.
    pub(crate) fn is_full(&self, sp: Sp, entry: *const FuncEntry) -> bool {
        let bytes = self.entry(entry).frame_bytes;
        self.frame_top.wrapping_add(1) == self.frame_end
            || (self.stack_end as usize).wrapping_sub(sp.0 as usize) < bytes
    }

    /// The store's copy of a module, made at its first use.
    pub(crate) fn module_index(&mut self, module: &Module) -> u32 {
        let data = module.data();
        let known = self.arenas.modules.iter().position(|known| Arc::ptr_eq(&known.get().data, data));
        if let Some(known) = known {
            return known as u32;
        }
        let index = self.arenas.modules.len() as u32;
        let imported = data.imported.funcs;
        let entries = (imported..data.funcs.len() as u32).map(|func| FuncEntry::new(index, func));
        let entries = Pinned::from(entries.collect::<Box<[FuncEntry]>>());
        let type_ids = self.engine.intern_module(data).into_boxed_slice();
        self.arenas.modules.push(Pinned::new(StoreModule { data: data.clone(), entries, type_ids }));
        if let Some(log) = &mut self.log {
            log.load_module(index, data);
        }
        index
    }

    /// The module with this number.
    pub(crate) fn module_data(&self, index: u32) -> &Arc<ModuleData> {
        &self.arenas.modules[index as usize].get().data
    }

    /// Lowers a function if that has not been done.
    ///
    /// # Errors
    /// If it exceeds a limit of the bytecode.
    pub(crate) fn lower_entry(&mut self, entry: *const FuncEntry) -> Result<(), crate::lower::LowerError> {
        // SAFETY: entries live as long as the store; the only reference to this one is
        // made below, while no handler runs.
        let (module, func, lowered) = unsafe { ((*entry).module, (*entry).func, !(*entry).code.is_null()) };
        if lowered {
            return Ok(());
        }
        let module = self.arenas.modules[module as usize].ptr();
        // SAFETY: modules live as long as the store.
        let module = unsafe { &*module };
        let address = |func: u32| module.entry(func) as u64;
        let mode = self.engine.config().lowering;
        let (lowered, ()) = crate::lower::lower(&module.data, func, mode, &address, ())?;
        if self.meter.note_function(lowered.weights.len()) {
            self.rearm();
        }
        // SAFETY: as above.
        let entry = unsafe { &mut *entry.cast_mut() };
        // Locals are made zero four at a time.
        let zeroed = lowered.zero_from + lowered.zero_count.next_multiple_of(4);
        entry.frame_bytes = lowered.frame_slots.max(zeroed) as usize * 8;
        entry.zero_from = lowered.zero_from;
        entry.zero_count = lowered.zero_count;
        entry.regions = lowered.regions;
        entry.words = lowered.code;
        entry.weights = lowered.weights;
        entry.trailing = lowered.trailing;
        // A pointer one may write to: addresses of handlers, and a debugger's `stop`.
        entry.code = entry.words.as_mut_ptr().cast_const();
        self.bake(entry);
        Ok(())
    }

    /// The debug tables of a lowered function.
    pub(crate) fn debug_table(&self, entry: *const FuncEntry) -> Arc<crate::lower::debug::FuncDebug> {
        if let Some(known) = self.debug.borrow().get(&entry) {
            return known.clone();
        }
        let (module, func) = self.entry(entry).id();
        let mode = self.engine.config().lowering;
        let table = crate::lower::debug::FuncDebug::new(self.module_data(module), func, mode)
            .expect("the function was lowered before");
        let table = Arc::new(table);
        self.debug.borrow_mut().insert(entry, table.clone());
        table
    }

    /// Whether a value may stand where `ty`, with the engine's numbers, is wanted.
    #[track_caller]
    pub(crate) fn fits(&self, value: &crate::Val, ty: ValType) -> bool {
        if let crate::Val::ExnRef(Some(exception)) = value {
            assert!(exception.belongs_to(self.id), "the exception belongs to another store");
        }
        let (crate::Val::FuncRef(Some(func)), ValType::Ref(wanted)) = (value, ty) else {
            return value.is(ty);
        };
        let found = self.funcs[func.index_in(self)].type_id;
        RefType { nullable: false, heap: HeapType::Type(found) }.is_subtype_of(wanted)
    }

    pub(crate) fn add_func(&mut self, func: FuncInst) -> u32 {
        let index = self.arenas.made.funcs;
        match self.funcs.get_mut(index as usize) {
            Some(place) => *place = func,
            None => self.funcs.push(func),
        }
        self.arenas.made.funcs += 1;
        index
    }

    /// A slot of a frame that is live, below the frame's end.
    pub(crate) fn slot_at(&self, sp: Sp, slot: u32) -> u64 {
        // SAFETY: the value stack is initialised; callers ask for slots of live frames.
        unsafe { sp.get(Slot(slot as u16)) }
    }
}

/// Bulk drops and resizes go through here so that the registers' sources stay true.
impl PrunedStore {
    pub(crate) fn grow_memory(&mut self, memory: *mut MemoryInst, delta: u64) -> i64 {
        // SAFETY: memories live as long as the store.
        let old = unsafe { (*memory).grow(delta) };
        let instance = self.instance;
        self.set_instance(instance);
        old.map_or(-1, |old| old as i64)
    }

    pub(crate) fn grow_table(&mut self, table: *mut TableInst, delta: u64, value: u64) -> i64 {
        // SAFETY: tables live as long as the store.
        unsafe { (*table).grow(delta, value) }.map_or(-1, |old| old as i64)
    }
}
