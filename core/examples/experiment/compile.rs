//! What each dispatcher costs to compile: processor time of compiling this crate alone.
//!
//! ```text
//! dependencies and build scripts      before, not counted
//! cargo rustc --lib, feature by feature, interleaved ──► medians, beside the default
//! ```
//!
//! Handlers are reached from tables and loops that are in the library, so they are compiled
//! with it. Link-time optimisation is off: it would leave that to whatever binary there is.

use crate::Options;
use crate::child::{cargo, complaint, target, timed};
use crate::table::{header, median};
use std::fmt::Write as _;
use std::path::Path;

/// Compiling takes long and varies little.
const RUNS: usize = 3;

/// What is compiled: its words in the table, features, and whether with tail calls.
struct Build(&'static str, &'static str, bool);

/// The one to compare with second.
const BUILDS: [Build; 6] = [
    Build("`step` alone", "", false),
    Build("`step`, `tail` and `counted`: the default", "", true),
    Build("the default and `table`", "table", true),
    Build("the default and `uniform-match`", "uniform-match", true),
    Build("the default and `varied-match`", "varied-match", true),
    Build("all", "experiment", true),
];

pub(crate) fn table(options: &Options) -> Option<String> {
    let folder = tempfile::tempdir_in(target()).expect("a folder can be made");
    for build in &BUILDS {
        build.cargo("check", folder.path(), &[])?;
    }
    BUILDS[0].cargo("rustc", folder.path(), &["--", "--cfg", "unmeasured"])?;
    let mut seconds: [Vec<f64>; BUILDS.len()] = Default::default();
    for run in 0..options.runs.min(RUNS) {
        for (build, seconds) in BUILDS.iter().zip(&mut seconds) {
            // A flag of its own makes Cargo compile the library anew, and nothing else.
            let flag = format!("measured_{run}");
            let took = build.cargo("rustc", folder.path(), &["--", "--cfg", &flag])?;
            eprintln!("compile: {}: {took:.1} s", build.0);
            seconds.push(took);
        }
    }
    let medians = seconds.map(median);
    let mut table = header("dispatchers", ["processor time", "beside the default"].into_iter());
    for (build, median) in BUILDS.iter().zip(medians) {
        let beside = median - medians[1];
        let beside = if median == medians[1] { String::new() } else { format!("{beside:+.1} s") };
        let _ = writeln!(table, "| {} | {median:.1} s | {beside} |", build.0);
    }
    Some(table)
}

impl Build {
    /// The processor time of a Cargo command for the library as this build has it.
    fn cargo(&self, command: &str, folder: &Path, rest: &[&str]) -> Option<f64> {
        let &Build(name, features, tail) = self;
        let mut cargo = cargo();
        cargo
            .args([command, "--release", "--quiet", "-p", "wasmscope-core", "--lib", "--no-default-features"])
            .args(["--features", features, "--config", "profile.release.lto=\"off\"", "--target-dir"])
            .arg(folder)
            .args(rest)
            .env("WASMSCOPE_TAIL", if tail { "" } else { "off" });
        let (output, spent) = timed(&mut cargo).expect("cargo runs");
        if !output.status.success() {
            eprintln!("compile: {name}: {}", complaint(&output));
            return None;
        }
        Some(spent.user + spent.system)
    }
}
