//! The bottom line: the keys valid now, a prompt, or a message.
//!
//! ```text
//! j/k step  n/N over  s/S into  o/O out  c/C continue  b break  g go to  Tab pane  ? help  q quit
//! go to: 50%█                                            120, +10, -10, 50%, start, end
//! breakpoint 1 at fib+12
//! ```

use crate::app::{App, Mode};
use crate::theme::Theme;
use crate::widgets::line::{Line, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// Draws the line.
pub fn footer(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut line = Line::new(buf, area, 0);
    if let Mode::Prompt(prompt) = app.mode() {
        line.put(" ", theme.plain).put(prompt.label(), theme.key).put(" ", theme.plain);
        // A long text scrolls so that its end and the cursor stay in sight.
        let room = line.room().saturating_sub(1);
        let (before, after) = (prompt.edit.before(), prompt.edit.after());
        let mut skip = 0;
        while width(&before[skip..]) >= room.max(1) && skip < before.len() {
            skip += before[skip..].chars().next().map_or(1, char::len_utf8);
        }
        line.put(&before[skip..], theme.plain);
        let mut rest = after.chars();
        let under = rest.next().map_or(" ".to_owned(), String::from);
        line.put(&under, theme.plain.add_modifier(Modifier::REVERSED));
        line.put(rest.as_str(), theme.plain);
        line.put("  ", theme.plain);
        line.right(&format!("{}  ", prompt.hint()), theme.dim);
        return;
    }
    if let Mode::Letter(command) = app.mode() {
        let text = format!(" {}: which letter? Esc cancels", command.entry().short);
        line.put(&text, theme.message);
        return;
    }
    if let Some(message) = app.message() {
        let (text, style) = match message {
            Ok(text) => (text, theme.message),
            Err(text) => (text, theme.error),
        };
        let room = line.room().saturating_sub(1);
        line.put(" ", theme.plain).clip(text, room, style);
        return;
    }
    let count = app.count();
    let hints = app.hints();
    let room = line.room().saturating_sub(2 + if count.is_empty() { 0 } else { width(&count) + 1 });
    // Help and quit, the last two, are always shown; before them as many as fit. Where the first
    // ten do not fit, everything moves closer.
    let (rest, fixed) = hints.split_at(hints.len().saturating_sub(2));
    let size = |it: &(String, String), compact: bool| match compact {
        true => width(&squeezed(&it.0)) + width(&it.1) + 2,
        false => width(&it.0) + width(&it.1) + 3,
    };
    let first = rest.iter().take(8).chain(fixed);
    let compact = first.map(|it| size(it, false)).sum::<usize>() > room + 2;
    let mut left = room.saturating_sub(fixed.iter().map(|it| size(it, compact)).sum());
    let mut shown: Vec<&(String, String)> = Vec::new();
    for hint in rest {
        if size(hint, compact) > left {
            break;
        }
        left -= size(hint, compact);
        shown.push(hint);
    }
    line.put(" ", theme.plain);
    for (keys, label) in shown.into_iter().chain(fixed) {
        let keys = if compact { squeezed(keys) } else { keys.clone() };
        let gap = if compact { " " } else { "  " };
        line.put(&keys, theme.key).put(" ", theme.plain).put(label, theme.plain).put(gap, theme.plain);
    }
    if !count.is_empty() {
        line.right(&format!("{count} "), theme.message);
    }
}

/// `n/N` as `nN`.
fn squeezed(keys: &str) -> String {
    match keys.chars().count() {
        3 => keys.replace('/', ""),
        _ => keys.to_owned(),
    }
}
