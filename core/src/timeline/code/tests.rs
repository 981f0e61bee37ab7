//! What functions look like as data, and that all of it holds together.

use super::{FuncFacts, code_and_facts};
use crate::lower::Lowering;
use crate::module::{ModuleData, WasmFeatures};
use std::fmt::Write;
use std::path::Path;
use wasmscope_trace_format::{AccessKind, CodeFunc, CodeOp, Flow, SlotKind};

fn parse(bytes: Vec<u8>) -> ModuleData {
    ModuleData::parse(bytes.into(), WasmFeatures::default()).expect("the module is valid")
}

fn functions(module: &ModuleData, mode: Lowering) -> Vec<(CodeFunc, FuncFacts)> {
    let defined = module.imported_funcs()..module.funcs.len() as u32;
    defined.map(|func| code_and_facts(module, 0, func, mode).expect("small enough")).collect()
}

/// The disassembly of a module in both lowerings, and slots of its frames.
fn listing(wat: &str) -> String {
    let module = parse(wat::parse_str(wat).expect("the text is valid"));
    let mut text = String::new();
    for mode in [Lowering::Plain, Lowering::Fused] {
        for (code, _) in functions(&module, mode) {
            let name = code.name.as_deref().unwrap_or("?");
            let _ = write!(text, "{mode:?} {} {name}:", code.func);
            for slot in &code.slots {
                let ty = slot.ty.map_or("?", |ty| ty.name());
                let _ = write!(text, " r{}={}:{ty}", slot.slot, slot.kind);
                if let Some(name) = &slot.name {
                    let _ = write!(text, "${name}");
                }
            }
            text.push('\n');
            for op in &code.ops {
                let _ = writeln!(text, "  {:4x}  {}  {:<44}{}", op.ip, op.weight, op.text, shape(op));
            }
        }
    }
    text
}

/// What the text of an op does not say.
fn shape(op: &CodeOp) -> String {
    let dsts: Vec<String> = op.dsts.iter().map(|dst| format!("r{}:{}", dst.slot, dst.ty)).collect();
    let mut text = dsts.join(" ");
    if let Some(access) = op.access {
        let _ = write!(text, " {:?} {}", access.kind, access.size);
    }
    if let Some(global) = op.global {
        let _ = write!(text, " global {} {}", global.index, global.ty);
    }
    if op.flow != Flow::Next {
        let _ = write!(text, " {:?}", op.flow);
    }
    text.trim().to_owned()
}

/// Every op's explanation with the values 10, 20, 30 … before and 7 behind.
fn explained(wat: &str) -> String {
    let module = parse(wat::parse_str(wat).expect("the text is valid"));
    let mut text = String::new();
    for (code, facts) in functions(&module, Lowering::Fused) {
        for (op, facts) in code.ops.iter().zip(&facts.ops) {
            let line =
                facts.explain(|slot, _| Some(format!("{}", slot * 10 + 10)), |_, _| Some("7".to_owned()));
            let _ = writeln!(text, "{}\n    {line}", op.text);
        }
    }
    text
}

const ARITHMETIC: &str = r#"(module
    (func $mix (param $a i32) (param $b i32) (result i32) (local $sum i64)
        (local.set $sum (i64.extend_i32_u (i32.add (local.get $a) (i32.const -5))))
        (drop (i32.div_u (local.get $a) (i32.const -1)))
        (drop (f64.add (f64.const 1.5) (f64.const nan)))
        (select (local.get $a) (i32.wrap_i64 (local.get $sum)) (i32.lt_s (local.get $a) (local.get $b)))))"#;

const CONTROL: &str = r#"(module
    (func $loop (param $n i32) (result i32) (local $acc i32)
        (loop $again
            (local.set $acc (i32.add (local.get $acc) (local.get $n)))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br_if $again (i32.gt_u (local.get $n) (i32.const 3))))
        (if (result i32) (local.get $acc) (then (local.get $n)) (else (i32.const 0))))
    (func $carry (param i32) (result i32 i64)
        (i32.const 1)
        (block $out (result i32 i64)
            (i32.const 9) (i32.const 8) (i64.const 7)
            (br_if $out (local.get 0))
            (br_table 0 0 1 (local.get 0)))
        drop drop drop
        unreachable)
    (func $table (param i32) (result f32)
        (block $outer (result f32)
            (f32.const 0.5)
            (block $inner (result f32)
                (f32.const 1) (f32.const 2)
                (br_table $inner $outer $inner (local.get 0)))
            (drop))))"#;

