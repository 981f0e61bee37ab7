//! Programs to measure, how one is run, and the clock: for `benches/rates` and
//! `examples/experiment`.
//!
//! Every program is a module with a `_start` and words to start it with, so that any engine
//! can run it; but for `host`, which calls a host of ours.

use wasmscope_core::wasi::{self, WasiCtx};
use wasmscope_core::*;

/// The sample with most of the programs; its first argument is a name, its second the rounds.
pub(crate) fn kernels() -> Vec<u8> {
    include_bytes!("../../../samples/kernels/kernels.wasm").to_vec()
}

/// Programs that are not in `kernels`: a loop around these, 100 000 times a round.
fn text(name: &str, rounds: u64) -> Option<String> {
    let body = match name {
        "globals" => "(global.set $g (i32.add (global.get $g) (i32.const 3)))",
        "switch" => {
            "(block $a (block $b (block $c (block $d
                (br_table $a $b $c $d (i32.and (i32.mul (local.get $n) (i32.const 13)) (i32.const 3))))
                (global.set $g (i32.const 1)) (br $a))
                (global.set $g (i32.const 2)) (br $a))
                (global.set $g (i32.const 3)))"
        }
        "vectors" => {
            "(local.set $at (i32.and (i32.shl (local.get $n) (i32.const 4)) (i32.const 0xfff0)))
            (v128.store (local.get $at) (f32x4.add
                (f32x4.mul (v128.load (local.get $at)) (f32x4.splat (f32.const 0.5)))
                (v128.load offset=65536 (local.get $at))))"
        }
        "host" => "(global.set $g (call $id (local.get $n)))",
        _ => return None,
    };
    let import = match name {
        "host" => r#"(import "host" "id" (func $id (param i32) (result i32)))"#,
        _ => "",
    };
    let rounds = i32::try_from(rounds * 100_000).expect("a few rounds");
    Some(format!(
        r#"(module {import} (global $g (mut i32) (i32.const 0)) (memory (export "memory") 2)
        (func (export "_start") (local $n i32) (local $at i32)
            (local.set $n (i32.const {rounds}))
            (loop $l {body} (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"#
    ))
}

/// A program as an engine takes it.
pub(crate) struct Source {
    pub(crate) wasm: Vec<u8>,
    /// What it is started with, behind its name.
    pub(crate) args: Vec<String>,
}

/// A program that makes so many rounds.
pub(crate) fn source(name: &str, rounds: u64) -> Source {
    match text(name, rounds) {
        Some(text) => Source { wasm: wat::parse_str(text).expect("the text is a module"), args: Vec::new() },
        None => Source { wasm: kernels(), args: vec![name.to_owned(), rounds.to_string()] },
    }
}

/// One program on one machine.
pub(crate) struct Run {
    /// How long it took, by the clock.
    pub(crate) seconds: f64,
    /// The steps it took; 0 under dispatchers that do not count.
    pub(crate) steps: u64,
}

/// Runs `rounds` rounds of a program as `prepare` sets the store up.
pub(crate) fn run(name: &str, rounds: u64, prepare: impl FnOnce(&mut Store<WasiCtx>)) -> Run {
    run_by(now, name, rounds, prepare)
}

/// The same by a clock.
pub(crate) fn run_by(
    now: fn() -> f64,
    name: &str,
    rounds: u64,
    prepare: impl FnOnce(&mut Store<WasiCtx>),
) -> Run {
    let engine = Engine::new(&Config::default());
    let Source { wasm, args } = source(name, rounds);
    let ctx = WasiCtx::builder().arg("kernels").args(args).stdout(std::io::sink()).build();
    let mut store = Store::new(&engine, ctx);
    prepare(&mut store);
    let mut linker = Linker::new(&engine);
    wasi::add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx);
    linker.func_wrap("host", "id", |x: i32| x);
    let module = Module::new(&engine, wasm).expect("the module is valid");
    let instance = linker.instantiate(&mut store, &module).expect("its imports exist");
    let func = instance.func(&store, "_start").expect("it is exported");
    let start = now();
    func.call_values(&mut store, &[]).unwrap_or_else(|error| panic!("{name}: {error}"));
    Run { seconds: now() - start, steps: store.steps() }
}

/// Seconds this thread has run: on a machine that does other things too, those do not count.
#[cfg(unix)]
pub(crate) fn now() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Seconds since the program started.
#[cfg(not(unix))]
pub(crate) fn now() -> f64 {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed().as_secs_f64()
}
