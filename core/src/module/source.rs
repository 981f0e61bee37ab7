//! Lines and functions of the source, from DWARF.
//!
//! ```text
//! pc ──locate──► file, line, column          pc ──frames──► inlined functions around it
//! file, line ──pcs──► ranges of pc           range of pc ──statement──► does one begin here
//! ```
//!
//! A DWARF address is an offset in the code section's contents; everything here is in pcs, offsets in the file. The
//! line tables are read once, at the first question; the functions at the first question about them.
//!
//! Always: names only, no file is ever opened. The work and the memory are bounded by a multiple of the debug
//! sections' size, whatever is in them; what is broken is left out, with one note.
//! Elsewhere: bounded reading (`units`), line tables (`lines`), functions (`functions`), paths (`files`).

mod files;
mod functions;
mod lines;
mod units;

use super::{ModuleData, names::demangled};
use functions::Functions;
use lines::Lines;
use std::{
    fmt,
    ops::Range,
    sync::{Arc, OnceLock},
};
use units::Sections;

/// A file the program was made from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceFile {
    /// Its path, absolute if the compiler said in which folder it ran.
    pub path: Box<str>,
    /// The path as the compiler was given it.
    pub name: Box<str>,
}

/// A place in a source file. `Display` gives `name:line:column`, control characters replaced.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SourceLocation {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1; 0 if it is not known.
    pub column: u32,
}

/// A function that is active at a pc, as the source has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFrame {
    /// Its name, demangled.
    pub function: Option<String>,
    /// Where it stands: at the pc, or at the call of the function before.
    pub location: Option<SourceLocation>,
    /// Whether the compiler put it into its caller: it has no frame of its own.
    pub inlined: bool,
}

/// What the debug sections of a module say; see the header.
pub struct SourceMap {
    sections: Sections,
    code: units::Code,
    lines: Lines,
    functions: OnceLock<Functions>,
}

impl SourceMap {
    /// Reads the line tables of a module; `None` if it has no debug sections.
    pub(super) fn read(module: &ModuleData) -> Option<SourceMap> {
        let sections = Sections::of(module)?;
        let code = units::Code::of(module);
        let lines = Lines::read(&sections, &code);
        Some(SourceMap { sections, code, lines, functions: OnceLock::new() })
    }

    /// The line an operator belongs to: `None` outside of code, and for operators the compiler added on its own.
    pub fn locate(&self, pc: u32) -> Option<SourceLocation> {
        self.lines.locate(pc)
    }

    /// The functions that are active at a pc, innermost first; the last is the one that has a frame. At most 64, and
    /// none if nothing is known about the pc.
    pub fn frames(&self, pc: u32) -> Vec<SourceFrame> {
        let functions = self.functions();
        let mut location = self.locate(pc);
        let mut frames = Vec::new();
        let Some((function, inlined)) = functions.at(pc) else {
            frames.extend(location.is_some().then_some(SourceFrame {
                function: None,
                location,
                inlined: false,
            }));
            return frames;
        };
        let name = |name: Option<&Arc<str>>| name.map(|name| demangled(name).into_owned());
        for inner in inlined {
            let function = name(functions.name(inner.name));
            frames.push(SourceFrame { function, location, inlined: true });
            location = functions.call_site(inner);
        }
        let function = name(functions.name(function));
        frames.push(SourceFrame { function, location, inlined: false });
        frames
    }

    /// The files with code, in order of first appearance.
    pub fn files(&self) -> &[Arc<SourceFile>] {
        self.lines.files()
    }

    /// The files whose path ends in `name`, whole folders compared: `main.c` and `src/main.c` find `/a/src/main.c`.
    pub fn files_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Arc<SourceFile>> {
        self.files().iter().filter(move |file| file.is_called(name))
    }

    /// The lines of a file that have code, in order.
    pub fn lines(&self, file: &SourceFile) -> Vec<u32> {
        self.lines.lines(file)
    }

    /// The code of a line, in order of pc; adjacent ranges are one.
    pub fn pcs(&self, file: &SourceFile, line: u32) -> Vec<Range<u32>> {
        self.lines.pcs(file, line)
    }

    /// Where statements of a line begin: the places for its breakpoints, in order of pc. That of a function's head is
    /// before its first operator.
    pub fn statements(&self, file: &SourceFile, line: u32) -> Vec<u32> {
        self.lines.statements(file, line)
    }

    /// The first statement that begins at one of these pcs. An op that stands for several operators has a range of
    /// them; that of a function's first op begins where the body does.
    pub fn statement(&self, pcs: Range<u32>) -> Option<SourceLocation> {
        self.lines.statement(pcs)
    }

    /// What was left out of the debug information because it is broken, or lies in another file; `None` if nothing.
    pub fn note(&self) -> Option<&str> {
        self.lines.note().or_else(|| self.functions.get()?.note())
    }

    fn functions(&self) -> &Functions {
        self.functions.get_or_init(|| Functions::read(&self.sections, &self.code))
    }
}

impl SourceFile {
    /// Whether its path is `name`, or ends in it behind a separator.
    pub fn is_called(&self, name: &str) -> bool {
        let name = name.strip_prefix("./").unwrap_or(name);
        let ends = |path: &str| {
            let before = path.strip_suffix(name);
            before.is_some_and(|before| before.is_empty() || before.ends_with(['/', '\\']))
        };
        !name.is_empty() && (ends(&self.path) || ends(&self.name))
    }
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", crate::printable::Printable(&self.file.name), self.line)?;
        match self.column {
            0 => Ok(()),
            column => write!(f, ":{column}"),
        }
    }
}

impl fmt::Debug for SourceMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceMap").field("files", &self.files().len()).finish_non_exhaustive()
    }
}
