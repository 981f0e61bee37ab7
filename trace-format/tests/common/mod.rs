//! What the tests share: a small run, written as a log and as a full trace.
//!
//! The run is made up, but every part of the format is in it: all flow shapes,
//! memory, globals, host calls that call back, errors, several functions.

#![allow(dead_code, unreachable_pub)] // each test binary uses its own part

use std::sync::Arc;
use wasmscope_trace_format::*;

/// Fixed identity, so that files are the same every time.
pub fn options() -> WriteOptions {
    let salt = 0x5eed_cafe_f00d_d00d;
    WriteOptions { trace_id: *b"0123456789abcdef", salt, ..WriteOptions::default() }
}

pub fn manifest(profile: Profile) -> Manifest {
    Manifest {
        engine: "test".into(),
        engine_version: "0.1.0".into(),
        semantics: 1,
        lowering: Lowering::Fused,
        profile,
        features: vec!["bulk-memory".into()],
        limits: vec![("depth".into(), 1000)],
        created: Some(1_700_000_000),
        args: vec!["prog".into(), "-v".into()],
        modules: vec![ModuleEntry {
            name: "prog.wasm".into(),
            hash: ModuleHash::of(MODULE),
            len: MODULE.len() as u64,
        }],
        notes: vec![("why".into(), "test".into())],
    }
}

pub const MODULE: &[u8] = b"\0asm\x01\0\0\0 and then some bytes";

pub fn at(step: u64, tick: u64) -> Position {
    Position { step, tick }
}

fn op(ip: u32, mnemonic: &'static str, flow: Flow) -> CodeOp {
    CodeOp {
        ip,
        pc: 0x40 + ip / 2,
        weight: 1 + ip % 3,
        mnemonic: mnemonic.into(),
        text: format!("{mnemonic} at {ip}"),
        flow,
        ..CodeOp::default()
    }
}

fn dst(slot: u32, ty: ValueType) -> Dst {
    Dst { slot, ty }
}

/// Function 0: a bit of everything.
pub fn main_code() -> Arc<CodeFunc> {
    use ValueType::*;
    let access = |kind, size| Some(MemAccess { memory: 0, kind, size });
    let ops = vec![
        CodeOp { dsts: vec![dst(2, I32)], ..op(0, "i32_const", Flow::Next) },
        CodeOp {
            dsts: vec![dst(3, I64)],
            access: access(AccessKind::Load, 2),
            ..op(8, "i64_load16_u", Flow::Next)
        },
        CodeOp { access: access(AccessKind::Write, 8), ..op(16, "i64_store", Flow::Next) },
        CodeOp { global: Some(GlobalWrite { index: 4, ty: F64 }), ..op(24, "global_set", Flow::Next) },
        op(32, "br_if", Flow::Branch { target: 8 }),
        op(40, "br_table", Flow::Table { targets: vec![48, 0, 56] }),
        CodeOp { dsts: vec![dst(5, I32)], ..op(48, "call", Flow::Call { func: 1, base: 5 }) },
        op(56, "call_indirect", Flow::CallIndirect { base: 6 }),
        CodeOp { dsts: vec![dst(7, I32)], ..op(64, "call_host", Flow::HostCall) },
        CodeOp {
            dsts: vec![dst(8, V128), dst(10, F32), dst(11, FuncRef)],
            access: access(AccessKind::Read, 16),
            ..op(72, "v128_weird", Flow::Next)
        },
        op(80, "br", Flow::Jump { target: 0 }),
        CodeOp { dsts: vec![dst(0, I32)], ..op(88, "return", Flow::Return) },
    ];
    let slots = vec![
        SlotInfo { slot: 0, kind: SlotKind::Param(0), ty: Some(I32), name: Some("n".into()) },
        SlotInfo { slot: 2, kind: SlotKind::Operand(0), ty: None, name: None },
    ];
    let func = FuncId { module: 0, func: 0 };
    Arc::new(CodeFunc { func, name: Some("main".into()), slots, ops })
}

/// Function 1: returns one value, or tail-calls, or traps.
pub fn callee_code() -> Arc<CodeFunc> {
    let ops = vec![
        op(0, "nopish", Flow::Next),
        CodeOp { dsts: vec![dst(0, ValueType::I32)], ..op(4, "return", Flow::Return) },
        op(8, "tail", Flow::TailCall { func: 0 }),
        op(12, "throw", Flow::Throw),
        op(16, "unreachable", Flow::Trap),
    ];
    let func = FuncId { module: 0, func: 1 };
    Arc::new(CodeFunc { func, name: None, slots: vec![], ops })
}

