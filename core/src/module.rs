//! A decoded, validated module: plain data.
//!
//! ```text
//! bytes ──decode──► types, imports, index spaces, segments, ranges of bodies
//!       ──validate─► every body, in parallel when there is much
//!       ──later────► names, producers, lines of the source: only when asked for
//! ```
//!
//! Code and data stay in the file's bytes; this holds where they are. So a module costs its file and a few bytes per
//! function, and a function's operators are read again when it is lowered.
//!
//! Always: everything here has been validated, so indices are in range and readers of bodies cannot fail. In every
//! index space the imports come first. Offsets are file offsets, and fit 32 bits.
//! Elsewhere: turning bodies into bytecode (`lower`), instances (`store`), why a module is refused (`error`).

mod body;
mod const_expr;
mod convert;
mod custom;
mod decode;
pub mod features;
mod names;
mod source;
pub mod types;
mod validate;

#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    fmt,
    ops::Range,
    sync::{Arc, OnceLock},
};

use wasmparser::{BlockType, ValidatorResources};

pub use body::{BlockResults, FuncBody};
pub use const_expr::{ConstExpr, ConstOp};
pub use custom::{CustomSection, Producer};
pub use features::WasmFeatures;
pub use names::{NameSpace, Names};
pub use source::{SourceFile, SourceFrame, SourceLocation, SourceMap};
pub use types::*;

use crate::error::ModuleError;

/// A module: everything in its file but the custom sections' contents, decoded.
pub struct ModuleData {
    bytes: Arc<[u8]>,
    features: WasmFeatures,
    /// The function types, by type index.
    pub types: Vec<FuncType>,
    /// For each type index, the first index of a type with the same structure.
    pub canonical_types: Vec<u32>,
    /// The imports, in order.
    pub imports: Vec<Import>,
    /// The exports, in order; names are distinct.
    pub exports: Vec<Export>,
    /// How many of each index space are imports.
    pub imported: Imported,
    /// The type index of each function.
    pub funcs: Vec<u32>,
    /// The type of each table.
    pub tables: Vec<TableType>,
    /// What each table that is not imported starts filled with; `None` is null.
    pub table_inits: Vec<Option<ConstExpr>>,
    /// The type of each memory.
    pub memories: Vec<MemoryType>,
    /// The type of each global.
    pub globals: Vec<GlobalType>,
    /// The initial value of each global that is not imported.
    pub global_inits: Vec<ConstExpr>,
    /// The type index of each exception tag.
    pub tags: Vec<u32>,
    /// The start function.
    pub start: Option<u32>,
    /// The element segments.
    pub elements: Vec<ElementSegment>,
    /// The data segments.
    pub data: Vec<DataSegment>,
    /// The file range of the code section's contents, from its count of bodies on. Debug information counts from its
    /// start.
    pub code: Range<u32>,
    bodies: Vec<Range<u32>>,
    customs: Vec<CustomSection>,
    resources: Option<ValidatorResources>,
    type_ids: Vec<wasmparser::types::CoreTypeId>,
    hash: OnceLock<u128>,
    names: OnceLock<Names>,
    source: OnceLock<Option<Box<SourceMap>>>,
}

/// How many functions, tables, … a module imports.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Imported {
    /// Functions.
    pub funcs: u32,
    /// Tables.
    pub tables: u32,
    /// Memories.
    pub memories: u32,
    /// Globals.
    pub globals: u32,
    /// Exception tags.
    pub tags: u32,
}

/// Something a module needs from outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    /// First part of its name.
    pub module: Box<str>,
    /// Second part of its name.
    pub name: Box<str>,
    /// What it must be.
    pub ty: ExternType,
    /// File offset of the import.
    pub at: u32,
}

/// Something a module offers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Export {
    /// Its name.
    pub name: Box<str>,
    /// Its index space.
    pub kind: ExternKind,
    /// Its index there.
    pub index: u32,
}

/// References to be put into tables.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ElementSegment {
    /// When it is used.
    pub mode: SegmentMode,
    /// The type of its elements.
    pub ty: RefType,
    /// The elements.
    pub items: ElementItems,
}

/// How an element segment's references are written down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ElementItems {
    /// References to functions, by index.
    Funcs(Box<[u32]>),
    /// A constant expression each.
    Exprs(Box<[ConstExpr]>),
}

