//! Why an op trapped, found out afterwards: the op and its frame are still there.
//!
//! Handlers say only which trap it is. The numbers are read from the op's operands, by the names they have in the
//! instruction table, so an op that is added with the usual names is explained too.

use crate::Val;
use crate::code::decode::Decoded;
use crate::exec::frame::Regs;
use crate::isa::{OperandType, Role};
use crate::module::ValType;
use crate::store::{InstanceInst, PrunedStore};
use crate::trap::{Space, TrapCode, TrapDetail};

/// The op that trapped, and where it stands.
struct Failed<'a> {
    store: &'a PrunedStore,
    op: Decoded<'a>,
    instance: &'a InstanceInst,
}

impl PrunedStore {
    /// What in particular went wrong at the op in the registers, which raised this trap.
    pub(crate) fn trap_detail(&self, code: TrapCode) -> Option<TrapDetail> {
        if code == TrapCode::StackOverflow {
            return self.overflow();
        }
        if self.depth() == 0 || self.regs.ip.0.is_null() {
            return None;
        }
        let frame = *self.frame(self.depth() - 1);
        let offset = self.offset_in(frame.entry, self.regs.ip);
        // SAFETY: entries and instances live as long as the store.
        let (words, instance) = unsafe { (&*(*frame.entry).words, &*frame.instance) };
        let op = Decoded::of(self.opcode_at(self.regs.ip), words, offset, 0);
        Failed { store: self, op, instance }.detail(code)
    }

    fn overflow(&self) -> Option<TrapDetail> {
        /// Slots of the largest frame.
        const FRAME: usize = u16::MAX as usize;
        let limits = self.engine.config().limits;
        let depth = self.depth() as u64;
        let room = (self.stack_end as usize).saturating_sub(self.regs.sp.0 as usize) / size_of::<u64>();
        Some(if depth >= u64::from(limits.call_depth) {
            TrapDetail::CallDepth { limit: limits.call_depth.into() }
        } else if self.host_calls >= limits.host_calls {
            TrapDetail::HostCalls { limit: limits.host_calls.into() }
        } else if room <= FRAME {
            TrapDetail::ValueStack { limit: limits.value_stack.into(), depth }
        } else {
            // A guest that a host function called, and that is no longer there.
            return None;
        })
    }
}

