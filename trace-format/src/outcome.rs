//! How a handler returned, and why a run stops.
//!
//! The words are the WebAssembly specification's: a trap displays as its tests
//! expect it. Everything here is append only; the order is part of the format.
//!
//! Elsewhere: what a step did besides (`event`), how a whole run ended
//! (`manifest`).

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! traps {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A kind of trap. `Display` is the specification's wording.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum TrapCode {
            $($(#[$doc])* $name,)*
        }

        impl TrapCode {
            /// All kinds, in order of their number in files.
            pub const ALL: &'static [TrapCode] = &[$(TrapCode::$name,)*];

            /// The specification's wording.
            pub const fn text(self) -> &'static str {
                match self { $(TrapCode::$name => $text,)* }
            }

            /// The kind with that wording, if there is one.
            pub fn from_text(text: &str) -> Option<TrapCode> {
                TrapCode::ALL.iter().copied().find(|code| code.text() == text)
            }
        }
    };
}

traps! {
    /// `unreachable` was executed.
    Unreachable = "unreachable",
    /// Integer division or remainder by zero.
    IntegerDivideByZero = "integer divide by zero",
    /// A quotient or a converted float does not fit.
    IntegerOverflow = "integer overflow",
    /// A NaN was converted to an integer.
    InvalidConversionToInteger = "invalid conversion to integer",
    /// An access outside a memory, data segments included.
    MemoryOutOfBounds = "out of bounds memory access",
    /// An access outside a table, element segments included.
    TableOutOfBounds = "out of bounds table access",
    /// `call_indirect` with an index outside the table.
    UndefinedElement = "undefined element",
    /// `call_indirect` on a null element.
    UninitializedElement = "uninitialized element",
    /// `call_indirect` on a function of another type.
    IndirectCallTypeMismatch = "indirect call type mismatch",
    /// Too many activations, or too much stack.
    CallStackExhausted = "call stack exhausted",
    /// A null reference where none is allowed.
    NullReference = "null reference",
    /// `call_ref` on null.
    NullFunctionReference = "null function reference",
    /// `throw_ref` on null.
    NullExceptionReference = "null exception reference",
    /// An exception left the outermost frame.
    UncaughtException = "uncaught exception",
    /// An atomic access that is not aligned.
    UnalignedAtomic = "unaligned atomic",
    /// A wait on memory that is not shared.
    ExpectedSharedMemory = "expected shared memory",
    /// A function was called that nobody had defined.
    MissingImport = "call of a missing import",
}

impl fmt::Display for TrapCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// Why a handler returned an error.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// The guest trapped.
    Trap(TrapCode),
    /// A host function failed; its message.
    HostError(String),
    /// The guest asked to exit with this code.
    Exit(i32),
    /// The fuel ran out.
    OutOfFuel,
    /// The embedder asked to stop.
    Interrupted,
    /// A host function waits for input; the same step is tried again later.
    WaitingForInput,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Trap(code) => write!(f, "trap: {code}"),
            Reason::HostError(text) => write!(f, "host error: {text}"),
            Reason::Exit(code) => write!(f, "exit {code}"),
            Reason::OutOfFuel => f.write_str("out of fuel"),
            Reason::Interrupted => f.write_str("interrupted"),
            Reason::WaitingForInput => f.write_str("waiting for input"),
        }
    }
}

/// What a handler returned: where control goes, or why it goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// On to the op that follows.
    Next,
    /// To another op of the same function.
    Jump,
    /// Into a new frame.
    Call,
    /// Into a new frame that replaces this one.
    TailCall,
    /// A host function ran; on to the op that follows.
    HostCall,
    /// Back to the calling frame.
    Return,
    /// To the handler of an exception.
    Throw,
    /// The outermost frame returned.
    Halt,
    /// Nowhere.
    Error(Reason),
}

impl Outcome {
    /// All names, in the order of this enum.
    pub const NAMES: [&'static str; 9] =
        ["Next", "Jump", "Call", "TailCall", "HostCall", "Return", "Throw", "Halt", "Error"];

    /// The name that is meant: in capitals or not, its words joined or apart by `_` or `-`.
    pub fn named(text: &str) -> Option<&'static str> {
        let plain = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
        Outcome::NAMES.into_iter().find(|name| plain(name) == plain(text))
    }

    /// The name as written in this enum; `Error` for all errors.
    pub const fn name(&self) -> &'static str {
        match self {
            Outcome::Next => "Next",
            Outcome::Jump => "Jump",
            Outcome::Call => "Call",
            Outcome::TailCall => "TailCall",
            Outcome::HostCall => "HostCall",
            Outcome::Return => "Return",
            Outcome::Throw => "Throw",
            Outcome::Halt => "Halt",
            Outcome::Error(_) => "Error",
        }
    }

    /// Whether the step failed.
    pub const fn is_error(&self) -> bool {
        matches!(self, Outcome::Error(_))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Error(reason) => reason.fmt(f),
            other => f.write_str(other.name()),
        }
    }
}
