//! Lines of commands one after the other: each begins when the one before is answered, and one that fails is the last.
//!
//! ```text
//! :source FILE ─► [goto 10] [break nonsense] [goto 20]
//!                     └ asked, answered, next ─► fails: FILE:2: …, the rest is forgotten
//! ```
//!
//! A file inside another is done before the rest of that. Esc forgets what is still to be done.
//! Elsewhere: the same without a screen (`script`).

use super::{App, Effect, Mode};
use crate::command;

/// How many files of commands may be inside each other.
const DEEPEST: u32 = 8;

/// A line that is still to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line {
    text: String,
    /// Where it stands: file and number; nowhere if it was given with the program.
    place: String,
    /// How many files it is in.
    depth: u32,
}

impl App {
    /// Does these lines.
    pub fn lines(&mut self, lines: Vec<String>) -> Vec<Effect> {
        let made = |text| Line { text, place: String::new(), depth: 0 };
        self.lines = lines.into_iter().map(made).collect();
        self.go_on()
    }

    /// Does the commands in a file, before what else is to be done.
    pub(super) fn source(&mut self, file: &str) -> Vec<Effect> {
        let depth = self.doing.as_ref().map_or(0, |line| line.depth) + 1;
        if depth > DEEPEST {
            self.say(Err(format!("{file}: files of commands inside each other, more than {DEEPEST} deep")));
            return Vec::new();
        }
        match std::fs::read_to_string(file) {
            Ok(text) => {
                let lines = crate::script::lines(&text).map(|(number, text)| Line {
                    text: text.to_owned(),
                    place: format!("{file}:{number}: "),
                    depth,
                });
                let lines: Vec<Line> = lines.collect();
                lines.into_iter().rev().for_each(|line| self.lines.push_front(line));
                if self.doing.is_some() { Vec::new() } else { self.go_on() }
            }
            Err(error) => {
                self.say(Err(format!("{file}: {error}")));
                Vec::new()
            }
        }
    }

    /// Does what is to be done until something has to be waited for.
    pub(super) fn go_on(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        while !self.waiting
            && let Some(line) = self.lines.pop_front()
        {
            self.message = None;
            self.doing = Some(line.clone());
            match command::parse(line.text.trim_start_matches(':')) {
                Ok(invocation) => effects.extend(self.run(invocation)),
                Err(error) => self.say(Err(error)),
            }
            if self.is_asking() {
                self.mode = Mode::Normal;
                self.say(Err(format!("'{}' needs an argument", line.text)));
            }
            if !self.waiting {
                self.done();
            }
        }
        effects
    }

    /// The line being done has been answered: one that failed is the last.
    pub(super) fn done(&mut self) {
        let Some(line) = self.doing.take() else { return };
        if let Some(Err(error)) = &self.message {
            self.lines.clear();
            self.message = Some(Err(format!("{}{error}", line.place)));
        }
    }
}
