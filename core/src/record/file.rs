//! A trace file of profile `log` in the making; two of them while only the end of a run is kept.
//!
//! ```text
//! kept      ◆════════◆═══════◆═══════●        a whole recording from its first checkpoint on
//! coming             ◆═══════◆═══════●        begun when `kept` was long enough; takes its
//!                                             place when it is long enough itself
//! ```
//!
//! Always: what is kept can be opened at any time, whatever ends the process; an error of the
//! file ends the recording and not the guest.

use super::Sink;
use super::pace::{Pace, Took};
use crate::engine::Module;
use crate::store::PrunedStore;
use crate::timeline::checkpoint::{self, KnownPages};
use crate::timeline::convert;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use wasmscope_trace_format as wtrace;
use wtrace::{Checkpoint, HostEntry, Lost, Manifest, Output, Position, TraceWriter, WriteError};

/// How much of a run's end is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// At least so many steps, and at most about twice as many.
    Steps(u64),
    /// About so many bytes at most, and at least half as many.
    Bytes(u64),
}

/// Where the recordings go of which the last is kept.
pub trait Files: Send {
    /// What one is written to.
    type Out: Write + Send;

    /// Begins another file beside the one that is kept.
    ///
    /// # Errors
    /// What the system says.
    fn begin(&mut self) -> io::Result<Self::Out>;

    /// The file begun last takes the place of the one that was kept.
    ///
    /// # Errors
    /// What the system says.
    fn replace(&mut self) -> io::Result<()>;
}

/// How long checkpoints have kept the guest waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pauses {
    /// How many there were.
    pub count: u64,
    /// Pages of 4 KiB that were written since the checkpoint before, of all together.
    pub pages: u64,
    /// All together.
    pub total: Duration,
    /// The longest.
    pub longest: Duration,
}

/// A trace file in the making.
pub(super) struct File<W: Write + Send> {
    kept: Option<Part<W>>,
    coming: Option<Part<W>>,
    ring: Option<Ring<W>>,
    error: Option<WriteError>,
    name: String,
    pages: KnownPages,
    pace: Pace,
    pub(super) pauses: Pauses,
    /// The step of the next checkpoint.
    next: u64,
    synced: Instant,
    /// The step at which the clock was looked at, and entries since.
    seen: u64,
    unseen: u32,
    /// How long what was written may wait now for the file to be whole up to it.
    patience: Duration,
}

struct Part<W: Write + Send> {
    writer: TraceWriter<W>,
    /// Its first moment.
    began: u64,
}

/// What the next file begins with.
pub(super) struct Ring<W: Write + Send> {
    files: Box<dyn Files<Out = W>>,
    last: Last,
    manifest: Manifest,
    budget: u64,
    modules: Vec<(String, Module)>,
    /// What made modules, instances and the like, which outlive everything else.
    made: Vec<(Position, HostEntry)>,
}

impl<W: Write + Send> Ring<W> {
    pub(super) fn new(
        files: Box<dyn Files<Out = W>>,
        last: Last,
        manifest: Manifest,
        budget: u64,
    ) -> Ring<W> {
        Ring { files, last, manifest, budget, modules: Vec::new(), made: Vec::new() }
    }

    /// Whether a file is long enough to be all that is kept.
    fn is_enough(&self, part: &Part<W>, step: u64) -> bool {
        match self.last {
            Last::Steps(steps) => step - part.began >= steps,
            Last::Bytes(bytes) => part.writer.bytes() >= bytes / 2,
        }
    }

    /// A file that begins here, but for its first checkpoint.
    fn begin(&mut self, here: Position) -> Result<Part<W>, WriteError> {
        let out = self.files.begin().map_err(|source| WriteError::Io { at: 0, source })?;
        let mut writer = TraceWriter::begin(out, &self.manifest)?;
        for (name, module) in &self.modules {
            writer.module(name, module.data().bytes())?;
        }
        for (position, entry) in &self.made {
            writer.host_log(*position, entry)?;
        }
        let why = "only the end of the run was asked for".to_owned();
        writer.lost(&Lost { from: Position::default(), steps: here.step, why })?;
        writer.host_log(here, &HostEntry::LeftOut)?;
        Ok(Part { writer, began: here.step })
    }
}

