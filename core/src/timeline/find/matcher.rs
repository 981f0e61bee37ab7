//! Which steps meet a query, while they run.
//!
//! ```text
//! op ──its test──► nothing to see      most ops: one look into a table
//!              ──► it ran              pc, function, op
//!              ──► maybe               an address, slot or global is compared
//!              ──► capture             bulk operations, host calls, returns: the whole event
//! ```
//!
//! The tests of a function are made from the shapes of its ops when it runs first, so they
//! know nothing that the instruction table does not say.
//!
//! Always: a step is found if and only if its event, captured in full, meets the query.
//! Elsewhere: tests (`test`), what is asked for (`goal`), one step (`judge`).

use super::goal::{GlobalGoal, MemoryGoal, Parts, SlotGoal, only};
use super::query::{Access, OutcomeClass, Place, Query};
use super::test::{Test, Tests, Wanted};
use super::{Hit, Site, parse};
use crate::code::OpCode;
use crate::exec::dispatch::{ControlFlow, Outcome};
use crate::exec::observer::{StepStart, Watch, Watcher};
use crate::store::{FuncEntry, PrunedStore};
use crate::timeline::capture::{Before, Codes};
use crate::timeline::code::code_and_facts;
use crate::timeline::{Breakpoint, convert};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use wasmscope_trace_format::Event;

/// A query made ready for one store.
pub(super) struct Matcher {
    pub(super) parts: Vec<Query>,
    pub(super) memory: Vec<MemoryGoal>,
    pub(super) globals: Vec<GlobalGoal>,
    pub(super) slots: Vec<SlotGoal>,
    pub(super) hosts: Vec<(Parts, Option<String>)>,
    pub(super) outcomes: [Parts; OutcomeClass::ALL.len()],
    pub(super) trap: Parts,
    /// Some part asks how steps end.
    pub(super) ends: bool,
    pub(super) funcs: HashMap<usize, Rc<Tests>>,
    pub(super) current: (*const FuncEntry, Rc<Tests>),
    pub(super) codes: Codes,
    pub(super) before: Box<Before>,
    pub(super) events: Vec<Event>,
    /// What is known of the step that runs.
    pub(super) step: Running,
    only_places: bool,
    /// So many steps meet the query that breakpoints do not pay.
    pub(super) is_dense: bool,
}

/// What is known of the step that runs.
#[derive(Default)]
pub(super) struct Running {
    /// Something is to be looked at when it has run.
    pub(super) watched: bool,
    /// Met whatever happens.
    pub(super) sure: Parts,
    /// Met if it succeeds.
    pub(super) maybe: Parts,
    /// Met if it succeeds without leaving the function.
    pub(super) written: Parts,
    pub(super) captured: bool,
    /// Values before, of the parts that compare them.
    pub(super) old: Vec<(Parts, u128)>,
}

impl Matcher {
    pub(super) fn new(query: &Query) -> Matcher {
        let parts: Vec<Query> = query.parts().into_iter().cloned().collect();
        let only_places = parts
            .iter()
            .all(|part| matches!(part, Query::Pc { .. } | Query::Func(_) | Query::Ip { .. } | Query::Op(_)));
        let nothing = Rc::new(Tests { at: Vec::new(), tests: Vec::new(), code: 0 });
        let mut matcher = Matcher {
            memory: Vec::new(),
            globals: Vec::new(),
            slots: Vec::new(),
            hosts: Vec::new(),
            outcomes: Default::default(),
            trap: 0,
            ends: false,
            funcs: HashMap::new(),
            current: (std::ptr::null(), nothing),
            codes: Codes::default(),
            before: Box::default(),
            events: Vec::new(),
            step: Running::default(),
            only_places,
            is_dense: false,
            parts: Vec::new(),
        };
        for (at, part) in parts.iter().enumerate() {
            matcher.add(only(at), part);
        }
        matcher.parts = parts;
        matcher
    }

    fn add(&mut self, part: Parts, query: &Query) {
        let mut memory = |memory, range, access, becomes| {
            self.memory.push(MemoryGoal { part, memory, range, access, becomes })
        };
        match query {
            // These are found by the tests of functions.
            Query::Pc { .. } | Query::Func(_) | Query::Ip { .. } | Query::Op(_) | Query::Any(_) => {}
            Query::Outcome(class) => self.outcomes[*class as usize] |= part,
            Query::Trap => self.trap |= part,
            Query::Host(name) => self.hosts.push((part, name.clone())),
            Query::Memory { memory: at, range, access } => memory(*at, range.clone(), *access, None),
            &Query::Global { instance, index } => {
                self.globals.push(GlobalGoal { part, instance, index, becomes: None })
            }
            &Query::Slot(of) => {
                self.slots.push(SlotGoal { part, of, becomes: None, depth: None, gone: false })
            }
            Query::Becomes { place, bits } => match *place {
                Place::Memory { memory: at, addr, ty } => {
                    memory(at, addr..addr.saturating_add(ty.size()), Access::Write, Some(*bits))
                }
                Place::Global { instance, index, .. } => {
                    self.globals.push(GlobalGoal { part, instance, index, becomes: Some(*bits) })
                }
                Place::Slot(of, ty) => {
                    let becomes = Some((ty, *bits));
                    self.slots.push(SlotGoal { part, of, becomes, depth: None, gone: false });
                }
            },
        }
        self.ends = self.trap != 0 || self.outcomes.iter().any(|&parts| parts != 0);
    }

