//! The globals of every instance.
//!
//! ```text
//! ← 0  __stack_pointer  i32  65520
//!   1                   i32  1024   const
//! ≠ 2  depth            i32  3  was 2      different at the step compared with
//! ```
//!
//! A line has the value before all that could be cut off; what never changes says so behind it.

use super::{Beyond, Effect, Pane, View, lines};
use crate::command::Command;
use crate::moment::{Global, Moment};
use crate::session::Request;
use crate::widgets::line::{Line, width};
use crate::widgets::scroll::Scroll;
use crate::words::Base;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use wasmscope_trace_format::{Effect as Did, Value};

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Globals {
    height: usize,
    scroll: Scroll,
    /// The moment last followed.
    seen: Option<u64>,
}

fn written(now: &Moment, of: u32, at: u32) -> bool {
    now.effects().iter().any(
        |effect| matches!(effect, Did::Global { instance, index, .. } if (*instance, *index) == (of, at)),
    )
}

/// What it was at the step compared with, if that is something else.
fn was(global: &Global, now: &Moment) -> Option<Value> {
    let mut then = now.compared.as_ref()?.globals.iter();
    let then = then.find(|it| (it.instance, it.index) == (global.instance, global.index))?.value;
    (then != global.value).then_some(then)
}

impl Pane for Globals {
    fn resize(&mut self, _width: u16, height: u16) {
        self.height = height.into();
    }

    fn see(&mut self, now: &Moment) {
        let changed = now.globals.iter().position(|global| written(now, global.instance, global.index));
        if let Some(at) = changed.filter(|_| self.seen != Some(now.step)) {
            self.scroll.select(at, now.globals.len(), self.height);
        }
        self.seen = Some(now.step);
        self.scroll.fit(now.globals.len(), self.height);
    }

    fn beyond(&self, now: &Moment) -> Beyond {
        let len = now.globals.len();
        Beyond::of(self.scroll.shown(len, self.height), len)
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        if let Some(by) = lines(command, count, self.height) {
            self.scroll.by(by, now.globals.len());
            self.scroll.fit(now.globals.len(), self.height);
            return Some(Effect::Done);
        }
        match command {
            Command::Follow => Some(Effect::Ask(Request::Follow(vec![self.subject(now)?]))),
            Command::Address => {
                let global = now.globals.get(self.scroll.at)?;
                Some(Effect::ShowMemory(global.value.bits as u64))
            }
            _ => None,
        }
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        let len = now.globals.len();
        self.scroll.point(y, len).then_some(Effect::Done)
    }

    fn scroll(&mut self, _x: u16, by: i64, now: &Moment) -> Option<Effect> {
        let len = now.globals.len();
        self.scroll.turn(by, len, self.height);
        Some(Effect::Done)
    }

    fn copy(&self, now: &Moment, base: Base) -> Option<String> {
        now.globals.get(self.scroll.at).map(|global| base.show(global.value))
    }

    fn subject(&self, now: &Moment) -> Option<String> {
        Some(format!("global ${}", now.globals.get(self.scroll.at)?.index))
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Follow, Command::Address, Command::Base]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        if now.globals.is_empty() {
            Line::new(buf, area, 0).put("no globals", theme.dim);
            return;
        }
        let several = now.globals.iter().any(|global| global.instance > 0);
        let label = |instance: u32, index: u32| match several {
            true => format!("{instance}:{index}"),
            false => index.to_string(),
        };
        let (mut labels, mut names) = (0, 0);
        for global in &now.globals {
            labels = labels.max(label(global.instance, global.index).len());
            names = names.max(global.name.as_deref().map_or(0, width));
        }
        // What it was is to be seen beside what it is.
        let columns = usize::from(area.width);
        let told = |global: &Global| match was(global, now) {
            Some(was) => width(&view.base.show(global.value)) + 5 + width(&view.base.show(was)),
            None => 0,
        };
        let told = now.globals.iter().map(told).max().unwrap_or(0);
        let left = columns.saturating_sub(2 + labels + 1 + 1 + 5 + told);
        names = names.min(if told > 0 { left } else { columns / 2 });
        for row in 0..area.height {
            let index = self.scroll.top + usize::from(row);
            let Some(global) = now.globals.get(index) else {
                break;
            };
            let wrote = written(now, global.instance, global.index);
            let was = was(global, now);
            let mut line = Line::new(buf, area, row);
            let (arrow, differs) = (if wrote { "←" } else { "" }, if was.is_some() { "≠" } else { "" });
            line.put(arrow, theme.strong).put(differs, theme.strong).to(2);
            let text = label(global.instance, global.index);
            line.put(&format!("{text:>labels$} "), theme.dim);
            let from = line.used();
            line.clip(global.name.as_deref().unwrap_or(""), names, theme.name);
            line.to(from + names + usize::from(names > 0));
            line.put(&format!("{:<4} ", global.value.ty.name()), theme.dim);
            let style = if wrote { theme.written } else { theme.plain };
            // Where there is no room for what it was, that is said.
            let room = line.room().saturating_sub(2 * usize::from(was.is_some()));
            line.clip(&view.base.show(global.value), room, style);
            if let Some(was) = was {
                let room = line.room();
                line.clip(&format!(" was {}", view.base.show(was)), room, theme.message);
            } else if !global.mutable {
                line.put("  const", theme.dim);
            }
            if index == self.scroll.at && view.focused {
                line.paint(theme.selected);
            }
        }
    }
}
