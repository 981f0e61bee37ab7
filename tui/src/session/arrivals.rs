//! Coming to where a breakpoint waits: which times count, and how many there were before.
//!
//! ```text
//! main.c:12   ▶ first place   second place, still in the line    line 13    ▶ first place again
//! hits        1                                                              2
//! ```
//!
//! A line can begin at several places, as in functions inlined more than once; while the same call stays in it, it
//! is come to once. `hits` counts from the start of the run, so that it is the same wherever one comes from; what must
//! hold besides must hold to be counted.
//! Elsewhere: the movement (`go`), which asks this of what the source has not judged itself.

use super::{Control, Direction, Failure, Goal, Session};
use crate::expr::{Expr, Word};
use crate::moment::{Breakpoint, Place, Waits};
use crate::session::asks_machine_only;

/// Among so many arrivals the number of one is kept, so that counting need not begin at the start.
const APART: u64 = 1024;

/// What a condition asks besides `hits`, and what it asks of that.
fn parts(breakpoint: &Breakpoint) -> (Option<Expr>, Option<Expr>) {
    match &breakpoint.condition {
        Some(condition) => condition.parted(&|it| !it.asks(Word::Hits)),
        None => (None, None),
    }
}

/// Whether the source can judge all of a breakpoint while it moves.
pub(super) fn judged(breakpoint: &Breakpoint, direction: Direction) -> bool {
    let counts = breakpoint.condition.as_ref().is_some_and(|it| it.asks(Word::Hits));
    breakpoint.places().len() == 1
        && breakpoint.condition.as_ref().is_none_or(asks_machine_only)
        && (direction == Direction::Forward || !counts)
}

impl Session {
    /// Breakpoints as the source is asked to stop at them, on a way from `from`.
    pub(super) fn asked(
        &mut self,
        on: &[Breakpoint],
        from: u64,
        direction: Direction,
        control: &Control<'_>,
    ) -> Result<Vec<Breakpoint>, Failure> {
        let mut asked = Vec::new();
        for breakpoint in on {
            let mut it = breakpoint.clone();
            let (rest, counted) = parts(breakpoint);
            if !judged(breakpoint, direction) {
                it.condition = rest.and_then(|rest| rest.parted(&asks_machine_only).0);
            } else if counted.is_some() {
                // That at which one stands is one of them.
                let here = self.waits_here(breakpoint, from)?
                    && self.counts(breakpoint, rest.as_ref(), from, control)?;
                it.before = self.arrivals(breakpoint, from, control)? + u64::from(here);
            }
            asked.push(it);
        }
        Ok(asked)
    }

    /// Whether a breakpoint stops at a step where it waits.
    pub(super) fn stops_at(
        &mut self,
        breakpoint: &Breakpoint,
        step: u64,
        control: &Control<'_>,
    ) -> Result<bool, Failure> {
        let (rest, counted) = parts(breakpoint);
        if !self.counts(breakpoint, rest.as_ref(), step, control)? {
            return Ok(false);
        }
        let Some(counted) = counted else { return Ok(true) };
        let number = self.arrivals(breakpoint, step, control)? + 1;
        self.holds(&counted, step, Some(number))
    }

    /// Notes that a breakpoint has stopped a movement; again at the same step is no other stop.
    pub(super) fn stopped(&mut self, id: u32, step: u64) {
        if self.stopped.insert((id, step))
            && let Some(breakpoint) = self.breakpoints.iter_mut().find(|it| it.id == id)
        {
            breakpoint.stops += 1;
        }
    }

    /// Whether one of its places is where the program stands.
    pub(super) fn waits_here(&mut self, breakpoint: &Breakpoint, step: u64) -> Result<bool, Failure> {
        let state = self.source.state(step)?;
        let frame = state.depth().checked_sub(1).and_then(|at| state.frame(at));
        drop(state);
        let Some(frame) = frame else { return Ok(false) };
        let listing = self.listing(frame.func)?;
        // What only structures the code is the next op's.
        let ops = &listing.code.ops;
        let stands = |pc: u32| {
            let at = listing.op_of(pc).or_else(|| ops.iter().position(|op| op.pc >= pc))?;
            Some(ops[at].ip)
        };
        Ok(breakpoint.places().iter().any(|place| match *place {
            Place::Func(func) => (func, 0) == (frame.func, frame.ip),
            Place::Ip(func, ip) => (func, ip) == (frame.func, frame.ip),
            Place::Pc(module, pc) => module == frame.func.module && stands(pc) == Some(frame.ip),
        }))
    }

    /// Whether it is come to at a step, and what must hold besides `hits` holds.
    fn counts(
        &mut self,
        breakpoint: &Breakpoint,
        rest: Option<&Expr>,
        step: u64,
        control: &Control<'_>,
    ) -> Result<bool, Failure> {
        if breakpoint.places().len() > 1 && self.stays(step, control)? {
            return Ok(false);
        }
        rest.map_or(Ok(true), |rest| self.holds(rest, step, None))
    }

    /// Whether the call that is on at a step was in the same line of the source before.
    fn stays(&mut self, step: u64, control: &Control<'_>) -> Result<bool, Failure> {
        let before = self.source.travel(step, Goal::Over, Direction::Backward, &[], control)?.step;
        let (now, then) = (self.line_at(step)?, self.line_at(before)?);
        let entered = |session: &mut Session, step| -> Result<Option<u64>, Failure> {
            let state = session.source.state(step)?;
            Ok(state.depth().checked_sub(1).and_then(|at| state.frame(at)).map(|frame| frame.entered))
        };
        Ok(before < step && now.is_some() && now == then && entered(self, step)? == entered(self, before)?)
    }

    /// How often it was come to at steps before that one.
    fn arrivals(
        &mut self,
        breakpoint: &Breakpoint,
        step: u64,
        control: &Control<'_>,
    ) -> Result<u64, Failure> {
        let (rest, _) = parts(breakpoint);
        let (query, behind) = match &breakpoint.waits {
            Waits::For { query, behind } => (query.clone(), u64::from(*behind)),
            Waits::At(places) => {
                let queries: Vec<String> = places.iter().map(|&it| super::go::place_query(it)).collect();
                (queries.join(" or "), 0)
            }
        };
        let key = rest.as_ref().map_or_else(|| query.clone(), |rest| format!("{query} if {rest}"));
        let known = self.arrived.entry(key.clone()).or_default();
        let at = known.partition_point(|it| it.0 <= step);
        let (from, mut count) = at.checked_sub(1).map_or((0, 0), |at| known[at]);
        let mut kept = Vec::new();
        let mut arrive = |at: u64| {
            count += 1;
            if count.is_multiple_of(APART) {
                kept.push((at + 1, count));
            }
        };
        // Where nothing else has to be asked there may be millions, of which none is remembered.
        let all = breakpoint.places().len() <= 1 && rest.is_none();
        let mut asked = Vec::new();
        let from = from.saturating_sub(behind);
        let to = step.saturating_sub(behind).min(self.source.end().step).max(from);
        self.source.find_all(from..to, &query, control, &mut |hit| {
            let at = hit.step + behind;
            match all {
                true => arrive(at),
                false if asked.last() != Some(&at) => asked.push(at),
                false => {}
            }
            true
        })?;
        for at in asked {
            super::scope::given_up(control)?;
            if self.counts(breakpoint, rest.as_ref(), at, control)? {
                arrive(at);
            }
        }
        kept.push((step, count));
        let known = self.arrived.entry(key).or_default();
        for it in kept {
            if let Err(at) = known.binary_search_by_key(&it.0, |it| it.0) {
                known.insert(at, it);
            }
        }
        Ok(count)
    }
}
