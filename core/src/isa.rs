//! The instruction table: every op of the bytecode, once.
//!
//! ```text
//! name  natural kind  { role operand: type, … }  "meaning";
//! ```
//!
//! The opcode enum, the encoded structs, the dispatch tables, the disassembler,
//! the explanations and the effect capture are expanded from these lines; a line
//! without a body of the same name in `handlers` does not compile.
//!
//! *Natural kind* is what the op would ask of a dispatcher that let every op have
//! its own signature (the variety the uniform signature replaces):
//!
//! - `infallible`: touches only the frame;
//! - `fallible`: touches only the frame, may trap;
//! - `reads`, `writes`: reads or changes what outlives the frame, may trap;
//! - `jumps`: chooses the next op of the same function;
//! - `leaves`: enters or leaves a frame;
//! - `host`: may run code that is not WebAssembly.
//!
//! *Roles*: `out` and `in` are slots, `outs` and `ins` the first of `count` slots,
//! `imm` is encoded in the op. In a meaning `{x}` stands for operand `x`.
//! The order of operands is the order of bytes: 2-byte operands come first, or
//! fill the gap behind one.
//!
//! Elsewhere: how a line becomes bytes (`code`), what an op does (`handlers`),
//! which Wasm operator becomes which op (`lower`).

/// Hands the whole table to another macro.
macro_rules! isa {
    ($callback:ident) => {
        $callback! {

            // Moving values (lowering and handlers: variable.rs).
            nop infallible {  } "does nothing; carries the ticks of operators that need no code";
            copy infallible { out dst: any, in src: any } "{dst} = {src}";
            copy2 infallible { out dst: any, in src: any, out dst2: any, in src2: any } "copies {src} to {dst}, then {src2} to {dst2}";
            copy_span infallible { outs dst: span, ins src: span, imm count: u16 } "the {count} slots from {dst} = the {count} slots from {src}";
            drop infallible {  } "forgets the top of the Wasm operand stack; the slot keeps its bits until it is reused";
            i32_const infallible { out dst: i32, imm value: i32 } "{dst} = {value}";
            i64_const infallible { out dst: i64, imm value: i64 } "{dst} = {value}";
            f32_const infallible { out dst: f32, imm value: f32 } "{dst} = {value}";
            f64_const infallible { out dst: f64, imm value: f64 } "{dst} = {value}";
            select infallible { out dst: any, in cond: i32, in lhs: any, in rhs: any } "{dst} = {lhs} if {cond} is not 0, else {rhs}";
            global_get reads { out dst: any, imm global: u32 } "{dst} = global {global}";
            global_set writes { in src: any, imm global: u32 } "global {global} = {src}";

            // References (reference types proposal; lowering and handlers: variable.rs).
            ref_null infallible { out dst: any } "{dst} = null";
            ref_is_null infallible { out dst: i32, in src: any } "{dst} = 1 if {src} is null, else 0";
            ref_func reads { out dst: funcref, imm func: u32 } "{dst} = a reference to function {func}";
            ref_as_non_null fallible { out dst: any, in src: any } "{dst} = {src}; traps if it is null";
            br_on_null jumps { in src: any, imm jump: Jump } "goes on at {jump} if {src} is null";
            br_on_non_null jumps { in src: any, imm jump: Jump } "goes on at {jump} if {src} is not null";

            // Leaving the straight line (specification 4.4.8; handlers: control.rs).
            unreachable fallible {  } "always traps";
            br jumps { imm jump: Jump } "goes on at {jump}";
            br_copy jumps { outs dst: span, ins src: span, imm count: u16, imm jump: Jump } "moves {count} values to {dst} and goes on at {jump}";
            br_if jumps { in cond: i32, imm jump: Jump } "goes on at {jump} if {cond} is not 0";
            br_unless jumps { in cond: i32, imm jump: Jump } "goes on at {jump} if {cond} is 0";
            br_if_copy jumps { in cond: i32, outs dst: span, ins src: span, imm count: u16, imm jump: Jump } "if {cond} is not 0, moves {count} values to {dst} and goes on at {jump}";
            br_table jumps { in index: i32, imm len: u32 } "goes on at target number {index} of {len}, or at the last one";
            br_table_copy jumps { in index: i32, ins src: span, imm count: u16, imm len: u32 } "moves {count} values from {src} and goes on at target number {index} of {len}, or at the last one";
            call leaves { imm head: Slot, imm func: u32, imm entry: Entry, imm resume: Count } "calls function {func} of this module; its frame starts at {head}";
            call_import host { imm head: Slot, imm func: u32, imm resume: Count } "calls imported function {func}; its frame starts at {head}";
            call_indirect host { in index: any, imm head: Slot, imm ty: u32, imm table: u32, imm resume: Count } "calls the function at {index} of table {table} if its type is type {ty}; its frame starts at {head}";
            call_ref host { in func: funcref, imm head: Slot, imm ty: u32, imm resume: Count } "calls the function {func} refers to, of type {ty}; traps if it is null; its frame starts at {head}";
            return_call leaves { imm head: Slot, imm count: u16, imm func: u32, imm entry: Entry, imm end: Count } "calls function {func} of this module in place of this one, with the {count} slots from {head}";
            return_call_import host { imm head: Slot, imm count: u16, imm func: u32, imm resume: Count } "calls imported function {func} in place of this one, with the {count} slots from {head}; a host function is called from here and its results returned by the next op";
            return_call_indirect host { imm head: Slot, imm count: u16, in index: any, imm ty: u32, imm table: u32, imm resume: Count } "calls the function at {index} of table {table} in place of this one if its type is type {ty}, with the {count} slots from {head}; a host function is called from here and its results returned by the next op";
            return_call_ref host { imm head: Slot, imm count: u16, in func: funcref, imm ty: u32, imm resume: Count } "calls the function {func} refers to, of type {ty}, in place of this one, with the {count} slots from {head}; a host function is called from here and its results returned by the next op";
            ret leaves { imm end: Count } "returns to the caller without a value";
            ret_value leaves { in src: any, imm end: Count } "returns {src} to the caller";
            ret_span leaves { ins src: span, imm count: u16, imm end: Count } "returns the {count} slots from {src} to the caller";

            // Exceptions (exception handling; lowering: exception.rs, handlers: exception.rs). Where an exception lands stands beside the code, not in it.
            throw leaves { ins src: span, imm count: u16, imm tag: u32 } "throws an exception of tag {tag} with the {count} slots from {src}; goes on where it is caught";
            throw_ref leaves { in src: any } "throws the exception {src} again; traps if it is null";

            // i32: comparisons (specification 4.3.2; handlers: compare.rs), with an immediate, and as branches.
            i32_eqz infallible { out dst: i32, in src: i32 } "{dst} = 1 if {src} is 0, else 0";
            i32_eq infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} == {rhs}";
            i32_eq_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} == {rhs}";
            br_i32_eq jumps { in lhs: i32, in rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} == {rhs}";
            br_i32_eq_imm jumps { in lhs: i32, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} == {rhs}";
            br_i32_and_imm jumps { in lhs: i32, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} & {rhs} is not 0";
            br_i32_nand_imm jumps { in lhs: i32, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} & {rhs} is 0";
            i32_ne infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} != {rhs}";
            i32_ne_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} != {rhs}";
            br_i32_ne jumps { in lhs: i32, in rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} != {rhs}";
            br_i32_ne_imm jumps { in lhs: i32, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} != {rhs}";
            i32_lt_s infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} < {rhs}, signed";
            i32_lt_s_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} < {rhs}, signed";
            br_i32_lt_s jumps { in lhs: i32, in rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} < {rhs}, signed";
            br_i32_lt_s_imm jumps { in lhs: i32, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} < {rhs}, signed";
            i32_lt_u infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} < {rhs}, unsigned";
            i32_lt_u_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} < {rhs}, unsigned";
            br_i32_lt_u jumps { in lhs: i32, in rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} < {rhs}, unsigned";
            br_i32_lt_u_imm jumps { in lhs: i32, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} < {rhs}, unsigned";
            i32_gt_s infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} > {rhs}, signed";
            i32_gt_s_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} > {rhs}, signed";
            br_i32_gt_s jumps { in lhs: i32, in rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} > {rhs}, signed";
            br_i32_gt_s_imm jumps { in lhs: i32, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} > {rhs}, signed";
            i32_gt_u infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} > {rhs}, unsigned";
            i32_gt_u_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} > {rhs}, unsigned";
            br_i32_gt_u jumps { in lhs: i32, in rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} > {rhs}, unsigned";
            br_i32_gt_u_imm jumps { in lhs: i32, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} > {rhs}, unsigned";
            i32_le_s infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} <= {rhs}, signed";
            i32_le_s_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} <= {rhs}, signed";
            br_i32_le_s jumps { in lhs: i32, in rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} <= {rhs}, signed";
            br_i32_le_s_imm jumps { in lhs: i32, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} <= {rhs}, signed";
            i32_le_u infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} <= {rhs}, unsigned";
            i32_le_u_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} <= {rhs}, unsigned";
            br_i32_le_u jumps { in lhs: i32, in rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} <= {rhs}, unsigned";
            br_i32_le_u_imm jumps { in lhs: i32, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} <= {rhs}, unsigned";
            i32_ge_s infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} >= {rhs}, signed";
            i32_ge_s_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} >= {rhs}, signed";
            br_i32_ge_s jumps { in lhs: i32, in rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} >= {rhs}, signed";
            br_i32_ge_s_imm jumps { in lhs: i32, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} >= {rhs}, signed";
            i32_ge_u infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} >= {rhs}, unsigned";
            i32_ge_u_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} >= {rhs}, unsigned";
            br_i32_ge_u jumps { in lhs: i32, in rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} >= {rhs}, unsigned";
            br_i32_ge_u_imm jumps { in lhs: i32, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} >= {rhs}, unsigned";

            // i64: comparisons (specification 4.3.2; handlers: compare.rs), with an immediate, and as branches.
            i64_eqz infallible { out dst: i32, in src: i64 } "{dst} = 1 if {src} is 0, else 0";
            i64_eq infallible { out dst: i32, in lhs: i64, in rhs: i64 } "{dst} = {lhs} == {rhs}";
            i64_eq_imm infallible { out dst: i32, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} == {rhs}";
            br_i64_eq jumps { in lhs: i64, in rhs: i64, imm jump: Jump } "goes on at {jump} if {lhs} == {rhs}";
            br_i64_eq_imm jumps { in lhs: i64, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} == {rhs}";
            i64_ne infallible { out dst: i32, in lhs: i64, in rhs: i64 } "{dst} = {lhs} != {rhs}";
            i64_ne_imm infallible { out dst: i32, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} != {rhs}";
            br_i64_ne jumps { in lhs: i64, in rhs: i64, imm jump: Jump } "goes on at {jump} if {lhs} != {rhs}";
            br_i64_ne_imm jumps { in lhs: i64, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} != {rhs}";
            i64_lt_s infallible { out dst: i32, in lhs: i64, in rhs: i64 } "{dst} = {lhs} < {rhs}, signed";
            i64_lt_s_imm infallible { out dst: i32, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} < {rhs}, signed";
            br_i64_lt_s jumps { in lhs: i64, in rhs: i64, imm jump: Jump } "goes on at {jump} if {lhs} < {rhs}, signed";
            br_i64_lt_s_imm jumps { in lhs: i64, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} < {rhs}, signed";
            i64_lt_u infallible { out dst: i32, in lhs: i64, in rhs: i64 } "{dst} = {lhs} < {rhs}, unsigned";
            i64_lt_u_imm infallible { out dst: i32, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} < {rhs}, unsigned";
            br_i64_lt_u jumps { in lhs: i64, in rhs: i64, imm jump: Jump } "goes on at {jump} if {lhs} < {rhs}, unsigned";
            br_i64_lt_u_imm jumps { in lhs: i64, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} < {rhs}, unsigned";
            i64_gt_s infallible { out dst: i32, in lhs: i64, in rhs: i64 } "{dst} = {lhs} > {rhs}, signed";
            i64_gt_s_imm infallible { out dst: i32, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} > {rhs}, signed";
            br_i64_gt_s jumps { in lhs: i64, in rhs: i64, imm jump: Jump } "goes on at {jump} if {lhs} > {rhs}, signed";
            br_i64_gt_s_imm jumps { in lhs: i64, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} > {rhs}, signed";
            i64_gt_u infallible { out dst: i32, in lhs: i64, in rhs: i64 } "{dst} = {lhs} > {rhs}, unsigned";
            i64_gt_u_imm infallible { out dst: i32, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} > {rhs}, unsigned";
            br_i64_gt_u jumps { in lhs: i64, in rhs: i64, imm jump: Jump } "goes on at {jump} if {lhs} > {rhs}, unsigned";
            br_i64_gt_u_imm jumps { in lhs: i64, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} > {rhs}, unsigned";
            i64_le_s infallible { out dst: i32, in lhs: i64, in rhs: i64 } "{dst} = {lhs} <= {rhs}, signed";
            i64_le_s_imm infallible { out dst: i32, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} <= {rhs}, signed";
            br_i64_le_s jumps { in lhs: i64, in rhs: i64, imm jump: Jump } "goes on at {jump} if {lhs} <= {rhs}, signed";
            br_i64_le_s_imm jumps { in lhs: i64, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} <= {rhs}, signed";
            i64_le_u infallible { out dst: i32, in lhs: i64, in rhs: i64 } "{dst} = {lhs} <= {rhs}, unsigned";
            i64_le_u_imm infallible { out dst: i32, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} <= {rhs}, unsigned";
            br_i64_le_u jumps { in lhs: i64, in rhs: i64, imm jump: Jump } "goes on at {jump} if {lhs} <= {rhs}, unsigned";
            br_i64_le_u_imm jumps { in lhs: i64, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} <= {rhs}, unsigned";
            i64_ge_s infallible { out dst: i32, in lhs: i64, in rhs: i64 } "{dst} = {lhs} >= {rhs}, signed";
            i64_ge_s_imm infallible { out dst: i32, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} >= {rhs}, signed";
            br_i64_ge_s jumps { in lhs: i64, in rhs: i64, imm jump: Jump } "goes on at {jump} if {lhs} >= {rhs}, signed";
            br_i64_ge_s_imm jumps { in lhs: i64, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} >= {rhs}, signed";
            i64_ge_u infallible { out dst: i32, in lhs: i64, in rhs: i64 } "{dst} = {lhs} >= {rhs}, unsigned";
            i64_ge_u_imm infallible { out dst: i32, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} >= {rhs}, unsigned";
            br_i64_ge_u jumps { in lhs: i64, in rhs: i64, imm jump: Jump } "goes on at {jump} if {lhs} >= {rhs}, unsigned";
            br_i64_ge_u_imm jumps { in lhs: i64, imm rhs: i32, imm jump: Jump } "goes on at {jump} if {lhs} >= {rhs}, unsigned";

            // i32: arithmetic (specification 4.3.2; handlers: int.rs).
            i32_clz infallible { out dst: i32, in src: i32 } "{dst} = the number of leading zero bits of {src}";
            i32_ctz infallible { out dst: i32, in src: i32 } "{dst} = the number of trailing zero bits of {src}";
            i32_popcnt infallible { out dst: i32, in src: i32 } "{dst} = the number of one bits of {src}";
            i32_extend8_s infallible { out dst: i32, in src: i32 } "{dst} = the low 8 bits of {src}, sign-extended";
            i32_extend16_s infallible { out dst: i32, in src: i32 } "{dst} = the low 16 bits of {src}, sign-extended";
            i32_add infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} + {rhs}";
            i32_add_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} + {rhs}";
            i32_add_shl infallible { out dst: i32, in lhs: i32, in rhs: i32, imm shift: u16 } "{dst} = {lhs} + ({rhs} << {shift})";
            i32_sub infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} - {rhs}";
            i32_sub_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} - {rhs}";
            i32_mul infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} * {rhs}";
            i32_mul_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} * {rhs}";
            i32_and infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} & {rhs}";
            i32_and_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} & {rhs}";
            i32_or infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} | {rhs}";
            i32_or_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} | {rhs}";
            i32_xor infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} ^ {rhs}";
            i32_xor_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} ^ {rhs}";
            i32_shl infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} << {rhs}";
            i32_shl_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} << {rhs}";
            i32_shr_s infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} >> {rhs}, keeping the sign";
            i32_shr_s_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} >> {rhs}, keeping the sign";
            i32_shr_u infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} >> {rhs}, filling with zeros";
            i32_shr_u_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} >> {rhs}, filling with zeros";
            i32_bits infallible { out dst: i32, in lhs: i32, imm shift: u16, imm mask: i32 } "{dst} = ({lhs} >> {shift}) & {mask}, filling with zeros";
            i32_rotl infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} rotl {rhs}";
            i32_rotl_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} rotl {rhs}";
            i32_rotr infallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} rotr {rhs}";
            i32_rotr_imm infallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} rotr {rhs}";
            i32_div_s fallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} / {rhs}, signed; traps on 0 and on MIN / -1";
            i32_div_s_imm fallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} / {rhs}, signed; traps on 0 and on MIN / -1";
            i32_div_u fallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} / {rhs}, unsigned; traps on 0";
            i32_div_u_imm fallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} / {rhs}, unsigned; traps on 0";
            i32_rem_s fallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} % {rhs}, sign of the dividend; traps on 0";
            i32_rem_s_imm fallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} % {rhs}, sign of the dividend; traps on 0";
            i32_rem_u fallible { out dst: i32, in lhs: i32, in rhs: i32 } "{dst} = {lhs} % {rhs}, unsigned; traps on 0";
            i32_rem_u_imm fallible { out dst: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} % {rhs}, unsigned; traps on 0";

            // i64: arithmetic (specification 4.3.2; handlers: int.rs).
            i64_clz infallible { out dst: i64, in src: i64 } "{dst} = the number of leading zero bits of {src}";
            i64_ctz infallible { out dst: i64, in src: i64 } "{dst} = the number of trailing zero bits of {src}";
            i64_popcnt infallible { out dst: i64, in src: i64 } "{dst} = the number of one bits of {src}";
            i64_extend8_s infallible { out dst: i64, in src: i64 } "{dst} = the low 8 bits of {src}, sign-extended";
            i64_extend16_s infallible { out dst: i64, in src: i64 } "{dst} = the low 16 bits of {src}, sign-extended";
            i64_extend32_s infallible { out dst: i64, in src: i64 } "{dst} = the low 32 bits of {src}, sign-extended";
            i64_add infallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} + {rhs}";
            i64_add_imm infallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} + {rhs}";
            i64_sub infallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} - {rhs}";
            i64_sub_imm infallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} - {rhs}";
            i64_mul infallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} * {rhs}";
            i64_mul_imm infallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} * {rhs}";
            i64_and infallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} & {rhs}";
            i64_and_imm infallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} & {rhs}";
            i64_or infallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} | {rhs}";
            i64_or_imm infallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} | {rhs}";
            i64_xor infallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} ^ {rhs}";
            i64_xor_imm infallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} ^ {rhs}";
            i64_shl infallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} << {rhs}";
            i64_shl_imm infallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} << {rhs}";
            i64_shr_s infallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} >> {rhs}, keeping the sign";
            i64_shr_s_imm infallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} >> {rhs}, keeping the sign";
            i64_shr_u infallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} >> {rhs}, filling with zeros";
            i64_shr_u_imm infallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} >> {rhs}, filling with zeros";
            i64_rotl infallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} rotl {rhs}";
            i64_rotl_imm infallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} rotl {rhs}";
            i64_rotr infallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} rotr {rhs}";
            i64_rotr_imm infallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} rotr {rhs}";
            i64_div_s fallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} / {rhs}, signed; traps on 0 and on MIN / -1";
            i64_div_s_imm fallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} / {rhs}, signed; traps on 0 and on MIN / -1";
            i64_div_u fallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} / {rhs}, unsigned; traps on 0";
            i64_div_u_imm fallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} / {rhs}, unsigned; traps on 0";
            i64_rem_s fallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} % {rhs}, sign of the dividend; traps on 0";
            i64_rem_s_imm fallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} % {rhs}, sign of the dividend; traps on 0";
            i64_rem_u fallible { out dst: i64, in lhs: i64, in rhs: i64 } "{dst} = {lhs} % {rhs}, unsigned; traps on 0";
            i64_rem_u_imm fallible { out dst: i64, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} % {rhs}, unsigned; traps on 0";

            // i64: wide arithmetic (proposal; handlers: int.rs). 128 bits are two operands, the low half first.
            i64_add128 infallible { out low: i64, out high: i64, in lhs_low: i64, in lhs_high: i64, in rhs_low: i64, in rhs_high: i64 } "{high}:{low} = {lhs_high}:{lhs_low} + {rhs_high}:{rhs_low}, in 128 bits";
            i64_sub128 infallible { out low: i64, out high: i64, in lhs_low: i64, in lhs_high: i64, in rhs_low: i64, in rhs_high: i64 } "{high}:{low} = {lhs_high}:{lhs_low} - {rhs_high}:{rhs_low}, in 128 bits";
            i64_mul_wide_s infallible { out low: i64, out high: i64, in lhs: i64, in rhs: i64 } "{high}:{low} = {lhs} * {rhs}, signed, in 128 bits";
            i64_mul_wide_u infallible { out low: i64, out high: i64, in lhs: i64, in rhs: i64 } "{high}:{low} = {lhs} * {rhs}, unsigned, in 128 bits";

            // f32 (specification 4.3.3; handlers: float.rs).
            f32_eq infallible { out dst: i32, in lhs: f32, in rhs: f32 } "{dst} = {lhs} == {rhs}";
            f32_ne infallible { out dst: i32, in lhs: f32, in rhs: f32 } "{dst} = {lhs} != {rhs}";
            f32_lt infallible { out dst: i32, in lhs: f32, in rhs: f32 } "{dst} = {lhs} < {rhs}";
            f32_gt infallible { out dst: i32, in lhs: f32, in rhs: f32 } "{dst} = {lhs} > {rhs}";
            f32_le infallible { out dst: i32, in lhs: f32, in rhs: f32 } "{dst} = {lhs} <= {rhs}";
            f32_ge infallible { out dst: i32, in lhs: f32, in rhs: f32 } "{dst} = {lhs} >= {rhs}";
            f32_abs infallible { out dst: f32, in src: f32 } "{dst} = {src} without its sign";
            f32_neg infallible { out dst: f32, in src: f32 } "{dst} = {src} with its sign flipped";
            f32_ceil infallible { out dst: f32, in src: f32 } "{dst} = {src} rounded up";
            f32_floor infallible { out dst: f32, in src: f32 } "{dst} = {src} rounded down";
            f32_trunc infallible { out dst: f32, in src: f32 } "{dst} = {src} rounded towards zero";
            f32_nearest infallible { out dst: f32, in src: f32 } "{dst} = {src} rounded to the nearest integer, ties to even";
            f32_sqrt infallible { out dst: f32, in src: f32 } "{dst} = the square root of {src}";
            f32_add infallible { out dst: f32, in lhs: f32, in rhs: f32 } "{dst} = {lhs} + {rhs}";
            f32_sub infallible { out dst: f32, in lhs: f32, in rhs: f32 } "{dst} = {lhs} - {rhs}";
            f32_mul infallible { out dst: f32, in lhs: f32, in rhs: f32 } "{dst} = {lhs} * {rhs}";
            f32_div infallible { out dst: f32, in lhs: f32, in rhs: f32 } "{dst} = {lhs} / {rhs}";
            f32_min infallible { out dst: f32, in lhs: f32, in rhs: f32 } "{dst} = the smaller of {lhs} and {rhs}";
            f32_max infallible { out dst: f32, in lhs: f32, in rhs: f32 } "{dst} = the larger of {lhs} and {rhs}";
            f32_copysign infallible { out dst: f32, in lhs: f32, in rhs: f32 } "{dst} = {lhs} with the sign of {rhs}";

            // f64 (specification 4.3.3; handlers: float.rs).
            f64_eq infallible { out dst: i32, in lhs: f64, in rhs: f64 } "{dst} = {lhs} == {rhs}";
            f64_ne infallible { out dst: i32, in lhs: f64, in rhs: f64 } "{dst} = {lhs} != {rhs}";
            f64_lt infallible { out dst: i32, in lhs: f64, in rhs: f64 } "{dst} = {lhs} < {rhs}";
            f64_gt infallible { out dst: i32, in lhs: f64, in rhs: f64 } "{dst} = {lhs} > {rhs}";
            f64_le infallible { out dst: i32, in lhs: f64, in rhs: f64 } "{dst} = {lhs} <= {rhs}";
            f64_ge infallible { out dst: i32, in lhs: f64, in rhs: f64 } "{dst} = {lhs} >= {rhs}";
            br_f64_eq jumps { in lhs: f64, in rhs: f64, imm jump: Jump } "goes on at {jump} if {lhs} == {rhs}";
            br_f64_ne jumps { in lhs: f64, in rhs: f64, imm jump: Jump } "goes on at {jump} if {lhs} != {rhs}";
            br_f64_lt jumps { in lhs: f64, in rhs: f64, imm jump: Jump } "goes on at {jump} if {lhs} < {rhs}";
            br_f64_le jumps { in lhs: f64, in rhs: f64, imm jump: Jump } "goes on at {jump} if {lhs} <= {rhs}";
            br_f64_not_lt jumps { in lhs: f64, in rhs: f64, imm jump: Jump } "goes on at {jump} unless {lhs} < {rhs}";
            br_f64_not_le jumps { in lhs: f64, in rhs: f64, imm jump: Jump } "goes on at {jump} unless {lhs} <= {rhs}";
            f64_abs infallible { out dst: f64, in src: f64 } "{dst} = {src} without its sign";
            f64_neg infallible { out dst: f64, in src: f64 } "{dst} = {src} with its sign flipped";
            f64_ceil infallible { out dst: f64, in src: f64 } "{dst} = {src} rounded up";
            f64_floor infallible { out dst: f64, in src: f64 } "{dst} = {src} rounded down";
            f64_trunc infallible { out dst: f64, in src: f64 } "{dst} = {src} rounded towards zero";
            f64_nearest infallible { out dst: f64, in src: f64 } "{dst} = {src} rounded to the nearest integer, ties to even";
            f64_sqrt infallible { out dst: f64, in src: f64 } "{dst} = the square root of {src}";
            f64_add infallible { out dst: f64, in lhs: f64, in rhs: f64 } "{dst} = {lhs} + {rhs}";
            f64_mul_add infallible { out dst: f64, in lhs: f64, in rhs: f64, in sum: f64 } "{dst} = {lhs} * {rhs} + {sum}, rounded twice";
            f64_sub infallible { out dst: f64, in lhs: f64, in rhs: f64 } "{dst} = {lhs} - {rhs}";
            f64_mul infallible { out dst: f64, in lhs: f64, in rhs: f64 } "{dst} = {lhs} * {rhs}";
            f64_div infallible { out dst: f64, in lhs: f64, in rhs: f64 } "{dst} = {lhs} / {rhs}";
            f64_min infallible { out dst: f64, in lhs: f64, in rhs: f64 } "{dst} = the smaller of {lhs} and {rhs}";
            f64_max infallible { out dst: f64, in lhs: f64, in rhs: f64 } "{dst} = the larger of {lhs} and {rhs}";
            f64_copysign infallible { out dst: f64, in lhs: f64, in rhs: f64 } "{dst} = {lhs} with the sign of {rhs}";

            // Conversions (specification 4.3.4; handlers: convert.rs).
            i32_wrap_i64 infallible { out dst: i32, in src: i64 } "{dst} = the low 32 bits of {src}";
            i64_extend_i32_s infallible { out dst: i64, in src: i32 } "{dst} = {src}, sign-extended";
            i64_extend_i32_u infallible { out dst: i64, in src: i32 } "{dst} = {src}, zero-extended";
            i32_trunc_f32_s fallible { out dst: i32, in src: f32 } "{dst} = {src} truncated to a signed integer; traps if it does not fit";
            i32_trunc_sat_f32_s infallible { out dst: i32, in src: f32 } "{dst} = {src} truncated to a signed integer, clamped to its range, NaN to 0";
            i32_trunc_f32_u fallible { out dst: i32, in src: f32 } "{dst} = {src} truncated to a unsigned integer; traps if it does not fit";
            i32_trunc_sat_f32_u infallible { out dst: i32, in src: f32 } "{dst} = {src} truncated to a unsigned integer, clamped to its range, NaN to 0";
            i32_trunc_f64_s fallible { out dst: i32, in src: f64 } "{dst} = {src} truncated to a signed integer; traps if it does not fit";
            i32_trunc_sat_f64_s infallible { out dst: i32, in src: f64 } "{dst} = {src} truncated to a signed integer, clamped to its range, NaN to 0";
            i32_trunc_f64_u fallible { out dst: i32, in src: f64 } "{dst} = {src} truncated to a unsigned integer; traps if it does not fit";
            i32_trunc_sat_f64_u infallible { out dst: i32, in src: f64 } "{dst} = {src} truncated to a unsigned integer, clamped to its range, NaN to 0";
            i64_trunc_f32_s fallible { out dst: i64, in src: f32 } "{dst} = {src} truncated to a signed integer; traps if it does not fit";
            i64_trunc_sat_f32_s infallible { out dst: i64, in src: f32 } "{dst} = {src} truncated to a signed integer, clamped to its range, NaN to 0";
            i64_trunc_f32_u fallible { out dst: i64, in src: f32 } "{dst} = {src} truncated to a unsigned integer; traps if it does not fit";
            i64_trunc_sat_f32_u infallible { out dst: i64, in src: f32 } "{dst} = {src} truncated to a unsigned integer, clamped to its range, NaN to 0";
            i64_trunc_f64_s fallible { out dst: i64, in src: f64 } "{dst} = {src} truncated to a signed integer; traps if it does not fit";
            i64_trunc_sat_f64_s infallible { out dst: i64, in src: f64 } "{dst} = {src} truncated to a signed integer, clamped to its range, NaN to 0";
            i64_trunc_f64_u fallible { out dst: i64, in src: f64 } "{dst} = {src} truncated to a unsigned integer; traps if it does not fit";
            i64_trunc_sat_f64_u infallible { out dst: i64, in src: f64 } "{dst} = {src} truncated to a unsigned integer, clamped to its range, NaN to 0";
            f32_convert_i32_s infallible { out dst: f32, in src: i32 } "{dst} = the signed integer {src} as a float, rounded to nearest";
            f32_convert_i32_u infallible { out dst: f32, in src: i32 } "{dst} = the unsigned integer {src} as a float, rounded to nearest";
            f32_convert_i64_s infallible { out dst: f32, in src: i64 } "{dst} = the signed integer {src} as a float, rounded to nearest";
            f32_convert_i64_u infallible { out dst: f32, in src: i64 } "{dst} = the unsigned integer {src} as a float, rounded to nearest";
            f64_convert_i32_s infallible { out dst: f64, in src: i32 } "{dst} = the signed integer {src} as a float, rounded to nearest";
            f64_convert_i32_u infallible { out dst: f64, in src: i32 } "{dst} = the unsigned integer {src} as a float, rounded to nearest";
            f64_convert_i64_s infallible { out dst: f64, in src: i64 } "{dst} = the signed integer {src} as a float, rounded to nearest";
            f64_convert_i64_u infallible { out dst: f64, in src: i64 } "{dst} = the unsigned integer {src} as a float, rounded to nearest";
            f32_demote_f64 infallible { out dst: f32, in src: f64 } "{dst} = {src} rounded to single precision";
            f64_promote_f32 infallible { out dst: f64, in src: f32 } "{dst} = {src} in double precision";
            i32_reinterpret_f32 infallible { out dst: i32, in src: f32 } "{dst} = the bits of {src} read as i32";
            i64_reinterpret_f64 infallible { out dst: i64, in src: f64 } "{dst} = the bits of {src} read as i64";
            f32_reinterpret_i32 infallible { out dst: f32, in src: i32 } "{dst} = the bits of {src} read as f32";
            f64_reinterpret_i64 infallible { out dst: f64, in src: i64 } "{dst} = the bits of {src} read as f64";

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

            // Vectors (SIMD and relaxed SIMD; lowering: simd.rs, handlers: simd.rs). A vector takes two slots, the low half first.
            select_v128 infallible { out dst: v128, in cond: i32, in lhs: v128, in rhs: v128 } "{dst} = {lhs} if {cond} is not 0, else {rhs}";
            global_get_v128 reads { out dst: v128, imm global: u32 } "{dst} = global {global}";
            global_set_v128 writes { in src: v128, imm global: u32 } "global {global} = {src}";
            v128_const infallible { out dst: v128, imm value: v128 } "{dst} = {value}";
            i8x16_shuffle infallible { out dst: v128, in lhs: v128, in rhs: v128, imm lanes: v128 } "{dst} = the bytes of {lhs} (0 to 15) and {rhs} (16 to 31) that the bytes of {lanes} number";
            i8x16_extract_lane_s infallible { out dst: i32, in src: v128, imm lane: u16 } "{dst} = lane {lane} of {src} (i8x16), sign-extended";
            i8x16_extract_lane_u infallible { out dst: i32, in src: v128, imm lane: u16 } "{dst} = lane {lane} of {src} (i8x16), zero-extended";
            i8x16_replace_lane infallible { out dst: v128, in src: v128, in value: i32, imm lane: u16 } "{dst} = {src} with lane {lane} (i8x16) replaced by {value}";
            i16x8_extract_lane_s infallible { out dst: i32, in src: v128, imm lane: u16 } "{dst} = lane {lane} of {src} (i16x8), sign-extended";
            i16x8_extract_lane_u infallible { out dst: i32, in src: v128, imm lane: u16 } "{dst} = lane {lane} of {src} (i16x8), zero-extended";
            i16x8_replace_lane infallible { out dst: v128, in src: v128, in value: i32, imm lane: u16 } "{dst} = {src} with lane {lane} (i16x8) replaced by {value}";
            i32x4_extract_lane infallible { out dst: i32, in src: v128, imm lane: u16 } "{dst} = lane {lane} of {src} (i32x4)";
            i32x4_replace_lane infallible { out dst: v128, in src: v128, in value: i32, imm lane: u16 } "{dst} = {src} with lane {lane} (i32x4) replaced by {value}";
            i64x2_extract_lane infallible { out dst: i64, in src: v128, imm lane: u16 } "{dst} = lane {lane} of {src} (i64x2)";
            i64x2_replace_lane infallible { out dst: v128, in src: v128, in value: i64, imm lane: u16 } "{dst} = {src} with lane {lane} (i64x2) replaced by {value}";
            f32x4_extract_lane infallible { out dst: f32, in src: v128, imm lane: u16 } "{dst} = lane {lane} of {src} (f32x4)";
            f32x4_replace_lane infallible { out dst: v128, in src: v128, in value: f32, imm lane: u16 } "{dst} = {src} with lane {lane} (f32x4) replaced by {value}";
            f64x2_extract_lane infallible { out dst: f64, in src: v128, imm lane: u16 } "{dst} = lane {lane} of {src} (f64x2)";
            f64x2_replace_lane infallible { out dst: v128, in src: v128, in value: f64, imm lane: u16 } "{dst} = {src} with lane {lane} (f64x2) replaced by {value}";
            i8x16_swizzle infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the bytes of {lhs} that the bytes of {rhs} number, 0 where there is none";
            i8x16_splat infallible { out dst: v128, in src: i32 } "{dst} = {src} in every lane of i8x16";
            i16x8_splat infallible { out dst: v128, in src: i32 } "{dst} = {src} in every lane of i16x8";
            i32x4_splat infallible { out dst: v128, in src: i32 } "{dst} = {src} in every lane of i32x4";
            i64x2_splat infallible { out dst: v128, in src: i64 } "{dst} = {src} in every lane of i64x2";
            f32x4_splat infallible { out dst: v128, in src: f32 } "{dst} = {src} in every lane of f32x4";
            f64x2_splat infallible { out dst: v128, in src: f64 } "{dst} = {src} in every lane of f64x2";
            i8x16_eq infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} == {rhs}, else 0, in each lane of i8x16";
            i8x16_ne infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} != {rhs}, else 0, in each lane of i8x16";
            i8x16_lt_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} < {rhs}, else 0, in each lane of i8x16, signed";
            i8x16_lt_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} < {rhs}, else 0, in each lane of i8x16, unsigned";
            i8x16_gt_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} > {rhs}, else 0, in each lane of i8x16, signed";
            i8x16_gt_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} > {rhs}, else 0, in each lane of i8x16, unsigned";
            i8x16_le_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} <= {rhs}, else 0, in each lane of i8x16, signed";
            i8x16_le_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} <= {rhs}, else 0, in each lane of i8x16, unsigned";
            i8x16_ge_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} >= {rhs}, else 0, in each lane of i8x16, signed";
            i8x16_ge_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} >= {rhs}, else 0, in each lane of i8x16, unsigned";
            i16x8_eq infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} == {rhs}, else 0, in each lane of i16x8";
            i16x8_ne infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} != {rhs}, else 0, in each lane of i16x8";
            i16x8_lt_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} < {rhs}, else 0, in each lane of i16x8, signed";
            i16x8_lt_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} < {rhs}, else 0, in each lane of i16x8, unsigned";
            i16x8_gt_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} > {rhs}, else 0, in each lane of i16x8, signed";
            i16x8_gt_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} > {rhs}, else 0, in each lane of i16x8, unsigned";
            i16x8_le_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} <= {rhs}, else 0, in each lane of i16x8, signed";
            i16x8_le_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} <= {rhs}, else 0, in each lane of i16x8, unsigned";
            i16x8_ge_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} >= {rhs}, else 0, in each lane of i16x8, signed";
            i16x8_ge_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} >= {rhs}, else 0, in each lane of i16x8, unsigned";
            i32x4_eq infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} == {rhs}, else 0, in each lane of i32x4";
            i32x4_ne infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} != {rhs}, else 0, in each lane of i32x4";
            i32x4_lt_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} < {rhs}, else 0, in each lane of i32x4, signed";
            i32x4_lt_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} < {rhs}, else 0, in each lane of i32x4, unsigned";
            i32x4_gt_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} > {rhs}, else 0, in each lane of i32x4, signed";
            i32x4_gt_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} > {rhs}, else 0, in each lane of i32x4, unsigned";
            i32x4_le_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} <= {rhs}, else 0, in each lane of i32x4, signed";
            i32x4_le_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} <= {rhs}, else 0, in each lane of i32x4, unsigned";
            i32x4_ge_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} >= {rhs}, else 0, in each lane of i32x4, signed";
            i32x4_ge_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} >= {rhs}, else 0, in each lane of i32x4, unsigned";
            i64x2_eq infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} == {rhs}, else 0, in each lane of i64x2";
            i64x2_ne infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} != {rhs}, else 0, in each lane of i64x2";
            i64x2_lt_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} < {rhs}, else 0, in each lane of i64x2, signed";
            i64x2_gt_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} > {rhs}, else 0, in each lane of i64x2, signed";
            i64x2_le_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} <= {rhs}, else 0, in each lane of i64x2, signed";
            i64x2_ge_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} >= {rhs}, else 0, in each lane of i64x2, signed";
            f32x4_eq infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} == {rhs}, else 0, in each lane of f32x4";
            f32x4_ne infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} != {rhs}, else 0, in each lane of f32x4";
            f32x4_lt infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} < {rhs}, else 0, in each lane of f32x4";
            f32x4_gt infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} > {rhs}, else 0, in each lane of f32x4";
            f32x4_le infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} <= {rhs}, else 0, in each lane of f32x4";
            f32x4_ge infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} >= {rhs}, else 0, in each lane of f32x4";
            f64x2_eq infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} == {rhs}, else 0, in each lane of f64x2";
            f64x2_ne infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} != {rhs}, else 0, in each lane of f64x2";
            f64x2_lt infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} < {rhs}, else 0, in each lane of f64x2";
            f64x2_gt infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} > {rhs}, else 0, in each lane of f64x2";
            f64x2_le infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} <= {rhs}, else 0, in each lane of f64x2";
            f64x2_ge infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = all ones where {lhs} >= {rhs}, else 0, in each lane of f64x2";
            v128_not infallible { out dst: v128, in src: v128 } "{dst} = every bit of {src} flipped";
            v128_and infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} & {rhs}";
            v128_andnot infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} & the complement of {rhs}";
            v128_or infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} | {rhs}";
            v128_xor infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} ^ {rhs}";
            v128_bitselect infallible { out dst: v128, in a: v128, in b: v128, in c: v128 } "{dst} = the bits of {a} where {c} is 1, of {b} where it is 0";
            v128_any_true infallible { out dst: i32, in src: v128 } "{dst} = 1 if any bit of {src} is 1, else 0";
            i8x16_abs infallible { out dst: v128, in src: v128 } "{dst} = the absolute value of {src}, in each lane of i8x16";
            i8x16_neg infallible { out dst: v128, in src: v128 } "{dst} = -{src}, in each lane of i8x16";
            i8x16_popcnt infallible { out dst: v128, in src: v128 } "{dst} = the number of one bits of {src}, in each lane of i8x16";
            i8x16_all_true infallible { out dst: i32, in src: v128 } "{dst} = 1 if no lane of {src} (i8x16) is 0, else 0";
            i8x16_bitmask infallible { out dst: i32, in src: v128 } "{dst} = the sign bits of the lanes of {src} (i8x16), lane 0's lowest";
            i8x16_narrow_i16x8_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the lanes of {lhs} and {rhs} (i16x8), signed and clamped to i8x16";
            i8x16_narrow_i16x8_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the lanes of {lhs} and {rhs} (i16x8), unsigned and clamped to i8x16";
            i8x16_shl infallible { out dst: v128, in lhs: v128, in rhs: i32 } "{dst} = {lhs} << {rhs}, in each lane of i8x16";
            i8x16_shr_s infallible { out dst: v128, in lhs: v128, in rhs: i32 } "{dst} = {lhs} >> {rhs}, in each lane of i8x16, keeping the sign";
            i8x16_shr_u infallible { out dst: v128, in lhs: v128, in rhs: i32 } "{dst} = {lhs} >> {rhs}, in each lane of i8x16, filling with zeros";
            i8x16_add infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} + {rhs}, in each lane of i8x16";
            i8x16_add_sat_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} + {rhs}, signed and clamped to the range, in each lane of i8x16";
            i8x16_add_sat_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} + {rhs}, unsigned and clamped to the range, in each lane of i8x16";
            i8x16_sub infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} - {rhs}, in each lane of i8x16";
            i8x16_sub_sat_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} - {rhs}, signed and clamped to the range, in each lane of i8x16";
            i8x16_sub_sat_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} - {rhs}, unsigned and clamped to the range, in each lane of i8x16";
            i8x16_min_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the smaller of {lhs} and {rhs}, in each lane of i8x16, signed";
            i8x16_min_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the smaller of {lhs} and {rhs}, in each lane of i8x16, unsigned";
            i8x16_max_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the larger of {lhs} and {rhs}, in each lane of i8x16, signed";
            i8x16_max_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the larger of {lhs} and {rhs}, in each lane of i8x16, unsigned";
            i8x16_avgr_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the average of {lhs} and {rhs}, rounded up, in each lane of i8x16";
            i16x8_extadd_pairwise_i8x16_s infallible { out dst: v128, in src: v128 } "{dst} = the sums of neighbouring lanes of {src} (i8x16), signed, as i16x8";
            i16x8_extadd_pairwise_i8x16_u infallible { out dst: v128, in src: v128 } "{dst} = the sums of neighbouring lanes of {src} (i8x16), unsigned, as i16x8";
            i16x8_abs infallible { out dst: v128, in src: v128 } "{dst} = the absolute value of {src}, in each lane of i16x8";
            i16x8_neg infallible { out dst: v128, in src: v128 } "{dst} = -{src}, in each lane of i16x8";
            i16x8_q15mulr_sat_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} * {rhs} as fractions of 15 bits, rounded and clamped, in each lane of i16x8";
            i16x8_all_true infallible { out dst: i32, in src: v128 } "{dst} = 1 if no lane of {src} (i16x8) is 0, else 0";
            i16x8_bitmask infallible { out dst: i32, in src: v128 } "{dst} = the sign bits of the lanes of {src} (i16x8), lane 0's lowest";
            i16x8_narrow_i32x4_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the lanes of {lhs} and {rhs} (i32x4), signed and clamped to i16x8";
            i16x8_narrow_i32x4_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the lanes of {lhs} and {rhs} (i32x4), unsigned and clamped to i16x8";
            i16x8_extend_low_i8x16_s infallible { out dst: v128, in src: v128 } "{dst} = the low lanes of {src} (i8x16), sign-extended to i16x8";
            i16x8_extend_high_i8x16_s infallible { out dst: v128, in src: v128 } "{dst} = the high lanes of {src} (i8x16), sign-extended to i16x8";
            i16x8_extend_low_i8x16_u infallible { out dst: v128, in src: v128 } "{dst} = the low lanes of {src} (i8x16), zero-extended to i16x8";
            i16x8_extend_high_i8x16_u infallible { out dst: v128, in src: v128 } "{dst} = the high lanes of {src} (i8x16), zero-extended to i16x8";
            i16x8_shl infallible { out dst: v128, in lhs: v128, in rhs: i32 } "{dst} = {lhs} << {rhs}, in each lane of i16x8";
            i16x8_shr_s infallible { out dst: v128, in lhs: v128, in rhs: i32 } "{dst} = {lhs} >> {rhs}, in each lane of i16x8, keeping the sign";
            i16x8_shr_u infallible { out dst: v128, in lhs: v128, in rhs: i32 } "{dst} = {lhs} >> {rhs}, in each lane of i16x8, filling with zeros";
            i16x8_add infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} + {rhs}, in each lane of i16x8";
            i16x8_add_sat_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} + {rhs}, signed and clamped to the range, in each lane of i16x8";
            i16x8_add_sat_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} + {rhs}, unsigned and clamped to the range, in each lane of i16x8";
            i16x8_sub infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} - {rhs}, in each lane of i16x8";
            i16x8_sub_sat_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} - {rhs}, signed and clamped to the range, in each lane of i16x8";
            i16x8_sub_sat_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} - {rhs}, unsigned and clamped to the range, in each lane of i16x8";
            i16x8_mul infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} * {rhs}, in each lane of i16x8";
            i16x8_min_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the smaller of {lhs} and {rhs}, in each lane of i16x8, signed";
            i16x8_min_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the smaller of {lhs} and {rhs}, in each lane of i16x8, unsigned";
            i16x8_max_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the larger of {lhs} and {rhs}, in each lane of i16x8, signed";
            i16x8_max_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the larger of {lhs} and {rhs}, in each lane of i16x8, unsigned";
            i16x8_avgr_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the average of {lhs} and {rhs}, rounded up, in each lane of i16x8";
            i16x8_extmul_low_i8x16_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the products of the low lanes of {lhs} and {rhs} (i8x16), signed, as i16x8";
            i16x8_extmul_high_i8x16_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the products of the high lanes of {lhs} and {rhs} (i8x16), signed, as i16x8";
            i16x8_extmul_low_i8x16_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the products of the low lanes of {lhs} and {rhs} (i8x16), unsigned, as i16x8";
            i16x8_extmul_high_i8x16_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the products of the high lanes of {lhs} and {rhs} (i8x16), unsigned, as i16x8";
            i32x4_extadd_pairwise_i16x8_s infallible { out dst: v128, in src: v128 } "{dst} = the sums of neighbouring lanes of {src} (i16x8), signed, as i32x4";
            i32x4_extadd_pairwise_i16x8_u infallible { out dst: v128, in src: v128 } "{dst} = the sums of neighbouring lanes of {src} (i16x8), unsigned, as i32x4";
            i32x4_abs infallible { out dst: v128, in src: v128 } "{dst} = the absolute value of {src}, in each lane of i32x4";
            i32x4_neg infallible { out dst: v128, in src: v128 } "{dst} = -{src}, in each lane of i32x4";
            i32x4_all_true infallible { out dst: i32, in src: v128 } "{dst} = 1 if no lane of {src} (i32x4) is 0, else 0";
            i32x4_bitmask infallible { out dst: i32, in src: v128 } "{dst} = the sign bits of the lanes of {src} (i32x4), lane 0's lowest";
            i32x4_extend_low_i16x8_s infallible { out dst: v128, in src: v128 } "{dst} = the low lanes of {src} (i16x8), sign-extended to i32x4";
            i32x4_extend_high_i16x8_s infallible { out dst: v128, in src: v128 } "{dst} = the high lanes of {src} (i16x8), sign-extended to i32x4";
            i32x4_extend_low_i16x8_u infallible { out dst: v128, in src: v128 } "{dst} = the low lanes of {src} (i16x8), zero-extended to i32x4";
            i32x4_extend_high_i16x8_u infallible { out dst: v128, in src: v128 } "{dst} = the high lanes of {src} (i16x8), zero-extended to i32x4";
            i32x4_shl infallible { out dst: v128, in lhs: v128, in rhs: i32 } "{dst} = {lhs} << {rhs}, in each lane of i32x4";
            i32x4_shr_s infallible { out dst: v128, in lhs: v128, in rhs: i32 } "{dst} = {lhs} >> {rhs}, in each lane of i32x4, keeping the sign";
            i32x4_shr_u infallible { out dst: v128, in lhs: v128, in rhs: i32 } "{dst} = {lhs} >> {rhs}, in each lane of i32x4, filling with zeros";
            i32x4_add infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} + {rhs}, in each lane of i32x4";
            i32x4_sub infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} - {rhs}, in each lane of i32x4";
            i32x4_mul infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} * {rhs}, in each lane of i32x4";
            i32x4_min_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the smaller of {lhs} and {rhs}, in each lane of i32x4, signed";
            i32x4_min_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the smaller of {lhs} and {rhs}, in each lane of i32x4, unsigned";
            i32x4_max_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the larger of {lhs} and {rhs}, in each lane of i32x4, signed";
            i32x4_max_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the larger of {lhs} and {rhs}, in each lane of i32x4, unsigned";
            i32x4_dot_i16x8_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the sums of the products of neighbouring lanes of {lhs} and {rhs} (i16x8)";
            i32x4_extmul_low_i16x8_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the products of the low lanes of {lhs} and {rhs} (i16x8), signed, as i32x4";
            i32x4_extmul_high_i16x8_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the products of the high lanes of {lhs} and {rhs} (i16x8), signed, as i32x4";
            i32x4_extmul_low_i16x8_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the products of the low lanes of {lhs} and {rhs} (i16x8), unsigned, as i32x4";
            i32x4_extmul_high_i16x8_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the products of the high lanes of {lhs} and {rhs} (i16x8), unsigned, as i32x4";
            i64x2_abs infallible { out dst: v128, in src: v128 } "{dst} = the absolute value of {src}, in each lane of i64x2";
            i64x2_neg infallible { out dst: v128, in src: v128 } "{dst} = -{src}, in each lane of i64x2";
            i64x2_all_true infallible { out dst: i32, in src: v128 } "{dst} = 1 if no lane of {src} (i64x2) is 0, else 0";
            i64x2_bitmask infallible { out dst: i32, in src: v128 } "{dst} = the sign bits of the lanes of {src} (i64x2), lane 0's lowest";
            i64x2_extend_low_i32x4_s infallible { out dst: v128, in src: v128 } "{dst} = the low lanes of {src} (i32x4), sign-extended to i64x2";
            i64x2_extend_high_i32x4_s infallible { out dst: v128, in src: v128 } "{dst} = the high lanes of {src} (i32x4), sign-extended to i64x2";
            i64x2_extend_low_i32x4_u infallible { out dst: v128, in src: v128 } "{dst} = the low lanes of {src} (i32x4), zero-extended to i64x2";
            i64x2_extend_high_i32x4_u infallible { out dst: v128, in src: v128 } "{dst} = the high lanes of {src} (i32x4), zero-extended to i64x2";
            i64x2_shl infallible { out dst: v128, in lhs: v128, in rhs: i32 } "{dst} = {lhs} << {rhs}, in each lane of i64x2";
            i64x2_shr_s infallible { out dst: v128, in lhs: v128, in rhs: i32 } "{dst} = {lhs} >> {rhs}, in each lane of i64x2, keeping the sign";
            i64x2_shr_u infallible { out dst: v128, in lhs: v128, in rhs: i32 } "{dst} = {lhs} >> {rhs}, in each lane of i64x2, filling with zeros";
            i64x2_add infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} + {rhs}, in each lane of i64x2";
            i64x2_sub infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} - {rhs}, in each lane of i64x2";
            i64x2_mul infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} * {rhs}, in each lane of i64x2";
            i64x2_extmul_low_i32x4_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the products of the low lanes of {lhs} and {rhs} (i32x4), signed, as i64x2";
            i64x2_extmul_high_i32x4_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the products of the high lanes of {lhs} and {rhs} (i32x4), signed, as i64x2";
            i64x2_extmul_low_i32x4_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the products of the low lanes of {lhs} and {rhs} (i32x4), unsigned, as i64x2";
            i64x2_extmul_high_i32x4_u infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the products of the high lanes of {lhs} and {rhs} (i32x4), unsigned, as i64x2";
            f32x4_ceil infallible { out dst: v128, in src: v128 } "{dst} = {src} rounded up, in each lane of f32x4";
            f32x4_floor infallible { out dst: v128, in src: v128 } "{dst} = {src} rounded down, in each lane of f32x4";
            f32x4_trunc infallible { out dst: v128, in src: v128 } "{dst} = {src} rounded towards zero, in each lane of f32x4";
            f32x4_nearest infallible { out dst: v128, in src: v128 } "{dst} = {src} rounded to the nearest integer, ties to even, in each lane of f32x4";
            f32x4_abs infallible { out dst: v128, in src: v128 } "{dst} = the absolute value of {src}, in each lane of f32x4";
            f32x4_neg infallible { out dst: v128, in src: v128 } "{dst} = -{src}, in each lane of f32x4";
            f32x4_sqrt infallible { out dst: v128, in src: v128 } "{dst} = the square root of {src}, in each lane of f32x4";
            f32x4_add infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} + {rhs}, in each lane of f32x4";
            f32x4_sub infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} - {rhs}, in each lane of f32x4";
            f32x4_mul infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} * {rhs}, in each lane of f32x4";
            f32x4_div infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} / {rhs}, in each lane of f32x4";
            f32x4_min infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the smaller of {lhs} and {rhs}, in each lane of f32x4";
            f32x4_max infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the larger of {lhs} and {rhs}, in each lane of f32x4";
            f32x4_pmin infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {rhs} if it is less than {lhs}, else {lhs}, in each lane of f32x4";
            f32x4_pmax infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {rhs} if {lhs} is less than it, else {lhs}, in each lane of f32x4";
            f64x2_ceil infallible { out dst: v128, in src: v128 } "{dst} = {src} rounded up, in each lane of f64x2";
            f64x2_floor infallible { out dst: v128, in src: v128 } "{dst} = {src} rounded down, in each lane of f64x2";
            f64x2_trunc infallible { out dst: v128, in src: v128 } "{dst} = {src} rounded towards zero, in each lane of f64x2";
            f64x2_nearest infallible { out dst: v128, in src: v128 } "{dst} = {src} rounded to the nearest integer, ties to even, in each lane of f64x2";
            f64x2_abs infallible { out dst: v128, in src: v128 } "{dst} = the absolute value of {src}, in each lane of f64x2";
            f64x2_neg infallible { out dst: v128, in src: v128 } "{dst} = -{src}, in each lane of f64x2";
            f64x2_sqrt infallible { out dst: v128, in src: v128 } "{dst} = the square root of {src}, in each lane of f64x2";
            f64x2_add infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} + {rhs}, in each lane of f64x2";
            f64x2_sub infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} - {rhs}, in each lane of f64x2";
            f64x2_mul infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} * {rhs}, in each lane of f64x2";
            f64x2_div infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} / {rhs}, in each lane of f64x2";
            f64x2_min infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the smaller of {lhs} and {rhs}, in each lane of f64x2";
            f64x2_max infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the larger of {lhs} and {rhs}, in each lane of f64x2";
            f64x2_pmin infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {rhs} if it is less than {lhs}, else {lhs}, in each lane of f64x2";
            f64x2_pmax infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {rhs} if {lhs} is less than it, else {lhs}, in each lane of f64x2";
            i32x4_trunc_sat_f32x4_s infallible { out dst: v128, in src: v128 } "{dst} = the lanes of {src} (f32x4) truncated to signed integers, clamped, NaN to 0";
            i32x4_trunc_sat_f32x4_u infallible { out dst: v128, in src: v128 } "{dst} = the lanes of {src} (f32x4) truncated to unsigned integers, clamped, NaN to 0";
            f32x4_convert_i32x4_s infallible { out dst: v128, in src: v128 } "{dst} = the signed lanes of {src} (i32x4) as f32x4";
            f32x4_convert_i32x4_u infallible { out dst: v128, in src: v128 } "{dst} = the unsigned lanes of {src} (i32x4) as f32x4";
            i32x4_trunc_sat_f64x2_s_zero infallible { out dst: v128, in src: v128 } "{dst} = the lanes of {src} (f64x2) truncated to signed integers, clamped, NaN to 0, the high lanes 0";
            i32x4_trunc_sat_f64x2_u_zero infallible { out dst: v128, in src: v128 } "{dst} = the lanes of {src} (f64x2) truncated to unsigned integers, clamped, NaN to 0, the high lanes 0";
            f64x2_convert_low_i32x4_s infallible { out dst: v128, in src: v128 } "{dst} = the low signed lanes of {src} (i32x4) as f64x2";
            f64x2_convert_low_i32x4_u infallible { out dst: v128, in src: v128 } "{dst} = the low unsigned lanes of {src} (i32x4) as f64x2";
            f32x4_demote_f64x2_zero infallible { out dst: v128, in src: v128 } "{dst} = the lanes of {src} (f64x2) rounded to single precision, the high lanes 0";
            f64x2_promote_low_f32x4 infallible { out dst: v128, in src: v128 } "{dst} = the low lanes of {src} (f32x4) in double precision";
            i8x16_relaxed_swizzle infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the bytes of {lhs} that the bytes of {rhs} number, 0 where there is none; the deterministic choice";
            i32x4_relaxed_trunc_f32x4_s infallible { out dst: v128, in src: v128 } "{dst} = the lanes of {src} (f32x4) truncated to signed integers, clamped, NaN to 0";
            i32x4_relaxed_trunc_f32x4_u infallible { out dst: v128, in src: v128 } "{dst} = the lanes of {src} (f32x4) truncated to unsigned integers, clamped, NaN to 0";
            i32x4_relaxed_trunc_f64x2_s_zero infallible { out dst: v128, in src: v128 } "{dst} = the lanes of {src} (f64x2) truncated to signed integers, clamped, NaN to 0, the high lanes 0";
            i32x4_relaxed_trunc_f64x2_u_zero infallible { out dst: v128, in src: v128 } "{dst} = the lanes of {src} (f64x2) truncated to unsigned integers, clamped, NaN to 0, the high lanes 0";
            f32x4_relaxed_madd infallible { out dst: v128, in a: v128, in b: v128, in c: v128 } "{dst} = {a} * {b} + {c}, in each lane of f32x4, rounded twice; the deterministic choice";
            f32x4_relaxed_nmadd infallible { out dst: v128, in a: v128, in b: v128, in c: v128 } "{dst} = -({a} * {b}) + {c}, in each lane of f32x4, rounded twice; the deterministic choice";
            f64x2_relaxed_madd infallible { out dst: v128, in a: v128, in b: v128, in c: v128 } "{dst} = {a} * {b} + {c}, in each lane of f64x2, rounded twice; the deterministic choice";
            f64x2_relaxed_nmadd infallible { out dst: v128, in a: v128, in b: v128, in c: v128 } "{dst} = -({a} * {b}) + {c}, in each lane of f64x2, rounded twice; the deterministic choice";
            i8x16_relaxed_laneselect infallible { out dst: v128, in a: v128, in b: v128, in c: v128 } "{dst} = the bits of {a} where {c} is 1, of {b} where it is 0; the deterministic choice";
            i16x8_relaxed_laneselect infallible { out dst: v128, in a: v128, in b: v128, in c: v128 } "{dst} = the bits of {a} where {c} is 1, of {b} where it is 0; the deterministic choice";
            i32x4_relaxed_laneselect infallible { out dst: v128, in a: v128, in b: v128, in c: v128 } "{dst} = the bits of {a} where {c} is 1, of {b} where it is 0; the deterministic choice";
            i64x2_relaxed_laneselect infallible { out dst: v128, in a: v128, in b: v128, in c: v128 } "{dst} = the bits of {a} where {c} is 1, of {b} where it is 0; the deterministic choice";
            f32x4_relaxed_min infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the smaller of {lhs} and {rhs}, in each lane of f32x4; the deterministic choice";
            f32x4_relaxed_max infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the larger of {lhs} and {rhs}, in each lane of f32x4; the deterministic choice";
            f64x2_relaxed_min infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the smaller of {lhs} and {rhs}, in each lane of f64x2; the deterministic choice";
            f64x2_relaxed_max infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the larger of {lhs} and {rhs}, in each lane of f64x2; the deterministic choice";
            i16x8_relaxed_q15mulr_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = {lhs} * {rhs} as fractions of 15 bits, rounded and clamped, in each lane of i16x8; the deterministic choice";
            i16x8_relaxed_dot_i8x16_i7x16_s infallible { out dst: v128, in lhs: v128, in rhs: v128 } "{dst} = the sums of the products of neighbouring bytes of {lhs} and {rhs}, signed, as i16x8; the deterministic choice";
            i32x4_relaxed_dot_i8x16_i7x16_add_s infallible { out dst: v128, in a: v128, in b: v128, in c: v128 } "{dst} = {c} + the sums of the products of four neighbouring bytes of {a} and {b}, signed, as i32x4; the deterministic choice";

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

            // For the debugger.
            stop leaves {} "hands control to the debugger; lowering never emits it";
        }
    };
}
pub(crate) use isa;

