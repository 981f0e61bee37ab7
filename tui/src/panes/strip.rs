//! The map of the run: how much was called, who the host heard from, where breakpoints stop, where we are.
//!
//! ```text
//!  calls ▁▁▃▃▇█▃▂▁▁▁▂▂▃▇▇▅▁▁▁▁▃▃▁····        one column, one equal part of the run
//! writes ░░▒▒▓▓░░◆ ●░▒a▒░▲░◆░▒▓▒░····        ◆ host called  ● a breakpoint stops  a mark  ▲ here
//! ```
//!
//! `·` is not counted yet. With one row, marks, stops and the cursor stand on the bars. Heights and
//! shades are relative to the busiest part. Who presses on a mark, a stop or a
//! call of the host goes to it, else to the step where the column begins.

use crate::moment::{Column, Moment};
use crate::theme::Theme;
use crate::widgets::line::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Columns in front of the map.
fn label(area: Rect) -> u16 {
    if area.width >= 60 { 8 } else { 0 }
}

/// How many parts of the run are worth asking for.
pub fn strip_columns(area: Rect) -> u16 {
    if area.is_empty() { 0 } else { area.width - label(area) }
}

/// The column of the map that a column of the screen is.
fn column_at(area: Rect, x: u16) -> Option<u16> {
    let at = x.checked_sub(area.x + label(area))?;
    (at < strip_columns(area)).then_some(at)
}

/// The first step of a column, of so many; the last stands for the end, else nobody could press on that.
fn begins(column: u16, columns: u16, end: u64) -> u64 {
    if column > 0 && column + 1 == columns {
        return end;
    }
    (u128::from(end) * u128::from(column) / u128::from(columns.max(1))) as u64
}

/// The column of a step, as `begins` sees it from the other side.
fn column_of(step: u64, columns: u16, end: u64) -> u16 {
    let at = u128::from(step) * u128::from(columns) / u128::from(end.max(1));
    at.min(u128::from(columns.saturating_sub(1))) as u16
}

/// The counts of a column, once they are known.
fn part(now: &Moment, x: u16, columns: u16) -> Option<Column> {
    let parts = &now.strip.columns;
    parts.get(usize::from(x) * parts.len() / usize::from(columns.max(1))).copied()
}

/// The step that is meant by a column of the screen: of what is drawn there, else where it begins.
pub fn strip_step(now: &Moment, area: Rect, x: u16) -> Option<u64> {
    let (x, columns) = (column_at(area, x)?, strip_columns(area));
    let mark = now.marks.iter().find(|(_, step)| column_of(*step, columns, now.end) == x);
    let there = || part(now, x, columns).and_then(|it| it.stop.or(it.host));
    Some(mark.map(|it| it.1).or_else(there).unwrap_or_else(|| begins(x, columns, now.end)))
}

/// `value` of `most` as one of `levels`, 0 only for nothing; small ones are not lost.
fn level(value: u64, most: u64, levels: usize) -> usize {
    if value == 0 || most == 0 {
        return 0;
    }
    let part = (value as f64 / most as f64).sqrt();
    ((part * levels as f64).ceil() as usize).clamp(1, levels)
}

/// Draws it, in as many rows as there are: none, one or two.
pub fn strip(now: &Moment, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let columns = strip_columns(area);
    if columns == 0 {
        return;
    }
    let parts = &now.strip.columns;
    let column = |step: u64| column_of(step, columns, now.end);
    let known = |x: u16| part(now, x, columns).filter(|it| it.known);
    let most_calls = parts.iter().map(|it| it.calls).max().unwrap_or(0);
    let most_writes = parts.iter().map(|it| it.writes).max().unwrap_or(0);
    let two = area.height >= 2;
    let over = |x: u16| -> Option<(char, Style)> {
        if column(now.step) == x {
            return Some(('▲', theme.strong.add_modifier(Modifier::REVERSED)));
        }
        let mark = now.marks.iter().find(|(_, step)| column(*step) == x);
        let stop = || part(now, x, columns)?.stop.map(|_| ('●', theme.breakpoint));
        mark.map(|(letter, _)| (*letter, theme.message)).or_else(stop)
    };
    let mut cells: Vec<(char, Style)> = Vec::new();
    let bar = |x: u16| match known(x) {
        None => ('·', theme.dim),
        Some(it) => {
            let bar = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
            let height = level(it.calls, most_calls, 7);
            let style = match (it.host.is_some(), height) {
                (true, _) => theme.host,
                (false, 0) => theme.dim,
                _ => theme.name,
            };
            (bar[height], style)
        }
    };
    cells.extend((0..columns).map(|x| over(x).filter(|_| !two).unwrap_or_else(|| bar(x))));
    draw(&cells, " calls", theme, area, 0, buf);
    if !two {
        return;
    }
    let shade = |x: u16| match known(x) {
        None => ('·', theme.dim),
        Some(it) if it.host.is_some() => ('◆', theme.host),
        Some(it) => ([' ', '░', '▒', '▓'][level(it.writes, most_writes, 3)], theme.dim),
    };
    cells.clear();
    cells.extend((0..columns).map(|x| over(x).unwrap_or_else(|| shade(x))));
    draw(&cells, "writes", theme, area, 1, buf);
}

fn draw(cells: &[(char, Style)], name: &str, theme: &Theme, area: Rect, row: u16, buf: &mut Buffer) {
    let mut line = Line::new(buf, area, row);
    if label(area) > 0 {
        line.put(&format!("{name:>6}  "), theme.dim);
    }
    for (c, style) in cells {
        line.put(c.encode_utf8(&mut [0; 4]), *style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_steps_agree() {
        let area = Rect::new(0, 1, 88, 1);
        assert_eq!(strip_columns(area), 80);
        assert_eq!(column_at(area, 8), Some(0));
        assert_eq!(column_at(area, 7), None);
        assert_eq!(column_at(area, 88), None);
        assert_eq!(begins(40, 80, 1000), 500);
        assert_eq!(begins(5, 10, u64::MAX), u64::MAX / 2);
        for end in [1, 7, 80, 81, 1000, u64::MAX] {
            for column in 0..80 {
                assert!(column_of(begins(column, 80, end), 80, end) <= column, "{column} of {end}");
            }
            assert_eq!(column_of(end, 80, end), 79);
        }
    }

    #[test]
    fn little_is_not_nothing() {
        assert_eq!(level(0, 100, 7), 0);
        assert_eq!(level(1, 1_000_000, 7), 1);
        assert_eq!(level(100, 100, 7), 7);
        assert_eq!(level(5, 0, 7), 0);
    }
}
