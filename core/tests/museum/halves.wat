(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\20\00\00\00\06\00\00\00")
  (data (i32.const 32) "hello\n")
  (global $sum (mut f64) (f64.const 0))
  (func $halve (param $x f64) (result i32) (local $n i32)
    (loop $again
      (if (f64.gt (local.get $x) (f64.const 1))
        (then
          (local.set $x (f64.mul (local.get $x) (f64.const 0.5)))
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br $again))))
    (f64.store (i32.and (i32.shl (local.get $n) (i32.const 9)) (i32.const 0xfff8)) (local.get $x))
    (global.set $sum (f64.add (global.get $sum) (local.get $x)))
    (local.get $n))
  (func (export "_start") (local $i i32) (local $steps i32)
    (loop $again
      (local.set $steps (i32.add (local.get $steps) (call $halve (f64.convert_i32_u (local.get $i)))))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 8191)))
        (then (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40000))))
    (i32.store (i32.const 0x8000) (local.get $steps))
    (if (f64.gt (global.get $sum) (f64.const 1e9)) (then unreachable))))
