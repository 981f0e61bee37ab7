//! Steps of other sizes: operators, basic blocks, iterations, calls, host calls, lines of the source.
//!
//! ```text
//! near     events around the cursor, window by window: most of what is looked for is there
//! far      a query of the run, where there is one for it
//! loop     breakpoints at the loop's head and at its ways out, at this depth
//! ```
//!
//! Always: a stride forwards ends behind the cursor or says why not; the capital undoes it, except that back
//! over a line goes to the line's start.

use super::scope::given_up;
use super::{Control, Direction, Failure, Goal, Session, Stop, Unit};
use crate::expr::Expr;
use crate::moment::{Breakpoint, Listing, Place, Waits, Why};
use std::sync::Arc;
use wasmscope_trace_format::{Event, Flow, FuncId, Outcome};

/// A size of step beyond the op.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stride {
    /// What one step is set to be.
    Unit,
    /// A WebAssembly operator.
    Operator,
    /// A basic block.
    Block,
    /// An iteration of the innermost loop.
    Iteration,
    /// A call of a function.
    Call,
    /// A call of a host function.
    HostCall,
    /// A line of the source.
    Line,
}

/// Events looked at before a query is asked, and at a time.
const NEAR: u64 = 1 << 15;
const WINDOW: u64 = 1 << 11;

/// What a line step compares: function, depth, file and line.
type LineOf = (FuncId, u32, Arc<str>, u32);

impl Session {
    /// A size of step as it is set to be; `None` for an op, so many of which are one movement.
    pub(super) fn sized(&self, stride: Stride) -> Option<Stride> {
        Some(match (stride, self.unit) {
            (Stride::Unit, Unit::Op) => return None,
            (Stride::Unit, Unit::Operator) => Stride::Operator,
            (Stride::Unit, Unit::Block) => Stride::Block,
            (Stride::Unit, Unit::Line) => Stride::Line,
            (Stride::Unit, Unit::Call) => Stride::Call,
            (other, _) => other,
        })
    }

    /// Makes one stride of a size that `sized` gives.
    pub(super) fn stride(
        &mut self,
        stride: Stride,
        direction: Direction,
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        match stride {
            Stride::Unit => unreachable!("it is one of the others"),
            Stride::Iteration => self.iteration(direction, control),
            Stride::Line => self.line(direction, false, control),
            Stride::HostCall => self.near_or_far(direction, control, Some("host"), &mut |_, event| {
                event.outcome == Outcome::HostCall
            }),
            Stride::Call => {
                let far = "outcome call or outcome tail_call";
                self.near_or_far(direction, control, Some(far), &mut |_, event| {
                    matches!(event.outcome, Outcome::Call | Outcome::TailCall)
                })
            }
            Stride::Operator => {
                let here = self.source.state(self.cursor)?.position().tick;
                self.near_or_far(direction, control, None, &mut |_, event| event.tick != here)
            }
            Stride::Block => self.near_or_far(direction, control, None, &mut |session, event| {
                session
                    .leaders(event.func)
                    .is_some_and(|leaders| leaders.get(event.op as usize).copied().unwrap_or(false))
            }),
        }
    }

    /// For each op of a function whether a basic block begins there.
    fn leaders(&mut self, func: FuncId) -> Option<Arc<Vec<bool>>> {
        if let Some(known) = self.leaders.get(&func) {
            return Some(known.clone());
        }
        let listing = self.listing(func).ok()?;
        let mut leaders = vec![false; listing.code.ops.len()];
        let mut lead = |at: Option<u32>| {
            if let Some(it) = at.and_then(|at| leaders.get_mut(at as usize)) {
                *it = true;
            }
        };
        lead(Some(0));
        for (at, op) in listing.code.ops.iter().enumerate() {
            for target in targets(&op.flow) {
                lead(listing.code.op_at(target));
            }
            if op.flow != Flow::Next {
                lead(Some(at as u32 + 1));
            }
        }
        let leaders = Arc::new(leaders);
        self.leaders.insert(func, leaders.clone());
        Some(leaders)
    }

