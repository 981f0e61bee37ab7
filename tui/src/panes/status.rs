//! The top line: where the program is and why it stands there.
//!
//! ```text
//! fib.wasm  replay │ step 120 of 300  40% │ fib  depth 2 │ Call │ breakpoint 1
//! ```
//!
//! What does not fit is left out, from the least needed on.

use crate::moment::{Mode, Moment, RunEnd, Why, func_name};
use crate::theme::Theme;
use crate::widgets::line::{Line, width};
use crate::words::count;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Why the cursor is here, in words; the run's end when it stands there.
fn why(now: &Moment) -> String {
    let text = match &now.why {
        Why::Breakpoint(id) => match now.breakpoints.iter().find(|it| it.id == *id) {
            Some(it) => format!("breakpoint {id} at {}", it.text),
            None => format!("breakpoint {id}"),
        },
        Why::Start => "start of the run".into(),
        Why::WaitingForInput => "waiting for input".into(),
        Why::Cancelled => "stopped on the way".into(),
        Why::End | Why::Done => String::new(),
    };
    match now.step == now.end && now.run != RunEnd::Open {
        true => now.run.text(),
        false => text,
    }
}

/// Draws the line.
pub fn status(now: &Moment, busy: Option<u64>, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let known = if now.run.can_grow() { "so far" } else { "" };
    let whole = match (now.about.mode, known) {
        (Mode::Live, "so far") => {
            format!("step {} of {} so far", count(now.step), count(now.end))
        }
        _ => format!("step {} of {}  {}%", count(now.step), count(now.end), now.percent()),
    };
    let short = format!("{}/{}", count(now.step), count(now.end));
    let mode = match now.about.mode {
        Mode::Live => "live",
        Mode::Replay => "replay",
    };
    let file = format!("{}  {mode}", now.about.file);
    let place = match &now.inner {
        Some(frame) => format!("{}  depth {}", func_name(frame.func, frame.name.as_deref()), frame.depth),
        None => "nothing runs".into(),
    };
    let outcome = match &now.last {
        Some(last) => last.row.event.outcome.name().to_owned(),
        None => String::new(),
    };
    let why = match busy {
        Some(step) if step > 0 => format!("working at {} · Esc stops", count(step)),
        Some(_) => "working · Esc stops".into(),
        None => why(now),
    };
    // Position on the line, and how much each is needed: 0 most.
    let mut parts = [(3, file), (0, whole), (2, place), (4, outcome), (1, why)];
    let room = usize::from(area.width);
    let total = |parts: &[(u8, String)]| -> usize {
        let shown = parts.iter().filter(|it| !it.1.is_empty());
        shown.map(|it| width(&it.1) + 3).sum()
    };
    for need in (0..=4).rev() {
        if total(&parts) > room + 1 {
            let part = parts.iter_mut().find(|it| it.0 == need);
            if let Some(part) = part {
                match need {
                    0 => part.1.clone_from(&short),
                    3 => part.1 = mode.to_owned(),
                    1 => {}
                    _ => part.1.clear(),
                }
            }
        }
    }
    let shown: Vec<&str> = parts.iter().map(|it| it.1.as_str()).filter(|it| !it.is_empty()).collect();
    let mut line = Line::new(buf, area, 0);
    line.put(" ", theme.plain);
    for (index, part) in shown.iter().enumerate() {
        line.put(if index == 0 { "" } else { " │ " }, theme.plain);
        let room = line.room();
        line.clip(part, room, theme.plain);
    }
    line.paint(theme.status);
}
