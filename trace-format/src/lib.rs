//! The format.
