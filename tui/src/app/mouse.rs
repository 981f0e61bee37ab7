//! The mouse: what is under the pointer is what is meant.
//!
//! ```text
//! press   a pane: focus, and the line under the pointer     a tab: to the front     the map: go there
//!         a key in the footer: as if it was typed           a line of a list: it is done
//! twice   Enter, where it was pressed
//! right   what can be done with what is under the pointer
//! wheel   scrolls what is under the pointer, whoever has the focus
//! drag    an edge between panes moves it
//! ```

use super::{App, Effect, Mode};
use crate::command::Command;
use crate::keys::{Code, Key};
use crate::layout::{Edge, Layout, layout};
use crate::panes::{PaneId, Picked, footer_command, picker_at, strip_step};
use crate::session::{Request, Target};
use crate::widgets::frame;
use ratatui::layout::{Position, Rect};

/// What the mouse did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MouseKind {
    /// The left button went down.
    Press,
    /// The right button went down.
    Menu,
    /// It moved with the button down.
    Drag,
    /// The button went up.
    Release,
    /// The wheel turned away from the user.
    WheelUp,
    /// The wheel turned towards the user.
    WheelDown,
}

/// The mouse, at a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mouse {
    /// What it did.
    pub kind: MouseKind,
    /// Column of the screen.
    pub x: u16,
    /// Row of the screen.
    pub y: u16,
    /// Whether the press follows another at the same cell at once.
    pub twice: bool,
}

/// An edge that is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Held {
    edge: Edge,
    at: (u16, u16),
    moved: bool,
}

/// Lines that one turn of the wheel scrolls.
const LINES: u64 = 3;

impl App {
    pub(super) fn parts(&self) -> Layout {
        let screen = Rect::new(0, 0, self.screen.0, self.screen.1);
        layout(screen, self.zoomed(), &self.shown)
    }

    /// Whether a pane is in front where it stands.
    pub(super) fn is_front(&self, id: PaneId) -> bool {
        let parts = self.parts();
        parts.places.iter().any(|(_, group)| group.contains(&id) && self.front(group) == id)
    }

    /// Takes an event of the mouse.
    pub fn mouse(&mut self, mouse: Mouse) -> Vec<Effect> {
        self.looks = 0;
        match mouse.kind {
            MouseKind::WheelUp | MouseKind::WheelDown => self.wheel(mouse),
            MouseKind::Press | MouseKind::Menu if self.in_list() => self.press_list(mouse),
            MouseKind::Menu if self.mode == Mode::Normal => {
                self.message = None;
                let mut effects = self.choose(mouse);
                effects.extend(self.menu());
                effects
            }
            MouseKind::Press if self.mode == Mode::Normal => {
                let told = self.message.take().is_some();
                let footer = self.parts().footer.contains(Position::new(mouse.x, mouse.y));
                // Nobody presses on keys that a message hides.
                if told && footer { Vec::new() } else { self.press(mouse) }
            }
            MouseKind::Drag => self.drag(mouse),
            MouseKind::Release => match self.held.take() {
                Some(held) if !held.moved => self.choose(mouse),
                _ => Vec::new(),
            },
            MouseKind::Press | MouseKind::Menu => Vec::new(),
        }
    }

    /// Whether a list or a text lies over the panes.
    fn in_list(&self) -> bool {
        matches!(self.mode, Mode::Pick(_) | Mode::Text(..))
    }

    /// A press while a list or a text lies over the panes.
    fn press_list(&mut self, mouse: Mouse) -> Vec<Effect> {
        let screen = Rect::new(0, 0, self.screen.0, self.screen.1);
        let footer = self.parts().footer.contains(Position::new(mouse.x, mouse.y));
        match std::mem::replace(&mut self.mode, Mode::Normal) {
            Mode::Pick(mut picker) if !footer => {
                match picker_at(&picker, screen, Position::new(mouse.x, mouse.y)) {
                    Picked::Outside => Vec::new(),
                    Picked::Nothing => {
                        self.mode = Mode::Pick(picker);
                        Vec::new()
                    }
                    Picked::Item(at) => {
                        picker.at = at;
                        self.key_pick(picker, Key::plain(Code::Enter))
                    }
                }
            }
            _ => Vec::new(),
        }
    }

    fn wheel(&mut self, mouse: Mouse) -> Vec<Effect> {
        let up = mouse.kind == MouseKind::WheelUp;
        let by = if up { -(LINES as i64) } else { LINES as i64 };
        match &mut self.mode {
            Mode::Pick(picker) => picker.go(by),
            Mode::Text(_, lines, top) => {
                *top = top.saturating_add_signed(by as isize).min(lines.len().saturating_sub(1));
            }
            _ => {}
        }
        let (Mode::Normal, Some(now)) = (&self.mode, self.now.clone()) else { return Vec::new() };
        let command = if up { Command::Up } else { Command::Down };
        let acted =
            self.under(mouse).and_then(|(_, front)| self.panes[front as usize].act(command, LINES, &now));
        acted.map_or_else(Vec::new, |effect| self.obey(effect))
    }

