//! What `docs/experiment.md` says about sibling calls is true of this compiler.
//!
//! Every `rust` block there that is marked is compiled; `kept` ones jump to the next
//! handler, `lost` ones call it. `debug-assertions` compiles with them, `pushes` saves
//! registers before anything else; all at opt-level 3. `from-1` is kept at 1, 2 and s too,
//! and lost at 0. A compiler that does better than the page says fails
//! this test too: then the page is to be changed.

#![cfg(all(target_arch = "x86_64", not(miri)))]

use std::path::Path;
use std::process::Command;

/// The marked blocks: marks and text.
fn blocks(page: &str) -> Vec<(Vec<&str>, &str)> {
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some((_, from)) = rest.split_once("\n```rust,") {
        let (marks, from) = from.split_once('\n').expect("the mark ends its line");
        let (block, after) = from.split_once("```").expect("the block ends");
        blocks.push((marks.split(',').collect(), block));
        rest = after;
    }
    blocks
}

/// The instructions of `op` in this source, one per line.
fn assembly(source: &str, number: usize, level: &str, assertions: bool) -> String {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sibling-{number}"));
    std::fs::create_dir_all(&dir).expect("a folder can be made");
    let (input, output) = (dir.join("op.rs"), dir.join("op.s"));
    std::fs::write(&input, source).expect("a file can be written");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    command.args(["--edition=2024", "--crate-type=lib", "--emit=asm"]);
    command.arg(format!("-Copt-level={level}"));
    command.arg(format!("-Cdebug-assertions={assertions}")).arg(&input).arg("-o").arg(&output);
    let compiled = command.output().expect("rustc runs");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let text = std::fs::read_to_string(&output).expect("there is assembly");
    let (_, body) = text.split_once("\nop:\n").expect("op is there");
    let (body, _) = body.split_once(".cfi_endproc").expect("op ends");
    let lines = body.lines().map(str::trim).filter(|line| !line.starts_with(['.', '#']));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_page_is_true_of_this_compiler() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/experiment.md");
    let page = std::fs::read_to_string(page).expect("the page is there");
    let blocks = blocks(&page);
    let (prelude, examples) = blocks.split_first().expect("there are blocks");
    assert_eq!(prelude.0, ["prelude"]);
    assert!(examples.iter().any(|(marks, _)| marks.contains(&"from-1")));
    assert!(examples.len() >= 7, "{}", examples.len());
    for (number, (marks, text)) in examples.iter().enumerate() {
        let source = format!("{}{text}", prelude.1);
        let mut levels = vec![("3", marks[0] == "kept")];
        if marks.contains(&"from-1") {
            levels.extend([("0", false), ("1", true), ("2", true), ("s", true)]);
        }
        for (level, kept) in levels {
            let assembly = assembly(&source, number, level, marks.contains(&"debug-assertions"));
            let jumps = assembly.lines().any(|line| line.starts_with("jmp") && line.contains('*'));
            assert_eq!(jumps, kept, "{marks:?} at opt-level {level}\n{text}\n{assembly}");
            let pushes = assembly.starts_with("push");
            assert_eq!(pushes && jumps, marks.contains(&"pushes"), "{marks:?}\n{text}\n{assembly}");
        }
    }
}
