//! What the card says about an op, or about a trap: full sentences with live values.
//!
//! ```text
//! r5 = i32.div_s r3, r4                    the op, and where it stands
//! It sets r5 to r3 / r4, signed.           its meaning, from the instruction table
//! Now that is 17 / 5 = 3.                  with the values of this moment
//! It stands for …  It traps on …  Its handler returns …  Its kind …  Specification …
//! ```
//!
//! Nothing is known here about single ops: everything follows from the table's meaning, kind and
//! lesson, and from the moment. Elsewhere: short words about steps (`words`), the pane (`panes`).

use crate::moment::{Frame, Lesson, Listing, Moment, Next, Read, func_name};
use crate::words::{self, Base};
use wasmscope_trace_format::{Effect, Flow, FuncId, Outcome, Reason, SlotKind};

/// How something is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// A heading.
    Head,
    /// A sentence.
    Plain,
    /// What is so at this moment.
    Live,
    /// What went wrong.
    Bad,
    /// What matters less.
    Less,
}

/// A sentence of the card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// How.
    pub tone: Tone,
    /// What.
    pub text: String,
    /// What it leads to.
    pub to: Option<Lead>,
}

/// Where a sentence leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lead {
    /// To a step.
    Step(u64),
    /// To the last write of what a text names, wherever that was.
    Write(String),
}

fn said(tone: Tone, text: impl Into<String>) -> Said {
    Said { tone, text: text.into(), to: None }
}

/// Whether the moment is that of a trap.
pub fn trapped(now: &Moment) -> bool {
    let outcome = now.last.as_ref().map(|last| &last.row.event.outcome);
    now.next.is_none() && matches!(outcome, Some(Outcome::Error(Reason::Trap(_))))
}

/// At a trap, what was read that it is about: the address of an access, the index of a call, else what the op
/// reads last, as a divisor.
pub fn suspect(now: &Moment) -> Option<&Read> {
    let last = now.last.as_ref().filter(|_| trapped(now))?;
    let event = &last.row.event;
    let code = last.code.as_ref();
    let address = code.and_then(|code| *code.addresses.get(event.op as usize)?);
    let calls = code.and_then(|code| code.op(event.op)).is_some_and(|op| {
        matches!(op.flow, Flow::CallIndirect { .. } | Flow::TailCallIndirect | Flow::Table { .. })
    });
    match address {
        Some((slot, _)) => last.reads.iter().find(|read| read.slot == slot),
        None if calls => last.reads.first(),
        None => last.reads.last(),
    }
}

/// What the card says: about the op `pinned`, else about a trap, else about the op that is next.
pub fn card(now: &Moment, pinned: Option<(FuncId, u32)>, base: Base) -> Vec<Said> {
    let code = now.code.as_deref();
    let pinned = pinned.and_then(|(func, ip)| {
        let code = code.filter(|code| code.code.func == func)?;
        Some((code, code.code.op_at(ip)?))
    });
    match (pinned, &now.next) {
        (Some((code, op)), _) => about(code, op),
        (None, _) if trapped(now) => autopsy(now, base),
        (None, Some(next)) => explain(now, next, base),
        (None, None) => vec![said(Tone::Plain, format!("Nothing is next: {}.", now.run.text()))],
    }
}

/// A meaning as a sentence: `r5 = r3 + r4` becomes `It sets r5 to r3 + r4.`
fn sentence(meaning: &str) -> String {
    let (clause, remark) = meaning.split_once(';').unwrap_or((meaning, ""));
    // When it traps is said by itself.
    let remark = if remark.trim_start().starts_with("traps") { "" } else { remark };
    let told = match clause.split_once(" = ") {
        Some((to, value)) if !clause.starts_with("if ") => format!("It sets {to} to {value}"),
        _ if clause.starts_with("if ") => format!("I{}", &clause[1..]),
        _ => format!("It {clause}"),
    };
    match remark.trim() {
        "" => told + ".",
        remark => format!("{told}; {remark}."),
    }
}

