//! Reading a trace.
//!
//! [`TraceReader::open`] reads the header, finds the frames (`directory`), the
//! manifest and the summary; everything else is read when it is asked for, so a
//! large trace opens as fast as a small one.
//!
//! Always: a file is untrusted. Damage is an error for what was asked, or a
//! reported gap, and nothing else; memory is bounded by what is asked for.
//! All methods take `&self`; threads can share a reader.
//! Elsewhere: events (`events`), host log, checkpoints and the rest (`cold`).

mod cold;
mod directory;
mod events;
mod host;
mod inventory;
mod object;
mod source;

pub use cold::Outputs;
pub use events::Events;
pub use host::HostLog;
pub use inventory::{Contents, Part};
pub(crate) use object::Object;

use crate::bytes::Bytes;
use crate::checkpoint::{Checkpoint, PageHash};
use crate::error::{Damage, ReadError, ReadErrorKind};
use crate::event::{FuncId, Position};
use crate::file::ReadAt;
use crate::frame::{FILE_HEADER, FileHeader, kind};
use crate::host_log::HostEntry;
use crate::manifest::{Lost, Manifest, Profile, Summary, VersionedLost, VersionedManifest, VersionedSummary};
use crate::shape::Shapes;
use directory::Directory;
use object::Objects;
use source::Source;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Reads a trace. See the module.
pub struct TraceReader {
    pub(crate) source: Source,
    header: FileHeader,
    pub(crate) objects: Objects,
    manifest: Manifest,
    summary: Option<Summary>,
    completeness: Completeness,
    caches: Mutex<Caches>,
}

/// What has been read and may be asked for again.
#[derive(Default)]
struct Caches {
    /// Code by offset of its frame.
    code: HashMap<u64, Arc<Shapes>>,
    /// The checkpoint made last, by its number: the next one differs little.
    checkpoint: Option<(usize, Arc<Checkpoint>)>,
    /// Where pages are, as far as checkpoints have told.
    pages: HashMap<PageHash, (u64, u32)>,
    /// Pages frames read last, by offset.
    frames: Vec<(u64, Arc<Vec<u8>>)>,
    host: host::HostFrames,
}

/// Whether all of a run is in its trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completeness {
    /// The trace was closed by its writer.
    pub closed: bool,
    /// Damage found when opening. Parts listed by an intact index are checked
    /// only when read; [`TraceReader::verify`] reads all.
    pub damage: Vec<Damage>,
    /// What the recorder said it could not keep.
    pub lost: Vec<Lost>,
    /// How far the run is known to have come.
    pub end: Position,
}

impl Completeness {
    /// Whether nothing is missing, as far as is known.
    pub fn is_complete(&self) -> bool {
        self.closed && self.damage.is_empty() && self.lost.is_empty()
    }

    /// Bytes that are damaged or cut.
    pub fn damaged_bytes(&self) -> u64 {
        self.damage.iter().map(|damage| damage.len).sum()
    }
}

impl fmt::Display for Completeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_complete() {
            return f.write_str("complete");
        }
        let mut parts = Vec::new();
        if !self.closed {
            let steps = self.end.step;
            parts.push(format!("not closed by its writer; {steps} steps are known"));
        }
        parts.extend(self.damage.iter().take(4).map(Damage::to_string));
        if self.damage.len() > 4 {
            parts.push(format!("{} more damaged parts", self.damage.len() - 4));
        }
        let lost =
            |lost: &Lost| format!("{} steps from {} were not kept: {}", lost.steps, lost.from.step, lost.why);
        parts.extend(self.lost.iter().take(4).map(lost));
        f.write_str(&parts.join("; "))
    }
}

