//! A run long enough for many checkpoints, for the tests of what is done with recordings.

use wasmscope_core::record::{RecordOptions, Recorder};
use wasmscope_core::*;
use wasmscope_trace_format::Profile;

/// The run, recorded; and what it was of.
pub(crate) fn recorded(profile: Profile) -> (Vec<u8>, Engine, Module) {
    let text = r#"(module
        (memory (export "memory") 4)
        (global $round (mut i32) (i32.const 0))
        (func $work (param $from i32) (result i32) (local $at i32)
            (local.set $at (i32.const 20000))
            (loop $again
                (i32.store (i32.add (local.get $from) (i32.and (local.get $at) (i32.const 0xffc)))
                    (i32.xor (local.get $at) (local.get $from)))
                (br_if $again (local.tee $at (i32.sub (local.get $at) (i32.const 1)))))
            (i32.load (local.get $from)))
        (func (export "main") (result i32) (local $sum i32)
            (loop $again
                (local.set $sum (i32.add (local.get $sum) (call $work (i32.shl (i32.and (global.get $round) (i32.const 7)) (i32.const 12)))))
                (if (i32.eq (global.get $round) (i32.const 37))
                    (then (i32.store (i32.const 200000) (local.get $sum))))
                (global.set $round (i32.add (global.get $round) (i32.const 1)))
                (br_if $again (i32.lt_u (global.get $round) (i32.const 90))))
            (local.get $sum)))"#;
    let engine = Engine::new(&Config::default());
    let module = Module::new(&engine, wat::parse_str(text).expect("well-formed")).expect("valid");
    let mut store = Store::new(&engine, ());
    let options = RecordOptions { profile, ..RecordOptions::default() };
    let recorder =
        Recorder::with_options(&mut store, Vec::new(), "work", &[], &options).expect("memory takes it");
    let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("it links");
    let main = instance.func(&store, "main").expect("there is a main");
    main.call_values(&mut store, &[]).expect("it returns");
    (recorder.finish(&mut store, Ok(())).expect("memory takes it"), engine, module)
}
