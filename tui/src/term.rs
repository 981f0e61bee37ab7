//! The terminal: taken, listened to, given back whatever happens.
//!
//! ```text
//! keys ─┐
//! signals ─┼─► one channel ─► app ─► draw          the loop blocks on the channel: idle costs nothing
//! session ─┘
//! ```
//!
//! The terminal is given back after a return, an error, a panic, SIGINT, SIGTERM and SIGHUP, and
//! for as long as the program is suspended (Ctrl-Z, fg).
//! Elsewhere: what keys do (`app`), what is drawn (`screen`), which colours suit (`ask`), taking and giving
//! back (`hold`), keys and mouse as ours (`input`).

mod ask;
mod hold;
mod input;

use crate::app::{App, Effect};
use crate::config::Settings;
use crate::keys::{Code, Key};
use crate::moment::Wants;
use crate::screen;
use crate::session::{Client, Reply, Request, Saved, Source, Unit, spawn};
use crate::state::{Keeper, Store};
use crate::theme::{Own, Scheme, Theme};
use anyhow::bail;
use crossterm::clipboard::CopyToClipboard;
use hold::{Restore, Screen, listen, suspend, suspend_job, take};
use input::{Presses, key_of};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{self, Event, KeyEventKind};
use ratatui::crossterm::execute;
use std::io::{IsTerminal, stdin, stdout};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// How to open.
#[derive(Clone, Debug)]
pub struct Options {
    /// The colours; if none are chosen, those that suit the terminal.
    pub theme: Option<Scheme>,
    /// Whether to listen to the mouse.
    pub mouse: bool,
    /// Folders beneath which source files are looked for.
    pub sources: Vec<PathBuf>,
    /// Whether source files are read where the debug information says they are.
    pub named_sources: bool,
    /// Command lines to run first, such as `goto 120`.
    pub commands: Vec<String>,
    /// Keys and the like.
    pub settings: Settings,
    /// Where what is to be remembered is kept.
    pub store: Option<Store>,
    /// Whether nothing is taken up from an earlier session.
    pub fresh: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            theme: None,
            mouse: true,
            sources: Vec::new(),
            named_sources: true,
            commands: Vec::new(),
            settings: Settings::default(),
            store: None,
            fresh: false,
        }
    }
}

/// How the user left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Left {
    /// By choice.
    Quit,
    /// By this signal.
    Signal(i32),
}

/// What the loop wakes up for.
enum Wake {
    Terminal(Event),
    Session(Reply),
    Signal(i32),
    Lost(String),
}

/// Whether standard input and output are a terminal that can move its cursor, so that [`run`] can work.
pub fn available() -> bool {
    let dumb = cfg!(unix) && std::env::var_os("TERM").is_none_or(|it| it.is_empty() || it == "dumb");
    stdin().is_terminal() && stdout().is_terminal() && !dumb
}

/// Opens a run in the terminal and stays until the user leaves.
pub fn run(source: Box<dyn Source>, options: Options) -> anyhow::Result<Left> {
    if !available() {
        bail!("this needs a terminal for its input and output; dump prints the same as text");
    }
    let (wake, woken) = channel();
    watch_signals(&wake)?;
    let mut terminal = take()?;
    let guard = Restore;
    let (scheme, typed) = match options.theme {
        Some(scheme) => (scheme, Vec::new()),
        None => ask::scheme(),
    };
    let plain = |byte: u8| (0x20..0x7f).contains(&byte).then(|| Key::plain(Code::Char(char::from(byte))));
    let typed = typed.into_iter().filter_map(plain).collect();
    listen(options.mouse)?;
    watch_keys(&wake);
    let replies = Replies(wake.clone());
    let identity = source.identity();
    let client = spawn(source, move |reply| replies.send(reply));
    drop(wake);
    let mut app = App::new();
    app.set_mouse(options.mouse);
    app.set_scheme(scheme);
    app.set_keymap(options.settings.keymap);
    let (colours, commands) = (options.settings.colours, options.commands);
    let theme = Theme::of(scheme).with(&colours);
    let keeper = identity.as_deref().zip(options.store.as_ref());
    let keeper = keeper.map(|(identity, store)| Keeper::new(store.clone(), identity));
    let keeper = keeper.map(|it| if options.fresh { it.fresh() } else { it });
    let presses = Presses::default();
    let mut it = Loop { app, client, theme, colours, commands, presses, typed: Some(typed), keeper };
    let kept = identity.as_deref().zip(options.store.as_ref()).filter(|_| !options.fresh);
    it.take_up(kept, options.store.as_ref(), options.settings.unit);
    let left = it.run(&mut terminal, &woken);
    drop(guard);
    if let (Some(store), Ok(_)) = (&options.store, &left) {
        it.keep(store);
    }
    left
}

