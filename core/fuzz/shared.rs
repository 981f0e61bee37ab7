//! What the targets share: the differential test's harness, and reading cases and edits out of the fuzzer's bytes.

#![allow(dead_code)] // each target uses a part

#[path = "../tests/differential/harness/mod.rs"]
pub mod harness;

use harness::{Case, programs, smith};
use std::sync::Once;

/// wasmi panics for reasons known (see `harness::oracle`), and the harness catches that. libFuzzer's hook would end the
/// process there.
pub fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map(|location| location.file()).unwrap_or_default();
            if !place.contains("/wasmi") {
                told(panic);
            }
        }));
    });
}

/// The case that some bytes describe.
pub fn case(data: &[u8]) -> Option<Case> {
    let [generator, a, b, c, d, rest @ ..] = data else { return None };
    let seed = u32::from_le_bytes([*a, *b, *c, *d]).into();
    if generator & 1 == 0 { programs::case(rest, seed) } else { smith::case(rest, seed) }
}

/// A place, as far into the bytes as of 2^24, and what stands there then.
pub type Edit = (u32, u8);

/// Edits at the start of some bytes, and the rest.
pub fn edits(data: &[u8]) -> Option<(Vec<Edit>, &[u8])> {
    let (number, data) = data.split_first()?;
    let (edits, rest) = data.split_at_checked(4 * (*number as usize % 8))?;
    let edits = edits.chunks_exact(4);
    Some((edits.map(|edit| (u32::from_le_bytes([edit[0], edit[1], edit[2], 0]), edit[3])).collect(), rest))
}

/// Makes the edits.
pub fn apply(edits: &[Edit], bytes: &mut [u8]) {
    for &(place, byte) in edits {
        let at = (u64::from(place) * bytes.len() as u64) >> 24;
        if let Some(to) = bytes.get_mut(at as usize) {
            *to = byte;
        }
    }
}
