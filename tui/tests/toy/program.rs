//! The toy's program: its ops, their texts, its code as a listing.

use wasmscope_trace_format::{CodeFunc, CodeOp, Flow, FuncId, SlotInfo, SlotKind, ValueType};
use wasmscope_tui::moment::Listing;

#[derive(Clone, Copy)]
pub(super) enum Op {
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

pub(super) struct Func {
    pub(super) name: &'static str,
    pub(super) slots: &'static [(&'static str, char)],
    pub(super) ops: &'static [Op],
    pub(super) wasm: &'static [&'static str],
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

pub(super) const FUNCS: [&Func; 2] = [&MAIN, &FACT];

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

pub(super) fn listing(func: u32) -> Listing {
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
            Op::Call(func, base) => Flow::Call { func, base },
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
        pcs: Vec::new(),
        operators: it.wasm.iter().map(|it| it.to_string()).collect(),
        meaning: it.ops.iter().map(|&op| texts(op).1).collect(),
        reads: it.ops.iter().map(|&op| reads(op)).collect(),
    }
}
