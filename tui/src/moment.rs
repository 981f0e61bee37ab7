//! All that panes may show at one step: plain data, made once, never changed.
//!
//! ```text
//! steps   0 ······ 118  119 │ 120  121 ······ 300
//!                  ↑    ↑   │  ↑
//!               flow   last │ next      the cursor stands at 120: 120 steps are done,
//!                           │           `last` is step 119, `next` will be step 120
//! ```
//!
//! A moment holds bounded answers to what the panes want (`Wants`), nothing else; its size does not
//! depend on the run. Always: `flow` is contiguous in step unless it is filtered; `frames` is contiguous in depth.
//! Elsewhere: who makes it (`session`), who shows it (`panes`).

use crate::expr::Expr;
use crate::session::Unit;
use std::sync::Arc;
use wasmscope_trace_format::{CodeFunc, CodeOp, Effect, Event, FuncId, Outcome, SlotKind, Value, ValueType};

/// Whether the run is going on or was recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// The program runs as far as one asks it to.
    Live,
    /// A trace.
    Replay,
}

/// What does not change while a run is open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct About {
    /// The file's name, for the status line.
    pub file: String,
    /// Live or recorded.
    pub mode: Mode,
    /// What the user should know once, such as what a damaged file lost.
    pub notes: Vec<String>,
}

/// How the run ends, as far as is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RunEnd {
    /// It goes on when asked to.
    Open,
    /// It goes on when it is given input.
    WaitingForInput,
    /// The outermost call returned.
    Halted,
    /// The program left with this code.
    Exited(i32),
    /// It trapped; the message.
    Trapped(String),
    /// It stopped for a reason of ours or the host's; the message.
    Stopped(String),
    /// The trace is cut here; what is missing.
    Cut(String),
}

impl RunEnd {
    /// In words.
    pub fn text(&self) -> String {
        match self {
            RunEnd::Open => "the program has not run further yet".into(),
            RunEnd::WaitingForInput => "waiting for input".into(),
            RunEnd::Halted => "the program ended".into(),
            RunEnd::Exited(code) => format!("the program exited with {code}"),
            RunEnd::Trapped(message) => format!("trap: {message}"),
            RunEnd::Stopped(message) => message.clone(),
            RunEnd::Cut(message) => format!("the trace ends here: {message}"),
        }
    }

    /// Whether the run can grow.
    pub fn can_grow(&self) -> bool {
        matches!(self, RunEnd::Open | RunEnd::WaitingForInput)
    }
}

/// Why the cursor stands where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// What was asked for was reached.
    Done,
    /// The breakpoint of that number.
    Breakpoint(u32),
    /// The first step.
    Start,
    /// Nothing further is known, see [`RunEnd`].
    End,
    /// The program wants input.
    WaitingForInput,
    /// The user stopped the search.
    Cancelled,
}

/// A function's code with what only an engine knows about it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listing {
    /// The code.
    pub code: CodeFunc,
    /// For each op of `code`: the WebAssembly operators it stands for, such as
    /// `local.get 0 · local.get 1 · i32.add`. May be empty: unknown.
    pub operators: Vec<String>,
    /// For each op of `code`: what it does as a sentence, slots named as in its text, such as
    /// `r2 = r0 + 1`. May be empty: its text says it.
    pub meaning: Vec<String>,
    /// For each op of `code`: the slots it reads. May be empty: unknown.
    pub reads: Vec<Vec<u32>>,
    /// For each op of `code`: the slot with its address, and what is added, if it is a load or
    /// store. May be empty: unknown.
    pub addresses: Vec<Option<(u32, u64)>>,
    /// For each op of `code`: what there is to learn about it. May be empty: unknown.
    pub lessons: Vec<Lesson>,
}

