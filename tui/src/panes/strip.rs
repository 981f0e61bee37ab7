//! The map of the run: how much was called, who the host heard from, where breakpoints stop, where we are.
//!
//! ```text
//!  calls ▁▁▃▃▇█▃▂▁▁▁▂▂▃▇▇▅▁▁▁▁▃▃▁····        one column, one equal part of the run
//! writes ░░▒▒▓▓░░◆ ●░▒a▒░▲░◆░▒▓▒░···✗        ◆ host called  ● a breakpoint stops  a mark  ▲ here  ✗ trap
//!
//! ⡆call ⢰write ⠉host  ⣀⣠⣴⣶⡏⠉●⣄a⣶▲⣀⣿⣠····     the same in one row: dots to the left, to the right, on top
//! ```
//!
//! `·` is not counted yet. Heights and shades are relative to the busiest part; a column of dots has three
//! heights, so that the host has the fourth row to itself. Who presses on a mark, a stop, a trap or a
//! call of the host goes to it, else to the step where the column begins; who drags goes along.
//! Always: with one row or two, nothing is told by colour alone, and a busy host hides no calls.

use crate::moment::{Column, Moment, RunEnd};
use crate::theme::Theme;
use crate::widgets::line::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// What the signs of the map say, for the help.
pub(super) const SIGNS: [(&str, &str, &str); 7] = [
    ("▁ … █", "calls", "the map, upper row: how often functions were called in that part of the run"),
    ("░ ▒ ▓", "writes", "the map, lower row: how much memory was written in that part of the run"),
    (
        "⡆ ⢰ ⠉",
        "one row",
        "the map where a screen is low: dots to the left for calls, to the right for writes of memory, on \
         top for a call of the host",
    ),
    ("◆", "host", "the map: the host was called there; a press goes to the first such call of the part"),
    ("●", "stop", "the map: a breakpoint or watchpoint stops there; a press goes to that very step"),
    ("▲ a ✗", "here", "the map: where you are; a mark, by its letter; the trap that ended the run"),
    ("·", "not yet", "the map: this part of the run is not counted yet"),
];

/// What stands in front of one row: which dots are what.
const LEGEND: [(&str, &str); 3] = [("⡆", "call "), ("⢰", "write "), ("⠉", "host  ")];

/// Columns in front of the map.
fn label(area: Rect) -> u16 {
    match (area.width, area.height) {
        (0..60, _) => 0,
        (_, 0..=1) => 20,
        _ => 8,
    }
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

/// The mark of a column.
fn mark(now: &Moment, x: u16, columns: u16) -> Option<(char, u64)> {
    now.marks.iter().find(|(_, step)| column_of(*step, columns, now.end) == x).copied()
}

/// Whether the run ended in a trap in a column.
fn trapped(now: &Moment, x: u16, columns: u16) -> bool {
    x + 1 == columns && matches!(now.run, RunEnd::Trapped(_))
}

/// The step that is meant by a column of the screen: of what is drawn there, else where it begins.
pub fn strip_step(now: &Moment, area: Rect, x: u16) -> Option<u64> {
    let (x, columns) = (column_at(area, x)?, strip_columns(area));
    let end = trapped(now, x, columns).then_some(now.end);
    let there = || part(now, x, columns).and_then(|it| it.stop.or(it.host));
    let drawn = mark(now, x, columns).map(|it| it.1).or(end).or_else(there);
    Some(drawn.unwrap_or_else(|| begins(x, columns, now.end)))
}

/// The same for a pointer that has gone along the map, and maybe past its ends.
pub fn strip_along(now: &Moment, area: Rect, x: u16) -> Option<u64> {
    let first = area.x + label(area);
    strip_step(now, area, x.clamp(first, (first + strip_columns(area)).saturating_sub(1).max(first)))
}

/// `value` of `most` as one of `levels`, 0 only for nothing; small ones are not lost.
fn level(value: u64, most: u64, levels: usize) -> usize {
    if value == 0 || most == 0 {
        return 0;
    }
    let part = (value as f64 / most as f64).sqrt();
    ((part * levels as f64).ceil() as usize).clamp(1, levels)
}

/// How busy the busiest part is: calls, writes.
fn busiest(parts: &[Column]) -> (u64, u64) {
    parts.iter().fold((0, 0), |most, it| (most.0.max(it.calls), most.1.max(it.writes)))
}

/// The style of a bar.
fn bar_style(it: Column, theme: &Theme) -> Style {
    match it {
        Column { host: Some(_), .. } => theme.host,
        Column { calls: 0, .. } => theme.dim,
        _ => theme.name,
    }
}

/// Calls as the height of a bar.
fn bar(it: Column, most: (u64, u64)) -> char {
    ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][level(it.calls, most.0, 7)]
}

