//! One module, run by this engine in every way and by another engine once: all must agree.
//!
//! ```text
//! bytes ──programs, smith──► Case ──┬── oracle   wasmi, once          ─┐
//!                                   └── ours     dispatcher × lowering ├─► Seen, compared
//!                                        replay  of every recording   ─┘
//! ```
//!
//! A case is a module and a number. Which exports are called with what follows from the number (`case`), what the
//! host does from the arguments it gets (`host`), so nothing of a run depends on the engine.
//! The fuzz target uses these files as they are; only `main` knows about tests.

#![allow(dead_code, unreachable_pub)] // the tests and the fuzz targets use a part each

pub mod case;
pub mod host;
pub mod oracle;
pub mod ours;
pub mod programs;
pub mod replay;
pub mod rng;
pub mod smith;
pub mod truth;

pub use case::{Case, Seen};

use ours::How;
use wasmscope_core::Lowering;

/// What running a case came to.
#[derive(Default)]
pub struct Work {
    /// Calls that returned.
    pub returned: u64,
    /// Calls that did not, starts included.
    pub stopped: u64,
    /// Ticks of one of the runs.
    pub ticks: u64,
    /// The other engine ran it too.
    pub compared: bool,
    /// The other engine has a bug.
    pub oracle_panicked: bool,
}

/// Runs a case in every way.
///
/// # Errors
/// The first difference.
pub fn check(case: &Case) -> Result<Work, String> {
    let mut work = Work::default();
    let mut first: Option<(Seen, String)> = None;
    if case.oracle && oracle::is_trusted(&case.wasm) {
        match std::panic::catch_unwind(|| oracle::run(case)) {
            Ok(Err(error)) => return Err(format!("wasmi refuses the module: {error}")),
            Ok(Ok(seen)) if seen.ended_by("call stack exhausted") => {}
            Ok(Ok(seen)) => {
                first = Some((seen, "wasmi".to_owned()));
                work.compared = true;
            }
            // wasmi 2.0.0: "a register operand already exists on the stack", at an `else`.
            Err(_) => work.oracle_panicked = true,
        }
    }
    let mut ticks = None;
    let mut traps = None;
    let mut traces = Vec::new();
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let mut steps = None;
        for how in How::ALL {
            // A guest called by a host function cannot pause.
            if how == How::Sliced && case.calls_back() {
                continue;
            }
            let name = format!("{how:?}, {lowering:?}");
            let run = ours::run(case, lowering, how).map_err(|error| format!("{name}: {error}"))?;
            match &first {
                None => first = Some((run.seen.clone(), name.clone())),
                Some((seen, of)) => {
                    // Limits of the stack, and what a failed instantiation says, are each engine's own.
                    let no_instance = |seen: &Seen| seen.ends.first().is_some_and(|end| !end.returned());
                    let failed = no_instance(seen) && no_instance(&run.seen);
                    if of == "wasmi" && (failed || run.seen.ended_by("call stack exhausted")) {
                        first = Some((run.seen.clone(), name.clone()));
                        work.compared = false;
                    } else if let Some(difference) = seen.difference(&run.seen) {
                        return Err(format!("{of} and {name} differ: {difference}"));
                    }
                }
            }
            if *traps.get_or_insert_with(|| run.traps.clone()) != run.traps {
                return Err(format!("{name}: traps at {:x?}, before {traps:x?}", run.traps));
            }
            if how.counts() {
                let (of_steps, of_ticks) = &run.counts;
                if steps.get_or_insert_with(|| of_steps.clone()) != of_steps {
                    return Err(format!("{name}: steps {of_steps:?}, before {steps:?}"));
                }
                if ticks.get_or_insert_with(|| of_ticks.clone()) != of_ticks {
                    let place = replay::first_other_tick(case).unwrap_or_else(|error| error);
                    return Err(format!("{name}: ticks {of_ticks:?}, before {ticks:?}; {place}"));
                }
                work.ticks = of_ticks.last().copied().unwrap_or(0);
            }
            if let Some(file) = &run.trace {
                replay::check(case, file, &run).map_err(|error| format!("{name}: {error}"))?;
                traces.push(file.clone());
            }
        }
    }
    if let [plain, fused] = &traces[..] {
        replay::compare(case, plain, fused)?;
    }
    if let Some((seen, _)) = first {
        work.returned = seen.ends.iter().filter(|end| end.returned()).count() as u64;
        work.stopped = seen.ends.len() as u64 - work.returned;
    }
    Ok(work)
}
