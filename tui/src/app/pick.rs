//! A list to choose from by typing: help, the palette, steps that were found.
//!
//! ```text
//! ┏ commands ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ Enter does it · Esc ┓
//! ┃ > over█                                                     ┃
//! ┃ n        over        forward to the next step of this frame ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```
//!
//! An item is a command line; choosing it runs that. Always: `at` is inside what is shown.

use crate::command::{Category, Command, TABLE, Takes};
use crate::keymap::Keymap;
use crate::keys::{Code, Key, pretty};
use crate::moment::Moment;
use crate::panes::SIGNS;
use crate::widgets::edit::Edit;
use crate::words;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// What the list is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listed {
    /// All commands, with what they do.
    Help,
    /// Commands, functions, marks.
    Palette,
    /// What can be done with what is selected.
    Menu,
    /// Steps that were found.
    Steps,
}

/// A line of the list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Item {
    /// What is run when it is chosen; empty for what is only read.
    pub line: String,
    /// Whether that needs more to be typed.
    pub asks: bool,
    /// Its keys, as people read them.
    pub keys: String,
    /// What it is called.
    pub label: String,
    /// More about it.
    pub detail: String,
}

impl Item {
    /// Whether it stands above others that it names.
    pub fn is_heading(&self) -> bool {
        self.line.is_empty() && self.detail.is_empty()
    }
}

/// The list, what was typed, and where one stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picker {
    /// Of what.
    pub listed: Listed,
    /// What was typed.
    pub edit: Edit,
    /// Everything.
    pub items: Vec<Item>,
    /// What fits, as places in `items`.
    pub shown: Vec<usize>,
    /// The one chosen now, a place in `shown`.
    pub at: usize,
}

/// What became of a key.
pub(super) enum Picked {
    /// The list stays.
    Stay,
    /// It is closed.
    Close,
    /// This is run.
    Run(Item),
}

/// Of a sentence with a clause for each pane, `code: on; registers, globals: back`, the one for this pane.
fn clause<'a>(help: &'a str, pane: &str) -> &'a str {
    let parts = || help.split("; ").filter_map(|part| part.split_once(": "));
    let own = parts().find(|(panes, _)| panes.split(", ").any(|it| it == pane));
    own.map_or(help, |(_, text)| text)
}

fn commands(map: &Keymap, headings: bool) -> Vec<Item> {
    let mut items = Vec::new();
    for category in Category::ALL {
        if headings {
            items.push(Item { label: category.title().to_owned(), ..Item::default() });
        }
        for entry in TABLE.iter().filter(|entry| entry.category == category) {
            let keys: Vec<String> = map.keys(entry.command).iter().map(|key| pretty(key)).collect();
            let optional = matches!(entry.takes, Takes::Nothing | Takes::Count | Takes::Pane | Takes::Unit);
            items.push(Item {
                line: entry.name.to_owned(),
                asks: map.keys(entry.command).is_empty() && !optional,
                keys: match keys.len() {
                    0..=3 => keys.join(" "),
                    n => format!("{} … {}", keys[0], keys[n - 1]),
                },
                label: entry.name.to_owned(),
                detail: entry.help.to_owned(),
            });
        }
    }
    items
}

impl Picker {
    /// All commands, by what they are about, and what signs mean.
    pub(super) fn help(map: &Keymap) -> Picker {
        let mut items = commands(map, true);
        items.push(Item { label: "Signs".to_owned(), ..Item::default() });
        items.extend(SIGNS.into_iter().flatten().map(|&(signs, label, detail)| Item {
            keys: signs.to_owned(),
            label: label.to_owned(),
            detail: detail.to_owned(),
            ..Item::default()
        }));
        Picker::of(Listed::Help, items)
    }

    /// Commands, marks, notes, functions.
    pub(super) fn palette(map: &Keymap, now: &Moment) -> Picker {
        let mut items = commands(map, false);
        items.extend(now.marks.iter().map(|(letter, step)| Item {
            line: format!("jump {letter}"),
            label: format!("mark {letter}"),
            detail: format!("step {step}"),
            ..Item::default()
        }));
        items.extend(now.notes.iter().map(|(step, text)| Item {
            line: format!("goto {step}"),
            label: text.clone(),
            detail: format!("note, step {step}"),
            ..Item::default()
        }));
        items.extend(now.functions.iter().map(|name| Item {
            line: format!("run-to {name}"),
            label: name.clone(),
            detail: "function: go to where it is next entered".into(),
            ..Item::default()
        }));
        Picker::of(Listed::Palette, items)
    }

    /// A list of these.
    fn of(listed: Listed, items: Vec<Item>) -> Picker {
        let mut picker = Picker { listed, edit: Edit::default(), items, shown: Vec::new(), at: 0 };
        picker.sift();
        picker
    }

