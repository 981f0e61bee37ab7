//! A folder to run the binary in, and the few words of shell that tests need: quotes, nothing else.

#![allow(dead_code, unreachable_pub, reason = "a module of several tests, none of which uses all of it")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace").to_owned()
}

/// A folder of one test.
pub struct Shell {
    dir: PathBuf,
}

impl Shell {
    /// An empty folder but for `samples`, which is a copy of the repository's.
    pub fn new(test: &str) -> Shell {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shell").join(test);
        let _ = std::fs::remove_dir_all(&dir);
        copy(&root().join("samples"), &dir.join("samples"));
        Shell { dir }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Makes a file.
    pub fn file(&self, name: &str, contents: impl AsRef<[u8]>) {
        std::fs::write(self.dir.join(name), contents).expect("a file can be written");
    }

    /// A command, ready to run.
    pub fn command(&self, line: &str) -> Command {
        let mut words = words(line).into_iter();
        assert_eq!(words.next().as_deref(), Some("wasmscope"), "only this binary is run: {line}");
        let mut command = Command::new(env!("CARGO_BIN_EXE_wasmscope"));
        command.current_dir(&self.dir).args(words).stdin(Stdio::null());
        command.env("XDG_CONFIG_HOME", self.dir.join("config")).env("XDG_STATE_HOME", self.dir.join("state"));
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("COLUMNS");
        command
    }

    /// What a command prints and how it ends.
    pub fn output(&self, line: &str) -> Output {
        self.command(line).output().expect("the binary runs")
    }

    /// Commands, each with what it prints on stdout, then on stderr, and its exit code; sizes of
    /// recordings are left out, they change with every better format.
    pub fn script(&self, lines: &str) -> String {
        let mut text = String::new();
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let output = self.output(line);
            let _ = writeln!(text, "$ {line}");
            text.push_str(&ended(&String::from_utf8_lossy(&output.stdout)));
            text.push_str(&ended(&String::from_utf8_lossy(&output.stderr)));
            match output.status.code() {
                Some(code) => drop(writeln!(text, "exit {code}")),
                None => drop(writeln!(text, "{}", output.status)),
            }
        }
        text
    }

    /// Exit code and stderr of a command whose stdout nobody reads.
    pub fn with_closed_stdout(&self, line: &str) -> (Option<i32>, String) {
        // Nobody reads from the start, so that it is no race.
        let (reader, writer) = std::io::pipe().expect("there are pipes");
        drop(reader);
        let child = self.command(line).stdout(writer).stderr(Stdio::piped()).spawn().expect("it runs");
        let output = child.wait_with_output().expect("it ends");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Text that ends in a line end, if it is any.
fn ended(text: &str) -> String {
    let without_size = |line: &str| match line.rsplit_once(", ") {
        Some((what, _)) if line.starts_with("recorded ") => what.to_owned(),
        _ => line.to_owned(),
    };
    let text = text.lines().map(without_size).collect::<Vec<_>>().join("\n");
    // The escape character would be lost in a snapshot.
    let text = text.replace('\x1b', "␛").replace(".exe", "");
    if text.is_empty() || text.ends_with('\n') { text } else { text + "\n" }
}

/// Splits at spaces outside of single quotes.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for character in line.chars() {
        match character {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("the folder is there") {
        let entry = entry.expect("the folder can be read");
        let to = to.join(entry.file_name());
        match entry.file_type().expect("it has a type").is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(std::fs::copy(entry.path(), to).expect("a file can be copied")),
        }
    }
}
