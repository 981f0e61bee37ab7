//! The terminal: taken, listened to, given back whatever happens.
//!
//! ```text
//! keys ─┐
//! signals ─┼─► one channel ─► app ─► draw          the loop blocks on the channel: idle costs nothing
//! session ─┘
//! ```
//!
//! The terminal is given back after a return, an error, a panic, SIGINT, SIGTERM and SIGHUP, and
//! for as long as the program is suspended (Ctrl-Z, fg). Always: `restore` may be called twice.
//! Elsewhere: what keys do (`app`), what is drawn (`screen`), which colours suit (`ask`).

mod ask;

use crate::app::{App, Effect, Mouse, MouseKind};
use crate::command;
use crate::config::Settings;
use crate::keys::{Code, Key};
use crate::moment::Wants;
use crate::screen;
use crate::session::{Client, Reply, Request, Saved, Source, Unit, spawn};
use crate::state::{State, Store};
use crate::theme::{Scheme, Theme};
use anyhow::{Context, bail};
use crossterm::clipboard::CopyToClipboard;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture, Event,
    KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use std::io::{IsTerminal, Stdout, stdin, stdout};
use std::panic;
use std::path::PathBuf;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How to open.
#[derive(Clone, Debug)]
pub struct Options {
    /// The colours; if none are chosen, those that suit the terminal.
    pub theme: Option<Scheme>,
    /// Whether to listen to the mouse.
    pub mouse: bool,
    /// Folders beneath which source files are looked for.
    pub sources: Vec<PathBuf>,
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

/// Whether standard input and output are a terminal, so that [`run`] can work.
pub fn available() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
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
    let (theme, commands) = (Theme::of(scheme), options.commands);
    let mut it = Loop { app, client, theme, commands, pressed: None, typed: Some(typed) };
    let kept = identity.as_deref().zip(options.store.as_ref()).filter(|_| !options.fresh);
    it.take_up(kept, options.store.as_ref(), options.settings.unit);
    let left = it.run(&mut terminal, &woken);
    drop(guard);
    if let (Some(store), Ok(_)) = (&options.store, &left) {
        it.keep(identity.as_deref(), store);
    }
    left
}

type Screen = Terminal<CrosstermBackend<Stdout>>;

static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether the mouse is ours while the terminal is.
static LISTENS: AtomicBool = AtomicBool::new(false);

/// Has the mouse reported from now on, or no more.
fn listen(to_mouse: bool) -> anyhow::Result<()> {
    LISTENS.store(to_mouse, Ordering::SeqCst);
    match to_mouse {
        true => execute!(stdout(), EnableMouseCapture)?,
        false => execute!(stdout(), DisableMouseCapture)?,
    }
    Ok(())
}

fn take() -> anyhow::Result<Screen> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            restore();
            before(info);
        }));
    });
    enable_raw_mode().context("the terminal can't be put into raw mode")?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide)?;
    if LISTENS.load(Ordering::SeqCst) {
        execute!(stdout(), EnableMouseCapture)?;
    }
    Ok(Terminal::new(CrosstermBackend::new(stdout()))?)
}

