//! Overlays: a list to choose from, and a text to read.
//!
//! ```text
//! ┏ help ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ > write█                                                  ┃
//! ┃ [         previous-write  back to where the value under … ┃
//! ┃ ──────────────────────────────────────────────────────────┃
//! ┃ back to where the value under the cursor was written: …   ┃   all of the sentence
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ Enter does it · Esc ━━━┛
//! ```

use crate::app::{Listed, Picker};
use crate::theme::Theme;
use crate::widgets::frame::{self, Frame, Note};
use crate::widgets::line::{Line, width};
use crate::widgets::wrap::wrap;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

const INTRO: &str = "Type to search. Capitals go backwards; a number before a key is its count: 10j, 3n, 120G. \
    The cursor stands between two steps: did is the one before it, next (▶) the one after it. What signs mean \
    stands last.";

/// The middle of the screen, all of it where that is small.
fn middle(screen: Rect, columns: u16) -> Rect {
    let columns = screen.width.saturating_sub(4).min(columns);
    match screen.width < 60 || screen.height < 12 {
        true => screen,
        false => Rect::new(
            screen.x + (screen.width - columns) / 2,
            screen.y + 1,
            columns,
            screen.height.saturating_sub(2),
        ),
    }
}

/// Where the parts of a list to choose from stand.
struct Parts {
    area: Rect,
    inside: Rect,
    /// Lines above the list.
    intro: Vec<String>,
    /// The whole sentence about the one chosen, below it.
    about: Vec<String>,
    /// The list's first row in `inside`, how many it has, and the first item shown.
    first: u16,
    room: usize,
    top: usize,
}

impl Parts {
    fn of(picker: &Picker, screen: Rect) -> Parts {
        let mut area = middle(screen, if picker.listed == Listed::Steps { 160 } else { 108 });
        if picker.listed == Listed::Menu {
            area.height = area.height.min(picker.items.len().min(1 << 12) as u16 + 7);
        }
        let inside = frame::inner(area);
        let columns = usize::from(inside.width).saturating_sub(2);
        let introduced = picker.listed == Listed::Help && picker.edit.text().is_empty() && inside.height > 16;
        let intro = if introduced { wrap(INTRO, columns) } else { Vec::new() };
        let mut about = picker.chosen().map_or_else(Vec::new, |item| wrap(&item.detail, columns));
        about.truncate(if inside.height > 8 { 4 } else { 0 });
        let first = 1 + intro.len() as u16;
        let below = about.len() + usize::from(!about.is_empty());
        let room = usize::from(inside.height).saturating_sub(usize::from(first) + below);
        // A third of the list stays in sight behind the one chosen.
        let top = (picker.at + 1 + room / 3).saturating_sub(room);
        let top = top.min(picker.shown.len().saturating_sub(room));
        Parts { area, inside, intro, about, first, room, top }
    }

    /// How many items are below those in sight.
    fn below(&self, picker: &Picker) -> usize {
        picker.shown.len().saturating_sub(self.top + self.room)
    }
}

/// What of a list is at a cell of the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Picked {
    /// This of the items shown.
    Item(usize),
    /// That there are so many more below.
    Below(usize),
    /// Some other part of it.
    Nothing,
    /// It is not there.
    Outside,
}

/// What the border of a list says one can press, and of a text.
const DOES: [&str; 2] = ["Enter does it", "Esc"];
const SCROLLS: [&str; 2] = ["j/k scroll", "Esc"];

fn title(picker: &Picker) -> &'static str {
    match picker.listed {
        Listed::Help => "help",
        Listed::Palette => "commands, functions, marks",
        Listed::Menu => "what can be done with it",
        Listed::Steps => "steps that match",
    }
}

/// What one can press, and how many lines are below, if any are.
fn border(title: &str, does: [&str; 2], below: usize) -> Frame {
    let does = does.map(|it| Note { text: it.to_owned(), spare: false });
    let more = (below > 0).then(|| Note { text: format!("▼ {below} more"), spare: true });
    let notes = does.into_iter().chain(more).collect();
    Frame { focused: true, tabs: vec![title.to_owned()], notes, ..Frame::default() }
}

/// What of a list is at a cell of the screen; its border says how to do what is chosen and how to leave.
pub fn picker_at(picker: &Picker, screen: Rect, at: Position) -> Picked {
    let parts = Parts::of(picker, screen);
    if !parts.area.contains(at) {
        return Picked::Outside;
    }
    let below = parts.below(picker);
    match border(title(picker), DOES, below).note_at(parts.area, at.x - parts.area.x, at.y - parts.area.y) {
        Some(0) if !picker.shown.is_empty() => return Picked::Item(picker.at),
        Some(1) => return Picked::Outside,
        Some(2) => return Picked::Below(below),
        _ => {}
    }
    let row = at.y.checked_sub(parts.inside.y + parts.first).map(usize::from);
    match row.filter(|&row| row < parts.room && parts.inside.contains(at)).map(|row| parts.top + row) {
        Some(index) if index < picker.shown.len() => Picked::Item(index),
        _ => Picked::Nothing,
    }
}

