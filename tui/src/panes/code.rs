//! The code of the function looked into, at one level or several side by side.
//!
//! ```text
//! ┌ wasm ──────────────────────┬ bytecode ───────────────────────────────────────┐
//! │  0x01b1   local.get $a     │    1c  r5 = i32.add r3, r4          0x01b3      │
//! │  0x01b3   i32.add          │●▶  24  br_if r5 -> 0x7c       3.1M  0x01b8 …    │
//! └────────────────────────────┴─────────────────────────────────────────────────┘
//! │ └ ▶ next to run, ✗ failed, ▷ waiting for a call to return, › the pane's own cursor
//! └ breakpoint           how often it ran ┘      pc ┘   └ the Wasm operators it came from
//! ```
//!
//! The cursor follows the program; moved away, it says where `b` and Enter act. The other levels
//! stand so that what the cursor is on is in one line with it.

use super::{Effect, Pane, View, lines};
use crate::command::Command;
use crate::moment::{Moment, Place, Wants};
use crate::session::{Direction, Request};
use crate::theme::Theme;
use crate::widgets::line::{Line, width};
use crate::widgets::scroll::Scroll;
use crate::words::{self, Base};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::ops::Range;
use wasmscope_trace_format::{CodeFunc, FuncId, Outcome, Reason};

/// A way to look at code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Level {
    /// The source, if it was found.
    Source,
    /// The WebAssembly text format.
    Wasm,
    /// What runs.
    Bytecode,
    /// The same function lowered the other way.
    Other,
}

/// The sets one goes through.
const SETS: &[&[Level]] = &[
    &[Level::Bytecode],
    &[Level::Wasm, Level::Bytecode],
    &[Level::Source, Level::Wasm, Level::Bytecode],
    &[Level::Source, Level::Bytecode],
    &[Level::Source],
    &[Level::Wasm],
    &[Level::Other, Level::Bytecode],
];

/// Columns a level needs at least.
const LEAST: u16 = 32;

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Code {
    width: u16,
    height: usize,
    scroll: Scroll,
    /// Function and ip the cursor was last put on.
    at: Option<(FuncId, u32)>,
    set: usize,
    counts: bool,
    source: bool,
}

impl Code {
    /// The levels shown: those of the set that there are and that fit, the first at least.
    fn levels(&self) -> Vec<Level> {
        let there = |level: &&Level| **level != Level::Source || self.source;
        let mut levels: Vec<Level> = SETS[self.set].iter().filter(there).copied().collect();
        levels.truncate(usize::from(self.width / LEAST).max(1));
        if levels.is_empty() { vec![Level::Bytecode] } else { levels }
    }

    /// The next set that shows something else.
    fn turn(&mut self, by: usize) {
        let before = self.levels();
        for _ in 0..SETS.len() {
            self.set = (self.set + by) % SETS.len();
            let usable = self.source || !SETS[self.set].contains(&Level::Source);
            if usable && self.levels() != before {
                break;
            }
        }
    }
}

impl Pane for Code {
    fn title(&self, now: &Moment) -> String {
        now.code.as_ref().map_or_else(String::new, |code| code.name())
    }

    fn note(&self, now: &Moment) -> String {
        let Some(code) = now.code.as_ref().filter(|code| !code.code.ops.is_empty()) else {
            return String::new();
        };
        let levels = self.levels();
        let columns = match levels[..] {
            [Level::Bytecode] if self.width >= 60 => "ip · op · pc · wasm   ".to_owned(),
            _ if self.width >= 40 => {
                let names: Vec<&str> = levels.iter().map(|level| level_name(*level, now)).collect();
                names.join(" │ ") + "   "
            }
            _ => String::new(),
        };
        format!("{columns}{}/{}", self.scroll.at + 1, code.code.ops.len())
    }

    fn resize(&mut self, width: u16, height: u16) {
        (self.width, self.height) = (width, height.into());
    }

