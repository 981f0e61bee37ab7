//! Types of values and of everything that can be imported or exported, as plain data.
//!
//! A reference to a defined type names it by number. Inside a module that number is the *canonical index*: the first
//! type index of the same structure. [`TypeInterner`] turns canonical indices into numbers common to many modules, so
//! that two function types are equal exactly if two `u32` are.

use std::{collections::HashMap, fmt};

/// The type of a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ValType {
    /// A 32-bit integer.
    I32,
    /// A 64-bit integer.
    I64,
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
    /// A 128-bit vector.
    V128,
    /// A reference.
    Ref(RefType),
}

impl ValType {
    /// Any function reference, or null.
    pub const FUNCREF: ValType = ValType::Ref(RefType::FUNCREF);
    /// Any reference of the host's, or null.
    pub const EXTERNREF: ValType = ValType::Ref(RefType::EXTERNREF);
    /// Any exception, or null.
    pub const EXNREF: ValType = ValType::Ref(RefType::EXNREF);

    /// Whether a value of this type is usable where `other` is expected.
    pub fn is_subtype_of(self, other: ValType) -> bool {
        match (self, other) {
            (ValType::Ref(a), ValType::Ref(b)) => a.is_subtype_of(b),
            (a, b) => a == b,
        }
    }

    /// The same type with a defined type's number replaced.
    pub fn renumbered(self, mut number: impl FnMut(u32) -> u32) -> ValType {
        match self {
            ValType::Ref(ty) => ValType::Ref(ty.renumbered(&mut number)),
            other => other,
        }
    }

    /// Whether a local of this type has a default: all but references that cannot be null.
    pub fn is_defaultable(self) -> bool {
        !matches!(self, ValType::Ref(RefType { nullable: false, .. }))
    }

    /// 64-bit slots a value takes: two for a vector, one otherwise.
    pub const fn slots(self) -> u32 {
        if matches!(self, ValType::V128) { 2 } else { 1 }
    }
}

/// The type of a reference.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RefType {
    /// Whether null belongs to it.
    pub nullable: bool,
    /// What it points to.
    pub heap: HeapType,
}

impl RefType {
    /// `funcref`.
    pub const FUNCREF: RefType = RefType { nullable: true, heap: HeapType::Func };
    /// `externref`.
    pub const EXTERNREF: RefType = RefType { nullable: true, heap: HeapType::Extern };
    /// `exnref`.
    pub const EXNREF: RefType = RefType { nullable: true, heap: HeapType::Exn };

    /// The same type with a defined type's number replaced.
    pub fn renumbered(self, mut number: impl FnMut(u32) -> u32) -> RefType {
        match self.heap {
            HeapType::Type(index) => RefType { heap: HeapType::Type(number(index)), ..self },
            _ => self,
        }
    }

    /// Whether a reference of this type is usable where `other` is expected.
    pub fn is_subtype_of(self, other: RefType) -> bool {
        (other.nullable || !self.nullable) && self.heap.is_subtype_of(other.heap)
    }
}

/// What a reference points to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HeapType {
    /// Any function.
    Func,
    /// No function: only null.
    NoFunc,
    /// Anything of the host's.
    Extern,
    /// Nothing of the host's: only null.
    NoExtern,
    /// Any exception.
    Exn,
    /// No exception: only null.
    NoExn,
    /// A function of one defined type, by the number of that type.
    Type(u32),
}

impl HeapType {
    /// Whether everything of this type is of type `other` too.
    pub fn is_subtype_of(self, other: HeapType) -> bool {
        self == other || self.is_bottom() && self.top() == other.top() || self.top() == other
    }

    /// The widest type of the same hierarchy: `Func`, `Extern` or `Exn`.
    pub const fn top(self) -> HeapType {
        match self {
            HeapType::Func | HeapType::NoFunc | HeapType::Type(_) => HeapType::Func,
            HeapType::Extern | HeapType::NoExtern => HeapType::Extern,
            HeapType::Exn | HeapType::NoExn => HeapType::Exn,
        }
    }

    const fn is_bottom(self) -> bool {
        matches!(self, HeapType::NoFunc | HeapType::NoExtern | HeapType::NoExn)
    }
}

/// The type of a function: parameters and results.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FuncType {
    types: Box<[ValType]>,
    params: u32,
}

impl FuncType {
    /// A function type.
    pub fn new(
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> FuncType {
        let mut types: Vec<ValType> = params.into_iter().collect();
        let params = types.len() as u32;
        types.extend(results);
        FuncType { types: types.into(), params }
    }

    /// The parameters, first to last.
    pub fn params(&self) -> &[ValType] {
        &self.types[..self.params as usize]
    }

    /// The results, first to last.
    pub fn results(&self) -> &[ValType] {
        &self.types[self.params as usize..]
    }

    /// The same type with every defined type's number replaced.
    pub fn renumbered(&self, mut number: impl FnMut(u32) -> u32) -> FuncType {
        let types = self.types.iter().map(|ty| ty.renumbered(&mut number)).collect();
        FuncType { types, params: self.params }
    }
}

/// The type of a table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TableType {
    /// What its elements are.
    pub element: RefType,
    /// Elements at the start.
    pub minimum: u64,
    /// Most elements it may grow to, if limited.
    pub maximum: Option<u64>,
    /// Whether it is indexed by i64.
    pub table64: bool,
}

