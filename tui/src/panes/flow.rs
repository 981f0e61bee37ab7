//! What the handlers returned, around the cursor.
//!
//! ```text
//!    118 Next      r5 = i32.add r3, r4     r5=12
//!    119 Call      call fib                → fib          the last step: strong
//! ▶  120 Next        r2 = i32.sub r0, 1    r2=4           the next: known from the run, or not yet
//!    121 Jump        br_if r2 -> 0x7c                         still to come: dim
//!    │   │         └ indented by call depth   └ effects
//!    step outcome
//! ```
//!
//! This list is the run's time: its cursor is the session's, so moving here is stepping.

use super::{Effect, Pane, View};
use crate::command::Command;
use crate::moment::{FlowRow, Moment, Wants};
use crate::session::{Direction, Goal, Request, Stride, Target};
use crate::theme::Theme;
use crate::widgets::line::{Line, width};
use crate::words::{self, Base};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use wasmscope_trace_format::Outcome;

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Flow {
    height: u16,
    /// Whether the outcomes of the whole run are counted on the border.
    counts: bool,
}

/// The style of an outcome.
pub(super) fn outcome_style(outcome: &Outcome, theme: &Theme) -> Style {
    match outcome {
        Outcome::Next => theme.next,
        Outcome::Jump => theme.jump,
        Outcome::Call | Outcome::TailCall | Outcome::Return => theme.call,
        Outcome::HostCall => theme.host,
        Outcome::Error(_) if !words::failed(outcome) => theme.strong,
        Outcome::Halt => theme.strong,
        Outcome::Throw | Outcome::Error(_) => theme.error,
    }
}

impl Flow {
    /// The first row shown of a list of events, and the row of the screen the cursor stands on.
    fn window(now: &Moment, height: usize) -> (usize, usize) {
        let past = now.flow.iter().filter(|row| row.event.step < now.step).count();
        // The cursor's row stands two thirds down, or higher when little came before or more is to come.
        let below = (now.flow.len() - past).max(1);
        let cursor = past.min((height * 2 / 3).max(height.saturating_sub(below)));
        (past - cursor, cursor)
    }

    fn page(&self, direction: Direction, count: u64) -> Effect {
        let rows = u64::from(self.height.max(2) - 1);
        Effect::Ask(Request::Travel(Goal::Steps(rows), direction, count))
    }
}

impl Pane for Flow {
    fn note(&self, now: &Moment) -> String {
        if let Some((text, counted)) = &now.filter {
            return match counted {
                Some(count) => format!("only {text}: {}", words::count(*count)),
                None => format!("only {text}"),
            };
        }
        if !self.counts {
            return "step · outcome · op · effects".into();
        }
        let whole = now.outcomes.iter().map(|it| it.1).sum::<u64>().max(1);
        let each = now.outcomes.iter().map(|(outcome, count)| {
            let share = u128::from(*count) * 100 / u128::from(whole);
            format!("{} {} {share}%", outcome.name(), words::brief(*count))
        });
        each.collect::<Vec<_>>().join(" · ")
    }

    fn resize(&mut self, _width: u16, height: u16) {
        self.height = height;
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        let (first, _) = Flow::window(now, self.height.into());
        let row = now.flow.get(first + usize::from(y))?;
        Some(Effect::Ask(Request::Goto(Target::Step(row.event.step))))
    }

    fn menu(&self, now: &Moment) -> Vec<(String, String)> {
        let row = now.next.as_ref().and_then(|next| next.row.as_ref());
        let Some(op) = row.and_then(|row| now.code.as_ref()?.op(row.event.op)) else { return Vec::new() };
        let op = &op.mnemonic;
        let mut menu = Vec::new();
        let made =
            |what: &str, subject: &str| (format!("where {what} made"), format!("previous-write {subject}"));
        if let Some(bytes) = now.next.as_ref().and_then(|next| next.loads()) {
            menu.push(made(&format!("the bytes at {bytes} were"), &bytes));
            menu.push((format!("stop wherever {bytes} is written"), format!("watch {bytes}")));
        }
        menu.extend(now.reads().iter().map(|read| made(&format!("{} was", read.label), &read.label)));
        menu.extend([
            (format!("on to the next {op}"), format!("search op {op}")),
            (format!("back to the last {op}"), format!("search-back op {op}")),
            (format!("list every {op} of the run"), format!("filter op {op}")),
            ("stop at this op, or no more".into(), "break".into()),
        ]);
        if now.filter.is_some() {
            menu.push(("list all steps again".into(), "filter".into()));
        }
        menu
    }

