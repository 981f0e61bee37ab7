//! Recording and moving through time: any way to a moment gives the same moment.

use wasmscope_core::record::{Recorder, convert_run};
use wasmscope_core::timeline::{
    Breakpoint, Control, Direction, Goal, Here, Judge, Live, LiveState, Timeline, Why,
};
use wasmscope_core::*;
use wasmscope_trace_format as wtrace;
use wtrace::{Event, FuncId, TraceReader};

const FIB: &str = r#"(module
    (import "host" "note" (func $note (param i32)))
    (memory (export "memory") 1)
    (global $calls (export "calls") (mut i32) (i32.const 0))
    (func $fib (param i32) (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
            (then (local.get 0))
            (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                           (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "callback") (param i32) (result i32)
        (i32.store (i32.const 64) (local.get 0))
        (i32.mul (local.get 0) (i32.const 3)))
    (func (export "main") (param i32) (result i32) (local i32)
        (local.set 1 (call $fib (local.get 0)))
        (call $note (local.get 1))
        (i32.store (i32.const 8) (local.get 1))
        (memory.fill (i32.const 100) (i32.const 7) (i32.const 50))
        (i32.add (i32.load (i32.const 8)) (i32.load (i32.const 16)))))"#;

fn linker(engine: &Engine) -> Linker<()> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "note", |mut caller: Caller<'_, ()>, n: i32| -> Result<(), HostError> {
        let memory = caller.memory().expect("it has a memory");
        let callback = caller.export("callback").and_then(Extern::into_func).expect("it is exported");
        let tripled = callback.call_values(&mut caller, &[Val::I32(n)])?;
        let Val::I32(tripled) = tripled[0] else { panic!("an i32") };
        caller.write(memory, 16, &tripled.to_le_bytes()).map_err(|error| HostError::Failed(error.into()))?;
        caller.output(Stream::Stdout, format!("note {n}\n").as_bytes());
        Ok(())
    });
    linker
}

fn live(text: &str, arg: i32, lowering: Lowering) -> Live<()> {
    let engine = Engine::new(&Config::default().lowering(lowering));
    let module = Module::new(&engine, wat::parse_str(text).expect("well-formed")).expect("valid");
    let mut live = Live::new(Store::new(&engine, ()), "test");
    let instance = live.instantiate(&mut linker(&engine), &module).expect("it links");
    let main = instance.func(live.store(), "main").expect("there is a main");
    live.begin(main, &[Val::I32(arg)]).expect("it takes an i32");
    live
}

/// All that a moment shows, as text.
fn moment(timeline: &mut Timeline, step: u64) -> String {
    timeline.seek(step).expect("the step exists");
    let depth = timeline.depth();
    let frames = timeline.frames(0..depth);
    let slots: Vec<_> = (0..depth).map(|at| timeline.slots(at)).collect();
    let memory = timeline.read(0, 0, 256);
    let position = timeline.position();
    format!("{position:?} {frames:?} {slots:?} {:?} {memory:?}", timeline.globals())
}

#[test]
fn any_way_to_a_moment_gives_the_same_moment() {
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let mut live = live(FIB, 7, lowering);
        live.run_to(u64::MAX, &[]);
        assert_eq!(*live.state(), LiveState::Ended(wtrace::RunEnd::Halt));
        let mut timeline = live.timeline();
        let end = timeline.end().step;
        let forwards: Vec<String> = (0..=end).map(|step| moment(&mut timeline, step)).collect();
        for step in (0..=end).rev() {
            assert_eq!(moment(&mut timeline, step), forwards[step as usize], "step {step}, {lowering:?}");
        }
        let mut other = live.timeline();
        let mut at = 1;
        for _ in 0..200 {
            at = at * 48271 % 2147483647;
            let step = at % (end + 1);
            assert_eq!(moment(&mut other, step), forwards[step as usize], "step {step}, {lowering:?}");
        }
    }
}

#[test]
fn a_live_run_goes_as_far_as_asked_and_no_further() {
    let mut live = live(FIB, 5, Lowering::Fused);
    let mut timeline = live.timeline();
    assert_eq!(timeline.end().step, 0);
    for step in 1..40 {
        live.run_to(step, &[]);
        assert_eq!(timeline.end().step, step);
        timeline.seek(step).expect("it is there");
        assert_eq!(timeline.step(), step);
    }
}

