//! Bytes of a memory, as bytes and text or as numbers of a type.
//!
//! ```text
//! 00000400  0c 00 00 00 48 65 6c 6c  c3 b6 00 00 …   ····Hellö‹
//!           └──written──┘ reversed; what was read is underlined; what differs from another step
//! 00000400           12  1819043144  …               is marked, see `compare`
//! ```
//!
//! It follows what the program writes or, where it has not for long, reads: the cursor goes there. Once somebody has gone to an address or
//! moved in it, it stays there, wherever in time one goes, until it is told to follow again. Enter takes
//! what is under the cursor as an address and goes there. A row is as long as fits.

mod kind;
mod rows;
mod text;

use super::{Beyond, Effect, Note, Pane, View, lines};
use crate::command::Command;
use crate::moment::{Compared, Moment, Needle, Wants, bytes_named};
use crate::session::{Direction, Request};
use crate::words::{self, Base};
use kind::{KINDS, Kind};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use wasmscope_trace_format::Effect as Did;

/// What the signs of the pane say, for the help.
pub(super) const SIGNS: [(&str, &str, &str); 1] = [(
    "‹ ·",
    "text",
    "memory, beside the bytes: ‹ is a byte that belongs to the character to its left, · one that is no text",
)];

/// The pane.
#[derive(Debug)]
pub(super) struct Memory {
    width: u16,
    height: u16,
    memory: u32,
    /// The first byte shown.
    top: u64,
    /// The cursor.
    at: u64,
    track: bool,
    /// Whether the window was turned away from the cursor.
    turned: bool,
    /// Index in [`KINDS`]; bytes if none.
    kind: Option<usize>,
    compare: Option<u64>,
    needle: Option<Needle>,
    /// The search whose answer was shown.
    answered: u32,
    /// The moment last followed.
    seen: Option<u64>,
    len: u64,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory {
            width: 0,
            height: 0,
            memory: 0,
            top: 0,
            at: 0,
            track: true,
            turned: false,
            kind: None,
            compare: None,
            needle: None,
            answered: 0,
            seen: None,
            len: u64::MAX,
        }
    }
}

/// The column of the byte at `at` in a row, behind the address. Bytes stand apart, and eight of them
/// further; or, dense, in twos.
fn place(at: u64, dense: bool) -> u64 {
    at * 2 + if dense { at / 2 } else { at + at / 8 }
}

/// The column, behind the address, where the text of a row of `n` bytes begins.
fn text_place(n: u64, dense: bool) -> u64 {
    place(n - 1, dense) + 3
}

/// Columns of `n` bytes: address, hexadecimal, text.
fn columns(digits: u64, n: u64, dense: bool) -> u64 {
    digits + 1 + text_place(n, dense) + n
}

impl Memory {
    /// Digits of an address.
    fn digits(&self) -> usize {
        let last = self.len.saturating_sub(1).min(u64::from(u32::MAX));
        (16 - last.leading_zeros() as usize / 4).max(4)
    }

    fn kind(&self) -> Option<&'static Kind> {
        self.kind.map(|at| &KINDS[at])
    }

    /// Bytes in a row, and whether they stand densely.
    fn shape(&self) -> (u64, bool) {
        let digits = self.digits() as u64;
        if let Some(kind) = self.kind() {
            let room = u64::from(self.width).saturating_sub(digits + 1);
            let most = (room / u64::from(kind.columns)).max(1);
            // The greatest power of two, so that addresses are round.
            return (kind.size << most.ilog2(), false);
        }
        let fits = |dense: bool| {
            [64, 32, 16, 8, 4, 2].into_iter().find(|&n| columns(digits, n, dense) <= self.width.into())
        };
        match (fits(false), fits(true)) {
            (Some(n @ 8..), _) => (n, false),
            (_, Some(n)) => (n, true),
            _ => (1, true),
        }
    }

    fn per_row(&self) -> u64 {
        self.shape().0
    }

    fn window(&self) -> u64 {
        self.per_row() * u64::from(self.height.max(1))
    }

    /// Puts the cursor on an address, and its row a third down the window if it was not in sight.
    fn show(&mut self, addr: u64) {
        self.turned = false;
        self.at = addr.min(self.len.saturating_sub(1));
        if addr < self.top || addr >= self.top.saturating_add(self.window()) {
            let row = self.at - self.at % self.per_row();
            self.top = row.saturating_sub(self.per_row() * (u64::from(self.height) / 3));
        }
        self.clamp();
    }

    /// Keeps the cursor in the memory and in sight, unless the window was turned away; the window on whole rows.
    fn clamp(&mut self) {
        let per_row = self.per_row();
        self.at = self.at.min(self.len.saturating_sub(1));
        let row = self.at - self.at % per_row;
        let rows = u64::from(self.height.max(1));
        let lowest = row.saturating_sub(per_row * (rows - 1));
        self.top -= self.top % per_row;
        if !self.turned {
            self.top = self.top.clamp(lowest, row);
        }
        let last = self.len.saturating_sub(1) / per_row * per_row;
        self.top = self.top.min(last.saturating_sub(per_row * (rows - 1)));
    }

    /// The bytes under the cursor, as many as the kind has; four where bytes are shown.
    fn under(&self, now: &Moment, size: u64) -> Option<u64> {
        let bytes = now.bytes.as_ref().filter(|bytes| bytes.memory == self.memory)?;
        let from = usize::try_from(self.at.checked_sub(bytes.addr)?).ok()?;
        let found = bytes.bytes.get(from..from + size as usize)?;
        Some(found.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }
}

