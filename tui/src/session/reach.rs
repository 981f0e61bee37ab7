//! Movement to what somebody names: a step, an op or a place in code, the write of a value.
//!
//! Always: what is not there leaves the cursor where it was, and says so.
//! Elsewhere: movement to breakpoints (`go`), by other sizes of step (`stride`).

use super::scope::given_up;
use super::stops::conditioned;
use super::{Control, Direction, Failure, Goal, Session, Target};
use crate::moment::{Breakpoint, Place, Slot, Waits, Why};
use crate::words;
use wasmscope_trace_format::{Flow, SlotKind};

/// The memory and the first byte of a query for writes to one.
fn byte_of(query: &str) -> Option<(u32, u64)> {
    let range = query.strip_prefix("write ")?;
    let (memory, range) = match range.split_once(':') {
        Some((memory, range)) => (memory.strip_prefix("mem")?.parse().ok()?, range),
        None => (0, range),
    };
    let first = range.split("..").next()?.strip_prefix("0x")?;
    Some((memory, u64::from_str_radix(first, 16).ok()?))
}

impl Session {
    /// Goes behind the newest write of a value before the cursor, or behind the next one. Where the write
    /// found last has brought the cursor to, the one before that is meant.
    pub(super) fn write_of(
        &mut self,
        text: &str,
        direction: Direction,
        control: &Control<'_>,
    ) -> Result<Option<String>, Failure> {
        let (query, shown) = self.writes_of(text)?;
        let from = self.cursor;
        let found = match direction {
            Direction::Forward => self.source.find(from, direction, &query, control)?,
            Direction::Backward => {
                let again = self.brought.as_ref().is_some_and(|(of, at)| (of, *at) == (&query, from));
                self.source.find(from - u64::from(again && from > 0), direction, &query, control)?
            }
        };
        match found {
            Some(hit) => {
                self.cursor = hit.step + 1;
                self.why = Why::Done;
                self.brought = Some((query, self.cursor));
                self.visit(from);
                let just = if self.cursor == from { ", the one just done" } else { "" };
                Ok(Some(format!("{shown} was written by step {}{just}", words::count(hit.step))))
            }
            None if direction == Direction::Backward && query.starts_with("slot ") => {
                // A parameter is made by the call.
                let state = self.source.state(from)?;
                let (label, entered) = match text.trim().split_once(" of ") {
                    Some((slot, frame)) => (slot, frame.rsplit_once('@').and_then(|it| it.1.parse().ok())),
                    None => (text.trim(), None),
                };
                let mut frames = (0..state.depth()).rev().filter_map(|at| state.frame(at));
                let inner = frames.find(|frame| entered.is_none_or(|at: u64| frame.entered == at));
                drop(frames);
                let slots = inner.as_ref().map_or_else(Vec::new, |frame| state.slots(frame.depth));
                drop(state);
                let named = |it: &&Slot| it.label() == label || it.name.as_deref() == Some(label);
                let Some(SlotKind::Param(param)) = slots.iter().find(named).map(|it| it.kind) else {
                    return Err(Failure(format!("{shown} was not written before in this frame")));
                };
                let params = slots.iter().filter(|it| matches!(it.kind, SlotKind::Param(_))).count();
                match inner.filter(|frame| frame.entered > 0) {
                    Some(frame) => {
                        let passed = self.argument(frame.entered - 1, params, param as usize)?;
                        (self.cursor, self.why) = (frame.entered - 1, Why::Done);
                        self.visit(from);
                        let on =
                            passed.as_ref().map_or_else(String::new, |it| format!("; Enter follows {it}"));
                        self.passed = passed.map(|label| (self.cursor, label));
                        Ok(Some(format!("{shown} is as the frame began: this call passes it{on}")))
                    }
                    None => Err(Failure(format!("{shown} has been so from the start of the run"))),
                }
            }
            None if direction == Direction::Backward
                && let Some((memory, addr)) = byte_of(&query) =>
            {
                self.never_written(memory, addr, &shown, control)
            }
            None => Err(Failure(match direction {
                Direction::Forward if self.source.run_end().can_grow() => {
                    format!("{shown} is not written any more, as far as the run is known")
                }
                Direction::Forward => format!("{shown} is not written any more"),
                Direction::Backward => {
                    format!("{shown} was not written before: it has been so from the start of the run")
                }
            })),
        }
    }

    /// Goes before the op that made what a text names: the first of them for which there is one.
    pub(super) fn follow(
        &mut self,
        texts: &[String],
        control: &Control<'_>,
    ) -> Result<Option<String>, Failure> {
        let mut first = None;
        for text in texts {
            match self.maker_of(text, control) {
                Ok(told) => {
                    self.followed = Some(self.cursor);
                    return Ok(told);
                }
                Err(failure) => {
                    given_up(control)?;
                    first.get_or_insert(failure);
                }
            }
        }
        Err(first.unwrap_or_else(|| Failure("nothing to follow here".into())))
    }

    fn maker_of(&mut self, text: &str, control: &Control<'_>) -> Result<Option<String>, Failure> {
        let (from, (_, shown)) = (self.cursor, self.writes_of(text)?);
        self.brought = None;
        let told = self.write_of(text, Direction::Backward, control)?;
        // Brought behind a write; to a call that passes the value, it stands before it already.
        let Some((_, at)) = self.brought.take().filter(|it| it.1 == self.cursor && it.1 > 0) else {
            return Ok(told);
        };
        self.cursor = at - 1;
        if at == from {
            self.visit(from);
        }
        Ok(Some(format!("{shown} is written by step {}, which is next", words::count(at - 1))))
    }

