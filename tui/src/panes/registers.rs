//! The slots of the frame looked into.
//!
//! ```text
//! ← r2 local 2    total   i32   12        ← the last step wrote it
//! → r4 operand 0          i32   5         → the next op reads it      ↔ both
//!   ·  operand 1          i32   12 in r2  not copied yet: it is still the local's
//! ≠ r0 param 0    n       i32   3  was 4  different at the step compared with: →≠ read next as well
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

use super::{Beyond, Effect, Note, Pane, View, about_value, lines};
use crate::command::Command;
use crate::moment::{Home, Moment, Slot, func_name, slot_label};
use crate::session::Request;
use crate::theme::Theme;
use crate::widgets::line::{Line, width};
use crate::widgets::scroll::Scroll;
use crate::words::{self, Base};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use wasmscope_trace_format::{SlotKind, Value};

/// The pane.
#[derive(Debug, Default)]
pub(super) struct Registers {
    height: usize,
    scroll: Scroll,
    /// Whether they are shown as WebAssembly has them: the operand stack, then named locals.
    wasm: bool,
    /// The moment last followed.
    seen: Option<u64>,
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

    fn chosen<'a>(&self, now: &'a Moment) -> Option<&'a Slot> {
        self.shown(now).get(self.scroll.at).copied()
    }
}

fn is_local(slot: &Slot, index: u32) -> bool {
    matches!(slot.kind, SlotKind::Param(at) | SlotKind::Local(at) if at == index)
}

/// The slot a value lives in, if it is in one.
fn lives(slot: &Slot, now: &Moment) -> Option<u32> {
    match slot.home {
        Home::Own => Some(slot.slot),
        Home::Slot(at) => Some(at),
        Home::Local(index) => now.slots.iter().find(|it| is_local(it, index)).map(|it| it.slot),
        Home::Constant => None,
    }
}

/// What it was at the step compared with, if that is something else.
fn was(slot: &Slot, now: &Moment) -> Option<Value> {
    let compared = now.compared.as_ref()?;
    let then = compared.slots.iter().find(|it| it.slot == slot.slot && it.kind == slot.kind)?.value?;
    (Some(then) != slot.value).then_some(then)
}

impl Pane for Registers {
    fn title(&self, now: &Moment) -> String {
        match &now.frame {
            Some(frame) if !now.innermost() => format!("of depth {}", frame.depth),
            _ => String::new(),
        }
    }

    fn notes(&self, now: &Moment) -> Vec<Note> {
        if let Some(compared) = &now.compared {
            let step = words::count(compared.step);
            return match compared.slots.is_empty() {
                true => vec![Note::new(format!("not running at {step}")), Note::more("nothing to compare")],
                false => {
                    let differ = now.slots.iter().filter(|slot| was(slot, now).is_some()).count();
                    vec![Note::new(format!("≠ {differ} differ from step {step}"))]
                }
            };
        }
        vec![Note::more(match self.wasm {
            true => "wasm stack, locals, where they live",
            false => "← written → read next",
        })]
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
        // Along a value it is what its maker reads that one goes on with.
        let passed = now.passed.as_deref().and_then(|label| slots.iter().position(|it| it.label() == label));
        let touched = match now.followed {
            true => passed.or(find(&reads)).or(find(&written)),
            false => find(&written).or(find(&reads)),
        };
        let len = slots.len();
        if let Some(at) = touched.filter(|_| self.seen != Some(now.step)) {
            self.scroll.select(at, len, self.height);
        }
        self.seen = Some(now.step);
        self.scroll.fit(len, self.height);
    }

    fn beyond(&self, now: &Moment) -> Beyond {
        let len = self.shown(now).len();
        Beyond::of(self.scroll.shown(len, self.height), len)
    }

    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect> {
        if let Some(by) = lines(command, count, self.height) {
            let len = self.shown(now).len();
            self.scroll.by(by, len);
            self.scroll.fit(len, self.height);
            return Some(Effect::Done);
        }
        match command {
            Command::View | Command::ViewBack => {
                self.wasm = !self.wasm;
                Some(Effect::Done)
            }
            Command::Follow => Some(match self.subject(now) {
                Some(subject) => Effect::Ask(Request::Follow(vec![subject])),
                None => Effect::Say("this value is a constant in the op".into()),
            }),
            Command::Address => match self.chosen(now)?.value {
                Some(value) => Some(Effect::ShowMemory(value.bits as u64)),
                None => Some(Effect::Say("this slot holds no value now".into())),
            },
            _ => None,
        }
    }