/// Gives the terminal back; harmless if it was not taken.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // Nobody is left to hear of an error here.
        let _ = execute!(stdout(), DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
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

struct Restore;

impl Drop for Restore {
    fn drop(&mut self) {
        restore();
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
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP, SIGTSTP])?;
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

/// Stops this process until it is continued; the terminal is the shell's meanwhile.
#[cfg(unix)]
fn suspend(terminal: &mut Screen) -> anyhow::Result<()> {
    restore();
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
    *terminal = take()?;
    Ok(())
}

#[cfg(not(unix))]
fn suspend(_terminal: &mut Screen) -> anyhow::Result<()> {
    Ok(())
}

/// Ctrl-Z as a cooked terminal would do it: the whole job stops, a `cargo run` around us too.
#[cfg(unix)]
fn suspend_job(terminal: &mut Screen) -> anyhow::Result<()> {
    use rustix::process::{Signal, kill_current_process_group};
    match kill_current_process_group(Signal::TSTP) {
        // Our own handler hears it and suspends.
        Ok(()) => Ok(()),
        Err(_) => suspend(terminal),
    }
}

#[cfg(not(unix))]
fn suspend_job(terminal: &mut Screen) -> anyhow::Result<()> {
    suspend(terminal)
}

struct Loop {
    app: App,
    client: Client,
    theme: Theme,
    commands: Vec<String>,
    /// Where and when the mouse was pressed last.
    pressed: Option<(Instant, u16, u16)>,
    /// What was typed before there was anything to see; `None` from then on.
    typed: Option<Vec<Key>>,
}

impl Loop {
    /// Takes up what earlier sessions have left: of this run, and the lines typed.
    fn take_up(&mut self, kept: Option<(&str, &Store)>, store: Option<&Store>, unit: Option<Unit>) {
        self.app.set_history(store.map_or_else(Vec::new, Store::history));
        if let Some(unit) = unit {
            self.client.ask(Request::Unit(unit), Wants::default());
        }
        match kept.map(|(identity, store)| store.load(identity)) {
            Some(Ok(Some(state))) => {
                if let Ok(layout) = serde_json::from_value(state.layout) {
                    self.app.arrange_as(layout);
                }
                self.client.ask(Request::Restore(Box::new(state.session)), Wants::default());
            }
            Some(Err(note)) => self.app.say(Ok(note)),
            Some(Ok(None)) | None => {}
        }
    }

    /// Keeps what the next session takes up. The terminal is given back already: a note can be read.
    fn keep(&self, identity: Option<&str>, store: &Store) {
        let kept = match (identity, self.app.now()) {
            (Some(identity), Some(now)) => {
                let layout = serde_json::to_value(self.app.arrangement()).unwrap_or_default();
                store.save(identity, &State { session: Saved::of(now), layout, ..State::default() })
            }
            _ => Ok(()),
        };
        if let Err(error) = kept.and_then(|()| store.save_history(self.app.history())) {
            eprintln!("wasmscope: the state of this session is not kept: {error}");
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
                if moment && !opened {
                    opened = true;
                    for line in std::mem::take(&mut self.commands) {
                        let effects = match command::parse(&line) {
                            Ok(invocation) => self.app.run(invocation),
                            Err(error) => {
                                self.app.say(Err(error));
                                Vec::new()
                            }
                        };
                        if let Some(left) = self.obey(effects, terminal)? {
                            return Ok(left);
                        }
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
            self.draw(terminal)?;
        }
    }

    fn draw(&mut self, terminal: &mut Screen) -> anyhow::Result<()> {
        if !TAKEN.load(Ordering::SeqCst) {
            // Given back by a panic of another thread, whose message must stay readable.
            return Ok(());
        }
        // A zoom, a focus or a resize changes what the panes want.
        let size = terminal.size()?;
        screen::arrange(&mut self.app, (Default::default(), size).into());
        let effects = self.app.look();
        self.obey(effects, terminal)?;
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
            Wake::Terminal(Event::Mouse(event)) => match self.mouse_of(event) {
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

    /// The terminal library's mouse as ours.
    fn mouse_of(&mut self, event: MouseEvent) -> Option<Mouse> {
        let (x, y) = (event.column, event.row);
        let kind = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => MouseKind::Press,
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
            twice = self.pressed.as_ref().is_some_and(again);
            self.pressed = (!twice).then_some((now, x, y));
        }
        Some(Mouse { kind, x, y, twice })
    }

    fn obey(&mut self, effects: Vec<Effect>, terminal: &mut Screen) -> anyhow::Result<Option<Left>> {
        for effect in effects {
            match effect {
                Effect::Ask(request, wants) => {
                    if !self.client.ask(request, wants) {
                        bail!("the session has ended; what it said stands above");
                    }
                }
                Effect::Cancel => self.client.cancel(),
                Effect::Suspend => suspend_job(terminal)?,
                Effect::Theme(scheme) => self.theme = Theme::of(scheme),
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

/// The terminal library's key as ours.
fn key_of(key: KeyEvent) -> Option<Key> {
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
