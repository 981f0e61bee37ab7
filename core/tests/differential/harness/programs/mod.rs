//! Programs that do something: nested loops that end, values kept on the operand stack across branches, branch
//! tables, calls of every sort, memory traffic, mixed types.
//!
//! wasm-smith finds odd places; most of what it writes traps at once. What is written here runs, a few thousand
//! operators each: it is made to confuse a lowering to registers, which must know at each point where each operand
//! lives (its slot, a local that may be set in between, an immediate, an accumulator).
//!
//! Always: a module is valid; each call ends, because loops count down a local of their own and functions count down
//! the global `fuel`, which the embedder fills before each call.

mod body;
mod ops;
mod places;

use super::case::Case;
use arbitrary::Unstructured;
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, HeapType, ImportSection, Instruction,
    MemorySection, MemoryType, Module, RefType, TableSection, TableType, TagKind, TagSection, TagType,
    TypeSection, ValType,
};

/// What all functions of a module know of it.
pub(crate) struct Shape {
    pub(crate) types: Vec<(Vec<ValType>, Vec<ValType>)>,
    /// The type of each function, imported ones first.
    pub(crate) funcs: Vec<u32>,
    pub(crate) imported: u32,
    pub(crate) globals: Vec<(ValType, bool)>,
    pub(crate) memories: Vec<MemoryType>,
    pub(crate) data_segments: u32,
    /// Table 0 holds functions, table 1 host references.
    pub(crate) table_size: u32,
    pub(crate) tags: Vec<u32>,
    pub(crate) simd: bool,
    pub(crate) relaxed: bool,
    pub(crate) wide: bool,
    pub(crate) tail: bool,
    /// Exceptions and typed references, which wasmi does not have.
    pub(crate) newer: bool,
    /// Operands for `if`, which wasmi has wrong.
    pub(crate) if_params: bool,
}

/// The global `fuel`.
pub(crate) const FUEL: u32 = 0;
/// The table of functions.
pub(crate) const FUNCS: u32 = 0;
/// The table of host references.
pub(crate) const EXTERNS: u32 = 1;

pub(crate) const FUNCREF: ValType = ValType::Ref(RefType::FUNCREF);
pub(crate) const EXTERNREF: ValType = ValType::Ref(RefType::EXTERNREF);

/// Numbers out of the fuzzer's bytes; when they are used up, always the first choice.
pub(crate) struct Choice<'a>(Unstructured<'a>);

