//! The parts of a moment that only some panes want: other views of a function's code, counts of the
//! whole run, host calls. What does not change is made once and kept.

use super::{Failure, Session, Source, State};
use crate::moment::{
    Bytes, CallTree, Compared, Counts, Found, HostCalls, MOST_ROWS, Memory, Other, SourceView, Strip, Wants,
    WasmLine, func_name,
};
use std::collections::HashMap;
use std::sync::Arc;
use wasmscope_trace_format::FuncId;

/// What was made before.
#[derive(Default)]
pub(super) struct Looks {
    wasm: HashMap<FuncId, Option<Arc<Vec<WasmLine>>>>,
    other: HashMap<FuncId, Option<Arc<Other>>>,
    source: HashMap<FuncId, Option<Arc<SourceView>>>,
    names: HashMap<FuncId, Arc<str>>,
    /// The tree last shown, and how much of the run was in it.
    tree: Option<Arc<CallTree>>,
    /// What else was counted when last there was time to look.
    strip: Strip,
    counts: Option<(FuncId, Counts)>,
    outcomes: Vec<(&'static str, u64)>,
    found: Option<Found>,
}

/// The answers.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) strip: Strip,
    pub(super) wasm: Option<Arc<Vec<WasmLine>>>,
    pub(super) other: Option<Arc<Other>>,
    pub(super) counts: Option<Counts>,
    pub(super) source: Option<Arc<SourceView>>,
    pub(super) outcomes: Vec<(&'static str, u64)>,
    pub(super) tree: Option<Arc<CallTree>>,
    pub(super) hosts: Option<HostCalls>,
}

/// Looks for what is wanted; `func` is the function looked into, `end` the run's last step.
pub(super) fn looked(session: &mut Session, func: Option<FuncId>, wants: &Wants, end: u64) -> Looked {
    let Session { source, looks, overview, hits, .. } = session;
    let mut looked = Looked::default();
    if let Some(func) = func {
        if wants.wasm {
            let make = || source.wasm(func).ok().map(Arc::new);
            looked.wasm = looks.wasm.entry(func).or_insert_with(make).clone();
        }
        if wants.other {
            let make = || source.other(func).ok().map(Arc::new);
            looked.other = looks.other.entry(func).or_insert_with(make).clone();
        }
        let make = || source.source(func).map(Arc::new);
        looked.source = looks.source.entry(func).or_insert_with(make).clone();
    }
    looked.hosts = wants.hosts.map(|(from, count)| source.hosts(from, session.cursor, count.min(MOST_ROWS)));
    let Some(overview) = overview else { return looked };
    if wants.strip > 0 {
        if let Some(strip) = overview.strip(end, wants.strip.into()) {
            looks.strip = strip;
        }
        looked.strip = looks.strip.clone();
        looked.strip.first_in_each(end, |from| source.host_from(from), |column| &mut column.host);
        if let Some(hits) = hits {
            hits.want(&session.breakpoints, end);
            hits.mark(&mut looked.strip, end);
        }
    }
    if let (true, Some(func)) = (wants.counts, func) {
        if let Some(ops) = overview.read(|of| of.op_counts(func)) {
            looks.counts = Some((func, Counts { ops }));
        }
        looked.counts = looks.counts.as_ref().filter(|it| it.0 == func).map(|it| it.1.clone());
    }
    if wants.outcomes {
        if let Some(outcomes) = overview.read(|of| of.outcomes()) {
            looks.outcomes = outcomes;
        }
        looked.outcomes = looks.outcomes.clone();
    }
    if wants.tree {
        let known = looks.tree.as_ref().map(|tree| tree.upto);
        if overview.read(|of| of.upto()).is_some_and(|upto| known != Some(upto)) {
            if looks.names.is_empty() {
                let named = |(func, name): (FuncId, Option<String>)| {
                    (func, Arc::from(func_name(func, name.as_deref())))
                };
                looks.names = source.functions().into_iter().map(named).collect();
            }
            let names = &looks.names;
            let name =
                |func: FuncId| names.get(&func).cloned().unwrap_or_else(|| func_name(func, None).into());
            if let Some(tree) = overview.read(|of| of.tree(&name)) {
                looks.tree = Some(Arc::new(tree));
            }
        }
        looked.tree = looks.tree.clone();
    }
    looked
}

/// The bytes wanted.
pub(super) fn bytes(state: &dyn State, wants: &Wants) -> Option<Bytes> {
    let (memory, addr, len) = wants.memory?;
    Some(Bytes { memory, addr, bytes: state.read(memory, addr, len.min(16 * MOST_ROWS) as usize) })
}

/// Frames among which the one to compare with is looked for.
const FRAMES: u32 = 256;

/// A step to compare with: values of the same function, globals, bytes.
pub(super) fn compared(
    source: &mut dyn Source,
    step: u64,
    func: Option<FuncId>,
    wants: &Wants,
) -> Result<Compared, Failure> {
    let state = source.state(step)?;
    let depth = state.depth();
    let mut frames = (depth.saturating_sub(FRAMES)..depth).rev();
    let same = frames.find(|&at| func.is_some() && state.frame(at).map(|frame| frame.func) == func);
    Ok(Compared {
        step,
        slots: same.map_or_else(Vec::new, |at| state.slots(at)),
        globals: state.globals(),
        bytes: bytes(state.as_ref(), wants),
    })
}

/// Bytes read at once by a search.
const CHUNK: usize = 1 << 20;

/// Searches a memory for the bytes wanted, once for each search.
pub(super) fn found(
    looks: &mut Looks,
    wants: &Wants,
    state: &dyn State,
    memories: &[Memory],
) -> Option<Found> {
    let needle = wants.needle.as_ref().filter(|it| !it.bytes.is_empty())?;
    if let Some(found) = looks.found.filter(|found| found.serial == needle.serial) {
        return Some(found);
    }
    let len = memories.iter().find(|it| it.index == needle.memory)?.len;
    let size = needle.bytes.len() as u64;
    // From where it begins to the end, then from the start to there.
    let within = |from: u64, to: u64| {
        let mut at = from;
        while at + size <= to {
            let bytes = state.read(needle.memory, at, CHUNK.min((to - at) as usize));
            if let Some(place) = bytes.windows(needle.bytes.len()).position(|it| it == needle.bytes) {
                return Some(at + place as u64);
            }
            // What begins in this piece may end in the next.
            at += (bytes.len() as u64).saturating_sub(size - 1).max(1);
        }
        None
    };
    let from = needle.from.min(len);
    let addr = within(from, len).or_else(|| within(0, (from + size - 1).min(len)));
    looks.found = Some(Found { serial: needle.serial, addr });
    looks.found
}
