//! The user's choices: a TOML file, read once, checked to the last word.
//!
//! ```toml
//! preset = "gdb"            # default, gdb, foundry, ide
//! theme = "light"           # dark, light, contrast, sixteen, none; without it, what suits the terminal
//! mouse = false
//! unit = "operator"         # what one step is when a run is opened
//!
//! [colours]                 # over those of the theme: a name, 0 to 255 or #rrggbb, with its ground or without
//! written = "lightgreen"
//! current = "16 on #ffd75f"
//!
//! [keys]                    # a command's keys; an empty list takes them away
//! over = ["n", "f10"]
//! watch = "ctrl-w"
//! ```
//!
//! It is `config.toml` in `$XDG_CONFIG_HOME/wasmscope`, or in `~/.config/wasmscope`. Always: an error names file,
//! line and column, says what was expected and what was perhaps meant; nothing is taken from a wrong file.
//! Elsewhere: presets (`keymap`), what is remembered without being asked (`state`).

use crate::command::{self, TABLE};
use crate::keymap::{Keymap, Layer, presets};
use crate::session::Unit;
use crate::theme::Own;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// What the user has chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The keys.
    pub keymap: Keymap,
    /// The name of the preset they come from.
    pub preset: String,
    /// The theme's name, if one was chosen.
    pub theme: Option<String>,
    /// Colours of one's own over the theme's.
    pub colours: Own,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// Whether source files are read where a module's debug information says they are.
    pub named_sources: bool,
    /// What one step is, if that was chosen.
    pub unit: Option<Unit>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            keymap: Keymap::default(),
            preset: "default".into(),
            theme: None,
            colours: Own::default(),
            mouse: true,
            named_sources: true,
            unit: None,
        }
    }
}

/// Why a file of settings is not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError {
    /// Line and column, from 1, if it is a place in the file.
    pub at: Option<(usize, usize)>,
    /// What is wrong, and what is expected.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((line, column)) => write!(f, "line {line}, column {column}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for ConfigError {}

#[derive(Deserialize)]
#[serde(untagged)]
enum Keys {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    preset: Option<Spanned<String>>,
    theme: Option<Spanned<String>>,
    mouse: Option<bool>,
    #[serde(rename = "named-sources")]
    named_sources: Option<bool>,
    unit: Option<Spanned<String>>,
    #[serde(default)]
    colours: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    keys: BTreeMap<Spanned<String>, Spanned<Keys>>,
}

/// The names of the settings, for suggestions.
const NAMES: [&str; 7] = ["preset", "theme", "mouse", "named-sources", "unit", "colours", "keys"];

/// Line and column of a byte.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// `'x' is no …: a, b, c; did you mean b?`
fn unknown(what: &str, name: &str, names: &[&str]) -> String {
    let list = names.join(", ");
    match command::nearest(name, names.iter().copied()) {
        Some(near) => format!("'{name}' is no {what}; did you mean {near}? There are {list}"),
        None => format!("'{name}' is no {what}: {list}"),
    }
}

