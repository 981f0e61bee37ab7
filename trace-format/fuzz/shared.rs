//! What the targets share: a trace to forge, and reading all there is of one.

#![allow(dead_code)] // each target uses a part

#[path = "../tests/common/mod.rs"]
pub mod common;
#[path = "../tests/common/forge.rs"]
pub mod forge;

use forge::Frame;
use std::sync::OnceLock;
use wasmscope_trace_format::*;

/// The tests' trace with all parts of the format in it, nothing compressed.
pub fn base() -> &'static [u8] {
    static BASE: OnceLock<Vec<u8>> = OnceLock::new();
    BASE.get_or_init(|| {
        let options = WriteOptions { codec: Codec::None, ..common::options() };
        common::write_with(Profile::Full, &options)
    })
}

/// The frames of one of these kinds.
pub fn frames_of(kinds: &[u16]) -> Vec<Frame> {
    forge::frames(base()).into_iter().filter(|frame| kinds.contains(&frame.kind)).collect()
}

/// Opens a trace made of the base with one frame's payload replaced, and reads all of it.
pub fn read_with(frame: Frame, payload: &[u8]) {
    if payload.len() <= 1 << 20 {
        read_all(forge::replace(base(), frame, payload));
    }
}

/// Reads everything there is.
pub fn read_all(bytes: Vec<u8>) {
    let Ok(reader) = TraceReader::open(bytes) else { return };
    let _ = reader.completeness().to_string();
    let _ = reader.host_log().count();
    let _ = reader.outputs().take(10_000).count();
    let _ = (reader.markers(), reader.names(), reader.summary(), reader.end());
    for entry in reader.modules().unwrap_or_default() {
        let _ = reader.module(entry.hash);
    }
    for number in 0..reader.checkpoints().len().min(1000) {
        if let Ok(checkpoint) = reader.checkpoint(number) {
            let _ = checkpoint.compute_hash();
            let mut into = common::page(0);
            for memory in &checkpoint.memories {
                for (_, hash) in memory.pages.iter().take(100) {
                    let _ = reader.page(*hash, &mut into);
                }
            }
        }
    }
    for func in reader.functions().into_iter().take(100) {
        let _ = reader.code(func);
    }
    if let Ok(events) = reader.events(0..u64::MAX) {
        for event in events.take(2_000).flatten() {
            let code = reader.code(event.func).ok().flatten();
            let _ = dump::line(&event, code.as_deref());
            let _ = dump::json(&event, code.as_deref());
        }
    }
    let _ = reader.verify();
}
