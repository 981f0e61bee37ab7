//! Looking for steps: what is found is what the events say, whichever way it is looked for.

mod work;

use wasmscope_core::timeline::code::operators;
use wasmscope_core::timeline::find::{Access, CellType, OutcomeClass, Place, SlotOf};
use wasmscope_core::timeline::{Control, Direction, Live, LiveState, Query, Timeline};
use wasmscope_core::*;
use wasmscope_trace_format as wtrace;
use work::recorded;
use wtrace::{Effect, Event, FuncId, Outcome, ValueType};

const PROGRAM: &str = r#"(module
    (import "host" "note" (func $note (param i32) (result i32)))
    (memory (export "memory") 1)
    (global $calls (export "calls") (mut i32) (i32.const 0))
    (func $fib (param $n i32) (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
            (then (local.get $n))
            (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1)))
                           (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
    (func (export "callback") (param i32) (result i32)
        (i32.store (i32.const 64) (local.get 0))
        (i32.mul (local.get 0) (i32.const 3)))
    (func $loop (export "loop") (param $n i32) (result i64) (local $sum i64)
        (loop $again
            (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $n))))
            (i64.store (i32.add (i32.const 1024) (i32.mul (local.get $n) (i32.const 8))) (local.get $sum))
            (block $even
                (br_if $even (i32.and (local.get $n) (i32.const 1)))
                (local.set $sum (i64.add (local.get $sum) (i64.const 8))))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br_if $again (local.get $n)))
        (local.get $sum))
    (func (export "main") (param i32) (result i32) (local i32)
        (local.set 1 (call $fib (local.get 0)))
        (drop (call $note (local.get 1)))
        (drop (call $loop (i32.const 40)))
        (memory.fill (i32.const 1000) (i32.const 7) (i32.const 50))
        (memory.copy (i32.const 1030) (i32.const 1000) (i32.const 9))
        (i32.store8 (i32.const 8) (call $note (i32.load8_s (i32.const 1040))))
        (i32.div_s (i32.load (i32.const 8)) (i32.const 0))))"#;

fn linker(engine: &Engine) -> Linker<()> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "note", |mut caller: Caller<'_, ()>, n: i32| -> Result<i32, HostError> {
        let memory = caller.memory().expect("it has a memory");
        let callback = caller.export("callback").and_then(Extern::into_func).expect("it is exported");
        caller.write(memory, 12, &n.to_le_bytes()).map_err(|error| HostError::Failed(error.into()))?;
        let tripled = callback.call_values(&mut caller, &[Val::I32(n)])?;
        let Val::I32(tripled) = tripled[0] else { panic!("an i32") };
        caller.write(memory, 16, &tripled.to_le_bytes()).map_err(|error| HostError::Failed(error.into()))?;
        Ok(tripled)
    });
    linker
}

fn timeline(lowering: Lowering) -> Timeline {
    let engine = Engine::new(&Config::default().lowering(lowering));
    let module = Module::new(&engine, wat::parse_str(PROGRAM).expect("well-formed")).expect("valid");
    let mut live = Live::new(Store::new(&engine, ()), "test");
    let instance = live.instantiate(&mut linker(&engine), &module).expect("it links");
    let main = instance.func(live.store(), "main").expect("there is a main");
    live.begin(main, &[Val::I32(9)]).expect("it takes an i32");
    live.run_to(u64::MAX, &[]);
    assert!(matches!(live.state(), LiveState::Ended(wtrace::RunEnd::Error(_))));
    live.timeline()
}

