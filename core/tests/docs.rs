//! Pages of the book that are made from the code: each is up to date, or the test says how
//! to make it so.
//!
//! ```text
//! UPDATE_DOCS=1 cargo test -p wasmscope-core --test docs
//! ```
//!
//! Elsewhere: the instruction table the reference of the bytecode is made from (`isa`).

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use wasmscope_core::code::OPS;
use wasmscope_core::isa::{Kind, OpInfo, Operand, OperandType, Role};

/// Compares a page with what it should be, or writes it.
fn page(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a page has a folder")).expect("the folder can be made");
        std::fs::write(&path, expected).expect("the page can be written");
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    if found != expected {
        let line = found.lines().zip(expected.lines()).position(|(a, b)| a != b).unwrap_or(0) + 1;
        panic!("docs/{name} is out of date at line {line}; UPDATE_DOCS=1 rewrites it");
    }
}

#[test]
fn the_bytecode_reference_is_up_to_date() {
    page("isa.md", &isa());
}

#[test]
fn no_page_has_what_a_merge_left_behind() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut pages = 0;
    for folder in ["", "docs", "docs/decisions", "samples"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("the folder exists") {
            let path = entry.expect("it can be read").path();
            if path.extension().is_none_or(|kind| kind != "md") {
                continue;
            }
            pages += 1;
            let text = std::fs::read_to_string(&path).expect("it is text");
            let marker = |line: &str| ["<<<<<<< ", ">>>>>>> "].iter().any(|mark| line.starts_with(mark));
            if let Some(at) = text.lines().position(marker) {
                panic!("{}:{}: two versions of a page", path.display(), at + 1);
            }
        }
    }
    assert!(pages > 20, "{pages} pages");
}

#[test]
fn every_line_of_the_table_can_be_read() {
    let mut mnemonics: Vec<String> = OPS.iter().map(OpInfo::mnemonic).collect();
    mnemonics.sort();
    mnemonics.dedup();
    assert_eq!(mnemonics.len(), OPS.len(), "two ops have the same mnemonic");
    for op in OPS {
        for part in op.meaning.split('{').skip(1) {
            let (name, _) = part.split_once('}').expect("a brace in a meaning is closed");
            assert!(op.operands.iter().any(|operand| operand.name == name), "{}: {{{name}}}", op.name);
        }
    }
}

/// The table's headings, by the first op below each.
fn headings() -> BTreeMap<String, String> {
    let families = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/isa");
    let mut headings = BTreeMap::new();
    for family in std::fs::read_dir(families).expect("the table is in files") {
        let text = std::fs::read_to_string(family.expect("an entry").path()).expect("a readable file");
        let (_, table) = text.split_once("lines! {").expect("a family's file is its lines");
        let mut heading = None;
        for line in table.lines().map(str::trim) {
            if let Some(text) = line.strip_prefix("// ") {
                heading = Some(text.to_owned());
            } else if let (Some(op), true) = (line.split_whitespace().next(), heading.is_some()) {
                headings.insert(op.to_owned(), heading.take().expect("just asked"));
            }
        }
    }
    headings
}

fn isa() -> String {
    let mut text = String::from(INTRODUCTION);
    for (kind, asks) in KINDS {
        let count = OPS.iter().filter(|op| op.kind == *kind).count();
        let _ = writeln!(text, "| {} | {count} | {asks} |", kind_name(*kind));
    }
    let mut headings = headings();
    for op in OPS {
        if let Some(heading) = headings.remove(op.name) {
            let (title, rest) = split_heading(&heading);
            let _ = write!(text, "\n## {title}\n\n");
            if !rest.is_empty() {
                let _ = write!(text, "{rest}\n\n");
            }
            text.push_str("| op | operands | kind | meaning |\n|---|---|---|---|\n");
        }
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            op.mnemonic(),
            operands(op),
            kind_name(op.kind),
            meaning(op.meaning)
        );
    }
    assert!(headings.is_empty(), "every heading of the table stands above an op: {headings:?}");
    text
}

