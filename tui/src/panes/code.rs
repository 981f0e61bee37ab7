//! The code of the function looked into, at one level or several side by side.
//!
//! ```text
//! ┌ wasm ──────────────────────┬ bytecode ───────────────────────────────────────┐
//! │  0x01b1   local.get $a     │    1c  r5 = i32.add r3, r4          0x01b3      │
//! │  0x01b3   i32.add          │●▶  24  br_if r5 -> 0x7c       3.1M  0x01b8 …    │
//! └────────────────────────────┴─────────────────────────────────────────────────┘
//! │ └ ▶ next to run, ✗ failed, ▷ waiting for a call to return, › the pane's own cursor
//! └ breakpoint           how often it ran ┘      pc ┘   └ the Wasm operators it came from
//! ```
//!
//! A press of the mouse in the column of `●` stops there, or no more; a line of the source that belongs to
//! another function can be gone to and stopped at as well.
//! The cursor follows the program; moved away, it says where `b` and Enter act. Enter on a call shows
//! the code of what is called, `H` goes back, and so does any movement of the program.
//! Elsewhere: how the levels are drawn (`levels`), what stands before their lines (`margin`).

mod levels;
mod margin;

use super::{Beyond, Effect, Note, Pane, View, about_line, lines};
use crate::command::Command;
use crate::moment::{Moment, Place, Wants};
use crate::session::{Direction, Request};
use crate::widgets::line::Line;
use crate::widgets::scroll::Scroll;
use crate::words::Base;
use levels::{current, level_name};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use wasmscope_trace_format::{CodeOp, Effect as Did, Flow, FuncId};

/// A way to look at code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Level {
    /// The source, if it was found.
    Source,
    /// The WebAssembly text format.
    Wasm,
    /// What runs.
    Bytecode,
    /// The same function lowered the other way.
    Other,
}

impl Level {
    /// A word for it.
    fn word(self) -> &'static str {
        match self {
            Level::Source => "source",
            Level::Wasm => "wasm",
            Level::Bytecode => "bytecode",
            Level::Other => "other",
        }
    }
}

/// The sets one goes through.
const SETS: &[&[Level]] = &[
    &[Level::Bytecode],
    &[Level::Wasm, Level::Bytecode],
    &[Level::Source, Level::Wasm, Level::Bytecode],
    &[Level::Source, Level::Bytecode],
    &[Level::Source],
    &[Level::Wasm],
    &[Level::Other, Level::Bytecode],
];

/// Columns a level needs at least.
const LEAST: u16 = 32;

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Code {
    width: u16,
    height: usize,
    scroll: Scroll,
    /// Function and ip the cursor was last put on.
    at: Option<(FuncId, u32)>,
    set: usize,
    counts: bool,
    /// Whether the source of the function is at hand, and whether it is known where that was.
    source: bool,
    named: bool,
    /// The function looked at, if it is not the one the program is in.
    away: Option<FuncId>,
    /// Where one came from on the way to `away`, the latest last.
    back: Vec<(Option<FuncId>, Scroll)>,
    /// A line of the source that is selected though nothing of this function runs on it, from 0.
    line: Option<usize>,
    /// The first lines shown of each level, once the mouse has pressed or turned something: they stay.
    tops: [Option<usize>; 4],
}

impl Code {
    /// The levels shown: those of the set that there are and that fit, the first at least.
    fn levels(&self) -> Vec<Level> {
        let there = |level: &&Level| **level != Level::Source || self.source;
        let mut levels: Vec<Level> = SETS[self.set].iter().filter(there).copied().collect();
        levels.truncate(usize::from(self.width / LEAST).max(1));
        if levels.is_empty() { vec![Level::Bytecode] } else { levels }
    }

    /// The next set that shows something else.
    fn turn(&mut self, by: usize) {
        let before = self.levels();
        for _ in 0..SETS.len() {
            self.set = (self.set + by) % SETS.len();
            (self.tops, self.line) = ([None; 4], None);
            let usable = self.named || !SETS[self.set].contains(&Level::Source);
            if usable && self.levels() != before {
                break;
            }
        }
    }
}

impl Code {
    /// Shows another function.
    fn visit(&mut self, func: FuncId) {
        self.back.push((self.away, self.scroll));
        (self.away, self.scroll, self.tops, self.line) = (Some(func), Scroll::default(), [None; 4], None);
    }

    /// What an op calls: said by the code, or by the step about to run.
    fn callee(op: &CodeOp, module: u32, now: &Moment) -> Option<FuncId> {
        match op.flow {
            Flow::Call { func, .. } | Flow::TailCall { func } => Some(FuncId { module, func }),
            Flow::CallIndirect { .. } | Flow::TailCallIndirect if current(now) == Some(op.ip) => {
                let effects = &now.next.as_ref()?.row.as_ref()?.event.effects;
                effects.iter().find_map(|it| match it {
                    Did::Push { func, .. } => Some(*func),
                    _ => None,
                })
            }
            _ => None,
        }
    }
}