/// The session's way to the loop; the loop hears when the session is no more.
struct Replies(Sender<Wake>);

impl Replies {
    fn send(&self, reply: Reply) -> bool {
        self.0.send(Wake::Session(reply)).is_ok()
    }
}

impl Drop for Replies {
    fn drop(&mut self) {
        let _ = self.0.send(Wake::Lost("the session has ended by an error of ours, described above".into()));
    }
}

fn watch_keys(wake: &Sender<Wake>) {
    let wake = wake.clone();
    thread::spawn(move || {
        loop {
            let sent = match event::read() {
                Ok(event) => wake.send(Wake::Terminal(event)),
                Err(error) => {
                    let _ = wake.send(Wake::Lost(format!("the terminal is gone: {error}")));
                    return;
                }
            };
            if sent.is_err() {
                return;
            }
        }
    });
}

#[cfg(unix)]
fn watch_signals(wake: &Sender<Wake>) -> anyhow::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP])?;
    let wake = wake.clone();
    thread::spawn(move || {
        for signal in signals.forever() {
            if wake.send(Wake::Signal(signal)).is_err() {
                return;
            }
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn watch_signals(_wake: &Sender<Wake>) -> anyhow::Result<()> {
    Ok(())
}

struct Loop {
    app: App,
    client: Client,
    theme: Theme,
    colours: Own,
    commands: Vec<String>,
    presses: Presses,
    /// What was typed before there was anything to see; `None` from then on.
    typed: Option<Vec<Key>>,
    /// What keeps the state of the run.
    keeper: Option<Keeper>,
}

impl Loop {
    /// Takes up what earlier sessions have left: of this run, and the lines typed.
    fn take_up(&mut self, kept: Option<(&str, &Store)>, store: Option<&Store>, unit: Option<Unit>) {
        if store.is_some_and(Store::is_used) {
            self.app.set_known();
        }
        self.app.set_history(store.map_or_else(Vec::new, Store::history));
        if let Some(unit) = unit {
            self.client.ask(Request::Unit(unit), Wants::default());
        }
        match kept.map(|(identity, store)| store.load(identity)) {
            Some(Ok(Some(state))) => {
                self.app.take_up(state.layout);
                self.client.ask(Request::Restore(Box::new(state.session)), Wants::default());
            }
            Some(Err(note)) => self.app.say(Ok(note)),
            Some(Ok(None)) | None => {}
        }
    }

    /// Keeps what the next session takes up. The terminal is given back already: a note can be read.
    fn keep(&mut self, store: &Store) {
        let kept = match (&mut self.keeper, self.app.now()) {
            (Some(keeper), Some(now)) => keeper.keep(Saved::of(now), self.app.kept()),
            _ => Ok(()),
        };
        if let Err(error) = kept.and_then(|()| store.save_history(self.app.history())) {
            eprintln!("wasmscope: the state of this session is not kept: {error}");
        }
    }

    /// Keeps what was noted, if something was.
    fn note(&mut self) {
        if let (Some(keeper), Some(now)) = (&mut self.keeper, self.app.now())
            && let Err(error) = keeper.see(Saved::of(now), || self.app.kept())
        {
            self.app.say(Err(format!("what was noted is not kept: {error}")));
        }
    }

    fn run(&mut self, terminal: &mut Screen, woken: &Receiver<Wake>) -> anyhow::Result<Left> {
        let size = terminal.size()?;
        screen::arrange(&mut self.app, (Default::default(), size).into());
        let first = self.app.look();
        if let Some(left) = self.obey(first, terminal)? {
            return Ok(left);
        }
        self.draw(terminal)?;
        let mut opened = false;
        loop {
            // Only an answer that keeps us waiting is worth waking up for without an event.
            let first = match self.client.busy() {
                true => woken.recv_timeout(Duration::from_millis(150)),
                false => woken.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let mut wake = match first {
                Ok(it) => Some(it),
                Err(RecvTimeoutError::Timeout) => {
                    self.app.late();
                    None
                }
                Err(RecvTimeoutError::Disconnected) => bail!("the session has ended"),
            };
            // Everything that has come meanwhile, then one drawing.
            while let Some(it) = wake {
                let moment = matches!(it, Wake::Session(Reply::Moment { .. }));
                if let Some(left) = self.wake(it, terminal)? {
                    return Ok(left);
                }
                if moment {
                    self.note();
                }
                if moment && !opened {
                    opened = true;
                    let effects = self.app.lines(std::mem::take(&mut self.commands));
                    if let Some(left) = self.obey(effects, terminal)? {
                        return Ok(left);
                    }
                    for key in self.typed.take().unwrap_or_default() {
                        let effects = self.app.key(key);
                        if let Some(left) = self.obey(effects, terminal)? {
                            return Ok(left);
                        }
                    }
                }
                wake = woken.try_recv().ok();
            }
            if let Some(left) = self.type_ahead(terminal)? {
                return Ok(left);
            }
            self.draw(terminal)?;
        }
    }

    /// Does what was typed ahead, as far as answers have come.
    fn type_ahead(&mut self, terminal: &mut Screen) -> anyhow::Result<Option<Left>> {
        self.settle(terminal)?;
        while let Some(effects) = self.app.typed_ahead() {
            if let Some(left) = self.obey(effects, terminal)? {
                return Ok(Some(left));
            }
            self.settle(terminal)?;
        }
        Ok(None)
    }

    /// A zoom, a focus or a resize changes what the panes want.
    fn settle(&mut self, terminal: &mut Screen) -> anyhow::Result<()> {
        let size = terminal.size()?;
        screen::arrange(&mut self.app, (Default::default(), size).into());
        let effects = self.app.look();
        self.obey(effects, terminal)?;
        Ok(())
    }

    fn draw(&mut self, terminal: &mut Screen) -> anyhow::Result<()> {
        if !hold::taken() {
            // Given back by a panic of another thread, whose message must stay readable.
            return Ok(());
        }
        self.settle(terminal)?;
        terminal.draw(|frame| {
            let area = frame.area();
            screen::draw(&mut self.app, &self.theme, area, frame.buffer_mut());
        })?;
        Ok(())
    }

    fn wake(&mut self, wake: Wake, terminal: &mut Screen) -> anyhow::Result<Option<Left>> {
        let effects = match wake {
            Wake::Terminal(Event::Key(key)) if key.kind != KeyEventKind::Release => {
                match (key_of(key), &mut self.typed) {
                    (Some(key), Some(typed)) if key.code != Code::Char('q') => {
                        typed.push(key);
                        Vec::new()
                    }
                    (Some(key), _) => self.app.key(key),
                    (None, _) => Vec::new(),
                }
            }
            Wake::Terminal(Event::Paste(text)) => {
                self.app.paste(&text);
                Vec::new()
            }
            Wake::Terminal(Event::Mouse(event)) => match self.presses.mouse_of(event) {
                Some(mouse) => self.app.mouse(mouse),
                None => Vec::new(),
            },
            Wake::Terminal(_) => Vec::new(),
            Wake::Session(reply) => {
                if let Reply::Moment { generation, .. } | Reply::Failed { generation, .. } = reply {
                    self.client.answered(generation);
                }
                self.app.reply(reply, self.client.busy())
            }
            #[cfg(unix)]
            Wake::Signal(signal_hook::consts::SIGTSTP) => {
                suspend(terminal)?;
                Vec::new()
            }
            Wake::Signal(signal) => return Ok(Some(Left::Signal(signal))),
            Wake::Lost(error) => bail!(error),
        };
        self.obey(effects, terminal)
    }

    fn obey(&mut self, effects: Vec<Effect>, terminal: &mut Screen) -> anyhow::Result<Option<Left>> {
        for effect in effects {
            match effect {
                Effect::Ask(request, wants) => {
                    if !self.client.ask(request, *wants) {
                        bail!("the session has ended; what it said stands above");
                    }
                }
                Effect::Cancel => self.client.cancel(),
                Effect::Suspend => suspend_job(terminal)?,
                Effect::Theme(scheme) => self.theme = Theme::of(scheme).with(&self.colours),
                Effect::Mouse(on) => listen(on)?,
                Effect::Copy(text) => {
                    execute!(stdout(), CopyToClipboard::to_clipboard_from(text))?;
                }
                Effect::Redraw => {
                    execute!(
                        stdout(),
                        ratatui::crossterm::terminal::Clear(ratatui::crossterm::terminal::ClearType::All)
                    )?;
                    *terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
                }
                Effect::Quit => return Ok(Some(Left::Quit)),
            }
        }
        Ok(None)
    }
}
