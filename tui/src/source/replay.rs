//! A trace as a source: nothing runs but replays, the end is where the recording ended.

use super::past::Past;
use super::{convert, survey};
use crate::moment::{About, Breakpoint, HostCalls, Listing, Mode, Other, RunEnd, SourceView, WasmLine};
use crate::session::{Control, Direction, Failure, Found, Goal, Overview, Source, SourceLine, State, Stop};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use wasmscope_core::timeline::{Timeline, TimelineError};
use wasmscope_trace_format::{CodeFunc, Event, FuncId, Position, TraceReader};

/// A recorded run.
pub struct ReplaySource {
    past: Past,
    about: About,
    cut: Option<String>,
    identity: String,
}

impl ReplaySource {
    /// The run a trace holds; `name` is what to call it.
    ///
    /// # Errors
    /// If it holds none that can be repeated.
    pub fn open(reader: TraceReader, name: &str) -> Result<ReplaySource, TimelineError> {
        let state = reader.completeness();
        let cut = (!state.closed).then(|| "its writer did not close it".to_owned());
        let notes = if state.is_complete() { Vec::new() } else { vec![state.to_string()] };
        let about = About { file: name.to_owned(), mode: Mode::Replay, notes };
        let identity = reader.trace_id().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(ReplaySource { past: Past::new(Timeline::open(reader, name)?), about, cut, identity })
    }
}

impl ReplaySource {
    /// Looks for source files beneath these folders.
    pub fn look_beneath(&mut self, folders: Vec<PathBuf>) {
        self.past.look_beneath(folders);
    }
}

impl Source for ReplaySource {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn end(&self) -> Position {
        self.past.timeline.end()
    }

    fn run_end(&self) -> RunEnd {
        match (self.past.timeline.ended(), &self.cut) {
            (Some(why), _) => convert::ended(&why),
            (None, Some(cut)) => RunEnd::Cut(cut.clone()),
            (None, None) => RunEnd::Cut("how the run ended is not in it".into()),
        }
    }

    fn state(&mut self, step: u64) -> Result<Box<dyn State + '_>, Failure> {
        self.past.state(step)
    }

    fn events(&mut self, range: Range<u64>) -> Result<Vec<Event>, Failure> {
        self.past.events(range)
    }

    fn code(&mut self, func: FuncId) -> Result<Arc<Listing>, Failure> {
        self.past.code(func)
    }

    fn functions(&self) -> Vec<(FuncId, Option<String>)> {
        self.past.functions()
    }

    fn travel(
        &mut self,
        from: u64,
        goal: Goal,
        direction: Direction,
        breakpoints: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        self.past.travel(from, goal, direction, breakpoints, control)
    }

    fn identity(&self) -> Option<String> {
        Some(self.identity.clone())
    }

    fn query(&mut self, text: &str, at: u64) -> Result<String, Failure> {
        self.past.query(text, at)
    }

    fn matching(&mut self, regex: &str) -> Result<String, Failure> {
        self.past.matching(regex)
    }

    fn find(
        &mut self,
        from: u64,
        direction: Direction,
        query: &str,
        control: &Control<'_>,
    ) -> Result<Option<Found>, Failure> {
        self.past.find(from, direction, query, control)
    }

    fn find_all(
        &mut self,
        range: Range<u64>,
        query: &str,
        control: &Control<'_>,
        found: &mut dyn FnMut(Found) -> bool,
    ) -> Result<(), Failure> {
        self.past.find_all(range, query, control, found)
    }

    fn line(&self, module: u32, pc: u32) -> Option<SourceLine> {
        self.past.line(module, pc)
    }

    fn has_lines(&self) -> bool {
        self.past.has_lines()
    }

    fn line_places(&self, file: &str, line: u32) -> Result<(String, Vec<(u32, u32)>), Failure> {
        self.past.line_places(file, line)
    }

    fn dump_code(&mut self, func: FuncId) -> Option<Arc<CodeFunc>> {
        self.past.dump_code(func)
    }

    fn feed_input(&mut self, _input: Option<&[u8]>) -> Result<(), Failure> {
        Err(Failure("a trace takes no input: what the program read is part of it".into()))
    }

    fn wasm(&mut self, func: FuncId) -> Result<Vec<WasmLine>, Failure> {
        self.past.wasm(func)
    }

    fn other(&mut self, func: FuncId) -> Result<Other, Failure> {
        self.past.other(func)
    }

    fn source(&mut self, func: FuncId) -> Option<SourceView> {
        self.past.source(func)
    }

    fn hosts(&self, from: Option<u64>, step: u64, count: u32) -> HostCalls {
        self.past.hosts(from, step, count)
    }

    fn overview(&self) -> Option<Box<dyn Overview>> {
        Some(survey::Counting::of(self.past.timeline.run()))
    }
}
