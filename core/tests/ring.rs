//! A ring of events, compared with what somebody sees who reads all slots before and after
//! each step.

use std::collections::BTreeMap;
use wasmscope_core::*;

/// The slots of the frame an op runs in.
fn slots(step: &Step<'_>) -> Vec<u64> {
    (0..step.slot_count() as u16).map(|slot| step.slot(slot)).collect()
}

/// A ring, and what it should hold: of each step its number, op, depth, tick and pc, whether
/// it failed, and the slots before and after.
struct Both {
    ring: Ring,
    before: Vec<Vec<u64>>,
    seen: Vec<(RingEvent, Vec<u64>, Vec<u64>)>,
}

impl Observer for Both {
    fn before(&mut self, step: &Step<'_>) {
        self.before.push(slots(step));
        self.ring.before(step);
    }

    fn after(&mut self, step: &Step<'_>, returned: Returned<'_>) -> Watch {
        let flow = match returned {
            Returned::Flow(flow) => Some(flow),
            Returned::Failed(_) => None,
        };
        let event = RingEvent {
            number: step.number,
            func: step.func(),
            ip: step.ip(),
            pc: step.pc(),
            tick: step.tick(),
            depth: step.depth,
            op: step.op,
            flow,
            effects: Vec::new(),
        };
        let before = self.before.pop().expect("every step begins");
        self.seen.push((event, before, slots(step)));
        self.ring.after(step, returned)
    }
}

const PROGRAM: &str = r#"(module
    (import "host" "back" (func $back (param i32) (result i32)))
    (memory 1) (global $g (mut i64) (i64.const 7)) (global $v (mut v128) (v128.const i64x2 1 2))
    (func $pair (param i32) (result i32 i64) (i32.add (local.get 0) (i32.const 1)) (i64.const 9))
    (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func (export "main") (param $n i32) (result i32) (local $v v128) (local $x i64)
        (loop $l
            (i32.store8 offset=3 (local.get $n) (i32.const 0x1ff))
            (i64.store32 offset=8 (local.get $n) (i64.const -2))
            (local.set $x (i64.add (i64.load (i32.const 8)) (global.get $g)))
            (global.set $g (local.get $x))
            (local.set $v (i32x4.splat (local.get $n)))
            (v128.store offset=32 (local.get $n) (local.get $v))
            (global.set $v (i64x2.add (local.get $v) (global.get $v)))
            (call $pair (local.get $n)) (local.set $x) (drop)
            (drop (call $back (local.get $n)))
            (block $b (result i32 i64)
                (i32.const 4) (i64.const 5)
                (br_if $b (i32.and (local.get $n) (i32.const 1)))
                (br_table $b $b (local.get $n)))
            (local.set $x) (drop)
            (memory.fill (i32.const 100) (local.get $n) (i32.const 20))
            (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i32.div_s (local.get $n) (i32.const 0))))"#;

/// Runs the program until it traps, watched by a ring of so many events and by `Both`.
fn run(lowering: Lowering, events: usize) -> (Store<()>, Both) {
    let engine = Engine::new(&Config::default().lowering(lowering));
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "back", |mut caller: Caller<'_, ()>, x: i32| -> Result<i32, HostError> {
        let Some(Extern::Func(twice)) = caller.export("twice") else { unreachable!("it is exported") };
        let results = twice.call_values(&mut caller, &[Val::I32(x)]).expect("it returns");
        let [Val::I32(result)] = results[..] else { unreachable!("its type says so") };
        Ok(result)
    });
    let module = Module::new(&engine, wat::parse_str(PROGRAM).expect("well-formed")).expect("valid");
    let instance = linker.instantiate(&mut store, &module).expect("it links");
    let main = instance.func(&store, "main").expect("it is exported");
    store.observe(Both { ring: Ring::new(events), before: Vec::new(), seen: Vec::new() });
    main.call_values(&mut store, &[Val::I32(9)]).expect_err("it divides by zero");
    let both = store.take_observer().expect("it is of this type");
    (store, both)
}

#[test]
fn every_slot_that_changes_is_told() {
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let (store, both) = run(lowering, 10_000);
        let events = both.ring.last(&store, usize::MAX);
        assert_eq!(events.len(), both.seen.len());
        assert_eq!(both.ring.taken(), both.seen.len() as u64);
        assert_eq!(events[0].flow, None, "the last step is the division");
        for (event, (expected, before, after)) in events.iter().rev().zip(&both.seen) {
            assert_eq!(&RingEvent { effects: Vec::new(), ..event.clone() }, expected);
            let told: BTreeMap<u32, (u64, u64)> = event.effects.iter().filter_map(slot).collect();
            for (&slot, &(old, new)) in &told {
                let (before, after) = (before[slot as usize], after[slot as usize]);
                assert_eq!((old, new), (before, after), "{event:?}: slot {slot}");
            }
            if !matches!(event.flow, Some(ControlFlow::Next | ControlFlow::Jump | ControlFlow::Return) | None)
            {
                // Another frame's slots, or the host's results.
                continue;
            }
            for slot in (0..before.len()).filter(|&slot| before[slot] != after[slot]) {
                assert!(told.contains_key(&(slot as u32)), "{event:?}: slot {slot} is not told");
            }
        }
    }
}

