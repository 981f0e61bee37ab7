//! Every cut and every flipped bit of small traces: what is read is the truth,
//! what is missing is said, and nothing panics or hangs.

mod common;

use common::*;
use std::collections::BTreeSet;
use wasmscope_trace_format::*;

/// What an undamaged trace says.
struct Truth {
    manifest: Manifest,
    summary: Option<Summary>,
    log: Vec<HostRecord>,
    events: Vec<Event>,
    checkpoints: Vec<(u64, Checkpoint)>,
    outputs: Vec<Output>,
}

fn truth(bytes: &[u8]) -> Truth {
    let reader = TraceReader::open(bytes.to_vec()).unwrap();
    let checkpoints = reader.checkpoints().into_iter().enumerate();
    Truth {
        manifest: reader.manifest().clone(),
        summary: reader.summary().cloned(),
        log: reader.host_log().map(Result::unwrap).collect(),
        events: reader
            .events(0..u64::MAX)
            .map(|events| events.filter_map(Result::ok).collect())
            .unwrap_or_default(),
        checkpoints: checkpoints
            .map(|(n, step)| (step, Checkpoint::clone(&reader.checkpoint(n).unwrap())))
            .collect(),
        outputs: reader.outputs().map(Result::unwrap).collect(),
    }
}

/// Reads all there is to read; panics if any of it is not the truth, or if
/// something is missing and nobody says so.
fn check(bytes: Vec<u8>, truth: &Truth, what: &dyn Fn() -> String) {
    let Ok(reader) = TraceReader::open(bytes) else {
        return;
    };
    let complete = reader.completeness().is_complete();
    let said = !complete || !reader.verify().is_empty();
    assert_eq!(reader.manifest(), &truth.manifest, "{}", what());
    assert!(reader.summary().is_none() || reader.summary() == truth.summary.as_ref());

    let mut log = Vec::new();
    let mut holes = 0;
    for record in reader.host_log() {
        match record {
            Ok(record) => log.push(record),
            Err(_) => holes += 1,
        }
    }
    assert!(truth.log.starts_with(&log), "{}", what());
    assert!(log.len() == truth.log.len() || holes == 1 || !complete, "{}", what());
    assert!(log.len() == truth.log.len() || said, "{}", what());

    if let Ok(items) = reader.events(0..u64::MAX) {
        let (mut seen, mut last) = (BTreeSet::new(), 0);
        for item in items {
            match item {
                Ok(event) => {
                    assert!(seen.insert(event.step) && event.step >= last, "{}", what());
                    last = event.step;
                    let real = truth.events.iter().find(|real| real.step == event.step);
                    let real = real.unwrap_or_else(|| panic!("{}: made up {event:?}", what()));
                    let late_lost = event.step == late().0 && said;
                    assert!(*real == event || late_lost, "{}: {event:?}", what());
                }
                Err(gap) => seen.extend(gap.steps.into_iter().flatten().take(100)),
            }
        }
        for event in &truth.events {
            assert!(seen.contains(&event.step) || !complete, "{}", what());
        }
    }
    let steps = reader.checkpoints();
    assert!(steps.len() == truth.checkpoints.len() || said, "{}", what());
    for (number, step) in steps.into_iter().enumerate() {
        match reader.checkpoint(number) {
            Ok(checkpoint) => {
                assert!(truth.checkpoints.contains(&(step, checkpoint.as_ref().clone())));
                let mut into = page(0);
                for (_, hash) in &checkpoint.memories[0].pages {
                    if reader.page(*hash, &mut into).is_ok() {
                        assert_eq!(PageHash::of(&into), Some(*hash));
                    }
                }
            }
            Err(_) => assert!(said, "{}", what()),
        }
    }
    for output in reader.outputs().filter_map(Result::ok) {
        assert!(truth.outputs.contains(&output), "{}", what());
    }
    for entry in reader.modules().unwrap_or_default() {
        assert!(
            reader.module(entry.hash).map_or(said, |bytes| bytes.as_deref() == Some(MODULE)),
            "{}",
            what()
        );
    }
    for func in reader.functions() {
        let code = if func.func == 0 { main_code() } else { callee_code() };
        assert!(reader.code(func).map_or(said, |it| it == Some(code)), "{}", what());
    }
}

