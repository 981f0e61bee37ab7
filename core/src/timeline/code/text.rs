//! The line of disassembly of an op.
//!
//! ```text
//! r5 = i32.add r3, r4              results = mnemonic operands
//! r2 = i32.load [r1 + 16]          i32.store [r1 + 8] = r3
//! br_i32.lt_s r2, r3 -> 0x48       targets are ips, as in front of each line
//! r4 = call $fib(r4)               what has a name goes by it: $name, else func[12]
//! r3, r4 = br_copy r5, r6 -> 0x60  several values by the first slot of each
//! ```
//!
//! Always: a line has no control characters, and its length is bounded: long lists and
//! names are cut, the tables beside the text have all of them.

use super::{Decoded, Shaper, TypedSlot, access};
use crate::code::{OPS, OpCode};
use crate::isa::{Operand, OperandType, Role};
use crate::module::NameSpace;
use crate::printable::picture;
use std::fmt::Write;
use std::sync::LazyLock;
use wasmscope_trace_format::{AccessKind, Value, ValueType};

/// At most so many values or targets of one op are written out.
pub(super) const LIST: usize = 8;
/// At most so many characters of a name.
const NAME: usize = 64;

/// What an op is called on screen; see [`OpInfo::mnemonic`](crate::isa::OpInfo::mnemonic).
pub(super) fn mnemonic(op: OpCode) -> &'static str {
    static MNEMONICS: LazyLock<Vec<String>> = LazyLock::new(|| OPS.iter().map(|op| op.mnemonic()).collect());
    &MNEMONICS[op as usize]
}

impl Shaper<'_> {
    /// The disassembly of an op.
    pub(super) fn text(
        &self,
        op: &Decoded<'_>,
        inputs: &[TypedSlot],
        outputs: &[TypedSlot],
        moves: &[Vec<TypedSlot>],
    ) -> String {
        let name = mnemonic(op.code);
        // What a taken branch writes stands on the left like any other result.
        let results = if op.code == OpCode::br_if_copy { &moves[0] } else { outputs };
        let mut text = String::new();
        if !results.is_empty() {
            let _ = write!(text, "{} = ", list(results));
        }
        text.push_str(name);
        let operands = self.operands(op, inputs);
        if !operands.is_empty() {
            text.push(' ');
            text.push_str(&operands);
        }
        match op.code {
            OpCode::br_table => targets(&mut text, op.table().map(|(target, _)| format!("{target:#x}"))),
            OpCode::br_table_copy => {
                let to = |((target, _), values): ((u32, u32), &Vec<TypedSlot>)| {
                    format!("{target:#x}: {}", list(&values[..values.len().min(1)]))
                };
                targets(&mut text, op.table().zip(moves).map(to));
            }
            _ if op.has("jump") => {
                let _ = write!(text, " -> {:#x}", op.target());
            }
            _ => {}
        }
        text
    }

    /// Everything between mnemonic and targets.
    fn operands(&self, op: &Decoded<'_>, inputs: &[TypedSlot]) -> String {
        use OpCode as O;
        let r = |name: &str| format!("r{}", op.slot(name));
        let table = |name: &str| self.entity(NameSpace::Table, op.get(name) as u32);
        let place = |table: String, index: &str| format!("{table}[r{}]", op.slot(index));
        let arguments = |from: usize| list(&inputs[from..]);
        if let Some(access) = access(op) {
            let memory = self.other_memory(access.memory as u64);
            let address = match op.get("offset") {
                0 => format!("{memory}[{}]", r("addr")),
                offset => format!("{memory}[{} + {offset}]", r("addr")),
            };
            return match access.kind {
                AccessKind::Write => {
                    format!("{address} = {}", self.values(op, &["addr", "memory", "offset"]))
                }
                // A lane that is replaced in a vector.
                _ if op.has("lane") => {
                    format!("{address}, {}", self.values(op, &["addr", "memory", "offset"]))
                }
                _ => address,
            };
        }
        match op.code {
            O::global_get | O::global_get_v128 => self.entity(NameSpace::Global, op.get("global") as u32),
            O::global_set | O::global_set_v128 => {
                format!("{} = {}", self.entity(NameSpace::Global, op.get("global") as u32), r("src"))
            }
            O::ref_func => self.entity(NameSpace::Func, op.get("func") as u32),
            O::call | O::call_import | O::return_call | O::return_call_import => {
                format!("{}({})", self.entity(NameSpace::Func, op.get("func") as u32), arguments(0))
            }
            O::call_indirect | O::return_call_indirect => {
                format!("{}({})", place(table("table"), "index"), arguments(1))
            }
            O::call_ref | O::return_call_ref => format!("({})({})", r("func"), arguments(1)),
            O::throw => {
                format!("{}({})", self.entity(NameSpace::Tag, op.get("tag") as u32), arguments(0))
            }
            O::memory_size | O::memory_size_wide => self.other_memory(op.get("memory")),
            O::memory_grow | O::memory_grow_wide => {
                [r("delta"), self.other_memory(op.get("memory"))].join(" ").trim_end().to_owned()
            }
            O::memory_copy => {
                let to = self.other_memory(op.get("dst_memory"));
                let from = self.other_memory(op.get("src_memory"));
                format!("{to}[{}] = {from}[{}], len {}", r("dst"), r("src"), r("len"))
            }
            O::memory_fill => {
                format!(
                    "{}[{}] = {}, len {}",
                    self.other_memory(op.get("memory")),
                    r("dst"),
                    r("value"),
                    r("len")
                )
            }
            O::memory_init => {
                let data = place(self.entity(NameSpace::Data, op.get("segment") as u32), "src");
                format!("{}[{}] = {data}, len {}", self.other_memory(op.get("memory")), r("dst"), r("len"))
            }
            O::data_drop => self.entity(NameSpace::Data, op.get("segment") as u32),
            O::table_get => place(table("table"), "index"),
            O::table_set => format!("{} = {}", place(table("table"), "index"), r("value")),
            O::table_size | O::table_size_wide => table("table"),
            O::table_grow | O::table_grow_wide => {
                format!("{}, {} by {}", table("table"), r("value"), r("delta"))
            }
            O::table_fill => format!("{} = {}, len {}", place(table("table"), "dst"), r("value"), r("len")),
            O::table_copy => {
                let (to, from) = (place(table("dst_table"), "dst"), place(table("src_table"), "src"));
                format!("{to} = {from}, len {}", r("len"))
            }
            O::table_init => {
                let elem = place(self.entity(NameSpace::Element, op.get("segment") as u32), "src");
                format!("{} = {elem}, len {}", place(table("table"), "dst"), r("len"))
            }
            O::elem_drop => self.entity(NameSpace::Element, op.get("segment") as u32),
            O::br_copy | O::br_if_copy | O::br_table_copy | O::copy_span | O::ret_span => list(inputs),
            // One of two values.
            _ if op.has("cond") && op.has("lhs") => {
                let value = |name: &str| {
                    op.operand(name).and_then(|operand| match operand.role {
                        Role::Imm => constant(op, operand),
                        _ => Some(r(name)),
                    })
                };
                format!(
                    "{} ? {} : {}",
                    r("cond"),
                    value("lhs").unwrap_or_default(),
                    value("rhs").unwrap_or_default()
                )
            }
            _ => self.values(op, &[]),
        }
    }

    /// Slots read and immediates in the table's order, but for those in `without`.
    fn values(&self, op: &Decoded<'_>, without: &[&str]) -> String {
        let mut values = Vec::new();
        for operand in op.code.info().operands {
            match operand.role {
                Role::In if !without.contains(&operand.name) => values.push(format!("r{}", op.bits(operand))),
                Role::Imm if !without.contains(&operand.name) => values.extend(constant(op, operand)),
                _ => {}
            }
        }
        values.join(", ")
    }

    /// The name of a part of the module, as `$name` or `func[12]`.
    pub(super) fn entity(&self, space: NameSpace, index: u32) -> String {
        self.name(space, index).unwrap_or_else(|| {
            let kind = match space {
                NameSpace::Func => "func",
                NameSpace::Type => "type",
                NameSpace::Table => "table",
                NameSpace::Memory => "memory",
                NameSpace::Global => "global",
                NameSpace::Element => "elem",
                NameSpace::Data => "data",
                NameSpace::Tag => "tag",
            };
            format!("{kind}[{index}]")
        })
    }

    /// The name of a part of the module with its `$`, if it has one.
    pub(super) fn name(&self, space: NameSpace, index: u32) -> Option<String> {
        let shown = |name: &str| {
            let mut text: String = std::iter::once('$').chain(name.chars().take(NAME).map(picture)).collect();
            if name.chars().nth(NAME).is_some() {
                text.push('…');
            }
            text
        };
        if space != NameSpace::Func {
            return self.module.name_of(space, index).map(shown);
        }
        let mut names = self.names.borrow_mut();
        let name =
            names.entry(index).or_insert_with(|| self.module.func_name(index).map(|name| shown(&name)));
        name.clone()
    }

    /// Nothing for memory 0, which loads and stores do not name either.
    fn other_memory(&self, index: u64) -> String {
        if index == 0 { String::new() } else { self.entity(NameSpace::Memory, index as u32) }
    }
}