/// What an op does wherever it runs.
fn about(code: &Listing, op: u32) -> Vec<Said> {
    let Some(shape) = code.op(op) else { return Vec::new() };
    let place = format!("{}   {}+{:#x}, pc {:#x}", shape.text, code.name(), shape.ip, shape.pc);
    let mut all = vec![said(Tone::Head, place), said(Tone::Plain, sentence(&code.meaning(op)))];
    all.extend(wasm(code.operators.get(op as usize).map_or("", String::as_str), shape.weight));
    let lesson = code.lessons.get(op as usize);
    if let Some(lesson) = lesson {
        all.push(said(Tone::Plain, traps(lesson)));
        all.extend(general(lesson));
    }
    all
}

fn wasm(operators: &str, weight: u32) -> Option<Said> {
    let tell = match (operators, weight) {
        ("", _) => return None,
        (_, 0 | 1) => format!("It stands for the WebAssembly operators {operators}."),
        _ => format!("It stands for the WebAssembly operators {operators}: {weight} ticks in one step."),
    };
    Some(said(
        Tone::Plain,
        tell.replace("operators", if operators.contains(" · ") { "operators" } else { "operator" }),
    ))
}

fn traps(lesson: &Lesson) -> String {
    match lesson.traps {
        "" => "It never traps.".into(),
        traps => format!("It {traps}."),
    }
}

fn general(lesson: &Lesson) -> [Said; 2] {
    let kind = format!(
        "Its natural kind is \"{}\": its handler {}. All handlers have one signature nevertheless.",
        lesson.kind, lesson.touches
    );
    let section = format!("WebAssembly specification 2.0, section {}.", lesson.section);
    [said(Tone::Less, kind), said(Tone::Less, section)]
}

/// What a slot is for, in words.
fn role(read: &Read) -> String {
    match (read.kind, &read.name) {
        (SlotKind::Param(_), Some(name)) => format!("parameter ${name}"),
        (SlotKind::Local(_), Some(name)) => format!("local ${name}"),
        (SlotKind::Param(at), None) => format!("parameter {at}"),
        (SlotKind::Local(at), None) => format!("local {at}"),
        (SlotKind::Operand(height), _) => format!("the operand at height {height}"),
    }
}

/// The values an op reads, one sentence each, leading to the steps that made them.
fn operands<'a>(meaning: &str, reads: impl IntoIterator<Item = &'a Read>, base: Base) -> Vec<Said> {
    let tell = |read: &Read| {
        let role = role(read);
        let value = words::operand(meaning, read, base);
        match &read.origin {
            Some(origin) => {
                let text = format!(
                    "{} ({role}) = {value}, since step {}: {}",
                    read.label,
                    words::count(origin.step),
                    origin.text
                );
                Said { tone: Tone::Live, text, to: Some(Lead::Step(origin.step)) }
            }
            None => {
                let text = format!("{} ({role}) = {value}, made long before", read.label);
                Said { tone: Tone::Live, text, to: Some(Lead::Write(read.label.clone())) }
            }
        }
    };
    reads.into_iter().map(tell).collect()
}

/// The op that is next, with the values of this moment.
fn explain(now: &Moment, next: &Next, base: Base) -> Vec<Said> {
    let (inner, base) = (now.inner.as_ref(), words::reading(&next.meaning, base));
    let func = inner.map_or_else(String::new, |it| func_name(it.func, it.name.as_deref()));
    let mut all = vec![
        said(Tone::Head, format!("{}   {func}+{:#x}, pc {:#x}", next.text, next.ip, next.pc)),
        said(Tone::Plain, sentence(&next.meaning)),
    ];
    all.extend(now_it_is(next, base));
    all.extend(operands(&next.meaning, &next.reads, base));
    all.extend(next.loads().map(|bytes| Said {
        tone: Tone::Live,
        text: format!("the bytes at {bytes}: Enter goes to the step that wrote them last"),
        to: Some(Lead::Write(bytes)),
    }));
    let op = next.code.as_ref().and_then(|(code, op)| code.op(*op));
    let weight = op.map_or(1, |op| op.weight);
    all.extend(wasm(&next.operators, weight));
    if let Some(lesson) = next.code.as_ref().and_then(|(code, op)| code.lessons.get(*op as usize)) {
        all.push(said(Tone::Plain, format!("{}{}", traps(lesson), reach(now, next))));
        all.extend(returns(next).map(|text| said(Tone::Plain, text)));
        all.extend(general(lesson));
    }
    all
}

