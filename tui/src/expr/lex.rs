//! Text to tokens, each with its column.

use super::ExprError;

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Token {
    Int(i128),
    Float(f64),
    Text(String),
    /// A name; with its `$` if it had one.
    Name {
        dollar: bool,
        name: String,
    },
    /// `mem1:` in front of an address.
    Memory(u32),
    /// An operator or bracket.
    Sign(&'static str),
    End,
}

impl Token {
    /// As it is called in messages.
    pub(super) fn shown(&self) -> String {
        match self {
            Token::Int(n) => format!("'{n}'"),
            Token::Float(n) => format!("'{n}'"),
            Token::Text(text) => format!("\"{text}\""),
            Token::Name { dollar, name } => format!("'{}{name}'", if *dollar { "$" } else { "" }),
            Token::Memory(number) => format!("'mem{number}:'"),
            Token::Sign(sign) => format!("'{sign}'"),
            Token::End => "the end".into(),
        }
    }
}

/// Longer ones before their beginnings.
const SIGNS: &[&str] = &[
    "||", "&&", "==", "!=", "<=", ">=", "=~", "<<", ">>", "..", "=", "<", ">", "!", "~", "+", "-", "*", "/",
    "%", "&", "|", "^", "(", ")", "[", "]",
];

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.' || c == ':'
}

/// The number of a memory in front of an address, and the address: `mem1:0x400`, but not `mem1::field`.
pub(crate) fn in_memory(text: &str) -> Option<(u32, &str)> {
    let (number, rest) = text.strip_prefix("mem")?.split_once(':')?;
    let number = number.bytes().all(|it| it.is_ascii_digit()).then(|| number.parse().ok())??;
    (!rest.starts_with(':')).then_some((number, rest))
}

/// The same of a text in characters; and how many the prefix takes.
fn prefix(chars: &[char]) -> Option<(u32, usize)> {
    // No number of a memory is longer.
    let text: String = chars.iter().take(16).collect();
    in_memory(&text).map(|(number, rest)| (number, text.len() - rest.len()))
}

pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ExprError> {
    let mut tokens = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let (c, column) = (chars[at], at + 1);
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let fail = |message: String| Err(ExprError { column, message });
        if c.is_ascii_digit() {
            let hex = c == '0' && matches!(chars.get(at + 1), Some('x' | 'X'));
            let mut end = at;
            let mut float = false;
            while let Some(&c) = chars.get(end) {
                let exponent = float && !hex && matches!(c, '+' | '-') && matches!(chars[end - 1], 'e' | 'E');
                let point =
                    c == '.' && !hex && !float && chars.get(end + 1).is_some_and(char::is_ascii_digit);
                let power = matches!(c, 'e' | 'E') && !hex;
                float |= point || power;
                if !(c.is_alphanumeric() || c == '_' || point || exponent) {
                    break;
                }
                end += 1;
            }
            let digits: String = chars[at..end].iter().filter(|&&c| c != '_').collect();
            let number = match digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
                Some(hex) => u64::from_str_radix(hex, 16).ok().map(|n| Token::Int(n.into())),
                None if float => digits.parse().ok().map(Token::Float),
                None => digits.parse::<u64>().ok().map(|n| Token::Int(n.into())),
            };
            match number {
                Some(token) => tokens.push((column, token)),
                None => return fail(format!("'{digits}' is no number of at most 64 bits")),
            }
            at = end;
        } else if c == '"' || c == '\'' {
            let mut end = at + 1;
            while chars.get(end).is_some_and(|&it| it != c) {
                end += 1;
            }
            if end == chars.len() {
                return fail(format!("this text does not end; {c} closes it"));
            }
            tokens.push((column, Token::Text(chars[at + 1..end].iter().collect())));
            at = end + 1;
        } else if c == '$' && chars.get(at + 1) == Some(&'"') {
            let end = (at + 2..chars.len()).find(|&end| chars[end] == '"');
            let Some(end) = end else { return fail("this name does not end; \" closes it".into()) };
            let name = chars[at + 2..end].iter().collect();
            tokens.push((column, Token::Name { dollar: true, name }));
            at = end + 1;
        } else if c == 'm'
            && let Some((number, len)) = prefix(&chars[at..])
        {
            tokens.push((column, Token::Memory(number)));
            at += len;
        } else if c == '$' || is_name(c) && c != '.' {
            let from = at + usize::from(c == '$');
            let mut end = from;
            while let Some(&c) = chars.get(end) {
                // `a..b` is a range, not a name.
                let range = c == '.' && chars.get(end + 1) == Some(&'.');
                if !is_name(c) || range {
                    break;
                }
                end += 1;
            }
            if end == from {
                return fail("a name is expected behind '$'".into());
            }
            tokens.push((column, Token::Name { dollar: c == '$', name: chars[from..end].iter().collect() }));
            at = end;
        } else {
            let fits = |sign: &&&str| sign.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
            let Some(sign) = SIGNS.iter().find(fits) else {
                return fail(format!("'{}' means nothing here", c.escape_default()));
            };
            tokens.push((column, Token::Sign(sign)));
            at += sign.len();
        }
    }
    tokens.push((chars.len() + 1, Token::End));
    Ok(tokens)
}
