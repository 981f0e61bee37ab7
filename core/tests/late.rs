//! Recordings of which only the end is kept: what is there is what the whole one shows there.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use wasmscope_core::record::{Files, Last, Recorder, convert_run};
use wasmscope_core::timeline::{Control, Direction, Goal, Query, Timeline, TimelineError, Why};
use wasmscope_core::*;
use wasmscope_trace_format::{Effect, Event, Profile, TraceReader, repair};

const PROGRAM: &str = r#"(module
    (import "host" "next" (func $next (param i32) (result i32)))
    (memory (export "memory") 8)
    (global $round (mut i32) (i32.const 0))
    (func $mix (param $seed i32) (result i32) (local $at i32)
        (local.set $at (i32.const 2000))
        (loop $again
            (i32.store (i32.and (i32.mul (local.get $seed) (i32.const 4)) (i32.const 0x3fffc))
                (local.tee $seed (i32.add (i32.mul (local.get $seed) (i32.const 1664525)) (i32.const 1013904223))))
            (br_if $again (local.tee $at (i32.sub (local.get $at) (i32.const 1)))))
        (local.get $seed))
    (func $rounds (param $n i32) (param $seed i32) (result i32)
        (loop $again
            (global.set $round (i32.add (global.get $round) (i32.const 1)))
            (local.set $seed (call $next (call $mix (local.get $seed))))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $seed))
    (func (export "main") (param $n i32) (result i32)
        (i32.div_u (call $rounds (local.get $n) (i32.const 1)) (i32.const 0))))"#;

/// Something to write to that can be looked at afterwards.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Files in memory: the one that is kept, and the one that comes.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<(Buffer, Buffer, u32)>>);

impl Files for Kept {
    type Out = Buffer;

    fn begin(&mut self) -> io::Result<Buffer> {
        let mut state = self.0.lock().expect("nobody panics");
        state.1 = Buffer::default();
        Ok(state.1.clone())
    }

    fn replace(&mut self) -> io::Result<()> {
        let mut state = self.0.lock().expect("nobody panics");
        state.0 = std::mem::take(&mut state.1);
        state.2 += 1;
        Ok(())
    }
}

/// Runs the program, recorded by what `start` makes; the file.
fn run(rounds: i32, start: impl FnOnce(&mut Store<i32>) -> Recorder<Buffer>) -> Vec<u8> {
    let engine = Engine::new(&Config::default());
    let module = Module::new(&engine, wat::parse_str(PROGRAM).expect("well-formed")).expect("valid");
    let mut linker: Linker<i32> = Linker::new(&engine);
    linker.func_wrap("host", "next", |mut caller: Caller<'_, i32>, n: i32| -> Result<i32, HostError> {
        let memory = caller.memory().expect("it has a memory");
        *caller.data_mut() += 7;
        let next = *caller.data() ^ n;
        caller
            .write(memory, 400_000, &next.to_le_bytes())
            .map_err(|error| HostError::Failed(error.into()))?;
        Ok(next)
    });
    let mut store = Store::new(&engine, 0);
    let recorder = start(&mut store);
    let instance = linker.instantiate(&mut store, &module).expect("it links");
    let main = instance.func(&store, "main").expect("there is a main");
    let ended = main.call_values(&mut store, &[Val::I32(rounds)]);
    assert!(ended.is_err(), "it ends in a trap");
    let file = recorder.finish(&mut store, ended.as_ref().map(drop)).expect("it can be written");
    file.0.lock().expect("nobody panics").clone()
}

/// Rounds of the program, of about 18 000 steps each.
const ROUNDS: i32 = 500;

fn late(rounds: i32, last: Last) -> (Vec<u8>, Kept) {
    let files = Kept::default();
    let file = run(rounds, |store| {
        Recorder::keeping_last(store, files.clone(), "late", &[], last, 64 << 20).expect("it can be written")
    });
    (file, files)
}

/// Events without what was there before: in slots that hold nothing yet, a checkpoint leaves zero.
fn told(mut events: Vec<Event>) -> Vec<Event> {
    for effect in events.iter_mut().flat_map(|event| &mut event.effects) {
        match effect {
            Effect::Slot { old, .. } | Effect::Global { old, .. } => *old = None,
            Effect::Write { old, .. } => *old = None,
            _ => {}
        }
    }
    events
}

fn open(file: &[u8]) -> Timeline {
    let reader = TraceReader::open(file.to_vec()).expect("it is a trace");
    Timeline::open(reader, "late").expect("it can be repeated")
}

