//! How a moment is put together: one state, one short range of events, the code they name.
//!
//! The values an op *read* are not in its event: they are what its slots held one step before.

use super::{Failure, Session, Source, SourcePlace, look};
use crate::moment::{
    Accessed, Elements, FlowRow, Frame, Global, Home, Inlined, Last, Listing, MOST_ROWS, Moment, Next,
    Origin, Read, Slot, Wants, func_name, slot_label,
};
use std::sync::Arc;
use wasmscope_trace_format::{CodeOp, Effect, Event, Flow, FuncId, Outcome, Reason, SlotKind};

/// Frames shown of those that began the calls, where there are too many for all.
const OUTERMOST: u32 = 4;

pub(super) fn moment(session: &mut Session, wants: &Wants) -> Result<Moment, Failure> {
    let (step, end) = (session.cursor, session.source.end().step);
    let (before, after) =
        (u64::from(wants.flow.0.clamp(1, MOST_ROWS)), u64::from(wants.flow.1.clamp(1, MOST_ROWS)));
    let about = wants.flow_at.unwrap_or(step).min(end);
    let around =
        |at: u64, (before, after): (u64, u64)| at.saturating_sub(before)..at.saturating_add(after).min(end);
    let close = if about == step { (before, after) } else { (1, 1) };
    let near = session.source.events(around(step, close))?;
    let of = |step: u64| near.iter().find(|event| event.step == step).cloned();
    let (last_event, next_event) = (step.checked_sub(1).and_then(of), of(step));
    let displays = session.displays()?;
    let accessed = match wants.accessed {
        Some(memory) => Some(Accessed { memory, addr: session.accessed(memory)? }),
        None => None,
    };
    let events = match session.filter {
        None if about == step => near,
        None => session.source.events(around(about, (before, after)))?,
        Some(_) => {
            let mut events = Vec::new();
            for at in session.filtered(about, before, after)? {
                events.extend(session.source.events(at..at + 1)?);
            }
            events
        }
    };
    let last_slots = match &last_event {
        Some(event) => session.source.state(event.step)?.slots(event.depth),
        None => Vec::new(),
    };
    let state = session.source.state(step)?;
    let depth = state.depth();
    let mut innermost = depth.checked_sub(1).and_then(|at| state.frame(at));
    let mut frame = match wants.frame {
        Some(at) if at < depth => state.frame(at),
        _ => innermost.clone(),
    };
    let (from_inside, count) = wants.frames;
    let first = depth.saturating_sub(from_inside.saturating_add(count));
    let last = depth.saturating_sub(from_inside);
    let mut frames: Vec<Frame> = (first..last).filter_map(|at| state.frame(at)).collect();
    let innermost_frames = depth.saturating_sub(wants.backtrace.min(64))..depth;
    let outermost_frames = 0..innermost_frames.start.min(if wants.backtrace > 0 { OUTERMOST } else { 0 });
    let mut backtrace: Vec<Frame> = innermost_frames.filter_map(|at| state.frame(at)).collect();
    let mut outermost: Vec<Frame> = outermost_frames.filter_map(|at| state.frame(at)).collect();
    let slots = frame.as_ref().map_or_else(Vec::new, |frame| state.slots(frame.depth));
    let inner_slots = match (&frame, &innermost) {
        (Some(a), Some(b)) if a.depth == b.depth => slots.clone(),
        (_, Some(inner)) => state.slots(inner.depth),
        _ => Vec::new(),
    };
    let globals = state.globals();
    let memories = state.memories();
    let bytes = look::bytes(state.as_ref(), wants);
    let tables = state.tables();
    let elements = wants.table.map(|(table, from, count)| Elements {
        table,
        from,
        texts: state.elements(table, from, count.min(MOST_ROWS) as usize),
    });
    let (output, output_cut) = state.output(wants.output as usize);
    let fault = if step == end { state.fault() } else { None };
    let found = look::found(&mut session.looks, wants, state.as_ref(), &memories);
    let tick = state.position().tick;
    drop(state);
    let listed = frames.iter_mut().chain(&mut backtrace).chain(&mut outermost);
    for frame in listed.chain(&mut innermost).chain(&mut frame) {
        (frame.line, frame.inlined) = places(session.source.as_ref(), frame);
    }
    let func = frame.as_ref().map(|frame| frame.func);
    let compared = match wants.compare {
        Some(at) => Some(look::compared(session.source.as_mut(), at.min(end), func, wants)?),
        None => None,
    };

    let mut flow = Vec::with_capacity(events.len());
    for event in events {
        flow.push(row(session, event, &globals));
    }
    let func = wants.func.or(func);
    let code = func.and_then(|func| session.listing(func).ok());
    let last = last_event.map(|event| {
        let listing = session.listing(event.func).ok();
        let reads = match &listing {
            Some(listing) => read(listing, event.op, &last_slots),
            None => Vec::new(),
        };
        let reads = with_origins(session, wants, &event_frame(&event), reads, &globals);
        let fault = fault.clone().filter(|_| matches!(event.outcome, Outcome::Error(Reason::Trap(_))));
        let led = if wants.origins && reads.is_empty() { branch_before(session, &event) } else { None };
        Last { code: listing, reads, fault, led, row: row(session, event, &globals) }
    });
    let next = match &innermost {
        Some(frame) if step < end || session.source.run_end().can_grow() => {
            let from = (step, frame.depth, frame.entered);
            let listing = session.listing(frame.func).ok();
            let op = listing.as_ref().and_then(|it| it.code.op_at(frame.ip));
            let (text, meaning, operators, reads) = match (&listing, op) {
                (Some(listing), Some(op)) => (
                    listing.op(op).map_or_else(String::new, |op| op.text.clone()),
                    listing.meaning(op),
                    listing.operators.get(op as usize).cloned().unwrap_or_default(),
                    read(listing, op, &inner_slots),
                ),
                _ => {
                    let unknown = format!("ip {:#x}", frame.ip);
                    (unknown.clone(), unknown, String::new(), Vec::new())
                }
            };
            let branch = match (&listing, op) {
                (Some(listing), Some(op)) => listing.op(op).is_some_and(branches),
                _ => false,
            };
            let reads = with_origins(session, wants, &from, reads, &globals);
            Some(Next {
                branch,
                func: frame.func,
                ip: frame.ip,
                pc: frame.pc,
                code: listing.zip(op),
                text,
                meaning,
                operators,
                reads,
                row: next_event.map(|event| row(session, event, &globals)),
            })
        }
        _ => None,
    };
    let looked = look::looked(session, func, wants, end);
    Ok(Moment {
        about: session.about.clone(),
        step,
        tick,
        end,
        run: session.source.run_end(),
        why: session.why.clone(),
        depth,
        inner: innermost,
        frames,
        backtrace,
        outermost,
        frame,
        code,
        slots,
        globals,
        memories,
        bytes,
        accessed,
        flow,
        output,
        output_cut,
        last,
        next,
        breakpoints: session.breakpoints.clone(),
        strip: looked.strip,
        wasm: looked.wasm,
        other: looked.other,
        counts: looked.counts,
        source: looked.source,
        outcomes: looked.outcomes,
        tree: looked.tree,
        hosts: looked.hosts,
        tables,
        elements,
        compared,
        functions: session.functions.clone(),
        notes: session.notes.iter().map(|(&step, text)| (step, text.clone())).collect(),
        unit: session.unit,
        displays,
        followed: session.followed == Some(session.cursor),
        passed: session.passed.as_ref().filter(|it| it.0 == session.cursor).map(|it| it.1.clone()),
        filter: session.filter.as_ref().map(|(search, count)| (search.text.clone(), *count)),
        found,
        shown: session.shown,
        marks: session.marks.iter().map(|(&letter, &step)| (letter, step)).collect(),
    })
}

