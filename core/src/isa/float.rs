//! Lines of the instruction table: floats.

super::lines! { $ float:
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

    // f64 (specification 4.3.3; handlers: float.rs), with an immediate, and comparisons as branches.
    f64_eq infallible { out dst: i32, in lhs: f64, in rhs: f64 } "{dst} = {lhs} == {rhs}";
    f64_eq_imm infallible { out dst: i32, in lhs: f64, imm rhs: f64 } "{dst} = {lhs} == {rhs}";
    f64_ne infallible { out dst: i32, in lhs: f64, in rhs: f64 } "{dst} = {lhs} != {rhs}";
    f64_ne_imm infallible { out dst: i32, in lhs: f64, imm rhs: f64 } "{dst} = {lhs} != {rhs}";
    f64_lt infallible { out dst: i32, in lhs: f64, in rhs: f64 } "{dst} = {lhs} < {rhs}";
    f64_lt_imm infallible { out dst: i32, in lhs: f64, imm rhs: f64 } "{dst} = {lhs} < {rhs}";
    f64_gt infallible { out dst: i32, in lhs: f64, in rhs: f64 } "{dst} = {lhs} > {rhs}";
    f64_gt_imm infallible { out dst: i32, in lhs: f64, imm rhs: f64 } "{dst} = {lhs} > {rhs}";
    f64_le infallible { out dst: i32, in lhs: f64, in rhs: f64 } "{dst} = {lhs} <= {rhs}";
    f64_le_imm infallible { out dst: i32, in lhs: f64, imm rhs: f64 } "{dst} = {lhs} <= {rhs}";
    f64_ge infallible { out dst: i32, in lhs: f64, in rhs: f64 } "{dst} = {lhs} >= {rhs}";
    f64_ge_imm infallible { out dst: i32, in lhs: f64, imm rhs: f64 } "{dst} = {lhs} >= {rhs}";
    br_f64_eq jumps { in lhs: f64, in rhs: f64, imm jump: Jump } "goes on at {jump} if {lhs} == {rhs}";
    br_f64_ne jumps { in lhs: f64, in rhs: f64, imm jump: Jump } "goes on at {jump} if {lhs} != {rhs}";
    br_f64_lt jumps { in lhs: f64, in rhs: f64, imm jump: Jump } "goes on at {jump} if {lhs} < {rhs}";
    br_f64_le jumps { in lhs: f64, in rhs: f64, imm jump: Jump } "goes on at {jump} if {lhs} <= {rhs}";
    br_f64_not_lt jumps { in lhs: f64, in rhs: f64, imm jump: Jump } "goes on at {jump} unless {lhs} < {rhs}";
    br_f64_not_le jumps { in lhs: f64, in rhs: f64, imm jump: Jump } "goes on at {jump} unless {lhs} <= {rhs}";
    br_f64_eq_imm jumps { in lhs: f64, imm rhs: f64, imm jump: Jump } "goes on at {jump} if {lhs} == {rhs}";
    br_f64_ne_imm jumps { in lhs: f64, imm rhs: f64, imm jump: Jump } "goes on at {jump} if {lhs} != {rhs}";
    br_f64_lt_imm jumps { in lhs: f64, imm rhs: f64, imm jump: Jump } "goes on at {jump} if {lhs} < {rhs}";
    br_f64_gt_imm jumps { in lhs: f64, imm rhs: f64, imm jump: Jump } "goes on at {jump} if {lhs} > {rhs}";
    br_f64_le_imm jumps { in lhs: f64, imm rhs: f64, imm jump: Jump } "goes on at {jump} if {lhs} <= {rhs}";
    br_f64_ge_imm jumps { in lhs: f64, imm rhs: f64, imm jump: Jump } "goes on at {jump} if {lhs} >= {rhs}";
    br_f64_not_lt_imm jumps { in lhs: f64, imm rhs: f64, imm jump: Jump } "goes on at {jump} unless {lhs} < {rhs}";
    br_f64_not_gt_imm jumps { in lhs: f64, imm rhs: f64, imm jump: Jump } "goes on at {jump} unless {lhs} > {rhs}";
    br_f64_not_le_imm jumps { in lhs: f64, imm rhs: f64, imm jump: Jump } "goes on at {jump} unless {lhs} <= {rhs}";
    br_f64_not_ge_imm jumps { in lhs: f64, imm rhs: f64, imm jump: Jump } "goes on at {jump} unless {lhs} >= {rhs}";
    f64_abs infallible { out dst: f64, in src: f64 } "{dst} = {src} without its sign";
    f64_neg infallible { out dst: f64, in src: f64 } "{dst} = {src} with its sign flipped";
    f64_ceil infallible { out dst: f64, in src: f64 } "{dst} = {src} rounded up";
    f64_floor infallible { out dst: f64, in src: f64 } "{dst} = {src} rounded down";
    f64_trunc infallible { out dst: f64, in src: f64 } "{dst} = {src} rounded towards zero";
    f64_nearest infallible { out dst: f64, in src: f64 } "{dst} = {src} rounded to the nearest integer, ties to even";
    f64_sqrt infallible { out dst: f64, in src: f64 } "{dst} = the square root of {src}";
    f64_add infallible { out dst: f64, in lhs: f64, in rhs: f64 } "{dst} = {lhs} + {rhs}";
    f64_add_imm infallible { out dst: f64, in lhs: f64, imm rhs: f64 } "{dst} = {lhs} + {rhs}";
    f64_mul_add infallible { out dst: f64, in lhs: f64, in rhs: f64, in sum: f64 } "{dst} = {lhs} * {rhs} + {sum}, rounded twice";
    f64_sub infallible { out dst: f64, in lhs: f64, in rhs: f64 } "{dst} = {lhs} - {rhs}";
    f64_sub_imm infallible { out dst: f64, in lhs: f64, imm rhs: f64 } "{dst} = {lhs} - {rhs}";
    f64_mul infallible { out dst: f64, in lhs: f64, in rhs: f64 } "{dst} = {lhs} * {rhs}";
    f64_mul_imm infallible { out dst: f64, in lhs: f64, imm rhs: f64 } "{dst} = {lhs} * {rhs}";
    f64_div infallible { out dst: f64, in lhs: f64, in rhs: f64 } "{dst} = {lhs} / {rhs}";
    f64_div_imm infallible { out dst: f64, in lhs: f64, imm rhs: f64 } "{dst} = {lhs} / {rhs}";
    f64_min infallible { out dst: f64, in lhs: f64, in rhs: f64 } "{dst} = the smaller of {lhs} and {rhs}";
    f64_max infallible { out dst: f64, in lhs: f64, in rhs: f64 } "{dst} = the larger of {lhs} and {rhs}";
    f64_copysign infallible { out dst: f64, in lhs: f64, in rhs: f64 } "{dst} = {lhs} with the sign of {rhs}";
}
