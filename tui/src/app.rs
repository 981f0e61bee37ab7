//! Keys and replies in, effects out: what the screen is about to show, without a screen.
//!
//! ```text
//! key ─► count, sequence ─► command ─► overlay, focused pane, application ─► Effect
//! reply ─► moment ─► panes see it ─► wants changed? ─► Effect::Ask(Look)
//! ```
//!
//! One mode at a time: `Normal`, a prompt, a letter to come, or an overlay. Esc closes one layer per
//! press and never quits. Nothing here comes from the drawing library.
//! Elsewhere: what each command does (`act`), the mouse (`mouse`), prompts and what is typed into them (`prompt`), the
//! footer's keys (`hints`).

mod act;
mod hints;
mod mouse;
mod prompt;

pub(crate) use mouse::tabs;
pub use mouse::{Mouse, MouseKind};
pub use prompt::{Prompt, PromptKind};

use crate::command::{self, Command, Invocation, Match};
use crate::keys::{Code, Key};
use crate::layout::Arrangement;
use crate::moment::{Moment, RunEnd, Wants};
use crate::panes::{self, Pane, PaneId};
use crate::session::{Direction, Reply, Request};
use crate::theme::Scheme;
use crate::widgets::scroll::Scroll;
use crate::words::Base;
use std::sync::Arc;

/// What the application asks of the world.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// Of the session.
    Ask(Request, Wants),
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
    /// The help overlay, scrolled to a line.
    Help(usize),
    /// The list of breakpoints.
    Breakpoints(Scroll),
}

