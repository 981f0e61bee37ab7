//! Explanations: the table's sentence about an op, with the op's own operands.
//!
//! ```text
//! meaning   r5 = r3 + r4                          what the op does wherever it runs
//! explain   r5 = r3 + r4 → 5 + 7 = 12             what it did at one step
//! ```
//!
//! Always: slots in a meaning are the op's inputs and outputs with their types, so that
//! whoever has a frame can put values in their place.

use super::text::{LIST, constant};
use super::{Decoded, Shaper, TypedSlot};
use crate::code::OpCode;
use crate::isa::{Kind, Operand, OperandType, Role};
use crate::module::NameSpace;
use std::collections::HashMap;
use wasmscope_trace_format::{Dst, ValueType};

/// What is known about the ops of a function beyond their shapes, in the order of
/// [`CodeFunc::ops`](wasmscope_trace_format::CodeFunc::ops).
#[derive(Clone, Debug)]
pub struct FuncFacts {
    /// One for each op.
    pub ops: Vec<OpFacts>,
}

/// Where a load or store finds its address: the value of a slot, plus a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// A slot that holds an i32, or in a 64-bit memory an i64, taken as unsigned.
    pub slot: u32,
    /// What is added to it, without wrapping.
    pub offset: u64,
}

/// What is known about one op.
#[derive(Clone, Debug)]
pub struct OpFacts {
    /// The op's number in the table.
    pub op: OpCode,
    /// The values it reads: slot and type. Of a call: what decides whom it calls, then
    /// the arguments.
    pub inputs: Vec<TypedSlot>,
    /// The values it writes whenever it succeeds; of a call the results, which are there
    /// once the callee has returned; of a return none.
    pub outputs: Vec<TypedSlot>,
    /// What it writes only if it takes a certain target, for each target of its flow:
    /// one list if it is a branch, one for each of a table. Empty if no branch moves
    /// values. A step that takes the target has these effects beside those of its shape.
    pub moves: Vec<Vec<Dst>>,
    /// Where it accesses memory, if its shape has an access.
    pub address: Option<Address>,
    /// The file offset of the first operator that retires with the op.
    pub pc_start: u32,
    /// That of the last one: behind the op's own if it does more than that, before `pc_start` if there is none.
    pub pc_end: u32,
    pub(super) pieces: Vec<Piece>,
}

/// A part of a meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// A slot the op reads.
    Read(u32),
    /// A slot the op writes.
    Written(u32),
}

impl OpFacts {
    /// What the op does, with its operands by name: `r5 = r3 + r4`.
    pub fn meaning(&self) -> String {
        render(&self.pieces, |_| None)
    }

    /// What the op did: its meaning, and the same with values. `before` gives the value of
    /// a slot before the op as text, `after` that behind it; where they know nothing, the
    /// slot is named. Behind a call that entered the guest there are no results yet, and
    /// `after` should know nothing.
    pub fn explain(
        &self,
        before: impl Fn(u32, ValueType) -> Option<String>,
        after: impl Fn(u32, ValueType) -> Option<String>,
    ) -> String {
        let meaning = self.meaning();
        let values: HashMap<u32, String> =
            self.inputs.iter().filter_map(|&(slot, ty)| Some((slot, before(slot, ty)?))).collect();
        // The results of a call in the guest are not there yet.
        let results = self.outputs.iter().filter(|_| self.op != OpCode::call);
        let results: Vec<_> = results.map_while(|&(slot, ty)| Some((slot, after(slot, ty)?))).collect();
        let result = results.first().map(|(_, value)| value).filter(|_| results.len() == self.outputs.len());
        // "r5 = …": what stands behind is the value of r5.
        let computes = matches!(self.pieces[..], [Piece::Written(_), Piece::Text(ref text), ..] if text.starts_with(" = "));
        if self.inputs.is_empty() {
            return match result {
                // A constant says its value itself.
                Some(value) if computes && self.op.info().kind != Kind::Infallible => {
                    format!("{meaning} → {value}")
                }
                _ => meaning,
            };
        }
        if values.is_empty() {
            return meaning;
        }
        let mut live = match computes {
            true => render(&self.pieces[1..], |slot| values.get(&slot))[" = ".len()..].to_owned(),
            false => render(&self.pieces, |slot| values.get(&slot)),
        };
        // Remarks behind the last operand ("signed", "traps if …") stand in the meaning.
        let remark = match self.pieces.last() {
            Some(Piece::Text(tail)) if computes && !tail.contains(", else ") => {
                tail.find([',', ';']).map(|at| live.len() - (tail.len() - at))
            }
            _ if computes => None,
            _ => live.find("; "),
        };
        live.truncate(remark.unwrap_or(live.len()));
        let unnamed = self.unnamed(&values);
        if !unnamed.is_empty() {
            live = if self.reads_by_name() { format!("{live} ({unnamed})") } else { unnamed };
        }
        match result {
            Some(value) if self.op == OpCode::copy => format!("{meaning} → {value}"),
            Some(value) if computes && live.contains(", else ") => format!("{meaning} → {live} → {value}"),
            Some(value) if computes => format!("{meaning} → {live} = {value}"),
            Some(_) => {
                let results: Vec<String> =
                    results.iter().take(LIST).map(|(slot, value)| format!("r{slot} = {value}")).collect();
                format!("{meaning} → {live}; {}", results.join(", "))
            }
            None => format!("{meaning} → {live}"),
        }
    }

