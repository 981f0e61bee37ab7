//! A line read as a command: `over 3`, `contin`, `bt`, `print/x r3`, `50%`.
//!
//! Elsewhere: which commands there are (`command`).

use super::{Command, Entry, TABLE, Takes};

/// Short names, as other debuggers have them.
const ALIASES: &[(&str, Command)] = &[
    ("b", Command::Break),
    ("bt", Command::Backtrace),
    ("c", Command::Continue),
    ("cond", Command::Condition),
    ("d", Command::Delete),
    ("fin", Command::Out),
    ("finish", Command::Out),
    ("l", Command::List),
    ("n", Command::Over),
    ("next", Command::Over),
    ("p", Command::Print),
    ("q", Command::Quit),
    ("rc", Command::ContinueBack),
    ("regs", Command::Registers),
    ("reverse-continue", Command::ContinueBack),
    ("reverse-finish", Command::OutBack),
    ("reverse-next", Command::OverBack),
    ("reverse-stepi", Command::StepBack),
    ("rn", Command::OverBack),
    ("rsi", Command::StepBack),
    ("s", Command::Into),
    ("si", Command::Step),
    ("stepi", Command::Step),
    ("x", Command::Memory),
];

/// A command with what was typed around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invocation {
    /// What to do.
    pub command: Command,
    /// The number typed before the key.
    pub count: Option<u64>,
    /// The rest of the command line, or which of several keys was pressed (from 1).
    pub arg: String,
}

/// Reads a command line: a name, the unique beginning of one, or a short name; then its argument.
/// A bare step (`120`, `50%`, `+10`) is `goto`.
///
/// # Errors
/// If no command, or more than one, is meant.
pub fn parse(line: &str) -> Result<Invocation, String> {
    let line = line.trim();
    let (name, arg) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let arg = arg.trim();
    if name.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-') {
        return Ok(Invocation { command: Command::Goto, count: None, arg: line.to_owned() });
    }
    // As in gdb: `print/x EXPR`.
    let (name, format) = name.split_once('/').filter(|it| !it.0.is_empty()).unwrap_or((name, ""));
    let command = named(name)?;
    let arg = match format {
        "" => arg.to_owned(),
        format => format!("/{format} {arg}"),
    };
    let count = match command.entry().takes {
        Takes::Count if !arg.is_empty() => {
            let count = arg.replace('_', "").parse::<i64>();
            let count = count.map_err(|_| format!("'{arg}' is no number of times: {name} 3"))?;
            (count > 0).then_some(count as u64)
        }
        _ => arg.parse().ok(),
    };
    Ok(Invocation { command, count, arg })
}

/// The command of that name, or of which it is the unique beginning.
///
/// # Errors
/// If there is none, or more than one.
pub fn named(name: &str) -> Result<Command, String> {
    let alias = ALIASES.iter().find(|it| it.0 == name).map(|it| it.1);
    let exact = TABLE.iter().find(|entry| entry.name == name).map(|it| it.command);
    if let Some(command) = exact.or(alias) {
        return Ok(command);
    }
    let found: Vec<&Entry> =
        TABLE.iter().filter(|entry| !name.is_empty() && entry.name.starts_with(name)).collect();
    match found[..] {
        [entry] => Ok(entry.command),
        // `contin`: the others are the same thing backwards.
        [entry, ref rest @ ..] if rest.iter().all(|it| it.name.strip_prefix(entry.name) == Some("-back")) => {
            Ok(entry.command)
        }
        [] => Err(match nearest(name, TABLE.iter().map(|it| it.name)) {
            Some(near) => format!("no command is called '{name}'; did you mean {near}?"),
            None => format!("no command is called '{name}'; ? lists them all"),
        }),
        _ => {
            let names: Vec<&str> = found.iter().map(|entry| entry.name).collect();
            Err(format!("'{name}' could be {}", names.join(", ")))
        }
    }
}

/// The name most like this one, if any is.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |other: &str| {
        let (a, b): (Vec<char>, Vec<char>) = (name.chars().take(40).collect(), other.chars().collect());
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut corner = std::mem::replace(&mut row[0], i + 1);
            for (j, y) in b.iter().enumerate() {
                let swap = corner + usize::from(x != y);
                corner = row[j + 1];
                row[j + 1] = swap.min(corner + 1).min(row[j] + 1);
            }
        }
        row[b.len()]
    };
    let best = names.map(|it| (distance(it), it)).min()?;
    // A word that shares little with what was typed helps nobody.
    let alike = best.0 <= 1 || best.1.chars().next() == name.chars().next();
    (alike && best.0 <= 1 + name.len() / 3).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_commands() {
        let told = |line: &str| match parse(line) {
            Ok(it) => format!("{:?} {:?} {:?}", it.command, it.count, it.arg),
            Err(error) => error,
        };
        assert_eq!(told("over 3"), "Over Some(3) \"3\"");
        assert_eq!(told("50%"), "Goto None \"50%\"");
        assert_eq!(told(" q "), "Quit None \"\"");
        assert_eq!(told("contin"), "Continue None \"\"");
        assert_eq!(told("con"), "'con' could be continue, continue-back, condition");
        assert_eq!(told("bt"), "Backtrace None \"\"");
        assert_eq!(told("print/x r3"), "Print None \"/x r3\"");
        assert_eq!(told("over three"), "'three' is no number of times: over 3");
        assert_eq!(told("flitter"), "no command is called 'flitter'; did you mean filter?");
        assert_eq!(told("xyzzy"), "no command is called 'xyzzy'; ? lists them all");
        for (alias, command) in ALIASES {
            assert!(TABLE.iter().all(|it| it.name != *alias), "{alias} is the name of {command:?}");
        }
    }
}
