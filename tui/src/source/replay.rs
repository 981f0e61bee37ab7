//! A trace as a source: nothing runs but replays, the end is where the recording ended.

use super::convert;
use super::known::Known;
use super::past::Past;
use crate::moment::{About, Mode, RunEnd};
use crate::session::{Failure, behind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wasmscope_core::timeline::{Control, Timeline, TimelineError};
use wasmscope_trace_format::TraceReader;

/// A recorded run.
pub struct ReplaySource {
    past: Past,
    cut: Option<String>,
    identity: String,
    indexing: Option<Indexing>,
}

/// An index that is being made beside; it is given up when this goes, and what was made stays.
struct Indexing(Arc<Control>);

impl Drop for Indexing {
    fn drop(&mut self) {
        self.0.cancel.store(true, Ordering::Relaxed);
    }
}

/// What is said once of a recording that another lowering or version has numbered.
pub const RENUMBERED: &str = "recorded by another version of the engine: steps have the numbers they have in \
                              this one (convert writes a recording that keeps them)";

/// What is said where the host log of a recording is damaged.
pub const UNREACHED: &str = "steps from there to the next checkpoint behind it cannot be shown";

/// Steps from which on it takes long to search a recording without an index.
const LONG: u64 = 1 << 28;

impl ReplaySource {
    /// The run a trace holds; `name` is what to call it.
    ///
    /// # Errors
    /// If it holds none that can be repeated.
    pub fn open(reader: TraceReader, name: &str) -> Result<ReplaySource, TimelineError> {
        Ok(ReplaySource::over(Timeline::open(reader, name)?, name))
    }

    /// The run of a timeline that was opened from a trace.
    pub fn over(timeline: Timeline, name: &str) -> ReplaySource {
        let (mut cut, mut notes, mut identity) = (None, Vec::new(), String::new());
        if let Some(reader) = timeline.run().reader() {
            let state = reader.completeness();
            cut = (!state.closed).then(|| "its writer did not close it".to_owned());
            notes.extend((!state.is_complete()).then(|| state.to_string()));
            identity = reader.trace_id().iter().map(|byte| format!("{byte:02x}")).collect();
        }
        notes.extend(timeline.run().damage().map(|damage| format!("{damage}; {UNREACHED}")));
        notes.extend(timeline.run().is_renumbered().then(|| RENUMBERED.to_owned()));
        let about = About { file: name.to_owned(), mode: Mode::Replay, notes };
        ReplaySource { past: Past::new(timeline, about), cut, identity, indexing: None }
    }

    /// Lets searches use the index at `path`. If the recording is long, what is missing of it
    /// is made beside, while nobody waits for anything.
    pub(crate) fn use_index(&mut self, path: &Path) {
        let run = self.past.timeline.run().clone();
        let missing = match run.use_index(path).map(|index| index.progress()) {
            Some((there, all)) => there < all,
            None => true,
        };
        if !missing || run.end().step < LONG {
            return;
        }
        let (control, path) = (Arc::new(Control::default()), path.to_owned());
        let watched = control.clone();
        // Nothing is lost if there can be none: searches take longer.
        let make = move || drop(run.build_index(&path, &watched));
        self.indexing = behind::start("index", make).map(|_| Indexing(control));
    }

    /// The same, with folders beneath which its source files are looked for; `named`: and then where its modules
    /// say they are.
    pub fn with_sources(mut self, folders: Vec<PathBuf>, named: bool) -> ReplaySource {
        self.past.look_beneath(folders, named);
        self
    }
}

impl Known for ReplaySource {
    fn past(&self) -> &Past {
        &self.past
    }

    fn past_mut(&mut self) -> &mut Past {
        &mut self.past
    }

    fn run_end(&self) -> RunEnd {
        match (self.past.timeline.ended(), &self.cut) {
            (Some(why), _) => convert::ended(&why),
            (None, Some(cut)) => RunEnd::Cut(cut.clone()),
            (None, None) => RunEnd::Cut("how the run ended is not in it".into()),
        }
    }

    fn identity(&self) -> Option<String> {
        Some(self.identity.clone())
    }

    fn feed_input(&mut self, _input: Option<&[u8]>) -> Result<(), Failure> {
        Err(Failure("a trace takes no input: what the program read is part of it".into()))
    }
}
