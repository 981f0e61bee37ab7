//! Exceptions on their way: from the op that throws to the clause that catches.
//!
//! ```text
//! frames   [base] [f: waits in a region] [g: waits] [h: throws] ◄ top
//!                  ▲ caught here: g and h are popped, f goes on at the clause's target
//! ```
//!
//! Frames are searched as data, from the innermost out to the one the host called; only
//! then anything is popped, so an exception nobody catches leaves the frames for the
//! backtrace. One that a host function lets through (it fails with the trap "uncaught
//! exception" while the store still has the exception) goes on in the frames of its caller.
//!
//! The exception is copied into the store's arena only where a clause asks for a
//! reference; a reference is its number there plus one.

use crate::Val;
use crate::code::Count;
use crate::exec::Error;
use crate::exec::frame::{Frame, Ip, Regs, Sp, is_tail_call, read_cells};
use crate::lower::exception::Clause;
use crate::store::{ExnInst, PrunedStore};
use crate::trap::{TrapCode, TrapDetail};

/// An exception that has been thrown and not yet caught.
#[derive(Clone, Debug)]
pub(crate) struct Thrown {
    exception: ExnInst,
    /// The reference it has already.
    reference: Option<u64>,
}

/// Where an exception is caught.
struct Landing {
    depth: usize,
    sp: Sp,
    clause: Clause,
    passed_watch: bool,
}

impl PrunedStore {
    /// Makes an exception of a tag of the running instance.
    ///
    /// # Safety
    /// The tag's index is valid in the module; `count` slots lie at `fields`.
    pub(crate) unsafe fn raise(&mut self, tag: u32, fields: Sp, count: u16) {
        // SAFETY: by the caller.
        let (tag, fields) = unsafe {
            ((&(*self.instance).tag_ids)[tag as usize], std::slice::from_raw_parts(fields.0, count as usize))
        };
        self.thrown = Some(Thrown { exception: ExnInst { tag, fields: fields.into() }, reference: None });
    }

    /// Throws the exception a reference, not null, stands for.
    pub(crate) fn raise_again(&mut self, reference: u64) {
        let exception = self.arenas.exceptions[reference as usize - 1].clone();
        self.thrown = Some(Thrown { exception, reference: Some(reference) });
    }

    /// Takes the exception from the op in the registers to the clause that catches it:
    /// frames, registers and instance are those of the landing. Gives what the counters
    /// gain, 0 if they are not `counted`.
    ///
    /// # Errors
    /// The trap for an exception that nobody catches; nothing has changed then.
    #[cold]
    pub(crate) fn land(&mut self, counted: bool) -> Result<i64, Error> {
        let Some(landing) = self.find_clause() else {
            return Err(self.trap(TrapCode::UncaughtException));
        };
        let Landing { depth, sp, clause, passed_watch } = landing;
        let delta = match counted {
            true => {
                let (ordinal, ticks, weight) = self.locate(self.regs.ip);
                let steps = ordinal as i64 + 1 - clause.ops as i64;
                Count::new(steps, (ticks + weight) as i64 - clause.ticks as i64).packed()
            }
            false => 0,
        };
        let Thrown { exception, reference } = self.thrown.take().expect("an exception is under way");
        let mut at = sp.at(clause.dst).0;
        if clause.tag.is_some() {
            for &field in &exception.fields {
                // SAFETY: the label's values have their places in the frame.
                unsafe { at.write(field) };
                at = at.wrapping_add(1);
            }
        }
        if clause.with_ref {
            let reference = reference.unwrap_or_else(|| self.keep_exception(exception));
            // SAFETY: as above.
            unsafe { at.write(reference) };
        }
        self.frame_top = self.frame_base().wrapping_add(depth + 1);
        let Frame { entry, instance, .. } = *self.frame(depth);
        // SAFETY: entries live as long as the store, and the clause belongs to this one.
        let ip = Ip(unsafe { (*entry).code }.wrapping_byte_add(clause.target as usize));
        self.regs = Regs { ip, sp };
        self.set_instance(instance);
        self.passed_watch = passed_watch;
        Ok(delta)
    }

    /// The exception that is under way, for people.
    pub(crate) fn uncaught(&self) -> Option<TrapDetail> {
        let ExnInst { tag, fields } = &self.thrown.as_ref()?.exception;
        let types = self.arenas.tags[*tag as usize].ty.params();
        // SAFETY: an exception has the slots of its tag's parameters.
        let bits = unsafe { read_cells(fields.as_ptr(), types) };
        let fields = types.iter().zip(bits).map(|(&ty, bits)| Val::from_bits(ty, bits, self.id)).collect();
        // The name is what the instance nearest to the trap calls it.
        let near = (0..self.depth()).rev().map(|depth| self.frame(depth).instance.cast_const());
        let all = self.arenas.instances.iter().map(|instance| instance.ptr().cast_const());
        let name = near.chain(all).find_map(|instance| {
            // SAFETY: instances live as long as the store.
            let instance = unsafe { &*instance };
            let index = instance.tag_ids.iter().position(|id| id == tag)?;
            let data = self.module_data(instance.module);
            Some(data.tag_name(index as u32).map_or(index.to_string(), |name| name.into_owned()))
        });
        Some(TrapDetail::Exception { tag: name.unwrap_or_else(|| "of the host's".to_owned()), fields })
    }

    fn keep_exception(&mut self, exception: ExnInst) -> u64 {
        let at = self.arenas.made.exceptions as usize;
        match self.arenas.exceptions.get_mut(at) {
            Some(place) => *place = exception,
            None => self.arenas.exceptions.push(exception),
        }
        self.arenas.made.exceptions += 1;
        at as u64 + 1
    }

    /// Looks for a clause, from the op in the registers outwards.
    fn find_clause(&self) -> Option<Landing> {
        let tag = self.thrown.as_ref().expect("an exception is under way").exception.tag;
        let Regs { ip, mut sp } = self.regs;
        let opcode = self.opcode_at(ip);
        let mut passed_watch = false;
        // Of the frame on top, the op itself; of the frames below, what they return to.
        let mut after = Ip(ip.0.wrapping_byte_add(opcode.info().size as usize));
        let mut left = is_tail_call(opcode);
        for depth in (0..self.depth()).rev() {
            let frame = *self.frame(depth);
            // A frame that tail-calls a host function is no longer there.
            if !std::mem::take(&mut left)
                && let Some(clause) = self.clause_of(&frame, after, tag)
            {
                return Some(Landing { depth, sp, clause, passed_watch });
            }
            after = frame.ret_ip;
            if after == Ip::NULL {
                // Called by the host, or a debugger waits for its return.
                let watched = self.watches.iter().find(|watched| watched.depth == depth)?;
                after = watched.ret_ip;
                passed_watch = true;
            }
            if after == Ip::NULL {
                return None;
            }
            sp = frame.ret_sp;
        }
        None
    }

    fn clause_of(&self, frame: &Frame, after: Ip, tag: u32) -> Option<Clause> {
        // SAFETY: entries and instances live as long as the store.
        let (regions, tags) = unsafe { (&(*frame.entry).regions, &(*frame.instance).tag_ids) };
        if regions.is_empty() {
            return None;
        }
        let behind = self.offset_in(frame.entry, after);
        let here = regions.iter().filter(|region| region.start < behind && behind <= region.end);
        let mut clauses = here.flat_map(|region| region.clauses.iter());
        clauses.find(|clause| clause.tag.is_none_or(|wanted| tags[wanted as usize] == tag)).copied()
    }
}
