;; Reference types: functions as values, tables that grow and change.
;;
;; An event queue. $register appends a handler to a table that starts empty, $fire calls all
;; of them and clears every entry, so the second $fire finds only nulls.
;; What to look for: a reference is not a number, no arithmetic works on it; ref.is_null asks
;; before call_indirect would trap; table.grow returns the old size, which is the new index.
(module $references
  (type $handler (func (param $value i32)))
  (table $handlers 0 16 funcref)
  (elem declare func $add_to_sum $count_call)
  (global $sum (export "sum") (mut i32) (i32.const 0))
  (global $calls (export "calls") (mut i32) (i32.const 0))
  (global $nulls (export "nulls") (mut i32) (i32.const 0))
  (global $last (mut funcref) (ref.null func))

  (func $add_to_sum (type $handler) (param $value i32)
    (global.set $sum (i32.add (global.get $sum) (local.get $value))))
  (func $count_call (type $handler) (param $value i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1))))

  (func $register (param $handler funcref) (result i32)
    (global.set $last (local.get $handler))
    (table.grow $handlers (local.get $handler) (i32.const 1)))

  (func $fire (param $value i32) (local $i i32)
    (loop $next
      (if (ref.is_null (table.get $handlers (local.get $i)))
        (then (global.set $nulls (i32.add (global.get $nulls) (i32.const 1))))
        (else
          (call_indirect $handlers (type $handler) (local.get $value) (local.get $i))
          (table.set $handlers (local.get $i) (ref.null func))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (table.size $handlers)))))

  (func $main (export "_start")
    (drop (call $register (ref.func $add_to_sum)))
    (drop (call $register (ref.func $count_call)))
    (drop (call $register (global.get $last)))
    (call $fire (i32.const 40))
    (call $fire (i32.const 2))))