/// All of a part in one cell: calls to the left, writes to the right, the host on top.
fn dots(it: Column, most: (u64, u64)) -> char {
    const LEFT: [u32; 4] = [0, 0x40, 0x44, 0x46];
    const RIGHT: [u32; 4] = [0, 0x80, 0xa0, 0xb0];
    let host = if it.host.is_some() { 0x09 } else { 0 };
    match LEFT[level(it.calls, most.0, 3)] | RIGHT[level(it.writes, most.1, 3)] | host {
        0 => ' ',
        dots => char::from_u32(0x2800 + dots).unwrap_or(' '),
    }
}

/// Draws it, in as many rows as there are: none, one or two.
pub fn strip(now: &Moment, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let columns = strip_columns(area);
    if columns == 0 {
        return;
    }
    let most = busiest(&now.strip.columns);
    let counted = |x: u16, cell: &dyn Fn(Column) -> (char, Style)| {
        part(now, x, columns).filter(|it| it.known).map_or(('·', theme.dim), cell)
    };
    let over = |x: u16| -> Option<(char, Style)> {
        if column_of(now.step, columns, now.end) == x {
            return Some(('▲', theme.strong.add_modifier(Modifier::REVERSED)));
        }
        if let Some((letter, _)) = mark(now, x, columns) {
            return Some((letter, theme.message));
        }
        if trapped(now, x, columns) {
            return Some(('✗', theme.error));
        }
        part(now, x, columns)?.stop.map(|_| ('●', theme.breakpoint))
    };
    if area.height < 2 {
        let cell = |it: Column| (dots(it, most), bar_style(it, theme));
        let mut line = Line::new(buf, area, 0);
        if label(area) > 0 {
            for ((dots, text), style) in LEGEND.into_iter().zip([theme.name, theme.name, theme.host]) {
                line.put(dots, style).put(text, theme.dim);
            }
        }
        return draw((0..columns).map(|x| over(x).unwrap_or_else(|| counted(x, &cell))), &mut line);
    }
    let calls = |it: Column| (bar(it, most), bar_style(it, theme));
    let mut line = Line::new(buf, area, 0);
    line.put(if label(area) > 0 { " calls  " } else { "" }, theme.dim);
    draw((0..columns).map(|x| counted(x, &calls)), &mut line);
    let writes = |it: Column| match it.host {
        Some(_) => ('◆', theme.host),
        None => ([' ', '░', '▒', '▓'][level(it.writes, most.1, 3)], theme.dim),
    };
    let mut line = Line::new(buf, area, 1);
    line.put(if label(area) > 0 { "writes  " } else { "" }, theme.dim);
    draw((0..columns).map(|x| over(x).unwrap_or_else(|| counted(x, &writes))), &mut line);
}

fn draw(cells: impl Iterator<Item = (char, Style)>, line: &mut Line<'_>) {
    for (c, style) in cells {
        line.put(c.encode_utf8(&mut [0; 4]), style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_steps_agree() {
        let area = Rect::new(0, 1, 88, 2);
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

    #[test]
    fn a_cell_of_dots_tells_all() {
        let part = |calls: u64, writes: u64, host: bool| Column {
            known: true,
            calls,
            writes,
            host: host.then_some(7),
            stop: None,
        };
        let most = busiest(&[part(90, 0, false), part(1, 40, true)]);
        let cell = |calls, writes, host| dots(part(calls, writes, host), most);
        assert_eq!([cell(90, 0, false), cell(0, 40, false), cell(0, 0, true)], ['⡆', '⢰', '⠉']);
        assert_eq!([cell(0, 0, false), cell(1, 1, false), cell(30, 4, true)], [' ', '⣀', '⣍']);
        // Whatever is told, no two parts that differ in it look alike.
        let told: std::collections::BTreeSet<char> =
            (0..32).map(|at| cell([0, 1, 30, 90][at % 4], [0, 1, 10, 40][at / 4 % 4], at >= 16)).collect();
        assert_eq!(told.len(), 32);
        for (sign, (dots, _)) in SIGNS[2].0.split(' ').zip(LEGEND) {
            assert_eq!(sign, dots);
        }
    }
}
