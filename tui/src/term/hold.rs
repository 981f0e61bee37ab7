//! Holding the terminal: taken, lent to the shell, given back whatever happens.
//!
//! ```text
//! take ─► raw mode, the other screen, the mouse     restore ─► all of it back
//!         a panic restores before it prints          suspend ─► restored until `fg`
//! ```
//!
//! Always: `restore` may be called twice, from any thread.

use anyhow::Context;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use std::io::{Stdout, stdout};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is drawn on.
pub(super) type Screen = Terminal<CrosstermBackend<Stdout>>;

static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether the mouse is ours while the terminal is.
static LISTENS: AtomicBool = AtomicBool::new(false);

/// Has the mouse reported from now on, or no more.
pub(super) fn listen(to_mouse: bool) -> anyhow::Result<()> {
    LISTENS.store(to_mouse, Ordering::SeqCst);
    match to_mouse {
        true => execute!(stdout(), EnableMouseCapture)?,
        false => execute!(stdout(), DisableMouseCapture)?,
    }
    Ok(())
}

pub(super) fn take() -> anyhow::Result<Screen> {
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
pub(super) fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // Nobody is left to hear of an error here.
        let _ = execute!(stdout(), DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

/// Whether the terminal is ours.
pub(super) fn taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}

/// Gives the terminal back when it goes.
pub(super) struct Restore;

impl Drop for Restore {
    fn drop(&mut self) {
        restore();
    }
}

/// Stops this process until it is continued; the terminal is the shell's meanwhile.
#[cfg(unix)]
pub(super) fn suspend(terminal: &mut Screen) -> anyhow::Result<()> {
    restore();
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
    *terminal = take()?;
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn suspend(_terminal: &mut Screen) -> anyhow::Result<()> {
    Ok(())
}

/// Ctrl-Z as a cooked terminal would do it: the whole job stops, a `cargo run` around us too.
#[cfg(unix)]
pub(super) fn suspend_job(terminal: &mut Screen) -> anyhow::Result<()> {
    use rustix::process::{Signal, kill_current_process_group};
    match kill_current_process_group(Signal::TSTP) {
        // Our own handler hears it and suspends.
        Ok(()) => Ok(()),
        Err(_) => suspend(terminal),
    }
}

#[cfg(not(unix))]
pub(super) fn suspend_job(terminal: &mut Screen) -> anyhow::Result<()> {
    suspend(terminal)
}
