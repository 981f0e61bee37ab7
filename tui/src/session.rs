//! An open run: where the cursor is, where to stop, which places were visited.
//!
//! ```text
//! app ──Request, Wants──► worker ──► Session ──► Source   (a timeline, or a toy in the tests)
//!  ▲                         │           │
//!  └──── Reply: Moment, Progress, Failed ┘
//! ```
//!
//! A session answers one request after the other and knows no screen; it runs as well without the
//! worker's thread. What a search costs is the source's affair: it asks `Control` now and then
//! whether to give up, and says how far it is.
//! Always: `cursor <= source.end()`; a failed or cancelled request leaves the cursor on a moment
//! that exists. Elsewhere: what it asks of a run (`source`) and is asked (`request`), the thread (`worker`), how a moment is put together (`build`), places as
//! text (`place`), movement to what is named (`reach`), where what was printed came from (`printed`), which bytes differ (`difference`), breakpoints (`stops`), movement to them (`go`) and what counts as coming to one (`arrivals`), other sizes of step (`stride`),
//! searching (`search`), answers as text (`answer`), what outlives the session (`saved`).

mod accessed;
mod answer;
mod arrivals;
pub(crate) mod behind;
mod build;
mod difference;
mod go;
mod hits;
mod kept;
mod look;
mod overview;
mod place;
mod printed;
mod reach;
mod request;
mod saved;
mod scope;
mod search;
mod source;
mod stops;
mod stride;
mod unit;
mod worker;
mod written;

pub use answer::{Answer, Ask};
pub use overview::Overview;
pub use place::parse_step;
pub use request::{Request, Target};
pub use saved::{Saved, SavedStop};
pub(crate) use scope::asks_machine_only;
pub use source::{Control, Direction, Failure, Goal, Hit, Source, SourcePlace, State, Stop};
pub use stride::Stride;
pub use unit::Unit;
pub use worker::{Client, Envelope, Reply, spawn};
pub use written::Chosen;

use crate::expr::Expr;
use crate::moment::{About, Breakpoint, Found, Listing, Moment, Wants, Why};
use crate::words;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use wasmscope_trace_format::FuncId;

/// An open run.
pub struct Session {
    source: Box<dyn Source>,
    about: Arc<About>,
    cursor: u64,
    why: Why,
    breakpoints: Vec<Breakpoint>,
    next_breakpoint: u32,
    marks: BTreeMap<char, u64>,
    back: Vec<u64>,
    forward: Vec<u64>,
    /// What a program that waits for input was asked to do.
    parked: Option<(Goal, Direction)>,
    listings: HashMap<FuncId, Arc<Listing>>,
    overview: Option<Arc<overview::Shared>>,
    hits: Option<Arc<hits::Hits>>,
    looks: look::Looks,
    /// Where a memory was not accessed for long.
    quiet: Option<accessed::Quiet>,
    leaders: HashMap<FuncId, Arc<Vec<bool>>>,
    functions: Arc<Vec<String>>,
    unit: Unit,
    displayed: Vec<(u32, Expr)>,
    notes: BTreeMap<u64, String>,
    search: Option<search::Search>,
    filter: Option<(search::Search, Option<u64>)>,
    window: Option<search::Window>,
    /// The address last asked for.
    shown: Option<Found>,
    /// The write to which the cursor was brought last: its query, and the step behind it.
    brought: Option<(String, u64)>,
    /// The call to which the cursor was brought because it passes a value, and the slot that has it there.
    passed: Option<(u64, String)>,
    /// Where following a value has led.
    followed: Option<u64>,
    /// Which breakpoint has stopped a movement at which step.
    stopped: HashSet<(u32, u64)>,
    /// For what is counted by `hits`: how often it was come to before some steps, in order.
    arrived: HashMap<String, Vec<(u64, u64)>>,
}

impl Session {
    /// Opens a run at its first moment.
    pub fn new(source: Box<dyn Source>) -> Session {
        let hits = source.twin().map(|twin| Arc::new(hits::Hits::new(twin)));
        Session::with(source, hits)
    }

