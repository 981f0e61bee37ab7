//! A module, run in every way and in another engine: the harness of the differential test, led by the fuzzer.
//!
//! ```text
//! data   generator u8, seed of the calls u32, bytes for the generator
//! ```

#![no_main]

#[path = "../shared.rs"]
mod shared;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    shared::quiet();
    let Some(case) = shared::case(data) else { return };
    if let Err(difference) = shared::harness::check(&case) {
        panic!("{difference}");
    }
});
