//! One line of text being typed.
//!
//! Always: the cursor stands on a character boundary.

use crate::keys::{Code, Key};

/// A line and the place in it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Edit {
    text: String,
    /// Byte offset of the cursor.
    cursor: usize,
}

impl Edit {
    /// A line that already holds something, with the cursor behind it.
    pub fn new(text: impl Into<String>) -> Edit {
        let text = text.into();
        Edit { cursor: text.len(), text }
    }

    /// What has been typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor.
    pub fn before(&self) -> &str {
        &self.text[..self.cursor]
    }

    /// What stands behind the cursor.
    pub fn after(&self) -> &str {
        &self.text[self.cursor..]
    }

    /// Puts characters in at the cursor; control characters are left out.
    pub fn insert(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_control()) {
            self.text.insert(self.cursor, c);
            self.cursor += c.len_utf8();
        }
    }

    /// Acts on an editing key; `false` if it is none.
    pub fn key(&mut self, key: Key) -> bool {
        let left = self.before().chars().next_back().map_or(0, char::len_utf8);
        let right = self.after().chars().next().map_or(0, char::len_utf8);
        match (key.code, key.ctrl, key.alt) {
            (Code::Backspace, ..) | (Code::Char('h'), true, _) => {
                self.cursor -= left;
                self.text.drain(self.cursor..self.cursor + left);
            }
            (Code::Delete, ..) => drop(self.text.drain(self.cursor..self.cursor + right)),
            (Code::Left, ..) | (Code::Char('b'), true, _) => self.cursor -= left,
            (Code::Right, ..) | (Code::Char('f'), true, _) => self.cursor += right,
            (Code::Home, ..) | (Code::Char('a'), true, _) => self.cursor = 0,
            (Code::End, ..) | (Code::Char('e'), true, _) => self.cursor = self.text.len(),
            (Code::Char('u'), true, _) => {
                self.text.drain(..self.cursor);
                self.cursor = 0;
            }
            (Code::Char('w'), true, _) => {
                let word = self.before().trim_end();
                let from = word
                    .rfind(char::is_whitespace)
                    .map_or(0, |at| at + word[at..].chars().next().map_or(1, char::len_utf8));
                self.text.drain(from..self.cursor);
                self.cursor = from;
            }
            (Code::Char(c), false, false) => self.insert(c.encode_utf8(&mut [0; 4])),
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editing() {
        let mut line = Edit::new("grüße an");
        for (key, before, after) in [
            ("left", "grüße a", "n"),
            ("ctrl-w", "grüße ", "n"),
            ("left", "grüße", " n"),
            ("backspace", "grüß", " n"),
            ("é", "grüßé", " n"),
            ("home", "", "grüßé n"),
            ("delete", "", "rüßé n"),
            ("end", "rüßé n", ""),
            ("ctrl-u", "", ""),
            ("backspace", "", ""),
        ] {
            let key = crate::keys::parse(key).unwrap()[0];
            assert!(line.key(key));
            assert_eq!((line.before(), line.after()), (before, after), "{key}");
        }
    }
}
