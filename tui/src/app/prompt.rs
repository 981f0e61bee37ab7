//! Lines that are typed, and what becomes of them.
//!
//! ```text
//! go to:    50%             → Goto(Percent(50))
//! address:  r0, 0x400, sp + 8 → the value, shown in memory
//! input:    any text        → Input, with a line feed
//! :         over 3          → the command table
//! /         i32.store       → Search                  &  the same → Filter
//! note:     any text        → Note
//! ```
//!
//! Up and down recall what was typed before; Tab completes (`complete`).

use super::{App, Effect, Mode};
use crate::command::{self, Takes};
use crate::expr::Expr;
use crate::session::{Direction, Request, parse_step};
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
    /// A search.
    Search,
    /// The filter of the flow list.
    Filter,
    /// A note on this step.
    Note,
}

/// A line being typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prompt {
    /// For what.
    pub kind: PromptKind,
    /// The line.
    pub edit: Edit,
    /// What Tab offers, and which of it was taken.
    pub offers: Vec<String>,
    /// The one of `offers` that was taken last.
    pub taken: Option<usize>,
    /// How far back in the history the line is, and what was typed before.
    recalled: Option<(usize, String)>,
}

impl Prompt {
    /// What stands before the line.
    pub fn label(&self) -> &'static str {
        match self.kind {
            PromptKind::Goto => "go to:",
            PromptKind::Command => ":",
            PromptKind::Address => "address:",
            PromptKind::Input => "input:",
            PromptKind::Search => "/",
            PromptKind::Filter => "&",
            PromptKind::Note => "note:",
        }
    }

    /// What stands in front of such a line in the history; `None` if it is not kept.
    fn sigil(&self) -> Option<char> {
        match self.kind {
            PromptKind::Command => Some(':'),
            PromptKind::Search => Some('/'),
            PromptKind::Filter => Some('&'),
            _ => None,
        }
    }

    /// Notes that the line was changed by hand.
    pub(super) fn edited(&mut self) {
        (self.offers, self.taken, self.recalled) = (Vec::new(), None, None);
    }

    /// The line typed before this one that begins as what was typed, or the one after it.
    pub(super) fn recall(&mut self, history: &[String], back: bool) {
        let Some(sigil) = self.sigil() else { return };
        let (at, typed) = match &self.recalled {
            Some((at, typed)) => (*at, typed.clone()),
            None => (history.len(), self.edit.text().to_owned()),
        };
        let fits = |at: &usize| {
            history[*at].strip_prefix(sigil).is_some_and(|line| line.starts_with(&typed) && line != typed)
        };
        let found = match back {
            true => (0..at).rev().find(fits),
            false => (at + 1..history.len()).find(fits),
        };
        match found {
            Some(found) => {
                self.edit = Edit::new(&history[found][sigil.len_utf8()..]);
                self.recalled = Some((found, typed));
            }
            None if !back => {
                self.edit = Edit::new(typed);
                self.recalled = None;
            }
            None => {}
        }
    }

    /// What may be typed.
    pub fn hint(&self) -> String {
        match self.kind {
            PromptKind::Goto => "120 · +10 · -10 · 50% · g start · G end · Esc".into(),
            PromptKind::Address => "0x400 · r0 · sp + 8 · u32[r3] · Esc".into(),
            PromptKind::Input => "Enter gives the line · ^d ends the input · Esc".into(),
            PromptKind::Search => {
                "an op, function or host function (regex) · write 0x400 · value == 42 && depth > 3 · Esc"
                    .into()
            }
            PromptKind::Filter => "lists only steps that match; what / takes · Esc".into(),
            PromptKind::Note => "Enter writes it on this step · Esc".into(),
            PromptKind::Command if !self.offers.is_empty() => {
                let from = self.taken.unwrap_or(0) / 5 * 5;
                let shown: Vec<&str> = self.offers.iter().skip(from).take(5).map(String::as_str).collect();
                let more = if self.offers.len() > from + 5 { " …" } else { "" };
                format!("{}{more}", shown.join(" · "))
            }
            PromptKind::Command => {
                let typed = self.edit.text().trim_start();
                if let Some((name, rest)) = typed.split_once(' ') {
                    let takes = command::named(name).map(|it| it.entry().takes);
                    return match takes {
                        Ok(takes @ (Takes::Expr | Takes::Query)) if rest.contains(['=', '[', '&', '(']) => {
                            match Expr::parse(rest) {
                                Ok(_) => takes.hint().to_owned(),
                                Err(error) => error.to_string(),
                            }
                        }
                        Ok(takes @ (Takes::Place | Takes::Watched)) => match rest.split_once("if ") {
                            Some((_, condition)) => match Expr::parse(condition) {
                                Ok(_) => "Enter sets it".into(),
                                Err(error) => error.to_string(),
                            },
                            None => takes.hint().to_owned(),
                        },
                        Ok(takes) => takes.hint().to_owned(),
                        Err(error) => error,
                    };
                }
                let fitting: Vec<&command::Entry> = command::TABLE
                    .iter()
                    .filter(|it| !typed.is_empty() && it.name.starts_with(typed))
                    .take(4)
                    .collect();
                match fitting[..] {
                    [] => "a command's name, or a step · Tab · ↑ earlier · Esc".into(),
                    [only] => format!("{} {}", only.name, only.takes.hint()),
                    _ => fitting.iter().map(|it| it.name).collect::<Vec<_>>().join(" · "),
                }
            }
        }
    }
}

impl App {
    pub(super) fn open(&mut self, kind: PromptKind) -> Vec<Effect> {
        self.mode = Mode::Prompt(Prompt {
            kind,
            edit: Edit::default(),
            offers: Vec::new(),
            taken: None,
            recalled: None,
        });
        Vec::new()
    }

    /// Opens the command line with something typed already.
    pub(super) fn open_with(&mut self, text: &str) -> Vec<Effect> {
        let effects = self.open(PromptKind::Command);
        if let Mode::Prompt(prompt) = &mut self.mode {
            prompt.edit = Edit::new(text);
        }
        effects
    }

    pub(super) fn submit(&mut self, prompt: Prompt) -> Vec<Effect> {
        let text = prompt.edit.text();
        if let Some(sigil) = prompt.sigil().filter(|_| !text.trim().is_empty()) {
            let line = format!("{sigil}{}", text.trim());
            self.history.retain(|it| *it != line);
            self.history.push(line);
            self.history.drain(..self.history.len().saturating_sub(500));
        }
        match prompt.kind {
            PromptKind::Input => self.input(text),
            PromptKind::Note => self.ask(Request::Note(text.to_owned())),
            PromptKind::Search if text.trim().is_empty() => self.ask(Request::Match(Direction::Forward, 1)),
            PromptKind::Search => self.ask(Request::Search(text.trim().to_owned(), Direction::Forward)),
            PromptKind::Filter => self.ask(Request::Filter(text.trim().to_owned())),
            _ if text.trim().is_empty() => Vec::new(),
            PromptKind::Goto => self.goto(text),
            PromptKind::Address => self.ask(Request::Show(text.trim().to_owned())),
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

    pub(super) fn input(&mut self, text: &str) -> Vec<Effect> {
        let mut line = text.as_bytes().to_vec();
        line.push(b'\n');
        self.ask(Request::Input(Some(line)))
    }
}
