//! What the last step did and what comes next, in words with live values.
//!
//! ```text
//!  did 119  r5 = r3 + r4 → 5 + 7 = 12
//! next 120  goes on at 7 if r5 is not 0  with r5 = 12  (will be taken)
//! ```

use crate::moment::Moment;
use crate::theme::Theme;
use crate::widgets::line::Line;
use crate::words::{self, Base};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws both lines, or only the first. `guide` is the key that shows a newcomer around.
pub fn said(now: &Moment, guide: Option<&str>, base: Base, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut line = Line::new(buf, area, 0);
    match &now.last {
        Some(last) => {
            let failed = words::failed(&last.row.event.outcome);
            line.put(" did ", theme.strong);
            line.put(&words::count(last.row.event.step), theme.dim).put("  ", theme.dim);
            let room = line.room();
            let style = if failed { theme.error } else { theme.strong };
            line.clip(&words::did(last, base), room, style);
        }
        None => {
            line.put(" did ", theme.strong).put("nothing yet: this is the start of the run", theme.plain);
            if let Some(key) = guide {
                line.put(&format!("; {key} shows you around"), theme.dim);
            }
        }
    }
    let mut line = Line::new(buf, area, 1);
    line.put("next ", theme.strong);
    match &now.next {
        Some(next) => {
            line.put(&words::count(now.step), theme.dim).put("  ", theme.dim);
            let room = line.room();
            line.clip(&words::will(next, base), room, theme.plain);
            if !next.operators.is_empty() && line.room() > next.operators.len() + 8 {
                line.put("   from ", theme.dim).put(&next.operators, theme.name);
            }
        }
        None => {
            // That it is a trap stands in the first line; what in particular was wrong is what one misses.
            let fault = now.last.as_ref().and_then(|last| last.fault.clone());
            let room = line.room().saturating_sub(9);
            line.put("nothing: ", theme.plain);
            line.clip(&fault.unwrap_or_else(|| now.run.text()), room, theme.strong);
        }
    }
}