impl Choice<'_> {
    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0.int_in_range(0..=limit - 1).unwrap_or(0)
    }

    /// True with the chance of `of` in `all`; false when the bytes are used up.
    pub(crate) fn chance(&mut self, of: usize, all: usize) -> bool {
        self.below(all) >= all - of
    }

    pub(crate) fn of<'b, T>(&mut self, all: &'b [T]) -> &'b T {
        &all[self.below(all.len())]
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0.arbitrary().unwrap_or(0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Shape {
    /// The index of a function type, which is added if it is new.
    pub(crate) fn type_index(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        let known = self.types.iter().position(|(p, r)| p == params && r == results);
        known.unwrap_or_else(|| {
            self.types.push((params.to_vec(), results.to_vec()));
            self.types.len() - 1
        }) as u32
    }

    /// Any type a value may have.
    pub(crate) fn any_type(&self, choice: &mut Choice<'_>) -> ValType {
        use ValType::*;
        match choice.below(20) {
            0..=6 => I32,
            7..=11 => I64,
            12..=14 => F64,
            15..=16 => F32,
            17..=18 if self.simd => V128,
            19 => *choice.of(&[FUNCREF, EXTERNREF]),
            _ => I32,
        }
    }

    fn types_of(&self, choice: &mut Choice<'_>, most: usize) -> Vec<ValType> {
        (0..choice.below(most + 1)).map(|_| self.any_type(choice)).collect()
    }
}

/// The case that some bytes describe.
pub fn case(data: &[u8], seed: u64) -> Option<Case> {
    let mut choice = Choice(Unstructured::new(data));
    let newer = choice.chance(1, 5);
    let mut shape = Shape {
        types: Vec::new(),
        funcs: Vec::new(),
        imported: 0,
        globals: vec![(ValType::I32, true), (ValType::I64, true)],
        memories: memories(&mut choice),
        data_segments: choice.below(3) as u32,
        table_size: 4 + choice.below(12) as u32,
        tags: Vec::new(),
        simd: choice.chance(1, 3),
        relaxed: choice.chance(1, 4),
        wide: choice.chance(1, 3),
        tail: choice.chance(1, 2),
        newer,
        if_params: newer || choice.chance(1, 8),
    };
    shape.imported = choice.below(4) as u32;
    let defined = 1 + choice.below(6) as u32;
    for _ in 0..shape.imported + defined {
        let (params, results) = (shape.types_of(&mut choice, 4), shape.types_of(&mut choice, 3));
        let ty = shape.type_index(&params, &results);
        shape.funcs.push(ty);
    }
    // What the host calls.
    let back = shape.type_index(&[ValType::I32], &[ValType::I32]);
    let with_back = choice.chance(1, 2);
    if with_back {
        shape.funcs.push(back);
    }
    for _ in 0..choice.below(5) {
        let (ty, mutable) = (shape.any_type(&mut choice), choice.chance(3, 4));
        shape.globals.push((ty, mutable));
    }
    if newer {
        for _ in 0..1 + choice.below(2) {
            let params = shape.types_of(&mut choice, 3);
            let ty = shape.type_index(&params, &[]);
            shape.tags.push(ty);
        }
    }
    let wasm = module(shape, &mut choice, with_back);
    Some(Case { wasm, seed, oracle: !newer })
}

fn memories(choice: &mut Choice<'_>) -> Vec<MemoryType> {
    let first = MemoryType {
        minimum: 1,
        maximum: Some(1 + choice.below(4) as u64),
        memory64: choice.chance(1, 8),
        shared: false,
        page_size_log2: None,
    };
    let mut memories = vec![first];
    if choice.chance(1, 4) {
        memories.push(MemoryType { memory64: choice.chance(1, 3), ..first });
    }
    if choice.chance(1, 6) {
        let minimum = 300 + choice.below(8000) as u64;
        let small = MemoryType { minimum, maximum: Some(minimum + 5000), page_size_log2: Some(0), ..first };
        memories.push(small);
    }
    memories
}

fn module(mut shape: Shape, choice: &mut Choice<'_>, with_back: bool) -> Vec<u8> {
    let mut code = CodeSection::new();
    let all = shape.funcs.len() as u32;
    for func in shape.imported..all {
        let (locals, instructions) = body::generate(&mut shape, choice, func);
        let mut function = Function::new_with_locals_types(locals);
        for instruction in &instructions {
            function.instruction(instruction);
        }
        code.function(&function);
    }
    let mut module = Module::new();
    let mut types = TypeSection::new();
    // A start function must have this type.
    let start = shape.type_index(&[], &[]);
    for (params, results) in &shape.types {
        types.ty().function(params.iter().copied(), results.iter().copied());
    }
    module.section(&types);
    let mut imports = ImportSection::new();
    for at in 0..shape.imported {
        imports.import("host", &format!("f{at}"), EntityType::Function(shape.funcs[at as usize]));
    }
    module.section(&imports);
    let mut functions = FunctionSection::new();
    for &ty in &shape.funcs[shape.imported as usize..] {
        functions.function(ty);
    }
    module.section(&functions);
    let mut tables = TableSection::new();
    for element_type in [RefType::FUNCREF, RefType::EXTERNREF] {
        let (minimum, maximum) = (shape.table_size as u64, Some(shape.table_size as u64 + 5));
        tables.table(TableType { element_type, table64: false, minimum, maximum, shared: false });
    }
    module.section(&tables);
    let mut memories = MemorySection::new();
    for &memory in &shape.memories {
        memories.memory(memory);
    }
    module.section(&memories);
    if !shape.tags.is_empty() {
        let mut tags = TagSection::new();
        for &func_type_idx in &shape.tags {
            tags.tag(TagType { kind: TagKind::Exception, func_type_idx });
        }
        module.section(&tags);
    }
    let mut globals = GlobalSection::new();
    for (at, &(val_type, mutable)) in shape.globals.iter().enumerate() {
        let init = match at {
            0 => ConstExpr::i32_const(super::case::FUEL),
            _ => constant(val_type, choice.bits()),
        };
        globals.global(GlobalType { val_type, mutable, shared: false }, &init);
    }
    module.section(&globals);
    let mut exports = ExportSection::new();
    for func in shape.imported..all {
        let name = if with_back && func + 1 == all { "back".to_owned() } else { format!("f{func}") };
        exports.export(&name, ExportKind::Func, func);
    }
    exports.export("memory", ExportKind::Memory, 0);
    for at in 1..shape.memories.len() as u32 {
        exports.export(&format!("memory{at}"), ExportKind::Memory, at);
    }
    exports.export("table", ExportKind::Table, FUNCS);
    exports.export("externs", ExportKind::Table, EXTERNS);
    for at in 0..shape.globals.len() as u32 {
        let name = match at {
            0 => "fuel".to_owned(),
            1 => "kept".to_owned(),
            _ => format!("g{at}"),
        };
        exports.export(&name, ExportKind::Global, at);
    }
    module.section(&exports);
    if let Some(at) = (shape.imported..all).find(|&func| shape.funcs[func as usize] == start)
        && choice.chance(1, 3)
    {
        module.section(&wasm_encoder::StartSection { function_index: at });
    }
    let mut elements = ElementSection::new();
    let listed: Vec<u32> = (0..shape.table_size - 2).map(|at| at % all).collect();
    elements.active(Some(FUNCS), &ConstExpr::i32_const(0), Elements::Functions(listed.into()));
    elements.passive(Elements::Functions((0..all).collect::<Vec<u32>>().into()));
    module.section(&elements);
    if shape.data_segments > 0 {
        module.section(&wasm_encoder::DataCountSection { count: shape.data_segments });
    }
    module.section(&code);
    let mut data = DataSection::new();
    for at in 0..shape.data_segments {
        let bytes: Vec<u8> = (0..8 + choice.below(40)).map(|_| choice.bits() as u8).collect();
        let offset =
            if shape.memories[0].memory64 { ConstExpr::i64_const(64) } else { ConstExpr::i32_const(64) };
        if at == 0 {
            data.active(0, &offset, bytes)
        } else {
            data.passive(bytes)
        };
    }
    if shape.data_segments > 0 {
        module.section(&data);
    }
    module.finish()
}

fn constant(ty: ValType, bits: u64) -> ConstExpr {
    match ty {
        ValType::I32 => ConstExpr::i32_const(bits as i32),
        ValType::I64 => ConstExpr::i64_const(bits as i64),
        ValType::F32 => ConstExpr::f32_const((bits as i16 as f32).into()),
        ValType::F64 => ConstExpr::f64_const((bits as i32 as f64).into()),
        ValType::V128 => ConstExpr::v128_const(bits as i128 * 0x1_0000_0001),
        ValType::Ref(ty) if ty == RefType::FUNCREF => match bits & 1 {
            0 => ConstExpr::ref_null(HeapType::FUNC),
            _ => ConstExpr::ref_func(0),
        },
        ValType::Ref(ty) => ConstExpr::ref_null(ty.heap_type),
    }
}

/// The constant that pushes a value of this type.
pub(crate) fn push(ty: ValType, bits: u64) -> Instruction<'static> {
    const SMALL: [i64; 16] = [0, 1, 2, 3, 4, 7, 8, 16, 31, 32, 63, 100, 255, 1000, -1, -2];
    let number = match bits & 7 {
        0..=4 => SMALL[(bits >> 3) as usize % SMALL.len()],
        5 => (bits >> 3) as i16 as i64,
        6 => [i32::MIN as i64, i32::MAX as i64, i64::MIN, i64::MAX][(bits >> 3) as usize % 4],
        _ => (bits >> 3) as i64,
    };
    match ty {
        ValType::I32 => Instruction::I32Const(number as i32),
        ValType::I64 => Instruction::I64Const(number),
        ValType::F32 if bits & 0x700 == 0 => {
            Instruction::F32Const(wasm_encoder::Ieee32::new((bits >> 32) as u32))
        }
        ValType::F32 => Instruction::F32Const((number as f32 * 0.25).into()),
        ValType::F64 if bits & 0x700 == 0 => Instruction::F64Const(wasm_encoder::Ieee64::new(bits)),
        ValType::F64 => Instruction::F64Const((number as f64 * 0.25).into()),
        ValType::V128 => Instruction::V128Const((number as i128) << 64 | bits as i128),
        ValType::Ref(ty) => Instruction::RefNull(ty.heap_type),
    }
}
