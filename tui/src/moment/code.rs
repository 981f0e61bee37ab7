//! Code at its levels: bytecode, WebAssembly text, the other lowering, source; and names in it.
//!
//! Elsewhere: the moment they are parts of (`moment`).

use std::sync::Arc;
use wasmscope_trace_format::{CodeFunc, CodeOp, FuncId};

/// A function's code with what only an engine knows about it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listing {
    /// The code.
    pub code: CodeFunc,
    /// For each op of `code`: the WebAssembly operators it stands for, such as
    /// `local.get 0 · local.get 1 · i32.add`. May be empty: unknown.
    pub operators: Vec<String>,
    /// The file offsets they lie between: of the first, and the last byte that belongs to them. May be empty:
    /// unknown.
    pub pcs: Vec<(u32, u32)>,
    /// For each op of `code`: what it does as a sentence, slots named as in its text, such as
    /// `r2 = r0 + 1`. May be empty: its text says it.
    pub meaning: Vec<String>,
    /// For each op of `code`: the slots it reads. May be empty: unknown.
    pub reads: Vec<Vec<u32>>,
    /// For each op of `code`: the slot with its address, and what is added, if it is a load or
    /// store. May be empty: unknown.
    pub addresses: Vec<Option<(u32, u64)>>,
    /// For each op of `code`: what there is to learn about it. May be empty: unknown.
    pub lessons: Vec<Lesson>,
}

/// What there is to learn about an op, whatever its operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lesson {
    /// Its natural kind.
    pub kind: &'static str,
    /// The end of "its handler …".
    pub touches: &'static str,
    /// The end of "it …": when it traps; empty if never.
    pub traps: &'static str,
    /// The section of the specification.
    pub section: &'static str,
}

/// A line of a function in the WebAssembly text format.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WasmLine {
    /// The operator's place in the file.
    pub pc: u32,
    /// How many blocks it stands in.
    pub depth: u32,
    /// Its text.
    pub text: String,
}

/// A function's code, lowered the other way than it runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Other {
    /// Whether that is the plain lowering.
    pub plain: bool,
    /// The code.
    pub code: CodeFunc,
}

/// How often the ops of a function ran.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// By offset in the code; ops that never ran are left out.
    pub ops: Vec<(u32, u64)>,
}

impl Counts {
    /// How often the op at `ip` ran.
    pub fn of(&self, ip: u32) -> u64 {
        self.ops.binary_search_by_key(&ip, |it| it.0).map_or(0, |at| self.ops[at].1)
    }
}

/// The source of a function, as far as it is known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SourceView {
    /// The files its lines are in.
    pub files: Vec<SourceFile>,
    /// From each pc on: the line, if one is known; in order of pc.
    pub lines: Vec<(u32, Option<SourceLine>)>,
}

/// A source file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFile {
    /// Its path, as the module says.
    pub path: String,
    /// Its lines, if it was found.
    pub lines: Option<Arc<Vec<String>>>,
}

/// A line of a source file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SourceLine {
    /// Index in [`SourceView::files`].
    pub file: u32,
    /// From 1.
    pub line: u32,
}

impl SourceView {
    /// The line of an operator.
    pub fn at(&self, pc: u32) -> Option<SourceLine> {
        let behind = self.lines.partition_point(|it| it.0 <= pc);
        behind.checked_sub(1).and_then(|at| self.lines[at].1)
    }
}

/// A slot as the texts of ops name it.
pub fn slot_label(slot: u32) -> String {
    format!("r{slot}")
}

impl Listing {
    /// The op of that index, if there is one.
    pub fn op(&self, index: u32) -> Option<&CodeOp> {
        self.code.ops.get(index as usize)
    }

    /// The pcs that the operators lie between which the op of that index stands for.
    pub fn stands_for(&self, index: usize) -> (u32, u32) {
        self.pcs.get(index).copied().unwrap_or_else(|| pcs_up_to(&self.code, index))
    }

    /// The index of the op that stands for an operator; `None` for one that only structures the code.
    pub fn op_of(&self, pc: u32) -> Option<usize> {
        (0..self.code.ops.len()).find(|&index| {
            let (from, to) = self.stands_for(index);
            (from..=to).contains(&pc)
        })
    }

    /// What the op of that index does, in words.
    pub fn meaning(&self, index: u32) -> String {
        match (self.meaning.get(index as usize), self.op(index)) {
            (Some(meaning), _) if !meaning.is_empty() => meaning.clone(),
            (_, Some(op)) => op.text.clone(),
            _ => String::new(),
        }
    }

    /// The function's name for people.
    pub fn name(&self) -> String {
        func_name(self.code.func, self.code.name.as_deref())
    }
}

/// The pcs behind those of the op before the one of that index, up to its own: about what it stands for.
pub fn pcs_up_to(code: &CodeFunc, index: usize) -> (u32, u32) {
    let end = code.ops.get(index).map_or(0, |op| op.pc);
    let before = code.ops[..index.min(code.ops.len())].iter().rev().map(|op| op.pc).find(|&pc| pc < end);
    (before.map_or(0, |pc| pc + 1), end)
}

/// A function's name, or its number.
pub fn func_name(func: FuncId, name: Option<&str>) -> String {
    match name {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ if func.module == 0 => format!("func {}", func.func),
        _ => format!("func {}:{}", func.module, func.func),
    }
}
