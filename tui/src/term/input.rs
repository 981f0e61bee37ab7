//! The terminal library's keys and mouse as ours.

use crate::app::{Mouse, MouseKind};
use crate::keys::{Code, Key};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use std::time::{Duration, Instant};

/// Where and when the mouse was pressed last: a press there soon after is the second of two.
#[derive(Default)]
pub(super) struct Presses(Option<(Instant, u16, u16)>);

impl Presses {
    /// The terminal library's mouse as ours.
    pub(super) fn mouse_of(&mut self, event: MouseEvent) -> Option<Mouse> {
        let (x, y) = (event.column, event.row);
        let kind = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => MouseKind::Press,
            MouseEventKind::Down(MouseButton::Right) => MouseKind::Menu,
            MouseEventKind::Drag(MouseButton::Left) => MouseKind::Drag,
            MouseEventKind::Up(MouseButton::Left) => MouseKind::Release,
            MouseEventKind::ScrollUp => MouseKind::WheelUp,
            MouseEventKind::ScrollDown => MouseKind::WheelDown,
            _ => return None,
        };
        let mut twice = false;
        if kind == MouseKind::Press {
            let now = Instant::now();
            let again = |&(then, at, row): &(Instant, u16, u16)| {
                (at, row) == (x, y) && now.duration_since(then) < Duration::from_millis(400)
            };
            twice = self.0.as_ref().is_some_and(again);
            self.0 = (!twice).then_some((now, x, y));
        }
        Some(Mouse { kind, x, y, twice })
    }
}

/// The terminal library's key as ours.
pub(super) fn key_of(key: KeyEvent) -> Option<Key> {
    let code = match key.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::F(n) => Code::F(n),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => Code::BackTab,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        _ => return None,
    };
    Some(Key {
        code,
        ctrl: key.modifiers.contains(KeyModifiers::CONTROL),
        alt: key.modifiers.contains(KeyModifiers::ALT),
    })
}
