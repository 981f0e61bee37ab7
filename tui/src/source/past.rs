//! What is known of a run: a timeline, asked in the session's words.

use super::convert;
use super::files::Files;
use crate::moment::{
    About, Frame, Global, HostCalls, Listing, Memory, Other, Output, Slot, SourceView, Table, WasmLine, Why,
    func_name,
};
use crate::session::{Chosen, Control, Direction, Failure, Goal, Hit, State, Stop};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use wasmscope_core::timeline::code::{code_func, operators, slots};
use wasmscope_core::timeline::find::{self, Query};
use wasmscope_core::timeline::{self, Progress, Timeline, TimelineError};
use wasmscope_core::{Lowering, Module};
use wasmscope_trace_format::{FuncId, Position, Value, ValueType};

/// A timeline and what was made of it.
pub(super) struct Past {
    pub(super) timeline: Timeline,
    /// What the run is.
    pub(super) about: About,
    listings: HashMap<FuncId, Arc<Listing>>,
    files: Files,
    /// The modules known, whose line tables are read at the first question.
    pub(super) modules: Vec<Module>,
    /// The query read last.
    asked: Option<(String, Query)>,
}

/// A text without the long prefix that wasi-libc gives its imports.
pub(super) fn plain(text: &str) -> String {
    text.replace("__imported_wasi_snapshot_preview1_", "")
}

/// The session's way of being told of progress, as the timeline's.
pub(super) struct Told<'a, 'b>(pub(super) &'a Control<'b>);

impl Progress for Told<'_, '_> {
    fn go_on(&self, step: u64) -> bool {
        (self.0.progress)(step);
        !self.0.cancelled()
    }
}

impl Past {
    pub(super) fn new(timeline: Timeline, about: About) -> Past {
        let modules = timeline.run().modules();
        Past { timeline, about, listings: HashMap::new(), files: Files::default(), modules, asked: None }
    }