impl Settings {
    /// Reads settings; `themes` are the names of the themes there are.
    ///
    /// # Errors
    /// Where the text is wrong, and how.
    pub fn parse(text: &str, themes: &[&str]) -> Result<Settings, ConfigError> {
        let fail = |at: usize, message: String| ConfigError { at: Some(place(text, at)), message };
        let file: File = toml::from_str(text).map_err(|error| {
            let message = error.message().trim().to_owned();
            let message =
                match message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next()) {
                    Some(name) => unknown("setting", name, &NAMES),
                    None if message.contains("untagged enum") => {
                        "a key or a list of keys is expected: \"n\" or [\"n\", \"f10\"]".into()
                    }
                    None if message.starts_with("invalid type: map, expected a string") => {
                        "one name is expected; colours of one's own stand under [colours]".into()
                    }
                    None => message.replace('\n', ", "),
                };
            ConfigError { at: error.span().map(|span| place(text, span.start)), message }
        })?;
        let mut settings = Settings {
            mouse: file.mouse.unwrap_or(true),
            named_sources: file.named_sources.unwrap_or(true),
            ..Settings::default()
        };
        if let Some(preset) = &file.preset {
            let names: Vec<&str> = presets().collect();
            settings.keymap = Keymap::preset(preset.get_ref())
                .ok_or_else(|| fail(preset.span().start, unknown("preset", preset.get_ref(), &names)))?;
            settings.preset = preset.get_ref().clone();
        }
        if let Some(theme) = &file.theme {
            if !themes.contains(&theme.get_ref().as_str()) {
                return Err(fail(theme.span().start, unknown("theme", theme.get_ref(), themes)));
            }
            settings.theme = Some(theme.get_ref().clone());
        }
        for (name, colour) in &file.colours {
            let meaning = Own::meaning(name.get_ref()).map_err(|error| fail(name.span().start, error))?;
            let set = settings.colours.set(meaning, colour.get_ref());
            set.map_err(|error| fail(colour.span().start, error))?;
        }
        if let Some(unit) = &file.unit {
            let names = Unit::ALL.map(|it| it.1);
            let found = Unit::ALL.iter().find(|it| it.1 == unit.get_ref());
            let found = found
                .ok_or_else(|| fail(unit.span().start, unknown("size of step", unit.get_ref(), &names)))?;
            settings.unit = Some(found.0);
        }
        let mut layer: Layer = Vec::new();
        let mut places = BTreeMap::new();
        for (name, keys) in &file.keys {
            let names: Vec<&str> = TABLE.iter().map(|it| it.name).collect();
            let entry = TABLE.iter().find(|it| it.name == name.get_ref());
            let entry = entry.ok_or_else(|| {
                let near = command::nearest(name.get_ref(), names.iter().copied());
                let near =
                    near.map_or_else(|| "docs/keys.md lists them".into(), |it| format!("did you mean {it}?"));
                fail(name.span().start, format!("no command is called '{}'; {near}", name.get_ref()))
            })?;
            places.insert(entry.name, keys.span().start);
            layer.push((
                entry.command,
                match keys.get_ref() {
                    Keys::One(key) => vec![key.clone()],
                    Keys::Several(keys) => keys.clone(),
                },
            ));
        }
        settings.keymap.change(&layer).map_err(|(command, message)| {
            let name = command.entry().name;
            let message = format!("{name}: {message}");
            match places.get(name) {
                Some(&at) => fail(at, message),
                None => ConfigError { at: None, message },
            }
        })?;
        Ok(settings)
    }

    /// Reads the file there, which may be missing.
    ///
    /// # Errors
    /// The file and what is wrong in it.
    pub fn read(path: &Path, themes: &[&str]) -> anyhow::Result<Option<Settings>> {
        match std::fs::read_to_string(path) {
            Ok(text) => match Settings::parse(&text, themes) {
                Ok(settings) => Ok(Some(settings)),
                Err(error) => Err(anyhow::anyhow!("{}: {error}", path.display())),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(anyhow::anyhow!("{}: {error}", path.display())),
        }
    }
}

/// A folder of the user's: `$variable/wasmscope`, else `~/fallback/wasmscope`.
pub(crate) fn folder(
    variable: &str,
    fallback: &str,
    var: impl Fn(&str) -> Option<OsString>,
) -> Option<PathBuf> {
    let given = var(variable).map(PathBuf::from).filter(|it| it.is_absolute());
    let home = || {
        let home = var("HOME").or_else(|| var("USERPROFILE")).filter(|it| !it.is_empty())?;
        Some(PathBuf::from(home).join(fallback))
    };
    Some(given.or_else(home)?.join("wasmscope"))
}

