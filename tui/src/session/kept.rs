//! What the user keeps of a run besides breakpoints: marks, notes, expressions shown at every step.
//!
//! Elsewhere: breakpoints (`stops`), what outlives the session (`saved`).

use super::{Failure, Session, place};
use crate::session::Target;
use crate::words;

impl Session {
    /// Writes a note on the cursor's step; an empty one takes it away.
    pub(super) fn note(&mut self, text: &str) -> Result<String, Failure> {
        let (text, cursor) = (text.trim(), self.cursor);
        if text.is_empty() {
            return self.unnote(&cursor.to_string());
        }
        self.notes.insert(cursor, text.to_owned());
        Ok(format!("noted on step {}", words::count(cursor)))
    }

    /// Takes a note away, by its step.
    pub(super) fn unnote(&mut self, step: &str) -> Result<String, Failure> {
        let Ok(Target::Step(step)) = place::parse_step(step) else {
            return Err(Failure(format!("'{step}' is no step")));
        };
        match self.notes.remove(&step) {
            Some(_) => Ok(format!("the note on step {step} is gone")),
            None => Err(Failure(format!("there is no note on step {step}"))),
        }
    }

    /// Takes a mark away, by its letter.
    pub(super) fn unmark(&mut self, letter: &str) -> Result<String, Failure> {
        let mark = letter.chars().next().filter(|_| letter.chars().count() == 1);
        match mark.and_then(|mark| self.marks.remove(&mark)) {
            Some(step) => Ok(format!("mark {letter} at step {step} is gone")),
            None => Err(Failure(format!("no step is marked {letter}"))),
        }
    }

    /// Shows an expression no longer, by its number; or none.
    pub(super) fn undisplay(&mut self, text: &str) -> Result<String, Failure> {
        let (text, id) = (text.trim(), text.trim().parse().ok());
        let (gone, left): (Vec<_>, Vec<_>) =
            self.displayed.drain(..).partition(|it| text == "all" || Some(it.0) == id);
        self.displayed = left;
        match &gone[..] {
            [] if text == "all" => Ok("nothing is displayed".into()),
            [] => Err(Failure(format!("'{text}' is no display's number"))),
            [(id, expr, ..)] => Ok(format!("display {id}, {expr}, is gone")),
            many => Ok(format!("{} displays are gone", many.len())),
        }
    }
}
