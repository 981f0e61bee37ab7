//! Instantiation (specification 4.5.4): imports are checked, everything the module
//! defines is made, segments are copied, the start function runs.
//!
//! Elsewhere: whether an import fits (`store::imports`).

use super::PrunedStore;
use super::entity::{Arenas, FuncInst, InstanceInst, TagInst, put};
use super::handle::{Extern, Instance};
use super::imports::{memory_words, table_words};
use super::linker::LinkError;
use super::log::ExternIndex;
use super::memory::MemoryInst;
use crate::engine::Module;
use crate::module::{ConstExpr, ConstOp, ElementItems, GlobalType, ModuleData, SegmentMode, TableType};
use crate::trap::{Space, TrapDetail};
use std::sync::Arc;

impl PrunedStore {
    /// Makes an instance of `module` with `imports`, one for each of its imports.
    pub(crate) fn instantiate(&mut self, module: &Module, imports: &[Extern]) -> Result<Instance, LinkError> {
        let (instance, start) = self.begin_instance(module, imports)?;
        let result = match start {
            Some(start) => self.invoke_start(instance, start).map(drop).map_err(LinkError::Start),
            None => Ok(()),
        };
        self.log_instance(&result);
        result.map(|()| instance)
    }

    /// Makes an instance up to its start function, which is still to run. The log hears of the end of the instantiation
    /// only if it failed.
    pub(crate) fn begin_instance(
        &mut self,
        module: &Module,
        imports: &[Extern],
    ) -> Result<(Instance, Option<u32>), LinkError> {
        self.check_imports(module.data(), imports)?;
        self.outside();
        let module_index = self.module_index(module);
        let index = self.arenas.made.instances;
        let ids: Vec<ExternIndex> = imports.iter().map(|import| import_index(*import)).collect();
        self.logged(|log| log.instantiate(index, module_index, &ids));
        let result = self.make_instance(module, module_index, imports);
        if result.is_err() {
            self.log_instance(&result);
        }
        result
    }

    /// Tells the log how an instantiation ended.
    pub(crate) fn log_instance<R>(&mut self, result: &Result<R, LinkError>) {
        if self.log.is_none() {
            return;
        }
        self.outside();
        match result {
            Ok(_) => self.logged(|log| log.finished(&[])),
            Err(error) => {
                let reason = match error {
                    LinkError::Segment { code, .. } => crate::exec::stop::Reason::Trap(*code),
                    LinkError::Start(_) => self.reason.clone(),
                    other => crate::exec::stop::Reason::HostText(other.to_string().into()),
                };
                self.logged(|log| log.failed(&reason));
            }
        }
    }

