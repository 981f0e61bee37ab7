//! Modules from text: what is decoded, what is refused and at which byte.

use super::*;
use crate::error::ModuleErrorKind;

fn parse_with(text: &str, features: WasmFeatures) -> Result<ModuleData, ModuleError> {
    ModuleData::parse(wat::parse_str(text).expect("the text is well-formed").into(), features)
}

fn parse(text: &str) -> ModuleData {
    parse_with(text, features::V3).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str) -> String {
    parse_with(text, features::SUPPORTED).expect_err("the module should be refused").to_string()
}

#[test]
fn index_spaces_start_with_the_imports() {
    let module = parse(
        r#"(module $m
            (type (func (param i32) (result i64)))
            (type (func))
            (type (func (param i32) (result i64)))
            (import "env" "f" (func $f (type 2)))
            (import "env" "g" (global i32))
            (memory 1 2) (table 3 funcref)
            (global (mut i32) (i32.add (global.get 0) (i32.const 4)))
            (func $main (type 1) (local $x i32) (local f32 f64 f64) nop)
            (export "run" (func $main))
            (start $main)
            (elem (i32.const 1) func $f $main)
            (data (i32.const 8) "abc"))"#,
    );
    assert_eq!(module.canonical_types, [0, 1, 0]);
    assert_eq!(module.type_at(2).to_string(), "[i32] -> [i64]");
    assert_eq!(module.funcs, [2, 1]);
    assert_eq!((module.imported.funcs, module.imported.globals), (1, 1));
    assert_eq!((module.memories[0].minimum, module.memories[0].maximum), (1, Some(2)));
    assert_eq!(module.global_inits[0].ops(), [ConstOp::GlobalGet(0), ConstOp::I32Const(4), ConstOp::I32Add]);
    assert_eq!(module.start, Some(1));
    assert_eq!(module.export("run").map(|export| export.index), Some(1));
    assert_eq!(module.elements[0].items, ElementItems::Funcs([0, 1].into()));
    assert_eq!(module.slice(&module.data[0].range), b"abc");
    let body = module.func_body(1);
    let locals: Vec<_> = body.locals().collect();
    assert_eq!(locals, [(1, ValType::I32), (1, ValType::F32), (2, ValType::F64)]);
    assert_eq!(body.operators().into_iter().count(), 2);
    assert_eq!(module.func_at(body.range().start), Some(1));
    assert_eq!(module.func_at(body.range().end), None);
    assert_eq!(module.name(), Some("m"));
    assert_eq!(module.func_name(1).as_deref(), Some("main"));
    assert_eq!(module.local_name(1, 0), Some("x"));
    assert_eq!(module.local_name(1, 1), None);
}

