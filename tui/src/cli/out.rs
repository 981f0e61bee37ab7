//! Where text goes: data to stdout, messages to stderr, coloured if wanted.

use super::Global;
use clap::ColorChoice;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use wasmscope_tui::Options;
use wasmscope_tui::theme::Scheme;

/// How messages on stderr look.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    color: bool,
    /// The colours of the screen; if none are chosen, those that suit the terminal.
    screen: Option<Scheme>,
    mouse: bool,
    /// Where source files are looked for.
    sources: Vec<PathBuf>,
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
        Look { color, screen: theme.or(screen), mouse, sources }
    }

    /// How the terminal interface opens, with commands it is to begin with.
    pub(crate) fn screen(&self, commands: Vec<String>) -> Options {
        Options { theme: self.screen, mouse: self.mouse, sources: self.sources.clone(), commands }
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
