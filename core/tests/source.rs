//! Lines and inlined functions out of DWARF: what honest modules say, and that broken ones say less.
//!
//! The modules in `source/` are built by clang from the files beside them, with the commands in their headers.

use wasmscope_core::module::SourceMap;
use wasmscope_core::{CallError, Engine, Linker, Module, Store, Val};

const MEAN: &[u8] = include_bytes!("source/mean.wasm");
const TILL: &[u8] = include_bytes!("source/till.wasm");

fn module(bytes: &[u8]) -> Module {
    Module::new(&Engine::default(), bytes).expect("the module is valid")
}

/// The functions at a pc, one a line.
fn frames(map: &SourceMap, pc: u32) -> String {
    let frames = map.frames(pc).into_iter().map(|frame| {
        let location = frame.location.map_or("?".to_owned(), |location| location.to_string());
        let how = if frame.inlined { " inlined" } else { "" };
        format!("{}{how} {location}\n", frame.function.as_deref().unwrap_or("?"))
    });
    frames.collect()
}

/// The trap of a call, frame by frame.
fn trap(module: &Module, export: &str, args: &[Val]) -> Vec<(u32, String)> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, module).expect("nothing is imported");
    let func = instance.func(&store, export).expect("it is exported");
    match func.call_values(&mut store, args) {
        Err(CallError::Trap(report)) => {
            report.frames.iter().map(|frame| (frame.pc, frame.to_string())).collect()
        }
        other => panic!("no trap: {other:?}"),
    }
}

#[test]
fn a_pc_has_a_line_and_functions_around_it() {
    let module = module(MEAN);
    let map = module.source_map().expect("it has debug sections");
    let load = 0x80;
    assert_eq!(map.locate(load).expect("it is code").to_string(), "mean.c:7:12");
    assert_eq!(frames(map, load), "get inlined mean.c:7:12\nsum inlined mean.c:13:18\nmean mean.c:18:17\n");
    assert_eq!(frames(map, 0xa1), "entry mean.c:23:12\n");
    assert_eq!(map.note(), None);
    assert_eq!((map.locate(0), map.locate(u32::MAX)), (None, None));
    assert_eq!((frames(map, 0), frames(map, u32::MAX)), (String::new(), String::new()));
}

#[test]
fn a_line_has_pcs_and_statements() {
    let module = module(MEAN);
    let map = module.source_map().expect("it has debug sections");
    let [file] = map.files() else { panic!("there is one file") };
    assert_eq!((&*file.path, &*file.name), ("/src/mean.c", "mean.c"));
    assert!(["mean.c", "./mean.c", "src/mean.c", "/src/mean.c"].iter().all(|name| file.is_called(name)));
    assert!(["ean.c", "other/mean.c", "", "mean"].iter().all(|name| !file.is_called(name)));
    assert_eq!(map.lines(file), [7, 12, 13, 17, 19, 22, 23]);
    assert_eq!(map.files_named("mean.c").count(), 1);
    for line in map.lines(file) {
        let pcs = map.pcs(file, line);
        assert!(!pcs.is_empty());
        for pc in pcs.into_iter().flatten() {
            assert_eq!(map.locate(pc).expect("the line says so").line, line);
        }
        for pc in map.statements(file, line) {
            assert_eq!(map.statement(pc..pc + 1).expect("the line says so").line, line);
        }
    }
    assert_eq!((map.pcs(file, 1), map.statements(file, 0)), (vec![], vec![]));
    assert!(map.statements(file, 19).len() == 1 && !map.statements(file, 7).is_empty());
}

#[test]
fn a_trap_has_lines() {
    let trapped = trap(&module(MEAN), "entry", &[Val::I32(0)]);
    let texts: Vec<&str> = trapped.iter().map(|(_, text)| &**text).collect();
    assert_eq!(texts, ["mean at 0x98, mean.c:19:18", "entry at 0xa1, mean.c:23:12"]);
}

#[test]
fn names_of_cpp_are_demangled() {
    let module = module(TILL);
    let map = module.source_map().expect("it has debug sections");
    let trapped = trap(&module, "pay", &[Val::I32(0)]);
    assert_eq!(trapped[0].1, "shop::Box<int>::share(int) const at 0x81, till.cpp:9:71");
    assert_eq!(
        frames(map, trapped[1].0),
        "shop::Till::take(int, char const*) inlined till.cpp:14:52\npay till.cpp:19:27\n"
    );
}

#[test]
fn without_debug_sections_there_is_no_map() {
    let module = module(b"\0asm\x01\0\0\0");
    assert!(module.source_map().is_none());
}

/// Asks everything there is to ask.
fn ask_all(map: &SourceMap, bytes: u32) {
    for pc in (0..bytes).step_by(3) {
        map.locate(pc);
        map.frames(pc);
        map.statement(pc..pc + 16);
    }
    for file in map.files() {
        for line in map.lines(file) {
            map.pcs(file, line);
            map.statements(file, line);
        }
    }
    map.note();
}

