//! Lines of the instruction table: vectors in memory.

super::lines! { $ simd_memory:
    // Vectors in memory (lowering: simd_memory.rs, handlers: simd_memory.rs).
    v128_load reads { out dst: v128, in addr: i32, imm offset: u32 } "{dst} = the 16 bytes at {addr} + {offset}";
    v128_load8x8_s reads { out dst: v128, in addr: i32, imm offset: u32 } "{dst} = the 8 bytes at {addr} + {offset} as 8 lanes of 8 bits, sign-extended to twice the width";
    v128_load8x8_u reads { out dst: v128, in addr: i32, imm offset: u32 } "{dst} = the 8 bytes at {addr} + {offset} as 8 lanes of 8 bits, zero-extended to twice the width";
    v128_load16x4_s reads { out dst: v128, in addr: i32, imm offset: u32 } "{dst} = the 8 bytes at {addr} + {offset} as 4 lanes of 16 bits, sign-extended to twice the width";
    v128_load16x4_u reads { out dst: v128, in addr: i32, imm offset: u32 } "{dst} = the 8 bytes at {addr} + {offset} as 4 lanes of 16 bits, zero-extended to twice the width";
    v128_load32x2_s reads { out dst: v128, in addr: i32, imm offset: u32 } "{dst} = the 8 bytes at {addr} + {offset} as 2 lanes of 32 bits, sign-extended to twice the width";
    v128_load32x2_u reads { out dst: v128, in addr: i32, imm offset: u32 } "{dst} = the 8 bytes at {addr} + {offset} as 2 lanes of 32 bits, zero-extended to twice the width";
    v128_load8_splat reads { out dst: v128, in addr: i32, imm offset: u32 } "{dst} = the byte at {addr} + {offset} in every lane";
    v128_load16_splat reads { out dst: v128, in addr: i32, imm offset: u32 } "{dst} = the 2 bytes at {addr} + {offset} in every lane";
    v128_load32_splat reads { out dst: v128, in addr: i32, imm offset: u32 } "{dst} = the 4 bytes at {addr} + {offset} in every lane";
    v128_load64_splat reads { out dst: v128, in addr: i32, imm offset: u32 } "{dst} = the 8 bytes at {addr} + {offset} in every lane";
    v128_load32_zero reads { out dst: v128, in addr: i32, imm offset: u32 } "{dst} = the 4 bytes at {addr} + {offset}, zero-extended to 16";
    v128_load64_zero reads { out dst: v128, in addr: i32, imm offset: u32 } "{dst} = the 8 bytes at {addr} + {offset}, zero-extended to 16";
    v128_store writes { in addr: i32, in value: v128, imm offset: u32 } "the 16 bytes at {addr} + {offset} = {value}";
    v128_load8_lane reads { out dst: v128, in addr: i32, in src: v128, imm lane: u16, imm offset: u32 } "{dst} = {src} with lane {lane} of 8 bits replaced by the byte at {addr} + {offset}";
    v128_load16_lane reads { out dst: v128, in addr: i32, in src: v128, imm lane: u16, imm offset: u32 } "{dst} = {src} with lane {lane} of 16 bits replaced by the 2 bytes at {addr} + {offset}";
    v128_load32_lane reads { out dst: v128, in addr: i32, in src: v128, imm lane: u16, imm offset: u32 } "{dst} = {src} with lane {lane} of 32 bits replaced by the 4 bytes at {addr} + {offset}";
    v128_load64_lane reads { out dst: v128, in addr: i32, in src: v128, imm lane: u16, imm offset: u32 } "{dst} = {src} with lane {lane} of 64 bits replaced by the 8 bytes at {addr} + {offset}";
    v128_store8_lane writes { in addr: i32, in value: v128, imm lane: u16, imm offset: u32 } "the byte at {addr} + {offset} = lane {lane} of 8 bits of {value}";
    v128_store16_lane writes { in addr: i32, in value: v128, imm lane: u16, imm offset: u32 } "the 2 bytes at {addr} + {offset} = lane {lane} of 16 bits of {value}";
    v128_store32_lane writes { in addr: i32, in value: v128, imm lane: u16, imm offset: u32 } "the 4 bytes at {addr} + {offset} = lane {lane} of 32 bits of {value}";
    v128_store64_lane writes { in addr: i32, in value: v128, imm lane: u16, imm offset: u32 } "the 8 bytes at {addr} + {offset} = lane {lane} of 64 bits of {value}";
    v128_load_at reads { out dst: v128, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 16 bytes at {addr} + {offset} of memory {memory}";
    v128_load8x8_s_at reads { out dst: v128, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 8 bytes at {addr} + {offset} of memory {memory} as 8 lanes of 8 bits, sign-extended to twice the width";
    v128_load8x8_u_at reads { out dst: v128, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 8 bytes at {addr} + {offset} of memory {memory} as 8 lanes of 8 bits, zero-extended to twice the width";
    v128_load16x4_s_at reads { out dst: v128, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 8 bytes at {addr} + {offset} of memory {memory} as 4 lanes of 16 bits, sign-extended to twice the width";
    v128_load16x4_u_at reads { out dst: v128, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 8 bytes at {addr} + {offset} of memory {memory} as 4 lanes of 16 bits, zero-extended to twice the width";
    v128_load32x2_s_at reads { out dst: v128, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 8 bytes at {addr} + {offset} of memory {memory} as 2 lanes of 32 bits, sign-extended to twice the width";
    v128_load32x2_u_at reads { out dst: v128, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 8 bytes at {addr} + {offset} of memory {memory} as 2 lanes of 32 bits, zero-extended to twice the width";
    v128_load8_splat_at reads { out dst: v128, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the byte at {addr} + {offset} of memory {memory} in every lane";
    v128_load16_splat_at reads { out dst: v128, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 2 bytes at {addr} + {offset} of memory {memory} in every lane";
    v128_load32_splat_at reads { out dst: v128, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 4 bytes at {addr} + {offset} of memory {memory} in every lane";
    v128_load64_splat_at reads { out dst: v128, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 8 bytes at {addr} + {offset} of memory {memory} in every lane";
    v128_load32_zero_at reads { out dst: v128, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 4 bytes at {addr} + {offset} of memory {memory}, zero-extended to 16";
    v128_load64_zero_at reads { out dst: v128, in addr: any, imm memory: u32, imm offset: u64 } "{dst} = the 8 bytes at {addr} + {offset} of memory {memory}, zero-extended to 16";
    v128_store_at writes { in addr: any, in value: v128, imm memory: u32, imm offset: u64 } "the 16 bytes at {addr} + {offset} of memory {memory} = {value}";
    v128_load8_lane_at reads { out dst: v128, in addr: any, in src: v128, imm lane: u16, imm memory: u32, imm offset: u64 } "{dst} = {src} with lane {lane} of 8 bits replaced by the byte at {addr} + {offset} of memory {memory}";
    v128_load16_lane_at reads { out dst: v128, in addr: any, in src: v128, imm lane: u16, imm memory: u32, imm offset: u64 } "{dst} = {src} with lane {lane} of 16 bits replaced by the 2 bytes at {addr} + {offset} of memory {memory}";
    v128_load32_lane_at reads { out dst: v128, in addr: any, in src: v128, imm lane: u16, imm memory: u32, imm offset: u64 } "{dst} = {src} with lane {lane} of 32 bits replaced by the 4 bytes at {addr} + {offset} of memory {memory}";
    v128_load64_lane_at reads { out dst: v128, in addr: any, in src: v128, imm lane: u16, imm memory: u32, imm offset: u64 } "{dst} = {src} with lane {lane} of 64 bits replaced by the 8 bytes at {addr} + {offset} of memory {memory}";
    v128_store8_lane_at writes { in addr: any, in value: v128, imm lane: u16, imm memory: u32, imm offset: u64 } "the byte at {addr} + {offset} of memory {memory} = lane {lane} of 8 bits of {value}";
    v128_store16_lane_at writes { in addr: any, in value: v128, imm lane: u16, imm memory: u32, imm offset: u64 } "the 2 bytes at {addr} + {offset} of memory {memory} = lane {lane} of 16 bits of {value}";
    v128_store32_lane_at writes { in addr: any, in value: v128, imm lane: u16, imm memory: u32, imm offset: u64 } "the 4 bytes at {addr} + {offset} of memory {memory} = lane {lane} of 32 bits of {value}";
    v128_store64_lane_at writes { in addr: any, in value: v128, imm lane: u16, imm memory: u32, imm offset: u64 } "the 8 bytes at {addr} + {offset} of memory {memory} = lane {lane} of 64 bits of {value}";
}
