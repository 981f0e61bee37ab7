//! Stored moments and their pages: one of their payloads is any bytes.

#![no_main]

#[path = "../shared.rs"]
mod shared;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [choice, payload @ ..] = data else { return };
    let frames = shared::frames_of(&[6, 7]);
    shared::read_with(frames[*choice as usize % frames.len()], payload);
});