/// What there is to learn about an op, whatever its operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lesson {
    /// Its natural kind.
    pub kind: &'static str,
    /// The end of "its handler …".
    pub touches: &'static str,
    /// The end of "it …": when it traps; empty if never.
    pub traps: &'static str,
    /// The section of the specification.
    pub section: &'static str,
}

/// A line of a function in the WebAssembly text format.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WasmLine {
    /// The operator's place in the file.
    pub pc: u32,
    /// How many blocks it stands in.
    pub depth: u32,
    /// Its text.
    pub text: String,
}

/// A function's code, lowered the other way than it runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Other {
    /// Whether that is the plain lowering.
    pub plain: bool,
    /// The code.
    pub code: CodeFunc,
}

/// How often the ops of a function ran.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// By offset in the code; ops that never ran are left out.
    pub ops: Vec<(u32, u64)>,
}

impl Counts {
    /// How often the op at `ip` ran.
    pub fn of(&self, ip: u32) -> u64 {
        self.ops.binary_search_by_key(&ip, |it| it.0).map_or(0, |at| self.ops[at].1)
    }
}

/// The source of a function, as far as it is known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SourceView {
    /// The files its lines are in.
    pub files: Vec<SourceFile>,
    /// From each pc on: the line, if one is known; in order of pc.
    pub lines: Vec<(u32, Option<SourceLine>)>,
}

/// A source file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFile {
    /// Its path, as the module says.
    pub path: String,
    /// Its lines, if it was found.
    pub lines: Option<Arc<Vec<String>>>,
}

/// A line of a source file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SourceLine {
    /// Index in [`SourceView::files`].
    pub file: u32,
    /// From 1.
    pub line: u32,
}

impl SourceView {
    /// The line of an operator as text: `main.c:12`.
    pub fn text(&self, pc: u32) -> Option<String> {
        let at = self.at(pc)?;
        let path = &self.files.get(at.file as usize)?.path;
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        Some(format!("{name}:{}", at.line))
    }

    /// The line of an operator.
    pub fn at(&self, pc: u32) -> Option<SourceLine> {
        let behind = self.lines.partition_point(|it| it.0 <= pc);
        behind.checked_sub(1).and_then(|at| self.lines[at].1)
    }
}

/// A function as it was called in one way, in the whole run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TreeNode {
    /// A number that stays the same while the tree grows.
    pub id: u32,
    /// The function's name.
    pub name: Arc<str>,
    /// How many frames deep.
    pub depth: u32,
    /// How many nodes stand below it, all levels together.
    pub below: u32,
    /// How often it was called.
    pub calls: u64,
    /// Steps in it.
    pub own: u64,
    /// Steps in it and in all it called.
    pub total: u64,
    /// The step of the first call's first op.
    pub first: u64,
    /// Whether what it called was not told apart any more.
    pub cut: bool,
}

/// The calls of the whole run: each caller before those it called, the costliest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CallTree {
    /// The steps before this one are in it.
    pub upto: u64,
    /// The nodes.
    pub nodes: Vec<TreeNode>,
}

/// A call of the host.
#[derive(Clone, PartialEq, Debug)]
pub struct HostCall {
    /// The step that called it.
    pub step: u64,
    /// What it is imported as.
    pub name: String,
    /// Its arguments.
    pub args: Vec<Value>,
    /// Its results.
    pub results: Vec<Value>,
    /// What it wrote: memory, address, bytes.
    pub written: Vec<(u32, u64, Vec<u8>)>,
    /// Why it failed, if it did.
    pub failed: Option<String>,
}

/// Some of the run's host calls.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct HostCalls {
    /// How many there are in the run, as far as it is known.
    pub total: u64,
    /// How many came before the cursor.
    pub before: u64,
    /// The number of the first of `calls`, from 0.
    pub from: u64,
    /// The calls.
    pub calls: Vec<HostCall>,
}

/// A table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// Its number in the run.
    pub index: u32,
    /// How many elements it has.
    pub len: u64,
}

