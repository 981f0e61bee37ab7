//! What waits to be written: compressed by another thread, written in order by this one.
//!
//! ```text
//! writer ──push──► [frame … chunk … checkpoint …]  in order ──► sink
//!                     │                 ▲
//!                     └──jobs, bounded──┴── one thread compresses
//! ```
//!
//! Frames name each other by offset, and an offset is known only when all before has been
//! compressed. So frames get *tickets* here; what names another one (a chunk its code, a
//! checkpoint its pages) is put into bytes when it is its turn, with all tickets before it
//! resolved.
//!
//! Always: what comes out is the same with and without the thread, and in order; when the
//! thread is behind, pushing waits, and nothing is ever left out.
//! Elsewhere: bytes of frames (`sink`).

use super::checkpoint::Waiting;
use crate::bytes::put_record;
use crate::chunk::{self, ChunkHeader, PackedColumns};
use crate::columns::Columns;
use crate::error::WriteError;
use crate::event::Position;
use crate::frame::{Codec, Packer, kind};
use crate::sink::{Packed, Sink, pack};
use std::collections::VecDeque;
use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

/// Names a frame before its offset is known; never 0.
pub(crate) type Ticket = u64;

/// Bytes that may wait for the thread: the pages of a checkpoint come all at once, and the guest
/// stands still until all of them are here.
const BACKLOG: usize = 16 << 20;
/// So many event chunks may, which come one by one and faster than they can be compressed.
const CHUNKS: usize = 4;
/// Less is compressed at once: asking would take longer.
const SMALL: usize = 4096;

/// See the module.
pub(super) struct Outbox {
    items: VecDeque<Item>,
    /// Offsets by ticket.
    places: Vec<u64>,
    packer: Packer,
    codec: Codec,
    thread: Option<Compressor>,
    /// Whether a thread may be started.
    background: bool,
    spare: Vec<Columns>,
}

enum Item {
    Frame { kind: u16, first: u64, count: u32, ticket: Ticket, parts: Option<Vec<Packed>> },
    Chunk { header: ChunkHeader, first: u64, count: u32, packed: Option<PackedColumns> },
    Checkpoint { waiting: Waiting, ticket: Ticket },
    Index(Position),
}

enum Job {
    Frame(u16, Vec<u8>),
    Chunk(Box<Columns>),
}

enum Done {
    Frame(Vec<Packed>),
    Chunk(PackedColumns, Box<Columns>),
}

struct Compressor {
    jobs: Sender<Job>,
    done: Receiver<Done>,
    backlog: Arc<Backlog>,
}

/// How much waits for the thread.
#[derive(Default)]
struct Backlog {
    size: Mutex<usize>,
    less: Condvar,
}

impl Backlog {
    /// Waits until there is room for so much more.
    fn add(&self, size: usize) {
        let waiting = self.size.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |waiting: &mut usize| *waiting > 0 && *waiting + size > BACKLOG;
        *self.less.wait_while(waiting, full).unwrap_or_else(PoisonError::into_inner) += size;
    }
}

/// A job in the thread's hands, which no longer waits when this is dropped.
struct Begun<'a>(&'a Backlog, usize);

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        *self.0.size.lock().unwrap_or_else(PoisonError::into_inner) -= self.1;
        self.0.less.notify_one();
    }
}

impl Job {
    /// What it counts for in a backlog.
    fn size(&self) -> usize {
        match self {
            Job::Frame(_, payload) => payload.len(),
            Job::Chunk(_) => BACKLOG / CHUNKS,
        }
    }

    fn run(self, packer: &mut Packer) -> Done {
        match self {
            Job::Frame(kind, payload) => Done::Frame(pack(kind, &payload, packer)),
            Job::Chunk(mut columns) => {
                let packed = chunk::pack(&mut columns, packer);
                columns.clear();
                Done::Chunk(packed, columns)
            }
        }
    }
}

impl Outbox {
    pub(super) fn new(codec: Codec, background: bool) -> Outbox {
        Outbox {
            items: VecDeque::new(),
            places: vec![0],
            packer: Packer::new(codec),
            codec,
            thread: None,
            background,
            spare: Vec::new(),
        }
    }

    fn ticket(&mut self) -> Ticket {
        self.places.push(0);
        self.places.len() as u64 - 1
    }

    /// Columns to fill, with room from the last time if there is any.
    pub(super) fn columns(&mut self) -> Box<Columns> {
        Box::new(self.spare.pop().unwrap_or_default())
    }

    pub(super) fn frame(&mut self, kind: u16, first: u64, count: u32, payload: Vec<u8>) -> Ticket {
        let ticket = self.ticket();
        let parts = if payload.len() < SMALL {
            Some(pack(kind, &payload, &mut self.packer))
        } else {
            match self.compress(Job::Frame(kind, payload)) {
                Some(Done::Frame(parts)) => Some(parts),
                _ => None,
            }
        };
        self.items.push_back(Item::Frame { kind, first, count, ticket, parts });
        ticket
    }

