//! What is written is read: every part of the format, and random runs.

mod common;

use common::*;
use proptest::prelude::*;
use std::sync::Arc;
use wasmscope_trace_format::*;

#[test]
fn a_log_comes_back() {
    let reader = TraceReader::open(write(Profile::Log)).unwrap();
    assert_eq!(reader.manifest(), &manifest(Profile::Log));
    assert_eq!(reader.completeness().to_string(), "complete");
    assert_eq!(reader.trace_id(), *b"0123456789abcdef");
    assert_eq!(reader.version(), FORMAT_VERSION);

    let modules = reader.modules().unwrap();
    assert_eq!(modules, manifest(Profile::Log).modules);
    assert_eq!(reader.module(modules[0].hash).unwrap().as_deref(), Some(MODULE));
    assert_eq!(reader.module(ModuleHash::of(b"other")).unwrap(), None);

    let log: Vec<_> = reader.host_log().map(Result::unwrap).collect();
    assert_eq!(log.iter().map(|it| it.index).collect::<Vec<_>>(), Vec::from_iter(0..20));
    let log: Vec<_> = log.into_iter().map(|it| (it.position, it.entry)).collect();
    assert_eq!(log, host_entries());
    for cursor in 0..=20 {
        let rest = reader.host_log_from(cursor).map(|it| it.unwrap().index);
        assert_eq!(rest.collect::<Vec<_>>(), Vec::from_iter(cursor..20));
    }

    assert_eq!(reader.checkpoints(), [10, 20]);
    for (index, n) in [(1, 2), (0, 1), (1, 2)] {
        assert_eq!(*reader.checkpoint(index).unwrap(), checkpoint(n));
    }
    assert!(reader.checkpoint(2).is_err());
    let mut bytes = page(0);
    for (_, hash) in &checkpoint(2).memories[0].pages {
        reader.page(*hash, &mut bytes).unwrap();
        assert_eq!(PageHash::of(&bytes), Some(*hash));
    }
    assert!(reader.page(PageHash([9; 16]), &mut bytes).is_err());

    let output: Vec<_> = reader.outputs().map(|it| it.unwrap().bytes).collect();
    assert_eq!(output, [b"hello\n".to_vec(), b"\x1b[31moops".to_vec()]);
    assert_eq!(reader.markers().len(), 1);
    assert_eq!(reader.names()[0].funcs, [(0, "main".to_owned())]);
    let counted = Summary {
        host_calls: 2,
        host_entries: 20,
        checkpoints: 2,
        modules: 1,
        output_bytes: 15,
        ..summary()
    };
    assert_eq!(reader.summary(), Some(&counted));
    let refused = reader.events(0..9).err().unwrap().to_string();
    assert!(refused.contains("re-execution"), "{refused}");
    assert_eq!(reader.verify(), []);
}

#[test]
fn a_full_trace_comes_back() {
    let reader = TraceReader::open(write(Profile::Full)).unwrap();
    assert_eq!(reader.completeness().to_string(), "4 steps from 16 were not kept: the disk was slow");
    assert_eq!(reader.functions().len(), 2);
    assert_eq!(reader.code(main_code().func).unwrap(), Some(main_code()));
    assert_eq!(reader.code(FuncId { module: 9, func: 9 }).unwrap(), None);

    let (mut events, mut gaps) = (Vec::new(), Vec::new());
    for item in reader.events(0..u64::MAX).unwrap() {
        match item {
            Ok(event) => events.push(event),
            Err(gap) => gaps.push(gap),
        }
    }
    assert_eq!(events, common::events());
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].steps, Some(16..20));
    assert_eq!(gaps[0].to_string(), "byte 0: steps were not kept: the disk was slow, steps 16 to 19");

    for from in 0..26 {
        for to in from..26 {
            let part = reader.events(from..to).unwrap().filter_map(Result::ok);
            let wanted = events.iter().filter(|event| (from..to).contains(&event.step));
            assert!(part.eq(wanted.cloned()), "{from}..{to}");
        }
    }
}

