//! How long each movement through a recording takes, with the screen's worth of looking after it:
//!
//!     cargo run --release -p wasmscope -- record samples/mix/mix.wasm -o /tmp/mix.wtrace -- 54
//!     cargo run --release -p wasmscope --example movements -- /tmp/mix.wtrace [FUNCTION]
//!
//! FUNCTION is where the breakpoint stands that is hit; without it, the function last entered.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use wasmscope_tui::moment::{Moment, Wants};
use wasmscope_tui::session::{Control, Direction, Goal, Request, Session, Target};
use wasmscope_tui::source::ReplaySource;

/// What a screen of 200×60 asks for.
fn wants() -> Wants {
    Wants { flow: (50, 50), frames: (0, 20), memory: Some((0, 0, 1024)), output: 1 << 14, ..Wants::default() }
}

struct Bench {
    session: Session,
    worst: Duration,
}

impl Bench {
    fn ask(&mut self, what: &str, request: Request) -> Moment {
        let cancel = AtomicBool::new(false);
        let control = Control { cancel: &cancel, progress: &|_| {} };
        let begun = Instant::now();
        let said = self.session.handle(request, &control);
        let moved = begun.elapsed();
        let moment = self.session.look(&wants()).expect("it can be looked at");
        let whole = begun.elapsed();
        self.worst = self.worst.max(whole);
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let note = match said {
            Ok(text) => text.unwrap_or_default(),
            Err(failure) => failure.to_string(),
        };
        println!(
            "{what:<44} {:>9.2} ms + {:>8.2} ms   step {:>12}  {note}",
            ms(moved),
            ms(whole - moved),
            moment.step
        );
        moment
    }
}

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let path = args.next().unwrap_or_else(|| panic!("a recording is missing"));
    let begun = Instant::now();
    let reader = wasmscope_trace_format::open(&path)?;
    let session = Session::new(Box::new(ReplaySource::open(reader, "bench")?));
    println!("opened in {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    let mut bench = Bench { session, worst: Duration::ZERO };
    use Direction::{Backward, Forward};
    let travel = |goal, direction| Request::Travel(goal, direction, 1);
    let step = |steps| Goal::Steps(steps);

    let first = bench.ask("the first screen", Request::Look);
    println!("{} steps", first.end);
    bench.ask("one step", travel(step(1), Forward));
    bench.ask("g 50%", Request::Goto(Target::Percent(50)));
    bench.ask("one step back", travel(step(1), Backward));
    bench.ask("G, the end", Request::Goto(Target::End));
    bench.ask("one step back at the end", travel(step(1), Backward));
    bench.ask("one more", travel(step(1), Backward));
    bench.ask("1000 steps back", travel(step(1000), Backward));
    bench.ask("gg, the start", Request::Goto(Target::Step(0)));
    bench.ask("G again", Request::Goto(Target::End));
    bench.ask("C without a breakpoint, to the start", travel(Goal::Continue, Backward));
    bench.ask("c without a breakpoint, to the end", travel(Goal::Continue, Forward));
    bench.ask("N back over the last call", travel(Goal::Over, Backward));
    bench.ask("O, to the call", travel(Goal::Out, Backward));
    // Into main, and over its greatest calls.
    bench.ask("gg", Request::Goto(Target::Step(0)));
    let mut longest = (0, 0);
    let mut at = 0;
    for _ in 0..200 {
        let cancel = AtomicBool::new(false);
        let control = Control { cancel: &cancel, progress: &|_| {} };
        let _ = bench.session.handle(travel(Goal::Over, Forward), &control);
        let now = bench.session.look(&Wants::default()).expect("it can be looked at").step;
        if now - at > longest.1 {
            longest = (at, now - at);
        }
        if now == at {
            break;
        }
        at = now;
    }
    bench.ask("g, before the longest call seen", Request::Goto(Target::Step(longest.0)));
    bench.ask("n over it", travel(Goal::Over, Forward));
    bench.ask("N back over it", travel(Goal::Over, Backward));
    bench.ask("s into it", travel(Goal::Into, Forward));
    bench.ask("o out of it", travel(Goal::Out, Forward));
    bench.ask("S back into it", travel(Goal::Into, Backward));
    bench.ask("O back out of it", travel(Goal::Out, Backward));
    // A breakpoint that is hit.
    let there = bench.ask("g 90%", Request::Goto(Target::Percent(90)));
    let name = args.next().or_else(|| there.inner.as_ref().and_then(|frame| frame.name.clone()));
    if let Some(name) = name {
        bench.ask(&format!("break {name}"), Request::Break(name.clone()));
        for _ in 0..2 {
            bench.ask("C", travel(Goal::Continue, Backward));
        }
        for _ in 0..2 {
            bench.ask("c", travel(Goal::Continue, Forward));
        }
        bench.ask("G", Request::Goto(Target::End));
        bench.ask("C, the last hit", travel(Goal::Continue, Backward));
        bench.ask("c, no further hit", travel(Goal::Continue, Forward));
        bench.ask("break, off", Request::Break(name));
    }
    // One that is hit once, at the very beginning: everything has to be looked at.
    bench.ask("gg", Request::Goto(Target::Step(0)));
    bench.ask("b", Request::ToggleHere);
    bench.ask("c, never hit again", travel(Goal::Continue, Forward));
    bench.ask("C from the end, hit at step 0", travel(Goal::Continue, Backward));
    bench.ask("c, never hit again", travel(Goal::Continue, Forward));
    println!("the worst took {:.1} ms", bench.worst.as_secs_f64() * 1e3);
    Ok(())
}
