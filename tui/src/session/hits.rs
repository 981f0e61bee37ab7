//! Where in the run breakpoints would stop, found by a reader of its own while somebody looks elsewhere.
//!
//! ```text
//! session ─ look ─► wanted: what is on, how far the run is known ─┐
//!        ◄───────── stops found so far ◄── Hits ◄── go, go, … ◄───┴─ a second session, its own thread
//! ```
//!
//! It stops where `continue` would, conditions included. One stop in each of some hundred parts of the
//! run is enough for the map, so a breakpoint met a million times costs no more than those.
//! Always: a stop that is kept is one; before `upto` every part with a stop has one.
//! Elsewhere: the map (`panes`), the same for counts (`overview`).

use super::{Control, Direction, Goal, Session, Source, behind};
use crate::moment::{Breakpoint, Strip, Why};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Parts of the run in which one stop is enough.
const PARTS: u64 = 512;

/// What is looked for, and what was found.
#[derive(Default)]
struct Found {
    on: Vec<Breakpoint>,
    /// The run is known to here.
    end: u64,
    /// It was searched to here.
    upto: u64,
    /// Steps one would stop at, in order.
    stops: Vec<u64>,
    /// Given up: the run cannot be searched.
    failed: bool,
}

/// The search, shared by the thread that makes it and the session that reads it.
pub(super) struct Hits {
    reader: Mutex<Session>,
    found: Mutex<Found>,
    cancel: AtomicBool,
    over: AtomicBool,
}

impl Hits {
    /// A search that goes by its own reader of the run.
    pub(super) fn new(twin: Box<dyn Source>) -> Hits {
        Hits {
            reader: Mutex::new(Session::reader(twin)),
            found: Mutex::default(),
            cancel: AtomicBool::new(false),
            over: AtomicBool::new(false),
        }
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Says what is to be looked for in a run of `end` steps; whether there is something to do.
    pub(super) fn want(&self, breakpoints: &[Breakpoint], end: u64) -> bool {
        let asked = |it: &Breakpoint| Breakpoint { ignore: 0, stops: 0, ..it.clone() };
        let on: Vec<Breakpoint> = breakpoints.iter().filter(|it| it.enabled).map(asked).collect();
        let mut found = self.found();
        if found.on != on {
            *found = Found { on, ..Found::default() };
            self.cancel.store(true, Ordering::SeqCst);
        }
        found.end = end;
        found.open()
    }

    /// Puts what was found on the map of a run of `end` steps.
    pub(super) fn mark(&self, strip: &mut Strip, end: u64) {
        let found = self.found();
        strip.sought = if found.on.is_empty() || found.failed { end } else { found.upto };
        let from = |step: u64| found.stops.get(found.stops.partition_point(|&it| it < step)).copied();
        strip.first_in_each(end, from, |column| &mut column.stop);
    }

    /// Finds one more stop, or that there is none; whether there is more to do.
    pub(super) fn go_on(&self) -> bool {
        let (on, from, end) = {
            let mut found = self.found();
            self.cancel.store(false, Ordering::SeqCst);
            if !found.open() {
                return false;
            }
            if found.on.is_empty() {
                found.upto = found.end;
                return false;
            }
            (found.on.clone(), found.upto, found.end)
        };
        let mut reader = self.reader.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let stop = reader.next_stop(&on, from, &Control { cancel: &self.cancel, progress: &|_| {} });
        drop(reader);
        let mut found = self.found();
        if found.on != on || self.cancel.load(Ordering::SeqCst) {
            // Something else is wanted by now.
            return true;
        }
        match stop {
            Ok(Some(step)) if step <= end => {
                found.stops.push(step);
                let width = (end / PARTS).max(1);
                // On in the next part; where one stands is not found again.
                found.upto = ((step / width + 1) * width - 1).clamp(step, end).max(from + 1);
            }
            Ok(_) => found.upto = end,
            Err(_) => found.failed = true,
        }
        found.open()
    }
}

impl Found {
    fn open(&self) -> bool {
        !self.failed && self.upto < self.end
    }
}

impl Session {
    /// A session that only reads, for somebody else.
    fn reader(twin: Box<dyn Source>) -> Session {
        Session::with(twin, None)
    }

    /// The next step after `from` at which one of these stops.
    fn next_stop(
        &mut self,
        on: &[Breakpoint],
        from: u64,
        control: &Control<'_>,
    ) -> Result<Option<u64>, super::Failure> {
        self.stand_at(from);
        self.breakpoints = on.to_vec();
        let stop = self.go(Goal::Continue, Direction::Forward, control)?;
        Ok(matches!(stop.why, Why::Breakpoint(_)).then_some(stop.step))
    }
}

/// The thread that searches; it ends with this.
pub(super) struct Seeking {
    hits: Arc<Hits>,
    thread: JoinHandle<()>,
}

impl Seeking {
    /// Begins; `tell` hears now and then that there is more to see, and ends it with false.
    pub(super) fn start<F>(hits: Arc<Hits>, tell: Weak<F>) -> Option<Seeking>
    where
        F: Fn() -> bool + Send + Sync + 'static,
    {
        let it = hits.clone();
        let work = move || {
            let (mut told, mut news) = (Instant::now(), false);
            while !it.over.load(Ordering::SeqCst) {
                let before = it.found().upto;
                let more = it.go_on();
                news |= it.found().upto != before;
                if news && (!more || told.elapsed() >= Duration::from_millis(250)) {
                    (told, news) = (Instant::now(), false);
                    if !tell.upgrade().is_some_and(|tell| tell()) {
                        return;
                    }
                }
                if !more {
                    thread::park();
                }
            }
        };
        Some(Seeking { hits, thread: behind::start("stops", work)? })
    }

    /// Something else may be wanted.
    pub(super) fn nudge(&self) {
        self.thread.thread().unpark();
    }
}

impl Drop for Seeking {
    fn drop(&mut self) {
        self.hits.over.store(true, Ordering::SeqCst);
        self.hits.cancel.store(true, Ordering::SeqCst);
        self.thread.thread().unpark();
    }
}