    fn copy(&self, now: &Moment, base: Base) -> Option<String> {
        let row = &now.last.as_ref()?.row;
        let effects = words::effects(row, base);
        Some(format!("{} {} {}  {effects}", row.event.step, row.event.outcome.name(), row.text))
    }

    fn wants(&self) -> Wants {
        let rows = u32::from(self.height);
        Wants { flow: (rows, rows), outcomes: self.counts, ..Wants::default() }
    }

    fn act(&mut self, command: Command, count: u64, _now: &Moment) -> Option<Effect> {
        let step = |direction| Effect::Ask(Request::Stride(Stride::Unit, direction, count));
        Some(match command {
            Command::Down => step(Direction::Forward),
            Command::Up => step(Direction::Backward),
            Command::PageDown => self.page(Direction::Forward, count),
            Command::PageUp => self.page(Direction::Backward, count),
            Command::Counts => {
                self.counts = !self.counts;
                Effect::Done
            }
            _ => return None,
        })
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let height = usize::from(area.height);
        let (first, cursor) = Flow::window(now, height);
        let past = first + cursor;
        let shown = &now.flow[first..now.flow.len().min(first + height)];
        let outermost = shown.iter().map(|row| row.event.depth).min().unwrap_or(0);
        let digits = digits(now, area.width);
        for (index, row) in shown.iter().enumerate() {
            let here = row.event.step == now.step;
            let line = Line::new(buf, area, index as u16);
            draw_row(row, now, view, digits, outermost, line, here);
        }
        if past == now.flow.len() && cursor < height {
            let mut line = Line::new(buf, area, cursor as u16);
            // It ran, but the filter lists nothing behind it.
            if let Some(row) = now.next.as_ref().and_then(|next| next.row.as_ref()) {
                return draw_row(row, now, view, digits, outermost.min(row.event.depth), line, true);
            }
            line.put("▶ ", theme.strong).put(&number(now.step, digits), theme.dim);
            match &now.next {
                Some(next) => {
                    let room = line.room();
                    line.put("not run   ", theme.dim).clip(&next.text, room, theme.strong);
                }
                None => {
                    line.put(&now.run.text(), theme.strong);
                }
            }
            line.paint(theme.current);
        }
    }
}

/// Columns for a step's number. Where room is short, the last digits tell rows apart; the first line of
/// the screen has them all.
fn digits(now: &Moment, width: u16) -> usize {
    let all = words::count(now.end).len().max(4);
    if width < 56 { all.min(6) } else { all }
}

fn number(step: u64, digits: usize) -> String {
    let text = words::count(step);
    match text.len().checked_sub(digits) {
        Some(over @ 1..) => format!("…{} ", &text[over + 1..]),
        _ => format!("{text:>digits$} "),
    }
}

fn draw_row(
    row: &FlowRow,
    now: &Moment,
    view: &View<'_>,
    digits: usize,
    outermost: u32,
    mut line: Line<'_>,
    here: bool,
) {
    let theme = view.theme;
    let columns = line.room();
    let future = row.event.step > now.step;
    let last = row.event.step + 1 == now.step;
    let ordinary = match (future, here || last) {
        (true, _) => theme.dim,
        (_, true) => theme.strong,
        _ => theme.plain,
    };
    line.put(
        if here {
            "▶ "
        } else if last {
            "✓ "
        } else {
            "  "
        },
        theme.strong,
    );
    line.put(&number(row.event.step, digits), theme.dim);
    let style = if future { theme.dim } else { outcome_style(&row.event.outcome, theme) };
    line.put(&format!("{:<8} ", row.event.outcome.name()), style);
    let indent = ((row.event.depth - outermost) as usize * 2).min(columns / 6);
    line.put(&" ".repeat(indent), ordinary);
    let effects = match &row.event.outcome {
        Outcome::Error(reason) => reason.to_string(),
        _ => words::effects(row, view.base),
    };
    // Effects begin at one column whatever the depth, at two thirds of the row; or further right,
    // where a long text needs it and short effects allow it.
    let least = if columns >= 56 { (columns * 2 / 3).min(64) } else { columns - line.room() / 3 };
    let column = least.max(line.used());
    let most = columns - width(&effects).min(columns - column);
    let column = column.max((line.used() + width(&row.text) + 2).min(most));
    let room = column.saturating_sub(line.used() + 1);
    line.clip(&row.text, room, ordinary);
    line.to(column);
    let room = line.room();
    let style = match (&row.event.outcome, future) {
        (outcome, false) if words::failed(outcome) => theme.error,
        (_, true) => theme.dim,
        (_, false) if last => theme.written,
        _ => theme.plain,
    };
    line.clip(&effects, room, style);
    if here {
        line.paint(theme.current);
    }
}
