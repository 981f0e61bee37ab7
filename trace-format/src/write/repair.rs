//! From a damaged trace to a clean one.
//!
//! ```text
//! damaged   [a][b][##][c][d][e##      what is whole, checked down to its events
//! repaired  [a][b][c][d][lost][summary][index][trailer]
//! ```
//!
//! Frames name each other by offset, so they are not copied blindly: what names another
//! is written again with the new offset, and is left out if the other is gone.
//!
//! Always: nothing goes into the new file that could not be read from the old one; what is
//! missing stands in it as `lost`, so that opening it says so for ever.

use super::outbox::Ticket;
use super::{TraceWriter, WriteOptions};
use crate::bytes::Bytes;
use crate::chunk::{self, ChunkHeader, PackedColumns};
use crate::error::{Damage, ReadError, WriteError};
use crate::event::Position;
use crate::frame::kind;
use crate::host_log::{BatchReader, HostEntry};
use crate::manifest::{Lost, ModuleEntry, ModuleHash, Output, Profile, RunEnd, Summary};
use crate::read::{Object, TraceReader};
use std::collections::{HashMap, HashSet};
use std::io::Write;

/// What a repair kept and what it had to leave out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Parts that were whole.
    pub kept: u64,
    /// What was left out, in order of offset in the damaged file.
    pub damage: Vec<Damage>,
    /// Steps that are missing for it, as the new file says.
    pub lost: Vec<Lost>,
    /// Modules that were damaged and have been replaced.
    pub replaced: u64,
    /// Whether a module is gone that the run needs: nothing can be repeated then.
    pub without_program: bool,
}

/// Writes all that is whole in `reader` to `out`, as a closed trace of the same identity.
/// Reads and decodes everything, so it costs what `TraceReader::verify` costs.
///
/// # Errors
/// If `out` fails. Damage of the old file is no error, it is what this is for.
pub fn repair<W: Write>(reader: &TraceReader, out: W) -> Result<(W, Repaired), WriteError> {
    repair_with(reader, &[], out)
}

/// The same, with modules by name and bytes to put in the place of damaged ones: those whose hash the run names.
///
/// # Errors
/// As [`repair`].
pub fn repair_with<W: Write>(
    reader: &TraceReader,
    modules: &[(&str, &[u8])],
    out: W,
) -> Result<(W, Repaired), WriteError> {
    let options = WriteOptions { trace_id: reader.trace_id(), ..WriteOptions::default() };
    let writer = TraceWriter::with_options(out, reader.manifest(), &options)?;
    let report = Repaired { damage: reader.completeness().damage.clone(), ..Repaired::default() };
    let mut repair = Repair {
        reader,
        writer,
        report,
        code: HashMap::new(),
        pages: HashMap::new(),
        modules: HashSet::new(),
        needed: HashSet::new(),
        begins: None,
        checkpoints: 0,
        host: 0,
        hole: None,
        reached: Position::default(),
        next: 0,
    };
    for object in reader.objects.every() {
        repair.object(object)?;
    }
    for &(name, bytes) in modules {
        repair.replace(name, bytes)?;
    }
    repair.finish()
}

struct Repair<'t, W: Write> {
    reader: &'t TraceReader,
    writer: TraceWriter<W>,
    report: Repaired,
    /// Where frames of code and pages went, by their old offset.
    code: HashMap<u64, Ticket>,
    pages: HashMap<u64, Ticket>,
    /// Modules that were kept, and those that the host log names.
    modules: HashSet<ModuleHash>,
    needed: HashSet<ModuleHash>,
    /// The first checkpoint that was kept.
    begins: Option<Position>,
    /// Checkpoints seen, kept or not.
    checkpoints: usize,
    /// The entry of the host log that comes next.
    host: u64,
    /// Where the host log breaks off.
    hole: Option<Position>,
    /// How far what was kept goes.
    reached: Position,
    /// The step behind the last event kept.
    next: u64,
}

