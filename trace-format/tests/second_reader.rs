//! A second reader, `docs/read_trace.py`, written from the document alone, reads what this
//! crate writes: what it prints is what `dump::json` prints, which `dump --json` shows.
//!
//! It needs python3 with the packages zstandard and lz4: that of `target/python`, which
//! `.ci/run` makes, or the system's. Where neither has them the test says so, loudly, and
//! proves nothing.

mod common;

use common::*;
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasmscope_trace_format::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A python that has the packages.
fn python() -> Option<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let candidates = [target.join("python/bin/python3"), PathBuf::from("python3")];
    candidates.into_iter().find(|python| {
        let packages = Command::new(python).args(["-c", "import zstandard, lz4.block"]).output();
        packages.is_ok_and(|output| output.status.success())
    })
}

fn agree(python: &Path, name: &str, bytes: Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, &bytes).unwrap();
    let output = Command::new(python).arg(root().join("docs/read_trace.py")).arg(&path).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    let theirs = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    let reader = TraceReader::open(bytes).unwrap();
    let ours = reader.events(0..u64::MAX).unwrap().filter_map(Result::ok).map(|event| {
        let code = reader.code(event.func).unwrap();
        serde_json::from_str::<Json>(&dump::json(&event, code.as_deref())).unwrap()
    });
    let (theirs, ours): (Vec<_>, Vec<_>) = (theirs.collect(), ours.collect());
    assert!(!ours.is_empty());
    for (theirs, ours) in theirs.iter().zip(&ours) {
        assert_eq!(theirs, ours, "{name}");
    }
    assert_eq!(theirs.len(), ours.len(), "{name}");
}

/// Numbers in all their shapes, and calls that retire in two parts.
fn numbers() -> Vec<u8> {
    let mut writer = TraceWriter::with_options(Vec::new(), &manifest(Profile::Full), &options()).unwrap();
    writer.code(main_code()).unwrap();
    writer.code(callee_code()).unwrap();
    let floats =
        [0.0, -0.0, 0.1, 1e-4, 9.99e-5, 1e15, 1e16, 1.5e300, 5e-324, f64::MAX, f64::NAN, f64::INFINITY];
    let (mut number, mut tick) = (0, 0);
    let mut put = |step: Step, retired: u64| {
        writer.step(&Step { step: number, tick, ..step }.record()).unwrap();
        (number, tick) = (number + 1, tick + retired);
    };
    for float in floats {
        put(Step { bits: float.to_bits().into(), ..Step::new(0, 0, 24, Outcome::Next) }, 1);
        let mut step = Step { addr: 16, ..Step::new(0, 0, 72, Outcome::Next) };
        step.results[1] = (float as f32).to_bits().into();
        put(step, 2);
        // The call weighs one; three ticks of it retire when it returns.
        put(Step { callee: Some(callee_code().func), ..Step::new(0, 0, 48, Outcome::Call) }, 0);
        put(Step::new(0, 1, 0, Outcome::Next), 1);
        put(Step { base: 5, ..Step::new(0, 1, 4, Outcome::Return) }, 3);
    }
    writer.finish(Summary { end: at(60, 90), ..Summary::default() }).unwrap()
}

#[test]
fn the_document_is_enough_to_read_a_trace() {
    let Some(python) = python() else {
        println!("NOT CHECKED: no python3 with zstandard and lz4; .ci/run makes one in target/python");
        eprintln!("NOT CHECKED: no python3 with zstandard and lz4; .ci/run makes one in target/python");
        return;
    };
    let script = fs::read_to_string(root().join("docs/read_trace.py")).unwrap();
    assert!(script.lines().count() <= 200);
    for codec in [Codec::None, Codec::Lz4, Codec::Zstd] {
        let options = WriteOptions { codec, ..options() };
        agree(&python, "steps.wtrace", write_with(Profile::Full, &options));
    }
    agree(&python, "numbers.wtrace", numbers());
    let museum = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/museum/v1-full.wtrace");
    agree(&python, "museum.wtrace", fs::read(museum).unwrap());
}
