//! Lines of the instruction table: references.

super::lines! { $ reference:
    // References (reference types proposal; lowering and handlers: variable.rs).
    ref_null infallible { out dst: any } "{dst} = null";
    ref_is_null infallible { out dst: i32, in src: any } "{dst} = 1 if {src} is null, else 0";
    ref_func reads { out dst: funcref, imm func: u32 } "{dst} = a reference to function {func}";
    ref_as_non_null fallible { out dst: any, in src: any } "{dst} = {src}; traps if it is null";
    br_on_null jumps { in src: any, imm jump: Jump } "goes on at {jump} if {src} is null";
    br_on_non_null jumps { in src: any, imm jump: Jump } "goes on at {jump} if {src} is not null";
}