impl ElementItems {
    /// How many elements there are.
    pub fn len(&self) -> usize {
        match self {
            ElementItems::Funcs(items) => items.len(),
            ElementItems::Exprs(items) => items.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Bytes to be put into memories.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataSegment {
    /// When it is used.
    pub mode: SegmentMode,
    /// The bytes, as a file range; [`ModuleData::slice`] reads them.
    pub range: Range<u32>,
}

/// When a segment is used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SegmentMode {
    /// Copied at instantiation, then dropped.
    Active {
        /// The table or memory.
        target: u32,
        /// Where in it.
        offset: ConstExpr,
    },
    /// Copied by instructions.
    Passive,
    /// Never copied; it declares that its functions may be referred to.
    Declared,
}

impl ModuleData {
    /// Decodes and validates a module that may use `features`.
    ///
    /// The error is the first one by position, structure before bodies, whatever the number of threads.
    pub fn parse(bytes: Arc<[u8]>, features: WasmFeatures) -> Result<ModuleData, ModuleError> {
        decode::module(bytes, features)
    }

    /// The file.
    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// Part of the file, by a range found in this module.
    pub fn slice(&self, range: &Range<u32>) -> &[u8] {
        &self.bytes[range.start as usize..range.end as usize]
    }

    /// The proposals it was validated with.
    pub fn features(&self) -> WasmFeatures {
        self.features
    }

    /// The xxh3 hash, 128 bits, of the file.
    pub fn hash(&self) -> u128 {
        *self.hash.get_or_init(|| xxhash_rust::xxh3::xxh3_128(&self.bytes))
    }

    /// The function type with this type index.
    pub fn type_at(&self, type_index: u32) -> &FuncType {
        &self.types[type_index as usize]
    }

    /// The type of a function.
    pub fn func_type(&self, func: u32) -> &FuncType {
        self.type_at(self.funcs[func as usize])
    }

    /// The type of a table.
    pub fn table_type(&self, table: u32) -> TableType {
        self.tables[table as usize]
    }

    /// The type of a memory.
    pub fn memory_type(&self, memory: u32) -> MemoryType {
        self.memories[memory as usize]
    }

    /// The type of a global.
    pub fn global_type(&self, global: u32) -> GlobalType {
        self.globals[global as usize]
    }

    /// The type of a tag: its parameters are the exception's fields.
    pub fn tag_type(&self, tag: u32) -> &FuncType {
        self.type_at(self.tags[tag as usize])
    }

    /// The parameters of a block.
    pub fn block_params(&self, ty: BlockType) -> &[ValType] {
        match ty {
            BlockType::Empty | BlockType::Type(_) => &[],
            BlockType::FuncType(index) => self.type_at(index).params(),
        }
    }

    /// The results of a block.
    pub fn block_results(&self, ty: BlockType) -> BlockResults<'_> {
        match ty {
            BlockType::Empty => BlockResults::Many(&[]),
            BlockType::Type(ty) => BlockResults::One([self.val_type(ty)]),
            BlockType::FuncType(index) => BlockResults::Many(self.type_at(index).results()),
        }
    }

    /// A type as an operator of this module names it.
    pub fn val_type(&self, ty: wasmparser::ValType) -> ValType {
        self.convert().val_type(ty)
    }

    /// A heap type as an operator of this module names it.
    pub fn heap_type(&self, ty: wasmparser::HeapType) -> HeapType {
        self.convert().heap_type(ty)
    }

    /// The type of the null that `ref.null` of this heap type makes.
    pub fn null_type(&self, ty: wasmparser::HeapType) -> ValType {
        ValType::Ref(RefType { nullable: true, heap: self.heap_type(ty) })
    }

    /// What a reference to this function refers to: its defined type.
    pub fn func_heap_type(&self, func: u32) -> HeapType {
        HeapType::Type(self.canonical_types[self.funcs[func as usize] as usize])
    }

    /// How many functions are imported: the index of the first with a body.
    pub fn imported_funcs(&self) -> u32 {
        self.imported.funcs
    }

    /// Whether a function is imported.
    pub fn is_imported_func(&self, func: u32) -> bool {
        func < self.imported.funcs
    }

    /// The import behind a function, or `None` if it has a body.
    pub fn func_import(&self, func: u32) -> Option<&Import> {
        // Most functions have one, so that nothing is searched.
        self.is_imported_func(func).then(|| self.import_of(ExternKind::Func, func))?
    }

    /// The import behind something of an index space, or `None` if the module defines it.
    fn import_of(&self, kind: ExternKind, index: u32) -> Option<&Import> {
        self.imports.iter().filter(|import| import.ty.kind() == kind).nth(index as usize)
    }

    /// The file range of a function's body. Panics if it is imported or does not exist.
    pub fn body_range(&self, func: u32) -> Range<usize> {
        let range = self.func_body(func).range();
        range.start as usize..range.end as usize
    }

    /// The body of a function. Panics if it is imported or does not exist.
    pub fn func_body(&self, func: u32) -> FuncBody<'_> {
        assert!(!self.is_imported_func(func), "an imported function has no body");
        let range = self.bodies[(func - self.imported.funcs) as usize].clone();
        FuncBody::new(self, func, range)
    }