#[test]
fn what_a_profile_does_not_keep_is_called_untold() {
    for profile in [Profile::Flow, Profile::Values] {
        let reader = TraceReader::open(write(profile)).unwrap();
        let events: Vec<_> = reader.events(0..u64::MAX).unwrap().filter_map(Result::ok).collect();
        assert_eq!(events, events_told(profile), "{profile}");
    }
    let line = |profile, step: usize| {
        let step = &steps()[step];
        let line = dump::line(&step.told(profile), Some(&step.code()));
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        line(Profile::Flow, 1),
        "1 0:0 main +8 0x44 i64_load16_u at 8 Next not recorded: slots, memory"
    );
    assert_eq!(
        line(Profile::Values, 2),
        "2 0:0 main +16 0x48 i64_store at 16 Next write 0x3f0 of 8: ..; not recorded: memory"
    );
    let json = dump::json(&steps()[3].told(Profile::Values), None);
    assert!(json.ends_with(r#""effects":[],"untold":["globals"]}"#), "{json}");
    assert!(TraceReader::open(write(Profile::Log)).unwrap().events(0..1).is_err());
}

#[test]
fn the_host_log_is_read_where_it_is_asked_for() {
    let mut writer = TraceWriter::begin(Vec::new(), &manifest(Profile::Log)).unwrap();
    for number in 0..3000u64 {
        let bytes = number.to_le_bytes().repeat(100);
        let entry = HostEntry::MemoryWrite { memory: 0, addr: number, bytes };
        writer.host_log(at(number / 3 * 10, number), &entry).unwrap();
    }
    let bytes = writer.finish(summary()).unwrap();
    let reader = TraceReader::open(bytes.clone()).unwrap();
    assert_eq!(reader.host_entries(), 3000);
    for index in [0, 2999, 1, 1500, 1501, 2, 650, 2999] {
        assert_eq!(reader.host_entry(index).unwrap().map(|it| it.index), Some(index));
        assert_eq!(reader.host_log_from(index).next().unwrap().unwrap().index, index);
    }
    assert_eq!(reader.host_entry(3000).unwrap(), None);
    for (step, cursor) in [(0, 0), (1, 3), (10, 3), (11, 6), (5000, 1500), (9990, 2997), (9991, 3000)] {
        assert_eq!(reader.host_cursor_at(step).unwrap(), cursor, "step {step}");
    }
    let contents = reader.contents();
    let log = contents.parts.iter().find(|part| part.name == "host log").unwrap();
    assert!(log.count > 5 && log.bytes > 1000, "{log:?}");
    assert!(contents.input && contents.arguments && contents.memory && !contents.output);
    let whole = TraceReader::open(write(Profile::Full)).unwrap();
    assert_eq!(whole.host_functions(), [("env.f".to_owned(), 2)]);

    // A hole: what follows it is not given.
    let place = bytes.windows(4).enumerate().filter(|(_, word)| word == b"WTF1").nth(3).unwrap().0;
    let mut holed = bytes;
    holed[place + 50] ^= 1;
    let reader = TraceReader::open(holed).unwrap();
    let good = (0..3000).take_while(|&index| reader.host_entry(index).is_ok()).count();
    assert!((1..3000).contains(&good));
    assert_eq!(reader.host_log().take_while(Result::is_ok).count(), good);
}

#[test]
fn long_payloads_span_frames() {
    let mut state = 1u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
        (state >> 56) as u8
    };
    let module: Vec<u8> = std::iter::repeat_with(&mut noise).take(5 << 19).collect();
    let write: Vec<u8> = std::iter::repeat_with(&mut noise).take(700_000).collect();
    let mut writer = TraceWriter::begin(Vec::new(), &manifest(Profile::Log)).unwrap();
    let hash = writer.module("big", &module).unwrap();
    let before = writer.bytes();
    assert_eq!(writer.module("again", &module).unwrap(), hash);
    assert_eq!(writer.bytes(), before, "once is enough");
    let bytes = write.clone();
    writer.host_log(at(0, 0), &HostEntry::MemoryWrite { memory: 0, addr: 50, bytes }).unwrap();
    let reader = TraceReader::open(writer.finish(Summary::default()).unwrap()).unwrap();
    assert!(reader.completeness().is_complete());
    assert_eq!(reader.module(hash).unwrap(), Some(module));
    let mut back = Vec::new();
    for record in reader.host_log() {
        let HostEntry::MemoryWrite { addr, bytes, .. } = record.unwrap().entry else { panic!() };
        assert_eq!(addr, 50 + back.len() as u64);
        back.extend(bytes);
    }
    assert_eq!(back, write);
}

#[test]
fn many_checkpoints_chain_and_break_the_chain() {
    let mut writer = TraceWriter::begin(Vec::new(), &manifest(Profile::Log)).unwrap();
    for n in 0..200u8 {
        writer.page(&page(1)).unwrap();
        writer.page(&page(2 + n)).unwrap();
        writer.checkpoint(&checkpoint(n)).unwrap();
    }
    let bytes = writer.finish(Summary::default()).unwrap();
    assert!(bytes.len() < 200 * 600, "{}", bytes.len());
    let reader = TraceReader::open(bytes).unwrap();
    for n in [199, 0, 64, 63, 65, 130, 131, 132] {
        assert_eq!(*reader.checkpoint(n).unwrap(), checkpoint(n as u8));
    }
    assert_eq!(reader.verify(), []);
}

#[test]
fn a_page_that_was_not_given_is_refused() {
    let mut writer = TraceWriter::begin(Vec::new(), &manifest(Profile::Log)).unwrap();
    let refused = writer.checkpoint(&checkpoint(1)).unwrap_err().to_string();
    assert_eq!(
        refused,
        "cannot record a checkpoint at step 10: its pages were not given or are not in order"
    );
    assert_eq!(writer.page(&page(0)).unwrap(), None);
}

/// A sink that fails after some bytes.
struct Full(Vec<u8>, usize);

impl std::io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = self.1 - self.0.len();
        if room == 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::StorageFull));
        }
        let len = bytes.len().min(room);
        self.0.extend(&bytes[..len]);
        Ok(len)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error_once_and_leaves_a_readable_file() {
    let options = WriteOptions { codec: Codec::None, background: false, ..options() };
    let mut writer =
        TraceWriter::with_options(Full(Vec::new(), 3000), &manifest(Profile::Full), &options).unwrap();
    writer.code(main_code()).unwrap();
    let mut errors = Vec::new();
    for step in 0..200_000 {
        let step = Step { tick: step, ..Step::new(step, 0, 0, Outcome::Next) };
        if let Err(error) = writer.step(&step.record()) {
            errors.push(error.to_string());
        }
    }
    assert!(errors[0].contains("cannot write"), "{}", errors[0]);
    assert!(errors[1].contains("the trace ends here after an earlier error"), "{}", errors[1]);
    assert!(writer.is_stopped());
    let reader = TraceReader::open(writer.get_ref().0.clone()).unwrap();
    assert!(!reader.completeness().is_complete());
    assert_eq!(reader.code(main_code().func).unwrap(), Some(main_code()));
}