    /// What can be done with what is selected: what the pane says, and the commands it names.
    pub(super) fn menu(map: &Keymap, pane: &str, of: Vec<(String, String)>, commands: &[Command]) -> Picker {
        let said =
            of.into_iter().map(|(label, line)| Item { detail: line.clone(), line, label, ..Item::default() });
        let named = commands.iter().map(|command| {
            let entry = command.entry();
            Item {
                line: entry.name.to_owned(),
                keys: map.first(*command),
                label: entry.name.to_owned(),
                detail: clause(entry.help, pane).to_owned(),
                ..Item::default()
            }
        });
        Picker::of(Listed::Menu, said.chain(named).collect())
    }

    /// Steps to go to, a line each, its number first; the last line says how many there are.
    pub(super) fn steps(lines: &[String]) -> Picker {
        let (how_many, lines) = lines.split_last().expect("an answer has a line");
        let mut items = vec![Item { label: how_many.clone(), ..Item::default() }];
        items.extend(lines.iter().filter_map(|line| {
            let (step, did) = line.trim_start().split_once(' ')?;
            Some(Item {
                line: format!("goto {step}"),
                label: words::count(step.parse().ok()?),
                detail: did.trim_start().to_owned(),
                ..Item::default()
            })
        }));
        Picker::of(Listed::Steps, items)
    }

    /// Finds what fits what was typed, the best first; headings only where nothing was typed.
    fn sift(&mut self) {
        let typed = self.edit.text().trim().to_owned();
        if typed.is_empty() {
            self.shown = (0..self.items.len()).collect();
            self.at = self.shown.iter().position(|&at| !self.items[at].is_heading()).unwrap_or(0);
            return;
        }
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::parse(&typed, CaseMatching::Ignore, Normalization::Smart);
        let mut buffer = Vec::new();
        let mut found: Vec<(u32, usize)> = Vec::new();
        for (at, item) in self.items.iter().enumerate().filter(|(_, item)| !item.is_heading()) {
            let mut score = |text: &str| pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher);
            let exact = item.keys.split(' ').any(|key| key == typed) || item.label == typed;
            let words = || {
                let text = item.detail.to_lowercase();
                typed.to_lowercase().split_whitespace().all(|word| text.contains(word)).then_some(1)
            };
            let score = match exact {
                true => Some(u32::MAX),
                false => score(&item.label).map(|it| it + 2).or_else(words),
            };
            found.extend(score.map(|score| (score, at)));
        }
        found.sort_by_key(|&(score, at)| (std::cmp::Reverse(score), at));
        self.shown = found.into_iter().map(|it| it.1).collect();
        self.at = 0;
    }

    /// The item chosen now.
    pub fn chosen(&self) -> Option<&Item> {
        self.shown.get(self.at).map(|&at| &self.items[at])
    }

    pub(super) fn go(&mut self, by: i64) {
        let last = self.shown.len().saturating_sub(1) as i64;
        let mut at = (self.at as i64).saturating_add(by).clamp(0, last.max(0));
        // Over headings, towards where one goes.
        let heading = |at: i64| self.shown.get(at as usize).is_some_and(|&it| self.items[it].is_heading());
        while heading(at) && at + by.signum() >= 0 && at + by.signum() <= last {
            at += by.signum();
        }
        while heading(at) && at < last {
            at += 1;
        }
        self.at = at as usize;
    }

    /// Takes a key.
    pub(super) fn key(&mut self, key: Key) -> Picked {
        match (key.code, key.ctrl) {
            (Code::Esc, _) | (Code::Char('c'), true) => {
                if !self.edit.text().is_empty() && self.listed == Listed::Help {
                    self.edit = Edit::default();
                    self.sift();
                    return Picked::Stay;
                }
                return Picked::Close;
            }
            (Code::Enter, _) => {
                return match self.chosen() {
                    Some(item) if !item.line.is_empty() => Picked::Run(item.clone()),
                    _ => Picked::Stay,
                };
            }
            (Code::Down, _) | (Code::Char('n' | 'j'), true) | (Code::Tab, _) => self.go(1),
            (Code::Up, _) | (Code::Char('p' | 'k'), true) | (Code::BackTab, _) => self.go(-1),
            (Code::PageDown, _) => self.go(10),
            (Code::PageUp, _) => self.go(-10),
            (Code::Home, _) => self.go(i64::from(i32::MIN)),
            (Code::End, _) => self.go(i64::from(i32::MAX)),
            _ => {
                let before = self.edit.text().to_owned();
                self.edit.key(key);
                if self.edit.text() != before {
                    self.sift();
                }
            }
        }
        Picked::Stay
    }

    /// Puts pasted text in.
    pub(super) fn paste(&mut self, text: &str) {
        self.edit.insert(text);
        self.sift();
    }
}
