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
//! depend on the run. Always: `flow` is contiguous in step unless it is filtered, and about the cursor unless it is
//! wanted about another step; `frames` is contiguous in depth.
//! Elsewhere: who makes it (`session`), who shows it (`panes`).

mod calls;
mod code;
mod flow;
mod run;
mod state;
mod stops;

pub use calls::{CallTree, Frame, HostCall, HostCalls, Inlined, TreeNode};
pub use code::{
    Counts, Lesson, Listing, Other, SourceFile, SourceLine, SourceView, WasmLine, func_name, pcs_up_to,
    slot_label,
};
pub use flow::{FlowRow, Last, Next, Output, Read, Stream, bytes_named};
pub use run::{About, Column, Mode, RunEnd, Strip, Why};
pub use state::{
    Accessed, Bytes, Compared, Elements, Found, Global, Home, Memory, Needle, Origin, Slot, Table,
};
pub use stops::{Breakpoint, Display, Place, Waits};

use crate::session::Unit;
use std::sync::Arc;
use wasmscope_trace_format::{Effect, FuncId};

/// So many rows are given at once, of anything.
pub const MOST_ROWS: u32 = 10_000;

/// What a pane wants to see. Ranges are bounded by the pane's size.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wants {
    /// Depth of the frame to look into; the innermost if `None`.
    pub frame: Option<u32>,
    /// The function whose code to show; that frame's if `None`.
    pub func: Option<FuncId>,
    /// How many steps before and after the cursor.
    pub flow: (u32, u32),
    /// The step around which those are, instead.
    pub flow_at: Option<u64>,
    /// First depth from the inside and number of frames.
    pub frames: (u32, u32),
    /// How many of the innermost frames, besides.
    pub backtrace: u32,
    /// Memory, address, length.
    pub memory: Option<(u32, u64, u32)>,
    /// The memory whose last access is to be told.
    pub accessed: Option<u32>,
    /// Bytes of output, the latest.
    pub output: u32,
    /// Parts of the run's map.
    pub strip: u16,
    /// That function as WebAssembly text.
    pub wasm: bool,
    /// The same, lowered the other way.
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
    /// The step to compare values and bytes with.
    pub compare: Option<u64>,
    /// Bytes to look for.
    pub needle: Option<Needle>,
}

impl Wants {
    /// Both wants.
    pub fn and(self, other: Wants) -> Wants {
        Wants {
            frame: self.frame.or(other.frame),
            func: self.func.or(other.func),
            flow: (self.flow.0.max(other.flow.0), self.flow.1.max(other.flow.1)),
            flow_at: self.flow_at.or(other.flow_at),
            frames: if other.frames.1 > self.frames.1 { other.frames } else { self.frames },
            backtrace: self.backtrace.max(other.backtrace),
            memory: self.memory.or(other.memory),
            accessed: self.accessed.or(other.accessed),
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
    /// Where these are not all: the outermost frames, who began it first.
    pub outermost: Vec<Frame>,
    /// The frame looked into; none when nothing runs any more.
    pub frame: Option<Frame>,
    /// The code of that frame's function, or of the one wanted.
    pub code: Option<Arc<Listing>>,
    /// The slots of that frame.
    pub slots: Vec<Slot>,
    /// All globals.
    pub globals: Vec<Global>,
    /// All memories.
    pub memories: Vec<Memory>,
    /// The bytes wanted.
    pub bytes: Option<Bytes>,
    /// Where that memory was accessed last.
    pub accessed: Option<Accessed>,
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
    /// That function as WebAssembly text, if wanted.
    pub wasm: Option<Arc<Vec<WasmLine>>>,
    /// The same, lowered the other way, if wanted.
    pub other: Option<Arc<Other>>,
    /// How often its ops ran, if wanted.
    pub counts: Option<Counts>,
    /// The source of that function, if it is known.
    pub source: Option<Arc<SourceView>>,
    /// What handlers returned in the whole run, by the outcome's name, if wanted.
    pub outcomes: Vec<(&'static str, u64)>,
    /// The calls of the whole run, if wanted.
    pub tree: Option<Arc<CallTree>>,
    /// The host calls wanted.
    pub hosts: Option<HostCalls>,
    /// All tables.
    pub tables: Vec<Table>,
    /// The elements wanted.
    pub elements: Option<Elements>,
    /// The same at the step to compare with.
    pub compared: Option<Compared>,
    /// Names of the program's functions.
    pub functions: Arc<Vec<String>>,
    /// Notes: step and text.
    pub notes: Vec<(u64, String)>,
    /// What one step is.
    pub unit: Unit,
    /// Expressions shown at every step.
    pub displays: Vec<Display>,
    /// Whether the op about to run is there because it made a value that was followed.
    pub followed: bool,
    /// The slot of the value on whose way the cursor came to the call about to run, which passes it.
    pub passed: Option<String>,
    /// What the flow list is filtered by, and how many steps of the run that are, if they are counted.
    pub filter: Option<(String, Option<u64>)>,
    /// Where the bytes looked for are.
    pub found: Option<Found>,
    /// The address last asked to be shown.
    pub shown: Option<Found>,
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

    /// What the op about to run reads of slots: what it works on first, then where that is in memory.
    pub fn reads(&self) -> Vec<&Read> {
        let Some(next) = &self.next else { return Vec::new() };
        let address = next.code.as_ref().and_then(|(code, op)| *code.addresses.get(*op as usize)?);
        let is_address = |read: &&Read| address.is_some_and(|(slot, _)| slot == read.slot);
        let mut reads: Vec<&Read> = next.reads.iter().collect();
        reads.sort_by_key(is_address);
        reads
    }

    /// Part of the run done, in percent.
    pub fn percent(&self) -> u64 {
        match self.end {
            0 => 0,
            end => (u128::from(self.step) * 100 / u128::from(end)) as u64,
        }
    }
}
