//! What always holds (DESIGN's invariants), over every sample that brings its own input:
//! watching, recording and the choice of dispatcher or lowering change nothing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use wasmscope_core::record::Recorder;
use wasmscope_core::timeline::Timeline;
use wasmscope_core::wasi::{self, Capture, Input, WasiCtx};
use wasmscope_core::*;
use wasmscope_trace_format::TraceReader;

/// Everything about a run that must not depend on how it was run.
#[derive(Debug, PartialEq, Eq, Clone)]
struct Seen {
    end: String,
    output: Vec<u8>,
    globals: Vec<Val>,
    memory: Vec<u8>,
    ticks: Option<u64>,
}

/// Counts what it sees.
struct Counter(Arc<Mutex<(u64, u64)>>);

impl Observer for Counter {
    fn after(&mut self, step: &Step<'_>, _: Returned<'_>) -> Watch {
        let mut seen = self.0.lock().expect("nothing panics while it is held");
        assert!(step.tick() >= seen.1, "ticks never go back");
        *seen = (seen.0 + 1, step.tick());
        Watch::Continue
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Plainly(Dispatch),
    Watched,
    Recorded,
}

const HOWS: [How; 5] = [
    How::Plainly(Dispatch::Tail),
    How::Plainly(Dispatch::Counted),
    How::Plainly(Dispatch::Step),
    How::Watched,
    How::Recorded,
];

struct Sample {
    name: String,
    wasm: Vec<u8>,
    stdin: Vec<u8>,
    args: Vec<String>,
}

/// The samples that need no folder, and run long enough to mean something but not longer.
fn samples() -> Vec<Sample> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root).expect("samples").map(|e| e.expect("entry").path()).collect();
    folders.sort();
    let mut samples = Vec::new();
    for folder in folders {
        let Ok(text) = std::fs::read_to_string(folder.join("sample.toml")) else { continue };
        let field = |name: &str| {
            let line =
                text.lines().find(|line| line.split('=').next().is_some_and(|key| key.trim() == name))?;
            Some(line.split_once('=')?.1.trim().to_owned())
        };
        let name = folder.file_name().expect("a folder").to_string_lossy().into_owned();
        if field("dir").is_some() || ["mix", "lisp"].contains(&name.as_str()) {
            continue;
        }
        let unquote = |text: String| text.trim_matches('"').to_owned();
        let wasm =
            std::fs::read(folder.join(unquote(field("module").expect("a module")))).expect("it is built");
        let stdin = field("stdin").map(|file| std::fs::read(folder.join(unquote(file))).expect("its input"));
        let args = field("args").unwrap_or_default();
        let args = args.trim_matches(['[', ']']).split(',').map(|arg| unquote(arg.trim().to_owned()));
        let args = args.filter(|arg| !arg.is_empty()).collect();
        samples.push(Sample { name, wasm, stdin: stdin.unwrap_or_default(), args });
    }
    assert!(samples.len() >= 15, "most samples need no folder");
    samples
}

fn run(sample: &Sample, how: How, lowering: Lowering) -> (Seen, u64) {
    let engine = Engine::new(&Config::default().lowering(lowering));
    let module = Module::new(&engine, &sample.wasm).expect("samples are valid");
    let output = Capture::default();
    let ctx = WasiCtx::builder()
        .arg(sample.name.as_str())
        .args(sample.args.iter().map(String::as_str))
        .stdin(Input::from_bytes(sample.stdin.clone()))
        .stdout(output.clone())
        .stderr(output.clone())
        .deterministic()
        .build();
    let mut store = Store::new(&engine, ctx);
    let seen = Arc::new(Mutex::new((0, 0)));
    let mut recorder = None;
    match how {
        How::Plainly(dispatch) => store.set_dispatch(dispatch),
        How::Watched => {
            store.set_dispatch(Dispatch::Step);
            store.set_observer(Some(Box::new(Counter(seen.clone()))));
        }
        How::Recorded => {
            recorder =
                Some(Recorder::start(&mut store, Vec::new(), &sample.name, &[]).expect("memory takes it"));
        }
    }
    let mut linker = Linker::new(&engine);
    wasi::add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx);
    let instance = linker.instantiate(&mut store, &module).expect("samples link");
    let start = instance.func(&store, "_start").expect("samples are commands");
    let result = start.call_values(&mut store, &[]);
    let end = match &result {
        Ok(_) => "returned".to_owned(),
        Err(CallError::Trap(report)) => format!("{report} at {:#x}", report.frames[0].pc),
        Err(error) => error.to_string(),
    };
    if how == How::Watched {
        assert_eq!(seen.lock().expect("it is free").0, store.steps(), "every return was seen");
    }
    let names = instance.export_names(&store);
    let globals = names
        .iter()
        .filter_map(|name| instance.global(&store, name))
        .map(|global| global.get(&store))
        .collect();
    let memory = instance.memory(&store, "memory").map_or_else(Vec::new, |memory| {
        let mut bytes = vec![0; memory.len(&store) as usize];
        memory.read(&store, 0, &mut bytes).expect("it is all there");
        bytes
    });
    let steps = store.steps();
    let ticks = (how != How::Plainly(Dispatch::Tail)).then(|| store.ticks());
    if let Some(recorder) = recorder {
        let file = recorder.finish(&mut store, result.as_ref().map(|_| ())).expect("memory takes it");
        replay(sample, file, steps, &memory);
    }
    (Seen { end, output: output.bytes(), globals, memory, ticks }, steps)
}

/// The recording, repeated, ends where the run ended.
fn replay(sample: &Sample, file: Vec<u8>, steps: u64, memory: &[u8]) {
    let reader = TraceReader::open(file).expect("it is a trace");
    assert!(reader.completeness().is_complete(), "{}", sample.name);
    let mut timeline = Timeline::open(reader, &sample.name).expect("it can be repeated");
    assert_eq!(timeline.end().step, steps, "{}", sample.name);
    timeline.seek(steps).expect("the end exists");
    assert_eq!(timeline.position().step, steps, "{}", sample.name);
    if !memory.is_empty() {
        assert!(
            timeline.read(0, 0, memory.len()) == memory,
            "{}: the memory at the end differs",
            sample.name
        );
    }
}

#[test]
fn nothing_about_how_a_program_runs_changes_what_it_does() {
    for sample in samples() {
        let mut first: Option<Seen> = None;
        let mut ticks = None;
        for lowering in [Lowering::Plain, Lowering::Fused] {
            let mut steps = None;
            for how in HOWS {
                let (mut seen, count) = run(&sample, how, lowering);
                let context = format!("{}, {how:?}, {lowering:?}", sample.name);
                if let Some(count) = seen.ticks.take() {
                    assert_eq!(*ticks.get_or_insert(count), count, "ticks: {context}");
                }
                if how != How::Plainly(Dispatch::Tail) {
                    assert_eq!(*steps.get_or_insert(count), count, "steps: {context}");
                }
                let expected = first.get_or_insert_with(|| seen.clone());
                assert!(*expected == seen, "{context}: {} instead of {}", seen.end, expected.end);
            }
        }
    }
}
