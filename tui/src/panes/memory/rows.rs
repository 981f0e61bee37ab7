//! The rows of memory on the screen: addresses, bytes and text, or numbers of a type.
//!
//! What was written stands reversed, what was read and what differs from another step in their own styles.
//! Elsewhere: which rows there are (`memory`), the types (`kind`), characters (`text`).

use super::text::{self, Cell};
use super::{Memory, place, text_place, touched};
use crate::moment::Moment;
use crate::panes::View;
use crate::widgets::line::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

impl Memory {
    /// Draws the rows that are in sight.
    pub(super) fn rows(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let bytes = now.bytes.as_ref().filter(|bytes| bytes.memory == self.memory);
        let (Some(bytes), false) = (bytes, now.memories.is_empty()) else {
            Line::new(buf, area, 0).put("no memory", theme.dim);
            return;
        };
        let touched = touched(now, self.memory);
        let byte = |addr: u64| -> Option<u8> {
            let at = usize::try_from(addr.checked_sub(bytes.addr)?).ok()?;
            bytes.bytes.get(at).copied()
        };
        let before = |addr: u64| -> Option<u8> {
            let then = now.compared.as_ref()?.bytes.as_ref().filter(|it| it.memory == self.memory)?;
            let at = usize::try_from(addr.checked_sub(then.addr)?).ok()?;
            then.bytes.get(at).copied()
        };
        let (now_compared, size) = (now.compared.is_some(), self.kind().map_or(1, |kind| kind.size));
        let style = |addr: u64| -> Style {
            let cell = addr..addr.saturating_add(size);
            let within = |it: &&(u64, u64, bool)| cell.start < it.0.saturating_add(it.1) && it.0 < cell.end;
            let base = match touched.iter().filter(within).max_by_key(|it| it.2) {
                Some((_, _, true)) => theme.written.add_modifier(Modifier::REVERSED),
                Some(_) => theme.read,
                None if now_compared && cell.clone().any(|at| byte(at) != before(at)) => {
                    theme.message.add_modifier(Modifier::UNDERLINED)
                }
                None => theme.plain,
            };
            match view.focused && cell.contains(&self.at) {
                true => base.add_modifier(Modifier::BOLD | Modifier::UNDERLINED).patch(theme.selected),
                false => base,
            }
        };
        let ((per_row, dense), digits) = (self.shape(), self.digits());
        for row in 0..area.height {
            let start = self.top.saturating_add(u64::from(row) * per_row);
            if start >= self.len {
                break;
            }
            let mut line = Line::new(buf, area, row);
            line.put(&format!("{start:0digits$x} "), theme.dim);
            if let Some(kind) = self.kind() {
                for addr in (start..start.saturating_add(per_row)).step_by(kind.size as usize) {
                    let found: Option<Vec<u8>> = (0..kind.size).map(|at| byte(addr + at)).collect();
                    let number =
                        |bytes: Vec<u8>| bytes.iter().rev().fold(0, |it, byte| it << 8 | u64::from(*byte));
                    let bits = found.map(number);
                    // A space is in front, if a number is not alone with less room than it may need.
                    let columns = usize::from(kind.columns).min(line.room());
                    let room = columns.saturating_sub(usize::from(kind.columns > 1)).max(1);
                    let text = bits.map_or_else(String::new, |bits| (kind.show)(bits, room));
                    let gap = columns.saturating_sub(text.chars().count());
                    line.put(&" ".repeat(gap), theme.plain);
                    let quiet = bits == Some(0) && style(addr) == theme.plain;
                    line.put(&text, if quiet { theme.dim } else { style(addr) });
                }
                continue;
            }
            let from = line.used();
            for addr in start..start.saturating_add(per_row) {
                line.to(from + place(addr - start, dense) as usize);
                match byte(addr) {
                    Some(0) if style(addr) == theme.plain => line.put("00", theme.dim),
                    Some(byte) => line.put(&format!("{byte:02x}"), style(addr)),
                    None => line.put("  ", theme.plain),
                };
            }
            line.to(from + text_place(per_row, dense) as usize);
            let (mut addr, end) = (start, start.saturating_add(per_row).min(self.len));
            while addr < end && byte(addr).is_some() {
                let own = style(addr);
                let quiet = if own == theme.plain { theme.dim } else { own };
                addr += match text::cell(addr, end - addr, &byte) {
                    Cell::Text(text, columns) => {
                        // Either of the bytes it covers is to be seen.
                        let styles = (addr..addr + columns).map(style);
                        line.put(&text, styles.into_iter().find(|it| *it != theme.plain).unwrap_or(own));
                        columns
                    }
                    Cell::More => {
                        line.put("‹", quiet);
                        1
                    }
                    Cell::None => {
                        line.put("·", quiet);
                        1
                    }
                };
            }
        }
    }
}
