//! The guest as a WASI call sees it: its memory, and the state behind its
//! descriptors.
//!
//! ```text
//! Caller<'_, T> ──Adapter──► dyn Guest ──► args fd io path poll …
//! ```
//!
//! The calls know neither the engine nor the host's data type, so each is
//! compiled once and tested on a plain vector of bytes. `Adapter` is the only
//! place where WASI touches the engine.
//! Always: guest memory is read and written only through this trait, so
//! everything a call leaves in it passes the logged boundary; an address
//! outside memory is `EFAULT`, never a trap; no buffer here grows with a
//! length the guest made up ([`CHUNK`]).

use super::WasiCtx;
use super::errno::Errno;
use crate::{Caller, HostError, Memory, Stream};
use std::io;

/// The most bytes that pass between guest memory and a file at once.
pub(crate) const CHUNK: usize = 64 * 1024;

/// The longest path a guest may name, in bytes.
pub(crate) const MAX_PATH: u32 = 4096;

/// Why a call did not succeed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The guest is told.
    Errno(Errno),
    /// The run stops or waits.
    Host(HostError),
}

impl From<Errno> for Fault {
    fn from(errno: Errno) -> Fault {
        Fault::Errno(errno)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Errno(error.into())
    }
}

/// What a call comes to.
pub(crate) type Answer<V = ()> = Result<V, Fault>;

/// A guest in the middle of a call.
pub(crate) trait Guest {
    /// The state of its WASI world.
    fn ctx(&mut self) -> &mut WasiCtx;
    /// The size of its memory in bytes; zero without one.
    fn memory_size(&mut self) -> u64;
    /// Fills `bytes` from `at`; all of it or `EFAULT`.
    fn read(&mut self, at: u32, bytes: &mut [u8]) -> Answer;
    /// Writes `bytes` at `at`; all of it or `EFAULT`.
    fn write(&mut self, at: u32, bytes: &[u8]) -> Answer;
    /// Says that the guest printed `bytes`.
    fn output(&mut self, stream: Stream, bytes: &[u8]);
}

impl dyn Guest + '_ {
    /// `EFAULT` unless `len` bytes from `at` are the guest's.
    pub(crate) fn check(&mut self, at: u32, len: u64) -> Answer {
        match u64::from(at).checked_add(len) {
            Some(end) if end <= self.memory_size() => Ok(()),
            _ => Err(Errno::Fault.into()),
        }
    }

    /// Stores a 32-bit number.
    pub(crate) fn write_u32(&mut self, at: u32, value: u32) -> Answer {
        self.write(at, &value.to_le_bytes())
    }

    /// Stores a 64-bit number.
    pub(crate) fn write_u64(&mut self, at: u32, value: u64) -> Answer {
        self.write(at, &value.to_le_bytes())
    }

    /// A path: UTF-8 (else `EILSEQ`), without NUL, not empty (`ENOENT`), at
    /// most [`MAX_PATH`] bytes.
    pub(crate) fn path(&mut self, at: u32, len: u32) -> Answer<String> {
        if len > MAX_PATH {
            return Err(Errno::Nametoolong.into());
        }
        let mut bytes = vec![0; len as usize];
        self.read(at, &mut bytes)?;
        let path = String::from_utf8(bytes).map_err(|_| Errno::Ilseq)?;
        if path.is_empty() {
            return Err(Errno::Noent.into());
        }
        if path.contains('\0') {
            return Err(Errno::Inval.into());
        }
        Ok(path)
    }
}

/// The engine's caller as a [`Guest`].
pub(crate) struct Adapter<'c, 'a, T: 'static, F> {
    caller: &'c mut Caller<'a, T>,
    memory: Option<Memory>,
    get: F,
}

impl<'c, 'a, T, F> Adapter<'c, 'a, T, F>
where
    F: Fn(&mut T) -> &mut WasiCtx,
{
    /// `get` finds the WASI state in the host's data.
    pub(crate) fn new(caller: &'c mut Caller<'a, T>, get: F) -> Adapter<'c, 'a, T, F> {
        let memory = caller.memory();
        Adapter { caller, memory, get }
    }

    fn memory(&self) -> Answer<Memory> {
        self.memory.ok_or(Fault::Errno(Errno::Fault))
    }
}

impl<T, F> Guest for Adapter<'_, '_, T, F>
where
    F: Fn(&mut T) -> &mut WasiCtx,
{
    fn ctx(&mut self) -> &mut WasiCtx {
        (self.get)(self.caller.data_mut())
    }

    fn memory_size(&mut self) -> u64 {
        self.memory.map_or(0, |memory| self.caller.memory_size(memory))
    }

    fn read(&mut self, at: u32, bytes: &mut [u8]) -> Answer {
        let memory = self.memory()?;
        self.caller.read(memory, u64::from(at), bytes).map_err(|_| Errno::Fault.into())
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Answer {
        let memory = self.memory()?;
        self.caller.write(memory, u64::from(at), bytes).map_err(|_| Errno::Fault.into())
    }

    fn output(&mut self, stream: Stream, bytes: &[u8]) {
        self.caller.output(stream, bytes);
    }
}