/// A step as the tests keep it; `record` lends it out.
#[derive(Clone, Debug)]
pub struct Step {
    pub step: u64,
    pub tick: u64,
    pub depth: u32,
    pub instance: u32,
    pub func: u32,
    pub ip: u32,
    pub outcome: Outcome,
    pub callee: Option<FuncId>,
    pub base: u32,
    pub memory: u32,
    pub addr: u64,
    pub bits: u128,
    pub results: Vec<u128>,
    pub old: Vec<u128>,
    pub with_old: bool,
    pub pending: bool,
    pub extra: Vec<Effect>,
}

impl Step {
    pub fn new(step: u64, func: u32, ip: u32, outcome: Outcome) -> Step {
        Step {
            step,
            tick: step * 2,
            depth: func,
            instance: 0,
            func,
            ip,
            outcome,
            callee: None,
            base: 0,
            memory: 0,
            addr: 0,
            bits: 0,
            results: vec![7, 8, 9],
            old: vec![1, 2, 3],
            with_old: true,
            pending: false,
            extra: vec![],
        }
    }

    pub fn code(&self) -> Arc<CodeFunc> {
        if self.func == 0 { main_code() } else { callee_code() }
    }

    pub fn record(&self) -> StepRecord<'_> {
        StepRecord {
            tick: self.tick,
            depth: self.depth,
            instance: self.instance,
            callee: self.callee,
            base: self.base,
            memory: self.memory,
            addr: self.addr,
            bytes: self.bits,
            old_bytes: self.bits.rotate_left(3),
            global: self.bits,
            old_global: self.bits.rotate_left(5),
            results: &self.results,
            old_results: &self.old,
            with_old: self.with_old,
            pending: self.pending,
            extra: &self.extra,
            ..StepRecord::at(self.step, FuncId { module: 0, func: self.func }, self.ip, &self.outcome)
        }
    }

    pub fn event(&self) -> Event {
        self.record().event(&self.code()).expect("the step fits its code")
    }
}

impl Step {
    /// What a trace of this profile tells of the step, worked out from what all of it is.
    pub fn told(&self, profile: Profile) -> Event {
        let all = self.event();
        let code = self.code();
        let loads = code.ops[all.op as usize].access.is_some_and(|it| it.kind == AccessKind::Load);
        let pending = self.pending && profile >= Profile::Values;
        let mut shape = Step { extra: vec![], pending, ..self.clone() }.event();
        if self.extra.iter().any(|it| matches!(it, Effect::Pop { .. })) {
            shape.effects.retain(|it| !matches!(it, Effect::Pop { .. }));
        }
        if profile == Profile::Full {
            return all;
        }
        let (mut effects, mut untold) = (Vec::new(), Untold::default());
        for effect in shape.effects {
            match effect {
                Effect::Slot { depth, slot, value, .. } if profile == Profile::Values => {
                    match loads || self.outcome == Outcome::HostCall {
                        true => effects.push(Effect::Slot { depth, slot, value, old: None }),
                        false => untold.slots = true,
                    }
                }
                Effect::Slot { .. } => untold.slots = true,
                Effect::Global { .. } => untold.globals = true,
                Effect::Read { .. } if profile == Profile::Values => effects.push(effect),
                Effect::Write { memory, addr, len, .. } if profile == Profile::Values => {
                    untold.memory = true;
                    effects.push(Effect::Write { memory, addr, len, bytes: vec![], old: None });
                }
                Effect::Read { .. } | Effect::Write { .. } => untold.memory = true,
                other => effects.push(other),
            }
        }
        if profile == Profile::Values {
            effects.extend(self.extra.iter().cloned());
        } else {
            let frames = |it: &&Effect| matches!(it, Effect::Push { .. } | Effect::Pop { .. });
            effects.extend(self.extra.iter().filter(frames).cloned());
            untold.other = self.pending || !self.extra.iter().all(|it| frames(&it));
        }
        effects.sort_by_key(Effect::rank);
        Event { effects, untold, ..all }
    }
}