    fn click(&mut self, _x: u16, y: u16, now: &Moment) -> Option<Effect> {
        let len = self.shown(now).len();
        self.scroll.point(y, len).then_some(Effect::Done)
    }

    fn scroll(&mut self, _x: u16, by: i64, now: &Moment) -> Option<Effect> {
        let len = self.shown(now).len();
        self.scroll.turn(by, len, self.height);
        Some(Effect::Done)
    }

    fn copy(&self, now: &Moment, base: Base) -> Option<String> {
        self.chosen(now)?.value.map(|value| base.show(value))
    }

    fn subject(&self, now: &Moment) -> Option<String> {
        let label = slot_label(lives(self.chosen(now)?, now)?);
        Some(match &now.frame {
            Some(frame) if !now.innermost() => format!("{label} of {}@{}", frame.func, frame.entered),
            _ => label,
        })
    }

    fn menu(&self, now: &Moment) -> Vec<(String, String)> {
        let mut menu = self.subject(now).map_or_else(Vec::new, |it| about_value(&it));
        let Some(slot) = self.chosen(now) else { return menu };
        if let (Some(value), Some(at), Some(frame)) = (slot.value, lives(slot, now), &now.frame) {
            let (label, value) = (slot_label(at), Base::Signed.show(value));
            if now.innermost() {
                // An expression shown at every step is about the innermost frame.
                menu.push((format!("show {label} at every step"), format!("display {label}")));
            }
            let holds = format!("{label} == {value}");
            let here = format!("break {}+{:#x} if {holds}", frame.func, frame.ip);
            menu.push((format!("stop at this op if {holds}"), here));
            let name = func_name(frame.func, frame.name.as_deref());
            menu.push((format!("stop at {name} if {holds}"), format!("break {} if {holds}", frame.func)));
        }
        menu
    }

    fn view(&self) -> Option<String> {
        Some(if self.wasm { "stack" } else { "slots" }.to_owned())
    }

    fn set_view(&mut self, view: &str) {
        self.wasm = view == "stack";
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Follow, Command::Address, Command::View, Command::Base]
    }

    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        let slots = self.shown(now);
        if slots.is_empty() {
            let text = if now.frame.is_some() { "no slots hold a value" } else { "no frame" };
            Line::new(buf, area, 0).put(text, view.theme.dim);
            return;
        }
        let columns =
            if self.wasm { Columns::of_wasm(&slots, view, area) } else { Columns::of_slots(&slots, area) };
        let (written, reads) = (now.written_slots(), now.read_slots());
        for (row, (index, slot)) in
            slots.iter().enumerate().skip(self.scroll.top).enumerate().take(area.height.into())
        {
            let own = slot.home == Home::Own;
            let touched = Touched {
                written: own && written.contains(&slot.slot),
                read: own && reads.contains(&slot.slot),
                was: was(slot, now),
            };
            let mut line = Line::new(buf, area, row as u16);
            match self.wasm {
                true => columns.wasm(slot, &slots, now, &touched, view, &mut line),
                false => columns.slot(slot, now, &touched, view, &mut line),
            }
            if let Some(was) = touched.was {
                let room = line.room();
                line.clip(&format!(" was {}", view.base.show(was)), room, view.theme.message);
            }
            if index == self.scroll.at && view.focused {
                line.paint(view.theme.selected);
            }
        }
    }
}

/// What has happened or will happen to a slot.
struct Touched {
    written: bool,
    read: bool,
    was: Option<Value>,
}

impl Touched {
    /// Marks it; gives the style of its value.
    fn mark(&self, line: &mut Line<'_>, theme: &Theme) -> Style {
        let (mark, style) = match (self.written, self.read) {
            (true, true) => ("↔", theme.written),
            (true, false) => ("←", theme.written),
            (false, true) => ("→", theme.read),
            (false, false) => ("", theme.plain),
        };
        let differs = if self.was.is_some() { "≠" } else { "" };
        line.put(mark, theme.strong).put(differs, theme.strong).to(2);
        style
    }
}

/// Widths of what stands in a row.
struct Columns {
    label: usize,
    kinds: usize,
    names: usize,
    values: usize,
}

