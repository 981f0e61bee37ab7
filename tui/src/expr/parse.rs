//! Tokens to a tree, by precedence.

use super::lex::{Token, tokens};
use super::sort;
use super::{As, Binary, Datum, ExprError, Kind, Node, Word};
use crate::words;
use wasmscope_trace_format::Outcome;

/// More brackets and signs inside each other are not for people, and would exhaust the stack.
const DEEPEST: u32 = 40;
/// The same for a long row of operators.
const MOST: usize = 400;

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: u32,
}

pub(super) fn parse(text: &str) -> Result<Node, ExprError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    if let Some((column, _)) = parser.tokens.get(MOST) {
        let message = format!("more than {MOST} words and signs");
        return Err(ExprError { column: *column, message });
    }
    let node = parser.level(0)?;
    match parser.peek() {
        Token::End => Ok(node),
        other => {
            let found = other.shown();
            parser.fail(format!("an operator or the end is expected, not {found}"))
        }
    }
}

/// Loosest first; comparisons stand at `COMPARE` and do not chain.
const LEVELS: &[&[(&str, Binary)]] = &[
    &[("||", Binary::Or)],
    &[("&&", Binary::And)],
    &[
        ("==", Binary::Eq),
        ("=", Binary::Eq),
        ("!=", Binary::Ne),
        ("<=", Binary::Le),
        ("<", Binary::Lt),
        (">=", Binary::Ge),
        (">", Binary::Gt),
        ("=~", Binary::Matches),
    ],
    &[("|", Binary::BitOr)],
    &[("^", Binary::BitXor)],
    &[("&", Binary::BitAnd)],
    &[("<<", Binary::Shl), (">>", Binary::Shr)],
    &[("+", Binary::Add), ("-", Binary::Sub)],
    &[("*", Binary::Mul), ("/", Binary::Div), ("%", Binary::Rem)],
];
const COMPARE: usize = 2;

impl Binary {
    /// How it is written.
    pub(super) fn sign(self) -> &'static str {
        LEVELS.iter().copied().flatten().find(|it| it.1 == self).map_or("", |it| it.0)
    }

    /// Whether it tells only how two values stand to each other.
    pub(super) fn compares(self) -> bool {
        LEVELS[COMPARE].iter().any(|it| it.1 == self)
    }
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at].1
    }

    fn column(&self) -> usize {
        self.tokens[self.at].0
    }

    fn next(&mut self) -> Token {
        let token = self.tokens[self.at].1.clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn fail<T>(&self, message: String) -> Result<T, ExprError> {
        Err(ExprError { column: self.column(), message })
    }

    fn is(&mut self, sign: &str) -> bool {
        let is = matches!(self.peek(), Token::Sign(it) if *it == sign);
        if is {
            self.next();
        }
        is
    }

    fn want(&mut self, sign: &str) -> Result<(), ExprError> {
        match self.is(sign) {
            true => Ok(()),
            false => {
                let found = self.peek().shown();
                self.fail(format!("'{sign}' is expected, not {found}"))
            }
        }
    }

    fn level(&mut self, level: usize) -> Result<Node, ExprError> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.level(level + 1)?;
        loop {
            let column = self.column();
            if level == COMPARE && matches!(self.peek(), Token::Name { dollar: false, name } if name == "in")
            {
                self.next();
                let first = self.level(level + 1)?;
                self.want("..")?;
                let end = self.level(level + 1)?;
                left = checked(column, Kind::In(Box::new(left), Box::new(first), Box::new(end)))?;
                continue;
            }
            let found = match self.peek() {
                Token::Sign(sign) => operators.iter().find(|it| it.0 == *sign),
                _ => None,
            };
            let Some(&(_, operator)) = found else { return Ok(left) };
            self.next();
            let right = match operator {
                Binary::Matches => self.regex(matches!(left.kind, Kind::Word(Word::Outcome)))?,
                _ => self.level(level + 1)?,
            };
            left = joined(column, operator, left, right)?;
        }
    }

    fn regex(&mut self, any_case: bool) -> Result<Node, ExprError> {
        let column = self.column();
        let pattern = match self.next() {
            Token::Text(text) => text,
            Token::Name { name, .. } => name,
            other => {
                let message = format!("a regular expression as text is expected, not {}", other.shown());
                return Err(ExprError { column, message });
            }
        };
        match regex::RegexBuilder::new(&pattern).case_insensitive(any_case).build() {
            Ok(regex) => Ok(Node { column, kind: Kind::Regex(regex) }),
            Err(error) => {
                let said = error.to_string();
                let last = said.lines().last().unwrap_or_default().trim_start_matches("error: ");
                Err(ExprError { column, message: format!("the regular expression is wrong: {last}") })
            }
        }
    }

    fn unary(&mut self) -> Result<Node, ExprError> {
        let column = self.column();
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.fail(format!("more than {DEEPEST} brackets and signs inside each other"));
        }
        let node = if self.is("!") {
            Node { column, kind: Kind::Not(Box::new(self.unary()?)) }
        } else if self.is("-") {
            checked(column, Kind::Minus(Box::new(self.unary()?)))?
        } else if self.is("~") {
            checked(column, Kind::Complement(Box::new(self.unary()?)))?
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn primary(&mut self) -> Result<Node, ExprError> {
        let column = self.column();
        let kind = match self.next() {
            Token::Int(value) => Kind::Datum(Datum::Int { value, size: None }),
            Token::Float(value) => Kind::Datum(Datum::Float(value)),
            Token::Text(text) => Kind::Datum(Datum::Text(text)),
            Token::Sign("(") => {
                let inner = self.level(0)?;
                self.want(")")?;
                inner.kind
            }
            Token::Name { dollar: true, name } => Kind::Name(name),
            Token::Name { dollar: false, name } => {
                if let Some(way) = As::named(&name) {
                    if self.is("[") {
                        let memory = match self.peek() {
                            &Token::Memory(number) => {
                                self.next();
                                number
                            }
                            _ => 0,
                        };
                        let addr = self.level(0)?;
                        self.want("]")?;
                        return checked(column, Kind::Memory(way, memory, Box::new(addr)));
                    }
                    if way != As::Text && self.is("(") {
                        let inner = self.level(0)?;
                        self.want(")")?;
                        return checked(column, Kind::Cast(way, Box::new(inner)));
                    }
                    if way != As::Text {
                        let message =
                            format!("'{name}' reads memory or converts: {name}[0x400] or {name}(r3)");
                        return Err(ExprError { column, message });
                    }
                }
                let slot = name.strip_prefix('r').filter(|it| it.len() <= 5);
                let slot = slot.filter(|it| it.bytes().all(|it| it.is_ascii_digit()));
                match (name.as_str(), slot.and_then(|it| it.parse().ok()), Word::named(&name)) {
                    (_, Some(slot), _) => Kind::Slot(slot),
                    ("true" | "false", ..) => {
                        Kind::Datum(Datum::Int { value: i128::from(name == "true"), size: None })
                    }
                    (_, _, Some(word)) => Kind::Word(word),
                    _ => Kind::Name(name),
                }
            }
            other => {
                let message = format!("a value is expected, not {}", other.shown());
                return Err(ExprError { column, message });
            }
        };
        Ok(Node { column, kind })
    }
}