    fn see(&mut self, now: &Moment) {
        self.source = now.source.is_some();
        let (Some(frame), Some(code)) = (&now.frame, &now.code) else {
            return;
        };
        let len = code.code.ops.len();
        let place = (frame.func, frame.ip);
        if self.at != Some(place) {
            if self.at.is_none_or(|(func, _)| func != frame.func) {
                self.scroll = Scroll::default();
            }
            self.at = Some(place);
            let op = code.code.op_at(frame.ip).unwrap_or(0) as usize;
            self.scroll.select(op, len, self.height);
        }
        self.scroll.fit(len, self.height);
    }

    fn wants(&self) -> Wants {
        let levels = self.levels();
        Wants {
            wasm: levels.contains(&Level::Wasm),
            other: levels.contains(&Level::Other),
            counts: self.counts,
            ..Wants::default()
        }
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        let code = now.code.as_ref()?;
        if let Some(by) = lines(command, count, self.height) {
            self.scroll.by(by, code.code.ops.len());
            self.scroll.fit(code.code.ops.len(), self.height);
            return Some(Effect::Done);
        }
        let op = code.code.ops.get(self.scroll.at)?;
        let place = Place::Ip(code.code.func, op.ip);
        let here = now.frame.as_ref().is_some_and(|it| it.ip == op.ip);
        match command {
            // Keys typed ahead of the screen mean the op they will arrive at.
            Command::Break if here && now.innermost() => Some(Effect::Ask(Request::ToggleHere)),
            Command::Break => Some(Effect::Ask(Request::Toggle(place))),
            Command::Follow => Some(Effect::Ask(Request::RunOf(place, Direction::Forward))),
            Command::Explain if !here => Some(Effect::Explain(code.code.func, op.ip)),
            Command::View => {
                self.turn(1);
                Some(Effect::Done)
            }
            Command::ViewBack => {
                self.turn(SETS.len() - 1);
                Some(Effect::Done)
            }
            Command::Counts => {
                self.counts = !self.counts;
                Some(Effect::Say(match self.counts {
                    true => "how often each op runs in the whole run".into(),
                    false => "no counts".to_owned(),
                }))
            }
            _ => None,
        }
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        let len = now.code.as_ref()?.code.ops.len();
        self.scroll.point(y, len);
        Some(Effect::Done)
    }

    fn copy(&self, now: &Moment, _base: Base) -> Option<String> {
        let code = now.code.as_ref()?;
        let op = code.op(self.scroll.at as u32)?;
        let operators = code.operators.get(self.scroll.at).map_or("", String::as_str);
        Some(format!("{}+{:#x}  {}  @{:#x} {operators}", code.name(), op.ip, op.text, op.pc))
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::View, Command::Counts, Command::Follow]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let (Some(_), Some(_)) = (&now.frame, &now.code) else {
            Line::new(buf, area, 0).put("nothing runs any more", view.theme.dim);
            return;
        };
        let levels = self.levels();
        let columns = area.width / levels.len() as u16;
        for (index, level) in levels.iter().enumerate() {
            let left = area.x + columns * index as u16;
            let right = if index + 1 == levels.len() { area.right() } else { left + columns - 1 };
            let part = Rect { x: left, width: right - left, ..area };
            match level {
                Level::Bytecode => self.bytecode(now, view, part, buf),
                Level::Wasm => self.wasm(now, view, part, buf),
                Level::Source => self.source(now, view, part, buf),
                Level::Other => self.other(now, view, part, buf),
            }
            for row in 0..area.height {
                if right < area.right() {
                    let between = Rect { x: right, width: 1, ..area };
                    Line::new(buf, between, row).put("│", view.theme.border);
                }
            }
        }
    }
}

fn level_name(level: Level, now: &Moment) -> &'static str {
    match level {
        Level::Source => "source",
        Level::Wasm => "wasm",
        Level::Bytecode => "bytecode",
        Level::Other => match now.other.as_ref().is_some_and(|other| other.plain) {
            true => "lowered plain",
            false => "lowered fused",
        },
    }
}

/// The rows of a list shown so that a line of it stands at a row of the screen.
fn aligned(line: usize, row: usize, len: usize, height: usize) -> Range<usize> {
    let top = line.saturating_sub(row).min(len.saturating_sub(height.min(len)));
    // The line must stay in sight even where it cannot stand at its row.
    let top = top.min(line).max((line + 1).saturating_sub(height));
    top..len.min(top + height)
}

