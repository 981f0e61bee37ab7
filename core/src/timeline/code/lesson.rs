//! What there is to learn about an op beyond what it does: what its handler may touch, when it
//! traps, where the specification defines it.
//!
//! All of it follows from the op's line in the instruction table: its kind, its name, its meaning.

use crate::code::OpCode;
use crate::isa::{Kind, OpInfo};

/// What there is to learn about an op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// Its natural kind, as the instruction table calls it.
    pub kind: &'static str,
    /// What the kind means, as the end of the sentence "its handler …".
    pub touches: &'static str,
    /// When it traps, as the end of the sentence "it …"; empty if it never does.
    pub traps: &'static str,
    /// The section of the WebAssembly specification that defines it: number in release 2.0 and title.
    pub section: &'static str,
}

/// The lesson of an op.
pub fn lesson(op: OpCode) -> Lesson {
    of(op.info())
}

fn of(info: &'static OpInfo) -> Lesson {
    let (kind, touches) = match info.kind {
        Kind::Infallible => ("infallible", "touches only the frame and always succeeds"),
        Kind::Fallible => ("fallible", "touches only the frame and may trap"),
        Kind::Reads => ("reads", "reads what outlives the frame and may trap"),
        Kind::Writes => ("writes", "changes what outlives the frame and may trap"),
        Kind::Jumps => ("jumps", "chooses the next op of the same function"),
        Kind::Leaves => ("leaves", "enters or leaves a frame"),
        Kind::Host => ("host", "may run code that is not WebAssembly"),
    };
    Lesson { kind, touches, traps: traps(info), section: section(info.name) }
}

fn traps(info: &'static OpInfo) -> &'static str {
    if let Some(at) = info.meaning.find("traps") {
        let text = &info.meaning[at..];
        return text.split(';').next().unwrap_or(text);
    }
    let name = info.name;
    let memory_access = !name.starts_with("memory") && (name.contains("_load") || name.contains("_store"));
    match name {
        "call_indirect" | "return_call_indirect" => {
            "traps if the index is not inside the table, the element there is null, or the function there has \
             another type"
        }
        "return_call_ref" => "traps if the reference is null",
        "call" | "call_import" | "call_ref" | "throw" => "traps if there is no room for another frame",
        "memory_copy" | "memory_fill" => "traps if a range reaches beyond the end of its memory",
        "memory_init" => "traps if a range reaches beyond the end of the memory or of the data segment",
        "table_get" | "table_set" => "traps if the index is not inside the table",
        "table_copy" | "table_fill" => "traps if a range reaches beyond the end of its table",
        "table_init" => "traps if a range reaches beyond the end of the table or of the element segment",
        _ if memory_access => {
            "traps if address plus offset, without wrapping, plus size is more than the memory's length"
        }
        _ => "",
    }
}

fn section(name: &str) -> &'static str {
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    let vector = ["v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2"];
    match name {
        _ if name.starts_with("memory") || name == "data_drop" => "4.4.7 Memory Instructions",
        _ if name.starts_with("table") || name == "elem_drop" => "4.4.6 Table Instructions",
        _ if name.starts_with("global") || name.starts_with("copy") => "4.4.5 Variable Instructions",
        _ if has(&["select"]) && !has(&["lane"]) || name == "drop" => "4.4.4 Parametric Instructions",
        _ if name.starts_with("ref_") => "4.4.2 Reference Instructions",
        _ if name.starts_with("throw") => "Control Instructions (exceptions, release 3.0)",
        _ if name.starts_with("br") || name.starts_with("ret") => "4.4.8 Control Instructions",
        _ if name.starts_with("call") || matches!(name, "nop" | "unreachable" | "stop") => {
            "4.4.8 Control Instructions"
        }
        _ if has(&["_load", "_store"]) => "4.4.7 Memory Instructions",
        _ if has(&vector) => "4.4.3 Vector Instructions",
        _ if has(&["_const"]) => "4.4.1 Numeric Instructions",
        _ if has(&["trunc_", "convert", "demote", "promote", "reinterpret", "wrap", "extend_i32"]) => {
            "4.3.4 Conversions"
        }
        _ if name.starts_with(['f']) => "4.3.3 Floating-Point Operations",
        _ => "4.3.2 Integer Operations",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::OPS;

    #[test]
    fn what_may_trap_says_when_and_what_may_not_is_silent() {
        for info in OPS {
            let (lesson, name) = (of(info), info.name);
            match info.kind {
                Kind::Fallible => assert!(!lesson.traps.is_empty(), "{name}"),
                Kind::Infallible => assert!(lesson.traps.is_empty(), "{name}: {}", lesson.traps),
                _ => {}
            }
            assert!(lesson.traps.is_empty() || lesson.traps.starts_with("traps"), "{name}: {}", lesson.traps);
            assert!(!lesson.traps.contains('{'), "{name}: {}", lesson.traps);
            if name.contains("_load") || name.contains("_store") || name.contains("_div_") {
                let division_of_floats = name.starts_with('f');
                assert!(!lesson.traps.is_empty() || division_of_floats, "{name}");
            }
        }
    }
}
