//! Several threads that make the events of a run, each of every so many steps.
//!
//! ```text
//! steps     0 ──── 1 ──── 2 ──── 3 ──── 4 ────        pieces, in turn
//! hand A    ██████ ─      ██████ ─      ██████        ─  over the others' pieces at full speed
//! hand B    ─      ██████ ─      ██████ ─
//! writer           ▼      ▼      ▼      ▼             chunks, in order
//! ```
//!
//! To repeat a step costs some fiftieth of making its event, so each hand can well repeat the
//! others' pieces, and needs nothing but the run: no checkpoints, no pieces of equal cost.
//!
//! Always: chunks come in the order in which their pieces were given.

use super::profile::ConvertError;
use crate::timeline::capture::{Capture, Codes, Steps};
use crate::timeline::find::sweep::Worker;
use crate::timeline::{Run, TimelineError};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use wasmscope_trace_format::{
    ChunkMaker, CodeFunc, Codec, FuncId, MadeChunk, Profile, StepRecord, WriteError,
};

/// Steps of a piece: a whole number of chunks of every profile.
pub(super) const PIECE: u64 = 1 << 18;

/// Pieces that may wait at each hand, beside the one it works on.
const WAITING: usize = 1;

/// The most threads that are of use.
const MOST_HANDS: usize = 8;

/// See the module.
pub(super) struct Crew {
    hands: Vec<Hand>,
    /// The steps given and not yet taken, in order, and who has them.
    given: VecDeque<(usize, Range<u64>)>,
    next: usize,
}

/// Some steps and the chunks made of them.
type Made = (Range<u64>, Vec<MadeChunk>);

struct Hand {
    jobs: SyncSender<Range<u64>>,
    done: Receiver<Result<Vec<MadeChunk>, ConvertError>>,
}

impl Crew {
    /// A crew for a run, as large as there are processors.
    pub(super) fn new(run: &Arc<Run>, profile: Profile) -> std::io::Result<Crew> {
        let count = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_HANDS);
        let hands = (0..count).map(|_| Hand::start(run.clone(), profile)).collect::<Result<_, _>>()?;
        Ok(Crew { hands, given: VecDeque::new(), next: 0 })
    }

    /// Whether another piece can be given now.
    pub(super) fn has_room(&self) -> bool {
        self.given.len() < self.hands.len() * (1 + WAITING)
    }

    /// Gives some steps to whoever's turn it is.
    pub(super) fn give(&mut self, steps: Range<u64>) {
        let hand = self.next;
        self.next = (hand + 1) % self.hands.len();
        // A hand that is gone says why when it is asked for the piece.
        let _ = self.hands[hand].jobs.send(steps.clone());
        self.given.push_back((hand, steps));
    }

    /// Waits for the first piece given and not taken; its steps and chunks.
    pub(super) fn take(&mut self) -> Option<Result<Made, ConvertError>> {
        let (hand, steps) = self.given.pop_front()?;
        let done = self.hands[hand].done.recv();
        let lost = || TimelineError::Trace("a thread that makes events is gone".to_owned()).into();
        Some(done.unwrap_or_else(|_| Err(lost())).map(|chunks| (steps, chunks)))
    }
}

impl Hand {
    fn start(run: Arc<Run>, profile: Profile) -> std::io::Result<Hand> {
        let (jobs, todo) = sync_channel::<Range<u64>>(1 + WAITING);
        let (finished, done) = sync_channel(1 + WAITING);
        let work = move || {
            let mut maker = Maker::new(profile);
            let mut worker = None;
            while let Ok(steps) = todo.recv() {
                let made = maker.make(&run, &mut worker, steps);
                let failed = made.is_err();
                if finished.send(made).is_err() || failed {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("events".into()).spawn(work)?;
        Ok(Hand { jobs, done })
    }
}

/// What a hand works with.
struct Maker {
    codes: Codes,
    chunks: Chunks,
}

struct Chunks {
    maker: ChunkMaker,
    last: Option<FuncId>,
    error: Option<WriteError>,
}

impl Maker {
    fn new(profile: Profile) -> Maker {
        let maker = ChunkMaker::new(profile, Codec::default());
        Maker { codes: Codes::default(), chunks: Chunks { maker, last: None, error: None } }
    }

    fn make(
        &mut self,
        run: &Arc<Run>,
        worker: &mut Option<Worker>,
        steps: Range<u64>,
    ) -> Result<Vec<MadeChunk>, ConvertError> {
        let worker = match worker {
            Some(worker) => worker,
            None => worker.insert(Worker::new(run)?),
        };
        worker.go_to(run, steps.start)?;
        let mut capture = Capture::new(&mut self.codes, &mut self.chunks, false);
        while worker.replayer.step() < steps.end && worker.replayer.walk_to(steps.end, &mut capture)? {}
        let reached = worker.replayer.step();
        if reached < steps.end {
            return Err(TimelineError::Lost { step: steps.end, reached }.into());
        }
        match self.chunks.error.take() {
            Some(error) => Err(error.into()),
            None => Ok(self.chunks.maker.take()),
        }
    }
}

impl Chunks {
    fn try_step(&mut self, record: &StepRecord<'_>, code: &Arc<CodeFunc>) -> Result<(), WriteError> {
        if self.last != Some(record.func) {
            self.last = Some(record.func);
            if !self.maker.has_code(record.func) {
                self.maker.code(code.clone())?;
            }
        }
        self.maker.step(record)
    }
}

impl Steps for Chunks {
    #[inline]
    fn step(&mut self, record: &StepRecord<'_>, code: &Arc<CodeFunc>) {
        if self.error.is_none() {
            self.error = self.try_step(record, code).err();
        }
    }
}
