//! Keys and replies in, effects out: what the screen is about to show, without a screen.
//!
//! ```text
//! key ─► count, sequence ─► command ─► overlay, focused pane, application ─► Effect
//! reply ─► moment ─► panes see it ─► wants changed? ─► Effect::Ask(Look)
//! ```
//!
//! One mode at a time: `Normal`, a prompt, a letter to come, or an overlay. Esc closes one layer per
//! press and never quits. Nothing here comes from the drawing library.
//! Elsewhere: what keys mean in each mode (`typing`), those typed before an answer has come (`ahead`), what
//! is asked of the session and answered (`asking`), what each command does (`act`), what stands where
//! (`arrange`), what stands on borders (`border`), the mouse (`mouse`), lists to choose from (`pick`), prompts and
//! what is typed into them (`prompt`), completion (`complete`), the footer's keys (`hints`), files of commands
//! (`lines`), what of the screen is remembered (`kept`).

mod act;
mod ahead;
mod arrange;
mod asking;
mod border;
mod complete;
mod hints;
mod kept;
mod lines;
mod mouse;
mod pick;
mod prompt;
mod typing;

pub use hints::Hint;
pub use mouse::{Mouse, MouseKind};
pub use pick::{Item, Listed, Picker};
pub use prompt::{Press, Prompt, PromptKind, Word};

use crate::command::{Command, Invocation};
use crate::keymap::Keymap;
use crate::keys::Key;
use crate::layout::Arrangement;
use crate::moment::{Moment, Wants};
use crate::panes::{self, Pane, PaneId};
use crate::session::Request;
use crate::theme::Scheme;
use crate::words::Base;
use std::collections::VecDeque;
use std::sync::Arc;

/// What the application asks of the world.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// Of the session.
    Ask(Request, Box<Wants>),
    /// Give up the searches under way.
    Cancel,
    /// Leave the terminal to the shell for a while.
    Suspend,
    /// Look like this from now on.
    Theme(Scheme),
    /// Listen to the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Put a text on the user's clipboard.
    Copy(String),
    /// Draw everything again.
    Redraw,
    /// End.
    Quit,
}

/// What keys mean at the moment.
#[derive(Clone, PartialEq, Debug)]
pub enum Mode {
    /// Commands.
    Normal,
    /// A line is typed.
    Prompt(Prompt),
    /// A letter belongs to this command.
    Letter(Command),
    /// Something is chosen from a list.
    Pick(Picker),
    /// A text of several lines is read: its title, its lines, the first shown.
    Text(String, Vec<String>, usize),
}

/// The application's state.
pub struct App {
    panes: Vec<Box<dyn Pane>>,
    /// Their inner sizes.
    sizes: [(u16, u16); PaneId::ALL.len()],
    focus: PaneId,
    /// Panes by their last use, latest first: who is in front where several share a place.
    recent: Vec<PaneId>,
    zoom: bool,
    mode: Mode,
    count: Option<u64>,
    pending: Vec<Key>,
    now: Option<Arc<Moment>>,
    message: Option<Result<String, String>>,
    progress: Option<u64>,
    late: bool,
    /// Whether what is shown is about to change: an answer is to come.
    waiting: bool,
    /// Keys that wait for it.
    ahead: VecDeque<ahead::Ahead>,
    base: Base,
    wanted: Wants,
    greeted: bool,
    newcomer: bool,
    looks: u32,
    screen: (u16, u16),
    strip: u16,
    arrangement: Arrangement,
    held: Option<mouse::Held>,
    /// Whether the mouse is listened to.
    listens: bool,
    /// The page of the tour that is shown, from 0.
    tour: Option<usize>,
    /// The step that values and memory are compared with.
    compared: Option<u64>,
    /// Whether the card is shown; by itself at a trap only.
    card: Option<bool>,
    /// The arrangement with what is hidden for other reasons.
    shown: Arrangement,
    /// The scheme of colours, once one was chosen by name.
    scheme: Option<Scheme>,
    keymap: Keymap,
    /// Lines typed before, the latest last.
    history: Vec<String>,
    /// What the text that is to come answers.
    asked: String,
    /// Lines still to be done, and the one that waits for an answer.
    lines: VecDeque<lines::Line>,
    doing: Option<lines::Line>,
}

