//! Open, seek, iterate: forged bytes in a trace, and reads of any part of it in any order.
//!
//! The same question has the same answer each time.

#![no_main]

#[path = "../shared.rs"]
mod shared;

use shared::{base, common, forge};
use wasmscope_trace_format::{CHUNK_STEPS, TraceReader};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [edits, data @ ..] = data else { return };
    let mut bytes = base().to_vec();
    let frames = forge::frames(&bytes);
    let mut data = data.chunks_exact(4);
    for _ in 0..*edits % 8 {
        let Some(&[low, high, byte, signed]) = data.next() else { return };
        let at = u16::from_le_bytes([low, high]) as usize % bytes.len();
        bytes[at] = byte;
        let frame = frames.iter().rev().find(|frame| frame.at <= at);
        if let Some(&frame) = frame
            && signed & 1 == 1
            && frame.payload().end <= bytes.len()
        {
            // A length that was changed is what it says, if that much is there.
            let frames = forge::frames(&bytes);
            if let Some(&frame) = frames.iter().find(|now| now.at == frame.at) {
                forge::sign(&mut bytes, frame);
            }
        }
    }
    let Ok(reader) = TraceReader::open(bytes) else { return };
    let mut page = common::page(0);
    for question in data {
        let &[what, a, b, c] = question else { unreachable!("chunks of four") };
        let step = a as u64 | (b as u64 & 1) * (CHUNK_STEPS as u64 - 5);
        let ask = |page: &mut _| match what % 6 {
            0 => {
                let events = reader.events(step..step.saturating_add(c as u64));
                format!("{:?}", events.map(|events| events.take(300).collect::<Vec<_>>()).ok())
            }
            1 => format!("{:?}", reader.host_log_from(a as u64).take(300).collect::<Vec<_>>()),
            2 => format!("{:?}", reader.checkpoint(a as usize % 4)),
            3 => format!("{:?}", reader.outputs().take(100).collect::<Vec<_>>()),
            4 => {
                let hash = wasmscope_trace_format::PageHash::of(&common::page(a));
                format!("{:?}", hash.map(|hash| reader.page(hash, page)))
            }
            _ => format!("{:?}", reader.functions().get(a as usize).map(|&func| reader.code(func))),
        };
        assert_eq!(ask(&mut page), ask(&mut page), "question {question:?}");
    }
});
