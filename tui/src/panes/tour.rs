//! A page of the tour, below the panes.
//!
//! ```text
//! ┌ tour 3 of 9: Over, into, out ───────── F2 next · F3 back · Esc ┐
//! │ n runs over a call, s goes into it, …                          │
//! │ try  n N over   s S into   o O out                             │
//! └────────────────────────────────────────────────────────────────┘
//! ```

use crate::command::Command;
use crate::keys::pretty;
use crate::theme::Theme;
use crate::tour::PAGES;
use crate::widgets::frame::Frame;
use crate::widgets::line::Line;
use crate::widgets::wrap::wrap;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the page of that number, from 0.
pub fn tour(page: usize, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let Some(it) = PAGES.get(page) else { return };
    let key = |command: Command| pretty(command.entry().keys.split(' ').next().unwrap_or_default());
    let note = format!("{} next · {} back · Esc leaves", key(Command::Tour), key(Command::TourBack));
    let tabs = [format!("tour {} of {}", page + 1, PAGES.len())];
    let frame = Frame { focused: true, tabs: &tabs, front: 0, title: it.title, note: &note };
    let inside = frame.draw(area, theme, buf);
    let lines = wrap(it.text, usize::from(inside.width).saturating_sub(2));
    let keys = inside.height.saturating_sub(1);
    for (row, text) in lines.iter().take(keys.into()).enumerate() {
        Line::new(buf, inside, row as u16).put(" ", theme.plain).put(text, theme.plain);
    }
    let row = (lines.len() as u16 + u16::from(lines.len() as u16 + 1 < inside.height)).min(keys);
    let mut line = Line::new(buf, inside, row);
    line.put(" try  ", theme.dim);
    for (keys, what) in it.keys {
        line.put(keys, theme.key).put(" ", theme.plain).put(what, theme.plain).put("   ", theme.plain);
    }
}
