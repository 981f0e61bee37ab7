//! Writing a trace.
//!
//! ```text
//! begin(manifest)  module…  host_log…  [checkpoint  output  code  step]…  finish
//! ```
//!
//! One writer serves all profiles: `host_log`, `checkpoint` and `output` always,
//! `code` and `step` for a full trace. Small things gather and go out together,
//! at the latest when [`TraceWriter::sync`] is called, which a recorder does
//! about every second, then fsyncs if it wants to survive a power cut.
//!
//! Always: the sink only sees appended bytes (a pipe will do). When it fails,
//! the error says so once with its cause and then as `Stopped`; the recorder
//! decides, and the run goes on.
//! Elsewhere: pages and checkpoints (`checkpoint`), what gathers (`gather`), bytes
//! of frames (`sink`), the inner loop of steps (`encode`), chunks made apart (`maker`).

mod checkpoint;
mod gather;
mod maker;
mod outbox;
mod repair;

pub use maker::{ChunkMaker, MadeChunk};
pub use repair::{Repaired, repair, repair_with};

use crate::bytes::put_record;
use crate::code::CodeFunc;
use crate::decode::Late;
use crate::encode::Encoder;
use crate::error::WriteError;
use crate::event::{Effect, FuncId, Position};
use crate::frame::{Codec, kind};
use crate::host_log::{Batch, HostEntry};
use crate::index::Trailer;
use crate::manifest::{
    Lost, Manifest, Marker, ModuleEntry, ModuleHash, Names, Output, Profile, Stream, Summary, VersionedLost,
    VersionedManifest, VersionedMarker, VersionedModule, VersionedNames, VersionedSummary,
};
use crate::outcome::Outcome;
use crate::record::StepRecord;
use crate::shape::Shapes;
use crate::sink::Sink;
use checkpoint::{LastCheckpoint, Pages};
use outbox::{Outbox, Ticket};
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Host log, output and pages go out when they have gathered this much.
const GATHER: usize = 256 << 10;
/// An index block stands behind so many frames, if none was asked for.
const INDEX_FRAMES: u32 = 1024;
/// What has gathered for so long goes out, if [`TraceWriter::keep_up`] is called.
const GATHER_TIME: Duration = Duration::from_millis(200);
/// The same for an index block.
const INDEX_TIME: Duration = Duration::from_secs(1);
/// Longer writes of the host become several entries.
const WRITE_PART: usize = 256 << 10;

/// How to write.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    /// Identifies the recording, so that side files find it again.
    pub trace_id: [u8; 16],
    /// Tells frames of this file from others left on a disk.
    pub salt: u64,
    /// How to compress.
    pub codec: Codec,
    /// Compress in a thread beside; the file is the same.
    pub background: bool,
}

impl Default for WriteOptions {
    /// A random id and salt, zstd, a thread beside.
    fn default() -> WriteOptions {
        let random = |n: u64| RandomState::new().hash_one(n);
        let mut trace_id = [0; 16];
        trace_id[..8].copy_from_slice(&random(0).to_le_bytes());
        trace_id[8..].copy_from_slice(&random(1).to_le_bytes());
        WriteOptions { trace_id, salt: random(2), codec: Codec::default(), background: true }
    }
}

/// Writes a trace to anything that takes bytes.
pub struct TraceWriter<W: Write> {
    sink: Sink<W>,
    outbox: Outbox,
    /// Frames since the last index block.
    frames: u32,
    /// When gathered things and an index block went out last.
    kept: Option<(Instant, Instant)>,
    profile: Profile,
    position: Position,
    host: Batch,
    output: Vec<Output>,
    output_len: usize,
    modules: HashSet<ModuleHash>,
    pages: Pages,
    last: Option<LastCheckpoint>,
    encoder: Encoder,
    late: Vec<Late>,
    counts: Summary,
}

impl<W: Write> TraceWriter<W> {
    /// Starts a trace with a random id.
    ///
    /// # Errors
    /// If the sink fails.
    pub fn begin(out: W, manifest: &Manifest) -> Result<TraceWriter<W>, WriteError> {
        TraceWriter::with_options(out, manifest, &WriteOptions::default())
    }

