//! `wasmscope debug`: a program that runs as far as one asks it to, in the terminal; or, without
//! one, all that it does as text.

use super::dump::{Print, Wanted};
use super::guest::{Guest, LoweringArg, Stdin, Stdout};
use super::open::left;
use super::out::{Look, note};
use super::record::record_in_memory;
use super::script::Commands;
use super::{Outcome, ending, load};
use clap::Args;
use std::path::PathBuf;
use wasmscope_tui::{source, term};

/// Run a program step by step, forwards and backwards
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope debug prog.wasm
  wasmscope debug --dir . prog.wasm -- -v input.txt
  wasmscope debug --invoke add add.wat 2 3
  wasmscope debug prog.wasm -e 'watch 0x400..0x408' -e continue -e where

Without a terminal the program runs to its end and its events are printed as by dump; what it
prints itself goes to standard error.")]
pub(crate) struct Debug {
    #[command(flatten)]
    guest: Guest,

    /// How operators become ops; it decides what a step is
    #[arg(long, value_enum, default_value_t)]
    lowering: LoweringArg,

    #[command(flatten)]
    commands: Commands,
}

impl Debug {
    /// Debugs a program that is given nothing but arguments.
    pub(crate) fn new(file: PathBuf, args: Vec<std::ffi::OsString>) -> Debug {
        let guest = Guest { file, args, world: Default::default() };
        Debug { guest, lowering: LoweringArg::default(), commands: Commands::default() }
    }

    pub(crate) fn run(self, look: &Look) -> Outcome {
        let input = load::read(&self.guest.file)?;
        self.run_input(input, look)
    }

    /// The demo that is built in. It has run already: a newcomer finds a whole run to walk about in.
    pub(crate) fn demo(look: &Look) -> Outcome {
        let input = load::demo();
        let debug = Debug::new(PathBuf::from(&input.name), Vec::new());
        if !term::available() {
            return debug.run_input(input, look);
        }
        let lowering = debug.lowering.into();
        let mut guest = debug.guest.prepare_from(input, lowering, Stdin::Given, Stdout::Shown)?;
        let (_, reader) = record_in_memory(&mut guest)?;
        Ok(left(source::open_trace(
            load::timeline(reader, "demo", None, look)?,
            "demo",
            None,
            look.screen(Vec::new(), true)?,
        )?))
    }

    fn run_input(self, input: load::Input, look: &Look) -> Outcome {
        if self.commands.given()? {
            let guest = self.guest.prepare_from(input, self.lowering.into(), Stdin::Given, Stdout::Shown)?;
            let source = source::LiveSource::start(guest.into_program())?;
            let (folders, named) = look.source_files(&look.settings()?.1);
            return self.commands.run(Box::new(source.with_sources(folders, named)), 0, look);
        }
        if term::available() {
            let guest = self.guest.prepare_from(input, self.lowering.into(), Stdin::Given, Stdout::Shown)?;
            return Ok(left(source::debug(
                guest.into_program(),
                look.screen(Vec::new(), self.commands.fresh)?,
            )?));
        }
        let mut guest =
            self.guest.prepare_from(input, self.lowering.into(), Stdin::Process, Stdout::Stderr)?;
        let (ended, reader) = record_in_memory(&mut guest)?;
        guest.say_if_nothing_runs(&ended);
        let name = guest.name.clone();
        match &ended {
            Ok(results) => {
                for value in results.iter().flatten() {
                    note(format_args!("result {value}"));
                }
            }
            Err(_) => drop(ending::report(&ended, look)?),
        }
        Print::default().steps(reader, &name, Wanted::default(), look, || None)
    }
}