/// The line where a frame stands, and the functions inlined there.
fn places(source: &dyn Source, frame: &Frame) -> (Option<String>, Vec<Inlined>) {
    let mut active = source.active(frame.func.module, frame.pc);
    let Some((_, own)) = active.pop() else {
        return (source.line(frame.func.module, frame.pc).map(|line| line.brief()), Vec::new());
    };
    let brief = |place: Option<SourcePlace>| place.map(|place| place.brief());
    let inlined = active.into_iter().map(|(name, place)| Inlined { name, line: brief(place) });
    (brief(own), inlined.collect())
}

fn branches(op: &CodeOp) -> bool {
    matches!(op.flow, Flow::Branch { .. } | Flow::Table { .. })
}

/// The step of an event, its frame's depth; when that was entered is not known.
fn event_frame(event: &Event) -> (u64, u32, u64) {
    (event.step, event.depth, 0)
}

/// How many steps back an origin is looked for.
const BACK: u64 = 2048;

/// The same reads, with the steps that wrote what they read in the frame at `depth`, which was
/// entered at `entered` or later; all before `step`.
fn with_origins(
    session: &mut Session,
    wants: &Wants,
    &(step, depth, entered): &(u64, u32, u64),
    mut reads: Vec<Read>,
    globals: &[Global],
) -> Vec<Read> {
    if !wants.origins || reads.is_empty() {
        return reads;
    }
    let Ok(events) = session.source.events(step.saturating_sub(BACK).max(entered.saturating_sub(1))..step)
    else {
        return reads;
    };
    for event in events.into_iter().rev() {
        let pushed = event.effects.iter().any(|it| matches!(it, Effect::Push { .. }));
        // The call that made the frame: what was not written since, it passed on or set to zero.
        let made = pushed && event.depth + 1 == depth;
        let writes = |slot: u32| {
            let to = |it: &Effect| matches!(it, Effect::Slot { depth: at, slot: to, .. } if (*at, *to) == (depth, slot));
            event.effects.iter().any(to)
        };
        let mut found = Vec::new();
        for (index, read) in reads.iter().enumerate() {
            if read.origin.is_none() && (made || writes(read.slot)) {
                found.push(index);
            }
        }
        if !found.is_empty() {
            let step = event.step;
            let row = row(session, event, globals);
            for index in found {
                let text = match (made, reads[index].kind) {
                    (true, SlotKind::Param(_)) => format!("passed by {}", row.text),
                    (true, _) => format!("zero as the function began, by {}", row.text),
                    (false, _) => row.text.clone(),
                };
                reads[index].origin = Some(Origin { step, text });
            }
        }
        if made || reads.iter().all(|read| read.origin.is_some()) {
            break;
        }
    }
    reads
}