    /// Starts a trace.
    ///
    /// # Errors
    /// As [`TraceWriter::begin`].
    pub fn with_options(
        out: W,
        manifest: &Manifest,
        options: &WriteOptions,
    ) -> Result<TraceWriter<W>, WriteError> {
        let mut writer = TraceWriter {
            sink: Sink::new(out, options.trace_id, options.salt, options.codec)?,
            outbox: Outbox::new(options.codec, options.background),
            frames: 0,
            kept: None,
            profile: manifest.profile,
            position: Position::default(),
            host: Batch::default(),
            output: Vec::new(),
            output_len: 0,
            modules: HashSet::new(),
            pages: Pages::default(),
            last: None,
            encoder: Encoder::new(manifest.profile),
            late: Vec::new(),
            counts: Summary::default(),
        };
        writer.record(kind::MANIFEST, 0, &VersionedManifest::V1(manifest.clone()))?;
        Ok(writer)
    }

    /// Bytes written so far.
    pub fn bytes(&self) -> u64 {
        self.sink.at()
    }

    /// Whether an earlier error ended the trace.
    pub fn is_stopped(&self) -> bool {
        self.sink.stopped()
    }

    /// The sink.
    pub fn get_ref(&self) -> &W {
        self.sink.get_ref()
    }

    /// Keeps a module's bytes, once however often it is given; gives the hash
    /// by which [`HostEntry::LoadModule`] names it.
    ///
    /// # Errors
    /// If the sink fails.
    pub fn module(&mut self, name: &str, bytes: &[u8]) -> Result<ModuleHash, WriteError> {
        let hash = ModuleHash::of(bytes);
        if self.modules.insert(hash) {
            let entry = ModuleEntry { name: name.to_owned(), hash, len: bytes.len() as u64 };
            let mut payload = Vec::with_capacity(bytes.len() + 64);
            put_record(&mut payload, &VersionedModule::V1(entry));
            payload.extend_from_slice(bytes);
            self.counts.modules += 1;
            self.frame(kind::MODULE, hash.key(), 0, payload)?;
        }
        Ok(hash)
    }

    /// Keeps names of functions, for readers without the module. Ancillary.
    ///
    /// # Errors
    /// If the sink fails.
    pub fn names(&mut self, names: &Names) -> Result<(), WriteError> {
        self.record(kind::NAMES, u64::from(names.module), &VersionedNames::V1(names.clone()))
    }

    /// Appends to the host log; gives the entry's index (of its last part, if
    /// it is a long write, which is cut into several).
    ///
    /// # Errors
    /// If the sink fails, or `position` lies before that of the last entry.
    pub fn host_log(&mut self, position: Position, entry: &HostEntry) -> Result<u64, WriteError> {
        match entry {
            HostEntry::MemoryWrite { memory, addr, bytes } if bytes.len() > WRITE_PART => {
                let mut addr = *addr;
                for part in bytes.chunks(WRITE_PART) {
                    let (memory, bytes) = (*memory, part.to_vec());
                    self.host_entry(position, &HostEntry::MemoryWrite { memory, addr, bytes })?;
                    addr = addr.wrapping_add(part.len() as u64);
                }
            }
            entry => self.host_entry(position, entry)?,
        }
        Ok(self.counts.host_entries - 1)
    }

    fn host_entry(&mut self, position: Position, entry: &HostEntry) -> Result<(), WriteError> {
        if !self.host.push(position, entry) {
            let why = "it lies before the entry before";
            return Err(WriteError::Invalid { what: "a host entry", step: position.step, why });
        }
        self.reached(position);
        self.counts.host_entries += 1;
        self.counts.host_calls += u64::from(matches!(entry, HostEntry::HostEnter { .. }));
        if self.host.len() >= GATHER { self.flush_host() } else { self.check() }
    }

    /// Entries of the host log so far: the cursor a checkpoint taken now has.
    pub fn host_cursor(&self) -> u64 {
        self.counts.host_entries
    }