impl Default for App {
    fn default() -> App {
        App::new()
    }
}

impl App {
    /// An application that has not seen anything yet.
    pub fn new() -> App {
        App {
            panes: panes::all(),
            sizes: Default::default(),
            focus: PaneId::Flow,
            recent: PaneId::ALL.to_vec(),
            zoom: false,
            mode: Mode::Normal,
            count: None,
            pending: Vec::new(),
            now: None,
            message: None,
            progress: None,
            late: false,
            waiting: false,
            ahead: VecDeque::new(),
            base: Base::default(),
            wanted: Wants::default(),
            greeted: false,
            newcomer: true,
            looks: 0,
            screen: (0, 0),
            strip: 0,
            arrangement: Arrangement::default(),
            held: None,
            listens: true,
            tour: None,
            compared: None,
            card: None,
            shown: Arrangement { hidden: vec![PaneId::Card], ..Arrangement::default() },
            scheme: None,
            keymap: Keymap::default(),
            history: Vec::new(),
            asked: String::new(),
            lines: VecDeque::new(),
            doing: None,
        }
    }

    /// Takes these keys.
    pub fn set_keymap(&mut self, keymap: Keymap) {
        self.keymap = keymap;
    }

    /// The keys bound.
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// Says that there were sessions before: nobody has to be shown around.
    pub fn set_known(&mut self) {
        self.newcomer = false;
    }

    /// The key that shows a newcomer around.
    pub fn guide(&self) -> Option<String> {
        let key = self.keymap.first(Command::Tour);
        (self.newcomer && !key.is_empty()).then_some(key)
    }

    /// Takes up lines typed in earlier sessions.
    pub fn set_history(&mut self, history: Vec<String>) {
        self.history = history;
    }

    /// Lines typed, the latest last.
    pub fn history(&self) -> &[String] {
        &self.history
    }

    /// The mode.
    pub fn mode(&self) -> &Mode {
        &self.mode
    }

    /// Whether more is to be typed.
    pub fn is_asking(&self) -> bool {
        matches!(self.mode, Mode::Prompt(_) | Mode::Letter(_))
    }

    /// Closes whatever is open.
    pub fn close(&mut self) {
        self.mode = Mode::Normal;
    }

    /// The pane that has the focus.
    pub fn focus(&self) -> PaneId {
        self.focus
    }

    /// The pane that has the whole screen.
    pub fn zoomed(&self) -> Option<PaneId> {
        self.zoom.then_some(self.focus)
    }

    /// A pane.
    pub fn pane(&self, id: PaneId) -> &dyn Pane {
        self.panes[id as usize].as_ref()
    }

    /// Which of the panes that share a place is in front.
    pub fn front(&self, group: &[PaneId]) -> PaneId {
        let used = self.recent.iter().find(|it| group.contains(it));
        *used.unwrap_or(&self.focus)
    }

    /// What is shown.
    pub fn now(&self) -> Option<&Moment> {
        self.now.as_deref()
    }

    /// What the user is told; `Err` went wrong.
    pub fn message(&self) -> Option<&Result<String, String>> {
        self.message.as_ref()
    }

    /// Tells the user something until the next key.
    pub fn say(&mut self, message: Result<String, String>) {
        self.message = Some(message);
    }

    /// The step a search has come to, 0 until it says; only once it takes long.
    pub fn progress(&self) -> Option<u64> {
        self.progress.filter(|_| self.late)
    }

    /// Told when an answer has not come at once.
    pub fn late(&mut self) {
        self.late = true;
    }

    /// How integers are shown.
    pub fn base(&self) -> Base {
        self.base
    }