    pub(super) fn state(&mut self, step: u64) -> Result<Box<dyn State + '_>, Failure> {
        self.timeline.seek(step).map_err(convert::failure)?;
        let position = self.timeline.position();
        Ok(Box::new(Moment { step, position, past: RefCell::new(self) }))
    }

    pub(super) fn code(&mut self, func: FuncId) -> Result<Arc<Listing>, Failure> {
        if let Some(known) = self.listings.get(&func) {
            return Ok(known.clone());
        }
        let code = self.timeline.code(func).map_err(convert::failure)?;
        let notes = self.timeline.notes(func).map_err(convert::failure)?;
        let mut listing = Listing { code: (*code).clone(), ..Listing::default() };
        for op in &mut listing.code.ops {
            op.text = plain(&op.text);
        }
        for note in notes {
            listing.meaning.push(plain(&note.meaning));
            listing.operators.push(plain(&note.operators));
            listing.pcs.push(note.pcs);
            listing.addresses.push(note.address.map(|it| (it.slot, it.offset)));
            listing.reads.push(note.reads.iter().map(|read| read.slot).collect());
            listing.lessons.extend(note.lesson.map(convert::lesson));
        }
        let listing = Arc::new(listing);
        self.listings.insert(func, listing.clone());
        Ok(listing)
    }

    fn module(&self, func: FuncId) -> Result<Module, Failure> {
        let modules = self.timeline.run().modules();
        let module = modules.get(func.module as usize).cloned();
        module.ok_or_else(|| Failure(format!("there is no module {}", func.module)))
    }

    pub(super) fn wasm(&self, func: FuncId) -> Result<Vec<WasmLine>, Failure> {
        let module = self.module(func)?;
        let lines = operators(module.data(), func.func).into_iter();
        Ok(lines.map(|it| WasmLine { pc: it.pc, depth: it.depth, text: plain(&it.text) }).collect())
    }

    /// Looks for source files beneath these folders, and whether also where the module says they are.
    pub(super) fn look_beneath(&mut self, folders: Vec<PathBuf>, named: bool) {
        self.files = Files::beneath(folders, named);
    }

    pub(super) fn source(&mut self, func: FuncId) -> Option<SourceView> {
        let module = self.module(func).ok()?;
        let pcs = operators(module.data(), func.func).into_iter().map(|line| line.pc);
        self.files.view(module.source_map()?, pcs)
    }

    pub(super) fn other(&self, func: FuncId) -> Result<Other, Failure> {
        let module = self.module(func)?;
        let plainly = self.timeline.run().lowering() == Lowering::Fused;
        let mode = if plainly { Lowering::Plain } else { Lowering::Fused };
        let code = code_func(module.data(), func.module, func.func, mode);
        let mut code = code.map_err(|error| Failure(error.to_string()))?;
        for op in &mut code.ops {
            op.text = plain(&op.text);
        }
        Ok(Other { plain: plainly, code })
    }

    pub(super) fn hosts(&self, from: Option<u64>, step: u64, count: u32) -> HostCalls {
        let run = self.timeline.run();
        let (before, total) = run.host_calls_before(step);
        let from = from.unwrap_or_else(|| before.saturating_sub(u64::from(count) * 2 / 3));
        let from = from.min(total.saturating_sub(count.into()));
        let calls = run.host_calls_in(from..from + u64::from(count)).into_iter().map(convert::host_call);
        HostCalls { total, before, from, calls: calls.collect() }
    }

    /// The function an operator belongs to.
    pub(super) fn func_at(&self, module: u32, pc: u32) -> Option<FuncId> {
        let func = self.timeline.run().modules().get(module as usize)?.data().func_at(pc)?;
        Some(FuncId { module, func })
    }

    /// Whether the name section gives this name to a local of any function.
    pub(super) fn has_local(&self, name: &str) -> bool {
        self.timeline.run().modules().iter().any(|module| {
            let data = module.data();
            (0..data.funcs.len() as u32).any(|func| data.local_names(func).any(|it| it.1 == name))
        })
    }

    /// Whether any function has this slot; else the last slot that one has, if any has one.
    pub(super) fn has_slot(&self, slot: u32) -> Result<(), Option<u32>> {
        let run = self.timeline.run();
        let mut last = None;
        for module in run.modules() {
            let data = module.data();
            for func in data.imported_funcs()..data.funcs.len() as u32 {
                // One that cannot be lowered never runs.
                let slots = slots(data, func, run.lowering()).unwrap_or_default();
                if slots.iter().any(|it| it.slot == slot) {
                    return Ok(());
                }
                last = last.max(slots.last().map(|it| it.slot));
            }
        }
        Err(last)
    }

    pub(super) fn functions(&self) -> Vec<(FuncId, Option<String>)> {
        let mut functions = Vec::new();
        for (at, module) in self.timeline.run().modules().iter().enumerate() {
            let data = module.data();
            for func in data.imported_funcs()..data.funcs.len() as u32 {
                let name = data.func_name(func).map(|name| name.into_owned());
                functions.push((FuncId { module: at as u32, func }, name));
            }
        }
        functions
    }

    /// Reads a query at a moment, and gives it back so that it means the same at any.
    pub(super) fn query(&mut self, text: &str, at: u64) -> Result<String, Failure> {
        self.timeline.seek(at.min(self.timeline.end().step)).map_err(convert::failure)?;
        match Query::parse(text, &mut self.timeline) {
            Ok(query) => Ok(query.to_string()),
            Err(error) => Err(Failure(format!("{text}: column {}: {}", error.at + 1, error.what))),
        }
    }

    pub(super) fn find(
        &mut self,
        from: u64,
        direction: Direction,
        text: &str,
        control: &Control<'_>,
    ) -> Result<Option<Hit>, Failure> {
        let query = self.parsed(text)?;
        let found = watched(control, |it| self.timeline.find(from, direction, &query, it));
        match found {
            Ok(hit) => Ok(hit.map(|hit| Hit { step: hit.step, part: hit.part })),
            Err(error) => Err(convert::failure(error)),
        }
    }

    pub(super) fn find_all(
        &mut self,
        range: Range<u64>,
        text: &str,
        control: &Control<'_>,
        found: &mut dyn FnMut(Hit) -> bool,
    ) -> Result<(), Failure> {
        let query = self.parsed(text)?;
        let tell = |hit: find::Hit| found(Hit { step: hit.step, part: hit.part });
        watched(control, |it| self.timeline.find_all(range, &query, it, tell)).map_err(convert::failure)
    }

    fn parsed(&mut self, text: &str) -> Result<Query, Failure> {
        if let Some((known, query)) = &self.asked
            && known == text
        {
            return Ok(query.clone());
        }
        let query = Query::parse(text, &mut self.timeline).map_err(|error| Failure(error.what))?;
        self.asked = Some((text.to_owned(), query.clone()));
        Ok(query)
    }

    /// A query for what a regular expression matches: mnemonics, functions and host functions by name; if
    /// there is none of these, ops by their text.
    pub(super) fn matching(&mut self, text: &str) -> Result<String, Failure> {
        let any_case = !text.chars().any(char::is_uppercase);
        let built = regex::RegexBuilder::new(text).case_insensitive(any_case).size_limit(1 << 20).build();
        let regex = built.map_err(|error| {
            let said = error.to_string();
            let last = said.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Failure(format!("the regular expression is wrong: {last}"))
        })?;
        let mut parts: Vec<String> = Vec::new();
        for op in wasmscope_core::code::OPS {
            let name = op.mnemonic();
            if regex.is_match(&name) {
                parts.push(format!("op {name}"));
            }
        }
        for (func, name) in self.functions() {
            if name.is_some_and(|name| regex.is_match(&name)) {
                parts.push(format!("func {func}"));
            }
        }
        for module in self.timeline.run().modules() {
            for import in &module.data().imports {
                let name = format!("{}.{}", import.module, import.name);
                if import.ty.kind() == wasmscope_core::module::ExternKind::Func && regex.is_match(&name) {
                    parts.push(format!("host {name}"));
                }
            }
        }
        if parts.is_empty() {
            self.texts(&regex, &mut parts)?;
        }
        match parts.len() {
            0 => Err(Failure(format!("no op, function or host function of the program matches {text}"))),
            _ => Ok(parts.join(" or ")),
        }
    }

    /// The ops whose text matches.
    fn texts(&mut self, regex: &regex::Regex, parts: &mut Vec<String>) -> Result<(), Failure> {
        /// More places than this are not what one looks for.
        const MOST: usize = 4096;
        for (func, _) in self.functions() {
            let code = self.timeline.code(func).map_err(convert::failure)?;
            let matching = code.ops.iter().filter(|op| regex.is_match(&plain(&op.text)));
            parts.extend(matching.map(|op| format!("ip {func}+{}", op.ip)));
            if parts.len() > MOST {
                return Err(Failure(format!("more than {MOST} ops match {regex}; be more precise")));
            }
        }
        Ok(())
    }

    /// See [`crate::session::Source::meet`].
    pub(super) fn meet(
        &mut self,
        from: u64,
        direction: Direction,
        chosen: &Chosen,
        control: &Control<'_>,
        passes: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<u64>, Failure> {
        let list: Vec<_> = chosen.ops.iter().map(|&(func, ip)| timeline::Breakpoint::Ip(func, ip)).collect();
        let mut judge = convert::Met { rest: chosen.rest.as_ref(), passes };
        let progress = Told(control);
        let stop = self.timeline.seek_watched(from, &progress).and_then(|()| {
            self.timeline.travel_judged(Goal::Continue, direction, &list, &mut judge, &progress)
        });
        match stop {
            Ok(timeline::Stop { step, why: timeline::Why::Breakpoint(_) }) => Ok(Some(step)),
            Ok(timeline::Stop { why: timeline::Why::Cancelled, .. }) => {
                Err(convert::failure(TimelineError::Cancelled))
            }
            Ok(_) => Ok(None),
            Err(error) => Err(convert::failure(error)),
        }
    }

    /// Moves within what is known.
    pub(super) fn travel(
        &mut self,
        from: u64,
        goal: Goal,
        direction: Direction,
        places: &mut convert::Places,
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        let progress = Told(control);
        let stop = self.timeline.seek_watched(from, &progress).and_then(|()| {
            let (list, judge) = places.parts();
            self.timeline.travel_judged(goal, direction, list, judge, &progress)
        });
        match stop {
            Ok(stop) => Ok(Stop { step: stop.step, why: places.why(stop.why) }),
            Err(TimelineError::Cancelled) => Ok(Stop { step: self.timeline.step(), why: Why::Cancelled }),
            Err(error) => Err(convert::failure(error)),
        }
    }
}

