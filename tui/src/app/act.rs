//! What each command does: the focused pane is asked first, then it is the application's.
//!
//! ```text
//! Invocation { Over, count 3, "" } ─► focused pane: None ─► Ask(Travel(Over, Forward, 3))
//! ```
//!
//! A command with an argument (from the command line) never goes to a pane.

use super::{App, Effect, Mode, PromptKind};
use crate::command::{self, Command, Invocation};
use crate::panes::{self, PaneId};
use crate::session::{Direction, Goal, Request, Target};
use crate::theme::Scheme;
use crate::tour::PAGES;
use crate::widgets::scroll::Scroll;

impl App {
    /// Does what a command says.
    pub fn run(&mut self, invocation: Invocation) -> Vec<Effect> {
        let Invocation { command, count, arg } = invocation;
        let times = count.unwrap_or(1).max(1);
        let Some(now) = self.now.clone() else {
            return match command {
                Command::Quit => vec![Effect::Quit],
                _ => Vec::new(),
            };
        };
        if arg.is_empty() || command == Command::Pane {
            let acted = self.panes[self.focus as usize].act(command, times, &now);
            if let Some(effect) = acted {
                return self.obey(effect);
            }
        }
        let travel = |app: &mut App, goal, direction| app.ask(Request::Travel(goal, direction, times));
        use Direction::{Backward, Forward};
        match command {
            Command::Down | Command::Step => travel(self, Goal::Steps(1), Forward),
            Command::Up | Command::StepBack => travel(self, Goal::Steps(1), Backward),
            Command::Over => travel(self, Goal::Over, Forward),
            Command::OverBack => travel(self, Goal::Over, Backward),
            Command::Into => travel(self, Goal::Into, Forward),
            Command::IntoBack => travel(self, Goal::Into, Backward),
            Command::Out => travel(self, Goal::Out, Forward),
            Command::OutBack => travel(self, Goal::Out, Backward),
            Command::Continue => travel(self, Goal::Continue, Forward),
            Command::ContinueBack => travel(self, Goal::Continue, Backward),
            Command::PageDown => travel(self, Goal::Steps(10), Forward),
            Command::PageUp => travel(self, Goal::Steps(10), Backward),
            Command::Goto if !arg.is_empty() => self.goto(&arg),
            Command::Goto => match count {
                Some(step) => self.ask(Request::Goto(Target::Step(step))),
                None => self.open(PromptKind::Goto),
            },
            Command::Start => self.ask(Request::Goto(Target::Step(0))),
            Command::End => self.ask(Request::Goto(count.map_or(Target::End, Target::Step))),
            Command::Percent => match count {
                Some(percent) => self.ask(Request::Goto(Target::Percent(percent))),
                None => {
                    self.say(Err("type the number first: 50% is the middle".into()));
                    Vec::new()
                }
            },
            Command::Break if !arg.is_empty() => self.ask(Request::ToggleNamed(arg)),
            Command::Break => self.ask(Request::ToggleHere),
            Command::Breakpoints => {
                if now.breakpoints.is_empty() {
                    self.say(Ok("no breakpoints; b sets one, :break NAME too".into()));
                } else {
                    self.mode = Mode::Breakpoints(Scroll::default());
                }
                Vec::new()
            }
            Command::Mark | Command::Jump => match (arg.chars().next(), command) {
                (Some(letter), Command::Mark) => self.ask(Request::Mark(letter)),
                (Some(letter), _) => self.ask(Request::Jump(letter)),
                (None, _) => {
                    self.mode = Mode::Letter(command);
                    Vec::new()
                }
            },
            Command::Back => self.ask(Request::Back),
            Command::Forward => self.ask(Request::Forward),
            Command::NextPane => self.cycle(1),
            Command::PreviousPane => self.cycle(PaneId::ALL.len() - 1),
            Command::Pane => self.pane_named(&arg),
            Command::Zoom => {
                self.zoom = !self.zoom;
                Vec::new()
            }
            Command::Tour => {
                let next = self.tour.map_or(0, |page| page + 1);
                self.page(arg.parse().map_or(next, |page: usize| page.saturating_sub(1)))
            }
            Command::TourBack => self.page(self.tour.unwrap_or(0).saturating_sub(1)),
            Command::Explain => {
                self.card = Some(!self.card());
                Vec::new()
            }
            Command::Compare => {
                self.compared = match (arg.trim(), self.compared) {
                    ("", Some(_)) | ("off", _) => None,
                    ("", None) => Some(now.step),
                    (text, _) => match text.replace(['_', ','], "").parse() {
                        Ok(step) => Some(step),
                        Err(_) => {
                            self.say(Err(format!("'{text}' is no step: :compare 120, :compare off")));
                            return Vec::new();
                        }
                    },
                };
                let told = match self.compared {
                    Some(step) => format!("memory marks what is different at step {step}"),
                    None => "memory is not compared".into(),
                };
                self.say(Ok(told));
                self.obey(panes::Effect::Compare(self.compared))
            }
            Command::View | Command::ViewBack | Command::Counts => {
                self.say(Ok("this pane has one way to show what it shows".into()));
                Vec::new()
            }
            Command::CellNext | Command::CellBack => {
                self.say(Ok("this moves in the memory pane".into()));
                Vec::new()
            }
            Command::Hide => self.hide(&arg),
            Command::Show => self.show(&arg),
            Command::Wider => self.resize_focused(true, 2 * times.min(500) as i32),
            Command::Narrower => self.resize_focused(true, -2 * times.min(500) as i32),
            Command::Taller => self.resize_focused(false, times.min(500) as i32),
            Command::Shorter => self.resize_focused(false, -(times.min(500) as i32)),
            Command::Theme => self.theme(&arg),
            Command::Mouse => {
                self.listens = !self.listens;
                self.say(Ok(match self.listens {
                    true => "the mouse is listened to; shift leaves it to the terminal".into(),
                    false => "the mouse is the terminal's".to_owned(),
                }));
                vec![Effect::Mouse(self.listens)]
            }
            Command::Copy => match self.panes[self.focus as usize].copy(&now, self.base) {
                Some(text) => {
                    let shown: String = text.chars().take(60).collect();
                    let more = if shown.len() < text.len() { "…" } else { "" };
                    self.say(Ok(format!("copied: {shown}{more}")));
                    vec![Effect::Copy(text)]
                }
                None => {
                    self.say(Ok("nothing is selected here that could be copied".into()));
                    Vec::new()
                }
            },
            Command::Follow => {
                self.say(Ok("nothing to follow here; Tab goes to another pane".into()));
                Vec::new()
            }
            Command::Address if !arg.is_empty() => self.address(&arg),
            Command::Address => self.open(PromptKind::Address),
            Command::Track | Command::Memory => {
                let effect = self.panes[PaneId::Memory as usize].act(command, times, &now);
                effect.map_or_else(Vec::new, |effect| self.obey(effect))
            }
            Command::Base => {
                self.base = self.base.cycled();
                self.say(Ok(format!("numbers are {}", self.base.name())));
                Vec::new()
            }
            Command::Input if !arg.is_empty() => self.input(&arg),
            Command::Input => {
                if now.run.can_grow() {
                    self.open(PromptKind::Input)
                } else {
                    self.say(Err("only a live program can be given input".into()));
                    Vec::new()
                }
            }
            Command::Help => {
                self.mode = Mode::Help(0);
                Vec::new()
            }
            Command::CommandLine => self.open(PromptKind::Command),
            Command::Cancel => {
                if self.progress.is_some() {
                    return vec![Effect::Cancel];
                }
                // One layer per press.
                if self.zoom {
                    self.zoom = false;
                } else if self.tour.take().is_none() {
                    self.card = self.card().then_some(false);
                }
                Vec::new()
            }
            Command::Suspend => vec![Effect::Suspend],
            Command::Redraw => vec![Effect::Redraw],
            Command::Quit => vec![Effect::Quit],
        }
    }

