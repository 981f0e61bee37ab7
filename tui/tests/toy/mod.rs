//! A small machine with a scripted program, so that the screen can be tried without an engine.
//!
//! ```text
//! main: for i in 1..=5 { memory[0x400 + 4 i] = fact(i); total += …; print }   then, live, asks for a name
//! fact: n < 2 ? 1 : n * fact(n - 1)
//! ```
//!
//! It keeps every moment, which a few hundred steps allow. Deterministic.

#![allow(dead_code, unreachable_pub)]

use std::ops::Range;
use std::sync::Arc;
use wasmscope_trace_format::{
    CodeFunc, CodeOp, Effect, Event, Flow, FuncId, Outcome, Position, Reason, SlotInfo, SlotKind, TrapCode,
    Value, ValueType,
};
use wasmscope_tui::moment::{
    About, Breakpoint, CallTree, Column, Frame, Global, Home, Listing, Memory, Mode, Output, Place, RunEnd,
    Slot, Stream, TreeNode, Why,
};
use wasmscope_tui::session::{Control, Direction, Failure, Goal, Overview, Source, State, Stop};

#[derive(Clone, Copy)]
enum Op {
    Const(u32, i32),
    Add(u32, u32, u32),
    AddImm(u32, u32, i32),
    Mul(u32, u32, u32),
    Shl(u32, u32, i32),
    BranchLt(u32, i32, usize),
    Jump(usize),
    Call(u32, u32),
    Return(Option<u32>),
    Store(u32, i32, u32),
    Load(u32, u32, i32),
    GlobalGet(u32, u32),
    GlobalSet(u32, u32),
    Print(u32),
    Read(u32),
    Div(u32, u32, u32),
}

struct Func {
    name: &'static str,
    slots: &'static [(&'static str, char)],
    ops: &'static [Op],
    wasm: &'static [&'static str],
}

const MAIN: Func = Func {
    name: "main",
    slots: &[("i", 'l'), ("addr", 'l'), ("", 's'), ("", 's'), ("", 's')],
    ops: &[
        Op::Const(0, 1),
        Op::BranchLt(0, 6, 3),
        Op::Jump(13),
        Op::AddImm(2, 0, 0),
        Op::Call(1, 2),
        Op::Shl(1, 0, 2),
        Op::Store(1, 0x400, 2),
        Op::GlobalGet(3, 1),
        Op::Add(3, 3, 2),
        Op::GlobalSet(1, 3),
        Op::Print(2),
        Op::AddImm(0, 0, 1),
        Op::Jump(1),
        Op::Load(4, 1, 0x400),
        Op::Read(2),
        Op::Div(3, 4, 2),
        Op::Return(None),
    ],
    wasm: &[
        "i32.const 1 · local.set 0",
        "local.get 0 · i32.const 6 · i32.lt_s · br_if 0",
        "br 1",
        "local.get 0",
        "call 1",
        "local.get 0 · i32.const 2 · i32.shl · local.set 1",
        "local.get 1 · i32.store offset=1024",
        "global.get 1",
        "i32.add",
        "global.set 1",
        "call $print",
        "local.get 0 · i32.const 1 · i32.add · local.set 0",
        "br 0",
        "local.get 1 · i32.load offset=1024",
        "call $read",
        "i32.div_s",
        "end",
    ],
};

const FACT: Func = Func {
    name: "fact",
    slots: &[("n", 'p'), ("", 's'), ("", 's')],
    ops: &[
        Op::BranchLt(0, 2, 5),
        Op::AddImm(1, 0, -1),
        Op::Call(1, 1),
        Op::Mul(1, 0, 1),
        Op::Return(Some(1)),
        Op::Const(1, 1),
        Op::Return(Some(1)),
    ],
    wasm: &[
        "local.get 0 · i32.const 2 · i32.lt_s · if",
        "local.get 0 · i32.const 1 · i32.sub",
        "call 1",
        "local.get 0 · i32.mul",
        "return",
        "i32.const 1",
        "end",
    ],
};

