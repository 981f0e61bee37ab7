//! Guaranteed tail calls, which only a nightly compiler makes, between what they are to be
//! compared with.
//!
//! ```text
//! this program ──► cargo +nightly run --features become … --only nightly --print
//!                  the same program, which measures and prints the table
//!              ◄── its stdout
//! ```

use crate::child::{root, target};
use crate::{Options, between, machine, real_variants, times};
use std::process::{Command, Stdio};
use wasmscope_core::experiment::Variant;

const NAMES: [&str; 5] = ["varied-match", "tail-slots", "become", "preserve-none", "tail"];

/// Measured by this program if it has them, else by the same program as nightly compiles it.
pub(crate) fn table(options: &Options) -> Option<String> {
    match cfg!(feature = "become") {
        true => {
            let variants: Vec<&Variant> =
                real_variants().into_iter().filter(|it| NAMES.contains(&it.name)).collect();
            Some(format!("{}\n\n{}", machine(), times::table(&variants, options.runs)))
        }
        false => from_nightly(options),
    }
}

fn from_nightly(options: &Options) -> Option<String> {
    // By its name: the proxy of rustup knows what `+nightly` means.
    let cargo = || {
        let mut command = Command::new("cargo");
        command.arg("+nightly").current_dir(root());
        command
    };
    if !cargo().arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("nightly: no nightly toolchain here");
        return None;
    }
    let output = cargo()
        .args(["run", "--release", "--quiet", "-p", "wasmscope-core", "--features", "become"])
        .args(["--example", "experiment", "--target-dir"])
        .arg(target().join("nightly"))
        .args(["--", "--only", "nightly", "--print", "--runs", &options.runs.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let range = between(&text, "nightly").filter(|_| output.status.success());
    if range.is_none() {
        eprintln!("nightly: cargo: {}", output.status);
    }
    Some(text[range?].trim_end().to_owned() + "\n")
}