/// Searches, while another thread watches whether to give up.
fn watched<T>(control: &Control<'_>, search: impl FnOnce(&timeline::Control) -> T) -> T {
    let shared = timeline::Control::default();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (shared, done) = (&shared, &done);
        let (cancel, progress) = (control.cancel, control.progress);
        let watcher = scope.spawn(move || {
            while !done.load(Ordering::Acquire) {
                if cancel.load(Ordering::Relaxed) {
                    shared.cancel.store(true, Ordering::Relaxed);
                }
                let at = shared.progress.load(Ordering::Relaxed);
                if at > 0 {
                    progress(at);
                }
                std::thread::park_timeout(Duration::from_millis(20));
            }
        });
        let found = search(shared);
        done.store(true, Ordering::Release);
        watcher.thread().unpark();
        found
    })
}

/// The timeline at a step; it stands there as long as this lives.
struct Moment<'a> {
    step: u64,
    position: Position,
    past: RefCell<&'a mut Past>,
}

impl State for Moment<'_> {
    fn position(&self) -> Position {
        self.position
    }

    fn depth(&self) -> u32 {
        self.past.borrow_mut().timeline.depth() as u32
    }

    fn frame(&self, depth: u32) -> Option<Frame> {
        let past = &mut *self.past.borrow_mut();
        let at = depth as usize;
        let view = past.timeline.frames(at..at.saturating_add(1)).pop()?;
        let waiting = view.waiting;
        let mut frame = convert::frame(view);
        if waiting && let Ok(code) = past.timeline.code(frame.func) {
            // It stands behind its call; the call is what one wants to see.
            let behind = code.ops.partition_point(|op| op.ip < frame.ip);
            frame.ip = behind.checked_sub(1).map_or(frame.ip, |call| code.ops[call].ip);
        }
        Some(frame)
    }

    fn slots(&self, depth: u32) -> Vec<Slot> {
        let views = self.past.borrow_mut().timeline.slots(depth as usize);
        views.into_iter().map(convert::slot).collect()
    }

    fn globals(&self) -> Vec<Global> {
        self.past.borrow_mut().timeline.globals().into_iter().map(convert::global).collect()
    }

    fn memories(&self) -> Vec<Memory> {
        self.past.borrow_mut().timeline.memories().into_iter().map(convert::memory).collect()
    }

    fn read(&self, memory: u32, addr: u64, len: usize) -> Vec<u8> {
        self.past.borrow_mut().timeline.read(memory, addr, len)
    }

    fn fault(&self) -> Option<String> {
        let report = self.past.borrow_mut().timeline.trap().ok()??;
        report.detail.map(|detail| detail.to_string())
    }

    fn tables(&self) -> Vec<Table> {
        let views = self.past.borrow_mut().timeline.tables();
        views.into_iter().map(|view| Table { index: view.table, len: view.len }).collect()
    }

    fn elements(&self, table: u32, from: u64, count: usize) -> Vec<Option<String>> {
        let past = &mut *self.past.borrow_mut();
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let values = past.timeline.elements(table, from..from.saturating_add(count));
        let text = |value: Value| {
            let index = u32::try_from(value.bits).ok()?.checked_sub(1)?;
            if value.ty != ValueType::FuncRef {
                return Some(value.to_string());
            }
            let (func, name) = past.timeline.referred(index)?;
            Some(match (func, name) {
                (Some(func), name) => plain(&func_name(func, name.as_deref())),
                (None, Some(name)) => format!("host {name}"),
                (None, None) => value.to_string(),
            })
        };
        values.into_iter().map(text).collect()
    }

    fn output(&self, limit: usize) -> (Vec<Output>, bool) {
        let (latest, more) = self.past.borrow().timeline.run().latest_outputs(self.step, limit);
        (latest.iter().map(convert::output).collect(), more)
    }
}
