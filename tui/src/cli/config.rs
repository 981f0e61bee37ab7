//! `wasmscope config`: which settings hold, and where they come from.

use super::Outcome;
use super::exit::Exit;
use super::out::{self, Look};
use clap::Args;
use std::io::Write;
use wasmscope_tui::command::TABLE;

/// Print the settings that hold, as a configuration file
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope config                            which file is read, and all settings
  wasmscope config > ~/.config/wasmscope/config.toml
  wasmscope --config my.toml config           whether a file is right

docs/config.md tells of each setting.")]
pub(crate) struct Config {}

impl Config {
    pub(crate) fn run(self, look: &Look) -> Outcome {
        let (path, settings) = look.settings()?;
        let mut out = out::stdout();
        match path {
            Some((path, true)) => writeln!(out, "# read from {}", path.display())?,
            Some((path, false)) => {
                writeln!(out, "# {} does not exist; these are the defaults", path.display())?
            }
            None => writeln!(out, "# no file is read; these are the defaults")?,
        }
        writeln!(out, "preset = \"{}\"", settings.preset)?;
        match &settings.theme {
            Some(theme) => writeln!(out, "theme = \"{theme}\"")?,
            None => writeln!(out, "# theme = \"dark\"  # without it, what suits the terminal")?,
        }
        writeln!(out, "mouse = {}", settings.mouse)?;
        writeln!(out, "named-sources = {}", settings.named_sources)?;
        if let Some(unit) = settings.unit {
            writeln!(out, "unit = \"{}\"", unit.name())?;
        }
        if settings.colours.chosen().next().is_some() {
            writeln!(out, "\n[colours]")?;
            for (name, colour) in settings.colours.chosen() {
                writeln!(out, "{name} = \"{colour}\"")?;
            }
        }
        writeln!(out, "\n[keys]")?;
        for entry in TABLE {
            let keys: Vec<String> =
                settings.keymap.keys(entry.command).iter().map(|key| format!("{key:?}")).collect();
            writeln!(out, "{} = [{}]", entry.name, keys.join(", "))?;
        }
        out.flush()?;
        Ok(Exit::OK)
    }
}
