//! The card: what an op does and why, in full sentences; or why the run trapped.
//!
//! ```text
//! ┌ explain ───────────────────────────────────────────────────────┐
//! │ r5 = i32.div_s r3, r4        at average+0x18, pc 0x2b           │
//! │ It sets r5 to r3 / r4, signed. Now that is 0 / 0.               │
//! │ It traps on 0 and on MIN / -1. …                                │
//! │   r4 = 0   since step 119: r4 = i32.load [r1]       Enter: there│
//! └─────────────────────────────────────────────────────────────────┘
//! ```
//!
//! It follows the cursor; lines that name a step lead there, and those about bytes to who wrote them. What is said stands in `lesson`.

use super::{Beyond, Effect, Note, Pane, View, lines};
use crate::command::Command;
use crate::lesson::{self, Lead, Said, Tone};
use crate::moment::{Moment, Wants};
use crate::session::{Request, Target};
use crate::widgets::line::Line;
use crate::widgets::scroll::Scroll;
use crate::widgets::wrap::wrap;
use crate::words::Base;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use wasmscope_trace_format::FuncId;

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Card {
    width: usize,
    height: usize,
    scroll: Scroll,
    /// Whether somebody has chosen a line.
    moved: bool,
    /// An op that is explained instead of the next.
    pinned: Option<(FuncId, u32)>,
    seen: Option<u64>,
}

impl Card {
    /// The lines as they fit the width.
    fn rows(&self, now: &Moment, base: Base) -> Vec<Said> {
        let mut rows = Vec::new();
        for said in lesson::card(now, self.pinned, base) {
            let room = self.width.saturating_sub(if said.to.is_some() { 4 } else { 1 }).max(8);
            for (index, line) in wrap(&said.text, room).into_iter().enumerate() {
                let indent = match (&said.to, index) {
                    (Some(_), 0) => " → ",
                    (Some(_), _) => "   ",
                    (None, _) => "",
                };
                rows.push(Said { text: format!("{indent}{line}"), ..said.clone() });
            }
        }
        rows
    }

    /// The line chosen: as long as nobody has moved, the first in sight that leads somewhere.
    fn chosen(&self, rows: &[Said]) -> usize {
        let lead = rows.iter().take(self.height).position(|it| it.to.is_some());
        lead.filter(|_| !self.moved).unwrap_or(self.scroll.at)
    }
}

impl Pane for Card {
    fn title(&self, now: &Moment) -> String {
        if lesson::trapped(now) { "why it trapped".into() } else { String::new() }
    }

    fn notes(&self, now: &Moment) -> Vec<Note> {
        let below = self.rows(now, Base::default()).len().saturating_sub(self.scroll.top + self.height);
        let above = self.scroll.top;
        let more = (below > 0).then(|| Note::does(format!("▼ {below} more"), Command::PageDown));
        let back = (above > 0).then(|| Note::does(format!("▲ {above}"), Command::PageUp));
        more.into_iter().chain(back).collect()
    }

    fn resize(&mut self, width: u16, height: u16) {
        (self.width, self.height) = (width.into(), height.into());
    }

    fn see(&mut self, now: &Moment) {
        if self.seen != Some(now.step) {
            (self.pinned, self.scroll, self.moved) = (None, Scroll::default(), false);
        }
        self.seen = Some(now.step);
        if self.scroll.top > 0 {
            self.scroll.fit(self.rows(now, Base::default()).len(), self.height);
        }
    }

    fn wants(&self) -> Wants {
        Wants { origins: true, backtrace: 48, ..Wants::default() }
    }

    fn beyond(&self, now: &Moment) -> Beyond {
        let len = self.rows(now, Base::default()).len();
        Beyond::of(self.scroll.shown(len, self.height), len)
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        let rows = self.rows(now, Base::default());
        if let Some(by) = lines(command, count, self.height) {
            (self.scroll.at, self.moved) = (self.chosen(&rows), true);
            self.scroll.by(by, rows.len());
            self.scroll.fit(rows.len(), self.height);
            return Some(Effect::Done);
        }
        match command {
            Command::Follow => Some(match rows.get(self.chosen(&rows)).and_then(|it| it.to.clone()) {
                Some(Lead::Step(step)) => Effect::Ask(Request::Goto(Target::Step(step))),
                Some(Lead::Write(of)) => Effect::Ask(Request::Follow(vec![of])),
                None => Effect::Say("this line leads nowhere; those with → do".into()),
            }),
            _ => None,
        }
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        let len = self.rows(now, Base::default()).len();
        self.moved = true;
        self.scroll.point(y, len).then_some(Effect::Done)
    }

    fn scroll(&mut self, _x: u16, by: i64, now: &Moment) -> Option<Effect> {
        let len = self.rows(now, Base::default()).len();
        self.scroll.turn(by, len, self.height);
        Some(Effect::Done)
    }

    fn copy(&self, now: &Moment, base: Base) -> Option<String> {
        let all: Vec<String> = lesson::card(now, self.pinned, base).into_iter().map(|it| it.text).collect();
        Some(all.join("\n"))
    }

    fn hear(&mut self, effect: &Effect) {
        if let Effect::Explain(func, ip) = effect {
            (self.pinned, self.scroll, self.moved) = (Some((*func, *ip)), Scroll::default(), false);
        }
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Follow, Command::Explain]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let rows = self.rows(now, view.base);
        let chosen = self.chosen(&rows);
        for (row, said) in rows.iter().skip(self.scroll.top).take(area.height.into()).enumerate() {
            let style = match said.tone {
                Tone::Head => theme.strong,
                Tone::Plain => theme.plain,
                Tone::Live => theme.written,
                Tone::Bad => theme.error,
                Tone::Less => theme.dim,
            };
            let mut line = Line::new(buf, area, row as u16);
            line.put(&said.text, style);
            if self.scroll.top + row == chosen && view.focused {
                line.paint(theme.selected);
            }
        }
    }
}
