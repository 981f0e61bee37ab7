//! The code of a function as data: what a trace stores and a debugger shows.
//!
//! ```text
//! module, function, lowering ──lower again──► ops, words ──► CodeFunc   shapes, text
//!                                                        └──► FuncFacts  types, meaning
//! ```
//!
//! A [`CodeFunc`] says what every step of an op does, so that only values need storing;
//! [`FuncFacts`] stand beside it, op by op, with what an engine and an explanation want
//! and a file does not.
//!
//! Always: ops stand in order of `ip`, jump targets are the `ip` of an op, every
//! destination has the type it has at this place. A `v128` is one value in two slots.
//! Elsewhere: operands out of words (`decode`), types of values (`types`), the line a
//! user reads (`text`), explanations (`facts`).

mod facts;
mod lesson;
mod operators;
#[cfg(test)]
mod tests;
mod text;
mod types;

pub use facts::{Address, FuncFacts, OpFacts};
pub use lesson::{Lesson, lesson};
pub use operators::{OperatorLine, operators};

use crate::code::OpCode;
use crate::code::decode::Decoded;
use crate::lower::debug::FuncDebug;
use crate::lower::{LowerError, Lowering};
use crate::module::{HeapType, ModuleData, ValType};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use wasmscope_trace_format::{
    AccessKind, CodeFunc, CodeOp, Dst, Flow, FuncId, GlobalWrite, MemAccess, SlotInfo, SlotKind, ValueType,
};

/// The code of function `func` of the module numbered `module_index`.
///
/// # Errors
/// As lowering itself.
pub fn code_func(
    module: &ModuleData,
    module_index: u32,
    func: u32,
    mode: Lowering,
) -> Result<CodeFunc, LowerError> {
    code_and_facts(module, module_index, func, mode).map(|(code, _)| code)
}

/// The same, and what is known about each of its ops beyond that.
///
/// # Errors
/// As lowering itself.
pub fn code_and_facts(
    module: &ModuleData,
    module_index: u32,
    func: u32,
    mode: Lowering,
) -> Result<(CodeFunc, FuncFacts), LowerError> {
    let (debug, words) = FuncDebug::with_code(module, func, mode)?;
    let shaper = Shaper { module, func, debug, names: RefCell::default() };
    let (ops, facts) = (0..shaper.debug.ops.len())
        .map(|ordinal| shaper.op(&Decoded::new(&words, shaper.debug.ops[ordinal].ip, ordinal)))
        .unzip();
    let code = CodeFunc {
        func: FuncId { module: module_index, func },
        name: module.func_name(func).map(String::from),
        slots: shaper.slots(),
        ops,
    };
    Ok((code, FuncFacts { ops: facts }))
}

/// What the cells of a function's frame are for, by their place; see [`CodeFunc::slots`].
///
/// # Errors
/// As lowering itself.
pub fn slots(module: &ModuleData, func: u32, mode: Lowering) -> Result<Vec<SlotInfo>, LowerError> {
    let (debug, _) = FuncDebug::with_code(module, func, mode)?;
    Ok(Shaper { module, func, debug, names: RefCell::default() }.slots())
}

/// What an engine knows about an op and a trace does not hold, for a debugger to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpNote {
    /// What it does as a sentence, with slots as its text names them: `r5 = r3 + r4`.
    pub meaning: String,
    /// The WebAssembly operators it came from: `local.get 1 · i32.const 4 · i32.add`.
    pub operators: String,
    /// The file offsets they lie between: of the first, and the last byte that belongs to them; of an op that only
    /// prepares one, that one's.
    pub pcs: (u32, u32),
    /// The slots it reads, and the types of what it finds there.
    pub reads: Vec<Dst>,
    /// Where it accesses memory, if it is a load or store.
    pub address: Option<Address>,
    /// What there is to learn about it.
    pub lesson: Option<Lesson>,
}

/// Notes on the ops of a function, in the order of [`CodeFunc::ops`].
///
/// # Errors
/// As lowering itself.
pub(crate) fn notes(module: &ModuleData, func: u32, mode: Lowering) -> Result<Vec<OpNote>, LowerError> {
    let (code, facts) = code_and_facts(module, 0, func, mode)?;
    let operators = operators::Operators::of(module, func);
    let note = |(at, facts): (usize, &OpFacts)| {
        let op = &code.ops[at];
        // An op that only prepares an operator retires none.
        let pcs = if op.weight == 0 { (op.pc, op.pc) } else { (facts.pc_start, facts.pc_end) };
        OpNote {
            meaning: facts.meaning(),
            operators: operators.between(pcs.0, pcs.1),
            pcs,
            reads: facts.inputs.iter().map(|&(slot, ty)| Dst { slot, ty }).collect(),
            address: facts.address,
            lesson: Some(lesson(facts.op)),
        }
    };
    Ok(facts.ops.iter().enumerate().map(note).collect())
}

/// The type of a value in a trace; references keep only what kind of thing they refer to.
pub(crate) fn value_type(ty: ValType) -> ValueType {
    match ty {
        ValType::I32 => ValueType::I32,
        ValType::I64 => ValueType::I64,
        ValType::F32 => ValueType::F32,
        ValType::F64 => ValueType::F64,
        ValType::V128 => ValueType::V128,
        ValType::Ref(reference) => match reference.heap.top() {
            HeapType::Extern => ValueType::ExternRef,
            HeapType::Exn => ValueType::ExnRef,
            _ => ValueType::FuncRef,
        },
    }
}

