//! The same programs under other engines: whole processes, as a user starts them.
//!
//! ```text
//! each program ──► a file, with as many rounds as take wasmi `--seconds`
//! run 1: wasmi wasmscope wasm3 iwasm        interleaved; user time of the process
//! run 2: wasmi wasmscope wasm3 iwasm        the same file under a longer name
//! medians, relative to wasmi's
//! ```
//!
//! The name is part of what is measured: an engine keeps it, so everything allocated later
//! lies elsewhere, and by that alone a loop can take a fifth longer or less, each time it is
//! started. Medians over one place would be medians of one such accident (Mytkowicz et al.,
//! *Producing wrong data without doing anything obviously wrong!*, ASPLOS 2009).
//!
//! An engine is what `--engine NAME=PATH` says or what is found on `PATH`; `wasmscope` is
//! built if nothing is said of it. An engine that is not there, refuses a program or prints
//! something else than wasmi leaves its cell empty.

use crate::Options;
use crate::child::{cargo, complaint, target, timed};
use crate::programs::{Source, source};
use crate::table::{Means, header, median};
use crate::times::PROGRAMS;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasmparser::Parser;

/// The engines, the one to compare with first, and what stands before the file.
pub(crate) const ENGINES: [(&str, &[&str]); 4] =
    [("wasmi", &["run"]), ("wasmscope", &["run"]), ("wasm3", &[]), ("iwasm", &[])];

struct Engine {
    name: &'static str,
    before: &'static [&'static str],
    path: PathBuf,
}

/// A program as engines run it.
struct Program {
    file: PathBuf,
    args: Vec<String>,
}

pub(crate) fn table(options: &Options) -> Option<String> {
    let engines = ENGINES.map(|(name, before)| {
        let path = options.engines.get(name).cloned().or_else(|| find(name))?;
        Some(Engine { name, before, path })
    });
    let Some(wasmi) = &engines[0] else {
        eprintln!("engines: no wasmi on the path; --engine wasmi=PATH says where it is");
        return None;
    };
    let titles = engines.iter().zip(ENGINES);
    let titles: Vec<String> =
        titles.map(|(engine, (name, _))| engine.as_ref().map_or(name.to_owned(), Engine::title)).collect();
    let mut table = header("program", titles.iter().map(String::as_str));
    let mut means = Means::new(engines.len() - 1);
    let folder = tempfile::tempdir().expect("a folder can be made");
    // A host of one's own is what the commands of other engines do not have.
    for (name, habit) in PROGRAMS.iter().filter(|(name, _)| *name != "host") {
        let rounds = wasmi.rounds(folder.path(), name, options.seconds)?;
        let mut program = Program::write(folder.path(), name, rounds);
        let (_, expected) = wasmi.run(&program)?;
        let mut seconds: [Vec<f64>; ENGINES.len()] = Default::default();
        let mut fit = engines.each_ref().map(Option::as_ref);
        for run in 0..options.runs {
            program.rename(name, run);
            for (engine, seconds) in fit.iter_mut().zip(&mut seconds) {
                match engine.and_then(|engine| engine.run_as(&program, &expected)) {
                    Some(took) => seconds.push(took),
                    None => *engine = None,
                }
            }
        }
        let medians = fit.iter().zip(seconds).map(|(engine, seconds)| Some(median(engine.map(|_| seconds)?)));
        let medians: Vec<Option<f64>> = medians.collect();
        let first = medians[0]?;
        let ratios = medians[1..].iter().map(|median| Some((*median)? / first));
        let _ = writeln!(table, "| {name}: {habit} | {first:.2} s |{}", means.row(ratios));
        eprintln!("engines: {name}: {rounds} rounds");
    }
    Some(table + &means.last_row())
}

/// Where an engine is.
fn find(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    if name != "wasmscope" {
        let path = std::env::var_os("PATH")?;
        return std::env::split_paths(&path).map(|folder| folder.join(&file)).find(|path| path.is_file());
    }
    let mut build = cargo();
    build.args(["build", "--release", "--quiet", "-p", "wasmscope", "--target-dir"]).arg(target());
    let output = build.output().expect("cargo runs");
    if !output.status.success() {
        eprintln!("engines: wasmscope: {}", complaint(&output));
        return None;
    }
    Some(target().join("release").join(file))
}

impl Engine {
    /// Its name and version, if it says one.
    fn title(&self) -> String {
        let said = Command::new(&self.path).arg("--version").output();
        let said = said.map_or_else(|_| String::new(), |it| String::from_utf8_lossy(&it.stdout).into_owned());
        let mut words = said.split_whitespace().map(|word| word.trim_start_matches('v'));
        match words.find(|word| word.contains('.') && word.starts_with(|first: char| first.is_ascii_digit()))
        {
            Some(version) => format!("{} {version}", self.name),
            None => self.name.to_owned(),
        }
    }

    /// How many rounds take it so long.
    fn rounds(&self, folder: &Path, name: &str, seconds: f64) -> Option<u64> {
        let mut rounds = 1;
        loop {
            let (took, _) = self.run(&Program::write(folder, name, rounds))?;
            // From here on, starting does not matter.
            if took > seconds / 10.0 {
                return Some((rounds as f64 * seconds / took).ceil() as u64);
            }
            rounds *= 3;
        }
    }

    /// Seconds of user time, and what it prints; says so if it refuses.
    fn run(&self, program: &Program) -> Option<(f64, Vec<u8>)> {
        let mut command = Command::new(&self.path);
        command.args(self.before).arg(&program.file).args(&program.args);
        let problem = match timed(&mut command) {
            Ok((output, spent)) if output.status.success() => return Some((spent.user, output.stdout)),
            Ok((output, _)) => complaint(&output),
            Err(error) => error.to_string(),
        };
        eprintln!("engines: {}: {}: {problem}", self.name, program.file.display());
        None
    }

    /// The same if it prints what is expected.
    fn run_as(&self, program: &Program, expected: &[u8]) -> Option<f64> {
        let (took, printed) = self.run(program)?;
        if printed != expected {
            eprintln!("engines: {}: {}: prints something else", self.name, program.file.display());
            return None;
        }
        Some(took)
    }
}

impl Program {
    fn write(folder: &Path, name: &str, rounds: u64) -> Program {
        let Source { wasm, args } = source(name, rounds);
        let file = folder.join(format!("{name}.wasm"));
        std::fs::write(&file, shortest(&wasm)).expect("a file can be written");
        Program { file, args }
    }

    /// Gives the file a name of another length.
    fn rename(&mut self, name: &str, run: usize) {
        // A prime, so that lengths modulo what an allocator rounds to differ too.
        let file = self.file.with_file_name(format!("{name}{}.wasm", "-".repeat(run * 19 % 180)));
        std::fs::rename(&self.file, &file).expect("a file can be renamed");
        self.file = file;
    }
}

/// The same module with every number as short as it can be: older engines refuse the padding
/// that newer linkers leave.
fn shortest(wasm: &[u8]) -> Vec<u8> {
    let mut module = wasm_encoder::Module::new();
    let parsed = RoundtripReencoder.parse_core_module(&mut module, Parser::new(0), wasm);
    parsed.expect("the module is valid");
    module.finish()
}
