//! `wasmscope index`: what makes searching a long recording fast, made in advance.
//!
//! Always: the recording is not touched; what was made stays when this is interrupted, and
//! deleting it costs nothing but time.
//! Elsewhere: what is in it (`core::timeline`); who uses it (`find`, the screen).

use super::exit::{Exit, usage};
use super::interrupt::on_signal;
use super::out::{Look, note};
use super::progress::{Progress, bytes_text};
use super::{Outcome, load};
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wasmscope_core::timeline::{Control, Index, IndexError, TimelineError};

/// Make the index of a recording, by which steps are found faster
#[derive(Debug, Args)]
#[command(
    name = "index",
    after_help = "\
Examples:
  wasmscope index run.wtrace             makes run.wtrace.index
  wasmscope find run.wtrace --backward write 0x400+8

The index lies beside the recording and is used by whoever searches it. Ctrl-C keeps what was
made, and the next call goes on from there. Deleting it loses nothing but time."
)]
pub(crate) struct MakeIndex {
    /// The recording
    #[arg(value_name = "TRACE")]
    trace: PathBuf,
}

impl MakeIndex {
    pub(crate) fn run(self, look: &Look) -> Outcome {
        if self.trace.as_os_str() == "-" {
            return Err(usage("an index lies beside a file"));
        }
        let reader = load::trace(&self.trace)?;
        let name = load::short(&self.trace);
        if !reader.completeness().is_complete() {
            look.warning(format_args!("{name}: {}", reader.completeness()));
        }
        let timeline = load::timeline(reader, &name, None, look)?;
        let path = Index::path_of(&self.trace);
        let control = Arc::new(Control::default());
        let cancel = control.clone();
        on_signal(move || cancel.cancel.store(true, Ordering::Relaxed))?;
        let (shown, end) = (control.clone(), timeline.end().step);
        let progress = Progress::new(move || {
            let step = shown.progress.load(Ordering::Relaxed);
            format!("indexing · step {step} of {end}")
        });
        let made = timeline.run().build_index(&path, &control);
        drop(progress);
        match made {
            Ok(index) => {
                note(format_args!("{}: {}", load::shown(&path), bytes_text(index.bytes())));
                Ok(Exit::OK)
            }
            Err(IndexError::Timeline(TimelineError::Cancelled)) => Ok(Exit::INTERRUPTED),
            Err(error) => Err(anyhow::Error::new(error).context(name)),
        }
    }
}
