//! Threads that nobody waits for: they leave the processors to those that answer.
//!
//! On Linux the niceness is each thread's own, and what it starts inherits it. Elsewhere it is the whole
//! process's: there such a thread is like any other.

use std::thread::{Builder, JoinHandle};

/// How much they stand back; 19 is the most.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Starts one; `None` if the system has no room for another thread.
pub(crate) fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Option<JoinHandle<()>> {
    let work = move || {
        // Refused, it is only less polite.
        #[cfg(target_os = "linux")]
        let _ = rustix::process::nice(NICE);
        work();
    };
    Builder::new().name(name.into()).spawn(work).ok()
}
