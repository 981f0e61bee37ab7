//! What a session asks of a run, and the words it asks in.
//!
//! A timeline is such a run; in the tests a toy is one. What a source does not know it says so of:
//! the defaults here.
//! Elsewhere: real runs (`crate::source`), what is shown of them (`crate::moment`).

use super::{Chosen, Overview};
use crate::moment::{
    About, Breakpoint, Frame, Global, HostCalls, Listing, Memory, Other, Output, RunEnd, Slot, SourceView,
    Table, WasmLine, Why,
};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
pub use wasmscope_core::timeline::{Direction, Goal};
use wasmscope_trace_format::{CodeFunc, Event, FuncId, Position};

/// Why a request could not be answered: what went wrong, and what still works.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<String> for Failure {
    fn from(text: String) -> Failure {
        Failure(text)
    }
}

/// Where a movement ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stop {
    /// The moment.
    pub step: u64,
    /// Why there.
    pub why: Why,
}

/// How a long search hears that nobody wants its answer any more, and says how far it is.
pub struct Control<'a> {
    /// Set from another thread to give up.
    pub cancel: &'a AtomicBool,
    /// Told the step that is being looked at; cheap enough to call every few thousand steps.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

impl Control<'_> {
    /// Whether to give up.
    pub fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

/// A step that meets a query.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hit {
    /// The step.
    pub step: u64,
    /// Which of the parts of a query `A or B` it meets, the first of several.
    pub part: usize,
}

/// A line of the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourcePlace {
    /// The file, as the compiler was given it.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

impl SourcePlace {
    /// As text, without folders: `main.c:12`.
    pub fn brief(&self) -> String {
        let name = self.file.rsplit(['/', '\\']).next().unwrap_or(&self.file);
        format!("{name}:{}", self.line)
    }
}

/// What a source without them says of queries.
fn no_queries<T>() -> Result<T, Failure> {
    Err(Failure("this run cannot be searched".into()))
}

/// The machine at one step.
pub trait State {
    /// Where in the run.
    fn position(&self) -> Position;
    /// Number of frames.
    fn depth(&self) -> u32;
    /// The frame at a depth, 0 outermost; `None` beyond the innermost.
    fn frame(&self, depth: u32) -> Option<Frame>;
    /// The slots of that frame.
    fn slots(&self, depth: u32) -> Vec<Slot>;
    /// All globals.
    fn globals(&self) -> Vec<Global>;
    /// All memories.
    fn memories(&self) -> Vec<Memory>;
    /// At most `len` bytes; fewer at the memory's end, none beyond it.
    fn read(&self, memory: u32, addr: u64, len: usize) -> Vec<u8>;
    /// What in particular went wrong, if the run has ended in a trap and this is its end.
    fn fault(&self) -> Option<String> {
        None
    }
    /// All tables.
    fn tables(&self) -> Vec<Table> {
        Vec::new()
    }
    /// Elements of a table in words; fewer at its end.
    fn elements(&self, table: u32, from: u64, count: usize) -> Vec<Option<String>> {
        let _ = (table, from, count);
        Vec::new()
    }
    /// What was printed up to here: the latest chunks that hold at least `limit` bytes, in order,
    /// and whether there was more before.
    fn output(&self, limit: usize) -> (Vec<Output>, bool);
}

