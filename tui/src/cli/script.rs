//! Commands instead of a terminal: `--commands`, `-e`, `--json`, shared by `open` and `debug`.

use super::exit::{Exit, usage};
use super::out::{self, Look};
use super::{Outcome, load};
use anyhow::Context;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use wasmscope_tui::script::{MOST_LINES, Script, lines};
use wasmscope_tui::session::{Session, Source};

/// How a run is opened.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Commands {
    /// Do the commands in a file, one a line, print what they answer, and end; - is standard input
    #[arg(long, value_name = "FILE")]
    commands: Option<PathBuf>,

    /// Do a command, print what it answers, and end; may be repeated, and comes before those of a file
    #[arg(short = 'e', long = "execute", value_name = "COMMAND")]
    execute: Vec<String>,

    /// Answers as JSON, one object a line
    #[arg(long)]
    json: bool,

    /// Answer so many lines of a pane at most; without it all of a list, and 16 of flow and memory
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(MOST_LINES)))]
    lines: Option<u16>,

    /// Begin anew: without the cursor, marks, notes and breakpoints of the last session
    #[arg(long)]
    pub(crate) fresh: bool,
}

impl Commands {
    /// Whether there is something to do, so that no terminal is needed.
    pub(crate) fn given(&self) -> anyhow::Result<bool> {
        let given = self.commands.is_some() || !self.execute.is_empty();
        if self.json && !given {
            return Err(usage("--json is about what commands answer: with --commands or -e"));
        }
        if self.lines.is_some() && !given {
            return Err(usage("--lines is about what commands answer: with --commands or -e"));
        }
        Ok(given)
    }

    /// Does all commands, from a step on. The first that fails ends it.
    pub(crate) fn run(&self, source: Box<dyn Source>, at: u64, look: &Look) -> Outcome {
        let mut all: Vec<(String, String)> = Vec::new();
        // What the run begins with, and nobody asked to see.
        if let Some(unit) = look.settings()?.1.unit {
            all.push(("the configuration".into(), format!("unit {}", unit.name())));
        }
        if at > 0 {
            all.push(("--at".into(), format!("goto {at}")));
        }
        let hidden = all.len();
        all.extend(self.execute.iter().map(|line| ("-e".to_owned(), line.clone())));
        if let Some(file) = &self.commands {
            let input = load::read(file)?;
            let text = String::from_utf8(input.bytes.to_vec())
                .with_context(|| format!("{}: not UTF-8 text", input.shown))?;
            all.extend(
                lines(&text).map(|(number, line)| (format!("{}:{number}", input.shown), line.to_owned())),
            );
        }
        let never = AtomicBool::new(false);
        let mut script = Script::new(Session::new(source), self.json, &never)?;
        if let Some(lines) = self.lines {
            script.set_lines(lines);
        }
        let mut out = out::stdout();
        for (at, (place, line)) in all.iter().enumerate() {
            let failed = match at < hidden {
                true => script.line(line, &mut std::io::sink())?,
                false => script.line(line, &mut out)?,
            };
            if let Some(error) = failed {
                out.flush()?;
                look.error(format_args!("{place}: {line}: {error}"));
                return Ok(Exit::ERROR);
            }
        }
        out.flush()?;
        Ok(Exit::OK)
    }
}
