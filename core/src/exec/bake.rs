//! The addresses of handlers in the code: each op starts with that of the handler that runs
//! it, in its form, under the dispatcher that runs the code.
//!
//! A function gets them when it is lowered. When another dispatcher takes over, the code of
//! all functions is gone through once; that happens between two runs.
//!
//! Always: of the code of one store, all has addresses of the same dispatcher.

use crate::code::{ID, OpCode, OpId};
use crate::exec::TAIL_CALLS;
use crate::exec::dispatch::{Handler, Handlers};
use crate::exec::frame::Ip;
use crate::exec::layout::op_size;
use crate::store::{FuncEntry, PrunedStore};

impl PrunedStore {
    /// Makes the code of all functions run by these handlers.
    pub(crate) fn bake_for(&mut self, handlers: &'static Handlers) {
        if std::ptr::eq(self.handlers, handlers) {
            return;
        }
        self.handlers = handlers;
        self.entries().into_iter().for_each(|entry| self.bake(entry));
    }

    /// The functions of all modules.
    pub(crate) fn entries(&self) -> Vec<*const FuncEntry> {
        let modules = self.arenas.modules.iter();
        modules.flat_map(|module| module.get().entries.get()).map(|entry| entry as *const FuncEntry).collect()
    }

    /// Lowers all functions; how many ops and words of code they have.
    #[cfg(feature = "experiment")]
    pub(crate) fn lower_all(&mut self) -> Result<(usize, usize), crate::lower::LowerError> {
        let (mut ops, mut words) = (0, 0);
        for entry in self.entries() {
            self.lower_entry(entry)?;
            // SAFETY: entries live as long as the store.
            let entry = unsafe { &*entry };
            (ops, words) = (ops + entry.weights.len(), words + entry.words.len());
        }
        Ok((ops, words))
    }

    /// Gives all ops of a function the addresses of their handlers.
    pub(crate) fn bake(&mut self, entry: *const FuncEntry) {
        if !TAIL_CALLS {
            return;
        }
        // SAFETY: entries live as long as the store.
        let FuncEntry { code, ref words, .. } = *unsafe { &*entry };
        let size = words.len() * 4;
        let mut at = 0;
        while at < size {
            let ip = Ip(code.wrapping_byte_add(at));
            // SAFETY: ops follow each other without a gap; the code is this store's own.
            unsafe {
                self.write_handler(ip, ip.id());
                at += op_size(ip, self.opcode_at(ip));
            }
        }
    }

    /// Makes the op at `ip` another, or gives it back its own id.
    ///
    /// # Safety
    /// `ip` is the start of an op in code of this store, and no handler runs.
    pub(crate) unsafe fn write_op(&mut self, ip: Ip, id: OpId) {
        // SAFETY: by the caller.
        unsafe {
            ip.0.cast_mut().byte_add(ID).cast::<OpId>().write(id);
            self.write_handler(ip, id);
        }
    }

    /// # Safety
    /// As for [`PrunedStore::write_op`].
    unsafe fn write_handler(&mut self, ip: Ip, id: OpId) {
        let handler = self.handlers[id.number() as usize][id.form() as usize];
        // SAFETY: by the caller; every op starts with eight bytes for it.
        unsafe { ip.0.cast_mut().cast::<Handler>().write_unaligned(handler) }
    }

    /// What the op at `ip` was lowered to, whatever the debugger has put there.
    pub(crate) fn id_at(&self, ip: Ip) -> OpId {
        // SAFETY: registers and layouts hold starts of ops.
        let id = unsafe { ip.id() };
        if id == OpId::new(OpCode::stop) { self.patches[&ip.0] } else { id }
    }

    /// The op at `ip` as it was lowered.
    pub(crate) fn opcode_at(&self, ip: Ip) -> OpCode {
        self.id_at(ip).opcode()
    }
}
