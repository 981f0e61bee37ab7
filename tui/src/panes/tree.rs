//! The calls of the whole run, and where its steps went.
//!
//! ```text
//!   steps  share     calls   own
//!   6,138  100%          1     9  ▾ main
//!   5,102   83%          4   260    ▾ sort               the costliest first
//!   2,830   46%        140 2,830      ▸ swap             ▸ has callees that are folded; pressed, it unfolds
//! ```
//!
//! What takes a tenth of the run is unfolded until told otherwise, of one call or of all. The tree fills in while the run
//! is being counted.

use super::{Beyond, Effect, Note, Pane, View, lines};
use crate::command::Command;
use crate::moment::{CallTree, Moment, TreeNode, Wants};
use crate::session::{Request, Target};
use crate::widgets::line::Line;
use crate::widgets::scroll::Scroll;
use crate::words::{self, Base};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::HashSet;

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Tree {
    width: u16,
    height: usize,
    scroll: Scroll,
    /// Whether what costs little is unfolded as well.
    all: bool,
    /// Nodes that are not as they would be by themselves.
    turned: HashSet<u32>,
}

impl Tree {
    fn unfolded(&self, node: &TreeNode, whole: u64) -> bool {
        let by_itself = self.all || node.depth == 0 || node.total.saturating_mul(10) >= whole;
        by_itself != self.turned.contains(&node.id)
    }

    /// The node behind one that can be seen, by their places in the tree.
    fn behind(&self, at: usize, tree: &CallTree) -> usize {
        let node = &tree.nodes[at];
        at + if self.unfolded(node, tree.upto) { 1 } else { 1 + node.below as usize }
    }

    /// The nodes that can be seen.
    fn rows<'a>(&self, tree: &'a CallTree) -> Vec<&'a TreeNode> {
        let mut rows = Vec::new();
        let mut at = 0;
        while let Some(node) = tree.nodes.get(at) {
            rows.push(node);
            at = self.behind(at, tree);
        }
        rows
    }

    /// The row of a node, or of the one that it is folded into.
    fn row_of(&self, node: usize, tree: &CallTree) -> usize {
        let (mut row, mut at) = (0, 0);
        while self.behind(at, tree) <= node {
            (row, at) = (row + 1, self.behind(at, tree));
        }
        row
    }
}

/// What stands above the numbers, which leave one column before the names.
fn head(width: u16) -> &'static str {
    match width >= 56 {
        true => "      steps share      calls        own",
        false => "  steps share  calls",
    }
}

impl Tree {
    /// Columns in front of a name. Where calls go deep, the list is turned aside as far as the selection asks for.
    fn indent(&self, node: &TreeNode, rows: &[&TreeNode]) -> usize {
        let third = usize::from(self.width).saturating_sub(head(self.width).len() + 1) / 3;
        let selected = rows.get(self.scroll.at).map_or(0, |node| node.depth as usize);
        let aside = (selected * 2).saturating_sub(third);
        (node.depth as usize * 2).saturating_sub(aside).min(third)
    }
}

impl Pane for Tree {
    fn notes(&self, now: &Moment) -> Vec<Note> {
        match &now.tree {
            Some(tree) if tree.upto < now.end => {
                let part = u128::from(tree.upto) * 100 / u128::from(now.end.max(1));
                vec![Note::new(format!("{part}% counted"))]
            }
            Some(_) => vec![Note::more("steps · share · calls · own")],
            None => Vec::new(),
        }
    }

    fn resize(&mut self, width: u16, height: u16) {
        self.width = width;
        self.height = height.saturating_sub(1).into();
    }

    fn see(&mut self, now: &Moment) {
        if let Some(tree) = &now.tree {
            self.scroll.fit(self.rows(tree).len(), self.height);
        }
    }

    fn wants(&self) -> Wants {
        Wants { tree: true, ..Wants::default() }
    }

