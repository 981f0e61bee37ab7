//! Breakpoints and watchpoints: set, changed, listed; places and values as people type them.
//!
//! ```text
//! break   fib   fib+0x1c   @0x1b3   main.c:12   op i32.store   outcome trap   host fd_write   [if EXPR]
//! watch   0x400   0x400..0x408   u32[sp+8]   r3   n   global counter   [if EXPR]
//! ```
//!
//! Always: a breakpoint stands before the step it waits for, a watchpoint behind it.

use super::{Failure, Session, place};
use crate::expr::{As, Expr};
use crate::moment::{Breakpoint, Home, Place, Waits, slot_label};
use crate::words;
use wasmscope_trace_format::FuncId;

/// The words that begin a query of the run in `break`.
const QUERIES: [&str; 6] = ["op", "outcome", "host", "trap", "read", "access"];

/// What stands before `if`, and the condition behind it.
pub(super) fn conditioned(text: &str) -> Result<(&str, Option<Expr>), Failure> {
    if text.ends_with(" if") {
        return Err(Failure("the condition behind 'if' is missing: n == 3 && depth > 4".into()));
    }
    let at = match text.strip_prefix("if ") {
        Some(_) => Some(0),
        None => text.find(" if ").map(|at| at + 1),
    };
    let Some(at) = at else { return Ok((text.trim(), None)) };
    let condition = &text[at + 3..];
    let expr = Expr::parse(condition).map_err(|error| Failure(format!("the condition, {error}")))?;
    Ok((text[..at].trim(), Some(expr)))
}

fn is_slot(text: &str) -> bool {
    text.strip_prefix('r').is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
}

impl Session {
    /// Sets a breakpoint by text; one that is there already, without a condition, is removed.
    pub(super) fn break_at(&mut self, text: &str) -> Result<String, Failure> {
        let (at, condition) = conditioned(text.trim())?;
        let (waits, shown) = self.waits(at)?;
        if let Some(condition) = &condition {
            self.check_names(&self.funcs_where(&waits), condition)?;
        }
        if condition.is_none()
            && let Some(at) =
                self.breakpoints.iter().position(|it| it.waits == waits && it.condition.is_none())
        {
            return Ok(self.remove(at));
        }
        Ok(self.add(waits, shown, condition))
    }

    /// What a breakpoint's text waits for.
    pub(super) fn waits(&mut self, text: &str) -> Result<(Waits, String), Failure> {
        let word = text.split_whitespace().next().unwrap_or_default();
        if text.is_empty() {
            let place = self.here()?;
            return Ok((Waits::At(vec![place]), place::place_text(place, self.source.as_mut())));
        }
        let is_query = QUERIES.contains(&word) && (text.contains(char::is_whitespace) || word == "trap");
        if is_query {
            // `outcome trap` is what people say.
            let rest = text[word.len()..].trim();
            let asked = if word == "outcome" && rest == "trap" { "trap" } else { text };
            let query = self.source.query(asked, self.cursor)?;
            return Ok((Waits::For { query, behind: false }, text.to_owned()));
        }
        if place::numbered(text).is_none()
            && let Some((file, line)) = text.rsplit_once(':')
            && let Ok(line) = line.parse::<u32>()
            && !file.ends_with(':')
        {
            let (shown, pcs) = self.source.line_places(file, line)?;
            return Ok((
                Waits::At(pcs.into_iter().map(|(module, pc)| Place::Pc(module, pc)).collect()),
                shown,
            ));
        }
        let place = place::parse_place(text, self.source.as_ref())?;
        Ok((Waits::At(vec![place]), place::place_text(place, self.source.as_mut())))
    }

    /// The op about to run.
    fn here(&mut self) -> Result<Place, Failure> {
        let state = self.source.state(self.cursor)?;
        let inner = state.depth().checked_sub(1).and_then(|at| state.frame(at));
        match inner {
            Some(frame) => Ok(Place::Ip(frame.func, frame.ip)),
            None => Err(Failure("nothing runs here; the code pane can set one anywhere".into())),
        }
    }