/// A value of a frame: its first slot, and its type there.
pub type TypedSlot = (u32, ValueType);

/// One function while its tables are made.
struct Shaper<'m> {
    module: &'m ModuleData,
    func: u32,
    debug: FuncDebug,
    /// Names of functions, as they stand in text.
    names: RefCell<HashMap<u32, Option<String>>>,
}

impl Shaper<'_> {
    fn op(&self, op: &Decoded<'_>) -> (CodeOp, OpFacts) {
        let line = &self.debug.ops[op.ordinal];
        let inputs = self.inputs(op);
        let outputs = self.outputs(op, &inputs);
        let moves = self.moves(op, &inputs);
        let flow = flow(op);
        let dsts = match op.code {
            // The callee's return writes them.
            OpCode::call => Vec::new(),
            _ if flow == Flow::Return => at_slot(0, &inputs),
            _ => outputs.clone(),
        };
        let access = access(op);
        let shape = CodeOp {
            ip: line.ip,
            pc: line.pc,
            weight: line.weight,
            mnemonic: text::mnemonic(op.code).into(),
            text: self.text(op, &inputs, &outputs, &moves),
            dsts: dsts.iter().map(|&(slot, ty)| Dst { slot, ty }).collect(),
            access,
            global: matches!(op.code, OpCode::global_set | OpCode::global_set_v128).then(|| {
                let index = op.get("global") as u32;
                GlobalWrite { index, ty: value_type(self.module.global_type(index).content) }
            }),
            flow,
        };
        let address = access.map(|_| Address { slot: op.slot("addr"), offset: op.get("offset") });
        let moves = moves.iter().map(|to| to.iter().map(|&(slot, ty)| Dst { slot, ty }).collect()).collect();
        let pieces = self.meaning(op, &inputs);
        (
            shape,
            OpFacts {
                op: op.code,
                pieces,
                inputs,
                outputs,
                moves,
                address,
                pc_start: line.pc_start,
                pc_end: line.pc_end,
            },
        )
    }

    /// What the cells of a frame are for. Operand places that no operator ever reaches
    /// are left out.
    fn slots(&self) -> Vec<SlotInfo> {
        let debug = &self.debug;
        let mut slots: BTreeMap<u32, SlotInfo> = BTreeMap::new();
        for (index, (&ty, &slot)) in debug.locals.iter().zip(&debug.local_slots).enumerate() {
            let index = index as u32;
            let kind = if index < debug.params { SlotKind::Param(index) } else { SlotKind::Local(index) };
            slots.insert(slot, SlotInfo { slot, kind, ty: Some(value_type(ty)), name: None });
        }
        for (index, name) in self.module.local_names(self.func) {
            if let Some(slot) = debug.local_slots.get(index as usize).and_then(|slot| slots.get_mut(slot)) {
                slot.name = Some(name.to_owned());
            }
        }
        // A slot keeps its type while all operands seen there agree.
        let mut mixed = Vec::new();
        for (operand, height) in debug.operands() {
            let (slot, ty) = (operand.home, value_type(operand.ty));
            let kind = SlotKind::Operand(height);
            let known = slots.entry(slot).or_insert(SlotInfo { slot, kind, ty: Some(ty), name: None });
            if known.ty != Some(ty) {
                known.ty = None;
            }
            if ty == ValueType::V128 {
                mixed.push(slot + 1);
            }
        }
        for slot in mixed {
            if let Some(known) = slots.get_mut(&slot) {
                known.ty = None;
            }
        }
        slots.into_values().collect()
    }
}

/// The same values one behind the other from `slot` on.
fn at_slot(slot: u32, values: &[TypedSlot]) -> Vec<TypedSlot> {
    let mut at = slot;
    let place = |&(_, ty): &TypedSlot| {
        let here = at;
        at += if ty == ValueType::V128 { 2 } else { 1 };
        (here, ty)
    };
    values.iter().map(place).collect()
}

/// Where control goes from an op.
fn flow(op: &Decoded<'_>) -> Flow {
    match op.code {
        OpCode::br | OpCode::br_copy => Flow::Jump { target: op.target() },
        OpCode::br_table | OpCode::br_table_copy => {
            Flow::Table { targets: op.table().map(|(target, _)| target).collect() }
        }
        OpCode::call => Flow::Call { func: op.get("func") as u32, base: op.slot("head") },
        OpCode::return_call => Flow::TailCall { func: op.get("func") as u32 },
        OpCode::return_call_import | OpCode::return_call_indirect | OpCode::return_call_ref => {
            Flow::TailCallIndirect
        }
        // The import may be a function of another module.
        OpCode::call_import | OpCode::call_indirect | OpCode::call_ref => {
            Flow::CallIndirect { base: op.slot("head") }
        }
        OpCode::throw | OpCode::throw_ref => Flow::Throw,
        OpCode::ret | OpCode::ret_value | OpCode::ret_span => Flow::Return,
        OpCode::unreachable | OpCode::stop => Flow::Trap,
        _ if op.has("jump") => Flow::Branch { target: op.target() },
        _ => Flow::Next,
    }
}

/// The memory access of a load or store; those that name no memory work on memory 0.
fn access(op: &Decoded<'_>) -> Option<MemAccess> {
    let (store, size) = op.access()?;
    let memory = if op.has("memory") { op.get("memory") as u32 } else { 0 };
    Some(MemAccess { memory, kind: if store { AccessKind::Write } else { AccessKind::Load }, size })
}
