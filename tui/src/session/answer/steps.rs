//! Answers about steps, before the cursor and after it: events, output, calls of the host, what a search finds.
//!
//! Elsewhere: answers about one moment (`here`), about the run (`answer`).

use super::{Answer, answer};
use crate::session::{Control, Direction, Failure, Session, search};
use crate::words;
use serde_json::{Value as Json, json};
use wasmscope_trace_format::dump::{self, Clean};
use wasmscope_trace_format::{Effect, Value};

impl Session {
    pub(super) fn some_events(&mut self, count: i64) -> Result<Answer, Failure> {
        let far = count.unsigned_abs().clamp(1, 100_000);
        let range = match count < 0 {
            true => self.cursor.saturating_sub(far)..self.cursor,
            false => self.cursor..self.cursor.saturating_add(far),
        };
        let (mut lines, mut list) = (Vec::new(), Vec::new());
        for mut event in self.source.events(range)? {
            event.forget_old();
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

    pub(super) fn printed(&mut self) -> Result<Answer, Failure> {
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

    pub(super) fn host_calls(&mut self, most: u64, control: &Control<'_>) -> Result<Answer, Failure> {
        let mut steps = Vec::new();
        let mut at = self.cursor;
        while (steps.len() as u64) < most
            && let Some(hit) = self.source.find(at, Direction::Backward, "host", control)?
        {
            steps.push(hit.step);
            at = hit.step;
        }
        let (mut lines, mut list) = (Vec::new(), Vec::new());
        for step in steps.into_iter().rev() {
            for event in self.source.events(step..step + 1)? {
                for effect in &event.effects {
                    if let Effect::HostCall { import, args, results } = effect {
                        let show = |values: &[Value]| {
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

    pub(super) fn find(&mut self, text: &str, control: &Control<'_>) -> Result<Answer, Failure> {
        let search = self.search_of(text)?;
        let (steps, all) = self.matches(&search, search::LISTED, control)?;
        self.search = Some(search);
        let mut lines = Vec::new();
        for &step in &steps {
            for mut event in self.source.events(step..step + 1)? {
                event.forget_old();
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
