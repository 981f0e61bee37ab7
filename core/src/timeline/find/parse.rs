//! From text to a query.
//!
//! Names are looked up in the run; a slot without a frame is one of the innermost frame
//! where the timeline stands. An error says which word it is about and what could stand
//! there.

use super::query::{Access, CellType, OutcomeClass, Place, Query, SlotOf};
use crate::module::ExternKind;
use crate::timeline::{SlotView, Timeline};
use std::ops::Range;
use wasmscope_trace_format::{FuncId, Outcome, ValueType};

/// Why a text is no query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct QueryError {
    /// Offset of the part of the text it is about.
    pub at: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

/// The words a query may begin with.
const WORDS: &str = "pc, func, ip, op, outcome, trap, host, read, write, access, mem, global, slot";

type Parsed<T> = Result<T, QueryError>;

/// What is left of a text, and where it is in the whole.
#[derive(Clone, Copy)]
struct Text<'t> {
    rest: &'t str,
    at: usize,
}

impl<'t> Text<'t> {
    fn trimmed(self) -> Text<'t> {
        let rest = self.rest.trim_start();
        Text { rest: rest.trim_end(), at: self.at + (self.rest.len() - rest.len()) }
    }

    /// The first word, and what follows it.
    fn word(self) -> (&'t str, Text<'t>) {
        let text = self.trimmed();
        let end = text.rest.find(char::is_whitespace).unwrap_or(text.rest.len());
        let (word, rest) = text.rest.split_at(end);
        (word, Text { rest, at: text.at + end }.trimmed())
    }

    /// What stands before and behind `mark`.
    fn split(self, mark: &str) -> Option<(Text<'t>, Text<'t>)> {
        let (before, behind) = self.rest.split_once(mark)?;
        let at = self.at + before.len() + mark.len();
        Some((Text { rest: before, at: self.at }.trimmed(), Text { rest: behind, at }.trimmed()))
    }

    fn error<T>(self, what: impl Into<String>) -> Parsed<T> {
        Err(QueryError { at: self.at, what: what.into() })
    }

    fn is_empty(self) -> bool {
        self.rest.is_empty()
    }

    /// A number, decimal or with `0x`.
    fn number(self) -> Parsed<u64> {
        number(self.rest).map_or_else(|| self.error(format!("`{}` is not a number", self.rest)), Ok)
    }

    fn small(self) -> Parsed<u32> {
        let number = self.number()?;
        u32::try_from(number).or_else(|_| self.error(format!("{number} is too large")))
    }
}

