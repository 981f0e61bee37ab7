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
use crate::widgets::frame::Frame;
use crate::widgets::line::{Line, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

const INTRO: &str = "Type to search. Capitals go backwards; a number before a key is its count: 10j, 3n, 120G. \
    The cursor stands between two steps: did is the one before it, next (▶) the one after it.";

/// Words put into lines of a width.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("never empty");
        if !last.is_empty() && width(last) + 1 + width(word) > columns {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

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

/// Draws a list to choose from.
pub fn picker(picker: &Picker, theme: &Theme, screen: Rect, buf: &mut Buffer) {
    let mut area = middle(screen, 108);
    if picker.listed == Listed::Breakpoints {
        area.height = area.height.min(picker.items.len().min(1 << 12) as u16 + 3);
    }
    theme.clear(area, buf);
    let (title, note) = match picker.listed {
        Listed::Help => ("help", "Enter does it · Esc"),
        Listed::Palette => ("commands, functions, marks", "Enter does it · Esc"),
        Listed::Breakpoints => ("breakpoints", "Enter runs there · Del deletes · Esc"),
    };
    let inside =
        Frame { focused: true, tabs: &[title.to_owned()], note, ..Frame::default() }.draw(area, theme, buf);
    let columns = usize::from(inside.width).saturating_sub(2);
    let mut row = 0;
    let mut line = Line::new(buf, inside, row);
    line.put(" > ", theme.key).put(picker.edit.before(), theme.plain);
    let mut rest = picker.edit.after().chars();
    let under = rest.next().map_or(" ".to_owned(), String::from);
    line.put(&under, theme.plain.add_modifier(Modifier::REVERSED)).put(rest.as_str(), theme.plain);
    if picker.shown.is_empty() {
        line.put("  nothing fits", theme.dim);
    }
    row += 1;
    if picker.listed == Listed::Help && picker.edit.text().is_empty() && inside.height > 16 {
        for text in wrap(INTRO, columns) {
            Line::new(buf, inside, row).put(" ", theme.plain).put(&text, theme.dim);
            row += 1;
        }
    }
    // The whole sentence about the one chosen stands below.
    let about = picker.chosen().map_or_else(Vec::new, |item| wrap(&item.detail, columns));
    let about_rows =
        if inside.height > 8 && picker.listed != Listed::Breakpoints { about.len().min(4) as u16 } else { 0 };
    let foot = inside.height.saturating_sub(about_rows);
    let room = usize::from(foot.saturating_sub(row + u16::from(about_rows > 0)));
    let keys = picker.shown.iter().map(|&at| width(&picker.items[at].keys)).max().unwrap_or(0).min(18);
    let labels = picker.shown.iter().map(|&at| &picker.items[at]).filter(|it| !it.line.is_empty());
    let labels = labels.map(|it| width(&it.label)).max().unwrap_or(0).min(columns / 2);
    // A third of the list stays in sight behind the one chosen.
    let top = (picker.at + 1 + room / 3).saturating_sub(room).min(picker.shown.len().saturating_sub(room));
    for (index, &at) in picker.shown.iter().enumerate().skip(top).take(room) {
        let item = &picker.items[at];
        let mut line = Line::new(buf, inside, row);
        if item.line.is_empty() {
            line.put(" ", theme.plain).put(&item.label, theme.strong);
        } else {
            line.put(" ", theme.plain).clip(&item.keys, keys, theme.key);
            line.to(keys + 2).clip(&item.label, labels, theme.name);
            line.to(keys + labels + 4);
            let room = line.room().saturating_sub(1);
            line.clip(&item.detail, room, theme.dim);
            if index == picker.at {
                line.paint(theme.selected);
            }
        }
        row += 1;
    }
    for (at, text) in about.iter().take(about_rows.into()).enumerate() {
        Line::new(buf, inside, foot + at as u16).put(" ", theme.plain).put(text, theme.plain);
    }
}

/// Draws a text of several lines.
pub fn text(title: &str, lines: &[String], top: usize, theme: &Theme, screen: Rect, buf: &mut Buffer) {
    let widest = lines.iter().map(|it| width(it)).max().unwrap_or(0).max(width(title) + 24) + 4;
    let mut area = middle(screen, widest.min(400) as u16);
    area.height = area.height.min(lines.len().min(1 << 12) as u16 + 2);
    theme.clear(area, buf);
    let tabs = [title.to_owned()];
    let inside = Frame { focused: true, tabs: &tabs, note: "j/k scroll · Esc", ..Frame::default() }
        .draw(area, theme, buf);
    for (row, text) in lines.iter().skip(top).take(inside.height.into()).enumerate() {
        let mut line = Line::new(buf, inside, row as u16);
        let room = line.room().saturating_sub(1);
        line.put(" ", theme.plain).clip(text, room, theme.plain);
    }
}
