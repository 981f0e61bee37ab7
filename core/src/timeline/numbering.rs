//! The steps of a recording that another lowering, or another version of the engine, has numbered.
//!
//! ```text
//! recorded   step 0 ······· ◆ 16.8M ······ ◆ 33.5M ······ │ 40.1M      in the file
//!                           tick 41M       tick 83M         tick 99M     the same for every engine
//! here       step 0 ······· ◆ 14.2M ······ ◆ 28.9M ······ │ 34.4M      counted by repeating it once
//! ```
//!
//! Ticks and canonical states do not depend on lowering, step numbers do. So the run is repeated
//! from each checkpoint to the tick of the next, by all processors, and the steps in between are
//! added up; on the way each entry of the host log is met at its step. From then on the run gives
//! every position of the file in this engine's numbers, and nobody else need know.
//!
//! Always: checkpoints stand where code of every lowering has an op's beginning. Of a recording
//! that kept only its end, the first moment keeps its number.
//! Elsewhere: when this is needed (`source`).

use super::find::sweep::{Worker, sweep};
use super::replay::Replayer;
use super::source::{Run, is_pause, lowering_of};
use super::{Control, Progress, TimelineError};
use crate::exec::control::Stand;
use crate::record::is_numbered_alike;
use crate::timeline::{checkpoint, convert};
use std::sync::Arc;
use wasmscope_trace_format::{Checkpoint, FuncId, Position, ReadError, RunEnd, TraceReader};

/// This engine's numbers of what a file has positions of.
pub(crate) struct Numbers {
    /// Entries of the host log that do not stand where the one before does: index and position.
    entries: Vec<(u64, Position)>,
    /// The steps of the checkpoints.
    steps: Vec<u64>,
    checkpoints: Vec<Numbered>,
    pub(super) end: Position,
    /// Behind `end` the file is damaged.
    pub(super) is_cut: bool,
}

/// A checkpoint of the file.
struct Numbered {
    /// Its place in the file's order.
    index: usize,
    position: Position,
    /// When each of its frames was entered.
    entered: Vec<Position>,
}

impl Run {
    /// If the file numbers steps otherwise than this engine: finds out what this engine's numbers
    /// are, by repeating the run.
    ///
    /// # Errors
    /// If that cannot be done, or is cancelled.
    pub(crate) fn number(self: &Arc<Run>, control: &Control) -> Result<(), TimelineError> {
        let Some(reader) = &self.reader else { return Ok(()) };
        if lowering_of(reader.manifest()) == self.lowering() && is_numbered_alike(reader.manifest()) {
            return Ok(());
        }
        let Some(numbers) = count(self, control)? else { return Ok(()) };
        self.renumber(&numbers);
        self.numbers.get_or_init(|| numbers);
        Ok(())
    }
}

impl Numbers {
    /// Where an entry of the host log stands.
    pub(super) fn entry(&self, index: u64) -> Position {
        let before = self.entries.partition_point(|&(at, _)| at <= index);
        before.checked_sub(1).map_or_else(Position::default, |last| self.entries[last].1)
    }

    pub(super) fn checkpoints(&self) -> &[u64] {
        &self.steps
    }

    pub(super) fn checkpoint(
        &self,
        reader: &TraceReader,
        index: usize,
    ) -> Result<Arc<Checkpoint>, ReadError> {
        let numbered = &self.checkpoints[index];
        let mut checkpoint = (*reader.checkpoint(numbered.index)?).clone();
        checkpoint.position = numbered.position;
        for (frame, &entered) in checkpoint.frames.iter_mut().zip(&numbered.entered) {
            frame.entered = entered;
        }
        Ok(Arc::new(checkpoint))
    }
}

/// Where a checkpoint of the file stands, in the file's numbers.
#[derive(Clone, PartialEq)]
struct Mark {
    index: usize,
    position: Position,
    depth: usize,
    /// The innermost function and its next operator.
    place: Option<(FuncId, u32)>,
    entered: Vec<Position>,
}

/// From one checkpoint, or the beginning of the run, to the next, or the end.
struct Piece {
    from: Option<Mark>,
    to: Option<Mark>,
}

/// What repeating a piece has come to, counted on from the file's number of its first step.
struct Counted {
    end: Position,
    /// Of the frames on the stack.
    entered: Vec<Position>,
    heard: Vec<(u64, Position)>,
}

/// This engine's numbers; `None` if they are those of the file.
///
/// # Errors
/// If the run cannot be repeated up to its first checkpoint, or it is cancelled.
fn count(run: &Arc<Run>, control: &Control) -> Result<Option<Numbers>, TimelineError> {
    let Some(reader) = &run.reader else { return Ok(None) };
    let pieces = pieces(run, reader);
    let mut all = Numbers {
        entries: Vec::new(),
        steps: Vec::new(),
        checkpoints: Vec::new(),
        end: run.begin(),
        is_cut: false,
    };
    let (mut done, mut differs) = (0, false);
    let mut entered = pieces[0].from.as_ref().map_or_else(Vec::new, |mark| mark.entered.clone());
    all.push_checkpoint(pieces[0].from.as_ref(), &entered);
    let work =
        |worker: &mut Worker, piece: &Piece, turn: &dyn Progress, give: &mut dyn FnMut(Counted) -> bool| {
            give(piece.count(run, worker, turn)?);
            Ok(())
        };
    let counted = sweep(run, &pieces, control, work, |counted: Counted| {
        let piece = &pieces[done];
        done += 1;
        // The numbers of this piece began with the file's.
        let from = piece.from.as_ref().map_or(0, |mark| mark.position.step);
        let began = all.end.step;
        let own = |at: Position| Position { step: at.step.saturating_sub(from).saturating_add(began), ..at };
        for (index, at) in counted.heard {
            if all.entries.last().is_none_or(|(_, last)| *last != own(at)) {
                all.entries.push((index, own(at)));
            }
        }
        // A frame that was there before was entered when it was.
        let frames = counted.entered.into_iter().enumerate();
        let frames = frames.map(|(depth, at)| match at.step > from || piece.from.is_none() {
            true => own(at),
            false => entered.get(depth).copied().unwrap_or(at),
        });
        entered = frames.collect();
        all.end = own(counted.end);
        all.push_checkpoint(piece.to.as_ref(), &entered);
        differs |= piece.to.as_ref().map_or_else(|| run.end(), |mark| mark.position) != all.end;
        true
    });
    match counted {
        Ok(()) => {}
        // What lies behind is damaged.
        Err(error) if done == 0 || matches!(error, TimelineError::Cancelled) => return Err(error),
        Err(_) => (all.is_cut, differs) = (true, true),
    }
    Ok(differs.then_some(all))
}

