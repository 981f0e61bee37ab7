//! Answers as text and as JSON: everything that panes show, for scripts and the command line.
//!
//! ```text
//! Ask::Registers ─► text   n  param 0  i32  3            r1  local 1  i32  0
//!                └► JSON   {"slots":[{"slot":0,"label":"r0","name":"n","kind":"p0","value":{…}}]}
//! ```
//!
//! The text of an event is what `wasmscope dump` prints for it. JSON fields are added, never changed.

mod here;
mod steps;

use super::{Control, Failure, Session};
use crate::expr::Expr;
use crate::moment::{Display, Mode, RunEnd, func_name};
use crate::words;
use serde_json::{Value as Json, json};
use wasmscope_trace_format::FuncId;
use wasmscope_trace_format::dump::Clean;

/// What can be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ask {
    /// The value of an expression; in hexadecimal and so on, as `/x` says.
    Print(String),
    /// Where the run stands.
    Where,
    /// So many of the innermost frames; of the outermost, if negative.
    Backtrace(i64),
    /// The slots of the innermost frame, or of the one at that depth.
    Registers(Option<u64>),
    /// All globals.
    Globals,
    /// Bytes: address, count, type.
    Memory(String),
    /// Code around the cursor, or of a function.
    List(String),
    /// What the next steps did, or, if negative, those before.
    Events(i64),
    /// What was printed.
    Output,
    /// Calls of host functions before the cursor.
    HostCalls(u64),
    /// Functions whose name has this in it.
    Functions(String),
    /// About the run.
    Info,
    /// Breakpoints and watchpoints.
    Breakpoints,
    /// Marks and notes.
    Marks,
    /// Expressions shown at every step.
    Displays,
    /// The steps that match.
    Find(String),
}

/// What is answered.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Answer {
    /// For people; lines apart by line feeds, none at the end.
    pub text: String,
    /// For programs.
    pub json: Json,
}

fn answer(lines: Vec<String>, json: Json) -> Result<Answer, Failure> {
    Ok(Answer { text: lines.join("\n"), json })
}

impl Session {
    /// Answers a question about the moment at the cursor, or the run.
    pub fn answer(&mut self, ask: &Ask, control: &Control<'_>) -> Result<Answer, Failure> {
        match ask {
            Ask::Print(text) => self.print(text),
            Ask::Where => self.whereabouts(),
            Ask::Backtrace(most) => self.backtrace(*most),
            Ask::Registers(depth) => self.registers(*depth),
            Ask::Globals => self.all_globals(),
            Ask::Memory(text) => self.bytes(text),
            Ask::List(text) => self.list(text),
            Ask::Events(count) => self.some_events(*count),
            Ask::Output => self.printed(),
            Ask::HostCalls(most) => self.host_calls(*most, control),
            Ask::Functions(part) => self.functions(part),
            Ask::Info => self.info(),
            Ask::Breakpoints => self.list_breakpoints(),
            Ask::Marks => self.list_marks(),
            Ask::Displays => self.list_displays(),
            Ask::Find(text) => self.find(text, control),
        }
    }

    /// A function's name for people.
    pub(super) fn name_of(&mut self, func: FuncId) -> String {
        match self.listing(func) {
            Ok(listing) => listing.name(),
            Err(_) => func_name(func, None),
        }
    }

    fn print(&mut self, text: &str) -> Result<Answer, Failure> {
        let (format, text) = match text.strip_prefix('/') {
            Some(rest) => rest.split_once(' ').unwrap_or((rest, "")),
            None => ("", text),
        };
        let expr = Expr::parse(text).map_err(|error| Failure(error.to_string()))?;
        let datum = self.eval(&expr, self.cursor)?.map_err(|error| Failure(error.to_string()))?;
        let shown = match (format, datum.unsigned()) {
            ("", _) => datum.to_string(),
            ("x", Some(value)) => format!("{value:#x}"),
            ("d", Some(_)) => datum.plain(),
            ("u", Some(value)) => value.to_string(),
            ("t", Some(value)) => format!("{value:#b}"),
            ("c", Some(value)) => format!("{:?}", char::from(value as u8)),
            ("s", Some(addr)) => {
                let text = Expr::parse(&format!("text[{addr}]")).expect("it is an expression");
                self.eval(&text, self.cursor)?.map_err(|error| Failure(error.to_string()))?.to_string()
            }
            ("x" | "d" | "u" | "t" | "c" | "s", None) => datum.to_string(),
            (other, _) => {
                return Err(Failure(format!(
                    "'/{other}' is no format: /x /d /u /t /c or /s (text at an address)"
                )));
            }
        };
        answer(
            vec![format!("{expr} = {}", Clean(&shown))],
            json!({ "expression": expr.to_string(), "value": datum.json() }),
        )
    }

