//! Everything a person sees of wasmscope in a terminal.
//!
//! ```text
//! terminal ─► term ─► keys ─► app ─► command ─► effects
//!                              │                   │ Request
//! terminal ◄─ screen ◄─ panes ◄┘                   ▼
//!               ▲                          session (own thread) ─► Source
//!               └──────── Moment ──────────────────┘
//! ```
//!
//! `open_trace` and `debug` open a run in the terminal and return when the user leaves; `run` does
//! it with any [`session::Source`]. No pane knows the engine, a file or another pane; only `source`
//! knows the engine.

#![forbid(unsafe_code)]

pub mod app;
pub mod command;
pub mod config;
pub mod expr;
pub mod keymap;
pub mod keys;
pub mod layout;
pub mod lesson;
pub mod moment;
pub mod panes;
pub mod screen;
pub mod script;
pub mod session;
pub mod source;
pub mod state;
pub mod svg;
pub mod term;
pub mod theme;
pub mod tour;
pub mod widgets;
pub mod words;

pub use source::{Program, debug, open_trace};
pub use term::{Left, Options, run};
