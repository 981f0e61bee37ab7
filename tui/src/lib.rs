//! Everything a person sees of wasmscope in a terminal.
//!
//!     terminal ─► term ─► keys ─► app ─► command ─► effects
//!                                  │                   │ Request
//!     terminal ◄─ screen ◄─ panes ◄┘                   ▼
//!                   ▲                          session (own thread) ─► Source
//!                   └──────── Moment ──────────────────┘
//!
//! `run` opens a run, given as a [`session::Source`], in the terminal and returns when the user
//! leaves. No pane knows the engine, a file or another pane; the engine is known to whoever
//! implements `Source`, outside of this library's modules.

pub mod app;
pub mod command;
pub mod keys;
pub mod layout;
pub mod moment;
pub mod panes;
pub mod screen;
pub mod session;
pub mod svg;
pub mod term;
pub mod theme;
pub mod widgets;
pub mod words;

pub use term::{Left, Options, run};
