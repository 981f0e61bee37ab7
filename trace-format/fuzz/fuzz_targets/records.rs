//! The records postcard decodes (manifest, names, code, output, chunk headers, index, marker, lost, summary, late effects): one of their payloads is any bytes.

#![no_main]

#[path = "../shared.rs"]
mod shared;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [choice, payload @ ..] = data else { return };
    let frames = shared::frames_of(&[1, 3, 4, 8, 9, 10, 11, 12, 13, 14, 15]);
    shared::read_with(frames[*choice as usize % frames.len()], payload);
});
