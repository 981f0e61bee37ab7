//! Lines of the instruction table: conversions.

super::lines! { $ convert:
    // Conversions (specification 4.3.4; handlers: convert.rs).
    i32_wrap_i64 infallible { out dst: i32, in src: i64 } "{dst} = the low 32 bits of {src}";
    i64_extend_i32_s infallible { out dst: i64, in src: i32 } "{dst} = {src}, sign-extended";
    i64_extend_i32_u infallible { out dst: i64, in src: i32 } "{dst} = {src}, zero-extended";
    i32_trunc_f32_s fallible { out dst: i32, in src: f32 } "{dst} = {src} truncated to a signed integer; traps if it does not fit";
    i32_trunc_sat_f32_s infallible { out dst: i32, in src: f32 } "{dst} = {src} truncated to a signed integer, clamped to its range, NaN to 0";
    i32_trunc_f32_u fallible { out dst: i32, in src: f32 } "{dst} = {src} truncated to an unsigned integer; traps if it does not fit";
    i32_trunc_sat_f32_u infallible { out dst: i32, in src: f32 } "{dst} = {src} truncated to an unsigned integer, clamped to its range, NaN to 0";
    i32_trunc_f64_s fallible { out dst: i32, in src: f64 } "{dst} = {src} truncated to a signed integer; traps if it does not fit";
    i32_trunc_sat_f64_s infallible { out dst: i32, in src: f64 } "{dst} = {src} truncated to a signed integer, clamped to its range, NaN to 0";
    i32_trunc_f64_u fallible { out dst: i32, in src: f64 } "{dst} = {src} truncated to an unsigned integer; traps if it does not fit";
    i32_trunc_sat_f64_u infallible { out dst: i32, in src: f64 } "{dst} = {src} truncated to an unsigned integer, clamped to its range, NaN to 0";
    i64_trunc_f32_s fallible { out dst: i64, in src: f32 } "{dst} = {src} truncated to a signed integer; traps if it does not fit";
    i64_trunc_sat_f32_s infallible { out dst: i64, in src: f32 } "{dst} = {src} truncated to a signed integer, clamped to its range, NaN to 0";
    i64_trunc_f32_u fallible { out dst: i64, in src: f32 } "{dst} = {src} truncated to an unsigned integer; traps if it does not fit";
    i64_trunc_sat_f32_u infallible { out dst: i64, in src: f32 } "{dst} = {src} truncated to an unsigned integer, clamped to its range, NaN to 0";
    i64_trunc_f64_s fallible { out dst: i64, in src: f64 } "{dst} = {src} truncated to a signed integer; traps if it does not fit";
    i64_trunc_sat_f64_s infallible { out dst: i64, in src: f64 } "{dst} = {src} truncated to a signed integer, clamped to its range, NaN to 0";
    i64_trunc_f64_u fallible { out dst: i64, in src: f64 } "{dst} = {src} truncated to an unsigned integer; traps if it does not fit";
    i64_trunc_sat_f64_u infallible { out dst: i64, in src: f64 } "{dst} = {src} truncated to an unsigned integer, clamped to its range, NaN to 0";
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
}
