//! What the user keeps: breakpoints, watchpoints, marks, notes, expressions displayed.
//!
//! ```text
//! breakpoints
//! ● 1  fib if n == 3       stopped at 4 steps ×
//! ○ 2  op i32.store, off                      ×
//! watchpoints
//! ● 3  0x400..0x408         stopped at 1 step ×
//! marks
//!   a  1,234                                  ×
//! notes
//!   55  the sum is wrong from here            ×
//! displays
//!   1  r3 + 1 = 12                            ×
//! ```
//!
//! Enter goes there: to the next stop of a breakpoint, to a mark, to a note. `[` and `]` go to the stop
//! before and after. The mouse turns a breakpoint off and on at its `●`, and takes a line away at `×`.

use super::{Beyond, Effect, Note, Pane, View, lines};
use crate::command::Command;
use crate::moment::{Breakpoint, Display, Moment};
use crate::session::{Ask, Direction, Request, Target};
use crate::widgets::line::Line;
use crate::widgets::scroll::Scroll;
use crate::words::{self, Base};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Places {
    width: u16,
    height: usize,
    scroll: Scroll,
}

/// A line of it.
enum Row<'a> {
    Heading(&'static str),
    Stop(&'a Breakpoint),
    Mark(char, u64),
    Note(u64, &'a str),
    Display(u32, &'a str, Result<&'a str, &'a str>),
}

impl Row<'_> {
    /// The word for it that `delete` and the others take.
    fn named(&self) -> Option<String> {
        match self {
            Row::Heading(_) => None,
            Row::Stop(it) => Some(it.id.to_string()),
            Row::Mark(letter, _) => Some(format!("mark {letter}")),
            Row::Note(step, _) => Some(format!("note {step}")),
            Row::Display(id, ..) => Some(format!("display {id}")),
        }
    }
}

fn rows<'a>(now: &'a Moment) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    let mut group = |name: &'static str, members: Vec<Row<'a>>| {
        if !members.is_empty() {
            rows.push(Row::Heading(name));
            rows.extend(members);
        }
    };
    let stops = |watches: bool| {
        now.breakpoints.iter().filter(move |it| it.watches() == watches).map(Row::Stop).collect()
    };
    group("breakpoints", stops(false));
    group("watchpoints", stops(true));
    group("marks", now.marks.iter().map(|&(letter, step)| Row::Mark(letter, step)).collect());
    group("notes", now.notes.iter().map(|(step, text)| Row::Note(*step, text)).collect());
    let display =
        |it: &'a Display| Row::Display(it.id, &it.text, it.value.as_deref().map_err(String::as_str));
    group("displays", now.displays.iter().map(display).collect());
    rows
}

impl Places {
    fn chosen<'a>(&self, now: &'a Moment) -> Option<Row<'a>> {
        let mut rows = rows(now);
        (self.scroll.at < rows.len()).then(|| rows.swap_remove(self.scroll.at))
    }

    /// Moves by so many lines, headings not counted.
    fn go(&mut self, by: i64, now: &Moment) {
        let rows = rows(now);
        let lines: Vec<usize> = (0..rows.len()).filter(|&at| !matches!(rows[at], Row::Heading(_))).collect();
        let here = lines.iter().position(|&at| at >= self.scroll.at).unwrap_or(lines.len().saturating_sub(1));
        let to = (here as i64).saturating_add(by).clamp(0, lines.len().saturating_sub(1) as i64);
        if by != 0 {
            self.scroll.by(0, rows.len());
        }
        self.scroll.at = lines.get(to as usize).copied().unwrap_or(0);
        self.scroll.fit(rows.len(), self.height);
    }
}

impl Places {
    /// What a press at a column of a line does by itself.
    fn button(&self, x: u16, row: &Row<'_>) -> Option<Command> {
        match row {
            Row::Heading(_) => None,
            Row::Stop(_) if x < 2 => Some(Command::Toggle),
            _ => (x + 1 == self.width).then_some(Command::Delete),
        }
    }
}

impl Pane for Places {
    fn notes(&self, now: &Moment) -> Vec<Note> {
        let strip = &now.strip;
        match strip.sought < now.end && now.breakpoints.iter().any(|it| it.enabled) {
            true => vec![Note::new(format!("stops sought up to {}", words::brief(strip.sought)))],
            false => Vec::new(),
        }
    }

    fn resize(&mut self, width: u16, height: u16) {
        (self.width, self.height) = (width, height.into());
    }

    fn see(&mut self, now: &Moment) {
        self.go(0, now);
    }

    fn beyond(&self, now: &Moment) -> Beyond {
        let len = rows(now).len();
        Beyond::of(self.scroll.shown(len, self.height), len)
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        if let Some(by) = lines(command, count, self.height) {
            self.go(by, now);
            return Some(Effect::Done);
        }
        let row = self.chosen(now)?;
        let to = |direction| match &row {
            Row::Stop(it) => Some(Effect::Ask(Request::RunTo(format!("#{}", it.id), direction))),
            _ => None,
        };
        match (command, &row) {
            (Command::Follow | Command::NextWrite, Row::Stop(_)) => to(Direction::Forward),
            (Command::PrevWrite, Row::Stop(_)) => to(Direction::Backward),
            (Command::Follow, Row::Mark(letter, _)) => Some(Effect::Ask(Request::Jump(*letter))),
            (Command::Follow, Row::Note(step, _)) => Some(Effect::Ask(Request::Goto(Target::Step(*step)))),
            (Command::Follow, Row::Display(_, text, _)) => {
                Some(Effect::Ask(Request::Ask(Ask::Print((*text).to_owned()))))
            }
            (Command::Toggle, Row::Stop(it)) => {
                Some(Effect::Ask(Request::Enable(it.id.to_string(), !it.enabled)))
            }
            (Command::Toggle, _) => Some(Effect::Say("only breakpoints and watchpoints can be off".into())),
            (Command::Delete, row) => row.named().map(|it| Effect::Ask(Request::Delete(it))),
            (Command::Condition, Row::Stop(it)) => {
                let condition = it.condition.as_ref().map_or_else(String::new, ToString::to_string);
                Some(Effect::Type(format!("condition {} {condition}", it.id)))
            }
            _ => None,
        }
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        let rows = rows(now);
        let at = self.scroll.top + usize::from(y);
        if matches!(rows.get(at)?, Row::Heading(_)) {
            return None;
        }
        self.scroll.point(y, rows.len()).then_some(Effect::Done)
    }