    fn functions(&mut self, part: &str) -> Result<Answer, Failure> {
        let (mut lines, mut list) = (Vec::new(), Vec::new());
        for (func, name) in self.source.functions() {
            let shown = func_name(func, name.as_deref());
            if shown.contains(part.trim()) {
                lines.push(format!("{func}  {}", Clean(&shown)));
                list.push(json!({ "module": func.module, "func": func.func, "name": name }));
            }
        }
        if lines.is_empty() {
            return Err(Failure(format!("no function's name has '{}' in it", part.trim())));
        }
        answer(lines, json!({ "functions": list }))
    }

    fn info(&mut self) -> Result<Answer, Failure> {
        let about = self.about.clone();
        let (end, run) = (self.source.end(), self.source.run_end());
        let mode = match about.mode {
            Mode::Live => "live",
            Mode::Replay => "replay",
        };
        let mut lines = vec![
            format!("{}  {mode}", Clean(&about.file)),
            format!("{} steps, {} operators", words::count(end.step), words::count(end.tick)),
            Clean(run.text()).to_string(),
            format!("{} functions", self.source.functions().len()),
        ];
        lines.extend(about.notes.iter().map(|it| Clean(it).to_string()));
        let trapped = matches!(run, RunEnd::Trapped(_));
        answer(
            lines,
            json!({
                "file": about.file, "mode": mode, "steps": end.step, "ticks": end.tick, "end": run.text(),
                "trapped": trapped, "notes": about.notes,
            }),
        )
    }

    fn list_breakpoints(&mut self) -> Result<Answer, Failure> {
        let mut lines: Vec<String> = Vec::new();
        let mut list = Vec::new();
        for it in &self.breakpoints {
            let kind = if it.watches() { "watchpoint" } else { "breakpoint" };
            lines.push(format!("{:>3}  {kind}  {}  stopped {}", it.id, Clean(it.whole()), it.stops));
            list.push(json!({
                "id": it.id, "kind": kind, "at": it.text, "condition": it.condition.as_ref().map(ToString::to_string),
                "enabled": it.enabled, "ignore": it.ignore, "stops": it.stops,
            }));
        }
        if lines.is_empty() {
            lines.push("no breakpoints; break NAME sets one".into());
        }
        answer(lines, json!({ "breakpoints": list }))
    }

    fn list_marks(&mut self) -> Result<Answer, Failure> {
        let mut lines: Vec<String> =
            self.marks.iter().map(|(letter, step)| format!("mark {letter}  step {step}")).collect();
        lines.extend(self.notes.iter().map(|(step, note)| format!("note  step {step}  {}", Clean(note))));
        if lines.is_empty() {
            lines.push("no marks and no notes".into());
        }
        let marks: Vec<Json> =
            self.marks.iter().map(|(letter, step)| json!({ "letter": letter, "step": step })).collect();
        let notes: Vec<Json> =
            self.notes.iter().map(|(step, text)| json!({ "step": step, "text": text })).collect();
        answer(lines, json!({ "marks": marks, "notes": notes }))
    }

    fn list_displays(&mut self) -> Result<Answer, Failure> {
        let mut lines = Vec::new();
        let mut list = Vec::new();
        for Display { id, text, value } in self.displays()? {
            let shown = value.clone().unwrap_or_else(|error| error);
            lines.push(format!("{id:>3}  {text} = {}", Clean(&shown)));
            list.push(json!({ "id": id, "expression": text, "value": value.ok() }));
        }
        if lines.is_empty() {
            lines.push("nothing is displayed; display EXPR does it".into());
        }
        answer(lines, json!({ "displays": list }))
    }

    /// All displayed expressions with their values at the cursor, or why there is none.
    pub(super) fn displays(&mut self) -> Result<Vec<Display>, Failure> {
        let mut shown = Vec::new();
        for (id, expr) in self.displayed.clone() {
            let value = self.eval(&expr, self.cursor)?;
            let value = value.map(|it| it.to_string()).map_err(|error| error.message);
            shown.push(Display { id, text: expr.to_string(), value });
        }
        Ok(shown)
    }
}
