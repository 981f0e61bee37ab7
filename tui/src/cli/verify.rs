//! `wasmscope verify`: whether a recording is whole, and whether repeating it gives the same.
//!
//! Always: the exit code is 3 if something is damaged, missing or different.

use super::exit::Exit;
use super::interrupt::on_signal;
use super::out::{Look, note};
use super::progress::Progress;
use super::{Outcome, load, out};
use clap::Args;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wasmscope_core::timeline::{Control, Timeline, TimelineError};
use wasmscope_tui::source::RENUMBERED;

/// Repeat a recording and compare it with everything the file says
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope verify run.wtrace
  wasmscope verify run.wtrace --json | jq .difference

Every frame of the file is read, the run is repeated from each checkpoint to the next, and
the states are compared; of a recording with events, these too. The exit code is 3 if
something is damaged, missing or different. The JSON object only grows while its schema is 1.")]
pub(crate) struct Verify {
    /// The recording, or - for standard input
    #[arg(value_name = "TRACE")]
    trace: PathBuf,

    /// As a JSON object
    #[arg(long)]
    json: bool,
}

/// The version of the JSON object; another number means fields have changed or gone.
const SCHEMA: u32 = 1;

impl Verify {
    pub(crate) fn run(self, look: &Look) -> Outcome {
        let reader = load::trace(&self.trace)?;
        let name = load::short(&self.trace);
        let mut complete = reader.completeness().clone();
        complete.damage = reader.check_frames();
        let control = Arc::new(Control::default());
        let cancel = control.clone();
        on_signal(move || cancel.cancel.store(true, Ordering::Relaxed))?;
        let end = reader.end().step;
        let shown = control.clone();
        let progress = Progress::new(move || {
            let step = shown.progress.load(Ordering::Relaxed);
            format!("comparing · step {step} of {end}")
        });
        let opened = Timeline::open_as(reader, &name, None, &control);
        let renumbered = opened.as_ref().is_ok_and(|timeline| timeline.run().is_renumbered());
        let verified = opened.and_then(|mut timeline| timeline.verify(&control));
        drop(progress);
        if renumbered {
            note(format_args!("{name}: {RENUMBERED}"));
        }
        let (verified, difference) = match verified {
            Ok(verified) => (verified, None),
            Err(TimelineError::Cancelled) => return Ok(Exit::INTERRUPTED),
            Err(TimelineError::Diverged { step, what }) => (Default::default(), Some((step, what))),
            Err(error) => return Err(anyhow::Error::new(error).context(name)),
        };
        let mut out = out::stdout();
        let damage: Vec<String> = complete.damage.iter().map(ToString::to_string).collect();
        if self.json {
            let difference = difference.as_ref().map(|(step, what)| json!({ "step": step, "what": what }));
            let object = json!({
                "schema": SCHEMA,
                "complete": complete.is_complete(),
                "same": difference.is_none(),
                "difference": difference,
                "steps": verified.steps,
                "checkpoints": verified.checkpoints,
                "events": verified.events,
                "damage": damage,
            });
            writeln!(out, "{object}")?;
        } else if let Some((step, what)) = &difference {
            writeln!(out, "different at step {step}: {what}")?;
        } else {
            let events = match verified.events {
                0 => String::new(),
                count => format!(", {count} events"),
            };
            let (steps, checkpoints) = (verified.steps, verified.checkpoints);
            writeln!(out, "the same: {steps} steps, {checkpoints} checkpoints{events}")?;
        }
        out.flush()?;
        if !complete.is_complete() {
            look.warning(format_args!("{name}: {complete}"));
        }
        Ok(if difference.is_none() && complete.is_complete() { Exit::OK } else { Exit::LOSS })
    }
}