    /// The nearest step for which `is` holds, among the events around, else by a query.
    fn near_or_far(
        &mut self,
        direction: Direction,
        control: &Control<'_>,
        far: Option<&str>,
        is: &mut dyn FnMut(&mut Session, &Event) -> bool,
    ) -> Result<Stop, Failure> {
        let done = |step| Ok(Stop { step, why: Why::Done });
        let from = self.cursor;
        let mut looked = 0;
        match direction {
            Direction::Forward => {
                let mut at = from + 1;
                loop {
                    if let Some(stop) = self.run_ahead(at, control)? {
                        return Ok(stop);
                    }
                    if far.is_some() && looked >= NEAR {
                        break;
                    }
                    let events = self.source.events(at..at.saturating_add(WINDOW))?;
                    let Some(last) = events.last() else { break };
                    let next = last.step + 1;
                    for event in events {
                        if is(self, &event) {
                            return done(event.step);
                        }
                    }
                    if control.cancelled() {
                        return Ok(Stop { step: next, why: Why::Cancelled });
                    }
                    (control.progress)(next);
                    looked += next - at;
                    at = next;
                }
                let far = far.unwrap_or_default();
                match self.source.find(at, direction, far, control)? {
                    Some(hit) => done(hit.step),
                    None => self.go(Goal::Steps(u64::MAX), direction, control),
                }
            }
            Direction::Backward => {
                let mut at = from;
                while at > 0 && !(far.is_some() && looked >= NEAR) {
                    let low = at.saturating_sub(WINDOW);
                    for event in self.source.events(low..at)?.into_iter().rev() {
                        if is(self, &event) {
                            return done(event.step);
                        }
                    }
                    if control.cancelled() {
                        return Ok(Stop { step: low, why: Why::Cancelled });
                    }
                    (control.progress)(low);
                    looked += at - low;
                    at = low;
                }
                let found = match far {
                    Some(far) if at > 0 => self.source.find(at, direction, far, control)?,
                    _ => None,
                };
                match found {
                    Some(hit) => done(hit.step),
                    None => Ok(Stop { step: self.source.begin(), why: Why::Start }),
                }
            }
        }
    }

    /// Has a live program run until the event of a step is known; the stop if it does not get there.
    fn run_ahead(&mut self, step: u64, control: &Control<'_>) -> Result<Option<Stop>, Failure> {
        let end = self.source.end().step;
        if step < end {
            return Ok(None);
        }
        if !self.source.run_end().can_grow() {
            return Ok(Some(Stop { step: end, why: Why::End }));
        }
        // So many steps as were made already, and few at first: the program runs for real.
        let ahead = (end - self.cursor.min(end)).clamp(1, WINDOW) + (step - end);
        let stop = self.source.travel(end, Goal::Steps(ahead), Direction::Forward, &[], control)?;
        let known = self.source.end().step > step;
        Ok((!known).then_some(stop))
    }

    /// To the next or previous iteration of the innermost loop around the cursor.
    fn iteration(&mut self, direction: Direction, control: &Control<'_>) -> Result<Stop, Failure> {
        let state = self.source.state(self.cursor)?;
        let inner = state.depth().checked_sub(1).and_then(|at| state.frame(at));
        drop(state);
        let frame = inner.ok_or_else(|| Failure("nothing runs here".into()))?;
        let listing = self.listing(frame.func)?;
        let found = innermost_loop(&listing, frame.ip)
            .ok_or_else(|| Failure(format!("no loop of {} is around this op", listing.name())))?;
        let at_depth = Expr::parse(&format!("depth == {}", frame.depth)).expect("it is an expression");
        let mut places = vec![found.head];
        if direction == Direction::Forward {
            places.extend(&found.exits);
        }
        let places: Vec<Place> = places.into_iter().map(|ip| Place::Ip(frame.func, ip)).collect();
        let mut stops = Breakpoint::new(0, Waits::At(places), String::new());
        stops.condition = Some(at_depth);
        let mut from = self.cursor;
        loop {
            let stop =
                self.source.travel(from, Goal::Out, direction, std::slice::from_ref(&stops), control)?;
            given_up(control)?;
            let stop = match stop.why {
                Why::Breakpoint(_) => Stop { why: Why::Done, ..stop },
                Why::Done | Why::Start if direction == Direction::Backward => {
                    return Err(Failure("this is where the loop begins: no iteration comes before".into()));
                }
                _ => return Ok(stop),
            };
            // At one depth there may have been other activations: of a callee called again.
            let entered = {
                let state = self.source.state(stop.step)?;
                state.frame(frame.depth).map(|it| it.entered)
            };
            if entered == Some(frame.entered) {
                return Ok(stop);
            }
            from = stop.step;
        }
    }

    /// The line of the innermost frame at a step.
    pub(super) fn line_at(&mut self, step: u64) -> Result<Option<LineOf>, Failure> {
        let state = self.source.state(step)?;
        let frame = state.depth().checked_sub(1).and_then(|at| state.frame(at));
        drop(state);
        let Some(frame) = frame else { return Ok(None) };
        let line = self.source.line(frame.func.module, frame.pc);
        Ok(line.map(|line| (frame.func, frame.depth, line.file, line.line)))
    }

