//! Who may know whom: `handlers`, `lower` and `exec` no traces, `trace-format` no engine, panes
//! neither engine nor files. What the compiler cannot say, the words of the sources say.
//!
//! That `unsafe` stays in the modules that run code, the compiler says: `lib.rs` denies it elsewhere.

use std::path::{Path, PathBuf};

/// All sources below a path, or the file itself.
fn sources(at: &Path, found: &mut Vec<PathBuf>) {
    if at.is_dir() {
        for entry in std::fs::read_dir(at).expect("the folder is there") {
            sources(&entry.expect("it can be read").path(), found);
        }
    } else if at.extension().is_some_and(|it| it == "rs") {
        found.push(at.to_owned());
    }
}

/// Checks that no source below `parts` has one of `words` outside of comments.
fn nobody_says(parts: &[&str], words: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for part in parts {
        let mut found = Vec::new();
        sources(&root.join(part), &mut found);
        assert!(!found.is_empty(), "{part} has sources");
        for path in found {
            let text = std::fs::read_to_string(&path).expect("a source is text");
            for (number, line) in text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for word in words {
                    assert!(!code.contains(word), "{}:{}: {word}: {line}", path.display(), number + 1);
                }
            }
        }
    }
}

#[test]
fn the_machine_knows_no_traces() {
    let machine = [
        "core/src/isa.rs",
        "core/src/isa",
        "core/src/code.rs",
        "core/src/handlers.rs",
        "core/src/handlers",
        "core/src/lower.rs",
        "core/src/lower",
        "core/src/num.rs",
        "core/src/num",
        "core/src/exec.rs",
        "core/src/exec",
    ];
    nobody_says(&machine, &["trace_format", "wtrace", "crate::record", "crate::timeline"]);
}

#[test]
fn the_format_knows_no_engine() {
    nobody_says(&["trace-format/src"], &["wasmscope_core", "wasmparser"]);
}

#[test]
fn panes_know_neither_engine_nor_files() {
    let words = ["wasmscope_core", "TraceReader", "crate::source", "std::fs", "std::io"];
    nobody_says(&["tui/src/panes.rs", "tui/src/panes"], &words);
}
