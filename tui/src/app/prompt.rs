//! Lines that are typed, and what becomes of them.
//!
//! ```text
//! go to:    50%             → Goto(Percent(50))
//! address:  r0, 0x400, name → the value, shown in memory
//! input:    any text        → Input, with a line feed
//! :         over 3          → the command table
//! ```

use super::{App, Effect, Mode};
use crate::command;
use crate::moment::Moment;
use crate::panes;
use crate::session::{Request, parse_step};
use crate::widgets::edit::Edit;

/// What a line is typed for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PromptKind {
    /// A step.
    Goto,
    /// A command.
    Command,
    /// An address.
    Address,
    /// The program.
    Input,
}

/// A line being typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prompt {
    /// For what.
    pub kind: PromptKind,
    /// The line.
    pub edit: Edit,
}

impl Prompt {
    /// What stands before the line.
    pub fn label(&self) -> &'static str {
        match self.kind {
            PromptKind::Goto => "go to:",
            PromptKind::Command => ":",
            PromptKind::Address => "address:",
            PromptKind::Input => "input:",
        }
    }

    /// What may be typed.
    pub fn hint(&self) -> String {
        match self.kind {
            PromptKind::Goto => "120 · +10 · -10 · 50% · g start · G end · Esc".into(),
            PromptKind::Address => "0x400 · 1024 · r0 · a global's name · Esc".into(),
            PromptKind::Input => "Enter gives the line · ^d ends the input · Esc".into(),
            PromptKind::Command => {
                let typed = self.edit.text().trim_start();
                let fitting: Vec<&str> = command::TABLE
                    .iter()
                    .filter(|it| !typed.is_empty() && it.name.starts_with(typed))
                    .map(|it| it.name)
                    .take(4)
                    .collect();
                match fitting.is_empty() {
                    true => "a command's name, or a step · Esc".into(),
                    false => fitting.join(" · "),
                }
            }
        }
    }
}

fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(&hex.replace('_', ""), 16).ok(),
        None => text.replace('_', "").parse().ok(),
    }
}

/// The address a text names: a number, a slot or a global, by label or name.
fn address(text: &str, now: &Moment) -> Option<u64> {
    let text = text.trim();
    let slot = || now.slots.iter().find(|it| it.label() == text || it.name.as_deref() == Some(text))?.value;
    let global = || {
        let found = now.globals.iter().find(|it| it.name.as_deref() == Some(text))?;
        Some(found.value)
    };
    number(text).or_else(|| slot().or_else(global).map(|value| value.bits as u64))
}

impl App {
    pub(super) fn open(&mut self, kind: PromptKind) -> Vec<Effect> {
        self.mode = Mode::Prompt(Prompt { kind, edit: Edit::default() });
        Vec::new()
    }

    pub(super) fn submit(&mut self, prompt: Prompt) -> Vec<Effect> {
        let text = prompt.edit.text();
        match prompt.kind {
            PromptKind::Input => self.input(text),
            _ if text.trim().is_empty() => Vec::new(),
            PromptKind::Goto => self.goto(text),
            PromptKind::Address => self.address(text),
            PromptKind::Command => match command::parse(text) {
                Ok(invocation) => self.run(invocation),
                Err(error) => {
                    self.say(Err(error));
                    Vec::new()
                }
            },
        }
    }

    pub(super) fn goto(&mut self, text: &str) -> Vec<Effect> {
        match parse_step(text) {
            Ok(target) => self.ask(Request::Goto(target)),
            Err(error) => {
                self.say(Err(error));
                Vec::new()
            }
        }
    }

    pub(super) fn address(&mut self, text: &str) -> Vec<Effect> {
        let found = self.now().and_then(|now| address(text, now));
        match found {
            Some(addr) => self.obey(panes::Effect::ShowMemory(addr)),
            None => {
                self.say(Err(format!(
                    "'{text}' is no address: 0x400, 1024, a slot such as r0, a local's or global's name"
                )));
                Vec::new()
            }
        }
    }

    pub(super) fn input(&mut self, text: &str) -> Vec<Effect> {
        let mut line = text.as_bytes().to_vec();
        line.push(b'\n');
        self.ask(Request::Input(Some(line)))
    }
}
