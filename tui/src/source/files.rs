//! Source files: which lines a function was made from, and their text where it is found.
//!
//! Always: only beneath the folders the user has given, whatever paths a module names; links that
//! lead out of them are not followed.

use crate::moment::{SourceFile, SourceLine, SourceView};
use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use wasmscope_core::SourceMap;

/// A file larger than this is not shown.
const MOST: u64 = 8 << 20;

/// The files found so far.
#[derive(Default)]
pub(super) struct Files {
    folders: Vec<PathBuf>,
    known: HashMap<Box<str>, Option<Arc<Vec<String>>>>,
}

impl Files {
    pub(super) fn beneath(folders: Vec<PathBuf>) -> Files {
        let real = folders.into_iter().filter_map(|folder| folder.canonicalize().ok());
        Files { folders: real.collect(), known: HashMap::new() }
    }

    /// The lines of the operators at these pcs, which are in order.
    pub(super) fn view(&mut self, map: &SourceMap, pcs: impl Iterator<Item = u32>) -> Option<SourceView> {
        let mut view = SourceView::default();
        for pc in pcs {
            let line = map.locate(pc).map(|at| {
                let known = view.files.iter().position(|it: &SourceFile| *it.path == *at.file.path);
                let file = known.unwrap_or_else(|| {
                    let lines = self.lines(&at.file.path, &at.file.name);
                    view.files.push(SourceFile { path: at.file.path.to_string(), lines });
                    view.files.len() - 1
                });
                SourceLine { file: file as u32, line: at.line }
            });
            if view.lines.last().is_none_or(|last| last.1 != line) {
                view.lines.push((pc, line));
            }
        }
        (!view.files.is_empty()).then_some(view)
    }

    fn lines(&mut self, path: &str, name: &str) -> Option<Arc<Vec<String>>> {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let found = self.folders.iter().find_map(|folder| {
            let places = below(folder, name).chain(below(folder, path));
            places.filter_map(|place| read(folder, &place)).next()
        });
        self.known.insert(path.into(), found.clone());
        found
    }
}

/// The places in a folder where a path may be: all of it first, then without its first folders.
fn below(folder: &Path, path: &str) -> impl Iterator<Item = PathBuf> {
    let path = path.replace('\\', "/");
    let parts: Vec<PathBuf> = Path::new(&path)
        .components()
        .filter_map(|part| match part {
            Component::Normal(part) => Some(PathBuf::from(part)),
            _ => None,
        })
        .collect();
    let folder = folder.to_owned();
    (0..parts.len()).map(move |from| folder.join(parts[from..].iter().collect::<PathBuf>()))
}

fn read(folder: &Path, place: &Path) -> Option<Arc<Vec<String>>> {
    let real = place.canonicalize().ok()?;
    let within = real.starts_with(folder) && fs::metadata(&real).ok()?.is_file();
    if !within || fs::metadata(&real).ok()?.len() > MOST {
        return None;
    }
    let bytes = fs::read(&real).ok()?;
    Some(Arc::new(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_beneath_the_folder_and_nowhere_else() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let inside = folder.path().join("project");
        fs::create_dir_all(inside.join("src")).expect("folders can be made");
        fs::write(inside.join("src/main.c"), "int main;\nline 2\n").expect("a file can be written");
        fs::write(folder.path().join("secret"), "no").expect("a file can be written");
        let mut files = Files::beneath(vec![inside.clone()]);
        let found = files.lines("/build/x/project/src/main.c", "src/main.c").expect("it is there");
        assert_eq!(*found, ["int main;", "line 2"]);
        assert!(files.lines("/elsewhere/src/main.c", "main.c").is_some(), "the end of a path is enough");
        let secret = folder.path().join("secret");
        assert_eq!(files.lines(&secret.to_string_lossy(), "../secret"), None);
        assert_eq!(files.lines("", ""), None);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&secret, inside.join("link")).expect("a link can be made");
            assert_eq!(files.lines("link", "link"), None);
        }
    }
}
