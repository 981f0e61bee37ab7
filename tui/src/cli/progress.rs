//! A line on stderr that says how far something long has come.
//!
//! Always: nothing is printed unless stderr is a terminal, and nothing in the first moment; the
//! line is gone when the [`Progress`] is.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Shows a line until it is dropped.
pub(crate) struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

/// How often the line changes.
const PERIOD: Duration = Duration::from_millis(250);

impl Progress {
    /// Shows what `text` says, and how long it has been.
    pub(crate) fn new(mut text: impl FnMut() -> String + Send + 'static) -> Progress {
        if !std::io::stderr().is_terminal() {
            return Progress(None);
        }
        let (stop, stopped) = channel::<()>();
        let start = Instant::now();
        let show = move || {
            while stopped.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
                let _ = write!(std::io::stderr(), "\r\x1b[K{} · {} s", text(), start.elapsed().as_secs());
            }
            if start.elapsed() >= PERIOD {
                let _ = write!(std::io::stderr(), "\r\x1b[K");
            }
        };
        let thread = std::thread::Builder::new().name("progress".into()).spawn(show).ok();
        Progress(thread.map(|thread| (stop, thread)))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.0.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

/// A number of bytes for people.
pub(crate) fn bytes_text(bytes: u64) -> String {
    let units = ["KB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut text = format!("{bytes} bytes");
    for unit in units {
        if value < 1000.0 {
            break;
        }
        value /= 1000.0;
        text = format!("{value:.1} {unit}");
    }
    text
}
