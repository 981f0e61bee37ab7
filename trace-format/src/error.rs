//! What can go wrong with a trace, and how it is said.
//!
//! * [`ReadError`]: the trace cannot be used, or one thing asked of it cannot
//!   be given.
//! * [`Damage`]: a part is unusable and the rest is fine; reported, not thrown.
//! * [`WriteError`]: the trace cannot be continued. The guest can.
//!
//! Messages are lower case and say at which byte.

use std::fmt;
use std::io;
use std::ops::Range;

/// Why a trace, or a part of it, cannot be read.
#[derive(Debug)]
pub struct ReadError {
    /// The offset in the file.
    pub at: u64,
    /// What is wrong there.
    pub kind: ReadErrorKind,
}

/// What is wrong with a trace.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The file could not be read.
    Io(io::Error),
    /// It is something else; what it looks like.
    NotATrace(&'static str),
    /// It was written by a newer version with another format.
    NewerMajor {
        /// Its version.
        found: (u16, u16),
    },
    /// It needs abilities this version lacks; the unknown flags.
    Incompatible(u32),
    /// A frame this version does not know, but needs.
    UnknownKind {
        /// Its kind.
        kind: u16,
        /// Its version.
        version: u8,
    },
    /// Compressed in a way this build cannot undo; the codec's number.
    Codec(u8),
    /// A part is larger than this version accepts.
    TooLarge(&'static str),
    /// A part is damaged; what, and how.
    Damaged(String),
    /// The trace does not hold what was asked for.
    Missing(&'static str),
}

impl ReadError {
    pub(crate) fn new(at: u64, kind: ReadErrorKind) -> ReadError {
        ReadError { at, kind }
    }

    pub(crate) fn damaged(at: u64, what: impl Into<String>) -> ReadError {
        ReadError { at, kind: ReadErrorKind::Damaged(what.into()) }
    }
}

impl ReadError {
    /// The message without the byte.
    pub(crate) fn kind_text(&self) -> String {
        self.kind.to_string()
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.at, self.kind)
    }
}

impl fmt::Display for ReadErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadErrorKind::Io(error) => write!(f, "cannot read: {error}"),
            ReadErrorKind::NotATrace(looks) => write!(f, "not a wasmscope trace: {looks}"),
            ReadErrorKind::NewerMajor { found: (major, minor) } => write!(
                f,
                "the trace has format version {major}.{minor}; this build reads up to {}.x",
                crate::frame::MAJOR
            ),
            ReadErrorKind::Incompatible(flags) => {
                write!(f, "the trace uses features this build does not know (flags 0x{flags:x})")
            }
            ReadErrorKind::UnknownKind { kind, version } => write!(
                f,
                "a part of kind {kind}, version {version}, is needed to read this trace, \
                 and this build does not know it"
            ),
            ReadErrorKind::Codec(codec) => write!(f, "unknown compression {codec}"),
            ReadErrorKind::TooLarge(what) => write!(f, "{what} is larger than this build accepts"),
            ReadErrorKind::Damaged(what) => f.write_str(what),
            ReadErrorKind::Missing(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ReadErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}

/// A part of a trace that cannot be used, while the rest can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where it starts in the file.
    pub at: u64,
    /// How many bytes it covers.
    pub len: u64,
    /// Which steps it held, if that is known.
    pub steps: Option<Range<u64>>,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.at, self.what)?;
        if self.len > 0 {
            write!(f, ", {} bytes", self.len)?;
        }
        match &self.steps {
            Some(steps) if !steps.is_empty() => {
                write!(f, ", steps {} to {}", steps.start, steps.end - 1)
            }
            _ => Ok(()),
        }
    }
}

/// Why a trace cannot be continued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The sink failed: a full disk, a closed pipe. What was written before
    /// is a valid trace that ends early.
    #[error("byte {at}: cannot write: {source}")]
    Io {
        /// Bytes written before.
        at: u64,
        /// What the sink said.
        source: io::Error,
    },
    /// An earlier write failed; nothing more is written.
    #[error("byte {at}: the trace ends here after an earlier error")]
    Stopped {
        /// Bytes written before.
        at: u64,
    },
    /// The caller asked for what a trace cannot hold.
    #[error("cannot record {what} at step {step}: {why}")]
    Invalid {
        /// What was to be written.
        what: &'static str,
        /// At which step.
        step: u64,
        /// Why not.
        why: &'static str,
    },
}
