//! Expressions over a moment: conditions of breakpoints, watched values, `print`, filters.
//!
//! ```text
//! n == 3 && depth > 4          i32[r2 + 8] != 0          op =~ "store" && addr in 0x400..0x408
//! ──lex──► tokens ──parse──► Expr ──eval(Scope)──► Datum
//! ```
//!
//! | written | means |
//! |---|---|
//! | `12` `0xff` `1_000` `1.5` `"text"` | themselves |
//! | `r3` | slot 3 of the frame looked into |
//! | `n` | a word of the list below, else a parameter or local, else a global of that name |
//! | `$n` | a parameter, local or global, never a word; `$0` is global 0 |
//! | `u8[0x400]` `i32[r2+8]` `f64[sp]` `text[p]` | memory: u8 to u64, i8 to i64, f32, f64; text up to a zero byte |
//! | `u32(x)` `i64(x)` `f64(x)` | the bits of `x` as that type |
//! | `step` `tick` `depth` `hits` | of the moment; `hits` counts arrivals at a breakpoint from the start of the run |
//! | `func` `op` `text` `pc` `ip` `line` | of the op that is next |
//! | `addr` | the address it accesses |
//! | `outcome` `value` `callee` | what it will do, where the run is known that far |
//!
//! Operators, loosest first: `||`, `&&`, comparisons (`== != < <= > >= =~ in A..B`), `|`, `^`, `&`,
//! `<< >>`, `+ -`, `* / %`, unary `! - ~`. `=~` is a regular expression found in a text.
//! Integers do not overflow; a 32- or 64-bit value is signed unless what it is compared with is too
//! large for that: `r3 == 0xffffffff` is true of -1.
//!
//! Always: parsing never panics and its errors name a column; a number beside a text is refused (`sort`);
//! evaluating has no effect.
//! Elsewhere: where conditions are asked (`session`), what values there are (`Scope`'s implementors).

mod datum;
mod eval;
mod lex;
mod parse;
mod sort;

pub use datum::Datum;
pub use eval::Scope;
pub(crate) use lex::in_memory;

use std::fmt;
use wasmscope_trace_format::ValueType;

/// Why an expression cannot be read or has no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExprError {
    /// The column where it went wrong, from 1.
    pub column: usize,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl fmt::Display for ExprError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.message)
    }
}

impl std::error::Error for ExprError {}

macro_rules! words {
    ($($word:ident $name:literal $help:literal;)*) => {
        /// What a moment has a word for.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum Word { $(#[doc = $help] $word,)* }

        impl Word {
            /// All words, their names and what they mean.
            pub const ALL: &'static [(Word, &'static str, &'static str)] = &[$((Word::$word, $name, $help),)*];
        }
    };
}

words! {
    Step "step" "steps done";
    Tick "tick" "WebAssembly operators retired";
    Depth "depth" "depth of the innermost frame, 0 is the outermost";
    Hits "hits" "how often the breakpoint was come to since the start of the run, the rest holding";
    Func "func" "name of the function";
    Op "op" "mnemonic of the op that is next";
    Text "text" "disassembly of the op that is next";
    Pc "pc" "its offset in the file";
    Ip "ip" "its offset in the function's code";
    Line "line" "its line in the source";
    Addr "addr" "address it reads or writes";
    Outcome "outcome" "what its handler returns";
    Value "value" "value it results in";
    Callee "callee" "name of what it calls";
}

impl Word {
    /// Its name.
    pub fn name(self) -> &'static str {
        Word::ALL[self as usize].1
    }

    /// Whether only the step itself tells it: it is known after the step has run.
    pub fn of_step(self) -> bool {
        matches!(self, Word::Outcome | Word::Value | Word::Callee)
    }

    fn named(name: &str) -> Option<Word> {
        Word::ALL.iter().find(|it| it.1 == name).map(|it| it.0)
    }
}

/// How bytes or bits are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum As {
    /// An unsigned integer of so many bytes.
    Unsigned(u8),
    /// A signed integer of so many bytes.
    Signed(u8),
    /// A float of so many bytes.
    Float(u8),
    /// Characters up to a zero byte.
    Text,
}