/// `Title (where it is specified), more title. The rest.` as title and sentences.
fn split_heading(heading: &str) -> (String, String) {
    let Some((title, rest)) = heading.split_once(" (") else {
        return (heading.trim_end_matches('.').to_owned(), String::new());
    };
    let (place, behind) = rest.split_once(')').expect("a bracket is closed");
    let (more, remark) = behind.split_once('.').expect("a heading ends with a full stop");
    let place = place[..1].to_ascii_uppercase() + &place[1..];
    (format!("{title}{more}"), format!("{place}.{remark}"))
}

fn operands(op: &OpInfo) -> String {
    let shown = |operand: &&Operand| !matches!(operand.ty, OperandType::Entry | OperandType::Count);
    let each = op.operands.iter().filter(shown).map(|operand| {
        let role = match operand.role {
            Role::Out | Role::Outs => "out ",
            Role::In | Role::Ins => "in ",
            Role::Imm => "",
        };
        format!("{role}{}: {}", operand.name, type_name(operand.ty))
    });
    each.collect::<Vec<_>>().join("<br>")
}

fn type_name(ty: OperandType) -> &'static str {
    match ty {
        OperandType::I32 => "i32",
        OperandType::I64 => "i64",
        OperandType::F32 => "f32",
        OperandType::F64 => "f64",
        OperandType::V128 => "v128",
        OperandType::FuncRef => "funcref",
        OperandType::Any => "any",
        OperandType::Span => "span",
        OperandType::U16 => "u16",
        OperandType::U32 => "u32",
        OperandType::U64 => "u64",
        OperandType::Slot => "slot",
        OperandType::Jump => "target",
        OperandType::Count | OperandType::Entry => unreachable!("these are not shown"),
    }
}

/// A table's sentence with its operands set apart; bars would end the cell.
fn meaning(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace(['{', '}'], "*")
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Infallible => "infallible",
        Kind::Fallible => "fallible",
        Kind::Reads => "reads",
        Kind::Writes => "writes",
        Kind::Jumps => "jumps",
        Kind::Leaves => "leaves",
        Kind::Host => "host",
    }
}

const KINDS: &[(Kind, &str)] = &[
    (Kind::Infallible, "touches only the frame"),
    (Kind::Fallible, "touches only the frame, may trap"),
    (Kind::Reads, "reads what outlives the frame, may trap"),
    (Kind::Writes, "changes what outlives the frame, may trap"),
    (Kind::Jumps, "chooses the next op of the same function"),
    (Kind::Leaves, "enters or leaves a frame"),
    (Kind::Host, "may run code that is not WebAssembly"),
];

const INTRODUCTION: &str = "\
<!-- Made from core/src/isa. Rewrite with: UPDATE_DOCS=1 cargo test -p wasmscope-core --test docs -->

# The bytecode

Every op of wasmscope's register machine. A frame is a row of 64-bit *slots*: parameters, locals, then \
a fixed place for every height of the WebAssembly operand stack; `r5` is slot 5. A `v128` takes two slots.

Read an op like this: `r5 = i32.add r3, r4` writes slot 5 and reads slots 3 and 4. An operand marked *out* is a \
slot the op writes, *in* one it reads; the others are constants in the op itself. `any` is one slot whose type \
depends on where the op stands, `span` the first of `count` slots, `target` another place in the same function, \
shown as its offset. A name that ends in `_imm` has a constant where the op without it reads a slot.

WebAssembly's own operators keep their names. How many of them an op stands for is its *weight*, which is no \
property of the op but of the place where it stands: under `fused` lowering constants and reads of locals have no \
op of their own, and retire with the op that uses them.

*Kind* is what an op would ask of a dispatcher that let each have its own signature; here all have one.

| kind | ops | such an op |
|---|---|---|
";
