;; br_table: a branch with many targets.
;;
;; A vending machine. A drink costs 30; the machine holds at most 30 in coins of 10 and 20.
;; Each byte of the data segment is an event: 0 = coin of 10, 1 = coin of 20, 2 = button,
;; anything else = somebody shakes the machine and the coins fall out.
;; What to look for: one br_table picks the arm; an index past the list takes the last label.
(module $switch
  (memory $memory 1)
  (data $events (i32.const 0) "\00\01\02\00\09\01\01\02\02\00\00\00\02")
  (global $coins (export "coins") (mut i32) (i32.const 0))
  (global $drinks (export "drinks") (mut i32) (i32.const 0))
  (global $refused (export "refused") (mut i32) (i32.const 0))

  (func $insert (param $coin i32)
    (if (i32.gt_u (i32.add (global.get $coins) (local.get $coin)) (i32.const 30))
      (then (global.set $refused (i32.add (global.get $refused) (i32.const 1))))
      (else (global.set $coins (i32.add (global.get $coins) (local.get $coin))))))

  (func $event (param $kind i32)
    (block $shaken
      (block $button
        (block $twenty
          (block $ten
            (br_table $ten $twenty $button $shaken (local.get $kind)))
          ;; $ten ends here
          (call $insert (i32.const 10))
          (return))
        ;; $twenty ends here
        (call $insert (i32.const 20))
        (return))
      ;; $button ends here
      (if (i32.eq (global.get $coins) (i32.const 30))
        (then
          (global.set $drinks (i32.add (global.get $drinks) (i32.const 1)))
          (global.set $coins (i32.const 0))))
      (return))
    ;; $shaken ends here
    (global.set $coins (i32.const 0)))

  (func $main (export "_start") (local $i i32)
    (loop $next
      (call $event (i32.load8_u (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 13))))))