impl TraceReader {
    /// Opens a trace: a file, or bytes in memory.
    ///
    /// # Errors
    /// If it is no trace, of a newer major version, needs abilities this build
    /// lacks, or its header or manifest is damaged. Other damage is no error:
    /// see [`TraceReader::completeness`].
    pub fn open(bytes: impl ReadAt + 'static) -> Result<TraceReader, ReadError> {
        let mut source = Source::new(Box::new(bytes))?;
        let header = FileHeader::decode(&source.read(0, FILE_HEADER as usize)?)?;
        source.salt = header.salt as u32;
        let directory = Directory::load(&source)?;
        let mut completeness =
            Completeness { damage: directory.damage, end: directory.position, ..Completeness::default() };
        let objects = Objects::new(directory.entries, &mut completeness.damage);

        let found = objects.first(kind::MANIFEST).ok_or_else(|| match completeness.damage.first() {
            Some(damage) => ReadError::damaged(damage.at, format!("no manifest: {}", damage.what)),
            None => ReadError::damaged(FILE_HEADER, "the file ends before its manifest"),
        })?;
        let manifest = objects.record(&source, found)?;
        let VersionedManifest::V1(manifest) = manifest;

        let mut summary = None;
        if let Some(found) = objects.last(kind::SUMMARY) {
            match objects.record(&source, found) {
                Ok(VersionedSummary::V1(record)) => summary = Some(record),
                Err(error) => completeness.damage.push(objects.damage(found, &error)),
            }
        }
        for found in objects.all(kind::LOST) {
            match objects.record(&source, found) {
                Ok(VersionedLost::V1(lost)) => completeness.lost.push(lost),
                Err(error) => completeness.damage.push(objects.damage(found, &error)),
            }
        }
        completeness.closed = summary.is_some() && directory.trailer.is_some();
        let mut reader = TraceReader {
            source,
            header,
            objects,
            manifest,
            summary,
            completeness,
            caches: Mutex::default(),
        };
        reader.completeness.end = reader.find_end();
        Ok(reader)
    }

    /// How far the run came: by the summary, else by the last thing that says.
    fn find_end(&self) -> Position {
        if let Some(summary) = &self.summary {
            return summary.end;
        }
        let mut end = self.completeness.end;
        for chunk in self.objects.all(kind::CHUNK) {
            end.step = end.step.max(chunk.first.saturating_add(u64::from(chunk.count)));
        }
        let checkpoints = self.objects.all(kind::CHECKPOINT).map(|found| found.first);
        end.step = checkpoints.chain([end.step]).max().unwrap_or(0);
        if let Some(last) = self.objects.last(kind::HOST_LOG) {
            let batch = self.host_batch(last).into_iter();
            for record in batch.flat_map(|mut batch| std::iter::from_fn(move || batch.next())) {
                end = end.max(record.map(|record| record.position).unwrap_or_default());
            }
        }
        end
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The summary, if the trace was closed.
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }

    /// What is missing, if anything.
    pub fn completeness(&self) -> &Completeness {
        &self.completeness
    }

    /// How far the run is known to have come.
    pub fn end(&self) -> Position {
        self.completeness.end
    }

    /// The first moment of the run that the trace holds: its beginning, unless only the end
    /// was kept.
    pub fn begin(&self) -> Position {
        let left_out = self.host_log().map_while(Result::ok).find(|record| !record.entry.makes());
        match left_out {
            Some(record) if record.entry == HostEntry::LeftOut => record.position,
            _ => Position::default(),
        }
    }

    /// Identifies the recording.
    pub fn trace_id(&self) -> [u8; 16] {
        self.header.trace_id
    }

    /// The version of the format, major and minor.
    pub fn version(&self) -> (u16, u16) {
        self.header.version
    }

    /// The file's length in bytes.
    pub fn bytes(&self) -> u64 {
        self.source.size
    }

    /// Whether [`TraceReader::events`] has any.
    pub fn has_events(&self) -> bool {
        self.objects.all(kind::CHUNK).next().is_some()
    }

    /// The functions whose code the trace holds.
    pub fn functions(&self) -> Vec<FuncId> {
        self.objects.functions()
    }

