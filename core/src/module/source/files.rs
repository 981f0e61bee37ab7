//! Files as a line table names them: a folder, and a path in it.
//!
//! ```text
//! comp_dir       /home/me/prog
//! directory                      src                      relative to comp_dir unless absolute
//! path                                main.c              relative to the directory unless absolute
//! SourceFile     /home/me/prog/src/main.c, called src/main.c
//! ```

use super::{
    SourceFile,
    units::{Slice, Trouble, Units},
};
use gimli::{LineProgramHeader, Unit};
use std::{collections::HashMap, sync::Arc};

/// The files met so far.
#[derive(Default)]
pub(super) struct Files {
    list: Vec<Arc<SourceFile>>,
    numbers: HashMap<Box<str>, u32>,
}

/// The numbers of one line table's files, as far as they have been asked for.
#[derive(Default)]
pub(super) struct FileNumbers(HashMap<u64, Option<u32>>);

impl Files {
    /// All of them, by number.
    pub(super) fn into_list(self) -> Vec<Arc<SourceFile>> {
        self.list
    }

    /// The number of a line table's file; `None` if the table has no such file.
    pub(super) fn number<'a>(
        &mut self,
        numbers: &mut FileNumbers,
        units: &mut Units<'a>,
        unit: &Unit<Slice<'a>>,
        header: &LineProgramHeader<Slice<'a>>,
        file: u64,
    ) -> Result<Option<u32>, Trouble> {
        if let Some(&known) = numbers.0.get(&file) {
            return Ok(known);
        }
        let number = match read(units, unit, header, file) {
            Ok(Some(file)) => Some(self.add(file)),
            Ok(None) | Err(Trouble::Broken(_)) => None,
            Err(error) => return Err(error),
        };
        numbers.0.insert(file, number);
        Ok(number)
    }

    fn add(&mut self, file: SourceFile) -> u32 {
        let next = self.list.len() as u32;
        let number = *self.numbers.entry(file.path.clone()).or_insert(next);
        if number == next {
            self.list.push(Arc::new(file));
        }
        number
    }
}

fn read<'a>(
    units: &mut Units<'a>,
    unit: &Unit<Slice<'a>>,
    header: &LineProgramHeader<Slice<'a>>,
    file: u64,
) -> Result<Option<SourceFile>, Trouble> {
    let Some(entry) = header.file(file) else { return Ok(None) };
    let mut name = tidy(units.text(unit, entry.path_name())?).to_owned();
    let compiled_in = unit.comp_dir.and_then(|dir| std::str::from_utf8(dir.slice()).ok()).unwrap_or_default();
    let compiled_in = tidy(compiled_in);
    if let Some(directory) = entry.directory(header) {
        let directory = tidy(units.text(unit, directory)?);
        // The folder the compiler ran in goes without saying.
        if directory != compiled_in {
            name = join(directory, &name);
        }
    }
    let path = join(compiled_in, &name);
    units.budget.spend(path.len())?;
    Ok(Some(SourceFile { path: path.into(), name: name.into() }))
}

/// Without what means the same folder.
fn tidy(path: &str) -> &str {
    if path == "." { "" } else { path.strip_prefix("./").unwrap_or(path) }
}

/// `path` seen from `directory`.
fn join(directory: &str, path: &str) -> String {
    let drive = |path: &str| path.len() > 2 && path.as_bytes()[1] == b':';
    if path.starts_with(['/', '\\']) || drive(path) || directory.is_empty() {
        return path.to_owned();
    }
    let separator = if directory.contains('\\') && !directory.contains('/') { '\\' } else { '/' };
    match directory.ends_with(['/', '\\']) {
        true => format!("{directory}{path}"),
        false => format!("{directory}{separator}{path}"),
    }
}
