//! Commands without a terminal: each line is done as if it were typed, its answer is printed.
//!
//! ```text
//! commands ─► App ─► Request ─► Session ─► text      step 120 of 300  fib+0x1c  pc 0x41  …
//!                                      └─► JSON      {"schema":1,"command":"over 3","answer":{…}}
//! ```
//!
//! The application is the one the terminal shows, undrawn: what a key can do, a line can do. What a
//! command changes on the screen is its answer: the focused pane's lines, a list's, a page's (`shown`). A pane
//! that lists something answers with all of it, one that is a window with some lines, or with as many as were
//! asked for; what is left out is told.
//! Always: a command prints one answer, or says why there is none.
//! Elsewhere: what is answered (`session`), the command line (`cli`).

mod shown;

use crate::app::{App, Effect};
use crate::command;
use crate::moment::{MOST_ROWS, Moment};
use crate::screen;
use crate::session::{Answer, Ask, Control, Failure, Reply, Request, Session};
use ratatui::layout::Rect;
use serde_json::{Value as Json, json};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The size of the screen that nobody sees.
const SCREEN: Rect = Rect::new(0, 0, 120, 36);

/// So many lines of a window are answered unasked.
const WINDOW: u16 = 16;

/// So many lines of a pane are answered at most.
pub const MOST_LINES: u16 = MOST_ROWS as u16;

/// The schema of the JSON printed; fields are added, never changed.
pub const SCHEMA: u32 = 1;

/// The commands of a text, with the number of their line: empty lines and those that begin with `#` are
/// left out.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// A run that commands are done on.
pub struct Script<'a> {
    app: App,
    session: Session,
    json: bool,
    cancel: &'a AtomicBool,
    left: bool,
    /// How many lines of a pane are answered at most, if that was said.
    lines: Option<u16>,
    /// How many files of commands are being read inside each other.
    depth: u32,
}

/// What a command came to.
struct Done {
    answer: Option<Answer>,
    message: Option<Result<String, String>>,
    moved: bool,
}

