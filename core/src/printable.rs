//! Names out of a module, safe to print wherever they stand: in traps, backtraces, the text of ops.
//!
//! A module can name a function as it likes; what its name must not do is move the cursor or hide text. What is
//! shown instead is the same everywhere, and decided where events become text.

use std::fmt::{self, Write};
pub(crate) use wasmscope_trace_format::dump::picture;

/// A name, safe to print.
pub(crate) struct Printable<'a>(pub(crate) &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().map(picture).try_for_each(|c| f.write_char(c))
    }
}
