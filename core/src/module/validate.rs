//! Bodies, validated: by several threads when there is much code, with the answer one thread would give.
//!
//! ```text
//! bodies   0 1 2 │ 3 4 5 6 │ 7 8 │ 9 …      chunks of about 64 KiB, taken in order
//! threads  A     │ B       │ A   │ B …
//! ```
//!
//! Always: the error reported is that of the first wrong body. A chunk is skipped only if it lies behind an error
//! already found, and chunks are taken in order, so no earlier error is missed.

use std::{
    ops::Range,
    sync::Mutex,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use wasmparser::{FuncValidatorAllocations, Parser, ValidPayload, Validator};

use super::{ModuleData, WasmFeatures};

/// Code below this many bytes is validated on the calling thread.
const WORTH_A_THREAD: usize = 512 * 1024;
const CHUNK_BYTES: usize = 64 * 1024;
const MOST_THREADS: usize = 8;

/// A body that is wrong: the complaint, the function's index and its file range.
pub(super) type BadBody = (wasmparser::Error, (u32, Range<u32>));

pub(super) fn bodies(module: &ModuleData) -> Result<(), BadBody> {
    let all = 0..module.body_count();
    if module.code.len() < WORTH_A_THREAD {
        return run(module, all, &mut FuncValidatorAllocations::default()).map_err(|(_, bad)| bad);
    }
    let chunks = chunks(module);
    let next = AtomicUsize::new(0);
    let first_bad = AtomicUsize::new(usize::MAX);
    let found: Mutex<Option<(usize, BadBody)>> = Mutex::new(None);
    let threads = thread::available_parallelism().map_or(1, |count| count.get().min(MOST_THREADS));
    let work = || {
        let mut allocations = FuncValidatorAllocations::default();
        while let Some(chunk) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
            if chunk.start > first_bad.load(Ordering::Relaxed) {
                return;
            }
            if let Err((at, bad)) = run(module, chunk.clone(), &mut allocations) {
                first_bad.fetch_min(at, Ordering::Relaxed);
                let mut found = found.lock().expect("no thread panics holding it");
                if found.as_ref().is_none_or(|(other, _)| at < *other) {
                    *found = Some((at, bad));
                }
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            // A thread that cannot be had is no error: the others do its share.
            if thread::Builder::new().name("validate".into()).spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    match found.into_inner().expect("no thread panics holding it") {
        Some((_, bad)) => Err(bad),
        None => Ok(()),
    }
}

fn chunks(module: &ModuleData) -> Vec<Range<usize>> {
    let mut chunks = Vec::new();
    let mut start = 0;
    let mut bytes = 0;
    for (at, body) in module.bodies.iter().enumerate() {
        bytes += body.len();
        if bytes >= CHUNK_BYTES {
            chunks.push(start..at + 1);
            (start, bytes) = (at + 1, 0);
        }
    }
    chunks.push(start..module.bodies.len());
    chunks
}

/// Validates some bodies in order; an error comes with the position of its body.
fn run(
    module: &ModuleData,
    bodies: Range<usize>,
    allocations: &mut FuncValidatorAllocations,
) -> Result<(), (usize, BadBody)> {
    for at in bodies {
        let body = module.func_body(module.imported.funcs + at as u32);
        let mut validator = body.validator(std::mem::take(allocations));
        let outcome = validator.validate(&body.reader());
        *allocations = validator.into_allocations();
        outcome.map_err(|error| (at, (error, (body.index(), body.range()))))?;
    }
    Ok(())
}

/// Whether validation with `features` gets past the byte where it stopped before: in `body` if the complaint was about
/// a body, else in the module's structure.
pub(super) fn gets_past(
    at: u64,
    bytes: &[u8],
    features: WasmFeatures,
    body: &Option<(u32, Range<u32>)>,
) -> bool {
    let mut validator = Validator::new_with_features(features);
    let mut parser = Parser::new(0);
    parser.set_features(features);
    for payload in parser.parse_all(bytes) {
        let outcome = payload.and_then(|payload| validator.payload(&payload));
        match (outcome, body) {
            (Err(error), _) => return error.offset() > at,
            (Ok(ValidPayload::Func(func, reader)), Some((index, _))) if func.index == *index => {
                let mut validator = func.into_validator(FuncValidatorAllocations::default());
                return validator.validate(&reader).map_or_else(|error| error.offset() > at, |()| true);
            }
            _ => {}
        }
    }
    true
}