/// A run that can be asked for any of its moments. A timeline is one.
pub trait Source: Send {
    /// What the run is.
    fn about(&self) -> About;
    /// The first moment there is, which is the beginning of the run unless only its end was kept.
    fn begin(&self) -> u64 {
        0
    }
    /// The last moment known; grows while a live run runs.
    fn end(&self) -> Position;
    /// How it ends there.
    fn run_end(&self) -> RunEnd;
    /// The machine before step `step`; `step` is at most `end().step`. The latest answer, and its
    /// neighbours, are asked for often.
    fn state(&mut self, step: u64) -> Result<Box<dyn State + '_>, Failure>;
    /// What the steps of a short range did; the range may reach past the end, the answer does not.
    fn events(&mut self, range: Range<u64>) -> Result<Vec<Event>, Failure>;
    /// The same one at a time, without the values before them, until `each` says no; for looking
    /// through many.
    fn each_event(&mut self, range: Range<u64>, each: &mut dyn FnMut(&Event) -> bool) -> Result<(), Failure> {
        self.events(range)?.iter().all(each);
        Ok(())
    }
    /// A function's code. The session keeps it.
    fn code(&mut self, func: FuncId) -> Result<Arc<Listing>, Failure>;
    /// All functions that can be stopped in, with their names.
    fn functions(&self) -> Vec<(FuncId, Option<String>)>;
    /// Moves from a moment. A live run executes on when the way leads past its end. Stops at the
    /// start, at the end, where the program waits, or, with [`Why::Cancelled`], where it had come
    /// to. `Over`, `Into`, `Out` and `Continue` stop at breakpoints, but not at `from` itself.
    fn travel(
        &mut self,
        from: u64,
        goal: Goal,
        direction: Direction,
        breakpoints: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Stop, Failure>;
    /// Gives a live program input; `None` is the end of it. A trace refuses.
    fn feed_input(&mut self, input: Option<&[u8]>) -> Result<(), Failure>;
    /// A function in the WebAssembly text format. The session keeps it.
    fn wasm(&mut self, func: FuncId) -> Result<Vec<WasmLine>, Failure> {
        Err(Failure(format!("no text of function {func} is known")))
    }
    /// A function lowered the other way than it runs. The session keeps it.
    fn other(&mut self, func: FuncId) -> Result<Other, Failure> {
        Err(Failure(format!("no other lowering of function {func} is known")))
    }
    /// The source of a function. The session keeps it.
    fn source(&mut self, func: FuncId) -> Option<SourceView> {
        let _ = func;
        None
    }
    /// Host calls: those from a number on, else those about a step; at most `count`.
    fn hosts(&self, from: Option<u64>, step: u64, count: u32) -> HostCalls {
        let _ = (from, step, count);
        HostCalls::default()
    }
    /// The step of the first host call from a step on.
    fn host_from(&self, step: u64) -> Option<u64> {
        let _ = step;
        None
    }
    /// What counts the whole run, on a thread of its own; `None` if nothing does.
    fn overview(&self) -> Option<Box<dyn Overview>> {
        None
    }
    /// A second reader of the same run, which moves on its own; `None` if there cannot be one.
    fn twin(&self) -> Option<Box<dyn Source>> {
        None
    }
    /// What tells this run from others: what was recorded for it. `None` if nothing does.
    fn identity(&self) -> Option<String> {
        None
    }
    /// Reads a query, with the names of the moment before step `at`; gives it back so that it means the
    /// same at any moment.
    fn query(&mut self, _text: &str, _at: u64) -> Result<String, Failure> {
        no_queries()
    }
    /// A query for steps whose op's mnemonic, function entered, or host function called matches a
    /// regular expression; else whose op's text does.
    fn matching(&mut self, _regex: &str) -> Result<String, Failure> {
        no_queries()
    }
    /// The next step from `from` on, or the last before it, that meets a query.
    fn find(
        &mut self,
        _from: u64,
        _direction: Direction,
        _query: &str,
        _control: &Control<'_>,
    ) -> Result<Option<Hit>, Failure> {
        no_queries()
    }
    /// Gives the steps of a range that meet a query to `found`, in order, until that says no.
    fn find_all(
        &mut self,
        _range: Range<u64>,
        _query: &str,
        _control: &Control<'_>,
        _found: &mut dyn FnMut(Hit) -> bool,
    ) -> Result<(), Failure> {
        no_queries()
    }
    /// The nearest step behind `from`, or before it, at which one of the chosen ops is about to run, the rest
    /// holds, and which is not passed. Backwards everything must be stopped at.
    fn meet(
        &mut self,
        _from: u64,
        _direction: Direction,
        _chosen: &Chosen,
        _control: &Control<'_>,
        _passes: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<u64>, Failure> {
        no_queries()
    }
    /// The line of the source that an operator belongs to, by module and offset in its file.
    fn line(&self, _module: u32, _pc: u32) -> Option<SourcePlace> {
        None
    }
    /// The functions that the compiler made one of at an operator, innermost first, each with the line where it
    /// stands: those inlined, and at the end the one that has a frame. Empty if nothing is known.
    fn active(&self, _module: u32, _pc: u32) -> Vec<(String, Option<SourcePlace>)> {
        Vec::new()
    }
    /// Whether the program has line numbers.
    fn has_lines(&self) -> bool {
        false
    }
    /// Where a line of a source file begins in the program: modules and pcs; and the place in words.
    fn line_places(&self, _file: &str, _line: u32) -> Result<(String, Vec<(u32, u32)>), Failure> {
        Err(Failure("the program has no line numbers: it was built without debug information".into()))
    }
    /// The function an operator of a module belongs to.
    fn func_at(&self, _module: u32, _pc: u32) -> Option<FuncId> {
        None
    }
    /// Whether any function has a local of this name.
    fn has_local(&self, _name: &str) -> bool {
        true
    }
    /// Whether any function has this slot; else the last slot that one has, if any has one.
    fn has_slot(&self, _slot: u32) -> Result<(), Option<u32>> {
        Ok(())
    }
    /// A function's code as `dump` prints it.
    fn dump_code(&mut self, func: FuncId) -> Option<Arc<CodeFunc>> {
        Some(Arc::new(self.code(func).ok()?.code.clone()))
    }
}
