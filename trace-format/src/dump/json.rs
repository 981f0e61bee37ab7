//! Events as JSON.

use super::{Hex, is_unsafe};
use crate::code::CodeFunc;
use crate::event::{Effect, Event, FuncId};
use crate::outcome::{Outcome, Reason};
use crate::value::Value;
use std::fmt::{self, Display, Write};

/// An event as a JSON object, without a line end. `code` is that of its
/// function, if it is at hand; without it `name` is null and `op` and `text`
/// are empty.
pub fn json(event: &Event, code: Option<&CodeFunc>) -> String {
    let mut out = String::with_capacity(256);
    let op = code.and_then(|code| code.ops.get(event.op as usize));
    let FuncId { module, func } = event.func;
    put!(out, r#"{{"step":{},"tick":{},"#, event.step, event.tick);
    put!(out, r#""module":{module},"func":{func},"name":"#);
    match code.and_then(|code| code.name.as_deref()) {
        Some(name) => put!(out, "{}", Quoted(name)),
        None => out.push_str("null"),
    }
    put!(out, r#","ip":{},"pc":{},"#, event.ip, event.pc);
    let mnemonic = Quoted(op.map_or("", |op| &op.mnemonic));
    let text = Quoted(op.map_or("", |op| &op.text));
    put!(out, r#""op":{mnemonic},"text":{text},"depth":{},"#, event.depth);
    outcome_json(&mut out, &event.outcome);
    out.push_str(r#","effects":["#);
    for (number, effect) in event.effects.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        effect_json(&mut out, effect);
    }
    out.push(']');
    if event.untold.any() {
        let names: Vec<_> = event.untold.names().collect();
        put!(out, r#","untold":["{}"]"#, names.join(r#"",""#));
    }
    out.push('}');
    out
}

/// A JSON string. Beyond what JSON demands, unsafe characters are escaped too.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(f, "\\{character}")?,
                '\n' => f.write_str("\\n")?,
                '\t' => f.write_str("\\t")?,
                // All of these are below U+10000, so one escape is enough.
                unsafe_one if is_unsafe(unsafe_one) => write!(f, "\\u{:04x}", unsafe_one as u32)?,
                other => f.write_char(other)?,
            }
        }
        f.write_char('"')
    }
}

/// A value in JSON, as `serde` writes it.
struct Json<'a>(&'a Value);

impl Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Value { ty, bits } = self.0;
        write!(f, r#"{{"type":"{ty}","bits":"0x{bits:x}","text":"{}"}}"#, self.0)
    }
}

/// The outcome's name; for an error `"Error"`, and a field `error` with kind,
/// text and what there is besides.
fn outcome_json(out: &mut String, outcome: &Outcome) {
    put!(out, r#""outcome":"{}""#, outcome.name());
    let Outcome::Error(reason) = outcome else {
        return;
    };
    let (kind, text) = match reason {
        Reason::Trap(code) => ("trap", code.to_string()),
        Reason::HostError(text) => ("host", text.clone()),
        Reason::Exit(_) => ("exit", reason.to_string()),
        Reason::OutOfFuel => ("fuel", reason.to_string()),
        Reason::Interrupted => ("interrupted", reason.to_string()),
        Reason::WaitingForInput => ("waiting", reason.to_string()),
    };
    put!(out, r#","error":{{"kind":"{kind}","text":{}"#, Quoted(&text));
    if let Reason::Exit(code) = reason {
        put!(out, r#","code":{code}"#);
    }
    out.push('}');
}

fn old_json(out: &mut String, old: Option<&Value>) {
    if let Some(old) = old {
        put!(out, r#","old":{}"#, Json(old));
    }
}

fn values_json(out: &mut String, name: &str, values: &[Value]) {
    put!(out, r#","{name}":["#);
    for (number, value) in values.iter().enumerate() {
        put!(out, "{}{}", if number == 0 { "" } else { "," }, Json(value));
    }
    out.push(']');
}

fn effect_json(out: &mut String, effect: &Effect) {
    match effect {
        Effect::Slot { depth, slot, value, old } => {
            put!(out, r#"{{"effect":"slot","depth":{depth},"slot":{slot}"#);
            put!(out, r#","value":{}"#, Json(value));
            old_json(out, old.as_ref());
        }
        Effect::Global { instance, index, value, old } => {
            put!(out, r#"{{"effect":"global","instance":{instance}"#);
            put!(out, r#","index":{index},"value":{}"#, Json(value));
            old_json(out, old.as_ref());
        }
        Effect::Read { memory, addr, len, bytes } => {
            put!(out, r#"{{"effect":"read","memory":{memory},"addr":{addr}"#);
            put!(out, r#","len":{len},"bytes":"{}""#, Hex(bytes, 0));
        }
        Effect::Write { memory, addr, len, bytes, old } => {
            put!(out, r#"{{"effect":"write","memory":{memory},"addr":{addr}"#);
            put!(out, r#","len":{len},"bytes":"{}""#, Hex(bytes, 0));
            if let Some(old) = old {
                put!(out, r#","old":"{}""#, Hex(old, 0));
            }
        }
        Effect::TableWrite { table, index, len, value } => {
            put!(out, r#"{{"effect":"table","table":{table},"index":{index}"#);
            put!(out, r#","len":{len}"#);
            if let Some(value) = value {
                put!(out, r#","value":{}"#, Json(value));
            }
        }
        Effect::MemoryGrow { memory, old_pages, new_pages } => {
            put!(out, r#"{{"effect":"memory_grow","memory":{memory}"#);
            put!(out, r#","old_pages":{old_pages},"new_pages":{new_pages}"#);
        }
        Effect::TableGrow { table, old_len, new_len } => {
            put!(out, r#"{{"effect":"table_grow","table":{table}"#);
            put!(out, r#","old_len":{old_len},"new_len":{new_len}"#);
        }
        Effect::DropElem { instance, index } => {
            put!(out, r#"{{"effect":"drop_elem","instance":{instance}"#);
            put!(out, r#","index":{index}"#);
        }
        Effect::DropData { instance, index } => {
            put!(out, r#"{{"effect":"drop_data","instance":{instance}"#);
            put!(out, r#","index":{index}"#);
        }
        Effect::Push { func: FuncId { module, func }, entered } => {
            put!(out, r#"{{"effect":"push","module":{module},"func":{func}"#);
            put!(out, r#","entered":{entered}"#);
        }
        Effect::Pop { count } => put!(out, r#"{{"effect":"pop","count":{count}"#),
        Effect::HostCall { import, args, results } => {
            put!(out, r#"{{"effect":"host_call","import":{}"#, Quoted(import));
            values_json(out, "args", args);
            values_json(out, "results", results);
        }
    }
    out.push('}');
}