const FUNCS: [&Func; 2] = [&MAIN, &FACT];

/// The op's text and what it does in words.
fn texts(op: Op) -> (String, String) {
    let r = |slot: u32| format!("r{slot}");
    match op {
        Op::Const(d, v) => (format!("i32_const {}, {v}", r(d)), format!("{} = {v}", r(d))),
        Op::Add(d, a, b) => binary(&r, "add", "+", d, a, b),
        Op::Mul(d, a, b) => binary(&r, "mul", "*", d, a, b),
        Op::Div(d, a, b) => {
            let (text, meaning) = binary(&r, "div_s", "/", d, a, b);
            let more = ", signed; traps on 0 and on MIN / -1";
            (text, meaning + more)
        }
        Op::AddImm(d, a, 0) => (format!("copy {}, {}", r(d), r(a)), format!("{} = {}", r(d), r(a))),
        Op::AddImm(d, a, v) => {
            (format!("i32_add_imm {}, {}, {v}", r(d), r(a)), format!("{} = {} + {v}", r(d), r(a)))
        }
        Op::Shl(d, a, v) => {
            (format!("i32_shl_imm {}, {}, {v}", r(d), r(a)), format!("{} = {} << {v}", r(d), r(a)))
        }
        Op::BranchLt(a, v, t) => (
            format!("br_if_i32_lt_s_imm {}, {v}, {}", r(a), t * 8),
            format!("goes on at {} if {} < {v}, signed", t * 8, r(a)),
        ),
        Op::Jump(t) => (format!("br {}", t * 8), format!("goes on at {}", t * 8)),
        Op::Call(f, base) => (
            format!("call {}, {}", FUNCS[f as usize].name, r(base)),
            format!("calls {} with arguments from {}", FUNCS[f as usize].name, r(base)),
        ),
        Op::Return(Some(a)) => (format!("return {}", r(a)), format!("returns {}", r(a))),
        Op::Return(None) => ("return".into(), "returns".into()),
        Op::Store(a, off, v) => (
            format!("i32_store {}, {}, {off}", r(a), r(v)),
            format!("the 4 bytes at {} + {off} = {}", r(a), r(v)),
        ),
        Op::Load(d, a, off) => (
            format!("i32_load {}, {}, {off}", r(d), r(a)),
            format!("{} = the 4 bytes at {} + {off}", r(d), r(a)),
        ),
        Op::GlobalGet(d, g) => (format!("global_get {}, {g}", r(d)), format!("{} = global {g}", r(d))),
        Op::GlobalSet(g, a) => (format!("global_set {}, {g}", r(a)), format!("global {g} = {}", r(a))),
        Op::Print(a) => (format!("call_host toy.print, {}", r(a)), "calls the host's toy.print".into()),
        Op::Read(d) => (format!("call_host toy.read, {}", r(d)), "calls the host's toy.read".into()),
    }
}

fn binary(r: &dyn Fn(u32) -> String, name: &str, sign: &str, d: u32, a: u32, b: u32) -> (String, String) {
    (format!("i32_{name} {}, {}, {}", r(d), r(a), r(b)), format!("{} = {} {sign} {}", r(d), r(a), r(b)))
}

fn reads(op: Op) -> Vec<u32> {
    match op {
        Op::Add(_, a, b) | Op::Mul(_, a, b) | Op::Div(_, a, b) | Op::Store(a, _, b) => vec![a, b],
        Op::AddImm(_, a, _)
        | Op::Shl(_, a, _)
        | Op::BranchLt(a, ..)
        | Op::Return(Some(a))
        | Op::GlobalSet(_, a)
        | Op::Load(_, a, _)
        | Op::Call(_, a)
        | Op::Print(a) => vec![a],
        _ => Vec::new(),
    }
}