#[test]
fn a_full_disk_is_told_at_the_end_at_the_latest() {
    let mut writer = TraceWriter::begin(Full(Vec::new(), 3000), &manifest(Profile::Full)).unwrap();
    writer.code(main_code()).unwrap();
    let mut told = false;
    for step in 0..100_000u64 {
        let mut step = Step { tick: step, ..Step::new(step, 0, 0, Outcome::Next) };
        step.results[0] = u128::from(step.step.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 9);
        told |= writer.step(&step.record()).is_err();
    }
    told |= writer.finish(summary()).is_err();
    assert!(told);
}

#[test]
fn steps_that_cannot_be_stored_are_refused_with_a_reason() {
    let refusal = |profile, step: &Step| {
        let mut writer = TraceWriter::begin(Vec::new(), &manifest(profile)).unwrap();
        writer.code(main_code()).unwrap();
        writer.step(&step.record()).unwrap_err().to_string()
    };
    let step = Step::new(5, 0, 0, Outcome::Next);
    let none = Step { results: vec![], ..step.clone() };
    let cases = [
        (Profile::Log, &step, "the trace is a log, without events"),
        (Profile::Full, &Step::new(5, 1, 0, Outcome::Next), "the code of its function was not given"),
        (Profile::Full, &Step::new(5, 0, 1, Outcome::Next), "its function has no op there"),
        (Profile::Full, &none, "fewer results than its op has destinations"),
    ];
    for (profile, step, why) in cases {
        assert_eq!(refusal(profile, step), format!("cannot record a step at step 5: {why}"));
    }
}

