//! wasmparser's types to ours. Total for whatever passed validation without garbage collection and threads.

use wasmparser::{AbstractHeapType, UnpackedIndex, types::CoreTypeId};

use super::types::*;

/// What a conversion needs to know of the module: defined types are named by canonical index.
#[derive(Clone, Copy)]
pub(super) struct Convert<'a> {
    pub(super) canonical: &'a [u32],
    pub(super) ids: &'a [CoreTypeId],
}

impl Convert<'_> {
    pub(super) fn val_type(&self, ty: wasmparser::ValType) -> ValType {
        match ty {
            wasmparser::ValType::I32 => ValType::I32,
            wasmparser::ValType::I64 => ValType::I64,
            wasmparser::ValType::F32 => ValType::F32,
            wasmparser::ValType::F64 => ValType::F64,
            wasmparser::ValType::V128 => ValType::V128,
            wasmparser::ValType::Ref(ty) => ValType::Ref(self.ref_type(ty)),
        }
    }

    pub(super) fn ref_type(&self, ty: wasmparser::RefType) -> RefType {
        RefType { nullable: ty.is_nullable(), heap: self.heap_type(ty.heap_type()) }
    }

    pub(super) fn heap_type(&self, ty: wasmparser::HeapType) -> HeapType {
        match ty {
            wasmparser::HeapType::Abstract { ty, .. } => match ty {
                AbstractHeapType::Func => HeapType::Func,
                AbstractHeapType::NoFunc => HeapType::NoFunc,
                AbstractHeapType::Extern => HeapType::Extern,
                AbstractHeapType::NoExtern => HeapType::NoExtern,
                AbstractHeapType::Exn => HeapType::Exn,
                AbstractHeapType::NoExn => HeapType::NoExn,
                other => unreachable!("validation refuses {other:?} without its proposal"),
            },
            wasmparser::HeapType::Concrete(index) | wasmparser::HeapType::Exact(index) => {
                HeapType::Type(self.canonical[self.type_index(index)])
            }
        }
    }

    fn type_index(&self, index: UnpackedIndex) -> usize {
        match index {
            UnpackedIndex::Module(index) => index as usize,
            UnpackedIndex::Id(id) => {
                let known = self.ids.iter().position(|&other| other == id);
                known.expect("a validated body names types of its module")
            }
            UnpackedIndex::RecGroup(_) => unreachable!("validation refuses recursive groups"),
        }
    }

    pub(super) fn table(&self, ty: &wasmparser::TableType) -> TableType {
        TableType {
            element: self.ref_type(ty.element_type),
            minimum: ty.initial,
            maximum: ty.maximum,
            table64: ty.table64,
        }
    }

    pub(super) fn memory(&self, ty: &wasmparser::MemoryType) -> MemoryType {
        MemoryType {
            minimum: ty.initial,
            maximum: ty.maximum,
            memory64: ty.memory64,
            page_size_log2: ty.page_size_log2() as u8,
        }
    }

    pub(super) fn global(&self, ty: &wasmparser::GlobalType) -> GlobalType {
        GlobalType { content: self.val_type(ty.content_type), mutable: ty.mutable }
    }

    pub(super) fn import(&self, ty: &wasmparser::TypeRef) -> ExternType {
        match ty {
            wasmparser::TypeRef::Func(index) | wasmparser::TypeRef::FuncExact(index) => {
                ExternType::Func(*index)
            }
            wasmparser::TypeRef::Table(ty) => ExternType::Table(self.table(ty)),
            wasmparser::TypeRef::Memory(ty) => ExternType::Memory(self.memory(ty)),
            wasmparser::TypeRef::Global(ty) => ExternType::Global(self.global(ty)),
            wasmparser::TypeRef::Tag(ty) => ExternType::Tag(ty.func_type_idx),
        }
    }
}

pub(super) fn extern_kind(kind: wasmparser::ExternalKind) -> ExternKind {
    match kind {
        wasmparser::ExternalKind::Func | wasmparser::ExternalKind::FuncExact => ExternKind::Func,
        wasmparser::ExternalKind::Table => ExternKind::Table,
        wasmparser::ExternalKind::Memory => ExternKind::Memory,
        wasmparser::ExternalKind::Global => ExternKind::Global,
        wasmparser::ExternalKind::Tag => ExternKind::Tag,
    }
}