/// More parts than are told apart are looked for all the same.
#[test]
fn a_query_of_many_parts() {
    let mut timeline = timeline(Lowering::Fused);
    let end = timeline.end().step;
    let events = timeline.events(0..end).expect("they are there");
    let place = |event: &Event| Query::Ip { func: event.func, ip: event.ip };
    let mut parts: Vec<Query> = (0..100).map(|at| Query::Op(format!("no such op {at}"))).collect();
    let last = events.last().expect("it ran");
    parts.push(place(last));
    let expected: Vec<u64> = events.iter().filter(|it| place(it) == place(last)).map(|it| it.step).collect();
    let mut found = Vec::new();
    timeline
        .find_all(0..end, &Query::Any(parts), &Control::default(), |hit| {
            found.push((hit.step, hit.part));
            true
        })
        .expect("it is found");
    assert_eq!(found, expected.into_iter().map(|step| (step, 63)).collect::<Vec<_>>());
}

/// An operator is executed as often under either lowering, also one that another op does on the way.
#[test]
fn operators_are_found_in_the_ops_that_do_them() {
    let (mut plain, mut fused) = (timeline(Lowering::Plain), timeline(Lowering::Fused));
    let module = plain.run().modules()[0].clone();
    let control = Control::default();
    let mut joined = 0;
    for func in module.data().imported.funcs..module.data().funcs.len() as u32 {
        for line in operators(module.data(), func) {
            let word = line.text.split(' ').next().expect("there is a word");
            if matches!(word, "block" | "loop" | "else" | "end") {
                continue;
            }
            let query = Query::Pc { module: 0, pc: line.pc };
            let [plain, fused] = [&mut plain, &mut fused].map(|timeline| {
                let end = timeline.end().step;
                timeline.count(0..end, &query, &control).expect("it can be repeated")
            });
            assert_eq!(fused, plain, "{:#x} {}", line.pc, line.text);
            joined += usize::from(word == "local.set");
        }
    }
    assert!(joined > 2, "some operators are done by the op before");
}

/// Whether an event meets a query that asks for nothing but what one event says.
fn meets(event: &Event, query: &Query, mnemonic: &str) -> bool {
    let touched = |memory: u32, range: &std::ops::Range<u64>, access: Access| {
        event.effects.iter().any(|effect| match effect {
            Effect::Read { memory: m, addr, len, .. } => {
                access != Access::Write && *m == memory && *addr < range.end && range.start < addr + len
            }
            Effect::Write { memory: m, addr, len, .. } => {
                access != Access::Read && *m == memory && *addr < range.end && range.start < addr + len
            }
            _ => false,
        })
    };
    match query {
        Query::Ip { func, ip } => event.func == *func && event.ip == *ip,
        Query::Op(name) => mnemonic == name,
        Query::Outcome(class) => OutcomeClass::of(&event.outcome) == *class,
        Query::Trap => matches!(event.outcome, Outcome::Error(wtrace::Reason::Trap(_))),
        Query::Host(_) => event.effects.iter().any(|effect| matches!(effect, Effect::HostCall { .. })),
        Query::Memory { memory, range, access } => touched(*memory, range, *access),
        Query::Global { index, .. } => event
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Global { index: at, .. } if at == index)),
        Query::Any(list) => list.iter().any(|query| meets(event, query, mnemonic)),
        other => panic!("no single event says {other}"),
    }
}

/// Looks in every way and demands that `expected` is found.
fn check(timeline: &mut Timeline, query: &Query, expected: &[u64]) {
    let control = Control::default();
    let end = timeline.end().step;
    let mut all = Vec::new();
    timeline
        .find_all(0..end, query, &control, |hit| {
            all.push(hit.step);
            true
        })
        .expect("it can be repeated");
    assert_eq!(all, expected, "{query}");
    assert_eq!(timeline.count(0..end, query, &control).expect("as before"), expected.len() as u64, "{query}");
    let mut from: Vec<u64> = expected.iter().flat_map(|&step| [step, step + 1]).collect();
    from.extend([0, end / 3, end / 2, end]);
    from.truncate(60);
    for from in from {
        let next = expected.iter().copied().find(|&step| step >= from);
        let last = expected.iter().copied().rfind(|&step| step < from);
        let found = timeline.find(from, Direction::Forward, query, &control).expect("as before");
        assert_eq!(found.map(|hit| hit.step), next, "{query} from {from}");
        let found = timeline.find(from, Direction::Backward, query, &control).expect("as before");
        assert_eq!(found.map(|hit| hit.step), last, "{query} before {from}");
    }
}

