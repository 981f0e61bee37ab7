//! How each level of code is drawn.
//!
//! All levels stand so that what the pane's cursor is on is in one row, until the mouse presses or turns
//! something: then nothing moves under it. The op about to run is lit in all of them, if the program is in the
//! function that is shown.

use super::margin::{of_lines, of_operators, put_count, put_sign, stop_sign};
use super::{Code, Level, View};
use crate::moment::{Breakpoint, Counts, Moment, SourceLine, WasmLine, pcs_up_to};
use crate::theme::Theme;
use crate::widgets::line::{Line, width};
use crate::widgets::wrap::wrap;
use crate::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::ops::Range;

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

/// The last line of those that an op stands for: an `end` may be behind it that is no operator of its own.
fn last_line(wasm: &[WasmLine], (from, to): (u32, u32)) -> Option<usize> {
    let last = wasm.partition_point(|line| line.pc <= to).checked_sub(1)?;
    (wasm[last].pc >= from).then_some(last)
}

impl Code {
    /// How often ops ran, if that is to be shown and known.
    fn counted<'a>(&self, now: &'a Moment) -> Option<&'a Counts> {
        now.counts.as_ref().filter(|_| self.counts)
    }

    /// The level that stands at a column, and its first column.
    pub(super) fn level_at(&self, x: u16) -> (Level, u16) {
        let levels = self.levels();
        let columns = (self.width / levels.len() as u16).max(1);
        let index = usize::from(x / columns).min(levels.len() - 1);
        (levels[index], columns * index as u16)
    }

    /// The line of a level that stands at a row.
    pub(super) fn line_at(&self, level: Level, y: u16, now: &Moment) -> Option<usize> {
        self.rows(level, now)?.nth(usize::from(y).checked_sub(Code::head(level))?)
    }

    /// A line of the source that is shown, as one types it: `main.c:12`.
    pub(super) fn line_text(&self, line: usize, now: &Moment) -> Option<String> {
        Some(format!("{}:{}", self.path(now)?, line + 1))
    }

    /// The path of the source file that is shown.
    fn path<'a>(&self, now: &'a Moment) -> Option<&'a str> {
        let file = self.selected_line(now)?.file;
        Some(&now.source.as_ref()?.files.get(file as usize)?.path)
    }

    /// The line of a level that an op stands on: the last, where it stands for several.
    fn line_of(&self, level: Level, op: usize, now: &Moment) -> Option<usize> {
        let listing = now.code.as_ref()?;
        match level {
            Level::Bytecode => Some(op),
            Level::Wasm => last_line(now.wasm.as_ref()?, listing.stands_for(op)),
            Level::Other => {
                let last = now.other.as_ref()?.code.ops.len().saturating_sub(1);
                Some(Code::others(op, now)?.end.saturating_sub(1).min(last))
            }
            Level::Source => {
                let (shown, pc) = (self.selected_line(now)?.file, listing.code.ops.get(op)?.pc);
                let line = now.source.as_ref()?.at(pc).filter(|it| it.file == shown)?.line;
                (line as usize).checked_sub(1)
            }
        }
    }

    /// The ops of the other lowering that stand for the same operators as an op of this one.
    fn others(op: usize, now: &Moment) -> Option<Range<usize>> {
        let (ops, (from, to)) = (&now.other.as_ref()?.code.ops, pcs_up_to(&now.code.as_ref()?.code, op));
        Some(ops.partition_point(|op| op.pc < from)..ops.partition_point(|op| op.pc <= to))
    }

    /// The lines of a level at which breakpoints stand.
    pub(super) fn stops<'a>(&self, level: Level, now: &'a Moment) -> Vec<(usize, &'a Breakpoint)> {
        let Some(listing) = &now.code else { return Vec::new() };
        let (func, ops) = (listing.code.func, &listing.code.ops);
        let mut stops = Vec::new();
        for breakpoint in now.breakpoints.iter().filter(|it| !it.places().is_empty()) {
            let at = (0..ops.len()).filter(|&op| breakpoint.is_at(func, (ops[op].ip, ops[op].pc), op == 0));
            for op in at {
                let lines = match level {
                    // What became of the op there, if it is several: all of them stop where it does.
                    Level::Other => Code::others(op, now),
                    _ => self.line_of(level, op, now).map(|line| line..line + 1),
                };
                stops.extend(lines.into_iter().flatten().map(|line| (line, breakpoint)));
            }
            // A line of another function: it is named by the breakpoint alone.
            let named = breakpoint.text.rsplit_once(':').filter(|_| level == Level::Source);
            let line = named.and_then(|(file, line)| {
                let line = line.parse::<usize>().ok()?.checked_sub(1)?;
                (self.path(now)? == file).then_some(line)
            });
            stops.extend(line.map(|line| (line, breakpoint)));
        }
        stops
    }

    /// Rows above the lines of a level.
    pub(super) fn head(level: Level) -> usize {
        usize::from(level == Level::Source)
    }

    /// How many lines a level has, and which of them the cursor is on.
    pub(super) fn lines_of(&self, level: Level, now: &Moment) -> Option<(usize, usize)> {
        let listing = now.code.as_ref()?;
        Some(match level {
            Level::Bytecode => (listing.code.ops.len(), self.scroll.at),
            Level::Wasm => {
                let (wasm, (_, to)) = (now.wasm.as_ref()?, listing.stands_for(self.scroll.at));
                (wasm.len(), wasm.partition_point(|line| line.pc <= to).saturating_sub(1))
            }
            Level::Other => (now.other.as_ref()?.code.ops.len(), self.line_of(level, self.scroll.at, now)?),
            Level::Source => {
                let (source, selected) = (now.source.as_ref()?, self.selected_line(now)?);
                let len = source.files.get(selected.file as usize)?.lines.as_ref()?.len();
                (len, (selected.line as usize).saturating_sub(1).min(len.saturating_sub(1)))
            }
        })
    }

    /// The lines of a level that are in sight.
    pub(super) fn rows(&self, level: Level, now: &Moment) -> Option<Range<usize>> {
        let ((len, at), head) = (self.lines_of(level, now)?, Code::head(level));
        let height = self.height.saturating_sub(head);
        let row = self.scroll.at.saturating_sub(self.scroll.top).saturating_sub(head);
        let last = len.saturating_sub(height);
        Some(match (level, self.tops[level as usize]) {
            (Level::Bytecode, _) => self.scroll.top..len.min(self.scroll.top + height),
            (_, Some(top)) => top.min(last)..len.min(top.min(last) + height),
            (_, None) => aligned(at, row, len, height),
        })
    }

    /// Keeps all levels where they are.
    pub(super) fn hold(&mut self, now: &Moment) {
        for level in self.levels() {
            self.tops[level as usize] = self.rows(level, now).map(|rows| rows.start);
        }
    }

    /// The op that a line of a level belongs to: the first, if there are several.
    pub(super) fn op_of(&self, level: Level, line: usize, now: &Moment) -> Option<usize> {
        let listing = now.code.as_ref()?;
        let code = &listing.code;
        match level {
            Level::Bytecode => Some(line),
            Level::Wasm => listing.op_of(now.wasm.as_ref()?.get(line)?.pc),
            Level::Other => {
                let pc = now.other.as_ref()?.code.ops.get(line)?.pc;
                (0..code.ops.len()).find(|&op| {
                    let (from, to) = pcs_up_to(code, op);
                    (from..=to).contains(&pc)
                })
            }
            Level::Source => {
                let (source, file) = (now.source.as_ref()?, self.selected_line(now)?.file);
                let meant = SourceLine { file, line: line as u32 + 1 };
                code.ops.iter().position(|op| source.at(op.pc) == Some(meant))
            }
        }
    }

    /// The line of the source the cursor is on; the last before it that is known, where none is.
    pub(super) fn selected_line(&self, now: &Moment) -> Option<SourceLine> {
        let (code, source) = (&now.code.as_ref()?.code, now.source.as_ref()?);
        let ops = code.ops.get(..=self.scroll.at).unwrap_or(&code.ops);
        let known = |pc: u32| source.at(pc).filter(|line| line.line > 0);
        ops.iter().rev().find_map(|op| known(op.pc)).or_else(|| code.ops.iter().find_map(|op| known(op.pc)))
    }

    pub(super) fn bytecode(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let Some(code) = &now.code else { return };
        let (at, stops) = (current(now), self.stops(Level::Bytecode, now));
        let ops = &code.code.ops;
        let columns = usize::from(area.width);
        let counts = self.counted(now);
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
            let stop = stop_sign(&stops, index);
            let mut line = Line::new(buf, area, row);
            line.put(stop, theme.breakpoint);
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
                put_count(&mut line, Some(counts.of(op.ip)), theme);
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
        let (from, to) = code.stands_for(self.scroll.at);
        let here = current(now).and_then(|ip| code.code.op_at(ip));
        let here = here.map(|op| code.stands_for(op as usize));
        let (rows, stops) = (self.rows(Level::Wasm, now).unwrap_or_default(), self.stops(Level::Wasm, now));
        let counts = self.counted(now).map(|counts| of_operators(counts, code, &wasm[rows.clone()]));
        for (row, index) in rows.enumerate() {
            let it = &wasm[index];
            let current = here.is_some_and(|(from, to)| (from..=to).contains(&it.pc));
            let mut line = Line::new(buf, area, row as u16);
            let last = here.is_some_and(|here| last_line(wasm, here) == Some(index));
            let selected = (from..=to).contains(&it.pc);
            let stop = stop_sign(&stops, index);
            put_sign(&mut line, stop, last, selected && view.focused, theme);
            line.put(" ", theme.plain);
            if let Some(counts) = &counts {
                put_count(&mut line, counts[row], theme);
            }
            line.put(&format!("0x{:04x} ", it.pc), theme.dim);
            let indent = (it.depth as usize * 2).min(usize::from(area.width) / 3);
            line.put(&" ".repeat(indent), theme.plain);
            let room = line.room();
            line.clip(&it.text, room, if current { theme.strong } else { theme.name });
            self.finish(line, current, selected, view);
        }
    }

    /// The same function lowered the other way; the ops that do the same operators are lit.
    pub(super) fn other(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let (Some(code), Some(other)) = (&now.code, &now.other) else { return };
        let ops = &other.code.ops;
        let (from, to) = pcs_up_to(&code.code, self.scroll.at);
        let here = current(now).and_then(|ip| code.code.op_at(ip));
        let here = here.map(|op| pcs_up_to(&code.code, op as usize));
        // Ops overlap if one of them stands for an operator of the other.
        let meets = |index: usize, (from, to): (u32, u32)| {
            let (own_from, own_to) = pcs_up_to(&other.code, index);
            own_from <= to && from <= own_to
        };
        let stops = self.stops(Level::Other, now);
        for (row, index) in self.rows(Level::Other, now).into_iter().flatten().enumerate() {
            let op = &ops[index];
            let current = here.is_some_and(|here| meets(index, here));
            let mut line = Line::new(buf, area, row as u16);
            let selected = meets(index, (from, to));
            let stop = stop_sign(&stops, index);
            put_sign(&mut line, stop, current, selected && view.focused, theme);
            line.put(&format!("{:>5x} ", op.ip), theme.dim);
            let room = line.room();
            line.clip(&op.text, room, if current { theme.strong } else { theme.plain });
            self.finish(line, current, selected, view);
        }
    }

    /// The source file about the line of the cursor.
    pub(super) fn source(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme: &Theme = view.theme;
        let (Some(code), Some(source)) = (&now.code, &now.source) else { return };
        let here = now.frame.as_ref().filter(|frame| frame.func == code.code.func);
        let here = here.and_then(|frame| source.at(frame.pc));
        let Some(selected) = self.selected_line(now) else {
            let mut line = Line::new(buf, area, 0);
            line.put("   no source line is known for this function", theme.dim);
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
        let (rows, stops) =
            (self.rows(Level::Source, now).unwrap_or_default(), self.stops(Level::Source, now));
        let counts =
            self.counted(now).map(|counts| of_lines(counts, &code.code, source, selected.file, &rows));
        for (row, index) in rows.enumerate() {
            let current =
                here.is_some_and(|here| here.file == selected.file && here.line as usize == index + 1);
            let mut line = Line::new(buf, body, row as u16);
            let chosen = index == self.line.unwrap_or((selected.line as usize).saturating_sub(1));
            let stop = stop_sign(&stops, index);
            put_sign(&mut line, stop, current, chosen && view.focused, theme);
            line.put(" ", theme.plain);
            if let Some(counts) = &counts {
                put_count(&mut line, counts[row], theme);
            }
            line.put(&format!("{:>4} ", index + 1), theme.dim);
            let room = line.room();
            line.clip(&text[index].replace('\t', "    "), room, theme.plain);
            self.finish(line, current, chosen, view);
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
