//! The session's thread: requests in order, one look for many, searches that can be given up.

mod toy;

use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use toy::Toy;
use wasmscope_trace_format::{Event, FuncId, Position};
use wasmscope_tui::moment::{About, Breakpoint, Listing, Moment, RunEnd, Wants, Why};
use wasmscope_tui::session::{Control, Direction, Failure, Goal, Reply, Request, Source, State, Stop, spawn};

/// The toy, but `Continue` searches for ever.
struct Endless(Toy);

impl Source for Endless {
    fn about(&self) -> About {
        self.0.about()
    }
    fn end(&self) -> Position {
        self.0.end()
    }
    fn run_end(&self) -> RunEnd {
        self.0.run_end()
    }
    fn state(&mut self, step: u64) -> Result<Box<dyn State + '_>, Failure> {
        self.0.state(step)
    }
    fn events(&mut self, range: Range<u64>) -> Result<Vec<Event>, Failure> {
        self.0.events(range)
    }
    fn code(&mut self, func: FuncId) -> Result<Arc<Listing>, Failure> {
        self.0.code(func)
    }
    fn functions(&self) -> Vec<(FuncId, Option<String>)> {
        self.0.functions()
    }
    fn feed_input(&mut self, input: Option<&[u8]>) -> Result<(), Failure> {
        self.0.feed_input(input)
    }
    fn travel(
        &mut self,
        from: u64,
        goal: Goal,
        direction: Direction,
        breakpoints: &[Breakpoint],
        control: &Control<'_>,
    ) -> Result<Stop, Failure> {
        if goal != Goal::Continue {
            return self.0.travel(from, goal, direction, breakpoints, control);
        }
        let mut step = from;
        while !control.cancelled() {
            step += 1;
            (control.progress)(step);
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(Stop { step: 7, why: Why::Cancelled })
    }
}

fn moment(replies: &Receiver<Reply>, of: u64) -> Arc<Moment> {
    loop {
        match replies.recv_timeout(Duration::from_secs(20)) {
            Ok(Reply::Moment { generation, moment, .. }) if generation == of => return moment,
            Ok(_) => {}
            Err(error) => panic!("no answer: {error}"),
        }
    }
}

#[test]
fn many_steps_at_once_arrive_where_they_should() {
    let (sender, replies) = channel();
    let mut client = spawn(Box::new(Toy::replay()), move |it| sender.send(it).is_ok());
    for _ in 0..60 {
        let step = Request::Travel(Goal::Steps(1), Direction::Forward, 1);
        assert!(client.ask(step, Wants::default()));
    }
    assert_eq!(moment(&replies, 60).step, 60);
    client.answered(60);
    assert!(!client.busy());
}

#[test]
fn a_search_says_how_far_it_is_and_can_be_given_up() {
    let (sender, replies) = channel();
    let endless = Endless(Toy::replay());
    let mut client = spawn(Box::new(endless), move |it| sender.send(it).is_ok());
    let forever = Request::Travel(Goal::Continue, Direction::Forward, 1);
    client.ask(forever.clone(), Wants::default());
    client.ask(forever, Wants::default());
    match replies.recv_timeout(Duration::from_secs(20)) {
        Ok(Reply::Progress { generation: 1, step }) => assert!(step > 0),
        other => panic!("{other:?}"),
    }
    client.cancel();
    let at = moment(&replies, 2);
    assert_eq!((at.step, &at.why), (7, &Why::Cancelled));
    // The session still works.
    let step = Request::Travel(Goal::Steps(1), Direction::Forward, 1);
    client.ask(step, Wants::default());
    assert_eq!(moment(&replies, 3).step, 8);
}
