//! The engine's count of a whole run, as a session's overview.

use super::convert;
use crate::moment::{CallTree, Column, TreeNode};
use crate::session::{Failure, Overview};
use std::sync::Arc;
use wasmscope_core::timeline::Run;
use wasmscope_core::timeline::survey::Surveyor;
use wasmscope_trace_format::{FuncId, Outcome};

/// A surveyor of a run.
pub(super) struct Counting(Surveyor);

impl Counting {
    pub(super) fn of(run: &Arc<Run>) -> Box<dyn Overview> {
        Box::new(Counting(Surveyor::new(run.clone())))
    }
}

impl Overview for Counting {
    fn go_on(&mut self, steps: u64) -> Result<bool, Failure> {
        self.0.go_on(steps).map_err(convert::failure)
    }

    fn upto(&self) -> u64 {
        self.0.upto()
    }

    fn columns(&self, end: u64, columns: usize) -> Vec<Column> {
        let (width, buckets) = (self.0.bucket_width(), self.0.buckets());
        let parts = end.div_ceil(width).min(columns as u64);
        let bound = |part: u64| (u128::from(end) * u128::from(part) / u128::from(parts)) as u64;
        let column = |part: u64| {
            // A bucket belongs to the part in which it begins.
            let (from, to) = (bound(part).div_ceil(width), bound(part + 1).div_ceil(width));
            let range = from as usize..(to as usize).min(buckets.len()).max(from as usize);
            let mut column = Column { known: self.0.upto() >= bound(part + 1), ..Column::default() };
            for bucket in buckets.get(range).unwrap_or(&[]) {
                column.calls += bucket.calls;
                column.writes += bucket.writes;
            }
            column
        };
        (0..parts).map(column).collect()
    }

    fn op_counts(&self, func: FuncId) -> Vec<(u32, u64)> {
        self.0.op_counts(func)
    }

    fn outcomes(&self) -> Vec<(&'static str, u64)> {
        let outcomes = self.0.outcomes();
        let counts = outcomes.flows.into_iter().chain([outcomes.errors]);
        let mut counted: Vec<(&'static str, u64)> = Outcome::NAMES.into_iter().zip(counts).collect();
        counted.retain(|it| it.1 > 0);
        counted.sort_by_key(|it| std::cmp::Reverse(it.1));
        counted
    }

    fn tree(&self, name: &dyn Fn(FuncId) -> Arc<str>) -> CallTree {
        let nodes = self.0.nodes();
        // Callers stand before those they call.
        let mut totals: Vec<u64> = nodes.iter().map(|node| node.own).collect();
        let mut below = vec![0u32; nodes.len()];
        let mut children: Vec<Vec<u32>> = vec![Vec::new(); nodes.len()];
        for (at, node) in nodes.iter().enumerate().skip(1).rev() {
            let parent = node.parent as usize;
            totals[parent] += totals[at];
            below[parent] += below[at] + 1;
            children[parent].push(at as u32);
        }
        let mut tree = CallTree { upto: self.0.upto(), nodes: Vec::with_capacity(nodes.len()) };
        let mut open = vec![0u32];
        while let Some(at) = open.pop() {
            let index = at as usize;
            children[index].sort_by_key(|&child| (totals[child as usize], std::cmp::Reverse(child)));
            // The costliest is taken first.
            open.extend(&children[index]);
            let node = &nodes[index];
            let Some(func) = node.func else { continue };
            tree.nodes.push(TreeNode {
                id: at,
                name: name(func),
                depth: node.depth,
                below: below[index],
                calls: node.calls,
                own: node.own,
                total: totals[index],
                first: node.first,
                cut: node.cut,
            });
        }
        tree
    }
}
