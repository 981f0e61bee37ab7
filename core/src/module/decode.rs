//! From bytes to a [`ModuleData`]: one walk over the sections, then the bodies.
//!
//! The validator sees each section before it is decoded here, so decoding meets valid input only. Whatever goes wrong
//! leaves through [`refusal`], which finds out whether a proposal is behind it.

use std::{ops::Range, sync::Arc, sync::OnceLock};

use wasmparser::{
    CompositeInnerType, DataKind, ElementKind, Operator, Parser, Payload, TableInit, ValidPayload, Validator,
};

use super::{
    ConstExpr, ConstOp, CustomSection, DataSegment, ElementItems, ElementSegment, Export, ExternType,
    FuncType, Import, Imported, ModuleData, RefType, SegmentMode, WasmFeatures,
    convert::{Convert, extern_kind},
    features, validate,
};
use crate::error::{ModuleError, ModuleErrorKind};

/// Proposals whose data this engine does not model, whatever the embedder asks for.
const NEVER: WasmFeatures = WasmFeatures::GC
    .union(WasmFeatures::THREADS)
    .union(WasmFeatures::SHARED_EVERYTHING_THREADS)
    .union(WasmFeatures::STACK_SWITCHING)
    .union(WasmFeatures::CUSTOM_DESCRIPTORS)
    .union(WasmFeatures::LEGACY_EXCEPTIONS)
    .union(WasmFeatures::MEMORY_CONTROL)
    .union(WasmFeatures::COMPONENT_MODEL);

pub(super) fn module(bytes: Arc<[u8]>, features: WasmFeatures) -> Result<ModuleData, ModuleError> {
    let features = features.difference(NEVER);
    check_preamble(&bytes)?;
    let mut module = ModuleData::empty(bytes.clone(), features);
    sections(&mut module, &bytes).map_err(|error| refusal(&error, &bytes, features, None))?;
    if let Err((error, body)) = validate::bodies(&module) {
        return Err(refusal(&error, &bytes, features, Some(body)));
    }
    Ok(module)
}

/// Recognises what is not a core module before any decoder complains about its bytes.
fn check_preamble(bytes: &[u8]) -> Result<(), ModuleError> {
    use ModuleErrorKind::{Component, NotWasm, Text, TooLarge};
    if bytes.len() as u64 > u64::from(u32::MAX) {
        return Err(ModuleError::new(u64::from(u32::MAX), TooLarge, "the file is larger than 4 GiB"));
    }
    if Parser::is_component(bytes) {
        let message = "this is a component, not a core module; components are not supported";
        return Err(ModuleError::new(4, Component, message));
    }
    if bytes.is_empty() {
        return Err(ModuleError::new(0, NotWasm, "the file is empty"));
    }
    if bytes.starts_with(b"\0asm") || b"\0asm".starts_with(bytes) {
        return Ok(());
    }
    if is_text(bytes) {
        let message = "this is WebAssembly text, not a binary module";
        return Err(ModuleError::new(0, Text, message));
    }
    let message = match is_words(bytes) {
        true => {
            "this is text, but not WebAssembly's: a module in text starts with a parenthesis, one in binary with 00 61 73 6d"
        }
        false => "not a WebAssembly module: a module starts with the bytes 00 61 73 6d",
    };
    Err(ModuleError::new(0, NotWasm, message))
}

/// Whether the file begins like text of some sort.
fn is_words(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(256)];
    let text = match str::from_utf8(head) {
        Ok(text) => text,
        // The cut may go through a character.
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(&head[..error.valid_up_to()]).unwrap_or("")
        }
        Err(_) => return false,
    };
    !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

/// Whether the first thing after space and comments is an opening parenthesis.
fn is_text(bytes: &[u8]) -> bool {
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    loop {
        let after = if rest.starts_with(b";;") {
            rest.iter().position(|&byte| byte == b'\n')
        } else if rest.starts_with(b"(;") {
            rest.windows(2).position(|pair| pair == b";)").map(|at| at + 1)
        } else {
            return rest.starts_with(b"(");
        };
        match after {
            Some(at) => rest = rest[at + 1..].trim_ascii_start(),
            None => return true,
        }
    }
}

/// The error to report for what the validator said: it names a proposal if one more would have helped.
fn refusal(
    error: &wasmparser::Error,
    bytes: &[u8],
    features: WasmFeatures,
    body: Option<(u32, Range<u32>)>,
) -> ModuleError {
    let says_gc = error.message().contains("gc proposal").then_some(WasmFeatures::GC);
    let asked_for = error.missing_wasm_feature().or(says_gc).and_then(features::proposal_of);
    let proposal = asked_for.or_else(|| {
        let mut others = features::PROPOSALS.iter().filter(|other| !features.contains(other.flag));
        others.find(|other| validate::gets_past(error.offset(), bytes, features.union(other.needs), &body))
    });
    let mut refused = ModuleError::invalid(error);
    if let Some(proposal) = proposal {
        let known = features::SUPPORTED.contains(proposal.flag);
        let why = if known { "not enabled" } else { "not supported" };
        refused.kind = ModuleErrorKind::Proposal(proposal.name);
        refused.message =
            format!("needs the {} proposal, which is {why}: {}", proposal.name, refused.message);
    }
    refused
}