#[test]
fn every_way_finds_what_the_events_say() {
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let mut timeline = timeline(lowering);
        let end = timeline.end().step;
        let events = timeline.events(0..end).expect("it can be repeated");
        let mnemonic = |timeline: &mut Timeline, event: &Event| {
            let code = timeline.code(event.func).expect("it ran");
            code.ops[event.op as usize].mnemonic.clone()
        };
        let memory = |range, access| Query::Memory { memory: 0, range, access };
        let fib = FuncId { module: 0, func: 1 };
        let mut queries = vec![
            Query::Ip { func: fib, ip: 0 },
            Query::Op("call".to_owned()),
            Query::Op("memory.fill".to_owned()),
            Query::Trap,
            Query::Host(None),
            Query::Host(Some("note".to_owned())),
            Query::Host(Some("host.note".to_owned())),
            memory(1030..1038, Access::Write),
            memory(1030..1038, Access::Read),
            memory(0..4096, Access::Any),
            memory(12..13, Access::Any),
            memory(16..20, Access::Write),
            memory(60000..60001, Access::Any),
            Query::Global { instance: 0, index: 0 },
        ];
        queries.extend(OutcomeClass::ALL.map(|(class, _)| Query::Outcome(class)));
        queries.push(Query::Any(vec![Query::Trap, memory(1100..1104, Access::Write)]));
        for query in queries {
            let expected: Vec<u64> = events
                .iter()
                .filter(|event| {
                    let mnemonic = mnemonic(&mut timeline, event);
                    meets(event, &query, &mnemonic)
                })
                .map(|event| event.step)
                .collect();
            check(&mut timeline, &query, &expected);
        }
    }
}

#[test]
fn writes_of_the_host_around_a_call_back_are_found() {
    let mut timeline = timeline(Lowering::Fused);
    let control = Control::default();
    for (addr, hits) in [(12, 2), (16, 2), (64, 2)] {
        let query = Query::Memory { memory: 0, range: addr..addr + 4, access: Access::Write };
        let end = timeline.end().step;
        assert_eq!(timeline.count(0..end, &query, &control).expect("it can be repeated"), hits, "{query}");
    }
}

#[test]
fn entering_a_function_is_not_coming_back_to_its_first_op() {
    let mut timeline = timeline(Lowering::Fused);
    let control = Control::default();
    let end = timeline.end().step;
    for (func, calls) in [(1, 109), (3, 1), (2, 2)] {
        let query = Query::Func(FuncId { module: 0, func });
        assert_eq!(timeline.count(0..end, &query, &control).expect("it can be repeated"), calls, "{query}");
        // Beside something that is no place in code, it is found another way.
        let both = Query::Any(vec![query, Query::Op("nop".to_owned())]);
        assert_eq!(timeline.count(0..end, &both, &control).expect("it can be repeated"), calls, "{both}");
    }
}

#[test]
fn a_slot_of_one_activation_is_followed_through_calls() {
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let mut timeline = timeline(lowering);
        let control = Control::default();
        let end = timeline.end().step;
        let fib = FuncId { module: 0, func: 1 };
        let entries = {
            let mut steps = Vec::new();
            let query = Query::Func(fib);
            timeline
                .find_all(0..end, &query, &control, |hit| {
                    steps.push(hit.step);
                    true
                })
                .expect("it can be repeated");
            steps
        };
        let events = timeline.events(0..end).expect("it can be repeated");
        for &entered in entries.iter().step_by(7) {
            let depth = events[entered as usize].depth;
            let gone = |event: &Event| {
                event.depth == depth && event.outcome == Outcome::Return || event.depth < depth
            };
            let life = events[entered as usize..].iter().position(gone).expect("it returns");
            let life = &events[entered as usize..entered as usize + life];
            let slots = timeline.code(fib).expect("it ran").slots.clone();
            for info in &slots {
                let writes = |event: &&Event| {
                    event.effects.iter().any(|effect| {
                        matches!(effect, Effect::Slot { depth: d, slot, .. } if *d == depth && *slot == info.slot)
                    })
                };
                let expected: Vec<u64> = life.iter().filter(writes).map(|event| event.step).collect();
                check(&mut timeline, &Query::Slot(SlotOf { func: fib, entered, slot: info.slot }), &expected);
            }
        }
    }
}

