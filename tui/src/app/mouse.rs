//! The mouse: what is under the pointer is what is meant.
//!
//! ```text
//! press   a pane: focus, and the line under the pointer     a tab: to the front     the map: go there
//!         a key in the footer: as if it was typed           a line of a list: it is done
//!         a note on a border: what it stands for            while something is typed: it is left
//! twice   Enter, where it was pressed
//! right   what can be done with what is under the pointer
//! wheel   scrolls what is under the pointer, whoever has the focus; what is selected stays selected
//! drag    an edge between panes moves it            along the map: one goes along in time
//! ```
//!
//! Always: what follows a press (Enter, the menu) is about what was pressed, and waits for the answer to it.
//! Elsewhere: what waits (`ahead`), what stands on borders (`border`).

use super::border::Pressed;
use super::{App, Effect, Mode, Press};
use crate::command::Command;
use crate::keys::{Code, Key};
use crate::layout::{Edge, Layout, layout};
use crate::panes::{
    self, PaneId, Picked, footer_command, footer_word, picker_at, strip_along, strip_step, text_at, text_top,
    tour_command,
};
use crate::session::{Request, Target};
use crate::widgets::edit::Edit;
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

/// What is held while the button is down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Held {
    /// An edge: where it was taken, and whether it was moved.
    Edge(Edge, (u16, u16), bool),
    /// The map of the run: the column of the screen one is at.
    Map(u16),
}

/// Lines that one turn of the wheel scrolls.
const LINES: i64 = 3;

impl App {
    /// All of the screen.
    pub(super) fn area(&self) -> Rect {
        Rect::new(0, 0, self.screen.0, self.screen.1)
    }

