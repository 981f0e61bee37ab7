//! The guest's own process: `proc_*`, `sched_yield`.

use super::errno::Errno;
use super::guest::{Answer, Guest};
use crate::HostError;

/// Ends the run with a code; the only call that does not return.
pub(crate) fn proc_exit(_guest: &mut dyn Guest, code: i32) -> HostError {
    HostError::Exit(code)
}

/// There are no signals: `ENOTSUP`.
pub(crate) fn proc_raise(_guest: &mut dyn Guest, _signal: u32) -> Answer {
    Err(Errno::Notsup.into())
}

/// Lets other threads of the host run.
pub(crate) fn sched_yield(_guest: &mut dyn Guest) -> Answer {
    std::thread::yield_now();
    Ok(())
}
