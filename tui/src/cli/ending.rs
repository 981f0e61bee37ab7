//! How a guest's run ended, in words and as this process's exit code.
//!
//! ```text
//! trap: integer divide by zero in main at 0x2b, math.h:4:10: 70 / 0
//!   0: div, inlined, math.h:4:10
//!      main at 0x2b, main.c:12:5
//!   1: _start at 0x44
//! ```

use super::exit::Exit;
use super::out::{Look, note};
use std::io::Write;
use wasmscope_core::{BacktraceFrame, CallError, SourceFrame, TrapReport, Val};
use wasmscope_trace_format::dump::Clean;

/// Prints results on stdout, one per line, or says on stderr why there are none.
pub(crate) fn report(ended: &Result<Option<Vec<Val>>, CallError>, look: &Look) -> anyhow::Result<Exit> {
    let error = match ended {
        Ok(None) => return Ok(Exit::OK),
        Ok(Some(results)) => {
            let mut out = super::out::stdout();
            for value in results {
                writeln!(out, "{value}")?;
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
    let place = report.frames.first().map(|frame| format!(" in {}", Clean(frame))).unwrap_or_default();
    let detail = report.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
    look.say("trap", "31", format_args!("{}{place}{detail}", report.code));
    let mut at = 0;
    for same in report.frames.chunk_by(|a, b| (a.module, a.func, a.pc) == (b.module, b.func, b.pc)) {
        let mut number = format!("{at:>4}:");
        for inlined in same[0].source_frames().iter().filter(|frame| frame.inlined) {
            note(format_args!("{number:5} {}", inlined_place(inlined)));
            number.clear();
        }
        note(format_args!("{number:5} {}", frame_place(&same[0])));
        match same.len() - 1 {
            0 => {}
            1 => note(format_args!("      and the same once more")),
            times => note(format_args!("      and the same {times} times more")),
        }
        at += same.len();
    }
    let hidden = report.depth.saturating_sub(report.frames.len());
    if hidden > 0 {
        note(format_args!("      and {hidden} more"));
    }
    if let Some(text) = report.frames.iter().find_map(BacktraceFrame::source_note) {
        note(format_args!("note: {}", Clean(text)));
    }
    if let Some(text) = report.frames.iter().find_map(BacktraceFrame::names_note) {
        note(format_args!(
            "note: the name section is broken, what follows there is ignored: {}",
            Clean(text)
        ));
    }
}

/// A function that has no frame of its own.
fn inlined_place(frame: &SourceFrame) -> String {
    let name = frame.function.as_deref().unwrap_or("a function");
    let place = frame.location.as_ref().map(|location| format!(", {location}")).unwrap_or_default();
    Clean(format!("{name}, inlined{place}")).to_string()
}

/// A frame: its own line, that of the call of what was inlined.
fn frame_place(frame: &BacktraceFrame) -> String {
    match frame.source_frames().pop() {
        Some(SourceFrame { location: Some(location), .. }) => {
            let name = match &frame.name {
                Some(name) => name.clone(),
                None => format!("function {}", frame.func),
            };
            Clean(format!("{name} at {:#x}, {location}", frame.pc)).to_string()
        }
        _ => Clean(frame).to_string(),
    }
}