#[test]
fn travel_goes_both_ways() {
    let mut live = live(FIB, 10, Lowering::Fused);
    live.run_to(u64::MAX, &[]);
    let mut timeline = live.timeline();
    let control = Control::default();
    let end = timeline.end().step;
    let fib = FuncId { module: 0, func: 1 };
    // Over the whole of fib(10), and back over it.
    timeline.seek(1).expect("the call");
    let over = timeline.travel(Goal::Over, Direction::Forward, &[], &control).expect("it goes");
    assert!(over.step > 500, "{over:?}");
    assert_eq!(timeline.depth(), 1);
    let back = timeline.travel(Goal::Over, Direction::Backward, &[], &control).expect("it goes");
    assert_eq!((back.step, timeline.depth()), (1, 1));
    // Every entry of fib, forwards and then backwards, is the same list.
    let breakpoints = [Breakpoint::Function(fib)];
    let mut forwards = Vec::new();
    loop {
        let stop =
            timeline.travel(Goal::Continue, Direction::Forward, &breakpoints, &control).expect("it goes");
        if stop.why != Why::Breakpoint(0) {
            assert_eq!((stop.why, stop.step), (Why::End, end));
            break;
        }
        forwards.push(stop.step);
    }
    assert_eq!(forwards.len(), 177);
    let mut backwards = Vec::new();
    loop {
        let stop =
            timeline.travel(Goal::Continue, Direction::Backward, &breakpoints, &control).expect("it goes");
        if stop.why != Why::Breakpoint(0) {
            assert_eq!((stop.why, stop.step), (Why::Start, 0));
            break;
        }
        backwards.push(stop.step);
    }
    backwards.reverse();
    assert_eq!(forwards, backwards);
    // Out of the deepest call.
    timeline.seek(forwards[5]).expect("it is there");
    let depth = timeline.depth();
    timeline.travel(Goal::Out, Direction::Forward, &[], &control).expect("it goes");
    assert_eq!(timeline.depth(), depth - 1);
    timeline.seek(forwards[5] + 3).expect("it is there");
    let out = timeline.travel(Goal::Out, Direction::Backward, &[], &control).expect("it goes");
    assert_eq!(out.step, forwards[5] - 1);
}

fn events(timeline: &mut Timeline) -> Vec<Event> {
    let end = timeline.end().step;
    timeline.events(0..end).expect("the run can be repeated")
}

#[test]
fn a_recording_replays_and_a_full_trace_says_the_same() {
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let engine = Engine::new(&Config::default().lowering(lowering));
        let module = Module::new(&engine, wat::parse_str(FIB).expect("well-formed")).expect("valid");
        let mut store = Store::new(&engine, ());
        let recorder = Recorder::start(&mut store, Vec::new(), "fib.wasm", &[]).expect("memory takes it");
        let instance = linker(&engine).instantiate(&mut store, &module).expect("it links");
        let main = instance.func(&store, "main").expect("there is a main");
        let result = main.call_values(&mut store, &[Val::I32(8)]).expect("it returns");
        assert_eq!(result, [Val::I32(21 + 63)]);
        let steps = store.steps();
        let file = recorder.finish(&mut store, Ok(())).expect("memory takes it");

        let reader = TraceReader::open(file.clone()).expect("it is a trace");
        let mut timeline = Timeline::open(reader, "fib").expect("it replays");
        assert_eq!(timeline.end().step, steps);
        assert_eq!(timeline.end().tick, store.ticks());
        let log = events(&mut timeline);
        assert_eq!(log.len() as u64, steps);
        assert!(log.iter().enumerate().all(|(at, event)| event.step == at as u64));
        assert!(log.windows(2).all(|pair| pair[0].tick <= pair[1].tick));

        let full =
            convert_run(&mut timeline, Vec::new(), wtrace::Profile::Full, None, &[], &Control::default())
                .expect("memory takes it");
        let reader = TraceReader::open(full).expect("it is a trace");
        assert_eq!(reader.end(), timeline.end());
        let read: Vec<Event> = reader
            .events(0..steps)
            .expect("it has events")
            .map(|event| event.expect("it is whole"))
            .collect();
        for (ours, theirs) in log.iter().zip(&read) {
            let mut ours = ours.clone();
            for effect in &mut ours.effects {
                match effect {
                    wtrace::Effect::Slot { old, .. } | wtrace::Effect::Global { old, .. } => *old = None,
                    wtrace::Effect::Write { old, .. } => *old = None,
                    _ => {}
                }
            }
            assert_eq!(ours, *theirs);
        }
    }
}

#[test]
fn a_trap_can_be_looked_at() {
    let text = r#"(module (memory 1) (func $inner (param i32) (result i32) (i32.load (local.get 0)))
        (func (export "main") (param i32) (result i32) (call $inner (i32.mul (local.get 0) (i32.const 65536)))))"#;
    let mut live = live(text, 2, Lowering::Fused);
    live.run_to(u64::MAX, &[]);
    let failure = live.failure().expect("it traps").to_string();
    assert_eq!(
        failure,
        "out of bounds memory access: load of 4 bytes at 0x20000, the memory has 0x10000 bytes"
    );
    let mut timeline = live.timeline();
    let end = timeline.end().step;
    timeline.seek(end).expect("the end exists");
    assert_eq!(timeline.depth(), 2);
    let last = timeline.events(end - 1..end).expect("it can be repeated");
    assert_eq!(
        last[0].outcome,
        wtrace::Outcome::Error(wtrace::Reason::Trap(wtrace::TrapCode::MemoryOutOfBounds))
    );
}

