//! Lines of the source: which one an operator belongs to, which functions were inlined there, and where a line begins.
//!
//! ```text
//! pc ──► fib.c:12          pc ──► max, inlined at 12; fib at 30          fib.c:12 ──► the pcs to stop at
//! ```
//!
//! Elsewhere: what debug information says (core's `module::source`), the files themselves (`files`).

use super::past::{Past, plain};
use crate::session::{Failure, SourcePlace};
use std::collections::HashSet;
use std::sync::Arc;
use wasmscope_core::SourceLocation;

impl Past {
    /// The line an operator belongs to.
    pub(super) fn line(&self, module: u32, pc: u32) -> Option<SourcePlace> {
        let module = self.modules.get(module as usize)?;
        Some(place(module.source_map()?.locate(pc)?))
    }

    /// The functions active at an operator, see [`crate::session::Source::active`].
    pub(super) fn active(&self, module: u32, pc: u32) -> Vec<(String, Option<SourcePlace>)> {
        let map = self.modules.get(module as usize).and_then(|module| module.source_map());
        let frames = map.map_or_else(Vec::new, |map| map.frames(pc));
        let name = |name: Option<String>| name.map_or_else(|| "a function".to_owned(), |name| plain(&name));
        frames.into_iter().map(|it| (name(it.function), it.location.map(place))).collect()
    }

    pub(super) fn has_lines(&self) -> bool {
        self.modules.iter().any(|module| module.source_map().is_some())
    }

    /// Where a line begins: at itself, or at the next line of the file that has code. A compiler takes a line to
    /// pieces and mixes them with others; it is come to where the first piece of it is in a function, or in one
    /// that was inlined.
    pub(super) fn line_places(&self, file: &str, line: u32) -> Result<(String, Vec<(u32, u32)>), Failure> {
        if !self.has_lines() {
            let why = "the program has no line numbers: it was built without debug information";
            return Err(Failure(why.into()));
        }
        let mut seen = false;
        for (at, module) in self.modules.iter().enumerate() {
            let Some(map) = module.source_map() else { continue };
            for file in map.files_named(file) {
                seen = true;
                let Some(real) = map.lines(file).into_iter().find(|&it| it >= line) else { continue };
                let mut seen = HashSet::new();
                let mut pcs = map.statements(file, real);
                pcs.retain(|&pc| {
                    let mut active = map.frames(pc);
                    // Where in the innermost does not count, which call of it does.
                    active.iter_mut().take(1).for_each(|it| it.location = None);
                    let called = active
                        .into_iter()
                        .map(|it| (it.function, it.location.map(|at| (at.line, at.column))));
                    seen.insert((module.data().func_at(pc), called.collect::<Vec<_>>()))
                });
                if !pcs.is_empty() {
                    let shown = format!("{}:{real}", file.name);
                    return Ok((shown, pcs.into_iter().map(|pc| (at as u32, pc)).collect()));
                }
            }
        }
        Err(Failure(match seen {
            true => format!("{file} has no code at line {line} or behind it"),
            false => format!("no source file of the program is called '{file}'"),
        }))
    }
}

fn place(location: SourceLocation) -> SourcePlace {
    SourcePlace { file: Arc::from(&*location.file.name), line: location.line }
}
