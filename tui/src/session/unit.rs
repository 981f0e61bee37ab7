//! What one step is: an op, or more.

/// What one step is, from the finest on.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// An op of our bytecode: one handler return.
    #[default]
    Op,
    /// A WebAssembly operator.
    Operator,
    /// A basic block.
    Block,
    /// A line of the source.
    Line,
    /// A call of a function.
    Call,
}

impl Unit {
    /// All, from the finest on, with their names.
    pub const ALL: [(Unit, &'static str); 5] = [
        (Unit::Op, "op"),
        (Unit::Operator, "operator"),
        (Unit::Block, "block"),
        (Unit::Line, "line"),
        (Unit::Call, "call"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Unit::ALL[self as usize].1
    }

    /// The one of that name or beginning.
    pub fn named(name: &str) -> Option<Unit> {
        let exact = Unit::ALL.iter().find(|it| it.1 == name);
        exact
            .or_else(|| Unit::ALL.iter().find(|it| !name.is_empty() && it.1.starts_with(name)))
            .map(|it| it.0)
    }

    /// The next coarser one, or the next finer; itself at the end.
    pub fn shifted(self, by: isize) -> Unit {
        let at = (self as isize + by).clamp(0, Unit::ALL.len() as isize - 1);
        Unit::ALL[at as usize].0
    }
}
