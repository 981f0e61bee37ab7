//! Lines of the instruction table: linear memory.

super::lines! { $ memory:
    // Linear memory (specification 4.4.7; handlers: memory.rs). The address is `addr + offset`, computed without wrapping.
    i32_load reads { out dst: i32, in addr: i32, imm offset: u32 } "{dst} = the 4 bytes at {addr} + {offset}";
    i32_load8_s reads { out dst: i32, in addr: i32, imm offset: u32 } "{dst} = the byte at {addr} + {offset}, sign-extended";
    i32_load8_u reads { out dst: i32, in addr: i32, imm offset: u32 } "{dst} = the byte at {addr} + {offset}, zero-extended";
    i32_load16_s reads { out dst: i32, in addr: i32, imm offset: u32 } "{dst} = the 2 bytes at {addr} + {offset}, sign-extended";
    i32_load16_u reads { out dst: i32, in addr: i32, imm offset: u32 } "{dst} = the 2 bytes at {addr} + {offset}, zero-extended";
    i64_load reads { out dst: i64, in addr: i32, imm offset: u32 } "{dst} = the 8 bytes at {addr} + {offset}";
    i64_load8_s reads { out dst: i64, in addr: i32, imm offset: u32 } "{dst} = the byte at {addr} + {offset}, sign-extended";
    i64_load8_u reads { out dst: i64, in addr: i32, imm offset: u32 } "{dst} = the byte at {addr} + {offset}, zero-extended";
    i64_load16_s reads { out dst: i64, in addr: i32, imm offset: u32 } "{dst} = the 2 bytes at {addr} + {offset}, sign-extended";
    i64_load16_u reads { out dst: i64, in addr: i32, imm offset: u32 } "{dst} = the 2 bytes at {addr} + {offset}, zero-extended";
    i64_load32_s reads { out dst: i64, in addr: i32, imm offset: u32 } "{dst} = the 4 bytes at {addr} + {offset}, sign-extended";
    i64_load32_u reads { out dst: i64, in addr: i32, imm offset: u32 } "{dst} = the 4 bytes at {addr} + {offset}, zero-extended";
    f32_load reads { out dst: f32, in addr: i32, imm offset: u32 } "{dst} = the 4 bytes at {addr} + {offset}";
    f64_load reads { out dst: f64, in addr: i32, imm offset: u32 } "{dst} = the 8 bytes at {addr} + {offset}";
    i32_store writes { in addr: i32, in value: i32, imm offset: u32 } "the 4 bytes at {addr} + {offset} = {value}";
    i32_store_imm writes { in addr: i32, imm offset: u32, imm value: i32 } "the 4 bytes at {addr} + {offset} = {value}";
    i32_store8 writes { in addr: i32, in value: i32, imm offset: u32 } "the byte at {addr} + {offset} = {value}";
    i32_store8_imm writes { in addr: i32, imm offset: u32, imm value: i32 } "the byte at {addr} + {offset} = {value}";
    i32_store16 writes { in addr: i32, in value: i32, imm offset: u32 } "the 2 bytes at {addr} + {offset} = {value}";
    i32_store16_imm writes { in addr: i32, imm offset: u32, imm value: i32 } "the 2 bytes at {addr} + {offset} = {value}";
    i64_store writes { in addr: i32, in value: i64, imm offset: u32 } "the 8 bytes at {addr} + {offset} = {value}";
    i64_store_imm writes { in addr: i32, imm offset: u32, imm value: i32 } "the 8 bytes at {addr} + {offset} = {value}";
    i64_store8 writes { in addr: i32, in value: i64, imm offset: u32 } "the byte at {addr} + {offset} = {value}";
    i64_store8_imm writes { in addr: i32, imm offset: u32, imm value: i32 } "the byte at {addr} + {offset} = {value}";
    i64_store16 writes { in addr: i32, in value: i64, imm offset: u32 } "the 2 bytes at {addr} + {offset} = {value}";
    i64_store16_imm writes { in addr: i32, imm offset: u32, imm value: i32 } "the 2 bytes at {addr} + {offset} = {value}";
    i64_store32 writes { in addr: i32, in value: i64, imm offset: u32 } "the 4 bytes at {addr} + {offset} = {value}";
    i64_store32_imm writes { in addr: i32, imm offset: u32, imm value: i32 } "the 4 bytes at {addr} + {offset} = {value}";
    f32_store writes { in addr: i32, in value: f32, imm offset: u32 } "the 4 bytes at {addr} + {offset} = {value}";
    f64_store writes { in addr: i32, in value: f64, imm offset: u32 } "the 8 bytes at {addr} + {offset} = {value}";
    memory_size reads { out dst: i32, imm memory: u32 } "{dst} = the size of memory {memory} in pages";
    memory_size_wide reads { out dst: i64, imm memory: u32 } "{dst} = the size of memory {memory} in pages";
    memory_grow host { out dst: i32, in delta: i32, imm memory: u32 } "grows memory {memory} by {delta} pages; {dst} = the old size in pages, or -1";
    memory_grow_wide host { out dst: i64, in delta: i64, imm memory: u32 } "grows memory {memory} by {delta} pages; {dst} = the old size in pages, or -1";
    memory_copy writes { in dst: any, in src: any, in len: any, imm dst_memory: u32, imm src_memory: u32 } "copies {len} bytes from {src} to {dst}";
    memory_fill writes { in dst: any, in value: i32, in len: any, imm memory: u32 } "fills {len} bytes at {dst} with the low byte of {value}";
    memory_init writes { in dst: any, in src: any, in len: any, imm memory: u32, imm segment: u32 } "copies {len} bytes from offset {src} of data segment {segment} to {dst}";
    data_drop writes { imm segment: u32 } "empties data segment {segment}";

    // Other memories (multiple memories and 64-bit memory; handlers: memory.rs). Accesses that name their memory; an address is an i32 or an i64.
    i32_load_at reads { out dst: i32, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 4 bytes at {addr} + {offset} of memory {memory}";
    i32_load8_s_at reads { out dst: i32, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the byte at {addr} + {offset} of memory {memory}, sign-extended";
    i32_load8_u_at reads { out dst: i32, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the byte at {addr} + {offset} of memory {memory}, zero-extended";
    i32_load16_s_at reads { out dst: i32, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 2 bytes at {addr} + {offset} of memory {memory}, sign-extended";
    i32_load16_u_at reads { out dst: i32, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 2 bytes at {addr} + {offset} of memory {memory}, zero-extended";
    i64_load_at reads { out dst: i64, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 8 bytes at {addr} + {offset} of memory {memory}";
    i64_load8_s_at reads { out dst: i64, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the byte at {addr} + {offset} of memory {memory}, sign-extended";
    i64_load8_u_at reads { out dst: i64, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the byte at {addr} + {offset} of memory {memory}, zero-extended";
    i64_load16_s_at reads { out dst: i64, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 2 bytes at {addr} + {offset} of memory {memory}, sign-extended";
    i64_load16_u_at reads { out dst: i64, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 2 bytes at {addr} + {offset} of memory {memory}, zero-extended";
    i64_load32_s_at reads { out dst: i64, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 4 bytes at {addr} + {offset} of memory {memory}, sign-extended";
    i64_load32_u_at reads { out dst: i64, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 4 bytes at {addr} + {offset} of memory {memory}, zero-extended";
    f32_load_at reads { out dst: f32, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 4 bytes at {addr} + {offset} of memory {memory}";
    f64_load_at reads { out dst: f64, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 8 bytes at {addr} + {offset} of memory {memory}";
    i32_store_at writes { in addr: any, in value: i32, imm memory: u32, imm offset: u64 } "the 4 bytes at {addr} + {offset} of memory {memory} = {value}";
    i32_store8_at writes { in addr: any, in value: i32, imm memory: u32, imm offset: u64 } "the byte at {addr} + {offset} of memory {memory} = {value}";
    i32_store16_at writes { in addr: any, in value: i32, imm memory: u32, imm offset: u64 } "the 2 bytes at {addr} + {offset} of memory {memory} = {value}";
    i64_store_at writes { in addr: any, in value: i64, imm memory: u32, imm offset: u64 } "the 8 bytes at {addr} + {offset} of memory {memory} = {value}";
    i64_store8_at writes { in addr: any, in value: i64, imm memory: u32, imm offset: u64 } "the byte at {addr} + {offset} of memory {memory} = {value}";
    i64_store16_at writes { in addr: any, in value: i64, imm memory: u32, imm offset: u64 } "the 2 bytes at {addr} + {offset} of memory {memory} = {value}";
    i64_store32_at writes { in addr: any, in value: i64, imm memory: u32, imm offset: u64 } "the 4 bytes at {addr} + {offset} of memory {memory} = {value}";
    f32_store_at writes { in addr: any, in value: f32, imm memory: u32, imm offset: u64 } "the 4 bytes at {addr} + {offset} of memory {memory} = {value}";
    f64_store_at writes { in addr: any, in value: f64, imm memory: u32, imm offset: u64 } "the 8 bytes at {addr} + {offset} of memory {memory} = {value}";
}
