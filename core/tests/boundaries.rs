//! A run to a step never passes it, however the way there was.

use wasmscope_core::timeline::Live;
use wasmscope_core::*;

/// Seeks every step from the end of the run.
fn check(text: &str, arg: i32) {
    for lowering in [Lowering::Plain, Lowering::Fused] {
        let engine = Engine::new(&Config::default().lowering(lowering));
        let module = Module::new(&engine, wat::parse_str(text).expect("well-formed")).expect("valid");
        let mut live = Live::new(Store::new(&engine, ()), "test");
        let instance = live.instantiate(&mut Linker::new(&engine), &module).expect("it links");
        let main = instance.func(live.store(), "main").expect("there is a main");
        live.begin(main, &[Val::I32(arg)]).expect("it takes an i32");
        live.run_to(u64::MAX, &[]);
        let end = live.timeline().end().step;
        for step in 0..=end {
            let mut timeline = live.timeline();
            timeline.seek(end).expect("the end exists");
            timeline.seek(step).expect("the step exists");
            assert_eq!(timeline.position().step, step, "of {end}, {lowering:?}");
            assert_eq!(timeline.depth() == 0, step == end, "step {step} of {end}, {lowering:?}");
        }
    }
}

#[test]
fn through_a_chain_of_returns() {
    let text = r#"(module (func $f (export "main") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (i32.mul (call $f (i32.sub (local.get 0) (i32.const 1))) (i32.const 3)) (i32.const 1)))
            (else (i32.const 0)))))"#;
    check(text, 60);
    let text = r#"(module (func $f (export "main") (param i32) (result i32)
        (block (br_if 0 (i32.eqz (local.get 0)))
            (return (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (i32.const 1))))
        (i32.const 0)))"#;
    check(text, 60);
}