impl As {
    /// The names of all.
    pub const ALL: &'static [(&'static str, As)] = &[
        ("u8", As::Unsigned(1)),
        ("u16", As::Unsigned(2)),
        ("u32", As::Unsigned(4)),
        ("u64", As::Unsigned(8)),
        ("i8", As::Signed(1)),
        ("i16", As::Signed(2)),
        ("i32", As::Signed(4)),
        ("i64", As::Signed(8)),
        ("f32", As::Float(4)),
        ("f64", As::Float(8)),
        ("text", As::Text),
    ];

    /// The one of that name.
    pub fn named(name: &str) -> Option<As> {
        As::ALL.iter().find(|it| it.0 == name).map(|it| it.1)
    }

    /// How many bytes it takes, if that is fixed.
    pub fn size(self) -> Option<usize> {
        match self {
            As::Unsigned(size) | As::Signed(size) | As::Float(size) => Some(size.into()),
            As::Text => None,
        }
    }

    /// How a value of a type is read.
    pub(crate) fn of(ty: ValueType) -> Option<As> {
        match ty {
            ValueType::I32 => Some(As::Signed(4)),
            ValueType::I64 => Some(As::Signed(8)),
            ValueType::F32 => Some(As::Float(4)),
            ValueType::F64 => Some(As::Float(8)),
            _ => None,
        }
    }
}

/// An operator between two operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Binary {
    Or,
    And,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Matches,
    BitOr,
    BitXor,
    BitAnd,
    Shl,
    Shr,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

/// A part of an expression and the column it begins at.
#[derive(Clone, Debug)]
struct Node {
    column: usize,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Datum(Datum),
    Regex(regex::Regex),
    Slot(u32),
    Name(String),
    Word(Word),
    Memory(As, u32, Box<Node>),
    Cast(As, Box<Node>),
    Not(Box<Node>),
    Minus(Box<Node>),
    Complement(Box<Node>),
    Binary(Binary, Box<Node>, Box<Node>),
    /// Value, first, end.
    In(Box<Node>, Box<Node>, Box<Node>),
}

/// A parsed expression.
#[derive(Clone, Debug)]
pub struct Expr {
    text: String,
    root: Node,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        self.text == other.text
    }
}

impl Eq for Expr {}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Expr {
    /// Whether a text looks like a condition: something is compared in it, or joined.
    pub fn is_meant(text: &str) -> bool {
        ["==", "!=", "<", ">", "&&", "||", "=~", " in "].iter().any(|it| text.contains(it))
    }

    /// Reads an expression.
    ///
    /// # Errors
    /// The column and what was expected there.
    pub fn parse(text: &str) -> Result<Expr, ExprError> {
        Ok(Expr { text: text.trim().to_owned(), root: parse::parse(text)? })
    }

    /// What it comes to at a moment.
    ///
    /// # Errors
    /// The column of what has no value there.
    pub fn eval(&self, scope: &mut dyn Scope) -> Result<Datum, ExprError> {
        eval::eval(&self.root, scope)
    }

    /// Whether it holds at a moment. What has no value there holds not: a condition over a local is
    /// false where there is no such local.
    pub fn holds(&self, scope: &mut dyn Scope) -> bool {
        self.eval(scope).is_ok_and(|datum| datum.truth())
    }

    /// Whether it asks for what only the step itself tells, see [`Word::of_step`].
    pub fn asks_step(&self) -> bool {
        self.any(&|kind| matches!(kind, Kind::Word(word) if word.of_step()))
    }

    /// Whether it asks for slots, names, globals or memory, which only a state has.
    pub fn asks_state(&self) -> bool {
        self.any(&|kind| matches!(kind, Kind::Slot(_) | Kind::Name(_) | Kind::Memory(..)))
    }

    /// The names of locals and globals in it, each with its column.
    pub fn names(&self) -> Vec<(usize, &str)> {
        self.leaves()
            .into_iter()
            .filter_map(|node| match &node.kind {
                Kind::Name(name) => Some((node.column, name.as_str())),
                _ => None,
            })
            .collect()
    }

    /// The slots in it, each with its column.
    pub fn slots(&self) -> Vec<(usize, u32)> {
        self.leaves()
            .into_iter()
            .filter_map(|node| match node.kind {
                Kind::Slot(slot) => Some((node.column, slot)),
                _ => None,
            })
            .collect()
    }

