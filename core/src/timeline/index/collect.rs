//! Repeating a stretch of a run and noting what is in it.
//!
//! Every op is looked at once: it marks itself, and where the instruction table says that it
//! touches memory or a global, what it touches. Of bulk operations and host calls the whole
//! event is made, as for a search.
//!
//! Always: what is noted of a step covers what `find` would find there.

use super::keys::{Class, func_key, grain_of, set_of, words};
use crate::code::OpCode;
use crate::exec::dispatch::Outcome;
use crate::exec::observer::{StepStart, Watch, Watcher};
use crate::store::{FuncEntry, PrunedStore};
use crate::timeline::capture::{Before, Capture, Codes};
use crate::timeline::code::code_and_facts;
use crate::timeline::find::{Capturing, Test, Wanted, class};
use std::collections::HashMap;
use wasmscope_trace_format::{Effect, Event, FuncId, KeySet};

/// Numbers noted lately, to be passed over: a power of two.
const RECENT: usize = 1 << 12;

/// Notes what steps do.
pub(crate) struct Collector {
    funcs: Vec<Func>,
    by_entry: HashMap<usize, usize>,
    current: (*const FuncEntry, usize),
    /// The number of the stretch, from 1: what is marked with it is noted already.
    epoch: u32,
    keys: Vec<u64>,
    /// How coarse words of memory are at least.
    grain: u8,
    ops: Vec<u32>,
    recent: Vec<(u64, u32)>,
    outcomes: u16,
    captured: bool,
    codes: Codes,
    before: Box<Before>,
    events: Vec<Event>,
}

/// A function as collecting wants it.
struct Func {
    /// Where its code begins.
    code: usize,
    key: u64,
    /// By word of the code.
    marks: Vec<Mark>,
    /// What ops do beyond running; the first does nothing.
    tests: Vec<Test>,
}

#[derive(Clone, Copy, Default)]
struct Mark {
    epoch: u32,
    test: u32,
}

impl Collector {
    pub(super) fn new() -> Collector {
        Collector {
            funcs: Vec::new(),
            by_entry: HashMap::new(),
            current: (std::ptr::null(), 0),
            epoch: 1,
            keys: Vec::new(),
            grain: 0,
            ops: vec![0; OpCode::COUNT],
            recent: vec![(0, 0); RECENT],
            outcomes: 0,
            captured: false,
            codes: Codes::default(),
            before: Box::default(),
            events: Vec::new(),
        }
    }

    /// What was noted since the last call.
    pub(super) fn take(&mut self) -> KeySet {
        let mut keys = std::mem::take(&mut self.keys);
        let outcomes = (0..16).filter(|class| self.outcomes >> class & 1 != 0);
        keys.extend(outcomes.map(|class| Class::Outcome.key(class)));
        self.outcomes = 0;
        self.epoch += 1;
        set_of(keys, std::mem::take(&mut self.grain))
    }

    /// Notes that a global is written.
    pub(super) fn global(&mut self, global: u32) {
        self.note(Class::Global.key(u64::from(global)));
    }

    #[inline]
    fn note(&mut self, key: u64) {
        let slot = &mut self.recent[(key ^ key >> 12 ^ key >> 50) as usize & (RECENT - 1)];
        if *slot != (key, self.epoch) {
            *slot = (key, self.epoch);
            self.keys.push(key);
        }
    }

    fn enter(&mut self, store: &mut PrunedStore, entry: *const FuncEntry) {
        let known = self.by_entry.get(&entry.addr()).copied();
        let at = known.unwrap_or_else(|| {
            self.funcs.push(Func::new(store, entry));
            self.by_entry.insert(entry.addr(), self.funcs.len() - 1);
            self.funcs.len() - 1
        });
        self.current = (entry, at);
    }

    /// Notes some bytes of a memory.
    #[inline]
    fn memory(&mut self, class: Class, memory: u32, addr: u64, len: u64) {
        let words = words(class, memory, &(addr..addr.saturating_add(len)));
        let last = *words.end();
        if len > 16 {
            // Words of a long stretch that come to be one are noted once.
            let grain = grain_of(len);
            self.grain = self.grain.max(grain);
            words.step_by(1 << grain).for_each(|key| self.note(key));
        } else if *words.start() != last {
            self.note(*words.start());
        }
        self.note(last);
    }

