//! Counting the whole run while somebody looks at something else.
//!
//! ```text
//! session ─ look ──┐                        parks when all that is known is counted
//!                  ├─► Shared ◄── go_on, go_on, … its own thread ─► Reply::Surveyed, now and then
//!                  └ a lock, held for a slice at most
//! ```
//!
//! The counting leaves the processors to those that answer (`behind`), so it can be kept waiting within a slice:
//! who reads does not wait for long, and goes by what was read before.
//! Always: what is counted is exact for the steps before `upto`; nothing is said of the others.
//! Elsewhere: who counts (`source`), what the counts are shown as (`panes`).

use super::{Failure, behind};
use crate::moment::{CallTree, Column, Strip};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, TryLockError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use wasmscope_trace_format::FuncId;

/// A count of a whole run, made piece by piece.
pub trait Overview: Send {
    /// Counts so many steps more; false when all that is known of the run is counted.
    fn go_on(&mut self, steps: u64) -> Result<bool, Failure>;
    /// The steps before this one are counted.
    fn upto(&self) -> u64;
    /// Equal parts of `0..end`, at most `columns`.
    fn columns(&self, end: u64, columns: usize) -> Vec<Column>;
    /// How often the ops of a function ran, by their offset, in order.
    fn op_counts(&self, func: FuncId) -> Vec<(u32, u64)>;
    /// How often handlers returned what, the most frequent first.
    fn outcomes(&self) -> Vec<(&'static str, u64)>;
    /// Who called whom; `name` says what a function is called.
    fn tree(&self, name: &dyn Fn(FuncId) -> Arc<str>) -> CallTree;
}

/// Steps counted while nobody else may look.
const SLICE: u64 = 1 << 15;
/// How long who reads waits for a slice to be done.
const PATIENCE: Duration = Duration::from_millis(3);
/// A run this long is not counted to its end unasked.
const MOST: u64 = 1 << 33;

/// An overview that one thread makes and another reads.
pub(super) struct Shared {
    of: Mutex<Box<dyn Overview>>,
    /// How many want to read it.
    readers: AtomicUsize,
    over: AtomicBool,
}

impl Shared {
    pub(super) fn new(of: Box<dyn Overview>) -> Shared {
        Shared { of: Mutex::new(of), readers: AtomicUsize::new(0), over: AtomicBool::new(false) }
    }

    /// Reads it before the next slice is counted; `None` if this one takes too long.
    pub(super) fn read<T>(&self, look: impl FnOnce(&dyn Overview) -> T) -> Option<T> {
        self.readers.fetch_add(1, Ordering::SeqCst);
        let begun = Instant::now();
        let answer = loop {
            match self.of.try_lock() {
                Ok(of) => break Some(look(of.as_ref())),
                Err(TryLockError::Poisoned(of)) => break Some(look(of.into_inner().as_ref())),
                Err(TryLockError::WouldBlock) if begun.elapsed() > PATIENCE => break None,
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_micros(100)),
            }
        };
        self.readers.fetch_sub(1, Ordering::SeqCst);
        answer
    }

    /// A slice; whether there is more to count.
    pub(super) fn go_on(&self) -> bool {
        let mut of = self.of.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if of.upto() >= MOST {
            return false;
        }
        // A run that cannot be repeated says so where it is looked at.
        of.go_on(SLICE).unwrap_or(false)
    }

    /// The strip over a run of `end` steps.
    pub(super) fn strip(&self, end: u64, columns: usize) -> Option<Strip> {
        self.read(|of| Strip { upto: of.upto().min(end), columns: of.columns(end, columns), sought: end })
    }
}

/// The thread that counts; it ends with this.
pub(super) struct Surveying {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
}

impl Surveying {
    /// Begins; `tell` hears now and then that there is more to see, and ends it with false.
    pub(super) fn start<F>(shared: Arc<Shared>, tell: Weak<F>) -> Option<Surveying>
    where
        F: Fn() -> bool + Send + Sync + 'static,
    {
        let counted = shared.clone();
        let work = move || {
            let mut told = Instant::now();
            let mut news = false;
            while !counted.over.load(Ordering::SeqCst) {
                while counted.readers.load(Ordering::SeqCst) > 0 {
                    thread::sleep(Duration::from_micros(200));
                }
                let more = counted.go_on();
                news |= more;
                if news && (!more || told.elapsed() >= Duration::from_millis(250)) {
                    told = Instant::now();
                    if !tell.upgrade().is_some_and(|tell| tell()) {
                        return;
                    }
                }
                if !more {
                    news = true;
                    thread::park();
                }
            }
        };
        Some(Surveying { shared, thread: behind::start("survey", work)? })
    }

    /// The run may have grown.
    pub(super) fn nudge(&self) {
        self.thread.thread().unpark();
    }
}

impl Drop for Surveying {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        self.thread.thread().unpark();
    }
}