    /// Makes an instance and copies its segments; the start function, which is still to run.
    pub(crate) fn make_instance(
        &mut self,
        module: &Module,
        module_index: u32,
        imports: &[Extern],
    ) -> Result<(Instance, Option<u32>), LinkError> {
        let data = module.data().clone();
        let index = self.arenas.made.instances;
        self.check_room(&data)?;
        let (mut funcs, mut tables, mut memories, mut globals) = (vec![], vec![], vec![], vec![]);
        let mut tags = vec![];
        for import in imports {
            match import {
                Extern::Func(func) => funcs.push(func.index()),
                Extern::Table(table) => tables.push(table.index()),
                Extern::Memory(memory) => memories.push(memory.index()),
                Extern::Global(global) => globals.push(global.index()),
                Extern::Tag(tag) => tags.push(tag.index()),
            }
        }
        // The instance is pinned first so that its functions can point to it.
        let store_module = self.arenas.modules[module_index as usize].ptr();
        // SAFETY: modules live as long as the store.
        let store_module = unsafe { &*store_module };
        let inst = InstanceInst {
            mem0: self.no_memory(),
            globals: Box::default(),
            tables: Box::default(),
            memories: Box::default(),
            funcs: Box::default(),
            type_ids: store_module.type_ids.as_ptr(),
            global_ids: Box::default(),
            table_ids: Box::default(),
            memory_ids: Box::default(),
            tag_ids: Box::default(),
            module: module_index,
            index,
            dropped_data: vec![false; data.data.len()],
            elements: vec![Arc::default(); data.elements.len()],
            dropped_elements: vec![false; data.elements.len()],
        };
        let Arenas { instances, made, .. } = &mut self.arenas;
        put(instances, &mut made.instances, inst);
        let instance = self.arenas.instances[index as usize].ptr();
        for func in data.imported.funcs..data.funcs.len() as u32 {
            let type_id = store_module.type_ids[data.funcs[func as usize] as usize];
            let entry = store_module.entry(func);
            funcs.push(self.add_func(FuncInst { type_id, host: u32::MAX, entry, instance }));
        }
        for &ty in &data.tags[data.imported.tags as usize..] {
            let type_id = store_module.type_ids[ty as usize];
            let ty = data.type_at(ty).renumbered(|ty| store_module.type_ids[ty as usize]);
            tags.push(self.add_tag(TagInst { ty, type_id }));
        }
        let limits = self.engine.config().limits;
        for ty in &data.memories[data.imported.memories as usize..] {
            let memory = MemoryInst::new(*ty, limits.memory_bytes).ok_or_else(|| {
                let bytes = u128::from(ty.minimum) * u128::from(ty.page_size());
                let why = match bytes > limits.memory_bytes.into() {
                    true => format!("the limit is {} bytes", limits.memory_bytes),
                    false => format!("the system does not give {bytes} bytes"),
                };
                LinkError::Limit(format!("memory {}, a {}: {why}", memories.len(), memory_words(ty)))
            })?;
            memories.push(self.add_memory(memory));
        }
        for (ty, init) in data.globals[data.imported.globals as usize..].iter().zip(&data.global_inits) {
            let value = self.evaluate(init, &globals, &funcs);
            let content = ty.content.renumbered(|ty| store_module.type_ids[ty as usize]);
            globals.push(self.add_global(GlobalType { content, ..*ty }, value));
        }
        for (ty, init) in data.tables[data.imported.tables as usize..].iter().zip(&data.table_inits) {
            let value = init.as_ref().map_or(0, |init| self.evaluate(init, &globals, &funcs));
            let element = ty.element.renumbered(|ty| store_module.type_ids[ty as usize]);
            let table = self.add_table(TableType { element, ..*ty }, value as u64);
            tables.push(table.ok_or_else(|| {
                let (index, limit) = (tables.len(), limits.table_elements);
                let words = table_words(ty, &ty.element.to_string());
                LinkError::Limit(format!("table {index}, a {words}: the limit is {limit} elements"))
            })?);
        }
        let elements: Vec<Arc<[u64]>> = data
            .elements
            .iter()
            .map(|segment| match &segment.items {
                ElementItems::Funcs(items) => {
                    items.iter().map(|&func| funcs[func as usize] as u64 + 1).collect()
                }
                ElementItems::Exprs(items) => {
                    items.iter().map(|item| self.evaluate(item, &globals, &funcs) as u64).collect()
                }
            })
            .collect();
        // SAFETY: pinned above; no handler runs.
        let inst = unsafe { &mut *instance };
        inst.globals = globals.iter().map(|&at| self.arenas.globals[at as usize].ptr()).collect();
        inst.tables = tables.iter().map(|&at| self.arenas.tables[at as usize].ptr()).collect();
        inst.memories = memories.iter().map(|&at| self.arenas.memories[at as usize].ptr()).collect();
        inst.mem0 = inst.memories.first().copied().unwrap_or(inst.mem0);
        inst.funcs = funcs.into();
        inst.global_ids = globals.into();
        inst.table_ids = tables.into();
        inst.memory_ids = memories.into();
        inst.tag_ids = tags.into();
        inst.elements = elements;
        self.run_segments(&data, index)?;
        // SAFETY: as above.
        let start = data.start.map(|start| unsafe { (&(*instance).funcs)[start as usize] });
        Ok((Instance::from_parts(self.id, index), start))
    }

    /// Whether the store may have what a module adds to it.
    fn check_room(&self, data: &ModuleData) -> Result<(), LinkError> {
        let (limits, made) = (self.engine.config().limits, self.arenas.made);
        let memories = data.memories.len() as u32 - data.imported.memories;
        let tables = data.tables.len() as u32 - data.imported.tables;
        let each = [
            ("instances", made.instances, 1, limits.instances),
            ("memories", made.memories, memories, limits.memories),
            ("tables", made.tables, tables, limits.tables),
        ];
        for (what, made, more, limit) in each {
            if made.saturating_add(more) > limit {
                let text =
                    format!("the store may have {limit} {what}: it has {made}, the module adds {more}");
                return Err(LinkError::Limit(text));
            }
        }
        Ok(())
    }