    fn push(&mut self, x: u16, y: u16, twice: bool, now: &Moment) -> Option<Effect> {
        let rows = rows(now);
        let command = self.button(x, rows.get(self.scroll.top + usize::from(y))?)?;
        if twice && command == Command::Delete {
            return Some(Effect::Done);
        }
        self.scroll.point(y, rows.len());
        self.act(command, 1, now)
    }

    fn scroll(&mut self, _x: u16, by: i64, now: &Moment) -> Option<Effect> {
        self.scroll.turn(by, rows(now).len(), self.height);
        Some(Effect::Done)
    }

    fn menu(&self, now: &Moment) -> Vec<(String, String)> {
        let Some(row) = self.chosen(now) else { return Vec::new() };
        let line = |what: &str, command: String| (what.to_owned(), command);
        let mut menu = match &row {
            Row::Heading(_) => Vec::new(),
            Row::Stop(it) => vec![
                line("on to where it stops next", format!("run-to #{}", it.id)),
                line("back to where it stopped last", format!("run-back-to #{}", it.id)),
                match it.enabled {
                    true => line("keep it, but do not stop there", format!("disable {}", it.id)),
                    false => line("let it stop again", format!("enable {}", it.id)),
                },
            ],
            Row::Mark(letter, _) => vec![line("go there", format!("jump {letter}"))],
            Row::Note(step, _) => vec![line("go there", format!("goto {step}"))],
            Row::Display(_, text, _) => vec![line("its value now", format!("print {text}"))],
        };
        menu.extend(row.named().map(|it| line("take it away", format!("delete {it}"))));
        menu
    }

    fn offers(&self, now: &Moment) -> Vec<Command> {
        match self.chosen(now) {
            Some(Row::Stop(_)) => vec![Command::Condition],
            _ => Vec::new(),
        }
    }

    fn copy(&self, now: &Moment, _base: Base) -> Option<String> {
        Some(match self.chosen(now)? {
            Row::Heading(_) => return None,
            Row::Stop(it) => format!("{} {}", if it.watches() { "watch" } else { "break" }, it.whole()),
            Row::Mark(letter, step) => format!("mark {letter} step {step}"),
            Row::Note(step, text) => format!("step {step}: {text}"),
            Row::Display(_, text, value) => format!("{text} = {}", value.unwrap_or("–")),
        })
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Follow, Command::Toggle, Command::Delete, Command::Condition]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let rows = rows(now);
        if rows.is_empty() {
            let told = [
                "nothing is kept yet",
                "b  a breakpoint    w  a watchpoint",
                "m  a mark          A  a note",
                ":display  an expression",
            ];
            for (row, text) in told.iter().enumerate() {
                Line::new(buf, area, row as u16).put(text, theme.dim);
            }
            return;
        }
        for (row, (index, it)) in rows.iter().enumerate().skip(self.scroll.top).enumerate() {
            let mut line = Line::new(buf, area, row as u16);
            let end = line.room().saturating_sub(2);
            match it {
                Row::Heading(name) => {
                    line.put(name, theme.strong);
                    continue;
                }
                Row::Stop(it) => {
                    let (dot, style) =
                        if it.enabled { ("● ", theme.breakpoint) } else { ("○ ", theme.dim) };
                    line.put(dot, style).put(&format!("{:<3} ", it.id), theme.dim);
                    let stopped = match it.stops {
                        0 => String::new(),
                        1 => " stopped at 1 step".into(),
                        stops => format!(" stopped at {} steps", words::count(stops)),
                    };
                    let room = end.saturating_sub(line.used() + stopped.len());
                    line.clip(&it.whole(), room, if it.enabled { theme.plain } else { theme.dim });
                    line.to(end.saturating_sub(stopped.len()).max(line.used()));
                    line.put(&stopped, theme.dim);
                }
                Row::Mark(letter, step) => {
                    line.put(&format!("  {letter:<3} "), theme.message);
                    line.put(&words::count(*step), theme.plain);
                }
                Row::Note(step, text) => {
                    line.put(&format!("  {} ", words::count(*step)), theme.message);
                    let room = end.saturating_sub(line.used());
                    line.clip(text, room, theme.plain);
                }
                Row::Display(id, text, value) => {
                    line.put(&format!("  {id:<3} "), theme.dim).put(text, theme.name).put(" = ", theme.dim);
                    let room = end.saturating_sub(line.used());
                    let style = if value.is_ok() { theme.plain } else { theme.dim };
                    line.clip(value.unwrap_or_else(|it| it), room, style);
                }
            }
            let selected = index == self.scroll.at && view.focused;
            if selected {
                line.paint(theme.selected);
            }
            let mut line = Line::new(buf, area, row as u16);
            line.to(end + 1).put("×", if selected { theme.error } else { theme.dim });
        }
    }
}
