//! Answers about the moment at the cursor: where it is, frames, slots, globals, memory, code.
//!
//! Elsewhere: answers about steps before and after (`steps`), about the run (`answer`).

use super::{Answer, answer};
use crate::expr::{As, Datum, Expr, in_memory};
use crate::moment::{Home, Place, Why};
use crate::session::{Failure, Session, SourcePlace, place};
use crate::words;
use serde_json::{Value as Json, json};
use wasmscope_trace_format::dump::Clean;

/// So many bytes at most are read for one answer.
const MOST_BYTES: u64 = 1 << 16;

impl Session {
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

    pub(super) fn backtrace(&mut self, most: i64) -> Result<Answer, Failure> {
        let state = self.source.state(self.cursor)?;
        let depth = state.depth();
        let count = u32::try_from(most.unsigned_abs()).unwrap_or(u32::MAX);
        let (first, last) = match most {
            ..0 => (0, depth.min(count)),
            _ => (depth.saturating_sub(count), depth),
        };
        let frames: Vec<_> = (first..last).rev().filter_map(|at| state.frame(at)).collect();
        drop(state);
        let (mut lines, mut list) = (Vec::new(), Vec::new());
        let place = |it: &SourcePlace| json!({ "file": &*it.file, "line": it.line });
        for frame in frames {
            let name = self.name_of(frame.func);
            let mut active = self.source.active(frame.func.module, frame.pc);
            let line = match active.pop() {
                Some((_, own)) => own,
                None => self.source.line(frame.func.module, frame.pc),
            };
            let shown = |line: &Option<SourcePlace>| {
                line.as_ref().map_or_else(String::new, |it| format!("  {}:{}", Clean(&it.file), it.line))
            };
            let at = shown(&line);
            lines.extend(
                active.iter().map(|(name, at)| format!("     {}, inlined{}", Clean(name), shown(at))),
            );
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
                "line": line.as_ref().map(place),
                "inlined": active.iter().map(|(name, at)| json!({ "name": name, "line": at.as_ref().map(place) })).collect::<Vec<_>>(),
            }));
        }
        if last < depth {
            lines.insert(0, format!("… {} more", depth - last));
        }
        if first > 0 {
            lines.push(format!("… {first} more; backtrace -5 shows the outermost"));
        }
        if lines.is_empty() {
            lines.push("nothing runs".into());
        }
        answer(lines, json!({ "depth": depth, "frames": list }))
    }

    pub(super) fn registers(&mut self, depth: Option<u64>) -> Result<Answer, Failure> {
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

    pub(super) fn all_globals(&mut self) -> Result<Answer, Failure> {
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

    pub(super) fn bytes(&mut self, text: &str) -> Result<Answer, Failure> {
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
        let memory = match in_memory(words[0]) {
            Some((memory, rest)) => {
                words[0] = rest;
                memory
            }
            None => 0,
        };
        let expr = Expr::parse(&words.join(" ")).map_err(|error| Failure(format!("the address, {error}")))?;
        let datum =
            self.eval(&expr, self.cursor)?.map_err(|error| Failure(format!("the address, {error}")))?;
        let addr = datum.unsigned().ok_or_else(usage)?;
        let state = self.source.state(self.cursor)?;
        let Some(size) = way.size() else {
            let text = state.read(memory, addr, MOST_BYTES as usize);
            let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
            let text = String::from_utf8_lossy(&text[..end]).into_owned();
            return answer(
                vec![format!("{addr:#010x}  {}", Clean(&text))],
                json!({ "addr": addr, "text": text }),
            );
        };
        let wanted = count.saturating_mul(size as u64).min(MOST_BYTES) as usize;
        let bytes = state.read(memory, addr, wanted);
        drop(state);
        if bytes.is_empty() {
            return Err(Failure(format!("{addr:#x} is outside the memory")));
        }
        let mut lines = Vec::new();
        for (row, line) in bytes.chunks(16).enumerate() {
            let at = addr + row as u64 * 16;
            let cells: Vec<String> = match size {
                1 if way == As::Unsigned(1) => line.iter().map(|byte| format!("{byte:02x}")).collect(),
                _ => line.chunks_exact(size).map(|cell| cell_of(way, cell).plain()).collect(),
            };
            let shown: String = line
                .iter()
                .map(|&byte| if (0x20..0x7f).contains(&byte) { byte as char } else { '.' })
                .collect();
            let text = if size == 1 { format!("  {shown}") } else { String::new() };
            lines.push(format!("{at:#010x}  {}{text}", cells.join(" ")));
        }
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut told = json!({ "addr": addr, "len": bytes.len(), "bytes": hex });
        if way != As::Unsigned(1) {
            let values = bytes.chunks_exact(size).map(|cell| cell_of(way, cell).json());
            told["values"] = values.collect::<Vec<_>>().into();
        }
        if memory != 0 {
            told["memory"] = memory.into();
        }
        answer(lines, told)
    }

    pub(super) fn list(&mut self, text: &str) -> Result<Answer, Failure> {
        let (func, at) = match text.trim() {
            "" => {
                let state = self.source.state(self.cursor)?;
                let frame = state.depth().checked_sub(1).and_then(|at| state.frame(at));
                let frame = frame.ok_or_else(|| Failure("nothing runs here".into()))?;
                (frame.func, Some(frame.ip))
            }
            name => match place::parse_place(name, self.source.as_ref())? {
                Place::Func(func) => (func, None),
                Place::Ip(func, ip) => (func, Some(ip)),
                Place::Pc(..) => return Err(Failure("list takes a function".into())),
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
}

/// The value of some bytes, at most eight.
fn cell_of(way: As, cell: &[u8]) -> Datum {
    let mut bits = [0; 8];
    bits[..cell.len()].copy_from_slice(cell);
    Datum::from_bits(way, u64::from_le_bytes(bits))
}
