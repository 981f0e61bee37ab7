//! Searching the run: `/`, `;`, `,`, the filter of the flow list, and lists of hits.
//!
//! ```text
//! /memset            a regular expression: op text, name of the function entered, name of what is called
//! /op i32.store      a query of the run, as in `wasmscope find`
//! /r3 == 7 && op =~ store      a predicate
//! ```
//!
//! A text that begins with a word of a query is one; else one that reads as a predicate with an
//! operator is one; else it is a regular expression. A regular expression becomes places in code and
//! names of host functions, which are met at full speed; a predicate is asked at every step, which is
//! slower, so `op ==`, `addr in` and the like are turned into a query first where they can be.

use super::scope::{asks_event_only, given_up};
use super::written::Chosen;
use super::{Control, Direction, Failure, Hit, Session};
use crate::expr::{Expr, Word};
use crate::moment::Why;
use std::ops::Range;
use std::sync::Arc;

/// What is looked for.
#[derive(Clone, Debug)]
pub(super) struct Search {
    /// As it was typed.
    pub(super) text: String,
    /// What the run is asked; `None`: every step.
    query: Option<String>,
    /// What must hold at a step that meets the query.
    predicate: Option<Expr>,
    /// The only ops at which that can be, if they are known.
    chosen: Option<Arc<Chosen>>,
}

/// The words a query of the run begins with.
const WORDS: [&str; 13] =
    ["pc", "func", "ip", "op", "outcome", "trap", "host", "read", "write", "access", "mem", "global", "slot"];

/// So many steps are asked at once.
const MANY: u64 = 1 << 14;
/// How many times that is looked through for the lines of a list that is on the screen.
const FAR: u64 = 16;
/// The most steps of a filter that are kept.
const KEPT: usize = 1 << 20;
/// The most steps listed by `find`.
pub(super) const LISTED: usize = 1000;

