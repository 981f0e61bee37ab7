//! The map of the run: how much was called, who the host heard from, where we are.
//!
//! ```text
//!  calls ▁▁▃▃▇█▃▂▁▁▁▂▂▃▇▇▅▁▁▁▁▃▃▁····        one column, one equal part of the run
//! writes ░░▒▒▓▓░░◆  ░▒a▒░▲░◆░▒▓▒░····        ◆ host called  a mark  ▲ here  · not counted yet
//! ```
//!
//! With one row, marks and the cursor stand on the bars. Heights and shades are relative to the
//! busiest part.

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

/// The step a column of the screen stands for.
pub fn strip_step(area: Rect, x: u16, end: u64) -> Option<u64> {
    let columns = u128::from(strip_columns(area));
    let at = u128::from(x.checked_sub(area.x + label(area))?);
    (at < columns).then(|| (u128::from(end) * at / columns) as u64)
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
    let part = |x: u16| -> Option<Column> {
        let at = usize::from(x) * parts.len() / usize::from(columns);
        parts.get(at).copied().filter(|it| it.known)
    };
    // The column of a step, as `strip_step` sees it from the other side.
    let column = |step: u64| -> u16 {
        let at = u128::from(step) * u128::from(columns) / u128::from(now.end.max(1));
        at.min(u128::from(columns - 1)) as u16
    };
    let most_calls = parts.iter().map(|it| it.calls).max().unwrap_or(0);
    let most_writes = parts.iter().map(|it| it.writes).max().unwrap_or(0);
    let two = area.height >= 2;
    let over = |x: u16| -> Option<(char, Style)> {
        if column(now.step) == x {
            return Some(('▲', theme.strong.add_modifier(Modifier::REVERSED)));
        }
        let mark = now.marks.iter().find(|(_, step)| column(*step) == x);
        mark.map(|(letter, _)| (*letter, theme.message))
    };
    let mut cells: Vec<(char, Style)> = Vec::new();
    let bar = |x: u16| match part(x) {
        None => ('·', theme.dim),
        Some(it) => {
            let bar = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
            let height = level(it.calls, most_calls, 7);
            let style = match (it.host > 0, height) {
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
    let shade = |x: u16| match part(x) {
        None => ('·', theme.dim),
        Some(it) if it.host > 0 => ('◆', theme.host),
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
        assert_eq!(strip_step(area, 8, 1000), Some(0));
        assert_eq!(strip_step(area, 48, 1000), Some(500));
        assert_eq!(strip_step(area, 7, 1000), None);
        assert_eq!(strip_step(area, 88, 1000), None);
        assert_eq!(strip_step(Rect::new(0, 0, 10, 1), 5, u64::MAX), Some(u64::MAX / 2));
    }

    #[test]
    fn little_is_not_nothing() {
        assert_eq!(level(0, 100, 7), 0);
        assert_eq!(level(1, 1_000_000, 7), 1);
        assert_eq!(level(100, 100, 7), 7);
        assert_eq!(level(5, 0, 7), 0);
    }
}
