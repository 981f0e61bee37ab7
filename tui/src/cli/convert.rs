//! `wasmscope convert`: a recording with another profile.
//!
//! ```text
//! T ──► Timeline ──repeat──► events ──► OUT
//! ```

use super::exit::{Exit, usage};
use super::guest::LoweringArg;
use super::interrupt::on_signal;
use super::out::{Look, note};
use super::output::{Counted, Output};
use super::progress::{Progress, bytes_text};
use super::record::ProfileArg;
use super::{Outcome, load};
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wasmscope_core::record::convert_run;
use wasmscope_core::timeline::Control;
use wasmscope_trace_format::Profile;

/// Write a recording with another profile, by repeating it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope convert run.wtrace --profile full -o run-full.wtrace
  wasmscope convert run.wtrace --profile full --last 1000000 -o end.wtrace
  wasmscope convert run-full.wtrace --profile log -o run.wtrace
  wasmscope convert run.wtrace --profile log --lowering plain -o run-plain.wtrace

Ctrl-C closes OUT where it is; it can be read up to there. The exit code is 3 if TRACE is not
complete.")]
pub(crate) struct Convert {
    /// The recording, or - for standard input
    #[arg(value_name = "TRACE")]
    trace: PathBuf,

    /// How much to keep
    #[arg(long, value_enum)]
    profile: ProfileArg,

    /// Where to write; - is standard output
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,

    /// Number steps as this lowering does; without it, as the recording's
    #[arg(long, value_enum)]
    lowering: Option<LoweringArg>,

    /// Events of the last steps only
    #[arg(long, value_name = "STEPS")]
    last: Option<u64>,

    /// Overwrite OUT if it exists
    #[arg(long)]
    force: bool,
}

impl Convert {
    pub(crate) fn run(self, look: &Look) -> Outcome {
        let profile = Profile::from(self.profile);
        if profile == Profile::Log && self.last.is_some() {
            return Err(usage("--last chooses events, and the profile log has none"));
        }
        let reader = load::trace(&self.trace)?;
        let name = load::short(&self.trace);
        let complete = reader.completeness().clone();
        if !complete.is_complete() {
            look.warning(format_args!("{name}: {complete}"));
        }
        let args = reader.manifest().args.clone();
        let mut timeline = load::timeline(reader, &name, self.lowering.map(Into::into), look)?;
        let (out, shown) = Output::made_of(&self.trace, &self.output, self.force)?;
        let written = Arc::new(AtomicU64::new(0));
        let out = Counted { out, written: written.clone() };
        let control = Arc::new(Control::default());
        let cancel = control.clone();
        on_signal(move || cancel.cancel.store(true, Ordering::Relaxed))?;
        let (shown_control, count, end) = (control.clone(), written.clone(), timeline.end().step);
        let progress = Progress::new(move || {
            let (step, bytes) =
                (shown_control.progress.load(Ordering::Relaxed), count.load(Ordering::Relaxed));
            format!("writing step {step} of {end} · {}", bytes_text(bytes))
        });
        let converted = convert_run(&mut timeline, out, profile, self.last, &args, &control);
        drop(progress);
        converted.map_err(|error| anyhow::Error::new(error).context(name))?;
        if control.cancel.load(Ordering::Relaxed) {
            look.warning(format_args!("interrupted: {shown} holds the first steps only"));
            return Ok(Exit::INTERRUPTED);
        }
        note(format_args!("wrote {end} steps to {shown}, {}", bytes_text(written.load(Ordering::Relaxed))));
        Ok(if complete.is_complete() { Exit::OK } else { Exit::LOSS })
    }
}
