//! How a command ends: exit codes, and what is said about errors.

use super::out::Look;
use std::fmt;
use std::io::{self, Write};
use wasmscope_trace_format::dump::Clean;

/// An exit code of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exit(pub(crate) i32);

impl Exit {
    /// Done.
    pub(crate) const OK: Exit = Exit(0);
    /// It could not be done.
    pub(crate) const ERROR: Exit = Exit(1);
    /// It was asked for wrongly.
    pub(crate) const USAGE: Exit = Exit(2);
    /// Readable, but some of it is lost.
    pub(crate) const LOSS: Exit = Exit(3);
    /// Interrupted by the user.
    pub(crate) const INTERRUPTED: Exit = Exit(130);
    /// The guest trapped, as a native program that aborts.
    pub(crate) const TRAP: Exit = Exit(134);
    /// The guest's reader has gone, as a native program killed by SIGPIPE.
    pub(crate) const PIPE: Exit = Exit(141);
}

/// The user's mistake in asking: exit code 2.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// An [`Usage`] error with this message.
pub(crate) fn usage(message: impl Into<String>) -> anyhow::Error {
    anyhow::Error::new(Usage(message.into()))
}

/// An error and its causes, but not those that are in the text already.
fn chain_text(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(|cause| cause.to_string()) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text += &format!(": {cause}");
        }
    }
    text
}

/// Says what the parser of the command line has to say: what is wrong with it, or the help that was asked for. The exit
/// code for it.
pub(crate) fn unparsed(said: &clap::Error) -> Exit {
    match said.print().and_then(|()| io::stdout().flush()) {
        Err(error) if !said.use_stderr() && error.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "error: {error}");
            Exit::ERROR
        }
        _ => Exit(said.exit_code()),
    }
}

/// Says what went wrong; the exit code for it. A closed stdout is no news to anybody.
pub(crate) fn report(error: &anyhow::Error, look: &Look) -> Exit {
    let closed = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    if closed.map(io::Error::kind).any(|kind| kind == io::ErrorKind::BrokenPipe) {
        return Exit::OK;
    }
    // Line ends are ours; nothing else that moves the cursor is let through.
    let text = chain_text(error);
    let lines: Vec<String> = text.lines().map(|line| Clean(line).to_string()).collect();
    look.error(format_args!("{}", lines.join("\n")));
    if error.is::<Usage>() { Exit::USAGE } else { Exit::ERROR }
}
