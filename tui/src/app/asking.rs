//! What is asked of the session, and what becomes of its answers.
//!
//! ```text
//! ask ─► Effect::Ask(Request, Wants) ─► session ─► Reply::Moment ─► panes see it ─► they want more? ─► look
//! ```
//!
//! Always: panes settle after one look or two; one that does not is not asked for ever.
//! Elsewhere: what waits for an answer (`ahead`).

use super::pick::Picker;
use super::{App, Effect, Mode};
use crate::command::{self, Command};
use crate::moment::{Moment, RunEnd, Wants, Why};
use crate::panes::{self, PaneId};
use crate::session::{Reply, Request};
use crate::words;

/// The note on the step one has come to.
fn arrived_at_note(before: Option<&Moment>, now: &Moment) -> Option<(u64, String)> {
    let note = now.notes.iter().find(|note| note.0 == now.step)?;
    before.is_none_or(|before| before.step != now.step).then(|| note.clone())
}

impl App {
    /// Looks again if the panes want something else than they were given.
    pub fn look(&mut self) -> Vec<Effect> {
        let wants = self.wants();
        // Panes settle after one look, two at most; one that does not must not keep us busy for ever.
        if wants == self.wanted || self.looks >= 8 {
            return Vec::new();
        }
        self.looks += 1;
        self.waiting = true;
        self.wanted = wants.clone();
        vec![Effect::Ask(Request::Look, Box::new(wants))]
    }

    /// What all panes want.
    pub(super) fn wants(&self) -> Wants {
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
                let found = moment.found.filter(|_| self.now().is_none_or(|now| now.found != moment.found));
                if found.is_some_and(|found| found.addr.is_none()) {
                    self.say(Err("these bytes are nowhere in this memory".into()));
                }
                if let Some(Ok(text)) = &message
                    && text.contains('\n')
                {
                    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
                    let finds = command::parse(&self.asked).is_ok_and(|it| it.command == Command::Find);
                    self.mode = match finds {
                        true => Mode::Pick(Picker::steps(&lines)),
                        false => Mode::Text(self.asked.clone(), lines, 0),
                    };
                } else if message.is_some() {
                    if matches!(message, Some(Err(_))) {
                        self.forget_press();
                    }
                    self.message = message;
                } else if let Some((step, note)) = arrived_at_note(self.now(), &moment) {
                    self.say(Ok(format!("note on step {}: {note}", words::count(step))));
                } else if !moment.displays.is_empty() && self.message.is_none() {
                    let shown = moment.displays.iter().map(|it| match &it.value {
                        Ok(value) => format!("{} = {value}", it.text),
                        Err(_) => format!("{} = –", it.text),
                    });
                    self.say(Ok(shown.collect::<Vec<_>>().join(" · ")));
                } else if waits && self.message.is_none() {
                    self.say(Ok("the program waits for input: i gives it a line".into()));
                }
                let shown = moment.shown.filter(|_| self.now().is_none_or(|now| now.shown != moment.shown));
                self.now = Some(moment);
                self.answered(busy);
                let cancelled = self.now().is_some_and(|now| now.why == Why::Cancelled);
                if cancelled {
                    self.lines.clear();
                }
                let mut effects = match shown.and_then(|it| it.addr) {
                    Some(addr) => self.obey(panes::Effect::ShowMemory(addr)),
                    None => self.look(),
                };
                effects.extend(self.next_line());
                effects
            }
            Reply::Progress { step, .. } => {
                self.progress = Some(step);
                self.late = true;
                Vec::new()
            }
            Reply::Surveyed if !busy && self.now.is_some() => self.ask(Request::Look),
            Reply::Surveyed => Vec::new(),
            Reply::Failed { message, .. } => {
                self.forget_press();
                self.say(Err(message));
                self.answered(busy);
                self.next_line()
            }
        }
    }

    pub(super) fn ask(&mut self, request: Request) -> Vec<Effect> {
        self.looks = 0;
        self.waiting = true;
        if request != Request::Look {
            self.progress = Some(0);
            self.hear(&panes::Effect::Asks);
        }
        self.wanted = self.wants();
        vec![Effect::Ask(request, Box::new(self.wanted.clone()))]
    }

    /// What comes behind a line of commands that has been answered and shown.
    fn next_line(&mut self) -> Vec<Effect> {
        if self.waiting {
            return Vec::new();
        }
        self.done();
        match self.lines.is_empty() {
            true => Vec::new(),
            false => self.go_on(),
        }
    }

    fn answered(&mut self, busy: bool) {
        if !busy {
            (self.progress, self.late, self.waiting) = (None, false, false);
        }
    }
}