    /// The place under the pointer and the pane in front of it.
    fn under(&self, mouse: Mouse) -> Option<(Rect, PaneId)> {
        let parts = self.parts();
        let at = Position::new(mouse.x, mouse.y);
        let (area, group) = parts.places.iter().find(|(area, _)| area.contains(at))?;
        Some((*area, self.front(group)))
    }

    fn press(&mut self, mouse: Mouse) -> Vec<Effect> {
        let parts = self.parts();
        let at = Position::new(mouse.x, mouse.y);
        if parts.strip.contains(at) {
            return match self.now().and_then(|now| strip_step(now, parts.strip, mouse.x)) {
                Some(step) => self.ask(Request::Goto(Target::Step(step))),
                None => Vec::new(),
            };
        }
        if parts.footer.contains(at) {
            return match footer_command(self, parts.footer.width, mouse.x - parts.footer.x) {
                Some(command) => self.run(command.into()),
                None => Vec::new(),
            };
        }
        let tab = parts.places.iter().find_map(|(area, group)| {
            (mouse.y == area.y && area.contains(at))
                .then(|| tab_under(*area, group, self.front(group), mouse.x))
        });
        if let Some(tab) = tab.flatten() {
            return self.focus_on(tab);
        }
        if let Some(edge) = parts.edges.into_iter().find(|it| it.area.contains(at)) {
            self.held = Some(Held { edge, at: (mouse.x, mouse.y), moved: false });
            return Vec::new();
        }
        self.choose(mouse)
    }

    /// A press on a pane.
    fn choose(&mut self, mouse: Mouse) -> Vec<Effect> {
        let parts = self.parts();
        let at = Position::new(mouse.x, mouse.y);
        let Some((area, group)) = parts.places.iter().find(|(area, _)| area.contains(at)) else {
            return Vec::new();
        };
        let front = self.front(group);
        let mut effects = self.focus_on(front);
        let inside = frame::inner(*area);
        let Some(now) = self.now.clone() else { return effects };
        if inside.contains(at) {
            let pane = &mut self.panes[front as usize];
            let mut acted = pane.click(mouse.x - inside.x, mouse.y - inside.y, &now);
            if mouse.twice {
                acted = self.panes[front as usize].act(Command::Follow, 1, &now).or(acted);
            }
            if let Some(effect) = acted {
                effects.extend(self.obey(effect));
            }
        }
        effects
    }

    fn drag(&mut self, mouse: Mouse) -> Vec<Effect> {
        let Some(held) = &mut self.held else { return Vec::new() };
        let by = match held.edge.across {
            true => i32::from(mouse.x) - i32::from(held.at.0),
            false => i32::from(mouse.y) - i32::from(held.at.1),
        };
        held.moved |= by != 0;
        if held.moved {
            let sizes = held.edge.moved(by);
            self.arrangement.shares.insert(held.edge.split.to_owned(), sizes);
        }
        Vec::new()
    }
}

/// The pane whose tab is at a column of a place's upper border.
fn tab_under(area: Rect, group: &[PaneId], front: PaneId, x: u16) -> Option<PaneId> {
    if frame::inner(area) == area {
        return None;
    }
    let (tabs, at) = tabs(group, front, area.width);
    let tab = frame::tab_at(&tabs, at, x - area.x)?;
    Some(if tabs.len() == group.len() { group[tab] } else { front })
}

/// What the tabs of a place say, whatever fits: all names, all short names, or the front one's; and
/// which of them is in front.
pub(crate) fn tabs(group: &[PaneId], front: PaneId, width: u16) -> (Vec<String>, usize) {
    use crate::widgets::line::width as columns;
    let fits =
        |tabs: &[String]| tabs.iter().map(|it| columns(it) + 1).sum::<usize>() + 6 <= usize::from(width);
    let long: Vec<String> = group.iter().map(|it| it.name().to_owned()).collect();
    let short: Vec<String> = group.iter().map(|it| it.short().to_owned()).collect();
    // Where not even the short names fit, their number says that there are more.
    let more = match group.len() - 1 {
        0 => String::new(),
        others => format!(" +{others}"),
    };
    let here = vec![format!("{}{more}", front.name())];
    let at = group.iter().position(|&it| it == front).unwrap_or(0);
    match () {
        () if fits(&long) => (long, at),
        () if fits(&short) => (short, at),
        () if fits(&here) => (here, 0),
        () => (vec![front.short().to_owned()], 0),
    }
}
