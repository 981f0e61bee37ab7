//! A small machine with a scripted program, so that the screen can be tried without an engine.
//!
//! ```text
//! main: for i in 1..=5 { memory[0x400 + 4 i] = fact(i); total += …; print }   then, live, asks for a name
//! fact: n < 2 ? 1 : n * fact(n - 1)
//! ```
//!
//! It keeps every moment, which a few hundred steps allow. Deterministic.

#![allow(dead_code, unreachable_pub)]

mod machine;
mod overview;
mod program;

use machine::{Act, Machine};
use overview::Counted;
use program::listing;
use std::ops::Range;
use std::sync::Arc;
use wasmscope_trace_format::{Event, FuncId, Outcome, Position};
use wasmscope_tui::moment::{About, Breakpoint, Listing, Mode, Place, RunEnd, Why};
use wasmscope_tui::session::{Control, Direction, Failure, Goal, Overview, Source, State, Stop};

/// The run.
pub struct Toy {
    mode: Mode,
    listings: [Arc<Listing>; 2],
    moments: Vec<Machine>,
    events: Vec<Event>,
    end: RunEnd,
    input: Vec<u8>,
    closed: bool,
    breaks: bool,
}

impl Toy {
    /// The recorded run; the first movement is a bug of ours.
    pub fn broken() -> Toy {
        Toy { breaks: true, ..Toy::replay() }
    }

    /// A recorded run that ends with a trap: it divides by the zero it read.
    pub fn replay() -> Toy {
        let mut toy = Toy::new(Mode::Replay);
        toy.closed = true;
        while toy.run_one() {}
        toy
    }

    /// The recorded run with names that try to break the screen.
    pub fn hostile() -> Toy {
        const BAD: &str = "\x1b[2J\u{9b}31m字字\u{202e}e\u{301}\r\n\t\0👩‍👩‍👧";
        let mut toy = Toy::replay();
        for listing in &mut toy.listings {
            let listing = Arc::make_mut(listing);
            listing.code.name = Some(BAD.repeat(3));
            for slot in &mut listing.code.slots {
                slot.name = Some(BAD.into());
            }
            for op in &mut listing.code.ops {
                op.text = BAD.repeat(4);
            }
            listing.operators.iter_mut().for_each(|it| *it = BAD.into());
            listing.meaning.iter_mut().for_each(|it| *it = BAD.into());
        }
        for moment in &mut toy.moments {
            for chunk in &mut moment.output {
                chunk.bytes = BAD.as_bytes().to_vec();
            }
        }
        toy
    }

    /// A live run that has not begun.
    pub fn live() -> Toy {
        Toy::new(Mode::Live)
    }

    fn new(mode: Mode) -> Toy {
        let act = Act { func: 0, at: 0, slots: vec![Some(0), Some(0), None, None, None], entered: 0 };
        let mut memory = vec![0; 2048];
        memory[0x410 - 8..0x410].copy_from_slice(b"hello\0\x07\xff");
        memory[0x7f0..0x7f4].copy_from_slice(b"data");
        Toy {
            mode,
            listings: [Arc::new(listing(0)), Arc::new(listing(1))],
            moments: vec![Machine {
                step: 0,
                frames: vec![act],
                globals: vec![65536, 0],
                memory,
                output: Vec::new(),
            }],
            events: Vec::new(),
            end: RunEnd::Open,
            input: Vec::new(),
            closed: false,
            breaks: false,
        }
    }

    fn depth(&self, step: u64) -> usize {
        self.moments[step as usize].frames.len()
    }

    fn hit(&self, step: u64, breakpoints: &[Breakpoint]) -> Option<u32> {
        let frame = self.moments[step as usize].frames.last()?;
        let (func, at) = (FuncId { module: 0, func: frame.func }, frame.at as u32);
        let hit = breakpoints.iter().find(|it| {
            it.places().iter().any(|place| match *place {
                Place::Func(it) => it == func && at == 0,
                Place::Ip(it, ip) => it == func && at * 8 == ip,
                Place::Pc(_, pc) => pc == 0x40 + frame.func * 0x80 + at * 5,
            })
        });
        hit.map(|it| it.id)
    }
}

