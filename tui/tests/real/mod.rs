//! Samples as sources: live, with an open stdin, and as recordings, which run to their end first.
//!
//!     live("upper/upper.wasm", &[])        recorded("demo/demo.wasm", &[])
//!
//! Time and randomness are the same in every run.

#![allow(dead_code, unreachable_pub)]

use std::path::Path;
use wasmscope_core::record::Recorder;
use wasmscope_core::wasi::{self, Input, WasiCtx};
use wasmscope_core::{Config, Engine, Linker, Lowering, Module, Store};
use wasmscope_trace_format::TraceReader;
use wasmscope_tui::source::{LiveSource, Program, ReplaySource};

fn name(path: &str) -> String {
    Path::new(path).file_name().expect("it is a file").to_string_lossy().into_owned()
}

pub fn program(wasm: &[u8], name: &str, args: &[&str], stdin: Input) -> Program {
    let engine = Engine::new(&Config::default().lowering(Lowering::Fused));
    let module = Module::new(&engine, wasm).expect("the module is valid");
    let mut linker = Linker::new(&engine);
    wasi::add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx);
    let ctx = WasiCtx::builder().arg(name).args(args.iter().copied()).stdin(stdin).deterministic().build();
    Program {
        name: name.to_owned(),
        module,
        store: Store::new(&engine, ctx),
        linker,
        calls: vec![("_start".to_owned(), Vec::new())],
    }
}

fn read(path: &str) -> Vec<u8> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    std::fs::read(samples.join(path)).expect("the sample is there")
}

/// A sample that runs as far as one steps.
pub fn live(path: &str, args: &[&str]) -> LiveSource {
    let program = program(&read(path), &name(path), args, Input::new());
    LiveSource::start(program).expect("it links")
}

/// A program in the text format that runs as far as one steps.
pub fn live_text(text: &str) -> LiveSource {
    let wasm = wat::parse_str(text).expect("well-formed");
    LiveSource::start(program(&wasm, "text.wat", &[], Input::new())).expect("it links")
}

/// A sample that has run, from its recording.
pub fn recorded(path: &str, args: &[&str]) -> ReplaySource {
    record(program(&read(path), &name(path), args, Input::from_bytes([])))
}

/// A program in the text format that has run, from its recording.
pub fn recorded_text(text: &str) -> ReplaySource {
    let wasm = wat::parse_str(text).expect("well-formed");
    record(program(&wasm, "text.wasm", &[], Input::from_bytes([])))
}

fn record(program: Program) -> ReplaySource {
    let Program { name, module, mut store, mut linker, .. } = program;
    let recorder = Recorder::start(&mut store, Vec::new(), &name, &[]).expect("memory takes it");
    let instance = linker.instantiate(&mut store, &module).expect("it links");
    let start = instance.func(&store, "_start").expect("it has a start");
    let result = start.call_values(&mut store, &[]).map(|_| ());
    let trace = recorder.finish(&mut store, result.as_ref().copied()).expect("memory takes it");
    let reader = TraceReader::open(trace).expect("it is a trace");
    ReplaySource::open(reader, &name.replace(".wasm", ".wtrace")).expect("it can be repeated")
}