/// The op's formula with values, and its result.
fn now_it_is(next: &Next, base: Base) -> Option<Said> {
    if let Some(condition) = words::condition(&next.meaning, &next.reads, base) {
        let text = match words::holds(&next.meaning, &next.reads) {
            Some(true) => format!("The condition is now {condition}: it holds."),
            Some(false) => format!("The condition is now {condition}: it does not hold."),
            // Of the type a call expects, say.
            None => return None,
        };
        return Some(said(Tone::Live, text));
    }
    let live = words::live(&next.meaning, &next.reads, base);
    let ran = next.row.as_ref().filter(|row| row.event.outcome == Outcome::Next);
    let results = ran.iter().flat_map(|row| &row.event.effects).filter_map(|effect| match effect {
        Effect::Slot { value, .. } => Some(base.show(*value)),
        _ => None,
    });
    let results: Vec<String> = results.collect();
    let result = (!results.is_empty()).then(|| results.join(", "));
    let text = match (live, result) {
        (Some(live), Some(result)) if live != result => format!("Now that is {live} = {result}."),
        (Some(live), _) => format!("Now that is {live}."),
        (None, Some(result)) => format!("Now that is {result}."),
        (None, None) => return None,
    };
    Some(said(Tone::Live, text))
}

/// How near a memory access comes to the memory's end.
fn reach(now: &Moment, next: &Next) -> String {
    let found = || {
        let (code, op) = next.code.as_ref().map(|(code, op)| (code, *op))?;
        let (slot, offset) = (*code.addresses.get(op as usize)?)?;
        let access = code.op(op)?.access?;
        let base = next.reads.iter().find(|it| it.slot == slot)?.value.bits;
        let memory = now.memories.iter().find(|it| it.index == access.memory).or(now.memories.first())?;
        let first = base + u128::from(offset);
        let end = first + u128::from(access.size);
        let verdict = match end > u128::from(memory.len) {
            true => "so it traps",
            false => "so it does not",
        };
        Some(format!(
            " Here it touches {first:#x} to {:#x}, and the memory has {:#x} bytes, {verdict}.",
            end - 1,
            memory.len
        ))
    };
    found().unwrap_or_default()
}

/// What the handler will return, and what that means.
fn returns(next: &Next) -> Option<String> {
    if let Some(row) = &next.row {
        let means = match &row.event.outcome {
            Outcome::Next if next.branch => "the branch is not taken, the op behind it is next",
            Outcome::Next => "the op behind it is next",
            Outcome::Jump if next.branch => "the branch is taken: it has set the instruction pointer itself",
            Outcome::Jump => "it has set the instruction pointer itself",
            Outcome::Call => "a frame was pushed, and the callee's first op is next",
            Outcome::TailCall => "the callee's frame has taken the place of this one",
            Outcome::HostCall => "the host did something, and the op behind it is next",
            Outcome::Return => "the frame is gone, and the caller goes on behind its call",
            Outcome::Throw => "an exception was thrown, and a handler for it found",
            Outcome::Halt => "the outermost frame is gone, and the run is over",
            Outcome::Error(_) => "the run stops, and the reason lies in the store",
        };
        return Some(format!("Its handler returns {}: {means}.", row.event.outcome.name()));
    }
    Some(match words::taken(next)? {
        true => "Its handler will return Jump: the branch is taken.".into(),
        false => "Its handler will return Next: the branch is not taken.".into(),
    })
}

