;; Multi-value: functions and blocks with several results, blocks with parameters.
;;
;; What to look for: $divide leaves two values on its caller's stack; $swap is only a change
;; of order; the loop in $fib carries its whole state, three values, on the stack around
;; the back edge instead of in locals.
(module $multi_value
  (global $quotient (export "quotient") (mut i32) (i32.const 0))
  (global $remainder (export "remainder") (mut i32) (i32.const 0))
  (global $difference (export "difference") (mut i32) (i32.const 0))
  (global $fib (export "fib") (mut i32) (i32.const 0))

  (func $divide (param $a i32) (param $b i32) (result i32 i32)
    (i32.div_u (local.get $a) (local.get $b))
    (i32.rem_u (local.get $a) (local.get $b)))

  (func $swap (param $a i32) (param $b i32) (result i32 i32)
    (local.get $b)
    (local.get $a))

  (func $fib (param $n i32) (result i32) (local $a i32) (local $b i32)
    (i32.const 0) (i32.const 1) (local.get $n)             ;; a b n
    (loop $next (param i32 i32 i32) (result i32)
      (local.set $n) (local.set $b) (local.set $a)
      (if (result i32) (i32.eqz (local.get $n))
        (then (local.get $a))
        (else
          (local.get $b)
          (i32.add (local.get $a) (local.get $b))
          (i32.sub (local.get $n) (i32.const 1))
          (br $next)))))

  (func $main (export "_start")
    (call $divide (i32.const 47) (i32.const 10))
    global.set $remainder
    global.set $quotient
    (call $swap (i32.const 1) (i32.const 100))
    i32.sub                                                ;; 100 - 1, not 1 - 100
    global.set $difference
    (global.set $fib (call $fib (i32.const 20)))))