const CALLS: &str = r#"(module
    (type $binary (func (param i32 i64) (result i64 i32)))
    (import "env" "log" (func $log (param i32) (result f32)))
    (table $handlers 4 funcref)
    (func (export "twice") (param i32 i64) (result i64 i32)
        (call_indirect $handlers (type $binary) (local.get 0) (local.get 1) (i32.const 2)))
    (func $main (result i64)
        (drop (call $log (i32.const 3)))
        (call 1 (i32.const 1) (i64.const 2))
        drop))"#;

const STATE: &str = r#"(module
    (memory 1) (data $greeting "hi")
    (table $t 2 externref) (table 1 funcref)
    (elem $e funcref (ref.func $state))
    (global $sp (mut i32) (i32.const 0)) (global (mut externref) (ref.null extern))
    (func $state (param $p i32) (param $r externref) (result externref)
        (global.set $sp (i32.load8_s offset=16 (local.get $p)))
        (i64.store32 (global.get $sp) (i64.const 3))
        (f64.store offset=8 (local.get $p) (f64.load (local.get $p)))
        (i64.store16 (local.get $p) (i64.load32_u (local.get $p)))
        (memory.init $greeting (local.get $p) (i32.const 0) (i32.const 2))
        (memory.copy (local.get $p) (i32.const 0) (i32.const 2))
        (memory.fill (local.get $p) (i32.const 0) (memory.grow (memory.size)))
        (data.drop $greeting)
        (table.set $t (i32.const 0) (local.get $r))
        (drop (table.grow $t (local.get $r) (i32.const 1)))
        (table.fill $t (i32.const 0) (ref.null extern) (table.size $t))
        (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 1))
        (table.init 1 $e (i32.const 0) (i32.const 0) (i32.const 1))
        (elem.drop $e)
        (drop (ref.is_null (ref.func $state)))
        (drop (ref.null extern))
        (global.set 1 (local.get $r))
        (table.get $t (local.get $p))))"#;

const WIDE: &str = r#"(module
    (type $pair (func (param i32) (result i64 i64)))
    (import "env" "pair" (func $import (type $pair)))
    (memory $near 1) (memory $far i64 1) (table $t i64 2 funcref)
    (func $add (param i32) (result i64 i64)
        (i64.add128 (i64.load (local.get 0)) (i64.const 1) (i64.const 2) (i64.load $far offset=0x100000000 (i64.const 3))))
    (func $tail (param i32) (result i64 i64)
        (i64.store8 $far offset=4 (memory.grow $far (memory.size $far)) (i64.const 7))
        (memory.copy $far $near (i64.const 0) (local.get 0) (i32.const 4))
        (if (local.get 0) (then (return_call $add (local.get 0))))
        (if (local.get 0) (then (return_call $import (local.get 0))))
        (return_call_indirect $t (type $pair) (local.get 0) (table.size $t))))"#;

#[test]
fn wide() {
    insta::assert_snapshot!(listing(WIDE));
}

const VECTORS: &str = r#"(module (memory 1) (memory $big i64 1) (global $g (mut v128) (v128.const i64x2 1 2))
    (func $lanes (param v128 i32) (result v128) (local v128)
        (local.set 2 (i8x16.add (local.get 0) (v128.const i32x4 1 2 3 4)))
        (global.set $g (select (local.get 2) (global.get $g) (local.get 1)))
        (v128.store offset=16 (local.get 1) (v128.load8x8_s (local.get 1)))
        (v128.store32_lane $big offset=8 3 (i64.const 5) (v128.load16_lane 7 (local.get 1) (local.get 2)))
        (i8x16.shuffle 0 1 2 3 4 5 6 7 24 25 26 27 28 29 30 31
            (i32x4.replace_lane 2 (local.get 0) (i32x4.extract_lane 1 (local.get 2))) (local.get 2))))"#;

const REFERENCES: &str = r#"(module (type $f (func (param i32) (result i32)))
    (tag $t (param i32 v128)) (tag $u) (elem declare func $twice)
    (func $twice (type $f) (i32.mul (local.get 0) (i32.const 2)))
    (func $maybe (param (ref null $f)) (result i32)
        (block $null (return (call_ref $f (i32.const 21) (br_on_null $null (local.get 0)))))
        (return_call_ref $f (i32.const 4) (ref.func $twice)))
    (func $try (param i32) (result i32) (local exnref)
        (block $h (result i32 v128)
            (try_table (catch $t $h) (catch_all 1)
                (if (local.get 0) (then (throw $t (local.get 0) (v128.const i64x2 1 2))))
                (throw_ref (local.get 1)))
            (unreachable))
        (drop)))"#;

