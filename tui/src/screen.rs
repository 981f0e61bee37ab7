//! The whole screen: the layout filled with what the panes draw.
//!
//! `arrange` gives the panes their sizes before anything is asked for; `draw` only reads.
//! Always: any size works, 0×0 included.

use crate::app::{App, Mode};
use crate::layout::{Layout, layout};
use crate::panes::{self, PaneId, View};
use crate::theme::Theme;
use crate::widgets::frame::{self, Frame};
use crate::widgets::line::{Line, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

/// Lays out and tells every pane its size; those behind get the size they would have in front.
pub fn arrange(app: &mut App, screen: Rect) {
    app.screen_is(screen.width, screen.height);
    for (area, group) in layout(screen, app.zoomed()).places {
        let inner = frame::inner(area);
        for id in group {
            app.resize(id, inner.width, inner.height);
        }
    }
}

/// Draws everything.
pub fn draw(app: &mut App, theme: &Theme, screen: Rect, buf: &mut Buffer) {
    let parts = layout(screen, app.zoomed());
    match app.now() {
        Some(_) => draw_moment(app, theme, &parts, buf),
        None => {
            let text = match app.message() {
                Some(Err(message)) => message.as_str(),
                _ => "opening …",
            };
            Line::new(buf, screen, 0).put(text, theme.plain);
        }
    }
    panes::footer(app, theme, parts.footer, buf);
    if let Mode::Help(top) = app.mode() {
        let last = panes::help(*top, theme, screen, buf);
        app.clamp_help(last);
    }
    if let Mode::Breakpoints(list) = app.mode() {
        breakpoints(app, list.at, theme, screen, buf);
    }
}

fn draw_moment(app: &App, theme: &Theme, parts: &Layout, buf: &mut Buffer) {
    let Some(now) = app.now() else { return };
    panes::status(now, app.progress(), theme, parts.status, buf);
    panes::said(now, app.base(), theme, parts.said, buf);
    for (area, group) in &parts.places {
        if area.is_empty() {
            continue;
        }
        let front = app.front(group);
        let pane = app.pane(front);
        let focused = front == app.focus();
        let long: Vec<&str> = group.iter().map(|it| it.name()).collect();
        let short: Vec<&str> = group.iter().map(|it| it.short()).collect();
        let fits = |tabs: &[&str]| {
            let columns: usize = tabs.iter().map(|it| width(it) + 1).sum();
            columns + 6 <= usize::from(area.width)
        };
        // Where not even the short names fit, their number says that there are more.
        let more = match group.len() - 1 {
            0 => String::new(),
            others => format!(" +{others}"),
        };
        let name = format!("{}{more}", front.name());
        let here = [if fits(&[&name]) { name.as_str() } else { front.short() }];
        let tabs: &[&str] = if fits(&long) {
            &long
        } else if fits(&short) {
            &short
        } else {
            &here
        };
        let front_tab =
            if tabs.len() == group.len() { group.iter().position(|&it| it == front).unwrap_or(0) } else { 0 };
        let inside =
            Frame { focused, tabs, front: front_tab, title: &pane.title(now), note: &pane.note(now) }
                .draw(*area, theme, buf);
        let view = View { theme, base: app.base(), focused };
        pane.draw(now, &view, inside, buf);
    }
}

fn breakpoints(app: &App, at: usize, theme: &Theme, screen: Rect, buf: &mut Buffer) {
    let Some(now) = app.now() else { return };
    let rows = now.breakpoints.len() as u16;
    let columns = screen.width.min(60);
    let height = rows.saturating_add(2).min(screen.height.saturating_sub(2));
    let area = Rect::new(
        screen.x + (screen.width - columns) / 2,
        screen.y + (screen.height - height) / 3,
        columns,
        height,
    );
    Clear.render(area, buf);
    let inside = Frame {
        focused: true,
        tabs: &["breakpoints"],
        note: "Enter goes there · b removes · Esc",
        ..Frame::default()
    }
    .draw(area, theme, buf);
    let top = (at + 1).saturating_sub(inside.height.into());
    for (row, it) in now.breakpoints.iter().enumerate().skip(top) {
        let mut line = Line::new(buf, inside, (row - top) as u16);
        line.put(" ● ", theme.breakpoint)
            .put(&format!("{:>3} ", it.id), theme.dim)
            .put(&it.text, theme.plain);
        if row == at {
            line.paint(theme.current);
        }
    }
}

/// The name of the pane in front at a place of the screen, for tests and the mouse.
pub fn pane_at(app: &App, screen: Rect, x: u16, y: u16) -> Option<PaneId> {
    let parts = layout(screen, app.zoomed());
    let place = parts.places.iter().find(|(area, _)| area.contains((x, y).into()))?;
    Some(app.front(&place.1))
}
