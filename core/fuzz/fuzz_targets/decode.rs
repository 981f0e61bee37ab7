//! Decoding, validating, lowering: any bytes, and modules by wasm-smith with a few bytes broken.
//!
//! ```text
//! data   a file as it is
//!        or  number of places u8, (place u24, byte) each, bytes for wasm-smith
//! ```
//! A module is refused at a byte of its file, or all of it can be looked at and all its functions have code under
//! both lowerings.

#![no_main]

#[path = "../shared.rs"]
mod shared;

use shared::harness::smith;
use wasmscope_core::timeline::code::code_and_facts;
use wasmscope_core::{Engine, Lowering, Module};

/// Functions whose code is made, at most.
const FUNCTIONS: usize = 200;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    shared::quiet();
    look(data);
    let Some((edits, rest)) = shared::edits(data) else { return };
    let Some(mut case) = smith::case(rest, 0) else { return };
    shared::apply(&edits, &mut case.wasm);
    look(&case.wasm);
});

fn look(wasm: &[u8]) {
    let module = match Module::new(&Engine::default(), wasm) {
        Ok(module) => module,
        Err(error) => {
            assert!(
                error.at <= wasm.len() as u64,
                "refused at {:#x} of {:#x}: {error}",
                error.at,
                wasm.len()
            );
            assert!(!error.message.is_empty());
            return;
        }
    };
    let data = module.data();
    for custom in data.custom_sections().iter().take(100) {
        let _ = data.custom_section(&custom.name);
    }
    let _ = (data.names().damage(), data.producers(), data.name());
    let source = module.source_map();
    for func in (data.imported_funcs()..data.funcs.len() as u32).take(FUNCTIONS) {
        let _ = data.func_name(func);
        for lowering in [Lowering::Plain, Lowering::Fused] {
            // A limit of the bytecode is an answer too.
            let Ok((code, _)) = code_and_facts(data, 0, func, lowering) else { continue };
            for op in code.ops.iter().take(100) {
                assert!(
                    data.code.contains(&op.pc),
                    "{} of function {func} is not in the code section",
                    op.text
                );
                let _ = source.map(|source| source.frames(op.pc));
            }
        }
    }
}