    /// The slot that has an argument of the call that a step makes, of so many.
    fn argument(&mut self, step: u64, params: usize, param: usize) -> Result<Option<String>, Failure> {
        let state = self.source.state(step)?;
        let caller = state.depth().checked_sub(1).and_then(|at| state.frame(at));
        drop(state);
        let Some(caller) = caller else { return Ok(None) };
        let listing = self.listing(caller.func)?;
        let calls = |&op: &u32| {
            let flow = listing.op(op).map(|op| &op.flow);
            matches!(flow, Some(Flow::Call { .. } | Flow::CallIndirect { .. }))
        };
        let op = listing.code.op_at(caller.ip).filter(calls);
        let reads = op.and_then(|op| listing.reads.get(op as usize)).map_or(&[][..], Vec::as_slice);
        // What decides whom it calls is read before its arguments.
        let first = reads.len().checked_sub(params);
        Ok(first.and_then(|first| reads.get(first + param)).map(|slot| format!("r{slot}")))
    }

    /// Of a byte that nothing has written before the cursor: goes behind the growth of the memory that made it, or
    /// says that it was there from the start.
    fn never_written(
        &mut self,
        memory: u32,
        addr: u64,
        shown: &str,
        control: &Control<'_>,
    ) -> Result<Option<String>, Failure> {
        let (from, begin) = (self.cursor, self.source.begin());
        let len = self.memory_len(memory, from)?;
        if addr >= len {
            return Err(Failure(format!("{shown} is outside the memory, which has {len:#x} bytes here")));
        }
        let mut at = from;
        let grew = self.memory_len(memory, begin)? <= addr;
        while grew && let Some(hit) = self.source.find(at, Direction::Backward, "op memory.grow", control)? {
            at = hit.step;
            if self.memory_len(memory, at)? <= addr {
                (self.cursor, self.why) = (at + 1, Why::Done);
                self.visit(from);
                let step = words::count(at);
                return Ok(Some(format!(
                    "{shown} came with the memory.grow of step {step}, and nothing wrote it"
                )));
            }
        }
        Err(Failure(match grew {
            // By a host function, or by another instance.
            true => format!("{shown} was not written before; it came when the memory grew"),
            false => format!("{shown} was not written before: it has been so from the start of the run"),
        }))
    }

    fn memory_len(&mut self, memory: u32, step: u64) -> Result<u64, Failure> {
        let memories = self.source.state(step)?.memories();
        Ok(memories.iter().find(|it| it.index == memory).map_or(0, |it| it.len))
    }

    /// Goes to a step.
    pub(super) fn goto(&mut self, target: Target, control: &Control<'_>) -> Result<Option<String>, Failure> {
        let (from, end) = (self.cursor, self.source.end().step);
        let step = match target {
            Target::Step(step) => step,
            Target::By(by) => from.saturating_add_signed(by),
            // Rounded up, so that it is that part of the run that is said to be done there.
            Target::Percent(percent) => (u128::from(end) * u128::from(percent.min(100))).div_ceil(100) as u64,
            Target::End => end,
        };
        let mut message = None;
        if step > end && self.source.run_end().can_grow() {
            // Past the known end of a live run: the program has to run there.
            let stop = self.source.travel(end, Goal::Steps(step - end), Direction::Forward, &[], control)?;
            self.cursor = stop.step;
            self.why = stop.why;
        } else {
            if step > end {
                message = Some(format!("the run has {} steps; this is the end", words::count(end)));
            }
            self.stand_at(step);
        }
        self.visit(from);
        Ok(message)
    }

    /// Goes to the next or previous run of an op.
    pub(super) fn run_of(
        &mut self,
        place: Place,
        direction: Direction,
        control: &Control<'_>,
    ) -> Result<Option<String>, Failure> {
        let only = [Breakpoint::new(0, Waits::At(vec![place]), String::new())];
        let from = self.cursor;
        let stop = self.source.travel(from, Goal::Continue, direction, &only, control)?;
        if let Why::Breakpoint(_) = stop.why {
            self.cursor = stop.step;
            self.why = Why::Done;
            self.visit(from);
            return Ok(None);
        }
        Ok(Some("this op does not run again".into()))
    }

    /// Goes to the nearest arrival at a place, by text.
    pub(super) fn run_to(
        &mut self,
        text: &str,
        direction: Direction,
        control: &Control<'_>,
    ) -> Result<Option<String>, Failure> {
        let number = text.trim().strip_prefix('#').and_then(|it| it.parse::<u32>().ok());
        let known = self.breakpoints.iter().find(|it| Some(it.id) == number);
        let mut only = match known {
            None if number.is_some() => {
                return Err(Failure(format!(
                    "there is no breakpoint {}",
                    text.trim().trim_start_matches('#')
                )));
            }
            Some(known) => Breakpoint { enabled: true, ignore: 0, ..known.clone() },
            None => {
                let (at, condition) = conditioned(text.trim())?;
                let (waits, shown) = self.waits(at)?;
                if let Some(condition) = &condition {
                    self.check_names(&self.funcs_where(&waits), condition)?;
                }
                Breakpoint { condition, ..Breakpoint::new(0, waits, shown) }
            }
        };
        only.id = 0;
        let (from, name) = (self.cursor, only.text.clone());
        let stop = self.go_among(vec![only], Goal::Continue, direction, control)?;
        if let Why::Breakpoint(_) = stop.why {
            (self.cursor, self.why) = (stop.step, Why::Done);
            self.visit(from);
            return Ok(None);
        }
        if stop.why == Why::Cancelled {
            return Err(Failure("stopped on the way".into()));
        }
        let when = if direction == Direction::Forward { "any more" } else { "before" };
        Ok(Some(format!("{name} is not come to {when}; the cursor has not moved")))
    }
}
