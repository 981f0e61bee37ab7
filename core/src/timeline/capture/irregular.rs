//! What steps do that no shape implies: ranges of memories and tables, growth, the host.
//!
//! Taken note of before the op, as if it succeeded; completed behind it, or forgotten.

use super::{Before, Capture, Steps, first_bytes, operand, operand_value};
use crate::code::{OpCode, Slot};
use crate::exec::observer::StepStart;
use crate::store::PrunedStore;
use crate::timeline::convert;
use wasmscope_trace_format::Effect;

/// Whether an op of this kind does what no shape implies.
pub(super) fn is_irregular(op: OpCode) -> bool {
    use OpCode as C;
    matches!(
        op,
        C::memory_copy
            | C::memory_fill
            | C::memory_init
            | C::memory_grow
            | C::memory_grow_wide
            | C::table_grow
            | C::table_grow_wide
            | C::table_set
            | C::table_fill
            | C::table_init
            | C::table_copy
            | C::elem_drop
            | C::data_drop
    )
}

impl<S: Steps> Capture<'_, S> {
    /// What an op that works on ranges is about to do.
    pub(super) fn irregular(&self, store: &PrunedStore, start: &StepStart, before: &mut Before) {
        let instance = store.running();
        let value = |name: &str| operand_value(store, start, name).unwrap_or(0);
        let memory =
            |name: &str| instance.memory_ids.get(operand(start, name).unwrap_or(0) as usize).copied();
        let table = |name: &str| instance.table_ids.get(operand(start, name).unwrap_or(0) as usize).copied();
        let old =
            |memory: u32, addr: u64, len: u64| self.with_old.then(|| first_bytes(store, memory, addr, len));
        match start.op {
            OpCode::memory_copy => {
                let (Some(to), Some(from)) = (memory("dst_memory"), memory("src_memory")) else { return };
                let (dst, src, len) = (value("dst"), value("src"), value("len"));
                let bytes = first_bytes(store, from, src, len);
                before.extra.push(Effect::Read { memory: from, addr: src, len, bytes: bytes.clone() });
                before.extra.push(Effect::Write {
                    memory: to,
                    addr: dst,
                    len,
                    bytes,
                    old: old(to, dst, len),
                });
            }
            OpCode::memory_fill | OpCode::memory_init => {
                let Some(memory) = memory("memory") else { return };
                let (dst, len) = (value("dst"), value("len"));
                let old = old(memory, dst, len);
                before.extra.push(Effect::Write { memory, addr: dst, len, bytes: Vec::new(), old });
            }
            OpCode::memory_grow | OpCode::memory_grow_wide => {
                let Some(memory) = memory("memory") else { return };
                let pages = store.arenas.memories[memory as usize].get().pages();
                before.extra.push(Effect::MemoryGrow { memory, old_pages: pages, new_pages: pages });
            }
            OpCode::table_grow | OpCode::table_grow_wide => {
                let Some(table) = table("table") else { return };
                let len = store.arenas.tables[table as usize].get().len() as u64;
                before.extra.push(Effect::TableGrow { table, old_len: len, new_len: len });
            }
            OpCode::table_set => {
                let Some(table) = table("table") else { return };
                let index = value("index");
                before.extra.push(Effect::TableWrite { table, index, len: 1, value: None });
            }
            OpCode::table_fill | OpCode::table_init => {
                let Some(table) = table("table") else { return };
                before.extra.push(Effect::TableWrite {
                    table,
                    index: value("dst"),
                    len: value("len"),
                    value: None,
                });
            }
            OpCode::table_copy => {
                let Some(table) = table("dst_table") else { return };
                before.extra.push(Effect::TableWrite {
                    table,
                    index: value("dst"),
                    len: value("len"),
                    value: None,
                });
            }
            OpCode::elem_drop => {
                let index = operand(start, "segment").unwrap_or(0) as u32;
                before.extra.push(Effect::DropElem { instance: instance.index, index });
            }
            OpCode::data_drop => {
                let index = operand(start, "segment").unwrap_or(0) as u32;
                before.extra.push(Effect::DropData { instance: instance.index, index });
            }
            _ => {}
        }
    }

    /// Fills in what is known only after the op.
    pub(super) fn irregular_after(&self, store: &PrunedStore, start: &StepStart, before: &mut Before) {
        if before.host.is_some() {
            return;
        }
        let mut kept = Vec::with_capacity(before.extra.len());
        for mut effect in before.extra.drain(..) {
            match &mut effect {
                Effect::Write { memory, addr, len, bytes, .. } => {
                    *bytes = first_bytes(store, *memory, *addr, *len)
                }
                Effect::MemoryGrow { memory, new_pages, old_pages } => {
                    *new_pages = store.arenas.memories[*memory as usize].get().pages();
                    if new_pages == old_pages {
                        continue;
                    }
                }
                Effect::TableGrow { table, new_len, old_len } => {
                    *new_len = store.arenas.tables[*table as usize].get().len() as u64;
                    if new_len == old_len {
                        continue;
                    }
                }
                Effect::TableWrite { table, index, value, .. }
                    if matches!(start.op, OpCode::table_set | OpCode::table_fill) =>
                {
                    let table = store.arenas.tables[*table as usize].get();
                    let bits = table.elements.get(*index as usize).copied();
                    *value = bits.map(|bits| {
                        convert::value(crate::module::ValType::Ref(table.ty.element), bits as u128)
                    });
                }
                _ => {}
            }
            let empty = matches!(
                effect,
                Effect::Write { len: 0, .. }
                    | Effect::Read { len: 0, .. }
                    | Effect::TableWrite { len: 0, .. }
            );
            if !empty {
                kept.push(effect);
            }
        }
        before.extra = kept;
    }

    /// What a host function did.
    pub(super) fn host_effects(
        &self,
        store: &mut PrunedStore,
        func: u32,
        before: &mut Before,
        start: &StepStart,
        failed: bool,
    ) {
        let host = store.arenas.hosts[store.funcs[func as usize].host as usize].clone();
        let results = if failed {
            Vec::new()
        } else {
            let head = operand(start, "head").unwrap_or(0) as u16;
            let bits = store.values_at(start.sp.at(Slot(head)), host.ty.results());
            host.ty.results().iter().zip(bits).map(|(&ty, bits)| convert::value(ty, bits)).collect()
        };
        let import = format!("{}.{}", host.name.0, host.name.1);
        before.extra.push(Effect::HostCall { import, args: std::mem::take(&mut before.args), results });
    }

    /// What the host has written.
    pub(super) fn touched_effects(&self, store: &mut PrunedStore, before: &mut Before) {
        for touched in store.touched.take().unwrap_or_default() {
            let bytes = first_bytes(store, touched.memory, touched.addr, touched.len);
            before.extra.push(Effect::Write {
                memory: touched.memory,
                addr: touched.addr,
                len: touched.len,
                bytes,
                old: self.with_old.then_some(touched.old),
            });
        }
    }
}
