//! Movement to breakpoints and watchpoints: what stops a movement, and where it stands then.
//!
//! ```text
//! forward     from ●───────────▶│ breakpoint: before its step      ▶ watchpoint: behind its step
//! backward    watchpoint: behind the write before this one │◀──────────● from
//! ```
//!
//! Breakpoints in code are met at full speed (the source does that, conditions too). Anything else is
//! a query that the source answers; on a movement with both, places become part of the query.
//! Past the known end of a live run with watchpoints the program runs ahead by short, growing stretches, and
//! the nearest hit in them is where the cursor stops.

use super::arrivals::judged;
use super::scope::given_up;
use super::{Control, Direction, Failure, Goal, Hit, Session, Stop};
use crate::moment::{Breakpoint, Place, Waits, Why};

/// The first stretch a live program runs ahead when watchpoints are looked for, and the longest.
const AHEAD: (u64, u64) = (1 << 10, 1 << 20);

/// So many parts of a query are told apart in what is found.
const TOLD_APART: usize = 64;

/// A place as a query of the run.
pub(super) fn place_query(place: Place) -> String {
    match place {
        Place::Func(func) => format!("func {func}"),
        Place::Ip(func, ip) => format!("ip {func}+{ip}"),
        Place::Pc(module, pc) => format!("pc {module}:{pc:#x}"),
    }
}

/// What is looked for: one query, and whose each of its parts is.
struct Looking {
    query: String,
    /// For each part: which breakpoint, and whether it stands behind its step.
    parts: Vec<(usize, bool)>,
}

impl Session {
    /// Moves once, stopping at breakpoints and watchpoints that are on.
    pub(super) fn go(
        &mut self,
        goal: Goal,
        direction: Direction,
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        let on: Vec<Breakpoint> = self.breakpoints.iter().filter(|it| it.enabled).cloned().collect();
        self.go_among(on, goal, direction, control)
    }

    /// The same with other breakpoints than the session's.
    pub(super) fn go_among(
        &mut self,
        on: Vec<Breakpoint>,
        goal: Goal,
        direction: Direction,
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        let stepping = matches!(goal, Goal::Steps(_) | Goal::Into);
        let from = self.cursor;
        let mut at = from;
        loop {
            let stop = match stepping || !on.iter().any(|it| matches!(it.waits, Waits::For { .. })) {
                true => self.travel_among(at, goal, direction, &on, control)?,
                false => self.go_looking(at, goal, direction, &on, control)?,
            };
            let Why::Breakpoint(id) = stop.why else { return Ok(stop) };
            // What the source could not ask is asked here.
            let asked = on.iter().find(|it| it.id == id).filter(|it| !judged(it, direction));
            let stops = asked.map_or(Ok(true), |it| self.stops_at(it, stop.step, control))?;
            if !stops || self.ignored(id) {
                given_up(control)?;
                at = stop.step;
                if goal == Goal::Continue {
                    continue;
                }
                return self.go_on_from(from, at, goal, direction, control);
            }
            if !self.breakpoints.iter().any(|it| it.id == id) {
                return Ok(stop);
            }
            self.stopped(id, stop.step);
            // Others that wait there have stopped it as well.
            for other in on.iter().filter(|it| it.id != id) {
                if self.waits_here(other, stop.step)? && self.stops_at(other, stop.step, control)? {
                    self.stopped(other.id, stop.step);
                }
            }
            return Ok(stop);
        }
    }

    /// Whether a breakpoint is to be passed once more; then it is that often less.
    fn ignored(&mut self, id: u32) -> bool {
        let ignoring = self.breakpoints.iter_mut().find(|it| it.id == id && it.ignore > 0);
        ignoring.is_some_and(|breakpoint| {
            breakpoint.ignore -= 1;
            true
        })
    }

    fn travel_among(
        &mut self,
        from: u64,
        goal: Goal,
        direction: Direction,
        on: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        let asked = self.asked(on, from, direction, control)?;
        self.source.travel(from, goal, direction, &asked, control)
    }

    /// Goes on with `over` or `out`, begun at `from`, behind a breakpoint at `at` that did not stop.
    fn go_on_from(
        &mut self,
        from: u64,
        at: u64,
        goal: Goal,
        direction: Direction,
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        let depth = |session: &mut Session, step| session.source.state(step).map(|state| state.depth());
        let wanted = depth(self, from)?;
        let mut step = at;
        loop {
            let inside = depth(self, step)?;
            let (done, goal) = match goal {
                Goal::Over => (inside <= wanted, if inside == wanted { Goal::Over } else { Goal::Out }),
                _ => (inside < wanted, Goal::Out),
            };
            if done && step != at {
                return Ok(Stop { step, why: Why::Done });
            }
            given_up(control)?;
            let cursor = std::mem::replace(&mut self.cursor, step);
            let stop = self.go(goal, direction, control);
            self.cursor = cursor;
            let stop = stop?;
            if stop.why != Why::Done {
                return Ok(stop);
            }
            step = stop.step;
        }
    }