fn listing(func: u32) -> Listing {
    let it = FUNCS[func as usize];
    let base = 0x40 + func * 0x80;
    let kinds = |letter: char, index: u32| match letter {
        'p' => SlotKind::Param(index),
        'l' => SlotKind::Local(index),
        _ => SlotKind::Operand(index - it.slots.iter().filter(|it| it.1 != 's').count() as u32),
    };
    let op = |(index, &op): (usize, &Op)| CodeOp {
        ip: index as u32 * 8,
        pc: base + index as u32 * 5,
        weight: 1,
        text: texts(op).0,
        flow: match op {
            Op::BranchLt(.., target) => Flow::Branch { target: target as u32 * 8 },
            Op::Jump(target) => Flow::Jump { target: target as u32 * 8 },
            _ => Flow::Next,
        },
        ..CodeOp::default()
    };
    Listing {
        addresses: Vec::new(),
        lessons: Vec::new(),
        code: CodeFunc {
            func: FuncId { module: 0, func },
            name: Some(it.name.into()),
            slots: it
                .slots
                .iter()
                .enumerate()
                .map(|(slot, &(name, letter))| SlotInfo {
                    slot: slot as u32,
                    kind: kinds(letter, slot as u32),
                    ty: Some(ValueType::I32),
                    name: (!name.is_empty()).then(|| name.into()),
                })
                .collect(),
            ops: it.ops.iter().enumerate().map(op).collect(),
        },
        operators: it.wasm.iter().map(|it| it.to_string()).collect(),
        meaning: it.ops.iter().map(|&op| texts(op).1).collect(),
        reads: it.ops.iter().map(|&op| reads(op)).collect(),
    }
}

#[derive(Clone)]
struct Act {
    func: u32,
    at: usize,
    slots: Vec<Option<i32>>,
    entered: u64,
}

/// The machine at one step.
#[derive(Clone)]
pub struct Machine {
    step: u64,
    frames: Vec<Act>,
    globals: Vec<i32>,
    memory: Vec<u8>,
    output: Vec<Output>,
}

/// The run.
pub struct Toy {
    mode: Mode,
    listings: [Arc<Listing>; 2],
    moments: Vec<Machine>,
    events: Vec<Event>,
    end: RunEnd,
    input: Vec<u8>,
    closed: bool,
    breaks: bool,
}

impl Toy {
    /// The recorded run; the first movement is a bug of ours.
    pub fn broken() -> Toy {
        Toy { breaks: true, ..Toy::replay() }
    }

    /// A recorded run that ends with a trap: it divides by the zero it read.
    pub fn replay() -> Toy {
        let mut toy = Toy::new(Mode::Replay);
        toy.closed = true;
        while toy.run_one() {}
        toy
    }

    /// The recorded run with names that try to break the screen.
    pub fn hostile() -> Toy {
        const BAD: &str = "\x1b[2J\u{9b}31m字字\u{202e}e\u{301}\r\n\t\0👩‍👩‍👧";
        let mut toy = Toy::replay();
        for listing in &mut toy.listings {
            let listing = Arc::make_mut(listing);
            listing.code.name = Some(BAD.repeat(3));
            for slot in &mut listing.code.slots {
                slot.name = Some(BAD.into());
            }
            for op in &mut listing.code.ops {
                op.text = BAD.repeat(4);
            }
            listing.operators.iter_mut().for_each(|it| *it = BAD.into());
            listing.meaning.iter_mut().for_each(|it| *it = BAD.into());
        }
        for moment in &mut toy.moments {
            for chunk in &mut moment.output {
                chunk.bytes = BAD.as_bytes().to_vec();
            }
        }
        toy
    }

    /// A live run that has not begun.
    pub fn live() -> Toy {
        Toy::new(Mode::Live)
    }

    fn new(mode: Mode) -> Toy {
        let act = Act { func: 0, at: 0, slots: vec![Some(0), Some(0), None, None, None], entered: 0 };
        let mut memory = vec![0; 2048];
        memory[0x410 - 8..0x410].copy_from_slice(b"hello\0\x07\xff");
        memory[0x7f0..0x7f4].copy_from_slice(b"data");
        Toy {
            mode,
            listings: [Arc::new(listing(0)), Arc::new(listing(1))],
            moments: vec![Machine {
                step: 0,
                frames: vec![act],
                globals: vec![65536, 0],
                memory,
                output: Vec::new(),
            }],
            events: Vec::new(),
            end: RunEnd::Open,
            input: Vec::new(),
            closed: false,
            breaks: false,
        }
    }