#[test]
fn the_end_is_what_the_whole_recording_shows() {
    const KEEP: u64 = 1 << 20;
    let whole = run(ROUNDS, |store| {
        Recorder::start(store, Buffer::default(), "late", &[]).expect("it can be written")
    });
    let (file, files) = late(ROUNDS, Last::Steps(KEEP));
    assert!(files.0.lock().expect("nobody panics").2 > 2, "files took each other's place");
    let (mut whole, mut late) = (open(&whole), open(&file));
    let (begin, end) = (late.begin().step, late.end().step);
    assert_eq!((late.end(), late.ended()), (whole.end(), whole.ended()));
    assert!(begin > 0 && end - begin >= KEEP && end - begin < 3 * KEEP, "{begin}..{end}");
    assert_eq!(late.step(), begin);

    for from in [begin, begin + 1000, (begin + end) / 2, end - 500] {
        let steps = from..(from + 500).min(end);
        let expected = told(whole.events(steps.clone()).expect("it can be repeated"));
        let events = told(late.events(steps).expect("it can be repeated"));
        assert!(events == expected, "from {from}: {:?}", events.iter().zip(&expected).find(|(a, b)| a != b));
        for timeline in [&mut late, &mut whole] {
            timeline.seek(from).expect("it is there");
        }
        assert_eq!(late.read(0, 0, 1 << 19), whole.read(0, 0, 1 << 19), "{from}");
        assert_eq!((late.frames(0..9), late.globals()), (whole.frames(0..9), whole.globals()), "{from}");
    }
    // What is asked for across the beginning is given from there on.
    let across = late.events(begin - 10..begin + 10).expect("it can be repeated");
    assert_eq!((across.len(), across[0].step), (10, begin));

    let refused = late.seek(begin - 1);
    assert!(matches!(refused, Err(TimelineError::NotKept { begin: at, .. }) if at == begin), "{refused:?}");
    late.seek(begin + 100).expect("it is there");
    let control = Control::default();
    let back = late.travel(Goal::Continue, Direction::Backward, &[], &control).expect("it can be repeated");
    assert_eq!((back.step, back.why), (begin, Why::Start));
    late.seek(begin + 100).expect("it is there");
    let out = late.travel(Goal::Out, Direction::Backward, &[], &control).expect("it can be repeated");
    assert!(out.step >= begin, "{out:?}");

    for text in ["write 400000+4", "func 1", "op i32.div_u", "global 0", "host", "read 0+4"] {
        let query = Query::parse(text, &mut late).unwrap_or_else(|error| panic!("{text}: {error}"));
        let find = |timeline: &mut Timeline, from, direction| {
            timeline.find(from, direction, &query, &control).expect("it can be repeated")
        };
        let last = find(&mut whole, end, Direction::Backward).filter(|hit| hit.step >= begin);
        assert_eq!(find(&mut late, end, Direction::Backward), last, "{text}");
        assert_eq!(
            find(&mut late, 0, Direction::Forward),
            find(&mut whole, begin, Direction::Forward),
            "{text}"
        );
    }
    late.verify(&control).expect("it is what it says");
}

/// The checkpoint that begins it has lost a page: the run is there from the next one on, and a repair says so.
#[test]
fn a_damaged_beginning_leaves_what_comes_after_the_next_checkpoint() {
    let (mut file, _) = late(4 * ROUNDS, Last::Steps(4 << 20));
    let mut whole = open(&file);
    let (begin, end) = (whole.begin().step, whole.end().step);
    // The first frame of pages.
    let pages = file.windows(6).position(|word| word == b"WTF1\x07\0").expect("there are pages");
    file[pages + 400] ^= 4;
    let reader = TraceReader::open(file.clone()).expect("it is a trace");
    let (clean, report) = repair(&reader, Vec::new()).expect("memory is written to");
    let mut later = 0;
    for file in [file, clean] {
        let mut left = open(&file);
        later = left.begin().step;
        assert!(begin < later && later < end, "{begin} {later} {end}");
        for from in [later, (later + end) / 2, end - 100] {
            let [events, expected] = [&mut left, &mut whole]
                .map(|timeline| told(timeline.events(from..from + 100).expect("it can be repeated")));
            assert!(events == expected, "from {from}");
        }
        assert!(matches!(left.seek(later - 1), Err(TimelineError::NotKept { .. })));
    }
    assert_eq!(report.lost.len(), 1);
    assert_eq!((report.lost[0].from.step, report.lost[0].steps), (begin, later - begin));
}

#[test]
fn it_can_be_converted() {
    let (file, _) = late(ROUNDS, Last::Steps(1 << 19));
    let control = Control::default();
    let (begin, end) = (open(&file).begin().step, open(&file).end().step);
    let convert = |file: &[u8], profile| {
        convert_run(&mut open(file), Vec::new(), profile, None, &[], &control).expect("it can be converted")
    };
    let full = convert(&file, Profile::Full);
    let reader = TraceReader::open(full.clone()).expect("it is a trace");
    assert_eq!((reader.begin().step, reader.end().step), (begin, end));
    let stored = reader.events(begin..begin + 3000).expect("it has events");
    let stored: Vec<_> = stored.map(|event| event.expect("it is whole")).collect();
    let made = told(open(&file).events(begin..begin + 3000).expect("it can be repeated"));
    assert!(stored == made, "{:?}", stored.iter().zip(&made).find(|(a, b)| a != b));
    let log = convert(&full, Profile::Log);
    let mut again = open(&log);
    assert_eq!((again.begin().step, again.end().step), (begin, end));
    assert_eq!(
        again.events(end - 9..end).expect("as before"),
        open(&file).events(end - 9..end).expect("too")
    );
}

#[test]
fn bytes_are_a_bound() {
    const MOST: u64 = 1 << 20;
    let (file, files) = late(12_000, Last::Bytes(MOST));
    assert!(files.0.lock().expect("nobody panics").2 > 0, "a file took another's place");
    assert!((file.len() as u64) < MOST * 3 / 2, "{}", file.len());
    let mut timeline = open(&file);
    assert!(timeline.begin().step > 0, "{} bytes", file.len());
    timeline.verify(&Control::default()).expect("it is what it says");
}
