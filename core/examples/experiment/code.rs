//! What the dispatchers are made of: bytes of code in this very binary, lines and `unsafe`
//! blocks in the sources.

use crate::child::root;
use crate::real_variants;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// Bytes of code of each dispatcher's handlers in this binary: sizes of the symbols at the
/// addresses in their tables, or of the loop they are inlined into.
pub(crate) fn sizes() -> Option<String> {
    let variants = real_variants();
    let exe = std::env::current_exe().ok()?;
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let mapped = maps.lines().find(|line| line.ends_with(exe.to_str().unwrap_or("?")))?;
    let base = usize::from_str_radix(mapped.split_once('-')?.0, 16).ok()?;
    let Ok(output) = Command::new("nm").args(["-C", "-S"]).arg(&exe).output() else {
        eprintln!("sizes: no nm here");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let symbols = text.lines().filter_map(|line| {
        let mut words = line.splitn(4, ' ');
        let address = usize::from_str_radix(words.next()?, 16).ok()?;
        let size = usize::from_str_radix(words.next()?, 16).ok()?;
        Some((address, (size, words.nth(1)?)))
    });
    let symbols: BTreeMap<usize, (usize, &str)> = symbols.collect();
    let mut table = String::from("| variant | functions | bytes of code |\n|---|--:|--:|\n");
    for variant in variants {
        let handlers: BTreeSet<usize> =
            variant.handlers().into_iter().map(|address| address - base).collect();
        let (functions, bytes) = match handlers.is_empty() {
            true => {
                let name = format!("run_{}", variant.name.replace('-', "_"));
                (1, symbols.values().find(|(_, symbol)| symbol.ends_with(&name)).map_or(0, |(size, _)| *size))
            }
            false => {
                let sizes = handlers.iter().filter_map(|address| symbols.get(address));
                (handlers.len(), sizes.map(|(size, _)| size).sum())
            }
        };
        let _ = writeln!(table, "| {} | {functions} | {bytes} |", variant.name);
    }
    Some(table)
}

/// What each dispatcher needs beyond the handlers: items by how they begin.
const ITEMS: [(&str, &[&str]); 8] = [
    (
        "varied-match",
        &[
            "impl<K: Kind> Dispatch for",
            "pub(crate) trait Kind",
            "macro_rules! kinds",
            "kinds! {",
            "macro_rules! arm",
            "        pub(in crate::exec) fn run_varied_match",
        ],
    ),
    (
        "uniform-match",
        &[
            "impl<K: Kind> Dispatch for",
            "pub(crate) struct After",
            "        pub(in crate::exec) fn run_uniform_match",
        ],
    ),
    ("table", &["by_address!(Table", "tabled!(Table", "    pub(in crate::exec) fn run_table"]),
    ("tail-slots", &["pub(crate) static TAIL_SLOTS", "const fn without_forms"]),
    ("tail", &["by_address!(Tail", "impl Threaded for Tail"]),
    ("counted", &["by_address!(Counted", "impl Threaded for Counted", "    fn poll<D>"]),
    ("step", &["by_address!(Step", "tabled!(Step"]),
    ("shared by all: the trait and the macro", &["macro_rules! by_address", "pub(crate) trait Dispatch"]),
];

/// Lines of code of what each dispatcher needs beyond the handlers, and `unsafe` blocks.
pub(crate) fn sources() -> String {
    let (dispatch, _) = files("exec/dispatch");
    let mut table =
        String::from("| variant | lines of its own | `unsafe` blocks among them |\n|---|--:|--:|\n");
    for (name, items) in ITEMS {
        let items: Vec<&str> = items.iter().map(|start| item_of(&dispatch, start)).collect();
        let lines: usize = items.iter().map(|item| lines_of(item)).sum();
        let _ = writeln!(table, "| {name} | {lines} | {} |", blocks_of(&items.concat()));
    }
    let (handlers, count) = files("handlers");
    let _ = writeln!(table, "| handlers, in {count} files: the same for all | | {} |", blocks_of(&handlers));
    table
}

/// The text of a module of this crate and of those in its folder; how many files that are.
fn files(module: &str) -> (String, usize) {
    let path = root().join("core/src").join(module);
    let folder = std::fs::read_dir(&path).expect("the module has a folder");
    let mut paths: Vec<PathBuf> = folder.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    paths.push(path.with_extension("rs"));
    paths.sort();
    let texts = paths.iter().map(|path| std::fs::read_to_string(path).expect("a source file"));
    (texts.collect(), paths.len())
}

/// The item that starts with a line beginning so, up to the line that closes it.
fn item_of<'a>(text: &'a str, start: &str) -> &'a str {
    let line = text.lines().find(|line| line.starts_with(start));
    let line = line.unwrap_or_else(|| panic!("nothing in the sources starts with {start}"));
    let from = text.find(line).expect("it is a line of the text");
    if line.ends_with([';', '}']) {
        return line;
    }
    let indent = start.len() - start.trim_start().len();
    let mut to = from;
    for line in text[from..].split_inclusive('\n') {
        to += line.len();
        let depth = line.len() - line.trim_start().len();
        if depth == indent && line.trim_start().starts_with(['}', ')']) {
            break;
        }
    }
    &text[from..to]
}

/// `unsafe` blocks in a text.
fn blocks_of(text: &str) -> usize {
    text.matches("unsafe {").count()
}

/// Lines of a text that are neither empty nor comments.
fn lines_of(text: &str) -> usize {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}