    /// Whether all parts are places in code, so that breakpoints find them faster than
    /// looking at every step.
    pub(super) fn only_places(&self, store: &PrunedStore) -> bool {
        /// To find all ops of one kind, all functions have to be lowered.
        const FUNCTIONS: usize = 20_000;
        let ops = self.parts.iter().any(|part| matches!(part, Query::Op(_)));
        let modules = || store.arenas.modules.iter().map(|module| module.get());
        let functions = || modules().map(|module| module.all_entries().len()).sum::<usize>();
        self.only_places && !self.is_dense && (!ops || functions() <= FUNCTIONS)
    }

    /// Whether all parts ask for writes to memory, which leave their page marked.
    pub(super) fn only_writes(&self) -> bool {
        self.memory.len() == self.parts.len() && self.memory.iter().all(|goal| goal.access == Access::Write)
    }

    /// Whether a wanted page was written since the last snapshot of this store.
    pub(super) fn may_have_written(&self, store: &PrunedStore) -> bool {
        let memory = |at: u32| store.arenas.memories.get(at as usize);
        self.memory.iter().any(|goal| memory(goal.memory).is_some_and(|it| it.get().is_dirty(&goal.range)))
    }

    /// The first step that can meet the query.
    pub(super) fn first_step(&self) -> u64 {
        if self.slots.len() == self.parts.len() {
            self.slots.iter().map(|goal| goal.of.entered).min().unwrap_or(0)
        } else {
            0
        }
    }

    /// Puts breakpoints on all places in code.
    pub(super) fn patch(&self, store: &mut PrunedStore) {
        for part in &self.parts {
            if let Some((entry, offset)) = place_of(part).and_then(|place| store.place(place)) {
                store.patch(entry, offset);
            }
        }
        let named = |op: &OpCode| {
            let name = op.info().mnemonic();
            self.parts.iter().any(|part| matches!(part, Query::Op(pattern) if parse::like(pattern, &name)))
        };
        let ops: HashSet<OpCode> =
            (0..OpCode::COUNT as u16).filter_map(OpCode::from_u16).filter(named).collect();
        if ops.is_empty() {
            return;
        }
        let modules = store.arenas.modules.iter();
        let entries: Vec<*const FuncEntry> = modules.flat_map(|module| module.get().all_entries()).collect();
        for entry in entries {
            // A function too large to be lowered never runs.
            if store.lower_entry(entry).is_err() {
                continue;
            }
            let layout = store.layout(entry);
            for &offset in &layout.offsets {
                if ops.contains(&store.opcode_at(store.op_in(entry, offset))) {
                    store.patch(entry, offset);
                }
            }
        }
    }

    /// Takes note of where the machine stands, before a stretch of steps.
    pub(super) fn begin(&mut self, store: &mut PrunedStore) {
        store.rearm();
        let depth = store.depth();
        for goal in &mut self.slots {
            let frame = (0..depth).find(|&at| store.frame(at).entered as u64 == goal.of.entered);
            goal.depth = frame.map(|at| at as u32);
            goal.gone = frame.is_none() && store.meter.steps > goal.of.entered;
        }
    }

    /// Whether no later step can meet the query: it asks for slots of frames that are gone.
    pub(super) fn is_over(&self) -> bool {
        self.slots.len() == self.parts.len() && self.slots.iter().all(|goal| goal.gone)
    }

    /// The hit of the op that is about to run, if it is one of the places looked for.
    pub(super) fn place_here(&mut self, store: &mut PrunedStore) -> Option<Hit> {
        if store.depth() == 0 || store.regs.ip.0.is_null() || store.failed_here() {
            return None;
        }
        let entry = store.frame(store.depth() - 1).entry;
        let tests = self.tests_of(store, entry);
        let offset = store.offset_in(entry, store.regs.ip);
        let test = &tests.tests[tests.at[offset as usize / 4] as usize];
        let mut parts = test.runs;
        if test.entered != 0 && is_fresh(store, store.meter.steps) {
            parts |= test.entered;
        }
        let depth = store.depth() as u32 - 1;
        (parts != 0).then(|| hit(store.meter.steps, parts, site(store, entry, offset, depth)))
    }

