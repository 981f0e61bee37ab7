;; A trap: indirect call type mismatch.
;;
;; The table holds three shapes; each is to give its area. The third was written for another
;; interface: it takes a radius too.
;; What to look for: the table entry is a good function and the index is in range. Only its
;; type differs from the one call_indirect names, and that is checked at every single call.
(module $trap_signature
  (type $area (func (result i32)))
  (table $shapes funcref (elem $square $rectangle $circle))
  (global $sum (export "sum") (mut i32) (i32.const 0))

  (func $square (type $area) (i32.mul (i32.const 5) (i32.const 5)))
  (func $rectangle (type $area) (i32.mul (i32.const 3) (i32.const 7)))
  (func $circle (param $radius i32) (result i32)
    (i32.div_u
      (i32.mul (i32.mul (local.get $radius) (local.get $radius)) (i32.const 355))
      (i32.const 113)))

  (func $main (export "_start") (local $i i32)
    (loop $next
      (global.set $sum (i32.add (global.get $sum)
        (call_indirect $shapes (type $area) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (table.size $shapes))))))
