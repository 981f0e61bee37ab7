//! A program and the world it is given: the options that `run`, `record` and `debug` share.
//!
//! ```text
//! options ──prepare──► Prepared { module, store, linker, entry } ──go──► results, or why not
//! ```
//!
//! Always: whatever can be refused before the program runs (file, export, arguments, folders)
//! is refused by `prepare`, so nothing has happened yet.
//! Elsewhere: what is said about the end of a run (`ending`).

use super::exit::usage;
use super::out::note;
use super::{load, values};
use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use wasmscope_core::module::{ExternKind, ModuleData};
use wasmscope_core::wasi::{self, WasiCtx, WasiCtxBuilder};
use wasmscope_core::{
    CallError, Config, Engine, Instance, LinkError, Linker, Lowering, MissingImports, Module, Store, Val,
};
use wasmscope_trace_format::dump::Clean;
use wasmscope_tui::source::Program;

/// What to run, and what it may see of the outside.
#[derive(Clone, Debug, Args)]
pub(crate) struct Guest {
    /// The program: a .wasm or .wat file, or - for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Its arguments; those that start with a dash stand behind --
    #[arg(value_name = "ARGS", allow_negative_numbers = true)]
    pub(crate) args: Vec<OsString>,

    #[command(flatten)]
    pub(crate) world: World,
}

/// What a program may see of the outside, and how it starts.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct World {
    /// A folder the program may use, and what it is called there
    #[arg(long = "dir", value_name = "HOST[::GUEST]")]
    dirs: Vec<String>,

    /// An environment variable for the program; without a value, the one set here
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    env: Vec<String>,

    /// A file to be the program's standard input
    #[arg(long, value_name = "FILE")]
    stdin: Option<PathBuf>,

    /// Call this exported function with ARGS instead of starting the program
    #[arg(long, value_name = "EXPORT")]
    invoke: Option<String>,

    /// What to do about imports that do not exist here
    #[arg(long, value_name = "WHAT", default_value = "refuse")]
    missing_imports: Missing,
}

/// What to do about imports that nothing is defined for.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Missing {
    /// Do not run the program
    #[default]
    Refuse,
    /// Run it; calling one is a trap
    Trap,
}

/// How operators become ops.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum LoweringArg {
    /// One op for every operator: the finest steps
    Plain,
    /// Operators combined where that is faster
    #[default]
    Fused,
}

impl From<LoweringArg> for Lowering {
    fn from(arg: LoweringArg) -> Lowering {
        match arg {
            LoweringArg::Plain => Lowering::Plain,
            LoweringArg::Fused => Lowering::Fused,
        }
    }
}

/// Where the program's standard input comes from if no file is named.
pub(crate) enum Stdin {
    /// This process's own; waiting for it blocks.
    Process,
    /// Whoever debugs the program gives it line by line.
    Given,
    /// Nowhere: the run ends when the program asks for it.
    Nowhere,
}

/// Where the program's standard output goes.
pub(crate) enum Stdout {
    /// This process's own. When its reader has gone the process ends.
    ProcessOrEnd,
    /// This process's own. When its reader has gone the guest hears of it.
    Process,
    /// This process's stderr, because stdout is taken.
    Stderr,
    /// Nowhere, like its standard error: both are shown where the program is debugged.
    Shown,
    /// Into this; standard error goes nowhere.
    Into(Box<dyn Write + Send>),
}

/// A program about to start.
pub(crate) struct Prepared {
    /// Its file's name.
    pub(crate) name: String,
    /// Its arguments, as text.
    pub(crate) args: Vec<String>,
    /// The program.
    pub(crate) module: Module,
    /// The machine it will run on; nothing is instantiated yet.
    pub(crate) store: Store<WasiCtx>,
    linker: Linker<WasiCtx>,
    entry: Entry,
}

/// What is called.
enum Entry {
    /// An export, with arguments; `initialize` is called before.
    Call { export: String, args: Vec<Val>, initialize: bool },
    /// Nothing: the module has no `_start`.
    Nothing,
}