impl Source for Toy {
    fn about(&self) -> About {
        About {
            file: match self.mode {
                Mode::Live => "toy.wasm".into(),
                Mode::Replay => "toy.wtrace".into(),
            },
            mode: self.mode,
            notes: Vec::new(),
        }
    }

    fn end(&self) -> Position {
        let step = self.events.len() as u64;
        Position { step, tick: step }
    }

    fn run_end(&self) -> RunEnd {
        self.end.clone()
    }

    fn state(&mut self, step: u64) -> Result<Box<dyn State + '_>, Failure> {
        match self.moments.get(step as usize) {
            Some(moment) => Ok(Box::new(moment.clone())),
            None => Err(Failure(format!("step {step} is past the end"))),
        }
    }

    fn events(&mut self, range: Range<u64>) -> Result<Vec<Event>, Failure> {
        let len = self.events.len() as u64;
        let range = range.start.min(len) as usize..range.end.min(len) as usize;
        Ok(self.events[range].to_vec())
    }

    fn code(&mut self, func: FuncId) -> Result<Arc<Listing>, Failure> {
        match self.listings.get(func.func as usize) {
            Some(listing) => Ok(listing.clone()),
            None => Err(Failure(format!("there is no function {func}"))),
        }
    }

    fn functions(&self) -> Vec<(FuncId, Option<String>)> {
        let of = |listing: &Arc<Listing>| (listing.code.func, listing.code.name.clone());
        self.listings.iter().map(of).collect()
    }

    fn travel(
        &mut self,
        from: u64,
        goal: Goal,
        direction: Direction,
        breakpoints: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        assert!(!self.breaks, "a bug on purpose");
        let depth = self.depth(from);
        let mut at = from;
        let stop = |step, why| Ok(Stop { step, why });
        loop {
            if control.cancelled() {
                return stop(at, Why::Cancelled);
            }
            (control.progress)(at);
            let done = match direction {
                Direction::Forward => {
                    if at == self.end().step && !(self.mode == Mode::Live && self.run_one()) {
                        let waits = self.end == RunEnd::WaitingForInput;
                        return stop(at, if waits { Why::WaitingForInput } else { Why::End });
                    }
                    at += 1;
                    match goal {
                        Goal::Steps(n) => at - from >= n,
                        Goal::Over => self.depth(at) <= depth,
                        Goal::Into => true,
                        Goal::Out => self.depth(at) < depth,
                        Goal::Continue => false,
                    }
                }
                Direction::Backward => {
                    if at == 0 {
                        return stop(0, Why::Start);
                    }
                    at -= 1;
                    match goal {
                        Goal::Steps(n) => from - at >= n,
                        Goal::Over => self.depth(at) <= depth,
                        Goal::Into => true,
                        Goal::Out => self.depth(at) < depth,
                        Goal::Continue => false,
                    }
                }
            };
            if done {
                return stop(at, Why::Done);
            }
            if let (Some(id), false) = (self.hit(at, breakpoints), matches!(goal, Goal::Steps(_))) {
                return stop(at, Why::Breakpoint(id));
            }
        }
    }

    fn host_from(&self, step: u64) -> Option<u64> {
        let mut events = self.events.iter().filter(|it| it.step >= step);
        events.find(|it| it.outcome == Outcome::HostCall).map(|it| it.step)
    }

    fn overview(&self) -> Option<Box<dyn Overview>> {
        let known = self.mode == Mode::Replay;
        known.then(|| Box::new(Counted { upto: 0, events: self.events.clone() }) as Box<dyn Overview>)
    }

    fn twin(&self) -> Option<Box<dyn Source>> {
        (self.mode == Mode::Replay && !self.breaks).then(|| Box::new(Toy::replay()) as Box<dyn Source>)
    }

    fn feed_input(&mut self, input: Option<&[u8]>) -> Result<(), Failure> {
        if self.mode == Mode::Replay {
            return Err(Failure("a trace takes no input".into()));
        }
        match input {
            Some(bytes) => self.input.extend_from_slice(bytes),
            None => self.closed = true,
        }
        if self.end == RunEnd::WaitingForInput {
            self.end = RunEnd::Open;
        }
        Ok(())
    }
}
