//! The border of a pane, its tabs and its notes.
//!
//! ```text
//! ┏ code: fib ━━━━━━━━━━━━━ 3/17 ┓      focused: thick
//! ┌ [memory]│globals│output ─────┐      one group, three tabs
//! └──────────────────────────────┘
//! ```
//!
//! A window too small for a border gets none: the content keeps the room.

use crate::theme::Theme;
use crate::widgets::line::{Line, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Block, BorderType, Widget};

/// What stands on a border.
#[derive(Debug, Default)]
pub struct Frame<'a> {
    /// Whether keys go to this pane.
    pub focused: bool,
    /// Names of the panes that share this place; one of them is shown.
    pub tabs: &'a [String],
    /// Which of them.
    pub front: usize,
    /// What the shown pane adds to its name.
    pub title: &'a str,
    /// A note at the right end of the upper border.
    pub note: &'a str,
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

impl Frame<'_> {
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
        let top = Rect::new(area.x + 1, area.y, area.width - 2, 1);
        let mut line = Line::new(buf, top, 0);
        line.put(" ", style);
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
        if !self.title.is_empty() {
            let room = line.room().saturating_sub(2);
            line.put(" ", style).clip(self.title, room, over(theme.plain));
        }
        line.put(" ", style);
        if !self.note.is_empty() {
            let note = format!(" {} ", self.note);
            if line.room() > note.chars().count() {
                line.right(&note, over(theme.dim));
            }
        }
        inside
    }
}
