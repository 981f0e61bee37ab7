//! What keeps a run's state while it is open: what is noted is written at once, beside what others have written.
//!
//! ```text
//! taken up ──► this session: + note 12, - mark a ──┐
//!    └───────► another window: + note 40 ──────────┴─► the file: + note 12, + note 40, - mark a
//! ```
//!
//! Always: what neither session touched stays, also what was not taken up; a session killed loses no note.
//! Elsewhere: the file (`state`), how two sessions become one (`session::Saved`).

use super::{State, Store};
use crate::session::Saved;
use serde_json::Value;
use std::io;

/// Keeps the state of one run.
#[derive(Debug)]
pub struct Keeper {
    store: Store,
    identity: String,
    /// The session as it was kept last, or taken up; nothing before it was seen.
    base: Option<Saved>,
    /// Whether it leaves the place and the layout that others have kept.
    fresh: bool,
}

impl Keeper {
    /// One that has not seen anything yet.
    pub fn new(store: Store, identity: &str) -> Keeper {
        Keeper { store, identity: identity.to_owned(), base: None, fresh: false }
    }

    /// One of a session that takes nothing up: it adds what it notes, and takes nothing away.
    pub fn fresh(self) -> Keeper {
        Keeper { fresh: true, ..self }
    }

    /// Sees the session; keeps it if something was noted since.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn see(&mut self, mine: Saved, layout: impl FnOnce() -> Value) -> io::Result<()> {
        match &self.base {
            None => self.base = Some(mine),
            Some(base) if *base == (Saved { step: base.step, unit: base.unit, ..mine.clone() }) => {}
            Some(_) => self.keep(mine, layout())?,
        }
        Ok(())
    }

    /// Keeps the session as it is.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep(&mut self, mine: Saved, layout: Value) -> io::Result<()> {
        // What cannot be read was told of when the run was opened.
        let theirs = self.store.load(&self.identity).ok().flatten();
        let keeps = self.fresh && theirs.is_some();
        let theirs = theirs.unwrap_or_default();
        let base = self.base.take().unwrap_or_default();
        let mut session = mine.merged(&base, &theirs.session);
        let layout = if keeps { theirs.layout } else { layout };
        if keeps {
            (session.step, session.unit) = (theirs.session.step, theirs.session.unit);
        }
        self.base = Some(mine);
        self.store.save(&self.identity, &State { session, layout, ..State::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(saved: &mut Saved, step: u64, text: &str) {
        saved.notes.insert(step.to_string(), text.to_owned());
    }

    #[test]
    fn two_windows_keep_what_both_have_noted() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        let opened = || {
            let saved = store.load("run").unwrap().unwrap_or_default().session;
            let mut keeper = Keeper::new(store.clone(), "run");
            keeper.see(saved.clone(), Value::default).unwrap();
            (keeper, saved)
        };
        let kept = || store.load("run").unwrap().unwrap().session;
        let (mut first, mut one) = opened();
        noted(&mut one, 1, "before");
        one.marks.insert('a', 5);
        first.see(one.clone(), Value::default).unwrap();
        // Written at once, without leaving.
        assert_eq!(kept().notes["1"], "before");
        let (mut second, mut two) = opened();
        noted(&mut two, 2, "of the second");
        two.marks.remove(&'a');
        second.see(two.clone(), Value::default).unwrap();
        noted(&mut one, 3, "of the first");
        first.see(one.clone(), Value::default).unwrap();
        second.keep(two, Value::default()).unwrap();
        let all: Vec<_> = kept().notes.into_values().collect();
        assert_eq!(all, ["before", "of the second", "of the first"]);
        assert!(kept().marks.is_empty());
        // Of one key the latest word counts, and moving about alone writes nothing.
        noted(&mut one, 1, "after");
        first.see(one.clone(), Value::default).unwrap();
        assert_eq!(kept().notes["1"], "after");
        let before = kept();
        first.see(Saved { step: 99, ..one }, Value::default).unwrap();
        assert_eq!(kept(), before);
    }

    #[test]
    fn a_session_that_took_nothing_up_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        let mut old = State { layout: "as it was".into(), ..State::default() };
        old.session.step = 70;
        noted(&mut old.session, 7, "kept");
        old.session.displays.push("r0".into());
        store.save("run", &old).unwrap();
        let mut fresh = Keeper::new(store.clone(), "run").fresh();
        fresh.see(Saved::default(), Value::default).unwrap();
        let mut mine = Saved { step: 3, ..Saved::default() };
        noted(&mut mine, 8, "new");
        mine.displays.push("r1".into());
        fresh.keep(mine, Value::default()).unwrap();
        let State { session, layout, .. } = store.load("run").unwrap().unwrap();
        assert_eq!(layout, "as it was");
        assert_eq!(session.notes.into_values().collect::<Vec<_>>(), ["kept", "new"]);
        assert_eq!((session.step, session.displays), (70, vec!["r1".to_owned(), "r0".to_owned()]));
    }
}
