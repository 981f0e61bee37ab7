//! Recording events while the guest runs: other threads repeat the run close behind.
//!
//! ```text
//! guest     ════════════════════════●            counted, at full speed until too far ahead
//! crew      ─ ─ step, step, step ─●              repeats it from the log, makes events
//! follower    ─ ─ chunk, chunk ─●                writes them
//!                                  └ at most LEAD ┘
//! ```
//!
//! The guest is never watched: it tells its log what came in and, every so often, how far
//! it is; the follower makes the events out of that. It waits when the follower is too far
//! behind, so that whatever ends the process loses no more than that. When the file cannot
//! be written the follower ends and the guest goes on alone.

use crate::engine::Module;
use crate::record::Sink;
use crate::record::crew::{Crew, PIECE};
use crate::record::file::listed;
use crate::record::pace::{Pace, Took};
use crate::record::profile::{Conversion, ConvertError, WithPages};
use crate::store::PrunedStore;
use crate::timeline::checkpoint::{self, KnownPages};
use crate::timeline::{Run, convert};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use wasmscope_trace_format as wtrace;
use wtrace::{HostEntry, Output, PageHash, Position, Profile, RunEnd, TraceWriter, WriteError};

/// How far ahead of the follower the guest may be, in steps.
const LEAD: u64 = 1 << 23;

/// Steps after which the guest says how far it is.
const TELL: u64 = 1 << 18;

/// What guest and follower tell each other.
#[derive(Default)]
struct Link {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// How far the guest is known to be.
    guest: Position,
    /// The step the follower has come to.
    follower: u64,
    /// The guest has ended.
    over: bool,
    /// The follower has ended.
    gone: bool,
    checkpoints: VecDeque<WithPages>,
    /// Bytes written.
    bytes: u64,
}

impl Link {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    fn wait_while<'l>(
        &'l self,
        state: MutexGuard<'l, State>,
        wait: impl Fn(&State) -> bool,
    ) -> MutexGuard<'l, State> {
        self.changed.wait_while(state, |state| wait(state)).unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// The guest's side.
pub(super) struct Followed {
    run: Arc<Run>,
    link: Arc<Link>,
    pages: KnownPages,
    pace: Pace,
    next: u64,
}

impl Followed {
    fn reached(&self, position: Position) {
        self.link.change(|state| state.guest = state.guest.max(position));
    }

    /// Leaves a checkpoint for the follower to write.
    fn leave(&mut self, store: &mut PrunedStore) {
        let mut pages = Vec::new();
        let cursor = self.run.entries();
        let Ok(checkpoint) = checkpoint::capture(store, cursor, &mut self.pages, |page| {
            let hash = PageHash::of(page);
            if hash.is_some() {
                pages.push(Box::new(*page));
            }
            Ok::<_, Infallible>(hash)
        });
        let step = checkpoint.position.step;
        let written = pages.len() as u64;
        let took = Took { pages: written, listed: listed(&checkpoint), bytes: written * 2048 + 512 };
        self.next = self.pace.next(step, took);
        self.link.change(|state| state.checkpoints.push_back((checkpoint, pages)));
    }
}

impl Sink for Followed {
    fn module(&mut self, module: &Module) {
        self.run.push_module(module.clone());
    }

    fn entry(&mut self, position: Position, entry: &HostEntry) {
        if self.link.state().gone {
            return;
        }
        self.run.push_entry(position, entry.clone());
        self.reached(position);
    }

    fn output(&mut self, output: Output) {
        if !self.link.state().gone {
            self.run.push_output(output);
        }
    }

    fn checkpoint(&mut self, store: &mut PrunedStore) -> u64 {
        store.stand_still();
        let here = convert::position(store.standing());
        if self.link.state().gone {
            return u64::MAX;
        }
        if here.step >= self.next {
            self.leave(store);
        }
        self.reached(here);
        let state = self.link.state();
        drop(self.link.wait_while(state, |state| !state.gone && here.step > state.follower + LEAD));
        here.step + TELL
    }
}

