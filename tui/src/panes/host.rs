//! The calls of the host: everything that came in from outside, or went there.
//!
//! ```text
//!   12,004  fd_write(1, 66032, 1, 66028) → 0   [0x101ec]←0e 00 00 00
//! ▶ the cursor stands here: calls above it are done
//!   13,780  clock_time_get(0, 1000, 65520) → 0   [0xfff0]←00 e1 f5 05 00 00 00 00
//! ```
//!
//! Follows the cursor until the selection is moved; Enter goes to the step of a call.

use super::{Beyond, Effect, Note, Pane, View, lines};
use crate::command::Command;
use crate::moment::{HostCall, HostCalls, Moment, Wants};
use crate::session::{Request, Target};
use crate::widgets::line::Line;
use crate::words::{self, Base};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Host {
    height: u16,
    /// The number of the selected call; the one before the cursor if none.
    at: Option<u64>,
    /// The number of the call on top, while the selection does not follow.
    top: Option<u64>,
    seen: Option<u64>,
}

impl Host {
    fn selected(&self, calls: &HostCalls) -> u64 {
        self.at.unwrap_or(calls.before.saturating_sub(1)).min(calls.total.saturating_sub(1))
    }

    fn call<'a>(&self, now: &'a Moment) -> Option<&'a HostCall> {
        let calls = now.hosts.as_ref()?;
        calls.calls.get(self.selected(calls).checked_sub(calls.from)? as usize)
    }

    /// Brings the selection into the window.
    fn fit(&mut self, calls: &HostCalls) {
        if self.at.is_none() {
            return;
        }
        let (at, height) = (self.selected(calls), u64::from(self.height.max(1)));
        let top = self.top.unwrap_or(calls.from);
        let top = top.clamp((at + 1).saturating_sub(height), at);
        self.top = Some(top.min(calls.total.saturating_sub(height)));
    }
}

/// A call in one line, and what it wrote.
fn text(call: &HostCall, base: Base) -> (String, String) {
    let name = words::host(&call.name);
    let list = |values: &[_]| values.iter().map(|&it| base.show(it)).collect::<Vec<_>>().join(", ");
    let came = match (&call.failed, call.exit) {
        (_, Some(code)) => format!(" ended the program: exit {code}"),
        (Some(why), _) => format!(" failed: {why}"),
        (None, _) if call.results.is_empty() => String::new(),
        (None, _) => format!(" → {}", list(&call.results)),
    };
    let written: Vec<String> =
        call.written.iter().map(|(_, addr, bytes)| words::written(*addr, bytes)).collect();
    (format!("{name}({}){came}", list(&call.args)), written.join(" "))
}

impl Pane for Host {
    fn notes(&self, now: &Moment) -> Vec<Note> {
        let told =
            |calls: &HostCalls| format!("{} of {}", words::count(calls.before), words::count(calls.total));
        now.hosts.iter().map(|calls| Note::new(told(calls))).collect()
    }

    fn resize(&mut self, _width: u16, height: u16) {
        self.height = height;
    }

    fn see(&mut self, now: &Moment) {
        if self.seen.is_some_and(|seen| seen != now.step) {
            (self.at, self.top) = (None, None);
        }
        self.seen = Some(now.step);
    }

    fn wants(&self) -> Wants {
        Wants { hosts: Some((self.top, self.height.max(1).into())), ..Wants::default() }
    }

    fn beyond(&self, now: &Moment) -> Beyond {
        now.hosts.as_ref().map_or_else(Beyond::default, |calls| Beyond {
            above: calls.from,
            below: calls.total.saturating_sub(calls.from + calls.calls.len() as u64),
            more: false,
        })
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        let calls = now.hosts.as_ref()?;
        if let Some(by) = lines(command, count, self.height.into()) {
            self.at = Some(self.selected(calls).saturating_add_signed(by).min(calls.total.saturating_sub(1)));
            self.fit(calls);
            return Some(Effect::Done);
        }
        match command {
            Command::Follow => Some(Effect::Ask(Request::Goto(Target::Step(self.call(now)?.step)))),
            _ => None,
        }
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        let calls = now.hosts.as_ref()?;
        let at = calls.from + u64::from(y);
        if at >= calls.total {
            return None;
        }
        (self.top, self.at) = (Some(calls.from), Some(at));
        Some(Effect::Done)
    }

    fn scroll(&mut self, _x: u16, by: i64, now: &Moment) -> Option<Effect> {
        let calls = now.hosts.as_ref()?;
        let last = calls.total.saturating_sub(self.height.max(1).into());
        let top = self.top.unwrap_or(calls.from);
        self.top = Some(top.saturating_add_signed(by).min(last));
        Some(Effect::Done)
    }

    fn copy(&self, now: &Moment, base: Base) -> Option<String> {
        let call = self.call(now)?;
        let (text, written) = text(call, base);
        Some(format!("{} {text} {written}", call.step).trim_end().to_owned())
    }

    fn menu(&self, now: &Moment) -> Vec<(String, String)> {
        let Some(call) = self.call(now) else { return Vec::new() };
        vec![
            ("go there".into(), format!("goto {}", call.step)),
            (format!("stop at every call of {}", call.name), format!("break host {}", call.name)),
            (format!("list only calls of {}", call.name), format!("filter host {}", call.name)),
        ]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Follow]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let Some(calls) = now.hosts.as_ref().filter(|calls| calls.total > 0) else {
            Line::new(buf, area, 0).put("the host was not called so far", theme.dim);
            return;
        };
        let digits = words::count(now.end).len();
        for (row, call) in calls.calls.iter().take(area.height.into()).enumerate() {
            let number = calls.from + row as u64;
            let (done, last) = (number < calls.before, call.step + 1 == now.step);
            let mut line = Line::new(buf, area, row as u16);
            let mark = match (last, call.step == now.step) {
                (true, _) => "✓ ",
                (_, true) => "▶ ",
                _ => "  ",
            };
            line.put(mark, theme.strong);
            line.put(&format!("{:>digits$}  ", words::count(call.step)), theme.dim);
            let (text, written) = text(call, view.base);
            let style = match (done, call.failed.is_some()) {
                (_, true) => theme.error,
                (true, _) => theme.host,
                (false, _) => theme.dim,
            };
            let room = line.room();
            line.clip(&text, room, style);
            if !written.is_empty() && line.room() > 10 {
                let room = line.room() - 2;
                line.put("  ", theme.plain).clip(
                    &written,
                    room,
                    if last { theme.written } else { theme.dim },
                );
            }
            if number == self.selected(calls) && view.focused {
                line.paint(theme.selected);
            }
        }
    }
}
