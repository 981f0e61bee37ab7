;; Bulk memory: fill, copy, and segments that are copied when the program asks for them.
;;
;; What to look for: one instruction writes many bytes. The second copy overlaps itself and
;; still moves every byte right. The passive segment $pattern is not in memory until
;; memory.init, and is gone after data.drop: reading zero bytes of it is then all one may do.
(module $bulk
  (memory $memory (export "memory") 1)
  (data $pattern "abcdefgh")
  (table $table 4 funcref)
  (elem $functions func $one $two)
  (global $word (export "word") (mut i64) (i64.const 0))
  (global $called (export "called") (mut i32) (i32.const 0))

  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))

  (func $main (export "_start")
    (memory.fill (i32.const 0x00) (i32.const 0x2e) (i32.const 64))       ;; sixty-four dots
    (memory.init $pattern (i32.const 0x10) (i32.const 0) (i32.const 8))  ;; abcdefgh
    (memory.copy (i32.const 0x20) (i32.const 0x10) (i32.const 8))        ;; once more below
    (memory.copy (i32.const 0x22) (i32.const 0x20) (i32.const 8))        ;; ababcdefgh
    (data.drop $pattern)
    (memory.init $pattern (i32.const 0x30) (i32.const 0) (i32.const 0))  ;; nothing: allowed
    (global.set $word (i64.load (i32.const 0x20)))
    ;; the same for tables: entries 0 1, then copied to 2 3
    (table.init $table $functions (i32.const 0) (i32.const 0) (i32.const 2))
    (table.copy $table $table (i32.const 2) (i32.const 0) (i32.const 2))
    (elem.drop $functions)
    (global.set $called (call_indirect $table (result i32) (i32.const 3)))))
