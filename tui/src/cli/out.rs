//! Where text goes: data to stdout, messages to stderr, coloured if wanted.

use clap::ColorChoice;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};
use wasmscope_tui::Options;
use wasmscope_tui::theme::Theme;

/// How messages on stderr look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    color: bool,
    /// Whether the screen is coloured.
    screen: bool,
}

impl Look {
    /// By what the user asked for, else by what stderr is.
    pub(crate) fn new(choice: ColorChoice) -> Look {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let (color, screen) = match choice {
            ColorChoice::Always => (true, true),
            ColorChoice::Never => (false, false),
            ColorChoice::Auto => (wanted && io::stderr().is_terminal(), wanted),
        };
        Look { color, screen }
    }

    /// How the terminal interface opens, with commands it is to begin with.
    pub(crate) fn screen(&self, commands: Vec<String>) -> Options {
        Options { theme: Theme::new(self.screen), commands }
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
