//! Power cuts while recording, and repairing what they leave.
//!
//! The sink of these tests is a disk: what was written since the last flush (a recorder
//! fsyncs there) may be there, missing, zero, or there in parts.

mod common;

use common::*;
use proptest::prelude::*;
use std::time::{Duration, Instant};
use wasmscope_trace_format::*;

/// A disk and how much of it is safe.
#[derive(Default)]
struct Disk {
    bytes: Vec<u8>,
    safe: usize,
}

impl std::io::Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.safe = self.bytes.len();
        Ok(())
    }
}

const STEPS: u64 = 150_000;

/// A recording that is cut off: events, host log and checkpoints; synced now and then.
/// Also gives how many steps and entries were synced.
fn cut_recording() -> (Disk, u64, u64) {
    let options = WriteOptions { background: false, ..options() };
    let mut writer = TraceWriter::with_options(Disk::default(), &manifest(Profile::Full), &options).unwrap();
    writer.module("prog.wasm", MODULE).unwrap();
    writer.code(main_code()).unwrap();
    let (start, mut synced) = (Instant::now(), (0, 0));
    for number in 0..STEPS {
        let ip = if number % 2 == 0 { 0 } else { 80 };
        let outcome = if number % 2 == 0 { Outcome::Next } else { Outcome::Jump };
        let mut step = Step { with_old: false, tick: number, ..Step::new(number, 0, ip, outcome) };
        step.results[0] = (number * number).into();
        writer.step(&step.record()).unwrap();
        if number % 1000 == 999 {
            let bytes = number.to_le_bytes().to_vec();
            let entry = HostEntry::MemoryWrite { memory: 0, addr: number, bytes };
            writer.host_log(at(number + 1, number + 1), &entry).unwrap();
        }
        if number == 60_000 {
            (1..5).for_each(|byte| assert!(writer.page(&page(byte)).unwrap().is_some()));
            let checkpoint = Checkpoint { position: at(60_001, 60_001), ..checkpoint(1) };
            writer.checkpoint(&checkpoint).unwrap();
        }
        // The clock is made up: 20 seconds in all, so a sync every 7500 steps.
        let now = start + Duration::from_micros(number * 20_000_000 / STEPS);
        if number % 500 == 0 && number < 120_000 && writer.keep_up(now).unwrap() {
            synced = (number + 1, writer.host_cursor());
        }
    }
    let disk = Disk { bytes: writer.get_ref().bytes.clone(), safe: writer.get_ref().safe };
    (disk, synced.0, synced.1)
}

/// Opens what is left, and demands all that was synced, and nothing that is not so.
fn survives(bytes: Vec<u8>, steps: u64, entries: u64) {
    let reader = TraceReader::open(bytes).unwrap();
    assert!(!reader.completeness().is_complete());
    assert!(reader.completeness().to_string().contains("not closed by its writer"));
    let mut seen = 0;
    for event in reader.events(0..u64::MAX).unwrap().filter_map(Result::ok) {
        assert_eq!(event.tick, event.step);
        if let [Effect::Slot { value, .. }] = event.effects[..] {
            assert_eq!(value.bits as u32, (event.step * event.step) as u32);
        }
        seen += u64::from(event.step < steps);
    }
    assert_eq!(seen, steps, "synced steps");
    let log = reader.host_log().map_while(Result::ok).count() as u64;
    assert!(log >= entries, "{log} of {entries} synced entries");

    let (clean, report) = repair(&reader, Vec::new()).unwrap();
    let clean = TraceReader::open(clean).unwrap();
    assert!(clean.completeness().closed && clean.completeness().damage.is_empty());
    assert_eq!(clean.completeness().lost, report.lost);
    let new = clean.verify().into_iter().filter(|it| !it.what.contains("were not kept"));
    assert_eq!(new.collect::<Vec<_>>(), []);
    assert_eq!(clean.host_log().map(Result::unwrap).count() as u64, log);
    assert_eq!(clean.checkpoints(), [60_001]);
    assert_eq!(clean.checkpoint(0).unwrap(), reader.checkpoint(0).unwrap());
    let events = |reader: &TraceReader| -> Vec<Event> {
        reader.events(0..u64::MAX).unwrap().filter_map(Result::ok).collect()
    };
    assert!(events(&clean) == events(&reader), "the same events");
    assert_eq!(clean.trace_id(), reader.trace_id());
}

