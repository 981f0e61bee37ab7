;; A trap: out of bounds memory access.
;;
;; The string at the end of memory has lost its final zero, so $length walks off the end of
;; the only page. What to look for: reading the last byte, 0xffff, is fine; reading 0x10000
;; is not, and nothing was changed by the attempt. Go back to see where the walk began.
(module $trap_bounds
  (memory $memory (export "memory") 1 1)
  (data $good (i32.const 0) "with a zero\00")
  (data $bad (i32.const 0xfff6) "without it")
  (global $total (export "total") (mut i32) (i32.const 0))

  (func $length (param $at i32) (result i32) (local $n i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (i32.load8_u (i32.add (local.get $at) (local.get $n)))))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $n))

  (func $main (export "_start")
    (global.set $total (call $length (i32.const 0)))
    (global.set $total (i32.add (global.get $total) (call $length (i32.const 0xfff6))))))
