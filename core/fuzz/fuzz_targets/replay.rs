//! Recordings: repeated as they are, and with damage.
//!
//! ```text
//! data   a trace file as it is, and with its checksums made right
//!        or  number of places u8, (place u24, byte) each, generator u8, seed u32, bytes for the generator
//! ```
//! A recording is repeated exactly. With bytes changed it is the truth, a gap that is reported, or an error; with the
//! checksums made right over the changes nothing is promised but an end without a panic.

#![no_main]

#[path = "../shared.rs"]
mod shared;

#[path = "../../../trace-format/tests/common/forge.rs"]
mod forge;

use shared::harness::ours::{self, How};
use shared::harness::replay;
use shared::harness::truth::{self, Truth};
use wasmscope_core::Lowering;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    shared::quiet();
    if data.starts_with(b"\x89WTR") {
        truth::survives(data.to_vec());
        let mut signed = data.to_vec();
        forge::sign_all(&mut signed);
        truth::survives(signed);
        return;
    }
    let Some((edits, rest)) = shared::edits(data) else { return };
    let Some(case) = shared::case(rest) else { return };
    let lowering = if case.seed & 1 == 0 { Lowering::Plain } else { Lowering::Fused };
    let run = ours::run(&case, lowering, How::Recorded).unwrap_or_else(|error| panic!("{error}"));
    let file = run.trace.as_deref().expect("it is recorded");
    if let Err(difference) = replay::check(&case, file, &run) {
        panic!("{difference}");
    }
    if edits.is_empty() {
        return;
    }
    let mut damaged = file.to_vec();
    shared::apply(&edits, &mut damaged);
    let truth = Truth::of(file);
    if let Err(lie) = truth.holds(damaged.clone()) {
        panic!("{lie}");
    }
    // Half of a file, too.
    damaged.truncate(damaged.len() / 2);
    if let Err(lie) = truth.holds(damaged) {
        panic!("{lie}");
    }
    let mut forged = file.to_vec();
    shared::apply(&edits, &mut forged);
    forge::sign_all(&mut forged);
    truth::survives(forged);
});
