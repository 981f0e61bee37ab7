//! `wasmscope run`: a program at full speed.

use super::exit::usage;
use super::guest::{Guest, LoweringArg, Stdin, Stdout};
use super::out::{Look, note};
use super::{Outcome, ending};
use clap::{Args, ValueEnum};
use std::time::{Duration, Instant};
use wasmscope_core::Dispatch;

/// Run a program at full speed
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope run prog.wasm
  wasmscope run --dir data::. prog.wasm -- -v input.txt
  wasmscope run --invoke add add.wat 2 3
  wasmscope run --stats prog.wasm

The program's exit code is passed on. After a trap it is 134, and the trap's kind, place and
backtrace are on stderr. A module without _start is only instantiated.")]
pub(crate) struct Run {
    #[command(flatten)]
    guest: Guest,

    /// Say at the end how many steps and ticks it took, and how long, on stderr
    #[arg(long)]
    stats: bool,

    /// Stop after so many ticks (operators), at the next branch or call
    #[arg(long, value_name = "TICKS")]
    fuel: Option<u64>,

    /// How operators become ops
    #[arg(long, value_enum, default_value_t)]
    lowering: LoweringArg,

    /// How handlers are reached; tail, unless steps or fuel are to be counted
    #[arg(long, value_enum)]
    dispatch: Option<DispatchArg>,
}

/// How handlers are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DispatchArg {
    /// Each handler jumps to the next
    Tail,
    /// The same, and steps and ticks are counted
    Counted,
    /// A loop calls one handler after the other
    Step,
}

impl Run {
    pub(crate) fn run(self, look: &Look) -> Outcome {
        if self.fuel.is_some() && self.dispatch == Some(DispatchArg::Tail) {
            return Err(usage("--fuel needs --dispatch counted or step"));
        }
        let mut guest = self.guest.prepare(self.lowering.into(), Stdin::Process, Stdout::ProcessOrEnd)?;
        let dispatch = self.dispatch();
        guest.store.set_dispatch(dispatch);
        guest.store.set_fuel(self.fuel);
        let start = Instant::now();
        let ended = guest.go()?;
        let time = start.elapsed();
        guest.say_if_nothing_runs(&ended);
        let exit = ending::report(&ended, look)?;
        if self.stats {
            let counted = dispatch.is_counted().then(|| (guest.store.steps(), guest.store.ticks()));
            stats(counted, time);
        }
        Ok(exit)
    }

    fn dispatch(&self) -> Dispatch {
        match self.dispatch {
            Some(DispatchArg::Tail) => Dispatch::Tail,
            Some(DispatchArg::Counted) => Dispatch::Counted,
            Some(DispatchArg::Step) => Dispatch::Step,
            None if self.stats || self.fuel.is_some() => Dispatch::Counted,
            None => Dispatch::Tail,
        }
    }
}

fn stats(counted: Option<(u64, u64)>, time: Duration) {
    match counted {
        Some((steps, ticks)) => {
            note(format_args!("steps  {steps}"));
            note(format_args!("ticks  {ticks}"));
            let speed = steps as f64 / time.as_secs_f64().max(1e-9) / 1e6;
            note(format_args!("time   {:.6} s, {speed:.1} million steps a second", time.as_secs_f64()));
        }
        None => {
            note(format_args!("steps  not counted under tail dispatch"));
            note(format_args!("time   {:.6} s", time.as_secs_f64()));
        }
    }
}
