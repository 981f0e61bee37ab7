//! An index of a recording: which stretches of it could meet a query.
//!
//! ```text
//! steps     0 ············ 2^16 ·········· 2^17 ···         a set of numbers for each stretch
//! sets      {ran, touched …}{ …          }{ …               64 stretches: a group, one piece
//! unions    of each group; of 64 groups                     to pass by at one look
//! ```
//!
//! It lies in a file beside the recording, is made by all processors in pieces, goes on where
//! it was left, and can be deleted at any time. What it has no piece of yet is looked through
//! as without it; what it names is looked through to be sure. So it can make a search fast,
//! and cannot make it find what is not there.
//!
//! Elsewhere: what the sets hold (`index/keys`), filling them (`index/collect`), the file (the
//! trace format crate), searching (`find`).

mod collect;
mod keys;

pub(crate) use keys::Asked;

use crate::record::NUMBERING;
use crate::timeline::find::sweep::{Worker, sweep};
use crate::timeline::source::Run;
use crate::timeline::{Control, Progress, TimelineError};
pub(crate) use collect::Collector;
use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use wasmscope_trace_format::{HostEntry, KeySet, SideFile, Tag};

/// Stretches in a group, and groups in the next larger one.
const GROUP: u64 = 64;
/// The longest and the shortest stretch, as powers of two.
const LONGEST: u32 = 16;
const SHORTEST: u32 = 8;
/// A run has at least about so many stretches, if it is not too short.
const STRETCHES: u64 = 1024;

/// How long to stand back at once.
const PAUSE: Duration = Duration::from_millis(2);

/// The kinds of pieces.
const SETS: u8 = 0;
const UNION: u8 = 1;
const LARGE_UNION: u8 = 2;

