//! The toy's run in numbers.

use std::sync::Arc;
use wasmscope_trace_format::{Effect, Event, FuncId, Outcome};
use wasmscope_tui::moment::{CallTree, Column, TreeNode};
use wasmscope_tui::session::{Failure, Overview};

/// A count of recorded events.
pub(super) struct Counted {
    pub(super) upto: u64,
    pub(super) events: Vec<Event>,
}

impl Overview for Counted {
    fn go_on(&mut self, steps: u64) -> Result<bool, Failure> {
        let end = self.events.len() as u64;
        self.upto = self.upto.saturating_add(steps).min(end);
        Ok(self.upto < end)
    }

    fn upto(&self) -> u64 {
        self.upto
    }

    fn columns(&self, end: u64, columns: usize) -> Vec<Column> {
        let columns = (columns as u64).min(end);
        let part = |at: u64| (end * at / columns) as usize..(end * (at + 1) / columns) as usize;
        let column = |at: u64| {
            let events = &self.events[part(at)];
            let count = |of: fn(&Event) -> bool| events.iter().filter(|event| of(event)).count() as u64;
            Column {
                known: self.upto >= part(at).end as u64,
                calls: count(|event| event.outcome == Outcome::Call),
                writes: count(|event| event.effects.iter().any(|it| matches!(it, Effect::Write { .. }))),
                ..Column::default()
            }
        };
        (0..columns).map(column).collect()
    }

    fn op_counts(&self, func: FuncId) -> Vec<(u32, u64)> {
        let mut counts = std::collections::BTreeMap::new();
        for event in self.events.iter().filter(|event| event.func == func) {
            *counts.entry(event.ip).or_insert(0) += 1;
        }
        counts.into_iter().collect()
    }

    fn outcomes(&self) -> Vec<(&'static str, u64)> {
        let mut counts: Vec<(&'static str, u64)> = Vec::new();
        for event in &self.events {
            match counts.iter_mut().find(|it| it.0 == event.outcome.name()) {
                Some(it) => it.1 += 1,
                None => counts.push((event.outcome.name(), 1)),
            }
        }
        counts.sort_by_key(|it| std::cmp::Reverse(it.1));
        counts
    }

    fn tree(&self, name: &dyn Fn(FuncId) -> Arc<str>) -> CallTree {
        let own = |func: u32| self.events.iter().filter(|event| event.func.func == func).count() as u64;
        let node = |func: u32, below: u32, calls: u64, total: u64| TreeNode {
            id: func + 1,
            name: name(FuncId { module: 0, func }),
            depth: func,
            below,
            calls,
            own: own(func),
            total,
            first: 4 * u64::from(func),
            cut: func == 1,
        };
        let calls = self.events.iter().filter(|event| event.outcome == Outcome::Call).count() as u64;
        let nodes = vec![node(0, 1, 1, own(0) + own(1)), node(1, 0, calls, own(1))];
        CallTree { upto: self.upto, nodes }
    }
}