    /// A condition may only name what there is where it is asked: a misspelt name would never hold. Where it is
    /// asked in whichever function, there are `funcs` of none.
    pub(super) fn check_names(&mut self, funcs: &[FuncId], condition: &Expr) -> Result<(), Failure> {
        // A line may be in several functions, inlined.
        let listings: Vec<_> = funcs.iter().map(|&func| self.listing(func)).collect::<Result<_, _>>()?;
        let slots = || listings.iter().flat_map(|it| &it.code.slots);
        let name_of = listings.first().map_or_else(|| "any function".into(), |it| it.name());
        let refused =
            |column: usize, what: String| Failure(format!("the condition, column {column}: {what}"));
        for (column, slot) in condition.slots() {
            let lacks = |of: &str, last: Option<u32>| {
                let known = last.map_or("no slots".into(), |last| format!("r0 to r{last}"));
                refused(column, format!("{of} has no r{slot}, it has {known}"))
            };
            if listings.is_empty() {
                self.source.has_slot(slot).map_err(|last| lacks("the largest frame", last))?;
            } else if slots().all(|it| it.slot != slot) {
                return Err(lacks(&name_of, slots().map(|it| it.slot).max()));
            }
        }
        let globals = self.source.state(self.cursor)?.globals();
        for (column, name) in condition.names() {
            let local = match listings.is_empty() {
                true => self.source.has_local(name),
                false => slots().any(|it| it.name.as_deref() == Some(name)),
            };
            let number = name.parse().ok();
            let global =
                globals.iter().any(|it| it.name.as_deref() == Some(name) || Some(it.index) == number);
            if !local && !global {
                let known: Vec<&str> = slots().filter_map(|it| it.name.as_deref()).collect();
                let known = match (known.is_empty(), listings.is_empty()) {
                    (_, true) => "slots are r0, r1, …".to_owned(),
                    (true, _) => "its slots are r0, r1, …".to_owned(),
                    (false, _) => format!("it has {}", known.join(", ")),
                };
                // `disasm` calls parameters p0, other locals l1.
                let kind = slots().find(|it| it.kind.to_string() == name);
                let known = kind.map_or(known, |it| format!("that is r{}", it.slot));
                let what = format!("'{name}' is no local of {name_of} and no global; {known}");
                return Err(refused(column, what));
            }
        }
        Ok(())
    }

    /// The functions in which what a breakpoint waits for happens; none if that may be any.
    pub(super) fn funcs_where(&self, waits: &Waits) -> Vec<FuncId> {
        match waits {
            Waits::At(places) => self.funcs_of(places),
            Waits::For { .. } => Vec::new(),
        }
    }

    /// The functions that places are in.
    fn funcs_of(&self, places: &[Place]) -> Vec<FuncId> {
        let func = |place: &Place| match *place {
            Place::Func(func) | Place::Ip(func, _) => Some(func),
            Place::Pc(module, pc) => self.source.func_at(module, pc),
        };
        let mut funcs: Vec<FuncId> = places.iter().filter_map(func).collect();
        funcs.sort_unstable();
        funcs.dedup();
        funcs
    }

    fn add(&mut self, waits: Waits, text: String, condition: Option<Expr>) -> String {
        let id = self.next_breakpoint;
        self.next_breakpoint += 1;
        let breakpoint = Breakpoint { condition, ..Breakpoint::new(id, waits, text) };
        let kind = if breakpoint.watches() { "watchpoint" } else { "breakpoint" };
        let message = format!("{kind} {id} at {}", breakpoint.whole());
        self.breakpoints.push(breakpoint);
        message
    }

    fn remove(&mut self, at: usize) -> String {
        let gone = self.breakpoints.remove(at);
        let kind = if gone.watches() { "watchpoint" } else { "breakpoint" };
        format!("{kind} {} at {} removed", gone.id, gone.text)
    }

    /// Sets a breakpoint at a place, or removes those there.
    pub(super) fn toggle(&mut self, place: Place) -> Result<String, Failure> {
        if let Some(at) = self.breakpoints.iter().position(|it| it.places().contains(&place)) {
            return Ok(self.remove(at));
        }
        // The one that is seen at the op may have been set at its function, its pc or its line.
        if let Place::Ip(func, ip) = place {
            let listing = self.listing(func)?;
            let op = listing.code.op_at(ip).and_then(|op| Some((listing.op(op)?.pc, op == 0)));
            let there = |it: &Breakpoint| op.is_some_and(|(pc, first)| it.is_at(func, (ip, pc), first));
            if let Some(at) = self.breakpoints.iter().position(there) {
                return Ok(self.remove(at));
            }
        }
        let text = place::place_text(place, self.source.as_mut());
        Ok(self.add(Waits::At(vec![place]), text, None))
    }

    /// The same at the op about to run.
    pub(super) fn toggle_here(&mut self) -> Result<String, Failure> {
        let place = self.here()?;
        self.toggle(place)
    }

