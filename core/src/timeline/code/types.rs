//! Which values an op reads and writes, with the types they have at its place.
//!
//! The table gives most types. What it leaves open (`any`, spans) follows from the
//! module, from the function's locals, or from the operand stack before the op.

use super::{Decoded, Shaper, TypedSlot, at_slot, value_type};
use crate::code::OpCode;
use crate::isa::{Operand, OperandType, Role};
use crate::module::{FuncType, RefType, ValType};
use wasmparser::{BinaryReader, Operator, OperatorsReader};
use wasmscope_trace_format::ValueType;

impl Shaper<'_> {
    /// The values an op reads, in the table's order; of a call also the arguments.
    pub(super) fn inputs(&self, op: &Decoded<'_>) -> Vec<TypedSlot> {
        let mut inputs = Vec::new();
        for operand in op.code.info().operands {
            let slot = op.bits(operand) as u32;
            match operand.role {
                Role::In => inputs.push((slot, self.input_type(op, operand, slot))),
                Role::Ins => inputs.extend(self.span(op, slot)),
                Role::Out | Role::Outs | Role::Imm => {}
            }
        }
        if let Some(ty) = self.callee_type(op) {
            inputs.extend(typed(op.slot("head"), ty.params()));
        }
        inputs
    }

    /// The values an op writes whenever it succeeds, in the table's order; of a call the
    /// results (of a tail call those of a host function), of a return none.
    pub(super) fn outputs(&self, op: &Decoded<'_>, inputs: &[TypedSlot]) -> Vec<TypedSlot> {
        if op.code == OpCode::br_if_copy {
            return Vec::new();
        }
        let mut outputs = Vec::new();
        for operand in op.code.info().operands {
            let slot = op.bits(operand) as u32;
            match operand.role {
                Role::Out => outputs.push((slot, self.output_type(op, operand, inputs))),
                Role::Outs => outputs.extend(at_slot(slot, inputs)),
                Role::In | Role::Ins | Role::Imm => {}
            }
        }
        if op.code != OpCode::return_call
            && let Some(ty) = self.callee_type(op)
        {
            outputs.extend(typed(op.slot("head"), ty.results()));
        }
        outputs
    }

    /// What is written only if a certain target is taken: for each target of the op.
    pub(super) fn moves(&self, op: &Decoded<'_>, inputs: &[TypedSlot]) -> Vec<Vec<TypedSlot>> {
        // The first input is the condition or index.
        match op.code {
            OpCode::br_if_copy => vec![at_slot(op.slot("dst"), &inputs[1..])],
            OpCode::br_table_copy => op.table().map(|(_, dst)| at_slot(dst, &inputs[1..])).collect(),
            _ => Vec::new(),
        }
    }

    /// The type of what a call calls.
    fn callee_type(&self, op: &Decoded<'_>) -> Option<&FuncType> {
        match op.code {
            OpCode::call | OpCode::call_import | OpCode::return_call | OpCode::return_call_import => {
                Some(self.module.func_type(op.get("func") as u32))
            }
            OpCode::call_indirect
            | OpCode::return_call_indirect
            | OpCode::call_ref
            | OpCode::return_call_ref => Some(self.module.type_at(op.get("ty") as u32)),
            _ => None,
        }
    }

    /// The values of the span an op reads.
    fn span(&self, op: &Decoded<'_>, slot: u32) -> Vec<TypedSlot> {
        if op.code == OpCode::ret_span {
            return typed(slot, self.results());
        }
        let values = self.debug.values_in(op.ordinal, slot, op.get("count") as u32);
        values.into_iter().map(|(slot, ty)| (slot, value_type(ty))).collect()
    }

    fn results(&self) -> &[ValType] {
        self.module.func_type(self.func).results()
    }

    fn input_type(&self, op: &Decoded<'_>, operand: &Operand, slot: u32) -> ValueType {
        if let Some(ty) = given(operand.ty) {
            return ty;
        }
        known(match op.code {
            OpCode::ret_value => self.results().first().copied(),
            OpCode::table_set | OpCode::table_grow | OpCode::table_grow_wide | OpCode::table_fill
                if operand.name == "value" =>
            {
                Some(self.element(op.get("table") as u32))
            }
            OpCode::global_set => Some(self.module.global_type(op.get("global") as u32).content),
            _ => self.debug.slot_type(op.ordinal, slot),
        })
    }

    fn output_type(&self, op: &Decoded<'_>, operand: &Operand, inputs: &[TypedSlot]) -> ValueType {
        if let Some(ty) = given(operand.ty) {
            return ty;
        }
        match op.code {
            OpCode::global_get => value_type(self.module.global_type(op.get("global") as u32).content),
            OpCode::table_get => value_type(self.element(op.get("table") as u32)),
            OpCode::ref_null => known(self.null_type(self.debug.ops[op.ordinal].pc)),
            OpCode::copy2 => {
                inputs.get((operand.name == "dst2") as usize).map_or(ValueType::I64, |&(_, ty)| ty)
            }
            OpCode::copy | OpCode::select => inputs.last().map_or(ValueType::I64, |&(_, ty)| ty),
            _ => known(self.debug.slot_type(op.ordinal + 1, op.bits(operand) as u32)),
        }
    }

    fn element(&self, table: u32) -> ValType {
        ValType::Ref(self.module.table_type(table).element)
    }

    /// The type of the `ref.null` at `pc`. Nothing else tells if the value is not kept.
    fn null_type(&self, pc: u32) -> Option<ValType> {
        let bytes = self.module.bytes().get(pc as usize..)?;
        match OperatorsReader::new(BinaryReader::new(bytes, u64::from(pc))).read().ok()? {
            Operator::RefNull { hty } => {
                Some(ValType::Ref(RefType { nullable: true, heap: self.module.heap_type(hty) }))
            }
            _ => None,
        }
    }
}

/// Values of these types one behind the other.
fn typed(slot: u32, types: &[ValType]) -> Vec<TypedSlot> {
    let values: Vec<TypedSlot> = types.iter().map(|&ty| (0, value_type(ty))).collect();
    at_slot(slot, &values)
}

/// The type the table gives an operand.
fn given(ty: OperandType) -> Option<ValueType> {
    Some(match ty {
        OperandType::I32 => ValueType::I32,
        OperandType::I64 => ValueType::I64,
        OperandType::F32 => ValueType::F32,
        OperandType::F64 => ValueType::F64,
        OperandType::V128 => ValueType::V128,
        OperandType::FuncRef => ValueType::FuncRef,
        _ => return None,
    })
}

/// A type that the debug tables have for every value an op reads; should they not, the
/// bits are shown as they are.
fn known(ty: Option<ValType>) -> ValueType {
    assert!(ty.is_some() || !cfg!(test), "a value an op reads is on the stack before it, or a local");
    ty.map_or(ValueType::I64, value_type)
}