    /// `header` names code by ticket.
    pub(super) fn chunk(&mut self, header: ChunkHeader, first: u64, count: u32, columns: Box<Columns>) {
        let packed = match self.compress(Job::Chunk(columns)) {
            Some(Done::Chunk(packed, columns)) => {
                self.spare.push(*columns);
                Some(packed)
            }
            _ => None,
        };
        self.items.push_back(Item::Chunk { header, first, count, packed });
    }

    /// The same of columns that are compressed already.
    pub(super) fn packed_chunk(
        &mut self,
        header: ChunkHeader,
        first: u64,
        count: u32,
        packed: PackedColumns,
    ) {
        self.items.push_back(Item::Chunk { header, first, count, packed: Some(packed) });
    }

    /// `waiting` names pages and the checkpoint before by ticket.
    pub(super) fn checkpoint(&mut self, waiting: Waiting) -> Ticket {
        let ticket = self.ticket();
        self.items.push_back(Item::Checkpoint { waiting, ticket });
        ticket
    }

    pub(super) fn index(&mut self, position: Position) {
        self.items.push_back(Item::Index(position));
    }

    /// Gives a job to the thread, or does it here if there is none.
    fn compress(&mut self, job: Job) -> Option<Done> {
        if self.background && self.thread.is_none() {
            self.thread = Compressor::start(self.codec);
            self.background = self.thread.is_some();
        }
        let job = match &self.thread {
            None => job,
            Some(thread) => {
                thread.backlog.add(job.size());
                match thread.jobs.send(job) {
                    Ok(()) => return None,
                    Err(unsent) => unsent.0,
                }
            }
        };
        Some(job.run(&mut self.packer))
    }

    /// Writes what is ready, and with `all` waits for what is not.
    pub(super) fn drain<W: Write>(&mut self, sink: &mut Sink<W>, all: bool) -> Result<(), WriteError> {
        while let Some(item) = self.items.front_mut() {
            let not_packed = match item {
                Item::Frame { parts, .. } => parts.is_none(),
                Item::Chunk { packed, .. } => packed.is_none(),
                Item::Checkpoint { .. } | Item::Index(_) => false,
            };
            if not_packed {
                let Some(done) = self.thread.as_ref().and_then(|thread| thread.next(all)) else {
                    return Ok(());
                };
                match (item, done) {
                    (Item::Frame { parts, .. }, Done::Frame(done)) => *parts = Some(done),
                    (Item::Chunk { packed, .. }, Done::Chunk(done, columns)) => {
                        *packed = Some(done);
                        self.spare.push(*columns);
                    }
                    _ => unreachable!("jobs are done in the order they are given"),
                }
            }
            if let Some(item) = self.items.pop_front() {
                self.write(item, sink)?;
            }
        }
        Ok(())
    }

    fn write<W: Write>(&mut self, item: Item, sink: &mut Sink<W>) -> Result<(), WriteError> {
        match item {
            Item::Frame { kind, first, count, ticket, parts } => {
                let at = sink.packed(kind, first, count, &parts.unwrap_or_default())?;
                self.places[ticket as usize] = at;
            }
            Item::Chunk { mut header, first, count, packed } => {
                for func in &mut header.funcs {
                    func.code = self.places[func.code as usize];
                }
                let payload = chunk::payload(header, packed.unwrap_or_default());
                sink.frame(kind::CHUNK, first, count, &payload)?;
            }
            Item::Checkpoint { waiting, ticket } => {
                let (step, record) = waiting.resolve(|ticket| self.places[ticket as usize]);
                let mut payload = Vec::new();
                put_record(&mut payload, &record);
                self.places[ticket as usize] = sink.frame(kind::CHECKPOINT, step, 0, &payload)?;
            }
            Item::Index(position) => {
                sink.index(position)?;
            }
        }
        Ok(())
    }
}

impl Compressor {
    /// `None` if no thread can be had.
    fn start(codec: Codec) -> Option<Compressor> {
        let (jobs, todo) = channel::<Job>();
        let (finished, done) = channel();
        let backlog = Arc::<Backlog>::default();
        let lessen = backlog.clone();
        let work = move || {
            let mut packer = Packer::new(codec);
            while let Ok(job) = todo.recv() {
                let _begun = Begun(&lessen, job.size());
                if finished.send(job.run(&mut packer)).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("trace".to_owned()).spawn(work).ok()?;
        Some(Compressor { jobs, done, backlog })
    }

    fn next(&self, wait: bool) -> Option<Done> {
        if wait {
            return Some(self.done.recv().expect("the compressing thread does not fail"));
        }
        match self.done.try_recv() {
            Ok(done) => Some(done),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => panic!("the compressing thread does not fail"),
        }
    }
}
