//! `wasmscope info`: what a recording is, and whether all of it is there.

use super::exit::Exit;
use super::{Outcome, load, out};
use crate::cli::progress::bytes_text;
use clap::Args;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::path::PathBuf;
use wasmscope_core::record::is_numbered_alike;
use wasmscope_trace_format::dump::Clean;
use wasmscope_trace_format::{Completeness, HostEntry, TraceReader};

/// Say what a recording is: of which program, how long, how it ended, whether it is complete
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope info run.wtrace
  wasmscope info run.wtrace --json | jq .steps

The exit code is 3 if the recording is not complete. The JSON object only grows while
its schema is 1.")]
pub(crate) struct Info {
    /// The recording, or - for standard input
    #[arg(value_name = "TRACE")]
    trace: PathBuf,

    /// As a JSON object
    #[arg(long)]
    json: bool,
}

/// The version of the JSON object; another number means fields have changed or gone.
const SCHEMA: u32 = 1;

impl Info {
    pub(crate) fn run(self) -> Outcome {
        let reader = load::trace(&self.trace)?;
        let facts = facts(&reader);
        let mut out = out::stdout();
        if self.json {
            writeln!(out, "{}", facts.json())?;
        } else {
            for (name, value) in facts.lines() {
                writeln!(out, "{name:<12}{}", Clean(value))?;
            }
        }
        out.flush()?;
        Ok(if facts.complete.is_complete() { Exit::OK } else { Exit::LOSS })
    }
}

/// What there is to say.
struct Facts<'a> {
    reader: &'a TraceReader,
    modules: Vec<(String, String, u64)>,
    host_calls: u64,
    host_entries: u64,
    /// Bytes that host functions, and who embedded the program, wrote into its memory.
    came_in: u64,
    functions: Option<u64>,
    /// The host functions that were called, by name.
    calls: BTreeSet<String>,
    /// The program wrote something.
    written: bool,
    /// What is whole, with every frame looked at.
    complete: Completeness,
}

fn facts(reader: &TraceReader) -> Facts<'_> {
    let modules = reader.modules().unwrap_or_default();
    let modules = modules.into_iter().map(|module| (module.name, module.hash.to_string(), module.len));
    let summary = reader.summary();
    let (mut host_calls, mut came_in) = (0, 0);
    let mut names = HashMap::new();
    let mut calls = BTreeSet::new();
    for record in reader.host_log().filter_map(Result::ok) {
        match record.entry {
            HostEntry::HostFunc { func, name, .. } => drop(names.insert(func, name)),
            HostEntry::HostEnter { func, .. } => {
                host_calls += 1;
                calls.extend(names.remove(&func));
            }
            HostEntry::MemoryWrite { bytes, .. } => came_in += bytes.len() as u64,
            _ => {}
        }
    }
    let mut complete = reader.completeness().clone();
    complete.damage = reader.check_frames();
    let written = reader.outputs().next().is_some();
    Facts {
        calls,
        written,
        reader,
        modules: modules.collect(),
        host_calls: summary.map_or(host_calls, |summary| summary.host_calls),
        came_in,
        host_entries: reader.host_entries(),
        functions: summary.map(|summary| summary.functions),
        complete,
    }
}

