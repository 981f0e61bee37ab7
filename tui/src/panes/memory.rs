//! Bytes of a memory, in hexadecimal and as text.
//!
//! ```text
//! 00000400  0c 00 00 00 48 65 6c 6c  6f 0a 00 00 …   ····Hello·
//!           └──written──┘ reversed; what was read is underlined
//! ```
//!
//! Unless told to stay, it follows what the program writes: the write is brought into the window
//! when it is outside. The width of a row is the greatest power of two that fits.

use super::{Effect, Pane, View, lines};
use crate::command::Command;
use crate::moment::{Moment, Wants};
use crate::widgets::line::Line;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use wasmscope_trace_format::Effect as Did;

/// The pane.
#[derive(Debug)]
pub(super) struct Memory {
    width: u16,
    height: u16,
    memory: u32,
    addr: u64,
    track: bool,
    /// The moment last followed.
    seen: Option<u64>,
    len: u64,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory { width: 0, height: 0, memory: 0, addr: 0, track: true, seen: None, len: u64::MAX }
    }
}

/// Columns of `n` bytes: address, hexadecimal, text. Bytes stand apart, and eight of them further;
/// or, dense, in twos.
fn columns(digits: u64, n: u64, dense: bool) -> u64 {
    let apart = if dense { n / 2 } else { n + n / 8 };
    digits + 1 + n * 2 + apart + 1 + n
}

impl Memory {
    /// Digits of an address.
    fn digits(&self) -> usize {
        let last = self.len.saturating_sub(1).min(u64::from(u32::MAX));
        (16 - last.leading_zeros() as usize / 4).max(4)
    }

    /// Bytes in a row, and whether they stand densely.
    fn shape(&self) -> (u64, bool) {
        let fits = |dense: bool| {
            let digits = self.digits() as u64;
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

    /// Puts the row of an address a third down the window.
    fn show(&mut self, addr: u64) {
        let row = addr - addr % self.per_row();
        self.addr = row.saturating_sub(self.per_row() * (u64::from(self.height) / 3));
        self.clamp();
    }

    fn clamp(&mut self) {
        let per_row = self.per_row();
        let last = self.len.saturating_sub(1) / per_row * per_row;
        let keep = per_row * u64::from(self.height.max(1) - 1);
        self.addr = self.addr.min(last.saturating_sub(keep));
        self.addr -= self.addr % per_row;
    }
}

/// The ranges the last step touched in a memory: start, length, whether written.
fn touched(now: &Moment, of: u32) -> Vec<(u64, u64, bool)> {
    ranges(now.effects(), of)
}

fn ranges(effects: &[Did], of: u32) -> Vec<(u64, u64, bool)> {
    effects
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
        format!("{name}{} KiB", memory.len / 1024)
    }

    fn note(&self, _now: &Moment) -> String {
        if self.track { "follows" } else { "stays" }.into()
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
            // The latest write in sight of the flow pane: a jump may land just behind one.
            let latest = now
                .flow
                .iter()
                .rev()
                .filter(|row| row.event.step < now.step)
                .flat_map(|row| ranges(&row.event.effects, self.memory))
                .collect::<Vec<_>>();
            // Reads lead about, to tables and constants: they count where nothing was written.
            let latest = latest.iter().find(|it| it.2).or(latest.first()).copied();
            if let Some((addr, ..)) = latest
                && (addr < self.addr || addr >= self.addr.saturating_add(self.window()))
            {
                self.show(addr);
            }
        }
        self.seen = Some(now.step);
        self.clamp();
    }

    fn wants(&self) -> Wants {
        let len = u32::try_from(self.window()).unwrap_or(0);
        Wants { memory: Some((self.memory, self.addr, len)), ..Wants::default() }
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        if let Some(by) = lines(command, count, self.height.into()) {
            let by = by.saturating_mul(self.per_row() as i64);
            self.addr = self.addr.saturating_add_signed(by);
            self.clamp();
            return Some(Effect::Done);
        }
        match command {
            Command::Track => {
                self.track = !self.track;
                let text = match self.track {
                    true => "memory follows what the program writes",
                    false => "memory stays where it is",
                };
                Some(Effect::Say(text.into()))
            }
            Command::Memory => {
                let at = now.memories.iter().position(|it| it.index == self.memory);
                let next = now.memories.get(at.map_or(0, |at| at + 1)).or(now.memories.first());
                match next {
                    Some(next) if now.memories.len() > 1 => {
                        (self.memory, self.len, self.addr) = (next.index, next.len, 0);
                        Some(Effect::Done)
                    }
                    _ => Some(Effect::Say("there is no other memory".into())),
                }
            }
            _ => None,
        }
    }

    fn hear(&mut self, effect: &Effect) {
        if let Effect::ShowMemory(addr) = effect {
            self.show(*addr);
        }
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Address, Command::Track]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let bytes = now.bytes.as_ref().filter(|bytes| bytes.memory == self.memory);
        let (Some(bytes), false) = (bytes, now.memories.is_empty()) else {
            Line::new(buf, area, 0).put("no memory", theme.dim);
            return;
        };
        let touched = touched(now, self.memory);
        let style = |addr: u64| -> Style {
            let within = |it: &&(u64, u64, bool)| addr >= it.0 && addr - it.0 < it.1;
            match touched.iter().filter(within).max_by_key(|it| it.2) {
                Some((_, _, true)) => theme.written.add_modifier(Modifier::REVERSED),
                Some(_) => theme.read,
                None => theme.plain,
            }
        };
        let ((per_row, dense), digits) = (self.shape(), self.digits());
        for row in 0..area.height {
            let start = self.addr.saturating_add(u64::from(row) * per_row);
            let byte = |addr: u64| -> Option<u8> {
                let at = usize::try_from(addr.checked_sub(bytes.addr)?).ok()?;
                bytes.bytes.get(at).copied()
            };
            if start >= self.len {
                break;
            }
            let mut line = Line::new(buf, area, row);
            line.put(&format!("{start:0digits$x} "), theme.dim);
            for addr in start..start.saturating_add(per_row) {
                let apart = match (addr - start, dense) {
                    (0, _) => "",
                    (at, true) if at % 2 != 0 => "",
                    (at, false) if at % 8 == 0 => "  ",
                    _ => " ",
                };
                line.put(apart, theme.plain);
                match byte(addr) {
                    Some(0) if style(addr) == theme.plain => line.put("00", theme.dim),
                    Some(byte) => line.put(&format!("{byte:02x}"), style(addr)),
                    None => line.put("  ", theme.plain),
                };
            }
            line.put(" ", theme.plain);
            for addr in start..start.saturating_add(per_row) {
                match byte(addr) {
                    Some(byte @ 0x20..=0x7e) => {
                        line.put(char::from(byte).encode_utf8(&mut [0; 4]), style(addr))
                    }
                    Some(_) if style(addr) == theme.plain => line.put("·", theme.dim),
                    Some(_) => line.put("·", style(addr)),
                    None => line.put(" ", theme.plain),
                };
            }
        }
    }
}
