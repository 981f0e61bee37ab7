//! Bytes as text: one cell for each byte, whatever the characters are.
//!
//! ```text
//! bytes   63 61 66 c3 a9 00   e5 ad 97   65 cc 81
//! cells    c  a  f  é  ‹  ·   字     ‹    é  ‹  ‹
//! ```
//!
//! A character of several bytes stands at its first; `‹` says that a byte belongs to what is left of it. A wide
//! one covers the cell of its second byte too, a combining mark joins the character before it. `·` is what is no
//! text, or has no room in its row.
//! Always: the cell of a byte is where a row of single bytes would have it.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
use wasmscope_trace_format::dump::picture;

/// The longest character.
pub(super) const LONGEST: u64 = 4;

/// What stands in the cell of a byte.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Cell {
    /// A character, with the marks that join it; it takes so many cells.
    Text(String, u64),
    /// It belongs to what is left of it.
    More,
    /// It is no text.
    None,
}

/// The character that the byte at an address belongs to, and which of its bytes that is.
fn character(addr: u64, byte: &dyn Fn(u64) -> Option<u8>) -> Option<(char, u64)> {
    let back = (0..LONGEST).find(|&back| {
        let at = addr.checked_sub(back).and_then(byte);
        at.is_none_or(|byte| byte & 0xc0 != 0x80)
    })?;
    let start = addr.checked_sub(back)?;
    let len = match byte(start)? {
        0..=0x7f => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    let bytes: Option<Vec<u8>> = (start..start + len).map(byte).collect();
    let bytes = bytes.filter(|_| back < len)?;
    Some((std::str::from_utf8(&bytes).ok()?.chars().next()?, back))
}

/// What stands in the cell of the byte at an address, where so many cells of its row are left.
pub(super) fn cell(addr: u64, room: u64, byte: &dyn Fn(u64) -> Option<u8>) -> Cell {
    let c = match character(addr, byte) {
        None => return Cell::None,
        Some((_, 1..)) => return Cell::More,
        Some((c, 0)) => c,
    };
    let columns = c.width().unwrap_or(0);
    if picture(c) != c || columns as u64 > room {
        return Cell::None;
    }
    if columns == 0 {
        return Cell::More;
    }
    let (mut text, mut at) = (c.to_string(), addr + c.len_utf8() as u64);
    while let Some((mark, 0)) = character(at, byte) {
        let joined = format!("{text}{mark}");
        let joins = mark.width() == Some(0) && picture(mark) == mark && joined.width() == columns;
        if !joins || joined.len() > 16 {
            break;
        }
        (text, at) = (joined, at + mark.len_utf8() as u64);
    }
    Cell::Text(text, columns as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All cells of a row of these bytes.
    fn row(bytes: &[u8]) -> String {
        let byte = |at: u64| bytes.get(at as usize).copied();
        let (mut shown, mut at, end) = (String::new(), 0, bytes.len() as u64);
        while at < end {
            at += match cell(at, end - at, &byte) {
                Cell::Text(text, columns) => {
                    shown.push_str(&text);
                    columns
                }
                Cell::More => {
                    shown.push('‹');
                    1
                }
                Cell::None => {
                    shown.push('·');
                    1
                }
            };
        }
        assert_eq!(shown.width(), bytes.len(), "{shown}");
        shown
    }

    #[test]
    fn every_byte_has_a_cell() {
        assert_eq!(row("café".as_bytes()), "café‹");
        assert_eq!(row("▅▂".as_bytes()), "▅‹‹▂‹‹");
        assert_eq!(row("字a".as_bytes()), "字‹a");
        assert_eq!(row("🦀!".as_bytes()), "🦀‹‹!");
        assert_eq!(row("e\u{301}x".as_bytes()), "e\u{301}‹‹x");
        assert_eq!(row("字\u{301}".as_bytes()), "字\u{301}‹‹‹");
        // What has no base, what would make its character wider, what is not to be seen.
        assert_eq!(row("\u{301}".as_bytes()), "‹‹");
        assert_eq!(row("❤\u{fe0f}.".as_bytes()), "❤‹‹‹‹‹.");
        assert_eq!(row("\u{200d}\u{202e}\u{85}".as_bytes()), "·‹‹·‹‹·‹");
        // What is no text: cut short, too long a form, a lone continuation, half of a pair.
        assert_eq!(row(b"a\xc3"), "a·");
        assert_eq!(row(b"\xc0\xaf\xe0\x80\x80"), "·····");
        assert_eq!(row(b"\x80\xbf\xff\0\x1b\x7f"), "······");
        assert_eq!(row(b"\xed\xa0\x80"), "···");
        assert_eq!(row(b"\x80\x80\x80\x80\x80a"), "·····a");
        // A wide one has no room in the last cell.
        assert_eq!(cell(0, 1, &|at| "字".as_bytes().get(at as usize).copied()), Cell::None);
        assert_eq!(cell(0, 1, &|at| "é".as_bytes().get(at as usize).copied()), Cell::Text("é".into(), 1));
        let mut seed = 1u64;
        for _ in 0..2000 {
            let bytes: Vec<u8> = (0..12)
                .map(|_| {
                    seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    (seed >> 33) as u8 | if seed >> 60 > 7 { 0x80 } else { 0 }
                })
                .collect();
            row(&bytes);
        }
    }
}
