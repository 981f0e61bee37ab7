//! Exceptions in a debugger's hands: repeated, gone back over, stepped over.

use wasmscope_core::timeline::{Control, Direction, Goal, Live, LiveState, Timeline};
use wasmscope_core::*;
use wasmscope_trace_format as wtrace;
use wtrace::Outcome;

/// The host calls back; what the callback throws passes through it.
const THROWS: &str = r#"(module
    (import "host" "twice" (func $twice (param i32) (result i32)))
    (tag $odd (param i32 i64)) (tag $other)
    (global $caught (export "caught") (mut i32) (i32.const 0))
    (func $check (param i32) (result i32)
        (if (i32.and (local.get 0) (i32.const 1)) (then (throw $odd (local.get 0) (i64.const 5))))
        (local.get 0))
    (func (export "callback") (param i32) (result i32)
        (block (try_table (catch $other 0) (return (call $check (local.get 0)))))
        (unreachable))
    (func $deep (param i32 i32) (result i32)
        (if (result i32) (local.get 0)
            (then (call $deep (i32.sub (local.get 0) (i32.const 1)) (local.get 1)))
            (else (call $twice (local.get 1)))))
    (func $catch (param i32) (result i32)
        (block $h (result i32 i64)
            (try_table (catch $odd $h) (return (call $deep (i32.const 3) (local.get 0))))
            (unreachable))
        (drop)
        (global.set $caught (i32.add (global.get $caught) (i32.const 1)))
        (i32.sub (i32.const 1000)))
    (func (export "main") (param i32) (result i32) (local i32)
        (loop $l
            (local.set 1 (i32.add (local.get 1) (call $catch (local.get 0))))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get 1)))"#;

/// The same without the host.
fn direct() -> String {
    THROWS.replace("(call $twice (local.get 1))", "(call $check (local.get 1))")
}

fn live(text: &str, lowering: Lowering) -> Live<()> {
    let engine = Engine::new(&Config::default().lowering(lowering));
    let module = Module::new(&engine, wat::parse_str(text).expect("well-formed")).expect("valid");
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "twice", |mut caller: Caller<'_, ()>, n: i32| -> Result<i32, HostError> {
        let callback = caller.export("callback").and_then(Extern::into_func).expect("it is exported");
        let results = callback.call_values(&mut caller, &[Val::I32(n)])?;
        let [Val::I32(result)] = results[..] else { panic!("one i32") };
        Ok(2 * result)
    });
    let mut live = Live::new(Store::new(&engine, ()), "test");
    let instance = live.instantiate(&mut linker, &module).expect("it links");
    let main = instance.func(live.store(), "main").expect("there is a main");
    live.begin(main, &[Val::I32(6)]).expect("it takes an i32");
    live.run_to(u64::MAX, &[]);
    assert_eq!(*live.state(), LiveState::Ended(wtrace::RunEnd::Halt));
    live
}

fn moment(timeline: &mut Timeline, step: u64) -> String {
    timeline.seek(step).expect("the step exists");
    let depth = timeline.depth();
    let slots: Vec<_> = (0..depth).map(|at| timeline.slots(at)).collect();
    format!("{:?} {:?} {slots:?} {:?}", timeline.position(), timeline.frames(0..depth), timeline.globals())
}

#[test]
fn moments_around_exceptions_are_the_same_both_ways() {
    for text in [THROWS, &direct()] {
        let mut ticks = None;
        for lowering in [Lowering::Plain, Lowering::Fused] {
            let live = live(text, lowering);
            let mut timeline = live.timeline();
            let end = timeline.end();
            assert_eq!(*ticks.get_or_insert(end.tick), end.tick, "ticks do not depend on the lowering");
            let forwards: Vec<String> = (0..=end.step).map(|step| moment(&mut timeline, step)).collect();
            let mut timeline = live.timeline();
            for step in (0..=end.step).rev() {
                assert_eq!(moment(&mut timeline, step), forwards[step as usize], "step {step}, {lowering:?}");
            }
            timeline.seek(end.step).expect("the end exists");
            let caught = format!("{:?}", timeline.globals());
            assert!(caught.contains("value: i32:3"), "{caught}");
        }
    }
}

#[test]
fn a_landing_is_a_step_of_its_own_outcome() {
    let live = live(&direct(), Lowering::Fused);
    let mut timeline = live.timeline();
    let end = timeline.end().step;
    let events = timeline.events(0..end).expect("the run can be repeated");
    let throws = events.iter().filter(|event| event.outcome == Outcome::Throw).count();
    assert_eq!(throws, 3);
}

#[test]
fn stepping_over_a_call_that_throws_stops_where_it_is_caught() {
    for (text, lowering) in
        [THROWS, &direct()].into_iter().flat_map(|text| [(text, Lowering::Plain), (text, Lowering::Fused)])
    {
        let text = text.to_owned();
        let live = live(&text, lowering);
        let mut timeline = live.timeline();
        let end = timeline.end().step;
        let events = timeline.events(0..end).expect("the run can be repeated");
        // The calls of `deep` in the frame of `catch`: every second one throws.
        let calls = events.iter().filter(|event| event.depth == 1 && event.outcome == Outcome::Call);
        let calls: Vec<u64> = calls.map(|event| event.step).collect();
        assert_eq!(calls.len(), 6);
        for (round, &call) in calls.iter().enumerate() {
            timeline.seek(call).expect("it is there");
            let over = timeline.travel(Goal::Over, Direction::Forward, &[], &Control::default());
            let over = over.expect("it goes").step;
            assert_eq!(timeline.depth(), 2, "round {round}: in `catch` again");
            assert!(over > call + 8, "round {round}: the call lies behind");
            let next = calls.get(round + 1).copied().unwrap_or(end);
            assert!(over < next, "round {round}: not further than this call");
        }
    }
}
