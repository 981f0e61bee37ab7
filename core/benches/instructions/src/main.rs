//! Compares host instructions with those stored for this compiler.
//!
//! ```text
//! cargo run --release -- check     1 if one has changed by more than 3 %,
//!                                  3 if nothing is stored for this compiler
//! cargo run --release -- update    stores the present ones: a change on purpose
//!
//! baseline/1.95.0.txt    tail arithmetic 561525
//! ```
//!
//! Elsewhere: what is counted (`ops.rs`).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

/// A change of more than this fails.
const LIMIT: f64 = 0.03;

/// The exit code where there is nothing to compare with, which guards nothing.
const UNGUARDED: u8 = 3;

fn main() -> ExitCode {
    let update = match std::env::args().nth(1).as_deref() {
        Some("check") => false,
        Some("update") => true,
        _ => {
            eprintln!("usage: check | update");
            return ExitCode::from(2);
        }
    };
    let Some(version) = rustc() else {
        eprintln!("rustc does not say its version");
        return ExitCode::FAILURE;
    };
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("baseline/{version}.txt"));
    let counts = match count() {
        Ok(counts) => counts,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    };
    if update {
        let text: String = counts.iter().map(|(name, count)| format!("{name} {count}\n")).collect();
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("the folder can be made");
        std::fs::write(&path, text).expect("the baseline can be written");
        println!("{} counts stored for rustc {version}", counts.len());
        return ExitCode::SUCCESS;
    }
    let Ok(text) = std::fs::read_to_string(&path) else {
        return unguarded(&version, &counts);
    };
    compare(&parse(&text), &counts)
}

/// Says how the counts of a compiler that nothing is stored for are guarded from now on, and what
/// they are.
fn unguarded(version: &str, counts: &BTreeMap<String, u64>) -> ExitCode {
    for (name, count) in counts {
        println!("{name:<24} {count:>10}");
    }
    println!(
        "nothing is stored for rustc {version}, so these counts are not guarded\n\
         to guard them: look at them beside those of another compiler in core/benches/instructions/baseline,\n\
         run `cargo run --release -- update` in core/benches/instructions, and commit baseline/{version}.txt"
    );
    ExitCode::from(UNGUARDED)
}

/// Prints what has changed; fails if that is too much.
fn compare(stored: &BTreeMap<String, u64>, counts: &BTreeMap<String, u64>) -> ExitCode {
    let mut bad = 0;
    for (name, &count) in counts {
        let Some(&before) = stored.get(name) else {
            println!("{name:<24} {count:>10}  not stored");
            bad += 1;
            continue;
        };
        let change = count as f64 / before as f64 - 1.0;
        if change.abs() > LIMIT {
            println!("{name:<24} {before:>10} -> {count:>10}  {:+.1} %", change * 100.0);
            bad += 1;
        }
    }
    for name in stored.keys().filter(|name| !counts.contains_key(*name)) {
        println!("{name:<24} is gone");
        bad += 1;
    }
    match bad {
        0 => println!("{} counts are within {:.0} % of those stored", counts.len(), LIMIT * 100.0),
        _ => println!("{bad} of {} counts differ; `update` stores them if that is meant", counts.len()),
    }
    ExitCode::from(u8::from(bad > 0))
}

fn parse(text: &str) -> BTreeMap<String, u64> {
    let lines = text.lines().filter_map(|line| line.rsplit_once(' '));
    lines.filter_map(|(name, count)| Some((name.to_owned(), count.parse().ok()?))).collect()
}

/// Runs the benchmark; instructions by dispatcher and program.
fn count() -> Result<BTreeMap<String, u64>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["bench", "--quiet", "--bench", "ops", "--", "--output-format=json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| error.to_string())?;
    let mut counts = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.starts_with('{')) {
        let run: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let count = run["profiles"][0]["data"]["total"]["metrics"]["Ir"]["values"]["new"].as_u64();
        let program = run["description"].as_str().and_then(|text| text.split('"').nth(1));
        let (Some(count), Some(program), Some(variant)) = (count, program, run["function_name"].as_str())
        else {
            return Err(format!("unexpected output: {line}"));
        };
        counts.insert(format!("{variant} {program}"), count);
    }
    match counts.is_empty() {
        true => Err("nothing was counted; are valgrind and gungraun-runner installed?".into()),
        false => Ok(counts),
    }
}

/// The compiler's version, `1.95.0`.
fn rustc() -> Option<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().ok()?;
    String::from_utf8(output.stdout).ok()?.split_whitespace().nth(1).map(str::to_owned)
}