/// The follower, seen by the recorder.
pub(super) struct Follower<W> {
    pub(super) run: Arc<Run>,
    link: Arc<Link>,
    thread: JoinHandle<Result<W, ConvertError>>,
}

impl<W: Write + Send + 'static> Follower<W> {
    /// Starts one that writes to `writer`; the guest's side of it.
    pub(super) fn start(
        writer: TraceWriter<W>,
        run: Arc<Run>,
        profile: Profile,
        pace: Pace,
        steps: Arc<AtomicU64>,
    ) -> std::io::Result<(Follower<W>, Followed)> {
        let link = Arc::new(Link::default());
        let (linked, followed, counted) = (link.clone(), run.clone(), steps);
        let thread = std::thread::Builder::new().name("recorder".into()).spawn(move || {
            let written = follow(writer, profile, &followed, &linked, &counted);
            linked.change(|state| state.gone = true);
            written
        })?;
        let guest = Followed {
            run: run.clone(),
            link: link.clone(),
            pages: KnownPages::default(),
            pace,
            next: pace.first(),
        };
        Ok((Follower { run, link, thread }, guest))
    }

    /// Steps and bytes written so far.
    pub(super) fn written(&self) -> (u64, u64) {
        let state = self.link.state();
        (state.follower, state.bytes)
    }

    /// Whether the file is given up.
    pub(super) fn is_gone(&self) -> bool {
        self.link.state().gone
    }

    /// The guest has ended: waits until all is written.
    pub(super) fn finish(self, end: Position, why: RunEnd) -> Result<W, ConvertError> {
        self.run.set_end(end, Some(why));
        self.link.change(|state| (state.guest, state.over) = (end, true));
        self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

/// What the follower does.
fn follow<W: Write>(
    writer: TraceWriter<W>,
    profile: Profile,
    run: &Arc<Run>,
    link: &Link,
    steps: &AtomicU64,
) -> Result<W, ConvertError> {
    /// How long written events may wait for the file to be whole up to them.
    const SYNC: Duration = Duration::from_secs(1);
    let mut conversion = Conversion::new(writer, run.clone());
    let mut crew = Crew::new(run, profile).map_err(|source| WriteError::Io { at: 0, source })?;
    let mut synced = Instant::now();
    let mut at = 0;
    loop {
        let state = link.state();
        // Whole pieces make whole chunks; what is left comes when the guest is done.
        let mut state = link.wait_while(state, |state| state.guest.step < at + PIECE && !state.over);
        let (guest, over) = (state.guest, state.over);
        let due = state.checkpoints.front().is_some_and(|(checkpoint, _)| checkpoint.position.step <= at);
        let checkpoint = if due { state.checkpoints.pop_front() } else { None };
        drop(state);
        if let Some(checkpoint) = checkpoint {
            conversion.checkpoint(&checkpoint)?;
            continue;
        }
        // What is known of the run so far is what may be repeated.
        if !over {
            run.set_end(guest, None);
        }
        let to = if over { guest.step } else { guest.step / PIECE * PIECE };
        at = conversion.steps(&mut crew, at..to, |at| {
            link.change(|state| state.follower = at);
            steps.store(at, Ordering::Relaxed);
            true
        })?;
        link.change(|state| (state.follower, state.bytes) = (at, conversion.writer.bytes()));
        if synced.elapsed() >= SYNC {
            conversion.writer.sync(Position::default())?;
            synced = Instant::now();
        }
        if over && at >= guest.step {
            while let Some((checkpoint, pages)) = link.state().checkpoints.pop_front() {
                conversion.checkpoint(&(checkpoint, pages))?;
            }
            let why = run.why().unwrap_or(RunEnd::Halt);
            return Ok(conversion.finish(guest, why)?);
        }
    }
}
