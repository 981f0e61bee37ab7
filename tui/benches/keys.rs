//! How long a key waits for its answer while the whole run is still being counted. The aim is 16 ms.
//!
//! ```text
//! cargo bench -p wasmscope --bench keys
//! ```
//!
//! The real binary in a pseudo-terminal of 200×60, over a recording of 700 million steps: from the
//! byte typed to the emulator's screen that shows the step it leads to. Keys are typed one by one, each when
//! the one before is answered. Where other programs want the processors too, most of that is waiting for them;
//! so the last column says what answering took of a processor, all threads but those that count.

#[path = "../tests/terminal/mod.rs"]
mod terminal;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use terminal::Pty;

/// What is typed, and what it does.
const KEYS: [(&str, &str); 6] = [
    ("j", "a step"),
    ("k", "a step back"),
    ("n", "over"),
    ("s", "into"),
    ("1000j", "1000 steps"),
    ("700k", "700 steps back"),
];

/// The threads that nobody waits for: they count the run, find where breakpoints stop in it, make an index.
const BEHIND: [&str; 3] = ["survey", "stops", "index"];

/// The step the status line names, and whether the map of the run is whole.
fn step(pty: &Pty) -> (u64, bool) {
    let screen = pty.screen.lock().unwrap();
    let mut rows = screen.screen().rows(0, 200);
    let (line, map) = (rows.next().unwrap_or_default(), rows.next().unwrap_or_default());
    let at = line.split("step ").nth(1).and_then(|it| it.split_whitespace().next());
    let step = at.and_then(|it| it.replace(',', "").parse().ok()).unwrap_or_default();
    (step, !map.contains('·'))
}

/// The processor time of the threads that answer, if the system tells.
fn spent(pid: u32) -> Option<Duration> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let mut sum = 0;
    for task in tasks.flatten() {
        let read = |what| fs::read_to_string(task.path().join(what)).ok();
        if BEHIND.contains(&read("comm")?.trim()) {
            continue;
        }
        sum += read("schedstat")?.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    Some(Duration::from_nanos(sum))
}

fn main() {
    // `cargo test` runs benches too, to see that they work.
    let bench = std::env::args().any(|it| it == "--bench");
    let (rounds, size) = if bench { (60, "1000") } else { (1, "8") };
    let trace = Path::new(env!("CARGO_TARGET_TMPDIR")).join("keys.wtrace");
    let trace = trace.to_str().expect("the path is text");
    let record = ["record", "samples/mix/mix.wasm", "--force", "-o", trace, "--", size];
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasmscope"));
    let done = command.args(record).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).output();
    assert!(done.is_ok_and(|it| it.status.success()), "{record:?}");
    let mut pty = Pty::wasmscope(60, 200, &["--theme", "dark", "open", "--fresh", trace]);
    pty.shows("start of the run");
    pty.types("1000j");
    thread::sleep(Duration::from_millis(50));
    let mut took: Vec<Vec<Duration>> = vec![Vec::new(); KEYS.len()];
    let mut cost = vec![Some(Duration::ZERO); KEYS.len()];
    let mut counted = false;
    let pid = pty.child.process_id().unwrap_or_default();
    for _ in 0..rounds {
        for (at, (keys, _)) in KEYS.iter().enumerate() {
            let (before, whole) = step(&pty);
            counted |= whole;
            let (begun, spent_before) = (Instant::now(), spent(pid));
            pty.types(keys);
            while step(&pty).0 == before {
                assert!(begun.elapsed() < Duration::from_secs(20), "{keys} is not answered\n{}", pty.text());
                thread::sleep(Duration::from_micros(300));
            }
            took[at].push(begun.elapsed());
            cost[at] =
                cost[at].zip(spent(pid).zip(spent_before)).map(|(sum, (now, then))| sum + (now - then));
        }
    }
    println!("{}", pty.text().lines().take(3).collect::<Vec<_>>().join("\n"));
    println!("the whole run was{} counted before the last key", if counted { "" } else { " not" });
    println!("  median     95 %    worst   processor");
    for ((mut took, cost), (_, what)) in took.into_iter().zip(cost).zip(KEYS) {
        took.sort();
        let part = |percent: usize| took[(took.len() - 1) * percent / 100];
        let cost = cost.map_or_else(String::new, |cost| format!("{:.1?}", cost / rounds));
        println!("{:>8.1?} {:>8.1?} {:>8.1?} {cost:>11}  {what}", part(50), part(95), part(100));
    }
    pty.types("q");
    pty.left();
    let _ = std::fs::remove_file(trace);
}
