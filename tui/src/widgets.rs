//! Small things that draw: they know nothing of runs, steps or WebAssembly.

pub mod edit;
pub mod frame;
pub mod line;
pub mod scroll;
pub mod wrap;
