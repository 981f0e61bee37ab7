//! The activations, innermost on top.
//!
//! ```text
//! › 3  fib   fib.c:12  ip 1c  0x01b3  since 118       the frame looked into: code and registers show it
//!   2  fib   fib.c:12  ip 24  0x01c0  since 96
//!   1  main  fib.c:30  ip 4   0x0081  since 2
//! ```
//!
//! A function the compiler put into another has no frame: it stands above the one it is in, without a number;
//! a press of the mouse on it is about the line where it stands.
//! Where room is short the line of the source stands for the place in the code, if it is known.
//! Only the frames in the window are asked for, so a stack of ten thousand costs nothing.

use super::{Beyond, Effect, Note, Pane, View, about_line, lines};
use crate::command::Command;
use crate::moment::{Frame, Inlined, Moment, Wants, func_name};
use crate::session::{Request, Target};
use crate::widgets::line::{Line, width};
use crate::widgets::scroll::Scroll;
use crate::words::{self, Base};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A name; of a path that is too long, its end, which tells it from others.
fn path_end(name: &str, columns: usize) -> String {
    let over = width(name).saturating_sub(columns);
    if over == 0 || columns == 0 || !name.contains("::") {
        return name.to_owned();
    }
    let (mut cut, mut chars) = (0, name.chars());
    while cut < over + 1 {
        match chars.next() {
            Some(c) => cut += width(c.encode_utf8(&mut [0; 4])),
            None => break,
        }
    }
    format!("…{}", chars.as_str())
}

/// The pane. Lines are counted from the innermost frame.
#[derive(Debug, Default)]
pub(super) struct Stack {
    height: usize,
    scroll: Scroll,
    /// The moment the selection belongs to, and its number of frames.
    seen: (u64, u32),
    /// Which of the functions inlined where the selected frame stands is selected, if one is.
    inlined: Option<usize>,
    /// How many lines of the frame on top are above the window, while that stays.
    above: usize,
}

/// A line of the list: a frame, or one of the functions inlined where it stands.
struct Row<'a> {
    frame: &'a Frame,
    inlined: Option<(usize, &'a Inlined)>,
}

impl Stack {
    /// The lines shown: those about the frames in the window, the selected frame among them.
    fn rows<'a>(&self, now: &'a Moment) -> Vec<Row<'a>> {
        let inside = |frame: &Frame| now.depth.saturating_sub(1 + frame.depth) as usize;
        let frames = now.frames.iter().rev().filter(|frame| inside(frame) >= self.scroll.top);
        let of = |frame: &'a Frame| {
            let inlined = frame.inlined.iter().enumerate();
            let inlined = inlined.map(move |it| Row { frame, inlined: Some(it) });
            inlined.chain([Row { frame, inlined: None }])
        };
        let mut rows: Vec<Row<'a>> = frames.flat_map(of).collect();
        let selected =
            rows.iter().position(|row| row.inlined.is_none() && inside(row.frame) == self.scroll.at);
        let above = match self.scroll.stays() {
            true => self.above,
            false => selected.map_or(0, |at| (at + 1).saturating_sub(self.height)),
        };
        rows.drain(..above.min(rows.len()));
        rows.truncate(self.height);
        rows
    }

    /// The inlined function that is selected.
    fn chosen<'a>(&self, now: &'a Moment) -> Option<&'a Inlined> {
        now.frame.as_ref()?.inlined.get(self.inlined?)
    }
}

impl Pane for Stack {
    fn notes(&self, now: &Moment) -> Vec<Note> {
        match now.depth {
            0 => Vec::new(),
            1 => vec![Note::new("1 frame")],
            frames => vec![Note::new(format!("{} frames", words::count(frames.into())))],
        }
    }

    fn resize(&mut self, _width: u16, height: u16) {
        self.height = height.into();
    }