fn sections(module: &mut ModuleData, bytes: &[u8]) -> wasmparser::Result<()> {
    let mut validator = Validator::new_with_features(module.features);
    let mut parser = Parser::new(0);
    parser.set_features(module.features);
    for payload in parser.parse_all(bytes) {
        let payload = payload?;
        if let ValidPayload::Func(func, body) = validator.payload(&payload)? {
            module.resources.get_or_insert(func.resources);
            module.bodies.push(narrow(&body.range()));
        } else {
            section(module, &mut validator, payload)?;
        }
    }
    Ok(())
}

fn section(
    module: &mut ModuleData,
    validator: &mut Validator,
    payload: Payload<'_>,
) -> wasmparser::Result<()> {
    let canonical = std::mem::take(&mut module.canonical_types);
    let ids = std::mem::take(&mut module.type_ids);
    let convert = Convert { canonical: &canonical, ids: &ids };
    match payload {
        Payload::TypeSection(section) => {
            drop((canonical, ids));
            return types(module, validator, section);
        }
        Payload::ImportSection(section) => {
            for import in section.into_imports_with_offsets() {
                let (at, import) = import?;
                let ty = convert.import(&import.ty);
                let (module_name, name) = (import.module.into(), import.name.into());
                module.add_import(Import { module: module_name, name, ty, at: at as u32 });
            }
        }
        Payload::FunctionSection(section) => {
            for ty in section {
                module.funcs.push(ty?);
            }
        }
        Payload::TableSection(section) => {
            for table in section {
                let table = table?;
                module.tables.push(convert.table(&table.ty));
                module.table_inits.push(match &table.init {
                    TableInit::RefNull => None,
                    TableInit::Expr(init) => Some(const_expr(convert, init)?),
                });
            }
        }
        Payload::MemorySection(section) => {
            for memory in section {
                module.memories.push(convert.memory(&memory?));
            }
        }
        Payload::TagSection(section) => {
            for tag in section {
                module.tags.push(tag?.func_type_idx);
            }
        }
        Payload::GlobalSection(section) => {
            for global in section {
                let global = global?;
                module.globals.push(convert.global(&global.ty));
                module.global_inits.push(const_expr(convert, &global.init_expr)?);
            }
        }
        Payload::ExportSection(section) => {
            for export in section {
                let export = export?;
                module.exports.push(Export {
                    name: export.name.into(),
                    kind: extern_kind(export.kind),
                    index: export.index,
                });
            }
        }
        Payload::StartSection { func, .. } => module.start = Some(func),
        Payload::ElementSection(section) => {
            for element in section {
                module.elements.push(element_segment(convert, element?)?);
            }
        }
        Payload::CodeSectionStart { unchecked_range, .. } => module.code = narrow(&unchecked_range),
        Payload::DataSection(section) => {
            for data in section {
                let data = data?;
                let end = data.range.end as u32;
                let mode = match &data.kind {
                    DataKind::Passive => SegmentMode::Passive,
                    DataKind::Active { memory_index, offset_expr } => SegmentMode::Active {
                        target: *memory_index,
                        offset: const_expr(convert, offset_expr)?,
                    },
                };
                module.data.push(DataSegment { mode, range: end - data.data.len() as u32..end });
            }
        }
        Payload::CustomSection(section) => module
            .customs
            .push(CustomSection { name: section.name().into(), range: narrow(&section.data_range()) }),
        _ => {}
    }
    module.canonical_types = canonical;
    module.type_ids = ids;
    Ok(())
}

fn types(
    module: &mut ModuleData,
    validator: &Validator,
    section: wasmparser::TypeSectionReader<'_>,
) -> wasmparser::Result<()> {
    let known = validator.types(0).expect("a module is being validated");
    let ids: Vec<_> =
        (0..known.core_type_count_in_module()).map(|at| known.core_type_at_in_module(at)).collect();
    let mut first = std::collections::HashMap::new();
    let canonical: Vec<u32> =
        ids.iter().enumerate().map(|(at, id)| *first.entry(*id).or_insert(at as u32)).collect();
    let convert = Convert { canonical: &canonical, ids: &ids };
    for group in section {
        for ty in group?.into_types() {
            let CompositeInnerType::Func(ty) = ty.composite_type.inner else {
                unreachable!("validation refuses types other than functions");
            };
            let types = |types: &[wasmparser::ValType]| -> Vec<_> {
                types.iter().map(|&ty| convert.val_type(ty)).collect()
            };
            module.types.push(FuncType::new(types(ty.params()), types(ty.results())));
        }
    }
    module.canonical_types = canonical;
    module.type_ids = ids;
    Ok(())
}