/// The application's state.
pub struct App {
    panes: Vec<Box<dyn Pane>>,
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
    base: Base,
    wanted: Wants,
    greeted: bool,
    looks: u32,
    screen: (u16, u16),
    strip: u16,
    arrangement: Arrangement,
    held: Option<mouse::Held>,
    /// Whether the mouse is listened to.
    listens: bool,
    /// The page of the tour that is shown, from 0.
    tour: Option<usize>,
    /// The step memory is compared with.
    compared: Option<u64>,
    /// Whether the card is shown; by itself at a trap only.
    card: Option<bool>,
    /// The arrangement with what is hidden for other reasons.
    shown: Arrangement,
    /// The scheme of colours, once one was chosen by name.
    scheme: Option<Scheme>,
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
            base: Base::default(),
            wanted: Wants::default(),
            greeted: false,
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
        }
    }

    /// The mode.
    pub fn mode(&self) -> &Mode {
        &self.mode
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

    /// Lays the screen out as it was once.
    pub fn arrange_as(&mut self, arrangement: Arrangement) {
        self.arrangement = arrangement;
        self.arrangement.hidden.retain(|&it| it != self.focus);
        self.settle();
    }

    /// Whether the mouse is to be listened to.
    pub fn set_mouse(&mut self, listens: bool) {
        self.listens = listens;
    }

    /// Notes which colours are used.
    pub fn set_scheme(&mut self, scheme: Scheme) {
        self.scheme = Some(scheme);
    }

    /// Gives a pane its inner size.
    pub fn resize(&mut self, id: PaneId, width: u16, height: u16) {
        self.panes[id as usize].resize(width, height);
    }

    /// Looks again if the panes want something else than they were given.
    pub fn look(&mut self) -> Vec<Effect> {
        let wants = self.wants();
        // Panes settle after one look, two at most; one that does not must not keep us busy for ever.
        if wants == self.wanted || self.looks >= 8 {
            return Vec::new();
        }
        self.looks += 1;
        self.wanted = wants.clone();
        vec![Effect::Ask(Request::Look, wants)]
    }

    /// What all panes want.
    fn wants(&self) -> Wants {
        let map = Wants { strip: self.strip, ..Wants::default() };
        // What is behind another pane costs nothing, unless coming to the front should show it at once.
        let cheap = |id: PaneId| (id as usize) <= PaneId::Output as usize;
        let front = |id: PaneId| !self.shown.hidden.contains(&id) && self.is_front(id);
        let asked = PaneId::ALL.into_iter().filter(|&id| cheap(id) || front(id));
        asked.fold(map, |wants, id| wants.and(self.panes[id as usize].wants()))
    }

    /// Takes an answer of the session; `busy` while more are to come.
    pub fn reply(&mut self, reply: Reply, busy: bool) -> Vec<Effect> {
        match reply {
            Reply::Moment { moment, message, .. } => {
                let waits = moment.run == RunEnd::WaitingForInput && moment.step == moment.end;
                for pane in &mut self.panes {
                    pane.see(&moment);
                }
                if !self.greeted {
                    self.greeted = true;
                    if !moment.about.notes.is_empty() {
                        self.say(Ok(moment.about.notes.join(" · ")));
                    }
                }
                if message.is_some() {
                    self.message = message;
                } else if waits && self.message.is_none() {
                    self.say(Ok("the program waits for input: i gives it a line".into()));
                }
                self.now = Some(moment);
                if !busy {
                    (self.progress, self.late) = (None, false);
                }
                self.look()
            }
            Reply::Progress { step, .. } => {
                self.progress = Some(step);
                self.late = true;
                Vec::new()
            }
            Reply::Surveyed if !busy && self.now.is_some() => self.ask(Request::Look),
            Reply::Surveyed => Vec::new(),
            Reply::Failed { message, .. } => {
                self.say(Err(message));
                if !busy {
                    (self.progress, self.late) = (None, false);
                }
                Vec::new()
            }
        }
    }

    /// Takes pasted text; only a prompt has a use for it.
    pub fn paste(&mut self, text: &str) {
        if let Mode::Prompt(prompt) = &mut self.mode {
            prompt.edit.insert(text);
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Vec<Effect> {
        self.looks = 0;
        match std::mem::replace(&mut self.mode, Mode::Normal) {
            Mode::Normal => self.key_normal(key),
            Mode::Prompt(prompt) => self.key_prompt(prompt, key),
            Mode::Letter(command) => match key.code {
                Code::Char(letter) if !key.ctrl && !key.alt && command == Command::Mark => {
                    self.ask(Request::Mark(letter))
                }
                Code::Char(letter) if !key.ctrl && !key.alt => self.ask(Request::Jump(letter)),
                _ => Vec::new(),
            },
            Mode::Help(top) => self.key_overlay(Mode::Help(top), key),
            Mode::Breakpoints(list) => self.key_overlay(Mode::Breakpoints(list), key),
        }
    }

    fn key_normal(&mut self, key: Key) -> Vec<Effect> {
        self.message = None;
        if let (Code::Char(digit @ '0'..='9'), false, false) = (key.code, key.ctrl, key.alt)
            && (digit != '0' || self.count.is_some())
        {
            let digit = u64::from(digit as u32 - '0' as u32);
            let count = self.count.unwrap_or(0);
            self.count = Some(count.saturating_mul(10).saturating_add(digit));
            return Vec::new();
        }
        self.pending.push(key);
        let (command, nth) = match command::lookup(&self.pending) {
            Match::Exact(command, nth) => (command, nth),
            // A command that is also the beginning of a longer one opens a prompt; the rest of the
            // sequence is recognised there.
            Match::Prefix(Some(command)) => (command, 1),
            Match::Prefix(None) => return Vec::new(),
            Match::None => {
                let typed = self.count();
                self.pending.clear();
                self.count = None;
                if key.code != Code::Esc {
                    self.say(Err(format!("{typed} does nothing; ? lists the keys")));
                }
                return Vec::new();
            }
        };
        let keep = std::mem::take(&mut self.pending);
        let typed_something = self.count.is_some();
        let invocation = Invocation {
            command,
            count: self.count.take(),
            arg: match command {
                Command::Pane => nth.to_string(),
                _ => String::new(),
            },
        };
        if command == Command::Cancel && typed_something {
            return Vec::new();
        }
        let effects = self.run(invocation);
        if let (Mode::Prompt(_), Command::Goto) = (&self.mode, command) {
            self.pending = keep;
        }
        effects
    }

    fn key_prompt(&mut self, mut prompt: Prompt, key: Key) -> Vec<Effect> {
        let mut sequence = std::mem::take(&mut self.pending);
        if !sequence.is_empty() && prompt.edit.text().is_empty() {
            sequence.push(key);
            let whole = command::lookup(&sequence);
            let alone = command::lookup(&[key]);
            let end = Match::Exact(Command::End, 1);
            if let Match::Exact(command, _) = if alone == end { alone } else { whole } {
                return self.run(command.into());
            }
        }
        match (key.code, key.ctrl) {
            (Code::Esc, _) | (Code::Char('c'), true) => Vec::new(),
            (Code::Backspace, _) if prompt.edit.text().is_empty() => Vec::new(),
            (Code::Enter, _) => self.submit(prompt),
            (Code::Char('d'), true) if prompt.kind == PromptKind::Input => self.ask(Request::Input(None)),
            _ => {
                prompt.edit.key(key);
                self.mode = Mode::Prompt(prompt);
                Vec::new()
            }
        }
    }

    fn key_overlay(&mut self, mode: Mode, key: Key) -> Vec<Effect> {
        let command = match command::lookup(&[key]) {
            Match::Exact(command, _) | Match::Prefix(Some(command)) => command,
            _ => {
                self.mode = mode;
                return Vec::new();
            }
        };
        let by: i64 = match command {
            Command::Down => 1,
            Command::Up => -1,
            Command::PageDown | Command::Step => 10,
            Command::PageUp | Command::StepBack => -10,
            Command::Start | Command::Goto => i64::MIN,
            Command::End => i64::MAX,
            _ => 0,
        };
        match (mode, command) {
            (_, Command::Cancel | Command::Quit) => {}
            (Mode::Help(_), Command::Help) | (Mode::Breakpoints(_), Command::Breakpoints) => {}
            (Mode::Help(top), _) => {
                let top = (top as i64).saturating_add(by).clamp(0, 10_000);
                self.mode = Mode::Help(top as usize);
            }
            (Mode::Breakpoints(mut list), command) => {
                let breakpoints = self.now().map_or(&[][..], |now| &now.breakpoints);
                let place = breakpoints.get(list.at).map(|it| it.place);
                list.by(by, breakpoints.len());
                match (command, place) {
                    (Command::Follow, Some(place)) => {
                        return self.ask(Request::RunOf(place, Direction::Forward));
                    }
                    (Command::Break, Some(place)) => {
                        self.mode = Mode::Breakpoints(list);
                        return self.ask(Request::Toggle(place));
                    }
                    _ => self.mode = Mode::Breakpoints(list),
                }
            }
            (mode, _) => self.mode = mode,
        }
        Vec::new()
    }

    /// Scrolls help no further than it goes.
    pub fn clamp_help(&mut self, last: usize) {
        if let Mode::Help(top) = &mut self.mode {
            *top = (*top).min(last);
        }
    }

    fn ask(&mut self, request: Request) -> Vec<Effect> {
        self.looks = 0;
        if request != Request::Look {
            self.progress = Some(0);
        }
        self.wanted = self.wants();
        vec![Effect::Ask(request, self.wanted.clone())]
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

    fn obey(&mut self, effect: panes::Effect) -> Vec<Effect> {
        for pane in &mut self.panes {
            pane.hear(&effect);
        }
        match effect {
            panes::Effect::Done => self.look(),
            panes::Effect::Ask(request) => self.ask(request),
            panes::Effect::Say(text) => {
                self.say(Ok(text));
                self.look()
            }
            panes::Effect::ShowMemory(_) => {
                self.focus_on(PaneId::Memory);
                self.look()
            }
            panes::Effect::Explain(..) => {
                self.card = Some(true);
                self.look()
            }
            panes::Effect::Compare(_) => self.look(),
        }
    }
}

impl From<Command> for Invocation {
    fn from(command: Command) -> Invocation {
        Invocation { command, count: None, arg: String::new() }
    }
}