/// A constant operand as a number; `None` if it is no part of the op's meaning.
pub(super) fn constant(op: &Decoded<'_>, operand: &Operand) -> Option<String> {
    let bits = op.bits(operand);
    // Immediates of 64-bit operations are 32 bits wide and sign-extended.
    let unsigned = op.code.info().name.ends_with("_u_imm");
    let wide = op.code.info().name.contains("i64_");
    Some(match operand.ty {
        OperandType::I32 if unsigned && wide => bits.to_string(),
        OperandType::I32 if unsigned => (bits as u32).to_string(),
        OperandType::I32 | OperandType::I64 => (bits as i64).to_string(),
        OperandType::F32 => Value::new(ValueType::F32, bits as u128).to_string(),
        OperandType::F64 => Value::new(ValueType::F64, bits as u128).to_string(),
        OperandType::V128 => Value::new(ValueType::V128, op.vector(operand)).to_string(),
        OperandType::U16 | OperandType::U32 | OperandType::U64 if operand.name != "len" => bits.to_string(),
        _ => return None,
    })
}

/// Values by the first slot of each.
pub(super) fn list(values: &[TypedSlot]) -> String {
    let mut text = String::new();
    for (index, (slot, _)) in values.iter().take(LIST).enumerate() {
        let _ = write!(text, "{}r{slot}", if index == 0 { "" } else { ", " });
    }
    if values.len() > LIST {
        let _ = write!(text, ", … {} more", values.len() - LIST);
    }
    text
}

/// The targets of a branch table, the default by itself.
fn targets(text: &mut String, targets: impl Iterator<Item = String>) {
    let mut targets: Vec<String> = targets.collect();
    let default = targets.pop().unwrap_or_default();
    let more = targets.len().saturating_sub(LIST);
    targets.truncate(LIST);
    if more > 0 {
        targets.push(format!("… {more} more"));
    }
    let _ = write!(text, " -> [{}] else {default}", targets.join(", "));
}
