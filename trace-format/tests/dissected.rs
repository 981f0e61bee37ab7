//! The dissected file in `docs/trace-format.md` is a real one: this test makes it, takes it
//! apart and compares. `UPDATE_DOCS=1` writes the part anew.

mod common;

use common::options;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use wasmscope_trace_format::*;

/// Three ops, each once: a constant, a store, a return.
fn file() -> Vec<u8> {
    let func = FuncId { module: 0, func: 0 };
    let op = |ip, mnemonic: &'static str, flow| CodeOp {
        ip,
        pc: 0x30 + ip,
        weight: 1,
        mnemonic: mnemonic.into(),
        text: mnemonic.into(),
        flow,
        ..CodeOp::default()
    };
    let ops = vec![
        CodeOp { dsts: vec![Dst { slot: 0, ty: ValueType::I32 }], ..op(0, "const", Flow::Next) },
        CodeOp {
            access: Some(MemAccess { memory: 0, kind: AccessKind::Write, size: 4 }),
            ..op(8, "store", Flow::Next)
        },
        op(16, "ret", Flow::Return),
    ];
    let code = Arc::new(CodeFunc { func, name: Some("f".into()), slots: vec![], ops });
    let options = WriteOptions { codec: Codec::None, background: false, ..options() };
    let manifest = Manifest { engine: "e".into(), profile: Profile::Full, ..Manifest::default() };
    let mut writer = TraceWriter::with_options(Vec::new(), &manifest, &options).unwrap();
    writer.code(code).unwrap();
    let outcomes = [Outcome::Next, Outcome::Next, Outcome::Halt];
    for (outcome, step) in outcomes.iter().zip(0..) {
        let record = StepRecord {
            tick: step,
            addr: 64,
            bytes: 42,
            results: &[42],
            ..StepRecord::at(step, func, step as u32 * 8, outcome)
        };
        writer.step(&record).unwrap();
    }
    let end = Position { step: 3, tick: 3 };
    writer.finish(Summary { end, functions: 1, ..Summary::default() }).unwrap()
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// Lines of 16 bytes with what they are.
fn lines(out: &mut String, at: usize, bytes: &[u8], what: &str) {
    for (row, line) in bytes.chunks(16).enumerate() {
        let hex: Vec<_> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let what = if row == 0 { what } else { "" };
        writeln!(out, "{}", format!("{:5}  {:<47}  {what}", at + row * 16, hex.join(" ")).trim_end())
            .unwrap();
    }
}

/// Cuts `bytes` into parts of these lengths.
fn parts(out: &mut String, mut at: usize, bytes: &[u8], fields: &[(usize, String)]) {
    let mut rest = bytes;
    for (len, what) in fields {
        let (part, after) = rest.split_at(*len);
        lines(out, at, part, what);
        (at, rest) = (at + len, after);
    }
    lines(out, at, rest, "zeros up to a multiple of 8");
}

fn dissect(file: &[u8]) -> String {
    let mut out = String::from("```text\n");
    let fields =
        [(8, "magic"), (4, "version 1.0"), (8, "flags"), (16, "trace id"), (8, "salt"), (16, "reserved")];
    let mut header: Vec<_> = fields.iter().map(|&(len, what)| (len, what.to_owned())).collect();
    header.push((4, "CRC-32 of these bytes before".to_owned()));
    parts(&mut out, 0, &file[..64], &header);
    let kinds = [
        "",
        "manifest",
        "",
        "",
        "code",
        "",
        "",
        "",
        "",
        "event chunk",
        "index block",
        "",
        "",
        "summary",
        "trailer",
    ];
    let mut at = 64;
    while at < file.len() {
        let head = &file[at..at + 40];
        let (kind, stored) = (number(&head[4..6]) as usize, number(&head[8..12]) as usize);
        writeln!(out, "\n       {}", kinds[kind]).unwrap();
        let (first, count) = (number(&head[16..24]), number(&head[24..28]));
        let header = [
            (8, format!("sync word, kind {kind}, version {}, codec {}", head[6], head[7])),
            (8, format!("{stored} bytes in the file, {} inflated", number(&head[12..16]))),
            (12, format!("first {first}, count {count}")),
            (12, "salt, CRC-32 of payload and header".to_owned()),
        ];
        parts(&mut out, at, head, &header);
        let payload = &file[at + 40..at + 40 + stored];
        let mut fields = vec![];
        if kind == 9 {
            let len = number(&payload[..4]) as usize;
            fields.push((4, "length of the header".to_owned()));
            fields.push((1, "V1".to_owned()));
            fields.push((2, "profile full, no old values".to_owned()));
            fields.push((6, "function 0:0, instance, op, depth, tick".to_owned()));
            fields.push((1, "no callers".to_owned()));
            fields.push((5, "one function, 0:0, and where its code is".to_owned()));
            let list = len - 15;
            fields.push((list, "columns: id, encoding, codec, two lengths".to_owned()));
            fields.push((2, "column 2, Addr: +64".to_owned()));
            fields.push((4, "column 3, Mem: 42".to_owned()));
            fields.push((4, "column 4, V4: 42".to_owned()));
            assert_eq!(4 + len + 10, stored);
        } else if kind == 14 {
            let words = ["offset of the index block", "offset of the summary", "steps"];
            fields.extend(words.map(|what| (8, what.to_owned())));
        } else {
            let what = match kind {
                10 => "offsets, position, then kind, length, first, count of each",
                _ => "a record, see above",
            };
            fields.push((stored, what.to_owned()));
        }
        let end = at + 40 + stored.next_multiple_of(8);
        parts(&mut out, at + 40, &file[at + 40..end], &fields);
        at = end;
    }
    out + "```\n"
}

#[test]
fn the_document_dissects_a_real_file() {
    let file = file();
    assert_eq!(TraceReader::open(file.clone()).unwrap().events(0..9).unwrap().count(), 3);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/trace-format.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- dissected -->\n").unwrap();
    let (old, after) = rest.split_once("<!-- end -->").unwrap();
    let new = dissect(&file);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}<!-- dissected -->\n{new}<!-- end -->{after}")).unwrap();
        return;
    }
    assert_eq!(old, new, "UPDATE_DOCS=1 writes it anew");
}
