//! What the program printed up to this moment.
//!
//! ```text
//!   fib(10) = 55
//! ! warning: …            standard error: marked
//! + done                  printed by the last step: strong
//! ```
//!
//! Text is cut into lines; each line knows the step that began it and which byte of what that printed it begins
//! with, and Enter goes there. Follows the latest line until another is selected; that stays selected, also
//! where it is not printed yet and comes back.

use super::{Beyond, Effect, Note, Pane, View, lines};
use crate::command::Command;
use crate::moment::{Moment, Stream, Wants};
use crate::session::{Request, Target};
use crate::widgets::line::Line;
use crate::widgets::scroll::Scroll;
use crate::words::Base;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Output {
    width: u32,
    height: usize,
    scroll: Scroll,
    /// The beginning of the line selected: step and byte; the latest line if none.
    selected: Option<(u64, usize)>,
    /// How many lines above the latest it is, as far as that is known.
    above: usize,
    /// How many lines above the latest are looked at.
    reach: usize,
    seen: Option<u64>,
}

struct Printed {
    /// The step that printed its first byte.
    step: u64,
    /// Which byte of what that step printed it begins with.
    offset: usize,
    latest: u64,
    stream: Stream,
    text: Vec<u8>,
}

/// Cuts the output into lines; a change of stream begins a new one.
fn printed(now: &Moment) -> Vec<Printed> {
    let mut lines: Vec<Printed> = Vec::new();
    let mut open = false;
    // The step that prints, and how much it has printed before.
    let (mut printing, mut offset) = (None, 0);
    for chunk in &now.output {
        if printing != Some(chunk.step) {
            (printing, offset) = (Some(chunk.step), 0);
        }
        for piece in chunk.bytes.split_inclusive(|&byte| byte == b'\n') {
            let (ended, text) = match piece.strip_suffix(b"\n") {
                Some(text) => (true, text),
                None => (false, piece),
            };
            match lines.last_mut() {
                Some(line) if open && line.stream == chunk.stream => {
                    line.text.extend_from_slice(text);
                    line.latest = chunk.step;
                }
                _ => lines.push(Printed {
                    step: chunk.step,
                    offset,
                    latest: chunk.step,
                    stream: chunk.stream,
                    text: text.to_vec(),
                }),
            }
            open = !ended;
            offset += piece.len();
        }
    }
    lines
}

impl Output {
    /// Keeps the line selected; the latest is followed.
    fn keep(&mut self, rows: &[Printed]) {
        self.above = rows.len().saturating_sub(1 + self.scroll.at);
        let line = rows.get(self.scroll.at).filter(|_| self.above > 0);
        self.selected = line.map(|line| (line.step, line.offset));
    }
}

impl Pane for Output {
    fn notes(&self, now: &Moment) -> Vec<Note> {
        if now.output_cut { vec![Note::new("latest only")] } else { Vec::new() }
    }

    fn resize(&mut self, width: u16, height: u16) {
        (self.width, self.height) = (width.into(), height.into());
    }

    fn see(&mut self, now: &Moment) {
        let rows = printed(now);
        if self.seen != Some(now.step) {
            // What is new comes into sight.
            self.scroll.by(0, rows.len());
            self.reach = 0;
        }
        self.seen = Some(now.step);
        let latest = rows.len().saturating_sub(1);
        let begins = |line: &Printed| (line.step, line.offset);
        self.scroll.at = match self.selected {
            Some(selected) => {
                let at = rows.partition_point(|line| begins(line) <= selected);
                if at == 0 && now.output_cut {
                    // Further up than was asked for.
                    self.above = self.above.saturating_mul(2).saturating_add(64).min(1 << 18);
                } else {
                    self.above = rows.len().saturating_sub(at.max(1));
                }
                at.saturating_sub(1)
            }
            None => latest,
        };
        self.scroll.fit(rows.len(), self.height);
    }

    fn wants(&self) -> Wants {
        let window = self.width.saturating_mul((self.height + self.above.max(self.reach) + 64) as u32);
        Wants { output: window.min(1 << 22), ..Wants::default() }
    }

    fn beyond(&self, now: &Moment) -> Beyond {
        let len = printed(now).len();
        Beyond { more: now.output_cut, ..Beyond::of(self.scroll.shown(len, self.height), len) }
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        let rows = printed(now);
        if let Some(by) = lines(command, count, self.height) {
            self.scroll.by(by, rows.len());
            self.scroll.fit(rows.len(), self.height);
            self.keep(&rows);
            return Some(Effect::Done);
        }
        match command {
            Command::Follow => {
                let line = rows.get(self.scroll.at)?;
                self.selected = Some((line.step, line.offset));
                Some(Effect::Ask(Request::Goto(Target::Step(line.step))))
            }
            _ => None,
        }
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        let rows = printed(now);
        let there = self.scroll.point(y, rows.len());
        self.keep(&rows);
        there.then_some(Effect::Done)
    }

    fn scroll(&mut self, _x: u16, by: i64, now: &Moment) -> Option<Effect> {
        let len = printed(now).len();
        self.scroll.turn(by, len, self.height);
        self.reach = len.saturating_sub(self.scroll.top);
        Some(Effect::Done)
    }

    fn copy(&self, now: &Moment, _base: Base) -> Option<String> {
        printed(now).get(self.scroll.at).map(|line| String::from_utf8_lossy(&line.text).into_owned())
    }

    fn menu(&self, now: &Moment) -> Vec<(String, String)> {
        let rows = printed(now);
        let Some(line) = rows.get(self.scroll.at) else { return Vec::new() };
        vec![
            ("the step that printed it".to_owned(), format!("goto {}", line.step)),
            (
                "its text in memory, where [ leads to who wrote it".to_owned(),
                format!("origin {} {}", line.step, line.offset),
            ),
        ]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Follow]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let rows = printed(now);
        if rows.is_empty() {
            Line::new(buf, area, 0).put("nothing printed so far", theme.dim);
            return;
        }
        for row in 0..area.height {
            let index = self.scroll.top + usize::from(row);
            let Some(printed) = rows.get(index) else {
                break;
            };
            let new = printed.latest + 1 == now.step;
            let mut line = Line::new(buf, area, row);
            let (mark, style) = match (new, printed.stream) {
                (true, _) => ("+ ", theme.written),
                (_, Stream::Stderr) => ("! ", theme.error),
                _ => ("  ", theme.plain),
            };
            line.put(mark, style);
            let text = String::from_utf8_lossy(&printed.text).replace('\t', "    ");
            let room = line.room();
            line.clip(text.trim_end_matches('\r'), room, style);
            if index == self.scroll.at && view.focused {
                line.paint(theme.selected);
            }
        }
    }
}