/// What an op asks of its dispatcher; see the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Touches only the frame.
    Infallible,
    /// Touches only the frame and may trap.
    Fallible,
    /// Reads what outlives the frame; may trap.
    Reads,
    /// Changes what outlives the frame; may trap.
    Writes,
    /// Chooses the next op of the same function.
    Jumps,
    /// Enters or leaves a frame.
    Leaves,
    /// May run code that is not WebAssembly.
    Host,
}

/// What an operand is to its op.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A slot the op writes.
    Out,
    /// A slot the op reads.
    In,
    /// The first of `count` slots the op writes.
    Outs,
    /// The first of `count` slots the op reads.
    Ins,
    /// A constant in the op itself.
    Imm,
}

/// The type of an operand, as the table spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperandType {
    /// A 32-bit integer.
    I32,
    /// A 64-bit integer.
    I64,
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
    /// A vector in two slots, the low half first; as an immediate, 16 bytes.
    V128,
    /// A function reference.
    FuncRef,
    /// One slot whose type depends on where the op stands.
    Any,
    /// Several slots whose types depend on where the op stands.
    Span,
    /// An unsigned 16-bit immediate.
    U16,
    /// An unsigned 32-bit immediate: an index, an offset or a length.
    U32,
    /// An unsigned 64-bit immediate: an offset in a 64-bit memory.
    U64,
    /// A slot number used as an immediate: where a callee's frame starts.
    Slot,
    /// A branch target.
    Jump,
    /// Steps and ticks.
    Count,
    /// The address of a function's entry; no part of the bytecode's meaning.
    Entry,
}

