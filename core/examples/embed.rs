//! An embedder with a host function of its own: it runs a guest, records the run, opens the recording and steps through
//! it.
//!
//! ```text
//! cargo run -p wasmscope-core --example embed [FILE.wtrace]
//! ```
//!
//! The guest asks its host for three temperatures and gives their sum. In the recording the host is not asked again:
//! what it answered is in the log.

use std::error::Error;
use wasmscope_core::record::Recorder;
use wasmscope_core::timeline::Timeline;
use wasmscope_core::{Caller, Engine, Extern, HostError, Linker, Module, Store};
use wasmscope_trace_format::TraceReader;

const GUEST: &str = r#"(module
    (import "sensor" "read" (func $read (param $into i32)))
    (memory (export "memory") 1)
    (func (export "sum") (result i32) (local $sum i32) (local $n i32)
        (loop $again
            (call $read (i32.const 16))
            (local.set $sum (i32.add (local.get $sum) (i32.load (i32.const 16))))
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $n) (i32.const 3))))
        (local.get $sum)))"#;

/// The embedder's data.
struct Sensor {
    degrees: i32,
}

/// Puts the next temperature where the guest wants it.
fn read(mut caller: Caller<'_, Sensor>, into: u32) -> Result<(), HostError> {
    let memory = caller.export("memory").and_then(Extern::into_memory);
    let memory = memory.ok_or_else(|| HostError::msg("the guest has no memory"))?;
    let sensor = caller.data_mut();
    sensor.degrees += 1;
    let bytes = sensor.degrees.to_le_bytes();
    caller.write(memory, into.into(), &bytes).map_err(|error| HostError::msg(error.to_string()))
}

/// Runs the guest and records it: its result, and the recording's bytes.
pub(crate) fn record() -> Result<(i32, Vec<u8>), Box<dyn Error>> {
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(GUEST)?)?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("sensor", "read", read);
    let mut store = Store::new(&engine, Sensor { degrees: 20 });
    // From here on everything that comes in from outside is written down.
    let recorder = Recorder::start(&mut store, Vec::new(), "sensor", &[])?;
    let instance = linker.instantiate(&mut store, &module)?;
    let sum = instance.typed_func::<(), i32>(&store, "sum")?;
    let ended = sum.call(&mut store, ());
    let recording = recorder.finish(&mut store, ended.as_ref().map(|_| ()))?;
    Ok((ended?, recording))
}

/// Steps through a recording: a line for each step, with what it changed.
pub(crate) fn steps(recording: Vec<u8>) -> Result<Vec<String>, Box<dyn Error>> {
    let mut timeline = Timeline::open(TraceReader::open(recording)?, "sensor")?;
    let end = timeline.end().step;
    let mut lines = Vec::new();
    for event in timeline.events(0..end)? {
        let code = timeline.code(event.func)?;
        lines.push(wasmscope_trace_format::dump::line(&event, Some(&code)));
    }
    // Any moment can be gone to, forwards and backwards.
    timeline.seek(end / 2)?;
    timeline.seek(0)?;
    Ok(lines)
}

fn main() -> Result<(), Box<dyn Error>> {
    let (sum, recording) = record()?;
    println!("the guest's sum is {sum}; the recording has {} bytes", recording.len());
    if let Some(file) = std::env::args_os().nth(1) {
        std::fs::write(file, &recording)?;
    }
    for line in steps(recording)? {
        println!("{line}");
    }
    Ok(())
}
