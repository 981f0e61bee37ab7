//! The museum: a file of each version that was ever released, read for ever.
//!
//! `MUSEUM=new cargo test -p wasmscope-trace-format --test museum` writes what
//! is missing. A file that is there is never written again; if reading one
//! fails, the reader is wrong.

mod common;

use common::*;
use std::fs;
use std::path::PathBuf;
use wasmscope_trace_format::*;

fn exhibit(name: &str, bytes: impl FnOnce() -> Vec<u8>) -> TraceReader {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/museum").join(name);
    if !path.exists() && std::env::var_os("MUSEUM").is_some() {
        fs::write(&path, bytes()).unwrap();
    }
    open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn has_the_log(reader: &TraceReader, profile: Profile) {
    assert_eq!(reader.version(), (1, 0));
    assert_eq!(reader.manifest(), &manifest(profile));
    let log = reader.host_log().map(Result::unwrap).map(|it| (it.position, it.entry));
    assert_eq!(log.collect::<Vec<_>>(), host_entries());
    for (number, n) in [(0, 1), (1, 2)] {
        let stored = reader.checkpoint(number).unwrap();
        assert_eq!(*stored, checkpoint(n), "the state hash is part of the format");
        let mut bytes = page(0);
        reader.page(stored.memories[0].pages[1].1, &mut bytes).unwrap();
        assert_eq!(bytes, page(2 + n));
    }
    assert_eq!(reader.module(ModuleHash::of(MODULE)).unwrap().as_deref(), Some(MODULE));
    let output: Vec<_> = reader.outputs().map(|it| it.unwrap().bytes).collect();
    assert_eq!(output, [b"hello\n".to_vec(), b"\x1b[31moops".to_vec()]);
    assert_eq!(reader.verify(), []);
}

#[test]
fn v1_log() {
    let reader = exhibit("v1-log.wtrace", || write(Profile::Log));
    assert!(reader.completeness().is_complete());
    has_the_log(&reader, Profile::Log);
}

#[test]
fn v1_full() {
    let reader = exhibit("v1-full.wtrace", || write(Profile::Full));
    let back: Vec<_> = reader.events(0..u64::MAX).unwrap().filter_map(Result::ok).collect();
    assert_eq!(back, events());
    assert_eq!(reader.code(main_code().func).unwrap(), Some(main_code()));
}

#[test]
fn v1_flow_and_values() {
    for profile in [Profile::Flow, Profile::Values] {
        let reader = exhibit(&format!("v1-{profile}.wtrace"), || write(profile));
        let back: Vec<_> = reader.events(0..u64::MAX).unwrap().filter_map(Result::ok).collect();
        assert_eq!(back, events_told(profile));
    }
}

#[test]
fn v1_cut() {
    let reader = exhibit("v1-cut.wtrace", || {
        let mut bytes = write(Profile::Log);
        bytes.truncate(bytes.len() / 2);
        bytes
    });
    assert!(!reader.completeness().is_complete());
    let log: Vec<_> = reader.host_log().map(Result::unwrap).collect();
    assert!(!log.is_empty() && log.len() < host_entries().len());
}