fn element_segment(
    convert: Convert<'_>,
    element: wasmparser::Element<'_>,
) -> wasmparser::Result<ElementSegment> {
    let mode = match &element.kind {
        ElementKind::Passive => SegmentMode::Passive,
        ElementKind::Declared => SegmentMode::Declared,
        ElementKind::Active { table_index, offset_expr } => SegmentMode::Active {
            target: table_index.unwrap_or(0),
            offset: const_expr(convert, offset_expr)?,
        },
    };
    let (ty, items) = match element.items {
        wasmparser::ElementItems::Functions(funcs) => {
            let funcs = funcs.into_iter().collect::<Result<_, _>>()?;
            (RefType { nullable: false, ..RefType::FUNCREF }, ElementItems::Funcs(funcs))
        }
        wasmparser::ElementItems::Expressions(ty, exprs) => {
            let exprs = exprs.into_iter().map(|expr| const_expr(convert, &expr?));
            (convert.ref_type(ty), ElementItems::Exprs(exprs.collect::<Result<_, _>>()?))
        }
    };
    Ok(ElementSegment { mode, ty, items })
}

fn const_expr(convert: Convert<'_>, expr: &wasmparser::ConstExpr<'_>) -> wasmparser::Result<ConstExpr> {
    let mut ops = Vec::with_capacity(1);
    for op in expr.get_operators_reader() {
        ops.push(match op? {
            Operator::I32Const { value } => ConstOp::I32Const(value),
            Operator::I64Const { value } => ConstOp::I64Const(value),
            Operator::F32Const { value } => ConstOp::F32Const(value.bits()),
            Operator::F64Const { value } => ConstOp::F64Const(value.bits()),
            Operator::V128Const { value } => ConstOp::V128Const(value.i128() as u128),
            Operator::GlobalGet { global_index } => ConstOp::GlobalGet(global_index),
            Operator::RefFunc { function_index } => ConstOp::RefFunc(function_index),
            Operator::RefNull { hty } => ConstOp::RefNull(convert.heap_type(hty)),
            Operator::I32Add => ConstOp::I32Add,
            Operator::I32Sub => ConstOp::I32Sub,
            Operator::I32Mul => ConstOp::I32Mul,
            Operator::I64Add => ConstOp::I64Add,
            Operator::I64Sub => ConstOp::I64Sub,
            Operator::I64Mul => ConstOp::I64Mul,
            Operator::End => continue,
            other => unreachable!("validation refuses {other:?} in a constant expression"),
        });
    }
    Ok(ConstExpr::new(ops))
}

/// Offsets fit 32 bits: larger files are refused first.
fn narrow(range: &Range<u64>) -> Range<u32> {
    range.start as u32..range.end as u32
}

impl ModuleData {
    fn empty(bytes: Arc<[u8]>, features: WasmFeatures) -> ModuleData {
        ModuleData {
            bytes,
            features,
            types: Vec::new(),
            canonical_types: Vec::new(),
            imports: Vec::new(),
            exports: Vec::new(),
            imported: Imported::default(),
            funcs: Vec::new(),
            tables: Vec::new(),
            table_inits: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            global_inits: Vec::new(),
            tags: Vec::new(),
            start: None,
            elements: Vec::new(),
            data: Vec::new(),
            code: 0..0,
            bodies: Vec::new(),
            customs: Vec::new(),
            resources: None,
            type_ids: Vec::new(),
            hash: OnceLock::new(),
            names: OnceLock::new(),
            source: OnceLock::new(),
        }
    }

    fn add_import(&mut self, import: Import) {
        match import.ty {
            ExternType::Func(ty) => {
                self.funcs.push(ty);
                self.imported.funcs += 1;
            }
            ExternType::Table(ty) => {
                self.tables.push(ty);
                self.imported.tables += 1;
            }
            ExternType::Memory(ty) => {
                self.memories.push(ty);
                self.imported.memories += 1;
            }
            ExternType::Global(ty) => {
                self.globals.push(ty);
                self.imported.globals += 1;
            }
            ExternType::Tag(ty) => {
                self.tags.push(ty);
                self.imported.tags += 1;
            }
        }
        self.imports.push(import);
    }

    pub(super) fn body_count(&self) -> usize {
        self.bodies.len()
    }
}