    fn see(&mut self, now: &Moment) {
        if self.seen.0 != now.step {
            (self.scroll, self.inlined) = (Scroll::default(), None);
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

    fn beyond(&self, now: &Moment) -> Beyond {
        let frames = self.rows(now).iter().filter(|row| row.inlined.is_none()).count();
        Beyond::of(self.scroll.top..self.scroll.top + frames, now.depth as usize)
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        if let Some(by) = lines(command, count, self.height) {
            self.inlined = None;
            self.scroll.by(by, now.depth as usize);
            self.scroll.fit(now.depth as usize, self.height);
            return Some(Effect::Done);
        }
        match (command, &now.frame) {
            (Command::Follow, Some(frame)) if self.chosen(now).is_some() => {
                let into = func_name(frame.func, frame.name.as_deref());
                Some(Effect::Say(format!(
                    "this was put into {into} and is not called: its menu leads to its line"
                )))
            }
            (Command::Follow, Some(frame)) => Some(Effect::Ask(Request::Goto(Target::Step(frame.entered)))),
            _ => None,
        }
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        let rows = self.rows(now);
        let (row, first) = (rows.get(usize::from(y))?, rows.first()?.frame);
        let (depth, inlined) = (row.frame.depth, row.inlined.map(|it| it.0));
        // The lines of the frame on top that are not in sight stay so.
        let of_first = rows.iter().take_while(|row| row.frame.depth == first.depth).count();
        let (top, above) = (now.depth.saturating_sub(1 + first.depth), first.inlined.len() + 1 - of_first);
        self.scroll.put(now.depth.saturating_sub(1 + depth) as usize);
        (self.scroll.top, self.above, self.inlined) = (top as usize, above, inlined);
        Some(Effect::Done)
    }

    fn scroll(&mut self, _x: u16, by: i64, now: &Moment) -> Option<Effect> {
        self.scroll.turn(by, now.depth as usize, self.height);
        self.above = 0;
        Some(Effect::Done)
    }

    fn copy(&self, now: &Moment, _base: Base) -> Option<String> {
        let line = |frame: &Frame| {
            let name = func_name(frame.func, frame.name.as_deref());
            format!("{} {name} ip {:#x} pc {:#x} since {}", frame.depth, frame.ip, frame.pc, frame.entered)
        };
        match self.chosen(now) {
            Some(inlined) => Some(format!("{}, inlined", inlined.text())),
            None => now.frame.as_ref().map(line),
        }
    }

    fn menu(&self, now: &Moment) -> Vec<(String, String)> {
        let Some(frame) = &now.frame else { return Vec::new() };
        if let Some(inlined) = self.chosen(now) {
            return inlined.line.as_deref().map_or_else(Vec::new, about_line);
        }
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

    fn offers(&self, now: &Moment) -> Vec<Command> {
        match self.chosen(now) {
            Some(_) => Vec::new(),
            None => self.hints().to_vec(),
        }
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        if now.depth == 0 {
            Line::new(buf, area, 0).put("no frame: nothing runs", theme.dim);
            return;
        }
        let digits = (now.depth - 1).to_string().len();
        let rows = self.rows(now);
        let name = |row: &Row<'_>| match row.inlined {
            Some((_, inlined)) => inlined.name.clone(),
            None => func_name(row.frame.func, row.frame.name.as_deref()),
        };
        let at = |row: &Row<'_>| row.inlined.map_or(&row.frame.line, |(_, it)| &it.line).clone();
        let names = rows.iter().map(|row| width(&name(row))).max().unwrap_or(0);
        let names = names.min(usize::from(area.width) / 2);
        let places = rows.iter().filter_map(at).map(|it| width(&it)).max().unwrap_or(0);
        for (index, row) in rows.iter().enumerate().take(area.height.into()) {
            let (frame, depth) = (row.frame, row.frame.depth);
            let of_frame = now.frame.as_ref().is_some_and(|it| it.depth == depth);
            let here = of_frame && row.inlined.is_none();
            let selected = of_frame && row.inlined.map(|it| it.0) == self.inlined && view.focused;
            let style = match (here, row.inlined) {
                (true, _) => theme.strong,
                (_, Some(_)) => theme.dim,
                _ => theme.plain,
            };
            let mut line = Line::new(buf, area, index as u16);
            line.put(if here { "› " } else { "  " }, theme.strong);
            let number = if row.inlined.is_some() { String::new() } else { depth.to_string() };
            line.put(&format!("{number:>digits$} "), theme.dim);
            let from = line.used();
            line.clip(&path_end(&name(row), names), names, style);
            line.to(from + names + 1);
            let place = at(row);
            if let Some(at) = &place {
                let room = line.room().min(places);
                line.clip(at, room, theme.plain).to(from + names + places + 2);
            }
            let since = format!("since {}", words::count(frame.entered));
            if row.inlined.is_some() {
                line.put("inlined", theme.dim);
            } else {
                if place.is_none() || line.room() >= 38 {
                    line.put(&format!("ip {:<4x} ", frame.ip), theme.dim);
                    if line.room() >= 14 {
                        line.put(&format!("0x{:04x} ", frame.pc), theme.dim);
                    }
                }
                if line.room() >= since.len() {
                    line.put(&since, theme.dim);
                }
            }
            if selected {
                line.paint(theme.selected);
            }
        }
    }
}
