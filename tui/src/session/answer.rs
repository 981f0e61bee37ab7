//! Answers as text and as JSON: everything that panes show, for scripts and the command line.
//!
//! ```text
//! Ask::Registers ─► text   n  param 0  i32  3            r1  local 1  i32  0
//!                └► JSON   {"slots":[{"slot":0,"label":"r0","name":"n","kind":"p0","value":{…}}]}
//! ```
//!
//! The text of an event is what `wasmscope dump` prints for it. JSON fields are added, never changed.

use super::{Control, Failure, Session};
use crate::expr::{As, Expr};
use crate::moment::{Display, Home, RunEnd, Why, func_name};
use crate::words;
use serde_json::{Value as Json, json};
use wasmscope_trace_format::dump::{self, Clean};
use wasmscope_trace_format::{Effect, FuncId};

/// What can be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ask {
    /// The value of an expression; in hexadecimal and so on, as `/x` says.
    Print(String),
    /// Where the run stands.
    Where,
    /// The innermost frames.
    Backtrace(u64),
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

/// So many bytes at most are read for one answer.
const MOST_BYTES: u64 = 1 << 16;

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
            ("d", Some(_)) => datum.to_string().split(' ').next().unwrap_or_default().to_owned(),
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

    /// Why the cursor is where it is, in words.
    fn why_text(&self) -> String {
        match &self.why {
            Why::Done => String::new(),
            Why::Breakpoint(id) => {
                let at = self.breakpoints.iter().find(|it| it.id == *id);
                match at {
                    Some(it) if it.watches() => format!("watchpoint {id}, {}", it.text),
                    Some(it) => format!("breakpoint {id} at {}", it.text),
                    None => format!("breakpoint {id}"),
                }
            }
            Why::Start => "start of the run".into(),
            Why::End => self.source.run_end().text(),
            Why::WaitingForInput => "the program waits for input".into(),
            Why::Cancelled => "stopped on the way".into(),
        }
    }

    /// Where the run stands.
    pub(super) fn whereabouts(&mut self) -> Result<Answer, Failure> {
        let end = self.source.end().step;
        let state = self.source.state(self.cursor)?;
        let tick = state.position().tick;
        let frame = state.depth().checked_sub(1).and_then(|at| state.frame(at));
        drop(state);
        let why = self.why_text();
        let mut text = format!("step {} of {end}", self.cursor);
        let mut json = json!({ "step": self.cursor, "tick": tick, "end": end, "why": why });
        match &frame {
            Some(frame) => {
                let name = self.name_of(frame.func);
                let listing = self.listing(frame.func).ok();
                let op =
                    listing.as_ref().and_then(|it| it.op(it.code.op_at(frame.ip)?)).map(|it| it.text.clone());
                let op = op.unwrap_or_default();
                text +=
                    &format!("  {}+{:#x}  pc {:#x}  depth {}", Clean(&name), frame.ip, frame.pc, frame.depth);
                if let Some(line) = self.source.line(frame.func.module, frame.pc) {
                    text += &format!("  {}:{}", Clean(&line.file), line.line);
                    json["source"] = json!({ "file": &*line.file, "line": line.line });
                }
                text += &format!("  {op}");
                json["frame"] = json!({
                    "depth": frame.depth, "module": frame.func.module, "func": frame.func.func, "name": name,
                    "ip": frame.ip, "pc": frame.pc, "entered": frame.entered, "op": op,
                });
            }
            None => text += "  nothing runs",
        }
        if !why.is_empty() {
            text += &format!("\n{}", Clean(&why));
        }
        for it in self.displays()? {
            let shown = it.value.unwrap_or_else(|error| error);
            text += &format!("\n{} = {}", it.text, Clean(&shown));
        }
        if let Some(note) = self.notes.get(&self.cursor) {
            text += &format!("\nnote: {}", Clean(note));
            json["note"] = json!(note);
        }
        Ok(Answer { text, json })
    }

    fn backtrace(&mut self, most: u64) -> Result<Answer, Failure> {
        let state = self.source.state(self.cursor)?;
        let depth = state.depth();
        let first = u64::from(depth).saturating_sub(most) as u32;
        let frames: Vec<_> = (first..depth).rev().filter_map(|at| state.frame(at)).collect();
        drop(state);
        let (mut lines, mut list) = (Vec::new(), Vec::new());
        for frame in frames {
            let name = self.name_of(frame.func);
            let line = self.source.line(frame.func.module, frame.pc);
            let at =
                line.as_ref().map_or_else(String::new, |it| format!("  {}:{}", Clean(&it.file), it.line));
            lines.push(format!(
                "#{:<3} {}+{:#x}  pc {:#x}  entered at step {}{at}",
                frame.depth,
                Clean(&name),
                frame.ip,
                frame.pc,
                frame.entered
            ));
            list.push(json!({
                "depth": frame.depth, "module": frame.func.module, "func": frame.func.func, "name": name,
                "ip": frame.ip, "pc": frame.pc, "entered": frame.entered,
                "line": line.map(|it| json!({ "file": &*it.file, "line": it.line })),
            }));
        }
        if first > 0 {
            lines.push(format!("… {first} more"));
        }
        if lines.is_empty() {
            lines.push("nothing runs".into());
        }
        answer(lines, json!({ "depth": depth, "frames": list }))
    }

    fn registers(&mut self, depth: Option<u64>) -> Result<Answer, Failure> {
        let state = self.source.state(self.cursor)?;
        let frames = state.depth();
        let inner = frames.checked_sub(1).ok_or_else(|| Failure("nothing runs here".into()))?;
        let depth = match depth {
            Some(depth) => u32::try_from(depth).ok().filter(|it| *it < frames),
            None => Some(inner),
        };
        let depth = depth.ok_or_else(|| Failure(format!("there are {frames} frames: 0 to {inner}")))?;
        let slots = state.slots(depth);
        let frame = state.frame(depth);
        drop(state);
        let name = frame.map_or_else(String::new, |frame| self.name_of(frame.func));
        let (mut lines, mut list) = (Vec::new(), Vec::new());
        for slot in slots {
            let home = match slot.home {
                Home::Own => String::new(),
                Home::Slot(at) => format!("  in r{at}"),
                Home::Local(at) => format!("  local {at}"),
                Home::Constant => "  constant".into(),
            };
            let value = slot.value.map_or_else(|| "?".into(), |it| it.to_string());
            let ty = slot.ty.map_or("", |it| it.name());
            let label = slot.label();
            let named = slot.name.as_deref().unwrap_or("");
            lines.push(format!(
                "{label:<5} {:<11} {ty:<5} {value}{home}{}{}",
                words::kind(slot.kind),
                if named.is_empty() { "" } else { "  " },
                Clean(named)
            ));
            list.push(json!({
                "slot": slot.slot, "label": label, "name": slot.name, "kind": slot.kind.to_string(),
                "value": slot.value, "home": home.trim(),
            }));
        }
        answer(lines, json!({ "depth": depth, "function": name, "slots": list }))
    }

    fn all_globals(&mut self) -> Result<Answer, Failure> {
        let globals = self.source.state(self.cursor)?.globals();
        let lines = globals.iter().map(|it| {
            let name = it.name.as_deref().unwrap_or("");
            let fixed = if it.mutable { "" } else { "  constant" };
            format!("${:<3} {:?}  {}{fixed}", it.index, it.value, Clean(name))
        });
        let lines = lines.collect();
        let list: Vec<Json> = globals
            .iter()
            .map(|it| {
                json!({ "instance": it.instance, "index": it.index, "name": it.name, "mutable": it.mutable, "value": it.value })
            })
            .collect();
        answer(lines, json!({ "globals": list }))
    }

    fn bytes(&mut self, text: &str) -> Result<Answer, Failure> {
        let usage = || Failure("memory takes an address, a count and a type: memory 0x400 16 u32".into());
        let text = text.trim();
        if text.is_empty() {
            return Err(usage());
        }
        // The last words are count and type where they read as such.
        let mut words: Vec<&str> = text.split_whitespace().collect();
        let mut way = As::Unsigned(1);
        if words.len() > 1
            && let Some(last) = As::named(words[words.len() - 1])
        {
            way = last;
            words.pop();
        }
        let mut count = if way == As::Unsigned(1) { 64 } else { 8 };
        if words.len() > 1
            && let Ok(last) = words[words.len() - 1].replace('_', "").parse::<u64>()
            && !words[words.len() - 2].ends_with(['+', '-', '*', '/', '('])
        {
            count = last;
            words.pop();
        }
        let expr = Expr::parse(&words.join(" ")).map_err(|error| Failure(format!("the address, {error}")))?;
        let datum =
            self.eval(&expr, self.cursor)?.map_err(|error| Failure(format!("the address, {error}")))?;
        let addr = datum.unsigned().ok_or_else(usage)?;
        let state = self.source.state(self.cursor)?;
        let Some(size) = way.size() else {
            let text = state.read(0, addr, MOST_BYTES as usize);
            let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
            let text = String::from_utf8_lossy(&text[..end]).into_owned();
            return answer(
                vec![format!("{addr:#010x}  {}", Clean(&text))],
                json!({ "addr": addr, "text": text }),
            );
        };
        let wanted = count.saturating_mul(size as u64).min(MOST_BYTES) as usize;
        let bytes = state.read(0, addr, wanted);
        drop(state);
        if bytes.is_empty() {
            return Err(Failure(format!("{addr:#x} is outside the memory")));
        }
        let mut lines = Vec::new();
        for (row, line) in bytes.chunks(16).enumerate() {
            let at = addr + row as u64 * 16;
            let cells: Vec<String> = match size {
                1 if way == As::Unsigned(1) => line.iter().map(|byte| format!("{byte:02x}")).collect(),
                _ => line
                    .chunks_exact(size)
                    .map(|cell| {
                        let name = As::ALL.iter().find(|it| it.1 == way).map_or("", |it| it.0);
                        let mut bits = [0; 8];
                        bits[..size].copy_from_slice(cell);
                        let expr = format!("{name}({})", u64::from_le_bytes(bits));
                        let datum = Expr::parse(&expr).and_then(|it| it.eval(&mut Nowhere));
                        datum.map_or_else(
                            |_| "?".into(),
                            |it| it.to_string().split(' ').next().unwrap_or("").to_owned(),
                        )
                    })
                    .collect(),
            };
            let shown: String = line
                .iter()
                .map(|&byte| if (0x20..0x7f).contains(&byte) { byte as char } else { '.' })
                .collect();
            let text = if size == 1 { format!("  {shown}") } else { String::new() };
            lines.push(format!("{at:#010x}  {}{text}", cells.join(" ")));
        }
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        answer(lines, json!({ "addr": addr, "len": bytes.len(), "bytes": hex }))
    }

    fn list(&mut self, text: &str) -> Result<Answer, Failure> {
        let (func, at) = match text.trim() {
            "" => {
                let state = self.source.state(self.cursor)?;
                let frame = state.depth().checked_sub(1).and_then(|at| state.frame(at));
                let frame = frame.ok_or_else(|| Failure("nothing runs here".into()))?;
                (frame.func, Some(frame.ip))
            }
            name => match super::place::parse_place(name, self.source.as_ref())? {
                crate::moment::Place::Func(func) => (func, None),
                crate::moment::Place::Ip(func, ip) => (func, Some(ip)),
                crate::moment::Place::Pc(..) => return Err(Failure("list takes a function".into())),
            },
        };
        let listing = self.listing(func)?;
        let here = at.and_then(|ip| listing.code.op_at(ip)).map(|it| it as usize);
        let (from, to) = match here {
            Some(at) => (at.saturating_sub(6), at + 10),
            None => (0, usize::MAX),
        };
        let mut lines = vec![format!("{}:", Clean(listing.name()))];
        let mut list = Vec::new();
        for (index, op) in listing.code.ops.iter().enumerate().filter(|(at, _)| (from..to).contains(at)) {
            let mark = if here == Some(index) { "=>" } else { "  " };
            lines.push(format!("{mark} +{:#06x}  {:#07x}  {}", op.ip, op.pc, Clean(&op.text)));
            list.push(json!({ "ip": op.ip, "pc": op.pc, "op": op.mnemonic, "text": op.text }));
        }
        answer(
            lines,
            json!({ "module": func.module, "func": func.func, "name": listing.name(), "ops": list }),
        )
    }

    fn some_events(&mut self, count: i64) -> Result<Answer, Failure> {
        let far = count.unsigned_abs().clamp(1, 100_000);
        let range = match count < 0 {
            true => self.cursor.saturating_sub(far)..self.cursor,
            false => self.cursor..self.cursor.saturating_add(far),
        };
        let (mut lines, mut list) = (Vec::new(), Vec::new());
        for mut event in self.source.events(range)? {
            event.effects.iter_mut().for_each(forget_old);
            let code = self.source.dump_code(event.func);
            lines.push(dump::line(&event, code.as_deref()));
            let json = dump::json(&event, code.as_deref());
            list.push(serde_json::from_str(&json).unwrap_or_default());
        }
        if lines.is_empty() {
            lines.push(self.source.run_end().text());
        }
        answer(lines, json!({ "events": Json::Array(list) }))
    }

    fn printed(&mut self) -> Result<Answer, Failure> {
        let (chunks, cut) = self.source.state(self.cursor)?.output(1 << 20);
        let mut text = Vec::new();
        for chunk in &chunks {
            text.extend_from_slice(&chunk.bytes);
        }
        let list: Vec<Json> = chunks
            .iter()
            .map(|it| {
                let stream = format!("{:?}", it.stream).to_lowercase();
                json!({ "step": it.step, "stream": stream, "text": String::from_utf8_lossy(&it.bytes) })
            })
            .collect();
        let shown = String::from_utf8_lossy(&text).into_owned();
        let lines = shown.lines().map(|line| Clean(line).to_string()).collect();
        answer(lines, json!({ "cut": cut, "output": list }))
    }

    fn host_calls(&mut self, most: u64, control: &Control<'_>) -> Result<Answer, Failure> {
        let mut steps = Vec::new();
        let mut at = self.cursor;
        while (steps.len() as u64) < most
            && let Some(hit) = self.source.find(at, super::Direction::Backward, "host", control)?
        {
            steps.push(hit.step);
            at = hit.step;
        }
        let (mut lines, mut list) = (Vec::new(), Vec::new());
        for step in steps.into_iter().rev() {
            for event in self.source.events(step..step + 1)? {
                for effect in &event.effects {
                    if let Effect::HostCall { import, args, results } = effect {
                        let show = |values: &[wasmscope_trace_format::Value]| {
                            values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                        };
                        let came =
                            if results.is_empty() { String::new() } else { format!(" -> {}", show(results)) };
                        lines.push(format!("{step:>10}  {}({}){came}", Clean(import), show(args)));
                        list.push(
                            json!({ "step": step, "import": import, "args": args, "results": results }),
                        );
                    }
                }
            }
        }
        if lines.is_empty() {
            lines.push("no host function has been called up to here".into());
        }
        answer(lines, json!({ "calls": list }))
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
            crate::moment::Mode::Live => "live",
            crate::moment::Mode::Replay => "replay",
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

    fn find(&mut self, text: &str, control: &Control<'_>) -> Result<Answer, Failure> {
        let search = self.search_of(text)?;
        let (steps, all) = self.matches(&search, super::search::LISTED, control)?;
        self.search = Some(search);
        let mut lines = Vec::new();
        for &step in &steps {
            for mut event in self.source.events(step..step + 1)? {
                event.effects.iter_mut().for_each(forget_old);
                let code = self.source.dump_code(event.func);
                lines.push(dump::line(&event, code.as_deref()));
            }
        }
        let count = words::count(steps.len() as u64);
        lines.push(match (all, steps.len()) {
            (true, 0) => format!("nothing matches {text}"),
            (true, 1) => "1 step".into(),
            (true, _) => format!("{count} steps"),
            (false, _) => format!("the first {count} steps; there are more"),
        });
        answer(lines, json!({ "steps": steps, "all": all }))
    }
}

/// Leaves out what was overwritten, as `dump` does.
fn forget_old(effect: &mut Effect) {
    match effect {
        Effect::Slot { old, .. } | Effect::Global { old, .. } => *old = None,
        Effect::Write { old, .. } => *old = None,
        _ => {}
    }
}

/// Has no values: for expressions of numbers alone.
struct Nowhere;

impl crate::expr::Scope for Nowhere {
    fn slot(&mut self, _: u32) -> Option<wasmscope_trace_format::Value> {
        None
    }
    fn named(&mut self, _: &str) -> Option<wasmscope_trace_format::Value> {
        None
    }
    fn bytes(&mut self, _: u64, _: usize) -> Vec<u8> {
        Vec::new()
    }
    fn word(&mut self, _: crate::expr::Word) -> Option<crate::expr::Datum> {
        None
    }
}
