//! Going to a step: from the nearest moment that is kept, or from a checkpoint of the file.
//!
//! ```text
//! kept      ◆              ◆                    snapshots of this timeline
//! file           ◇              ◇               checkpoints
//! way                           ◇┄┄┄┄◆┄┄●       from the nearest; one is kept near the step
//! ```
//!
//! Always: a damaged checkpoint is passed over; what is reached is a step of the run, or an error
//! says how far it goes.

use super::{Progress, Timeline, TimelineError, no_beginning};

/// Steps between snapshots on a long way.
const SPARSE: u64 = 1 << 22;
/// How far before the cursor a snapshot stands, at most.
const DENSE: u64 = 1 << 15;
/// Bytes all snapshots together may hold.
const BUDGET: usize = 192 << 20;

/// Nobody waits.
struct Unwatched;

impl Progress for Unwatched {
    fn go_on(&self, _step: u64) -> bool {
        true
    }
}

impl Timeline {
    /// Goes to the moment before `step`; the run's number of steps is the moment behind
    /// the last.
    ///
    /// # Errors
    /// If there is no such step, or the run cannot be repeated.
    pub fn seek(&mut self, step: u64) -> Result<(), TimelineError> {
        self.seek_watched(step, &Unwatched)
    }

    /// The same, on a way that can be cancelled; the timeline then stands where it has
    /// come to.
    ///
    /// # Errors
    /// As [`Timeline::seek`], and if it is cancelled.
    pub fn seek_watched(&mut self, step: u64, progress: &dyn Progress) -> Result<(), TimelineError> {
        let _awaited = self.run.await_it();
        let end = self.end().step;
        if step > end {
            return Err(TimelineError::NoSuchStep { step, end });
        }
        let begin = self.begin().step;
        if step < begin {
            return Err(TimelineError::NotKept { step, begin });
        }
        if self.snapshots.is_empty() {
            self.replayer.run_to(0, None)?;
            self.keep();
        }
        let here = self.step();
        let before = self.snapshots.range(..=step).next_back().map(|(_, snapshot)| snapshot.clone());
        let before = before.ok_or_else(|| TimelineError::Trace("the run has no beginning".to_owned()))?;
        if here > step || before.position.steps > here {
            self.replayer.restore(&before);
        }
        if step - self.step() > SPARSE || self.step() < begin {
            self.jump(step)?;
        }
        if self.step() < begin {
            return Err(no_beginning(begin));
        }
        // A long way: leave snapshots behind.
        while step - self.step() > SPARSE + DENSE {
            let to = (self.step() / SPARSE + 1) * SPARSE;
            self.go(to)?;
            self.keep();
            if !progress.go_on(to) {
                return Err(TimelineError::Cancelled);
            }
        }
        if step - self.step() > 2 * DENSE {
            self.go(step - DENSE)?;
            self.keep();
        }
        self.go(step)
    }

    /// Goes to the file's last checkpoint before `step`, if that is nearer than where the
    /// timeline stands. A damaged checkpoint is passed over.
    fn jump(&mut self, step: u64) -> Result<(), TimelineError> {
        let run = self.run.clone();
        let Some(reader) = &run.reader else { return Ok(()) };
        let here = self.step();
        let checkpoints = run.checkpoints();
        let before = checkpoints.partition_point(|&at| at <= step);
        for index in (0..before).rev() {
            if checkpoints[index] <= here {
                break;
            }
            let Ok(checkpoint) = run.checkpoint(index) else { continue };
            let start = self.snapshots.values().next().expect("the beginning is kept").clone();
            if self.replayer.jump(&start, &checkpoint, reader).is_ok() {
                self.keep();
                return Ok(());
            }
        }
        // Where a failed attempt has left the store says nothing.
        let nearest = self.snapshots.range(..=step).next_back().map(|(_, snapshot)| snapshot.clone());
        if self.replayer.is_torn()
            && let Some(nearest) = nearest
        {
            self.replayer.restore(&nearest);
        }
        Ok(())
    }

    /// Runs on to `step`, which is a step of the run: an error if it stands still before.
    fn go(&mut self, step: u64) -> Result<(), TimelineError> {
        if self.step() < step {
            self.replayer.run_to(step, None).map_err(|error| match error {
                TimelineError::Lost { reached, .. } => TimelineError::Lost { step, reached },
                other => other,
            })?;
        }
        self.reached(step)
    }

    /// Whether the replay has come to a step of the run, and its op is there to run.
    pub(super) fn reached(&self, step: u64) -> Result<(), TimelineError> {
        let here = self.step();
        let before_op = step == self.end().step || self.replayer.is_running();
        if here < step || here == step && !before_op { Err(self.replayer.lost(step)) } else { Ok(()) }
    }

    /// Keeps a snapshot of where the timeline stands.
    pub(super) fn keep(&mut self) {
        let step = self.step();
        if self.snapshots.contains_key(&step) {
            return;
        }
        let snapshot = self.replayer.snapshot();
        self.held += snapshot.cost;
        self.snapshots.insert(step, snapshot);
        if self.held > BUDGET {
            self.thin(step);
        }
    }

    /// Drops snapshots until they fit the budget: those with the least between their
    /// neighbours first, measured against their distance from the cursor.
    fn thin(&mut self, cursor: u64) {
        while self.held > BUDGET && self.snapshots.len() > 3 {
            let steps: Vec<u64> = self.snapshots.keys().copied().collect();
            let worth = |at: &usize| {
                let gap = steps[at + 1] - steps[at - 1];
                let far = steps[*at].abs_diff(cursor).max(DENSE);
                gap.saturating_mul(1 << 20) / far
            };
            let Some(least) = (1..steps.len() - 1).min_by_key(worth) else { return };
            if let Some(dropped) = self.snapshots.remove(&steps[least]) {
                // What others have too stays.
                self.held = self.held.saturating_sub(dropped.own());
            }
        }
    }
}