    /// The parts that have no parts, from left to right.
    fn leaves(&self) -> Vec<&Node> {
        fn go<'a>(node: &'a Node, leaves: &mut Vec<&'a Node>) {
            match &node.kind {
                Kind::Memory(_, _, a) | Kind::Cast(_, a) => go(a, leaves),
                Kind::Not(a) | Kind::Minus(a) | Kind::Complement(a) => go(a, leaves),
                Kind::Binary(_, a, b) => [a, b].into_iter().for_each(|it| go(it, leaves)),
                Kind::In(a, b, c) => [a, b, c].into_iter().for_each(|it| go(it, leaves)),
                _ => leaves.push(node),
            }
        }
        let mut leaves = Vec::new();
        go(&self.root, &mut leaves);
        leaves
    }

    /// Whether it names this word.
    pub fn asks(&self, word: Word) -> bool {
        self.any(&|kind| matches!(kind, Kind::Word(it) if *it == word))
    }

    /// The parts that must all hold.
    fn conjuncts(&self) -> Vec<&Node> {
        fn go<'a>(node: &'a Node, parts: &mut Vec<&'a Node>) {
            match &node.kind {
                Kind::Binary(Binary::And, a, b) => [a, b].into_iter().for_each(|it| go(it, parts)),
                _ => parts.push(node),
            }
        }
        let mut parts = Vec::new();
        go(&self.root, &mut parts);
        parts
    }

    /// The parts joined by `&&` of which `keep` says yes, as one; and the others.
    pub fn parted(&self, keep: &dyn Fn(&Expr) -> bool) -> (Option<Expr>, Option<Expr>) {
        let part = |node: &Node| Expr { text: self.text.clone(), root: node.clone() };
        let (yes, no): (Vec<Expr>, Vec<Expr>) = self.conjuncts().into_iter().map(part).partition(keep);
        let joined = |parts: Vec<Expr>| {
            parts.into_iter().reduce(|all, more| {
                let column = all.root.column;
                let kind = Kind::Binary(Binary::And, Box::new(all.root), Box::new(more.root));
                Expr { root: Node { column, kind }, ..more }
            })
        };
        (joined(yes), joined(no))
    }

    /// The text that a word must be equal to for the whole to hold, if there is one.
    pub fn conjunct_text(&self, word: Word) -> Option<&str> {
        self.conjuncts().into_iter().find_map(|node| match &node.kind {
            Kind::Binary(Binary::Eq, left, right) => match (&left.kind, &right.kind) {
                (Kind::Word(it), Kind::Datum(Datum::Text(text))) if *it == word => Some(text.as_str()),
                _ => None,
            },
            _ => None,
        })
    }

    /// The numbers that a word must be among for the whole to hold, if that is said.
    pub fn conjunct_range(&self, word: Word) -> Option<(u64, u64)> {
        let number = |node: &Node| match &node.kind {
            Kind::Datum(datum) => datum.unsigned(),
            _ => None,
        };
        self.conjuncts().into_iter().find_map(|node| match &node.kind {
            Kind::Binary(Binary::Eq, left, right) => match left.kind {
                Kind::Word(it) if it == word => number(right).map(|at| (at, at.saturating_add(1))),
                _ => None,
            },
            Kind::In(value, first, end) => match value.kind {
                Kind::Word(it) if it == word => Some((number(first)?, number(end)?)),
                _ => None,
            },
            _ => None,
        })
    }

    fn any(&self, what: &dyn Fn(&Kind) -> bool) -> bool {
        fn go(node: &Node, what: &dyn Fn(&Kind) -> bool) -> bool {
            what(&node.kind)
                || match &node.kind {
                    Kind::Memory(_, _, a) | Kind::Cast(_, a) => go(a, what),
                    Kind::Not(a) | Kind::Minus(a) | Kind::Complement(a) => go(a, what),
                    Kind::Binary(_, a, b) => go(a, what) || go(b, what),
                    Kind::In(a, b, c) => go(a, what) || go(b, what) || go(c, what),
                    _ => false,
                }
        }
        go(&self.root, what)
    }
}
