//! `wasmscope completions`: completion scripts, from the same definitions as the help.

use super::{Cli, Exit, Outcome, out};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::io::Write;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope completions bash > ~/.local/share/bash-completion/completions/wasmscope
  wasmscope completions zsh > ~/.zfunc/_wasmscope
  wasmscope completions fish > ~/.config/fish/completions/wasmscope.fish")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "wasmscope", &mut script);
        let mut out = out::stdout();
        out.write_all(&script)?;
        out.flush()?;
        Ok(Exit::OK)
    }
}
