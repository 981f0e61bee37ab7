//! The session's thread: the screen never waits for a search.
//!
//! ```text
//! client.ask(request, wants) ─► [queue] ─► handle, handle, handle ─► one look ─► Reply::Moment
//! client.cancel()  ···· sets the flag of every request not yet answered
//! ```
//!
//! Requests are handled in order, because they are relative to each other (`j j j`), but only the
//! newest `Wants` of the queue is looked at: holding a key down never falls behind.
//! Always: replies carry the generation of the newest request they answer.

use super::hits::Seeking;
use super::overview::Surveying;
use super::{Control, Request, Session, Source};
use crate::moment::{Moment, Wants};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A request on its way.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Counts requests.
    pub generation: u64,
    /// What is asked.
    pub request: Request,
    /// What the panes want to see afterwards.
    pub wants: Wants,
    /// Set to give up.
    pub cancel: Arc<AtomicBool>,
}

/// What comes back.
#[derive(Clone, Debug)]
pub enum Reply {
    /// What is to be seen now.
    Moment {
        /// The newest request answered.
        generation: u64,
        /// The moment.
        moment: Arc<Moment>,
        /// For the message line; `Err` went wrong.
        message: Option<Result<String, String>>,
    },
    /// A search has come so far.
    Progress {
        /// Whose search.
        generation: u64,
        /// The step it is looking at.
        step: u64,
    },
    /// More of the run has been counted: looking again shows it.
    Surveyed,
    /// Nothing can be shown.
    Failed {
        /// The newest request answered.
        generation: u64,
        /// Why.
        message: String,
    },
}

/// The screen's end of the line to a session.
#[derive(Debug)]
pub struct Client {
    queue: Sender<Envelope>,
    generation: u64,
    open: VecDeque<(u64, Arc<AtomicBool>)>,
}

impl Client {
    /// A client and the end its session listens at.
    pub fn new() -> (Client, Receiver<Envelope>) {
        let (queue, requests) = channel();
        let client = Client { queue, generation: 0, open: VecDeque::new() };
        (client, requests)
    }

    /// Sends a request; `false` when nobody listens any more.
    pub fn ask(&mut self, request: Request, wants: Wants) -> bool {
        self.generation += 1;
        let cancel = Arc::new(AtomicBool::new(false));
        self.open.push_back((self.generation, cancel.clone()));
        let envelope = Envelope { generation: self.generation, request, wants, cancel };
        self.queue.send(envelope).is_ok()
    }

    /// Notes that requests up to this one are answered.
    pub fn answered(&mut self, generation: u64) {
        self.open.retain(|(open, _)| *open > generation);
    }

    /// Whether something is not answered yet.
    pub fn busy(&self) -> bool {
        !self.open.is_empty()
    }

    /// Gives up on everything not answered yet.
    pub fn cancel(&self) {
        for (_, flag) in &self.open {
            flag.store(true, Ordering::Relaxed);
        }
    }
}

/// Opens a session on a thread of its own; it ends when the client is dropped.
pub fn spawn(source: Box<dyn Source>, reply: impl Fn(Reply) -> bool + Send + Sync + 'static) -> Client {
    let (client, requests) = Client::new();
    let work = move || {
        let session = Session::new(source);
        // Whoever counts must not keep `reply` alive: that the session is gone is heard by its end.
        let reply = Arc::new(reply);
        let heard = Arc::downgrade(&reply);
        let tell = Arc::new(move || heard.upgrade().is_some_and(|reply| reply(Reply::Surveyed)));
        let (overview, hits) = (session.overview.clone(), session.hits.clone());
        let beside = Beside {
            surveying: overview.and_then(|it| Surveying::start(it, Arc::downgrade(&tell))),
            seeking: hits.and_then(|it| Seeking::start(it, Arc::downgrade(&tell))),
        };
        serve(session, &requests, reply.as_ref(), &beside);
    };
    thread::Builder::new().name("session".into()).spawn(work).expect("a thread can be started");
    client
}

/// Who works on the same run beside the session.
struct Beside {
    surveying: Option<Surveying>,
    seeking: Option<Seeking>,
}

fn serve(
    mut session: Session,
    requests: &Receiver<Envelope>,
    reply: &(dyn Fn(Reply) -> bool + Sync),
    beside: &Beside,
) {
    while let Ok(first) = requests.recv() {
        let mut envelope = first;
        let mut message = None;
        loop {
            if let Some(told) = answer(&mut session, &envelope, reply) {
                message = Some(told);
            }
            match requests.try_recv() {
                Ok(next) => envelope = next,
                Err(_) => break,
            }
        }
        if let Some(surveying) = &beside.surveying {
            surveying.nudge();
        }
        let generation = envelope.generation;
        let answer = match session.look(&envelope.wants) {
            Ok(moment) => Reply::Moment { generation, moment: Arc::new(moment), message },
            Err(failure) => Reply::Failed { generation, message: failure.0 },
        };
        // The look has said what is wanted of it.
        if let Some(seeking) = &beside.seeking {
            seeking.nudge();
        }
        if !reply(answer) {
            return;
        }
    }
}

fn answer(
    session: &mut Session,
    envelope: &Envelope,
    reply: &(dyn Fn(Reply) -> bool + Sync),
) -> Option<Result<String, String>> {
    if envelope.cancel.load(Ordering::Relaxed) && envelope.request != Request::Look {
        return None;
    }
    // Told from the thread that searches, or from one that watches it.
    let told = Mutex::new(Instant::now());
    let progress = |step: u64| {
        let mut told = told.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if told.elapsed() >= Duration::from_millis(100) {
            *told = Instant::now();
            reply(Reply::Progress { generation: envelope.generation, step });
        }
    };
    let control = Control { cancel: &envelope.cancel, progress: &progress };
    match session.handle(envelope.request.clone(), &control) {
        Ok(message) => message.map(Ok),
        Err(failure) => Some(Err(failure.0)),
    }
}
