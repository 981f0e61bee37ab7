//! Values, effects and steps in words: the one place that decides how they read.
//!
//! ```text
//! event   r5 = i32.add r3, r4; outcome Next; slot 5 = 12
//! flow    r5=12
//! line    r5 = r3 + r4 → 5 + 7 = 12
//! ```
//!
//! Nothing here draws. Elsewhere: styles (`theme`), rows (`panes`), what the sentences of the instruction table tell
//! (`sentence`), conditions of branches (`branch`).

mod branch;
mod sentence;

pub use branch::{condition, holds, taken};
pub use sentence::{live, operand, reading};

use crate::moment::{FlowRow, Last, Next};
use sentence::{told, with};
use wasmscope_trace_format::{Effect, Outcome, Reason, SlotKind, Value, ValueType};

/// How integers are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Base {
    /// As signed decimal numbers.
    #[default]
    Signed,
    /// As hexadecimal bits.
    Hex,
    /// As unsigned decimal numbers.
    Unsigned,
}

impl Base {
    /// The next one round.
    pub fn cycled(self) -> Base {
        match self {
            Base::Signed => Base::Hex,
            Base::Hex => Base::Unsigned,
            Base::Unsigned => Base::Signed,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Base::Signed => "decimal",
            Base::Hex => "hexadecimal",
            Base::Unsigned => "unsigned",
        }
    }

    /// A value in this base.
    pub fn show(self, value: Value) -> String {
        let integer = matches!(value.ty, ValueType::I32 | ValueType::I64);
        match self {
            Base::Hex if !value.ty.is_ref() => {
                format!("0x{:0width$x}", value.bits, width = value.ty.width() * 2)
            }
            Base::Unsigned if integer => value.bits.to_string(),
            _ => value.to_string(),
        }
    }
}

/// An import as the screen names it: nearly all are of one interface, whose name says little.
pub fn host(import: &str) -> &str {
    import.strip_prefix("wasi_snapshot_preview1.").unwrap_or(import)
}

/// Whether a step went wrong; the end that the program asked for is none of that.
pub fn failed(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Error(reason) if !matches!(reason, Reason::Exit(_)))
}

/// What a slot is for, in words.
pub fn kind(kind: SlotKind) -> String {
    match kind {
        SlotKind::Param(index) => format!("param {index}"),
        SlotKind::Local(index) => format!("local {index}"),
        SlotKind::Operand(height) => format!("operand {height}"),
    }
}

/// A number with its thousands apart.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number in at most five characters: `3.1M`.
pub fn brief(n: u64) -> String {
    let (divisor, unit) = match n {
        0..10_000 => return count(n),
        10_000..10_000_000 => (1_000, "k"),
        10_000_000..10_000_000_000 => (1_000_000, "M"),
        10_000_000_000..10_000_000_000_000 => (1_000_000_000, "G"),
        _ => (1_000_000_000_000, "T"),
    };
    match n / divisor {
        whole @ 0..100 => format!("{whole}.{}{unit}", n % divisor * 10 / divisor),
        whole => format!("{whole}{unit}"),
    }
}

/// A number of bytes in the largest unit of which it is a whole number: `64 KiB`, `1 GiB`, `20 bytes`.
pub fn size(bytes: u64) -> String {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let whole = units.into_iter().find(|(_, by)| bytes > 0 && bytes.trailing_zeros() >= *by);
    match whole {
        Some((unit, by)) => format!("{} {unit}", count(bytes >> by)),
        None => format!("{} bytes", count(bytes)),
    }
}

/// A part of a whole in percent, in at most four characters: what is little is not nothing, what is nearly all
/// is not all.
pub fn share(part: u64, whole: u64) -> String {
    let (part, whole) = (u128::from(part), u128::from(whole.max(1)));
    match (part * 200 + whole) / (2 * whole) {
        0 if part > 0 => "<1%".into(),
        100.. if part < whole => ">99%".into(),
        percent => format!("{percent}%"),
    }
}

/// Bytes written at an address: `[0x400]←0c 00`.
pub fn written(addr: u64, bytes: &[u8]) -> String {
    format!("[0x{addr:x}]←{}", hex(bytes, bytes.len() as u64))
}

