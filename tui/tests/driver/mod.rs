//! Keys in, screen out: the application over a source, without a terminal and without threads.
//!
//! ```text
//! Screen::new(Box::new(Toy::replay()), 80, 24).keys("s s S").text()
//! ```
//!
//! Keys stand apart by spaces, as in the command table; `gg` or `120G` is several.

#![allow(dead_code, unreachable_pub)]

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use wasmscope_tui::app::{App, Effect, Mouse, MouseKind};
use wasmscope_tui::keys::{self, Code, Key};
use wasmscope_tui::moment::Moment;
use wasmscope_tui::screen;
use wasmscope_tui::session::{Control, Reply, Session, Source};
use wasmscope_tui::theme::Theme;

pub struct Screen {
    pub app: App,
    session: Session,
    area: Rect,
    pub theme: Theme,
    pub left: bool,
    pub copied: Option<String>,
}

impl Screen {
    pub fn new(source: Box<dyn Source>, width: u16, height: u16) -> Screen {
        let mut it = Screen {
            app: App::new(),
            session: {
                let mut session = Session::new(source);
                session.survey();
                session
            },
            area: Rect::default(),
            theme: Theme::new(true),
            left: false,
            copied: None,
        };
        it.resize(width, height);
        it
    }

    pub fn resize(&mut self, width: u16, height: u16) -> &mut Screen {
        self.area = Rect::new(0, 0, width, height);
        screen::arrange(&mut self.app, self.area);
        let effects = self.app.look();
        self.obey(effects);
        self
    }

    pub fn keys(&mut self, text: &str) -> &mut Screen {
        for token in text.split_whitespace() {
            for key in keys::parse(token).unwrap_or_else(|| panic!("{token} is no key")) {
                self.key(key);
            }
        }
        self
    }

    /// Types characters as they are, spaces too.
    pub fn typed(&mut self, text: &str) -> &mut Screen {
        for c in text.chars() {
            self.key(Key::plain(Code::Char(c)));
        }
        self
    }

    pub fn key(&mut self, key: Key) {
        let effects = self.app.key(key);
        self.obey(effects);
        self.settle();
    }

    /// Arranges the screen anew, and does what has waited for an answer.
    fn settle(&mut self) -> &mut Screen {
        self.resize(self.area.width, self.area.height);
        while let Some(effects) = self.app.typed_ahead() {
            self.obey(effects);
            self.resize(self.area.width, self.area.height);
        }
        self
    }

    /// The mouse at a cell: `press`, `twice`, `menu`, `drag`, `release`, `up` or `down`.
    pub fn mouse(&mut self, what: &str, x: u16, y: u16) -> &mut Screen {
        let kind = match what {
            "press" | "twice" => MouseKind::Press,
            "menu" => MouseKind::Menu,
            "drag" => MouseKind::Drag,
            "release" => MouseKind::Release,
            "up" => MouseKind::WheelUp,
            "down" => MouseKind::WheelDown,
            _ => panic!("{what}"),
        };
        let effects = self.app.mouse(Mouse { kind, x, y, twice: what == "twice" });
        self.obey(effects);
        self.settle()
    }

    /// Where the first of a text stands on the screen.
    pub fn find(&mut self, text: &str) -> (u16, u16) {
        let shown = self.text();
        for (y, line) in shown.lines().enumerate() {
            if let Some(at) = line.find(text) {
                return (line[..at].chars().count() as u16, y as u16);
            }
        }
        panic!("no {text} in\n{shown}");
    }

    /// The same below the row in which another stands.
    pub fn find_below(&mut self, above: &str, text: &str) -> (u16, u16) {
        let (_, from) = self.find(above);
        let shown = self.text();
        let mut rows = shown.lines().enumerate().skip(usize::from(from) + 1);
        let found = rows.find_map(|(y, line)| Some((line[..line.find(text)?].chars().count(), y)));
        let (x, y) = found.unwrap_or_else(|| panic!("no {text} below {above} in\n{shown}"));
        (x as u16, y as u16)
    }

    /// The mouse on a tab, by its short name where room is short.
    pub fn tab(&mut self, short: &str, long: &str) -> &mut Screen {
        let shown = self.text();
        let stands = |name: &str| {
            ["│", "[", " "].map(|it| format!("{it}{name}")).into_iter().find(|it| shown.contains(it))
        };
        let name = stands(long).or_else(|| stands(short)).unwrap_or_else(|| panic!("no {long} in\n{shown}"));
        let (x, y) = self.find(&name);
        self.mouse("press", x + 1, y)
    }

    /// The mouse on what a key in the last line does.
    pub fn footer(&mut self, label: &str) -> &mut Screen {
        let shown = self.text();
        let last = shown.lines().last().unwrap_or_default();
        let at = last.find(&format!(" {label}")).unwrap_or_else(|| panic!("no {label} in\n{shown}"));
        let x = last[..at].chars().count() as u16 + 1;
        self.mouse("press", x, self.area.height - 1)
    }

    /// The mouse where a text stands: `press`, `twice` (a press before it too) or `menu`.
    pub fn on(&mut self, what: &str, text: &str) -> &mut Screen {
        let (x, y) = self.find(text);
        if what == "twice" {
            self.mouse("press", x, y);
        }
        self.mouse(what, x, y)
    }

    fn obey(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask(request, wants) => {
                    let cancel = AtomicBool::new(false);
                    let control = Control { cancel: &cancel, progress: &|_| {} };
                    let message = self.session.handle(request, &control);
                    self.session.survey();
                    let message = match message {
                        Ok(message) => message.map(Ok),
                        Err(failure) => Some(Err(failure.0)),
                    };
                    let reply = match self.session.look(&wants) {
                        Ok(moment) => Reply::Moment { generation: 0, moment: Arc::new(moment), message },
                        Err(failure) => Reply::Failed { generation: 0, message: failure.0 },
                    };
                    let effects = self.app.reply(reply, false);
                    self.obey(effects);
                }
                Effect::Quit => self.left = true,
                Effect::Theme(scheme) => self.theme = Theme::of(scheme),
                Effect::Copy(text) => self.copied = Some(text),
                Effect::Cancel | Effect::Suspend | Effect::Redraw | Effect::Mouse(_) => {}
            }
        }
    }

    pub fn now(&self) -> &Moment {
        self.app.now().expect("a moment is shown")
    }

    pub fn buffer(&mut self) -> Buffer {
        let mut buf = Buffer::empty(self.area);
        screen::draw(&mut self.app, &self.theme, self.area, &mut buf);
        buf
    }

    /// The screen's characters, without spaces at the ends of lines.
    pub fn text(&mut self) -> String {
        let buf = self.buffer();
        let mut text = String::new();
        for y in 0..self.area.height {
            let row: String = (0..self.area.width).map(|x| buf[(x, y)].symbol()).collect();
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }
}