    /// Copies the active segments, elements first.
    fn run_segments(&mut self, data: &ModuleData, index: u32) -> Result<(), LinkError> {
        let instance = self.arenas.instances[index as usize].ptr();
        // SAFETY: pinned; no handler runs. Bulk operations work on the running instance,
        // which this one is for a moment.
        let inst = unsafe { &mut *instance };
        let running = self.instance;
        self.set_instance(instance);
        let result = (|| {
            for (at, segment) in (0..).zip(&data.elements) {
                match &segment.mode {
                    SegmentMode::Active { target, offset } => {
                        let start = self.evaluate(offset, &inst.global_ids, &inst.funcs) as u64;
                        self.copy_segment((Space::Element, at), (Space::Table, *target), start)?;
                    }
                    SegmentMode::Declared => self.elem_drop(at).expect(DROPPED),
                    SegmentMode::Passive => {}
                }
            }
            for (at, segment) in (0..).zip(&data.data) {
                if let SegmentMode::Active { target, offset } = &segment.mode {
                    let start = self.evaluate(offset, &inst.global_ids, &inst.funcs) as u64;
                    self.copy_segment((Space::Data, at), (Space::Memory, *target), start)?;
                }
            }
            Ok(())
        })();
        self.set_instance(running);
        result
    }

    /// Copies a whole segment of the running instance to where it belongs, and drops it.
    fn copy_segment(
        &mut self,
        (segment, at): (Space, u32),
        (space, index): (Space, u32),
        start: u64,
    ) -> Result<(), LinkError> {
        // SAFETY: the running instance lives.
        let len = self.size_of_space(unsafe { &*self.instance }, segment, at);
        let copied = match space {
            Space::Table => self.table_init(index, at, start, 0, len).and_then(|()| self.elem_drop(at)),
            _ => self.memory_init(index, at, start, 0, len, true).and_then(|()| self.data_drop(at)),
        };
        copied.map_err(|code| {
            // SAFETY: as above.
            let size = self.size_of_space(unsafe { &*self.instance }, space, index);
            let range = TrapDetail::Range { space, index, start, len, size };
            LinkError::Segment { code, segment, index: at, range }
        })
    }

    /// The value of a constant expression.
    fn evaluate(&self, expr: &ConstExpr, globals: &[u32], funcs: &[u32]) -> u128 {
        let mut stack: Vec<u128> = Vec::new();
        let binary32 = |stack: &mut Vec<u128>, op: fn(i32, i32) -> i32| {
            let (b, a) = (pop(stack) as i32, pop(stack) as i32);
            stack.push(op(a, b) as u32 as u128);
        };
        let binary64 = |stack: &mut Vec<u128>, op: fn(i64, i64) -> i64| {
            let (b, a) = (pop(stack) as i64, pop(stack) as i64);
            stack.push(op(a, b) as u64 as u128);
        };
        for op in expr.ops() {
            match *op {
                ConstOp::I32Const(value) => stack.push(value as u32 as u128),
                ConstOp::I64Const(value) => stack.push(value as u64 as u128),
                ConstOp::F32Const(bits) => stack.push(bits as u128),
                ConstOp::F64Const(bits) => stack.push(bits as u128),
                ConstOp::V128Const(bits) => stack.push(bits),
                ConstOp::GlobalGet(at) => {
                    stack.push(self.arenas.globals[globals[at as usize] as usize].get().value());
                }
                ConstOp::RefFunc(func) => stack.push(funcs[func as usize] as u128 + 1),
                ConstOp::RefNull(_) => stack.push(0),
                ConstOp::I32Add => binary32(&mut stack, i32::wrapping_add),
                ConstOp::I32Sub => binary32(&mut stack, i32::wrapping_sub),
                ConstOp::I32Mul => binary32(&mut stack, i32::wrapping_mul),
                ConstOp::I64Add => binary64(&mut stack, i64::wrapping_add),
                ConstOp::I64Sub => binary64(&mut stack, i64::wrapping_sub),
                ConstOp::I64Mul => binary64(&mut stack, i64::wrapping_mul),
            }
        }
        pop(&mut stack)
    }
}

const DROPPED: &str = "a segment can always be dropped";

fn pop(stack: &mut Vec<u128>) -> u128 {
    stack.pop().expect("a constant expression was validated")
}

pub(crate) fn import_index(value: Extern) -> ExternIndex {
    match value {
        Extern::Func(func) => ExternIndex::Func(func.index()),
        Extern::Memory(memory) => ExternIndex::Memory(memory.index()),
        Extern::Table(table) => ExternIndex::Table(table.index()),
        Extern::Global(global) => ExternIndex::Global(global.index()),
        Extern::Tag(tag) => ExternIndex::Tag(tag.index()),
    }
}