fn hex(bytes: &[u8], len: u64) -> String {
    let shown: Vec<String> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let more = if len > shown.len() as u64 { " …" } else { "" };
    format!("{}{more}", shown.join(" "))
}

fn values(values: &[Value], base: Base) -> String {
    let shown: Vec<String> = values.iter().map(|&value| base.show(value)).collect();
    shown.join(", ")
}

/// One effect, short; nothing if the row says it otherwise. `label` names a slot of the op's frame.
pub fn effect(effect: &Effect, label: Option<&str>, row: &FlowRow, base: Base) -> Option<String> {
    Some(match effect {
        Effect::Slot { depth, slot, value, .. } => {
            let value = base.show(*value);
            match label {
                Some(label) => format!("{label}={value}"),
                None if *depth < row.event.depth => format!("result={value}"),
                None if *depth > row.event.depth => format!("argument={value}"),
                None => format!("slot {slot}={value}"),
            }
        }
        Effect::Global { index, value, .. } => match label {
            Some(name) => format!("{name}={}", base.show(*value)),
            None => format!("global {index}={}", base.show(*value)),
        },
        Effect::Read { addr, len, bytes, .. } => {
            format!("[0x{addr:x}]→{}", hex(bytes, *len))
        }
        Effect::Write { addr, len, bytes, .. } => {
            format!("[0x{addr:x}]←{}", hex(bytes, *len))
        }
        Effect::TableWrite { table, index, len, .. } if *len == 1 => {
            format!("table {table}[{index}] written")
        }
        Effect::TableWrite { table, index, len, .. } => {
            format!("table {table}[{index}..{}] written", index + len)
        }
        Effect::MemoryGrow { old_pages, new_pages, .. } => {
            format!("memory {old_pages}→{new_pages} pages")
        }
        Effect::TableGrow { old_len, new_len, .. } => format!("table {old_len}→{new_len}"),
        Effect::DropElem { index, .. } => format!("elem {index} dropped"),
        Effect::DropData { index, .. } => format!("data {index} dropped"),
        Effect::Push { .. } => format!("→ {}", row.callee.as_deref()?),
        Effect::Pop { .. } => return None,
        Effect::HostCall { import, args, results } => {
            let import = host(import);
            let results = match results.is_empty() {
                true => String::new(),
                false => format!(" → {}", values(results, base)),
            };
            format!("{import}({}){results}", values(args, base))
        }
    })
}

/// All effects of a step, short.
pub fn effects(row: &FlowRow, base: Base) -> String {
    let labels = row.labels.iter().map(Option::as_deref);
    let all = row.event.effects.iter().zip(labels);
    // What was written says more than what was read for it.
    let (read, rest): (Vec<_>, Vec<_>) = all.partition(|(it, _)| matches!(it, Effect::Read { .. }));
    let shown = rest.into_iter().chain(read).filter_map(|(it, label)| effect(it, label, row, base));
    shown.collect::<Vec<_>>().join("  ")
}

/// What stood where a step wrote, if that was something else.
fn overwritten(effect: &Effect) -> Option<String> {
    match effect {
        Effect::Write { bytes, old: Some(old), len, .. } if old != bytes => {
            Some(format!("was {}", hex(old, *len)))
        }
        _ => None,
    }
}

