;; call_indirect: which function is called is decided by a number at run time.
;;
;; A calculator for postfix expressions: digits push, an operator pops two and pushes one.
;; The operators + - * / have table entries 0 to 3. "73+42-*5/" is ((7 + 3) * (4 - 2)) / 5.
;; What to look for: the index is the topmost operand of call_indirect; the table entry must
;; have exactly the type named in the instruction. Stack values are kept at address 0x40.
(module $dispatch
  (type $operator (func (param $a i32) (param $b i32) (result i32)))
  (memory $memory (export "memory") 1)
  (table $operators funcref (elem $add $sub $mul $div))
  (data $expression (i32.const 0) "73+42-*5/")
  (data $symbols (i32.const 0x20) "+-*/")
  (global $depth (mut i32) (i32.const 0))
  (global $result (export "result") (mut i32) (i32.const 0))

  (func $add (type $operator) (i32.add (local.get 0) (local.get 1)))
  (func $sub (type $operator) (i32.sub (local.get 0) (local.get 1)))
  (func $mul (type $operator) (i32.mul (local.get 0) (local.get 1)))
  (func $div (type $operator) (i32.div_s (local.get 0) (local.get 1)))

  (func $push (param $value i32)
    (i32.store offset=0x40 (i32.shl (global.get $depth) (i32.const 2)) (local.get $value))
    (global.set $depth (i32.add (global.get $depth) (i32.const 1))))
  (func $pop (result i32)
    (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))
    (i32.load offset=0x40 (i32.shl (global.get $depth) (i32.const 2))))

  (func $index_of (param $symbol i32) (result i32) (local $i i32)
    (loop $next
      (if (i32.eq (local.get $symbol) (i32.load8_u offset=0x20 (local.get $i)))
        (then (return (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 4))))
    unreachable)

  (func $main (export "_start") (local $at i32) (local $symbol i32) (local $b i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.tee $symbol (i32.load8_u (local.get $at)))))
        (if (i32.lt_u (i32.sub (local.get $symbol) (i32.const 0x30)) (i32.const 10))
          (then (call $push (i32.sub (local.get $symbol) (i32.const 0x30))))
          (else
            (local.set $b (call $pop))
            (call $push (call_indirect $operators (type $operator)
              (call $pop) (local.get $b) (call $index_of (local.get $symbol))))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (global.set $result (call $pop))))
