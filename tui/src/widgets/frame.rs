//! The border of a pane, its tabs, its title and its notes.
//!
//! ```text
//! ┏ code: fib ━━━━━━━━━━━━━ 3/17 ┓      focused: thick
//! ┌ [mem]│out│glo│tab ───────────┐      one group, four tabs
//! └ 64 KiB ─────── u32 · follows ┘      what the upper border has no room for
//! ```
//!
//! Notes that are only worth it where there is room say so; the others are always shown, the most needed
//! first, cut at their end if nothing else helps.
//! A window too small for a border gets none: the content keeps the room.

use crate::theme::Theme;
use crate::widgets::line::{Line, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Block, BorderType, Widget};

/// What stands on a border.
#[derive(Debug, Default)]
pub struct Frame {
    /// Whether keys go to this pane.
    pub focused: bool,
    /// Names of the panes that share this place; one of them is shown.
    pub tabs: Vec<String>,
    /// Which of them.
    pub front: usize,
    /// What the shown pane adds to its name.
    pub title: String,
    /// Notes at the right end, the most needed first.
    pub notes: Vec<Note>,
}

/// A note on a border.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// What it says.
    pub text: String,
    /// Whether it is left out where the upper border has no room for it.
    pub spare: bool,
}

/// Where the parts of a border stand.
#[derive(Default)]
struct Laid {
    /// Row of the border (0 upper, 1 lower), column from its corner, columns.
    title: Option<(u16, usize, usize)>,
    /// The same of notes, with their number.
    notes: Vec<(u16, usize, usize, usize)>,
}

/// The area inside the border.
pub fn inner(area: Rect) -> Rect {
    if area.height < 3 || area.width < 4 {
        return area;
    }
    Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
}

/// What a tab looks like: among several, brackets too say which is in front.
fn tab(name: &str, front: bool, several: bool) -> String {
    if front && several { format!("[{name}]") } else { name.to_owned() }
}

/// The tab at a column of the upper border, counted from its corner.
pub fn tab_at(tabs: &[String], front: usize, x: u16) -> Option<usize> {
    let mut from = 2;
    for (index, name) in tabs.iter().enumerate() {
        let to = from + width(&tab(name, index == front, tabs.len() > 1));
        if (from..to).contains(&usize::from(x)) {
            return Some(index);
        }
        from = to + 1;
    }
    None
}

/// Between two notes.
const BETWEEN: &str = " · ";

impl Frame {
    fn tabs_end(&self) -> usize {
        let tab =
            |(index, name): (usize, &String)| width(&tab(name, index == self.front, self.tabs.len() > 1));
        2 + self.tabs.iter().enumerate().map(tab).sum::<usize>() + self.tabs.len().saturating_sub(1)
    }

    /// Where these notes stand, the last of them before the right corner; those without room are left out,
    /// the first is cut.
    fn right(&self, row: u16, from: usize, to: usize, which: &[usize]) -> Vec<(u16, usize, usize, usize)> {
        let mut laid = Vec::new();
        let mut left = to.saturating_sub(from);
        for &index in which {
            let between = if laid.is_empty() { 0 } else { width(BETWEEN) };
            let columns = width(&self.notes[index].text);
            if columns + between > left && !laid.is_empty() {
                break;
            }
            let columns = columns.min(left);
            left -= columns + between;
            laid.push((row, between, columns, index));
        }
        let mut at = to - laid.iter().map(|it| it.1 + it.2).sum::<usize>().min(to);
        for it in &mut laid {
            at += it.1;
            (it.1, at) = (at, at + it.2);
        }
        laid.retain(|it| it.2 > 0);
        laid
    }

    fn lay(&self, area: Rect) -> Laid {
        let right = usize::from(area.width).saturating_sub(2);
        let (from, title) = (self.tabs_end(), width(&self.title));
        let title_end = if title == 0 { from } else { from + 1 + title };
        let all: Vec<usize> = (0..self.notes.len()).collect();
        let needed: Vec<usize> = all.iter().copied().filter(|&at| !self.notes[at].spare).collect();
        let columns = |which: &[usize]| {
            let between = which.len().saturating_sub(1) * width(BETWEEN);
            which.iter().map(|&at| width(&self.notes[at].text)).sum::<usize>() + between
        };
        let beside = |which: &[usize]| which.is_empty() || title_end + 2 + columns(which) <= right;
        let top = (title > 0).then_some((0, from + 1, title));
        for which in [&all, &needed] {
            if title_end <= right && beside(which) {
                return Laid { title: top, notes: self.right(0, title_end + 2, right, which) };
            }
        }
        // A title that is cut still says something; a few letters of it do not.
        let room = right.saturating_sub(from + 1);
        let (mut laid, mut left) = (Laid::default(), 2);
        match title {
            0 => {}
            _ if title.min(10) <= room => laid.title = Some((0, from + 1, title.min(room))),
            _ => {
                let columns = title.min((right / 2).saturating_sub(2));
                laid.title = Some((1, 2, columns));
                left = 2 + columns + 2;
            }
        }
        let top_end = laid.title.filter(|it| it.0 == 0).map_or(from, |it| it.1 + it.2);
        laid.notes = match top_end + 2 + columns(&needed) <= right {
            true => self.right(0, top_end + 2, right, &needed),
            false => self.right(1, left, right, &needed),
        };
        laid
    }