/// The ranges the last step touched in a memory: start, length, whether written.
fn touched(now: &Moment, of: u32) -> Vec<(u64, u64, bool)> {
    now.effects()
        .iter()
        .filter_map(|effect| match effect {
            Did::Read { memory, addr, len, .. } if *memory == of => Some((*addr, *len, false)),
            Did::Write { memory, addr, len, .. } if *memory == of => Some((*addr, *len, true)),
            _ => None,
        })
        .collect()
}

impl Pane for Memory {
    fn title(&self, now: &Moment) -> String {
        let Some(memory) = now.memories.iter().find(|it| it.index == self.memory) else {
            return String::new();
        };
        let name = match (&memory.name, now.memories.len()) {
            (_, 1) => String::new(),
            (Some(name), _) => format!("{name} "),
            (None, _) => format!("{} ", memory.index),
        };
        format!("{name}{}", words::size(memory.len))
    }

    fn notes(&self, now: &Moment) -> Vec<Note> {
        let kind = self.kind().map(|kind| Note::does(kind.name, Command::View));
        let mut notes: Vec<Note> = kind.into_iter().collect();
        if let (Some(Compared { step, bytes: Some(then), .. }), Some(_)) = (&now.compared, self.compare) {
            // A byte that was not there yet is different.
            let differs = |(at, byte): &(usize, &u8)| then.bytes.get(*at) != Some(byte);
            let differ = now.bytes.as_ref().map_or(0, |bytes| {
                let shown = self.top.saturating_sub(bytes.addr) as usize;
                let all = bytes.bytes.iter().enumerate().skip(shown);
                all.take(self.window() as usize).filter(differs).count()
            });
            notes.push(Note::new(format!("{differ} of these differ from step {}", words::count(*step))));
        }
        notes.push(Note::does(if self.track { "follows" } else { "stays" }, Command::Track));
        notes
    }

    fn resize(&mut self, width: u16, height: u16) {
        (self.width, self.height) = (width, height);
        self.clamp();
    }

    fn see(&mut self, now: &Moment) {
        if let Some(memory) = now.memories.iter().find(|it| it.index == self.memory) {
            self.len = memory.len;
        }
        if self.track && self.seen != Some(now.step) {
            // A jump may land long behind what happened last.
            let last = now.accessed.filter(|it| it.memory == self.memory);
            if let Some(addr) = last.and_then(|it| it.addr) {
                self.show(addr);
            }
        }
        if let Some(found) = now.found.filter(|found| found.serial != self.answered) {
            self.answered = found.serial;
            if let Some(addr) = found.addr {
                self.track = false;
                self.show(addr);
            }
        }
        let looked = !self.track || now.accessed.is_some_and(|it| it.memory == self.memory);
        self.seen = Some(now.step).filter(|_| looked);
        self.clamp();
    }

    fn wants(&self) -> Wants {
        // With what characters at its edges need.
        let from = self.top.saturating_sub(text::LONGEST - 1);
        let len = self.top - from + self.window() + text::LONGEST - 1;
        Wants {
            memory: Some((self.memory, from, u32::try_from(len).unwrap_or(0))),
            accessed: self.track.then_some(self.memory),
            compare: self.compare,
            needle: self.needle.clone(),
            ..Wants::default()
        }
    }

    fn beyond(&self, _now: &Moment) -> Beyond {
        let per_row = self.per_row();
        let rows = self.len.div_ceil(per_row);
        let above = (self.top / per_row).min(rows);
        Beyond { above, below: (rows - above).saturating_sub(self.height.into()), more: false }
    }

