//! Throwing. An exception looks for its handler in `exec::throw`, on frames as data; what
//! it costs is paid only then.

use super::trap_noted;
use crate::code::ops;
use crate::exec::dispatch::{ControlFlow, handler};
use crate::exec::frame::Regs;
use crate::exec::stop::Reason;
use crate::trap::TrapCode;

handler! {
    #[cold]
    pub(crate) fn throw<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: validation bounds the tag; the fields lie in the frame.
        unsafe {
            let op = ip.op::<ops::throw>();
            store.raise(op.tag, sp.at(op.src), op.count);
            unwind::<D>(store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    #[cold]
    pub(crate) fn throw_ref<D>(store, ip, sp, mem, len, acc, facc) {
        // SAFETY: a reference is the number of an exception of this store, plus one.
        unsafe {
            let op = ip.op::<ops::throw_ref>();
            let reference = sp.get::<u64>(op.src);
            if reference == 0 {
                store.noted_trap = TrapCode::NullExceptionReference;
                return trap_noted::<D>(store, ip, sp, mem, len, acc, facc);
            }
            store.raise_again(reference);
            unwind::<D>(store, ip, sp, mem, len, acc, facc)
        }
    }
}

handler! {
    /// The op at `ip` has thrown: goes on where that is caught.
    #[cold]
    #[inline(never)]
    pub(super) fn unwind<D>(store, ip, sp, mem, len, acc, facc) {
        store.regs = Regs { ip, sp };
        match store.land(D::COUNTED) {
            Ok(delta) => {
                if store.passed_watch && !D::STEPS {
                    store.ctr = store.ctr.wrapping_add(delta);
                    return D::end(Err(store.fail(Reason::SliceOver)));
                }
                let Regs { ip, sp } = store.regs;
                let (mem, len) = store.mem0();
                // SAFETY: `land` has put the registers at an op of the frame on top.
                unsafe { D::jump(store, ip, sp, mem, len, acc, facc, ControlFlow::Throw, delta) }
            }
            Err(error) => D::end(Err(error)),
        }
    }
}