/// A run of some 20 steps with a gap after step 15.
pub fn steps() -> Vec<Step> {
    let callee = Some(FuncId { module: 0, func: 1 });
    let host = Effect::HostCall {
        import: "env.print".into(),
        args: vec![Value::i32(1)],
        results: vec![Value::i32(0)],
    };
    let next = |step, ip| Step::new(step, 0, ip, Outcome::Next);
    vec![
        next(0, 0),
        Step { addr: 1000, ..next(1, 8) },
        Step { addr: 1008, bits: 0x0123_4567_89ab_cdef, ..next(2, 16) },
        Step { bits: 1.5f64.to_bits().into(), ..next(3, 24) },
        Step::new(4, 0, 32, Outcome::Jump),
        Step { addr: 1002, memory: 3, ..next(5, 8) },
        Step { addr: 16, memory: 3, ..next(6, 16) },
        Step { tick: 99, ..next(7, 24) },
        Step { tick: 101, ..next(8, 32) },
        Step { tick: 104, ..Step::new(9, 0, 40, Outcome::Jump) },
        Step { tick: 106, callee, ..Step::new(10, 0, 48, Outcome::Call) },
        Step { tick: 107, ..Step::new(11, 1, 0, Outcome::Next) },
        Step { tick: 108, base: 5, ..Step::new(12, 1, 4, Outcome::Return) },
        Step { extra: vec![host.clone()], ..Step::new(13, 0, 56, Outcome::HostCall) },
        Step { pending: true, extra: vec![host], ..Step::new(14, 0, 64, Outcome::HostCall) },
        Step { instance: 1, ..Step::new(15, 1, 0, Outcome::Next) },
        Step { addr: 64, bits: 5, results: vec![!0, 1, 2], ..next(20, 72) },
        Step { with_old: false, ..Step::new(21, 0, 80, Outcome::Jump) },
        Step {
            extra: vec![Effect::Pop { count: 2 }],
            ..Step::new(22, 1, 16, Outcome::Error(Reason::Trap(TrapCode::Unreachable)))
        },
        Step { depth: 0, callee, ..Step::new(23, 1, 8, Outcome::TailCall) },
        Step::new(24, 0, 88, Outcome::Halt),
    ]
}

/// The late part of step 14.
pub fn late() -> (u64, Vec<Effect>) {
    let value = Value::i32(77);
    (14, vec![Effect::Slot { depth: 0, slot: 7, value, old: None }])
}

/// What a reader should give for [`steps`].
pub fn events() -> Vec<Event> {
    events_told(Profile::Full)
}

/// The same of a trace of this profile.
pub fn events_told(profile: Profile) -> Vec<Event> {
    let mut events: Vec<Event> = steps().iter().map(|step| step.told(profile)).collect();
    let (step, effects) = late();
    if profile < Profile::Values {
        return events;
    }
    for event in events.iter_mut().filter(|event| event.step == step) {
        event.effects.extend(effects.iter().cloned());
        event.effects.sort_by_key(Effect::rank);
    }
    events
}

pub fn host_entries() -> Vec<(Position, HostEntry)> {
    let ty = FuncType { params: vec![ValueType::I32; 4], results: vec![ValueType::I32] };
    let memory = MemoryType { min: 1, max: Some(4), page_size_log2: 16, ..MemoryType::default() };
    let table = TableType { element: ValueType::FuncRef, table64: false, min: 2, max: None };
    let null = Value::reference(ValueType::FuncRef, None);
    vec![
        (at(0, 0), HostEntry::LoadModule { module: 0, hash: ModuleHash::of(MODULE) }),
        (at(0, 0), HostEntry::HostFunc { func: 0, module: "env".into(), name: "f".into(), ty }),
        (at(0, 0), HostEntry::NewMemory { memory: 0, ty: memory }),
        (at(0, 0), HostEntry::NewTable { table: 0, ty: table, init: null }),
        (at(0, 0), HostEntry::NewGlobal { global: 0, mutable: true, value: Value::f64(0.5) }),
        (
            at(0, 0),
            HostEntry::Instantiate {
                instance: 0,
                module: 0,
                imports: vec![ExternId::Func(0), ExternId::Memory(0)],
            },
        ),
        (at(0, 0), HostEntry::Finished { results: vec![] }),
        (at(0, 0), HostEntry::Invoke { func: 1, args: vec![Value::i64(-1)] }),
        (at(13, 40), HostEntry::HostEnter { func: 0, args: vec![Value::i32(5); 4] }),
        (at(13, 40), HostEntry::MemoryWrite { memory: 0, addr: 9, bytes: b"hello".to_vec() }),
        (at(13, 40), HostEntry::MemoryGrow { memory: 0, delta: 1, old: Some(1) }),
        (at(13, 40), HostEntry::TableSet { table: 0, index: 1, value: null }),
        (at(13, 40), HostEntry::TableGrow { table: 0, delta: 9, init: null, old: None }),
        (at(13, 40), HostEntry::GlobalSet { global: 0, value: Value::f64(2.0) }),
        (at(13, 40), HostEntry::HostExit { results: vec![Value::i32(0)] }),
        (at(14, 43), HostEntry::HostEnter { func: 0, args: vec![] }),
        (at(15, 44), HostEntry::HostFailed { reason: Reason::WaitingForInput }),
        (at(15, 44), HostEntry::Resume),
        (at(24, 60), HostEntry::Check { state_hash: 12345 }),
        (at(25, 62), HostEntry::Failed { reason: Reason::HostError("no".into()) }),
    ]
}

