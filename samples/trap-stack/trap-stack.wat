;; A trap: call stack exhausted.
;;
;; $sum adds n + (n - 1) + ... down to zero, but is asked to begin below zero, so it never
;; gets there. What to look for: every frame looks like the one before except for $n. How
;; many frames fit is the engine's choice; go back to the first call to see the mistake.
(module $trap_stack
  (func $sum (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n))
      (then (i32.const 0))
      (else (i32.add (local.get $n)
        (call $sum (i32.sub (local.get $n) (i32.const 1)))))))

  (func $main (export "_start")
    (drop (call $sum (i32.const 10)))
    (drop (call $sum (i32.const -1)))))