/// Flips bytes of the debug sections, and cuts them: no panic, no hang, and the code is as it was.
#[test]
fn damaged_sections_are_survived() {
    for original in [MEAN, TILL] {
        let whole = module(original);
        let data = whole.data();
        let sections: Vec<_> =
            data.custom_sections().iter().filter(|section| section.name.starts_with(".debug")).collect();
        assert!(sections.len() > 4);
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = |below: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random >> 16) as usize % below
        };
        for round in 0..1500 {
            let mut bytes = original.to_vec();
            for _ in 0..=round % 5 {
                let section = &sections[next(sections.len())].range;
                let at = section.start as usize + next(section.len());
                bytes[at] = match next(3) {
                    0 => next(256) as u8,
                    1 => bytes[at] ^ (1 << next(8)),
                    _ => [0, 1, 0x7f, 0x80, 0xff][next(5)],
                };
            }
            let module = module(&bytes);
            let map = module.source_map().expect("the sections are there");
            ask_all(map, bytes.len() as u32);
        }
    }
}

fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A module of one function, with custom sections.
fn with_sections(sections: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x05\x01\x03\0\x01\x0b".to_vec();
    for (name, contents) in sections {
        let mut section = leb(name.len());
        section.extend_from_slice(name.as_bytes());
        section.extend_from_slice(contents);
        bytes.push(0);
        bytes.extend(leb(section.len()));
        bytes.extend(section);
    }
    bytes
}

/// A unit of version 4 that uses the abbreviations at `abbreviations`.
fn unit(abbreviations: u32, entries: &[u8]) -> Vec<u8> {
    let mut unit = (entries.len() as u32 + 7).to_le_bytes().to_vec();
    unit.extend([4, 0]);
    unit.extend(abbreviations.to_le_bytes());
    unit.push(4);
    unit.extend(entries);
    unit
}

/// An abbreviation without children, whose attributes have these names and forms.
fn abbreviation(code: usize, tag: u8, attributes: impl IntoIterator<Item = (u8, u8)>) -> Vec<u8> {
    let mut bytes = leb(code);
    bytes.extend([tag, 0]);
    bytes.extend(attributes.into_iter().flat_map(|(name, form)| [name, form]));
    bytes.extend([0, 0]);
    bytes
}

const SUBPROGRAM: u8 = 0x2e;
const COMPILE_UNIT: u8 = 0x11;
const FLAG_PRESENT: (u8, u8) = (0x3f, 0x19);

/// Reads a map that would take for ever if it were believed, and says what is said about it.
fn note(sections: &[(&str, Vec<u8>)]) -> String {
    let bytes = with_sections(sections);
    let module = module(&bytes);
    let map = module.source_map().expect("the sections are there");
    ask_all(map, bytes.len() as u32);
    map.note().unwrap_or_default().to_owned()
}

#[test]
fn knots_are_left_out() {
    const KNOT: &str = "the debug information is a knot; what is behind it is left out";
    // Entries of one byte with a hundred thousand attributes each.
    let wide = [
        abbreviation(1, COMPILE_UNIT, []),
        abbreviation(2, SUBPROGRAM, (0..100_000).map(|_| FLAG_PRESENT)),
        vec![0],
    ]
    .concat();
    let mut entries = vec![2; 300_000];
    entries[0] = 1;
    assert_eq!(note(&[(".debug_abbrev", wide), (".debug_info", unit(0, &entries))]), KNOT);
    // Many units whose first entry is that wide.
    let wide = [abbreviation(1, COMPILE_UNIT, (0..100_000).map(|_| FLAG_PRESENT)), vec![0]].concat();
    let units: Vec<u8> = (0..30_000).flat_map(|_| unit(0, &[1])).collect();
    assert_eq!(note(&[(".debug_abbrev", wide), (".debug_info", units)]), KNOT);
    // Many functions that share one long list of ranges.
    let lists: Vec<u8> = (0..100_000).flat_map(|_| [1, 0, 0, 0, 2, 0, 0, 0]).collect();
    let shared = [
        abbreviation(1, COMPILE_UNIT, []),
        abbreviation(2, SUBPROGRAM, [(0x55, 0x17)]), // DW_AT_ranges, DW_FORM_sec_offset
        vec![0],
    ]
    .concat();
    let entries: Vec<u8> = [1].into_iter().chain((0..100_000).flat_map(|_| [2, 0, 0, 0, 0])).collect();
    let sections = [(".debug_abbrev", shared), (".debug_info", unit(0, &entries)), (".debug_ranges", lists)];
    assert_eq!(note(&sections), KNOT);
    // Units whose tables of abbreviations overlap: each is read up to the next only.
    let table = [abbreviation(1, COMPILE_UNIT, (0..100_000).map(|_| FLAG_PRESENT)), vec![0]].concat();
    let units: Vec<u8> = (0..60_000).flat_map(|at| unit(at, &[1])).collect();
    assert!(note(&[(".debug_abbrev", table), (".debug_info", units)]).contains("left out"));
}

#[test]
fn information_elsewhere_is_named_and_not_opened() {
    let name = [&[10], &b"prog.dwarf"[..]].concat();
    let said = note(&[("external_debug_info", name)]);
    assert_eq!(said, "the debug information is in another file, prog.dwarf");
}
