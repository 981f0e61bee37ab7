;; Arithmetic and locals.
;;
;; What to look for: an operator takes its operands from the top of the stack and leaves its
;; result there; local.set moves the top into a local. The same 32 bits are a different
;; number to the signed and to the unsigned division. Adding past the end wraps around.
(module $arithmetic
  (global $hypotenuse (export "hypotenuse") (mut f64) (f64.const 0))
  (global $signed (export "signed") (mut i32) (i32.const 0))
  (global $unsigned (export "unsigned") (mut i32) (i32.const 0))
  (global $wrapped (export "wrapped") (mut i32) (i32.const 0))
  (global $wide (export "wide") (mut i64) (i64.const 0))

  (func $main (export "_start") (local $a f64) (local $b f64) (local $n i32)
    ;; sqrt(3 * 3 + 4 * 4), written the way the machine sees it
    f64.const 3
    local.set $a
    f64.const 4
    local.set $b
    local.get $a
    local.get $a
    f64.mul
    local.get $b
    local.get $b
    f64.mul
    f64.add
    f64.sqrt
    global.set $hypotenuse

    ;; -7 / 2, and the same bits as a number without sign; written folded from here on
    (local.set $n (i32.const -7))
    (global.set $signed (i32.div_s (local.get $n) (i32.const 2)))
    (global.set $unsigned (i32.div_u (local.get $n) (i32.const 2)))

    ;; the largest i32 plus one is the smallest; in 64 bits there is room
    (local.tee $n (i32.const 0x7fffffff))
    (i32.const 1)
    i32.add
    global.set $wrapped
    (global.set $wide (i64.add (i64.extend_i32_s (local.get $n)) (i64.const 1)))))
