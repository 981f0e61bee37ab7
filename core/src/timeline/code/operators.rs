//! The WebAssembly operators an op came from, as the text format writes them.
//!
//! ```text
//! op          r5 = i32.add_imm r3, 4         pc_start‥pc_end = 0x41‥0x46
//! operators   local.get 1 · i32.const 4 · i32.add · local.set 5
//! ```
//!
//! What only structures the code (`block`, `end`, …) is shown where nothing else is.

use crate::module::{ModuleData, NameSpace};
use std::fmt::Write;
use wasmparser::{BlockType, MemArg, Operator};

/// The operators of a function: file offset and text, and whether it does anything itself.
pub(super) struct Operators {
    all: Vec<(u32, String, bool)>,
}

/// At most so many operators are spelled out for one op.
const MOST: usize = 8;

impl Operators {
    pub(super) fn of(module: &ModuleData, func: u32) -> Operators {
        let mut reader = module.func_body(func).operators();
        let mut all = Vec::new();
        while !reader.eof() {
            let at = reader.original_position() as u32;
            let Ok(op) = reader.read() else { break };
            all.push((at, text(module, func, &op), !structural(&op)));
        }
        Operators { all }
    }

    /// Those from `start` to `end`, both included.
    pub(super) fn between(&self, start: u32, end: u32) -> String {
        let from = self.all.partition_point(|&(at, ..)| at < start);
        let to = self.all.partition_point(|&(at, ..)| at <= end).max(from);
        let range = &self.all[from..to];
        let working: Vec<&str> = range.iter().filter(|it| it.2).map(|it| it.1.as_str()).collect();
        let shown = match working.is_empty() {
            true => range.iter().map(|it| it.1.as_str()).collect(),
            false => working,
        };
        let skipped = shown.len().saturating_sub(MOST);
        let more = if skipped > 0 { "… · " } else { "" };
        format!("{more}{}", shown[skipped..].join(" · "))
    }
}

/// An operator of a function's body, as a line of the text format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorLine {
    /// Its offset in the file.
    pub pc: u32,
    /// How many blocks it stands in.
    pub depth: u32,
    /// Its text.
    pub text: String,
}

/// The operators of a function with a body, in order.
pub fn operators(module: &ModuleData, func: u32) -> Vec<OperatorLine> {
    let mut reader = module.func_body(func).operators();
    let mut lines = Vec::new();
    let mut depth = 0u32;
    while !reader.eof() {
        let pc = reader.original_position() as u32;
        let Ok(op) = reader.read() else { break };
        let closes = matches!(op, Operator::End | Operator::Else);
        let opens = matches!(
            op,
            Operator::Block { .. }
                | Operator::Loop { .. }
                | Operator::If { .. }
                | Operator::Else
                | Operator::TryTable { .. }
        );
        depth = depth.saturating_sub(closes.into());
        lines.push(OperatorLine { pc, depth, text: text(module, func, &op) });
        depth += u32::from(opens);
    }
    lines
}

fn structural(op: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(op, O::Block { .. } | O::Loop { .. } | O::Else | O::End | O::Nop)
}

/// The operator's name in the text format.
fn name(op: &Operator<'_>) -> String {
    macro_rules! names {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($ann:tt)*) )*) => {
            match op {
                $( Operator::$op $({ $($arg: _),* })? => stringify!($visit), )*
                _ => "visit_unknown",
            }
        };
    }
    let visit = wasmparser::for_each_operator!(names);
    let name = visit.trim_start_matches("visit_");
    let Some((head, tail)) = name.split_once('_') else { return name.to_owned() };
    const SPACES: &[&str] = &["local", "global", "memory", "table", "data", "elem", "ref", "atomic"];
    let numeric = head.starts_with(['i', 'f', 'v']) && head.contains(|c: char| c.is_ascii_digit());
    match name {
        "typed_select" | "typed_select_multi" => "select".to_owned(),
        _ if numeric || SPACES.contains(&head) => format!("{head}.{tail}"),
        _ => name.to_owned(),
    }
}

fn named(module: &ModuleData, space: NameSpace, index: u32) -> String {
    let name = match space {
        NameSpace::Func => module.func_name(index).map(|name| name.into_owned()),
        _ => module.name_of(space, index).map(str::to_owned),
    };
    match name {
        Some(name) => format!(" ${name}"),
        None => format!(" {index}"),
    }
}

fn text(module: &ModuleData, func: u32, op: &Operator<'_>) -> String {
    use Operator as O;
    let mut text = name(op);
    let index = |space, index| named(module, space, index);
    let more = match *op {
        O::LocalGet { local_index } | O::LocalSet { local_index } | O::LocalTee { local_index } => {
            match module.local_name(func, local_index) {
                Some(name) => format!(" ${name}"),
                None => format!(" {local_index}"),
            }
        }
        O::GlobalGet { global_index } | O::GlobalSet { global_index } => {
            index(NameSpace::Global, global_index)
        }
        O::Call { function_index } | O::ReturnCall { function_index } | O::RefFunc { function_index } => {
            index(NameSpace::Func, function_index)
        }
        O::CallIndirect { type_index, .. } | O::ReturnCallIndirect { type_index, .. } => {
            format!(" (type{})", index(NameSpace::Type, type_index))
        }
        O::I32Const { value } => format!(" {value}"),
        O::I64Const { value } => format!(" {value}"),
        O::F32Const { value } => format!(" {:?}", f32::from_bits(value.bits())),
        O::F64Const { value } => format!(" {:?}", f64::from_bits(value.bits())),
        O::Br { relative_depth } | O::BrIf { relative_depth } => format!(" {relative_depth}"),
        O::BrTable { ref targets } => format!(" of {}", targets.len() + 1),
        O::Block { blockty } | O::Loop { blockty } | O::If { blockty } => match blockty {
            BlockType::Empty => String::new(),
            BlockType::Type(ty) => format!(" (result {ty})"),
            BlockType::FuncType(ty) => format!(" (type{})", index(NameSpace::Type, ty)),
        },
        O::TableGet { table } | O::TableSet { table } | O::TableSize { table } | O::TableGrow { table } => {
            index(NameSpace::Table, table)
        }
        O::MemoryInit { data_index, .. } | O::DataDrop { data_index } => index(NameSpace::Data, data_index),
        O::TableInit { elem_index, .. } | O::ElemDrop { elem_index } => index(NameSpace::Element, elem_index),
        _ => mem_arg(op).map_or_else(String::new, |arg| match arg.offset {
            0 => String::new(),
            offset => format!(" offset={offset}"),
        }),
    };
    let _ = write!(text, "{more}");
    text
}

/// Where a load or store goes.
fn mem_arg(op: &Operator<'_>) -> Option<MemArg> {
    macro_rules! scalar {
        ($($op:ident)*) => {
            match op {
                $( Operator::$op { memarg } => Some(*memarg), )*
                _ => None,
            }
        };
    }
    scalar!(I32Load I64Load F32Load F64Load V128Load I32Store I64Store F32Store F64Store V128Store
        I32Load8S I32Load8U I32Load16S I32Load16U I32Store8 I32Store16
        I64Load8S I64Load8U I64Load16S I64Load16U I64Load32S I64Load32U I64Store8 I64Store16 I64Store32)
}
