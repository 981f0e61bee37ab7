//! The whole screen: the layout filled with what the panes draw.
//!
//! `arrange` gives the panes their sizes before anything is asked for; `draw` only reads.
//! Always: any size works, 0×0 included.

use crate::app::{App, Mode};
use crate::layout::{Layout, layout};
use crate::panes::{self, Beyond, View};
use crate::theme::{Scheme, Theme};
use crate::widgets::frame;
use crate::widgets::line::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Lays out and tells every pane its size; those behind get the size they would have in front.
pub fn arrange(app: &mut App, screen: Rect) {
    app.screen_is(screen.width, screen.height);
    app.settle();
    let parts = layout(screen, app.zoomed(), app.shown());
    app.strip_is(panes::strip_columns(parts.strip));
    for (area, group) in parts.places {
        let inner = frame::inner(area);
        for id in group {
            app.resize(id, inner.width, inner.height);
        }
    }
}

/// Draws everything.
pub fn draw(app: &mut App, theme: &Theme, screen: Rect, buf: &mut Buffer) {
    let parts = layout(screen, app.zoomed(), app.shown());
    buf.set_style(screen, theme.ground);
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
    if let Some(page) = app.tour() {
        panes::tour(page, theme, parts.tour, buf);
    }
    panes::footer(app, theme, parts.footer, buf);
    match app.mode() {
        Mode::Pick(picker) => panes::picker(picker, theme, screen, buf),
        Mode::Text(title, lines, top) => panes::text(title, lines, *top, theme, screen, buf),
        _ => {}
    }
}

/// What the focused pane shows in an area that it has been told of: its title, its lines as text, and what it has
/// besides.
pub fn focused(app: &App, area: Rect) -> (String, Vec<String>, Beyond) {
    let pane = app.pane(app.focus());
    let Some(now) = app.now() else { return Default::default() };
    let mut buf = Buffer::empty(area);
    let theme = Theme::of(Scheme::None);
    pane.draw(now, &View { theme: &theme, base: app.base(), focused: true }, area, &mut buf);
    let row = |y| (area.left()..area.right()).map(|x| buf[(x, y)].symbol()).collect::<String>();
    let mut lines: Vec<String> = (area.top()..area.bottom()).map(|y| row(y).trim_end().to_owned()).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    (pane.title(now), lines, pane.beyond(now))
}

fn draw_moment(app: &App, theme: &Theme, parts: &Layout, buf: &mut Buffer) {
    let Some(now) = app.now() else { return };
    panes::status(now, app.progress(), theme, parts.status, buf);
    panes::strip(now, theme, parts.strip, buf);
    panes::said(now, app.guide().as_deref(), app.base(), theme, parts.said, buf);
    for (area, group) in &parts.places {
        if area.is_empty() {
            continue;
        }
        let front = app.front(group);
        let pane = app.pane(front);
        let inside = app.border(now, group, *area).draw(*area, theme, buf);
        let view = View { theme, base: app.base(), focused: front == app.focus() };
        pane.draw(now, &view, inside, buf);
    }
}
