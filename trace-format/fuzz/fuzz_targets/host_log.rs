//! The host log: a batch of its entries is any bytes.

#![no_main]

#[path = "../shared.rs"]
mod shared;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [choice, payload @ ..] = data else { return };
    let frames = shared::frames_of(&[5]);
    shared::read_with(frames[*choice as usize % frames.len()], payload);
});
