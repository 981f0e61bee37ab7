//! The elements of a table: which functions an indirect call can reach.
//!
//! ```text
//!     0  null
//! ←   1  compare             ← the last step wrote it
//! →   2  swap                → the next op calls it
//! ```
//!
//! Enter goes to where the function of the selected element is called next, from wherever.

use super::{Beyond, Effect, Pane, View, lines};
use crate::command::Command;
use crate::moment::{Elements, Moment, Wants};
use crate::session::{Direction, Request};
use crate::widgets::line::Line;
use crate::widgets::scroll::Scroll;
use crate::words::Base;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use wasmscope_trace_format::Effect as Did;

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Tables {
    height: usize,
    table: u32,
    scroll: Scroll,
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
    fn len(&self, now: &Moment) -> usize {
        let len = now.tables.iter().find(|it| it.index == self.table).map_or(0, |it| it.len);
        usize::try_from(len).unwrap_or(usize::MAX)
    }

    /// The function of the selected element.
    fn chosen<'a>(&self, now: &'a Moment) -> Option<&'a str> {
        let elements = self.text(now)?;
        elements.texts.get((self.scroll.at as u64).checked_sub(elements.from)? as usize)?.as_deref()
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
        self.height = height.into();
    }

    fn see(&mut self, now: &Moment) {
        if self.seen != Some(now.step)
            && let Some(at) = written(now, self.table).map(|it| it.0).or(Tables::called(now))
        {
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            self.scroll.select(at, self.len(now), self.height);
        }
        self.seen = Some(now.step);
        self.scroll.fit(self.len(now), self.height);
    }

    fn wants(&self) -> Wants {
        Wants {
            table: Some((self.table, self.scroll.top as u64, self.height.max(1) as u32)),
            ..Wants::default()
        }
    }

    fn beyond(&self, now: &Moment) -> Beyond {
        let len = self.len(now);
        Beyond::of(self.scroll.shown(len, self.height), len)
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        if let Some(by) = lines(command, count, self.height) {
            self.scroll.by(by, self.len(now));
            self.scroll.fit(self.len(now), self.height);
            return Some(Effect::Done);
        }
        match command {
            Command::View | Command::ViewBack if now.tables.len() > 1 => {
                let at = now.tables.iter().position(|it| it.index == self.table).unwrap_or(0);
                self.table = now.tables[(at + 1) % now.tables.len()].index;
                self.scroll = Scroll::default();
                Some(Effect::Done)
            }
            Command::Follow => Some(match self.chosen(now) {
                Some(name) => Effect::Ask(Request::RunTo(name.to_owned(), Direction::Forward)),
                None => Effect::Say("null: there is no function to go to".into()),
            }),
            _ => None,
        }
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        self.scroll.point(y, self.len(now)).then_some(Effect::Done)
    }

    fn scroll(&mut self, _x: u16, by: i64, now: &Moment) -> Option<Effect> {
        self.scroll.turn(by, self.len(now), self.height);
        Some(Effect::Done)
    }

    fn menu(&self, now: &Moment) -> Vec<(String, String)> {
        let Some(name) = self.chosen(now) else { return Vec::new() };
        vec![
            (format!("on to the next call of {name}"), format!("run-to {name}")),
            (format!("back to the last call of {name}"), format!("run-back-to {name}")),
            (format!("stop at every call of {name}, or no more"), format!("break {name}")),
            (format!("the code of {name}"), format!("list {name}")),
        ]
    }

    fn copy(&self, now: &Moment, _base: Base) -> Option<String> {
        Some(format!("{} {}", self.scroll.at, self.chosen(now).unwrap_or("null")))
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Follow, Command::View]
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
            if index == self.scroll.at as u64 && view.focused {
                line.paint(theme.selected);
            }
        }
    }
}
