//! Tables: element access, size, growth, bulk operations.

use super::{memory::bulk, next, trap_noted};
use crate::code::ops;
use crate::exec::dispatch::handler;
use crate::trap::TrapCode;

/// An op on one element, to which `$cell` points.
macro_rules! element_op {
    ($($name:ident: |$op:ident, $sp:ident, $cell:ident| $body:expr;)*) => {$(
        handler! {
            pub(crate) fn $name<D>(store, ip, $sp, mem, len, acc, facc) {
                // SAFETY: validation bounds the table's index; the slots lie in the frame.
                unsafe {
                    let $op = ip.op::<ops::$name>();
                    let $cell = store.table_cell($op.table, $sp.get($op.index));
                    if $cell.is_null() {
                        store.noted_trap = TrapCode::TableOutOfBounds;
                        return trap_noted::<D>(store, ip, $sp, mem, len, acc, facc);
                    }
                    $body;
                    next!(D, $name, store, ip, $sp, mem, len, acc, facc)
                }
            }
        }
    )*};
}
element_op! {
    table_get: |op, sp, cell| sp.set(op.dst, *cell);
    table_set: |op, sp, cell| *cell = sp.get(op.value);
}

bulk! {
    table_fill: |store, op, sp| store.table_fill(op.table, sp.get(op.dst), sp.get(op.value), sp.get(op.len));
    table_copy: |store, op, sp| store.table_copy(op.dst_table, op.src_table, sp.get(op.dst), sp.get(op.src), sp.get(op.len));
    table_init: |store, op, sp| store.table_init(op.table, op.segment, sp.get(op.dst), sp.get(op.src), sp.get(op.len));
    elem_drop: |store, op, _sp| store.elem_drop(op.segment);
}

/// The number of elements, before or after growth, as an i32 or an i64.
macro_rules! sizes {
    ($($size:ident $grow:ident: $ty:ty as $result:ty;)*) => {$(
        handler! {
            pub(crate) fn $size<D>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: validation bounds the index; the slot lies in the frame.
                unsafe {
                    let op = ip.op::<ops::$size>();
                    sp.set(op.dst, (*(*store.instance).table(op.table)).len() as $ty);
                    next!(D, $size, store, ip, sp, mem, len, acc, facc)
                }
            }
        }

        handler! {
            pub(crate) fn $grow<D>(store, ip, sp, mem, len, acc, facc) {
                // SAFETY: validation bounds the index; the slots lie in the frame.
                unsafe {
                    let op = ip.op::<ops::$grow>();
                    let table = (*store.instance).table(op.table);
                    let old = store.grow_table(table, sp.get::<$ty>(op.delta) as u64, sp.get(op.value));
                    sp.set(op.dst, old as $result);
                    next!(D, $grow, store, ip, sp, mem, len, acc, facc)
                }
            }
        }
    )*};
}
sizes! {
    table_size table_grow: u32 as i32;
    table_size_wide table_grow_wide: u64 as i64;
}