impl Pane for Code {
    fn title(&self, now: &Moment) -> String {
        now.code.as_ref().map_or_else(String::new, |code| code.name())
    }

    fn notes(&self, now: &Moment) -> Vec<Note> {
        let Some(code) = now.code.as_ref().filter(|code| !code.code.ops.is_empty()) else {
            return Vec::new();
        };
        let levels = self.levels();
        let mut notes = Vec::new();
        if self.away.is_some() {
            notes.push(Note::does("H back", Command::Back));
        }
        notes.push(match levels[..] {
            [Level::Bytecode] if self.width >= 60 => Note::more("ip · op · pc · wasm"),
            [Level::Bytecode] => Note::more("bytecode"),
            _ => {
                let names: Vec<&str> = levels.iter().map(|level| level_name(*level, now)).collect();
                Note::does(names.join(" │ "), Command::View)
            }
        });
        if self.named && !self.source && SETS[self.set].contains(&Level::Source) {
            notes.push(Note::more("source not found; --source DIR"));
        }
        notes.push(Note::more(format!("{}/{}", self.scroll.at + 1, code.code.ops.len())));
        notes
    }

    fn resize(&mut self, width: u16, height: u16) {
        (self.width, self.height) = (width, height.into());
    }

    fn see(&mut self, now: &Moment) {
        self.named = now.source.is_some();
        self.source = false;
        let (Some(frame), Some(code)) = (&now.frame, &now.code) else {
            return;
        };
        let len = code.code.ops.len();
        let place = (frame.func, frame.ip);
        if self.at != Some(place) {
            if self.at.is_none_or(|(func, _)| func != frame.func) {
                self.scroll = Scroll::default();
            }
            (self.at, self.tops, self.line) = (Some(place), [None; 4], None);
            // The program has moved: it is what one wants to see.
            if self.away.take().is_some() {
                self.back.clear();
                self.scroll = Scroll::default();
            }
            let op = code.code.op_at(frame.ip).unwrap_or(0) as usize;
            self.scroll.select(op, len, self.height);
        }
        self.scroll.fit(len, self.height);
        let file = self.selected_line(now).map(|line| line.file as usize);
        let file = file.and_then(|file| now.source.as_ref()?.files.get(file));
        self.source = file.is_some_and(|file| file.lines.is_some());
    }

    fn wants(&self) -> Wants {
        let levels = self.levels();
        Wants {
            func: self.away,
            wasm: levels.contains(&Level::Wasm),
            other: levels.contains(&Level::Other),
            counts: self.counts,
            ..Wants::default()
        }
    }

    fn beyond(&self, now: &Moment) -> Beyond {
        let levels = self.levels();
        let of = |level: &Level| Some((self.rows(*level, now)?, self.lines_of(*level, now)?.0));
        let beyond = levels.iter().filter_map(of).map(|(rows, len)| Beyond::of(rows, len));
        beyond.max_by_key(Beyond::lines).unwrap_or_default()
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        let code = now.code.as_ref()?;
        if let Some(by) = lines(command, count, self.height) {
            (self.tops, self.line) = ([None; 4], None);
            self.scroll.by(by, code.code.ops.len());
            self.scroll.fit(code.code.ops.len(), self.height);
            return Some(Effect::Done);
        }
        let op = code.code.ops.get(self.scroll.at)?;
        let place = Place::Ip(code.code.func, op.ip);
        let here = current(now) == Some(op.ip);
        let line = self.line.and_then(|line| self.line_text(line, now));
        match command {
            Command::Break if line.is_some() => line.map(|it| Effect::Ask(Request::Break(it))),
            Command::Follow if line.is_some() => {
                line.map(|it| Effect::Ask(Request::RunTo(it, Direction::Forward)))
            }
            // Keys typed ahead of the screen mean the op they will arrive at.
            Command::Break if here && now.innermost() => Some(Effect::Ask(Request::ToggleHere)),
            Command::Break => Some(Effect::Ask(Request::Toggle(place))),
            Command::Follow => Some(match Code::callee(op, code.code.func.module, now) {
                Some(func) => {
                    self.visit(func);
                    Effect::Done
                }
                None => Effect::Ask(Request::RunOf(place, Direction::Forward)),
            }),
            Command::Back => {
                (self.away, self.scroll) = self.back.pop()?;
                (self.tops, self.line) = ([None; 4], None);
                Some(Effect::Done)
            }
            Command::Explain if !here => Some(Effect::Explain(code.code.func, op.ip)),
            Command::View => {
                let before = self.set;
                self.turn(1);
                let between = (before + 1..before + SETS.len()).map(|at| at % SETS.len());
                let mut passed = between.take_while(|&at| at != self.set).chain([self.set]);
                if self.source || !passed.any(|at| SETS[at].contains(&Level::Source)) {
                    return Some(Effect::Done);
                }
                Some(Effect::Say(match self.named {
                    true => "the source file is not found; --source DIR says where the files are".into(),
                    false => "no source is shown: the program was built without debug information".into(),
                }))
            }
            Command::ViewBack => {
                self.turn(SETS.len() - 1);
                Some(Effect::Done)
            }
            Command::Counts => {
                self.counts = !self.counts;
                Some(Effect::Say(match self.counts {
                    true => "how often each op runs in the whole run".into(),
                    false => "no counts".to_owned(),
                }))
            }
            _ => None,
        }
    }

