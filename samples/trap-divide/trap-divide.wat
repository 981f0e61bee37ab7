;; A trap: integer divide by zero.
;;
;; Averages of four groups, each (sum, count); the third group is empty.
;; What to look for: the trap names the function and the instruction. Step back from it: the
;; divisor was loaded one step earlier, from address 0x14. Who should have checked?
(module $trap_divide
  (memory $memory (export "memory") 1)
  (data $groups (i32.const 0)
    "\1e\00\00\00\03\00\00\00"      ;; 30 / 3
    "\64\00\00\00\08\00\00\00"      ;; 100 / 8
    "\00\00\00\00\00\00\00\00"      ;; 0 / 0
    "\07\00\00\00\07\00\00\00")     ;; 7 / 7
  (global $done (export "done") (mut i32) (i32.const 0))

  (func $average (param $group i32) (result i32)
    (i32.div_s
      (i32.load (local.get $group))
      (i32.load offset=4 (local.get $group))))

  (func $main (export "_start") (local $i i32)
    (loop $next
      (i32.store offset=0x40
        (i32.shl (local.get $i) (i32.const 2))
        (call $average (i32.shl (local.get $i) (i32.const 3))))
      (global.set $done (i32.add (global.get $done) (i32.const 1)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 4))))))