impl<'a> Script<'a> {
    /// Commands on a session; `cancel` stops a search.
    ///
    /// # Errors
    /// If the first moment cannot be shown.
    pub fn new(session: Session, json: bool, cancel: &'a AtomicBool) -> Result<Script<'a>, Failure> {
        let mut script =
            Script { app: App::new(), session, json, cancel, left: false, lines: None, depth: 0 };
        screen::arrange(&mut script.app, SCREEN);
        let first = script.app.look();
        script.obey(first);
        match script.app.now() {
            Some(_) => Ok(script),
            None => Err(Failure(match script.app.message() {
                Some(Err(message)) => message.clone(),
                _ => "the run cannot be shown".into(),
            })),
        }
    }

    /// Has panes answered with so many lines at most. Else lists are answered whole, and of windows
    /// sixteen.
    pub fn set_lines(&mut self, lines: u16) {
        self.lines = Some(lines.clamp(1, MOST_LINES));
    }

    /// The session, when all is done.
    pub fn into_session(self) -> Session {
        self.session
    }

    /// Does one command and prints its answer; why it could not be done, if so. After `quit` nothing is
    /// done.
    ///
    /// # Errors
    /// If the answer cannot be printed.
    pub fn line(&mut self, line: &str, out: &mut dyn Write) -> io::Result<Option<String>> {
        if self.left {
            return Ok(None);
        }
        let line = line.trim().trim_start_matches(':');
        if let Ok(invocation) = command::parse(line)
            && invocation.command == command::Command::Source
            && !invocation.arg.is_empty()
        {
            return self.file(&invocation.arg, out);
        }
        let before = self.app.now().map_or(0, |now| now.step);
        self.app.say(Ok(String::new()));
        let done = match command::parse(line) {
            Err(error) => Done { answer: None, message: Some(Err(error)), moved: false },
            Ok(invocation) => match listed(&invocation) {
                Some(ask) => self.ask(Request::Ask(ask)),
                // On the screen that opens the note there is; with nothing in it, it goes.
                None if invocation.command == command::Command::Note && invocation.arg.is_empty() => {
                    self.ask(Request::Note(String::new()))
                }
                None => {
                    if invocation.command == command::Command::Explain {
                        // It answers each time; on the screen the second time would close it.
                        self.app.close_card();
                    }
                    let effects = self.app.run(invocation);
                    self.obey(effects)
                }
            },
        };
        // A command that only opens a prompt lacks what it asks for.
        let unfinished = self.app.is_asking();
        let seen = command::parse(line).ok().and_then(|it| self.seen(it.command));
        self.app.close();
        let moved = done.moved || self.app.now().map_or(0, |now| now.step) != before;
        let told = match done.message {
            Some(told) => Some(told),
            None => self.app.message().cloned().filter(|it| it != &Ok(String::new())),
        };
        let mut answer = done.answer;
        if moved && answer.is_none() {
            answer = self.session.answer(&Ask::Where, &self.control()).ok();
        } else if answer.is_none() && !unfinished && matches!(&told, None | Some(Ok(_))) {
            answer = seen;
        }
        let error = match (&told, unfinished) {
            (Some(Err(error)), _) => Some(error.clone()),
            (_, true) => Some(format!("'{line}' needs an argument")),
            _ => None,
        };
        // A note on the step come to stands in the answer as well.
        let noted = answer.as_ref().is_some_and(|it| !it.json["note"].is_null());
        let message = told.and_then(Result::ok).filter(|it| !(noted && it.starts_with("note on step ")));
        if self.json {
            let mut printed = json!({ "schema": SCHEMA, "command": line, "ok": error.is_none() });
            if let Some(answer) = &answer {
                printed["answer"] = answer.json.clone();
            }
            if let Some(message) =
                message.filter(|it| answer.as_ref().is_none_or(|answer| answer.text != *it))
            {
                printed["message"] = Json::String(message);
            }
            if let Some(error) = &error {
                printed["error"] = Json::String(error.clone());
            }
            writeln!(out, "{printed}")?;
        } else {
            let shown = answer.as_ref().map(|it| it.text.as_str());
            if let Some(message) = message.filter(|it| Some(it.as_str()) != shown) {
                writeln!(out, "{}", wasmscope_trace_format::dump::Clean(message))?;
            }
            if let Some(text) = shown.filter(|it| !it.is_empty()) {
                writeln!(out, "{text}")?;
            }
        }
        Ok(error)
    }

    /// Does the commands of a file.
    fn file(&mut self, file: &str, out: &mut dyn Write) -> io::Result<Option<String>> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => return Ok(Some(format!("{file}: {error}"))),
        };
        if self.depth >= 8 {
            return Ok(Some(format!("{file}: files of commands inside each other, more than 8 deep")));
        }
        self.depth += 1;
        let mut failed = None;
        for (number, line) in lines(&text) {
            if let Some(error) = self.line(line, out)? {
                failed = Some(format!("{file}:{number}: {error}"));
                break;
            }
        }
        self.depth -= 1;
        Ok(failed)
    }

    /// What the screen shows after a command about it.
    fn seen(&mut self, command: command::Command) -> Option<Answer> {
        screen::arrange(&mut self.app, SCREEN);
        let effects = self.app.look();
        self.obey(effects);
        let area = self.whole();
        shown::seen(&self.app, command, area)
    }

    /// Makes the focused pane as high as what it has to show; it is arranged anew before it is seen again.
    fn whole(&mut self) -> Rect {
        let id = self.app.focus();
        let (first, most) = match (self.lines, self.app.pane(id).is_window()) {
            (Some(lines), true) => (lines, lines),
            (None, true) => (WINDOW, WINDOW),
            (lines, false) => (SCREEN.height, lines.unwrap_or(MOST_LINES)),
        };
        let mut area = Rect { height: first.min(most), ..SCREEN };
        loop {
            self.app.resize(id, area.width, area.height);
            let effects = self.app.look();
            self.obey(effects);
            let beyond = self.app.now().map(|now| self.app.pane(id).beyond(now)).unwrap_or_default();
            let wanted = match beyond.more {
                // Whether that is all shows when it is there.
                true => beyond.lines().max(area.height.into()),
                false => beyond.lines(),
            };
            if wanted == 0 || area.height >= most {
                return area;
            }
            let height = u64::from(area.height).saturating_add(wanted);
            area.height = u16::try_from(height).unwrap_or(most).min(most);
        }
    }

    fn control(&self) -> Control<'a> {
        Control { cancel: self.cancel, progress: &|_| {} }
    }

    fn obey(&mut self, effects: Vec<Effect>) -> Done {
        let mut done = Done { answer: None, message: None, moved: false };
        for effect in effects {
            match effect {
                Effect::Ask(request, wants) => {
                    // What counts the whole run beside the screen has done so before it is looked at here.
                    if wants.tree || wants.counts || wants.outcomes {
                        self.session.survey();
                    }
                    let step = self.ask(request);
                    done.moved |= step.moved;
                    done.answer = step.answer.or(done.answer);
                    done.message = step.message.or(done.message);
                    let reply = match self.session.look(&wants) {
                        Ok(moment) => {
                            Reply::Moment { generation: 0, moment: Arc::new(moment), message: None }
                        }
                        Err(failure) => Reply::Failed { generation: 0, message: failure.0 },
                    };
                    let effects = self.app.reply(reply, false);
                    let more = self.obey(effects);
                    done.moved |= more.moved;
                }
                Effect::Quit => self.left = true,
                _ => {}
            }
        }
        done
    }

    fn ask(&mut self, request: Request) -> Done {
        let moved = request.moves() || matches!(request, Request::Input(_));
        let control = self.control();
        if let Request::Ask(ask) = &request {
            return match self.session.answer(ask, &control) {
                Ok(answer) => Done { answer: Some(answer), message: None, moved: false },
                Err(failure) => Done { answer: None, message: Some(Err(failure.0)), moved: false },
            };
        }
        match self.session.handle(request, &control) {
            Ok(message) => Done { answer: None, message: message.map(Ok), moved },
            Err(failure) => Done { answer: None, message: Some(Err(failure.0)), moved: false },
        }
    }

    /// What is shown.
    pub fn now(&self) -> Option<&Moment> {
        self.app.now()
    }
}

/// The answer to what the screen shows in a pane.
fn listed(invocation: &command::Invocation) -> Option<Ask> {
    match invocation.command {
        command::Command::Breakpoints => Some(Ask::Breakpoints),
        command::Command::Marks => Some(Ask::Marks),
        command::Command::Display if invocation.arg.is_empty() => Some(Ask::Displays),
        _ => None,
    }
}