/// What the last step did: the op with its values, and what came of it.
pub fn did(last: &Last, base: Base) -> String {
    let row = &last.row;
    let (outcome, base) = (&row.event.outcome, reading(&row.meaning, base));
    let mut text = told(&row.meaning);
    let mut slots: Vec<String> = Vec::new();
    let mut others: Vec<String> = Vec::new();
    for it in &row.event.effects {
        match it {
            Effect::Slot { value, .. } => slots.push(base.show(*value)),
            // `global 0 = r2` names it.
            Effect::Global { value, .. } if text.starts_with("global ") => slots.push(base.show(*value)),
            Effect::Read { .. } | Effect::Push { .. } => {}
            other => {
                let was = overwritten(other).map_or_else(String::new, |was| format!(" ({was})"));
                others.extend(effect(other, None, row, base).map(|it| it + &was));
            }
        }
    }
    // `5 + 7` for `r5 = r3 + r4`; where that can't be said, the values stand beside the text.
    let live = live(&row.meaning, &last.reads, base);
    match (live, outcome) {
        (Some(live), Outcome::Next) if slots.len() == 1 => {
            let result = slots.remove(0);
            let same = live == result;
            others.insert(0, if same { result } else { format!("{live} = {result}") });
        }
        (Some(live), _) => others.insert(0, live),
        (None, _) if !last.reads.is_empty() => {
            text.push_str(&format!("  with {}", with(&row.meaning, &last.reads, base)));
        }
        _ => {}
    }
    // `r0 = 1` says its result already.
    if slots.len() == 1 && text.ends_with(&format!(" = {}", slots[0])) {
        slots.clear();
    }
    let results = slots.join(", ");
    let returned = |name: &str| match slots.is_empty() {
        true => format!("{name} returned"),
        false => format!("{name} returned {results}"),
    };
    let came = match outcome {
        Outcome::Next if row.branch => "not taken, goes on".into(),
        Outcome::Next => results.clone(),
        Outcome::Jump if row.branch => "taken".into(),
        Outcome::Jump => "jumped".into(),
        Outcome::Call => format!("entered {}", row.callee.as_deref().unwrap_or("a function")),
        Outcome::TailCall => format!("became {}", row.callee.as_deref().unwrap_or("another function")),
        Outcome::HostCall => String::new(),
        Outcome::Return => returned(&row.func),
        Outcome::Throw => "threw".into(),
        Outcome::Halt => format!("{}, the program ended", returned(&row.func)),
        // What kind of trap, the line below says.
        Outcome::Error(Reason::Trap(_)) => "traps".into(),
        Outcome::Error(reason @ Reason::Exit(_)) => format!("the program ended: {reason}"),
        Outcome::Error(reason) => reason.to_string(),
    };
    if !came.is_empty() {
        others.push(came);
    }
    match others.is_empty() {
        true => text,
        false => format!("{text} → {}", others.join(", ")),
    }
}

/// What the next op is about to do.
pub fn will(next: &Next, base: Base) -> String {
    let mut text = told(&next.meaning);
    if !next.reads.is_empty() {
        let base = reading(&next.meaning, base);
        text.push_str(&format!("  with {}", with(&next.meaning, &next.reads, base)));
    }
    match taken(next) {
        Some(true) => text.push_str("  (will be taken)"),
        Some(false) => text.push_str("  (will not be taken)"),
        None => {}
    }
    let Some(row) = &next.row else { return text };
    match &row.event.outcome {
        Outcome::Error(reason @ Reason::Exit(_)) => {
            text.push_str(&format!("  (will end the program: {reason})"));
        }
        Outcome::Error(reason) => text.push_str(&format!("  (will fail: {reason})")),
        _ => {}
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(
            [0, 9_999, 10_000, 123_456, 3_140_000_000].map(brief),
            ["0", "9,999", "10.0k", "123k", "3140M"]
        );
        assert_eq!(count(0), "0");
        let shares =
            [(0, 7), (1, 1000), (6158, 52007), (1, 2), (52006, 52007), (7, 7), (0, 0), (u64::MAX, u64::MAX)];
        let shown = shares.map(|(part, whole)| share(part, whole));
        assert_eq!(shown, ["0%", "<1%", "12%", "50%", ">99%", "100%", "0%", "100%"]);
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(
            [0, 20, 1 << 16, 1 << 20, 3 << 19, 1 << 30, 1 << 32, (1 << 30) + (1 << 16)].map(size),
            ["0 bytes", "20 bytes", "64 KiB", "1 MiB", "1,536 KiB", "1 GiB", "4 GiB", "1,048,640 KiB"]
        );
        assert_eq!(Base::Hex.show(Value::i32(-1)), "0xffffffff");
        assert_eq!(Base::Unsigned.show(Value::i32(-1)), "4294967295");
        assert_eq!(Base::Unsigned.show(Value::f32(-1.0)), "-1.0");
    }
}
