;; Reading and writing: standard input to standard output, in capitals.
;;
;;     address  0x00 ·· 0x07      0x08 ·· 0x0b     0x10 ··· 0x4f
;;              [iovec         ]  [bytes moved  ]  [the buffer, 64 bytes]
;;
;; What to look for: fd_read blocks until there is input and says at 0x08 how much it got;
;; zero means the end. Only the values that came in from outside decide what this program
;; does: they are all a recording has to keep.
(module $upper
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param $fd i32) (param $iovs i32) (param $count i32) (param $read i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param $fd i32) (param $iovs i32) (param $count i32) (param $written i32) (result i32)))
  (memory $memory (export "memory") 1)
  (data $iovec (i32.const 0) "\10\00\00\00")
  (global $total (export "total") (mut i32) (i32.const 0))

  (func $capitals (param $at i32) (param $end i32) (local $byte i32)
    (loop $next
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 0x61)) (i32.const 26))
        (then (i32.store8 (local.get $at) (i32.xor (local.get $byte) (i32.const 0x20)))))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 1)))
        (local.get $end)))))

  (func $main (export "_start") (local $length i32)
    (loop $more
      (i32.store (i32.const 4) (i32.const 64))                 ;; room for 64 bytes
      (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))
        (then unreachable))
      (if (local.tee $length (i32.load (i32.const 8)))
        (then
          (call $capitals (i32.const 0x10) (i32.add (i32.const 0x10) (local.get $length)))
          (i32.store (i32.const 4) (local.get $length))        ;; now as long as what was read
          (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
          (global.set $total (i32.add (global.get $total) (local.get $length)))
          (br $more))))))
