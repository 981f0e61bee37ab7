//! Everything behind the checksums: any bytes as a file whose header and frames have the right ones.

#![no_main]

#[path = "../shared.rs"]
mod shared;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut bytes = data.to_vec();
    shared::forge::sign_all(&mut bytes);
    shared::read_all(bytes);
});