impl Session {
    /// Reads what to look for.
    pub(super) fn search_of(&mut self, text: &str) -> Result<Search, Failure> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Failure("what to look for is missing: a regular expression, or op i32.store".into()));
        }
        let made = |query, predicate, chosen: Option<Chosen>| {
            Ok(Search { text: text.to_owned(), query, predicate, chosen: chosen.map(Arc::new) })
        };
        let first = text.split_whitespace().next().unwrap_or_default();
        let second = text[first.len()..].trim_start();
        let compares = ["==", "=~", "!=", "<", ">", "=", "in "].iter().any(|it| second.starts_with(it));
        if WORDS.contains(&first) && !compares && (first == "trap" || first == "host" || !second.is_empty()) {
            let query = self.source.query(text, self.cursor).map_err(|error| match text.contains("&&") {
                true => Failure(format!(
                    "{error}; a query such as '{first} …' stands alone, conditions are joined: func == \"main\" && r0 > 3"
                )),
                false => error,
            });
            return made(Some(query?), None, None);
        }
        if Expr::is_meant(text) {
            let expr = Expr::parse(text).map_err(|error| Failure(error.to_string()))?;
            self.check_names(&[], &expr)?;
            let chosen = self.choose(&expr)?;
            if let Some(query) = chosen.as_ref().and_then(Chosen::query) {
                return made(Some(query), None, None);
            }
            let query = match expr.conjunct_text(Word::Op) {
                Some(op) => Some(format!("op {op}")),
                None => match expr.conjunct_range(Word::Addr) {
                    Some((from, end)) => Some(format!("access {from:#x}..{end:#x}")),
                    None => expr.conjunct_text(Word::Outcome).map(|it| format!("outcome {it}")),
                },
            };
            let query = match query {
                Some(query) => self.source.query(&query, self.cursor).ok(),
                None => None,
            };
            return made(query, Some(expr), chosen);
        }
        let query = self.source.matching(text).map_err(|error| {
            // `value 777` is what one types who has seen `write 0x400`.
            match Word::ALL.iter().any(|it| it.1 == first) && !second.is_empty() {
                true => Failure(format!("{error}; a condition is written {first} == {second}")),
                false => error,
            }
        })?;
        made(Some(query), None, None)
    }

    /// Goes to the nearest step that matches.
    pub(super) fn search(
        &mut self,
        search: Search,
        direction: Direction,
        count: u64,
        control: &Control<'_>,
    ) -> Result<Option<String>, Failure> {
        let from = self.cursor;
        self.search = Some(search.clone());
        for _ in 0..count.max(1) {
            let start = match direction {
                Direction::Forward => self.cursor + 1,
                Direction::Backward => self.cursor,
            };
            match self.nearest(&search, start, direction, control)? {
                Some(step) => {
                    self.cursor = step;
                    self.why = Why::Done;
                }
                None => {
                    self.visit(from);
                    let which = if direction == Direction::Forward { "further on" } else { "before" };
                    return Err(Failure(format!("nothing matches {} {which}", search.text)));
                }
            }
        }
        self.visit(from);
        Ok(None)
    }

    /// The nearest step from `from` on, or before it, that matches.
    pub(super) fn nearest(
        &mut self,
        search: &Search,
        from: u64,
        direction: Direction,
        control: &Control<'_>,
    ) -> Result<Option<u64>, Failure> {
        if let (Some(predicate), Some(chosen)) = (&search.predicate, &search.chosen) {
            return self.nearest_chosen((predicate, chosen), from, direction, control, &mut |_| false);
        }
        if let (None, Some(predicate)) = (&search.query, &search.predicate)
            && asks_event_only(predicate)
        {
            return self.nearest_told(predicate, from, direction, control);
        }
        let mut at = from;
        loop {
            let found = match &search.query {
                Some(query) => self.source.find(at, direction, query, control)?.map(|hit| hit.step),
                None => match direction {
                    Direction::Forward => (at < self.source.end().step).then_some(at),
                    Direction::Backward => at.checked_sub(1),
                },
            };
            let Some(step) = found else { return Ok(None) };
            if self.meets(search, step)? {
                return Ok(Some(step));
            }
            given_up(control)?;
            if step.is_multiple_of(64) {
                (control.progress)(step);
            }
            at = if direction == Direction::Forward { step + 1 } else { step };
        }
    }

    /// The same for a predicate that asks the event only: events pass by.
    fn nearest_told(
        &mut self,
        predicate: &Expr,
        from: u64,
        direction: Direction,
        control: &Control<'_>,
    ) -> Result<Option<u64>, Failure> {
        let mut at = from;
        loop {
            let range = match direction {
                Direction::Forward => at..(at + MANY).min(self.source.end().step),
                Direction::Backward => at.saturating_sub(MANY)..at,
            };
            if range.is_empty() {
                return Ok(None);
            }
            at = if direction == Direction::Forward { range.end } else { range.start };
            if let Some(step) = self.told(predicate, range, direction)? {
                return Ok(Some(step));
            }
            given_up(control)?;
            (control.progress)(at);
        }
    }

    fn meets(&mut self, search: &Search, step: u64) -> Result<bool, Failure> {
        match &search.predicate {
            Some(predicate) => self.holds(predicate, step, None),
            None => Ok(true),
        }
    }

    /// Gives the steps of the run that match to `found`, in order, until that says no.
    fn each(
        &mut self,
        search: &Search,
        control: &Control<'_>,
        found: &mut dyn FnMut(u64) -> bool,
    ) -> Result<(), Failure> {
        if let (Some(predicate), Some(chosen)) = (&search.predicate, &search.chosen) {
            let what = (predicate, chosen.as_ref());
            return self.nearest_chosen(what, 0, Direction::Forward, control, found).map(drop);
        }
        if let (Some(query), None) = (&search.query, &search.predicate) {
            let end = self.source.end().step;
            return self.source.find_all(0..end, query, control, &mut |hit: Hit| found(hit.step));
        }
        let (mut at, end) = (0, self.source.end().step);
        while at < end {
            let range = at..(at + MANY).min(end);
            at = range.end;
            for step in self.matching_in(search, range, control)? {
                if !found(step) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The steps of a range that match, in order.
    fn matching_in(
        &mut self,
        search: &Search,
        range: Range<u64>,
        control: &Control<'_>,
    ) -> Result<Vec<u64>, Failure> {
        let told = |it: &&Expr| search.query.is_none() && asks_event_only(it);
        let mut steps = Vec::new();
        given_up(control)?;
        (control.progress)(range.start);
        if let Some(predicate) = search.predicate.as_ref().filter(told) {
            let events = self.source.events(range)?;
            return Ok(events.iter().filter(|it| self.holds_of(predicate, it)).map(|it| it.step).collect());
        }
        match &search.query {
            Some(query) => self.source.find_all(range, query, control, &mut |hit: Hit| {
                steps.push(hit.step);
                true
            })?,
            None => steps.extend(range),
        }
        let mut matching = Vec::new();
        for step in steps {
            given_up(control)?;
            if self.meets(search, step)? {
                matching.push(step);
            }
        }
        Ok(matching)
    }

    /// Steps of the run that match, as far as `most`; and whether those are all.
    pub(super) fn matches(
        &mut self,
        search: &Search,
        most: usize,
        control: &Control<'_>,
    ) -> Result<(Vec<u64>, bool), Failure> {
        let mut steps = Vec::new();
        self.each(search, control, &mut |step| {
            steps.push(step);
            steps.len() <= most
        })?;
        let all = steps.len() <= most;
        steps.truncate(most);
        Ok((steps, all))
    }

    /// The nearest step that the filter lets through, from what is kept if that is all.
    pub(super) fn nearest_filtered(
        &mut self,
        from: u64,
        direction: Direction,
        control: &Control<'_>,
    ) -> Result<Option<u64>, Failure> {
        let Some((search, _)) = self.filter.clone() else { return Ok(None) };
        let whole = |it: &&Window| it.text == search.text && it.from_start && it.to_end;
        if let Some(window) = self.window.as_ref().filter(whole)
            && !self.source.run_end().can_grow()
        {
            let at = window.steps.partition_point(|&step| step < from);
            return Ok(match direction {
                Direction::Forward => window.steps.get(at).copied(),
                Direction::Backward => at.checked_sub(1).map(|at| window.steps[at]),
            });
        }
        self.nearest(&search, from, direction, control)
    }

    /// How many steps match.
    fn count(&mut self, search: &Search, control: &Control<'_>) -> Result<u64, Failure> {
        let mut count = 0;
        self.each(search, control, &mut |_| {
            count += 1;
            true
        })?;
        Ok(count)
    }

    /// Filters the flow list; how many steps match is counted first. Esc keeps the filter without the count.
    pub(super) fn filter(&mut self, text: &str, control: &Control<'_>) -> Result<Option<String>, Failure> {
        if text.trim().is_empty() {
            let was = self.filter.take();
            return Ok(Some(
                if was.is_some() { "all steps are listed again" } else { "no filter is on" }.into(),
            ));
        }
        let search = self.search_of(text)?;
        // Kept, so that moving about in the list asks nothing more.
        let (counted, steps, all) = match self.matches(&search, KEPT, control) {
            Ok((steps, true)) => (Some(steps.len() as u64), steps, true),
            Ok((steps, false)) => (self.count(&search, control).ok(), steps, false),
            Err(_) if control.cancelled() => (None, Vec::new(), false),
            Err(error) => return Err(error),
        };
        let message = match counted {
            Some(0) => return Err(Failure(format!("no step matches {text}; nothing is filtered"))),
            Some(1) => format!("1 step matches {text}"),
            Some(count) => format!("{} steps match {text}", crate::words::count(count)),
            None => format!("steps are filtered by {text}, not counted"),
        };
        self.search = Some(search.clone());
        self.window =
            all.then(|| Window { text: search.text.clone(), steps, from_start: true, to_end: true });
        self.filter = Some((search, counted));
        Ok(Some(message))
    }

    /// The steps around `about` that the filter lets through: at most so many before and after.
    pub(super) fn filtered(&mut self, about: u64, before: u64, after: u64) -> Result<Vec<u64>, Failure> {
        let Some((search, _)) = self.filter.clone() else { return Ok(Vec::new()) };
        if let Some(known) = self.filtered_around(about, before, after) {
            return Ok(known);
        }
        let never = std::sync::atomic::AtomicBool::new(false);
        let control = Control { cancel: &never, progress: &|_| {} };
        let (behind, from_start) = self.some(&search, about, Direction::Backward, before, &control)?;
        let (ahead, to_end) = self.some(&search, about, Direction::Forward, after, &control)?;
        let steps: Vec<u64> = behind.into_iter().rev().chain(ahead).collect();
        self.window = Some(Window { text: search.text, steps: steps.clone(), from_start, to_end });
        Ok(steps)
    }

    /// At most so many steps that match from `about` on, or before it, the nearest first; and whether the run
    /// ends there. A predicate that is asked at every step is asked at some only: nobody waits for a list to
    /// be drawn.
    fn some(
        &mut self,
        search: &Search,
        about: u64,
        direction: Direction,
        most: u64,
        control: &Control<'_>,
    ) -> Result<(Vec<u64>, bool), Failure> {
        let (mut steps, mut at) = (Vec::new(), about);
        let slow = search.query.is_none() && search.chosen.is_none();
        // What asks the machine takes a hundred times as long.
        let many = match &search.predicate {
            Some(predicate) if slow && !asks_event_only(predicate) => MANY / 64,
            _ => MANY,
        };
        let mut rounds = 0;
        while (steps.len() as u64) < most {
            if !slow {
                let Some(step) = self.nearest(search, at, direction, control)? else {
                    return Ok((steps, true));
                };
                steps.push(step);
                at = if direction == Direction::Forward { step + 1 } else { step };
                continue;
            }
            let range = match direction {
                Direction::Forward => at..at.saturating_add(many).min(self.source.end().step),
                Direction::Backward => at.saturating_sub(many)..at,
            };
            rounds += 1;
            if range.is_empty() || rounds > FAR {
                return Ok((steps, range.is_empty()));
            }
            at = if direction == Direction::Forward { range.end } else { range.start };
            let mut found = self.matching_in(search, range, control)?;
            if direction == Direction::Backward {
                found.reverse();
            }
            steps.extend(found);
        }
        steps.truncate(most as usize);
        Ok((steps, false))
    }

    /// The same from what was found before, if that reaches far enough.
    fn filtered_around(&self, about: u64, before: u64, after: u64) -> Option<Vec<u64>> {
        let (window, (search, _)) = (self.window.as_ref()?, self.filter.as_ref()?);
        if window.text != search.text || self.source.run_end().can_grow() {
            return None;
        }
        let at = window.steps.partition_point(|&step| step < about);
        let (behind, ahead) = (at as u64, (window.steps.len() - at) as u64);
        let enough = (window.from_start || behind >= before) && (window.to_end || ahead >= after);
        let inside = window.from_start || window.steps.first().is_some_and(|&first| first < about);
        (enough && inside).then(|| {
            let from = at.saturating_sub(before as usize);
            let to = window.steps.len().min(at + after as usize);
            window.steps[from..to].to_vec()
        })
    }
}

/// Steps that the filter let through, in order, without a gap.
#[derive(Debug)]
pub(super) struct Window {
    text: String,
    steps: Vec<u64>,
    from_start: bool,
    to_end: bool,
}
