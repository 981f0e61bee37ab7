//! Why a module was refused, and at which byte.
//!
//! ```text
//! byte 0x2b: type mismatch: expected i32, found i64
//! byte 0x0a: needs the garbage collection proposal, which is not supported: rec group usage requires …
//! ```
//!
//! The input's fault: a position and a kind, never a panic. Elsewhere: why a running guest stopped (`trap`).

use std::fmt;

/// A module that cannot be used, and the first byte that is to blame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModuleError {
    /// Offset of the offending byte in the file.
    pub at: u64,
    /// What sort of refusal this is.
    pub kind: ModuleErrorKind,
    /// What was found or expected there: lower case, no full stop.
    pub message: String,
}

/// The sorts of [`ModuleError`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ModuleErrorKind {
    /// The bytes are not WebAssembly of any sort.
    NotWasm,
    /// The bytes are WebAssembly's text format.
    Text,
    /// The bytes are a component, not a core module.
    Component,
    /// The bytes do not decode, or the module does not validate.
    Invalid,
    /// The module uses a proposal that is not supported, or not enabled.
    Proposal(
        /// The proposal's name.
        &'static str,
    ),
    /// The module is valid but exceeds a limit of this engine.
    TooLarge,
}

impl ModuleError {
    pub(crate) fn new(at: u64, kind: ModuleErrorKind, message: impl Into<String>) -> ModuleError {
        ModuleError { at, kind, message: message.into() }
    }

    pub(crate) fn invalid(error: &wasmparser::Error) -> ModuleError {
        ModuleError::new(error.offset(), ModuleErrorKind::Invalid, lower_first(error.message()))
    }
}

impl fmt::Display for ModuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {:#x}: {}", self.at, self.message)
    }
}

impl std::error::Error for ModuleError {}

/// The message in the house's style, leaving acronyms and names alone.
fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => message.to_owned(),
    }
}
