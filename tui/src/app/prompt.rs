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
use crate::keys::{Code, Key};
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

    /// What may be typed, the most needed first, then what ends it.
    pub fn words(&self) -> Vec<Word> {
        let submit = |text: &str| Word { text: text.to_owned(), does: Some(Press::Submit(text.to_owned())) };
        let put = |text: &str| Word { text: text.to_owned(), does: Some(Press::Put(text.to_owned())) };
        let key = |text: &str, code| Word { text: text.to_owned(), does: Some(Press::Key(Key::plain(code))) };
        let mut words = match self.kind {
            PromptKind::Goto => {
                let goto =
                    |text: &str, to: &str| Word { text: text.into(), does: Some(Press::Submit(to.into())) };
                let mut words = vec![Word::told("120")];
                words.extend(["+10", "-10", "50%"].map(submit));
                words.extend([goto("g start", "start"), goto("G end", "end")]);
                words
            }
            PromptKind::Address => ["0x400", "r0", "sp + 8", "u32[r3]"].map(put).into(),
            PromptKind::Input => {
                let end = Key { code: Code::Char('d'), ctrl: true, alt: false };
                vec![Word { text: "^d ends the input".into(), does: Some(Press::Key(end)) }]
            }
            PromptKind::Search => vec![
                Word::told("regex for an op, function or host function"),
                put("write 0x400"),
                put("value == 42 && depth > 3"),
            ],
            PromptKind::Filter => {
                vec![
                    Word::told("lists only steps that match"),
                    put("outcome call"),
                    Word::told("what / takes"),
                ]
            }
            PromptKind::Note => vec![Word::told("written on this step")],
            PromptKind::Command => self.command_words(),
        };
        words.extend([key("Enter", Code::Enter), key("Esc", Code::Esc)]);
        words
    }

    /// The same for a command.
    fn command_words(&self) -> Vec<Word> {
        if !self.offers.is_empty() {
            let from = self.taken.unwrap_or(0) / 5 * 5;
            let more = (self.offers.len() > from + 5).then(|| Word::told("…"));
            let shown = self.offers.iter().skip(from).take(5);
            return shown.map(|it| Word::told(it)).chain(more).collect();
        }
        let typed = self.edit.text().trim_start();
        if let Some((name, rest)) = typed.split_once(' ') {
            let takes = command::named(name).map(|it| it.entry().takes);
            return vec![Word::told(&match takes {
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
            })];
        }
        let fitting: Vec<&command::Entry> = command::TABLE
            .iter()
            .filter(|it| !typed.is_empty() && it.name.starts_with(typed))
            .take(4)
            .collect();
        let name = |text: String, name: &str| Word { text, does: Some(Press::Put(format!("{name} "))) };
        match fitting[..] {
            [] => vec![Word::told("a command's name, or a step"), Word::told("Tab"), Word::told("↑ earlier")],
            [only] => vec![name(format!("{} {}", only.name, only.takes.hint()), only.name)],
            _ => fitting.iter().map(|it| name(it.name.to_owned(), it.name)).collect(),
        }
    }
}

/// A word beside a line being typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    /// What it says.
    pub text: String,
    /// What a press on it does.
    pub does: Option<Press>,
}

/// What a press on a word does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Press {
    /// As if this key was typed.
    Key(Key),
    /// This stands in the line.
    Put(String),
    /// The same, and the line is done.
    Submit(String),
}

impl Word {
    fn told(text: &str) -> Word {
        Word { text: text.to_owned(), does: None }
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

    /// Opens the prompt for a note, with the one that is on the step, to be changed.
    pub(super) fn open_note(&mut self) -> Vec<Effect> {
        let there = self.now().and_then(|now| now.notes.iter().find(|it| it.0 == now.step));
        let there = there.map(|it| it.1.clone());
        let effects = self.open(PromptKind::Note);
        if let (Mode::Prompt(prompt), Some(there)) = (&mut self.mode, there) {
            prompt.edit = Edit::new(there);
        }
        effects
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
