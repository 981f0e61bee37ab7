//! The command line: what the user asks for, one file per command.
//!
//! ```text
//! words ──clap──► Cli ──► cli/run, record, debug, open, info, dump, disasm, bench, completions
//!                          │ share: guest (a program and its world), load (files), values, exit, out
//!                          ▼
//!                   Exit (a number)  or  an error, which ends as `error: …` and exit code 1
//! ```
//!
//! Always: data goes to stdout, messages to stderr; usage mistakes end with 2; a reader that
//! closes stdout ends the command quietly. A command's help is the doc comment of its arguments.
//! Elsewhere: everything seen in a terminal (the library), engine and timeline (`core`).

mod bench;
mod completions;
mod config;
mod convert;
mod debug;
mod disasm;
mod dump;
mod ending;
mod exit;
mod find;
mod guest;
mod index;
mod info;
mod interrupt;
mod load;
mod open;
mod out;
mod output;
mod progress;
mod record;
mod repair;
mod run;
mod script;
mod text;
mod values;
mod verify;
mod version;

pub(crate) use exit::{Exit, Usage};

use clap::{Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use wasmscope_tui::theme::Scheme;

/// What a command comes to: how the process ends, or why it could not be done.
pub(crate) type Outcome = anyhow::Result<Exit>;

/// See every instruction a WebAssembly program executes: forwards, backwards, and why.
#[derive(Debug, Parser)]
#[command(name = "wasmscope", disable_version_flag = true, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,

    /// A program (.wasm or .wat) to debug, or a recording to open; without it, a demo
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// The program's arguments
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<OsString>,

    /// Print the version; with --verbose also how handlers are reached, and by what it was built
    #[arg(short = 'V', long)]
    version: bool,

    /// With --version: say more
    #[arg(long, requires = "version")]
    verbose: bool,
}

const EXAMPLES: &str = "\
Examples:
  wasmscope                                   a demo that is built in
  wasmscope prog.wasm                         debug a program
  wasmscope run --dir . prog.wasm -- -v in    run one, with the current directory and arguments
  wasmscope record prog.wasm                  run it and keep everything in prog.wtrace
  wasmscope prog.wtrace                       look at that
  wasmscope dump prog.wtrace --count 20       the same as text

Exit codes: 0 done, 1 error, 2 wrong usage, 3 readable with loss or a difference found,
130 interrupted; a program's own exit code is passed on, and is 134 if it trapped.";

/// What every command understands.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// When to use colours; NO_COLOR is respected too
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,

    /// The colours of the screen: dark, light, contrast, sixteen or none; else what suits the terminal
    #[arg(long, global = true, value_name = "NAME", value_parser = theme, hide_short_help = true)]
    theme: Option<Scheme>,

    /// Leave the mouse to the terminal
    #[arg(long, global = true, hide_short_help = true)]
    no_mouse: bool,

    /// Look for source files beneath this folder first; may be given several times
    #[arg(long, global = true, value_name = "DIR", hide_short_help = true)]
    source: Vec<PathBuf>,

    /// Open no source file but beneath those folders, whatever paths a module names
    #[arg(long, global = true, hide_short_help = true)]
    source_only: bool,

    /// The configuration file; without it, config.toml in the user's folder for configuration
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true, conflicts_with = "no_config")]
    config: Option<PathBuf>,

    /// Read no configuration file
    #[arg(long, global = true, hide_short_help = true)]
    no_config: bool,
}

fn theme(name: &str) -> Result<Scheme, String> {
    let names = || Scheme::ALL.map(Scheme::name).join(", ");
    Scheme::named(name).ok_or_else(|| format!("the themes are {}", names()))
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Record(record::Record),
    Debug(debug::Debug),
    Open(open::Open),
    Info(info::Info),
    Dump(dump::Dump),
    Find(find::Find),
    Index(index::MakeIndex),
    Verify(verify::Verify),
    Convert(convert::Convert),
    Repair(repair::Repair),
    Disasm(disasm::Disasm),
    Bench(bench::Bench),
    Config(config::Config),
    Completions(completions::Completions),
}

/// Runs the command line of this process and ends it.
pub(crate) fn main() {
    interrupt::outlive_file_limits();
    let words: Vec<OsString> = std::env::args_os().collect();
    let color = color_asked_for(&words);
    let parsed = Cli::command().color(color).try_get_matches_from(words);
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(words) => std::process::exit(exit::unparsed(&words).0),
    };
    let look = out::Look::new(&cli.global);
    let outcome = match cli.command {
        _ if cli.version => version::print(cli.verbose),
        Some(_) if cli.file.is_some() => Err(exit::usage("a file and a command; the command comes first")),
        Some(Command::Run(run)) => run.run(&look),
        Some(Command::Record(record)) => record.run(&look),
        Some(Command::Debug(debug)) => debug.run(&look),
        Some(Command::Open(open)) => open.run(&look),
        Some(Command::Info(info)) => info.run(),
        Some(Command::Dump(dump)) => dump.run(&look),
        Some(Command::Find(find)) => find.run(&look),
        Some(Command::Index(index)) => index.run(&look),
        Some(Command::Verify(verify)) => verify.run(&look),
        Some(Command::Convert(convert)) => convert.run(&look),
        Some(Command::Repair(repair)) => repair.run(&look),
        Some(Command::Disasm(disasm)) => disasm.run(),
        Some(Command::Bench(bench)) => bench.run(&look),
        Some(Command::Config(config)) => config.run(&look),
        Some(Command::Completions(completions)) => completions.run(),
        None => bare(cli.file, cli.args, &look),
    };
    let exit = outcome.unwrap_or_else(|error| exit::report(&error, &look));
    std::process::exit(exit.0);
}

impl Global {
    /// Which configuration file is read, and whether it has to be there.
    fn configuration(&self) -> Option<(PathBuf, bool)> {
        match &self.config {
            _ if self.no_config => None,
            Some(file) => Some((file.clone(), true)),
            None => wasmscope_tui::config::path().map(|path| (path, false)),
        }
    }
}

/// The right thing for a file, by its content; the demo without one.
fn bare(file: Option<PathBuf>, args: Vec<OsString>, look: &out::Look) -> Outcome {
    let Some(file) = file else { return debug::Debug::demo(look) };
    if load::is_trace_file(&file) {
        return open::Open::new(file).run(look);
    }
    let is_word = file.components().count() == 1 && file.extension().is_none();
    if is_word && file.as_os_str() != "-" && !file.exists() {
        let word = load::shown(&file);
        return Err(exit::usage(format!(
            "{word} is neither a command nor a file; --help lists the commands"
        )));
    }
    debug::Debug::new(file, args).run(look)
}

/// What `--color` says, known before the words are parsed, for messages about parsing them.
fn color_asked_for(words: &[OsString]) -> ColorChoice {
    let mut words = words.iter().filter_map(|word| word.to_str()).take_while(|word| *word != "--");
    let mut value = None;
    while let Some(word) = words.next() {
        match word.strip_prefix("--color") {
            Some("") => value = words.next(),
            Some(rest) => value = rest.strip_prefix('='),
            None => {}
        }
    }
    value.and_then(|value| value.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
