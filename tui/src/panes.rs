//! What a pane is, and all of them.
//!
//! ```text
//! resize ─► wants ─► (session) ─► see ─► draw, draw, …
//!              ▲                   │
//!              └──── act ◄─ keys ──┘
//! ```
//!
//! A pane keeps small state of its own (scroll, selection), says which bounded part of a moment it
//! wants, acts on commands and draws. It knows no engine, no file, no key and no other pane.

mod card;
mod code;
mod flow;
mod footer;
mod globals;
mod host;
mod memory;
mod output;
mod picker;
mod places;
mod registers;
mod said;
mod stack;
mod status;
mod strip;
mod tables;
mod tour;
mod tree;

pub use footer::{footer, footer_command, footer_word};
pub use picker::{Picked, picker, picker_at, text, text_at, text_top};
pub use said::said;
pub use status::status;
pub use strip::{strip, strip_along, strip_columns, strip_step};
pub use tour::{tour, tour_command};

use crate::command::Command;
use crate::moment::{Moment, Wants};
use crate::session::Request;
use crate::theme::Theme;
use crate::words::Base;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};
use wasmscope_trace_format::FuncId;

/// What signs on the screen mean: the signs, a word, a sentence.
pub const SIGNS: [&[(&str, &str, &str)]; 2] = [&strip::SIGNS, &memory::SIGNS];

/// The panes, in the order Tab goes through them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaneId {
    /// Bytecode of a function.
    Code,
    /// Handler returns around the cursor.
    Flow,
    /// Slots of a frame.
    Registers,
    /// Activations.
    Stack,
    /// Bytes.
    Memory,
    /// Globals.
    Globals,
    /// What the program printed.
    Output,
    /// Calls of the host.
    Host,
    /// The calls of the whole run.
    Tree,
    /// Elements of tables.
    Tables,
    /// Breakpoints, watchpoints, marks, notes, displays.
    Places,
    /// What an op does, or why the run trapped, in sentences.
    Card,
}

impl PaneId {
    /// All panes in order.
    pub const ALL: [PaneId; 12] = [
        PaneId::Code,
        PaneId::Flow,
        PaneId::Registers,
        PaneId::Stack,
        PaneId::Memory,
        PaneId::Globals,
        PaneId::Output,
        PaneId::Host,
        PaneId::Tree,
        PaneId::Tables,
        PaneId::Places,
        PaneId::Card,
    ];

    /// Its name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            PaneId::Code => "code",
            PaneId::Flow => "flow",
            PaneId::Registers => "registers",
            PaneId::Stack => "call stack",
            PaneId::Memory => "memory",
            PaneId::Globals => "globals",
            PaneId::Output => "output",
            PaneId::Host => "host calls",
            PaneId::Tree => "tree",
            PaneId::Tables => "tables",
            PaneId::Places => "places",
            PaneId::Card => "explain",
        }
    }

    /// Its name where room is short.
    pub fn short(self) -> &'static str {
        match self {
            PaneId::Registers => "regs",
            PaneId::Stack => "stk",
            PaneId::Memory => "mem",
            PaneId::Globals => "glo",
            PaneId::Output => "out",
            PaneId::Host => "host",
            PaneId::Tables => "tab",
            other => other.name(),
        }
    }
}

/// What a pane did with a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// It changed itself, or found nothing to do.
    Done,
    /// The session is to do something.
    Ask(Request),
    /// The bytes at an address are to be shown.
    ShowMemory(u64),
    /// The user is to be told something.
    Say(String),
    /// The command line opens with this typed already.
    Type(String),
    /// An op is to be explained.
    Explain(FuncId, u32),
    /// Values and memory are to be compared with another step, or no more.
    Compare(Option<u64>),
    /// Memory is to be searched for these bytes; for the next of them if there are none.
    Bytes(Vec<u8>),
    /// The session has been asked to do something, by whomever.
    Asks,
}

/// A note at the right end of a pane's border.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// What it says.
    pub text: String,
    /// Whether it is only worth it where there is room.
    pub spare: bool,
    /// What a press on it does.
    pub command: Option<Command>,
}

impl Note {
    /// A note that is always shown.
    pub fn new(text: impl Into<String>) -> Note {
        Note { text: text.into(), spare: false, command: None }
    }

    /// One that can be pressed.
    pub fn does(text: impl Into<String>, command: Command) -> Note {
        Note { command: Some(command), ..Note::new(text) }
    }

    /// One for where there is room.
    pub fn more(text: impl Into<String>) -> Note {
        Note { spare: true, ..Note::new(text) }
    }
}

/// How to draw.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Styles.
    pub theme: &'a Theme,
    /// How integers are shown.
    pub base: Base,
    /// Whether the pane has the focus.
    pub focused: bool,
}

/// The lines that a pane has besides those it draws.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Beyond {
    /// Above them.
    pub above: u64,
    /// Below them.
    pub below: u64,
    /// Whether there may be more of them than that.
    pub more: bool,
}

impl Beyond {
    /// Beyond some lines of so many.
    pub(crate) fn of(shown: std::ops::Range<usize>, len: usize) -> Beyond {
        Beyond { above: shown.start as u64, below: len.saturating_sub(shown.end) as u64, more: false }
    }

