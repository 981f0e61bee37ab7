//! Lines of the instruction table: arithmetic of integers.

super::lines! { $ int:
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
    i32_rsub_imm infallible { out dst: i32, in rhs: i32, imm lhs: i32 } "{dst} = {lhs} - {rhs}";
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
    i64_rsub_imm infallible { out dst: i64, in rhs: i64, imm lhs: i32 } "{dst} = {lhs} - {rhs}";
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
}
