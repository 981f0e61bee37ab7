//! Many intervals of a run, looked through by all processors.
//!
//! ```text
//! checkpoints  c0      c1      c2      c3      c4
//! intervals    [ 4 )   [ 3 )   [ 2 )   [ 1 )   [ 0 ) from       backward: nearest first
//! thread A                     ████            ████
//! thread B                             ████
//! ```
//!
//! Each thread has a store of its own, which goes to the interval's checkpoint in the file
//! and repeats the run from there. What is found is handed over in the order of the
//! intervals, however far which of them is; an interval behind a sufficient answer is not
//! begun, or given up.

use super::matcher::Matcher;
use crate::timeline::index::Collector;
use crate::timeline::replay::Replayer;
use crate::timeline::snapshot::Snapshot;
use crate::timeline::source::Run;
use crate::timeline::{Control, Progress, TimelineError, no_beginning};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use wasmscope_trace_format::{Checkpoint, TraceReader};

/// The parts of `range` that can be repeated independently, in order: from one checkpoint
/// of the file to the next.
pub(crate) fn intervals(run: &Run, range: Range<u64>) -> Vec<Range<u64>> {
    let within = |at: &u64| range.start < *at && *at < range.end;
    let mut starts = vec![range.start];
    starts.extend(run.checkpoints().iter().copied().filter(within));
    let ends = starts[1..].iter().copied().chain([range.end]).collect::<Vec<_>>();
    starts.into_iter().zip(ends).map(|(start, end)| start..end).collect()
}

/// A store that can go to any checkpoint.
pub(crate) struct Worker {
    pub(crate) replayer: Replayer,
    start: Arc<Snapshot>,
    /// The query, made ready for this store.
    pub(super) matcher: Option<Matcher>,
    /// What an index is made with.
    pub(crate) collector: Option<Box<Collector>>,
}

/// Steps that are repeated rather than jumped over.
const NEAR: u64 = 1 << 18;

impl Worker {
    pub(crate) fn new(run: &Arc<Run>) -> Result<Worker, TimelineError> {
        let mut replayer = Replayer::new(run.clone());
        replayer.run_to(0, None)?;
        let start = replayer.snapshot();
        Ok(Worker { replayer, start, matcher: None, collector: None })
    }

    /// Goes to the beginning of the run.
    pub(crate) fn restart(&mut self) {
        self.replayer.restore(&self.start);
    }

    /// Goes to a checkpoint of the file.
    pub(crate) fn jump(
        &mut self,
        checkpoint: &Checkpoint,
        reader: &TraceReader,
    ) -> Result<(), TimelineError> {
        self.replayer.jump(&self.start, checkpoint, reader)
    }

    /// Goes to `step`, by the file's last whole checkpoint before it.
    pub(crate) fn go_to(&mut self, run: &Run, step: u64) -> Result<(), TimelineError> {
        let here = self.replayer.step();
        if here > step || self.replayer.is_torn() {
            self.replayer.restore(&self.start);
        }
        let (here, begin) = (self.replayer.step(), run.begin().step);
        if let Some(reader) = run.reader.as_ref().filter(|_| step - here > NEAR || here < begin) {
            let checkpoints = run.checkpoints();
            let before = checkpoints.partition_point(|&at| at <= step);
            for index in (0..before).rev().take_while(|&index| checkpoints[index] > here) {
                let Ok(checkpoint) = run.checkpoint(index) else { continue };
                if self.jump(&checkpoint, reader).is_ok() {
                    break;
                }
            }
            if self.replayer.is_torn() {
                self.replayer.restore(&self.start);
            }
        }
        if self.replayer.step() < begin {
            return Err(no_beginning(begin));
        }
        self.replayer.run_to(step, None)?;
        if self.replayer.step() < step { Err(self.replayer.lost(step)) } else { Ok(()) }
    }
}

/// What a thread asks while it works on a piece.
struct Turn<'a> {
    control: &'a Control,
    /// Pieces from this one on are no longer of interest.
    enough: &'a AtomicUsize,
    index: usize,
}

impl Progress for Turn<'_> {
    fn go_on(&self, step: u64) -> bool {
        self.control.go_on(step) && self.index < self.enough.load(Ordering::Relaxed)
    }
}

/// Lets `work` look through each piece of the run and give what it finds to its last
/// argument, which says whether to go on; gives that to `done` in the order of the pieces,
/// until it says no.
///
/// # Errors
/// The first of `work`, in that order; or if the search is cancelled.
pub(crate) fn sweep<P: Sync, R: Send>(
    run: &Arc<Run>,
    pieces: &[P],
    control: &Control,
    work: impl Fn(&mut Worker, &P, &dyn Progress, &mut dyn FnMut(R) -> bool) -> Result<(), TimelineError> + Sync,
    mut done: impl FnMut(R) -> bool,
) -> Result<(), TimelineError> {
    /// Findings that may wait to be handed over, for each piece.
    const WAITING: usize = 4;
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(pieces.len());
    let next = AtomicUsize::new(0);
    let enough = AtomicUsize::new(pieces.len());
    let (senders, receivers): (Vec<_>, Vec<_>) = pieces.iter().map(|_| sync_channel(WAITING)).unzip();
    let senders: Vec<_> = senders.into_iter().map(|sender| std::sync::Mutex::new(Some(sender))).collect();
    let thread = || {
        let mut worker = None;
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= enough.load(Ordering::Relaxed) {
                return;
            }
            let sender = senders[index].lock().ok().and_then(|mut sender| sender.take());
            let Some(sender) = sender else { return };
            let turn = Turn { control, enough: &enough, index };
            let mut give = |found: R| sender.send(Ok(found)).is_ok();
            let worked = match &mut worker {
                Some(worker) => work(worker, &pieces[index], &turn, &mut give),
                None => Worker::new(run)
                    .and_then(|made| work(worker.insert(made), &pieces[index], &turn, &mut give)),
            };
            if let Err(error) = worked {
                // Nobody may be listening any more.
                let _ = sender.send(Err(error));
                return;
            }
        }
    };
    let mut result = Ok(());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(thread);
        }
        'all: for receiver in receivers {
            for found in receiver {
                match found.map(&mut done) {
                    Ok(true) => {}
                    Ok(false) => break 'all,
                    Err(error) => {
                        result = Err(error);
                        break 'all;
                    }
                }
            }
        }
        enough.store(0, Ordering::Relaxed);
    });
    if control.cancel.load(Ordering::Relaxed) { Err(TimelineError::Cancelled) } else { result }
}
