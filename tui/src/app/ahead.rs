//! Keys typed ahead: what is about what is shown waits until that is there.
//!
//! ```text
//! typed   G            a  0  Enter      [
//! asked   end of run ─────────► shown   the address ─► shown   its last write
//!                               └ Enter waits for this   └ [ for that: it is about the byte shown
//! ```
//!
//! Movements are asked for at once, since the session does them in order; so are keys about the screen
//! alone, and what is typed into a line. Anything else is done on the screen that the keys before it
//! lead to, however fast they were typed. Once the screen says that a search takes long, what is typed
//! is about what one sees meanwhile: nothing waits any longer. What a press of the mouse is followed by,
//! a menu or Enter, is about what was pressed: it waits for the answer to the press however long that takes.
//! Always: keys are done in the order they were typed; Esc forgets those that wait; what was to follow a
//! press that came to nothing is forgotten too.

use super::{App, Effect, Mode};
use crate::command::{Category, Command};
use crate::keymap::Match;
use crate::keys::{Code, Key};
use crate::panes::PaneId;

/// What waits for an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ahead {
    /// A key.
    Key(Key),
    /// A command on what the mouse has pressed.
    Pressed(Command),
}

impl App {
    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Vec<Effect> {
        let cancels = matches!(self.keymap.lookup(&[key]), Match::Exact(Command::Cancel, _));
        if cancels && !self.ahead.is_empty() {
            self.ahead.clear();
            self.close();
            return vec![Effect::Cancel];
        }
        let lines = !self.lines.is_empty() || self.doing.is_some();
        if !self.ahead.is_empty() || lines && !self.late || self.waiting && !self.late && self.depends(key) {
            self.ahead.push_back(Ahead::Key(key));
            return Vec::new();
        }
        self.key_now(key)
    }

    /// Does the next key that has waited, once it need not any longer. Between two of them the screen
    /// is to be arranged anew.
    pub fn typed_ahead(&mut self) -> Option<Vec<Effect>> {
        let waits = match self.ahead.front()? {
            Ahead::Key(_) => (self.waiting || self.doing.is_some()) && !self.late,
            Ahead::Pressed(_) => self.waiting,
        };
        if waits {
            return None;
        }
        Some(match self.ahead.pop_front()? {
            Ahead::Key(key) => self.key_now(key),
            Ahead::Pressed(command) => self.run(command.into()),
        })
    }

    /// Does a command on what was just pressed, once the answer to the press has come.
    pub(super) fn follow_press(&mut self, command: Command) -> Vec<Effect> {
        if self.waiting {
            self.forget_press();
            self.ahead.push_front(Ahead::Pressed(command));
            return Vec::new();
        }
        self.run(command.into())
    }

    /// Forgets what was to follow a press.
    pub(super) fn forget_press(&mut self) {
        self.ahead.retain(|it| !matches!(it, Ahead::Pressed(_)));
    }

    /// Whether what a key does depends on what is shown.
    fn depends(&self, key: Key) -> bool {
        match &self.mode {
            Mode::Prompt(_) => matches!(key.code, Code::Enter | Code::Tab | Code::BackTab),
            Mode::Letter(_) | Mode::Pick(_) | Mode::Text(..) => false,
            Mode::Normal => {
                let mut keys = self.pending.clone();
                keys.push(key);
                match self.keymap.lookup(&keys) {
                    Match::Exact(command, _) | Match::Prefix(Some(command)) => self.sees(command),
                    Match::Prefix(None) | Match::None => false,
                }
            }
        }
    }

    /// Whether a command is about what is shown.
    fn sees(&self, command: Command) -> bool {
        use Command as C;
        match command.entry().category {
            Category::Time => {
                let lines = matches!(command, C::Down | C::Up | C::PageDown | C::PageUp);
                lines && self.focus != PaneId::Flow
            }
            Category::Places => {
                !matches!(command, C::Mark | C::Jump | C::Back | C::Forward | C::Breakpoints | C::Marks)
            }
            Category::Search => command == C::Filter,
            Category::Screen => matches!(command, C::Copy | C::Follow),
            Category::View => !matches!(command, C::Address | C::View | C::ViewBack | C::Counts | C::Base),
            Category::Answers => false,
            Category::Program => matches!(command, C::Menu | C::Palette | C::Input | C::Tour | C::TourBack),
        }
    }
}