/// The type of a memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct MemoryType {
    /// Pages at the start.
    pub minimum: u64,
    /// Most pages it may grow to, if limited.
    pub maximum: Option<u64>,
    /// Whether it is addressed by i64.
    pub memory64: bool,
    /// Log2 of the page size in bytes: 16 unless a custom page size is declared.
    pub page_size_log2: u8,
}

impl MemoryType {
    /// Bytes in a page.
    pub const fn page_size(&self) -> u64 {
        1 << self.page_size_log2
    }
}

/// The type of a global.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct GlobalType {
    /// What it holds.
    pub content: ValType,
    /// Whether it can be set.
    pub mutable: bool,
}

/// The type of something imported or exported. Functions and tags are given by a type index of their module.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ExternType {
    /// A function of the type with this index.
    Func(u32),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(MemoryType),
    /// A global.
    Global(GlobalType),
    /// An exception tag whose fields are the parameters of the type with this index.
    Tag(u32),
}

impl ExternType {
    /// Which index space it lives in.
    pub const fn kind(&self) -> ExternKind {
        match self {
            ExternType::Func(_) => ExternKind::Func,
            ExternType::Table(_) => ExternKind::Table,
            ExternType::Memory(_) => ExternKind::Memory,
            ExternType::Global(_) => ExternKind::Global,
            ExternType::Tag(_) => ExternKind::Tag,
        }
    }
}

/// The sorts of things a module imports and exports.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ExternKind {
    /// Functions.
    Func,
    /// Tables.
    Table,
    /// Memories.
    Memory,
    /// Globals.
    Global,
    /// Exception tags.
    Tag,
}

/// Numbers function types across modules: equal structure, equal number.
#[derive(Default, Debug)]
pub struct TypeInterner {
    numbers: HashMap<FuncType, u32>,
    types: Vec<FuncType>,
}

impl TypeInterner {
    /// The number of `ty`, whose own references to defined types are numbers of this interner.
    pub fn intern(&mut self, ty: &FuncType) -> u32 {
        if let Some(&number) = self.numbers.get(ty) {
            return number;
        }
        let number = self.types.len() as u32;
        self.types.push(ty.clone());
        self.numbers.insert(ty.clone(), number);
        number
    }

    /// The numbers of a module's types, by type index. `canonical` is the module's map from index to canonical index.
    ///
    /// A type that refers to itself, which only the garbage collection proposal makes useful, is numbered by its
    /// shape with the reference to itself left open.
    pub fn intern_all(&mut self, types: &[FuncType], canonical: &[u32]) -> Vec<u32> {
        const ITSELF: u32 = u32::MAX;
        let mut numbers: Vec<u32> = Vec::with_capacity(types.len());
        for (index, ty) in types.iter().enumerate() {
            let number = match canonical[index] as usize {
                first if first < index => numbers[first],
                _ => self.intern(&ty.renumbered(|at| numbers.get(at as usize).copied().unwrap_or(ITSELF))),
            };
            numbers.push(number);
        }
        numbers
    }

    /// The type with this number.
    pub fn get(&self, number: u32) -> Option<&FuncType> {
        self.types.get(number as usize)
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValType::I32 => f.write_str("i32"),
            ValType::I64 => f.write_str("i64"),
            ValType::F32 => f.write_str("f32"),
            ValType::F64 => f.write_str("f64"),
            ValType::V128 => f.write_str("v128"),
            ValType::Ref(ty) => ty.fmt(f),
        }
    }
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.nullable, self.heap) {
            (true, HeapType::Func) => f.write_str("funcref"),
            (true, HeapType::NoFunc) => f.write_str("nullfuncref"),
            (true, HeapType::Extern) => f.write_str("externref"),
            (true, HeapType::NoExtern) => f.write_str("nullexternref"),
            (true, HeapType::Exn) => f.write_str("exnref"),
            (true, HeapType::NoExn) => f.write_str("nullexnref"),
            (true, heap) => write!(f, "(ref null {heap})"),
            (false, heap) => write!(f, "(ref {heap})"),
        }
    }
}

impl fmt::Display for HeapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeapType::Func => f.write_str("func"),
            HeapType::NoFunc => f.write_str("nofunc"),
            HeapType::Extern => f.write_str("extern"),
            HeapType::NoExtern => f.write_str("noextern"),
            HeapType::Exn => f.write_str("exn"),
            HeapType::NoExn => f.write_str("noexn"),
            HeapType::Type(index) => write!(f, "{index}"),
        }
    }
}

/// As the specification writes it: `[i32 i64] -> [f32]`.
impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, types: &[ValType]| {
            f.write_str("[")?;
            for (i, ty) in types.iter().enumerate() {
                write!(f, "{}{ty}", if i == 0 { "" } else { " " })?;
            }
            f.write_str("]")
        };
        list(f, self.params())?;
        f.write_str(" -> ")?;
        list(f, self.results())
    }
}

impl fmt::Debug for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ExternKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ExternKind::Func => "function",
            ExternKind::Table => "table",
            ExternKind::Memory => "memory",
            ExternKind::Global => "global",
            ExternKind::Tag => "tag",
        })
    }
}
