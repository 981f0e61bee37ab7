//! Numbers and texts told apart before anything is evaluated: what can never hold is refused where it stands.
//!
//! ```text
//! r0 == "b"      a number and a text do not go together at '=='
//! op =~ "add"    text, as text[p], func, outcome, callee and what is quoted
//! ```
//!
//! Always: what passes here can still fail at a moment (`eval`); what fails here fails at every moment.

use super::{As, Binary, Datum, ExprError, Kind, Node, Word};

/// What an expression comes to, whatever the moment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// An integer, a float, a vector or a reference.
    Number,
    Text,
}

impl Sort {
    fn name(self) -> &'static str {
        match self {
            Sort::Number => "a number",
            Sort::Text => "a text",
        }
    }
}

fn sort(node: &Node) -> Sort {
    match &node.kind {
        Kind::Datum(Datum::Text(_)) | Kind::Regex(_) | Kind::Memory(As::Text, ..) => Sort::Text,
        Kind::Word(word) if word.is_text() => Sort::Text,
        Kind::Binary(Binary::Add, left, _) => sort(left),
        _ => Sort::Number,
    }
}

/// Refuses a part whose operands do not go together; those inside it were looked at before.
pub(super) fn check(node: &Node) -> Result<(), ExprError> {
    let fail = |message: String| Err(ExprError { column: node.column, message });
    let number = |of: &Node, what: &str| match sort(of) {
        Sort::Number => Ok(()),
        Sort::Text => Err(ExprError { column: of.column, message: format!("a text {what}") }),
    };
    let alike = |a: &Node, b: &Node, sign: &str| match (sort(a), sort(b)) {
        (a, b) if a == b => Ok(()),
        (a, b) => fail(format!("{} and {} do not go together at '{sign}'", a.name(), b.name())),
    };
    match &node.kind {
        Kind::Memory(_, _, addr) => number(addr, "is no address"),
        Kind::Cast(_, inner) => number(inner, "cannot be converted to a number"),
        Kind::Minus(inner) => number(inner, "has no negative"),
        Kind::Complement(inner) => number(inner, "has no bits to turn over"),
        Kind::In(value, first, end) => alike(value, first, "in").and_then(|()| alike(first, end, "..")),
        Kind::Binary(Binary::And | Binary::Or, ..) => Ok(()),
        Kind::Binary(Binary::Matches, left, _) => match sort(left) {
            Sort::Text => Ok(()),
            Sort::Number => fail("=~ looks into a text, not a number".into()),
        },
        Kind::Binary(operator, left, right) => {
            alike(left, right, operator.sign())?;
            let joins = operator.compares() || *operator == Binary::Add;
            if joins { Ok(()) } else { number(left, "is not calculated with") }
        }
        _ => Ok(()),
    }
}

impl Word {
    /// Whether it stands for a text.
    pub(super) fn is_text(self) -> bool {
        matches!(self, Word::Func | Word::Op | Word::Text | Word::Outcome | Word::Callee)
    }
}