    /// The note at a column of a border, counted from its corner, of the upper or the lower.
    pub fn note_at(&self, area: Rect, x: u16, y: u16) -> Option<usize> {
        let row = match y {
            0 => 0,
            y if y + 1 == area.height => 1,
            _ => return None,
        };
        let on =
            |it: &&(u16, usize, usize, usize)| it.0 == row && (it.1..it.1 + it.2).contains(&usize::from(x));
        if inner(area) == area { None } else { self.lay(area).notes.iter().find(on).map(|it| it.3) }
    }

    /// Draws the border and returns what is inside it.
    pub fn draw(&self, area: Rect, theme: &Theme, buf: &mut Buffer) -> Rect {
        let inside = inner(area);
        if inside == area {
            return area;
        }
        let (style, kind) = if self.focused {
            (theme.border_focus, BorderType::Thick)
        } else {
            (theme.border, BorderType::Plain)
        };
        Block::bordered().border_type(kind).border_style(style).render(area, buf);
        // Names are not as faint as the border they stand on.
        let over = |style: Style| Style::reset().patch(theme.ground).patch(style);
        let border = |row: u16| Rect { height: 1, y: area.y + row * (area.height - 1), ..area };
        let top = Rect { width: area.width - 1, ..border(0) };
        let mut line = Line::new(buf, top, 0);
        line.to(1).put(" ", style);
        for (index, name) in self.tabs.iter().enumerate() {
            let front = index == self.front;
            if index > 0 {
                line.put("│", style);
            }
            let text = tab(name, front, self.tabs.len() > 1);
            let style = match (front, self.focused) {
                (true, true) => over(theme.title_focus),
                (true, false) => over(theme.title),
                (false, _) => over(theme.dim),
            };
            line.put(&text, style);
        }
        line.put(" ", style);
        let laid = self.lay(area);
        let mut write = |row: u16, at: usize, before: &str, text: &str, columns: usize, look: Style| {
            let mut line = Line::new(buf, Rect { width: area.width - 1, ..border(row) }, 0);
            line.to(at - width(before)).put(before, look).clip(text, columns, look).put(" ", style);
        };
        if let Some((row, at, columns)) = laid.title {
            write(row, at, " ", &self.title, columns, over(theme.plain));
        }
        for (index, (row, at, columns, note)) in laid.notes.iter().enumerate() {
            let before = if index == 0 { " " } else { BETWEEN };
            write(*row, *at, before, &self.notes[*note].text, *columns, over(theme.dim));
        }
        inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Scheme;

    fn drawn(columns: u16, title: &str, notes: &[(&str, bool)]) -> (String, String) {
        let notes = notes.iter().map(|&(text, spare)| Note { text: text.to_owned(), spare }).collect();
        let tabs = vec!["mem".to_owned(), "out".to_owned()];
        let frame = Frame { tabs, title: title.to_owned(), notes, ..Frame::default() };
        let area = Rect::new(0, 0, columns, 3);
        let mut buf = Buffer::empty(area);
        frame.draw(area, &Theme::of(Scheme::None), &mut buf);
        for (note, it) in frame.notes.iter().enumerate() {
            for (y, x) in (0..3).flat_map(|y| (0..columns).map(move |x| (y, x))) {
                let on = frame.note_at(area, x, y) == Some(note);
                assert!(!on || it.text.contains(buf[(x, y)].symbol()) || buf[(x, y)].symbol() == "…");
            }
        }
        let row = |y| (0..columns).map(|x| buf[(x, y)].symbol()).collect::<String>();
        (row(0), row(2))
    }

    #[test]
    fn what_is_needed_is_said_wherever_there_is_room() {
        let notes = [("u32", false), ("follows", false), ("12 bytes", true)];
        for (columns, upper, lower) in [
            (52, "┌ [mem]│out 64 KiB ────── u32 · follows · 12 bytes ┐", "└────"),
            (40, "┌ [mem]│out 64 KiB ───── u32 · follows ┐", "└────"),
            (30, "┌ [mem]│out 64 KiB ──────────┐", "└───────────── u32 · follows ┘"),
            (21, "┌ [mem]│out 64 KiB ─┐", "└──── u32 · follows ┘"),
            (16, "┌ [mem]│out ───┐", "└ 64 K… ── u32 ┘"),
        ] {
            let shown = drawn(columns, "64 KiB", &notes);
            assert!(shown.0 == upper && shown.1.starts_with(lower), "{shown:?}");
        }
        for columns in 0..60 {
            drawn(columns, "a long title 字字", &notes);
            drawn(columns, "", &notes);
        }
    }
}
