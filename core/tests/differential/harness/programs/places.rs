//! Memories and tables: addresses that mostly lie within, loads, stores, bulk operations.

use super::body::Body;
use super::{EXTERNREF, FUNCREF, FUNCS};
use wasm_encoder::Instruction as I;
use wasm_encoder::ValType::{self, *};
use wasm_encoder::{MemArg, MemArgTarget};

type Access = fn(MemArg) -> I<'static>;

const LOADS: &[(Access, ValType, u32)] = &[
    (I::I32Load, I32, 2),
    (I::I32Load8S, I32, 0),
    (I::I32Load8U, I32, 0),
    (I::I32Load16S, I32, 1),
    (I::I32Load16U, I32, 1),
    (I::I64Load, I64, 3),
    (I::I64Load8S, I64, 0),
    (I::I64Load8U, I64, 0),
    (I::I64Load16S, I64, 1),
    (I::I64Load16U, I64, 1),
    (I::I64Load32S, I64, 2),
    (I::I64Load32U, I64, 2),
    (I::F32Load, F32, 2),
    (I::F64Load, F64, 3),
    (I::V128Load, V128, 4),
    (I::V128Load8Splat, V128, 0),
    (I::V128Load16Splat, V128, 1),
    (I::V128Load32Splat, V128, 2),
    (I::V128Load64Splat, V128, 3),
    (I::V128Load8x8S, V128, 3),
    (I::V128Load16x4U, V128, 3),
    (I::V128Load32x2S, V128, 3),
    (I::V128Load32Zero, V128, 2),
    (I::V128Load64Zero, V128, 3),
];

const STORES: &[(Access, ValType, u32)] = &[
    (I::I32Store, I32, 2),
    (I::I32Store8, I32, 0),
    (I::I32Store16, I32, 1),
    (I::I64Store, I64, 3),
    (I::I64Store8, I64, 0),
    (I::I64Store16, I64, 1),
    (I::I64Store32, I64, 2),
    (I::F32Store, F32, 2),
    (I::F64Store, F64, 3),
    (I::V128Store, V128, 4),
];

impl Body<'_, '_> {
    fn memory(&mut self) -> u32 {
        if self.choice.chance(1, 4) { self.choice.below(self.shape.memories.len()) as u32 } else { 0 }
    }

    /// The type of addresses of a memory.
    fn address_type(&self, memory: u32) -> ValType {
        if self.shape.memories[memory as usize].memory64 { I64 } else { I32 }
    }

    fn mem_arg(&mut self, memory: u32, align: u32) -> MemArg {
        let offset = match self.choice.below(16) {
            0..=7 => 0,
            8..=14 => self.choice.below(64) as u64,
            _ => self.choice.below(70_000) as u64,
        };
        let align = self.choice.below(align as usize + 1) as u32;
        MemArg { offset, align, target: MemArgTarget::Memory(memory), ordering: None }
    }

    /// Makes the i32 or i64 on top an address that lies within, mostly.
    fn mask(&mut self, memory: u32) {
        if self.choice.chance(1, 40) {
            return;
        }
        let ty = self.shape.memories[memory as usize];
        let bytes = ty.minimum << ty.page_size_log2.unwrap_or(16);
        let mask = (bytes.next_power_of_two() / 2 - 1) & if self.choice.chance(1, 3) { !7 } else { !0 };
        match self.address_type(memory) {
            I64 => self.emit_all([I::I64Const(mask as i64), I::I64And]),
            _ => self.emit_all([I::I32Const(mask as i32), I::I32And]),
        }
    }

    /// Pushes an address.
    fn address(&mut self, memory: u32) {
        let ty = self.address_type(memory);
        match self.choice.below(4) {
            0 => {
                let at = self.choice.below(200) as i32;
                self.emit(if ty == I64 { I::I64Const(at as i64) } else { I::I32Const(at) });
                self.stack.push(ty);
            }
            // Base and scaled index.
            1 if ty == I32 => {
                self.push_value(I32, 1);
                self.push_value(I32, 0);
                let scale = self.choice.below(4) as i32;
                self.emit_all([I::I32Const(scale), I::I32Shl, I::I32Add]);
                self.stack.pop();
                self.mask(memory);
            }
            _ => {
                self.push_value(ty, 1);
                self.mask(memory);
            }
        }
    }

    /// Pushes a loaded value, whose address may be what is on top; false if nothing of this type can be.
    pub(super) fn load(&mut self, ty: ValType, from_top: bool) -> bool {
        let fitting: Vec<_> = LOADS.iter().filter(|(_, of, _)| *of == ty).collect();
        if fitting.is_empty() {
            return false;
        }
        let &&(load, _, align) = self.choice.of(&fitting);
        let memory = self.memory();
        if from_top && self.top() == Some(self.address_type(memory)) {
            self.mask(memory);
        } else {
            self.address(memory);
        }
        let arg = self.mem_arg(memory, align);
        self.stack.pop();
        self.emit(load(arg));
        self.stack.push(ty);
        true
    }

