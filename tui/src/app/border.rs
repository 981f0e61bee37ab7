//! What stands on the borders of panes, and what a press on it means.
//!
//! ```text
//! ┌ [mem]│out│glo ───────────────┐   a tab: to the front
//! └ 64 KiB ─────── u32 · follows ┘   a note: the command it stands for
//! ```
//!
//! Elsewhere: where the parts of a border stand (`widgets/frame`).

use super::App;
use crate::command::Command;
use crate::moment::Moment;
use crate::panes::PaneId;
use crate::widgets::frame::{self, Frame};
use ratatui::layout::{Position, Rect};

/// What of a border can be pressed.
pub(super) enum Pressed {
    /// A tab: this pane is to come to the front.
    Tab(PaneId),
    /// A note of the pane in front that stands for a command.
    Note(PaneId, Command),
}

impl App {
    /// The border of a place that these panes share.
    pub fn border(&self, now: &Moment, group: &[PaneId], area: Rect) -> Frame {
        let front = self.front(group);
        let pane = self.pane(front);
        let (tabs, at) = tabs(group, front, area.width);
        let notes = pane.notes(now).into_iter();
        let notes = notes.map(|it| frame::Note { text: it.text, spare: it.spare }).collect();
        Frame { focused: front == self.focus, tabs, front: at, title: pane.title(now), notes }
    }

    /// What of a border is at a cell.
    pub(super) fn on_border(&self, at: Position) -> Option<Pressed> {
        let (now, parts) = (self.now()?, self.parts());
        let (area, group) = parts.places.iter().find(|(area, _)| area.contains(at))?;
        if frame::inner(*area) == *area {
            return None;
        }
        let (front, border) = (self.front(group), self.border(now, group, *area));
        let (x, y) = (at.x - area.x, at.y - area.y);
        if let Some(tab) = frame::tab_at(&border.tabs, border.front, x).filter(|_| y == 0) {
            return Some(Pressed::Tab(if border.tabs.len() == group.len() { group[tab] } else { front }));
        }
        let note = border.note_at(*area, x, y)?;
        Some(Pressed::Note(front, self.pane(front).notes(now).get(note)?.command?))
    }
}

/// What the tabs of a place say, whatever fits: all names, all short names, or the front one's; and
/// which of them is in front.
fn tabs(group: &[PaneId], front: PaneId, width: u16) -> (Vec<String>, usize) {
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
