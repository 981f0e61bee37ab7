//! Tab on the command line: what the last word can become.
//!
//! ```text
//! br⇥              break  breakpoints          names of commands
//! break fi⇥        fib  fill                   functions; watch, print: slots, locals, globals; jump: marks
//! source tr⇥       traces/  try.txt            files
//! ```
//!
//! One Tab puts in what all offers have in common, further ones go through them.

use super::{App, Prompt, PromptKind};
use crate::command::{self, TABLE, Takes};
use crate::expr::Word;
use crate::moment::Moment;
use crate::panes::PaneId;
use crate::session::Unit;
use crate::theme::Scheme;
use crate::widgets::edit::Edit;

/// The most that is offered.
const MOST: usize = 200;

/// What a text begins with that all of `offers` begin with.
fn common(offers: &[String]) -> String {
    let Some(first) = offers.first() else { return String::new() };
    let mut end = first.len();
    for other in &offers[1..] {
        let same = first.char_indices().zip(other.chars()).take_while(|((_, a), b)| a == b);
        end = end.min(same.map(|((at, c), _)| at + c.len_utf8()).last().unwrap_or(0));
    }
    first[..end].to_owned()
}

impl App {
    /// Acts on Tab, or on Shift-Tab.
    pub(super) fn complete(&mut self, prompt: &mut Prompt, forward: bool) {
        if prompt.kind == PromptKind::Input || prompt.kind == PromptKind::Note {
            return;
        }
        let line = prompt.edit.before().to_owned();
        if !prompt.offers.is_empty() {
            let count = prompt.offers.len();
            let next = match (prompt.taken, forward) {
                (None, true) => 0,
                (None, false) => count - 1,
                (Some(at), true) => (at + 1) % count,
                (Some(at), false) => (at + count - 1) % count,
            };
            let stem = match prompt.taken {
                Some(at) => line.strip_suffix(prompt.offers[at].as_str()).unwrap_or(&line).to_owned(),
                None => line[..word_start(&line)].to_owned(),
            };
            prompt.edit = Edit::new(format!("{stem}{}", prompt.offers[next]));
            prompt.taken = Some(next);
            return;
        }
        let Some(now) = self.now() else { return };
        let (from, offers) = self.offers(prompt.kind, &line, now);
        let typed = &line[from..];
        let behind = prompt.edit.after().to_owned();
        match &offers[..] {
            [] => {}
            [only] => {
                let space = if only.ends_with('/') || !behind.is_empty() { "" } else { " " };
                prompt.edit = Edit::new(format!("{}{only}{space}{behind}", &line[..from]));
            }
            _ => {
                let common = common(&offers);
                if common.len() > typed.len() {
                    prompt.edit = Edit::new(format!("{}{common}{behind}", &line[..from]));
                }
                prompt.offers = offers;
                prompt.taken = None;
            }
        }
    }

    /// What the last word of a line can become, and where that word begins.
    fn offers(&self, kind: PromptKind, line: &str, now: &Moment) -> (usize, Vec<String>) {
        let takes = match (kind, line.split_once(' ')) {
            (PromptKind::Command, None) => {
                let names = TABLE.iter().map(|it| it.name.to_owned());
                return (0, fitting(names, line));
            }
            (PromptKind::Command, Some((name, _))) => match command::named(name) {
                Ok(command) => command.entry().takes,
                Err(_) => return (line.len(), Vec::new()),
            },
            (PromptKind::Address, _) => Takes::Expr,
            (PromptKind::Goto, _) => Takes::Step,
            _ => Takes::Query,
        };
        // A function's name may have spaces in it.
        let whole = line.find(' ').map_or(0, |at| at + 1);
        let from = match takes {
            Takes::File => whole,
            Takes::Function => whole,
            _ => word_start(line),
        };
        let conditions = line.contains(" if ");
        let typed = &line[from..];
        let list = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let values = || {
            let slots = now.slots.iter().flat_map(|slot| slot.name.clone().into_iter().chain([slot.label()]));
            let globals = now.globals.iter().filter_map(|it| it.name.as_ref()).map(|it| format!("${it}"));
            let words = Word::ALL.iter().map(|it| it.1.to_owned());
            slots.chain(globals).chain(words).collect::<Vec<_>>()
        };
        let offers = match takes {
            Takes::Place if !conditions => {
                let mut offers = list(&["op ", "outcome ", "host ", "trap"]);
                offers.extend(now.functions.iter().cloned());
                offers
            }
            Takes::Function => now.functions.to_vec(),
            Takes::Place | Takes::Expr | Takes::Address => values(),
            Takes::Watched => {
                let mut offers = values();
                offers.retain(|it| !Word::ALL.iter().any(|word| word.1 == it));
                offers.push("global ".into());
                if typed_before(line, "global") {
                    let named =
                        now.globals.iter().map(|it| it.name.clone().unwrap_or_else(|| it.index.to_string()));
                    offers = named.collect();
                }
                offers
            }
            Takes::Query => {
                let mut offers =
                    list(&["op ", "outcome ", "host ", "trap", "write ", "read ", "access ", "func "]);
                offers.extend(values());
                offers
            }
            Takes::Letter => now.marks.iter().map(|it| it.0.to_string()).collect(),
            Takes::Number => {
                let ids = now.breakpoints.iter().map(|it| it.id.to_string());
                ids.chain(["all".to_owned()]).collect()
            }
            Takes::Step => list(&["start", "end"]),
            Takes::Pane => PaneId::ALL.iter().map(|it| it.name().to_owned()).collect(),
            Takes::Theme => Scheme::ALL.iter().map(|it| it.name().to_owned()).collect(),
            Takes::Unit => Unit::ALL.iter().map(|it| it.1.to_owned()).collect(),
            Takes::File => files(typed),
            Takes::Nothing | Takes::Count | Takes::Topic | Takes::Text => Vec::new(),
        };
        (from, fitting(offers.into_iter(), typed))
    }
}

/// Whether that word stands before the last one.
fn typed_before(line: &str, word: &str) -> bool {
    line[..word_start(line)].split_whitespace().last() == Some(word)
}

/// Where the last word of a line begins: behind a space, a bracket or an operator.
fn word_start(line: &str) -> usize {
    let sign = |c: char| c.is_whitespace() || "()[]+-*/%<>=!&|^~,".contains(c);
    line.rfind(sign).map_or(0, |at| at + line[at..].chars().next().map_or(1, char::len_utf8))
}

fn fitting(offers: impl Iterator<Item = String>, typed: &str) -> Vec<String> {
    let mut fitting: Vec<String> = offers.filter(|it| it.starts_with(typed)).take(MOST).collect();
    let mut seen = std::collections::HashSet::new();
    fitting.retain(|it| seen.insert(it.clone()));
    fitting
}

/// Files that a path can become; folders end with a slash.
fn files(typed: &str) -> Vec<String> {
    let (folder, _) =
        typed.rsplit_once('/').map_or(("", typed), |(folder, rest)| (&typed[..=folder.len()], rest));
    let read = std::fs::read_dir(if folder.is_empty() { "." } else { folder });
    let Ok(read) = read else { return Vec::new() };
    let mut files: Vec<String> = read
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            let slash = if entry.path().is_dir() { "/" } else { "" };
            (!name.starts_with('.')).then(|| format!("{folder}{name}{slash}"))
        })
        .collect();
    files.sort();
    files
}