    /// Stores something: what is on top, or a new value, or what was there, changed.
    pub(super) fn store(&mut self) {
        let memory = self.memory();
        let types: Vec<_> =
            STORES.iter().filter(|(_, ty, _)| *ty != V128 || self.shape.simd).copied().collect();
        let (mut store, mut ty, mut align) = *self.choice.of(&types);
        if let Some(top) = self.top()
            && let Some(&(s, t, a)) = types.iter().find(|(_, ty, _)| *ty == top)
            && self.choice.chance(2, 3)
        {
            (store, ty, align) = (s, t, a);
            let kept = self.scratch(ty);
            self.emit(I::LocalSet(kept));
            self.stack.pop();
            self.address(memory);
            self.emit(I::LocalGet(kept));
            self.stack.push(ty);
        } else if ty == I64 && align == 3 && self.choice.chance(1, 2) {
            // Read, change, write.
            self.address(memory);
            let at = self.scratch(self.address_type(memory));
            let arg = self.mem_arg(memory, 3);
            self.emit_all([I::LocalTee(at), I::LocalGet(at), I::I64Load(arg)]);
            self.stack.push(I64);
            self.combine(I64);
        } else {
            self.address(memory);
            self.push_value(ty, 2);
        }
        let arg = self.mem_arg(memory, align);
        self.emit(store(arg));
        self.stack.pop();
        self.stack.pop();
    }

    /// Something with a memory or table as a whole.
    pub(super) fn bulk(&mut self) {
        let memory = self.memory();
        let ty = self.address_type(memory);
        match self.choice.below(12) {
            0 => {
                self.emit(I::MemorySize(memory));
                self.stack.push(ty);
            }
            1 => {
                let delta = self.choice.below(3);
                self.emit(if ty == I64 { I::I64Const(delta as i64) } else { I::I32Const(delta as i32) });
                self.emit(I::MemoryGrow(memory));
                self.stack.push(ty);
            }
            2 | 3 => {
                self.address(memory);
                self.push_value(I32, 1);
                self.length(ty);
                self.emit(I::MemoryFill(memory));
                self.take(3);
            }
            4 | 5 => {
                let from = self.memory();
                let from_ty = self.address_type(from);
                self.address(memory);
                self.address(from);
                self.length(if ty == I64 && from_ty == I64 { I64 } else { I32 });
                self.emit(I::MemoryCopy { src_mem: from, dst_mem: memory });
                self.take(3);
            }
            6 if self.shape.data_segments > 0 => {
                let data_index = self.choice.below(self.shape.data_segments as usize) as u32;
                self.address(memory);
                let from = self.choice.below(6) as i32;
                let len = self.choice.below(8) as i32;
                self.emit_all([
                    I::I32Const(from),
                    I::I32Const(len),
                    I::MemoryInit { mem: memory, data_index },
                ]);
                self.take(1);
                if self.choice.chance(1, 16) {
                    self.emit(I::DataDrop(data_index));
                }
            }
            7 => {
                self.element_index();
                self.emit(I::TableGet(FUNCS));
                self.stack.pop();
                self.stack.push(FUNCREF);
            }
            8 => {
                let table = self.choice.below(2) as u32;
                self.element_index();
                self.push_value(if table == FUNCS { FUNCREF } else { EXTERNREF }, 1);
                self.emit(I::TableSet(table));
                self.take(2);
            }
            9 => {
                let table = self.choice.below(2) as u32;
                self.push_value(if table == FUNCS { FUNCREF } else { EXTERNREF }, 1);
                let delta = self.choice.below(2) as i32;
                self.emit_all([I::I32Const(delta), I::TableGrow(table)]);
                self.stack.pop();
                self.stack.push(I32);
            }
            10 => {
                self.element_index();
                self.element_index();
                let len = self.choice.below(3) as i32;
                self.emit(I::I32Const(len));
                let table = self.choice.below(2) as u32;
                let op = match self.choice.below(3) {
                    0 => I::TableInit { elem_index: 1, table: FUNCS },
                    _ => I::TableCopy { src_table: table, dst_table: table },
                };
                self.emit(op);
                self.take(2);
            }
            _ => {
                let table = self.choice.below(2) as u32;
                self.emit(I::TableSize(table));
                self.stack.push(I32);
            }
        }
    }

    fn length(&mut self, ty: ValType) {
        let len = self.choice.below(80);
        self.emit(if ty == I64 { I::I64Const(len as i64) } else { I::I32Const(len as i32) });
        self.stack.push(ty);
    }

    /// Pushes an index into a table.
    pub(super) fn element_index(&mut self) {
        self.push_value(I32, 1);
        if !self.choice.chance(1, 30) {
            self.emit_all([I::I32Const(3), I::I32And]);
        }
    }
}
