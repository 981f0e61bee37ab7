//! The slots of the frame looked into.
//!
//! ```text
//! ← r2 local 2    total   i32   12        ← the last step wrote it
//! → r4 operand 0          i32   5         → the next op reads it      ↔ both
//!   ·  operand 1          i32   12 in r2  not copied yet: it is still the local's
//! ```
//!
//! Operands above the current height hold nothing and are left out. The other view is that of
//! WebAssembly: the operand stack from its top, then the locals by name, and where each of them is.
//!
//! ```text
//!   top  i32   12            r5              in its slot
//!     0  i32   7             local $n: r0    not copied: the local's slot is read
//!     $n i32   7             r0
//! ```

use super::{Effect, Pane, View, lines};
use crate::command::Command;
use crate::moment::{Home, Moment, Slot, slot_label};
use crate::widgets::line::{Line, width};
use crate::widgets::scroll::Scroll;
use crate::words::{self, Base};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use wasmscope_trace_format::SlotKind;

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Registers {
    height: usize,
    scroll: Scroll,
    /// Whether they are shown as WebAssembly has them: the operand stack, then named locals.
    wasm: bool,
}

impl Registers {
    fn shown<'a>(&self, now: &'a Moment) -> Vec<&'a Slot> {
        let operand = |slot: &Slot| matches!(slot.kind, SlotKind::Operand(_));
        let held = |slot: &&Slot| slot.value.is_some() || !operand(slot);
        let mut slots: Vec<&Slot> = now.slots.iter().filter(held).collect();
        if self.wasm {
            // The top of the stack first.
            slots.sort_by_key(|slot| match slot.kind {
                SlotKind::Operand(height) => (0, u32::MAX - height),
                SlotKind::Param(index) | SlotKind::Local(index) => (1, index),
            });
        }
        slots
    }
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
        if self.wasm { "wasm stack, locals, where they live" } else { "← written → read next" }.into()
    }

    fn resize(&mut self, _width: u16, height: u16) {
        self.height = height.into();
    }

    fn see(&mut self, now: &Moment) {
        let slots = self.shown(now);
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
        let slots = self.shown(now);
        if let Some(by) = lines(command, count, self.height) {
            self.scroll.by(by, slots.len());
            self.scroll.fit(slots.len(), self.height);
            return Some(Effect::Done);
        }
        match command {
            Command::View | Command::ViewBack => {
                self.wasm = !self.wasm;
                Some(Effect::Done)
            }
            Command::Follow => match slots.get(self.scroll.at)?.value {
                Some(value) => Some(Effect::ShowMemory(value.bits as u64)),
                None => Some(Effect::Say("this slot holds no value now".into())),
            },
            _ => None,
        }
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        let len = self.shown(now).len();
        self.scroll.point(y, len);
        Some(Effect::Done)
    }

    fn copy(&self, now: &Moment, base: Base) -> Option<String> {
        self.shown(now).get(self.scroll.at)?.value.map(|value| base.show(value))
    }

    fn subject(&self, now: &Moment) -> Option<String> {
        let slots = self.shown(now);
        let slot = slots.get(self.scroll.at)?;
        (slot.home == Home::Own && now.innermost()).then(|| slot.label())
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Follow, Command::View, Command::Base]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let slots = self.shown(now);
        if slots.is_empty() {
            let text = if now.frame.is_some() { "no slots hold a value" } else { "no frame" };
            Line::new(buf, area, 0).put(text, theme.dim);
            return;
        }
        let (written, reads) = (now.written_slots(), now.read_slots());
        if self.wasm {
            self.draw_wasm(now, &slots, view, area, buf);
            return;
        }
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

impl Registers {
    fn draw_wasm(&self, now: &Moment, slots: &[&Slot], view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let theme = view.theme;
        let (written, reads) = (now.written_slots(), now.read_slots());
        let top = slots.iter().find(|slot| matches!(slot.kind, SlotKind::Operand(_))).map(|it| it.kind);
        let name = |slot: &Slot| match (slot.kind, &slot.name) {
            (kind, _) if Some(kind) == top => "top".to_owned(),
            (SlotKind::Operand(height), _) => height.to_string(),
            (_, Some(name)) => format!("${name}"),
            (SlotKind::Param(index) | SlotKind::Local(index), None) => format!("local {index}"),
        };
        let names = slots.iter().map(|slot| width(&name(slot))).max().unwrap_or(0);
        let names = names.min(usize::from(area.width) / 3);
        let values = slots.iter().filter_map(|slot| slot.value.map(|value| width(&view.base.show(value))));
        let values = values.max().unwrap_or(0).min(usize::from(area.width) / 2);
        for row in 0..area.height {
            let index = self.scroll.top + usize::from(row);
            let Some(slot) = slots.get(index) else { break };
            let own = slot.home == Home::Own;
            let (wrote, reading) = (own && written.contains(&slot.slot), own && reads.contains(&slot.slot));
            let (mark, style) = match (wrote, reading) {
                (true, true) => ("↔ ", theme.written),
                (true, false) => ("← ", theme.written),
                (false, true) => ("→ ", theme.read),
                _ => ("  ", theme.plain),
            };
            let mut line = Line::new(buf, area, row);
            line.put(mark, if wrote || reading { theme.strong } else { theme.plain });
            let from = line.used();
            line.clip(&name(slot), names, theme.name);
            line.to(from + names + 1);
            let ty = slot.ty.or(slot.value.map(|value| value.ty)).map_or("", |ty| ty.name());
            line.put(&format!("{ty:<4} "), theme.dim);
            let from = line.used();
            let value = slot.value.map_or_else(|| "–".to_owned(), |value| view.base.show(value));
            let room = line.room();
            line.clip(&value, room.min(values.max(1)), style);
            line.to(from + values + 2);
            let home = match slot.home {
                Home::Own => slot.label(),
                Home::Slot(at) => format!("{}, an alias", slot_label(at)),
                Home::Local(index) => match now.slots.iter().find(|it| is_local(it, index)) {
                    Some(local) => format!("{}, alias of local {index}", local.label()),
                    None => format!("alias of local {index}"),
                },
                Home::Constant => "a constant in the op".into(),
            };
            let room = line.room();
            line.clip(&home, room, theme.dim);
            if index == self.scroll.at && view.focused {
                line.paint(theme.selected);
            }
        }
    }
}