/// Both operands under their operator, each read as what it is beside the other.
fn joined(column: usize, operator: Binary, left: Node, right: Node) -> Result<Node, ExprError> {
    let left = worded(left, &right);
    let right = worded(right, &left);
    let (left, right) = match operator {
        Binary::Eq | Binary::Ne => {
            let left = outcome(left, &right)?;
            let right = outcome(right, &left)?;
            let left = callee(left, &right);
            let right = callee(right, &left);
            (left, right)
        }
        _ => (left, right),
    };
    checked(column, Kind::Binary(operator, Box::new(left), Box::new(right)))
}

/// A part of what is read, if what is in it goes together.
fn checked(column: usize, kind: Kind) -> Result<Node, ExprError> {
    let node = Node { column, kind };
    sort::check(&node)?;
    Ok(node)
}

/// A text beside the outcome is the name of one, however it is spelled.
fn outcome(node: Node, beside: &Node) -> Result<Node, ExprError> {
    let (column, Kind::Datum(Datum::Text(text)), Kind::Word(Word::Outcome)) =
        (node.column, &node.kind, &beside.kind)
    else {
        return Ok(node);
    };
    match Outcome::named(text) {
        Some(name) => Ok(Node { column, kind: Kind::Datum(Datum::Text(name.to_owned())) }),
        None => {
            let message = format!("an outcome is one of {}", Outcome::NAMES.join(", "));
            Err(ExprError { column, message })
        }
    }
}

/// A text beside the callee names it as the screen does.
fn callee(node: Node, beside: &Node) -> Node {
    match (node.kind, &beside.kind) {
        (Kind::Datum(Datum::Text(text)), Kind::Word(Word::Callee)) => {
            Node { column: node.column, kind: Kind::Datum(Datum::Text(words::host(&text).to_owned())) }
        }
        (kind, _) => Node { column: node.column, kind },
    }
}

/// A name beside a word for a text is that text: `op == i32.store`, `outcome != next`.
fn worded(node: Node, beside: &Node) -> Node {
    match (node.kind, &beside.kind) {
        (Kind::Name(name), Kind::Word(word)) if word.is_text() => {
            Node { column: node.column, kind: Kind::Datum(Datum::Text(name)) }
        }
        (kind, _) => Node { column: node.column, kind },
    }
}