/// Why the run trapped.
fn autopsy(now: &Moment, base: Base) -> Vec<Said> {
    let Some(last) = &now.last else { return Vec::new() };
    let (event, base) = (&last.row.event, words::reading(&last.row.meaning, base));
    let reason = match &event.outcome {
        Outcome::Error(reason) => reason.to_string(),
        other => other.name().to_owned(),
    };
    let mut all =
        vec![said(Tone::Bad, format!("{reason}   in {}+{:#x}, pc {:#x}", last.row.func, event.ip, event.pc))];
    if let Some(fault) = &last.fault {
        all.push(said(Tone::Bad, fault.clone()));
    }
    all.extend(last.led.iter().map(|it| Said {
        tone: Tone::Live,
        text: format!("the branch before it, step {}: {}", words::count(it.step), it.text),
        to: Some(Lead::Step(it.step)),
    }));
    // What it trapped on is seen however small the card is; where the other operands came from, and who called
    // whom, innermost first, is what one looks for next.
    let suspect = suspect(now);
    let (first, others): (Vec<&Read>, Vec<&Read>) = last.reads.iter().partition(|it| Some(*it) == suspect);
    all.extend(operands(&last.row.meaning, first, base));
    // An op that only traps has said so.
    if !reason.ends_with(&last.row.text) {
        all.push(said(Tone::Head, last.row.text.clone()));
    }
    all.extend(operands(&last.row.meaning, others, base));
    all.extend(now.backtrace.iter().rev().flat_map(called));
    let told = now.backtrace.len() + now.outermost.len();
    if now.depth as usize > told {
        let more = now.depth as usize - told;
        all.push(said(Tone::Less, format!("and {} frames more, down to", words::count(more as u64))));
    }
    all.extend(now.outermost.iter().rev().flat_map(called));
    if let Some(live) = words::live(&last.row.meaning, &last.reads, base) {
        all.push(said(Tone::Live, format!("That was {live}.")));
    }
    all.push(said(Tone::Plain, sentence(&last.row.meaning)));
    if let Some(lesson) = last.code.as_ref().and_then(|code| code.lessons.get(event.op as usize)) {
        all.push(said(Tone::Plain, traps(lesson)));
        all.extend(general(lesson));
    }
    all
}

/// A frame, and the step that called it; behind the functions inlined there.
fn called(frame: &Frame) -> Vec<Said> {
    let name = func_name(frame.func, frame.name.as_deref());
    // What the compiler put into it comes first: that is where it stands.
    let inlined = frame.inlined.iter().map(|it| {
        let at = it.line.as_ref().map_or_else(String::new, |line| format!(" at {line}"));
        Said { tone: Tone::Plain, text: format!("in {}{at}, inlined", it.name), to: None }
    });
    let call = frame.entered.saturating_sub(u64::from(frame.depth > 0));
    let at = frame.line.as_ref().map_or_else(String::new, |line| format!(" at {line}"));
    let text = match frame.depth {
        0 => format!("in {name}{at}, from step {}", words::count(call)),
        _ => format!("in {name}{at}, called at step {}", words::count(call)),
    };
    inlined.chain([Said { tone: Tone::Plain, text, to: Some(Lead::Step(call)) }]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meanings_become_sentences() {
        assert_eq!(sentence("r5 = r3 + r4"), "It sets r5 to r3 + r4.");
        assert_eq!(
            sentence("r5 = r3 / r4, signed; traps on 0 and on MIN / -1"),
            "It sets r5 to r3 / r4, signed."
        );
        assert_eq!(sentence("the 4 bytes at r1 + 8 = r3"), "It sets the 4 bytes at r1 + 8 to r3.");
        assert_eq!(sentence("goes on at 0x1c if r2 is not 0"), "It goes on at 0x1c if r2 is not 0.");
        assert_eq!(
            sentence("throws an exception of tag 1; goes on where it is caught"),
            "It throws an exception of tag 1; goes on where it is caught."
        );
    }
}