#[test]
fn checkpoints_in_the_file_lead_to_the_same_moments() {
    let text = r#"(module (memory (export "memory") 2) (table 2 funcref) (elem (i32.const 0) $odd $even)
        (type $t (func (param i32) (result i32)))
        (global (export "sum") (mut i64) (i64.const 0))
        (func $odd (type $t) (i32.add (local.get 0) (i32.const 1)))
        (func $even (type $t) (i32.shr_u (local.get 0) (i32.const 1)))
        (func $deep (param i32 f64) (result i32) (local i64)
            (if (result i32) (local.get 0)
                (then (i32.add (i32.const 3)
                    (call $deep (i32.sub (local.get 0) (i32.const 1)) (f64.add (local.get 1) (f64.const 0.5)))))
                (else (call $work))))
        (func $work (result i32) (local i32 i32)
            (local.set 1 (i32.const 1))
            (loop $l
                (local.set 1 (call_indirect (type $t) (local.get 1) (i32.and (local.get 0) (i32.const 1))))
                (i32.store (i32.shl (i32.and (local.get 0) (i32.const 0x3fff)) (i32.const 2)) (local.get 1))
                (global.set 0 (i64.add (global.get 0) (i64.extend_i32_u (local.get 1))))
                (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 3000000))))
            (local.get 1))
        (func (export "main") (param i32) (result i32) (i32.mul (call $deep (local.get 0) (f64.const 1.5)) (i32.const 2))))"#;
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let engine = Engine::new(&Config::default().lowering(lowering));
        let module = Module::new(&engine, wat::parse_str(text).expect("well-formed")).expect("valid");
        let mut store = Store::new(&engine, ());
        let recorder = Recorder::start(&mut store, Vec::new(), "work", &[]).expect("memory takes it");
        let instance = linker(&engine).instantiate(&mut store, &module).expect("it links");
        let main = instance.func(&store, "main").expect("there is a main");
        main.call_values(&mut store, &[Val::I32(20)]).expect("it returns");
        let file = recorder.finish(&mut store, Ok(())).expect("memory takes it");
        let reader = TraceReader::open(file).expect("it is a trace");
        assert!(reader.checkpoints().len() >= 2, "{:?}", reader.checkpoints());
        let mut live = live(text, 20, lowering);
        live.run_to(u64::MAX, &[]);
        let mut plain = live.timeline();
        let mut jumping = Timeline::open(reader, "work").expect("it replays");
        let end = jumping.end().step;
        assert_eq!(end, plain.end().step);
        for step in [end, end - 1, end / 2, 20_000_000, 16_777_300, 40_000_000, 100, end - 50] {
            assert_eq!(moment(&mut jumping, step), moment(&mut plain, step), "step {step}, {lowering:?}");
        }
    }
}

#[test]
fn long_ways_are_the_same_by_snapshots_and_without() {
    let mut live = live(FIB, 30, Lowering::Fused);
    live.run_to(u64::MAX, &[]);
    let control = Control::default();
    let mut walked = live.timeline();
    let end = walked.end().step;
    assert!(end > 1 << 23, "{end} steps need several snapshots");
    let go = |timeline: &mut Timeline, from: u64, goal, direction| {
        timeline.seek(from).expect("it is there");
        let stop = timeline.travel(goal, direction, &[], &control).expect("it goes");
        (stop, timeline.depth())
    };
    walked.seek(end).expect("it leaves snapshots behind");
    for part in 0..8 {
        let from = 1 + end / 9 * part;
        for goal in [Goal::Over, Goal::Out, Goal::Into, Goal::Steps(5_000_000)] {
            for direction in [Direction::Forward, Direction::Backward] {
                let fresh = go(&mut live.timeline(), from, goal, direction);
                assert_eq!(
                    go(&mut walked, from, goal, direction),
                    fresh,
                    "{goal:?} {direction:?} from {from}"
                );
            }
        }
    }
}

