//! The top line: where the program is and why it stands there.
//!
//! ```text
//! fib.wasm  replay │ step 120 of 300  40% │ fib  depth 2 │ Call │ breakpoint 1
//! ```
//!
//! What does not fit is left out, from the least needed on.

use crate::moment::{Mode, Moment, RunEnd, Why, func_name};
use crate::session::Unit;
use crate::theme::Theme;
use crate::widgets::line::{Line, cut, width};
use crate::words::count;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Why the cursor is here, in words; the run's end when it stands there.
fn why(now: &Moment) -> String {
    let text = match &now.why {
        Why::Breakpoint(id) => match now.breakpoints.iter().find(|it| it.id == *id) {
            Some(it) if it.watches() => format!("watchpoint {id} {}", it.text),
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

/// The same in a word or two.
fn brief(now: &Moment, why: &str) -> String {
    match (&now.why, now.step == now.end, &now.run) {
        (_, true, RunEnd::Trapped(_)) => "trap".into(),
        (_, true, RunEnd::Exited(code)) => format!("exit {code}"),
        (_, true, RunEnd::Halted) => "ended".into(),
        (_, true, RunEnd::WaitingForInput) | (Why::WaitingForInput, ..) => "waiting".into(),
        (_, true, RunEnd::Stopped(_) | RunEnd::Cut(_)) => "the end".into(),
        (Why::Breakpoint(id), ..) => match now.breakpoints.iter().any(|it| it.id == *id && it.watches()) {
            true => format!("watchpoint {id}"),
            false => format!("breakpoint {id}"),
        },
        (Why::Start, ..) => "start".into(),
        (Why::Cancelled, ..) => "stopped".into(),
        _ => why.to_owned(),
    }
}

/// Draws the line.
pub fn status(now: &Moment, busy: Option<u64>, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let room = usize::from(area.width);
    let (step, end) = (count(now.step), count(now.end));
    let steps = match (now.about.mode, now.run.can_grow()) {
        (Mode::Live, true) => format!("step {step} of {end} so far"),
        _ => format!("step {step} of {end}"),
    };
    let whole = match now.run.can_grow() {
        true => steps.clone(),
        false => format!("{steps}  {}%", now.percent()),
    };
    let short = format!("{step}/{end}");
    let mode = match now.about.mode {
        Mode::Live => "live",
        Mode::Replay => "replay",
    };
    let file = format!("{}  {mode}", cut(&now.about.file, room / 3));
    // A name in so many columns, the line, if it is to be said, in so many, and the depth.
    let placed = |name_room: usize, line_room: Option<usize>| {
        let frame = now.inner.as_ref()?;
        let name = func_name(frame.func, frame.name.as_deref());
        let at = line_room.and_then(|room| {
            let at = frame.inlined.first().map(|inner| inner.text()).or_else(|| frame.line.clone())?;
            Some(format!("  {}", cut(&at, room)))
        });
        Some(format!("{}{}  depth {}", cut(&name, name_room), at.unwrap_or_default(), frame.depth))
    };
    let place = placed(room / 3, Some(room / 4)).unwrap_or_else(|| "nothing runs".into());
    let place = match &now.compared {
        Some(compared) => format!("{place} │ ≠ {}", count(compared.step)),
        None => place,
    };
    let place = match now.unit {
        Unit::Op => place,
        unit => format!("{place} │ by {}", unit.name()),
    };
    let least = (room / 5).max(8);
    // The least that says where it is, with the line and without.
    let lined = placed(least, Some(least)).unwrap_or_else(|| place.clone());
    let tight = placed(least, None).unwrap_or_else(|| place.clone());
    let short_file = cut(&now.about.file, least);
    let outcome = now.last.as_ref().map_or("", |last| last.row.event.outcome.name());
    let (why, brief) = match busy {
        Some(step) if step > 0 => {
            let known = step <= now.end;
            // In tenths: of a long run one percent can take long.
            let part = u128::from(step) * 1000 / u128::from(now.end.max(1));
            // A live run goes beyond the end that was known.
            let part = if known { format!("{}.{}%", part / 10, part % 10) } else { count(step) };
            (format!("working at {} · Esc stops", count(step)), format!("at {part} · Esc stops"))
        }
        Some(_) => ("working · Esc stops".to_owned(), "Esc stops".into()),
        None => {
            let why = why(now);
            let brief = brief(now, &why);
            (why, brief)
        }
    };
    // From all there is to say to the least.
    let ways: [[&str; 5]; 13] = [
        [&file, &whole, &place, outcome, &why],
        [&file, &steps, &place, outcome, &why],
        [&file, &steps, &place, outcome, &brief],
        [&file, &short, &place, outcome, &brief],
        [&file, &short, &place, "", &brief],
        [&short_file, &short, &place, "", &brief],
        [&short_file, &short, &lined, "", &brief],
        ["", &short, &lined, "", &brief],
        [&short_file, &short, &tight, "", &brief],
        [mode, &short, &place, "", &brief],
        ["", &short, &place, "", &brief],
        ["", &short, "", "", &brief],
        ["", &short, "", "", ""],
    ];
    let total = |parts: &[&str; 5]| -> usize {
        parts.iter().filter(|it| !it.is_empty()).map(|it| width(it) + 3).sum()
    };
    let shown = ways.iter().find(|it| total(it) <= room + 1).unwrap_or(&ways[12]);
    let mut line = Line::new(buf, area, 0);
    line.put(" ", theme.plain);
    for (index, part) in shown.iter().filter(|it| !it.is_empty()).enumerate() {
        line.put(if index == 0 { "" } else { " │ " }, theme.plain);
        let room = line.room();
        line.clip(part, room, theme.plain);
    }
    line.paint(theme.status);
}