    pub(super) fn parts(&self) -> Layout {
        let screen = self.area();
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
            MouseKind::WheelUp => self.wheel(mouse, -LINES),
            MouseKind::WheelDown => self.wheel(mouse, LINES),
            MouseKind::Press | MouseKind::Menu => match self.mode {
                Mode::Pick(_) | Mode::Text(..) => self.press_list(mouse),
                Mode::Prompt(_) | Mode::Letter(_) => self.press_asked(mouse),
                Mode::Normal => self.press_normal(mouse),
            },
            MouseKind::Drag => self.drag(mouse),
            MouseKind::Release => match self.held.take() {
                Some(Held::Edge(.., false)) => self.choose(mouse),
                _ => Vec::new(),
            },
        }
    }

    /// A press while nothing lies over the panes and nothing is typed.
    fn press_normal(&mut self, mouse: Mouse) -> Vec<Effect> {
        // Keys stand where they do because of the message beside them.
        let footer = self.parts().footer;
        let on_footer = footer.contains(Position::new(mouse.x, mouse.y));
        let command = on_footer.then(|| footer_command(self, footer.width, mouse.x - footer.x)).flatten();
        self.message = None;
        self.forget_press();
        match (mouse.kind, command) {
            (MouseKind::Menu, _) => self.choose(mouse),
            (_, Some(command)) => self.run(command.into()),
            _ => self.press(mouse),
        }
    }

    /// A press while a list or a text lies over the panes: on a line of a list it does that, in a text it
    /// changes nothing, outside it closes them.
    fn press_list(&mut self, mouse: Mouse) -> Vec<Effect> {
        let screen = self.area();
        let at = Position::new(mouse.x, mouse.y);
        let footer = self.parts().footer.contains(at);
        match std::mem::replace(&mut self.mode, Mode::Normal) {
            Mode::Pick(mut picker) if !footer => match picker_at(&picker, screen, at) {
                Picked::Outside => Vec::new(),
                Picked::Nothing => {
                    self.mode = Mode::Pick(picker);
                    Vec::new()
                }
                // Each press shows some that were not in sight.
                Picked::Below(more) => {
                    let to = picker.shown.len() - more;
                    picker.go(to as i64 - picker.at as i64);
                    self.mode = Mode::Pick(picker);
                    Vec::new()
                }
                Picked::Item(index) => {
                    picker.at = index;
                    self.key_pick(picker, Key::plain(Code::Enter))
                }
            },
            Mode::Text(title, lines, mut top) if !footer => {
                match text_at(&title, &lines, top, screen, at) {
                    Picked::Outside => return Vec::new(),
                    // A line of a list of steps is the step it begins with.
                    Picked::Item(line) => {
                        if let Some(step) = leading_step(&lines[line], self.now().map_or(0, |now| now.end)) {
                            return self.ask(Request::Goto(Target::Step(step)));
                        }
                    }
                    Picked::Below(more) => {
                        top = text_top(&title, &lines, lines.len() - more, screen);
                    }
                    Picked::Nothing => {}
                }
                self.mode = Mode::Text(title, lines, top);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// A press while a line or a letter is typed: on a word of the last line it does that, anywhere else it
    /// leaves the line and is a press like any other.
    fn press_asked(&mut self, mouse: Mouse) -> Vec<Effect> {
        let footer = self.parts().footer;
        if footer.contains(Position::new(mouse.x, mouse.y)) {
            let Mode::Prompt(prompt) = &mut self.mode else {
                self.mode = Mode::Normal;
                return Vec::new();
            };
            return match footer_word(prompt, footer.width, mouse.x - footer.x) {
                Some(Press::Key(key)) => self.key(key),
                Some(Press::Put(text)) => {
                    prompt.edit = Edit::new(text);
                    prompt.edited();
                    Vec::new()
                }
                Some(Press::Submit(text)) => {
                    prompt.edit = Edit::new(text);
                    self.key(Key::plain(Code::Enter))
                }
                None => Vec::new(),
            };
        }
        self.mode = Mode::Normal;
        self.pending.clear();
        self.press_normal(mouse)
    }

    fn wheel(&mut self, mouse: Mouse, by: i64) -> Vec<Effect> {
        let screen = self.area();
        match &mut self.mode {
            Mode::Pick(picker) => {
                picker.go(by);
                return Vec::new();
            }
            Mode::Text(title, lines, top) => {
                *top = text_top(title, lines, top.saturating_add_signed(by as isize), screen);
                return Vec::new();
            }
            _ => {}
        }
        let (Some(now), Some((area, front))) = (self.now.clone(), self.under(mouse)) else {
            return Vec::new();
        };
        let x = mouse.x.saturating_sub(frame::inner(area).x);
        let scrolled = self.panes[front as usize].scroll(x, by, &now);
        scrolled.map_or_else(Vec::new, |effect| self.obey(effect))
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
            self.held = Some(Held::Map(mouse.x));
            return match self.now().and_then(|now| strip_step(now, parts.strip, mouse.x)) {
                Some(step) => self.ask(Request::Goto(Target::Step(step))),
                None => Vec::new(),
            };
        }
        if parts.tour.contains(at) {
            return match self.tour.and_then(|page| tour_command(page, parts.tour, at)) {
                Some(command) => self.run(command.into()),
                None => Vec::new(),
            };
        }
        match self.on_border(at) {
            Some(Pressed::Tab(id)) => return self.focus_on(id),
            Some(Pressed::Note(id, command)) => {
                let mut effects = self.focus_on(id);
                effects.extend(self.run(command.into()));
                return effects;
            }
            None => {}
        }
        if let Some(edge) = parts.edges.into_iter().find(|it| it.area.contains(at)) {
            self.held = Some(Held::Edge(edge, (mouse.x, mouse.y), false));
            return Vec::new();
        }
        self.choose(mouse)
    }

    /// A press on a pane: what is there is selected; a second press does what Enter does, the right button
    /// lists what can be done, both with what was pressed.
    fn choose(&mut self, mouse: Mouse) -> Vec<Effect> {
        let Some((area, front)) = self.under(mouse) else { return Vec::new() };
        let mut effects = self.focus_on(front);
        let (inside, at) = (frame::inner(area), Position::new(mouse.x, mouse.y));
        let Some(now) = self.now.clone().filter(|_| inside.contains(at)) else { return effects };
        let (x, y) = (mouse.x - inside.x, mouse.y - inside.y);
        let pane = &mut self.panes[front as usize];
        let pushed = (mouse.kind == MouseKind::Press).then(|| pane.push(x, y, mouse.twice, &now)).flatten();
        if let Some(pushed) = pushed {
            effects.extend(self.obey(pushed));
            return effects;
        }
        let Some(pressed) = pane.click(x, y, &now) else { return effects };
        let there = !matches!(pressed, panes::Effect::Say(_));
        effects.extend(self.obey(pressed));
        let command = match mouse.kind {
            MouseKind::Menu => Some(Command::Menu),
            MouseKind::Press if mouse.twice => Some(Command::Follow),
            _ => None,
        };
        if let Some(command) = command.filter(|_| there) {
            effects.extend(self.follow_press(command));
        }
        effects
    }

    fn drag(&mut self, mouse: Mouse) -> Vec<Effect> {
        match &mut self.held {
            Some(Held::Edge(edge, from, moved)) => {
                let by = match edge.across {
                    true => i32::from(mouse.x) - i32::from(from.0),
                    false => i32::from(mouse.y) - i32::from(from.1),
                };
                *moved |= by != 0;
                if *moved {
                    let sizes = edge.moved(by);
                    self.arrangement.shares.insert(edge.split.to_owned(), sizes);
                }
                Vec::new()
            }
            Some(Held::Map(at)) if *at != mouse.x => {
                *at = mouse.x;
                let strip = self.parts().strip;
                match self.now().and_then(|now| strip_along(now, strip, mouse.x)) {
                    Some(step) => self.ask(Request::Along(step)),
                    None => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }
}

/// The step a line of a list begins with, if it is one of the run.
fn leading_step(line: &str, end: u64) -> Option<u64> {
    let word = line.split_whitespace().next()?;
    word.replace(',', "").parse().ok().filter(|&step| step <= end)
}