#[test]
fn breakpoints_stop_over_and_out_both_ways() {
    let mut live = live(FIB, 6, Lowering::Fused);
    live.run_to(u64::MAX, &[]);
    let mut timeline = live.timeline();
    let control = Control::default();
    let fib = [Breakpoint::Function(FuncId { module: 0, func: 1 })];
    let mut go = |from: Option<u64>, goal, direction| {
        if let Some(from) = from {
            timeline.seek(from).expect("it is there");
        }
        timeline.travel(goal, direction, &fib, &control).expect("it goes")
    };
    let entry = go(Some(1), Goal::Over, Direction::Forward);
    assert_eq!((entry.step, entry.why), (2, Why::Breakpoint(0)), "the first op of what is called");
    let inner = go(None, Goal::Out, Direction::Forward);
    assert_eq!(inner.why, Why::Breakpoint(0), "the call inside comes before the return");
    assert!(inner.step > 2);
    let back = go(None, Goal::Out, Direction::Backward);
    assert_eq!((back.step, back.why), (inner.step - 1, Why::Arrived), "not where it starts");
    let end = go(Some(live.run().end().step), Goal::Continue, Direction::Backward);
    let over = go(Some(end.step), Goal::Continue, Direction::Forward);
    assert_eq!(over.why, Why::End, "the last hit is the last");
}

/// Gives up at once.
struct Never;

impl wasmscope_core::timeline::Progress for Never {
    fn go_on(&self, _step: u64) -> bool {
        false
    }
}

/// Stops where the first parameter is this.
struct Argument(i64);

impl Judge for Argument {
    fn stops(&mut self, breakpoint: usize, here: &mut Here<'_>) -> bool {
        assert_eq!(breakpoint, 0);
        here.slot(0).is_some_and(|value| value.bits == self.0 as u128)
    }
}

#[test]
fn a_judge_decides_which_breakpoints_stop_live_and_later_both_ways() {
    let mut live = live(FIB, 10, Lowering::Fused);
    let fib = [Breakpoint::Function(FuncId { module: 0, func: 1 })];
    let mut lived = Vec::new();
    loop {
        let stop = live.go_on(Goal::Continue, &fib, &mut Argument(3), &Control::default());
        if stop.why != Why::Breakpoint(0) {
            break;
        }
        lived.push(stop.step);
    }
    assert_eq!(lived.len(), 21, "fib(10) calls fib(3) so often");
    let mut timeline = live.timeline();
    let control = Control::default();
    for direction in [Direction::Forward, Direction::Backward] {
        let mut found = Vec::new();
        loop {
            let judge = &mut Argument(3);
            let stop = timeline.travel_judged(Goal::Continue, direction, &fib, judge, &control);
            let stop = stop.expect("it goes");
            if stop.why != Why::Breakpoint(0) {
                break;
            }
            assert_eq!(timeline.here().slot(0), Some(wtrace::Value::i32(3)));
            found.push(stop.step);
        }
        if direction == Direction::Backward {
            found.reverse();
        }
        assert_eq!(found, lived, "{direction:?}");
    }
}

/// Is asked of every op, and stops nowhere.
struct Passing(Vec<u64>);

impl Judge for Passing {
    fn stops(&mut self, _: usize, here: &mut Here<'_>) -> bool {
        self.0.push(here.position().step);
        false
    }
}

/// A call that lowers its callee runs twice; where a breakpoint was over it, the second time met that.
#[test]
fn every_op_can_be_passed() {
    let mut live = live(FIB, 5, Lowering::Fused);
    live.run_to(u64::MAX, &[]);
    let end = live.run().end().step;
    let events = live.timeline().events(0..end).expect("they are there");
    let mut places = Vec::new();
    for place in events.iter().map(|it| Breakpoint::Ip(it.func, it.ip)) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let (mut timeline, mut judge) = (live.timeline(), Passing(Vec::new()));
    let stop =
        timeline.travel_judged(Goal::Continue, Direction::Forward, &places, &mut judge, &Control::default());
    assert_eq!(stop.expect("it goes").why, Why::End);
    assert_eq!(judge.0, (1..end).collect::<Vec<_>>());
}

#[test]
fn a_cancelled_movement_stands_where_it_had_come_to() {
    let mut live = live(FIB, 30, Lowering::Fused);
    let stop = live.go_on(Goal::Continue, &[], &mut (), &Never);
    assert_eq!(stop.why, Why::Cancelled);
    assert_eq!(live.run().end().step, stop.step);
    live.run_to(u64::MAX, &[]);
    let mut timeline = live.timeline();
    let stop = timeline.travel(Goal::Continue, Direction::Forward, &[], &Never).expect("it goes");
    assert_eq!((stop.why, stop.step), (Why::Cancelled, timeline.step()));
    assert!(stop.step > 0 && stop.step < timeline.end().step);
    // Over and out of a live run end where those of its past do.
    let mut again = self::live(FIB, 9, Lowering::Fused);
    again.run_to(5, &[]);
    let stop = again.go_on(Goal::Out, &[], &mut (), &Control::default());
    let mut past = again.timeline();
    past.seek(5).expect("it is there");
    let same = past.travel(Goal::Out, Direction::Forward, &[], &Control::default()).expect("it goes");
    assert_eq!(stop.step, same.step);
}
