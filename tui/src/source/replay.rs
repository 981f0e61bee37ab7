//! A trace as a source: nothing runs but replays, the end is where the recording ended.

use super::convert;
use super::known::Known;
use super::past::Past;
use crate::moment::{About, Mode, RunEnd};
use crate::session::Failure;
use std::path::PathBuf;
use wasmscope_core::timeline::{Timeline, TimelineError};
use wasmscope_trace_format::TraceReader;

/// A recorded run.
pub struct ReplaySource {
    past: Past,
    about: About,
    cut: Option<String>,
    identity: String,
}

impl ReplaySource {
    /// The run a trace holds; `name` is what to call it.
    ///
    /// # Errors
    /// If it holds none that can be repeated.
    pub fn open(reader: TraceReader, name: &str) -> Result<ReplaySource, TimelineError> {
        let state = reader.completeness();
        let cut = (!state.closed).then(|| "its writer did not close it".to_owned());
        let notes = if state.is_complete() { Vec::new() } else { vec![state.to_string()] };
        let about = About { file: name.to_owned(), mode: Mode::Replay, notes };
        let identity = reader.trace_id().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(ReplaySource { past: Past::new(Timeline::open(reader, name)?), about, cut, identity })
    }

    /// The same, with folders beneath which its source files are looked for.
    pub fn with_sources(mut self, folders: Vec<PathBuf>) -> ReplaySource {
        self.past.look_beneath(folders);
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

    fn about(&self) -> About {
        self.about.clone()
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