    /// The count and the keys of a sequence typed so far.
    pub fn count(&self) -> String {
        let mut text = self.count.map_or_else(String::new, |count| count.to_string());
        for key in &self.pending {
            text.push_str(&key.to_string());
        }
        text
    }

    /// Notes the size of the screen.
    pub fn screen_is(&mut self, width: u16, height: u16) {
        if self.screen != (width, height) {
            self.screen = (width, height);
            self.looks = 0;
        }
    }

    /// Notes how many parts the map of the run has room for.
    pub fn strip_is(&mut self, columns: u16) {
        self.strip = columns;
    }

    /// What the user has changed about the layout; worth remembering.
    pub fn arrangement(&self) -> &Arrangement {
        &self.arrangement
    }

    /// The layout as it is now.
    pub fn shown(&self) -> &Arrangement {
        &self.shown
    }

    /// The page of the tour that is shown, from 0.
    pub fn tour(&self) -> Option<usize> {
        self.tour
    }

    /// Whether the card is shown.
    fn card(&self) -> bool {
        self.card.unwrap_or_else(|| self.now().is_some_and(crate::lesson::trapped))
    }

    /// Has the card closed, so that it can be opened.
    pub fn close_card(&mut self) {
        self.card = Some(false);
    }

    /// Works out what is shown, after anything that may have changed it.
    pub fn settle(&mut self) {
        if self.focus == PaneId::Card && !self.card() {
            self.focus_on(PaneId::Flow);
        }
        self.shown = Arrangement { tour: self.tour.is_some(), ..self.arrangement.clone() };
        if !self.card() {
            self.shown.hidden.push(PaneId::Card);
        }
    }

    /// Whether the mouse is to be listened to.
    pub fn set_mouse(&mut self, listens: bool) {
        self.listens = listens;
    }

    /// Notes which colours are used.
    pub fn set_scheme(&mut self, scheme: Scheme) {
        self.scheme = Some(scheme);
    }

    /// Gives a pane its inner size; what it shows is put to rights if that is another than before.
    pub fn resize(&mut self, id: PaneId, width: u16, height: u16) {
        let size = (width, height);
        let changed = std::mem::replace(&mut self.sizes[id as usize], size) != size;
        if changed {
            self.looks = 0;
        }
        let pane = &mut self.panes[id as usize];
        pane.resize(width, height);
        if let Some(now) = self.now.as_ref().filter(|_| changed) {
            pane.see(now);
        }
    }

    fn focus_on(&mut self, id: PaneId) -> Vec<Effect> {
        if id == PaneId::Card {
            self.card = Some(true);
        }
        self.focus = id;
        self.arrangement.hidden.retain(|&it| it != id);
        self.recent.retain(|&it| it != id);
        self.recent.insert(0, id);
        Vec::new()
    }

    /// Lets all panes hear what is asked.
    fn hear(&mut self, effect: &panes::Effect) {
        for pane in &mut self.panes {
            pane.hear(effect);
        }
    }

    fn obey(&mut self, effect: panes::Effect) -> Vec<Effect> {
        if let Some(refusal) = self.panes.iter().find_map(|pane| pane.refuses(&effect)) {
            self.say(Err(refusal));
            return self.look();
        }
        self.hear(&effect);
        match effect {
            panes::Effect::Done => self.look(),
            panes::Effect::Ask(request) => self.ask(request),
            panes::Effect::Say(text) => {
                self.say(Ok(text));
                self.look()
            }
            panes::Effect::Type(text) => self.open_with(&text),
            panes::Effect::ShowMemory(_) => {
                self.focus_on(PaneId::Memory);
                self.look()
            }
            panes::Effect::Explain(..) => {
                self.card = Some(true);
                self.look()
            }
            panes::Effect::Compare(_) | panes::Effect::Bytes(_) | panes::Effect::Asks => self.look(),
        }
    }
}

impl From<Command> for Invocation {
    fn from(command: Command) -> Invocation {
        Invocation { command, count: None, arg: String::new() }
    }
}
