//! A real run as a session's source: all but its end is asked of its past.

use super::convert::{self, Places};
use super::past::Past;
use super::survey;
use crate::moment::{About, Breakpoint, HostCalls, Listing, Other, RunEnd, SourceView, WasmLine};
use crate::session::{
    Chosen, Control, Direction, Failure, Goal, Hit, Overview, Source, SourcePlace, State, Stop,
};
use std::ops::Range;
use std::sync::Arc;
use wasmscope_core::timeline::Timeline;
use wasmscope_trace_format::{CodeFunc, Event, FuncId, Position};

/// What tells one kind of run from another: how it ends, and whether it can go on from there.
pub(super) trait Known: Send {
    /// What is known of it.
    fn past(&self) -> &Past;
    /// The same, to move in.
    fn past_mut(&mut self) -> &mut Past;
    /// See [`Source::run_end`].
    fn run_end(&self) -> RunEnd;
    /// See [`Source::identity`].
    fn identity(&self) -> Option<String>;
    /// See [`Source::feed_input`].
    fn feed_input(&mut self, input: Option<&[u8]>) -> Result<(), Failure>;
    /// See [`Source::travel`].
    fn travel(
        &mut self,
        from: u64,
        goal: Goal,
        direction: Direction,
        breakpoints: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        self.past_mut().travel(from, goal, direction, &mut Places::of(breakpoints), control)
    }
}

impl<K: Known> Source for K {
    fn about(&self) -> About {
        self.past().about.clone()
    }

    fn begin(&self) -> u64 {
        self.past().timeline.begin().step
    }

    fn end(&self) -> Position {
        self.past().timeline.end()
    }

    fn run_end(&self) -> RunEnd {
        Known::run_end(self)
    }

    fn state(&mut self, step: u64) -> Result<Box<dyn State + '_>, Failure> {
        self.past_mut().state(step)
    }

    fn events(&mut self, range: Range<u64>) -> Result<Vec<Event>, Failure> {
        self.past_mut().timeline.events(range).map_err(convert::failure)
    }

    fn each_event(&mut self, range: Range<u64>, each: &mut dyn FnMut(&Event) -> bool) -> Result<(), Failure> {
        self.past_mut().timeline.each_event(range, each).map_err(convert::failure)
    }

    fn code(&mut self, func: FuncId) -> Result<Arc<Listing>, Failure> {
        self.past_mut().code(func)
    }

    fn functions(&self) -> Vec<(FuncId, Option<String>)> {
        self.past().functions()
    }

    fn travel(
        &mut self,
        from: u64,
        goal: Goal,
        direction: Direction,
        breakpoints: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        Known::travel(self, from, goal, direction, breakpoints, control)
    }

    fn feed_input(&mut self, input: Option<&[u8]>) -> Result<(), Failure> {
        Known::feed_input(self, input)
    }

    fn wasm(&mut self, func: FuncId) -> Result<Vec<WasmLine>, Failure> {
        self.past().wasm(func)
    }

    fn other(&mut self, func: FuncId) -> Result<Other, Failure> {
        self.past().other(func)
    }

    fn source(&mut self, func: FuncId) -> Option<SourceView> {
        self.past_mut().source(func)
    }

    fn hosts(&self, from: Option<u64>, step: u64, count: u32) -> HostCalls {
        self.past().hosts(from, step, count)
    }

    fn host_from(&self, step: u64) -> Option<u64> {
        self.past().timeline.run().host_call_from(step)
    }

    fn overview(&self) -> Option<Box<dyn Overview>> {
        Some(survey::Counting::of(self.past().timeline.run()))
    }

    fn twin(&self) -> Option<Box<dyn Source>> {
        let past = self.past();
        Some(Box::new(Twin(Past::new(Timeline::new(past.timeline.run().clone()), past.about.clone()))))
    }

    fn identity(&self) -> Option<String> {
        Known::identity(self)
    }

    fn query(&mut self, text: &str, at: u64) -> Result<String, Failure> {
        self.past_mut().query(text, at)
    }

    fn matching(&mut self, regex: &str) -> Result<String, Failure> {
        self.past_mut().matching(regex)
    }

    fn find(
        &mut self,
        from: u64,
        direction: Direction,
        query: &str,
        control: &Control<'_>,
    ) -> Result<Option<Hit>, Failure> {
        self.past_mut().find(from, direction, query, control)
    }

    fn find_all(
        &mut self,
        range: Range<u64>,
        query: &str,
        control: &Control<'_>,
        found: &mut dyn FnMut(Hit) -> bool,
    ) -> Result<(), Failure> {
        self.past_mut().find_all(range, query, control, found)
    }

    fn meet(
        &mut self,
        from: u64,
        direction: Direction,
        chosen: &Chosen,
        control: &Control<'_>,
        passes: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<u64>, Failure> {
        self.past_mut().meet(from, direction, chosen, control, passes)
    }

    fn line(&self, module: u32, pc: u32) -> Option<SourcePlace> {
        self.past().line(module, pc)
    }

    fn active(&self, module: u32, pc: u32) -> Vec<(String, Option<SourcePlace>)> {
        self.past().active(module, pc)
    }

    fn has_lines(&self) -> bool {
        self.past().has_lines()
    }

    fn line_places(&self, file: &str, line: u32) -> Result<(String, Vec<(u32, u32)>), Failure> {
        self.past().line_places(file, line)
    }

    fn func_at(&self, module: u32, pc: u32) -> Option<FuncId> {
        self.past().func_at(module, pc)
    }

    fn has_local(&self, name: &str) -> bool {
        self.past().has_local(name)
    }

    fn has_slot(&self, slot: u32) -> Result<(), Option<u32>> {
        self.past().has_slot(slot)
    }

    fn dump_code(&mut self, func: FuncId) -> Option<Arc<CodeFunc>> {
        self.past_mut().timeline.code(func).ok()
    }
}

/// What is known of somebody else's run; it never goes on.
struct Twin(Past);

impl Known for Twin {
    fn past(&self) -> &Past {
        &self.0
    }

    fn past_mut(&mut self) -> &mut Past {
        &mut self.0
    }

    fn run_end(&self) -> RunEnd {
        RunEnd::Halted
    }

    fn identity(&self) -> Option<String> {
        None
    }

    fn feed_input(&mut self, _input: Option<&[u8]>) -> Result<(), Failure> {
        Err(Failure("who only reads a run gives it no input".into()))
    }
}
