//! What each command does: the focused pane is asked first, then it is the application's.
//!
//! ```text
//! Invocation { Over, count 3, "" } ─► focused pane: None ─► Ask(Travel(Over, Forward, 3))
//! ```
//!
//! A command with an argument (from the command line) never goes to a pane.

use super::pick::Picker;
use super::{App, Effect, Mode, PromptKind};
use crate::command::{Command, Invocation};
use crate::layout::Arrangement;
use crate::moment::{Moment, bytes_named};
use crate::panes::{self, PaneId};
use crate::session::{Ask, Direction, Goal, Request, Stride, Target, Unit};
use crate::words;
use wasmscope_trace_format::{Effect as Did, Outcome};

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
        let stride = |app: &mut App, stride, direction| app.ask(Request::Stride(stride, direction, times));
        self.asked = match arg.is_empty() {
            true => command.entry().name.to_owned(),
            false => format!("{} {arg}", command.entry().name),
        };
        use Direction::{Backward, Forward};
        match command {
            Command::Down | Command::Step => stride(self, Stride::Unit, Forward),
            Command::Up | Command::StepBack => stride(self, Stride::Unit, Backward),
            Command::Over => travel(self, Goal::Over, Forward),
            Command::OverBack => travel(self, Goal::Over, Backward),
            Command::Into => travel(self, Goal::Into, Forward),
            Command::IntoBack => travel(self, Goal::Into, Backward),
            Command::Out => travel(self, Goal::Out, Forward),
            Command::OutBack => travel(self, Goal::Out, Backward),
            Command::Continue => travel(self, Goal::Continue, Forward),
            Command::ContinueBack => travel(self, Goal::Continue, Backward),
            Command::Operator => stride(self, Stride::Operator, Forward),
            Command::OperatorBack => stride(self, Stride::Operator, Backward),
            Command::Block => stride(self, Stride::Block, Forward),
            Command::BlockBack => stride(self, Stride::Block, Backward),
            Command::Iteration => stride(self, Stride::Iteration, Forward),
            Command::IterationBack => stride(self, Stride::Iteration, Backward),
            Command::Call => stride(self, Stride::Call, Forward),
            Command::CallBack => stride(self, Stride::Call, Backward),
            Command::HostCall => stride(self, Stride::HostCall, Forward),
            Command::HostCallBack => stride(self, Stride::HostCall, Backward),
            Command::Line => stride(self, Stride::Line, Forward),
            Command::LineBack => stride(self, Stride::Line, Backward),
            Command::Coarser => self.ask(Request::ShiftUnit(1)),
            Command::Finer => self.ask(Request::ShiftUnit(-1)),
            Command::Unit => match Unit::named(&arg) {
                Some(unit) => self.ask(Request::Unit(unit)),
                None => {
                    let names = Unit::ALL.map(|it| it.1).join(", ");
                    self.say(Err(format!("a step can be one {names}: unit block")));
                    Vec::new()
                }
            },
            Command::RunTo | Command::RunBackTo if arg.is_empty() => {
                self.open_with(&format!("{} ", command.entry().name))
            }
            Command::RunTo => self.ask(Request::RunTo(arg, Forward)),
            Command::RunBackTo => self.ask(Request::RunTo(arg, Backward)),
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
            Command::Break if !arg.is_empty() => self.ask(Request::Break(arg)),
            Command::Break => self.ask(Request::ToggleHere),
            Command::Breakpoints | Command::Marks => self.focus_on(PaneId::Places),
            Command::Display if arg.is_empty() => self.focus_on(PaneId::Places),
            Command::Watch => match self.subject(&arg, &now) {
                Some(what) => self.ask(Request::Watch(what)),
                None => self.open_with("watch "),
            },
            Command::PrevWrite | Command::NextWrite => match self.subject(&arg, &now) {
                Some(what) => {
                    let direction = if command == Command::PrevWrite { Backward } else { Forward };
                    self.ask(Request::WriteOf(what, direction))
                }
                None => self.open_with(&format!("{} ", command.entry().name)),
            },
            Command::Origin => match origin(&arg) {
                Some((step, offset)) => self.ask(Request::Origin(step, offset)),
                None if arg.is_empty() => self.open_with("origin "),
                None => {
                    self.say(Err(format!("'{arg}' is no step that printed: origin 59664, origin 59664 12")));
                    Vec::new()
                }
            },
            Command::Delete
            | Command::Toggle
            | Command::Enable
            | Command::Disable
            | Command::Ignore
            | Command::Condition
            | Command::Undisplay
                if arg.is_empty() =>
            {
                self.open_with(&format!("{} ", command.entry().name))
            }
            Command::Delete => self.ask(Request::Delete(arg)),
            Command::Toggle => self.ask(Request::Flip(arg)),
            Command::Enable => self.ask(Request::Enable(arg, true)),
            Command::Disable => self.ask(Request::Enable(arg, false)),
            Command::Ignore => self.ask(Request::Ignore(arg)),
            Command::Condition => self.ask(Request::Condition(arg)),
            Command::Note if arg.is_empty() => self.open_note(),
            Command::Note => self.ask(Request::Note(arg)),
            Command::Search if arg.is_empty() => self.open(PromptKind::Search),
            Command::Search => self.ask(Request::Search(arg, Forward)),
            Command::SearchBack if arg.is_empty() => self.open_with("search-back "),
            Command::SearchBack => self.ask(Request::Search(arg, Backward)),
            Command::NextMatch => self.ask(Request::Match(Forward, times)),
            Command::PreviousMatch => self.ask(Request::Match(Backward, times)),
            Command::Filter if arg.is_empty() && now.filter.is_some() => self.ask(Request::Filter(arg)),
            Command::Filter if arg.is_empty() => self.open(PromptKind::Filter),
            Command::Filter => self.ask(Request::Filter(arg)),
            Command::Find if arg.is_empty() => self.open_with("find "),
            Command::Find => self.ask(Request::Ask(Ask::Find(arg))),
            Command::Display => self.ask(Request::Display(arg)),
            Command::Undisplay => self.ask(Request::Undisplay(arg)),
            Command::Print if arg.is_empty() => self.open_with("print "),
            Command::Print => self.ask(Request::Ask(Ask::Print(arg))),
            Command::Where => self.ask(Request::Ask(Ask::Where)),
            Command::Backtrace => self
                .ask(Request::Ask(Ask::Backtrace(arg.parse().unwrap_or(count.map_or(50, |it| it as i64))))),
            Command::Registers => self.ask(Request::Ask(Ask::Registers(arg.parse().ok().or(count)))),
            Command::Globals => self.ask(Request::Ask(Ask::Globals)),
            Command::Memory if arg.is_empty() => self.open_with("memory "),
            Command::Memory => self.ask(Request::Ask(Ask::Memory(arg))),
            Command::List => self.ask(Request::Ask(Ask::List(arg))),
            Command::Events => self.ask(Request::Ask(Ask::Events(arg.parse().unwrap_or(times as i64)))),
            Command::Output => self.ask(Request::Ask(Ask::Output)),
            Command::HostCalls => self.ask(Request::Ask(Ask::HostCalls(count.unwrap_or(20)))),
            Command::Functions => self.ask(Request::Ask(Ask::Functions(arg))),
            Command::Info => self.ask(Request::Ask(Ask::Info)),
            Command::Source if arg.is_empty() => self.open_with("source "),
            Command::Source => self.source(&arg),
            Command::Menu => self.menu(),
            Command::Palette => {
                self.mode = Mode::Pick(Picker::palette(&self.keymap, &now));
                Vec::new()
            }
            Command::Mark | Command::Jump if arg.chars().nth(1).is_some() => {
                self.say(Err(format!("a mark is one letter, not '{arg}'")));
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
            Command::PreviousPane => self.cycle(-1),
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
            Command::Explain if self.card.is_none() && self.card() => {
                // It came by itself: first one wants to read it.
                self.focus_on(PaneId::Card)
            }
            Command::Explain => {
                self.card = Some(!self.card());
                Vec::new()
            }
            Command::Bytes if arg.is_empty() && self.wants().needle.is_none() => self.open_with("bytes "),
            Command::Bytes => match needle(&arg) {
                Ok(bytes) => {
                    self.focus_on(PaneId::Memory);
                    self.obey(panes::Effect::Bytes(bytes))
                }
                Err(error) => {
                    self.say(Err(error));
                    Vec::new()
                }
            },
            Command::Compare => {
                self.compared = match (arg.trim(), self.compared) {
                    ("", Some(_)) | ("off", _) => None,
                    ("", None) => Some(now.step),
                    (text, _) => match text.replace(['_', ','], "").parse::<u64>() {
                        Ok(step) if step <= now.end => Some(step),
                        Ok(step) => {
                            let [step, end] = [step, now.end].map(words::count);
                            self.say(Err(format!("there is no step {step}: the run is known up to {end}")));
                            return Vec::new();
                        }
                        Err(_) => {
                            self.say(Err(format!("'{text}' is no step: :compare 120, :compare off")));
                            return Vec::new();
                        }
                    },
                };
                let told = match self.compared {
                    Some(step) => format!("what is different at step {} is marked", words::count(step)),
                    None => "nothing is compared any more".into(),
                };
                self.say(Ok(told));
                self.obey(panes::Effect::Compare(self.compared))
            }
            Command::View | Command::ViewBack | Command::Counts => {
                self.say(Ok("this pane has one way to show what it shows".into()));
                Vec::new()
            }
            Command::Unfold => {
                self.say(Ok("this unfolds the tree of calls: :pane tree".into()));
                Vec::new()
            }
            Command::CellNext | Command::CellBack => {
                self.say(Ok("this moves in the memory pane".into()));
                Vec::new()
            }
            Command::Hide => self.hide(&arg),
            Command::Show => self.show(&arg),
            Command::Layout => {
                self.arrangement = Arrangement::default();
                self.zoom = false;
                self.say(Ok("the panes stand as at first".into()));
                Vec::new()
            }
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
            Command::Follow => self.follow(&now),
            Command::Address if !arg.is_empty() => self.ask(Request::Show(arg)),
            Command::Address => self.open(PromptKind::Address),
            Command::Track | Command::NextMemory | Command::NextDifference | Command::PreviousDifference => {
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
                self.mode = Mode::Pick(Picker::help(&self.keymap));
                Vec::new()
            }
            Command::CommandLine => self.open(PromptKind::Command),
            Command::Cancel => {
                self.lines.clear();
                if self.progress.is_some() {
                    return vec![Effect::Cancel];
                }
                // One layer per press.
                if self.zoom {
                    self.zoom = false;
                } else if self.tour.take().is_some() {
                } else if self.card() {
                    self.card = Some(false);
                } else if now.filter.is_some() {
                    return self.ask(Request::Filter(String::new()));
                }
                Vec::new()
            }
            Command::Suspend => vec![Effect::Suspend],
            Command::Redraw => vec![Effect::Redraw],
            Command::Quit => vec![Effect::Quit],
        }
    }

    /// What a command on a value is about: what was typed, what is selected, or what the last step wrote.
    fn subject(&self, arg: &str, now: &Moment) -> Option<String> {
        if !arg.is_empty() {
            return Some(arg.to_owned());
        }
        if let Some(selected) = self.panes[self.focus as usize].subject(now) {
            return Some(selected);
        }
        now.effects().iter().find_map(|effect| match effect {
            Did::Slot { depth, slot, .. } if now.depth == depth + 1 => Some(format!("r{slot}")),
            Did::Write { memory, addr, len, .. } => Some(bytes_named(*memory, *addr, *len)),
            Did::Global { index, .. } => Some(format!("global ${index}")),
            _ => None,
        })
    }

    /// What can be done with what is selected.
    pub(super) fn menu(&mut self) -> Vec<Effect> {
        let Some(now) = self.now.clone() else { return Vec::new() };
        let pane = &self.panes[self.focus as usize];
        let always = [
            Command::Explain,
            Command::Copy,
            Command::Mark,
            Command::Note,
            Command::Compare,
            Command::Iteration,
            Command::IterationBack,
            Command::Goto,
            Command::Back,
            Command::Zoom,
            Command::Search,
            Command::CommandLine,
        ];
        let own = pane.offers(&now);
        let others = always.into_iter().filter(|it| !own.contains(it));
        let commands: Vec<Command> = own.iter().copied().chain(others).collect();
        self.mode = Mode::Pick(Picker::menu(&self.keymap, self.focus.name(), pane.menu(&now), &commands));
        Vec::new()
    }

    /// Into the call that is next; else to where what the next op reads was made: the bytes it loads,
    /// the value it stores, its first operand.
    fn follow(&mut self, now: &Moment) -> Vec<Effect> {
        let Some(next) = &now.next else {
            return match crate::lesson::suspect(now) {
                Some(read) => self.ask(Request::Follow(vec![read.label.clone()])),
                None => {
                    self.say(Ok("nothing to follow here; Tab goes to another pane".into()));
                    Vec::new()
                }
            };
        };
        // On the way back along a value a call is not what one wants to see into.
        if let Some(passed) = &now.passed {
            return self.ask(Request::Follow(vec![passed.clone()]));
        }
        let into = match next.row.as_ref().map(|row| &row.event.outcome) {
            Some(Outcome::Call | Outcome::TailCall) => true,
            // What it returns was followed to here.
            Some(Outcome::Return) => !now.followed,
            _ => false,
        };
        if into {
            return self.ask(Request::Travel(Goal::Into, Direction::Forward, 1));
        }
        let made: Vec<String> = match next.loads().or_else(|| next.global()) {
            Some(made) => vec![made],
            None => now.reads().iter().map(|it| it.label.clone()).collect(),
        };
        if made.is_empty() {
            self.say(Ok("the next op reads nothing that was made; Tab goes to another pane".into()));
            return Vec::new();
        }
        self.ask(Request::Follow(made))
    }
}

/// A step, and the number of a byte of what it printed: `59,664 12`.
fn origin(text: &str) -> Option<(u64, u64)> {
    let number = |text: &str| text.replace(['_', ','], "").parse().ok();
    let (step, offset) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), "0"));
    Some((number(step)?, number(offset.trim())?))
}

/// The bytes a text stands for: `0x0c00` two bytes in their order, anything else its own.
fn needle(text: &str) -> Result<Vec<u8>, String> {
    let Some(digits) = text.strip_prefix("0x") else {
        return Ok(text.as_bytes().to_vec());
    };
    let digits: Vec<u8> = digits.bytes().filter(|it| !b"_ ".contains(it)).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes = digits.chunks(2).map(|pair| if pair.len() == 2 { byte(pair) } else { None }).collect();
    let bytes: Option<Vec<u8>> = bytes;
    bytes
        .filter(|it| !it.is_empty())
        .ok_or_else(|| format!("'{text}' are no bytes: two digits each, as in 0x0c00"))
}
