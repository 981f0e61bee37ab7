//! The nearest byte of a memory that is something else at another step.
//!
//! Both moments are read in pieces, so a memory of any size is compared; Esc gives up between two.
//! Elsewhere: what differs among the bytes in sight (`look`).

use super::scope::given_up;
use super::{Control, Direction, Failure, Session};
use crate::words;

/// Bytes compared at once.
const PIECE: u64 = 1 << 22;

impl Session {
    /// Shows the nearest byte behind an address, or before it, that is different at `step`.
    pub(super) fn difference(
        &mut self,
        (memory, at): (u32, u64),
        step: u64,
        direction: Direction,
        control: &Control<'_>,
    ) -> Result<String, Failure> {
        let step = step.min(self.source.end().step);
        let len =
            self.source.state(self.cursor)?.memories().iter().find(|it| it.index == memory).map(|it| it.len);
        let len = len.ok_or_else(|| Failure(format!("there is no memory {memory}")))?;
        let forward = direction == Direction::Forward;
        let (mut from, mut to) = if forward { (at + 1, len) } else { (0, at.min(len)) };
        while from < to {
            let piece = match forward {
                true => from..to.min(from + PIECE),
                false => from.max(to.saturating_sub(PIECE))..to,
            };
            let size = (piece.end - piece.start) as usize;
            let now = self.source.state(self.cursor)?.read(memory, piece.start, size);
            let then = self.source.state(step)?.read(memory, piece.start, size);
            // A byte that the memory did not have then is different.
            let differs = |&at: &usize| then.get(at) != Some(&now[at]);
            let found = match forward {
                true => (0..now.len()).find(differs),
                false => (0..now.len()).rfind(differs),
            };
            if let Some(found) = found {
                let addr = piece.start + found as u64;
                self.show_address(addr);
                let (now, step) = (now[found], words::count(step));
                return Ok(match then.get(found) {
                    Some(then) => format!("{addr:#x} is {now:02x}, and {then:02x} at step {step}"),
                    None => format!("{addr:#x} is {now:02x}, and the memory ended before it at step {step}"),
                });
            }
            given_up(control)?;
            (from, to) = if forward { (piece.end, to) } else { (from, piece.start) };
        }
        let which = if forward { "behind" } else { "before" };
        Err(Failure(format!("no byte {which} {at:#x} is different at step {}", words::count(step))))
    }
}
