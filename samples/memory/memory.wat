;; Linear memory: loads and stores of every width.
;;
;;     address  0x00 ···· 0x0f   0x10 ·· 0x13   0x20 ···· 0x27   0x10000
;;              [the message  ]  [an i32     ]  [an f64       ]  [first byte of page 1]
;;
;; What to look for: 0x11223344 lies in memory as 44 33 22 11 (little-endian); a narrow load
;; fills the rest with zeros (_u) or with copies of the sign (_s); page 1 does not exist
;; before memory.grow; the offset= of an instruction is added to the address on the stack.
(module $memory
  (memory $memory (export "memory") 1)
  (data $message (i32.const 0) "hello, memory!\00\ff")
  (global $unsigned (export "unsigned") (mut i32) (i32.const 0))
  (global $signed (export "signed") (mut i32) (i32.const 0))
  (global $middle (export "middle") (mut i32) (i32.const 0))
  (global $pi_bits (export "pi_bits") (mut i64) (i64.const 0))
  (global $length (export "length") (mut i32) (i32.const 0))
  (global $pages (export "pages") (mut i32) (i32.const 0))

  (func $strlen (param $at i32) (result i32) (local $end i32)
    (local.set $end (local.get $at))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (i32.load8_u (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $next)))
    (i32.sub (local.get $end) (local.get $at)))

  (func $uppercase (param $at i32) (local $byte i32)     ;; in place, letters only
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.tee $byte (i32.load8_u (local.get $at)))))
        (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 0x61)) (i32.const 26))
          (then (i32.store8 (local.get $at) (i32.sub (local.get $byte) (i32.const 0x20)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next))))

  (func $main (export "_start")
    (global.set $unsigned (i32.load8_u (i32.const 0x0f)))
    (global.set $signed (i32.load8_s (i32.const 0x0f)))
    (i32.store (i32.const 0x10) (i32.const 0x11223344))
    (global.set $middle (i32.load16_u offset=1 (i32.const 0x10)))
    (f64.store offset=0x20 (i32.const 0) (f64.const 3.141592653589793))
    (global.set $pi_bits (i64.load (i32.const 0x20)))
    (global.set $length (call $strlen (i32.const 0)))
    (call $uppercase (i32.const 0))
    (drop (memory.grow (i32.const 1)))
    (i64.store8 (i32.const 0x10000) (i64.const 0x77))
    (global.set $pages (memory.size))))
