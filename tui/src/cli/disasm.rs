//! `wasmscope disasm`: the bytecode functions are lowered to.

use super::exit::{Exit, usage};
use super::guest::LoweringArg;
use super::{Outcome, load, out};
use clap::Args;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;
use wasmscope_core::module::ModuleData;
use wasmscope_core::timeline::code::code_func;
use wasmscope_core::{Config, Engine, Lowering, SourceLocation};
use wasmscope_trace_format::dump::Clean;
use wasmscope_trace_format::{CodeFunc, SlotInfo, SlotKind};

/// Print the bytecode of a module's functions
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wasmscope disasm prog.wasm --func main
  wasmscope disasm prog.wat --lowering plain
  wasmscope disasm prog.wasm --func 3 --json

A line holds ip (the op's offset in the function's code), pc (the Wasm operator's offset in the
file) and the op; r0, r1, … are the slots of the frame: parameters, other locals, operands by stack
height. With debug information in the module, the lines of the source stand between. As JSON each
function is an object on a line of its own.")]
pub(crate) struct Disasm {
    /// The program: a .wasm or .wat file, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Only this function, by name or index; may be given several times
    #[arg(long, value_name = "NAME|INDEX")]
    func: Vec<String>,

    /// How operators become ops
    #[arg(long, value_enum, default_value_t)]
    lowering: LoweringArg,

    /// One JSON object per function
    #[arg(long)]
    json: bool,
}

impl Disasm {
    pub(crate) fn run(self) -> Outcome {
        let lowering = Lowering::from(self.lowering);
        let input = load::read(&self.file)?;
        let module = input.module(&Engine::new(&Config::default().lowering(lowering)))?;
        let data = module.data();
        let mut funcs = Vec::new();
        for wanted in &self.func {
            funcs.extend(find(data, wanted).map_err(|problem| usage(format!("--func {wanted}: {problem}")))?);
        }
        if self.func.is_empty() {
            funcs.extend(data.imported_funcs()..data.funcs.len() as u32);
        }
        let mut out = out::stdout();
        for (number, func) in funcs.into_iter().enumerate() {
            let code = code_func(data, 0, func, lowering)?;
            if self.json {
                serde_json::to_writer(&mut out, &Json::new(data, &code))?;
                writeln!(out)?;
            } else {
                if number > 0 {
                    writeln!(out)?;
                }
                print(&mut out, data, &code)?;
            }
        }
        out.flush()?;
        Ok(Exit::OK)
    }
}

/// The functions a word means: an index, or all of that name.
fn find(module: &ModuleData, wanted: &str) -> Result<Vec<u32>, String> {
    let count = module.funcs.len() as u32;
    let name = wanted.strip_prefix('$').unwrap_or(wanted);
    let mut found: Vec<u32> =
        (0..count).filter(|&func| module.func_name(func).is_some_and(|it| it == name)).collect();
    found.extend(module.export(name).map(|export| export.index).filter(|_| found.is_empty()));
    if found.is_empty() {
        let index: u32 = wanted.parse().map_err(|_| "there is no function of this name".to_owned())?;
        if index >= count {
            return Err(format!("the module has {count} functions"));
        }
        found.push(index);
    }
    match found.iter().find(|&&func| module.is_imported_func(func)) {
        Some(_) => Err("the function is imported and has no code".to_owned()),
        None => Ok(found),
    }
}

fn print(out: &mut impl Write, module: &ModuleData, code: &CodeFunc) -> std::io::Result<()> {
    let name = code.name.as_ref().map(|name| format!(" {}", Clean(name))).unwrap_or_default();
    writeln!(out, "function {}{name} {}", code.func.func, module.func_type(code.func.func))?;
    let locals: Vec<String> = code.slots.iter().filter_map(local).collect();
    if !locals.is_empty() {
        writeln!(out, "  {}", locals.join(", "))?;
    }
    let mut lines = lines(module, code).peekable();
    for op in &code.ops {
        if let Some((_, line)) = lines.next_if(|(ip, _)| *ip == op.ip) {
            writeln!(out, "  {}:{}", Clean(&line.file.name), line.line)?;
        }
        writeln!(out, "  {:>5}  {:#08x}  {}", op.ip, op.pc, Clean(&op.text))?;
    }
    Ok(())
}

/// Where in a function's code another line of the source begins, by ip.
fn lines(module: &ModuleData, code: &CodeFunc) -> impl Iterator<Item = (u32, SourceLocation)> {
    let map = module.source_map();
    let mut last = None;
    code.ops.iter().filter_map(move |op| {
        let here = map?.locate(op.pc)?;
        let line = (here.file.clone(), here.line);
        let new = last.as_ref() != Some(&line);
        last = Some(line);
        new.then_some((op.ip, here))
    })
}

/// The code, and its lines if the module has debug sections.
#[derive(Serialize)]
struct Json<'a> {
    #[serde(flatten)]
    code: &'a CodeFunc,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lines: Vec<serde_json::Value>,
}

impl Json<'_> {
    fn new<'a>(module: &ModuleData, code: &'a CodeFunc) -> Json<'a> {
        let line = |(ip, line): (u32, SourceLocation)| serde_json::json!({ "ip": ip, "file": line.file.path, "line": line.line, "column": line.column });
        Json { code, lines: lines(module, code).map(line).collect() }
    }
}

/// `p0 left: i32`
fn local(slot: &SlotInfo) -> Option<String> {
    if let SlotKind::Operand(_) = slot.kind {
        return None;
    }
    let name = slot.name.as_ref().map(|name| format!(" {}", Clean(name))).unwrap_or_default();
    let ty = slot.ty.map(|ty| format!(": {ty}")).unwrap_or_default();
    Some(format!("{}{name}{ty}", slot.kind))
}