impl Facts<'_> {
    fn ended(&self) -> Option<String> {
        self.reader.summary().map(|summary| summary.why.to_string())
    }

    /// The most steps between two checkpoints, or to the beginning or the end.
    fn gap(&self) -> u64 {
        let checkpoints = self.reader.checkpoints();
        let starts = std::iter::once(self.reader.begin().step).chain(checkpoints.iter().copied());
        let ends = checkpoints.iter().copied().chain([self.complete.end.step]);
        starts.zip(ends).map(|(start, end)| end.saturating_sub(start)).max().unwrap_or(0)
    }

    /// How many checkpoints there are, and how far apart: what going to a moment costs.
    fn checkpoints(&self) -> String {
        let steps = self.reader.checkpoints();
        if steps.is_empty() {
            return "none: going to a moment repeats the run from its beginning".to_owned();
        }
        let gap = self.gap();
        let budget = self.reader.manifest().notes.iter().find(|(name, _)| name == "checkpoint_budget");
        let budget = budget.and_then(|(_, bytes)| bytes.parse().ok()).map(bytes_text);
        let budget = budget.map(|bytes| format!(", in at most {bytes}")).unwrap_or_default();
        format!("{}, at most {gap} steps apart{budget}", steps.len())
    }

    /// What somebody who is given the file can read in it.
    fn inside(&self) -> String {
        let mut inside = vec!["the program", "its memory"];
        let arguments = self.reader.manifest().args.len() > 1;
        inside.extend(arguments.then_some("its arguments"));
        let called = |wanted: &[&str]| {
            let mut calls = self.calls.iter();
            calls.any(|name| wanted.contains(&name.as_str()))
        };
        inside.extend(called(&["environ_get"]).then_some("its environment"));
        inside.extend(called(&["fd_read", "fd_pread"]).then_some("what it read"));
        let written = self.reader.summary().map_or(self.written, |summary| summary.output_bytes > 0);
        inside.extend(written.then_some("what it wrote"));
        inside.join(", ")
    }

    /// The bytes of the file, and what takes most of them.
    fn size(&self) -> String {
        /// Kinds of parts that are named.
        const NAMED: usize = 4;
        let mut parts = self.reader.contents().parts;
        parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
        let parts = parts.iter().take(NAMED).map(|part| format!("{} {}", part.name, bytes_text(part.bytes)));
        format!("{}: {}", bytes_text(self.reader.bytes()), parts.collect::<Vec<_>>().join(", "))
    }

    fn json(&self) -> Value {
        let (manifest, complete) = (self.reader.manifest(), &self.complete);
        let (major, minor) = self.reader.version();
        let damage = complete.damage.iter().map(|damage| damage.to_string());
        let lost = complete
            .lost
            .iter()
            .map(|lost| json!({ "from": lost.from.step, "steps": lost.steps, "why": lost.why }));
        let modules = self.modules.iter();
        let parts = self.reader.contents().parts.into_iter();
        json!({
            "schema": SCHEMA,
            "format": format!("{major}.{minor}"),
            "profile": manifest.profile.to_string(),
            "lowering": manifest.lowering.to_string(),
            "engine": manifest.engine,
            "engine_version": manifest.engine_version,
            "created": manifest.created,
            "args": manifest.args,
            "steps": complete.end.step,
            "ticks": complete.end.tick,
            "numbered_alike": is_numbered_alike(manifest),
            "complete": complete.is_complete(),
            "ended": self.ended(),
            "exit_code": self.reader.summary().and_then(|summary| summary.why.exit_code()),
            "modules": self.modules.len(),
            "module_list": modules.map(|(name, hash, len)| json!({ "name": name, "hash": hash, "bytes": len })).collect::<Vec<_>>(),
            "functions": self.functions,
            "host_calls": self.host_calls,
            "host_entries": self.host_entries,
            "came_in": self.came_in,
            "parts": parts.map(|part| json!({ "kind": part.name, "count": part.count, "bytes": part.bytes })).collect::<Vec<_>>(),
            "checkpoints": self.reader.checkpoints().len(),
            "checkpoint_gap": self.gap(),
            "begin": self.reader.begin().step,
            "inside": self.inside(),
            "output_bytes": self.reader.summary().map(|summary| summary.output_bytes),
            "bytes": self.reader.bytes(),
            "damage": damage.collect::<Vec<_>>(),
            "lost": lost.collect::<Vec<_>>(),
        })
    }

    fn lines(&self) -> Vec<(&'static str, String)> {
        let (manifest, complete) = (self.reader.manifest(), &self.complete);
        let (major, minor) = self.reader.version();
        let mut lines = Vec::new();
        for (name, hash, len) in &self.modules {
            lines.push(("module", format!("{name}, {}, xxh3 {}", bytes_text(*len), &hash[..16])));
        }
        lines.push(("arguments", manifest.args.join(" ")));
        lines.push((
            "steps",
            format!("{} ({} ticks), lowering {}", complete.end.step, complete.end.tick, manifest.lowering),
        ));
        if !is_numbered_alike(manifest) {
            let text = "another version's: whoever opens it repeats the run once and numbers its steps anew";
            lines.push(("numbering", text.to_owned()));
        }
        lines.push(("ended", self.ended().unwrap_or_else(|| "unknown".to_owned())));
        if let Some(functions) = self.functions {
            lines.push(("functions", format!("{functions} ran")));
        }
        let begin = self.reader.begin().step;
        if begin > 0 {
            lines.push(("begins", format!("at step {begin}: only the end was kept")));
        }
        let came_in = bytes_text(self.came_in);
        lines.push(("host calls", format!("{}, {came_in} came in", self.host_calls)));
        lines.push(("profile", manifest.profile.to_string()));
        lines.push(("checkpoints", self.checkpoints()));
        lines.push(("inside", self.inside()));
        lines.push(("size", self.size()));
        lines.push((
            "format",
            format!("{major}.{minor}, written by {} {}", manifest.engine, manifest.engine_version),
        ));
        lines.push(("state", complete.to_string()));
        lines
    }
}
