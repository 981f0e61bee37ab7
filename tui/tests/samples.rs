//! Every sample, by what its `sample.toml` promises.
//!
//! ```text
//! samples/*/sample.toml ──► engine: tail, counted, step × plain, fused    output, end, globals, ticks
//!                       ──► binary: run
//!                       ──► binary: record (log, full) ─► info ─► dump   both profiles, same lines
//! ```
//!
//! The expected results come from other engines. Steps must be the same under every dispatcher,
//! ticks under every lowering as well.

mod shell;

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use wasmscope_core::wasi::{Capture, Input, WasiCtx, add_to_linker};
use wasmscope_core::{CallError, Config, Dispatch, Engine, LinkError, Linker, Lowering, Module, Store, Val};

/// What `samples/README.md` describes.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    #[serde(skip)]
    folder: PathBuf,
    about: String,
    source: String,
    build: String,
    module: String,
    args: Vec<String>,
    stdin: Option<String>,
    dir: Option<String>,
    #[serde(default)]
    writes: bool,
    exit: Option<i32>,
    trap: Option<String>,
    #[serde(default)]
    globals: Vec<String>,
    expected: String,
}

/// How a run ended, in the words of `sample.toml`, and what it cost.
struct Ran {
    output: Vec<u8>,
    end: String,
    globals: Vec<String>,
    steps: u64,
    ticks: u64,
}

fn main() {
    let mut args = Arguments::from_args();
    // Many short runs; the tests of the binary start processes of their own.
    args.test_threads.get_or_insert(2);
    let samples = shell::root().join("samples");
    let folders = std::fs::read_dir(&samples).expect("the samples are there");
    let mut trials = Vec::new();
    for folder in folders.map(|entry| entry.expect("the folder can be read").path()) {
        if folder.join("sample.toml").exists() {
            let name = folder.file_name().expect("it has a name").to_string_lossy().into_owned();
            let sample = Sample::load(&folder);
            let (engine, binary, recorded) = (sample.clone(), sample.clone(), sample);
            trials.push(Trial::test(format!("{name}/engine"), move || engine.under_every_configuration()));
            trials.push(Trial::test(format!("{name}/run"), move || binary.by_the_binary()));
            trials.push(Trial::test(format!("{name}/record"), move || recorded.recorded_and_reopened()));
        }
    }
    assert!(trials.len() >= 16, "at least eight samples");
    libtest_mimic::run(&args, trials).exit();
}

impl Sample {
    fn load(folder: &Path) -> Sample {
        let text = std::fs::read_to_string(folder.join("sample.toml")).expect("it can be read");
        let sample: Sample =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let described = [&sample.about, &sample.source, &sample.build];
        assert!(described.iter().all(|text| !text.is_empty()), "{}: something is empty", folder.display());
        assert!(folder.join(&sample.source).exists(), "{}: no source", folder.display());
        Sample { folder: folder.to_owned(), ..sample }
    }

    fn end(&self) -> String {
        match (self.exit, &self.trap) {
            (Some(code), None) => format!("exit {code}"),
            (None, Some(trap)) => trap.clone(),
            _ => panic!("{}: exit or trap", self.folder.display()),
        }
    }

    fn read(&self, file: &str) -> Vec<u8> {
        let path = self.folder.join(file);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn under_every_configuration(&self) -> Result<(), Failed> {
        let mut ticks = None;
        for lowering in [Lowering::Plain, Lowering::Fused] {
            let mut steps = None;
            for dispatch in [Dispatch::Tail, Dispatch::Counted, Dispatch::Step] {
                let which = format!("{dispatch:?} {lowering:?}");
                let ran = self.run(dispatch, lowering);
                same(
                    &which,
                    "output",
                    &String::from_utf8_lossy(&ran.output),
                    &String::from_utf8_lossy(&self.read(&self.expected)),
                )?;
                same(&which, "end", &ran.end, &self.end())?;
                same(&which, "globals", &ran.globals, &self.globals)?;
                if dispatch != Dispatch::Tail {
                    same(&which, "steps", &ran.steps, steps.get_or_insert(ran.steps))?;
                    same(&which, "ticks", &ran.ticks, ticks.get_or_insert(ran.ticks))?;
                }
            }
        }
        match (ticks, self.listed_ticks()) {
            (Some(ticks), Some(listed)) => same("samples/README.md", "ticks", &ticks, &listed),
            _ => Ok(()),
        }
    }

    /// The ticks that the table in `samples/README.md` lists, counted by another engine: by
    /// basic blocks, so not to the operator where one traps. A program that looks at its folder
    /// depends on what its host says there.
    fn listed_ticks(&self) -> Option<u64> {
        if self.trap.is_some() || self.dir.is_some() {
            return None;
        }
        let text = std::fs::read_to_string(self.folder.with_file_name("README.md")).expect("it is there");
        let name = self.folder.file_name()?.to_string_lossy();
        let row = text
            .lines()
            .find(|line| line.starts_with(&format!("| [{name}](")))
            .expect("every sample is listed");
        let last = row.trim_end_matches([' ', '|']).rsplit('|').next()?;
        last.replace(' ', "").parse().ok()
    }

    /// A folder the sample may write to, if it does.
    fn files(&self) -> Option<(PathBuf, Option<tempfile::TempDir>)> {
        let from = self.folder.join(self.dir.as_ref()?);
        if !self.writes {
            return Some((from, None));
        }
        let copy = tempfile::tempdir().expect("a folder can be made");
        shell::copy(&from, copy.path());
        Some((copy.path().to_owned(), Some(copy)))
    }

    fn run(&self, dispatch: Dispatch, lowering: Lowering) -> Ran {
        let engine = Engine::new(&Config::default().lowering(lowering));
        let module = Module::new(&engine, self.read(&self.module)).expect("the module is valid");
        let printed = Capture::new();
        let input = self.stdin.as_ref().map_or_else(Vec::new, |file| self.read(file));
        let mut ctx = WasiCtx::builder().arg(self.module.as_str()).args(self.args.iter().map(String::as_str));
        ctx = ctx.stdin(Input::from_bytes(input)).stdout(printed.clone()).deterministic();
        let files = self.files();
        if let Some((path, _)) = &files {
            ctx = ctx.preopen(path, ".").expect("the folder is there");
        }
        let mut store = Store::new(&engine, ctx.build());
        store.set_dispatch(dispatch);
        let mut linker = Linker::new(&engine);
        add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx);
        let instance = linker.instantiate(&mut store, &module);
        let ended = match &instance {
            Ok(instance) => {
                let start = instance.func(&store, "_start").expect("samples are commands");
                start.call(&mut store, &[], &mut [])
            }
            Err(LinkError::Start(error)) => Err(error.clone()),
            Err(error) => panic!("{error}"),
        };
        let end = match ended {
            Ok(()) => "exit 0".to_owned(),
            Err(CallError::Exit(code)) => format!("exit {code}"),
            Err(CallError::Trap(report)) => report.code.to_string(),
            Err(error) => error.to_string(),
        };
        let global = |promise: &String| {
            let name = promise.split('=').next().expect("it has a name");
            let global = instance.as_ref().ok().and_then(|instance| instance.global(&store, name));
            match global.map(|global| global.get(&store)) {
                Some(Val::I32(value)) => format!("{name}={value}"),
                Some(Val::I64(value)) => format!("{name}={value}"),
                Some(Val::F64(bits)) => format!("{name}={}", f64::from_bits(bits)),
                other => format!("{name}={other:?}"),
            }
        };
        let globals = self.globals.iter().map(global).collect();
        Ran { output: printed.take(), end, globals, steps: store.steps(), ticks: store.ticks() }
    }