    fn reads_by_name(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Read(_)))
    }

    /// Values of inputs the meaning does not name: arguments, spans.
    fn unnamed(&self, values: &HashMap<u32, String>) -> String {
        let named = |slot: u32| self.pieces.contains(&Piece::Read(slot));
        let unnamed = self.inputs.iter().filter(|&&(slot, _)| !named(slot));
        let values = unnamed.filter_map(|(slot, _)| Some(format!("r{slot} = {}", values.get(slot)?)));
        let mut values: Vec<String> = values.take(LIST + 1).collect();
        if values.len() > LIST {
            values[LIST] = "…".to_owned();
        }
        values.join(", ")
    }
}

/// Pieces as text, with the values of what is read where they are known.
fn render<'v>(pieces: &[Piece], value: impl Fn(u32) -> Option<&'v String>) -> String {
    let mut text = String::new();
    for piece in pieces {
        let slot = match *piece {
            Piece::Text(ref part) => {
                text.push_str(part);
                continue;
            }
            Piece::Read(slot) | Piece::Written(slot) => slot,
        };
        let known = if matches!(piece, Piece::Read(_)) { value(slot) } else { None };
        text.push_str(known.unwrap_or(&format!("r{slot}")));
    }
    text
}

impl Shaper<'_> {
    /// The table's sentence with this op's operands in it.
    pub(super) fn meaning(&self, op: &Decoded<'_>, inputs: &[TypedSlot]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = op.code.info().meaning;
        while let Some((before, behind)) = rest.split_once('{') {
            text.push_str(before);
            let (name, behind) = behind.split_once('}').expect("a brace in a meaning is closed");
            rest = behind;
            let operand = op.code.info().operands.iter().find(|operand| operand.name == name);
            let operand = operand.expect("a meaning speaks of the op's operands");
            let slot = op.bits(operand) as u32;
            let piece = match operand.role {
                Role::In => Piece::Read(slot),
                Role::Out => Piece::Written(slot),
                Role::Outs | Role::Ins => {
                    text.push_str(&format!("r{slot}"));
                    continue;
                }
                Role::Imm => {
                    let number = self.immediate(op, operand, inputs);
                    if operand.name == "offset" && number == "0" && text.ends_with(" + ") {
                        text.truncate(text.len() - " + ".len());
                        continue;
                    }
                    text.push_str(&number);
                    if number == "1" {
                        // Not "1 values".
                        let plural =
                            [" values", " slots"].into_iter().find(|plural| rest.starts_with(plural));
                        let plural = plural.unwrap_or_default();
                        text.push_str(plural.trim_end_matches('s'));
                        rest = &rest[plural.len()..];
                    }
                    continue;
                }
            };
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            pieces.push(piece);
        }
        text.push_str(rest);
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        pieces
    }

    /// A constant operand as a meaning shows it.
    fn immediate(&self, op: &Decoded<'_>, operand: &Operand, inputs: &[TypedSlot]) -> String {
        let bits = op.bits(operand);
        let space = match operand.name {
            "func" => Some(NameSpace::Func),
            "global" => Some(NameSpace::Global),
            "table" | "src_table" | "dst_table" => Some(NameSpace::Table),
            "memory" | "src_memory" | "dst_memory" => Some(NameSpace::Memory),
            "ty" => Some(NameSpace::Type),
            "tag" => Some(NameSpace::Tag),
            "segment" if op.code.info().name.starts_with(['m', 'd']) => Some(NameSpace::Data),
            "segment" => Some(NameSpace::Element),
            _ => None,
        };
        let name = space.and_then(|space| self.name(space, bits as u32));
        if space == Some(NameSpace::Type) {
            // A number alone says nothing.
            let signature = self.module.type_at(bits as u32);
            return name.map_or_else(|| signature.to_string(), |name| format!("{name} {signature}"));
        }
        if let Some(name) = name {
            return name;
        }
        match (operand.ty, op.code) {
            (OperandType::Jump, _) => format!("{:#x}", op.target()),
            (OperandType::Slot, _) => format!("r{bits}"),
            // Their sentences count values, not slots.
            (OperandType::U16, OpCode::br_copy) => inputs.len().to_string(),
            (OperandType::U16, OpCode::br_if_copy | OpCode::br_table_copy) => (inputs.len() - 1).to_string(),
            _ => constant(op, operand).unwrap_or_else(|| bits.to_string()),
        }
    }
}
