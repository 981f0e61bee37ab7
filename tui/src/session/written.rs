//! Searching for a predicate part of which the code itself answers: its ops are chosen once, and met at
//! full speed.
//!
//! ```text
//! func == "fib" && op =~ "add" && r3 == 7
//! └───── of the code ────────┘    └─ of the machine: asked at those ops, inside the movement
//! ```
//!
//! Always: finds what asking every step would find. Elsewhere: other searches (`search`).

use super::scope::{asks_machine_only, of_code};
use super::{Control, Direction, Failure, Session};
use crate::expr::{Datum, Expr, Scope, Word};
use crate::moment::{Listing, func_name};
use std::sync::Arc;
use wasmscope_trace_format::FuncId;

/// More ops than this are hardly a choice.
const MOST: usize = 1 << 16;
/// As a query the run is better asked for this many ops at most.
const PARTS: usize = 4096;
/// The words that the code answers.
const OF_CODE: [Word; 6] = [Word::Func, Word::Op, Word::Text, Word::Pc, Word::Ip, Word::Line];

/// Where a predicate may hold, and what must hold there.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The ops, by function and offset in its code.
    pub ops: Vec<(FuncId, u32)>,
    /// What is asked of the machine when one of them is about to run.
    pub rest: Option<Expr>,
}

impl Chosen {
    /// The same as a query of the run, which all processors answer: if the machine is not asked, and the ops
    /// are few enough.
    pub(super) fn query(&self) -> Option<String> {
        let few = self.rest.is_none() && self.ops.len() <= PARTS;
        few.then(|| {
            self.ops.iter().map(|(func, ip)| format!("ip {func}+{ip}")).collect::<Vec<_>>().join(" or ")
        })
    }
}

/// An op, wherever in the run.
struct Written {
    listing: Arc<Listing>,
    op: u32,
    line: Option<u32>,
}

impl Scope for Written {
    fn word(&mut self, word: Word) -> Option<Datum> {
        match word {
            Word::Line => Some(u64::from(self.line?).into()),
            word => of_code(&self.listing, self.op, word),
        }
    }
}

/// A function, by its name.
struct Named(String);

impl Scope for Named {
    fn word(&mut self, word: Word) -> Option<Datum> {
        (word == Word::Func).then(|| Datum::Text(self.0.clone()))
    }
}

/// Whether the code alone answers it.
fn asks_code_only(expr: &Expr) -> bool {
    let asks = |word: &Word| expr.asks(*word);
    let all = || Word::ALL.iter().map(|it| it.0);
    !expr.asks_state() && OF_CODE.iter().any(asks) && all().filter(asks).all(|it| OF_CODE.contains(&it))
}

impl Session {
    /// Chooses the ops at which a predicate may hold; `None` if all may, or something else than code and
    /// machine is asked.
    pub(super) fn choose(&mut self, predicate: &Expr) -> Result<Option<Chosen>, Failure> {
        let (code, rest) = predicate.parted(&asks_code_only);
        let Some(code) = code else { return Ok(None) };
        if rest.as_ref().is_some_and(|it| it.asks(Word::Hits) || !asks_machine_only(it)) {
            return Ok(None);
        }
        // What asks for the function only is asked once for each, before it is lowered.
        let (of_func, _) = code.parted(&|it| !OF_CODE[1..].iter().any(|word| it.asks(*word)));
        let mut ops = Vec::new();
        for (func, name) in self.source.functions() {
            let holds = |of: &Expr| of.holds(&mut Named(func_name(func, name.as_deref())));
            if !of_func.as_ref().is_none_or(holds) {
                continue;
            }
            let listing = self.listing(func)?;
            for (op, it) in (0..).zip(&listing.code.ops) {
                let line = code.asks(Word::Line).then(|| self.source.line(func.module, it.pc)).flatten();
                let listing = listing.clone();
                if code.holds(&mut Written { listing, op, line: line.map(|it| it.line) }) {
                    ops.push((func, it.ip));
                }
            }
            if ops.len() > MOST {
                return Ok(None);
            }
        }
        match ops.is_empty() {
            true => Err(Failure(format!("no op of the program meets {predicate}"))),
            false => Ok(Some(Chosen { ops, rest })),
        }
    }

    /// The nearest step at which it holds, from `from` on or before it. Forwards it may pass some: `passes`
    /// says which.
    pub(super) fn nearest_chosen(
        &mut self,
        (predicate, chosen): (&Expr, &Chosen),
        from: u64,
        direction: Direction,
        control: &Control<'_>,
        passes: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<u64>, Failure> {
        // A movement does not stop where it begins.
        let before = match direction {
            Direction::Backward => from,
            Direction::Forward if from >= self.source.end().step => return Ok(None),
            Direction::Forward if from > 0 => from - 1,
            Direction::Forward if self.holds(predicate, 0, None)? && !passes(0) => return Ok(Some(0)),
            Direction::Forward => 0,
        };
        self.source.meet(before, direction, chosen, control, passes)
    }
}