#[test]
fn the_moment_a_value_comes_about_is_found() {
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let mut timeline = timeline(lowering);
        let end = timeline.end().step;
        // What each place holds at each moment.
        let mut seen = Vec::new();
        for step in 0..=end {
            timeline.seek(step).expect("it exists");
            let bytes = timeline.read(0, 12, 8);
            let global = timeline.globals()[0].value.bits;
            seen.push((bytes, global));
        }
        let becomes = |holds: &dyn Fn(usize) -> bool| -> Vec<u64> {
            (0..end).filter(|&step| holds(step as usize + 1) && !holds(step as usize)).collect()
        };
        let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("four"));
        for value in [34u32, 7, 1] {
            let place = Place::Memory { memory: 0, addr: 12, ty: CellType::U32 };
            let expected = becomes(&|at| number(&seen[at].0[..4]) == value);
            check(&mut timeline, &Query::Becomes { place, bits: value.into() }, &expected);
        }
        let place = Place::Memory { memory: 0, addr: 16, ty: CellType::U32 };
        let expected = becomes(&|at| number(&seen[at].0[4..]) == 102);
        assert_eq!(expected.len(), 1, "the host writes it behind its call back");
        check(&mut timeline, &Query::Becomes { place, bits: 102 }, &expected);
        let place = Place::Global { instance: 0, index: 0, ty: ValueType::I32 };
        let expected = becomes(&|at| seen[at].1 == 50);
        check(&mut timeline, &Query::Becomes { place, bits: 50 }, &expected);
    }
}

#[test]
fn text_and_back() {
    let mut timeline = timeline(Lowering::Fused);
    let control = Control::default();
    let inside = Query::parse("func $fib", &mut timeline);
    assert!(inside.is_err(), "names carry no dollar in a module");
    let fib = Query::parse("func fib", &mut timeline).expect("there is a fib");
    let hit = timeline.find(30, Direction::Forward, &fib, &control).expect("it goes").expect("it is called");
    timeline.seek(hit.step).expect("it exists");
    let entered = hit.step;
    let same: &[(&str, String)] = &[
        ("func fib", "func 0:1".to_owned()),
        ("func loop", "func 0:3".to_owned()),
        ("ip fib+0", "ip 0:1+0".to_owned()),
        ("op i32.div*", "op i32.div*".to_owned()),
        ("trap", "trap".to_owned()),
        ("host note", "host note".to_owned()),
        ("  write   0x400 ", "write 0x400..0x401".to_owned()),
        ("read mem0:0x20+8", "read 0x20..0x28".to_owned()),
        ("access 16..32 or trap", "access 0x10..0x20 or trap".to_owned()),
        ("global calls", "global 0:0".to_owned()),
        ("global calls == -1", "global 0:0 == i32 -1".to_owned()),
        ("mem u32 0x400 == 0xff", "mem u32 0x400 == 255".to_owned()),
        ("mem f64 8 == -0.5", "mem f64 0x8 == -0.5".to_owned()),
        ("slot p0", format!("slot r0 of 0:1@{entered}")),
        ("slot n", format!("slot r0 of 0:1@{entered}")),
        ("r0 == 7", format!("slot r0 of 0:1@{entered} == i32 7")),
    ];
    for (text, canonical) in same {
        let query = Query::parse(text, &mut timeline).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(query.to_string(), *canonical);
        timeline.seek(0).expect("it exists");
        let again =
            Query::parse(canonical, &mut timeline).unwrap_or_else(|error| panic!("{canonical}: {error}"));
        assert_eq!(again, query, "{canonical}");
        timeline.seek(entered).expect("it exists");
    }
    let wrong = [
        ("", "a query begins with one of"),
        ("frobnicate 3", "`frobnicate` begins no query"),
        ("pc", "`pc` needs"),
        ("pc 0xfffffff", "no function has an operator"),
        ("func nobody", "no function is called `nobody`"),
        ("func 0", "is imported"),
        ("op i32.frob", "no op is called"),
        ("host fd_write", "the program imports no host function"),
        ("write 9..3", "the range is empty"),
        ("write mem7:3", "memories"),
        ("global nothing", "no global"),
        ("mem u128 3 == 4", "no type of a number"),
        ("mem u8 3 == 256", "does not fit"),
        ("trap 3", "stands alone"),
        ("slot r99", "has no slot"),
        ("outcome fine", "an outcome is one of"),
    ];
    for (text, says) in wrong {
        let error = Query::parse(text, &mut timeline).expect_err(text);
        assert!(error.to_string().contains(says), "{text}: {error}");
        assert!(error.at <= text.len());
    }
}

