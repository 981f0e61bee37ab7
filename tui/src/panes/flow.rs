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
//! This list is the run's time: its cursor is the session's, so moving here is stepping. The wheel looks
//! elsewhere without going there. `#` counts the outcomes of the whole run above the list.

use super::{Beyond, Effect, Note, Pane, View};
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
    width: usize,
    height: u16,
    /// Whether the outcomes of the whole run are counted above the list.
    counts: bool,
    /// The step on the first row, while the list is turned away from the cursor.
    top: Option<u64>,
    /// Whether it is about to be turned back: what was asked for since may move the cursor.
    turns_back: bool,
    /// A step that was pressed, and the row of the list it stood on, where it stays.
    pressed: Option<(u64, usize)>,
    seen: Option<u64>,
}

/// The style of an outcome.
fn outcome_style(outcome: &Outcome, theme: &Theme) -> Style {
    match outcome {
        Outcome::Error(_) if !words::failed(outcome) => theme.strong,
        _ => name_style(outcome.name(), theme),
    }
}

/// The style of outcomes of a name.
fn name_style(name: &str, theme: &Theme) -> Style {
    match name {
        "Next" => theme.next,
        "Jump" => theme.jump,
        "Call" | "TailCall" | "Return" => theme.call,
        "HostCall" => theme.host,
        "Halt" => theme.strong,
        _ => theme.error,
    }
}

/// What stands where in the list.
struct Window {
    /// The first line shown.
    first: usize,
    /// The line of the step about to run.
    cursor: usize,
    /// Whether that is none of `Moment::flow`: it has not run, or the filter hides it. It has a line between
    /// those before it and those behind it all the same.
    extra: bool,
}

impl Window {
    fn lines(&self, now: &Moment) -> usize {
        now.flow.len() + usize::from(self.extra)
    }

    /// The row of a line; `None` for the line that is none of them.
    fn row<'a>(&self, line: usize, now: &'a Moment) -> Option<&'a FlowRow> {
        match self.extra && line >= self.cursor {
            true if line == self.cursor => None,
            true => now.flow.get(line - 1),
            false => now.flow.get(line),
        }
    }
}

impl Flow {
    fn window(&self, now: &Moment) -> Window {
        let height = self.room(now);
        let cursor = now.flow.partition_point(|row| row.event.step < now.step);
        let extra = now.flow.get(cursor).is_none_or(|row| row.event.step != now.step);
        let first = match (self.top, self.pressed) {
            (Some(top), _) => {
                let row = now.flow.partition_point(|row| row.event.step < top);
                row + usize::from(extra && row > cursor)
            }
            (None, Some((step, row))) if step == now.step => cursor.saturating_sub(row.min(height)),
            // The cursor's row stands two thirds down, or higher when little came before or more is to come.
            (None, _) => {
                let below = (now.flow.len() + usize::from(extra) - cursor).max(1);
                cursor - cursor.min((height * 2 / 3).max(height.saturating_sub(below)))
            }
        };
        Window { first, cursor, extra }
    }

    /// The outcomes counted, in rows that fit.
    fn counted(&self, now: &Moment) -> Vec<Vec<(&'static str, String)>> {
        let mut rows: Vec<Vec<(&'static str, String)>> = Vec::new();
        if !self.counts {
            return rows;
        }
        let whole = now.outcomes.iter().map(|it| it.1).sum::<u64>().max(1);
        let mut left = 0;
        for &(name, count) in &now.outcomes {
            let text = format!("{} {}", words::count(count), words::share(count, whole));
            let columns = name.len() + 1 + text.len() + 3;
            match rows.last_mut() {
                Some(row) if columns <= left => row.push((name, text)),
                _ => {
                    left = self.width;
                    rows.push(vec![(name, text)]);
                }
            }
            left = left.saturating_sub(columns);
        }
        // They were asked for; one step is always left.
        rows.truncate(usize::from(self.height.saturating_sub(1)));
        rows
    }

    /// Rows of the list.
    fn room(&self, now: &Moment) -> usize {
        usize::from(self.height) - self.counted(now).len()
    }

    fn page(&self, direction: Direction, count: u64) -> Effect {
        let rows = u64::from(self.height.max(2) - 1);
        Effect::Ask(Request::Travel(Goal::Steps(rows), direction, count))
    }
}

impl Pane for Flow {
    fn notes(&self, now: &Moment) -> Vec<Note> {
        match &now.filter {
            Some((text, counted)) => {
                let count = counted.map_or_else(String::new, |count| format!(": {}", words::count(count)));
                vec![Note::does(format!("only {text}{count}"), Command::Filter)]
            }
            None => vec![Note::more("step · outcome · op · effects")],
        }
    }

    fn resize(&mut self, width: u16, height: u16) {
        (self.width, self.height) = (width.into(), height);
    }

    fn see(&mut self, now: &Moment) {
        if self.turns_back || self.seen != Some(now.step) {
            (self.top, self.turns_back) = (None, false);
        }
        self.seen = Some(now.step);
    }

    fn hear(&mut self, effect: &Effect) {
        self.turns_back |= *effect == Effect::Asks;
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        let window = self.window(now);
        let row = usize::from(y).checked_sub(self.counted(now).len())?;
        let at = window.first + row;
        if at >= window.lines(now) {
            return None;
        }
        let step = window.row(at, now).map_or(now.step, |row| row.event.step);
        self.pressed = Some((step, row));
        Some(Effect::Ask(Request::Goto(Target::Step(step))))
    }

