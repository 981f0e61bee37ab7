//! What outlives a session: cursor, marks, notes, breakpoints, displays, the unit of a step.
//!
//! Kept as text that commands read (`break` lines), so that a state from another version that cannot be
//! understood in part loses that part only. Always: nothing here is written into a trace.
//! Elsewhere: the file it is in (`state`).

use super::{Session, Unit};
use crate::expr::Expr;
use crate::moment::{Breakpoint, Mode, Moment, Place, Waits};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use wasmscope_trace_format::FuncId;

/// A session, as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    /// The step of the cursor.
    pub step: u64,
    /// Marks: letter and step.
    pub marks: BTreeMap<char, u64>,
    /// Notes: step and text; keys are texts in the file.
    pub notes: BTreeMap<String, String>,
    /// Breakpoints and watchpoints.
    pub breakpoints: Vec<SavedStop>,
    /// Expressions shown at every step.
    pub displays: Vec<String>,
    /// What one step is.
    pub unit: Unit,
}

/// A breakpoint, as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedStop {
    /// Its words.
    pub text: String,
    /// Functions it stands at the first op of: module and index.
    pub funcs: Vec<(u32, u32)>,
    /// Ops it stands at: module, function and ip.
    pub ips: Vec<(u32, u32, u32)>,
    /// Operators it stands at: module and pc.
    pub pcs: Vec<(u32, u32)>,
    /// Or what it looks for.
    pub query: Option<String>,
    /// Whether it is a watchpoint.
    pub behind: bool,
    /// What must hold.
    pub condition: Option<String>,
    /// Whether it is off.
    pub off: bool,
    /// How often it is passed.
    pub ignore: u64,
}

impl SavedStop {
    fn of(stop: &Breakpoint) -> SavedStop {
        let mut saved = SavedStop {
            text: stop.text.clone(),
            condition: stop.condition.as_ref().map(ToString::to_string),
            off: !stop.enabled,
            ignore: stop.ignore,
            ..SavedStop::default()
        };
        for place in stop.places() {
            match *place {
                Place::Func(func) => saved.funcs.push((func.module, func.func)),
                Place::Ip(func, ip) => saved.ips.push((func.module, func.func, ip)),
                Place::Pc(module, pc) => saved.pcs.push((module, pc)),
            }
        }
        if let Waits::For { query, behind } = &stop.waits {
            (saved.query, saved.behind) = (Some(query.clone()), *behind);
        }
        saved
    }

    fn waits(&self) -> Waits {
        if let Some(query) = &self.query {
            return Waits::For { query: query.clone(), behind: self.behind };
        }
        let func = |module, func| FuncId { module, func };
        let funcs = self.funcs.iter().map(|&(module, at)| Place::Func(func(module, at)));
        let ips = self.ips.iter().map(|&(module, at, ip)| Place::Ip(func(module, at), ip));
        let pcs = self.pcs.iter().map(|&(module, pc)| Place::Pc(module, pc));
        Waits::At(funcs.chain(ips).chain(pcs).collect())
    }
}

/// A map as two have left it who both began with `base`: each change counts, that of `mine` where both changed one.
fn merged_map<K: Ord + Clone, V: PartialEq + Clone>(
    mine: &BTreeMap<K, V>,
    base: &BTreeMap<K, V>,
    theirs: &BTreeMap<K, V>,
) -> BTreeMap<K, V> {
    let keys: BTreeSet<&K> = mine.keys().chain(theirs.keys()).collect();
    let kept = |key: &K| match mine.get(key) == base.get(key) {
        true => theirs.get(key).cloned(),
        false => mine.get(key).cloned(),
    };
    keys.into_iter().filter_map(|key| Some((key.clone(), kept(key)?))).collect()
}

/// The same for lists, in the order of `mine`; what they have added comes behind.
fn merged_list<T: PartialEq + Clone>(mine: &[T], base: &[T], theirs: &[T]) -> Vec<T> {
    let removed = |it: &T| base.contains(it) && !theirs.contains(it);
    let added = |it: &T| !base.contains(it) && !mine.contains(it);
    let mine = mine.iter().filter(|it| !removed(it));
    mine.chain(theirs.iter().filter(|it| added(it))).cloned().collect()
}

impl Saved {
    /// This session together with another that was kept meanwhile; both began with `base`. Where one stands, and by
    /// what one steps, is this one's.
    pub fn merged(&self, base: &Saved, theirs: &Saved) -> Saved {
        Saved {
            step: self.step,
            unit: self.unit,
            marks: merged_map(&self.marks, &base.marks, &theirs.marks),
            notes: merged_map(&self.notes, &base.notes, &theirs.notes),
            breakpoints: merged_list(&self.breakpoints, &base.breakpoints, &theirs.breakpoints),
            displays: merged_list(&self.displays, &base.displays, &theirs.displays),
        }
    }

    /// What to keep of a session that shows this.
    pub fn of(now: &Moment) -> Saved {
        Saved {
            step: now.step,
            marks: now.marks.iter().copied().collect(),
            notes: now.notes.iter().map(|(step, text)| (step.to_string(), text.clone())).collect(),
            breakpoints: now.breakpoints.iter().map(SavedStop::of).collect(),
            displays: now.displays.iter().map(|it| it.text.clone()).collect(),
            unit: now.unit,
        }
    }
}

impl Session {
    /// Takes up what was kept; says what of it could not be.
    pub(super) fn restore(&mut self, saved: &Saved) -> Option<String> {
        let mut lost = 0;
        let end = self.source.end().step;
        // Of a live run nothing has run yet: only what is not about steps comes back.
        let live = self.about.mode == Mode::Live;
        for (&letter, &step) in saved.marks.iter().filter(|_| !live) {
            self.marks.insert(letter, step.min(end));
        }
        for (step, text) in saved.notes.iter().filter(|_| !live) {
            match step.parse() {
                Ok(step) => drop(self.notes.insert(step, text.clone())),
                Err(_) => lost += 1,
            }
        }
        let of_frame = |stop: &SavedStop| stop.query.as_ref().is_some_and(|it| it.contains("slot "));
        for stop in saved.breakpoints.iter().filter(|it| !live || !of_frame(it)) {
            let condition = stop.condition.as_ref().map(|text| Expr::parse(text)).transpose();
            let waits = match stop.waits() {
                Waits::For { query, behind } => {
                    self.source.query(&query, 0).ok().map(|query| Waits::For { query, behind })
                }
                Waits::At(places) if places.is_empty() => None,
                at => Some(at),
            };
            let (Ok(condition), Some(waits)) = (condition, waits) else {
                lost += 1;
                continue;
            };
            let id = self.next_breakpoint;
            self.next_breakpoint += 1;
            let mut made = Breakpoint::new(id, waits, stop.text.clone());
            (made.condition, made.enabled, made.ignore) = (condition, !stop.off, stop.ignore);
            self.breakpoints.push(made);
        }
        for text in &saved.displays {
            match Expr::parse(text) {
                Ok(expr) => self.displayed.push((self.displayed.len() as u32 + 1, expr)),
                Err(_) => lost += 1,
            }
        }
        self.unit = saved.unit;
        if saved.step > 0 && !live {
            self.stand_at(saved.step);
        }
        (lost > 0).then(|| format!("{lost} things of the last session could not be taken up"))
    }
}
