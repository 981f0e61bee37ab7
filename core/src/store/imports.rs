//! Whether what there is fits what a module imports (specification 3.5, "import matching"), and both in words.
//!
//! ```text
//! the module wants a global (ref null [i32] -> []), there is a global funcref
//! ```
//!
//! Always: types that do not fit have different words. Types a module defines are spelled out: their index in one
//! module means nothing to another.
//! Elsewhere: what there is under which name (`store::linker`), what a module itself defines (`store::instantiate`).

use super::PrunedStore;
use super::handle::Extern;
use super::linker::LinkError;
use crate::engine::Engine;
use crate::module::{ExternType, GlobalType, HeapType, MemoryType, ModuleData, RefType, TableType, ValType};

impl PrunedStore {
    /// Whether each of `imports` fits the import of `data` in its place.
    pub(crate) fn check_imports(&self, data: &ModuleData, imports: &[Extern]) -> Result<(), LinkError> {
        let type_ids = self.engine.intern_module(data);
        for (import, value) in data.imports.iter().zip(imports) {
            let wanted = numbered(import.ty, &type_ids);
            let found = self.type_of(*value);
            if !fits(&wanted, &found) {
                return Err(LinkError::IncompatibleImport {
                    module: import.module.to_string(),
                    name: import.name.to_string(),
                    wanted: words(&self.engine, &wanted),
                    found: words(&self.engine, &found),
                    at: import.at,
                });
            }
        }
        Ok(())
    }
}

impl PrunedStore {
    /// What something is now: defined types have the engine's numbers.
    fn type_of(&self, value: Extern) -> ExternType {
        match value {
            Extern::Func(func) => ExternType::Func(self.funcs[func.index_in(self)].type_id),
            Extern::Memory(memory) => ExternType::Memory(self.memory(memory).current_type()),
            Extern::Table(table) => {
                ExternType::Table(self.arenas.tables[table.index_in(self)].get().current_type())
            }
            Extern::Global(global) => ExternType::Global(self.arenas.globals[global.index_in(self)].get().ty),
            Extern::Tag(tag) => ExternType::Tag(self.arenas.tags[tag.index_in(self)].type_id),
        }
    }
}

/// A type of a module with its defined types' numbers replaced by the engine's.
fn numbered(ty: ExternType, numbers: &[u32]) -> ExternType {
    let number = |ty: u32| numbers[ty as usize];
    match ty {
        ExternType::Func(ty) => ExternType::Func(number(ty)),
        ExternType::Tag(ty) => ExternType::Tag(number(ty)),
        ExternType::Memory(ty) => ExternType::Memory(ty),
        ExternType::Table(ty) => {
            ExternType::Table(TableType { element: ty.element.renumbered(number), ..ty })
        }
        ExternType::Global(ty) => {
            ExternType::Global(GlobalType { content: ty.content.renumbered(number), ..ty })
        }
    }
}

/// Whether `found` may stand where `wanted` is asked for; both with the engine's numbers.
fn fits(wanted: &ExternType, found: &ExternType) -> bool {
    match (wanted, found) {
        (ExternType::Func(wanted), ExternType::Func(found)) => wanted == found,
        (ExternType::Tag(wanted), ExternType::Tag(found)) => wanted == found,
        (ExternType::Memory(wanted), ExternType::Memory(found)) => {
            wanted.memory64 == found.memory64
                && wanted.page_size_log2 == found.page_size_log2
                && limits_fit((wanted.minimum, wanted.maximum), (found.minimum, found.maximum))
        }
        (ExternType::Table(wanted), ExternType::Table(found)) => {
            wanted.element == found.element
                && wanted.table64 == found.table64
                && limits_fit((wanted.minimum, wanted.maximum), (found.minimum, found.maximum))
        }
        (ExternType::Global(wanted), ExternType::Global(found)) => {
            wanted.mutable == found.mutable
                && (wanted.content == found.content
                    || !wanted.mutable && found.content.is_subtype_of(wanted.content))
        }
        _ => false,
    }
}

fn limits_fit(wanted: (u64, Option<u64>), found: (u64, Option<u64>)) -> bool {
    found.0 >= wanted.0 && wanted.1.is_none_or(|most| found.1.is_some_and(|found| found <= most))
}

/// The type of a module's import, in words.
pub(super) fn import_words(engine: &Engine, data: &ModuleData, ty: ExternType) -> String {
    words(engine, &numbered(ty, &engine.intern_module(data)))
}

/// A type with the engine's numbers, in words: `function [i32] -> []`, `global mut i32`.
fn words(engine: &Engine, ty: &ExternType) -> String {
    let spelled = Spelled { engine, deep: 3 };
    match ty {
        ExternType::Func(ty) => format!("function {}", spelled.defined(*ty)),
        ExternType::Tag(ty) => format!("tag {}", spelled.defined(*ty)),
        ExternType::Memory(ty) => memory_words(ty),
        ExternType::Table(ty) => table_words(ty, &spelled.value(ValType::Ref(ty.element))),
        ExternType::Global(ty) if ty.mutable => format!("global mut {}", spelled.value(ty.content)),
        ExternType::Global(ty) => format!("global {}", spelled.value(ty.content)),
    }
}

/// A memory's type in words.
pub(super) fn memory_words(ty: &MemoryType) -> String {
    let width = if ty.memory64 { ", 64-bit addresses" } else { "" };
    let pages = if ty.page_size_log2 == 0 { " of 1 byte" } else { "" };
    format!("memory of {} pages{pages}{width}", limits_words(ty.minimum, ty.maximum))
}

/// A table's type in words.
pub(super) fn table_words(ty: &TableType, element: &str) -> String {
    let width = if ty.table64 { ", 64-bit indices" } else { "" };
    format!("table of {} elements of type {element}{width}", limits_words(ty.minimum, ty.maximum))
}

fn limits_words(least: u64, most: Option<u64>) -> String {
    format!("{least} to {}", most.map_or("any number of".to_owned(), |most| most.to_string()))
}

/// Writes types with the types they refer to spelled out.
#[derive(Clone, Copy)]
struct Spelled<'a> {
    engine: &'a Engine,
    /// How often a type may refer to another before it is only mentioned.
    deep: u32,
}

impl Spelled<'_> {
    /// A function type, by the engine's number.
    fn defined(self, number: u32) -> String {
        let Some(deep) = self.deep.checked_sub(1) else { return "…".to_owned() };
        let below = Spelled { deep, ..self };
        match self.engine.type_numbered(number) {
            Some(ty) => format!("{} -> {}", below.list(ty.params()), below.list(ty.results())),
            None => "itself".to_owned(),
        }
    }

    fn list(self, types: &[ValType]) -> String {
        let types: Vec<String> = types.iter().map(|&ty| self.value(ty)).collect();
        format!("[{}]", types.join(" "))
    }

    fn value(self, ty: ValType) -> String {
        match ty {
            ValType::Ref(RefType { nullable, heap: HeapType::Type(number) }) => {
                let null = if nullable { "null " } else { "" };
                format!("(ref {null}{})", self.defined(number))
            }
            ty => ty.to_string(),
        }
    }
}
