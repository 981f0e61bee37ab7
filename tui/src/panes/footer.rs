//! The bottom line: the keys valid now, a prompt, or a message.
//!
//! ```text
//! j/k step  n/N over  s/S into  o/O out  c/C continue  b break  g go to  Tab pane  ? help  q quit
//! go to: 50%█                                            120, +10, -10, 50%, start, end
//! breakpoint 1 at fib+12  │  j/k step  n/N over  ? help  q quit     a long message has the line alone
//! ```

use crate::app::{App, Hint, Mode, Press, Prompt, Word};
use crate::command::Command;
use crate::theme::Theme;
use crate::widgets::line::{Line, cut, width};
use crate::widgets::wrap::wrap;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

/// A message has so many lines at most.
const MESSAGE: usize = 3;

/// Columns worth having for keys beside a message.
const KEYS: usize = 32;

/// Between two words beside a prompt.
const BETWEEN: &str = " · ";

/// The words beside a prompt and their columns: those that end it, before them as many as there is room
/// for; the first is cut if it is too long.
fn words(prompt: &Prompt, columns: u16) -> Vec<(usize, Word)> {
    let typed = width(prompt.label()) + width(prompt.edit.text()) + 5;
    let room = usize::from(columns).saturating_sub(typed + 2);
    let mut words = prompt.words();
    let ends = words.split_off(words.len().saturating_sub(2));
    let size = |word: &Word| width(&word.text) + width(BETWEEN);
    let mut left = room.saturating_sub(ends.iter().map(size).sum());
    let mut shown: Vec<Word> = Vec::new();
    for mut word in words {
        if size(&word) > left {
            if shown.is_empty() && left > 12 {
                word.text = cut(&word.text, left - width(BETWEEN));
                shown.push(word);
            }
            break;
        }
        left -= size(&word);
        shown.push(word);
    }
    shown.extend(ends);
    let all = shown.iter().map(size).sum::<usize>().saturating_sub(width(BETWEEN));
    let mut at = usize::from(columns).saturating_sub(2 + all);
    let mut laid = Vec::new();
    for word in shown {
        let from = at;
        at += size(&word);
        laid.push((from, word));
    }
    laid
}

/// What a press on a column does while a line is typed.
pub fn footer_word(prompt: &Prompt, columns: u16, x: u16) -> Option<Press> {
    let on = |(at, word): &(usize, Word)| (*at..*at + width(&word.text)).contains(&usize::from(x));
    words(prompt, columns).into_iter().find(on)?.1.does
}

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
        let (used, words) = (line.used(), words(prompt, area.width));
        for (index, (at, word)) in words.into_iter().enumerate().filter(|it| it.1.0 >= used) {
            let mut line = Line::new(buf, area, 0);
            if index > 0 && at >= used + width(BETWEEN) {
                line.to(at - width(BETWEEN)).put(BETWEEN, theme.dim);
            }
            line.to(at).put(&word.text, if word.does.is_some() { theme.plain } else { theme.dim });
        }
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
        // What is too long for one line takes some above it: the end often says what to do.
        if beside(app, area.width).is_some() {
            line.put(" ", theme.plain).put(text, style).put("  │", theme.dim);
            keys(app, theme, line, area.width);
            return;
        }
        let lines = wrap(text, usize::from(area.width).saturating_sub(2));
        let rows = lines.len().min(MESSAGE).min(usize::from(area.y) + 1);
        for (row, text) in lines.iter().enumerate().take(rows) {
            let above = (rows - 1 - row) as u16;
            let area = Rect { y: area.y - above, ..area };
            let more = if row + 1 == rows && rows < lines.len() { " …" } else { "" };
            let mut blank = Line::new(buf, area, 0);
            let room = blank.room();
            blank.put(&" ".repeat(room), theme.plain);
            let mut line = Line::new(buf, area, 0);
            let room = line.room().saturating_sub(1);
            line.put(" ", theme.plain).clip(&format!("{text}{more}"), room, style);
        }
        return;
    }
    keys(app, theme, line, area.width);
}

/// Draws the keys, and the count typed.
fn keys(app: &App, theme: &Theme, mut line: Line<'_>, columns: u16) {
    let count = app.count();
    for cell in cells(app, columns) {
        let style = if cell.key { theme.key } else { theme.plain };
        line.to(cell.at).put(&cell.text, style);
    }
    if !count.is_empty() {
        line.right(&format!("{count} "), theme.message);
    }
}

/// The column the keys begin at: behind a message, if there is one and room for some of them too.
fn beside(app: &App, columns: u16) -> Option<usize> {
    let Some(message) = app.message() else { return Some(0) };
    let (Ok(text) | Err(text)) = message;
    let from = width(text) + 4;
    (from + KEYS <= columns.into()).then_some(from)
}

/// The command whose key or label stands at a column of the footer.
pub fn footer_command(app: &App, width: u16, x: u16) -> Option<Command> {
    let x = usize::from(x);
    let under = |cell: &Cell| (cell.at..cell.at + self::width(&cell.text)).contains(&x);
    cells(app, width).into_iter().find(under)?.command
}

/// A piece of the footer.
struct Cell {
    at: usize,
    text: String,
    key: bool,
    command: Option<Command>,
}

/// Help and quit, the last two, are always shown; before them as many as fit. Where the first ten do not
/// fit, everything moves closer.
fn cells(app: &App, columns: u16) -> Vec<Cell> {
    let Some(begin) = beside(app, columns) else { return Vec::new() };
    let (count, hints) = (app.count(), app.hints());
    let taken = begin + 3 + if count.is_empty() { 0 } else { width(&count) + 1 };
    let room = usize::from(columns).saturating_sub(taken);
    let (rest, fixed) = hints.split_at(hints.len().saturating_sub(2));
    // Between keys of one character `n/N` becomes `nN`.
    let between = |it: &Hint, compact: bool| match compact && it.keys.iter().all(|key| width(&key.0) == 1) {
        true => "",
        false => "/",
    };
    let size = |it: &Hint, compact: bool| {
        let keys: usize = it.keys.iter().map(|key| width(&key.0)).sum();
        let bars = (it.keys.len() - 1) * between(it, compact).len();
        keys + bars + width(&it.label) + if compact { 2 } else { 3 }
    };
    let first = rest.iter().take(8).chain(fixed);
    let compact = first.map(|it| size(it, false)).sum::<usize>() > room + 2;
    let mut left = room.saturating_sub(fixed.iter().map(|it| size(it, compact)).sum());
    let mut shown: Vec<&Hint> = Vec::new();
    for hint in rest {
        if size(hint, compact) > left {
            break;
        }
        left -= size(hint, compact);
        shown.push(hint);
    }
    let (mut cells, mut at) = (Vec::new(), begin + 1);
    for hint in shown.into_iter().chain(fixed) {
        let from = at;
        for (index, (key, command)) in hint.keys.iter().enumerate() {
            let bar = if index == 0 { "" } else { between(hint, compact) };
            let text = format!("{bar}{key}");
            cells.push(Cell { at, key: true, command: *command, text });
            at += width(&cells[cells.len() - 1].text);
        }
        let command = hint.keys.first().and_then(|it| it.1);
        cells.push(Cell { at: at + 1, key: false, command, text: hint.label.clone() });
        at = from + size(hint, compact);
    }
    cells
}
