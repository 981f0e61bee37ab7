//! How fast and how large: each profile, and two simpler ways to keep events.
//!
//! ```text
//! cargo bench -p wasmscope-trace-format --bench profiles -- TRACE…      full traces
//! ```
//!
//! The steps of each trace are read into memory, then written again and again to a file,
//! several million of them: as each profile, with one thread beside that compresses; as
//! one postcard record per event; as one line of JSON per event. Without TRACE a made-up
//! loop serves. Ticks are WebAssembly operators. The last column compares with copying
//! memory in the same process, so that figures of two machines can be compared.

use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use wasmscope_trace_format::*;

/// Steps written per measurement, at least.
const STEPS: u64 = 16_000_000;
/// Steps of a trace that are kept in memory.
const KEPT: usize = 2_000_000;

/// A step, as one that executes it has it.
struct Step {
    tick: u64,
    func: FuncId,
    ip: u32,
    depth: u32,
    base: u32,
    outcome: Outcome,
    callee: Option<FuncId>,
    memory: u32,
    addr: u64,
    bytes: u128,
    global: u128,
    results: Vec<u128>,
    extra: Vec<Effect>,
}

/// A recorded run: its code and (the beginning of) its steps.
struct Run {
    name: String,
    code: Vec<Arc<CodeFunc>>,
    steps: Vec<Step>,
    events: Vec<Event>,
    ticks: u64,
}

impl Run {
    fn load(path: &Path) -> Result<Run, ReadError> {
        let reader = open(path)?;
        let mut code = Vec::new();
        for func in reader.functions() {
            code.extend(reader.code(func)?);
        }
        let events: Vec<_> = reader.events(0..u64::MAX)?.filter_map(Result::ok).take(KEPT).collect();
        let shape = |event: &Event| {
            let at = code.binary_search_by_key(&event.func, |code| code.func).ok()?;
            code[at].ops.get(event.op as usize)
        };
        let steps = events.iter().filter_map(|event| Some(step(event, shape(event)?))).collect();
        let ticks = events.last().map_or(0, |event| event.tick + 1);
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Run { name, code, steps, events, ticks })
    }

    /// Steps as they come: a record is made for each, as an engine does.
    fn each(&self, mut then: impl FnMut(&StepRecord<'_>)) {
        let rounds = STEPS.div_ceil(self.steps.len() as u64);
        for round in 0..rounds {
            let (first, tick) = (round * self.steps.len() as u64, round * self.ticks);
            for (step, number) in self.steps.iter().zip(first..) {
                then(&StepRecord {
                    tick: tick + step.tick,
                    depth: step.depth,
                    callee: step.callee,
                    base: step.base,
                    memory: step.memory,
                    addr: step.addr,
                    bytes: step.bytes,
                    global: step.global,
                    results: &step.results,
                    extra: &step.extra,
                    ..StepRecord::at(number, step.func, step.ip, &step.outcome)
                });
            }
        }
    }
}

/// Back from an event to what the engine gave: effects its shape implies, and others.
fn step(event: &Event, shape: &CodeOp) -> Step {
    let mut step = Step {
        tick: event.tick,
        func: event.func,
        ip: event.ip,
        depth: event.depth,
        base: 0,
        outcome: event.outcome.clone(),
        callee: None,
        memory: 0,
        addr: 0,
        bytes: 0,
        global: 0,
        results: Vec::new(),
        extra: Vec::new(),
    };
    let wide = |bytes: &[u8]| bytes.iter().rev().fold(0, |wide, &byte| wide << 8 | u128::from(byte));
    let fails = event.outcome.is_error();
    let (mut access, mut global) = (shape.access.filter(|_| !fails), shape.global.filter(|_| !fails));
    let writes = matches!(event.outcome, Outcome::Next | Outcome::Jump | Outcome::HostCall | Outcome::Return);
    let slots = if writes { shape.dsts.len() } else { 0 };
    let pops = matches!(event.outcome, Outcome::Return | Outcome::Halt | Outcome::TailCall);
    let calls = matches!(event.outcome, Outcome::Call | Outcome::TailCall);
    for effect in &event.effects {
        match effect {
            Effect::Read { memory, addr, bytes, .. } | Effect::Write { memory, addr, bytes, .. }
                if access.is_some() =>
            {
                access = None;
                (step.memory, step.addr, step.bytes) = (*memory, *addr, wide(bytes));
            }
            Effect::Global { value, .. } if global.is_some() => {
                global = None;
                step.global = value.bits;
            }
            Effect::Slot { slot, value, .. } if step.results.len() < slots => {
                step.base = slot.wrapping_sub(shape.dsts[step.results.len()].slot);
                step.results.push(value.bits);
            }
            Effect::Pop { count: 1 } if pops => {}
            Effect::Push { func, .. } if calls => step.callee = Some(*func),
            other => step.extra.push(other.clone()),
        }
    }
    step
}

