//! Places and steps as people type them.
//!
//! ```text
//! break   fib       fib+0x1c    @0x1b3 or @435        0x1c is an ip, 0x1b3 a pc
//! goto    120  1_000  1,000,000  +10  -10  50%  start  end
//! ```

use super::{Failure, Source, Target};
use crate::moment::{Place, func_name};
use wasmscope_trace_format::FuncId;

/// Reads where to go.
pub fn parse_step(text: &str) -> Result<Target, String> {
    let text = text.trim();
    let number = |text: &str| -> Result<u64, String> {
        let digits: String = text.chars().filter(|c| !"_, ".contains(*c)).collect();
        digits.parse().map_err(|_| format!("'{text}' is no step: 120, 1_000, +10, -10, 50%, start or end"))
    };
    match text {
        "start" | "first" => return Ok(Target::Step(0)),
        "end" | "last" => return Ok(Target::End),
        _ => {}
    }
    if let Some(percent) = text.strip_suffix('%') {
        return match number(percent)? {
            part @ 0..=100 => Ok(Target::Percent(part)),
            _ => Err(format!("'{text}' is more than the whole run")),
        };
    }
    let signed = |by: u64| i64::try_from(by).unwrap_or(i64::MAX);
    if let Some(by) = text.strip_prefix('+') {
        return Ok(Target::By(signed(number(by)?)));
    }
    if let Some(by) = text.strip_prefix('-') {
        return Ok(Target::By(-signed(number(by)?)));
    }
    number(text).map(Target::Step)
}

fn offset(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Reads where to stop.
pub(super) fn parse_place(text: &str, source: &dyn Source) -> Result<Place, Failure> {
    let text = text.trim();
    if let Some(pc) = text.strip_prefix('@') {
        let pc = offset(pc).ok_or_else(|| Failure(format!("'{pc}' is no pc: @0x1b3")))?;
        return Ok(Place::Pc(0, pc));
    }
    let (name, ip) = match text.rsplit_once('+') {
        Some((name, ip)) if offset(ip).is_some() => (name, offset(ip)),
        _ => (text, None),
    };
    if let Some(func) = numbered(name) {
        let exists = source.functions().iter().any(|it| it.0 == func);
        let place = ip.map_or(Place::Func(func), |ip| Place::Ip(func, ip));
        return if exists { Ok(place) } else { Err(Failure(format!("there is no function {func}"))) };
    }
    let functions = source.functions();
    let known = |(func, known): &(_, Option<String>)| func_name(*func, known.as_deref());
    let exact: Vec<_> = functions.iter().filter(|it| known(it) == name).collect();
    let found = match exact.is_empty() && !name.is_empty() {
        true => functions.iter().filter(|it| known(it).contains(name)).collect(),
        false => exact,
    };
    match found[..] {
        [(func, _)] => Ok(ip.map_or(Place::Func(*func), |ip| Place::Ip(*func, ip))),
        [] => Err(Failure(format!("no function is called '{name}'"))),
        _ => {
            let names: Vec<String> = found.iter().take(4).map(|it| known(it)).collect();
            let more = if found.len() > 4 { ", …" } else { "" };
            Err(Failure(format!("'{name}' could be {}{more}", names.join(", "))))
        }
    }
}

/// A function by its numbers: `0:17`, module and index.
pub(super) fn numbered(text: &str) -> Option<FuncId> {
    let (module, func) = text.split_once(':')?;
    Some(FuncId { module: module.trim().parse().ok()?, func: func.trim().parse().ok()? })
}

/// A place in words.
pub(super) fn place_text(place: Place, source: &mut dyn Source) -> String {
    let mut name = |func| match source.code(func) {
        Ok(listing) => listing.name(),
        Err(_) => func_name(func, None),
    };
    match place {
        Place::Func(func) => name(func),
        Place::Ip(func, ip) => format!("{}+{ip:#x}", name(func)),
        Place::Pc(_, pc) => format!("@0x{pc:x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        assert_eq!(parse_step(" 1_000,000 "), Ok(Target::Step(1_000_000)));
        assert_eq!(parse_step("50%"), Ok(Target::Percent(50)));
        assert_eq!(parse_step("-10"), Ok(Target::By(-10)));
        assert_eq!(parse_step("end"), Ok(Target::End));
        assert!(parse_step("150%").is_err());
        assert!(parse_step("ten").is_err());
        assert!(parse_step("").is_err());
    }
}
