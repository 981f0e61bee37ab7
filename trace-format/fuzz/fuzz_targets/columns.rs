//! The column decoders: an event chunk whose columns, one or all, are any bytes.
//!
//! ```text
//! payload  length of the header u32, header, columns
//! data     choice of the chunk, place to start at, bytes
//! ```
//! The header stays: it says how long each column is, and the bytes fill them from the place on.

#![no_main]

#[path = "../shared.rs"]
mod shared;

const CHUNK: u16 = 9;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [choice, place, bytes @ ..] = data else { return };
    let chunks = shared::frames_of(&[CHUNK]);
    let chunk = chunks[*choice as usize % chunks.len()];
    let mut payload = shared::base()[chunk.payload()].to_vec();
    let header = u32::from_le_bytes(payload[..4].try_into().expect("four bytes")) as usize;
    let columns = &mut payload[4 + header..];
    if columns.is_empty() {
        return;
    }
    let from = *place as usize % columns.len();
    for (to, byte) in columns[from..].iter_mut().zip(bytes) {
        *to = *byte;
    }
    shared::read_with(chunk, &payload);
});