/// Long and regular: several chunks, loops and calls as in a real program.
#[test]
fn a_long_run_takes_little_room() {
    for profile in [Profile::Flow, Profile::Values, Profile::Full] {
        long_run(profile);
    }
}

fn long_run(profile: Profile) {
    let mut writer = TraceWriter::begin(Vec::new(), &manifest(profile)).unwrap();
    writer.code(main_code()).unwrap();
    writer.code(callee_code()).unwrap();
    let callee = Some(callee_code().func);
    let mut tick = 0;
    let mut written = Vec::new();
    for step in 0..200_000u64 {
        let mut it = match step % 8 {
            0 => Step::new(step, 0, 0, Outcome::Next),
            1 => Step { addr: step * 2, ..Step::new(step, 0, 8, Outcome::Next) },
            2 => Step { addr: step * 2, ..Step::new(step, 0, 16, Outcome::Next) },
            3 => Step::new(step, 0, 24, Outcome::Next),
            4 => Step::new(step, 0, 32, Outcome::Next),
            5 => Step::new(step, 0, 40, Outcome::Jump),
            6 => Step { callee, ..Step::new(step, 0, 48, Outcome::Call) },
            _ => Step { base: 5, ..Step::new(step, 1, 4, Outcome::Return) },
        };
        it.results[0] = step.into();
        it.with_old = step >= 150_000;
        it.tick = tick;
        tick += u64::from(1 + it.ip % 3);
        writer.step(&it.record()).unwrap();
        if step % 1000 < 20 {
            written.push(it.told(profile));
        }
    }
    let end = at(200_000, tick);
    let bytes = writer.finish(Summary { end, ..Summary::default() }).unwrap();
    let most = [0, 6_000, 120_000, 700_000][profile as usize];
    assert!(bytes.len() < most, "{profile}: {} bytes", bytes.len());
    let reader = TraceReader::open(bytes).unwrap();
    assert!(reader.completeness().is_complete());
    let back: Vec<_> = reader.events(0..u64::MAX).unwrap().map(Result::unwrap).collect();
    assert_eq!(back.len(), 200_000);
    let kept: Vec<_> = back.into_iter().filter(|event| event.step % 1000 < 20).collect();
    assert!(kept == written);
    let window: Vec<_> = reader.events(131_000..131_200).unwrap().map(Result::unwrap).collect();
    assert_eq!(window.len(), 200);
    assert_eq!(window[0].step, 131_000);
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        8 => Just(Outcome::Next),
        4 => Just(Outcome::Jump),
        2 => Just(Outcome::Call),
        1 => Just(Outcome::TailCall),
        2 => Just(Outcome::HostCall),
        2 => Just(Outcome::Return),
        1 => Just(Outcome::Throw),
        1 => Just(Outcome::Halt),
        1 => Just(Outcome::Error(Reason::Trap(TrapCode::IntegerOverflow))),
        1 => "\\PC*".prop_map(|text| Outcome::Error(Reason::HostError(text))),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    (0..8usize, any::<u128>(), 0..129u32)
        .prop_map(|(ty, bits, shift)| Value::new(ValueType::ALL[ty], bits.checked_shr(shift).unwrap_or(0)))
}

fn effect() -> impl Strategy<Value = Effect> {
    let id = (0..3u32, 0..4u32).prop_map(|(module, func)| FuncId { module, func });
    let bytes = proptest::collection::vec(any::<u8>(), 0..70);
    prop_oneof![
        (any::<u32>(), any::<u32>(), value(), proptest::option::of(value()))
            .prop_map(|(depth, slot, value, old)| Effect::Slot { depth, slot, value, old }),
        (any::<u32>(), any::<u64>(), any::<u64>(), bytes.clone(), proptest::option::of(bytes))
            .prop_map(|(memory, addr, len, bytes, old)| Effect::Write { memory, addr, len, bytes, old }),
        (id, any::<u64>()).prop_map(|(func, entered)| Effect::Push { func, entered }),
        any::<u32>().prop_map(|count| Effect::Pop { count }),
        ("\\PC{0,9}", proptest::collection::vec(value(), 0..3))
            .prop_map(|(import, args)| { Effect::HostCall { import, results: args.clone(), args } }),
    ]
}

