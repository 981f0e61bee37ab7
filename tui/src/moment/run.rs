//! The run as a whole: what it is, how it ends, where it is dense; and why the cursor stands.
//!
//! Elsewhere: the moment they are parts of (`moment`).

/// Whether the run is going on or was recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// The program runs as far as one asks it to.
    Live,
    /// A trace.
    Replay,
}

/// What does not change while a run is open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct About {
    /// The file's name, for the status line.
    pub file: String,
    /// Live or recorded.
    pub mode: Mode,
    /// What the user should know once, such as what a damaged file lost.
    pub notes: Vec<String>,
}

/// How the run ends, as far as is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RunEnd {
    /// It goes on when asked to.
    Open,
    /// It goes on when it is given input.
    WaitingForInput,
    /// The outermost call returned.
    Halted,
    /// The program left with this code.
    Exited(i32),
    /// It trapped; the message.
    Trapped(String),
    /// It stopped for a reason of ours or the host's; the message.
    Stopped(String),
    /// The trace is cut here; what is missing.
    Cut(String),
}

impl RunEnd {
    /// In words.
    pub fn text(&self) -> String {
        match self {
            RunEnd::Open => "the program has not run further yet".into(),
            RunEnd::WaitingForInput => "waiting for input".into(),
            RunEnd::Halted => "the program ended".into(),
            RunEnd::Exited(code) => format!("the program exited with {code}"),
            RunEnd::Trapped(message) => format!("trap: {message}"),
            RunEnd::Stopped(message) => message.clone(),
            RunEnd::Cut(message) => format!("the trace ends here: {message}"),
        }
    }

    /// Whether the run can grow.
    pub fn can_grow(&self) -> bool {
        matches!(self, RunEnd::Open | RunEnd::WaitingForInput)
    }
}

/// Why the cursor stands where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// What was asked for was reached.
    Done,
    /// The breakpoint of that number.
    Breakpoint(u32),
    /// The first step.
    Start,
    /// Nothing further is known, see [`RunEnd`].
    End,
    /// The program wants input.
    WaitingForInput,
    /// The user stopped the search.
    Cancelled,
}

/// The whole run in equal parts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Strip {
    /// The steps before this one are counted.
    pub upto: u64,
    /// The parts, from the first step to the last known.
    pub columns: Vec<Column>,
    /// The steps before this one were searched for where breakpoints would stop.
    pub sought: u64,
}

impl Strip {
    /// Puts the first of some steps into each part of a run of `end` steps; `from` gives the first from a step on.
    pub fn first_in_each(
        &mut self,
        end: u64,
        from: impl Fn(u64) -> Option<u64>,
        part: impl Fn(&mut Column) -> &mut Option<u64>,
    ) {
        let (parts, end) = (self.columns.len() as u128, u128::from(end.max(1)));
        let mut next = from(0);
        while let Some(step) = next {
            let at = u128::from(step) * parts / end;
            let Some(column) = self.columns.get_mut(at as usize) else { return };
            *part(column) = Some(step);
            // The first step of the part behind.
            next = from(((at + 1) * end).div_ceil(parts) as u64);
        }
    }
}

/// What happened in a part of the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Column {
    /// Whether all of it is counted.
    pub known: bool,
    /// Calls of the program's functions.
    pub calls: u64,
    /// Steps that wrote memory.
    pub writes: u64,
    /// The first step in it that calls the host.
    pub host: Option<u64>,
    /// The first step in it at which a breakpoint or watchpoint would stop.
    pub stop: Option<u64>,
}