/// The pages a checkpoint lists.
pub(super) fn listed(checkpoint: &Checkpoint) -> u64 {
    checkpoint.memories.iter().map(|memory| memory.pages.len() as u64).sum()
}

/// How long what was written may wait at first for the file to be whole up to it, so that little
/// is lost of a run that is killed early; it doubles each time.
const FIRST_SYNC: Duration = Duration::from_millis(16);
/// And at most.
const SYNC: Duration = Duration::from_secs(1);

impl<W: Write + Send> File<W> {
    pub(super) fn new(writer: TraceWriter<W>, name: &str, pace: Pace, ring: Option<Ring<W>>) -> File<W> {
        File {
            kept: Some(Part { writer, began: 0 }),
            coming: None,
            ring,
            error: None,
            name: name.to_owned(),
            pages: KnownPages::default(),
            pace,
            pauses: Pauses::default(),
            next: pace.first(),
            synced: Instant::now(),
            seen: 0,
            unseen: 0,
            patience: FIRST_SYNC,
        }
    }

    /// Whether nothing more is written.
    pub(super) fn is_stopped(&self) -> bool {
        self.error.is_some()
    }

    /// Bytes of the file that is kept.
    pub(super) fn bytes(&self) -> u64 {
        self.kept.as_ref().map_or(0, |part| part.writer.bytes())
    }

    /// The file that is kept, to be closed.
    pub(super) fn take(&mut self) -> Result<TraceWriter<W>, WriteError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        Ok(self.kept.take().expect("a recorder is finished once").writer)
    }

    /// Writes to the file that is kept and to the one that comes.
    fn write(&mut self, with: impl Fn(&mut TraceWriter<W>) -> Result<(), WriteError>) {
        if self.error.is_some() {
            return;
        }
        let mut parts = self.kept.iter_mut().chain(&mut self.coming);
        self.error = parts.try_for_each(|part| with(&mut part.writer)).err();
    }

    /// The same, asked at every entry: a clock costs more than an entry.
    fn sync_often(&mut self, position: Position) {
        /// Entries, and steps, between two looks at the clock.
        const ENTRIES: u32 = 32;
        const STEPS: u64 = 1 << 12;
        self.unseen += 1;
        if self.unseen >= ENTRIES || position.step >= self.seen + STEPS {
            (self.unseen, self.seen) = (0, position.step);
            self.sync(position);
        }
    }

    /// Makes the file whole up to here, from time to time.
    fn sync(&mut self, position: Position) {
        if self.synced.elapsed() >= self.patience {
            self.write(|writer| writer.sync(position));
            self.synced = Instant::now();
            self.patience = SYNC.min(self.patience * 2);
        }
    }

    fn checkpoint(&mut self, store: &mut PrunedStore, here: Position) {
        if self.error.is_none() {
            match self.try_checkpoint(store, here) {
                Ok(next) => self.next = next,
                Err(error) => self.error = Some(error),
            }
        }
        if self.error.is_some() {
            self.next = u64::MAX;
        }
    }

    /// The step of the next.
    fn try_checkpoint(&mut self, store: &mut PrunedStore, here: Position) -> Result<u64, WriteError> {
        let begin = Instant::now();
        self.rotate(here)?;
        let File { kept, coming, pages, pace, pauses, .. } = self;
        let kept = kept.as_mut().expect("the guest runs");
        let before = kept.writer.bytes();
        let mut written = 0;
        let checkpoint = checkpoint::capture(store, 0, pages, |page| {
            written += 1;
            if let Some(coming) = coming {
                coming.writer.page(page)?;
            }
            kept.writer.page(page)
        })?;
        for part in std::iter::once(&mut *kept).chain(coming) {
            let host_cursor = part.writer.host_cursor();
            part.writer.checkpoint(&Checkpoint { host_cursor, ..checkpoint.clone() })?;
        }
        let pause = begin.elapsed();
        pauses.count += 1;
        pauses.pages += written;
        pauses.total += pause;
        pauses.longest = pauses.longest.max(pause);
        let bytes = kept.writer.bytes() - before;
        let next = pace.next(here.step, Took { pages: written, listed: listed(&checkpoint), bytes });
        Ok(self.ring_turn(here.step).map_or(next, |turn| next.min(turn)))
    }

    /// When a ring is to be looked at again at the latest.
    fn ring_turn(&self, here: u64) -> Option<u64> {
        /// Steps between two looks at the size of a file.
        const LOOK: u64 = 1 << 24;
        let began = self.coming.as_ref().or(self.kept.as_ref())?.began;
        Some(match self.ring.as_ref()?.last {
            Last::Steps(steps) => (began + steps).max(here + 1),
            Last::Bytes(_) => here + LOOK,
        })
    }

    /// Where only the end is kept: lets the next file take the place of the one before, and
    /// begins another.
    fn rotate(&mut self, here: Position) -> Result<(), WriteError> {
        let Some(ring) = &mut self.ring else { return Ok(()) };
        if let Some(coming) = self.coming.take_if(|part| ring.is_enough(part, here.step)) {
            let at = coming.writer.bytes();
            ring.files.replace().map_err(|source| WriteError::Io { at, source })?;
            self.kept = Some(coming);
            self.pace = Pace::new(ring.budget);
        }
        let is_full = self.kept.as_ref().is_some_and(|part| ring.is_enough(part, here.step));
        if is_full && self.coming.is_none() {
            self.coming = Some(ring.begin(here)?);
            // Its first checkpoint names every page.
            self.pages = KnownPages::default();
        }
        Ok(())
    }
}

