//! What went in and out of a run, to be looked at: host calls, each with all that it did, and what the
//! guest wrote.

use super::Run;
use std::sync::Arc;
use wasmscope_trace_format::{HostEntry, HostRecord, Output, Reason, Value};

/// A call of a host function.
#[derive(Clone, Debug, PartialEq)]
pub struct HostCallView {
    /// The step that called it.
    pub step: u64,
    /// What it is imported as: `module.name`.
    pub name: String,
    /// Its arguments.
    pub args: Vec<Value>,
    /// Its results, once it has returned.
    pub results: Vec<Value>,
    /// What it wrote itself: memory, address, bytes.
    pub written: Vec<(u32, u64, Vec<u8>)>,
    /// Why it failed, if it did.
    pub failed: Option<Reason>,
}

impl Run {
    /// What the guest wrote before `step`, in order.
    pub fn outputs(&self, step: u64) -> Vec<Arc<Output>> {
        let state = self.state();
        let before = state.outputs.partition_point(|output| output.position.step < step);
        state.outputs[..before].to_vec()
    }

    /// What the guest wrote at this place in the order of all it wrote.
    pub(crate) fn output(&self, index: usize) -> Option<Arc<Output>> {
        self.state().outputs.get(index).cloned()
    }

    /// The last of what the guest wrote before `step`: chunks that hold at least `limit`
    /// bytes together, in order, and whether there was more before.
    pub fn latest_outputs(&self, step: u64, limit: usize) -> (Vec<Arc<Output>>, bool) {
        let state = self.state();
        let before = state.outputs.partition_point(|output| output.position.step < step);
        let (mut from, mut held) = (before, 0);
        while from > 0 && held < limit {
            from -= 1;
            held += state.outputs[from].bytes.len();
        }
        (state.outputs[from..before].to_vec(), from > 0)
    }

    /// The host calls of the run: index of the entry that begins each, in order.
    pub fn host_calls(&self) -> Vec<Arc<HostRecord>> {
        let calls = self.state().calls.clone();
        calls.into_iter().filter_map(|(index, _)| self.entry(index)).collect()
    }

    /// The host functions of the run: module and name they are imported by.
    pub fn host_names(&self) -> Vec<(String, String)> {
        let names = self.entries_from(0).filter_map(|record| match &record.entry {
            HostEntry::HostFunc { module, name, .. } => Some((module.clone(), name.clone())),
            _ => None,
        });
        names.collect()
    }

    /// The host calls before `step`: how many there are, and how many in the whole run.
    pub fn host_calls_before(&self, step: u64) -> (u64, u64) {
        let state = self.state();
        let before = state.calls.partition_point(|&(_, at)| at < step);
        (before as u64, state.calls.len() as u64)
    }

    /// The step of the first host call from a step on.
    pub fn host_call_from(&self, step: u64) -> Option<u64> {
        let state = self.state();
        let before = state.calls.partition_point(|&(_, at)| at < step);
        state.calls.get(before).map(|&(_, at)| at)
    }

    /// Some host calls of the run, by their numbers from 0.
    pub fn host_calls_in(&self, numbers: std::ops::Range<u64>) -> Vec<HostCallView> {
        let calls = {
            let state = self.state();
            let end = numbers.end.min(state.calls.len() as u64);
            state.calls[numbers.start.min(end) as usize..end as usize].to_vec()
        };
        calls.into_iter().filter_map(|(index, _)| self.host_call(index)).collect()
    }

    /// The host call that begins with an entry.
    fn host_call(&self, index: u64) -> Option<HostCallView> {
        let record = self.entry(index)?;
        let HostEntry::HostEnter { func, args } = &record.entry else { return None };
        let name = self.state().hosts.get(func).cloned();
        let mut view = HostCallView {
            step: record.position.step,
            name: name.unwrap_or_else(|| format!("host function {func}")),
            args: args.clone(),
            results: Vec::new(),
            written: Vec::new(),
            failed: None,
        };
        // Calls back into the guest, and what they call, stand between.
        let mut open = 1;
        for record in self.entries_from(index + 1) {
            match &record.entry {
                HostEntry::HostEnter { .. } => open += 1,
                HostEntry::HostExit { results } => {
                    open -= 1;
                    if open == 0 {
                        view.results.clone_from(results);
                    }
                }
                HostEntry::HostFailed { reason } => {
                    open -= 1;
                    if open == 0 {
                        view.failed = Some(reason.clone());
                    }
                }
                HostEntry::MemoryWrite { memory, addr, bytes } if open == 1 => {
                    view.written.push((*memory, *addr, bytes.clone()));
                }
                _ => {}
            }
            if open == 0 {
                break;
            }
        }
        Some(view)
    }
}
