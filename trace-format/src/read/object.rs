//! Objects: frames put together, findable by kind, offset and key.
//!
//! A long payload spans frames; here it is one object again.
//!
//! Always: the parts of an object lie next to each other; event chunks are in
//! order of step and do not overlap, what does not fit is damage.

use super::source::Source;
use super::whole;
use crate::error::{Damage, ReadError};
use crate::event::FuncId;
use crate::frame::{PART, kind};
use crate::index::Entry;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// One payload of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object {
    pub(crate) at: u64,
    pub(crate) kind: u16,
    pub(crate) first: u64,
    pub(crate) count: u32,
    /// Its parts, as a range of the entries.
    from: usize,
    to: usize,
}

impl Object {
    /// Of a code frame, the function.
    pub(crate) fn func(&self) -> FuncId {
        function(self.first)
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    entries: Vec<Entry>,
    /// In order of offset.
    all: Vec<Object>,
    by_kind: HashMap<u16, Vec<usize>>,
    code: HashMap<FuncId, usize>,
}

impl Objects {
    pub(crate) fn new(entries: Vec<Entry>, damage: &mut Vec<Damage>) -> Objects {
        let mut objects = Objects { entries, ..Objects::default() };
        let mut from = 0;
        let mut steps = 0;
        while let Some(head) = objects.entries.get(from).copied() {
            let base = head.kind & !kind::MORE;
            let mut to = from + 1;
            let mut last = head;
            while last.kind & kind::MORE != 0 {
                match objects.entries.get(to) {
                    Some(next) if next.at == last.end() && next.kind & !kind::MORE == base => {
                        last = *next;
                        to += 1;
                    }
                    _ => break,
                }
            }
            let object = Object { at: head.at, kind: base, first: head.first, count: head.count, from, to };
            from = to;
            let mut wrong = |what: &str, steps| {
                let (at, len) = (head.at, last.end() - head.at);
                let what = format!("the {} {what}", kind::name(base));
                damage.push(Damage { at, len, steps, what });
            };
            if last.kind & kind::MORE != 0 {
                wrong("does not go on where it should", None);
                continue;
            }
            if base == kind::CHUNK {
                let end = object.first.saturating_add(u64::from(object.count));
                if object.first < steps || object.count == 0 {
                    wrong("holds steps that came before", Some(object.first..end));
                    continue;
                }
                steps = end;
            }
            let place = objects.all.len();
            if base == kind::CODE {
                objects.code.insert(function(object.first), place);
            }
            objects.by_kind.entry(base).or_default().push(place);
            objects.all.push(object);
        }
        objects
    }

    /// All objects, in order of offset.
    pub(crate) fn every(&self) -> impl Iterator<Item = &Object> {
        self.all.iter()
    }

    /// The objects of a kind, in order of offset.
    pub(crate) fn all(&self, kind: u16) -> impl DoubleEndedIterator<Item = &Object> {
        self.places(kind).iter().map(|&place| &self.all[place])
    }

    /// The one of that number among those of a kind.
    pub(crate) fn get(&self, kind: u16, number: usize) -> Option<&Object> {
        self.places(kind).get(number).map(|&place| &self.all[place])
    }

    /// The number of the first of a kind that fails `before`, which must hold
    /// for all those in front and for none behind.
    pub(crate) fn search(&self, kind: u16, before: impl Fn(&Object) -> bool) -> usize {
        self.places(kind).partition_point(|&place| before(&self.all[place]))
    }

    pub(crate) fn first(&self, kind: u16) -> Option<&Object> {
        self.all(kind).next()
    }

    pub(crate) fn last(&self, kind: u16) -> Option<&Object> {
        self.all(kind).next_back()
    }

    /// The object of that kind at that offset.
    pub(crate) fn at(&self, at: u64, kind: u16) -> Option<&Object> {
        let place = self.all.binary_search_by_key(&at, |object| object.at).ok()?;
        Some(&self.all[place]).filter(|object| object.kind == kind)
    }

    /// The last code given for a function.
    pub(crate) fn code(&self, func: FuncId) -> Option<&Object> {
        self.code.get(&func).map(|&place| &self.all[place])
    }

    /// The functions with code, in order.
    pub(crate) fn functions(&self) -> Vec<FuncId> {
        let mut functions: Vec<FuncId> = self.code.keys().copied().collect();
        functions.sort_unstable();
        functions
    }

    fn places(&self, kind: u16) -> &[usize] {
        self.by_kind.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The whole payload.
    pub(crate) fn payload(&self, source: &Source, object: &Object) -> Result<Vec<u8>, ReadError> {
        let mut payload = Vec::new();
        for entry in &self.entries[object.from..object.to] {
            source.payload(entry, limit(object.kind), &mut payload)?;
        }
        Ok(payload)
    }

    /// The payload of the first part alone.
    pub(crate) fn head(&self, source: &Source, object: &Object) -> Result<Vec<u8>, ReadError> {
        let mut payload = Vec::new();
        source.payload(&self.entries[object.from], limit(object.kind), &mut payload)?;
        Ok(payload)
    }

    /// The postcard record that is the payload.
    pub(crate) fn record<T: DeserializeOwned>(
        &self,
        source: &Source,
        object: &Object,
    ) -> Result<T, ReadError> {
        let payload = self.payload(source, object)?;
        whole(&payload).ok_or_else(|| {
            let name = kind::name(object.kind);
            ReadError::damaged(object.at, format!("the {name} is damaged (record)"))
        })
    }

    /// Bytes an object takes in the file.
    pub(crate) fn bytes(&self, object: &Object) -> u64 {
        self.entries[object.from..object.to].iter().map(|entry| entry.end() - entry.at).sum()
    }

    /// An error about an object, as damage.
    pub(crate) fn damage(&self, object: &Object, error: &ReadError) -> Damage {
        let end = self.entries[object.to - 1].end();
        let steps = (object.kind == kind::CHUNK)
            .then(|| object.first..object.first.saturating_add(u64::from(object.count)));
        Damage { at: object.at, len: end - object.at, steps, what: error.kind_text() }
    }
}

/// How long a payload may get that spans frames.
fn limit(kind: u16) -> usize {
    match kind {
        kind::MODULE => 256 << 20,
        kind::CODE | kind::CHECKPOINT | kind::NAMES => 64 << 20,
        _ => 4 * PART,
    }
}

/// The function a code frame's key names.
fn function(key: u64) -> FuncId {
    FuncId { module: (key >> 32) as u32, func: key as u32 }
}