    fn with(source: Box<dyn Source>, hits: Option<Arc<hits::Hits>>) -> Session {
        let named = source.functions().into_iter();
        let functions = named.map(|(func, name)| crate::moment::func_name(func, name.as_deref())).collect();
        Session {
            functions: Arc::new(functions),
            about: Arc::new(source.about()),
            overview: source.overview().map(|it| Arc::new(overview::Shared::new(it))),
            hits,
            cursor: source.begin(),
            source,
            why: Why::Start,
            breakpoints: Vec::new(),
            next_breakpoint: 1,
            marks: BTreeMap::new(),
            back: Vec::new(),
            forward: Vec::new(),
            parked: None,
            listings: HashMap::new(),
            looks: look::Looks::default(),
            quiet: None,
            leaders: HashMap::new(),
            unit: Unit::default(),
            displayed: Vec::new(),
            notes: BTreeMap::new(),
            search: None,
            filter: None,
            window: None,
            shown: None,
            brought: None,
            passed: None,
            followed: None,
            stopped: HashSet::new(),
            arrived: HashMap::new(),
        }
    }

    /// Does what is asked. What it answers, if anything, is for the message line.
    pub fn handle(&mut self, request: Request, control: &Control<'_>) -> Result<Option<String>, Failure> {
        if request.moves() {
            // Who goes elsewhere has left the way along a value, and waits no longer where he was.
            (self.followed, self.passed, self.parked) = (None, None, None);
        }
        match request {
            Request::Look => Ok(None),
            Request::Travel(goal, direction, count) => self.travel(goal, direction, count, control),
            Request::Goto(target) => self.goto(target, control),
            Request::Along(step) => {
                self.stand_at(step);
                Ok(None)
            }
            Request::RunOf(place, direction) => self.run_of(place, direction, control),
            Request::RunTo(text, direction) => self.run_to(&text, direction, control),
            Request::Toggle(place) => self.toggle(place).map(Some),
            Request::ToggleHere => self.toggle_here().map(Some),
            Request::Break(text) => self.break_at(&text).map(Some),
            Request::Watch(text) => self.watch(&text).map(Some),
            Request::Delete(text) => self.delete(&text).map(Some),
            Request::Flip(text) => self.flip(&text).map(Some),
            Request::Enable(text, on) => self.enable(&text, on).map(Some),
            Request::Ignore(text) => self.ignore(&text).map(Some),
            Request::Condition(text) => self.condition(&text).map(Some),
            Request::WriteOf(text, direction) => self.write_of(&text, direction, control),
            Request::Follow(texts) => self.follow(&texts, control),
            Request::Origin(step, offset) => self.origin(step, offset).map(Some),
            Request::Search(text, direction) => {
                let search = self.search_of(&text)?;
                self.search(search, direction, 1, control)
            }
            Request::Match(direction, count) => match self.search.clone() {
                Some(search) => self.search(search, direction, count, control),
                None => Err(Failure("nothing has been searched for; / does it".into())),
            },
            Request::Filter(text) => self.filter(&text, control),
            Request::Display(text) => {
                let expr = Expr::parse(&text).map_err(|error| Failure(error.to_string()))?;
                let id = self.displayed.last().map_or(1, |it| it.0 + 1);
                self.displayed.push((id, expr));
                Ok(Some(format!("display {id}: {text}")))
            }
            Request::Undisplay(text) => self.undisplay(&text).map(Some),
            Request::Show(text) => self.show(&text),
            Request::Difference(memory, at, step, direction) => {
                self.difference((memory, at), step, direction, control).map(Some)
            }
            Request::Note(text) => self.note(&text).map(Some),
            Request::Unit(unit) => self.unit_is(unit),
            Request::ShiftUnit(by) => self.unit_is(self.unit.shifted(by)),
            Request::Stride(stride, direction, count) => {
                let filtered = stride == Stride::Unit && self.filter.is_some();
                if filtered {
                    return self.filtered_step(direction, count, control);
                }
                match self.sized(stride) {
                    // However many: that is one place in the run.
                    None => self.travel(Goal::Steps(1), direction, count, control),
                    Some(sized) => {
                        let long = stride != Stride::Unit;
                        let once = |session: &mut Session| session.stride(sized, direction, control);
                        let told = self.moves(count, long, Goal::Steps(1), direction, control, once)?;
                        Ok(told.or_else(|| match (sized, &self.why) {
                            (Stride::HostCall, Why::End) => Some("no host call further on".into()),
                            (Stride::HostCall, Why::Start) => Some("no host call before".into()),
                            (Stride::Call, Why::End) => Some("no call further on".into()),
                            (Stride::Call, Why::Start) => Some("no call before".into()),
                            _ => None,
                        }))
                    }
                }
            }
            Request::Restore(saved) => Ok(self.restore(&saved)),
            Request::Ask(ask) => self.answer(&ask, control).map(|answer| Some(answer.text)),
            Request::Mark(letter) => {
                self.marks.insert(letter, self.cursor);
                Ok(Some(format!("step {} is marked {letter}", words::count(self.cursor))))
            }
            Request::Jump(letter) => match self.marks.get(&letter) {
                Some(&step) => self.goto(Target::Step(step), control),
                None => Err(Failure(format!("no step is marked {letter}; m marks one"))),
            },
            Request::Back => match self.back.pop() {
                Some(step) => {
                    self.forward.push(self.cursor);
                    self.stand_at(step);
                    Ok(None)
                }
                None => Err(Failure("no earlier place to go back to".into())),
            },
            Request::Forward => match self.forward.pop() {
                Some(step) => {
                    self.back.push(self.cursor);
                    self.stand_at(step);
                    Ok(None)
                }
                None => Err(Failure("no later place to go to".into())),
            },
            Request::Input(input) => self.input(input, control),
        }
    }