#[test]
fn a_power_cut_costs_what_was_not_synced() {
    let (disk, steps, entries) = cut_recording();
    assert!(disk.safe < disk.bytes.len() && steps > 110_000 && entries > 100);
    let safe = disk.safe;
    // Missing: every kind of place behind the last sync.
    for cut in [safe, safe + 1, safe + 39, safe + 41, (safe + disk.bytes.len()) / 2, disk.bytes.len()] {
        survives(disk.bytes[..cut].to_vec(), steps, entries);
    }
    // Zero: a file that was made longer and not filled.
    let mut zeros = disk.bytes.clone();
    zeros[safe..].fill(0);
    survives(zeros, steps, entries);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Blocks written since the last sync are there or not, in any order; some hold what
    /// stood on the disk before, another trace.
    #[test]
    fn blocks_go_missing(fate in proptest::collection::vec(0..3u8, 64), block in 9..13u32) {
        let (disk, steps, entries) = cut_recording();
        let old = write(Profile::Log);
        let mut bytes = disk.bytes;
        let blocks = bytes[disk.safe..].chunks_mut(1 << block);
        for (block, fate) in blocks.zip(fate.iter().cycle()) {
            match fate {
                0 => {}
                1 => block.fill(0),
                _ => block.iter_mut().zip(old.iter().cycle()).for_each(|(byte, old)| *byte = *old),
            }
        }
        survives(bytes, steps, entries);
    }
}

#[test]
fn damage_in_the_middle_becomes_lost_steps() {
    let mut bytes = write(Profile::Full);
    let reader = TraceReader::open(bytes.clone()).unwrap();
    let chunk = reader.events(0..1).unwrap().next().unwrap().unwrap();
    assert_eq!(chunk.step, 0);
    // The first event chunk: sync word, kind 9.
    let at = bytes.windows(6).position(|word| word == b"WTF1\x09\0").unwrap();
    bytes[at + 60] ^= 4;
    let reader = TraceReader::open(bytes).unwrap();
    let (clean, report) = repair(&reader, Vec::new()).unwrap();
    assert_eq!(report.damage.len(), 1);
    let clean = TraceReader::open(clean).unwrap();
    assert_eq!(clean.verify().iter().filter(|it| !it.what.contains("were not kept")).count(), 0);
    let first = clean.events(0..u64::MAX).unwrap().next().unwrap().unwrap_err();
    assert!(first.what.contains("left out by a repair"), "{first}");
    assert_eq!(clean.summary().unwrap().why, summary().why, "the end is known");
    let again = repair(&clean, Vec::new()).unwrap().1;
    assert_eq!((again.damage, again.lost), (vec![], vec![]), "repairing twice changes nothing");
}

/// Bytes that are gone from anywhere in a log: what a repair does not call lost is there, the program too.
#[test]
fn what_a_repair_of_a_log_does_not_call_lost_is_there() {
    let whole = write(Profile::Log);
    let (mut kept, mut lost) = (0, 0);
    for len in [8, 40, 200] {
        for at in (64..whole.len() - len).step_by(8) {
            let bytes = [&whole[..at], &whole[at + len..]].concat();
            let Ok(reader) = TraceReader::open(bytes) else { continue };
            let (clean, report) = repair(&reader, Vec::new()).unwrap();
            let clean = TraceReader::open(clean).unwrap();
            assert_eq!(clean.completeness().is_complete(), report.lost.is_empty(), "{len} bytes at {at}");
            let module = clean.module(ModuleHash::of(MODULE)).unwrap();
            let entries = clean.host_log().take_while(Result::is_ok).count();
            let is_whole = module.as_deref() == Some(MODULE) && entries == host_entries().len();
            // Without the summary nobody knows how much there was, unless nothing is left.
            if reader.summary().is_some() || entries == 0 {
                assert_eq!(report.lost.is_empty(), is_whole, "{len} bytes at {at}: {report:?}");
            }
            *if is_whole { &mut kept } else { &mut lost } += 1;
        }
    }
    assert!(kept > 10 && lost > 10, "{kept} {lost}");
}

/// The program is the one part of a log that somebody else has.
#[test]
fn a_damaged_program_can_be_put_back() {
    let mut bytes = write(Profile::Log);
    let at = bytes.windows(6).position(|word| word == b"WTF1\x02\0").unwrap();
    bytes[at + 44] ^= 4;
    let reader = TraceReader::open(bytes).unwrap();
    let (_, without) = repair_with(&reader, &[("other.wasm", b"\0asm other")], Vec::new()).unwrap();
    assert!(without.without_program && without.replaced == 0);
    assert_eq!(without.lost.len(), 1);
    let (clean, report) = repair_with(&reader, &[("prog.wasm", MODULE)], Vec::new()).unwrap();
    assert!(!report.without_program && report.replaced == 1);
    assert_eq!(report.lost, []);
    let clean = TraceReader::open(clean).unwrap();
    assert!(clean.completeness().is_complete() && clean.verify().is_empty());
    assert_eq!(clean.module(ModuleHash::of(MODULE)).unwrap().as_deref(), Some(MODULE));
}
