//! What is remembered of a run between sessions, and of the command line between runs.
//!
//! ```text
//! $XDG_STATE_HOME/wasmscope/   (or ~/.local/state/wasmscope)
//!   history                    lines typed, the latest last
//!   runs/IDENTITY.json         cursor, marks, notes, breakpoints, displays, layout of one trace
//! ```
//!
//! Always: a trace is never written to; a file that cannot be read or understood is passed over with one
//! note; files are replaced whole. Elsewhere: what is kept of a session (`session::Saved`), and when (`keeper`).

mod keeper;

pub use keeper::Keeper;

use crate::config::folder;
use crate::session::Saved;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// What is kept of a run.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The version of this format.
    pub schema: u32,
    /// What the session keeps.
    pub session: Saved,
    /// What the screen keeps of its layout.
    pub layout: serde_json::Value,
}

/// The version written.
const SCHEMA: u32 = 1;
/// At most so many lines typed are kept, the latest.
const LINES: usize = 500;
/// A state larger than this was not written by us.
const LARGEST: u64 = 1 << 22;

/// Where states are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The user's; `None` where there is no home.
    pub fn user() -> Option<Store> {
        let folder = folder("XDG_STATE_HOME", ".local/state", |name| std::env::var_os(name))?;
        Some(Store { folder })
    }

    /// One in a folder.
    pub fn at(folder: impl Into<PathBuf>) -> Store {
        Store { folder: folder.into() }
    }

    fn run(&self, identity: &str) -> PathBuf {
        let name: String = identity.chars().filter(char::is_ascii_alphanumeric).take(80).collect();
        self.folder.join("runs").join(format!("{name}.json"))
    }

    /// What was kept of a run, if anything was.
    ///
    /// # Errors
    /// A note for the user, if something is there that cannot be taken up.
    pub fn load(&self, identity: &str) -> Result<Option<State>, String> {
        let path = self.run(identity);
        let lost =
            |why: String| format!("the state of the last session is ignored: {}: {why}", path.display());
        let size = match path.metadata() {
            Ok(meta) => meta.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(lost(error.to_string())),
        };
        if size > LARGEST {
            return Err(lost(format!("{size} bytes are too many")));
        }
        let text = std::fs::read_to_string(&path).map_err(|error| lost(error.to_string()))?;
        let state: State = serde_json::from_str(&text).map_err(|error| lost(error.to_string()))?;
        if state.schema > SCHEMA {
            return Err(lost(format!("it was written by a later version (schema {})", state.schema)));
        }
        Ok(Some(state))
    }

    /// Keeps a run's state.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(&self, identity: &str, state: &State) -> io::Result<()> {
        let state = State { schema: SCHEMA, ..state.clone() };
        let text = serde_json::to_string_pretty(&state).map_err(io::Error::other)?;
        replace(&self.run(identity), &text)
    }

    /// Whether a session before has kept something: each that ends keeps its lines, if only none.
    pub fn is_used(&self) -> bool {
        self.folder.join("history").exists()
    }

    /// Lines typed in earlier sessions, the latest last.
    pub fn history(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.join("history")).unwrap_or_default();
        let lines = text.lines().filter(|line| line.len() < 4096 && !line.is_empty());
        lines.map(str::to_owned).collect()
    }

    /// Keeps lines typed, behind those that others have kept meanwhile.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn save_history(&self, lines: &[String]) -> io::Result<()> {
        let mut all = self.history();
        all.retain(|line| !lines.contains(line));
        all.extend_from_slice(lines);
        let mut text = all[all.len().saturating_sub(LINES)..].join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        replace(&self.folder.join("history"), &text)
    }
}

/// Puts a text into a file at once: readers see the old one or the new one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let part = path.with_extension(format!("part{}", std::process::id()));
    std::fs::write(&part, text)?;
    let renamed = std::fs::rename(&part, path);
    if renamed.is_err() {
        // What is left behind would only be in the way.
        let _ = std::fs::remove_file(&part);
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_back_and_a_damaged_one_is_a_note() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        assert_eq!(store.load("abc"), Ok(None));
        let mut state = State::default();
        state.session.step = 7;
        state.session.marks.insert('a', 3);
        store.save("abc", &state).unwrap();
        assert_eq!(store.load("abc").unwrap().unwrap().session, state.session);
        let path = folder.path().join("runs/abc.json");
        for damaged in ["", "{", "[1, 2]", "{\"session\":{\"step\":-1}}", "{\"schema\":99}", "\u{0}"] {
            std::fs::write(&path, damaged).unwrap();
            assert!(
                store.load("abc").unwrap_err().starts_with("the state of the last session is ignored"),
                "{damaged}"
            );
        }
        assert_eq!(store.history(), Vec::<String>::new());
        store.save_history(&[":over".into(), "/x".into()]).unwrap();
        assert_eq!(store.history(), [":over", "/x"]);
        store.save_history(&["/x".into(), ":step".into()]).unwrap();
        assert_eq!(store.history(), [":over", "/x", ":step"], "what another session has typed stays");
        assert_eq!(store.run("../../etc/passwd").file_name().unwrap(), "etcpasswd.json");
    }
}
