//! The body of a function, read again from the file's bytes whenever somebody needs it.

use std::ops::{Deref, Range};

use wasmparser::{
    BinaryReader, FuncToValidate, FuncValidator, FuncValidatorAllocations, FunctionBody, OperatorsReader,
    ValidatorResources,
};

use super::{FuncType, ModuleData, ValType};

/// The results of a block: a slice, wherever it lives.
#[derive(Clone, Copy, Debug)]
pub enum BlockResults<'a> {
    /// The block's type is one value type.
    One([ValType; 1]),
    /// The block's type is a function type, or empty.
    Many(&'a [ValType]),
}

impl Deref for BlockResults<'_> {
    type Target = [ValType];

    fn deref(&self) -> &[ValType] {
        match self {
            BlockResults::One(one) => one,
            BlockResults::Many(many) => many,
        }
    }
}

/// The body of a function: local declarations and operators.
#[derive(Clone)]
pub struct FuncBody<'a> {
    module: &'a ModuleData,
    index: u32,
    range: Range<u32>,
}

impl<'a> FuncBody<'a> {
    pub(super) fn new(module: &'a ModuleData, index: u32, range: Range<u32>) -> FuncBody<'a> {
        FuncBody { module, index, range }
    }

    /// The function's index.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Its file range, from the count of local declarations to the end of the last `end`.
    pub fn range(&self) -> Range<u32> {
        self.range.clone()
    }

    /// The function's type.
    pub fn ty(&self) -> &'a FuncType {
        self.module.func_type(self.index)
    }

    /// The declared locals in order, without the parameters, as runs of one type.
    pub fn locals(&self) -> impl Iterator<Item = (u32, ValType)> + 'a {
        let module = self.module;
        let locals = self.reader().get_locals_reader().expect(VALIDATED);
        locals.into_iter().map(move |run| {
            let (count, ty) = run.expect(VALIDATED);
            (count, module.val_type(ty))
        })
    }

    /// A reader of the operators; its positions are file offsets.
    pub fn operators(&self) -> OperatorsReader<'a> {
        self.reader().get_operators_reader().expect(VALIDATED)
    }

    /// The body as wasmparser's own type.
    pub fn reader(&self) -> FunctionBody<'a> {
        let bytes = self.module.slice(&self.range);
        let start = u64::from(self.range.start);
        FunctionBody::new(BinaryReader::new_features(bytes, start, self.module.features))
    }

    /// A validator for this body, for a reader that wants to know operand types as it goes. The locals are not
    /// defined yet (`read_locals` does that).
    pub fn validator(&self, allocations: FuncValidatorAllocations) -> FuncValidator<ValidatorResources> {
        let resources = self.module.resources.clone().expect("a module with a body has resources");
        let (index, ty) = (self.index, self.module.funcs[self.index as usize]);
        FuncToValidate { resources, index, ty, features: self.module.features }.into_validator(allocations)
    }
}

const VALIDATED: &str = "bodies are validated when the module is loaded";
