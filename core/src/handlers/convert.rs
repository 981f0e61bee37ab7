//! Conversions between number types.

use super::{next, unary, unary_fallible};
use crate::code::ops;
use crate::exec::dispatch::handler;
use crate::num;

unary! {
    i32_wrap_i64: |x: i64| x as i32;
    i64_extend_i32_s: |x: i32| x as i64;
    i64_extend_i32_u: |x: u32| x as u64;
    f32_convert_i32_s: |x: i32| x as f32;
    f32_convert_i32_u: |x: u32| x as f32;
    f32_convert_i64_s: |x: i64| x as f32;
    f32_convert_i64_u: |x: u64| x as f32;
    f64_convert_i32_s: |x: i32| x as f64;
    f64_convert_i32_u: |x: u32| x as f64;
    f64_convert_i64_s: |x: i64| x as f64;
    f64_convert_i64_u: |x: u64| x as f64;
    i32_trunc_sat_f32_s: |x: f32| x as i32;
    i32_trunc_sat_f32_u: |x: f32| x as u32;
    i32_trunc_sat_f64_s: |x: f64| x as i32;
    i32_trunc_sat_f64_u: |x: f64| x as u32;
    i64_trunc_sat_f32_s: |x: f32| x as i64;
    i64_trunc_sat_f32_u: |x: f32| x as u64;
    i64_trunc_sat_f64_s: |x: f64| x as i64;
    i64_trunc_sat_f64_u: |x: f64| x as u64;
    f32_demote_f64: |x: f64| num::f32_demote_f64(x);
    f64_promote_f32: |x: f32| num::f64_promote_f32(x);
    i32_reinterpret_f32: |x: f32| x.to_bits();
    i64_reinterpret_f64: |x: f64| x.to_bits();
    f32_reinterpret_i32: |x: u32| f32::from_bits(x);
    f64_reinterpret_i64: |x: u64| f64::from_bits(x);
}

unary_fallible! {
    i32_trunc_f32_s: |x: f32| num::i32_trunc_f32_s(x);
    i32_trunc_f32_u: |x: f32| num::i32_trunc_f32_u(x);
    i32_trunc_f64_s: |x: f64| num::i32_trunc_f64_s(x);
    i32_trunc_f64_u: |x: f64| num::i32_trunc_f64_u(x);
    i64_trunc_f32_s: |x: f32| num::i64_trunc_f32_s(x);
    i64_trunc_f32_u: |x: f32| num::i64_trunc_f32_u(x);
    i64_trunc_f64_s: |x: f64| num::i64_trunc_f64_s(x);
    i64_trunc_f64_u: |x: f64| num::i64_trunc_f64_u(x);
}