/// A loop as compilers make them, half of its values regular and half noise.
fn made_up() -> Run {
    let op = |ip: u32, flow: Flow| CodeOp { ip, weight: 1, flow, ..CodeOp::default() };
    let i32 = |slot| vec![Dst { slot, ty: ValueType::I32 }];
    let access = |kind| Some(MemAccess { memory: 0, kind, size: 4 });
    let ops = vec![
        CodeOp { dsts: i32(1), ..op(0, Flow::Next) },
        CodeOp { dsts: i32(2), access: access(AccessKind::Load), ..op(8, Flow::Next) },
        CodeOp { dsts: i32(2), ..op(16, Flow::Next) },
        CodeOp { access: access(AccessKind::Write), ..op(24, Flow::Next) },
        CodeOp { dsts: i32(3), ..op(32, Flow::Next) },
        op(40, Flow::Branch { target: 0 }),
    ];
    let func = FuncId { module: 0, func: 0 };
    let code = Arc::new(CodeFunc { func, ops, ..CodeFunc::default() });
    let mut noise = 1u64;
    let steps = (0..KEPT as u64 / 6 * 6).map(|step| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let value = u128::from(if step % 2 == 0 { step / 6 } else { noise >> 52 });
        Step {
            tick: step,
            func,
            ip: (step % 6 * 8) as u32,
            depth: 0,
            base: 0,
            outcome: if step % 6 == 5 { Outcome::Jump } else { Outcome::Next },
            callee: None,
            memory: 0,
            addr: step / 6 * 4 % 65536,
            bytes: value,
            global: 0,
            results: vec![value],
            extra: Vec::new(),
        }
    });
    let steps: Vec<Step> = steps.collect();
    let ticks = steps.len() as u64;
    let event = |(step, number): (&Step, u64)| {
        let record = StepRecord {
            tick: step.tick,
            addr: step.addr,
            bytes: step.bytes,
            results: &step.results,
            ..StepRecord::at(number, func, step.ip, &step.outcome)
        };
        record.event(&code).expect("the step fits its code")
    };
    let events = steps.iter().zip(0..).map(event).collect();
    Run { name: "loop".to_owned(), steps, events, ticks, code: vec![code] }
}

/// What one way of writing took.
struct Took {
    events: u64,
    bytes: u64,
    seconds: f64,
}

fn profile(run: &Run, profile: Profile, background: bool) -> io::Result<Took> {
    let manifest = Manifest { profile, ..Manifest::default() };
    let options = WriteOptions { background, ..WriteOptions::default() };
    let start = Instant::now();
    let out = BufWriter::with_capacity(1 << 20, tempfile::tempfile()?);
    let mut writer = TraceWriter::with_options(out, &manifest, &options).expect("a file takes bytes");
    for code in &run.code {
        writer.code(code.clone()).expect("the code is in order");
    }
    writer.sync(Position::default()).expect("a file takes bytes");
    let (code, mut events) = (writer.bytes(), 0);
    run.each(|record| {
        writer.step(record).expect("the step was recorded before");
        events += 1;
    });
    let out = writer.finish(Summary::default()).expect("a file takes bytes");
    let bytes = size(out)?.saturating_sub(code);
    Ok(Took { events, bytes, seconds: start.elapsed().as_secs_f64() })
}

/// Flushes to the disk, so that all ways pay for it; gives the length.
fn size(out: BufWriter<File>) -> io::Result<u64> {
    let file = out.into_inner()?;
    file.sync_data()?;
    Ok(file.metadata()?.len())
}

/// One event after the other as `put` writes it. These ways are slow: fewer of them.
fn simple(run: &Run, put: impl Fn(&mut BufWriter<File>, &Event) -> io::Result<()>) -> io::Result<Took> {
    let start = Instant::now();
    let mut out = BufWriter::with_capacity(1 << 20, tempfile::tempfile()?);
    for event in &run.events {
        put(&mut out, event)?;
    }
    let (events, bytes) = (run.events.len() as u64, size(out)?);
    Ok(Took { events, bytes, seconds: start.elapsed().as_secs_f64() })
}

/// Bytes a second that this machine copies, in this moment.
fn copying() -> f64 {
    let (from, mut to) = (vec![1u8; 64 << 20], vec![0u8; 64 << 20]);
    let start = Instant::now();
    for _ in 0..8 {
        to.copy_from_slice(black_box(&from));
        black_box(&mut to);
    }
    (8 * from.len()) as f64 / start.elapsed().as_secs_f64()
}

fn main() -> io::Result<()> {
    let traces: Vec<_> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let mut runs = Vec::new();
    for trace in &traces {
        runs.push(Run::load(Path::new(trace)).map_err(io::Error::other)?);
    }
    if runs.is_empty() {
        runs.push(made_up());
    }
    println!("program       way        M events/s  bytes/event  bytes/tick  events per KiB copied");
    let mut means = Vec::<(String, f64, f64)>::new();
    for run in &runs {
        let ticks_per_event = run.ticks as f64 / run.steps.len() as f64;
        let mut show = |way: &str, took: Took| {
            let (rate, each) = (took.events as f64 / took.seconds, took.bytes as f64 / took.events as f64);
            println!(
                "{:<13} {way:<10} {:>10.1} {each:>12.4} {:>11.4} {:>22.2}",
                run.name,
                rate / 1e6,
                each / ticks_per_event,
                rate / (copying() / 1024.0),
            );
            let place = means.iter().position(|(name, ..)| name == way).unwrap_or_else(|| {
                means.push((way.to_owned(), 0.0, 0.0));
                means.len() - 1
            });
            means[place].1 += (each / ticks_per_event).ln();
            means[place].2 += rate.ln();
        };
        show("flow", profile(run, Profile::Flow, true)?);
        show("values", profile(run, Profile::Values, true)?);
        show("full", profile(run, Profile::Full, true)?);
        show("full, 1 cpu", profile(run, Profile::Full, false)?);
        show(
            "postcard",
            simple(run, |out, event| {
                let bytes = postcard::to_stdvec(event).map_err(io::Error::other)?;
                out.write_all(&bytes)
            })?,
        );
        show("JSON lines", simple(run, |out, event| writeln!(out, "{}", dump::json(event, None)))?);
    }
    println!("\ngeometric means       M events/s  bytes/tick");
    for (way, bytes, rate) in means {
        let mean = |sum: f64| (sum / runs.len() as f64).exp();
        println!("{way:<21} {:>10.1} {:>11.4}", mean(rate) / 1e6, mean(bytes));
    }
    Ok(())
}