impl Guest {
    /// Reads the program and sets up its world.
    pub(crate) fn prepare(
        &self,
        lowering: Lowering,
        stdin: Stdin,
        stdout: Stdout,
    ) -> anyhow::Result<Prepared> {
        self.prepare_from(load::read(&self.file)?, lowering, stdin, stdout)
    }

    /// The same for a program that has been read.
    pub(crate) fn prepare_from(
        &self,
        input: load::Input,
        lowering: Lowering,
        stdin: Stdin,
        stdout: Stdout,
    ) -> anyhow::Result<Prepared> {
        let engine = Engine::new(&Config::default().lowering(lowering));
        let module = input.module(&engine)?;
        let entry = self.entry(module.data()).map_err(|error| match error.is::<super::Usage>() {
            true => error,
            false => error.context(input.shown.clone()),
        })?;
        let ctx = self.context(&input.name, stdin, stdout)?;
        let store = Store::new(&engine, ctx);
        let mut linker = Linker::new(&engine);
        wasi::add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx);
        if let Missing::Trap = self.world.missing_imports {
            linker.missing_imports(MissingImports::Trap);
        }
        Ok(Prepared { name: input.name, args: self.words(), module, store, linker, entry })
    }

    fn words(&self) -> Vec<String> {
        self.args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect()
    }

    fn entry(&self, module: &ModuleData) -> anyhow::Result<Entry> {
        let func = |name: &str| {
            let export = module.export(name)?;
            (export.kind == ExternKind::Func).then(|| module.func_type(export.index))
        };
        let initialize = func("_initialize").is_some_and(|ty| ty.params().is_empty());
        let Some(name) = &self.world.invoke else {
            let Some(ty) = func("_start") else { return Ok(Entry::Nothing) };
            let args = values::parse_all(&[], ty).map_err(|problem| anyhow!("_start: {problem}"))?;
            return Ok(Entry::Call { export: "_start".into(), args, initialize: false });
        };
        let ty = func(name)
            .ok_or_else(|| usage(format!("no exported function '{name}'; {}", exports_text(module))))?;
        let args = values::parse_all(&self.words(), ty).map_err(|problem| values::refusal(name, problem))?;
        Ok(Entry::Call { export: name.clone(), args, initialize })
    }

    fn context(&self, name: &str, stdin: Stdin, stdout: Stdout) -> anyhow::Result<WasiCtx> {
        let mut ctx = WasiCtx::builder().arg(name);
        if !matches!(stdout, Stdout::Shown | Stdout::Into(_)) {
            ctx = ctx.inherit_stderr();
        }
        ctx = match stdout {
            Stdout::Shown => ctx,
            Stdout::Into(writer) => ctx.stdout(writer),
            // A terminal is never closed; and the guest is told that it is one.
            Stdout::ProcessOrEnd if io::stdout().is_terminal() => ctx.inherit_stdout(),
            Stdout::ProcessOrEnd => ctx.stdout(EndWithPipe),
            Stdout::Process => ctx.inherit_stdout(),
            Stdout::Stderr => ctx.stdout(io::stderr()),
        };
        ctx = match (&self.world.stdin, stdin) {
            (Some(file), _) => {
                let bytes = std::fs::read(file).with_context(|| load::shown(file))?;
                ctx.stdin(wasi::Input::from_bytes(bytes))
            }
            (None, Stdin::Process) => ctx.inherit_stdin(),
            (None, Stdin::Nowhere) => ctx.stdin(wasi::Input::new()),
            (None, Stdin::Given) => ctx.stdin(wasi::Input::new()).terminal(true),
        };
        if self.world.invoke.is_none() {
            ctx = ctx.args(self.args.iter().map(|arg| arg.as_encoded_bytes()));
        }
        self.world.give(ctx)
    }
}

impl World {
    fn give(&self, mut ctx: WasiCtxBuilder) -> anyhow::Result<WasiCtx> {
        for variable in &self.env {
            ctx = match variable.split_once('=') {
                Some(("", _)) => return Err(usage(format!("--env {variable}: a name is missing"))),
                Some((name, value)) => ctx.env(name, value),
                None => match std::env::var_os(variable) {
                    Some(value) => ctx.env(variable.as_str(), value.as_encoded_bytes()),
                    None => return Err(usage(format!("--env {variable}: it is not set here"))),
                },
            };
        }
        for dir in &self.dirs {
            let (host, guest) = dir.split_once("::").unwrap_or((dir, dir));
            ctx = ctx.preopen(host, guest).with_context(|| format!("--dir {dir}"))?;
        }
        Ok(ctx.build())
    }
}

