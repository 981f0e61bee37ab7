//! How fast a long recording is opened, moved about in, and searched.
//!
//! ```text
//! cargo bench -p wasmscope-core --bench seek                 records 10^9 steps first
//! cargo bench -p wasmscope-core --bench seek -- 10000000000  so many steps
//! cargo bench -p wasmscope-core --bench seek -- run.wtrace   a recording there is
//! ```
//!
//! Prints one line per figure. The program that is recorded works through eight megabytes
//! of memory, so that checkpoints cost something.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use wasmscope_core::record::Recorder;
use wasmscope_core::timeline::{Control, Direction, Query, Timeline};
use wasmscope_core::{Config, Engine, Linker, Module, Store, Val};
use wasmscope_trace_format::{create, open};

/// Mixes memory in rounds; writes a word of its own now and then.
const PROGRAM: &str = r#"(module
    (memory (export "memory") 130)
    (global $round (mut i32) (i32.const 0))
    (func $mix (param $from i32) (param $seed i32) (result i32) (local $at i32)
        (local.set $at (i32.const 4096))
        (loop $again
            (local.set $seed (i32.add (i32.mul (local.get $seed) (i32.const 1664525)) (i32.const 1013904223)))
            (i32.store offset=65536
                (i32.add (local.get $from) (i32.and (local.get $seed) (i32.const 0xfffc)))
                (i32.xor (local.get $seed)
                    (i32.load offset=65536 (i32.add (local.get $from) (i32.and (local.get $at) (i32.const 0xfffc))))))
            (br_if $again (local.tee $at (i32.sub (local.get $at) (i32.const 1)))))
        (local.get $seed))
    (func (export "main") (param $rounds i32) (result i32) (local $seed i32)
        (loop $again
            (local.set $seed (call $mix
                (i32.shl (i32.and (global.get $round) (i32.const 0x7f)) (i32.const 16)) (local.get $seed)))
            (if (i32.eqz (i32.and (global.get $round) (i32.const 0x3fff)))
                (then (i32.store (i32.const 16) (local.get $seed))))
            (global.set $round (i32.add (global.get $round) (i32.const 1)))
            (br_if $again (i32.lt_u (global.get $round) (local.get $rounds))))
        (local.get $seed)))"#;

fn main() {
    // Cargo adds `--bench`.
    let word = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    let (path, kept) = match word.as_deref().map(|word| (word, word.parse::<u64>())) {
        Some((file, Err(_))) => (PathBuf::from(file), true),
        steps => (record(steps.and_then(|(_, steps)| steps.ok()).unwrap_or(1_000_000_000)), false),
    };
    measure(&path);
    if !kept {
        // The file is of no use to anybody.
        let _ = std::fs::remove_file(&path);
    }
}

fn say(what: &str, value: impl std::fmt::Display) {
    println!("{what:<44} {value}");
}

fn ms(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}

/// Records about so many steps, and says what that cost.
fn record(steps: u64) -> PathBuf {
    /// Steps of one round, about.
    const ROUND: u64 = 4096 * 10;
    let path = std::env::temp_dir().join(format!("wasmscope-seek-{}.wtrace", std::process::id()));
    let engine = Engine::new(&Config::default());
    let module = Module::new(&engine, wat::parse_str(PROGRAM).expect("well-formed")).expect("valid");
    let rounds = [Val::I32((steps / ROUND) as i32)];
    let run = |recorded: Option<&Path>| {
        let mut store = Store::new(&engine, ());
        let file = recorded.map(|path| create(path, true).expect("a file can be made"));
        let recorder =
            file.map(|file| Recorder::start(&mut store, file, "seek", &[]).expect("it can be written"));
        let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("it links");
        let main = instance.func(&store, "main").expect("there is a main");
        let begin = Instant::now();
        main.call_values(&mut store, &rounds).expect("it returns");
        let time = begin.elapsed();
        let steps = store.steps();
        let pauses = recorder.as_ref().and_then(Recorder::pauses);
        if let Some(recorder) = recorder {
            recorder.finish(&mut store, Ok(())).expect("it can be written");
        }
        (time, steps, pauses.unwrap_or_default())
    };
    let (plain, ..) = run(None);
    let (recorded, steps, pauses) = run(Some(&path));
    say("steps", steps);
    say("run", ms(plain));
    say("record", format!("{}, {:.3} x", ms(recorded), recorded.as_secs_f64() / plain.as_secs_f64()));
    let mean = pauses.total / (pauses.count as u32).max(1);
    let each = pauses.total.as_secs_f64() * 1e3 / (pauses.pages as f64 / 2048.0);
    say("a checkpoint's pause: mean, longest", format!("{}, {}", ms(mean), ms(pauses.longest)));
    say("for each 8 MiB of pages written", format!("{each:.3} ms, {} pages", pauses.pages));
    say_memory();
    path
}

fn measure(path: &Path) {
    let control = Control::default();
    let begin = Instant::now();
    let reader = open(path).expect("it is a trace");
    let (bytes, checkpoints) = (reader.bytes(), reader.checkpoints().len());
    let mut timeline = Timeline::open(reader, "seek").expect("it can be repeated");
    look(&mut timeline, 0);
    say("open to the first screen", ms(begin.elapsed()));
    let end = timeline.end().step;
    say("file", format!("{bytes} bytes, {checkpoints} checkpoints, {end} steps"));

    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    let mut jumps: Vec<Duration> = (0..300)
        .map(|_| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let begin = Instant::now();
            look(&mut timeline, random % end);
            begin.elapsed()
        })
        .collect();
    jumps.sort();
    let at = |part: usize| ms(jumps[(jumps.len() - 1) * part / 100]);
    say("random jump with a screen: median, 99 %, worst", format!("{}, {}, {}", at(50), at(99), at(100)));

    let middle = end / 2;
    look(&mut timeline, middle);
    let mut worst = Duration::ZERO;
    let mut sum = Duration::ZERO;
    for step in (middle..middle + 200).chain((middle..middle + 200).rev()) {
        let begin = Instant::now();
        look(&mut timeline, step);
        worst = worst.max(begin.elapsed());
        sum += begin.elapsed();
    }
    say("a step either way: mean, worst", format!("{}, {}", ms(sum / 400), ms(worst)));
    say_memory();

    for text in ["write 16+4", "read 16+4", "global 0", "func 0", "op unreachable"] {
        let Ok(query) = Query::parse(text, &mut timeline) else { continue };
        let begin = Instant::now();
        let hit = timeline.find(end, Direction::Backward, &query, &control).expect("it can be repeated");
        let found = hit.map_or("none".to_owned(), |hit| format!("step {}", hit.step));
        say(&format!("last `{text}`"), format!("{}, {found}", ms(begin.elapsed())));
    }
    say_memory();
}

/// What a screen asks for at a moment.
fn look(timeline: &mut Timeline, step: u64) {
    timeline.seek(step).expect("it exists");
    let depth = timeline.depth();
    timeline.frames(0..depth.min(50));
    if let Some(inner) = depth.checked_sub(1) {
        timeline.slots(inner);
    }
    timeline.read(0, 0, 1024);
    timeline.globals();
    timeline.events(step.saturating_sub(20)..step + 20).expect("it can be repeated");
}

/// What the system says of this process, on Linux.
fn say_memory() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(line) = status.lines().find_map(|line| line.strip_prefix("VmHWM:")) {
        say("peak memory so far, guest and all", line.trim());
    }
}
