//! The slots of the frame looked into.
//!
//! ```text
//! ← r2 local 2    total   i32   12        ← the last step wrote it
//! → r4 operand 0          i32   5         → the next op reads it      ↔ both
//!   ·  operand 1          i32   12 in r2  not copied yet: it is still the local's
//! ```
//!
//! Operands above the current height hold nothing and are left out.

use super::{Effect, Pane, View, lines};
use crate::command::Command;
use crate::moment::{Home, Moment, Slot, slot_label};
use crate::widgets::line::{Line, width};
use crate::widgets::scroll::Scroll;
use crate::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use wasmscope_trace_format::SlotKind;

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Registers {
    height: usize,
    scroll: Scroll,
}

fn shown(now: &Moment) -> Vec<&Slot> {
    let held = |slot: &&Slot| slot.value.is_some() || !matches!(slot.kind, SlotKind::Operand(_));
    now.slots.iter().filter(held).collect()
}

fn is_local(slot: &Slot, index: u32) -> bool {
    matches!(slot.kind, SlotKind::Param(at) | SlotKind::Local(at) if at == index)
}

impl Pane for Registers {
    fn title(&self, now: &Moment) -> String {
        match &now.frame {
            Some(frame) if !now.innermost() => format!("of depth {}", frame.depth),
            _ => String::new(),
        }
    }

    fn note(&self, _now: &Moment) -> String {
        "← written → read next".into()
    }

    fn resize(&mut self, _width: u16, height: u16) {
        self.height = height.into();
    }

    fn see(&mut self, now: &Moment) {
        let slots = shown(now);
        // What just changed must be in sight, and what is about to be read.
        let written = now.written_slots();
        let reads = now.read_slots();
        let find = |of: &[u32]| slots.iter().position(|slot| of.contains(&slot.slot));
        if let Some(at) = find(&written).or(find(&reads)) {
            self.scroll.at = at;
        }
        self.scroll.fit(slots.len(), self.height);
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        let slots = shown(now);
        if let Some(by) = lines(command, count, self.height) {
            self.scroll.by(by, slots.len());
            self.scroll.fit(slots.len(), self.height);
            return Some(Effect::Done);
        }
        match command {
            Command::Follow => match slots.get(self.scroll.at)?.value {
                Some(value) => Some(Effect::ShowMemory(value.bits as u64)),
                None => Some(Effect::Say("this slot holds no value now".into())),
            },
            _ => None,
        }
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Follow, Command::Base]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let slots = shown(now);
        if slots.is_empty() {
            let text = if now.frame.is_some() { "no slots hold a value" } else { "no frame" };
            Line::new(buf, area, 0).put(text, theme.dim);
            return;
        }
        let (written, reads) = (now.written_slots(), now.read_slots());
        let names = slots
            .iter()
            .map(|slot| slot.name.as_deref().map_or(0, width))
            .max()
            .unwrap_or(0)
            .min(usize::from(area.width) / 4);
        let label = slots.iter().map(|slot| slot.label().len()).max().unwrap_or(2);
        let kinds = slots.iter().map(|slot| words::kind(slot.kind).len()).max().unwrap_or(0);
        let words_fit = usize::from(area.width) >= label + kinds + names + 24;
        for row in 0..area.height {
            let index = self.scroll.top + usize::from(row);
            let Some(slot) = slots.get(index) else { break };
            let own = slot.home == Home::Own;
            let wrote = own && written.contains(&slot.slot);
            let reading = own && reads.contains(&slot.slot);
            let (mark, style) = match (wrote, reading) {
                (true, true) => ("↔ ", theme.written),
                (true, false) => ("← ", theme.written),
                (false, true) => ("→ ", theme.read),
                _ => ("  ", theme.plain),
            };
            let mut line = Line::new(buf, area, row);
            line.put(mark, if wrote || reading { theme.strong } else { theme.plain });
            let name = if own { slot.label() } else { "·".into() };
            line.put(&format!("{name:<label$} "), if own { theme.name } else { theme.dim });
            if words_fit {
                line.put(&format!("{:<kinds$} ", words::kind(slot.kind)), theme.dim);
            }
            if names > 0 {
                let from = line.used();
                line.clip(slot.name.as_deref().unwrap_or(""), names, theme.plain);
                line.to(from + names + 1);
            }
            let ty = slot.ty.or(slot.value.map(|value| value.ty));
            let ty = ty.map_or("", |ty| ty.name());
            line.put(&format!("{ty:<4} "), theme.dim);
            let value = slot.value.map_or_else(|| "–".to_owned(), |value| view.base.show(value));
            let room = line.room();
            line.clip(&value, room, style);
            let home = match slot.home {
                Home::Own => String::new(),
                Home::Slot(at) => format!(" in {}", slot_label(at)),
                Home::Local(index) => match now.slots.iter().find(|it| is_local(it, index)) {
                    Some(local) => format!(" in {}", local.label()),
                    None => format!(" in local {index}"),
                },
                Home::Constant => " constant".into(),
            };
            if line.room() >= home.len() {
                line.put(&home, theme.dim);
            }
            if index == self.scroll.at && view.focused {
                line.paint(theme.selected);
            }
        }
    }
}