impl Failed<'_> {
    fn detail(&self, code: TrapCode) -> Option<TrapDetail> {
        match code {
            TrapCode::IntegerDivideByZero => self.division(),
            TrapCode::IntegerOverflow if self.op.has("rhs") => self.division(),
            TrapCode::IntegerOverflow | TrapCode::InvalidConversionToInteger => self.conversion(),
            TrapCode::MemoryOutOfBounds if self.op.has("offset") => self.access(),
            TrapCode::MemoryOutOfBounds => self.bulk(Space::Memory, Space::Data),
            TrapCode::TableOutOfBounds if self.op.has("index") => {
                let (space, index) = (Space::Table, self.imm("table")?);
                Some(TrapDetail::Range {
                    space,
                    index,
                    start: self.value("index")?,
                    len: 1,
                    size: self.size(space, index),
                })
            }
            TrapCode::TableOutOfBounds => self.bulk(Space::Table, Space::Element),
            TrapCode::UndefinedElement | TrapCode::IndirectCallToNull => {
                let table = self.imm("table")?;
                let size = self.size(Space::Table, table);
                Some(TrapDetail::Element { table, index: self.value("index")?, size })
            }
            TrapCode::BadSignature => self.signature(),
            TrapCode::UncaughtException => self.store.uncaught(),
            TrapCode::MissingImport => {
                let name = self.store.func_name(self.store.callee.func)?;
                Some(TrapDetail::Import { name })
            }
            _ => None,
        }
    }

    /// An operand's bits: a constant, or what its slot holds.
    fn value(&self, name: &str) -> Option<u64> {
        let operand = self.op.operand(name)?;
        match operand.role {
            Role::Imm => Some(self.op.bits(operand)),
            Role::In => {
                let Regs { sp, .. } = self.store.regs;
                Some(self.store.slot_at(sp, self.op.bits(operand) as u32))
            }
            _ => None,
        }
    }

    fn imm(&self, name: &str) -> Option<u32> {
        self.op.operand(name).map(|operand| self.op.bits(operand) as u32)
    }

    /// An operand as a number of the type that the table gives it.
    fn number(&self, name: &str) -> Option<Val> {
        let bits = self.value(name)?;
        Some(match self.op.operand(name)?.ty {
            OperandType::I32 if self.op.code.info().name.starts_with("i64") => Val::I64(bits as i64),
            OperandType::I32 => Val::I32(bits as i32),
            OperandType::F32 => Val::F32(bits as u32),
            OperandType::F64 => Val::F64(bits),
            _ => Val::I64(bits as i64),
        })
    }

    fn is_signed(&self) -> bool {
        !self.op.code.info().name.split('_').any(|part| part == "u")
    }

    fn division(&self) -> Option<TrapDetail> {
        let remainder = self.op.code.info().name.contains("_rem_");
        let (dividend, divisor) = (self.number("lhs")?, self.number("rhs")?);
        Some(TrapDetail::Division { dividend, divisor, remainder, signed: self.is_signed() })
    }

    fn conversion(&self) -> Option<TrapDetail> {
        let to = match self.op.operand("dst")?.ty {
            OperandType::I64 => ValType::I64,
            _ => ValType::I32,
        };
        Some(TrapDetail::Conversion { value: self.number("src")?, to, signed: self.is_signed() })
    }

    fn access(&self) -> Option<TrapDetail> {
        let (store, bytes) = self.op.access()?;
        let address = self.value("addr")?;
        // Memory 0 with 32-bit addresses goes without saying.
        let (memory, address) = match self.imm("memory") {
            Some(memory) => (memory, address),
            None => (0, u64::from(address as u32)),
        };
        let size = self.size(Space::Memory, memory);
        Some(TrapDetail::Access {
            store,
            memory,
            address,
            offset: self.value("offset")?,
            bytes: bytes.into(),
            size,
        })
    }

    /// The range of a bulk operation that is outside: of what is written, or of what is read.
    fn bulk(&self, space: Space, segment: Space) -> Option<TrapDetail> {
        let len = self.value("len")?;
        let range = |space: Space, index: Option<u32>, start: &str| {
            let (index, start) = (index?, self.value(start)?);
            let size = self.size(space, index);
            let inside = start.checked_add(len).is_some_and(|end| end <= size);
            (!inside).then_some(TrapDetail::Range { space, index, start, len, size })
        };
        let (name, to, from) = match space {
            Space::Memory => ("memory", "dst_memory", "src_memory"),
            _ => ("table", "dst_table", "src_table"),
        };
        range(space, self.imm(name).or_else(|| self.imm(to)), "dst")
            .or_else(|| range(space, self.imm(from), "src"))
            .or_else(|| range(segment, self.imm("segment"), "src"))
    }

    /// Bytes or elements there are.
    fn size(&self, space: Space, index: u32) -> u64 {
        self.store.size_of_space(self.instance, space, index)
    }

    fn signature(&self) -> Option<TrapDetail> {
        let (table, index) = (self.imm("table")?, self.value("index")?);
        // SAFETY: as in `size`.
        let elements = unsafe { &(*self.instance.table(table)).elements };
        let reference = elements.get(index as usize).copied()?;
        let func = u32::try_from(reference.checked_sub(1)?).ok()?;
        let module = self.store.module_data(self.instance.module);
        let expected = module.type_at(self.imm("ty")?).clone();
        Some(TrapDetail::Signature {
            table,
            index,
            name: self.store.func_name(func),
            actual: self.store.func_type(func),
            expected,
        })
    }
}

impl PrunedStore {
    /// Bytes or elements there are of something of an instance.
    pub(crate) fn size_of_space(&self, instance: &InstanceInst, space: Space, index: u32) -> u64 {
        let at = index as usize;
        // SAFETY: the index is one of the validated module; what it names lives as long as the store.
        unsafe {
            match space {
                Space::Memory => (*instance.memory(index)).len() as u64,
                Space::Table => (*instance.table(index)).len() as u64,
                Space::Data if instance.dropped_data[at] => 0,
                Space::Data => self.module_data(instance.module).data[at].range.len() as u64,
                Space::Element => instance.elements[at].len() as u64,
            }
        }
    }

    /// What a function of the store is called.
    fn func_name(&self, func: u32) -> Option<String> {
        let func = self.funcs[func as usize];
        if func.entry.is_null() {
            let host = &self.arenas.hosts[func.host as usize];
            return Some(format!("{}.{}", host.name.0, host.name.1));
        }
        let (module, index) = self.entry(func.entry).id();
        let name = self.module_data(module).func_name(index).map(|name| name.into_owned());
        name.or_else(|| Some(format!("function {index}")))
    }
}