    fn is_window(&self) -> bool {
        true
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        let cells = |by: i64, count: u64| by.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX));
        let size = self.kind().map_or(1, |kind| kind.size) as i64;
        let moved = match command {
            Command::CellNext => Some(cells(size, count)),
            Command::CellBack => Some(cells(-size, count)),
            _ => lines(command, count, self.height.into()).map(|by| by.saturating_mul(self.per_row() as i64)),
        };
        if let Some(by) = moved {
            self.at = self.at.saturating_add_signed(by);
            (self.track, self.turned) = (false, false);
            self.clamp();
            return Some(Effect::Done);
        }
        match command {
            Command::View | Command::ViewBack => {
                let kinds = KINDS.len();
                self.kind = match (self.kind, command) {
                    (None, Command::View) => Some(0),
                    (None, _) => Some(kinds - 1),
                    (Some(at), Command::View) => (at + 1 < kinds).then_some(at + 1),
                    (Some(at), _) => at.checked_sub(1),
                };
                self.show(self.at);
                Some(Effect::Done)
            }
            Command::Follow => match self.under(now, 4) {
                Some(addr) if addr < self.len => Some(Effect::ShowMemory(addr)),
                Some(addr) => {
                    Some(Effect::Say(format!("{addr:#x}, found here, is no address of this memory")))
                }
                None => Some(Effect::Say("there are no four bytes here".into())),
            },
            Command::NextDifference | Command::PreviousDifference => {
                let direction = match command {
                    Command::NextDifference => Direction::Forward,
                    _ => Direction::Backward,
                };
                Some(match self.compare {
                    Some(step) => Effect::Ask(Request::Difference(self.memory, self.at, step, direction)),
                    None => Effect::Say("nothing is compared: go to a step, and :compare STEP".into()),
                })
            }
            Command::Track => {
                self.track = !self.track;
                // What happened last is to be seen at once.
                self.seen = None;
                let text = match self.track {
                    true => "memory follows what the program writes",
                    false => "memory stays where it is",
                };
                Some(Effect::Say(text.into()))
            }
            Command::NextMemory => {
                let at = now.memories.iter().position(|it| it.index == self.memory);
                let next = now.memories.get(at.map_or(0, |at| at + 1)).or(now.memories.first());
                match next {
                    Some(next) if now.memories.len() > 1 => {
                        (self.memory, self.len, self.top, self.at) = (next.index, next.len, 0, 0);
                        self.seen = None;
                        Some(Effect::Done)
                    }
                    _ => Some(Effect::Say("there is no other memory".into())),
                }
            }
            _ => None,
        }
    }

    fn click(&mut self, x: u16, y: u16, _now: &Moment) -> Option<Effect> {
        let (per_row, dense) = self.shape();
        let row = self.top + u64::from(y) * per_row;
        let x = u64::from(x).saturating_sub(self.digits() as u64 + 1);
        let cell = match self.kind() {
            Some(kind) => x / u64::from(kind.columns) * kind.size,
            None => match x.checked_sub(text_place(per_row, dense)) {
                Some(at) => at,
                None => (0..per_row).rev().find(|&at| place(at, dense) <= x).unwrap_or(0),
            },
        };
        let at = row + cell.min(per_row - 1);
        if at >= self.len {
            return None;
        }
        (self.at, self.track) = (at, false);
        self.clamp();
        Some(Effect::Done)
    }

    fn scroll(&mut self, _x: u16, by: i64, _now: &Moment) -> Option<Effect> {
        self.top = self.top.saturating_add_signed(by.saturating_mul(self.per_row() as i64));
        self.turned = true;
        self.clamp();
        Some(Effect::Done)
    }

    fn copy(&self, now: &Moment, _base: Base) -> Option<String> {
        match self.kind() {
            Some(kind) => self.under(now, kind.size).map(|bits| (kind.show)(bits, usize::MAX)),
            None => {
                let bytes = now.bytes.as_ref().filter(|bytes| bytes.memory == self.memory)?;
                let from = usize::try_from(self.at.checked_sub(bytes.addr)?).ok()?;
                let row = bytes.bytes.iter().skip(from).take(self.per_row() as usize);
                let shown: Vec<String> = row.map(|byte| format!("{byte:02x}")).collect();
                Some(format!("{:#x}: {}", self.at, shown.join(" ")))
            }
        }
    }

    fn subject(&self, now: &Moment) -> Option<String> {
        let size = self.kind().map_or(1, |kind| kind.size);
        (!now.memories.is_empty()).then(|| bytes_named(self.memory, self.at, size))
    }

    fn view(&self) -> Option<String> {
        Some(self.kind().map_or("bytes", |kind| kind.name).to_owned())
    }

    fn set_view(&mut self, view: &str) {
        self.kind = KINDS.iter().position(|kind| kind.name == view);
    }

    fn refuses(&self, effect: &Effect) -> Option<String> {
        match effect {
            Effect::ShowMemory(addr) if *addr >= self.len => {
                Some(format!("{addr:#x} is outside the memory, which has {:#x} bytes", self.len))
            }
            _ => None,
        }
    }

    fn hear(&mut self, effect: &Effect) {
        match effect {
            Effect::ShowMemory(addr) => {
                self.track = false;
                self.show(*addr);
            }
            Effect::Compare(step) => self.compare = *step,
            Effect::Bytes(bytes) => {
                let old = self.needle.take();
                let bytes = match bytes.is_empty() {
                    true => old.as_ref().map_or_else(Vec::new, |it| it.bytes.clone()),
                    false => bytes.clone(),
                };
                let serial = old.map_or(self.answered, |it| it.serial) + 1;
                self.needle = Some(Needle { serial, memory: self.memory, from: self.at + 1, bytes });
            }
            _ => {}
        }
    }

    fn hints(&self) -> &'static [Command] {
        &[
            Command::PrevWrite,
            Command::Address,
            Command::View,
            Command::Follow,
            Command::Track,
            Command::Bytes,
        ]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        self.rows(now, view, area, buf);
    }
}