impl Code {
    /// The row of the screen the cursor stands on.
    fn row(&self) -> usize {
        self.scroll.at.saturating_sub(self.scroll.top)
    }

    /// The pcs the op of that index stands for: behind the op before it, up to its own.
    fn pcs(code: &CodeFunc, op: usize) -> (u32, u32) {
        let end = code.ops.get(op).map_or(0, |op| op.pc);
        let before = code.ops[..op.min(code.ops.len())].iter().rev().map(|op| op.pc).find(|&pc| pc < end);
        (before.map_or(0, |pc| pc + 1), end)
    }

    fn bytecode(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let (Some(frame), Some(code)) = (&now.frame, &now.code) else { return };
        let ops = &code.code.ops;
        let columns = usize::from(area.width);
        let counts = now.counts.as_ref().filter(|_| self.counts);
        let margin = if counts.is_some() { 7 } else { 0 };
        // Room for ops as wide as the widest about here, as long as a third is left for the operators.
        let about = self.scroll.top.saturating_sub(100)..ops.len().min(self.scroll.top + 200);
        let about = ops.get(about).unwrap_or(ops);
        let widest = about.iter().map(|op| width(&op.text)).max().unwrap_or(0);
        let text_columns = widest.clamp(16, (columns * 2 / 5).max(24));
        let with_operators = columns >= 9 + margin + text_columns + 7 + 12;
        let failed = now.next.is_none()
            && matches!(now.last.as_ref().map(|it| &it.row.event.outcome), Some(Outcome::Error(reason))
                if !matches!(reason, Reason::Exit(_)));
        for row in 0..area.height {
            let index = self.scroll.top + usize::from(row);
            let Some(op) = ops.get(index) else { break };
            let here = op.ip == frame.ip;
            let breakpoint = now.breakpoint_at(code.code.func, op.ip, op.pc, index == 0).is_some();
            let mut line = Line::new(buf, area, row);
            line.put(if breakpoint { "●" } else { " " }, theme.breakpoint);
            let (arrow, style) = match (here, now.innermost()) {
                (true, true) if failed => ("✗", theme.error),
                (true, true) if now.next.is_none() => ("■", theme.strong),
                (true, true) => ("▶", theme.strong),
                (true, false) => ("▷", theme.strong),
                _ if index == self.scroll.at && view.focused => ("›", theme.strong),
                _ => (" ", theme.plain),
            };
            line.put(arrow, style);
            if let Some(counts) = counts {
                let count = counts.of(op.ip);
                let text = if count == 0 { "·".to_owned() } else { words::brief(count) };
                line.put(&format!("{text:>6} "), if count == 0 { theme.dim } else { theme.host });
            }
            line.put(&format!("{:>5x} ", op.ip), theme.dim);
            let style = if here { theme.strong } else { theme.plain };
            if with_operators {
                line.clip(&op.text, text_columns, style);
                line.to(8 + margin + text_columns + 1);
                line.put(&format!("0x{:04x} ", op.pc), theme.dim);
                let operators = code.operators.get(index).map_or("", String::as_str);
                let room = line.room();
                line.clip(operators, room, theme.name);
            } else {
                let room = line.room().saturating_sub(if columns >= 36 { 8 } else { 0 });
                line.clip(&op.text, room, style);
                if columns >= 36 {
                    line.right(&format!(" 0x{:04x}", op.pc), theme.dim);
                }
            }
            self.finish(line, here, index == self.scroll.at, view);
        }
    }

    /// Lays the styles of the current row and of the cursor's over a line.
    fn finish(&self, line: Line<'_>, here: bool, selected: bool, view: &View<'_>) {
        if here {
            line.paint(view.theme.current);
        } else if selected && view.focused {
            line.paint(view.theme.selected);
        }
    }