fn every_cut(profile: Profile) {
    let bytes = write(profile);
    let truth = truth(&bytes);
    let mut readable = 0;
    for cut in 0..bytes.len() {
        let part = bytes[..cut].to_vec();
        if let Ok(reader) = TraceReader::open(part.clone()) {
            readable += 1;
            assert!(!reader.completeness().is_complete(), "cut at {cut}");
            let said = reader.completeness().to_string();
            assert!(said.contains("not closed by its writer"), "cut at {cut}: {said}");
        }
        check(part, &truth, &|| format!("cut at {cut}"));
    }
    // The header and the manifest are all it takes.
    assert!(readable > bytes.len() - 500, "{readable} of {}", bytes.len());
}

fn every_bit(profile: Profile) {
    let bytes = write(profile);
    let truth = truth(&bytes);
    let mut refused = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            refused += usize::from(TraceReader::open(damaged.clone()).is_err());
            check(damaged, &truth, &|| format!("bit {bit} of byte {at}"));
        }
    }
    // Only the header and the manifest are worth a refusal.
    assert!(refused < 8 * 500, "{refused}");
}

/// Both, for a trace of one profile.
macro_rules! exhaustive {
    ($($name:ident $profile:ident;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn every_cut_opens_or_says_why_not() {
                every_cut(Profile::$profile);
            }

            #[test]
            fn no_flipped_bit_is_believed() {
                every_bit(Profile::$profile);
            }
        }
    )*};
}

exhaustive! {
    log Log;
    flow Flow;
    values Values;
    full Full;
}

/// A disk that lost power: whole blocks are zero, or stale.
#[test]
fn lost_blocks_are_gaps() {
    for profile in [Profile::Log, Profile::Flow, Profile::Values, Profile::Full] {
        let bytes = write(profile);
        let truth = truth(&bytes);
        for block in [64, 256, 512, 1024] {
            for start in (0..bytes.len()).step_by(block) {
                let end = bytes.len().min(start + block);
                let mut zero = bytes.clone();
                zero[start..end].fill(0);
                check(zero, &truth, &|| format!("zeros {start}..{end}"));
                let mut swapped = bytes.clone();
                swapped.copy_within(start..end, bytes.len() - (end - start));
                check(swapped, &truth, &|| format!("moved {start}..{end}"));
                let mut without = bytes.clone();
                without.drain(start..end);
                check(without, &truth, &|| format!("without {start}..{end}"));
            }
        }
    }
}

#[test]
fn bytes_behind_a_trace_are_reported() {
    let mut bytes = write(Profile::Log);
    let len = bytes.len() as u64;
    bytes.extend_from_slice(b"garbage");
    let reader = TraceReader::open(bytes.clone()).unwrap();
    assert_eq!(
        reader.completeness().to_string(),
        format!("byte {len}: the file ends with bytes that are no whole part, 7 bytes")
    );
    check(bytes, &truth(&write(Profile::Log)), &|| "garbage".into());
}

#[test]
fn a_cut_says_where_and_what() {
    let bytes = write(Profile::Full);
    let cut = bytes.len() - 300;
    let reader = TraceReader::open(bytes[..cut].to_vec()).unwrap();
    let said = reader.completeness().to_string();
    assert!(said.contains("25 steps are known; byte"), "{said}");
    assert!(said.contains("the file ends "), "{said}");
    assert!(reader.completeness().damaged_bytes() > 0);
}

/// Random rubbish behind a good header: nothing to find, nothing to trip over.
#[test]
fn rubbish_is_refused() {
    let head = write(Profile::Log)[..64].to_vec();
    let mut state = 7u64;
    for len in 0..400 {
        let mut bytes = head.clone();
        for _ in 0..len {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            bytes.push((state >> 40) as u8);
        }
        let error = TraceReader::open(bytes).expect_err("no manifest").to_string();
        assert!(error.contains("manifest"), "{error}");
    }
}