#[test]
fn a_search_can_be_cancelled() {
    let mut timeline = timeline(Lowering::Fused);
    let control = Control::default();
    control.cancel.store(true, std::sync::atomic::Ordering::Relaxed);
    timeline.seek(5).expect("it exists");
    let query = Query::Memory { memory: 0, range: 60000..60001, access: Access::Write };
    let found = timeline.find(0, Direction::Forward, &query, &control);
    assert!(found.is_err());
    assert_eq!(timeline.step(), 5);
}

#[test]
fn all_processors_find_what_one_finds() {
    let (file, engine, module) = recorded(wtrace::Profile::Log);
    let reader = wtrace::TraceReader::open(file).expect("it is a trace");
    assert!(reader.checkpoints().len() >= 3, "{:?}", reader.checkpoints());
    let mut many = Timeline::open(reader, "work").expect("it replays");
    let mut live = Live::new(Store::new(&engine, ()), "work");
    let instance = live.instantiate(&mut Linker::new(&engine), &module).expect("it links");
    let main = instance.func(live.store(), "main").expect("there is a main");
    live.begin(main, &[]).expect("it takes nothing");
    live.run_to(u64::MAX, &[]);
    let mut one = live.timeline();
    let end = one.end().step;
    assert_eq!(end, many.end().step);
    let control = Control::default();
    let texts = [
        "write 200000+4",
        "write 0x3000..0x3004",
        "read 0x3000",
        "func 0",
        "op call",
        "global 0",
        "global 0 == 41",
        "mem u32 200000 == 0",
        "outcome return",
        "trap",
        "func 0 or write 200000",
    ];
    for text in texts {
        let query = Query::parse(text, &mut one).unwrap_or_else(|error| panic!("{text}: {error}"));
        for from in [0, end / 5, end / 2, end - 100_000, end] {
            for direction in [Direction::Forward, Direction::Backward] {
                let [found, expected] = [&mut many, &mut one].map(|timeline| {
                    let hit = timeline.find(from, direction, &query, &control).expect("it can be repeated");
                    hit.map(|hit| hit.step)
                });
                assert_eq!(found, expected, "{text} {direction:?} {from}");
            }
        }
        let [found, expected] = [&mut many, &mut one].map(|timeline| {
            let mut steps = Vec::new();
            let range = end / 7..end - end / 7;
            timeline
                .find_all(range, &query, &control, |hit| {
                    steps.push(hit.step);
                    steps.len() < 5000
                })
                .expect("it can be repeated");
            steps
        });
        assert_eq!(found, expected, "{text}");
    }
}