/// Where the user's settings are; `None` where there is no home.
pub fn path() -> Option<PathBuf> {
    Some(folder("XDG_CONFIG_HOME", ".config", |name| std::env::var_os(name))?.join("config.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;

    const THEMES: [&str; 2] = ["dark", "light"];

    #[test]
    fn settings_are_read() {
        let text = "preset = 'ide'\ntheme = 'light'\nmouse = false\nnamed-sources = false\nunit = 'block'\n[keys]\nover = ['n', 'ctrl-n']\ninput = []\n";
        let it = Settings::parse(text, &THEMES).unwrap();
        assert_eq!(
            (it.preset.as_str(), it.theme.as_deref(), it.mouse, it.unit),
            ("ide", Some("light"), false, Some(Unit::Block))
        );
        assert!(!it.named_sources && Settings::default().named_sources);
        assert_eq!(it.keymap.keys(Command::Over), ["n", "ctrl-n"]);
        assert!(it.keymap.keys(Command::Input).is_empty());
        assert!(it.keymap.keys(Command::Continue).contains(&"f5".to_owned()));
        let own =
            Settings::parse("[colours]\nwritten = 'lightgreen'\ncurrent = '16 on #ffd75f'", &THEMES).unwrap();
        let chosen: Vec<_> = own.colours.chosen().collect();
        assert_eq!(chosen, [("current", "16 on #ffd75f"), ("written", "lightgreen")]);
        assert_eq!(Settings::parse("", &THEMES).unwrap(), Settings::default());
    }

    #[test]
    fn errors_say_where_and_what() {
        for (text, want) in [
            (
                "preset = 'gbd'",
                "line 1, column 10: 'gbd' is no preset; did you mean gdb? There are default, gdb, foundry, ide",
            ),
            ("theme = 'blue'", "line 1, column 9: 'blue' is no theme: dark, light"),
            (
                "mose = true",
                "line 1, column 1: 'mose' is no setting; did you mean mouse? There are preset, theme, mouse, named-sources, unit, colours, keys",
            ),
            ("mouse = 1", "line 1, column 9: invalid type: integer `1`, expected a boolean"),
            (
                "[theme]\nwritten = 'red'",
                "line 1, column 1: one name is expected; colours of one's own stand under [colours]",
            ),
            (
                "[colours]\nwriten = 'red'",
                "line 2, column 1: nothing with a colour is called 'writen'; did you mean written?",
            ),
            (
                "[colours]\nwritten = 'rde'",
                "line 2, column 11: 'rde' is no colour: red, lightblue, 0 to 255, #ffd75f; with a ground: 16 on #ffd75f",
            ),
            ("[keys]\nquit = '5'", "line 2, column 8: quit: '5' is no key: digits are counts, as in 10j"),
            ("[keys]\novr = 'n'", "line 2, column 1: no command is called 'ovr'; did you mean over?"),
            (
                "[keys]\nover = 'meta-n'",
                "line 2, column 8: over: 'meta-n' is no key; keys are written j, N, gg, ctrl-d, alt-1, f5, space, shift-tab",
            ),
            (
                "[keys]\nover = 'n'\nout = ['o', 'f77']",
                "line 3, column 7: out: 'f77' is no key: function keys are f1 to f35",
            ),
            (
                "[keys]\nover = 'alt-f99'",
                "line 2, column 8: over: 'alt-f99' is no key: function keys are f1 to f35",
            ),
            ("[keys]\nover = 'ctrl-i'", "line 2, column 8: over: terminals send 'ctrl-i' as tab: name that"),
            ("[keys]\nover = 'x'\nout = 'x'", "line 2, column 8: over: 'x' is bound to out too"),
            ("[keys]\nquit = []", "line 2, column 8: quit: it must keep a key"),
            (
                "[keys]\nover = 3",
                "line 2, column 8: a key or a list of keys is expected: \"n\" or [\"n\", \"f10\"]",
            ),
        ] {
            assert_eq!(Settings::parse(text, &THEMES).unwrap_err().to_string(), want, "{text}");
        }
        assert!(Settings::parse("preset = ", &THEMES).unwrap_err().at.is_some());
    }

    #[test]
    fn folders_are_where_the_system_says() {
        let var = |set: &'static [(&str, &str)]| {
            move |name: &str| set.iter().find(|it| it.0 == name).map(|it| OsString::from(it.1))
        };
        let given = folder("XDG_X", ".x", var(&[("XDG_X", "/cfg"), ("HOME", "/home/me")]));
        assert_eq!(given, Some("/cfg/wasmscope".into()));
        assert_eq!(
            folder("XDG_X", ".x", var(&[("XDG_X", "rel"), ("HOME", "/home/me")])),
            Some("/home/me/.x/wasmscope".into())
        );
        assert_eq!(folder("XDG_X", ".x", var(&[])), None);
    }
}
