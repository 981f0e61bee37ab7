//! The experiment: the same program under every way of reaching the next handler.
//!
//! ```text
//! varied-match    loop { match op { … } }     each arm as its op needs it: the first, what others are compared with
//! uniform-match   loop { match op { … } }     each arm a handler of the one signature
//! table           loop { HANDLERS[op](…) }    one return per op
//! tail            handlers jump to the next   what `run` uses
//! counted         the same, counting          what `record` uses
//! step            table, counting exactly     what debugging uses
//! observed        step, an observer counts    each return is shown
//! ```
//!
//! All run the same bytecode with the same handler bodies. What they cost and what that
//! means is in `docs/experiment.md`.

use crate::exec::dispatch::variants::Table;
use crate::exec::dispatch::{self, Counted, Handler, Tabled, Tail, Threaded};
use crate::exec::{Dispatch, TAIL_CALLS};
use crate::store::Store;
use crate::{Observer, Returned, Step, Watch};

/// One way of reaching the next handler.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its name, in lower case.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    dispatch: Dispatch,
    observer: Option<fn() -> Box<dyn Observer>>,
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
    Variant::new("tail", "handlers that jump to the next", Dispatch::Tail),
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
        observer: Some(Returns::boxed),
        ..Variant::new("observed", "step, an observer counts returns", Dispatch::Step)
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
        TAIL_CALLS || !matches!(self.dispatch, Dispatch::Tail | Dispatch::Counted)
    }

    /// The addresses of its handlers, for measuring their size; none where they are
    /// inlined into a loop.
    pub fn handlers(&self) -> Vec<usize> {
        let table: Vec<Handler> = match self.dispatch {
            Dispatch::Tail => Tail::handlers().concat(),
            Dispatch::Counted => Counted::handlers().concat(),
            Dispatch::Step => dispatch::Step::HANDLERS.to_vec(),
            Dispatch::Table => Table::HANDLERS.to_vec(),
            _ => Vec::new(),
        };
        table.into_iter().map(|handler| handler as usize).collect()
    }

    /// Lets a store run guests this way.
    pub fn prepare<T: 'static>(&self, store: &mut Store<T>) {
        store.set_dispatch(self.dispatch);
        store.set_observer(self.observer.map(|make| make()));
    }
}

/// Counts handler returns.
struct Returns(u64);

impl Returns {
    fn boxed() -> Box<dyn Observer> {
        Box::new(Returns(0))
    }
}

impl Observer for Returns {
    fn after(&mut self, _: &Step<'_>, _: Returned<'_>) -> Watch {
        self.0 += 1;
        Watch::Continue
    }
}
