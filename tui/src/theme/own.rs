//! Colours of one's own, laid over a scheme.
//!
//! ```text
//! written = "lightgreen"          letters
//! current = "16 on #ffd75f"       letters and ground
//! selected = "on 236"             ground
//! ```
//!
//! Only colours change: what is bold, reversed or underlined stays, so nothing is lost where there are none; under
//! the scheme without colours they count for nothing. Elsewhere: the schemes (`theme`).

use super::{Scheme, Theme};
use crate::command::nearest;
use ratatui::style::{Color, Style};

/// A style of the theme, by its name.
type Meaning = (&'static str, fn(&mut Theme) -> &mut Style);

/// What has a colour.
const MEANINGS: [Meaning; 22] = [
    ("ground", |it| &mut it.ground),
    ("plain", |it| &mut it.plain),
    ("dim", |it| &mut it.dim),
    ("strong", |it| &mut it.strong),
    ("border", |it| &mut it.border),
    ("border-focus", |it| &mut it.border_focus),
    ("title", |it| &mut it.title),
    ("title-focus", |it| &mut it.title_focus),
    ("current", |it| &mut it.current),
    ("selected", |it| &mut it.selected),
    ("written", |it| &mut it.written),
    ("read", |it| &mut it.read),
    ("breakpoint", |it| &mut it.breakpoint),
    ("name", |it| &mut it.name),
    ("next", |it| &mut it.next),
    ("jump", |it| &mut it.jump),
    ("call", |it| &mut it.call),
    ("host", |it| &mut it.host),
    ("error", |it| &mut it.error),
    ("status", |it| &mut it.status),
    ("key", |it| &mut it.key),
    ("message", |it| &mut it.message),
];

/// One colour, or two, of one meaning.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Colour {
    meaning: usize,
    text: String,
    letters: Option<Color>,
    ground: Option<Color>,
}

/// The colours somebody has chosen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Own {
    colours: Vec<Colour>,
}

/// A colour: a name, one of 256, or red, green and blue.
fn colour(text: &str) -> Result<Color, String> {
    text.trim().parse().map_err(|_| {
        format!(
            "'{}' is no colour: red, lightblue, 0 to 255, #ffd75f; with a ground: 16 on #ffd75f",
            text.trim()
        )
    })
}

impl Own {
    /// What has a colour, by its name.
    ///
    /// # Errors
    /// If there is nothing of that name.
    pub fn meaning(name: &str) -> Result<usize, String> {
        let names = || MEANINGS.iter().map(|it| it.0);
        names().position(|it| it == name).ok_or_else(|| match nearest(name, names()) {
            Some(near) => format!("nothing with a colour is called '{name}'; did you mean {near}?"),
            None => format!(
                "nothing with a colour is called '{name}': {}",
                names().collect::<Vec<_>>().join(", ")
            ),
        })
    }

    /// Gives a meaning its colours.
    ///
    /// # Errors
    /// If these are none.
    pub fn set(&mut self, meaning: usize, text: &str) -> Result<(), String> {
        let spaced = format!(" {text}");
        let (letters, ground) = match spaced.split_once(" on ") {
            Some((letters, ground)) => (letters.trim(), Some(colour(ground)?)),
            None => (text.trim(), None),
        };
        let letters = match (letters, ground) {
            ("", Some(_)) => None,
            (letters, _) => Some(colour(letters)?),
        };
        self.colours.push(Colour { meaning, text: text.to_owned(), letters, ground });
        Ok(())
    }

    /// What was chosen: meanings and colours as they were written.
    pub fn chosen(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.colours.iter().map(|it| (MEANINGS[it.meaning].0, &*it.text))
    }
}

impl Theme {
    /// The theme with colours of one's own.
    pub fn with(mut self, own: &Own) -> Theme {
        if self.scheme == Scheme::None {
            return self;
        }
        for it in &own.colours {
            let style = MEANINGS[it.meaning].1(&mut self);
            style.fg = it.letters.or(style.fg);
            style.bg = it.ground.or(style.bg);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_laid_over_a_scheme() {
        let mut own = Own::default();
        for (name, text) in [("written", "lightgreen"), ("current", "16 on #ffd75f"), ("selected", "on 236")]
        {
            own.set(Own::meaning(name).unwrap(), text).unwrap();
        }
        for scheme in Scheme::ALL {
            let (plain, own) = (Theme::of(scheme), Theme::of(scheme).with(&own));
            if scheme == Scheme::None {
                assert_eq!(own.written, plain.written);
                continue;
            }
            assert_eq!(own.written, plain.written.fg(Color::LightGreen));
            assert_eq!(own.current, plain.current.fg(Color::Indexed(16)).bg(Color::Rgb(255, 215, 95)));
            assert_eq!(own.selected, plain.selected.bg(Color::Indexed(236)));
            assert_eq!(own.error, plain.error);
        }
        for (name, text, said) in [
            ("writen", "red", "did you mean written?"),
            ("written", "rde", "'rde' is no colour"),
            ("written", "red on", "'red on' is no colour"),
            ("written", "", "'' is no colour"),
            ("written", "red on 256", "'256' is no colour"),
        ] {
            let error = Own::meaning(name).and_then(|meaning| own.set(meaning, text)).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
