//! A recording against its run: nothing differs, or the first difference is named; events that were written
//! live are those that repeating gives.

mod work;

use wasmscope_core::record::convert_run;
use wasmscope_core::timeline::{Control, Timeline, TimelineError};
use wasmscope_trace_format as wtrace;
use work::recorded;
use wtrace::{Event, Profile};

fn open(file: Vec<u8>) -> Timeline {
    Timeline::open(wtrace::TraceReader::open(file).expect("it is a trace"), "work").expect("it replays")
}

#[test]
fn a_recording_is_compared_with_its_run() {
    let control = Control::default();
    for profile in [Profile::Log, Profile::Full] {
        let (file, ..) = recorded(profile);
        let mut timeline = open(file.clone());
        let verified = timeline.verify(&control).expect("nothing differs");
        assert_eq!(verified.steps, timeline.end().step);
        assert!(verified.checkpoints >= 3, "{verified:?}");
        assert_eq!(verified.events, if profile == Profile::Full { verified.steps } else { 0 });

        // The same, but for one global in one checkpoint.
        let reader = wtrace::TraceReader::open(file).expect("it is a trace");
        let mut writer = wtrace::TraceWriter::begin(Vec::new(), reader.manifest()).expect("memory takes it");
        for module in timeline.run().modules() {
            writer.module("work", module.data().bytes()).expect("memory takes it");
        }
        for record in reader.host_log() {
            let record = record.expect("it is whole");
            writer.host_log(record.position, &record.entry).expect("memory takes it");
        }
        let mut changed = 0;
        for index in 0..reader.checkpoints().len() {
            let mut checkpoint = wtrace::Checkpoint::clone(&reader.checkpoint(index).expect("it is whole"));
            for (_, hash) in checkpoint.memories.iter().flat_map(|memory| memory.pages.clone()) {
                let mut page = [0; wtrace::PAGE_SIZE];
                reader.page(hash, &mut page).expect("it is there");
                writer.page(&page).expect("memory takes it");
            }
            if index == 2 {
                checkpoint.globals[0].bits ^= 1;
                changed = checkpoint.position.step;
            }
            writer.checkpoint(&checkpoint).expect("memory takes it");
        }
        let summary = reader.summary().expect("it was closed").clone();
        let mut timeline = open(writer.finish(summary).expect("memory takes it"));
        match timeline.verify(&control) {
            Err(TimelineError::Diverged { step, what }) => {
                assert_eq!(step, changed);
                assert!(what.starts_with("global 0 is"), "{what}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn events_recorded_live_are_those_of_the_run() {
    let (log, ..) = recorded(Profile::Log);
    let mut run = open(log);
    let end = run.end().step;
    for profile in [Profile::Flow, Profile::Values, Profile::Full] {
        let (file, ..) = recorded(profile);
        let reader = wtrace::TraceReader::open(file).expect("it is a trace");
        assert!(reader.completeness().is_complete(), "{}", reader.completeness());
        assert_eq!(reader.end(), run.end());
        for range in [0..1000, end / 2..end / 2 + 1000, end - 1000..end] {
            let read = reader.events(range.clone()).expect("it has events");
            let read: Vec<Event> = read.map(|event| event.expect("it is whole")).collect();
            let made = run.events(range).expect("it can be repeated");
            assert_eq!(read.len(), made.len());
            for (read, made) in read.iter().zip(&made) {
                assert_eq!(
                    (read.step, read.func, read.ip, &read.outcome),
                    (made.step, made.func, made.ip, &made.outcome)
                );
                if profile == Profile::Full {
                    assert_eq!(read.effects.len(), made.effects.len());
                }
            }
        }
        // And back to a log.
        let mut timeline = Timeline::open(reader, "work").expect("it replays");
        let control = Control::default();
        let back = convert_run(&mut timeline, Vec::new(), Profile::Log, None, &[], &control)
            .expect("memory takes it");
        let mut back = open(back);
        let reader = back.run().reader().expect("it comes from a file");
        assert!(!reader.has_events() && reader.checkpoints().len() >= 3);
        assert_eq!(back.verify(&control).expect("nothing differs").steps, end);
    }
}
