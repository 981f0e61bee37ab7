;; A host call: the only way for a program to be heard.
;;
;;     address  0x00 ·· 0x07     0x08 ·· 0x0b            0x10 ······
;;              [iovec        ]  [bytes written, result] [the text]
;;
;; What to look for: fd_write gets four numbers. The second is the address of a list of
;; (address, length) pairs which the host reads from our memory; the fourth is where the host
;; *writes* how many bytes it took. The returned number is an error code, 0 when all is well.
(module $hello
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param $fd i32) (param $iovs i32) (param $count i32) (param $written i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param $code i32)))
  (memory $memory (export "memory") 1)
  (data $iovec (i32.const 0) "\10\00\00\00\0e\00\00\00")
  (data $text (i32.const 0x10) "hello, world!\n")

  (func $main (export "_start")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    ;; the exit code: 0 if the host wrote all of it, 1 if not
    (call $proc_exit (i32.ne (i32.load (i32.const 8)) (i32.load (i32.const 4))))
    unreachable))