/// One operand of an op.
#[derive(Clone, Copy, Debug)]
pub struct Operand {
    /// What it is to the op.
    pub role: Role,
    /// Its name in the table.
    pub name: &'static str,
    /// Its type.
    pub ty: OperandType,
    /// Its place in the encoded op, in bytes.
    pub offset: u16,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// The identifier of the line, for instance `i32_add_imm`; [`OpInfo::mnemonic`] is
    /// what users see.
    pub name: &'static str,
    /// What it asks of a dispatcher.
    pub kind: Kind,
    /// Its operands in the order of the table.
    pub operands: &'static [Operand],
    /// What it does, with `{operand}` as place holders.
    pub meaning: &'static str,
    /// Its encoded size in bytes, without the targets behind a `br_table`.
    pub size: u16,
}

/// What the first part of an identifier can name: a type, or a part of a module.
const FAMILIES: [&str; 17] = [
    "i32", "i64", "f32", "f64", "v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2", "ref",
    "global", "memory", "table", "elem", "data",
];

impl OpInfo {
    /// The op's name on screen, in text and in the documentation: its identifier, where
    /// the `_` behind the type or the part of the module it works on becomes a dot, as
    /// in WebAssembly's own names. A branch that compares has a type behind its `br_`.
    ///
    /// ```text
    /// i32_add_imm       i32.add_imm
    /// br_i32_lt_s       br_i32.lt_s
    /// memory_grow       memory.grow
    /// call_indirect     call_indirect
    /// ```
    pub fn mnemonic(&self) -> String {
        let compares = |rest: &str| FAMILIES[..4].iter().any(|number| rest.starts_with(number));
        let prefix = if self.name.strip_prefix("br_").is_some_and(compares) { "br_" } else { "" };
        match self.name[prefix.len()..].split_once('_') {
            Some((family, rest)) if FAMILIES.contains(&family) => {
                format!("{prefix}{family}.{rest}")
            }
            _ => self.name.to_owned(),
        }
    }
}
