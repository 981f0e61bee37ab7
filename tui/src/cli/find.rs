//! `wasmscope find`: the steps of a recording that meet a query.
//!
//! Always: one line per step found, as `dump` prints it, or one JSON object; none found is no
//! error, and its exit code is 1 as that of `grep`.
//! Elsewhere: the words of a query (`core::timeline::find`).

use super::exit::{Exit, usage};
use super::interrupt::on_signal;
use super::open::check;
use super::out::Look;
use super::progress::Progress;
use super::{Outcome, load, out};
use clap::Args;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wasmscope_core::timeline::{Control, Direction, Hit, Index, Query, Timeline, TimelineError};
use wasmscope_trace_format::dump;
use wasmscope_tui::expr::Expr;

/// Find the next, the last or all steps that do something
#[derive(Debug, Args)]
#[command(after_help = "\
Queries:
  pc 0x41 · func main · ip 0:17+24 · op i32.div*      something runs
  outcome call · trap · host · host fd_write          a step ends like this
  write 0x400..0x410 · read mem1:0x20+8 · access 64   memory is accessed
  global counter · slot r3 of 0:17@412                a global or a slot is written
  mem u32 0x400 == 12 · global counter == 5           a place comes to hold a value
  A or B

Examples:
  wasmscope find run.wtrace trap
  wasmscope find run.wtrace --backward --from 120000 write 0x400+8
  wasmscope find run.wtrace --all --json host fd_write | jq .step
  wasmscope find run.wtrace --count func fib

Forwards the steps from --from on are looked at, backwards those before it. An index beside the
recording makes it faster; `wasmscope index` makes one. The exit code is 1 if no step was found. A JSON object only grows while its schema is 1.")]
pub(crate) struct Find {
    /// The recording, or - for standard input
    #[arg(value_name = "TRACE")]
    trace: PathBuf,

    /// What to look for
    #[arg(value_name = "QUERY", required = true)]
    query: Vec<String>,

    /// Where to begin; without it the beginning, or backwards the end
    #[arg(long, value_name = "STEP")]
    from: Option<u64>,

    /// The last step before, instead of the next behind
    #[arg(long, conflicts_with_all = ["all", "count"])]
    backward: bool,

    /// All of them, in order
    #[arg(long)]
    all: bool,

    /// Only how many there are
    #[arg(long, conflicts_with_all = ["all", "limit"])]
    count: bool,

    /// At most so many
    #[arg(long, value_name = "HITS")]
    limit: Option<u64>,

    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

/// The version of the JSON objects; another number means fields have changed or gone.
const SCHEMA: u32 = 1;

/// What to say of a text that is no query, but a condition as `open` takes.
fn hint(text: &str) -> String {
    match Expr::is_meant(text) && Expr::parse(text).is_ok() {
        true => format!(
            "\n  this is a condition: wasmscope open FILE -e 'search {text}' goes to the next step where it holds"
        ),
        false => String::new(),
    }
}

impl Find {
    pub(crate) fn run(self, look: &Look) -> Outcome {
        let reader = load::trace(&self.trace)?;
        let complete = reader.completeness().clone();
        let name = load::short(&self.trace);
        if !complete.is_complete() {
            look.warning(format_args!("{name}: {complete}"));
        }
        let mut timeline = load::timeline(reader, &name, None, look)?;
        let begin = check(&timeline, self.from)?;
        timeline.run().use_index(&Index::path_of(&self.trace));
        let end = timeline.end().step;
        let from = self.from.unwrap_or(if self.backward { end } else { begin });
        // Where names of slots are looked up.
        timeline.seek(from.min(end))?;
        let text = self.query.join(" ");
        let query = Query::parse(&text, &mut timeline).map_err(|error| {
            usage(format!("{error}\n  {text}\n  {:>at$}^{}", "", hint(&text), at = error.at))
        })?;

        let control = Arc::new(Control::default());
        let cancel = control.clone();
        on_signal(move || cancel.cancel.store(true, Ordering::Relaxed))?;
        let shown = control.clone();
        let progress = Progress::new(move || {
            let step = shown.progress.load(Ordering::Relaxed);
            format!("searching · step {step} of {end}")
        });
        let result = self.search(&mut timeline, &query, from, &control);
        drop(progress);
        match result {
            Ok(found) if found => Ok(if complete.is_complete() { Exit::OK } else { Exit::LOSS }),
            Ok(_) => Ok(Exit::ERROR),
            Err(error) => match error.downcast_ref::<TimelineError>() {
                Some(TimelineError::Cancelled) => Ok(Exit::INTERRUPTED),
                _ => Err(error.context(name)),
            },
        }
    }

    /// Whether anything was found.
    fn search(
        &self,
        timeline: &mut Timeline,
        query: &Query,
        from: u64,
        control: &Control,
    ) -> anyhow::Result<bool> {
        let mut out = out::stdout();
        let end = timeline.end().step;
        if self.count {
            let count = timeline.count(from..end, query, control)?;
            if self.json {
                writeln!(out, "{}", json!({ "schema": SCHEMA, "query": query.to_string(), "count": count }))?;
            } else {
                writeln!(out, "{count}")?;
            }
            out.flush()?;
            return Ok(count > 0);
        }
        if !self.all && self.limit.is_none() {
            let direction = if self.backward { Direction::Backward } else { Direction::Forward };
            let hit = timeline.find(from, direction, query, control)?;
            if let Some(hit) = hit {
                self.print(&mut out, timeline, query, hit)?;
            }
            out.flush()?;
            return Ok(hit.is_some());
        }
        let limit = self.limit.unwrap_or(u64::MAX);
        let mut found = 0;
        if self.backward {
            let mut at = from;
            while found < limit
                && let Some(hit) = timeline.find(at, Direction::Backward, query, control)?
            {
                self.print(&mut out, timeline, query, hit)?;
                (found, at) = (found + 1, hit.step);
            }
            out.flush()?;
            return Ok(found > 0);
        }
        /// Hits kept before they are printed.
        const BATCH: usize = 1024;
        let mut next = from;
        // In batches, as printing one moves the timeline.
        loop {
            let mut hits = Vec::new();
            timeline.find_all(next..end, query, control, |hit| {
                hits.push(hit);
                hits.len() < BATCH
            })?;
            let done = hits.len() < BATCH;
            for hit in hits {
                if found == limit {
                    break;
                }
                next = hit.step + 1;
                self.print(&mut out, timeline, query, hit)?;
                found += 1;
            }
            if done || found == limit {
                break;
            }
        }
        out.flush()?;
        Ok(found > 0)
    }

    fn print(
        &self,
        out: &mut impl Write,
        timeline: &mut Timeline,
        query: &Query,
        hit: Hit,
    ) -> anyhow::Result<()> {
        let events = timeline.events(hit.step..hit.step + 1)?;
        let Some(event) = events.first() else { return Ok(()) };
        let code = timeline.code(event.func)?;
        if self.json {
            let mut object: serde_json::Value = serde_json::from_str(&dump::json(event, Some(&code)))?;
            let parts = query.parts();
            object["schema"] = json!(SCHEMA);
            object["query"] = json!(parts.get(hit.part).map(|part| part.to_string()));
            writeln!(out, "{object}")?;
        } else {
            writeln!(out, "{}", dump::line(event, Some(&code)))?;
        }
        Ok(())
    }
}
