//! The whole run in numbers: what was executed how often, when, and who called whom.
//!
//! ```text
//! buckets   |calls 12, writes 3, deepest 4|…|…|     equal stretches of the run, for a map of it
//! ops       main+0x1c: 3000                         how often each op ran
//! tree      main ─ fib ─ fib ─ …                    calls by their callers, with steps spent
//! ```
//!
//! A surveyor repeats the run in a store of its own, op by op, and only counts. It stops when
//! told to and goes on later; of a run that grows it surveys what has been added.
//!
//! Always: after `upto` steps the numbers are those of exactly the steps before `upto`. What is
//! kept is bounded: so many buckets, so many nodes; deeper calls count where the tree was cut.

use crate::code::{OPS, OpCode};
use crate::exec::dispatch::{ControlFlow, Outcome};
use crate::exec::observer::{StepStart, Watch, Watcher};
use crate::store::{FuncEntry, PrunedStore};
use crate::timeline::find::sweep::Worker;
use crate::timeline::source::Run;
use crate::timeline::{TimelineError, convert, replay::Replayer};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use wasmscope_trace_format::FuncId;

/// At most so many buckets; then two become one.
const BUCKETS: usize = 2048;
/// At most so many nodes of the tree.
const NODES: usize = 1 << 16;
/// At most so many frames are told apart.
const DEPTH: usize = 1 << 20;

/// What happened in a stretch of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Calls of functions of the guest.
    pub calls: u64,
    /// Calls of the host.
    pub host: u64,
    /// Ops that write a memory, those of the host not counted.
    pub writes: u64,
    /// Most frames at once.
    pub deepest: u32,
}

impl Bucket {
    fn add(&mut self, other: &Bucket) {
        self.calls += other.calls;
        self.host += other.host;
        self.writes += other.writes;
        self.deepest = self.deepest.max(other.deepest);
    }
}

/// A function as it was called in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The function; none for the root, which stands for whoever called the guest.
    pub func: Option<FuncId>,
    /// Who called it; the root's is itself.
    pub parent: u32,
    /// How many frames deep, the root's callees being at 0.
    pub depth: u32,
    /// How often it was called this way.
    pub calls: u64,
    /// Steps in the function itself.
    pub own: u64,
    /// The step at which its first op ran first.
    pub first: u64,
    /// Whether calls from here were not told apart any more.
    pub cut: bool,
}

/// How the ops of a run are counted by what their handlers returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// In the order of [`ControlFlow`]: next, jump, call, tail call, host call, return, throw, halt.
    pub flows: [u64; 8],
    /// Those that failed.
    pub errors: u64,
}

/// Counts a whole run; see the header.
pub struct Surveyor {
    run: Arc<Run>,
    replayer: Replayer,
    counts: Counts,
    ended: bool,
}

struct Counts {
    upto: u64,
    width: u64,
    buckets: Vec<Bucket>,
    /// The step behind the current bucket.
    bucket_end: u64,
    outcomes: Outcomes,
    funcs: HashMap<usize, Counted>,
    nodes: Vec<Node>,
    children: HashMap<(u32, usize), u32>,
    /// Entry and node of each frame.
    stack: Vec<(usize, u32)>,
    /// The entry last seen, and its counters while they are taken out of `funcs`.
    current: Option<(usize, Counted)>,
}

struct Counted {
    func: FuncId,
    /// By half the offset of the op.
    ops: Vec<u64>,
}

/// Which ops write a memory.
static WRITES: LazyLock<[bool; OpCode::COUNT]> = LazyLock::new(|| {
    let mut writes = [false; OpCode::COUNT];
    for (at, op) in OPS.iter().enumerate() {
        writes[at] =
            op.name.contains("_store") || ["memory_copy", "memory_fill", "memory_init"].contains(&op.name);
    }
    writes
});

impl Counts {
    fn new() -> Counts {
        let root = Node { func: None, parent: 0, depth: 0, calls: 1, own: 0, first: 0, cut: false };
        Counts {
            upto: 0,
            width: 1,
            buckets: vec![Bucket::default()],
            bucket_end: 1,
            outcomes: Outcomes::default(),
            funcs: HashMap::new(),
            nodes: vec![root],
            children: HashMap::new(),
            stack: Vec::new(),
            current: None,
        }
    }

    /// Makes the bucket of a step the last.
    fn reach(&mut self, step: u64) {
        while step >= self.bucket_end {
            if self.buckets.len() == BUCKETS {
                self.halve();
                continue;
            }
            self.buckets.push(Bucket::default());
            self.bucket_end += self.width;
        }
    }

    /// Two buckets become one.
    fn halve(&mut self) {
        let joined = self.buckets.chunks(2).map(|pair| {
            let mut sum = pair[0];
            if let Some(other) = pair.get(1) {
                sum.add(other);
            }
            sum
        });
        self.buckets = joined.collect();
        self.width *= 2;
        self.bucket_end = self.buckets.len() as u64 * self.width;
    }