    fn line_of(&self, event: &Event) -> Option<LineOf> {
        let line = self.source.line(event.func.module, event.pc)?;
        Some((event.func, event.depth, line.file, line.line))
    }

    /// To the next line of the source, or to the start of the previous one; `over` runs over calls.
    pub(super) fn line(
        &mut self,
        direction: Direction,
        over: bool,
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        if !self.source.has_lines() {
            return Err(Failure(
                "the program has no line numbers: it was built without debug information".into(),
            ));
        }
        let here = self.line_at(self.cursor)?;
        if over {
            return self.line_over(here, direction, control);
        }
        let mut passed = match direction {
            Direction::Forward => here,
            Direction::Backward => None,
        };
        let forward = direction == Direction::Forward;
        if forward {
            return self.near_or_far(direction, control, None, &mut |session, event| {
                let line = session.line_of(event);
                line.is_some() && line != passed
            });
        }
        // Back: to some other line (or the start of this one), then to where that began.
        let cursor = self.cursor;
        let mut start = None;
        let stop = self.near_or_far(direction, control, None, &mut |session, event| {
            let line = session.line_of(event);
            match &passed {
                None if line.is_some() => {
                    passed = line;
                    start = Some(event.step);
                    false
                }
                None => false,
                Some(_) if line == passed => {
                    start = Some(event.step);
                    false
                }
                Some(_) => true,
            }
        })?;
        Ok(match (stop.why, start) {
            (Why::Done | Why::Start, Some(step)) if step < cursor => Stop { step, why: Why::Done },
            (why, _) => Stop { step: stop.step, why },
        })
    }

    fn line_over(
        &mut self,
        here: Option<LineOf>,
        direction: Direction,
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        let from = self.cursor;
        let mut line = here;
        let mut moved = false;
        let result = loop {
            let before = self.cursor;
            let stop = self.go(Goal::Over, direction, control);
            let stop = match stop {
                Ok(stop) if stop.why == Why::Done => stop,
                other => break other,
            };
            self.cursor = stop.step;
            let now = self.line_at(stop.step)?;
            match direction {
                Direction::Forward if now.is_some() && now != line => break Ok(stop),
                Direction::Backward if now.is_some() && !moved => {
                    line = now;
                    moved = true;
                }
                Direction::Backward if moved && now.is_some() && now != line => {
                    break Ok(Stop { step: before, why: Why::Done });
                }
                _ => {}
            }
            if control.cancelled() {
                break Ok(Stop { step: stop.step, why: Why::Cancelled });
            }
            (control.progress)(stop.step);
        };
        self.cursor = from;
        result
    }
}

fn targets(flow: &Flow) -> Vec<u32> {
    match flow {
        Flow::Jump { target } | Flow::Branch { target } => vec![*target],
        Flow::Table { targets } => targets.clone(),
        _ => Vec::new(),
    }
}

/// A loop of a function's code.
struct Loop {
    head: u32,
    exits: Vec<u32>,
}

/// The smallest loop around an op: from the target of a jump backwards to the last such jump.
fn innermost_loop(listing: &Listing, ip: u32) -> Option<Loop> {
    let ops = &listing.code.ops;
    let mut best: Option<(u32, u32)> = None;
    for op in ops {
        for head in targets(&op.flow).into_iter().filter(|&head| head <= op.ip) {
            // All jumps back to one head are one loop; its end is the last of them.
            let end = match best {
                Some((known, end)) if known == head => end.max(op.ip),
                _ => op.ip,
            };
            let around = head <= ip && ip <= end;
            let smaller = best.is_none_or(|(known, _)| head >= known);
            if around && smaller {
                best = Some((head, end));
            }
        }
    }
    let (head, end) = best?;
    let inside = |ip: u32| head <= ip && ip <= end;
    let mut exits: Vec<u32> = Vec::new();
    for (at, op) in ops.iter().enumerate().filter(|(_, op)| inside(op.ip)) {
        exits.extend(targets(&op.flow).into_iter().filter(|&target| !inside(target)));
        let falls = !matches!(op.flow, Flow::Jump { .. } | Flow::Table { .. } | Flow::Return | Flow::Trap);
        exits.extend(ops.get(at + 1).map(|next| next.ip).filter(|&next| falls && !inside(next)));
    }
    exits.sort_unstable();
    exits.dedup();
    Some(Loop { head, exits })
}