impl<W: Write> Repair<'_, W> {
    fn object(&mut self, object: &Object) -> Result<(), WriteError> {
        let payload = match self.reader.objects.payload(&self.reader.source, object) {
            Ok(payload) => payload,
            Err(error) => {
                self.dropped(object, &error);
                self.checkpoints += usize::from(object.kind == kind::CHECKPOINT);
                if object.kind == kind::HOST_LOG {
                    self.hole.get_or_insert(self.reached);
                }
                return Ok(());
            }
        };
        let kept = match object.kind {
            // These are made anew.
            kind::MANIFEST | kind::SUMMARY => return Ok(()),
            kind::CODE => self.code(object, payload)?,
            kind::PAGES => {
                let ticket = self.copy(object, payload)?;
                self.pages.insert(object.at, ticket);
                Ok(())
            }
            kind::CHECKPOINT => self.checkpoint()?,
            kind::HOST_LOG => self.host_log(object, payload)?,
            kind::CHUNK => self.chunk(object, &payload)?,
            kind::MODULE => self.module(object, payload)?,
            _ => {
                if object.kind == kind::OUTPUT {
                    self.writer.counts.output_bytes += output_bytes(&payload);
                }
                self.copy(object, payload)?;
                Ok(())
            }
        };
        match kept {
            Ok(()) => self.report.kept += 1,
            Err(error) => self.dropped(object, &error),
        }
        Ok(())
    }

    fn dropped(&mut self, object: &Object, error: &ReadError) {
        let damage = self.reader.objects.damage(object, error);
        self.report.damage.push(damage);
    }

    fn copy(&mut self, object: &Object, payload: Vec<u8>) -> Result<Ticket, WriteError> {
        self.writer.frame(object.kind, object.first, object.count, payload)
    }

    fn module(&mut self, object: &Object, payload: Vec<u8>) -> Result<Result<(), ReadError>, WriteError> {
        let Some(hash) = whole_module(&payload) else {
            return Ok(Err(ReadError::damaged(object.at, "the module is damaged (hash)")));
        };
        self.modules.insert(hash);
        self.writer.counts.modules += 1;
        self.copy(object, payload).map(|_| Ok(()))
    }

    /// Puts a module in the place of one that is gone, if it is the same.
    fn replace(&mut self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let hash = ModuleHash::of(bytes);
        if self.needed.contains(&hash) && self.modules.insert(hash) {
            self.writer.module(name, bytes)?;
            self.report.replaced += 1;
        }
        Ok(())
    }

    fn code(&mut self, object: &Object, payload: Vec<u8>) -> Result<Result<(), ReadError>, WriteError> {
        let func = object.func();
        if let Err(error) = self.reader.shapes(object.at, func) {
            return Ok(Err(error));
        }
        let ticket = self.copy(object, payload)?;
        self.code.insert(object.at, ticket);
        self.writer.counts.functions += 1;
        Ok(Ok(()))
    }

    fn checkpoint(&mut self) -> Result<Result<(), ReadError>, WriteError> {
        let number = self.checkpoints;
        self.checkpoints += 1;
        let checkpoint = match self.reader.checkpoint(number) {
            Ok(checkpoint) => checkpoint,
            Err(error) => return Ok(Err(error)),
        };
        if checkpoint.host_cursor > self.host {
            return Ok(Err(ReadError::damaged(0, "the host log before the checkpoint is not whole")));
        }
        for (_, hash) in checkpoint.memories.iter().flat_map(|memory| &memory.pages) {
            let place = self.reader.page_place(*hash);
            let place = place.and_then(|(at, slot)| Some((*self.pages.get(&at)?, slot)));
            let Some(place) = place else {
                return Ok(Err(ReadError::damaged(0, "a page of the checkpoint is missing")));
            };
            self.writer.pages.known.insert(*hash, Some(place));
        }
        self.reached = self.reached.max(checkpoint.position);
        self.begins.get_or_insert(checkpoint.position);
        self.writer.checkpoint(&checkpoint).map(Ok)
    }

    fn host_log(&mut self, object: &Object, payload: Vec<u8>) -> Result<Result<(), ReadError>, WriteError> {
        let broken = |what: &str| Ok(Err(ReadError::damaged(object.at, what)));
        let Some(mut batch) = BatchReader::new(payload.clone()) else {
            return broken("the host log is damaged (record)");
        };
        if self.hole.is_some() || batch.next_index() != self.host {
            self.hole.get_or_insert(self.reached);
            return broken("the host log before is not whole");
        }
        let (mut calls, mut entries, mut last) = (0, 0, Position::default());
        while let Some(record) = batch.next() {
            let Some(record) = record else {
                self.hole = Some(self.reached);
                return broken("the host log is damaged (entry)");
            };
            calls += u64::from(matches!(record.entry, HostEntry::HostEnter { .. }));
            if let HostEntry::LoadModule { hash, .. } = record.entry {
                self.needed.insert(hash);
            }
            entries += 1;
            last = record.position;
        }
        self.host += entries;
        self.reached = self.reached.max(last);
        self.writer.counts.host_calls += calls;
        self.writer.counts.host_entries += entries;
        self.copy(object, payload).map(|_| Ok(()))
    }

    fn chunk(&mut self, object: &Object, payload: &[u8]) -> Result<Result<(), ReadError>, WriteError> {
        let broken = |what: &str| ReadError::damaged(object.at, what);
        let mut end = Position::default();
        match self.reader.open_chunk(*object) {
            Ok(mut open) => {
                while let Some(event) = open.decoder.next() {
                    match event {
                        Ok(event) => end = Position { step: event.step + 1, tick: event.tick },
                        Err(what) => return Ok(Err(broken(what))),
                    }
                }
            }
            Err(error) => return Ok(Err(error)),
        }
        let Some((mut header, bytes)) = chunk::split(payload) else {
            return Ok(Err(broken("the event chunk is damaged (header)")));
        };
        for func in header.funcs.iter_mut().filter(|func| func.code != 0) {
            match self.code.get(&func.code) {
                Some(&ticket) => func.code = ticket,
                None => return Ok(Err(broken("the code of a function is missing"))),
            }
        }
        let from = Position { step: object.first, tick: header.tick };
        self.gap(from)?;
        self.next = object.first.saturating_add(u64::from(object.count));
        let list = std::mem::take(&mut header.columns);
        let packed = PackedColumns { list, bytes: bytes.to_vec() };
        self.push(header, object, packed)?;
        self.writer.counts.events += u64::from(object.count);
        self.reached = self.reached.max(end);
        Ok(Ok(()))
    }

    fn push(
        &mut self,
        header: ChunkHeader,
        object: &Object,
        packed: PackedColumns,
    ) -> Result<(), WriteError> {
        self.writer.outbox.packed_chunk(header, object.first, object.count, packed);
        self.writer.pushed()
    }

    /// Steps between what was kept and `to` are missing; says so, unless the recorder did.
    fn gap(&mut self, to: Position) -> Result<(), WriteError> {
        let mut from = self.next;
        let known = self.reader.completeness().lost.iter();
        let mut known: Vec<_> = known
            .map(|lost| (lost.from.step, lost.from.step.saturating_add(lost.steps)))
            .filter(|&(start, end)| start < to.step && end > from)
            .collect();
        known.sort_unstable();
        known.push((to.step, to.step));
        for (start, end) in known {
            if from < start {
                let tick = self.reached.tick.min(to.tick);
                self.lose(Position { step: from, tick }, start - from, "damaged, and left out by a repair")?;
            }
            from = from.max(end);
        }
        Ok(())
    }

    /// Without events, steps are there if they can be repeated: from a beginning, with the program, and with
    /// all that came from outside. Says which are not, and ends the run where its host log breaks off.
    fn what_cannot_be_repeated(&mut self, summary: &mut Summary) -> Result<(), WriteError> {
        let end = summary.end;
        let nothing = self.host == 0 && !self.report.damage.is_empty();
        if self.report.without_program || nothing {
            let why = match nothing {
                true => "nothing of the run was left for a repair",
                false => "the program is damaged, and left out by a repair: nothing can be repeated",
            };
            if nothing {
                summary.why = RunEnd::Stopped(why.to_owned());
            }
            return self.lose(Position::default(), end.step, why);
        }
        let begin = self.reader.begin();
        let kept = if begin.step == 0 { begin } else { self.begins.unwrap_or(end) };
        if begin.step < kept.step {
            let why = "the checkpoint it begins with is damaged, and left out by a repair";
            self.lose(begin, kept.step - begin.step, why)?;
        }
        if self.host < summary.host_entries {
            self.hole.get_or_insert(self.reached);
        }
        if let Some(hole) = self.hole {
            let why = "the host log is damaged here, and left out from here on by a repair";
            self.lose(hole, end.step.saturating_sub(hole.step), why)?;
            summary.end = hole;
            summary.why = RunEnd::Stopped(why.to_owned());
        }
        Ok(())
    }

    fn lose(&mut self, from: Position, steps: u64, why: &str) -> Result<(), WriteError> {
        let lost = Lost { from, steps, why: why.to_owned() };
        self.writer.lost(&lost)?;
        self.report.lost.push(lost);
        Ok(())
    }

    fn finish(mut self) -> Result<(W, Repaired), WriteError> {
        let mut summary = self.reader.summary().cloned().unwrap_or_else(|| Summary {
            end: self.reader.end(),
            why: RunEnd::Stopped("the recording was cut off and repaired".to_owned()),
            ..Summary::default()
        });
        self.report.without_program = !self.needed.is_subset(&self.modules);
        if self.reader.manifest().profile > Profile::Log {
            // Steps behind the last chunk: whatever held them is gone.
            self.gap(summary.end)?;
        } else {
            self.what_cannot_be_repeated(&mut summary)?;
        }
        summary.functions = summary.functions.max(self.writer.counts.functions);
        self.report.damage.sort_by_key(|damage| damage.at);
        let out = self.writer.finish(summary)?;
        Ok((out, self.report))
    }
}

/// The module's hash if all its bytes are there.
fn whole_module(payload: &[u8]) -> Option<ModuleHash> {
    let (entry, bytes) = ModuleEntry::split(payload)?;
    (ModuleHash::of(bytes) == entry.hash).then_some(entry.hash)
}

/// Bytes the guest printed, in an output frame.
fn output_bytes(payload: &[u8]) -> u64 {
    let mut bytes = Bytes::new(payload);
    let count = bytes.varint().unwrap_or(0);
    let outputs = (0..count).map_while(|_| bytes.record::<Output>());
    outputs.map(|output| output.bytes.len() as u64).sum()
}