    fn scroll(&mut self, _x: u16, by: i64, now: &Moment) -> Option<Effect> {
        let window = self.window(now);
        let most = window.lines(now).saturating_sub(self.room(now));
        let first = (window.first as i64).saturating_add(by).clamp(0, most as i64) as usize;
        self.top = Some(window.row(first, now).map_or(now.step, |row| row.event.step));
        Some(Effect::Done)
    }

    fn menu(&self, now: &Moment) -> Vec<(String, String)> {
        let mut menu = Vec::new();
        if now.filter.is_some() {
            menu.push(("list all steps again".into(), "filter".into()));
        }
        let Some(next) = &now.next else { return menu };
        let row = next.row.as_ref();
        let op = row.and_then(|row| now.code.as_ref()?.op(row.event.op)).map(|op| &op.mnemonic);
        let made =
            |what: &str, subject: &str| (format!("where {what} made"), format!("previous-write {subject}"));
        if let Some(bytes) = next.loads() {
            menu.push(made(&format!("the bytes at {bytes} were"), &bytes));
            menu.push((format!("stop wherever {bytes} is written"), format!("watch {bytes}")));
        }
        if let Some(bytes) = next.stores() {
            menu.push((format!("stop wherever {bytes} is written"), format!("watch {bytes}")));
        }
        menu.extend(now.reads().iter().map(|read| made(&format!("{} was", read.label), &read.label)));
        if let Some(op) = op {
            menu.extend([
                (format!("on to the next {op}"), format!("search op {op}")),
                (format!("back to the last {op}"), format!("search-back op {op}")),
                (format!("list every {op} of the run"), format!("filter op {op}")),
                (format!("stop before every {op}, or no more"), format!("break op {op}")),
            ]);
        }
        if let Some(row) = row {
            let outcome = row.event.outcome.name();
            menu.extend([
                (format!("on to the next {outcome}"), format!("search outcome {outcome}")),
                (format!("list every step that returned {outcome}"), format!("filter outcome {outcome}")),
                (
                    format!("stop before every step that returns {outcome}, or no more"),
                    format!("break outcome {outcome}"),
                ),
            ]);
        }
        menu.push(("stop at this op, or no more".into(), "break".into()));
        menu
    }

    fn copy(&self, now: &Moment, base: Base) -> Option<String> {
        // The row that is lit; at the end, and where it has not run, the one before.
        let next = now.next.as_ref().and_then(|next| next.row.as_ref());
        let row = next.or_else(|| now.last.as_ref().map(|last| &last.row))?;
        let effects = words::effects(row, base);
        Some(format!("{} {} {}  {effects}", row.event.step, row.event.outcome.name(), row.text))
    }

    fn wants(&self) -> Wants {
        let rows = u32::from(self.height);
        let flow_at = self.top.filter(|_| !self.turns_back);
        let after = if flow_at.is_some() { rows * 2 } else { rows };
        Wants { flow: (rows, after), flow_at, outcomes: self.counts, ..Wants::default() }
    }

    fn beyond(&self, now: &Moment) -> Beyond {
        let (window, len) = (self.window(now), self.window(now).lines(now));
        let shown = window.first..len.min(window.first + self.room(now));
        let fetched = Beyond::of(shown.clone(), len);
        // Of a filtered list nobody knows how many are further away.
        if now.filter.is_some() {
            return Beyond { more: true, ..fetched };
        }
        let step = |line: usize| window.row(line, now).map_or(now.step, |row| row.event.step);
        match shown.is_empty() {
            true => fetched,
            false => Beyond {
                above: step(shown.start),
                below: now.end.saturating_sub(step(shown.end - 1) + 1),
                more: false,
            },
        }
    }

    fn is_window(&self) -> bool {
        true
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
        let counted = self.counted(now);
        for (row, outcomes) in counted.iter().enumerate() {
            let mut line = Line::new(buf, area, row as u16);
            for (index, (name, text)) in outcomes.iter().enumerate() {
                line.put(if index == 0 { "" } else { " · " }, theme.dim);
                line.put(name, name_style(name, theme)).put(" ", theme.plain).put(text, theme.plain);
            }
        }
        let head = counted.len() as u16;
        let area = Rect { y: area.y + head, height: area.height.saturating_sub(head), ..area };
        let window = self.window(now);
        let shown = window.first..window.lines(now).min(window.first + usize::from(area.height));
        // A step that the filter hides is told all the same.
        let hidden = now.next.as_ref().and_then(|next| next.row.as_ref());
        let row = |line| window.row(line, now).or(hidden);
        let depths = shown.clone().filter_map(|line| Some(row(line)?.event.depth));
        let (outermost, digits) = (depths.min().unwrap_or(0), digits(now, area.width));
        for (index, at) in shown.enumerate() {
            let line = Line::new(buf, area, index as u16);
            match row(at) {
                Some(row) => draw_row(row, now, view, digits, outermost, line, row.event.step == now.step),
                None => draw_unknown(now, digits, view.theme, line),
            }
        }
    }
}

/// The step about to run, where nobody knows yet what it does.
fn draw_unknown(now: &Moment, digits: usize, theme: &Theme, mut line: Line<'_>) {
    line.put("▶ ", theme.strong).put(&number(now.step, digits), theme.dim);
    let room = line.room();
    match &now.next {
        Some(next) => line.put("not run   ", theme.dim).clip(&next.text, room, theme.strong),
        None => line.clip(&now.run.text(), room, theme.strong),
    };
    line.paint(theme.current);
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
