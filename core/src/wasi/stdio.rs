//! The guest's standard streams.
//!
//! ```text
//! embedder ──push──► Input ──fd_read──► guest ──fd_write──► Output ──► host
//! ```
//!
//! Input is a queue, whatever feeds it: bytes known beforehand, an embedder
//! that pushes as its user types, or the process's own stdin through a thread
//! that starts at the guest's first read. When it is empty and more may come,
//! a *parking* input stops the run ("waiting for input"; the call is made again
//! when the run goes on) and a *blocking* one waits, which only the process's
//! own stdin does.
//! Always: nothing is taken from the queue unless the guest receives it.
//! Elsewhere: `fd_read`, `fd_write` (`io`), waiting for several things (`poll`).

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IsTerminal as _, Read as _, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How much of the process's stdin is read ahead of the guest.
const AHEAD: usize = 64 * 1024;

/// How often a wait looks whether it is interrupted.
const SLICE: Duration = Duration::from_millis(20);

/// A queue of bytes for the guest's stdin, shared with whoever feeds it.
#[derive(Clone, Default)]
pub struct Input {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    bytes: VecDeque<u8>,
    closed: bool,
}

impl Input {
    /// An empty queue that is still open.
    pub fn new() -> Input {
        Input::default()
    }

    /// A queue that holds `bytes` and is closed.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Input {
        let input = Input::new();
        input.push(&bytes.into());
        input.close();
        input
    }

    /// Adds bytes for the guest to read; ignored once closed.
    pub fn push(&self, bytes: &[u8]) {
        let mut state = self.lock();
        if !state.closed {
            state.bytes.extend(bytes);
        }
        drop(state);
        self.shared.changed.notify_all();
    }

    /// No more bytes will come: what is left can be read, then end of file.
    pub fn close(&self) {
        self.lock().closed = true;
        self.shared.changed.notify_all();
    }

    /// Bytes pushed and not yet read.
    pub fn available(&self) -> usize {
        self.lock().bytes.len()
    }

    /// Whether [`Input::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Takes up to `buf.len()` bytes; `Ok(0)` is end of file, `None` means
    /// nothing yet.
    pub(crate) fn take(&self, buf: &mut [u8]) -> Option<usize> {
        let mut state = self.lock();
        if state.bytes.is_empty() {
            return state.closed.then_some(0);
        }
        let taken = state.bytes.read(buf).unwrap_or(0);
        drop(state);
        self.shared.changed.notify_all();
        Some(taken)
    }

    /// Bytes there and whether the queue is closed, seen together.
    pub(crate) fn look(&self) -> (usize, bool) {
        let state = self.lock();
        (state.bytes.len(), state.closed)
    }

    /// Waits until there is something to read, the deadline or an interrupt;
    /// says whether there is something (end of file counts).
    pub(crate) fn wait(&self, deadline: Option<Instant>, interrupt: &Interrupt) -> bool {
        let mut state = self.lock();
        loop {
            if !state.bytes.is_empty() || state.closed {
                return true;
            }
            let left = deadline.map_or(SLICE, |at| at.saturating_duration_since(Instant::now()));
            if left.is_zero() || interrupt.is_raised() {
                return false;
            }
            state = match self.shared.changed.wait_timeout(state, left.min(SLICE)) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Feeds the queue from the process's stdin until that ends, [`AHEAD`]
    /// bytes ahead of the guest at most.
    fn pump(&self) {
        let mut buf = [0; 8 * 1024];
        loop {
            match io::stdin().lock().read(&mut buf) {
                Ok(0) => break,
                Ok(len) => self.push(&buf[..len]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
            let mut state = self.lock();
            while state.bytes.len() >= AHEAD {
                let woken = self.shared.changed.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
            }
        }
        self.close();
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (available, closed) = self.look();
        f.debug_struct("Input").field("available", &available).field("closed", &closed).finish()
    }
}

/// Ends waits (for input, for a clock) from another thread: the run stops with
/// [`CallError::Interrupted`](crate::CallError::Interrupted), and waits again when it goes on.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    raised: Arc<AtomicBool>,
}

impl Interrupt {
    /// One that is not raised.
    pub fn new() -> Interrupt {
        Interrupt::default()
    }

    /// Ends the wait going on, and every later one until [`Interrupt::clear`].
    pub fn raise(&self) {
        self.raised.store(true, Ordering::SeqCst);
    }

    /// Lets calls wait again.
    pub fn clear(&self) {
        self.raised.store(false, Ordering::SeqCst);
    }

    /// Whether it is raised.
    pub fn is_raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    /// Sleeps for `duration`; `false` if interrupted before its end.
    pub(crate) fn sleep(&self, duration: Duration) -> bool {
        let Some(end) = Instant::now().checked_add(duration) else {
            return self.sleep(Duration::from_secs(u32::MAX.into()));
        };
        loop {
            if self.is_raised() {
                return false;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(SLICE));
        }
    }
}

/// The guest's stdin.
#[derive(Debug)]
pub(crate) struct Stdin {
    pub(crate) input: Input,
    source: Source,
    pub(crate) terminal: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Source {
    /// The embedder; an empty queue parks the run.
    Embedder,
    /// The process's stdin; the pump is not running yet.
    Process,
    /// The process's stdin; an empty queue blocks.
    Pumped,
}

impl Stdin {
    /// Fed by the embedder.
    pub(crate) fn queue(input: Input) -> Stdin {
        Stdin { input, source: Source::Embedder, terminal: false }
    }

    /// The process's own.
    pub(crate) fn inherit() -> Stdin {
        Stdin { input: Input::new(), source: Source::Process, terminal: io::stdin().is_terminal() }
    }

    /// The queue, with whatever feeds it running; and whether an empty queue
    /// blocks (else it parks the run).
    pub(crate) fn start(&mut self) -> (&Input, bool) {
        if self.source == Source::Process {
            self.source = Source::Pumped;
            let input = self.input.clone();
            let pump = std::thread::Builder::new().name("stdin".into()).spawn(move || input.pump());
            if pump.is_err() {
                self.input.close();
            }
        }
        (&self.input, self.source == Source::Pumped)
    }
}

/// Where an output of the guest goes.
pub(crate) struct Output {
    writer: Box<dyn Write + Send>,
    pub(crate) terminal: bool,
}

impl Output {
    /// To `writer`.
    pub(crate) fn new(writer: impl Write + Send + 'static, terminal: bool) -> Output {
        Output { writer: Box::new(writer), terminal }
    }

    /// Writes what it can and flushes; how much was written, or the error if
    /// nothing was.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < bytes.len() {
            match self.writer.write(&bytes[done..]) {
                Ok(0) if done == 0 => return Err(io::ErrorKind::WriteZero.into()),
                Ok(0) => break,
                Ok(len) => done += len.min(bytes.len() - done),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if done == 0 => return Err(error),
                Err(_) => break,
            }
        }
        self.writer.flush()?;
        Ok(done)
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").field("terminal", &self.terminal).finish_non_exhaustive()
    }
}

/// A buffer that keeps what the guest prints; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Capture {
    /// An empty buffer.
    pub fn new() -> Capture {
        Capture::default()
    }

    /// A copy of what was printed so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.lock().clone()
    }

    /// Takes what was printed so far, leaving nothing.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
