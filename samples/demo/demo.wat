;; The demo: sixteen numbers in memory, sorted upwards and then downwards.
;;
;;     address  0x00 ······ 0x0f   0x10 ·· 0x17   0x20 ···· 0x56   0x80 ······
;;              [the numbers    ]  [iovec      ]  [five labels  ]  [one line of output]
;;
;; What to look for: the sixteen bytes at address 0 change places in $swap. $sort does not
;; know which way it sorts: it calls table entry 0 or 1 (call_indirect). $number calls itself
;; once per digit. A line is put together byte by byte at 0x80; $print hands it to the host.
(module $demo
  (type $comparator (func (param $a i32) (param $b i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param $fd i32) (param $iovs i32) (param $count i32) (param $written i32) (result i32)))
  (memory $memory (export "memory") 1)
  (table $orders funcref (elem $ascending $descending))
  (global $compares (mut i32) (i32.const 0))
  (global $swaps (mut i32) (i32.const 0))
  (global $end (mut i32) (i32.const 0x80))           ;; where the next output byte goes
  (data $numbers (i32.const 0x00) "\05\02\08\03\07\01\06\04\02\07\05\08\01\04\06\03")
  (data $iovec (i32.const 0x10) "\80\00\00\00\00\00\00\00")
  (data $labels (i32.const 0x20) "shuffled   ascending  descending compares   swaps      ")

  (func $ascending (type $comparator) (param $a i32) (param $b i32) (result i32)
    (i32.gt_u (local.get $a) (local.get $b)))
  (func $descending (type $comparator) (param $a i32) (param $b i32) (result i32)
    (i32.lt_u (local.get $a) (local.get $b)))

  (func $swap (param $at i32) (local $left i32)       ;; the byte at $at and the one before it
    (local.set $left (i32.load8_u (i32.sub (local.get $at) (i32.const 1))))
    (i32.store8 (i32.sub (local.get $at) (i32.const 1)) (i32.load8_u (local.get $at)))
    (i32.store8 (local.get $at) (local.get $left))
    (global.set $swaps (i32.add (global.get $swaps) (i32.const 1))))

  (func $sort (param $order i32) (local $i i32) (local $j i32)   ;; insertion sort
    (local.set $i (i32.const 1))
    (loop $next
      (local.set $j (local.get $i))
      (block $placed
        (loop $sink
          (br_if $placed (i32.eqz (local.get $j)))
          (global.set $compares (i32.add (global.get $compares) (i32.const 1)))
          (br_if $placed (i32.eqz (call_indirect $orders (type $comparator)
            (i32.load8_u (i32.sub (local.get $j) (i32.const 1)))
            (i32.load8_u (local.get $j))
            (local.get $order))))
          (call $swap (local.get $j))
          (local.set $j (i32.sub (local.get $j) (i32.const 1)))
          (br $sink)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 16)))))

  (func $put (param $byte i32)
    (i32.store8 (global.get $end) (local.get $byte))
    (global.set $end (i32.add (global.get $end) (i32.const 1))))
  (func $label (param $which i32)
    (memory.copy (global.get $end)
      (i32.add (i32.const 0x20) (i32.mul (local.get $which) (i32.const 11))) (i32.const 11))
    (global.set $end (i32.add (global.get $end) (i32.const 11))))
  (func $number (param $n i32)
    (if (i32.ge_u (local.get $n) (i32.const 10))
      (then (call $number (i32.div_u (local.get $n) (i32.const 10)))))
    (call $put (i32.add (i32.const 0x30) (i32.rem_u (local.get $n) (i32.const 10)))))
  (func $bars (local $i i32)                          ;; U+2581 to U+2588, three bytes each
    (loop $next
      (call $put (i32.const 0xe2))
      (call $put (i32.const 0x96))
      (call $put (i32.add (i32.const 0x80) (i32.load8_u (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 16)))))
  (func $print                                        ;; the line to standard output
    (call $put (i32.const 0x0a))
    (i32.store (i32.const 0x14) (i32.sub (global.get $end) (i32.const 0x80)))
    (global.set $end (i32.const 0x80))
    (if (call $fd_write (i32.const 1) (i32.const 0x10) (i32.const 1) (i32.const 0x18))
      (then unreachable)))

  (func $main (export "_start") (local $order i32)
    (call $label (i32.const 0)) (call $bars) (call $print)
    (loop $again
      (call $sort (local.get $order))
      (local.set $order (i32.add (local.get $order) (i32.const 1)))
      (call $label (local.get $order)) (call $bars) (call $print)
      (br_if $again (i32.lt_u (local.get $order) (i32.const 2))))
    (call $label (i32.const 3)) (call $number (global.get $compares)) (call $print)
    (call $label (i32.const 4)) (call $number (global.get $swaps)) (call $print)))
