//! Where in memory something printed came from, at the moment the host was called to print it.
//!
//! ```text
//! fd_write(fd, iovs, iovs_len, nwritten)      byte 7 of what it printed
//!              └─► [0x400, 5] [0x520, 9] …    ─────► 0x522
//! ```
//!
//! WASI prints what a list of address and length pairs says, one after the other. Always: the list is read from
//! memory as it was when the call was made. Elsewhere: the lines (`panes`).

use super::{Failure, Session, State};
use crate::moment::{HostCall, Why};
use crate::words;

/// More pairs than this are not read; the system call allows fewer.
const PAIRS: u64 = 1 << 16;

impl Session {
    /// Goes to a step that printed, and has the byte numbered `offset` of what it printed shown where it stood.
    pub(super) fn origin(&mut self, step: u64, offset: u64) -> Result<String, Failure> {
        let before = self.source.hosts(None, step, 1).before;
        let calls = self.source.hosts(Some(before), step, 1);
        let call = calls.calls.into_iter().find(|call| call.step == step);
        let shown = words::count(step);
        let call =
            call.ok_or_else(|| Failure(format!("step {shown} calls no host function: it prints nothing")))?;
        let (memory, list, pairs) = listed(&call)?;
        let state = self.source.state(step)?;
        let found = locate(state.as_ref(), memory, (list, pairs), offset);
        drop(state);
        let Some(addr) = found else {
            return Err(Failure(format!("step {shown} has not printed so much that it has a byte {offset}")));
        };
        let from = self.cursor;
        (self.cursor, self.why) = (step, Why::Done);
        self.visit(from);
        self.show_address(addr);
        Ok(format!("{addr:#x} is what step {shown} is about to print"))
    }
}

/// The memory, address and length of the list of what a call prints.
fn listed(call: &HostCall) -> Result<(u32, u64, u64), Failure> {
    let (module, name) = call.name.rsplit_once('.').unwrap_or_default();
    let wasi = module == "wasi_snapshot_preview1" || module == "wasi_unstable";
    let argument = |at: usize| call.args.get(at).map(|it| it.bits as u64);
    match (name, argument(1), argument(2)) {
        ("fd_write" | "fd_pwrite", Some(list), Some(pairs)) if wasi => {
            // It has written there how much that was.
            let memory = call.written.first().map_or(0, |it| it.0);
            Ok((memory, list, pairs.min(PAIRS)))
        }
        _ => Err(Failure(format!(
            "what {} prints of is not known: only WASI says where in memory that stands",
            call.name
        ))),
    }
}

/// The address of byte `offset` of what a list of pairs says.
fn locate(state: &dyn State, memory: u32, (list, pairs): (u64, u64), offset: u64) -> Option<u64> {
    let bytes = state.read(memory, list, (pairs * 8) as usize);
    let number = |at: &[u8]| u64::from(u32::from_le_bytes([at[0], at[1], at[2], at[3]]));
    let mut left = offset;
    for pair in bytes.chunks_exact(8) {
        let (addr, len) = (number(&pair[..4]), number(&pair[4..]));
        if left < len {
            return Some(addr + left);
        }
        left -= len;
    }
    None
}