    fn cycle(&mut self, by: usize) -> Vec<Effect> {
        let hidden = &self.shown.hidden;
        let shown: Vec<PaneId> = PaneId::ALL.into_iter().filter(|it| !hidden.contains(it)).collect();
        let at = shown.iter().position(|&it| it == self.focus).unwrap_or(0);
        match shown.get((at + by % shown.len().max(1)) % shown.len().max(1)) {
            Some(&next) => self.focus_on(next),
            None => Vec::new(),
        }
    }

    /// Shows a page of the tour and sets its scene; behind the last the tour is over.
    fn page(&mut self, page: usize) -> Vec<Effect> {
        self.tour = Some(page).filter(|&page| page < PAGES.len());
        self.zoom = false;
        let Some(page) = self.tour else {
            let key = crate::keys::pretty(Command::Tour.entry().keys);
            self.say(Ok(format!("that was the tour; {key} begins it again")));
            return Vec::new();
        };
        let scene = PAGES[page].scene.iter().filter_map(|line| command::parse(line).ok());
        scene.flat_map(|invocation| self.run(invocation)).collect()
    }

    fn hide(&mut self, arg: &str) -> Vec<Effect> {
        let id = match arg {
            "" => self.focus,
            name => match self.named(name) {
                Some(id) => id,
                None => return Vec::new(),
            },
        };
        if id == PaneId::Card {
            self.card = Some(false);
            return Vec::new();
        }
        let left = PaneId::ALL
            .iter()
            .filter(|it| **it != id && **it != PaneId::Card && !self.arrangement.hidden.contains(it));
        if left.count() == 0 {
            self.say(Err("this is the last pane shown".into()));
            return Vec::new();
        }
        if !self.arrangement.hidden.contains(&id) {
            self.arrangement.hidden.push(id);
        }
        self.settle();
        self.zoom = false;
        let keys = crate::keys::pretty(Command::Show.entry().keys);
        self.say(Ok(format!("{} is hidden; {keys} shows all panes again", id.name())));
        if id == self.focus { self.cycle(0) } else { Vec::new() }
    }