#[test]
fn vectors() {
    insta::assert_snapshot!(listing(VECTORS));
}

#[test]
fn references() {
    insta::assert_snapshot!(listing(&REFERENCES.replace(" (catch_all 1)", "")));
}

#[test]
fn arithmetic() {
    insta::assert_snapshot!(listing(ARITHMETIC));
}

#[test]
fn control() {
    insta::assert_snapshot!(listing(CONTROL));
}

#[test]
fn calls() {
    insta::assert_snapshot!(listing(CALLS));
}

#[test]
fn state() {
    insta::assert_snapshot!(listing(STATE));
}

#[test]
fn explanations() {
    let all: String = [ARITHMETIC, CONTROL, CALLS, STATE, WIDE].map(explained).concat();
    insta::assert_snapshot!(all);
}

/// What the tables promise, of one function.
fn check(code: &CodeFunc, facts: &FuncFacts) {
    let at = |op: &CodeOp| format!("{} {:#x} {}", code.func, op.ip, op.text);
    assert_eq!(code.ops.len(), facts.ops.len());
    assert!(code.ops.is_sorted_by(|a, b| a.ip < b.ip));
    assert!(code.slots.is_sorted_by(|a, b| a.slot < b.slot));
    let is_op = |ip: u32| code.op_at(ip).is_some();
    for (op, facts) in code.ops.iter().zip(&facts.ops) {
        match &op.flow {
            Flow::Jump { target } | Flow::Branch { target } => assert!(is_op(*target), "{}", at(op)),
            Flow::Table { targets } => assert!(targets.iter().all(|&target| is_op(target)), "{}", at(op)),
            _ => {}
        }
        if !facts.moves.is_empty() {
            let targets = if let Flow::Table { targets } = &op.flow { targets.len() } else { 1 };
            assert_eq!(facts.moves.len(), targets, "{}", at(op));
        }
        for dst in op.dsts.iter().filter(|_| op.flow != Flow::Return).chain(facts.moves.iter().flatten()) {
            let slot = code.slot(dst.slot).unwrap_or_else(|| panic!("{}: r{}", at(op), dst.slot));
            let local = !matches!(slot.kind, SlotKind::Operand(_));
            assert!(slot.ty == Some(dst.ty) || slot.ty.is_none() && !local, "{}: {dst:?} {slot:?}", at(op));
        }
        if let Some(access) = op.access {
            assert!(matches!(access.size, 1 | 2 | 4 | 8), "{}", at(op));
            assert_eq!(access.kind == AccessKind::Load, op.dsts.len() == 1, "{}", at(op));
        }
        assert_eq!(op.access.is_some(), facts.address.is_some());
        assert!(!facts.meaning().contains('{') && !op.text.contains('\n'), "{}", at(op));
        assert!(facts.pc_start <= op.pc, "{}", at(op));
    }
}

/// As many operators are named for an op as it retires, each once.
fn operators_are_all_named(module: &ModuleData, mode: Lowering) {
    for (code, _) in functions(module, mode) {
        let notes = super::notes(module, code.func.func, mode).expect("it is lowered again");
        for (op, note) in code.ops.iter().zip(&notes).filter(|it| it.0.weight > 0) {
            if !note.operators.starts_with('…') {
                let named = note.operators.split(" · ").count() as u32;
                assert_eq!(named, op.weight, "{} {:#x} {}: {}", code.func, op.ip, op.text, note.operators);
            }
        }
    }
}

/// Ops retire the same operators in both lowerings, so their weights have one sum.
#[test]
fn the_tables_of_every_sample_hold_together() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let mut checked = 0;
    for sample in std::fs::read_dir(samples).expect("there are samples").flatten() {
        let Ok(files) = std::fs::read_dir(sample.path()) else { continue };
        for file in files.flatten().map(|file| file.path()) {
            if file.extension().is_none_or(|extension| extension != "wasm") {
                continue;
            }
            let module = parse(std::fs::read(&file).expect("a sample can be read"));
            for mode in [Lowering::Plain, Lowering::Fused] {
                operators_are_all_named(&module, mode);
            }
            let (plain, fused) = (functions(&module, Lowering::Plain), functions(&module, Lowering::Fused));
            for ((plain, plain_facts), (fused, fused_facts)) in plain.iter().zip(&fused) {
                check(plain, plain_facts);
                check(fused, fused_facts);
                let weight = |code: &CodeFunc| code.ops.iter().map(|op| op.weight).sum::<u32>();
                assert_eq!(weight(fused), weight(plain), "{} {}", file.display(), plain.func);
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "only {checked} functions");
}