pub(super) type Shared<W> = Arc<Mutex<File<W>>>;

pub(super) fn lock<W: Write + Send>(file: &Shared<W>) -> MutexGuard<'_, File<W>> {
    // A writer that panicked has noted no error; the file ends where it ends.
    file.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The file, and the step the guest was seen at last.
pub(super) struct ToFile<W: Write + Send>(pub(super) Shared<W>, pub(super) Arc<AtomicU64>);

impl<W: Write + Send> Sink for ToFile<W> {
    fn module(&mut self, module: &Module) {
        let mut file = lock(&self.0);
        let name = module.data().name().map_or_else(|| file.name.clone(), str::to_owned);
        file.write(|writer| writer.module(&name, module.data().bytes()).map(drop));
        if let Some(ring) = &mut file.ring {
            ring.modules.push((name, module.clone()));
        }
    }

    fn entry(&mut self, position: Position, entry: &HostEntry) {
        let mut file = lock(&self.0);
        file.write(|writer| writer.host_log(position, entry).map(drop));
        file.sync_often(position);
        if let Some(ring) = &mut file.ring
            && entry.makes()
        {
            ring.made.push((position, entry.clone()));
        }
        self.1.store(position.step, Ordering::Relaxed);
    }

    fn output(&mut self, output: Output) {
        lock(&self.0).write(|writer| writer.output(output.position, output.stream, &output.bytes));
    }

    fn checkpoint(&mut self, store: &mut PrunedStore) -> u64 {
        /// Steps after which it is said how far the guest is.
        const TELL: u64 = 1 << 24;
        store.stand_still();
        let here = convert::position(store.standing());
        let mut file = lock(&self.0);
        if here.step >= file.next {
            file.checkpoint(store, here);
        }
        file.sync(here);
        self.1.store(here.step, Ordering::Relaxed);
        file.next.min(here.step + TELL)
    }
}