    /// The query for writes of what a text names, at the cursor, and its words.
    pub(super) fn writes_of(&mut self, text: &str) -> Result<(String, String), Failure> {
        let text = text.trim();
        // The slot of one activation, or the range of one memory: the run's own words.
        let (frame, memory) = (text.contains(" of "), text.starts_with("mem") && text.contains(':'));
        if frame || memory {
            let asked = format!("{} {text}", if frame { "slot" } else { "write" });
            return Ok((self.source.query(&asked, self.cursor)?, text.to_owned()));
        }
        let unsigned = |session: &mut Session, text: &str| -> Result<u64, Failure> {
            let expr = Expr::parse(text).map_err(|error| Failure(format!("'{text}', {error}")))?;
            let datum = session.eval(&expr, session.cursor)?;
            let datum = datum.map_err(|error| Failure(format!("'{text}', {error}")))?;
            datum.unsigned().ok_or_else(|| Failure(format!("'{text}' is no address")))
        };
        let range = |session: &mut Session, from: u64, end: u64| {
            if end <= from {
                return Err(Failure(format!("{from:#x}..{end:#x} is empty: the second address is the end")));
            }
            let asked = format!("write {from:#x}..{end:#x}");
            let shown = if end - from == 1 { format!("{from:#x}") } else { format!("{from:#x}..{end:#x}") };
            Ok((session.source.query(&asked, session.cursor)?, shown))
        };
        if let Some((from, end)) = text.split_once("..") {
            let (from, end) = (unsigned(self, from)?, unsigned(self, end)?);
            return range(self, from, end);
        }
        if let Some((ty, rest)) = text.split_once('[')
            && let Some(size) = As::named(ty.trim()).and_then(As::size)
            && let Some(addr) = rest.strip_suffix(']')
        {
            let from = unsigned(self, addr)?;
            return range(self, from, from + size as u64);
        }
        let state = self.source.state(self.cursor)?;
        let inner = state.depth().checked_sub(1);
        let slots = inner.map_or_else(Vec::new, |depth| state.slots(depth));
        let globals = state.globals();
        let func = inner.and_then(|depth| state.frame(depth)).map(|frame| frame.func);
        drop(state);
        // Slots that hold nothing yet can be waited for too.
        let listing = func.map(|func| self.listing(func)).transpose()?;
        let all = listing.as_ref().map_or(&[][..], |it| &it.code.slots);
        let name = text.strip_prefix("global ").unwrap_or(text).trim().trim_start_matches('$');
        if !text.starts_with("global ") {
            let held = slots.iter().filter(|it| it.home == Home::Own).map(|it| (it.slot, &it.name));
            let mut known = held.chain(all.iter().map(|it| (it.slot, &it.name)));
            let named =
                |it: &(u32, &Option<String>)| slot_label(it.0) == text || it.1.as_deref() == Some(name);
            if let Some((slot, name)) = known.find(named) {
                let (query, label) = (format!("slot r{slot}"), slot_label(slot));
                let shown = name.as_ref().map_or_else(|| label.clone(), |it| format!("{it} ({label})"));
                return Ok((self.source.query(&query, self.cursor)?, shown));
            }
        }
        let number = name.parse().ok().filter(|_| text != name);
        let global = globals.iter().find(|it| it.name.as_deref() == Some(name) || Some(it.index) == number);
        if let Some(global) = global {
            let query =
                self.source.query(&format!("global {}:{}", global.instance, global.index), self.cursor)?;
            return Ok((query, format!("global {name}")));
        }
        match unsigned(self, text) {
            Ok(addr) => range(self, addr, addr + 1),
            Err(_) if is_slot(text) => Err(Failure(match all.iter().map(|it| it.slot).max() {
                Some(last) => format!("the frame here has no {text}: it has r0 to r{last}"),
                None => "nothing runs here that has slots".into(),
            })),
            Err(_) => Err(Failure(format!(
                "'{text}' cannot be watched: 0x400, 0x400..0x408, u32[sp+8], r3, a local's name or global NAME"
            ))),
        }
    }

    /// Sets a watchpoint by text.
    pub(super) fn watch(&mut self, text: &str) -> Result<String, Failure> {
        let (what, condition) = conditioned(text.trim())?;
        if let Some(condition) = &condition {
            self.check_names(&[], condition)?;
        }
        let (query, mut shown) = self.writes_of(what)?;
        // A slot is that of one call, and is watched no longer than that.
        if query.starts_with("slot ") && !what.contains(" of ") {
            let state = self.source.state(self.cursor)?;
            let inner = state.depth().checked_sub(1).and_then(|at| state.frame(at));
            drop(state);
            if let Some(frame) = inner {
                let (name, since) = (self.name_of(frame.func), words::count(frame.entered));
                shown += &format!(" of {name}, the call since {since}");
            }
        }
        Ok(self.add(Waits::For { query, behind: true }, shown, condition))
    }