#[test]
fn functions_without_a_name_go_by_import_or_export() {
    let module = parse(r#"(module (import "a" "b" (func)) (func (export "c")) (func))"#);
    let names: Vec<_> = (0..3).map(|func| module.func_name(func)).collect();
    assert_eq!(names, [Some("a.b".into()), Some("c".into()), None]);
}

#[test]
fn rust_names_are_demangled() {
    let module = parse(r#"(module (func $_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE))"#);
    assert_eq!(module.func_name(0).as_deref(), Some("core::fmt::Write::write_fmt"));
}

#[test]
fn equal_types_of_two_modules_get_one_number() {
    let mut interner = TypeInterner::default();
    let mut numbers = |text: &str| {
        let module = parse(text);
        interner.intern_all(&module.types, &module.canonical_types)
    };
    let a = numbers("(module (type (func)) (type (func (param i32))) (type (func (param (ref 1)))))");
    let b =
        numbers("(module (type (func (param i32))) (type (func (param (ref 0)))) (type (func (param i32))))");
    assert_eq!(b, [a[1], a[2], a[1]]);
}

#[test]
fn subtyping_of_references() {
    let typed = RefType { nullable: false, heap: HeapType::Type(3) };
    assert!(typed.is_subtype_of(RefType::FUNCREF));
    assert!(!RefType::FUNCREF.is_subtype_of(typed));
    assert!(
        RefType { nullable: true, heap: HeapType::NoFunc }.is_subtype_of(RefType { nullable: true, ..typed })
    );
    assert!(!typed.is_subtype_of(RefType::EXTERNREF));
}

#[test]
fn errors_give_the_byte() {
    let error = refused("(module (func (result i32) i64.const 0))");
    assert_eq!(error, "byte 0x1a: type mismatch: expected i32, found i64");
    let error = ModuleData::parse((*b"\0asm\x01\0\0\0\x01\x7f").into(), features::V3).unwrap_err();
    assert_eq!(error.at, 10);
}

#[test]
fn other_files_are_recognised() {
    let kind = |bytes: &[u8]| ModuleData::parse(bytes.into(), features::V3).unwrap_err().kind;
    assert_eq!(kind(b""), ModuleErrorKind::NotWasm);
    assert_eq!(kind(b"\x7fELF"), ModuleErrorKind::NotWasm);
    assert_eq!(kind(b";; hello\n (; x ;) (module)"), ModuleErrorKind::Text);
    assert_eq!(kind(b"\0asm\x0d\0\x01\0"), ModuleErrorKind::Component);
    assert_eq!(kind(b"\0as"), ModuleErrorKind::Invalid);
}

#[test]
fn refusals_name_the_proposal() {
    let cases = [
        ("(module (type (struct)))", "garbage collection"),
        ("(module (func (param (ref null i31))))", "garbage collection"),
        ("(module (func (drop (ref.i31 (i32.const 1)))))", "garbage collection"),
        ("(module (memory 1 1 shared))", "threads"),
        ("(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))", "threads"),
    ];
    for (text, proposal) in cases {
        let error = parse_with(text, WasmFeatures::all()).unwrap_err();
        assert_eq!(error.kind, ModuleErrorKind::Proposal(proposal), "{error}");
        assert!(error.message.contains("not supported"), "{error}");
    }
    let cases = [
        ("(module (memory 1) (memory 1))", "multiple memories"),
        ("(module (memory i64 1))", "64-bit memory"),
        ("(module (func (result i32 i32) unreachable))", "multi-value"),
        ("(module (func (drop (i32.extend8_s (i32.const 1)))))", "sign extension"),
        ("(module (func (return_call 0)))", "tail calls"),
        ("(module (tag))", "exception handling"),
        ("(module (func (param v128)))", "SIMD"),
        ("(module (func (param externref)))", "reference types"),
        ("(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))", "bulk memory"),
        ("(module (global i32 (i32.add (i32.const 1) (i32.const 2))))", "extended constants"),
    ];
    for (text, proposal) in cases {
        let error = parse_with(text, features::V1).unwrap_err();
        assert_eq!(error.kind, ModuleErrorKind::Proposal(proposal), "{error}");
    }
}

/// The first wrong body is reported, however many threads look.
#[test]
fn many_bodies_first_error() {
    let mut text = String::from("(module ");
    for func in 0..400 {
        let wrong = func == 123 || func > 200;
        let body = "(drop (i32.add (i32.const 100000) (i32.const 200000)))".repeat(200);
        text += &format!("(func {body} {})", if wrong { "i32.add drop" } else { "" });
    }
    text += ")";
    let bytes: Arc<[u8]> = wat::parse_str(&text).expect("the text is well-formed").into();
    assert!(bytes.len() > 800_000);
    let errors: Vec<_> =
        (0..8).map(|_| ModuleData::parse(bytes.clone(), features::V2).unwrap_err()).collect();
    assert!(errors.iter().all(|error| *error == errors[0]), "{errors:?}");
    let fine = text.replace("i32.add drop", "");
    let fine = wat::parse_str(&fine).expect("the text is well-formed");
    let module = ModuleData::parse(fine.into(), features::V2).expect("no body is wrong");
    let offset = errors[0].at;
    let body = module.func_body(123).range();
    assert!((u64::from(body.start)..u64::from(body.end) + 4).contains(&offset), "{offset:#x} in {body:x?}");
}

#[test]
fn broken_names_are_noted() {
    let mut bytes = wat::parse_str("(module (func $first) (func $second))").expect("the text is well-formed");
    let at = bytes.windows(6).position(|window| window == b"second").expect("the name is there");
    bytes[at] = 0xff;
    let module = ModuleData::parse(bytes.into(), features::V2).expect("names are not part of validity");
    assert_eq!(module.func_name(0).as_deref(), Some("first"));
    assert_eq!(module.func_name(1), None);
    assert!(module.names().damage().is_some_and(|note| note.starts_with("byte 0x")));
}