prop_compose! {
    fn step()(
        (func, op) in (0..2u32, 0..12u32),
        outcome in outcome(),
        callee in proptest::option::of(0..3u32),
        (tick, skip, depth) in (0..9u64, prop_oneof![20 => Just(0u64), 1 => 1..5u64], 0..4u32),
        (instance, memory, base) in (0..2u32, 0..2u32, 0..2u32),
        addr in any::<u64>(),
        bits in any::<u128>(),
        results in proptest::array::uniform3(any::<u128>()),
        old in proptest::array::uniform3(any::<u128>()),
        with_old in proptest::bool::weighted(0.8),
        pending in proptest::bool::weighted(0.05),
        extra in proptest::collection::vec(effect(), 0..2),
    ) -> Step {
        let ip = if func == 0 { op * 8 } else { op % 5 * 4 };
        Step {
            step: skip, // made absolute later
            tick,
            depth,
            instance,
            func,
            ip,
            outcome,
            callee: callee.map(|func| FuncId { module: 0, func }),
            base,
            memory,
            addr,
            bits,
            results: results.to_vec(),
            old: old.to_vec(),
            with_old,
            pending,
            extra,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever a producer says happened, however odd, is what a reader says.
    #[test]
    fn any_steps_come_back(
        steps in proptest::collection::vec(step(), 1..60),
        profile in prop_oneof![Just(Profile::Flow), Just(Profile::Values), Just(Profile::Full)],
    ) {
        let mut writer = TraceWriter::begin(Vec::new(), &manifest(profile)).unwrap();
        writer.code(main_code()).unwrap();
        writer.code(callee_code()).unwrap();
        let (mut number, mut tick, mut written) = (0, 0, Vec::new());
        for mut step in steps {
            number += step.step;
            tick += step.tick;
            (step.step, step.tick) = (number, tick);
            writer.step(&step.record()).unwrap();
            written.push(step.told(profile));
            number += 1;
        }
        let summary = Summary { end: at(number, tick), ..Summary::default() };
        let reader = TraceReader::open(writer.finish(summary).unwrap()).unwrap();
        let back: Vec<_> = reader.events(0..u64::MAX).unwrap().filter_map(Result::ok).collect();
        prop_assert_eq!(back, written);
    }

    #[test]
    fn any_value_comes_back(values in proptest::collection::vec(value(), 0..50)) {
        let bytes = postcard::to_stdvec(&values).unwrap();
        prop_assert_eq!(postcard::from_bytes::<Vec<Value>>(&bytes).unwrap(), values.clone());
        let json = serde_json::to_string(&values).unwrap();
        prop_assert_eq!(serde_json::from_str::<Vec<Value>>(&json).unwrap(), values);
    }

    #[test]
    fn any_host_log_comes_back(
        entries in proptest::collection::vec((0..3u64, 0..300u64, value()), 0..80),
        sync in any::<u8>(),
    ) {
        let mut writer = TraceWriter::begin(Vec::new(), &manifest(Profile::Log)).unwrap();
        let mut position = at(0, 0);
        let mut written = Vec::new();
        for (index, (steps, ticks, value)) in entries.into_iter().enumerate() {
            position = at(position.step + steps, position.tick + ticks);
            let entry = HostEntry::HostEnter { func: steps as u32, args: vec![value] };
            writer.host_log(position, &entry).unwrap();
            written.push(HostRecord { index: index as u64, position, entry });
            if index as u8 == sync {
                writer.sync(position).unwrap();
            }
        }
        let reader = TraceReader::open(writer.finish(Summary::default()).unwrap()).unwrap();
        let back: Vec<_> = reader.host_log().map(Result::unwrap).collect();
        prop_assert_eq!(back, written);
    }
}

#[test]
fn readers_are_shared_between_threads() {
    let reader = Arc::new(TraceReader::open(write(Profile::Full)).unwrap());
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let reader = Arc::clone(&reader);
            std::thread::spawn(move || reader.events(0..99).unwrap().filter_map(Result::ok).count())
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), steps().len());
    }
}
