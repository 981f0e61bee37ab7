//! Modules by wasm-smith: every operator and section in odd places.

use super::case::{Case, MEMORY_BYTES, TABLE_ELEMENTS};
use wasm_smith::{Config, MemoryOffsetChoices, Module};

/// Loop heads and calls a module may come to, all its calls together.
const FUEL: u32 = 2000;

/// The case that some bytes describe; `None` if they are too few.
pub fn case(data: &[u8], seed: u64) -> Option<Case> {
    let mut u = arbitrary::Unstructured::new(data);
    let oracle = !u.ratio(1, 6).ok()?;
    let config = Config {
        allow_start_export: u.ratio(1, 4).ok()?,
        bulk_memory_enabled: true,
        canonicalize_nans: u.arbitrary().ok()?,
        compact_imports_enabled: false,
        custom_descriptors_enabled: false,
        custom_page_sizes_enabled: u.ratio(1, 4).ok()?,
        // wasmi has neither.
        exceptions_enabled: !oracle,
        gc_enabled: false,
        threads_enabled: false,
        shared_everything_threads_enabled: false,
        export_everything: true,
        extended_const_enabled: true,
        max_data_segments: 6,
        max_element_segments: 6,
        max_elements: 20,
        max_exports: 40,
        max_funcs: 12,
        max_globals: 12,
        max_imports: 8,
        max_instructions: u.int_in_range(20..=400).ok()?,
        max_memories: u.int_in_range(1..=3).ok()?,
        max_memory32_bytes: MEMORY_BYTES / 2,
        max_memory64_bytes: MEMORY_BYTES as u128 / 2,
        max_table_elements: TABLE_ELEMENTS / 2,
        max_tables: 3,
        max_type_size: 400,
        max_types: 20,
        memory64_enabled: u.ratio(1, 3).ok()?,
        memory_max_size_required: true,
        table_max_size_required: true,
        memory_offset_choices: MemoryOffsetChoices(95, 4, 1),
        min_exports: 1,
        min_funcs: 2,
        min_globals: 1,
        min_memories: 1,
        min_types: 3,
        // wasmi has operands for `if` wrong: see `oracle`.
        multi_value_enabled: !oracle || u.ratio(1, 3).ok()?,
        reference_types_enabled: true,
        relaxed_simd_enabled: u.arbitrary().ok()?,
        saturating_float_to_int_enabled: true,
        sign_extension_ops_enabled: true,
        simd_enabled: true,
        tail_call_enabled: true,
        wide_arithmetic_enabled: true,
        ..Config::default()
    };
    let mut module = Module::new(config, &mut u).ok()?;
    module.ensure_termination(FUEL).ok()?;
    Some(Case { wasm: module.to_bytes(), seed, oracle })
}
