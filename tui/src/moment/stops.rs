//! What movement stops at, and what is shown at every stop.
//!
//! Elsewhere: the moment they are parts of (`moment`).

use crate::expr::Expr;
use wasmscope_trace_format::FuncId;

/// Where to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Place {
    /// At the first op of a function.
    Func(FuncId),
    /// At an op, by its offset in our code.
    Ip(FuncId, u32),
    /// At the op that a WebAssembly operator became; module and offset in its file.
    Pc(u32, u32),
}

/// An expression shown at every step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Display {
    /// Its number.
    pub id: u32,
    /// The expression.
    pub text: String,
    /// Its value at this step, or why there is none.
    pub value: Result<String, String>,
}

/// What a breakpoint waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Waits {
    /// That one of these ops is about to run.
    At(Vec<Place>),
    /// That a step meets a query of the run.
    For {
        /// The query, as the run writes it.
        query: String,
        /// Whether to stand behind that step, where what it did is to be seen, or before it.
        behind: bool,
    },
}

/// A breakpoint or a watchpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breakpoint {
    /// Its number, never given twice in a session.
    pub id: u32,
    /// What it waits for.
    pub waits: Waits,
    /// That in words.
    pub text: String,
    /// What must hold besides.
    pub condition: Option<Expr>,
    /// Whether it stops.
    pub enabled: bool,
    /// How many more times it is passed.
    pub ignore: u64,
    /// How often it was come to before a movement begins; counted where the condition asks for it.
    pub before: u64,
    /// At how many steps it has stopped a movement.
    pub stops: u64,
}

impl Breakpoint {
    /// One that always stops.
    pub fn new(id: u32, waits: Waits, text: String) -> Breakpoint {
        Breakpoint { id, waits, text, condition: None, enabled: true, ignore: 0, before: 0, stops: 0 }
    }

    /// Whether it is a watchpoint.
    pub fn watches(&self) -> bool {
        matches!(self.waits, Waits::For { behind: true, .. })
    }

    /// The places of code it waits at.
    pub fn places(&self) -> &[Place] {
        match &self.waits {
            Waits::At(places) => places,
            Waits::For { .. } => &[],
        }
    }

    /// Whether it waits at an op, which is the `first` of its function or not.
    pub fn is_at(&self, func: FuncId, (ip, pc): (u32, u32), first: bool) -> bool {
        self.places().iter().any(|place| match *place {
            Place::Func(at) => at == func && first,
            Place::Ip(at, at_ip) => (at, at_ip) == (func, ip),
            Place::Pc(module, at) => (module, at) == (func.module, pc),
        })
    }

    /// All of it in words.
    pub fn whole(&self) -> String {
        let mut text = self.text.clone();
        if let Some(condition) = &self.condition {
            text += &format!(" if {condition}");
        }
        if !self.enabled {
            text += ", off";
        }
        if self.ignore > 0 {
            text += &format!(", passed {} more times", self.ignore);
        }
        text
    }
}