    /// Executes one step at the end; `false` when the run does not go on.
    fn run_one(&mut self) -> bool {
        let mut now = self.moments.last().unwrap().clone();
        let Some(depth) = now.frames.len().checked_sub(1) else {
            return false;
        };
        if matches!(self.end, RunEnd::Trapped(_)) {
            return false;
        }
        let (func, at) = (now.frames[depth].func, now.frames[depth].at);
        let op = FUNCS[func as usize].ops[at];
        let mut effects = Vec::new();
        let mut outcome = Outcome::Next;
        let get = |now: &Machine, slot: u32| now.frames[depth].slots[slot as usize].unwrap_or(0);
        let mut next = at + 1;
        let mut set = |now: &mut Machine, depth: usize, slot: u32, value: i32| {
            let cell = &mut now.frames[depth].slots[slot as usize];
            effects.push(Effect::Slot {
                depth: depth as u32,
                slot,
                value: Value::i32(value),
                old: Some(Value::i32(cell.unwrap_or(0))),
            });
            *cell = Some(value);
        };
        match op {
            Op::Const(d, v) => set(&mut now, depth, d, v),
            Op::Add(d, a, b) => {
                let v = get(&now, a).wrapping_add(get(&now, b));
                set(&mut now, depth, d, v);
            }
            Op::Mul(d, a, b) => {
                let v = get(&now, a).wrapping_mul(get(&now, b));
                set(&mut now, depth, d, v);
            }
            Op::AddImm(d, a, i) => {
                let v = get(&now, a).wrapping_add(i);
                set(&mut now, depth, d, v);
            }
            Op::Shl(d, a, i) => {
                let v = get(&now, a) << i;
                set(&mut now, depth, d, v);
            }
            Op::Div(d, a, b) => match get(&now, b) {
                0 => {
                    outcome = Outcome::Error(Reason::Trap(TrapCode::IntegerDivideByZero));
                    self.end = RunEnd::Trapped("integer divide by zero".into());
                    next = at;
                }
                by => {
                    let v = get(&now, a) / by;
                    set(&mut now, depth, d, v);
                }
            },
            Op::BranchLt(a, i, target) => {
                if get(&now, a) < i {
                    (next, outcome) = (target, Outcome::Jump);
                }
            }
            Op::Jump(target) => (next, outcome) = (target, Outcome::Jump),
            Op::GlobalGet(d, g) => {
                let v = now.globals[g as usize];
                set(&mut now, depth, d, v);
            }
            Op::GlobalSet(g, a) => {
                let v = get(&now, a);
                let old = std::mem::replace(&mut now.globals[g as usize], v);
                effects.push(Effect::Global {
                    instance: 0,
                    index: g,
                    value: Value::i32(v),
                    old: Some(Value::i32(old)),
                });
            }
            Op::Store(a, off, v) => {
                let addr = (get(&now, a) + off) as usize;
                let bytes = get(&now, v).to_le_bytes();
                let old = now.memory[addr..addr + 4].to_vec();
                now.memory[addr..addr + 4].copy_from_slice(&bytes);
                effects.push(Effect::Write {
                    memory: 0,
                    addr: addr as u64,
                    len: 4,
                    bytes: bytes.to_vec(),
                    old: Some(old),
                });
            }
            Op::Load(d, a, off) => {
                let addr = (get(&now, a) + off) as usize;
                let bytes: [u8; 4] = now.memory[addr..addr + 4].try_into().unwrap();
                set(&mut now, depth, d, i32::from_le_bytes(bytes));
                effects
                    .insert(0, Effect::Read { memory: 0, addr: addr as u64, len: 4, bytes: bytes.to_vec() });
            }
            Op::Call(f, base) => {
                outcome = Outcome::Call;
                let mut slots = vec![None; FUNCS[f as usize].slots.len()];
                slots[0] = Some(get(&now, base));
                now.frames[depth].at = next;
                now.frames.push(Act { func: f, at: 0, slots, entered: now.step + 1 });
                effects.push(Effect::Push { func: FuncId { module: 0, func: f }, entered: now.step + 1 });
            }
            Op::Return(value) => {
                let value = value.map(|slot| get(&now, slot));
                now.frames.pop();
                outcome = if now.frames.is_empty() { Outcome::Halt } else { Outcome::Return };
                if let (Some(value), Some(caller)) = (value, now.frames.last()) {
                    let Op::Call(_, base) = FUNCS[caller.func as usize].ops[caller.at - 1] else {
                        unreachable!("only calls push frames")
                    };
                    set(&mut now, depth - 1, base, value);
                }
                effects.push(Effect::Pop { count: 1 });
                if now.frames.is_empty() {
                    self.end = RunEnd::Exited(0);
                }
            }
            Op::Print(a) => {
                outcome = Outcome::HostCall;
                let v = get(&now, a);
                now.output.push(Output {
                    step: now.step,
                    stream: if v > 100 { Stream::Stderr } else { Stream::Stdout },
                    bytes: format!("fact = {v}\n").into_bytes(),
                });
                effects.push(Effect::HostCall {
                    import: "toy.print".into(),
                    args: vec![Value::i32(v)],
                    results: Vec::new(),
                });
            }
            Op::Read(d) => {
                if self.input.is_empty() && !self.closed {
                    self.end = RunEnd::WaitingForInput;
                    return false;
                }
                outcome = Outcome::HostCall;
                let line = std::mem::take(&mut self.input);
                set(&mut now, depth, d, line.len() as i32);
                effects.insert(
                    0,
                    Effect::HostCall {
                        import: "toy.read".into(),
                        args: Vec::new(),
                        results: vec![Value::i32(line.len() as i32)],
                    },
                );
            }
        }
        if !matches!(outcome, Outcome::Call | Outcome::Return | Outcome::Halt) {
            now.frames[depth].at = next;
        }
        let at = at as u32;
        self.events.push(Event {
            step: now.step,
            tick: now.step,
            depth: depth as u32,
            func: FuncId { module: 0, func },
            ip: at * 8,
            pc: 0x40 + func * 0x80 + at * 5,
            op: at,
            outcome,
            effects,
            untold: Default::default(),
        });
        now.step += 1;
        self.moments.push(now);
        true
    }

