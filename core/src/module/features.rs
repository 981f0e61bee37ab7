//! Which proposals a module may use: the sets of the specification's versions, and what this engine supports.
//!
//! A refusal names the proposal, not the validator's complaint alone; `proposal_of` says how each one is called.

pub use wasmparser::WasmFeatures;

/// WebAssembly 1.0 (2017).
pub const V1: WasmFeatures = WasmFeatures::WASM1;

/// WebAssembly 2.0 (2022): 1.0 and sign extension, saturating conversions, multi-value, bulk memory, reference types
/// and SIMD.
pub const V2: WasmFeatures = WasmFeatures::WASM2;

/// WebAssembly 3.0 (2025) without garbage collection: 2.0 and extended constants, tail calls, typed function
/// references, exception handling, multiple memories, 64-bit memories and relaxed SIMD.
pub const V3: WasmFeatures = V2
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::FUNCTION_REFERENCES)
    .union(WasmFeatures::EXCEPTIONS)
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::RELAXED_SIMD);

/// Everything this engine executes, and its default.
pub const SUPPORTED: WasmFeatures =
    V3.union(WasmFeatures::WIDE_ARITHMETIC).union(WasmFeatures::CUSTOM_PAGE_SIZES);

/// A proposal: its flag, what else it stands on, and its name in messages.
pub(crate) struct Proposal {
    pub(crate) flag: WasmFeatures,
    pub(crate) needs: WasmFeatures,
    pub(crate) name: &'static str,
}

macro_rules! proposals {
    ($($flag:ident $(+ $needs:ident)* = $name:literal;)*) => {
        /// Every proposal a message can name, the likeliest first.
        pub(crate) const PROPOSALS: &[Proposal] = &[$(
            Proposal {
                flag: WasmFeatures::$flag,
                needs: WasmFeatures::$flag $(.union(WasmFeatures::$needs))*,
                name: $name,
            },
        )*];
    };
}

proposals! {
    MUTABLE_GLOBAL = "mutable globals";
    SATURATING_FLOAT_TO_INT = "saturating float-to-int conversions";
    SIGN_EXTENSION = "sign extension";
    MULTI_VALUE = "multi-value";
    BULK_MEMORY = "bulk memory";
    BULK_MEMORY_OPT = "bulk memory";
    REFERENCE_TYPES + BULK_MEMORY = "reference types";
    CALL_INDIRECT_OVERLONG = "reference types";
    SIMD = "SIMD";
    RELAXED_SIMD + SIMD = "relaxed SIMD";
    EXTENDED_CONST = "extended constants";
    TAIL_CALL = "tail calls";
    MULTI_MEMORY = "multiple memories";
    MEMORY64 = "64-bit memory";
    EXCEPTIONS + REFERENCE_TYPES = "exception handling";
    FUNCTION_REFERENCES + REFERENCE_TYPES = "typed function references";
    THREADS = "threads";
    GC + FUNCTION_REFERENCES + REFERENCE_TYPES = "garbage collection";
    CUSTOM_PAGE_SIZES = "custom page sizes";
    WIDE_ARITHMETIC = "wide arithmetic";
    LEGACY_EXCEPTIONS = "legacy exception handling";
    COMPACT_IMPORTS = "compact imports";
    STACK_SWITCHING + EXCEPTIONS + FUNCTION_REFERENCES + REFERENCE_TYPES = "stack switching";
    SHARED_EVERYTHING_THREADS + THREADS + GC + FUNCTION_REFERENCES + REFERENCE_TYPES = "shared-everything threads";
    CUSTOM_DESCRIPTORS + GC + FUNCTION_REFERENCES + REFERENCE_TYPES = "custom descriptors";
    MEMORY_CONTROL = "memory control";
    MULTIBYTE_ARRAY_ACCESS + GC + FUNCTION_REFERENCES + REFERENCE_TYPES = "multibyte array access";
}

/// The proposal behind the flags a validator asked for, if it has a name here.
pub(crate) fn proposal_of(missing: WasmFeatures) -> Option<&'static Proposal> {
    PROPOSALS.iter().find(|proposal| missing.intersects(proposal.flag))
}