/// Draws a list to choose from.
pub fn picker(picker: &Picker, theme: &Theme, screen: Rect, buf: &mut Buffer) {
    let parts = Parts::of(picker, screen);
    let below = parts.below(picker);
    let Parts { area, inside, intro, about, first, room, top } = parts;
    theme.clear(area, buf);
    border(title(picker), DOES, below).draw(area, theme, buf);
    let columns = usize::from(inside.width).saturating_sub(2);
    let mut line = Line::new(buf, inside, 0);
    line.put(" > ", theme.key).put(picker.edit.before(), theme.plain);
    let mut rest = picker.edit.after().chars();
    let under = rest.next().map_or(" ".to_owned(), String::from);
    line.put(&under, theme.plain.add_modifier(Modifier::REVERSED)).put(rest.as_str(), theme.plain);
    if picker.shown.is_empty() {
        line.put("  nothing fits", theme.dim);
    }
    for (row, text) in intro.iter().enumerate() {
        Line::new(buf, inside, 1 + row as u16).put(" ", theme.plain).put(text, theme.dim);
    }
    let keys = picker.shown.iter().map(|&at| width(&picker.items[at].keys)).max().unwrap_or(0).min(18);
    let labels = picker.shown.iter().map(|&at| &picker.items[at]).filter(|it| !it.is_heading());
    let labels = labels.map(|it| width(&it.label)).max().unwrap_or(0).min(columns / 2);
    for (row, (index, &at)) in picker.shown.iter().enumerate().skip(top).take(room).enumerate() {
        let item = &picker.items[at];
        let mut line = Line::new(buf, inside, first + row as u16);
        if item.is_heading() {
            line.put(" ", theme.plain).put(&item.label, theme.strong);
            continue;
        }
        line.put(" ", theme.plain).clip(&item.keys, keys, theme.key);
        line.to(keys + 2).clip(&item.label, labels, theme.name);
        line.to(keys + labels + 4);
        let room = line.room().saturating_sub(1);
        line.clip(&item.detail, room, theme.dim);
        if index == picker.at {
            line.paint(theme.selected);
        }
    }
    let foot = inside.height.saturating_sub(about.len() as u16);
    for (at, text) in about.iter().enumerate() {
        Line::new(buf, inside, foot + at as u16).put(" ", theme.plain).put(text, theme.plain);
    }
}

/// Where a text of several lines stands.
fn text_area(title: &str, lines: &[String], screen: Rect) -> Rect {
    let widest = lines.iter().map(|it| width(it)).max().unwrap_or(0).max(width(title) + 24) + 4;
    let area = middle(screen, widest.min(400) as u16);
    Rect { height: area.height.min(lines.len().min(1 << 12) as u16 + 2), ..area }
}

/// The line of a text that can stand first: from `top` on as many as fit, if there are.
pub fn text_top(title: &str, lines: &[String], top: usize, screen: Rect) -> usize {
    let height = frame::inner(text_area(title, lines, screen)).height;
    top.min(lines.len().saturating_sub(height.max(1).into()))
}

/// What of a text is at a cell of the screen.
pub fn text_at(title: &str, lines: &[String], top: usize, screen: Rect, at: Position) -> Picked {
    let area = text_area(title, lines, screen);
    let (inside, top) = (frame::inner(area), text_top(title, lines, top, screen));
    let below = lines.len().saturating_sub(top + usize::from(inside.height));
    let note = border(title, SCROLLS, below).note_at(area, at.x - area.x, at.y - area.y);
    match (area.contains(at), inside.contains(at)) {
        (false, _) => Picked::Outside,
        (_, false) if note == Some(1) => Picked::Outside,
        (_, false) if note == Some(2) => Picked::Below(below),
        (_, true) if top + usize::from(at.y - inside.y) < lines.len() => {
            Picked::Item(top + usize::from(at.y - inside.y))
        }
        _ => Picked::Nothing,
    }
}

/// Draws a text of several lines.
pub fn text(title: &str, lines: &[String], top: usize, theme: &Theme, screen: Rect, buf: &mut Buffer) {
    let (area, top) = (text_area(title, lines, screen), text_top(title, lines, top, screen));
    theme.clear(area, buf);
    let below = lines.len().saturating_sub(top + usize::from(frame::inner(area).height));
    let inside = border(title, SCROLLS, below).draw(area, theme, buf);
    for (row, text) in lines.iter().skip(top).take(inside.height.into()).enumerate() {
        let mut line = Line::new(buf, inside, row as u16);
        let room = line.room().saturating_sub(1);
        line.put(" ", theme.plain).clip(text, room, theme.plain);
    }
}