    /// Counts what is known of the run, at once; the worker does it little by little.
    pub fn survey(&mut self) {
        if let Some(overview) = &self.overview {
            while overview.go_on() {}
        }
        if let Some(hits) = &self.hits {
            hits.want(&self.breakpoints, self.source.end().step);
            while hits.go_on() {}
        }
    }

    /// What is to be seen from the cursor.
    pub fn look(&mut self, wants: &Wants) -> Result<Moment, Failure> {
        build::moment(self, wants)
    }

    fn stand_at(&mut self, step: u64) {
        let (begin, end) = (self.source.begin(), self.source.end().step);
        self.cursor = step.clamp(begin, end.max(begin));
        self.why = match self.cursor {
            step if step == end && end > 0 => Why::End,
            step if step == begin => Why::Start,
            _ => Why::Done,
        };
    }

    fn visit(&mut self, from: u64) {
        if from != self.cursor {
            self.back.push(from);
            self.back.drain(..self.back.len().saturating_sub(1000));
            self.forward.clear();
        }
    }

    fn travel(
        &mut self,
        goal: Goal,
        direction: Direction,
        count: u64,
        control: &Control<'_>,
    ) -> Result<Option<String>, Failure> {
        let (goal, count) = match goal {
            Goal::Steps(n) => (Goal::Steps(n.saturating_mul(count)), 1),
            other => (other, count),
        };
        let long = !matches!(goal, Goal::Steps(n) if n < 10) && goal != Goal::Over;
        let lines = goal == Goal::Over && self.unit == Unit::Line;
        self.moves(count, long, goal, direction, control, |session| match lines {
            true => session.line(direction, true, control),
            false => session.go(goal, direction, control),
        })
    }

    /// Moves so many times as `once` says; `long` moves can be come back from.
    fn moves(
        &mut self,
        count: u64,
        long: bool,
        goal: Goal,
        direction: Direction,
        control: &Control<'_>,
        once: impl Fn(&mut Session) -> Result<Stop, Failure>,
    ) -> Result<Option<String>, Failure> {
        /// Movements between two words on how far it is.
        const TOLD: u64 = 64;
        let from = self.cursor;
        let mut refused = None;
        for made in 0..count.max(1) {
            let stop = match once(self) {
                Ok(stop) => stop,
                Err(failure) if made == 0 => return Err(failure),
                Err(failure) => {
                    refused = Some((made, failure));
                    break;
                }
            };
            if made % TOLD == TOLD - 1 {
                (control.progress)(stop.step);
            }
            self.cursor = stop.step.min(self.source.end().step);
            self.why = stop.why;
            if !matches!(self.why, Why::Done | Why::Breakpoint(_)) {
                break;
            }
            if count > 1 && control.cancelled() {
                self.why = Why::Cancelled;
                break;
            }
        }
        if long {
            self.visit(from);
        }
        self.parked = (self.why == Why::WaitingForInput).then_some((goal, direction));
        if let Some((made, failure)) = refused {
            let [made, count] = [made, count].map(words::count);
            return Err(Failure(format!("{made} of {count}; {failure}")));
        }
        if self.cursor == from {
            return Ok(Some(match (&self.why, goal) {
                (Why::WaitingForInput, _) => "the program waits for input: i gives it a line".into(),
                (Why::Start, _) => "this is the start of the run".into(),
                (Why::End, _) => format!("this is the end: {}", self.source.run_end().text()),
                _ => return Ok(None),
            }));
        }
        Ok(match &self.why {
            Why::Cancelled => Some("stopped on the way".to_owned()),
            Why::Breakpoint(id) => self.written_at(*id)?,
            Why::End | Why::Start
                if goal == Goal::Continue && self.breakpoints.iter().any(|it| it.enabled) =>
            {
                Some("no breakpoint stopped it on the way".to_owned())
            }
            _ => None,
        })
    }

