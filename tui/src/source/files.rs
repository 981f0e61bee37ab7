//! Source files: which lines a function was made from, and their text where it is found.
//!
//! ```text
//! --source DIR     beneath these folders first, by the end of the path
//! named            then at the very path that the debug information has, unless that is switched off
//! ```
//!
//! A module can come from anybody and name any path; what it names is only shown to who sits at the terminal.
//! Always: beneath a folder, links that lead out of it are not followed; at a path that a module names only what is
//! source is read: an absolute path of this machine, a name that ends as source does, an ordinary file, UTF-8
//! without control characters.

use crate::moment::{SourceFile, SourceLine, SourceView};
use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use wasmscope_core::SourceMap;

/// A file larger than this is not shown.
const MOST: u64 = 8 << 20;

/// How names of source files end.
const ENDINGS: [&str; 36] = [
    "c", "h", "cc", "hh", "cpp", "hpp", "cxx", "hxx", "c++", "h++", "ipp", "tcc", "inc", "inl", "m", "mm",
    "s", "rs", "go", "zig", "swift", "d", "nim", "odin", "ts", "as", "kt", "java", "cs", "f90", "hs", "ml",
    "mbt", "v", "wat", "wast",
];

/// The files found so far.
#[derive(Default)]
pub(super) struct Files {
    folders: Vec<PathBuf>,
    /// Whether files are read at the paths a module names.
    named: bool,
    known: HashMap<Box<str>, Option<Arc<Vec<String>>>>,
}

impl Files {
    pub(super) fn beneath(folders: Vec<PathBuf>, named: bool) -> Files {
        let real = folders.into_iter().filter_map(|folder| folder.canonicalize().ok());
        Files { folders: real.collect(), named, known: HashMap::new() }
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
        let found = found.or_else(|| named(path).filter(|_| self.named));
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

/// The file at a path that a module names, if it is source.
fn named(path: &str) -> Option<Arc<Vec<String>>> {
    // Another machine's share is asked for by looking at it.
    let local = Path::new(path).is_absolute() && !path.starts_with("//") && !path.starts_with("\\\\");
    let is_source = |path: &Path| {
        let ending = path.extension().and_then(|it| it.to_str()).map(str::to_lowercase);
        ending.is_some_and(|it| ENDINGS.contains(&it.as_str()))
    };
    if !local || !is_source(Path::new(path)) {
        return None;
    }
    let real = Path::new(path).canonicalize().ok()?;
    let ordinary = fs::metadata(&real).ok().filter(|it| it.is_file() && it.len() <= MOST);
    if ordinary.is_none() || !is_source(&real) {
        return None;
    }
    let text = String::from_utf8(fs::read(&real).ok()?).ok()?;
    let is_text = text.chars().all(|c| !c.is_control() || "\t\r\n\x0c".contains(c));
    is_text.then(|| Arc::new(text.lines().map(str::to_owned).collect()))
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
        let mut files = Files::beneath(vec![inside.clone()], false);
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

    #[test]
    fn what_a_module_names_is_read_where_it_is_source() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let put = |name: &str, contents: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, contents).expect("a file can be written");
            path.to_string_lossy().into_owned()
        };
        let lines = |path: &str, named: bool| Files::beneath(Vec::new(), named).lines(path, "x");
        let source = put("main.C", b"int main;\n\tline 2\r\n");
        assert_eq!(*lines(&source, true).expect("it is there"), ["int main;", "\tline 2"]);
        assert_eq!(lines(&source, false), None, "switched off");
        for (name, contents) in [
            ("id_rsa", &b"secret"[..]),
            ("shadow.txt", b"secret"),
            ("binary.c", b"\x7fELF\0\0"),
            ("latin1.c", b"\xe9"),
            ("escape.c", b"\x1b[2J"),
        ] {
            assert_eq!(lines(&put(name, contents), true), None, "{name}");
        }
        for path in ["main.c", "./main.c", "//host/share/main.c", "\\\\host\\share\\main.c", "", "/"] {
            assert_eq!(lines(path, true), None, "{path}");
        }
        assert_eq!(lines(&folder.path().to_string_lossy(), true), None, "a folder");
        let large = put("large.c", b"");
        fs::File::options().write(true).open(&large).and_then(|it| it.set_len(MOST + 1)).expect("it grows");
        assert_eq!(lines(&large, true), None, "too large");
        // What is asked for comes first.
        let own = folder.path().join("own");
        fs::create_dir(&own).expect("a folder can be made");
        fs::write(own.join("main.C"), "mine").expect("a file can be written");
        assert_eq!(*Files::beneath(vec![own], true).lines(&source, "main.C").expect("found"), ["mine"]);
        #[cfg(unix)]
        {
            let link = folder.path().join("link.c");
            std::os::unix::fs::symlink(folder.path().join("id_rsa"), &link).expect("a link can be made");
            assert_eq!(lines(&link.to_string_lossy(), true), None, "what it leads to is no source");
            assert_eq!(lines("/dev/zero", true), None);
        }
    }
}
