//! What is said when a valid module cannot be instantiated: which import, segment, memory or table, and why.

use wasmscope_core::*;

/// Instantiates `library`, whose exports are imported from `env`, and then `text`: why that is refused.
fn refused(library: &str, text: &str) -> String {
    let limits = Limits { memory_bytes: 1 << 20, table_elements: 1000, ..Limits::default() };
    let engine = Engine::new(&Config::default().limits(limits));
    let module =
        |text: &str| Module::new(&engine, wat::parse_str(text).expect("well-formed")).expect("valid");
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let instance = linker.instantiate(&mut store, &module(library)).expect("it imports nothing");
    linker.instance(&store, "env", instance);
    linker.instantiate(&mut store, &module(text)).expect_err("it does not fit").to_string()
}

#[test]
fn imports_that_do_not_exist_are_named() {
    assert_eq!(
        refused("(module)", r#"(module (import "env" "log" (func (param i32 i64))))"#),
        "byte 0x13: unknown import: env.log (function [i32 i64] -> [])"
    );
    assert_eq!(
        refused("(module)", r#"(module (import "env" "heap" (memory 1 4)))"#),
        "byte 0xb: unknown import: env.heap (memory of 1 to 4 pages)"
    );
    assert_eq!(
        refused("(module)", r#"(module (import "env" "base" (global (mut i32))))"#),
        "byte 0xb: unknown import: env.base (global mut i32)"
    );
}

/// Both types are in words that differ, and those of the other module are spelled out.
#[test]
fn imports_of_another_type() {
    let each = [
        ("(func (export \"x\"))", "(func (param i32))", "function [i32] -> []", "function [] -> []"),
        ("(func (export \"x\"))", "(memory 1)", "memory of 1 to any number of pages", "function [] -> []"),
        (
            "(memory (export \"x\") i64 1 2)",
            "(memory 1 2)",
            "memory of 1 to 2 pages",
            "memory of 1 to 2 pages, 64-bit addresses",
        ),
        (
            "(memory (export \"x\") 1 2 (pagesize 1))",
            "(memory 1 2)",
            "memory of 1 to 2 pages",
            "memory of 1 to 2 pages of 1 byte",
        ),
        (
            "(table (export \"x\") i64 1 2 funcref)",
            "(table 1 2 funcref)",
            "table of 1 to 2 elements of type funcref",
            "table of 1 to 2 elements of type funcref, 64-bit indices",
        ),
        (
            "(type $f (func (param i32))) (global (export \"x\") (mut (ref null $f)) (ref.null $f))",
            "(global (mut (ref null $g)))",
            "global mut (ref null [i64] -> [])",
            "global mut (ref null [i32] -> [])",
        ),
        (
            "(type $f (func (param i32))) (type $g (func (result (ref $f)))) (func (export \"x\") (type $g) unreachable)",
            "(func (result (ref null $g)))",
            "function [] -> [(ref null [i64] -> [])]",
            "function [] -> [(ref [i32] -> [])]",
        ),
        ("(tag (export \"x\") (param i32))", "(tag (param i64))", "tag [i64] -> []", "tag [i32] -> []"),
    ];
    for (there, wants, wanted, found) in each {
        let text = format!("(module (type $g (func (param i64))) (import \"env\" \"x\" {wants}))");
        let error = refused(&format!("(module {there})"), &text);
        let (at, rest) = error.split_once(": ").expect("it begins with the byte");
        assert!(at.starts_with("byte 0x"), "{error}");
        let said =
            format!("incompatible import type: env.x: the module wants a {wanted}, there is a {found}");
        assert_eq!(rest, said);
    }
}

#[test]
fn segments_that_do_not_fit() {
    assert_eq!(
        refused("(module)", r#"(module (memory 1) (data (i32.const 0) "a") (data (i32.const 65534) "abc"))"#),
        "out of bounds memory access: data segment 1: 0x3 bytes from 0xfffe on, memory 0 has 0x10000"
    );
    assert_eq!(
        refused("(module)", "(module (table 2 funcref) (func $f) (elem (i32.const 1) func $f $f))"),
        "out of bounds table access: element segment 0: 2 elements from 1 on, table 0 has 2"
    );
}

#[test]
fn what_exceeds_a_limit() {
    assert_eq!(
        refused("(module)", "(module (memory 1) (memory 17))"),
        "memory 1, a memory of 17 to any number of pages: the limit is 1048576 bytes"
    );
    assert_eq!(
        refused("(module)", "(module (table 1001 funcref))"),
        "table 0, a table of 1001 to any number of elements of type funcref: the limit is 1000 elements"
    );
}