impl Prepared {
    /// Instantiates the program and calls what is to be called. `Ok(None)` if that is nothing.
    ///
    /// # Errors
    /// If it cannot be linked; the inner error is the program's own end.
    pub(crate) fn go(&mut self) -> anyhow::Result<Result<Option<Vec<Val>>, CallError>> {
        let instance = match self.linker.instantiate(&mut self.store, &self.module) {
            Ok(instance) => instance,
            Err(LinkError::Start(error)) => return Ok(Err(error)),
            Err(error) => return Err(link_refusal(&self.name, self.module.data(), error)),
        };
        let Entry::Call { export, args, initialize } = &self.entry else { return Ok(Ok(None)) };
        if *initialize && let Err(error) = call(&mut self.store, instance, "_initialize", &[]) {
            return Ok(Err(error));
        }
        Ok(call(&mut self.store, instance, export, args).map(Some))
    }

    /// The program for the terminal interface.
    pub(crate) fn into_program(self) -> Program {
        let Prepared { name, module, store, linker, entry, .. } = self;
        let mut calls = Vec::new();
        if let Entry::Call { export, args, initialize } = entry {
            calls.extend(initialize.then(|| ("_initialize".to_owned(), Vec::new())));
            calls.push((export, args));
        }
        Program { name, module, store, linker, calls }
    }

    /// Says so if the module has nothing that is called.
    pub(crate) fn say_if_nothing_runs(&self, ended: &Result<Option<Vec<Val>>, CallError>) {
        if matches!(ended, Ok(None)) {
            let (name, exports) = (Clean(&self.name), exports_text(self.module.data()));
            note(format_args!("{name}: instantiated; it has no _start; {exports}, which --invoke calls"));
        }
    }
}

fn call(
    store: &mut Store<WasiCtx>,
    instance: Instance,
    export: &str,
    args: &[Val],
) -> Result<Vec<Val>, CallError> {
    let func = instance.func(store, export).expect("the export was found before");
    func.call_values(store, args)
}

fn link_refusal(name: &str, module: &ModuleData, error: LinkError) -> anyhow::Error {
    let name = Clean(name);
    let LinkError::UnknownImport { kind, .. } = error else { return anyhow!("{name}: {error}") };
    let other = module.imports.iter().find(|import| import.ty.kind() != ExternKind::Func);
    match other {
        None => anyhow!("{name}: {error}; --missing-imports trap runs the program until it calls it"),
        Some(_) if kind != ExternKind::Func => anyhow!("{name}: {error}; only functions can be made up"),
        Some(other) => {
            let (kind, module, field) = (other.ty.kind(), Clean(&other.module), Clean(&other.name));
            anyhow!(
                "{name}: {error}; nor is there a {kind} {module}.{field}, and only functions can be made up"
            )
        }
    }
}

/// The exported functions in words.
fn exports_text(module: &ModuleData) -> String {
    let of_funcs = module.exports.iter().filter(|export| export.kind == ExternKind::Func);
    let names: Vec<String> = of_funcs.map(|export| Clean(&export.name).to_string()).collect();
    match names.len() {
        0 => "the module exports no functions".to_owned(),
        len if len > 20 => format!("the module exports {} and {} more", names[..20].join(", "), len - 20),
        _ => format!("the module exports {}", names.join(", ")),
    }
}

/// This process's stdout. A native program whose reader goes away is killed by a signal; here
/// the process ends the same way instead of leaving the guest to print for ever.
struct EndWithPipe;

impl Write for EndWithPipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        end_with_pipe(io::stdout().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        end_with_pipe(io::stdout().flush())
    }
}

fn end_with_pipe<T>(result: io::Result<T>) -> io::Result<T> {
    if let Err(error) = &result
        && error.kind() == io::ErrorKind::BrokenPipe
    {
        std::process::exit(super::Exit::PIPE.0);
    }
    result
}
