//! `wasmscope --version`: which build this is, and with `--verbose` how it runs programs.
//!
//! ```text
//! wasmscope 0.1.0
//! dispatcher  tail: handlers jump to each other
//! target      x86_64-unknown-linux-gnu
//! engine      opt-level 3
//! compiler    rustc 1.95.0 (…)
//! ```

use super::{Exit, Outcome, out};
use std::io::Write;
use wasmscope_core::BUILD;

/// Prints it.
pub(crate) fn print(verbose: bool) -> Outcome {
    let mut out = out::stdout();
    writeln!(out, "wasmscope {}", env!("CARGO_PKG_VERSION"))?;
    if verbose {
        match BUILD.no_tail {
            "" => writeln!(out, "dispatcher  tail: handlers jump to each other")?,
            why => writeln!(out, "dispatcher  step, a loop over function pointers: {why}")?,
        }
        writeln!(out, "target      {}", BUILD.target)?;
        writeln!(out, "engine      opt-level {}", BUILD.opt_level)?;
        writeln!(out, "compiler    {}", BUILD.rustc)?;
    }
    out.flush()?;
    Ok(Exit::OK)
}