/// Some elements of a table, in words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Elements {
    /// Which table.
    pub table: u32,
    /// The first one's index.
    pub from: u64,
    /// What each refers to; `None` is null.
    pub texts: Vec<Option<String>>,
}

/// Bytes that are looked for in a memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Needle {
    /// Tells this search from the one before.
    pub serial: u32,
    /// Which memory.
    pub memory: u32,
    /// The first address that counts; the search goes on at the memory's start.
    pub from: u64,
    /// What is looked for.
    pub bytes: Vec<u8>,
}

/// What a search of memory has found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// Which search.
    pub serial: u32,
    /// Where, if anywhere.
    pub addr: Option<u64>,
}

/// The step that made a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The step.
    pub step: u64,
    /// What it did.
    pub text: String,
}

/// A slot as the texts of ops name it.
pub fn slot_label(slot: u32) -> String {
    format!("r{slot}")
}

impl Listing {
    /// The op of that index, if there is one.
    pub fn op(&self, index: u32) -> Option<&CodeOp> {
        self.code.ops.get(index as usize)
    }

    /// What the op of that index does, in words.
    pub fn meaning(&self, index: u32) -> String {
        match (self.meaning.get(index as usize), self.op(index)) {
            (Some(meaning), _) if !meaning.is_empty() => meaning.clone(),
            (_, Some(op)) => op.text.clone(),
            _ => String::new(),
        }
    }

    /// The function's name for people.
    pub fn name(&self) -> String {
        func_name(self.code.func, self.code.name.as_deref())
    }
}

/// A function's name, or its number.
pub fn func_name(func: FuncId, name: Option<&str>) -> String {
    match name {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ if func.module == 0 => format!("func {}", func.func),
        _ => format!("func {}:{}", func.module, func.func),
    }
}

/// An activation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// 0 is the outermost.
    pub depth: u32,
    /// The function.
    pub func: FuncId,
    /// Its name, if known.
    pub name: Option<String>,
    /// The op it will go on with, or whose call it waits for.
    pub ip: u32,
    /// That op's place in the file.
    pub pc: u32,
    /// The step at which its first op ran.
    pub entered: u64,
}

/// A slot of the frame looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slot {
    /// Its number.
    pub slot: u32,
    /// What it is for.
    pub kind: SlotKind,
    /// Its name in the source.
    pub name: Option<String>,
    /// Its type, if it has one now.
    pub ty: Option<ValueType>,
    /// Its value, if it holds one now.
    pub value: Option<Value>,
    /// Where the value is.
    pub home: Home,
}

impl Slot {
    /// The slot as the texts of ops name it.
    pub fn label(&self) -> String {
        slot_label(self.slot)
    }
}

/// Where the value of a slot is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Home {
    /// In the slot.
    #[default]
    Own,
    /// In another slot.
    Slot(u32),
    /// In the local of that index, from which it was not copied yet.
    Local(u32),
    /// In an op, as a constant.
    Constant,
}

/// A global.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Global {
    /// The instance it belongs to.
    pub instance: u32,
    /// Its index there.
    pub index: u32,
    /// Its name, if known.
    pub name: Option<String>,
    /// Whether it may be written.
    pub mutable: bool,
    /// Its value.
    pub value: Value,
}

/// A memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Memory {
    /// Its number in the run.
    pub index: u32,
    /// Its name, if known.
    pub name: Option<String>,
    /// Its size in bytes.
    pub len: u64,
}

/// Some bytes of a memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bytes {
    /// Which memory.
    pub memory: u32,
    /// Address of the first.
    pub addr: u64,
    /// The bytes; fewer than wanted at the end of the memory.
    pub bytes: Vec<u8>,
}

/// Where the program wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What one step printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Output {
    /// The step that printed it.
    pub step: u64,
    /// Where to.
    pub stream: Stream,
    /// What.
    pub bytes: Vec<u8>,
}