    /// The function whose body holds a file offset.
    pub fn func_at(&self, pc: u32) -> Option<u32> {
        let after = self.bodies.partition_point(|body| body.end <= pc);
        let found = self.bodies.get(after)?.contains(&pc);
        found.then_some(self.imported.funcs + after as u32)
    }

    /// What the validator knows of this module; `None` if it has no bodies.
    pub fn resources(&self) -> Option<&ValidatorResources> {
        self.resources.as_ref()
    }

    /// The export of this name.
    pub fn export(&self, name: &str) -> Option<&Export> {
        self.exports.iter().find(|export| *export.name == *name)
    }

    /// All custom sections, in file order.
    pub fn custom_sections(&self) -> &[CustomSection] {
        &self.customs
    }

    /// The contents of the first custom section of this name. Debug information is in `.debug_info` and the like.
    pub fn custom_section(&self, name: &str) -> Option<&[u8]> {
        let section = self.customs.iter().find(|section| *section.name == *name)?;
        Some(self.slice(&section.range))
    }

    /// The tools that made the module, from its `producers` section; empty if there is none or it is broken.
    pub fn producers(&self) -> Vec<Producer> {
        self.custom_section("producers").map(custom::producers).unwrap_or_default()
    }

    /// The names in the module's name section, as they are written there: read at the first call.
    pub fn names(&self) -> &Names {
        self.names.get_or_init(|| {
            let section = self.customs.iter().find(|section| *section.name == *"name");
            section.map(|section| Names::read(&self.bytes, &section.range)).unwrap_or_default()
        })
    }

    /// The module's name, if its name section gives one.
    pub fn name(&self) -> Option<&str> {
        self.names().module(&self.bytes)
    }

    /// What to call a function: its demangled name, else the name it is imported or exported by.
    pub fn func_name(&self, func: u32) -> Option<Cow<'_, str>> {
        match self.name_of(NameSpace::Func, func) {
            Some(name) => Some(names::demangled(name)),
            None => self.outside_name(ExternKind::Func, func),
        }
    }

    /// What to call an exception tag: its name, else the name it is imported or exported by.
    pub fn tag_name(&self, tag: u32) -> Option<Cow<'_, str>> {
        let name = self.name_of(NameSpace::Tag, tag).map(Cow::Borrowed);
        name.or_else(|| self.outside_name(ExternKind::Tag, tag))
    }

    /// What to call a global: its name, else the name it is imported or exported by.
    pub fn global_name(&self, global: u32) -> Option<Cow<'_, str>> {
        let name = self.name_of(NameSpace::Global, global).map(Cow::Borrowed);
        name.or_else(|| self.outside_name(ExternKind::Global, global))
    }

    /// The name something is imported by, else the first it is exported by.
    fn outside_name(&self, kind: ExternKind, index: u32) -> Option<Cow<'_, str>> {
        if let Some(import) = self.import_of(kind, index) {
            return Some(format!("{}.{}", import.module, import.name).into());
        }
        let mut exports = self.exports.iter().filter(|export| export.kind == kind && export.index == index);
        exports.next().map(|export| Cow::Borrowed(&*export.name))
    }

    /// A name from the name section, as it is written there, control characters included.
    pub fn name_of(&self, space: NameSpace, index: u32) -> Option<&str> {
        self.names().get(&self.bytes, space, index)
    }

    /// The name of a parameter or local, as it is written in the name section.
    pub fn local_name(&self, func: u32, local: u32) -> Option<&str> {
        self.names().local(&self.bytes, func, local)
    }

    /// The parameters and locals of a function that have a name, in the section's order.
    pub fn local_names(&self, func: u32) -> impl Iterator<Item = (u32, &str)> {
        self.names().locals(&self.bytes, func)
    }

    /// What the module's debug sections say about its source: read at the first call. `None` if it has none.
    pub fn source_map(&self) -> Option<&SourceMap> {
        self.source.get_or_init(|| SourceMap::read(self).map(Box::new)).as_deref()
    }

    fn convert(&self) -> convert::Convert<'_> {
        convert::Convert { canonical: &self.canonical_types, ids: &self.type_ids }
    }
}

impl fmt::Debug for ModuleData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModuleData")
            .field("bytes", &self.bytes.len())
            .field("types", &self.types.len())
            .field("imports", &self.imports.len())
            .field("exports", &self.exports.len())
            .field("funcs", &self.funcs.len())
            .finish_non_exhaustive()
    }
}
