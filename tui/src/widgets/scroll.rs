//! A list that is longer than its window: which line is on top, which is selected.
//!
//! Always: the selection is inside the list and, after `fit`, inside the window.

/// The window's place in a list.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Scroll {
    /// First line shown.
    pub top: usize,
    /// The selected line.
    pub at: usize,
}

impl Scroll {
    /// Moves the selection by some lines and keeps it inside a list of `len`.
    pub fn by(&mut self, lines: i64, len: usize) {
        let last = len.saturating_sub(1) as i64;
        self.at = (self.at as i64).saturating_add(lines).clamp(0, last) as usize;
    }

    /// Brings the selection into a window of `height` lines over a list of `len`.
    pub fn fit(&mut self, len: usize, height: usize) {
        self.at = self.at.min(len.saturating_sub(1));
        let height = height.max(1);
        let margin = (height / 6).min(3);
        let lowest = self.at.saturating_sub(margin);
        let highest = (self.at + margin + 1).saturating_sub(height);
        self.top = if self.top > lowest { lowest } else { self.top.max(highest) };
        self.top = self.top.min(len.saturating_sub(height));
    }

    /// Selects the line at a row of the window.
    pub fn point(&mut self, row: u16, len: usize) {
        self.at = (self.top + usize::from(row)).min(len.saturating_sub(1));
    }

    /// Selects a line and, if it was out of the window, puts it a third down.
    pub fn select(&mut self, line: usize, len: usize, height: usize) {
        self.at = line;
        if line < self.top || line >= self.top + height {
            self.top = line.saturating_sub(height / 3);
        }
        self.fit(len, height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_inside() {
        for height in 0..12 {
            for len in 0..20 {
                let mut scroll = Scroll::default();
                for by in [3, 100, -1, -2, -200, 7, i64::MAX, i64::MIN] {
                    scroll.by(by, len);
                    scroll.fit(len, height);
                    let settled = scroll;
                    scroll.fit(len, height);
                    assert_eq!(scroll, settled);
                    assert!(scroll.at < len.max(1));
                    assert!(height == 0 || (scroll.top <= scroll.at && scroll.at < scroll.top + height));
                }
                scroll.select(len / 2, len, height);
                assert!(height == 0 || scroll.at < scroll.top + height);
            }
        }
    }
}
