//! All moments of one run.
//!
//! Elsewhere: what a trace file is (the trace-format crate), what a step does (`exec`).

#[allow(dead_code, unused_imports, reason = "for what reads and writes traces")]
pub(crate) mod code;