    fn tests_of(&mut self, store: &mut PrunedStore, entry: *const FuncEntry) -> Rc<Tests> {
        if self.current.0 == entry {
            return self.current.1.clone();
        }
        let known = self.funcs.get(&entry.addr()).cloned();
        let tests = known.unwrap_or_else(|| {
            let tests = Rc::new(self.make_tests(store, entry));
            self.funcs.insert(entry.addr(), tests.clone());
            tests
        });
        self.current = (entry, tests.clone());
        tests
    }

    fn make_tests(&self, store: &mut PrunedStore, entry: *const FuncEntry) -> Tests {
        let known = store.entry(entry);
        let ((module, func), base, words) = (known.id(), known.code.addr(), known.words.len());
        let mode = store.engine.config().lowering;
        let (code, facts) = code_and_facts(store.module_data(module), module, func, mode)
            .expect("the function runs, so it was lowered");
        let wanted = Wanted {
            parts: &self.parts,
            memory: &self.memory,
            globals: &self.globals,
            slots: &self.slots,
            hosts: !self.hosts.is_empty(),
        };
        let mut made: Vec<Test> =
            code.ops.iter().zip(&facts.ops).map(|(op, facts)| wanted.test_of(&code, op, facts)).collect();
        if let Some(first) = made.first_mut() {
            first.begins = self.slots.iter().any(|goal| goal.of.func == code.func);
        }
        for (at, part) in self.parts.iter().enumerate() {
            let Some((placed, offset)) = place_of(part).and_then(|place| store.place(place)) else {
                continue;
            };
            if placed == entry
                && let Some(op) = code.op_at(offset)
            {
                let test = &mut made[op as usize];
                let parts = if matches!(part, Query::Func(_)) { &mut test.entered } else { &mut test.runs };
                *parts |= only(at);
            }
        }
        let mut tests = Tests { at: vec![0; words + 1], tests: vec![Test::default()], code: base };
        for (op, test) in code.ops.iter().zip(made) {
            if test != Test::default() {
                tests.at[op.ip as usize / 4] = tests.tests.len() as u32;
                tests.tests.push(test);
            }
        }
        tests
    }
}

/// Where a part of a query is in code, if it is such a part.
fn place_of(part: &Query) -> Option<Breakpoint> {
    match *part {
        Query::Pc { module, pc } => Some(Breakpoint::Pc(module, pc)),
        Query::Func(func) => Some(Breakpoint::Function(func)),
        Query::Ip { func, ip } => Some(Breakpoint::Ip(func, ip)),
        _ => None,
    }
}

/// Whether the innermost frame was entered just now, at step `step`.
pub(super) fn is_fresh(store: &PrunedStore, step: u64) -> bool {
    let frame = store.top();
    match frame.settled {
        // Counts since the entry are none.
        0 => frame.entered == store.ctr,
        _ => frame.entered as u64 == step,
    }
}

fn site(store: &PrunedStore, entry: *const FuncEntry, ip: u32, depth: u32) -> Site {
    Site { func: convert::func(store.entry(entry).id()), ip, depth }
}

fn hit(step: u64, parts: Parts, site: Site) -> Hit {
    Hit { step, part: parts.trailing_zeros() as usize, site: Some(site) }
}

/// Matches steps and tells of those that meet the query.
pub(super) struct Scan<'a, F> {
    pub(super) matcher: &'a mut Matcher,
    /// Hears of hits and says whether to go on.
    pub(super) found: F,
    /// `found` has said no, or nothing more can be found.
    pub(super) stopped: bool,
}

impl<F: FnMut(Hit) -> bool> Watcher for Scan<'_, F> {
    #[inline]
    fn before(&mut self, store: &mut PrunedStore, start: &StepStart) {
        let matcher = &mut *self.matcher;
        if matcher.current.0 != start.entry {
            matcher.tests_of(store, start.entry);
        }
        let tests = &matcher.current.1;
        let at = tests.at[(start.ip.0.addr() - tests.code) / 4];
        if at != 0 {
            matcher.look(store, start, at);
        }
    }

    #[inline]
    fn after(&mut self, store: &mut PrunedStore, start: &StepStart, outcome: Outcome) -> Watch {
        let matcher = &mut *self.matcher;
        let leaves = !matches!(outcome, Ok(ControlFlow::Next | ControlFlow::Jump | ControlFlow::Call));
        if !(matcher.step.watched || matcher.ends || leaves && !matcher.slots.is_empty()) {
            return Watch::Continue;
        }
        let parts = matcher.judge(store, start, outcome);
        if parts != 0 {
            let offset = store.offset_in(start.entry, start.ip);
            self.stopped |=
                !(self.found)(hit(start.number, parts, site(store, start.entry, offset, start.depth)));
        }
        if leaves {
            self.stopped |= matcher.is_over();
        }
        if self.stopped { Watch::Stop } else { Watch::Continue }
    }
}