    /// The breakpoints a text means: a number, or all.
    fn meant(&self, text: &str) -> Result<Vec<usize>, Failure> {
        if text == "all" {
            return Ok((0..self.breakpoints.len()).collect());
        }
        if self.breakpoints.is_empty() {
            return Err(Failure("there are no breakpoints".into()));
        }
        let id: Option<u32> = text.parse().ok();
        match self.breakpoints.iter().position(|it| Some(it.id) == id) {
            Some(at) => Ok(vec![at]),
            None => {
                let ids: Vec<String> = self.breakpoints.iter().map(|it| it.id.to_string()).collect();
                Err(Failure(format!("'{text}' is no breakpoint: {} or all", ids.join(", "))))
            }
        }
    }

    /// Deletes breakpoints, or whatever else is kept: `mark a`, `note 120`, `display 1`.
    pub(super) fn delete(&mut self, text: &str) -> Result<String, Failure> {
        match text.trim().split_once(' ').map(|(word, rest)| (word, rest.trim())) {
            Some(("mark", letter)) => return self.unmark(letter),
            Some(("note", step)) => return self.unnote(step),
            Some(("display", id)) => return self.undisplay(id),
            _ => {}
        }
        let meant = self.meant(text)?;
        let told: Vec<String> = meant.into_iter().rev().map(|at| self.remove(at)).collect();
        Ok(match &told[..] {
            [one] => one.clone(),
            [] => "there are no breakpoints".into(),
            many => format!("{} breakpoints removed", many.len()),
        })
    }

    /// Lets breakpoints stop, or not.
    pub(super) fn enable(&mut self, text: &str, on: bool) -> Result<String, Failure> {
        let meant = self.meant(text)?;
        for &at in &meant {
            self.breakpoints[at].enabled = on;
        }
        let what = if on { "on" } else { "off" };
        Ok(match meant[..] {
            [at] => format!("breakpoint {} is {what}", self.breakpoints[at].id),
            [] => "there are no breakpoints".into(),
            _ => format!("{} breakpoints are {what}", meant.len()),
        })
    }

    /// Turns breakpoints off that are on, and the other way round.
    pub(super) fn flip(&mut self, text: &str) -> Result<String, Failure> {
        let on = self.meant(text)?.into_iter().any(|at| self.breakpoints[at].enabled);
        self.enable(text, !on)
    }

    /// Has a breakpoint passed some times: `2 100`.
    pub(super) fn ignore(&mut self, text: &str) -> Result<String, Failure> {
        let usage = || Failure("ignore takes a breakpoint's number and how often: ignore 1 100".into());
        let (id, times) = text.trim().split_once(char::is_whitespace).ok_or_else(usage)?;
        let times: u64 = times.trim().replace('_', "").parse().map_err(|_| usage())?;
        let mut told = Vec::new();
        for at in self.meant(id)? {
            self.breakpoints[at].ignore = times;
            let kind = if self.breakpoints[at].watches() { "watchpoint" } else { "breakpoint" };
            told.push(format!("{kind} {} will be passed {times} times", self.breakpoints[at].id));
        }
        Ok(told.join(" · "))
    }

    /// Gives a breakpoint a condition: `2 n == 3`; without one it always stops.
    pub(super) fn condition(&mut self, text: &str) -> Result<String, Failure> {
        let (id, condition) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let condition = match condition.trim().trim_start_matches("if ") {
            "" => None,
            text => Some(Expr::parse(text).map_err(|error| Failure(format!("the condition, {error}")))?),
        };
        let mut told = Vec::new();
        for at in self.meant(id)? {
            if let Some(condition) = &condition {
                self.check_names(&self.funcs_where(&self.breakpoints[at].waits), condition)?;
            }
            self.breakpoints[at].condition = condition.clone();
            let changed = &self.breakpoints[at];
            told.push(match changed.watches() {
                true => format!("watchpoint {} on {}", changed.id, changed.whole()),
                false => format!("breakpoint {} at {}", changed.id, changed.whole()),
            });
        }
        Ok(told.join(" · "))
    }
}
