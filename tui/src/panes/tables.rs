//! The elements of a table: which functions an indirect call can reach.
//!
//! ```text
//!     0  null
//! ←   1  compare             ← the last step wrote it
//! →   2  swap                → the next op calls it
//! ```

use super::{Effect, Pane, View, lines};
use crate::command::Command;
use crate::moment::{Elements, Moment, Wants};
use crate::widgets::line::Line;
use crate::words::Base;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use wasmscope_trace_format::Effect as Did;

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Tables {
    height: u16,
    table: u32,
    top: u64,
    at: u64,
    seen: Option<u64>,
}

/// The elements of a table the last step wrote: first and number.
fn written(now: &Moment, of: u32) -> Option<(u64, u64)> {
    now.effects().iter().find_map(|effect| match effect {
        Did::TableWrite { table, index, len, .. } if *table == of => Some((*index, *len)),
        _ => None,
    })
}

impl Tables {
    fn len(&self, now: &Moment) -> u64 {
        now.tables.iter().find(|it| it.index == self.table).map_or(0, |it| it.len)
    }

    fn fit(&mut self, now: &Moment) {
        let (len, height) = (self.len(now), u64::from(self.height.max(1)));
        self.at = self.at.min(len.saturating_sub(1));
        self.top = self.top.clamp((self.at + 1).saturating_sub(height), self.at);
    }

    /// The element an indirect call is about to go through, if the next op is one.
    fn called(now: &Moment) -> Option<u64> {
        let next = now.next.as_ref()?;
        let index = next.reads.first().filter(|_| next.text.contains("call_indirect"))?;
        u64::try_from(index.value.bits).ok()
    }

    fn text<'a>(&self, now: &'a Moment) -> Option<&'a Elements> {
        now.elements.as_ref().filter(|it| it.table == self.table)
    }
}

impl Pane for Tables {
    fn title(&self, now: &Moment) -> String {
        let which = if now.tables.len() > 1 { format!("{} ", self.table) } else { String::new() };
        match now.tables.is_empty() {
            true => String::new(),
            false => format!("{which}{} elements", self.len(now)),
        }
    }

    fn resize(&mut self, _width: u16, height: u16) {
        self.height = height;
    }

    fn see(&mut self, now: &Moment) {
        if self.seen != Some(now.step)
            && let Some(at) = written(now, self.table).map(|it| it.0).or(Tables::called(now))
        {
            self.at = at;
        }
        self.seen = Some(now.step);
        self.fit(now);
    }

    fn wants(&self) -> Wants {
        Wants { table: Some((self.table, self.top, self.height.max(1).into())), ..Wants::default() }
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        if let Some(by) = lines(command, count, self.height.into()) {
            self.at = self.at.saturating_add_signed(by);
            self.fit(now);
            return Some(Effect::Done);
        }
        match command {
            Command::View | Command::ViewBack if now.tables.len() > 1 => {
                let at = now.tables.iter().position(|it| it.index == self.table).unwrap_or(0);
                self.table = now.tables[(at + 1) % now.tables.len()].index;
                (self.at, self.top) = (0, 0);
                Some(Effect::Done)
            }
            _ => None,
        }
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        self.at = self.top + u64::from(y);
        self.fit(now);
        Some(Effect::Done)
    }

    fn copy(&self, now: &Moment, _base: Base) -> Option<String> {
        let elements = self.text(now)?;
        let text = elements.texts.get(self.at.checked_sub(elements.from)? as usize)?;
        Some(format!("{} {}", self.at, text.as_deref().unwrap_or("null")))
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::View]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let Some(elements) = self.text(now).filter(|_| !now.tables.is_empty()) else {
            Line::new(buf, area, 0).put("no table", theme.dim);
            return;
        };
        let written = written(now, self.table);
        let called = Tables::called(now);
        let digits = self.len(now).to_string().len();
        for (row, text) in elements.texts.iter().take(area.height.into()).enumerate() {
            let index = elements.from + row as u64;
            let wrote = written.is_some_and(|(from, len)| index >= from && index - from < len);
            let next = called == Some(index);
            let mut line = Line::new(buf, area, row as u16);
            let (mark, style) = match (wrote, next) {
                (true, _) => ("← ", theme.written),
                (_, true) => ("→ ", theme.read),
                _ => ("  ", theme.plain),
            };
            line.put(mark, theme.strong).put(&format!("{index:>digits$}  "), theme.dim);
            let room = line.room();
            match text {
                Some(text) => line.clip(text, room, if wrote || next { style } else { theme.name }),
                None => line.put("null", if wrote { style } else { theme.dim }),
            };
            if index == self.at && view.focused {
                line.paint(theme.selected);
            }
        }
    }
}
