//! What the host log answers by itself: calls of host functions, and traps.

use super::parse::named_so;
use super::query::Query;
use super::{Hit, Site};
use crate::timeline::source::Run;
use std::collections::HashMap;
use std::ops::Range;
use wasmscope_trace_format::{HostEntry, Reason};

/// The steps of `range` that meet the query, in order; `None` if the log cannot tell.
pub(super) fn answer(run: &Run, query: &Query, range: Range<u64>) -> Option<Vec<Hit>> {
    let parts = query.parts();
    let is_known = |part: &&Query| matches!(part, Query::Host(_) | Query::Trap);
    if run.damage().is_some() || !parts.iter().all(is_known) {
        return None;
    }
    let mut hosts: HashMap<u32, (String, String)> = HashMap::new();
    let mut hits = Vec::new();
    let mut found = |step: u64, part: Option<usize>| {
        if let Some(part) = part.filter(|_| range.contains(&step)) {
            hits.push(Hit { step, part, site: None::<Site> });
        }
    };
    // Steps at which the calls from outside began that have not ended, and whether each is
    // of a host function.
    let mut calls: Vec<(u64, bool)> = Vec::new();
    for index in 0..run.entries() {
        let record = run.entry(index)?;
        let step = record.position.step;
        match &record.entry {
            HostEntry::HostFunc { func, module, name, .. } => {
                hosts.insert(*func, (module.clone(), name.clone()));
            }
            HostEntry::Instantiate { .. } => calls.push((step, false)),
            HostEntry::Invoke { func, .. } => calls.push((step, hosts.contains_key(func))),
            HostEntry::Finished { .. } => drop(calls.pop()),
            HostEntry::Failed { reason } => {
                if matches!(reason, Reason::OutOfFuel | Reason::Interrupted | Reason::WaitingForInput) {
                    // It goes on later.
                    continue;
                }
                let began = calls.pop();
                if let Reason::Trap(_) = reason {
                    if !calls.is_empty() && parts.contains(&&Query::Trap) {
                        // Below a host function, whose step is all the log has.
                        return None;
                    }
                    // Before the first step of a call nothing of the guest's has trapped.
                    if began.is_some_and(|(began, host)| began < step && !host) {
                        found(step - 1, parts.iter().position(|part| **part == Query::Trap));
                    }
                }
            }
            HostEntry::HostEnter { func, .. } => {
                let from_outside = calls.last().is_some_and(|(_, host)| *host);
                let parked = matches!(
                    run.entry(index + 1).map(|next| next.entry.clone()),
                    Some(HostEntry::HostFailed {
                        reason: Reason::OutOfFuel | Reason::Interrupted | Reason::WaitingForInput
                    })
                );
                if !from_outside && !parked {
                    let (module, field) = hosts.get(func)?;
                    let meant = |part: &&Query| match part {
                        Query::Host(name) => name.as_ref().is_none_or(|name| named_so(name, module, field)),
                        _ => false,
                    };
                    found(step, parts.iter().position(meant));
                }
            }
            _ => {}
        }
    }
    // A host function that failed is followed by its call's failure at the same step.
    hits.sort_by_key(|hit| (hit.step, hit.part));
    hits.dedup_by_key(|hit| hit.step);
    Some(hits)
}
