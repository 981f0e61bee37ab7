;; Loops and branches.
;;
;; What to look for: `loop` itself does nothing. A branch to a loop's label goes back to its
;; start, a branch to a block's label goes forward to its end; not branching falls through.
(module $loop
  (global $sum (export "sum") (mut i32) (i32.const 0))
  (global $gcd (export "gcd") (mut i32) (i32.const 0))
  (global $steps (export "steps") (mut i32) (i32.const 0))

  ;; 1 + 2 + ... + n: the test is at the end, the body runs at least once
  (func $sum_to (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; Euclid: the test is at the start, so the loop sits in a block to leave through
  (func $gcd_of (param $a i32) (param $b i32) (result i32) (local $rest i32)
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $b)))
        (local.set $rest (i32.rem_u (local.get $a) (local.get $b)))
        (local.set $a (local.get $b))
        (local.set $b (local.get $rest))
        (br $again)))
    (local.get $a))

  ;; Collatz: how many steps from n down to 1; an if with two arms inside a loop
  (func $collatz (param $n i32) (result i32) (local $count i32)
    (block $done
      (loop $again
        (br_if $done (i32.eq (local.get $n) (i32.const 1)))
        (if (i32.and (local.get $n) (i32.const 1))
          (then (local.set $n (i32.add (i32.mul (local.get $n) (i32.const 3)) (i32.const 1))))
          (else (local.set $n (i32.shr_u (local.get $n) (i32.const 1)))))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br $again)))
    (local.get $count))

  (func $main (export "_start")
    (global.set $sum (call $sum_to (i32.const 10)))
    (global.set $gcd (call $gcd_of (i32.const 1071) (i32.const 462)))
    (global.set $steps (call $collatz (i32.const 27)))))
