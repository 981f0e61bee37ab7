//! Every style on the screen, by what it means.
//!
//! ```text
//! --theme, :theme, the config file ─► Scheme ─► Theme ─► panes
//! NO_COLOR, the terminal's background ─┘
//! ```
//!
//! Every meaning also has a glyph or a modifier, so none is lost without colour. `light` and `dark`
//! take their colours from the 256 that every terminal shows alike; `sixteen` leaves them to the
//! terminal; `contrast` is bright on black and nothing is dim; none of the others sets a background
//! for ordinary text. Elsewhere: which scheme suits a terminal (`term`), colours of one's own (`own`).

mod own;

pub use own::Own;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::widgets::{Clear, Widget};

/// A set of colours, by name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scheme {
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// Bright on black.
    Contrast,
    /// The terminal's own sixteen colours.
    Sixteen,
    /// No colours.
    None,
}

impl Scheme {
    /// All of them.
    pub const ALL: [Scheme; 5] =
        [Scheme::Dark, Scheme::Light, Scheme::Contrast, Scheme::Sixteen, Scheme::None];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Scheme::Dark => "dark",
            Scheme::Light => "light",
            Scheme::Contrast => "contrast",
            Scheme::Sixteen => "sixteen",
            Scheme::None => "none",
        }
    }

    /// The one of that name, or of the beginning of one.
    pub fn named(name: &str) -> Option<Scheme> {
        Scheme::ALL.into_iter().find(|it| !name.is_empty() && it.name().starts_with(name))
    }

    /// The next one round.
    pub fn next(self) -> Scheme {
        let at = Scheme::ALL.iter().position(|&it| it == self).unwrap_or(0);
        Scheme::ALL[(at + 1) % Scheme::ALL.len()]
    }
}

/// The styles.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Where they come from.
    pub scheme: Scheme,
    /// What lies under everything.
    pub ground: Style,
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

/// The colours of a scheme by meaning; `None` is the terminal's own.
struct Colours {
    dim: Option<Color>,
    border: Option<Color>,
    focus: Option<Color>,
    written: Option<Color>,
    read: Option<Color>,
    breakpoint: Option<Color>,
    name: Option<Color>,
    jump: Option<Color>,
    call: Option<Color>,
    host: Option<Color>,
    error: Option<Color>,
    message: Option<Color>,
}

impl Colours {
    fn of(scheme: Scheme) -> Colours {
        let pick = |dark: u8, light: u8, contrast: Color, sixteen: Color| match scheme {
            Scheme::Dark => Some(Color::Indexed(dark)),
            Scheme::Light => Some(Color::Indexed(light)),
            Scheme::Contrast => Some(contrast),
            Scheme::Sixteen => Some(sixteen),
            Scheme::None => None,
        };
        use Color as C;
        Colours {
            dim: pick(246, 242, C::White, C::Reset),
            border: pick(240, 248, C::White, C::Reset),
            focus: pick(80, 24, C::LightCyan, C::Cyan),
            written: pick(114, 22, C::LightGreen, C::Green),
            read: pick(117, 25, C::LightCyan, C::Cyan),
            breakpoint: pick(203, 160, C::LightRed, C::Red),
            name: pick(109, 24, C::LightCyan, C::Cyan),
            jump: pick(176, 90, C::LightMagenta, C::Magenta),
            call: pick(80, 24, C::LightCyan, C::Cyan),
            host: pick(114, 22, C::LightGreen, C::Green),
            error: pick(203, 124, C::LightRed, C::Red),
            message: pick(180, 90, C::LightYellow, C::Magenta),
        }
    }
}

impl Theme {
    /// The theme of a scheme.
    pub fn of(scheme: Scheme) -> Theme {
        let colours = Colours::of(scheme);
        let fg = |colour: Option<Color>| colour.map_or(Style::new(), |colour| Style::new().fg(colour));
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let colourful = matches!(scheme, Scheme::Dark | Scheme::Light);
        // Reversed text of several colours would be a row of several backgrounds.
        let reversed = plain
            .fg(Color::Reset)
            .bg(Color::Reset)
            .add_modifier(Modifier::REVERSED)
            .remove_modifier(Modifier::DIM | Modifier::UNDERLINED);
        let (ground, whole, status, selected) = match scheme {
            Scheme::Dark => (
                plain,
                plain.bg(Color::Indexed(24)).fg(Color::Indexed(231)),
                plain.bg(Color::Indexed(238)).fg(Color::Indexed(255)),
                plain.bg(Color::Indexed(237)).add_modifier(Modifier::BOLD),
            ),
            Scheme::Light => (
                plain,
                plain.bg(Color::Indexed(153)).fg(Color::Indexed(16)),
                plain.bg(Color::Indexed(252)).fg(Color::Indexed(16)),
                plain.bg(Color::Indexed(254)).add_modifier(Modifier::BOLD),
            ),
            Scheme::Contrast => {
                let on = plain.bg(Color::Black).fg(Color::White);
                let reversed = plain.fg(Color::Black).bg(Color::White);
                (on, reversed, reversed, plain.add_modifier(Modifier::UNDERLINED | Modifier::BOLD))
            }
            Scheme::Sixteen | Scheme::None => {
                (plain, reversed, reversed, plain.add_modifier(Modifier::UNDERLINED | Modifier::BOLD))
            }
        };
        // Bright black, the sixteen's only grey, is the background itself in some palettes.
        let faint = match scheme {
            Scheme::Sixteen | Scheme::None => plain.add_modifier(Modifier::DIM),
            _ => plain,
        };
        let dim = fg(colours.dim).patch(faint);
        let focus = fg(colours.focus).add_modifier(Modifier::BOLD);
        let title_focus = match (colourful, colours.focus) {
            (true, Some(colour)) => {
                let letters = if scheme == Scheme::Light { 231 } else { 16 };
                bold.fg(Color::Indexed(letters)).bg(colour)
            }
            _ => focus.add_modifier(Modifier::REVERSED),
        };
        Theme {
            scheme,
            ground,
            plain,
            dim,
            strong: bold,
            border: fg(colours.border).patch(faint),
            border_focus: focus,
            title: bold,
            title_focus,
            current: whole,
            selected,
            written: fg(colours.written).add_modifier(Modifier::BOLD),
            read: fg(colours.read).add_modifier(Modifier::UNDERLINED),
            breakpoint: fg(colours.breakpoint).add_modifier(Modifier::BOLD),
            name: fg(colours.name),
            next: dim,
            jump: fg(colours.jump),
            call: fg(colours.call).add_modifier(Modifier::BOLD),
            host: fg(colours.host).add_modifier(Modifier::BOLD),
            error: fg(colours.error).add_modifier(Modifier::BOLD),
            status: status.add_modifier(Modifier::BOLD),
            key: focus,
            message: fg(colours.message).add_modifier(Modifier::BOLD),
        }
    }

    /// The theme with the terminal's sixteen colours, or with none.
    pub fn new(colour: bool) -> Theme {
        Theme::of(if colour { Scheme::Sixteen } else { Scheme::None })
    }

    /// Empties an area that something is drawn over.
    pub fn clear(&self, area: Rect, buf: &mut Buffer) {
        Clear.render(area, buf);
        buf.set_style(area, self.ground);
    }
}
