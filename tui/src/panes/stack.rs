//! The activations, innermost on top.
//!
//! ```text
//! › 3  fib   fib.c:12  ip 1c  0x01b3  since 118       the frame looked into: code and registers show it
//!   2  fib   fib.c:12  ip 24  0x01c0  since 96
//!   1  main  fib.c:30  ip 4   0x0081  since 2
//! ```
//!
//! Where room is short the line of the source stands for the place in the code, if it is known.
//! Only the frames in the window are asked for, so a stack of ten thousand costs nothing.

use super::{Effect, Pane, View, lines};
use crate::command::Command;
use crate::moment::{Frame, Moment, Wants, func_name};
use crate::session::{Request, Target};
use crate::widgets::line::{Line, width};
use crate::widgets::scroll::Scroll;
use crate::words::{self, Base};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The pane. Lines are counted from the innermost frame.
#[derive(Debug, Default)]
pub(super) struct Stack {
    height: usize,
    scroll: Scroll,
    /// The moment the selection belongs to, and its number of frames.
    seen: (u64, u32),
}

impl Pane for Stack {
    fn note(&self, now: &Moment) -> String {
        match now.depth {
            0 => String::new(),
            1 => "1 frame".into(),
            frames => format!("{} frames", words::count(frames.into())),
        }
    }

    fn resize(&mut self, _width: u16, height: u16) {
        self.height = height.into();
    }

    fn see(&mut self, now: &Moment) {
        if self.seen.0 != now.step {
            self.scroll = Scroll::default();
        }
        self.seen = (now.step, now.depth);
        self.scroll.fit(now.depth as usize, self.height);
    }

    fn wants(&self) -> Wants {
        let inside = self.scroll.at as u32;
        Wants {
            frame: (inside > 0).then(|| self.seen.1.saturating_sub(1 + inside)),
            frames: (self.scroll.top as u32, self.height.max(1) as u32),
            ..Wants::default()
        }
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        if let Some(by) = lines(command, count, self.height) {
            self.scroll.by(by, now.depth as usize);
            self.scroll.fit(now.depth as usize, self.height);
            return Some(Effect::Done);
        }
        match (command, &now.frame) {
            (Command::Follow, Some(frame)) => Some(Effect::Ask(Request::Goto(Target::Step(frame.entered)))),
            _ => None,
        }
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        self.scroll.point(y, now.depth as usize);
        Some(Effect::Done)
    }

    fn copy(&self, now: &Moment, _base: Base) -> Option<String> {
        let line = |frame: &Frame| {
            let name = func_name(frame.func, frame.name.as_deref());
            format!("{} {name} ip {:#x} pc {:#x} since {}", frame.depth, frame.ip, frame.pc, frame.entered)
        };
        now.frame.as_ref().map(line)
    }

    fn menu(&self, now: &Moment) -> Vec<(String, String)> {
        let Some(frame) = &now.frame else { return Vec::new() };
        let name = func_name(frame.func, frame.name.as_deref());
        vec![
            ("where this call began".into(), format!("goto {}", frame.entered)),
            (format!("stop at every call of {name}, or no more"), format!("break {}", frame.func)),
            (format!("on to the next call of {name}"), format!("run-to {}", frame.func)),
            (format!("back to the last call of {name}"), format!("run-back-to {}", frame.func)),
        ]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Follow]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        if now.depth == 0 {
            Line::new(buf, area, 0).put("no frame: nothing runs", theme.dim);
            return;
        }
        let digits = (now.depth - 1).to_string().len();
        let names = now
            .frames
            .iter()
            .map(|frame| width(&func_name(frame.func, frame.name.as_deref())))
            .max()
            .unwrap_or(0)
            .min(usize::from(area.width) / 2);
        let places = now.frames.iter().filter_map(|it| it.line.as_deref()).map(width).max().unwrap_or(0);
        for row in 0..area.height {
            let inside = self.scroll.top as u32 + u32::from(row);
            let Some(depth) = (now.depth - 1).checked_sub(inside) else {
                break;
            };
            let Some(frame) = now.frames.iter().find(|frame| frame.depth == depth) else {
                continue;
            };
            let here = now.frame.as_ref().is_some_and(|it| it.depth == depth);
            let style = if here { theme.strong } else { theme.plain };
            let mut line = Line::new(buf, area, row);
            line.put(if here { "› " } else { "  " }, theme.strong);
            line.put(&format!("{depth:>digits$} "), theme.dim);
            let from = line.used();
            line.clip(&func_name(frame.func, frame.name.as_deref()), names, style);
            line.to(from + names + 1);
            if let Some(at) = &frame.line {
                let room = line.room().min(places);
                line.clip(at, room, theme.plain).to(from + names + places + 2);
            }
            if frame.line.is_none() || line.room() >= 38 {
                line.put(&format!("ip {:<4x} ", frame.ip), theme.dim);
                if line.room() >= 14 {
                    line.put(&format!("0x{:04x} ", frame.pc), theme.dim);
                }
            }
            let since = format!("since {}", words::count(frame.entered));
            if line.room() >= since.len() {
                line.put(&since, theme.dim);
            }
            if here && view.focused {
                line.paint(theme.selected);
            }
        }
    }
}
