//! The bytecode of the function looked into.
//!
//! ```text
//! ● ▶   1c  r5 = i32.add r3, r4          0x01b3  local.get 3 · local.get 4 · i32.add
//! │ │    │   │                              │      └ the Wasm operators it came from
//! │ │    ip  disassembly                    pc
//! │ └ ▶ next to run, ✗ failed, ▷ waiting for a call to return, › the pane's own cursor
//! └ breakpoint
//! ```
//!
//! The cursor follows the program; moved away, it says where `b` and Enter act.

use super::{Effect, Pane, View, lines};
use crate::command::Command;
use crate::moment::{Moment, Place};
use crate::session::{Direction, Request};
use crate::widgets::line::{Line, width};
use crate::widgets::scroll::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use wasmscope_trace_format::{FuncId, Outcome, Reason};

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Code {
    width: u16,
    height: usize,
    scroll: Scroll,
    /// Function and ip the cursor was last put on.
    at: Option<(FuncId, u32)>,
}

impl Pane for Code {
    fn title(&self, now: &Moment) -> String {
        now.code.as_ref().map_or_else(String::new, |code| code.name())
    }

    fn note(&self, now: &Moment) -> String {
        match &now.code {
            Some(code) if !code.code.ops.is_empty() => {
                let columns = if self.width >= 60 { "ip · op · pc · wasm   " } else { "" };
                format!("{columns}{}/{}", self.scroll.at + 1, code.code.ops.len())
            }
            _ => String::new(),
        }
    }

    fn resize(&mut self, width: u16, height: u16) {
        (self.width, self.height) = (width, height.into());
    }

    fn see(&mut self, now: &Moment) {
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
            _ => None,
        }
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Follow]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let (Some(frame), Some(code)) = (&now.frame, &now.code) else {
            Line::new(buf, area, 0).put("nothing runs any more", theme.dim);
            return;
        };
        let ops = &code.code.ops;
        let columns = usize::from(area.width);
        // Room for ops as wide as the widest about here, as long as a third is left for the operators.
        let about = self.scroll.top.saturating_sub(100)..ops.len().min(self.scroll.top + 200);
        let about = ops.get(about).unwrap_or(ops);
        let widest = about.iter().map(|op| width(&op.text)).max().unwrap_or(0);
        let text_columns = widest.clamp(16, (columns * 2 / 5).max(24));
        let with_operators = columns >= 9 + text_columns + 7 + 12;
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
            line.put(&format!("{:>5x} ", op.ip), theme.dim);
            let style = if here { theme.strong } else { theme.plain };
            if with_operators {
                line.clip(&op.text, text_columns, style);
                line.to(8 + text_columns + 1);
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
            if here {
                line.paint(theme.current);
            } else if index == self.scroll.at && view.focused {
                line.paint(theme.selected);
            }
        }
    }
}
