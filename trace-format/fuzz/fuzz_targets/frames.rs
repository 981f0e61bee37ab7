//! The frame parser: any bytes as a file.

#![no_main]

#[path = "../shared.rs"]
mod shared;

libfuzzer_sys::fuzz_target!(|data: &[u8]| shared::read_all(data.to_vec()));