    fn depth(&self, step: u64) -> usize {
        self.moments[step as usize].frames.len()
    }

    fn hit(&self, step: u64, breakpoints: &[Breakpoint]) -> Option<u32> {
        let frame = self.moments[step as usize].frames.last()?;
        let (func, at) = (FuncId { module: 0, func: frame.func }, frame.at as u32);
        let hit = breakpoints.iter().find(|it| {
            it.places().iter().any(|place| match *place {
                Place::Func(it) => it == func && at == 0,
                Place::Ip(it, ip) => it == func && at * 8 == ip,
                Place::Pc(_, pc) => pc == 0x40 + frame.func * 0x80 + at * 5,
            })
        });
        hit.map(|it| it.id)
    }
}

impl State for Machine {
    fn position(&self) -> Position {
        Position { step: self.step, tick: self.step }
    }

    fn depth(&self) -> u32 {
        self.frames.len() as u32
    }

    fn frame(&self, depth: u32) -> Option<Frame> {
        let act = self.frames.get(depth as usize)?;
        let waits = depth as usize + 1 < self.frames.len();
        let at = (act.at - usize::from(waits)) as u32;
        Some(Frame {
            depth,
            func: FuncId { module: 0, func: act.func },
            name: Some(FUNCS[act.func as usize].name.into()),
            ip: at * 8,
            pc: 0x40 + act.func * 0x80 + at * 5,
            entered: act.entered,
        })
    }

