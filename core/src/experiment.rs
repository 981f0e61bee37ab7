//! The experiment: the same program under every way of reaching the next handler.
//!
//! ```text
//! varied-match    loop { match op { … } }     each arm as its op needs it: the first, what others are compared with
//! uniform-match   loop { match op { … } }     each arm a handler of the one signature
//! table           loop { HANDLERS[op](…) }    one return per op
//! tail-slots      handlers jump to the next   all values in slots, as in the loops above
//! tail            the same with forms         what `run` uses
//! counted         the same, counting          what `record` uses
//! step            table, counting exactly     what debugging uses
//! observed        step, an observer counts    each return is shown
//! captured        step, every event is kept   in a ring of the last 4096, values included
//! ```
//!
//! All run the same bytecode with the same handler bodies; only `tail` and `counted` keep
//! values in accumulators (`exec::form`). What they cost and what that
//! means is in `docs/experiment.md`.

use crate::exec::dispatch::variants::{TAIL_SLOTS, Table};
use crate::exec::dispatch::{self, COUNTED, Handler, TAIL, Tabled};
use crate::exec::{Dispatch, TAIL_CALLS};
use crate::lower::LowerError;
use crate::store::Store;
use crate::{Observer, Returned, Ring, Step, Watch};

/// One way of reaching the next handler.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its name, in lower case.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    dispatch: Dispatch,
    observer: Option<Shown>,
}

/// What sees the steps of a run.
#[derive(Clone, Copy, Debug)]
enum Shown {
    Count,
    Ring,
}

/// All of them, the one to compare with first.
pub const VARIANTS: &[Variant] = &[
    Variant::new(
        "varied-match",
        "a match in a loop, each op with its natural signature",
        Dispatch::VariedMatch,
    ),
    Variant::new("uniform-match", "a match in a loop, one signature", Dispatch::UniformMatch),
    Variant::new("table", "a loop over function pointers", Dispatch::Table),
    Variant::new("tail-slots", "handlers that jump to the next, all values in slots", Dispatch::TailSlots),
    Variant::new("tail", "handlers that jump to the next, values in accumulators", Dispatch::Tail),
    #[cfg(feature = "become")]
    Variant::new("become", "tail calls the compiler guarantees (nightly)", Dispatch::Become),
    #[cfg(feature = "become")]
    Variant::new(
        "preserve-none",
        "become, without callee-saved registers (nightly)",
        Dispatch::BecomePreserveNone,
    ),
    Variant::new("counted", "tail, with exact steps and ticks", Dispatch::Counted),
    Variant::new("step", "table, with exact steps and ticks", Dispatch::Step),
    Variant {
        observer: Some(Shown::Count),
        ..Variant::new("observed", "step, an observer counts returns", Dispatch::Step)
    },
    Variant {
        observer: Some(Shown::Ring),
        ..Variant::new("captured", "step, every event is kept in a ring", Dispatch::Step)
    },
];

impl Variant {
    const fn new(name: &'static str, about: &'static str, dispatch: Dispatch) -> Variant {
        Variant { name, about, dispatch, observer: None }
    }

    /// The variant of this name.
    pub fn named(name: &str) -> Option<&'static Variant> {
        VARIANTS.iter().find(|variant| variant.name == name)
    }

    /// Whether this build runs it as it is described; where handlers cannot jump to each
    /// other, `tail` and `counted` are `step`.
    pub fn is_real(&self) -> bool {
        TAIL_CALLS || !matches!(self.dispatch, Dispatch::Tail | Dispatch::TailSlots | Dispatch::Counted)
    }

    /// The addresses of its handlers, for measuring their size; none where they are
    /// inlined into a loop.
    pub fn handlers(&self) -> Vec<usize> {
        let table: Vec<Handler> = match self.dispatch {
            Dispatch::Tail => TAIL.concat(),
            Dispatch::TailSlots => TAIL_SLOTS.concat(),
            Dispatch::Counted => COUNTED.concat(),
            Dispatch::Step => dispatch::Step::HANDLERS.to_vec(),
            Dispatch::Table => Table::HANDLERS.to_vec(),
            _ => Vec::new(),
        };
        table.into_iter().map(|handler| handler as usize).collect()
    }

    /// Lets a store run guests this way.
    pub fn prepare<T: 'static>(&self, store: &mut Store<T>) {
        store.set_dispatch(self.dispatch);
        match self.observer {
            Some(Shown::Count) => store.observe(Returns(0)),
            Some(Shown::Ring) => store.observe(Ring::new(4096)),
            None => store.set_observer(None),
        }
    }
}

/// Counts handler returns.
struct Returns(u64);

impl Observer for Returns {
    #[inline]
    fn after(&mut self, _: &Step<'_>, _: Returned<'_>) -> Watch {
        self.0 += 1;
        Watch::Continue
    }
}

/// Lowers every function of a store's modules now; how many ops that makes, and how many words
/// of code. Runs do it one function at a time, at its first call.
///
/// # Errors
/// If a function exceeds a limit of the bytecode.
pub fn lower_all<T: 'static>(store: &mut Store<T>) -> Result<(usize, usize), LowerError> {
    store.pruned_mut().lower_all()
}
