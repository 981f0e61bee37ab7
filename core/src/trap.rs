//! Why a guest stopped: the ways a WebAssembly computation can trap.
//!
//! A [`TrapCode`] is the guest's fault, part of the semantics and never an error of the engine. It is one byte and
//! `Copy`, so arithmetic can return it in a register. Its text is the specification's wording where it has one, which
//! is what the official test suite expects.
//!
//! Always: a code's number never changes and is never reused, because traces store it.
//! Elsewhere: where the guest was when it trapped (`exec`), why a module was refused (`error`).

mod detail;

pub use detail::{Space, TrapDetail};

use std::fmt;

macro_rules! trap_codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal;)*) => {
        /// A kind of trap. `Display` gives the specification's wording.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum TrapCode {
            $($(#[$doc])* $name = $number,)*
        }

        impl TrapCode {
            /// Every code, in order of number.
            pub const ALL: &[TrapCode] = &[$(TrapCode::$name,)*];

            /// The code with this number, or `None` if there is none.
            pub const fn from_number(number: u8) -> Option<TrapCode> {
                match number {
                    $($number => Some(TrapCode::$name),)*
                    _ => None,
                }
            }

            /// The specification's wording, lower case.
            pub const fn text(self) -> &'static str {
                match self {
                    $(TrapCode::$name => $text,)*
                }
            }
        }
    };
}

trap_codes! {
    /// The `unreachable` instruction was executed.
    Unreachable = 0, "unreachable";
    /// Integer division or remainder by zero.
    IntegerDivideByZero = 1, "integer divide by zero";
    /// A quotient or a truncated float does not fit its integer type.
    IntegerOverflow = 2, "integer overflow";
    /// A NaN was converted to an integer.
    InvalidConversionToInteger = 3, "invalid conversion to integer";
    /// A memory access or bulk operation left its memory or data segment.
    MemoryOutOfBounds = 4, "out of bounds memory access";
    /// A table access or bulk operation left its table or element segment.
    TableOutOfBounds = 5, "out of bounds table access";
    /// `call_indirect` through a null table element.
    IndirectCallToNull = 6, "uninitialized element";
    /// `call_indirect` with an index outside its table.
    UndefinedElement = 7, "undefined element";
    /// `call_indirect` through an element of another function type.
    BadSignature = 8, "indirect call type mismatch";
    /// More nested calls or more value stack than the store allows.
    StackOverflow = 9, "call stack exhausted";
    /// `ref.as_non_null` of a null reference.
    NullReference = 10, "null reference";
    /// `call_ref` of a null function reference.
    NullFunctionReference = 11, "null function reference";
    /// `throw_ref` of a null exception reference.
    NullExceptionReference = 12, "null exception reference";
    /// An exception left the outermost function.
    UncaughtException = 13, "uncaught exception";
    /// A function was called that nobody has defined ([`MissingImports::Trap`](crate::MissingImports::Trap)); not in
    /// the specification, which has no instances without their imports.
    MissingImport = 14, "call of a missing import";
}

impl fmt::Display for TrapCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dense_and_read_back() {
        for (number, &code) in TrapCode::ALL.iter().enumerate() {
            assert_eq!(code as usize, number);
            assert_eq!(TrapCode::from_number(number as u8), Some(code));
        }
        assert_eq!(TrapCode::from_number(TrapCode::ALL.len() as u8), None);
        assert_eq!(size_of::<Result<(), TrapCode>>(), 1);
    }
}