    fn slots(&self, depth: u32) -> Vec<Slot> {
        let act = &self.frames[depth as usize];
        let infos = listing(act.func).code.slots;
        infos
            .into_iter()
            .zip(&act.slots)
            .map(|(info, value)| Slot {
                slot: info.slot,
                kind: info.kind,
                name: info.name,
                ty: info.ty,
                value: value.map(Value::i32),
                home: Home::Own,
            })
            .collect()
    }

    fn globals(&self) -> Vec<Global> {
        let names = ["__stack_pointer", "total"];
        names
            .iter()
            .zip(&self.globals)
            .enumerate()
            .map(|(index, (name, &value))| Global {
                instance: 0,
                index: index as u32,
                name: Some(name.to_string()),
                mutable: true,
                value: Value::i32(value),
            })
            .collect()
    }

    fn memories(&self) -> Vec<Memory> {
        vec![Memory { index: 0, name: Some("memory".into()), len: 65536 }]
    }

    fn read(&self, memory: u32, addr: u64, len: usize) -> Vec<u8> {
        if memory != 0 {
            return Vec::new();
        }
        let end = addr.saturating_add(len as u64).min(65536);
        (addr..end).map(|at| self.memory.get(at as usize).copied().unwrap_or(0)).collect()
    }

    fn output(&self, limit: usize) -> (Vec<Output>, bool) {
        let mut size = 0;
        let first = self
            .output
            .iter()
            .rposition(|chunk| {
                size += chunk.bytes.len();
                size >= limit
            })
            .unwrap_or(0);
        (self.output[first..].to_vec(), first > 0)
    }
}

impl Source for Toy {
    fn about(&self) -> About {
        About {
            file: match self.mode {
                Mode::Live => "toy.wasm".into(),
                Mode::Replay => "toy.wtrace".into(),
            },
            mode: self.mode,
            notes: Vec::new(),
        }
    }

    fn end(&self) -> Position {
        let step = self.events.len() as u64;
        Position { step, tick: step }
    }

    fn run_end(&self) -> RunEnd {
        self.end.clone()
    }

    fn state(&mut self, step: u64) -> Result<Box<dyn State + '_>, Failure> {
        match self.moments.get(step as usize) {
            Some(moment) => Ok(Box::new(moment.clone())),
            None => Err(Failure(format!("step {step} is past the end"))),
        }
    }

    fn events(&mut self, range: Range<u64>) -> Result<Vec<Event>, Failure> {
        let len = self.events.len() as u64;
        let range = range.start.min(len) as usize..range.end.min(len) as usize;
        Ok(self.events[range].to_vec())
    }

    fn code(&mut self, func: FuncId) -> Result<Arc<Listing>, Failure> {
        match self.listings.get(func.func as usize) {
            Some(listing) => Ok(listing.clone()),
            None => Err(Failure(format!("there is no function {func}"))),
        }
    }

    fn functions(&self) -> Vec<(FuncId, Option<String>)> {
        let of = |listing: &Arc<Listing>| (listing.code.func, listing.code.name.clone());
        self.listings.iter().map(of).collect()
    }

    fn travel(
        &mut self,
        from: u64,
        goal: Goal,
        direction: Direction,
        breakpoints: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        assert!(!self.breaks, "a bug on purpose");
        let depth = self.depth(from);
        let mut at = from;
        let stop = |step, why| Ok(Stop { step, why });
        loop {
            if control.cancelled() {
                return stop(at, Why::Cancelled);
            }
            (control.progress)(at);
            let done = match direction {
                Direction::Forward => {
                    if at == self.end().step && !(self.mode == Mode::Live && self.run_one()) {
                        let waits = self.end == RunEnd::WaitingForInput;
                        return stop(at, if waits { Why::WaitingForInput } else { Why::End });
                    }
                    at += 1;
                    match goal {
                        Goal::Steps(n) => at - from >= n,
                        Goal::Over => self.depth(at) <= depth,
                        Goal::Into => true,
                        Goal::Out => self.depth(at) < depth,
                        Goal::Continue => false,
                    }
                }
                Direction::Backward => {
                    if at == 0 {
                        return stop(0, Why::Start);
                    }
                    at -= 1;
                    match goal {
                        Goal::Steps(n) => from - at >= n,
                        Goal::Over => self.depth(at) <= depth,
                        Goal::Into => true,
                        Goal::Out => self.depth(at) < depth,
                        Goal::Continue => false,
                    }
                }
            };
            if done {
                return stop(at, Why::Done);
            }
            if let (Some(id), false) = (self.hit(at, breakpoints), matches!(goal, Goal::Steps(_))) {
                return stop(at, Why::Breakpoint(id));
            }
        }
    }

    fn overview(&self) -> Option<Box<dyn Overview>> {
        let known = self.mode == Mode::Replay;
        known.then(|| Box::new(Counted { upto: 0, events: self.events.clone() }) as Box<dyn Overview>)
    }

    fn feed_input(&mut self, input: Option<&[u8]>) -> Result<(), Failure> {
        if self.mode == Mode::Replay {
            return Err(Failure("a trace takes no input".into()));
        }
        match input {
            Some(bytes) => self.input.extend_from_slice(bytes),
            None => self.closed = true,
        }
        if self.end == RunEnd::WaitingForInput {
            self.end = RunEnd::Open;
        }
        Ok(())
    }
}