    fn beyond(&self, now: &Moment) -> Beyond {
        let len = now.tree.as_ref().map_or(0, |tree| self.rows(tree).len());
        Beyond::of(self.scroll.shown(len, self.height), len)
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        let tree = now.tree.as_ref()?;
        let rows = self.rows(tree);
        if let Some(by) = lines(command, count, self.height) {
            self.scroll.by(by, rows.len());
            self.scroll.fit(rows.len(), self.height);
            return Some(Effect::Done);
        }
        let node = *rows.get(self.scroll.at)?;
        if command == Command::Unfold {
            let chosen = tree.nodes.iter().position(|it| it.id == node.id)?;
            (self.all, self.turned) = (!self.all, HashSet::new());
            self.scroll.select(self.row_of(chosen, tree), self.rows(tree).len(), self.height);
            return Some(Effect::Done);
        }
        match command {
            Command::Follow => Some(Effect::Ask(Request::Goto(Target::Step(node.first)))),
            Command::View | Command::ViewBack => {
                if !self.turned.remove(&node.id) {
                    self.turned.insert(node.id);
                }
                Some(Effect::Done)
            }
            _ => None,
        }
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        let len = self.rows(now.tree.as_ref()?).len();
        self.scroll.point(y.checked_sub(1)?, len).then_some(Effect::Done)
    }

    fn push(&mut self, x: u16, y: u16, _twice: bool, now: &Moment) -> Option<Effect> {
        let rows = self.rows(now.tree.as_ref()?);
        let y = y.checked_sub(1)?;
        let node = rows.get(self.scroll.top + usize::from(y))?;
        if node.below == 0 || usize::from(x) != head(self.width).len() + 1 + self.indent(node, &rows) {
            return None;
        }
        self.scroll.point(y, rows.len());
        self.act(Command::View, 1, now)
    }

    fn scroll(&mut self, _x: u16, by: i64, now: &Moment) -> Option<Effect> {
        let len = self.rows(now.tree.as_ref()?).len();
        self.scroll.turn(by, len, self.height);
        Some(Effect::Done)
    }

    fn menu(&self, now: &Moment) -> Vec<(String, String)> {
        let tree = now.tree.as_ref();
        let node = tree.and_then(|tree| self.rows(tree).get(self.scroll.at).copied());
        let Some(TreeNode { name, first, .. }) = node else { return Vec::new() };
        vec![
            (format!("the first step of {name} here"), format!("goto {first}")),
            (format!("stop at every call of {name}, or no more"), format!("break {name}")),
            (format!("on to the next call of {name}"), format!("run-to {name}")),
            (format!("back to the last call of {name}"), format!("run-back-to {name}")),
        ]
    }

    fn copy(&self, now: &Moment, _base: Base) -> Option<String> {
        let rows = self.rows(now.tree.as_ref()?);
        let node = rows.get(self.scroll.at)?;
        let TreeNode { name, calls, own, total, first, .. } = node;
        Some(format!("{name}: {total} steps, {own} of its own, {calls} calls, first at {first}"))
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Follow, Command::View, Command::Unfold]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let Some(tree) = now.tree.as_ref().filter(|tree| !tree.nodes.is_empty()) else {
            Line::new(buf, area, 0).put("no calls counted yet", theme.dim);
            return;
        };
        let wide = area.width >= 56;
        Line::new(buf, area, 0).put(head(area.width), theme.dim);
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        let rows = self.rows(tree);
        for (row, node) in rows.iter().skip(self.scroll.top).take(body.height.into()).enumerate() {
            let share = words::share(node.total, tree.upto);
            let mut line = Line::new(buf, body, row as u16);
            let number = |n: u64| if wide { words::count(n) } else { words::brief(n) };
            match wide {
                true => line.put(&format!("{:>11} {share:>5} ", number(node.total)), theme.plain),
                false => line.put(&format!("{:>7} {share:>5} ", number(node.total)), theme.plain),
            };
            match wide {
                true => line.put(&format!("{:>10} {:>10} ", number(node.calls), number(node.own)), theme.dim),
                false => line.put(&format!("{:>6} ", number(node.calls)), theme.dim),
            };
            let indent = self.indent(node, &rows);
            line.put(&" ".repeat(indent), theme.plain);
            let mark = match (node.below, self.unfolded(node, tree.upto)) {
                (0, _) => "  ",
                (_, true) => "▾ ",
                (_, false) => "▸ ",
            };
            line.put(mark, theme.dim);
            let room = line.room();
            line.clip(&node.name, room, theme.name);
            let depth = format!("  depth {}", node.depth);
            if indent != node.depth as usize * 2 && line.room() >= depth.len() {
                line.put(&depth, theme.dim);
            }
            if node.cut {
                line.put("  and more", theme.dim);
            }
            if self.scroll.top + row == self.scroll.at && view.focused {
                line.paint(theme.selected);
            }
        }
    }
}
