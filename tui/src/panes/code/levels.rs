//! How each level of code is drawn.
//!
//! All levels stand so that what the pane's cursor is on is in one row; the op about to run is lit in all of
//! them, if the program is in the function that is shown.

use super::{Code, Level, View};
use crate::moment::Moment;
use crate::theme::Theme;
use crate::widgets::line::{Line, width};
use crate::widgets::wrap::wrap;
use crate::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::ops::Range;
use wasmscope_trace_format::CodeFunc;

pub(super) fn level_name(level: Level, now: &Moment) -> &'static str {
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

/// Where the program is in the function that is shown, if it is in it: the offset of its op.
pub(super) fn current(now: &Moment) -> Option<u32> {
    let (frame, code) = (now.frame.as_ref()?, now.code.as_ref()?);
    (frame.func == code.code.func).then_some(frame.ip)
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

    pub(super) fn bytecode(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let Some(code) = &now.code else { return };
        let at = current(now);
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
        let failed =
            now.next.is_none() && now.last.as_ref().is_some_and(|it| words::failed(&it.row.event.outcome));
        for row in 0..area.height {
            let index = self.scroll.top + usize::from(row);
            let Some(op) = ops.get(index) else { break };
            let here = at == Some(op.ip);
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
    pub(super) fn wasm(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let (Some(code), Some(wasm)) = (&now.code, &now.wasm) else { return };
        let pcs = |op: usize| code.pcs.get(op).copied().unwrap_or_else(|| Code::pcs(&code.code, op));
        let (from, to) = pcs(self.scroll.at);
        let here = current(now).and_then(|ip| code.code.op_at(ip));
        let here = here.map(|op| pcs(op as usize));
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
    pub(super) fn other(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let (Some(code), Some(other)) = (&now.code, &now.other) else { return };
        let ops = &other.code.ops;
        let (from, to) = Code::pcs(&code.code, self.scroll.at);
        let here = current(now).and_then(|ip| code.code.op_at(ip));
        let here = here.map(|op| Code::pcs(&code.code, op as usize));
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
    pub(super) fn source(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme: &Theme = view.theme;
        let (Some(code), Some(source)) = (&now.code, &now.source) else { return };
        let pc = code.code.ops.get(self.scroll.at).map_or(0, |op| op.pc);
        let here = now.frame.as_ref().filter(|frame| frame.func == code.code.func);
        let here = here.and_then(|frame| source.at(frame.pc));
        let Some(selected) = source.at(pc) else {
            let mut line = Line::new(buf, area, 0);
            line.put("   no source line is known for this op", theme.dim);
            return;
        };
        let Some(file) = source.files.get(selected.file as usize) else { return };
        let mut line = Line::new(buf, area, 0);
        let room = line.room();
        line.put("   ", theme.dim).clip(&file.path, room.saturating_sub(3), theme.dim);
        let Some(text) = &file.lines else {
            let told = format!("line {}; --source DIR says where the files are", selected.line);
            for (row, text) in wrap(&told, usize::from(area.width.saturating_sub(4))).iter().enumerate() {
                Line::new(buf, area, 1 + row as u16).put("   ", theme.dim).put(text, theme.dim);
            }
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
    use super::aligned;

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
