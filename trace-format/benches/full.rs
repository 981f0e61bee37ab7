//! How fast a full trace is written and read, and how large it gets.
//!
//! The run is a loop as compilers make them: loads, stores, arithmetic, a call,
//! branches; half of the values are regular, half are noise. One thread does
//! everything, compression included.

use std::hint::black_box;
use std::io;
use std::sync::Arc;
use std::time::Instant;
use wasmscope_trace_format::*;

const STEPS: u64 = 20_000_000;

/// Counts bytes and drops them.
struct Count(u64);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn code() -> [Arc<CodeFunc>; 2] {
    let op = |ip: u32, flow: Flow| CodeOp { ip, weight: 1, flow, ..CodeOp::default() };
    let i32 = |slot| vec![Dst { slot, ty: ValueType::I32 }];
    let access = |kind| Some(MemAccess { memory: 0, kind, size: 4 });
    let main = vec![
        CodeOp { dsts: i32(1), ..op(0, Flow::Next) },
        CodeOp { dsts: i32(2), access: access(AccessKind::Load), ..op(8, Flow::Next) },
        CodeOp { dsts: i32(2), ..op(16, Flow::Next) },
        CodeOp { access: access(AccessKind::Write), ..op(24, Flow::Next) },
        CodeOp { dsts: i32(3), ..op(32, Flow::Call { func: 1, base: 3 }) },
        CodeOp { dsts: i32(4), ..op(40, Flow::Next) },
        op(48, Flow::Branch { target: 0 }),
    ];
    let callee =
        vec![CodeOp { dsts: i32(1), ..op(0, Flow::Next) }, CodeOp { dsts: i32(0), ..op(8, Flow::Return) }];
    let make =
        |func, ops| Arc::new(CodeFunc { func: FuncId { module: 0, func }, ops, ..CodeFunc::default() });
    [make(0, main), make(1, callee)]
}

fn run<W: io::Write>(writer: &mut TraceWriter<W>, steps: u64, with_old: bool) {
    let [main, callee] = code().map(|code| code.func);
    let (mut step, mut noise) = (0u64, 1u64);
    while step < steps {
        for turn in 0..9 {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (func, ip, outcome) = match turn {
                0..4 => (main, turn * 8, &Outcome::Next),
                4 => (main, 32, &Outcome::Call),
                5 => (callee, 0, &Outcome::Next),
                6 => (callee, 8, &Outcome::Return),
                7 => (main, 40, &Outcome::Next),
                _ => (main, 48, &Outcome::Jump),
            };
            let value = if turn % 2 == 0 { step / 9 } else { noise >> 52 };
            writer
                .step(&StepRecord {
                    tick: step,
                    depth: func.func,
                    callee: (turn == 4).then_some(callee),
                    base: 3,
                    addr: step / 9 * 4 % 65536,
                    bytes: value.into(),
                    results: &[value.into()],
                    old_results: &[(value / 2).into()],
                    with_old,
                    ..StepRecord::at(step, func, ip, outcome)
                })
                .expect("the sink takes everything");
            step += 1;
        }
    }
}

fn main() {
    let manifest = Manifest { profile: Profile::Full, ..Manifest::default() };
    for with_old in [false, true] {
        let mut writer = TraceWriter::begin(Count(0), &manifest).expect("the sink is fine");
        code().into_iter().for_each(|code| writer.code(code).expect("the code is fine"));
        let start = Instant::now();
        run(&mut writer, STEPS, with_old);
        let sink = writer.finish(Summary::default()).expect("the sink is fine");
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "write{}: {:.1} M events/s, {:.3} bytes/event",
            if with_old { " with old values" } else { "" },
            STEPS as f64 / seconds / 1e6,
            sink.0 as f64 / STEPS as f64
        );
    }
    let mut writer = TraceWriter::begin(Vec::new(), &manifest).expect("memory is fine");
    code().into_iter().for_each(|code| writer.code(code).expect("the code is fine"));
    run(&mut writer, STEPS / 10, true);
    let end = Position { step: STEPS / 10, tick: STEPS / 10 };
    let bytes = writer.finish(Summary { end, ..Summary::default() }).expect("memory is fine");
    let reader = TraceReader::open(bytes).expect("just written");
    let start = Instant::now();
    let events = reader.events(0..u64::MAX).expect("a full trace");
    let count = events.map(|event| black_box(event.is_ok())).filter(|ok| *ok).count();
    let seconds = start.elapsed().as_secs_f64();
    println!("read: {:.1} M events/s", count as f64 / seconds / 1e6);
    let start = Instant::now();
    for seek in 0..100 {
        let step = seek * 19_999;
        let event = reader.events(step..step + 1).expect("a full trace").next();
        assert!(event.is_some_and(|event| event.is_ok_and(|event| event.step == step)));
    }
    println!("seek: {:.2} ms", start.elapsed().as_secs_f64() * 10.0);
}
