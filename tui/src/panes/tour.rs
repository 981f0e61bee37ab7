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
use crate::widgets::frame::{Frame, Note};
use crate::widgets::line::Line;
use crate::widgets::wrap::wrap;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// What can be done with a page.
const DOES: [(Command, &str); 3] =
    [(Command::Tour, "next"), (Command::TourBack, "back"), (Command::Cancel, "leaves")];

/// The border of a page.
fn border(page: usize, title: &str) -> Frame {
    let key = |command: Command| pretty(command.entry().keys.split(' ').next().unwrap_or_default());
    let note = |(command, what)| Note { text: format!("{} {what}", key(command)), spare: false };
    let tabs = vec![format!("tour {} of {}", page + 1, PAGES.len())];
    Frame { focused: true, tabs, front: 0, title: title.to_owned(), notes: DOES.map(note).into() }
}

/// What a press on the page's border does.
pub fn tour_command(page: usize, area: Rect, at: Position) -> Option<Command> {
    let (x, y) = (at.x.checked_sub(area.x)?, at.y.checked_sub(area.y)?);
    border(page, PAGES.get(page)?.title).note_at(area, x, y).map(|at| DOES[at].0)
}

/// Draws the page of that number, from 0.
pub fn tour(page: usize, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let Some(it) = PAGES.get(page) else { return };
    let inside = border(page, it.title).draw(area, theme, buf);
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