    /// How many lines that is.
    pub fn lines(&self) -> u64 {
        self.above.saturating_add(self.below)
    }
}

/// A pane.
pub trait Pane {
    /// What its border says besides its name.
    fn title(&self, _now: &Moment) -> String {
        String::new()
    }
    /// What the right end of its border says, the most needed first.
    fn notes(&self, _now: &Moment) -> Vec<Note> {
        Vec::new()
    }
    /// Its inner size, before `wants` and `draw`.
    fn resize(&mut self, width: u16, height: u16);
    /// A new moment is there: follow it. Or it has another size: stay inside.
    fn see(&mut self, _now: &Moment) {}
    /// The part of a moment it shows.
    fn wants(&self) -> Wants {
        Wants::default()
    }
    /// What of it is not drawn, inside its border of now.
    fn beyond(&self, now: &Moment) -> Beyond;
    /// Whether it is a window on more than anybody reads: the run, a memory.
    fn is_window(&self) -> bool {
        false
    }
    /// Acts on a command while it has the focus; `None` leaves it to the application.
    fn act(&mut self, command: Command, count: u64, now: &Moment) -> Option<Effect>;
    /// Selects what the mouse presses, at a cell inside its border; `None` if nothing is there. What is
    /// pressed stays where it is: the second press of two finds it there.
    fn click(&mut self, _x: u16, _y: u16, _now: &Moment) -> Option<Effect> {
        None
    }
    /// Acts on a press of what is a button at a cell, if one is drawn there. Pressed `twice`, it acts twice; but
    /// what deletes has gone with the first press, and another stands in its place.
    fn push(&mut self, _x: u16, _y: u16, _twice: bool, _now: &Moment) -> Option<Effect> {
        None
    }
    /// Scrolls what is seen at a column by so many lines; what is selected stays selected.
    fn scroll(&mut self, _x: u16, _by: i64, _now: &Moment) -> Option<Effect> {
        None
    }
    /// What its selection is as text, to be copied.
    fn copy(&self, _now: &Moment, _base: Base) -> Option<String> {
        None
    }
    /// The value selected, as `watch` and `previous-write` name it.
    fn subject(&self, _now: &Moment) -> Option<String> {
        None
    }
    /// What can be done with the selection: in words, and the command line that does it.
    fn menu(&self, now: &Moment) -> Vec<(String, String)> {
        self.subject(now).map_or_else(Vec::new, |it| about_value(&it))
    }
    /// The way it shows what it shows, if there are several: a word that brings it back.
    fn view(&self) -> Option<String> {
        None
    }
    /// Shows it in the way of that word; as it does if that is none.
    fn set_view(&mut self, _view: &str) {}
    /// Why something that was asked by anybody cannot be done, if it is this pane that would do it.
    fn refuses(&self, _effect: &Effect) -> Option<String> {
        None
    }
    /// Hears what was asked by anybody.
    fn hear(&mut self, _effect: &Effect) {}
    /// Commands that mean something here in particular, for the footer.
    fn hints(&self) -> &'static [Command] {
        &[]
    }
    /// Commands that are offered for the selection.
    fn offers(&self, _now: &Moment) -> Vec<Command> {
        self.hints().to_vec()
    }
    /// Draws inside its border.
    fn draw(&self, now: &Moment, view: &View<'_>, area: Rect, buf: &mut Buffer);
}

/// All panes, in the order of [`PaneId::ALL`].
pub fn all() -> Vec<Box<dyn Pane>> {
    vec![
        Box::new(code::Code::default()),
        Box::new(flow::Flow::default()),
        Box::new(registers::Registers::default()),
        Box::new(stack::Stack::default()),
        Box::new(memory::Memory::default()),
        Box::new(globals::Globals::default()),
        Box::new(output::Output::default()),
        Box::new(host::Host::default()),
        Box::new(tree::Tree::default()),
        Box::new(tables::Tables::default()),
        Box::new(places::Places::default()),
        Box::new(card::Card::default()),
    ]
}

/// What can be done with a value that is written now and then.
fn about_value(subject: &str) -> Vec<(String, String)> {
    let line = |what: &str, command: &str| (what.to_owned(), format!("{command} {subject}"));
    vec![
        line("where it was written", "previous-write"),
        line("where it is written next", "next-write"),
        line("stop wherever it is written", "watch"),
    ]
}

/// What can be done with a line of the source.
fn about_line(line: &str) -> Vec<(String, String)> {
    vec![
        (format!("on to {line}"), format!("run-to {line}")),
        (format!("back to {line}"), format!("run-back-to {line}")),
        (format!("stop at {line}, or no more"), format!("break {line}")),
    ]
}

/// How many lines a scrolling command moves, if it is one.
fn lines(command: Command, count: u64, height: usize) -> Option<i64> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let half = (height as i64 / 2).max(1);
    Some(match command {
        Command::Down => count,
        Command::Up => -count,
        Command::PageDown => half.saturating_mul(count),
        Command::PageUp => -half.saturating_mul(count),
        _ => return None,
    })
}