/// Why an index cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The run cannot be repeated, or it was cancelled.
    #[error("{0}")]
    Timeline(#[from] TimelineError),
    /// The file cannot be written.
    #[error("{path}: {error}")]
    File {
        /// The index.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// It is no recording.
    #[error("only a recording can be indexed")]
    NoRecording,
}

/// An index; see the module.
pub struct Index {
    file: Mutex<SideFile>,
    path: PathBuf,
    /// Steps of a stretch, as a power of two.
    stretch: u32,
    end: u64,
}

impl Index {
    /// Where the index of a recording lies: beside it, with `.index` behind its name.
    pub fn path_of(trace: &Path) -> PathBuf {
        let mut name = trace.as_os_str().to_owned();
        name.push(".index");
        name.into()
    }

    /// The index at `path`, if there is one that was made of this run by this engine.
    pub(crate) fn open(run: &Run, path: &Path) -> Option<Index> {
        let file = SideFile::open(path, &tag(run)?).ok()??;
        Some(Index::new(run, path, file))
    }

    /// The same, or an empty one.
    pub(crate) fn open_or_create(run: &Run, path: &Path) -> Result<Index, IndexError> {
        if let Some(index) = Index::open(run, path) {
            return Ok(index);
        }
        let tag = tag(run).ok_or(IndexError::NoRecording)?;
        let file = SideFile::create(path, &tag);
        let file = file.map_err(|error| IndexError::File { path: path.display().to_string(), error })?;
        Ok(Index::new(run, path, file))
    }

    fn new(run: &Run, path: &Path, file: SideFile) -> Index {
        let end = run.end().step;
        Index { file: Mutex::new(file), path: path.to_owned(), stretch: stretch_of(end), end }
    }

    fn file(&self) -> MutexGuard<'_, SideFile> {
        self.file.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Steps of a group.
    fn group_steps(&self) -> u64 {
        GROUP << self.stretch
    }

    fn groups(&self) -> u64 {
        self.end.div_ceil(self.group_steps())
    }

    /// Groups that are there, and how many there are to be.
    pub fn progress(&self) -> (u64, u64) {
        let groups = self.groups();
        let file = self.file();
        ((0..groups).filter(|&group| file.has(UNION, group)).count() as u64, groups)
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> u64 {
        self.file().bytes()
    }

    /// Makes what is missing, by all processors. What was made stays, also if it is cancelled; where
    /// the recording is damaged nothing is made.
    ///
    /// # Errors
    /// If the run cannot be repeated, the file cannot be written, or it is cancelled.
    pub(crate) fn build(&self, run: &Arc<Run>, control: &Control) -> Result<(), IndexError> {
        let missing = |group: &u64| !self.file().has(UNION, *group);
        let missing: Vec<u64> = (0..self.groups()).filter(missing).collect();
        let globals = host_globals(run);
        let work = |worker: &mut Worker,
                    &group: &u64,
                    turn: &dyn Progress,
                    give: &mut dyn FnMut((u64, Vec<KeySet>)) -> bool| {
            match self.collect(run, worker, group, &globals, turn) {
                Ok(sets) => drop(give((group, sets))),
                Err(TimelineError::Lost { .. }) if run.damage().is_some() => worker.collector = None,
                Err(error) => return Err(error),
            }
            Ok(())
        };
        let mut written = Ok(());
        sweep(run, &missing, control, work, |(group, sets)| {
            written = self.put(group, &sets);
            written.is_ok()
        })?;
        written.map_err(|error| IndexError::File { path: self.path.display().to_string(), error })
    }

    /// The sets of a group; `globals` are those that the host wrote, by step.
    fn collect(
        &self,
        run: &Run,
        worker: &mut Worker,
        group: u64,
        globals: &[(u64, u32)],
        turn: &dyn Progress,
    ) -> Result<Vec<KeySet>, TimelineError> {
        let from = group * self.group_steps();
        let begin = run.begin().step;
        if begin < from + self.group_steps() {
            worker.go_to(run, from.max(begin))?;
        }
        let collector = worker.collector.get_or_insert_with(|| Box::new(Collector::new()));
        let mut sets = Vec::new();
        for start in (from..self.end.min(from + self.group_steps())).step_by(1 << self.stretch) {
            // Whoever looks at the run meanwhile comes first.
            let mut more = turn.go_on(start);
            while more && run.is_awaited() {
                std::thread::sleep(PAUSE);
                more = turn.go_on(start);
            }
            if !more {
                return Err(TimelineError::Cancelled);
            }
            let end = self.end.min(start + (1 << self.stretch));
            while worker.replayer.step() < end && worker.replayer.walk_to(end, &mut **collector)? {}
            if worker.replayer.step() < end {
                return Err(worker.replayer.lost(end));
            }
            // The entry's step may be the one behind the call.
            let near = start.saturating_sub(1)..end + 1;
            let first = globals.partition_point(|&(step, _)| step < near.start);
            let written = globals[first..].iter().take_while(|(step, _)| *step < near.end);
            written.for_each(|&(_, global)| collector.global(global));
            sets.push(collector.take());
        }
        Ok(sets)
    }

    fn put(&self, group: u64, sets: &[KeySet]) -> io::Result<()> {
        let mut file = self.file();
        file.put(SETS, group, sets)?;
        // The union comes last: a group that has one is whole.
        file.put(UNION, group, &[keys::union(sets.iter())])?;
        let large = group / GROUP;
        let groups = large * GROUP..self.groups().min((large + 1) * GROUP);
        if groups.clone().all(|group| file.has(UNION, group)) {
            let unions: Option<Vec<_>> = groups.map(|group| file.get(UNION, group)).collect();
            let unions = unions.unwrap_or_default().concat();
            file.put(LARGE_UNION, large, &[keys::union(unions.iter())])?;
        }
        Ok(())
    }
}

/// Steps of a stretch of a run of so many, as a power of two.
fn stretch_of(end: u64) -> u32 {
    (end / STRETCHES).max(1).ilog2().clamp(SHORTEST, LONGEST)
}

/// What an index of this run by this engine is marked with; `None` for a run without a file.
fn tag(run: &Run) -> Option<Tag> {
    let reader = run.reader.as_ref()?;
    let text =
        format!("{}, {NUMBERING}, {:?}, {}", env!("CARGO_PKG_VERSION"), run.lowering(), run.end().step);
    let mut tag = [0; 32];
    tag[..16].copy_from_slice(&reader.trace_id());
    tag[16..].copy_from_slice(&xxhash_rust::xxh3::xxh3_128(text.as_bytes()).to_le_bytes());
    Some(tag)
}

/// The globals that the host wrote, with the steps.
fn host_globals(run: &Run) -> Vec<(u64, u32)> {
    let entries = (0..run.entries()).filter_map(|index| run.entry(index));
    let globals = entries.filter_map(|record| match record.entry {
        HostEntry::GlobalSet { global, .. } => Some((record.position.step, global)),
        _ => None,
    });
    globals.collect()
}

/// One query, asked of an index.
pub(crate) struct Narrow<'i> {
    index: &'i Index,
    asked: Asked,
    /// What is known of groups: the stretches that may meet the query, by bit.
    groups: HashMap<u64, u64>,
    large: HashMap<u64, bool>,
}

impl<'i> Narrow<'i> {
    pub(crate) fn new(index: &'i Index, asked: Asked) -> Narrow<'i> {
        Narrow { index, asked, groups: HashMap::new(), large: HashMap::new() }
    }

    /// The parts of some steps that may meet the query, in order.
    pub(crate) fn narrow(&mut self, steps: &Range<u64>) -> Vec<Range<u64>> {
        let mut parts: Vec<Range<u64>> = Vec::new();
        if steps.is_empty() {
            return parts;
        }
        let stretch = self.index.stretch;
        for at in steps.start >> stretch..=(steps.end - 1) >> stretch {
            if !(self.may_meet(at) || self.asked.next_counts && self.may_meet(at + 1)) {
                continue;
            }
            let part = (at << stretch).max(steps.start)..((at + 1) << stretch).min(steps.end);
            match parts.last_mut() {
                Some(last) if last.end == part.start => last.end = part.end,
                _ => parts.push(part),
            }
        }
        parts
    }

    fn may_meet(&mut self, stretch: u64) -> bool {
        if stretch << self.index.stretch >= self.index.end {
            return false;
        }
        let group = stretch / GROUP;
        let known = self.groups.get(&group).copied();
        let bits = known.unwrap_or_else(|| {
            let bits = self.look_into(group);
            self.groups.insert(group, bits);
            bits
        });
        bits >> (stretch % GROUP) & 1 != 0
    }

    /// The stretches of a group that may meet the query.
    fn look_into(&mut self, group: u64) -> u64 {
        let (index, asked) = (self.index, &self.asked);
        let file = index.file();
        // A piece that is missing or damaged says nothing, so everything may be there.
        let none = |level: u8, number: u64| {
            let union = if file.has(level, number) { file.get(level, number) } else { None };
            union.is_some_and(|union| !union.iter().any(|set| asked.is_in(set)))
        };
        let large = *self.large.entry(group / GROUP).or_insert_with_key(|&large| none(LARGE_UNION, large));
        if large || none(UNION, group) {
            return 0;
        }
        match file.get(SETS, group) {
            Some(sets) if file.has(UNION, group) => {
                let bit = |(at, set): (usize, &KeySet)| u64::from(asked.is_in(set)) << at;
                sets.iter().take(GROUP as usize).enumerate().map(bit).fold(0, |bits, bit| bits | bit)
            }
            _ => u64::MAX,
        }
    }
}