/// The nearest branch before a step, taken or not, in the same call.
fn branch_before(session: &mut Session, event: &Event) -> Option<Origin> {
    let events = session.source.events(event.step.saturating_sub(BACK)..event.step).ok()?;
    let listing = session.listing(event.func).ok()?;
    let of_call = events.iter().rev().take_while(|it| it.depth >= event.depth);
    let mut own = of_call.filter(|it| it.depth == event.depth).take_while(|it| it.func == event.func);
    let branch = own.find(|it| listing.op(it.op).is_some_and(branches))?;
    let taken = if branch.outcome == Outcome::Jump { "taken" } else { "not taken" };
    let text = format!("{}, {taken}", listing.op(branch.op)?.text);
    Some(Origin { step: branch.step, text })
}

fn row(session: &mut Session, event: Event, globals: &[Global]) -> FlowRow {
    let mut name = |func: FuncId| -> (String, Option<Arc<Listing>>) {
        match session.listing(func) {
            Ok(listing) => (listing.name(), Some(listing)),
            Err(_) => (func_name(func, None), None),
        }
    };
    let callee = event.effects.iter().find_map(|effect| match effect {
        Effect::Push { func, .. } => Some(name(*func).0),
        Effect::HostCall { import, .. } => Some(import.clone()),
        _ => None,
    });
    let (func, listing) = name(event.func);
    let op = listing.as_ref().and_then(|listing| listing.op(event.op));
    let text = op.map_or_else(|| format!("ip {:#x}", event.ip), |op| op.text.clone());
    let meaning = match &listing {
        Some(listing) => listing.meaning(event.op),
        None => text.clone(),
    };
    let label = |effect: &Effect| match effect {
        Effect::Slot { depth, slot, .. } if *depth == event.depth => Some(slot_label(*slot)),
        Effect::Global { instance, index, .. } => {
            let global = globals.iter().find(|it| (it.instance, it.index) == (*instance, *index))?;
            global.name.as_ref().map(|name| format!("${name}"))
        }
        _ => None,
    };
    let labels = event.effects.iter().map(label).collect();
    let branch = op.is_some_and(branches);
    FlowRow { event, text, meaning, func, callee, labels, branch }
}

/// What an op reads of these slots.
fn read(listing: &Listing, op: u32, slots: &[Slot]) -> Vec<Read> {
    let reads = listing.reads.get(op as usize).map_or(&[][..], Vec::as_slice);
    let read = |&slot: &u32| {
        let held = slots.iter().find(|it| it.slot == slot && it.home == Home::Own)?;
        let (kind, name) = (held.kind, held.name.clone());
        Some(Read { slot, label: slot_label(slot), kind, name, value: held.value?, origin: None })
    };
    // What is read twice, as by `r0 * r0`, is one value.
    let first = |&(at, slot): &(usize, &u32)| !reads[..at].contains(slot);
    reads.iter().enumerate().filter(first).filter_map(|(_, slot)| read(slot)).collect()
}