    /// A command line of the binary, in the sample's folder.
    fn command(&self, words: &[&str], files: Option<&Path>) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wasmscope"));
        command.current_dir(&self.folder).args(words).stdin(std::process::Stdio::null());
        if let Some(files) = files {
            command.arg("--dir").arg(format!("{}::.", files.display()));
        }
        if let Some(stdin) = &self.stdin {
            command.args(["--stdin", stdin]);
        }
        command.arg(&self.module).arg("--").args(&self.args);
        command
    }

    fn by_the_binary(&self) -> Result<(), Failed> {
        let files = self.files();
        let output = self.command(&["run"], files.as_ref().map(|(path, _)| path.as_path())).output()?;
        self.check_output("run", &output)
    }

    /// Records under both profiles, and reads windows of the recordings.
    fn recorded_and_reopened(&self) -> Result<(), Failed> {
        let folder = tempfile::tempdir()?;
        let mut facts = Vec::new();
        for profile in ["log", "full"] {
            let trace = folder.path().join(profile).display().to_string();
            let files = self.files();
            let words = ["record", "--profile", profile, "-o", &trace];
            let output = self.command(&words, files.as_ref().map(|(path, _)| path.as_path())).output()?;
            self.check_output(profile, &output)?;
            let info: serde_json::Value = serde_json::from_slice(&read(&["info", "--json", &trace])?)?;
            same(profile, "profile", &info["profile"], &profile.into())?;
            same(profile, "complete", &info["complete"], &true.into())?;
            facts
                .push((trace, [info["steps"].as_u64(), info["ticks"].as_u64(), info["host_calls"].as_u64()]));
        }
        // Clocks and random numbers may lead two runs of a program different ways.
        let [(log, facts), (full, other)] = &facts[..] else { unreachable!("two profiles") };
        same("log, full", "steps, ticks, host calls", other, facts)?;
        let steps = facts[0].expect("a number");
        for from in [0, steps / 3, steps.saturating_sub(20)] {
            let window = |trace: &str| {
                let from = from.to_string();
                let words = ["dump", trace, "--json", "--from", &from, "--count", "60"];
                read(&words).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            };
            let (log, full) = (window(log)?, window(full)?);
            same("log, full", "lines of dump", &full, &log)?;
            same("dump", "lines", &(log.lines().count() as u64), &60.min(steps - from))?;
            for (line, step) in log.lines().zip(from..) {
                let event: serde_json::Value = serde_json::from_str(line)?;
                same("dump", "step", &event["step"], &step.into())?;
            }
        }
        Ok(())
    }

    fn check_output(&self, which: &str, output: &std::process::Output) -> Result<(), Failed> {
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        same(which, "output", &stdout, &String::from_utf8_lossy(&self.read(&self.expected)))?;
        same(which, "exit code", &output.status.code(), &Some(self.exit.unwrap_or(134)))?;
        match &self.trap {
            Some(trap) if !stderr.contains(&format!("trap: {trap}")) => {
                Err(format!("{which}: {stderr}").into())
            }
            _ => Ok(()),
        }
    }
}

/// What a command that succeeds prints.
fn read(words: &[&str]) -> Result<Vec<u8>, Failed> {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_wasmscope")).args(words).output()?;
    match output.status.code() {
        Some(0) => Ok(output.stdout),
        code => Err(format!("{words:?}: {code:?} {}", String::from_utf8_lossy(&output.stderr)).into()),
    }
}

fn same<T: PartialEq + std::fmt::Debug + ?Sized>(
    which: &str,
    what: &str,
    got: &T,
    expect: &T,
) -> Result<(), Failed> {
    if got == expect {
        Ok(())
    } else {
        Err(format!("{which}: {what}\n  got      {got:?}\n  expected {expect:?}").into())
    }
}