/// One row of the flow list: an event with its texts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlowRow {
    /// What the step did.
    pub event: Event,
    /// Its op's disassembly.
    pub text: String,
    /// What its op does, in words.
    pub meaning: String,
    /// Its function's name.
    pub func: String,
    /// For a call: the name of what was called.
    pub callee: Option<String>,
    /// For each effect on a slot of its own frame, or on a global: its name in the op's text.
    pub labels: Vec<Option<String>>,
    /// Whether the op may jump or not.
    pub branch: bool,
}

/// A slot an op reads, and what it holds then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Read {
    /// Its number.
    pub slot: u32,
    /// Its name in the op's text.
    pub label: String,
    /// The value.
    pub value: Value,
    /// The step that put it there, if it was looked for and not far.
    pub origin: Option<Origin>,
}

/// The step just done, with the values it read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Last {
    /// The row.
    pub row: FlowRow,
    /// Slots read and their values at that time.
    pub reads: Vec<Read>,
    /// If it failed: what in particular was wrong, where that can be said.
    pub fault: Option<String>,
}

/// The op about to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Next {
    /// The function it is in.
    pub func: FuncId,
    /// Its place in the code.
    pub ip: u32,
    /// Its place in the file.
    pub pc: u32,
    /// Its disassembly.
    pub text: String,
    /// What it does, in words.
    pub meaning: String,
    /// The WebAssembly operators it stands for.
    pub operators: String,
    /// Slots it will read and their values now.
    pub reads: Vec<Read>,
    /// Whether it may jump or not.
    pub branch: bool,
    /// What it will do, if the run is known that far.
    pub row: Option<FlowRow>,
}

/// Where to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Place {
    /// At the first op of a function.
    Func(FuncId),
    /// At an op, by its offset in our code.
    Ip(FuncId, u32),
    /// At the op that a WebAssembly operator became; module and offset in its file.
    Pc(u32, u32),
}

/// An expression shown at every step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Display {
    /// Its number.
    pub id: u32,
    /// The expression.
    pub text: String,
    /// Its value at this step, or why there is none.
    pub value: Result<String, String>,
}

/// What a breakpoint waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Waits {
    /// That one of these ops is about to run.
    At(Vec<Place>),
    /// That a step meets a query of the run.
    For {
        /// The query, as the run writes it.
        query: String,
        /// Whether to stand behind that step, where what it did is to be seen, or before it.
        behind: bool,
    },
}

/// A breakpoint or a watchpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breakpoint {
    /// Its number, never given twice in a session.
    pub id: u32,
    /// What it waits for.
    pub waits: Waits,
    /// That in words.
    pub text: String,
    /// What must hold besides.
    pub condition: Option<Expr>,
    /// Whether it stops.
    pub enabled: bool,
    /// How many more times it is passed.
    pub ignore: u64,
    /// How often it has stopped a movement.
    pub stops: u64,
}

impl Breakpoint {
    /// One that always stops.
    pub fn new(id: u32, waits: Waits, text: String) -> Breakpoint {
        Breakpoint { id, waits, text, condition: None, enabled: true, ignore: 0, stops: 0 }
    }

    /// Whether it is a watchpoint.
    pub fn watches(&self) -> bool {
        matches!(self.waits, Waits::For { behind: true, .. })
    }

    /// The places of code it waits at.
    pub fn places(&self) -> &[Place] {
        match &self.waits {
            Waits::At(places) => places,
            Waits::For { .. } => &[],
        }
    }

    /// All of it in words.
    pub fn whole(&self) -> String {
        let mut text = self.text.clone();
        if let Some(condition) = &self.condition {
            text += &format!(" if {condition}");
        }
        if !self.enabled {
            text += ", off";
        }
        if self.ignore > 0 {
            text += &format!(", passed {} more times", self.ignore);
        }
        text
    }
}