fn number(text: &str) -> Option<u64> {
    let text = text.replace('_', "");
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

impl Query {
    /// Reads a query; see the module `find` for its words.
    ///
    /// # Errors
    /// If the text makes no sense, or names something that the run does not have.
    pub fn parse(text: &str, timeline: &mut Timeline) -> Result<Query, QueryError> {
        // So that what the run makes first is there to be named.
        let here = timeline.step();
        let stands = timeline.seek(here);
        stands.or_else(|error| Text { rest: text, at: 0 }.error(error.to_string()))?;
        let mut parts = Vec::new();
        let mut rest = Text { rest: text, at: 0 };
        while let Some((before, behind)) = rest.split(" or ") {
            parts.push(one(before, timeline)?);
            rest = behind;
        }
        parts.push(one(rest.trimmed(), timeline)?);
        Ok(if parts.len() == 1 { parts.remove(0) } else { Query::Any(parts) })
    }
}

/// A query without `or`.
fn one(text: Text<'_>, timeline: &mut Timeline) -> Parsed<Query> {
    let (word, rest) = text.word();
    let nothing_more = |query: Query| match rest.is_empty() {
        true => Ok(query),
        false => rest.error(format!("`{}` behind `{word}`, which stands alone", rest.rest)),
    };
    let needs = |what: &str| match rest.is_empty() {
        true => rest.error(format!("`{word}` needs {what}")),
        false => Ok(()),
    };
    match word {
        "" => text.error(format!("a query begins with one of {WORDS}")),
        "trap" => nothing_more(Query::Trap),
        "pc" => {
            needs("the file offset of an operator: pc 0x41")?;
            let (module, pc) = match rest.split(":") {
                Some((module, pc)) => (module.small()?, pc.small()?),
                None => (0, rest.small()?),
            };
            let known = timeline.run.module(module).is_some_and(|module| module.data().func_at(pc).is_some());
            if known {
                Ok(Query::Pc { module, pc })
            } else {
                rest.error(format!("no function has an operator at {pc:#x}"))
            }
        }
        "func" => {
            needs("a function: func main, func 0:17")?;
            func(rest, timeline).map(Query::Func)
        }
        "ip" => {
            needs("a function and an offset: ip 0:17+24")?;
            let Some(plus) = rest.rest.rfind('+') else {
                return rest.error("an ip is a function, `+` and an offset: ip 0:17+24");
            };
            let name = Text { rest: &rest.rest[..plus], at: rest.at }.trimmed();
            let ip = Text { rest: &rest.rest[plus + 1..], at: rest.at + plus + 1 }.trimmed().small()?;
            let func = func(name, timeline)?;
            let code = timeline.code(func).or_else(|error| name.error(error.to_string()))?;
            match code.op_at(ip) {
                Some(_) => Ok(Query::Ip { func, ip }),
                None => rest.error(format!("function {func} has no op at {ip}")),
            }
        }
        "op" => {
            needs("a mnemonic: op i32.div_s, op i32.div*")?;
            let (name, more) = rest.word();
            let known = crate::code::OPS.iter().any(|op| like(name, &op.mnemonic()));
            if !more.is_empty() {
                more.error(format!("`{}` behind the mnemonic", more.rest))
            } else if known {
                Ok(Query::Op(name.to_owned()))
            } else {
                rest.error(format!("no op is called `{name}`; `*` stands for anything: op i32.div*"))
            }
        }
        "outcome" => {
            let name = Outcome::named(rest.rest);
            let named = OutcomeClass::ALL.iter().find(|it| name.is_some() && Outcome::named(it.1) == name);
            let all = Outcome::NAMES.join(", ");
            named.map_or_else(
                || rest.error(format!("an outcome is one of {all}")),
                |(class, _)| Ok(Query::Outcome(*class)),
            )
        }
        "host" if rest.is_empty() => Ok(Query::Host(None)),
        "host" => {
            let (name, more) = rest.word();
            if !more.is_empty() {
                return more.error(format!("`{}` behind the function's name", more.rest));
            }
            let known = timeline.run.host_names();
            if known.iter().any(|(module, field)| named_so(name, module, field)) {
                return Ok(Query::Host(Some(name.to_owned())));
            }
            let some: Vec<&str> = known.iter().take(6).map(|(_, field)| &**field).collect();
            rest.error(format!("the program imports no host function `{name}`; there are {}", listed(&some)))
        }
        "read" | "write" | "access" => {
            needs("a range of memory: 0x400..0x410, 0x400+8, mem1:0x400")?;
            let access = match word {
                "read" => Access::Read,
                "write" => Access::Write,
                _ => Access::Any,
            };
            let (memory, range) = range(rest, timeline)?;
            Ok(Query::Memory { memory, range, access })
        }
        "mem" => {
            needs("a type, an address and a value: mem u32 0x400 == 12")?;
            let (name, rest) = rest.word();
            let Some(&(ty, _)) = CellType::ALL.iter().find(|(_, word)| *word == name) else {
                let all = CellType::ALL.map(|(_, name)| name).join(", ");
                return text.error(format!("`{name}` is no type of a number in memory; there are {all}"));
            };
            let Some((place, value)) = rest.split("==") else {
                return rest.error("a value is missing: mem u32 0x400 == 12");
            };
            let (memory, addr) = address(place, timeline)?;
            let place = Place::Memory { memory, addr, ty };
            Ok(Query::Becomes { place, bits: bits(value, &ty.to_string())? })
        }
        "global" => {
            needs("a global: global counter, global 0:3")?;
            let (name, value) = rest.split("==").map_or((rest, None), |(name, value)| (name, Some(value)));
            let (instance, index, ty) = global(name, timeline)?;
            match value {
                None => Ok(Query::Global { instance, index }),
                Some(value) => {
                    let place = Place::Global { instance, index, ty };
                    Ok(Query::Becomes { place, bits: typed_bits(value, ty)? })
                }
            }
        }
        _ => {
            let rest = if word == "slot" { rest } else { text };
            let (name, value) = rest.split("==").map_or((rest, None), |(name, value)| (name, Some(value)));
            let found = slot(name, timeline);
            if word != "slot" && found.is_err() && !is_slot(name.rest) {
                return text.error(format!("`{word}` begins no query; {WORDS} do"));
            }
            let (slot, ty) = found?;
            match value {
                None => Ok(Query::Slot(slot)),
                Some(value) => {
                    Ok(Query::Becomes { place: Place::Slot(slot, ty), bits: typed_bits(value, ty)? })
                }
            }
        }
    }
}

/// Whether a word looks like a slot: `r3`, `p0`, `l1`, `s2`.
fn is_slot(word: &str) -> bool {
    let name = word.split_whitespace().next().unwrap_or_default();
    name.strip_prefix(['r', 'p', 'l', 's']).is_some_and(|number| number.parse::<u32>().is_ok())
}

/// Whether a name with `*` for anything fits.
pub(in crate::timeline) fn like(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// Whether a host function is meant by `name`.
pub(super) fn named_so(name: &str, module: &str, field: &str) -> bool {
    name == field || name.strip_prefix(module).and_then(|rest| rest.strip_prefix('.')) == Some(field)
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn func(text: Text<'_>, timeline: &Timeline) -> Parsed<FuncId> {
    let modules = timeline.run.modules();
    let exists = |id: FuncId| match modules.get(id.module as usize) {
        Some(module) if (id.func as usize) < module.data().funcs.len() => {
            match module.data().is_imported_func(id.func) {
                true => {
                    text.error(format!("function {id} is imported; `host` looks for calls of host functions"))
                }
                false => Ok(id),
            }
        }
        Some(module) => {
            text.error(format!("module {} has {} functions", id.module, module.data().funcs.len()))
        }
        None => text.error(format!("there is no module {}", id.module)),
    };
    if let Some(func) = number(text.rest) {
        return exists(FuncId { module: 0, func: u32::try_from(func).unwrap_or(u32::MAX) });
    }
    if let Some((module, func)) = text.rest.split_once(':')
        && let (Some(module), Some(func)) = (number(module.trim()), number(func.trim()))
    {
        let [module, func] = [module, func].map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        return exists(FuncId { module, func });
    }
    let mut near = Vec::new();
    for (number, module) in modules.iter().enumerate() {
        let data = module.data();
        let exported = data.export(text.rest).filter(|export| export.kind == ExternKind::Func);
        if let Some(export) = exported {
            return exists(FuncId { module: number as u32, func: export.index });
        }
        for func in 0..data.funcs.len() as u32 {
            let id = FuncId { module: number as u32, func };
            if let Some(name) = data.func_name(func) {
                if name == text.rest {
                    return exists(id);
                }
                if near.len() < 4 && name.contains(text.rest) && !data.is_imported_func(func) {
                    near.push((id, name.into_owned()));
                }
            }
        }
    }
    match near.as_slice() {
        [] => text.error(format!("no function is called `{}`", text.rest)),
        [(id, _)] => Ok(*id),
        several => {
            let names: Vec<&str> = several.iter().take(3).map(|(_, name)| &**name).collect();
            text.error(format!("several functions are called like `{}`: {}", text.rest, listed(&names)))
        }
    }
}

/// `mem1:` in front of an address.
fn memory<'t>(text: Text<'t>, timeline: &mut Timeline) -> Parsed<(u32, Text<'t>)> {
    let (memory, rest) = match text.split(":") {
        None => (0, text),
        Some((name, rest)) => {
            let number = Text { rest: name.rest.strip_prefix("mem").unwrap_or(name.rest), at: name.at };
            (number.small()?, rest)
        }
    };
    let memories = timeline.memories().len() as u32;
    // At the very beginning nothing has been made yet.
    if memory < memories.max(1) {
        Ok((memory, rest))
    } else {
        text.error(format!("there are {memories} memories"))
    }
}

fn address(text: Text<'_>, timeline: &mut Timeline) -> Parsed<(u32, u64)> {
    let (memory, rest) = memory(text, timeline)?;
    Ok((memory, rest.number()?))
}

fn range(text: Text<'_>, timeline: &mut Timeline) -> Parsed<(u32, Range<u64>)> {
    let (memory, rest) = memory(text, timeline)?;
    let (start, end) = if let Some((start, end)) = rest.split("..") {
        (start.number()?, end.number()?)
    } else if let Some((start, len)) = rest.split("+") {
        let start = start.number()?;
        (start, start.saturating_add(len.number()?))
    } else {
        let start = rest.number()?;
        (start, start.saturating_add(1))
    };
    if start < end { Ok((memory, start..end)) } else { rest.error("the range is empty") }
}

fn global(text: Text<'_>, timeline: &mut Timeline) -> Parsed<(u32, u32, ValueType)> {
    let globals = timeline.globals();
    let numbered = match text.rest.split_once(':') {
        Some((instance, index)) => number(instance).zip(number(index)),
        None => number(text.rest).map(|index| (0, index)),
    };
    let found = globals.iter().find(|global| match numbered {
        Some((instance, index)) => (global.instance as u64, global.index as u64) == (instance, index),
        None => global.name.as_deref() == Some(text.rest.strip_prefix('$').unwrap_or(text.rest)),
    });
    match found {
        Some(global) if global.mutable => Ok((global.instance, global.index, global.value.ty)),
        Some(_) => text.error("that global never changes"),
        None => {
            let names: Vec<&str> =
                globals.iter().filter_map(|global| global.name.as_deref()).take(6).collect();
            text.error(format!("no global `{}`; there are {} ({})", text.rest, globals.len(), listed(&names)))
        }
    }
}

/// `r3`, `p0`, `l1`, `s2` or a name, of the innermost frame or `of FUNC@STEP`.
fn slot(text: Text<'_>, timeline: &mut Timeline) -> Parsed<(SlotOf, ValueType)> {
    let (name, of) = text.word();
    if name.is_empty() {
        return text.error("a slot is missing: slot r3");
    }
    let innermost = timeline.depth().checked_sub(1);
    let (func, entered, depth) = match of.rest.strip_prefix("of ") {
        Some(frame) => {
            let frame = Text { rest: frame, at: of.at + 3 }.trimmed();
            let Some((name, step)) = frame.split("@") else {
                return frame
                    .error("an activation is a function, `@` and the step it was entered at: 0:17@412");
            };
            let (func, entered) = (func(name, timeline)?, step.number()?);
            let depth = timeline.depth();
            let known = timeline.frames(0..depth).into_iter().find(|view| view.entered == entered);
            (func, entered, known.map(|view| view.depth))
        }
        None if !of.is_empty() => {
            return of.error("behind a slot stands `of` and an activation: of 0:17@412");
        }
        None => {
            let Some(depth) = innermost else {
                return text.error("no function is active here; name the activation: slot r3 of 0:17@412");
            };
            let view = timeline.frames(depth..depth + 1).remove(0);
            (view.func, view.entered, Some(depth))
        }
    };
    let code = timeline.code(func).or_else(|error| text.error(error.to_string()))?;
    let here: Vec<SlotView> = depth.map(|depth| timeline.slots(depth)).unwrap_or_default();
    let plain = name.strip_prefix('$').unwrap_or(name);
    let number = plain.get(1..).and_then(|number| number.parse::<u32>().ok());
    let by_number = |slot: u32| Some(slot).filter(|&slot| code.slot(slot).is_some());
    let slot = match (plain.as_bytes().first(), number) {
        (Some(b'r'), Some(number)) => by_number(number),
        (Some(b'p' | b'l' | b's'), Some(_)) => {
            code.slots.iter().find(|info| info.kind.to_string() == plain).map(|info| info.slot)
        }
        _ => None,
    };
    let named = || code.slots.iter().find(|info| info.name.as_deref() == Some(plain)).map(|info| info.slot);
    let Some(slot) = slot.or_else(named) else {
        return text.error(format!("function {func} has no slot `{name}`"));
    };
    let ty = here.iter().find(|view| view.slot == slot).map(|view| view.value.ty);
    let ty = ty.or_else(|| code.slot(slot).and_then(|info| info.ty)).unwrap_or(ValueType::I64);
    Ok((SlotOf { func, entered, slot }, ty))
}

/// A value of a WebAssembly type, possibly with its type in front.
fn typed_bits(text: Text<'_>, ty: ValueType) -> Parsed<u128> {
    let (word, rest) = text.word();
    let text = if ValueType::from_name(word).is_some() { rest } else { text };
    bits(text, ty.name())
}

/// The bits of a number of a type.
fn bits(text: Text<'_>, ty: &str) -> Parsed<u128> {
    if text.is_empty() {
        return text.error("a value is missing");
    }
    let wrong = || text.error(format!("`{}` is no {ty}", text.rest));
    let width = match ty {
        "u8" | "i8" => 8,
        "u16" | "i16" => 16,
        "u32" | "i32" | "f32" => 32,
        "u64" | "i64" | "f64" => 64,
        _ => 128,
    };
    let plain = text.rest.strip_prefix("bits ").unwrap_or(text.rest).trim();
    let raw = plain.len() != text.rest.len();
    if !raw && let "f32" | "f64" = ty {
        return match ty {
            "f32" => text.rest.parse::<f32>().map(|value| u128::from(value.to_bits())),
            _ => text.rest.parse::<f64>().map(|value| u128::from(value.to_bits())),
        }
        .or_else(|_| wrong());
    }
    let (negative, digits) = plain.strip_prefix('-').map_or((false, plain), |digits| (true, digits));
    let digits = digits.replace('_', "");
    let value = match digits.strip_prefix("0x") {
        Some(hex) => u128::from_str_radix(hex, 16),
        None => digits.parse::<u128>(),
    };
    let Ok(value) = value else { return wrong() };
    let mask = if width == 128 { u128::MAX } else { (1 << width) - 1 };
    if value > mask || negative && value > (mask >> 1) + 1 {
        return text.error(format!("`{}` does not fit a {ty}", text.rest));
    }
    Ok(if negative { value.wrapping_neg() & mask } else { value })
}
