//! Looking through steps that follow each other: at full speed where that is possible, else op by op.
//!
//! ```text
//! places    ─────────●─────●──────►       breakpoints
//! writes    ─────────┤▒▒▒▒├───────►       slices that may have written where it matters are repeated
//! else      ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒►       each op is seen
//! ```
//!
//! Elsewhere: whether an op meets the query (`matcher`), which steps are looked through (`find`).

use super::matcher::{Matcher, Scan};
use super::{Hit, LONGEST, SLICE, STRETCH};
use crate::exec::control::Stand;
use crate::timeline::replay::Replayer;
use crate::timeline::{Progress, TimelineError};

/// Runs on to step `to` and gives each hit to `found`; false if that said no, or nothing
/// more can be found.
///
/// # Errors
/// If it stands still before `to`: what is not there cannot be looked through.
pub(super) fn scan(
    replayer: &mut Replayer,
    matcher: &mut Matcher,
    to: u64,
    progress: &dyn Progress,
    found: &mut dyn FnMut(Hit) -> bool,
) -> Result<bool, TimelineError> {
    let mut left = Scanned::Dense;
    if matcher.only_places(&replayer.store) {
        let scanned = scan_places(replayer, matcher, to, progress, found);
        replayer.store.unpatch_all();
        left = scanned?;
    }
    if let Scanned::Dense = left {
        left = scan_slices(replayer, matcher, to, progress, found)?;
    }
    match left {
        Scanned::Enough => Ok(false),
        _ if replayer.step() < to => Err(replayer.lost(to)),
        _ => Ok(true),
    }
}

/// The same step by step, but for slices that write nothing of interest.
fn scan_slices(
    replayer: &mut Replayer,
    matcher: &mut Matcher,
    to: u64,
    progress: &dyn Progress,
    found: &mut dyn FnMut(Hit) -> bool,
) -> Result<Scanned, TimelineError> {
    while replayer.step() < to {
        if !progress.go_on(replayer.step()) {
            return Err(TimelineError::Cancelled);
        }
        let from = replayer.step();
        let limit = to.min(from + SLICE);
        if matcher.only_writes() && limit - from > STRETCH {
            let before = replayer.snapshot();
            replayer.run_to(limit, None)?;
            if !matcher.may_have_written(&replayer.store) {
                if replayer.step() < limit {
                    return Ok(Scanned::End);
                }
                continue;
            }
            replayer.restore(&before);
        }
        match scan_steps(replayer, matcher, limit, found)? {
            Scanned::Through => {}
            left => return Ok(left),
        }
    }
    Ok(Scanned::Through)
}

/// How a stretch of steps was left.
enum Scanned {
    /// At its end.
    Through,
    /// Before, at the end of the run.
    End,
    /// Where nothing more is wanted, or can be found.
    Enough,
    /// Before a step that may meet the query, as so many do that stepping is faster.
    Dense,
}

fn scan_steps(
    replayer: &mut Replayer,
    matcher: &mut Matcher,
    to: u64,
    found: &mut dyn FnMut(Hit) -> bool,
) -> Result<Scanned, TimelineError> {
    matcher.begin(&mut replayer.store);
    if matcher.is_over() {
        return Ok(Scanned::Enough);
    }
    let mut scan = Scan { matcher, found, stopped: false };
    while replayer.step() < to {
        let more = replayer.walk_to(to, &mut scan)?;
        if scan.stopped {
            return Ok(Scanned::Enough);
        }
        if !more {
            return Ok(Scanned::End);
        }
    }
    Ok(Scanned::Through)
}

/// The same for places in code, at full speed.
fn scan_places(
    replayer: &mut Replayer,
    matcher: &mut Matcher,
    to: u64,
    progress: &dyn Progress,
    found: &mut dyn FnMut(Hit) -> bool,
) -> Result<Scanned, TimelineError> {
    /// Breakpoints between two looks at how dense they are.
    const LOOK: u64 = 1 << 12;
    /// A breakpoint costs as much as so many steps.
    const COST: u64 = 32;
    matcher.patch(&mut replayer.store);
    let mut stood = Stand::Reached;
    let (mut stands, mut since) = (0u64, replayer.step());
    while replayer.step() < to {
        stands += 1;
        if stood == Stand::Reached || stands == LOOK {
            let here = replayer.step();
            if !progress.go_on(here) {
                return Err(TimelineError::Cancelled);
            }
            if stands == LOOK {
                if (here - since) / LOOK < COST {
                    matcher.is_dense = true;
                    return Ok(Scanned::Dense);
                }
                (stands, since) = (0, here);
            }
        }
        // Where a run begins, a breakpoint is not seen.
        if let Some(hit) = matcher.place_here(&mut replayer.store)
            && !found(hit)
        {
            return Ok(Scanned::Enough);
        }
        stood = replayer.run_to(to.min(replayer.step() + LONGEST), None)?;
        if !matches!(stood, Stand::Reached | Stand::Breakpoint) {
            return Ok(Scanned::End);
        }
    }
    Ok(Scanned::Through)
}
