//! How a guest's run ended, in words and as this process's exit code.
//!
//! ```text
//! trap: integer divide by zero in div at 0x2b
//!   0: div at 0x2b
//!   1: main at 0x44
//! ```

use super::exit::Exit;
use super::out::{Look, note};
use super::values;
use std::io::Write;
use wasmscope_core::{BacktraceFrame, CallError, TrapReport, Val};
use wasmscope_trace_format::dump::Clean;

/// Prints results on stdout, one per line, or says on stderr why there are none.
pub(crate) fn report(ended: &Result<Option<Vec<Val>>, CallError>, look: &Look) -> anyhow::Result<Exit> {
    let error = match ended {
        Ok(None) => return Ok(Exit::OK),
        Ok(Some(results)) => {
            let mut out = super::out::stdout();
            for value in results {
                writeln!(out, "{}", values::text(value))?;
            }
            out.flush()?;
            return Ok(Exit::OK);
        }
        Err(error) => error,
    };
    Ok(match error {
        CallError::Exit(code) => Exit(*code),
        CallError::Trap(report) => {
            trap(report, look);
            Exit::TRAP
        }
        // Only an import that is missing fails in its own way.
        CallError::Host(error) => {
            look.say("trap", "31", format_args!("{}", Clean(error)));
            Exit::TRAP
        }
        CallError::Interrupted => Exit::INTERRUPTED,
        error => {
            look.error(format_args!("{}", Clean(error)));
            Exit::ERROR
        }
    })
}

fn trap(report: &TrapReport, look: &Look) {
    match report.frames.first() {
        Some(frame) => look.say("trap", "31", format_args!("{report} in {}", place(frame))),
        None => look.say("trap", "31", format_args!("{report}")),
    }
    for (number, frame) in report.frames.iter().enumerate() {
        note(format_args!("{number:>4}: {}", place(frame)));
    }
    let hidden = report.depth.saturating_sub(report.frames.len());
    if hidden > 0 {
        note(format_args!("      and {hidden} more"));
    }
}

fn place(frame: &BacktraceFrame) -> String {
    match &frame.name {
        Some(name) => format!("{} at {:#x}", Clean(name), frame.pc),
        None => format!("function {} at {:#x}", frame.func, frame.pc),
    }
}
