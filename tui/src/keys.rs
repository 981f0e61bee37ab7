//! A key, and its text: `j`, `N`, `ctrl-d`, `alt-1`, `shift-tab`, `space`.
//!
//! Always: `parse(key.to_string())` gives the key back.
//! Elsewhere: what a key does (`command`), where keys come from (`term`).

use std::fmt;

/// Which key, whatever is held down with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Code {
    /// A character as typed, so `N` is shift and n.
    Char(char),
    /// A function key.
    F(u8),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tabulator.
    Tab,
    /// Shift and tabulator.
    BackTab,
    /// Rubs out to the left.
    Backspace,
    /// Rubs out to the right.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// To the first.
    Home,
    /// To the last.
    End,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
}

/// A key press.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// With control held down.
    pub ctrl: bool,
    /// With alt held down.
    pub alt: bool,
}

/// The last function key that any terminal has a code for.
pub(crate) const LAST_F: u8 = 35;

const NAMED: &[(&str, Code)] = &[
    ("space", Code::Char(' ')),
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("shift-tab", Code::BackTab),
    ("backspace", Code::Backspace),
    ("delete", Code::Delete),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("pageup", Code::PageUp),
    ("pagedown", Code::PageDown),
];

impl Key {
    /// A key with nothing held down.
    pub fn plain(code: Code) -> Key {
        Key { code, ctrl: false, alt: false }
    }
}

/// The keys a token stands for: one key, or a sequence of characters such as `gg`.
/// `None` if it is neither.
pub fn parse(token: &str) -> Option<Vec<Key>> {
    let mut rest = token;
    let mut key = Key::plain(Code::Esc);
    loop {
        if let Some(after) = rest.strip_prefix("ctrl-").filter(|it| !it.is_empty()) {
            (key.ctrl, rest) = (true, after);
        } else if let Some(after) = rest.strip_prefix("alt-").filter(|it| !it.is_empty()) {
            (key.alt, rest) = (true, after);
        } else {
            break;
        }
    }
    let mut chars = rest.chars();
    let single = match (chars.next(), chars.next()) {
        (None, _) => return None,
        (Some(c), None) => Some(Code::Char(c)),
        _ => None,
    };
    let named = NAMED.iter().find(|(name, _)| *name == rest).map(|&(_, code)| code);
    if let Some(number) = function_key(rest) {
        let code = Code::F(number.filter(|it| (1..=LAST_F).contains(it))?);
        return Some(vec![Key { code, ..key }]);
    }
    match single.or(named) {
        Some(code) => Some(vec![Key { code, ..key }]),
        None if !key.ctrl && !key.alt => Some(rest.chars().map(|c| Key::plain(Code::Char(c))).collect()),
        None => None,
    }
}

/// The key that a terminal sends in place of this one: control and a letter are the codes below 32, of
/// which three are keys of their own.
pub(crate) fn sent_as(token: &str) -> Option<&'static str> {
    match token {
        "ctrl-i" => Some("tab"),
        "ctrl-m" => Some("enter"),
        "ctrl-[" => Some("esc"),
        _ => None,
    }
}

/// Whether a name is that of a function key; its number, unless that is beyond all.
pub(crate) fn function_key(name: &str) -> Option<Option<u8>> {
    let digits = name.strip_prefix('f').filter(|it| !it.is_empty())?;
    digits.bytes().all(|it| it.is_ascii_digit()).then(|| digits.parse().ok())
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        match (self.code, NAMED.iter().find(|&&(_, code)| code == self.code)) {
            (_, Some((name, _))) => f.write_str(name),
            (Code::Char(c), None) => write!(f, "{c}"),
            (Code::F(n), None) => write!(f, "f{n}"),
            (other, None) => write!(f, "{other:?}"),
        }
    }
}

/// A key's text as the footer and help show it: `↓`, `^d`, `Tab`.
pub fn pretty(token: &str) -> String {
    match token {
        "up" => "↑".into(),
        "down" => "↓".into(),
        "left" => "←".into(),
        "right" => "→".into(),
        "shift-tab" => "S-Tab".into(),
        "pageup" => "PgUp".into(),
        "pagedown" => "PgDn".into(),
        _ => {
            if let Some(rest) = token.strip_prefix("ctrl-") {
                return format!("^{rest}");
            }
            if let Some(rest) = token.strip_prefix("alt-") {
                return format!("Alt-{rest}");
            }
            let named = NAMED.iter().any(|(name, _)| *name == token);
            let mut chars = token.chars();
            match chars.next() {
                Some(first) if named || token == "f1" => {
                    first.to_uppercase().collect::<String>() + chars.as_str()
                }
                _ => token.to_owned(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for text in ["j", "N", "ctrl-d", "alt-1", "shift-tab", "space", "f1", "-", "ctrl--", "%", "pagedown"]
        {
            let keys = parse(text).unwrap();
            assert_eq!(keys.len(), 1, "{text}");
            assert_eq!(keys[0].to_string(), text);
        }
        assert_eq!(parse("gg").unwrap().len(), 2);
        assert_eq!(parse("ctrl-gg"), None);
        // Terminals send as many function keys as this and no more.
        assert_eq!(parse("f35").unwrap(), [Key::plain(Code::F(35))]);
        for none in ["f0", "f36", "f77", "f99", "f300", "alt-f36"] {
            assert_eq!(parse(none), None, "{none}");
        }
        assert_eq!(parse("fg").unwrap().len(), 2);
        assert_eq!(pretty("ctrl-d"), "^d");
    }
}
