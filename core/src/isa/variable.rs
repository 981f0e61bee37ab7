//! Lines of the instruction table: locals, globals, constants and copies.

super::lines! { $ variable:
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
    i32_select_imm infallible { out dst: i32, in cond: i32, in lhs: i32, imm rhs: i32 } "{dst} = {lhs} if {cond} is not 0, else {rhs}";
    i32_rselect_imm infallible { out dst: i32, in cond: i32, in rhs: i32, imm lhs: i32 } "{dst} = {lhs} if {cond} is not 0, else {rhs}";
    i32_select_imms infallible { out dst: i32, in cond: i32, imm lhs: i32, imm rhs: i32 } "{dst} = {lhs} if {cond} is not 0, else {rhs}";
    i64_select_imm infallible { out dst: i64, in cond: i32, in lhs: i64, imm rhs: i32 } "{dst} = {lhs} if {cond} is not 0, else {rhs}";
    i64_rselect_imm infallible { out dst: i64, in cond: i32, in rhs: i64, imm lhs: i32 } "{dst} = {lhs} if {cond} is not 0, else {rhs}";
    i64_select_imms infallible { out dst: i64, in cond: i32, imm lhs: i32, imm rhs: i32 } "{dst} = {lhs} if {cond} is not 0, else {rhs}";
    f32_select infallible { out dst: f32, in cond: i32, in lhs: f32, in rhs: f32 } "{dst} = {lhs} if {cond} is not 0, else {rhs}";
    f32_select_imm infallible { out dst: f32, in cond: i32, in lhs: f32, imm rhs: f32 } "{dst} = {lhs} if {cond} is not 0, else {rhs}";
    f32_rselect_imm infallible { out dst: f32, in cond: i32, in rhs: f32, imm lhs: f32 } "{dst} = {lhs} if {cond} is not 0, else {rhs}";
    f64_select infallible { out dst: f64, in cond: i32, in lhs: f64, in rhs: f64 } "{dst} = {lhs} if {cond} is not 0, else {rhs}";
    f64_select_imm infallible { out dst: f64, in cond: i32, in lhs: f64, imm rhs: f64 } "{dst} = {lhs} if {cond} is not 0, else {rhs}";
    f64_rselect_imm infallible { out dst: f64, in cond: i32, in rhs: f64, imm lhs: f64 } "{dst} = {lhs} if {cond} is not 0, else {rhs}";
    global_get reads { out dst: any, imm global: u32 } "{dst} = global {global}";
    global_set writes { in src: any, imm global: u32 } "global {global} = {src}";
}
