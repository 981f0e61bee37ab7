;; Calls and recursion.
;;
;; What to look for: a call takes its arguments off the caller's stack and they become the
;; first locals of a new frame; the result comes back on the caller's stack. Watch the call
;; stack grow to eleven frames in $fact and go up and down like a saw in $fib.
(module $calls
  (global $fact (export "fact") (mut i64) (i64.const 0))
  (global $fib (export "fib") (mut i32) (i32.const 0))
  (global $even (export "even") (mut i32) (i32.const 0))

  (func $fact (param $n i64) (result i64)
    (if (result i64) (i64.eqz (local.get $n))
      (then (i64.const 1))
      (else (i64.mul (local.get $n)
        (call $fact (i64.sub (local.get $n) (i64.const 1)))))))

  (func $fib (param $n i32) (result i32)
    (if (i32.lt_u (local.get $n) (i32.const 2))
      (then (return (local.get $n))))
    (i32.add
      (call $fib (i32.sub (local.get $n) (i32.const 1)))
      (call $fib (i32.sub (local.get $n) (i32.const 2)))))

  ;; two functions that need each other
  (func $is_even (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n))
      (then (i32.const 1))
      (else (call $is_odd (i32.sub (local.get $n) (i32.const 1))))))
  (func $is_odd (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n))
      (then (i32.const 0))
      (else (call $is_even (i32.sub (local.get $n) (i32.const 1))))))

  (func $main (export "_start")
    (global.set $fact (call $fact (i64.const 10)))
    (global.set $fib (call $fib (i32.const 10)))
    (global.set $even (call $is_even (i32.const 6)))))