/// The whole run in equal parts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Strip {
    /// The steps before this one are counted.
    pub upto: u64,
    /// The parts, from the first step to the last known.
    pub columns: Vec<Column>,
}

/// What happened in a part of the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Column {
    /// Whether all of it is counted.
    pub known: bool,
    /// Calls of the program's functions.
    pub calls: u64,
    /// Calls of the host.
    pub host: u64,
    /// Steps that wrote memory.
    pub writes: u64,
}

/// What a pane wants to see. Ranges are bounded by the pane's size.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wants {
    /// Depth of the frame to look into; the innermost if `None`.
    pub frame: Option<u32>,
    /// How many steps before and after the cursor.
    pub flow: (u32, u32),
    /// First depth from the inside and number of frames.
    pub frames: (u32, u32),
    /// How many of the innermost frames, besides.
    pub backtrace: u32,
    /// Memory, address, length.
    pub memory: Option<(u32, u64, u32)>,
    /// Bytes of output, the latest.
    pub output: u32,
    /// Parts of the run's map.
    pub strip: u16,
    /// The function looked into as WebAssembly text.
    pub wasm: bool,
    /// The function looked into, lowered the other way.
    pub other: bool,
    /// How often its ops ran.
    pub counts: bool,
    /// What handlers returned, counted over the run.
    pub outcomes: bool,
    /// The calls of the whole run.
    pub tree: bool,
    /// Host calls: the first one's number, else those about the cursor; and how many.
    pub hosts: Option<(Option<u64>, u32)>,
    /// Elements of a table: which, the first, how many.
    pub table: Option<(u32, u64, u32)>,
    /// Where values that are read came from.
    pub origins: bool,
    /// The wanted bytes as they are at another step.
    pub compare: Option<u64>,
    /// Bytes to look for.
    pub needle: Option<Needle>,
}

impl Wants {
    /// Both wants.
    pub fn and(self, other: Wants) -> Wants {
        Wants {
            frame: self.frame.or(other.frame),
            flow: (self.flow.0.max(other.flow.0), self.flow.1.max(other.flow.1)),
            frames: if other.frames.1 > self.frames.1 { other.frames } else { self.frames },
            backtrace: self.backtrace.max(other.backtrace),
            memory: self.memory.or(other.memory),
            output: self.output.max(other.output),
            strip: self.strip.max(other.strip),
            wasm: self.wasm || other.wasm,
            other: self.other || other.other,
            counts: self.counts || other.counts,
            outcomes: self.outcomes || other.outcomes,
            tree: self.tree || other.tree,
            hosts: self.hosts.or(other.hosts),
            table: self.table.or(other.table),
            origins: self.origins || other.origins,
            compare: self.compare.or(other.compare),
            needle: self.needle.or(other.needle),
        }
    }
}

