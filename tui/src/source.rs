//! Real runs as sources of a session: the only part of this library that knows the engine.
//!
//! ```text
//! trace file ─► replay ─┐
//!                       ├─► past ─► Timeline         any moment of what is known
//! program ────► live ───┘
//!                └────────► Live                     beyond the end it runs for real
//! ```
//!
//! Both are the same to a session but at their end (`known`).
//! Elsewhere: what a session asks (`session`), what is shown (`moment`).

mod convert;
mod files;
mod known;
mod lines;
mod live;
mod past;
mod replay;
mod survey;

pub use live::{LiveSource, Program};
pub use replay::{RENUMBERED, ReplaySource, UNREACHED};

use crate::term::{self, Left, Options};
use std::path::Path;
use wasmscope_core::timeline::Timeline;

/// Shows the timeline of a trace in the terminal and stays until the user leaves; `name` is what to
/// call it, and at `index` lies its index, or one is to be made there.
///
/// # Errors
/// If there is no terminal.
pub fn open_trace(
    timeline: Timeline,
    name: &str,
    index: Option<&Path>,
    options: Options,
) -> anyhow::Result<Left> {
    let mut source =
        ReplaySource::over(timeline, name).with_sources(options.sources.clone(), options.named_sources);
    if let Some(index) = index {
        source.use_index(index);
    }
    term::run(Box::new(source), options)
}

/// Debugs a program in the terminal and stays until the user leaves. The program runs as far as the
/// user asks it to.
///
/// # Errors
/// If the program cannot be linked, or there is no terminal.
pub fn debug(program: Program, options: Options) -> anyhow::Result<Left> {
    let source = LiveSource::start(program)?.with_sources(options.sources.clone(), options.named_sources);
    term::run(Box::new(source), options)
}
