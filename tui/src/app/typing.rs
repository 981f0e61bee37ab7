//! What a key means: by the mode, the count typed before it, and the sequence it belongs to.
//!
//! ```text
//! 1 2 g g     count 12, then the beginning of `gg` or `goto`, then `start`
//! : o v e r   a prompt takes what is typed      Esc closes one layer
//! ```

use super::pick::Picker;
use super::{App, Effect, Mode, Prompt, PromptKind, pick};
use crate::command::{self, Command, Invocation};
use crate::keymap::Match;
use crate::keys::{Code, Key};
use crate::panes::text_top;
use crate::session::Request;

impl App {
    /// Takes pasted text; only a prompt has a use for it.
    pub fn paste(&mut self, text: &str) {
        match &mut self.mode {
            Mode::Prompt(prompt) => prompt.edit.insert(text),
            Mode::Pick(picker) => picker.paste(text),
            _ => {}
        }
    }

    /// Does what a key means now.
    pub(super) fn key_now(&mut self, key: Key) -> Vec<Effect> {
        self.looks = 0;
        match std::mem::replace(&mut self.mode, Mode::Normal) {
            Mode::Normal => self.key_normal(key),
            Mode::Prompt(prompt) => self.key_prompt(prompt, key),
            Mode::Letter(command) => match key.code {
                Code::Char(letter) if !key.ctrl && !key.alt && command == Command::Mark => {
                    self.ask(Request::Mark(letter))
                }
                Code::Char(letter) if !key.ctrl && !key.alt => self.ask(Request::Jump(letter)),
                _ => Vec::new(),
            },
            Mode::Pick(picker) => self.key_pick(picker, key),
            Mode::Text(title, lines, top) => self.key_text(title, lines, top, key),
        }
    }

    fn key_normal(&mut self, key: Key) -> Vec<Effect> {
        self.message = None;
        if let (Code::Char(digit @ '0'..='9'), false, false) = (key.code, key.ctrl, key.alt)
            && (digit != '0' || self.count.is_some())
        {
            let digit = u64::from(digit as u32 - '0' as u32);
            let count = self.count.unwrap_or(0);
            self.count = Some(count.saturating_mul(10).saturating_add(digit));
            return Vec::new();
        }
        self.pending.push(key);
        let (command, nth) = match self.keymap.lookup(&self.pending) {
            Match::Exact(command, nth) => (command, nth),
            // A command that is also the beginning of a longer one opens a prompt; the rest of the
            // sequence is recognised there.
            Match::Prefix(Some(command)) => (command, 1),
            Match::Prefix(None) => return Vec::new(),
            Match::None => {
                let typed = self.count();
                self.pending.clear();
                self.count = None;
                if key.code != Code::Esc {
                    self.say(Err(format!("{typed} does nothing; ? lists the keys")));
                }
                return Vec::new();
            }
        };
        let keep = std::mem::take(&mut self.pending);
        let typed_something = self.count.is_some();
        let invocation = Invocation {
            command,
            count: self.count.take(),
            arg: match command {
                Command::Pane => nth.to_string(),
                _ => String::new(),
            },
        };
        if command == Command::Cancel && typed_something {
            return Vec::new();
        }
        let effects = self.run(invocation);
        if let (Mode::Prompt(_), Command::Goto) = (&self.mode, command) {
            self.pending = keep;
        }
        effects
    }

    fn key_prompt(&mut self, mut prompt: Prompt, key: Key) -> Vec<Effect> {
        let mut sequence = std::mem::take(&mut self.pending);
        if !sequence.is_empty() && prompt.edit.text().is_empty() {
            sequence.push(key);
            let whole = self.keymap.lookup(&sequence);
            let alone = self.keymap.lookup(&[key]);
            let end = matches!(alone, Match::Exact(Command::End, _));
            if let Match::Exact(command, _) = if end { alone } else { whole } {
                return self.run(command.into());
            }
        }
        match (key.code, key.ctrl) {
            (Code::Esc, _) | (Code::Char('c'), true) => return Vec::new(),
            (Code::Backspace, _) if prompt.edit.text().is_empty() => return Vec::new(),
            (Code::Enter, _) => return self.submit(prompt),
            (Code::Char('d'), true) if prompt.kind == PromptKind::Input => {
                return self.ask(Request::Input(None));
            }
            (Code::Tab, _) => self.complete(&mut prompt, true),
            (Code::BackTab, _) => self.complete(&mut prompt, false),
            (Code::Up, _) | (Code::Char('p'), true) => prompt.recall(&self.history, true),
            (Code::Down, _) | (Code::Char('n'), true) => prompt.recall(&self.history, false),
            _ => {
                prompt.edit.key(key);
                prompt.edited();
            }
        }
        self.mode = Mode::Prompt(prompt);
        Vec::new()
    }

    pub(super) fn key_pick(&mut self, mut picker: Picker, key: Key) -> Vec<Effect> {
        match picker.key(key) {
            pick::Picked::Close => Vec::new(),
            pick::Picked::Stay => {
                self.mode = Mode::Pick(picker);
                Vec::new()
            }
            pick::Picked::Run(item) if item.asks => self.open_with(&format!("{} ", item.line)),
            pick::Picked::Run(item) => match command::parse(&item.line) {
                Ok(invocation) => self.run(invocation),
                Err(error) => {
                    self.say(Err(error));
                    Vec::new()
                }
            },
        }
    }

    fn key_text(&mut self, title: String, lines: Vec<String>, top: usize, key: Key) -> Vec<Effect> {
        let command = match self.keymap.lookup(&[key]) {
            Match::Exact(command, _) | Match::Prefix(Some(command)) => Some(command),
            _ => None,
        };
        let page = usize::from(self.screen.1.saturating_sub(6)).max(1);
        let screen = self.area();
        let top = match (key.code, command) {
            (Code::Esc | Code::Enter, _) | (_, Some(Command::Cancel | Command::Quit)) => return Vec::new(),
            (Code::Down, _) | (_, Some(Command::Down)) => top + 1,
            (Code::Up, _) | (_, Some(Command::Up)) => top.saturating_sub(1),
            (_, Some(Command::PageDown | Command::Step)) => top + page,
            (_, Some(Command::PageUp | Command::StepBack)) => top.saturating_sub(page),
            (_, Some(Command::Start | Command::Goto)) => 0,
            (_, Some(Command::End)) => lines.len(),
            (_, Some(Command::CommandLine)) => return self.open(PromptKind::Command),
            _ => top,
        };
        let top = text_top(&title, &lines, top, screen);
        self.mode = Mode::Text(title, lines, top);
        Vec::new()
    }
}