    fn show(&mut self, arg: &str) -> Vec<Effect> {
        if arg.is_empty() {
            self.arrangement.hidden.clear();
            return Vec::new();
        }
        match self.named(arg) {
            Some(id) => self.focus_on(id),
            None => Vec::new(),
        }
    }

    fn theme(&mut self, arg: &str) -> Vec<Effect> {
        let scheme = match (arg, self.scheme) {
            ("", Some(scheme)) => Some(scheme.next()),
            ("", None) => Some(Scheme::ALL[0]),
            (name, _) => Scheme::named(name),
        };
        match scheme {
            Some(scheme) => {
                self.scheme = Some(scheme);
                self.say(Ok(format!("the theme is {}", scheme.name())));
                vec![Effect::Theme(scheme)]
            }
            None => {
                let names = Scheme::ALL.map(Scheme::name).join(", ");
                self.say(Err(format!("the themes are {names}")));
                Vec::new()
            }
        }
    }

    /// The pane of that number or name; the user is told if there is none.
    fn named(&mut self, arg: &str) -> Option<PaneId> {
        let numbered = arg.parse::<usize>().ok().and_then(|n| PaneId::ALL.get(n.wrapping_sub(1)));
        let named = PaneId::ALL.iter().find(|it| !arg.is_empty() && it.name().starts_with(arg));
        let found = numbered.or(named).copied();
        if found.is_none() {
            let names: Vec<&str> = PaneId::ALL.iter().map(|it| it.name()).collect();
            self.say(Err(format!("the panes are {}", names.join(", "))));
        }
        found
    }

    fn pane_named(&mut self, arg: &str) -> Vec<Effect> {
        match self.named(arg) {
            Some(id) => self.focus_on(id),
            None => Vec::new(),
        }
    }
}
