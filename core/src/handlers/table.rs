//! Tables: element access, size, growth, bulk operations.

use super::{memory::bulk, next, trap_noted};
use crate::code::ops;
use crate::exec::dispatch::handler;

bulk! {
    table_get: |store, op, sp| store.table_get(op.table, sp.get(op.index)).map(|value: u64| sp.set(op.dst, value));
    table_set: |store, op, sp| store.table_set(op.table, sp.get(op.index), sp.get(op.value));
    table_fill: |store, op, sp| store.table_fill(op.table, sp.get(op.dst), sp.get(op.value), sp.get(op.len));
    table_copy: |store, op, sp| store.table_copy(op.dst_table, op.src_table, sp.get(op.dst), sp.get(op.src), sp.get(op.len));
    table_init: |store, op, sp| store.table_init(op.table, op.segment, sp.get(op.dst), sp.get(op.src), sp.get(op.len));
    elem_drop: |store, op, _sp| store.elem_drop(op.segment);
}

handler! {
    pub(crate) fn table_size<D>(store, ip, sp, mem, len) {
        // SAFETY: validation bounds the index; the slot lies in the frame.
        unsafe {
            let op = ip.op::<ops::table_size>();
            sp.set(op.dst, (*(*store.instance).table(op.table)).len() as u32);
            next!(D, table_size, store, ip, sp, mem, len)
        }
    }
}

handler! {
    pub(crate) fn table_grow<D>(store, ip, sp, mem, len) {
        // SAFETY: validation bounds the index; the slots lie in the frame.
        unsafe {
            let op = ip.op::<ops::table_grow>();
            let table = (*store.instance).table(op.table);
            let old = store.grow_table(table, sp.get::<u32>(op.delta) as u64, sp.get(op.value));
            sp.set(op.dst, old as i32);
            next!(D, table_grow, store, ip, sp, mem, len)
        }
    }
}