impl Numbers {
    fn push_checkpoint(&mut self, mark: Option<&Mark>, entered: &[Position]) {
        if let Some(mark) = mark {
            self.steps.push(self.end.step);
            let (index, position) = (mark.index, self.end);
            self.checkpoints.push(Numbered { index, position, entered: entered.to_vec() });
        }
    }
}

/// The stretches between the checkpoints that are whole.
fn pieces(run: &Run, reader: &TraceReader) -> Vec<Piece> {
    let mut marks = Vec::new();
    for index in 0..reader.checkpoints().len() {
        let Ok(checkpoint) = reader.checkpoint(index) else { continue };
        marks.push(Some(Mark {
            index,
            position: checkpoint.position,
            depth: checkpoint.frames.len(),
            place: checkpoint.frames.last().map(|frame| (frame.func, frame.pc)),
            entered: checkpoint.frames.iter().map(|frame| frame.entered).collect(),
        }));
    }
    if run.begin().step == 0 || marks.is_empty() {
        marks.insert(0, None);
    }
    let ends: Vec<_> = marks[1..].iter().cloned().chain([None]).collect();
    marks.into_iter().zip(ends).map(|(from, to)| Piece { from, to }).collect()
}

impl Piece {
    fn count(
        &self,
        run: &Run,
        worker: &mut Worker,
        progress: &dyn Progress,
    ) -> Result<Counted, TimelineError> {
        match (&self.from, &run.reader) {
            (Some(mark), Some(reader)) => worker.jump(&*reader.checkpoint(mark.index)?, reader)?,
            _ => worker.restart(),
        }
        let replayer = &mut worker.replayer;
        let heard = replayer.listen();
        // A run that ended of itself ends again; where it was stopped is only known by ticks.
        let stopped = match run.why() {
            Some(RunEnd::Error(reason)) => is_pause(&reason),
            Some(RunEnd::Halt) => false,
            Some(RunEnd::Stopped(_)) | None => true,
        };
        let limit = match &self.to {
            Some(mark) => mark.position.tick,
            None => run.end().tick.saturating_add(u64::from(!stopped)),
        };
        run_to_tick(replayer, limit, progress)?;
        if let Some(mark) = &self.to {
            meet(replayer, mark)?;
        } else if !stopped && replayer.position().tick >= limit {
            return Err(replayer.passed(limit - 1));
        }
        let store = &mut replayer.store;
        let entered = (0..store.depth()).map(|at| {
            let frame = store.frame(at);
            Position { step: frame.entered as u64, tick: frame.entered_ticks }
        });
        let entered = entered.collect();
        let heard = std::mem::take(&mut *heard.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
        let heard = heard.into_iter().map(|(index, at)| (index, convert::position(at))).collect();
        Ok(Counted { end: replayer.position(), entered, heard })
    }
}

impl Replayer {
    fn position(&self) -> Position {
        convert::position(self.store.standing())
    }

    fn passed(&self, tick: u64) -> TimelineError {
        let here = self.position();
        let what = format!("tick {} is reached, the recording has a moment at tick {tick}", here.tick);
        TimelineError::Diverged { step: here.step, what }
    }
}

/// Runs to the first place at which a run can stop, from a tick on; or until it stands still.
fn run_to_tick(replayer: &mut Replayer, tick: u64, progress: &dyn Progress) -> Result<(), TimelineError> {
    /// Steps between two looks at whether to go on.
    const SLICE: u64 = 1 << 22;
    loop {
        replayer.store.meter.fuel_end = Some(tick);
        replayer.store.rearm();
        let to = replayer.step().saturating_add(SLICE);
        let stand = replayer.run_to(to, None);
        replayer.store.meter.fuel_end = None;
        replayer.store.rearm();
        if stand? != Stand::Reached || replayer.position().tick >= tick {
            return Ok(());
        }
        if !progress.go_on(replayer.step()) {
            return Err(TimelineError::Cancelled);
        }
    }
}

/// Goes on to the checkpoint: a few ops that weigh nothing may stand between.
fn meet(replayer: &mut Replayer, mark: &Mark) -> Result<(), TimelineError> {
    while replayer.position().tick == mark.position.tick {
        if checkpoint::place(&mut replayer.store) == (mark.depth, mark.place) {
            return Ok(());
        }
        let next = replayer.step() + 1;
        replayer.walk_to(next, &mut ())?;
        if replayer.step() < next {
            break;
        }
    }
    Err(replayer.passed(mark.position.tick))
}