    /// Keeps what the guest printed. Ancillary.
    ///
    /// # Errors
    /// If the sink fails.
    pub fn output(&mut self, position: Position, stream: Stream, bytes: &[u8]) -> Result<(), WriteError> {
        self.reached(position);
        self.counts.output_bytes += bytes.len() as u64;
        for part in bytes.chunks(WRITE_PART) {
            self.output.push(Output { position, stream, bytes: part.to_vec() });
            self.output_len += part.len() + 8;
            if self.output_len >= GATHER {
                self.flush_output()?;
            }
        }
        self.check()
    }

    /// Keeps the code of a function, before the first step in it. Needed for a
    /// full trace only.
    ///
    /// # Errors
    /// If the sink fails, or the code is not in order.
    pub fn code(&mut self, code: Arc<CodeFunc>) -> Result<(), WriteError> {
        let FuncId { module, func } = code.func;
        // `VersionedCode::V1`, as postcard writes it, without moving the code.
        let mut payload = vec![0];
        put_record(&mut payload, &*code);
        let shapes = Shapes::new(code).map_err(|why| {
            let step = self.position.step;
            WriteError::Invalid { what: "a function's code", step, why }
        })?;
        let key = u64::from(module) << 32 | u64::from(func);
        let at = self.frame(kind::CODE, key, 0, payload)?;
        self.encoder.code(shapes, at);
        Ok(())
    }

    /// Whether [`TraceWriter::code`] has been given for the function.
    pub fn has_code(&self, func: FuncId) -> bool {
        self.encoder.has_code(func)
    }

    /// Appends a step to a full trace. Steps come in order; steps left out are
    /// a gap, and [`TraceWriter::lost`] says why.
    ///
    /// # Errors
    /// If the sink fails; or if the step cannot be stored: the trace is not
    /// `full`, its code was not given, it is not in order.
    #[inline]
    pub fn step(&mut self, step: &StepRecord<'_>) -> Result<(), WriteError> {
        if self.encoder.fast(step) { Ok(()) } else { self.long_step(step) }
    }

    /// A step that is not as the code says, or opens a chunk.
    fn long_step(&mut self, step: &StepRecord<'_>) -> Result<(), WriteError> {
        if self.encoder.must_seal(step) {
            self.seal()?;
        }
        let invalid = |why| WriteError::Invalid { what: "a step", step: step.step, why };
        if self.profile == Profile::Log {
            return Err(invalid("the trace is a log, without events"));
        }
        if step.step < self.encoder.next_step() {
            return Err(invalid("it is not in order"));
        }
        if self.sink.stopped() {
            return self.check();
        }
        self.encoder.step(step).map_err(invalid)
    }

    /// Adds effects to an earlier step: to a host call that called back into
    /// the guest and was given as [`StepRecord::pending`].
    ///
    /// # Errors
    /// If the sink fails, or the step was not given.
    pub fn late(
        &mut self,
        step: u64,
        effects: &[Effect],
        outcome: Option<&Outcome>,
    ) -> Result<(), WriteError> {
        if step >= self.encoder.next_step() {
            let why = "the step itself did not come before";
            return Err(WriteError::Invalid { what: "late effects", step, why });
        }
        let kept = effects.iter().filter(|it| self.profile >= Profile::Values || it.is_flow());
        let late = Late { step, effects: kept.cloned().collect(), outcome: outcome.cloned() };
        if late.effects.is_empty() && late.outcome.is_none() {
            return self.check();
        }
        self.late.push(late);
        if self.late.len() >= 1024 { self.flush_late() } else { self.check() }
    }

    /// Names a moment. Ancillary.
    ///
    /// # Errors
    /// If the sink fails.
    pub fn marker(&mut self, marker: &Marker) -> Result<(), WriteError> {
        self.record(kind::MARKER, marker.position.step, &VersionedMarker::V1(marker.clone()))
    }

    /// Says that steps could not be kept, and why.
    ///
    /// # Errors
    /// If the sink fails.
    pub fn lost(&mut self, lost: &Lost) -> Result<(), WriteError> {
        self.seal()?;
        self.record(kind::LOST, lost.from.step, &VersionedLost::V1(lost.clone()))
    }