/// A count of recorded events.
struct Counted {
    upto: u64,
    events: Vec<Event>,
}

impl Overview for Counted {
    fn go_on(&mut self, steps: u64) -> Result<bool, Failure> {
        let end = self.events.len() as u64;
        self.upto = self.upto.saturating_add(steps).min(end);
        Ok(self.upto < end)
    }

    fn upto(&self) -> u64 {
        self.upto
    }

    fn columns(&self, end: u64, columns: usize) -> Vec<Column> {
        let columns = (columns as u64).min(end);
        let part = |at: u64| (end * at / columns) as usize..(end * (at + 1) / columns) as usize;
        let column = |at: u64| {
            let events = &self.events[part(at)];
            let count = |of: fn(&Event) -> bool| events.iter().filter(|event| of(event)).count() as u64;
            Column {
                known: self.upto >= part(at).end as u64,
                calls: count(|event| event.outcome == Outcome::Call),
                host: count(|event| event.outcome == Outcome::HostCall),
                writes: count(|event| event.effects.iter().any(|it| matches!(it, Effect::Write { .. }))),
            }
        };
        (0..columns).map(column).collect()
    }

    fn op_counts(&self, func: FuncId) -> Vec<(u32, u64)> {
        let mut counts = std::collections::BTreeMap::new();
        for event in self.events.iter().filter(|event| event.func == func) {
            *counts.entry(event.ip).or_insert(0) += 1;
        }
        counts.into_iter().collect()
    }

    fn outcomes(&self) -> Vec<(Outcome, u64)> {
        let mut counts: Vec<(Outcome, u64)> = Vec::new();
        for event in &self.events {
            match counts.iter_mut().find(|it| it.0 == event.outcome) {
                Some(it) => it.1 += 1,
                None => counts.push((event.outcome.clone(), 1)),
            }
        }
        counts.sort_by_key(|it| std::cmp::Reverse(it.1));
        counts
    }

    fn tree(&self, name: &dyn Fn(FuncId) -> Arc<str>) -> CallTree {
        let own = |func: u32| self.events.iter().filter(|event| event.func.func == func).count() as u64;
        let node = |func: u32, below: u32, calls: u64, total: u64| TreeNode {
            id: func + 1,
            name: name(FuncId { module: 0, func }),
            depth: func,
            below,
            calls,
            own: own(func),
            total,
            first: 4 * u64::from(func),
            cut: func == 1,
        };
        let calls = self.events.iter().filter(|event| event.outcome == Outcome::Call).count() as u64;
        let nodes = vec![node(0, 1, 1, own(0) + own(1)), node(1, 0, calls, own(1))];
        CallTree { upto: self.upto, nodes }
    }
}
