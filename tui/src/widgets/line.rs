//! One row of cells, written from left to right with styles and clipped at the edge.
//!
//! ```text
//! text   "r5 = r3 + r4"     "é" + "字"        "\x1b[2J"
//! cells   r5 = r3 + r4       é 字·             ␛[2J
//! ```
//!
//! Always: nothing outside the row is touched; a wide character never straddles the edge;
//! control characters are shown as pictures, never sent.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthChar;
use wasmscope_trace_format::dump::picture;

/// A pen on one row.
#[derive(Debug)]
pub struct Line<'a> {
    buf: &'a mut Buffer,
    y: u16,
    start: u16,
    x: u16,
    end: u16,
    /// Where the last character stands.
    last: Option<u16>,
}

/// Columns a text takes when drawn.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| picture(c).width().unwrap_or(0)).sum()
}

/// A text that, where it does not fit into so many columns, ends with `…`.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut taken = 0;
    let mut cut = String::new();
    for c in text.chars() {
        let w = picture(c).width().unwrap_or(0);
        if taken + w + 1 > columns {
            break;
        }
        taken += w;
        cut.push(c);
    }
    if columns > 0 {
        cut.push('…');
    }
    cut
}

impl<'a> Line<'a> {
    /// A pen at the left end of a row of `area`; a row outside `area` swallows everything.
    pub fn new(buf: &'a mut Buffer, area: Rect, row: u16) -> Line<'a> {
        let area = area.intersection(buf.area);
        let inside = row < area.height;
        Line {
            y: area.y.saturating_add(row),
            start: area.x,
            x: area.x,
            end: if inside { area.right() } else { area.x },
            last: None,
            buf,
        }
    }

    /// Columns left.
    pub fn room(&self) -> usize {
        usize::from(self.end - self.x)
    }

    /// Columns used.
    pub fn used(&self) -> usize {
        usize::from(self.x - self.start)
    }

    /// Writes text; what does not fit is cut.
    pub fn put(&mut self, text: &str, style: Style) -> &mut Self {
        for c in text.chars() {
            let c = picture(c);
            let columns = c.width().unwrap_or(0) as u16;
            if columns == 0 {
                // A combining mark joins the character before it.
                if let Some(at) = self.last {
                    let cell = &mut self.buf[(at, self.y)];
                    if cell.symbol().len() < 24 {
                        let joined = format!("{}{c}", cell.symbol());
                        cell.set_symbol(&joined);
                    }
                }
                continue;
            }
            if self.x + columns > self.end {
                self.x = self.end;
                break;
            }
            self.buf[(self.x, self.y)].set_char(c).set_style(style);
            self.last = Some(self.x);
            for extra in 1..columns {
                let cell = &mut self.buf[(self.x + extra, self.y)];
                cell.reset();
                cell.set_style(style);
            }
            self.x += columns;
        }
        self
    }

    /// Writes text and, where it does not fit into `columns`, ends it with `…`.
    pub fn clip(&mut self, text: &str, columns: usize, style: Style) -> &mut Self {
        let columns = columns.min(self.room());
        self.put(&cut(text, columns), style)
    }

    /// Moves on to a column of the row, leaving what is there.
    pub fn to(&mut self, column: usize) -> &mut Self {
        let column = u16::try_from(column).unwrap_or(u16::MAX);
        self.x = self.start.saturating_add(column).clamp(self.x, self.end);
        self
    }

    /// Writes text so that it ends at the right edge, if there is room for all of it.
    pub fn right(&mut self, text: &str, style: Style) -> &mut Self {
        let columns = width(text);
        if columns <= self.room() {
            self.x = self.end - columns as u16;
            self.put(text, style);
        }
        self
    }

    /// Lays a style over the whole row.
    pub fn paint(self, style: Style) {
        let row = Rect::new(self.start, self.y, self.end - self.start, 1);
        if row.width > 0 {
            self.buf.set_style(row, style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(columns: u16, text: &str) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, columns, 1));
        let area = buf.area;
        Line::new(&mut buf, area, 0).put(text, Style::new());
        (0..columns).map(|x| buf[(x, 0)].symbol().to_owned()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn nothing_leaves_the_row() {
        assert_eq!(drawn(4, "abcdef"), "a|b|c|d");
        assert_eq!(drawn(4, "a字字"), "a|字| | ");
        assert_eq!(drawn(4, "e\u{301}x"), "e\u{301}|x| | ");
        assert_eq!(drawn(4, "字\u{301}x"), "字\u{301}| |x| ");
        assert_eq!(drawn(4, "\x1b[2J"), "␛|[|2|J");
        assert_eq!(drawn(1, "字"), " ");
    }

    #[test]
    fn clipped_text_says_so() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 6, 1));
        let area = buf.area;
        Line::new(&mut buf, area, 0).clip("wasmscope", 5, Style::new()).right("x", Style::new());
        Line::new(&mut buf, area, 7).put("nowhere", Style::new());
        assert_eq!(buf[(4, 0)].symbol(), "…");
        assert_eq!(buf[(5, 0)].symbol(), "x");
    }
}
