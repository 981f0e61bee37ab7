//! Where text goes: data to stdout, messages to stderr, coloured if wanted.

use super::Global;
use super::exit::usage;
use clap::ColorChoice;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use wasmscope_tui::Options;
use wasmscope_tui::config::Settings;
use wasmscope_tui::state::Store;
use wasmscope_tui::theme::Scheme;

/// How messages on stderr look.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    color: bool,
    /// The colours of the screen; if none are chosen, those that suit the terminal.
    screen: Option<Scheme>,
    mouse: bool,
    /// Where source files are looked for, and whether nowhere else.
    sources: Vec<PathBuf>,
    only_sources: bool,
    /// The configuration file, and whether it has to be there.
    config: Option<(PathBuf, bool)>,
}

impl Look {
    /// By what the user asked for, else by what stderr is.
    pub(crate) fn new(global: &Global) -> Look {
        let (choice, theme) = (global.color, global.theme);
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let (color, screen) = match choice {
            ColorChoice::Always => (true, (!wanted).then_some(Scheme::Sixteen)),
            ColorChoice::Never => (false, Some(Scheme::None)),
            ColorChoice::Auto => (wanted && io::stderr().is_terminal(), None),
        };
        let (mouse, sources) = (!global.no_mouse, global.source.clone());
        let (only_sources, config) = (global.source_only, global.configuration());
        Look { color, screen: theme.or(screen), mouse, sources, only_sources, config }
    }

    /// The settings that hold; the file they may be in, and whether it is there.
    pub(crate) fn settings(&self) -> anyhow::Result<(Option<(&Path, bool)>, Settings)> {
        let Some((path, needed)) = &self.config else { return Ok((None, Settings::default())) };
        match Settings::read(path, &Scheme::ALL.map(Scheme::name))? {
            Some(settings) => Ok((Some((path, true)), settings)),
            None if *needed => Err(usage(format!("{}: there is no such file", path.display()))),
            None => Ok((Some((path, false)), Settings::default())),
        }
    }

    /// How the terminal interface opens: with commands it is to begin with; `fresh` takes nothing up from an
    /// earlier session. The command line has the last word, before the configuration.
    pub(crate) fn screen(&self, commands: Vec<String>, fresh: bool) -> anyhow::Result<Options> {
        let (_, settings) = self.settings()?;
        let theme = self.screen.or_else(|| settings.theme.as_deref().and_then(Scheme::named));
        let mouse = self.mouse && settings.mouse;
        let (sources, named_sources) = self.source_files(&settings);
        let store = Store::user();
        Ok(Options { theme, mouse, sources, named_sources, commands, settings, store, fresh })
    }

    /// Where source files are looked for first, and whether also where modules say they are.
    pub(crate) fn source_files(&self, settings: &Settings) -> (Vec<PathBuf>, bool) {
        (self.sources.clone(), settings.named_sources && !self.only_sources)
    }

    /// `error: …`
    pub(crate) fn error(&self, text: fmt::Arguments<'_>) {
        self.say("error", "31", text);
    }

    /// `warning: …`
    pub(crate) fn warning(&self, text: fmt::Arguments<'_>) {
        self.say("warning", "33", text);
    }

    /// A line with a coloured word in front; a stderr that is gone is not worth a word.
    pub(crate) fn say(&self, word: &str, code: &str, text: fmt::Arguments<'_>) {
        let mut stderr = io::stderr().lock();
        let _ = match self.color {
            true => writeln!(stderr, "\x1b[1;{code}m{word}:\x1b[0m {text}"),
            false => writeln!(stderr, "{word}: {text}"),
        };
    }
}

/// A line on stderr that is only for information.
pub(crate) fn note(text: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Stdout for a command's data; flush it at the end to hear of errors.
pub(crate) fn stdout() -> BufWriter<io::StdoutLock<'static>> {
    BufWriter::with_capacity(1 << 16, io::stdout().lock())
}
