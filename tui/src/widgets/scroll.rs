//! A list that is longer than its window: which line is on top, which is selected.
//!
//! Always: the selection is inside the list and, after `fit`, inside the window; unless the window was
//! turned away from it, or stands where the selection was pointed at: then it stays until one moves again.

/// The window's place in a list.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Scroll {
    /// First line shown.
    pub top: usize,
    /// The selected line.
    pub at: usize,
    /// Whether the window stays where it is.
    stays: bool,
}

impl Scroll {
    /// Moves the selection by some lines and keeps it inside a list of `len`.
    pub fn by(&mut self, lines: i64, len: usize) {
        let last = len.saturating_sub(1) as i64;
        self.at = (self.at as i64).saturating_add(lines).clamp(0, last) as usize;
        self.stays = false;
    }

    /// Moves the window by some lines; the selection stays where it is.
    pub fn turn(&mut self, lines: i64, len: usize, height: usize) {
        let last = len.saturating_sub(height.max(1)) as i64;
        self.top = (self.top as i64).saturating_add(lines).clamp(0, last) as usize;
        self.stays = true;
    }

    /// Brings the selection into a window of `height` lines over a list of `len`.
    pub fn fit(&mut self, len: usize, height: usize) {
        self.at = self.at.min(len.saturating_sub(1));
        let height = height.max(1);
        if self.stays {
            self.top = self.top.min(len.saturating_sub(height));
            return;
        }
        let margin = (height / 6).min(3);
        let lowest = self.at.saturating_sub(margin);
        let highest = (self.at + margin + 1).saturating_sub(height);
        self.top = if self.top > lowest { lowest } else { self.top.max(highest) };
        self.top = self.top.min(len.saturating_sub(height));
    }

    /// The lines in a window of `height` over a list of `len`.
    pub fn shown(&self, len: usize, height: usize) -> std::ops::Range<usize> {
        let end = len.min(self.top.saturating_add(height));
        self.top.min(end)..end
    }

    /// Whether the window stays where it is, wherever the selection is.
    pub fn stays(&self) -> bool {
        self.stays
    }

    /// Selects the line at a row of the window, which stays there; `false` if there is none.
    pub fn point(&mut self, row: u16, len: usize) -> bool {
        let line = self.top + usize::from(row);
        if line < len {
            (self.at, self.stays) = (line, true);
        }
        line < len
    }

    /// Selects a line wherever it stands; the window stays.
    pub fn put(&mut self, line: usize) {
        (self.at, self.stays) = (line, true);
    }

    /// Selects a line and, if it was out of the window, puts it a third down.
    pub fn select(&mut self, line: usize, len: usize, height: usize) {
        (self.at, self.stays) = (line, false);
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
                for turn in [2, -1, 100, -100] {
                    scroll.turn(turn, len, height);
                    let turned = scroll;
                    scroll.fit(len, height);
                    assert_eq!(scroll, turned, "it stays where it was turned to");
                    assert!(scroll.top + height.max(1) <= len.max(height.max(1)));
                }
                assert_eq!(scroll.at, len / 2);
                scroll.by(0, len);
                scroll.fit(len, height);
                assert!(height == 0 || scroll.at < scroll.top + height);
            }
        }
    }
}