fn slot(effect: &RingEffect) -> Option<(u32, (u64, u64))> {
    match *effect {
        RingEffect::Slot { slot, old, new } => Some((slot, (old, new))),
        _ => None,
    }
}

#[test]
fn memory_globals_and_ranges_are_told() {
    let (store, both) = run(Lowering::Fused, 10_000);
    let events = both.ring.last(&store, usize::MAX);
    let effects: Vec<RingEffect> = events.iter().rev().flat_map(|event| event.effects.clone()).collect();
    let first =
        |wanted: fn(&RingEffect) -> bool| *effects.iter().find(|effect| wanted(effect)).expect("it is told");
    assert_eq!(
        first(|effect| matches!(effect, RingEffect::Store { size: 1, .. })),
        RingEffect::Store { addr: 12, size: 1, old: 0, new: 0xff }
    );
    let wide = first(|effect| matches!(effect, RingEffect::Store { size: 16, .. }));
    let nines = 0x0000_0009_0000_0009_0000_0009_0000_0009;
    assert_eq!(wide, RingEffect::Store { addr: 41, size: 16, old: 0, new: nines });
    assert_eq!(
        first(|effect| matches!(effect, RingEffect::Load { .. })),
        RingEffect::Load { addr: 8, size: 8 }
    );
    let global = first(|effect| matches!(effect, RingEffect::Global { index: 1, .. }));
    let sum = nines + (1 | 2 << 64);
    assert_eq!(global, RingEffect::Global { index: 1, old: 1 | 2 << 64, new: sum });
    assert_eq!(
        first(|effect| matches!(effect, RingEffect::Range { .. })),
        RingEffect::Range { from: 100, len: 20 }
    );
}

#[test]
fn a_small_ring_has_the_last_events() {
    let (store, both) = run(Lowering::Fused, 10);
    let (whole, all) = run(Lowering::Fused, 10_000);
    let events = both.ring.last(&store, usize::MAX);
    let expected = all.ring.last(&whole, events.len());
    assert!((10..200).contains(&events.len()), "{}", events.len());
    let numbers =
        |events: &[RingEvent]| events.iter().map(|event| (event.number, event.op)).collect::<Vec<_>>();
    assert_eq!(both.ring.taken(), all.ring.taken());
    assert_eq!(numbers(&events)[..10], numbers(&expected)[..10]);
    assert_eq!(both.ring.last(&store, 3).len(), 3);
}

/// A wrapper that forwards what it should not: every return twice, and of a second store as well.
struct Careless(Ring);

impl Observer for Careless {
    fn before(&mut self, step: &Step<'_>) {
        self.0.before(step);
    }

    fn after(&mut self, step: &Step<'_>, returned: Returned<'_>) -> Watch {
        self.0.after(step, returned);
        self.0.after(step, returned)
    }
}

#[test]
fn a_ring_has_events_of_one_store_only() {
    let (engine, text) = (
        Engine::default(),
        "(module (func (export \"run\") (param i32)
        (memory.fill (i32.const 0) (i32.const 1) (i32.const 9))
        (if (local.get 0) (then (unreachable)))) (memory 1))",
    );
    let module = Module::new(&engine, wat::parse_str(text).expect("well-formed")).expect("valid");
    let mut ring = Some(Careless(Ring::new(2)));
    let mut stores = Vec::new();
    for argument in [1, 0] {
        let mut store = Store::new(&engine, ());
        store.set_dispatch(Dispatch::Step);
        let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("it links");
        store.observe(ring.take().expect("it came back"));
        let run = instance.typed_func::<i32, ()>(&store, "run").expect("it is exported");
        for _ in 0..100 {
            let _ = run.call(&mut store, argument);
        }
        ring = store.take_observer::<Careless>();
        stores.push(store);
    }
    let Careless(ring) = ring.expect("it came back");
    assert!(ring.last(&stores[0], 10).is_empty(), "it is another's");
    let names: Vec<&str> = ring.last(&stores[1], 4).iter().map(|event| event.op.info().name).collect();
    assert_eq!(names[..2], ["ret", "ret"]);
}

#[test]
#[should_panic(expected = "has no slot 60000")]
fn a_slot_beyond_the_frame_is_refused() {
    struct Far;
    impl Observer for Far {
        fn after(&mut self, step: &Step<'_>, _: Returned<'_>) -> Watch {
            step.slot(60000);
            Watch::Continue
        }
    }
    let engine = Engine::default();
    let text = "(module (func (export \"run\")))";
    let module = Module::new(&engine, wat::parse_str(text).expect("well-formed")).expect("valid");
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("it links");
    store.set_dispatch(Dispatch::Step);
    store.observe(Far);
    let run = instance.typed_func::<(), ()>(&store, "run").expect("it is exported");
    let _ = run.call(&mut store, ());
}
