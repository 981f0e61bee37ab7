//! The toy machine at one step, and how it makes the next.

use super::Toy;
use super::program::{FUNCS, Op, listing};
use wasmscope_trace_format::{Effect, Event, FuncId, Outcome, Position, Reason, TrapCode, Value};
use wasmscope_tui::moment::{Frame, Global, Home, Memory, Output, RunEnd, Slot, Stream};
use wasmscope_tui::session::State;

#[derive(Clone)]
pub(super) struct Act {
    pub(super) func: u32,
    pub(super) at: usize,
    pub(super) slots: Vec<Option<i32>>,
    pub(super) entered: u64,
}

/// The machine at one step.
#[derive(Clone)]
pub struct Machine {
    pub(super) step: u64,
    pub(super) frames: Vec<Act>,
    pub(super) globals: Vec<i32>,
    pub(super) memory: Vec<u8>,
    pub(super) output: Vec<Output>,
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
            line: None,
            inlined: Vec::new(),
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

impl Toy {
    /// Executes one step at the end; `false` when the run does not go on.
    pub(super) fn run_one(&mut self) -> bool {
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
}
