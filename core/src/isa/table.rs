//! Lines of the instruction table: tables.

super::lines! { $ table:
    // Tables (specification 4.4.6; handlers: table.rs).
    table_get reads { out dst: any, in index: any, imm table: u32 } "{dst} = element {index} of table {table}";
    table_set writes { in index: any, in value: any, imm table: u32 } "element {index} of table {table} = {value}";
    table_size reads { out dst: i32, imm table: u32 } "{dst} = the number of elements of table {table}";
    table_size_wide reads { out dst: i64, imm table: u32 } "{dst} = the number of elements of table {table}";
    table_grow writes { out dst: i32, in value: any, in delta: i32, imm table: u32 } "grows table {table} by {delta} elements {value}; {dst} = the old size, or -1";
    table_grow_wide writes { out dst: i64, in value: any, in delta: i64, imm table: u32 } "grows table {table} by {delta} elements {value}; {dst} = the old size, or -1";
    table_fill writes { in dst: any, in value: any, in len: any, imm table: u32 } "sets {len} elements of table {table} from {dst} to {value}";
    table_copy writes { in dst: any, in src: any, in len: any, imm dst_table: u32, imm src_table: u32 } "copies {len} elements from {src} of table {src_table} to {dst} of table {dst_table}";
    table_init writes { in dst: any, in src: any, in len: any, imm table: u32, imm segment: u32 } "copies {len} elements from {src} of element segment {segment} to {dst} of table {table}";
    elem_drop writes { imm segment: u32 } "empties element segment {segment}";
}