    /// The same where watchpoints are on.
    fn go_looking(
        &mut self,
        from: u64,
        goal: Goal,
        direction: Direction,
        on: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        let with_places = goal == Goal::Continue;
        let mut looking = Looking { query: String::new(), parts: Vec::new() };
        for (at, breakpoint) in on.iter().enumerate() {
            let parts: Vec<(String, bool)> = match &breakpoint.waits {
                Waits::For { query, behind } => {
                    query.split(" or ").map(|it| (it.to_owned(), *behind)).collect()
                }
                Waits::At(places) if with_places => {
                    places.iter().map(|&it| (place_query(it), false)).collect()
                }
                Waits::At(_) => Vec::new(),
            };
            for (query, behind) in parts {
                looking.query += if looking.query.is_empty() { "" } else { " or " };
                looking.query += &query;
                looking.parts.push((at, behind));
            }
        }
        if looking.parts.len() > TOLD_APART {
            let what = "places and queries cannot be waited for at once while something is watched";
            return Err(Failure(format!("more than {TOLD_APART} {what}")));
        }
        if with_places {
            return match direction {
                Direction::Forward => self.look_forward(from, &looking, on, control),
                Direction::Backward => self
                    .look_backward(self.source.begin(), from, &looking, on, control)
                    .map(|found| found.unwrap_or(Stop { step: self.source.begin(), why: Why::Start })),
            };
        }
        let stop = self.travel_among(from, goal, direction, on, control)?;
        let found = match direction {
            Direction::Forward => self.look_between(from, stop.step, &looking, on, control)?,
            Direction::Backward => self.look_backward(stop.step, from, &looking, on, control)?,
        };
        Ok(found.filter(|it| it.step != stop.step).unwrap_or(stop))
    }

    fn look_forward(
        &mut self,
        from: u64,
        looking: &Looking,
        on: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        let (mut known, mut ahead) = (self.source.end().step, AHEAD.0);
        if let Some(stop) = self.look_between(from, known, looking, on, control)? {
            return Ok(stop);
        }
        loop {
            if !self.source.run_end().can_grow() {
                return Ok(Stop { step: known, why: Why::End });
            }
            if control.cancelled() {
                return Ok(Stop { step: known, why: Why::Cancelled });
            }
            let stop = self.source.travel(known, Goal::Steps(ahead), Direction::Forward, &[], control)?;
            if let Some(found) = self.look_between(known, stop.step, looking, on, control)? {
                return Ok(found);
            }
            if stop.why != Why::Done {
                return Ok(stop);
            }
            known = stop.step;
            ahead = (ahead * 2).min(AHEAD.1);
        }
    }

    /// The first place to stand at behind `from`, of steps before `to`.
    fn look_between(
        &mut self,
        from: u64,
        to: u64,
        looking: &Looking,
        on: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Option<Stop>, Failure> {
        let mut at = from;
        let mut seen: Option<(u64, usize)> = None;
        while at < to {
            let mut found = None;
            let last = seen;
            self.source.find_all(at..to, &looking.query, control, &mut |hit: Hit| {
                let (_, behind) = looking.parts[hit.part];
                let passed = !behind && hit.step == from || last == Some((hit.step, hit.part));
                if !passed {
                    found = Some(hit);
                }
                passed
            })?;
            let Some(hit) = found else { return Ok(None) };
            if let Some(stop) = self.stand(hit, looking, on, control)? {
                return Ok(Some(stop));
            }
            given_up(control)?;
            // Not this one: on from here, but not to it again.
            seen = Some((hit.step, hit.part));
            at = hit.step + 1;
        }
        Ok(None)
    }

    /// The last place to stand at before `from`, but behind `floor`.
    fn look_backward(
        &mut self,
        floor: u64,
        from: u64,
        looking: &Looking,
        on: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Option<Stop>, Failure> {
        let mut at = from;
        while at > floor {
            let Some(hit) = self.source.find(at, Direction::Backward, &looking.query, control)? else {
                return Ok(None);
            };
            if hit.step < floor {
                return Ok(None);
            }
            let (_, behind) = looking.parts[hit.part];
            let here = behind && hit.step + 1 >= from;
            if !here && let Some(stop) = self.stand(hit, looking, on, control)? {
                return Ok(Some(stop));
            }
            given_up(control)?;
            at = hit.step;
        }
        Ok(None)
    }

    /// Where to stand for a hit, if its condition holds there.
    fn stand(
        &mut self,
        hit: Hit,
        looking: &Looking,
        on: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Option<Stop>, Failure> {
        let (at, behind) = looking.parts[hit.part];
        let step = hit.step + u64::from(behind);
        let stop = Stop { step, why: Why::Breakpoint(on[at].id) };
        Ok(self.stops_at(&on[at], step, control)?.then_some(stop))
    }
}