/// A page of one byte, which hashes and compresses well.
pub fn page(byte: u8) -> [u8; PAGE_SIZE] {
    [byte; PAGE_SIZE]
}

/// Checkpoint number `n` of the run; each differs a little from the one before.
pub fn checkpoint(n: u8) -> Checkpoint {
    let pages = [(0, 1), (3, 2 + n), (9, 1)];
    let mut checkpoint = Checkpoint {
        position: at(u64::from(n) * 10, u64::from(n) * 25),
        host_cursor: u64::from(n) * 8,
        frames: vec![FrameImage {
            pc: 0x44,
            ip: 8,
            entered: at(0, 0),
            from_host: true,
            locals: vec![Value::i32(n.into()), Value::f32(-1.0)],
            operands: vec![Value::new(ValueType::V128, !0 << 5)],
            ..FrameImage::default()
        }],
        globals: vec![Value::i64(1 << 40)],
        tables: vec![TableImage { elements: vec![Value::reference(ValueType::FuncRef, Some(3)); 3] }],
        memories: vec![MemoryImage {
            len: 65536 + 3,
            pages: pages.map(|(index, byte)| (index, PageHash::of(&page(byte)).expect("not zero"))).to_vec(),
            tail: vec![1, 2, 3],
        }],
        dropped: vec![Dropped::Data { instance: 0, index: 2 }],
        state_hash: 0,
    };
    checkpoint.state_hash = checkpoint.compute_hash();
    checkpoint
}

pub fn summary() -> Summary {
    Summary { end: at(25, 62), why: RunEnd::Error(Reason::Exit(3)), functions: 2, ..Summary::default() }
}

/// Writes the whole run.
pub fn write(profile: Profile) -> Vec<u8> {
    write_with(profile, &options())
}

/// The same with other options.
pub fn write_with(profile: Profile, options: &WriteOptions) -> Vec<u8> {
    let mut writer = TraceWriter::with_options(Vec::new(), &manifest(profile), options).unwrap();
    writer.module("prog.wasm", MODULE).unwrap();
    writer.names(&Names { module: 0, funcs: vec![(0, "main".into())] }).unwrap();
    if profile > Profile::Log {
        writer.code(main_code()).unwrap();
        writer.code(callee_code()).unwrap();
    }
    let steps = steps();
    for (number, (position, entry)) in host_entries().iter().enumerate() {
        if number == 8 || number == 16 {
            for byte in 1..5 {
                writer.page(&page(byte)).unwrap();
            }
            writer.checkpoint(&checkpoint(number as u8 / 8)).unwrap();
        }
        if number == 12 {
            writer.sync(*position).unwrap();
        }
        writer.host_log(*position, entry).unwrap();
    }
    writer.output(at(13, 40), Stream::Stdout, b"hello\n").unwrap();
    writer.output(at(14, 43), Stream::Stderr, b"\x1b[31moops").unwrap();
    if profile > Profile::Log {
        for step in &steps {
            if step.step == 20 {
                let why = "the disk was slow".to_owned();
                writer.lost(&Lost { from: at(16, 33), steps: 4, why }).unwrap();
            }
            if step.step == 15 {
                let (step, effects) = late();
                writer.late(step, &effects, None).unwrap();
            }
            writer.step(&step.record()).unwrap();
        }
    }
    let text = "look here".to_owned();
    writer.marker(&Marker { position: at(5, 10), name: "m".into(), text }).unwrap();
    writer.finish(summary()).unwrap()
}