/// All that may be shown at one step.
#[derive(Clone, PartialEq, Debug)]
pub struct Moment {
    /// The run.
    pub about: Arc<About>,
    /// Steps done.
    pub step: u64,
    /// WebAssembly operators retired.
    pub tick: u64,
    /// Steps known of the run; the cursor's greatest value.
    pub end: u64,
    /// How the run ends.
    pub run: RunEnd,
    /// Why the cursor is here.
    pub why: Why,
    /// Number of frames.
    pub depth: u32,
    /// The innermost frame; none when nothing runs any more.
    pub inner: Option<Frame>,
    /// Some frames, outermost first.
    pub frames: Vec<Frame>,
    /// The innermost frames, outermost first, as many as wanted.
    pub backtrace: Vec<Frame>,
    /// The frame looked into; none when nothing runs any more.
    pub frame: Option<Frame>,
    /// The code of that frame's function.
    pub code: Option<Arc<Listing>>,
    /// The slots of that frame.
    pub slots: Vec<Slot>,
    /// All globals.
    pub globals: Vec<Global>,
    /// All memories.
    pub memories: Vec<Memory>,
    /// The bytes wanted.
    pub bytes: Option<Bytes>,
    /// The steps wanted, in order.
    pub flow: Vec<FlowRow>,
    /// What was printed up to here, the latest.
    pub output: Vec<Output>,
    /// Whether there was more output before that.
    pub output_cut: bool,
    /// The step just done.
    pub last: Option<Last>,
    /// The op about to run.
    pub next: Option<Next>,
    /// All breakpoints.
    pub breakpoints: Vec<Breakpoint>,
    /// Marks: letter and step.
    pub marks: Vec<(char, u64)>,
    /// The map of the run.
    pub strip: Strip,
    /// The function looked into as WebAssembly text, if wanted.
    pub wasm: Option<Arc<Vec<WasmLine>>>,
    /// The function looked into, lowered the other way, if wanted.
    pub other: Option<Arc<Other>>,
    /// How often its ops ran, if wanted.
    pub counts: Option<Counts>,
    /// The source of the function looked into, if it is known.
    pub source: Option<Arc<SourceView>>,
    /// What handlers returned in the whole run, if wanted.
    pub outcomes: Vec<(Outcome, u64)>,
    /// The calls of the whole run, if wanted.
    pub tree: Option<Arc<CallTree>>,
    /// The host calls wanted.
    pub hosts: Option<HostCalls>,
    /// All tables.
    pub tables: Vec<Table>,
    /// The elements wanted.
    pub elements: Option<Elements>,
    /// The bytes wanted, as they are at the step asked for, and that step.
    pub compared: Option<(u64, Bytes)>,
    /// Names of the program's functions.
    pub functions: Arc<Vec<String>>,
    /// Notes: step and text.
    pub notes: Vec<(u64, String)>,
    /// What one step is.
    pub unit: Unit,
    /// Expressions shown at every step.
    pub displays: Vec<Display>,
    /// What the flow list is filtered by, and how many steps of the run that are, if they are counted.
    pub filter: Option<(String, Option<u64>)>,
    /// Where the bytes looked for are.
    pub found: Option<Found>,
}

impl Moment {
    /// Whether the frame looked into is the innermost.
    pub fn innermost(&self) -> bool {
        self.frame.as_ref().is_none_or(|frame| frame.depth + 1 == self.depth)
    }

    /// What the last step did, if anything.
    pub fn effects(&self) -> &[Effect] {
        self.last.as_ref().map_or(&[][..], |last| &last.row.event.effects)
    }

    /// Slots of the frame looked into that the last step wrote.
    pub fn written_slots(&self) -> Vec<u32> {
        let Some(frame) = &self.frame else {
            return Vec::new();
        };
        self.effects()
            .iter()
            .filter_map(|effect| match effect {
                Effect::Slot { depth, slot, .. } if *depth == frame.depth => Some(*slot),
                _ => None,
            })
            .collect()
    }

    /// Slots of the frame looked into that the next op reads.
    pub fn read_slots(&self) -> Vec<u32> {
        match &self.next {
            Some(next) if self.innermost() => next.reads.iter().map(|it| it.slot).collect(),
            _ => Vec::new(),
        }
    }

    /// Part of the run done, in percent.
    pub fn percent(&self) -> u64 {
        match self.end {
            0 => 0,
            end => (u128::from(self.step) * 100 / u128::from(end)) as u64,
        }
    }

    /// The breakpoint at an op, if there is one.
    pub fn breakpoint_at(&self, func: FuncId, ip: u32, pc: u32, first: bool) -> Option<u32> {
        self.breakpoints
            .iter()
            .find(|breakpoint| {
                breakpoint.places().iter().any(|place| match *place {
                    Place::Func(at) => at == func && first,
                    Place::Ip(at, at_ip) => (at, at_ip) == (func, ip),
                    Place::Pc(module, at) => (module, at) == (func.module, pc),
                })
            })
            .map(|breakpoint| breakpoint.id)
    }
}