    /// For a watchpoint: what the step just done wrote.
    fn written_at(&mut self, id: u32) -> Result<Option<String>, Failure> {
        let watches = self.breakpoints.iter().find(|it| it.id == id && it.watches());
        let Some(text) = watches.map(|it| it.text.clone()) else { return Ok(None) };
        let step = words::count(self.cursor.saturating_sub(1));
        Ok(Some(format!("watchpoint {id}: {text} was written by step {step}")))
    }

    fn unit_is(&mut self, unit: Unit) -> Result<Option<String>, Failure> {
        if unit == Unit::Line && !self.source.has_lines() && self.unit < unit {
            self.unit = Unit::Call;
            return Ok(Some("one step is one call; there are no line numbers in the program".into()));
        }
        if unit == Unit::Line && !self.source.has_lines() {
            self.unit = Unit::Block;
            return Ok(Some("one step is one block; there are no line numbers in the program".into()));
        }
        self.unit = unit;
        Ok(Some(format!("one step is one {}", unit.name())))
    }

    /// Notes the address that an expression comes to here, to be shown.
    fn show(&mut self, text: &str) -> Result<Option<String>, Failure> {
        let expr = Expr::parse(text).map_err(|error| Failure(error.to_string()))?;
        let datum = self.eval(&expr, self.cursor)?.map_err(|error| Failure(error.to_string()))?;
        let wrong = || Failure(format!("'{text}' is no address: 0x400, r0, sp + 8, u32[r3]"));
        let addr = datum.unsigned().ok_or_else(wrong)?;
        self.show_address(addr);
        Ok(None)
    }

    fn show_address(&mut self, addr: u64) {
        self.shown = Some(Found { serial: self.shown.map_or(1, |it| it.serial + 1), addr: Some(addr) });
    }

    /// A step in a filtered list: to the next or previous step that the filter lets through.
    fn filtered_step(
        &mut self,
        direction: Direction,
        count: u64,
        control: &Control<'_>,
    ) -> Result<Option<String>, Failure> {
        let Some((search, _)) = self.filter.clone() else { return Ok(None) };
        for _ in 0..count.max(1) {
            let from = match direction {
                Direction::Forward => self.cursor + 1,
                Direction::Backward => self.cursor,
            };
            match self.nearest_filtered(from, direction, control)? {
                Some(step) => (self.cursor, self.why) = (step, Why::Done),
                None => {
                    let which = if direction == Direction::Forward { "last" } else { "first" };
                    return Ok(Some(format!("this is the {which} step that matches {}", search.text)));
                }
            }
        }
        Ok(None)
    }

    fn input(&mut self, input: Option<Vec<u8>>, control: &Control<'_>) -> Result<Option<String>, Failure> {
        self.source.feed_input(input.as_deref())?;
        let told = match &input {
            Some(bytes) => format!("{} bytes given", bytes.len()),
            None => "end of input given".to_owned(),
        };
        match self.parked.take() {
            Some((goal, direction)) => {
                let more = self.travel(goal, direction, 1, control)?;
                Ok(more.or(Some(told)))
            }
            None => Ok(Some(told)),
        }
    }

    fn listing(&mut self, func: FuncId) -> Result<Arc<Listing>, Failure> {
        if let Some(known) = self.listings.get(&func) {
            return Ok(known.clone());
        }
        let listing = self.source.code(func)?;
        self.listings.insert(func, listing.clone());
        Ok(listing)
    }
}
