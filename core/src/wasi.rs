//! WASI preview 1: the system interface C and Rust programs are built for.
//!
//! ```text
//! calls       THE table: 46 functions, their names, parameters, registration
//! args clock fd io open path poll process readdir sock   what they do, by group
//! ctx         the world a guest is given        descriptor  what its numbers name
//! stdio       stdin as a queue, outputs         types errno the specification's words
//! guest       the guest's memory, behind the engine's logged boundary
//! ```
//!
//! Every byte a call reads from or leaves in guest memory passes the
//! [`Caller`](crate::Caller), so a recorder sees the whole effect of a call and a
//! replay needs none of this. The file system is cap-std's sandbox.
//! Always: no path leaves a preopened directory; nothing the guest passes
//! (addresses, lengths, lists, flags) makes a call panic or allocate without
//! bound; a bad address is the errno `EFAULT`, where some runtimes trap.

mod args;
mod calls;
mod clock;
mod ctx;
mod descriptor;
mod errno;
mod fd;
mod guest;
mod io;
mod open;
mod path;
mod poll;
mod process;
mod readdir;
mod sock;
mod stdio;
#[cfg(test)]
mod tests;
mod types;

pub use calls::{CALLS, Call, Param, ParamKind, add_to_linker};
pub use clock::{ClockId, Clocks, FixedClocks, Random, SeededRandom, SystemClocks, SystemRandom};
pub use ctx::{WasiCtx, WasiCtxBuilder};
pub use errno::Errno;
pub use stdio::{Capture, Input, Interrupt};

/// A directory to give to a guest.
pub use cap_std::fs::Dir;

/// The module name the functions are imported from.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// The call an import names, if it is one of preview 1.
pub fn call(module: &str, name: &str) -> Option<&'static Call> {
    if module != MODULE {
        return None;
    }
    CALLS.iter().find(|call| call.name == name)
}

/// Whether an import is one of the 46 functions of preview 1.
pub fn is_wasi_import(module: &str, name: &str) -> bool {
    call(module, name).is_some()
}
