//! The engine.

pub mod error;
pub mod module;
pub mod num;
pub mod trap;
