//! Every style on the screen, by what it means.
//!
//! Only the terminal's own sixteen colours and its own background are used, so light and dark
//! terminals both work; every meaning also has a glyph or a modifier, so none is lost without colour.

use ratatui::style::{Color, Modifier, Style};

/// The styles.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Ordinary text.
    pub plain: Style,
    /// What matters less: units, other tabs, steps not yet taken.
    pub dim: Style,
    /// What matters more.
    pub strong: Style,
    /// Border of a pane.
    pub border: Style,
    /// Border of the pane that has the focus.
    pub border_focus: Style,
    /// Name of a pane.
    pub title: Style,
    /// Name of the pane that has the focus.
    pub title_focus: Style,
    /// The row of the current op, laid over its text.
    pub current: Style,
    /// The row a pane's own cursor is on, laid over its text.
    pub selected: Style,
    /// What the last step wrote.
    pub written: Style,
    /// What the last step read, or the next will.
    pub read: Style,
    /// A breakpoint.
    pub breakpoint: Style,
    /// Names: functions, slots, globals.
    pub name: Style,
    /// Outcome: goes on with the next op.
    pub next: Style,
    /// Outcome: jumps.
    pub jump: Style,
    /// Outcome: calls or returns.
    pub call: Style,
    /// Outcome: calls the host.
    pub host: Style,
    /// A trap or an error.
    pub error: Style,
    /// The status line.
    pub status: Style,
    /// A key in footer and help.
    pub key: Style,
    /// A message to the user.
    pub message: Style,
}

impl Theme {
    /// The theme with the terminal's sixteen colours, or with none.
    pub fn new(colour: bool) -> Theme {
        let fg = |colour_: Color| {
            if colour { Style::new().fg(colour_) } else { Style::new() }
        };
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        // Reversed text of several colours would be a row of several backgrounds.
        let whole = plain
            .fg(Color::Reset)
            .bg(Color::Reset)
            .add_modifier(Modifier::REVERSED)
            .remove_modifier(Modifier::DIM | Modifier::UNDERLINED);
        let dim = if colour { fg(Color::DarkGray) } else { plain.add_modifier(Modifier::DIM) };
        Theme {
            plain,
            dim,
            strong: bold,
            border: dim,
            border_focus: fg(Color::Cyan).add_modifier(Modifier::BOLD),
            title: bold,
            title_focus: fg(Color::Cyan).add_modifier(Modifier::BOLD | Modifier::REVERSED),
            current: whole,
            selected: plain.add_modifier(Modifier::UNDERLINED | Modifier::BOLD),
            written: fg(Color::Green).add_modifier(Modifier::BOLD),
            read: fg(Color::Cyan).add_modifier(Modifier::UNDERLINED),
            breakpoint: fg(Color::Red).add_modifier(Modifier::BOLD),
            name: fg(Color::Cyan),
            next: dim,
            jump: fg(Color::Magenta),
            call: fg(Color::Cyan).add_modifier(Modifier::BOLD),
            host: fg(Color::Green).add_modifier(Modifier::BOLD),
            error: fg(Color::Red).add_modifier(Modifier::BOLD),
            status: whole.add_modifier(Modifier::BOLD),
            key: fg(Color::Cyan).add_modifier(Modifier::BOLD),
            message: fg(Color::Magenta).add_modifier(Modifier::BOLD),
        }
    }

    /// Colours unless `NO_COLOR` is set to something.
    pub fn from_env() -> Theme {
        Theme::new(std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()))
    }
}