    fn click(&mut self, x: u16, y: u16, now: &Moment) -> Option<Effect> {
        let (level, _) = self.level_at(x);
        let line = self.line_at(level, y, now)?;
        let op = self.op_of(level, line, now);
        if op.is_none() && level != Level::Source {
            return Some(Effect::Say("nothing of this function runs on this line".into()));
        }
        self.hold(now);
        self.line = op.is_none().then_some(line);
        self.scroll.put(op.unwrap_or(self.scroll.at));
        Some(Effect::Done)
    }

    /// The column of `●`.
    fn push(&mut self, x: u16, y: u16, _twice: bool, now: &Moment) -> Option<Effect> {
        let (level, left) = self.level_at(x);
        let line = self.line_at(level, y, now).filter(|_| x == left)?;
        let text = (level == Level::Source).then(|| self.line_text(line, now)).flatten();
        let code = &now.code.as_ref()?.code;
        let op = self.op_of(level, line, now).and_then(|op| code.ops.get(op));
        let place = op.map(|op| Place::Ip(code.func, op.ip));
        let stop = self.stops(level, now).into_iter().find(|it| it.0 == line);
        self.click(x, y, now);
        Some(Effect::Ask(match (stop, text, place) {
            (Some((_, stop)), ..) => Request::Delete(stop.id.to_string()),
            (_, Some(text), _) => Request::Break(text),
            (.., place) => Request::Toggle(place?),
        }))
    }

    fn scroll(&mut self, x: u16, by: i64, now: &Moment) -> Option<Effect> {
        let (level, _) = self.level_at(x);
        let (len, height) = (self.lines_of(level, now)?.0, self.height.saturating_sub(Code::head(level)));
        self.hold(now);
        if level == Level::Bytecode {
            self.scroll.turn(by, len, height);
        }
        let top = self.tops[level as usize]? as i64;
        let last = len.saturating_sub(height) as i64;
        self.tops[level as usize] = Some(top.saturating_add(by).clamp(0, last) as usize);
        Some(Effect::Done)
    }

    fn copy(&self, now: &Moment, _base: Base) -> Option<String> {
        let code = now.code.as_ref()?;
        let op = code.op(self.scroll.at as u32)?;
        let operators = code.operators.get(self.scroll.at).map_or("", String::as_str);
        Some(format!("{}+{:#x}  {}  @{:#x} {operators}", code.name(), op.ip, op.text, op.pc))
    }

    fn menu(&self, now: &Moment) -> Vec<(String, String)> {
        let Some(code) = &now.code else { return Vec::new() };
        if let Some(line) = self.line.and_then(|line| self.line_text(line, now)) {
            return about_line(&line);
        }
        let (Some(op), func) = (code.op(self.scroll.at as u32), code.code.func) else { return Vec::new() };
        let at = format!("{func}+{:#x}", op.ip);
        vec![
            ("on to here".into(), format!("run-to {at}")),
            ("back to here".into(), format!("run-back-to {at}")),
            ("stop here, or no more".into(), format!("break {at}")),
            (format!("stop at every call of {}, or no more", code.name()), format!("break {func}")),
            (format!("list every {} of the run", op.mnemonic), format!("filter op {}", op.mnemonic)),
        ]
    }

    fn view(&self) -> Option<String> {
        let names: Vec<&str> = SETS[self.set].iter().map(|level| level.word()).collect();
        Some(names.join("+"))
    }

    fn set_view(&mut self, view: &str) {
        let named = |set: &&[Level]| set.iter().map(|level| level.word()).eq(view.split('+'));
        self.set = SETS.iter().position(named).unwrap_or(self.set);
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::View, Command::Counts, Command::Follow]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let (Some(_), Some(_)) = (&now.frame, &now.code) else {
            Line::new(buf, area, 0).put("nothing runs any more", view.theme.dim);
            return;
        };
        let levels = self.levels();
        let columns = area.width / levels.len() as u16;
        for (index, level) in levels.iter().enumerate() {
            let left = area.x + columns * index as u16;
            let right = if index + 1 == levels.len() { area.right() } else { left + columns - 1 };
            let part = Rect { x: left, width: right - left, ..area };
            match level {
                Level::Bytecode => self.bytecode(now, view, part, buf),
                Level::Wasm => self.wasm(now, view, part, buf),
                Level::Source => self.source(now, view, part, buf),
                Level::Other => self.other(now, view, part, buf),
            }
            for row in 0..area.height {
                if right < area.right() {
                    let between = Rect { x: right, width: 1, ..area };
                    Line::new(buf, between, row).put("│", view.theme.border);
                }
            }
        }
    }
}