    /// The code of a function, if the trace holds it.
    ///
    /// # Errors
    /// If it is damaged.
    pub fn code(&self, func: FuncId) -> Result<Option<Arc<crate::CodeFunc>>, ReadError> {
        let Some(found) = self.objects.code(func) else {
            return Ok(None);
        };
        Ok(Some(Arc::clone(&self.shapes(found.at, func)?.code)))
    }

    /// The code in the frame at `at`, which must be that of `func`.
    pub(crate) fn shapes(&self, at: u64, func: FuncId) -> Result<Arc<Shapes>, ReadError> {
        let other = || ReadError::damaged(at, format!("the code of function {func} is not here"));
        if let Some(shapes) = self.caches().code.get(&at) {
            return if shapes.code.func == func { Ok(Arc::clone(shapes)) } else { Err(other()) };
        }
        let found = self.objects.at(at, kind::CODE).ok_or_else(other)?;
        let crate::code::VersionedCode::V1(code) = self.objects.record(&self.source, found)?;
        if code.func != func {
            return Err(other());
        }
        let shapes = Shapes::new(Arc::new(code))
            .map_err(|why| ReadError::damaged(at, format!("the code is damaged ({why})")))?;
        let shapes = Arc::new(shapes);
        self.caches().code.insert(at, Arc::clone(&shapes));
        Ok(shapes)
    }

    /// Where a page is that a checkpoint read before has named: frame and slot.
    pub(crate) fn page_place(&self, hash: PageHash) -> Option<(u64, u32)> {
        self.caches().pages.get(&hash).copied()
    }

    fn caches(&self) -> MutexGuard<'_, Caches> {
        // A panic elsewhere cannot leave a cache wrong: entries go in whole.
        self.caches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads every frame and says which are damaged: what it costs to read the file and
    /// unpack it, without decoding events.
    pub fn check_frames(&self) -> Vec<Damage> {
        let mut damage = self.completeness.damage.clone();
        for found in self.objects.every() {
            match self.objects.payload(&self.source, found) {
                // Another build's additions: whole, as far as this one can tell.
                Err(ReadError { kind: ReadErrorKind::UnknownKind { .. }, .. }) => {}
                Err(error) => damage.push(self.objects.damage(found, &error)),
                Ok(_) => {}
            }
        }
        damage
    }

    /// Reads and decodes everything and says what is damaged. Costs as much as it sounds.
    pub fn verify(&self) -> Vec<Damage> {
        let mut damage = self.check_frames();
        let known = damage.len();
        let seen = |damage: &[Damage], new: &Damage| damage[..known].iter().any(|d| d.at == new.at);
        if self.manifest.profile > Profile::Log
            && let Ok(events) = self.events(0..u64::MAX)
        {
            for gap in events.filter_map(Result::err) {
                if !seen(&damage, &gap) {
                    damage.push(gap);
                }
            }
        }
        for index in 0..self.checkpoints().len() {
            if let Err(error) = self.checkpoint(index) {
                let gap = Damage { at: error.at, len: 0, steps: None, what: error.kind_text() };
                if !seen(&damage, &gap) {
                    damage.push(gap);
                }
            }
        }
        if let Some(error) = self.host_log().find_map(Result::err) {
            let gap = Damage { at: error.at, len: 0, steps: None, what: error.kind_text() };
            if !seen(&damage, &gap) {
                damage.push(gap);
            }
        }
        damage.sort_by_key(|damage| damage.at);
        damage
    }
}

impl fmt::Debug for TraceReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceReader")
            .field("bytes", &self.source.size)
            .field("manifest", &self.manifest)
            .field("completeness", &self.completeness)
            .finish_non_exhaustive()
    }
}

/// A postcard record that fills its payload.
fn whole<T: serde::de::DeserializeOwned>(payload: &[u8]) -> Option<T> {
    let mut bytes = Bytes::new(payload);
    bytes.record().filter(|_| bytes.is_empty())
}