impl Columns {
    fn of_slots(slots: &[&Slot], area: Rect) -> Columns {
        let most = |of: &dyn Fn(&Slot) -> usize| slots.iter().map(|slot| of(slot)).max().unwrap_or(0);
        let names = most(&|slot| slot.name.as_deref().map_or(0, width)).min(usize::from(area.width) / 4);
        let label = most(&|slot| slot.label().len());
        let kinds = most(&|slot| words::kind(slot.kind).len());
        // What a slot is for is left out where it would take the value's room.
        let fits = usize::from(area.width) >= label + kinds + names + 24;
        Columns { label, kinds: if fits { kinds } else { 0 }, names, values: 0 }
    }

    fn of_wasm(slots: &[&Slot], view: &View<'_>, area: Rect) -> Columns {
        let names = slots.iter().map(|slot| width(&wasm_name(slot, slots))).max().unwrap_or(0);
        let values = slots.iter().filter_map(|slot| slot.value.map(|value| width(&view.base.show(value))));
        let columns = usize::from(area.width);
        let values = values.max().unwrap_or(0).clamp(1, (columns / 2).max(1));
        Columns { label: 0, kinds: 0, names: names.min(columns / 3), values }
    }

    /// A row as slots are: number, purpose, name, type, value, where it is.
    fn slot(&self, slot: &Slot, now: &Moment, touched: &Touched, view: &View<'_>, line: &mut Line<'_>) {
        let theme = view.theme;
        let style = touched.mark(line, theme);
        let own = slot.home == Home::Own;
        let (name, label) = (if own { slot.label() } else { "·".into() }, self.label);
        line.put(&format!("{name:<label$} "), if own { theme.name } else { theme.dim });
        if self.kinds > 0 {
            line.put(&format!("{:<width$} ", words::kind(slot.kind), width = self.kinds), theme.dim);
        }
        if self.names > 0 {
            let from = line.used();
            line.clip(slot.name.as_deref().unwrap_or(""), self.names, theme.plain);
            line.to(from + self.names + 1);
        }
        value(slot, line.room(), style, view, line);
        let home = match slot.home {
            Home::Own => String::new(),
            Home::Constant => " constant".into(),
            Home::Local(index) if lives(slot, now).is_none() => format!(" in local {index}"),
            _ => lives(slot, now).map_or_else(String::new, |at| format!(" in {}", slot_label(at))),
        };
        if line.room() >= home.len() {
            line.put(&home, theme.dim);
        }
    }

    /// A row as WebAssembly has it: height or name, type, value, where it lives.
    fn wasm(
        &self,
        slot: &Slot,
        slots: &[&Slot],
        now: &Moment,
        touched: &Touched,
        view: &View<'_>,
        line: &mut Line<'_>,
    ) {
        let theme = view.theme;
        let style = touched.mark(line, theme);
        let from = line.used();
        line.clip(&wasm_name(slot, slots), self.names, theme.name);
        line.to(from + self.names + 1);
        let from = line.used() + 5;
        value(slot, self.values, style, view, line);
        let home = match (slot.home, lives(slot, now)) {
            (Home::Own, _) => slot.label(),
            (Home::Slot(at), _) => format!("{}, an alias", slot_label(at)),
            (Home::Local(index), Some(at)) => format!("{}, alias of local {index}", slot_label(at)),
            (Home::Local(index), None) => format!("alias of local {index}"),
            (Home::Constant, _) => "a constant in the op".into(),
        };
        // Under the others, or as far to the left as all of it needs.
        let all = (line.used() + line.room()).saturating_sub(width(&home));
        line.to((from + self.values + 2).min(all).max(line.used() + 1));
        let room = line.room();
        line.clip(&home, room, theme.dim);
    }
}

/// What WebAssembly calls it.
fn wasm_name(slot: &Slot, slots: &[&Slot]) -> String {
    let top = slots.iter().find(|slot| matches!(slot.kind, SlotKind::Operand(_))).map(|it| it.kind);
    match (slot.kind, &slot.name) {
        (kind, _) if Some(kind) == top => "top".to_owned(),
        (SlotKind::Operand(height), _) => height.to_string(),
        (_, Some(name)) => format!("${name}"),
        (SlotKind::Param(index) | SlotKind::Local(index), None) => format!("local {index}"),
    }
}

/// Writes type and value.
fn value(slot: &Slot, room: usize, style: Style, view: &View<'_>, line: &mut Line<'_>) {
    let ty = slot.ty.or(slot.value.map(|value| value.ty)).map_or("", |ty| ty.name());
    line.put(&format!("{ty:<4} "), view.theme.dim);
    let shown = slot.value.map_or_else(|| "–".to_owned(), |value| view.base.show(value));
    line.clip(&shown, room.min(line.room()), style);
}