    /// An op that does more than run.
    fn look(&mut self, store: &mut PrunedStore, start: &StepStart, test: u32) {
        let test = &self.funcs[self.current.1].tests[test as usize];
        let (access, global, capture) = (test.access, test.global, test.capture);
        let instance = store.running();
        if let Some(access) = access {
            let addr = store.slot_at(start.sp, access.slot).wrapping_add(access.offset);
            let memory = instance.memory_ids[access.memory as usize];
            let class = if access.write { Class::Written } else { Class::Read };
            self.memory(class, memory, addr, u64::from(access.size));
        }
        if let Some(global) = global {
            self.global(instance.global_ids[global as usize]);
        }
        self.captured = match capture {
            Capturing::Never => false,
            Capturing::Always => true,
            // Behind a guest that a host function called, the host function goes on.
            Capturing::Returning => !store.host_frames.is_empty(),
        };
        if self.captured {
            self.events.clear();
            let before = std::mem::take(&mut self.before);
            let mut capture = Capture::again(&mut self.codes, &mut self.events, before);
            capture.before(store, start);
            self.before = capture.into_before();
        }
    }

    /// Notes what an event says that was made.
    fn note_event(&mut self, store: &mut PrunedStore, start: &StepStart, outcome: Outcome) {
        let before = std::mem::take(&mut self.before);
        let mut capture = Capture::again(&mut self.codes, &mut self.events, before);
        capture.after(store, start, outcome);
        self.before = capture.into_before();
        self.captured = false;
        for event in std::mem::take(&mut self.events) {
            for effect in &event.effects {
                match *effect {
                    Effect::Read { memory, addr, len, .. } => self.memory(Class::Read, memory, addr, len),
                    Effect::Write { memory, addr, len, .. } => {
                        self.memory(Class::Written, memory, addr, len);
                    }
                    _ => {}
                }
            }
        }
    }
}

impl Watcher for Collector {
    #[inline]
    fn before(&mut self, store: &mut PrunedStore, start: &StepStart) {
        if self.current.0 != start.entry {
            self.enter(store, start.entry);
        }
        let func = &mut self.funcs[self.current.1];
        let word = (start.ip.0.addr() - func.code) / 4;
        let mark = &mut func.marks[word];
        if mark.epoch != self.epoch {
            mark.epoch = self.epoch;
            self.keys.push(func.key + word as u64);
            let op = &mut self.ops[start.op as usize];
            if *op != self.epoch {
                *op = self.epoch;
                self.keys.push(Class::Op.key(start.op as u64));
            }
        }
        let test = mark.test;
        if test != 0 {
            self.look(store, start, test);
        }
    }

    #[inline]
    fn after(&mut self, store: &mut PrunedStore, start: &StepStart, outcome: Outcome) -> Watch {
        self.outcomes |= 1 << class(outcome) as u16;
        if self.captured {
            self.note_event(store, start, outcome);
        }
        Watch::Continue
    }
}

impl Func {
    fn new(store: &mut PrunedStore, entry: *const FuncEntry) -> Func {
        let known = store.entry(entry);
        let ((module, func), code, words) = (known.id(), known.code.addr(), known.words.len());
        let mode = store.engine.config().lowering;
        let (shapes, facts) = code_and_facts(store.module_data(module), module, func, mode)
            .expect("the function runs, so it was lowered");
        let mut marks = vec![Mark::default(); words + 1];
        let mut tests = vec![Test::default()];
        let everything = Wanted::everywhere();
        for (op, facts) in shapes.ops.iter().zip(&facts.ops) {
            let test = everything.test_of(&shapes, op, facts);
            if test != Test::default() {
                marks[op.ip as usize / 4].test = tests.len() as u32;
                tests.push(test);
            }
        }
        Func { code, key: func_key(FuncId { module, func }), marks, tests }
    }
}