    /// The stack has changed: a frame at `depth` runs the function of `entry`.
    fn enter(&mut self, store: &PrunedStore, entry: *const FuncEntry, depth: usize, step: u64) {
        self.stack.truncate(depth + 1);
        let entered = self.stack.len() <= depth;
        if !entered && self.stack[depth].0 == entry.addr() {
            return;
        }
        self.stack.truncate(depth);
        // Frames that ran no op, such as the one of a host function.
        while self.stack.len() < depth {
            let node = self.stack.last().map_or(0, |it| it.1);
            self.stack.push((0, node));
        }
        let parent = self.stack.last().map_or(0, |it| it.1);
        let func = convert::func(store.entry(entry).id());
        let node = match self.children.get(&(parent, entry.addr())) {
            Some(&known) => known,
            None if self.nodes.len() < NODES => {
                let node = self.nodes.len() as u32;
                let depth = if parent == 0 { 0 } else { self.nodes[parent as usize].depth + 1 };
                self.nodes.push(Node {
                    func: Some(func),
                    parent,
                    depth,
                    calls: 0,
                    own: 0,
                    first: step,
                    cut: false,
                });
                self.children.insert((parent, entry.addr()), node);
                node
            }
            None => {
                self.nodes[parent as usize].cut = true;
                parent
            }
        };
        if node != parent {
            self.nodes[node as usize].calls += 1;
        }
        self.stack.push((entry.addr(), node));
    }

    /// The counters of the function of `entry` become the current ones.
    fn take_up(&mut self, store: &PrunedStore, entry: *const FuncEntry) {
        if let Some((at, counted)) = self.current.take() {
            self.funcs.insert(at, counted);
        }
        let counted = self.funcs.remove(&entry.addr()).unwrap_or_else(|| {
            let last = store.layout(entry).offsets.last().copied().unwrap_or(0);
            let func = convert::func(store.entry(entry).id());
            Counted { func, ops: vec![0; last as usize / 2 + 1] }
        });
        self.current = Some((entry.addr(), counted));
    }

    fn counted(&self) -> impl Iterator<Item = &Counted> {
        self.funcs.values().chain(self.current.iter().map(|(_, counted)| counted))
    }
}

impl Watcher for Counts {
    fn before(&mut self, store: &mut PrunedStore, start: &StepStart) {
        if start.number >= self.bucket_end {
            self.reach(start.number);
        }
        let depth = (start.depth as usize).min(DEPTH);
        let same = self.stack.len() == depth + 1 && self.stack[depth].0 == start.entry.addr();
        if !same {
            self.enter(store, start.entry, depth, start.number);
        }
        if self.current.as_ref().is_none_or(|(at, _)| *at != start.entry.addr()) {
            self.take_up(store, start.entry);
        }
        let offset = store.offset_in(start.entry, start.ip);
        if let Some((_, counted)) = &mut self.current {
            counted.ops[offset as usize / 2] += 1;
        }
        let node = self.stack[depth].1;
        self.nodes[node as usize].own += 1;
        self.upto = self.upto.max(start.number + 1);
    }

    fn after(&mut self, _store: &mut PrunedStore, start: &StepStart, outcome: Outcome) -> Watch {
        let bucket = self.buckets.last_mut().expect("there is always one");
        bucket.deepest = bucket.deepest.max(start.depth + 1);
        bucket.writes += u64::from(WRITES[start.op as usize]);
        match outcome {
            Ok(flow) => {
                self.outcomes.flows[flow as usize] += 1;
                match flow {
                    ControlFlow::Call | ControlFlow::TailCall => bucket.calls += 1,
                    ControlFlow::HostCall => bucket.host += 1,
                    _ => {}
                }
            }
            Err(_) => self.outcomes.errors += 1,
        }
        Watch::Continue
    }
}

impl Surveyor {
    /// A surveyor of a run, at its start.
    pub fn new(run: Arc<Run>) -> Surveyor {
        Surveyor { replayer: Replayer::new(run.clone()), run, counts: Counts::new(), ended: false }
    }

    /// Surveys `steps` more; false when it has come to the end of what is known of the run.
    ///
    /// # Errors
    /// If the run cannot be repeated.
    pub fn go_on(&mut self, steps: u64) -> Result<bool, TimelineError> {
        let (begin, end) = (self.run.begin().step, self.run.end().step);
        if self.replayer.step() < begin {
            let mut worker = Worker::new(&self.run)?;
            worker.go_to(&self.run, begin)?;
            self.replayer = worker.replayer;
        }
        let here = self.replayer.step();
        let limit = here.saturating_add(steps).min(end);
        while !self.ended && self.replayer.step() < limit {
            let before = self.replayer.step();
            let more = self.replayer.walk_to(limit, &mut self.counts)?;
            if !more && self.replayer.step() == before {
                // It stands still: a live run that waits, or the end.
                self.ended = self.run.why().is_some();
                break;
            }
        }
        Ok(!self.ended && self.replayer.step() > here && self.replayer.step() < self.run.end().step)
    }

    /// How many steps are surveyed.
    pub fn upto(&self) -> u64 {
        self.counts.upto
    }

    /// How many steps a bucket covers.
    pub fn bucket_width(&self) -> u64 {
        self.counts.width
    }

    /// The stretches surveyed so far; the last may be incomplete.
    pub fn buckets(&self) -> &[Bucket] {
        &self.counts.buckets
    }

    /// How often handlers returned what.
    pub fn outcomes(&self) -> Outcomes {
        self.counts.outcomes
    }

    /// How often each op of a function ran: offset and number, in order, those that never ran left
    /// out.
    pub fn op_counts(&self, func: FuncId) -> Vec<(u32, u64)> {
        let Some(counted) = self.counts.counted().find(|it| it.func == func) else { return Vec::new() };
        let counts = counted.ops.iter().enumerate();
        counts.filter(|(_, count)| **count > 0).map(|(at, count)| (at as u32 * 2, *count)).collect()
    }

    /// The calls, by their callers; the root is number 0, callers stand before those they call.
    pub fn nodes(&self) -> &[Node] {
        &self.counts.nodes
    }
}
