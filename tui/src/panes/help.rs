//! The overlay that lists every command, from the command table.
//!
//! ```text
//! ┏ help ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ Moving through the run                     ┃
//! ┃   j ↓        one step forward; …           ┃
//! ┃              (wrapped under the sentence)  ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ j/k Esc closes ┛
//! ```

use crate::command::{Category, TABLE};
use crate::keys::pretty;
use crate::theme::Theme;
use crate::widgets::frame::Frame;
use crate::widgets::line::Line;
use crate::widgets::wrap::wrap;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const INTRO: &str = "Capitals go backwards. A number before a key is its count: 10j, 3n, 120G. \
    The cursor stands between two steps: did is the one before it, next (▶) the one after it.";

/// The lines: keys, name of the command, sentence. A heading has only keys.
fn rows(columns: usize) -> Vec<(String, String, String)> {
    let keys_of = |keys: &str| {
        let pretty: Vec<String> = keys.split(' ').map(pretty).collect();
        match pretty.len() {
            0..=3 => pretty.join(" "),
            n => format!("{} … {}", pretty[0], pretty[n - 1]),
        }
    };
    let mut rows: Vec<(String, String, String)> = Vec::new();
    for line in wrap(INTRO, columns) {
        rows.push((String::new(), String::new(), line));
    }
    for category in Category::ALL {
        rows.push(Default::default());
        rows.push((category.title().to_owned(), String::new(), String::new()));
        for entry in TABLE.iter().filter(|entry| entry.category == category) {
            let room = columns.saturating_sub(KEYS + NAMES);
            let sentence = if columns < 50 {
                wrap(entry.help, columns.saturating_sub(KEYS))
            } else {
                wrap(entry.help, room)
            };
            for (index, line) in sentence.into_iter().enumerate() {
                let first = index == 0;
                let only = |text: String| if first { text } else { String::new() };
                let name = if columns < 50 { String::new() } else { format!(":{}", entry.name) };
                rows.push((only(keys_of(entry.keys)), only(name), format!("\t{line}")));
            }
        }
    }
    rows
}

const KEYS: usize = 17;
const NAMES: usize = 16;

/// Draws the overlay from line `top` on; gives back the last line one can scroll to.
pub fn help(top: usize, theme: &Theme, screen: Rect, buf: &mut Buffer) -> usize {
    let columns = screen.width.saturating_sub(4).min(104);
    let height = screen.height.saturating_sub(2);
    let area = match screen.width < 60 || screen.height < 12 {
        true => screen,
        false => Rect::new(screen.x + (screen.width - columns) / 2, screen.y + 1, columns, height),
    };
    theme.clear(area, buf);
    let tabs = ["help".to_owned()];
    let frame = Frame { focused: true, tabs: &tabs, front: 0, title: "", note: "j/k scroll · Esc closes" };
    let inside = frame.draw(area, theme, buf);
    let rows = rows(usize::from(inside.width).saturating_sub(2));
    let last = rows.len().saturating_sub(inside.height.into());
    for (row, (keys, name, text)) in rows.iter().skip(top.min(last)).take(inside.height.into()).enumerate() {
        let mut line = Line::new(buf, inside, row as u16);
        line.put(" ", theme.plain);
        match text.strip_prefix('\t') {
            Some(text) => {
                line.put(keys, theme.key);
                line.to(KEYS + 1).put(name, theme.dim);
                line.to(KEYS + 1 + if inside.width < 52 { 0 } else { NAMES });
                line.put(text, theme.plain);
            }
            None => {
                line.put(keys, theme.strong).put(text, theme.plain);
            }
        }
    }
    last
}