    /// The operators of the function; those of the current op are lit.
    fn wasm(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let (Some(frame), Some(code), Some(wasm)) = (&now.frame, &now.code, &now.wasm) else { return };
        let (from, to) = Code::pcs(&code.code, self.scroll.at);
        let here = code.code.op_at(frame.ip).map(|op| Code::pcs(&code.code, op as usize));
        let at = wasm.partition_point(|line| line.pc <= to).saturating_sub(1);
        for (row, index) in aligned(at, self.row(), wasm.len(), area.height.into()).enumerate() {
            let it = &wasm[index];
            let current = here.is_some_and(|(from, to)| (from..=to).contains(&it.pc));
            let mut line = Line::new(buf, area, row as u16);
            let last = here.is_some_and(|(_, to)| to == it.pc);
            line.put(if last { " ▶ " } else { "   " }, theme.strong);
            line.put(&format!("0x{:04x} ", it.pc), theme.dim);
            let indent = (it.depth as usize * 2).min(usize::from(area.width) / 3);
            line.put(&" ".repeat(indent), theme.plain);
            let room = line.room();
            line.clip(&it.text, room, if current { theme.strong } else { theme.name });
            self.finish(line, current, (from..=to).contains(&it.pc), view);
        }
    }

    /// The same function lowered the other way; the ops that do the same operators are lit.
    fn other(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let (Some(frame), Some(code), Some(other)) = (&now.frame, &now.code, &now.other) else { return };
        let ops = &other.code.ops;
        let (from, to) = Code::pcs(&code.code, self.scroll.at);
        let here = code.code.op_at(frame.ip).map(|op| Code::pcs(&code.code, op as usize));
        // Ops overlap if one of them stands for an operator of the other.
        let meets = |index: usize, (from, to): (u32, u32)| {
            let (own_from, own_to) = Code::pcs(&other.code, index);
            own_from <= to && from <= own_to
        };
        let at = ops.partition_point(|op| op.pc < to).min(ops.len().saturating_sub(1));
        for (row, index) in aligned(at, self.row(), ops.len(), area.height.into()).enumerate() {
            let op = &ops[index];
            let current = here.is_some_and(|here| meets(index, here));
            let mut line = Line::new(buf, area, row as u16);
            line.put(if current { " ▶" } else { "  " }, theme.strong);
            line.put(&format!("{:>5x} ", op.ip), theme.dim);
            let room = line.room();
            line.clip(&op.text, room, if current { theme.strong } else { theme.plain });
            self.finish(line, current, meets(index, (from, to)), view);
        }
    }

    /// The source file about the line of the cursor.
    fn source(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme: &Theme = view.theme;
        let (Some(frame), Some(code), Some(source)) = (&now.frame, &now.code, &now.source) else { return };
        let pc = code.code.ops.get(self.scroll.at).map_or(frame.pc, |op| op.pc);
        let (Some(selected), here) = (source.at(pc), source.at(frame.pc)) else {
            let mut line = Line::new(buf, area, 0);
            line.put("   no source line is known for this op", theme.dim);
            return;
        };
        let Some(file) = source.files.get(selected.file as usize) else { return };
        let mut line = Line::new(buf, area, 0);
        let room = line.room();
        line.put("   ", theme.dim).clip(&file.path, room.saturating_sub(3), theme.dim);
        let Some(text) = &file.lines else {
            let told = format!("   line {}; --source DIR says where the files are", selected.line);
            Line::new(buf, area, 1).put(&told, theme.dim);
            return;
        };
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        let at = (selected.line as usize).saturating_sub(1).min(text.len().saturating_sub(1));
        let row = self.row().saturating_sub(1);
        for (row, index) in aligned(at, row, text.len(), body.height.into()).enumerate() {
            let current =
                here.is_some_and(|here| here.file == selected.file && here.line as usize == index + 1);
            let mut line = Line::new(buf, body, row as u16);
            line.put(if current { " ▶ " } else { "   " }, theme.strong);
            line.put(&format!("{:>4} ", index + 1), theme.dim);
            let room = line.room();
            line.clip(&text[index].replace('\t', "    "), room, theme.plain);
            self.finish(line, current, index == at, view);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_meant_is_always_in_sight() {
        for len in 0..40usize {
            for height in 1..12 {
                for line in 0..len {
                    for row in 0..height {
                        let shown = aligned(line, row, len, height);
                        assert!(shown.contains(&line), "{line} {row} {len} {height}");
                        assert!(shown.len() <= height);
                    }
                }
            }
        }
        assert_eq!(aligned(20, 4, 100, 10), 16..26);
    }
}