    /// Writes out all that has gathered and an index block: a reader of the
    /// file cut here misses nothing. `position` is how far the run has come.
    ///
    /// # Errors
    /// If the sink fails.
    pub fn sync(&mut self, position: Position) -> Result<(), WriteError> {
        self.reached(position);
        self.flush_all()?;
        self.index();
        self.outbox.drain(&mut self.sink, true)?;
        self.sink.flush()
    }

    /// To be called from time to time, a few times a second: writes out what has waited
    /// for 200 ms, and every second an index block. `true` says that the latter was done,
    /// and that it is time to make the file safe against power cuts (fsync), which is
    /// best done by who does not hold the writer. A recorder that is killed has then lost
    /// no more than it was given in the last 200 ms.
    ///
    /// # Errors
    /// If the sink fails.
    pub fn keep_up(&mut self, now: Instant) -> Result<bool, WriteError> {
        let (gathered, indexed) = *self.kept.get_or_insert((now, now));
        let due = now.duration_since(indexed) >= INDEX_TIME;
        if due {
            self.kept = Some((now, now));
            self.flush_all()?;
            let new = self.frames > 0;
            if new {
                self.index();
            }
            self.outbox.drain(&mut self.sink, true)?;
            self.sink.flush()?;
            return Ok(new);
        }
        if now.duration_since(gathered) >= GATHER_TIME {
            self.kept = Some((now, indexed));
            self.flush_host()?;
            self.flush_output()?;
        }
        self.outbox.drain(&mut self.sink, false)?;
        self.check().map(|()| false)
    }

    /// Closes the trace; gives the sink back. What the writer can count itself
    /// it puts into the summary.
    ///
    /// # Errors
    /// If the sink fails.
    pub fn finish(mut self, summary: Summary) -> Result<W, WriteError> {
        self.reached(summary.end);
        self.flush_all()?;
        let summary = Summary {
            functions: summary.functions.max(self.encoder.functions()),
            host_calls: self.counts.host_calls,
            host_entries: self.counts.host_entries,
            checkpoints: self.counts.checkpoints,
            modules: self.counts.modules,
            events: self.counts.events,
            output_bytes: self.counts.output_bytes,
            ..summary
        };
        let end = summary.end;
        self.outbox.drain(&mut self.sink, true)?;
        let mut payload = Vec::new();
        put_record(&mut payload, &VersionedSummary::V1(summary));
        let at = self.sink.frame(kind::SUMMARY, end.step, 0, &payload)?;
        let index = self.sink.index(end)?;
        payload.clear();
        Trailer { index, summary: at, steps: end.step }.encode(&mut payload);
        self.sink.frame(kind::TRAILER, end.step, 0, &payload)?;
        self.sink.flush()?;
        Ok(self.sink.into_inner())
    }

    fn reached(&mut self, position: Position) {
        self.position = self.position.max(position);
    }

    fn check(&self) -> Result<(), WriteError> {
        match self.sink.stopped() {
            false => Ok(()),
            true => Err(WriteError::Stopped { at: self.sink.at() }),
        }
    }

    fn record<T: serde::Serialize>(&mut self, kind: u16, first: u64, record: &T) -> Result<(), WriteError> {
        let mut payload = Vec::new();
        put_record(&mut payload, record);
        self.frame(kind, first, 0, payload).map(|_| ())
    }

    fn frame(&mut self, kind: u16, first: u64, count: u32, payload: Vec<u8>) -> Result<Ticket, WriteError> {
        self.check()?;
        let ticket = self.outbox.frame(kind, first, count, payload);
        self.pushed().map(|()| ticket)
    }

    /// A frame is in the outbox: writes what is ready.
    fn pushed(&mut self) -> Result<(), WriteError> {
        self.frames += 1;
        if self.frames >= INDEX_FRAMES {
            // An index block says how far the run has come, so nothing before may wait.
            self.frames = 0;
            self.flush_host()?;
            self.flush_output()?;
            self.index();
        }
        self.outbox.drain(&mut self.sink, false)
    }

    fn index(&mut self) {
        self.frames = 0;
        self.outbox.index(self.position);
    }

    fn flush_all(&mut self) -> Result<(), WriteError> {
        self.flush_host()?;
        self.flush_output()?;
        self.flush_pages()?;
        self.seal()?;
        self.check()
    }
}
